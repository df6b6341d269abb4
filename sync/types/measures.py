"""What several forms ask alike: measured quantities, habits, medicines, and the sections around a visit, each declared once.

Every function makes new fields, so that a form may ask its own way: `required`, other labels (the left and the right arm).
Data elements and LOINC codes belong to the quantity; ranges are this project's (the national forms print none):
`hard` cannot be, `soft` is unusual.
"""

from __future__ import annotations

from typing import Any

from sync.record import Policy
from sync.types.checks import After, Needed
from sync.types.codes import DOSE_UNIT, LOCAL_FORMS, LOST_REASON, PROJECT, VISIT_WAY, CodeList, code_list
from sync.types.declare import Section
from sync.types.fields import Code, Date, Decimals, Item, Range, Reference, References, Text, Truth, Whole

METER_FLAG = code_list(
    "meter_flag",
    """
    - low 低于测量下限（LO） Below what the meter can read (LO)
    - high 高于测量上限（HI） Above what the meter can read (HI)
    """,
    source=PROJECT,
)
ARRIVED = code_list(
    "referral_arrival",
    """
    1 arrived 到位 Arrived
    2 not_arrived 不到位 Did not arrive
    """,
    source="local revisions of the form",
)

# -- what is measured --------------------------------------------------------------------------------------------------


def systolic_mmhg(zh: str = "收缩压", en: str = "Systolic pressure", *, required: bool = False) -> Whole:
    """The upper pressure."""
    loinc, element = "8480-6", "DE04.10.174.00"
    return Whole(zh, en, unit="mmHg", required=required, hard=(50, 300), soft=(80, 220), element=element, loinc=loinc)


def diastolic_mmhg(zh: str = "舒张压", en: str = "Diastolic pressure", *, required: bool = False) -> Whole:
    """The lower pressure."""
    loinc, element = "8462-4", "DE04.10.176.00"
    return Whole(zh, en, unit="mmHg", required=required, hard=(30, 200), soft=(40, 130), element=element, loinc=loinc)


def heart_rate_per_min(zh: str = "心率", en: str = "Heart rate", *, required: bool = False) -> Whole:
    """Beats of the heart; also the pulse, under its own label."""
    loinc, element = "8867-4", "DE04.10.206.00"
    return Whole(zh, en, unit="/min", required=required, hard=(20, 250), soft=(40, 150), element=element, loinc=loinc)


def temperature_celsius(*, required: bool = False) -> Decimals:
    """Body temperature."""
    return Decimals("体温", "Temperature", unit="°C", required=required, hard=(30, 45), soft=(35, 40), loinc="8310-5")


def oxygen_saturation_percent(*, required: bool = False) -> Whole:
    """Oxygen saturation of the blood, at the finger."""
    return Whole("血氧饱和度", "Oxygen saturation", unit="%", required=required, hard=(30, 100), soft=(85, 100), loinc="2708-6")


def weight_kg(*, required: bool = False, hard: Range = (20, 300)) -> Decimals:
    """Body weight; `hard` from 20 kg, as of the adults whom follow-up forms are about."""
    loinc, element = "29463-7", "DE04.10.188.00"
    return Decimals("体重", "Weight", unit="kg", required=required, hard=hard, soft=(30, 150), element=element, loinc=loinc)


def target_weight_kg() -> Decimals:
    """The weight aimed at by the next visit."""
    return Decimals("目标体重", "Target weight", unit="kg", hard=(20, 300), element="DE06.00.081.00")


def height_cm(*, required: bool = False) -> Decimals:
    """Height of an adult."""
    return Decimals("身高", "Height", unit="cm", required=required, hard=(100, 230), element="DE04.10.167.00", loinc="8302-2")


def bmi_kg_m2(*, required: bool = False) -> Decimals:
    """Body mass index: weight in kg by the square of height in m."""
    return Decimals("体质指数", "Body mass index", unit="kg/m2", required=required, places=2, hard=(10, 60), loinc="39156-5")


def target_bmi_kg_m2() -> Decimals:
    """The body mass index aimed at by the next visit."""
    return Decimals("目标体质指数", "Target body mass index", unit="kg/m2", places=2, hard=(10, 60))


def waist_cm(*, required: bool = False) -> Decimals:
    """Girth of the waist."""
    return Decimals("腰围", "Waist", unit="cm", required=required, hard=(40, 200), soft=(55, 140), loinc="8280-0")


def other_signs() -> Text:
    """Other signs found, in words."""
    return Text("其他阳性体征", "Other signs", element="DE04.10.143.00")


