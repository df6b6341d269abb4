"""The rules that hypertension and diabetes share: from controlled or not to the class, the measure and the next visit.

Before these come the tables `urgent` (the reasons, if any), of which each disease has some of its own beside the pressure, and
`controlled` (yes or no, by what was measured). The caller hands in `age_years`, the age on the day of the visit, and what the tables gave for the visit
before at which the person was seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from sync.types.codes import LOCAL_FORMS, CodeList
from sync.types.rules import AnyOf, AtLeast, Every, Is, IsTrue, Present, Row, RuleTable

SYSTOLIC, DIASTOLIC = "vitals.systolic_mmhg", "vitals.diastolic_mmhg"
UNCONTROLLED_NOW = Is("given.controlled", "no")
UNCONTROLLED_BEFORE = Is("previous.controlled", "no")  # not its class: an adverse reaction would hide the pressure
ADVERSE = AnyOf(Is("adherence.adverse_reaction", "yes"), IsTrue("adherence.adverse_hard_to_control"))
COMPLICATED = Is("complication.status", "new", "worse")


def danger_rows(prefix: str, signs: CodeList) -> tuple[Row, ...]:
    """A row for each danger sign, giving its code, and one for an illness that cannot be handled here."""
    unmanageable = IsTrue("danger.unmanageable")
    return (
        *(Row(f"{prefix}_u1_{s.value}", Is("danger.signs", s.value), s.value, s.zh, s.en) for s in signs.codes),
        Row(f"{prefix}_u1_unmanageable", unmanageable, "unmanageable", "处理不了的其他情况", "Cannot be handled here"),
    )


def urgent(
    disease: str, prefix: str, service: str, signs: CodeList, first: Sequence[Row] = (), more: Sequence[Row] = ()
) -> RuleTable:
    """The table `urgent` of a disease: its own rows (`first` before the pressure, `more` after it), then the danger signs."""
    return RuleTable(
        name=f"{disease}_urgent",
        gives="urgent",
        zh="危急情况",
        en="Reasons to refer at once",
        source=f"{service}，二、服务内容（二）随访评估",
        version="2017",
        every=True,
        rows=(
            *first,
            Row(f"{prefix}_u1_systolic", AtLeast(SYSTOLIC, 180), "systolic", "收缩压≥180mmHg", "Systolic 180 mmHg or more"),
            Row(f"{prefix}_u1_diastolic", AtLeast(DIASTOLIC, 110), "diastolic", "舒张压≥110mmHg", "Diastolic 110 mmHg or more"),
            *more,
            *danger_rows(prefix, signs),
        ),
    )


def graded(disease: str, prefix: str, service: str) -> tuple[RuleTable, ...]:
    """The tables `class`, `measure` and `next_within` of a disease; `service`: the chapter of the specification."""
    version = "2017"
    return (
        RuleTable(
            name=f"{disease}_class",
            gives="class",
            zh="随访分类",
            en="Class of the visit: the most serious that applies",
            source=f"{service}，随访服务记录表填表说明：此次随访分类",
            version=version,
            field="assessment.class",
            kept="assessment.suggested_class",
            rows=(
                Row(f"{prefix}_class_complication", COMPLICATED, "complication", "并发症", "New or worse complication"),
                Row(f"{prefix}_class_adverse", ADVERSE, "adverse", "不良反应", "Adverse reaction"),
                Row(f"{prefix}_class_uncontrolled", UNCONTROLLED_NOW, "uncontrolled", "控制不满意", "Not controlled"),
                Row(f"{prefix}_class_controlled", Is("given.controlled", "yes"), "controlled", "控制满意", "Controlled"),
            ),
        ),
        RuleTable(
            name=f"{disease}_measure",
            gives="measure",
            zh="下一步管理措施",
            en="Next measure",
            source=f"{service}，二、服务内容（二）随访评估、（三）分类干预; the four measures: {LOCAL_FORMS}",
            version=version,
            field="assessment.next_measure",
            kept="assessment.suggested_next_measure",
            rows=(
                Row(
                    f"{prefix}_u1", Present("given.urgent"), "urgent_refer", "危急情况，处理后紧急转诊", "Danger: refer at once"
                ),
                Row(
                    f"{prefix}_c2_twice",
                    Every(UNCONTROLLED_NOW, UNCONTROLLED_BEFORE),
                    "refer_followup",
                    "连续两次控制不满意，转诊",
                    "Not controlled at two visits in a row: refer",
                ),
                Row(
                    f"{prefix}_c2_adverse",
                    IsTrue("adherence.adverse_hard_to_control"),
                    "refer_followup",
                    "不良反应难以控制，转诊",
                    "Adverse reaction hard to control: refer",
                ),
                Row(
                    f"{prefix}_c2_complication",
                    COMPLICATED,
                    "refer_followup",
                    "出现新的并发症或原有并发症加重，转诊",
                    "New or worse complication: refer",
                ),
                Row(
                    f"{prefix}_c1",
                    AnyOf(UNCONTROLLED_NOW, ADVERSE),
                    "two_week",
                    "第一次控制不满意或有不良反应，调整用药，2周内随访",
                    "Not controlled for the first time, or adverse reaction: adjust, follow up within 2 weeks",
                ),
                Row(
                    f"{prefix}_c0",
                    Is("given.controlled", "yes"),
                    "routine",
                    "控制满意，按期随访",
                    "Controlled: routine follow-up",
                ),
            ),
        ),
        RuleTable(
            name=f"{disease}_next_within",
            gives="next_within",
            zh="下次随访期限",
            en="Latest day of the next visit",
            source=f"{service}，二、服务内容（二）随访评估、（三）分类干预",
            version=version,
            field="next_visit.on",
            kept="assessment.suggested_next_on",
            period=True,
            rows=(
                Row(
                    f"{prefix}_within_two_weeks",
                    Is("given.measure", "urgent_refer", "refer_followup", "two_week"),
                    "P14D",
                    "2周内随访",
                    "Within 2 weeks",
                ),
                Row(f"{prefix}_within_three_months", Is("given.measure", "routine"), "P3M", "3个月内随访", "Within 3 months"),
            ),
        ),
    )
