"""Batches in which much is unfit, batches sent again, and a first download that is cut after every page (R5, R7, R8)."""

from __future__ import annotations

import json
import random
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from client_sdk import Client, OfflineError, Reply, vault
from server.config import Config
from server.store.engine import reading
from server.store.tables import deposits, edits
from sync.wire import MAX_EDITS
from tests.bench.crowd import crowd
from tests.client_sdk.conftest import PIN
from tests.client_sdk.village import Door
from tests.fuzz import Figure, part
from tests.server.conftest import Village
from tests.server.phone import Phone, vitals
from tests.simulation.databases import migrated
from tests.village import ANA, BEN, OTHER

MINUTES = 6
UNFIT: tuple[dict[str, Any], ...] = (  # what is changed of a sound edit
    {"author": BEN},
    {"dot": ["nobody00", 1]},
    {"scope": OTHER},
    {"record": "no-uuid"},
    {"sections": {"vitals": {"systolic_mmhg": 1.5}}},
    {"sections": []},
    {"context": {"anaphone": -1}},
    {"written_at": "yesterday"},
    {"type": None},
)
WRITES = re.compile(r"^\s*(INSERT INTO|UPDATE|DELETE FROM) (records|edits|scopes|deposits|record_scopes)\b")


def mixed(village: Village, ana: Phone, dice: random.Random) -> bool:
    """A full batch with unfit edits at random places: just those are set aside, as they were sent, and the rest is applied."""
    batch = [ana.draft(vitals(dice.randint(90, 200))) for _ in range(MAX_EDITS)]
    unfit = set(dice.sample(range(MAX_EDITS), dice.randint(1, MAX_EDITS - 1)))
    for place in unfit:
        batch[place] = batch[place] | dice.choice(UNFIT)
    receipts = ana.push(*batch)
    told = {place for place, receipt in enumerate(receipts) if receipt["status"] == "deposited"}
    with reading(village.engine) as connection:
        kept = {row.body for row in connection.execute(select(deposits.c.body))}
        log = {(row.actor, row.counter) for row in connection.execute(select(edits.c.actor, edits.c.counter))}
    sent = [json.dumps(edit, ensure_ascii=False) for edit in batch]
    sound = {(ana.actor, batch[place]["dot"][1]) for place in range(MAX_EDITS) if place not in unfit}
    return told == unfit and all(sent[place] in kept for place in unfit) and sound <= log


def again(village: Village, ana: Phone, dice: random.Random) -> bool:
    """A batch that was sent before, whole or in part: the same places and times, and no row of a record is written."""
    batch = [ana.draft(vitals(dice.randint(90, 200))) for _ in range(dice.randint(1, 60))]
    first = ana.push(*batch)
    wrote: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if WRITES.match(statement):
            wrote.append(statement)

    event.listen(village.engine, "before_cursor_execute", note)
    cut = dice.randrange(len(batch))
    second = ana.push(*batch[cut:])
    event.remove(village.engine, "before_cursor_execute", note)
    told = [(receipt["status"], receipt["dot"], receipt["at"], receipt["seen"]) for receipt in second]
    return told == [("duplicate", receipt["dot"], receipt["at"], receipt["seen"]) for receipt in first[cut:]] and not wrote


class Counting(Door):
    """A line that counts what comes down, and ends after so many pages: as a phone whose process dies."""

    def __init__(self, app: Any, pages: int | None = None) -> None:
        super().__init__(app)
        self.down, self.asked, self._left = 0, 0, pages

    def request(self, method: str, path: str, body: Any = None, token: str | None = None) -> Reply:
        if self._left is not None and path == "/v1/sync":
            if not self._left:
                raise OfflineError("the phone died")
            self._left -= 1
        reply = super().request(method, path, body, token)
        if path == "/v1/sync":
            self.down, self.asked = self.down + len(json.dumps(reply.body)), self.asked + 1
        return reply


def pour(village: Village, residents: int) -> int:
    """A village of some thousand records, written by the phones of the sample. How many records."""
    ana, made = village.phone(ANA), 0
    for edit in crowd(residents):
        ana.save(dict(edit.sections), edit.record, type=edit.type, subject=edit.subject, context={})
        made += 1
        if len(ana.outbox) == MAX_EDITS:
            ana.push(*ana.outbox)
            ana.outbox.clear()
    ana.push(*ana.outbox)
    return made


def download(village: Village, folder: Path, name: str, pages: int | None) -> tuple[int, int, int]:
    """A first sync by a phone that dies after every `pages` pages. Bytes that came down, requests, records held."""
    line = Counting(village.app, pages)
    code, path = village.access.new_code(BEN), folder / f"{name}.db"
    phone = Client.enrol("http://here", code, path, pin=PIN, transport=line)
    down = asked = 0
    while not phone.sync().complete:
        phone.close()
        down, asked = down + line.down, asked + line.asked
        line = Counting(village.app, pages)
        phone = Client.open(path, pin=PIN, transport=line)
    held = len(phone.find())
    phone.close()
    return down + line.down, asked + line.asked, held


def run(size: float) -> list[Figure]:
    """Each part on a village of its own."""
    dice, figures = random.Random(5), []
    for kind in ("sqlite", "postgres"):
        with tempfile.TemporaryDirectory() as name, migrated(kind, Path(name)) as url, pytest.MonkeyPatch.context() as patch:
            patch.setattr(vault, "KDF_ROUNDS", 1_000)
            folder = Path(name)
            village = Village(Config.from_environment({"CUNYI_DATABASE_URL": url, "CUNYI_DATA_DIR": f"{folder}/var"}))
            ana, batches, repeats = village.phone(ANA), part(60, size), part(400, size)
            broken = sum(not mixed(village, ana, dice) for _ in range(batches))
            figures.append(Figure("R5", f"batches of {MAX_EDITS} with unfit edits among them, {kind}", batches, broken))
            wrote = sum(not again(village, village.phone(BEN), dice) for _ in range(repeats))
            figures.append(Figure("R8", f"batches sent again, {kind}", repeats, wrote, "no row of a record or the log written"))
            made = pour(village, part(3000, size))
            whole, asked, held = download(village, folder, "whole", None)
            cut, again_asked, again_held = download(village, folder, "cut", 1)
            lost = held != again_held or held < made or cut > 1.1 * whole
            seen = f"{held:,} records; {cut / whole:.3f} of the bytes in {again_asked} requests ({asked} uncut)"
            figures.append(Figure("R7", f"first downloads, the phone killed after each page, {kind}", asked, int(lost), seen))
            village.engine.dispose()
    return figures
