"""What a visit to a person with a severe mental disorder suggests: crisis, class, measure and the next visit.

The class follows from risk, symptoms, insight, social function, reactions and physical illness; the most serious that
applies. How soon to visit again differs between editions of the specification: a table for each, of which those hold
that have a date. The edition in force is that of 2017; to bring another into force, date it and end the one before.
"""

from __future__ import annotations

from sync.types.codes import THIRD_EDITION
from sync.types.rules import AnyOf, AtLeast, AtMost, Every, Is, IsTrue, NoneOf, Present, Row, RuleTable

SERVICE = f"{THIRD_EDITION}，严重精神障碍患者管理服务规范"
GRADING = f"{SERVICE}，二、服务内容（二）随访评估、（三）分类干预"
VERSION = "2017"

RISK, SYMPTOMS = "risk.level", "symptoms.symptoms"
RISK_GRADED = AtLeast(RISK, 0)  # where the risk is not known, nothing less than unstable is suggested
WORK = "social.work"
SOCIAL = (WORK, "social.self_care", "social.housework", "social.study", "social.interaction")
UNSTABLE, BASICALLY_STABLE, STABLE = (Is("given.class", c) for c in ("unstable", "basically_stable", "stable"))
AGAIN = Every(BASICALLY_STABLE, Is("previous.class", "basically_stable"))
IMPROVING = Is("effect.effect", "recovered", "improved")

CRISIS = RuleTable(
    name="smd_crisis",
    gives="crisis",
    zh="危急情况",
    en="Crisis",
    source=f"{SERVICE}，二、服务内容（二）随访评估; whom to tell: training material",
    version=VERSION,
    every=True,
    rows=(
        Row(
            "smd_crisis_risk",
            AtLeast(RISK, 3),
            "alert",
            "危险性3级及以上，立即报告乡镇精防医生和县级机构，必要时报告公安部门",
            "Risk of grade 3 or more: alert the township's doctor for mental health and the county at once, the police if need be",
        ),
    ),
)
CLASS = RuleTable(
    name="smd_class",
    gives="class",
    zh="随访分类",
    en="Class of the visit: the most serious that applies",
    source=GRADING,
    version=VERSION,
    field="assessment.class",
    kept="assessment.suggested_class",
    rows=(
        Row("smd_unstable_risk", AtLeast(RISK, 3), "unstable", "危险性3～5级", "Risk of grade 3 to 5"),
        Row("smd_unstable_symptoms", IsTrue("symptoms.obvious"), "unstable", "精神症状明显", "Obvious psychotic symptoms"),
        Row("smd_unstable_insight", Is("insight.insight", "absent"), "unstable", "自知力缺乏", "No insight"),
        Row(
            "smd_unstable_adverse",
            IsTrue("danger.serious_adverse"),
            "unstable",
            "严重药物不良反应",
            "Serious adverse reaction",
        ),
        Row(
            "smd_unstable_illness",
            IsTrue("danger.serious_physical_illness"),
            "unstable",
            "严重躯体疾病",
            "Serious physical illness",
        ),
        Row("smd_basically_risk", AtLeast(RISK, 1), "basically_stable", "危险性1～2级", "Risk of grade 1 or 2"),
        Row(
            "smd_basically_symptoms",
            Every(RISK_GRADED, Present(SYMPTOMS), NoneOf(Is(SYMPTOMS, "none"))),
            "basically_stable",
            "仍有精神症状",
            "Symptoms remain",
        ),
        Row(
            "smd_basically_insight",
            Every(RISK_GRADED, Is("insight.insight", "partial")),
            "basically_stable",
            "自知力不全",
            "Partial insight",
        ),
        Row(
            "smd_basically_social",
            Every(RISK_GRADED, AnyOf(*(Is(path, "poor") for path in SOCIAL))),
            "basically_stable",
            "社会功能较差",
            "Poor social function",
        ),
        Row(
            "smd_stable",
            Every(
                RISK_GRADED,
                AtMost(RISK, 0),
                Is(SYMPTOMS, "none"),
                Is("insight.insight", "full"),
                *(Is(path, "good", "fair", *(("not_applicable",) if path == WORK else ())) for path in SOCIAL),
            ),
            "stable",
            "危险性0级，症状消失，自知力恢复，社会功能一般或良好",
            "Risk of grade 0, no symptoms, full insight, social function fair or good",
        ),
    ),
)
MEASURE = RuleTable(
    name="smd_measure",
    gives="measure",
    zh="下一步管理措施",
    en="Next measure",
    source=GRADING,
    version=VERSION,
    field="assessment.next_measure",
    kept="assessment.suggested_next_measure",
    rows=(
        Row("smd_refer", UNSTABLE, "refer_at_once", "对症处理后立即转诊", "Treat and refer at once"),
        Row(
            "smd_keep",
            Every(AGAIN, IMPROVING),
            "continue",
            "处理后病情趋于稳定，维持治疗方案",
            "Better after the adjustment: keep the treatment",
        ),
        Row(
            "smd_specialist",
            AGAIN,
            "specialist",
            "处理后未达到稳定，请精神专科医师技术指导",
            "Not better after the adjustment: ask a psychiatrist",
        ),
        Row(
            "smd_adjust",
            BASICALLY_STABLE,
            "adjust",
            "调整药物剂量或查明原因对症治疗",
            "Adjust the dose, or find the cause and treat it",
        ),
        Row("smd_continue", STABLE, "continue", "继续执行治疗方案", "Go on with the treatment"),
    ),
)


def _next_within(version: str, source: str, since: str | None, rows: tuple[Row, ...]) -> RuleTable:
    return RuleTable(
        name=f"smd_next_within_{version}",
        gives="next_within",
        zh="下次随访期限",
        en="Latest day of the next visit",
        source=source,
        version=version,
        since=since,
        field="next_visit.on",
        kept="assessment.suggested_next_on",
        period=True,
        rows=rows,
    )


NEXT_WITHIN_2017 = _next_within(
    "2017",
    GRADING,
    "2017-02-28",
    (
        Row("smd_within_unstable", UNSTABLE, "P14D", "不稳定，2周内随访", "Unstable: within 2 weeks"),
        Row(
            "smd_within_improving",
            Every(AGAIN, IMPROVING),
            "P3M",
            "基本稳定，处理后趋于稳定，3个月内随访",
            "Basically stable and better: within 3 months",
        ),
        Row(
            "smd_within_not_improving",
            AGAIN,
            "P1M",
            "基本稳定，处理后未达到稳定，1个月内随访",
            "Basically stable and not better: within a month",
        ),
        Row("smd_within_basically", BASICALLY_STABLE, "P14D", "基本稳定，2周内随访", "Basically stable: within 2 weeks"),
        Row("smd_within_stable", STABLE, "P3M", "稳定，3个月内随访", "Stable: within 3 months"),
    ),
)
NEXT_WITHIN_STRICTER = _next_within(
    "2026",
    "examination questions of 2026; the edition they follow is not confirmed",
    None,
    (
        Row("smd_stricter_unstable", UNSTABLE, "P7D", "不稳定，每周至少随访1次", "Unstable: once a week or more often"),
        Row("smd_stricter_basically", BASICALLY_STABLE, "P2M", "基本稳定，2个月内随访", "Basically stable: within 2 months"),
        Row("smd_stricter_stable", STABLE, "P3M", "稳定，3个月内随访", "Stable: within 3 months"),
    ),
)

RULES = (CRISIS, CLASS, MEASURE, NEXT_WITHIN_2017, NEXT_WITHIN_STRICTER)
