"""Hypertension and type 2 diabetes: managed, managed as the specification wants, controlled.

The denominators are residents known here, by flag or register. They are no estimate of all patients of an area, as the
national report uses one: the sentence of each indicator says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from server.indicators.declare import NATIONAL, PROJECT, STANDARD_IS, YEAR, Count, Indicator, Share
from server.indicators.judging import (
    LOST,
    above,
    below,
    excluded,
    groups_in_the_open,
    in_conflict,
    register_of,
    sided,
    why_not_here,
)
from sync.standing import Account
from sync.standing.answer import Managed, Standing
from sync.standing.facts import CONFLICT

if TYPE_CHECKING:
    from server.standards import Standards

REGISTER = ("registration", "status")  # the sections that decide whether a disease is under management


def why_not_managed(standing: Standing, register: Managed | None) -> str | None:
    """Why somebody with the disease does not count as managed in the year; None for who does."""
    if register is None or register.status == "closed":
        return "no_register"
    return why_not_reached(standing, register)


def why_not_reached(standing: Standing, register: Managed) -> str | None:
    """Why nobody reached a patient in the year, by telephone neither; None where somebody did."""
    if in_conflict(standing, register.record, *REGISTER):
        return CONFLICT
    if register.status == LOST:
        return LOST
    if not register.visits:
        return CONFLICT if CONFLICT in register.lacking else "no_visit"
    return None


def why_not_standard(register: Managed) -> str:
    """The first thing that is lacking, a conflict before all else."""
    return CONFLICT if CONFLICT in register.lacking else next(iter(register.lacking), "visits")


def why_not_controlled(register: Managed) -> str:
    """Why a register does not count as controlled."""
    if register.unclear:
        return register.unclear
    if register.status == LOST:
        return LOST
    return "not_measured" if register.controlled is None else "not_controlled"


def left_this_year(account: Account, register: Managed | None) -> Share | None:
    """Somebody with a register whose own record was closed in this year: on neither side, for that reason."""
    reason, closed_on = why_not_here(account.standing), account.standing.closed_on
    if register is None or reason is None or closed_on is None or closed_on.year != account.on.year:
        return None
    return excluded(reason, register.record)


def _managed(disease: str) -> Count:
    def count(account: Account, _: Standards) -> Iterator[Share]:
        standing, register = account.standing, register_of(account.standing, disease)
        if left := left_this_year(account, register):
            yield left
        elif disease in groups_in_the_open(standing):
            reason = why_not_managed(standing, register)
            shown = (register.record, register.last_visit) if register else ()
            yield sided(reason is None, reason or "", *shown)

    return count


def open_register(account: Account, disease: str, programme: str | None = None) -> Managed | None:
    """The register of somebody who counts here, while it is not closed."""
    register = register_of(account.standing, disease, programme)
    if register is None or register.status == "closed" or why_not_here(account.standing):
        return None
    return register


def _standard(disease: str) -> Count:
    def count(account: Account, _: Standards) -> Iterator[Share]:
        if left := left_this_year(account, register_of(account.standing, disease)):
            yield left
        elif register := open_register(account, disease):
            yield sided(register.standard, why_not_standard(register), register.record, register.last_visit)

    return count


def _control(disease: str) -> Count:
    def count(account: Account, _: Standards) -> Iterator[Share]:
        register = open_register(account, disease)
        if left := left_this_year(account, register_of(account.standing, disease)):
            yield left
        elif register and register.controlled and not register.unclear:
            yield above(register.record, register.last_visit)
        elif register:
            yield below(why_not_controlled(register), register.record, register.last_visit)

    return count


def _three(disease: str, zh: str, en: str, controlled_zh: str, controlled_en: str, weight: int) -> tuple[Indicator, ...]:
    ended_zh = "不计：本年度结案（死亡、迁出等）的居民。时点：本年度至期末。"
    ended_en = "Not counted: residents whose record was closed in the year. Over the calendar year up to the end of the period."
    on_register_zh = f"有{zh}管理卡未结案的在册居民（含失访）"
    on_register_en = f"residents with a register of {en} that is not closed (the lost too)"
    return (
        Indicator(
            f"{disease}_manage",
            f"{zh}患者健康管理率",
            f"Managed, {en}",
            f"分子：管理卡在管且本年度至少随访到一次（含电话）的人。分母：本系统中有{zh}标记或管理卡（未结案）的在册居民，不是按患病率估算的患者数。{ended_zh}",
            f"Numerator: under management and reached, by telephone too, at one follow-up at least in the year. Denominator: "
            f"residents known here by a flag or a register of {en}, not an estimate from the prevalence. {ended_en}",
            disease,
            "person",
            YEAR,
            NATIONAL,
            _managed(disease),
            target=Decimal("0.30"),
        ),
        Indicator(
            f"{disease}_standard",
            f"{zh}患者规范管理率",
            f"Managed to the standard, {en}",
            f"分子：管理月份所需面对面随访次数足够（每3个月1次，至少1次）、每次填写完整、应两周内随访的均已随访、本年度已体检的人；建卡3个月内有一次面对面随访即算。分母：{on_register_zh}。{ended_zh}",
            f"Numerator: face-to-face visits as the months under management ask for (one in three months, one at least), each "
            f"complete, each that called for another within two weeks followed, examined in the year; in the first three "
            f"months one visit does. Denominator: {on_register_en}. {ended_en}",
            disease,
            "person",
            YEAR,
            NATIONAL.along(PROJECT, *STANDARD_IS),
            _standard(disease),
            target=Decimal("0.60"),
            weight=weight,
        ),
        Indicator(
            f"{disease}_control",
            f"{zh}患者{controlled_zh}控制率",
            f"Controlled, {en}",
            f"分子：本年度最近一次测量{controlled_zh}达标的人；失访、最近一次未见到、有冲突未裁决的不算达标。分母：{on_register_zh}，未测量的也在内。{ended_zh}",
            f"Numerator: {controlled_en} on target at the last measurement of the year; not who was lost or not met last, nor "
            f"while it is in conflict. Denominator: {on_register_en}, those not measured too. {ended_en}",
            disease,
            "person",
            YEAR,
            NATIONAL,
            _control(disease),
            target=Decimal("0.50"),
            weight=weight,
        ),
    )


INDICATORS = (
    *_three("hypertension", "高血压", "hypertension", "血压", "the pressure", weight=10),
    *_three("diabetes", "2型糖尿病", "type 2 diabetes", "血糖", "the fasting glucose", weight=5),
)
