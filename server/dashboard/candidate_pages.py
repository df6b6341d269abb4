"""Two residents side by side who may be one person: link them, or say that they are two."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from server.dashboard.decision_forms import TROUBLE, again, seen_of, seen_text, trouble_of
from server.dashboard.frame import Desk, Visit
from server.dashboard.naming import labels_of
from server.dashboard.record_pages import SAME_TAIL
from server.labels import Labels
from server.problems import Problem
from sync.record import Record, shown
from sync.scopes import village_of

SECTIONS = ("identity", "contact", "residence", "household")  # by which people are told apart
SAME, TWO = "same", "two"


def register(desk: Desk) -> None:
    """Declare the pages."""
    desk.page("/candidates/<resident>", action="look.candidate")(candidate)
    desk.page("/candidates/<resident>", duty="settle", action="candidate.decide", methods=("POST",))(candidate_decide)


def candidate(visit: Visit, resident: str) -> Response:
    """The two of the address and of `other`."""
    return _page(visit, resident, visit.args.get("other", ""))


def candidate_decide(visit: Visit, resident: str) -> Response:
    """One person, with the record that stands; or two."""
    other = visit.form.get("other", "")
    visit.note(resident=resident)
    try:
        duplicate, same_as, same = _chosen(visit, resident, other)
        reason, seen = visit.form.get("reason", ""), seen_of(visit.form.get("seen", ""))
        visit.doors.decisions.twins.decide(visit.view, duplicate, same_as, same, reason, seen)
    except Problem as problem:
        if problem.kind.name not in TROUBLE:
            raise
        return again(_page(visit, resident, other, problem), problem)
    return visit.see(visit.href("queue", done="linked"))


def _chosen(visit: Visit, resident: str, other: str) -> tuple[str, str, bool]:
    """(duplicate, the one that stands, are they one person) of the form; raises Problem `unfit-request`."""
    action, stays = visit.form.get("action", ""), visit.form.get("stays", "")
    if action == SAME and stays not in (resident, other):
        raise Problem("unfit-request", message="请选择保留哪一份档案", faults=["Choose the record that stands"])
    if action not in (SAME, TWO):
        raise Problem("unfit-request", faults=[f"/action: {SAME} or {TWO}"])
    return (other, resident, action == SAME) if stays == resident else (resident, other, action == SAME)


def _page(visit: Visit, resident: str, other: str, problem: Problem | None = None) -> Response:
    pair = visit.doors.decisions.twins.of(visit.view, resident, other)
    visit.note(area=village_of(pair.first.scope), resident=resident, detail={"other": other})
    both = (pair.first, pair.second)
    said = [(one.type, edit.sections) for one in both for edit in one.edits]
    labels = labels_of(visit, said, {record.edits[0].author for _, record in pair.links})
    sides = [_side(visit, labels, one) for one in both]
    fields = list(dict.fromkeys(field for side in sides for field in side["lines"]))
    context: dict[str, Any] = {
        "area": village_of(pair.first.scope),
        "crumbs": [(visit.say("疑似重复", "Likely duplicate"), None)],
        "sides": sides,
        "rows": [_row(visit, label, [side["lines"].get(label, ("", None)) for side in sides]) for label in fields],
        "links": [
            (labels.code("link_state", link.state), labels.name("person", record.edits[0].author))
            for link, record in pair.links
        ],
        "through_others": pair.through_others,
        "may": visit.view.may("settle"),
        "resident": resident,
        "other": other,
        "seen": seen_text(pair.seen),
        "reason": request.form.get("reason", "") if problem else "",
        **trouble_of(visit, problem),
    }
    return visit.render("candidates.html", **context)


def _row(visit: Visit, label: str, said: list[tuple[str, Any]]) -> tuple[str, list[str], bool]:
    """(label, texts, do they differ); of a number of which only the end is shown, whether the rest is the same."""
    texts, differ = [text for text, _ in said], said[0][1] != said[1][1]
    if differ and texts[0] == texts[1]:
        texts = [text + visit.say(*SAME_TAIL) for text in texts]
    return label, texts, differ


def _side(visit: Visit, labels: Labels, record: Record) -> dict[str, Any]:
    view = shown(record)
    lines = {
        line.label: (line.text, (view[name] or {}).get(line.field))
        for name in SECTIONS
        if view.get(name) is not None
        for line in labels.lines(record.type, name, view[name])
    }
    name = (view.get("identity") or {}).get("name") or visit.say("（无姓名）", "(no name)")
    return {
        "resident": record.id,
        "name": str(name),
        "href": visit.href("resident", resident=record.id),
        "village": visit.area_name(village_of(record.scope)),
        "lines": lines,
    }
