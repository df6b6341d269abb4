"""Every planted fault is caught, within the histories that were seen to be enough: see the figures in faults.py."""

import pytest

from sync.codec import UnfitError
from tests.simulation.databases import opened
from tests.simulation.faults import FAULTS, planted
from tests.simulation.village import played

ENOUGH = 40  # histories; most faults need one or two


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with opened("sqlite", tmp_path_factory.mktemp("village")) as served:
        yield served


def breaks(server, folder, seed):
    """Something was lost, or the client itself refused to go on."""
    try:
        return played(server, folder, seed)[1] is not None
    except UnfitError:
        return True


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_caught(name, server, tmp_path):
    first = FAULTS[name].first
    with planted(name):
        caught = next((seed for seed in range(first, first + ENOUGH) if breaks(server, tmp_path / str(seed), seed)), None)
    assert caught is not None, f"{ENOUGH} histories from seed {first} on went well with {name} in the product"


def test_a_fault_is_gone_when_it_was_taken_out(server, tmp_path):
    for name in FAULTS:
        with planted(name):
            pass
    _, broken = played(server, tmp_path / "after", 0, steps=60)
    assert not broken
