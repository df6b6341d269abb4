"""Reports as they are kept: parts that are never changed, issues that name their parts, and the steps of a report.

A part is what one scope adds to a period: of a village (what is counted in the open), of a protected programme in it, and
for a report above a village the sums and ranks, under the code of the area and with the number of the issue.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import zstandard
from sqlalchemy import Connection, Row, and_, func, or_, select, update

from server.store.folding import APPLIED
from server.store.replay import Positions
from server.store.scope import living, upsert, wire_text
from server.store.tables import edits, records, report_issues, report_parts, report_steps, reports, scopes
from sync import search
from sync.codec import Json
from sync.record import canonical

OPEN, COMPUTED, SUBMITTED, ACCEPTED, RETURNED, LOCKED = "open", "computed", "submitted", "accepted", "returned", "locked"
FORMS = {"day": "____-__-__", "week": "____-W__", "month": "____-__", "quarter": "____-Q_", "year": "____", "days": "%..%"}
MOST_PLAIN_BYTES = 256 << 20  # of the evidence of one part, unpacked


@dataclass(frozen=True)
class Part:
    """The frozen numbers of a scope and period. `number` 0: not kept yet. `evidence` empty where it was not asked for."""

    scope: str
    period: str
    number: int
    computed_at: str
    day: str
    edition: str
    positions: Positions
    figures: Json
    evidence: Json
    hash: str

    @classmethod
    def made(
        cls, scope: str, period: str, at: str, day: str, edition: str, positions: Positions, figures: Json, evidence: Json
    ) -> Part:
        """A new part; its hash is that of figures and evidence."""
        return cls(scope, period, 0, at, day, edition, positions, figures, evidence, cls.mark(figures, evidence))

    @staticmethod
    def mark(figures: Json, evidence: Json) -> str:
        """The hash of figures and evidence."""
        return hashlib.sha256(canonical([figures, evidence]).encode()).hexdigest()


@dataclass(frozen=True)
class Report:
    """One report: its state, and the number of the issue that holds; 0 of one that is open."""

    area: str
    period: str
    state: str = OPEN
    issue: int = 0


@dataclass(frozen=True)
class Issue:
    """A report as it was published: the number of the part of each scope, the phones not heard from, a hash over the parts."""

    area: str
    period: str
    number: int
    made_at: str
    made_by: str
    reason: str
    parts: Mapping[str, int]
    unheard: tuple[str, ...]
    hash: str


@dataclass(frozen=True)
class Step:
    """Something that became of a report: by whom, when, and why."""

    step: int
    at: str
    person: str
    action: str
    issue: int
    note: str


# -- parts -------------------------------------------------------------------------------------------------------------


def keep(connection: Connection, period: str, made: Mapping[str, Part]) -> dict[str, int]:
    """Write the parts of a village together, under the next number; where the latest say the same, on the same rules, they serve.

    All have one number, for they are of one position: the number of each scope's. Two who write at once get two numbers, or
    both the one that says the same: no lock is held against anybody.
    """
    said = {scope: (part.hash, part.edition) for scope, part in made.items()}
    number = max(latest(connection, made, period).values(), default=0)
    while _said(connection, period, made, number) != said:
        number += 1
        for part in made.values():
            put(connection, replace(part, number=number))
    return dict.fromkeys(made, number)


def _said(connection: Connection, period: str, wanted: Collection[str], number: int) -> dict[str, tuple[str, str]]:
    """The hash and the edition of the parts of that number, by scope."""
    query = select(report_parts.c.scope, report_parts.c.hash, report_parts.c.edition)
    rows = connection.execute(
        query.where(report_parts.c.scope.in_(wanted), report_parts.c.period == period, report_parts.c.number == number)
    )
    return {row.scope: (row.hash, row.edition) for row in rows}


def put(connection: Connection, part: Part) -> None:
    """Write a part under its own number, if there is none of that number."""
    row = {
        "scope": part.scope,
        "period": part.period,
        "number": part.number,
        "computed_at": part.computed_at,
        "day": part.day,
        "edition": part.edition,
        "positions": wire_text(part.positions.wire()),
        "figures": wire_text(part.figures),
        "evidence": packed(part.evidence),
        "hash": part.hash,
    }
    upsert(connection, report_parts, [row], keep=True)


def part(connection: Connection, scope: str, period: str, number: int) -> Part:
    """A part of that number, with its evidence. Raises LookupError."""
    mine = (report_parts.c.scope == scope, report_parts.c.period == period, report_parts.c.number == number)
    row = connection.execute(select(report_parts).where(*mine)).one_or_none()
    if row is None:
        raise LookupError(f"there is no part {number} of {scope} in {period}")
    return _part(row, evidence=True)


def _part(row: Row[Any], *, evidence: bool) -> Part:
    return Part(
        row.scope,
        row.period,
        row.number,
        row.computed_at,
        row.day,
        row.edition,
        Positions.read(json.loads(row.positions)),
        json.loads(row.figures),
        unpacked(row.evidence) if evidence else {},
        row.hash,
    )


def parts(connection: Connection, period: str, wanted: Mapping[str, int]) -> dict[str, Part]:
    """These parts (scope and number), without their evidence, by scope."""
    columns = [column for column in report_parts.columns if column.name != "evidence"]
    found: dict[str, Part] = {}
    for some in _chunks(sorted(wanted)):
        query = select(*columns).where(report_parts.c.scope.in_(some), report_parts.c.period == period)
        rows = (row for row in connection.execute(query) if row.number == wanted[row.scope])
        found |= {row.scope: _part(row, evidence=False) for row in rows}
    return found


def positions(connection: Connection, period: str, wanted: Mapping[str, int]) -> dict[str, tuple[Positions, str]]:
    """Where the feeds stood when these parts were made, and when that was, by scope."""
    names = (report_parts.c.scope, report_parts.c.number, report_parts.c.positions, report_parts.c.computed_at)
    found: dict[str, tuple[Positions, str]] = {}
    for some in _chunks(sorted(wanted)):
        query = select(*names).where(report_parts.c.scope.in_(some), report_parts.c.period == period)
        rows = (row for row in connection.execute(query) if row.number == wanted[row.scope])
        found |= {row.scope: (Positions.read(json.loads(row.positions)), row.computed_at) for row in rows}
    return found


def latest(connection: Connection, scopes: Iterable[str], period: str) -> dict[str, int]:
    """The highest number among the parts of each scope that has one."""
    found: dict[str, int] = {}
    for some in _chunks(sorted(scopes)):
        query = select(report_parts.c.scope, func.max(report_parts.c.number).label("number"))
        query = query.where(report_parts.c.scope.in_(some), report_parts.c.period == period).group_by(report_parts.c.scope)
        found |= {row.scope: row.number for row in connection.execute(query)}
    return found


def packed(evidence: Json) -> str:
    """JSON as text that is small."""
    return base64.b64encode(zstandard.compress(canonical(evidence).encode(), 10)).decode()


def unpacked(text: str) -> Json:
    """What `packed` was given."""
    found: Json = json.loads(zstandard.decompress(base64.b64decode(text), MOST_PLAIN_BYTES))
    return found


# -- reports -----------------------------------------------------------------------------------------------------------


def report(connection: Connection, area: str, period: str, *, lock: bool = False) -> Report:
    """A report as it stands. `lock`: whoever changes it takes turns, to the end of the transaction."""
    mine = (reports.c.area == area, reports.c.period == period)
    if lock:
        upsert(connection, reports, [{"area": area, "period": period, "state": OPEN, "issue": 0}], keep=True)
    query = select(reports).where(*mine)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return Report(area, period) if row is None else Report(row.area, row.period, row.state, row.issue)


def move_on(connection: Connection, report_: Report, step: Step) -> None:
    """Write a report's new state, and the step that led there. The report MUST be locked."""
    mine = (reports.c.area == report_.area, reports.c.period == report_.period)
    connection.execute(update(reports).where(*mine).values(state=report_.state, issue=report_.issue))
    connection.execute(report_steps.insert().values(area=report_.area, period=report_.period, **vars(step)))


