"""Four villages in two counties, each with words that nobody of another may ever see.

Amber is where those who ask are at home. Brisk lies in the same township, cobalt in the next, damson in another county. In
each the same things happened: a family with a contract, a visit that two phones wrote apart, somebody with tuberculosis and
a severe mental disorder, something that was set aside, an appeal.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.access import here
from server.periods import Period
from server.quality.checks import QualityChecks
from server.store import devices, directory
from server.store.engine import reading
from sync.record import Edit
from sync.scopes import scope_name, township_of
from sync.types import CATALOGUE
from sync.version import Dot, VersionVector
from tests import village as places
from tests.server.conftest import Village
from tests.server.phone import Phone, vitals
from tests.standing import forms

ITEM = "followup"


@dataclass
class Place:
    """A village: `ids` by what they name; `health`: words about residents; `protected`: those of a programme; `register`:
    names and ids of places, people, teams and phones."""

    mark: str
    village: str
    person: int  # the first of the numbers that its residents have
    ids: dict[str, str] = field(default_factory=dict)
    health: set[str] = field(default_factory=set)
    protected: dict[str, set[str]] = field(default_factory=lambda: {"tb": set(), "smd": set()})
    register: set[str] = field(default_factory=set)

    @property
    def township(self) -> str:
        return township_of(self.village)

    @property
    def county(self) -> str:
        return self.village[:6]

    def someone(self, role: str) -> str:
        """The id of somebody who works here, or supervises it."""
        return f"p-{self.mark}-{role}"

    def word(self, about: str) -> str:
        """A word that stands nowhere else."""
        return f"{self.mark}{about}"

    def everything(self) -> set[str]:
        """All that is secret to those of elsewhere."""
        return self.health.union(self.register, *self.protected.values())


def above(made: Mapping[str, Place], marks: Iterable[str]) -> set[str]:
    """Ids and names of those who supervise what some places lie in: they decide about these records, and may be named there."""
    areas = {area for mark in marks for area in (made[mark].township, made[mark].county)}
    offices = [(place, level) for place in made.values() for level in ("township", "county") if getattr(place, level) in areas]
    return {word for place, level in offices for word in (place.someone(level), place.word(level))}


AMBER, BRISK, COBALT, DAMSON = "amber", "brisk", "cobalt", "damson"
VILLAGES = {AMBER: "411499001201", BRISK: "411499001202", COBALT: "411499002201", DAMSON: "411588003201"}
SHARED = "p-amber-township", "p-amber-county"  # who supervises amber supervises others too


def settle(village: Village) -> dict[str, Place]:
    """Everything, in this order of places; by their words."""
    made = {mark: Place(mark, code, 10 * n) for n, (mark, code) in enumerate(VILLAGES.items(), 1)}
    for place in made.values():
        village.write(lambda connection, place=place: _register(connection, place))
    for place in made.values():
        if place.mark != BRISK:  # a township has its packages in common
            _publish(village, place)
    made[BRISK].ids["package"] = made[AMBER].ids["package"]
    for place in made.values():
        _happen(village, place)
        _look(village, place)
    for place in made.values():
        _report(village, place)
    return made


def _register(connection: Any, place: Place) -> None:
    names = ((place.county, "county"), (place.township, "township"), (place.village, "village"))
    known = directory.area_names(connection)
    fresh = [(code, place.word(level)) for code, level in names if code not in known or level == "village"]
    directory.put_areas(connection, [{"code": code, "name": name} for code, name in fresh])
    clinic, team = f"o-{place.mark}", f"t-{place.mark}"
    parts = {"kind": "village_clinic", "area": place.village, "parent": None}
    directory.put_organisations(connection, [{"id": clinic, "name": place.word("clinic"), **parts}])
    roles = {
        "doctor": "village_doctor",
        "granted": "village_doctor",
        "member": "team_member",
        "leader": "team_leader",
        "township": "township_supervisor",
        "county": "county_supervisor",
    }
    areas = {"township": place.township, "county": place.county}
    directory.put_people(
        connection,
        [
            {
                "id": place.someone(who),
                "name": place.word(who),
                "role": role,
                "organisation": clinic,
                "area": areas.get(who),
                "active": True,
            }
            for who, role in roles.items()
        ],
    )
    for who in ("doctor", "granted"):
        directory.put_workplaces(connection, place.someone(who), [place.village])
    leader = place.someone("leader")
    directory.put_teams(
        connection,
        [{"id": team, "name": place.word("team"), "organisation": clinic, "leader": leader}],
        [
            {"team": team, "person": place.someone(who), "duty": duty, "since": "2026-01-01", "until": None}
            for who, duty in (("leader", "leader"), ("member", "nurse"))
        ],
        [{"team": team, "village": place.village}],
    )
    for programme in ("tb", "smd"):
        places.grant(connection, place.someone("granted"), programme)
    place.ids |= {"area": place.village, "organisation": clinic, "team": team, "person": place.someone("doctor")}
    place.register |= {place.village, clinic, team, *(name for _, name in fresh), *map(place.word, ("clinic", "team", *roles))}
    place.register |= {place.someone(who) for who in roles}


def _happen(village: Village, place: Place) -> None:
    """What the doctors wrote, and what became of it."""
    doctor, granted = (
        Phone(village.client(), place.word(f"phone{who}")).enrol(village.access.new_code(place.someone(who)))
        for who in ("doctor", "granted")
    )
    place.ids |= {"device": village.device_of(doctor), "actor": doctor.actor}
    place.register |= {place.word("phone"), place.ids["device"], doctor.actor, village.device_of(granted)}
    for saved in _open(place):
        doctor.save(saved.sections, saved.record, type=saved.type, subject=saved.subject, scope=place.village)
        place.health.add(saved.record)
    assert {receipt["status"] for receipt in doctor.sync()["receipts"]} == {"accepted"}
    granted.sync()
    visit = forms.name(place.person, "visit")
    doctor.save({**vitals(151), "medication/m1": {"drug": place.word("drugone")}}, visit)
    granted.save({**vitals(159), "medication/m1": {"drug": place.word("drugtwo")}}, visit)
    for saved in _protected(place):
        granted.save(saved.sections, saved.record, type=saved.type, subject=saved.subject, scope=saved.scope)
        place.protected[saved.scope.partition(":")[2]].add(saved.record)
    doctor.sync()
    assert {receipt["status"] for receipt in granted.sync()["receipts"]} == {"accepted", "conflict"}
    nowhere = doctor.draft({"note": {"text": place.word("setaside")}}, type="hypertension_visit", scope="999999999999")
    [receipt] = doctor.push(nowhere)
    assert receipt["status"] == "deposited"
    hidden = doctor.draft({"visit": {"note": place.word("hiddentb")}}, type="tb_visit", scope=place.village)
    assert doctor.push(hidden)[0]["status"] == "deposited"
    place.health |= {nowhere["record"], *map(place.word, WORDS)}
    for programme, word in (("tb", "tbword"), ("smd", "smdword")):
        place.protected[programme].add(place.word(word))
    place.protected["tb"] |= {hidden["record"], place.word("hiddentb")}
    [deposit] = [row for row in village.rows("deposits") if row["record"] == nowhere["record"]]
    place.ids |= {"deposit": deposit["deposit"], "hidden": hidden["record"]}
    place.health |= {deposit["deposit"], deposit["deposit"][:12]}


def _look(village: Village, place: Place) -> None:
    """What the month's records give cause to check."""
    checks = QualityChecks(village.engine, CATALOGUE, village.config, lambda: village.time)
    view = village.access.view(place.someone("doctor"))
    found = checks.village(view, place.village, Period.parse("2026-11")).findings
    place.ids["finding"] = found[0].id
    place.health |= {one.id for one in found}


