"""`cunyi field`, as a village doctor types it."""

import json
import re

import pytest
from click.testing import CliRunner

from client_sdk import Client
from client_sdk.commands import field
from tests.client_sdk.conftest import PIN
from tests.client_sdk.peer import changed_by
from tests.client_sdk.web import Answer, on_behalf_of, serving

PLAN = '{"version": 1, "status": "draft", "problem_summary": "血压控制不满意"}'


@pytest.fixture
def url(peer):
    with serving(on_behalf_of(peer)) as address:
        yield address


@pytest.fixture
def cunyi(path):
    """Run a command; its output, after the exit status was as expected."""

    def run(*words, exit_status=0, pin=PIN):
        done = CliRunner().invoke(field, words, env={"CUNYI_PHONE": str(path), "CUNYI_PIN": pin})
        assert done.exit_code == exit_status, done.output
        return done.output

    return run


@pytest.fixture
def doctor(cunyi, url, path):
    """An enrolled phone with one resident."""
    cunyi("enrol", url, "good", "--device", "Redmi 9A")
    with Client.open(path, pin=PIN) as phone:
        who = phone.create("resident", {"identity": {"name": "王秀兰"}, "contact": {"phone": "13800001111"}})
    cunyi("sync")
    return who


@pytest.mark.parametrize(
    "address", ["nonsense", "127.0.0.1:8000", "ftp://there", "http://", "http://there:port", "http://[::1"]
)
def test_an_address_that_is_none_is_told_and_leaves_no_file(cunyi, path, address):
    assert "write the address like http://127.0.0.1:8000" in cunyi("enrol", address, "good", exit_status=2)
    assert not list(path.parent.iterdir())


def test_a_server_that_does_not_answer_leaves_the_key_for_another_try_and_says_so(cunyi, url, path):
    with serving(lambda *_: Answer(200, raw=b"a login page of the guest network", kind="text/html")) as elsewhere:
        told = cunyi("enrol", elsewhere, "good", exit_status=1)
    assert f"enrol again with the same PIN, {path} keeps the new key" in told
    assert "enrolled" in cunyi("enrol", url, "good")


def test_without_a_terminal_to_ask_for_the_pin_the_two_other_ways_are_told(cunyi, doctor):
    told = cunyi("status", pin="", exit_status=2)
    assert "give it with --pin or in CUNYI_PIN" in told
    assert "mode: enrolled" in cunyi("status", "--pin", PIN, pin="")


def test_the_settings_of_the_phone_stand_in_the_help(cunyi):
    told = cunyi("standing", "--help")
    for name in ("CUNYI_PHONE", "CUNYI_PIN", "CUNYI_LANG"):
        assert f"env var: {name}" in told


def test_from_enrolment_to_a_delivered_visit(cunyi, doctor, peer):
    options = ["--bp", "152/94", "--heart-rate", "76", "--weight", "61.5", "--way", "home", "--symptom", "headache_dizziness"]
    options += [
        "--symptom",
        "dyspnea",
        "--medicine",
        "氨氯地平 1 5 mg",
        "--class",
        "uncontrolled",
        "--next-visit",
        "2026-12-05",
    ]
    visit = json.loads(cunyi("visit", "秀兰", *options, "--json"))
    assert visit["subject"] == doctor
    assert visit["sections"]["vitals"] == {
        "systolic_mmhg": 152,
        "diastolic_mmhg": 94,
        "heart_rate_per_min": 76,
        "weight_kg": "61.5",
    }
    assert visit["sections"]["visit"].items() >= {"way": "home", "doctor": "p-li"}.items()
    assert visit["sections"]["symptoms"] == {"symptoms": ["headache_dizziness", "dyspnea"]}
    (medicine,) = (value for name, value in visit["sections"].items() if name.startswith("medication/"))
    assert medicine == {"drug": "氨氯地平", "times_per_day": 1, "dose": "5", "dose_unit": "mg"}
    assert not [i for i in visit["issues"] if i["section"] in ("vitals", "symptoms") or i["section"].startswith("medication")]
    assert "[waiting]" in cunyi("list", "--type", "hypertension_visit")
    assert visit["record"] in cunyi("outbox")
    assert "1 edits up" in cunyi("sync")
    assert visit["record"] in peer.records
    assert "152/94" in cunyi("list", "--text", "氨氯地平")
    assert "applied by p-li" in cunyi("show", visit["record"])
    assert json.loads(cunyi("status", "--json"))["outbox"] == 0


