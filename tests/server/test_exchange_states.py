"""Record states: how a phone makes a server whole, and what it may not slip in by that way."""

import uuid

import pytest

from server.store import journal
from server.store.deployment import new_epoch, set_healing
from server.store.devices import reserve_counters, update_actor
from sync.codec import record_from_wire, stamp
from sync.record import Edit, shown
from sync.version import Dot, VersionVector
from tests.server.conftest import NOON
from tests.server.phone import VISIT_TYPE, vitals
from tests.village import ANA, BEN, LEA, OTHER, VILLAGE


@pytest.fixture
def visit(ana, ben):
    record = ana.save(vitals(150))
    ana.sync()
    ben.save({"referral": {"reason": "胸痛"}}, ben.sync() and record)
    ben.sync()
    ana.sync()
    return record


def live(phone, counter, sections, **parts):
    return {
        "dot": [phone.actor, counter],
        "at": phone.now,
        "written_at": phone.now,
        "author": phone.person,
        "sections": sections,
        **parts,
    }


def state(record, edits, seen, **parts):
    return {
        "record": record,
        "type": "hypertension_visit",
        "subject": None,
        "scope": VILLAGE,
        "seen": seen,
        "edits": edits,
        **parts,
    }


def on_server(phone, record):
    [found] = phone.get(f"/v1/scopes/{VILLAGE}/records?prefix={record.replace('-', '')}").get_json()["records"]
    return record_from_wire(found)


def brought(phone, *states):
    return phone.sync([], states)["merged"]


def test_a_state_that_the_server_has_changes_nothing(ana, visit, village):
    before = village.rows("edits"), village.rows("records"), village.rows("scopes")
    assert brought(ana, ana.state(visit)) == [{"record": visit, "seen": dict(ana.base[visit].seen)}]
    assert (village.rows("edits"), village.rows("records"), village.rows("scopes")) == before


def test_a_gap_is_closed_by_the_phones_own_state(ana, ben, visit, village):
    """The server lost an edit that the phone had been promised."""
    lost = live(ana, 2, vitals(155))
    mine = state(visit, [live(ben, 1, {"referral": {"reason": "胸痛"}}, author=BEN), lost], {ana.actor: 2, ben.actor: 1})
    next_one = ana.draft({"next_visit": {"due_on": "2026-12-01"}}, visit, dot=[ana.actor, 3], context=mine["seen"])
    ana.counter = 3
    assert ana.push(next_one)[0]["status"] == "gap"
    reply = ana.sync([next_one], [mine])
    assert reply["merged"] == [{"record": visit, "seen": mine["seen"]}]
    assert reply["receipts"][0]["status"] == "accepted"
    ben.sync()
    assert ben.shows(visit) == vitals(155) | {"referral": {"reason": "胸痛"}} | next_one["sections"]
    assert [row["outcome"] for row in village.rows("edits") if row["actor"] == "~"] == ["state"]
    assert village.faults() == []


def test_a_new_record_of_ones_own_may_come_as_a_state(ana, ben, village):
    record = "01974730-9832-7aae-84e5-5cdf0b7b3552"
    assert brought(ana, state(record, [live(ana, 1, vitals(1))], {ana.actor: 1})) == [
        {"record": record, "seen": {ana.actor: 1}}
    ]
    ben.sync()
    assert ben.shows(record) == vitals(1)
    assert village.faults() == []


@pytest.mark.parametrize("how", ["words", "only seen", "forged author", "beside own words"])
def test_what_others_wrote_is_not_taken_from_a_phone_while_healing_is_closed(ana, ben, visit, how, village):
    edits = {
        "words": [live(ben, 2, vitals(1), author=BEN)],
        "only seen": [],
        "forged author": [live(ana, 2, vitals(1), author=BEN)],
        "beside own words": [live(ana, 2, vitals(1)), live(ben, 2, {"note": {}}, author=BEN)],
    }[how]
    seen = {ana.actor: 2, ben.actor: 1} if how == "forged author" else {ana.actor: 2, ben.actor: 2}
    before = village.rows("records")
    assert brought(ana, state(visit, edits, seen)) == [{"record": visit, "seen": dict(ana.base[visit].seen)}]
    assert village.rows("records") == before


def test_while_healing_is_open_phones_bring_what_others_wrote(ana, ben, visit, village):
    village.write(lambda c: set_healing(c, "2026-12-01T00:00:00.000Z"))
    mine = state(
        visit, [*ana.state(visit)["edits"], live(ben, 2, {"note": {"text": "x"}}, author=BEN)], {ana.actor: 1, ben.actor: 2}
    )
    assert brought(ana, mine) == [{"record": visit, "seen": mine["seen"]}]
    assert shown(on_server(ana, visit)) == vitals(150) | {"referral": {"reason": "胸痛"}, "note": {"text": "x"}}
    assert village.faults() == []
    village.later(days=30)
    assert brought(ana.renew(), mine | {"seen": {ana.actor: 1, ben.actor: 3}})[0]["seen"] == mine["seen"]  # the days are over


