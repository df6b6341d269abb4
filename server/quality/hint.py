"""What a hint on data quality is: what it looks for, from which limit on, why that may be innocent, and what it found.

Values in, values out: a Month of visits goes in, Findings come out. Nothing here accuses anybody: a finding says what is
there, in whose records, and asks a person to look.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, TypeVar

from sync.codec import Json, stamp
from sync.record import canonical
from sync.types.checks import View

T = TypeVar("T")
K = TypeVar("K")
Limits = Mapping[str, int | Decimal]


@dataclass(frozen=True)
class Limit:
    """A standard that a hint goes by: what it is called, and what holds where nobody has set it."""

    name: str
    default: int | Decimal
    zh: str
    en: str


@dataclass(frozen=True)
class Entry:
    """One edit that was applied to a record. `written_at`: by the phone's clock; `at`: the server's estimate of the true time."""

    author: str
    written_at: dt.datetime
    at: dt.datetime
    received_at: dt.datetime
    sections: tuple[str, ...]


@dataclass(frozen=True)
class Visit:
    """A record of a visit, examination or assessment as it is shown, and not void.

    `authors`: who wrote each section that is shown; `doctor`: who wrote the one that says the day. `late_days`: from that
    day until it was written, None where that cannot be read. `entries`: its edits in the order of the log; of an earlier
    month none are told. `follows`: it is the follow-up of a disease.
    """

    record: str
    type: str
    subject: str | None
    on: dt.date
    doctor: str
    authors: Mapping[str, str]
    view: View
    late_days: int | None = None
    entries: tuple[Entry, ...] = ()
    follows: bool = False

    @property
    def at_home(self) -> bool:
        """True for a call at a house, whose subject is the household."""
        return self.type == "home_visit"


@dataclass(frozen=True)
class Month:
    """The visits of one scope in a month, by day; those of the year before, by day; when the month's numbers were frozen."""

    text: str
    visits: tuple[Visit, ...]
    earlier: tuple[Visit, ...] = ()
    closed_at: dt.datetime | None = None


@dataclass(frozen=True)
class Evidence:
    """A record that a finding rests on: what is to be seen in it (`value`, of these `sections`), when it was written and came.

    `resident`: whom it is about; of a call at a house, unless one of them was measured, the `household` instead.
    """

    record: str
    type: str
    resident: str | None
    household: str | None
    on: str
    value: str = ""
    sections: tuple[str, ...] = ()
    written_at: str | None = None
    received_at: str | None = None


def evidence_of(
    visit: Visit, value: str = "", sections: tuple[str, ...] = (), *, resident: str | None = None, entry: Entry | None = None
) -> Evidence:
    """A visit as evidence: of the `resident` if one is named, of the edit `entry`, or of the first."""
    written = entry or (visit.entries[0] if visit.entries else None)
    return Evidence(
        visit.record,
        visit.type,
        resident or (None if visit.at_home else visit.subject),
        visit.subject if visit.at_home and resident is None else None,
        visit.on.isoformat(),
        value,
        sections,
        stamp(written.written_at) if written else None,
        stamp(written.received_at) if written else None,
    )


@dataclass(frozen=True)
class Finding:
    """What a hint found: with whom (`person`, a doctor), what makes it this finding and no other (`key`), numbers, records."""

    code: str
    person: str
    key: str
    numbers: Mapping[str, int | str]
    evidence: tuple[Evidence, ...]

    def id(self, scope: str, month: str) -> str:
        """Its name: the same as long as it is about the same thing, however many records it comes to rest on."""
        return _hash([scope, month, self.code, self.person, self.key])[:24]

    @property
    def mark(self) -> str:
        """Another one when it rests on other records, or says something else."""
        return _hash([dict(self.numbers), [[e.record, e.value] for e in self.evidence]])[:16]

    @property
    def persons(self) -> list[str]:
        """The residents, or households, that its records are about."""
        return sorted({one for e in self.evidence if (one := e.resident or e.household)})


@dataclass(frozen=True)
class Hint:
    """One kind of finding. Sentences name the limits in braces, `found_*` the numbers of a finding."""

    code: str
    zh: str
    en: str
    sentence_zh: str
    sentence_en: str
    innocent_zh: str
    innocent_en: str
    found_zh: str
    found_en: str
    limits: tuple[Limit, ...]
    find: Callable[[Month, Limits], Iterable[Finding]]


@dataclass(frozen=True)
class Doctor:
    """What one doctor wrote in a month.

    `dated`: visits of which it is known when they were written, `late` of these; `digits`: last digits of blood pressure
    readings, `zeros` of these.
    """

    person: str
    visits: int
    dated: int
    late: int
    digits: int
    zeros: int


@dataclass(frozen=True)
class Found:
    """All findings of a scope and month, and the doctors."""

    findings: tuple[Finding, ...] = ()
    doctors: tuple[Doctor, ...] = ()

    def wire(self) -> Json:
        """As JSON."""
        return asdict(self)

    @classmethod
    def read(cls, said: Json) -> Found:
        """From JSON."""
        return cls(tuple(_finding(one) for one in said["findings"]), tuple(Doctor(**one) for one in said["doctors"]))


def _finding(said: Mapping[str, Any]) -> Finding:
    evidence = tuple(Evidence(**{**one, "sections": tuple(one["sections"])}) for one in said["evidence"])
    return Finding(**{**said, "evidence": evidence})


def _hash(said: object) -> str:
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Things by a key, in the order in which they came."""
    found: dict[K, list[T]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found
