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
import logging
import re
import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select

from server import indicators as indicators_package
from server.indicators.counting import UNCOUNTABLE, carried, contributions, first_counted, one_uncountable, until
from server.standards import Standards
from server.store import tallies
from server.store.scope import stored, upsert, wire_text
from server.store.standards import standards_on
from server.store.tables import edits, records, scopes, standing_heads, standings
from sync import likeness, links, search
from sync import standing as standing_package
from sync import types as types_package
from sync.codec import Json, issues_from_wire
from sync.pinyin import pinyin
from sync.record import Record
from sync.scopes import PROGRAMMES, programme_of, scope_name, scopes_in, village_of
from sync.standing import Account, Known, Standing, account, composed, part
from sync.standing.day import plus
from sync.standing.facts import HOME_VISIT, household_of, met_by, named_by
from sync.types.catalogue import Catalogue

BATCH = 25  # changes, or residents of a backlog, taken up in one transaction: SQLite has one writer
RESIDENT, SAME_PERSON = "resident", "same_person"
FEW = 3  # residents whose visits the database looks for; those of more are picked out of all visits of the village
_QUOTED = re.compile(r'"([^"\\]+)"')

log = logging.getLogger(__name__)


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


def catch_up(connection: Connection, village: str, today: dt.date, catalogue: Catalogue) -> int:
    """Take up one batch of changes: how many residents were computed. Call again while `behind`."""
    _lock(connection, village)
    rest = backlog(connection, village, today, catalogue, most=BATCH)
    return take_up(connection, village, rest, today, catalogue) or 0


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


