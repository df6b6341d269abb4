"""Every filter taken away in turn (filters.py): somebody must then learn or do something that is not theirs to see or do.

Where it shows stands in caught.py: there the route is asked about one's own things and about those of other places until an
answer differs from the one about what is absent, says a word of another place, or the server fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tests.server.asking import Asker, leaks, words_of
from tests.server.canaries import DAMSON, Place
from tests.server.caught import CAUGHT
from tests.server.conftest import Village
from tests.server.filters import Filters, Site
from tests.server.phone import vitals
from tests.server.sweeping import Sweep, ToldError

SEEKERS = ("doctor", "leader", "county", "member")
NOWHERE = "411577009209"
EXCHANGE, SENDER = "POST /v1/sync", "member"


class Mutants:
    """An application with its places, and those who ask. `said`: what was wrong with the last answer that told something."""

    def __init__(self, village: Village, made: Mapping[str, Place], askers: Iterable[Asker]) -> None:
        self.village, self.made = village, made
        self.askers = {asker.person.rpartition("-")[2]: asker for asker in askers}
        self.filters = Filters(frozenset(place.village for place in made.values()))
        self.sites: dict[str, list[Site]] = {}
        for site in self.filters.declared.values():
            self.sites.setdefault(site.key, []).append(site)
        self.probes, self.said = 0, ""
        if SENDER in self.askers:  # what amber wrote about damson's record waits, set aside, and may be asked about
            self._tells(SENDER, EXCHANGE)

    def escapes(self, name: str) -> bool:
        """True when nobody notices that a filter is gone; or when the walls beside it keep nothing back even with it."""
        who, way, *walls = CAUGHT[name]
        gone = [site for wall in walls for site in self.sites[wall]]
        shows = self._shows([*self.sites[name], *gone], who, way)
        return not shows or (bool(gone) and self._shows(gone, who, way))

    def _shows(self, sites: Iterable[Site], who: str, way: str) -> bool:
        with self.filters.in_force():
            self.filters.taken = frozenset(sites)
            try:
                return self._tells(who, way)
            finally:
                self.filters.taken = frozenset()

    def _tells(self, who: str, way: str) -> bool:
        asker, sweep = self.askers[who], Sweep(self.village, self.made, first=True)
        asker.sign_in(self.village)
        method, _, path = way.partition(" ")
        try:
            if way == EXCHANGE:
                self._exchange(asker, sweep)
            else:
                [rule] = [rule for rule in sweep.rules(method) if rule.rule == path]
                sweep.route(asker, rule, method)
        except ToldError as told:
            self.said = str(told)
            return True
        finally:
            self.probes += sweep.probes
        return False

    def _exchange(self, asker: Asker, sweep: Sweep) -> None:
        """A phone asks for, and writes into, villages of others, and such as are not there: nothing may come of either."""
        phone = asker.phone
        assert phone is not None
        there = self.made[DAMSON]
        told: list[tuple[Any, Any]] = []
        for scope, record in ((there.village, there.ids["record"]), (NOWHERE, "00000099-0003-7000-8000-000000000077")):
            phone.renew()
            edit = phone.draft(vitals(199), record, scope=scope, type="hypertension_visit")
            state = {"record": record, "type": "hypertension_visit", "subject": None, "scope": scope, "seen": {}, "edits": []}
            answer = phone.post("/v1/sync", phone.request([edit], [state], checkpoints={scope: f"{phone.epoch}:0"}))
            sweep.probes += 1
            if answer.status_code >= 500 or leaks(answer, asker.secrets, [scope, record]):
                sweep.fault(words_of(answer)[:200])
            reply = answer.get_json()
            phone.nonce = reply["nonce"]
            receipt = {name: reply["receipts"][0].get(name) for name in ("status", "reason", "seen")}
            told.append((receipt, [one["seen"] for one in reply["merged"]], sorted(reply["scopes"])))
        if told[0] != told[1]:
            sweep.fault(json.dumps(told))
