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
    is not; None without a measurement, and where `unclear` says why it cannot be told: `conflict_open`.
    `suggested_class` of the last visit; the doctor's own is `visit_class`. `regular`: by the form that closed the course,
    else by the last visit. `course`: why the course ended, `ended_on` which day, as the form `closed_by` says.
    `closed_on`: from which day the register is closed, where it says one.
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
    unclear: str | None = None
    course: str | None = None
    ended_on: dt.date | None = None
    closed_by: str | None = None
    closed_on: dt.date | None = None
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class Obligation:
    """A service that a contract owes between two days (both counted).

    `state`: `done`, `upheld` (a supervisor took the doctor's word for it), `waived`, `missed`, `open` or `to_come`.
    `evidence`: the record that shows it, and its day `done_on`. Where it was not given, `reason` says why (a code of
    `work_reason`), and `evidence` names the record that does not count, if there is one; of what was waived the reason is
    that of the waiver. `appeal`: the section of the contract in which the doctor appeals.
    """

    contract: str
    item: str
    since: dt.date
    by: dt.date
    state: str
    evidence: str | None = None
    done_on: dt.date | None = None
    reason: str | None = None
    appeal: str | None = None
    programme: str | None = None

    @property
    def given(self) -> bool:
        """True when it counts as done."""
        return self.state in ("done", "upheld")


@dataclass(frozen=True, slots=True)
class Honoured:
    """What contracts owed in the calendar year up to the day (`items_due`), what was done on time, and the three variants.

    What is owed until a day is due on that day if it was given; else when the day is over, of a year that ends with it too.

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
    """The contract in force that counts; `others` are in force beside it, which a person has to settle.

    `renewal_of`: the contract that it renews; `first`: it renews none. `paid`: it costs the person or somebody something;
    None where nobody wrote down what, or that is in conflict. `reason`: `conflict_open` where a person has to decide
    whether and when it is in force.
    """

    contract: str
    since: dt.date
    by: dt.date
    team: str | None
    others: tuple[str, ...] = ()
    renewal_of: str | None = None
    paid: bool | None = None
    reason: str | None = None

    @property
    def first(self) -> bool:
        """True when it is no renewal."""
        return self.renewal_of is None


@dataclass(frozen=True, slots=True)
class Plan:
    """The care plan that is carried out. `reviewed_on`: the last review, or the approval; `fresh`: its next review is to come.

    By what had come by the day: a later review was none yet, nor had anybody said when the one after it is to be.

    `reason`: `conflict_open` where a person has to decide which plan holds.
    """

    record: str
    reviewed_on: dt.date | None
    next_review_on: dt.date | None
    fresh: bool
    reason: str | None = None
    programme: str | None = None


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

    `status`: `active`, `closed` (with the reason), `void`, `same_person`, or `unknown` where the resident's own record is not held;
    on the server `uncountable` where the records cannot be counted.
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
    plans: tuple[Plan, ...] = ()
    due: tuple[Due, ...] = ()
    conflicts: tuple[Noted, ...] = ()
    issues: tuple[Noted, ...] = ()
    differs: tuple[Differs, ...] = ()

    def wire(self) -> Json:
        """As JSON: days as text, lists in an order of their own."""
        return composed([_plain(self)])


@dataclass(frozen=True, slots=True)
class Work:
    """A record of the calendar year about the person: what it counts for, or why it counts for nothing.

    `on`: the day that it is about. `counts`: such as `followup:hypertension`, `item:<contract>/<code>` or `health_exam` (the
    word before the colon is a code of `work_counts`); without any, `reason` says why (a code of `work_reason`).
    `late_days`: days from `on` until it was first written, by the phone's clock, which is `written_on`; None where that
    cannot be read. First is the earliest edit that still owns a section of the record. `authors`: who wrote that, and who
    wrote the section with the day. A record in the open that counts for what is owed by a protected programme as well
    stands there a second time, with that `programme`.
    """

    record: str
    type: str
    on: dt.date | None
    counts: tuple[str, ...] = ()
    reason: str | None = None
    late_days: int | None = None
    authors: tuple[str, ...] = ()
    programme: str | None = None
    written_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that is counted on a day of the year: the last day it could be met, or the day itself.

    `kind`: a code of `event`. `record`: what it is about; `evidence`: the record that shows it (of a home visit, the
    household); `reason`: why it is not met, or why it counts on neither side (`died`, `moved_out`). `days`: how many days
    after its day a record was written, of `recorded`.
    """

    kind: str
    on: dt.date
    met: bool
    record: str
    evidence: str | None = None
    reason: str | None = None
    days: int | None = None
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A standing, and the records and events of the year that it is an account of.

    Holds from its day `on` until before `until`, which may be sooner than the standing's own: deadlines that no due list shows
    are in it as well.
    """

    standing: Standing
    on: dt.date
    until: dt.date
    work: tuple[Work, ...] = ()
    events: tuple[Event, ...] = ()


PARTED = ("groups", "managed", "obligations", "honoured", "plans", "due", "conflicts", "issues", "differs")


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
