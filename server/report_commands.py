"""Commands about period reports: freeze, hand on, correct, check and export them. The operator acts as `shell`.

What belongs to protected programmes is frozen and checked with the rest, and shown only to whom it is granted: not here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from server import utc_now
from server.access import View
from server.indicators import BY_CODE
from server.indicators.reading import Figure
from server.office import Office, as_json_option, office, told
from server.periods import Period, PeriodError
from server.problems import Problem
from server.reports import excel
from server.reports.life import MOVES, SHELL
from server.reports.reading import RESIDENCE
from server.reports.told import difference_as_json, shown_as_json
from server.reports.wording import Words
from server.store import directory, trail
from server.store.engine import reading, retried
from server.store.reports import Report
from server.store.standards import standards_on
from sync.codec import Json, stamp
from sync.types import CATALOGUE

WORDS = {
    "not-found": "there is no such area, or no report of it for this period; see `cunyi report list`",
    "too-early": "the period is not closed yet: its report can be computed from {first} on",
    "report-state": "the report is {state}: that step is not to be taken now",
    "nothing-to-correct": "the numbers come out as they were issued: there is nothing to correct",
    "changed-meanwhile": "somebody changed the report meanwhile: look at it again",
    "unfit-request": "{faults}",
}


class ReportGroup(click.Group):
    """The group, with what a report refuses told in one line."""

    def invoke(self, ctx: click.Context) -> object:
        """Run; a problem is no traceback."""
        try:
            return super().invoke(ctx)
        except Problem as problem:
            words = WORDS.get(problem.kind.name, problem.kind.title)
            raise click.ClickException(words.format(**problem.more)) from None


class PeriodType(click.ParamType[Period]):
    """A period as it is written."""

    name = "period"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        """The period of a text."""
        try:
            return Period.parse(str(value))
        except PeriodError as trouble:
            self.fail(str(trouble), param, ctx)


def shell(at: Office) -> View:
    """The operator: everywhere, in the open."""
    with reading(at.engine) as connection:
        names = directory.area_names(connection)
    top = tuple(sorted(code for code in names if code[:-3] not in names))
    villages = frozenset(code for code in names if directory.LEVELS[len(code)] == "village")
    return View(SHELL, SHELL, SHELL, top, villages, frozenset(), frozenset({"look", "report", "export"}))


def _seen(at: Office, action: str, area: str, period: Period, **what: Any) -> None:
    """Write down what the operator is told, before it is told."""
    detail = {"period": period.text, **{name: value for name, value in what.items() if value is not None}}
    retried(at.engine, lambda c: trail.write(c, SHELL, stamp(utc_now()), action, area=area, detail=detail))


area_argument = click.argument("area")
period_argument = click.argument("period", type=PeriodType())
number_option = click.option("--issue", "number", type=click.IntRange(1), help="an earlier issue [default: the one that holds]")


@click.group(cls=ReportGroup)
def report() -> None:
    """Period reports. AREA: the code of a village, township or county; PERIOD: like 2026-11, 2026-Q4, 2026-W47 or 2026."""


@report.command(name="list")
@as_json_option
@office
def list_command(at: Office, as_json: bool) -> None:
    """The reports that were computed, the latest period first."""
    told([vars(one) for one in at.report_reading.listed(shell(at))], as_json, ("period", "area", "state", "issue"))


@report.command()
@area_argument
@period_argument
@as_json_option
@office
def compute(at: Office, area: str, period: Period, as_json: bool) -> None:
    """Freeze the numbers of AREA in PERIOD, village by village. Safe to stop and to run again: what is frozen stays."""
    view = shell(at)
    villages = view.villages_of(area)
    done = iter(range(1, len(villages) + 1))

    def tell(village: str) -> None:
        if not as_json:
            click.echo(f"{next(done)}/{len(villages)} {village}")

    _told(at.reports.compute(view, area, period, tell), as_json)


@report.command()
@area_argument
@period_argument
@number_option
@click.option("--population", default="all", show_default=True, help="a population group, like elder_65")
@as_json_option
@office
def show(at: Office, area: str, period: Period, number: int | None, population: str, as_json: bool) -> None:
    """The figures of a report, of all below AREA, with steps and corrections."""
    shown = at.report_reading.show(shell(at), area, period, number, population)
    _seen(at, "look.report", area, period, issue=shown.issue.number, population=population)
    if as_json:
        click.echo(json.dumps(shown_as_json(shown), ensure_ascii=False, indent=1))
        return
    click.echo(
        f"{shown.names.get(area, area)} {period.zh} {shown.report.state}, issue {shown.issue.number}, {shown.issue.made_at}"
    )
    told([_line(code, figure) for code, figure in shown.total.items()], False, LINE)
    for step in shown.steps:
        click.echo(f"{step.at} {step.action} {step.person} (issue {step.issue}) {step.note}".rstrip())
    first, last = shown.frozen
    click.echo(f"Frozen at {first}" + (f" to {last}" if last != first else "") + f". {RESIDENCE[1]}")
    if shown.uncountable:
        click.echo(f"Residents whose records cannot be counted, and are in no number: {shown.uncountable}")
    if shown.issue.unheard:
        click.echo(f"Phones not heard from: {', '.join(shown.issue.unheard)}")


def _step(action: str) -> click.Command:
    @click.command(name=action, help=f"{action.capitalize()} a report, as the operator.")
    @area_argument
    @period_argument
    @click.option("--note", default="", help="what those who read the steps should know")
    @as_json_option
    @office
    def command(at: Office, area: str, period: Period, note: str, as_json: bool) -> None:
        _told(at.reports.step(shell(at), area, period, action, note), as_json)

    return command


for name in MOVES:
    report.add_command(_step(name))


@report.command()
@area_argument
@period_argument
@click.option(
    "--issue", "number", type=click.IntRange(2), help="what that correction changed [default: what one would change now]"
)
@as_json_option
@office
def difference(at: Office, area: str, period: Period, number: int | None, as_json: bool) -> None:
    """What has arrived since a report was issued, by indicator and by person."""
    view = shell(at)
    found = at.reports.change(view, area, period, number) if number else at.reports.difference(view, area, period)
    _seen(at, "look.report_difference", area, period, issue=number)
    if as_json:
        click.echo(json.dumps(difference_as_json(found), ensure_ascii=False, indent=1))
        return
    if not found:
        click.echo("The numbers come out as they were issued.")
    if found.ruled:
        click.echo(
            f"Counted by other rules than before (release or standards): {len(found.ruled)} of {len(found.villages)} villages."
        )
    for code, (before, after) in found.figures.items():
        click.echo(f"{code} {BY_CODE[code].zh}: {_counted(code, before)} -> {_counted(code, after)}")
    for person in found.persons:
        why = " (nothing has arrived: counted by other rules)" if person.by_rules else ""
        said = " ".join(one.indicator for one in person.changes)
        click.echo(f"{person.village} {person.name} {person.resident}: {said}{why}")
        for one in person.arrivals:
            click.echo(
                f"  {one.received_at} {one.type} {one.record} by {one.author or one.device}, written {one.written_at or '?'}"
            )


@report.command()
@area_argument
@period_argument
@click.argument("reason")
@as_json_option
@office
def reissue(at: Office, area: str, period: Period, reason: str, as_json: bool) -> None:
    """Issue a correction (更正) for a REASON under the next number; the issues before it stay."""
    _told(at.reports.reissue(shell(at), area, period, reason), as_json)


@report.command()
@area_argument
@period_argument
@number_option
@as_json_option
@office
def check(at: Office, area: str, period: Period, number: int | None, as_json: bool) -> None:
    """Count a report again from the edit log as it was. Exits with 1 and names what differs."""
    faults = at.reports.check(shell(at), area, period, number)
    if as_json:
        click.echo(json.dumps({"faults": faults}, ensure_ascii=False, indent=1))
    else:
        for fault in faults:
            click.echo(f"FAULT {fault}")
        click.echo(f"{len(faults)} faults." if faults else "Identical.")
    sys.exit(1 if faults else 0)


@report.command()
@area_argument
@period_argument
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@number_option
@click.option("--population", default="all", show_default=True, help="a population group, like elder_65")
@click.option("--english", is_flag=True, help="in English instead of Chinese")
@office
def export(at: Office, area: str, period: Period, file: Path, number: int | None, population: str, english: bool) -> None:
    """Write a report to FILE as an Excel workbook, with the definition of every number."""
    shown = at.report_reading.show(shell(at), area, period, number, population)
    _seen(at, "report.export", area, period, issue=shown.issue.number, population=population)
    with reading(at.engine) as connection:
        few = standards_on(connection, at.today).suppress_below
        words = Words.of(connection, at.config, CATALOGUE, shown, chinese=not english, few=few)
    file.write_bytes(excel.report_book(shown, words))
    click.echo(f"{file}: {len(shown.total)} indicators of {len(shown.rows)} areas, issue {shown.issue.number}.")


# -- as it is told -----------------------------------------------------------------------------------------------------

LINE = ("indicator", "numerator", "denominator", "value", "name")


def _line(code: str, figure: Figure) -> Json:
    one = BY_CODE[code]
    return {
        "indicator": code,
        "numerator": figure.numerator,
        "denominator": figure.denominator if one.ratio else None,
        "value": one.shown(figure.numerator, figure.denominator),
        "name": one.zh,
    }


def _counted(code: str, figure: Figure) -> str:
    one = BY_CODE[code]
    value = one.shown(figure.numerator, figure.denominator)
    return f"{figure.numerator}/{figure.denominator} ({value})" if one.ratio else value


def _told(found: Report, as_json: bool) -> None:
    click.echo(json.dumps(vars(found)) if as_json else f"{found.area} {found.period}: {found.state}, issue {found.issue}.")
