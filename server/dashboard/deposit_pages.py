"""The page of what was set aside: what it says beside what stands, why it was not taken, and the decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, request

from server.dashboard.decision_forms import TROUBLE, again, corrections, options, plain_items, seen_of, seen_text, trouble_of
from server.dashboard.frame import Desk, Visit
from server.dashboard.naming import labels_of, local
from server.decisions.deposits import SHELL, SHORT
from server.decisions.set_aside import Aside
from server.labels import Labels
from server.problems import Problem
from server.store.deposits import APPLIED, WAITING
from sync.record import shown
from sync.types.fields import Item

REASONS = {
    "out-of-scope": (
        "不在填写人可写的范围内：村不是其服务的村，记录已在别处，或内容属于受保护项目",
        "Not for its author to write there: another village, a record that lives elsewhere, or of a protected programme",
    ),
    "account-disabled": ("上传时填写人的账号或设备已停用", "The person or device was shut out when it arrived"),
    "dot-reused": (
        "手机被复制或恢复过，同一编号出现了两份不同的内容",
        "The phone was copied or put back: two contents have come under one number",
    ),
    "malformed": ("格式无法读取或超出限制，只能退回", "It cannot be read, or is over a limit: it can only be refused"),
}


@dataclass(frozen=True)
class Row:
    """One field: what the deposit says, what stands, and how it can be corrected."""

    field: str
    label: str
    said: str
    stands: str
    item: Item | None
    options: tuple[tuple[str, str], ...]
    differs: bool


def register(desk: Desk) -> None:
    """Declare the pages."""
    desk.page("/deposits/<deposit>", duty="set_aside", action="look.deposit")(deposit)
    desk.page("/deposits/<deposit>", duty="set_aside", action="deposit.decide", methods=("POST",))(deposit_decide)


def deposit(visit: Visit, deposit: str) -> Response:
    """One that waits, or what became of it."""
    return _page(visit, deposit)


def deposit_decide(visit: Visit, deposit: str) -> Response:
    """Apply it, correct and apply it, or refuse it."""
    try:
        done = _sent(visit, deposit)
    except Problem as problem:
        if problem.kind.name not in TROUBLE:
            raise
        return again(_page(visit, deposit, problem), problem)
    return visit.see(visit.href("queue", done=done))


def _sent(visit: Visit, deposit: str) -> str:
    """Do what the form says: what the queue tells of it."""
    desk, form = visit.doors.decisions.set_aside, visit.form
    action, reason = form.get("action", ""), form.get("reason", "")
    if action == "apply":
        desk.apply(visit.view, deposit)
    elif action == "correct":
        aside = desk.of(visit.view, deposit)
        said = {name: corrections(visit, aside.type or "", name) for name in aside.sections}
        desk.correct(visit.view, deposit, seen_of(form.get("seen", "")), said, reason)
    elif action == "refuse":
        desk.refuse(visit.view, deposit, reason)
        return "refused"
    else:
        raise Problem("unfit-request", faults=["/action: apply, correct or refuse"])
    return "applied"


def _page(visit: Visit, deposit: str, problem: Problem | None = None) -> Response:
    aside = visit.doors.decisions.set_aside.of(visit.view, deposit)
    village = aside.village if aside.village in visit.view.villages else None
    record = aside.record.id if aside.record else None
    visit.note(area=village, record=record, detail={"deposit": aside.deposit.id[:SHORT]})
    said = [(aside.type, aside.sections)] if aside.type else []
    if aside.record:
        said.append((aside.record.type, shown(aside.record)))
    labels = labels_of(visit, said, {aside.deposit.person, aside.deposit.decided_by or ""})
    identity = (shown(aside.subject).get("identity") or {}) if aside.subject else {}
    name = identity.get("name") or identity.get("head_name")
    subject = aside.subject.id if aside.subject and aside.subject.type == "resident" else None
    address = visit.href("resident", resident=subject) if subject else None
    title = labels.type(aside.type) if aside.type else visit.say("无法读取的内容", "Something that cannot be read")
    context: dict[str, Any] = {
        **({"area": village} if village else {}),
        "crumbs": [*([(str(name), address)] if name else []), (visit.say("待核补传", "Set aside"), None)],
        "deposit": aside.deposit.id,
        "title": title,
        "name": name,
        "author": labels.name("person", aside.deposit.person),
        "device": aside.device_name or aside.deposit.device,
        "written": local(visit, aside.written_at),
        "received": local(visit, aside.deposit.received_at),
        "why": visit.say(*REASONS.get(aside.deposit.reason, (aside.deposit.reason, aside.deposit.reason))),
        "decided": _decided(visit, aside, labels),
        "decision": aside.deposit.decision,
        "to_record": visit.href("record", resident=subject, record=record) if subject and record else None,
        "blocks": _blocks(visit, aside, labels),
        "there": aside.record is not None,
        "readable": aside.type is not None,
        "seen": seen_text(aside.record.seen if aside.record else {}),
        "reason": request.form.get("reason", "") if problem else "",
        "chosen": dict(request.form.items()) if problem and problem.kind.name == "unfit-request" else {},
        **trouble_of(visit, problem),
    }
    return visit.render("deposit.html", **context)


def _decided(visit: Visit, aside: Aside, labels: Labels) -> str | None:
    """What became of one about which somebody has decided, who it was and when."""
    if aside.deposit.state == WAITING:
        return None
    became = visit.say("已采纳", "Applied") if aside.deposit.state == APPLIED else visit.say("已退回", "Refused")
    by = str(aside.deposit.decided_by)
    who = visit.say("系统管理员", "the operator") if by == SHELL else labels.name("person", by)
    return f"{became} · {who} · {local(visit, aside.deposit.decided_at)}"


def _blocks(visit: Visit, aside: Aside, labels: Labels) -> list[tuple[str, str, list[Row]]]:
    """(section, title, rows) of all that the deposit says, in the order of the form."""
    if aside.type is None:
        return []
    stands = shown(aside.record) if aside.record else {}
    return [
        (
            name,
            labels.section(aside.type, name, aside.sections),
            list(_rows(visit, aside, labels, name, stands.get(name) or {})),
        )
        for name in labels.order(aside.type, aside.sections)
    ]


def _rows(visit: Visit, aside: Aside, labels: Labels, name: str, stands: Any) -> list[Row]:
    type_name, said = str(aside.type), aside.sections[name]
    items = plain_items(visit.doors.catalogue, type_name, name)
    if said is None:
        return [Row("", "", line.text, "", None, (), bool(stands)) for line in labels.lines(type_name, name, None)]
    return [
        Row(
            line.field,
            line.label,
            line.text,
            labels.value(type_name, name, line.field, stands.get(line.field)),
            items.get(line.field),
            tuple(options(visit, items.get(line.field))),
            said.get(line.field) != stands.get(line.field),
        )
        for line in labels.lines(type_name, name, said)
    ]
