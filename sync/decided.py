"""Which word of the section `decision` counts: of a person at a desk, or of whoever settled with it what it is about. Pure.

Anybody can write the section. Written alone by a phone it decides nothing, whatever it says and whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sync.record import LiveEdit, Sibling, family
from sync.version import SERVER_ACTOR

DECISION = "decision"


def counts(actor: str, value: Mapping[str, Any] | None, written: Collection[str]) -> bool:
    """True where an edit of this actor, that wrote these sections, tells a decision: all that it names it wrote as well."""
    if value is None:
        return False
    if SERVER_ACTOR.fullmatch(actor):
        return True
    about, others = value.get("about"), {name for name in written if name != DECISION}
    known = others | {family(name) for name in others}
    return isinstance(about, list) and bool(about) and all(isinstance(one, str) and one in known for one in about)


def decides_nothing(edit: LiveEdit, live: Mapping[str, Collection[Sibling]]) -> bool:
    """True where the `decision` of an edit in a record was written without what it names.

    What others have written since took the place of the edit's own words, and is no sign of that.
    """
    later = {name for name, siblings in live.items() if all(one.edit.at > edit.at for one in siblings)}
    return not counts(edit.dot.actor, edit.sections.get(DECISION), {*edit.sections, *later})
