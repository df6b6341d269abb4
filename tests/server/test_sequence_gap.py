"""Nobody is skipped: while eight write and hold their transactions open, every poller gets every change, once."""

import random
import threading
import time
from collections import Counter
from dataclasses import replace

from sqlalchemy import func, select

from server.exchange import _Page, _position
from server.store import feed
from server.store.engine import open_engine, reading, retried
from server.store.scope import Head, ScopeWriter, Stored, as_row, head_of, upsert, wire_text
from server.store.tables import records
from sync.codec import live_to_wire
from sync.record import LiveEdit, Record
from sync.version import Dot, VersionVector
from tests.village import VILLAGE

WRITERS, WRITES, EPOCH = 8, 8, "e1"


def visit(writer, number, value):
    """A record of a writer at its next value."""
    actor = f"writer{writer:02}"
    live = LiveEdit(Dot(actor, value), "2026-11-21T04:00:00.000Z", "2026-11-21T12:00:00+08:00", "p", {"vitals": {"n": value}})
    record = Record(
        f"0197a0a0-0000-7000-8000-{writer:04x}{number:08x}", "t", None, VILLAGE, VersionVector({actor: value}), (live,)
    )
    return Stored(record, 0, (), conflict=False)


def work_on(engine, writer, hold):
    """Some records made and one changed again and again, each in a transaction that stays open a while."""
    chance = random.Random(writer)
    for value in range(1, WRITES + 1):

        def once(connection, value=value):
            scope = ScopeWriter(connection, VILLAGE)
            changes = [visit(writer, 0, value), visit(writer, value, value)]
            scope.load([change.record.id for change in changes])
            for change in changes:
                scope.put(change)
            time.sleep(chance.uniform(0, hold))
            scope.finish()
            time.sleep(chance.uniform(0, hold))  # written, not yet committed

        retried(engine, once)


class Poller:
    """A phone that pulls page after page by its checkpoint, as an exchange answers it."""

    def __init__(self, max_bytes):
        self.max_bytes, self.checkpoint, self.got, self.seqs = max_bytes, None, {}, []

    def pull(self, engine):
        with reading(engine) as connection:
            head = head_of(connection, VILLAGE) or Head()
            after = _position(self.checkpoint, EPOCH, head.seq)
            page = _Page(self.max_bytes, {})
            items = list(feed.changes(connection, VILLAGE, after, head.seq))
            reached = page.fill(VILLAGE, iter(items), after, head.seq)
        taken = items[: len(page.items)]
        for item in taken:
            self.got[item.record] = item.text
            self.seqs.append(item.seq)
        self.checkpoint = f"{EPOCH}:{reached}"
        return page.more

    def poll(self, engine, done):
        while True:
            last = done.is_set()
            while self.pull(engine):
                pass
            if last:
                return
            time.sleep(0.001)


ROW = len(
    f'{{"record":"{visit(0, 1, 1).record.id}","type":"t","subject":null,"scope":"{VILLAGE}","seq":10,"seen":{{"writer00":1}},'
    f'"edits":{wire_text([live_to_wire(edit) for edit in visit(0, 1, 1).record.edits])},"issues":[]}}'
)


def village_at_work(config, hold):
    """Eight writers and six pollers on one database; the pollers, and what is in the table at the end."""
    engine, done = open_engine(config.database_url, config.sealing_key), threading.Event()
    pollers = [Poller(rows * ROW) for rows in (1, 2, 50) for _ in range(2)]
    failed = []

    def guarded(job, *args):
        def run():
            try:
                job(*args)
            except Exception as trouble:  # noqa: BLE001
                failed.append(trouble)

        return threading.Thread(target=run)

    writers = [guarded(work_on, engine, n, hold) for n in range(WRITERS)]
    readers = [guarded(poller.poll, engine, done) for poller in pollers]
    for thread in [*writers, *readers]:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    with reading(engine) as connection:
        table = {item.record: item.text for item in feed.changes(connection, VILLAGE, 0, 10**9)}
    engine.dispose()
    return pollers, table, failed


def test_no_change_is_skipped_and_none_comes_twice(config):
    pollers, table, failed = village_at_work(config, hold=0.008)
    assert failed == []
    assert len(table) == WRITERS * (WRITES + 1)
    for poller in pollers:
        assert poller.got == table
        assert poller.seqs == sorted(poller.seqs)
        assert [seq for seq, times in Counter(poller.seqs).items() if times > 1] == []


def test_this_test_fails_when_a_seq_is_taken_outside_the_lock(config, monkeypatch):
    """The same village with the fault planted: seqs are given out before the scope is locked, as a sequence would."""
    last, guard, mine, properly = [0], threading.Lock(), threading.local(), retried

    def numbered(engine, work):
        with guard:
            mine.first, last[0] = last[0] + 1, last[0] + 2
        time.sleep(random.uniform(0, 0.01))
        return properly(engine, work)

    def early(self):
        rows = [as_row(replace(state, seq=mine.first + n)) for n, state in enumerate(self._changed.values())]
        upsert(self._connection, records, rows)

    def newest(connection, scope):
        return Head(seq=connection.scalar(select(func.max(records.c.seq)).where(records.c.scope == scope)) or 0)

    monkeypatch.setattr(ScopeWriter, "finish", early)
    monkeypatch.setitem(globals(), "retried", numbered)
    monkeypatch.setitem(globals(), "head_of", newest)
    pollers, table, failed = village_at_work(config, hold=0.003)
    assert failed == []
    assert len(table) == WRITERS * (WRITES + 1)
    assert any(poller.got != table for poller in pollers)


def test_a_seq_that_is_given_out_but_not_committed_is_seen_by_nobody(engine):
    """By hand: the second writer waits for the first, so the reader between them sees neither."""
    order, entered = [], threading.Event()

    def first(connection):
        scope = ScopeWriter(connection, VILLAGE)
        scope.put(visit(1, 1, 1))
        scope.finish()
        entered.set()
        time.sleep(0.1)
        order.append("first")

    def second(connection):
        scope = ScopeWriter(connection, VILLAGE)
        order.append("second")
        scope.put(visit(2, 1, 1))
        scope.finish()

    retried(engine, lambda c: ScopeWriter(c, VILLAGE).finish())
    one = threading.Thread(target=lambda: retried(engine, first))
    two = threading.Thread(target=lambda: (entered.wait(), retried(engine, second)))
    one.start()
    two.start()
    entered.wait()
    with reading(engine) as connection:
        assert head_of(connection, VILLAGE).seq == 0
        assert connection.execute(select(records)).all() == []
    one.join()
    two.join()
    assert order == ["first", "second"]
    with reading(engine) as connection:
        assert [item.seq for item in feed.changes(connection, VILLAGE, 0, 9)] == [1, 2]


def test_a_hundred_changes_of_one_transaction_still_go_page_by_page(engine):
    retried(engine, lambda c: [w := ScopeWriter(c, VILLAGE), *(w.put(visit(1, n, 1)) for n in range(100)), w.finish()])
    poller, pages = Poller(0), 1
    while poller.pull(engine):
        pages += 1
    assert (pages, len(poller.got)) == (100, 100)
