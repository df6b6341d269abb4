"""The sample township: four villages, seventeen people, a year of work, so that everything can be tried at once."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, Engine

from server.config import Config
from server.demo import (
    aftercare,
    appeals,
    book,
    clashes,
    contracts,
    exams,
    fates,
    households,
    leaving,
    mental,
    packages,
    patients,
    people,
    performances,
    phones,
    plans,
    registration,
    rounds,
    set_aside,
    tuberculosis,
    visits,
)
from server.demo.appeals import judge
from server.demo.guiding import PLAN, guide
from server.demo.reporting import report_months
from server.exchange import Exchange
from server.store import directory
from server.store.deployment import setting, write_settings
from server.store.engine import reading, retried
from sync.codec import instant, stamp

__all__ = ["fill", "guide", "is_there", "judge", "report_months"]

BEGAN, FILLED = "demo_began", "demo_filled"


def fill(engine: Engine, exchange: Exchange, config: Config, now: dt.datetime) -> str:
    """Make the sample township, with a year of history up to `now`: a sentence that says so. Again changes nothing.

    What an interrupted run has left is completed. A register that has other people in it is left alone.
    """
    began = retried(engine, lambda c: _begin(c, config, now))
    if began is None:
        return "This database holds other people already: the sample township is for an empty one. Nothing was changed."
    with reading(engine) as connection:
        filled = setting(connection, FILLED)
    if filled:
        return f"The sample township is there since {filled}. Nothing was changed."
    pages = book.Book(engine, exchange, config, began)
    homes = households.make_households(config.identity_key, pages.today)
    fates.befall(homes, pages.today)
    registration.register(pages, homes)
    ill = patients.open_registers(pages, homes)
    followed = visits.make_visits(pages, ill)
    planned = plans.write_plans(pages, ill, homes)
    signed = contracts.sign_contracts(pages, homes, packages.publish_packages(pages))
    performances.perform(pages, signed, ill)
    performances.agree(pages, signed)
    called = rounds.go_round(pages, homes, ill, signed)
    examined, _ = exams.examine(pages, homes, ill)
    aftercare.refer(pages, ill)
    aftercare.prescribe(pages, ill)
    tuberculosis.treat_tuberculosis(pages, homes)
    mental.care_for_minds(pages, homes)
    patients.end_registers(pages, ill)
    leaving.close_records(pages, homes)
    leaving.link(pages, homes)
    clashed = clashes.clash(pages, homes, ill, planned)
    moved = leaving.move(pages, homes)
    appeals.appeal(pages, signed)
    set_aside.write(pages, homes, ill)
    retried(engine, lambda c: phones.retire(c, [phones.LOST], pages.now - dt.timedelta(days=phones.LOST_DAYS)))
    for person in phones.WRITERS:
        for receipt in pages.talk(person, shut_out=person == phones.LOST):
            assert receipt["status"] == "deposited", receipt
    plan = next(record for record, patient in planned.items() if patient.who.name == households.FIGURE)
    retried(engine, lambda c: _end(c, pages, plan))
    residents = sum(len(home.members) for home in homes)
    return (
        f"The sample township {people.TOWNSHIP[1]} is filled in: {len(people.VILLAGES)} villages, {len(people.STAFF)} people, "
        f"{residents} residents in {len(homes)} households, {followed} follow-up visits, {len(planned)} care plans, "
        f"{len(signed)} contracts, {examined} examinations, {called} home visits, {moved} persons who moved, "
        f"{clashed} records that wait for a person to decide."
    )


def is_there(engine: Engine) -> bool:
    """True when the sample township is filled in."""
    with reading(engine) as connection:
        return setting(connection, FILLED) is not None


def _begin(connection: Connection, config: Config, now: dt.datetime) -> dt.datetime | None:
    """Places, people and their phones; the end of the year that is made up, None where there are other people."""
    began = setting(connection, BEGAN)
    if began:
        return instant(began)
    if directory.everybody(connection):
        return None
    people.settle(connection, config.day_of(now) - dt.timedelta(days=730), now)
    phones.enrol(connection, now)
    write_settings(connection, {BEGAN: stamp(now)})
    return instant(stamp(now))


def _end(connection: Connection, pages: book.Book, plan: str) -> None:
    phones.retire(connection, phones.REPLACED, pages.now)
    write_settings(connection, {FILLED: pages.today.isoformat(), PLAN: plan})
