"""The standings: one row a resident and scope, brought up to the feed, from which they are computed.

The feed is the list of what has to be done: `standing_heads` says up to which seq of a scope the rows are true. A reader
compares it with the scope's own seq and with the day, in one picture of the database, and never takes an old row for new.
What rests on a protected programme lies in a row of that programme's scope, as a part to be composed with the row in the
open; the row in the open is computed from records in the open alone.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select

from server.store.scope import stored, upsert, wire_text
from server.store.tables import records, scopes, standing_heads, standings
from sync import likeness, links, search
from sync import standing as standing_package
from sync import types as types_package
from sync.codec import Json, issues_from_wire
from sync.pinyin import pinyin
from sync.record import Record
from sync.scopes import PROGRAMMES, scope_name, scopes_in, village_of
from sync.standing import Known, composed, part, standing
from sync.standing.facts import household_of
from sync.types.catalogue import Catalogue

BATCH = 100  # changes, or residents of a backlog, taken up in one transaction: SQLite has one writer
RESIDENT, SAME_PERSON = "resident", "same_person"


@functools.cache
def edition(catalogue: Catalogue) -> str:
    """Names the rules that standings are made by: what another release, or other record types, have made is made anew."""
    sources = (
        file for place in (*standing_package.__path__, *types_package.__path__) for file in sorted(Path(place).glob("*.py"))
    )
    made_by = b"".join(file.read_bytes() for file in sources) + catalogue.about["version"].encode()
    return hashlib.sha256(made_by).hexdigest()[:16]


def behind(connection: Connection, villages: Collection[str], today: dt.date, catalogue: Catalogue) -> list[str]:
    """The villages of which a change is not in the standings yet, or of which a new day or release has changed one."""
    every = [scope for village in villages for scope in scopes_in(village)]
    same = and_(standing_heads.c.scope == scopes.c.scope, standing_heads.c.edition == edition(catalogue))
    beside = scopes.outerjoin(standing_heads, same)
    ahead = select(scopes.c.scope).select_from(beside)
    ahead = ahead.where(scopes.c.scope.in_(every), scopes.c.seq > func.coalesce(standing_heads.c.seq, 0))
    old = select(standings.c.scope).where(standings.c.scope.in_(every), standings.c.until <= today.isoformat()).distinct()
    return sorted({village_of(scope) for query in (ahead, old) for scope in connection.scalars(query)})


def catch_up(connection: Connection, village: str, today: dt.date, catalogue: Catalogue) -> int:
    """Take up one batch of changes: how many residents were computed. Call again while `behind`."""
    _lock(connection, village, catalogue)
    rest = backlog(connection, village, today, catalogue, most=BATCH)
    return take_up(connection, village, rest.residents, rest.heads, today, catalogue)


@dataclass(frozen=True)
class Backlog:
    """What is not in the standings of a village yet: whom it concerns, and `heads`, the seq by scope up to which that is all."""

    residents: Sequence[str]
    heads: Mapping[str, int]


def backlog(connection: Connection, village: str, today: dt.date, catalogue: Catalogue, most: int | None = None) -> Backlog:
    """All changes of a village that were not taken up, and whom a new day concerns; of either the first `most` only."""
    touched: set[str] = set()
    heads: dict[str, int] = {}
    columns = (records.c.scope, records.c.seq, records.c.record, records.c.type, records.c.subject)
    for scope in scopes_in(village):
        new = select(*columns).where(records.c.scope == scope, records.c.seq > _position(connection, scope, catalogue))
        if rows := connection.execute(new.order_by(records.c.seq).limit(most)).all():
            touched |= _about(connection, village, rows, catalogue)
            heads[scope] = rows[-1].seq
    if not touched or most is None:
        old = select(standings.c.resident).where(
            standings.c.scope.in_(scopes_in(village)), standings.c.until <= today.isoformat()
        )
        touched |= set(connection.scalars(old.distinct().limit(most)))
    return Backlog(sorted(touched), heads)


def take_up(
    connection: Connection,
    village: str,
    residents: Collection[str],
    heads: Mapping[str, int],
    today: dt.date,
    catalogue: Catalogue,
) -> int:
    """Compute some residents of a backlog: how many were. `heads` MUST be given only with the last of them.

    Until then, whoever stops leaves the village `behind`, and a reader takes nothing half done for the whole.
    """
    _lock(connection, village, catalogue)
    now = edition(catalogue)
    ahead = [
        {"scope": scope, "seq": max(seq, _position(connection, scope, catalogue)), "edition": now}
        for scope, seq in heads.items()
    ]
    upsert(connection, standing_heads, ahead)
    return _compute(connection, village, residents, today, catalogue)


def _lock(connection: Connection, village: str, catalogue: Catalogue) -> None:
    """Those who take up the same village take turns."""
    upsert(connection, standing_heads, [{"scope": village, "seq": 0, "edition": edition(catalogue)}], keep=True)
    connection.execute(select(standing_heads).where(standing_heads.c.scope == village).with_for_update())


def home_of(connection: Connection, resident: str) -> str | None:
    """The village where a resident lives, None for whoever is no resident."""
    where = (records.c.record == resident, records.c.type == RESIDENT, records.c.moved_to.is_(None))
    return connection.scalar(select(records.c.scope).where(*where))


def compute(
    connection: Connection, village: str, resident: str, on: dt.date, programmes: Collection[str], catalogue: Catalogue
) -> Json | None:
    """The standing of one resident on any day, from the records; None where the village does not have them."""
    people = _People(connection, village, [resident], catalogue)
    return people.standing(resident, on, programmes) if resident in people.residents else None


def _position(connection: Connection, scope: str, catalogue: Catalogue) -> int:
    same = (standing_heads.c.scope == scope, standing_heads.c.edition == edition(catalogue))
    return connection.scalar(select(standing_heads.c.seq).where(*same)) or 0


def _about(connection: Connection, village: str, rows: Iterable[Any], catalogue: Catalogue) -> set[str]:
    """The residents whose standing rests on these records."""
    found: set[str] = set()
    households: set[str] = set()
    decided: set[str] = set()
    for row in rows:
        declared = catalogue.types.get(row.type)
        if row.type == RESIDENT:
            found.add(row.record)
        elif declared is not None and declared.subject == "household":
            households |= {row.record, row.subject or row.record}
        elif row.subject:
            found.add(row.subject)
        if row.type == SAME_PERSON:
            decided.add(row.record)
    named = select(records).where(records.c.scope.in_(scopes_in(village)), records.c.record.in_(decided))
    found |= {resident for row in connection.execute(named) for resident in _named(stored(row).record)}
    members = select(standings.c.resident).where(standings.c.scope == village, standings.c.household.in_(households))
    return found | set(connection.scalars(members))


def _named(record: Record) -> set[str]:
    """Everybody whom a link names in any of its live values."""
    values = [value for edit in record.edits for value in edit.sections.values() if isinstance(value, dict)]
    return {v for value in values for v in (value.get("duplicate"), value.get("same_as")) if isinstance(v, str)}


class _People:
    """Some residents of a village and everything their standings rest on, read in four statements."""

    def __init__(self, connection: Connection, village: str, wanted: Iterable[str], catalogue: Catalogue) -> None:
        self._connection, self._village, self._catalogue = connection, village, catalogue
        self.links = self._links()
        wanted = set(wanted)
        for resident in list(wanted):  # whoever was one person with them, and whoever is now
            wanted |= self._cluster(resident)
        before = select(standings.c.resident, standings.c.same_as).where(
            standings.c.scope == village, or_(standings.c.resident.in_(wanted), standings.c.same_as.in_(wanted))
        )
        for row in connection.execute(before).all():
            wanted |= {row.resident, *self._cluster(row.resident)}
            if row.same_as:
                wanted |= {row.same_as, *self._cluster(row.same_as)}
        self.wanted = wanted
        self.residents: dict[str, Record] = {}
        self.households: dict[str, str] = {}
        self._known: dict[str, list[tuple[str, Known]]] = {}
        self._read(wanted)

    def _links(self) -> dict[str, str]:
        query = select(records).where(
            records.c.scope == self._village, records.c.type == SAME_PERSON, records.c.moved_to.is_(None)
        )
        return links.who_is_who(links.link_of(stored(row).record) for row in self._connection.execute(query))

    def _cluster(self, resident: str) -> set[str]:
        """Everybody who is one person with somebody, themselves among them."""
        survivor = self.links.get(resident)
        return {resident} if survivor is None else {name for name, stands in self.links.items() if stands == survivor}

    def _read(self, wanted: Collection[str]) -> None:
        about = records.c.subject.in_(wanted) | records.c.record.in_(wanted)
        here = records.c.scope.in_(scopes_in(self._village)) & records.c.moved_to.is_(None)
        for row in self._connection.execute(select(records).where(here, about)):
            known = _known_of(row)
            if row.type == RESIDENT:
                self.residents[row.record] = known.record
                if household := household_of(known.record):
                    self.households[row.record] = household
            owner = row.record if row.type == RESIDENT else row.subject
            self._known.setdefault(owner, []).append((row.scope, known))
        at_home = records.c.subject.in_(set(self.households.values())) & (records.c.scope == self._village)
        for row in self._connection.execute(select(records).where(at_home, records.c.moved_to.is_(None))):
            self._known.setdefault(row.subject, []).append((row.scope, _known_of(row)))

    def known(self, resident: str, programmes: Collection[str]) -> Iterator[Known]:
        """Everything about one person, in the open and of some programmes, each record once."""
        held = {self._village, *(scope_name(self._village, programme) for programme in programmes)}
        cluster = self._cluster(resident)
        for owner in {*cluster, *(self.households[one] for one in cluster if one in self.households)}:
            yield from (known for scope, known in self._known.get(owner, ()) if scope in held)

    def programmes(self, resident: str) -> list[str]:
        """The programmes that have a record about the person."""
        of = {scope for owner in self._cluster(resident) for scope, _ in self._known.get(owner, ())}
        return [programme for programme in PROGRAMMES if scope_name(self._village, programme) in of]

    def standing(self, resident: str, on: dt.date, programmes: Collection[str]) -> Json:
        """The standing from what is in the open and of some programmes."""
        survivor = self.links.get(resident, resident)
        return standing(
            resident,
            self.known(resident, programmes),
            on,
            also=self._cluster(resident) - {resident} if survivor == resident else (),
            same_as=None if survivor == resident else survivor,
            catalogue=self._catalogue,
        ).wire()


def _known_of(row: Any) -> Known:
    return Known(stored(row).record, issues_from_wire(json.loads(row.issues)))


def _compute(connection: Connection, village: str, touched: Collection[str], today: dt.date, catalogue: Catalogue) -> int:
    if not touched:
        return 0
    people = _People(connection, village, touched, catalogue)
    rows = [row for resident in sorted(people.residents) for row in _rows(people, village, resident, today)]
    connection.execute(
        delete(standings).where(standings.c.scope.in_(scopes_in(village)), standings.c.resident.in_(people.wanted))
    )
    upsert(connection, standings, rows)
    return len(people.wanted)


def _rows(people: _People, village: str, resident: str, today: dt.date) -> Iterator[dict[str, Any]]:
    entries = search.entries_of(people.residents[resident])
    yield {
        **_row(village, resident, people.standing(resident, today, ())),
        "same_as": people.links.get(resident) if people.links.get(resident) != resident else None,
        "household": people.households.get(resident),
        "words": "\n".join(
            sorted(
                {word for e in entries for word in (search.plain(e.name), e.pinyin, e.initials, e.phone, e.id_tail.casefold())}
            )
        ),
        "entries": wire_text(entries),
    }
    for programme in people.programmes(resident):
        whole = people.standing(resident, today, (programme,))
        blank = {"same_as": None, "household": None, "words": "", "entries": "[]"}
        yield {**_row(scope_name(village, programme), resident, part(whole, programme)), **blank}


def _row(scope: str, resident: str, body: Json) -> dict[str, Any]:
    return {"scope": scope, "resident": resident, "until": body["until"], "body": wire_text(body)}


# -- reading -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """A resident's standing as it is kept, composed of the parts that the reader may hold; their entries for a search."""

    village: str
    resident: str
    standing: Json
    entries: tuple[search.Entry, ...]


