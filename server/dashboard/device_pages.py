"""Devices and sync (设备与同步): which villages are out of touch, and what each phone last said of itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response

from server.dashboard.admin_desk import ROLES, STATUSES, label
from server.dashboard.frame import Desk, Visit
from server.dashboard.naming import local
from server.dashboard.restored_tables import damaged, restored, stopped
from server.freshness import Doctor, Freshness, freshness
from server.sheets import Cell, Column, Table
from server.store.engine import reading
from server.store.phones import Phone
from sync.codec import instant

CLOCK_MINUTES = 10  # by which a phone may be wrong before that is worth a word
PROBLEMS = {  # of server/problems.py, those that a person can do something about
    "actor-rolled-back": ("手机数据是旧的副本，正在换名", "it holds an older copy of itself, and is taking a new name"),
    "over-quota": ("今天上传过多，明天继续", "it brought too much today, and goes on tomorrow"),
    "too-large": ("一次上传过大，请更新应用", "it sends too much at once: update the app"),
    "unfit-request": ("请求格式不对，请更新应用", "its requests are not of the form: update the app"),
    "not-json": ("数据在途中损坏，请换网络再试", "what it sends is spoilt on the way: try another network"),
    "encoding": ("数据在途中损坏，请换网络再试", "what it sends is spoilt on the way: try another network"),
}
STATES = {
    "out_of_touch": ("长时间未同步", "out of touch"),
    "without_phone": ("没有在用的手机", "no phone in use"),
    "in_touch": ("正常", "in touch"),
}
VILLAGES = (
    Column("village", "村", "Village"),
    Column("state", "状态", "State"),
    Column("doctors", "医生", "Doctors"),
    Column("heard", "最后同步", "Last sync", "instant"),
    Column("days", "距今天数", "Days since", "number"),
    Column("unsent", "未上传（最近报告）", "Unsent, as last reported", "number"),
)
PHONES = (
    Column("doctor", "医生", "Doctor"),
    Column("role", "角色", "Role"),
    Column("villages", "村", "Villages"),
    Column("phone", "手机", "Phone"),
    Column("state", "状态", "State"),
    Column("heard", "最后同步", "Last sync", "instant"),
    Column("days", "距今天数", "Days since", "number"),
    Column("unsent", "未上传（最近报告）", "Unsent, as last reported", "number"),
    Column("app", "应用版本", "App version"),
    Column("clock", "手机时钟慢（秒）", "Clock is slow by (s)", "number"),
    Column("storage", "存储空间", "Storage"),
    Column("errors", "为何被拒绝", "Refused because"),
)


def register(desk: Desk) -> None:
    """Declare the page."""
    desk.page("/devices", action="look.devices")(devices)


def devices(visit: Visit) -> Response:
    """The phones of an area (`area`), of all villages that the person sees without one."""
    area = visit.args.get("area")
    villages = visit.view.villages_of(area) if area else sorted(visit.view.villages)
    with reading(visit.doors.engine) as connection:
        fresh = freshness(connection, villages, visit.now, visit.today)
        after_restore = restored(visit, connection, {one.worker.person for one in fresh.doctors})
        alarm = " ".join(filter(None, (stopped(visit, connection), damaged(visit, connection, villages))))
    states = {code: _state(fresh, code) for code in villages}
    tables = [*after_restore, _villages(visit, fresh, states), _phones(visit, fresh, states)]
    notes = [
        (
            visit.say("长时间未同步", "Out of touch"),
            visit.say(
                f"本村医生中有人超过 {fresh.days} 天没有用任何在用的手机同步，或从未同步；本村没有医生时，看为其服务的团队是否有人同步。",
                f"Somebody who works in the village has not synced for more than {fresh.days} days by any phone in use, or never "
                "has; where nobody works, nobody of the teams that serve it has.",
            ),
        ),
        (
            visit.say("未上传", "Unsent"),
            visit.say(
                "手机最后一次同步时自己报告的条数，之后在手机上新写的不在内。",
                "What the phone itself said when it last synced; what was written on it since is not in it.",
            ),
        ),
        (
            visit.say("未报告", "Not reported"),
            visit.say(
                "同步协议只报告应用版本、时钟和未上传条数，存储空间请在手机上查看。",
                "By the protocol a phone tells its version, clock and unsent edits; its storage is seen on the phone.",
            ),
        ),
        (
            visit.say("停用与作废", "Retire and revoke"),
            visit.say(
                "丢失或不再使用的手机请联系系统管理员，在“管理 › 人员”中停用或作废。",
                "A phone that is lost or out of use: ask the administrator, who retires or revokes it under Administration › People.",
            ),
        ),
    ]
    return visit.tables("devices.html", tables, notes, "cunyi-devices", alarm=alarm, **({"area": area} if area else {}))


def _state(fresh: Freshness, village: str) -> str:
    if village in fresh.out_of_touch:
        return "out_of_touch"
    return "without_phone" if village in fresh.without_phone else "in_touch"


def _villages(visit: Visit, fresh: Freshness, states: dict[str, str]) -> Table:
    """The villages, those out of touch first."""
    rows = []
    for code in sorted(states, key=lambda code: (list(STATES).index(states[code]), code)):
        own = [one for one in fresh.doctors if code in one.worker.own and one.worker.active]
        theirs = own or [one for one in fresh.doctors if code in one.worker.served and one.worker.active]
        heard = max((one.heard_at for one in theirs if one.heard_at), default=None)
        unsent = sum(phone.outbox for one in own for phone in one.phones)
        rows.append(
            {
                "village": Cell(visit.area_name(code), visit.href("devices", area=code)),
                "state": Cell(visit.say(*STATES[states[code]]), tone="good" if states[code] == "in_touch" else "bad"),
                "doctors": visit.say("、", ", ").join(one.worker.name for one in theirs),
                "heard": local(visit, heard),
                "days": _days(visit, heard),
                "unsent": Cell(unsent, tone="warn" if unsent else None),
            }
        )
    return Table("villages", "各村同步情况", "Villages", VILLAGES, rows)


def _phones(visit: Visit, fresh: Freshness, states: dict[str, str]) -> Table:
    """The doctors and their phones, those of villages out of touch first, and of these the longest unheard."""
    rows = [
        _row(visit, doctor, phone)
        for doctor in sorted(fresh.doctors, key=lambda one: (_late(one, states), one.heard_at or "", one.worker.person))
        for phone in doctor.phones or (None,)
    ]
    return Table("phones", "医生与手机", "Doctors and phones", PHONES, rows, empty_zh="没有医生", empty_en="No doctors")


def _late(doctor: Doctor, states: dict[str, str]) -> bool:
    """False, so that they come first, for who works in a village out of touch."""
    return not any(states[code] == "out_of_touch" for code in doctor.worker.own)


def _row(visit: Visit, doctor: Doctor, phone: Phone | None) -> dict[str, Any]:
    worker = doctor.worker
    row: dict[str, Any] = {
        "doctor": Cell(
            worker.name,
            visit.href("changes", person=worker.person),
            visit.say("已离岗", "has left") if not worker.active else None,
        ),
        "role": label(visit, ROLES, worker.role),
        "villages": visit.say("、", ", ").join(visit.area_name(code) for code in sorted(worker.own | worker.served)),
    }
    if phone is None:
        return {**row, "phone": visit.say("（没有手机）", "(no phone)")}
    unknown = visit.say("未报告", "not reported")
    seconds = round(phone.offset_ms / 1000)
    return {
        **row,
        "phone": phone.name,
        "state": Cell(label(visit, STATUSES, phone.status), tone=None if phone.status == "active" else "warn"),
        "heard": local(visit, phone.heard_at) or visit.say("从未", "never"),
        "days": _days(visit, phone.heard_at),
        "unsent": Cell(phone.outbox, tone="warn" if phone.outbox else None),
        "app": phone.app or unknown,
        "clock": Cell(seconds if phone.heard_at else None, tone="warn" if abs(seconds) > CLOCK_MINUTES * 60 else None),
        "storage": unknown,
        "errors": _problem(visit, phone),
    }


def _problem(visit: Visit, phone: Phone) -> Cell | None:
    """Why the phone was refused since it last synced."""
    if phone.problem is None:
        return None
    words = visit.say(*PROBLEMS.get(phone.problem, (f"请求被拒绝（{phone.problem}）", f"refused ({phone.problem})")))
    return Cell(f"{words} · {local(visit, phone.problem_at)}", tone="bad")


def _days(visit: Visit, moment: str | None) -> int | None:
    """Whole days since."""
    return (visit.now - instant(moment)) // dt.timedelta(days=1) if moment else None
