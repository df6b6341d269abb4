"""Reading a scope: the feed after a checkpoint, digests and records by prefix. JSON text is passed through untouched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from server.store import damage
from server.store.damage import DamagedError
from server.store.scope import sound
from server.store.tables import records
from sync.digest import Digest, of_hashes, prefix_of

BATCH = 200  # rows fetched at a time


@dataclass(frozen=True)
class Item:
    """One item of the feed: the record, its seq, and its JSON text as it travels."""

    record: str
    seq: int
    text: str


def _quoted(value: str | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def gone(scope: str, record: str, seq: int) -> str:
    """The item of a record that has left the scope."""
    return f'{{"record":"{record}","scope":{_quoted(scope)},"seq":{seq},"gone":"moved"}}'


Damaged = list[tuple[str, str]]  # (scope, record)


def _whole(row: Row[Any], damaged: Damaged | None) -> bool:
    """True when a row is fit to be told; else it is named in `damaged` and left out."""
    try:
        sound(row)
    except DamagedError as found:
        if damaged is None:
            raise
        damaged.append((found.scope, found.record))
        return False
    return True


def changes(connection: Connection, scope: str, after: int, upto: int, damaged: Damaged | None = None) -> Iterator[Item]:
    """The items with `after` < seq <= `upto`, in order; fetched in batches, so that a reader may stop early.

    Records that are not whole are left out and named in `damaged`: they are to be frozen. Without it raises DamagedError.
    """
    while after < upto:
        query = (
            select(records)
            .where(records.c.scope == scope, records.c.seq > after, records.c.seq <= upto)
            .order_by(records.c.seq)
            .limit(BATCH)
        )
        rows = connection.execute(query).all()
        for row in rows:
            if not _whole(row, damaged):
                continue
            text = (
                gone(scope, row.record, row.seq)
                if row.moved_to is not None
                else f'{{"record":"{row.record}","type":{_quoted(row.type)},"subject":{_quoted(row.subject)},"scope":{_quoted(scope)},'
                f'"seq":{row.seq},"seen":{row.seen},"edits":{row.edits},"issues":{row.issues}}}'
            )
            yield Item(row.record, row.seq, text)
        if len(rows) < BATCH:
            return
        after = rows[-1].seq


def states(connection: Connection, scope: str, prefix: str, damaged: Damaged | None = None) -> Iterator[str]:
    """The JSON text of every live record below a prefix of hex digits; `damaged` as for `changes`."""
    query = select(records).where(
        records.c.scope == scope, records.c.moved_to.is_(None), records.c.record.like(_pattern(prefix))
    )
    for row in connection.execute(query.order_by(records.c.record)):
        if not _whole(row, damaged):
            continue
        yield (
            f'{{"record":"{row.record}","type":{_quoted(row.type)},"subject":{_quoted(row.subject)},"scope":{_quoted(scope)},'
            f'"seen":{row.seen},"edits":{row.edits},"issues":{row.issues}}}'
        )


def digest_below(connection: Connection, scope: str, prefix: str) -> tuple[Digest, dict[str, Digest]]:
    """The digest of the live records below a prefix, and of each next hex digit that has any."""
    query = select(records.c.record, records.c.hash).where(
        records.c.scope == scope, records.c.moved_to.is_(None), records.c.record.like(_pattern(prefix))
    )
    by_digit: dict[str, list[int]] = {}
    frozen = [(name, hash_) for name, hash_ in damage.hashes(connection, scope) if prefix_of(name, len(prefix)) == prefix]
    for record, value in [*connection.execute(query), *frozen]:
        if value is None:
            continue
        by_digit.setdefault(prefix_of(record, len(prefix) + 1)[len(prefix) :], []).append(int(value, 16))
    children = {digit: of_hashes(hashes) for digit, hashes in sorted(by_digit.items())}
    whole = Digest()
    for child in children.values():
        whole = whole.plus(child)
    children.pop("", None)  # a whole id has nothing below it
    return whole, children


def _pattern(prefix: str) -> str:
    """The prefix with the hyphens of a UUID in their places, for LIKE."""
    text = prefix
    for place in (8, 13, 18, 23):
        if len(text) > place:
            text = f"{text[:place]}-{text[place:]}"
    return text + "%"