def kept(
    connection: Connection, village: str, programmes: Collection[str], residents: Collection[str] | None = None, words: str = ""
) -> Iterator[Kept]:
    """The standings of a village; of some residents only, or of those whose words have all of these in them.

    The caller MUST have seen in the same picture of the database that the village is not `behind`.
    """
    query = select(standings).where(standings.c.scope == village)
    parts = select(standings).where(standings.c.scope.in_([scope_name(village, one) for one in programmes]))
    if residents is not None:
        query, parts = query.where(standings.c.resident.in_(residents)), parts.where(standings.c.resident.in_(residents))
    for word in words.split():
        plain = search.plain(word)
        likely = [standings.c.words.like(f"%{_escaped(one)}%", escape="\\") for one in {plain, pinyin(plain)} if one]
        query = query.where(or_(*likely)) if likely else query
    beside: dict[str, list[Json]] = {}
    for row in connection.execute(parts):
        beside.setdefault(row.resident, []).append(json.loads(row.body))
    for row in connection.execute(query.order_by(standings.c.resident)):
        whole = composed([json.loads(row.body), *beside.get(row.resident, ())])
        yield Kept(village, row.resident, whole, tuple(search.Entry(*one) for one in json.loads(row.entries)))


def likely_twins(connection: Connection, villages: Collection[str], on: dt.date) -> list[likeness.Pair]:
    """Residents of these villages who may be one person and about whom nobody has decided."""
    query = select(records).where(
        records.c.scope.in_(villages), records.c.type.in_((RESIDENT, SAME_PERSON)), records.c.moved_to.is_(None)
    )
    found = [stored(row).record for row in connection.execute(query)]
    residents = [one for record in found if record.type == RESIDENT and (one := likeness.resident_of(record))]
    decided = [link for record in found if record.type == SAME_PERSON and (link := links.link_of(record))]
    return likeness.undecided(likeness.pairs(residents, on), decided)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
