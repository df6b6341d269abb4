"""The words for why a unit is not in a numerator: this file's own, and those of the lists that a standing speaks by."""

from __future__ import annotations

from collections.abc import Mapping

from sync.types.codes import PROJECT, code_list
from sync.types.resident_codes import CLOSE_REASON
from sync.types.standing_codes import LACKING, OBLIGATION, STATUS, WORK_REASON

REASON = code_list(
    "share_reason",
    """
    - not_signed 未签约 Not signed
    - not_paid 免费协议 Not paid
    - no_service 本年度无有效履约 No service given in the year
    - no_visit 本年度未随访到 Not met at a visit in the year
    - not_measured 本年度未测量 Not measured in the year
    - not_controlled 未达标 Not controlled
    - selfcare 本年度未评估自理能力 Self-care not assessed in the year
    - no_plan 无执行中的方案 No plan is carried out
    - not_fresh 方案已到复评日 The review of the plan is overdue
    - not_treated 应治未治 Not treated
    - not_sick 未患病 Not sick
    - not_done 未完成 Not done
    - in_time 按时 In time
    - overdue 随访已超期 Follow-up overdue
    - no_time 填写时间无法识别 Time of writing not readable
    - record_complete 缺：档案完整 Lacks a complete record
    - contract_in_force 缺：生效协议 Lacks a contract in force
    - team_named 缺：签约团队 Lacks a team
    - plan_carried_out 缺：执行中的方案 Lacks a plan
    - plan_fresh 缺：按期复评 Lacks a review in time
    - examined 缺：健康体检 Lacks an examination
    - seen_in_person 缺：面对面服务 Lacks a service face to face
    - visited_at_home 缺：入户服务 Lacks a home visit
    - not_in_programme 未登记在册 On no register
    """,
    source=PROJECT,
)
REASONS: Mapping[str, tuple[str, str]] = {
    code.value: (code.zh, code.en)
    for codes in (STATUS, OBLIGATION, CLOSE_REASON, LACKING, WORK_REASON, REASON)
    for code in codes.codes
}


def labels(reason: str) -> tuple[str, str]:
    """A reason in Chinese and English; one of another release is shown as it is."""
    return REASONS.get(reason, (reason, reason))
