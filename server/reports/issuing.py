"""What an issue of a report is made of: the parts it names, their sums by area, and one hash over all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from server.indicators.reading import BELOW
from server.reports.freezing import OPEN_AND_PROTECTED
from server.reports.reckoning import summed
from server.store import reports as store
from server.store.replay import Positions
from server.store.reports import Issue, Part, Report
from sync.codec import Json
from sync.record import canonical
from sync.scopes import VILLAGE_DIGITS, programme_of, scope_name, village_of


def published(
    connection: Connection,
    report: Report,
    numbers: Mapping[str, int],
    at: str,
    person: str,
    reason: str,
    unheard: Sequence[str],
) -> Report:
    """Write the next issue of a report, which is locked in the database: it names the part of each scope by its number."""
    parts = store.parts(connection, report.period, numbers)
    assert parts.keys() == numbers.keys(), "every part that is named is there"
    number = report.issue + 1
    issue = Issue(report.area, report.period, number, at, person, reason, numbers, tuple(unheard), _mark(numbers, parts))
    store.add_issue(connection, issue)
    for part in _sums(issue, parts):
        store.put(connection, part)
    return replace(report, issue=number)


def faults(connection: Connection, issue: Issue) -> Iterator[str]:
    """A sentence for whatever of an issue is not as it was published, or not what its parts add up to."""
    parts = store.parts(connection, issue.period, issue.parts)
    if _mark(issue.parts, parts) != issue.hash:
        yield "the issue is not what was published"
    for made in _sums(issue, parts):
        kept = store.part(connection, made.scope, issue.period, made.number)
        if (kept.figures, kept.evidence) != (made.figures, made.evidence):
            yield f"{made.scope}: the sums are not those of the parts"


def _sums(issue: Issue, parts: Mapping[str, Part]) -> Iterator[Part]:
    """What the parts of an issue add up to, in the open and for each programme; as evidence, those of each area below.

    None for a village, which is one part itself.
    """
    for programme in OPEN_AND_PROTECTED if len(issue.area) != VILLAGE_DIGITS else ():
        own = [part for scope, part in parts.items() if programme_of(scope) == programme]
        below: dict[str, list[Json]] = {}
        for part in own:
            below.setdefault(village_of(part.scope)[: BELOW[len(issue.area)]], []).append(part.figures)
        rows = {place: summed(figures) for place, figures in sorted(below.items())}
        scope, nowhere = scope_name(issue.area, programme), Positions(own[0].positions.epoch, {}, {})
        figures = summed(rows.values())
        made = Part.made(scope, issue.period, issue.made_at, own[0].day, own[0].edition, nowhere, figures, {"rows": rows})
        yield replace(made, number=issue.number)


def _mark(numbers: Mapping[str, int], parts: Mapping[str, Part]) -> str:
    """The hash of an issue: over the parts it names and what they say."""
    said = {scope: [number, parts[scope].hash if scope in parts else None] for scope, number in numbers.items()}
    return hashlib.sha256(canonical(said).encode()).hexdigest()
