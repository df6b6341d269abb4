"""Identity numbers are sealed, and hashes over what records say enciphered"""

import json
from collections.abc import Callable, Iterator

import sqlalchemy as sa
from alembic import op

from server.store.sealing import Sealing, held
from sync.search import plain

revision = "0008"
down_revision = "0007"

BATCH = 1000
Rewritten = dict[str, Callable[[str], str]]


def upgrade():
    bind = op.get_bind()
    if _used(bind):
        key = held(bind.dialect)
        _rewrite(bind, _tables(key.sealed_json, key.enciphered))
        _standings(bind, key, seal=True)


def downgrade():
    bind = op.get_bind()
    if _used(bind):
        key = held(bind.dialect)
        _rewrite(bind, _tables(key.opened_json, key.deciphered))
        _standings(bind, key, seal=False)


def _used(bind: sa.Connection) -> bool:
    """A database that nobody has written to needs no key."""
    return bind.scalar(sa.text("SELECT scope FROM scopes LIMIT 1")) is not None


def _tables(body: Callable[[str], str], hash_: Callable[[str], str]) -> list[tuple[str, list[str], Rewritten]]:
    return [
        ("scopes", ["scope"], {"sum": hash_, "chain": hash_}),
        ("records", ["scope", "record"], {"edits": body, "hash": hash_}),
        ("edits", ["scope", "actor", "counter"], {"body": body, "fingerprint": hash_, "hash": hash_}),
        ("deposits", ["scope", "deposit"], {"body": body, "deposit": hash_}),
    ]


def _rewrite(bind: sa.Connection, tables: list[tuple[str, list[str], Rewritten]]) -> None:
    for name, key, rewritten in tables:
        table = sa.table(name, *(sa.column(column) for column in {*key, *rewritten}))
        same = sa.and_(*(table.c[one] == sa.bindparam(f"key_{one}") for one in key))
        change = table.update().where(same).values({one: sa.bindparam(f"new_{one}") for one in rewritten})
        for batch in list(_batches(bind, table, key)) if key[-1] in rewritten else _batches(bind, table, key):
            new = [{f"new_{one}": how(row[one]) for one, how in rewritten.items()} for row in batch]
            bind.execute(change, [row | {f"key_{one}": old[one] for one in key} for row, old in zip(new, batch, strict=True)])


def _batches(bind: sa.Connection, table: sa.TableClause, key: list[str]) -> Iterator[list[sa.RowMapping]]:
    """All rows by their key, some at a time: a big log does not fit into memory."""
    columns, last = sa.tuple_(*(table.c[one] for one in key)), None
    while True:
        query = sa.select(table).order_by(*(table.c[one] for one in key)).limit(BATCH)
        rows = bind.execute(query if last is None else query.where(columns > last)).mappings().all()
        if not rows:
            return
        yield list(rows)
        last = sa.tuple_(*(sa.literal(rows[-1][one]) for one in key))


def _standings(bind: sa.Connection, key: Sealing, *, seal: bool) -> None:
    """What a search finds residents by: the number whole before, the seal of its end since."""
    names = ("scope", "resident", "words", "entries")
    table = sa.table("standings", *(sa.column(name) for name in names))
    same = sa.and_(table.c.scope == sa.bindparam("a_scope"), table.c.resident == sa.bindparam("a_resident"))
    change = table.update().where(same).values(words=sa.bindparam("new_words"), entries=sa.bindparam("new_entries"))
    for batch in _batches(bind, table, ["scope", "resident"]):
        rows = []
        for row in batch:
            entries = row["entries"] if seal else key.opened(row["entries"])
            words = {
                word
                for _, name, sound, initials, phone, number, _ in json.loads(entries)
                for word in (plain(name), sound, initials, phone, key.tail(number) if seal else number.casefold())
            }
            new = {"new_words": "\n".join(sorted(words)), "new_entries": key.seal(entries) if seal else entries}
            rows.append({"a_scope": row["scope"], "a_resident": row["resident"], **new})
        bind.execute(change, rows)
