"""What the register of a disease asks for next, and where the doctor's values differ from what the rules suggest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sync.standing.answer import Differs, Due
from sync.standing.day import Day, plus
from sync.standing.managing import Register
from sync.standing.pressing import urgency
from sync.standing.series import Visit
from sync.types.checks import months_later
from sync.types.fields import Instant
from sync.types.rules import advise
from sync.types.tb_rules import FIRST_VISIT_HOURS, NOTICE_RULES, since_notice

FIRST_VISIT_DAYS = 14  # from the opening of the register to the first follow-up: this project's
CLOSING_DAYS = 14  # to close the register when the course is over: this project's


class Following:
    """What one register asks for on a day. Values only."""

    def __init__(self, register: Register, day: Day) -> None:
        self._register, self._day = register, day

    def due(self) -> Iterator[Due]:
        """What is due, if the disease is under management and has a follow-up form."""
        register = self._register
        if register.status != "managed" or not register.forms:
            return
        last, closing = register.last, next((visit for visit in register.visits if visit.met and _closes(visit)), None)
        died = next((visit for visit in register.visits if visit.fact.date("visit.died_on")), None)
        if died:
            yield self._item("close_record", "died", died.day, died)
        elif closing:
            yield self._after(closing)
        elif last is None:
            yield from self._first()
        else:
            by, reason = min(self._next(last))
            yield self._item(register.forms[-1].name, reason, by, last, bool(_urgent(last)))
            yield from self._at_once(last)
            yield from self._lost(last)

    def _item(self, what: str, reason: str, by: dt.date, visit: Visit | None, pressing: bool = False) -> Due:
        fact, register = visit.fact if visit else self._register.fact, self._register
        disputed = bool(fact.disputed or register.fact.disputed)
        level = urgency(by, self._day, pressing)
        return Due(what, reason, by, level, fact.id, disputed, register.fact.programme)

    def _next(self, last: Visit) -> Iterator[tuple[dt.date, str]]:
        """The days that a next visit may be wanted by, each with the reason; the earliest counts, then the reason's name."""
        register = self._register
        for finding in last.advice.findings:
            if finding.table.gives == "next_within" and finding.by:
                yield finding.by, finding.rows[0].id
        wanted = last.fact.date("next_visit.on")
        if wanted and wanted > last.day:
            yield wanted, "doctor"
        assert register.plan is not None
        months = max(1, 12 // register.plan.visits_per_year)
        yield months_later(last.day, months), "interval"
        if register.plan.in_person and not last.in_person:
            yield months_later(register.seen_on or self._opened(last.day), months), "in_person"

    def _at_once(self, last: Visit) -> Iterator[Due]:
        """An alert or a report that the last visit calls for, on the day itself."""
        for finding in last.advice.findings:
            if finding.table.gives in ("crisis", "report"):
                yield self._item(finding.table.gives, finding.rows[0].id, last.day, last, pressing=True)

    def _lost(self, last: Visit) -> Iterator[Due]:
        """Three contacts in a row that failed: the person counts as lost."""
        unmet = [visit for visit in self._register.visits if visit.day > last.day]
        if len(unmet) >= 3:
            yield self._item("confirm_lost", "three_failed_contacts", unmet[2].day, unmet[2])

    def _after(self, closing: Visit) -> Due:
        """A course that a form has closed: a call whether the person went to be assessed, then the register is closed."""
        called = next((visit for visit in self._register.visits if visit.met and visit.day > closing.day), None)
        wanted = next((f for f in closing.advice.findings if f.table.gives == "next_within" and f.by), None)
        if wanted and wanted.by and called is None:
            return self._item(self._register.forms[-1].name, wanted.rows[0].id, wanted.by, closing)
        ended = called or closing
        return self._item("close_register", "course_ended", plus(ended.day, CLOSING_DAYS), ended)

    def _first(self) -> Iterator[Due]:
        """The first follow-up: soon after the register was opened, or within the hours that a notice gives."""
        fact, what = self._register.fact, self._register.forms[0].name
        moment = Instant.moment(at) if isinstance(at := fact.at("notice.notified_at"), str) else None
        if moment is None:
            by = plus(self._opened(dt.date(self._day.year, 1, 1)), FIRST_VISIT_DAYS)
            yield self._item(what, "first_visit", by, None)
            return
        by = plus(moment.date(), FIRST_VISIT_HOURS // 24)
        yield self._item(what, "first_visit_72h", by, None, pressing=True)
        view = {name: value for name, value in fact.view.items() if self._is_past(name, value)}
        given = since_notice(view, moment, first_visit_done=False)
        for finding in advise(NOTICE_RULES, view, moment.date(), given).findings:
            if finding.table.gives == "first_visit_report":
                yield self._item("report", finding.rows[0].id, by, None, pressing=True)

    def _is_past(self, name: str, value: object) -> bool:
        """False for an attempt of a day to come."""
        if not name.startswith("attempt/"):
            return True
        at = value.get("at") if isinstance(value, dict) else None
        moment = Instant.moment(at) if isinstance(at, str) else None
        return moment is not None and self._day.reached(moment.date())

    def _opened(self, otherwise: dt.date) -> dt.date:
        return self._register.fact.date("registration.opened_on") or otherwise


def _closes(visit: Visit) -> bool:
    return visit.fact.at("closure.reason") is not None


def _urgent(visit: Visit) -> str | None:
    return visit.advice.get("urgent") or visit.advice.get("crisis")


def differing(register: Register) -> Iterator[Differs]:
    """Where the doctor's values of the last visit differ from what the rules suggest."""
    for last in register.visits[-1:]:
        for one in last.advice.discrepancies(last.fact.view):
            yield Differs(last.fact.id, one.field, one.doctor, one.suggested, one.rule, one.version, register.fact.programme)
