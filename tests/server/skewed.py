"""One history lived twice: under right clocks, and with phones in 1970 and 2099 and a server whose clock jumps at every step.

Who writes what and when who syncs is settled by the seed alone. What is compared has no time in it, and no name that chance gave.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterable, Mapping
from typing import Any

from sync.codec import stamp
from tests.server.conftest import Village
from tests.server.phone import Phone, vitals
from tests.village import ANA, BEN, VILLAGE

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
PHONES = (-20_778 * DAY, 26_338 * DAY, 8 * HOUR, -DAY)  # 1970, 2099, another zone, yesterday
SERVER = (-400 * DAY, 3650 * DAY, HOUR, -HOUR)  # from the true time, at half of the steps
STEPS = 40


def lived(village: Village, seed: int, *, wild: bool) -> tuple[list[Any], list[Any]]:
    """Every receipt that was given, and what server and phones hold of the records of this history at its end."""
    dice, clocks, start = random.Random(seed), random.Random(f"clocks {seed}"), village.time
    phones = village.phones(ANA, BEN, ANA, BEN)
    skews = [clocks.choice(PHONES) if wild else dt.timedelta() for _ in phones]
    known: list[str] = []
    told: list[Any] = []
    for step in range(STEPS):
        true = start + step * dt.timedelta(minutes=7)
        village.time = true + (clocks.choice(SERVER) if wild and clocks.random() < 0.5 else dt.timedelta())
        who = dice.randrange(len(phones))
        phones[who].now = stamp(true + skews[who])
        act, number = dice.random(), dice.randrange(1 << 30)
        if act < 0.2 or not known:
            known.append(f"{seed:07x}{wild:x}-0000-7000-8000-{len(known):012x}")
            phones[who].save(vitals(number % 100), known[-1], type="hypertension_visit", subject=None, scope=VILLAGE)
        elif act < 0.6:
            _edits(phones[who], known, number)
        else:
            told.append(_syncs(phones[who], reply_arrives=number % 4 > 0))
    told += [_syncs(phone, reply_arrives=True) for _ in range(2) for phone in phones]
    village.time = start
    assert not any(phone.outbox for phone in phones)
    return told, _held(village, phones, known)


def _edits(phone: Phone, known: list[str], number: int) -> None:
    if held := [record for record in known if phone.sees(record)]:
        said = {"note": {"text": str(number)}} if number % 3 else vitals(number % 100)
        phone.save(said, held[number % len(held)])


def _syncs(phone: Phone, *, reply_arrives: bool) -> list[str]:
    sent = phone.renew().request()
    reply = phone.send(sent)
    if reply_arrives:
        phone.absorb(sent, reply)
    return [receipt["status"] for receipt in reply["receipts"]]


def _held(village: Village, phones: list[Phone], known: list[str]) -> list[Any]:
    names = {phone.actor: f"phone {n}" for n, phone in enumerate(phones)}
    rows = {row["record"]: row for row in village.rows("records")}
    there = [
        (_bare(names, json.loads(rows[one]["seen"]), json.loads(rows[one]["edits"])), rows[one]["conflict"])
        for one in known
        if one in rows
    ]
    here = [[(one[8:], _bare(names, **_state(phone, one))) for one in known if one in phone.base] for phone in phones]
    return [there, here]


def _state(phone: Phone, record: str) -> dict[str, Any]:
    state = phone.state(record)
    return {"seen": state["seen"], "edits": state["edits"]}


def _bare(names: Mapping[str, str], seen: Mapping[str, int], edits: Iterable[Mapping[str, Any]]) -> tuple[Any, ...]:
    """A record without times, actors by their phones."""
    live = sorted((names[edit["dot"][0]], edit["dot"][1], json.dumps(edit["sections"], sort_keys=True)) for edit in edits)
    return sorted((names[actor], counter) for actor, counter in seen.items()), live
