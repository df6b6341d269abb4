"""Every filter between places is needed: with one taken away somebody learns, or does, what is not theirs.

Each is found in the source (filters.py); caught.py says who learns it on which route. A new filter fails here until it stands
there. All of them, and every route for each, are tried by `python -m tests.fuzz attackers`.
"""

import pytest

from tests.server.canaries import settle
from tests.server.caught import BEHIND, CAUGHT
from tests.server.conftest import emptied
from tests.server.fates import befall
from tests.server.filters import declared
from tests.server.mutants import SEEKERS, Mutants
from tests.server.sweeping import everybody


@pytest.fixture
def database_url(a_file):
    """An empty database; SQLite only: who may see what does not depend on the engine."""
    return emptied(a_file)


def test_of_every_filter_it_is_said_how_its_loss_would_show():
    names = {site.key for site in declared().values()}
    assert names - CAUGHT.keys() - BEHIND.keys() == set(), "say in caught.py who would learn what without these"
    assert (CAUGHT.keys() | BEHIND.keys()) - names == set(), "these are no filters any more"
    assert CAUGHT.keys() & BEHIND.keys() == set()
    assert all(BEHIND.values())


def test_with_any_filter_that_stands_alone_taken_away_somebody_learns_or_does_what_is_not_theirs(village):
    made = settle(village)
    befall(village, made)
    mutants = Mutants(village, made, [one for one in everybody(village, made) if one.person.rpartition("-")[2] in SEEKERS])
    assert [name for name in CAUGHT if mutants.escapes(name)] == []
    assert len(CAUGHT) > 30
