"""Which population groups a person belongs to on a day, and what poverty asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sync.standing.answer import Group, Plan, Poverty
from sync.standing.day import Day, plus
from sync.standing.facts import CONFLICT, Fact, Facts, day_of, worded
from sync.standing.managing import Register
from sync.types.checks import months_later
from sync.types.codes import POPULATION_GROUP
from sync.types.resident_codes import REGISTERED_POOR

ELDER_YEARS = 65  # national specification, third edition: elders' health management serves residents of 65 years and over
GENERAL = "general"
CHILD_YEARS = 7  # health management of children from 0 to 6 years


class Membership(NamedTuple):
    """A group that the person belongs to from a day until before another (None: since ever, for good), and what says so."""

    code: str
    source: str
    since: dt.date | None
    until: dt.date | None
    record: str
    programme: str | None = None

    def on(self, date: dt.date) -> bool:
        """True on a day of it."""
        return (self.since is None or self.since <= date) and (self.until is None or date < self.until)

    def now(self, day: Day) -> bool:
        """True on the day of the standing."""
        return day.within(self.since or dt.date.min, self.until)


def birthday(person: Fact, years: int) -> dt.date | None:
    """The day on which a person becomes so many years old; who was born on 29 February, on 1 March of most years."""
    born = person.date("identity.birth_date")
    if born is None or born.year + years > dt.MAXYEAR:
        return None
    whole = months_later(born, 12 * years)
    return whole if whole.day == born.day else plus(whole, 1)


def slices(person: Fact, section: str, day: Day) -> Iterator[tuple[str, Mapping[str, Any], dt.date]]:
    """The keys and values of a time-sliced section that are in force, with the day they are since."""
    for key, value in person.keyed(section).items():
        since = day_of(value.get("from"))
        if since is not None and day.within(since, day_of(value.get("to"))):
            yield key, value, since


def memberships(person: Fact, registers: Iterable[Register], day: Day) -> list[Membership]:
    """Every membership of the person, past and to come, those that tell most about it first."""
    found = [
        Membership(code, "flag", since, day_of(value.get("to")), person.id)
        for code, value in person.keyed("flags").items()
        # what is protected counts by its register, and only to those who hold it
        if code not in POPULATION_GROUP.programmes and (since := day_of(value.get("from")))
    ]
    for one in registers:
        if one.disease in POPULATION_GROUP.values:
            opened, programme = one.fact.date("registration.opened_on"), one.fact.programme
            found.append(Membership(one.disease, "register", opened, one.ended(day), one.fact.id, programme))
    elder, grown = birthday(person, ELDER_YEARS), birthday(person, CHILD_YEARS)
    if elder:
        found.append(Membership("elder_65", "age", elder, None, person.id))
    if grown:
        found.append(Membership("child_0_6", "age", person.date("identity.birth_date"), grown, person.id))
    disability = person.at("disability.disability")
    if isinstance(disability, list) and any(code != "none" for code in disability):
        found.append(Membership("disabled", "disability", None, None, person.id))
    found += [
        Membership("registered_poor", "poverty", since, day_of(value.get("to")), person.id)
        for _, value in sorted(person.keyed("poverty").items())
        if value.get("status") in REGISTERED_POOR and (since := day_of(value.get("from")))
    ]
    return found


def groups_of(person: Fact, every: Sequence[Membership], day: Day) -> tuple[Group, ...]:
    """The groups of the day, each by what tells most about it; `general` where there is none in the open."""
    found: dict[str, Group] = {}
    for one in every:
        if one.now(day):
            found.setdefault(one.code, Group(one.code, one.source, one.since, one.record, one.programme))
    if all(group.programme for group in found.values()):
        found[GENERAL] = Group(GENERAL, "none", None, person.id)
    return tuple(found[code] for code in sorted(found))


def programmes_for(wanted: Sequence[Any], every: Sequence[Membership], date: dt.date, day: Day) -> list[str | None]:
    """By whose groups something is meant for the person on a date: None for a group in the open, or a programme's name.

    A date to come is judged by the groups of the day.
    """
    past = day.reached(date)
    held = [one for one in every if (one.on(date) if past else one.now(day))]
    open_codes = {one.code for one in held if one.programme is None} or {GENERAL}
    if any(code in open_codes for code in wanted if isinstance(code, str)):
        return [None]
    programmes: set[str | None] = {one.programme for one in held if one.programme and one.code in wanted}
    return sorted(programmes, key=str)


def poverty_of(person: Fact, facts: Facts, exam_on: dt.date | None, home_visits: int) -> Poverty | None:
    """What poverty asks for, None for a person whom no list of the poor has on the day."""
    statuses = sorted({worded(v.get("status")) for _, v, _ in slices(person, "poverty", facts.day) if v.get("status")})
    batches = tuple(
        sorted(
            (
                (worded(v.get("class")), v.get("due") is True, _come(day_of(v.get("treated_on")), facts.day))
                for _, v, _ in slices(person, "three_batches", facts.day)
            ),
            key=lambda batch: (batch[0], batch[1], batch[2] or dt.date.min),
        )
    )
    if not statuses and not batches:
        return None
    plan = active_plan(facts)
    return Poverty(
        tuple(statuses),
        batches,
        plan.id if plan else None,
        _reviewed(plan, facts.day)[0] if plan else None,
        exam_on,
        home_visits,
    )


def plans_of(facts: Facts) -> tuple[Plan, ...]:
    """The care plans that are carried out: one in the open, one of each programme."""
    found = []
    for programme in sorted({fact.programme or "" for fact in facts.of("care_plan")}):
        plan = active_plan(facts, programme or None)
        if plan:
            reviewed, following = _reviewed(plan, facts.day)
            fresh = following is not None and not facts.day.reached(plus(following, 1))
            reason = None if plan.settled("summary", "review") else CONFLICT
            found.append(Plan(plan.id, reviewed, following, fresh, reason, plan.programme))
    return tuple(found)


def _reviewed(plan: Fact, day: Day) -> tuple[dt.date | None, dt.date | None]:
    """The last review of a plan by a day, or its approval, and the next one; what a review to come will say nobody knows."""
    reviewed, approved = plan.date("review.reviewed_on"), _come(plan.date("review.approved_on"), day)
    if reviewed and not day.reached(reviewed):
        return approved, None
    return reviewed or approved, plan.date("review.next_review_on")


def _come(date: dt.date | None, day: Day) -> dt.date | None:
    """A date that has come by the day."""
    return date if date and day.reached(date) else None


def active_plan(facts: Facts, programme: str | None = None) -> Fact | None:
    """The care plan that is being carried out, in the open or of a programme; of several the one of the highest version."""
    carried_out = ("active", "under_review")
    plans = [f for f in facts.of("care_plan") if f.programme == programme and f.at("summary.status") in carried_out]
    return max(plans, key=lambda f: (_whole(f.at("summary.version")), f.id), default=None)


def _whole(value: object) -> int:
    return value if type(value) is int else 0
