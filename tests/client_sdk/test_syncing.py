"""Phones and a server on bad days: lost answers, clones, restored servers, moved households, revoked phones."""

import contextlib
import random
import uuid

import pytest

from client_sdk import Client, Reply, SealedError
from client_sdk.syncing import Syncing
from sync.record import shown
from tests.client_sdk.conftest import PIN, Clock
from tests.client_sdk.peer import Line, Peer, a_record, changed_by

BP = {"vitals": {"systolic_mmhg": 152, "diastolic_mmhg": 94}}
VISITS = [str(uuid.uuid5(uuid.NAMESPACE_OID, str(n))) for n in range(200)]


def agree(phone, peer):
    """The phone holds exactly what the server shows it."""
    held = {h.record.id: h.record for h in phone._store.base()}
    assert {name: r.seen for name, r in held.items()} == {name: r.seen for name, r in peer.records.items()}
    assert {name: shown(r) for name, r in held.items()} == {name: shown(r) for name, r in peer.records.items()}


def colleagues_visits(peer, n):
    for record in VISITS[:n]:
        peer.put(a_record(record, {"vitals": {"systolic_mmhg": 150}}))


def clone(peer):
    """Another copy of the phone has synced meanwhile: the nonce this one holds is not known any more."""
    peer.actors[peer.actor]["nonce"] = peer.actors[peer.actor]["before"] = "of the clone"


def routes(peer):
    return [path.partition("?")[0].rpartition("/")[2] for _, path, _ in peer.asked]


@contextlib.contextmanager
def world(path, name, *scopes):
    """A phone and a server of their own."""
    peer = Peer(*scopes)
    line = Line(peer)
    with Client.enrol("http://peer", "good", path.with_name(f"{name}.db"), pin=PIN, transport=line, now=Clock()) as phone:
        line.count = 0
        yield phone, peer, line


# -- ordinary days


def test_a_first_sync_fetches_page_by_page_and_then_nothing(phone, peer):
    colleagues_visits(peer, 120)
    seen = []
    report = phone.sync(seen.append)
    assert (report.pulled, report.complete, report.reasons) == (120, True, ())
    assert [progress.pulled for progress in seen] == [50, 100, 120]
    assert phone.sync().pulled == 0
    assert phone.status().last_sync is not None
    agree(phone, peer)


def test_edits_go_up_in_batches_and_in_order(phone, peer):
    with phone._store.transaction():
        for _ in range(60):
            phone.edit(phone.create("hypertension_visit", BP), {"tests": {"name": "ECG"}})
    report = phone.sync()
    assert (report.pushed, report.complete) == (120, True)
    sent = [body["edits"] for _, path, body in peer.asked if path == "/v1/sync"]
    assert [len(edits) for edits in sent] == [50, 50, 20]
    assert [edit["dot"][1] for edits in sent for edit in edits] == list(range(1, 121))
    agree(phone, peer)


def test_a_lost_answer_does_not_double_a_visit(phone, peer, line):
    record = phone.create("hypertension_visit", BP)
    line.rule = lambda _n: "after"
    report = phone.sync()
    assert (report.complete, report.reasons) == (False, ("cut after",))
    assert phone.get(record).pending
    line.rule = lambda _n: ""
    assert phone.sync().complete
    assert peer.records[record].seen == {"actor0001": 1}
    assert not phone.get(record).pending
    agree(phone, peer)


@pytest.mark.parametrize("seed", range(8))
def test_on_a_line_that_loses_and_doubles_everything_arrives_once(phone, peer, line, seed):
    chance = random.Random(seed)
    line.rule = lambda _n: chance.choice(["", "", "", "", "", "before", "after", "twice"])
    colleagues_visits(peer, 60)
    before = peer.copy()
    mine = []
    for day in range(12):
        mine.append(phone.create("hypertension_visit", BP))
        phone.sync()
        for record in [r for r in VISITS[:4] if phone._store.held([r])]:
            phone.edit(record, {"tests": {"name": f"day {day}"}})
        if day == 4:
            clone(peer)
        if day == 8:
            peer.restored(before)
        phone.sync()
    for _ in range(100):
        if (report := phone.sync()).complete:
            break
    assert report.complete, report
    assert {peer.records[r].edits[0].sections["vitals"]["systolic_mmhg"] for r in mine} == {152}
    for record in VISITS[:4]:
        assert shown(peer.records[record])["tests"] == {"name": "day 11"}
    agree(phone, peer)


def test_an_edit_made_during_a_sync_waits_for_its_turn_and_arrives(phone, peer, line):
    record = phone.create("hypertension_visit", BP)
    made = []

    def doctor_goes_on(_n):
        if len(made) < 3:
            made.append(phone.edit(record, {"tests": {"name": f"{len(made)}"}}))
        return ""

    line.rule = doctor_goes_on
    assert phone.sync().complete
    assert phone.outbox() == []
    assert shown(peer.records[record])["tests"] == {"name": "2"}
    agree(phone, peer)


