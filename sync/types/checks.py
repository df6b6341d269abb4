"""Checks that look at more than one field. Declared as data, so that every client can run them from the catalogue.

A field is named `section.field`; where the section is keyed, the check is made once for every key. A check says nothing
where a value it needs is absent or unusable: that is another issue already.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from sync.identity import read_id_number
from sync.types.fields import ERROR, WARNING, Date, Instant

ABSENT: tuple[Any, ...] = (None, "", [])


class Issue(NamedTuple):
    """A remark on an accepted record. `field` is None when it is about the whole section."""

    section: str
    field: str | None
    code: str
    level: str


View = Mapping[str, Mapping[str, Any] | None]


def at(view: View, path: str) -> Any:
    """The value of `section.field`, None when it is absent."""
    section, _, field = path.partition(".")
    value = view.get(section)
    return value.get(field) if isinstance(value, Mapping) else None


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > dt.MAXYEAR:
        return dt.date.max
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class Check:
    """One declared check of a record type."""

    def issues(self, view: View, on: dt.date) -> Iterator[Issue]:
        """What it has to say about the shown values of a record on a date."""
        raise NotImplementedError

    def about(self) -> dict[str, Any]:
        """The entry of the catalogue."""
        return {"check": self.name(), **asdict(self)}  # type: ignore[call-overload]

    @classmethod
    def name(cls) -> str:
        """Its name in the catalogue."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def sections(self) -> set[str]:
        """The sections that it looks at."""
        values = asdict(self).values()  # type: ignore[call-overload]
        paths = [v for value in values for v in (value if isinstance(value, tuple) else (value,)) if isinstance(v, str)]
        return {path.partition(".")[0] for path in paths if "." in path}


def _issue(path: str, code: str, level: str) -> Issue:
    section, _, field = path.partition(".")
    return Issue(section, field or None, code, level)


@dataclass(frozen=True)
class Below(Check):
    """One number lies below another (`or_same`: or is the same): `not_below`."""

    low: str
    high: str
    or_same: bool = False

    def issues(self, view: View, on: dt.date) -> Iterator[Issue]:  # noqa: ARG002
        """See the class."""
        low, high = number_of(at(view, self.low)), number_of(at(view, self.high))
        if low is not None and high is not None and (low > high or (low == high and not self.or_same)):
            yield _issue(self.low, "not_below", ERROR)


@dataclass(frozen=True)
class After(Check):
    """One day (or instant) lies after another (`or_same`: or is the same): `not_after`.

    Days: at most `months` later, `late` if more; at least `least_months`, both days counted, `short` if less.
    """

    later: str
    earlier: str
    months: int | None = None
    tolerance_days: int = 0
    or_same: bool = False
    least_months: int | None = None

    def issues(self, view: View, on: dt.date) -> Iterator[Issue]:  # noqa: ARG002
        """See the class."""
        later, earlier = _when(at(view, self.later)), _when(at(view, self.earlier))
        if later is None or earlier is None or type(later) is not type(earlier):
            return
        if later < earlier or (later == earlier and not self.or_same):
            yield _issue(self.later, "not_after", ERROR)
        elif isinstance(later, dt.datetime):
            return
        elif self.months and (later - months_later(earlier, self.months)).days > self.tolerance_days:
            yield _issue(self.later, "late", WARNING)
        elif self.least_months and (months_later(earlier, self.least_months) - later).days > 1:
            yield _issue(self.later, "short", WARNING)


@dataclass(frozen=True)
class Needed(Check):
    """A field must be there when another has one of these values (`values` empty: any value): `required`.

    Not where the field `unless` has a value.
    """

    path: str
    when: str
    values: tuple[str, ...] = ()
    unless: str | None = None

    def issues(self, view: View, on: dt.date) -> Iterator[Issue]:  # noqa: ARG002
        """See the class."""
        cause = at(view, self.when)
        present = [value for value in (cause if isinstance(cause, list) else [cause]) if value is not None]
        if self.values:
            present = [value for value in present if value in self.values]
        waived = self.unless and at(view, self.unless) not in ABSENT
        if present and not waived and at(view, self.path) in ABSENT:
            yield _issue(self.path, "required", ERROR)