def _report(village: Village, place: Place) -> None:
    """The month before is frozen, for the village and all above it."""
    reports = village.app.extensions["cunyi"].reports
    for area in (place.village, place.township, place.county):
        reports.compute(village.access.view(place.someone("county")), area, Period.parse("2026-10"))


WORDS = (
    "resident",
    "second",
    "address",
    "contact",
    "drugone",
    "drugtwo",
    "narrative",
    "appeal",
    "goals",
    "setaside",
    "signer",
    "13900",
    "13800",
)


def _publish(village: Village, place: Place) -> None:
    """The office writes the township's package."""
    with reading(village.engine) as connection:
        actor = here(connection).actor
    record = str(uuid.uuid5(uuid.NAMESPACE_OID, place.mark))
    said = {"code": f"B-{place.mark}", "name": place.word("package"), "tier": "basic", "organization": f"o-{place.mark}"}
    sections = {
        "package": {**said, "price_yuan_per_year": "0.00", "valid_from": "2026-01-01"},
        f"item/{ITEM}": forms.item(fulfilled_by=["hypertension_visit"]),
    }
    dot = Dot(actor, devices.reserve_counters(village.engine, actor, 1))
    written = Edit(record, "service_package", None, place.township, dot, VersionVector(), forms.MOMENT, "server", sections)
    assert village.exchange.write([written])[0]["status"] == "accepted"
    place.register |= {record, place.word("package"), f"B-{place.mark}"}
    place.ids["package"] = record


