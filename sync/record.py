"""An edit is an immutable fact; a record is what its edits amount to. Standard library only.

`apply` folds one edit into a record, `merge` joins two replicas. Both work section by section: a section keeps every
value that no other edit has replaced after having seen it. Values in, values out; nothing here knows of phones,
servers, forms or clocks. What a section's siblings mean is decided by the `policy` that the caller hands in.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sync.version import Dot, VersionVector

VOID = "void"
Value = Mapping[str, Any] | None
Sections = Mapping[str, Value]


class Policy(enum.StrEnum):
    """What siblings of different value mean in a section."""

    ASK = "ask"  # a conflict until a person resolves it
    LATEST = "latest"  # the latest is shown, nobody is asked, the others stay in the history
    REVIEW = "review"  # as ASK; and when two persons changed the keyed list apart, the list is to be looked at


PolicyOf = Callable[[str], Policy]


@dataclass(frozen=True, slots=True)
class Edit:
    """One saved form. `context` is the record's vector as its author saw it, and is never recomputed."""

    record: str
    type: str
    subject: str | None
    scope: str
    dot: Dot
    context: VersionVector
    written_at: str
    author: str
    sections: Sections


@dataclass(frozen=True, slots=True)
class LiveEdit:
    """What is left of an edit in a record: the sections it still owns. `at` is the server's estimate of its time."""

    dot: Dot
    at: str
    written_at: str
    author: str
    sections: Sections


@dataclass(frozen=True, slots=True)
class Record:
    """One replica of a record: what it has seen, and the edits that still own a section, in the order of their dots."""

    id: str
    type: str
    subject: str | None
    scope: str
    seen: VersionVector = field(default_factory=VersionVector)
    edits: tuple[LiveEdit, ...] = ()


class Applied(NamedTuple):
    """The outcome of `apply`: `applied`, `duplicate` or `gap`; the record is changed only by `applied`."""

    status: str
    record: Record


class Sibling(NamedTuple):
    """One live value of a section and the edit it came with."""

    edit: LiveEdit
    value: Value


def blank(edit: Edit) -> Record:
    """The record that an edit is the first of."""
    return Record(edit.record, edit.type, edit.subject, edit.scope)


def apply(record: Record, edit: Edit, at: str, deposited: Collection[int] = ()) -> Applied:
    """Fold one edit into a record. `deposited`: counters of the edit's actor that were set aside and never applied.

    Gap: the context names an edit of another actor that the record has not seen, or the author's own chain is broken
    (its entry in the context is neither the last counter applied to the record nor a deposited one above it).
    """
    actor = edit.dot.actor
    if record.seen.covers(edit.dot):
        return Applied("duplicate", record)
    own, applied = edit.context.upto(actor), record.seen.upto(actor)
    whole = own == applied or (own > applied and own in deposited)
    if not whole or not record.seen.descends(edit.context.without(actor)):
        return Applied("gap", record)
    return Applied("applied", fold(record, edit, at))


def fold(record: Record, edit: Edit, at: str) -> Record:
    """The heart of `apply`, without its checks: what the edit had seen gives way to what it says."""
    kept = [
        (old, {name: v for name, v in old.sections.items() if name not in edit.sections or not edit.context.covers(old.dot)})
        for old in record.edits
    ]
    new = LiveEdit(edit.dot, at, edit.written_at, edit.author, edit.sections)
    return replace(record, seen=record.seen.advanced(edit.dot), edits=_ordered([*kept, (new, edit.sections)]))


def merge(a: Record, b: Record) -> Record:
    """Join two replicas: commutative, associative, idempotent. Of what both hold, `b`'s words about it (`at`) are kept."""
    live: dict[Dot, tuple[LiveEdit, dict[str, Value]]] = {}
    for here, there in ((a, b), (b, a)):
        held = {(edit.dot, name) for edit in there.edits for name in edit.sections}
        for edit in here.edits:
            gone = there.seen.covers(edit.dot)  # seen there: what is no longer held there was replaced
            kept = {name: v for name, v in edit.sections.items() if not gone or (edit.dot, name) in held}
            before = live.get(edit.dot, (edit, {}))[1]
            live[edit.dot] = (edit, {**before, **kept})
    return replace(b, seen=a.seen.joined(b.seen), edits=_ordered(live.values()))


def _ordered(parts: Collection[tuple[LiveEdit, Sections]]) -> tuple[LiveEdit, ...]:
    """Edits with the sections they still own, by dot; those that own none are gone."""
    return tuple(sorted((replace(e, sections=own) for e, own in parts if own), key=lambda e: e.dot))


# -- reading a record --------------------------------------------------------------------------------------------------


