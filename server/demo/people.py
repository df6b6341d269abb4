"""The sample township: its places, its organisations, and the people who work there. All are made up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection

from server.store import directory

COUNTY = ("411499", "云河县")
TOWNSHIP = ("411499101", "青石镇")
VILLAGES = (
    ("411499101201", "柳树村"),
    ("411499101202", "石桥村"),
    ("411499101203", "东岗村"),
    ("411499101204", "杨庄村"),
)
HOSPITAL = "o-qingshi-hospital"
TEAM, TEAM_NAME = "t-qingshi-1", "青石镇卫生院家庭医生一团队"


@dataclass(frozen=True)
class Staff:
    """One person of the sample: `village` where they work, `area` whose supervisor they are, `duty` in the team."""

    id: str
    name: str
    role: str
    organisation: str
    village: str | None = None
    area: str | None = None
    duty: str | None = None


def _clinic(village: str) -> str:
    return f"o-clinic-{village[-3:]}"


def _doctor(person: str, name: str, village: str) -> Staff:
    return Staff(person, name, "village_doctor", _clinic(village), village)


LIU, SHI, DONG, YANG = (code for code, _ in VILLAGES)
STAFF = (
    _doctor("p-wang-xiulan", "王秀兰", LIU),
    _doctor("p-liu-jianguo", "刘建国", LIU),
    _doctor("p-zhao-guiying", "赵桂英", SHI),
    _doctor("p-sun-baoshan", "孙宝山", SHI),
    _doctor("p-ma-chunmei", "马春梅", DONG),
    _doctor("p-guo-dehai", "郭德海", DONG),
    _doctor("p-yang-shuzhen", "杨淑珍", YANG),
    _doctor("p-he-changfu", "何长福", YANG),
    Staff("p-li-wenjing", "李文静", "team_leader", HOSPITAL, duty="leader"),
    Staff("p-chen-hao", "陈浩", "team_member", HOSPITAL, duty="public_health_doctor"),
    Staff("p-zhou-min", "周敏", "team_member", HOSPITAL, duty="nurse"),
    Staff("p-wu-yuhua", "吴玉华", "township_supervisor", HOSPITAL, area=TOWNSHIP[0]),
    Staff("p-zheng-guoqiang", "郑国强", "county_supervisor", "o-yunhe-health", area=COUNTY[0]),
    Staff("p-xu-ning", "许宁", "administrator", "o-yunhe-health"),
    Staff("p-tang-fang", "唐芳", "auditor", "o-yunhe-health"),
)
LEADER, PUBLIC_HEALTH, NURSE = "p-li-wenjing", "p-chen-hao", "p-zhou-min"


def doctors_of(village: str) -> tuple[str, str]:
    """The two doctors of a village."""
    first, second = (who.id for who in STAFF if who.village == village)
    return first, second


def settle(connection: Connection, day: dt.date) -> None:
    """Write places, organisations, people and the team, which began on a day."""
    directory.put_areas(connection, [{"code": code, "name": name} for code, name in (COUNTY, TOWNSHIP, *VILLAGES)])
    offices = [
        ("o-yunhe-health", "云河县卫生健康委员会", "authority", COUNTY[0], None),
        (HOSPITAL, "青石镇卫生院", "township_hospital", TOWNSHIP[0], "o-yunhe-health"),
        *((_clinic(code), f"{name}卫生室", "village_clinic", code, HOSPITAL) for code, name in VILLAGES),
    ]
    names = ("id", "name", "kind", "area", "parent")
    directory.put_organisations(connection, [dict(zip(names, office, strict=True)) for office in offices])
    directory.put_people(
        connection,
        [
            {"id": w.id, "name": w.name, "role": w.role, "organisation": w.organisation, "area": w.area, "active": True}
            for w in STAFF
        ],
    )
    for who in STAFF:
        directory.put_workplaces(connection, who.id, [who.village] if who.village else [])
    directory.put_teams(
        connection,
        [{"id": TEAM, "name": TEAM_NAME, "organisation": HOSPITAL, "leader": LEADER}],
        [{"team": TEAM, "person": w.id, "duty": w.duty, "since": day.isoformat(), "until": None} for w in STAFF if w.duty],
        [{"team": TEAM, "village": code} for code, _ in VILLAGES],
    )
