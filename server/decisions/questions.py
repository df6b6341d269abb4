"""What a record asks of a person: between which values to decide, about which void, about which list. Pure.

Three kinds of question: two values of a section (`values`), a record voided while somebody went on writing in it (`void`),
and a list that two persons changed apart (`review`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.histories import History, Step, differing
from server.store.scope import Stored
from server.waiting import REVIEW
from sync.decided import DECISION
from sync.record import REVIEW_ASKED, VOID, VOID_CLASH, Record, Value, canonical, conflicts, family, sections, shown
from sync.types.catalogue import Catalogue
from sync.version import Dot

VALUES = "values"
StepOf = Callable[[Dot], Step | None]


@dataclass(frozen=True)
class Claim:
    """One of the values between which a person decides, and the edit that it came with, where the log is at hand."""

    dot: Dot
    author: str
    value: Value
    step: Step | None


@dataclass(frozen=True)
class Question:
    """What a person has to decide about one section; of a `review` about all entries of the list.

    `before`: what everybody who claims something had seen last. `fields`: those in which the claims differ, in the order of
    the form. `entries`: of a `review` what stands in the list, by section; of a `void` what was written apart from it.
    """

    section: str
    kind: str
    claims: tuple[Claim, ...] = ()
    before: Value = None
    fields: tuple[str, ...] = ()
    entries: tuple[tuple[str, Claim], ...] = ()

    @property
    def alike(self) -> bool:
        """True when the claims say the same in other spelling: nothing is lost by taking the one that is shown."""
        return self.kind == VALUES and len({canonical(_plain(claim.value)) for claim in self.claims}) == 1

    @property
    def about(self) -> tuple[Claim, ...]:
        """All that it is about."""
        return (*self.claims, *(claim for _, claim in self.entries))


def questions(stored: Stored, catalogue: Catalogue, history: History | None = None) -> Iterator[Question]:
    """What a record asks; with its history also who had seen what."""
    record, step = stored.record, history.step if history else _unknown
    remarks = {(issue["section"], issue["code"]) for issue in stored.issues}
    voided = (VOID, VOID_CLASH) in remarks
    if voided:
        yield _of_void(record, step)
    for name, siblings in conflicts(record, catalogue.policy(record.type)).items():
        if name == VOID and voided:
            continue
        claims = tuple(Claim(one.edit.dot, one.edit.author, one.value, step(one.edit.dot)) for one in siblings)
        before = history.seen_by_all(name, [claim.dot for claim in claims]) if history else None
        yield Question(name, VALUES, claims, before, _differing(catalogue, record.type, name, claims))
    for name in sorted(section for section, code in remarks if code == REVIEW_ASKED):
        live = {n: s[-1] for n, s in sections(record).items() if family(n) == name and s[-1].value is not None}
        entries = ((n, Claim(one.edit.dot, one.edit.author, one.value, step(one.edit.dot))) for n, one in sorted(live.items()))
        yield Question(name, REVIEW, entries=tuple(entries))


def agreed(record: Record, asked: Sequence[Question]) -> int:
    """How many fields there are about which nobody is asked: they came together by themselves."""
    open_ = {question.section: question for question in asked if question.kind == VALUES}
    settled = sum(len(value or {}) for name, value in shown(record).items() if name not in (DECISION, *open_))
    return settled + sum(len({*(one.claims[-1].value or {})} - set(one.fields)) for one in open_.values())


def _unknown(_dot: Dot) -> None:
    return None


def _differing(catalogue: Catalogue, type_name: str, section: str, claims: Sequence[Claim]) -> tuple[str, ...]:
    found = {change.field for one in claims for change in differing(section, claims[0].value, one.value) if change.field}
    if any(one.value is None for one in claims):  # against an emptied section every field differs
        found |= {name for one in claims for name in one.value or {}}
    declared = catalogue.types.get(type_name)
    form = declared.by_name.get(family(section)) if declared else None
    order = {name: place for place, name in enumerate(form.fields)} if form else {}
    return tuple(sorted(found, key=lambda name: (order.get(name, len(order)), name)))


def _of_void(record: Record, step: StepOf) -> Question:
    """The voids that stand, and what was written by somebody who did not know of them."""
    live = sections(record)
    voids = [one.edit for one in live.get(VOID, ()) if one.value is not None]
    claims = tuple(Claim(edit.dot, edit.author, edit.sections[VOID], step(edit.dot)) for edit in voids)
    others = {name: one[-1] for name, one in live.items() if name not in (VOID, DECISION)}
    apart = [
        (name, Claim(one.edit.dot, one.edit.author, one.value, step(one.edit.dot)))
        for name, one in others.items()
        if any(_apart(one.edit.dot, void.dot, step) for void in voids)
    ]
    return Question(VOID, VOID, claims, entries=tuple(apart))


def _apart(one: Dot, other: Dot, step: StepOf) -> bool:
    """True when neither of two edits had seen the other, as far as the log is at hand."""
    return one != other and not any(
        said is not None and said.context is not None and said.context.covers(seen)
        for said, seen in ((step(one), other), (step(other), one))
    )


def _plain(value: Any) -> Any:
    """A value without what is only spelling: width and case of signs, spaces, zeros behind a point, fields that are empty."""
    if isinstance(value, Mapping):
        return {name: plain for name, one in value.items() if (plain := _plain(one)) not in (None, "", [])}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, str):
        return value
    text = "".join(unicodedata.normalize("NFKC", value).casefold().split())
    whole, point, rest = text.partition(".")
    return whole + ("." + rest.rstrip("0")).rstrip(".") if point and (whole + rest).isdecimal() else text
