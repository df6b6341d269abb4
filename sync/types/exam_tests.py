"""The tests of the health examination (健康体检表：辅助检查), by the one who makes them: laboratory by laboratory, then images.

On the form they are marked with * and not asked of everybody.
"""

from collections.abc import Iterator, Sequence

from sync.types import exam_codes as codes
from sync.types.checks import Check, Needed
from sync.types.codes import CodeList
from sync.types.declare import Section
from sync.types.fields import Code, Decimals, Item, Range, Text
from sync.types.measures import fasting_flag, fasting_glucose_mmol_l, hba1c_percent

Question = tuple[str, str, str, CodeList]  # name, labels, codes


def noted(questions: Sequence[Question]) -> dict[str, Item]:
    """Questions, each with a line for what was found."""
    fields: dict[str, Item] = {}
    for name, zh, en, list_ in questions:
        fields[name] = Code(zh, en, list_)
        fields[f"{name}_note"] = Text(f"{zh}：说明", f"{en}: what was found")
    return fields


def notes_needed(section: str, questions: Sequence[Question]) -> Iterator[Check]:
    """What is abnormal, found or other is said in words."""
    for name, _, _, list_ in questions:
        worse = tuple(value for value in ("abnormal", "found", "other") if value in list_.values)
        if worse:
            yield Needed(f"{section}.{name}_note", f"{section}.{name}", worse)


def _value(zh: str, en: str, unit: str, hard: Range, soft: Range, places: int = 2) -> Decimals:
    """A result of the laboratory; `soft` is far beyond what is normal, so that a slip of the pen is seen."""
    return Decimals(zh, en, unit=unit, places=places, hard=hard, soft=soft)


IMAGING: tuple[Question, ...] = (
    ("ecg", "心电图", "Electrocardiogram", codes.NORMALITY),
    ("chest_x_ray", "胸部X线片", "Chest X-ray", codes.NORMALITY),
    ("abdominal_ultrasound", "腹部B超", "Ultrasound of the belly", codes.NORMALITY),
    ("other_ultrasound", "其他B超", "Other ultrasound", codes.NORMALITY),
    ("cervical_smear", "宫颈涂片", "Cervical smear", codes.NORMALITY),
)

TESTS = (
    Section(
        "blood_count",
        "血常规",
        "Blood count",
        {
            "haemoglobin_g_l": _value("血红蛋白", "Haemoglobin", "g/L", (10, 300), (50, 220), 1),
            "white_cells_10e9_l": _value("白细胞", "White cells", "10^9/L", ("0.1", 500), (1, 50)),
            "platelets_10e9_l": _value("血小板", "Platelets", "10^9/L", (1, 3000), (20, 1000), 1),
            "other": Text("其他", "Other"),
        },
    ),
    Section(
        "urine",
        "尿液检查",
        "Urine",
        {
            "protein": Code("尿蛋白", "Protein", codes.DIPSTICK),
            "sugar": Code("尿糖", "Sugar", codes.DIPSTICK),
            "ketones": Code("尿酮体", "Ketones", codes.DIPSTICK),
            "blood": Code("尿潜血", "Blood", codes.DIPSTICK),
            "microalbumin_mg_dl": _value("尿微量白蛋白", "Microalbumin", "mg/dL", (0, 1000), (0, 100)),
            "other": Text("其他", "Other"),
        },
    ),
    Section(
        "glucose",
        "血糖",
        "Glucose",
        {
            "fasting_glucose_mmol_l": fasting_glucose_mmol_l(),
            "fasting_flag": fasting_flag(),
            "hba1c_percent": hba1c_percent(),
        },
    ),
    Section(
        "liver",
        "肝功能",
        "Liver",
        {
            "alt_u_l": _value("血清谷丙转氨酶", "Alanine aminotransferase", "U/L", (0, 20_000), (1, 500), 1),
            "ast_u_l": _value("血清谷草转氨酶", "Aspartate aminotransferase", "U/L", (0, 20_000), (1, 500), 1),
            "albumin_g_l": _value("白蛋白", "Albumin", "g/L", (5, 100), (20, 65), 1),
            "total_bilirubin_umol_l": _value("总胆红素", "Total bilirubin", "μmol/L", (0, 1500), (1, 200), 1),
            "direct_bilirubin_umol_l": _value("结合胆红素", "Direct bilirubin", "μmol/L", (0, 1000), (0, 150), 1),
        },
    ),
    Section(
        "kidney",
        "肾功能",
        "Kidneys",
        {
            "creatinine_umol_l": _value("血清肌酐", "Creatinine", "μmol/L", (5, 3000), (20, 1000), 1),
            "urea_mmol_l": _value("血尿素", "Urea", "mmol/L", ("0.1", 100), (1, 40)),
            "potassium_mmol_l": _value("血钾浓度", "Potassium", "mmol/L", (1, 12), ("2.5", 7)),
            "sodium_mmol_l": _value("血钠浓度", "Sodium", "mmol/L", (80, 220), (120, 160), 1),
        },
    ),
    Section(
        "lipids",
        "血脂",
        "Lipids",
        {
            "cholesterol_mmol_l": _value("总胆固醇", "Total cholesterol", "mmol/L", ("0.1", 50), (1, 15)),
            "triglycerides_mmol_l": _value("甘油三酯", "Triglycerides", "mmol/L", ("0.05", 100), ("0.2", 20)),
            "ldl_mmol_l": _value("血清低密度脂蛋白胆固醇", "LDL cholesterol", "mmol/L", ("0.05", 30), ("0.3", 10)),
            "hdl_mmol_l": _value("血清高密度脂蛋白胆固醇", "HDL cholesterol", "mmol/L", ("0.05", 10), ("0.3", 4)),
        },
    ),
    Section(
        "imaging",
        "心电图和影像检查",
        "Electrocardiogram and imaging",
        noted(IMAGING),
    ),
    Section(
        "other_tests",
        "其他检查",
        "Other tests",
        {
            "stool_blood": Code("大便潜血", "Blood in the stool", codes.NEGATIVE_POSITIVE),
            "hepatitis_b_antigen": Code("乙型肝炎表面抗原", "Hepatitis B surface antigen", codes.NEGATIVE_POSITIVE),
            "other": Text("其他检查", "Other tests", longest=1000),
        },
    ),
)
