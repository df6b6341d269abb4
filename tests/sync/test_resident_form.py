"""The resident."""

from __future__ import annotations

import pytest

from sync.types import resident, resident_codes
from tests.sync.forms import WANG_ID, said, said_of

WANG = {"name": "王秀英", "sex": "female", "birth_date": "1949-12-31", "id_type": "resident_id_card", "id_no": WANG_ID}


def test_rh_negative_is_number_one_here_as_on_the_national_form():
    assert [(c.national, c.value) for c in resident_codes.RH.codes] == [("1", "negative"), ("2", "positive"), ("3", "unknown")]


def test_every_number_of_the_form_is_there():
    counts = {"past_disease": 13, "family_disease": 12, "education": 10, "payment": 8, "disability": 8, "occupation": 9}
    lists = {codes.name: codes for codes in resident.TYPE.code_lists()}
    for name, count in counts.items():
        first = 0 if name == "occupation" else 1
        numbers = [c.national for c in lists[name].codes if c.national]
        assert numbers == [str(n) for n in range(first, first + count)]
    assert {(c.national, c.value) for c in lists["sex"].codes} == {
        ("0", "unknown"),
        ("1", "male"),
        ("2", "female"),
        ("9", "unspecified"),
    }


def test_the_insurance_that_two_numbers_of_the_form_became_can_be_written():
    merged = next(code for code in resident_codes.PAYMENT.codes if code.value == "rural_urban_resident")
    assert merged.national is None


def test_no_open_record_says_who_has_tuberculosis_or_a_severe_mental_disorder():
    answers = {"drug_allergy": ["none"], "surgery": "no", "trauma": "no", "transfusion": "no"}
    for disease in ("tuberculosis", "severe_mental_disorder"):
        past = {**answers, "past_disease": [disease], "past_disease_details": [{"disease": disease}]}
        assert said_of("history", past) == {
            "history.past_disease protected",
            "history.past_disease_details.0.disease protected",
        }
        assert said_of(f"flags/{disease}", {"from": "2020-05-01"}) == {f"flags/{disease} protected"}
    in_the_family = {**answers, "past_disease": ["none"], "father": ["tuberculosis"]}
    assert said_of("history", in_the_family) == set()


def test_granny_wang_whose_card_was_read_rightly():
    assert said_of("identity", WANG) == set()
    assert said_of("identity", {**WANG, "id_no": "11010519491231002x"}) == set()
    assert said_of("identity", {**WANG, "id_no": "110105491231002"}) == set()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"id_no": "110105194912310021"}, {"identity.id_no check_digit"}),
        ({"id_no": "1101051949123100"}, {"identity.id_no length"}),
        ({"id_no": "1101051949123100AX"}, {"identity.id_no characters"}),
        ({"id_no": "110105194913310022"}, {"identity.id_no birth_date", "identity.id_no check_digit"}),
        ({"birth_date": "1949-12-30"}, {"(identity.birth_date disagrees)"}),
        ({"sex": "male"}, {"(identity.sex disagrees)"}),
        ({"sex": "unspecified"}, set()),
        ({"id_type": "passport", "id_no": "E12345678"}, set()),
        ({"id_type": "household_booklet", "id_no": "E12345678"}, {"identity.id_no length"}),
    ],
)
def test_a_card_that_was_read_wrongly(change, expected):
    assert said_of("identity", {**WANG, **change}) == expected


def test_a_number_is_looked_at_even_when_nobody_said_what_card_it_is_from():
    card = {k: v for k, v in WANG.items() if k != "id_type"}
    assert said_of("identity", card) == {"identity.id_type required"}
    assert "identity.id_no check_digit" in said_of("identity", {**card, "id_no": "110105194912310021"})


def test_a_newborn_without_a_card_needs_a_reason_and_no_number():
    child = {"name": "王小宝", "sex": "male", "birth_date": "2026-11-01"}
    assert said_of("identity", child) == {"identity.id_no required"}
    assert said_of("identity", {**child, "id_missing_reason": "newborn"}) == set()


def test_the_poor_of_last_year_have_a_status_that_ended_after_it_began():
    status = {"status": "registered_poor", "from": "2018-01-01", "to": "2020-12-31"}
    assert said_of("poverty/p1", status) == set()
    assert said_of("poverty/p1", {**status, "to": "2018-01-01"}) == {"poverty/p1.to not_after"}
    both = {"poverty/p1": {**status, "to": "2017-01-01"}, "poverty/p2": status}
    assert {text for text in said(both, resident.TYPE) if "not_after" in text} == {"poverty/p1.to not_after"}


def test_a_group_that_this_server_does_not_know_is_kept_with_a_warning():
    assert said_of("flags/hypertension", {"from": "2020-05-01"}) == set()
    assert said_of("flags/miners", {"from": "2020-05-01"}) == {"(flags/miners unknown_key)"}


def test_an_operation_that_was_had_is_named():
    answers = {"drug_allergy": ["none"], "past_disease": ["hypertension"], "trauma": "no", "transfusion": "no"}
    assert said_of("history", {**answers, "surgery": "yes"}) == {"history.surgeries required"}
    assert said_of("history", {**answers, "surgery": "yes", "surgeries": []}) == {"history.surgeries required"}
    named = {**answers, "surgery": "yes", "surgeries": [{"name": "阑尾切除", "month": "1998-06"}]}
    assert said_of("history", named) == set()
    assert said_of("history", {**named, "surgeries": [{"name": "阑尾切除", "month": "2026-12"}]}) == {
        "history.surgeries.0.month in_future"
    }
