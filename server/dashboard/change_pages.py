"""Changes (修改记录): who changed what, from what, to what, over the villages that somebody sees, the newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response

from server.changes import Change, Changes, Wanted
from server.dashboard.frame import Desk, Visit
from server.dashboard.naming import local
from server.dashboard.record_pages import ASIDE, OUTCOMES, told
from server.histories import SERVER
from server.labels import Labels, references
from server.sheets import Cell, Column, Table
from server.store import findings, phones
from server.store.engine import reading
from server.store.names import names
from sync.decided import DECISION
from sync.scopes import township_of, village_of

COLUMNS = (
    Column("received", "上传时间", "Received", "day"),
    Column("written", "填写时间", "Written", "day"),
    Column("who", "填写人", "Who"),
    Column("device", "设备", "Device"),
    Column("village", "村", "Village"),
    Column("about", "居民（家庭）", "Resident or household"),
    Column("record", "记录", "Record"),
    Column("field", "项目", "Field"),
    Column("before", "原内容", "Before"),
    Column("after", "新内容", "After"),
    Column("outcome", "处理", "Outcome"),
)


def register(desk: Desk) -> None:
    """Declare the page."""
    desk.page("/changes", action="look.changes")(changes)


def changes(visit: Visit) -> Response:
    """The changes of an area, by person, type, resident and outcome; `before`: the place to go on from."""
    view, area = visit.view, visit.args.get("area") or None
    villages = view.villages_of(area) if area else sorted(view.villages)
    asked = {name: visit.args.get(name) or None for name in ("person", "type", "resident", "outcome")}
    visit.note(area=area, resident=asked["resident"])
    page = Changes(visit.doors.engine).page(view, villages, Wanted(**asked), visit.args.get("before"))
    labels, home = _named(visit, page.changes, asked["resident"])
    rows = [row for change in page.changes for row in _rows(visit, change, labels, home)]
    said = ("本页的修改", "Changes on this page")
    table = Table("changes", *said, COLUMNS, rows, empty_zh="没有符合条件的修改", empty_en="No such changes")
    with reading(visit.doors.engine) as connection:
        workers = phones.workers_in(connection, villages)
    context: dict[str, Any] = {
        "asked": asked,
        "areas": _areas(visit, area),
        "chosen": area,
        "workers": [(worker.person, worker.name) for worker in workers],
        "types": _types(visit),
        "outcomes": OUTCOMES,
        "resident_name": labels.name("resident", asked["resident"]) if asked["resident"] else None,
        "more": visit.here(before=page.before) if page.before else None,
        "looked_at": page.looked_at,
        **({"area": area} if area else {}),
    }
    return visit.tables("changes.html", [table], name="cunyi-changes", **context)


def _areas(visit: Visit, area: str | None) -> list[tuple[str, str]]:
    """What can be chosen: the highest areas, what lies below them, and the villages of the township that is chosen."""
    view = visit.view
    townships = {township for village in view.villages for township in [township_of(village)] if _whole(visit, township)}
    chosen = township_of(area) if area and len(area) >= len(township_of(area)) > 6 else None
    close = {village for village in view.villages if chosen == township_of(village) or len(townships) <= 1}
    return [(code, visit.area_name(code)) for code in sorted({*view.areas, *townships, *close})]


def _whole(visit: Visit, area: str) -> bool:
    return any(area.startswith(root) for root in visit.view.areas)


def _types(visit: Visit) -> list[tuple[str, str]]:
    """The types of records that the person may see."""
    seen = (
        one for one in visit.doors.catalogue.types.values() if one.programme is None or one.programme in visit.view.programmes
    )
    return [(one.name, visit.say(one.zh, one.en)) for one in seen]


def _named(visit: Visit, found: Sequence[Change], resident: str | None) -> tuple[Labels, dict[str, str]]:
    """The words for everything in these changes, and a resident of each household."""
    wanted: set[tuple[str, str]] = {("resident", resident)} if resident else set()
    houses: set[str] = set()
    for change in found:
        wanted.add(("person", change.author))
        if change.step and change.type:
            for sections in (change.step.sections, *(_before(change))):
                wanted |= set(references(visit.doors.catalogue, change.type, sections))
        if (about := _about(visit, change)) is not None:
            wanted.add(about)
            houses |= {about[1]} if about[0] == "household" else set()
    scopes = visit.view.scopes | {township_of(village) for village in visit.view.villages}
    with reading(visit.doors.engine) as connection:
        named = names(connection, scopes, sorted(wanted), visit.doors.catalogue)
        home = findings.somebody_of(connection, {village_of(change.place.scope) for change in found}, houses)
    return Labels(visit.doors.catalogue, visit.chinese, named), home


def _before(change: Change) -> Iterator[dict[str, Any]]:
    for one in change.step.changes if change.step else ():
        if one.field is not None:
            yield {one.section: {one.field: one.before}}


def _about(visit: Visit, change: Change) -> tuple[str, str] | None:
    """(resident or household, id) that a record is about, None where it is about neither, or is nowhere to be seen."""
    if change.history is None or change.type is None:
        return None
    declared, record = visit.doors.catalogue.types.get(change.type), change.history.record
    if change.type in ("resident", "household"):
        return change.type, record.id
    if declared is None or record.subject is None or declared.subject not in ("resident", "household"):
        return None
    return declared.subject, record.subject


def _rows(visit: Visit, change: Change, labels: Labels, home: dict[str, str]) -> Iterator[dict[str, Any]]:
    """A row for each field that was changed; one for a whole record that is new."""
    about = _about(visit, change)
    resident = (about[1] if about[0] == "resident" else home.get(about[1])) if about else None
    linked = visit.href("record", resident=resident, record=change.record) if resident and change.record else None
    outcome, aside = OUTCOMES.get(change.outcome), ASIDE.get(change.reason or "")
    step = change.step
    common = {
        "received": local(visit, change.place.received_at),
        "written": Cell(
            local(visit, change.written_at), hint=visit.say("离线填写", "written offline") if step and step.offline else None
        ),
        "who": labels.name("person", change.author) if change.author else None,
        "device": visit.say("管理后台", "the dashboard") if change.device == SERVER else change.device,
        "village": visit.area_name(village_of(change.place.scope)),
        "about": Cell(labels.name(*about), visit.href("resident", resident=resident) if resident else None) if about else None,
        "record": Cell(labels.type(change.type), linked) if change.type else None,
        "outcome": Cell(visit.say(*outcome) if outcome else change.outcome, hint=visit.say(*aside) if aside else change.reason),
    }
    fields = [one for one in step.changes if one.section != DECISION] if step else []
    if step is None or change.history is None or change.type is None:
        yield {**common, "field": None}
    elif not fields:
        yield {**common, "field": visit.say("（没有改动）", "(nothing changed)")}
    elif not step.context and all(one.before is None for one in fields):
        whole = visit.say(f"新建，{len(fields)} 项", f"new, {len(fields)} fields")
        yield {**common, "field": whole}
    else:
        yield from ({**common, **told(change.type, one, step, labels)} for one in fields)
