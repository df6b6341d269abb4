"""Short histories of the model; `make fuzz` plays 20 000. What it is there to catch, it catches."""

import contextlib
from dataclasses import replace
from unittest import mock

import pytest

import client_sdk.exchange as deciding
import sync.record as core
from sync.version import Dot
from tests.simulation.faults import planted
from tests.simulation.model import broken

HISTORIES = 250


def test_nobodys_words_are_lost_in_any_history_of_the_model():
    assert [told for seed in range(HISTORIES) if (told := broken(seed))] == []


def renamed_only(outbox, base, old, new):
    """An outbox made anew whose contexts still speak of the old name."""
    return [replace(edit, dot=Dot(new, counter)) for counter, edit in enumerate(outbox, 1)]


def greatest_vector(a, b):
    """The maximum of two vectors, with the edits of one of them."""
    return a if sum(a.seen.values()) > sum(b.seen.values()) else replace(b, seen=a.seen.joined(b.seen))


def everything(a, b):
    """All live edits of both: what one of them had seen replaced comes back."""
    return replace(
        b,
        seen=a.seen.joined(b.seen),
        edits=tuple(sorted({e.dot: e for e in (*a.edits, *b.edits)}.values(), key=lambda e: e.dot)),
    )


FAULTS = {
    "lww": lambda: planted("lww"),
    "whole_record": lambda: planted("whole_record"),
    "renamed_only": lambda: _in(deciding, reissue=renamed_only),
    "greatest_vector": lambda: _in(core, deciding, merge=greatest_vector),
    "everything": lambda: _in(core, deciding, merge=everything),
}


@contextlib.contextmanager
def _in(*places, **what):
    with contextlib.ExitStack() as stack:
        for place in places:
            for name, value in what.items():
                stack.enter_context(mock.patch.object(place, name, value))
        yield


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_core_is_caught(name):
    with FAULTS[name]():
        assert any(broken(seed) for seed in range(100))
