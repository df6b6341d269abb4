"""What happens to people's words when edits are applied and replicas meet."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from sync.record import Policy, apply, blank, canonical, clashing, conflicts, family, merge, sections, shown
from tests.sync.people import BLANK, MORNING, VISIT, Phone, edit, policy

HIGH, LOW = {"systolic_mmhg": 152}, {"systolic_mmhg": 128}
PLAN = {"advice": "less salt"}
EARLIER, LATER = "2026-11-21T00:10:00.000Z", "2026-11-21T00:20:00.000Z"


@pytest.fixture
def ana() -> Phone:
    return Phone("anaphone")


@pytest.fixture
def ben() -> Phone:
    return Phone("benphone")


@pytest.fixture
def cam() -> Phone:
    return Phone("camphone")


def values(phone: Phone, section: str) -> list[object]:
    return [sibling.value for sibling in sections(phone.record).get(section, [])]


# -- apply -------------------------------------------------------------------------------------------------------------


def test_the_first_edit_makes_the_record(ana):
    first = ana.draft({"vitals": HIGH})
    assert blank(first) == BLANK
    status, record = apply(blank(first), first, LATER)
    assert (status, dict(record.seen), record.id) == ("applied", {"anaphone": 1}, VISIT)
    (live,) = record.edits
    assert (live.dot, live.at, live.written_at, live.author) == (("anaphone", 1), LATER, MORNING, "anaphone")


def test_what_an_author_had_seen_gives_way_to_what_she_writes(ana):
    ana.write({"vitals": HIGH, "plan": PLAN})
    ana.write({"vitals": LOW})
    assert ana.shows() == {"vitals": LOW, "plan": PLAN}
    assert [set(live.sections) for live in ana.record.edits] == [{"plan"}, {"vitals"}]


def test_an_edit_that_owns_nothing_any_more_is_gone_from_the_record_but_not_from_what_was_seen(ana):
    ana.write({"vitals": HIGH})
    ana.write({"vitals": LOW})
    assert [live.dot.counter for live in ana.record.edits] == [2]
    assert ana.record.seen == {"anaphone": 2}


def test_two_doctors_editing_apart_both_keep_their_words(ana, ben):
    ana.write({"vitals": HIGH})
    ben.write({"vitals": LOW, "plan": PLAN})
    ana.meet(ben)
    assert values(ana, "vitals") == [HIGH, LOW]
    assert conflicts(ana.record, policy).keys() == {"vitals"}


def test_two_doctors_filling_in_different_sections_apart_are_both_heard_and_nobody_is_asked(ana, ben):
    ana.write({"vitals": HIGH})
    ben.write({"plan": PLAN})
    ana.meet(ben)
    assert ana.shows() == {"vitals": HIGH, "plan": PLAN}
    assert conflicts(ana.record, policy) == {}


def test_two_medicines_of_one_list_are_two_registers(ana, ben):
    ana.write({"medication/m1": {"drug": "amlodipine"}})
    ben.write({"medication/m2": {"drug": "enalapril"}})
    ana.meet(ben)
    assert ana.shows().keys() == {"medication/m1", "medication/m2"}
    assert family("medication/m1") == family("medication/m2") == "medication"


def test_a_repeat_changes_nothing(ana, ben):
    first, second = ana.write({"vitals": HIGH}), ana.write({"vitals": LOW})
    assert [ben.get(e) for e in (first, second)] == ["applied", "applied"]
    before = ben.record
    assert [ben.get(e, LATER) for e in (second, first, second)] == ["duplicate"] * 3
    assert ben.record is before


def test_an_edit_waits_until_what_its_author_had_read_has_come(ana, ben, cam):
    first = ana.write({"vitals": HIGH})
    ben.get(first)
    answer = ben.write({"vitals": LOW})
    assert (cam.get(answer), cam.record) == ("gap", BLANK)
    assert [cam.get(first), cam.get(answer)] == ["applied", "applied"]
    assert cam.record == ben.record


def test_an_edit_waits_for_the_one_before_it_from_the_same_phone(ana, ben):
    first, second = ana.write({"vitals": HIGH}), ana.write({"plan": PLAN})
    assert (ben.get(second), ben.record) == ("gap", BLANK)
    assert [ben.get(first), ben.get(second)] == ["applied", "applied"]


def test_a_phone_that_forgot_its_own_last_edit_is_not_believed(ana, ben):
    first, second = ana.write({"vitals": HIGH}), ana.write({"plan": PLAN})
    for phone_edit in (first, second):
        ben.get(phone_edit)
    assert ben.get(edit(("anaphone", 3), {"vitals": LOW}, {"anaphone": 1})) == "gap"
    assert ben.get(edit(("anaphone", 3), {"vitals": LOW})) == "gap"


def test_a_visit_and_its_three_corrections_end_alike_in_any_order_of_arrival(ana, ben):
    chain = [ana.write({"vitals": {"systolic_mmhg": n}}) for n in (150, 151, 152)]
    online = ben.write({"plan": PLAN, "vitals": LOW})
    ends = []
    for order in itertools.permutations([*chain, online]):
        phone = Phone("campeers")
        waiting = list(order)
        while waiting:  # what met a gap comes again
            waiting = [e for e in waiting if phone.get(e) == "gap"]
        ends.append(phone.record)
    assert all(end == ends[0] for end in ends)
    assert conflicts(ends[0], policy).keys() == {"vitals"}


# -- deposited edits in the chain --------------------------------------------------------------------------------------


def test_an_edit_behind_a_deposited_one_is_not_held_up(ana, ben):
    ben.get(ana.write({"vitals": HIGH}))
    follower = edit(("anaphone", 3), {"plan": PLAN}, {"anaphone": 2})  # the server set 2 aside
    assert ben.get(follower) == "gap"
    assert ben.get(follower, deposited={7}) == "gap"
    assert ben.get(follower, deposited={2}) == "applied"
    assert ben.record.seen.upto("anaphone") == 3


def test_two_deposited_edits_in_a_row_and_a_very_first_one_hold_up_nothing(ben):
    assert ben.get(edit(("anaphone", 3), {"plan": PLAN}, {"anaphone": 2}), deposited={1, 2}) == "applied"
    assert ben.get(edit(("anaphone", 6), {"plan": PLAN}, {"anaphone": 5}), deposited=[4, 5]) == "applied"


def test_a_deposited_edit_below_what_is_applied_does_not_excuse_a_broken_chain(ana, ben):
    ben.get(edit(("anaphone", 1), {"vitals": HIGH}))
    ben.get(edit(("anaphone", 3), {"plan": PLAN}, {"anaphone": 2}), deposited={2})
    assert ben.get(edit(("anaphone", 4), {"vitals": LOW}, {"anaphone": 2}), deposited={2}) == "gap"


def test_what_another_doctor_set_aside_excuses_nothing_of_the_others(ben):
    assert ben.get(edit(("anaphone", 1), {"plan": PLAN}, {"camphone": 2}), deposited={1, 2}) == "gap"


# -- merge and shown ---------------------------------------------------------------------------------------------------


def test_meeting_twice_or_meeting_oneself_changes_nothing(ana, ben):
    ana.write({"vitals": HIGH})
    ben.write({"vitals": LOW})
    ana.meet(ben)
    once = ana.record
    ana.meet(ben)
    assert merge(once, once) == ana.record == once


def test_a_value_replaced_on_one_phone_does_not_come_back_from_another(ana, ben):
    ana.write({"vitals": HIGH, "plan": PLAN})
    ana.meet(ben)
    ben.write({"vitals": LOW})
    ana.meet(ben)
    assert values(ana, "vitals") == [LOW]
    assert ana.shows()["plan"] == PLAN


def test_a_third_reading_settles_only_what_its_author_had_seen(ana, ben, cam):
    ana.write({"vitals": HIGH})
    cam.meet(ana)
    ben.write({"vitals": LOW})
    cam.write({"vitals": {"systolic_mmhg": 140}})
    cam.meet(ben)
    assert {v["systolic_mmhg"] for v in values(cam, "vitals")} == {140, 128}
    cam.write({"vitals": {"systolic_mmhg": 139}})
    assert values(cam, "vitals") == [{"systolic_mmhg": 139}]
    assert conflicts(cam.record, policy) == {}


def test_everybody_is_shown_the_latest_by_time_then_by_phone(ana, ben, cam):
    ana.write({"vitals": HIGH}, LATER)
    ben.write({"vitals": LOW}, EARLIER)
    cam.write({"vitals": {"systolic_mmhg": 140}}, EARLIER)
    ben.meet(cam)
    assert cam.shows() == {"vitals": {"systolic_mmhg": 140}}  # the same instant: camphone is behind benphone
    ana.meet(ben)
    assert shown(merge(cam.record, ana.record)) == shown(merge(ana.record, cam.record)) == {"vitals": HIGH}


def test_the_clock_shows_but_never_decides(ana, ben):
    first = ana.write({"vitals": HIGH}, "2099-01-01T00:00:00.000Z")
    ben.get(first, "2099-01-01T00:00:00.000Z")
    ben.write({"vitals": LOW}, "1970-01-01T00:00:00.000Z")
    assert ben.shows() == {"vitals": LOW}
    assert values(ben, "vitals") == [LOW]


def test_an_emptied_section_stays_emptied_and_is_a_value_like_any_other(ana, ben):
    ana.write({"referral": {"to": "county"}})
    ana.meet(ben)
    ana.write({"referral": None})
    assert ana.shows() == {"referral": None}
    ana.meet(ben)
    assert ben.shows() == {"referral": None}
    ben.write({"referral": {"to": "city"}})
    ana.write({"referral": None})
    ana.meet(ben)
    assert conflicts(ana.record, policy).keys() == {"referral"}


def test_two_doctors_who_write_the_same_are_not_asked(ana, ben):
    ana.write({"vitals": {"systolic_mmhg": 152, "diastolic_mmhg": 94}, "referral": None})
    ben.write({"vitals": {"diastolic_mmhg": 94, "systolic_mmhg": 152}, "referral": None})
    ana.meet(ben)
    assert len(values(ana, "vitals")) == len(values(ana, "referral")) == 2
    assert clashing(ana.record) == conflicts(ana.record, policy) == {}


def test_one_and_true_and_the_text_of_one_are_three_values():
    assert len({canonical(v) for v in ({"v": 1}, {"v": True}, {"v": "1"}, {"v": None}, {}, None)}) == 6


def test_contact_details_take_the_latest_and_ask_nobody(ana, ben):
    ana.write({"contact": {"phone": "1"}}, LATER)
    ben.write({"contact": {"phone": "2"}}, EARLIER)
    ana.meet(ben)
    assert clashing(ana.record).keys() == {"contact"}
    assert conflicts(ana.record, policy) == {}
    assert ana.shows() == {"contact": {"phone": "1"}}
    assert conflicts(ana.record, lambda _: Policy.REVIEW).keys() == {"contact"}


def test_a_record_is_never_changed_in_place(ana, ben):
    ana.write({"vitals": HIGH, "plan": PLAN})
    kept, copy = ana.record, replace(ana.record)
    ben.meet(ana)
    ana.write({"vitals": LOW})
    merge(ana.record, kept)
    assert kept == copy
