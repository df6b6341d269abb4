"""The keeper beside the workers: figures are brought up to date though nobody asks, and it ends with its server."""

import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from server import keeping
from tests.e2e.serving import Installation

AREAS = "编码,名称\n411499,云河县\n411499101,青石镇\n411499101201,柳树村\n"
RESIDENTS = "姓名,性别,出生日期,村编码\nAna,女,1950-02-03,411499101201\nBen,男,1961-07-08,411499101201\n"


@pytest.fixture
def place(tmp_path):
    installation = Installation(tmp_path)
    installation.cunyi("migrate")
    for kind, text in (("areas", AREAS), ("residents", RESIDENTS)):
        file = tmp_path / f"{kind}.csv"
        file.write_text(text, encoding="utf-8")
        installation.cunyi("import", kind, str(file))
    yield installation
    installation.stop()


def rows(place, statement):
    with sqlite3.connect(place.folder / "var" / "cunyi.db", timeout=10) as connection:
        return connection.execute(statement).fetchall()


def until(holds):
    for _ in range(400):
        if found := holds():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come to hold")


def keepers(place):
    """The process ids of the keepers that the present server started."""
    mine = [b"keep", b"--beside", str(place.server_pid).encode()]
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended meanwhile
        if all(word in words for word in mine):
            found.add(int(process.name))
    return found


def test_what_a_new_morning_changes_is_counted_before_anybody_asks(place):
    assert len(rows(place, "SELECT resident FROM standings")) == 2
    rows(place, "UPDATE standings SET until = '2000-01-01'")  # as if the day of every standing were over
    place.start()
    until(lambda: not rows(place, "SELECT resident FROM standings WHERE until = '2000-01-01'"))
    assert len(rows(place, "SELECT resident FROM standings")) == 2


def test_a_keeper_in_the_middle_of_a_round_is_told_to_end(monkeypatch):
    monkeypatch.setattr(os, "nice", lambda _: None)
    before = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    said = []

    def counts(stop):
        said.append(stop())
        os.kill(os.getpid(), signal.SIGTERM)
        said.append(stop())

    try:
        keeping.keep([counts], 3600)
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    assert said == [False, True]
    keeping_nobody = []
    keeping.keep([keeping_nobody.append], 3600, beside=-1)
    assert keeping_nobody == [], "the server that started it is gone"


def test_what_nobody_waits_for_is_done_share_by_share_and_then_left_alone():
    asked, left = [], [2, 1, 0]

    def look(stop):
        asked.append(stop())
        return left.pop(0)

    work = keeping.by_and_by(look, 3600, 3600)
    for _ in range(5):
        work(lambda: False)
    assert asked == [False] * 3, "with nothing more to do it is not asked again soon"
    left.append(1)
    keeping.by_and_by(look, 0, 3600)(lambda: False)
    assert asked[-1] is True, "its share of time was over"


def test_the_findings_of_a_village_are_there_before_anybody_opens_their_page(place):
    place.start()
    until(lambda: rows(place, "SELECT scope FROM findings"))


@pytest.mark.parametrize("end", [Installation.stop, Installation.kill_alone])
def test_the_keeper_ends_with_its_server_also_when_that_is_killed(place, end):
    place.start()
    until(lambda: keepers(place))
    end(place)
    until(lambda: not keepers(place))
