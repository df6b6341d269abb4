"""The standings: one row a resident and scope, brought up to the feed, from which they are computed.

The feed is the list of what has to be done: `standing_heads` says up to which seq of a scope the rows are true. A reader
compares it with the scope's own seq and with the day, in one picture of the database, and never takes an old row for new.
What rests on a protected programme lies in a row of that programme's scope, as a part to be composed with the row in the
open; the row in the open is computed from records in the open alone. Beside each standing stands what the person adds to
the indicators, from the same account, and the tallies change with it in the same transaction.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select

from server import indicators as indicators_package
from server.indicators.counting import UNCOUNTABLE, carried, contributions, first_counted, one_uncountable, until
from server.standards import Standards
from server.store import tallies, villagers
from server.store.scope import stored, upsert, wire_text
from server.store.sealing import Sealing, held
from server.store.standards import standards_on
from server.store.tables import records, scopes, standing_heads, standings
from server.villagers import Villagers, uncounted
from sync import likeness, links, search
from sync import standing as standing_package
from sync import types as types_package
from sync.codec import Json
from sync.pinyin import pinyin
from sync.scopes import programme_of, scope_name, scopes_in, village_of
from sync.standing import Account, Known, Standing, composed, part
from sync.standing.day import plus
from sync.standing.facts import LINK, RESIDENT
from sync.types.catalogue import Catalogue

BATCH = 25  # changes, or residents of a backlog, taken up in one transaction: SQLite has one writer

COUNTED_BY = (standing_package, types_package, indicators_package)  # the packages that say how a resident is counted


def edition(catalogue: Catalogue, standards: Standards) -> str:
    """Names the rules that residents are counted by: what another release, other record types or standards made is made anew."""
    return hashlib.sha256(_release(catalogue) + standards.counting().encode()).hexdigest()[:16]


@functools.cache
def _release(catalogue: Catalogue) -> bytes:
    sources = (file for package in COUNTED_BY for place in package.__path__ for file in sorted(Path(place).glob("*.py")))
    version: str = catalogue.about["version"]
    return b"".join(hashlib.sha256(file.read_bytes()).digest() for file in sources) + version.encode()


@dataclass(frozen=True)
class Rules:
    """How residents are counted on a day."""

    today: dt.date
    catalogue: Catalogue
    standards: Standards
    edition: str

    @classmethod
    def on(cls, connection: Connection, today: dt.date, catalogue: Catalogue) -> Rules:
        """By the standards in force on the day."""
        standards = standards_on(connection, today)
        return cls(today, catalogue, standards, edition(catalogue, standards))


def behind(connection: Connection, villages: Collection[str], today: dt.date, catalogue: Catalogue) -> list[str]:
    """The villages of which a change is not in the standings yet, or of which a new day or release has changed one."""
    every = [scope for village in villages for scope in scopes_in(village)]
    present = Rules.on(connection, today, catalogue).edition
    same = and_(standing_heads.c.scope == scopes.c.scope, standing_heads.c.edition == present)
    beside = scopes.outerjoin(standing_heads, same)
    ahead = select(scopes.c.scope).select_from(beside)
    ahead = ahead.where(scopes.c.scope.in_(every), scopes.c.seq > func.coalesce(standing_heads.c.seq, 0))
    old = select(standings.c.scope).where(standings.c.scope.in_(every), standings.c.until <= today.isoformat()).distinct()
    return sorted({village_of(scope) for query in (ahead, old) for scope in connection.scalars(query)})


@dataclass(frozen=True)
class Backlog:
    """What is not in the standings of a village yet: whom it concerns, and `heads`, the seq by scope up to which that is all.

    `edition`: of the rules by which it was found; by others more residents may be concerned.
    """

    residents: Sequence[str]
    heads: Mapping[str, int]
    edition: str

    def batches(self) -> Iterator[Backlog]:
        """The same, some residents at a time; the heads come with the last of them."""
        starts = range(0, max(1, len(self.residents)), BATCH)
        for start in starts:
            yield Backlog(self.residents[start : start + BATCH], self.heads if start == starts[-1] else {}, self.edition)


def backlog(connection: Connection, village: str, today: dt.date, catalogue: Catalogue, most: int | None = None) -> Backlog:
    """All changes of a village that were not taken up, and whom a new day concerns; of either the first `most` only."""
    touched: set[str] = set()
    heads: dict[str, int] = {}
    present = Rules.on(connection, today, catalogue).edition
    columns = (records.c.scope, records.c.seq, records.c.record, records.c.type, records.c.subject)
    for scope in scopes_in(village):
        new = select(*columns).where(records.c.scope == scope, records.c.seq > _position(connection, scope, present))
        if rows := connection.execute(new.order_by(records.c.seq).limit(most)).all():
            touched |= _about(connection, village, rows, catalogue)
            heads[scope] = rows[-1].seq
    if not touched or most is None:
        old = select(standings.c.resident).where(
            standings.c.scope.in_(scopes_in(village)), standings.c.until <= today.isoformat()
        )
        touched |= set(connection.scalars(old.distinct().limit(most)))
    return Backlog(sorted(touched), heads, present)


@dataclass(frozen=True)
class Computed:
    """The rows of some residents, `wanted`, as they are by the records at these seqs (by scope) and by the rules of this edition."""

    wanted: frozenset[str]
    rows: Sequence[Mapping[str, Any]]
    seqs: Mapping[str, int]
    edition: str


def computed(connection: Connection, village: str, residents: Collection[str], rules: Rules) -> Computed:
    """Compute some residents of a village; nothing is written. The picture of the database MUST be one."""
    if not residents:
        return Computed(frozenset(), (), _seqs(connection, village), rules.edition)
    people, wanted = villagers.some(connection, village, residents)
    sealing = held(connection.dialect)
    rows = [row for resident in sorted(people.residents) for row in _rows(people, village, resident, rules, sealing)]
    return Computed(frozenset(wanted), rows, _seqs(connection, village), rules.edition)


def take_up(
    connection: Connection, village: str, rest: Backlog, today: dt.date, catalogue: Catalogue, ahead: Computed | None = None
) -> int | None:
    """Compute some residents of a backlog: how many were. Its heads MUST be given only with the last of them.

    `ahead`: they were computed before, so that nobody waited for that: it is taken where nothing has come since.

    Until then, whoever stops leaves the village `behind`, and a reader takes nothing half done for the whole. None, and
    nothing is done, where the rules are not those of the backlog any more: it MUST NOT go on, but be looked up anew.
    """
    _lock(connection, village)
    rules = Rules.on(connection, today, catalogue)
    if rules.edition != rest.edition:
        return None
    before = standing_heads.c.scope.in_(scopes_in(village)) & (standing_heads.c.edition != rules.edition)
    anew = rest.heads and connection.scalar(select(func.count()).select_from(standing_heads).where(before))
    heads = [
        {"scope": scope, "seq": max(seq, _position(connection, scope, rules.edition)), "edition": rules.edition}
        for scope, seq in rest.heads.items()
    ]
    upsert(connection, standing_heads, heads)
    if ahead is None or (ahead.seqs, ahead.edition) != (_seqs(connection, village), rules.edition):
        ahead = computed(connection, village, rest.residents, rules)
    _write(connection, village, ahead)
    if anew:
        tallies.anew(connection, village)
    return len(ahead.wanted)


def _seqs(connection: Connection, village: str) -> dict[str, int]:
    query = select(scopes.c.scope, scopes.c.seq).where(scopes.c.scope.in_(scopes_in(village)))
    return {row.scope: row.seq for row in connection.execute(query)}


def _lock(connection: Connection, village: str) -> None:
    """Those who take up the same village take turns."""
    upsert(connection, standing_heads, [{"scope": village, "seq": 0, "edition": ""}], keep=True)
    connection.execute(select(standing_heads).where(standing_heads.c.scope == village).with_for_update())


def home_of(connection: Connection, resident: str) -> str | None:
    """The village where a resident lives, None for whoever is no resident."""
    where = (records.c.record == resident, records.c.type == RESIDENT, records.c.moved_to.is_(None))
    return connection.scalar(select(records.c.scope).where(*where))


def compute(
    connection: Connection, village: str, resident: str, on: dt.date, programmes: Collection[str], catalogue: Catalogue
) -> Json | None:
    """The standing of one resident on any day, from the records; None where the village does not have them."""
    people, _ = villagers.some(connection, village, [resident])
    return people.account(resident, on, programmes, catalogue).standing.wire() if resident in people.residents else None


@dataclass(frozen=True)
class Told:
    """A resident with everything that their standing on a day rests on.

    `counts`: what they add to each indicator, by programme (None: in the open), as it is kept; for today only.
    """

    village: str
    account: Account
    known: tuple[Known, ...]
    counts: Mapping[str | None, Json]


def told(
    connection: Connection,
    village: str,
    residents: Collection[str],
    on: dt.date,
    programmes: Collection[str],
    catalogue: Catalogue,
) -> dict[str, Told]:
    """What is told of some residents of a village, in the open and of some programmes; of those who live there."""
    people, _ = villagers.some(connection, village, residents)
    counts = counts_of(connection, village, residents, programmes)
    return {
        one: Told(
            village,
            people.account(one, on, programmes, catalogue),
            tuple(sorted(people.known(one, programmes), key=lambda known: known.record.id)),
            counts.get(one, {}),
        )
        for one in sorted(set(residents) & people.residents.keys())
    }


def counts_of(
    connection: Connection, village: str, residents: Collection[str], programmes: Collection[str]
) -> dict[str, dict[str | None, Json]]:
    """What some residents of a village add to the indicators, as it is kept, by programme (None: in the open)."""
    held = [village, *(scope_name(village, programme) for programme in programmes)]
    counts: dict[str, dict[str | None, Json]] = {}
    query = select(standings.c.scope, standings.c.resident, standings.c.counts)
    for row in connection.execute(query.where(standings.c.scope.in_(held), standings.c.resident.in_(residents))):
        counts.setdefault(row.resident, {})[programme_of(row.scope)] = json.loads(row.counts)
    return counts


def positions(connection: Connection, of: Collection[str]) -> dict[str, int]:
    """Up to which seq of each scope the standings, and what they add to the indicators, are true."""
    query = select(standing_heads.c.scope, standing_heads.c.seq).where(standing_heads.c.scope.in_(of))
    return {row.scope: row.seq for row in connection.execute(query.order_by(standing_heads.c.scope))}


def _position(connection: Connection, scope: str, present: str) -> int:
    same = (standing_heads.c.scope == scope, standing_heads.c.edition == present)
    return connection.scalar(select(standing_heads.c.seq).where(*same)) or 0


def _about(connection: Connection, village: str, rows: Sequence[Any], catalogue: Catalogue) -> set[str]:
    """The residents whose standing rests on these records."""
    found = villagers.ever_named(connection, rows)
    households: set[str] = set()
    for row in rows:
        declared = catalogue.types.get(row.type)
        if row.type == RESIDENT:
            found.add(row.record)
        elif declared is not None and declared.subject == "household":
            households |= {row.record, row.subject or row.record}
        elif row.subject:
            found.add(row.subject)
    members = select(standings.c.resident).where(standings.c.scope == village, standings.c.household.in_(households))
    return found | set(connection.scalars(members))


def _write(connection: Connection, village: str, new: Computed) -> None:
    if not new.wanted:
        return
    theirs = (standings.c.scope.in_(scopes_in(village)), standings.c.resident.in_(new.wanted))
    former = [row._asdict() for row in connection.execute(select(standings).where(*theirs))]
    tallies.change(connection, village, former, new.rows)
    connection.execute(delete(standings).where(*theirs))
    upsert(connection, standings, new.rows)


def _rows(people: Villagers, village: str, resident: str, rules: Rules, sealing: Sealing) -> Iterator[dict[str, Any]]:
    entries = search.entries_of(people.residents[resident])
    words = {word for e in entries for word in (search.plain(e.name), e.pinyin, e.initials, e.phone, sealing.tail(e.id_tail))}
    yield {
        **_row(people, village, resident, None, rules),
        "same_as": people.same_as(resident),
        "household": people.households.get(resident),
        "words": "\n".join(sorted(words)),
        "entries": wire_text(entries),
    }
    for programme in people.programmes(resident):
        blank = {"same_as": None, "household": None, "words": "", "entries": "[]"}
        yield {**_row(people, village, resident, programme, rules), **blank}


def _row(people: Villagers, village: str, resident: str, programme: str | None, rules: Rules) -> dict[str, Any]:
    """`until`: the standing and what it adds to the indicators hold equally long.

    Somebody whose records cannot be counted, for a fault in these rules, stands there as `uncountable` until tomorrow and
    MUST NOT keep the village from being counted.
    """
    try:
        body, holds, counts = _told_by(people, resident, programme, rules)
    except Exception as trouble:  # noqa: BLE001 - whatever it is, it is about one person
        uncounted(village, trouble)
        body, counts = Standing(resident, UNCOUNTABLE, plus(rules.today, 1)).wire(), one_uncountable()
        holds = body["until"]
    return {
        "scope": village if programme is None else scope_name(village, programme),
        "resident": resident,
        "until": holds,
        "body": wire_text(body if programme is None else part(body, programme)),
        "counts": wire_text(counts),
    }


def _told_by(people: Villagers, resident: str, programme: str | None, rules: Rules) -> tuple[Json, str, Json]:
    """The standing, until when it holds, and what it adds to the indicators of a programme (None: those in the open)."""
    held = () if programme is None else (programme,)
    whole = people.account(resident, rules.today, held, rules.catalogue)
    body, counts = whole.standing.wire(), contributions(whole, rules.standards).get(programme, {})
    since = first_counted(rules.today)
    if since.year < rules.today.year:  # the running week began last year
        earlier = people.account(resident, dt.date(since.year, 12, 31), held, rules.catalogue, over=True)
        counts = carried(counts, contributions(earlier, rules.standards).get(programme, {}), since)
    return body, min(body["until"], until(whole).isoformat()), counts


# -- reading -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """A resident's standing as it is kept, composed of the parts that the reader may hold; their entries for a search."""

    village: str
    resident: str
    standing: Json
    entries: tuple[search.Entry, ...]


