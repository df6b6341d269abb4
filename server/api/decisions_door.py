"""The routes about what waits for a person's decision: conflicts, and edits that were set aside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint

from server.access import View
from server.api import Doors, bodies
from server.api.viewing import viewer
from server.decisions.conflicts import Choice, Conflict, Conflicts, Waiting
from server.decisions.questions import Claim, Question
from server.decisions.set_aside import Aside, SetAside
from server.labels import MASKED, masked
from server.problems import Problem
from server.store.scope import wire_text
from sync import wire
from sync.codec import Json, dot_of
from sync.decided import DECISION
from sync.record import shown


def blueprint(doors: Doors) -> Blueprint:
    """The routes, bound to the parts they ask."""
    routes = Blueprint("decisions", "decisions", url_prefix="/v1", description="What waits for a person's decision")
    decision_schema, deposit_schema = wire.ConflictDecision(), wire.DepositDecision()

    @routes.get("/conflicts")
    @routes.alt_response(200, schema=wire.Conflicts, success=True)
    def conflicts() -> Response:
        """The records that wait for a person in the caller's villages, the oldest first."""
        found = doors.decisions.conflicts.listed(viewer(doors))
        return bodies.json_text(wire_text({"conflicts": [_listed(one) for one in found]}))

    @routes.get("/conflicts/<record>")
    @routes.alt_response(200, schema=wire.ConflictReply, success=True)
    def conflict(record: str) -> Response:
        """What a record asks: before, and what each person made of it."""
        view = viewer(doors)
        found = doors.decisions.conflicts.of(view, record)
        return bodies.json_text(wire_text(_conflict(found, view.may("settle"))))

    @routes.post("/conflicts/<record>")
    @routes.doc(requestBody=_body(wire.ConflictDecision))
    @routes.alt_response(200, schema=wire.Decided, success=True)
    def settle(record: str) -> Response:
        """Settle it, with the reason; without choices it is sent back to the doctors."""
        view = viewer(doors)
        body, _ = bodies.read(decision_schema)
        status = _settled(doors.decisions.conflicts, view, record, body)
        return bodies.json_text(wire_text({"status": status}))

    @routes.get("/deposits")
    @routes.alt_response(200, schema=wire.Deposits, success=True)
    def deposits() -> Response:
        """The edits that were set aside and wait, the oldest first."""
        found = doors.decisions.set_aside.listed(viewer(doors))
        return bodies.json_text(wire_text({"deposits": [_aside(one) for one in found]}))

    @routes.post("/deposits/<deposit>")
    @routes.doc(requestBody=_body(wire.DepositDecision))
    @routes.alt_response(200, schema=wire.Decided, success=True)
    def decide(deposit: str) -> Response:
        """Apply it, apply it with corrections over it, or refuse it; the last two with the reason."""
        view = viewer(doors)
        body, _ = bodies.read(deposit_schema)
        status = _decided(doors.decisions.set_aside, view, deposit, body)
        return bodies.json_text(wire_text({"status": status}))

    return routes


def _settled(desk: Conflicts, view: View, record: str, body: Mapping[str, Any]) -> str:
    if not body["choices"]:
        return desk.send_back(view, record, body["seen"], body["reason"])
    chosen = {name: _choice(name, one) for name, one in body["choices"].items()}
    return desk.settle(view, record, body["seen"], chosen, body["reason"])


def _decided(desk: SetAside, view: View, deposit: str, body: Mapping[str, Any]) -> str:
    if body["action"] == "apply":
        return desk.apply(view, deposit)
    if body["action"] == "correct":
        return desk.correct(view, deposit, body["seen"], body["corrected"], body["reason"])
    return desk.refuse(view, deposit, body["reason"])


def _choice(name: str, body: Mapping[str, Any]) -> Choice:
    dot = dot_of({"dot": body["dot"]})
    if body["dot"] is not None and dot is None:
        raise Problem("unfit-request", faults=[f"/choices/{name}/dot: [actor, counter]"])
    return Choice(dot, body["corrected"], body["keep"])


def _listed(one: Waiting) -> Json:
    return {
        "record": one.record.id,
        "type": one.record.type,
        "scope": one.record.scope,
        "subject": one.record.subject,
        "sections": list(one.sections),
        "authors": list(one.authors),
        "since": one.since,
        "alike": one.alike,
        "returned": one.returned,
    }


def _conflict(found: Conflict, may: bool) -> Json:
    """As it is told to somebody who `may` decide it, or only look."""
    decision = found.decision
    said = (decision.sections.get(DECISION) or {}) if decision else {}
    return {
        "record": found.record.id,
        "type": found.record.type,
        "scope": found.record.scope,
        "subject": found.record.subject,
        "seen": dict(found.record.seen),
        "questions": [_question(one, one.fields if may else ()) for one in found.questions],
        "agreed": found.agreed,
        "returned": found.returned is not None,
        "decision": decision
        and {
            "author": decision.author,
            "author_name": decision.author_name,
            "written_at": decision.written_at,
            "about": said.get("about"),
            "reason": said.get("reason"),
        },
    }


def _question(one: Question, full: Collection[str]) -> Json:
    """`full`: the fields between which the caller decides; any other number of a person is masked."""
    return {
        "section": one.section,
        "kind": one.kind,
        "before": _masked(one.before, full),
        "fields": list(one.fields),
        "claims": [_claim(one.section, claim, full) for claim in one.claims],
        "entries": [_claim(name, claim, ()) for name, claim in one.entries],
    }


def _claim(section: str, claim: Claim, full: Collection[str]) -> Json:
    step = claim.step
    return {
        "section": section,
        "dot": list(claim.dot),
        "author": claim.author,
        "author_name": step and step.author_name,
        "device": step and (step.device_name or step.device),
        "written_at": step and step.written_at,
        "received_at": step and step.received_at,
        "value": _masked(claim.value, full),
    }


def _masked(value: Any, full: Collection[str] = ()) -> Any:
    """A value in which identity and telephone numbers are masked, as on the pages, but for the fields named in `full`."""
    if isinstance(value, list):
        return [_masked(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: one if name in full else _hidden(name, one) for name, one in value.items()}


def _hidden(field: str, value: Any) -> Any:
    return masked(field, str(value)) if field in MASKED and isinstance(value, str | int) and value != "" else _masked(value)


def _aside(one: Aside) -> Json:
    """Who reads it decides about it: told in full is what it says otherwise than the record does."""
    stands = shown(one.record) if one.record else {}
    differ = {
        name: [field for field, said in (value or {}).items() if said != (stands.get(name) or {}).get(field)]
        for name, value in one.sections.items()
    }
    return {
        "deposit": one.deposit.id,
        "received_at": one.deposit.received_at,
        "written_at": one.written_at,
        "author": one.deposit.person,
        "device": one.device_name or one.deposit.device,
        "reason": one.deposit.reason,
        "type": one.type,
        "record": one.deposit.record if one.type else None,
        "sections": {name: _masked(value, differ[name]) for name, value in one.sections.items()},
        "seen": dict(one.record.seen) if one.record else {},
    }


def _body(schema: type[wire.Envelope]) -> dict[str, object]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}
