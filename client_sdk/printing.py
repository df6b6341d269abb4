"""Records and edits as text for a terminal and as JSON for a program. No value in conflict is shown as if it were settled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from client_sdk.aside import Aside
from client_sdk.decisions import Decision
from client_sdk.section_names import in_words
from client_sdk.view import Entry, View
from sync.codec import Json, edit_to_wire, issues_to_wire
from sync.record import VOID, Edit, Sections, Value, canonical
from sync.types.rules import Advice

HEADLINES = (  # the first that is there names a record in a list: section, fields
    ("identity", ("name", "id_no")),
    ("visit", ("visited_on",)),
    ("summary", ("problem_summary",)),
)


def view_json(view: View) -> Json:
    """A record as JSON."""
    claims = {
        name: [{"value": c.value, "author": c.author, "written_at": c.written_at, "dot": list(c.dot)} for c in every]
        for name, every in view.conflicts.items()
    }
    return {
        "record": view.id,
        "type": view.type,
        "subject": view.subject,
        "scope": view.scope,
        "seen": dict(view.seen),
        "sections": dict(view.sections),
        "conflicts": claims,
        "issues": issues_to_wire(view.issues),
        "pending": view.pending,
        "void": view.void,
    }


def aside_json(one: Aside) -> Json:
    """An edit that was set aside, as JSON."""
    return {**edit_to_wire(one.edit), "reason": one.reason, "known": one.known, "decided": one.decided}


def line(view: View) -> str:
    """A record in one line: id, type, what names it, marks."""
    words = [view.id, view.type]
    for section, names in HEADLINES:
        if section in view.conflicts:
            continue
        value = view.sections.get(section) or {}
        words += [str(value[name]) for name in names if value.get(name)]
    vitals = view.sections.get("vitals") or {}
    if "vitals" not in view.conflicts and {"systolic_mmhg", "diastolic_mmhg"} <= vitals.keys():
        words.append(f"{vitals['systolic_mmhg']}/{vitals['diastolic_mmhg']}")
    marks = [f"CONFLICT({', '.join(view.conflicts)})"] if view.conflicts else []
    marks += ["waiting"] * view.pending + ["void"] * view.void + [f"{len(view.issues)} issues"] * bool(view.issues)
    return "  ".join(words + [f"[{mark}]" for mark in marks])


def page(view: View, history: list[Entry], decided: Iterable[Decision] = ()) -> Iterator[str]:
    """A record in full: sections, every value of those in conflict (numbered from 1), issues, decisions, edits."""
    yield line(view)
    yield f"  subject {view.subject or '-'}  scope {view.scope}"
    for name, value in view.sections.items():
        if name not in view.conflicts:
            yield f"  {name}: {text(value)}"
    yield from conflicts(view)
    for issue in view.issues:
        yield f"  {issue.level}: {issue.section}{'.' + issue.field if issue.field else ''} {issue.code}"
    for one in decided:
        yield from decision(one)
    for entry in history:
        yield f"  {entry.written_at} {entry.state} by {entry.author}: {', '.join(entry.sections)}"


def decision(one: Decision) -> Iterator[str]:
    """Who decided, when and why; what holds, and what gave way."""
    about = {name: in_words(one.type, name, _values(one, name)) for name in (*one.about, *one.kept)}
    named = "、".join(about[name] for name in one.about)
    yield f"  已裁决 decided by {one.author}, {one.written_at}: {named}: {one.reason}"
    for name, value in one.kept.items():
        if name in one.returned:
            yield f"    {about[name]}: 退回核实 sent back to the doctors, still in conflict"
        else:
            yield f"    {about[name]}: 采用 holds {text(value)}"
    for gone in one.lost:
        yield f"    {about[gone.section]}: 未采用 gave way {text(gone.value)}  (by {gone.author}, written {gone.written_at})"


def conflicts(view: View) -> Iterator[str]:
    """The sections in conflict with every value, numbered as `resolve --take` counts them."""
    for name, claims in view.conflicts.items():
        yield f"  {name}: IN CONFLICT"
        for n, claim in enumerate(claims, start=1):
            yield f"    {n}. {text(claim.value)}  (by {claim.author}, written {claim.written_at})"
        if name == VOID and all(claim.value for claim in claims):
            yield "    or --value null: the record holds, it was not entered in error"


def too_high(section: str, values: int) -> str:
    """What to take where somebody named a value that is not listed."""
    there = "there is only value 1" if values == 1 else f"there are only values 1 to {values}"
    return f"{there}; " + ("--value null takes the void back" if section == VOID else "or say another with --value JSON")


def _values(one: Decision, name: str) -> list[Value]:
    """What a decision knows of a section, what holds first."""
    return [one.kept.get(name), *(gone.value for gone in one.lost if gone.section == name)]


def advice(found: Advice, sections: Sections) -> Iterator[str]:
    """What the rules say of a form, with the reason, and where the doctor says otherwise."""
    for finding in found.findings:
        yield f"  {finding.table.zh}: {finding.suggested}  ({'; '.join(row.zh for row in finding.rows)})"
    for one in found.discrepancies(dict(sections)):
        yield f"  {one.field} is {one.doctor}, suggested is {one.suggested}: yours is kept"


def edit_line(edit: Edit) -> str:
    """A waiting edit in one line."""
    return f"{edit.dot.counter:>5}  {edit.written_at}  {edit.record}  {edit.type}: {', '.join(edit.sections)}"


def aside(one: Aside) -> Iterator[str]:
    """An edit that was set aside, and where it was refused by whom, when and why."""
    yield f"{edit_line(one.edit)}  ({one.reason})" + "  [已知 known]" * one.known
    if one.decided:
        who = one.decided["decided_by"]
        by = f"{who['name']} ({who['role']})" if who else "系统管理员 the office"
        yield f"       未采用 refused by {by}, {one.decided['decided_at']}: {one.decided['decision'] or '问组长 ask the leader'}"


def text(value: Value | Any) -> str:
    """A section in one line."""
    if value is None:
        return "(emptied)"
    if not isinstance(value, Mapping):
        return canonical(value)
    return ", ".join(f"{name} {v if isinstance(v, str) else canonical(v)}" for name, v in value.items()) or "(nothing)"
