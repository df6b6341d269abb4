"""Periods: what people write in an address, and the days that are in it."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.periods import KINDS, Period, PeriodError

DAYS = st.dates(dt.date(2001, 1, 1), dt.date(2998, 12, 31))


@pytest.mark.parametrize(
    ("text", "first", "last", "zh", "en"),
    [
        ("2026-11-22", "2026-11-22", "2026-11-22", "2026年11月22日", "22 Nov 2026"),
        ("2026-W47", "2026-11-16", "2026-11-22", "2026年第47周", "Week 47 of 2026"),
        ("2026-W01", "2025-12-29", "2026-01-04", "2026年第1周", "Week 1 of 2026"),
        ("2026-W53", "2026-12-28", "2027-01-03", "2026年第53周", "Week 53 of 2026"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024年2月", "February 2024"),
        ("2026-12", "2026-12-01", "2026-12-31", "2026年12月", "December 2026"),
        ("2026-Q1", "2026-01-01", "2026-03-31", "2026年第1季度", "Quarter 1 of 2026"),
        ("2026-Q4", "2026-10-01", "2026-12-31", "2026年第4季度", "Quarter 4 of 2026"),
        ("2026", "2026-01-01", "2026-12-31", "2026年", "2026"),
        ("2026-01-01..2026-02-15", "2026-01-01", "2026-02-15", "2026年1月1日至2026年2月15日", "1 Jan 2026 to 15 Feb 2026"),
        ("2026-01-01..2026-01-01", "2026-01-01", "2026-01-01", "2026年1月1日至2026年1月1日", "1 Jan 2026 to 1 Jan 2026"),
    ],
)
def test_what_a_person_writes_is_read_and_told(text, first, last, zh, en):
    period = Period.parse(text)
    assert (period.start.isoformat(), period.last.isoformat()) == (first, last)
    assert (period.text, period.zh, period.en) == (text, zh, en)
    assert period.start in period
    assert period.last in period
    assert period.end not in period


@pytest.mark.parametrize(
    "text",
    ["", "26", "2026-13", "2026-00", "2026-02-30", "2026-Q0", "2026-Q5", "2026-W00", "2026-W54", "2025-W53", "2026-1", "２０２６",
     "2026-11-22 ", "2026-11\n", "0001", "1999", "9999", "9999-12-31..9999-12-31", "2026-02-15..2026-01-01", "2026..2027",
     "2026-01-01..", "2026-w47", "-2026", "2026-11-22T00:00", "x" * 5000],
)  # fmt: skip
def test_what_names_no_period_is_refused_with_what_would(text):
    with pytest.raises(PeriodError, match="2026-W47"):
        Period.parse(text)


@given(DAYS, st.sampled_from(KINDS))
def test_every_day_is_in_one_period_of_each_kind_and_they_follow_one_another(day, kind):
    period = Period.on(day, kind)
    assert day in period
    assert Period.parse(period.text) == period
    assert period.next().previous() == period.previous().next() == period
    assert (period.previous().end, period.next().start) == (period.start, period.end)


@given(DAYS, DAYS)
def test_days_that_somebody_chose_have_as_many_before_and_after(first, last):
    first, last = min(first, last), max(first, last)
    period = Period.parse(f"{first}..{last}")
    assert (period.start, period.last) == (first, last)
    assert period.previous().last == first - dt.timedelta(1)
    assert period.next().end - period.next().start == period.end - period.start
    assert period.next().previous() == period


@pytest.mark.parametrize(
    ("text", "months", "days"),
    [
        ("2026-Q4", ["2026-10", "2026-11", "2026-12"], []),
        ("2026-02", ["2026-02"], []),
        ("2026-W47", [], [("2026-11-16", "2026-11-23")]),
        ("2026-11-22", [], [("2026-11-22", "2026-11-23")]),
        ("2026-W49", [], [("2026-11-30", "2026-12-07")]),
        ("2026-01-15..2026-03-10", ["2026-02"], [("2026-01-15", "2026-02-01"), ("2026-03-01", "2026-03-11")]),
        ("2025-12-31..2026-01-31", ["2026-01"], [("2025-12-31", "2026-01-01")]),
    ],
)
def test_a_period_is_made_of_whole_months_and_odd_days(text, months, days):
    period = Period.parse(text)
    assert list(period.months) == months
    assert [(first.isoformat(), end.isoformat()) for first, end in period.odd_days] == days


@given(DAYS, DAYS)
def test_every_day_is_in_a_whole_month_or_an_odd_day_and_in_one_only(first, last):
    first, last = min(first, last), min(max(first, last), min(first, last) + dt.timedelta(200))
    period = Period.parse(f"{first}..{last}")
    for day in (first + dt.timedelta(n) for n in range(-40, (last - first).days + 40)):
        held = [day.isoformat()[:7] in period.months, *(a <= day < b for a, b in period.odd_days)]
        assert sum(held) == (day in period)


def test_a_kind_that_is_none_is_refused():
    with pytest.raises(PeriodError, match="day, week"):
        Period.on(dt.date(2026, 11, 22), "fortnight")
