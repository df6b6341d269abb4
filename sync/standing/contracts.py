"""Contracts: which one is in force and counts, whether it was renewed, and whether what it owed was honoured.

A resident has one contract in force. Where two were signed for the same days, by two teams without a signal, the one that
was signed first counts and the other waits for a person to settle it: nobody is counted twice, nobody's contract is lost.
What a contract owes is in owing.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sync.standing.answer import Due, Honoured, Obligation, Signed
from sync.standing.day import Day, plus
from sync.standing.facts import CONFLICT, Fact, Facts
from sync.standing.pressing import urgency
from sync.types.checks import number_of

RENEWAL_DAYS = 30  # before and after the last day of a contract, in which its renewal is looked for: this project's
IN_FORCE = ("term", "status", "stop")  # the sections that decide whether and when a contract is in force


class Term(NamedTuple):
    """A contract and the days on which it is in force, both counted."""

    fact: Fact
    signed: dt.date
    first: dt.date
    last: dt.date

    def in_force(self, on: dt.date) -> bool:
        """True on a day of the term."""
        return self.first <= on <= self.last


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


def counting(every: Sequence[Term], on: dt.date) -> Term | None:
    """The contract that counts on a day."""
    return next((term for term in every if term.in_force(on)), None)


def signed_of(every: Sequence[Term], day: Day) -> Signed | None:
    """The contract in force, with those in force beside it."""
    now = [term for term in every if day.within(term.first, plus(term.last, 1))]
    if not now:
        return None
    first, *others = now
    team, renewal_of = first.fact.at("parties.team"), first.fact.at("term.renewal_of")
    return Signed(
        first.fact.id,
        first.first,
        first.last,
        team if isinstance(team, str) else None,
        tuple(term.fact.id for term in others),
        renewal_of=renewal_of if isinstance(renewal_of, str) and renewal_of else None,
        paid=_paid(first.fact),
        reason=None if first.fact.settled(*IN_FORCE) else CONFLICT,
    )


def _paid(contract: Fact) -> bool | None:
    total = number_of(contract.at("fees.total_yuan"))
    return total > 0 if total is not None and contract.settled("fees") else None


def renewal(term: Term, every: Sequence[Term]) -> Term | None:
    """The contract that goes on where one ended, or begins within 30 days after it."""
    for other in every:
        follows = other.first > term.last or other.fact.at("term.renewal_of") == term.fact.id
        if follows and other.last > term.last and other.first <= plus(term.last, RENEWAL_DAYS):
            return other
    return None


def honoured_of(obligations: Sequence[Obligation], programme: str | None, signed: bool, day: Day) -> Honoured:
    """The three variants, over what was due in the year up to the day; what was waived counts on neither side.

    What is owed until the day itself is due when it was given, or when the day is over.
    """
    mine = [one for one in obligations if one.programme == programme and one.state != "waived"]
    owed = [one for one in mine if one.by.year == day.year and day.reached(one.by) and one.state != "open"]
    done = sum(one.given for one in owed)
    given = any(one.given and (one.done_on or one.by).year == day.year for one in mine)
    return Honoured(len(owed), done, done == len(owed) if owed else None, given if signed or owed else None, programme)


def due_of(signed: Signed | None, every: Sequence[Term], obligations: Sequence[Obligation], day: Day) -> Iterator[Due]:
    """Contracts to be renewed or settled, and services that are owed and not given.

    What was given and is in conflict is not asked for again: the conflict is to be settled.
    """
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
        if one.state in ("open", "to_come") and not (one.reason == CONFLICT and one.evidence):
            yield Due(
                "service",
                one.item,
                one.by,
                urgency(one.by, day),
                one.contract,
                bool(facts[one.contract].disputed),
                one.programme,
            )
