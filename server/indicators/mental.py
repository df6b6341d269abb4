"""Severe mental disorder: reported, managed, managed to the standard. Read by who holds the grant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from server.indicators.chronic import left_this_year, open_register, why_not_managed, why_not_standard
from server.indicators.declare import COUNTY_PLANS, NATIONAL, POINT, PROJECT, STANDARD_IS, YEAR, Indicator, Share
from server.indicators.judging import above, register_of, sided
from sync.standing import Account

if TYPE_CHECKING:
    from server.standards import Standards

DISEASE, PROGRAMME = "severe_mental_disorder", "smd"


def _reported(account: Account, _: Standards) -> Iterator[Share]:
    if register := open_register(account, DISEASE, PROGRAMME):
        yield above(register.record)


def _managed(account: Account, _: Standards) -> Iterator[Share]:
    register = register_of(account.standing, DISEASE, PROGRAMME)
    if left := left_this_year(account, register):
        yield left
    elif register := open_register(account, DISEASE, PROGRAMME):
        reason = why_not_managed(account.standing, register)
        yield sided(reason is None, reason or "", register.record, register.last_visit)


def _standard(account: Account, _: Standards) -> Iterator[Share]:
    if left := left_this_year(account, register_of(account.standing, DISEASE, PROGRAMME)):
        yield left
    elif register := open_register(account, DISEASE, PROGRAMME):
        yield sided(register.standard, why_not_standard(register), register.record, register.last_visit)


_DENOMINATOR_ZH = "分母：登记在册（管理卡未结案，含失访）的患者。不计：本年度结案（死亡、迁出等）的居民。时点：本年度至期末。"
_DENOMINATOR_EN = (
    "Denominator: patients on a register that is not closed (the lost too). Not counted: residents whose record was closed in "
    "the year. Over the calendar year up to the end of the period."
)

INDICATORS = (
    Indicator(
        "smd_report",
        "严重精神障碍报告患病率",
        "Reported, severe mental disorder",
        "分子：登记在册（管理卡未结案）的患者。分母：期末在册居民（与常住居民签约率的分母相同）。按千分比。时点：期末。",
        "Numerator: patients on a register that is not closed. Denominator: residents whose record is kept here, as of the "
        "signing rate. Per mille, at the end of the period.",
        "mental",
        "person",
        POINT,
        COUNTY_PLANS,
        _reported,
        per=1000,
        over="sign_rate",
        programme=PROGRAMME,
    ),
    Indicator(
        "smd_manage",
        "严重精神障碍患者管理率",
        "Managed, severe mental disorder",
        f"分子：在管且本年度至少随访见到（含电话）一次的人。{_DENOMINATOR_ZH}",
        f"Numerator: under management and reached, by telephone too, at one visit at least in the year. {_DENOMINATOR_EN}",
        "mental",
        "person",
        YEAR,
        COUNTY_PLANS,
        _managed,
        programme=PROGRAMME,
    ),
    Indicator(
        "smd_standard",
        "严重精神障碍患者规范管理率",
        "Managed to the standard, severe mental disorder",
        f"分子：管理月份所需随访次数足够（每3个月1次）、每次填写完整、应两周内随访的均已随访、本年度已体检的人。{_DENOMINATOR_ZH}",
        f"Numerator: visits as the months under management ask for, each complete, each that called for another within two "
        f"weeks followed, examined in the year. {_DENOMINATOR_EN}",
        "mental",
        "person",
        YEAR,
        NATIONAL.along(PROJECT, *STANDARD_IS),
        _standard,
        programme=PROGRAMME,
    ),
)
