"""Worked cases of what edits amount to beyond the merge itself (that is in apply.json and merge.json, written by hand).

    edits.json    record, edit, at, standing -> after (the record), shown, clashing, conflicts, remarks
                  a, b -> shown, clashing, conflicts of the merge, remarks
    decided.json  actor, value, written -> counts
                  record -> idle: the dots of its edits that decide nothing

Contact details take the latest, the medication list asks for review, every other section asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sync.codec import edit_to_wire, record_to_wire
from sync.decided import counts, decides_nothing
from sync.record import Edit, Record, Remark, clashing, conflicts, fold, merge, merge_remarks, remarks, sections, shown
from tests.sync.people import BLANK, Phone, edit, policy

Case = Mapping[str, Any]
EARLY, LATE = "2026-11-21T00:15:00.000Z", "2026-11-21T00:16:00.000Z"
VOID_CLASH, MEDICATION = Remark("void", "void-clash"), Remark("medication", "review")


def made() -> Mapping[str, list[Case]]:
    """The files."""
    return {
        "edits.json": [*(_edited(*case) for case in _edits()), *(_met(*case) for case in _meetings())],
        "decided.json": [*(_counted(*case) for case in WORDS), *(_idle(*case) for case in _decisions())],
    }


def _edited(story: str, before: Record, written: Edit, at: str, standing: tuple[Remark, ...] = ()) -> Case:
    after = fold(before, written, at)
    return {
        "story": story,
        "record": record_to_wire(before),
        "edit": edit_to_wire(written),
        "at": at,
        "standing": _told(standing),
        "after": record_to_wire(after),
        **_read(after),
        "remarks": _told(remarks(before, written, policy, standing)),
    }


def _met(story: str, a: Record, b: Record) -> Case:
    raised = _told(merge_remarks(a, b, policy))
    return {"story": story, "a": record_to_wire(a), "b": record_to_wire(b), **_read(merge(a, b)), "remarks": raised}


def _read(record: Record) -> Case:
    return {
        "shown": shown(record),
        "clashing": sorted(clashing(record)),
        "conflicts": {name: [list(s.edit.dot) for s in found] for name, found in sorted(conflicts(record, policy).items())},
    }


def _told(standing: Any) -> list[Any]:
    return [remark._asdict() for remark in sorted(standing)]


def _two(ana: Any, ben: Any, *, at: tuple[str, str] = (EARLY, LATE), author: str = "ben") -> tuple[Record, Edit, str]:
    """Ana's record, and what Ben wrote apart from her."""
    here = Phone("anaphone", "ana")
    here.write(ana, at[0])
    return here.record, edit(("benphone", 1), ben, author=author), at[1]


def _edits() -> Iterator[Any]:
    yield "Ana and Ben measured apart: the later is shown, and both wait", *_two({"vitals": {"v": 1}}, {"vitals": {"v": 2}})
    yield "Ben's clock is behind: Ana's is shown", *_two({"vitals": {"v": 1}}, {"vitals": {"v": 2}}, at=(LATE, EARLY))
    yield "At one moment the name of the phone decides", *_two({"vitals": {"v": 1}}, {"vitals": {"v": 2}}, at=(EARLY, EARLY))
    yield "Both measured the same: no conflict", *_two({"vitals": {"v": 1, "w": 2}}, {"vitals": {"w": 2, "v": 1}})
    yield "1 and the text of 1 are not the same", *_two({"vitals": {"v": 1}}, {"vitals": {"v": "1"}})
    yield "1 and true are not the same", *_two({"vitals": {"v": 1}}, {"vitals": {"v": True}})
    yield "Emptied and written apart", *_two({"plan": {"v": 1}}, {"plan": None})
    yield "Emptied twice", *_two({"plan": None}, {"plan": None})
    yield "Two telephone numbers: the latest is shown, nobody is asked", *_two({"contact": {"v": 1}}, {"contact": {"v": 2}})
    drugs = {"medication/m1": {"v": 1}, "plan": {}}, {"medication/m2": {"v": 2}, "plan": {}}
    yield "Two persons changed the medication apart: look at the list", *_two(*drugs)
    yield "The same person on two phones: nothing to look at", *_two(*drugs, author="ana")
    yield "A void that did not see a visit", *_two({"vitals": {"v": 1}}, {"void": {"reason": "test"}})
    yield "A visit that did not see a void", *_two({"void": {"reason": "test"}}, {"vitals": {"v": 1}})
    yield "A void of one's own, from two phones", *_two({"vitals": {"v": 1}}, {"void": {}}, author="ana")
    yield "A void taken back is no void", *_two({"vitals": {"v": 1}}, {"void": None})
    yield "A void and a changed list at once", *_two({"void": {}, "medication/m1": {}}, {"medication/m1": {"v": 1}})
    before, apart, at = _two({"vitals": {"v": 1}, "medication/m1": {}}, {"medication/m2": {}})
    both = fold(before, apart, at)
    standing = (MEDICATION, VOID_CLASH)
    saw, half = both.seen, {"anaphone": 1}
    yield (
        "Who saw all and writes the list again settles it",
        both,
        edit(("anaphone", 2), {"medication/m1": {}}, saw),
        LATE,
        standing,
    )
    yield "Who saw all and writes something else does not", both, edit(("anaphone", 2), {"vitals": {}}, saw), LATE, standing
    yield "Who saw half of it does not", both, edit(("anaphone", 2), {"medication/m1": {}}, half), LATE, standing
    yield "Who saw all and voids it settles the void", both, edit(("camphone", 4), {"void": {}}, saw), LATE, standing
    yield "Names that a language keeps to itself", *_two({"__proto__": {"v": 1}, "toString": {}}, {"__proto__": {"v": 2}})
    kept = fold(BLANK, edit(("anaphone", 1), {"toString": {"v": 1}, "plan": {}}), EARLY)
    yield "Such a name outlives an edit that does not write it", kept, edit(("anaphone", 2), {"plan": None}, kept.seen), LATE
    more = fold(both, edit(("benphone", 2), {"contact": {}}, both.seen), LATE)
    yield (
        "Who missed but a telephone number does not settle it either",
        more,
        edit(("anaphone", 2), {"medication/m1": {}}, both.seen),
        LATE,
        standing,
    )
    yield "Phones are sorted by name, edits by number", *_long()


