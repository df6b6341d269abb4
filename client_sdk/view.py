"""What the doctor sees of a record: the outbox applied to the base. Frozen values; nothing here can be saved back."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from client_sdk.exchange import Held
from sync import record as core
from sync.codec import UnfitError, instant, stamp
from sync.record import VOID, VOID_CLASH, Edit, LiveEdit, Record, Remark, Sections, Value
from sync.types import CATALOGUE
from sync.types.checks import Issue
from sync.version import Dot, VersionVector

Estimate = Callable[[Edit], str]  # the probable time of an edit that the server has not seen, as the server would write it


class Claim(NamedTuple):
    """One of the values that a section in conflict has, and whose it is. `written_at`: that phone's clock."""

    value: Value
    author: str
    written_at: str
    dot: Dot


class Entry(NamedTuple):
    """One edit in the history of a record. `state`: `applied` by the server or `pending` in the outbox.

    An applied edit shows the sections it still owns; `at` is the server's estimate of its time, None while pending.
    """

    dot: Dot
    state: str
    author: str
    written_at: str
    at: str | None
    sections: Sections


@dataclass(frozen=True, slots=True)
class View:
    """A record as it stands on this phone.

    `sections`: the value of each section to show. `conflicts`: sections that wait for a person, with every value they
    have, the one shown last; a reader MUST NOT present the shown value of such a section as settled. A void and an edit
    that did not see each other stand there as `void`. `pending`: some of it is still in the outbox. `seen`: what an
    edit made from this view has seen; `settled`: the part of it without the outbox, whose edits may yet get other names.
    `apart`: the sections of which such an edit has seen less than `settled`, and how much; what others wrote there stays
    beside what it writes. See `owned`.
    """

    id: str
    type: str
    subject: str | None
    scope: str
    seen: VersionVector
    settled: VersionVector
    sections: Sections
    conflicts: Mapping[str, Sequence[Claim]]
    issues: Sequence[Issue]
    pending: bool
    void: bool
    apart: Mapping[str, VersionVector] = field(default_factory=dict)


def composed(held: Held | None, pending: Sequence[Edit], estimate: Estimate) -> tuple[Record, frozenset[Remark]]:
    """The record with the waiting edits folded in, in order, and the remarks that stand then. One of both is there."""
    record = held.record if held else core.blank(pending[0])
    policy = CATALOGUE.policy(record.type)
    standing = frozenset(_remarks_of(held))
    for edit in pending:
        if not record.seen.covers(edit.dot):
            standing = core.remarks(record, edit, policy, standing)
            record = core.fold(record, edit, estimate(edit))
    return record, standing


def look(held: Held | None, pending: Sequence[Edit], on: dt.date, estimate: Estimate) -> View:
    """The view of a record that is held, or waits in the outbox, or both. Issues are those of the day `on`."""
    record, standing = composed(held, pending, estimate)
    shown = core.shown(record)
    told = held.issues if held and not pending else None  # the server knows the newest rules; what it has not seen, we check
    return View(
        id=record.id,
        type=record.type,
        subject=record.subject,
        scope=record.scope,
        seen=record.seen,
        settled=held.record.seen if held else VersionVector(),
        sections=shown,
        conflicts=_conflicts(record, standing),
        issues=tuple(CATALOGUE.check(record, on, sorted(standing))) if told is None else told,
        pending=bool(pending),
        void=bool(shown.get(VOID)),
    )


def owned(view: View, actor: str, person: str) -> View:
    """The view that somebody begins a form with.

    Of a section in conflict it shows what they wrote, on this phone or else wherever it was last, and nothing but that
    gives way to an edit; who wrote none of it sees what is shown and replaces nothing.
    """
    sections, apart = dict(view.sections), {}
    for name, claims in view.conflicts.items():
        own = [c for c in claims if c.dot.actor == actor] or [c for c in claims if c.author == person]
        if own:
            sections[name] = own[-1].value
        seen = dict(view.settled)
        for claim in claims:
            if claim not in own[-1:] and seen.get(claim.dot.actor, 0) >= claim.dot.counter:
                seen[claim.dot.actor] = claim.dot.counter - 1
        apart[name] = VersionVector(seen)
    return replace(view, sections=sections, apart=apart)


def contested(held: Held) -> bool:
    """Might the record be in conflict, whatever the catalogue says of policies? Cheap, kept beside the record."""
    return bool(core.clashing(held.record)) or any(r.code == VOID_CLASH for r in _remarks_of(held))


def history(held: Held | None, pending: Sequence[Edit]) -> list[Entry]:
    """The live edits and the waiting ones, the oldest first."""
    live = sorted(held.record.edits if held else (), key=lambda e: (e.at, e.dot))
    seen = held.record.seen if held else VersionVector()
    applied = [Entry(e.dot, "applied", e.author, e.written_at, e.at, e.sections) for e in live]
    waiting = [e for e in pending if not seen.covers(e.dot)]
    return applied + [Entry(e.dot, "pending", e.author, e.written_at, None, e.sections) for e in waiting]


def estimate(offset_ms: int) -> Estimate:
    """The time of a waiting edit from the difference of the clocks at the last exchange. For display only."""

    def at(edit: Edit) -> str:
        try:
            return stamp(instant(edit.written_at) + dt.timedelta(milliseconds=offset_ms))
        except (UnfitError, OverflowError):
            return edit.written_at

    return at


def carried(type_name: str, sections: Sections, shown: Sections) -> dict[str, Value]:
    """New sections, each with those fields of its shown value that the catalogue does not know: they are of a newer phone."""
    declared = CATALOGUE.types.get(type_name)
    result: dict[str, Value] = {}
    for name, value in sections.items():
        section = declared.by_name.get(core.family(name)) if declared else None
        known = section.fields.keys() if section else ()
        kept = {field: v for field, v in (shown.get(name) or {}).items() if field not in known}
        result[name] = None if value is None else {**kept, **value}
    return result


def words(record: Record) -> str:
    """Every text of every live value, as it is compared: where `mentions` may be true."""
    return plain("\n".join(text for edit in record.edits for text in _texts(edit.sections)))


def mentions(view: View, text: str) -> bool:
    """Does a shown value contain the text, whatever its case and width of letters?"""
    sought = plain(text)
    return any(sought in plain(found) for value in view.sections.values() for found in _texts(value))


def plain(text: str) -> str:
    """Text as it is compared: half-width, no case."""
    return unicodedata.normalize("NFKC", text).casefold()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for below in value.values():
            yield from _texts(below)
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below)


def _remarks_of(held: Held | None) -> Iterator[Remark]:
    for issue in (held.issues or ()) if held else ():
        if issue.code in (core.VOID_CLASH, core.REVIEW_ASKED):
            yield Remark(issue.section, issue.code)


def _conflicts(record: Record, standing: frozenset[Remark]) -> dict[str, tuple[Claim, ...]]:
    found = core.conflicts(record, CATALOGUE.policy(record.type))
    if Remark(VOID, VOID_CLASH) in standing:
        found.setdefault(VOID, core.sections(record).get(VOID, []))
    return {name: tuple(_claim(s.edit, s.value) for s in siblings) for name, siblings in found.items()}


def _claim(edit: LiveEdit, value: Value) -> Claim:
    return Claim(value, edit.author, edit.written_at, edit.dot)