def _open(place: Place) -> Iterator[forms.Saved]:
    """The records that everybody of the village sees."""
    who, mark = place.person, place.word
    lives = {"residence_type": "registered", "area_code": place.village, "address": mark("address")}
    lives |= {"organization": f"o-{place.mark}", "doctor": place.someone("doctor")}
    yield forms.resident(
        who,
        mark("resident"),
        "female",
        "1950-03-04",
        residence=lives,
        contact={"phone": mark("13900"), "contact_name": mark("contact")},
        **{"poverty/1": {"status": "registered_poor", "from": "2026-01-01"}},
    )
    twins = {"residence": lives, "contact": {"phone": mark("13800")}}
    yield forms.resident(who + 1, mark("second"), "male", "1948-03-04", **twins)
    yield forms.resident(who + 2, mark("second"), "male", "1948-03-04", **twins)
    yield forms.register(who, "hypertension", "2025-10-05")
    for number, day in enumerate(("2026-11-10", "2026-08-10", "2026-05-10"), 1):
        yield forms.pressure(who, number, day, f"15{number}/85")
    for number, day in enumerate(("2026-11-05", "2026-11-12", "2026-11-19"), 3):  # alike to the millimetre: to be checked
        yield forms.pressure(who + 1, number, day, "148/86")
    signed = forms.contract(who, "2026-01-05", "2027-01-04", {ITEM: forms.item(fulfilled_by=["hypertension_visit"])})
    signed.sections["parties"] |= {"organization": f"o-{place.mark}", "team": f"t-{place.mark}", "signer_name": mark("signer")}
    signed.sections["packages"]["packages"] = [place.ids["package"]]
    signed.sections[f"appeal/{ITEM}"] = {"asked_on": "2026-11-19", "reason": mark("appeal")}
    yield signed
    yield forms.performance(who, 1, "2026-11-11", ITEM, evidence={"record": forms.name(who, "visit")})
    called = forms.home(who, 1, "2026-11-12", [forms.name(who, "resident")])
    called.sections["findings"]["narrative"] = mark("narrative")
    yield called
    plan = {"summary": {"version": 1, "status": "active", "goals": mark("goals"), "started_on": "2026-02-01"}}
    yield forms.Saved(forms.name(who, "plan"), "care_plan", forms.name(who, "resident"), place.village, plan)
    place.ids |= {
        "resident": forms.name(who, "resident"),
        "pair": forms.name(who + 1, "resident"),
        "twin": forms.name(who + 2, "resident"),
        "household": forms.name(who, "household"),
        "record": forms.name(who, "visit"),
        "contract": signed.record,
    }
    place.health |= {forms.name(who + n, "household") for n in range(3)}


def _protected(place: Place) -> Iterator[forms.Saved]:
    """The records of tuberculosis and severe mental disorder: about the second resident."""
    who, tb, smd = place.person + 1, scope_name(place.village, "tb"), scope_name(place.village, "smd")
    said = {"disease_name": place.word("tbword")}
    registered = forms.register(who, "tuberculosis", "2026-09-05", scope=tb)
    registered.sections["registration"] |= said
    yield registered
    about = forms.name(who, "resident")
    treated = {"visit": {"visited_on": "2026-11-12", "way": "home"}, "symptoms": {"other": place.word("tbword")}}
    yield forms.Saved(forms.name(who, "visit", 2), "tb_visit", about, tb, treated)
    minded = forms.mind(who, 1, "2026-11-13", 3, "unstable", "2026-11-27")
    minded.sections["visit"]["note"] = place.word("smdword")
    yield minded._replace(scope=smd)
    place.ids["protected"] = forms.name(who, "visit", 2)
