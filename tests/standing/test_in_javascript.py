"""The phone and the server say the same of every life: the standing to the letter, the work of the year, and until when both hold.

Python and one Node that has only the catalogue are told random lives. Some are made up from the declarations, with every type,
garbage and the ends of the calendar; others are the stories of the tests beside this one, thrown together and spoilt: days
moved, values and whole sections changed, written beside, void, in another scope, by another hand, under another key.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sync.codec import record_from_wire, record_to_wire
from sync.record import REVIEW_ASKED, VOID, VOID_CLASH, LiveEdit, Record, blank, fold
from sync.standing import Known
from sync.standing.day import plus
from sync.types import CATALOGUE, TYPES
from sync.types.checks import Issue
from sync.types.standing_codes import DUE, LACKING, OBLIGATION, WORK_COUNTS
from sync.version import Dot, VersionVector
from tests.node import answers
from tests.standing.forms import (
    MOMENT,
    SERVER,
    SMD,
    TB,
    VILLAGE,
    Saved,
    contract,
    item,
    known_of,
    name,
    register,
    resident,
)
from tests.standing.test_standing_laws import AGAIN, JUNK, PERSON, Life
from tests.sync.chance_forms import Forms
from tests.vectors.standing import STORIES, Asked, stories, twelve

ANSWERS = Path(__file__).parents[1] / "js" / "standing_answers.js"
LIVES = 1500
DAYS = [dt.date(year, month, day) for year in (2026, 2027) for month, day in ((1, 1), (2, 28), (6, 30), (11, 22), (12, 31))]
STRANGE_DAYS = [dt.date.min, dt.date(1900, 3, 1), dt.date(2024, 2, 29), dt.date(9999, 12, 30), dt.date.max]
SHIFTS = [0, 0, 0, 0, 1, -1, 7, 14, -30, 90, 200, -200, -365]
WRITTEN = ["2026-11-21T08:15:00+08:00", "2026-11-21 23:59Z", "2027-01-01T00:00:00.123456789-05:00", "2026-02-30T08:15:00Z", ""]
KEYS = [
    "𠮷",
    "𠮷",
    "\uff5e",
    "\uff5e",
    "constructor",
    "__proto__",
    "10",
    "9",
    "a.b",
    "followup@2026-03-31",
    "tuberculosis",
    "followup",
    "",
]
KEYED = ("item", "measure", "condition", "appeal", "attempt", "poverty")
REMARKS = [Issue(VOID, None, VOID_CLASH, "warning"), Issue("item", None, REVIEW_ASKED, "warning")]
REQUIRED = Issue("visit", None, "required", "error")
APPEALS = [{"asked_on": "2026-11-05"}, {"owed_by": "2026-03-31"}, {"asked_on": "2026-11-05", "owed_by": "2026-06-30"}, {}]


@functools.cache
def told() -> list[Asked]:
    """Everybody about whom the tests beside this one tell."""
    every = [*twelve(), *(story for modules in STORIES.values() for story in stories(modules))]
    return [one for _, asked in every for one in asked]


class Lives:
    """Lives as a replica may hold them, made up from one number."""

    def __init__(self, seed: int) -> None:
        self.seed, self.die = seed, random.Random(seed)

    def asked(self) -> Asked:
        die = self.die
        known, on = self.made_up() if die.random() < 0.3 else self.thrown_together()
        on = on if die.random() < 0.97 else die.choice(STRANGE_DAYS)
        also: tuple[str, ...] = ()
        if die.random() < 0.15:
            known += [self.again(), self.link()]
            also = (AGAIN,) if die.random() < 0.7 else ()
        if die.random() < 0.2:
            known.append(self.any_form(on))
        if die.random() < 0.1:
            known = [Known(one.record, tuple(CATALOGUE.check(one.record, on))) for one in known]
        return Asked(PERSON, known, on, also, AGAIN if die.random() < 0.03 else None, die.random() < 0.2)

    def made_up(self) -> tuple[list[Known], dt.date]:
        life = Life(self.seed, self.die.random() < 0.5)
        return [self.spoilt(one) if self.die.random() < 0.3 else one for one in life.known], life.on

    def thrown_together(self) -> tuple[list[Known], dt.date]:
        """One to three of the stories as those of one person, their days moved."""
        die = self.die
        some = die.sample(told(), die.choice([1, 1, 2, 3]))
        known = [self.moved(each, one) for one in some for each in one.known]
        spoilt = die.choice([0.0, 0.1, 0.4])
        known += [self.spoilt(self.twice(each)) for each in known if die.random() < spoilt / 4]
        known = [self.spoilt(each) if die.random() < spoilt else each for each in known]
        on = plus(some[0].on, die.choice([0, 0, 0, 1, 7, 40])) if die.random() < 0.6 else die.choice(DAYS)
        return list({each.record.id: each for each in known}.values()), on

    def moved(self, known: Known, story: Asked) -> Known:
        """A record of the person of a story as one of this person's, its days moved."""
        shift = random.Random(f"{self.seed} {story.resident} {story.on}").choice(SHIFTS)
        if self.die.random() < 0.06:
            shift += self.die.choice([-100, -14, -1, 1, 14, 100])
        text = json.dumps(record_to_wire(known.record)).replace(story.resident or "nobody", PERSON)
        return Known(record_from_wire(json.loads(_later(text, shift))), known.issues)

    def any_form(self, on: dt.date) -> Known:
        """A record of any type, about a day not long ago."""
        edit = Forms(TYPES, self.seed).edit("p-eva", ("evaphone", 1), VILLAGE)
        section, _, field = (CATALOGUE.types[edit.type].dated or "note.").partition(".")
        said = {**edit.sections.get(section, {}), field: plus(on, -self.die.choice([0, 1, 30])).isoformat()}
        edit = replace(edit, sections={**edit.sections, **({section: said} if field else {})})
        return Known(fold(blank(edit), edit, MOMENT))

    # -- what may become of a record -----------------------------------------------------------------------------------

    def spoilt(self, known: Known) -> Known:
        """A record to which one or two things happened."""
        ways = [self.beside, self.beside, self.voided, self.changed, self.changed, self.emptied, self.rewritten, self.renamed]
        ways += [self.elsewhere, self.incomplete, self.remarked, self.appealed, self.appealed, self.ended, self.ended]
        for way in self.die.sample(ways, self.die.choice([1, 1, 2])):
            known = way(known)
        return known

    def beside(self, known: Known) -> Known:
        """Somebody who had not seen a section wrote it otherwise."""
        name, value = self.section(known.record)
        return self.added(known, {name: self.other(value)})

    def voided(self, known: Known) -> Known:
        return self.added(known, {VOID: self.die.choice([{"reason": "mistake"}, {"reason": "mistake"}, None])})

    def changed(self, known: Known) -> Known:
        name, value = self.section(known.record)
        return self.each(
            known,
            lambda edit: replace(
                edit, sections={**edit.sections, **({name: self.other(value)} if name in edit.sections else {})}
            ),
        )

    def emptied(self, known: Known) -> Known:
        name, _ = self.section(known.record)
        return self.each(
            known, lambda edit: replace(edit, sections={n: None if n == name else v for n, v in edit.sections.items()})
        )

    def rewritten(self, known: Known) -> Known:
        """At other moments, by other hands, in another order."""
        die = self.die
        moments = [MOMENT, "2026-11-22T00:15:00.000Z"]
        return self.each(
            known,
            lambda edit: replace(
                edit, at=die.choice(moments), written_at=die.choice(WRITTEN), author=die.choice(["p-ana", "p-ben"])
            ),
        )

    def renamed(self, known: Known) -> Known:
        """Under other keys."""

        def name_of(name: str) -> str:
            start, stroke, _ = name.partition("/")
            return f"{start}/{self.die.choice(KEYS)}" if stroke and start in KEYED else name

        return self.each(known, lambda edit: replace(edit, sections={name_of(n): v for n, v in edit.sections.items()}))

    def elsewhere(self, known: Known) -> Known:
        scope = self.die.choice([VILLAGE, TB, SMD])
        return known if known.record.type == "resident" else known._replace(record=replace(known.record, scope=scope))

    def incomplete(self, known: Known) -> Known:
        return known._replace(issues=(*known.issues, REQUIRED))

    def remarked(self, known: Known) -> Known:
        return known._replace(issues=(*known.issues, self.die.choice(REMARKS)))

    def appealed(self, known: Known) -> Known:
        """The doctor says that a service of a contract was given; a supervisor has decided, or somebody says so."""
        items = [name.partition("/")[2] for edit in known.record.edits for name in edit.sections if name.startswith("item/")]
        if not items:
            return known
        key = self.die.choice(items) + self.die.choice(["", "", "@2026-06-30"])
        said = {**self.die.choice(APPEALS), "decision": self.die.choice(["upheld", "refused", None, "perhaps"])}
        return self.added(known, {f"appeal/{key}": said}, self.die.choice([SERVER, SERVER, "benphone"]))

    def ended(self, known: Known) -> Known:
        """The person died, or the register or the contract came to its end."""
        day = plus(dt.date(2026, 11, 22), self.die.choice([-200, -90, -30, -7, 0, 3]))
        closed = {"status": {"status": "closed", "closed_on": day.isoformat()}}
        lost = {"status": {"status": "lost", "lost_on": day.isoformat()}}
        stopped = {"status": {"status": "terminated"}, "stop": {"stopped_on": day.isoformat()}}
        said = {"chronic_register": self.die.choice([closed, lost]), "contract": stopped}.get(known.record.type, {})

        def end(edit: LiveEdit) -> LiveEdit:
            visit = edit.sections.get("visit")
            died = {"visit": {**visit, "died_on": day.isoformat()}} if isinstance(visit, dict) else {}
            return replace(edit, sections={**edit.sections, **said, **died})

        return self.each(known, end)

    def twice(self, known: Known) -> Known:
        """The same entered a second time."""
        if known.record.type == "resident":
            return known
        return known._replace(record=replace(known.record, id=known.record.id[:-2] + self.die.choice(["77", "99"])))

    def added(self, known: Known, sections: dict[str, Any], actor: str = "") -> Known:
        record, actor = known.record, actor or self.die.choice(["benphone", "benphone", SERVER])
        counter = 1 + max((edit.dot.counter for edit in record.edits), default=0)
        edit = LiveEdit(Dot(actor, counter), self.die.choice([MOMENT, "2026-11-22T00:15:00.000Z"]), MOMENT, "p-eva", sections)
        edits = sorted((*record.edits, edit), key=lambda one: one.dot)
        return known._replace(record=replace(record, edits=tuple(edits)))

    def each(self, known: Known, change: Any) -> Known:
        return known._replace(record=replace(known.record, edits=tuple(change(edit) for edit in known.record.edits)))

    def section(self, record: Record) -> tuple[str, Any]:
        """One of its sections, those that say when it was more often."""
        every = [pair for edit in record.edits for pair in edit.sections.items()]
        dated = CATALOGUE.types[record.type].dated if record.type in CATALOGUE.types else None
        about = [pair for pair in every if dated and pair[0] == dated.partition(".")[0]]
        return self.die.choice([*every, *about * 3]) if every else ("visit", {})

    def other(self, value: Any) -> Any:
        """A value of a section, one or two of its fields changed."""
        die, fields = self.die, dict(value or {})
        for field in die.sample(sorted(fields), min(len(fields), die.choice([1, 1, 2]))):
            fields[field] = self.near(fields[field])
        return fields

    def near(self, value: Any) -> Any:
        die = self.die
        if die.random() < 0.12:
            return die.choice(JUNK)
        if isinstance(value, bool) or value is None:
            return not value
        if isinstance(value, int):
            return value + die.choice([-12, -1, 1, 12])
        if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
            return _later(value, die.choice([-100, -14, -3, -1, 1, 3, 14, 100]))
        words = [
            "active",
            "closed",
            "lost",
            "managed",
            "terminated",
            "phone",
            "home",
            "clinic",
            "registered_poor",
            "hypertension",
        ]
        return (
            [*value, PERSON][die.randrange(2) :] if isinstance(value, list) else die.choice([*words, "tuberculosis", "x", ""])
        )

    # -- the same person twice -----------------------------------------------------------------------------------------

    def again(self) -> Known:
        """The other record of a person who was registered twice."""
        born = self.die.choice(["1955-06-06", "1961-02-28", "2020-02-29"])
        edit = LiveEdit(Dot("benphone", 1), MOMENT, MOMENT, "p-ben", {"identity": {"name": "陈国清", "birth_date": born}})
        return Known(Record(AGAIN, "resident", AGAIN, VILLAGE, VersionVector(), (edit,)))

    def link(self) -> Known:
        pair = {"duplicate": AGAIN, "same_as": PERSON, "state": self.die.choice(["linked", "linked", "undone"])}
        edit = LiveEdit(Dot("anaphone", 1), MOMENT, MOMENT, "p-ana", {"link": pair})
        link = Known(Record("00000099-0002-7000-8000-000000000001", "same_person", AGAIN, VILLAGE, VersionVector(), (edit,)))
        return self.beside(link) if self.die.random() < 0.2 else link


