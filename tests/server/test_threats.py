"""Phones in the hands of attackers, a threat each: what they send is refused or set aside, and nobody's words are lost by it.

The names in front are of STRIDE: T tampering, S spoofing, E elevation.
"""

import json
import uuid

import pytest

from server.store.deployment import set_healing
from sync.codec import MAX_ACTORS, MAX_INTEGER
from tests.server.phone import RefusedError, vitals
from tests.server.test_exchange_states import live, state
from tests.village import ANA, BEN, OTHER, SUE, VILLAGE

TOP = MAX_INTEGER  # 2**53 - 1
OPEN = "2026-12-01T00:00:00.000Z"


@pytest.fixture
def visit(ana, ben):
    """A visit that both know."""
    record = ana.save(vitals(150))
    ana.sync()
    ben.sync()
    return record


def outcome(phone, *edits):
    return [(receipt["status"], receipt.get("reason")) for receipt in phone.push(*edits)]


MALFORMED = [("deposited", "malformed")]


def test_t_a_bomb_of_the_own_counter_wins_nothing_and_ben_has_the_last_word(village, ana, ben, visit):
    bomb = ana.draft(vitals(99), visit, dot=[ana.actor, TOP])
    assert outcome(ana, bomb) == [("accepted", None)]
    ben.sync()
    assert ben.shows(visit) == vitals(99)
    ben.save(vitals(140), visit)
    assert [receipt["status"] for receipt in ben.sync()["receipts"]] == ["accepted"]
    assert village.rows("records")[0]["conflict"] is False
    assert ben.shows(visit) == vitals(140)
    ana.counter = TOP  # her name is used up; with a new one she works on
    ana.sync([])
    ana.new_actor().sync([])
    record = ana.save(vitals(120))
    assert [receipt["status"] for receipt in ana.sync()["receipts"]] == ["accepted"]
    assert village.faults() == []
    assert ana.shows(record) == vitals(120)


@pytest.mark.parametrize("counter", [2**53, 2**53 + 1, 2**62, 2**63, 2**64, 10**40, 0, -1, True, "5", None, [1], 1.5])
def test_t_a_counter_that_is_none_is_kept_under_no_dot(village, ana, counter):
    edit = ana.draft(vitals(99), dot=[ana.actor, counter])
    assert outcome(ana, edit) == MALFORMED
    assert village.rows("edits") == village.rows("records") == []
    assert [row["counter"] for row in village.rows("deposits")] == [None]
    assert ana.post("/v1/sync", ana.request(counter=counter if counter != 0 else -5)).status_code in (409, 422)


def test_t_a_context_that_claims_all_that_ben_will_ever_write_waits_and_covers_nothing(village, ana, ben, visit):
    claim = ana.draft(vitals(99), visit, context={ana.actor: 1, ben.actor: TOP})
    assert outcome(ana, claim) == [("gap", None)]
    ben.save(vitals(140), visit)
    assert [receipt["status"] for receipt in ben.sync()["receipts"]] == ["accepted"]
    assert json.loads(village.rows("records")[0]["seen"]) == {ana.actor: 1, ben.actor: 1}


@pytest.mark.parametrize("healing", ["", OPEN])
@pytest.mark.parametrize("beyond", [TOP, 2**40, 1_000_000])
def test_t_a_state_that_claims_all_that_ben_will_ever_write_is_refused_even_while_healing_is_open(
    village, ana, ben, visit, healing, beyond
):
    village.write(lambda c: set_healing(c, healing))
    bomb = state(visit, ana.state(visit)["edits"], {ana.actor: 1, ben.actor: beyond})
    assert ana.sync([], [bomb])["merged"] == [{"record": visit, "seen": {ana.actor: 1}}]
    ben.save(vitals(140), visit)
    assert [receipt["status"] for receipt in ben.sync()["receipts"]] == ["accepted"]
    ana.sync([])
    assert ana.shows(visit) == vitals(140)


@pytest.mark.parametrize("healing", ["", OPEN])
def test_t_a_vector_of_thousands_of_actors_is_refused(village, ana, visit, healing):
    village.write(lambda c: set_healing(c, healing))
    crowd = {f"actor{n:06}": 1 for n in range(MAX_ACTORS + 1)}
    assert outcome(ana, ana.draft(vitals(99), visit, context=crowd)) == MALFORMED
    assert ana.sync([], [state(visit, [], {ana.actor: 1, **crowd})])["merged"] == [{"record": None, "seen": {}}]
    assert json.loads(village.rows("records")[0]["seen"]) == {ana.actor: 1}


