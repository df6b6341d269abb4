"""Clinical rules as tables: what a record suggests, from conditions over its values. Data, so that every client runs them.

A table belongs to a record type and holds from a day on. Its rows are looked at in order: the first whose condition is met
gives the table's result (`every`: all that are met do). A condition over a value that is absent or unusable is not met.

Values are named by path: `section.field` of the record; `given.name` what was handed in (one of GIVENS) or an earlier table
of this record gave; `previous.name` what the tables gave for the record of the same type before it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sync.types.checks import ABSENT, View, at, months_later, number_of
from sync.types.fields import Date

Given = Mapping[str, Any]
GIVENS = {
    "age_years": "full years of age on the day the record is about",
    "hours_since_notice": "full hours since a higher institution gave notice of a tuberculosis patient",
    "failed_attempts_72h": "attempts within 72 hours of that notice at which the patient was not met",
    "first_visit_done": "true once the first visit of that patient is made",
}
"""What a caller hands in about a record that the record does not say itself, where it is known."""


@dataclass(frozen=True)
class Case:
    """What conditions look at: the shown sections of a record, what is given about it, and what its predecessor gave."""

    view: View
    given: Given = field(default_factory=dict)
    previous: Given = field(default_factory=dict)

    def value(self, path: str) -> Any:
        """The value at a path, None where there is none."""
        place, _, name = path.partition(".")
        if place == "given":
            return self.given.get(name)
        return self.previous.get(name) if place == "previous" else at(self.view, path)


class Condition:
    """Something that is met by a case or not."""

    def met(self, case: Case) -> bool:
        """True when the values are there and say so."""
        raise NotImplementedError

    def about(self) -> dict[str, Any]:
        """The entry of the catalogue: the name of the condition and what it is over."""
        raise NotImplementedError

    def paths(self) -> set[str]:
        """The paths that it looks at."""
        raise NotImplementedError


@dataclass(frozen=True)
class _Compared(Condition):
    """A number of the case held against a bound, both exact decimals."""

    path: str
    bound: int | str

    def met(self, case: Case) -> bool:
        value = number_of(case.value(self.path))
        return value is not None and self.holds(value, Decimal(str(self.bound)))

    def holds(self, value: Decimal, bound: Decimal) -> bool:
        """The comparison."""
        raise NotImplementedError

    def about(self) -> dict[str, Any]:
        return {_name(self): [self.path, str(self.bound)]}

    def paths(self) -> set[str]:
        return {self.path}


class AtLeast(_Compared):
    """The number is the bound or greater."""

    def holds(self, value: Decimal, bound: Decimal) -> bool:
        return value >= bound


class AtMost(_Compared):
    """The number is the bound or smaller."""

    def holds(self, value: Decimal, bound: Decimal) -> bool:
        return value <= bound


class Over(_Compared):
    """The number is greater than the bound."""

    def holds(self, value: Decimal, bound: Decimal) -> bool:
        return value > bound


class Under(_Compared):
    """The number is smaller than the bound."""

    def holds(self, value: Decimal, bound: Decimal) -> bool:
        return value < bound


class Is(Condition):
    """The value is one of these codes, or, where it is a list, has one of them."""

    def __init__(self, path: str, *codes: str) -> None:
        self.path, self.codes = path, codes

    def met(self, case: Case) -> bool:
        value = case.value(self.path)
        return any(one in self.codes for one in (value if isinstance(value, list | tuple) else [value]))

    def about(self) -> dict[str, Any]:
        return {"is": [self.path, *self.codes]}

    def paths(self) -> set[str]:
        return {self.path}


class Present(Condition):
    """There is a value."""

    def __init__(self, path: str) -> None:
        self.path = path

    def met(self, case: Case) -> bool:
        value = case.value(self.path)
        return value is not None and value not in ABSENT and value != ()

    def about(self) -> dict[str, Any]:
        return {"present": [self.path]}

    def paths(self) -> set[str]:
        return {self.path}


class IsTrue(Condition):
    """A yes-or-no that says yes."""

    def __init__(self, path: str) -> None:
        self.path = path

    def met(self, case: Case) -> bool:
        return case.value(self.path) is True

    def about(self) -> dict[str, Any]:
        return {"is_true": [self.path]}

    def paths(self) -> set[str]:
        return {self.path}


@dataclass(frozen=True)
class ShareAtLeast(Condition):
    """One number is at least so many percent of another, which is greater than nothing."""

    path: str
    of: str
    percent: int

    def met(self, case: Case) -> bool:
        part, whole = number_of(case.value(self.path)), number_of(case.value(self.of))
        return part is not None and whole is not None and whole > 0 and part * 100 >= whole * self.percent

    def about(self) -> dict[str, Any]:
        return {"share_at_least": [self.path, self.of, str(self.percent)]}

    def paths(self) -> set[str]:
        return {self.path, self.of}


class _Joined(Condition):
    def __init__(self, *conditions: Condition) -> None:
        self.conditions = conditions

    def about(self) -> dict[str, Any]:
        return {_name(self): [condition.about() for condition in self.conditions]}

    def paths(self) -> set[str]:
        return {path for condition in self.conditions for path in condition.paths()}


class Every(_Joined):
    """All conditions are met; with none it always is."""

    def met(self, case: Case) -> bool:
        return all(condition.met(case) for condition in self.conditions)


class AnyOf(_Joined):
    """One of the conditions is met."""

    def met(self, case: Case) -> bool:
        return any(condition.met(case) for condition in self.conditions)


class NoneOf(_Joined):
    """None of the conditions is met."""

    def met(self, case: Case) -> bool:
        return not any(condition.met(case) for condition in self.conditions)


ALWAYS = Every()


def _name(condition: Condition) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(condition).__name__).lower()


# -- tables ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One row: its id, when it holds, what it gives (a code, or a period: `P14D`, `P3M` in calendar months), why."""

    id: str
    when: Condition
    value: str
    zh: str
    en: str

    def about(self) -> dict[str, Any]:
        """The entry of the catalogue."""
        return {"id": self.id, "when": self.when.about(), "value": self.value, "zh": self.zh, "en": self.en}


