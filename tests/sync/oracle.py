"""A village of phones and an oracle beside it that knows, by plain sets, who has truly seen which edit.

The oracle never looks at a vector. It knows of each edit the set of edits its author had seen, and of each phone the set
of edits that have reached it; what a phone must hold follows from that by one sentence: a value lives until an edit that
had seen it replaces it. After every step the phone's record is compared with what the oracle expects.

`run_history(seed)` plays one random history and raises AssertionError at the first difference.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from sync import record as core
from sync.record import Edit, Record
from sync.version import Dot, VersionVector
from tests.sync.people import BLANK, edit

SECTIONS = ("vitals", "plan", "contact", "medication/m1", "medication/m2", "void")
NAMES = ("anaphone", "benphone", "camphone", "danphone", "eva2phone", "0server0")
CLOCKS = ("1970-01-01T00:00:00.000Z", "2026-11-21T00:15:00.000Z", "2026-11-21T00:16:00.000Z", "2099-01-01T00:00:00.000Z")
STEPS = 40

Held = dict[str, dict[Dot, Any]]


@dataclass(frozen=True)
class Fact:
    """One edit and the truth about it: the edits its author had seen, and the author's one before it that was not set aside."""

    edit: Edit
    at: str
    saw: frozenset[Dot]
    before: Dot | None


@dataclass
class Replica:
    """One phone: the record under test, and the edits that have truly reached it."""

    actor: str
    record: Record = BLANK
    known: frozenset[Dot] = frozenset()
    counter: int = 0
    form: tuple[VersionVector, frozenset[Dot]] | None = None  # opened, not saved: what stood before the author's eyes
    last: Dot | None = None
    set_aside: frozenset[Dot] = frozenset()  # own edits that were deposited


def context_of(phone: Replica, opened: VersionVector) -> VersionVector:
    """What an edit gives as its context: what its author saw when the form was opened, never the phone's present vector."""
    return opened


