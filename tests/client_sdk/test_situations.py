"""What may befall a phone, with the real client and the real server: what it shows, and what the server keeps.

The table of all situations and their tests is in client_sdk/DESIGN.md.
"""

from __future__ import annotations

import datetime as dt
import shutil

import pytest
from sqlalchemy import select

from client_sdk import Client
from client_sdk.errors import SealedError
from server.store import devices, directory
from server.store.engine import reading
from server.store.tables import deposits, records
from sync.codec import stamp
from tests.client_sdk.afresh import patient, visit
from tests.client_sdk.conftest import PIN, Clock
from tests.client_sdk.village import Door
from tests.village import ANA, BEN, OTHER, VILLAGE

LOOK = ("find", "outbox", "set_aside", "conflicts")


def device_of(village, phone):
    def work(connection):
        return devices.device_of(connection, phone.status().actor)

    return village.write(work)


def shut_out(village, phone, status):
    device = device_of(village, phone)
    village.write(lambda c: devices.set_status(c, device, status, stamp(village.doors.now())))


def rows(village, table):
    with reading(village.engine) as connection:
        return connection.execute(select(table)).all()


def waiting(village):
    return {row.record for row in rows(village, deposits) if row.state == "waiting"}


def placed(village):
    return {(row.record, row.seq) for row in rows(village, records)}


# -- retired and revoked, whatever the phone was in the middle of ------------------------------------------------------


def fresh(village, ana, ben):
    """Enrolled, and nothing more."""
    return set()


def up_to_date(village, ana, ben):
    """All is sent."""
    ana.create("hypertension_visit", visit(day="2026-11-10"), subject=patient(ana))
    ana.sync()
    return set()


def unsent(village, ana, ben):
    """A week of work without a signal."""
    who = patient(ana)
    for day in range(10, 17):
        ana.create("hypertension_visit", visit(day=f"2026-11-{day}"), subject=who)
    return {edit.record for edit in ana._store.outbox()}


def in_conflict(village, ana, ben):
    """Two who differ about one telephone, and a further word of Ana's about it."""
    who = patient(ana)
    ana.sync()
    ben.sync()
    for phone, number in ((ben, "13800000001"), (ana, "13800000002")):
        phone.edit(who, {"contact": {"phone": number}})
        phone.sync()
    ana.edit(who, {"contact": {"phone": "13800000003"}})
    return {who}


def set_aside(village, ana, ben):
    """A visit that was set aside before, and another that is not sent."""
    who = patient(ana)
    ana.sync()
    village.write(lambda c: directory.put_workplaces(c, ANA, [OTHER]))
    before = ana.create("hypertension_visit", visit(day="2026-11-10"), subject=who)
    ana.sync()
    return {before}


STATES = (fresh, up_to_date, unsent, in_conflict, set_aside)


@pytest.mark.parametrize("status", ["retired", "revoked"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_whatever_it_was_doing_a_phone_that_is_shut_out_hands_over_and_then_shows_nothing(village, state, status):
    ana, ben = village.phone(ANA), village.phone(BEN)
    lacking = state(village, ana, ben)
    applied = placed(village)
    shut_out(village, ana, status)
    assert not ana.sync().complete
    assert ana.status().mode == "retired"
    for ask in LOOK:
        with pytest.raises(SealedError):
            getattr(ana, ask)()
    assert waiting(village) == lacking
    assert placed(village) == applied
    assert village.faults() == []


# -- copies ------------------------------------------------------------------------------------------------------------


def test_a_phone_and_its_clone_both_go_on_and_nothing_of_either_is_lost(village, tmp_path):
    """The file was copied to a second phone; both write under one name, and each syncs whenever it has a signal."""
    ana, ben = village.phone(ANA), village.phone(BEN)
    who = patient(ana)
    ana.sync()
    file, copy = ana._store.vault.path, tmp_path / "clone.db"
    ana.close()
    shutil.copy(file, copy)
    opened = [Client.open(one, pin=PIN, transport=Door(village.app), now=Clock()) for one in (file, copy)]
    written = [one.create("hypertension_visit", visit(day=f"2026-11-1{n}"), subject=who) for n, one in enumerate(opened)]
    for _ in range(3):
        for one in opened:
            one.sync()
    assert [one.sync().complete for one in opened] == [True, True]
    ben.sync()
    seen = {record.id for record in ben.find(type="hypertension_visit")}
    assert seen | waiting(village) >= set(written)
    assert seen >= set(written)
    assert len({one.status().actor for one in opened}) == 2
    for one in opened:
        assert {record.id for record in one.find(type="hypertension_visit")} == seen
        one.close()
    assert village.faults() == []


# -- a year without a signal -------------------------------------------------------------------------------------------


def test_a_phone_that_was_silent_for_a_year_brings_its_work_and_has_all_that_happened(village):
    """Meanwhile one resident moved away, another was corrected, a visit was made void, and tokens have long lapsed."""
    ana, ben = village.phone(ANA), village.phone(BEN)
    moved, stays = patient(ana, name="周敏"), patient(ana, name="王秀兰")
    old = ana.create("hypertension_visit", visit(day="2026-11-10"), subject=stays)
    ana.sync()
    ben.sync()
    late = [ana.create("hypertension_visit", visit(day="2026-11-20"), subject=one) for one in (stays, moved)]
    village.time += dt.timedelta(days=366)
    ben.edit(stays, {"contact": {"phone": "13800000001"}})
    ben.void(old, "登错")
    ben.sync()
    village.doors.exchange.moving.move(moved, OTHER)
    assert ana.sync().complete
    assert ana.get(stays).sections["contact"]["phone"] == "13800000001"
    assert ana.get(old).void
    with pytest.raises(LookupError):
        ana.get(moved)
    by_id = {row.record: row.scope for row in rows(village, records) if row.moved_to is None}
    assert [by_id[one] for one in late] == [VILLAGE, OTHER]
    assert ana.outbox() == []
    assert village.faults() == []
