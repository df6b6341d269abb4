"""SQLite and PostgreSQL give the same answers: the same history twice, compared byte for byte."""

import random
import secrets
import uuid

import pytest
from sqlalchemy import select

from server.store import feed
from server.store.engine import reading
from server.store.scope import head_of
from server.store.tables import metadata
from tests.contracts.stories import OTHER, POINT, VILLAGE, deposit, entry, state, write
from tests.server.conftest import Village, config_of
from tests.server.phone import vitals
from tests.village import ANA, BEN, CAM, LEA, SUE

pytestmark = pytest.mark.postgres
ODD = ["é", "e\u0301", "血压𠮷", "\u2028", "ﬁ", "İ", "ß", "\x7f", "'", '"', "\\", "%", "_", "\u200b", "\ufffd", "a\tb", " x "]
NUMBERS = [0, -1, 2**53 - 1, -(2**53) + 1, "7.20", "1e5", "-0", True, None, 1.5, 2**53]


def stored(engine):
    """Every row of every table, by its key."""
    found = {}
    with reading(engine) as connection:
        for name, table in metadata.tables.items():
            rows = connection.execute(select(table)).all()
            found[name] = sorted(POINT.sub("", repr(tuple(row))) for row in rows)
    return found


def test_the_same_writes_leave_the_same_bytes(both):
    seen = {}
    for kind, engine in both.items():
        chance = random.Random(11)
        for step in range(40):
            place = chance.choice([VILLAGE, OTHER])
            said = [(n, chance.choice(ODD + NUMBERS), chance.choice([None, OTHER])) for n in chance.sample(range(9), 3)]
            changes = [state(n, value, scope=place, moved_to=moved) for n, value, moved in said]
            write(
                engine,
                *changes,
                log=[entry(step + 1, chance.choice(["accepted", "conflict"]))],
                aside=[deposit(step % 7)],
                scope=place,
            )
        with reading(engine) as connection:
            feeds = [
                [item.text for item in feed.changes(connection, s, 0, head_of(connection, s).seq)] for s in (VILLAGE, OTHER)
            ]
            below = [
                (list(feed.states(connection, s, p)), feed.digest_below(connection, s, p))
                for s in (VILLAGE, OTHER)
                for p in ("", "0197a", "f")
            ]
        seen[kind] = stored(engine), feeds, below
    assert seen["sqlite"] == seen["postgres"]


class Year:
    """A history of a village from a seed: the same seed, the same names, the same order of everything."""

    def __init__(self, engine, tmp_path, monkeypatch, seed):
        self.chance = random.Random(seed)
        monkeypatch.setattr(secrets, "token_hex", lambda n=8: self.chance.randbytes(n).hex())
        monkeypatch.setattr(secrets, "choice", self.chance.choice)
        monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(bytes=self.chance.randbytes(16)))
        self.village = Village(config_of(engine.url, tmp_path / f"{engine.dialect.name}-{seed}", CUNYI_SECRET_KEY="k" * 64))
        self.told = []
        self.phones = [self.village.phone(person) for person in (ANA, BEN, CAM, LEA, SUE)]
        self.records = []

    def live(self, steps):
        for _ in range(steps):
            self.village.later(seconds=self.chance.randrange(20))
            getattr(self, self.chance.choice(["save"] * 5 + ["sync"] * 5 + ["probe", "odd", "move", "person"]))(
                self.chance.choice(self.phones)
            )
        return self

    def save(self, phone):
        held = [record for record in phone.base if phone.base[record].scope in phone.scopes]
        record = self.chance.choice(held) if held and self.chance.random() < 0.7 else None
        said = {
            self.chance.choice(["vitals", "note/字", "contact", "void", "medication/1"]): {
                "x": self.chance.choice(ODD),
                "n": self.chance.choice(NUMBERS),
            }
        }
        if not phone.scopes:
            return
        phone.save(
            self.chance.choice([said, vitals(self.chance.randrange(200))]),
            record,
            **({} if record else {"subject": f"s{self.chance.randrange(4)}"}),
        )

    def sync(self, phone):
        states = [phone.state(record) for record in list(phone.base)[:1] if self.chance.random() < 0.2]
        body = phone.request(records=states, max_bytes=self.chance.choice([0, 900, 10**6]))
        answer = phone.post("/v1/sync", body)
        self.hear(answer)
        if answer.status_code == 401:
            phone.renew()
        elif answer.status_code == 200 and self.chance.random() < 0.8:  # else the answer is lost
            phone.absorb(body, answer.get_json())

    def odd(self, phone):
        edit = phone.draft(vitals(1)) if phone.scopes else {"dot": [phone.actor, 1]}
        name = self.chance.choice(["dot", "scope", "record", "author", "type", "subject", "context", "sections", "written_at"])
        phone.counter = max(phone.counter, 1)
        self.hear(
            phone.post("/v1/sync", phone.request([edit | {name: self.chance.choice([*ODD, *NUMBERS, OTHER, VILLAGE])}, None]))
        )

    def probe(self, phone):
        for path in (
            f"/v1/scopes/{self.chance.choice([VILLAGE, OTHER, 'x'])}/{way}?prefix={self.chance.choice(['', '0', 'a', 'G'])}"
            for way in ("digest", "records")
        ):
            self.hear(phone.get(path))
        self.hear(phone.get("/v1/me"))

    def move(self, _phone):
        try:
            self.told.append(
                self.village.exchange.moving.move(f"s{self.chance.randrange(4)}", self.chance.choice([VILLAGE, OTHER]))
            )
        except LookupError as trouble:
            self.told.append(str(trouble))

    def person(self, _phone):
        self.village.person(BEN, active=self.chance.random() < 0.7)

    def hear(self, answer):
        self.told.append((answer.status_code, answer.get_data()))


@pytest.mark.parametrize("seed", range(2))
def test_the_same_year_gives_the_same_answers_and_the_same_rows(both, tmp_path, monkeypatch, seed):
    lived = {}
    for kind, engine in both.items():
        with monkeypatch.context() as patch:
            year = Year(engine, tmp_path, patch, seed).live(200)
            assert year.village.faults() == []
            lived[kind] = year.told, stored(engine)
            year.village.engine.dispose()
    told = [answers for answers, _ in lived.values()]
    assert told[0] == told[1]
    assert lived["sqlite"][1] == lived["postgres"][1]
    missing = {
        word for word in ("accepted", "merged", "conflict", "deposited", "duplicate", "gone") if word not in str(told[0])
    }
    assert missing == set()
