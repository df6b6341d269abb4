"""What every declaration must have."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sync import types
from sync.record import Policy
from sync.scopes import PROGRAMMES
from sync.types import CATALOGUE, TYPES, hypertension_visit
from sync.types.catalogue import Catalogue
from sync.types.checks import Needed
from sync.types.codes import VISIT_WAY, code_list
from sync.types.declare import ALWAYS, RecordType, Section
from sync.types.fields import Code, Text
from sync.types.reference import reference
from tests.sync.forms import UNITS, all_fields, each_type, fields_of


@each_type
def test_a_doctor_reads_every_field_in_chinese_and_a_stranger_in_english(declared):
    for _, path, item in all_fields(declared):
        assert re.search(r"[\u4e00-\u9fff]", item.metadata["zh"]), path
        assert re.search(r"[A-Za-z]", item.metadata["en"]), path
        assert not re.search(r"[\u4e00-\u9fff]", item.metadata["en"]), path
        assert re.fullmatch(r"[a-z][a-z0-9_]*", path.rpartition(".")[2]), path


WIDGETS = {  # what a screen has to be told to draw a field of each kind, beside its labels and whether it must be there
    "whole": {"unit"},
    "decimal": {"unit", "places"},
    "text": {"longest"},
    "code": {"codes"},
    "codes": {"codes"},
    "date": {"future"},
    "month": {"future"},
    "instant": set(),
    "truth": set(),
    "reference": {"to"},
    "references": {"to"},
    "rows": {"columns"},
}


@each_type
def test_a_screen_is_drawn_from_the_catalogue_alone(declared):
    about = json.loads(json.dumps(declared.about()))
    assert [s["name"] for s in about["sections"]] == [s.name for s in (*declared.sections, *ALWAYS)]
    for section, said in zip(declared.sections, about["sections"], strict=False):
        assert said["policy"] == section.policy.value
        assert [f["name"] for f in said["fields"]] == list(section.fields)
        assert all(Draft202012Validator(FIELD).is_valid(field) for field in said["fields"])
        for field in [f for f in said["fields"] for f in (f, *f.get("columns", []))]:
            assert WIDGETS[field["kind"]] <= field.keys(), field
            for bounds in (field.get("hard"), field.get("soft")):
                assert bounds is None or len(bounds) == 2
    for table, said in zip(declared.rules, about["rules"], strict=True):
        assert (said["version"], said["source"], said["since"]) == (table.version, table.source, table.since)
        assert said["version"]
        assert [row["id"] for row in said["rows"]] == [row.id for row in table.rows]
    assert (about["dated"], about["programme"], about["place"]) == (declared.dated, declared.programme, declared.place)


FIELD = {
    "type": "object",
    "required": ["name", "kind", "required", "zh", "en"],
    "properties": {"required": {"type": "boolean"}, "kind": {"enum": sorted(WIDGETS)}},
}


@each_type
def test_everybody_can_ask_where_a_field_a_code_and_a_rule_come_from(declared):
    known = re.compile("规范|办法|保护法|记录表|GB/T|plan of|this project|local (forms|revisions)|questions of")
    for _, path, item in all_fields(declared):
        assert known.search(item.metadata.get("source") or declared.source), path
    for codes in declared.code_lists():
        assert known.search(codes.source), codes.name
        assert (codes.version, codes.since) > ("", ""), codes.name
    for table in declared.rules:
        assert known.search(table.source), table.name


@each_type
def test_the_day_that_a_record_is_about_is_a_day_of_its_form(declared):
    section, _, field = (declared.dated or "").partition(".")
    assert declared.dated is None or declared.by_name[section].fields[field].kind == "date"


@each_type
def test_a_type_that_goes_by_its_codes_has_codes_of_every_protected_programme(declared):
    named = {programme for codes in declared.code_lists() for programme in codes.programmes.values()}
    assert not declared.programme_by_codes or named == set(PROGRAMMES)


@each_type
def test_nobody_has_to_guess_the_unit_of_a_number(declared):
    for section, path, item in all_fields(declared):
        if item.kind not in ("whole", "decimal"):
            continue
        unit = item.metadata["unit"]
        beside = section.fields if "." not in path else section.fields[path.partition(".")[0]].columns
        if unit in beside:  # the unit was chosen beside it
            assert beside[unit].required, path
        else:
            assert path.endswith(UNITS[unit]), path
        for bounds in (item.metadata["hard"], item.metadata["soft"]):
            assert bounds is None or float(bounds[0]) < float(bounds[1]), path


@each_type
def test_codes_of_other_standards_have_their_form(declared):
    for _, path, item in all_fields(declared):
        assert re.fullmatch(r"DE\d{2}\.\d{2}\.\d{3}\.\d{2}", item.metadata.get("element", "DE00.00.000.00")), path
        assert re.fullmatch(r"\d+-\d", item.metadata.get("loinc", "0-0")), path


@each_type
def test_the_code_lists_of_a_form_have_each_number_and_each_code_once(declared):
    for codes in declared.code_lists():
        numbers = [code.national for code in codes.codes if code.national is not None]
        assert len(set(numbers)) == len(numbers), codes.name
        assert len(set(codes.values)) == len(codes.values), codes.name
        assert codes.source
        for code in codes.codes:
            assert re.fullmatch(r"[a-z][a-z0-9_-]*", code.value), code
            assert code.zh
            assert code.en


@each_type
def test_checks_and_waivers_name_fields_that_the_form_has(declared):
    known = {f"{s.name}.{name}" for s in declared.sections for name in s.fields}
    named = {path for section in declared.sections for path in section.unless}
    for check in declared.checks:
        for value in dataclasses.asdict(check).values():
            named |= {v for v in (value if isinstance(value, tuple) else (value,)) if isinstance(v, str) and "." in v}
        if isinstance(check, Needed) and check.values:
            section, _, field = check.when.partition(".")
            assert set(check.values) <= set(declared.by_name[section].fields[field].metadata["codes"].values)
    assert named <= known


@each_type
def test_a_code_that_stands_alone_is_in_its_list(declared):
    for section in declared.sections:
        for item in section.fields.values():
            assert not item.metadata.get("alone") or item.metadata["alone"] in item.metadata["codes"].values


def test_each_form_is_there_once_and_all_in_the_catalogue():
    assert [t.name for t in TYPES] == [t["name"] for t in CATALOGUE.about["types"]] == list(CATALOGUE.types)
    assert len(set(CATALOGUE.types)) == len(TYPES)
    files = {path.stem for path in Path(types.__file__).parent.glob("*.py")}
    assert set(CATALOGUE.types) <= files


def test_the_reference_page_says_what_the_declarations_say():
    page = Path(types.__file__).with_name("REFERENCE.md").read_text(encoding="utf-8")
    assert page == reference(CATALOGUE), "out of date: run `make docs`"


def test_the_reference_page_leaves_no_field_and_no_code_out():
    page = reference(CATALOGUE)
    for declared in TYPES:
        for section in declared.sections:
            for path, item in fields_of(section.fields):
                column = path.replace(".", "[].")
                assert f"| `{column}` | {item.metadata['zh']} | {item.metadata['en']} |" in page
        for codes in declared.code_lists():
            for code in codes.codes:
                assert f"| `{code.value}` | {code.national or ''} | {code.zh} | {code.en} |" in page


def test_when_the_wording_of_a_question_changes_every_phone_is_told():
    plain, same = Catalogue((hypertension_visit.TYPE,)), Catalogue((hypertension_visit.TYPE,))
    reworded = dataclasses.replace(hypertension_visit.TYPE, zh="高血压随访")
    assert plain.about["version"] == same.about["version"]
    assert Catalogue((reworded,)).about["version"] != plain.about["version"]

    def asked(label):
        section = Section("visit", "随访", "Visit", {"way": Code(label, "Way", VISIT_WAY)})
        return Catalogue((RecordType("x", "表", "X", None, "test", (section,)),)).about["version"]

    assert asked("随访方式") != asked("方式")


def test_the_catalogue_is_plain_json_and_names_only_lists_it_brings():
    about = json.loads(json.dumps(CATALOGUE.about))
    for declared in about["types"]:
        for section in declared["sections"]:
            assert section["keys"] is None or section["keys"] in about["codes"]
            columns = [c for field in section["fields"] for c in field.get("columns", [])]
            for field in section["fields"] + columns:
                assert field.get("codes", "sex") in about["codes"]


def test_the_list_that_keys_are_taken_from_comes_along_even_when_no_field_uses_it():
    limbs = code_list("limb", "1 hand 手 Hand", source="test")
    keyed = Section("limb", "肢体", "Limb", {"note": Text("说明", "Note")}, keyed=True, keys=limbs)
    about = Catalogue((RecordType("x", "表", "X", None, "test", (keyed,)),)).about
    assert about["types"][0]["sections"][0]["keys"] == "limb"
    assert about["codes"]["limb"]["codes"][0]["code"] == "hand"


def test_two_different_lists_of_one_name_are_not_let_into_the_catalogue():
    def asking(en, lines):
        field = Code("方式", "Way", code_list("way", lines))
        return RecordType(en, "表", en, None, "test", (Section("a", "甲", "A", {"way": field}),))

    with pytest.raises(AssertionError, match="way"):
        _ = Catalogue((asking("x", "1 home 家 Home"), asking("y", "1 home 家庭 Home"))).about


def test_only_where_somebody_lives_and_how_to_reach_them_is_taken_over_without_asking():
    latest = {(t.name, s.name) for t in TYPES for s in t.sections if s.policy is Policy.LATEST}
    assert latest == {("resident", "contact"), ("resident", "away"), ("household", "contact"), ("household", "location")}
    assert CATALOGUE.policy("resident")("identity") is Policy.ASK
    assert CATALOGUE.policy("resident")("flags/elder_65") is Policy.ASK
    assert CATALOGUE.policy("care_plan")("summary") is Policy.ASK
    assert CATALOGUE.policy("care_plan")("condition/hypertension") is Policy.REVIEW
    assert CATALOGUE.policy("hypertension_visit")("medication/m1") is Policy.REVIEW
    assert CATALOGUE.policy("a_form_of_next_year")("contact") is Policy.ASK
