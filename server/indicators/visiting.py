"""Home visits, in person-times (人次: as many as were met) and household-times (户次: one, however many were met)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from server.indicators.declare import COUNTY_PLANS, PERIOD, Indicator, Share
from server.indicators.judging import above, excluded
from sync.record import VOID
from sync.standing import Account

if TYPE_CHECKING:
    from server.standards import Standards


def _met_at_home(account: Account, _: Standards) -> Iterator[Share]:
    for event in account.events:
        if event.kind == "home_visit" and event.programme is None:
            yield (
                above(event.record, on=event.on)
                if event.met
                else excluded(event.reason or "not_met", event.record, on=event.on)
            )
    for work in account.work:  # what is void is no event
        if work.type == "home_visit" and work.reason == VOID and work.on is not None:
            yield excluded(VOID, work.record, on=work.on)


INDICATORS = (
    Indicator(
        "home_visit_person_times",
        "入户服务人次",
        "Home visits, person-times",
        "期内入户见到的本户居民人次：一次入户见到几人计几人次。不计：未见到人、作废、有冲突未裁决的入户记录。",
        "Residents of the household met at visits to the home on the days of the period: as many as were met each time. "
        "Not counted: nobody was met, void, or in conflict.",
        "visiting",
        "person_time",
        PERIOD,
        COUNTY_PLANS,
        _met_at_home,
        ratio=False,
    ),
    Indicator(
        "home_visit_household_times",
        "入户服务户次",
        "Home visits, household-times",
        "期内入户见到人的户次：一次入户不论见到几人计1户次（按入户记录去重；按人群查看时，至少见到一名该人群居民的计1户次）。不计：同人次。",
        "Visits to a home on the days of the period at which somebody was met: one however many were (by record; for a group, "
        "those at which one of the group was met). Not counted: as of person-times.",
        "visiting",
        "household_time",
        PERIOD,
        COUNTY_PLANS,
        _met_at_home,
        ratio=False,
        once=True,
    ),
)
