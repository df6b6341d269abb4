"""Type 2 diabetes follow-up visit (2型糖尿病患者随访服务记录表): the form of the national specification, third edition.

Codes are those of the form; ranges are this project's (the form prints none): `hard` cannot be, `soft` is unusual.
Heart rate and temperature are not on the form; the specification refers at once on them.
"""

from sync.types.checks import EitherOf, Needed
from sync.types.chronic_visit import (
    CHECKS,
    adherence_section,
    assessment_section,
    complication_section,
    danger_section,
    lifestyle_section,
    symptoms_section,
    tests_section,
)
from sync.types.codes import THIRD_EDITION, code_list
from sync.types.declare import FollowUp, RecordType, Section
from sync.types.diabetes_rules import DANGER_SIGNS, RULES
from sync.types.fields import Code, Date, Text, Whole
from sync.types.measures import (
    NOT_SEEN,
    bmi_kg_m2,
    carried_over,
    diastolic_mmhg,
    evidence_section,
    fasting_flag,
    fasting_glucose_mmol_l,
    hba1c_percent,
    heart_rate_per_min,
    height_cm,
    medication_section,
    next_visit_section,
    other_signs,
    postprandial_glucose_mmol_l,
    random_glucose_mmol_l,
    referral_section,
    systolic_mmhg,
    target_bmi_kg_m2,
    target_weight_kg,
    temperature_celsius,
    visit_section,
    weight_kg,
)

SYMPTOMS = code_list(
    "diabetes_symptom",
    """
    1 none 无症状 None
    2 polydipsia 多饮 Drinks much
    3 polyphagia 多食 Eats much
    4 polyuria 多尿 Passes much urine
    5 blurred_vision 视力模糊 Blurred vision
    6 infection 感染 Infection
    7 limb_numbness 手脚麻木 Numb hands or feet
    8 leg_oedema 下肢浮肿 Swollen legs
    9 marked_weight_loss 体重明显下降 Marked loss of weight
    - other 其他 Other
    """,
)
DORSALIS_PEDIS = code_list(
    "dorsalis_pedis_pulse",
    """
    1 normal 触及正常 Felt, normal
    2 weakened 减弱 Weakened
    3 absent 消失 Absent
    """,
)
SIDE = code_list(
    "dorsalis_pedis_side",
    """
    - both 双侧 Both sides
    - left 左侧 Left
    - right 右侧 Right
    """,
)
HYPOGLYCEMIA = code_list(
    "hypoglycemia",
    """
    1 none 无 None
    2 occasional 偶尔 Now and then
    3 frequent 频繁 Often
    """,
)

TYPE = RecordType(
    name="diabetes_visit",
    zh="2型糖尿病患者随访服务记录表",
    en="Type 2 diabetes follow-up visit",
    subject="resident",
    source=THIRD_EDITION,
    sections=(
        visit_section(),
        symptoms_section(SYMPTOMS),
        danger_section(DANGER_SIGNS),
        Section(
            "vitals",
            "体征",
            "Vital signs",
            {
                "systolic_mmhg": systolic_mmhg(required=True),
                "diastolic_mmhg": diastolic_mmhg(required=True),
                "heart_rate_per_min": heart_rate_per_min(),
                "temperature_celsius": temperature_celsius(),
                "weight_kg": weight_kg(required=True),
                "target_weight_kg": target_weight_kg(),
                "height_cm": height_cm(),
                "bmi_kg_m2": bmi_kg_m2(),
                "target_bmi_kg_m2": target_bmi_kg_m2(),
                "dorsalis_pedis": Code("足背动脉搏动", "Pulse of the dorsalis pedis", DORSALIS_PEDIS, required=True),
                "dorsalis_pedis_side": Code("足背动脉搏动异常侧", "Side on which it is weak or absent", SIDE),
                "other_signs": other_signs(),
            },
            required=True,
            unless=NOT_SEEN,
        ),
        Section(
            "glucose",
            "血糖",
            "Glucose",
            {
                "fasting_glucose_mmol_l": fasting_glucose_mmol_l(),
                "fasting_flag": fasting_flag(),
                "postprandial_glucose_mmol_l": postprandial_glucose_mmol_l(),
                "random_glucose_mmol_l": random_glucose_mmol_l(),
                "hba1c_percent": hba1c_percent(),
                "hba1c_tested_on": Date("糖化血红蛋白检查日期", "Day of that test", future=False),
            },
            required=True,
            unless=NOT_SEEN,
        ),
        lifestyle_section(
            {
                "staple_food_g_per_day": Whole("日主食量", "Staple food a day", unit="g/day", required=True, hard=(0, 2000)),
                "target_staple_food_g_per_day": Whole("目标日主食量", "Target staple food", unit="g/day", hard=(0, 2000)),
            }
        ),
        tests_section(),
        adherence_section({"hypoglycemia": Code("低血糖反应", "Hypoglycaemic reactions", HYPOGLYCEMIA, required=True)}),
        complication_section(),
        assessment_section(),
        medication_section(**carried_over()),
        Section(
            "insulin",
            "胰岛素",
            "Insulin",
            {
                "type": Text("胰岛素种类", "Kind of insulin", required=True),
                "usage": Text("用法和用量", "How much and when", required=True),
                **carried_over(),
            },
        ),
        referral_section(),
        next_visit_section(),
        evidence_section(),
    ),
    checks=(
        *CHECKS,
        EitherOf("glucose.fasting_glucose_mmol_l", "glucose.fasting_flag"),
        Needed("glucose.hba1c_tested_on", "glucose.hba1c_percent"),
        Needed("vitals.dorsalis_pedis_side", "vitals.dorsalis_pedis", ("weakened", "absent")),
    ),
    dated="visit.visited_on",
    rules=RULES,
    follows=FollowUp("diabetes", visits_per_year=4),
)
