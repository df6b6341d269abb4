"""What each record of the calendar year counts for, or why it counts for nothing: the list *my work* of a doctor, and the
evidence of a supervisor. The same judgements that the standing is made of, told record by record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from sync.record import LiveEdit
from sync.standing.answer import Obligation, Work
from sync.standing.contracts import IN_FORCE, Term, counting
from sync.standing.facts import CONFLICT, HOME_VISIT, Fact, Facts, worded
from sync.standing.groups import active_plan
from sync.standing.managing import Register, status_on, uncounted
from sync.standing.owing import Item, served
from sync.version import SERVER_ACTOR

LINK, PLAN = "same_person", "care_plan"
ONCE_A_DAY = ("health_exam", "elder_selfcare")
Judged = tuple[tuple[str, ...], str | None]  # what a record counts for, or why for nothing


class Basis(NamedTuple):
    """What a standing rests on, for a person who counts here."""

    person: Fact
    registers: tuple[Register, ...]
    terms: tuple[Term, ...]
    owed: tuple[Obligation, ...]
    closed_on: dt.date | None


def work(facts: Facts, basis: Basis | None, status: str) -> Iterator[Work]:
    """The records of the year, by day. Without a basis nothing counts here, as the `status` of the standing says."""
    judge = _Judge(facts, basis) if basis else None
    elsewhere = status if status in ("same_person", "void") else "no_resident"
    found = []
    for fact in (*facts.by_id.values(), *facts.left_out):
        on, declared = day_of(fact), facts.catalogue.types.get(fact.type)
        if declared is None or fact.type == LINK or (fact.dated is None and on is None):
            continue
        if on is not None and on.year != facts.day.year:
            continue
        first = _writers(fact)
        written = min((day for edit in first if (day := _written(edit))), default=None)
        if on is None and (written is None or written.year != facts.day.year):
            continue  # of a record without a day the year in which it was written
        late = max(0, (written - on).days) if written and on else None
        said = Work(fact.id, fact.type, on, (), None, late, tuple(sorted({e.author for e in first})), fact.programme, written)
        if judge and judge.of_others(fact):
            continue  # void or not: of whom it named alone
        if judge is None or fact.ignored or on is None:
            found.append(replace(said, reason=fact.ignored or (elsewhere if judge is None else "no_day")))
        else:
            for programme, counts, reason in judge.told(fact, on):
                found.append(replace(said, counts=counts, reason=reason, programme=programme))
    yield from sorted(found, key=lambda one: (one.on or dt.date.min, one.record, one.programme or ""))


def day_of(fact: Fact) -> dt.date | None:
    """The day that a record is about; of a plan the day of its last review, or on which it was approved or written."""
    if fact.type != PLAN:
        return fact.day
    return fact.date("review.reviewed_on") or fact.date("review.approved_on") or fact.date("summary.written_on")


# -- who wrote it, and when --------------------------------------------------------------------------------------------


def _writers(fact: Fact) -> list[LiveEdit]:
    """The first edit of a phone that still owns a section, and the living edits of the section that says when it was.

    Whoever corrects the day takes nothing away from who wrote the form, nor makes it late: the creating edit mostly owns
    another section still. Where nothing of it is left, the present words are the earliest that are known. Where a person
    at the dashboard has decided that section, what is left of the edits of the phones.
    """
    dated = [edit for edit in fact.edits if fact.dated is None or fact.dated in edit.sections]
    by_phones = [edit for edit in fact.edits if not SERVER_ACTOR.fullmatch(edit.dot.actor)]
    if not by_phones:
        return dated
    first = min(by_phones, key=lambda edit: (edit.at, edit.dot))
    return [first, *(edit for edit in dated if edit in by_phones and edit is not first)]


def _written(edit: LiveEdit) -> dt.date | None:
    """The day on which an edit was written, where its author was and by that phone's clock."""
    try:
        return dt.datetime.fromisoformat(edit.written_at).date()
    except ValueError:
        return None


# -- what counts -------------------------------------------------------------------------------------------------------


