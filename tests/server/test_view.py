"""What a person sees and may do at a desk: by their role, their places, the day, and nothing that is another's."""

import pytest

from server.access import DUTIES
from server.problems import Problem
from server.store import directory
from tests.village import ANA, BEN, CAM, LEA, OTHER, SUE, TOWNSHIP, VILLAGE, grant

COUNTY = TOWNSHIP[:6]
NEXT, FAR = "411499002", "411499002201"  # the township beside


@pytest.fixture
def county(village):
    """Beside the township there is another, with a village of its own."""
    areas = [{"code": NEXT, "name": "白水乡"}, {"code": FAR, "name": "李庄村"}]
    village.write(lambda c: directory.put_areas(c, areas))
    return village


def refused(ask):
    with pytest.raises(Problem) as problem:
        ask()
    return problem.value.kind.name, dict(problem.value.more)


def test_everybody_sees_the_villages_of_their_role(county):
    county.person(BEN, role="county_supervisor", area=COUNTY)
    expected = {
        ANA: ((VILLAGE,), {VILLAGE}),
        CAM: ((OTHER,), {OTHER}),
        LEA: ((TOWNSHIP,), {VILLAGE, OTHER}),  # the team serves both villages: the figures of the township are theirs
        SUE: ((TOWNSHIP,), {VILLAGE, OTHER}),
        BEN: ((COUNTY,), {VILLAGE, OTHER, FAR}),
    }
    for person, (areas, villages) in expected.items():
        view = county.access.view(person)
        assert (view.areas, view.villages) == (areas, villages)
    for role in ("administrator", "auditor", "made up"):
        county.person(ANA, role=role, area=COUNTY)
        view = county.access.view(ANA)
        assert (view.areas, view.villages, view.scopes) == ((), frozenset(), frozenset())


def test_a_leader_of_some_villages_of_a_township_sees_these_and_no_figure_of_the_township(county):
    county.write(lambda c: directory.put_areas(c, [{"code": f"{TOWNSHIP}203", "name": "杏花村"}]))
    view = county.access.view(LEA)
    assert view.areas == (VILLAGE, OTHER)
    assert view.villages_of(OTHER) == [OTHER]
    assert refused(lambda: view.villages_of(TOWNSHIP)) == ("not-found", {})


def test_anothers_an_absent_and_a_malformed_area_have_the_same_answer(county):
    sue, ana = county.access.view(SUE), county.access.view(ANA)
    assert sue.villages_of(TOWNSHIP) == [VILLAGE, OTHER]
    assert sue.villages_of(OTHER) == [OTHER]
    for area in (NEXT, FAR, COUNTY, f"{TOWNSHIP}999", "", "4", TOWNSHIP + "2", VILLAGE + "1", "x", "%", f"{TOWNSHIP}20%", "\0"):
        assert refused(lambda area=area: sue.villages_of(area)) == ("not-found", {})
        assert refused(lambda area=area: sue.area_level(area)) == ("not-found", {})
        assert refused(lambda area=area: sue.village(area)) == ("not-found", {})
    assert refused(lambda: ana.villages_of(OTHER)) == refused(lambda: ana.villages_of(FAR)) == ("not-found", {})
    assert (sue.village(OTHER), sue.area_level(OTHER), sue.area_level(TOWNSHIP)) == (OTHER, "village", "township")


def test_a_protected_programme_is_seen_by_who_is_granted_it_on_the_days_of_the_grant(county):
    county.write(lambda c: grant(c, SUE, "tb", "2026-11-22", "2026-11-24"))
    plain = frozenset({VILLAGE, OTHER})
    seen = []
    for _ in range(4):  # from the 21st on
        view = county.access.view(SUE)
        seen.append((view.programmes, view.scopes - plain))
        county.later(days=1)
    nothing, tb = (frozenset(), frozenset()), (frozenset({"tb"}), frozenset({f"{VILLAGE}:tb", f"{OTHER}:tb"}))
    assert seen == [nothing, tb, tb, nothing]


def test_who_left_and_nobody_are_told_the_same(county):
    county.person(ANA, active=False)
    told = refused(lambda: county.access.view(ANA))
    assert told == ("unauthenticated", {})
    assert refused(lambda: county.access.view("p-nobody")) == told


def test_each_role_has_its_duties_and_no_other(county):
    assert set(DUTIES) == set(directory.ROLES)
    lea, sue = county.access.view(LEA), county.access.view(SUE)
    assert lea.may("settle")
    assert not lea.may("judge")
    sue.require("judge")
    assert refused(lambda: sue.require("settle")) == ("not-allowed", {})
    for role, duties in DUTIES.items():
        assert ("look" in duties) == (role not in ("administrator", "auditor"))  # no health record for these two
        assert ("administer" in duties) == (role == "administrator")
        assert ("audit" in duties) == (role == "auditor")


def test_a_village_that_is_taken_from_a_doctor_is_gone_at_the_next_look(county):
    assert county.access.view(ANA).villages == {VILLAGE}
    county.write(lambda c: directory.put_workplaces(c, ANA, []))
    assert county.access.view(ANA).villages == frozenset()
