"""Poverty and health: examinations and plans of the registered poor, the three batches, and the checklist 八个一."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from server.indicators.checklist import CHECKS
from server.indicators.declare import COUNTY_PLANS, POINT, PROJECT, YEAR, Count, Indicator, Share
from server.indicators.elders import EXAM, LACKING, had
from server.indicators.judging import (
    below,
    excluded,
    groups_in_the_open,
    in_conflict,
    plan_of,
    records_that_count,
    sided,
    why_not_here,
    why_without,
)
from server.indicators.signing import signed
from sync.standing import Account
from sync.standing.facts import CONFLICT

if TYPE_CHECKING:
    from server.standards import Standards

POOR = "registered_poor"
SICK = frozenset({"hypertension", "diabetes", "tumour", "copd"})
CHRONIC = "chronic_contract"
ITEMS = 8


def _poor(account: Account) -> bool:
    return POOR in groups_in_the_open(account.standing)


def _examined(account: Account, _: Standards) -> Iterator[Share]:
    if _poor(account):
        yield sided(had(account, EXAM), why_without(account, EXAM, LACKING[EXAM]), *records_that_count(account, EXAM))


def _planned(account: Account, _: Standards) -> Iterator[Share]:
    if _poor(account):
        plan = plan_of(account.standing)
        if plan is None:
            yield below("no_plan")
        else:
            yield sided(plan.reason is None, plan.reason or "", plan.record)


def _fresh(account: Account, _: Standards) -> Iterator[Share]:
    plan = plan_of(account.standing)
    if _poor(account) and plan is not None:
        yield sided(plan.reason is None and plan.fresh, plan.reason or "not_fresh", plan.record)


def _due_batches(account: Account) -> list[tuple[str, bool]]:
    """(class, treated) of the three batches for which the person is due."""
    poverty = account.standing.poverty
    return [(name, treated_on is not None) for name, due, treated_on in poverty.three_batches if due] if poverty else []


def _in_dispute(account: Account) -> bool:
    return in_conflict(account.standing, account.standing.resident, "three_batches")


def _treated(account: Account, _: Standards) -> Iterator[Share]:
    due = _due_batches(account)
    if due and why_not_here(account.standing) is None:
        done = all(treated for _, treated in due) and not _in_dispute(account)
        yield sided(done, CONFLICT if _in_dispute(account) else "not_treated", account.standing.resident)


def _chronic_signed(account: Account, _: Standards) -> Iterator[Share]:
    if any(name == CHRONIC for name, _ in _due_batches(account)) and why_not_here(account.standing) is None:
        yield signed(account.standing)


def _sick(account: Account) -> bool:
    standing = account.standing
    under_care = any(one.programme is None and one.status != "closed" for one in standing.managed)
    batches = standing.poverty is not None and bool(standing.poverty.three_batches)
    return under_care or batches or not SICK.isdisjoint(groups_in_the_open(standing))


def _shown(account: Account) -> list[str]:
    """The records behind a checklist."""
    standing, plan = account.standing, plan_of(account.standing)
    found = [standing.resident, *([standing.signed.contract] if standing.signed else []), *([plan.record] if plan else [])]
    return [*found, *records_that_count(account, EXAM), *records_that_count(account, "home_visit")[-1:]]


def _all_ones(account: Account, standards: Standards) -> Iterator[Share]:
    items = [item for item in standards.eight_ones if item.rule is not None]
    if items and _poor(account):
        if not _sick(account):
            yield excluded("not_sick", account.standing.resident)
            return
        missing = next((item.rule for item in items if item.rule and not CHECKS[item.rule](account)), None)
        yield sided(missing is None, missing or "", *_shown(account))


def _one(number: int) -> Count:
    def count(account: Account, standards: Standards) -> Iterator[Share]:
        rule = standards.eight_ones[number].rule if number < len(standards.eight_ones) else None
        if rule is not None and _poor(account) and _sick(account):
            yield sided(CHECKS[rule](account), rule, *_shown(account))

    return count


_ROSTER_ZH = "期末在册的建档立卡贫困人口（含已脱贫享受政策）"
_ROSTER_EN = "residents on the register of the poor at the end of the period (also out of poverty while policies go on)"


def _rate(
    code: str, names: tuple[str, str], counted: tuple[str, str], of: tuple[str, str], count: Count, **about: object
) -> Indicator:
    (zh, en), (counted_zh, counted_en), (of_zh, of_en) = names, counted, of
    return Indicator(
        code,
        zh,
        en,
        f"分子：{counted_zh}。分母：{of_zh}（档案未结案）。",
        f"Numerator: {counted_en}. Denominator: {of_en}, whose record is open.",
        "poverty",
        "person",
        count=count,
        **{"span": POINT, "source": COUNTY_PLANS, **about},  # type: ignore[arg-type]
    )


_SICK_ROSTER = (
    f"{_ROSTER_ZH}中患病的人（有管理卡，或标记高血压、糖尿病、肿瘤、慢阻肺，或列入三个一批）",
    f"the sick among {_ROSTER_EN}: with a register, flagged with hypertension, diabetes, tumour or COPD, or in the three batches",
)

INDICATORS = (
    _rate(
        "poor_exam",
        ("贫困人口健康体检率", "Examined, registered poor"),
        ("本年度至期末有健康体检的人", "examined in the calendar year up to the end of the period"),
        (_ROSTER_ZH, _ROSTER_EN),
        _examined,
        span=YEAR,
        target=Decimal(1),
        weight=5,
    ),
    _rate(
        "plan_coverage",
        ("一人一策覆盖率", "With a care plan, registered poor"),
        ("有执行中（或复核中）方案、且方案无冲突待裁决的人", "with a plan that is carried out and not in conflict"),
        (_ROSTER_ZH, _ROSTER_EN),
        _planned,
        target=Decimal(1),
        weight=5,
    ),
    _rate(
        "plan_fresh",
        ("一人一策时效率", "Care plans reviewed in time, registered poor"),
        ("方案未到下次复评日的人", "persons whose plan has its next review still to come"),
        (f"{_ROSTER_ZH}中有执行中方案的人", f"those with a plan that is carried out, of {_ROSTER_EN}"),
        _fresh,
        source=PROJECT,
        target=Decimal("0.90"),
    ),
    _rate(
        "three_batches_treated",
        ("三个一批救治率", "Treated, three batches"),
        ("应治的各类均已救治的人", "treated for each class for which they are due"),
        ("期末三个一批名单上应治的在册居民", "residents due for treatment on the lists of the three batches"),
        _treated,
    ),
    _rate(
        "chronic_sign_rate",
        ("慢病签约管理率", "Signed, chronic disease of the three batches"),
        ("期末有生效协议的人", "with a contract in force at the end of the period"),
        ("慢病签约服务管理一批名单上应签的在册居民", "residents due on the list of contract management of a chronic disease"),
        _chronic_signed,
    ),
    _rate(
        "eight_ones_rate",
        ("八个一落实率", "All of the eight"),
        (
            "标准“八个一清单”所列各项全部落实的人（随系统附带的清单为示例，由管理员按本地规定修改；没有判定规则的项目不判）",
            'with every item of the standard "Checklist of the eight" (the list that ships is a sample; items without a rule are left out)',
        ),
        _SICK_ROSTER,
        _all_ones,
        span=YEAR,
        target=Decimal(1),
    ),
    *(
        _rate(
            f"eight_ones_{number + 1}",
            (f"八个一第{number + 1}项落实率", f"Item {number + 1} of the eight"),
            (f"标准“八个一清单”第{number + 1}项落实的人", f'with item {number + 1} of the standard "Checklist of the eight"'),
            _SICK_ROSTER,
            _one(number),
            span=YEAR,
        )
        for number in range(ITEMS)
    ),
)
