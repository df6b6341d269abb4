"""A day at the server in which things fail at any place, with what was at hand there in the message of the exception."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import IntegrityError, OperationalError

from server import receiving
from server.dashboard import resident_pages
from server.receiving import Part
from server.store import feed, scope, standings, trail
from server.store.engine import retried
from server.store.scope import ScopeWriter
from tests.server.phone import vitals
from tests.server.test_decision_pages import Desk
from tests.village import SUE, VILLAGE

NAME, NUMBER, TELEPHONE, ADDRESS = "金丝雀", "11010519491231002X", "13800001111", "柳树下三号"
CANARIES = (NAME, NUMBER, TELEPHONE, ADDRESS)
WANG = "0197a0a0-0000-7000-8000-000000000001"
RESIDENT = {
    "identity": {"name": NAME, "sex": "female", "birth_date": "1949-12-31", "id_no": NUMBER},
    "contact": {"phone": TELEPHONE},
    "residence": {"address": ADDRESS, "area_code": VILLAGE},
}
PLACES: tuple[tuple[Any, str], ...] = (  # where something fails: what is called in every request, and what in few
    (ScopeWriter, "finish"), (ScopeWriter, "load"), (Part, "_judge"), (Part, "_apply"), (Part, "_finished"),
    (feed, "changes"), (feed, "states"), (receiving, "erased_among"), (standings, "kept"), (standings, "told"),
    (standings, "entries"), (standings, "_told_by"), (standings, "behind"), (standings, "contributions"), (trail, "write"),
    (resident_pages, "labels_of"), (resident_pages, "readings"), (scope, "stored"), (scope, "chained"),
)  # fmt: skip
KINDS: tuple[Callable[[str], Exception], ...] = (
    RuntimeError,
    ValueError,
    KeyError,
    lambda said: OperationalError("SELECT …", {"body": said}, Exception(said)),
    lambda said: IntegrityError("INSERT …", {"body": said}, Exception(f"Key (record)=({said}) already exists")),
    lambda said: UnicodeEncodeError("ascii", said, 0, 1, said),
)


class Failing:
    """What fails next. `planted` counts the failures that happened; `dice` decides where and how."""

    def __init__(self, dice: random.Random, patch: Any) -> None:
        self.dice, self._patch, self.planted = dice, patch, 0

    def once(self, work: Callable[[], Any]) -> None:
        """Do something while a place fails at its next call, whatever it is called for."""
        owner, name = self.dice.choice(PLACES)
        kind, said = self.dice.choice(KINDS), " ".join(self.dice.sample(CANARIES, 3))

        def fails(*_: Any, **__: Any) -> Any:
            self.planted += 1
            raise kind(said)

        with self._patch.context() as patch:
            patch.setattr(owner, name, fails, raising=False)
            work()


def walk(village: Any, ana: Any, ben: Any, failing: Failing) -> None:
    """Each door once, something failing behind it."""
    village.later(minutes=20)
    for phone in (ana, ben):
        phone.renew()
        phone.outbox.clear()
    desk = Desk(village, SUE)
    standings_ = village.app.extensions["cunyi"].standings

    def sync(phone: Any) -> None:
        phone.save(RESIDENT, WANG, type="resident", subject=WANG)
        phone.save({**vitals(150), "note": {"text": NAME}}, subject=WANG)
        phone.post("/v1/sync", phone.request(counter=10**6))

    def keep_up() -> None:
        """A round of the keeper, which ends with what it does not know."""
        try:
            standings_.keep_up(lambda: False)
        except Exception:
            logging.getLogger("keeper").exception("ended")

    def page(path: str) -> Any:
        return desk.client.get(f"/dashboard{path}")

    doors: list[Callable[[], Any]] = [
        lambda: sync(ana),
        lambda: sync(ben),
        lambda: ana.get(f"/v1/residents?text={NAME}"),
        lambda: ana.get(f"/v1/residents/{WANG}/standing"),
        lambda: ana.get(f"/v1/scopes/{VILLAGE}/records"),
        lambda: page(f"/areas/{VILLAGE}"),
        lambda: page(f"/areas/{VILLAGE}/residents?text={NAME}"),
        lambda: page(f"/residents/{WANG}"),
        lambda: page("/changes"),
        lambda: page("/queue"),
        keep_up,
        lambda: desk.client.post(f"/dashboard/residents/{WANG}/reveal", data={"csrf": desk.csrf, "purpose": "contact"}),
    ]
    for door in doors:
        failing.once(door)
    retried(village.engine, lambda c: trail.write(c, SUE, "2026-11-21T04:00:00.000Z", "look.home"))
