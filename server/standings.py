"""Standings for who asks: brought up to date first, and only of what the caller may hold. No HTTP, no SQL."""

from __future__ import annotations

import datetime as dt
import logging
import time
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from server.config import Config
from server.problems import Problem
from server.store import directory
from server.store import standings as store
from server.store.engine import reading, retried
from sync import search
from sync.codec import Json
from sync.scopes import VILLAGE_DIGITS, programme_of, village_of
from sync.standing.answer import LATER, pressing
from sync.types.catalogue import Catalogue

ATTEMPTS = 20  # to catch up with a village that changes all the time
PATIENCE_SECONDS = 20.0  # of who reads by a page or a program; a command waits as long as it takes
SEARCHED = 250  # residents whose standings a search reads at once
# SQLite lets in whoever asks at the right moment, and who waits in another process asks every tenth of a second: a keeper that
# wrote batch after batch would keep the phones out
LEAST_REST_SECONDS = 0.15
Stop = Callable[[], bool]  # asked between batches: True to leave the rest for later

log = logging.getLogger(__name__)


def _never() -> bool:
    return False


class Standings:
    """The read side. `now` is the server's clock; what a day is follows the deployment's time zone.

    `patience`: how many seconds a reader waits until what they asked for is counted, PATIENCE_SECONDS where None.
    """

    def __init__(
        self,
        engine: Engine,
        catalogue: Catalogue,
        config: Config,
        now: Callable[[], dt.datetime],
        patience: float | None = None,
    ) -> None:
        self._engine, self._catalogue, self._config, self._now = engine, catalogue, config, now
        self._patience = PATIENCE_SECONDS if patience is None else patience

    @property
    def today(self) -> dt.date:
        """The day, where the deployment is."""
        return self._config.day_of(self._now())

    # -- keeping up ----------------------------------------------------------------------------------------------------

    def refresh(self, scopes: Iterable[str], stop: Stop = _never) -> int:
        """Bring the standings of the villages of these scopes up to the feed and the day: how many were computed.

        Where `stop` says so the rest stays `behind`.
        """
        villages, computed = {village_of(scope) for scope in scopes}, 0
        while (stale := self._behind(villages)) and not stop():
            for village in stale:
                computed += self._catch_up(village, stop)
        return computed

    def _catch_up(self, village: str, stop: Stop = _never, *, in_haste: bool = True) -> int:
        """Everybody concerned once, however many changes there are about them.

        Where the rules change meanwhile, or `stop` says so, the village stays behind. Without haste the embedded database
        is left to others after each batch for as long as the batch took.
        """
        today, computed = self.today, 0
        with reading(self._engine) as connection:
            rest = store.backlog(connection, village, today, self._catalogue)
        for some in rest.batches():
            began = time.monotonic()
            done = None if stop() else self._take_up(village, some, today)
            if done is None:
                break
            computed += done
            if self._config.embedded and not in_haste:
                time.sleep(max(LEAST_REST_SECONDS, time.monotonic() - began))
        return computed

    def _take_up(self, village: str, rest: store.Backlog, today: dt.date) -> int | None:
        """The residents are computed before the transaction that writes: a phone waits for the writing only."""
        with reading(self._engine) as connection:
            rules = store.Rules.on(connection, today, self._catalogue)
            ahead = store.computed(connection, village, rest.residents, rules)
        return retried(self._engine, lambda c: store.take_up(c, village, rest, today, self._catalogue, ahead))

    def _one_batch(self, village: str) -> int:
        today = self.today
        with reading(self._engine) as connection:
            rest = store.backlog(connection, village, today, self._catalogue, most=store.BATCH)
        return self._take_up(village, rest, today) or 0

    def _each(self, villages: Iterable[str], work: Callable[[str], int]) -> tuple[int, list[Exception]]:
        """Do it for each village: how many standings were computed, and what went wrong.

        A village that fails is named in the log and MUST NOT keep those after it from being counted.
        """
        computed, troubles = 0, []
        for village in villages:
            try:
                computed += work(village)
            except Exception as trouble:  # noqa: BLE001 - whatever it is, the next village is another
                cause = trouble.orig if isinstance(trouble, DBAPIError) else trouble
                where = "".join(traceback.format_tb(trouble.__traceback__))  # never the message: it may quote a record
                log.error("standings of %s fail: %s\n%s", village, type(cause).__name__, where)  # noqa: TRY400
                troubles.append(trouble)
        return computed, troubles

    def refresh_within(self, scopes: Iterable[str], seconds: float) -> None:
        """Take up what the villages of these scopes lack, for so long; what is left stays `behind`, and the reader says so."""
        end = time.monotonic() + seconds

        def take_up(village: str) -> int:
            computed = 0
            while time.monotonic() < end and self._behind([village]):
                computed += self._one_batch(village)
            return computed

        self._each(self._behind({village_of(scope) for scope in scopes}), take_up)

    def refresh_quietly(self, scopes: Iterable[str]) -> None:
        """Take up one batch of each village after the answer is out: nobody waits for it.

        What is left, or failed, the next exchange or the next reader makes up for.
        """
        try:
            self._each(self._behind({village_of(scope) for scope in scopes}), self._one_batch)
        except DBAPIError as trouble:
            log.warning("standings were not refreshed: %s", type(trouble.orig).__name__)

    def keep_up(self, stop: Stop = _never) -> int:
        """Once over every village that is behind now, until `stop` says so: how many standings were computed.

        Raises DBAPIError only where the database failed for all of them.
        """
        with reading(self._engine) as connection:
            villages = directory.villages(connection)
        behind = self._behind(villages)
        computed, troubles = self._each(behind, lambda village: 0 if stop() else self._catch_up(village, stop, in_haste=False))
        if troubles and len(troubles) == len(behind) and all(isinstance(one, DBAPIError) for one in troubles):
            raise troubles[-1]
        return computed

    def refresh_all(self) -> int:
        """`refresh` of every village."""
        with reading(self._engine) as connection:
            villages = directory.villages(connection)
        return self.refresh(villages)

    def _behind(self, villages: Collection[str]) -> list[str]:
        with reading(self._engine) as connection:
            return store.behind(connection, villages, self.today, self._catalogue)

    @contextmanager
    def current(self, villages: Collection[str], resident: str | None = None) -> Iterator[Connection]:
        """A picture of the database in which no standing of these villages is old; raises Problem `unavailable`.

        Nobody waits for a county that another release counts anew: what is not done in a while the keeper does.
        `resident`: of the villages only the one where they live, if it is among them, has to be up to date.
        """
        end = time.monotonic() + self._patience
        for _ in range(ATTEMPTS):
            with reading(self._engine) as connection:
                asked = villages if resident is None else [store.home_of(connection, resident)]
                concerned = [village for village in asked if village is not None and village in villages]
                if not store.behind(connection, concerned, self.today, self._catalogue):
                    yield connection
                    return
            if time.monotonic() >= end:
                break
            self.refresh(concerned, lambda: time.monotonic() >= end)
        raise Problem("unavailable", {"Retry-After": "5"})

    # -- reading -------------------------------------------------------------------------------------------------------

    def of(self, scopes: Collection[str], resident: str, on: dt.date | None = None) -> Json:
        """The standing of a resident, today or on another day; raises Problem `not-found` where no scope has them.

        For somebody of another village the same is done as for nobody: the time it takes tells nothing either.
        """
        places = places_of(scopes)
        with self.current(places, resident) as connection:
            village = store.home_of(connection, resident)
            if village is None or village not in places:
                raise Problem("not-found")
            programmes = places[village]
            if on is not None and on != self.today:
                found = store.compute(connection, village, resident, on, programmes, self._catalogue)
            else:
                found = next((one.standing for one in store.kept(connection, village, programmes, [resident])), None)
        assert found is not None, "who lives in a village that is not behind has a standing there"
        return found

    def told(self, scopes: Collection[str], resident: str) -> store.Told:
        """The standing of a resident today with all it rests on; raises Problem `not-found` as `of` does."""
        places = places_of(scopes)
        with self.current(places, resident) as connection:
            village = store.home_of(connection, resident)
            if village is None or village not in places:
                raise Problem("not-found")
            return store.told(connection, village, [resident], self.today, places[village], self._catalogue)[resident]

    def search(self, scopes: Collection[str], text: str, group: str | None, limit: int) -> list[Json]:
        """The residents meant by a text, a group or both, the best fit first, each with their standing.

        A text may mean very many: the standings are read of those who are listed, some at a time until there are enough.
        """
        places, listed = places_of(scopes), list[Json]()
        with self.current(places) as connection:
            likely = list(store.entries(connection, places, text))
            homes = {entry.id: village for village, entry in likely}
            meant = search.find((entry for _, entry in likely), text, len(likely))
            while meant and len(listed) < limit:
                some, meant = meant[:SEARCHED], meant[SEARCHED:]
                found = self._kept(connection, places, some, homes)
                listed += [_listed(found[name]) for name in some if group is None or _belongs(found[name], group)]
        return listed[:limit]

    def _kept(
        self, connection: Connection, places: Mapping[str, list[str]], residents: Iterable[str], homes: Mapping[str, str]
    ) -> dict[str, store.Kept]:
        """The standings of some residents, who live in these homes."""
        by_home: dict[str, list[str]] = {}
        for resident in residents:
            by_home.setdefault(homes[resident], []).append(resident)
        every = (store.kept(connection, village, places[village], some) for village, some in by_home.items())
        return {one.resident: one for some in every for one in some}

    def due(self, scopes: Collection[str]) -> list[Json]:
        """What is due within seven days, or overdue, or urgent, the most pressing first."""
        places = places_of(scopes)
        with self.current(places) as connection:
            items = [
                {"resident": one.resident, "name": _name(one), "scope": one.village, **item}
                for village, programmes in places.items()
                for one in store.kept(connection, village, programmes)
                for item in one.standing["due"]
                if item["urgency"] != LATER
            ]
        return sorted(items, key=lambda item: (*pressing(item), item["resident"]))

    def candidates(self, scopes: Collection[str]) -> list[Json]:
        """Pairs of residents who may be one person, for a person to judge, the likeliest first."""
        places = places_of(scopes)
        with self.current(places) as connection:
            pairs = store.likely_twins(connection, places, self.today)
            wanted = {name for pair in pairs for name in (pair.first, pair.second)}
            shown = {
                one.resident: _listed(one) for place in places for one in store.kept(connection, place, (), residents=wanted)
            }
        return [
            {"points": pair.points, "reasons": list(pair.reasons), "first": shown[pair.first], "second": shown[pair.second]}
            for pair in pairs
        ]


def places_of(scopes: Collection[str]) -> Mapping[str, list[str]]:
    """The villages among the scopes of a caller, each with the programmes that they may hold there."""
    places: dict[str, list[str]] = {scope: [] for scope in sorted(scopes) if len(scope) == VILLAGE_DIGITS}
    for scope in scopes:
        programme = programme_of(scope)
        if programme and village_of(scope) in places:
            places[village_of(scope)].append(programme)
    return places


def _belongs(one: store.Kept, group: str) -> bool:
    return any(held["code"] == group for held in one.standing["groups"])


def _name(one: store.Kept) -> str:
    """As shown; a resident whose own record is void may count by another one's."""
    return one.entries[-1].name if one.entries else ""


def _listed(one: store.Kept) -> Json:
    return {
        "resident": one.resident,
        "scope": one.village,
        "name": _name(one),
        "birth_date": one.entries[-1].birth_date,
        "same_as": one.standing["same_as"],
        "groups": [group["code"] for group in one.standing["groups"]],
        "due": sum(item["urgency"] != LATER for item in one.standing["due"]),
    }
