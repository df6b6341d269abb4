"""The life of a report: its steps, from which states they lead to which, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from server.access import View
from server.problems import Problem
from server.store import reports as store
from server.store.reports import ACCEPTED, COMPUTED, LOCKED, RETURNED, SUBMITTED, Report, Step
from sync.scopes import TOWNSHIP_DIGITS, VILLAGE_DIGITS

SHELL = "shell"  # the operator, as a person and as a role
COUNTY_DIGITS = 6
COMPUTE, REISSUE = "compute", "reissue"


@dataclass(frozen=True)
class Move:
    """A step in the life of a report: from which states, to which one, and whether it judges what another submitted."""

    since: tuple[str, ...]
    to: str
    judges: bool


MOVES = {
    "submit": Move((COMPUTED, RETURNED), SUBMITTED, judges=False),
    "accept": Move((SUBMITTED,), ACCEPTED, judges=True),
    "return": Move((SUBMITTED, ACCEPTED), RETURNED, judges=True),
    "lock": Move((ACCEPTED,), LOCKED, judges=True),
}


def keeper(area: str, *, judges: bool) -> str:
    """The area whose supervisor takes a step: a township submits its own report, and its county judges it."""
    if len(area) == VILLAGE_DIGITS:
        return area[:TOWNSHIP_DIGITS]
    return area[:COUNTY_DIGITS] if judges else area


def require_keeper(view: View, area: str, *, judges: bool) -> None:
    """Raises Problem `not-found` or `not-allowed` for somebody whose step it is not."""
    view.villages_of(area)
    view.require("report")
    if view.role != SHELL and keeper(area, judges=judges) not in view.areas:
        raise Problem("not-allowed")


def noted(connection: Connection, report: Report, at: str, person: str, action: str, note: str) -> Report:
    """Write the new state of a report, which is locked in the database, and the step that led there."""
    number = len(store.steps(connection, report.area, report.period)) + 1
    store.move_on(connection, report, Step(number, at, person, action, report.issue, note))
    return report


def taken(report: Report, action: str, expected: int | None) -> Report:
    """A report as it is after a step of MOVES. `expected`: the issue that somebody looked at, None for whichever it is.

    Raises Problem `changed-meanwhile` where another issue holds, `report-state` where that step is not to be taken.
    """
    require_issue(report, expected)
    if report.state not in MOVES[action].since:
        raise Problem("report-state", state=report.state)
    return replace(report, state=MOVES[action].to)


def require_issue(report: Report, expected: int | None) -> None:
    """Raises Problem `changed-meanwhile` where another issue holds than the one that was looked at."""
    if expected not in (None, report.issue):
        raise Problem("changed-meanwhile")
