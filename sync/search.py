"""Finding a resident by what a doctor remembers: a name, how it sounds, its initials, the end of a number.

The same ranking on the phone and on the server, over small entries that either keeps beside the records. Values in,
values out; what is typed into a form may be anything, so nothing here fails for a value that makes no sense.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, NamedTuple

from sync.identity import tidy
from sync.pinyin import initials, pinyin
from sync.record import VOID, Record, Value, sections, shown

TAIL_DIGITS = 3  # fewer digits name too many
EXACT, START, INITIALS, SOUND, WITHIN, TAIL = range(6)  # how well an entry fits, the best first


class Entry(NamedTuple):
    """What is compared of one resident. Days are texts, `1950-03-04`; "" for what is not known.

    `phone`: the telephone numbers as digits, a space between two. `id_tail`: the end of the identity number, as much of
    it as whoever keeps the entry may keep.
    """

    id: str
    name: str
    pinyin: str
    initials: str
    phone: str
    id_tail: str
    birth_date: str


def find(entries: Iterable[Entry], text: str, limit: int) -> list[str]:
    """The ids of the residents meant, the best fit first, each once; by name where they fit alike.

    `text` empty: everyone. Words divided by spaces must all fit, unless the whole fits.
    """
    words = [_Word.of(word) for word in text.split()]
    whole = _Word.of(text)
    best: dict[str, tuple[int, str, str, str]] = {}
    for entry in entries:
        found = _rank(entry, whole, words)
        if found is not None:
            place = (found, entry.pinyin, entry.name, entry.id)
            best[entry.id] = min(place, best.get(entry.id, place))
    return [place[-1] for place in sorted(best.values())[:limit]]


class _Word(NamedTuple):
    """What was typed, as it is compared. `tail`: it may be the end of a telephone or an identity number."""

    text: str
    sound: str
    tail: bool

    @classmethod
    def of(cls, typed: str) -> _Word:
        text = plain(typed)
        return cls(text, pinyin(text), bool(re.fullmatch(rf"[0-9]{{{TAIL_DIGITS},}}|[0-9]{{{TAIL_DIGITS - 1},}}x", text)))


def _rank(entry: Entry, whole: _Word, words: list[_Word]) -> int | None:
    found = _fit(entry, whole)
    if found is None and len(words) > 1:
        each = [_fit(entry, word) for word in words]
        found = None if None in each else max(fit for fit in each if fit is not None)
    return found


def _fit(entry: Entry, word: _Word) -> int | None:
    """How well one word fits, None where it does not."""
    text, sound = word.text, word.sound
    name = plain(entry.name)
    several = len(text) > 1
    if text == name or (sound and text == entry.pinyin):
        return EXACT
    if name.startswith(text) or (text == sound and entry.pinyin.startswith(sound)):
        return START
    if text and entry.initials.startswith(text):
        return INITIALS
    if several and sound and text != sound and entry.pinyin.startswith(sound):
        return SOUND
    if text in name or (several and text == sound and sound in entry.pinyin):
        return WITHIN
    return TAIL if word.tail and _ends(entry, text) else None


def _ends(entry: Entry, digits: str) -> bool:
    tail = entry.id_tail.casefold()
    known = digits[-len(tail) :] if len(digits) == 18 else digits  # of a whole number as much as the entry has of it
    return any(number.endswith(digits) for number in entry.phone.split()) or (bool(tail) and tail.endswith(known))


def plain(text: str) -> str:
    """Text as it is compared: half-width, no case, no spaces, ü as v."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text).casefold()).replace("ü", "v")


# -- what to keep of a record ------------------------------------------------------------------------------------------


def entries_of(record: Record) -> list[Entry]:
    """The entries of a resident's record, none where it is void.

    One for each name or number that is live, the shown one last: who is in conflict is found by either. `id_tail` is the
    whole number.
    """
    view = shown(record)
    if view.get(VOID) is not None:
        return []
    numbers = " ".join(phones(_word(view.get("contact"), "phone")))
    found: dict[Entry, None] = {}
    for sibling in sections(record).get("identity", ()):
        name = _word(sibling.value, "name")
        number = tidy(_word(sibling.value, "id_no"))
        born = _word(sibling.value, "birth_date")
        entry = Entry(record.id, name, pinyin(name), initials(name), numbers, number, born)
        found.pop(entry, None)
        found[entry] = None
    return list(found) or [Entry(record.id, "", "", "", numbers, "", "")]


def phones(text: str) -> tuple[str, ...]:
    """The telephone numbers in a text as digits: seven at least, without hyphens, spaces within and the 86 of China."""
    found = []
    for run in re.findall(r"\d[\d\-\s]*", unicodedata.normalize("NFKC", text)):
        several = len(re.sub(r"\D", "", run)) > 13  # longer than any: a space divides two numbers
        found += [re.sub(r"\D", "", number) for number in (run.split() if several else [run])]
    return tuple(re.sub(r"^86(?=1\d{10}$)", "", number) for number in found if len(number) >= 7)


def _word(value: Value, field: str) -> str:
    found: Any = (value or {}).get(field)
    return found if isinstance(found, str) else ""
