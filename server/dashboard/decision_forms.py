"""What the pages of decisions share: reading a form back, who wrote something and where, and how trouble is told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response

from server.dashboard.frame import Visit
from server.dashboard.naming import local
from server.histories import SERVER, Step
from server.problems import Problem
from server.waiting import APPEALS, CONTRACT, JUDGED
from sync.codec import MAX_INTEGER, Json
from sync.record import canonical
from sync.types.catalogue import Catalogue
from sync.types.fields import Code, Date, Decimals, Instant, Item, Text, Truth, Whole
from sync.version import Dot

PLAIN = (Whole, Decimals, Text, Code, Date, Truth)  # fields that can be corrected in a form
TROUBLE = {
    "changed-meanwhile": (
        "页面打开以后，这里有了新内容，或他人已先处理。没有保存任何内容，请看过下面的最新内容后重新决定。",
        "Something came in since the page was opened, or somebody else has decided. Nothing was saved: look again and decide anew.",
    ),
    "unfit-request": ("没有保存：请按提示改正后再提交。", "Nothing was saved: correct what is named below and send it again."),
}


def seen_text(seen: Mapping[str, int]) -> str:
    """How far a page shows a record, for its form."""
    return canonical(dict(seen))


def seen_of(text: str) -> dict[str, int]:
    """What `seen_text` wrote; raises Problem `unfit-request` for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(type(n) is int and 0 < n <= MAX_INTEGER for n in found.values()):
        raise Problem("unfit-request", faults=["/seen: not as the page has it"])
    return found


def dot_text(dot: Dot) -> str:
    """The name of an edit, for a form."""
    return f"{dot.actor}:{dot.counter}"


def dot_of(text: str) -> Dot | None:
    """What `dot_text` wrote; None for anything else."""
    actor, _, counter = text.rpartition(":")
    return Dot(actor, int(counter)) if counter.isascii() and counter.isdecimal() and len(counter) < 17 else None


def plain_items(catalogue: Catalogue, type_name: str, section: str) -> dict[str, Item]:
    """The fields of a section that can be corrected in a form, by name; of an appeal not those that a supervisor fills in."""
    declared = catalogue.types.get(type_name)
    form = declared.by_name.get(section.partition("/")[0]) if declared else None
    others = JUDGED if type_name == CONTRACT and section.startswith(APPEALS) else ()
    return {
        name: one
        for name, one in (form.fields.items() if form else ())
        if isinstance(one, PLAIN) and not isinstance(one, Instant) and name not in others
    }


def corrections(visit: Visit, type_name: str, section: str) -> Json:
    """The fields that somebody filled in beside the values: `fix:<section>:<field>`."""
    found: Json = {}
    for name, item in plain_items(visit.doors.catalogue, type_name, section).items():
        text = dict(visit.form.items()).get(f"fix:{section}:{name}", "").strip()
        if text:
            found[name] = _typed(item, text)
    return found


def _typed(item: Item, text: str) -> Any:
    """What somebody typed, as the field takes it."""
    if isinstance(item, Truth):
        return text == "yes"
    whole = isinstance(item, Whole) and text.lstrip("-").isdecimal() and text.isascii() and len(text) < 16
    return int(text) if whole else text


def options(visit: Visit, item: Item | None) -> Iterator[tuple[str, str]]:
    """What can be chosen for a field of codes, or of yes and no."""
    if isinstance(item, Truth):
        yield from (("yes", visit.say("是", "Yes")), ("no", visit.say("否", "No")))
    elif isinstance(item, Code):
        yield from ((code.value, visit.say(code.zh, code.en)) for code in item.metadata["codes"].codes)


def device(visit: Visit, step: Step | None) -> str:
    """Where something was written."""
    if step is None:
        return ""
    return visit.say("管理后台", "the dashboard") if step.device == SERVER else step.device_name or step.device


def times(visit: Visit, step: Step | None) -> Iterator[str]:
    """When something was written, and when it arrived."""
    if step is not None:
        yield f"{visit.say('填写', 'written')} {local(visit, step.written_at)}"
        yield f"{visit.say('上传', 'received')} {local(visit, step.received_at)}"


def trouble_of(visit: Visit, problem: Problem | None) -> Json:
    """What a page says of a decision that was not taken."""
    if problem is None:
        return {"trouble": None, "faults": []}
    zh, en = TROUBLE[problem.kind.name]
    told = problem.more.get("message")
    return {"trouble": visit.say(zh, en), "faults": [told] if told and visit.chinese else problem.more.get("faults", [])}


def again(page: Response, problem: Problem) -> Response:
    """The page once more, under the status of the problem."""
    page.status_code = problem.kind.status
    return page
