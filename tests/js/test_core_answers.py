"""Phone and server make the same of the same edits: random histories of a village, folded and merged by Python and by Node."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

from sync.codec import edit_to_wire, record_to_wire
from sync.digest import record_hash
from sync.record import apply, blank, canonical, clashing, conflicts, merge, merge_remarks, remarks, shown
from tests.node import answers
from tests.sync.oracle import Village
from tests.sync.people import policy

SCRIPT = Path(__file__).with_name("core_answers.js")
HISTORIES = 1000
ODD = ("王", "𠮷", "\uffee", "\ue000", "\u2028", "\x7f", "10", "9", '"\\/\b\n', "é", "constructor", "__proto__")


def test_the_phone_makes_of_any_history_what_the_server_makes():
    asked, expected = [], []
    for seed in range(HISTORIES):
        dice = random.Random(seed)
        village = Village(dice)
        for _ in range(24):
            village.step()
        while not village.facts.keys() - village.deposited:
            village.step()
        for case, answer in (arriving(village, dice), meeting(village, dice)):
            asked.append(case)
            expected.append(answer)
    told = answers(SCRIPT, asked)
    assert len(told) == len(expected) == 2 * HISTORIES
    seen = Counter()
    for case, here, there in zip(asked, expected, told, strict=True):
        assert canonical(there) == canonical(here), canonical(case)
        seen.update(here.get("statuses", ()))
        seen.update(remark["code"] for remark in here["remarks"])
        seen.update(["conflict"] * bool(here["conflicts"]))
    assert min(seen[what] for what in ("applied", "duplicate", "gap", "void-clash", "review", "conflict")) > 100


def arriving(village, dice):
    """Every edit of a village arrives somewhere else: mostly in order, some twice, some too early, some never."""
    order = sorted(village.facts.keys() - village.deposited, key=list(village.facts).index)
    order = [dot for dot in order if dice.random() < 0.95] or order
    for _ in range(len(order) // 4):
        order.insert(dice.randrange(len(order) + 1), dice.choice(order))
    edits = [(dressed(village.facts[dot].edit), village.facts[dot].at) for dot in order]
    record, standing, statuses, sent = blank(edits[0][0]), frozenset(), [], []
    for edit, at in edits:
        aside = sorted(d.counter for d in village.deposited if d.actor == edit.dot.actor)
        status, after = apply(record, edit, at, aside)
        if status == "applied":
            standing = remarks(record, edit, policy, standing)
        statuses.append(status)
        sent.append({"edit": edit_to_wire(edit), "at": at, "deposited": aside})
        record = after
    return {"edits": sent}, {"statuses": statuses, **read(record, standing)}


def meeting(village, dice):
    """Two phones of the village meet."""
    a, b = (replace(phone.record, edits=tuple(map(dressed, phone.record.edits))) for phone in dice.sample(village.phones, 2))
    return {"a": record_to_wire(a), "b": record_to_wire(b)}, read(merge(a, b), merge_remarks(a, b, policy))


def read(record, standing):
    """What the JavaScript has to say too."""
    wire = record_to_wire(record)
    return {
        "record": wire,
        "remarks": [remark._asdict() for remark in sorted(standing)],
        "shown": shown(record),
        "clashing": sorted(clashing(record)),
        "conflicts": {name: [list(one.edit.dot) for one in found] for name, found in conflicts(record, policy).items()},
        "hash": f"{record_hash(record):032x}",
        "canonical": canonical(wire),
    }


def dressed(edit):
    """The edit with fuller values, the same for the same; Ana writes on two phones."""
    author = "ana" if edit.dot.actor in ("anaphone", "benphone") else edit.author
    return replace(edit, author=author, sections={name: fuller(value) for name, value in edit.sections.items()})


def fuller(value):
    """More to a value, by its number alone."""
    if value is None:
        return None
    n = value["v"]
    return {**value, ODD[n % len(ODD)]: [n % 2 == 0, None, {"text": ODD[-1 - n % 5] * (n % 3), ODD[n % 7]: -n}]}