def _later(text: str, days: int) -> str:
    """A text with every day in it so many days later."""
    return re.sub(r"(?<![0-9-])\d{4}-\d\d-\d\d(?![0-9-])", lambda found: _day_later(found[0], days), text) if days else text


def _day_later(day: str, days: int) -> str:
    try:
        return plus(dt.date.fromisoformat(day), days).isoformat()
    except ValueError:
        return day


def lives(first: int, count: int) -> list[Asked]:
    return [Lives(seed).asked() for seed in range(first, first + count)]


def said(every: list[Asked]) -> Iterator[tuple[Asked, Any, Any]]:
    """What was asked, what Python says and what the JavaScript does."""
    found = answers(ANSWERS, [CATALOGUE.about, *(one.wire() for one in every)])
    yield from ((asked, asked.answer(), there) for asked, there in zip(every, found, strict=True))


def test_the_phone_says_of_any_life_what_the_server_says():
    met: set[str] = set()
    for asked, here, there in said([*told(), *lives(20261122, LIVES)]):
        assert there == here, json.dumps(asked.wire(), ensure_ascii=False)
        assert json.dumps(there) == json.dumps(here), "in the order of the server"
        met.update(_words(here["account"]))
    assert not EVERYTHING - met, "the die was too kind: what a standing can say has to come up, or this proves little"


