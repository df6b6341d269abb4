"""Record types that come later."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sync.record import Policy
from sync.types import TYPES
from sync.types.catalogue import Catalogue
from sync.types.checks import After, Below
from sync.types.codes import code_list
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Date, Decimals
from sync.types.reference import reference
from tests.sync.forms import quick
from tests.sync.values import (
    TODAY,
    saved,
    sections_of,
)


def test_a_new_form_works_by_being_declared():
    cold = code_list("frostbite_degree", "1 first 一度 First\n2 second 二度 Second", source="test")
    frostbite = RecordType(
        name="frostbite",
        zh="冻伤记录",
        en="Frostbite",
        subject="resident",
        source="test",
        sections=(
            Section(
                "injury",
                "冻伤",
                "Injury",
                {
                    "degree": Code("程度", "Degree", cold, required=True),
                    "since": Date("受冻日期", "Since", future=False),
                    "healed": Date("痊愈日期", "Healed"),
                    "skin_celsius": Decimals("皮温", "Skin", unit="°C", hard=(-20, 45), soft=(10, 40)),
                    "core_celsius": Decimals("体温", "Core", unit="°C", hard=(20, 45)),
                },
                required=True,
            ),
        ),
        checks=(After("injury.healed", "injury.since"), Below("injury.skin_celsius", "injury.core_celsius")),
    )
    catalogue = Catalogue((frostbite,))

    def seen(value):
        return {(i.field, i.code) for i in catalogue.check(saved(frostbite, {"injury": value}), TODAY)}

    assert seen({"degree": "first", "since": "2026-01-05", "healed": "2026-02-01"}) == set()
    assert seen({"degree": "third", "since": "2026-01-05", "healed": "2026-01-05"}) == {
        ("degree", "unknown_code"),
        ("healed", "not_after"),
    }
    assert seen({"degree": "first", "skin_celsius": "38", "core_celsius": "37.5"}) == {("skin_celsius", "not_below")}
    assert catalogue.about["codes"]["frostbite_degree"]["codes"][1]["national"] == "2"
    assert catalogue.policy("frostbite")("injury") is Policy.ASK
    assert "冻伤记录" in reference(catalogue)
    assert Draft202012Validator(frostbite.json_schema()).is_valid({"injury": {"degree": "second"}})
    assert not Draft202012Validator(frostbite.json_schema()).is_valid({"injury": {"degree": 2}})


@given(data=st.data())
@quick
def test_the_values_of_the_tests_reach_every_section(data):
    declared = data.draw(st.sampled_from(TYPES))
    form = data.draw(sections_of(declared, everything=True))
    assert {name.partition("/")[0] for name in form} == {section.name for section in declared.sections}
