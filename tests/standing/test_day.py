"""The day that remembers: until when an answer that was worked out with it holds."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.standing.answer import LATER, OVERDUE, SOON, URGENT
from sync.standing.day import Day, plus
from sync.standing.pressing import urgency
from tests.standing.forms import TODAY

days = st.dates(dt.date(2026, 1, 1), dt.date(2027, 6, 30))
TOMORROW, YESTERDAY = plus(TODAY, 1), plus(TODAY, -1)


def test_what_nobody_asks_about_holds_until_the_new_year():
    assert Day(TODAY).until == dt.date(2027, 1, 1)
    assert Day(dt.date(2026, 12, 31)).until == dt.date(2027, 1, 1)


def test_a_visit_due_today_has_come_and_one_due_tomorrow_has_not():
    day = Day(TODAY)
    assert day.reached(YESTERDAY)
    assert day.reached(TODAY)
    assert day.until == dt.date(2027, 1, 1)
    assert not day.reached(TOMORROW)
    assert day.until == TOMORROW


def test_the_nearest_of_the_days_asked_about_counts_in_whatever_order():
    for asked in ([3, 1, 2], [1, 2, 3], [3, 2, 1]):
        day = Day(TODAY)
        assert [day.reached(plus(TODAY, n)) for n in asked] == [False] * 3
        assert day.until == TOMORROW


def test_a_flag_holds_on_its_first_day_and_no_longer_on_the_day_it_ends():
    assert Day(TODAY).within(TODAY, TOMORROW)
    assert not Day(TODAY).within(YESTERDAY, TODAY)
    assert not Day(TODAY).within(TOMORROW, None)
    assert Day(TODAY).within(YESTERDAY, None)


def test_a_flag_that_ends_on_friday_is_looked_at_again_on_friday():
    day, friday = Day(TODAY), plus(TODAY, 5)
    assert day.within(YESTERDAY, friday)
    assert day.until == friday


def test_the_calendar_ends_and_nothing_fails():
    assert plus(dt.date.max, 1) == plus(dt.date.max, 10**9) == dt.date.max
    assert plus(dt.date.min, -1) == plus(dt.date.min, -(10**9)) == dt.date.min
    assert Day(dt.date.max).until == dt.date.max
    assert Day(dt.date.max).reached(dt.date.max)


@given(days, st.lists(st.tuples(days, days | st.none())), st.data())
def test_every_answer_is_the_same_on_every_day_before_until(on, slices, data):
    def answers(day):
        return [(day.within(start, end), day.reached(start)) for start, end in slices]

    day = Day(on)
    now = answers(day)
    assert day.until > on
    later = Day(data.draw(st.dates(on, plus(day.until, -1))))
    assert answers(later) == now
    assert later.until == day.until


@pytest.mark.parametrize(
    ("days", "told"),
    [(-1, OVERDUE), (0, SOON), (7, SOON), (8, LATER)],
    ids=["since_yesterday", "due_today", "due_in_a_week", "due_in_eight_days"],
)
def test_what_is_due_is_overdue_from_the_day_after_and_soon_from_a_week_before(days, told):
    assert urgency(plus(TODAY, days), Day(TODAY)) == told
    assert urgency(plus(TODAY, days), Day(TODAY), pressing=True) == URGENT
