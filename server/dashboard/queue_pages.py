"""待处理: all that waits for a decision in one list, the oldest first, and what differs in spelling only in one go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import Response, request

from server.dashboard.decision_forms import seen_of, seen_text
from server.dashboard.frame import Desk, Visit
from server.dashboard.naming import labels_of, local
from server.decisions.conflicts import Waiting
from server.labels import Labels
from server.problems import Problem
from server.sheets import Cell, Column, Table
from sync.record import Record, family, shown
from sync.scopes import village_of

KINDS = {
    "conflict": ("冲突", "Conflicts"),
    "deposit": ("待核补传", "Set aside"),
    "appeal": ("申诉", "Appeals"),
    "double": ("重复签约", "Two contracts"),
    "candidate": ("疑似重复", "Likely duplicates"),
}
DONE = {
    "settled": ("冲突已处理；医生下次同步时可见结果和理由。", "Settled; the doctors see it, and why, with their next sync."),
    "sent_back": ("已退回村医核实；医生下次同步时可见。", "Sent back; the doctors read it with their next sync."),
    "applied": ("已采纳。", "Applied."),
    "refused": ("已退回，原件保留；医生下次同步时可见。", "Refused and kept; the doctors read it with their next sync."),
    "judged": ("申诉已处理；医生下次同步时可见。", "Decided; the doctor sees it with the next sync."),
    "overtaken": (
        "没有处理任何一条：勾选的冲突都已有新内容或已由他人处理，请看过后重新决定。",
        "Nothing was settled: all that was marked has changed meanwhile, or somebody else has decided. Look again.",
    ),
    "ended": (
        "已结束一份协议，另一份照常计数；医生下次同步时可见。",
        "One is ended, the other counts; the doctors see it with their next sync.",
    ),
    "linked": ("已认定；原档案均未改动。", "Decided; neither record was touched."),
}


class Line(NamedTuple):
    """One line of the queue."""

    since: str
    kind: str
    row: dict[str, Any]


def register(desk: Desk) -> None:
    """Declare the pages."""
    desk.page("/queue", action="look.queue")(queue)
    desk.page("/queue/accept", duty="settle", action="queue.accept", methods=("POST",))(queue_accept)


def queue(visit: Visit) -> Response:
    """What waits for this person, or can be seen by them; raises Problem `unfit-request` for a kind that is none."""
    chosen = visit.args.get("kind") or None
    if chosen is not None and chosen not in KINDS:
        raise Problem("unfit-request", faults=[visit.say("类别：没有这个类别", "Kind: there is no such kind")])
    waiting = visit.doors.decisions.conflicts.listed(visit.view)
    lines = [*_conflicts(visit, waiting), *_deposits(visit), *_appeals(visit), *_doubles(visit), *_candidates(visit)]
    counts = {kind: sum(line.kind == kind for line in lines) for kind in KINDS}
    shown_lines = [line for line in lines if chosen in (None, line.kind)]
    rows = [line.row for line in sorted(shown_lines, key=lambda line: (not line.since, line.since))]
    columns = (
        Column("what", "事项", "What"),
        Column("who", "居民", "Whom"),
        Column("kind", "类别", "Kind"),
        Column("since", "等待自", "Since", "day"),
        Column("authors", "填写人", "By"),
        Column("place", "村", "Village"),
    )
    done = DONE.get(visit.args.get("done", ""))
    alike = [line for line in waiting if line.alike and visit.view.may("settle")]
    context: dict[str, Any] = {
        "counts": [
            (kind, visit.say(*KINDS[kind]), counts[kind], kind == chosen) for kind in KINDS if counts[kind] or kind == chosen
        ],
        "chosen": chosen,
        "all": len(lines),
        "told": visit.say(*done) if done else None,
        "left": _number(visit.args.get("left", "")) if visit.args.get("done") == "settled" else None,
        "alike": [(f"{line.record.id} {seen_text(line.record.seen)}", _alike(visit, line)) for line in alike],
    }
    table = Table("queue", "待处理", "To do", columns, rows, empty_zh="没有待处理的事项", empty_en="Nothing waits")
    return visit.tables("queue.html", [table], name="cunyi-queue", **context)


def queue_accept(visit: Visit) -> Response:
    """Take the shown values where the claims differ in spelling only; what has changed since is left to wait."""
    desk, reason, left = visit.doors.decisions.conflicts, visit.form.get("reason", ""), 0
    marked = request.form.getlist("alike")
    if not marked:
        raise Problem(
            "unfit-request", faults=[visit.say("没有保存：请至少勾选一条冲突", "Nothing was saved: mark one conflict at least")]
        )
    if not reason.strip():
        raise Problem("unfit-request", faults=[visit.say("没有保存：请填写理由", "Nothing was saved: say why")])
    for one in marked:
        record, _, seen = one.partition(" ")
        try:
            desk.accept_alike(visit.view, record, seen_of(seen), reason)
        except Problem as problem:
            if problem.kind.name not in ("changed-meanwhile", "not-found"):  # or it has gone where somebody else decides
                raise
            left += 1
    if left == len(marked):
        return visit.see(visit.href("queue", done="overtaken"))
    return visit.see(visit.href("queue", done="settled", **({"left": left} if left else {})))


def _number(text: str) -> int | None:
    """How many were left, as this page says it in its address; None for anything else that stands there."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else None


