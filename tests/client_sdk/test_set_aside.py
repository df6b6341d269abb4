"""What was set aside: a person decides, and the phone that wrote it is told, wherever the record lives."""

import json

import pytest
from click.testing import CliRunner

from client_sdk import Client
from client_sdk.commands import field
from client_sdk.vault import Vault
from server.store import directory
from tests.client_sdk.afresh import patient, visit
from tests.client_sdk.conftest import PIN, Clock
from tests.client_sdk.peer import a_record
from tests.client_sdk.test_schema import as_the_first_release_left_it
from tests.village import ANA, LEA, OTHER

WHY = "她住在杨树村，由Cam随访"


@pytest.fixture
def aside(phone, peer):
    """A visit that was written when its author no longer wrote in the village."""
    who = patient(phone)
    phone.sync()
    peer.scopes = {"v1": False}
    record = phone.create("hypertension_visit", visit(day="2026-11-10"), subject=who)
    assert phone.sync().complete
    [one] = phone.set_aside()
    assert (one.edit.record, one.reason, one.action, one.known, one.decided) == (record, "out-of-scope", "leader", False, None)
    return one.edit


def asked(peer):
    return [path for _, path, _ in peer.asked if path == "/v1/my-deposits"]


def work(phone):
    return [(line.record, line.reason) for line in phone.my_work("2026-11")]


# -- by the real server


@pytest.fixture
def moved(village):
    """Ana wrote a visit in her village and was moved to another before she had a signal: her phone, and what Lea finds."""
    ana = village.phone(ANA)
    who = ana.create("resident", {"identity": {"name": "王秀兰"}})
    assert ana.sync().complete
    record = ana.create("hypertension_visit", visit(day="2026-11-20"), subject=who)
    village.write(lambda c: directory.put_workplaces(c, ANA, [OTHER]))
    assert ana.sync().complete
    lea, desk = village.doors.access.view(LEA), village.doors.decisions.set_aside
    [one] = desk.listed(lea)
    assert [one.edit.record for one in ana.set_aside()] == [record]
    return ana, desk, lea, one.deposit.id


def test_ana_who_has_moved_reads_who_refused_her_visit_and_why(moved):
    ana, desk, lea, deposit = moved
    desk.refuse(lea, deposit, WHY)
    assert ana.sync().complete
    [one] = ana.set_aside()
    assert one.decided == {
        "state": "refused",
        "decided_at": "2026-11-21T00:15:00.000Z",
        "decided_by": {"name": "Lea", "role": "team_leader"},
        "decision": WHY,
    }
    ana.acknowledge(one.edit.record)
    assert [(one.known, one.decided["decision"]) for one in ana.set_aside()] == [(True, WHY)]


def test_ana_who_has_moved_is_reminded_no_more_of_what_was_applied_where_she_does_not_look(moved, village):
    ana, desk, lea, deposit = moved
    assert desk.apply(lea, deposit) == "accepted"
    assert ana.sync().complete
    assert (ana.find(type="hypertension_visit"), ana.set_aside(), work(ana)) == ([], [], [])
    assert village.faults() == []


# -- on bad days


def test_a_doctor_who_knew_that_it_was_set_aside_is_told_that_it_was_refused(phone, peer, aside, reopen):
    phone.acknowledge(aside.record)
    assert [one.known for one in phone.set_aside()] == [True]
    peer.decide(aside, "refused", WHY)
    assert phone.sync().complete
    assert [(one.known, one.decided["decision"]) for one in phone.set_aside()] == [(False, WHY)]
    phone.acknowledge(aside.record)
    again = reopen()
    assert again.sync().complete
    assert [(one.known, one.decided["decision"], one.edit) for one in again.set_aside()] == [(True, WHY, aside)], "to be read"


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_line_that_is_cut_when_it_is_told_tells_it_with_the_next_sync(phone, peer, line, aside, cut):
    peer.decide(aside, "refused", WHY)
    last = line.count + 3  # after the exchange and the question about the reports
    line.rule = lambda n: cut if n == last else ""
    assert phone.sync().complete, "everything is delivered all the same"
    assert [one.decided for one in phone.set_aside()] == [None]
    line.rule = lambda _n: ""
    assert phone.sync().complete
    assert [one.decided["decision"] for one in phone.set_aside()] == [WHY]


