"""My work: what a doctor wrote in a month, counted or not, and why not."""

import datetime as dt
import json

import pytest
from click.testing import CliRunner

from client_sdk import Client
from client_sdk.commands import field
from sync.standing import Known, account, worklist
from tests.client_sdk.afresh import at_home, patient, pressure, register, resident, visit
from tests.client_sdk.conftest import PIN
from tests.client_sdk.peer import changed_by

NOVEMBER = "2026-11"


def told(phone, month=NOVEMBER):
    return {line.record: line.reason or list(line.counts) for line in phone.my_work(month)}


def seen(phone, who, day="2026-11-10", **parts):
    return phone.create("hypertension_visit", visit(day=day, **parts), subject=who)


def test_a_visit_waits_for_a_signal_then_counts_and_then_is_void(phone):
    name = seen(phone, patient(phone))
    assert told(phone) == {name: "not_received"}
    assert phone.sync().complete
    assert told(phone) == {name: ["followup:hypertension"]}
    phone.void(name, "wrong-person")
    [line] = phone.my_work(NOVEMBER)
    assert (line.counted, line.waiting) == (True, True), "the server has not heard of it"
    phone.sync()
    assert told(phone) == {name: "void"}


def test_each_record_says_why_it_does_not_count(phone):
    who = patient(phone)
    called = seen(phone, who, "2026-11-02", way="phone")
    good, again = seen(phone, who, "2026-11-10"), seen(phone, who, "2026-11-10")
    stranger = seen(phone, phone.create("resident", resident("李国强")), "2026-11-12")
    phone.sync()
    reasons = told(phone)
    assert reasons[called] == "by_phone"
    assert sorted([str(reasons[good]), str(reasons[again])]) == ["['followup:hypertension']", "duplicate"]
    assert reasons[stranger] == "no_register"
    assert len(reasons) == 4, "the month of the register was January"


def test_what_a_colleague_wrote_is_the_colleague_s_and_what_both_wrote_is_of_both(phone, peer):
    who = patient(phone)
    name, theirs = seen(phone, who), seen(phone, who, "2026-11-05")
    phone.sync()
    before = dict(peer.records[name].seen)
    changed_by(peer, theirs, "colleague1", 1, {"visit": {"visited_on": "2026-11-05", "way": "home", "doctor": "p-wang"}})
    phone.edit(name, {"visit": {"visited_on": "2026-11-11", "way": "clinic", "doctor": "p-li"}})
    other = {"visited_on": "2026-11-12", "way": "clinic", "doctor": "p-wang"}
    changed_by(peer, name, "colleague1", 2, {"visit": other}, before)
    phone.sync()
    assert told(phone) == {name: "conflict_open"}


def test_a_home_visit_to_two_of_a_family_is_one_line(phone):
    home = phone.create("household", {})
    pair = [phone.create("resident", resident(name, home=home)) for name in ("王秀兰", "李国强")]
    met = phone.create("home_visit", at_home(*pair, day="2026-11-03"), subject=home)
    nobody = {"visit": {"visited_on": "2026-11-04", "not_met_reason": "nobody_home", "household_times": 0, "person_times": 0}}
    unmet = phone.create("home_visit", nobody, subject=home)
    phone.sync()
    lines = {line.record: line for line in phone.my_work(NOVEMBER)}
    assert (lines[met].counts, set(lines[met].residents)) == (("home_visit",), set(pair))
    assert lines[unmet].reason == "not_met"


def test_what_the_server_set_aside_is_told_with_its_reason(phone, peer):
    who = patient(phone)
    phone.sync()
    peer.scopes = {"v1": False}
    name = seen(phone, who)
    phone.sync()
    [line] = phone.my_work(NOVEMBER)
    assert (line.record, line.reason, line.detail, line.residents) == (name, "set_aside", "out-of-scope", (who,))


def test_who_is_registered_twice_has_each_visit_counted_once(phone):
    first, again = patient(phone), patient(phone, "王绣兰")
    names = [seen(phone, first, "2026-11-03"), seen(phone, again, "2026-11-10")]
    phone.link(again, first)
    phone.sync()
    lines = phone.my_work(NOVEMBER)
    assert {line.record: line.counts for line in lines} == dict.fromkeys(names, ("followup:hypertension",))
    assert {line.residents for line in lines} == {(first,)}


def test_a_month_of_last_year_is_told_by_the_last_day_of_that_year(phone):
    who = phone.create("resident", resident())
    phone.create("chronic_register", register(opened_on="2025-01-05"), subject=who)
    name = seen(phone, who, "2025-12-10")
    phone.sync()
    assert told(phone, "2025-12") == {name: ["followup:hypertension"]}
    assert told(phone, "2026-12") == {}
    with pytest.raises(ValueError, match="no month"):
        phone.my_work("2026-13")


def test_a_record_about_nobody_that_this_phone_knows_says_so(phone):
    name = seen(phone, "01970000-0000-7000-8000-00000000000b")
    phone.sync()
    assert told(phone) == {name: "no_resident"}