@dataclass(frozen=True)
class EitherOf(Check):
    """One of two fields must be there, once their section is: `required`, said of the first."""

    first: str
    second: str

    def issues(self, view: View, on: dt.date) -> Iterator[Issue]:  # noqa: ARG002
        """See the class."""
        written = any(view.get(section) is not None for section in self.sections())
        if written and at(view, self.first) in ABSENT and at(view, self.second) in ABSENT:
            yield _issue(self.first, "required", ERROR)


@dataclass(frozen=True)
class Sum(Check):
    """A number is the sum of those of its parts that are there: `not_the_sum`."""

    total: str
    parts: tuple[str, ...]

    def issues(self, view: View, on: dt.date) -> Iterator[Issue]:  # noqa: ARG002
        """See the class."""
        total = number_of(at(view, self.total))
        parts = [at(view, part) for part in self.parts]
        numbers = [number_of(part) for part in parts if part not in ABSENT]
        if total is not None and numbers and None not in numbers and sum(n or 0 for n in numbers) != total:
            yield _issue(self.total, "not_the_sum", WARNING)


@dataclass(frozen=True)
class DaysLater(Check):
    """A day lies as many days after another as a number says: `disagrees`."""

    later: str
    earlier: str
    days: str

    def issues(self, view: View, on: dt.date) -> Iterator[Issue]:  # noqa: ARG002
        """See the class."""
        later, earlier, days = _when(at(view, self.later)), _when(at(view, self.earlier)), number_of(at(view, self.days))
        if isinstance(later, dt.datetime) or isinstance(earlier, dt.datetime) or later is None or earlier is None:
            return
        if days is not None and (later - earlier).days != days:
            yield _issue(self.later, "disagrees", WARNING)


@dataclass(frozen=True)
class Counted(Check):
    """A number is how many entries a list has, none where there is no list: `not_the_count`."""

    number: str
    entries: str

    def issues(self, view: View, on: dt.date) -> Iterator[Issue]:  # noqa: ARG002
        """See the class."""
        number, entries = number_of(at(view, self.number)), at(view, self.entries)
        if number is not None and isinstance(entries, list | None) and number != len(entries or ()):
            yield _issue(self.number, "not_the_count", WARNING)


@dataclass(frozen=True)
class IdentityNumber(Check):
    """A resident identity number meets GB 11643: `length`, `characters`, `check_digit`, `birth_date`.

    The birth date and sex it says are those of the form: `disagrees`. Looked at where `kind` is one of `kinds`, or absent.
    """

    number: str
    birth_date: str
    sex: str
    kind: str
    kinds: tuple[str, ...]

    def issues(self, view: View, on: dt.date) -> Iterator[Issue]:
        """See the class."""
        number, kind = at(view, self.number), at(view, self.kind)
        if number in ABSENT or not isinstance(number, str) or (kind is not None and kind not in self.kinds):
            return
        read = read_id_number(number, on)
        yield from (_issue(self.number, fault, ERROR) for fault in read.faults)
        if read.faults:
            return
        born, sex = _when(at(view, self.birth_date)), at(view, self.sex)
        if born and born != read.birth_date:
            yield _issue(self.birth_date, "disagrees", WARNING)
        if sex in ("male", "female") and sex != read.sex:
            yield _issue(self.sex, "disagrees", WARNING)


def number_of(value: object) -> Decimal | None:
    """A whole number or the text of a decimal as an exact number, None for anything else."""
    plain = type(value) is int or (isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", value))
    return Decimal(str(value)) if plain else None


def _when(value: object) -> dt.date | dt.datetime | None:
    return Date.day(value) or Instant.moment(value) if isinstance(value, str) else None
