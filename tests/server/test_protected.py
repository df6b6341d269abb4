"""Tuberculosis and severe mental disorder: only who has a grant for the programme ever gets a byte of such a record."""

import datetime as dt
import json
import logging
import uuid

import pytest

from server.access import here
from server.decisions.deposits import Deposits, UndecidedError
from server.store import devices, directory
from server.store.engine import reading
from sync.record import Edit
from sync.types import CATALOGUE
from sync.version import Dot, VersionVector
from tests import village as places
from tests.server.conftest import NOON
from tests.server.phone import vitals
from tests.village import ANA, BEN, CAM, LEA, OTHER, SUE, TOWNSHIP, VILLAGE

TB, SMD = f"{VILLAGE}:tb", f"{VILLAGE}:smd"
WANG = "0197a0a0-0000-7000-8000-000000000001"
CANARY = "金丝雀-canary"
TB_VISIT = {"visit": {"visited_on": "2026-11-20"}, "symptoms": {"other": CANARY}}
REGISTER = {"registration": {"disease": "tuberculosis", "disease_name": CANARY, "opened_on": "2026-11-20"}}
PLAN = {"summary": {"goals": "step by step"}, "condition/tuberculosis": {"education": CANARY}}
GROUPED_PLAN = {"summary": {"goals": CANARY, "population_groups": ["elder_65", "tuberculosis"]}}


@pytest.fixture
def granted(village):
    """Ana may hold what is about tuberculosis; Ben, who works in the same village, may not."""
    village.write(lambda c: places.grant(c, ANA, "tb"))


@pytest.fixture
def treated(village, granted, ana):
    """Wang is known in her village, and Ana treats her for tuberculosis: her register and one visit."""
    ana.save({"contact": {"phone": "1"}}, WANG, type="resident", subject=WANG, scope=VILLAGE)
    register = ana.save(REGISTER, type="chronic_register", subject=WANG, scope=TB)
    visit = ana.save(TB_VISIT, type="tb_visit", subject=WANG, scope=TB)
    assert [r["status"] for r in ana.sync()["receipts"]] == ["accepted"] * 3
    return [register, visit]


def of(receipts):
    return [(r["status"], r.get("reason")) for r in receipts]


def deposits(village):
    return {(row["scope"].partition(":")[0], row["record"], row["reason"]) for row in village.rows("deposits")}


def test_with_the_grant_it_syncs_between_phones_and_says_so(village, treated, ana):
    again = village.phone(ANA)
    reply = again.sync()
    assert list(again.scopes.items()) == [
        (VILLAGE, {"write": True}),
        (TB, {"write": True}),
        (TOWNSHIP, {"write": False}),
    ]
    assert again.shows(treated[1])["symptoms"] == {"other": CANARY}
    assert again.agrees(reply)
    assert again.get(f"/v1/scopes/{TB}/digest").get_json()["count"] == 2
    assert CANARY in again.get(f"/v1/scopes/{TB}/records").get_data(as_text=True)
    assert village.faults() == []


def test_a_scope_in_which_nothing_was_written_yet_is_told_as_empty(village):
    village.write(lambda c: places.grant(c, BEN, "smd"))
    ben = village.phone(BEN)
    reply = ben.sync()
    assert reply["checkpoints"][SMD] == f"{ben.epoch}:0"
    assert reply["digests"][SMD] == {"count": 0, "sum": "0" * 32}
    assert ben.get(f"/v1/scopes/{SMD}/digest").get_json()["count"] == 0
    assert ben.agrees(reply)