def kept(
    connection: Connection, village: str, programmes: Collection[str], residents: Collection[str] | None = None
) -> Iterator[Kept]:
    """The standings of a village, or of some residents of it only.

    The caller MUST have seen in the same picture of the database that the village is not `behind`.
    """
    query = select(standings).where(standings.c.scope == village)
    parts = select(standings).where(standings.c.scope.in_([scope_name(village, one) for one in programmes]))
    if residents is not None:
        query, parts = query.where(standings.c.resident.in_(residents)), parts.where(standings.c.resident.in_(residents))
    beside: dict[str, list[Json]] = {}
    for row in connection.execute(parts):
        beside.setdefault(row.resident, []).append(json.loads(row.body))
    for row in connection.execute(query.order_by(standings.c.resident)):
        whole = composed([json.loads(row.body), *beside.get(row.resident, ())])
        yield Kept(village, row.resident, whole, tuple(search.Entry(*one) for one in json.loads(row.entries)))


def entries(connection: Connection, villages: Collection[str], words: str) -> Iterator[tuple[str, search.Entry]]:
    """What the residents of some villages are found by, with the village: of those whose words have all of these in them.

    Of many it is far less than their standings. The caller MUST have seen what `kept` asks for.
    """
    query = select(standings.c.scope, standings.c.entries).where(standings.c.scope.in_(villages))
    for word in words.split():
        plain = search.plain(word)
        tail = held(connection.dialect).tail(plain)  # what may be the end of an identity number is found by its seal
        likely = [standings.c.words.like(f"%{_escaped(one)}%", escape="\\") for one in {plain, pinyin(plain), tail} if one]
        query = query.where(or_(*likely)) if likely else query
    for row in connection.execute(query):
        for one in json.loads(row.entries):
            yield row.scope, search.Entry(*one)


def likely_twins(connection: Connection, villages: Collection[str], on: dt.date) -> list[likeness.Pair]:
    """Residents of these villages who may be one person and about whom nobody has decided."""
    query = select(records).where(
        records.c.scope.in_(villages), records.c.type.in_((RESIDENT, LINK)), records.c.moved_to.is_(None)
    )
    found = [stored(row).record for row in connection.execute(query)]
    residents = [one for record in found if record.type == RESIDENT and (one := likeness.resident_of(record))]
    decided = [link for record in found if record.type == LINK and (link := links.link_of(record))]
    return likeness.undecided(likeness.pairs(residents, on), decided)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
