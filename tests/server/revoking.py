"""Phones that pull while they are revoked, by two workers at once: what was told in answers that began too late."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from typing import Any

from server import create_app
from server.store import devices
from sync.codec import stamp
from tests.server.conftest import Village
from tests.server.phone import Phone, vitals
from tests.village import BEN, VILLAGE

SHUT_OUT = 403
LONGEST_WAIT_SECONDS = 0.02  # before the phone is revoked


@dataclass
class Races:
    """`late`: requests that began after the revocation was committed; `leaked`: those of them that were not refused.

    `during`: answers with records from requests that began before.
    """

    late: int = 0
    leaked: int = 0
    during: int = 0


def races(village: Village, rounds: int, seed: int | str = 0) -> Races:
    """Revoke a phone again and again while it pulls, in four threads, from two workers with engines of their own."""
    dice, done = random.Random(seed), Races()
    workers = [village.app, create_app(village.config, now=lambda: village.time)]
    phone = village.phone(BEN)
    phone.save(vitals(150))
    phone.sync()
    device = village.device_of(phone)
    for _ in range(rounds):
        village.write(lambda c: devices.set_status(c, device, "active", stamp(village.time)))
        _race(village, workers, phone, device, dice, done)
    workers[1].extensions["cunyi"].engine.dispose()
    return done


def _race(village: Village, workers: list[Any], phone: Phone, device: str, dice: random.Random, done: Races) -> None:
    committed = threading.Event()
    told: list[tuple[bool, int, bool]] = []

    def pull(worker: Any, way: int) -> None:
        client = worker.test_client()
        headers = {"Authorization": f"Bearer {phone.access}"}
        late = 0
        while late < 2:
            began_late = committed.is_set()
            late += began_late
            if way % 2:
                answer = client.get(f"/v1/scopes/{VILLAGE}/records?prefix=", headers=headers)
            else:
                answer = client.post("/v1/sync", json=phone.request(checkpoints={}), headers=headers)
            told.append((began_late, answer.status_code, b"systolic_mmhg" in answer.get_data()))

    threads = [threading.Thread(target=pull, args=(workers[n % 2], n // 2)) for n in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(dice.uniform(0, LONGEST_WAIT_SECONDS))
    village.write(lambda c: devices.set_status(c, device, "revoked", stamp(village.time)))
    committed.set()
    for thread in threads:
        thread.join()
    done.late += sum(late for late, _, _ in told)
    done.leaked += sum(late and (status != SHUT_OUT or records) for late, status, records in told)
    done.during += sum(records for late, _, records in told if not late)
