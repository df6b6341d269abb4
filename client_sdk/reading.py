"""The reading half of the client: records as they stand on this phone, people, standings. Nothing here needs a network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from client_sdk import decided, reported, view
from client_sdk.aside import Aside
from client_sdk.decisions import Decision, decisions_of
from client_sdk.errors import NoSuchRecordError, SealedError
from client_sdk.exchange import Held
from client_sdk.people import People
from client_sdk.report import Status
from client_sdk.standings import Standings
from client_sdk.store import ENROLLED, Account, Store
from client_sdk.view import Entry, Estimate, View, composed
from client_sdk.worklist import Worklist
from sync.codec import Json
from sync.likeness import Pair
from sync.record import Edit, Sections
from sync.standing.worklist import Line
from sync.types.rules import Advice

Clock = Callable[[], dt.datetime]


class Reading:
    """What a phone file tells. `now`: the phone's clock; a day is that of the place where its hands point."""

    def __init__(self, store: Store, now: Clock) -> None:
        self._store, self._now = store, now

    def get(self, record: str) -> View:
        """A record as it stands on this phone, its own waiting edits included. Raises NoSuchRecordError."""
        with self._store.snapshot():
            account = self._account()
            held, pending = self._parts(record)
        return self._look(held, pending, account)

    def to_edit(self, record: str) -> View:
        """The same to begin a form with: of a section in conflict it shows what this person wrote.

        An edit from this view leaves beside it what others wrote there. Raises NoSuchRecordError.
        """
        with self._store.snapshot():
            account = self._account()
            return view.owned(self.get(record), account.actor, (account.person or {})["id"])

    def find(
        self,
        *,
        type: str | None = None,  # noqa: A002
        subject: str | None = None,
        scope: str | None = None,
        text: str | None = None,
    ) -> list[View]:
        """The records that fit, by id. `text` is part of any shown value: a name, a telephone number, a drug."""
        with self._store.snapshot():
            account = self._account()
            waiting = self._waiting()
            held = list(self._store.base(type_name=type, subject=subject, scope=scope, text=text))
            new = waiting.keys() - self._store.held(waiting).keys()
        found = [self._look(one, waiting.get(one.record.id, []), account) for one in held]
        made = [self._look(None, waiting[name], account) for name in new]
        wanted = {"type": type, "subject": subject, "scope": scope}
        found += [v for v in made if all(value in (None, getattr(v, name)) for name, value in wanted.items())]
        return sorted((v for v in found if text is None or view.mentions(v, text)), key=lambda v: v.id)

    def search(self, text: str = "", group: str | None = None, limit: int = 50) -> list[View]:
        """The residents meant, the best fit first: by name, pinyin, initials, or the end of a telephone or identity number.

        `group`: only those who belong to it today, by their standing: a code of `population_group`. Void records are left
        out, and of who was registered twice only the record that stands is in a group.
        """
        if group is not None:
            self._refresh()
        with self._store.snapshot():
            rows = self._standings().rows() if group is not None else ()
            among = {row.resident for row in rows if group in row.groups} if group is not None else None
            return [self.get(resident) for resident in self._people().search(text, among, limit)]

    def candidates(self) -> list[Pair]:
        """Pairs of residents who may be one person and about whom nobody has decided, the likeliest first."""
        with self._store.snapshot():
            return self._people().candidates()

    def persons(self) -> dict[str, str]:
        """Who counts as whom: each linked resident, and the one whose record stands for that person."""
        with self._store.snapshot():
            return self._people().persons()

    def standing(self, resident: str, on: dt.date | None = None) -> Json:
        """What a resident is due, has had, and counts as, today or on another day: a `sync.standing.Standing` as JSON.

        From everything that this phone holds; what waits in the outbox counts. Raises NoSuchRecordError.
        """
        with self._store.snapshot():
            return self._standings(on).of(resident)

    def due(self, on: dt.date | None = None) -> list[Json]:
        """What is urgent, overdue, or due within seven days, today or on another day, the most pressing first.

        Each as in the standing, with the `resident`, their `name` and `scope`.
        """
        if on is None:
            self._refresh()
        with self._store.snapshot():
            return self._standings(on).due()

    def advise(
        self,
        type: str,  # noqa: A002
        sections: Sections,
        subject: str | None = None,
        record: str | None = None,
    ) -> Advice:
        """What the rules say of a form while it is filled in, before it is saved.

        With the person's age and the visit before it, as the standing will judge it. `subject`: whom it is about;
        `record`: the one it changes, whose shown sections count where the form has none. Put `kept()` of the advice into
        the form: the suggestions are kept beside the doctor's own decisions, never in their place. Empty where the form
        does not say which day it is about. Raises NoSuchRecordError.
        """
        with self._store.snapshot():
            before = self.get(record) if record else None
            form = {**before.sections, **sections} if before else sections
            return self._standings().advice(type, form, before.subject if before else subject, record)

    def conflicts(self) -> list[View]:
        """The records that wait for a person: sections in conflict, and a void against an edit that it did not see."""
        with self._store.snapshot():
            account = self._account()
            waiting = self._waiting()
            held = {one.record.id: one for one in self._store.base(disputed=True)} | self._store.held(waiting)
        every = [self._look(held.get(name), waiting.get(name, []), account) for name in sorted(held.keys() | waiting)]
        return [one for one in every if one.conflicts]

    def history(self, record: str) -> list[Entry]:
        """The edits of a record that this phone knows, the oldest first, its own waiting ones last."""
        with self._store.snapshot():
            self._account()
            return view.history(*self._parts(record))

    def decisions(self, record: str | None = None) -> list[Decision]:
        """The decisions about conflicts and appeals that this phone knows, the oldest first; of one record where it is given.

        With the values that gave way, as far as this phone held them.
        """
        with self._store.snapshot():
            self._account()
            kept = dict(decided.listed(self._store.vault, record))
            if record is not None:
                told = decisions_of(composed(*self._parts(record), self._estimate())[0])
                kept = {**{name: one for name, one in told.items() if name not in kept}, **kept}
            return list(kept.values())

    def my_work(self, month: str | None = None) -> list[Line]:
        """The records that this phone's person wrote about the days of a month, `2026-11`, by default the present one.

        Each counts for something or says why not: as the server counts it, from what it has received. What waits in the
        outbox is `not_received`, what was set aside says so; what the report of the month does not count is `after_cutoff`, as
        of the day that `reports_as_of` names. Raises ValueError for what is no month.
        """
        with self._store.snapshot():
            account, today = self._account(), self._now().date()
            month = month or today.isoformat()[:7]
            mine = Worklist(self._store, self._people().counting(), (account.person or {})["id"], today, self._estimate())
            found = mine.of(month)
        reported.wish(self._store.vault, month, today)
        return found

    def reports_as_of(self, month: str) -> str | None:
        """When the server last told what the report of a month does with this person's work, by this phone's clock; None: never.

        A sync asks for the last month, and for those whose work was looked at.
        """
        with self._store.snapshot():
            self._account()
            told = reported.told(self._store.vault, month)
            return told.asked_at if told else None

    def outbox(self) -> list[Edit]:
        """The edits that the server has not answered yet, in the order they were made."""
        with self._store.snapshot():
            self._account()
            return self._store.outbox()

    def set_aside(self) -> list[Aside]:
        """Edits of this phone that the server keeps for a person and nobody has applied after all, in the order they came back.

        Each with the reason, and with what was decided where somebody refused it. Those that are not `known` need somebody.
        """
        with self._store.snapshot():
            self._account()
            return self._store.unapplied()

    def status(self) -> Status:
        """How the phone stands; also of one that is sealed or retired."""
        store = self._store
        with store.snapshot():
            a = store.account()
            scopes = {name: bool(may.get("write")) for name, may in (a.scopes or {}).items()}
            aside, records = len(store.set_aside()), store.count()
            return Status(a.mode, a.person, a.role, a.actor, scopes, store.waiting(), aside, records, a.last_sync)

    # -- within --------------------------------------------------------------------------------------------------------

    def _account(self) -> Account:
        account = self._store.account()
        if account.mode != ENROLLED:
            raise SealedError(f"this phone is {account.mode}: its records may not be read")
        return account

    def _people(self) -> People:
        return People(self._store, self._now().date(), self._estimate())

    def _standings(self, on: dt.date | None = None) -> Standings:
        return Standings(self._store, self._people().counting(), on or self._now().date(), self._estimate())

    def _refresh(self) -> None:
        """Make the rows of today's lists that are not kept, some at a time: others may write in between."""
        with self._store.snapshot():
            more = self._standings().behind()
        while more:
            with self._store.transaction():
                more = self._standings().refresh()

    def _estimate(self) -> Estimate:
        return view.estimate(self._account().offset_ms)

    def _parts(self, record: str) -> tuple[Held | None, list[Edit]]:
        held, pending = self._store.held([record]).get(record), self._store.outbox([record])
        if held is None and not pending:
            raise NoSuchRecordError(f"this phone has no record {record}")
        return held, pending

    def _waiting(self) -> dict[str, list[Edit]]:
        waiting: dict[str, list[Edit]] = {}
        for edit in self._store.outbox():
            waiting.setdefault(edit.record, []).append(edit)
        return waiting

    def _look(self, held: Held | None, pending: list[Edit], account: Account) -> View:
        return view.look(held, pending, self._now().date(), view.estimate(account.offset_ms))
