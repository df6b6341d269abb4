"""What one resident is due, has had, and counts as, on a day: the same function on every phone and on the server.

Pure: records and a day in, a `Standing` out. Due dates are derived, never stored. What is in conflict counts by the value
that every replica shows, and is named; the standing never hides that a person has to decide. A part that rests on records
of a protected programme names it, and no part in the open depends on one: who does not hold the programme's records comes
to the same standing without that part.

Hand in, for a person: the resident's record, every record whose subject they are, the visits to their household, and the
*same person* links; for somebody registered more than once all of these for each id, see `persons`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from sync.standing import contracts, following, groups, managing, tasks
from sync.standing.answer import Due, Noted, Standing, composed, part
from sync.standing.day import Day
from sync.standing.facts import Fact, Facts, Known
from sync.types import CATALOGUE
from sync.types.catalogue import Catalogue

__all__ = ["Due", "Known", "Standing", "composed", "part", "standing"]


def standing(
    resident: str,
    known: Iterable[Known],
    on: dt.date,
    *,
    also: Iterable[str] = (),
    same_as: str | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> Standing:
    """The standing of a resident on a day.

    `also`: other ids of the same person, whose records are handed in too. `same_as`: the id where this person counts, if
    it is another one; then nothing counts here, so that nobody is counted twice.
    """
    day, others = Day(on), tuple(sorted(also))
    facts = Facts({resident, *others}, known, day, catalogue)
    base = Standing(
        resident,
        "unknown",
        day.until,
        also=others,
        conflicts=tuple(Noted(record, section, programme=p) for record, section, p in facts.conflicts),
        issues=tuple(Noted(r, i.section, i.field, i.code, i.level, p) for r, i, p in facts.issues),
    )
    person = facts.person(resident)
    if same_as is not None:
        return replace(base, status="same_person", same_as=same_as, conflicts=(), issues=())
    if person is None:
        return replace(base, status="void" if resident in facts.ignored else "unknown")
    return _of(person, facts, base)


def _of(person: Fact, facts: Facts, base: Standing) -> Standing:
    day, closed_on = facts.day, person.date("record_status.closed_on")
    ended = person.at("record_status.status") == "closed"
    closed_on = closed_on if ended else None
    closed = ended and (closed_on is None or day.reached(closed_on))
    managed = managing.registers(facts, person)
    exam_on, home_visits = tasks.last_day(facts, "health_exam", this_year=True), tasks.home_visits(facts)
    every = groups.memberships(person, managed, day)
    belongs = groups.groups_of(person, every, day)
    terms = contracts.terms(facts, closed_on)
    signed = None if closed else contracts.signed_of(terms, day)
    owed = tuple(contracts.obligations_of(terms, facts, every))
    programmes = (None, *sorted({one.programme for one in owed if one.programme}))
    latest = list(tasks.advised(facts))
    away = person.at("away.away_for_work") is True
    due: list[Due] = []
    if not closed:
        due += [item for register in managed for item in following.Following(register, day).due()]
        due += contracts.due_of(signed, terms, owed, day)
        due += tasks.yearly(person, belongs, managed, facts)
        due += [*tasks.prescriptions(facts), *tasks.referrals(facts), *tasks.plans(facts, managed)]
        due += tasks.flags(person, belongs, managed, signed, facts)
        if any(item.what == "close_record" and item.programme is None for item in due):
            # nobody is sent to a dead patient's family
            due = [item for item in due if item.what == "close_record" or item.programme]
    return replace(
        base,
        status="closed" if closed else "active",
        closed=_text(person.at("record_status.close_reason")) if closed else None,
        closed_on=closed_on if closed else None,
        away=away,
        away_until=person.date("away.expected_return_on") if away else None,
        groups=() if closed else belongs,
        managed=tuple(managing.managed_of(register, day, bool(exam_on), closed_on) for register in managed),
        signed=signed,
        obligations=owed,
        honoured=tuple(contracts.honoured_of(owed, p, signed is not None, day) for p in programmes),
        in_person_days=len(tasks.in_person_days(facts, managed)),
        home_visits=home_visits,
        exam_on=exam_on,
        selfcare_on=tasks.last_day(facts, "elder_selfcare", this_year=True),
        poverty=None if closed else groups.poverty_of(person, facts, exam_on, home_visits),
        due=tuple(due),
        differs=(*(one for register in managed for one in following.differing(register)), *tasks.differing(latest)),
        issues=(*base.issues, *tasks.limits(latest)),
        until=day.until,  # the last to be read: everything above has asked for the days that it depends on
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
