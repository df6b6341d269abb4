"""People, as an administrator sees them: who they are, how they sign in, their phones and their codes."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from server import administration
from server.administration import FormError, PersonForm
from server.dashboard.admin_desk import PAGES, ROLES, STATUSES, changed, label, shown, townships
from server.dashboard.frame import Desk, Visit
from server.dashboard.naming import local
from server.dashboard.signing_pages import qr
from server.problems import Problem
from server.sheets import Cell, Column, Table
from server.store import accounts, devices, directory
from server.store.engine import reading
from sync.codec import stamp

NEW = "new"
COLUMNS = (
    Column("name", "姓名", "Name"),
    Column("id", "人员编号", "Id"),
    Column("role", "角色", "Role"),
    Column("place", "负责区域", "Places"),
    Column("organisation", "机构", "Organisation"),
    Column("active", "在岗", "There"),
    Column("password", "后台密码", "Password"),
    Column("heard", "手机最后同步", "Last sync", "instant"),
)
DEVICE_COLUMNS = (
    Column("name", "手机", "Phone"),
    Column("person", "使用人", "Whose"),
    Column("status", "状态", "State"),
    Column("enrolled", "注册时间", "Enrolled", "instant"),
    Column("heard", "最后同步", "Last sync", "instant"),
    Column("unsent", "未上传", "Unsent", "number"),
)


def register(desk: Desk) -> None:
    """Declare the pages."""
    duty, both = "administer", ("GET", "POST")
    desk.page("/admin", duty=duty, action="administer.people")(admin)
    desk.page("/admin/people/<person>", duty=duty, action="administer.person", methods=both)(admin_person)
    desk.page("/admin/people/<person>/code", duty=duty, action="administer.code", methods=("POST",))(admin_code)
    desk.page("/admin/people/<person>/password", duty=duty, action="administer.password", methods=("POST",))(admin_password)
    desk.page("/admin/people/<person>/totp", duty=duty, action="administer.totp", methods=("POST",))(admin_totp)
    desk.page("/admin/people/<person>/out", duty=duty, action="administer.sign_out", methods=("POST",))(admin_sign_out)
    desk.page("/admin/codes", duty=duty, action="administer.codes")(admin_codes)
    desk.page("/admin/devices/<device>", duty=duty, action="administer.device", methods=both)(admin_device)


def admin(visit: Visit) -> Response:
    """Everybody, or those whose name or id has a text in it."""
    text = visit.args.get("text", "").strip().lower()
    with reading(visit.doors.engine) as connection:
        roster, offices = directory.roster(connection), directory.organisation_names(connection)
        passwords, phones = accounts.with_passwords(connection), _phones(connection)
    heard: dict[str, str] = {}
    for phone in phones:
        heard[phone["person"]] = max(heard.get(phone["person"], ""), phone["heard"] or "")
    rows = [
        {
            "name": Cell(row["name"], visit.href("admin_person", person=row["id"])),
            "id": row["id"],
            "role": label(visit, ROLES, row["role"]),
            "place": "、".join(
                visit.area_name(code) for code in sorted({*row["villages"], *([row["area"]] if row["area"] else [])})
            ),
            "organisation": offices.get(row["organisation"]),
            "active": Cell(
                visit.say("在岗", "yes") if row["active"] else visit.say("已离岗", "left"),
                tone=None if row["active"] else "warn",
            ),
            "password": _signs_in(visit, passwords.get(row["id"])),
            "heard": local(visit, heard.get(row["id"])),
        }
        for row in roster.values()
        if text in row["id"].lower() or text in row["name"].lower()
    ]
    table = Table("people", "人员", "People", COLUMNS, rows, sort="id")
    return visit.tables("admin_people.html", [table], name="cunyi-people", admin_pages=PAGES, faults={}, text=text)


def _signs_in(visit: Visit, totp: bool | None) -> str:
    if totp is None:
        return visit.say("未设置", "none")
    return visit.say("密码+验证码", "with a code") if totp else visit.say("密码", "yes")


def _phones(connection: Any) -> list[dict[str, Any]]:
    said = devices.said_by(connection)
    return [
        {
            "id": row.id,
            "name": row.name,
            "person": row.person,
            "person_name": row.person_name,
            "status": row.status,
            "enrolled": row.enrolled_at,
            "heard": said[row.actor].heard_at,
            "unsent": said[row.actor].outbox,
        }
        for row in devices.all_devices(connection)
    ]


def _device_row(visit: Visit, phone: dict[str, Any]) -> dict[str, Any]:
    tone = None if phone["status"] == "active" else "warn"
    return phone | {
        "enrolled": local(visit, phone["enrolled"]),
        "heard": local(visit, phone["heard"]),
        "name": Cell(phone["name"], visit.href("admin_device", device=phone["id"]), phone["id"]),
        "person": Cell(phone["person_name"], visit.href("admin_person", person=phone["person"])),
        "status": Cell(label(visit, STATUSES, phone["status"]), tone=tone),
    }


# -- one person --------------------------------------------------------------------------------------------------------


def admin_person(visit: Visit, person: str) -> Response:
    """One person's entry in the register; `new` for somebody who is to be added."""
    if request.method == "GET":
        return _person_page(visit, person, _entry(visit, person))
    form = _filled(person)
    put = administration.add_person if person == NEW else administration.change_person
    try:
        changed(visit, lambda connection, by: put(connection, form, by))
    except FormError as trouble:
        return _person_page(visit, person, vars(form), trouble.faults)
    return visit.see(visit.href("admin_person", person=form.id, told="saved"))


