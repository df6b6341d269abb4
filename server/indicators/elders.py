"""Elders of 65 years and over: the yearly examination, the assessment of self-care, and both together."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from server.indicators.declare import NATIONAL, PROJECT, YEAR, Count, Indicator, Share
from server.indicators.judging import groups_in_the_open, records_that_count, sided, why_without
from sync.standing import Account

if TYPE_CHECKING:
    from server.standards import Standards

EXAM, SELFCARE = "health_exam", "elder_selfcare"
LACKING = {EXAM: "exam", SELFCARE: "selfcare"}


def had(account: Account, type_name: str) -> bool:
    """True when the person had one of these in the year and no conflict leaves open whether."""
    return (account.standing.exam_on if type_name == EXAM else account.standing.selfcare_on) is not None


def _with(*wanted: str) -> Count:
    def count(account: Account, _: Standards) -> Iterator[Share]:
        if "elder_65" in groups_in_the_open(account.standing):
            missing = [one for one in wanted if not had(account, one)]
            reason = why_without(account, missing[0], LACKING[missing[0]]) if missing else ""
            yield sided(not missing, reason, *(record for one in wanted for record in records_that_count(account, one)))

    return count


def _rate(code: str, zh: str, en: str, done_zh: str, done_en: str, count: Count, weight: int = 0) -> Indicator:
    return Indicator(
        code,
        zh,
        en,
        f"分子：本年度至期末{done_zh}的人。分母：期末满65周岁的在册（档案未结案）居民。",
        f"Numerator: {done_en} in the calendar year up to the end of the period. Denominator: residents of 65 years and over "
        "whose record is open at its end.",
        "elders",
        "person",
        YEAR,
        NATIONAL.along(PROJECT, "65%的目标", "the target of 65 %"),
        count,
        target=Decimal("0.65"),
        weight=weight,
    )


INDICATORS = (
    _rate(
        "elder_manage",
        "老年人健康管理率",
        "Managed, elders",
        "既有健康体检又有生活自理能力评估",
        "both examined and assessed for self-care",
        _with(EXAM, SELFCARE),
        weight=10,
    ),
    _rate("elder_exam", "老年人健康体检率", "Examined, elders", "有健康体检", "examined", _with(EXAM)),
    _rate(
        "elder_selfcare",
        "老年人生活自理能力评估率",
        "Self-care assessed, elders",
        "有生活自理能力评估",
        "assessed for self-care",
        _with(SELFCARE),
    ),
)
