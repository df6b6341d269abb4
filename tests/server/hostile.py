"""Requests that mean harm, made up from a seed: bodies by the server's own OpenAPI description and by what an honest phone sends,
then broken; odd addresses, headers and encodings.

The same seed makes the same requests, so that two servers can be asked the same and compared.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import zstandard

from tests.server.phone import Phone, vitals
from tests.village import OTHER, VILLAGE


class Raw(str):
    """A text that stands in JSON as it is."""

    __slots__ = ()


class Pairs(list[tuple[str, Any]]):
    """An object whose keys may stand twice."""


DEEP = Raw("[" * 40 + "1" + "]" * 40)
DEEPER = Raw('{"a":' * 5_000 + "1" + "}" * 5_000)
ODD: tuple[Any, ...] = (
    *(Raw(token) for token in ("NaN", "Infinity", "-Infinity", "1e999", "-0", "-0.0", "1.0", "1e3", "01", "+1", "0x1F", "9" * 400)),
    *(Raw(token) for token in ("9007199254740991", "9007199254740992", "-9007199254740992", "18446744073709551616", "tru", "undefined")),
    *(Raw(f'"{token}"') for token in ("\\u0000", "\\ud800", "\\udfff\\ud800", "\\ud83d\\ude00", "\\u202e", "a\\u0000b", "\\x41")),
    DEEP, DEEPER, "", " ", "x" * 65, "x" * 70_000, "ＡＢＣ", "e\u0301", "\u2028", "null", "true", "../../etc/passwd", "%00", "'; DROP TABLE edits; --",
    "<script>alert(1)</script>", "=1+1", "{{7*7}}", "${7*7}", "1900-02-30", "9999-12-31T23:59:59+14:00", "0000-00-00", "2026-11-21T08:15:00",
    VILLAGE, OTHER, f"{VILLAGE}:tb", f"{VILLAGE}:tb:smd", "411499", "actor:aaaaaaaa", "person:p-ana", "~", "s0123456789ab", "p-ana", "p-sue",
    0, 1, -1, 2**31, 2**31 - 1, 2**53 - 1, 2**53, 2**63, 10**30, 1.5, True, False, None, [], {}, [[]], [None] * 300, {"": None}, {"a" * 70_000: 1},
    {"k" * 64: {"v": 1}}, {str(n): n for n in range(300)}, [{"record": None}] * 3,
)  # fmt: skip
HEADERS: tuple[dict[str, str], ...] = (
    {"Content-Type": "text/plain"}, {"Content-Type": "application/json; charset=utf-16"}, {"Content-Type": "multipart/form-data; boundary=x"},
    {"Content-Type": "\x7f"}, {"Accept-Encoding": "gzip;q=abc"}, {"Accept-Encoding": ", ," * 200}, {"Accept-Encoding": "zstd;q=1e9"},
    {"If-None-Match": '"' + "a" * 4000}, {"If-None-Match": "*"}, {"If-Modified-Since": "yesterday"}, {"Range": "bytes=0-0,5-1"},
    {"Authorization": "Bearer"}, {"Authorization": "Basic " + "A" * 4000}, {"X-Forwarded-For": "' OR 1=1"}, {"X-HTTP-Method-Override": "DELETE"},
    {"Content-Encoding": "gzip, gzip"}, {"Content-Encoding": "x" * 500}, {"Cookie": "cunyi_session=" + "%" * 500}, {"Accept-Language": "x" * 4000},
    {"Host": "evil.example.net"}, {"X-Forwarded-Prefix": "/evil"}, {"Content-Length": "5"}, {"Expect": "200-ok"}, {"Transfer-Encoding": "chunked"},
)  # fmt: skip


@dataclass
class Attempt:
    """One request."""

    method: str
    path: str
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


def text_of(value: Any) -> str:
    """JSON that is none where a Raw or a Pairs says so."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, Pairs):
        return "{" + ",".join(f"{json.dumps(name)}:{text_of(one)}" for name, one in value) + "}"
    if isinstance(value, Mapping):
        return text_of(Pairs(value.items()))
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(text_of, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


class Hostile:
    """Who makes the requests up. `document`: the OpenAPI description; a phone lends its name, never its key."""

    def __init__(self, document: Mapping[str, Any], dice: random.Random) -> None:
        self._schemas, self._dice, self.csrf = document["components"]["schemas"], dice, ""
        self._routes = [
            (path, method.upper(), told)
            for path, item in sorted(document["paths"].items())
            for method, told in sorted(item.items())
            if method in ("get", "post")
        ]

    def attempt(self, phone: Phone) -> Attempt:
        """The next request, whatever it may be."""
        dice = self._dice
        made = dice.choice([self._exchange] * 5 + [self._by_description] * 3 + [self._page])(phone)
        if made.body is not None and dice.random() < 0.3:
            made.body, more = self._encoded(made.body)
            made.headers |= more
        if dice.random() < 0.1:
            made.headers |= dice.choice(HEADERS)
        return made

    # -- what it may be

    def _exchange(self, phone: Phone) -> Attempt:
        """An exchange of an honest phone, with some of it broken."""
        dice = self._dice
        edits = [phone.draft(vitals(100 + n)) for n in range(dice.randrange(4))]
        for edit in edits:
            edit["record"] = f"00000000-0000-7000-8000-{dice.randrange(20):012}"
        state = {"record": f"00000000-0000-7000-8000-{dice.randrange(20):012}", "type": "hypertension_visit", "subject": None}
        state |= {"scope": VILLAGE, "seen": {phone.actor: 1}, "edits": []}
        body: Any = phone.request(
            edits, [state] * dice.randrange(2), checkpoints={VILLAGE: f"{phone.epoch}:{dice.randrange(9)}"}
        )
        for _ in range(dice.choice([0, 1, 1, 1, 2, 3])):
            body = self.broken(body)
        return Attempt("POST", "/v1/sync", self._bytes(body))

    def _by_description(self, phone: Phone) -> Attempt:
        """Any route, filled in by its description, then broken or not."""
        dice = self._dice
        path, method, told = dice.choice(self._routes)
        for name in [one["name"] for one in told.get("parameters", []) if one.get("in") == "path"] or _named(path):
            path = path.replace(f"{{{name}}}", quote(self._word(), safe="") or "x")
        query = [(one["name"], self._word()) for one in told.get("parameters", []) if one.get("in") == "query"]
        query += [(dice.choice(["prefix", "month", "area", "since", "limit", "population", "issue", "sort"]), self._word())]
        asked = "&".join(f"{name}={quote(word, safe='')}" for name, word in query if dice.random() < 0.7)
        body = None
        if method == "POST":
            content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
            value = self._by_schema(content.get("schema", {}), 0)
            body = self._bytes(self.broken(value) if dice.random() < 0.5 else value)
        return Attempt(method, path + (f"?{asked}" if asked else ""), body)

    def _page(self, _phone: Phone) -> Attempt:
        """Something below the dashboard or the app."""
        names = (
            "areas",
            "residents",
            "queue",
            "reports",
            "devices",
            "login",
            "password",
            "changes",
            "trail",
            "admin/people",
            "conflicts",
            "deposits",
        )
        dice = self._dice
        path = f"/dashboard/{dice.choice(names)}" + "".join(
            f"/{quote(self._word(), safe='')}" for _ in range(dice.randrange(3))
        )
        asked = "&".join(
            f"{name}={quote(self._word(), safe='')}" for name in ("period", "group", "sort", "text") if dice.random() < 0.5
        )
        if dice.random() < 0.3:
            csrf = f"csrf={self.csrf if dice.random() < 0.5 else quote(self._word(), safe='')}"
            form = [
                f"{name}={quote(self._word(), safe='')}" for name in ("person", "password", "code", "totp", "name", "reason")
            ]
            return Attempt(
                "POST", path, "&".join([csrf, *form]).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
            )
        return Attempt("GET", f"{path}?{asked}")

    # -- how it is broken

    def broken(self, value: Any) -> Any:
        """The same with one place of it changed: another value, no value, a key twice, or a key of no sense."""
        dice = self._dice
        if isinstance(value, Mapping | Pairs) and value and dice.random() < 0.85:
            pairs = Pairs(value.items() if isinstance(value, Mapping) else value)
            n = dice.randrange(len(pairs))
            name, inside = pairs[n]
            how = dice.random()
            if how < 0.75:
                pairs[n] = (name, self.broken(inside))
            elif how < 0.85:
                pairs.insert(dice.randrange(len(pairs) + 1), (name, dice.choice([inside, dice.choice(ODD)])))
            elif how < 0.93:
                del pairs[n]
            else:
                pairs.append((dice.choice(["", "x" * 300, "__proto__", "\u0000", "edits", "dot", "é"]), dice.choice(ODD)))
            return pairs
        if isinstance(value, list) and value and dice.random() < 0.8:
            n = dice.randrange(len(value))
            return [*value[:n], self.broken(value[n]), *value[n + 1 :]]
        return dice.choice(ODD)

    def _bytes(self, value: Any) -> bytes:
        """A body, now and then with signs lost or changed on the way."""
        dice = self._dice
        body = bytearray(text_of(value).encode("utf-8", "surrogatepass"))
        if body and dice.random() < 0.1:
            for _ in range(dice.randrange(1, 4)):
                n = dice.randrange(len(body) + 1)
                body[n : n + dice.randrange(3)] = dice.randbytes(dice.randrange(3))
        return bytes(body)

    def _encoded(self, body: bytes) -> tuple[bytes, dict[str, str]]:
        dice = self._dice
        how = dice.choice(["gzip", "zstd", "cut", "utf-16", "utf-32", "bom", "lies"])
        if how == "gzip":
            return gzip.compress(body, 1, mtime=0), {"Content-Encoding": "gzip"}
        if how == "zstd":
            return zstandard.ZstdCompressor().compress(body), {"Content-Encoding": "zstd"}
        if how == "cut":
            return gzip.compress(body, 1, mtime=0)[: dice.randrange(30)], {"Content-Encoding": "gzip"}
        if how == "lies":
            return body, {"Content-Encoding": dice.choice(["gzip", "zstd", "br", "deflate"])}
        if how == "bom":
            return b"\xef\xbb\xbf" + body, {}
        return body.decode("utf-8", "replace").encode(how, "replace"), {}

    def _word(self) -> str:
        found = self._dice.choice(ODD)
        return (
            str(found)[:300] if isinstance(found, str | int | float) else self._dice.choice(["", "2026-11", "p-ana", VILLAGE])
        )

    def _by_schema(self, schema: Mapping[str, Any], depth: int) -> Any:
        """A value of a schema of the description, as far as it says."""
        dice = self._dice
        if "$ref" in schema:
            schema = self._schemas.get(schema["$ref"].rpartition("/")[2], {})
        if "enum" in schema:
            return dice.choice([*schema["enum"], "nothing"])
        kinds = schema.get("type", "object" if "properties" in schema else "any")
        kind = dice.choice(kinds) if isinstance(kinds, list) else kinds
        if depth > 6 or kind not in ("object", "array", "string", "integer", "boolean"):
            return dice.choice(ODD)
        if kind == "object":
            said = {name: self._by_schema(part, depth + 1) for name, part in _some(dice, schema.get("properties", {}).items())}
            return said or {self._word()[:40]: dice.choice(ODD)}
        if kind == "array":
            return [self._by_schema(schema.get("items", {}), depth + 1) for _ in range(dice.randrange(3))]
        return {"string": self._word(), "integer": dice.choice([0, 1, -1, 2**53]), "boolean": True}[kind]


def _some(dice: random.Random, parts: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Most of them."""
    return [part for part in parts if dice.random() < 0.9]


def _named(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]
