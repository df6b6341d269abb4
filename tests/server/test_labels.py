"""What a doctor wrote, in words that a supervisor reads: labels, codes, units, names; no number of a patient in full."""

import pytest

from server.issue_words import ISSUES
from server.labels import Labels, masked, references
from sync.types import CATALOGUE
from sync.types.checks import Issue
from tests.standing import forms
from tests.standing.people import TWELVE

NAMES = {("person", "p-ana"): ("王医生", "Dr Wang"), ("area", "411499001201"): ("柳树村", "Willow village")}
ZH, EN = (Labels(CATALOGUE, chinese, NAMES) for chinese in (True, False))


def told(labels, type_name, section, value):
    return {line.label: line.text for line in labels.lines(type_name, section, value)}


def test_a_visit_reads_as_its_form_with_units_codes_and_the_doctors_name():
    vitals = {"diastolic_mmhg": 88, "systolic_mmhg": 148, "weight_kg": "61.50"}
    assert told(ZH, "hypertension_visit", "vitals", vitals) == {"收缩压": "148 mmHg", "舒张压": "88 mmHg", "体重": "61.50 kg"}
    visit = {"visited_on": "2026-11-10", "way": "home", "doctor": "p-ana"}
    assert told(ZH, "hypertension_visit", "visit", visit) == {
        "随访日期": "2026-11-10",
        "随访方式": "家庭",
        "随访医生": "王医生",
    }
    assert told(EN, "hypertension_visit", "visit", visit)["Way of the visit"] == "Home"
    assert list(told(ZH, "hypertension_visit", "vitals", vitals)) == ["收缩压", "舒张压", "体重"], "in the order of the form"


def test_of_two_medicines_each_is_called_by_its_name():
    view = {"medication/m1": {"drug": "硝苯地平"}, "medication/m2": {"dose": "5"}}
    assert ZH.section("hypertension_visit", "medication/m1", view) == "用药 · 硝苯地平"
    assert ZH.section("hypertension_visit", "medication/m2", view) == "用药 · m2"
    assert ZH.section("resident", "flags/disabled") == "重点人群 · 残疾人"


def test_what_was_decided_is_named_as_on_the_form():
    decided = {"about": ["condition/hypertension", "summary"], "reason": "已核对"}
    assert told(ZH, "care_plan", "decision", decided)["处理的栏目"] == "一病一方 · 高血压、" + ZH.section(
        "care_plan", "summary"
    )
    assert "/" not in told(EN, "care_plan", "decision", decided)["Sections that were decided"]


def test_an_appeal_is_called_by_the_item_that_it_is_about():
    view = {"item/followup": {"name": "上门随访"}, "appeal/followup": {"asked_on": "2026-11-19"}}
    assert ZH.section("contract", "appeal/followup", view) == "履约申诉 · 上门随访"


def test_wang_xiulans_numbers_are_told_by_their_last_four_digits_only():
    identity = {"name": "王秀兰", "id_no": "41149919500304123X"}
    assert told(ZH, "resident", "identity", identity)["身份证件号码"] == "••••3X"
    contact = {"phone": "13900001234", "contact_phone": "0370-5551234"}
    assert set(told(ZH, "resident", "contact", contact).values()) == {"••••1234"}
    assert told(ZH, "smd_profile", "guardian", {"phone": "13900005678"}) == {"监护人电话": "••••5678"}
    assert masked("phone", "110") == "••••", "of a short number nothing is left to hide behind"
    whole = Labels(CATALOGUE, True, mask=False)
    assert told(whole, "resident", "contact", {"phone": "13900001234"}) == {"本人电话": "13900001234"}


