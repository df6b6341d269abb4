"""Follow-up of a person with a severe mental disorder (严重精神障碍患者随访服务记录表): national specification, third edition.

Each visit grades the risk from 0 to 5: 0 none; 1 threatens or shouts, breaks nothing; 2 breaks things at home, can be
persuaded to stop; 3 breaks things anywhere, cannot be persuaded; 4 goes on against things or persons, self-harm and
suicide included; 5 armed violence against persons, arson or explosion, anywhere.
A section `referral` means that the form's question whether the person is referred is answered with yes.
"""

from sync.record import Policy
from sync.types.checks import EitherOf, Needed
from sync.types.codes import NO_YES, PROJECT, RATING, THIRD_EDITION
from sync.types.declare import FollowUp, RecordType, Section
from sync.types.fields import Code, Codes, Date, Item, Text, Truth, Whole
from sync.types.measures import (
    DEATH_HAS_CAUSE,
    NOT_SEEN,
    evidence_section,
    medicine,
    next_visit_section,
    next_visit_within,
    not_seen,
    referral_section,
    suggested,
    visited,
)
from sync.types.smd_codes import (
    ADHERENCE,
    ADMISSION,
    ADVERSE,
    CLASSES,
    DEATH_CAUSE,
    DEATH_DISEASE,
    EFFECT,
    INSIGHT,
    LOCKED,
    MEASURE,
    REHABILITATION,
    SYMPTOMS,
    WORK,
)
from sync.types.smd_profile import acts
from sync.types.smd_rules import RULES


def _rated(zh: str, en: str) -> Code:
    return Code(zh, en, RATING, required=True)


def _medicine() -> dict[str, Item]:
    """One medicine, taken by the day, or by the month as an injection that lasts."""
    monthly = Whole("每月用药次数", "Times a month", unit="/month", hard=(1, 31))
    return {**medicine(required=False), "times_per_month": monthly}


