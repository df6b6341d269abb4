"""The tallies are the sums over what every resident adds, after whatever happened in whatever order."""

from __future__ import annotations

import datetime as dt
import json
import random
import sqlite3
import uuid
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from server.indicators import BY_CODE
from server.indicators.counting import contributions
from server.periods import Period
from server.problems import Problem
from server.store import standings as store
from server.store.engine import reading
from server.store.standards import put, standards_on
from server.store.verify import verify
from server.villagers import Villagers
from sync.codec import stamp
from sync.scopes import scope_name
from sync.types import CATALOGUE
from tests.server.test_standings import OPENED, a_register, a_resident, a_visit
from tests.village import ANA, BEN, LEA, OTHER, SUE, VILLAGE, grant

YEAR = Period.parse("2026")
ITEMS = {
    "item/followup": {
        "name": "随访",
        "nature": "basic",
        "times_per_year": 12,
        "due_rule": "every_n_months",
        "every_months": 1,
        "fulfilled_by": ["hypertension_visit"],
    }
}


def summed(village):
    """The sums over `counts` of every scope, told in the plainest way."""
    groups, found, met = {}, {}, set()
    rows = village.rows("standings")
    for row in rows:
        if ":" not in row["scope"]:
            groups[row["scope"], row["resident"]] = [group["code"] for group in json.loads(row["body"])["groups"]]
    for row in rows:
        among = ["all", *groups[row["scope"].partition(":")[0], row["resident"]]]
        for code, told in json.loads(row["counts"]).items():
            for side, on, _, records in ([*one, None, None, None][:4] for one in told):
                for population in among:
                    for bucket in [on, on[:7]] if on else [""]:
                        key = (row["scope"], population, bucket, code)
                        if code in BY_CODE and BY_CODE[code].once and (key, side, records[0]) in met:
                            continue
                        met.add((key, side, records[0] if records else None))
                        one = found.setdefault(key, [0, 0, 0])
                        one[0] += side == "numerator"
                        one[1] += side == "denominator" or (side == "numerator" and code in BY_CODE and BY_CODE[code].ratio)
                        one[2] += side == "excluded"
    return {key: tuple(numbers) for key, numbers in found.items()}


def kept(village):
    """The tallies as they are stored."""
    return {
        (row["scope"], row["population"], row["bucket"], row["indicator"]): (
            row["numerator"],
            row["denominator"],
            row["excluded"],
        )
        for row in village.rows("tallies")
    }


def anew(village):
    """What everybody adds to the indicators today, from the records, by scope and resident."""
    standings = village.app.extensions["cunyi"].standings
    found = {}
    with reading(village.engine) as connection:
        standards = standards_on(connection, standings.today)
        for place in (VILLAGE, OTHER):
            for programme in (None, "tb", "smd"):
                held = () if programme is None else (programme,)
                everybody = [one.resident for one in store.kept(connection, place, ())]
                for who, told in store.told(connection, place, everybody, standings.today, held, CATALOGUE).items():
                    part = contributions(told.account, standards).get(programme, {})
                    if part or programme is None:
                        found[scope_name(place, programme), who] = json.loads(json.dumps(part))
    return found


def counts(village):
    """What is kept of everybody; a row of a programme that adds nothing is none."""
    rows = village.rows("standings")
    told = {(row["scope"], row["resident"]): json.loads(row["counts"]) for row in rows}
    return {key: part for key, part in told.items() if part or ":" not in key[0]}


