"""Receipts: what the server answers about each edit, and that nothing is lost, doubled or held up on the way."""

import threading

import pytest

from server.exchange import Exchange
from tests.server.phone import vitals
from tests.village import ANA, BEN, OTHER, VILLAGE

CONTACT = {"contact": {"phone": "0372-1"}}


def statuses(receipts):
    return [receipt["status"] for receipt in receipts]


def of(receipt):
    return receipt["status"], receipt.get("reason")


@pytest.fixture
def visit(ana, ben):
    """A visit that both phones hold."""
    record = ana.save(vitals(150))
    assert statuses(ana.sync()["receipts"]) == ["accepted"]
    ben.sync()
    return record


def test_a_first_visit_is_accepted_and_reaches_the_colleague(ana, ben, village):
    record = ana.save(vitals(152))
    reply = ana.sync()
    assert statuses(reply["receipts"]) == ["accepted"]
    assert reply["receipts"][0]["seen"] == {ana.actor: 1}
    assert ana.agrees(reply)
    assert ana.outbox == []
    reply = ben.sync()
    assert ben.shows(record) == vitals(152)
    assert ben.agrees(reply)
    assert village.faults() == []


def test_two_doctors_editing_apart_both_keep_their_words(ana, ben, visit):
    ana.save({"next_visit": {"due_on": "2026-12-01"}}, visit)
    ben.save({"referral": {"reason": "胸痛"}}, visit)
    assert statuses(ana.sync()["receipts"]) == ["accepted"]
    assert statuses(ben.sync()["receipts"]) == ["merged"]
    ana.sync()
    assert (
        ana.shows(visit)
        == ben.shows(visit)
        == vitals(150) | {"next_visit": {"due_on": "2026-12-01"}, "referral": {"reason": "胸痛"}}
    )


def test_two_doctors_on_the_same_section_are_asked_until_one_who_saw_both_decides(ana, ben, village, visit):
    ana.save(vitals(140), visit)
    ben.save(vitals(160), visit)
    assert statuses(ana.sync()["receipts"] + ben.sync()["receipts"]) == ["accepted", "conflict"]
    ana.sync()
    assert ana.values(visit) == ben.values(visit)
    assert len(ana.values(visit)) == 2
    assert [row["conflict"] for row in village.rows("records")] == [True]
    ben.save(vitals(150), visit)
    assert statuses(ben.sync()["receipts"]) == ["accepted"]
    ana.sync()
    assert ana.values(visit) == [vitals(150)["vitals"]]
    assert [row["conflict"] for row in village.rows("records")] == [False]


def test_equal_words_and_telephone_numbers_ask_nobody(ana, ben, visit):
    ana.save(vitals(140), visit)
    ben.save(vitals(140), visit)
    assert statuses(ana.sync()["receipts"] + ben.sync()["receipts"]) == ["accepted", "merged"]
    wang = ana.save(CONTACT, type="resident")
    ana.sync()
    ben.sync()
    for phone, number in ((ana, "0372-2"), (ben, "0372-3")):
        phone.save({"contact": {"phone": number}}, wang)
    assert statuses(ana.sync()["receipts"] + ben.sync()["receipts"]) == ["accepted", "merged"]


def test_a_lost_reply_does_not_double_a_visit(ana, ben, village):
    record = ana.save(vitals(150))
    body = ana.request()
    first = [ana.send(body) for _ in range(3)]  # none of these answers arrives
    assert [statuses(reply["receipts"]) for reply in first] == [["accepted"], ["duplicate"], ["duplicate"]]
    assert first[0]["nonce"] == first[1]["nonce"] == first[2]["nonce"]
    assert first[1]["receipts"] == first[2]["receipts"]
    ana.absorb(body, ana.send(body))
    ana.save(vitals(151), record)
    assert statuses(ana.sync()["receipts"]) == ["accepted"]
    ben.sync()
    assert ben.values(record) == [vitals(151)["vitals"]]
    assert [row["counter"] for row in village.rows("edits")] == [1, 2]


