"""What may travel, what may not, and that it arrives as it was sent."""

from __future__ import annotations

import copy
import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.codec import (
    UnfitError,
    dot_of,
    edit_from_wire,
    edit_to_wire,
    instant,
    issues_to_wire,
    record_from_wire,
    record_to_wire,
    stamp,
    state_from_wire,
)
from sync.types.checks import Issue
from tests.sync.people import VISIT, WHEN, Phone, Twice, a_state, an_edit

# -- there and back ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "edit",
    [
        an_edit(),
        an_edit(subject=None, context={}, sections={}),
        an_edit(sections={"plan": {"deep": [True, False, None, -(2**53) + 1, '王秀兰 𠮷 é \u200d\n\t"\\', {"": []}]}}),
        an_edit(type="of_a_newer_phone", sections={"brand_new/0197": {"x": 1}, "void": {"reason": "test", "note": ""}}),
    ],
)
def test_an_edit_arrives_as_it_was_sent(edit):
    sent = json.dumps(edit, sort_keys=True)
    read = edit_from_wire(json.loads(sent))
    assert json.dumps(edit_to_wire(read), sort_keys=True) == sent
    assert edit_from_wire(edit_to_wire(read)) == read


def test_a_record_state_arrives_as_it_was_sent():
    ana, ben = Phone("anaphone"), Phone("benphone")
    ana.write({"vitals": {"v": 1}, "plan": None})
    ben.write({"vitals": {"v": 2}})
    ana.meet(ben)
    sent = json.dumps(record_to_wire(ana.record))
    assert state_from_wire(json.loads(sent)) == record_from_wire(json.loads(sent)) == ana.record


def test_a_states_edits_come_in_any_order_and_stand_in_the_order_of_their_dots():
    edits = [{**a_state()["edits"][0], "dot": [actor, n]} for actor, n in (("benphone", 1), ("anaphone", 10), ("anaphone", 9))]
    state = a_state(edits=edits, seen={"anaphone": 10, "benphone": 1})
    for read in (state_from_wire(state), record_from_wire(state)):
        assert [edit.dot for edit in read.edits] == [("anaphone", 9), ("anaphone", 10), ("benphone", 1)]


def test_a_states_time_is_written_as_the_server_writes_it_and_may_be_missing():
    assert state_from_wire(a_state({"at": "2026-11-21T08:15:00.1239+08:00"})).edits[0].at == "2026-11-21T00:15:00.123Z"
    state = a_state()
    del state["edits"][0]["at"]
    assert (state_from_wire(state).edits[0].at, state_from_wire(state).edits[0].written_at) == (
        "2026-11-21T00:15:00.000Z",
        WHEN,
    )


def test_unknown_names_beside_the_known_ones_are_passed_over():
    assert edit_from_wire(an_edit(mood="good")) == edit_from_wire(an_edit())
    assert state_from_wire(a_state({"mood": "good"}, seq=7, issues=[])) == state_from_wire(a_state())


def test_issues_travel_by_name():
    assert issues_to_wire([Issue("vitals", None, "required", "error")]) == [
        {"section": "vitals", "field": None, "code": "required", "level": "error"}
    ]


def test_reading_changes_nothing_of_what_was_sent():
    for read, item in ((edit_from_wire, an_edit()), (state_from_wire, a_state())):
        before = copy.deepcopy(item)
        read(item)
        assert item == before
    edit = an_edit(context={"anaphone": 2, "benphone": 0})
    edit_from_wire(edit)
    assert edit["context"] == {"anaphone": 2, "benphone": 0}


def test_the_dot_of_something_spoilt_can_still_be_read():
    assert dot_of(an_edit(record=None, sections=7.5)) == ("anaphone", 3)
    assert dot_of(Twice(an_edit())) == ("anaphone", 3)
    for nothing in (None, 7, "x", [], {}, {"dot": None}, {"dot": [["anaphone"], 1]}, {"dot": ["anaphone", "1"]}):
        assert dot_of(nothing) is None


# -- instants ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        (WHEN, "2026-11-21T00:15:00.000Z"),
        ("2026-11-21T00:15:00Z", "2026-11-21T00:15:00.000Z"),
        ("2026-11-21T00:15:00.9999999-00:30", "2026-11-21T00:45:00.999Z"),
        ("1970-01-01T00:00:00+08:00", "1969-12-31T16:00:00.000Z"),
        ("0999-06-01T00:00:00Z", "0999-06-01T00:00:00.000Z"),
        ("2099-12-31T23:59:59.5+14:00", "2099-12-31T09:59:59.500Z"),
    ],
)
def test_an_instant_is_written_in_utc_to_the_millisecond(text, utc):
    assert stamp(instant(text)) == utc
    assert stamp(instant(utc)) == utc


@given(st.datetimes(timezones=st.timezones()), st.datetimes(timezones=st.timezones()))
def test_the_order_of_stamps_is_the_order_of_time(a, b):
    try:
        first, second = a.astimezone(dt.UTC), b.astimezone(dt.UTC)
    except OverflowError:
        return
    assert first > second or stamp(first) <= stamp(second)
    assert abs(instant(stamp(first)) - first) < dt.timedelta(milliseconds=1)


# -- whatever comes ----------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=[]), max_size=8)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.sampled_from([WHEN, VISIT, "anaphone", 2**53])
names = texts | st.sampled_from([*an_edit(), "seen", "edits", "at", "anaphone"])


def around(below):
    objects = st.dictionaries(names, below, max_size=5)
    return st.lists(below, max_size=4) | objects | objects.map(Twice)


anything = st.recursive(leaves, around, max_leaves=20)
spoilt_edits = st.dictionaries(st.sampled_from(list(an_edit())), anything, max_size=2).map(lambda parts: an_edit(**parts))
spoilt_states = st.builds(
    lambda live, parts: a_state(live, **parts),
    st.dictionaries(st.sampled_from(["dot", "at", "written_at", "author", "sections"]), anything, max_size=2),
    st.dictionaries(st.sampled_from(list(a_state())), anything, max_size=1),
)


@settings(max_examples=400, deadline=None)
@given(anything | spoilt_edits | spoilt_states)
def test_whatever_comes_is_read_or_unfit_and_nothing_else(item):
    for read, write in ((edit_from_wire, edit_to_wire), (state_from_wire, record_to_wire)):
        try:
            fit = read(item)
        except UnfitError:
            continue
        text = json.dumps(write(fit), allow_nan=False, ensure_ascii=False)
        assert "\0" not in text
        assert read(json.loads(text.encode())) == fit