def corners() -> Iterator[Asked]:
    """What chance seldom finds."""
    lin = resident(80, "林丽", "female", "1970-06-01")
    closed = resident(80, "林丽", "female", "1970-06-01", record_status={"status": "closed"})
    keys = ["𠮷", "\uff5e", "a", "constructor"]
    care = contract(80, "2026-01-01", "2026-12-31", {key: item("once_in_term", 1) for key in keys})
    beside = contract(80, "2026-12-05", "2027-12-04", {}, number=2, signed="2025-12-01")
    opened, died = register(80, "tuberculosis", "2026-02-02", TB), {"visited_on": "2026-06-01", "died_on": "2026-05-30"}
    visit = Saved(name(80, "visit"), "tb_visit", lin.record, TB, {"visit": died})
    for saved in ([lin, care], [closed, care, beside], [lin, care, beside], [lin, care, opened, visit]):
        for on in (dt.date(2026, 11, 22), dt.date(2026, 12, 5)):
            yield Asked(lin.record, known_of(saved, on), on)


def test_the_order_of_rare_characters_and_the_ends_of_what_was_closed_are_the_server_s():
    for asked, here, there in said([*corners()]):
        assert json.dumps(there) == json.dumps(here), json.dumps(asked.wire(), ensure_ascii=False)


