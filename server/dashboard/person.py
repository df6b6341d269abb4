"""One resident on a page: what the reader may be told of them, and the words and addresses for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import current_app

from server.dashboard.frame import Visit
from server.labels import Labels
from server.store.standings import Told
from sync.codec import Json
from sync.record import Sections, shown
from sync.standing import Known, Work


@dataclass(frozen=True)
class Person:
    """One resident on a page: what is told of them, and the words for it."""

    visit: Visit
    resident: str
    told: Told
    labels: Labels

    @cached_property
    def standing(self) -> Json:
        """The standing as JSON."""
        return self.told.account.standing.wire()

    @cached_property
    def views(self) -> Mapping[str, Sections]:
        """What each record shows, by its id."""
        return {one.record.id: shown(one.record) for one in self.told.known}

    @cached_property
    def works(self) -> Mapping[str, list[Work]]:
        """What each record of the year counts for, by its id."""
        found: dict[str, list[Work]] = {}
        for work in self.told.account.work:
            found.setdefault(work.record, []).append(work)
        return found

    def known(self, record: str) -> Known | None:
        """One of the records that the standing rests on."""
        return next((one for one in self.told.known if one.record.id == record), None)

    def href(self, record: str | None) -> str | None:
        """The page of a record, None for one that is not about this person."""
        if record is None or record not in self.views:
            return None
        return self.visit.href("record", resident=self.resident, record=record)

    def to(self, endpoint: str, **values: Any) -> str | None:
        """A page that may not be there for everybody."""
        there = f"dashboard.{endpoint}" in current_app.view_functions
        return self.visit.href(endpoint, **values) if there else None

    def item(self, contract: str, code: str) -> str:
        """The name of an item of a contract."""
        value = self.views.get(contract, {}).get(f"item/{code}") or {}
        return str(value.get("name") or code)

    def record_name(self, record: str) -> str:
        """The type and day of a record."""
        one = self.known(record)
        if one is None:
            return record
        return f"{self.labels.type(one.record.type)} {day_of(self, one) or ''}".strip()

    def first(self, value: str, *lists: str) -> str:
        """The label of a code that may be of any of these lists."""
        return next((label for name in lists if (label := self.labels.code(name, value)) != value), value)

    def reason(self, code: str) -> str:
        """Why something does not count, was waived or is lacking, in words."""
        return self.first(code, "work_reason", "lacking", "waiver_reason")

    def rule(self, row_id: str) -> str:
        """What a row of a rule table says, the id where there is none."""
        types = self.visit.doors.catalogue.types.values()
        rows = (row for declared in types for table in declared.rules for row in table.rows)
        return next((self.visit.say(row.zh, row.en) for row in rows if row.id == row_id), row_id)

    def counted(self, works: Iterable[Work]) -> str:
        """What a record counts for, in words; empty for one that counts for nothing."""
        return self.visit.say("、", ", ").join(dict.fromkeys(self._counts(one) for work in works for one in work.counts))

    def _counts(self, counts: str) -> str:
        word, _, about = counts.partition(":")
        contract, _, code = about.partition("/")
        detail = self.item(contract, code) if code else self.first(about, "disease") if about else ""
        if word in self.visit.doors.catalogue.types:
            return self.labels.type(word)
        return f"{self.labels.code('work_counts', word)} {detail}".strip()

    def why_not(self, works: Iterable[Work]) -> str:
        """Why a record counts for nothing, in words."""
        said = dict.fromkeys(work.reason for work in works if work.reason)
        return self.visit.say("、", ", ").join(self.labels.code("work_reason", reason) for reason in said)


def day_of(person: Person, one: Known) -> str | None:
    """The day that a record is about, as it is counted or as its form says."""
    work = person.works.get(one.record.id)
    if work and work[0].on:
        return work[0].on.isoformat()
    declared = person.visit.doors.catalogue.types.get(one.record.type)
    day = declared.day_of(person.views[one.record.id]) if declared else None
    return day.isoformat() if day else None
