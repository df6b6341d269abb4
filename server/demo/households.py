"""The residents of the sample: who lives behind each door, and their forms. Nobody of them exists."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from server.demo.book import Book, chance
from server.demo.people import LIU, VILLAGES, doctors_of
from sync.identity import check_digit, resident_id
from sync.types.checks import months_later

HOUSEHOLDS = 188  # of each village
AREA_CODE = "411499"
FIGURE = "郑守田"  # the resident of whom the guide speaks; nobody else has the name
SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗"
GIVEN_NAMES = """
male 建国 保山 德海 长福 玉山 志强 文斌 俊杰 家豪 子轩 守义 广才 占魁 永顺 国栋 海涛 小军 明辉 振华 立新 全喜 大勇
female 秀兰 桂英 春梅 淑珍 玉华 翠萍 凤霞 雪梅 丽娟 晓燕 欣怡 梓涵 桂芝 素云 爱玲 巧珍 红霞 文静 美玲 会琴 金凤 月娥
"""
GIVEN = {sex: names for sex, *names in map(str.split, GIVEN_NAMES.strip().splitlines())}


@dataclass
class Resident:
    """One person of the sample."""

    name: str
    sex: str
    born: dt.date
    relation: str
    number: str
    id: str
    diseases: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)

    def age(self, on: dt.date) -> int:
        """Years of age."""
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))


@dataclass
class Household:
    """One door."""

    id: str
    number: str
    village: str
    village_name: str
    doctor: str
    poor: bool
    members: list[Resident]

    @property
    def address(self) -> str:
        """Where it is."""
        return f"青石镇{self.village_name}{int(self.number[-4:])}号"


class _People:
    """Makes residents, no two with one identity number."""

    def __init__(self, rng: random.Random, key: bytes, today: dt.date) -> None:
        self._rng, self._key, self._today, self._numbers = rng, key, today, set[str]()

    def one(self, surname: str, sex: str, age: int, relation: str, name: str = "") -> Resident:
        born = months_later(self._today, -12 * age) - dt.timedelta(days=self._rng.randrange(1, 364))
        while True:
            body = f"{AREA_CODE}{born:%Y%m%d}{self._rng.randrange(500) * 2 + (sex == 'male'):03}"
            if body not in self._numbers:
                self._numbers.add(body)
                break
        number = body + check_digit(body)
        name = name or surname + self._rng.choice(GIVEN[sex])
        return Resident(name, sex, born, relation, number, resident_id(self._key, number))

    def family(self, first: bool) -> list[Resident]:
        """A household: an old couple, a person alone, a couple with children, or three generations."""
        rng = self._rng
        surname, married = rng.choice(SURNAMES), rng.choice(SURNAMES)
        if first:
            return [self.one("郑", "male", 67, "head", FIGURE), self.one(married, "female", 65, "spouse")]
        shape = rng.choices(("alone", "couple", "parents", "three"), (15, 34, 27, 24))[0]
        age = rng.randrange(58, 86) if shape in ("alone", "couple") else rng.randrange(29, 58)
        head = self.one(surname, "female" if shape == "alone" and rng.random() < 0.6 else "male", age, "head")
        members = [head]
        if shape != "alone":
            members.append(self.one(married, "female", max(20, age - rng.randrange(-1, 5)), "spouse"))
        if shape in ("parents", "three"):
            for _ in range(rng.choices((0, 1, 2, 3), (12, 38, 42, 8))[0]):
                sex = rng.choice(("male", "female"))
                child = max(0, age - rng.randrange(23, 31))
                members.append(self.one(surname, sex, child, {"male": "son", "female": "daughter"}[sex]))
        if shape == "three":
            members.append(self.one(rng.choice(SURNAMES), "female", age + rng.randrange(21, 28), "parent"))
        return members


def settle_households(book: Book, key: bytes) -> list[Household]:
    """Every household with its residents, registered a year ago, children when they were born."""
    rng = chance("households")
    people = _People(rng, key, book.today)
    began = book.today - dt.timedelta(days=400)
    made = []
    for village, village_name in VILLAGES:
        doctors = doctors_of(village)
        for serial in range(1, HOUSEHOLDS + 1):
            members = people.family(first=village == LIU and serial == 1)
            for who in members:
                _fall_ill(who, book.today, rng)
            home = Household(
                "", f"{village[-3:]}{serial:04}", village, village_name, doctors[serial % 2], rng.random() < 0.1, members
            )
            _group(home, book.today, rng)
            when = book.moment(began + dt.timedelta(days=rng.randrange(30)), rng)
            head = members[0]
            sections: dict[str, Any] = {
                "identity": {
                    "household_no": home.number,
                    "head": head.id,
                    "head_name": head.name,
                    "registered_count": len(members),
                    "present_count": len(members),
                },
                "residence": {"area_code": village, "address": home.address},
                "contact": {"phone": _phone(rng)},
                "record_status": {"status": "active"},
            }
            home.id = book.new(home.doctor, "household", "", village, when, sections)
            for who in members:
                registered = max(when, book.moment(who.born + dt.timedelta(days=20), rng))
                book.new(home.doctor, "resident", who.id, village, registered, dict(_form(who, home, book.today, rng)), who.id)
            made.append(home)
    book.deliver()
    return made


def _phone(rng: random.Random) -> str:
    return f"12{rng.randrange(10**9):09}"  # no mobile number begins so


def _fall_ill(who: Resident, today: dt.date, rng: random.Random) -> None:
    age = who.age(today)
    if who.name == FIGURE or rng.random() < (0.38 if age >= 65 else 0.16 if age >= 50 else 0.04 if age >= 35 else 0):
        who.diseases.append("hypertension")
    if who.name != FIGURE:
        if rng.random() < (0.08 if age >= 60 else 0.03 if age >= 40 else 0):
            who.diseases.append("diabetes")
        if rng.random() < (0.03 if age >= 60 else 0):
            who.diseases.append("copd")


def _group(home: Household, today: dt.date, rng: random.Random) -> None:
    for who in home.members:
        age = who.age(today)
        who.groups = [name for name, true in (("elder_65", age >= 65), ("child_0_6", age < 7)) if true]
        who.groups += who.diseases
        if rng.random() < 0.03:
            who.groups.append("disabled")
        if home.poor:
            who.groups.append("registered_poor")


def _form(who: Resident, home: Household, today: dt.date, rng: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """The sections of a resident's form."""
    age, ill = who.age(today), list(who.diseases)
    registered = (today - dt.timedelta(days=370)).isoformat()
    yield (
        "identity",
        {
            "name": who.name,
            "sex": who.sex,
            "birth_date": who.born.isoformat(),
            "id_type": "resident_id_card" if age > 1 else "household_booklet",
            "id_no": who.number,
        },
    )
    yield (
        "demographics",
        {
            "ethnicity": "han",
            "abo": rng.choice(("a", "b", "o", "ab", "unknown")),
            "rh": "unknown",
            "education": "illiterate"
            if age < 6
            else rng.choice(("primary", "junior_secondary", "junior_secondary", "senior_secondary")),
            "occupation": "farming_forestry_fishing" if 18 <= age < 75 else "none",
            "marital_status": "single" if age < 24 else "widowed" if who.relation == "parent" else "married",
            "payment": ["rural_cooperative", *(["poverty_aid"] if home.poor else [])],
        },
    )
    yield "contact", {"phone": _phone(rng)}
    yield (
        "residence",
        {
            "residence_type": "registered",
            "area_code": home.village,
            "address": home.address,
            "organization": f"o-clinic-{home.village[-3:]}",
            "doctor": home.doctor,
        },
    )
    details = [
        {"disease": name, "confirmed_month": f"{today.year - rng.randrange(2, 12)}-{rng.randrange(1, 13):02}"} for name in ill
    ]
    yield (
        "history",
        {
            "drug_allergy": ["penicillin"] if rng.random() < 0.04 else ["none"],
            "past_disease": ill or ["none"],
            **({"past_disease_details": details} if ill else {}),
            "surgery": "no",
            "trauma": "no",
            "transfusion": "no",
        },
    )
    yield "disability", {"disability": ["physical"] if "disabled" in who.groups else ["none"]}
    yield "household", {"household": home.id, "relation_to_head": who.relation}
    yield "record_status", {"status": "active"}
    for group in who.groups:
        since = max(registered, who.born.isoformat())
        yield f"flags/{group}", {"from": since, "source": "建档时登记"}
    if home.poor:
        status = {"status": "lifted", "from": "2021-01-01", "household_no": f"P{home.number}", "cause": "illness"}
        yield "poverty/1", status | {"from": max("2021-01-01", who.born.isoformat())}
    if 20 <= age < 55 and rng.random() < 0.2:
        yield "away", {"away_for_work": True, "place": rng.choice(("苏州", "郑州", "东莞", "杭州"))}
    if age >= 75 and rng.random() < 0.2:
        yield "needs", {"mobility": rng.choice(("assisted", "housebound", "bedridden")), "need_flags": ["immobile"]}
