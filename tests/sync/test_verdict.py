"""What a doctor is told about an edit, and what is kept to be looked at."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from sync.record import REVIEW_ASKED, VOID_CLASH, Edit, Record, Remark, apply, merge_remarks, remarks, shown, verdict
from tests.sync.people import BLANK, MORNING, edit, policy

HIGH, LOW, PLAN = {"systolic_mmhg": 152}, {"systolic_mmhg": 128}, {"advice": "less salt"}
WRONG_PERSON = {"reason": "wrong-person", "note": ""}
CLASH, REVIEW = Remark("void", VOID_CLASH), Remark("medication", REVIEW_ASKED)


def told(edits: Iterable[Edit], start: Record = BLANK) -> tuple[list[str], Record, frozenset[Remark]]:
    """Bring edits to a server one after another: what each author is told, the record, the remarks that stand."""
    record, verdicts, standing = start, [], frozenset()
    for one in edits:
        status, after = apply(record, one, MORNING)
        assert status == "applied"
        verdicts.append(verdict(record, one, after, policy))
        standing = remarks(record, one, policy, standing)
        record = after
    return verdicts, record, standing


def test_an_author_who_had_seen_everything_is_simply_accepted():
    answers, _, standing = told(
        [edit(("anaphone", 1), {"vitals": HIGH}), edit(("benphone", 1), {"vitals": LOW}, {"anaphone": 1})]
    )
    assert (answers, standing) == (["accepted", "accepted"], frozenset())


@pytest.mark.parametrize("theirs", [{"plan": PLAN}, {"vitals": HIGH}, {}])
def test_an_edit_beside_one_it_does_not_clash_with_is_merged(theirs):
    answers, _, standing = told([edit(("anaphone", 1), {"vitals": HIGH}), edit(("benphone", 1), theirs)])
    assert (answers, standing) == (["accepted", "merged"], frozenset())


def test_an_edit_that_differs_from_one_its_author_had_not_seen_is_a_conflict():
    answers, _, _ = told([edit(("anaphone", 1), {"vitals": HIGH}), edit(("benphone", 1), {"vitals": LOW, "plan": PLAN})])
    assert answers == ["accepted", "conflict"]


def test_contact_details_written_apart_are_merged():
    answers, _, _ = told(
        [edit(("anaphone", 1), {"contact": {"phone": "1"}}), edit(("benphone", 1), {"contact": {"phone": "2"}})]
    )
    assert answers == ["accepted", "merged"]


def test_an_old_conflict_in_a_section_that_one_did_not_touch_is_not_ones_own():
    apart = [edit(("anaphone", 1), {"vitals": HIGH}), edit(("benphone", 1), {"vitals": LOW})]
    both = {"anaphone": 1, "benphone": 1}
    assert told([*apart, edit(("camphone", 1), {"plan": PLAN}, both)])[0] == ["accepted", "conflict", "accepted"]
    assert told([*apart, edit(("camphone", 1), {"plan": PLAN})])[0] == ["accepted", "conflict", "merged"]


def test_settling_a_conflict_is_accepted_only_when_all_siblings_had_been_seen():
    apart = [edit(("anaphone", 1), {"vitals": HIGH}), edit(("benphone", 1), {"vitals": LOW})]
    assert told([*apart, edit(("camphone", 1), {"vitals": LOW}, {"anaphone": 1, "benphone": 1})])[0][-1] == "accepted"
    assert told([*apart, edit(("camphone", 1), {"vitals": LOW}, {"anaphone": 1})])[0][-1] == "merged"  # as Ben wrote
    assert told([*apart, edit(("camphone", 1), {"vitals": {}}, {"anaphone": 1})])[0][-1] == "conflict"


# -- void --------------------------------------------------------------------------------------------------------------

ANA_WRITES = edit(("anaphone", 1), {"vitals": HIGH})
BEN_VOIDS = edit(("benphone", 1), {"void": WRONG_PERSON}, {"anaphone": 1})
ANA_GOES_ON = edit(("anaphone", 2), {"plan": PLAN}, {"anaphone": 1})
ALL_SEEN = {"anaphone": 2, "benphone": 1}


@pytest.mark.parametrize("order", [[BEN_VOIDS, ANA_GOES_ON], [ANA_GOES_ON, BEN_VOIDS]])
def test_a_void_against_an_edit_is_a_conflict_whichever_comes_first_and_both_stay(order):
    answers, record, standing = told([ANA_WRITES, *order])
    assert (answers, standing) == (["accepted", "accepted", "conflict"], {CLASH})
    assert shown(record) == {"vitals": HIGH, "plan": PLAN, "void": WRONG_PERSON}


def test_a_void_by_one_who_had_seen_everything_asks_nobody():
    answers, _, standing = told([ANA_WRITES, BEN_VOIDS])
    assert (answers, standing) == (["accepted", "accepted"], frozenset())


@pytest.mark.parametrize("decision", [None, WRONG_PERSON])
@pytest.mark.parametrize("order", [[BEN_VOIDS, ANA_GOES_ON], [ANA_GOES_ON, BEN_VOIDS]])
def test_a_person_who_saw_both_settles_it_by_voiding_again_or_by_withdrawing(order, decision):
    answers, record, standing = told([ANA_WRITES, *order, edit(("camphone", 1), {"void": decision}, ALL_SEEN)])
    assert (answers[-1], standing, shown(record)["void"]) == ("accepted", frozenset(), decision)


def test_it_is_not_settled_by_writing_something_else_nor_by_one_who_saw_only_half():
    clash = [ANA_WRITES, BEN_VOIDS, ANA_GOES_ON]
    assert told([*clash, edit(("camphone", 1), {"plan": {}}, ALL_SEEN)])[2] == {CLASH}
    assert told([*clash, edit(("camphone", 1), {"void": None}, {"anaphone": 1, "benphone": 1})])[2] == {CLASH}


def test_a_settled_void_clashes_anew_with_an_edit_that_had_not_seen_it():
    settled = [ANA_WRITES, BEN_VOIDS, ANA_GOES_ON, edit(("camphone", 1), {"void": WRONG_PERSON}, ALL_SEEN)]
    answers, _, standing = told([*settled, edit(("danphone", 1), {"plan": {}}, {"anaphone": 2})])
    assert (answers[-1], standing) == ("conflict", {CLASH})


def test_an_edit_that_had_seen_neither_the_void_nor_its_withdrawal_is_not_in_conflict_with_it():
    withdrawn = [ANA_WRITES, BEN_VOIDS, edit(("benphone", 2), {"void": None}, {"anaphone": 1, "benphone": 1})]
    answers, _, standing = told([*withdrawn, ANA_GOES_ON])
    assert (answers[-1], standing) == ("merged", frozenset())


def test_taking_back_a_void_beside_an_edit_is_no_clash():
    answers, _, standing = told([ANA_WRITES, BEN_VOIDS, edit(("benphone", 2), {"void": None}, {"anaphone": 1, "benphone": 1})])
    assert (answers[-1], standing) == ("accepted", frozenset())


def test_a_void_clashes_with_what_replaced_the_edit_it_had_not_seen():
    replaced = [ANA_WRITES, ANA_GOES_ON, edit(("camphone", 1), {"plan": {}}, {"anaphone": 2})]
    answers, _, standing = told([*replaced, BEN_VOIDS])
    assert (answers[-1], standing) == ("conflict", {CLASH})


# -- review of a keyed list --------------------------------------------------------------------------------------------

AMLODIPINE, ENALAPRIL = {"medication/m1": {"drug": "amlodipine"}}, {"medication/m2": {"drug": "enalapril"}}


def test_two_doctors_who_prescribe_apart_are_merged_and_the_list_is_to_be_looked_at():
    answers, _, standing = told([edit(("anaphone", 1), AMLODIPINE), edit(("benphone", 1), ENALAPRIL)])
    assert (answers, standing) == (["accepted", "merged"], {REVIEW})


def test_one_doctor_with_two_phones_is_not_asked_to_review_herself():
    hers = [edit(("anaphone", 1), AMLODIPINE, author="ana"), edit(("anatablet", 1), ENALAPRIL, author="ana")]
    assert told(hers)[2] == frozenset()


def test_a_review_is_done_by_writing_the_list_after_having_seen_all():
    apart = [edit(("anaphone", 1), AMLODIPINE), edit(("benphone", 1), ENALAPRIL)]
    both = {"anaphone": 1, "benphone": 1}
    assert told([*apart, edit(("camphone", 1), {"medication/m2": None}, both)])[2] == frozenset()
    assert told([*apart, edit(("camphone", 1), {"plan": PLAN}, both)])[2] == {REVIEW}
    assert told([*apart, edit(("camphone", 1), {"medication/m2": None}, {"benphone": 1})])[2] == {REVIEW}


def test_the_same_medicine_written_differently_apart_is_a_conflict_and_to_be_reviewed():
    mine, yours = edit(("anaphone", 1), AMLODIPINE), edit(("benphone", 1), {"medication/m1": {"drug": "nifedipine"}})
    answers, _, standing = told([mine, yours])
    assert (answers[-1], standing) == ("conflict", {REVIEW})


def test_sections_that_ask_for_no_review_raise_none():
    assert told([edit(("anaphone", 1), {"lab/l1": {}}), edit(("benphone", 1), {"lab/l2": {}})])[2] == frozenset()


def replicas(first: Edit, a: Edit, b: Edit) -> tuple[Record, Record]:
    """Two replicas that have the first edit in common, and each one edit that the other lacks."""
    _, common, _ = told([first])
    return told([a], common)[1], told([b], common)[1]


@pytest.mark.parametrize("turned", [False, True])
def test_a_void_and_an_edit_that_meet_only_when_replicas_are_joined_are_asked_too(turned):
    first = edit(("anaphone", 1), {"vitals": HIGH})
    pair = replicas(
        first,
        edit(("anaphone", 2), {"void": WRONG_PERSON}, {"anaphone": 1}),
        edit(("benphone", 1), {"plan": PLAN}, {"anaphone": 1}),
    )
    here, there = reversed(pair) if turned else pair
    assert merge_remarks(here, there, policy) == {CLASH}


def test_joining_with_one_who_had_seen_everything_asks_nobody():
    first = edit(("anaphone", 1), {"vitals": HIGH})
    _, common, _ = told([first])
    _, ahead, _ = told([edit(("benphone", 1), {"void": WRONG_PERSON}, {"anaphone": 1})], common)
    assert merge_remarks(common, ahead, policy) == merge_remarks(ahead, common, policy) == frozenset()


def test_lists_that_two_persons_changed_apart_are_looked_at_when_replicas_are_joined():
    first = edit(("anaphone", 1), {"vitals": HIGH})
    here, there = replicas(
        first,
        edit(("anaphone", 2), {"medication/m1": {"dose": "5"}}, {"anaphone": 1}, author="ana"),
        edit(("benphone", 1), {"medication/m2": {"dose": "5"}}, {"anaphone": 1}, author="ben"),
    )
    assert merge_remarks(here, there, policy) == {REVIEW}
