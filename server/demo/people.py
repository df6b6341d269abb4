"""The sample township: its places, its organisations, and the people who work there. All are made up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection

from server.store import directory
from sync.codec import stamp

COUNTY = ("411499", "云河县")
TOWNSHIP = ("411499101", "青石镇")
VILLAGES = (
    ("411499101201", "柳树村"),
    ("411499101202", "石桥村"),
    ("411499101203", "东岗村"),
    ("411499101204", "杨庄村"),
)
HOSPITAL, COUNTY_HOSPITAL = "o-qingshi-hospital", "o-yunhe-hospital"
TEAM, SECOND_TEAM = "t-qingshi-1", "t-qingshi-2"
TEAM_NAMES = {TEAM: "青石镇卫生院家庭医生一团队", SECOND_TEAM: "青石镇卫生院家庭医生二团队"}


@dataclass(frozen=True)
class Staff:
    """One person of the sample: `village` where they work, `area` whose supervisor they are, `duty` in which team."""

    id: str
    name: str
    role: str
    organisation: str
    village: str | None = None
    area: str | None = None
    duty: str | None = None
    team: str = TEAM


def clinic(village: str) -> str:
    """The organisation that is the clinic of a village."""
    return f"o-clinic-{village[-3:]}"


def _doctor(person: str, name: str, village: str) -> Staff:
    return Staff(person, name, "village_doctor", clinic(village), village)


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
    Staff("p-feng-yan", "冯燕", "team_leader", HOSPITAL, duty="leader", team=SECOND_TEAM),
    Staff("p-cao-lei", "曹磊", "team_member", HOSPITAL, duty="nurse", team=SECOND_TEAM),
)
LEADER, PUBLIC_HEALTH, NURSE, SECOND_LEADER = "p-li-wenjing", "p-chen-hao", "p-zhou-min", "p-feng-yan"
ADMINISTRATOR = "p-xu-ning"
TOWNSHIP_SUPERVISOR, COUNTY_SUPERVISOR = "p-wu-yuhua", "p-zheng-guoqiang"
SERVED = {TEAM: (LIU, SHI, DONG, YANG), SECOND_TEAM: (DONG, YANG)}
# who may hold what is protected: the public-health doctor everywhere, one village doctor what is about tuberculosis
TB_DOCTOR = "p-ma-chunmei"
GRANTS = ((PUBLIC_HEALTH, "tb"), (PUBLIC_HEALTH, "smd"), (TB_DOCTOR, "tb"))


def doctors_of(village: str) -> tuple[str, str]:
    """The two doctors of a village."""
    first, second = (who.id for who in STAFF if who.village == village)
    return first, second


def settle(connection: Connection, day: dt.date, now: dt.datetime) -> None:
    """Write places, organisations, people, the teams and the grants, which all began on a day."""
    directory.put_areas(connection, [{"code": code, "name": name} for code, name in (COUNTY, TOWNSHIP, *VILLAGES)])
    offices = [
        ("o-yunhe-health", "云河县卫生健康委员会", "authority", COUNTY[0], None),
        (COUNTY_HOSPITAL, "云河县人民医院", "county_hospital", COUNTY[0], "o-yunhe-health"),
        (HOSPITAL, "青石镇卫生院", "township_hospital", TOWNSHIP[0], "o-yunhe-health"),
        *((clinic(code), f"{name}卫生室", "village_clinic", code, HOSPITAL) for code, name in VILLAGES),
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
    since = day.isoformat()
    leaders = {TEAM: LEADER, SECOND_TEAM: SECOND_LEADER}
    directory.put_teams(
        connection,
        [{"id": t, "name": name, "organisation": HOSPITAL, "leader": leaders[t]} for t, name in TEAM_NAMES.items()],
        [{"team": w.team, "person": w.id, "duty": w.duty, "since": since, "until": None} for w in STAFF if w.duty],
        [{"team": team, "village": code} for team, served in SERVED.items() for code in served],
    )
    for person, programme in GRANTS:
        directory.grant(connection, directory.Grant(person, programme, since, None), ADMINISTRATOR, stamp(now))
