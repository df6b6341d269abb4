"""What a checklist such as 八个一 may ask of a person: a small set of named checks that the records can answer.

The national texts name 八个一 and never list it, and counties differ: the items are a standard that an administrator edits,
each with the name of one of these checks. The list that ships is a sample.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from server.indicators.judging import plan_of
from sync.standing import Account


class Item(NamedTuple):
    """One item of a checklist. `rule`: the name of the check, None for what no record can show: it is left out."""

    code: str
    zh: str
    en: str
    rule: str | None


def complete(account: Account) -> bool:
    """True when nothing that the form asks for is missing in the resident's own record."""
    standing = account.standing
    mine = (one for one in standing.issues if one.record == standing.resident and one.programme is None)
    return not any(one.code == "required" for one in mine)


def _signed(account: Account) -> bool:
    return account.standing.signed is not None and account.standing.signed.reason is None


def _team(account: Account) -> bool:
    return _signed(account) and account.standing.signed is not None and account.standing.signed.team is not None


def _plan(account: Account) -> bool:
    plan = plan_of(account.standing)
    return plan is not None and plan.reason is None


def _fresh(account: Account) -> bool:
    plan = plan_of(account.standing)
    return plan is not None and plan.reason is None and plan.fresh


CHECKS: Mapping[str, Callable[[Account], bool]] = {
    "record_complete": complete,
    "contract_in_force": _signed,
    "team_named": _team,
    "plan_carried_out": _plan,
    "plan_fresh": _fresh,
    "examined": lambda account: account.standing.exam_on is not None,
    "seen_in_person": lambda account: account.standing.in_person_days > 0,
    "visited_at_home": lambda account: account.standing.home_visits > 0,
}
SAMPLE = (
    Item("record", "一份健康档案", "A health record", "record_complete"),
    Item("team", "一支签约团队", "A team", "team_named"),
    Item("contract", "一份签约协议", "A contract", "contract_in_force"),
    Item("plan", "一份健康管理方案", "A care plan", "plan_carried_out"),
    Item("review", "一次方案复评", "A review of the plan", "plan_fresh"),
    Item("exam", "一次健康体检", "An examination", "examined"),
    Item("followup", "一次面对面服务", "A service face to face", "seen_in_person"),
    Item("home_visit", "一次入户服务", "A home visit", "visited_at_home"),
)
