"""What of a record waits for a person at a desk: siblings to choose from, a list to look at, an appeal to decide. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sync.codec import Json
from sync.record import REVIEW_ASKED, Record, Sections, Sibling, Value, sections
from sync.version import SERVER_ACTOR

CONFLICT, REVIEW, APPEAL = "conflict", "review", "appeal"
CONTRACT, APPEALS = "contract", "appeal/"
JUDGED = ("decision", "decided_on", "decided_by", "note")  # the fields of an appeal that are the supervisor's


def waits(record: Record, issues: Sequence[Json], conflict: bool) -> tuple[str, ...]:
    """For what a record waits, in the order of the names above; nothing for the trace of one that moved."""
    asked = any(issue["code"] == REVIEW_ASKED for issue in issues)
    appealed = record.type == CONTRACT and bool(appeals(record))
    return tuple(name for name, so in ((CONFLICT, conflict), (REVIEW, asked), (APPEAL, appealed)) if so)


def appeals(contract: Record) -> Mapping[str, Sibling]:
    """The appeals of a contract about which nobody has decided, by the key of their section, each as it is shown."""
    return dict(_undecided(contract))


def _undecided(contract: Record) -> Iterator[tuple[str, Sibling]]:
    for name, siblings in sections(contract).items():
        if name.startswith(APPEALS) and siblings[-1].value is not None and not decided(siblings):
            yield name.removeprefix(APPEALS), siblings[-1]


def decided(siblings: Sequence[Sibling]) -> bool:
    """True when the only value of an appeal is what a supervisor wrote at a desk.

    A phone that writes a decision itself decides nothing; and to what a phone wrote apart from it, it is no answer yet.
    """
    [*others, last] = siblings
    made_here = SERVER_ACTOR.fullmatch(last.edit.dot.actor) is not None
    return not others and made_here and (last.value or {}).get("decision") is not None


def unjudged(contract: Record | None, written: Sections) -> dict[str, Value]:
    """What somebody at a desk writes who does not judge appeals: the supervisor's fields of an appeal are not theirs.

    Who puts two wordings together, or takes one, must not decide it by the way. What a supervisor has decided stays, with
    just the words that it was decided about. `contract`: as it stands.
    """
    live = sections(contract) if contract else {}
    return {
        name: {**_asked(value), **_judgement(_asked(value), live.get(name, ()))}
        if name.startswith(APPEALS) and value
        else value
        for name, value in written.items()
    }


def _asked(said: Mapping[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in said.items() if field not in JUDGED}


def _judgement(asked: Mapping[str, Any], siblings: Sequence[Sibling]) -> dict[str, Any]:
    """What a supervisor decided about just these words."""
    for edit, value in reversed(siblings):
        if value and value.get("decision") is not None and SERVER_ACTOR.fullmatch(edit.dot.actor) and _asked(value) == asked:
            return {field: value[field] for field in JUDGED if field in value}
    return {}
