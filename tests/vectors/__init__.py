"""Worked merges as JSON, and what runs them.

Three files, one case a line, which any client in any language can run:

    apply.json    record, edit -> status (applied, duplicate, gap) and result
    merge.json    a, b -> result, also for (b, a)
    digest.json   records: id -> type, seen, edits -> count and sum of the scope

A record here is `seen` and `edits`, sorted by dot, each with the sections it still owns. `story` says what happened to whom.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sync.digest import of_records
from sync.record import Edit, LiveEdit, Record, apply, merge
from sync.version import Dot, VersionVector

Case = Mapping[str, Any]
State = Mapping[str, Any]


def record_of(state: State, name: str = "") -> Record:
    """A record with no more envelope than a vector gives it."""
    live = (LiveEdit(Dot(*edit["dot"]), "", "", "", edit["sections"]) for edit in state["edits"])
    edits = tuple(sorted(live, key=lambda edit: edit.dot))
    return Record(name, state.get("type", ""), None, "", VersionVector(state["seen"]), edits)


def state_of(record: Record) -> State:
    """A record as a vector writes it."""
    edits = [{"dot": list(edit.dot), "sections": dict(edit.sections)} for edit in record.edits]
    return {"seen": dict(record.seen), "edits": edits}


def differs(what: str, expected: object, found: object) -> Iterator[str]:
    """One line about a difference. Compared as JSON text, in which 1 is not true."""
    texts = [json.dumps(value, sort_keys=True, ensure_ascii=False) for value in (expected, found)]
    if texts[0] != texts[1]:
        yield f"{what}: expected {texts[0]}, found {texts[1]}"


def apply_case(case: Case) -> Iterator[str]:
    """What `apply` makes of an edit."""
    given = case["edit"]
    edit = Edit("", "", None, "", Dot(*given["dot"]), VersionVector(given["context"]), "", "", given["sections"])
    status, record = apply(record_of(case["record"]), edit, "")
    yield from differs("status", case["status"], status)
    yield from differs("result", case["result"], state_of(record))


def merge_case(case: Case) -> Iterator[str]:
    """What two replicas amount to, whoever calls on whom."""
    a, b = record_of(case["a"]), record_of(case["b"])
    yield from differs("merge(a, b)", case["result"], state_of(merge(a, b)))
    yield from differs("merge(b, a)", case["result"], state_of(merge(b, a)))


def digest_case(case: Case) -> Iterator[str]:
    """The digest of a scope."""
    records = [record_of(state, name) for name, state in case["records"].items()]
    yield from differs("digest", {"count": case["count"], "sum": case["sum"]}, of_records(records).wire())


FORMATS: Mapping[str, Callable[[Case], Iterator[str]]] = {
    "apply.json": apply_case,
    "merge.json": merge_case,
    "digest.json": digest_case,
}


def faults_in(path: Path) -> list[str]:
    """Run a file: for each of its cases the first thing that is wrong with it, or an empty text."""
    run = FORMATS[path.name]
    found = []
    for number, case in enumerate(json.loads(path.read_text(encoding="utf-8"))):
        fault = next(run(case), "")
        story = case.get("story")
        found.append(fault and f"{path.name} {number}{f' ({story})' if story else ''}: {fault}")
    return found
