"""The phone and the server say the same of every record, whatever somebody sends: issues, rules, place and day.

Random records of all types, spoilt in every way, are judged by Python and by one Node that has only the catalogue.
"""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

from sync.codec import issues_to_wire, record_to_wire
from sync.record import canonical, shown
from sync.types import CATALOGUE, TYPES
from sync.types.rules import Advice
from tests.node import answers
from tests.sync.spoilt_forms import DAYS, DECIMALS, NUMBERS, Spoilt
from tests.vectors.rules import told

JUDGE = Path(__file__).with_name("types_answers.js")
RECORDS = 3000


def asked(seed, count):
    """Records, each with a day on which it is looked at, remarks that stand, and what is given of its person."""
    forms, die = Spoilt(TYPES, seed), random.Random(seed)
    known = {t.name: [(table.gives, row.value) for table in t.rules for row in table.rows] for t in TYPES}
    for _ in range(count):
        record, standing = forms.record()
        given = {"age_years": die.choice([64, 65, None, "65", *NUMBERS, *DECIMALS])} if die.random() < 0.6 else {}
        if die.random() < 0.3:
            given |= {"hours_since_notice": die.choice([0, 71, 72]), "failed_attempts_72h": die.randrange(4)}
            given["first_visit_done"] = die.choice([True, False, None])
        before = known.get(record.type) or []
        previous = dict(die.sample(before, min(len(before), die.randrange(3))))
        yield record, die.choice([*DAYS, "2026-11-21", "2026-11-21"]), standing, given, previous


def python_says(record, on, standing, given, previous):
    """What the JavaScript has to say too."""
    view, declared = shown(record), CATALOGUE.types.get(record.type)
    day = declared and declared.day_of(view)
    return {
        "issues": issues_to_wire(CATALOGUE.check(record, dt.date.fromisoformat(on), standing)),
        "policies": [CATALOGUE.policy(record.type)(name).value for name in sorted(view)],
        "programmes": sorted(CATALOGUE.programmes(record.type, view)),
        "protected": CATALOGUE.protected(record.type, view),
        "named": [list(one) for one in CATALOGUE.named(record.type, view)],
        "day": day.isoformat() if day else None,
        "advice": told(declared.advice(view, given, Advice(given=previous)), view) if declared else None,
    }


def node_says(cases):
    """The answers of one Node to all of them."""
    lines = [CATALOGUE.about]
    for record, on, standing, given, previous in cases:
        remarks = [remark._asdict() for remark in standing]
        lines.append({"record": record_to_wire(record), "on": on, "standing": remarks, "given": given, "previous": previous})
    return answers(JUDGE, lines)


def test_the_phone_says_of_any_record_what_the_server_says():
    cases = list(asked(20261121, RECORDS))
    told_there = node_says(cases)
    assert len(told_there) == len(cases)
    codes = set()
    for case, there in zip(cases, told_there, strict=True):
        here = python_says(*case)
        assert canonical(there) == canonical(here), canonical([record_to_wire(case[0]), *case[1:]])
        codes |= {issue["code"] for issue in here["issues"]}
    assert codes >= ALL_CODES, "the die was too kind: some faults never came"


ALL_CODES = {
    "required",
    "null",
    "not_a_whole_number",
    "not_a_decimal",
    "not_text",
    "too_long",
    "wrong_form",
    "unknown_code",
    "not_a_list",
    "twice",
    "not_a_date",
    "not_an_instant",
    "not_yes_or_no",
    "not_a_reference",
    "not_an_object",
    "out_of_range",
    "unusual",
    "excludes_others",
    "in_future",
    "unknown_key",
    "not_below",
    "not_after",
    "late",
    "short",
    "not_the_sum",
    "not_the_count",
    "disagrees",
    "length",
    "characters",
    "check_digit",
    "birth_date",
    "protected",
    "undecided",
    "void-clash",
    "review",
}
