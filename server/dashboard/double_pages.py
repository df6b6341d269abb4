"""Two contracts of one person in force at once: what each says and has given, and which of them ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, request

from server.dashboard.decision_forms import TROUBLE, again, seen_of, seen_text, trouble_of
from server.dashboard.frame import Desk, Visit
from server.dashboard.naming import labels_of
from server.decisions.doubles import STOP, Double, Ending
from server.labels import Labels
from server.problems import Problem
from server.store.engine import reading
from server.store.scope import living
from sync.record import VOID, Record, shown
from sync.types.codes import VOID_REASON
from sync.types.contract import STOP_REASON

SHOWN = (  # by which contracts are told apart
    ("parties", "contract_no"),
    ("parties", "team"),
    ("parties", "doctor"),
    ("parties", "signer"),
    ("term", "signed_on"),
    ("term", "starts_on"),
    ("term", "ends_on"),
    ("packages", "packages"),
    ("fees", "total_yuan"),
)


def register(desk: Desk) -> None:
    """Declare the pages."""
    desk.page("/doubles/<resident>", action="look.double")(double)
    desk.page("/doubles/<resident>", duty="settle", action="double.decide", methods=("POST",))(double_decide)


def double(visit: Visit, resident: str) -> Response:
    """The contracts in force of a person, where they are more than one."""
    return _page(visit, resident)


def double_decide(visit: Visit, resident: str) -> Response:
    """End one of them."""
    form = visit.form
    visit.note(resident=resident)
    way, _, code = form.get("code", "").partition(":")
    ending = Ending(form.get("contract", ""), way, code, form.get("on", ""))
    try:
        seen = seen_of(form.get("seen", ""))
        visit.doors.decisions.doubles.settle(visit.view, resident, seen, ending, form.get("reason", ""))
    except Problem as problem:
        if problem.kind.name not in TROUBLE:
            raise
        return again(_page(visit, resident, problem), problem)
    return visit.see(visit.href("queue", done="ended"))


def _page(visit: Visit, resident: str, problem: Problem | None = None) -> Response:
    found = visit.doors.decisions.doubles.of(visit.view, resident)
    visit.note(area=found.village, resident=resident)
    with reading(visit.doors.engine) as connection:
        person = living(connection, [found.resident]).get(found.resident)
    identity = (shown(person.record).get("identity") or {}) if person else {}
    name = str(identity.get("name") or visit.say("（无姓名）", "(no name)"))
    labels = labels_of(visit, [(one.type, shown(one)) for one in found.contracts])
    sent = dict(request.form.items()) if problem and problem.kind.name == "unfit-request" else {}
    context: dict[str, Any] = {
        "area": found.village,
        "crumbs": [(name, visit.href("resident", resident=found.resident)), (visit.say("重复签约", "Two in force"), None)],
        "resident": resident,
        "name": name,
        "sides": [
            {
                "contract": one.id,
                "href": visit.href("record", resident=found.resident, record=one.id),
                "texts": [labels.value(one.type, section, field, _said(one, section, field)) for section, field in SHOWN],
                "given": _given(visit, found, one),
            }
            for one in found.contracts
        ],
        "fields": [labels.field("contract", section, field) for section, field in SHOWN],
        "ways": list(_ways(visit, labels)),
        "today": visit.today.isoformat(),
        "sent": sent,
        "seen": seen_text(found.seen),
        "may": visit.view.may("settle"),
        "reason": request.form.get("reason", "") if problem else "",
        **trouble_of(visit, problem),
    }
    return visit.render("double.html", **context)


def _said(contract: Record, section: str, field: str) -> Any:
    return (shown(contract).get(section) or {}).get(field)


def _given(visit: Visit, found: Double, contract: Record) -> str:
    """How many services a contract owes by the standing, and how many were given; of the one that does not count, that."""
    if contract is not found.contracts[0]:
        return visit.say("待核对，不计数", "to be settled, not counted")
    mine = [one for one in found.owed if one.contract == contract.id]
    done = sum(one.given for one in mine)
    return visit.say(f"目前计数；已完成 {done} 项，共 {len(mine)} 项", f"counts now; {done} of {len(mine)} services given")


def _ways(visit: Visit, labels: Labels) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """(group, [(value, text)]) of the ways to end a contract, each with its reasons."""
    for way, codes, (zh, en) in (
        (STOP, STOP_REASON, ("解约（协议成立过）", "Stop it (it was a contract)")),
        (VOID, VOID_REASON, ("作废（录入有误）", "Void it (entered in error)")),
    ):
        yield visit.say(zh, en), [(f"{way}:{one.value}", labels.code(codes.name, one.value)) for one in codes.codes]
