"""Both doctors learn who decided, when, why, and what of theirs gave way."""

import datetime as dt
import json

import pytest
from click.testing import CliRunner

from client_sdk import AppealError, Client, printing
from client_sdk.commands import field
from client_sdk.decisions import Decision
from tests.client_sdk.afresh import patient, pressure, visit
from tests.client_sdk.conftest import PIN
from tests.client_sdk.peer import a_record, changed_by

SERVER = "s0123456789ab"
WHY = {"about": ["vitals"], "reason": "电话核实，以家中所测为准", "decided_on": "2026-11-21"}
COLLEAGUE = "colleague1"


@pytest.fixture
def clash(phone, peer):
    """A visit to which this phone wrote 150 and a colleague, apart from it, 138; both ends know."""
    who = patient(phone)
    name = phone.create("hypertension_visit", visit(systolic=146), subject=who)
    phone.sync()
    seen = dict(peer.records[name].seen)
    phone.edit(name, {"vitals": pressure(150)})
    changed_by(peer, name, COLLEAGUE, 1, {"vitals": pressure(138)}, seen)
    report = phone.sync()
    assert (report.conflicts, report.decisions) == (1, ())
    return name


def decide(peer, name, **sections):
    changed_by(peer, name, SERVER, 1, {"decision": WHY, **sections})


def test_what_was_decided_at_the_dashboard_is_told_once_and_kept(phone, peer, clash):
    decide(peer, clash, vitals=pressure(138))
    [told] = phone.sync().decisions
    assert (told.record, told.author, told.reason, told.about) == (clash, "p-wang", WHY["reason"], ("vitals",))
    assert told.kept == {"vitals": pressure(138)}
    assert [(lost.section, lost.value, lost.author) for lost in told.lost] == [("vitals", pressure(150), "p-li")]
    assert phone.conflicts() == []
    assert phone.sync().decisions == ()
    assert phone.decisions() == phone.decisions(clash) == [told]


def test_a_decision_in_the_very_exchange_that_brings_the_edit_up_says_what_of_it_gave_way(phone, peer):
    name = phone.create("hypertension_visit", visit(systolic=146), subject=patient(phone))
    phone.sync()
    seen = dict(peer.records[name].seen)
    phone.edit(name, {"vitals": pressure(150)})
    [edit] = phone.outbox()
    changed_by(peer, name, COLLEAGUE, 1, {"vitals": pressure(138)}, seen)
    peer._judge(edit, set())  # it arrived, and the answer was lost
    decide(peer, name, vitals=pressure(138))
    [told] = phone.sync().decisions
    assert [lost.value for lost in told.lost] == [pressure(150)]


def test_what_waits_on_this_phone_has_not_given_way_to_anything(phone, peer, clash):
    decide(peer, clash, vitals=pressure(138))
    phone.edit(clash, {"advice": {"text": "少盐"}})
    [told] = phone.sync().decisions
    assert [lost.section for lost in told.lost] == ["vitals"]


def test_a_conflict_sent_back_to_the_doctors_still_waits_and_says_so(phone, peer, clash):
    decide(peer, clash)
    [told] = phone.sync().decisions
    assert (told.returned, told.lost) == (("vitals",), ())
    assert [view.id for view in phone.conflicts()] == [clash]


def test_a_doctor_who_settles_it_on_a_phone_says_why_and_needs_not_be_told(phone, peer, clash):
    phone.resolve(clash, "vitals", pressure(150), "我在场，已复测")
    assert phone.sync().decisions == ()
    [told] = phone.decisions(clash)
    assert (told.author, told.reason, [lost.value for lost in told.lost]) == ("p-li", "我在场，已复测", [pressure(138)])
    assert peer.state(clash)["edits"][-1]["sections"]["decision"]["about"] == ["vitals"]


def test_a_colleague_who_only_says_that_it_is_decided_decides_nothing(phone, peer, clash):
    changed_by(peer, clash, COLLEAGUE, 2, {"decision": WHY})
    assert phone.sync().decisions == ()
    assert phone.decisions(clash) == []
    assert [view.id for view in phone.conflicts()] == [clash]


def test_a_phone_that_never_held_the_record_is_told_nothing_and_can_read_it(phone, peer):
    name = "01970000-0000-7000-8000-0000000000aa"
    peer.put(a_record(name, {"vitals": pressure(138), "decision": WHY}))
    assert phone.sync().decisions == ()
    assert phone.decisions() == []
    [told] = phone.decisions(name)
    assert (told.reason, told.lost) == (WHY["reason"], ())


def test_a_decision_leaves_the_phone_with_its_record(phone, peer, clash):
    decide(peer, clash, vitals=pressure(138))
    phone.sync()
    peer.scopes = {"v2": True}
    phone.sync()
    assert phone._store.vault.rows("SELECT * FROM decisions") == []


def test_a_sync_that_was_cut_tells_what_it_brought_with_the_next_one(phone, peer, line, clash):
    decide(peer, clash, vitals=pressure(138))
    line.count, line.rule = 0, lambda n: "after" if n == 1 else ""
    assert not phone.sync().complete
    line.rule = lambda _n: ""
    assert len(phone.sync().decisions) == 1


