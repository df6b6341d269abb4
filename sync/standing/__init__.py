"""What one resident is due, has had, and counts as, on a day: the same function on every phone and on the server.

Pure: records and a day in, a `Standing` out, or an `Account`: the standing with the records and events of the year that it
rests on. Due dates are derived, never stored. What is due follows the values that every replica shows, and says where they
are in conflict; but nothing counts as done by a section in conflict until a person has decided. A part that rests on
records of a protected programme names it, and no part in the open depends on one: who does not hold the programme's
records comes to the same standing without that part.

Hand in, for a person: the resident's record, every record whose subject they are, the visits to their household and those to
another that name them (`met_by`), and the *same person* links; for somebody registered more than once all of these for each
id, see `sync.links.persons`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace

from sync.links import LINKED
from sync.standing import contracts, following, groups, happening, managing, owing, tasks, working
from sync.standing.answer import Account, Due, Event, Noted, Standing, Work, composed, part
from sync.standing.day import Day
from sync.standing.facts import LINK, Fact, Facts, Known
from sync.standing.working import Basis
from sync.types import CATALOGUE
from sync.types.catalogue import Catalogue
from sync.types.fields import WARNING

__all__ = ["Account", "Due", "Event", "Known", "Standing", "Work", "account", "composed", "part", "standing"]


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
    return _stand(resident, known, Day(on), tuple(sorted(also)), same_as, catalogue)[0]


def account(
    resident: str,
    known: Iterable[Known],
    on: dt.date,
    *,
    also: Iterable[str] = (),
    same_as: str | None = None,
    over: bool = False,
    catalogue: Catalogue = CATALOGUE,
) -> Account:
    """The standing of a resident on a day, with the records and events of the year that it rests on.

    `over`: at the end of that day, as a period that ends with it is judged: what was owed until it and was not given is missed.
    """
    day = Day(on, over=over)
    stands, facts, basis = _stand(resident, known, day, tuple(sorted(also)), same_as, catalogue)
    work = tuple(working.work(facts, basis, stands.status))
    events = tuple(happening.events(facts, basis, work)) if basis else ()
    return Account(stands, on, day.until, work, events)  # the day is read last: everything has asked for the days it depends on


def _stand(
    resident: str, known: Iterable[Known], day: Day, others: tuple[str, ...], same_as: str | None, catalogue: Catalogue
) -> tuple[Standing, Facts, Basis | None]:
    """The standing, what it was read from, and what it rests on where the person counts here."""
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
        return replace(base, status="same_person", same_as=same_as, conflicts=(), issues=()), facts, None
    if person is None:
        return replace(base, status="void" if facts.ignored(resident) else "unknown"), facts, None
    return _of(person, facts, base)


def _of(person: Fact, facts: Facts, base: Standing) -> tuple[Standing, Facts, Basis]:
    day, closed_on = facts.day, person.date("record_status.closed_on")
    ended = person.at("record_status.status") == "closed"
    closed_on = closed_on if ended else None
    closed = ended and (closed_on is None or day.reached(closed_on))
    managed = managing.registers(facts, person)
    exam_on, home_visits = tasks.shown_day(facts, "health_exam", settled=True), tasks.home_visits(facts)
    every = groups.memberships(person, managed, day)
    belongs = groups.groups_of(person, every, day)
    terms = contracts.terms(facts, closed_on)
    signed = None if closed else contracts.signed_of(terms, day)
    owed = tuple(owing.obligations_of(terms, facts, every))
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
    undecided = (Noted(one.contract, one.section, "decision", "undecided", WARNING) for one in owing.appeals_undecided(terms))
    stands = replace(
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
        selfcare_on=tasks.shown_day(facts, "elder_selfcare", settled=True),
        poverty=None if closed else groups.poverty_of(person, facts, exam_on, home_visits),
        plans=() if closed else groups.plans_of(facts),
        due=tuple(due),
        differs=(*(one for register in managed for one in following.differing(register)), *tasks.differing(latest)),
        issues=(*base.issues, *tasks.limits(latest), *undecided, *_apart(facts)),
        until=day.until,  # the last to be read: everything above has asked for the days that it depends on
    )
    return stands, facts, Basis(person, tuple(managed), tuple(terms), owed, closed_on)


def _apart(facts: Facts) -> Iterator[Noted]:
    """Links that join nobody: who is the same person by them lives in another village, and counts there."""
    for fact in facts.in_the_open(LINK):
        pair = (fact.at("link.duplicate"), fact.at("link.same_as"))
        joined = all(isinstance(one, str) and one in facts.ids for one in pair)
        if fact.at("link.state") == LINKED and fact.settled("link") and not joined:
            yield Noted(fact.id, "link", "same_as", "lives_elsewhere", WARNING)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
