"""The page of a conflict: what was there before beside what each person made of it, a choice for each section, the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from server.dashboard.decision_forms import (
    TROUBLE,
    again,
    corrections,
    device,
    dot_of,
    dot_text,
    options,
    plain_items,
    seen_of,
    seen_text,
    times,
    trouble_of,
)
from server.dashboard.frame import Desk, Visit
from server.dashboard.naming import labels_of, local
from server.dashboard.record_pages import SAME_TAIL
from server.decisions.conflicts import Choice, Conflict
from server.decisions.questions import VALUES, Claim, Question
from server.labels import MASKED, Labels
from server.problems import Problem
from server.store.engine import reading
from server.store.scope import living
from server.waiting import REVIEW
from sync.record import VOID, Record, shown
from sync.scopes import village_of
from sync.types.fields import Item

HOLDS = "holds"  # chosen for a void: the record is valid after all


@dataclass(frozen=True)
class Column:
    """One of the values on the page: whose it is, when and where it was written; `key` names it in the form."""

    key: str
    author: str
    device: str
    times: tuple[str, ...]
    offline: bool
    last: bool


@dataclass(frozen=True)
class Row:
    """One field: its label, what stood there before, what each value says; `item`: how it can be corrected."""

    field: str
    label: str
    before: str
    texts: tuple[str, ...]
    item: Item | None
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Block:
    """One question on the page."""

    section: str
    title: str
    kind: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    entries: tuple[tuple[str, str, str, str], ...]

    @property
    def correctable(self) -> bool:
        """True where a field can be corrected here."""
        return any(row.item for row in self.rows)


def register(desk: Desk) -> None:
    """Declare the pages."""
    desk.page("/conflicts/<record>", action="look.conflict")(conflict)
    desk.page("/conflicts/<record>", action="conflict.decide", methods=("POST",))(conflict_decide)
    desk.page("/conflicts/<record>/reveal", action="resident.reveal", methods=("POST",))(conflict_reveal)


def conflict(visit: Visit, record: str) -> Response:
    """What waits about a record, and what was decided last."""
    return _page(visit, record)


def conflict_reveal(visit: Visit, record: str) -> Response:
    """The same with the numbers between which the person decides in full; that stands in the trail."""
    visit.view.require("settle")
    visit.note(detail={"purpose": "settle"})
    return _page(visit, record, revealed=True)


def conflict_decide(visit: Visit, record: str) -> Response:
    """Settle what was chosen, or send it all back to the doctors."""
    desk, form = visit.doors.decisions.conflicts, visit.form
    try:
        found = desk.of(visit.view, record)
        _note(visit, found.record)
        seen, reason = seen_of(form.get("seen", "")), form.get("reason", "")
        if form.get("action") == "send_back":
            desk.send_back(visit.view, record, seen, reason)
            return visit.see(visit.href("queue", done="sent_back"))
        desk.settle(visit.view, record, seen, dict(_choices(visit, found)), reason)
    except Problem as problem:
        if problem.kind.name not in TROUBLE:
            raise
        return again(_page(visit, record, problem), problem)
    return visit.see(visit.href("queue", done="settled"))


def _choices(visit: Visit, found: Conflict) -> Iterator[tuple[str, Choice]]:
    """What was chosen; a question about which nothing was chosen stays open."""
    sent = dict(request.form.items())
    for question in found.questions:
        name, chosen = question.section, sent.get(f"choice:{question.section}", "")
        if question.kind == REVIEW and chosen:
            entries = {entry for entry, _ in question.entries}
            yield name, Choice(keep=[entry for entry in entries if sent.get(f"keep:{entry}")])
        elif question.kind == VOID and chosen == HOLDS:
            yield name, Choice()
        elif chosen:
            yield name, Choice(dot_of(chosen) or None, corrections(visit, found.record.type, name))


# -- the page ----------------------------------------------------------------------------------------------------------


def _page(visit: Visit, record: str, problem: Problem | None = None, *, revealed: bool = False) -> Response:
    found = visit.doors.decisions.conflicts.of(visit.view, record)
    _note(visit, found.record)
    stands, history = found.record, found.history
    said = [(stands.type, step.sections) for step in history.steps] + [(stands.type, edit.sections) for edit in stands.edits]
    people = {step.author for step in history.steps} | {edit.author for edit in stands.edits}
    # who decides between two telephone numbers may see them, and no other: only what differs is told in full
    labels, full = labels_of(visit, said, people), labels_of(visit, said, people, mask=not revealed)
    fields = {field for question in found.questions if question.kind == VALUES for field in question.fields}
    title, whose = labels.type(stands.type), _whose(visit, stands)
    decision = found.decision
    context: dict[str, Any] = {
        "area": village_of(stands.scope),
        "crumbs": [*whose, (visit.say("冲突", "Conflict"), None)],
        "title": title,
        "whose": whose[0][0] if whose else None,
        "blocks": [_block(visit, found, question, labels, full) for question in found.questions],
        "agreed": found.agreed,
        "seen": seen_text(stands.seen),
        "may": visit.view.may("settle"),
        "revealed": revealed,
        "numbers": not fields.isdisjoint(MASKED),
        "returned": _told(visit, labels, found.returned.author, found.returned.written_at) if found.returned else None,
        "returned_reason": (found.returned.sections.get("decision") or {}).get("reason") if found.returned else None,
        "decision": decision and _told(visit, labels, decision.author, decision.written_at),
        "decision_reason": (decision.sections.get("decision") or {}).get("reason") if decision else None,
        "reason": request.form.get("reason", "") if problem else "",
        "chosen": dict(request.form.items()) if problem and problem.kind.name == "unfit-request" else {},
        "to_record": visit.href("record", resident=stands.subject, record=stands.id) if stands.subject else None,
        **trouble_of(visit, problem),
    }
    return visit.render("conflict.html", **context)


def _note(visit: Visit, record: Record) -> None:
    visit.note(area=village_of(record.scope), resident=record.subject, record=record.id)


def _whose(visit: Visit, record: Record) -> list[tuple[str, str | None]]:
    """The step of the breadcrumb that names the person."""
    subject = record.subject or record.id
    with reading(visit.doors.engine) as connection:
        own = living(connection, [subject]).get(subject)
    if own is None or own.record.scope not in visit.view.scopes:
        return []
    view = shown(own.record)
    name = (view.get("identity") or {}).get("name") or (view.get("identity") or {}).get("head_name")
    if own.record.type != "resident":
        return [(str(name or ""), None)] if name else []
    return [(str(name or visit.say("（无姓名）", "(no name)")), visit.href("resident", resident=subject))]


def _told(visit: Visit, labels: Labels, author: str, written_at: str) -> str:
    return f"{labels.name('person', author)} · {local(visit, written_at)}"


def _block(visit: Visit, found: Conflict, question: Question, labels: Labels, full: Labels) -> Block:
    """One question; `full`: the words for what the person decides about field by field."""
    type_name, view = found.record.type, shown(found.record)
    columns = tuple(_column(visit, claim, labels, claim is question.claims[-1]) for claim in question.claims)
    rows = tuple(_rows(visit, type_name, question, full)) if question.kind == VALUES else ()
    if question.kind == VOID:
        rows = tuple(
            Row(line.field, line.label, "", (line.text,), None, ())
            for claim in question.claims[-1:]
            for line in labels.lines(type_name, VOID, claim.value)
        )
    asked = {one.section for one in found.questions if one.kind == VALUES and question.kind == REVIEW}
    entries = tuple(
        (name, labels.section(type_name, name, view), *_said(visit, type_name, name, claim, labels, name in asked))
        for name, claim in question.entries
    )
    title = (
        labels.section(type_name, question.section, view) if question.kind != REVIEW else _list_name(visit, type_name, question)
    )
    return Block(question.section, title, question.kind, columns, rows, entries)


def _said(visit: Visit, type_name: str, section: str, claim: Claim, labels: Labels, asked: bool) -> tuple[str, str]:
    """What an entry says, and who wrote it when; of one that is `asked` about itself neither is known yet."""
    if asked:
        return visit.say("以上面所选为准", "as chosen above"), ""
    said = visit.say("；", "; ").join(f"{line.label} {line.text}" for line in labels.lines(type_name, section, claim.value))
    return said, " · ".join([labels.name("person", claim.author), device(visit, claim.step), *times(visit, claim.step)])


def _list_name(visit: Visit, type_name: str, question: Question) -> str:
    declared = visit.doors.catalogue.types.get(type_name)
    section = declared.by_name.get(question.section) if declared else None
    return visit.say(section.zh, section.en) if section else question.section


def _column(visit: Visit, claim: Claim, labels: Labels, last: bool) -> Column:
    return Column(
        dot_text(claim.dot),
        labels.name("person", claim.author),
        device(visit, claim.step),
        tuple(times(visit, claim.step)),
        bool(claim.step and claim.step.offline),
        last,
    )


def _rows(visit: Visit, type_name: str, question: Question, labels: Labels) -> Iterator[Row]:
    items = plain_items(visit.doors.catalogue, type_name, question.section)

    def text(field: str, value: Any) -> str:
        return labels.value(type_name, question.section, field, (value or {}).get(field))

    def texts(field: str) -> tuple[str, ...]:
        told = tuple(text(field, claim.value) for claim in question.claims)
        same = field in MASKED and len(set(told)) == 1  # they differ, or nobody were asked
        return tuple(one + visit.say(*SAME_TAIL) for one in told) if same else told

    for field in question.fields:
        item = items.get(field)
        yield Row(
            field,
            labels.field(type_name, question.section, field),
            text(field, question.before),
            texts(field),
            item,
            tuple(options(visit, item)),
        )
