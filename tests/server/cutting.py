"""A batch that is cut off on its way: in process after any byte, and on a real socket, with a length said before or in chunks."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from tests.server.phone import Phone, vitals

SECONDS = 20
CHUNK = 700  # bytes


def batch(phone: Phone, edits: int = 60) -> bytes:
    """The body of an exchange with that many edits, new records and changes to them."""
    records = [phone.save(vitals(100 + n)) for n in range(edits - edits // 3)]
    for n in range(edits // 3):
        phone.save(vitals(200 + n), records[n])
    return json.dumps(phone.request(), ensure_ascii=False).encode()


def cut_in_process(phone: Phone, body: bytes, offsets: Iterable[int]) -> list[str]:
    """Send only the first bytes of a body whose length was said to be the whole. What was answered otherwise than with a 4xx."""
    said = {"CONTENT_LENGTH": str(len(body))}
    answers = ((at, phone.post("/v1/sync", body[:at], environ_overrides=said)) for at in offsets)
    return [f"byte {at}: {answer.status_code}" for at, answer in answers if answer.status_code // 100 != 4]


def cut_on_a_socket(url: str, phone: Phone, body: bytes, offsets: Iterable[int], *, chunked: bool) -> list[str]:
    """The same over TCP: the line goes dead behind that many bytes of the body as it travels. What was acknowledged all the same."""
    sent = _in_chunks(body) if chunked else body
    return [
        f"byte {at}: {answer[:60]!r}" for at in offsets if _good(answer := _half(url, phone, sent, at % len(sent), chunked))
    ]


def _good(answer: bytes) -> bool:
    return answer.startswith(b"HTTP/1.1 2") or b'"receipts"' in answer


def _in_chunks(body: bytes) -> bytes:
    parts = [body[start : start + CHUNK] for start in range(0, len(body), CHUNK)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


def _half(url: str, phone: Phone, sent: bytes, at: int, chunked: bool) -> bytes:
    """Send the head and the first bytes, then nothing any more; what the server says to that."""
    place = urlsplit(url)
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(sent)}"
    head = f"POST /v1/sync HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\nAuthorization: Bearer {phone.access}\r\n{length}\r\n\r\n"
    with socket.create_connection((place.hostname, place.port), timeout=SECONDS) as line:
        line.sendall(head.encode() + sent[:at])
        line.shutdown(socket.SHUT_WR)
        answer = bytearray()
        while part := line.recv(65536):
            answer += part
    return bytes(answer)


def exactly_once(body: bytes, log: Iterable[tuple[tuple[str, int] | None, str]]) -> bool:
    """After the whole body was sent at last: every edit of it is in the log (dot, outcome), once and applied."""
    dots = [tuple(edit["dot"]) for edit in json.loads(body)["edits"]]
    return sorted(log) == sorted((dot, "accepted") for dot in dots)
