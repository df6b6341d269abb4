"""What is counted by the day on which it is decided: visits to a home, deadlines that were kept or not, what was written late.

A deadline is decided on its last day, and told from that day on: met or not, and by which record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sync.standing.answer import Event, Work
from sync.standing.contracts import IN_FORCE, RENEWAL_DAYS, counting, renewal
from sync.standing.day import plus
from sync.standing.facts import CONFLICT, Fact, Facts, day_of
from sync.standing.managing import Register, asked_by, followed_by
from sync.standing.owing import why_not_shown
from sync.standing.series import TWO_WEEKS, Visit, deciding
from sync.standing.working import Basis
from sync.types.fields import Instant
from sync.types.tb_rules import FIRST_VISIT_HOURS

LATE_DAYS = 7  # what is written later than that after its day is late, where nobody has set another number: this project's
SERVICES = ("home_visit", "health_exam", "elder_selfcare", "performance")  # and follow-ups: what may be written late
GONE = ("died", "moved_out")  # nobody is to be blamed for what was not done any more
UNSEEN = ("void", "to_come", "no_day", "same_person")


def events(facts: Facts, basis: Basis, work: Sequence[Work]) -> Iterator[Event]:
    """What is decided in the year so far, by day."""
    found = [*_of_work(facts, work), *_contracts(facts, basis), *_referrals(facts)]
    for register in basis.registers:
        found += [*_two_weeks(register, facts, basis), *_first_visit(register, facts, basis), *_course(register, facts)]
    yield from sorted(found, key=lambda one: (one.on, one.kind, one.record, one.programme or ""))


def _decided(by: dt.date, facts: Facts) -> bool:
    """True for a deadline of this year whose last day has come."""
    return by.year == facts.day.year and facts.day.reached(by)


def _left(basis: Basis, by: dt.date, register: Register | None = None) -> str | None:
    """Why nothing could be done any more by a day: the person's record, or the register, was closed before."""
    closed = [(basis.closed_on, basis.person.at("record_status.close_reason"))]
    if register is not None:
        closed.append((register.closed_on, register.fact.at("status.close_reason")))
    reasons = [reason if reason in GONE else "closed" for on, reason in closed if on is not None and on <= by]
    return next((reason for reason in reasons if reason in GONE), reasons[0] if reasons else None)


# -- records -----------------------------------------------------------------------------------------------------------


def _of_work(facts: Facts, work: Iterable[Work]) -> Iterator[Event]:
    for one in work:
        fact = facts.by_id.get(one.record)
        if fact is None or one.on is None or one.reason in UNSEEN or fact.programme != one.programme:
            continue
        if one.type == "home_visit":
            yield Event("home_visit", one.on, not one.reason, one.record, fact.subject, one.reason, programme=one.programme)
        declared = facts.catalogue.types[one.type]
        if declared.follows or one.type in SERVICES:
            late = one.late_days is None or one.late_days > LATE_DAYS
            reason, days = "late" if late else None, one.late_days
            yield Event("recorded", one.on, not late, one.record, reason=reason, days=days, programme=one.programme)
        if one.reason != "not_met" and (reasons := _evidence(fact, facts)):
            [why] = reasons
            yield Event("evidenced", one.on, why is None, one.record, reason=why, programme=one.programme)


def _evidence(fact: Fact, facts: Facts) -> tuple[str | None] | tuple[()]:
    """Why the evidence of a record is not complete; nothing where none is asked for.

    Of a visit to a home: a photograph and the place where it was; of a performance: what it counts by.
    """
    if fact.type == "home_visit":
        there = fact.at("evidence.latitude_deg") is not None and fact.at("evidence.longitude_deg") is not None
        complete = there and bool(fact.at("evidence.photos"))
        return (None if complete and fact.settled("evidence") else "no_evidence" if not complete else CONFLICT,)
    if fact.type == "performance" and fact.at("waiver.reason") is None:
        return (why_not_shown(fact, facts, None) if fact.settled("evidence") else CONFLICT,)
    return ()


# -- follow-ups --------------------------------------------------------------------------------------------------------


