"""Conflicts at a desk: which records wait, what each person wrote and had seen, and the decision.

A suggestion never takes effect by itself; a reason is asked for; the loser stays in the log. See questions.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine

from server.access import View
from server.decisions.deciding import Deciding, Draft, given
from server.decisions.questions import VALUES, Question, agreed, questions
from server.histories import History, Step, history_of
from server.problems import Problem
from server.store import conflicts as store
from server.store.conflicts import Arrived
from server.store.engine import reading
from server.store.scope import Stored, living
from server.waiting import CONFLICT, REVIEW
from sync.decided import DECISION
from sync.record import VOID, Record, Value, family, sections
from sync.types.catalogue import Catalogue
from sync.version import SERVER_ACTOR, Dot


@dataclass(frozen=True)
class Conflict:
    """A record that waits, as it is put before a person. `agreed`: how many fields came together by themselves.

    `returned`: the decision that sent it back to the doctors, while none of them has settled it.
    """

    history: History
    questions: tuple[Question, ...]
    agreed: int
    returned: Step | None

    @property
    def record(self) -> Record:
        """The record."""
        return self.history.record

    @property
    def decision(self) -> Step | None:
        """What a person decided last about the record, with the reason; what a phone wrote that settled nothing is none."""
        return next((step for step in reversed(self.history.steps) if step.decides), None)

    @property
    def alike(self) -> bool:
        """True when every question is one of spelling only."""
        return bool(self.questions) and all(question.alike for question in self.questions)


@dataclass(frozen=True)
class Waiting:
    """A line of the list. `since`: when the last words that it is about arrived; `authors`: whose they are."""

    record: Record
    subject: Record | None
    sections: tuple[str, ...]
    authors: tuple[str, ...]
    since: str
    alike: bool
    returned: bool


@dataclass(frozen=True)
class Choice:
    """What a person chose for a section: the claim of an edit, with some fields corrected (None takes one out).

    Of a `void`: `dot` of the void, or None for a record that holds. Of a `review`: `keep` names the entries that stay.
    """

    dot: Dot | None = None
    corrected: Mapping[str, Any] = field(default_factory=dict)
    keep: Collection[str] | None = None


class Conflicts:
    """The use case."""

    def __init__(self, engine: Engine, deciding: Deciding, catalogue: Catalogue) -> None:
        self._engine, self._deciding, self._catalogue = engine, deciding, catalogue

    def listed(self, view: View) -> list[Waiting]:
        """What waits in the villages, and programmes, of a view, the oldest first."""
        with reading(self._engine) as connection:
            found = store.waiting(connection, view.scopes, (CONFLICT, REVIEW))
            arrived = store.arrived(connection, [one.record.id for one in found])
            named = living(connection, {one.record.subject for one in found if one.record.subject})
            decided = {one.record.id: self._decided(connection, view, one.record, arrived) for one in found}
        subjects = {name: one for name, one in named.items() if one.record.scope in view.scopes}
        lines = [self._line(one, arrived.get(one.record.id, {}), subjects, decided[one.record.id]) for one in found]
        return sorted(lines, key=lambda line: (line.since, line.record.id))

    def _decided(
        self, connection: Connection, view: View, record: Record, arrived: Mapping[str, Arrived]
    ) -> tuple[Dot, Value] | None:
        """What was decided last at a desk: from the log where a phone has written over it."""
        siblings = sections(record).get(DECISION, ())
        if not siblings or SERVER_ACTOR.fullmatch(siblings[-1].edit.dot.actor):
            return (siblings[-1].edit.dot, siblings[-1].value) if siblings else None
        if not any(SERVER_ACTOR.fullmatch(dot.actor) for dot in arrived.get(record.id, ())):
            return None
        return _at_a_desk(history_of(connection, view.scopes, record.id))

    def _line(
        self, one: Stored, arrived: Arrived, subjects: Mapping[str, Stored], decided: tuple[Dot, Value] | None
    ) -> Waiting:
        asked = list(questions(one, self._catalogue))
        claims = [claim for question in asked for claim in question.about]
        subject = subjects.get(one.record.subject or "")
        return Waiting(
            one.record,
            subject.record if subject else None,
            tuple(question.section for question in asked),
            tuple(sorted({claim.author for claim in claims})),
            max((arrived[claim.dot][0] for claim in claims if claim.dot in arrived), default=""),
            bool(asked) and all(question.alike for question in asked),
            _returned(decided, asked, arrived) is not None,
        )

    def of(self, view: View, record: str) -> Conflict:
        """One record with what waits about it, nothing where all is decided; raises Problem `not-found`."""
        with reading(self._engine) as connection:
            history = history_of(connection, view.scopes, record)
        asked = tuple(questions(history.stored, self._catalogue, history))
        places = {step.dot: (step.received_at, place) for place, step in enumerate(history.steps) if step.applied}
        returned = _returned(_at_a_desk(history), asked, places)
        return Conflict(history, asked, agreed(history.record, asked), history.step(returned) if returned else None)

    # -- deciding ------------------------------------------------------------------------------------------------------

    def settle(self, view: View, record: str, seen: Mapping[str, int], choices: Mapping[str, Choice], reason: str) -> str:
        """Decide some of the questions, with the reason; `seen`: the record's vector on the page.

        Raises Problem `not-allowed`, `not-found`, `changed-meanwhile`, or `unfit-request` for a choice that is none. Of one
        list all questions are decided together, for whoever writes one entry has looked at the list.
        """
        view.require("settle")
        conflict, why = self._present(view, record, seen), given(reason)
        asked = {question.section: question for question in conflict.questions}
        faults = [f"/choices/{name}: nothing is asked about it" for name in choices if name not in asked]
        lists = {family(name) for name in choices}
        faults += [
            f"/choices: {name} belongs to the same list" for name in asked if family(name) in lists and name not in choices
        ]
        if faults or not choices:
            raise Problem("unfit-request", faults=faults or ["/choices: nothing is decided"])
        chosen: dict[str, Value] = {}
        for name in sorted(choices, key=lambda name: asked[name].kind == VALUES):  # an entry in conflict goes over its list
            chosen |= self._chosen(conflict, asked[name], choices[name])
        return self._decide(view, conflict, chosen, tuple(choices), why, "conflict.settle")

    def send_back(self, view: View, record: str, seen: Mapping[str, int], reason: str) -> str:
        """Ask the doctors to look again: they read the reason with the next exchange, and everything waits as it did."""
        view.require("settle")
        conflict, why = self._present(view, record, seen), given(reason)
        if not conflict.questions:
            raise Problem("changed-meanwhile")
        return self._decide(view, conflict, {}, tuple(q.section for q in conflict.questions), why, "conflict.send_back")

    def accept_alike(self, view: View, record: str, seen: Mapping[str, int], reason: str) -> str:
        """Take the shown values of a record in which the claims differ in spelling only; raises Problem as `settle` does."""
        conflict = self.of(view, record)
        if not conflict.alike:
            raise Problem("changed-meanwhile")
        return self.settle(view, record, seen, {q.section: Choice(q.claims[-1].dot) for q in conflict.questions}, reason)

    def _present(self, view: View, record: str, seen: Mapping[str, int]) -> Conflict:
        conflict = self.of(view, record)
        if conflict.record.seen != seen:
            raise Problem("changed-meanwhile")
        return conflict

    def _decide(
        self, view: View, conflict: Conflict, chosen: Mapping[str, Value], about: Sequence[str], why: str, action: str
    ) -> str:
        decision = {"about": list(about), "reason": why, "decided_on": self._deciding.today.isoformat()}
        draft = Draft.over(conflict.record, conflict.record.seen, {**chosen, DECISION: decision})
        return self._deciding.write(view, draft, action, {"sections": len(about)})

    def _chosen(self, conflict: Conflict, question: Question, choice: Choice) -> dict[str, Value]:
        """What is to be written for a choice; raises Problem `unfit-request`."""
        name = question.section
        if question.kind == REVIEW:
            names = [entry for entry, _ in question.entries]
            if choice.keep is None or not set(choice.keep) <= set(names):
                raise Problem("unfit-request", faults=[f"/choices/{name}/keep: names entries of the list"])
            if not names:  # all were taken out: to write so again says that somebody looked
                return {entry: None for entry in sections(conflict.record) if family(entry) == name}
            return {entry: claim.value if entry in choice.keep else None for entry, claim in question.entries}
        if question.kind == VOID and choice.dot is None:
            return {VOID: None}
        claim = next((claim for claim in question.claims if claim.dot == choice.dot), None)
        if claim is None:
            raise Problem("unfit-request", faults=[f"/choices/{name}/dot: no edit that is asked about"])
        if not choice.corrected:
            return {name: claim.value}
        value = {key: x for key, x in {**(claim.value or {}), **choice.corrected}.items() if x is not None}
        return {name: self._deciding.checked(conflict.record.type, name, value, choice.corrected)}


def _at_a_desk(history: History) -> tuple[Dot, Value] | None:
    """What was decided last at a desk, whatever phones wrote over it."""
    by_desk = (step for step in reversed(history.steps) if step.decides and SERVER_ACTOR.fullmatch(step.dot.actor))
    return next(((step.dot, step.sections[DECISION]) for step in by_desk), None)


def _returned(decided: tuple[Dot, Value] | None, asked: Sequence[Question], arrived: Arrived) -> Dot | None:
    """The edit by which a person at a desk sent back what still waits: nothing that it is about came later."""
    if decided is None:
        return None
    dot, about = decided[0], (decided[1] or {}).get("about")
    named = [question for question in asked if isinstance(about, list) and question.section in about]
    before = [arrived.get(claim.dot, ("", 0)) < arrived.get(dot, ("", 0)) for one in named for claim in one.about]
    return dot if named and all(before) else None
