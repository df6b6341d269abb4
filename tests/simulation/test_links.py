"""The line comes and goes while two doctors work; when it is well again, everything they wrote arrives."""

import contextlib

import pytest

from client_sdk import NoSuchRecordError
from tests.simulation.faults import planted
from tests.simulation.links import namespaces, place
from tests.simulation.networked import Networked


@pytest.fixture
def server(database_url, tmp_path):
    with contextlib.closing(Networked(database_url, tmp_path)) as served:
        yield served


def arrived(server):
    return {
        (dot.actor, dot.counter) for dot, _, outcome in server.log() if dot and outcome in ("accepted", "merged", "conflict")
    }


def test_a_line_that_was_bad_leaves_no_outbox_behind(server, tmp_path):
    healed = place(server, tmp_path / "place", 201, seed=1, seconds=2.0, root=namespaces(), slow=0.03)
    assert not healed.broken
    assert healed.made
    assert healed.made == arrived(server)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_phone_that_empties_its_outbox_too_soon_is_found_out(server, tmp_path):
    for seed in range(6):
        try:
            with planted("clear_on_send"):
                healed = place(server, tmp_path / str(seed), 202, seed=seed, seconds=2.0, root=False, slow=0.03)
        except NoSuchRecordError:
            return  # what a doctor had saved she could not open again
        if healed.broken or healed.made - arrived(server):
            return
    pytest.fail("nobody noticed")
