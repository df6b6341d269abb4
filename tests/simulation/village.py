"""A simulated village: a few people with phones, the shipped server, a line that lies, and everything that goes wrong.

One seed, one history: about 120 things happen, one after another and now and then one in the middle of another's sync.
Then the line is whole again, everybody syncs, and `judge` holds what phones and server have against what is true.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

from client_sdk import Report, StaleViewError
from client_sdk import store as store_module
from client_sdk import syncing as syncing_module
from client_sdk import vault as vault_module
from client_sdk.exchange import reissue
from sync.codec import stamp
from sync.record import Edit, Policy, Record, canonical
from sync.types import CATALOGUE
from sync.version import Dot
from tests.simulation.phone import (
    BUSY,
    CLOCKS,
    CUT,
    DELIVERED,
    DROPPED,
    LATE,
    TWICE,
    Copy,
    Crash,
    Form,
    FusedVault,
    Line,
    Phone,
)
from tests.simulation.served import APPLIED, START, Sent, Served
from tests.simulation.truth import NONE, Fact, Marks, Truth
from tests.village import ANA, BEN, CAM, LEA, OTHER, VILLAGE

STEPS = 120
ROUNDS = 3  # within which all must be well once the line is
RECORDS = 7
ID_NUMBERS = ("410181194503121214", "410181195208220025")  # the same two people come to every doctor
SECTIONS = {
    "resident": ("identity", "contact", "needs"),
    "care_plan": ("summary", "review", "condition/hypertension", "condition/diabetes", "measure/m1"),
    "hypertension_visit": ("vitals", "lifestyle", "medication/m1", "medication/m2"),
}
DAILY = {"writes": 36.0, "syncs": 30.0, "opens_a_form": 6.0, "saves_a_form": 7.0, "goes_out": 5.0}  # and how often
RARE: tuple[dict[str, float], ...] = (  # each of these is left out of half of the histories
    {"late_request": 4.0},
    {"office_writes": 5.0},
    {"copies_the_file": 3.0, "puts_the_copy_back": 1.5},
    {"clones_a_phone": 1.0},
    {"moves_a_resident": 1.5},
    {"backs_up": 2.5, "server_is_restored": 1.5},
    {"server_clock_jumps": 2.0, "phone_clock_jumps": 2.0},
    {"shuts_a_device_out": 0.3},
)


@dataclass(frozen=True)
class Backup:
    """A copy of the server and what it had answered for by then."""

    file: Path
    answered: dict[tuple[Dot, str], str]
    step: int


class Village:
    """One history. `play` makes it happen and raises AssertionError where a promise was broken."""

    present: ClassVar[Village | None] = None  # the one that is played

    def __init__(self, server: Served, folder: Path, seed: int, steps: int = STEPS) -> None:
        self.server, self.folder, self.seed, self.steps = server, folder, seed, steps
        self.dice = random.Random(seed)
        self.truth = Truth()
        self.phones: list[Phone] = []
        self.copies: dict[str, list[Copy]] = {}
        self.backups: list[Backup] = []
        self.late: list[Sent] = []
        self.trace: list[str] = []
        self.busy: list[str] = []  # whose sync is under way
        self.calm = True
        self.restores = self.requests = self.walks = self.rounds = self.tick = self.step_number = 0
        self.skew = dt.timedelta()
        self.habits = dict(DAILY)
        for habit in RARE:
            if self.dice.random() < 0.5:
                self.habits |= habit
        self.trouble = self.dice.choice((0.0, 0.1, 0.25))  # share of requests that meet with it
        self.bustle = self.dice.choice((0.0, 0.05, 0.1))  # how often others act in the middle of a sync

    # -- time, and what is said of it all

    def now(self) -> dt.datetime:
        """The server's clock, which nobody may rely on."""
        return self._moment() + self.skew

    def _moment(self) -> dt.datetime:
        self.tick += 1
        return START + dt.timedelta(milliseconds=self.tick)

    def say(self, text: str) -> None:
        """One line of the trace."""
        self.trace.append(f"{self.step_number:>4} {'  ' * len(self.busy)}{text}")

    # -- the whole of it

    def play(self) -> None:
        """A history from its first enrolment to the judgement."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.object(vault_module, "KDF_ROUNDS", 1_000))
            stack.enter_context(mock.patch.object(store_module, "Vault", FusedVault))
            stack.enter_context(self.server.begin(self.seed, self.now))
            stack.enter_context(mock.patch.object(syncing_module, "reissue", self._reissue))
            stack.enter_context(mock.patch.object(Village, "present", self))
            stack.callback(self._close)
            self._gather()
            self.calm = False
            for number in range(1, self.steps + 1):
                self.step_number = number
                self.step()
            self.settle()
            self.judge()

    def _reissue(self, outbox: Sequence[Edit], base: Any, old: str, new: str) -> list[Edit]:
        """Looks on while a phone makes its outbox anew."""
        self.truth.forgot |= {edit.written_at for edit in outbox if edit.record not in base}
        made = reissue(outbox, base, old, new)
        for edit in made:
            self.truth.named(edit.written_at, edit.dot)
        return made

    def _close(self) -> None:
        FusedVault.fuses.clear()
        for phone in self.phones:
            phone.close()

    def _gather(self) -> None:
        """Two or three people, four to six phones, all enrolled before anything else happens."""
        people = list(self.dice.choice(((ANA, BEN), (ANA, LEA), (ANA, BEN, LEA), (ANA, CAM, LEA))))
        people += [self.dice.choice(people) for _ in range(self.dice.randint(4, 6) - len(people))]
        for number, person in enumerate(people):
            phone = self._phone(f"{person[2:]}{number}", person)
            phone.enrol(self.server.code(person))
            self.phones.append(phone)
        self.say(
            f"{', '.join(p.name for p in self.phones)}; trouble {self.trouble}, bustle {self.bustle}, {sorted(self.habits)}"
        )

    def _phone(self, name: str, person: str) -> Phone:
        clock = {"skew": CLOCKS[self.dice.choice(tuple(CLOCKS))]}
        line = Line(name, self.handle, self.fate, self.meanwhile, self.late)
        phone = Phone(name, person, self.folder / f"{name}.db", line, lambda: self._moment() + clock["skew"], self.dice)
        phone.clock = clock
        return phone

    # -- the line

    def fate(self, name: str, sent: Sent) -> str:
        """What becomes of a request."""
        if self.calm or self.dice.random() >= self.trouble:
            return DELIVERED
        fate = self.dice.choice((DROPPED, CUT, CUT, TWICE, BUSY, LATE))
        self.say(f"{name}: {sent.method} {sent.path} is {fate}")
        return fate

    def handle(self, sent: Sent) -> Any:
        """A request reaches the server; what it answers for is noted, whether or not the answer arrives."""
        self.requests += 1
        edits = json.loads(sent.body).get("edits", []) if sent.body else []
        if sent.path.startswith("/v1/scopes/"):
            self.walks += 1
            assert self.restores, f"nothing was lost, and yet they differ: {self.differences()}"
        for edit in edits:
            self.truth.arrives(edit["written_at"], Dot(*edit["dot"]))
        reply = self.server.handle(sent)
        if edits and reply.status == 200:
            for edit, receipt in zip(edits, reply.body["receipts"], strict=True):
                if receipt["status"] != "gap":
                    self.truth.answer(Dot(*edit["dot"]), edit["written_at"], receipt["status"])
        return reply

    def meanwhile(self, name: str) -> None:
        """While a request is under way others go on, and its own phone is written on."""
        if self.calm or self.dice.random() >= self.bustle:
            return
        phone = self._named(name)
        if phone.path not in FusedVault.fuses and self.dice.random() < 0.4:
            self.writes(phone)
        elif len(self.busy) <= 2:
            self.step()

    # -- what happens

    def step(self) -> None:
        """One thing happens to somebody."""
        what = self.dice.choices(list(self.habits), list(self.habits.values()))[0]
        getattr(self, what)(self.dice.choice(self._free()))

    def somebody_syncs(self) -> None:
        """A phone that is not in the middle of something syncs."""
        if free := self._free():
            self.syncs(self.dice.choice(free))

    def _free(self) -> list[Phone]:
        return [phone for phone in self.phones if phone.name not in self.busy]

    def writes(self, phone: Phone) -> None:
        """Somebody fills in a form and saves it."""
        if not phone.reads:
            return
        shown = sorted({h.record.id for h in phone.store.base()} | {e.record for e in phone.store.outbox()})
        if not shown or (len({f.record for f in self.truth.facts.values()}) < RECORDS and self.dice.random() < 0.35):
            self._saves(phone, lambda: self._creates(phone))
            return
        record = self.dice.choice(shown)
        self._saves(phone, lambda: self._edits(phone, record), phone.before_eyes(record, self.truth))

    def _saves(self, phone: Phone, work: Callable[[], object], saw: Marks | None = None) -> None:
        """Save, and learn what was saved; the phone may go out while it saves."""
        try:
            work()
        except Crash:
            self.say(f"{phone.name} goes out while saving")
            phone.dies()
        except StaleViewError:
            self.say(f"{phone.name} must open the form again")
        FusedVault.fuses.pop(phone.path, None)
        for edit in phone.unknown(self.truth):
            seen = phone.own(edit.record, self.truth) if saw is None else saw
            fact = self.truth.learn(edit.written_at, phone.person, edit.record, edit.sections, seen, edit.dot)
            phone.made.add(fact.mark)
            self.say(f"{phone.name} saves {self._name(fact)} as {tuple(edit.dot)} in {edit.scope}, having seen {sorted(seen)}")

    def _name(self, fact: Fact) -> str:
        return f"{fact.mark} ({fact.record[-6:]} {' '.join(fact.sections)})"

    def _value(self) -> dict[str, Any]:
        return {"v": self.dice.choice((0, len(self.truth.facts), len(self.truth.facts)))}

    def _creates(self, phone: Phone) -> None:
        writable = [scope for scope, may in phone.client.status().scopes.items() if may]
        if not writable:
            return
        kind = self.dice.choice(tuple(SECTIONS))
        sections = {name: self._value() for name in self.dice.sample(SECTIONS[kind], 2)}
        residents = [h for h in phone.store.base(type_name="resident") if h.record.scope in writable]
        if kind == "resident":
            if self.dice.random() < 0.7:
                sections["identity"] = {"id_no": self.dice.choice(ID_NUMBERS), **self._value()}
            phone.client.create(kind, sections, scope=self.dice.choice(writable))
        elif residents:
            phone.client.create(kind, sections, subject=self.dice.choice(residents).record.id)
        else:
            phone.client.create(kind, sections, scope=self.dice.choice(writable))

    def _edits(self, phone: Phone, record: str, form: Form | None = None) -> None:
        view = form.view if form else phone.client.get(record)
        if view.conflicts and self.dice.random() < 0.5:
            section = self.dice.choice(sorted(view.conflicts))
            claims = [claim.value for claim in view.conflicts[section]] or [None]
            value = self.dice.choice((self._value(), self.dice.choice(claims)))
            phone.client.resolve(view, section, value)
        elif self.dice.random() < 0.06:
            phone.client.void(view, "duplicate")
        else:
            names = self.dice.sample(SECTIONS[view.type], self.dice.choice((1, 1, 2)))
            phone.client.edit(view, {name: self.dice.choice((self._value(), self._value(), None)) for name in names})

    def opens_a_form(self, phone: Phone) -> None:
        """Somebody begins to write. What comes in afterwards is not before their eyes."""
        shown = sorted({h.record.id for h in phone.store.base()} | {e.record for e in phone.store.outbox()})
        if phone.reads and shown:
            record = self.dice.choice(shown)
            phone.form = phone.opens(record, self.truth)
            self.say(f"{phone.name} opens {record[-6:]}, seeing {sorted(phone.form.saw)}")

    def saves_a_form(self, phone: Phone) -> None:
        """The form that was opened is saved."""
        form, phone.form = phone.form, None
        if form and phone.reads:
            record = form.view.id
            self._saves(phone, lambda: self._edits(phone, record, form), phone.before_eyes(record, self.truth, form))

    def syncs(self, phone: Phone) -> Report | None:
        """A phone syncs, as far as it gets."""
        phone.check_gone()
        if phone.gone:
            return None
        self.say(f"{phone.name} syncs as {phone.store.account().actor}")
        self.busy.append(phone.name)
        with self._letting_go(only=self.server.shut(phone.store.account().signer)):
            try:
                report = phone.client.sync()
            except Crash:
                self.say(f"{phone.name} goes out while syncing")
                phone.dies()
                return None
            finally:
                self.busy.pop()
                FusedVault.fuses.pop(phone.path, None)
            phone.check_gone()
        self.say(
            f"{phone.name} is {'complete' if report.complete else report.reasons}; {report.pushed} up, {report.pulled} down"
        )
        return report

    def goes_out(self, phone: Phone) -> None:
        """A phone goes out somewhere in what it does next."""
        if phone.mode != "retired":
            FusedVault.fuses[phone.path] = self.dice.choice((1, 2, 3, 5, 8, 13, 21, 34, 55))
            (self.writes if self.dice.random() < 0.3 else self.syncs)(phone)
            FusedVault.fuses.pop(phone.path, None)

    def copies_the_file(self, phone: Phone) -> None:
        """A copy of a phone's file is put by."""
        if not phone.gone:
            copies = self.copies.setdefault(phone.name, [])
            copies.append(phone.copied(self.folder / f"{phone.name}.copy{len(copies)}"))
            self.say(f"{phone.name} is copied")

    def puts_the_copy_back(self, phone: Phone) -> None:
        """A phone goes on from an older copy of its file."""
        if copies := self.copies.get(phone.name):
            number = self.dice.randrange(len(copies))
            self.say(f"{phone.name} goes back to its copy {number}")
            with self._letting_go():
                phone.close()
                phone.take(copies[number])

    def clones_a_phone(self, phone: Phone) -> None:
        """A phone's file is put on another phone; both go on."""
        if phone.gone or len(self.phones) >= 8:
            return
        twin = self._phone(f"{phone.name}x{len(self.phones)}", phone.person)
        twin.take(phone.copied(twin.path.with_suffix(".seed")))
        self.phones.append(twin)
        self.say(f"{phone.name} is cloned: {twin.name}")

    def phone_clock_jumps(self, phone: Phone) -> None:
        """Somebody's battery was out."""
        name = self.dice.choice(tuple(CLOCKS))
        phone.clock["skew"] = CLOCKS[name]
        self.say(f"the clock of {phone.name} is {name}")

    def server_clock_jumps(self, _phone: Phone) -> None:
        """The server's clock is set, forward or back."""
        hours = self.dice.choice((1, -1, 1, -1, 24 * 3650, -24 * 400))
        self.skew = max(dt.timedelta(days=-4000), min(dt.timedelta(days=7300), self.skew + dt.timedelta(hours=hours)))
        self.say(f"the server's clock is off by {self.skew}")

    def late_request(self, _phone: Phone) -> None:
        """A request that was thought lost, or the copy of one, arrives after newer ones."""
        if self.late:
            sent = self.late.pop(self.dice.randrange(len(self.late)))
            self.say(f"late: {sent.method} {sent.path} is answered {self.handle(sent).status}")

    def office_writes(self, _phone: Phone) -> None:
        """The server makes an edit of its own, on what it holds."""
        living = self.server.living()
        if not living:
            return
        record = living[min(living) if self.dice.random() < 0.6 else self.dice.choice(sorted(living))].record
        saw = self.truth.within(edit.written_at for edit in record.edits)
        sections = {self.dice.choice(SECTIONS[record.type]): self._value()}
        mark = stamp(self.now())
        edit, status = self.server.write(
            lambda dot: Edit(record.id, record.type, record.subject, record.scope, dot, record.seen, mark, "server", sections)
        )
        fact = self.truth.learn(mark, "server", record.id, sections, saw, edit.dot)
        self.truth.answer(edit.dot, mark, status)
        assert status in APPLIED, f"an edit of the server itself is answered {status}"
        self.say(f"the office writes {self._name(fact)} as {tuple(edit.dot)}: {status}")

    def moves_a_resident(self, _phone: Phone) -> None:
        """Somebody moves to the other village, with all records about them."""
        subjects = {s.record.subject for s in self.server.living().values() if s.record.subject}
        if subjects:
            subject, village = self.dice.choice(sorted(subjects)), self.dice.choice((VILLAGE, OTHER))
            self.say(f"{subject[-6:]} moves to {village}: {self.server.move(subject, village)} records")

    def shuts_a_device_out(self, phone: Phone) -> None:
        """A device is retired, or reported stolen."""
        status = self.dice.choice(("retired", "revoked"))
        if not phone.gone and not self.server.shut(actor := phone.store.account().signer):
            self.say(f"{phone.name} is {status}")
            with self._letting_go():
                self.server.shut_out(actor, status)

    def backs_up(self, _phone: Phone) -> None:
        """A backup is made."""
        as_file = self.dice.random() < 0.8 and self.server.config.embedded
        file = self.server.backup(as_file=as_file)
        self.backups.append(Backup(file, dict(self.truth.answered), self.step_number))
        self.say(f"backup {len(self.backups) - 1}")

    def server_is_restored(self, _phone: Phone) -> None:
        """The server is lost and put back from a backup; what the journal beside it tells is done again."""
        if not self.backups:
            return
        number = self.dice.randrange(len(self.backups))
        copy = self.backups[number]
        self.check_log()
        with self._letting_go():
            self.restores += 1
            self.server.restore(copy.file)
            self.truth.answered = dict(copy.answered)
        self.say(f"the server is put back to backup {number} of step {copy.step}, epoch {self.server.epoch()}")

    # -- who holds what

    @contextlib.contextmanager
    def _letting_go(self, *, only: bool = True) -> Iterator[None]:
        """What nobody holds any more after this is lost, and nobody's fault."""
        before = self.held() if only else NONE
        yield
        if only and (gone := before - self.held()):
            self.truth.lost |= gone
            self.say(f"lost with the last file that had it: {sorted(gone)}")

    def held(self) -> Marks:
        """Every edit that the server answers for or that a phone could still bring it."""
        return self.server_holds().union(*(self._could_bring(phone) for phone in self.phones))

    def server_holds(self) -> Marks:
        """What the server has answered for, what shows in it, and what waits there for a person."""
        shown = (edit.written_at for state in self.server.living().values() for edit in state.record.edits)
        return self.truth.within(shown) | {mark for _, mark in self.truth.answered} | self.server.deposited()

    def _could_bring(self, phone: Phone) -> Marks:
        if not phone.gone and self.server.shut(phone.store.account().signer):
            return frozenset(edit.written_at for edit in phone.store.outbox())
        return phone.holds(self.truth)

    # -- the end

    def settle(self) -> None:
        """The line is whole. Everybody syncs; within a few rounds nobody has anything left to do."""
        self.calm, self.step_number = True, self.steps + 1
        for sent in self.late:
            if self.dice.random() < 0.5:
                self.handle(sent)
        for number in range(1, ROUNDS + 1):
            self.rounds = number
            reports = {phone.name: self.syncs(phone) for phone in self.phones}
            open_ends = {name: r.reasons for name, r in reports.items() if r and not r.complete and not self._named(name).gone}
            if not open_ends and not self.differences():
                return
        assert not open_ends, f"after {ROUNDS} rounds: {open_ends}; {self.differences()}"
        assert not self.differences(), f"after {ROUNDS} rounds: {self.differences()}"

    def _named(self, name: str) -> Phone:
        return next(phone for phone in self.phones if phone.name == name)

    def differences(self) -> list[str]:
        """Where a phone holds something else than the server, scope by scope."""
        living = self.server.living().values()
        found = []
        for phone in self.phones:
            if not phone.reads:
                continue
            scopes = phone.client.status().scopes
            there = {s.record.id: s for s in living if s.record.scope in scopes}
            here = {h.record.id: h.record for h in phone.store.base()}
            found += [f"{phone.name}: {phone.store.waiting()} edits wait"] * bool(phone.store.waiting())
            for name in sorted(here.keys() | there.keys()):
                mine, theirs = here.get(name), there.get(name)
                if mine is None or theirs is None or self._timeless(mine) != self._timeless(theirs.record):
                    found.append(f"{phone.name}: {name[-6:]} is {mine}, the server has {theirs and theirs.record}")
            asked = {name for name, state in there.items() if state.conflict}
            if (mine_asked := {view.id for view in phone.client.conflicts()}) != asked:
                found.append(f"{phone.name}: waits for a person {sorted(mine_asked)}, on the server {sorted(asked)}")
        return found

    def _timeless(self, record: Record) -> Record:
        """A record to compare. A server that was put back and whose clock is behind brings forward no time beyond its own."""
        return replace(record, edits=tuple(replace(edit, at="") for edit in record.edits)) if self.restores else record

    def check_log(self) -> None:
        """Every edit that the server has answered for is in its log, or waits there for a person."""
        known = {(dot, mark) for dot, mark, _ in self.server.log()}
        aside = self.server.deposited()
        missing = [
            (dot, mark, status)
            for (dot, mark), status in self.truth.answered.items()
            if (dot, mark) not in known and not (status == "deposited" and mark in aside)
        ]
        assert not missing, f"acknowledged, and not kept: {missing}"

    def judge(self) -> None:
        """No edit lost, no false conflict, nothing set aside in silence, and the books are in order."""
        self.check_log()
        truth, living = self.truth, self.server.living()
        faults = self.server.faults()
        assert not faults, f"verify: {faults}"
        log, aside = self.server.log(), self.server.deposited()
        applied = {mark for _, mark, outcome in log if outcome in (*APPLIED, "state")}
        shown = {edit.written_at for state in living.values() for edit in state.record.edits}
        there = applied | shown | (truth.within(shown) - truth.lost)
        kept_on_phones = {
            one.edit.written_at for phone in self.phones if not phone.gone and self.restores for one in phone.store.set_aside()
        }
        missing = truth.facts.keys() - there - aside - truth.lost - kept_on_phones
        assert not missing, f"lost: {sorted(missing)}"
        for name in sorted({truth.facts[mark].record for mark in there}):
            assert name in living, f"record {name} is nowhere"
            self._judge_record(living[name], frozenset(there))

    def _judge_record(self, state: Any, there: Marks) -> None:
        record, truth = state.record, self.truth
        expected = truth.live(record.id, there)
        actual: dict[str, list[Any]] = {}
        for edit in record.edits:
            for section, value in edit.sections.items():
                actual.setdefault(section, []).append((edit.written_at, value))
        for section in expected.keys() | actual.keys():
            want, have = expected.get(section, set()), {mark for mark, _ in actual.get(section, ())}
            assert want <= have, (
                f"{record.id[-6:]} {section}: gone, and nobody who had seen it replaced it: {sorted(want - have)}"
            )
            false = {mark for mark in have - want if not truth.may_stand_again(mark)}
            assert not false, (
                f"{record.id[-6:]} {section}: stands beside what its replacer had seen: {sorted(false)}, has {sorted(have)}"
            )
            for mark, value in actual.get(section, ()):
                assert canonical(truth.facts[mark].sections[section]) == canonical(value), f"{mark} says something else now"
        policy = CATALOGUE.policy(record.type)
        clash = any(
            policy(section) is not Policy.LATEST and len({canonical(value) for _, value in values}) > 1
            for section, values in actual.items()
        )
        marks = {edit.written_at for edit in record.edits}
        if clash or truth.void_clash(marks):
            assert state.conflict, f"{record.id[-6:]}: two say different things, and nobody is asked"
        else:
            every = {m for m in there if truth.facts[m].record == record.id}
            asked = truth.void_clash(every) or any(map(truth.made_anew, every))  # made anew, it has forgotten what it saw
            assert not state.conflict or asked, f"{record.id[-6:]}: somebody is asked about nothing"


def story(village: Village) -> str:
    """The trace of a history, to read."""
    return "\n".join(village.trace)


def played(server: Served, folder: Path, seed: int, steps: int = STEPS) -> tuple[Village, Exception | None]:
    """One history, and what broke in it: a promise, or the product itself."""
    folder.mkdir(parents=True)
    village = Village(server, folder, seed, steps)
    try:
        village.play()
    except Exception as broken:  # noqa: BLE001
        return village, broken
    return village, None
