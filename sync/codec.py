"""Edits and records as JSON values, and what is fit to travel.

An edit that is unfit in itself is deposited as `malformed`; the message of UnfitError says why. The envelopes around
them are in wire.py.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sync.record import STANDING, VOID, Edit, LiveEdit, Record, Remark, Sections, canonical, family
from sync.types.checks import Issue
from sync.version import Dot, VersionVector

MAX_EDIT_BYTES = 64_000  # as canonical JSON, whatever its layout
MAX_EDIT_DEPTH = 8  # below `sections`
MAX_SECTIONS = 64
MAX_ACTORS = 256
MAX_IDENTIFIER = 64
MAX_INTEGER = 2**53 - 1

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ACTOR = re.compile(r"[a-z0-9]{8,16}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})")
UNFIT_TEXT = re.compile("[\0\ud800-\udfff]")

_FIT = frozenset({str, int, bool, type(None)})

Json = dict[str, Any]


class UnfitError(ValueError):
    """A value that the protocol does not carry; the message says which and why."""


# -- instants ----------------------------------------------------------------------------------------------------------


def stamp(moment: dt.datetime) -> str:
    """An instant as the server writes it: UTC to the millisecond, so that text order is time order."""
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def instant(text: object) -> dt.datetime:
    """Read an RFC 3339 instant; raises UnfitError without one or without its offset from UTC."""
    try:
        if isinstance(text, str) and _INSTANT.fullmatch(text):  # fromisoformat takes any character between day and time
            return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise UnfitError(f"{text!r:.40} is not an instant with its offset, like 2026-11-21T08:15:00+08:00")


# -- edits and records as JSON values ----------------------------------------------------------------------------------


def edit_to_wire(edit: Edit) -> Json:
    """An edit as a device sends it."""
    return {
        "record": edit.record,
        "type": edit.type,
        "subject": edit.subject,
        "scope": edit.scope,
        "dot": list(edit.dot),
        "context": dict(edit.context),
        "written_at": edit.written_at,
        "author": edit.author,
        "sections": dict(edit.sections),
    }


def edit_from_wire(item: object) -> Edit:
    """Read an edit; raises UnfitError when it is over a limit or not of the form."""
    if type(item) is not dict:
        raise UnfitError("an edit is an object")
    dot = dot_of(item)
    if dot is None:
        raise UnfitError("`dot` is [actor, counter], the counter from 1")
    instant(item.get("written_at"))
    _envelope(item)
    _identifier("author", item.get("author"))
    context, sections = _vector("context", item.get("context")), _sections(item.get("sections"))
    _small(item)
    if context.covers(dot):
        raise UnfitError("an edit cannot have seen itself: `context` covers its own dot")
    return Edit(
        record=item["record"],
        type=item["type"],
        subject=item.get("subject"),
        scope=item["scope"],
        dot=dot,
        context=context,
        written_at=item["written_at"],
        author=item["author"],
        sections=sections,
    )


def live_to_wire(edit: LiveEdit) -> Json:
    """A live edit as it stands in a record."""
    return {
        "dot": list(edit.dot),
        "at": edit.at,
        "written_at": edit.written_at,
        "author": edit.author,
        "sections": dict(edit.sections),
    }


def live_from_wire(item: Mapping[str, Any]) -> LiveEdit:
    """A live edit from a record that is known to be fit (a stored one, or the server's)."""
    return LiveEdit(Dot(*item["dot"]), item["at"], item["written_at"], item["author"], item["sections"])


def record_to_wire(record: Record) -> Json:
    """A record state, without seq and issues."""
    return {
        "record": record.id,
        "type": record.type,
        "subject": record.subject,
        "scope": record.scope,
        "seen": dict(record.seen),
        "edits": [live_to_wire(edit) for edit in record.edits],
    }


def record_from_wire(item: Mapping[str, Any]) -> Record:
    """A record from a state that is known to be fit (a stored one, or the server's)."""
    live = sorted((live_from_wire(edit) for edit in item["edits"]), key=lambda e: e.dot)
    return Record(item["record"], item["type"], item["subject"], item["scope"], VersionVector(item["seen"]), tuple(live))


def state_from_wire(item: object) -> Record:
    """Read a record state that somebody sent; raises UnfitError when it is over a limit or not of the form."""
    if type(item) is not dict:
        raise UnfitError("a record state is an object")
    _envelope(item)
    seen, edits = _vector("seen", item.get("seen")), item.get("edits")
    if type(edits) is not list:
        raise UnfitError("`edits` is a list")
    live = []
    for entry in edits:
        dot = dot_of(entry)
        if dot is None or not seen.covers(dot) or not entry.get("sections"):
            raise UnfitError("a live edit has a dot that `seen` covers, and sections")
        _identifier("author", entry.get("author"))
        written, estimated = entry.get("written_at"), entry.get("at", entry.get("written_at"))
        instant(written)
        live.append(LiveEdit(dot, stamp(instant(estimated)), written, entry["author"], _sections(entry["sections"])))
    if len({edit.dot for edit in live}) != len(live):
        raise UnfitError("a dot stands twice in a record state")
    ordered = tuple(sorted(live, key=lambda e: e.dot))
    return Record(item["record"], item["type"], item.get("subject"), item["scope"], seen, ordered)


def dot_of(item: object) -> Dot | None:
    """The dot of something that may be an edit, None where none can be read."""
    dot = item.get("dot") if isinstance(item, dict) else None
    if not isinstance(dot, list) or len(dot) != 2:
        return None
    actor, counter = dot
    fit = isinstance(actor, str) and ACTOR.fullmatch(actor) and type(counter) is int and 0 < counter <= MAX_INTEGER
    return Dot(actor, counter) if fit else None


def remarks_told(record: Record, issues: Any) -> frozenset[Remark] | None:
    """The remarks among the issues that a device tells with a record state, None when it tells none at all.

    Whatever else stands there is passed over.
    """
    if not isinstance(issues, list):
        return None
    known = {VOID, *(family(name) for edit in record.edits for name in edit.sections)}
    named = [(i.get("section"), i.get("code")) for i in issues if isinstance(i, dict)]
    return frozenset(Remark(section, code) for section in known for code in STANDING if (section, code) in named)


def issues_to_wire(issues: Iterable[Issue]) -> list[Json]:
    """Issues as they travel in receipts and changes."""
    return [issue._asdict() for issue in issues]


def issues_from_wire(items: Iterable[Json]) -> tuple[Issue, ...]:
    """Issues as the server wrote them."""
    return tuple(Issue(item["section"], item.get("field"), item["code"], item["level"]) for item in items)


def _envelope(item: Mapping[str, Any]) -> None:
    record = item.get("record")
    if not isinstance(record, str) or not UUID.fullmatch(record):
        raise UnfitError("`record` is a UUID in lower case")
    _identifier("type", item.get("type"))
    _identifier("scope", item.get("scope"))
    if item.get("subject") is not None:
        _identifier("subject", item["subject"])


def _identifier(name: str, value: object) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_IDENTIFIER or UNFIT_TEXT.search(value):
        raise UnfitError(f"`{name}` is a text of 1 to {MAX_IDENTIFIER} characters")


def _vector(name: str, value: object) -> VersionVector:
    if type(value) is not dict or len(value) > MAX_ACTORS:
        raise UnfitError(f"`{name}` is an object of at most {MAX_ACTORS} actors")
    for actor, n in value.items():
        if not ACTOR.fullmatch(actor) or type(n) is not int or not 0 <= n <= MAX_INTEGER:
            raise UnfitError(f"`{name}` names actors and how far each was seen")
    return VersionVector(value)


def _sections(sections: object) -> Sections:
    if type(sections) is not dict or len(sections) > MAX_SECTIONS:
        raise UnfitError(f"`sections` is an object of at most {MAX_SECTIONS} sections")
    for name, value in sections.items():
        _identifier("section name", name)
        if value is not None and type(value) is not dict:
            raise UnfitError(f"section {name!r} is neither an object nor null")
    _fit(sections)
    _small(sections)
    return sections


def _small(value: object) -> None:
    try:
        size = len(canonical(value).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise UnfitError("it is nested too deep") from None
    if size > MAX_EDIT_BYTES:
        raise UnfitError(f"an edit has at most {MAX_EDIT_BYTES} bytes as canonical JSON")


def _fit(sections: Mapping[str, Any]) -> None:
    """Only objects, lists, strings, booleans, null and integers below 2^53, at most 8 deep. No recursion: depth is hostile."""
    level: list[Any] = list(sections.values())
    depth = 0
    while level:
        depth += 1
        below: list[Any] = []
        for value in level:
            kind = type(value)
            if kind in {dict, list} and depth > MAX_EDIT_DEPTH:
                raise UnfitError(f"a value is nested more than {MAX_EDIT_DEPTH} deep")
            if kind is dict:
                below.extend(value)
                below.extend(value.values())
            elif kind is list:
                below.extend(value)
            elif kind is str and UNFIT_TEXT.search(value):
                raise UnfitError("text has a NUL or a lone surrogate")
            elif kind is int and abs(value) > MAX_INTEGER:
                raise UnfitError("an integer is at 2^53 or beyond")
            elif kind not in _FIT:
                raise UnfitError("a number with a point or an exponent is sent as text; no key stands twice in an object")
        level = below
