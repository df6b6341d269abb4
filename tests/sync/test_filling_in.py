"""Forms filled in rightly and wrongly, of every type."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sync.codec import edit_from_wire, edit_to_wire
from sync.record import Edit, canonical, shown
from sync.types import CATALOGUE, TYPES
from sync.types.checks import Issue
from sync.types.codes import VISIT_WAY
from sync.types.declare import Section
from sync.types.fields import ERROR, WARNING, Codes, Date, Decimals, Rows, Text, Whole
from sync.version import Dot, VersionVector
from tests.sync.forms import LOOKS, all_fields, each_section, each_type, few, quick, said
from tests.sync.values import (
    MORNING,
    TODAY,
    doubtful_values,
    json_values,
    records_of,
    saved,
    section_values,
    sections_of,
    wrong_values,
)


@each_section
@given(data=st.data())
@quick
def test_a_section_filled_in_rightly_has_no_error(declared, section, data):
    value = data.draw(section_values(section))
    name = key_of(section)
    assert not [issue for issue in section.check(name, value, TODAY) if issue.level == ERROR]


def key_of(section):
    return section.name + (f"/{section.keys.values[0] if section.keys else 'k1'}" if section.keyed else "")


@each_type
@given(data=st.data())
@quick
def test_a_form_filled_in_rightly_has_no_error_of_its_fields(declared, data):
    record = data.draw(records_of(declared))
    across = set(declared._crossed(shown(record), TODAY))
    assert not [i for i in declared.check(record, TODAY) if i.level == ERROR and i not in across]


@each_section
@given(data=st.data())
@few
def test_every_wrong_value_is_named_with_its_field_and_its_code(declared, section, data):
    value, name = data.draw(section_values(section)), key_of(section)
    for field, item in section.fields.items():
        for wrong, code in wrong_values(item):
            found = list(section.check(name, {**value, field: wrong}, TODAY))
            assert [i for i in found if i.level == ERROR] == [Issue(name, field, code, ERROR)], wrong


@given(data=st.data())
@few
def test_a_wrong_value_in_a_row_is_named_with_its_row_and_column(data):
    sections = [section for declared in TYPES for section in declared.sections]
    for section, field, rows in ((s, f, r) for s in sections for f, r in s.fields.items() if isinstance(r, Rows)):
        name = key_of(section)
        filled = data.draw(section_values(Section("row", "行", "Row", rows.columns)))
        for column, item in rows.columns.items():
            for wrong, code in wrong_values(item):
                spoilt = {field: [filled, {**filled, column: wrong}]}
                assert Issue(name, f"{field}.1.{column}", code, ERROR) in set(section.check(name, spoilt, TODAY)), wrong


@each_section
@given(data=st.data())
@quick
def test_a_required_field_left_out_is_missed(declared, section, data):
    value = data.draw(section_values(section))
    for field in [name for name, item in section.fields.items() if item.required]:
        rest = {name: v for name, v in value.items() if name != field}
        assert Issue(key_of(section), field, "required", ERROR) in set(section.check(key_of(section), rest, TODAY))


@each_type
def test_what_cannot_be_or_is_unusual_is_said(declared):
    for section, path, item in all_fields(declared):
        name, (field, _, column) = key_of(section), path.partition(".")
        for value, code, level in doubtful_values(item):
            written, place = ({field: [{column: value}]}, f"{field}.0.{column}") if column else ({field: value}, field)
            assert Issue(name, place, code, level) in set(section.check(name, written, TODAY)), path


def test_each_kind_of_doubt_occurs_somewhere():
    seen = {(code, level) for t in TYPES for *_, item in all_fields(t) for _, code, level in doubtful_values(item)}
    assert seen == {("out_of_range", ERROR), ("unusual", WARNING), ("excludes_others", ERROR), ("in_future", ERROR)}


@each_type
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_phone_sends_the_server_has_an_answer(declared, data):
    fields = {s.name: sorted(s.fields) for s in declared.by_name.values()}
    sections = {}
    for name in data.draw(st.lists(st.sampled_from(sorted(fields)), unique=True, max_size=4)):
        names = st.sampled_from(fields[name]) | st.text(max_size=3)
        written = data.draw(st.sampled_from([name, f"{name}/k1"]))
        sections[written] = data.draw(st.none() | st.dictionaries(names, json_values, max_size=4))
    for issue in declared.check(saved(declared, sections), TODAY):
        assert issue.level in (ERROR, WARNING)


@pytest.mark.parametrize("odd", [[[]], [{}], {}, "NaN", "sNaN", "Infinity", "9999-12-31", True, 10**15, "", [None]])
@each_type
def test_an_odd_value_anywhere_does_not_stop_the_checks(declared, odd):
    sections = {key_of(s): dict.fromkeys(s.fields, odd) for s in declared.sections}
    assert declared.check(saved(declared, sections), TODAY)


@each_type
@given(data=st.data())
@quick
def test_what_was_typed_arrives_as_it_was_typed(declared, data):
    sections = data.draw(sections_of(declared))
    sent = Edit(
        record="01974730-9832-7aae-84e5-5cdf0b7b3552",
        type=declared.name,
        subject=None,
        scope="411403101201",
        dot=Dot("anaphone", 1),
        context=VersionVector(),
        written_at=MORNING,
        author="ana",
        sections=sections,
    )
    before = canonical(sent.sections)
    declared.check(saved(declared, sections), TODAY)
    got = edit_from_wire(json.loads(json.dumps(edit_to_wire(sent))))
    assert got == sent
    assert canonical(got.sections) == before


@each_section
@given(data=st.data())
@few
def test_the_json_schema_and_the_checks_agree_on_what_is_usable(declared, section, data):
    validator = Draft202012Validator(declared.json_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    value, name = data.draw(section_values(section)), key_of(section)
    others = [{k: v for k, v in value.items() if k != field} for field in value]
    for field, item in section.fields.items():
        others += [{**value, field: wrong[0]} for wrong in (*wrong_values(item), *doubtful_values(item))]
        for column, cell in item.columns.items() if isinstance(item, Rows) else ():
            row = data.draw(section_values(Section("row", "行", "Row", item.columns)))
            others += [{**value, field: [{**row, column: wrong}]} for wrong, _ in wrong_values(cell)]
    for written in (value, *others):
        faults = [i for i in section.check(name, written, TODAY) if i.code not in LOOKS]
        assert validator.is_valid({name: written}) == (not faults), (written, faults)


@each_type
def test_the_json_schema_is_one_and_lets_a_section_be_emptied_and_new_ones_pass(declared):
    schema = declared.json_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert validator.is_valid({key_of(section): None for section in declared.sections})
    assert validator.is_valid({"section_of_next_year": {"anything": [1]}})
    assert not validator.is_valid({key_of(declared.sections[0]): "text"})


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (Text("文", "Text", required=True), "", "required"),
        (Codes("码", "Codes", VISIT_WAY, required=True), [], "required"),
        (Text("文", "Text"), None, "null"),
        (Text("文", "Text", pattern="^[0-9]{12}$"), "411403101201\n", "wrong_form"),
        (Decimals("数", "Number", unit="kg"), "61.5\n", "not_a_decimal"),
        (Decimals("数", "Number", unit="kg"), 61, "not_a_decimal"),
        (Whole("数", "Number", unit="kg"), "61", "not_a_whole_number"),
        (Date("日", "Day"), "2026-11-21T08:15:00Z", "not_a_date"),
        (Date("日", "Day"), "２０２６-11-21", "not_a_date"),
        (Rows("表", "Rows", {"a": Text("文", "Text", required=True)}), {}, "not_a_list"),
    ],
)
def test_a_slip_of_the_finger_is_named(kind, value, code):
    section = Section("a", "甲", "A", {"x": kind})
    assert list(section.check("a", {"x": value}, TODAY)) == [Issue("a", "x", code, ERROR)]


def test_the_third_medicine_of_a_regimen_is_named_when_its_dose_is_wrong():
    amlodipine = {"drug": "氨氯地平", "times_per_day": 1, "dose": "5", "dose_unit": "mg"}
    form = {
        "condition/hypertension": {"medicines": [amlodipine, amlodipine, {**amlodipine, "dose": "five", "times_per_day": 40}]}
    }
    found = said(form, CATALOGUE.types["care_plan"])
    assert "condition/hypertension.medicines.2.dose not_a_decimal" in found
    assert "condition/hypertension.medicines.2.times_per_day out_of_range" in found
    del amlodipine["dose_unit"]
    assert "condition/hypertension.medicines.0.dose_unit required" in said(form, CATALOGUE.types["care_plan"])
