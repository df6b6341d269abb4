"""Residents who may be one person, registered twice: pairs for a person to judge, with the reasons and a rank.

A person may have been registered on two phones without an identity number, under a homophone of the name, with a birthday
in the wrong place. Nothing is joined here, and two different valid identity numbers are two persons, unless one of the
two looks like a slip in writing the other. Only residents with something telling in common are compared, never all with
all. Values in, values out.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from sync.identity import modern, read_id_number
from sync.links import Link, who_is_who
from sync.pinyin import pinyin
from sync.record import Record, shown
from sync.search import entries_of

WEIGHTS = {  # how much each reason tells; chosen so that a pair needs two things in common that seldom come together
    "same_id_no": 100,
    "id_no_slip": 40,  # one character replaced or left out, or two neighbours swapped
    "same_name": 40,
    "same_sound": 30,  # the names are homophones, or one is written in letters
    "same_birth_date": 30,
    "day_and_month_swapped": 20,
    "birth_year_one_off": 15,
    "birth_day_unknown": 10,  # one of the two is 1 January, of the same year
    "same_phone": 15,
    "same_village": 10,
    "other_birth_date": -30,
    "other_sex": -20,
}
ENOUGH = 50
SHORTEST_NUMBER = 6  # what is shorter is no identity number, and two who share it have nothing in common


class Resident(NamedTuple):
    """What is compared of one resident. Days are texts, `1950-03-04`; "" for what is not known.

    `id_no`: tidied (see `identity.tidy`). `phones`: digits, see `search.phones`.
    """

    id: str
    name: str
    birth_date: str
    sex: str
    id_no: str
    village: str
    phones: tuple[str, ...] = ()


class Pair(NamedTuple):
    """Two residents who may be one person, the smaller id first. `points`: the more, the likelier; `reasons`: of WEIGHTS."""

    points: int
    first: str
    second: str
    reasons: tuple[str, ...]


def resident_of(record: Record) -> Resident | None:
    """What is compared of a resident's record, as it is shown; None where it is void."""
    entries = entries_of(record)
    if not entries:
        return None
    one, sex = entries[-1], (shown(record).get("identity") or {}).get("sex")
    told = sex if isinstance(sex, str) else ""
    return Resident(one.id, one.name, one.birth_date, told, one.id_tail, record.scope, tuple(one.phone.split()))


def undecided(found: Iterable[Pair], links: Collection[Link]) -> list[Pair]:
    """The pairs about which nobody has decided yet, whether they are one person or two."""
    same = who_is_who(links)
    decided = {link.pair for link in links}
    apart = (pair for pair in found if same.get(pair.first, pair.first) != same.get(pair.second, pair.second))
    return [pair for pair in apart if {pair.first, pair.second} not in decided]


def pairs(residents: Iterable[Resident], on: dt.date) -> list[Pair]:
    """The pairs that a person should look at, the likeliest first. `on`: the day as of which a number can be valid."""
    known = [_Known.of(resident, on) for resident in sorted(set(residents))]
    blocks: dict[object, list[int]] = {}
    for n, one in enumerate(known):
        for key in _blocks(one):
            blocks.setdefault(key, []).append(n)
    met = {pair for block in blocks.values() if len(block) > 1 for pair in itertools.combinations(block, 2)}
    found = (_judged(known[a], known[b]) for a, b in met)
    return sorted((pair for pair in found if pair), key=lambda p: (-p.points, p.first, p.second))


class _Known(NamedTuple):
    resident: Resident
    sound: str
    id_no: str
    valid: bool

    @classmethod
    def of(cls, resident: Resident, on: dt.date) -> _Known:
        number = modern(resident.id_no) if len(resident.id_no) >= SHORTEST_NUMBER else ""
        return cls(resident, pinyin(resident.name), number, bool(number) and not read_id_number(number, on).faults)


def _blocks(one: _Known) -> Iterator[object]:
    """Who shares one of these is compared: it holds for every pair that can reach ENOUGH."""
    who = one.resident
    if one.sound:
        yield "sound", one.sound
    if one.id_no:
        yield "id", one.id_no
        yield from (("id", rest) for rest in _shortened(one.id_no))
    if who.birth_date:
        yield from (("born", who.birth_date, number) for number in who.phones)


def _judged(a: _Known, b: _Known) -> Pair | None:
    one, other = a.resident, b.resident
    slip = _is_slip(a.id_no, b.id_no)
    if one.id == other.id or (a.valid and b.valid and a.id_no != b.id_no and not slip):
        return None
    reasons = [
        *(["same_id_no"] if a.id_no and a.id_no == b.id_no else []),
        *(["id_no_slip"] if slip else []),
        *_name(a, b),
        *_birth(one.birth_date, other.birth_date),
        *(["same_phone"] if set(one.phones) & set(other.phones) else []),
        *(["same_village"] if one.village and one.village == other.village else []),
        *(["other_sex"] if {one.sex, other.sex} == {"male", "female"} else []),
    ]
    points = sum(WEIGHTS[reason] for reason in reasons)
    return Pair(points, min(one.id, other.id), max(one.id, other.id), tuple(reasons)) if points >= ENOUGH else None


def _name(a: _Known, b: _Known) -> list[str]:
    if not a.sound or a.sound != b.sound:
        return []
    one, other = ("".join(k.resident.name.split()) for k in (a, b))
    return ["same_name" if one == other else "same_sound"]


def _birth(one: str, other: str) -> list[str]:
    """What two days of birth have to say of each other; nothing where one of them is not known."""
    if one == other:
        return ["same_birth_date"] if one else []
    try:
        a, b = dt.date.fromisoformat(one), dt.date.fromisoformat(other)
    except ValueError:
        return []
    same_day = (a.month, a.day) == (b.month, b.day)
    rules: dict[str, Callable[[], bool]] = {
        "day_and_month_swapped": lambda: a.year == b.year and (a.month, a.day) == (b.day, b.month),
        "birth_year_one_off": lambda: same_day and abs(a.year - b.year) == 1,
        "birth_day_unknown": lambda: a.year == b.year and (1, 1) in ((a.month, a.day), (b.month, b.day)),
    }
    return [next((name for name, holds in rules.items() if holds()), "other_birth_date")]


def _is_slip(one: str, other: str) -> bool:
    """Is one number the other with one character replaced or left out, or with two neighbours swapped?"""
    if not one or not other or one == other:
        return False
    if abs(len(one) - len(other)) == 1:
        short, long = sorted((one, other), key=len)
        return short in _shortened(long)
    differing = [n for n, (x, y) in enumerate(zip(one, other, strict=False)) if x != y]
    if len(one) != len(other) or len(differing) > 2:
        return False
    first, last = differing[0], differing[-1]
    return first == last or (last == first + 1 and one[first] + one[last] == other[last] + other[first])


def _shortened(number: str) -> set[str]:
    """A number with one character left out, each in turn: two between which a slip lies have one of these in common."""
    return {number[:n] + number[n + 1 :] for n in range(len(number))}
