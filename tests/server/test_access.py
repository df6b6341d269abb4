"""Enrolment and scopes: who gets a name, and what a person may hold and write by their role."""

import re
import threading
import uuid

import pytest

from server.access import WRONG_CODES_AN_HOUR
from server.store import directory
from tests.server.phone import Phone, RefusedError, new_key, vitals
from tests.village import ANA, BEN, CAM, LEA, OTHER, SUE, TOWNSHIP, VILLAGE


def refusal(ask):
    with pytest.raises(RefusedError) as refused:
        ask()
    return refused.value.status, refused.value.problem["type"].removeprefix("/problems/")


def at_once(jobs):
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_code_gives_a_phone_its_name_and_serves_once(village):
    code = village.access.new_code(ANA)
    ana = Phone(village.client()).enrol(code.lower().replace("-", " "))
    assert ana.person == ANA
    assert ana.scopes == {VILLAGE: {"write": True}, TOWNSHIP: {"write": False}}
    assert ana.get("/v1/me").get_json() == {
        "person": {"id": ANA, "name": "Ana"},
        "role": "village_doctor",
        "scopes": ana.scopes,
    }
    assert refusal(lambda: Phone(village.client()).enrol(code)) == (403, "wrong-code")


def test_a_mistyped_code_is_called_a_code_in_the_sentence_that_the_doctor_reads(village):
    with pytest.raises(RefusedError) as refused:
        Phone(village.client()).enrol("AAAA-BBBB-CCCC")
    assert refused.value.problem["detail"] == "The code is used, lapsed or mistyped: ask for a new one."


def test_a_lost_answer_to_an_enrolment_is_given_again_to_the_same_key_only(village):
    code, phone = village.access.new_code(ANA), Phone(village.client())
    first = phone.enrol(code).actor
    assert phone.enrol(code).actor == first
    phone.sync()
    assert refusal(lambda: phone.enrol(code)) == (403, "wrong-code")
    assert len(village.rows("devices")) == 1


def test_a_code_tried_by_many_at_once_serves_one(village):
    code, done = village.access.new_code(ANA), []

    def attempt():
        try:
            done.append(Phone(village.client()).enrol(code).actor)
        except RefusedError as refused:
            assert refused.status == 403  # noqa: PT017

    at_once([attempt] * 8)
    assert len(done) == len(village.rows("devices")) == 1


def test_a_code_lapses(village):
    code = village.access.new_code(ANA)
    village.later(hours=village.config.code_hours, seconds=1)
    assert refusal(lambda: Phone(village.client()).enrol(code)) == (403, "wrong-code")


