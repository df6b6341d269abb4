"""What waits for a leader, and what becomes of it: conflicts, voids, lists, and who may see and settle them."""

import dataclasses

import pytest

from server.decisions.conflicts import Choice
from server.problems import Problem
from server.store import directory
from sync.identity import resident_id
from sync.record import VOID, conflicts, sections
from sync.types import CATALOGUE
from sync.version import Dot
from tests.server.phone import vitals
from tests.standing import forms
from tests.village import ANA, BEN, CAM, LEA, OTHER, SUE, TOWNSHIP, VILLAGE, grant

WANG = resident_id(b"k" * 32, "11010519491231002X")


@pytest.fixture
def desk(village):
    return village.app.extensions["cunyi"].decisions


@pytest.fixture
def lea(village):
    return village.access.view(LEA)


def refused(kind, work, *given):
    with pytest.raises(Problem) as told:
        work(*given)
    assert told.value.kind.name == kind
    return told.value


def apart(village, ana, ben, first, second, **parts):
    """Ana and Ben write about the same record without a signal: the record's id."""
    record = ana.save(vitals(150), subject=WANG, **parts)
    ana.renew().sync()
    ben.renew().sync()
    village.later(minutes=10)
    ana.save(first, record)
    ben.save(second, record)
    ana.sync()
    village.later(minutes=1)
    ben.sync()
    return record


def chosen(conflict, author):
    [question] = conflict.questions
    return {question.section: Choice(next(claim.dot for claim in question.claims if claim.author == author))}


def test_a_conflict_is_settled_at_the_desk_and_both_phones_hold_it_with_who_when_and_why(village, ana, ben, desk, lea):
    record = apart(village, ana, ben, vitals(160) | {"note": {"text": "a"}}, vitals(170))
    [line] = desk.conflicts.listed(lea)
    assert (line.record.id, line.sections, line.authors) == (record, ("vitals",), (ANA, BEN))
    assert line.since == "2026-11-21T04:11:00.000Z"
    conflict = desk.conflicts.of(lea, record)
    [question] = conflict.questions
    assert question.before == vitals(150)["vitals"]
    assert [(c.author, c.step.author_name, c.step.device_name) for c in question.claims] == [
        (ANA, "Ana", "Redmi 9A"),
        (BEN, "Ben", "Redmi 9A"),
    ]
    assert question.fields == ("systolic_mmhg",)
    village.later(minutes=3)
    assert desk.conflicts.settle(lea, record, conflict.record.seen, chosen(conflict, ANA), "Ana 当场复测") == "accepted"
    replies = [phone.sync() for phone in (ana, ben)]
    for phone, reply in zip((ana, ben), replies, strict=True):
        assert phone.shows(record)["vitals"] == vitals(160)["vitals"]
        [decision] = sections(phone.base[record])["decision"]
        assert decision.value == {"about": ["vitals"], "reason": "Ana 当场复测", "decided_on": "2026-11-21"}
        assert (decision.edit.author, decision.edit.written_at) == (LEA, "2026-11-21T04:14:00.000Z")
        assert not conflicts(phone.base[record], CATALOGUE.policy("hypertension_visit"))
        assert phone.agrees(reply)
    assert desk.conflicts.listed(lea) == []
    settled = desk.conflicts.of(lea, record)
    assert settled.questions == ()
    assert vitals(170)["vitals"] in [step.sections["vitals"] for step in settled.history.replaced("vitals")]
    assert village.faults() == []


def test_what_came_in_meanwhile_is_not_overwritten_and_of_two_leaders_the_second_is_told(village, ana, ben, desk, lea):
    record = apart(village, ana, ben, vitals(160), vitals(170))
    on_page = desk.conflicts.of(lea, record)
    ana.save(vitals(165), record)
    ana.sync()
    refused("changed-meanwhile", desk.conflicts.settle, lea, record, on_page.record.seen, chosen(on_page, ANA), "why")
    again = desk.conflicts.of(lea, record)
    assert {claim.value["systolic_mmhg"] for claim in again.questions[0].claims} == {165, 170}
    seen = again.record.seen
    assert desk.conflicts.settle(lea, record, seen, chosen(again, BEN), "Ben was there") == "accepted"
    refused("changed-meanwhile", desk.conflicts.settle, lea, record, seen, chosen(again, ANA), "no, Ana")
    ana.sync()
    assert ana.shows(record)["vitals"] == vitals(170)["vitals"]
    assert [row["action"] for row in village.rows("trail")] == ["conflict.settle"]


