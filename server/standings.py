"""Standings for who asks: brought up to date first, and only of what the caller may hold. No HTTP, no SQL."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

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

log = logging.getLogger(__name__)


class Standings:
    """The read side. `now` is the server's clock; what a day is follows the deployment's time zone."""

    def __init__(self, engine: Engine, catalogue: Catalogue, config: Config, now: Callable[[], dt.datetime]) -> None:
        self._engine, self._catalogue, self._config, self._now = engine, catalogue, config, now

    @property
    def today(self) -> dt.date:
        """The day, where the deployment is."""
        return self._config.day_of(self._now())

    # -- keeping up ----------------------------------------------------------------------------------------------------

    def refresh(self, scopes: Iterable[str]) -> int:
        """Bring the standings of the villages of these scopes up to the feed and the day: how many were computed."""
        villages, computed = {village_of(scope) for scope in scopes}, 0
        while stale := self._behind(villages):
            for village in stale:
                computed += self._catch_up(village)
        return computed

    def _catch_up(self, village: str) -> int:
        """Everybody concerned once, however many changes there are about them."""
        today = self.today
        with reading(self._engine) as connection:
            rest = store.backlog(connection, village, today, self._catalogue)
        some, computed = rest.residents[: store.BATCH], 0
        for start in range(store.BATCH, len(rest.residents), store.BATCH):
            computed += self._take_up(village, some, {}, today)
            some = rest.residents[start : start + store.BATCH]
        return computed + self._take_up(village, some, rest.heads, today)

    def _take_up(self, village: str, residents: Sequence[str], heads: Mapping[str, int], today: dt.date) -> int:
        return retried(self._engine, lambda c: store.take_up(c, village, residents, heads, today, self._catalogue))

    def refresh_quietly(self, scopes: Iterable[str]) -> None:
        """Take up one batch of each village after the answer is out: nobody waits for it.

        What is left, or failed, the next exchange or the next reader makes up for.
        """
        try:
            for village in self._behind({village_of(scope) for scope in scopes}):
                retried(self._engine, partial(store.catch_up, village=village, today=self.today, catalogue=self._catalogue))
        except DBAPIError as trouble:
            log.warning("standings were not refreshed: %s", type(trouble.orig).__name__)

    def refresh_all(self) -> int:
        """`refresh` of every village."""
        with reading(self._engine) as connection:
            villages = directory.villages(connection)
        return self.refresh(villages)

    def _behind(self, villages: Collection[str]) -> list[str]:
        with reading(self._engine) as connection:
            return store.behind(connection, villages, self.today, self._catalogue)

    @contextmanager
    def _current(self, villages: Collection[str], resident: str | None = None) -> Iterator[Connection]:
        """A picture of the database in which no standing of these villages is old; raises Problem `unavailable`.

        `resident`: of the villages only the one where they live, if it is among them, has to be up to date.
        """
        for _ in range(ATTEMPTS):
            with reading(self._engine) as connection:
                asked = villages if resident is None else [store.home_of(connection, resident)]
                concerned = [village for village in asked if village is not None and village in villages]
                if not store.behind(connection, concerned, self.today, self._catalogue):
                    yield connection
                    return
            self.refresh(concerned)
        raise Problem("unavailable", {"Retry-After": "5"})

    # -- reading -------------------------------------------------------------------------------------------------------

    def of(self, scopes: Collection[str], resident: str, on: dt.date | None = None) -> Json:
        """The standing of a resident, today or on another day; raises Problem `not-found` where no scope has them.

        For somebody of another village the same is done as for nobody: the time it takes tells nothing either.
        """
        places = _places(scopes)
        with self._current(places, resident) as connection:
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

    def search(self, scopes: Collection[str], text: str, group: str | None, limit: int) -> list[Json]:
        """The residents meant by a text, a group or both, the best fit first, each with their standing."""
        places = _places(scopes)
        with self._current(places) as connection:
            found = {
                one.resident: one
                for village, programmes in places.items()
                for one in store.kept(connection, village, programmes, words=text)
                if group is None or any(held["code"] == group for held in one.standing["groups"])
            }
        entries = (entry for one in found.values() for entry in one.entries)
        names = search.find(entries, text, limit)
        return [_listed(found[name]) for name in names]

    def due(self, scopes: Collection[str]) -> list[Json]:
        """What is due within seven days, or overdue, or urgent, the most pressing first."""
        places = _places(scopes)
        with self._current(places) as connection:
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
        places = _places(scopes)
        with self._current(places) as connection:
            pairs = store.likely_twins(connection, places, self.today)
            wanted = {name for pair in pairs for name in (pair.first, pair.second)}
            shown = {
                one.resident: _listed(one) for place in places for one in store.kept(connection, place, (), residents=wanted)
            }
        return [
            {"points": pair.points, "reasons": list(pair.reasons), "first": shown[pair.first], "second": shown[pair.second]}
            for pair in pairs
        ]


def _places(scopes: Collection[str]) -> Mapping[str, list[str]]:
    """The villages among the scopes of a caller, each with the programmes that they may hold there."""
    places: dict[str, list[str]] = {scope: [] for scope in sorted(scopes) if len(scope) == VILLAGE_DIGITS}
    for scope in scopes:
        programme = programme_of(scope)
        if programme and village_of(scope) in places:
            places[village_of(scope)].append(programme)
    return places


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
