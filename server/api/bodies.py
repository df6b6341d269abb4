"""Bodies: inflated within bounds, parsed so that every item can be kept verbatim, compressed on the way out."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from json.decoder import WHITESPACE, scanstring  # type: ignore[attr-defined]
from typing import Any

import zstandard
from flask import Flask, Response, request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from server.problems import Problem
from server.received import Received
from sync.wire import MAX_BODY_BYTES, MAX_BODY_DEPTH, MAX_EDITS, faults

ITEMS = ("edits", "records")  # lists whose items are kept verbatim
SMALL = 1_000  # bytes below which compressing gains nothing
STEP = 64 << 10
POURED_AWAY = 4 * MAX_BODY_BYTES
HEADERS = {  # of every answer that does not say something else: it is data, to be shown in no frame and kept by nobody
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Twice(dict[str, Any]):
    """An object in which a key stood twice. It is not taken for an edit."""


def read(schema: Schema) -> tuple[dict[str, Any], dict[str, list[Received]]]:
    """The request's body by a schema of the wire, and the verbatim items of its lists; raises a Problem of 4xx."""
    text = _text(_inflated())
    try:
        body, items = _parse(text)
    except RecursionError:
        raise Problem("too-large", faults=["nested too deep"]) from None
    except ValueError:
        raise Problem("not-json") from None
    if not isinstance(body, dict) or isinstance(body, Twice):
        raise Problem("unfit-request", faults=["the body is not an object, or a key stands in it twice"])
    if _depth({k: v for k, v in body.items() if k not in items}) > MAX_BODY_DEPTH:
        raise Problem("too-large", faults=[f"nested more than {MAX_BODY_DEPTH} deep"])
    try:
        return schema.load(body), items
    except ValidationError as error:
        raise Problem("unfit-request", faults=list(faults(error))) from None


# -- bytes -------------------------------------------------------------------------------------------------------------


def _inflated() -> bytes:
    """The body decoded, never more than the limit in memory."""
    try:
        raw = request.get_data(cache=False)
    except RequestEntityTooLarge:
        _pour_away()
        raise Problem("too-large", faults=[f"at most {MAX_BODY_BYTES} bytes"]) from None
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    try:
        if encoding in ("", "identity"):
            return raw
        if encoding == "gzip":
            return _drained(gzip.GzipFile(fileobj=io.BytesIO(raw)))
        if encoding == "zstd":
            return _drained(zstandard.ZstdDecompressor(max_window_size=8 << 20).stream_reader(io.BytesIO(raw)))
    except (OSError, EOFError, zlib.error, zstandard.ZstdError):
        pass
    raise Problem("encoding")


def _pour_away() -> None:
    """Read on a while without keeping anything: who is cut off while sending never hears why."""
    source = request.environ["wsgi.input"]
    for _ in range(POURED_AWAY // STEP):
        if not source.read(STEP):
            return


def _drained(stream: Any) -> bytes:
    body = bytearray()
    while chunk := stream.read(STEP):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise Problem("too-large", faults=[f"at most {MAX_BODY_BYTES} bytes, decoded"])
    return bytes(body)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem("not-json") from None


# -- JSON --------------------------------------------------------------------------------------------------------------


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Twice(found)


def _integer(digits: str) -> int | float:
    """A number too long to be one of ours is as unfit as one with a point."""
    return int(digits) if len(digits) <= 20 else float("inf")


def _constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_constant=_constant)


def _parse(text: str) -> tuple[Any, dict[str, list[Received]]]:
    """The body's value, and the items of its item lists with the very text they came in."""
    items: dict[str, list[Received]] = {}
    start = _skip(text, 0)
    if text[start : start + 1] != "{":
        value, end = _decoder.raw_decode(text, start)
        return _whole(text, end, value), items
    pairs: list[tuple[str, Any]] = []
    place, comma = _skip(text, start + 1), False
    while comma or text[place : place + 1] != "}":
        if text[place : place + 1] != '"':
            raise ValueError("a key is expected")
        key, place = scanstring(text, place + 1, True)
        place = _expect(text, place, ":")
        if key in ITEMS and text[place : place + 1] == "[":
            items[key], place = _list(text, place)
            pairs.append((key, [None] * min(len(items[key]), 1)))
        else:
            value, place = _decoder.raw_decode(text, place)
            pairs.append((key, value))
        place = _skip(text, place)
        comma = text[place : place + 1] == ","
        if not comma and text[place : place + 1] != "}":
            raise ValueError("a comma is expected")
        place = _skip(text, place + 1) if comma else place
    return _whole(text, place + 1, _object(pairs)), items


def _list(text: str, place: int) -> tuple[list[Received], int]:
    found: list[Received] = []
    place, comma = _skip(text, place + 1), False
    while comma or text[place : place + 1] != "]":
        value, end = _decoder.raw_decode(text, place)
        found.append(Received(text[place:end], value))
        if len(found) > MAX_EDITS:
            raise Problem("too-large", faults=[f"at most {MAX_EDITS} items in a list"])
        place = _skip(text, end)
        comma = text[place : place + 1] == ","
        if not comma and text[place : place + 1] != "]":
            raise ValueError("a comma is expected")
        place = _skip(text, place + 1) if comma else place
    return found, place + 1


def _skip(text: str, place: int) -> int:
    """The next place that is not white space."""
    match = WHITESPACE.match(text, place)
    return match.end() if match else place


def _expect(text: str, place: int, sign: str) -> int:
    place = _skip(text, place)
    if text[place : place + 1] != sign:
        raise ValueError(f"{sign} is expected")
    return _skip(text, place + 1)


def _whole(text: str, end: int, value: Any) -> Any:
    if _skip(text, end) != len(text):
        raise ValueError("something follows the body")
    return value


def _depth(value: Any) -> int:
    """How deep containers are nested, without recursion."""
    level, depth = [value], 0
    while level := [v for v in level if isinstance(v, dict | list)]:
        depth += 1
        level = [below for v in level for below in (v.values() if isinstance(v, dict) else v)]
    return depth


# -- answers -----------------------------------------------------------------------------------------------------------


def json_text(text: str, status: int = 200) -> Response:
    """JSON that is text already."""
    return Response(text, status, content_type="application/json")


def compress(app: Flask) -> None:
    """Answers go out as zstd or gzip where the asker takes that and it gains something."""

    @app.after_request
    def on_answer(response: Response) -> Response:
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["X-Content-Type-Options"] = "nosniff"
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        body = response.get_data() if response.is_sequence else b""
        if len(body) < SMALL or "Content-Encoding" in response.headers:
            return response
        accepted = request.accept_encodings
        if accepted["zstd"] > 0 and "zstd" in str(accepted):
            response.set_data(zstandard.ZstdCompressor(level=3).compress(body))
            response.headers["Content-Encoding"] = "zstd"
        elif "gzip" in str(accepted) and accepted["gzip"] > 0:
            response.set_data(gzip.compress(body, 6, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
        return response