def fasting_glucose_mmol_l(*, required: bool = False) -> Decimals:
    """Fasting blood glucose by meter. What a meter prints as LO or HI stands in `fasting_flag` instead."""
    loinc, element = "14770-2", "DE04.50.102.00"
    return _glucose("空腹血糖", "Fasting glucose", required=required, element=element, loinc=loinc)


def fasting_flag() -> Code:
    """LO or HI, for a value that the meter could not read."""
    return Code("空腹血糖超限", "Fasting glucose beyond the meter", METER_FLAG, source=PROJECT)


def postprandial_glucose_mmol_l() -> Decimals:
    """Blood glucose two hours after a meal."""
    return _glucose("餐后2小时血糖", "Glucose 2 hours after a meal", source=LOCAL_FORMS)


def random_glucose_mmol_l() -> Decimals:
    """Blood glucose at any time."""
    return _glucose("随机血糖", "Random glucose", source=LOCAL_FORMS, loinc="14743-9")


def hba1c_percent() -> Decimals:
    """Glycated haemoglobin."""
    return Decimals("糖化血红蛋白", "Glycated haemoglobin", unit="%", hard=(3, 20), soft=(4, 15), loinc="4548-4")


def _glucose(zh: str, en: str, **about: Any) -> Decimals:
    return Decimals(zh, en, unit="mmol/L", hard=("0.6", 50), soft=(2, 30), **about)


# -- how somebody lives ------------------------------------------------------------------------------------------------


def smoking_and_drinking(*, required: bool = False, targets: bool = True) -> dict[str, Item]:
    """Cigarettes and alcohol a day, with what is aimed at. Alcohol in 两 (50 g) of spirits: beer / 10, wine / 4, rice wine / 5."""
    now: dict[str, Item] = {
        "cigarettes_per_day": Whole("日吸烟量", "Cigarettes a day", unit="/day", required=required, hard=(0, 100)),
        "alcohol_liang_per_day": Decimals("日饮酒量", "Spirits a day", unit="两/day", required=required, hard=(0, 20)),
    }
    aims: dict[str, Item] = {
        "target_cigarettes_per_day": Whole("目标日吸烟量", "Target", unit="/day", hard=(0, 100)),
        "target_alcohol_liang_per_day": Decimals("目标日饮酒量", "Target", unit="两/day", hard=(0, 20)),
    }
    return _beside(now, aims) if targets else now


def exercise(*, required: bool = False, targets: bool = True) -> dict[str, Item]:
    """Times a week and minutes each time, with what is aimed at."""
    now: dict[str, Item] = {
        "exercise_per_week": Whole("每周运动次数", "Exercise, times a week", unit="/week", required=required, hard=(0, 21)),
        "exercise_min": Whole("每次运动时长", "Exercise, minutes each time", unit="min", required=required, hard=(0, 600)),
    }
    aims: dict[str, Item] = {
        "target_exercise_per_week": Whole("目标每周运动次数", "Target times a week", unit="/week", hard=(0, 21)),
        "target_exercise_min": Whole("目标每次运动时长", "Target minutes", unit="min", hard=(0, 600)),
    }
    return {**now, **aims} if targets else now


def _beside(now: dict[str, Item], aims: dict[str, Item]) -> dict[str, Item]:
    """Each aim right after what it is an aim for, as the forms print them."""
    return {name: item for pair in zip(now.items(), aims.items(), strict=True) for name, item in pair}


# -- the sections around a visit ---------------------------------------------------------------------------------------

NOT_SEEN = ("visit.lost_reason", "visit.died_on")
"""What spares the doctor the rest of the form: `Section(required=True, unless=NOT_SEEN)`."""


def visited(ways: CodeList = VISIT_WAY) -> dict[str, Item]:
    """Day, way and doctor of a visit, for a section `visit`."""
    return {
        "visited_on": Date("随访日期", "Day of the visit", required=True, future=False),
        "way": Code("随访方式", "Way of the visit", ways, required=True, element="DE06.00.108.00"),
        "doctor": Reference("随访医生", "Doctor", to="person", required=True, element="DE02.01.039.00"),
    }


def not_seen(death_causes: CodeList | None = None) -> dict[str, Item]:
    """Why the person was not seen, for a section `visit`; the cause of a death in words where the form has no list."""
    cause = Code("死亡原因", "Cause of death", death_causes) if death_causes else Text("死亡原因", "Cause of death")
    return {
        "lost_reason": Code("失访原因", "Reason why the person was not reached", LOST_REASON),
        "died_on": Date("死亡日期", "Day of death", future=False),
        "death_cause": cause,
    }


