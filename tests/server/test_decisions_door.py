"""What waits for a decision, for programs: the same as on the pages, with the token of a device."""

import json

import pytest

from sync import wire
from tests.server.phone import vitals
from tests.server.test_deciding import WANG, apart
from tests.server.test_decision_pages import IDENTITY, known_by_two_numbers, numbered
from tests.village import BEN, CAM, LEA, SUE


@pytest.fixture
def lea(village):
    return village.phone(LEA)


def read(phone, path, status=200):
    answer = phone.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def test_a_program_of_the_leader_lists_and_settles_a_conflict(village, ana, ben, lea):
    record = apart(village, ana, ben, vitals(160), vitals(170))
    reply = read(lea, "/v1/conflicts")
    assert wire.Conflicts().validate(reply) == {}
    [line] = reply["conflicts"]
    assert (line["record"], line["sections"], line["since"]) == (record, ["vitals"], "2026-11-21T04:11:00.000Z")
    found = read(lea, f"/v1/conflicts/{record}")
    assert wire.ConflictReply().validate(found) == {}
    [question] = found["questions"]
    assert (question["before"], question["fields"]) == (vitals(150)["vitals"], ["systolic_mmhg"])
    mine, other = question["claims"]
    assert (mine["author_name"], mine["device"], other["author"]) == ("Ana", "Redmi 9A", BEN)
    body = {"seen": found["seen"], "choices": {"vitals": {"dot": mine["dot"]}}, "reason": "复测"}
    assert lea.ask(200, f"/v1/conflicts/{record}", body) == {"status": "accepted"}
    again = lea.ask(409, f"/v1/conflicts/{record}", body)
    assert again["type"] == "/problems/changed-meanwhile"
    done = read(lea, f"/v1/conflicts/{record}")
    assert (done["questions"], done["decision"]["reason"], done["decision"]["author"]) == ([], "复测", LEA)
    ben.sync()
    assert ben.shows(record)["vitals"] == vitals(160)["vitals"]


def test_without_a_choice_it_goes_back_to_the_doctors_and_who_may_not_is_told_so(village, ana, ben, lea, cam):
    record = apart(village, ana, ben, vitals(160), vitals(170))
    seen = read(ana, f"/v1/conflicts/{record}")["seen"]
    body = {"seen": seen, "reason": "请核实"}
    assert ana.ask(403, f"/v1/conflicts/{record}", body)["type"] == "/problems/not-allowed"
    cam.renew()
    village.person(CAM, role="team_leader")
    assert read(cam, f"/v1/conflicts/{record}", 404) == read(cam, "/v1/conflicts/nothing", 404)
    assert cam.ask(404, f"/v1/conflicts/{record}", body) == cam.ask(404, "/v1/conflicts/nothing", body)
    village.later(minutes=1)
    assert lea.ask(200, f"/v1/conflicts/{record}", body) == {"status": "accepted"}
    assert [line["returned"] for line in read(lea, "/v1/conflicts")["conflicts"]] == [True]
    for unfit in (
        {},
        body | {"choices": {"vitals": {"dot": ["x", 0]}}},
        body | {"choices": {"vitals": 1}},
        body | {"seen": {"a": -1}},
    ):
        assert lea.ask(422, f"/v1/conflicts/{record}", unfit)["type"] == "/problems/unfit-request"


@pytest.mark.parametrize(("action", "state"), [("apply", "applied"), ("correct", "applied"), ("refuse", "refused")])
def test_what_was_set_aside_is_decided_by_a_program(village, ana, ben, lea, action, state):
    ben.save(vitals(170))
    village.set_status(ben, "retired")
    ben.sync()
    reply = read(lea, "/v1/deposits")
    assert wire.Deposits().validate(reply) == {}
    [line] = reply["deposits"]
    assert (line["author"], line["reason"], line["sections"]) == (BEN, "account-disabled", vitals(170))
    body = {"action": action, "reason": "why", "seen": line["seen"], "corrected": {"vitals": {"systolic_mmhg": 171}}}
    assert lea.ask(200, f"/v1/deposits/{line['deposit']}", body)["status"] in ("accepted", "refused")
    assert lea.ask(409, f"/v1/deposits/{line['deposit']}", body)["type"] == "/problems/changed-meanwhile"
    assert lea.ask(404, f"/v1/deposits/{line['deposit'][:12]}", body)["type"] == "/problems/not-found"
    [row] = village.rows("deposits")
    assert (row["state"], row["decided_by"]) == (state, LEA)
    ana.sync()
    wanted = {"apply": [170], "correct": [171], "refuse": []}[action]
    assert [ana.shows(one)["vitals"]["systolic_mmhg"] for one in ana.base] == wanted
    assert ana.get("/v1/deposits").status_code == 403
    assert "reason" not in json.dumps([row["detail"] for row in village.rows("trail")])
    assert village.faults() == []


def test_numbers_of_a_person_are_told_only_to_who_decides_about_them(village, ana, ben, lea):
    known_by_two_numbers(village, ana, ben, numbered("110105194912310011"), numbered("110105194912310038"))
    [question] = read(lea, f"/v1/conflicts/{WANG}")["questions"]
    assert question["before"] == IDENTITY
    assert [claim["value"]["id_no"] for claim in question["claims"]] == ["110105194912310011", "110105194912310038"]
    [question] = read(village.phone(SUE), f"/v1/conflicts/{WANG}")["questions"]
    assert question["before"] == IDENTITY | {"id_no": "••••2X"}
    assert [claim["value"]["id_no"] for claim in question["claims"]] == ["••••11", "••••38"]


def test_a_number_that_both_wrote_alike_is_not_told_with_the_name_about_which_they_differ(village, ana, ben, lea):
    names = ({"identity": IDENTITY | {"name": name}} for name in ("王秀蓝", "王秀莲"))
    known_by_two_numbers(village, ana, ben, *names)
    [question] = read(lea, f"/v1/conflicts/{WANG}")["questions"]
    assert {claim["value"]["id_no"] for claim in question["claims"]} == {"••••2X"}


def test_numbers_about_which_nobody_decides_are_told_to_nobody(village, ana, ben, lea):
    known_by_two_numbers(village, ana, ben, {"contact": {"phone": "13800002222"}}, {"void": {"reason": "wrong-person"}})
    told = json.dumps(read(lea, f"/v1/conflicts/{WANG}"), ensure_ascii=False)
    assert ("13800002222" in told, "••••2222" in told) == (False, True)


def test_of_what_was_set_aside_only_a_number_that_it_changes_is_told(village, ana, ben, lea):
    said = {"identity": {"name": "王秀兰", "id_no": "11010519491231002X"}, "contact": {"phone": "13800001111"}}
    ana.save(said, WANG, type="resident", subject=WANG)
    ana.sync()
    ben.renew().sync()
    ben.save({"identity": said["identity"] | {"name": "王秀莲"}, "contact": {"phone": "13800002222"}}, WANG)
    village.set_status(ben, "retired")
    ben.sync()
    [line] = read(lea, "/v1/deposits")["deposits"]
    assert line["sections"] == {"identity": {"name": "王秀莲", "id_no": "••••2X"}, "contact": {"phone": "13800002222"}}