def test_guessing_codes_is_stopped_for_all_workers_together_and_forgotten_in_an_hour(village):
    body = {"code": "AAAAA-AAAAA", "public_key": new_key()[1], "device": "x"}
    stranger = Phone(village.client())
    for _ in range(WRONG_CODES_AN_HOUR):
        assert stranger.post("/v1/enrol", body, None).status_code == 403
    answer = stranger.post("/v1/enrol", body, None)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert stranger.post("/v1/enrol", body, None, environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 403
    village.later(hours=1)
    assert stranger.post("/v1/enrol", body, None).status_code == 403


def test_whoever_guesses_codes_at_the_same_address_does_not_keep_a_doctor_with_the_right_one_out(village):
    body = {"code": "AAAAA-AAAAA", "public_key": new_key()[1], "device": "x"}
    stranger = Phone(village.client())
    for _ in range(WRONG_CODES_AN_HOUR + 1):
        refused = stranger.post("/v1/enrol", body, None).status_code
    assert refused == 429
    code = village.access.new_code(ANA)
    assert stranger.post("/v1/enrol", body | {"code": code}, None).status_code == 201
    # the answer was lost, and the phone asks again
    assert stranger.post("/v1/enrol", body | {"code": code}, None).status_code == 201
    assert stranger.post("/v1/enrol", body | {"code": code, "public_key": new_key()[1]}, None).status_code == 429


@pytest.mark.parametrize("part", ["code", "public_key", "device"])
def test_an_enrolment_that_lacks_something_is_refused_and_spends_no_code(village, part):
    code = village.access.new_code(ANA)
    whole = {"code": code, "public_key": new_key()[1], "device": "x"}
    client = Phone(village.client())
    for odd in (None, 5, [], {}, "\0", "x" * 5000):
        assert client.post("/v1/enrol", whole | {part: odd}, None).status_code in (403, 422)
    assert client.post("/v1/enrol", {k: v for k, v in whole.items() if k != part}, None).status_code == 422
    assert client.post("/v1/enrol", whole, None).status_code == 201


def test_a_key_that_is_no_point_of_the_curve_is_refused(village):
    good = new_key()[1]
    odd = [
        {**good, "x": good["y"]},
        {**good, "x": "AA"},
        {**good, "x": "é" * 43},
        {**good, "kty": "RSA"},
        {**good, "crv": "P-384"},
        {**good, "x": "-" * 43},
    ]
    for key in odd:
        body = {"code": village.access.new_code(ANA), "public_key": key, "device": "x"}
        assert Phone(village.client()).post("/v1/enrol", body, None).status_code == 422


def test_what_each_role_may_hold_and_write(village):
    write, read = {"write": True}, {"write": False}
    expected = {
        ANA: {VILLAGE: write, TOWNSHIP: read},
        CAM: {OTHER: write, TOWNSHIP: read},
        LEA: {VILLAGE: write, OTHER: write, TOWNSHIP: read},
        SUE: {VILLAGE: read, OTHER: read, TOWNSHIP: read},
    }
    for person, scopes in expected.items():
        assert village.phone(person).scopes == scopes
    for role in ("county_supervisor", "administrator", "auditor", "made up"):
        village.person(BEN, role=role)
        assert village.phone(BEN).scopes == {}
    village.person(BEN, role="team_member")
    assert village.phone(BEN).scopes == {VILLAGE: write, TOWNSHIP: read}
    village.person(SUE, area=None)
    assert village.phone(SUE).scopes == {}


def test_a_team_serves_its_villages_until_a_member_leaves_it(village):
    lea = village.phone(LEA)
    lea.save(vitals(1), scope=OTHER)
    assert lea.sync()["receipts"][0]["status"] == "accepted"
    left = {"team": "t-1", "person": LEA, "duty": "leader", "since": "2026-01-01", "until": "2026-11-20"}
    village.write(lambda c: directory.put_teams(c, [], [left], []))
    assert lea.sync()["scopes"] == {}


def test_a_workplace_that_is_no_village_gives_nothing_and_stops_nothing(village, ana):
    village.write(lambda c: directory.put_workplaces(c, ANA, [TOWNSHIP, VILLAGE]))
    ana.save(vitals(1))
    reply = ana.sync()
    assert [receipt["status"] for receipt in reply["receipts"]] == ["accepted"]
    assert list(reply["scopes"]) == [VILLAGE, TOWNSHIP]


def test_a_supervisor_reads_and_writes_nothing(village, ana):
    record = ana.save(vitals(150))
    ana.sync()
    sue = village.phone(SUE)
    sue.sync()
    assert sue.shows(record) == vitals(150)
    sue.outbox.append(sue.draft(vitals(1), record))
    sue.save(vitals(2), scope=VILLAGE)
    assert [(r["status"], r["reason"]) for r in sue.sync()["receipts"]] == [("deposited", "out-of-scope")] * 2
    state = sue.state(record) | {"seen": {ana.actor: 1, sue.actor: 3}}
    assert sue.sync([], [state])["merged"] == [{"record": record, "seen": {}}]
    assert len(village.rows("records")) == 1


def test_many_new_names_at_once_leave_one_that_is_the_present_one(village, ana):
    got = []
    at_once([lambda: got.append(ana.ask(201, "/v1/actors", {}))] * 6)
    numbers = [row["number"] for row in village.rows("actors")]
    assert sorted(numbers) == list(range(1, 8))
    latest = max(village.rows("actors"), key=lambda row: row["number"])
    ana.actor, ana.counter = latest["actor"], 0
    ana.nonce = next(new["nonce"] for new in got if new["actor"] == latest["actor"])
    ana.save(vitals(1))
    assert ana.sync()["receipts"][0]["status"] == "accepted"


def test_no_door_but_the_first_three_opens_without_a_token(village):
    client = village.client()
    rules = [rule for rule in village.app.url_map.iter_rules() if rule.rule.startswith("/v1/")]
    assert len(rules) > 20
    for rule in rules:
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = client.open(re.sub("<[^>]+>", VILLAGE, rule.rule), method=method, data=b"{}")
            expected = 422 if rule.rule in ("/v1/enrol", "/v1/token", "/v1/deposit") else 401
            assert (rule.rule, answer.status_code, answer.mimetype) == (rule.rule, expected, "application/problem+json")


def test_no_name_is_given_twice(village):
    assert len({village.phone(ANA).actor for _ in range(5)} | {uuid.uuid4().hex}) == 6