def test_the_suggestion_is_kept_beside_what_the_doctor_says_and_the_difference_shown(cunyi, doctor):
    told = cunyi("visit", "wxl", "--bp", "182/94", "--class", "controlled")
    assert "收缩压≥180mmHg" in told
    assert "assessment.class is controlled, suggested is uncontrolled: yours is kept" in told
    again = json.loads(cunyi("visit", "wangxiulan", "--bp", "128/80", "--class", "uncontrolled", "--json"))
    assert again["sections"]["assessment"].items() >= {"class": "uncontrolled", "suggested_class": "controlled"}.items()
    assert [one["field"] for one in again["differs"]] == ["assessment.class"]


def test_what_is_due_and_how_somebody_stands_in_words(cunyi, doctor, path):
    with Client.open(path, pin=PIN) as phone:
        born = {"identity": {"name": "王秀兰", "sex": "female", "birth_date": "1950-03-04"}}
        phone.edit(doctor, born)
        opened = {"registration": {"disease": "hypertension", "opened_on": "2020-05-01"}, "status": {"status": "managed"}}
        phone.create("chronic_register", opened, subject=doctor)
        form = {"visit": {"visited_on": "2026-11-10", "way": "clinic"}, "vitals": {"systolic_mmhg": 182, "diastolic_mmhg": 90}}
        phone.create("hypertension_visit", form, subject=doctor)
    on = ("--on", "2026-11-21")
    first = cunyi("due", *on).splitlines()[0]
    assert first.startswith("王秀兰  [紧急] 2026-11-24  高血压患者随访服务记录表: ")
    assert json.loads(cunyi("due", *on, "--json"))[0]["resident"] == doctor
    told = cunyi("standing", "wxl", *on)
    assert "人群：65岁及以上老年人、高血压患者" in told
    assert "本年度随访 1 次，面对面 1 次，至今应做 3 次" in told
    assert not re.search("[a-z]{3}", told.replace("mmHg", "")), "in one language"
    told = cunyi("standing", "wxl", *on, "--lang", "en")
    assert "visits this year: 1, in person 1, expected so far 3" in told
    assert not re.search("[\u4e00-\u9fff]", told.replace("王秀兰", "")), "the name alone is Chinese"
    assert cunyi("due", *on, "--lang", "en").startswith("王秀兰  [Urgent] 2026-11-24  Hypertension follow-up visit: ")
    assert json.loads(cunyi("standing", doctor, *on, "--json"))["managed"][0]["visits"] == 1
    assert "0 residents" in cunyi("standing", "nobody", exit_status=2)
    assert "Invalid value" in cunyi("due", "--on", "tomorrow", exit_status=2)


def test_a_plan_is_begun_and_carried_on(cunyi, doctor):
    begun = json.loads(cunyi("plan", doctor, "summary", PLAN, "--json"))
    again = json.loads(cunyi("plan", "王秀兰", "condition/hypertension", '{"target_systolic_mmhg": 140}', "--json"))
    assert again["record"] == begun["record"]
    assert again["sections"].keys() == {"summary", "condition/hypertension"}
    emptied = json.loads(cunyi("edit", begun["record"], "condition/hypertension", "null", "--json"))
    assert emptied["sections"]["condition/hypertension"] is None