@pytest.mark.parametrize("person", [BEN, CAM, LEA, SUE])
def test_who_has_no_grant_gets_no_byte_of_it_by_any_route(village, treated, ana, person, caplog):
    """Every route the server has, asked by an honest and by a curious phone."""
    phone, exchanged, heard = village.phone(person), [], {}
    village.write(lambda c: places.grant(c, person, "smd"))  # another programme is no help
    state = {"type": "tb_visit", "subject": WANG, "seen": {}, "edits": []}
    for record in treated:
        for scope in (TB, VILLAGE, SMD, TOWNSHIP):
            edit = phone.draft({"visit": {"visited_on": "2026-11-21"}}, record, type="tb_visit", subject=WANG, scope=scope)
            reply = phone.sync([edit], [{**state, "record": record, "scope": scope}], checkpoints={TB: f"{phone.epoch}:0"})
            assert of(reply["receipts"]) == [("deposited", "out-of-scope")]
            assert {item["seen"].get(ana.actor) for item in reply["merged"]} == {None}
            exchanged.append(reply)
    assert TB not in phone.scopes
    with caplog.at_level(logging.DEBUG):
        for rule in village.app.url_map.iter_rules():
            for name in {TB, VILLAGE, SMD, *treated, WANG}:
                path = "".join(name if part.startswith("<") else part for part in _parts(rule.rule))
                for method in sorted(rule.methods - {"OPTIONS"}):
                    for query in ({}, {"text": CANARY}, {"group": "tuberculosis"}):
                        answer = phone.call(method, path, query_string=query, data=None if method in ("GET", "HEAD") else b"{}")
                        said = f"{answer.headers}{answer.get_data(as_text=True)}"
                        # without a session the desk says where to sign in, and repeats the address that was asked for
                        unsigned = answer.status_code == 303 and answer.headers["Location"].startswith("/dashboard/login?")
                        heard[method, path, str(query)] = "" if unsigned else said
    # one's own work names what one sent oneself: the kind and the record of what was set aside just now
    others = {asked: said for asked, said in heard.items() if asked[1] != "/v1/my-work"}
    assert not [asked for asked, said in others.items() if CANARY in said or any(record in said for record in treated)]
    assert not [asked for asked, said in heard.items() if CANARY in said]
    forms = ("/v1/types", "/openapi.json", "/app/pack.json", "/app/types.json")  # which forms there are, everybody may know
    about = {asked: said for asked, said in others.items() if asked[1] not in forms}
    assert not [asked for asked, said in about.items() if "tuberculosis" in said or "tb_visit" in said or TB in said]
    assert CANARY not in json.dumps(exchanged, ensure_ascii=False) + caplog.text
    for what in ("digest", "records"):
        assert phone.get(f"/v1/scopes/{TB}/{what}").get_json() == phone.get(f"/v1/scopes/{VILLAGE}9/{what}").get_json()
    assert village.faults() == []


def _parts(rule):
    """A route cut into its fixed parts and its variables."""
    parts, rest = [], rule
    while "<" in rest:
        fixed, _, rest = rest.partition("<")
        variable, _, rest = rest.partition(">")
        parts += [fixed, f"<{variable}>"]
    return [*parts, rest]


def test_a_withdrawn_grant_acts_at_the_next_request(village, treated, ana):
    late = ana.draft({"visit": {"visited_on": "2026-11-21"}}, treated[1])
    assert village.write(lambda c: directory.ungrant(c, ANA, "tb", NOON.date()))
    assert not village.write(lambda c: directory.ungrant(c, ANA, "tb", NOON.date()))
    assert ana.get(f"/v1/scopes/{TB}/records").status_code == 404
    reply = ana.sync([late])
    assert of(reply["receipts"]) == [("deposited", "out-of-scope")]
    assert TB not in reply["scopes"]
    assert deposits(village) == {(VILLAGE, treated[1], "out-of-scope")}
    assert {row["scope"] for row in village.rows("deposits")} == {TB}
    village.write(lambda c: places.grant(c, ANA, "tb", since="2026-11-21"))
    assert ana.get(f"/v1/scopes/{TB}/records").status_code == 200
    assert village.faults() == []


def test_a_grant_holds_from_its_first_day_until_before_its_last(village, ana):
    """In the deployment's time zone: at 16:00 UTC it is the next day there."""
    village.write(lambda c: places.grant(c, ANA, "tb", since="2026-11-22", until="2026-11-24"))
    for days, hours, holds in ((0, 11, False), (0, 12, True), (1, 0, True), (2, 11, True), (2, 12, False)):
        village.time = NOON + dt.timedelta(days=days, hours=hours)
        ana.renew()
        assert (TB in ana.get("/v1/me").get_json()["scopes"]) is holds
    with pytest.raises(LookupError):
        village.write(lambda c: places.grant(c, "nobody", "tb"))
    with pytest.raises(ValueError, match="hiv"):
        village.write(lambda c: places.grant(c, ANA, "hiv"))


def test_a_grant_gives_nothing_to_who_has_no_village(village):
    for role in ("county_supervisor", "administrator", "auditor"):
        village.person(BEN, role=role)
        village.write(lambda c: places.grant(c, BEN, "tb"))
        assert village.phone(BEN).scopes == {}


