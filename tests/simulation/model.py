"""The village without disks, lines and time: the pure core and the client's decisions, a hundred histories a second.

One seed, one history, in the words of village.py; the phones and the server are those of bare.py. The judge is truth.py,
which asks no vector.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from client_sdk import healing
from sync.codec import record_to_wire
from sync.digest import record_hash
from sync.record import Edit, Record, canonical, sections
from sync.version import Dot, VersionVector
from tests.simulation.bare import Asked, Heard, Phone, RolledBackError, Server
from tests.simulation.truth import Marks, Truth

STEPS = 60
ROUNDS = 3
NAMES = ("a", "b", "c")
RECORDS = tuple(f"{n:08x}-0000-7000-8000-000000000000" for n in range(3))
DELIVERED, DROPPED, CUT, TWICE, LATE = "delivered", "dropped", "cut", "twice", "late"


class History:
    """One history. `play` makes it happen and raises AssertionError where a promise was broken."""

    def __init__(self, seed: int, steps: int = STEPS) -> None:
        self.dice, self.steps = random.Random(seed), steps
        self.truth, self.server = Truth(), Server()
        self.phones: list[Phone] = []
        self.copies: list[Phone] = []
        self.backups: list[tuple[Server, dict[tuple[Dot, str], str]]] = []
        self.late: list[Asked] = []
        self.actors = self.tick = self.restores = 0
        self.calm = False
        self.trouble = self.dice.choice((0.0, 0.15, 0.35))
        self.habits = {"writes": 36.0, "syncs": 34.0, "late_request": 4.0}
        for habit in (
            {"copies_its_file": 3.0, "goes_back": 2.0},
            {"clones": 1.0},
            {"backs_up": 3.0, "is_restored": 1.5},
            {"office": 4.0},
        ):
            if self.dice.random() < 0.5:
                self.habits |= habit

    def play(self) -> None:
        """From the first phone to the judgement."""
        self.phones = [Phone(f"phone{n}", self._actor()) for n in range(self.dice.randint(3, 5))]
        for _ in range(self.steps):
            what = self.dice.choices(list(self.habits), list(self.habits.values()))[0]
            getattr(self, what)(self.dice.choice(self.phones))
        self.settle()
        self.judge()

    def _actor(self) -> str:
        self.actors += 1
        name = f"actor{self.actors:04}"
        self.server.heard[name] = Heard()
        return name

    def _mark(self) -> str:
        self.tick += 1
        return f"2026-11-21T{self.tick // 3600:02}:{self.tick // 60 % 60:02}:{self.tick % 60:02}.000Z"

    # -- what happens

    def _words(self) -> dict[str, Any]:
        return {name: {"v": self.tick} for name in self.dice.sample(NAMES, self.dice.choice((1, 1, 2)))}

    def writes(self, phone: Phone) -> None:
        """Somebody saves a form over what the phone shows."""
        record, mark = self.dice.choice(RECORDS), self._mark()
        shown, held = phone.shown(record), phone.base.get(record)
        screen = [edit.written_at for edit in held.record.edits] if held else []
        waiting = {edit.written_at for edit in phone.outbox if edit.record == record}
        mine = {
            m
            for m in phone.made
            if self.truth.facts[m].record == record and any(d.actor == phone.actor for d in self.truth.names[m])
        }
        phone.counter += 1
        dot = Dot(phone.actor, phone.counter)
        edit = Edit(record, "t", None, "v", dot, shown.seen if shown else VersionVector(), mark, phone.name, self._words())
        phone.outbox.append(edit)
        phone.made.add(mark)
        self.truth.learn(mark, phone.name, record, edit.sections, self.truth.within(screen) | waiting | mine, dot)

    def office(self, _phone: Phone) -> None:
        """The server makes an edit of its own."""
        if not self.server.records:
            return
        record, mark, actor = (
            self.server.records[self.dice.choice(sorted(self.server.records))],
            self._mark(),
            f"server{self.server.epoch}",
        )
        heard = self.server.heard.setdefault(actor, Heard())
        heard.counter += 1
        edit = Edit(record.id, "t", None, "v", Dot(actor, heard.counter), record.seen, mark, "server", self._words())
        self.truth.learn(
            mark, "server", record.id, edit.sections, self.truth.within(e.written_at for e in record.edits), edit.dot
        )
        assert self.server._judge(heard, edit)["status"] == "accepted"
        self.truth.answer(edit.dot, mark, "accepted")

    def syncs(self, phone: Phone) -> bool:
        """As many exchanges as it takes; True when both ends agree."""
        owed: tuple[Record, ...] = ()
        offered: set[str] = set()
        for _ in range(9):
            asked = phone.asks(owed)
            try:
                reply = self._over_the_line(asked)
            except RolledBackError:
                self._forks(phone)
                continue
            if reply is None:
                return False
            if reply["epoch"] != phone.epoch:
                if not self._heals(phone, reply["epoch"]):
                    return False
                continue
            effects = phone.keeps(asked, reply)
            if effects.reused:
                self._forks(phone)
                continue
            owed = tuple(phone.base[name].record for name in sorted(effects.gaps - offered) if name in phone.base)
            offered |= effects.gaps
            if phone.outbox and not (owed or effects.settled or effects.aside):
                return False
            if not phone.outbox and not owed:
                if not (owed := self._differing(phone)) and not self._apart(phone):
                    return True
                assert self.restores, f"nothing was lost, and yet they differ: {phone.name}"
        return False

    def _apart(self, phone: Phone) -> bool:
        here = {name: record_hash(held.record) for name, held in phone.base.items()}
        return here != {name: record_hash(record) for name, record in self.server.records.items()}

    def _differing(self, phone: Phone) -> tuple[Record, ...]:
        """Take over what the server has; what it lacks, to be sent."""
        here = {name: record_hash(held.record) for name, held in phone.base.items()}
        repair = healing.repair(here, phone.base, [record_to_wire(record) for record in self.server.records.values()])
        phone.base = {**phone.base, **repair.put}
        return tuple(phone.base[name].record for name in sorted(repair.lacking))

    def _forks(self, phone: Phone, epoch: int | None = None) -> None:
        self.truth.forgot |= {edit.written_at for edit in phone.outbox if edit.record not in phone.base}
        phone.adopts(self._actor(), epoch or phone.epoch)
        for edit in phone.outbox:
            self.truth.named(edit.written_at, edit.dot)

    def _heals(self, phone: Phone, epoch: int) -> bool:
        """The server was put back: bring it what it lacks, then begin anew."""
        if lacking := self._differing(phone):
            asked = phone.asks(lacking, healing=epoch)
            try:
                reply = self._over_the_line(asked)
            except RolledBackError:  # it has forgotten the present name: the next sync finds what it lacks
                reply = None
            else:
                if reply is None or reply["epoch"] != epoch:
                    return False
                phone.keeps(asked, reply)
        self._forks(phone, epoch)
        return True

    def _over_the_line(self, asked: Asked) -> dict[str, Any] | None:
        fate = DELIVERED
        if not self.calm and self.dice.random() < self.trouble:
            fate = self.dice.choice((DROPPED, CUT, CUT, TWICE, LATE))
        if fate in (TWICE, LATE):
            self.late.append(asked)
        if fate in (DROPPED, LATE):
            return None
        reply = self._handle(asked)
        if fate == TWICE:
            reply = self._handle(asked)
        return None if fate == CUT else reply

    def _handle(self, asked: Asked) -> dict[str, Any]:
        for edit in asked.edits:
            self.truth.arrives(edit.written_at, edit.dot)
        reply = self.server.exchange(asked)
        for edit, receipt in zip(asked.edits, reply.get("receipts", ()), strict=False):
            if receipt["status"] != "gap":
                self.truth.answer(edit.dot, edit.written_at, receipt["status"])
        return reply

    def late_request(self, _phone: Phone) -> None:
        """A request that was thought lost, or the copy of one, arrives after newer ones."""
        if self.late:
            with suppress(RolledBackError):
                self._handle(self.late.pop(self.dice.randrange(len(self.late))))

    def copies_its_file(self, phone: Phone) -> None:
        """A copy of a phone's file is put by."""
        self.copies.append(phone.copied())

    def goes_back(self, phone: Phone) -> None:
        """A phone goes on from an older copy of its file."""
        older = [copy for copy in self.copies if copy.name == phone.name]
        if older:
            with self._letting_go():
                self.phones[self.phones.index(phone)] = self.dice.choice(older).copied()

    def clones(self, phone: Phone) -> None:
        """A phone's file is put on another phone; both go on."""
        if len(self.phones) < 7:
            self.phones.append(replace(phone.copied(), name=f"{phone.name}x{len(self.phones)}"))

    def backs_up(self, _phone: Phone) -> None:
        """A backup is made."""
        self.backups.append((self.server.copied(), dict(self.truth.answered)))

    def is_restored(self, _phone: Phone) -> None:
        """The server is lost and put back from a backup, under a new epoch."""
        if not self.backups:
            return
        self.restores += 1
        kept, answered = self.dice.choice(self.backups)
        with self._letting_go():
            self.server = replace(kept.copied(), epoch=1 + self.restores, healing=True)
            self.truth.answered = dict(answered)

    # -- who holds what

    @contextmanager
    def _letting_go(self) -> Iterator[None]:
        """What nobody holds any more after this is lost, and nobody's fault."""
        before = self._held()
        yield
        self.truth.lost |= before - self._held()

    def _held(self) -> Marks:
        shown = self.truth.within(e.written_at for record in self.server.records.values() for e in record.edits)
        held = shown | {mark for _, mark in self.truth.answered}
        return held.union(*(self._on(phone) for phone in self.phones))

    def _on(self, phone: Phone) -> Marks:
        shown = self.truth.within(e.written_at for held in phone.base.values() for e in held.record.edits)
        return shown | {edit.written_at for edit in (*phone.outbox, *phone.aside)}

    # -- the end

    def settle(self) -> None:
        """The line is whole: within a few rounds nobody has anything left to do."""
        self.calm = True
        for asked in self.late:
            if self.dice.random() < 0.5:
                with suppress(RolledBackError):
                    self._handle(asked)
        for _ in range(ROUNDS):
            done = [self.syncs(phone) for phone in self.phones]
            if all(done) and not any(self._apart(phone) for phone in self.phones):
                return
        raise AssertionError(
            f"after {ROUNDS} rounds: {[phone.name for phone, well in zip(self.phones, done, strict=True) if not well]}"
        )

    def judge(self) -> None:
        """No edit lost, and each section holds what nobody replaced who had seen it."""
        truth, records = self.truth, self.server.records
        shown = {edit.written_at for record in records.values() for edit in record.edits}
        aside = self.server.aside | {edit.written_at for phone in self.phones for edit in phone.aside}
        there = set(self.server.log.values()) | shown | (truth.within(shown) - truth.lost)
        missing = truth.facts.keys() - there - aside - truth.lost
        assert not missing, f"lost: {sorted(missing)}"
        for record in records.values():
            have = {name: {one.edit.written_at for one in found} for name, found in sections(record).items()}
            want = truth.live(record.id, frozenset(there))
            for name in have.keys() | want.keys():
                gone = want.get(name, set()) - have.get(name, set())
                assert not gone, f"{record.id[:8]} {name}: gone, and nobody who had seen it replaced it: {sorted(gone)}"
                again = {mark for mark in have.get(name, set()) - want.get(name, set()) if not truth.may_stand_again(mark)}
                assert not again, f"{record.id[:8]} {name}: stands beside what its replacer had seen: {sorted(again)}"
            for live in record.edits:
                said = truth.facts[live.written_at].sections
                assert all(canonical(said[name]) == canonical(value) for name, value in live.sections.items()), "other words"


def broken(seed: int, steps: int = STEPS) -> str:
    """What broke in a history, "" when nothing did."""
    try:
        History(seed, steps).play()
    except Exception as trouble:  # noqa: BLE001 - a crash of the core is no better
        return f"seed {seed}: {trouble!r}"
    return ""
