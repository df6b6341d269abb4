"""The standings that the phone file keeps, so that a list needs no records: rows, and what each of them rests on.

A row is never marked as old: what is touched takes its rows along, in the same transaction, by the triggers of schema.py.
A row that is there is true on its days, as long as who counts as whom is what the row says.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import NamedTuple

from client_sdk.vault import Vault
from sync.codec import Json


class Kept(NamedTuple):
    """What is kept of a resident's standing.

    `since`, `until`: it holds from the one day until before the other. `persons`: who this is one person with, the one
    whose record stands first; empty for who is nobody else. `groups`: codes. `due`: without what is due later.
    """

    resident: str
    scope: str
    name: str
    since: str
    until: str
    persons: tuple[str, ...]
    groups: tuple[str, ...]
    due: tuple[Json, ...]


COLUMNS = ", ".join(Kept._fields)


def holding(vault: Vault, on: str) -> list[Kept]:
    """The rows that hold on a day."""
    rows = vault.rows(f"SELECT {COLUMNS} FROM standings WHERE since <= ?1 AND ?1 < until", on)  # noqa: S608
    return [Kept._make([*plain, _read(persons), _read(groups), _read(due)]) for *plain, persons, groups, due in rows]


def keep(vault: Vault, every: Iterable[tuple[Kept, Collection[str]]]) -> None:
    """Keep rows, each with the residents and households that it rests on.

    They MUST have been made from what this transaction sees: only what is touched later takes them along.
    """
    with vault.transaction():
        for kept, subjects in every:
            *plain, persons, groups, due = kept
            vault.run("DELETE FROM standings WHERE resident = ?", kept.resident)
            vault.run(
                f"INSERT INTO standings ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                *(*plain, _text(persons), _text(groups), _text(due)),
            )
            for subject in subjects:
                vault.run("INSERT INTO rests_on VALUES (?, ?)", subject, kept.resident)


def _text(entries: Collection[object]) -> str:
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":")) if entries else ""


def _read(text: str) -> tuple[object, ...]:
    return tuple(json.loads(text)) if text else ()