def test_a_supervisor_with_the_grant_reads_and_does_not_write(village, treated):
    village.write(lambda c: places.grant(c, SUE, "tb"))
    sue = village.phone(SUE)
    sue.sync()
    assert sue.scopes[TB] == {"write": False}
    assert sue.shows(treated[1])["symptoms"] == {"other": CANARY}
    assert of(sue.push(sue.draft(TB_VISIT, treated[1]))) == [("deposited", "out-of-scope")]


@pytest.mark.parametrize(
    ("kind", "sections"),
    [
        ("tb_visit", TB_VISIT),
        ("chronic_register", REGISTER),
        ("tb_visit", {"symptoms": {"x": 1.5, "c": CANARY}}),
        ("care_plan", PLAN),
        ("care_plan", GROUPED_PLAN),
    ],
)
@pytest.mark.parametrize("scope", [VILLAGE, SMD, TOWNSHIP])
def test_what_is_protected_is_set_aside_with_its_sender_wherever_else_it_is_sent(
    village, granted, ana, ben, kind, sections, scope
):
    """Nobody else could come upon it there; what follows in the same record goes on."""
    record = ana.save(sections, type=kind, subject=WANG, scope=scope)
    receipts = ana.sync()["receipts"]
    unfit = "x" in sections.get("symptoms", {})
    assert of(receipts) == [("deposited", "malformed" if unfit else "out-of-scope")]
    assert {(row["scope"], row["record"]) for row in village.rows("deposits")} == {(f"actor:{ana.actor}", record)}
    assert {row["scope"] for row in village.rows("edits")} == {f"actor:{ana.actor}"}
    assert of(ana.push(ana.aside[0][0])) == of(receipts)
    assert ben.sync()["changes"] == []
    assert village.faults() == []


def test_nobody_is_registered_where_only_some_can_see_them(village, granted, ana, ben):
    """Else the second doctor who registers the same number would learn that the first one did so in secret."""
    ana.save({"identity": {"name": "王秀兰"}}, WANG, type="resident", subject=WANG, scope=TB)
    assert of(ana.sync()["receipts"]) == [("deposited", "out-of-scope")]
    ben.save({"identity": {"name": "王秀兰"}}, WANG, type="resident", subject=WANG, scope=VILLAGE)
    assert of(ben.sync()["receipts"]) == [("accepted", None)]


def test_a_register_in_the_open_does_not_become_one_of_tuberculosis(village, granted, ana, ben):
    """The first edit stands, the one that names the disease is set aside, the ones behind it are not held up."""
    record = ana.save({"registration": {"disease": "hypertension"}}, type="chronic_register", subject=WANG, scope=VILLAGE)
    ana.save(REGISTER, record)
    ana.save({"status": {"status": "managed"}}, record)
    assert of(ana.sync()["receipts"]) == [("accepted", None), ("deposited", "out-of-scope"), ("accepted", None)]
    ben.sync()
    assert ben.shows(record) == {"registration": {"disease": "hypertension"}, "status": {"status": "managed"}}
    assert CANARY not in json.dumps(village.rows("records"), ensure_ascii=False)
    assert village.faults() == []


def test_a_plan_for_everything_else_stays_in_the_open_and_the_regimen_of_tuberculosis_is_a_plan_apart(
    village, granted, ana, ben
):
    plan = ana.save({"condition/hypertension": {"education": "less salt"}}, type="care_plan", subject=WANG, scope=VILLAGE)
    apart = ana.save(PLAN, type="care_plan", subject=WANG, scope=TB)
    ana.save(PLAN, plan)
    assert of(ana.sync()["receipts"]) == [("accepted", None), ("accepted", None), ("deposited", "out-of-scope")]
    ben.sync()
    assert set(ben.base) == {plan}
    assert CANARY not in str(ben.base)
    assert ana.base[apart].scope == TB
    assert village.faults() == []


def test_what_names_two_programmes_has_no_place_and_the_office_is_told_so(village, granted, ana, ben):
    village.write(lambda c: places.grant(c, ANA, "smd"))
    both = {**PLAN, "condition/severe_mental_disorder": {"education": CANARY}}
    for scope in (TB, SMD, VILLAGE):
        ana.save(both, type="care_plan", subject=WANG, scope=scope)
    assert of(ana.sync()["receipts"]) == [("deposited", "out-of-scope")] * 3
    office = Deposits(village.engine, village.exchange, CATALOGUE, lambda: village.time)
    for line in office.listed():
        assert line["type"] == "protected"
        with pytest.raises(UndecidedError, match="two protected programmes"):
            office.apply(line["id"])
    assert len(office.listed()) == 3
    assert village.faults() == []


