"""What the families of indicators say alike: shares of one person, who is excluded and why, events that are counted by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from server.indicators.declare import DENOMINATOR, EXCLUDED, NUMERATOR, Share
from sync.record import VOID, family
from sync.standing import Account, Event, Standing
from sync.standing.answer import Group, Managed, Plan
from sync.standing.facts import CONFLICT

LEFT = frozenset({"died", "moved_out"})  # what ended with the person's leaving is on neither side
LOST = "lost"


def above(*records: str | None, on: dt.date | None = None) -> Share:
    """A unit in the numerator, with the records that show it."""
    return Share(NUMERATOR, on, None, _named(records))


def below(reason: str, *records: str | None, on: dt.date | None = None) -> Share:
    """A unit below the line only."""
    return Share(DENOMINATOR, on, reason, _named(records))


def excluded(reason: str, *records: str | None, on: dt.date | None = None) -> Share:
    """A unit on neither side."""
    return Share(EXCLUDED, on, reason, _named(records))


def sided(met: bool, reason: str, *records: str | None) -> Share:
    """Above the line when met, else below it for a reason."""
    return above(*records) if met else below(reason, *records)


def _named(records: Collection[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(record for record in records if record))


def why_not_here(standing: Standing) -> str | None:
    """Why somebody is none of the residents who count here: `died`, `moved_out`, `same_person`, `void` ...; None for who is."""
    if standing.status == "active":
        return None
    return (standing.closed or "closed") if standing.status == "closed" else standing.status


def in_conflict(standing: Standing, record: str, *sections: str) -> bool:
    """True where a person has to decide one of these sections of a record (of a keyed one any), or whether it is void."""
    wanted = {*sections, VOID}
    return any(one.record == record and family(one.section) in wanted for one in standing.conflicts)


def groups_in_the_open(standing: Standing) -> dict[str, Group]:
    """The population groups that records in the open say, by code."""
    return {group.code: group for group in standing.groups if group.programme is None}


def register_of(standing: Standing, disease: str, programme: str | None = None) -> Managed | None:
    """The register of a disease, in the open or of a programme."""
    return next((one for one in standing.managed if one.disease == disease and one.programme == programme), None)


def plan_of(standing: Standing) -> Plan | None:
    """The care plan in the open that is carried out."""
    return next((plan for plan in standing.plans if plan.programme is None), None)


def records_that_count(account: Account, what: str) -> tuple[str, ...]:
    """The records in the open of the year that count for something, such as `health_exam`."""
    return tuple(work.record for work in account.work if what in work.counts and work.programme is None)


def happened(account: Account, kind: str, programme: str | None = None) -> Iterator[Share]:
    """The events of a kind, each on its day: met, not met for a reason, or on neither side because the person left."""
    for event in _of(account, kind, programme):
        if event.met:
            yield above(event.record, event.evidence, on=event.on)
        elif event.reason in LEFT:
            yield excluded(event.reason, event.record, on=event.on)
        else:
            yield below(event.reason or "not_done", event.record, event.evidence, on=event.on)


def why_without(account: Account, type_name: str, otherwise: str) -> str:
    """Why nothing of a type counts in the year: one is in conflict, or `otherwise`."""
    mine = (work for work in account.work if work.type == type_name and work.programme is None)
    return CONFLICT if any(work.reason == CONFLICT for work in mine) else otherwise


def _of(account: Account, kind: str, programme: str | None) -> Iterator[Event]:
    return (event for event in account.events if event.kind == kind and event.programme == programme)