@dataclass(frozen=True)
class RuleTable:
    """A table of rules, in force from `since` (None: of an edition that no date has put in force) until before `until`.

    `gives` names the result. `field`: where the doctor's own value stands, which is held against it and never replaced.
    `kept`: where the form keeps the suggestion as it was when the form was filled in. `period`: the values are periods,
    counted from the day the record is about; the doctor's field is then a day that should not lie later.
    """

    name: str
    gives: str
    zh: str
    en: str
    source: str
    version: str
    rows: Sequence[Row]
    since: str | None = "2017-02-28"
    until: str | None = None
    field: str | None = None
    kept: str | None = None
    every: bool = False
    period: bool = False

    def in_force(self, on: dt.date) -> bool:
        """True on the days on which it holds."""
        day = on.isoformat()
        return self.since is not None and self.since <= day and (self.until is None or day < self.until)

    def about(self) -> dict[str, Any]:
        """The entry of the catalogue."""
        names = ("name", "gives", "zh", "en", "source", "version", "since", "until", "field", "kept", "every", "period")
        return {**{name: getattr(self, name) for name in names}, "rows": [row.about() for row in self.rows]}


@dataclass(frozen=True)
class Finding:
    """What a table says of a record: the rows that were met, the first one's value, and the day it names if a period."""

    table: RuleTable
    rows: tuple[Row, ...]
    by: dt.date | None = None

    @property
    def value(self) -> str:
        """The value of the first row that was met."""
        return self.rows[0].value

    @property
    def suggested(self) -> str:
        """The value as the form keeps it: a code, or the last day of a period."""
        return self.by.isoformat() if self.by else self.value


@dataclass(frozen=True)
class Discrepancy:
    """Where the doctor's value is another than the suggested one. The doctor's stands."""

    field: str
    doctor: str
    suggested: str
    rule: str
    version: str


@dataclass(frozen=True)
class Advice:
    """What the tables of a type say of one record: findings in the order of the tables, and the results by name."""

    findings: tuple[Finding, ...] = ()
    given: Given = field(default_factory=dict)

    def get(self, gives: str) -> str | None:
        """One result; of a table with several, the first."""
        return next((finding.value for finding in self.findings if finding.table.gives == gives), None)

    def by(self, gives: str) -> dt.date | None:
        """The last day that a table of periods allows."""
        return next((finding.by for finding in self.findings if finding.table.gives == gives), None)

    def kept(self) -> dict[str, dict[str, str]]:
        """The suggestions as the form keeps them, by section, with the versions of their tables."""
        sections: dict[str, dict[str, str]] = {}
        editions: dict[str, set[str]] = {}
        for finding in self.findings:
            if finding.table.kept:
                section, _, name = finding.table.kept.partition(".")
                sections.setdefault(section, {})[name] = finding.suggested
                editions.setdefault(section, set()).add(finding.table.version)
        for section, versions in editions.items():
            sections[section]["rules_version"] = "+".join(sorted(versions))
        return sections

    def discrepancies(self, view: View) -> list[Discrepancy]:
        """Where the doctor's own values differ from what is suggested."""
        found = []
        for finding in self.findings:
            table, doctor = finding.table, at(view, finding.table.field) if finding.table.field else None
            if table.field is None or not isinstance(doctor, str):
                continue
            day = Date.day(doctor)
            differs = (
                (day is not None and finding.by is not None and day > finding.by) if table.period else doctor != finding.value
            )
            if differs:
                found.append(Discrepancy(table.field, doctor, finding.suggested, finding.rows[0].id, table.version))
        return found


NOTHING = Advice()


def advise(
    tables: Iterable[RuleTable], view: View, on: dt.date, given: Given | None = None, previous: Advice = NOTHING
) -> Advice:
    """What the tables in force on a day say of a record about that day; `previous`: what they said of the one before it."""
    known, findings = dict(given or {}), []
    for table in tables:
        if not table.in_force(on):
            continue
        case = Case(view, known, previous.given)
        met = [row for row in table.rows if row.when.met(case)]
        if not met:
            continue
        by = later(on, met[0].value) if table.period else None
        findings.append(Finding(table, tuple(met if table.every else met[:1]), by))
        known[table.gives] = [row.value for row in met] if table.every else met[0].value
    return Advice(tuple(findings), known)


def later(day: dt.date, period: str) -> dt.date:
    """The day at the end of a period of days (`P14D`), calendar months (`P3M`) or years (`P1Y`), the calendar's last at most."""
    found = re.fullmatch(r"P([0-9]{1,4})([DMY])", period)
    if not found:
        raise ValueError(f"no period of days, months or years: {period!r}")
    count = int(found[1])
    if found[2] == "D":
        return day + dt.timedelta(days=min(count, (dt.date.max - day).days))
    return months_later(day, count * (12 if found[2] == "Y" else 1))


def age_on(birth_date: dt.date, on: dt.date) -> int:
    """Full years of age on a day."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