@dataclass
class Village:
    """The phones, every edit ever made, and the dice."""

    dice: random.Random
    phones: list[Replica] = field(default_factory=list)
    facts: dict[Dot, Fact] = field(default_factory=dict)
    deposited: set[Dot] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.phones = [Replica(name) for name in NAMES[: self.dice.randint(4, 6)]]

    def live(self, known: frozenset[Dot]) -> Held:
        """What a phone that has seen exactly these edits must hold."""
        expected: Held = {}
        for section in SECTIONS:
            writers = [self.facts[dot] for dot in known if section in self.facts[dot].edit.sections]
            replaced = set().union(*(fact.saw for fact in writers))
            values = {f.edit.dot: f.edit.sections[section] for f in writers if f.edit.dot not in replaced}
            if values:
                expected[section] = values
        return expected

    def check(self, phone: Replica, before: Record) -> None:
        """The phone holds what it must, shows no two values of which one had seen the other, and lost nothing unseen."""
        now, then = held(phone.record), held(before)
        assert now == self.live(phone.known), "the record is not what its edits amount to"
        for section, values in now.items():
            authors = set().union(*(self.facts[dot].saw for dot in values))
            assert not authors & values.keys(), f"siblings of {section} have seen each other"
        for section, values in then.items():
            for dot in values.keys() - now.get(section, {}).keys():
                heirs = (self.facts[d] for d in phone.known if section in self.facts[d].edit.sections)
                assert any(dot in heir.saw for heir in heirs), f"a value of {section} disappeared unseen"
        for dot in self.facts.keys() - self.deposited:
            assert phone.record.seen.covers(dot) == (dot in phone.known), f"`seen` is wrong about {dot}"

    # -- what can happen ---------------------------------------------------------------------------------------------

    def opens_a_form(self, phone: Replica) -> None:
        """Somebody begins to write. What comes in afterwards is not before his eyes."""
        if phone.form is None:
            own = max((dot.counter for dot in phone.set_aside), default=0)
            seen = phone.record.seen
            seen = seen.advanced(Dot(phone.actor, own)) if own > seen.upto(phone.actor) else seen
            phone.form = (seen, phone.known | phone.set_aside)

    def saves(self, phone: Replica) -> None:
        """The form is saved, and now and then set aside by the server (out of scope, say)."""
        self.opens_a_form(phone)
        opened, saw = phone.form or (VersionVector(), frozenset())
        phone.form, phone.counter = None, phone.counter + self.dice.choice((1, 1, 3))
        names = self.dice.sample(SECTIONS, self.dice.choice((1, 1, 2, 3)))
        values = {name: self.dice.choice((None, {"v": len(self.facts)}, {"v": 0})) for name in names}
        written = edit((phone.actor, phone.counter), values, context_of(phone, opened))
        self.facts[written.dot] = Fact(written, self.dice.choice(CLOCKS), saw, phone.last)
        if self.dice.random() < 0.06:
            phone.set_aside |= {written.dot}
            self.deposited.add(written.dot)
        else:
            phone.last = written.dot
            assert self.carry(written.dot, phone) == "applied", "an author's own edit did not apply"

    def carry(self, dot: Dot, phone: Replica) -> str:
        """One edit reaches a phone, perhaps again, perhaps too early."""
        fact, before = self.facts[dot], phone.record
        aside = {d.counter for d in self.deposited if d.actor == dot.actor}
        status, phone.record = core.apply(before, fact.edit, fact.at, aside)
        waits = not fact.saw - self.deposited <= phone.known
        assert status == ("duplicate" if dot in phone.known else "gap" if waits else "applied"), f"{dot} is {status}"
        if status == "applied":
            phone.known |= {dot}
        self.check(phone, before)
        return status

    def meets(self, phone: Replica, other: Replica) -> None:
        """A phone takes in the state of another; the other's answer may be lost."""
        before = phone.record
        phone.record = core.merge(phone.record, other.record)
        phone.known |= other.known
        self.check(phone, before)

    def step(self) -> None:
        """One thing happens to somebody."""
        phone, other = self.dice.sample(self.phones, 2)
        match self.dice.randrange(8):
            case 0 | 1:
                self.opens_a_form(phone)
            case 2 | 3:
                self.saves(phone)
            case 4 | 5 | 6 if other.known:
                dot = self.dice.choice(sorted(other.known))
                if self.in_order(self.facts[dot], phone.known):
                    self.carry(dot, phone)
            case _:
                self.meets(phone, other)

    def in_order(self, fact: Fact, known: frozenset[Dot]) -> bool:
        """A phone sends its edits in order: behind a deposited one, the chain alone would not show an earlier one missing."""
        own = {dot for dot in fact.saw & self.deposited if dot.actor == fact.edit.dot.actor}
        return not own or fact.before is None or fact.before in known

    def settles(self) -> None:
        """Everybody meets everybody: all know all, and all replicas are equal."""
        for _ in range(2):
            for phone in self.phones:
                self.meets(self.phones[0], phone)
                self.meets(phone, self.phones[0])
        for phone in self.phones[:-1]:
            self.meets(phone, self.phones[-1])
        assert all(phone.known == self.facts.keys() - self.deposited for phone in self.phones), "not all has arrived"
        assert all(phone.record == self.phones[0].record for phone in self.phones), "replicas that saw the same differ"
        assert all(core.shown(phone.record) == core.shown(self.phones[0].record) for phone in self.phones)


def held(record: Record) -> Held:
    """What a record holds: by section, the values under the names of their edits."""
    found: Held = {}
    for live in record.edits:
        for section, value in live.sections.items():
            found.setdefault(section, {})[live.dot] = value
    return found


def run_histories(count: int, first: int = 0) -> list[Village]:
    """Play histories by their seeds, one after another."""
    return [run_history(seed) for seed in range(first, first + count)]


def run_history(seed: int, steps: int = STEPS) -> Village:
    """Play one random history of four to six phones; AssertionError says what went wrong."""
    village = Village(random.Random(seed))
    for _ in range(steps):
        village.step()
    village.settles()
    return village
