"""Honouring: whether what the contracts promised was given, by item and by person, in three variants.

No national formula exists. The headline is `honour_person_full`: everything that was due was given.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from server.indicators.declare import PERIOD, PROJECT, YEAR, Indicator, Share
from server.indicators.judging import above, below, excluded, sided, why_not_here
from sync.standing import Account
from sync.standing.answer import Honoured, Obligation

if TYPE_CHECKING:
    from server.standards import Standards

_LAST_DAY_ZH = "最后应服务日当天尚未完成的，当天不计，次日起计为未完成；报表按期末日结束时计。"
_LAST_DAY_EN = "What is still open on its last day counts from the next day on; a report counts as of the end of its last day."
_VALID_ZH = "（按时指在应服务起止日内；有未作废的记录或履约佐证；须面对面的项目不含电话；申诉成立的算完成）"
_VALID_EN = (
    "(on time: between the first and the last day of the span; shown by a record or evidence that is not void; not by "
    "telephone where it has to be face to face; an appeal that was upheld counts as done)"
)


def _owed(account: Account) -> list[Obligation]:
    """What contracts owed in the open in this calendar year, whatever became of it."""
    return [one for one in account.standing.obligations if one.programme is None and one.by.year == account.on.year]


def _came_due(account: Account, one: Obligation) -> bool:
    """True from its last day on; what is open on that day may still be given."""
    return one.by <= account.on and one.state != "open"


def _items(account: Account, _: Standards) -> Iterator[Share]:
    for one in _owed(account):
        if one.state == "waived":
            yield excluded("waived", one.contract, one.evidence, on=one.by)
        elif not _came_due(account, one):
            continue  # what is not due yet is on no side, even if it was given already
        elif one.given:
            yield above(one.contract, one.evidence, on=one.by)
        else:
            yield below(one.reason or "missed", one.contract, one.evidence, on=one.by)


def _open_part(account: Account) -> Honoured | None:
    return next((one for one in account.standing.honoured if one.programme is None), None)


def _full(account: Account, _: Standards) -> Iterator[Share]:
    honoured, reason = _open_part(account), why_not_here(account.standing)
    if honoured is None or honoured.full is None:
        return
    due = [one for one in _owed(account) if _came_due(account, one) and one.state != "waived"]
    records = [record for one in due for record in (one.contract, one.evidence)]
    if reason:
        yield excluded(reason, *records)
    else:
        first = next((one.reason for one in due if not one.given), None)
        yield sided(honoured.full, first or "missed", *records)


def _any(account: Account, _: Standards) -> Iterator[Share]:
    found, honoured = account.standing.signed, _open_part(account)
    if found is None:
        return
    if found.reason:
        yield below(found.reason, found.contract)
        return
    given = [one.evidence for one in account.standing.obligations if one.programme is None and one.given]
    yield sided(bool(honoured and honoured.any), "no_service", found.contract, *given)


INDICATORS = (
    Indicator(
        "honour_person_full",
        "履约率（按人，全部完成）",
        "Honoured, by person (everything)",
        f"分子：到期应服务项目全部按时完成的人{_VALID_ZH}。分母：本年度至期末至少有一项到期应服务项目的在册居民。不计：豁免的项目；已结案的居民；肺结核、严重精神障碍专项服务。{_LAST_DAY_ZH}",
        f"Numerator: persons for whom everything due was given on time {_VALID_EN}. Denominator: residents for whom at least "
        "one item fell due in the calendar year up to the end of the period. Not counted: waived items; persons whose "
        f"record is closed; services of protected programmes. {_LAST_DAY_EN}",
        "honouring",
        "person",
        YEAR,
        PROJECT,
        _full,
        target=Decimal("0.80"),
        weight=20,
        version="2",
    ),
    Indicator(
        "honour_item",
        "履约率（按项次）",
        "Honoured, by item",
        f"分子：按时完成的项次{_VALID_ZH}。分母：最后应服务日在期内且已到的项次（协议当日有效）。不计：豁免；死亡、迁出之后才到期的；肺结核、严重精神障碍专项服务。{_LAST_DAY_ZH}",
        f"Numerator: items given on time {_VALID_EN}. Denominator: items whose last day lies in the period and has come, under "
        "a contract in force on it. Not counted: waived; what fell due after death or moving out; protected programmes. "
        f"{_LAST_DAY_EN}",
        "honouring",
        "item",
        PERIOD,
        PROJECT,
        _items,
        version="2",
    ),
    Indicator(
        "honour_person_any",
        "履约率（按人，至少一次）",
        "Honoured, by person (at least once)",
        "分子：本年度至期末至少有一次有效履约的人。分母：期末有生效协议的在册（档案未结案）居民。不计：肺结核、严重精神障碍专项服务。此为最宽口径。",
        "Numerator: persons with at least one valid service in the calendar year up to the end of the period. Denominator: "
        "residents with an open record and a contract in force at its end. Services of protected programmes are not counted. The weakest variant.",
        "honouring",
        "person",
        YEAR,
        PROJECT,
        _any,
    ),
)
