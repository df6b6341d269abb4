"""Phones that are retired, lost or stolen, and people who leave: what is on the phone is kept, nothing more is told."""

import threading

import pytest

from server.store import directory
from tests.server.phone import RefusedError, vitals
from tests.village import ANA, BEN, OTHER, VILLAGE


def of(receipts):
    return [(receipt["status"], receipt.get("reason")) for receipt in receipts]


DISABLED = ("deposited", "account-disabled")


@pytest.fixture
def unsent(ana):
    record = ana.save(vitals(150))
    ana.sync()
    ana.save(vitals(151), record)
    ana.save(vitals(152), record)
    return record


def refusal(ask):
    with pytest.raises(RefusedError) as refused:
        ask()
    return refused.value.status, refused.value.problem["type"].removeprefix("/problems/")


def test_a_retired_phone_delivers_and_then_wipes(village, ana, ben, unsent):
    village.set_status(ana, "retired")
    body = ana.request()
    reply = ana.absorb(body, ana.send(body))
    assert of(reply["receipts"]) == [DISABLED, DISABLED]
    assert (reply["changes"], reply["scopes"], reply["digests"], reply["wipe"]) == ([], {}, {}, False)
    assert ana.sync()["wipe"] is True
    assert of(ana.push(*body["edits"])) == [DISABLED, DISABLED]
    ben.sync()
    assert ben.shows(unsent) == vitals(150)
    assert {(row["scope"], row["person"], row["state"]) for row in village.rows("deposits")} == {(VILLAGE, ANA, "waiting")}
    assert ana.get("/v1/me").get_json()["scopes"] == {}
    assert ana.get(f"/v1/scopes/{VILLAGE}/records").status_code == 404
    assert village.faults() == []


@pytest.mark.parametrize("known", [True, False])
def test_a_revoked_phone_is_shut_out_at_once_and_may_hand_over_what_is_unsent(village, ana, unsent, known):
    edits = list(ana.outbox)
    if known:
        ana.send(ana.request(edits[:1]))  # taken, but the answer was lost
    village.set_status(ana, "revoked")
    for ask in (ana.sync, lambda: ana.ask(200, "/v1/actors", {}), ana.renew):
        assert refusal(ask) == (403, "revoked")
    for path in ("/v1/me", "/v1/types", f"/v1/scopes/{VILLAGE}/records", f"/v1/scopes/{VILLAGE}/digest"):
        assert ana.get(path).status_code == 403
    handed = ana.ask(200, "/v1/deposit", {"assertion": ana.fresh_assertion(), "edits": edits}, None)["receipts"]
    assert of(handed) == [("duplicate", None) if known else DISABLED, DISABLED]
    again = ana.ask(200, "/v1/deposit", {"assertion": ana.fresh_assertion(), "edits": edits}, None)["receipts"]
    assert again == handed
    assert len(village.rows("deposits")) == 1 + (not known)
    assert village.faults() == []


def test_a_phone_in_use_has_nothing_to_hand_over(ana, unsent):
    body = {"assertion": ana.fresh_assertion(), "edits": ana.outbox}
    assert refusal(lambda: ana.ask(200, "/v1/deposit", body, None)) == (409, "not-revoked")
    assert refusal(lambda: ana.ask(200, "/v1/deposit", {"assertion": "x", "edits": []}, None)) == (401, "wrong-assertion")
    assert refusal(lambda: ana.ask(200, "/v1/deposit", {"assertion": ana.assertion("")}, None)) == (422, "unfit-request")


def test_one_who_left_may_only_deliver_and_one_who_came_back_goes_on(village, ana, ben, unsent):
    village.person(ANA, active=False)
    body = {"assertion": ana.fresh_assertion(), "edits": ana.outbox[:1]}
    ana.ask(200, "/v1/deposit", body, None)  # the answer is lost
    assert (
        next(row["counter"] for row in village.rows("actor_states") if row["actor"] == ana.actor) == 2
    )  # none above it in a log
    village.person(ANA, active=True)
    assert of(ana.sync()["receipts"]) == [DISABLED, ("accepted", None)]
    ben.sync()
    assert ben.values(unsent) == [vitals(152)["vitals"]]
    assert village.faults() == []


def test_a_code_given_to_one_who_left_since_serves_no_more(village, ben):
    code = village.access.new_code(BEN)
    village.person(BEN, active=False)
    assert refusal(lambda: village_phone(village, code)) == (403, "wrong-code")
    with pytest.raises(LookupError):
        village.access.new_code(BEN)


def village_phone(village, code):
    from tests.server.phone import Phone

    return Phone(village.client()).enrol(code)


def test_one_who_changed_village_gets_the_new_one_at_the_next_request(village, ana, cam, unsent):
    theirs = cam.save(vitals(1))
    cam.sync()
    village.write(lambda c: directory.put_workplaces(c, ANA, [OTHER]))
    reply = ana.sync()
    assert of(reply["receipts"]) == [("deposited", "out-of-scope")] * 2
    assert [item["record"] for item in reply["changes"]] == [theirs]
    assert reply["scopes"] == {OTHER: {"write": True}, OTHER[:9]: {"write": False}}


def test_no_answer_that_begins_after_a_revocation_holds_a_record(village, ana, ben, unsent):
    """Many pulls while the phone is revoked: each is either from before, or a 403."""
    seen, revoked = [], threading.Event()

    def pull():
        for _ in range(12):
            late = revoked.is_set()
            answer = ben.post("/v1/sync", ben.request(checkpoints={}))
            seen.append((late, answer.status_code))

    threads = [threading.Thread(target=pull) for _ in range(4)]
    for thread in threads:
        thread.start()
    village.set_status(ben, "revoked")
    revoked.set()
    for thread in threads:
        thread.join()
    assert {status for late, status in seen if late} <= {403}
    assert {status for _, status in seen} <= {200, 403, 409}
    assert ben.post("/v1/sync", ben.request()).status_code == 403
