"""Contracts: which one counts, what it owes and when, what shows that it was given, and whether it was honoured.

The items stand in the contract as they were signed. What an item owes is divided into spans of days; a span is honoured
by the first record in it that its item names, or by a performance with evidence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sync.standing.answer import Due, Honoured, Obligation, Signed
from sync.standing.day import Day, plus
from sync.standing.facts import Fact, Facts
from sync.standing.groups import Membership, programmes_for
from sync.standing.pressing import urgency
from sync.standing.series import IN_PERSON, was_met
from sync.types.checks import ABSENT, months_later

RENEWAL_DAYS = 30  # before the last day of a contract, its renewal is on the list: this project's
PLAN_REVIEW = "care_plan_review"  # counts for an item without a record of its own


class Term(NamedTuple):
    """A contract and the days on which it is in force, both counted."""

    fact: Fact
    signed: dt.date
    first: dt.date
    last: dt.date

    def in_force(self, on: dt.date) -> bool:
        """True on a day of the term."""
        return self.first <= on <= self.last


class Span(NamedTuple):
    """One time that an item is owed, between two days, both counted."""

    since: dt.date
    by: dt.date


def terms(facts: Facts, closed_on: dt.date | None) -> list[Term]:
    """The contracts of a person, the one that counts where they overlap first: signed first, then by id."""
    found = []
    for fact in facts.in_the_open("contract"):
        first, last = fact.date("term.starts_on"), fact.date("term.ends_on")
        stopped = fact.date("stop.stopped_on")
        if first is None or last is None or fact.at("status.status") == "pending":
            continue
        if fact.at("status.status") == "terminated" and stopped is None:
            continue
        ends = [last, *(plus(day, -1) for day in (stopped, closed_on) if day is not None)]
        if min(ends) >= first:
            found.append(Term(fact, fact.date("term.signed_on") or first, first, min(ends)))
    return sorted(found, key=lambda term: (term.signed, term.fact.id))


def signed_of(every: Sequence[Term], day: Day) -> Signed | None:
    """The contract in force, with those in force beside it."""
    now = [term for term in every if day.within(term.first, plus(term.last, 1))]
    if not now:
        return None
    team = now[0].fact.at("parties.team")
    others = tuple(term.fact.id for term in now[1:])
    return Signed(now[0].fact.id, now[0].first, now[0].last, team if isinstance(team, str) else None, others)


def obligations_of(every: Sequence[Term], facts: Facts, belongs: Sequence[Membership]) -> Iterator[Obligation]:
    """What is owed in this calendar year, contract by contract, in the order of the days.

    For whom an item is, is judged on the last day of each span: falling ill in autumn owes nothing for the spring.
    """
    day = facts.day
    for term in every:
        owed = []
        for code, item in term.fact.keyed("item").items():
            wanted = item.get("groups")
            for span in spans(item, term.fact, day.year):
                if next((other for other in every if other.in_force(span.by)), None) is not term:
                    continue
                meant = [None] if not isinstance(wanted, list) or not wanted else programmes_for(wanted, belongs, span.by, day)
                owed += [_judged(term, code, item, span, facts, programme) for programme in meant]
        yield from sorted(owed, key=lambda one: (one.by, one.item, one.programme or ""))


def spans(item: Mapping[str, Any], contract: Fact, year: int) -> Iterator[Span]:
    """The days between which an item is owed, over the whole term as signed: those that touch a calendar year."""
    first, last = contract.date("term.starts_on"), contract.date("term.ends_on")
    if first is None or last is None:
        return
    rule = item.get("due_rule")
    if rule == "within_days_of_start":
        every = iter([Span(first, min(last, plus(first, _number(item.get("due_days"), 0, 1096, 7))))])
    elif rule == "once_in_term":
        every = iter([Span(first, last)])
    elif rule == "every_n_months":
        every = _steps(first, last, _number(item.get("every_months"), 1, 36, 3), year)
    else:
        times = _number(item.get("times_per_year"), 1, 366, 1)
        every = (span for whole in _steps(first, last, 12, year) for span in _parts(whole, times))
    yield from (span for span in every if span.since.year <= year <= span.by.year)


def _steps(first: dt.date, last: dt.date, months: int, year: int) -> Iterator[Span]:
    """A term in steps of so many months, from the step before a year until that after it."""
    count = max(0, (year - first.year) * 12 // months - 2)
    while (since := months_later(first, months * count)) <= last and since.year <= year and since < dt.date.max:
        count += 1
        yield Span(since, min(last, plus(months_later(first, months * count), -1)))


def _parts(year: Span, times: int) -> Iterator[Span]:
    """A year in so many spans of the same length, to the day."""
    days = (year.by - year.since).days + 1
    for n in range(min(times, days)):
        yield Span(plus(year.since, days * n // times), plus(year.since, days * (n + 1) // times - 1))


def _number(value: object, least: int, most: int, otherwise: int) -> int:
    return value if type(value) is int and least <= value <= most else otherwise


def _judged(term: Term, code: str, item: Mapping[str, Any], span: Span, facts: Facts, programme: str | None) -> Obligation:
    day = facts.day
    found = min(_evidence(term, code, item, span, facts, programme), default=None)
    if found:
        waived, on, record = found
        state = "waived" if waived else "done"
        return Obligation(term.fact.id, code, span.since, span.by, state, record, on, programme)
    state = "to_come"
    if day.reached(plus(span.by, 1)):
        state = "missed"
    elif day.reached(span.since):
        state = "open"
    return Obligation(term.fact.id, code, span.since, span.by, state, None, None, programme)


def _evidence(
    term: Term, code: str, item: Mapping[str, Any], span: Span, facts: Facts, programme: str | None
) -> Iterator[tuple[bool, dt.date, str]]:
    """(waived, day, record) of what fulfils an item in a span. Nothing protected speaks for what is owed in the open."""
    in_person, kinds = item.get("face_to_face") is True, item.get("fulfilled_by")

    def fits(fact: Fact, way: str) -> bool:
        timely = fact.day is not None and span.since <= fact.day <= span.by
        return timely and fact.programme in (None, programme) and (not in_person or fact.at(way) in (None, *IN_PERSON))

    for kind in kinds if isinstance(kinds, list) else ():
        for fact in facts.of(kind) if isinstance(kind, str) else ():
            if fact.day and fits(fact, "visit.way") and served(fact, facts.ids):
                yield False, fact.day, fact.id
        for plan in facts.of("care_plan") if kind == PLAN_REVIEW else ():
            reviewed = plan.date("review.reviewed_on")
            if reviewed and span.since <= reviewed <= span.by and plan.programme in (None, programme):
                yield False, reviewed, plan.id
    for fact in facts.of("performance"):
        about = fact.at("performance.contract") == term.fact.id and fact.at("performance.item") == code
        waived = fact.at("waiver.reason") is not None
        if fact.day and about and fits(fact, "performance.mode") and (waived or shown_by(fact, facts, programme)):
            yield waived, fact.day, fact.id


def served(fact: Fact, ids: frozenset[str]) -> bool:
    """True when a visit or an examination met one of these persons."""
    if fact.type == "home_visit":
        residents = fact.at("visit.residents")
        met = isinstance(residents, list) and any(isinstance(one, str) and one in ids for one in residents)
        return met and fact.at("visit.not_met_reason") in ABSENT
    return was_met(fact)


def shown_by(performance: Fact, facts: Facts, programme: str | None) -> bool:
    """True when a performance has evidence: a record about this person, photographs, a signature, or the person's word.

    The record has to be here, not void, and to have met the person. That whoever performed it was in the team on that day
    is not looked at: teams are no records.
    """
    record = facts.by_id.get(str(performance.at("evidence.record")))
    if record and record.programme in (None, programme) and record.id != performance.id and served(record, facts.ids):
        return True
    return any(performance.at(f"evidence.{name}") for name in ("photos", "signature", "resident_confirmed"))


def honoured_of(obligations: Sequence[Obligation], programme: str | None, signed: bool, day: Day) -> Honoured:
    """The three variants, over what was due in the year up to the day; what was waived counts on neither side."""
    mine = [one for one in obligations if one.programme == programme and one.state != "waived"]
    owed = [one for one in mine if one.by.year == day.year and day.reached(plus(one.by, 1))]
    done = sum(one.state == "done" for one in owed)
    given = any(one.state == "done" and one.done_on and one.done_on.year == day.year for one in mine)
    return Honoured(len(owed), done, done == len(owed) if owed else None, given if signed or owed else None, programme)


def due_of(signed: Signed | None, every: Sequence[Term], obligations: Sequence[Obligation], day: Day) -> Iterator[Due]:
    """Contracts to be renewed or settled, and services that are owed and not given."""
    facts = {term.fact.id: term.fact for term in every}
    if signed:
        disputed = bool(facts[signed.contract].disputed)
        if not any(signed.by < term.first <= plus(signed.by, RENEWAL_DAYS) for term in every):
            ahead = urgency(signed.by, day, ahead=RENEWAL_DAYS)
            yield Due("contract_renewal", "term_ends", signed.by, ahead, signed.contract, disputed)
        for other in signed.others:
            by = next(term.signed for term in every if term.fact.id == other)
            yield Due("contract_settle", "two_in_force", by, urgency(by, day), other, bool(facts[other].disputed))
    for one in obligations:
        if one.state in ("open", "to_come"):
            yield Due(
                "service",
                one.item,
                one.by,
                urgency(one.by, day),
                one.contract,
                bool(facts[one.contract].disputed),
                one.programme,
            )
