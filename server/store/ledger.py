"""The contracts of a village beside the standings of those who signed them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from server.store.scope import stored
from server.store.tables import records, scopes, standing_heads, standings
from sync.codec import Json, issues_from_wire
from sync.scopes import scope_name, scopes_in, village_of
from sync.search import Entry
from sync.standing import Known

CONTRACT = "contract"


@dataclass(frozen=True)
class Signatory:
    """One person with all their contracts, whichever of their ids each was signed for.

    `closed_on` and `obligations` are of their standing, of what the reader may hold.
    """

    village: str
    resident: str
    name: str
    ids: frozenset[str]
    closed_on: str | None
    obligations: tuple[Json, ...]
    contracts: tuple[Known, ...]


def signatories(connection: Connection, village: str, programmes: Collection[str]) -> Iterator[Signatory]:
    """Everybody of a village about whom there is a contract, also where their own record is not there.

    The caller MUST have seen in the same picture of the database that the village is not `behind`.
    """
    here = (records.c.scope == village, records.c.type == CONTRACT, records.c.moved_to.is_(None))
    signed: dict[str, list[Known]] = {}
    for row in connection.execute(select(records).where(*here)):
        known = Known(stored(row).record, issues_from_wire(json.loads(row.issues)))
        signed.setdefault(row.subject or row.record, []).append(known)
    found = _standings(connection, village, signed.keys())
    found |= _standings(connection, village, {row.same_as for row in found.values() if row.same_as} - found.keys())
    owed = _owed(connection, [scope_name(village, programme) for programme in programmes])
    persons: dict[str, list[str]] = {}
    for resident in signed:
        counts_as = found[resident].same_as if resident in found else None
        persons.setdefault(counts_as or resident, []).append(resident)
    for resident, ids in persons.items():
        stands = found.get(resident)
        body = json.loads(stands.body) if stands else {"closed_on": None, "obligations": []}
        entries = json.loads(stands.entries) if stands else []
        yield Signatory(
            village,
            resident,
            Entry(*entries[-1]).name if entries else "",
            frozenset((resident, *ids)),
            body["closed_on"],
            (*body["obligations"], *owed.get(resident, ())),
            tuple(known for id_ in ids for known in signed[id_]),
        )


def positions(connection: Connection, villages: Collection[str]) -> dict[str, frozenset[tuple[str, ...]]]:
    """Where the records and standings of some villages are: two that are alike say the same on the same day."""
    every = [scope for village in villages for scope in scopes_in(village)]
    same = standing_heads.c.scope == scopes.c.scope
    query = select(scopes.c.scope, scopes.c.seq, scopes.c.sum, standing_heads.c.edition).join(standing_heads, same)
    found: dict[str, set[tuple[str, ...]]] = {village: set() for village in villages}
    for row in connection.execute(query.where(scopes.c.scope.in_(every))):
        found[village_of(row.scope)].add((row.scope, str(row.seq), row.sum, row.edition))
    return {village: frozenset(state) for village, state in found.items()}


def _standings(connection: Connection, village: str, residents: Collection[str]) -> dict[str, Any]:
    names = (standings.c.resident, standings.c.same_as, standings.c.entries, standings.c.body)
    query = select(*names).where(standings.c.scope == village, standings.c.resident.in_(residents))
    return {row.resident: row for row in connection.execute(query)}


def _owed(connection: Connection, scopes: Collection[str]) -> dict[str, list[Json]]:
    """What contracts owe by protected programmes, by resident."""
    owed: dict[str, list[Json]] = {}
    for row in connection.execute(select(standings.c.resident, standings.c.body).where(standings.c.scope.in_(scopes))):
        owed.setdefault(row.resident, []).extend(json.loads(row.body)["obligations"])
    return owed
