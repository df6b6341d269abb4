"""The decisions that the phone file keeps, with what gave way: nothing else on a phone remembers that.

They go with their record, by a trigger of schema.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from client_sdk.decisions import Decision
from client_sdk.vault import Vault

Name = tuple[str, int]  # of the edit that decided


def keep(vault: Vault, found: Iterable[tuple[Name, Decision]], person: str) -> None:
    """Keep decisions, each once. What the phone's own person decided they need not be told."""
    with vault.transaction():
        for (actor, counter), decision in found:
            body = json.dumps(decision.wire(), ensure_ascii=False, separators=(",", ":"))
            vault.run(
                "INSERT OR IGNORE INTO decisions (record, actor, counter, told, body) VALUES (?, ?, ?, ?, ?)",
                *(decision.record, actor, counter, decision.author == person, body),
            )


def listed(vault: Vault, record: str | None = None) -> list[tuple[Name, Decision]]:
    """The decisions in the order they came; of one record where it is given."""
    wanted = "SELECT actor, counter, body FROM decisions WHERE ?1 IS NULL OR record = ?1 ORDER BY position"
    return [((actor, counter), Decision.read(json.loads(body))) for actor, counter, body in vault.rows(wanted, record)]


def tell(vault: Vault) -> list[Decision]:
    """The decisions of others that nobody here was told of yet; from now on they are."""
    with vault.transaction():
        found = vault.rows("SELECT body FROM decisions WHERE NOT told ORDER BY position")
        vault.run("UPDATE decisions SET told = 1 WHERE NOT told")
    return [Decision.read(json.loads(row[0])) for row in found]
