"""Diseases under management: the follow-up of the year, and whether it is as the specification wants it.

The national specification gives no formula for *standard management*; this project's is: at least the visits that the
months under management ask for (one at least), each with everything that its form asks for, each visit that called for
another within two weeks followed by one, and a health examination in the year. In the first three months one visit does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sync.standing.answer import Managed
from sync.standing.day import Day, plus
from sync.standing.facts import Fact, Facts
from sync.standing.series import Visit, follow_ups, forms_of, in_person, visits
from sync.types.checks import months_later
from sync.types.declare import FollowUp, RecordType

TWO_WEEKS = 14


class Register(NamedTuple):
    """The register of a disease that counts, its follow-up forms and visits."""

    fact: Fact
    disease: str
    plan: FollowUp | None
    forms: tuple[RecordType, ...]
    visits: tuple[Visit, ...]
    seen_on: dt.date | None  # the last time face to face

    @property
    def status(self) -> str:
        """As the register has it."""
        return str(self.fact.at("status.status") or "managed")

    def ended(self, day: Day) -> dt.date | None:
        """The day from which it is closed, None while it is not; without a day it is closed since the year began."""
        return (self.fact.date("status.closed_on") or dt.date(day.year, 1, 1)) if self.status == "closed" else None

    @property
    def last(self) -> Visit | None:
        """The last visit that met the person."""
        return next((visit for visit in reversed(self.visits) if visit.met), None)


def registers(facts: Facts, person: Fact | None) -> list[Register]:
    """One register a disease, in the open and in each programme: of several the one under management, opened first."""
    best: dict[tuple[str, str], Fact] = {}
    for fact in facts.of("chronic_register"):
        disease = fact.at("registration.disease")
        if isinstance(disease, str):
            key = (disease, fact.programme or "")
            best[key] = min(fact, best.get(key, fact), key=_rank)
    return [_register(best[key], key[0], facts, person) for key in sorted(best)]


def _rank(fact: Fact) -> tuple[bool, bool, dt.date, str]:
    status = fact.at("status.status")
    return status == "closed", status == "lost", fact.date("registration.opened_on") or dt.date.max, fact.id


def _register(fact: Fact, disease: str, facts: Facts, person: Fact | None) -> Register:
    """The register with the follow-ups of its own course: where one was closed before it, only those since it was opened."""
    forms = forms_of(facts, disease)
    plan = forms[-1].follows if forms else None
    opened, since = fact.date("registration.opened_on"), None
    for other in facts.of("chronic_register"):
        same = other.at("registration.disease") == disease and other.programme == fact.programme
        before = other.date("registration.opened_on")
        if same and other is not fact and other.at("status.status") == "closed" and opened and before and before < opened:
            since = opened
    made = follow_ups(forms, facts, fact.programme, since)
    seen_on = max((one.day for one in made if one.day and in_person(one)), default=None)
    return Register(fact, disease, plan, forms, tuple(visits(forms, made, facts.day.year, person)), seen_on)


def managed_of(register: Register, day: Day, examined: bool, closed_on: dt.date | None = None) -> Managed:
    """How the disease is managed, by the calendar year so far.

    `examined`: had a health examination in it. `closed_on`: the day from which the person's own record is closed.
    """
    fact, plan = register.fact, register.plan
    opened = fact.date("registration.opened_on")
    year = [visit for visit in register.visits if visit.day.year == day.year]
    met = [visit for visit in year if visit.met]
    met_in_person = [visit for visit in met if visit.in_person]
    last = register.visits[-1] if register.visits else None
    counted = met_in_person if plan and plan.in_person else met
    ends = [end for end in (register.ended(day), closed_on) if end]
    expected = _expected(plan, opened, min(ends, default=None), day) if plan else 0
    lacking: tuple[str, ...] = ("followup",)
    if plan:
        lacking = tuple(_lacking(register, plan, day, met, len(counted), expected, opened, examined))
    return Managed(
        disease=register.disease,
        record=fact.id,
        status=register.status,
        since=opened,
        visits=len(met),
        in_person=len(met_in_person),
        expected=expected,
        last_visit=last.fact.id if last else None,
        last_visit_on=last.day if last else None,
        visit_class=_text(last.fact.at("assessment.class")) if last else None,
        suggested_class=last.advice.get("class") if last else None,
        controlled=_controlled(register, year),
        regular=_yes(last.advice.get("regular")) if last else None,
        standard=not lacking,
        lacking=lacking,
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


def _not_followed(visit: Visit, visits: Sequence[Visit], day: Day) -> bool:
    """True when a visit called for another within two weeks, these are over, and there was none.

    What closes a course asks for a call whether the person went, not for another form.
    """
    by = visit.advice.by("next_within")
    if (
        by is None
        or visit.fact.at("closure.reason") is not None
        or (by - visit.day).days > TWO_WEEKS
        or not day.reached(plus(by, 1))
    ):
        return False
    return not any(other.met and visit.day < other.day <= by for other in visits)


def _controlled(register: Register, year: Sequence[Visit]) -> bool | None:
    """By the last measurement of the year; who was not reached last, or is lost, is not controlled."""
    if register.status == "lost" or (year and not year[-1].met):
        return False
    measured = (visit.advice.get("controlled") for visit in reversed(year) if visit.met)
    return _yes(next((said for said in measured if said), None))


def _yes(value: str | None) -> bool | None:
    return None if value is None else value == "yes"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
