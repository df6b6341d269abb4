"""The power fails while a doctor saves and syncs: what she was promised is on the disks, her phone's and the server's."""

import pytest

from tests.simulation import cut, power
from tests.simulation.doctor import found
from tests.simulation.stricken import EVER, KILL, ONCE, stricken

needs_strace = pytest.mark.skipif(
    power.tool() is None, reason="strace is missing, or may not trace here (apt-get install strace)"
)


@pytest.fixture(scope="module")
def a_day(tmp_path_factory):
    return cut.day(tmp_path_factory.mktemp("power") / "day", rounds=3)


@needs_strace
def test_a_power_cut_at_any_moment_takes_nothing_that_was_promised(a_day, tmp_path):
    disk, calls = a_day
    assert sum(call.file == "said" for call in calls) > 6
    assert {"cunyi.db", "phone.db"} < {call.file for call in calls if call.name in ("fsync", "fdatasync")}, (
        "no journal was taken over"
    )
    for one in cut.cuts(disk, calls, cut.choose(calls, 40, seed=1), tmp_path / "left"):
        assert not one.broken, one


@needs_strace
def test_who_does_not_wait_for_the_disk_is_found_out(tmp_path):
    disk, calls = cut.day(tmp_path / "day", rounds=2, careless=True)
    last = [(number, power.NOTHING) for number, call in enumerate(calls) if call.file.endswith("-wal")][-40::8]
    assert any("gone" in one.broken for one in cut.cuts(disk, calls, last, tmp_path / "left"))


@needs_strace
@pytest.mark.parametrize(("inject", "at"), [(KILL, 20), (KILL, 75), (ONCE, 48), (EVER, 40), (EVER, 105)])
def test_a_call_to_the_disk_that_goes_wrong_takes_nothing_and_is_overcome(inject, at, tmp_path):
    url = f"sqlite:///{tmp_path / 'cunyi.db'}"
    found(url, tmp_path)
    outcome = stricken(tmp_path, url, inject, at)
    assert outcome.met
    assert not outcome.broken