def _two_weeks(register: Register, facts: Facts, basis: Basis) -> Iterator[Event]:
    """Visits that called for another within two weeks."""
    for visit in register.visits:
        by = asked_by(visit) if visit.met else None
        if by is None or not _decided(by, facts):
            continue
        after = followed_by(visit, by, register.visits)
        reason = None if after else "not_followed"
        if not visit.fact.settled(visit.fact.dated or "", *deciding(visit.declared.rules, "next_within")) or (
            after is None and any(_may_follow(visit, other, by) for other in register.visits)
        ):
            after, reason = None, CONFLICT
        elif after is None:
            reason = _left(basis, by, register) or reason
        record = visit.fact.id
        yield Event(
            "urgent_followed",
            by,
            after is not None,
            record,
            after.fact.id if after else None,
            reason,
            programme=register.fact.programme,
        )


def _may_follow(visit: Visit, other: Visit, by: dt.date) -> bool:
    """True for a visit in conflict that was made in time by what one of those who wrote it says."""
    if other is visit or other.fact.happened:
        return False
    section, _, field = (other.declared.dated or "").partition(".")
    said = [edit.sections[section] for edit in other.fact.edits if section in edit.sections]
    days = (day_of(one.get(field)) for one in said if isinstance(one, Mapping))
    return any(day is not None and visit.day < day <= by for day in days)


def _first_visit(register: Register, facts: Facts, basis: Basis) -> Iterator[Event]:
    """Whether who was notified as a tuberculosis patient was visited within 72 hours."""
    said = register.fact.at("notice.notified_at")
    moment = Instant.moment(said) if isinstance(said, str) else None
    if moment is None or register.disease != "tuberculosis":
        return
    by = plus(moment.date(), FIRST_VISIT_HOURS // 24)
    if not _decided(by, facts):
        return
    since = [visit for visit in register.visits if visit.met and visit.day >= moment.date()]
    sure = next((visit for visit in since if visit.fact.happened), None)
    met, reason = bool(sure and sure.day <= by), None
    if not register.fact.settled("registration", "status", "notice") or (not met and any(v.day <= by for v in since)):
        met, reason = False, CONFLICT
    elif not met:
        reason = _left(basis, by, register) or ("too_late" if sure else "no_record")
    evidence = sure.fact.id if sure else None
    yield Event("tb_72h", by, met, register.fact.id, evidence, reason, programme=register.fact.programme)


def _course(register: Register, facts: Facts) -> Iterator[Event]:
    """Courses that ended, met where the medicines were taken regularly; not completed ones are told by the reason."""
    closing = register.closing
    if closing is None:
        return
    on = closing.fact.date("closure.stopped_on") or closing.day
    if not _decided(on, facts):
        return
    met = closing.advice.get("regular") == "yes"
    reason = None if met else "irregular"
    if not closing.fact.settled("visit", "closure"):
        met, reason = False, CONFLICT
    elif closing.fact.at("closure.reason") != "completed":
        met, reason = False, "not_completed"
    yield Event("course_ended", on, met, closing.fact.id, reason=reason, programme=register.fact.programme)


# -- referrals and contracts -------------------------------------------------------------------------------------------


def _referrals(facts: Facts) -> Iterator[Event]:
    """Referrals that somebody asked after, or that were closed, within 14 days."""
    for fact in facts.of("referral"):
        by = plus(fact.day, TWO_WEEKS) if fact.day else None
        if fact.day is None or by is None or not _decided(by, facts):
            continue
        days = (fact.date("followup.followed_on"), fact.date("result.closed_on"))
        met = any(day is not None and fact.day <= day <= by for day in days)
        reason = None if met else "not_followed"
        if not fact.settled("referral", "followup", "result"):
            met, reason = False, CONFLICT
        yield Event("referral_closed", by, met, fact.id, fact.id if met else None, reason, programme=fact.programme)


def _contracts(facts: Facts, basis: Basis) -> Iterator[Event]:
    """Contracts that ended, on the last day on which they could be renewed.

    One that never counted is told with `conflict_open`; whoever died or moved away renews nothing.
    """
    for term in basis.terms:
        by = plus(term.last, RENEWAL_DAYS)
        if not _decided(by, facts):
            continue
        after = renewal(term, basis.terms)
        met, reason = after is not None, None if after else "not_renewed"
        stopped = term.fact.at("stop.reason")
        if counting(basis.terms, term.last) is not term or not all(
            one.fact.settled(*IN_FORCE) for one in (term, after) if one is not None
        ):
            met, reason = False, CONFLICT
        elif after is None:
            reason = (stopped if stopped in GONE else None) or _left(basis, by) or reason
        yield Event("contract_ended", by, met, term.fact.id, after.fact.id if after else None, reason)
