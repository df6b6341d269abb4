"""The same hostile requests to a server on each engine: what it answered and what it stored, to be compared."""

from __future__ import annotations

import hashlib
import random
import secrets
import tempfile
import uuid
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine

from server.accounts import passwords
from server.dashboard.frame import SESSION_COOKIE
from server.store.engine import retried
from tests.conftest import empty
from tests.contracts.test_same_answers import stored
from tests.server import phone as phone_of
from tests.server.conftest import Village, an_app, config_of
from tests.server.corpus import corpus
from tests.server.hostile import Hostile
from tests.server.phone import new_key
from tests.village import ANA, SUE

FRESH_PHONE = 40  # attempts, for what is broken may cost a phone its name


class Suffered(NamedTuple):
    """What came of it: each answer as (what was asked, status, hash of the body), the rows of every table, and what is unsound."""

    answers: list[tuple[str, int, str]]
    rows: dict[str, list[str]]
    faults: list[str]

    @property
    def failed(self) -> list[tuple[str, int, str]]:
        """The answers that say that the server failed."""
        return [one for one in self.answers if one[1] >= 500]


def assault(engine: Engine, folder: Path, seed: int, count: int, *, fixed: bool = False) -> Suffered:
    """So many requests to a village on an emptied database; `fixed`: those of the corpus first."""
    empty(engine)
    chance = random.Random(seed)
    passwords._nobody()  # made once in a process: not in the middle of the chance of one of the two
    answers = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "token_hex", lambda n=8: chance.randbytes(n).hex())
        patch.setattr(secrets, "token_urlsafe", lambda n=32: chance.randbytes(n).hex())
        patch.setattr(secrets, "choice", chance.choice)
        patch.setattr(phone_of, "new_key", lambda: new_key(chance.getrandbits(200)))
        patch.setattr(uuid, "uuid4", lambda: uuid.UUID(bytes=chance.randbytes(16)))
        beside = Path(tempfile.mkdtemp(dir=folder))  # of its own, for what is kept there is of this database alone
        village = Village(config_of(engine.url, beside, CUNYI_SECRET_KEY="k" * 64))
        hostile = Hostile(village.client().get("/openapi.json").get_json(), random.Random(seed))
        phone = village.phone(ANA)
        known = iter(corpus(phone) if fixed else ())
        for n in range(count):
            name, made = next(known, (None, None))
            if made is None:
                if n % FRESH_PHONE == 0:
                    phone = village.phone(ANA)
                    hostile.csrf = _at_a_desk(village, phone.http)
                name, made = None, hostile.attempt(phone)
            headers = {"Authorization": f"Bearer {phone.access}", **made.headers}
            answer = phone.http.open(made.path, method=made.method, headers=headers, data=made.body)
            body = answer.get_data()
            answers.append(
                (name or f"{made.method} {made.path}"[:200], answer.status_code, hashlib.sha256(body).hexdigest()[:16])
            )
            if made.path == "/v1/sync" and answer.status_code == 200:
                phone.nonce = answer.get_json()["nonce"]
        faults = village.faults()
        village.engine.dispose()
        an_app.cache_clear()  # nobody asks this one again
    return Suffered(answers, stored(engine), faults)


def _at_a_desk(village: Village, client: Any) -> str:
    """Sue signs in with that browser: the token of her forms."""
    signing_in = village.app.extensions["cunyi"].signing_in
    cookie = retried(village.engine, lambda c: signing_in._begin(c, SUE, village.time))
    client.set_cookie(SESSION_COOKIE, cookie)
    return str(signing_in.session(cookie).csrf)
