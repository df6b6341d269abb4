"""The sample township: filled in once, the same every time, through the door that phones use."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from server import demo
from server.access import Access
from server.config import Config
from server.exchange import Exchange
from server.store import devices, directory, migrate
from server.store.deployment import establish, setting
from server.store.engine import open_engine, reading, retried
from server.store.feed import changes, states
from server.store.scope import head_of
from server.store.tables import records
from server.store.verify import verify
from sync.identity import read_id_number
from sync.types import CATALOGUE

NOON = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)
VILLAGES = ("411499101201", "411499101202", "411499101203", "411499101204")


class Sample:
    """A server, empty at first."""

    def __init__(self, folder: Path) -> None:
        self.now = NOON
        self.config = Config.from_environment({"CUNYI_DATA_DIR": str(folder), "CUNYI_IDENTITY_KEY": "ab" * 32})
        self.engine: Engine = open_engine(self.config.database_url)
        migrate.upgrade(self.engine)
        retried(self.engine, lambda c: establish(c, self.config.identity_key))
        self.exchange = Exchange(self.engine, CATALOGUE, self.config, lambda: self.now)

    def fill(self) -> str:
        return demo.fill(self.engine, self.exchange, self.config, self.now)

    def heads(self) -> list[object]:
        with reading(self.engine) as connection:
            return [head_of(connection, village) for village in VILLAGES]

    def texts(self) -> str:
        with reading(self.engine) as connection:
            return "\n".join(text for village in VILLAGES for text in states(connection, village, ""))


def open_sample(folder: Path) -> Iterator[Sample]:
    folder.mkdir(exist_ok=True)
    made = Sample(folder)
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """One that is filled."""
    for made in open_sample(tmp_path_factory.mktemp("sample")):
        assert "is filled in" in made.fill()
        yield made


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Sample]:
    yield from open_sample(tmp_path)


def test_what_is_stored_follows_from_what_was_written(sample: Sample) -> None:
    with reading(sample.engine) as connection:
        found = verify(connection)
    assert found.faults == []
    assert found.entries > 5000


def test_again_changes_nothing_even_days_later(sample: Sample) -> None:
    before = sample.heads()
    sample.now += dt.timedelta(days=9)
    assert sample.fill() == "The sample township is there since 2026-11-21. Nothing was changed."
    assert sample.heads() == before
    sample.now = NOON


def test_a_run_that_was_interrupted_is_completed_as_if_it_had_not_been(
    sample: Sample, empty: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, calls = empty.exchange.write, iter(range(14))

    def cut_off(*given: Any) -> Any:
        receipts = write(*given)
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return receipts

    with monkeypatch.context() as patched:
        patched.setattr(empty.exchange, "write", cut_off)
        with pytest.raises(KeyboardInterrupt):
            empty.fill()
    empty.now += dt.timedelta(days=2)
    assert "is filled in" in empty.fill()
    assert empty.texts() == sample.texts()
    with reading(empty.engine) as connection:
        assert verify(connection).faults == []


def test_a_register_with_other_people_is_left_alone(empty: Sample) -> None:
    person = {"id": "p-1", "name": "甲", "role": "administrator", "organisation": None, "area": None, "active": True}
    retried(empty.engine, lambda c: directory.put_people(c, [person]))
    assert "Nothing was changed" in empty.fill()
    with reading(empty.engine) as connection:
        assert len(directory.everybody(connection)) == 1
        assert directory.area_names(connection) == {}
    assert "not here" in demo.guide(empty.engine, Access(empty.engine, empty.config, lambda: NOON), NOON)


def test_every_identity_number_is_sound_and_nobodys(sample: Sample) -> None:
    numbers = re.findall(r'"id_no": ?"(\w+)"', sample.texts())
    assert len(numbers) > 1900
    assert len(set(numbers)) == len(numbers)
    assert not [n for n in numbers if read_id_number(n, NOON.date()).faults]
    assert {n[:6] for n in numbers} == {"411499"}


def test_the_forms_are_sound_but_for_a_few(sample: Sample) -> None:
    feed = _feed(sample)
    issues = re.findall(r'"code":"(\w[\w-]*)","level":"error"', feed)
    assert 3 <= len(issues) <= 8
    assert "required" not in issues


def test_some_records_wait_for_a_person(sample: Sample) -> None:
    feed = _feed(sample)
    assert feed.count('"void-clash"') == 1
    assert feed.count('"code":"review"') >= 4
    with reading(sample.engine) as connection:
        assert len(connection.execute(select(records).where(records.c.conflict)).all()) == 9


def test_two_doctors_share_each_village_and_the_team_serves_all(sample: Sample) -> None:
    with reading(sample.engine) as connection:
        scopes = {p.id: (p.role, directory.scopes_of(connection, p)) for p in directory.everybody(connection)}
    for village in VILLAGES:
        assert [r for r, held in scopes.values() if held == {village: True}] == ["village_doctor"] * 2
    assert [len(held) for role, held in scopes.values() if role in directory.IN_TEAMS] == [4, 4, 4]
    assert [set(held.values()) for role, held in scopes.values() if role == "township_supervisor"] == [{False}]


def test_the_pretend_phones_are_laid_down(sample: Sample) -> None:
    with reading(sample.engine) as connection:
        every = devices.all_devices(connection)
    assert {row.status for row in every} == {"retired"}
    assert len(every) == 11


def test_the_guide_has_codes_that_serve_and_lines_to_try(sample: Sample) -> None:
    access = Access(sample.engine, sample.config, lambda: sample.now)
    text = demo.guide(sample.engine, access, sample.now)
    codes = re.findall(r"field enrol http://127.0.0.1:8000 ([0-9A-Z]{5}-[0-9A-Z]{5}) --phone var/(\w+)\.phone", text)
    assert [phone for _, phone in codes] == ["wang", "liu"]
    with reading(sample.engine) as connection:
        plan = setting(connection, "demo_plan")
    assert plan
    assert plan in text
    assert "p-wu-yuhua" in text


def _feed(sample: Sample) -> str:
    with reading(sample.engine) as connection:
        return "\n".join(item.text for village in VILLAGES for item in changes(connection, village, 0, 10**9))
