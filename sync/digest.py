"""Do two replicas of a scope agree? A sum of hashes that either end can keep up to date. Standard library only.

    h(record) = first 16 bytes of SHA-256 over the canonical JSON of
                {"live": [[section, actor, counter, value], ...], "record": id, "type": type}
    sum of a scope = sum of h over its records, modulo 2^128

`live` is sorted by section, actor, counter. `seen`, `at` and everything else that may differ between equal replicas
takes no part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sync.record import Record, canonical

MODULUS = 1 << 128


@dataclass(frozen=True, slots=True)
class Digest:
    """How many records and the sum of their hashes. Adding and taking away records is adding and subtracting digests."""

    count: int = 0
    sum: int = 0

    def plus(self, other: Digest) -> Digest:
        """The digest of both sets together."""
        return Digest(self.count + other.count, (self.sum + other.sum) % MODULUS)

    def minus(self, other: Digest) -> Digest:
        """The digest of what is left when `other` is taken away."""
        return Digest(self.count - other.count, (self.sum - other.sum) % MODULUS)

    def wire(self) -> dict[str, object]:
        """As it travels: the sum in 32 lower-case hex digits."""
        return {"count": self.count, "sum": f"{self.sum:032x}"}


def record_hash(record: Record) -> int:
    """h(record), a number below 2^128."""
    cells = [(name, *edit.dot, value) for edit in record.edits for name, value in edit.sections.items()]
    live = sorted(cells, key=lambda cell: cell[:3])
    text = canonical({"live": live, "record": record.id, "type": record.type})
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")


def of_hashes(hashes: Iterable[int]) -> Digest:
    """The digest of records whose hashes are known."""
    every = list(hashes)
    return Digest(len(every), sum(every) % MODULUS)


def of_records(records: Iterable[Record]) -> Digest:
    """The digest of a set of records."""
    return of_hashes(record_hash(record) for record in records)


def prefix_of(record_id: str, length: int) -> str:
    """The first hex digits of a record id, hyphens ignored: the path by which two ends look for a difference."""
    return record_id.replace("-", "")[:length]
