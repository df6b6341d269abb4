"""Nobody learns of a place that is not theirs: asked of every route, by every role, with every parameter.

The routes are those that the application has, the parameters those that it asks for: a new one fails here until somebody
says in probes.py what to try with it. sweeping.py asks; canaries.py is where words lie that nobody else may see.

On SQLite only: what is asked does not depend on the engine, and it is asked a few thousand times.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from tests.server.asking import OWN, Asker, plain, words_of
from tests.server.canaries import AMBER, BRISK, COBALT, DAMSON, Place, settle
from tests.server.conftest import Village, emptied
from tests.server.fates import befall
from tests.server.phone import vitals
from tests.server.probes import BODIES, PROTOCOL
from tests.server.sweeping import Sweep, everybody, sweep_of
from tests.standing import forms


@pytest.fixture
def database_url(a_file: str, request: pytest.FixtureRequest) -> str:
    """An empty database."""
    return emptied(a_file)


@pytest.fixture
def made(village: Village) -> dict[str, Place]:
    """The four places and what happened there."""
    places = settle(village)
    befall(village, places)
    return places


@pytest.fixture
def askers(village: Village, made: dict[str, Place]) -> list[Asker]:
    """One of each role, at home in amber, and two of the office: signed in, and with a phone."""
    return everybody(village, made)


def test_no_page_tells_of_a_place_that_is_not_the_readers(
    village: Village, made: dict[str, Place], askers: list[Asker]
) -> None:
    sweep = sweep_of(village, made, askers, "GET", "/dashboard")
    assert sweep.faults == []
    assert sweep.probes >= 2000
    assert {rule for rule, answers in sweep.opened.items() if not answers & {200, 303}} == set(), "nobody could open these"


def test_no_program_learns_of_a_place_that_is_not_its_persons(
    village: Village, made: dict[str, Place], askers: list[Asker]
) -> None:
    sweep = sweep_of(village, made, askers, "GET", "/v1")
    assert sweep.faults == []
    assert {rule for rule, answers in sweep.opened.items() if 200 not in answers} == set(), "nobody could read these"


def test_no_form_does_anything_in_a_place_that_is_not_the_writers(
    village: Village, made: dict[str, Place], askers: list[Asker]
) -> None:
    before = records_of(village, made, {BRISK, COBALT, DAMSON})
    sweep = sweep_of(village, made, [one for one in askers if one.hears and one.hears <= {AMBER}], "POST", "/dashboard")
    assert sweep.faults == []
    assert records_of(village, made, {BRISK, COBALT, DAMSON}) == before
    sweep = sweep_of(village, made, [one for one in askers if not one.hears <= {AMBER}], "POST", "/dashboard")
    assert sweep.faults == []
    assert records_of(village, made, {DAMSON}) == [row for row in before if row["scope"].startswith(made[DAMSON].county)]


def test_no_program_does_anything_in_a_place_that_is_not_its_persons(
    village: Village, made: dict[str, Place], askers: list[Asker]
) -> None:
    before = records_of(village, made, {DAMSON})
    sweep = Sweep(village, made)
    rules = [rule for rule in sweep.rules("POST") if rule.rule.startswith("/v1/")]
    assert {rule.rule for rule in rules} == PROTOCOL | BODIES.keys(), "say in BODIES what a program sends there"
    for asker, rule in itertools.product(askers, rules):
        if rule.rule in BODIES:
            sweep.route(asker, rule, "POST")
    assert (sweep.faults, sweep.unknown) == ([], set())
    assert records_of(village, made, {DAMSON}) == before


def records_of(village: Village, made: Mapping[str, Place], marks: set[str]) -> list[dict[str, Any]]:
    """What is stored of some places."""
    villages = {made[mark].village for mark in marks}
    return [row for row in village.rows("records") if row["scope"].partition(":")[0] in villages]


def test_a_stranger_gets_nothing_but_the_page_for_signing_in(village: Village, made: dict[str, Place]) -> None:
    everything = set[str]().union(*(place.everything() for place in made.values()))
    stranger = Asker(made[AMBER].someone("doctor"), frozenset(), village.client(), None, frozenset(everything))
    sweep = Sweep(village, made)
    for method in ("GET", "POST"):
        for rule in sweep.rules(method):
            values = {name: sweep.values(stranger, name, rule.rule)[OWN][0] for name in rule.arguments}
            answer, _ = sweep.ask(stranger, method, sweep.path(rule, values), {}, {} if method == "POST" else None)
            if rule.arguments and not (
                answer.status_code in (400, 401, 403, 404) or "/login" in answer.headers.get("Location", "")
            ):
                sweep.faults.append(f"{method} {rule.rule}: {answer.status_code}")
    assert sweep.faults == []


def test_what_happens_elsewhere_changes_no_answer(village: Village, made: dict[str, Place], askers: list[Asker]) -> None:
    everybody = [asker for asker in askers if DAMSON not in asker.hears]
    before = {asker.person: answers_of(village, made, asker) for asker in everybody}
    for mark, concerned in ((DAMSON, everybody), (COBALT, [one for one in everybody if COBALT not in one.hears])):
        more_happens(village, made[mark])
        for asker in concerned:
            for address, answer in answers_of(village, made, asker).items():
                assert answer == before[asker.person][address], f"{asker.person} {address} changed by what happened in {mark}"


def answers_of(village: Village, made: Mapping[str, Place], asker: Asker) -> dict[str, tuple[int, str]]:
    """Every page about what is the asker's own."""
    sweep, found = Sweep(village, made), {}
    for rule in sweep.rules("GET"):
        if rule.rule.startswith(("/dashboard", "/v1")):
            values = {name: sweep.values(asker, name, rule.rule)[OWN][0] for name in rule.arguments}
            path = sweep.path(rule, values)
            answer, _ = sweep.ask(asker, "GET", path, {})
            found[path] = plain(answer.status_code, words_of(answer), ())
    return found


def more_happens(village: Village, place: Place) -> None:
    """A phone of the place writes of three more residents, and contradicts what is there."""
    phone = village.phone(place.someone("doctor"))
    phone.sync()
    for number in (5, 6, 7):
        lives = {"residence": {"residence_type": "registered", "area_code": place.village, "address": "1"}}
        saved = forms.resident(place.person + number, place.word("later"), "male", "1939-01-01", **lives)
        phone.save(saved.sections, saved.record, type=saved.type, subject=saved.subject)
        phone.save(vitals(150 + number), type="hypertension_visit", subject=saved.record)
    phone.save(vitals(171), place.ids["record"])
    assert {receipt["status"] for receipt in phone.sync()["receipts"]} <= {"accepted", "merged"}
