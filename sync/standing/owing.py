"""What a contract owes and when, what shows that it was given, and why something was not.

The items stand in the contract as they were signed. What an item owes is divided into spans of days; a span is honoured by
the first record in it that its item names, or by a performance with evidence. Where there is neither, the record that comes
nearest is named with the reason why it does not count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sync.standing.answer import Obligation
from sync.standing.appeals import Appeal, decided
from sync.standing.contracts import IN_FORCE, Term, counting
from sync.standing.day import plus
from sync.standing.facts import CONFLICT, Fact, Facts, worded
from sync.standing.groups import Membership, programmes_for
from sync.standing.series import IN_PERSON, was_met
from sync.types.checks import ABSENT, months_later

PLAN_REVIEW = "care_plan_review"  # counts for an item without a record of its own
NEAREST = (CONFLICT, "no_evidence", "by_phone", "not_met", "void", "too_late")  # of several reasons the one to be told


class Span(NamedTuple):
    """One time that an item is owed, between two days, both counted."""

    since: dt.date
    by: dt.date


class Shown(NamedTuple):
    """A record about an item: whether it waives it, its day, and why it does not show it (None: it does)."""

    waived: bool
    day: dt.date
    record: str
    reason: str | None = None


def obligations_of(every: Sequence[Term], facts: Facts, belongs: Sequence[Membership]) -> Iterator[Obligation]:
    """What is owed in this calendar year, contract by contract, in the order of the days.

    For whom an item is, is judged on the last day of each span: falling ill in autumn owes nothing for the spring. What
    falls into two contracts is owed by the one that counts on that day, and by nobody else.
    """
    for term in every:
        owed = [one for code, item in term.fact.keyed("item").items() for one in _owed(term, code, item, every, facts, belongs)]
        yield from sorted(decided(term.fact, owed), key=lambda one: (one.by, one.item, one.programme or ""))


def _owed(
    term: Term,
    code: str,
    about: Mapping[str, Any],
    every: Sequence[Term],
    facts: Facts,
    belongs: Sequence[Membership],
) -> Iterator[Obligation]:
    wanted = about.get("groups")
    found: dict[str | None, list[Span]] = {}
    for span in spans(about, term.fact, facts.day.year):
        if counting(every, span.by) is term:
            meant: list[str | None] = [None]
            if isinstance(wanted, list) and wanted:
                meant = programmes_for(wanted, belongs, span.by, facts.day)
            for programme in meant:
                found.setdefault(programme, []).append(span)
    for programme, some in found.items():
        item = Item(term, code, about, facts, programme)
        shown = list(item.shown())
        yield from _with_late([_judged(item, span, shown) for span in some], shown)


def appeals_undecided(every: Sequence[Term]) -> Iterator[Appeal]:
    """Appeals that say what was decided, and that no supervisor has decided."""
    for term in every:
        yield from (one for one in Appeal.of(term.fact) if one.claimed and not one.decision)


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


# -- judging -----------------------------------------------------------------------------------------------------------


class Item(NamedTuple):
    """An item of a contract, for somebody who is meant by it in the open or by a programme."""

    term: Term
    code: str
    about: Mapping[str, Any]
    facts: Facts
    programme: str | None

    @property
    def settled(self) -> bool:
        """True when no conflict leaves open whether the contract owes it."""
        return self.term.fact.settled(*IN_FORCE, f"item/{self.code}")

    def shown(self) -> Iterator[Shown]:
        """Everything about the item, on whatever day. Nothing protected speaks for what is owed in the open."""
        kinds = self.about.get("fulfilled_by")
        for kind in kinds if isinstance(kinds, list) else ():
            for fact in self._of(kind) if isinstance(kind, str) else ():
                if fact.day:
                    yield Shown(False, fact.day, fact.id, self._why_no_visit(fact))
            for plan in self.facts.of("care_plan") if kind == PLAN_REVIEW else ():
                reviewed = plan.date("review.reviewed_on")
                if reviewed and self._may_tell(plan) and self.facts.day.reached(reviewed):
                    yield Shown(False, reviewed, plan.id, None if plan.settled("review") else CONFLICT)
        for fact in self._of("performance"):
            about = fact.at("performance.contract") == self.term.fact.id and fact.at("performance.item") == self.code
            if fact.day and about:
                yield Shown(fact.at("waiver.reason") is not None, fact.day, fact.id, self.why_not_performed(fact))

    def _of(self, type_name: str) -> Iterator[Fact]:
        void = (fact for fact in self.facts.left_out if fact.type == type_name and fact.ignored != "to_come")
        yield from (fact for fact in (*self.facts.of(type_name), *void) if self._may_tell(fact))

    def _may_tell(self, fact: Fact) -> bool:
        return fact.programme in (None, self.programme)

    def _why_no_visit(self, fact: Fact) -> str | None:
        if fact.ignored or not fact.happened:
            return fact.ignored or CONFLICT
        if not served(fact, self.facts.ids):
            return "not_met"
        return self._why_not_so(fact, "visit.way")

    def why_not_performed(self, fact: Fact) -> str | None:
        """Why a performance of the item does not show it: void, in conflict, without evidence, or not face to face."""
        if fact.ignored or not fact.settled("performance", "evidence", "waiver"):
            return fact.ignored or CONFLICT
        if fact.at("waiver.reason") is None and (reason := why_not_shown(fact, self.facts, self.programme)):
            return reason
        return self._why_not_so(fact, "performance.mode")

    def _why_not_so(self, fact: Fact, way: str) -> str | None:
        face_to_face = self.about.get("face_to_face") is True
        return "by_phone" if face_to_face and fact.at(way) not in (None, *IN_PERSON) else None


def _judged(item: Item, span: Span, shown: Sequence[Shown]) -> Obligation:
    day = item.facts.day
    state = "to_come"
    if day.ended(span.by):
        state = "missed"
    elif day.reached(span.since):
        state = "open"
    owes = Obligation(item.term.fact.id, item.code, span.since, span.by, state, programme=item.programme)
    timely = [one for one in shown if span.since <= one.day <= span.by]
    if fit := [one for one in timely if one.reason is None]:
        waived, on, record, _ = min(fit)
        if not item.settled:
            return replace(owes, evidence=record, reason=CONFLICT)
        why = item.facts.by_id[record].at("waiver.reason") if waived else None
        state = "waived" if waived else "done"
        return replace(owes, state=state, evidence=record, done_on=on, reason=why if isinstance(why, str) else None)
    if not item.settled:
        return replace(owes, reason=CONFLICT)
    if rejected := [(NEAREST.index(one.reason), one.day, one.record) for one in timely if one.reason]:
        rank, _, record = min(rejected)
        return replace(owes, evidence=record, reason=NEAREST[rank])
    return replace(owes, reason="no_record") if state == "missed" else owes


def _with_late(owed: Sequence[Obligation], shown: Sequence[Shown]) -> Iterator[Obligation]:
    """What was missed with nothing to show, and given after its last day: the first such record that shows nothing else."""
    if not any(one.reason == "no_record" for one in owed):
        yield from owed
        return
    used = {one.evidence for one in owed if one.given}
    late = sorted((one.day, one.record) for one in shown if not one.reason and not one.waived and one.record not in used)
    for one in owed:
        after = next((record for day, record in late if day > one.by), None) if one.reason == "no_record" else None
        yield replace(one, reason="too_late", evidence=after) if after else one


def served(fact: Fact, ids: frozenset[str]) -> bool:
    """True when a visit or an examination met one of these persons."""
    if fact.type == "home_visit":
        residents = fact.at("visit.residents")
        met = isinstance(residents, list) and any(isinstance(one, str) and one in ids for one in residents)
        return met and fact.at("visit.not_met_reason") in ABSENT
    return was_met(fact)


def why_not_shown(performance: Fact, facts: Facts, programme: str | None) -> str | None:
    """Why a performance has no evidence; None when it has: a record about this person, photographs, a signature, their word.

    The record has to be here, not void, and to have met the person. That whoever performed it was in the team on that day
    is not looked at: teams are no records.
    """
    if any(performance.at(f"evidence.{name}") for name in ("photos", "signature", "resident_confirmed")):
        return None
    record = facts.by_id.get(worded(performance.at("evidence.record")))
    if record and record.programme in (None, programme) and record.id != performance.id and served(record, facts.ids):
        return None if record.happened else CONFLICT
    return "no_evidence"
