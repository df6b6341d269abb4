"""The card that the base keeps beside a few records: what the search and the links need of them, without opening them.

A card is written with its record, in one statement, so that the two cannot disagree. Values only.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from sync.likeness import Resident
from sync.links import Link, link_of
from sync.record import Record, shown
from sync.search import Entry, entries_of

RESIDENT, LINK = "resident", "same_person"


class Card(NamedTuple):
    """A card and what stands beside it: the record, its subject and its scope."""

    record: str
    subject: str | None
    scope: str
    text: str


def card_of(record: Record) -> str | None:
    """The card of a record; None where it is void, or of a type that has none."""
    kept: Any = None
    if record.type == RESIDENT and (entries := entries_of(record)):
        sex = (shown(record).get("identity") or {}).get("sex")
        kept = [sex if isinstance(sex, str) else "", entries]
    elif record.type == LINK and (link := link_of(record)):
        kept = [link.duplicate, link.same_as, link.state]
    return None if kept is None else json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def entries_on(card: Card) -> list[Entry]:
    """The entries of a resident's card."""
    return [Entry(*values) for values in json.loads(card.text)[1]]


def resident_on(card: Card) -> Resident:
    """A resident as likeness compares them: as shown."""
    sex, (*_, entry) = json.loads(card.text)
    _, name, _, _, phones, id_no, birth_date, *_ = entry
    return Resident(card.record, name, birth_date, sex, id_no, card.scope, tuple(phones.split()))


def link_on(card: Card) -> Link:
    """The link of a `same_person` card."""
    return Link(card.record, *json.loads(card.text))
