"""The contract of transactions: many write at once, some fail, and nobody is lost, doubled or seen half."""

import threading

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from server.store.engine import TRIES, reading, retried, writing
from server.store.scope import GENESIS, Head, ScopeWriter, head_of, upsert
from server.store.tables import attempts, records, scopes
from tests.contracts.stories import OTHER, VILLAGE, deposit, entry, read, state, write


def test_a_new_scope_that_many_enter_at_once_is_made_once(engine):
    heads = []
    threads = [threading.Thread(target=lambda n=n: heads.append(write(engine, state(n)))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(head.seq for head in heads) == list(range(1, 9))
    assert len(read(engine)) == 8
    assert head_of_(engine) == max(heads, key=lambda head: head.seq)


def head_of_(engine):
    with reading(engine) as connection:
        return head_of(connection, VILLAGE)


def test_nothing_written_leaves_the_scope_as_it_was(engine):
    before = write(engine, state(1))
    assert write(engine) == before == head_of_(engine)
    with reading(engine) as connection:
        assert head_of(connection, "nowhere") is None
    assert Head().chain == GENESIS


def test_a_reader_has_one_picture_while_others_write(engine):
    write(engine, state(1))
    with reading(engine) as connection:
        before = connection.execute(select(records.c.edits)).all(), head_of(connection, VILLAGE)
        write(engine, state(1, 9), state(2))
        assert (connection.execute(select(records.c.edits)).all(), head_of(connection, VILLAGE)) == before
    assert len(read(engine)) == 2


def test_a_transaction_that_fails_leaves_nothing(engine):
    def fails(connection):
        writer = ScopeWriter(connection, VILLAGE)
        writer.put(state(1))
        writer.append(entry(1))
        writer.finish()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        retried(engine, fails)
    assert head_of_(engine) is None
    assert read(engine) == []


def test_writers_that_read_first_lose_no_count(engine):
    """Eight writers, each reading before it writes: without the lock from the first statement on, counts are lost."""

    def count():
        for _ in range(25):
            retried(
                engine,
                lambda c: (
                    ScopeWriter(c, VILLAGE),
                    c.execute(update(attempts).values(failures=c.scalar(select(attempts.c.failures)) + 1)),
                ),
            )

    with writing(engine) as connection:
        upsert(connection, attempts, [{"key": "a", "hour": "h", "failures": 0}])
    write(engine)
    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as connection:
        assert connection.scalar(select(attempts.c.failures)) == 200


def test_two_that_wait_for_each_other_both_get_through(engine):
    """A real deadlock: each holds one scope and asks for the other's. The database ends one, which then goes again."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time: nobody waits for each other")
    write(engine)
    write(engine, scope=OTHER)
    meet, tries = threading.Barrier(2), []

    def work(first, second):
        def once(connection):
            tries.append(first)
            ScopeWriter(connection, first).finish()
            if tries.count(first) == 1:
                meet.wait(10)
            writer = ScopeWriter(connection, second)
            writer.put(state(len(first + second), scope=second))
            return writer.finish()

        retried(engine, once)

    threads = [threading.Thread(target=work, args=pair) for pair in ((VILLAGE, OTHER), (OTHER, VILLAGE))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tries) == 3
    assert (len(read(engine)), len(read(engine, OTHER))) == (1, 1)


def test_what_cannot_be_tried_again_is_not_and_what_can_is_not_for_ever(engine):
    tries = []

    def fails(state):
        def work(_connection):
            tries.append(state)
            raise OperationalError("x", {}, type("Trouble", (Exception,), {"sqlstate": state})())

        return work

    for code, times in (("40P01", TRIES), ("40001", TRIES), ("08006", TRIES), ("57P01", TRIES), ("23505", 1), (None, 1)):
        tries.clear()
        with pytest.raises(OperationalError):
            retried(engine, fails(code))
        assert len(tries) == times


def test_the_scope_row_is_the_last_thing_written(engine):
    """So that its lock is held to the commit, and no seq is seen before its record."""
    from sqlalchemy import event

    said = []
    event.listen(engine, "before_cursor_execute", lambda *args: said.append(args[2].split()[:3]))
    write(engine, state(1), log=[entry(1)], aside=[deposit(1)])
    write(engine, state(2), log=[entry(2)], aside=[deposit(2)])
    assert [words for words in said if words[0] in ("UPDATE", "INSERT")][-1][:2] == ["UPDATE", scopes.name]