class Life:
    """Two doctors of one village and what may happen there, by chance."""

    def __init__(self, village, seed):
        self.village, self.chance = village, random.Random(seed)
        village.write(lambda c: [grant(c, person, programme) for person in (ANA, BEN, LEA) for programme in ("tb", "smd")])
        self.ana, self.ben = village.phones(ANA, BEN)
        self.phones = [self.ana, self.ben]
        self.homes = [str(uuid.uuid4()) for _ in range(3)]
        self.people, self.registers, self.links, self.visits, self.contracts = [], {}, [], [], []
        for phone in self.phones:
            phone.sync()
        for _ in range(6):
            self.born()
        for disease in ("hypertension", "tuberculosis", "severe_mental_disorder"):
            self.signs(300)
            self.falls_ill(disease)
        for home in self.homes:
            self.is_visited(home, self.people)

    def say(self, phone=None):
        phone = phone or self.chance.choice(self.phones)
        phone.now = stamp(self.village.time)
        return phone

    def day(self):
        today = self.village.time.date()
        return (today - dt.timedelta(days=self.chance.choice([0, 1, 3, 9, 20, 40, 200]))).isoformat()

    def at_home(self):
        return {"household": {"household": self.chance.choice(self.homes), "relation_to_head": "head"}}

    def born(self):
        poor = {"poverty/p": {"status": "registered_poor", "from": "2020-01-01"}} if self.chance.random() < 0.5 else {}
        born = self.chance.choice(["1950-03-04", "1961-12-05", "1990-01-01", "2020-05-05"])
        who = a_resident(self.say(), born=born, residence={"area_code": VILLAGE}, **self.at_home(), **poor)
        self.people.append(who)

    def moves_house(self):
        self.say().save(self.at_home(), self.one())

    def one(self):
        return self.chance.choice(self.people)

    def falls_ill(self, disease=None):
        who = self.one()
        disease = disease or self.chance.choice(["hypertension", "hypertension", "tuberculosis", "severe_mental_disorder"])
        scope = {"tuberculosis": f"{VILLAGE}:tb", "severe_mental_disorder": f"{VILLAGE}:smd"}.get(disease, VILLAGE)
        if (who, disease) in self.registers:
            status = {"status": self.chance.choice(["managed", "lost", "closed"])}
            self.say().save({"status": status}, self.registers[who, disease])
        elif disease == "tuberculosis":
            notice = {"notice": {"notified_at": f"{self.day()}T09:00:00+08:00"}}
            said = {"registration": {"disease": disease, **OPENED}, "status": {"status": "managed"}, **notice}
            self.registers[who, disease] = self.say().save(said, type="chronic_register", subject=who, scope=scope)
        else:
            self.registers[who, disease] = a_register(self.say(), who, disease, scope=scope)

    def is_seen(self):
        self.visits.append(
            a_visit(self.say(), self.one(), self.day(), self.chance.randint(110, 190), self.chance.choice(["clinic", "phone"]))
        )

    def is_visited(self, home=None, met=None):
        home = home or self.chance.choice(self.homes)
        met = self.chance.sample(self.people, self.chance.randint(0, 3)) if met is None else list(met)
        said = {"visited_on": self.day(), "residents": met, "household_times": int(bool(met)), "person_times": len(met)}
        self.visits.append(self.say().save({"visit": said}, type="home_visit", subject=home))

    def regrets(self):
        if self.visits:
            self.say().save({"void": {"reason": "mistake"}}, self.chance.choice(self.visits))

    def signs(self, days_ago=None):
        days_ago = days_ago or self.chance.choice([0, 60, 300])
        first = self.village.time.date() - dt.timedelta(days=days_ago)
        term = {"signed_on": first.isoformat(), "starts_on": first.isoformat()}
        term["ends_on"] = (first + dt.timedelta(days=365)).isoformat()
        said = {"term": term, "status": {"status": "active"}, **ITEMS}
        self.say().save(said, type="contract", subject=self.one())

    def is_one_with(self):
        if self.links and self.chance.random() < 0.5:
            link = self.chance.choice(self.links)
            value = self.ana.shows(link)["link"] if link in self.ana.base else None
            if value:
                self.say(self.ana).save({"link": {**value, "state": self.chance.choice(["linked", "undone"])}}, link)
            return
        duplicate, same_as = self.chance.sample(self.people, 2)
        decided = {"duplicate": duplicate, "same_as": same_as, "state": "linked", "decided_by": ANA, "decided_on": "2026-11-21"}
        self.links.append(self.say(self.ana).save({"link": decided}, type="same_person", subject=duplicate))

    def dies_or_not(self):
        closed = {"status": "closed", "close_reason": self.chance.choice(["died", "moved_out"]), "closed_on": self.day()}
        self.say().save({"record_status": self.chance.choice([closed, {"status": "active"}])}, self.one())

    def moves_away(self):
        arrived = [row["record"] for row in self.village.rows("records") if row["record"] in self.people]
        if arrived:
            self.village.exchange.moving.move(self.chance.choice(arrived), self.chance.choice([VILLAGE, OTHER]))

    def time_passes(self):
        self.village.later(days=self.chance.choice([1, 1, 2, 5, 13, 45]))
        for phone in self.phones:
            phone.renew()

    def another_rule(self):
        today, days = self.village.app.extensions["cunyi"].standings.today, self.chance.choice([0, 7, 30])
        self.village.write(lambda c: put(c, "late_days", today, days, "p-adi", stamp(self.village.time)))

    def meet(self):
        for phone in (*self.phones, self.ana):
            phone.sync()
            self.village.later(seconds=1)


