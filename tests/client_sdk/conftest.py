"""A phone, a clock that runs as told, chance that can be repeated."""

import datetime as dt
import random

import pytest

from client_sdk import Client
from tests.client_sdk.peer import Line, Peer

PIN = "493027"


class Clock:
    """Moves on by a second each time it is read."""

    def __init__(self, start=dt.datetime(2026, 11, 21, 8, 15, tzinfo=dt.timezone(dt.timedelta(hours=8)))):
        self.moment = start

    def __call__(self):
        self.moment += dt.timedelta(seconds=1)
        return self.moment


@pytest.fixture
def peer():
    return Peer()


@pytest.fixture
def line(peer):
    return Line(peer)


@pytest.fixture
def chance():
    return random.Random(7).randbytes


@pytest.fixture
def path(tmp_path):
    return tmp_path / "phone.db"


@pytest.fixture
def phone(line, path, chance):
    client = Client.enrol("http://peer", "good", path, pin=PIN, transport=line, now=Clock(), entropy=chance)
    line.count = 0
    yield client
    client.close()


@pytest.fixture
def reopen(phone, path, line, chance):
    """Close the phone and open its file again."""
    opened = []

    def again():
        phone.close()
        client = Client.open(path, pin=PIN, transport=line, now=Clock(), entropy=chance)
        opened.append(client)
        return client

    yield again
    for client in opened:
        client.close()


@pytest.fixture
def village(config, tmp_path):
    from tests.client_sdk.village import Village  # it needs what stands above

    made = Village(config, tmp_path)
    yield made
    made.close()