def _words(account: Any) -> Iterator[str]:
    now = account["standing"]
    yield now["status"]
    yield from (f"due {one['what']}" for one in now["due"])
    yield from (f"lacks {word}" for one in now["managed"] for word in one["lacking"])
    yield from (
        f"owed {one['state']} {one['reason'] if one['state'] == 'missed' else ''}".strip() for one in now["obligations"]
    )
    yield from (f"{name} {one[name]}" for one in now["managed"] for name in ("controlled", "regular", "unclear"))
    yield from (f"counts {count.partition(':')[0]}" for one in account["work"] for count in one["counts"])
    yield from (f"because {one['reason']}" for one in account["work"])
    yield from (f"by {one['source']}" for one in now["groups"])


EVERYTHING = {
    *("active", "closed", "void", "unknown", "same_person"),
    *(f"due {code}" for code in DUE.values),
    *(f"lacks {code}" for code in LACKING.values),
    *(f"owed {code}" for code in OBLIGATION.values if code != "missed"),
    *(f"owed missed {code}" for code in ("no_record", "too_late", "by_phone", "no_evidence", "conflict_open", "void")),
    *("controlled True", "controlled False", "controlled None", "regular True", "regular False", "unclear conflict_open"),
    *(f"counts {code}" for code in WORK_COUNTS.values),
    *(f"by {source}" for source in ("flag", "age", "register", "disability", "poverty", "none")),
}