def test_the_leader_of_another_village_gets_the_same_answer_as_for_nothing(village, ana, ben, desk):
    record = apart(village, ana, ben, vitals(160), vitals(170))
    stranger = dataclasses.replace(village.access.view(CAM), duties=frozenset({"look", "settle"}))
    assert desk.conflicts.listed(stranger) == []
    for name in (record, "00000000-0000-4000-8000-000000000000"):
        refused("not-found", desk.conflicts.of, stranger, name)
        refused("not-found", desk.conflicts.settle, stranger, name, {}, {"vitals": Choice()}, "why")
    seen = ana.base[record].seen
    refused("not-allowed", desk.conflicts.settle, village.access.view(ANA), record, seen, {"vitals": Choice()}, "why")
    assert [row["action"] for row in village.rows("trail")] == []


def test_a_conflict_of_a_protected_programme_waits_only_for_whom_it_was_granted(village, desk):
    for person in (ANA, BEN):
        village.write(lambda c, person=person: grant(c, person, "tb"))
    ana, ben = village.phones(ANA, BEN)
    record = ana.save({"symptoms": {"other": "咳"}}, type="tb_visit", subject=WANG, scope=f"{VILLAGE}:tb")
    ana.sync()
    ben.sync()
    ana.save({"symptoms": {"other": "咳血"}}, record)
    ben.save({"symptoms": {"other": "无"}}, record)
    ana.sync()
    ben.sync()
    assert desk.conflicts.listed(village.access.view(LEA)) == []
    refused("not-found", desk.conflicts.of, village.access.view(LEA), record)
    village.write(lambda c: grant(c, LEA, "tb"))
    lea = village.access.view(LEA)
    [line] = desk.conflicts.listed(lea)
    conflict = desk.conflicts.of(lea, line.record.id)
    desk.conflicts.settle(lea, record, conflict.record.seen, chosen(conflict, BEN), "复核")
    ana.sync()
    assert ana.shows(record)["symptoms"] == {"other": "无"}
    assert village.faults() == []


def test_a_value_is_corrected_on_top_of_what_somebody_wrote_and_what_nobody_knows_is_carried_over(village, ana, ben, desk, lea):
    odd = {"vitals": vitals(160)["vitals"] | {"of_a_newer_phone": 1}}
    record = apart(village, ana, ben, odd, vitals(170))
    conflict = desk.conflicts.of(lea, record)
    [question] = conflict.questions
    mine = next(claim.dot for claim in question.claims if claim.author == ANA)
    seen = conflict.record.seen
    bad = {"vitals": Choice(mine, {"systolic_mmhg": "high"})}
    assert refused("unfit-request", desk.conflicts.settle, lea, record, seen, bad, "why").more["faults"] == [
        "/vitals/systolic_mmhg: not_a_whole_number"
    ]
    refused("unfit-request", desk.conflicts.settle, lea, record, seen, {"vitals": Choice(Dot("nobodysphone", 1))}, "why")
    refused("unfit-request", desk.conflicts.settle, lea, record, seen, {"vitals": Choice(mine)}, "  ")
    refused("unfit-request", desk.conflicts.settle, lea, record, seen, {}, "why")
    refused("unfit-request", desk.conflicts.settle, lea, record, seen, {"note": Choice(mine)}, "why")
    desk.conflicts.settle(lea, record, seen, {"vitals": Choice(mine, {"systolic_mmhg": 165})}, "两次平均")
    ben.sync()
    assert ben.shows(record)["vitals"] == {"systolic_mmhg": 165, "diastolic_mmhg": 90, "of_a_newer_phone": 1}


