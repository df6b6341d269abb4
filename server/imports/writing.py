"""Writing what a roster wants of records: compared with what is there, and only the difference is written.

What others wrote in the same section is carried over; what waits for a person to decide is left alone; and what the
last import said already, and somebody has changed since, is not said again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Engine

from server.access import here
from server.exchange import Exchange
from server.imports.report import CHANGED, TAKEN, RefusedError, Remark, Result
from server.store import devices
from server.store.engine import reading
from server.store.scope import Stored, living, said_at_server
from sync.codec import stamp
from sync.record import VOID, Edit, conflicts, shown
from sync.types import CATALOGUE
from sync.version import Dot, VersionVector

BATCH = 500  # edits written, or records read, at a time
AUTHOR = "server"

T = TypeVar("T")
Section = dict[str, Any]


@dataclass
class Wanted:
    """What a roster says about one record: `sections` whenever it says something, `first` only of a record that is new."""

    record: str
    type: str
    scope: str
    row: int  # where it is told of
    sections: dict[str, Section]
    first: dict[str, Section] = field(default_factory=dict)
    numberless: str | None = None  # the id that this person has if they were registered without a number
    subject: str | None = None  # whom it is about, where that is not the record itself


@dataclass(frozen=True)
class Draft:
    """An edit without its dot."""

    sections: Mapping[str, Section]
    context: VersionVector
    new: bool = False


class Writer:
    """Compares what is wanted with what is there, and writes the difference as edits of the server."""

    def __init__(self, engine: Engine, exchange: Exchange, result: Result, now: dt.datetime) -> None:
        self._engine, self._exchange, self._result, self._now = engine, exchange, result, stamp(now)
        with reading(engine) as connection:
            self._actor = here(connection).actor

    def put(self, wants: Sequence[Wanted]) -> None:
        """Write them all, village by village."""
        for batch in chunks(sorted(wants, key=lambda want: want.scope), BATCH):
            drafts = [(want, draft) for want, draft in self._compared(batch) if draft]
            first = devices.reserve_counters(self._engine, self._actor, len(drafts)) if drafts else 0
            edits = [
                _edit(want, draft, Dot(self._actor, counter), self._now) for counter, (want, draft) in enumerate(drafts, first)
            ]
            for (want, draft), receipt in zip(drafts, self._exchange.write(edits) if edits else [], strict=True):
                self._tell(want, draft, receipt)

    def _tell(self, want: Wanted, draft: Draft, receipt: Mapping[str, Any]) -> None:
        if receipt["status"] in ("gap", "deposited"):
            self._refuse(want, RefusedError("not_written", why=receipt.get("reason", receipt["status"])))
        elif want.type == "resident":
            self._result.rows[want.row].outcome = TAKEN if draft.new else CHANGED

    def _refuse(self, want: Wanted, trouble: RefusedError) -> None:
        """A resident's row is refused; of a household only its first row tells, of a protected register no name is told."""
        if want.type == "resident":
            self._result.refuse(want.row, self._result.rows[want.row].who, trouble)
        elif want.type == "chronic_register":
            said = trouble.remark
            self._result.remark(want.row, Remark("protected_refused", {"why": said.en, "why_zh": said.zh}))
        else:
            number, said = want.sections["identity"]["household_no"], trouble.remark
            told = Remark("household_refused", {"value": number, "why": said.en, "why_zh": said.zh})
            self._result.remark(want.row, told)

    def _compared(self, wants: Sequence[Wanted]) -> Iterator[tuple[Wanted, Draft | None]]:
        """The edit that each needs, None where nothing is new."""
        with reading(self._engine) as connection:
            kept = living(connection, [i for want in wants for i in (want.record, want.numberless) if i])
            new = {want.record: self._difference(want, kept) for want in wants}
            # only of these it matters what the last import said
            asked = [record for record, draft in new.items() if draft and not draft.new]
            said = said_at_server(connection, {want.scope for want in wants}, asked)
        for want in wants:
            draft = new[want.record]
            if draft and not draft.new:
                draft = self._newer(want, draft, kept[want.record], said.get(want.record, {}))
            yield want, draft

    def _difference(self, want: Wanted, kept: Mapping[str, Stored]) -> Draft | None:
        """What the file says otherwise than the record; a row that cannot be taken is told."""
        here = kept.get(want.record)
        trouble = _trouble(want, here, kept)
        if trouble:
            self._refuse(want, trouble)
            return None
        if here is None:
            everything = {**want.first, **{name: {**want.first.get(name, {}), **v} for name, v in want.sections.items()}}
            return Draft(everything, VersionVector(), new=True)
        view = shown(here.record)
        wanted = dict(want.sections)
        for name, value in want.first.items():  # a record that a phone began may lack what a new one begins with
            if view.get(name) is None:
                wanted[name] = {**value, **wanted.get(name, {})}
        changed = {name: v for name, v in wanted.items() if any((view.get(name) or {}).get(k) != x for k, x in v.items())}
        return Draft(changed, here.record.seen) if changed else None

    def _newer(self, want: Wanted, draft: Draft, here: Stored, said: Mapping[str, Section]) -> Draft | None:
        """Leave out what waits for a person, and what the last import said already and somebody has changed since."""
        waiting = conflicts(here.record, CATALOGUE.policy(want.type))
        view = shown(here.record)
        sections: dict[str, Section] = {}
        for name, value in draft.sections.items():
            before = dict(view.get(name) or {})
            changed = {k: x for k, x in value.items() if before.get(k) != x}
            if name in waiting:
                self._remark(want, "in_conflict", name)
                continue
            news = {k: x for k, x in changed.items() if said.get(name, {}).get(k) != x}
            if news != changed:
                self._remark(want, "kept", name)
            if news:
                if "id_no" in news:
                    before.pop("id_missing_reason", None)
                sections[name] = {**before, **news}
        return Draft(sections, draft.context) if sections else None

    def _remark(self, want: Wanted, reason: str, section: str) -> None:
        declared = CATALOGUE.types[want.type].by_name[section]
        self._result.remark(want.row, Remark(reason, {"column": declared.en, "column_zh": declared.zh}))


def _edit(want: Wanted, draft: Draft, dot: Dot, now: str) -> Edit:
    about = want.subject or want.record
    return Edit(want.record, want.type, about, want.scope, dot, draft.context, now, AUTHOR, draft.sections)


def _trouble(want: Wanted, here: Stored | None, kept: Mapping[str, Stored]) -> RefusedError | None:
    """Why a record cannot be written, None when it can."""
    if here is None:
        before = kept.get(want.numberless or "")
        return RefusedError("numberless", value=before.record.id) if before else None
    if here.record.type != want.type:
        return RefusedError("other_kind")
    if here.record.scope != want.scope:
        return RefusedError("elsewhere", value=here.record.scope)
    return RefusedError("voided") if shown(here.record).get(VOID) else None


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items, so many at a time."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
