"""Every limit of an edit: at the bound it is taken, one over it is not; and what has no form at all."""

from __future__ import annotations

import pytest

from sync.codec import UnfitError, edit_from_wire, edit_to_wire, state_from_wire
from sync.record import canonical
from tests.sync.people import VISIT, Twice, a_state, an_edit

SIZE, DEPTH = 64_000, 8


def with_value(value):
    return an_edit(sections={"plan": {"v": value}})


def nested(levels, of):
    """An innermost value wrapped in so many objects or lists; the section's own object is one level more."""
    value = 1
    for _ in range(levels):
        value = {"n": value} if of is dict else [value]
    return value


def sized(size):
    """Sections whose canonical JSON has exactly so many bytes, in letters of three bytes each and a rest."""
    room = size - len('{"plan":{"v":""}}')
    return {"plan": {"v": "王" * (room // 3) + "a" * (room % 3)}}


AROUND = len(canonical(an_edit(sections=sized(17)))) - 17  # of the whole edit, what is not sections

AT_THE_BOUND = {
    "64 sections": an_edit(sections={f"s{n}": {} for n in range(64)}),
    "64 kB": an_edit(sections=sized(SIZE - AROUND)),
    "256 actors": an_edit(context={f"actor{n:05}": 1 for n in range(256)}),
    "nesting 8 of objects": with_value(nested(DEPTH - 1, dict)),
    "nesting 8 of lists": with_value(nested(DEPTH - 1, list)),
    "nesting 8, the last one empty": with_value([[[[[[[]]]]]]]),
    "a name of 64 letters": an_edit(
        type="t" * 64, scope="s" * 64, subject="u" * 64, author="王" * 64, sections={"𠮷" * 64: {}}
    ),
    "2^53 - 1": with_value([2**53 - 1, -(2**53) + 1]),
    "the last counter": an_edit(dot=["anaphone", 2**53 - 1], context={"anaphone": 2**53 - 2, "benphone": 0}),
    "actors of 8 and 16 letters": an_edit(dot=["00000000", 1], context={"z" * 16: 1}),
    "control letters that are not NUL": with_value("\x01\x1f\x7f\ufffe\U0010ffff"),
}
ONE_OVER = {
    "65 sections": {"sections": {f"s{n}": {} for n in range(65)}},
    "a byte too many in its sections": {"sections": sized(SIZE + 1)},
    "257 actors": {"context": {f"actor{n:05}": 1 for n in range(257)}},
    "nesting 9 of objects": {"sections": {"plan": {"v": nested(DEPTH, dict)}}},
    "nesting 9 of lists": {"sections": {"plan": {"v": nested(DEPTH, list)}}},
    "nesting 9, the last one empty": {"sections": {"plan": {"v": [[[[[[[[]]]]]]]]}}},
    "nesting 100 000": {"sections": {"plan": {"v": nested(100_000, list)}}},
    "a type of 65": {"type": "t" * 65},
    "a scope of 65": {"scope": "s" * 65},
    "a subject of 65": {"subject": "s" * 65},
    "an author of 65": {"author": "a" * 65},
    "a section of 65": {"sections": {"s" * 65: {}}},
    "an actor of 7": {"dot": ["anafone", 1]},
    "an actor of 17": {"dot": ["a" * 17, 1]},
    "a known actor of 17": {"context": {"a" * 17: 1}},
    "2^53": {"sections": {"plan": {"v": 2**53}}},
    "-2^53": {"sections": {"plan": {"v": -(2**53)}}},
    "a counter of 2^53": {"dot": ["anaphone", 2**53]},
    "a counter of 0": {"dot": ["anaphone", 0]},
    "seen 2^53": {"context": {"anaphone": 2**53}},
    "seen less than nothing": {"context": {"anaphone": -1}},
}
OF_NO_FORM = {
    "a float": {"sections": {"plan": {"v": 7.2}}},
    "a float that is whole": {"sections": {"plan": {"v": 7.0}}},
    "not a number": {"sections": {"plan": {"v": float("nan")}}},
    "NUL in a text": {"sections": {"plan": {"v": "a\0"}}},
    "NUL in a key": {"sections": {"plan": {"\0": 1}}},
    "NUL in a section": {"sections": {"pl\0n": {}}},
    "NUL in an author": {"author": "\0"},
    "NUL in an instant": {"written_at": "2026-11-21\x0008:15:00+08:00"},
    "half a letter in a text": {"sections": {"plan": {"v": ["\ud842"]}}},
    "half a letter in a key": {"sections": {"plan": {"a": {"\udfb7": 1}}}},
    "half a letter in a scope": {"scope": "\ud800"},
    "half a letter in an instant": {"written_at": "2026-11-21\ud80008:15:00+08:00"},
    "a key that stands twice in a value": {"sections": {"plan": {"v": Twice(a=1)}}},
    "a key that stands twice in a section": {"sections": {"plan": Twice(a=1)}},
    "a section that stands twice": {"sections": Twice(plan={})},
    "an actor that stands twice": {"context": Twice(anaphone=1)},
    "a list for a section": {"sections": {"plan": []}},
    "a text for a section": {"sections": {"plan": ""}},
    "a list of sections": {"sections": []},
    "no sections": {"sections": None},
    "a section without a name": {"sections": {"": {}}},
    "no context": {"context": None},
    "a list for a context": {"context": [["anaphone", 1]]},
    "true as a counter": {"dot": ["anaphone", True]},
    "true in a context": {"context": {"anaphone": True}},
    "a float in a context": {"context": {"anaphone": 1.0}},
    "an actor in capitals": {"dot": ["ANAPHONE", 1]},
    "an actor with a line break": {"dot": ["anaphone\n", 1]},
    "an actor in other digits": {"context": {"١٢٣٤٥٦٧٨": 1}},
    "a dot of three": {"dot": ["anaphone", 1, 2]},
    "an object for a dot": {"dot": {"anaphone": 1}},
    "no dot": {"dot": None},
    "a record id in capitals": {"record": VISIT.upper()},
    "a record id without hyphens": {"record": VISIT.replace("-", "")},
    "a record id with a line break": {"record": VISIT + "\n"},
    "no record": {"record": None},
    "no type": {"type": ""},
    "no scope": {"scope": None},
    "a number for a subject": {"subject": 7},
    "an empty subject": {"subject": ""},
    "no author": {"author": None},
    "no instant": {"written_at": None},
    "an instant without its offset": {"written_at": "2026-11-21T08:15:00"},
    "a day for an instant": {"written_at": "2026-11-21"},
    "a number for an instant": {"written_at": 1_763_683_200},
    "an instant before all years": {"written_at": "0001-01-01T00:00:00+08:00"},
    "an instant as long as a book": {"written_at": f"2026-11-21T08:15:00.{'0' * 70_000}+08:00"},
}
UNFIT = {**ONE_OVER, **OF_NO_FORM}
WHOLE = {
    "a byte too many": {"sections": sized(SIZE - AROUND + 1)},
    "a book beside its sections": {"note": "x" * SIZE},
}  # what is over the limit of an edit, and not of a live edit in a state


@pytest.mark.parametrize("edit", AT_THE_BOUND.values(), ids=AT_THE_BOUND)
def test_an_edit_at_the_bound_is_taken(edit):
    assert edit_to_wire(edit_from_wire(edit))["sections"] == edit["sections"]


@pytest.mark.parametrize("edit", AT_THE_BOUND.values(), ids=AT_THE_BOUND)
def test_a_state_at_the_bound_is_taken(edit):
    if edit["sections"]:
        above = {name: edit[name] for name in ("type", "scope", "subject")}
        below = {name: edit[name] for name in ("dot", "author", "sections")}
        actor, counter = edit["dot"]
        assert state_from_wire(a_state(below, seen={**dict(list(edit["context"].items())[:255]), actor: counter}, **above))


@pytest.mark.parametrize("parts", [*UNFIT.values(), *WHOLE.values()], ids=[*UNFIT, *WHOLE])
def test_an_edit_over_a_limit_or_of_no_form_is_unfit(parts):
    with pytest.raises(UnfitError, match=r"\w"):
        edit_from_wire(an_edit(**parts))


@pytest.mark.parametrize("name", ["record", "type", "scope", "dot", "context", "written_at", "author", "sections"])
def test_an_edit_without_one_of_its_parts_is_unfit(name):
    edit = an_edit()
    del edit[name]
    with pytest.raises(UnfitError):
        edit_from_wire(edit)


@pytest.mark.parametrize("parts", UNFIT.values(), ids=UNFIT)
def test_a_state_is_held_to_the_same_limits(parts):
    below = {name: value for name, value in parts.items() if name in {"dot", "author", "written_at", "sections"}}
    above = {"seen" if name == "context" else name: value for name, value in parts.items() if name not in below}
    with pytest.raises(UnfitError):
        state_from_wire(a_state(below, **above))


@pytest.mark.parametrize(
    "state",
    [
        None,
        [],
        Twice(a_state()),
        a_state(edits=None),
        a_state(edits={}),
        a_state(edits=[None]),
        a_state(edits=[Twice()]),
        a_state(seen={"anaphone": 2}),
        a_state(seen={}),
        a_state({"sections": {}}),
        a_state({"sections": None}),
        a_state({"at": None}),
        a_state({"at": "yesterday"}),
        a_state(edits=a_state()["edits"] * 2),
    ],
)
def test_a_state_that_contradicts_itself_is_unfit(state):
    with pytest.raises(UnfitError):
        state_from_wire(state)


@pytest.mark.parametrize("seen", [3, 4])
def test_an_edit_that_says_it_has_seen_itself_is_unfit(seen):
    with pytest.raises(UnfitError, match="cannot have seen itself"):
        edit_from_wire(an_edit(dot=["anaphone", 3], context={"anaphone": seen}))
