"""A standing in words, part by part, so that a person can hold it against what they reasoned."""

from __future__ import annotations

from tests.standing.forms import KINDS


def told(wire):
    """The parts of a standing, each as lines that a person can check."""
    return {
        "is": [_is(wire)],
        "groups": [_words(g["code"], g["source"], g["since"], g["record"] and spoken(g["record"]), g["programme"]) for g in wire["groups"]],
        "managed": [_managed(one) for one in wire["managed"]],
        "signed": [_signed(wire["signed"])] if wire["signed"] else [],
        "obligations": [_obligation(one) for one in wire["obligations"]],
        "honoured": [
            _words(one["programme"], f"{one['items_done']} of {one['items_due']}", f"full {one['full']}", f"any {one['any']}")
            for one in wire["honoured"]
        ],
        "had": [_words(wire["in_person_days"], "days,", wire["home_visits"], "at home,", wire["exam_on"], wire["selfcare_on"])],
        "poverty": [_poverty(wire["poverty"])] if wire["poverty"] else [],
        "due": [
            _words(
                one["urgency"], one["what"], one["reason"], one["by"], spoken(one["record"]), one["disputed"] and "disputed", one["programme"]
            )
            for one in wire["due"]
        ],
        "look": sorted(_look(wire)),
        "until": [wire["until"]],
    }  # fmt: skip


def _words(*words):
    """The words that are there. An answer of yes or no is handed in as text."""
    return " ".join(str(word) for word in words if word is not None and word is not False)


def _is(wire):
    away = wire["away"] and f"away until {wire['away_until']}"
    return _words(wire["status"], wire["closed"], wire["closed_on"], wire["same_as"] and spoken(wire["same_as"]), away)


def _managed(one):
    last = one["last_visit"] and _words(
        spoken(one["last_visit"]), one["last_visit_on"], one["visit_class"], one["suggested_class"]
    )
    lacks = "standard" if one["standard"] else "lacks " + " ".join(one["lacking"])
    numbers = f"{one['visits']} visits, {one['in_person']} in person, {one['expected']} expected"
    parts = (numbers, last or "none", _words("controlled", str(one["controlled"]), one["unclear"]), lacks)
    return _words(one["disease"], one["status"], f"since {one['since']}:", "; ".join(parts), one["programme"])


def _signed(one):
    beside = [f"beside {spoken(other)}" for other in one["others"]]
    return _words(spoken(one["contract"]), f"{one['since']}..{one['by']}", one["team"], *beside)


def _obligation(one):
    shown = one["evidence"] and _words(spoken(one["evidence"]), one["done_on"] or "does not count")
    return _words(
        f"{one['since']}..{one['by']}",
        one["item"],
        spoken(one["contract"]) + ":",
        one["state"],
        shown,
        one["reason"],
        one["programme"],
    )


def _poverty(one):
    batches = [_words(batch[0], batch[1] and "due", batch[2] and f"treated {batch[2]}") for batch in one["three_batches"]]
    plan = one["plan"] and f"{spoken(one['plan'])} reviewed {one['plan_reviewed_on']}"
    exam = f"exam {one['exam_on']}"
    return "; ".join([*one["statuses"], *batches, plan or "no plan", exam, f"{one['home_visits']} at home"])


def _look(wire):
    for one in wire["conflicts"]:
        yield _words("conflict", spoken(one["record"]), one["section"])
    for one in wire["issues"]:
        yield _words("issue", spoken(one["record"]), one["section"], one["field"], one["code"])
    for one in wire["differs"]:
        yield _words("differs", spoken(one["record"]), one["field"], one["doctor"], one["suggested"], one["rule"])


def spoken(record: str) -> str:
    """What an id made by `name` is of: `visit 4`, or `exam` where there is only one."""
    kind, number = KINDS[int(record[9:13])], int(record[-12:])
    return kind if kind in ("resident", "exam", "plan", "register") and number == 1 else f"{kind} {number}"
