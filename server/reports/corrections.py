"""What two sets of frozen numbers differ by: by indicator, by person, and what explains it: what arrived, or other rules."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from server.access import View
from server.indicators.counting import shares
from server.indicators.reading import Figure
from server.reports.freezing import Parts
from server.reports.reckoning import Moved, differing
from server.store import reports as store
from server.store.scope import STATE_ACTOR
from sync.codec import Json
from sync.scopes import programme_of


@dataclass(frozen=True)
class Arrival:
    """An entry of the log about a record, that came after the older numbers were frozen.

    `author`: who wrote it, None where a device brought a whole record; `written_at` by the clock of their device.
    """

    record: str
    type: str
    received_at: str
    written_at: str | None
    author: str | None
    device: str


@dataclass(frozen=True)
class Late:
    """A person who counts otherwise than they did: in which indicators, and what about them has arrived.

    `by_rules`: nothing has; they are counted by other rules, of another release or other standards.
    """

    village: str
    resident: str
    name: str
    changes: tuple[Moved, ...]
    arrivals: tuple[Arrival, ...]
    by_rules: bool


@dataclass(frozen=True)
class Difference:
    """Numbers of an area, before and after: the indicators that change, and the persons who do.

    `villages`: those whose numbers come out otherwise; `ruled`: those of them that are counted by other rules than before, so
    that not all of it has come late; `figures` by indicator, before and after.
    """

    area: str
    period: str
    villages: tuple[str, ...]
    ruled: tuple[str, ...]
    figures: Mapping[str, tuple[Figure, Figure]]
    persons: tuple[Late, ...]

    def __bool__(self) -> bool:
        return bool(self.villages)


def compared(connection: Connection, old: Parts, new: Parts, view: View) -> Iterator[Late]:
    """The persons of a village who count otherwise, in the open and in the programmes that somebody is granted."""
    programmes = sorted(view.programmes)
    changes: dict[str, list[Moved]] = {}
    for programme in (None, *programmes):
        for moved in differing(old.people(programme), new.people(programme)):
            if programme is None or moved.indicator != "groups":  # of groups is told once
                changes.setdefault(moved.resident, []).append(moved)
    names = store.names(connection, changes, view.scopes)
    arrivals = _arrivals(connection, old, new, changes, programmes)
    other_rules = old.open.edition != new.open.edition
    for resident, moves in sorted(changes.items()):
        came = tuple(arrivals.get(resident, ()))
        yield Late(old.village, resident, names.get(resident, ""), tuple(moves), came, other_rules and not came)


def _arrivals(
    connection: Connection, old: Parts, new: Parts, residents: Collection[str], programmes: Collection[str]
) -> dict[str, list[Arrival]]:
    """By resident, the entries about them, or about another record that they count by before or after."""
    about: dict[str, set[str]] = {}
    for parts in (old, new):
        for programme in (None, *programmes):
            people = parts.people(programme)
            for resident in people.keys() & set(residents):
                for record in _records(people[resident]["counts"]):
                    about.setdefault(record, set()).add(resident)
    found: dict[str, list[Arrival]] = {}
    for row in store.arrived(connection, old.open.positions, new.open.positions, residents, about):
        if programme_of(row.scope) in (None, *programmes):
            for resident in {*about.get(row.record, ()), *({row.owner} & set(residents))}:
                found.setdefault(resident, []).append(_arrival(row))
    return found


def _records(counts: Json) -> Iterator[str]:
    return (record for code in counts for share in shares(counts, code) for record in share.records)


def _arrival(row: Row[Any]) -> Arrival:
    said = json.loads(row.body) if row.actor != STATE_ACTOR else {}
    return Arrival(row.record, row.type, row.received_at, said.get("written_at"), said.get("author"), row.device)
