"""Standards: what an administrator sets, from a day on: targets, weights, limits, checklists. No SQL.

One list of names, each with its default, what it is and where the default comes from. A value that is not fit is refused
with the reason; what is kept was fit. Those that `counts` are part of the rules by which residents are counted: when one
changes, everybody is counted anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from server.indicators import INDICATORS, by_code
from server.indicators.checklist import CHECKS, SAMPLE, Item
from server.indicators.declare import COUNTY_PLANS, PROJECT, SIGNING, Source
from server.quality import LIMITS
from sync.types.codes import POPULATION_GROUP

TARGET, WEIGHT, QUALITY = "target.", "weight.", "quality."
LISTED = re.compile("[a-z][a-z0-9_]{0,39}")
OPEN_GROUPS = tuple(code for code in POPULATION_GROUP.values if code not in POPULATION_GROUP.programmes)


class StandardError(ValueError):
    """A value that is not fit, or a name that is none of ours; the message says what would be."""


@dataclass(frozen=True)
class Standard:
    """One standard. `default` is its value as JSON; `read` makes the value that is used of JSON, or raises StandardError."""

    name: str
    zh: str
    en: str
    default: Any
    source: Source
    read: Callable[[Any], Any]
    counts: bool = False


# -- kinds of values ---------------------------------------------------------------------------------------------------


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise StandardError(f"a whole number from {least} to {most}")
        return value

    return read


def _fraction(value: Any) -> Decimal:
    """A share from 0 to 1 as text: `0.60` for 60 %."""
    try:
        found = Decimal(value) if isinstance(value, str) and len(value) <= 10 else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or not 0 <= found <= 1 or int(found.as_tuple().exponent) < -4:
        raise StandardError('a fraction from 0 to 1 with at most 4 decimals, as text: "0.60" for 60 %')
    return found


def _target(value: Any) -> Decimal | None:
    return None if value is None else _fraction(value)


def _groups(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or any(code not in OPEN_GROUPS for code in value):
        raise StandardError(f"a list of population groups: {', '.join(OPEN_GROUPS)}")
    return tuple(dict.fromkeys(value))


def _checklist(value: Any) -> tuple[Item, ...]:
    fits = isinstance(value, list) and 1 <= len(value) <= 8 and all(_is_item(one) for one in value)
    if not fits or len({one["code"] for one in value}) < len(value):
        raise StandardError(
            'a list of 1 to 8 items such as {"code": "exam", "zh": "一次体检", "en": "An examination", "rule": "examined"}, each '
            f"code once; a rule is null or one of {', '.join(CHECKS)}"
        )
    return tuple(Item(one["code"], one["zh"], one["en"], one["rule"]) for one in value)


def _is_item(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != {"code", "zh", "en", "rule"}:
        return False
    words = all(isinstance(value[name], str) and 0 < len(value[name]) <= 60 for name in ("code", "zh", "en"))
    return words and LISTED.fullmatch(value["code"]) is not None and (value["rule"] is None or value["rule"] in CHECKS)


# -- the list ----------------------------------------------------------------------------------------------------------

STANDARDS: Mapping[str, Standard] = {
    one.name: one
    for one in (
        Standard("late_days", "迟录天数", "Days after which an entry is late", 7, PROJECT, _whole(0, 366), counts=True),
        Standard(
            "key_groups",
            "重点人群",
            "Key population groups",
            [
                "child_0_6",
                "maternal",
                "elder_65",
                "hypertension",
                "diabetes",
                "disabled",
                "family_planning_special",
                "registered_poor",
            ],
            SIGNING,
            _groups,
            counts=True,
        ),
        Standard(
            "eight_ones",
            "八个一清单（示例，按本地规定修改）",
            "Checklist of the eight (a sample: edit it as your county defines it)",
            [item._asdict() for item in SAMPLE],
            PROJECT,
            _checklist,
            counts=True,
        ),
        Standard(
            "cut_off_days",
            "报表截止天数",
            "Days from the end of a period until its report is frozen",
            5,
            PROJECT,
            _whole(0, 60),
        ),
        Standard(
            "unheard_days",
            "未同步提示天数",
            "Days without an exchange after which a village is named",
            7,
            PROJECT,
            _whole(1, 90),
        ),
        Standard("rank_from", "参与排名的最小分母", "Smallest denominator that is ranked", 10, PROJECT, _whole(1, 10_000)),
        Standard(
            "suppress_below",
            "导出时隐藏小于此数的分子、分母及其差",
            "Numerators, denominators and differences below this are hidden in exports",
            0,
            PROJECT,
            _whole(0, 100),
        ),
        Standard(
            "call_in_fall",
            "约谈的综合得分下降幅度",
            "Fall of the composite score that calls a place in",
            "0.05",
            COUNTY_PLANS,
            _fraction,
        ),
        Standard(
            "composite_covers",
            "综合得分所需的权重占比",
            "Share of the weights that an area needs to have a composite score",
            "0.5",
            PROJECT,
            _fraction,
        ),
        *(
            Standard(
                f"{QUALITY}{limit.name}",
                f"请核对：{limit.zh}",
                f"Worth a second look: {limit.en}",
                str(limit.default) if isinstance(limit.default, Decimal) else limit.default,
                PROJECT,
                _fraction if isinstance(limit.default, Decimal) else _whole(1, 1000),
            )
            for limit in LIMITS
        ),
        *(
            Standard(
                f"{TARGET}{one.code}",
                f"目标：{one.zh}",
                f"Target: {one.en}",
                None if one.target is None else str(one.target),
                one.source,
                _target,
            )
            for one in INDICATORS
            if one.ratio
        ),
        *(
            Standard(f"{WEIGHT}{one.code}", f"权重：{one.zh}", f"Weight: {one.en}", one.weight, PROJECT, _whole(0, 100))
            for one in INDICATORS
            if one.ratio and one.programme is None and not one.lower_is_better
        ),
    )
}


@dataclass(frozen=True)
class Standards:
    """The standards in force on a day, as they are used; `values` by name."""

    values: Mapping[str, Any]

    @property
    def late_days(self) -> int:
        """A record written more than so many days after its day is late."""
        return int(self.values["late_days"])

    @property
    def key_groups(self) -> tuple[str, ...]:
        """The population groups that signing looks at first."""
        return tuple(self.values["key_groups"])

    @property
    def eight_ones(self) -> tuple[Item, ...]:
        """The items of 八个一."""
        return tuple(self.values["eight_ones"])

    @property
    def cut_off_days(self) -> int:
        """Days from the end of a period until its report is frozen: for what phones bring late."""
        return int(self.values["cut_off_days"])

    @property
    def unheard_days(self) -> int:
        """Days without an exchange after which a village is named as not heard from."""
        return int(self.values["unheard_days"])

    @property
    def rank_from(self) -> int:
        """The smallest denominator that is ranked; smaller ones are shown."""
        return int(self.values["rank_from"])

    @property
    def suppress_below(self) -> int:
        """In exports, numbers over a denominator below this are hidden; 0: none are."""
        return int(self.values["suppress_below"])

    @property
    def call_in_fall(self) -> Decimal:
        """A fall of the composite score by this much or more puts a place on the call-in list."""
        return Decimal(self.values["call_in_fall"])

    @property
    def composite_covers(self) -> Decimal:
        """An area whose rankable indicators have less than this share of all the weights has no composite score."""
        return Decimal(self.values["composite_covers"])

    @property
    def quality(self) -> Mapping[str, int | Decimal]:
        """What the hints on data quality go by, by the name of the limit."""
        return {limit.name: self.values[f"{QUALITY}{limit.name}"] for limit in LIMITS} | {"late_days": self.late_days}

    def target(self, code: str) -> Decimal | None:
        """The target of an indicator, as a fraction; None where there is none."""
        found = self.values.get(f"{TARGET}{code}")
        return None if found is None else Decimal(found)

    def weight(self, code: str) -> int:
        """The weight of an indicator in the composite, 0 for one that is not in it."""
        return int(self.values.get(f"{WEIGHT}{code}", 0))

    def counting(self) -> str:
        """Names what of the standards residents are counted by: canonical JSON."""
        rules = [[item.code, item.rule] for item in self.eight_ones]
        return json.dumps([self.late_days, sorted(self.key_groups), rules], separators=(",", ":"))


def of(given: Mapping[str, Any]) -> Standards:
    """The standards of values as JSON, by name; the default where nothing is given, or what is given is not fit any more."""
    found = {}
    for name, one in STANDARDS.items():
        try:
            found[name] = one.read(given[name]) if name in given else one.read(one.default)
        except StandardError:  # kept by another release
            found[name] = one.read(one.default)
    return Standards(found)


DEFAULTS = of({})


def check(name: str, value: Any) -> None:
    """Raises StandardError where there is no such standard, or the value is not fit for it."""
    one = STANDARDS.get(name)
    if one is None:
        code = name.partition(".")[2]
        hint = "" if not code or by_code(code) is None else ": that indicator has none"
        raise StandardError(f"there is no standard {name[:64]!r}{hint}")
    try:
        one.read(value)
    except StandardError as trouble:
        raise StandardError(f"{name}: {trouble}") from None
