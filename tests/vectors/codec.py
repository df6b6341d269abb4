"""Worked cases of what is fit to travel.

codec.json      text -> edit as it is read, or unfit: why; PAD in a text stands for `pad`: a character so many times
instants.json   text -> at (UTC to the millisecond), null where it is no instant
canonical.json  text -> canonical (the JSON text of the value)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sync.codec import MAX_EDIT_BYTES, UnfitError, edit_from_wire, edit_to_wire, instant, stamp
from sync.record import canonical
from tests.sync.people import VISIT, an_edit

Case = Mapping[str, Any]


def made() -> Mapping[str, list[Case]]:
    """The files."""
    return {
        "codec.json": [_edit_case(story, text, pad) for story, text, pad in _edits()],
        "instants.json": [{"text": text, "at": _at(text)} for text in INSTANTS],
        "canonical.json": [{"text": text, "canonical": canonical(json.loads(text))} for text in VALUES],
    }


def _edit_case(story: str, text: str, pad: tuple[str, int] | None) -> Case:
    sent = {"story": story, "text": text, **({"pad": list(pad)} if pad else {})}
    item = json.loads(text.replace("PAD", pad[0] * pad[1]) if pad else text)
    try:
        edit = edit_to_wire(edit_from_wire(item))
    except UnfitError as unfit:
        return {**sent, "unfit": str(unfit)}
    return {**sent, "edit": None if pad else edit}  # null: as it was sent


def _edits() -> Iterator[tuple[str, str, tuple[str, int] | None]]:
    for story, parts in FIT.items():
        yield story, json.dumps(an_edit(**parts), ensure_ascii=False), None
    for story, item in UNFIT.items():
        yield story, item if isinstance(item, str) else json.dumps(item), None
    for story, value in VALUED.items():
        sections = json.dumps({"plan": {"x": "HERE"}}).replace('"HERE"', value)
        yield story, json.dumps(an_edit(sections="HERE")).replace('"HERE"', sections), None
    yield from _sized()


def _sized() -> Iterator[tuple[str, str, tuple[str, int] | None]]:
    """Edits of as many bytes as there may be, and of one more; loose JSON, for only the canonical text counts."""
    text = json.dumps(an_edit(sections={"plan": {"note": "PAD"}}), indent=2)
    room = MAX_EDIT_BYTES - len(canonical(json.loads(text))) + len("PAD")
    yield "Ana writes as much as there may be", text, ("x", room)
    yield "Ana writes a letter more", text, ("x", room + 1)
    yield "A Chinese character is three bytes", text, ("王", room // 3)
    yield "A Chinese character more", text, ("王", room // 3 + 1)
    yield "A character behind the others is four bytes", text, ("𠮷", room // 4)
    yield "One of them more", text, ("𠮷", room // 4 + 1)
    yield "A quotation mark is two", text, ('\\"', room // 2)
    yield "A quotation mark more", text, ('\\"', room // 2 + 1)
    actors = {f"phone{n:04}": 1 for n in range(256)}
    yield "Two hundred and fifty-six phones were seen", json.dumps(an_edit(context=actors)), None
    yield "One phone too many was seen", json.dumps(an_edit(context={**actors, "anaphone": 2})), None
    several = {f"medication/{n}": {} for n in range(64)}
    yield "Sixty-four sections", json.dumps(an_edit(sections=several)), None
    yield "Sixty-five sections", json.dumps(an_edit(sections={**several, "plan": {}})), None


FIT: Mapping[str, Mapping[str, Any]] = {
    "A visit": {},
    "Nothing is in it": {"subject": None, "context": {}, "sections": {}},
    "Of a newer phone": {"type": "brand_new", "sections": {"brand_new/0197": {"x": 1}, "void": {"reason": "test", "note": ""}}},
    "Unknown names beside the known ones are passed over": {"mood": "good"},
    "A zero in the context says nothing": {"context": {"anaphone": 2, "benphone": 0}},
    "Names that a language keeps to itself": {"context": {"constructor": 3}, "sections": {"__proto__": {}, "toString": None}},
    "Every kind of value": {
        "sections": {"plan": {"x": [True, False, None, -(2**53) + 1, 2**53 - 1, '𠮷 \u200d\n\t"\\', {"": []}]}}
    },
    "A name of sixty-four characters, each behind the others": {"author": "𠮷" * 64},
}
UNFIT: Mapping[str, Any] = {
    "No edit": "[]",
    "Nothing": "null",
    "No dot": {k: v for k, v in an_edit().items() if k != "dot"},
    "A dot that is no list": an_edit(dot={"actor": "anaphone"}),
    "A dot of three": an_edit(dot=["anaphone", 3, 1]),
    "A counter in a text": an_edit(dot=["anaphone", "3"]),
    "A counter of nothing": an_edit(dot=["anaphone", 0]),
    "A counter that is true": an_edit(dot=["anaphone", True]),
    "A counter beyond 2^53": an_edit(dot=["anaphone", 2**53]),
    "An actor of seven letters": an_edit(dot=["anaphon", 3]),
    "An actor of seventeen letters": an_edit(dot=["anaphoneanaphonea", 3]),
    "An actor in capitals": an_edit(dot=["Anaphone", 3]),
    "An actor with a line end": an_edit(dot=["anaphone\n", 3]),
    "No time": an_edit(written_at=None),
    "A time without its offset": an_edit(written_at="2026-11-21T08:15:00"),
    "A record in capitals": an_edit(record=VISIT.upper()),
    "A record that is a number": an_edit(record=7),
    "No type": an_edit(type=""),
    "A type of sixty-five letters": an_edit(type="t" * 65),
    "A scope that is none": an_edit(scope=None),
    "A subject of nothing": an_edit(subject=""),
    "A subject that is true": an_edit(subject=True),
    "An author with a NUL": an_edit(author="a\0"),
    "An author with half a character": an_edit(author="a\ud842"),
    "A context that is a list": an_edit(context=[]),
    "A context of a bad name": an_edit(context={"ana": 1}),
    "A context below nothing": an_edit(context={"benphone": -1}),
    "A context in a text": an_edit(context={"benphone": "1"}),
    "An edit that has seen itself": an_edit(context={"anaphone": 3}),
    "Sections in a list": an_edit(sections=[]),
    "A section without a name": an_edit(sections={"": {}}),
    "A section whose name is too long": an_edit(sections={"s" * 65: {}}),
    "A section that is a text": an_edit(sections={"plan": "x"}),
    "A section that is a list": an_edit(sections={"plan": []}),
}
VALUED: Mapping[str, str] = {  # JSON of one field of a section
    "Seven lists within the section": "[" * 7 + "]" * 7,
    "Eight lists within the section": "[" * 8 + "]" * 8,
    "Seven objects within the section, and a text in the last": '{"a":' * 7 + '"x"' + "}" * 7,
    "A decimal that is no text": "7.2",
    "A decimal deep within": '[{"a":[0.5]}]',
    "An integer at 2^53": str(2**53),
    "An integer at 2^53 below nothing": str(-(2**53)),
    "A NUL in a text": '"a\\u0000b"',
    "A NUL in a name": '{"a\\u0000b": 1}',
    "Half a character": '"\\ud842"',
    "The other half of a character": '["\\udfb7x"]',
    "Both halves": '"\\ud842\\udfb7"',
}

INSTANTS = (
    "2026-11-21T08:15:00+08:00",
    "2026-11-21T00:15:00Z",
    "2026-11-21 00:15Z",
    "2026-11-21T00:15:00.1Z",
    "2026-11-21T00:15:00.123456Z",
    "2026-11-21T00:15:00.123456789+08:00",
    "2026-11-21T00:15:00.9999999-00:30",
    "2026-11-21T00:15:00.1234567890Z",
    "1970-01-01T00:00:00+08:00",
    "1969-12-31T23:59:59.9999Z",
    "0999-06-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+08:00",
    "0001-01-01T00:00:00-08:00",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-08:00",
    "0000-01-01T00:00:00Z",
    "2099-12-31T23:59:59.5+14:00",
    "2024-02-29T12:00:00Z",
    "2026-02-29T12:00:00Z",
    "2026-02-30T08:15:00Z",
    "2026-13-01T08:15:00Z",
    "2026-11-00T08:15:00Z",
    "2026-11-21T24:00:00Z",
    "2026-11-21T08:60:00Z",
    "2026-11-21T08:15:60Z",
    "2026-11-21T08:15:00+23:59",
    "2026-11-21T08:15:00+24:00",
    "2026-11-21T08:15:00-24:00",
    "2026-11-21T08:15:00-00:00",
    "2026-11-21T08:15:00+08:60",
    "2026-11-21T08:15:00+23:60",
    "2026-11-21T08:15:00+8:00",
    "2026-11-21T08:15:00+0800",
    "2026-11-21T08:15:00+08",
    "2026-11-21T08:15:00",
    "2026-11-21T08:15:00z",
    "2026-11-21t08:15:00Z",
    "2026-11-21T08:15:00 Z",
    "2026-11-21T08:15.5Z",
    "2026-11-21T08Z",
    "2026-11-21T08:15:00,5Z",
    "2026-11-21T08:15:00.Z",
    "20261121T081500Z",
    "2026-11-21",
    "2026-11-21T08:15:00Z\n",
    "２026-11-21T08:15:00Z",
    "+002026-11-21T08:15:00Z",
    "",
)

VALUES = (
    "null",
    "[]",
    "{}",
    '{"b": 1, "a": [true, false, null, "x"]}',
    '{"10": 1, "9": 2, "1": 3, "a": 4, "B": 5}',
    '{"ab": 1, "a": 2, "a/b": 3, "a b": 4, "": 5}',
    '{"\\uffee": 1, "𠮷": 2, "\\ud7ff": 3, "\\ue000": 4, "王": 5}',
    '{"𠮷𠮷": 1, "𠮷": 2, "𠮷\\uffee": 3, "𠮶": 4}',
    '{"a": {"d": 1, "c": {"z": [{"y": 1, "x": 2}]}}}',
    '{"__proto__": {"b": 1, "a": 2}, "constructor": 1}',
    '["\\" \\\\ / \\b \\f \\n \\r \\t \\u0001 \\u001f \\u007f \\u0080 \\u2028 \\u2029 é 王 𠮷"]',
    "[-0, 0, 7, -7, 9007199254740991, -9007199254740991]",
    '[" 1 ", [[], [{}]], ""]',
)


def _at(text: str) -> str | None:
    try:
        return stamp(instant(text))
    except UnfitError:
        return None