def test_a_lapsed_token_is_renewed_and_nothing_is_removed(phone, peer):
    record = phone.create("hypertension_visit", BP)
    phone._store.save(access="lapsed")
    assert phone.sync().complete
    assert routes(peer) == ["enrol", "sync", "token", "token", "sync", "my-work"]
    phone._store.save(access="lapsed")
    assert phone.sync().complete
    assert routes(peer)[6:] == ["sync", "token", "sync", "my-work"]  # the nonce of the last time serves
    assert phone.get(record)


def test_answers_of_somebody_else_change_nothing(phone, peer):
    record = phone.create("hypertension_visit", BP)
    before = phone._store.account()
    peer.on_sync = lambda _body: Reply(200, {"hello": "log in to the hotel"})
    report = phone.sync()
    assert not report.complete
    assert "not of the protocol" in report.reasons[0]
    assert phone._store.account() == before
    assert phone.get(record).pending


def test_a_server_that_always_has_more_and_sends_nothing_ends_the_sync(phone, peer):
    honest = peer.on_sync
    peer.on_sync = lambda body: Reply(200, {**honest(body).body, "more": True})
    report = phone.sync()
    assert "nothing moves" in report.reasons[0]
    assert len(peer.asked) < 8


# -- refusals


def test_what_the_server_sets_aside_leaves_the_outbox_with_its_reason(phone, peer):
    record = phone.create("hypertension_visit", BP)
    peer.scopes = {"v1": False}
    report = phone.sync()
    assert (report.set_aside, report.pushed, report.complete) == (1, 0, True)
    [one] = phone.set_aside()
    edit, reason = one.edit, one.reason
    assert (edit.record, edit.sections, reason) == (record, BP, "out-of-scope")
    assert phone.outbox() == []


def test_a_gap_is_healed_with_the_state_of_the_record(phone, peer):
    colleagues_visits(peer, 2)
    phone.sync()
    del peer.records[VISITS[0]]
    del peer.seq[VISITS[0]]
    phone.edit(VISITS[0], {"tests": {"name": "ECG"}})
    report = phone.sync()
    assert (report.complete, report.pushed) == (True, 1)
    agree(phone, peer)


def test_a_gap_that_stays_holds_up_that_record_only_and_is_told(phone, peer):
    colleagues_visits(peer, 2)
    phone.sync()
    peer.foreign = False
    del peer.records[VISITS[0]]
    del peer.seq[VISITS[0]]
    phone.edit(VISITS[0], {"tests": {"name": "ECG"}})
    other = phone.create("hypertension_visit", BP)
    asked = len(peer.asked)
    report = phone.sync()
    assert (report.complete, report.pushed) == (False, 1)
    assert "1 edits wait" in report.reasons[0]
    assert len(peer.asked) - asked == 2
    assert [edit.record for edit in phone.outbox()] == [VISITS[0]]
    assert other in peer.records


# -- clones and restored phones


def test_a_phone_put_back_from_a_copy_goes_on_under_a_new_name(phone, peer, path, line):
    record = phone.create("hypertension_visit", BP)
    phone.sync()
    phone.close()
    old = path.read_bytes()
    with Client.open(path, pin=PIN, transport=line, now=Clock()) as before:
        before.edit(record, {"tests": {"name": "before"}})
        before.create("hypertension_visit", BP)
        assert before.sync().complete
        assert before.sync().complete
    path.write_bytes(old)
    with Client.open(path, pin=PIN, transport=line, now=Clock()) as after:
        after.edit(record, {"tests": {"name": "after"}})
        report = after.sync()
        assert (report.complete, report.pushed) == (True, 1)
        assert after.status().actor != "actor0001"
        assert [claim.value["name"] for claim in after.get(record).conflicts["tests"]] == ["after", "before"]
        agree(after, peer)


def test_an_edit_whose_dot_a_clone_has_used_is_made_anew_and_not_lost(phone, peer):
    record = phone.create("hypertension_visit", BP)
    phone.sync()
    changed_by(peer, record, "actor0001", 2, {"tests": {"name": "of the clone"}})
    phone.edit(record, {"tests": {"name": "ours"}})
    report = phone.sync()
    assert (report.complete, report.set_aside) == (True, 0)
    assert {claim.value["name"] for claim in phone.get(record).conflicts["tests"]} == {"ours", "of the clone"}
    agree(phone, peer)


def test_a_server_that_accepts_no_name_ends_the_sync_and_loses_nothing(phone, peer):
    record = phone.create("hypertension_visit", BP)
    peer.on_sync = lambda body: (clone(peer), type(peer).on_sync(peer, body))[1]
    report = phone.sync()
    assert "no new name" in report.reasons[0]
    assert phone.get(record).pending


