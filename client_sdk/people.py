"""Who is who on this phone: the search, residents who may be one person, and who counts as whom.

Answers from the cards of the base together with what waits in the outbox, without opening thousands of records. Reads
only: what is decided is written by `Client.link` and `Client.unlink`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from client_sdk.cards import LINK, RESIDENT, Card, card_of, entries_on, link_on, resident_on
from client_sdk.errors import LinkError, NoSuchRecordError
from client_sdk.store import Store
from client_sdk.view import Estimate, composed
from sync.likeness import Pair, pairs, undecided
from sync.links import LINKED, UNDONE, Link, who_is_who
from sync.record import Edit
from sync.scopes import village_of
from sync.search import find


class People:
    """The people on a phone file on one day. Every call belongs into the snapshot or transaction it was made in."""

    def __init__(self, store: Store, on: dt.date, estimate: Estimate) -> None:
        self._store, self._on, self._estimate = store, on, estimate

    def search(self, text: str, among: Collection[str] | None, limit: int) -> list[str]:
        """The ids of the residents meant, the best fit first; only `among` these where they are given."""
        cards = (card for card in self._cards(RESIDENT) if among is None or card.record in among)
        return find((entry for card in cards for entry in entries_on(card)), text, limit)

    def candidates(self) -> list[Pair]:
        """Pairs that may be one person and that nobody has decided about, the likeliest first."""
        return undecided(pairs(map(resident_on, self._cards(RESIDENT)), self._on), self.links())

    def links(self) -> list[Link]:
        """Every decision that is not void, by record."""
        return sorted(map(link_on, self._cards(LINK)))

    def counting(self) -> dict[str, tuple[str, ...]]:
        """For each linked resident everybody who is one person with them, the one who stands for that person first.

        By the links between residents of one village alone, as the server counts: a person is counted where they live.
        """
        links: dict[str, list[Link]] = {}
        for card in self._cards(LINK):
            links.setdefault(village_of(card.scope), []).append(link_on(card))
        if not links:
            return {}
        found: dict[str, tuple[str, ...]] = {}
        residents = self._store.residents()
        living: dict[str, set[str]] = {}
        for resident, scope in residents.items():
            living.setdefault(village_of(scope), set()).add(resident)
        same = {village: who_is_who(every, living.get(village, ())) for village, every in links.items()}
        for resident, scope in residents.items():
            here = same.get(village_of(scope), {})
            if survivor := here.get(resident):
                others = sorted(one for one, stands in here.items() if stands == survivor and one != survivor)
                found[resident] = (survivor, *others)
        return found

    def between(self, one: str, other: str) -> list[Link]:
        """The decisions about two residents, whichever is the duplicate."""
        return [link for link in self.links() if link.pair == {one, other}]

    def persons(self) -> dict[str, str]:
        """For each linked resident the one who stands for that person."""
        return who_is_who(self.links())

    def linkable(self, duplicate: str, same_as: str) -> None:
        """Raises LinkError or NoSuchRecordError where the two cannot be linked."""
        if duplicate == same_as:
            raise LinkError("a resident is not their own duplicate")
        known = {card.record for card in self._cards(RESIDENT)}
        for resident in (duplicate, same_as):
            if resident not in known:
                raise NoSuchRecordError(f"this phone has no resident {resident}")

    def undoable(self, one: str, other: str) -> list[Link]:
        """The links to undo so that two residents are two persons. Raises LinkError where they are one by way of others."""
        standing = [link for link in self.between(one, other) if link.state != UNDONE]
        rest = [link for link in self.links() if link.state == LINKED and link not in standing]
        same = who_is_who(rest)
        if one in same and same[one] == same.get(other):
            among = sorted(link.duplicate for link in rest if same[link.duplicate] == same[one])
            raise LinkError(f"they are one person by way of other links, those of {', '.join(among)}: undo these first")
        return standing

    def _cards(self, type_name: str) -> Iterator[Card]:
        """The cards of a type as the phone shows its records: waiting edits applied."""
        waiting: dict[str, list[Edit]] = {}
        for edit in self._store.outbox():
            if edit.type == type_name:
                waiting.setdefault(edit.record, []).append(edit)
        yield from (card for card in self._store.cards(type_name) if card.record not in waiting)
        held = self._store.held(waiting)
        for name, edits in waiting.items():
            record = composed(held.get(name), edits, self._estimate)[0]
            if text := card_of(record):
                yield Card(record.id, record.subject, record.scope, text)
