"""Worked standings: the persons of tests/standing, on the days on which they are asked about, and what every client has to tell.

`standing_*.json`: first the records, each with its issues; then stories. `story`, `asked`: `resident`, `on`, `known` (places of
records in the file), where it is said `also`, `same_as` and `over` -> `standing`, `until` and `work` of the account, without
what is nothing: null, and lists without an entry. A record is there without sections that no standing reads, and ids are
short: `12-03-04` is visit 4 to person 12.

An account of a phone knows no events, which are for indicators, and so holds as long as the standing and the work do.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any, NamedTuple
from unittest.mock import patch

from sync.codec import issues_to_wire, record_from_wire, record_to_wire
from sync.record import canonical, family
from sync.standing import Known, account, happening, standing
from sync.standing.answer import Work
from tests.standing import (
    test_conflicts_and_appeals,
    test_courses,
    test_what_counts,
    test_what_had_come,
    test_what_is_owed,
    test_worked_example,
)
from tests.standing.test_standing_laws import READ

Case = Mapping[str, Any]
YEAR_END = dt.date(2026, 12, 31)
MOST = 2  # of the persons of one story


class Asked(NamedTuple):
    """What is asked about one person."""

    resident: str
    known: Sequence[Known]
    on: dt.date
    also: Sequence[str] = ()
    same_as: str | None = None
    over: bool = False

    def wire(self) -> dict[str, Any]:
        """As JSON."""
        return {**self._asdict(), "known": [wire_of(one) for one in self.known], "on": self.on.isoformat()}

    def answer(self) -> dict[str, Any]:
        """What Python says, as JSON: the standing, and the account without its events."""
        stands = standing(self.resident, self.known, self.on, also=self.also, same_as=self.same_as)
        with patch.object(happening, "events", lambda *_: ()):
            whole = account(self.resident, self.known, self.on, also=self.also, same_as=self.same_as, over=self.over)
        told = {
            "standing": whole.standing.wire(),
            "on": whole.on.isoformat(),
            "until": whole.until.isoformat(),
            "work": [{name: _plain(getattr(one, name)) for name in Work.__dataclass_fields__} for one in whole.work],
        }
        return {"standing": stands.wire(), "account": told}


def wire_of(known: Known) -> dict[str, Any]:
    """A record and its issues as a phone keeps them."""
    return {"record": record_to_wire(known.record), "issues": issues_to_wire(known.issues)}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else list(value) if isinstance(value, tuple) else value


# -- the stories that the tests tell -----------------------------------------------------------------------------------

STORIES = {
    "counted": (test_what_counts,),
    "owed": (test_conflicts_and_appeals, test_what_is_owed),
    "courses": (test_courses, test_what_had_come),
}


def stories(modules: Iterable[ModuleType]) -> Iterator[tuple[str, list[Asked]]]:
    """What the tests of some files ask, told by their names."""
    for module in modules:
        for name, test in vars(module).items():
            asked: list[Asked] = []
            if name.startswith("test_"):
                _listening(module, asked, lambda test=test: [test(**one) for one in _arguments(test)])
            if asked:
                yield name.removeprefix("test_").replace("_", " "), asked


def twelve() -> Iterator[tuple[str, list[Asked]]]:
    """The persons of the worked example, on the day of it and at the end of the year."""
    for name, case in test_worked_example.CASES.items():
        asked: list[Asked] = []
        _listening(test_worked_example, asked, case)
        yield name.replace("_", " "), [*asked, *(one._replace(on=YEAR_END, over=True) for one in asked)]


def _arguments(test: Callable[..., None]) -> Iterator[dict[str, Any]]:
    """What pytest would hand to a test, one after the other."""
    marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    names = [[name.strip() for name in (m.args[0].split(",") if isinstance(m.args[0], str) else m.args[0])] for m in marks]
    for chosen in itertools.product(*(mark.args[1] for mark in marks)):
        values = (one if len(some) > 1 else (one,) for some, one in zip(names, chosen, strict=True))
        yield {name: value for some, one in zip(names, values, strict=True) for name, value in zip(some, one, strict=True)}


def _listening(module: ModuleType, asked: list[Asked], run: Callable[[], object]) -> None:
    """Run something, and keep what it asks of `sync.standing` by way of a module."""

    def heard(answer: Callable[..., Any]) -> Callable[..., Any]:
        def ask(resident: str, known: Iterable[Known], on: dt.date, **options: Any) -> Any:
            held = list(known)
            asked.append(Asked(resident, held, on, **{**options, "also": sorted(options.get("also", ()))}))
            return answer(resident, held, on, **options)

        return ask

    said = {"standing": standing, "account": account}
    with patch.multiple(module, **{name: heard(answer) for name, answer in said.items() if hasattr(module, name)}):
        run()


# -- the files ---------------------------------------------------------------------------------------------------------


def made() -> Mapping[str, list[Case]]:
    """The files."""
    told = {"twelve": twelve(), **{name: stories(modules) for name, modules in STORIES.items()}}
    return {f"standing_{name}.json": _file(every) for name, every in told.items()}


def _file(told: Iterable[tuple[str, Sequence[Asked]]]) -> list[Case]:
    records: dict[str, Case] = {}
    cases: list[Case] = []
    for story, every in told:
        asked: dict[str, Case] = {}
        for one in map(_short, every[:MOST]):
            wires = {canonical(wire_of(each)): wire_of(each) for each in one.known}
            records = {**records, **wires}
            places = list(records)
            question = {"on": one.on.isoformat(), "known": [places.index(text) for text in wires]}
            question |= {name: getattr(one, name) for name in ("resident", "also", "same_as", "over") if getattr(one, name)}
            whole = one.answer()["account"]
            asked[canonical(question)] = {**question, **_said({name: whole[name] for name in ("standing", "until", "work")})}
        cases.append({"story": story, "asked": list(asked.values())})
    return [*records.values(), *cases]


def _short(asked: Asked) -> Asked:
    """The same with short ids, and without the sections that no standing reads."""
    resident, also, same_as = json.loads(_renamed(json.dumps([asked.resident, list(asked.also), asked.same_as])))
    return asked._replace(resident=resident, also=also, same_as=same_as, known=[_short_record(one) for one in asked.known])


def _short_record(known: Known) -> Known:
    record = record_from_wire(json.loads(_renamed(json.dumps(record_to_wire(known.record)))))
    read = {*READ.get(record.type, "").split(), "link", "void"}
    edits = [
        replace(e, sections={n: v for n, v in e.sections.items() if family(n) in read} or e.sections) for e in record.edits
    ]
    return Known(replace(record, edits=tuple(edits)), known.issues)


def _renamed(text: str) -> str:
    return re.sub(r"0*(\d\d)-00(\d\d)-7000-8000-0*(\d\d)", r"\1-\2-\3", text)


def _said(value: Any) -> Any:
    """A value without what is nothing."""
    if isinstance(value, dict):
        return {name: _said(below) for name, below in value.items() if below is not None and below != []}
    return [_said(below) for below in value] if isinstance(value, list) else value
