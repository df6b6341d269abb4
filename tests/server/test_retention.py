"""What is kept for a time, and what for ever: a record is never let go of, and a trail that was cut can still be checked."""

import dataclasses
import json

import pytest
from sqlalchemy import delete, update

from server.retention import Retention
from server.store import deposits, trail
from server.store.tables import trail as table
from sync.codec import stamp
from tests.server.phone import vitals
from tests.village import LEA, OTHER, SUE

YEAR = 366


@pytest.fixture
def retention(village):
    """Of a deployment that keeps the trail for a year."""
    config = dataclasses.replace(village.config, trail_days=YEAR)
    return Retention(village.engine, config, lambda: village.time)


def never():
    return False


def looked(village, person, times=3):
    for _ in range(times):
        village.write(lambda c: trail.write(c, person, stamp(village.time), "look.overview"))
        village.later(minutes=1)


def test_a_decided_deposit_goes_after_three_years_and_one_that_waits_and_every_edit_stay(village, ana, retention):
    for value in (1, 2):
        ana.save(vitals(value), scope=OTHER)
    assert [one["status"] for one in ana.sync()["receipts"]] == ["deposited"] * 2
    visit = ana.save(vitals(150))
    ana.sync()
    kept, log = village.rows("deposits"), village.rows("edits")

    def refuse(connection):
        deposits.decide(connection, deposits.under(connection, kept[0]["deposit"]), "refused", stamp(village.time), SUE, "重复")

    village.write(refuse)
    for days, left in ((1094, 2), (2, 1), (9999, 1)):
        village.later(days=days)
        retention.keep_up(never)
        assert len(village.rows("deposits")) == left
    assert village.rows("deposits") == [kept[1]]
    assert village.rows("edits") == log
    assert [row["record"] for row in village.rows("records")] == [visit]
    assert village.faults() == []


def test_the_trail_is_cut_after_its_time_and_can_be_checked_before_and_after(village, retention):
    looked(village, SUE)
    looked(village, LEA, 1)
    village.later(days=YEAR)
    looked(village, SUE, 2)
    assert retention.keep_up(never) == 3
    assert [(row["person"], row["entry"]) for row in village.rows("trail")] == [(LEA, 1), (SUE, 4), (SUE, 5), ("shell", 1)]
    assert village.faults() == []
    looked(village, SUE, 1)
    village.later(days=2 * YEAR)
    assert retention.keep_up(never) == 2
    assert village.faults() == []
    assert retention.keep_up(never) == 0, "the last entry of a chain stays"
    cuts = [json.loads(row["detail"])["upto"] for row in village.rows("trail") if row["action"] == "audit.cut"]
    assert cuts == [3, 5]


def test_who_cuts_it_further_or_says_that_it_was_is_noticed(village, retention):
    looked(village, SUE)
    village.later(days=YEAR)
    looked(village, SUE, 3)
    retention.keep_up(never)
    mine = table.c.scope == trail.scope_of(SUE)
    shells = table.c.scope == trail.scope_of("shell")
    forged = json.dumps({"chain": trail.scope_of(SUE), "upto": 4, "hash": "0" * 64})
    for statement in (
        delete(table).where(mine, table.c.entry == 4),
        delete(table).where(shells),
        update(table).where(shells).values(detail=forged),
    ):
        with village.engine.connect() as connection, connection.begin() as transaction:
            connection.execute(statement)
            assert trail.verify(connection)[1]
            transaction.rollback()


def test_without_a_setting_the_trail_is_kept_for_ever(village):
    looked(village, SUE)
    village.later(days=9999)
    assert Retention(village.engine, village.config, lambda: village.time).keep_up(never) == 0
    assert len(village.rows("trail")) == 3


def test_it_leaves_the_rest_when_it_is_to_stop(village, retention):
    looked(village, SUE)
    village.later(days=YEAR * 2)
    assert retention.cut_trail(lambda: True) == 0
    assert len(village.rows("trail")) == 3
