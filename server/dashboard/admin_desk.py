"""What the pages of an administrator share: their list, their words, and how a change is made and a fault told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from flask import Response
from sqlalchemy import Connection

from server.administration import By, Fault
from server.dashboard.frame import Visit
from server.problems import Problem
from server.store.engine import retried
from sync.codec import stamp

T = TypeVar("T")
Words = tuple[str, str]

PAGES: Sequence[tuple[str, Words]] = (
    ("admin", ("人员", "People")),
    ("admin_teams", ("团队", "Teams")),
    ("admin_places", ("区划与机构", "Places")),
    ("admin_codes", ("手机注册码", "Enrolment codes")),
    ("admin_grants", ("专项授权", "Grants")),
    ("admin_packages", ("服务包", "Packages")),
    ("admin_standards", ("考核标准", "Standards")),
)
ROLES: Mapping[str, Words] = {
    "village_doctor": ("村医", "Village doctor"),
    "team_member": ("团队成员", "Team member"),
    "team_leader": ("团队长", "Team leader"),
    "township_supervisor": ("乡镇监管员", "Township supervisor"),
    "county_supervisor": ("县级监管员", "County supervisor"),
    "administrator": ("系统管理员", "Administrator"),
    "auditor": ("审计员", "Auditor"),
}
PROGRAMMES: Mapping[str, Words] = {"tb": ("肺结核", "Tuberculosis"), "smd": ("严重精神障碍", "Severe mental disorder")}
KINDS: Mapping[str, Words] = {
    "village_clinic": ("村卫生室", "Village clinic"),
    "township_hospital": ("乡镇卫生院", "Township hospital"),
    "county_hospital": ("县级医院", "County hospital"),
    "authority": ("卫生健康行政部门", "Health authority"),
}
TEAM_DUTIES: Mapping[str, Words] = {
    "leader": ("团队长", "Leader"),
    "doctor": ("全科医生", "Doctor"),
    "public_health_doctor": ("公卫医生", "Public-health doctor"),
    "nurse": ("护士", "Nurse"),
    "village_doctor": ("村医", "Village doctor"),
    "other": ("其他", "Other"),
}
STATUSES: Mapping[str, Words] = {
    "active": ("在用", "In use"),
    "retired": ("已停用", "Retired"),
    "revoked": ("已作废", "Revoked"),
}
LEVELS: Mapping[int, Words] = {6: ("县", "County"), 9: ("乡镇", "Township"), 12: ("村", "Village")}


def changed(visit: Visit, work: Callable[[Connection, By], T]) -> T:
    """Make a change in one transaction, by who asks; raises FormError, and Problem `not-found` where there is no such thing."""
    by = By(visit.view.person, stamp(visit.now), visit.today)
    try:
        return retried(visit.doors.engine, lambda connection: work(connection, by))
    except LookupError:
        raise Problem("not-found") from None


def shown(visit: Visit, template: str, *, faults: Sequence[Fault] = (), **context: Any) -> Response:
    """A page of the administrator; with faults, what was filled in stays in its form."""
    told = {fault.field: visit.say(fault.zh, fault.en) for fault in faults}
    reply = visit.render(template, admin_pages=PAGES, faults=told, **context)
    if faults:
        reply.status_code = 422
    return reply


def label(visit: Visit, words: Mapping[Any, Words], code: Any) -> str:
    """A code in words, the code itself where there are none."""
    return visit.say(*words[code]) if code in words else str(code)


def townships(names: Mapping[str, str]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(code, name, villages as code and name) of every township that has villages."""
    found: dict[str, list[tuple[str, str]]] = {}
    for code, name in sorted(names.items()):
        if len(code) == 12:
            found.setdefault(code[:9], []).append((code, name))
    return [(code, names.get(code, code), villages) for code, villages in found.items()]
