"""The page of one record: what it says now, what is in conflict, what the rules suggest, and who wrote what when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response

from server.dashboard.frame import Desk, Visit
from server.dashboard.naming import labels_of, local
from server.dashboard.person import Person, day_of
from server.dashboard.resident_pages import person_of
from server.histories import STATE, Changed, Histories, History, Step
from server.labels import EMPTIED, Labels, Line
from server.problems import Problem
from server.sheets import Cell, Column, Table
from sync.codec import issues_from_wire
from sync.decided import DECISION
from sync.record import VOID, Sections, Sibling, canonical, clashing, conflicts, shown

OUTCOMES = {
    "accepted": ("已采纳", "accepted"),
    "merged": ("已合并", "merged"),
    "conflict": ("产生冲突", "made a conflict"),
    STATE: ("恢复后补回", "brought back after a restore"),
    "deposited": ("已搁置，未采纳", "set aside"),
    "gap": ("未采纳，等手机重发", "not taken, to be sent again"),
}
ASIDE = {
    "out-of-scope": ("不在其工作范围", "not of their villages"),
    "account-disabled": ("账号或设备已停用", "the person or device is shut out"),
    "dot-reused": ("编号重复", "its number was used twice"),
    "malformed": ("内容无法读取", "it cannot be read"),
}
UNCHANGED = ("（没有改动）", "(nothing changed)")
UNTOLD = ("（内容未采纳，由负责核对的人处理）", "(not taken: who decides about it sees what it says)")
SAME_TAIL = ("（尾号相同，其余不同）", " (another number with the same end)")


@dataclass(frozen=True)
class Claim:
    """One of the values of a section: whose it is, when and where it was written, its lines; those in which they differ."""

    author: str
    device: str
    written: str
    received: str
    lines: list[tuple[Line, bool]]


@dataclass(frozen=True)
class Block:
    """A section on the page. `claims`: all its values where they differ, the shown one last; `asks`: a person has to decide."""

    name: str
    title: str
    lines: list[Line]
    claims: list[Claim]
    asks: bool


def register(desk: Desk) -> None:
    """Declare the page."""
    desk.page("/residents/<resident>/records/<record>", action="look.record")(record)


def record(visit: Visit, resident: str, record: str) -> Response:
    """One record that the standing of this resident rests on; raises Problem `not-found` for any other."""
    visit.note(record=record)
    person = person_of(visit, resident)
    if record not in person.views:
        raise Problem("not-found")
    history = Histories(visit.doors.engine).history(visit.view, record)
    labels = _labels(visit, history)
    type_name, view = history.record.type, shown(history.record)
    issues = [(one.level, labels.issue(type_name, one, view)) for one in issues_from_wire(history.stored.issues)]
    late = [one.days for one in person.told.account.events if one.kind == "recorded" and one.record == record and not one.met]
    works = person.works.get(record, [])
    known = person.known(record)
    day = day_of(person, known) if known else None
    identity = person.views.get(resident, {}).get("identity") or {}
    name = str(identity.get("name") or visit.say("（无姓名）", "(no name)"))
    title = f"{labels.type(type_name)} {day or ''}".strip()
    context: dict[str, Any] = {
        "area": person.told.village,
        "crumbs": [(name, visit.href("resident", resident=resident)), (title, None)],
        "person": person,
        "called": name,
        "title": title,
        "blocks": list(_blocks(visit, history, labels)),
        "issues": issues,
        "late": late[0] if late else None,
        "is_late": bool(late),
        "void": _void(labels, type_name, view),
        "counted": person.counted(works),
        "why_not": person.why_not(works),
        "settle": person.to("conflict", record=record),
    }
    tables = [*_differing(person, labels, history), _history_table(visit, history, labels)]
    return visit.tables("record.html", tables, name=f"cunyi-record-{record}", **context)


def _labels(visit: Visit, history: History) -> Labels:
    """The words for everything that was ever said in a record."""
    type_name = history.record.type
    said: list[tuple[str, Sections]] = [(type_name, step.sections) for step in history.steps]
    said += [(type_name, edit.sections) for edit in history.record.edits]
    people = {edit.author for edit in history.record.edits} | {step.author for step in history.steps}
    return labels_of(visit, said, people)


def _void(labels: Labels, type_name: str, view: Sections) -> str | None:
    """Why the record was entered in error, None for one that holds."""
    value = view.get(VOID)
    return "；".join(line.text for line in labels.lines(type_name, VOID, value)) if value is not None else None


# -- what it says now --------------------------------------------------------------------------------------------------


def _blocks(visit: Visit, history: History, labels: Labels) -> Iterator[Block]:
    record = history.record
    view, several = shown(record), clashing(record)
    asked = conflicts(record, visit.doors.catalogue.policy(record.type))
    for name in labels.order(record.type, view):
        if name == DECISION and not _decides(history):
            continue
        value = view[name]
        claims = [_claim(visit, history, labels, name, one, several[name]) for one in several.get(name, ())]
        if value is not None or claims:
            lines = labels.lines(record.type, name, value)
            yield Block(name, labels.section(record.type, name, view), lines, claims, name in asked)


def _decides(history: History) -> bool:
    """True when what the record has as its decision is one, and not what a phone wrote without settling anything."""
    last = [edit for edit in history.record.edits if DECISION in edit.sections]
    steps = [history.step(edit.dot) for edit in last]
    return all(step is None or step.decides for step in steps)


def _claim(visit: Visit, history: History, labels: Labels, name: str, one: Sibling, every: list[Sibling]) -> Claim:
    step = history.step(one.edit.dot)
    said = [other.value or {} for other in every]

    def differs(field: str) -> bool:
        return len({canonical(value.get(field)) for value in said}) > 1

    lines = labels.lines(history.record.type, name, one.value)
    return Claim(
        labels.name("person", one.edit.author),
        _device(visit, step) if step else "",
        local(visit, one.edit.written_at),
        local(visit, step.received_at) if step else "",
        [(line, differs(line.field)) for line in lines],
    )


def _device(visit: Visit, step: Step) -> str:
    if step.at_server:
        return visit.say("管理后台", "the dashboard")
    return step.device_name or step.device


def _differing(person: Person, labels: Labels, history: History) -> Iterator[Table]:
    """The doctor's value beside what the rules suggest, where they differ; the doctor's stands."""
    record, rows = history.record, list[dict[str, Any]]()
    for one in person.standing["differs"]:
        if one["record"] == record.id:
            section, _, field = one["field"].partition(".")
            rows.append(
                {
                    "field": f"{labels.section(record.type, section)} · {labels.field(record.type, section, field)}",
                    "doctor": labels.value(record.type, section, field, one["doctor"]),
                    "suggested": labels.value(record.type, section, field, one["suggested"]),
                    "rule": f"{person.rule(one['rule'])} ({one['version']})",
                }
            )
    columns = (
        Column("field", "项目", "Field"),
        Column("doctor", "医生填写（有效）", "The doctor's (it stands)"),
        Column("suggested", "系统建议", "Suggested"),
        Column("rule", "依据的规则", "By the rule"),
    )
    if rows:
        yield Table("differs", "与系统建议不同", "Unlike the suggestion", columns, rows)


# -- who wrote what ----------------------------------------------------------------------------------------------------


def _history_table(visit: Visit, history: History, labels: Labels) -> Table:
    """Every change of every field, the latest first."""
    rows = [row for step in reversed(history.steps) for row in _rows(visit, history, step, labels)]
    columns = (
        Column("written", "填写时间", "Written", "day"),
        Column("received", "上传时间", "Received", "day"),
        Column("who", "填写人", "Who"),
        Column("device", "设备", "Device"),
        Column("field", "项目", "Field"),
        Column("before", "原内容", "Before"),
        Column("after", "新内容", "After"),
        Column("why", "原因", "Why"),
        Column("outcome", "处理", "Outcome"),
    )
    return Table("history", "修改历史", "History of each field", columns, rows)


def _rows(visit: Visit, history: History, step: Step, labels: Labels) -> Iterator[dict[str, Any]]:
    decision = (step.sections.get(DECISION) or {}) if step.decides else {}
    known = OUTCOMES.get(step.outcome)
    aside = ASIDE.get(step.reason or "")
    common = {
        "written": Cell(local(visit, step.written_at), hint=visit.say("离线填写", "written offline") if step.offline else None),
        "received": local(visit, step.received_at),
        "who": labels.name("person", step.author) if step.author else None,
        "device": _device(visit, step),
        "why": str(decision.get("reason") or "") or None,
        "outcome": Cell(
            visit.say(*known) if known else step.outcome,
            hint=visit.say(*aside) if aside else step.reason,
            tone=None if step.applied else "warn",
        ),
    }
    form = labels.order(history.record.type, step.sections)
    changes = sorted((one for one in step.changes if one.section != DECISION), key=lambda one: form.index(one.section))
    for change in changes:
        yield {**common, **told(history.record.type, change, step, labels)}
    if not changes:
        yield {**common, "field": visit.say(*(UNCHANGED if step.applied or step.sections else UNTOLD))}


def told(type_name: str, change: Changed, step: Step, labels: Labels) -> dict[str, str]:
    """A change in words: which field, from what, to what."""
    section = labels.section(type_name, change.section, step.sections)
    if change.field is None:
        return {
            "field": section,
            "before": _whole(type_name, change.section, change.before, labels),
            "after": _whole(type_name, change.section, change.after, labels),
        }
    before, after = (labels.value(type_name, change.section, change.field, value) for value in (change.before, change.after))
    if before == after:  # a number of which only the end is shown
        after += labels.say(SAME_TAIL)
    return {"field": f"{section} · {labels.field(type_name, change.section, change.field)}", "before": before, "after": after}


def _whole(type_name: str, section: str, value: Any, labels: Labels) -> str:
    if not value:
        return labels.say(EMPTIED) if value is None else ""
    return labels.say(("；", "; ")).join(f"{line.label} {line.text}" for line in labels.lines(type_name, section, value))
