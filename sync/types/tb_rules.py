"""What tuberculosis asks for: the first visit within 72 hours of the notice, then supervision until the closing assessment.

`NOTICE_RULES` are over the register of the patient, whose sections `notice` {notified_at} and `attempt/<id>` {at, outcome}
say when the clinic was told and when somebody went; what they need besides is made by `since_notice`. The other tables are
over the two forms. Who is not known to be supervised by medical staff is visited as one whom the family supervises; who is
not known to be in the continuation phase, as one in the intensive phase.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sync.types.checks import View, at
from sync.types.chronic_rules import danger_rows
from sync.types.codes import PROJECT, THIRD_EDITION
from sync.types.fields import Instant
from sync.types.rules import (
    AnyOf,
    AtLeast,
    AtMost,
    Condition,
    Every,
    Is,
    IsTrue,
    NoneOf,
    Over,
    Present,
    Row,
    RuleTable,
    ShareAtLeast,
)
from sync.types.tb_codes import DANGER

SERVICE = f"{THIRD_EDITION}，肺结核患者健康管理服务规范"
VERSION = "2017"
FIRST_VISIT_HOURS = 72

# -- from the notice to the first visit --------------------------------------------------------------------------------

VISITED = IsTrue("given.first_visit_done")
NOTICE_RULES = (
    RuleTable(
        name="tb_first_visit_within",
        gives="first_visit",
        zh="第一次入户随访",
        en="First home visit",
        source=f"{SERVICE}，二、服务内容（二）第一次入户随访",
        version=VERSION,
        rows=(
            Row("tb_first_done", VISITED, "done", "已完成第一次入户随访", "The first home visit was made"),
            Row(
                "tb_first_overdue",
                AtLeast("given.hours_since_notice", FIRST_VISIT_HOURS),
                "overdue",
                "接到通知单满72小时未完成第一次入户随访",
                "72 hours since the notice, no first home visit",
            ),
            Row(
                "tb_first_due",
                AtLeast("given.hours_since_notice", 0),
                "due",
                "接到通知单后72小时内访视患者",
                "Visit within 72 hours of the notice",
            ),
        ),
    ),
    RuleTable(
        name="tb_first_visit_report",
        gives="first_visit_report",
        zh="未见到患者的报告",
        en="Report that the patient was not met",
        source=f"{SERVICE}，二、服务内容（二）第一次入户随访",
        version=VERSION,
        rows=(
            Row(
                "tb_first_report",
                Every(NoneOf(VISITED), AtLeast("given.failed_attempts_72h", 2)),
                "report",
                "72小时内2次访视均未见到患者，向上级专业机构报告",
                "Two attempts within 72 hours failed: report to the higher institution",
            ),
        ),
    ),
)


def since_notice(register: View, now: dt.datetime, *, first_visit_done: bool) -> dict[str, Any]:
    """What `NOTICE_RULES` are given of a register at a moment (with an offset from UTC).

    Nothing where there was no notice, or where the register is of another disease.

    `hours_since_notice`: full hours; `failed_attempts_72h`: attempts from the notice to the end of the 72nd hour at which
    the patient was not met; `first_visit_done`: whether there is a first visit, which the caller knows.
    """
    notified_at = _moment(at(register, "notice.notified_at"))
    if notified_at is None or at(register, "registration.disease") != "tuberculosis":
        return {}
    try:
        end = notified_at + dt.timedelta(hours=FIRST_VISIT_HOURS)
    except OverflowError:  # a slip of the pen at the end of the calendar
        return {}
    failed = 0
    for name, attempt in register.items():
        if name.startswith("attempt/") and isinstance(attempt, Mapping) and attempt.get("outcome") not in (None, "met"):
            made_at = _moment(attempt.get("at"))
            failed += made_at is not None and notified_at <= made_at <= end
    hours = max(now - notified_at, dt.timedelta()) // dt.timedelta(hours=1)
    return {"hours_since_notice": hours, "failed_attempts_72h": failed, "first_visit_done": first_visit_done}


def _moment(value: object) -> dt.datetime | None:
    return Instant.moment(value) if isinstance(value, str) else None


# -- supervision -------------------------------------------------------------------------------------------------------

BY_STAFF, BY_OTHERS = Is("treatment.supervisor", "doctor"), Is("treatment.supervisor", "family", "self", "other")
CONTINUATION = Is("treatment.phase", "continuation")
ADVERSE, COMPLICATED = Is("adverse.reaction", "yes"), Is("complication.present", "yes")
FREE_OF_BOTH = Every(Is("adverse.reaction", "no"), Is("complication.present", "no"))
ENDED = Is("closure.reason", "died", "lost")
GOES_FOR_CLOSING = Is("closure.reason", "completed", "to_mdr")
MISSED = "adherence.missed_doses"


def _next_within(name: str, *rows: Row, unless: Condition | None = None) -> RuleTable:
    """The latest day of the next visit, by supervisor and phase; `rows` go before a month, and after the shorter ten days."""
    goes_on = NoneOf(unless) if unless else Every()
    return RuleTable(
        name=name,
        gives="next_within",
        zh="下次随访期限",
        en="Latest day of the next visit",
        source=f"{SERVICE}，二、服务内容（三）督导服药和随访管理、（四）结案评估; supervised by others: {PROJECT}",
        version=VERSION,
        field="next_visit.on",
        kept="assessment.suggested_next_on",
        period=True,
        rows=(
            Row(
                "tb_within_ten_days",
                Every(goes_on, BY_OTHERS, NoneOf(CONTINUATION)),
                "P10D",
                "家庭成员督导或自服药，强化期或注射期每10天随访",
                "Supervised by the family or not at all, intensive phase: within 10 days",
            ),
            *rows,
            Row(
                "tb_within_month_staff",
                Every(goes_on, BY_STAFF),
                "P1M",
                "医务人员督导，每月至少随访评估1次",
                "Supervised by medical staff: within a month",
            ),
            Row(
                "tb_within_month_continuation",
                Every(goes_on, BY_OTHERS, CONTINUATION),
                "P1M",
                "家庭成员督导或自服药，继续期或非注射期每月随访",
                "Supervised by the family or not at all, continuation phase: within a month",
            ),
        ),
    )


FIRST_VISIT_RULES = (_next_within("tb_first_next_within"),)
VISIT_RULES = (
    RuleTable(
        name="tb_urgent",
        gives="urgent",
        zh="危急情况",
        en="Reasons to refer at once",
        source=f"{SERVICE}，二、服务内容（三）督导服药和随访管理 2.随访评估; the signs: {PROJECT}",
        version=VERSION,
        every=True,
        rows=danger_rows("tb", DANGER),
    ),
    RuleTable(
        name="tb_report",
        gives="report",
        zh="漏服药报告",
        en="Report of missed medicines",
        source=f"{SERVICE}，二、服务内容（三）督导服药和随访管理 3.分类干预",
        version=VERSION,
        rows=(
            Row(
                "tb_missed_week",
                AtLeast("adherence.missed_days", 7),
                "report",
                "漏服药1周及以上，向上级专业机构报告",
                "A week or more missed: report to the higher institution",
            ),
            Row(
                "tb_missed_week_of_doses",
                Every(NoneOf(Present("adherence.missed_days")), AtLeast(MISSED, 7)),
                "report",
                "漏服药7次及以上，未填连续天数，向上级专业机构报告",
                "Seven doses or more missed, the days not given: report to the higher institution",
            ),
        ),
    ),
    RuleTable(
        name="tb_measure",
        gives="measure",
        zh="下一步管理措施",
        en="Next measure",
        source=f"{SERVICE}，二、服务内容（三）督导服药和随访管理 3.分类干预",
        version=VERSION,
        field="assessment.next_measure",
        kept="assessment.suggested_next_measure",
        rows=(
            Row("tb_refer_urgent", Present("given.urgent"), "refer", "危急情况，紧急转诊", "Danger: refer at once"),
            Row("tb_refer_adverse", ADVERSE, "refer", "药物不良反应，立即转诊", "Adverse reaction: refer at once"),
            Row("tb_refer_complication", COMPLICATED, "refer", "并发症或合并症，立即转诊", "Complication: refer at once"),
            Row("tb_find_cause", Over(MISSED, 0), "find_cause", "未按医嘱服药，查明原因", "Not taken as told: find the cause"),
            Row(
                "tb_continue",
                Every(AtMost(MISSED, 0), FREE_OF_BOTH),
                "continue",
                "按时服药，无不良反应，继续督导服药",
                "Taken on time, no reaction: go on",
            ),
        ),
    ),
    _next_within(
        "tb_next_within",
        Row("tb_within_closing", GOES_FOR_CLOSING, "P14D", "结案转诊后2周内电话随访", "Telephone within 2 weeks of the end"),
        Row(
            "tb_within_two_weeks",
            Every(NoneOf(ENDED), AnyOf(Present("given.urgent"), ADVERSE, COMPLICATED)),
            "P14D",
            "转诊后2周内随访",
            "Referred: within 2 weeks",
        ),
        unless=AnyOf(ENDED, GOES_FOR_CLOSING),
    ),
    RuleTable(
        name="tb_regular",
        gives="regular",
        zh="规则服药",
        en="Whether the medicines were taken regularly",
        source=f"{SERVICE}，五、工作指标：规则服药",
        version=VERSION,
        rows=(
            Row(
                "tb_regular",
                ShareAtLeast("closure.doses_taken", "closure.doses_due", 90),
                "yes",
                "实际服药次数占应服药次数90%及以上",
                "90 % or more of the doses due were taken",
            ),
            Row(
                "tb_irregular",
                Every(AtLeast("closure.doses_taken", 0), Over("closure.doses_due", 0)),
                "no",
                "实际服药次数不足应服药次数的90%",
                "Fewer than 90 % of the doses due were taken",
            ),
        ),
    ),
)
