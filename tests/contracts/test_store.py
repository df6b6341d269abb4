"""The contract of the store: one scope in one transaction, on every engine alike."""

import random
from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from server.store import feed
from server.store.engine import reading, retried, writing
from server.store.scope import GENESIS, ScopeWriter, chained, head_of, living, logged, upsert
from server.store.tables import attempts, deposits, edits
from sync.digest import Digest, of_records
from sync.version import Dot
from tests.contracts.stories import OTHER, VILLAGE, deposit, entry, kept, name, read, state, write


def test_what_is_put_is_what_is_read(engine):
    write(engine, state(1), state(2, moved_to=OTHER))
    one, two, none = kept(engine, [name(1), name(2), name(3)])
    assert one == replace(state(1), seq=1)
    assert two == replace(state(2, moved_to=OTHER), seq=2)
    assert none is None


def test_in_its_own_transaction_a_record_is_already_as_it_was_put(engine):
    write(engine, state(1))

    def work(connection):
        writer = ScopeWriter(connection, VILLAGE)
        writer.load([name(1), name(2)])
        for value in (2, 3):
            writer.put(state(1, value))
        writer.put(state(2))
        assert writer.get(name(1)).record == state(1, 3).record
        assert writer.get(name(2)).record == state(2).record
        writer.finish()
        return dict(writer.placed)

    assert retried(engine, work) == {name(1): 2, name(2): 3}


def test_the_feed_has_each_record_once_at_the_place_of_its_last_change(engine):
    write(engine, state(1), state(2), state(3))
    write(engine, state(1, 9))
    write(engine, state(3, 9), state(2, 9))
    assert read(engine) == [(4, name(1)), (5, name(3)), (6, name(2))]
    assert read(engine, after=4) == [(5, name(3)), (6, name(2))]
    assert read(engine, after=6) == []
    assert read(engine, scope=OTHER) == []


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_pages_of_any_size_make_up_the_feed(engine, monkeypatch, batch):
    monkeypatch.setattr(feed, "BATCH", batch)
    write(engine, *(state(n) for n in range(7)))
    write(engine, state(2, 9))
    assert [seq for seq, _ in read(engine)] == [1, 2, 4, 5, 6, 7, 8]


def test_the_digest_keeps_step_with_the_records(engine):
    chance, held = random.Random(7), {}
    for _ in range(25):
        changes = [
            state(n, chance.randrange(3), moved_to=chance.choice([None, None, OTHER]))
            for n in chance.sample(range(6), chance.randrange(1, 4))
        ]
        head = write(engine, *changes)
        held |= {one.record.id: one for one in changes}
        live = [one.record for one in held.values() if one.moved_to is None]
        assert Digest(head.live, head.sum) == of_records(live)
    with reading(engine) as connection:
        assert feed.digest_below(connection, VILLAGE, "")[0] == of_records(live)


def test_a_record_that_was_put_back_as_it_was_leaves_the_digest_as_it_was(engine):
    first = write(engine, state(1), state(2))
    write(engine, state(1, 5))
    last = write(engine, state(1))
    assert (first.live, first.sum) == (last.live, last.sum)


def test_the_log_is_chained_and_the_scope_row_knows_its_head(engine):
    write(engine, log=[entry(1), entry(2)])
    head = write(engine, log=[entry(3, "conflict", record=None, reason="x"), entry(4, "state", dot=None)])
    with reading(engine) as connection:
        rows = [row._asdict() for row in connection.execute(select(edits).order_by(edits.c.entry))]
    chain = GENESIS
    for row in rows:
        chain = chained(chain, row)
        assert row["hash"] == chain
    assert (head.entries, head.chain) == (4, chain)
    assert [(row["actor"], row["counter"], row["body"]) for row in rows][2:] == [
        ("anaphone", 3, '{ "n":3 }'),
        ("~", 4, '{ "n":4 }'),
    ]


def test_a_number_stands_once_in_a_log_whatever_is_tried(engine):
    write(engine, log=[entry(1)])
    with pytest.raises(IntegrityError):
        write(engine, state(5), log=[entry(2), entry(1)])
    assert read(engine) == []  # all or nothing
    with reading(engine) as connection:
        assert head_of(connection, VILLAGE).entries == 1