def test_a_phone_that_dies_while_it_keeps_what_was_decided_is_told_again(phone, peer, aside, reopen, monkeypatch):
    other = phone.create("hypertension_visit", visit(day="2026-11-11"), subject=aside.subject)
    phone.sync()
    for one in phone.set_aside():
        peer.decide(one.edit, "refused", WHY)
    run, kept = Vault.run, []

    def dies(self, sql, *values):
        if "SET decided" in sql:
            kept.append(values)
            if len(kept) == 2:
                raise KeyboardInterrupt
        return run(self, sql, *values)

    with monkeypatch.context() as patch:
        patch.setattr(Vault, "run", dies)
        again = reopen()
        with pytest.raises(KeyboardInterrupt):
            again.sync()
    again = reopen()
    assert [one.decided for one in again.set_aside()] == [None, None], "both, or neither"
    assert again.sync().complete
    assert {one.edit.record: one.decided["decision"] for one in again.set_aside()} == {aside.record: WHY, other: WHY}


def test_what_was_decided_about_another_edit_under_the_same_dot_is_not_taken_for_it(phone, peer, aside):
    peer.decide(aside, "refused", "重复上传", reason="dot-reused")
    phone.sync()
    assert [one.decided for one in phone.set_aside()] == [None]


def test_a_word_of_a_later_server_is_passed_over(phone, peer, aside):
    peer.decide(aside, "returned")
    assert phone.sync().complete
    assert [one.decided for one in phone.set_aside()] == [None]


def test_what_was_applied_asks_no_more_even_when_a_colleague_has_written_over_it(phone, peer, aside):
    """By then nothing in the record is of his hand."""
    live = a_record(aside.record, {"vitals": {"systolic_mmhg": 128}}, scope="v1")
    peer.put(live)
    peer.decide(aside, "applied")
    phone.sync()
    assert phone.set_aside() == []
    assert (aside.record, "set_aside") not in work(phone)


def test_the_server_is_asked_only_while_something_is_undecided(phone, peer, aside):
    assert len(asked(peer)) == 1
    phone.sync()
    assert len(asked(peer)) == 2
    peer.decide(aside, "refused", WHY)
    for _ in range(3):
        phone.sync()
    assert len(asked(peer)) == 3


def test_a_file_of_the_first_release_learns_what_became_of_what_was_set_aside(phone, peer, aside, path, tmp_path, line):
    phone.close()
    old = as_the_first_release_left_it(path, tmp_path / "old.db")
    peer.decide(aside, "refused", WHY, by=None)
    with Client.open(old, pin=PIN, transport=line, now=Clock()) as again:
        assert [(one.edit, one.known, one.decided) for one in again.set_aside()] == [(aside, False, None)]
        assert again.sync().complete
        assert [one.decided["decided_by"] for one in again.set_aside()] == [None]


def test_the_command_line_says_who_refused_it_and_is_told_that_one_knows(phone, peer, aside, path):
    peer.decide(aside, "refused", WHY)
    phone.sync()
    phone.close()

    def cunyi(*words):
        done = CliRunner().invoke(field, words, env={"CUNYI_PHONE": str(path), "CUNYI_PIN": PIN})
        assert done.exit_code == 0, done.output
        return done.output

    edit, refused = cunyi("set-aside").splitlines()
    assert edit.endswith("(out-of-scope)")
    assert refused.strip() == f"未采用 refused by 李文静 (team_leader), 2026-11-20T02:00:00.000Z: {WHY}"
    cunyi("acknowledge", aside.record)
    assert cunyi("set-aside").splitlines()[0].endswith("(out-of-scope)  [已知 known]")
    [told] = json.loads(cunyi("set-aside", "--json"))
    assert (told["record"], told["known"], told["decided"]["decision"]) == (aside.record, True, WHY)