TYPE = RecordType(
    name="smd_visit",
    zh="严重精神障碍患者随访服务记录表",
    en="Follow-up visit, severe mental disorder",
    subject="resident",
    source=THIRD_EDITION,
    programme="smd",
    dated="visit.visited_on",
    rules=RULES,
    follows=FollowUp("severe_mental_disorder", visits_per_year=4, in_person=False),
    sections=(
        Section(
            "visit",
            "随访",
            "Visit",
            {
                **visited(),
                **not_seen(DEATH_CAUSE),
                "death_disease": Code("躯体疾病", "Physical disease that caused the death", DEATH_DISEASE),
            },
            required=True,
        ),
        Section(
            "risk",
            "危险性评估",
            "Risk",
            {"level": Whole("危险性分级", "Grade of the risk", unit="级", required=True, hard=(0, 5))},
            required=True,
            unless=NOT_SEEN,
        ),
        Section(
            "symptoms",
            "目前症状",
            "Symptoms",
            {
                "symptoms": Codes("目前症状", "Symptoms", SYMPTOMS, alone="none", required=True),
                "other": Text("其他症状", "Other symptoms"),
                "obvious": Truth("精神症状明显", "Obvious psychotic symptoms", source=PROJECT),
            },
            required=True,
            unless=NOT_SEEN,
        ),
        Section(
            "insight",
            "自知力",
            "Insight",
            {"insight": Code("自知力", "Insight", INSIGHT, required=True)},
            required=True,
            unless=NOT_SEEN,
        ),
        Section(
            "sleep_diet",
            "睡眠和饮食",
            "Sleep and diet",
            {"sleep": _rated("睡眠情况", "Sleep"), "diet": _rated("饮食情况", "Diet")},
            required=True,
            unless=NOT_SEEN,
        ),
        Section(
            "social",
            "社会功能情况",
            "Social function",
            {
                "self_care": _rated("个人生活料理", "Looking after oneself"),
                "housework": _rated("家务劳动", "Housework"),
                "work": Code("生产劳动及工作", "Work", WORK, required=True),
                "study": _rated("学习能力", "Learning"),
                "interaction": _rated("社会人际交往", "Dealing with people"),
            },
            required=True,
            unless=NOT_SEEN,
        ),
        Section("acts", "危险行为", "Dangerous acts since the last visit", acts(), required=True, unless=NOT_SEEN),
        Section(
            "locked",
            "两次随访期间关锁情况",
            "Locked up since the last visit",
            {"locked": Code("关锁情况", "Locked up", LOCKED, required=True)},
            required=True,
            unless=NOT_SEEN,
        ),
        Section(
            "admission",
            "两次随访期间住院情况",
            "In hospital since the last visit",
            {
                "admission": Code("住院情况", "In hospital", ADMISSION, required=True),
                "last_discharged_on": Date("末次出院时间", "Last left the hospital on", future=False),
            },
            required=True,
            unless=NOT_SEEN,
        ),
        Section(
            "lab",
            "实验室检查",
            "Laboratory tests",
            {
                "tested": Code("实验室检查", "Laboratory tests", NO_YES, required=True),
                "result": Text("检查结果", "Result", longest=1000, element="DE04.30.009.00"),
            },
            required=True,
            unless=NOT_SEEN,
        ),
        Section(
            "adherence",
            "用药依从性和药物不良反应",
            "Taking of medicines",
            {
                "medication": Code("用药依从性", "Adherence", ADHERENCE, required=True, element="DE06.00.027.00"),
                "adverse_reaction": Code("药物不良反应", "Adverse reaction", ADVERSE, required=True, element="DE06.00.130.00"),
                "adverse_reaction_note": Text("不良反应说明", "What reaction"),
            },
            required=True,
            unless=NOT_SEEN,
        ),
        Section(
            "danger",
            "严重情况",
            "Danger",
            {
                "serious_adverse": Truth("严重药物不良反应", "Serious adverse reaction", source=PROJECT),
                "serious_physical_illness": Truth("严重躯体疾病", "Serious physical illness", source=PROJECT),
                "note": Text("说明", "Note", source=PROJECT),
            },
        ),
        Section(
            "effect",
            "治疗效果",
            "Effect of the treatment",
            {"effect": Code("治疗效果", "Effect", EFFECT, required=True)},
            required=True,
            unless=NOT_SEEN,
        ),
        referral_section(),
        Section("medication", "用药情况", "Medicines", _medicine(), policy=Policy.REVIEW, keyed=True),
        Section("medication_advised", "用药指导", "Medicines as advised", _medicine(), policy=Policy.REVIEW, keyed=True),
        Section(
            "rehabilitation",
            "康复措施",
            "Rehabilitation",
            {
                "measures": Codes("康复措施", "Measures", REHABILITATION, required=True),
                "other": Text("其他康复措施", "Other measures"),
            },
        ),
        Section(
            "assessment",
            "本次随访分类",
            "Assessment",
            {
                "class": Code("本次随访分类", "Class of this visit", CLASSES, required=True),
                "next_measure": Code("下一步管理措施", "Next measure", MEASURE, source=PROJECT),
                **suggested(CLASSES, MEASURE),
            },
            required=True,
            unless=NOT_SEEN,
        ),
        next_visit_section(),
        evidence_section(),
    ),
    checks=(
        DEATH_HAS_CAUSE,
        Needed("visit.death_disease", "visit.death_cause", ("physical_disease",)),
        Needed("symptoms.other", "symptoms.symptoms", ("other",)),
        Needed("admission.last_discharged_on", "admission.admission", ("discharged",)),
        Needed("adherence.adverse_reaction_note", "adherence.adverse_reaction", ("yes",)),
        Needed("rehabilitation.other", "rehabilitation.measures", ("other",)),
        EitherOf("medication.times_per_day", "medication.times_per_month"),
        Needed("medication.dose", "medication.drug"),
        EitherOf("medication_advised.times_per_day", "medication_advised.times_per_month"),
        Needed("medication_advised.dose", "medication_advised.drug"),
        next_visit_within(3),
    ),
)
