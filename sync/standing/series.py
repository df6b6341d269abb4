"""The follow-ups of a disease as a series: each is judged beside the one before it, and so is a form that is being filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sync.standing.day import plus
from sync.standing.facts import Fact, Facts
from sync.types.checks import ABSENT, View
from sync.types.declare import RecordType
from sync.types.rules import NOTHING, Advice, RuleTable, age_on

TWO_WEEKS = 14
IN_PERSON = ("clinic", "home")  # a telephone call is not face to face


class Visit(NamedTuple):
    """One follow-up: its record, its day, what the rules say of it, whether the person was met, and face to face."""

    fact: Fact
    declared: RecordType
    day: dt.date
    advice: Advice
    met: bool
    in_person: bool


def forms_of(facts: Facts, disease: str) -> tuple[RecordType, ...]:
    """The follow-up forms of a disease."""
    return tuple(form for form in facts.catalogue.types.values() if form.follows and form.follows.disease == disease)


def was_met(fact: Fact) -> bool:
    """True unless the form says that the person was not reached, or had died."""
    return fact.at("visit.lost_reason") in ABSENT and fact.at("visit.died_on") in ABSENT


def in_person(fact: Fact) -> bool:
    """True for a follow-up at which the person was met face to face."""
    return was_met(fact) and fact.at("visit.way") in IN_PERSON


def deciding(tables: Sequence[RuleTable], gives: str) -> frozenset[str]:
    """The sections of a form that decide a result of its rules, by way of earlier results too."""
    found: set[str] = set()
    wanted, known = {gives}, set[str]()
    while wanted:
        known |= wanted
        paths = {path for table in tables if table.gives in wanted for row in table.rows for path in row.when.paths()}
        found |= {path.partition(".")[0] for path in paths}
        wanted = {path.partition(".")[2] for path in paths if path.startswith("given.")} - known
    return frozenset(found - {"given", "previous"})


def follow_ups(forms: Sequence[RecordType], facts: Facts, programme: str | None, since: dt.date | None = None) -> list[Fact]:
    """The records of these forms, in the open or in a programme's scope, by day; from a day on where it is given."""
    held = (fact for form in forms for fact in facts.of(form.name) if fact.programme == programme)
    dated = [(fact.day, fact.id, fact) for fact in held if fact.day and (since is None or fact.day >= since)]
    return [fact for *_, fact in sorted(dated, key=lambda one: one[:2])]


def visits(forms: Sequence[RecordType], made: Sequence[Fact], year: int, person: Fact | None) -> Iterator[Visit]:
    """The visits of a year and as many before it as judge the first of them, or ask for one within two weeks, in order.

    Each is judged beside the one before it that has a class. Calls that nobody took, however many, hide no visit.
    """
    by_name = {form.name: form for form in forms}
    asking = plus(dt.date(year, 1, 1), -TWO_WEEKS)
    start = sum(fact.day is not None and fact.day.year < year for fact in made)
    classed = 0
    while start and (classed < 2 or (made[start - 1].day or dt.date.min) >= asking):
        start -= 1
        fact = made[start]
        classed += was_met(fact) and bool(by_name[fact.type].advice(fact.view, _given(person, fact.day)).get("class"))
    previous = NOTHING
    for fact in made[start:]:
        form, day = by_name[fact.type], fact.day
        assert day is not None
        advice = form.advice(fact.view, _given(person, day), previous)
        yield Visit(fact, form, day, advice, was_met(fact), in_person(fact))
        previous = _classed(advice, previous)


def advice_on(
    declared: RecordType, view: View, day: dt.date, facts: Facts, person: Fact | None, record: str | None = None
) -> Advice:
    """What the rules say of a form about a day: the same that the standing will say of it once it is saved.

    `facts`: of the person on that day. `record`: the one that the form changes; a new one comes after all of its day.
    """
    previous = NOTHING
    forms = forms_of(facts, declared.follows.disease) if declared.follows else (declared,)
    for visit in visits(forms, follow_ups(forms, facts, declared.programme), day.year, person):
        if visit.fact.id != record and (record is None or (visit.day, visit.fact.id) < (day, record)):
            previous = _classed(visit.advice, previous)
    return declared.advice(view, _given(person, day), previous)


def _given(person: Fact | None, day: dt.date | None) -> dict[str, int]:
    born = person.date("identity.birth_date") if person else None
    return {} if born is None or day is None else {"age_years": age_on(born, day)}


def _classed(advice: Advice, previous: Advice) -> Advice:
    return advice if advice.get("class") else previous
