"""Requests that two readers could cut apart in two ways: what is hidden in one is never answered, nor does its answer reach others."""

import contextlib
import http.client
import socket

import pytest

from tests.e2e.proxied import MISSING, NGINX, founded, proxied

HIDDEN = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
TELLTALE = b"cunyi_"  # in the answer to what is hidden, and in no other
END = b"0\r\n\r\n"


def post(headers, body, line="POST /v1/enrol HTTP/1.1", host=b"Host: x\r\n"):
    """A request; `headers` as text, each line ended as it says itself."""
    return line.encode() + b"\r\n" + host + headers.encode("latin-1") + b"\r\n" + body


def length(body):
    return f"Content-Length: {len(body)}\r\n"


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


AFTER_END = (
    END + HIDDEN
)  # for who reads chunks, the hidden one is the next request; for who goes by the length, a part of this one
CODINGS = {  # a length, beside a coding that only some readers take for "chunked"
    "both": "Transfer-Encoding: chunked\r\n",
    "capitals": "TRANSFER-ENCODING: CHUNKED\r\n",
    "tab": "Transfer-Encoding:\tchunked\r\n",
    "space before the colon": "Transfer-Encoding : chunked\r\n",
    "folded": "X: y\r\n Transfer-Encoding: chunked\r\n",
    "folded value": "Transfer-Encoding:\r\n chunked\r\n",
    "behind a bare line feed": "X: y\nTransfer-Encoding: chunked\r\n",
    "behind a bare carriage return": "X: y\rTransfer-Encoding: chunked\r\n",
    "underscore": "Transfer_Encoding: chunked\r\n",
    "unknown": "Transfer-Encoding: xchunked\r\n",
    "not the last": "Transfer-Encoding: chunked, identity\r\n",
    "behind identity": "Transfer-Encoding: identity, chunked\r\n",
    "behind gzip": "Transfer-Encoding: gzip, chunked\r\n",
    "twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "and identity": "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    "quoted": 'Transfer-Encoding: "chunked"\r\n',
    "vertical tab": "Transfer-Encoding: \x0bchunked\r\n",
    "NUL in the value": "Transfer-Encoding: chunked\x00\r\n",
    "NUL in the name": "Transfer-Encoding\x00: chunked\r\n",
    "non-breaking space": "Transfer-Encoding: \xa0chunked\r\n",
    "empty first": "Transfer-Encoding: ,chunked\r\n",
}
LENGTHS = {  # two lengths, or one that is read in several ways; by one of them the hidden one is the next request
    "nothing, then all": "Content-Length: 0\r\nContent-Length: {n}\r\n",
    "all, then nothing": "Content-Length: {n}\r\nContent-Length: 0\r\n",
    "a list": "Content-Length: 0, {n}\r\n",
    "plus": "Content-Length: +{n}\r\n",
    "minus": "Content-Length: -1\r\n",
    "hex": "Content-Length: 0x{n:x}\r\n",
    "underscore": "Content-Length: {n}_0\r\n",
    "empty": "Content-Length: \r\n",
    "enormous": "Content-Length: 9999999999999999999999999999\r\n",
    "space inside": "Content-Length: 0 {n}\r\n",
    "behind a bare line feed": "Content-Length: 0\nContent-Length: {n}\r\n",
    "digits of another script": "Content-Length: \xb2\r\n",
}
CHUNKED = "Transfer-Encoding: chunked\r\n"
CHUNKS = {  # sizes and ends that are read in several ways
    "prefix 0x": b"0x0\r\n\r\n" + HIDDEN,
    "plus": b"+0\r\n\r\n" + HIDDEN,
    "minus": b"-0\r\n\r\n" + HIDDEN,
    "underscore": b"0_0\r\n\r\n" + HIDDEN,
    "overflow": b"10000000000000000\r\n\r\n" + HIDDEN,
    "no size": b"\r\n\r\n" + HIDDEN,
    "bare line feeds": b"0\n\n" + HIDDEN,
    "line feed in an extension": b"0;a\nb\r\n\r\n" + HIDDEN,
    "longer than it says": b"1\r\nabc\r\n" + END + HIDDEN,
}
BODIES = {  # what nobody reads MUST not be taken for the next request
    line: post(length(HIDDEN), HIDDEN, f"{line} HTTP/1.1")
    for line in ("GET /healthz", "HEAD /healthz", "OPTIONS /v1/me", "DELETE /nowhere", "GET /dashboard/login")
}
CORPUS = {
    **{f"length and coding: {name}": post(length(AFTER_END) + said, AFTER_END) for name, said in CODINGS.items()},
    **{
        f"coding and short length: {name}": post(said + "Content-Length: 4\r\n", chunk(HIDDEN) + END)
        for name, said in CODINGS.items()
        if name != "underscore"  # another header to everybody: what comes behind the length is asked openly
    },
    **{f"length: {name}": post(said.format(n=len(HIDDEN)), HIDDEN) for name, said in LENGTHS.items() if name != "empty"},
    **{f"chunks: {name}": post(CHUNKED, body) for name, body in CHUNKS.items()},
    **{f"unread: {name}": raw for name, raw in BODIES.items()},
    "old version with a coding": post(CHUNKED + "Connection: keep-alive\r\n", AFTER_END, "POST /v1/enrol HTTP/1.0"),
    "two hosts": post(length(HIDDEN), HIDDEN, host=b"Host: x\r\nHost: y\r\n"),
    "length named as hop by hop": post("Connection: Content-Length\r\n" + length(HIDDEN), HIDDEN),
    "waits to go on": post("Expect: 100-continue\r\n" + length(HIDDEN), HIDDEN),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    installation, _ = founded(tmp_path_factory.mktemp("smuggled"))
    installation.start()
    yield installation
    installation.stop()


def said_to(port, raw):
    """All that is answered on one connection, until it is closed or nothing more comes."""
    heard = b""
    with socket.create_connection(("127.0.0.1", port), 5) as line, contextlib.suppress(OSError):
        line.sendall(raw)
        line.settimeout(0.25)
        while piece := line.recv(65536):
            heard += piece
    return heard


def healthy(port):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    line.request("GET", "/healthz", headers={"Host": "x"})
    answer = line.getresponse()
    body = answer.read()
    line.close()
    return answer.status == 200 and TELLTALE not in body


def test_what_is_hidden_would_be_answered_if_it_were_asked_openly(server):
    assert TELLTALE in said_to(server.port, HIDDEN)


@pytest.mark.parametrize("name", CORPUS)
def test_what_is_hidden_in_a_request_is_not_answered(server, name):
    assert TELLTALE not in said_to(server.port, CORPUS[name])
    assert healthy(server.port)


@pytest.mark.skipif(NGINX is None, reason=MISSING)
def test_behind_the_proxy_nobody_gets_the_answer_to_what_is_hidden(server, tmp_path):
    with proxied(tmp_path / "nginx", server.port) as port:
        for name, raw in CORPUS.items():
            assert TELLTALE not in said_to(port, raw), name
            for _ in range(3):  # on the connections that the proxy keeps open to the server
                assert healthy(port), name