def test_two_copies_of_a_request_at_once_make_one_visit(ana, village):
    for value in (150, 151, 152):
        ana.save(vitals(value))
    body, codes = ana.request(), []
    threads = [threading.Thread(target=lambda: codes.append(ana.post("/v1/sync", body).status_code)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [200] * 6
    assert [row["outcome"] for row in village.rows("edits")] == ["accepted"] * 3
    assert village.faults() == []


def test_a_copy_that_overtakes_the_first_is_no_trouble_to_it(ana, village, monkeypatch):
    ana.save(vitals(150))
    body, receive, inner = ana.request(), Exchange._receive, []

    def overtaken(self, *args):
        monkeypatch.setattr(Exchange, "_receive", receive)
        inner.append(ana.send(body)["receipts"])
        return receive(self, *args)

    monkeypatch.setattr(Exchange, "_receive", overtaken)
    assert statuses(ana.send(body)["receipts"] + inner[0]) == ["duplicate", "accepted"]
    assert len(village.rows("edits")) == 1


def test_a_part_of_a_request_again_changes_nothing(ana, village):
    record = ana.save(vitals(150))
    for value in (151, 152, 153):
        ana.save(vitals(value), record)
    body = ana.request()
    ana.absorb(body, ana.send(body))
    stored = village.rows("records"), village.rows("edits")
    for edits in (body["edits"][2:], body["edits"][:1], body["edits"][::-1]):
        again = ana.sync(edits)["receipts"]
        assert statuses(again) == ["duplicate"] * len(edits)
        assert {tuple(receipt["seen"].items()) for receipt in again} == {((ana.actor, 4),)}
    assert (village.rows("records"), village.rows("edits")) == stored


def test_a_chain_made_offline_goes_in_one_request_and_with_a_hole_waits(ana):
    record = ana.save(vitals(150))
    ana.save(vitals(151), record)
    ana.save(vitals(152), record)
    chain = list(ana.outbox)
    assert statuses(ana.push(chain[0], chain[2])) == ["accepted", "gap"]
    assert statuses(ana.push(chain[2])) == ["gap"]  # no outcome: it may come again
    assert statuses(ana.push(chain[1], chain[2])) == ["accepted", "accepted"]
    assert ana.outbox == []


def test_a_context_that_names_what_the_server_lacks_waits(ana, ben, visit):
    early = ana.draft(vitals(1), visit, context={ana.actor: 1, ben.actor: 1})
    assert [of(r) for r in ana.push(early)] == [("gap", None)]
    ben.save({"referral": {"reason": "x"}}, visit)
    ben.sync()
    assert statuses(ana.push(early)) == ["accepted"]


def test_what_is_set_aside_holds_up_nothing_behind_it(ana, village):
    record = ana.save(vitals(150))
    ana.save({"vitals": {"systolic_mmhg": 1.5}}, record)
    ana.save({"vitals": {"systolic_mmhg": 2.5}}, record)
    ana.save(vitals(153), record)
    assert [of(r) for r in ana.sync()["receipts"]] == [
        ("accepted", None),
        ("deposited", "malformed"),
        ("deposited", "malformed"),
        ("accepted", None),
    ]
    assert ana.shows(record) == vitals(153)
    ana.save(vitals(154), record)
    assert statuses(ana.sync()["receipts"]) == ["accepted"]
    assert len(village.rows("deposits")) == 2
    assert village.faults() == []


def test_what_is_set_aside_gets_the_same_answer_again_and_is_kept_once(ana, village):
    bad = ana.draft({"vitals": {"systolic_mmhg": 1.5}})
    foreign = ana.draft(vitals(1), scope=OTHER)
    first = ana.push(bad, foreign)
    assert [of(r) for r in first] == [("deposited", "malformed"), ("deposited", "out-of-scope")]
    assert ana.push(bad, foreign) == ana.push(foreign, bad)[::-1] == first
    assert len(village.rows("deposits")) == 2


def test_one_bad_edit_holds_up_no_other(ana, village):
    odd = [None, 7, "x", [], {}, {"dot": 1.5}, {"dot": ["nobody00", 1]}, {"dot": [ana.actor]}]
    good = [ana.draft(vitals(value)) for value in (150, 151)]
    receipts = ana.push(good[0], *odd, good[1])
    assert statuses(receipts) == ["accepted", *["deposited"] * len(odd), "accepted"]
    assert {r["reason"] for r in receipts[1:-1]} == {"malformed"}
    assert len(village.rows("records")) == 2


def test_words_put_in_bens_mouth_are_set_aside(ana, village):
    forged = ana.draft(vitals(1), author=BEN)
    assert [of(r) for r in ana.push(forged)] == [("deposited", "malformed")]
    assert village.rows("records") == []


def test_nobody_writes_under_anothers_dot(ana, ben, village, visit):
    forged = ana.draft(vitals(1), visit, dot=[ben.actor, 1])
    assert [of(r) for r in ana.push(forged)] == [("deposited", "malformed")]
    ben.save(vitals(160), visit)
    assert statuses(ben.sync()["receipts"]) == ["accepted"]  # his dot is still his
    assert [row["actor"] for row in village.rows("deposits")] == [None]


def test_an_edit_about_another_resident_or_of_another_form_is_set_aside(ana, village):
    record = ana.save(vitals(150), subject="wang")
    assert statuses(ana.sync()["receipts"]) == ["accepted"]
    receipts = ana.push(ana.draft(vitals(1), record, subject="li"), ana.draft(vitals(2), record, type="resident"))
    assert [of(r) for r in receipts] == [("deposited", "malformed")] * 2
    assert statuses(ana.push(ana.draft(vitals(151), record, subject=None))) == ["accepted"]
    assert village.rows("records")[0]["subject"] == "wang"


def test_a_form_that_only_a_newer_phone_knows_is_kept_whole(ana, ben):
    said = {"轮廓/1": {"deep": [{"a": [1, "7.20", None, True]}]}, "empty": None}
    record = ana.save(said, type="moon_phase")
    assert statuses(ana.sync()["receipts"]) == ["accepted"]
    ben.sync()
    assert ben.shows(record) == said
    ben.save({"empty": {"x": 1}}, record)
    assert statuses(ben.sync()["receipts"]) == ["accepted"]


def test_a_measurement_is_never_refused_and_what_is_odd_about_it_is_told(ana, ben):
    record = ana.save({"vitals": {"systolic_mmhg": 900, "diastolic_mmhg": "x"}})
    [receipt] = ana.sync()["receipts"]
    told = {(issue["section"], issue["field"], issue["code"], issue["level"]) for issue in receipt["issues"]}
    assert receipt["status"] == "accepted"
    assert ("vitals", "systolic_mmhg", "out_of_range", "error") in told
    [change] = ben.sync()["changes"]
    assert change["issues"] == receipt["issues"]
    assert ben.shows(record)["vitals"]["systolic_mmhg"] == 900


def test_a_void_against_an_edit_is_asked_until_somebody_who_saw_both_decides(ana, ben, village, visit):
    ana.save({"void": {"reason": "wrong_person"}}, visit)
    ben.save({"referral": {"reason": "x"}}, visit)
    assert statuses(ana.sync()["receipts"]) == ["accepted"]
    [receipt] = ben.sync()["receipts"]
    assert receipt["status"] == "conflict"
    assert "void-clash" in {issue["code"] for issue in receipt["issues"]}
    assert "void-clash" in {issue["code"] for issue in ana.sync()["changes"][0]["issues"]}
    assert [row["conflict"] for row in village.rows("records")] == [True]
    ana.save({"void": None}, visit)
    [receipt] = ana.sync()["receipts"]
    assert (receipt["status"], [i for i in receipt["issues"] if i["code"] == "void-clash"]) == ("accepted", [])
    assert [row["conflict"] for row in village.rows("records")] == [False]


def test_everything_received_is_in_the_log_as_it_was_sent(ana, village):
    edit = ana.draft({"note": {"text": "血压 ¥"}})
    body = ana.request([])
    text = '{ "sections":{"note":{"text":"\\u8840\\u538b ¥"}} ,' + "".join(
        f' "{name}" : {part},'
        for name, part in {
            "record": f'"{edit["record"]}"',
            "type": '"t"',
            "subject": "null",
            "scope": f'"{VILLAGE}"',
            "dot": f'["{ana.actor}",1]',
            "context": "{}",
            "written_at": f'"{ana.now}"',
        }.items()
    )
    text += f' "author":"{ANA}" }}'
    import json

    sent = json.dumps(body).replace('"edits": []', f'"edits": [{text}]')
    assert statuses(ana.post("/v1/sync", sent.encode()).get_json()["receipts"]) == ["accepted"]
    assert [row["body"] for row in village.rows("edits")] == [text]
