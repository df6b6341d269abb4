"""Who has seen which edit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.version import Dot, VersionVector

vectors = st.dictionaries(st.sampled_from(["anaphone", "benphone", "camphone"]), st.integers(0, 5)).map(VersionVector)


def test_an_actor_never_heard_of_counts_as_nothing_and_is_not_written_down():
    seen = VersionVector({"anaphone": 3, "benphone": 0})
    assert dict(seen) == {"anaphone": 3}
    assert (seen.upto("anaphone"), seen.upto("benphone"), seen.upto("camphone")) == (3, 0, 0)
    assert (len(seen), "benphone" in seen, len(VersionVector())) == (1, False, 0)
    with pytest.raises(KeyError):
        seen["benphone"]


def test_seen_up_to_three_has_seen_three_and_not_four():
    seen = VersionVector({"anaphone": 3})
    assert [seen.covers(Dot("anaphone", n)) for n in (1, 3, 4)] == [True, True, False]
    assert not seen.covers(Dot("benphone", 1))


def test_equal_vectors_are_equal_however_they_came_about():
    a = VersionVector({"anaphone": 1}).advanced(Dot("benphone", 2))
    b = VersionVector({"benphone": 2, "camphone": 0, "anaphone": 1})
    assert (a == b, hash(a) == hash(b), {a, b} == {a}, a == {"anaphone": 1, "benphone": 2}) == (True,) * 4
    assert repr(VersionVector({"anaphone": 1})) == "VersionVector({'anaphone': 1})"


def test_nothing_changes_the_vector_one_holds():
    given_to_it = {"anaphone": 1}
    seen = VersionVector(given_to_it)
    given_to_it["anaphone"] = 9
    seen.advanced(Dot("anaphone", 2))
    seen.joined({"benphone": 4})
    assert dict(seen) == {"anaphone": 1}
    with pytest.raises(TypeError):
        seen["anaphone"] = 2
    assert seen.without("anaphone") == seen.without("anaphone").without("benphone") == VersionVector()


def test_dots_are_ordered_by_actor_then_by_number():
    dots = [Dot("benphone", 1), Dot("anaphone", 10), Dot("anaphone", 9), Dot("0server0", 70)]
    assert sorted(dots) == [("0server0", 70), ("anaphone", 9), ("anaphone", 10), ("benphone", 1)]


@given(vectors, vectors, vectors)
def test_joining_is_the_least_that_has_seen_both(a, b, c):
    both = a.joined(b)
    assert both == b.joined(a)
    assert both.descends(a)
    assert both.descends(b)
    assert a.joined(a) == a == a.joined({})
    assert both.joined(c) == a.joined(b.joined(c))
    assert not (c.descends(a) and c.descends(b)) or c.descends(both)


@given(vectors, vectors)
def test_two_that_have_seen_all_of_each_other_are_equal(a, b):
    assert (a.descends(b) and b.descends(a)) == (a == b)
    assert a.descends(b) == all(a.covers(Dot(actor, n)) for actor, n in b.items())
