"""What an administrator changes in the register: people, teams, places, grants, devices. Every change stands in the trail.

Each function is one change in the transaction of its caller, with its entry in the trail: what it was and what it is. What
cannot be is said in both languages, field by field, and nothing is changed then. No health record is touched here.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection

from server.standards import STANDARDS, StandardError
from server.store import devices, directory, standards, trail
from server.store.directory import Grant, Member, Team
from sync.scopes import PROGRAMMES

ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
PERSON_ID_LONGEST = 50  # the names of scopes that are a person's have room for it and for what goes before
KINDS = ("village_clinic", "township_hospital", "county_hospital", "authority")
TEAM_DUTIES = ("leader", "doctor", "public_health_doctor", "nurse", "village_doctor", "other")
STATUSES = ("retired", "revoked")
NAME_LONGEST = 100
PERSON_NAME_LONGEST = 50


class Fault(NamedTuple):
    """What is wrong with a field of a form."""

    field: str
    zh: str
    en: str


class FormError(Exception):
    """What was filled in cannot be taken; nothing was changed."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(fault.en for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class By:
    """Who changes something, the instant, and the day where the deployment is."""

    person: str
    at: str
    day: dt.date


@dataclass(frozen=True)
class PersonForm:
    """A person as an administrator fills them in. `area`: whose supervisor they are; `villages`: where they work."""

    id: str
    name: str
    role: str
    organisation: str | None
    area: str | None
    active: bool
    villages: frozenset[str]


def _told(connection: Connection, by: By, action: str, what: Mapping[str, Any], before: Any, after: Any) -> None:
    """The entry of the trail: of what changed, the value before and after."""
    was, now = before or {}, after or {}
    names = [name for name in sorted({*was, *now}) if was.get(name) != now.get(name)]
    detail = {**what, "before": {n: was.get(n) for n in names}, "after": {n: now.get(n) for n in names}}
    trail.write(connection, by.person, by.at, action, area=what.get("area"), detail=detail)


def _check(faults: Collection[Fault | None]) -> None:
    """Raises FormError when there is a fault among these."""
    if found := [fault for fault in faults if fault]:
        raise FormError(*found)


def _named(field: str, name: str, longest: int = NAME_LONGEST) -> Fault | None:
    if 0 < len(name) <= longest and name.isprintable():
        return None
    return Fault(field, f"名称须有1至{longest}个字符", f"A name has 1 to {longest} characters")


def _is_id(field: str, text: str) -> Fault | None:
    if ID.fullmatch(text):
        return None
    return Fault(field, "编号只能用字母、数字和 . _ -，最多64个", "An id has letters, digits, . _ -, 64 at most")


def _among(field: str, value: str | None, known: Collection[str | None]) -> Fault | None:
    return None if value in known else Fault(field, "没有这个选项，请重新选择", "There is no such choice")


# -- people ------------------------------------------------------------------------------------------------------------


def new_person_id() -> str:
    """An id for a person who is given none."""
    return "p-" + secrets.token_hex(5)


def add_person(connection: Connection, form: PersonForm, by: By) -> None:
    """Take somebody into the register; raises FormError, also where the id is taken."""
    taken = directory.person(connection, form.id)
    long = len(form.id) > PERSON_ID_LONGEST
    zh, en = f"人员编号最多{PERSON_ID_LONGEST}个字符", f"The id of a person has {PERSON_ID_LONGEST} signs at most"
    _check(
        [Fault("id", "这个编号已有人使用", "The id is somebody's already") if taken else Fault("id", zh, en) if long else None]
    )
    _put_person(connection, form, None, by)


def change_person(connection: Connection, form: PersonForm, by: By) -> None:
    """Change somebody's entry; raises LookupError for nobody, FormError."""
    before = directory.roster(connection).get(form.id)
    if before is None:
        raise LookupError(form.id)
    _put_person(connection, form, before, by)