def test_the_same_records_make_the_same_list_at_the_other_end(phone, peer):
    who = patient(phone)
    for day, way in (("2026-11-02", "phone"), ("2026-11-10", "clinic"), ("2026-10-01", "clinic")):
        seen(phone, who, day, way=way)
    phone.sync()
    known = [Known(record) for record in peer.records.values()]
    there = worklist.lines([account(who, known, dt.date(2026, 11, 21))], "p-li", *worklist.month_of(NOVEMBER))
    assert there == phone.my_work(NOVEMBER)
    assert len(there) == 2


OCTOBER = "2026-10"


def frozen(peer, *counted, issue=1, without=()):
    """The server tells that October is frozen, and which records its report counts; of those without it says that it does not."""
    said = [*((name, True) for name in counted), *((name, False) for name in without)]
    lines = [
        {
            "record": name,
            "type": "hypertension_visit",
            "on": "2026-10-10",
            "residents": [],
            "counted": yes,
            "counts": [],
            "reason": None,
            "late_days": 0,
            "waiting": False,
            "detail": None,
            "report": {"area": "v1", "issue": issue, "counted": yes},
        }
        for name, yes in said
    ]
    report = {"village": "v1", "area": "v1", "issue": issue, "frozen_at": "2026-11-06T00:00:00.000Z"}
    peer.work[OCTOBER] = {"lines": lines, "reports": [report]}


def test_what_the_server_did_not_name_of_a_frozen_month_came_later_even_if_the_phone_could_not_ask_again(phone, peer, line):
    who = patient(phone)
    there = seen(phone, who, "2026-10-10")
    phone.sync()
    frozen(peer, there)
    phone.sync()
    late = seen(phone, who, "2026-10-20")
    line.rule = lambda _n: "before" if peer.asked[-1][1] == "/v1/sync" else ""  # the answer to the last question is lost
    assert phone.sync().complete, "everything is delivered all the same"
    assert told(phone, OCTOBER) == {there: ["followup:hypertension"], late: "after_cutoff"}
    line.rule = lambda _n: ""
    frozen(peer, there, late, issue=2)
    phone.sync()
    assert told(phone, OCTOBER) == {name: ["followup:hypertension"] for name in (there, late)}
    assert {one.report.issue for one in phone.my_work(OCTOBER)} == {2}


def test_a_month_that_was_looked_at_is_asked_for_by_the_next_sync(phone, peer):
    phone.sync()
    assert phone.reports_as_of(OCTOBER) is not None
    assert phone.reports_as_of("2026-03") is None
    phone.my_work("2026-03")
    phone.my_work("2026-12")
    phone.sync()
    assert phone.reports_as_of("2026-03").startswith("2026-11-21T08:")
    asked = [path for _, path, _ in peer.asked if "my-work" in path]
    assert asked == [f"/v1/my-work?month={month}&only=reports" for month in (OCTOBER, OCTOBER, "2026-03")], "none is frozen"
    frozen(peer)
    before = len(peer.asked)
    phone.sync()
    phone.sync()
    asked = [path.partition("month=")[2] for _, path, _ in peer.asked[before:] if "my-work" in path]
    again = ["2026-10&only=reports", "2026-03&only=reports"]
    assert asked == [again[0], OCTOBER, again[1], *again], "the whole answer once for each issue"


def test_the_command_line_says_it_in_words(phone, peer, path, monkeypatch):
    who = patient(phone)
    seen(phone, who, "2026-11-02", way="phone", vitals=pressure(130))
    phone.sync()
    seen(phone, who, "2026-11-10")
    void = seen(phone, who, "2026-10-12")
    phone.sync()
    phone.void(void, "wrong-person")
    late = seen(phone, who, "2026-10-20")
    counted = seen(phone, who, "2026-10-10")
    frozen(peer, void, counted, without=[late])
    phone.sync()
    seen(phone, who, "2026-11-12")
    phone.close()
    monkeypatch.setattr("client_sdk.client.HttpTransport", lambda _url: None)
    monkeypatch.setattr(Client, "close", lambda self: self._store.close())

    def run(*words, status=0):
        done = CliRunner().invoke(field, ["work", *words], env={"CUNYI_PHONE": str(path), "CUNYI_PIN": PIN})
        assert done.exit_code == status, done.output
        return done.output

    shown = run("--month", NOVEMBER)
    assert "2026-11-02  王秀兰  高血压患者随访服务记录表" in shown
    assert "须面对面，电话不计" in shown
    assert "未上传，等待信号" in shown
    assert "counted: 1 / 3" in shown
    assert [line["reason"] for line in json.loads(run("--month", NOVEMBER, "--json"))] == ["by_phone", None, "not_received"]
    shown = run("--month", OCTOBER)
    [first, second, third, total, as_of] = shown.splitlines()
    assert "[计入 counted] 随访 Follow-up 高血压患者" in first
    assert "(当月报表第1版 issue 1 of v1)" in first
    assert "已作废 Entered in error" in second
    assert "(仍计入，待更正 still counted until a correction: 当月报表第1版 issue 1 of v1)" in second
    assert "[不计 not counted] 随访 Follow-up 高血压患者：冻结后收到，未计入当月报表，待更正 Received after the report" in third
    assert total == "已计入 counted: 1 / 3"
    assert as_of.startswith("报表情况截至 reports as of 2026-11-21T08:")
    assert "同步后再看" in run("--month", "2026-05")
    assert "no month" in run("--month", "soon", status=2)