def _entry(visit: Visit, person: str) -> dict[str, Any]:
    if person == NEW:
        blank = {"id": "", "name": "", "role": "village_doctor", "organisation": None, "area": None}
        return {**blank, "active": True, "villages": frozenset()}
    with reading(visit.doors.engine) as connection:
        known = directory.roster(connection).get(person)
    if known is None:
        raise Problem("not-found")
    return known


def _filled(person: str) -> PersonForm:
    sent = request.form
    return PersonForm(
        id=(sent.get("id", "").strip() or administration.new_person_id()) if person == NEW else person,
        name=sent.get("name", "").strip(),
        role=sent.get("role", ""),
        organisation=sent.get("organisation") or None,
        area=sent.get("area") or None,
        active="active" in sent,
        villages=frozenset(sent.getlist("villages")),
    )


def _person_page(visit: Visit, person: str, entry: dict[str, Any], faults: Any = ()) -> Response:
    with reading(visit.doors.engine) as connection:
        offices = directory.organisation_names(connection)
        phones = [_device_row(visit, phone) for phone in _phones(connection) if phone["person"] == person]
        granted = [given for given, _, _ in directory.grants_ever(connection) if given.person == person]
        passwords = accounts.with_passwords(connection)
    return shown(
        visit,
        "admin_person.html",
        faults=faults,
        is_new=person == NEW,
        person=entry,
        roles=ROLES,
        offices=sorted(offices.items(), key=lambda item: item[1]),
        above=[(code, name) for code, name in sorted(visit.area_names.items()) if len(code) < 12],
        townships=townships(visit.area_names),
        phones=Table("phones", "手机", "Phones", [c for c in DEVICE_COLUMNS if c.key != "person"], phones),
        grants=granted,
        password=_signs_in(visit, passwords.get(person)),
        uses_totp=bool(passwords.get(person)),
        own=person == visit.view.person,
        told=visit.args.get("told"),
    )


def _name_of(visit: Visit, person: str) -> str:
    """The name of somebody who is there; raises Problem `not-found` for anybody else."""
    with reading(visit.doors.engine) as connection:
        known = directory.person(connection, person)
    if known is None or not known.active:
        raise Problem("not-found")
    return known.name


def admin_code(visit: Visit, person: str) -> Response:
    """A code with which a phone of the person is enrolled: shown once, with a QR code that opens the app with the code in it.

    The code stands behind the `#`, which no browser sends to anybody.
    """
    name = _name_of(visit, person)
    code = visit.doors.access.new_code(person)
    root = request.url_root.rstrip("/")
    words, link = f"{root} {code}", f"{root}/app/#enrol={code}"
    changed(visit, lambda connection, by: administration.code_given(connection, person, by))
    hours = visit.doors.config.code_hours
    return shown(
        visit, "admin_code.html", person=person, name=name, code=code, words=words, link=link, picture=qr(link), hours=hours
    )


def admin_password(visit: Visit, person: str) -> Response:
    """A code with which the person chooses a password for the dashboard: shown once."""
    name = _name_of(visit, person)
    code = visit.doors.signing_in.new_code(person, visit.view.person)
    hours = visit.doors.config.code_hours
    return shown(visit, "admin_code.html", person=person, name=name, code=code, words=None, hours=hours)


def admin_totp(visit: Visit, person: str) -> Response:
    """The phone with the second factor is lost: the person signs in with the password alone until they set one up again."""
    _name_of(visit, person)
    visit.doors.signing_in.totp_drop(person, visit.view.person)
    return visit.see(visit.href("admin_person", person=person, told="totp"))


def admin_sign_out(visit: Visit, person: str) -> Response:
    """Signed out wherever they are signed in."""
    _name_of(visit, person)
    visit.doors.signing_in.close_all(person, visit.view.person)
    return visit.see(visit.href("admin_person", person=person, told="out"))


# -- codes and phones --------------------------------------------------------------------------------------------------


def admin_codes(visit: Visit) -> Response:
    """Codes that were given out and still serve, every phone, and the people whom a code can be made for."""
    with reading(visit.doors.engine) as connection:
        waiting = devices.open_codes(connection, stamp(visit.now))
        phones = [_device_row(visit, phone) for phone in _phones(connection)]
        people = [person for person in directory.everybody(connection) if person.active and person.role in ROLES]
    columns = (
        Column("name", "姓名", "Name"),
        Column("made", "生成时间", "Made", "instant"),
        Column("expires", "失效时间", "Serves until", "instant"),
    )
    rows = [
        {
            "name": Cell(row.name, visit.href("admin_person", person=row.person)),
            "made": local(visit, row.made_at),
            "expires": local(visit, row.expires_at),
        }
        for row in waiting
    ]
    tables = [
        Table("codes", "未使用的注册码", "Codes that still serve", columns, rows),
        Table("phones", "全部手机", "All phones", DEVICE_COLUMNS, phones),
    ]
    return visit.tables("admin_codes.html", tables, name="cunyi-phones", admin_pages=PAGES, faults={}, people=people)


def admin_device(visit: Visit, device: str) -> Response:
    """One phone, with what retiring and revoking it would do; it is done when the administrator confirms it."""
    with reading(visit.doors.engine) as connection:
        phone = next((one for one in _phones(connection) if one["id"] == device), None)
    if phone is None:
        raise Problem("not-found")
    faults: Any = ()
    if request.method == "POST":
        status, sure = visit.form.get("status", ""), "sure" in visit.form
        try:
            changed(visit, lambda connection, by: administration.set_device(connection, device, status, by, sure=sure))
        except FormError as trouble:
            faults = trouble.faults
        else:
            return visit.see(visit.href("admin_device", device=device))
    return shown(
        visit,
        "admin_device.html",
        faults=faults,
        phone=phone,
        heard=local(visit, phone["heard"]),
        status=label(visit, STATUSES, phone["status"]),
    )
