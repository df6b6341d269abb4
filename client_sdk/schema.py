"""The tables of the phone file, and how a file of an earlier release becomes one of this.

What a doctor wrote and what the server said lies in `base`, `outbox`, `own` and `set_aside`. Cards, words and standings are
made from that by this code, and made anew when the code is another: nothing is ever lost with them.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

import sync
from client_sdk.errors import NewerFileError, NoStoreError
from client_sdk.vault import Vault

VERSION = 4  # of the tables, in PRAGMA user_version; 3: without decisions about what was set aside; 2: without reports; 1: without decisions; 0: before standings were kept, of the oldest without cards

TABLES = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS base (
        record TEXT PRIMARY KEY, scope TEXT NOT NULL, type TEXT NOT NULL, subject TEXT,
        hash TEXT NOT NULL, contested INTEGER NOT NULL, words TEXT NOT NULL, card TEXT,
        state TEXT NOT NULL, issues TEXT)""",
    "CREATE INDEX IF NOT EXISTS base_scope ON base (scope, record, hash)",
    "CREATE INDEX IF NOT EXISTS base_subject ON base (subject)",
    "CREATE INDEX IF NOT EXISTS base_card ON base (type, record, subject, scope, card) WHERE card IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS base_resident ON base (record) WHERE type = 'resident'",
    """CREATE TABLE IF NOT EXISTS outbox (
        position INTEGER PRIMARY KEY, record TEXT NOT NULL, scope TEXT NOT NULL,
        actor TEXT NOT NULL, counter INTEGER NOT NULL, edit TEXT NOT NULL, UNIQUE (actor, counter))""",
    "CREATE INDEX IF NOT EXISTS outbox_record ON outbox (record, position)",
    "CREATE TABLE IF NOT EXISTS own (record TEXT PRIMARY KEY, counter INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS set_aside (
        position INTEGER PRIMARY KEY, record TEXT NOT NULL, reason TEXT NOT NULL, edit TEXT NOT NULL,
        known INTEGER NOT NULL DEFAULT 0, decided TEXT)""",
    """CREATE TABLE IF NOT EXISTS decisions (
        position INTEGER PRIMARY KEY, record TEXT NOT NULL, actor TEXT NOT NULL, counter INTEGER NOT NULL,
        told INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (record, actor, counter))""",
    """CREATE TRIGGER IF NOT EXISTS decisions_gone AFTER DELETE ON base
        BEGIN DELETE FROM decisions WHERE record = OLD.record; END""",
    "CREATE TABLE IF NOT EXISTS reports (month TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID",  # without a body: to be asked for
    "CREATE TABLE IF NOT EXISTS checkpoints (scope TEXT PRIMARY KEY, checkpoint TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS standings (
        resident TEXT PRIMARY KEY, scope TEXT NOT NULL, name TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL,
        persons TEXT NOT NULL, groups TEXT NOT NULL, due TEXT NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS rests_on (subject TEXT, resident TEXT, PRIMARY KEY (subject, resident)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS rests_on_resident ON rests_on (resident)",
    """CREATE TABLE IF NOT EXISTS met (
        resident TEXT NOT NULL, record TEXT NOT NULL, waiting INTEGER NOT NULL, PRIMARY KEY (resident, record, waiting)
        ) WITHOUT ROWID""",  # whom a visit to a household names, by the base (waiting: 0) or an edit in the outbox (its position)
    "CREATE INDEX IF NOT EXISTS met_record ON met (record, waiting)",
    """CREATE TRIGGER IF NOT EXISTS standing_gone AFTER DELETE ON standings
        BEGIN DELETE FROM rests_on WHERE resident = OLD.resident; END""",
)
ADDED = (  # to the tables of the first release
    ("base", "card", "TEXT"),
    ("set_aside", "known", "INTEGER NOT NULL DEFAULT 0"),
    ("set_aside", "decided", "TEXT"),
)
OF_BASE = "CASE {row}.type WHEN 'resident' THEN {row}.record ELSE {row}.subject END"
OF_EDIT = (
    "CASE json_extract({row}.edit, '$.type') WHEN 'resident' THEN {row}.record ELSE json_extract({row}.edit, '$.subject') END"
)
NAMED_IN_BASE = """INSERT INTO met SELECT DISTINCT one.value, NEW.record, 0 FROM json_each(NEW.state, '$.edits') AS edit,
    json_each(edit.value, '$.sections.visit.residents') AS one WHERE one.type = 'text';"""
NAMED_IN_EDIT = """INSERT INTO met SELECT DISTINCT one.value, NEW.record, NEW.position
    FROM json_each(NEW.edit, '$.sections.visit.residents') AS one WHERE one.type = 'text';"""
IS_VISIT, IS_VISIT_EDIT = "{row}.type = 'home_visit'", "json_extract({row}.edit, '$.type') = 'home_visit'"
UNNAMED = "DELETE FROM met WHERE record = OLD.record AND waiting = {waiting};"
MET_GONE = """DELETE FROM standings WHERE resident IN (
    SELECT rests_on.resident FROM rests_on JOIN met ON rests_on.subject = met.resident WHERE met.record {which});"""
MET = (  # whoever a visit names rests on it too, whatever household they belong to; those it named before, and names now
    ("base", "INSERT", "NEW", IS_VISIT, (NAMED_IN_BASE, MET_GONE.format(which="= NEW.record"))),
    (
        "base",
        "UPDATE",
        "NEW",
        IS_VISIT,
        (
            MET_GONE.format(which="= NEW.record"),
            UNNAMED.format(waiting=0),
            NAMED_IN_BASE,
            MET_GONE.format(which="= NEW.record"),
        ),
    ),
    ("base", "DELETE", "OLD", IS_VISIT, (MET_GONE.format(which="= OLD.record"), UNNAMED.format(waiting=0))),
    ("outbox", "INSERT", "NEW", IS_VISIT_EDIT, (NAMED_IN_EDIT, MET_GONE.format(which="= NEW.record"))),
    ("outbox", "DELETE", "OLD", IS_VISIT_EDIT, (MET_GONE.format(which="= OLD.record"), UNNAMED.format(waiting="OLD.position"))),
    *(
        ("meta", event, "NEW", "{row}.name = 'offset_ms'", (MET_GONE.format(which="IN (SELECT record FROM outbox)"),))
        for event in ("INSERT", "UPDATE")
    ),
)
TOUCHES = (  # whatever changes what the phone shows about somebody takes the standings along that rest on it
    ("base", "INSERT", OF_BASE, ("NEW",)),
    ("base", "UPDATE", OF_BASE, ("OLD", "NEW")),
    ("base", "DELETE", OF_BASE, ("OLD",)),
    ("outbox", "INSERT", OF_EDIT, ("NEW",)),
    ("outbox", "DELETE", OF_EDIT, ("OLD",)),
)


def prepare(vault: Vault, *, create: bool) -> None:
    """Make the tables, or bring those of an earlier release up to this one. Raises NewerFileError and NoStoreError."""
    if _version(vault) == VERSION:
        return
    with vault.transaction():
        if _version(vault) > VERSION:
            raise NewerFileError(f"{vault.path} was written by a newer version of this application: update it to read the file")
        if not create and not vault.rows("SELECT 1 FROM sqlite_master WHERE name = 'checkpoints'"):
            raise NoStoreError(f"{vault.path} was never enrolled")
        for table, column, kind in ADDED:
            columns = {row[1] for row in vault.rows(f"PRAGMA table_info({table})")}
            if columns and column not in columns:
                vault.run(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
        for statement in (
            *TABLES,
            *map(_trigger, TOUCHES),
            *map(_clock_trigger, ("INSERT", "UPDATE")),
            *map(_met_trigger, MET),
        ):
            vault.run(statement)
        vault.run(f"PRAGMA user_version = {VERSION}")


def _version(vault: Vault) -> int:
    return int(vault.rows("PRAGMA user_version")[0][0])


def _trigger(touch: tuple[str, str, str, tuple[str, ...]]) -> str:
    table, event, subject, rows = touch
    subjects = ", ".join(subject.format(row=row) for row in rows)
    resting = f"SELECT resident FROM rests_on WHERE subject IN ({subjects})"  # noqa: S608
    return f"""CREATE TRIGGER IF NOT EXISTS {table}_{event.lower()} AFTER {event} ON {table}
        BEGIN DELETE FROM standings WHERE resident IN ({resting}); END"""  # noqa: S608


def _clock_trigger(event: str) -> str:
    """The clocks differ by another time than before: of siblings that wait another may be shown."""
    waiting = "outbox.record, json_extract(outbox.edit, '$.subject')"
    return f"""CREATE TRIGGER IF NOT EXISTS meta_{event.lower()} AFTER {event} ON meta WHEN NEW.name = 'offset_ms'
        BEGIN DELETE FROM standings WHERE resident IN (
        SELECT resident FROM rests_on JOIN outbox ON subject IN ({waiting})); END"""  # noqa: S608


def _met_trigger(named: tuple[str, str, str, str, tuple[str, ...]]) -> str:
    table, event, row, when, steps = named
    return f"""CREATE TRIGGER IF NOT EXISTS {table}_met_{event.lower()} AFTER {event} ON {table}
        WHEN {when.format(row=row)} BEGIN {" ".join(steps)} END"""


@functools.cache
def edition() -> str:
    """Names the code that cards, words and standings are made by: what another has made is made anew."""
    files = (file for package in (sync.__path__[0], Path(__file__).parent) for file in sorted(Path(package).rglob("*.py")))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
