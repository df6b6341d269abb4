"""Standings on the phone: from everything it holds, the outbox applied; those of the lists are kept until something changes.

Made by `sync.standing`, as on the server. Nothing here knows SQL, and nothing of it is ever sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping

from client_sdk.about import About
from client_sdk.errors import NoSuchRecordError
from client_sdk.kept import Kept, holding, keep
from client_sdk.store import Store
from client_sdk.view import Estimate
from sync.codec import Json
from sync.record import shown
from sync.scopes import village_of
from sync.standing import series, standing
from sync.standing.answer import LATER, pressing
from sync.standing.day import Day
from sync.standing.facts import Facts
from sync.types import CATALOGUE
from sync.types.checks import View as Shown
from sync.types.rules import NOTHING, Advice

AT_ONCE = 200  # residents in one transaction


class Standings:
    """The standings on a phone file on one day. Every call belongs into the snapshot or transaction it was made in.

    `same`: who is one person with whom, see `People.counting`.
    """

    def __init__(self, store: Store, same: Mapping[str, tuple[str, ...]], on: dt.date, estimate: Estimate) -> None:
        self._store, self._same, self._on, self._estimate = store, same, on, estimate

    def of(self, resident: str) -> Json:
        """The standing of one resident. Raises NoSuchRecordError."""
        for made in self._made([resident]):
            return made.whole
        raise NoSuchRecordError(f"this phone has no resident {resident}")

    def advice(self, type_name: str, view: Shown, subject: str | None, record: str | None) -> Advice:
        """What the rules say of a form that is being filled in, on the day it names."""
        declared = CATALOGUE.types.get(type_name)
        day = declared.day_of(view) if declared else None
        if declared is None or day is None:
            return NOTHING
        about = About(self._store, self._persons([subject] if subject else []), day, self._estimate)
        persons = self._cluster(subject) if subject else ()
        facts = Facts(persons, about.known(persons), Day(day), CATALOGUE)
        return series.advice_on(declared, view, day, facts, facts.person(persons[0]) if subject else None, record)

    # -- the lists -----------------------------------------------------------------------------------------------------

    def rows(self) -> list[Kept]:
        """A row for every resident: those that are kept, and what is not, made now."""
        kept, missing = self._kept()
        return [*kept.values(), *(made.kept for made in self._made(missing))]

    def due(self) -> list[Json]:
        """What is urgent, overdue, or due within seven days, the most pressing first."""
        items = [
            {"resident": row.resident, "name": row.name, "scope": row.scope, **item} for row in self.rows() for item in row.due
        ]
        return sorted(items, key=lambda item: (*pressing(item), item["resident"]))

    def behind(self) -> bool:
        """True while a row of the lists has to be made."""
        return bool(self._kept()[1])

    def refresh(self) -> bool:
        """Make some of the rows that are not kept; True while there are more. Belongs into a transaction."""
        missing = sorted(self._kept()[1])
        keep(self._store.vault, ((made.kept, made.rests_on) for made in self._made(missing[:AT_ONCE])))
        return len(missing) > AT_ONCE

    def _kept(self) -> tuple[dict[str, Kept], set[str]]:
        """The rows that hold, by resident, and the residents without one."""
        here = set(self._store.residents())
        rows = {
            row.resident: row
            for row in holding(self._store.vault, self._on.isoformat())
            if row.resident in here and row.persons == self._same.get(row.resident, ())
        }
        return rows, here - rows.keys()

    # -- one person ----------------------------------------------------------------------------------------------------

    def _cluster(self, resident: str) -> tuple[str, ...]:
        """Everybody who is one person with somebody, themselves among them, the one whose record stands first."""
        return self._same.get(resident, (resident,))

    def _persons(self, residents: Iterable[str]) -> set[str]:
        return {one for resident in residents for one in self._cluster(resident)}

    def _made(self, residents: Collection[str]) -> Iterator[_Made]:
        """The standings of those of these residents whose records are held."""
        if not residents:
            return
        about = About(self._store, self._persons(residents), self._on, self._estimate)
        for resident in sorted(about.residents.keys() & set(residents)):
            persons = self._cluster(resident)
            survivor = persons[0]
            whole = standing(
                resident,
                about.known(persons, village_of(about.residents[resident].record.scope)),
                self._on,
                also=persons[1:] if survivor == resident else (),
                same_as=None if survivor == resident else survivor,
            ).wire()
            yield _Made(about, resident, whole, persons, self._on, self._same.get(resident, ()))


class _Made:
    """A standing just made: the whole, and the row that is kept of it.

    The row MUST NOT rest on issues that the day decides (a date to come): those found here change with the day alone.
    """

    def __init__(
        self, about: About, resident: str, whole: Json, persons: Collection[str], on: dt.date, linked: tuple[str, ...]
    ) -> None:
        record = about.residents[resident].record
        self.resident, self.whole = resident, whole
        self.rests_on = about.rests_on(persons)
        name = (shown(record).get("identity") or {}).get("name")
        self.kept = Kept(
            resident,
            record.scope,
            name if isinstance(name, str) else "",
            on.isoformat(),
            whole["until"],
            linked,
            tuple(group["code"] for group in whole["groups"]),
            tuple(item for item in whole["due"] if item["urgency"] != LATER),
        )