def test_what_a_newer_phone_wrote_is_shown_as_it_came():
    assert told(ZH, "hypertension_visit", "vitals", {"steps": 4000, "systolic_mmhg": 130}) == {
        "收缩压": "130 mmHg",
        "steps": "4000",
    }
    assert told(ZH, "hypertension_visit", "wearable", {"worn": True, "more": {"a": 1}}) == {"worn": "是", "more": '{"a":1}'}
    assert told(ZH, "sleep_diary", "night", {"hours": 7}) == {"hours": "7"}
    assert (ZH.type("sleep_diary"), ZH.section("sleep_diary", "night")) == ("sleep_diary", "night")
    assert told(ZH, "hypertension_visit", "visit", {"way": "by_drone"}) == {"随访方式": "by_drone"}


def test_lists_rows_and_photographs_are_told_in_one_line_each():
    history = {"surgeries": [{"name": "阑尾", "month": "2019-05"}, {"name": "白内障"}], "father": ["hypertension", "diabetes"]}
    said = told(ZH, "resident", "history", history)
    assert said["手术名称及时间"] == "阑尾 2019-05；白内障"
    assert said["家族史：父亲"] == "高血压、糖尿病"
    evidence = {"photos": ["f1", "f2"], "doctor_signature": "s1"}
    assert told(ZH, "hypertension_visit", "evidence", evidence) == {"照片": "照片2张", "医生签名": "有签名"}
    assert told(EN, "hypertension_visit", "evidence", evidence) == {
        "Photographs": "2 photographs",
        "Doctor's signature": "signed",
    }


def test_an_emptied_section_says_so():
    assert [line.text for line in ZH.lines("hypertension_visit", "referral", None)] == ["（已清空）"]


def test_a_place_is_told_by_name_and_code():
    lives = told(ZH, "resident", "residence", {"area_code": "411499001201", "doctor": "p-gone"})
    assert lives == {"行政区划代码（12位）": "柳树村 411499001201", "责任医生": "p-gone"}


def test_an_issue_says_where_and_what_to_do():
    issue = Issue("history", "surgeries.0.month", "in_future", "error")
    assert ZH.issue("resident", issue) == "健康史 · 手术名称及时间 1 · 时间（年月）：日期在未来，请更正"
    assert ZH.issue("resident", Issue("identity", None, "of_a_newer_server", "warning")) == "身份：请核对（of_a_newer_server）"
    assert EN.issue("hypertension_visit", Issue("vitals", "systolic_mmhg", "unusual", "warning")) == (
        "Vital signs · Systolic pressure: unusual: please check"
    )


@pytest.mark.parametrize("labels", [ZH, EN])
def test_everything_in_the_records_of_twelve_residents_can_be_read(labels):
    for story in TWELVE.values():
        for record in forms.records_of(forms.edits_of(story)):
            for edit in record.edits:
                for section, value in edit.sections.items():
                    for line in labels.lines(record.type, section, value):
                        assert line.label != line.field, f"{record.type} {section}.{line.field} has no label"
                        assert line.text, f"{record.type} {section}.{line.field} says nothing"


def test_every_issue_that_the_checks_know_has_words_of_its_own():
    """Their codes stand in the words of checks.py, fields.py and identity.py."""
    found = {issue.code for story in TWELVE.values() for known in forms.known_of(story) for issue in known.issues}
    wild = forms.resident(
        77, "钱某", "female", "2050-13-40", identity={"name": 7, "sex": "x", "id_no": "1" * 18, "id_type": "resident_id_card"}
    )
    found |= {issue.code for known in forms.known_of([wild]) for issue in known.issues}
    assert {"required", "not_text", "unknown_code"} <= found
    assert found <= ISSUES.keys()


def test_what_a_record_refers_to_is_found_for_looking_up_the_names():
    signed = forms.contract(1, "2026-01-01", "2026-12-31", {"followup": forms.item()}).sections
    found = set(references(CATALOGUE, "contract", signed))
    assert found == {
        ("resident", forms.name(1, "resident")),
        ("organization", "o-1"),
        ("team", "t-1"),
        ("person", "p-ana"),
        ("service_package", "k-1"),
    }
    assert ("area", forms.VILLAGE) in set(
        references(CATALOGUE, "resident", forms.resident(1, "王", "male", "1950-01-01").sections)
    )
