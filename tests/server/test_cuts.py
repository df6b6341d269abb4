"""The line goes dead in the middle of a batch: nothing of it is applied or acknowledged, and sent again it counts once."""

import contextlib
import json
from pathlib import Path

import pytest

from server.api import bodies
from tests.e2e.line import Line
from tests.server import cutting
from tests.server.phone import Phone
from tests.simulation.networked import Networked
from tests.village import ANA


def logged(village):
    return [((row["actor"], row["counter"]), row["outcome"]) for row in village.rows("edits")]


def test_a_batch_of_sixty_cut_anywhere_is_taken_whole_or_not_at_all(village, ana):
    body = cutting.batch(ana)
    offsets = [*range(0, len(body), 149), *range(len(body) - 12, len(body))]
    assert cutting.cut_in_process(ana, body, offsets) == []
    assert village.rows("edits") == village.rows("records") == village.rows("deposits") == []
    assert all(receipt["status"] == "accepted" for receipt in ana.send(json.loads(body))["receipts"])
    assert cutting.exactly_once(body, logged(village))
    assert {receipt["status"] for receipt in ana.send(json.loads(body))["receipts"]} == {"duplicate"}
    assert cutting.exactly_once(body, logged(village))


def test_a_server_that_makes_do_with_what_arrived_is_found_out(village, ana, monkeypatch):
    def mended(text):
        end = text.rindex('},{"record"') if '},{"record"' in text else text.rindex('}, {"record"')
        return parse(text[: end + 1] + '],"records":[],"checkpoints":{},"max_bytes":9999}')

    def as_it_arrived():
        return bodies.request.environ["wsgi.input"].read()

    parse = bodies._parse
    body = cutting.batch(ana)
    monkeypatch.setattr(bodies, "_inflated", as_it_arrived)
    monkeypatch.setattr(bodies, "_parse", mended)
    assert cutting.cut_in_process(ana, body, [len(body) // 2]) != []


@pytest.fixture
def server(database_url: str, tmp_path: Path):
    with contextlib.closing(Networked(database_url, tmp_path)) as served:
        yield served


def test_on_a_real_line_it_is_the_same(server):
    ana = Phone(Line(server.url)).enrol(server.code(ANA))
    body = cutting.batch(ana)
    for chunked in (False, True):
        offsets = range(0, len(body), 2999)
        assert cutting.cut_on_a_socket(server.url, ana, body, offsets, chunked=chunked) == []
    assert server.log() == []
    ana.absorb(json.loads(body), ana.send(json.loads(body)))
    assert ana.outbox == []
    assert cutting.exactly_once(body, [(dot, outcome) for dot, _, outcome in server.log()])