def test_a_state_that_silently_drops_words_is_refused_whole(ana, ben, visit, village):
    """It has seen what the server holds, holds it no longer, and brings nothing that replaced it."""
    dropping = state(visit, [live(ana, 2, {"next_visit": {}})], {ana.actor: 2, ben.actor: 1})
    before = village.rows("records")
    assert brought(ana, dropping) == [{"record": visit, "seen": {ana.actor: 1, ben.actor: 1}}]
    assert village.rows("records") == before
    assert shown(on_server(ana, visit)) == vitals(150) | {"referral": {"reason": "胸痛"}}


def test_known_words_cannot_be_changed_by_a_state(ana, ben, visit, village):
    """The same dots with other content: the server's words stand."""
    changed = [live(ana, 1, vitals(99)), live(ben, 1, {"referral": None, "note": {"text": "x"}}, author=ANA)]
    for healing in ("", "2026-12-01T00:00:00.000Z"):
        village.write(lambda c, until=healing: set_healing(c, until))
        before = village.rows("records")
        brought(ana, state(visit, changed, {ana.actor: 1, ben.actor: 1}))
        assert village.rows("records") == before


def test_states_for_others_villages_moved_records_or_other_forms_tell_nothing(ana, cam, visit, village):
    theirs = cam.save(vitals(1))
    cam.sync()
    village.write(lambda c: set_healing(c, "2026-12-01T00:00:00.000Z"))
    edits, seen = [live(ana, 5, vitals(1))], {ana.actor: 5}
    told = brought(
        ana,
        state(theirs, edits, seen, scope=OTHER),
        state(theirs, edits, seen),  # Cam's record, named under Ana's village
        state(visit, edits, {**seen}, type="resident"),
    )
    assert told == [
        {"record": theirs, "seen": {}},
        {"record": theirs, "seen": {}},
        {"record": visit, "seen": dict(ana.base[visit].seen)},
    ]
    assert cam.sync()["changes"] == []
    assert village.faults() == []


def test_unfit_states_are_answered_one_by_one_and_change_nothing(ana, visit, village):
    whole = ana.state(visit)
    unfit = [
        None,
        5,
        [],
        {},
        "x",
        whole | {"seen": {}},
        whole | {"seen": {ana.actor: -1}},
        whole | {"edits": [{}]},
        whole | {"record": "X"},
    ]
    before = village.rows("records")
    assert brought(ana, *unfit, whole) == [
        *[{"record": None, "seen": {}}] * len(unfit),
        {"record": visit, "seen": dict(ana.base[visit].seen)},
    ]
    assert village.rows("records") == before


def test_a_state_of_tomorrow_is_not_dated_tomorrow(ana, visit, village):
    brought(ana, state(visit, [live(ana, 2, vitals(1), at="2099-01-01T00:00:00Z")], {ana.actor: 2}))
    assert {edit.at for edit in on_server(ana, visit).edits if edit.dot.counter == 2} == {"2026-11-21T04:00:00.000Z"}


def test_concurrent_words_that_come_as_a_state_raise_a_conflict(ana, ben, visit, village):
    ana.save(vitals(140), visit)
    ana.sync()
    mine = [live(ben, 1, {"referral": {"reason": "胸痛"}}), live(ben, 2, vitals(160))]
    assert brought(ben, state(visit, mine, {ben.actor: 2}))[0]["seen"] == {ana.actor: 2, ben.actor: 2}
    ana.sync()
    assert len(ana.values(visit)) == 2
    assert [row["conflict"] for row in village.rows("records")] == [True]


def test_after_a_restore_one_phone_makes_the_server_whole_again(ana, ben, visit, village):
    """The server comes back without Ben's referral, under a new epoch; Ana's phone has it."""
    kept = village.rows("records")[0]
    ben.save({"note": {"text": "after the backup"}}, visit)
    ben.sync()
    ana.sync()
    from sqlalchemy import update

    from server.store.tables import records

    village.write(
        lambda c: c.execute(update(records).values({name: kept[name] for name in ("seen", "edits", "issues", "hash")}))
    )
    village.write(lambda c: set_healing(c, "2026-12-01T00:00:00.000Z"))
    village.write(new_epoch)
    told = ana.renew().send(ana.request([]))
    assert (told["epoch"] == ana.epoch, told["changes"], told["receipts"]) == (False, [], [])
    ana.epoch, ana.nonce, ana.checkpoints = told["epoch"], told["nonce"], {}
    assert brought(ana, ana.state(visit)) == [{"record": visit, "seen": dict(ana.base[visit].seen)}]
    assert shown(on_server(ana, visit)) == ana.shows(visit)