def reports_below(
    connection: Connection, areas: Collection[str], limit: int, digits: int | None = None, kind: str | None = None
) -> list[Report]:
    """The reports of these areas and of all below them, the latest period first. Those that are open are not among them.

    `digits`: only of areas with a code of that length; `kind`: only of periods of that kind.
    """
    if not areas:
        return []
    below = or_(*(reports.c.area.startswith(area, autoescape=True) for area in areas))
    query = select(reports).where(below, reports.c.state != OPEN).order_by(reports.c.period.desc(), reports.c.area).limit(limit)
    if digits is not None:
        query = query.where(func.length(reports.c.area) == digits)
    if kind is not None:
        query = query.where(reports.c.period.like(FORMS[kind]))
    if kind == "month":  # a quarter is as long
        query = query.where(reports.c.period.not_like(FORMS["quarter"]))
    return [Report(row.area, row.period, row.state, row.issue) for row in connection.execute(query)]


def reports_of(connection: Connection, area: str, periods: Collection[str]) -> dict[str, Report]:
    """The reports of an area by period, of those that are not open."""
    query = select(reports).where(reports.c.area == area, reports.c.period.in_(periods), reports.c.state != OPEN)
    return {row.period: Report(row.area, row.period, row.state, row.issue) for row in connection.execute(query)}