def _put_person(connection: Connection, form: PersonForm, before: Mapping[str, Any] | None, by: By) -> None:
    places = directory.area_names(connection)
    digits = directory.SUPERVISED.get(form.role)
    own = form.id == by.person and (not form.active or form.role != "administrator")
    _check(
        [
            _is_id("id", form.id),
            _named("name", form.name, PERSON_NAME_LONGEST),
            _among("role", form.role, directory.ROLES),
            _among("organisation", form.organisation, {None, *directory.organisation_names(connection)}),
            *(_among("villages", village, {code for code in places if len(code) == 12}) for village in sorted(form.villages)),
            Fault("area", "请选择所监管的乡镇或县", "Choose the township or county that they supervise")
            if digits and (form.area not in places or len(form.area or "") != digits)
            else None,
            Fault("role", "不能取消自己的管理员身份，请由另一位管理员操作", "Another administrator has to do this to you")
            if own
            else None,
        ]
    )
    row = {
        "id": form.id,
        "name": form.name,
        "role": form.role,
        "organisation": form.organisation,
        "area": form.area if digits else None,
        "active": form.active,
    }
    villages = sorted(form.villages)
    directory.put_people(connection, [row])
    directory.put_workplaces(connection, form.id, villages)
    was = before and {**before, "villages": sorted(before["villages"])}
    action = "person.change" if before else "person.add"
    _told(connection, by, action, {"person": form.id}, was, {**row, "villages": villages})


# -- places ------------------------------------------------------------------------------------------------------------


def put_area(connection: Connection, code: str, name: str, by: By) -> None:
    """Add a county, township or village, or give it another name; raises FormError."""
    known = directory.area_names(connection)
    lone = len(code) > 6 and code[:-3] not in known
    form = re.fullmatch(r"[0-9]{6}|[0-9]{9}|[0-9]{12}", code)
    _check(
        [
            None if form else Fault("code", "区划代码为6、9或12位数字", "A code has 6, 9 or 12 digits"),
            Fault("code", "请先添加上级区划", "Add the area above it first") if form and lone else None,
            _named("name", name),
        ]
    )
    directory.put_areas(connection, [{"code": code, "name": name}])
    before = {"name": known[code]} if code in known else None
    _told(connection, by, "area.change" if before else "area.add", {"area": code}, before, {"name": name})


def put_organisation(connection: Connection, row: Mapping[str, str], by: By) -> None:
    """Add an organisation (id, name, kind, area), or change it; raises FormError."""
    before = directory.all_organisations(connection).get(row["id"])
    _check(
        [
            _is_id("id", row["id"]),
            _named("name", row["name"]),
            _among("kind", row["kind"], KINDS),
            _among("area", row["area"], directory.area_names(connection)),
        ]
    )
    kept = {name: row[name] for name in ("id", "name", "kind", "area")} | {"parent": before["parent"] if before else None}
    directory.put_organisations(connection, [kept])
    _told(connection, by, "organisation.change" if before else "organisation.add", {"organisation": row["id"]}, before, kept)


# -- teams -------------------------------------------------------------------------------------------------------------


def add_team(connection: Connection, team: Team, by: By) -> None:
    """A new team, without members; raises FormError, also where the id is taken."""
    taken = team.id in directory.all_teams(connection)
    _check([Fault("id", "这个编号已有团队使用", "The id is a team's already") if taken else None])
    _put_team(connection, team, None, by)


def change_team(connection: Connection, team: Team, by: By) -> None:
    """Change name, organisation, leader and villages of a team, its members stay; raises LookupError, FormError."""
    _put_team(connection, team, _team(connection, team.id), by)


def _put_team(connection: Connection, team: Team, before: Team | None, by: By) -> None:
    places, people = directory.area_names(connection), directory.roster(connection)
    leaders = {person for person, row in people.items() if row["role"] == "team_leader" and row["active"]}
    _check(
        [
            _is_id("id", team.id),
            _named("name", team.name),
            _among("organisation", team.organisation, {None, *directory.organisation_names(connection)}),
            _among("leader", team.leader, {None, *leaders}),
            *(_among("villages", village, {code for code in places if len(code) == 12}) for village in team.villages),
        ]
    )
    row = {"id": team.id, "name": team.name, "organisation": team.organisation, "leader": team.leader}
    directory.put_teams(connection, [row], [], [])
    directory.put_served(connection, team.id, team.villages)
    was = before and {"name": before.name, "organisation": before.organisation, "leader": before.leader}
    after = {name: row[name] for name in ("name", "organisation", "leader")}
    _told(
        connection,
        by,
        "team.change" if before else "team.add",
        {"team": team.id},
        {**was, "villages": list(before.villages)} if was and before else None,
        {**after, "villages": sorted(team.villages)},
    )


