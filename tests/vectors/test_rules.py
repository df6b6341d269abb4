"""The worked cases of the rules leave no word of a rule untried."""

from __future__ import annotations

import json

import pytest

from sync.types import TYPES
from tests.vectors.make import HERE
from tests.vectors.rules import SINCE, Seen, alterations, edition

HIDDEN = {  # rows with a word that a row before them makes idle: no record can tell it from another
    "htn_c1",
    "dm_c1",
    "dm_good",
    "smd_stable",
    "tb_within_ten_days",
    "tb_within_month_staff",
    "tb_within_month_continuation",
}


@pytest.mark.parametrize("declared", [t for t in TYPES if t.rules], ids=lambda declared: declared.name)
def test_another_bound_code_or_condition_in_any_rule_would_be_noticed(declared):
    cases = [case for case in json.loads((HERE / "rules.json").read_text(encoding="utf-8")) if case["type"] == declared.name]
    undated = {table.name: SINCE for table in declared.rules if table.since is None}
    for since in ({}, undated):
        tables = edition(declared, since)
        unnoticed = [one for one in alterations(tables) if (one.table in undated) == bool(since)]
        for case in cases:
            day = declared.day_of(case["view"])
            if day and case.get("since", {}) == since:
                seen = Seen(case["view"], day, case.get("given", {}), case.get("previous", {}))
                noticed = seen.telling(unnoticed, tables)
                unnoticed = [one for one in unnoticed if one not in noticed]
        assert {one.row.id for one in unnoticed} <= HIDDEN