def add_issue(connection: Connection, issue: Issue) -> None:
    """Write an issue; its number MUST be new, and its report locked."""
    row = {**vars(issue), "parts": wire_text(dict(issue.parts)), "unheard": wire_text(issue.unheard)}
    connection.execute(report_issues.insert().values(**row))


def issues(connection: Connection, area: str, period: str) -> list[Issue]:
    """Every issue of a report, the first one first."""
    mine = (report_issues.c.area == area, report_issues.c.period == period)
    rows = connection.execute(select(report_issues).where(*mine).order_by(report_issues.c.number))
    return [
        Issue(
            row.area,
            row.period,
            row.number,
            row.made_at,
            row.made_by,
            row.reason,
            json.loads(row.parts),
            tuple(json.loads(row.unheard)),
            row.hash,
        )
        for row in rows
    ]


def steps(connection: Connection, area: str, period: str) -> list[Step]:
    """What became of a report, the first step first."""
    mine = (report_steps.c.area == area, report_steps.c.period == period)
    rows = connection.execute(select(report_steps).where(*mine).order_by(report_steps.c.step))
    return [Step(row.step, row.at, row.person, row.action, row.issue, row.note) for row in rows]


# -- the records behind ------------------------------------------------------------------------------------------------


def changed_since(connection: Connection, at: Positions) -> list[Row[Any]]:
    """The records (scope, record, type, subject, moved_to) of these scopes that changed after a position, or left."""
    columns = (records.c.scope, records.c.record, records.c.type, records.c.subject, records.c.moved_to)
    later = or_(*(and_(records.c.scope == scope, records.c.seq > place.seq) for scope, place in at.scopes.items()))
    return list(connection.execute(select(*columns).where(later)))


def moved_since(connection: Connection, at: Mapping[str, int]) -> list[str]:
    """Which of these scopes has a feed beyond the seq given."""
    found: list[str] = []
    for some in _chunks(sorted(at)):
        rows = connection.execute(select(scopes.c.scope, scopes.c.seq).where(scopes.c.scope.in_(some)))
        found += [row.scope for row in rows if row.seq > at[row.scope]]
    return found


def arrived(
    connection: Connection, since: Positions, upto: Positions, residents: Collection[str], others: Collection[str]
) -> list[Row[Any]]:
    """What came between two positions about these residents, or to these other records, in the order in which it came.

    Rows: scope, record, type, owner, actor, device, received_at, body.
    """
    found: list[Any] = []
    owner = func.coalesce(records.c.subject, records.c.record).label("owner")
    names = (edits.c.entry, edits.c.actor, edits.c.device, edits.c.received_at, edits.c.body)
    query = select(records.c.scope, records.c.record, records.c.type, owner, *names).join(
        edits, and_(edits.c.scope == records.c.scope, edits.c.record == records.c.record)
    )
    query = query.where(edits.c.outcome.in_(APPLIED), records.c.scope.in_({*since.scopes, *upto.scopes}))
    for column, ids in ((records.c.subject, residents), (records.c.record, {*residents, *others})):
        for some in _chunks(sorted(ids)):
            rows = connection.execute(query.where(column.in_(some)))
            found += [row for row in rows if since.length(row.scope) < row.entry <= upto.length(row.scope)]
    once = {(row.scope, row.entry): row for row in found}
    return sorted(once.values(), key=lambda row: (row.received_at, row.scope, row.entry))


def traces_of(connection: Connection, ids: Collection[str]) -> dict[str, set[str]]:
    """The scopes that each of these records has left."""
    found: dict[str, set[str]] = {}
    for some in _chunks(sorted(ids)):
        query = select(records.c.record, records.c.scope)
        for row in connection.execute(query.where(records.c.record.in_(some), records.c.moved_to.is_not(None))):
            found.setdefault(row.record, set()).add(row.scope)
    return found


def homes_of(connection: Connection, residents: Collection[str]) -> dict[str, str]:
    """The village where each of these residents lives now."""
    found: dict[str, str] = {}
    for some in _chunks(sorted(residents)):
        query = select(records.c.record, records.c.scope).where(records.c.record.in_(some), records.c.moved_to.is_(None))
        found |= {row.record: row.scope for row in connection.execute(query)}
    return found


def names(connection: Connection, residents: Collection[str], scopes_: Collection[str]) -> dict[str, str]:
    """The names of those of these residents who live in these scopes now."""
    found: dict[str, str] = {}
    for some in _chunks(sorted(residents)):
        for resident, state in living(connection, some).items():
            entries = search.entries_of(state.record) if state.record.scope in scopes_ else ()
            found |= {resident: entries[-1].name} if entries else {}
    return found


def _chunks(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + 500] for start in range(0, len(ids), 500))
