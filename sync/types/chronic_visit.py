"""The parts of a form that the follow-ups of hypertension and of diabetes print alike, and what their assessment is made of."""

from __future__ import annotations

from sync.types.checks import Below, Needed
from sync.types.codes import ADHERENCE, LOCAL_FORMS, NO_YES, PROJECT, RATING, CodeList, code_list
from sync.types.declare import Section
from sync.types.fields import Code, Codes, Date, Item, Text, Truth
from sync.types.measures import (
    DEATH_HAS_CAUSE,
    NOT_SEEN,
    carried_over,
    exercise,
    next_visit_within,
    smoking_and_drinking,
    suggested,
)

VISIT_CLASS = code_list(
    "chronic_visit_class",
    """
    1 controlled 控制满意 Controlled
    2 uncontrolled 控制不满意 Not controlled
    3 adverse 不良反应 Adverse reaction
    4 complication 并发症 Complication
    """,
)
NEXT_MEASURE = code_list(
    "next_measure",
    """
    1 routine 常规随访 Routine follow-up
    2 two_week 第1次控制不满意2周随访 First time not controlled: follow up in 2 weeks
    3 refer_followup 两次控制不满意转诊随访 Twice not controlled: refer and follow up
    4 urgent_refer 紧急转诊 Urgent referral
    """,
    source="local revisions of the form",
)
COMPLICATION_STATUS = code_list(
    "complication_status",
    """
    - no 无新发或加重 None that is new or worse
    - new 出现新的并发症 A new one
    - worse 原有并发症加重 A known one that is worse
    """,
    source=PROJECT,
)


def symptoms_section(symptoms: CodeList) -> Section:
    """The symptoms of a disease's form, with words for those that its list does not have."""
    fields: dict[str, Item] = {
        "symptoms": Codes("症状", "Symptoms", symptoms, alone="none", required=True, element="DE04.01.116.00"),
        "other": Text("其他症状", "Other symptoms"),
    }
    return Section("symptoms", "症状", "Symptoms", fields, required=True, unless=NOT_SEEN)


def danger_section(signs: CodeList) -> Section:
    """The signs on which the specification refers at once, as the doctor judges them; left out where there are none."""
    fields: dict[str, Item] = {
        "signs": Codes("危急情况", "Danger signs", signs),
        "unmanageable": Truth("处理不了的其他情况", "Another illness that cannot be handled here"),
    }
    return Section("danger", "危急情况", "Danger signs", fields)


def lifestyle_section(diet: dict[str, Item]) -> Section:
    """Habits and what is aimed at; `diet`: what the disease's form asks of eating."""
    minds: dict[str, Item] = {
        "psychology": Code("心理调整", "State of mind", RATING, required=True, element="DE05.10.083.00"),
        "follows_advice": Code("遵医行为", "Follows advice", RATING, required=True, element="DE05.10.068.00"),
    }
    fields = {**smoking_and_drinking(required=True), **exercise(required=True), **diet, **minds, **carried_over()}
    return Section("lifestyle", "生活方式指导", "Way of life", fields, required=True, unless=NOT_SEEN)


def tests_section() -> Section:
    """Tests in words: which, what came of it, when."""
    fields: dict[str, Item] = {
        "name": Text("检查项目", "Test", element="DE04.30.010.00"),
        "result": Text("检查结果", "Result", longest=1000, element="DE04.30.009.00"),
        "tested_on": Date("检查日期", "Day of the test", future=False, element="DE06.00.048.00"),
    }
    return Section("tests", "辅助检查", "Tests", fields)


def adherence_section(also: dict[str, Item]) -> Section:
    """How medicines are taken and borne; `also`: what the disease's form asks besides."""
    fields: dict[str, Item] = {
        "medication": Code("服药依从性", "Adherence", ADHERENCE, required=True, element="DE06.00.027.00"),
        "adverse_reaction": Code("药物不良反应", "Adverse reaction", NO_YES, required=True, element="DE06.00.130.00"),
        "adverse_reaction_note": Text("不良反应说明", "What reaction"),
        "adverse_hard_to_control": Truth("不良反应难以控制", "The reaction is hard to control"),
        **also,
    }
    return Section("adherence", "服药情况", "Taking of medicines", fields, required=True, unless=NOT_SEEN)


def complication_section() -> Section:
    """Complications that are new or have become worse since the last visit."""
    fields: dict[str, Item] = {
        "status": Code("并发症情况", "Complications since the last visit", COMPLICATION_STATUS, required=True),
        "note": Text("并发症说明", "Which complication"),
    }
    return Section("complication", "并发症", "Complications", fields)


def assessment_section() -> Section:
    """The doctor's class and measure; beside them, never in their place, what the rules suggested."""
    fields: dict[str, Item] = {
        "class": Code("此次随访分类", "Class of this visit", VISIT_CLASS, required=True, element="DE05.10.066.00"),
        "next_measure": Code("下一步管理措施", "Next measure", NEXT_MEASURE, source=LOCAL_FORMS),
        **suggested(VISIT_CLASS, NEXT_MEASURE),
    }
    return Section("assessment", "随访评价", "Assessment", fields, required=True, unless=NOT_SEEN)


CHECKS = (
    Below("vitals.diastolic_mmhg", "vitals.systolic_mmhg"),
    next_visit_within(3),
    Needed("symptoms.other", "symptoms.symptoms", ("other",)),
    Needed("adherence.adverse_reaction_note", "adherence.adverse_reaction", ("yes",)),
    Needed("complication.note", "complication.status", ("new", "worse")),
    DEATH_HAS_CAUSE,
)
"""What both forms check over several fields."""
