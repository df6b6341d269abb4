"""The records of a village as they were: rebuilt from the log, whatever was written, healed or moved since."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import delete, update

from server.store import replay
from server.store.engine import reading
from server.store.tables import edits
from server.store.villagers import known_in
from server.villagers import Villagers
from sync.types import CATALOGUE
from tests import village as places
from tests.server.phone import vitals
from tests.village import ANA, BEN, CAM, OTHER, VILLAGE

WANG, LI = "0197a0a0-0000-7000-8000-000000000001", "0197a0a0-0000-7000-8000-000000000002"


class Picture:
    """A village as it is now, to be compared with what is rebuilt of it later."""

    def __init__(self, village, place):
        self.village, self.place = village, place
        with reading(village.engine) as connection:
            self.at = replay.positions(connection, [place])
            self.known = sorted(known_in(connection, place), key=lambda one: one.record.id)
        lived = Villagers(place, self.known)
        self.homes = dict.fromkeys([*lived.residents, *lived.dwellings], place)

    def rebuilt(self):
        with reading(self.village.engine) as connection:
            return replay.rebuild(connection, self.place, self.at, self.homes, CATALOGUE, self.village.config.day_of)

    def check(self):
        found = self.rebuilt()
        assert found.faults == ()
        assert list(found.known) == self.known


def pictures(village):
    return [Picture(village, place) for place in (VILLAGE, OTHER)]


def register(phone, who, **said):
    return phone.save({"identity": {"name": "王秀兰"}, **said}, who, type="resident", subject=who)


def test_what_was_written_later_is_not_there_yet(village, ana, ben):
    register(ana, WANG)
    visit = ana.save(vitals(150), subject=WANG)
    ana.sync()
    ben.sync()
    before = pictures(village)
    ben.save({"void": {"reason": "x"}}, visit)
    ben.sync()
    ana.save(vitals(120), visit)
    ana.save(vitals(130), subject=WANG)
    ana.sync()
    after = pictures(village)
    village.later(days=40)
    ben.renew().sync()
    ben.save(vitals(121), visit)
    ben.sync()
    for picture in (*before, *after):
        picture.check()
    assert len(after[0].known) == 3
    assert [issue.code for one in after[0].known if one.record.id == visit for issue in one.issues][:1] == ["void-clash"]


def test_who_moved_away_is_where_she_was_with_all_that_is_about_her(village, ana, cam):
    register(ana, WANG)
    visit = ana.save(vitals(150), subject=WANG)
    register(ana, LI)
    ana.sync()
    before = pictures(village)
    village.exchange.moving.move(WANG, OTHER)
    moved = pictures(village)
    cam.sync()
    cam.save(vitals(155), visit)
    cam.sync()
    later = pictures(village)
    village.exchange.moving.move(WANG, VILLAGE)
    ana.sync()
    ana.save({"note": {"text": "x"}}, visit)
    ana.sync()
    for picture in (*before, *moved, *later, *pictures(village)):
        picture.check()
    assert [len(one.known) for one in (*before, *moved, *later)] == [3, 0, 1, 2, 1, 2]


def test_what_is_of_a_protected_programme_is_rebuilt_in_its_own_scope(village):
    village.write(lambda c: places.grant(c, ANA, "tb"))
    ana = village.phone(ANA)
    ana.sync()
    register(ana, WANG)
    said = {"registration": {"disease": "tuberculosis", "opened_on": "2026-01-05"}, "status": {"status": "managed"}}
    ana.save(said, type="chronic_register", subject=WANG, scope=f"{VILLAGE}:tb")
    ana.sync()
    before = Picture(village, VILLAGE)
    village.exchange.moving.move(WANG, OTHER)
    before.check()
    assert [one.record.scope for one in before.known if one.record.type == "chronic_register"] == [f"{VILLAGE}:tb"]


def write_something(rng, phone):
    """A new visit to somebody whom the phone holds, or a change of a record that it holds."""
    people = [one.id for one in phone.base.values() if one.type == "resident"]
    held = [one.id for one in phone.base.values() if one.type != "resident"]
    said = rng.choice([vitals(rng.randint(100, 180)), {"note": {"text": str(rng.random())}}, {"void": {"reason": "x"}}])
    if people and (rng.random() < 0.5 or not held):
        phone.save(vitals(rng.randint(100, 180)), subject=rng.choice(people))
    elif held:
        phone.save(said, rng.choice(held))


@pytest.mark.parametrize("seed", range(3))
def test_every_moment_of_a_busy_month_is_rebuilt(village, seed):
    """Two doctors and a neighbour write apart, bring whole records, people move to and fro: no moment is lost."""
    rng = random.Random(seed)
    phones = village.phones(ANA, BEN, CAM)
    register(phones[0], WANG)
    register(phones[0], LI)
    phones[0].sync()
    taken = []
    for _ in range(25):
        phone, step = rng.choice(phones).renew(), rng.random()
        write_something(rng, phone)
        if step < 0.2:
            phone.sync([], [phone.state(one) for one in phone.base])
        elif step < 0.5:
            village.exchange.moving.move(rng.choice([WANG, LI]), rng.choice([VILLAGE, OTHER]))
        elif step < 0.6:
            village.later(days=1)
        if step < 0.55 or step > 0.7:
            phone.renew().sync()
        taken += pictures(village)
    for picture in taken:
        picture.check()
    assert village.faults() == []


def test_a_log_that_was_cut_or_changed_is_told(village, ana):
    register(ana, WANG)
    visit = ana.save(vitals(150), subject=WANG)
    ana.sync()
    picture = Picture(village, VILLAGE)
    changed = update(edits).where(edits.c.record == visit)
    body = next(row["body"] for row in village.rows("edits") if row["record"] == visit)
    village.write(lambda c: c.execute(changed.values(body=body.replace("150", "105"))))
    assert picture.rebuilt().faults == (f"scope {VILLAGE}: 2 records were there, 2 are rebuilt, or they differ",)
    village.write(lambda c: c.execute(delete(edits).where(edits.c.record == visit)))
    assert any("knows nothing of it" in fault for fault in picture.rebuilt().faults)