# -- restored servers


def test_a_restored_server_is_made_whole_by_the_phone(phone, peer):
    colleagues_visits(peer, 40)
    phone.sync()
    old = peer.copy()
    changed_by(peer, VISITS[0], "colleague2", 1, {"tests": {"name": "seen by the phone only"}})
    peer.put(a_record(VISITS[100], {"vitals": {"systolic_mmhg": 130}}))
    mine = phone.create("hypertension_visit", BP)
    phone.sync()
    whole = peer.copy()[0]
    waiting = phone.edit(mine, {"tests": {"name": "waits"}})
    peer.restored(old)
    actor = phone.status().actor
    report = phone.sync()
    assert (report.complete, report.pushed) == (True, 1)
    assert phone.status().actor != actor
    assert {name: r.seen for name, r in whole.items() if name != mine} == {
        name: r.seen for name, r in peer.records.items() if name != mine
    }
    assert shown(peer.records[mine]) == waiting.sections
    agree(phone, peer)


@pytest.mark.parametrize("fate", ["before", "after"])
def test_healing_may_be_cut_at_any_request_and_is_taken_up_again(path, fate):
    for cut in range(1, 40):
        with world(path, f"{cut}") as (phone, peer, line):
            colleagues_visits(peer, 3)
            phone.sync()
            old = peer.copy()
            for record in VISITS[:2]:
                changed_by(peer, record, "colleague2", peer.numbers.__next__(), {"tests": {"name": "new"}})
            mine = phone.create("hypertension_visit", BP)
            phone.sync()
            phone.edit(mine, {"tests": {"name": "waits"}})
            phone.edit(VISITS[0], {"symptoms": {"symptoms": ["none"]}})
            peer.restored(old)
            line.count = 0
            line.rule = lambda n, cut=cut: fate if n == cut else ""
            first = phone.sync()
            line.rule = lambda _n: ""
            report = phone.sync()
            assert report.complete, (cut, report)
            assert shown(peer.records[mine]) == {**BP, "tests": {"name": "waits"}}
            assert {shown(peer.records[r])["tests"]["name"] for r in VISITS[:2]} == {"new"}
            assert shown(peer.records[VISITS[0]])["symptoms"] == {"symptoms": ["none"]}
            agree(phone, peer)
            if first.complete:
                return
    raise AssertionError("a sync of more than forty requests")


# -- do both ends agree?


def test_records_that_were_damaged_or_lost_on_the_phone_are_fetched_again(phone, peer):
    colleagues_visits(peer, 100)
    phone.sync()
    phone._store.vault.run("DELETE FROM base WHERE record = ?", VISITS[3])
    damaged = phone._store.held([VISITS[4]])[VISITS[4]]
    object.__setattr__(damaged.record.edits[0], "sections", {"vitals": {"systolic_mmhg": 1}})
    phone._store.put([damaged])
    report = phone.sync()
    assert (report.complete, report.pulled) == (True, 2)
    agree(phone, peer)


def test_a_server_that_lost_a_record_gets_it_back(phone, peer):
    colleagues_visits(peer, 100)
    phone.sync()
    del peer.records[VISITS[3]]
    del peer.seq[VISITS[3]]
    assert phone.sync().complete
    assert VISITS[3] in peer.records
    agree(phone, peer)


def test_a_difference_that_stays_is_told_and_the_sync_is_not_complete(phone, peer):
    colleagues_visits(peer, 3)
    phone.sync()
    peer.foreign = False
    del peer.records[VISITS[2]]
    del peer.seq[VISITS[2]]
    report = phone.sync()
    assert report.reasons == ("phone and server hold different records of v1",)
    assert phone.get(VISITS[2])


# -- households that move, doctors that leave, phones that are lost


def test_a_record_that_moved_away_is_dropped_and_a_waiting_edit_of_it_still_arrives(phone, peer):
    colleagues_visits(peer, 3)
    phone.sync()
    peer.move(VISITS[0], "v9")
    peer.move(VISITS[1], "v9")
    phone.edit(VISITS[1], {"tests": {"name": "ECG"}})
    peer.scopes["v9"] = True  # the server may apply it there, the phone may not hold it
    visible = peer._scopes
    peer._scopes = lambda: {"v1": visible()["v1"]}
    report = phone.sync()
    assert report.complete
    assert [view.id for view in phone.find()] == [VISITS[2]]
    assert shown(peer.records[VISITS[1]])["tests"] == {"name": "ECG"}


