"""The sample township on a running server: what its pages are about, and how its people sign in."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Engine, select
from werkzeug.routing import Rule

from server import create_app, utc_now
from server.config import Config
from server.dashboard.frame import SESSION_COOKIE
from server.demo.people import ADMINISTRATOR, COUNTY, LIU, TEAM, TOWNSHIP, VILLAGES, doctors_of
from server.periods import Period
from server.quality.checks import QualityChecks
from server.store import directory
from server.store.conflicts import doubled
from server.store.engine import reading
from server.store.scope import stored
from server.store.tables import records
from sync.record import shown
from sync.types import CATALOGUE
from tests.e2e.line import Line
from tests.e2e.serving import Installation
from tests.server.phone import Phone, vitals

SUPERVISOR, TOWNSHIP_SUPERVISOR, LEADER, AUDITOR = "p-zheng-guoqiang", "p-wu-yuhua", "p-li-wenjing", "p-tang-fang"
DOCTOR, COLLEAGUE = doctors_of(LIU)
# in this order somebody is looked for who may open a page
EVERYBODY = (SUPERVISOR, TOWNSHIP_SUPERVISOR, LEADER, ADMINISTRATOR, AUDITOR, DOCTOR)
PASSWORD = "a village of willows 2026"
CANDIDATES, QUALITY, CONFLICT, DOUBLES = "/candidates/", "/quality/", "/conflicts/", "/doubles/"
PACKAGE, TRAIL = "/packages/<record>", "/trail"


class Township(Installation):
    """A server of its own, filled in, and two doctors' phones that have something to say."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._cookies: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def fill(self) -> None:
        """Fill it in."""
        self.cunyi("migrate")
        self.cunyi("demo")

    def copy(self, filled: Path) -> None:
        """Take the data folder of one that was filled in."""
        shutil.copytree(filled / "var", self.folder / "var")

    def begin(self) -> None:
        """Serve what is there, and let its people ask for what somebody has to decide."""
        self.start()
        self.phones = [self._phone(person) for person in (DOCTOR, COLLEAGUE)]
        self._ask_for_decisions()
        self.doors.standings.refresh_all()  # so that no number changes while somebody looks

    @cached_property
    def config(self) -> Config:
        """The settings of the server."""
        return Config.from_environment(self.environment)

    @cached_property
    def doors(self) -> Any:
        """The parts of an application on the same database, to ask them beside the server."""
        return create_app(self.config).extensions["cunyi"]

    @property
    def engine(self) -> Engine:
        """Its database."""
        engine: Engine = self.doors.engine
        return engine

    @property
    def month(self) -> Period:
        """The running month."""
        return Period.on(self.config.day_of(utc_now()), "month")

    def stop(self) -> int:
        """Stop it, and let go of its database."""
        if "doors" in self.__dict__:
            self.engine.dispose()
        return super().stop()

    # -- people

    def cookies_of(self, person: str) -> list[Any]:
        """The cookie of somebody who signed in."""
        if person not in self._cookies:
            desk = self.doors.signing_in
            desk.choose_password(person, desk.new_code(person, "shell"), PASSWORD, "127.0.0.1")
            self._cookies[person] = desk.open(person, PASSWORD, "", "127.0.0.1", None).cookie
        return [{"name": SESSION_COOKIE, "value": self._cookies[person], "url": self.url, "httpOnly": True, "sameSite": "Lax"}]

    def _phone(self, person: str) -> Phone:
        phone = Phone(Line(self.url)).enrol(self.doors.access.new_code(person))
        phone.now = utc_now().astimezone(self.config.time_zone).isoformat(timespec="seconds")
        while phone.sync()["more"]:
            pass
        return phone

    def _ask_for_decisions(self) -> None:
        """A doctor appeals against an item, sends something from a village that nobody knows, and measures thrice the same."""
        contract, item = self.contract
        phone, resident, today = self.phones[0], self.visited[0], self.config.day_of(utc_now())
        phone.save({f"appeal/{item}": {"asked_on": today.isoformat(), "reason": "当天上门时居民外出，已电话预约"}}, contract)
        for days in (2, 1, 0):
            when = {"visited_on": (today - dt.timedelta(days)).isoformat(), "way": "home", "doctor": DOCTOR}
            phone.save({**vitals(148), "visit": when}, subject=resident)
        phone.sync()
        aside = phone.draft({**vitals(148), "visit": when}, subject=resident, scope="411499101299")
        assert phone.push(aside)[0]["status"] == "deposited"

    # -- what its pages are about

    def _found(self, kind: str, **where: Any) -> list[Any]:
        """The records of a kind in the open of the first village."""
        query = select(records).where(records.c.scope == LIU, records.c.type == kind, records.c.moved_to.is_(None))
        for name, value in where.items():
            query = query.where(records.c[name] == value)
        with reading(self.engine) as connection:
            return [stored(row).record for row in connection.execute(query.order_by(records.c.seq))]

    @cached_property
    def contract(self) -> tuple[str, str]:
        """A contract in force, and one of its items."""
        for record in self._found("contract", conflict=False):
            view = shown(record)
            items = [name.partition("/")[2] for name in view if name.startswith("item/")]
            if items and (view.get("status") or {}).get("status") == "active":
                return record.id, items[0]
        raise LookupError("there is no contract")

    @cached_property
    def visited(self) -> tuple[str, str]:
        """A resident who was visited, and the visit."""
        visit = self._found("hypertension_visit", conflict=False)[-1]
        return str(visit.subject), visit.id

    @cached_property
    def clash(self) -> str:
        """A record that waits for somebody to settle it: two regimens for one disease."""
        return str(self._found("care_plan", conflict=True)[0].id)

    @cached_property
    def plan(self) -> str:
        """A plan that nobody disputes, with a regimen for hypertension."""
        return str(next(one.id for one in self._found("care_plan", conflict=False) if "condition/hypertension" in shown(one)))

    def record_address(self, record: str) -> str:
        """The page of a record of the first village."""
        with reading(self.engine) as connection:
            row = connection.execute(select(records).where(records.c.record == record, records.c.scope == LIU)).one()
        return f"/dashboard/residents/{row.subject}/records/{record}"

    @cached_property
    def twins(self) -> tuple[str, str]:
        """Two residents who may be one person."""
        villages = [code for code, _ in VILLAGES]
        pair = self.doors.standings.candidates(villages)[0]
        return pair["first"]["resident"], pair["second"]["resident"]

    @cached_property
    def names(self) -> set[str]:
        """What its places and residents are called, which no language changes."""
        people = select(records).where(records.c.type == "resident", records.c.moved_to.is_(None))
        with reading(self.engine) as connection:
            register: list[dict[str, Any]] = [dict(shown(stored(row).record)) for row in connection.execute(people)]
            places = directory.area_names(connection)
        return {*places.values(), *(str(one["identity"]["name"]) for one in register if one.get("identity"))}

    @cached_property
    def finding(self) -> tuple[str, str]:
        """A village and something of this month that is to be checked there."""
        view = self.doors.access.view(SUPERVISOR)
        checks = QualityChecks(self.engine, CATALOGUE, self.config, utc_now)
        for code, _ in VILLAGES:
            if found := checks.village(view, code, self.month).findings:
                return code, found[0].id
        raise LookupError("there is nothing to check")

    def addresses(self, rule: Rule) -> list[str]:
        """The addresses of a page to look at: of a county, a township and a village where it is about an area."""
        path, found = rule.rule, []
        for values in self._examples(rule):
            address = path
            for name in rule.arguments:
                if name not in values:
                    raise LookupError(f"there is no example for <{name}> of {path}: say one in Township._examples")
                address = address.replace(f"<{name}>", values[name])
            found.append(address + values.get("?", ""))
        return list(dict.fromkeys(found))

    def _examples(self, rule: Rule) -> Iterator[dict[str, str]]:
        resident, record = self.visited
        contract, item = self.contract
        values = {
            "area": COUNTY[0],
            "township": TOWNSHIP[0],
            "indicator": "honour_person_full",
            "period": self.month.previous().text,
            "resident": resident,
            "record": record,
            "contract": contract,
            "item": item,
            "person": DOCTOR,
            "team": TEAM,
            "device": self.device,
            "deposit": self.deposit,
            "name": "call_in_fall",
        }
        if CANDIDATES in rule.rule:
            yield {**values, "resident": self.twins[0], "?": f"?other={self.twins[1]}"}
        elif QUALITY in rule.rule:
            yield {**values, "area": self.finding[0], "finding": self.finding[1]}
        elif CONFLICT in rule.rule:
            yield {**values, "record": self.clash}
        elif DOUBLES in rule.rule:
            yield {**values, "resident": self.doubled}
        elif PACKAGE in rule.rule:
            yield {**values, "record": self.package}
        elif TRAIL in rule.rule:  # of somebody who does nothing meanwhile: whoever looks at a page makes the whole longer
            yield {**values, "?": "?person=shell"}
        else:
            for area in (COUNTY[0], TOWNSHIP[0], LIU):
                yield {**values, "area": area}

    @cached_property
    def doubled(self) -> str:
        """A resident with two contracts in force."""
        with reading(self.engine) as connection:
            return doubled(connection, [code for code, _ in VILLAGES])[0].resident

    @cached_property
    def device(self) -> str:
        """The phone of the doctor."""
        from server.store import devices

        with reading(self.engine) as connection:
            return str(devices.device_of(connection, self.phones[0].actor))

    @cached_property
    def deposit(self) -> str:
        """Something that was set aside."""
        [one, *_] = self.doors.decisions.set_aside.listed(self.doors.access.view(LEADER))
        return str(one.deposit.id)

    @cached_property
    def package(self) -> str:
        """A service package of the township."""
        query = select(records.c.record).where(records.c.scope == TOWNSHIP[0], records.c.type == "service_package")
        with reading(self.engine) as connection:
            return str(connection.scalars(query.order_by(records.c.seq)).first())