@pytest.mark.parametrize("stays", [True, False])
def test_a_visit_voided_while_somebody_went_on_writing_is_decided_either_way(village, ana, ben, desk, lea, stays):
    record = apart(village, ana, ben, {VOID: {"reason": "wrong-person"}}, {"note": {"text": "in time"}})
    conflict = desk.conflicts.of(lea, record)
    [question] = conflict.questions
    assert (question.section, question.kind) == (VOID, VOID)
    assert [(name, claim.author) for name, claim in question.entries] == [("note", BEN)]
    choice = Choice(None if stays else question.claims[0].dot)
    desk.conflicts.settle(lea, record, conflict.record.seen, {VOID: choice}, "问过本人")
    assert desk.conflicts.listed(lea) == []
    ana.sync()
    assert ana.shows(record)[VOID] == (None if stays else {"reason": "wrong-person"})
    assert ana.shows(record)["note"] == {"text": "in time"}
    assert village.faults() == []


def test_a_list_of_medicines_that_two_changed_apart_is_looked_at_entry_by_entry(village, ana, ben, desk, lea):
    record = apart(village, ana, ben, {"medication/m1": {"name": "氨氯地平"}}, {"medication/m2": {"name": "硝苯地平"}})
    [line] = desk.conflicts.listed(lea)
    assert line.sections == ("medication",)
    conflict = desk.conflicts.of(lea, record)
    [question] = conflict.questions
    assert [(name, claim.author) for name, claim in question.entries] == [("medication/m1", ANA), ("medication/m2", BEN)]
    keep = {"medication": Choice(keep=["medication/m1"])}
    desk.conflicts.settle(lea, record, conflict.record.seen, keep, "同类药不同用")
    assert desk.conflicts.listed(lea) == []
    ben.sync()
    assert (ben.shows(record)["medication/m1"], ben.shows(record)["medication/m2"]) == ({"name": "氨氯地平"}, None)


def test_sent_back_to_the_doctors_it_waits_on_they_read_why_and_one_of_them_settles_it(village, ana, ben, desk, lea):
    record = apart(village, ana, ben, vitals(160), vitals(170))
    conflict = desk.conflicts.of(lea, record)
    village.later(minutes=1)
    desk.conflicts.send_back(lea, record, conflict.record.seen, "请当面核实")
    assert [line.returned for line in desk.conflicts.listed(lea)] == [True]
    assert desk.conflicts.of(lea, record).returned.author == LEA
    ben.sync()
    assert ben.shows(record)["decision"]["reason"] == "请当面核实"
    assert len(ben.values(record)) == 2
    ben.save(vitals(168), record)
    ben.sync()
    assert desk.conflicts.listed(lea) == []
    ana.sync()
    ana.save(vitals(1), record)
    ben.save(vitals(2), record)
    village.later(minutes=1)
    ana.sync()
    ben.sync()
    assert [line.returned for line in desk.conflicts.listed(lea)] == [False]  # another conflict than that one


def test_the_same_in_another_spelling_is_accepted_in_one_go_and_nothing_else_is(village, ana, ben, desk, lea):
    alike = apart(village, ana, ben, {"note": {"text": "头晕，１次"}}, {"note": {"text": "头晕,1次 ", "more": ""}})
    other = apart(village, ana, ben, vitals(160), vitals(170))
    lines = {line.record.id: line for line in desk.conflicts.listed(lea)}
    assert {name: line.alike for name, line in lines.items()} == {alike: True, other: False}
    seen = lines[other].record.seen
    refused("changed-meanwhile", desk.conflicts.accept_alike, lea, other, seen, "写法不同")
    assert desk.conflicts.accept_alike(lea, alike, lines[alike].record.seen, "写法不同") == "accepted"
    assert [line.record.id for line in desk.conflicts.listed(lea)] == [other]


def test_an_address_that_is_decided_moves_the_resident_back_at_once(village, ana, ben, desk, lea):
    ana.save({"identity": {"name": "王秀兰"}, "residence": {"area_code": VILLAGE}}, WANG, type="resident", subject=WANG)
    ana.sync()
    ben.sync()
    ana.save({"residence": {"area_code": OTHER}}, WANG)
    ben.save({"residence": {"area_code": VILLAGE, "address": "12"}}, WANG)
    ana.sync()
    ben.sync()
    conflict = desk.conflicts.of(lea, WANG)
    assert (conflict.record.scope, ana.sync()["changes"]) == (OTHER, [])
    desk.conflicts.settle(lea, WANG, conflict.record.seen, chosen(conflict, BEN), "没有迁")
    assert [c["scope"] for c in ana.sync()["changes"] if c["record"] == WANG] == [VILLAGE]
    assert village.access.view(SUE).may("settle") is False
    assert village.faults() == []


