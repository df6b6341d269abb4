"""A fixed corpus of hostile requests, each with a name: what every release is asked again, on both engines."""

from __future__ import annotations

import functools
import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import zstandard

from sync.wire import MAX_BODY_BYTES, MAX_EDITS
from tests.server.hostile import Attempt, Pairs, Raw, text_of
from tests.server.phone import Phone, vitals
from tests.village import OTHER, VILLAGE

MEBIBYTE = 1 << 20
RECORD = "00000000-0000-7000-8000-0000000000aa"
NO_JSON = {
    "nothing": b"", "a space": b" ", "half an object": b'{"protocol": 1', "two objects": b"{}{}", "a comma too many": b'{"a":1,}', "single quotes": b"{'a':1}",
    "a comment": b'{"a":1/**/}', "NaN": b'{"a":NaN}', "Infinity": b'{"a":Infinity}', "minus Infinity": b'{"a":-Infinity}', "a leading zero": b'{"a":01}',
    "a plus": b'{"a":+1}', "hexadecimal": b'{"a":0x10}', "a tab in a text": b'{"a":"\t"}', "a NUL": b'{"a":"\0"}', "NUL behind": b"{}\0", "overlong UTF-8": b'{"a":"\xc0\x80"}',
    "a surrogate in UTF-8": b'{"a":"\xed\xa0\x80"}', "UTF-8 cut": b'{"a":"\xe7\x8e"}', "Latin-1": b'{"a":"\xe9"}', "above Unicode": b'{"a":"\xf4\x90\x80\x80"}',
    "a byte order mark": b"\xef\xbb\xbf{}", "GBK": '{"a":"王"}'.encode("gbk"), "form fields": b"protocol=1&edits=x", "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "pickle": b"\x80\x04\x95\x00.", "YAML": b"!!python/object/apply:os.system ['true']", "a list": b"[]", "a number": b"5", "null": b"null", "a text": b'"x"',
    "a million brackets": b"[" * MEBIBYTE, "a million braces": b'{"a":' * (MEBIBYTE // 5), "digits for ever": b'{"a":' + b"9" * MEBIBYTE + b"}",
    "escapes for ever": b'{"a":"' + b"\\u0061" * 100_000 + b'"}', "white space for ever": b" " * MEBIBYTE + b"{}", "a key for ever": b'{"' + b"k" * MEBIBYTE + b'":1}',
    "a hundred thousand keys": b"{" + b",".join(b'"%d":1' % n for n in range(100_000)) + b"}", "the same key a thousand times": b"{" + b",".join([b'"a":1'] * 1000) + b"}",
}  # fmt: skip
EDIT_PARTS: dict[str, dict[str, Any]] = {
    "counter 0": {"dot": ["mine", 0]}, "counter -1": {"dot": ["mine", -1]}, "counter 2^53": {"dot": ["mine", 2**53]}, "counter 2^62": {"dot": ["mine", 2**62]}, "counter 10^30": {"dot": ["mine", 10**30]},
    "counter 1.0": {"dot": ["mine", Raw("1.0")]}, "counter 1e0": {"dot": ["mine", Raw("1e0")]}, "counter true": {"dot": ["mine", True]}, "counter text": {"dot": ["mine", "1"]},
    "dot of three": {"dot": ["mine", 1, 1]}, "dot of one": {"dot": ["mine"]}, "dot object": {"dot": {"actor": "mine", "counter": 1}}, "dot null": {"dot": None}, "the server's dot": {"dot": ["s0123456789ab", 1]},
    "a stranger's dot": {"dot": ["strangeractor", 1]}, "actor in capitals": {"dot": ["MINE", 1]}, "actor too long": {"dot": ["a" * 65, 1]}, "actor with NUL": {"dot": [Raw('"a\\u0000b"'), 1]}, "actor a surrogate": {"dot": [Raw('"\\ud800"'), 1]},
    "record no UUID": {"record": "1"}, "record in capitals": {"record": RECORD.upper()}, "record null": {"record": None}, "record long": {"record": "a" * 5000}, "record with a path": {"record": "../../" + RECORD},
    "scope of others": {"scope": OTHER}, "scope of nobody": {"scope": "999999999999"}, "scope protected": {"scope": f"{VILLAGE}:tb"}, "scope twice protected": {"scope": f"{VILLAGE}:tb:tb"}, "scope an actor": {"scope": "actor:mine"},
    "scope a person": {"scope": "person:p-ana"}, "scope empty": {"scope": ""}, "scope a list": {"scope": [VILLAGE]}, "scope full width": {"scope": "４１１４９９００１２０１"}, "scope with a blank": {"scope": VILLAGE + " "},
    "context a list": {"context": []}, "context null": {"context": None}, "context of 257 actors": {"context": {f"actor{n:05}": 1 for n in range(257)}}, "context of 300 000": {"context": {f"a{n:07}": 1 for n in range(20_000)}},
    "context 2^53": {"context": {"mine": 2**53}}, "context -1": {"context": {"mine": -1}}, "context a float": {"context": {"mine": Raw("1.5")}}, "context of the server": {"context": {"s0123456789ab": 2**53 - 1}},
    "context with a bad actor": {"context": {"Ä": 1}}, "author another": {"author": "p-ben"}, "author nobody": {"author": "p-nobody"}, "author null": {"author": None}, "author server": {"author": "server"},
    "written never": {"written_at": ""}, "written in year 0": {"written_at": "0000-01-01T00:00:00Z"}, "written in year 9999": {"written_at": "9999-12-31T23:59:59+14:00"}, "written nowhere": {"written_at": "2026-11-21T08:15:00"},
    "written with a leap second": {"written_at": "2026-12-31T23:59:60Z"}, "written a number": {"written_at": 0}, "type of nothing": {"type": ""}, "type long": {"type": "t" * 5000}, "type null": {"type": None},
    "subject a number": {"subject": 5}, "subject long": {"subject": "s" * 5000}, "sections a list": {"sections": []}, "sections null": {"sections": None}, "no sections": {"sections": {}}, "65 sections": {"sections": {f"s{n}": {} for n in range(65)}},
    "a section with NUL": {"sections": {Raw("a\0"): {}}}, "a section of text": {"sections": {"vitals": "x"}}, "a section of a list": {"sections": {"vitals": [1]}}, "a float": {"sections": {"vitals": {"v": Raw("7.2")}}},
    "a value with NUL": {"sections": {"vitals": {"v": Raw('"\\u0000"')}}}, "a lone surrogate": {"sections": {"vitals": {"v": Raw('"\\ud800"')}}}, "2^53": {"sections": {"vitals": {"v": 2**53}}}, "70 kB": {"sections": {"note": {"text": "x" * 70_000}}},
    "nine deep": {"sections": {"a": Raw('{"b":' * 9 + "1" + "}" * 9)}}, "a field called proto": {"sections": {"__proto__": {"constructor": {"prototype": 1}}}}, "a section with slashes": {"sections": {"a/b/c": {}}}, "an empty section name": {"sections": {"": {}}},
    "a formula": {"sections": {"note": {"text": "=cmd|' /C calc'!A0"}}}, "markup": {"sections": {"note": {"text": "<img src=x onerror=alert(1)>"}}}, "right to left": {"sections": {"note": {"text": "\u202e"}}},
    "another key": {"role": "administrator"}, "a key twice": {},
}  # fmt: skip
ENVELOPES: dict[str, dict[str, Any]] = {
    "protocol 2": {"protocol": 2}, "protocol true": {"protocol": True}, "no device": {"device": None}, "edits an object": {"edits": {}}, "edits too many": {"edits": [{}] * (MAX_EDITS + 1)},
    "records too many": {"records": [None] * (MAX_EDITS + 1)}, "checkpoint a number": {"checkpoints": {VILLAGE: 5}}, "checkpoints of a thousand scopes": {"checkpoints": {f"{n:012}": "e:1" for n in range(1000)}},
    "a checkpoint for ever": {"checkpoints": {VILLAGE: "e:" + "9" * 5000}}, "a checkpoint of others": {"checkpoints": {OTHER: "e:0", f"{VILLAGE}:tb": "e:0"}}, "no budget": {"max_bytes": 0}, "a negative budget": {"max_bytes": -1},
    "a huge budget": {"max_bytes": 2**53 - 1}, "a budget over all": {"max_bytes": 2**53}, "items of nothing": {"edits": [None, 5, "x", [], {}]}, "states of nothing": {"records": [None, 5, "x", [], {}]},
}  # fmt: skip


@functools.cache
def bomb(how: str, size: int = 256 * MEBIBYTE) -> bytes:
    """So many zeros, packed."""
    step = bytes(MEBIBYTE)
    if how == "zstd":
        maker: Any = zstandard.ZstdCompressor().compressobj()
    else:
        maker = zlib.compressobj(9, wbits=31)
    return b"".join([*(maker.compress(step) for _ in range(size // MEBIBYTE)), maker.flush()])


def corpus(phone: Phone) -> Iterator[tuple[str, Attempt]]:
    """Each with its name. Where it says `mine`, that is the phone's own actor."""
    for name, body in NO_JSON.items():
        for path in ("/v1/sync", "/v1/token") if len(body) < 100 else ("/v1/sync",):
            yield f"{path}: {name}", Attempt("POST", path, body)
    for name, parts in EDIT_PARTS.items():
        edit = {**phone.draft(vitals(120), RECORD, type="hypertension_visit"), **_mine(parts, phone.actor)}
        sent = Pairs([*edit.items(), ("author", phone.person)]) if name == "a key twice" else edit
        yield f"edit: {name}", Attempt("POST", "/v1/sync", text_of(phone.request([sent])).encode())
    for name, parts in ENVELOPES.items():
        yield f"envelope: {name}", Attempt("POST", "/v1/sync", text_of({**phone.request([]), **parts}).encode())
    whole = json.dumps(phone.request([])).encode()
    for how in ("gzip", "zstd"):
        yield f"a bomb of {how}", Attempt("POST", "/v1/sync", bomb(how), {"Content-Encoding": how})
    for name, body, encoding in (
        ("gzip cut", gzip.compress(whole)[:-9], "gzip"), ("gzip twice", gzip.compress(gzip.compress(whole)), "gzip"), ("gzip that is none", whole, "gzip"), ("zstd that is none", whole, "zstd"),
        ("gzip of nothing", gzip.compress(b""), "gzip"), ("many members", gzip.compress(b"") * 10_000 + gzip.compress(whole), "gzip"), ("an unknown encoding", whole, "br"), ("a list of encodings", gzip.compress(whole), "gzip, identity"),
    ):  # fmt: skip
        yield name, Attempt("POST", "/v1/sync", body, {"Content-Encoding": encoding})
    for name in ("utf-16", "utf-16-le", "utf-32", "utf-7"):
        yield name, Attempt("POST", "/v1/sync", whole.decode().replace("{", "{ ").encode(name))
    yield "over the limit", Attempt("POST", "/v1/sync", whole + b" " * MAX_BODY_BYTES)
    for path in ("/v1/scopes/%00/digest", "/v1/scopes/%ff/records", "/v1/scopes/..%2f..%2f/records", f"/v1/scopes/{VILLAGE}/records?prefix=%00", f"/v1/scopes/{VILLAGE}/digest?prefix=" + "0" * 33,
                 f"/v1/scopes/{VILLAGE}/digest?prefix=%F0%9D%9F%8E", "/v1/indicators?area=%27%20OR%201%3D1", "/v1/my-work?month=9999-99", "/v1/my-work?month=%D9%A2", "/v1/reports/x/y", "/v1/" + "a" * 3000, "//evil.example.net/%2e%2e",
                 "/dashboard/login?next=https:%2f%2fevil.example.net", "/dashboard/areas/%00", "/app/..%2f..%2fetc%2fpasswd", "/app/%2e%2e/%2e%2e/server/config.py"):  # fmt: skip
        yield path[:80], Attempt("GET", path)


def _mine(parts: Any, actor: str) -> Any:
    """The same with the phone's own actor in place of `mine`."""
    if isinstance(parts, Raw):
        return parts
    if isinstance(parts, str):
        return parts.replace("mine", actor)
    if isinstance(parts, dict):
        return {_mine(name, actor): _mine(value, actor) for name, value in parts.items()}
    return [_mine(one, actor) for one in parts] if isinstance(parts, list) else parts