def _long() -> tuple[Record, Edit, str]:
    record = BLANK
    for counter in (9, 10, 11):
        record = fold(record, edit(("benphone", counter), {f"medication/m{counter}": {}}, {"benphone": counter - 1}), EARLY)
    return record, edit(("anaphone", 100), {"plan": {}}, {"anaphone": 20}), LATE


def _meetings() -> Iterator[Any]:
    def phones(ana: Any, ben: Any, *, author: str = "ben") -> tuple[Record, Record]:
        here, there = Phone("anaphone", "ana"), Phone("benphone", author)
        here.write({"plan": {"v": 0}})
        there.meet(here)
        here.write(ana, LATE)
        there.write(ben, EARLY)
        return here.record, there.record

    drugs = {"medication/m1": {"v": 1}}, {"medication/m2": {"v": 2}}
    yield "Nothing new on either side", BLANK, BLANK
    yield "Both wrote the same section", *phones({"plan": {"v": 1}}, {"plan": {"v": 2}})
    yield "Both changed the list", *phones(*drugs)
    yield "One person changed the list on both", *phones(*drugs, author="ana")
    yield "One voided, the other went on", *phones({"void": {"reason": "test"}}, {"vitals": {}})
    yield "Both voided", *phones({"void": {"reason": "test"}}, {"void": {"reason": "twice"}})
    yield "One voided what both had seen, and nothing came since", phones({"void": {}}, {})[0], phones({"void": {}}, {})[1]


WORDS = [  # actor, value, written
    ("anaphone", {"about": ["plan"]}, ["decision", "plan"]),
    ("anaphone", {"about": ["plan"]}, ["decision"]),
    ("anaphone", {"about": ["medication"]}, ["decision", "medication/m1"]),
    ("anaphone", {"about": ["medication/m1"]}, ["decision", "medication/m1"]),
    ("anaphone", {"about": ["medication/m2"]}, ["decision", "medication/m1"]),
    ("anaphone", {"about": ["plan", "vitals"]}, ["decision", "plan"]),
    ("anaphone", {"about": ["decision"]}, ["decision", "plan"]),
    ("anaphone", {"about": []}, ["decision", "plan"]),
    ("anaphone", {"about": "plan"}, ["decision", "plan"]),
    ("anaphone", {"about": [None]}, ["decision", "plan"]),
    ("anaphone", {"about": [["plan"]]}, ["decision", "plan"]),
    ("anaphone", {}, ["decision", "plan"]),
    ("anaphone", None, ["decision", "plan"]),
    ("s0123456789ab", {}, ["decision"]),
    ("s0123456789ab", None, ["decision"]),
    ("s0123456789abc", {}, ["decision"]),
    ("s0123456789ag", {}, ["decision"]),
]


def _counted(actor: str, value: Any, written: list[str]) -> Case:
    return {"actor": actor, "value": value, "written": written, "counts": counts(actor, value, written)}


def _idle(story: str, record: Record) -> Case:
    live = sections(record)
    idle = [list(one.dot) for one in record.edits if decides_nothing(one, live)]
    return {"story": story, "record": record_to_wire(record), "idle": idle}


def _decisions() -> Iterator[tuple[str, Record]]:
    alone, about = {"about": ["plan"], "reason": "asked her"}, {"plan": {"v": 2}}
    yield "A decision alone, written by a phone", fold(BLANK, edit(("anaphone", 1), {"decision": alone}), LATE)
    both = fold(BLANK, edit(("anaphone", 1), {"decision": alone, **about}), EARLY)
    yield "With what it is about", both
    replaced = fold(both, edit(("benphone", 1), {"plan": {"v": 3}}, {"anaphone": 1}), LATE)
    yield "What it was about has been written again since", replaced
    yield "At the very moment of the decision", fold(both, edit(("benphone", 1), {"plan": {}}, {"anaphone": 1}), EARLY)
    yield (
        "Alone, beside an earlier plan",
        fold(
            fold(BLANK, edit(("benphone", 1), about), EARLY), edit(("anaphone", 1), {"decision": alone}, {"benphone": 1}), LATE
        ),
    )
    yield "From a desk", fold(BLANK, edit(("s0123456789ab", 1), {"decision": alone}), LATE)