def join_team(connection: Connection, team_id: str, person_id: str, duty: str, by: By) -> None:
    """Take somebody into a team from today on; raises LookupError where there is no such team, FormError."""
    team = _team(connection, team_id)
    person = directory.person(connection, person_id)
    fit = person is not None and person.active and person.role in directory.WRITERS
    _check(
        [
            None if fit else Fault("person", "请选择在岗的医生或团队成员", "Choose a doctor or team member who is there"),
            _among("duty", duty, TEAM_DUTIES),
        ]
    )
    was = next((member for member in team.members if member.person == person_id), None)
    stays = was is not None and was.until is None
    row = {"team": team_id, "person": person_id, "duty": duty, "since": was.since if was and stays else by.day.isoformat()}
    directory.put_teams(connection, [], [row | {"until": None}], [])
    _told(connection, by, "team.join", {"team": team_id, "person": person_id}, _as_told(was), row | {"until": None})


def leave_team(connection: Connection, team_id: str, person_id: str, by: By) -> None:
    """Let somebody leave a team today; raises LookupError where they are not in it."""
    was = next((member for member in _team(connection, team_id).present if member.person == person_id), None)
    if was is None:
        raise LookupError(person_id)
    row = {"team": team_id, "person": person_id, "duty": was.duty, "since": was.since, "until": by.day.isoformat()}
    directory.put_teams(connection, [], [row], [])
    _told(connection, by, "team.leave", {"team": team_id, "person": person_id}, _as_told(was), row)


def _team(connection: Connection, team_id: str) -> Team:
    team = directory.all_teams(connection).get(team_id)
    if team is None:
        raise LookupError(team_id)
    return team


def _as_told(member: Member | None) -> dict[str, Any] | None:
    return None if member is None else {"duty": member.duty, "since": member.since, "until": member.until}


# -- standards ---------------------------------------------------------------------------------------------------------


def set_standard(connection: Connection, name: str, since: dt.date, value: Any, by: By) -> None:
    """Set a standard from a day on; raises LookupError where there is no such standard, FormError."""
    if name not in STANDARDS:
        raise LookupError(name)
    held = [given.value for given in standards.history(connection, name) if given.since <= since.isoformat()]
    try:
        standards.put(connection, name, since, value, by.person, by.at)
    except StandardError as trouble:
        raise FormError(Fault("value", f"这个值不合适：{trouble}", f"The value does not fit: {trouble}")) from None
    before = {"value": held[-1] if held else STANDARDS[name].default}
    _told(connection, by, "standard.set", {"standard": name, "since": since.isoformat()}, before, {"value": value})


# -- leave to hold, and phones -----------------------------------------------------------------------------------------


def give_grant(connection: Connection, given: Grant, by: By) -> bool:
    """Let somebody hold a protected programme; False when they may already. Raises FormError."""
    _check(
        [
            _among("person", given.person, directory.roster(connection)),
            _among("programme", given.programme, PROGRAMMES),
            None if _is_day(given.since) else Fault("since", "请填写开始日期", "Give the first day"),
            Fault("until", "停止日期须晚于开始日期", "The day from which it no longer holds comes after the first")
            if given.until is not None and not (_is_day(given.until) and given.until > given.since)
            else None,
        ]
    )
    if not directory.grant(connection, given, by.person, by.at):
        return False
    about = {"person": given.person, "programme": given.programme}
    _told(connection, by, "grant.give", about, None, {"since": given.since, "until": given.until})
    return True


def withdraw_grant(connection: Connection, person_id: str, programme: str, by: By) -> bool:
    """Withdraw a protected programme from today on; False when they were not granted it."""
    if not directory.ungrant(connection, person_id, programme, by.day):
        return False
    _told(connection, by, "grant.withdraw", {"person": person_id, "programme": programme}, None, {"until": by.day.isoformat()})
    return True


def code_given(connection: Connection, person_id: str, by: By) -> None:
    """An enrolment code was made for somebody: what it is stands nowhere."""
    trail.write(connection, by.person, by.at, "device.code", detail={"person": person_id})


def set_device(connection: Connection, device_id: str, status: str, by: By, *, sure: bool) -> None:
    """Retire or revoke a device, when the administrator is `sure`; raises LookupError where there is none, FormError."""
    _check([None if sure else Fault("sure", "请先勾选确认", "Confirm it first"), _among("status", status, STATUSES)])
    before = devices.device(connection, device_id, lock=True)
    if before is None:
        raise LookupError(device_id)
    back = before.status == "revoked" and status != "revoked"
    zh, en = "已作废的手机不能恢复", "A phone that was revoked stays so: what is on it is somebody else's now"
    _check([Fault("status", zh, en) if back else None])
    devices.set_status(connection, device_id, status, by.at)
    about = {"device": device_id, "person": before.person}
    _told(connection, by, "device.status", about, {"status": before.status}, {"status": status})


def _is_day(text: str) -> bool:
    try:
        return re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False