STORIES = (
    "born", "moves_house", "falls_ill", "falls_ill", "is_seen", "is_seen", "is_visited", "is_visited", "is_visited", "regrets",
    "signs", "is_one_with", "dies_or_not", "moves_away", "time_passes", "another_rule", "meet", "meet",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_after_every_step_of_a_random_life_the_tallies_are_the_sums(village, seed, monkeypatch):
    standings = village.app.extensions["cunyi"].standings
    monkeypatch.setattr(standings, "refresh_quietly", lambda _: None, raising=False)
    monkeypatch.setattr(store, "BATCH", 2)
    life = Life(village, seed)
    life.meet()
    standings.refresh([VILLAGE, OTHER])
    lived = {(":" in row["scope"], row["indicator"]) for row in village.rows("tallies")}
    for _ in range(50):
        getattr(life, life.chance.choice(STORIES))()
        if life.chance.random() < 0.6:  # somebody takes up a part
            place = life.chance.choice([VILLAGE, OTHER])
            standings._one_batch(place)
            assert kept(village) == summed(village)
        if life.chance.random() < 0.2:
            standings.refresh([VILLAGE, OTHER])
            assert kept(village) == summed(village)
            assert counts(village) == anew(village)
    life.meet()
    standings.refresh([VILLAGE, OTHER])
    assert kept(village) == summed(village)
    assert counts(village) == anew(village)
    open_ones = ("sign_rate", "home_visit_household_times", "honour_item", "late_entry_rate", "hypertension_manage")
    assert {*((False, code) for code in open_ones), (True, "tb_manage"), (True, "smd_report")} <= lived


@pytest.fixture
def family(village, ana):
    """A household of three, and one more who lives elsewhere."""
    ana.sync()
    home, other = str(uuid.uuid4()), str(uuid.uuid4())
    at = {"household": {"household": home, "relation_to_head": "head"}}
    grandmother, mother, child = (a_resident(ana, born=born, **at) for born in ("1950-01-01", "1980-01-01", "2022-01-01"))
    guest = a_resident(ana, born="1950-01-01", household={"household": other, "relation_to_head": "head"})
    ana.sync()
    return home, grandmother, mother, child, guest


def a_call(phone, home, met, day="2026-11-03"):
    said = {"visited_on": day, "residents": list(met), "household_times": int(bool(met)), "person_times": len(met)}
    return phone.save({"visit": said}, type="home_visit", subject=home)


def test_a_family_visited_once_counts_once_however_many_were_met_and_whoever_leaves(village, ana, family):
    home, grandmother, mother, child, _ = family
    doors = village.app.extensions["cunyi"]

    def times(population="all"):
        found = doors.indicators.figures(doors.access.view(ANA), VILLAGE, YEAR, population).total
        assert kept(village) == summed(village)
        return found["home_visit_household_times"].numerator, found["home_visit_person_times"].numerator

    first = a_call(ana, home, [grandmother, mother, child])
    ana.sync()
    assert (times(), times("elder_65"), times("child_0_6")) == ((1, 3), (1, 1), (1, 1))
    second = a_call(ana, home, [mother], "2026-11-10")
    a_call(ana, home, [], "2026-11-11")
    ana.sync()
    assert (times(), times("elder_65")) == ((2, 4), (1, 1))
    village.exchange.moving.move(mother, OTHER)  # the second visit was to her alone
    assert (times(), times("child_0_6")) == ((1, 2), (1, 1))
    ana.sync()
    died = {"status": "closed", "close_reason": "died", "closed_on": "2026-11-15"}
    ana.save({"record_status": died}, grandmother)
    ana.sync()
    assert (times(), times("elder_65")) == ((1, 2), (0, 0)), "she was visited while she lived, and is an elder no more"
    ana.save({"household": {"household": str(uuid.uuid4()), "relation_to_head": "head"}}, child)
    ana.sync()
    assert (times(), times("child_0_6")) == ((1, 2), (1, 1)), "who moves house was visited all the same"
    ana.save({"void": {"reason": "wrong-person"}}, first)
    ana.sync()
    assert times() == (0, 0)
    assert second in {row["record"] for row in village.rows("records")}


def test_two_records_of_one_person_are_met_once(village, ana, family):
    home, grandmother, mother, _, guest = family
    decided = {"duplicate": guest, "same_as": grandmother, "state": "linked", "decided_by": ANA, "decided_on": "2026-11-21"}
    ana.save({"link": decided}, type="same_person", subject=guest)
    a_call(ana, home, [grandmother, mother])
    a_call(ana, ana.shows(guest)["household"]["household"], [guest], "2026-11-04")
    ana.sync()
    doors = village.app.extensions["cunyi"]
    found = doors.indicators.figures(doors.access.view(ANA), VILLAGE, YEAR).total
    assert found["home_visit_household_times"].numerator == 2
    assert found["home_visit_person_times"].numerator == 3
    assert (found["sign_rate"].denominator, found["sign_rate"].excluded) == (3, 1)
    assert kept(village) == summed(village)


def test_a_page_that_cannot_wait_says_which_villages_are_behind(village, ana, cam, monkeypatch):
    from server.indicators import reading as read

    doors = village.app.extensions["cunyi"]
    monkeypatch.setattr(doors.standings, "refresh_quietly", lambda _: None, raising=False)
    ana.sync()
    cam.sync()
    a_resident(ana)
    ana.sync()
    lea = doors.access.view(LEA)
    with monkeypatch.context() as patch:
        patch.setattr(read, "BUDGET_SECONDS", 0.0)
        found = doors.indicators.figures(lea, VILLAGE[:9], YEAR)
        assert found.behind == (VILLAGE,)
        assert found.total["sign_rate"].denominator == 0
    monkeypatch.setattr(read, "BUDGET_SECONDS", 60.0)
    found = doors.indicators.figures(lea, VILLAGE[:9], YEAR)
    assert (found.behind, found.total["sign_rate"].denominator) == ((), 1)
    assert found.as_of.positions[VILLAGE] == 1


# -- what goes wrong, and what changes meanwhile ------------------------------------------------------------------------


@pytest.fixture
def two(village, ana, monkeypatch):
    """Two residents, each with a visit entered eleven days late, in a village that is taken up one by one."""
    doors = village.app.extensions["cunyi"]
    monkeypatch.setattr(doors.standings, "refresh_quietly", lambda _: None, raising=False)
    monkeypatch.setattr(store, "BATCH", 1)
    ana.sync()
    people = sorted(a_resident(ana) for _ in range(2))
    for who in people:
        ana.now = stamp(village.time)
        a_visit(ana, who, "2026-11-10")
    ana.sync()
    return doors, people


def late(village):
    """The late entries of the village as they are stored."""
    return kept(village).get((VILLAGE, "all", "2026-11", "late_entry_rate"), (0, 0, 0))


def test_rules_that_change_while_a_village_is_counted_leave_nobody_counted_by_the_old_ones(village, two, monkeypatch):
    doors, _ = two
    whole, taken = store.take_up, []

    def then_the_rule_changes(connection, place, rest, *more):
        done = whole(connection, place, rest, *more)
        taken.append(done)
        if len(taken) == 1:
            put(connection, "late_days", doors.standings.today, 30, "p-adi", stamp(village.time))
        return done

    with monkeypatch.context() as patch:
        patch.setattr(store, "take_up", then_the_rule_changes)
        doors.standings._catch_up(VILLAGE)
    assert taken == [1, None]
    with reading(village.engine) as connection:
        assert store.behind(connection, [VILLAGE], doors.standings.today, CATALOGUE) == [VILLAGE]
    doors.standings.refresh([VILLAGE])
    assert late(village) == (0, 2, 0)
    assert counts(village) == anew(village)


def test_another_release_that_counts_otherwise_sums_the_village_anew(village, ana, family, monkeypatch):
    home, grandmother, mother, child, _ = family
    a_call(ana, home, [grandmother, mother, child])
    ana.sync()
    standings = village.app.extensions["cunyi"].standings
    standings.refresh([VILLAGE])
    code = "home_visit_household_times"
    assert kept(village)[VILLAGE, "all", "2026-11", code] == (1, 0, 0)
    monkeypatch.setattr(store, "_release", lambda _: b"another")
    monkeypatch.setitem(BY_CODE, code, replace(BY_CODE[code], once=False))
    monkeypatch.setitem(BY_CODE, "sign_rate", replace(BY_CODE["sign_rate"], ratio=False))
    standings.refresh([VILLAGE])
    assert kept(village)[VILLAGE, "all", "2026-11", code] == (3, 0, 0)
    assert kept(village) == summed(village)


def test_verify_names_a_sum_that_is_not_that_of_the_residents(village, two):
    doors, _ = two

    def faults():
        with reading(village.engine) as connection:
            return verify(connection, doors.standings.today).faults

    assert faults() == [], "of a village that is behind nothing is said"
    doors.standings.refresh([VILLAGE])
    assert faults() == []
    village.write(
        lambda c: c.exec_driver_sql("UPDATE tallies SET denominator = 3 WHERE indicator = 'sign_rate' AND population = 'all'")
    )
    assert faults() == [f"tallies {VILLAGE}: sign_rate, all is not the sum over the residents"]


@pytest.fixture
def poison(monkeypatch):
    """Residents whose records cannot be counted, with a message that quotes one."""
    names, whole, quoted = set(), Villagers.account, "王秀兰"

    def account(people, resident, *more):
        if resident in names:
            raise LookupError(quoted)
        return whole(people, resident, *more)

    monkeypatch.setattr(Villagers, "account", account)
    return names


def test_one_resident_who_cannot_be_counted_stops_nobody_and_is_told_of(village, two, poison, ana, caplog):
    doors, (one, _) = two
    sue = village.phone(SUE)
    poison.add(one)
    for area, phone in ((VILLAGE, ana), (VILLAGE[:9], sue), (VILLAGE[:6], village.phone(LEA))):
        answer = phone.get(f"/v1/indicators?area={area}&period=2026-11")
        if answer.status_code == 404:
            continue  # not hers
        assert answer.status_code == 200
        said = answer.get_json()
        assert (said["uncountable"], said["behind"], said["figures"]["sign_rate"]["denominator"]) == (1, [], 1)
    assert "王秀兰" not in caplog.text
    assert "LookupError" in caplog.text
    assert ana.get(f"/v1/residents/{one}/standing").get_json()["status"] == "uncountable"
    assert "cunyi_residents_uncountable 1" in village.client().get("/metrics").get_data(as_text=True)
    with reading(village.engine) as connection:
        assert verify(connection, doors.standings.today).faults == []
    poison.clear()
    village.later(days=1)
    doors.standings.refresh([VILLAGE])
    assert kept(village)[VILLAGE, "all", "", "sign_rate"] == (0, 2, 0)
    assert counts(village) == anew(village)


@pytest.fixture
def broken(village, two, cam, monkeypatch):
    """The first of two villages cannot be taken up, by what `troubles` holds for it."""
    cam.sync()
    a_resident(cam)
    cam.sync()
    whole, troubles = store.computed, {}

    def compute(connection, place, *more):
        if place in troubles:
            raise troubles[place]
        return whole(connection, place, *more)

    monkeypatch.setattr(store, "computed", compute)
    return two[0], troubles


TROUBLES = (RuntimeError("a fault"), OperationalError("SELECT", {}, sqlite3.OperationalError("too big")))


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("how", ["keep_up", "refresh_within", "refresh_quietly"])
def test_a_village_that_fails_keeps_none_of_those_after_it_waiting(village, broken, trouble, how):
    doors, troubles = broken
    troubles[min(VILLAGE, OTHER)] = trouble
    standings = doors.standings
    quietly = type(standings).refresh_quietly
    {
        "keep_up": standings.keep_up,
        "refresh_within": lambda: standings.refresh_within([VILLAGE, OTHER], 5.0),
        "refresh_quietly": lambda: quietly(standings, [VILLAGE, OTHER]),
    }[how]()
    assert {row["scope"] for row in village.rows("standings")} == {max(VILLAGE, OTHER)}


def test_the_keeper_hears_of_the_database_only_where_it_fails_for_every_village(village, broken):
    doors, troubles = broken
    troubles |= dict.fromkeys((VILLAGE, OTHER), TROUBLES[1])
    with pytest.raises(OperationalError):
        doors.standings.keep_up()


def test_a_keeper_that_is_asked_to_end_does_so_within_a_batch(village, two):
    doors, people = two
    asked = iter([False, False, True, True, True, True])  # before the village, before each of its batches
    assert doors.standings.keep_up(lambda: next(asked)) == 1
    assert [row["resident"] for row in village.rows("standings")] == people[:1]
    with reading(village.engine) as connection:
        assert store.behind(connection, [VILLAGE], doors.standings.today, CATALOGUE) == [VILLAGE]
    assert doors.standings.keep_up() == 2


def test_a_week_over_new_year_counts_what_happened_before_it(village, ana, family):
    home, grandmother, mother, child, _ = family
    doors = village.app.extensions["cunyi"]
    view = doors.access.view(ANA)
    village.time = dt.datetime(2026, 12, 30, 4, tzinfo=dt.UTC)
    ana.renew()
    a_call(ana, home, [grandmother, mother], "2026-12-27")
    a_call(ana, home, [grandmother, mother], "2026-12-29")
    ana.sync()
    week = Period.parse("2026-W53")

    def told():
        assert kept(village) == summed(village)
        persons = doors.indicators.persons(view, VILLAGE, "home_visit_person_times", week)
        number = doors.indicators.figures(view, VILLAGE, week).total["home_visit_person_times"].numerator
        assert sum(one.side == "numerator" for one in persons) == number
        return number

    assert told() == 2
    village.later(days=3)  # the second of January: nobody has written
    ana.renew()
    assert told() == 2
    a_call(ana, home, [child], "2027-01-01")
    ana.sync()
    assert told() == 3
    month, year = (doors.indicators.figures(view, VILLAGE, Period.parse(p)).total for p in ("2027-01", "2027"))
    assert (month["home_visit_person_times"].numerator, year["home_visit_person_times"].numerator) == (1, 1)
    for days in ("2026-12-20..2027-01-10", "2026-12"):
        with pytest.raises(Problem) as refused:
            doors.indicators.figures(view, VILLAGE, Period.parse(days))
        assert "began before 2026-12-28" in refused.value.more["faults"][0]
    village.later(days=5)  # Thursday of the week after
    ana.renew()
    with pytest.raises(Problem):
        told()
    doors.standings.refresh([VILLAGE])
    assert kept(village) == summed(village)


def test_phones_that_may_hold_more_are_named(village, ana, ben):
    doors = village.app.extensions["cunyi"]
    view = doors.access.view(ANA)

    def unheard(period):
        return set(doors.indicators.figures(view, VILLAGE, Period.parse(period)).unheard)

    ana_s, ben_s = (village.device_of(phone) for phone in (ana, ben))
    assert unheard("2026-11") == {ana_s, ben_s}, "enrolled, and never heard of since"
    ana.sync()
    ben.sync(outbox=3)
    assert unheard("2026-11") == {ben_s}, "it said that three edits wait on it"
    ben.sync(outbox=0)
    assert unheard("2026-11") == set()
    village.later(days=8)
    for phone in (ana, ben):
        phone.renew()
    ana.sync()
    assert unheard("2026-11") == {ben_s}, "for a week nobody heard of it"
    assert unheard("2026-10") == set(), "since October ended both were heard"
    village.later(days=2)
    assert unheard("2026-11") == {ana_s, ben_s}, "neither since November ended"
