"""A new form, for chronic obstructive pulmonary disease: one declaration, and phones fill it in. No migration, no other word."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import inspect

from server import create_app
from server.store.scope import wire_text
from sync.types import TYPES
from sync.types.catalogue import Catalogue
from sync.types.checks import Below
from sync.types.codes import code_list
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Codes, Date, Whole
from sync.types.measures import (
    evidence_section,
    medication_section,
    next_visit_section,
    next_visit_within,
    oxygen_saturation_percent,
    visit_section,
)
from sync.types.rules import AtLeast, Row, RuleTable
from tests.village import BEN, VILLAGE

SOURCE = "this project, to try things out"
BREATH = code_list(
    "copd_breathlessness",
    """
    0 hard_exercise 剧烈活动时 With hard exercise
    1 hurrying 快走或爬缓坡时 When hurrying or walking up a slope
    2 slower 比同龄人走得慢 Slower than others of the same age
    3 hundred_metres 平地走百米即停 After a hundred metres
    4 at_home 不能出门 Too breathless to leave the house
    """,
    source=SOURCE,
)
GROUP = code_list("copd_group", "- few 症状少 Few symptoms\n- many 症状多 Many symptoms", source=SOURCE)
COPD = RecordType(
    name="copd_visit",
    zh="慢性阻塞性肺疾病随访服务记录表",
    en="Follow-up visit, chronic obstructive pulmonary disease",
    subject="resident",
    source=SOURCE,
    dated="visit.visited_on",
    sections=(
        visit_section(),
        Section(
            "lungs",
            "肺部情况",
            "Lungs",
            {
                "breathlessness": Code("呼吸困难分级", "Breathlessness", BREATH, required=True),
                "cat_points": Whole("CAT评分", "COPD assessment test", unit="分", required=True, hard=(0, 40)),
                "fev1_percent": Whole("FEV1占预计值", "FEV1 of predicted", unit="%", hard=(5, 150), soft=(15, 130)),
                "target_fev1_percent": Whole("FEV1目标", "FEV1 aimed at", unit="%", hard=(5, 150)),
                "oxygen_saturation_percent": oxygen_saturation_percent(),
                "flare_ups": Codes("急性加重处理", "Flare-ups", GROUP),
                "flared_on": Date("最近急性加重日期", "Last flare-up", future=False),
            },
            required=True,
        ),
        Section("assessment", "评估", "Assessment", {"class": Code("分组", "Group", GROUP, required=True)}, required=True),
        medication_section(),
        next_visit_section(),
        evidence_section(),
    ),
    checks=(Below("lungs.fev1_percent", "lungs.target_fev1_percent"), next_visit_within(3)),
    rules=(
        RuleTable(
            name="class",
            gives="class",
            zh="症状分组",
            en="Group by symptoms",
            source=SOURCE,
            version="1",
            rows=(Row("many", AtLeast("lungs.cat_points", 10), "many", "CAT≥10", "CAT of 10 or more"),),
            field="assessment.class",
        ),
    ),
)
GRANDPA_ZHAO = {
    "visit": {"visited_on": "2026-11-20", "way": "home", "doctor": "p-ana"},
    "lungs": {"breathlessness": "slower", "cat_points": 14, "fev1_percent": 62, "oxygen_saturation_percent": 93},
    "assessment": {"class": "few"},
    "medication/1": {"drug": "噻托溴铵粉吸入剂𠮷", "times_per_day": 1, "dose": "18.0", "dose_unit": "dose"},
    "next_visit": {"on": "2027-02-20"},
}


@pytest.fixture
def upgraded(village):
    """The server after it was restarted with one more declaration, on the database as it was."""
    app = create_app(village.config, Catalogue((*TYPES, COPD)), now=lambda: village.time)
    yield app
    app.extensions["cunyi"].engine.dispose()


def test_a_phone_is_told_of_the_new_form(village, ana, upgraded):
    before = ana.get("/v1/types").get_json()
    ana.http = upgraded.test_client()
    after = ana.get("/v1/types").get_json()
    assert after["version"] != before["version"]
    assert [t["name"] for t in after["types"]] == [*(t["name"] for t in before["types"]), "copd_visit"]
    told = after["types"][-1]
    assert told == json.loads(json.dumps(COPD.about()))
    assert after["codes"]["copd_breathlessness"]["codes"][4]["national"] == "4"


def test_the_new_form_is_looked_at_and_arrives_as_it_was_typed(village, ana, upgraded):
    ana.http = upgraded.test_client()
    ben = village.phone(BEN)
    ben.http = upgraded.test_client()
    odd = {**GRANDPA_ZHAO, "lungs": {**GRANDPA_ZHAO["lungs"], "cat_points": 41, "target_fev1_percent": 60}}
    record = ana.save(odd, type="copd_visit", subject="zhao")
    (receipt,) = ana.sync()["receipts"]
    assert receipt["status"] == "accepted"
    assert {(i["section"], i["field"], i["code"]) for i in receipt["issues"]} == {
        ("lungs", "cat_points", "out_of_range"),
        ("lungs", "fev1_percent", "not_below"),
    }
    ana.save({"lungs": GRANDPA_ZHAO["lungs"]}, record)
    assert ana.sync()["receipts"][0]["issues"] == []
    answer = ben.post("/v1/sync", body := ben.request())
    for section in GRANDPA_ZHAO.values():
        assert wire_text(section).encode() in answer.get_data()
    ben.absorb(body, answer.get_json())
    assert ben.shows(record) == GRANDPA_ZHAO
    assert COPD.advice(ben.shows(record)).discrepancies(ben.shows(record))[0].suggested == "many"
    assert village.faults() == []


def test_two_who_change_the_same_medicine_of_the_new_form_apart_are_asked(village, ana, upgraded):
    ben = village.phone(BEN)
    for phone in (ana, ben):
        phone.http = upgraded.test_client()
    record = ana.save(GRANDPA_ZHAO, type="copd_visit", subject="zhao")
    ana.sync()
    ben.sync()
    medicine = GRANDPA_ZHAO["medication/1"]
    ana.save({"medication/1": {**medicine, "times_per_day": 2}}, record)
    ben.save({"medication/1": {**medicine, "dose": "9"}}, record)
    assert ana.sync()["receipts"][0]["status"] == "accepted"
    assert ben.sync()["receipts"][0]["status"] == "conflict"


def test_what_came_before_the_server_knew_the_form_is_kept_and_looked_at_later(village, ana, upgraded):
    """The phone is newer than the server: nothing is refused, nothing is said; after the upgrade it is."""
    columns = {t: inspect(village.engine).get_columns(t) for t in inspect(village.engine).get_table_names()}
    poor = {**GRANDPA_ZHAO, "lungs": {"breathlessness": "slower"}}
    record = ana.save(poor, type="copd_visit", subject="zhao")
    (receipt,) = ana.sync()["receipts"]
    assert (receipt["status"], receipt["issues"]) == ("accepted", [])
    ana.http = upgraded.test_client()
    ana.save({"evidence": {"place": "家中"}}, record)
    (receipt,) = ana.sync()["receipts"]
    assert [(i["section"], i["field"], i["code"]) for i in receipt["issues"]] == [("lungs", "cat_points", "required")]
    assert ana.shows(record) == {**poor, "evidence": {"place": "家中"}}
    inspected = inspect(upgraded.extensions["cunyi"].engine)
    assert [repr(inspected.get_columns(t)) for t in columns] == [repr(columns[t]) for t in columns]
    assert village.rows("records")[0]["scope"] == VILLAGE
    assert village.faults() == []
