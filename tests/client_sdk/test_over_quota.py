"""A phone that has brought its share of the day: the doctor goes on, and what waits goes up tomorrow."""

import dataclasses
import datetime as dt

import pytest

from tests.client_sdk.village import Village
from tests.village import ANA, VILLAGE


@pytest.fixture
def few(config, tmp_path):
    made = Village(dataclasses.replace(config, device_day_requests=12), tmp_path)
    yield made
    made.close()


def a_visit(phone, systolic):
    return phone.create("hypertension_visit", {"vitals": {"systolic_mmhg": systolic, "diastolic_mmhg": 90}}, scope=VILLAGE)


def test_the_doctor_goes_on_offline_is_told_and_loses_nothing(few):
    ana = few.phone(ANA)
    for n in range(12):
        a_visit(ana, 120 + n)
        report = ana.sync()
        if not report.complete:
            break
    assert not report.complete
    assert any("Retry-After" in reason or "over-quota" in reason for reason in report.reasons)
    record = a_visit(ana, 171)
    waiting = ana.status().outbox
    assert waiting >= 1
    assert ana.get(record).sections["vitals"]["systolic_mmhg"] == 171
    assert not ana.sync().complete
    assert ana.status().outbox == waiting
    few.time += dt.timedelta(days=1)
    assert ana.sync().complete
    assert ana.status().outbox == 0
    assert few.faults() == []
