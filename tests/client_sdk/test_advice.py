"""What the rules say while a form is filled in is what the standing says once it is saved."""

import datetime as dt

import pytest

from client_sdk import NoSuchRecordError
from sync.types.rules import NOTHING
from tests.client_sdk.afresh import patient, pressure, visit


def suggested(phone, who):
    """The class that the standing has for the last visit."""
    return phone.standing(who)["managed"][0]["suggested_class"]


def measure(advice):
    return advice.get("measure")


def test_the_same_pressure_is_judged_by_the_age_on_the_day_of_the_form(phone):
    elder, younger = patient(phone, born="1961-03-01"), patient(phone, "李国强", born="1961-12-01")
    form = visit(systolic=146)
    assert [phone.advise("hypertension_visit", form, who).get("controlled") for who in (elder, younger)] == ["yes", "no"]
    assert phone.advise("hypertension_visit", form).get("controlled") == "no"


def test_what_is_advised_is_what_the_standing_says_of_the_saved_form(phone):
    who, said = patient(phone, born="1980-01-01"), []
    for day, systolic in (("2026-05-02", 130), ("2026-08-01", 156), ("2026-08-14", 158), ("2026-08-14", 128)):
        form = visit(day=day, systolic=systolic)
        advice = phone.advise("hypertension_visit", form, who)
        said.append(measure(advice))
        record = phone.create("hypertension_visit", {**form, **advice.kept()}, subject=who)
        assert suggested(phone, who) == advice.get("class")
        assert phone.get(record).sections["assessment"]["suggested_class"] == advice.get("class")
    assert said[1:3] == ["two_week", "refer_followup"]


def test_a_form_that_is_opened_again_is_judged_beside_the_one_before_it_not_beside_itself(phone):
    who = patient(phone, born="1980-01-01")
    first, second = (
        phone.create("hypertension_visit", visit(day=day, systolic=156), subject=who) for day in ("2026-08-01", "2026-08-14")
    )
    changed = {"vitals": pressure(160)}
    assert measure(phone.advise("hypertension_visit", changed, record=first)) == "two_week"
    assert measure(phone.advise("hypertension_visit", changed, record=second)) == "refer_followup"
    phone.void(first, "mistake")
    assert measure(phone.advise("hypertension_visit", changed, record=second)) == "two_week"


def test_visits_of_her_other_registration_count(phone):
    hers, again = patient(phone, born="1980-01-01"), patient(phone, "王绣兰", born="1980-01-01")
    phone.create("hypertension_visit", visit(day="2026-11-01", systolic=156), subject=again)
    form = visit(day="2026-11-14", systolic=156)
    assert measure(phone.advise("hypertension_visit", form, hers)) == "two_week"
    phone.link(again, hers)
    assert measure(phone.advise("hypertension_visit", form, hers)) == "refer_followup"


def test_without_a_day_or_of_a_type_of_tomorrow_nothing_is_advised(phone):
    assert phone.advise("hypertension_visit", {"vitals": pressure(190)}) == NOTHING
    assert phone.advise("of_tomorrow", visit()) == NOTHING
    with pytest.raises(NoSuchRecordError):
        phone.advise("hypertension_visit", visit(), record="01970000-0000-7000-8000-000000000000")


def test_a_standing_of_a_year_ago_is_of_that_day(phone):
    who = patient(phone)
    phone.create("hypertension_visit", visit(day="2026-11-10"), subject=who)
    assert [phone.standing(who, dt.date(2026, month, 15))["managed"][0]["visits"] for month in (10, 11)] == [0, 1]


def test_one_trip_to_somebody_with_two_diseases_makes_two_visits_that_share_what_was_measured_once(phone):
    who = patient(phone, born="1950-01-01")
    shared = {**visit(systolic=138), "lifestyle": {"cigarettes_per_day": 0, "salt": "light"}}
    forms = {
        "hypertension_visit": {"assessment": {"class": "controlled"}},
        "diabetes_visit": {"glucose": {"fasting_glucose_mmol_l": "6.4"}, "lifestyle": {"staple_food_g_per_day": 300}},
    }
    made = phone.create_together(forms, shared, subject=who)
    pressed, sugar = (phone.get(made[name]).sections for name in forms)
    assert pressed["vitals"] == sugar["vitals"] == pressure(138)
    assert pressed["visit"] == sugar["visit"]
    assert pressed["lifestyle"] == {"cigarettes_per_day": 0, "salt": "light"}
    assert sugar["lifestyle"] == {"cigarettes_per_day": 0, "staple_food_g_per_day": 300}, "salt is not on that form"
    assert "glucose" not in pressed
    with pytest.raises(KeyError):
        phone.create_together({"hypertension_visit": {}, "no_such_form": {}}, shared, subject=who)
    assert len(phone.find(type="hypertension_visit")) == 1, "all or none"
