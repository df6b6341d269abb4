"""Decisions that came with a sync: who settled a conflict or an appeal, when, why, and which values gave way. Values only.

The record itself keeps only what holds now; what gave way is in the history of the server. This phone tells it from what
it held before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from client_sdk.exchange import Held
from client_sdk.view import Estimate, composed
from sync.codec import Json
from sync.decided import DECISION, counts
from sync.record import Edit, Record, Sibling, Value, canonical, clashing, family, sections
from sync.standing.appeals import SECTION as APPEAL
from sync.version import SERVER_ACTOR


@dataclass(frozen=True, slots=True)
class Lost:
    """A value that gave way, and whose it was. `written_at`: that phone's clock."""

    section: str
    value: Value
    author: str
    written_at: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a record: by whom (`author`), when, why, about which sections, what holds and what gave way.

    `written_at`: the clock of the phone or server that it was written on. `returned`: sections that still wait, which were
    sent back to the doctors. `lost` is empty where this phone held none of it.
    """

    record: str
    type: str
    author: str
    written_at: str
    reason: str
    about: tuple[str, ...]
    kept: Mapping[str, Value]
    returned: tuple[str, ...] = ()
    lost: tuple[Lost, ...] = ()

    def wire(self) -> Json:
        """As JSON."""
        return asdict(self)

    @classmethod
    def read(cls, item: Json) -> Decision:
        """From its JSON."""
        lists = {name: tuple(item[name]) for name in ("about", "returned")}
        return cls(**{**item, **lists, "lost": tuple(Lost(**one) for one in item["lost"])})


def decisions_of(record: Record) -> dict[tuple[str, int], Decision]:
    """The decisions that a record tells of, by the names of their edits: the last about conflicts, and of each appeal.

    What a phone wrote without settling what it names is none; and only a person at a desk sends something back.
    """
    found = {}
    stand = sections(record)
    for name, siblings in stand.items():
        edit, value = siblings[-1]
        if not isinstance(value, Mapping):
            continue
        about, reason = [], value.get("reason")
        by_desk = SERVER_ACTOR.fullmatch(edit.dot.actor) is not None
        if name == DECISION and counts(edit.dot.actor, value, edit.sections):
            listed = value.get("about")
            about = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
        elif family(name) == APPEAL and value.get("decision") and by_desk:
            about, reason = [name], value.get("note")
        else:
            continue
        kept = {one: stand[one][-1].value for one in about if one in stand}
        waits = tuple(one for one in about if by_desk and one in clashing(record))
        words = reason if isinstance(reason, str) else ""
        found[edit.dot] = Decision(record.id, record.type, edit.author, edit.written_at, words, tuple(about), kept, waits)
    return {(dot.actor, dot.counter): decision for dot, decision in found.items()}


def news(
    before: Held | None, waiting: Sequence[Edit], after: Record, estimate: Estimate
) -> Iterator[tuple[tuple[str, int], Decision]]:
    """The decisions about a record that came just now, with the values that stood here before and stand no longer.

    Of a record that this phone did not hold there are none. What the server has not received gives way to nothing.
    """
    told = decisions_of(after)
    received = [edit for edit in waiting if after.seen.covers(edit.dot) and tuple(edit.dot) not in told]
    if before is None and not received:
        return
    stood, now = sections(composed(before, received, estimate)[0]), sections(after)
    known = decisions_of(before.record) if before else {}
    for name, decision in told.items():
        if name not in known:
            yield name, replace(decision, lost=tuple(_gone(decision, stood, now)))


def _gone(decision: Decision, stood: Mapping[str, list[Sibling]], now: Mapping[str, list[Sibling]]) -> Iterator[Lost]:
    for name in decision.about:
        holds = {canonical(value) for _, value in now.get(name, ())}
        for edit, value in stood.get(name, ()):
            if canonical(value) not in holds and family(name) != APPEAL:  # an appeal that was decided is still what was asked
                yield Lost(name, value, edit.author, edit.written_at)