def _alike(visit: Visit, line: Waiting) -> str:
    labels = labels_of(visit, [])
    said = [_called(visit, line.subject), labels.type(line.record.type)]
    said += _sections(visit, labels, line)
    return " · ".join(one for one in said if one)


# -- the lines ---------------------------------------------------------------------------------------------------------


def _conflicts(visit: Visit, waiting: list[Waiting]) -> Iterator[Line]:
    labels = labels_of(visit, [], {author for line in waiting for author in line.authors})
    for line in waiting:
        sections = visit.say("、", ", ").join(_sections(visit, labels, line))
        hints = [visit.say("已退回村医核实", "sent back to the doctors")] if line.returned else []
        hints += [visit.say("仅写法不同", "differs in spelling only")] if line.alike else []
        what = f"{labels.type(line.record.type)}{visit.say('：', ': ')}{sections}"
        yield Line(
            line.since,
            "conflict",
            {
                "what": Cell(what, visit.href("conflict", record=line.record.id), "；".join(hints) or None),
                "who": _called(visit, line.subject),
                "authors": visit.say("、", ", ").join(labels.name("person", author) for author in line.authors),
                **_where(visit, "conflict", line.since, village_of(line.record.scope)),
            },
        )


def _sections(visit: Visit, labels: Labels, line: Waiting) -> Iterator[str]:
    """What a line is about in words: an entry of a list names the list as well."""
    lists = {family(name) for name in line.sections if name != family(name)}
    yield from (_section(visit, labels, line.record, name) for name in line.sections if name not in lists)


def _section(visit: Visit, labels: Labels, record: Record, name: str) -> str:
    """A section in words; of a list that was changed apart, the name of the list."""
    declared = visit.doors.catalogue.types.get(record.type)
    form = declared.by_name.get(name) if declared else None
    return visit.say(form.zh, form.en) if form and form.keyed else labels.section(record.type, name, shown(record))


def _deposits(visit: Visit) -> Iterator[Line]:
    if not visit.view.may("set_aside"):
        return
    waiting = visit.doors.decisions.set_aside.listed(visit.view)
    labels = labels_of(visit, [], {one.deposit.person for one in waiting})
    for one in waiting:
        what = labels.type(one.type) if one.type else visit.say("无法读取的内容", "Something that cannot be read")
        yield Line(
            one.deposit.received_at,
            "deposit",
            {
                "what": Cell(what, visit.href("deposit", deposit=one.deposit.id)),
                "who": _called(visit, one.subject),
                "authors": labels.name("person", one.deposit.person),
                **_where(visit, "deposit", one.deposit.received_at, one.village),
            },
        )


def _appeals(visit: Visit) -> Iterator[Line]:
    waiting = visit.doors.decisions.appeals.listed(visit.view)
    labels = labels_of(visit, [], {one.author for one in waiting})
    for one in waiting:
        code = one.key if f"item/{one.key}" in (view := shown(one.contract)) else one.key.rpartition("@")[0]
        service = (view.get(f"item/{code}") or {}).get("name") or code
        yield Line(
            one.since,
            "appeal",
            {
                "what": Cell(str(service), visit.href("appeal", contract=one.contract.id, item=one.key)),
                "who": _called(visit, one.resident),
                "authors": labels.name("person", one.author),
                **_where(visit, "appeal", one.since, village_of(one.contract.scope)),
            },
        )


def _doubles(visit: Visit) -> Iterator[Line]:
    if not visit.view.may("settle"):
        return
    waiting = visit.doors.decisions.doubles.listed(visit.view)
    labels = labels_of(visit, [], {author for one in waiting for author in one.authors})
    for one in waiting:
        what = visit.say("两份协议同时生效", "Two contracts in force")
        yield Line(
            one.since,
            "double",
            {
                "what": Cell(what, visit.href("double", resident=one.resident)),
                "who": one.name or visit.say("（无姓名）", "(no name)"),
                "authors": visit.say("、", ", ").join(labels.name("person", author) for author in one.authors),
                **_where(visit, "double", one.since, one.village),
            },
        )


def _candidates(visit: Visit) -> Iterator[Line]:
    """Nobody waits for these since a day: they come last."""
    if not visit.view.may("settle"):
        return
    for pair in visit.doors.decisions.twins.listed(visit.view):
        first, second = pair["first"], pair["second"]
        names = [one["name"] or visit.say("（无姓名）", "(no name)") for one in (first, second)]
        yield Line(
            "",
            "candidate",
            {
                "what": Cell(
                    visit.say("可能是同一人", "May be one person"),
                    visit.href("candidate", resident=first["resident"], other=second["resident"]),
                ),
                "who": " · ".join(names),
                "authors": None,
                **_where(visit, "candidate", "", first["scope"]),
            },
        )


def _where(visit: Visit, kind: str, since: str, village: str | None) -> dict[str, Any]:
    known = village if village in visit.view.villages else None
    return {
        "kind": visit.say(*KINDS[kind]),
        "since": local(visit, since) or None,
        "place": visit.area_name(known) if known else None,
    }


def _called(visit: Visit, subject: Record | None) -> str:
    """What a resident or household is called; of nobody, nothing."""
    if subject is None:
        return ""
    identity = shown(subject).get("identity") or {}
    return str(identity.get("name") or identity.get("head_name") or visit.say("（无姓名）", "(no name)"))