def test_a_person_who_moved_away_and_is_registered_again_reaches_the_new_team(phone, peer):
    form = {"identity": {"name": "王秀兰", "id_no": "11010519491231002X"}}
    who = phone.create("resident", form)
    phone.sync()
    peer.move(who, "v9")
    phone.sync()
    assert phone.find() == []
    assert phone.create("resident", {**form, "contact": {"phone": "13800001111"}}) == who
    assert phone.sync().complete
    assert shown(peer.records[who])["contact"] == {"phone": "13800001111"}
    assert phone.find() == []


def test_a_scope_that_was_taken_away_goes_when_nothing_waits_for_it(path):
    with world(path, "two", "v1", "v2") as (phone, peer, line):
        peer.put(a_record(VISITS[0], {"vitals": {}}))
        peer.put(a_record(VISITS[1], {"vitals": {}}, scope="v2"))
        phone.sync()
        phone.edit(VISITS[1], {"tests": {"name": "ECG"}})
        del peer.scopes["v2"]
        line.rule = lambda n: "after"
        phone.sync()
        assert phone.get(VISITS[1]).pending
        line.rule = lambda n: ""
        assert phone.sync().complete
        assert [view.id for view in phone.find()] == [VISITS[0]]
        assert phone._store.checkpoints().keys() == {"v1"}
        assert [one.reason for one in phone.set_aside()] == ["out-of-scope"]


def test_a_scope_that_is_taken_away_while_the_doctor_writes_stays_until_that_is_delivered(path):
    with world(path, "two", "v1", "v2") as (phone, peer, line):
        peer.put(a_record(VISITS[1], BP, scope="v2"))
        phone.sync()
        del peer.scopes["v2"]
        line.count, seen = 0, []
        line.rule = lambda n: n == 1 and phone.edit(VISITS[1], {"tests": {"name": "ECG"}}) and ""
        assert phone.sync(lambda p: p.waiting and seen.append(dict(phone.get(VISITS[1]).sections))).complete
        assert seen == [{**BP, "tests": {"name": "ECG"}}]
        assert phone.find() == []


def test_a_doctor_who_left_delivers_and_then_the_phone_is_wiped(phone, peer, path):
    colleagues_visits(peer, 3)
    phone.sync()
    phone.create("hypertension_visit", BP)
    peer.disabled = True
    report = phone.sync()
    assert (report.set_aside, report.complete) == (1, False)
    assert phone.status().mode == "retired"
    assert phone.status().records == phone.status().outbox == 0
    for reading in (phone.find, phone.outbox, phone.conflicts, phone.sync, lambda: phone.create("hypertension_visit", BP)):
        with pytest.raises(SealedError):
            reading()
    rows = phone._store.vault.rows("SELECT name, value FROM meta")
    assert rows == [("mode", '"retired"')]


def test_a_lost_phone_is_sealed_at_once_and_wiped_when_it_has_handed_over(phone, peer, line, path):
    record = phone.create("hypertension_visit", BP)
    phone.sync()
    phone.edit(record, {"tests": {"name": "unsent"}})
    peer.revoked = True
    line.rule = lambda n: "before" if peer.asked[-1][1] == "/v1/sync" else ""
    line.peer.asked.append(("POST", "/", None))
    phone.sync()
    assert phone.status().mode == "sealed"
    with pytest.raises(SealedError):
        phone.get(record)
    phone.close()
    line.rule = lambda n: ""
    with Client.open(path, pin=PIN, transport=line) as found:
        assert (found.status().mode, found.status().outbox) == ("sealed", 1)
        with pytest.raises(SealedError):
            found.get(record)
        report = found.sync()
        assert (report.set_aside, report.complete) == (1, False)
        assert (found.status().mode, found.status().records) == ("retired", 0)
    assert [o["status"] for _, o in peer.log.values()] == ["applied", "deposited"]


def test_a_phone_that_was_found_again_goes_on(phone, peer, line):
    record = phone.create("hypertension_visit", BP)
    peer.revoked = True
    line.rule = lambda n: "before" if n > 1 else ""
    phone.sync()
    assert phone.status().mode == "sealed"
    peer.revoked = False
    line.rule = lambda n: ""
    assert phone.sync().complete
    assert not phone.get(record).pending


@pytest.mark.parametrize(("status", "body"), [(401, None), (403, None), (403, {"type": "about:blank"}), (500, None)])
def test_a_bare_refusal_removes_nothing(phone, peer, status, body):
    record = phone.create("hypertension_visit", BP)
    peer.request = lambda *_a: Reply(status, body)
    assert not phone.sync().complete
    assert phone.status().mode == "enrolled"
    assert phone.get(record).pending


def test_an_edit_made_while_the_phone_is_being_wiped_is_not_lost(phone, peer):
    peer.disabled = True
    syncing = Syncing(phone._store, Line(peer), Clock())
    reply = syncing._exchange(phone._store.account().epoch, [], [])
    assert reply["wipe"]
    phone.create("hypertension_visit", BP)
    assert not phone._store.wipe()
    assert phone.status().outbox == 1
