"""Ana, Ben and Cam with their phones: short ways to write an edit, also as it travels, and to hold a replica of one record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sync.record import Edit, Policy, Record, apply, merge, shown
from sync.version import Dot, VersionVector

VISIT = "01974730-9832-7aae-84e5-5cdf0b7b3552"
WANG = "01974730-0000-7000-8000-00000000aaaa"
VILLAGE = "411403101201"
MORNING = "2026-11-21T00:15:00.000Z"
WHEN = "2026-11-21T08:15:00+08:00"  # the same moment, as a phone writes it

BLANK = Record(VISIT, "hypertension_visit", WANG, VILLAGE)


def edit(dot: tuple[str, int], sections: Mapping[str, Any], context: Mapping[str, int] | None = None, author: str = "") -> Edit:
    """An edit to the visit, written by its actor's owner unless an author is named."""
    seen = VersionVector(context)
    return Edit(VISIT, BLANK.type, WANG, VILLAGE, Dot(*dot), seen, MORNING, author or dot[0], sections)


def policy(section: str) -> Policy:
    """Vitals and the rest ask, contact details take the latest, the medication list asks for review."""
    return {"contact": Policy.LATEST, "medication": Policy.REVIEW}.get(section.partition("/")[0], Policy.ASK)


class Phone:
    """One replica of the visit and the person who writes on it."""

    def __init__(self, actor: str, author: str = "") -> None:
        self.actor, self.author, self.counter, self.record = actor, author or actor, 0, BLANK

    def draft(self, sections: Mapping[str, Any]) -> Edit:
        """An edit over what the phone shows now, not yet applied."""
        self.counter += 1
        return edit((self.actor, self.counter), sections, self.record.seen, self.author)

    def write(self, sections: Mapping[str, Any], at: str = MORNING) -> Edit:
        """Fill in a form and save it on this phone."""
        written = self.draft(sections)
        assert self.get(written, at) == "applied"
        return written

    def get(self, written: Edit, at: str = MORNING, deposited: Collection[int] = ()) -> str:
        """An edit arrives; what became of it."""
        status, self.record = apply(self.record, written, at, deposited)
        return status

    def meet(self, other: Phone) -> None:
        """The two phones exchange what they hold."""
        self.record = other.record = merge(self.record, other.record)

    def shows(self) -> dict[str, Any]:
        """What stands on the screen."""
        return shown(self.record)


class Twice(dict):
    """What a parser may make of an object in which a key stands twice."""


def an_edit(**parts: Any) -> dict[str, Any]:
    """An edit as a device sends it."""
    plain = {
        "record": VISIT,
        "type": "hypertension_visit",
        "subject": WANG,
        "scope": VILLAGE,
        "dot": ["anaphone", 3],
        "context": {"anaphone": 2, "benphone": 7},
        "written_at": WHEN,
        "author": "ana",
        "sections": {"vitals": {"systolic_mmhg": 152}, "referral": None},
    }
    return {**plain, **parts}


def a_state(live: Mapping[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    """A record state as a device sends it, `live` being parts of its one live edit."""
    edit = {"dot": ["anaphone", 3], "at": WHEN, "written_at": WHEN, "author": "ana", "sections": {"plan": {}}, **(live or {})}
    plain = {"record": VISIT, "type": "t", "subject": None, "scope": VILLAGE, "seen": {"anaphone": 3}, "edits": [edit]}
    return {**plain, **parts}
