"""What else is due: examinations, prescriptions that run out, referrals, plans, registers that nobody has opened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from sync.standing.answer import Differs, Due, Group, Noted, Signed
from sync.standing.day import plus
from sync.standing.facts import Fact, Facts, day_of, worded
from sync.standing.following import FIRST_VISIT_DAYS
from sync.standing.groups import active_plan, slices
from sync.standing.managing import Register
from sync.standing.owing import served
from sync.standing.pressing import urgency
from sync.types.declare import RecordType
from sync.types.fields import WARNING
from sync.types.rules import Advice

YEAR_END_DAYS = 92  # a yearly service is on the list from 1 October: this project's
RUN_OUT_DAYS = 7  # a prescription is on the list a week before it runs out
FORGOTTEN_DAYS = 90  # and no longer when it ran out a season ago
PLAN_DAYS = 30  # for a plan to take up a new disease, and for a poor person to be signed: this project's


def yearly(person: Fact, groups: Sequence[Group], managed: Sequence[Register], facts: Facts) -> Iterator[Due]:
    """Examination and self-care assessment of the calendar year, for whom they are and where they are not done yet."""
    day, codes = facts.day, {group.code for group in groups if group.programme is None}
    by = dt.date(day.year, 12, 31)
    reasons: list[str] = [code for code in ("elder_65", "registered_poor") if code in codes]
    followed = [one for one in managed if one.status == "managed" and one.plan and one.plan.exam_yearly]
    reasons += [one.disease for one in followed if one.fact.programme is None]
    if shown_day(facts, "health_exam") is None:
        pressing = urgency(by, day, ahead=YEAR_END_DAYS)
        if reasons:
            yield Due("health_exam", reasons[0], by, pressing, person.id)
        else:
            for one in followed:
                yield Due("health_exam", one.disease, by, pressing, one.fact.id, programme=one.fact.programme)
    if "elder_65" in codes and shown_day(facts, "elder_selfcare") is None:
        yield Due("elder_selfcare", "elder_65", by, urgency(by, day, ahead=YEAR_END_DAYS), person.id)


def shown_day(facts: Facts, type_name: str, *, settled: bool = False) -> dt.date | None:
    """The last day of this year on which the person had one of these, in the open.

    `settled`: leaving out those in conflict. Nobody is sent for again because of them, and they count for nothing.
    """
    found = (fact for fact in facts.in_the_open(type_name) if fact.day and (fact.happened or not settled))
    return max((fact.day for fact in found if fact.day and fact.day.year == facts.day.year), default=None)


def prescriptions(facts: Facts) -> Iterator[Due]:
    """The last prescription of each condition, until another follows or it is long over."""
    latest: dict[tuple[str, str], Fact] = {}
    for fact in facts.of("long_prescription"):
        latest[fact.programme or "", worded(fact.at("prescription.condition"))] = fact
    for (_, condition), fact in sorted(latest.items()):
        days = fact.at("prescription.days_supply")
        if fact.day is None or type(days) is not int or days < 1:
            continue
        by = plus(fact.day, days)
        if not facts.day.reached(plus(by, FORGOTTEN_DAYS)):
            yield Due(
                "prescription",
                condition,
                by,
                urgency(by, facts.day, ahead=RUN_OUT_DAYS),
                fact.id,
                bool(fact.disputed),
                fact.programme,
            )


def referrals(facts: Facts) -> Iterator[Due]:
    """Referrals that nobody has followed up or closed."""
    for fact in facts.of("referral"):
        declared = facts.catalogue.types.get(fact.type)
        if declared is None or fact.date("followup.followed_on") or fact.date("result.closed_on"):
            continue
        for finding in declared.advice(fact.view).findings:
            if finding.table.gives == "followup_within" and finding.by:
                level = urgency(finding.by, facts.day)
                yield Due(
                    "referral_followup", finding.rows[0].id, finding.by, level, fact.id, bool(fact.disputed), fact.programme
                )


def advised(facts: Facts) -> Iterator[tuple[RecordType, Fact, Advice]]:
    """The last record of each type that has rules and is no follow-up, in the open and in each programme, and the advice."""
    for declared in facts.catalogue.types.values():
        if declared.rules and not declared.follows:
            last = {fact.programme: fact for fact in facts.of(declared.name)}
            yield from ((declared, fact, declared.advice(fact.view)) for fact in last.values())


def differing(latest: Iterable[tuple[RecordType, Fact, Advice]]) -> Iterator[Differs]:
    """Where the values of other forms, self-care of elders for one, differ from what the rules suggest."""
    for _, fact, advice in latest:
        for one in advice.discrepancies(fact.view):
            yield Differs(fact.id, one.field, one.doctor, one.suggested, one.rule, one.version, fact.programme)


def limits(latest: Iterable[tuple[RecordType, Fact, Advice]]) -> Iterator[Noted]:
    """What goes beyond a limit, such as a prescription for too many days: accepted, and shown."""
    for declared, fact, advice in latest:
        for finding in advice.findings:
            if finding.table.gives == "limit":
                section = (declared.dated or "").partition(".")[0]
                yield Noted(fact.id, section, None, finding.value, WARNING, fact.programme)


def plans(facts: Facts, managed: Sequence[Register]) -> Iterator[Due]:
    """Measures and reviews of the plans that are carried out, and diseases that they do not know yet."""
    day = facts.day
    for programme in sorted({fact.programme or "" for fact in facts.of("care_plan")}):
        plan = active_plan(facts, programme or None)
        if plan is None:
            continue
        disputed, owner = bool(plan.disputed), programme or None
        for key, measure in plan.keyed("measure").items():
            by = day_of(measure.get("due_on"))
            if by and not measure.get("done_on"):
                yield Due("plan_measure", key, by, urgency(by, day), plan.id, disputed, owner)
        review = plan.date("review.next_review_on")
        if review:
            yield Due("plan_review", "next_review", review, urgency(review, day), plan.id, disputed, owner)
        known = plan.keyed("condition")
        for one in managed:
            opened = one.fact.date("registration.opened_on")
            if one.status == "managed" and one.fact.programme == owner and one.disease not in known and opened:
                by = plus(opened, PLAN_DAYS)
                yield Due("plan_review", "new_disease", by, urgency(by, day), plan.id, disputed, owner)


def flags(
    person: Fact, groups: Sequence[Group], managed: Sequence[Register], signed: Signed | None, facts: Facts
) -> Iterator[Due]:
    """Diseases that are flagged and have no register; poor persons without a contract."""
    day, held = facts.day, {one.disease for one in managed if one.fact.programme is None}
    followed = {form.follows.disease for form in facts.catalogue.types.values() if form.follows and not form.programme}
    for code, _, since in slices(person, "flags", day):
        if code in followed - held:
            by = plus(since, FIRST_VISIT_DAYS)
            yield Due("open_register", code, by, urgency(by, day), person.id, f"flags/{code}" in person.disputed)
    for group in groups:
        if group.code == "registered_poor" and signed is None and group.since:
            by = plus(group.since, PLAN_DAYS)
            yield Due("sign_contract", "registered_poor", by, urgency(by, day), person.id)


def in_person_days(facts: Facts, managed: Sequence[Register]) -> set[dt.date]:
    """The days of this year on which somebody saw the person face to face, by the records in the open."""
    open_ones = (one for one in managed if one.fact.programme is None)
    days = {visit.day for one in open_ones for visit in one.visits if visit.in_person and visit.fact.happened}
    for type_name in ("home_visit", "health_exam", "elder_selfcare"):
        days |= {fact.day for fact in facts.in_the_open(type_name) if fact.day and fact.happened and served(fact, facts.ids)}
    return {day for day in days if day.year == facts.day.year}


def home_visits(facts: Facts) -> int:
    """How often the person was met at home in this year: person-times."""
    this_year = (fact for fact in facts.in_the_open("home_visit") if fact.day and fact.day.year == facts.day.year)
    return sum(fact.happened and served(fact, facts.ids) for fact in this_year)
