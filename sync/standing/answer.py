"""What a standing says, as frozen values. Every part names the protected programme it belongs to, None where it is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sync.record import canonical

Json = dict[str, Any]

LATER, SOON, OVERDUE, URGENT = "later", "soon", "overdue", "urgent"
URGENCY = (URGENT, OVERDUE, SOON, LATER)  # the most pressing first


@dataclass(frozen=True, slots=True)
class Group:
    """A population group the person belongs to: since when, and what says so (`flag`, `age`, `register` ...)."""

    code: str
    source: str
    since: dt.date | None = None
    record: str | None = None
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class Managed:
    """A disease under management, and the follow-up of this calendar year.

    `status` as the register has it. `visits` met the person, `in_person` face to face. `expected`: face-to-face visits
    (all visits, where a call is enough) that the months under management ask for. `standard`: managed as the
    specification wants; `lacking` says what is not. `controlled`: by the last measurement of the year, a lost person
    is not; None without a measurement. `suggested_class` of the last visit; the doctor's own is `visit_class`.
    """

    disease: str
    record: str
    status: str
    since: dt.date | None
    visits: int = 0
    in_person: int = 0
    expected: int = 0
    last_visit: str | None = None
    last_visit_on: dt.date | None = None
    visit_class: str | None = None
    suggested_class: str | None = None
    controlled: bool | None = None
    regular: bool | None = None
    standard: bool = False
    lacking: tuple[str, ...] = ()
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class Obligation:
    """A service that a contract owes between two days (both counted).

    `state`: `done`, `waived`, `missed`, `open` or `to_come`; `evidence`: the record that shows it, and its day.
    """

    contract: str
    item: str
    since: dt.date
    by: dt.date
    state: str
    evidence: str | None = None
    done_on: dt.date | None = None
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class Honoured:
    """What contracts owed in the calendar year up to the day (`items_due`), what was done on time, and the three variants.

    By item: done / due. `full`: everything that was due was done; None when nothing was. `any`: one service at least
    was given; None without a contract.
    """

    items_due: int = 0
    items_done: int = 0
    full: bool | None = None
    any: bool | None = None
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """The contract in force that counts; `others` are in force beside it, which a person has to settle."""

    contract: str
    since: dt.date
    by: dt.date
    team: str | None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """Something to be done by a day: `what`, the rule or reason, the record it follows from.

    `urgency`: `urgent`, `overdue`, `soon` (within seven days) or `later`. `disputed`: it rests on a section in conflict.
    """

    what: str
    reason: str
    by: dt.date
    urgency: str
    record: str
    disputed: bool = False
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class Poverty:
    """What poverty asks for: statuses in force, classes of the three batches (class, due, treated on), and what was done."""

    statuses: tuple[str, ...]
    three_batches: tuple[tuple[str, bool, dt.date | None], ...]
    plan: str | None
    plan_reviewed_on: dt.date | None
    exam_on: dt.date | None
    home_visits: int


@dataclass(frozen=True, slots=True)
class Noted:
    """Something about a record that a person should look at: a section in conflict, or an issue, or a discrepancy."""

    record: str
    section: str
    field: str | None = None
    code: str | None = None
    level: str | None = None
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class Differs:
    """The doctor's value of a field, and what the rule suggests instead. The doctor's stands."""

    record: str
    field: str
    doctor: str
    suggested: str
    rule: str
    version: str
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What one resident is due, has had, and counts as, on a day. Holds for every day from it until before `until`.

    `status`: `active`, `closed` (with the reason), `void`, or `unknown` where the resident's own record is not held.
    `same_as`: this id is another person's by a *same person* link, and everything stands there.
    """

    resident: str
    status: str
    until: dt.date
    closed: str | None = None
    closed_on: dt.date | None = None
    same_as: str | None = None
    also: tuple[str, ...] = ()
    away_until: dt.date | None = None
    away: bool = False
    groups: tuple[Group, ...] = ()
    managed: tuple[Managed, ...] = ()
    signed: Signed | None = None
    obligations: tuple[Obligation, ...] = ()
    honoured: tuple[Honoured, ...] = ()
    in_person_days: int = 0
    home_visits: int = 0
    exam_on: dt.date | None = None
    selfcare_on: dt.date | None = None
    poverty: Poverty | None = None
    due: tuple[Due, ...] = ()
    conflicts: tuple[Noted, ...] = ()
    issues: tuple[Noted, ...] = ()
    differs: tuple[Differs, ...] = ()

    def wire(self) -> Json:
        """As JSON: days as text, lists in an order of their own."""
        return composed([_plain(self)])


PARTED = ("groups", "managed", "obligations", "honoured", "due", "conflicts", "issues", "differs")


def part(whole: Json, programme: str) -> Json:
    """What of a standing belongs to one programme, and until when it holds."""
    return {"until": whole["until"], **{name: [one for one in whole[name] if one["programme"] == programme] for name in PARTED}}


def composed(parts: Sequence[Json]) -> Json:
    """One standing from the part in the open and those of programmes, all as JSON, the one in the open first."""
    whole = dict(parts[0])
    whole["until"] = min(part["until"] for part in parts)
    for name in PARTED:
        every = [one for part in parts for one in part[name]]
        whole[name] = sorted(every, key=_ORDER.get(name, canonical)) if len(every) > 1 else every
    return whole


def pressing(item: Json) -> tuple[int, str, str, str, str]:
    """The order of what is due: by urgency, then by day."""
    return URGENCY.index(item["urgency"]), item["by"], item["what"], item["reason"], item["record"]


_ORDER: dict[str, Callable[[Json], Any]] = {
    "due": pressing,
    "obligations": lambda one: (one["by"], one["contract"], one["item"]),
}


def _plain(value: Any) -> Any:
    """A value of this file as JSON, in the order of its fields."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(below) for below in value]
    return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
