"""Ranking: who ties shares a rank, who has too few is shown and not ranked, nobody is ranked over nothing."""

from decimal import Decimal
from typing import NamedTuple

import pytest

from server import standards
from server.indicators import by_code
from server.reports.ranking import composite, ranked

SIGNED, FULL, LATE = "sign_rate", "honour_person_full", "late_entry_rate"
WILLOW, POPLAR, BRIDGE, RIDGE = "411499001201", "411499001202", "411499001203", "411499001204"


class Number(NamedTuple):
    numerator: int
    denominator: int


def by(**given):
    """Standards in which only these indicators have a weight."""
    weights = {name: 0 for name in standards.STANDARDS if name.startswith("weight.")}
    return standards.of({**weights, "rank_from": 1, **{name.replace("__", "."): value for name, value in given.items()}})


def test_villages_that_tie_share_a_rank_and_the_next_follows_at_once():
    rows = {
        WILLOW: {SIGNED: Number(3, 4)},
        POPLAR: {SIGNED: Number(30, 40)},
        BRIDGE: {SIGNED: Number(1, 2)},
        RIDGE: {SIGNED: Number(9, 10)},
    }
    found = ranked(rows, by())
    assert [found.rank(SIGNED, area) for area in rows] == [2, 2, 3, 1]


def test_a_village_with_nobody_to_count_ranks_nowhere_and_has_no_score():
    rows = {WILLOW: {SIGNED: Number(0, 0)}, POPLAR: {SIGNED: Number(0, 5)}, BRIDGE: {}}
    found = ranked(rows, by(weight__sign_rate=1, target__sign_rate="0.60"))
    assert [found.rank(SIGNED, area) for area in rows] == [None, 1, None]
    assert [(one.area, one.score, one.rank) for one in found.composite] == [
        (POPLAR, Decimal("0.0000"), 1),
        (WILLOW, None, None),
        (BRIDGE, None, None),
    ]


def test_few_residents_are_not_ranked_neither_openly_nor_by_the_composite():
    rows = {WILLOW: {SIGNED: Number(9, 9)}, POPLAR: {SIGNED: Number(6, 10)}}
    found = ranked(rows, by(rank_from=10, weight__sign_rate=1, target__sign_rate="0.60"))
    assert [found.rank(SIGNED, area) for area in rows] == [None, 1]
    assert [(one.area, one.rank) for one in found.composite] == [(POPLAR, 1), (WILLOW, None)]


def test_of_what_is_better_when_lower_the_lowest_is_first():
    assert by_code(LATE).lower_is_better
    rows = {WILLOW: {LATE: Number(5, 10)}, POPLAR: {LATE: Number(1, 10)}}
    assert [ranked(rows, by()).rank(LATE, area) for area in rows] == [2, 1]


@pytest.mark.parametrize(
    ("signed", "full", "score"),
    [
        (Number(6, 10), Number(8, 10), "1.0000"),  # both targets reached
        (Number(10, 10), Number(4, 10), "0.6250"),  # more than the target counts no more than the target: (1 + 3 * 0.5) / 4
        (Number(3, 10), None, "0.5000"),  # the other has no value: its weight falls to this one
        (Number(3, 10), Number(0, 0), "0.5000"),
        (Number(1, 3), Number(1, 3), "0.4514"),  # (0.5556 + 3 * 0.4167) / 4, rounded once
    ],
)
def test_the_composite_is_what_a_supervisor_gets_by_hand(signed, full, score):
    rules = by(
        weight__sign_rate=1,
        target__sign_rate="0.60",
        weight__honour_person_full=3,
        target__honour_person_full="0.80",
        composite_covers="0.25",
    )
    own = {SIGNED: signed} | ({FULL: full} if full else {})
    [one] = ranked({WILLOW: own}, rules).composite
    assert one.score == Decimal(score)


@pytest.mark.parametrize(("weight", "score"), [(9, None), (10, "1.0000"), (11, "1.0000")])
def test_one_good_number_over_too_little_of_the_weights_makes_no_composite(weight, score):
    rules = by(
        rank_from=10, weight__sign_rate=weight, target__sign_rate="0.60", weight__honour_person_full=10,
        target__honour_person_full="0.80",
    )  # fmt: skip
    [one] = ranked({WILLOW: {SIGNED: Number(20, 20), FULL: Number(0, 9)}}, rules).composite
    assert (one.score, one.rank) == (score and Decimal(score), 1 if score else None)


def test_a_protected_indicator_moves_no_composite():
    rules = by(weight__sign_rate=1, target__sign_rate="0.60")
    own = {SIGNED: Number(3, 10)}
    assert composite({**own, "tb_regular": Number(10, 10)}, rules) == composite(own, rules)


def test_who_falls_by_much_is_called_in_and_who_rises_or_is_new_is_not():
    rules = by(weight__sign_rate=1, target__sign_rate="1", call_in_fall="0.05")
    now = {WILLOW: {SIGNED: Number(50, 100)}, POPLAR: {SIGNED: Number(55, 100)}, BRIDGE: {SIGNED: Number(2, 100)}}
    before = {WILLOW: {SIGNED: Number(55, 100)}, POPLAR: {SIGNED: Number(54, 100)}}
    found = ranked(now, rules, before)
    assert found.called_in == [WILLOW]
    assert [(one.area, one.before, one.rank_before) for one in found.composite] == [
        (POPLAR, Decimal("0.5400"), 2),
        (WILLOW, Decimal("0.5500"), 1),
        (BRIDGE, None, None),
    ]
    almost = {WILLOW: {SIGNED: Number(5499, 10_000)}}
    assert ranked(now, rules, almost).called_in == []
