"""Follow-up of a tuberculosis patient (肺结核患者随访服务记录表): the form of the national specification, third edition.

The last form of a treatment has the section `closure`; once it says when the treatment stopped, nothing else is asked for.
"""

from sync.types.checks import After, Below, Needed
from sync.types.codes import NO_YES, PROJECT, THIRD_EDITION
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Codes, Date, Decimals, Reference, Text, Truth, Whole
from sync.types.measures import (
    evidence_section,
    next_visit_section,
    next_visit_within,
    referral_section,
    smoking_and_drinking,
    suggested,
    visited,
)
from sync.types.tb_codes import DANGER, MEASURE, STOP_REASON, VISIT_SYMPTOMS
from sync.types.tb_first_visit import FOLLOWED, treatment
from sync.types.tb_rules import VISIT_RULES

STOPPED = ("closure.stopped_on",)


def _times(zh: str, en: str, *, required: bool = False) -> Whole:
    return Whole(zh, en, unit="次", required=required, hard=(0, 2000))


TYPE = RecordType(
    name="tb_visit",
    zh="肺结核患者随访服务记录表",
    en="Tuberculosis follow-up visit",
    subject="resident",
    source=THIRD_EDITION,
    programme="tb",
    dated="visit.visited_on",
    rules=VISIT_RULES,
    follows=FOLLOWED,
    sections=(
        Section(
            "visit",
            "随访",
            "Visit",
            {
                **visited(),
                "month_seq": Whole("治疗月序", "Month of the treatment", unit="月", required=True, hard=(1, 36), soft=(1, 24)),
            },
            required=True,
        ),
        Section(
            "danger",
            "危急情况",
            "Danger",
            {
                "signs": Codes("危急情况", "Danger signs", DANGER, source=PROJECT),
                "unmanageable": Truth("处理不了的其他情况", "Something else that cannot be handled here", source=PROJECT),
            },
        ),
        Section(
            "symptoms",
            "症状及体征",
            "Symptoms and signs",
            {
                "symptoms": Codes("症状及体征", "Symptoms and signs", VISIT_SYMPTOMS, alone="none", required=True),
                "other": Text("其他症状", "Other symptoms"),
            },
            required=True,
            unless=STOPPED,
        ),
        Section("lifestyle", "生活方式指导", "Way of life", smoking_and_drinking(required=True), required=True, unless=STOPPED),
        Section("treatment", "用药", "Treatment", treatment(phase_required=True), required=True, unless=STOPPED),
        Section(
            "adherence",
            "服药情况",
            "Taking of medicines",
            {
                "missed_doses": _times("漏服药次数", "Doses missed since the last visit", required=True),
                "missed_days": Whole(
                    "最长连续漏服天数", "Longest run of days missed", unit="天", hard=(0, 400), source=PROJECT
                ),
                "cause": Text("未按医嘱服药的原因", "Why they were not taken as told", source=PROJECT),
            },
            required=True,
            unless=STOPPED,
        ),
        Section(
            "adverse",
            "药物不良反应",
            "Adverse reaction",
            {
                "reaction": Code("药物不良反应", "Adverse reaction", NO_YES, required=True, element="DE06.00.130.00"),
                "note": Text("不良反应说明", "What reaction"),
            },
            required=True,
            unless=STOPPED,
        ),
        Section(
            "complication",
            "并发症或合并症",
            "Complication or other disease",
            {
                "present": Code("并发症或合并症", "Complication or other disease", NO_YES, required=True),
                "note": Text("并发症或合并症说明", "Which"),
            },
            required=True,
            unless=STOPPED,
        ),
        Section(
            "pickup",
            "取药",
            "Collecting the medicines",
            {
                "place": Text("取药地点", "Where", source=PROJECT),
                "on": Date("下次取药日期", "On which day next", required=True, source=PROJECT),
            },
        ),
        Section(
            "referral",
            "转诊",
            "Referral",
            {
                **referral_section().fields,
                "two_week_result": Text("2周内随访，随访结果", "What was found within 2 weeks", longest=500),
            },
        ),
        Section(
            "assessment",
            "处理意见",
            "Assessment",
            {
                "next_measure": Code("下一步管理措施", "Next measure", MEASURE, source=PROJECT),
                "advice": Text("处理意见", "Advice", longest=500, required=True),
                **suggested(measures=MEASURE),
            },
            required=True,
            unless=STOPPED,
        ),
        next_visit_section(unless=STOPPED),
        Section(
            "closure",
            "停止治疗及全程管理情况",
            "End of the treatment",
            {
                "stopped_on": Date("停止治疗时间", "Treatment stopped on", required=True, future=False),
                "reason": Code("停止治疗原因", "Reason", STOP_REASON, required=True),
                "visits_due": _times("应访视次数", "Visits due"),
                "visits_done": _times("实际访视次数", "Visits made"),
                "doses_due": _times("应服药次数", "Doses due"),
                "doses_taken": _times("实际服药次数", "Doses taken"),
                "taken_percent": Decimals("服药率", "Doses taken of those due", unit="%", places=2, hard=(0, 100)),
                "assessor": Reference("评估医生", "Doctor who assessed", to="person"),
            },
        ),
        evidence_section(),
    ),
    checks=(
        Needed("symptoms.other", "symptoms.symptoms", ("other",)),
        Needed("adverse.note", "adverse.reaction", ("yes",)),
        Needed("complication.note", "complication.present", ("yes",)),
        After("pickup.on", "visit.visited_on", or_same=True),
        After("visit.visited_on", "treatment.started_on", or_same=True),
        next_visit_within(1),
        Needed("closure.visits_due", "closure.reason", ("completed",)),
        Needed("closure.visits_done", "closure.reason", ("completed",)),
        Needed("closure.doses_due", "closure.reason", ("completed",)),
        Needed("closure.doses_taken", "closure.reason", ("completed",)),
        Below("closure.doses_taken", "closure.doses_due", or_same=True),
    ),
)