def test_a_form_that_cannot_leave_the_open_is_kept_with_an_issue(village, granted, ana):
    """Of a resident's history nothing is refused; what should not stand there is said."""
    past = {"history": {"past_disease": ["tuberculosis"]}}
    ana.save(past, WANG, type="resident", subject=WANG, scope=VILLAGE)
    [receipt] = ana.sync()["receipts"]
    assert receipt["status"] == "accepted"
    assert ("history", "past_disease", "protected") in {(i["section"], i["field"], i["code"]) for i in receipt["issues"]}


def test_an_edit_that_names_a_protected_record_in_the_open_is_kept_with_its_sender(village, treated, ana, ben):
    """Its sections betray nothing, but the record that it names does."""
    for phone in (ana, ben):
        edit = phone.draft({"status": {"note": CANARY}}, treated[0], type="chronic_register", scope=VILLAGE, context={})
        assert of(phone.push(edit)) == [("deposited", "out-of-scope")]
    assert {row["scope"] for row in village.rows("deposits")} == {f"actor:{ana.actor}", f"actor:{ben.actor}"}
    assert village.faults() == []


def test_a_state_in_the_open_with_a_protected_section_is_refused_even_while_healing(village, granted, ana, ben):
    village.write(lambda c: c.exec_driver_sql("UPDATE settings SET value = '2027-01-01' WHERE name = 'healing_until'"))
    edit = ana.draft(REGISTER, type="chronic_register", subject=WANG, scope=VILLAGE)
    live = {name: edit[name] for name in ("dot", "written_at", "author", "sections")} | {"at": "2026-11-21T00:00:00.000Z"}
    state = {name: edit[name] for name in ("record", "type", "subject", "scope")} | {"seen": {ana.actor: 1}, "edits": [live]}
    assert ana.sync([], [state])["merged"] == [{"record": edit["record"], "seen": {}}]
    assert village.rows("records") == []
    assert ana.sync([], [{**state, "scope": TB}])["merged"] == [{"record": edit["record"], "seen": {ana.actor: 1}}]
    assert ben.sync()["changes"] == []
    assert village.faults() == []


# -- what a township shares --------------------------------------------------------------------------------------------

PACKAGE = {"package": {"code": "B1", "name": "基础包"}}


def from_the_office(village, sections, kind, scope, record=None):
    """The server's own actor writes one record: its receipt."""
    with reading(village.engine) as connection:
        actor = here(connection).actor
    dot = Dot(actor, devices.reserve_counters(village.engine, actor, 1))
    made = Edit(
        record or str(uuid.uuid4()), kind, None, scope, dot, VersionVector(), "2026-11-21T08:00:00+08:00", "server", sections
    )
    return made.record, village.exchange.write([made])[0]


def test_a_package_of_the_office_reaches_every_village_of_the_township_and_nobody_writes_there(village, ana, cam):
    record, receipt = from_the_office(village, PACKAGE, "service_package", TOWNSHIP)
    assert receipt["status"] == "accepted"
    for phone in (ana, cam, village.phone(LEA), village.phone(SUE)):
        reply = phone.sync()
        assert phone.shows(record) == PACKAGE
        assert phone.agrees(reply)
        assert phone.get(f"/v1/scopes/{TOWNSHIP}/digest").get_json()["count"] == 1
        assert of(phone.push(phone.draft({"package": {"code": "B2"}}, record))) == [("deposited", "out-of-scope")]
    assert village.faults() == []


def test_what_belongs_to_the_township_is_set_aside_in_a_village_and_a_resident_in_the_township(village, ana):
    assert of(ana.push(ana.draft(PACKAGE, type="service_package", scope=VILLAGE))) == [("deposited", "out-of-scope")]
    assert from_the_office(village, vitals(1), "hypertension_visit", TOWNSHIP)[1]["reason"] == "out-of-scope"
    assert from_the_office(village, PACKAGE, "service_package", OTHER)[1]["reason"] == "out-of-scope"
    assert {row["scope"].partition(":")[0] for row in village.rows("deposits")} == {"actor"}
    assert village.rows("records") == []


def test_a_kind_of_record_that_the_server_does_not_know_may_lie_in_any_village(village, ana):
    assert of(ana.push(ana.draft({"a": {"b": 1}}, type="newer_form", scope=VILLAGE))) == [("accepted", None)]