def test_a_plan_in_conflict_is_carried_on_beside_the_colleagues_words(cunyi, doctor, peer):
    begun = json.loads(cunyi("plan", doctor, "summary", PLAN, "--json"))["record"]
    cunyi("sync")
    seen = dict(peer.records[begun].seen)
    cunyi("plan", doctor, "team", '{"village_doctor": "p-li"}')
    changed_by(peer, begun, "colleague1", 1, {"team": {"village_doctor": "p-wang"}}, seen)
    cunyi("sync")
    cunyi("plan", doctor, "team", '{"village_doctor": "p-zhao"}')
    told = cunyi("conflicts")
    assert "p-wang" in told
    assert "p-zhao" in told


def test_a_conflict_is_shown_with_every_value_and_settled(cunyi, doctor, peer):
    cunyi("edit", doctor, "identity", '{"name": "王秀蘭"}')
    changed_by(peer, doctor, "colleague1", 1, {"identity": {"name": "王绣兰"}}, context={"actor0001": 1})
    assert "1 records in conflict" in cunyi("sync")
    told = cunyi("conflicts")
    assert "王秀蘭" in told
    assert "王绣兰" in told
    assert "CONFLICT(identity)" in cunyi("list")
    assert "王绣兰" not in cunyi("list")
    assert "王绣兰" not in cunyi("show", doctor).partition("IN CONFLICT")[0]
    number = next(line.strip()[0] for line in told.splitlines() if "王绣兰" in line)
    assert "is in conflict" in cunyi("edit", doctor, "identity", "{}", exit_status=2)
    assert "there are only values 1 to 2; or say another with --value" in cunyi(
        "resolve", doctor, "identity", "--take", "3", exit_status=2
    )
    assert "either" in cunyi("resolve", doctor, "identity", exit_status=2)
    assert "王绣兰" in cunyi("resolve", doctor, "identity", "--take", number)
    assert cunyi("conflicts") == ""
    assert "not in conflict" in cunyi("resolve", doctor, "identity", "--value", "{}", exit_status=2)


def test_a_void_that_a_colleague_wrote_past_is_taken_or_taken_back_as_the_list_says(cunyi, doctor, peer):
    visit = json.loads(cunyi("visit", "秀兰", "--bp", "152/94", "--json"))["record"]
    cunyi("sync")
    seen = dict(peer.records[visit].seen)
    cunyi("void", visit, "duplicate")
    changed_by(peer, visit, "colleague1", 1, {"tests": {"name": "尿常规", "result": "正常"}}, context=seen)
    cunyi("sync")
    listed = cunyi("conflicts")
    assert "1. reason duplicate" in listed
    assert "or --value null: the record holds" in listed
    told = cunyi("resolve", visit, "void", "--take", "2", exit_status=2)
    assert "there is only value 1; --value null takes the void back" in told
    assert "[void]" not in cunyi("resolve", visit, "void", "--value", "null")
    assert cunyi("conflicts") == ""


@pytest.mark.parametrize("command", ["plan", "edit"])
@pytest.mark.parametrize("section", ["nonsense", "condition", "condition/", "summary/x"])
def test_a_section_that_the_form_has_not_is_refused_with_those_that_it_has(cunyi, doctor, command, section):
    record = json.loads(cunyi("plan", doctor, "summary", PLAN, "--json"))["record"]
    before = cunyi("outbox")
    told = cunyi(command, doctor if command == "plan" else record, section, "{}", exit_status=2)
    assert f"the care plan has no section {section!r}; it has summary, team, condition/CODE, measure/KEY, review" in told
    assert cunyi("outbox") == before


def test_what_a_newer_phone_wrote_is_kept_and_may_be_changed_where_it_stands(cunyi, doctor, peer):
    record = json.loads(cunyi("plan", doctor, "summary", PLAN, "--json"))["record"]
    cunyi("sync")
    changed_by(peer, record, "colleague1", 1, {"sleep": {"hours": 6}})
    cunyi("sync")
    assert "sleep: hours 6" in cunyi("show", record)
    assert "sleep: hours 7" in cunyi("plan", doctor, "sleep", '{"hours": 7}')
    assert "sleep: (emptied)" in cunyi("edit", record, "sleep", "null")