# -- an appeal is a supervisor's to decide -----------------------------------------------------------------------------

UPHELD = {"decision": "upheld", "decided_by": SUE, "decided_on": "2026-11-21", "note": "ok"}


@pytest.fixture
def appealed(ana, ben):
    """A contract of which a service was missed, and Ana's word that it was given; Ben holds it too."""
    item = forms.item(name="随访", times_per_year=4, fulfilled_by=["hypertension_visit"])
    signed = forms.contract(1, "2026-01-05", "2027-01-04", {"bp": item})
    signed.sections["appeal/bp"] = {"asked_on": "2026-11-20", "reason": "停电，记在纸上"}
    for saved in (forms.resident(1, "王秀兰", "female", "1950-03-04"), signed):
        ana.save(saved.sections, saved.record, type=saved.type, subject=saved.subject)
    ana.sync()
    ben.sync()
    return signed.record


def twice_said(village, ana, ben, contract, hers, his):
    """Both write the appeal anew without a signal: what stood there before."""
    said = ana.shows(contract)["appeal/bp"]
    village.later(minutes=5)
    ana.renew().save({"appeal/bp": said | hers}, contract)
    ben.renew().save({"appeal/bp": said | his}, contract)
    ana.sync()
    village.later(minutes=1)
    ben.sync()
    return said


def still_asked(village, desk, ana, contract, reason):
    """The appeal waits for a supervisor, in these words, and nothing counts as done by it."""
    ana.sync()
    assert ana.shows(contract)["appeal/bp"] == {"asked_on": "2026-11-20", "reason": reason}
    assert [one.key for one in desk.appeals.listed(village.access.view(SUE))] == ["bp"]
    standing = village.app.extensions["cunyi"].standings.of([VILLAGE], forms.name(1, "resident"))
    assert [one["state"] for one in standing["obligations"] if one["appeal"]] == ["missed"]
    assert village.faults() == []


def test_a_leader_who_settles_two_wordings_of_an_appeal_does_not_decide_it(village, ana, ben, desk, lea, appealed):
    twice_said(village, ana, ben, appealed, {"reason": "有照片"} | UPHELD, {"reason": "另一说法"})
    conflict = desk.conflicts.of(lea, appealed)
    [(name, choice)] = chosen(conflict, ANA).items()
    over = dataclasses.replace(choice, corrected=UPHELD)
    desk.conflicts.settle(lea, appealed, conflict.record.seen, {name: over}, "两份合并")
    still_asked(village, desk, ana, appealed, "有照片")


def test_a_leader_who_takes_the_same_appeal_in_another_spelling_does_not_decide_it(village, ana, ben, desk, lea, appealed):
    twice_said(village, ana, ben, appealed, UPHELD | {"reason": "停电,有照片"}, UPHELD | {"reason": "停电，有照片 "})
    [line] = desk.conflicts.listed(lea)
    assert line.alike
    desk.conflicts.accept_alike(lea, appealed, line.record.seen, "写法不同")
    still_asked(village, desk, ana, appealed, "停电，有照片 ")


def test_a_leader_who_corrects_an_appeal_that_was_set_aside_does_not_decide_it(village, ana, ben, desk, lea, appealed):
    ben.save({"appeal/bp": ana.shows(appealed)["appeal/bp"] | {"reason": "补充"}}, appealed)
    village.set_status(ben, "retired")
    ben.sync()
    [aside] = desk.set_aside.listed(lea)
    desk.set_aside.correct(lea, aside.deposit.id, dict(aside.record.seen), {"appeal/bp": UPHELD}, "核实")
    still_asked(village, desk, ana, appealed, "补充")


@pytest.mark.parametrize("taken", ["hers", "his"])
def test_what_a_supervisor_decided_stays_with_just_the_words_that_it_was_decided_about(
    village, ana, ben, desk, lea, appealed, taken
):
    sue = village.access.view(SUE)
    village.later(minutes=5)
    ben.renew().save({"appeal/bp": ana.shows(appealed)["appeal/bp"] | {"reason": "另一说法"}}, appealed)
    desk.appeals.judge(sue, appealed, "bp", desk.appeals.of(sue, appealed, "bp").contract.seen, "upheld", "已看纸质记录")
    village.later(minutes=1)
    ben.sync()  # apart from the decision
    conflict = desk.conflicts.of(lea, appealed)
    desk.conflicts.settle(lea, appealed, conflict.record.seen, chosen(conflict, SUE if taken == "hers" else BEN), "核对")
    if taken == "his":
        still_asked(village, desk, ana.renew(), appealed, "另一说法")
        return
    assert desk.appeals.listed(sue) == []
    assert desk.appeals.of(sue, appealed, "bp").said["decision"] == "upheld"