def sections(record: Record) -> dict[str, list[Sibling]]:
    """Every section and its live values, the one to show last."""
    found: dict[str, list[Sibling]] = {}
    for edit in record.edits:
        for name, value in edit.sections.items():
            found.setdefault(name, []).append(Sibling(edit, value))
    for siblings in found.values():
        siblings.sort(key=lambda s: (s.edit.at, s.edit.dot))
    return found


def shown(record: Record) -> dict[str, Value]:
    """The value of each section that every replica displays: the greatest by (at, actor, counter)."""
    return {name: siblings[-1].value for name, siblings in sections(record).items()}


def clashing(record: Record) -> dict[str, list[Sibling]]:
    """Sections whose siblings differ in value, whatever their policy."""
    return {name: s for name, s in sections(record).items() if len(s) > 1 and len({canonical(x.value) for x in s}) > 1}


def conflicts(record: Record, policy: PolicyOf) -> dict[str, list[Sibling]]:
    """Sections that wait for a person: siblings of different value where the policy is not `latest`.

    A void and an edit that have not seen each other leave no trace in the record itself: see `remarks`.
    """
    return {name: s for name, s in clashing(record).items() if policy(name) is not Policy.LATEST}


def canonical(value: object) -> str:
    """Canonical JSON: keys by code point, no white space, no ASCII escaping. Equal text means equal value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def family(section: str) -> str:
    """The declared name of a section: `medication/m1` belongs to `medication`."""
    return section.partition("/")[0]


# -- judging an edit ---------------------------------------------------------------------------------------------------


class Remark(NamedTuple):
    """Something about two edits that the record cannot show by itself; kept until a person who saw both has decided."""

    section: str
    code: str


VOID_CLASH, REVIEW_ASKED = "void-clash", "review"
STANDING = frozenset({VOID_CLASH, REVIEW_ASKED})  # codes of remarks among the issues of a record


def verdict(before: Record, edit: Edit, after: Record, policy: PolicyOf) -> str:
    """What to answer about an applied edit: `accepted`, `conflict` or `merged`."""
    if Remark(VOID, VOID_CLASH) in _raised(before, edit, policy) or conflicts(after, policy).keys() & edit.sections.keys():
        return "conflict"
    return "accepted" if _saw_all(before, edit) else "merged"


def remarks(before: Record, edit: Edit, policy: PolicyOf, standing: Collection[Remark] = ()) -> frozenset[Remark]:
    """The remarks that stand after an edit: those it raises, and earlier ones that it does not settle.

    An edit settles a remark when its author had seen everything and it writes that section again.
    """
    touched = {family(name) for name in edit.sections} if _saw_all(before, edit) else set()
    return frozenset(r for r in standing if r.section not in touched) | _raised(before, edit, policy)


def _saw_all(before: Record, edit: Edit) -> bool:
    return edit.context.descends(before.seen)


def _raised(before: Record, edit: Edit, policy: PolicyOf) -> frozenset[Remark]:
    return frozenset(_remarks_of(before, edit, policy))


def _remarks_of(before: Record, edit: Edit, policy: PolicyOf) -> Iterator[Remark]:
    unseen = [live for live in before.edits if not edit.context.covers(live.dot)]
    mine = LiveEdit(edit.dot, "", edit.written_at, edit.author, edit.sections)
    for live in unseen:
        yield from _apart(live, mine, policy)


def merge_remarks(a: Record, b: Record, policy: PolicyOf) -> frozenset[Remark]:
    """The remarks that joining two replicas raises: about edits of each side that the other had not seen."""
    news = [live for live in a.edits if not b.seen.covers(live.dot)]
    olds = [live for live in b.edits if not a.seen.covers(live.dot)]
    return frozenset(remark for x in news for y in olds for remark in _apart(x, y, policy))


def joined_remarks(
    sent: Record, here: Record, policy: PolicyOf, standing: frozenset[Remark], told: frozenset[Remark] | None
) -> frozenset[Remark]:
    """The remarks that stand after a replica was joined with this one; `told`: by what its sender knows, None when not said.

    Who has seen everything knows best what is settled.
    """
    if told is not None and sent.seen.descends(here.seen):
        return told
    return standing | merge_remarks(sent, here, policy) | (told or frozenset())


def _apart(x: LiveEdit, y: LiveEdit, policy: PolicyOf) -> Iterator[Remark]:
    """The remarks about two edits that have not seen each other."""
    if x.sections.get(VOID) is not None or y.sections.get(VOID) is not None:
        yield Remark(VOID, VOID_CLASH)
    if x.author != y.author:
        shared = {family(name) for name in x.sections} & {family(name) for name in y.sections}
        yield from (Remark(name, REVIEW_ASKED) for name in shared if policy(name) is Policy.REVIEW)
