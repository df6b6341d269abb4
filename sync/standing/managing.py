"""Diseases under management: the follow-up of the year, and whether it is as the specification wants it.

The national specification gives no formula for *standard management*; this project's is: at least the visits that the
months under management ask for (one at least), each with everything that its form asks for, each visit that called for
another within two weeks followed by one, and a health examination in the year. In the first three months one visit does.
A visit of which a conflict leaves open whether and when it was counts for nothing until a doctor decides; neither does a
pressure that stands beside another.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sync.standing.answer import Managed
from sync.standing.day import Day, plus
from sync.standing.facts import CONFLICT, Fact, Facts, worded
from sync.standing.series import TWO_WEEKS, Visit, deciding, follow_ups, forms_of, in_person, visits
from sync.types.checks import months_later
from sync.types.declare import FollowUp, RecordType


class Register(NamedTuple):
    """The register of a disease that counts, its follow-up forms and visits."""

    fact: Fact
    disease: str
    status: str  # on the day of the standing
    plan: FollowUp | None
    forms: tuple[RecordType, ...]
    visits: tuple[Visit, ...]
    seen_on: dt.date | None  # the last time face to face
    since: dt.date | None = None  # from when its own course is, where one was closed before it

    @property
    def closed_on(self) -> dt.date | None:
        """The day from which it is closed, a day to come too, where it says one."""
        return self.fact.date("status.closed_on") if self.fact.at("status.status") == "closed" else None

    def ended(self, day: Day) -> dt.date | None:
        """As `closed_on`; where it is closed and says no day it is since the year began."""
        return self.closed_on or (dt.date(day.year, 1, 1) if self.status == "closed" else None)

    @property
    def settled(self) -> bool:
        """True when no conflict leaves open which disease it is of, since when, and whether it is under management."""
        return self.fact.settled("registration", "status")

    @property
    def closing(self) -> Visit | None:
        """The visit whose form closed the course."""
        return next((visit for visit in self.visits if visit.met and visit.fact.at(CLOSED_FOR) is not None), None)

    @property
    def last(self) -> Visit | None:
        """The last visit that met the person."""
        return next((visit for visit in reversed(self.visits) if visit.met), None)


CLOSED_FOR = "closure.reason"


def status_on(register: Fact, day: Day) -> str:
    """The status of a register on a day: what was closed or lost only later was under management, or lost, until then."""
    status = worded(register.at("status.status") or "managed")
    closed_on, lost_on = register.date("status.closed_on"), register.date("status.lost_on")
    if status == "closed":
        if closed_on is None or day.reached(closed_on):
            return status
        return "lost" if lost_on and day.reached(lost_on) else "managed"
    if status == "lost" and lost_on and not day.reached(lost_on):
        return "managed"
    return status


def registers(facts: Facts, person: Fact | None) -> list[Register]:
    """One register a disease, in the open and in each programme: of several the one under management, opened first."""
    best: dict[tuple[str, str], Fact] = {}
    for fact in facts.of("chronic_register"):
        disease = fact.at("registration.disease")
        if isinstance(disease, str):
            key = (disease, fact.programme or "")
            best[key] = min(fact, best.get(key, fact), key=lambda one: _rank(one, facts.day))
    return [_register(best[key], key[0], facts, person) for key in sorted(best)]


def _rank(fact: Fact, day: Day) -> tuple[bool, bool, dt.date, str]:
    status = status_on(fact, day)
    return status == "closed", status == "lost", fact.date("registration.opened_on") or dt.date.max, fact.id


def _register(fact: Fact, disease: str, facts: Facts, person: Fact | None) -> Register:
    """The register with the follow-ups of its own course: where one was closed before it, only those since it was opened."""
    forms = forms_of(facts, disease)
    plan = forms[-1].follows if forms else None
    opened, since = fact.date("registration.opened_on"), None
    for other in facts.of("chronic_register"):
        same = other.at("registration.disease") == disease and other.programme == fact.programme
        before = other.date("registration.opened_on")
        if same and other is not fact and status_on(other, facts.day) == "closed" and opened and before and before < opened:
            since = opened
    made = follow_ups(forms, facts, fact.programme, since)
    seen_on = max((one.day for one in made if one.day and in_person(one)), default=None)
    return Register(
        fact,
        disease,
        status_on(fact, facts.day),
        plan,
        forms,
        tuple(visits(forms, made, facts.day.year, person)),
        seen_on,
        since,
    )


def uncounted(register: Register, year: int, closed_on: dt.date | None) -> Iterator[tuple[Visit, str | None]]:
    """The visits of a year, each with the reason why it is none of those that the disease asks for; None for those that are.

    Of two on a day one counts. `closed_on`: the day from which the person's own record is closed.
    """
    in_person = register.plan is None or register.plan.in_person
    closed = [day for day in (register.closed_on, closed_on) if day]
    counted: set[dt.date] = set()
    for visit in register.visits:
        if visit.day.year != year:
            continue
        reason = None
        if not visit.fact.happened:
            reason = CONFLICT
        elif not visit.met:
            reason = "not_met"
        elif any(visit.day > day for day in closed):
            reason = "closed"
        elif in_person and not visit.in_person:
            reason = "by_phone"
        elif visit.day in counted:
            reason = "duplicate"
        else:
            counted.add(visit.day)
        yield visit, reason


def managed_of(register: Register, day: Day, exam: bool, closed_on: dt.date | None = None) -> Managed:
    """How the disease is managed, by the calendar year so far.

    `exam`: had a health examination in it. `closed_on`: the day from which the person's own record is closed.
    """
    fact, plan = register.fact, register.plan
    opened = fact.date("registration.opened_on")
    year = list(uncounted(register, day.year, closed_on))
    met = [visit for visit, reason in year if reason in (None, "by_phone")]
    last = register.visits[-1] if register.visits else None
    counted = sum(reason is None for _, reason in year)
    ends = [end for end in (register.ended(day), closed_on) if end]
    expected = _expected(plan, opened, min(ends, default=None), day) if plan else 0
    lacking: tuple[str, ...] = ("followup",)
    if plan:
        lacking = tuple(_lacking(register, plan, day, met, counted, expected, opened, exam))
        lost = "visits" in lacking and any(reason == CONFLICT for _, reason in year)
        if lost or not register.settled or any(_disputed(visit, "next_within") for visit in met):
            lacking = (*lacking, CONFLICT)
    controlled, unclear = _controlled(register, [visit for visit, _ in year])
    closing = register.closing
    if not register.settled:
        controlled, unclear = None, CONFLICT
    elif closing and not closing.fact.settled("visit", "closure"):
        unclear = CONFLICT
    ended_on = closing.fact.date("closure.stopped_on") or closing.day if closing else None
    return Managed(
        disease=register.disease,
        record=fact.id,
        status=register.status,
        since=opened,
        visits=len(met),
        in_person=sum(visit.in_person for visit in met),
        expected=expected,
        last_visit=last.fact.id if last else None,
        last_visit_on=last.day if last else None,
        visit_class=_text(last.fact.at("assessment.class")) if last else None,
        suggested_class=last.advice.get("class") if last else None,
        controlled=controlled,
        regular=_regular(closing or last),
        standard=not lacking,
        lacking=lacking,
        unclear=unclear,
        course=_text(closing.fact.at(CLOSED_FOR)) if closing else None,
        ended_on=ended_on,
        closed_by=closing.fact.id if closing else None,
        closed_on=register.closed_on,
        programme=fact.programme,
    )


def _expected(plan: FollowUp, opened: dt.date | None, ended: dt.date | None, day: Day) -> int:
    """How many visits the months under management in this year ask for so far; one at least."""
    start = dt.date(day.year, 1, 1)
    start = max(start, opened) if opened else start
    months = (12 * n // plan.visits_per_year for n in range(1, plan.visits_per_year + 1))
    last_days = (plus(months_later(start, count), -1) for count in months)
    return max(1, sum((ended is None or last < ended) and day.reached(last) for last in last_days))


def _lacking(
    register: Register,
    plan: FollowUp,
    day: Day,
    met: Sequence[Visit],
    counted: int,
    expected: int,
    opened: dt.date | None,
    exam: bool,
) -> Iterator[str]:
    if register.status != "managed":
        yield register.status
    new = opened is not None and not day.reached(months_later(opened, 3))
    if counted < (1 if new else expected):
        yield "visits"
    if new:
        return
    if any(not visit.fact.complete for visit in met):
        yield "incomplete"
    if any(_not_followed(visit, register.visits, day) for visit in met):
        yield "two_weeks"
    if plan.exam_yearly and not exam:
        yield "exam"


def asked_by(visit: Visit) -> dt.date | None:
    """The day by which a visit calls for another within two weeks, None where it does not.

    What closes a course asks for a call whether the person went, not for another form.
    """
    by = visit.advice.by("next_within")
    if by is None or visit.fact.at(CLOSED_FOR) is not None or (by - visit.day).days > TWO_WEEKS:
        return None
    return by


def followed_by(visit: Visit, by: dt.date, every: Sequence[Visit]) -> Visit | None:
    """The visit that met the person after this one, until a day."""
    return next((other for other in every if other.met and other.fact.happened and visit.day < other.day <= by), None)


def _not_followed(visit: Visit, every: Sequence[Visit], day: Day) -> bool:
    """True when a visit called for another within two weeks, these are over, and there was none."""
    by = asked_by(visit)
    return by is not None and day.reached(plus(by, 1)) and followed_by(visit, by, every) is None


def _controlled(register: Register, year: Sequence[Visit]) -> tuple[bool | None, str | None]:
    """By the last measurement of the year, and why it cannot be told; who was not reached last, or is lost, is not controlled."""
    if register.status == "lost":
        return False, None
    for n, visit in enumerate(reversed(year)):
        if not visit.fact.happened or _disputed(visit, "controlled"):
            return None, CONFLICT
        if not n and not visit.met:
            return False, None
        if visit.met and (said := visit.advice.get("controlled")):
            return said == "yes", None
    return None, None


def _regular(visit: Visit | None) -> bool | None:
    """Whether the medicines were taken regularly, as the last form says; None while it is in conflict."""
    if visit is None or not visit.fact.happened or _disputed(visit, "regular"):
        return None
    said = visit.advice.get("regular")
    return None if said is None else said == "yes"


def _disputed(visit: Visit, gives: str) -> bool:
    """True when a section in conflict decides a result of the visit."""
    return bool(visit.fact.disputed and not visit.fact.disputed.isdisjoint(deciding(visit.declared.rules, gives)))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
