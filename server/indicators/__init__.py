"""Every indicator, in the order in which they are shown. To add one: an entry in the file of its family, nothing else."""

from __future__ import annotations

from server.indicators import chronic, elders, honouring, mental, poverty, quality, signing, tuberculosis, visiting
from server.indicators.declare import Indicator

INDICATORS: tuple[Indicator, ...] = (
    *honouring.INDICATORS,
    *signing.INDICATORS,
    *chronic.INDICATORS,
    *elders.INDICATORS,
    *tuberculosis.INDICATORS,
    *mental.INDICATORS,
    *poverty.INDICATORS,
    *visiting.INDICATORS,
    *quality.INDICATORS,
)
BY_CODE = {indicator.code: indicator for indicator in INDICATORS}


def by_code(code: str) -> Indicator | None:
    """The indicator of a code, None where there is none."""
    return BY_CODE.get(code)
