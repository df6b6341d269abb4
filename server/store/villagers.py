"""Reads the residents of a village with what is known about them; and whom a changed record has ever named."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from server.store.folding import APPLIED
from server.store.scope import stored
from server.store.tables import edits, records, standings
from server.villagers import Villagers
from sync import links
from sync.codec import issues_from_wire
from sync.scopes import scopes_in
from sync.standing import Known
from sync.standing.facts import HOME_VISIT, LINK, RESIDENT, household_of, met_by, named_by

FEW = 3  # residents whose visits the database looks for; those of more are picked out of all visits of the village
CHUNK = 500  # ids named in one statement
_QUOTED = re.compile(r'"([^"\\]+)"')


def known_in(connection: Connection, village: str) -> Iterator[Known]:
    """Every record that lies in a village's scopes now."""
    query = select(records).where(records.c.scope.in_(scopes_in(village)), records.c.moved_to.is_(None))
    yield from map(_known, connection.execution_options(yield_per=500).execute(query))


def everybody(connection: Connection, village: str) -> Villagers:
    """All residents of a village."""
    return Villagers(village, known_in(connection, village))


def some(connection: Connection, village: str, residents: Iterable[str]) -> tuple[Villagers, set[str]]:
    """Some residents of a village with everything that their standings rest on, and the ids of whom that is.

    These are they, whoever is one person with one of them, and whoever was so when they were last counted: read in six
    statements.
    """
    persons = _persons(connection, village)
    wanted = _with_others(connection, village, residents, persons)
    about = [*_about(connection, village, wanted), *_visits(connection, village, wanted)]
    return Villagers(village, {one.record.id: one for one in about}.values(), persons), wanted


def _persons(connection: Connection, village: str) -> dict[str, str]:
    """For each resident whom a link of the village names the one who stands for that person."""
    here = (records.c.scope == village, records.c.moved_to.is_(None))
    rows = connection.execute(select(records).where(*here, records.c.type == LINK))
    every = [link for row in rows if (link := links.link_of(stored(row).record))]
    named = {one for link in every for one in link.pair}
    living = select(records.c.record).where(*here, records.c.type == RESIDENT, records.c.record.in_(named))
    return links.who_is_who(every, set(connection.scalars(living)))


def _with_others(connection: Connection, village: str, residents: Iterable[str], persons: Mapping[str, str]) -> set[str]:
    clusters: dict[str, set[str]] = {}
    for name, person in persons.items():
        clusters.setdefault(person, set()).add(name)

    def cluster(resident: str) -> set[str]:
        return {resident, *clusters.get(persons.get(resident, resident), ())}

    wanted = {name for resident in residents for name in cluster(resident)}
    before = select(standings.c.resident, standings.c.same_as).where(
        standings.c.scope == village, or_(standings.c.resident.in_(wanted), standings.c.same_as.in_(wanted))
    )
    for row in connection.execute(before).all():
        for one in (row.resident, row.same_as):
            wanted |= cluster(one) if one else set()
    return wanted


def _about(connection: Connection, village: str, wanted: Collection[str]) -> Iterator[Known]:
    """The records about these, and about their households."""
    here = records.c.moved_to.is_(None)
    theirs = records.c.subject.in_(wanted) | records.c.record.in_(wanted)
    households = set()
    for row in connection.execute(select(records).where(records.c.scope.in_(scopes_in(village)), here, theirs)):
        known = _known(row)
        if row.type == RESIDENT and (household := household_of(known.record)):
            households.add(household)
        yield known
    at_home = (records.c.scope == village, here, records.c.subject.in_(households))
    yield from map(_known, connection.execute(select(records).where(*at_home)))


def _visits(connection: Connection, village: str, wanted: Collection[str]) -> Iterator[Known]:
    """The visits that name one of these, whatever household they were to: picked out by their text, then read."""
    query = select(records).where(records.c.scope == village, records.c.type == HOME_VISIT, records.c.moved_to.is_(None))
    if 0 < len(wanted) <= FEW:
        query = query.where(or_(*(records.c.edits.contains(one, autoescape=True) for one in wanted)))
    sought = set(wanted)
    for row in connection.execute(query):
        if not sought.isdisjoint(_QUOTED.findall(row.edits)):
            known = _known(row)
            if not sought.isdisjoint(met_by(known.record)):
                yield known


def _known(row: Row[Any]) -> Known:
    return Known(stored(row).record, issues_from_wire(json.loads(row.issues)))


# -- whom a record names -----------------------------------------------------------------------------------------------


def ever_named(connection: Connection, changed: Iterable[Row[Any]]) -> set[str]:
    """Everybody whom those of these records (type, record) that name residents name, or named before they were corrected.

    Visits to a home and links: whoever is no longer named there rested on it too. Read from the log, of every village where
    the record has lain.
    """
    found: set[str] = set()
    ids = sorted({row.record for row in changed if row.type in (HOME_VISIT, LINK)})
    for some_ids in (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)):
        lay = connection.scalars(select(records.c.scope).distinct().where(records.c.record.in_(some_ids))).all()
        applied = (edits.c.scope.in_(lay), edits.c.record.in_(some_ids), edits.c.outcome.in_(APPLIED))
        for body in connection.scalars(select(edits.c.body).where(*applied)):
            written = json.loads(body)
            for edit in (written, *written.get("edits", ())):
                sections = edit.get("sections", {})
                found |= named_by(sections.get("visit")) | _linked(sections.get("link"))
    return found


def _linked(link: object) -> set[str]:
    """The residents that one value of the section `link` names."""
    said = (link.get("duplicate"), link.get("same_as")) if isinstance(link, Mapping) else ()
    return {one for one in said if isinstance(one, str)}