@pytest.mark.parametrize("actor", ["bens", "strangeractor", "s0123456789ab", "~", "actor:x", "ANA", "a" * 17, "a\0b"])
def test_s_a_dot_of_anybody_else_is_set_aside_under_no_name(village, ana, ben, visit, actor):
    taken = ben.actor if actor == "bens" else actor
    for number in (1, 2, TOP):
        assert outcome(ana, ana.draft(vitals(99), visit, dot=[taken, number])) == MALFORMED
    assert not [row for row in village.rows("edits") if row["actor"] == taken]
    ben.save(vitals(140), visit)
    assert [receipt["status"] for receipt in ben.sync()["receipts"]] == ["accepted"]


@pytest.mark.parametrize("author", [BEN, SUE, "server", "p-nobody", "", None, "P-ANA", "p-ana "])
def test_s_a_forged_author_is_set_aside_and_stands_under_the_name_of_who_sent_it(village, ana, visit, author):
    assert outcome(ana, ana.draft(vitals(99), visit, author=author)) == MALFORMED
    assert [(row["person"], row["device"]) for row in village.rows("deposits")] == [(ANA, village.device_of(ana))]
    assert ana.sync(
        [], [state(visit, [*ana.state(visit)["edits"], live(ana, 9, vitals(1), author=author or "x")], {ana.actor: 9})]
    )["merged"] == [{"record": visit, "seen": {ana.actor: 1}}]
    assert ana.shows(visit) == vitals(150)


def test_s_headers_that_name_somebody_else_change_nothing(village, ana):
    said = dict.fromkeys(
        ("X-User-ID", "X-User", "X-Remote-User", "Remote-User", "X-Forwarded-User", "From", "X-Actor", "X-Person"), SUE
    )
    assert ana.get("/v1/me", headers=said).get_json() == ana.get("/v1/me").get_json()
    assert village.client().get("/v1/me", headers=said, environ_overrides={"REMOTE_USER": SUE}).status_code == 401
    assert village.client().get("/dashboard/", headers=said).status_code == 303


def test_e_a_phone_that_names_its_own_role_and_scopes_gets_neither(village, ana):
    before = ana.get("/v1/me").get_json()
    more = {
        "role": "administrator",
        "scopes": {OTHER: {"write": True}},
        "person": SUE,
        "disabled": False,
        "actor": "s0123456789ab",
    }
    body = ana.request([ana.draft(vitals(99), scope=OTHER)])
    answer = ana.post("/v1/sync", {**body, **more, "device": {**body["device"], **more}})
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert answer.get_json()["receipts"][0]["reason"] == "out-of-scope"
        assert set(answer.get_json()["scopes"]) == set(before["scopes"])
    assert ana.get("/v1/me").get_json() == before
    assert not [row for row in village.rows("records") if row["scope"] == OTHER]


def test_t_a_record_of_the_next_village_cannot_be_taken_over_by_its_id(village, ana, cam):
    record = cam.save(vitals(150))
    cam.sync()
    for scope in (VILLAGE, OTHER):
        assert outcome(ana, ana.draft(vitals(99), record, scope=scope, type="hypertension_visit")) == [
            ("deposited", "out-of-scope")
        ]
        assert ana.sync(
            [], [state(record, [live(ana, ana.counter + 5, vitals(1))], {ana.actor: ana.counter + 5}, scope=scope)]
        )["merged"] == [{"record": record, "seen": {}}]
    cam.sync()
    assert cam.shows(record) == vitals(150)


def test_t_a_checkpoint_or_epoch_that_was_made_up_shows_nothing_and_takes_nothing(ana, ben, visit):
    for said in (f"{ana.epoch}:{TOP}", f"{ana.epoch}:-1", "x:1", f"{ana.epoch}:1e3", "9" * 90, f"{ana.epoch}:٣"):
        reply = ana.send(ana.request([], checkpoints={VILLAGE: said, OTHER: said, f"{VILLAGE}:tb": said}))
        ana.nonce = reply["nonce"]
        assert set(reply["checkpoints"]) <= set(ana.scopes)
    ana.sync([])
    assert ana.shows(visit) == vitals(150)
    edit = ana.draft(vitals(98), visit)
    assert ana.send(ana.request([edit], epoch="e" + uuid.uuid4().hex[:8]))["receipts"][0]["status"] == "gap"


def test_d_a_nonce_that_was_guessed_opens_no_exchange(ana, visit):
    for guess in ("", "0" * 16, ana.nonce[::-1], ana.nonce.upper() + "0", None):
        with pytest.raises(RefusedError) as refused:
            ana.sync([], nonce=guess)
        assert refused.value.problem["type"] == "/problems/actor-rolled-back"
