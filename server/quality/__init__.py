"""Hints on data quality (数据质量): what about a village's records of a month is worth a second look. 请核对, never an accusation.

A hint is one entry of HINTS. Everything here is a function of values: server/store/findings.py reads the visits,
checks.py says who may see what was found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from server.quality.hint import Doctor, Finding, Found, Hint, Limit, Limits, Month
from server.quality.measured import LAST_DIGIT_ZERO, SAME_READING, UNCHANGED_READING, digits_of, zeros
from server.quality.walked import TOO_FAST, TWO_PLACES
from server.quality.written import AFTER_CLOSE, BURST, CARRIED_OVER, LATE_ENTRY, late_ones

__all__ = ["DEFAULTS", "HINTS", "LIMITS", "Doctor", "Finding", "Found", "Hint", "Limit", "Limits", "Month", "find"]

HINTS: Mapping[str, Hint] = {
    hint.code: hint
    for hint in (
        SAME_READING,
        UNCHANGED_READING,
        LAST_DIGIT_ZERO,
        BURST,
        LATE_ENTRY,
        CARRIED_OVER,
        TOO_FAST,
        TWO_PLACES,
        AFTER_CLOSE,
    )
}
LIMITS: Sequence[Limit] = tuple(limit for hint in HINTS.values() for limit in hint.limits)
DEFAULTS: Limits = {"late_days": 7, **{limit.name: limit.default for limit in LIMITS}}
"""What holds where an administrator set nothing; `late_days` is the standard that the rate of late entries goes by."""


def find(month: Month, limits: Limits = DEFAULTS) -> Found:
    """Every finding of a month, in the order of HINTS, then by doctor and key; and what each doctor wrote."""
    findings = [
        finding
        for hint in HINTS.values()
        for finding in sorted(hint.find(month, limits), key=lambda found: (found.person, found.key))
    ]
    return Found(tuple(findings), tuple(_doctors(month, limits)))


def _doctors(month: Month, limits: Limits) -> list[Doctor]:
    measured = digits_of(month.visits)
    found = []
    for person in sorted({visit.doctor for visit in month.visits} | measured.keys()):
        theirs = [visit for visit in month.visits if visit.doctor == person]
        dated = [visit for visit in theirs if visit.late_days is not None]
        zero, digits = zeros(measured.get(person, ()))
        found.append(Doctor(person, len(theirs), len(dated), len(late_ones(dated, limits)), digits, zero))
    return found
