"""What the first line of every page says: who has not been heard of, and what is still on the phones."""

import datetime as dt
from typing import Any

from server.freshness import Freshness, freshness
from server.periods import Period
from server.store import directory
from server.store.engine import reading
from server.store.standards import put
from sync.codec import stamp
from tests.server.conftest import NOON
from tests.server.phone import vitals
from tests.village import ANA, BEN, CAM, LEA, OTHER, TOWNSHIP, VILLAGE

BOTH = (VILLAGE, OTHER)


def test_the_days_without_an_exchange_are_the_standard_of_the_day_where_the_villages_are(village: Any) -> None:
    village.phone(ANA).sync()
    given = (dt.date(2026, 11, 22), 1, "p-adi", stamp(village.time))
    village.write(lambda c: put(c, "unheard_days", *given))
    doors = village.app.extensions["cunyi"]
    view = doors.access.view(ANA)
    village.later(hours=11)  # 23:00 there
    assert doors.indicators.figures(view, VILLAGE, Period.parse("2026-11")).freshness.days == 7
    village.later(hours=2)  # one in the morning of the 22nd there, and still the 21st in Greenwich
    assert doors.indicators.figures(view, VILLAGE, Period.parse("2026-11")).freshness.days == 1


def fresh(village: Any, *villages: str) -> Freshness:
    with reading(village.engine) as connection:
        return freshness(connection, villages or BOTH, village.time, village.time.date())


def test_a_village_whose_doctor_was_heard_of_today_is_in_touch(village: Any) -> None:
    for person in (ANA, BEN, CAM):
        village.phone(person).sync()
    found = fresh(village)
    assert found.complete
    assert found.unheard == ()
    assert found.zh == "2 个村 7 天内都已同步"
    assert found.en == "All 2 villages have synced within 7 days"


def test_after_seven_days_and_a_moment_without_ben_his_village_is_out_of_touch_though_ana_and_cam_sync(village: Any) -> None:
    ana, ben, cam = village.phones(ANA, BEN, CAM)
    for phone in (ana, ben, cam):
        phone.sync()
    village.time = NOON + dt.timedelta(days=7)
    assert fresh(village).out_of_touch == (), "seven days to the moment are not more than seven days"
    village.time += dt.timedelta(milliseconds=1)
    for phone in (ana, cam):
        phone.renew()
        phone.sync()
    found = fresh(village)
    assert found.out_of_touch == (VILLAGE,)
    assert found.unheard == (village.device_of(ben),)
    assert found.zh == "2 个村中有 1 个村超过 7 天未同步，下列数字可能偏低"
    assert found.en == "1 of 2 villages have not synced for more than 7 days: the figures below may be too low"


def test_of_one_village_it_is_said_what_holds_for_this_village(village: Any) -> None:
    assert fresh(village, OTHER).zh == "本村没有在用的手机，下列数字可能偏低"
    assert fresh(village, OTHER).en == "This village has no phone in use: the figures below may be too low"
    cam = village.phone(CAM)
    assert fresh(village, OTHER).zh == "本村超过 7 天未同步，下列数字可能偏低"
    too_low = "This village has not synced for more than 7 days: the figures below may be too low"
    assert fresh(village, OTHER).en == too_low
    cam.sync()
    found = fresh(village, OTHER)
    assert (found.zh, found.en) == ("本村 7 天内已同步", "This village has synced within 7 days")


def test_a_phone_that_never_synced_puts_its_village_out_of_touch_from_the_start(village: Any) -> None:
    village.phone(CAM)
    assert fresh(village, OTHER).out_of_touch == (OTHER,)


def test_ben_who_lost_a_phone_and_syncs_with_a_new_one_is_in_touch(village: Any) -> None:
    lost, new = village.phone(BEN), village.phone(BEN)
    new.sync()
    found = fresh(village, VILLAGE)
    assert found.out_of_touch == ()
    assert found.unheard == (village.device_of(lost),)
    village.set_status(lost, "revoked")
    assert fresh(village, VILLAGE).unheard == ()


def test_where_nobody_has_a_phone_that_is_said(village: Any) -> None:
    village.phone(CAM).sync()
    found = fresh(village)
    assert found.without_phone == (VILLAGE,)
    assert found.out_of_touch == ()
    assert "1 个村没有在用的手机" in found.zh


def test_a_leader_who_passes_by_does_not_make_up_for_doctors_without_a_phone(village: Any) -> None:
    village.phone(LEA).sync()
    village.phone(CAM).sync()
    assert fresh(village).without_phone == (VILLAGE,)
    for person in (ANA, BEN):
        village.person(person, active=False)
    assert fresh(village).complete, "nobody works there any more: now the team answers for it"


def test_a_village_without_a_doctor_of_its_own_is_in_touch_by_the_team_that_serves_it(village: Any) -> None:
    village.write(lambda c: directory.put_workplaces(c, CAM, []))
    lea = village.phone(LEA)
    assert fresh(village, OTHER).out_of_touch == (OTHER,)
    lea.sync()
    assert fresh(village, OTHER).complete


def test_what_ben_says_is_still_on_his_phone_is_counted_until_it_has_left(village: Any) -> None:
    village.phone(ANA).sync()
    ben = village.phone(BEN)
    ben.save(vitals(151))
    ben.save(vitals(148))
    ben.sync([])  # the signal broke off after the first words
    found = fresh(village, VILLAGE)
    assert (found.unsent, found.unsent_phones, found.out_of_touch) == (2, 1, ())
    assert found.zh == "1 部手机最近报告还有 2 条未上传，下列数字可能偏低"
    ben.sync()
    assert fresh(village, VILLAGE).complete


def test_edits_on_a_phone_that_was_shut_out_are_still_counted_as_missing(village: Any) -> None:
    village.phone(ANA).sync()
    ben = village.phone(BEN)
    ben.save(vitals(151))
    ben.sync([])
    village.person(BEN, active=False)
    village.set_status(ben, "revoked")
    found = fresh(village, VILLAGE)
    assert (found.unsent, found.out_of_touch, found.unheard) == (1, (), ())


def test_of_another_village_nothing_is_said(village: Any) -> None:
    cam = village.phone(CAM)
    cam.save(vitals(151))
    cam.sync([])
    found = fresh(village, VILLAGE)
    assert found.unsent == 0
    assert [doctor.worker.person for doctor in found.doctors] == [ANA, BEN, LEA]
    assert found.doctors[-1].worker.served == {VILLAGE}
    assert TOWNSHIP not in found.without_phone
