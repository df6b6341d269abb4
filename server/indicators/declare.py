"""What an indicator is: its sentence in both languages, what it counts in, and the function that counts one resident.

Pure. A resident adds *shares* to an indicator, each one unit (a person, a contract, a visit) on a side: `numerator` (it is in
the denominator too), `denominator` (below the line only; the reason says why), or `excluded` (on neither side; the reason
says why). Every number is a sum of shares, so every number opens down to the residents and records behind it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, NamedTuple

from sync.standing import Account

if TYPE_CHECKING:
    from server.standards import Standards

NUMERATOR, DENOMINATOR, EXCLUDED = "numerator", "denominator", "excluded"

POINT, YEAR, PERIOD = "point", "year", "period"


class Source(NamedTuple):
    """Where a definition or a value comes from, in both languages."""

    zh: str
    en: str

    def along(self, other: Source, zh: str = "", en: str = "") -> Source:
        """This one and another; `zh` and `en`: what comes from the other."""
        return Source(f"{self.zh}；{zh and f'{zh}：'}{other.zh}", f"{self.en}; {en and f'{en}: '}{other.en}")


NATIONAL = Source(
    "国家基本公共卫生服务规范（第三版），2017，工作指标",
    "National specification of basic public health services, 3rd edition, 2017, working indicators",
)
SIGNING = Source(
    "关于推进家庭医生签约服务的指导意见（国医改办发〔2016〕1号）",
    "Guiding opinions on family-doctor contracts, State Council Medical Reform Office, 2016, No. 1",
)
COUNTY_PLANS = Source("各县健康扶贫实施方案，2018—2020年", "health and poverty plans of counties, 2018-2020")
PROJECT = Source("本系统规定", "this project")
STANDARD_IS = ("规范管理的判定", "what the standard is")  # of what a source says it


class Share(NamedTuple):
    """One unit of a resident. `on`: the day it is counted on, None of what holds at a point or over the year.

    `reason`: why it is not in the numerator, a code of `REASONS`; `records`: the records that show it.
    """

    side: str
    on: dt.date | None = None
    reason: str | None = None
    records: tuple[str, ...] = ()


Count = Callable[[Account, "Standards"], Iterable[Share]]


@dataclass(frozen=True)
class Indicator:
    """One indicator. The sentences say numerator, denominator, who is excluded, and of which days: the 口径.

    `unit`: person, contract, item, visit, record, person_time or household_time. `span`: `point` as it stands at the end of
    the period; `year` over the calendar year up to that end; `period` what happened on its days. `ratio`: False for a
    plain sum. `per`: 100 for per cent, 1000 for per mille. `target`: as a fraction, None where nobody named one; a
    standard may set another, and the `weight` in the composite. `programme`: the protected one whose records it rests on;
    those of none rest on records in the open alone, so that everybody sees the same number. `over`: the indicator whose
    denominator this one has. `once`: several residents who share a record are one unit.
    """

    code: str
    zh: str
    en: str
    sentence_zh: str
    sentence_en: str
    family: str
    unit: str
    span: str
    source: Source
    count: Count
    ratio: bool = True
    per: int = 100
    target: Decimal | None = None
    weight: int = 0
    lower_is_better: bool = False
    programme: str | None = None
    over: str | None = None
    once: bool = False
    version: str = "1"

    def value(self, numerator: int, denominator: int) -> Decimal | None:
        """The number as it is stored: a rate as a fraction to 4 decimals (per mille: 5), None over nothing; else the sum."""
        if not self.ratio:
            return Decimal(numerator)
        if denominator == 0:
            return None
        step = Decimal(1).scaleb(-4 if self.per == 100 else -5)
        return (Decimal(numerator) / Decimal(denominator)).quantize(step, ROUND_HALF_UP)

    def shown(self, numerator: int, denominator: int) -> str:
        """The number for people: `63.4%`, `4.35‰`, a sum as it is; a dash over nothing. Half is rounded up, once."""
        if not self.ratio:
            return str(numerator)
        if denominator == 0:
            return "—"
        places, sign = (1, "%") if self.per == 100 else (2, "‰")
        exact = Decimal(numerator * self.per) / Decimal(denominator)
        return f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)}{sign}"

    @property
    def source_zh(self) -> str:
        """Where it comes from, in Chinese."""
        return self.source.zh

    @property
    def source_en(self) -> str:
        """Where it comes from, in English."""
        return self.source.en

    @property
    def definition_zh(self) -> str:
        """The sentence with its source and version, in Chinese."""
        return f"{self.sentence_zh}来源：{self.source.zh}（第{self.version}版）"

    @property
    def definition_en(self) -> str:
        """The sentence with its source and version, in English."""
        return f"{self.sentence_en} Source: {self.source.en} (version {self.version})"

    @property
    def unit_zh(self) -> str:
        """What it counts in, in Chinese."""
        return UNITS[self.unit][0]

    @property
    def unit_en(self) -> str:
        """What it counts in, in English."""
        return UNITS[self.unit][1]


UNITS = {
    "person": ("人", "persons"),
    "contract": ("份协议", "contracts"),
    "item": ("项次", "items"),
    "visit": ("次随访", "visits"),
    "referral": ("例转诊", "referrals"),
    "record": ("条记录", "records"),
    "person_time": ("人次", "person-times"),
    "household_time": ("户次", "household-times"),
}
SIDES = {
    NUMERATOR: ("计入分子", "above the line"),
    DENOMINATOR: ("只计入分母", "below the line only"),
    EXCLUDED: ("不计入", "not counted"),
}
FAMILIES = {
    "signing": ("签约", "Signing"),
    "honouring": ("履约", "Honouring"),
    "hypertension": ("高血压", "Hypertension"),
    "diabetes": ("2型糖尿病", "Type 2 diabetes"),
    "tuberculosis": ("肺结核", "Tuberculosis"),
    "mental": ("严重精神障碍", "Severe mental disorder"),
    "elders": ("老年人", "Elders"),
    "poverty": ("健康扶贫", "Poverty and health"),
    "visiting": ("入户服务", "Home visits"),
    "quality": ("及时与质量", "Timeliness and quality"),
}
