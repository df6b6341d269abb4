"""What holds of every standing and account, whatever the forms say: order does not matter, it holds as long as it says, it
never raises, the open part does not depend on what is protected, and what is counted is what is told record by record.

Lives are made up from the declarations: the sections that a standing reads, with days around the edges that count (a
fortnight, a quarter, a 65th birthday, the end of the calendar), every code, references to each other, and in some garbage.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.record import LiveEdit, Record
from sync.scopes import PROGRAMMES, programme_of
from sync.standing import Known, account, composed, part, standing
from sync.standing.day import plus
from sync.types import CATALOGUE
from sync.types.checks import Issue
from sync.types.performance import WAIVED
from sync.types.standing_codes import EVENT, WORK_COUNTS, WORK_REASON
from sync.version import Dot, VersionVector
from tests.standing.forms import MOMENT, SERVER, SMD, TB, TODAY, VILLAGE, edits_of, known_of, records_of
from tests.standing.people import GUOQING_AGAIN, TWELVE
from tests.sync.values import wrong_values

READ = {
    "resident": "identity disability flags poverty three_batches record_status away",
    "chronic_register": "registration status notice attempt",
    "hypertension_visit": "visit vitals adherence complication danger assessment next_visit",
    "diabetes_visit": "visit vitals glucose adherence assessment next_visit",
    "tb_first_visit": "visit treatment next_visit",
    "tb_visit": "visit treatment adherence adverse complication closure next_visit",
    "smd_visit": "visit risk symptoms insight social effect assessment next_visit",
    "health_exam": "exam",
    "elder_selfcare": "assessment",
    "home_visit": "visit evidence",
    "contract": "parties term status stop item fees appeal",
    "performance": "performance evidence waiver",
    "long_prescription": "prescription",
    "referral": "referral result followup",
    "care_plan": "summary condition measure review",
}
CATALOGUE_IN_PERSON = {form.follows.disease: form.follows.in_person for form in CATALOGUE.types.values() if form.follows}
PERSON, AGAIN = "00000099-0000-7000-8000-000000000001", "00000099-0000-7000-8000-000000000002"
NAMES = [f"00000099-0001-7000-8000-{n:012}" for n in range(12)]
SOME_DAYS = [dt.date(2026, 11, 22), dt.date(2026, 12, 31), dt.date(2027, 1, 1), dt.date(2028, 2, 29), dt.date(2025, 3, 31)]
STEPS = [0, 1, 2, 3, 6, 7, 8, 13, 14, 15, 30, 31, 60, 61, 90, 91, 92, 93, 182, 183, 364, 365, 366, 367, 731, 1096]
PLACING = ("registration", "referral", "prescription")  # what says where a record lies is not in conflict: the doors see to it
JUNK = [None, "", "x", 0, -1, 10**15, True, [], ["x"], [[]], {}, {"a": []}, "9999-12-31", "0001-01-01", "2026-02-30"]
LAWS = settings(max_examples=400, deadline=None)


# -- lives -------------------------------------------------------------------------------------------------------------


class Life:
    """What is known about a person on a day, all of it made up from one number (so that a failure can be had again)."""

    def __init__(self, seed: int, garbage: bool) -> None:
        self.chance, self.garbage, self.known = random.Random(seed), garbage, []
        self.on = self.chance.choice(SOME_DAYS)
        every = [name for name in READ if name != "resident"]
        types = self.chance.choices(every, k=self.chance.randrange(len(NAMES)))
        if self.chance.random() < 0.4:  # many of one kind, as of a person under management
            types = [name if self.chance.random() < 0.4 else self.chance.choice(types) for name in types]
        if self.chance.random() < 0.95:
            types.append("resident")
        for number, name in enumerate(types):
            self.known.append(self.record(name, number))

    def __repr__(self) -> str:
        shown = [f"{one.record.type} {one.record.id} {one.record.scope} {shown_of(one)} {one.issues}" for one in self.known]
        return "\n".join([f"on {self.on}", *shown])

    def record(self, type_name: str, number: int) -> Known:
        """One record as a replica may hold it; in conflict now and then, incomplete now and then."""
        chance, declared = self.chance, CATALOGUE.types[type_name]
        form = self.form(declared)
        live = [LiveEdit(Dot("anaphone", 1), MOMENT, MOMENT, "p-ana", form)]
        other = {name: value for name, value in self.form(declared).items() if name not in PLACING}
        if other and chance.random() < 0.2:
            name, beside = chance.choice(sorted(other)), chance.choice(["benphone", SERVER])
            live.append(LiveEdit(Dot(beside, 1), MOMENT, MOMENT, "p-ben", {name: other[name]}))
        if type_name == "contract" and (asked := [name for name in form if name.startswith("appeal/")]):
            for name in asked:
                live.append(LiveEdit(Dot(SERVER, 2 + len(live)), MOMENT, MOMENT, "p-lea", {name: form.pop(name)}))
            live = [edit for edit in live if edit.sections]
        seen = VersionVector({edit.dot.actor: 1 for edit in live})
        scope = {None: VILLAGE, "tb": TB, "smd": SMD}[CATALOGUE.protected(type_name, form)]
        lacking = (Issue("visit", None, "required", "error"),) if chance.random() < 0.2 else ()
        record = PERSON if type_name == "resident" else NAMES[number]
        return Known(Record(record, type_name, PERSON, scope, seen, tuple(live)), lacking)

    def form(self, declared):
        form = {}
        for name in READ[declared.name].split():
            section, keys = declared.by_name[name], [name]
            if section.keyed:
                codes = section.keys.values if section.keys else ("a", "b")
                keys = [f"{name}/{key}" for key in self.chance.sample(codes, k=self.chance.randrange(3))]
            for key in keys:
                if self.chance.random() < (0.95 if section.required or section.keyed else 0.4):
                    form[key] = self.section(section.fields)
                elif self.garbage:
                    form[key] = None
        if self.chance.random() < 0.06:
            form["void"] = {"reason": "mistake"}
        return form

    def section(self, fields):
        return {
            name: self.wrong(item) if self.garbage and self.chance.random() < 0.15 else self.value(item)
            for name, item in fields.items()
            if item.required or name == "groups" or self.chance.random() < 0.4
        }

    def day(self) -> dt.date:
        """A day at which something may change, seen from the day of asking."""
        chance, on = self.chance, self.on
        match chance.randrange(20):
            case 0:
                return chance.choice([dt.date(1900, 1, 1), dt.date(9999, 12, 30), dt.date.max])
            case 1 | 2:
                return plus(dt.date(on.year - chance.choice((7, 65)), on.month, 1), chance.randrange(-3, 34))
            case 3 | 4 | 5:
                return plus(on, chance.randrange(-500, 400))
        return plus(on, chance.choice(STEPS) * chance.choice((-1, -1, 1)))

    def value(self, item):
        """A value of a field, the kinds that a standing looks at chosen so that they meet each other."""
        chance, codes, hard = self.chance, item.metadata.get("codes"), item.metadata.get("hard") or (0, 999)
        low, high = (int(float(bound)) for bound in hard)
        makers = {
            "date": lambda: self.day().isoformat(),
            "instant": lambda: f"{self.day()}T{chance.choice(('00', '09', '23'))}:30:00{chance.choice(('Z', '+08:00'))}",
            "code": lambda: chance.choice(codes.values),
            "codes": lambda: chance.sample(codes.values, k=chance.choice((0, 1, 1, 3))),
            "reference": lambda: chance.choice([*NAMES, PERSON]),
            "references": lambda: chance.sample([PERSON, AGAIN, *NAMES], k=chance.choice((0, 1, 2))),
            "whole": lambda: chance.choice([chance.randint(low, high), low, high, chance.randint(low, low + 12)]),
            "decimal": lambda: chance.choice(["3.9", "6.9", "7.0", "16.7", "39.1", "0"]),
            "truth": lambda: chance.random() < 0.5,
        }
        return makers.get(item.kind, lambda: chance.choice("ab"))()  # a text: the code of an item among them

    def wrong(self, item):
        return self.chance.choice([*JUNK, *(value for value, _ in wrong_values(item))])


def shown_of(one):
    return [dict(edit.sections) for edit in one.record.edits]


lives = st.builds(Life, st.integers(0, 2**32), st.just(False))
wild_lives = st.builds(Life, st.integers(0, 2**32), st.just(True))


def wire(known, on, also=()):
    return standing(PERSON, known, on, also=also).wire()


def counted(known, on, person=PERSON):
    """The work and the events of an account."""
    whole = account(person, known, on)
    return whole.work, whole.events


def parted(told, *programmes):
    return tuple(tuple(one for one in every if one.programme in programmes) for every in told)


def of(known, *programmes):
    return [one for one in known if programme_of(one.record.scope) in (None, *programmes)]


def from_parts(known, on):
    """The standing put together as a server does: the open row, and beside it what each programme alone adds to it."""
    return composed([wire(of(known), on), *(part(wire(of(known, one), on), one) for one in PROGRAMMES)])


# -- in whatever order -------------------------------------------------------------------------------------------------


def shuffled(edits, chance):
    """The edits in another order in which each still comes after what its author had seen."""
    waiting, told = list(edits), []
    while waiting:
        have = {(edit.record, edit.dot) for edit in told}
        ready = [e for e in waiting if all((e.record, dot) in have for dot in _seen(e, edits))]
        told.append(chance.choice(ready))
        waiting.remove(told[-1])
    return told


def _seen(edit, edits):
    return [other.dot for other in edits if other.record == edit.record and edit.context.covers(other.dot)]


@pytest.mark.parametrize("who", TWELVE)
def test_in_whatever_order_edits_and_records_arrive_the_standing_is_the_same(who):
    first, edits = TWELVE[who][0].record, edits_of(TWELVE[who])
    issues = {one.record.id: one.issues for one in known_of(TWELVE[who])}
    told = set()
    for seed in range(20):
        chance = random.Random(seed)
        known = [Known(record, issues[record.id]) for record in records_of(shuffled(edits, chance) if seed else edits)]
        chance.shuffle(known)
        told.add(json.dumps(standing(first, known, TODAY, also=[GUOQING_AGAIN]).wire()))
    assert len(told) == 1


@LAWS
@given(wild_lives, st.randoms(use_true_random=False))
def test_in_whatever_order_records_are_handed_in_the_standing_is_the_same(life, chance):
    on, known = life.on, life.known
    other = list(known)
    chance.shuffle(other)
    assert json.dumps(wire(other, on)) == json.dumps(wire(known, on))
    assert account(PERSON, other, on) == account(PERSON, known, on)


# -- as long as it says ------------------------------------------------------------------------------------------------


def holds(life, data):
    on, known = life.on, life.known
    now, whole = standing(PERSON, known, on), account(PERSON, known, on)
    assert whole.standing == now
    assert now.until >= whole.until > on
    last = plus(now.until, -1)
    for day in {last, plus(on, 1), plus(whole.until, -1), *data.draw(st.lists(st.dates(on, last), max_size=3))}:
        if on < day <= last:
            assert standing(PERSON, known, day).wire() == now.wire()
        if on < day < whole.until:
            assert replace(account(PERSON, known, day), on=on) == whole


@LAWS
@given(lives, st.data())
def test_a_standing_holds_on_every_day_before_the_one_it_names(life, data):
    holds(life, data)


@LAWS
@given(wild_lives, st.data())
def test_a_standing_of_garbage_holds_as_long_as_it_says_too(life, data):
    holds(life, data)


@pytest.mark.parametrize("who", TWELVE)
def test_day_by_day_through_three_years_nothing_changes_but_on_the_day_foretold(who):
    known, first = known_of(TWELVE[who]), TWELVE[who][0].record
    day, before = dt.date(2025, 12, 1), None
    while day < dt.date(2028, 12, 31):
        now = account(first, known, day)
        if before is not None and day < before.until:
            assert replace(now, on=before.on) == before
        day, before = plus(day, 1), now


# -- whatever it says --------------------------------------------------------------------------------------------------


@LAWS
@given(wild_lives, st.booleans())
def test_garbage_in_any_field_makes_no_standing_fail(life, twice):
    on, known = life.on, life.known
    told = wire(known, on, [AGAIN] if twice else ())
    assert json.loads(json.dumps(told)) == told
    assert account(PERSON, known, on, also=[AGAIN] if twice else ())


# -- what is counted is what is told -----------------------------------------------------------------------------------


@LAWS
@given(wild_lives)
def test_the_numbers_of_a_standing_are_those_of_the_records_that_are_told_to_count(life):
    whole = account(PERSON, life.known, life.on)
    now = whole.standing
    if now.status == "unknown":
        assert not any(one.counts for one in whole.work)
        return
    said = [(count, one) for one in whole.work for count in one.counts]
    assert (
        now.home_visits
        == sum(count == "home_visit" for count, _ in said)
        == sum(e.met for e in whole.events if e.kind == "home_visit")
    )
    for one in now.managed:
        seen = sum(count == f"followup:{one.disease}" for count, _ in said)
        assert seen == (one.in_person if CATALOGUE_IN_PERSON.get(one.disease, True) else one.visits)
    shown = {
        (one.evidence, f"item:{one.contract}/{one.item}", one.programme)
        for one in now.obligations
        if one.given and one.evidence
    }
    assert {(w.record, count, w.programme) for count, w in said if count.startswith("item:")} == shown


@LAWS
@given(wild_lives)
def test_every_record_counts_for_something_or_says_in_a_known_word_why_it_does_not(life):
    whole = account(PERSON, life.known, life.on)
    for one in whole.work:
        assert bool(one.counts) != bool(one.reason), one
        assert one.reason is None or one.reason in WORK_REASON.values
        assert {count.partition(":")[0] for count in one.counts} <= {*WORK_COUNTS.values}
        assert one.on is None or one.on.year == life.on.year
    for one in whole.events:
        assert one.kind in EVENT.values
        assert one.on.year == life.on.year
        assert one.on <= life.on
        assert one.met == (one.reason is None), one
        assert one.reason is None or one.reason in WORK_REASON.values
    for one in whole.standing.obligations:
        known = WAIVED.values if one.state == "waived" else WORK_REASON.values
        assert one.reason in known or one.reason is None or life.garbage
        assert not (one.given and one.reason)
    keys = [(one.record, one.programme) for one in whole.work]
    assert len(set(keys)) == len(keys)


# -- whoever asks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", TWELVE)
def test_who_has_no_grant_sees_of_the_twelve_what_is_open_and_not_a_word_more(who):
    known, first = known_of(TWELVE[who]), TWELVE[who][0].record
    whole, opened = standing(first, known, TODAY).wire(), standing(first, of(known), TODAY).wire()
    assert composed([opened, *(part(whole, programme) for programme in PROGRAMMES)]) == whole
    assert parted(counted(known, TODAY, first), None) == counted(of(known), TODAY, first)
    protected = [one.record.id for one in known if one not in of(known)]
    assert not any(word in json.dumps(opened) for word in (*protected, '"tb"', '"smd"', "tuberculosis", "mental"))


@LAWS
@given(wild_lives)
def test_what_is_protected_changes_nothing_in_the_open(life):
    on, known = life.on, life.known
    whole, opened = wire(known, on), wire(of(known), on)
    assert composed([opened, *(part(whole, programme) for programme in PROGRAMMES)]) == whole
    assert parted(counted(known, on), None) == counted(of(known), on)


@LAWS
@given(wild_lives)
def test_two_programmes_kept_apart_make_the_same_standing_as_both_together(life):
    on, known = life.on, life.known
    assert from_parts(known, on) == wire(known, on)
    for programme in PROGRAMMES:
        assert parted(counted(known, on), programme) == parted(counted(of(known, programme), on), programme)


@LAWS
@given(lives, st.data())
def test_what_somebody_keeps_in_a_protected_scope_without_need_changes_nothing_in_the_open_either(life, data):
    on, known = life.on, life.known
    known = [
        Known(Record(r.id, r.type, r.subject, data.draw(st.sampled_from([r.scope, TB, SMD])), r.seen, r.edits), issues)
        if r.scope == VILLAGE and r.type != "resident" else Known(r, issues)
        for r, issues in known
    ]  # fmt: skip
    whole, opened = wire(known, on), wire(of(known), on)
    assert composed([opened, *(part(whole, programme) for programme in PROGRAMMES)]) == whole
    assert parted(counted(known, on), None) == counted(of(known), on)
