"""Forms as people fill them in, and what is said about them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from sync.types import CATALOGUE, TYPES, hypertension_visit
from sync.types.declare import VOID_SECTION
from sync.types.fields import ERROR, Rows
from tests.sync.values import (
    TODAY,
    saved,
)

quick = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
few = settings(quick, max_examples=3)
each_type = pytest.mark.parametrize("declared", TYPES, ids=lambda declared: declared.name)
_sections = {repr(s.about()): (t, s) for t in reversed(TYPES) for s in (*t.sections, VOID_SECTION)}  # each once, however shared
each_section = pytest.mark.parametrize(
    ("declared", "section"), [pytest.param(t, s, id=f"{t.name}-{s.name}") for t, s in reversed(_sections.values())]
)
LOOKS = {"out_of_range", "unusual", "in_future", "excludes_others", "unknown_key"}  # of usable values
UNITS = {
    "mmHg": "_mmhg",
    "mmol/L": "_mmol_l",
    "kg": "_kg",
    "kg/m2": "_kg_m2",
    "cm": "_cm",
    "m": "_m",
    "min": "_min",
    "deg": "_deg",
    "°C": "_celsius",
    "%": "_percent",
    "元": "_yuan",
    "元/year": "_yuan_per_year",
    "人": "_count",
    "人次": "person_times",
    "户次": "household_times",
    "版": "version",
    "次": ("_count", "_doses", "_due", "_done", "_taken"),
    "天": ("_days", "days_supply"),
    "月": ("month_seq", "_months"),
    "年": "_years",
    "岁": "_age_years",
    "分": "points",
    "视力": "_acuity",
    "g/L": "_g_l",
    "10^9/L": "_10e9_l",
    "U/L": "_u_l",
    "μmol/L": "_umol_l",
    "mg/dL": "_mg_dl",
    "级": "level",
    "两/day": "_liang_per_day",
    "/min": "_per_min",
    "/day": "_per_day",
    "g/day": "_g_per_day",
    "/week": "_per_week",
    "/month": "_per_month",
    "/year": "_per_year",
}

WANG_ID = "11010519491231002X"  # the sample number of GB 11643: a woman born on the last day of 1949
ROUTINE = {
    "visit": {"visited_on": "2026-11-20", "way": "home", "doctor": "dr-li"},
    "symptoms": {"symptoms": ["none"]},
    "vitals": {"systolic_mmhg": 138, "diastolic_mmhg": 86, "heart_rate_per_min": 72, "weight_kg": "61.5"},
    "lifestyle": {
        "cigarettes_per_day": 0,
        "alcohol_liang_per_day": "0.5",
        "exercise_per_week": 7,
        "exercise_min": 30,
        "salt": "medium",
        "psychology": "good",
        "follows_advice": "good",
    },
    "adherence": {"medication": "regular", "adverse_reaction": "no"},
    "assessment": {"class": "controlled"},
    "next_visit": {"on": "2027-02-20"},
}


def fields_of(items, path=""):
    """Every field of a section, the columns of rows among them."""
    for name, item in items.items():
        yield path + name, item
        if isinstance(item, Rows):
            yield from fields_of(item.columns, f"{path}{name}.")


def all_fields(declared):
    """(section, path, field) of a form."""
    return [(s, path, item) for s in (*declared.sections, VOID_SECTION) for path, item in fields_of(s.fields)]


def visit(**changes):
    """The routine visit with some sections changed; None leaves a section out."""
    form = {name: {**ROUTINE.get(name, {}), **value} for name, value in changes.items() if value is not None}
    return {**{name: value for name, value in ROUTINE.items() if name not in changes}, **form}


def said(sections, declared=hypertension_visit.TYPE, on=TODAY, standing=()):
    """What is said of a saved form: `section.field code`, warnings in brackets."""
    found = declared.check(saved(declared, sections), on, standing)
    places = [(".".join(filter(None, (issue.section, issue.field))), issue) for issue in found]
    return {f"{place} {issue.code}" if issue.level == ERROR else f"({place} {issue.code})" for place, issue in places}


def said_of(section, value, of="resident", also=()):
    """What is said of one section of a form (and of those it is seen beside)."""
    found = said({section: value, **dict(also)}, CATALOGUE.types[of])
    return {text for text in found if text.strip("(").startswith(section) and text != f"{section} required"}