class _Judge:
    """What the records of one person count for."""

    def __init__(self, facts: Facts, basis: Basis) -> None:
        self._facts, self._basis = facts, basis
        self._visits: dict[str, Judged] = {}
        for register in basis.registers:
            for visit, reason in uncounted(register, facts.day.year, basis.closed_on):
                self._visits[visit.fact.id] = () if reason else (f"followup:{register.disease}",), reason
        self._items: dict[str, dict[str | None, list[str]]] = {}
        for one in basis.owed:
            if one.evidence and (one.given or one.state == "waived"):
                said = f"{'waived' if one.state == 'waived' else 'item'}:{one.contract}/{one.item}"
                self._items.setdefault(one.evidence, {}).setdefault(one.programme, []).append(said)

    def of_others(self, fact: Fact) -> bool:
        """True for a visit to the home that names others of the household; one that names nobody is about all of it."""
        residents = fact.at("visit.residents") if fact.type == HOME_VISIT else None
        named = [one for one in residents if isinstance(one, str)] if isinstance(residents, list) else []
        return bool(named) and self._facts.ids.isdisjoint(named)

    def told(self, fact: Fact, on: dt.date) -> Iterator[tuple[str | None, tuple[str, ...], str | None]]:
        """(programme, counts, reason): in the scope of the record, and beside it for each other programme that owes it."""
        (counts, reason), items = self._own(fact, on), self._items.get(fact.id, {})
        counts = (*counts, *items.get(fact.programme, ()))
        yield fact.programme, counts, None if counts else reason
        for programme in sorted(str(one) for one in items if one != fact.programme):
            yield programme, tuple(items[programme]), None

    def _own(self, fact: Fact, on: dt.date) -> Judged:
        """What it counts for by itself."""
        if fact.type == HOME_VISIT:
            return self._home_visit(fact)
        if not (fact.settled("review", "summary") if fact.type == PLAN else fact.happened):
            return (), CONFLICT
        declared = self._facts.catalogue.types[fact.type]
        if declared.follows:
            return self._visits.get(fact.id) or ((), self._unregistered(fact, declared.follows.disease))
        if self._basis.closed_on and on > self._basis.closed_on:
            return (), "closed"
        judges = {
            "chronic_register": self._register,
            "contract": self._contract,
            "performance": self._performance,
            PLAN: self._plan,
        }
        return judges.get(fact.type, self._other)(fact)

    def _other(self, fact: Fact) -> Judged:
        same = (one for one in self._facts.of(fact.type) if one.day == fact.day and one.id < fact.id and one.happened)
        if fact.type in ONCE_A_DAY and any(same):
            return (), "duplicate"
        return (fact.type,), None

    def _home_visit(self, fact: Fact) -> Judged:
        if not fact.happened:
            return (), CONFLICT
        return ((fact.type,), None) if served(fact, self._facts.ids) else ((), "not_met")

    def _unregistered(self, fact: Fact, disease: str) -> str:
        """Why a follow-up is none of a register's: of a course that was closed before, or there is none."""
        same = (one for one in self._basis.registers if one.disease == disease and one.fact.programme == fact.programme)
        return "earlier_course" if any(one.since for one in same) else "no_register"

    def _register(self, fact: Fact) -> Judged:
        if not fact.settled("registration", "status"):
            return (), CONFLICT
        disease = fact.at("registration.disease")
        if any(one.fact is fact for one in self._basis.registers):
            return (f"register:{disease}",), None
        return (), "earlier_course" if status_on(fact, self._facts.day) == "closed" else "duplicate"

    def _plan(self, fact: Fact) -> Judged:
        if active_plan(self._facts, fact.programme) is not fact:
            return (), "not_in_force"
        reviewed = fact.date("review.reviewed_on")
        if reviewed and not self._facts.day.reached(reviewed):
            return (), "to_come"
        this_year = reviewed is not None and reviewed.year == self._facts.day.year
        return (PLAN, *(("plan_review",) if this_year else ())), None

    def _contract(self, fact: Fact) -> Judged:
        terms, day = self._basis.terms, self._facts.day
        mine = next((term for term in terms if term.fact is fact), None)
        if mine is None:
            return (), "not_in_force"
        if not fact.settled(*IN_FORCE):
            return (), CONFLICT
        on = mine.first if not day.reached(mine.first) else day.on if not day.reached(_after(mine.last)) else mine.last
        for other in terms:  # another one's beginning or end may decide which of the two counts
            day.within(other.first, _after(other.last))
        if counting(terms, on) is not mine:
            return (), CONFLICT
        return ("contract", *(("renewal",) if fact.at("term.renewal_of") else ())), None

    def _performance(self, fact: Fact) -> Judged:
        """Why a performance shows nothing that is owed: what it counts for is told by the services that it shows."""
        name, code, on = fact.at("performance.contract"), worded(fact.at("performance.item")), fact.day
        assert on is not None, "what has no day was told apart"
        mine = next((term for term in self._basis.terms if term.fact.id == name), None)
        if mine is None:
            known = any(one.id == name for one in self._facts.in_the_open("contract"))
            return (), "not_in_force" if known else "no_contract"
        if not mine.in_force(on):
            return (), "not_in_term"
        if counting(self._basis.terms, on) is not mine or not mine.fact.settled(*IN_FORCE, f"item/{code}"):
            return (), CONFLICT
        item = mine.fact.keyed("item").get(code)
        return (), "nothing_owed" if item is None else self._why_not_performed(fact, mine, item)

    def _why_not_performed(self, fact: Fact, mine: Term, about: Mapping[str, Any]) -> str:
        code, on = worded(fact.at("performance.item")), fact.day
        assert on is not None
        same = (one for one in self._facts.of("performance") if one.day == on and one.id < fact.id and one.happened)
        if any((one.at("performance.contract"), one.at("performance.item")) == (mine.fact.id, code) for one in same):
            return "duplicate"
        if reason := Item(mine, code, about, self._facts, None).why_not_performed(fact):
            return reason
        key = (mine.fact.id, code, None)
        owed = [one for one in self._basis.owed if (one.contract, one.item, one.programme) == key]
        if any(one.evidence == fact.id and one.reason == "too_late" for one in owed):
            return "too_late"
        return "already_done" if any(one.since <= on <= one.by and one.evidence for one in owed) else "nothing_owed"


def _after(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=1) if day < dt.date.max else day
