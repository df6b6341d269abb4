"""Rosters of the register: areas, and people with their roles and villages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from server.administration import PERSON_ID_LONGEST
from server.config import Config
from server.imports.report import CHANGED, TAKEN, UNCHANGED, RefusedError, Remark, Result
from server.imports.sheet import Row, Sheet
from server.imports.words import keyed_digits, plain
from server.store import directory
from server.store.engine import reading, retried

# -- areas -------------------------------------------------------------------------------------------------------------

AREA_TITLES = {
    "code": ("区划代码", "行政区划代码", "统计用区划代码", "代码", "编码", "area code"),
    "name": ("名称", "区划名称", "地区名称", "area name"),
}
AREA_NEEDED = (("code",), ("name",))


def take_areas(sheet: Sheet, engine: Engine) -> Result:
    """Take counties, townships and villages; of what the file does not name nothing is said."""
    result = Result(list(sheet.unused))
    with reading(engine) as connection:
        known = directory.area_names(connection)
    wanted: dict[str, tuple[Row, str]] = {}
    rows: dict[str, int] = {}
    for row in sheet.rows:
        try:
            code, name = _area(row)
            _once(rows, code, row.number)
            wanted[code] = (row, name)
        except RefusedError as trouble:
            result.refuse(row.number, row.get("name"), trouble)
    new = []
    for code, (row, name) in sorted(wanted.items(), key=lambda item: len(item[0])):
        parent = code[:-3] if len(code) > 6 else ""
        if parent and parent not in known:
            result.refuse(row.number, name, RefusedError("no_parent", value=parent))
            continue
        outcome = UNCHANGED if known.get(code) == name else CHANGED if code in known else TAKEN
        result.say(row.number, name, outcome)
        known[code] = name
        if outcome != UNCHANGED:
            new.append({"code": code, "name": name})
    retried(engine, lambda c: directory.put_areas(c, new))
    return result


def _once(rows: dict[str, int], name: str, number: int, reason: str = "twice") -> None:
    """Remember the row of a name; raises RefusedError when it stands in another already."""
    other = rows.setdefault(name, number)
    if other != number:
        raise RefusedError(reason, other=other)


def _area(row: Row) -> tuple[str, str]:
    given = re.sub(r"\s", "", unicodedata.normalize("NFKC", row.get("code")))
    if not given:
        raise RefusedError("missing", column="code", column_zh="代码")
    if not re.fullmatch(r"[0-9]{6}|[0-9]{9}|[0-9]{12}", given):
        raise RefusedError("area_form", value=given[:30])
    while len(given) > 6 and given.endswith("000"):
        given = given[:-3]
    if given.endswith("00") and len(given) == 6:
        raise RefusedError("area_high")
    name = row.get("name")
    if not name:
        raise RefusedError("missing", column="name", column_zh="名称")
    if len(name) > 100:
        raise RefusedError("unfit", column="name", column_zh="名称", why="too_long")
    return given, name


# -- people ------------------------------------------------------------------------------------------------------------

PEOPLE_TITLES = {
    "id": ("编号", "人员编号", "工号"),
    "name": ("姓名",),
    "role": ("角色", "岗位", "职务"),
    "organisation": ("机构", "单位", "所属机构", "organization"),
    "villages": ("村", "所在村", "服务村", "负责村", "村代码", "village"),
    "area": ("辖区", "监管辖区", "区划代码", "区划"),
    "active": ("在岗", "是否在岗", "状态"),
}
PEOPLE_NEEDED = (("name",), ("role",))
ROLES = {
    "village_doctor": ("村医", "乡村医生", "村医生", "village doctor"),
    "team_member": ("团队成员", "家庭医生团队成员", "team member"),
    "team_leader": ("团队长", "家庭医生团队长", "团队负责人", "team leader"),
    "township_supervisor": ("乡镇监管员", "乡镇督导员", "乡镇管理员", "township supervisor"),
    "county_supervisor": ("县级监管员", "县级督导员", "区县监管员", "county supervisor"),
    "administrator": ("系统管理员", "管理员", "admin"),
    "auditor": ("审计员", "审计"),
}
ROLE_OF = {plain(word): role for role, words in ROLES.items() for word in (role, *words)}
TRUTHS = {plain(word): True for word in ("是", "在岗", "在职", "启用", "yes", "true", "1", "active")} | {
    plain(word): False for word in ("否", "离岗", "离职", "停用", "no", "false", "0", "inactive")
}
KINDS = {
    "village_doctor": "village_clinic",
    "county_supervisor": "authority",
    "administrator": "authority",
    "auditor": "authority",
}


@dataclass
class _Place:
    """What the register has: areas and organisations by id and name, people by id."""

    areas: Mapping[str, str]
    organisations: dict[str, str]
    people: dict[str, dict[str, Any]]


def take_people(sheet: Sheet, engine: Engine, config: Config) -> Result:
    """Take people. What the file leaves empty stays as it is; nobody is removed."""
    result = Result(list(sheet.unused))
    with reading(engine) as connection:
        areas, offices = directory.area_names(connection), directory.organisation_names(connection)
        place = _Place(areas, {name: key for key, name in offices.items()}, directory.roster(connection))
    rows: dict[str, int] = {}
    new: list[dict[str, Any]] = []
    offices_new: list[dict[str, Any]] = []
    for row in sheet.rows:
        try:
            remarks: list[Remark] = []
            wanted = _person(row, place, config.identity_key)
            _once(rows, wanted["id"], row.number, "twice" if row.get("id") else "name_shared")
            office = _organisation(row, wanted, place, config.identity_key, remarks)
        except RefusedError as trouble:
            result.refuse(row.number, row.get("name"), trouble)
            continue
        before = place.people.get(wanted["id"])
        if wanted["role"] in directory.WRITERS - directory.IN_TEAMS and not wanted["villages"]:
            remarks.append(Remark("no_workplace"))
        result.say(row.number, wanted["name"], UNCHANGED if before == wanted else CHANGED if before else TAKEN, *remarks)
        if before != wanted:
            new.append(wanted)
            offices_new += office

    def work(connection: Any) -> None:
        directory.put_organisations(connection, offices_new)
        directory.put_people(connection, [{k: v for k, v in person.items() if k != "villages"} for person in new])
        for person in new:
            directory.put_workplaces(connection, person["id"], sorted(person["villages"]))

    retried(engine, work)
    return result


def _person(row: Row, place: _Place, key: bytes) -> dict[str, Any]:
    """A person as the row and what is known of them amount to, the organisation still as it was."""
    name, role = row.get("name"), ROLE_OF.get(plain(row.get("role")))
    for column, zh in (("name", "姓名"), ("role", "角色")):
        if not row.get(column):
            raise RefusedError("missing", column=column, column_zh=zh)
    if role is None:
        raise RefusedError("unknown_word", column="role", column_zh="角色", value=row.get("role")[:30])
    if len(name) > 50 or not re.fullmatch(r"[A-Za-z0-9._-]{0,64}", row.get("id")):
        why = "more than 50 characters, or an id of other than letters, digits, . _ -"
        raise RefusedError("unfit", column="name or id", column_zh="姓名或编号", why=why)
    villages = {_village(word, place.areas) for word in re.split(r"[\s,;/、，；]+", row.get("villages")) if word}
    area = _area_of(row.get("area"), role, place.areas)
    where = area or (min(villages)[:9] if villages else "")
    person_id = row.get("id") or "p-" + keyed_digits(key, "person", name, where)[:10]
    if len(person_id) > PERSON_ID_LONGEST and person_id not in place.people:
        why = f"an id of more than {PERSON_ID_LONGEST} signs"
        raise RefusedError("unfit", column="id", column_zh="编号", why=why)
    before = place.people.get(person_id, {"organisation": None, "area": None, "active": True, "villages": set()})
    told = plain(row.get("active"))
    if told and told not in TRUTHS:
        raise RefusedError("unknown_word", column="active", column_zh="在岗", value=row.get("active")[:30])
    return {
        "id": person_id,
        "name": name,
        "role": role,
        "organisation": before["organisation"],
        "area": area or before["area"],
        "active": TRUTHS.get(told, before["active"]),
        "villages": villages or before["villages"],
    }


def _village(word: str, areas: Mapping[str, str]) -> str:
    """The code of a village that is named by its code, or by a name that only one has."""
    code = unicodedata.normalize("NFKC", word)
    if len(code) == 12 and code in areas:
        return code
    named = [code for code, name in areas.items() if name == word and len(code) == 12]
    if len(named) != 1:
        raise RefusedError("no_village", value=word[:30])
    return named[0]


def _area_of(given: str, role: str, areas: Mapping[str, str]) -> str | None:
    if not given:
        return None
    code = re.sub(r"\s", "", unicodedata.normalize("NFKC", given))
    while len(code) > 6 and code.endswith("000"):
        code = code[:-3]
    if code not in areas:
        raise RefusedError("area_unknown", value=given[:30])
    if len(code) != directory.SUPERVISED.get(role, len(code)):
        raise RefusedError("area_level", value=given[:30])
    return code


def _organisation(row: Row, wanted: dict[str, Any], place: _Place, key: bytes, remarks: list[Remark]) -> list[dict[str, Any]]:
    """Fill in the organisation, by its id or name; the new one that is to be made for it, if any."""
    given = row.get("organisation")
    if not given:
        return []
    known = given if given in place.organisations.values() else place.organisations.get(given)
    if known:
        wanted["organisation"] = known
        return []
    kind = KINDS.get(wanted["role"], "township_hospital")
    where = wanted["area"] or min(wanted["villages"], default="")
    length = {"village_clinic": 12, "township_hospital": 9, "authority": 6}[kind]
    if not where or len(given) > 100:
        remarks.append(Remark("organisation_unplaced", {"value": given[:30]}))
        return []
    made = {"id": "o-" + keyed_digits(key, "organisation", given)[:10], "name": given, "kind": kind, "area": where[:length]}
    place.organisations[given] = wanted["organisation"] = made["id"]
    return [{**made, "parent": None}]
