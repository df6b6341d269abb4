"""`cunyi verify`: silent after a busy year, and it names whatever was changed behind the server's back."""

import json

import pytest
from sqlalchemy import delete, update

from server.store.tables import edits, records, scopes
from tests.server.phone import vitals
from tests.village import LEA, OTHER, VILLAGE

WANG = "0197a0a0-0000-7000-8000-000000000001"


@pytest.fixture
def busy(village, ana, ben, cam):
    """Conflicts, deposits, states, moves and late edits."""
    visit = ana.save(vitals(150), subject=WANG)
    other = ana.save(vitals(120), subject="li")
    ana.sync()
    ben.sync()
    for phone, value in ((ana, 140), (ben, 160)):
        phone.save(vitals(value), visit)
        phone.save({"vitals": {"systolic_mmhg": 1.5}}, other)
        phone.save({"referral": {"reason": phone.person}}, other)
        phone.sync()
    own = {"dot": [ben.actor, 9], "at": ben.now, "written_at": ben.now, "author": ben.person, "sections": {"note": {}}}
    ben.sync(
        [],
        [
            {
                "record": "0197a0a0-0000-7000-8000-0000000000ff",
                "type": "t",
                "subject": None,
                "scope": VILLAGE,
                "seen": {ben.actor: 9},
                "edits": [own],
            }
        ],
    )
    village.exchange.moving.move(WANG, OTHER)
    ana.save({"next_visit": {"due_on": "2027-01-01"}}, visit)
    ana.sync()
    cam.sync()
    cam.save(vitals(155), visit)
    cam.sync()
    lea = village.phone(LEA)
    lea.sync()
    lea.save({"void": {"reason": "x"}}, other)
    lea.sync()
    return visit, other


def test_a_busy_village_verifies(village, busy):
    outcomes = {row["outcome"] for row in village.rows("edits")}
    assert {"accepted", "merged", "conflict", "deposited", "state"} <= outcomes
    assert village.faults() == []


def change(table, where=None, **values):
    def work(connection, other):
        condition = where(other) if where else True
        done = connection.execute(update(table).where(condition).values(**values) if values else delete(table).where(condition))
        assert done.rowcount >= 1

    return work


def swap_entries(connection, other):
    first, second = ((edits.c.scope == VILLAGE) & (edits.c.entry == n) for n in (1, 2))
    for where, entry in ((first, 99), (second, 1), (((edits.c.scope == VILLAGE) & (edits.c.entry == 99)), 2)):
        connection.execute(update(edits).where(where).values(entry=entry))


def in_two_logs(connection, other):
    row = connection.execute(edits.select().where(edits.c.scope == VILLAGE, edits.c.entry == 1)).one()._asdict()
    connection.execute(edits.insert().values(row | {"scope": OTHER, "entry": 99}))


def in_two_villages(connection, other):
    row = connection.execute(records.select().where(records.c.record == other)).one()._asdict()
    connection.execute(records.insert().values(row | {"scope": OTHER, "seq": 99}))


def record(other):
    return records.c.record == other


def entry(number):
    return lambda other: (edits.c.scope == VILLAGE) & (edits.c.entry == number)


def village_row(other):
    return scopes.c.scope == VILLAGE


