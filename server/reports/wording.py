"""How the tables of a report speak, on a page and in a file alike: the language, names of people and phones, the clock on the wall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.config import Config
from server.indicators.counting import ALL
from server.reports.life import SHELL
from server.reports.reading import Shown
from server.sheets import wall_clock
from server.store.devices import phone_names
from server.store.names import names
from sync.types.catalogue import Catalogue
from sync.types.codes import POPULATION_GROUP

OPERATOR = ("服务器管理员", "the operator")
GROUPS = {ALL: ("全部居民", "All residents")} | {code.value: (code.zh, code.en) for code in POPULATION_GROUP.codes}


@dataclass(frozen=True)
class Words:
    """The language, and how many are few: smaller numbers are hidden, 0 hides none. Whom nobody can name is told by the id."""

    chinese: bool
    few: int
    zone: ZoneInfo
    people: Mapping[str, str] = field(default_factory=dict)
    phones: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, connection: Connection, config: Config, catalogue: Catalogue, shown: Shown, *, chinese: bool, few: int = 0
    ) -> Words:
        """With the names of everybody whom an issue of a report tells of."""
        persons = {one.person for one in shown.steps} | {one.made_by for one in shown.issues}
        named = names(connection, (), [("person", one) for one in persons], catalogue)
        people = {one: both[0 if chinese else 1] for (_, one), both in named.items()}
        return cls(chinese, few, config.time_zone, people, phone_names(connection) if shown.issue.unheard else {})

    def say(self, zh: str, en: str) -> str:
        """The text in the language."""
        return zh if self.chinese else en

    def person(self, one: str) -> str:
        """What somebody who took a step is called."""
        return self.say(*OPERATOR) if one == SHELL else self.people.get(one, one)

    def phone(self, device: str) -> str:
        """A phone, by whose it is."""
        return self.phones.get(device, device)

    def instant(self, moment: str) -> str:
        """An instant as the clock on the wall shows it."""
        return wall_clock(moment, self.zone)

    def group(self, population: str) -> str:
        """A population group."""
        return self.say(*GROUPS.get(population, (population, population)))
