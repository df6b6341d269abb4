"""The log: whatever fails, and however, it says where and of which kind, and no word about anybody."""

import http.client
import logging
import random
import socket

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from server.discreet import Discreet
from tests.e2e.serving import Installation
from tests.server.failing import CANARIES, Failing, walk


@pytest.fixture
def log():
    """Every line that a server would write, at any level, while the test runs."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record):
            lines.append(self.format(record))

    handler, root = Kept(), logging.getLogger()
    handler.setFormatter(Discreet())
    root.addHandler(handler)
    yield lines
    root.removeHandler(handler)


def told(lines):
    return sorted({canary for canary in CANARIES for line in lines if canary in line})


def test_a_whole_day_with_errors_planted_everywhere_says_no_word_about_anybody(village, ana, ben, log, monkeypatch):
    """In a walk through every door things go wrong at any place, with what was at hand there in the message."""
    failing = Failing(random.Random(4), monkeypatch)
    while failing.planted < 20:
        walk(village, ana, ben, failing)
    assert told(log) == []
    assert sum("failed: " in line or "unavailable: " in line for line in log) > 10, "the errors did show"


def line_of(message, *args, name="gunicorn.error", trouble=None):
    record = logging.LogRecord(
        name, logging.ERROR, __file__, 1, message, args, trouble and (type(trouble), trouble, trouble.__traceback__)
    )
    return Discreet().format(record)


def fails_twice(said, number):
    try:
        int(said)
    except ValueError as cause:
        raise IntegrityError("INSERT …", {"name": said}, Exception(f"(id)=({number})")) from cause


def test_a_traceback_says_where_and_of_which_kind_and_not_what():
    name, address = "王秀兰 11010519491231002X", "/dashboard/areas/411499001201/residents?text=王秀兰"
    with pytest.raises(IntegrityError) as caught:
        fails_twice(name, "13800001111")
    said = line_of("Error handling request %s", address, trouble=caught.value)
    assert not any(word in said for word in ("王秀兰", "11010519491231002", "13800001111"))
    assert all(kind in said for kind in ("IntegrityError", "ValueError", "fails_twice", "/areas/411499001201/residents"))


@pytest.mark.parametrize(
    "message",
    [
        "Invalid request from ip=10.0.0.1: Invalid HTTP request line: 'GET /x?text=王秀兰'",
        "Invalid request from ip=::1: Invalid HTTP Header: '王秀兰'",
        "Invalid request from ip=10.0.0.1: \n王秀兰\n",
    ],
)
def test_what_a_stranger_sent_that_is_no_request_is_not_repeated(message):
    assert "王秀兰" not in line_of(message)
    assert "Invalid request from ip=" in line_of(message)


def test_numbers_of_persons_are_left_out_and_ids_and_codes_are_not():
    said = line_of(
        "a %s b %s c %s d %s",
        "13800001111",
        "11010519491231002X",
        "411499001201",
        "0197a0a0-0000-7000-8000-000000000001",
        name="server",
    )
    assert "a • b • c 411499001201 d 0197a0a0-0000-7000-8000-000000000001" in said


def test_a_database_error_says_which_and_no_value(village, ana, log, monkeypatch):
    def broken(*_):
        raise OperationalError("INSERT INTO edits", {"body": CANARIES[0]}, Exception(CANARIES[1]))

    monkeypatch.setattr(village.exchange, "digest", broken)
    assert ana.get(f"/v1/scopes/{ana.scope}/digest").status_code == 503
    assert told(log) == []
    assert any("OperationalError" in line for line in log)


def test_the_real_server_writes_no_word_that_was_sent_to_it(tmp_path):
    """Bad lines, bad headers, long addresses, half bodies: what the web server says of them goes into the same file."""
    there = Installation(tmp_path)
    there.cunyi("migrate")
    there.start()
    try:
        for canary in ("canaryname", "11010519491231002X", "13800001111"):
            for raw in (
                f"GET /dashboard/areas/1/residents?text={canary} HTTP/9.9\r\n\r\n",
                f"{canary} nonsense\r\n\r\n",
                f"GET / HTTP/1.1\r\nHost: x\r\n{canary} : {canary}\r\n\r\n",
                f"GET /?{canary * 500} HTTP/1.1\r\nHost: x\r\n\r\n",
                f"POST /v1/sync HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{canary}\r\n",
                f"POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: {canary}\r\n\r\n",
            ):
                with socket.create_connection(("127.0.0.1", there.port), timeout=5) as line:
                    line.sendall(raw.encode())
                    line.shutdown(socket.SHUT_WR)
                    while line.recv(4096):
                        pass
            connection = http.client.HTTPConnection("127.0.0.1", there.port, timeout=5)
            connection.request("GET", f"/dashboard/areas/1/residents?text={canary}", headers={"X-Forwarded-For": canary})
            connection.getresponse().read()
            connection.close()
    finally:
        there.stop()
    said = (tmp_path / "serve.log").read_text()
    assert "Invalid request from ip=" in said
    assert not any(canary in said for canary in ("canaryname", "11010519491231002", "13800001111"))
