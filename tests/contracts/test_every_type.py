"""Records of every type, filled in by chance: they are checked, travel, and lie in both databases, to the byte as typed.

CUNYI_RECORDS says how many (600 where it says nothing); with 100000 this file takes some ten minutes:

    CUNYI_RECORDS=100000 .venv/bin/pytest tests/contracts/test_every_type.py
"""

from __future__ import annotations

import collections
import hashlib
import json
import os
import random
import secrets
import uuid

import pytest
from sqlalchemy import select

from server.access import here
from server.store import devices
from server.store.engine import reading
from server.store.tables import metadata
from sync.codec import edit_from_wire, edit_to_wire, record_from_wire, record_to_wire
from sync.record import blank, canonical, fold, sections, shown
from sync.scopes import programme_of
from sync.types import CATALOGUE, TYPES
from sync.types.declare import TOWNSHIP
from sync.types.fields import ERROR
from sync.wire import MAX_EDITS
from tests.contracts.stories import POINT
from tests.server.conftest import Village, config_of
from tests.sync.chance_forms import Forms
from tests.sync.values import TODAY
from tests.village import ANA, BEN, VILLAGE, grant

COUNT = int(os.environ.get("CUNYI_RECORDS", "600"))
OPEN = [declared for declared in TYPES if declared.place != TOWNSHIP]  # what a phone writes
MAX_BATCH_BYTES = 3 << 20


def test_a_form_of_any_type_is_without_fault_and_comes_off_the_wire_as_it_was_typed():
    forms, seen = Forms(TYPES, seed=1), collections.Counter()
    for n in range(COUNT):
        sent = forms.edit("ana", ("anaphone", 1), VILLAGE, TYPES[n % len(TYPES)])
        before = canonical(sent.sections)
        got = edit_from_wire(json.loads(json.dumps(edit_to_wire(sent), ensure_ascii=False)))
        assert got == sent
        assert canonical(got.sections) == before
        record = fold(blank(got), got, "2026-11-21T00:15:00.000Z")
        declared = CATALOGUE.types[record.type]
        across = set(declared._crossed(shown(record), TODAY))
        assert [i for i in CATALOGUE.check(record, TODAY) if i.level == ERROR and i not in across] == []
        assert CATALOGUE.protected(record.type, shown(record)) == programme_of(record.scope)
        assert record_from_wire(json.loads(json.dumps(record_to_wire(record)))) == record
        declared.advice(shown(record), {"age_years": n % 100})
        seen[record.type, programme_of(record.scope)] += 1
    assert {name for name, _ in seen} == set(CATALOGUE.types)
    assert {programme for _, programme in seen} == {None, "tb", "smd"}


class Lived:
    """A village of one engine in which Ana writes records of all types and Ben fetches them; both hold both programmes."""

    def __init__(self, engine, tmp_path, monkeypatch):
        chance = random.Random(7)
        monkeypatch.setattr(secrets, "token_hex", lambda n=8: chance.randbytes(n).hex())
        monkeypatch.setattr(secrets, "choice", chance.choice)
        monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(bytes=chance.randbytes(16)))
        self.village = Village(config_of(engine.url, tmp_path / engine.dialect.name, CUNYI_SECRET_KEY="k" * 64))
        for person in (ANA, BEN):
            for programme in ("tb", "smd"):
                self.village.write(lambda c, p=person, name=programme: grant(c, p, name))
        self.ana, self.ben = self.village.phones(ANA, BEN)
        self.told, self.statuses, self.arrived = hashlib.sha256(), collections.Counter(), 0
        self.forms = Forms(OPEN, seed=2)

    def live(self, count):
        written = 0
        while written < count:
            batch = self.batch(min(count - written, MAX_EDITS))
            self.say(batch)
            self.hear({edit["record"]: edit["sections"] for edit in batch})
            written += len(batch)
        return self

    def batch(self, size):
        """Edits for one request, as large as one may be."""
        edits, room = [], MAX_BATCH_BYTES
        while len(edits) < size and room > 0:
            self.ana.counter += 1
            edits.append(edit_to_wire(self.forms.edit(ANA, (self.ana.actor, self.ana.counter), VILLAGE)))
            room -= len(json.dumps(edits[-1]).encode())
        return edits

    def say(self, batch):
        self.village.later(seconds=1)
        self.ana.renew()
        body = self.ana.request(batch)
        answer = self.ana.post("/v1/sync", body)
        assert answer.status_code == 200, answer.get_data(as_text=True)[:300]
        self.told.update(answer.get_data())
        self.ana.absorb(body, answer.get_json())
        self.statuses.update(receipt["status"] for receipt in answer.get_json()["receipts"])

    def hear(self, sent):
        """Ben has just what Ana typed."""
        self.ben.renew()
        more = True
        while more:
            body = self.ben.request(max_bytes=1 << 20)
            answer = self.ben.post("/v1/sync", body)
            self.told.update(answer.get_data())
            reply = self.ben.absorb(body, answer.get_json())
            more = reply["more"]
        got = {name: shown(record) for name, record in self.ben.base.items()}
        assert canonical(got) == canonical(sent)
        self.arrived += len(got)
        self.ana.base.clear()
        self.ben.base.clear()

    def rows(self):
        """How many rows each table has, and a figure that is another if any value in them is; public keys are chance."""
        found = {}
        with reading(self.village.engine) as connection:
            for name, table in metadata.tables.items():
                total = count = 0
                for row in connection.execution_options(yield_per=500).execute(select(table)):
                    told = POINT.sub("", repr(tuple(row)))
                    total += int.from_bytes(hashlib.sha256(told.encode()).digest()[:16], "big")
                    count += 1
                found[name] = count, total % 2**128
        return found


@pytest.mark.postgres
def test_what_ana_typed_ben_reads_to_the_byte_from_either_database(both, tmp_path, monkeypatch):
    lived = {}
    for kind, engine in both.items():
        with monkeypatch.context() as patch:
            year = Lived(engine, tmp_path, patch).live(COUNT)
            lived[kind] = year.told.hexdigest(), year.rows()
            assert year.statuses == {"accepted": COUNT}
            assert year.arrived == COUNT
            assert year.village.faults() == []
            year.village.engine.dispose()
    assert lived["sqlite"] == lived["postgres"]


def test_a_township_has_packages_by_the_dozen(config):
    """Phones may only read them: they are written at the server."""
    village = Village(config)
    (package,) = [declared for declared in TYPES if declared.place == TOWNSHIP]
    forms, doors = Forms([package], seed=3), village.app.extensions["cunyi"]
    with reading(village.engine) as connection:
        actor = here(connection).actor
    first = devices.reserve_counters(village.engine, actor, 24)
    edits = [forms.edit("server", (actor, first + n), VILLAGE) for n in range(24)]
    assert {receipt["status"] for receipt in doors.exchange.write(edits)} == {"accepted"}
    ana = village.phone(ANA)
    ana.sync()
    assert {name: sections(record).keys() for name, record in ana.base.items()} == {
        edit.record: edit.sections.keys() for edit in edits
    }
    assert all(canonical(ana.shows(edit.record)) == canonical(edit.sections) for edit in edits)
    refused = edit_to_wire(forms.edit(ANA, (ana.actor, 1), VILLAGE))
    assert ana.push(refused)[0]["status"] == "deposited"