# -- what was set aside is decided where the record lives --------------------------------------------------------------


@pytest.mark.parametrize("new", [False, True])
def test_a_leader_does_not_write_into_the_township_that_somebody_has_moved_to(village, ana, ben, desk, lea, new):
    """Ben's old words about her, or a new visit of his, would go where she lives now: it is decided there."""
    far, far_village = TOWNSHIP[:6] + "002", TOWNSHIP[:6] + "002201"
    village.write(lambda c: directory.put_areas(c, [{"code": far, "name": "远乡"}, {"code": far_village, "name": "远村"}]))
    ana.save({"identity": {"name": "王秀兰"}}, WANG, type="resident", subject=WANG)
    ana.sync()
    ben.sync()
    if new:
        ben.save(vitals(170), subject=WANG)
    else:
        ben.save({"contact": {"phone": "13800009999"}}, WANG)
    village.set_status(ben, "retired")
    ben.sync()
    [aside] = desk.set_aside.listed(lea)
    village.exchange.moving.move(WANG, far_village)
    assert desk.set_aside.listed(lea) == []
    refused("not-found", desk.set_aside.apply, lea, aside.deposit.id)
    there = dataclasses.replace(lea, areas=(far,), villages=frozenset({far_village}))
    assert desk.set_aside.apply(there, aside.deposit.id) == "accepted"
    assert {row["scope"] for row in village.rows("records") if row["moved_to"] is None} == {far_village}


def test_the_trail_says_in_which_village_and_about_whom_a_deposit_was_decided(village, ana, ben, desk, lea):
    record = ana.save(vitals(150), subject=WANG)
    ana.sync()
    ben.sync()
    ben.save(vitals(170), record)
    village.set_status(ben, "retired")
    ben.sync()
    [aside] = desk.set_aside.listed(lea)
    desk.set_aside.refuse(lea, aside.deposit.id, "不符")
    [entry] = village.rows("trail")
    assert (entry["action"], entry["area"], entry["resident"], entry["record"]) == ("deposit.refused", VILLAGE, WANG, record)


# -- what a phone writes as a decision ---------------------------------------------------------------------------------


def test_a_phone_does_not_wipe_out_what_the_leader_sent_back_nor_decides_by_saying_so(village, ana, ben, desk, lea):
    record = apart(village, ana, ben, vitals(160), vitals(170))
    village.later(minutes=1)
    desk.conflicts.send_back(lea, record, desk.conflicts.of(lea, record).record.seen, "请核实")
    ana.sync()
    village.later(minutes=1)
    mine = {"about": ["vitals"], "reason": "组长已同意用我的数值", "decided_on": "2026-11-21"}
    ana.save({"decision": mine}, record)
    [receipt] = ana.sync()["receipts"]
    assert ("decision", "undecided") in {(issue["section"], issue["code"]) for issue in receipt["issues"]}
    assert [line.returned for line in desk.conflicts.listed(lea)] == [True]
    found = desk.conflicts.of(lea, record)
    assert (found.returned.author, found.decision.sections["decision"]["reason"]) == (LEA, "请核实")


def test_a_doctor_who_settles_a_conflict_on_a_phone_may_say_why(village, ana, ben, desk, lea):
    record = apart(village, ana, ben, vitals(160), vitals(170))
    ana.sync()
    village.later(minutes=1)
    why = {"about": ["vitals"], "reason": "我在场", "decided_on": "2026-11-21"}
    ana.save(vitals(160) | {"decision": why}, record)
    assert "undecided" not in str(ana.sync()["receipts"])
    found = desk.conflicts.of(lea, record)
    assert (found.decision.author, found.returned) == (ANA, None)
    village.later(minutes=1)
    ben.sync()
    ben.save(vitals(165), record)  # what he changes later makes nothing undecided
    assert "undecided" not in str(ben.sync()["receipts"])