def test_a_visit_on_another_day_is_written_for_that_day(cunyi, doctor):
    visit = json.loads(cunyi("visit", "秀兰", "--on", "2026-11-02", "--next-visit", "2026-12-02", "--json"))["sections"]
    assert (visit["visit"]["visited_on"], visit["next_visit"]["on"]) == ("2026-11-02", "2026-12-02")


def test_a_record_entered_in_error_is_marked(cunyi, doctor):
    assert "[void]" in cunyi("void", doctor, "duplicate", "--note", "twice")
    assert "Invalid value" in cunyi("void", doctor, "nonsense", exit_status=2)


def test_what_the_server_set_aside_is_listed_with_the_reason(cunyi, doctor, peer):
    cunyi("edit", doctor, "contact", '{"phone": "1"}')
    peer.scopes = {"v1": False}
    cunyi("sync")
    assert "(out-of-scope)" in cunyi("set-aside")
    assert json.loads(cunyi("set-aside", "--json"))[0]["sections"] == {"contact": {"phone": "1"}}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["visit", "秀兰", "--bp", "high"], "152/94"),
        (["visit", "秀兰", "--heart-rate", "fast"], "not a valid integer"),
        (["visit", "秀兰", "--on", "2027-13-01"], "does not match the format"),
        (["visit", "秀兰", "--next-visit", "2026-02-30"], "does not match the format"),
        (["visit", "秀兰", "--way", "flying"], "clinic"),
        (["visit", "秀兰", "--medicine", "aspirin"], "DRUG TIMES-A-DAY DOSE UNIT"),
        (["visit", "nobody"], "0 residents"),
        (["visit", "秀兰", "--scope", "v7"], "does not write in v7"),
        (["plan", "秀兰", "summary", "{"], "not JSON"),
        (["plan", "秀兰", "summary", "[1]"], "JSON object"),
        (["edit", "01970000-0000-7000-8000-000000000000", "visit", "{}"], "no record"),
        (["show", "nothing"], "no record"),
        (["show"], "Missing argument"),
    ],
)
def test_wrong_input_is_explained_and_nothing_is_kept_or_lost(cunyi, doctor, words, told):
    before = cunyi("list")
    assert told in cunyi(*words, exit_status=2)
    assert (cunyi("list"), cunyi("outbox")) == (before, "")


def test_a_number_with_a_point_is_refused_in_words(cunyi, doctor):
    assert "is sent as text" in cunyi("edit", doctor, "contact", '{"phone": 61.5}', exit_status=2)


def test_wrong_pins_codes_and_files_are_explained(cunyi, doctor, url, tmp_path):
    assert "PIN is wrong" in cunyi("list", pin="000000", exit_status=2)
    assert "no phone file" in cunyi("list", "--phone", str(tmp_path / "none.db"), exit_status=2)
    assert "wrong-code" in cunyi("enrol", url, "bad", "--phone", str(tmp_path / "new.db"), exit_status=2)
    assert not (tmp_path / "new.db").exists()


def test_without_a_network_a_sync_says_so_and_the_work_goes_on(cunyi, doctor, path):
    with Client.open(path, pin=PIN) as phone:
        phone._store.save(access=None, url="http://127.0.0.1:1")
    cunyi("visit", "秀兰", "--bp", "152/94")
    from unittest import mock

    with mock.patch("time.sleep"):
        report = json.loads(cunyi("sync", "--json", exit_status=1))
        assert "NOT complete" in cunyi("sync", exit_status=1)
    assert not report["complete"]
    assert "cannot be reached" in report["reasons"][0]
    assert "hypertension_visit" in cunyi("outbox")
