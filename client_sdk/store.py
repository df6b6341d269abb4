"""The phone file: who this device is, the records it holds, and every edit that the server has not answered yet.

The SQL of the client is here; the tables are in schema.py, the standings beside them in kept.py. An edit is durable before the call that made it returns:
record, outbox and counter change in one transaction, and the journal is synced with every commit.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from client_sdk import decided
from client_sdk.aside import APPLIED, REFUSED, Aside
from client_sdk.cards import Card, card_of
from client_sdk.decisions import decisions_of, news
from client_sdk.exchange import Effects, Held, issues_of
from client_sdk.schema import edition, prepare
from client_sdk.vault import Vault
from client_sdk.view import contested, estimate, plain, words
from sync.codec import Json, edit_to_wire, issues_to_wire, record_from_wire, record_to_wire
from sync.digest import record_hash
from sync.record import Edit, Record
from sync.version import Dot, VersionVector

NEW, ENROLLED, SEALED, RETIRED = "new", "enrolled", "sealed", "retired"
REMAKE_AT_ONCE = 500
DECIDED = ("state", "decided_at", "decided_by", "decision")  # what is kept of the decision about what was set aside


@dataclass(frozen=True, slots=True)
class Account:
    """What the device knows of itself.

    `counter`: of the last edit made under `actor`; never goes back while the actor is the same. `nonce`: of the next
    exchange; `assertion_nonce`: of the next assertion. `signer`: the actor that assertions are of, the one it was
    enrolled as: a server that was put back to an older state may know none of the later ones. `server`: the audience of
    assertions. `key`: the private key as PEM; `new_key`: one that an enrolment under way has sent. `identity_key`: hex. `offset_ms`: the server's clock minus
    this one's, at the last exchange. `last_sync`: when the last complete one ended, by this phone's clock. `made_by`: the
    code that made what the file keeps beside the records, see schema.py.
    """

    mode: str = NEW
    url: str = ""
    server: str = ""
    actor: str = ""
    counter: int = 0
    nonce: str | None = None
    epoch: str | None = None
    access: str | None = None
    assertion_nonce: str = "none"
    signer: str = ""
    key: str = ""
    new_key: str = ""
    identity_key: str = ""
    person: Mapping[str, Any] | None = None
    role: str = ""
    scopes: Mapping[str, Mapping[str, Any]] | None = None
    last_sync: str | None = None
    offset_ms: int = 0
    made_by: str = ""


class Store:
    """The tables of the phone file. Threads may share it; what belongs together goes into `transaction()`."""

    def __init__(self, path: Path, pin: str, *, create: bool = False) -> None:
        self.vault = Vault(path, pin, create=create)
        self.transaction, self.snapshot, self.turn_to_sync = (
            self.vault.transaction,
            self.vault.snapshot,
            self.vault.turn_to_sync,
        )
        self._rows, self._run = self.vault.rows, self.vault.run
        with contextlib.ExitStack() as undo:
            undo.callback(self.vault.close)
            prepare(self.vault, create=create)
            self._remake()
            undo.pop_all()

    def _remake(self) -> None:
        """Make anew what another version of this code has made from the records."""
        if self.account().made_by == edition():
            return
        with self.transaction():
            self._run("DELETE FROM standings")
            records = [row[0] for row in self._rows("SELECT record FROM base")]
            for n in range(0, len(records), REMAKE_AT_ONCE):
                self.put(self.held(records[n : n + REMAKE_AT_ONCE]).values())
            self.save(made_by=edition())

    def close(self) -> None:
        """Close the file."""
        self.vault.close()

    # -- the device ----------------------------------------------------------------------------------------------------

    def account(self) -> Account:
        """What is known now."""
        return Account(**{name: json.loads(value) for name, value in self._rows("SELECT name, value FROM meta")})

    def save(self, **changes: Any) -> None:
        """Change fields of the account."""
        assert changes.keys() <= {field.name for field in fields(Account)}
        with self.transaction():
            for name, value in changes.items():
                self._run(
                    """INSERT INTO meta VALUES (?, ?)
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value""",
                    *(name, json.dumps(value, ensure_ascii=False)),
                )

    # -- the base ------------------------------------------------------------------------------------------------------

    def held(self, records: Collection[str]) -> dict[str, Held]:
        """Those of the records that the base has."""
        wanted = "SELECT state, issues FROM base WHERE record IN (SELECT value FROM json_each(?))"
        return {h.record.id: h for h in map(_held, self._rows(wanted, json.dumps(list(records))))}

    def base(
        self,
        *,
        type_name: str | None = None,
        subject: str | None = None,
        scope: str | None = None,
        text: str | None = None,
        disputed: bool = False,
    ) -> Iterator[Held]:
        """The records of the base that fit, by id.

        `text`: only those that might mention it, or for which an edit waits. `disputed`: only those that might be in
        conflict.
        """
        wanted = """SELECT state, issues FROM base WHERE (?1 IS NULL OR type = ?1) AND (?2 IS NULL OR subject = ?2)
            AND (?3 IS NULL OR scope = ?3) AND (?4 IS NULL OR instr(words, ?4) OR record IN (SELECT record FROM outbox))
            AND contested >= ?5 ORDER BY record"""
        return map(_held, self._rows(wanted, type_name, subject, scope, None if text is None else plain(text), disputed))

    def cards(self, type_name: str) -> list[Card]:
        """The cards of a type, by record. From an index alone, the records themselves are not read."""
        wanted = "SELECT record, subject, scope, card FROM base WHERE type = ? AND card IS NOT NULL ORDER BY record"
        return [Card(*row) for row in self._rows(wanted, type_name)]

    def seen(self, records: Collection[str]) -> dict[str, VersionVector]:
        """What the base has seen of each record that it has."""
        return {name: held.record.seen for name, held in self.held(records).items()}

    def hashes(self, scope: str) -> dict[str, int]:
        """The hash of each record of a scope, for its digest."""
        return {name: int(text, 16) for name, text in self._rows("SELECT record, hash FROM base WHERE scope = ?", scope)}

    def put(self, every: Iterable[Held]) -> None:
        """Write records of the base; decisions that come with them are kept, with what gave way."""
        with self.transaction():
            for held in every:
                record = held.record
                if decisions_of(record):
                    self._decided(record)
                self._run(
                    """INSERT INTO base (record, scope, type, subject, hash, contested, words, card, state, issues)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (record) DO UPDATE SET
                    (scope, type, subject, hash, contested, words, card, state, issues) = (excluded.scope, excluded.type,
                    excluded.subject, excluded.hash, excluded.contested, excluded.words, excluded.card, excluded.state,
                    excluded.issues)""",
                    *(record.id, record.scope, record.type, record.subject, f"{record_hash(record):032x}"),
                    *(contested(held), words(record), card_of(record)),
                    _text(record_to_wire(record)),
                    None if held.issues is None else _text(issues_to_wire(held.issues)),
                )

    def _decided(self, record: Record) -> None:
        account, before = self.account(), self.held([record.id]).get(record.id)
        found = news(before, self.outbox([record.id]), record, estimate(account.offset_ms))
        decided.keep(self.vault, found, str((account.person or {}).get("id")))

    def count(self) -> int:
        """How many records the base has."""
        return int(self._rows("SELECT count(*) FROM base")[0][0])

    # -- the outbox and what was set aside -----------------------------------------------------------------------------

    def outbox(self, records: Collection[str] | None = None) -> list[Edit]:
        """The edits that wait, in the order they were made; only those of some records where these are given."""
        wanted = "SELECT edit FROM outbox WHERE ?1 IS NULL OR record IN (SELECT value FROM json_each(?1)) ORDER BY position"
        return [_edit(row) for row in self._rows(wanted, None if records is None else json.dumps(list(records)))]

    def waiting(self) -> int:
        """How many edits wait."""
        return int(self._rows("SELECT count(*) FROM outbox")[0][0])

    def append(self, edit: Edit) -> None:
        """Keep a new edit and the counter it has used up."""
        with self.transaction():
            self._run(
                "INSERT INTO outbox (record, scope, actor, counter, edit) VALUES (?, ?, ?, ?, ?)",
                *(edit.record, edit.scope, *edit.dot, _text(edit_to_wire(edit))),
            )
            self._run("INSERT OR REPLACE INTO own VALUES (?, ?)", edit.record, edit.dot.counter)
            self.save(counter=edit.dot.counter)

    def last_own(self, record: str) -> int:
        """The counter of the last edit that the present actor made of a record, 0 for none.

        Outlives the record: one that moved away may be written again, and the author's chain MUST be whole.
        """
        rows = self._rows("SELECT counter FROM own WHERE record = ?", record)
        return int(rows[0][0]) if rows else 0

    def replace_outbox(self, actor: str, edits: Sequence[Edit]) -> None:
        """The outbox made anew under another actor, whose counter starts behind it."""
        with self.transaction():
            for table in ("outbox", "own"):
                self._run(f"DELETE FROM {table}")  # noqa: S608
            self.save(actor=actor, counter=0)
            for edit in edits:
                self.append(edit)

    def forget(self, dots: Collection[Dot]) -> None:
        """Edits that need not wait any longer leave the outbox."""
        with self.transaction():
            for dot in dots:
                self._run("DELETE FROM outbox WHERE actor = ? AND counter = ?", *dot)

    def set_aside(self) -> list[Aside]:
        """Edits that the server kept for a person, in the order they came back, also those that were applied after all."""
        rows = self._rows("SELECT edit, reason, known, decided FROM set_aside ORDER BY position")
        return [Aside(_edit(row), row[1], bool(row[2]), row[3] and json.loads(row[3])) for row in rows]

    def unapplied(self) -> list[Aside]:
        """Those that nobody has applied after all: by what was told, or, under another name, by what the record holds."""
        every = self.set_aside()
        held = self.held({one.edit.record for one in every})
        live = {(name, edit.author, edit.written_at) for name, one in held.items() for edit in one.record.edits}
        said = ((one, (one.edit.record, one.edit.author, one.edit.written_at)) for one in every)
        return [one for one, name in said if not one.applied and name not in live]

    def acknowledge(self, record: str) -> None:
        """What was set aside of a record need not be told again, until something is decided about it."""
        self._run("UPDATE set_aside SET known = 1 WHERE record = ?", record)

    def keep_decided(self, told: Iterable[Json]) -> None:
        """What a person decided about what was set aside, the latest first, by dot and reason; each once."""
        latest: dict[tuple[str, str], Json] = {}
        for one in told:
            if one["state"] in (APPLIED, REFUSED):
                latest.setdefault((_text(one["dot"]), one["reason"]), {name: one[name] for name in DECIDED})
        with self.transaction():
            for row in self._rows("SELECT edit, reason, position FROM set_aside WHERE decided IS NULL"):
                if found := latest.get((_text(_edit(row).dot), row[1])):
                    self._run("UPDATE set_aside SET decided = ?, known = 0 WHERE position = ?", _text(found), row[2])

    # -- what standings are made of ------------------------------------------------------------------------------------

    def residents(self) -> dict[str, str]:
        """The residents whose record this phone shows, each with the scope it is in."""
        wanted = """SELECT record, json_extract(edit, '$.scope') FROM outbox WHERE json_extract(edit, '$.type') = 'resident'
            UNION ALL SELECT record, scope FROM base WHERE type = 'resident'"""
        return dict(self._rows(wanted))  # what the server said comes last

    def about(self, subjects: Collection[str]) -> tuple[list[Held], list[Edit]]:
        """The records of the base that are of these ids or about them, and the edits of such that wait, in order."""
        ids = json.dumps(sorted(subjects))
        held = """SELECT state, issues FROM base WHERE record IN (SELECT value FROM json_each(?1))
            OR subject IN (SELECT value FROM json_each(?1))"""
        edits = """SELECT edit FROM outbox WHERE record IN (SELECT value FROM json_each(?1))
            OR json_extract(edit, '$.subject') IN (SELECT value FROM json_each(?1)) ORDER BY position"""
        return [_held(row) for row in self._rows(held, ids)], [_edit(row) for row in self._rows(edits, ids)]

    def naming(self, persons: Collection[str]) -> tuple[list[Held], list[Edit]]:
        """The visits to households that name one of these, as in `about`: those of the base, and the edits that wait."""
        wanted = "SELECT DISTINCT record FROM met WHERE resident IN (SELECT value FROM json_each(?1))"
        records = [row[0] for row in self._rows(wanted, json.dumps(sorted(persons)))]
        return list(self.held(records).values()), self.outbox(records) if records else []

    def written(self, author: str, first: dt.date) -> list[Held]:
        """The records of the base that a person may have written about a day of a month, or in it; `first`: its first day."""
        wanted = "SELECT state, issues FROM base WHERE instr(state, ?) AND instr(state, ?) ORDER BY record"
        return [_held(row) for row in self._rows(wanted, f'"author":{_text(author)}', f'"{first:%Y-%m}-')]

    def living_in(self, subjects: Collection[str]) -> set[str]:
        """Those of these ids that are residents, and the residents who may live in one of the others, a household."""
        residents = "SELECT record FROM base WHERE type = 'resident' AND record IN (SELECT value FROM json_each(?1))"
        homes = "SELECT record FROM base WHERE type = 'resident' AND instr(state, ?1)"
        found = {row[0] for row in self._rows(residents, json.dumps(sorted(subjects)))}
        for home in set(subjects) - found:
            found |= {row[0] for row in self._rows(homes, _text(home))}
        return found

    # -- scopes and answers --------------------------------------------------------------------------------------------

    def checkpoints(self) -> dict[str, str]:
        """How far each scope was pulled."""
        return dict(self._rows("SELECT scope, checkpoint FROM checkpoints"))

    def drop_checkpoints(self) -> None:
        """The next pull starts from the beginning."""
        self._run("DELETE FROM checkpoints")

    def keep(self, effects: Effects) -> None:
        """What an answer changes."""
        with self.transaction():
            self.put(effects.put.values())
            for record in effects.drop:
                self._run("DELETE FROM base WHERE record = ?", record)
            for edit, reason in effects.aside:
                self._run(
                    "INSERT INTO set_aside (record, reason, edit) VALUES (?, ?, ?)",
                    *(edit.record, reason, _text(edit_to_wire(edit))),
                )
            self.forget([*effects.settled, *(edit.dot for edit, _ in effects.aside)])

    def keep_checkpoints(self, checkpoints: Mapping[str, str], scopes: Collection[str]) -> None:
        """Move the checkpoints; then let go of every scope but `scopes` for which no edit waits."""
        with self.transaction():
            for scope, checkpoint in checkpoints.items():
                self._run("INSERT OR REPLACE INTO checkpoints VALUES (?, ?)", scope, checkpoint)
            busy = "SELECT scope FROM outbox UNION SELECT b.scope FROM base b JOIN outbox o ON o.record = b.record"
            for table in ("base", "checkpoints"):
                self._run(
                    f"DELETE FROM {table} WHERE scope NOT IN (SELECT value FROM json_each(?)) AND scope NOT IN ({busy})",  # noqa: S608
                    json.dumps(list(scopes)),
                )

    def wipe(self) -> bool:
        """Remove every record, edit and key; what is left is the mark that this device is retired.

        False, and nothing is removed, while an edit waits.
        """
        with self.transaction():
            if self.waiting():
                return False
            for table in ("meta", "base", "outbox", "own", "set_aside", "decisions", "reports", "checkpoints", "standings"):
                self._run(f"DELETE FROM {table}")  # noqa: S608
            self.save(mode=RETIRED)
        self.vault.shred()
        return True


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _held(row: tuple[Any, ...]) -> Held:
    return Held(record_from_wire(json.loads(row[0])), None if row[1] is None else issues_of({"issues": json.loads(row[1])}))


def _edit(row: tuple[Any, ...]) -> Edit:
    """An edit as it was kept. It was fit when it was made; rules that grew stricter since MUST NOT lock it in."""
    item = json.loads(row[0])
    return Edit(**{**item, "dot": Dot(*item["dot"]), "context": VersionVector(item["context"])})
