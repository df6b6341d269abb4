"""Records, entries and deposits to put in a store, and short ways to write and read them."""

import re
from dataclasses import replace

from server.store import feed
from server.store.engine import reading, retried
from server.store.scope import Entry, ScopeWriter, Stored, head_of
from sync.record import LiveEdit, Record
from sync.version import Dot, VersionVector

POINT = re.compile(r"\b[xy]\W+[\w-]{43}\b")  # of a phone's public key, made each time anew
VILLAGE, OTHER, AT = "411499001201", "411499001202", "2026-11-21T04:00:00.000Z"


def name(n):
    return f"0197a0a0-0000-7000-8000-{n:012x}"


def state(n, value=1, scope=VILLAGE, **parts):
    """A record of one edit that says a value."""
    live = LiveEdit(
        Dot("anaphone", n + 1),
        AT,
        "2026-11-21T12:00:00+08:00",
        "p-ana",
        {"vitals": {"systolic_mmhg": value, "字": ["é\u2028", None]}},
    )
    record = Record(name(n), "hypertension_visit", "王", scope, VersionVector({"anaphone": n + 1}), (live,))
    return Stored(record, 0, ({"section": "vitals", "field": None, "code": "x", "level": "error"},), conflict=False, **parts)


def entry(n, outcome="accepted", **parts):
    made = Entry(Dot("anaphone", n), name(n), outcome, None, AT, AT, "d1", f"{n:064x}", f'{{ "n":{n} }}')
    return replace(made, **parts)


def deposit(n, **parts):
    return {
        "deposit": f"{n:064x}",
        "actor": "anaphone",
        "counter": n,
        "record": name(n),
        "reason": "malformed",
        "device": "d1",
        "person": "p",
        "received_at": AT,
        "body": "{}",
        **parts,
    }


def write(engine, *states, scope=VILLAGE, log=(), aside=()):
    def work(connection):
        writer = ScopeWriter(connection, scope)
        writer.load([state.record.id for state in states])
        for one in states:
            writer.put(one)
        for one in log:
            writer.append(one)
        for one in aside:
            writer.deposit(one)
        return writer.finish()

    return retried(engine, work)


def read(engine, scope=VILLAGE, after=0):
    with reading(engine) as connection:
        head = head_of(connection, scope)
        return [(item.seq, item.record) for item in feed.changes(connection, scope, after, head.seq)] if head else []


def kept(engine, ids, scope=VILLAGE):
    def work(connection):
        writer = ScopeWriter(connection, scope)
        writer.load(ids)
        return [writer.get(i) for i in ids]

    return retried(engine, work)
