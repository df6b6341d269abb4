"""Wrong clocks: they choose what is displayed, never what is kept, and no request fails of them."""

import datetime as dt

import pytest

from sync.codec import stamp
from tests.server.phone import vitals
from tests.server.skewed import lived
from tests.simulation.faults import planted
from tests.village import ANA, BEN

NOON = "2026-11-21T04:00:00.000Z"


@pytest.mark.parametrize("clock", ["1970-01-01T00:00:00Z", "2099-12-31T23:59:59+08:00", "2026-11-20T12:00:00+08:00"])
def test_a_phone_whose_clock_is_wrong_by_years_gets_its_times_corrected(village, clock):
    ana = village.phone(ANA)
    ana.now = clock
    ana.save(vitals(150), written_at=clock)
    [receipt] = ana.sync()["receipts"]
    assert (receipt["status"], receipt["at"]) == ("accepted", NOON)
    assert village.rows("actor_states")[-1]["heard_at"] in (NOON, None)
    [edit] = village.phone(BEN).sync()["changes"][0]["edits"]
    assert (edit["at"], edit["written_at"]) == (NOON, clock)


def test_the_order_of_two_doctors_words_is_told_by_the_server_not_by_their_clocks(village, ana, ben):
    record = ana.save(vitals(1))
    ana.sync()
    ben.sync()
    ana.now, ben.now = "2099-01-01T00:10:00Z", "1970-01-01T00:10:00Z"
    ana.save(vitals(100), record, written_at="2099-01-01T00:00:00Z")  # ten minutes ago
    ben.save(vitals(200), record, written_at="1970-01-01T00:09:00Z")  # one minute ago
    assert ana.sync()["receipts"][0]["status"] == "accepted"
    assert ben.sync()["receipts"][0]["status"] == "conflict"
    ana.sync()
    assert ana.shows(record) == ben.shows(record) == vitals(200)


def test_a_clock_that_cannot_be_read_counts_as_right(ana):
    for odd in ("", "yesterday", "2026-11-21", "2026-11-21T08:15:00", "\ud7ff" * 20, "0000-00-00T00:00:00Z"):
        ana.save(vitals(150), written_at="2026-11-21T03:00:00Z")
        [receipt] = ana.sync(now=odd)["receipts"]
        assert (receipt["status"], receipt["at"]) == ("accepted", "2026-11-21T03:00:00.000Z")


def test_clocks_at_the_ends_of_time_break_nothing(village, ana):
    for clock in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z"):
        for written in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59-12:00"):
            ana.save(vitals(150), written_at=written)
            [receipt] = ana.sync(now=clock)["receipts"]
            assert receipt["status"] in ("accepted", "deposited")
            assert receipt["at"] <= NOON
    assert village.faults() == []


def test_a_time_that_is_none_is_malformed(village, ana):
    bad = [
        ana.draft(vitals(1), written_at=odd)
        for odd in ("", None, 5, "2026-02-30T00:00:00Z", "2026-11-21T08:15:00", "2026-11-21T25:00:00Z")
    ]
    assert {(r["status"], r["reason"]) for r in ana.push(*bad)} == {("deposited", "malformed")}


def test_a_server_whose_clock_jumps_loses_and_skips_nothing(village, ana, ben):
    record, words = ana.save(vitals(0)), []
    ana.sync()
    for step, jump in enumerate(
        (dt.timedelta(days=-400), dt.timedelta(hours=1), dt.timedelta(days=3650), dt.timedelta(hours=-1))
    ):
        village.time += jump
        ana.renew().save({f"note/{step}": {"text": stamp(village.time)}}, record)
        assert [r["status"] for r in ana.sync()["receipts"]] == ["accepted"]
        reply = ben.renew().sync()
        assert ben.agrees(reply)
        words.append(f"note/{step}")
    assert set(ben.shows(record)) == {"vitals", *words}
    assert village.faults() == []


@pytest.mark.parametrize("seed", range(2))
def test_a_history_under_wild_clocks_ends_as_under_right_ones(village, seed):
    assert lived(village, seed, wild=True) == lived(village, seed, wild=False)
    assert village.faults() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_merge_that_asks_a_clock_is_found_out(village):
    with planted("lww"):
        assert any(lived(village, seed, wild=True) != lived(village, seed, wild=False) for seed in range(4))
