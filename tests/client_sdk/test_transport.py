"""HTTP on a bad line, over a real socket."""

import gzip
import json
import socket
import time

import pytest

from client_sdk import Client, HttpTransport, OfflineError, Problem, transport
from client_sdk.transport import Reply, body_of
from tests.client_sdk.conftest import PIN, Clock
from tests.client_sdk.web import Answer, on_behalf_of, serving


class Script:
    """Gives its answers one after the other, the last one for ever."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def __call__(self, method, path, headers, body):
        self.asked.append((method, path, dict(headers), body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def ask():
    """Ask a server that follows a script, patiently or not."""
    lines = []

    def asking(url, *args, attempts=5):
        lines.append(HttpTransport(url, attempts=attempts, backoff_seconds=0.01))
        return lines[-1].request(*args)

    yield asking
    for line in lines:
        line.close()


def test_a_request_and_its_answer(ask):
    script = Script(Answer(200, {"name": "王"}))
    with serving(script) as url:
        reply = ask(url, "POST", "/v1/sync?x=1", {"who": "李"}, "secret")
    ((method, path, headers, body),) = script.asked
    assert (method, path, json.loads(body)) == ("POST", "/v1/sync?x=1", {"who": "李"})
    assert headers["Authorization"] == "Bearer secret"
    assert headers["Content-Type"] == "application/json"
    assert reply == Reply(200, {"name": "王"}, len(body), len(json.dumps({"name": "王"})))


def test_large_bodies_travel_compressed_and_are_counted_as_they_travelled(ask):
    large = {"text": "血压" * 2000}
    packed = gzip.compress(json.dumps(large).encode())
    script = Script(Answer(200, raw=packed, headers={"Content-Encoding": "gzip"}))
    with serving(script) as url:
        reply = ask(url, "POST", "/", large)
    ((_, _, headers, body),) = script.asked
    assert headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(body)) == large
    assert reply.body == large
    assert (reply.up, reply.down) == (len(body), len(packed))
    assert reply.up < 1000


def test_a_busy_server_is_asked_again_when_it_says_so(ask):
    script = Script(Answer(503, {}, headers={"Retry-After": "1"}), Answer(429, {}), Answer(502, {}), Answer(200, {"ok": True}))
    with serving(script) as url:
        began = time.monotonic()
        assert ask(url, "POST", "/", {}).body == {"ok": True}
    assert time.monotonic() - began >= 1
    assert len(script.asked) == 4


def test_patience_ends(ask):
    script = Script(Answer(503, {"type": "/problems/unavailable", "title": "busy"}))
    with serving(script) as url, pytest.raises(Problem) as refused:
        body_of(ask(url, "POST", "/", {}, attempts=2))
    assert (refused.value.status, refused.value.slug, len(script.asked)) == (503, "unavailable", 3)


def test_a_server_that_asks_for_an_hour_is_left_alone(ask):
    script = Script(Answer(503, {"type": "/problems/unavailable"}, headers={"Retry-After": "3600"}))
    with serving(script) as url:
        began = time.monotonic()
        assert ask(url, "GET", "/").status == 503
    assert time.monotonic() - began < 5
    assert len(script.asked) == 1


def test_a_body_that_was_cut_is_asked_for_again_and_never_half_taken(ask):
    whole = Answer(200, {"records": ["x" * 5000]})
    cut = Answer(200, {"records": ["x" * 5000]}, cut=True)
    script = Script(cut, cut, whole)
    with serving(script) as url:
        assert ask(url, "GET", "/").body == {"records": ["x" * 5000]}
    assert len(script.asked) == 3
    with serving(Script(cut)) as url, pytest.raises(OfflineError):
        ask(url, "GET", "/")


def test_without_a_server_the_phone_is_offline(ask):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(OfflineError):
            ask(f"http://127.0.0.1:{nobody.getsockname()[1]}", "GET", "/", attempts=1)


def test_a_problem_says_which_and_brings_its_words(ask):
    told = {"type": "https://cunyi.example/problems/nonce-required", "title": "t", "detail": "sign again", "nonce": "n7"}
    with serving(Script(Answer(401, told))) as url, pytest.raises(Problem, match="sign again") as refused:
        body_of(ask(url, "POST", "/", {}))
    assert (refused.value.status, refused.value.slug, refused.value.body["nonce"]) == (401, "nonce-required", "n7")


def test_words_of_others_are_not_the_servers(ask):
    hotel = Answer(403, {"type": "/problems/revoked"}, kind="application/json")
    with serving(Script(hotel)) as url, pytest.raises(Problem) as refused:
        body_of(ask(url, "GET", "/"))
    assert (refused.value.status, refused.value.slug) == (403, "")
    for portal in (
        Answer(200, raw=b"<html>log in</html>", kind="text/html"),
        Answer(302, {}, headers={"Location": "/"}),
        Answer(200, raw=b"{", kind="application/json"),
        Answer(200, [1]),
    ):
        with serving(Script(portal)) as url, pytest.raises(OfflineError):
            body_of(ask(url, "GET", "/"))


def test_a_garbled_compression_is_a_bad_line(ask, monkeypatch):
    monkeypatch.setattr(transport, "ATTEMPTS_AT_A_CUT_BODY", 1)
    garbled = Answer(200, raw=b"not gzip at all", headers={"Content-Encoding": "gzip"})
    with serving(Script(garbled)) as url, pytest.raises(OfflineError):
        ask(url, "GET", "/")


def test_a_phone_syncs_over_the_wire(peer, path):
    with serving(on_behalf_of(peer)) as url:
        with Client.enrol(url, "good", path, pin=PIN, now=Clock()) as phone:
            for _ in range(30):
                phone.create("hypertension_visit", {"vitals": {"systolic_mmhg": 152}})
            report = phone.sync()
        with Client.open(path, pin=PIN) as again:
            assert again.sync().complete
    assert (report.complete, report.pushed) == (True, 30)
    assert 500 < report.bytes_up < 3000
    assert report.bytes_down > 500