def test_the_log_of_every_scope_is_known_and_what_was_appended_just_now(engine):
    write(engine, log=[entry(1)], scope=OTHER)
    dots = [Dot("anaphone", 1), Dot("anaphone", 2), Dot("anaphone", 3), Dot("benphone", 1)]

    def work(connection):
        writer = ScopeWriter(connection, VILLAGE)
        writer.append(entry(2, "merged"))
        return writer.logged(dots)

    found = retried(engine, work)
    assert {dot: (known.scope, known.outcome, known.fingerprint) for dot, known in found.items()} == {
        dots[0]: (OTHER, "accepted", f"{1:064x}"),
        dots[1]: (VILLAGE, "merged", f"{2:064x}"),
    }
    with reading(engine) as connection:
        assert list(logged(connection, dots)) == dots[:1]  # what was not finished is not there
        assert logged(connection, []) == {}


def test_deposits_are_kept_once_and_a_repeat_does_not_change_what_a_person_decided(engine):
    write(engine, aside=[deposit(1), deposit(2), deposit(1)])
    with writing(engine) as connection:
        connection.execute(update(deposits).where(deposits.c.deposit == f"{1:064x}").values(state="taken"))
    write(engine, aside=[deposit(1, body="other")])
    with reading(engine) as connection:
        rows = connection.execute(select(deposits.c.deposit, deposits.c.state, deposits.c.body)).all()
    assert {tuple(row) for row in rows} == {(f"{1:064x}", "taken", "{}"), (f"{2:064x}", "waiting", "{}")}


def test_a_record_elsewhere_is_found_and_a_trace_does_not_count(engine):
    write(engine, state(1, scope=OTHER), state(2, scope=OTHER, moved_to=VILLAGE), scope=OTHER)
    write(engine, state(2), state(3))
    asked = {name(n) for n in range(1, 5)}
    assert retried(engine, lambda c: ScopeWriter(c, VILLAGE).elsewhere(asked)) == {name(1): OTHER}
    assert retried(engine, lambda c: ScopeWriter(c, OTHER).elsewhere(asked)) == dict.fromkeys((name(2), name(3)), VILLAGE)
    assert retried(engine, lambda c: ScopeWriter(c, VILLAGE).elsewhere(set())) == {}
    with reading(engine) as connection:
        assert {i: found.record.scope for i, found in living(connection, asked).items()} == {
            name(1): OTHER,
            name(2): VILLAGE,
            name(3): VILLAGE,
        }


def test_a_trace_is_told_as_gone_and_counts_in_no_digest(engine):
    write(engine, state(1), state(2))
    head = write(engine, state(1, moved_to=OTHER))
    assert (head.seq, head.live) == (3, 1)
    with reading(engine) as connection:
        items = [item.text for item in feed.changes(connection, VILLAGE, 2, 3)]
        assert items == [f'{{"record":"{name(1)}","scope":"{VILLAGE}","seq":3,"gone":"moved"}}']
        assert len(list(feed.states(connection, VILLAGE, ""))) == 1
        whole, below = feed.digest_below(connection, VILLAGE, "0197a0a0000070008000")
    assert (whole.count, {digit: child.count for digit, child in below.items()}) == (1, {"0": 1})


def test_an_upsert_writes_keeps_or_replaces_by_key(engine):
    def rows():
        with reading(engine) as connection:
            return [tuple(row) for row in connection.execute(select(attempts).order_by(attempts.c.key))]

    def row(key, failures):
        return {"key": key, "hour": "h", "failures": failures}

    with writing(engine) as connection:
        upsert(connection, attempts, [row("a", 1), row("b", 2)])
        upsert(connection, attempts, [])
    with writing(engine) as connection:
        upsert(connection, attempts, [row("a", 9), row("c", 3)], keep=True)
    assert rows() == [("a", "h", 1), ("b", "h", 2), ("c", "h", 3)]
    with writing(engine) as connection:
        upsert(connection, attempts, [row("a", 9), row("b", 8)])
    assert rows() == [("a", "h", 9), ("b", "h", 8), ("c", "h", 3)]