@pytest.mark.parametrize("told", ["settled", "silent"])
def test_a_void_that_was_settled_before_a_restore_stays_settled(ana, ben, visit, village, told):
    """The backup knows the clash; the phone that settled it brings its state, and says so, or is too old to say."""
    ana.save({"void": {"reason": "duplicate", "note": ""}}, visit)
    ben.save({"note": {"text": "beside"}}, visit)
    ana.sync()
    assert [r["status"] for r in ben.sync()["receipts"]] == ["conflict"]
    ana.sync()
    kept = village.rows("records")[0]
    ana.save({"void": None}, visit)
    ana.sync()
    assert [row["conflict"] for row in village.rows("records")] == [False]
    from sqlalchemy import update

    from server.store.tables import records

    old = {name: kept[name] for name in ("seen", "edits", "issues", "hash", "conflict")}
    village.write(lambda c: c.execute(update(records).values(old)))
    village.write(lambda c: set_healing(c, "2026-12-01T00:00:00.000Z"))
    says = {"issues": []} if told == "settled" else {}
    assert brought(ana, {**ana.state(visit), **says})[0]["seen"] == dict(ana.base[visit].seen)
    assert [row["conflict"] for row in village.rows("records")] == [told == "silent"]


# -- words of the server's own actor while healing is open -------------------------------------------------------------


def by_the_server(ana, visit, actor, counter):
    """A state of the visit in which somebody at a desk has decided, so it says, under this name."""
    told = {"about": ["vitals"], "reason": "同意", "decided_on": "2026-11-21"}
    edit = live(ana, counter, {"decision": told}, author=LEA, dot=[actor, counter])
    return state(visit, [*ana.state(visit)["edits"], edit], {**ana.base[visit].seen, actor: counter})


def restored(ana, village):
    """The server was put back to a backup; Ana's phone has noticed."""
    village.write(lambda c: new_epoch(c, whole=True))
    village.write(lambda c: set_healing(c, "2026-12-01T00:00:00.000Z"))
    told = ana.renew().send(ana.request([]))
    ana.epoch, ana.nonce, ana.checkpoints = told["epoch"], told["nonce"], {}


def registered(village, actor):
    """The server itself writes another visit, under the next number of its actor."""
    first = reserve_counters(village.engine, actor, 1)
    dot, scope = Dot(actor, first), VILLAGE
    edit = Edit(str(uuid.uuid4()), VISIT_TYPE, None, scope, dot, VersionVector(), stamp(NOON), "server", vitals(120))
    assert [receipt["status"] for receipt in village.exchange.write([edit])] == ["accepted"]


def actor_of(village):
    return {row["name"]: row["value"] for row in village.rows("settings")}["actor"]


def test_a_phone_forges_no_word_of_a_desk_while_healing_is_open(ana, visit, village):
    former = actor_of(village)
    village.write(lambda c: update_actor(c, former, counter=6))
    registered(village, former)
    ana.sync()
    restored(ana, village)
    before = village.rows("records")
    seen = [{"record": visit, "seen": dict(ana.base[visit].seen)}]
    for actor, counter in (
        (actor_of(village), 1),  # its own, of which it has everything
        (former, 7),  # from before the backup, which has everything of that time
        ("s0123456789ab", 1),  # which no journal ever heard of
    ):
        forged = by_the_server(ana, visit, actor, counter)
        assert brought(ana, forged) == seen
        assert brought(ana, forged | {"edits": forged["edits"][:-1]}) == seen  # nor that it had been seen
    assert village.rows("records") == before


def test_an_import_that_ran_while_the_backup_was_made_comes_back_from_a_phone(ana, visit, village):
    """Its numbers were set aside before the backup, and what they are for was written after it."""
    former = actor_of(village)
    village.write(lambda c: update_actor(c, former, counter=7))
    restored(ana, village)
    lost = by_the_server(ana, visit, former, 7)
    assert brought(ana, lost) == [{"record": visit, "seen": lost["seen"]}]
    assert village.faults() == []


def test_what_was_decided_between_the_backup_and_its_restore_comes_back_from_a_phone(ana, visit, village):
    former = actor_of(village)
    village.write(lambda c: update_actor(c, former, counter=7))
    restored(ana, village)
    lost = by_the_server(ana, visit, former, 8)
    assert brought(ana, lost) == [{"record": visit, "seen": lost["seen"]}]
    assert shown(on_server(ana, visit))["decision"]["reason"] == "同意"
    assert village.faults() == []


def test_what_was_decided_between_two_restores_of_one_backup_comes_back_from_a_phone(ana, visit, village):
    """The second time only the journal knows of the first, and of the name under which the server decided since."""
    village.write(lambda c: journal.note(c, "epoch", {"epoch": "e1234", "actor": "s0123456789ab", "whole": True}))
    restored(ana, village)
    lost = by_the_server(ana, visit, "s0123456789ab", 2)
    assert brought(ana, lost) == [{"record": visit, "seen": lost["seen"]}]
    assert ana.push(ana.draft(vitals(160), visit))[0]["status"] == "accepted", "who builds on it is not held up"
    assert village.faults() == []
