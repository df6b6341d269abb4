"""Data quality as it is kept: the visits of a scope and month, what was found in them, and what a person said to it.

Findings are derived: a row of `findings` says at which seq of the feed, and by which rules and standards, it was made. What a
person answered to a finding is not: its words lie in the finding's scope, for they may speak of patients, and the step of the
trail has none of them.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, and_, or_, select

from server import quality
from server.quality import Found, Limits, Month
from server.quality.hint import Entry, Visit
from server.store.scope import STATE_ACTOR, upsert, wire_text
from server.store.tables import edits, finding_answers, findings, records, report_issues, scopes, standings
from sync.codec import Json, instant, live_from_wire
from sync.record import VOID, LiveEdit, Record, sections
from sync.scopes import scopes_in, village_of
from sync.types.catalogue import Catalogue
from sync.version import SERVER_ACTOR
from sync.wire import APPLIED

SERVER = "server"  # as a device: what was written at the dashboard, or by a command
DAYS = ("visited_on", "examined_on", "assessed_on")  # what a visit calls its day


@dataclass(frozen=True)
class Kept:
    """What was found in a scope and month, as it is kept; `current`: nothing has changed since."""

    scope: str
    found: Found
    current: bool


@dataclass(frozen=True)
class Answer:
    """What a person said to a finding when it had this mark."""

    finding: str
    mark: str
    person: str
    at: str
    note: str


# -- what is kept ------------------------------------------------------------------------------------------------------


def edition(limits: Limits, closed_at: str | None) -> str:
    """Names the rules and standards, and the freezing of the numbers, by which findings were made."""
    made_by = wire_text([_rules(), {name: str(limit) for name, limit in sorted(limits.items())}, closed_at])
    return hashlib.sha256(made_by.encode()).hexdigest()[:16]


@functools.cache
def _rules() -> str:
    files = [file for place in quality.__path__ for file in sorted(Path(place).glob("*.py"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in [*files, Path(__file__)])).hexdigest()


def kept(connection: Connection, places: Collection[str], month: str, limits: Limits) -> dict[str, Kept]:
    """What was found so far, by scope."""
    closed = closings(connection, {village_of(scope) for scope in places}, month)
    query = select(findings, scopes.c.seq.label("head")).join(scopes, scopes.c.scope == findings.c.scope)
    rows = connection.execute(query.where(findings.c.scope.in_(places), findings.c.month == month))
    return {
        row.scope: Kept(
            row.scope,
            Found.read(json.loads(row.body)),
            (row.seq, row.edition) == (row.head, edition(limits, closed.get(village_of(row.scope)))),
        )
        for row in rows
    }


def unseen(connection: Connection, villages: Collection[str], month: str, limits: Limits) -> list[str]:
    """The scopes of these villages whose findings are not kept as they are now, those first of which none are kept."""
    closed = closings(connection, villages, month)
    kept_ = and_(findings.c.scope == scopes.c.scope, findings.c.month == month)
    columns = (scopes.c.scope, scopes.c.seq, findings.c.seq.label("found"), findings.c.edition)
    every = [scope for village in villages for scope in scopes_in(village)]
    query = select(*columns).select_from(scopes.outerjoin(findings, kept_)).where(scopes.c.scope.in_(every), scopes.c.seq > 0)
    made_by = {at: edition(limits, at) for at in {None, *closed.values()}}
    old = [
        row
        for row in connection.execute(query)
        if (row.found, row.edition) != (row.seq, made_by[closed.get(village_of(row.scope))])
    ]
    return [row.scope for row in sorted(old, key=lambda row: (row.found is not None, row.scope))]


@dataclass(frozen=True)
class Made:
    """What was just found, at which seq of the feed, and by which rules."""

    kept: Kept
    month: str
    seq: int
    edition: str


def found_now(connection: Connection, scope: str, month: str, limits: Limits, catalogue: Catalogue) -> Made:
    """What is to be found in a scope and month now. The picture of the database MUST be one."""
    closed = closings(connection, [village_of(scope)], month).get(village_of(scope))
    seq = connection.scalar(select(scopes.c.seq).where(scopes.c.scope == scope)) or 0
    found = quality.find(month_of(connection, scope, month, catalogue, closed), limits)
    return Made(Kept(scope, found, current=True), month, seq, edition(limits, closed))


def keep(connection: Connection, made: Made) -> None:
    """Keep what was found. One that is older than what is kept does no harm: it is not `current`."""
    body = wire_text(made.kept.found.wire())
    row = {"scope": made.kept.scope, "month": made.month, "seq": made.seq, "edition": made.edition, "body": body}
    upsert(connection, findings, [row])


# -- the visits of a month ---------------------------------------------------------------------------------------------


def month_of(connection: Connection, scope: str, month: str, catalogue: Catalogue, closed_at: str | None) -> Month:
    """The visits of a scope in a month, and in the twelve months before; the log is read for those of the month only."""
    visits, before = list[Visit](), list[Visit]()
    earliest = f"{int(month[:4]) - 1}{month[4:]}"
    for visit in _visits(connection, scope, {earliest[:4], month[:4]}, catalogue):
        at = visit.on.isoformat()[:7]
        if at == month:
            visits.append(visit)
        elif earliest <= at < month:
            before.append(visit)
    log = _log(connection, scope, [visit.record for visit in visits])
    told = [replace(visit, entries=tuple(log.get(visit.record, ()))) for visit in visits]
    closed = instant(closed_at) if closed_at else None
    return Month(month, tuple(sorted(told, key=_by_day)), tuple(sorted(before, key=_by_day)), closed)


def _by_day(visit: Visit) -> tuple[dt.date, str]:
    return visit.on, visit.record


def _visits(connection: Connection, scope: str, years: Iterable[str], catalogue: Catalogue) -> Iterator[Visit]:
    """The visits of a scope that say one of these years, and perhaps others: the text is looked at before it is read."""
    dated = {name: one for name, one in catalogue.types.items() if one.dated and one.dated.rpartition(".")[2] in DAYS}
    says = [records.c.edits.contains(f'"{day}":"{year}-', autoescape=True) for day in DAYS for year in sorted(years)]
    here = (records.c.scope == scope, records.c.moved_to.is_(None), records.c.type.in_(dated))
    columns = (records.c.record, records.c.type, records.c.subject, records.c.edits)
    for row in connection.execute(select(*columns).where(*here, or_(*says))):
        declared, live = dated[row.type], tuple(live_from_wire(item) for item in json.loads(row.edits))
        told = sections(Record(row.record, row.type, row.subject, scope, edits=live))
        view = {name: siblings[-1].value for name, siblings in told.items()}
        on = declared.day_of(view)
        if on is not None and view.get(VOID) is None:
            authors = {name: siblings[-1].edit.author for name, siblings in told.items()}
            doctor, late = _first_written(live, (declared.dated or "").partition(".")[0], on)
            follows = declared.follows is not None
            yield Visit(row.record, row.type, row.subject, on, doctor, authors, view, late, (), follows)


def _first_written(live: Collection[LiveEdit], section: str, on: dt.date) -> tuple[str, int | None]:
    """Who wrote the day of a visit, and how many days after it; what a person decided at the dashboard is left out."""
    mine = [edit for edit in live if section in edit.sections]
    by_phones = [edit for edit in mine if not SERVER_ACTOR.fullmatch(edit.dot.actor)] or mine
    first = min(by_phones, key=lambda edit: (edit.at, edit.dot))
    days = []
    for edit in by_phones:
        try:
            days.append(dt.datetime.fromisoformat(edit.written_at).date())
        except ValueError:
            continue
    return first.author, max(0, (min(days) - on).days) if days else None


def _log(connection: Connection, scope: str, ids: Collection[str]) -> dict[str, list[Entry]]:
    """The edits of these records that were applied here, by record, in the order of the log."""
    found: dict[str, list[Entry]] = {}
    columns = (edits.c.record, edits.c.at, edits.c.received_at, edits.c.body)
    mine = (edits.c.scope == scope, edits.c.record.in_(ids), edits.c.outcome.in_(APPLIED))
    by_phones = (edits.c.actor != STATE_ACTOR, edits.c.device != SERVER)
    for row in connection.execute(select(*columns).where(*mine, *by_phones).order_by(edits.c.entry)):
        said: Json = json.loads(row.body)
        written, at, received = instant(said["written_at"]), instant(row.at), instant(row.received_at)
        found.setdefault(row.record, []).append(Entry(said["author"], written, at, received, tuple(said["sections"])))
    return found


def closings(connection: Connection, villages: Collection[str], month: str) -> dict[str, str]:
    """When the numbers of a month were first frozen in a report, for the village or an area above it."""
    areas = {village[:digits] for village in villages for digits in (6, 9, 12)}
    query = select(report_issues.c.area, report_issues.c.made_at)
    query = query.where(report_issues.c.area.in_(areas), report_issues.c.period == month, report_issues.c.number == 1)
    frozen = {row.area: row.made_at for row in connection.execute(query)}
    above = {village: [frozen[village[:n]] for n in (6, 9, 12) if village[:n] in frozen] for village in villages}
    return {village: min(moments) for village, moments in above.items() if moments}


# -- what persons said to it -------------------------------------------------------------------------------------------


def answers(connection: Connection, places: Collection[str]) -> dict[str, Answer]:
    """The last answer to each finding of these scopes, by the finding."""
    query = select(finding_answers).where(finding_answers.c.scope.in_(places))
    rows = connection.execute(query.order_by(finding_answers.c.at, finding_answers.c.person))
    return {row.finding: Answer(row.finding, row.mark, row.person, row.at, row.note) for row in rows}


def answer(connection: Connection, scope: str, said: Answer) -> None:
    """Keep what somebody said to a finding of a scope; what was said before stays."""
    upsert(connection, finding_answers, [{"scope": scope, **asdict(said)}])


def somebody_of(connection: Connection, villages: Collection[str], households: Collection[str]) -> dict[str, str]:
    """A resident of each of these households: the page of a home visit is found by one."""
    members = select(standings.c.household, standings.c.resident)
    members = members.where(standings.c.scope.in_(villages), standings.c.household.in_(households))
    return {row.household: row.resident for row in connection.execute(members.order_by(standings.c.resident.desc()))}