def take_up(connection: Connection, village: str, rest: Backlog, today: dt.date, catalogue: Catalogue) -> int | None:
    """Compute some residents of a backlog: how many were. Its heads MUST be given only with the last of them.

    Until then, whoever stops leaves the village `behind`, and a reader takes nothing half done for the whole. None, and
    nothing is done, where the rules are not those of the backlog any more: it MUST NOT go on, but be looked up anew.
    """
    _lock(connection, village)
    rules = Rules.on(connection, today, catalogue)
    if rules.edition != rest.edition:
        return None
    before = standing_heads.c.scope.in_(scopes_in(village)) & (standing_heads.c.edition != rules.edition)
    anew = rest.heads and connection.scalar(select(func.count()).select_from(standing_heads).where(before))
    ahead = [
        {"scope": scope, "seq": max(seq, _position(connection, scope, rules.edition)), "edition": rules.edition}
        for scope, seq in rest.heads.items()
    ]
    upsert(connection, standing_heads, ahead)
    computed = _compute(connection, village, rest.residents, rules)
    if anew:
        tallies.anew(connection, village)
    return computed


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
    people = _People(connection, village, [resident], catalogue)
    return people.account(resident, on, programmes).standing.wire() if resident in people.residents else None


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
    people = _People(connection, village, residents, catalogue)
    counts = counts_of(connection, village, residents, programmes)
    return {
        one: Told(
            village,
            people.account(one, on, programmes),
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


def accounts(
    connection: Connection,
    village: str,
    residents: Collection[str],
    on: dt.date,
    programmes: Collection[str],
    catalogue: Catalogue,
) -> list[Account]:
    """The accounts of those of these residents who live in a village, and of all who are one person with them, by id."""
    people = _People(connection, village, residents, catalogue)
    every = {other for one in residents for other in people.cluster(one)}
    return [people.account(one, on, programmes) for one in sorted(every & people.residents.keys())]


def _position(connection: Connection, scope: str, present: str) -> int:
    same = (standing_heads.c.scope == scope, standing_heads.c.edition == present)
    return connection.scalar(select(standing_heads.c.seq).where(*same)) or 0


def _about(connection: Connection, village: str, rows: Iterable[Any], catalogue: Catalogue) -> set[str]:
    """The residents whose standing rests on these records."""
    found: set[str] = set()
    households: set[str] = set()
    decided: set[str] = set()
    visits: set[str] = set()
    for row in rows:
        declared = catalogue.types.get(row.type)
        if row.type == RESIDENT:
            found.add(row.record)
        elif declared is not None and declared.subject == "household":
            households |= {row.record, row.subject or row.record}
            visits |= {row.record} if row.type == HOME_VISIT else set()
        elif row.subject:
            found.add(row.subject)
        if row.type == SAME_PERSON:
            decided.add(row.record)
    named = select(records).where(records.c.scope.in_(scopes_in(village)), records.c.record.in_(decided))
    found |= {resident for row in connection.execute(named) for resident in _named(stored(row).record)}
    found |= _ever_met(connection, village, visits)
    members = select(standings.c.resident).where(standings.c.scope == village, standings.c.household.in_(households))
    return found | set(connection.scalars(members))


def _ever_met(connection: Connection, village: str, visits: Collection[str]) -> set[str]:
    """Everybody whom visits to households name, or named before somebody corrected them: those standings rest on them too."""
    if not visits:
        return set()
    present = select(records).where(records.c.scope == village, records.c.record.in_(visits))
    found = {resident for row in connection.execute(present) for resident in met_by(stored(row).record)}
    log = select(edits.c.body).where(edits.c.scope == village, edits.c.record.in_(visits))
    for body in connection.scalars(log):
        written = json.loads(body)
        for edit in (written, *written.get("edits", ())):
            found |= named_by(edit.get("sections", {}).get("visit"))
    return found


def _named(record: Record) -> set[str]:
    """Everybody whom a link names in any of its live values."""
    values = [value for edit in record.edits for value in edit.sections.values() if isinstance(value, dict)]
    return {v for value in values for v in (value.get("duplicate"), value.get("same_as")) if isinstance(v, str)}


class _People:
    """Some residents of a village and everything their standings rest on, read in six statements."""

    def __init__(self, connection: Connection, village: str, wanted: Iterable[str], catalogue: Catalogue) -> None:
        self._connection, self._village, self._catalogue = connection, village, catalogue
        self.links = self._links()
        wanted = set(wanted)
        for resident in list(wanted):  # whoever was one person with them, and whoever is now
            wanted |= self.cluster(resident)
        before = select(standings.c.resident, standings.c.same_as).where(
            standings.c.scope == village, or_(standings.c.resident.in_(wanted), standings.c.same_as.in_(wanted))
        )
        for row in connection.execute(before).all():
            wanted |= {row.resident, *self.cluster(row.resident)}
            if row.same_as:
                wanted |= {row.same_as, *self.cluster(row.same_as)}
        self.wanted = wanted
        self.residents: dict[str, Record] = {}
        self.households: dict[str, str] = {}
        self._known: dict[str, list[tuple[str, Known]]] = {}
        self._met: dict[str, list[Known]] = {}
        self._read(wanted)
        self._read_visits(wanted)

    def _links(self) -> dict[str, str]:
        query = select(records).where(
            records.c.scope == self._village, records.c.type == SAME_PERSON, records.c.moved_to.is_(None)
        )
        every = [links.link_of(stored(row).record) for row in self._connection.execute(query)]
        living = (records.c.scope == self._village, records.c.type == RESIDENT, records.c.moved_to.is_(None))
        named = select(records.c.record).where(
            *living, records.c.record.in_({id_ for link in every if link for id_ in link.pair})
        )
        return links.who_is_who(every, set(self._connection.scalars(named)))

    def cluster(self, resident: str) -> set[str]:
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

    def _read_visits(self, wanted: Collection[str]) -> None:
        """The visits that name one of these, whatever household they were to: picked out by their text, then read."""
        query = select(records).where(
            records.c.scope == self._village, records.c.type == HOME_VISIT, records.c.moved_to.is_(None)
        )
        if 0 < len(wanted) <= FEW:
            query = query.where(or_(*(records.c.edits.contains(one, autoescape=True) for one in wanted)))
        sought = set(wanted)
        for row in self._connection.execute(query):
            if not sought.isdisjoint(_QUOTED.findall(row.edits)):
                known = _known_of(row)
                for resident in met_by(known.record) & sought:
                    self._met.setdefault(resident, []).append(known)

    def known(self, resident: str, programmes: Collection[str]) -> Iterator[Known]:
        """Everything about one person, in the open and of some programmes, each record once."""
        held = {self._village, *(scope_name(self._village, programme) for programme in programmes)}
        cluster = self.cluster(resident)
        owners = {*cluster, *(self.households[one] for one in cluster if one in self.households)}
        every = [known for owner in owners for scope, known in self._known.get(owner, ()) if scope in held]
        every += [known for one in cluster for known in self._met.get(one, ())]
        yield from {known.record.id: known for known in every}.values()

    def programmes(self, resident: str) -> list[str]:
        """The programmes that have a record about the person."""
        of = {scope for owner in self.cluster(resident) for scope, _ in self._known.get(owner, ())}
        return [programme for programme in PROGRAMMES if scope_name(self._village, programme) in of]

    def account(self, resident: str, on: dt.date, programmes: Collection[str]) -> Account:
        """The standing with the records and events of the year, from what is in the open and of some programmes."""
        survivor = self.links.get(resident, resident)
        return account(
            resident,
            self.known(resident, programmes),
            on,
            also=self.cluster(resident) - {resident} if survivor == resident else (),
            same_as=None if survivor == resident else survivor,
            catalogue=self._catalogue,
        )


def _known_of(row: Any) -> Known:
    return Known(stored(row).record, issues_from_wire(json.loads(row.issues)))


def _compute(connection: Connection, village: str, touched: Collection[str], rules: Rules) -> int:
    if not touched:
        return 0
    people = _People(connection, village, touched, rules.catalogue)
    theirs = (standings.c.scope.in_(scopes_in(village)), standings.c.resident.in_(people.wanted))
    former = [row._asdict() for row in connection.execute(select(standings).where(*theirs))]
    rows = [row for resident in sorted(people.residents) for row in _rows(people, village, resident, rules)]
    tallies.change(connection, village, former, rows)
    connection.execute(delete(standings).where(*theirs))
    upsert(connection, standings, rows)
    return len(people.wanted)


def _rows(people: _People, village: str, resident: str, rules: Rules) -> Iterator[dict[str, Any]]:
    entries = search.entries_of(people.residents[resident])
    words = {word for e in entries for word in (search.plain(e.name), e.pinyin, e.initials, e.phone, e.id_tail.casefold())}
    yield {
        **_row(people, village, resident, None, rules),
        "same_as": people.links.get(resident) if people.links.get(resident) != resident else None,
        "household": people.households.get(resident),
        "words": "\n".join(sorted(words)),
        "entries": wire_text(entries),
    }
    for programme in people.programmes(resident):
        blank = {"same_as": None, "household": None, "words": "", "entries": "[]"}
        yield {**_row(people, village, resident, programme, rules), **blank}


def _row(people: _People, village: str, resident: str, programme: str | None, rules: Rules) -> dict[str, Any]:
    """`until`: the standing and what it adds to the indicators hold equally long.

    Somebody whose records cannot be counted, for a fault in these rules, stands there as `uncountable` until tomorrow and
    MUST NOT keep the village from being counted.
    """
    try:
        body, holds, counts = _told_by(people, resident, programme, rules)
    except Exception as trouble:  # noqa: BLE001 - whatever it is, it is about one person
        where = "".join(traceback.format_tb(trouble.__traceback__))  # never the message: it may quote a record
        log.error("a resident of %s cannot be counted: %s\n%s", village, type(trouble).__name__, where)  # noqa: TRY400
        body, counts = Standing(resident, UNCOUNTABLE, plus(rules.today, 1)).wire(), one_uncountable()
        holds = body["until"]
    return {
        "scope": village if programme is None else scope_name(village, programme),
        "resident": resident,
        "until": holds,
        "body": wire_text(body if programme is None else part(body, programme)),
        "counts": wire_text(counts),
    }


def _told_by(people: _People, resident: str, programme: str | None, rules: Rules) -> tuple[Json, str, Json]:
    """The standing, until when it holds, and what it adds to the indicators of a programme (None: those in the open)."""
    held = () if programme is None else (programme,)
    whole = people.account(resident, rules.today, held)
    body, counts = whole.standing.wire(), contributions(whole, rules.standards).get(programme, {})
    since = first_counted(rules.today)
    if since.year < rules.today.year:  # the running week began last year
        earlier = people.account(resident, dt.date(since.year, 12, 31), held)
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