TAMPERINGS = {
    "a body was rewritten": (change(edits, entry(2), body="{}"), "is not what was chained"),
    "a body was made unreadable": (change(edits, entry(2), body="x"), "is not what was chained"),
    "an outcome was rewritten": (change(edits, entry(2), outcome="deposited"), "is not what was chained"),
    "a time was rewritten": (change(edits, entry(2), at="2026-01-01T00:00:00.000Z"), "is not what was chained"),
    "a sender was rewritten": (change(edits, entry(2), device="d0"), "is not what was chained"),
    "a hash was rewritten": (change(edits, entry(2), hash="0" * 64), "is not what was chained"),
    "the first entry was deleted": (change(edits, entry(1)), "entry 1 is missing"),
    "an entry was deleted": (change(edits, entry(3)), "entry 3 is missing"),
    "the last entry was deleted": (change(edits, entry(10)), "entries are told"),
    "two entries were swapped": (swap_entries, "is not what was chained"),
    "an entry stands in two logs": (in_two_logs, "stands in more than one log"),
    "a record's words were rewritten": (change(records, record, edits="[]"), "its hash is not that of its content"),
    "a record was made unreadable": (change(records, record, edits="x"), "it cannot be read"),
    "a record's words are no words": (change(records, record, edits="[5]"), "it cannot be read"),
    "what a record has seen was rewritten": (change(records, record, seen="{}"), "an edit that it has not seen"),
    "what a record has seen was raised": (change(records, record, seen='{"nobody00":5}'), "it is not what the log amounts to"),
    "a record was given to another person": (change(records, record, subject="zhang"), "it is not what the log amounts to"),
    "a record was made another form": (change(records, record, type="resident"), "its hash is not that of its content"),
    "a record's hash was rewritten": (change(records, record, hash="0" * 32), "its hash is not that of its content"),
    "a record is ahead of the feed": (change(records, record, seq=999), "is above the counter"),
    "a record was deleted": (change(records, record), "it lives in 0 scopes"),
    "a record lives in two villages": (in_two_villages, "it lives in 2 scopes"),
    "a record was hidden as moved": (change(records, record, moved_to=OTHER), "it lives in 0 scopes"),
    "the log of a record was deleted": (change(edits, lambda other: edits.c.record == other), "the log knows nothing of it"),
    "a digest was rewritten": (change(scopes, village_row, sum="0" * 32), "the digest tells"),
    "a count was rewritten": (change(scopes, village_row, live=99), "the digest tells 99 records"),
    "the head of a log was rewritten": (change(scopes, village_row, chain="0" * 64), "or the last is another"),
    "the length of a log was rewritten": (change(scopes, village_row, entries=99), "99 entries are told"),
    "a village was deleted": (change(scopes, village_row), f"scope {VILLAGE}: its row is missing"),
}


def test_each_kind_of_tampering_is_named(village, busy):
    """In a transaction that is taken back each time, so that one busy village serves all."""
    from server.store.verify import verify

    missed = {}
    for what, (tamper, named) in TAMPERINGS.items():
        with village.engine.connect() as connection, connection.begin() as transaction:
            tamper(connection, busy[1])
            faults = verify(connection).faults
            transaction.rollback()
        if not any(named in fault for fault in faults):
            missed[what] = faults
    assert missed == {}
    assert village.faults() == []


def test_a_forged_chain_that_holds_together_still_meets_the_records(village, busy):
    """Whoever rewrites an entry and rehashes all that follows leaves a record that the log does not amount to."""
    from server.store.scope import chained

    rows = sorted((row for row in village.rows("edits") if row["scope"] == VILLAGE), key=lambda row: row["entry"])
    target = next(row for row in rows if row["outcome"] == "accepted" and row["record"] == busy[1])
    target["body"] = json.dumps(json.loads(target["body"]) | {"sections": {"contact": {"phone": "9"}}})
    head = "0" * 64
    for row in rows:
        row["hash"] = head = chained(head, row)

    def work(connection):
        connection.execute(delete(edits).where(edits.c.scope == VILLAGE))
        connection.execute(edits.insert(), rows)
        connection.execute(update(scopes).where(scopes.c.scope == VILLAGE).values(chain=head))

    village.write(work)
    assert village.faults() == [f"record {busy[1]} in {VILLAGE}: it is not what the log amounts to"]


def test_what_one_record_suffers_does_not_hide_what_others_do(village, busy):
    village.write(lambda c: change(records, record, edits="x")(c, busy[1]))
    village.write(lambda c: change(records, record, seen='{"nobody00":5}')(c, busy[0]))
    assert len({fault.split(":")[0] for fault in village.faults() if fault.startswith("record")}) >= 2