DEATH_HAS_CAUSE = Needed("visit.death_cause", "visit.died_on")


def visit_section() -> Section:
    """The section `visit` of a follow-up: day, way, doctor, and why the person was not seen."""
    return Section("visit", "随访", "Visit", {**visited(), **not_seen()}, required=True)


def medicine(*, required: bool = True) -> dict[str, Item]:
    """One medicine as it is taken: name, times a day, dose each time and its unit; also the columns of a list of medicines."""
    return {
        "drug": Text("药物名称", "Medicine", required=True, element="DE08.50.022.00"),
        "times_per_day": Whole(
            "用药频次", "Times a day", unit="/day", required=required, hard=(1, 12), element="DE06.00.133.00"
        ),
        "dose": Decimals("每次剂量", "Dose each time", unit="dose_unit", places=3, required=required, element="DE08.50.023.00"),
        "dose_unit": Code("剂量单位", "Unit of the dose", DOSE_UNIT, required=True, element="DE08.50.024.00"),
        "note": Text("用法说明", "How to take it"),
    }


def carried_over() -> dict[str, Item]:
    """Whether an answer is that of the visit before, taken over by one touch: supervisors see it."""
    return {"carried_over": Truth("沿用上次随访", "Carried over from the visit before", source=PROJECT)}


def medication_section(**beside: Item) -> Section:
    """The medicines, `medication/<id>` each: what two persons wrote of one is shown, and reviewed later."""
    return Section("medication", "用药", "Medicines", {**medicine(), **beside}, policy=Policy.REVIEW, keyed=True)


def referral_section() -> Section:
    """Why and where to the person was referred at this visit; what becomes of it is a record `referral` of its own."""
    fields: dict[str, Item] = {
        "reason": Text("转诊原因", "Reason", required=True, element="DE06.00.177.00"),
        "to_department": Text("转入机构及科室", "To which department", required=True, element="DE08.10.025.00"),
        "arrival": Code("是否到位", "Whether the person arrived", ARRIVED, source=LOCAL_FORMS),
    }
    return Section("referral", "转诊", "Referral", fields)


def next_visit_section(unless: tuple[str, ...] = NOT_SEEN) -> Section:
    """The day of the next visit; the check over it is `next_visit_within`."""
    fields: dict[str, Item] = {"on": Date("下次随访日期", "Day of the next visit", required=True)}
    return Section("next_visit", "下次随访", "Next visit", fields, required=True, unless=unless)


def next_visit_within(months: int, day: str = "visit.visited_on") -> After:
    """The next visit lies after this one, at most `months` and a week later."""
    return After("next_visit.on", day, months=months, tolerance_days=7)


def signature(name: str, zh: str, en: str, **about: Any) -> dict[str, Item]:
    """A signature, and beside it what was drawn: its id is then the SHA-256 of the strokes in hexadecimal."""
    return {
        name: Reference(zh, en, to="signature", **about),
        f"{name}_strokes": Text(f"{zh}笔迹", f"{en}, its strokes", longest=4000, drawn=True, source=PROJECT),
    }


def evidence(**also: Item) -> dict[str, Item]:
    """Place, what a form adds to it, photographs and signatures, for a section `evidence`."""
    return {
        "place": Text("地点", "Place", source=LOCAL_FORMS),
        **also,
        "photos": References("照片", "Photographs", to="photo", source=LOCAL_FORMS),
        **signature("doctor_signature", "医生签名", "Doctor's signature"),
        **signature("resident_signature", "居民签名", "Resident's signature", source=LOCAL_FORMS),
    }


def evidence_section() -> Section:
    """The section `evidence`."""
    return Section("evidence", "佐证", "Evidence", evidence())


# -- what the rules suggested ------------------------------------------------------------------------------------------


def suggested(classes: CodeList | None = None, measures: CodeList | None = None) -> dict[str, Item]:
    """The suggestions of the rules as they were when the form was filled in, beside the doctor's values (`RuleTable.kept`)."""
    kept: dict[str, Item] = {}
    if classes:
        kept["suggested_class"] = Code("系统建议分类", "Suggested class", classes, source=PROJECT)
    if measures:
        kept["suggested_next_measure"] = Code("系统建议管理措施", "Suggested next measure", measures, source=PROJECT)
    kept["suggested_next_on"] = Date("系统建议下次随访日期", "Suggested latest day of the next visit", source=PROJECT)
    kept["rules_version"] = Text("规则版本", "Version of the rules", longest=40, source=PROJECT)
    return kept
