"""A phone that runs wild fills nobody's disk: what it may bring in a day is counted, for all workers and over restarts."""

import dataclasses
import datetime as dt

import pytest

from server import create_app
from tests.server.conftest import Village
from tests.server.phone import Phone, RefusedError, vitals
from tests.village import ANA, BEN

A_FEW = 12  # requests
LONG = "x" * 60_000


@pytest.fixture
def few(config):
    """A village whose devices may ask a few times a day, and bring one MiB."""
    made = Village(dataclasses.replace(config, device_day_requests=A_FEW, device_day_mib=1))
    yield made
    made.engine.dispose()


def refused(ask):
    with pytest.raises(RefusedError) as told:
        ask()
    assert (told.value.status, told.value.problem["type"]) == (429, "/problems/over-quota")
    return int(told.value.headers["Retry-After"])


def kept(village):
    return sum(len(row["body"]) for row in village.rows("edits"))


def test_a_phone_that_brings_megabytes_is_stopped_keeps_what_it_has_and_brings_it_tomorrow(few):
    ana, ben = few.phones(ANA, BEN)
    for _ in range(20):
        ana.save({"note": {"text": LONG}})
    for _ in range(4):
        ana.sync(ana.outbox[:4])
    assert len(ana.outbox) == 4
    before = kept(few)
    wait = refused(lambda: ana.sync(ana.outbox[:4]))
    assert kept(few) == before < 1 << 20
    ben.save(vitals(140))
    assert [receipt["status"] for receipt in ben.sync()["receipts"]] == ["accepted"]
    record = ana.save(vitals(151))  # offline she goes on
    assert ana.sees(record) is not None
    assert ana.sync(ana.outbox[-1:])["receipts"][0]["status"] == "accepted"  # what still fits goes up
    few.later(seconds=wait)
    ana.renew()
    ana.sync()
    assert ana.outbox == []
    assert few.faults() == []


def test_the_wait_ends_when_the_next_day_begins_where_the_server_is(few):
    ana = few.phone(ANA)
    few.time = dt.datetime(2026, 11, 21, 15, 59, tzinfo=dt.UTC)  # a minute to midnight in Beijing
    ana.renew()
    for _ in range(A_FEW):
        ana.sync()
    assert 60 <= refused(ana.sync) <= 62


def test_several_workers_and_a_restart_count_together(few):
    ana = few.phone(ANA)
    workers = [create_app(few.config, now=lambda: few.time) for _ in range(3)]
    for number in range(A_FEW):
        ana.http = workers[number % 3].test_client()
        ana.sync()
    workers.append(create_app(few.config, now=lambda: few.time))
    ana.http = workers[-1].test_client()
    refused(ana.sync)
    for worker in workers:
        worker.extensions["cunyi"].engine.dispose()


def test_no_door_that_writes_something_goes_round_the_count(few):
    def spent():
        phone = few.phone(ANA)
        for _ in range(A_FEW):
            phone.sync()
        return phone

    for path in ("/v1/due", "/v1/my-work?month=2026-11", "/v1/conflicts", "/v1/reports"):
        phone = spent()
        before = len(few.rows("trail"))
        assert phone.get(path).status_code == 429, path
        assert len(few.rows("trail")) == before
    refused(lambda: spent().ask(201, "/v1/actors", {}))
    stolen = spent()
    stolen.save(vitals(150))
    few.set_status(stolen, "revoked")
    refused(lambda: stolen.ask(200, "/v1/deposit", {"assertion": stolen.fresh_assertion(), "edits": stolen.outbox}, None))
    assert few.rows("deposits") == []


def test_reading_by_a_program_counts_as_it_writes_into_the_trail(few):
    ana = few.phone(ANA)
    answers = [ana.get("/v1/my-work?month=2026-11").status_code for _ in range(A_FEW + 2)]
    assert answers == [200] * A_FEW + [429] * 2
    assert len([row for row in few.rows("trail") if row["person"] == ANA]) == A_FEW


def test_one_device_uses_up_nothing_of_another_of_the_same_person(few):
    one, other = few.phone(ANA), Phone(few.client(), "tablet").enrol(few.access.new_code(ANA))
    for _ in range(A_FEW):
        one.sync()
    refused(one.sync)
    other.sync()
    assert {row["requests"] for row in few.rows("quotas")} == {A_FEW, 1}
