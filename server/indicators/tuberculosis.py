"""Tuberculosis: managed, to the standard, medicines taken regularly, first visit within 72 hours. Read by who holds the grant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from server.indicators.chronic import left_this_year, why_not_reached, why_not_standard
from server.indicators.declare import COUNTY_PLANS, NATIONAL, PERIOD, PROJECT, YEAR, Indicator, Share
from server.indicators.judging import excluded, happened, register_of, sided, why_not_here
from sync.standing import Account
from sync.standing.answer import Managed

if TYPE_CHECKING:
    from server.standards import Standards

DISEASE, PROGRAMME = "tuberculosis", "tb"


def _of_the_year(account: Account) -> Managed | None:
    """The register of somebody who counts here, opened in the year or open in it: a course completed in it stays."""
    register = register_of(account.standing, DISEASE, PROGRAMME)
    if register is None or why_not_here(account.standing):
        return None
    opened = register.since is not None and register.since.year == account.on.year
    ends = (register.closed_on, register.ended_on)
    late = any(day is not None and day.year >= account.on.year for day in ends)
    return register if register.status != "closed" or opened or late else None


def _managed(account: Account, _: Standards) -> Iterator[Share]:
    if left := left_this_year(account, register_of(account.standing, DISEASE, PROGRAMME)):
        yield left
    elif register := _of_the_year(account):
        reason = why_not_reached(account.standing, register)
        yield sided(reason is None, reason or "", register.record, register.last_visit)


def _standard(account: Account, _: Standards) -> Iterator[Share]:
    if left := left_this_year(account, register_of(account.standing, DISEASE, PROGRAMME)):
        yield left
    elif register := _of_the_year(account):
        # that the course is over is no fault in it
        asked = replace(register, lacking=tuple(one for one in register.lacking if one != "closed"))
        yield sided(not asked.lacking, why_not_standard(asked), register.record, register.last_visit)


def _regular(account: Account, _: Standards) -> Iterator[Share]:
    for share in happened(account, "course_ended", PROGRAMME):
        yield excluded(share.reason, *share.records, on=share.on) if share.reason == "not_completed" else share


def _within_72_hours(account: Account, _: Standards) -> Iterator[Share]:
    yield from happened(account, "tb_72h", PROGRAMME)


_DENOMINATOR_ZH = (
    "分母：本年度建卡、或本年度内管理卡尚未结案的在册肺结核患者（含失访；本年度内完成疗程结案的仍在内）。"
    "不计：本人档案在本年度结案（死亡、迁出等）的居民。时点：本年度至期末。"
)
_DENOMINATOR_EN = (
    "Denominator: residents with a register of tuberculosis opened in the year or open in it (the lost too; a course "
    "completed in the year stays). Not counted: residents whose own record was closed in the year. Over the calendar year up "
    "to the end of the period."
)

INDICATORS = (
    Indicator(
        "tb_manage",
        "肺结核患者管理率",
        "Managed, tuberculosis",
        f"分子：本年度至少随访到一次（含电话）且未失访的人。{_DENOMINATOR_ZH}",
        f"Numerator: reached, by telephone too, at one visit at least in the year, and not lost. {_DENOMINATOR_EN}",
        "tuberculosis",
        "person",
        YEAR,
        NATIONAL.along(COUNTY_PLANS, "95%的目标", "the target of 95 %"),
        _managed,
        target=Decimal("0.95"),
        programme=PROGRAMME,
    ),
    Indicator(
        "tb_standard",
        "肺结核患者规范管理率",
        "Managed to the standard, tuberculosis",
        f"分子：管理月份所需随访次数足够（每月1次）、每次填写完整、应两周内随访的均已随访的人。{_DENOMINATOR_ZH}",
        f"Numerator: a visit for each month under management, each complete, each that called for another within two weeks "
        f"followed. {_DENOMINATOR_EN}",
        "tuberculosis",
        "person",
        YEAR,
        PROJECT.along(COUNTY_PLANS, "90%的目标", "the target of 90 %"),
        _standard,
        target=Decimal("0.90"),
        programme=PROGRAMME,
    ),
    Indicator(
        "tb_regular",
        "肺结核患者规则服药率",
        "Regular taking, tuberculosis",
        "分子：实际服药次数占应服次数90%及以上的人。分母：停止治疗日在期内且完成疗程的人。不计：未完成疗程（死亡、丢失、转入耐多药治疗）。",
        "Numerator: 90 % or more of the doses due were taken. Denominator: courses completed, by the day on which the treatment "
        "stopped. Not counted: courses not completed (died, lost, moved to treatment of resistant disease).",
        "tuberculosis",
        "person",
        PERIOD,
        NATIONAL,
        _regular,
        target=Decimal("0.90"),
        programme=PROGRAMME,
    ),
    Indicator(
        "tb_72h",
        "肺结核患者72小时内访视率",
        "First visit within 72 hours, tuberculosis",
        "分子：接到通知后72小时内见到本人的。分母：72小时期限在期内届满的通知（按日计）。不计：死亡、迁出。",
        "Numerator: met within 72 hours of the notice. Denominator: notices whose 72 hours ended in the period (by day). "
        "Not counted: died, moved out.",
        "tuberculosis",
        "person",
        PERIOD,
        NATIONAL,
        _within_72_hours,
        target=Decimal(1),
        programme=PROGRAMME,
    ),
)