def test_a_phone_without_decisions_says_so(phone, path, monkeypatch):
    phone.close()
    monkeypatch.setattr("client_sdk.client.HttpTransport", lambda _url: None)
    monkeypatch.setattr(Client, "close", lambda self: self._store.close())
    done = CliRunner().invoke(field, ["decisions"], env={"CUNYI_PHONE": str(path), "CUNYI_PIN": PIN})
    assert (done.exit_code, done.output) == (0, "没有裁决 nothing was decided\n")


def test_a_decision_about_a_list_names_its_entries_as_people_do():
    kept = {
        "condition/hypertension": {"name": "高血压"},
        "condition": None,
        "medication/m-1": {"drug": "氨氯地平"},
        "sleep": {},
    }
    about = ("condition/hypertension", "condition")
    plan = Decision("r-1", "care_plan", "p-wang", "2026-11-21T08:10:00+08:00", "已核实", about, kept)
    [head, *_] = printing.decision(plan)
    assert head.endswith("一病一方·高血压 Regimen of one disease (Hypertension)、一病一方 Regimen of one disease: 已核实")
    visit = Decision(
        "r-2", "hypertension_visit", "p-wang", "2026-11-21T08:10:00+08:00", "已核实", ("medication/m-1", "sleep"), kept
    )
    [head, *_] = printing.decision(visit)
    assert head.endswith("用药·氨氯地平 Medicines、sleep: 已核实"), "what is of a newer phone is shown as it was written"


def test_the_command_line_tells_who_when_and_why(phone, peer, clash, path, monkeypatch):
    decide(peer, clash, vitals=pressure(138))
    phone.sync()
    phone.close()

    def run(*words):
        done = CliRunner().invoke(field, words, env={"CUNYI_PHONE": str(path), "CUNYI_PIN": PIN})
        assert done.exit_code == 0, done.output
        return done.output

    monkeypatch.setattr("client_sdk.client.HttpTransport", lambda _url: None)
    monkeypatch.setattr(Client, "close", lambda self: self._store.close())
    for shown in (run("show", clash), run("decisions")):
        assert f"decided by p-wang, 2026-11-21T08:10:00+08:00: 体征 Vital signs: {WHY['reason']}" in shown
        assert "gave way systolic_mmhg 150" in shown
        assert "holds systolic_mmhg 138" in shown
    assert json.loads(run("show", clash, "--json"))["decisions"][0]["lost"][0]["author"] == "p-li"


# -- appeals -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def signed(phone):
    """A resident who was promised advice once a quarter, and got none."""
    who = patient(phone)
    advice = {"name": "用药指导", "nature": "basic", "times_per_year": 4, "due_rule": "every_n_months", "every_months": 3}
    form = {
        "parties": {"resident": who, "team": "t-1"},
        "term": {"signed_on": "2026-01-01", "starts_on": "2026-01-01", "ends_on": "2026-12-31"},
        "status": {"status": "active"},
        "item/advice": advice,
    }
    return phone.create("contract", form, subject=who)


def states(phone, contract):
    told = phone.standing(phone.get(contract).subject)["obligations"]
    return [(one["by"], one["state"], one["reason"]) for one in told]


def test_a_doctor_appeals_for_the_last_quarter_missed_and_then_for_another(phone, peer, signed):
    phone.appeal(signed, "advice", "当天入户，忘记录入")
    phone.appeal(signed, "advice", "有照片", owed_by=dt.date(2026, 3, 31))
    view = phone.appeal(signed, "advice", "当天入户，忘记录入，有签名")
    asked = {name: (value["owed_by"], value["reason"]) for name, value in view.sections.items() if name.startswith("appeal/")}
    assert asked == {
        "appeal/advice": ("2026-09-30", "当天入户，忘记录入，有签名"),
        "appeal/advice@2026-03-31": ("2026-03-31", "有照片"),
    }
    assert {state for _, state, _ in states(phone, signed)} == {"missed", "open"}


def test_what_the_supervisor_decided_counts_and_the_doctor_is_told(phone, peer, signed):
    view = phone.appeal(signed, "advice", "当天入户，忘记录入")
    phone.sync()
    asked = view.sections["appeal/advice"]
    told = {**asked, "decision": "upheld", "decided_on": "2026-11-21", "decided_by": "p-lea", "note": "已电话核实"}
    changed_by(peer, signed, SERVER, 1, {"appeal/advice": told})
    [decision] = phone.sync().decisions
    assert (decision.about, decision.reason, decision.lost) == (("appeal/advice",), "已电话核实", ())
    assert ("2026-09-30", "upheld", None) in states(phone, signed)


def test_nothing_is_appealed_that_is_not_missed_or_was_refused(phone, peer, signed):
    for item, reason in (("massage", "做了"), ("advice", " ")):
        with pytest.raises(AppealError):
            phone.appeal(signed, item, reason)
    asked = phone.appeal(signed, "advice", "当天入户").sections["appeal/advice"]
    phone.sync()
    changed_by(peer, signed, SERVER, 1, {"appeal/advice": {**asked, "decision": "refused", "note": "无佐证"}})
    phone.sync()
    with pytest.raises(AppealError, match="refused"):
        phone.appeal(signed, "advice", "再申诉")
    assert ("2026-09-30", "missed", "appeal_refused") in states(phone, signed)
