"""The residents of the sample: who lives behind each door. Nobody of them exists."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

from server.demo.book import chance
from server.demo.people import DONG, LIU, VILLAGES, YANG, doctors_of
from sync.identity import check_digit, new_id, resident_id
from sync.types.checks import months_later
from sync.types.rules import age_on

HOUSEHOLDS = 188  # of each village
AREA_CODE = "411499"
YOUNGER, OLDER = "严秀琴", "钱守信"  # a couple about the 65th birthday, with the same pressure
FIGURE = "郑守田"  # the resident of whom the guide speaks; nobody else has the name
SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗"
GIVEN_NAMES = """
male 建国 保山 德海 长福 玉山 志强 文斌 俊杰 家豪 子轩 守义 广才 占魁 永顺 国栋 海涛 小军 明辉 振华 立新 全喜 大勇
female 秀兰 桂英 春梅 淑珍 玉华 翠萍 凤霞 雪梅 丽娟 晓燕 欣怡 梓涵 桂芝 素云 爱玲 巧珍 红霞 文静 美玲 会琴 金凤 月娥
"""
GIVEN = {sex: names for sex, *names in map(str.split, GIVEN_NAMES.strip().splitlines())}
GROUP_DOORS = 32  # in a villagers' group
NEWBORN_DAYS = 60  # so long a child may be without a number
DAY = dt.timedelta(days=1)


@dataclass
class Resident:
    """One person of the sample.

    `number`: "" for who has none. `closed`: the day on which their record is closed, and the reason. `protected`: the
    programme that treats them, of which nothing is told outside it.
    """

    name: str
    sex: str
    born: dt.date
    relation: str
    number: str
    id: str
    diseases: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    mobility: str = "independent"
    away: bool = False
    closed: tuple[dt.date, str] | None = None
    protected: str | None = None

    def age(self, on: dt.date) -> int:
        """Years of age."""
        return age_on(self.born, on)

    def here(self, on: dt.date) -> bool:
        """True on a day of their life in the village."""
        return self.born <= on and (self.closed is None or on < self.closed[0])


@dataclass
class Household:
    """One door. `fixed`: those who live here are as the sample tells of them, and chance leaves them alone."""

    id: str
    number: str
    village: str
    village_name: str
    doctor: str
    poor: bool
    members: list[Resident]
    fixed: bool = False

    @property
    def address(self) -> str:
        """Where it is."""
        return address_of(self.village_name, int(self.number[-4:]))


def address_of(village_name: str, door: int) -> str:
    """Where a door is, with its villagers' group."""
    return f"青石镇{village_name}{(door - 1) // GROUP_DOORS + 1}组{door}号"


class _People:
    """Makes residents, no two with one identity number."""

    def __init__(self, rng: random.Random, key: bytes, today: dt.date) -> None:
        self._rng, self._key, self._today, self._numbers = rng, key, today, set[str]()

    def one(self, surname: str, sex: str, age: int, relation: str, name: str = "") -> Resident:
        """Somebody of an age; the youngest have no identity number yet."""
        born = months_later(self._today, -12 * age) - self._rng.randrange(1, 364) * DAY
        name = name or surname + self._rng.choice(GIVEN[sex])
        numbered = (self._today - born).days > NEWBORN_DAYS
        return self.born(name, sex, born, relation, numbered=numbered)

    def born(self, name: str, sex: str, born: dt.date, relation: str, *, numbered: bool = True) -> Resident:
        """Somebody born on a day."""
        if not numbered:
            since_1970 = max((born - dt.date(1970, 1, 1)).days, 0) * 86_400_000
            return Resident(name, sex, born, relation, "", new_id(since_1970, self._rng.randbytes(10)))
        while True:
            body = f"{AREA_CODE}{born:%Y%m%d}{self._rng.randrange(500) * 2 + (sex == 'male'):03}"
            if body not in self._numbers:
                self._numbers.add(body)
                break
        number = body + check_digit(body)
        return Resident(name, sex, born, relation, number, resident_id(self._key, number))

    def family(self) -> list[Resident]:
        """A household: an old couple, a person alone, a couple with children, or three generations."""
        rng = self._rng
        surname, married = rng.choice(SURNAMES), rng.choice(SURNAMES)
        shape = rng.choices(("alone", "couple", "parents", "three"), (15, 34, 27, 24))[0]
        age = rng.randrange(58, 86) if shape in ("alone", "couple") else rng.randrange(29, 58)
        head = self.one(surname, "female" if shape == "alone" and rng.random() < 0.6 else "male", age, "head")
        members = [head]
        if shape != "alone":
            members.append(self.one(married, "female", max(20, age - rng.randrange(-1, 5)), "spouse"))
        if shape in ("parents", "three"):
            ages = [max(0, age - rng.randrange(23, 31)) for _ in range(rng.choices((0, 1, 2, 3), (12, 38, 42, 8))[0])]
            if age < 37 and rng.random() < 0.2:
                ages.append(0)
            for child in ages:
                sex = rng.choice(("male", "female"))
                members.append(self.one(surname, sex, child, {"male": "son", "female": "daughter"}[sex]))
        if shape == "three":
            members.append(self.one(rng.choice(SURNAMES), "female", age + rng.randrange(21, 28), "parent"))
        return members

    def fixed(self, village: str, serial: int) -> list[Resident]:
        """Those of whom the sample has something to tell, by their door; nobody behind all others."""
        today = self._today
        if (village, serial) == (LIU, 1):
            return [self.one("郑", "male", 67, "head", FIGURE), self.one("严", "female", 65, "spouse")]
        if (village, serial) == (LIU, 2):
            # he is 65, she will be in three weeks: a pressure that is high for her is not for him
            he, she = months_later(today, -12 * 65) - 130 * DAY, months_later(today, -12 * 65) + 21 * DAY
            return [self.born(OLDER, "male", he, "head"), self.born(YOUNGER, "female", she, "spouse")]
        # registered twice, without a number: the first two may be one person, of the other two a person has said so
        twice = {(DONG, 110): "魏长海", (DONG, 112): "魏常海", (YANG, 110): "薛桂兰", (YANG, 112): "薛桂兰"}
        if (village, serial) in twice:
            name = twice[village, serial]
            sex = "male" if village == DONG else "female"
            return [self.born(name, sex, months_later(today, -12 * 71) - 40 * DAY, "head", numbered=False)]
        return []


def make_households(key: bytes, today: dt.date) -> list[Household]:
    """Every household with its residents, healthy as yet."""
    rng = chance("households")
    people = _People(rng, key, today)
    made = []
    for village, village_name in VILLAGES:
        doctors = doctors_of(village)
        for serial in range(1, HOUSEHOLDS + 1):
            number, fixed = f"{village[-3:]}{serial:04}", people.fixed(village, serial)
            poor = not fixed and rng.random() < 0.1
            members = fixed or people.family()
            made.append(Household("", number, village, village_name, doctors[serial % 2], poor, members, bool(fixed)))
    return made
