"""Days of three doctors, chance-made: what is kept of the standings is at every step what the records give."""

import datetime as dt
import random

import pytest

from client_sdk import ClientError
from tests.client_sdk.afresh import Afresh, at_home, register, resident, visit
from tests.village import ANA, BEN, LEA, OTHER, VILLAGE

NAMES = ("王秀兰", "李国强", "陈玉梅", "赵伟")


class Days:
    """Ana and Ben work in one village, Lea leads it and another; each story is something that one of them does."""

    def __init__(self, village, chance):
        self.village, self.chance = village, chance
        self.doctors = [village.phone(person) for person in (ANA, BEN, LEA)]
        village.meet()
        ana = self.doctors[0]
        self.homes = [ana.create("household", {}) for _ in range(2)]
        self.people = [ana.create("resident", resident(name, home=chance.choice(self.homes))) for name in NAMES]
        self.registers = {who: ana.create("chronic_register", register(), subject=who) for who in self.people[:3]}
        self.visits = []
        village.meet()

    def saves(self, phone, who):
        day = dt.date(2026, 11, 21) + dt.timedelta(days=self.chance.randint(-300, 5))
        form = visit(day.isoformat(), self.chance.randint(110, 190))
        self.visits.append(phone.create("hypertension_visit", form, subject=who))

    def renames(self, phone, who):
        name, year = self.chance.choice("赵钱孙李"), self.chance.randint(1930, 2020)
        phone.edit(who, {"identity": {"name": name, "birth_date": f"{year}-06-30"}})

    def changes_household(self, phone, who):
        phone.edit(who, {"household": {"household": self.chance.choice(self.homes), "relation_to_head": "head"}})

    def closes(self, phone, who):
        if who in self.registers:
            phone.edit(self.registers[who], {"status": {"status": self.chance.choice(["managed", "lost", "closed"])}})

    def calls(self, phone, _who):
        met = at_home(*self.chance.sample(self.people, 2))
        phone.create("home_visit", met, subject=self.chance.choice(self.homes), scope=VILLAGE)

    def voids(self, phone, who):
        view = phone.get(self.chance.choice([who, *self.visits]))
        phone.edit(view, {"void": None if view.void else {"reason": "mistake"}})

    def links(self, phone, who):
        phone.link(who, self.chance.choice([one for one in self.people if one != who]))

    def unlinks(self, phone, who):
        same = phone.persons()
        for duplicate in [one for one in same if one != same[one] and who in (one, same[one])][:1]:
            phone.unlink(duplicate, same[duplicate])

    def settles(self, phone, _who):
        for view in phone.conflicts():
            for section, claims in view.conflicts.items():
                phone.resolve(phone.get(view.id), section, self.chance.choice(claims).value)

    def moves(self, phone, who):
        """To the other village and, another time, back."""
        area = self.chance.choice([VILLAGE, OTHER])
        phone.edit(who, {"residence": {"area_code": area, "residence_type": "registered"}})

    def sleeps(self, phone, _who):
        phone._now.moment += dt.timedelta(days=self.chance.choice([-40, -3, -1, 1, 2, 30]))

    def syncs(self, phone, _who):
        assert phone.sync().complete

    def one(self):
        """Something happens: what, and the phones that it may have changed."""
        weights = {"saves": 3, "syncs": 3}
        names = [name for name in STORIES for _ in range(weights.get(name, 1))]
        name, phone, who = self.chance.choice(names), self.chance.choice(self.doctors), self.chance.choice(self.people)
        try:
            getattr(self, name)(phone, who)
        except ClientError:  # they are in the other village now, or one person already
            return None, phone
        return name, phone


STORIES = [name for name, value in vars(Days).items() if callable(value) and not name.startswith("_") and name != "one"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whatever_happens_the_kept_list_is_the_one_that_the_records_give(village, seed):
    chance = random.Random(seed)
    days, done, wanted = Days(village, chance), set(), set(STORIES) - {"settles", "unlinks", "moves"}
    for step in range(300):
        if step >= 70 and done >= wanted:
            break
        story, phone = days.one()
        done.add(story)
        today = Afresh(phone)
        another = Afresh(phone, today.on + dt.timedelta(days=chance.choice([-2, 0, 0, 1, 9, 60])))
        assert phone.due(another.on) == another.due(), story
        assert phone.due() == today.due(), story
        assert phone.due() == today.due(), story
        for who in today.residents:
            assert phone.standing(who) == today.of(who)
    assert done >= wanted
    assert village.faults() == []
