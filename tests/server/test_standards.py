"""Standards: what an administrator sets holds from its day on; what is not fit is refused; everybody is counted by it anew."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from server.indicators import INDICATORS
from server.periods import Period
from server.standards import DEFAULTS, STANDARDS, StandardError, of
from server.store.engine import reading
from server.store.standards import history, put, standards_on
from server.store.tables import standards as table
from tests.server.test_standings import a_register, a_resident, a_visit
from tests.village import ANA, VILLAGE

NOVEMBER, DECEMBER = dt.date(2026, 11, 1), dt.date(2026, 12, 1)
MONTH = Period.parse("2026-11")


def given(village, name, value, since=NOVEMBER, at="2026-11-01T00:00:00.000Z"):
    village.write(lambda c: put(c, name, since, value, "p-adi", at))


def on(village, day, known_at=None):
    with reading(village.engine) as connection:
        return standards_on(connection, day, known_at)


def test_every_standard_has_a_default_that_is_fit_and_where_it_comes_from():
    for one in STANDARDS.values():
        assert one.source
        assert one.zh != one.en
        one.read(one.default)
        assert len(one.name) <= 64
    assert DEFAULTS.target("sign_rate") == Decimal("0.30")
    assert DEFAULTS.target("home_visit_person_times") is None
    assert sum(DEFAULTS.weight(one.code) for one in INDICATORS) == 100
    assert [one.code for one in INDICATORS if one.programme and DEFAULTS.weight(one.code)] == [], "the composite is open"


OTHERWISE = {
    "late_days": 1,
    "key_groups": ["elder_65"],
    "eight_ones": [{"code": "x", "zh": "甲", "en": "A", "rule": "examined"}],
}


@pytest.mark.parametrize("name", [name for name in STANDARDS if name.partition(".")[0] not in ("target", "weight")])
def test_residents_are_counted_by_the_standards_that_say_so_and_by_no_other(name):
    one = STANDARDS[name]
    other = OTHERWISE.get(name, 2 if isinstance(one.default, int) else "0.37")
    assert one.read(other) != one.read(one.default)
    assert (of({name: other}).counting() != DEFAULTS.counting()) == one.counts


def test_a_value_holds_from_its_day_and_what_was_set_later_for_the_day_holds(village):
    given(village, "target.sign_rate", "0.40", NOVEMBER)
    given(village, "target.sign_rate", "0.45", NOVEMBER, "2026-11-05T00:00:00.000Z")
    given(village, "target.sign_rate", "0.50", DECEMBER, "2026-11-02T00:00:00.000Z")
    told = [on(village, day).target("sign_rate") for day in (dt.date(2026, 10, 31), NOVEMBER, dt.date(2026, 11, 30), DECEMBER)]
    assert told == [Decimal("0.30"), Decimal("0.45"), Decimal("0.45"), Decimal("0.50")]
    assert on(village, NOVEMBER, "2026-11-04T23:59:59.999Z").target("sign_rate") == Decimal("0.40"), "as it was known then"
    with reading(village.engine) as connection:
        assert [(one.value, one.since) for one in history(connection, "target.sign_rate")] == [
            ("0.40", "2026-11-01"),
            ("0.45", "2026-11-01"),
            ("0.50", "2026-12-01"),
        ]
        assert history(connection, "late_days") == []


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("target.sign_rate", "1.01", "from 0 to 1"),
        ("target.sign_rate", 0.4, "as text"),
        ("target.sign_rate", "NaN", "from 0 to 1"),
        ("target.sign_rate", "1e-9", "4 decimals"),
        ("target.sign_rate", "６", "from 0 to 1"),
        ("target.none", "0.40", "no standard"),
        ("target.home_visit_person_times", "0.40", "that indicator has none"),
        ("weight.tb_manage", 10, "that indicator has none"),
        ("weight.sign_rate", -1, "whole number from 0 to 100"),
        ("weight.sign_rate", True, "whole number"),
        ("late_days", "7", "whole number"),
        ("rank_from", 0, "from 1"),
        ("key_groups", [], "population groups"),
        ("key_groups", ["tuberculosis"], "population groups"),
        ("key_groups", "elder_65", "population groups"),
        ("eight_ones", [], "1 to 8"),
        ("eight_ones", [{"code": "exam", "zh": "体检", "en": "Exam", "rule": "guessed"}], "examined"),
        ("eight_ones", [{"code": "exam", "zh": "体检", "en": "Exam", "rule": None}] * 2, "code once"),
        ("eight_ones", [{"code": "exam"}], "1 to 8"),
        ("no_such", 1, "no standard"),
    ],
)
def test_what_is_not_fit_is_refused_with_what_would_be(village, name, value, says):
    with pytest.raises(StandardError, match=says):
        given(village, name, value)
    assert village.rows("standards") == []


def test_what_another_release_kept_and_is_not_fit_any_more_is_passed_over(village):
    row = {"since": "2026-01-01", "given_at": "2026-01-01T00:00:00.000Z", "given_by": "shell"}
    village.write(
        lambda c: [
            c.execute(table.insert().values(name=name, value=value, **row))
            for name, value in (("late_days", '"x"'), ("gone", "1"))
        ]
    )
    assert on(village, NOVEMBER) == DEFAULTS


def test_another_checklist_counts_everybody_anew_and_another_target_counts_nobody(village, ana):
    ana.sync()
    poor = {"poverty/p1": {"status": "registered_poor", "from": "2020-01-01"}}
    who = a_resident(ana, **poor)
    a_register(ana, who)
    a_visit(ana, who, systolic=130)
    ana.sync()
    doors = village.app.extensions["cunyi"]

    def eight():
        found = doors.indicators.figures(doors.access.view(ANA), VILLAGE, MONTH).total
        return [
            (found[code].numerator, found[code].denominator) for code in ("eight_ones_rate", "eight_ones_1", "eight_ones_2")
        ]

    assert eight() == [(0, 1), (0, 1), (0, 1)]
    seen = [{"code": "seen", "zh": "见到一次", "en": "Seen", "rule": "seen_in_person"}]
    given(village, "eight_ones", [*seen, {"code": "box", "zh": "一个健康包", "en": "A box", "rule": None}])
    assert doors.standings.refresh([VILLAGE]) == 1
    assert eight() == [(1, 1), (1, 1), (0, 0)], "what no record can show is left out"
    given(village, "target.sign_rate", "0.99")
    given(village, "weight.sign_rate", 100)
    given(village, "eight_ones", [{**seen[0], "zh": "换个说法"}], at="2026-11-02T00:00:00.000Z")
    given(village, "late_days", 1, DECEMBER)
    before = doors.standings.refresh([VILLAGE])
    assert before == 1, "one item less is another list"
    given(village, "eight_ones", [{**seen[0], "zh": "再换个说法"}], at="2026-11-03T00:00:00.000Z")
    assert doors.standings.refresh([VILLAGE]) == 0, "other words are not"


def test_from_the_day_of_a_new_limit_on_what_was_late_is_late_by_it(village, ana):
    ana.sync()
    who = a_resident(ana)
    a_visit(ana, who, day="2026-11-16")  # written on the 21st
    ana.sync()
    doors = village.app.extensions["cunyi"]

    def late():
        village_doctor = doors.access.view(ANA)
        return doors.indicators.figures(village_doctor, VILLAGE, MONTH).total["late_entry_rate"].numerator

    given(village, "late_days", 3, dt.date(2026, 11, 23))
    assert late() == 0
    village.later(days=1)
    assert late() == 0
    village.later(days=1)
    assert late() == 1
