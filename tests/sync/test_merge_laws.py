"""The laws of the merge, and that breaking one of them is noticed."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync import record as core
from sync.record import Applied, Edit, LiveEdit, Record, merge
from sync.version import VersionVector
from tests.sync import oracle
from tests.sync.oracle import Village, run_histories, run_history
from tests.sync.people import BLANK

HISTORIES = 2000
PATIENCE = 1000  # histories within which a planted fault must show

laws = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def villages(draw: st.DrawFn) -> Village:
    """A village in the middle of things."""
    village = Village(draw(st.randoms(use_true_random=False)))
    for _ in range(draw(st.integers(4, 30))):
        village.step()
    return village


# -- laws --------------------------------------------------------------------------------------------------------------


@laws
@given(villages())
def test_it_does_not_matter_who_calls_on_whom(village):
    for a, b in itertools.combinations(village.phones, 2):
        assert merge(a.record, b.record) == merge(b.record, a.record)


@laws
@given(villages())
def test_it_does_not_matter_in_which_order_three_meet(village):
    for a, b, c in itertools.permutations([phone.record for phone in village.phones], 3):
        assert merge(merge(a, b), c) == merge(a, merge(b, c))


@laws
@given(villages())
def test_meeting_again_changes_nothing(village):
    for a, b in itertools.permutations([phone.record for phone in village.phones], 2):
        once = merge(a, b)
        assert merge(a, a) == merge(a, BLANK) == a
        assert merge(once, b) == merge(once, a) == merge(once, once) == once


@laws
@given(villages(), st.randoms(use_true_random=False))
def test_edits_in_any_causal_order_with_any_repetition_amount_to_the_merge(village, dice):
    met = BLANK
    for phone in village.phones:
        met = merge(met, phone.record)
    record, done = BLANK, frozenset()
    known = frozenset().union(*(phone.known for phone in village.phones))
    while done != known:
        ready = [d for d in sorted(known) if village.facts[d].saw - village.deposited <= done | {d}]
        dot = dice.choice([*ready, *(d for d in ready if d not in done)])
        fact = village.facts[dot]
        aside = {d.counter for d in village.deposited if d.actor == dot.actor}
        status, record = core.apply(record, fact.edit, fact.at, aside)
        assert status == ("duplicate" if dot in done else "applied")
        done |= {dot}
    assert record == met


@laws
@given(villages())
def test_replicas_that_have_seen_the_same_are_equal(village):
    for a, b in itertools.combinations(village.phones, 2):
        assert (a.known == b.known) == (a.record.seen == b.record.seen)
        assert a.record.seen != b.record.seen or a.record == b.record


# -- many histories ----------------------------------------------------------------------------------------------------


def test_two_thousand_villages_lose_no_word():
    played = run_histories(HISTORIES)
    assert sum(len(village.facts) for village in played) > 5 * HISTORIES
    assert sum(len(village.deposited) for village in played) > HISTORIES / 10
    siblings = [v for village in played for v in oracle.held(village.phones[0].record).values() if len(v) > 1]
    assert len(siblings) > HISTORIES  # they did disagree


# -- planted faults ----------------------------------------------------------------------------------------------------


def last_writer_wins(record: Record, edit: Edit, at: str) -> Record:
    """A fold that drops by the clock."""
    kept = [(o, {n: v for n, v in o.sections.items() if n not in edit.sections or o.at > at}) for o in record.edits]
    newest = {n: v for n, v in edit.sections.items() if all(n not in own for _, own in kept)}
    new = LiveEdit(edit.dot, at, edit.written_at, edit.author, edit.sections)
    return replace(record, seen=record.seen.advanced(edit.dot), edits=core._ordered([*kept, (new, newest)]))


def whole_record(record: Record, edit: Edit, at: str) -> Record:
    """A fold that replaces all an edit had seen, whatever sections it sets."""
    kept = [(old, old.sections) for old in record.edits if not edit.context.covers(old.dot)]
    new = LiveEdit(edit.dot, at, edit.written_at, edit.author, edit.sections)
    return replace(record, seen=record.seen.advanced(edit.dot), edits=core._ordered([*kept, (new, edit.sections)]))


def keep_everything(record: Record, edit: Edit, at: str) -> Record:
    """A fold in which nothing gives way."""
    new = LiveEdit(edit.dot, at, edit.written_at, edit.author, edit.sections)
    return replace(record, seen=record.seen.advanced(edit.dot), edits=(*record.edits, new))


def apply_blindly(record: Record, edit: Edit, at: str, deposited: object = ()) -> Applied:
    """An apply that takes an edit before what its author had read."""
    if record.seen.covers(edit.dot):
        return Applied("duplicate", record)
    return Applied("applied", core.fold(record, edit, at))


def apply_again(record: Record, edit: Edit, at: str, deposited: object = ()) -> Applied:
    """An apply that does not know a repeat."""
    return Applied("applied", core.fold(record, edit, at))


def present_vector(record: Record, edit: Edit, at: str) -> Record:
    """A fold by what the replica has seen instead of what the author had."""
    return FOLD(record, replace(edit, context=record.seen), at)


def maximum_without_edits(a: Record, b: Record) -> Record:
    """A merge that takes over what was seen and forgets what was said."""
    return replace(a, seen=a.seen.joined(b.seen))


def bring_back_the_dead(a: Record, b: Record) -> Record:
    """A merge that keeps all that anybody holds."""
    own = {e.dot: (e, {}) for e in (*a.edits, *b.edits)}
    for e in (*a.edits, *b.edits):
        own[e.dot][1].update(e.sections)
    return replace(b, seen=a.seen.joined(b.seen), edits=core._ordered(own.values()))


def by_edit_not_by_section(a: Record, b: Record) -> Record:
    """A merge that keeps or drops an edit whole."""
    both = {e.dot: e for e in (*a.edits, *b.edits)}
    kept = [e for e in a.edits if e in b.edits or not b.seen.covers(e.dot)]
    kept += [e for e in b.edits if e.dot in {k.dot for k in a.edits} or not a.seen.covers(e.dot)]
    return replace(b, seen=a.seen.joined(b.seen), edits=core._ordered([(both[e.dot], e.sections) for e in kept]))


def context_at_saving(phone: oracle.Replica, opened: VersionVector) -> VersionVector:
    """The context taken when the form is saved: what came in meanwhile is erased unread."""
    return phone.record.seen.joined(opened)


FOLD = core.fold

FAULTS: list[tuple[object, str, Callable[..., object]]] = [
    (core, "fold", last_writer_wins),
    (core, "fold", whole_record),
    (core, "fold", keep_everything),
    (core, "fold", present_vector),
    (core, "apply", apply_blindly),
    (core, "apply", apply_again),
    (core, "merge", maximum_without_edits),
    (core, "merge", bring_back_the_dead),
    (core, "merge", by_edit_not_by_section),
    (oracle, "context_of", context_at_saving),
]


@pytest.mark.parametrize(("where", "name", "fault"), FAULTS, ids=[fault.__name__ for _, _, fault in FAULTS])
def test_a_planted_fault_is_noticed(monkeypatch, where, name, fault):
    monkeypatch.setattr(where, name, fault)
    with pytest.raises(AssertionError):
        run_histories(PATIENCE)


def test_a_history_can_be_played_again():
    first, second = (run_history(random.Random(7).randrange(1 << 30)) for _ in range(2))
    assert (first.facts, first.phones[0].record) == (second.facts, second.phones[0].record)
