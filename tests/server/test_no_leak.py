"""Nobody learns of a place that is not theirs: asked of every route, by every role, with every parameter.

The routes are those that the application has, the parameters those that it asks for: a new one fails here until somebody
says, in `IDS` or `WORDS`, what to try with it. Three questions are asked of every answer. Does it say a word of another
place (canaries.py), also inside an Excel file or in a header? Is it, for something of another place, just what it is for
something that does not exist? And is it the same, whatever happens elsewhere?

On SQLite only: what is asked does not depend on the engine, and it is asked a few thousand times.
"""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.routing import Rule

from server.store import directory
from tests.server.asking import ABSENT, OTHER, OWN, Asker, leaks, noting, plain, words_of
from tests.server.canaries import AMBER, BRISK, COBALT, DAMSON, ITEM, Place, above, settle
from tests.server.conftest import Village
from tests.server.phone import vitals
from tests.standing import forms

AREAS = ("area", "village", "villages", "township")
# what is called otherwise where it plays a part
ALSO = {"of": "area", "other": "twin", "stays": "twin", "leader": "person", "alike": "record"}
PAIR = "/dashboard/candidates/<resident>"
ALSO_IN = {("/dashboard/admin/packages/<record>", "record"): "package", (PAIR, "resident"): "pair"}
# what names a thing of some place, and such a name of nothing
IDS = {
    "resident": forms.name(99, "resident"),
    "pair": forms.name(98, "resident"),
    "twin": forms.name(97, "resident"),
    "record": forms.name(99, "visit"),
    "contract": forms.name(99, "contract"),
    "household": forms.name(99, "household"),
    "package": str(uuid.uuid5(uuid.NAMESPACE_OID, "nothing")),
    "deposit": "0" * 64,
    "person": "p-nobody",
    "team": "t-nobody",
    "organisation": "o-nobody",
    "device": "d" + "0" * 16,
    "finding": "0" * 16,
}
# what somebody types, with a word of a place in it
TEXTS = {"text": "{}resident"}
# what is nobody's secret
WORDS: Mapping[str, tuple[str, ...]] = {
    "only": ("reports",),
    "period": ("2026-10", "2026", "nothing"),
    "code": ("honour_person_full", "tb_managed", "nothing"),
    "name": ("targets", "suppress_below", "nothing"),
    "programme": ("tb", "nothing"),
    "kind": ("conflict", "deposit", "month", "nothing"),
    "side": ("numerator", "nothing"),
    "type": ("resident", "tb_visit"),
    "outcome": ("conflict", "nothing"),
    "show": ("all", "open", "nothing"),
    "action": ("refuse", "apply", "settle", "look", "submit", "reissue", "nothing"),
    "since": ("2026-11-01", "nothing"),
    "until": ("2026-12-01", "nothing"),
    "before": ("2026-11-21T04:00:00.000Z~1~person:p-amber-doctor", "nothing"),
    "told": ("chosen", "nothing"),
    "done": ("settled", "nothing"),
    "left": ("1",),
    "next": ("/dashboard/queue", "https://example.org/"),
    "group": ("registered_poor", "tuberculosis"),
    "indicator": ("honour_person_full", "tb_managed", "nothing"),
    "item": (ITEM, "nothing"),
    "format": ("xlsx",),
    "sort": ("-name",),
    "lang": ("en",),
    "active": ("yes",),
    "drop": ("followup",),
    "items": ("followup",),
    "issue": ("1", "nothing"),
    "level": ("village", "nothing"),
    "small": ("hide", "nothing"),
    "key": ("followup",),
    "again": ("a village of willows",),
    "duty": ("nurse", "nothing"),
    "id": ("p-new", ""),
    "mark": ("nothing",),
    "new": ("a village of willows",),
    "note": ("checked by telephone", ""),
    "old": ("nothing",),
    "password": ("nothing",),
    "purpose": ("care", "nothing"),
    "reason": ("both were asked", ""),
    "role": ("village_doctor", "nothing"),
    "seen": ("{}", "nothing"),
    "status": ("revoked", "nothing"),
    "sure": ("yes",),
    "totp": ("123456", "nothing"),
    "what": ("nothing",),
    "whole": ("yes",),
    "on": ("2026-11-20", "nothing"),
    "month": ("2026-11", "nothing"),
    "population": ("registered_poor", "tuberculosis"),
    "limit": ("1", "200"),
    "prefix": ("0", "nothing"),
}
PART = re.compile(r"(package|item/[^.]+|code|zh|en|rule|choice|section)\..+")  # fields of a form that a list makes
STATIC = ("static",)  # files that are the same for everybody
UNSIGNED = ("dashboard.login", "dashboard.password")  # that ask for no session: it is enough to try them once
# what a program sends
BODIES = {
    "/v1/conflicts/<record>": {"seen": {}, "choices": {}, "reason": "both were asked"},
    "/v1/deposits/<deposit>": {"action": "apply", "seen": {}, "reason": "both were asked"},
    "/v1/reports/<area>/<period>/steps": {"issue": 1, "action": "submit", "note": "checked"},
    "/v1/reports/<area>/<period>/corrections": {"issue": 1, "reason": "late records"},
}
# of the protocol of devices: test_exchange.py, test_access.py and those beside them ask what they tell
PROTOCOL = {"/v1/sync", "/v1/actors", "/v1/deposit", "/v1/enrol", "/v1/token"}
NO_ONE_ASKS = {"csrf"}  # every form has it
OFFICE = {"administrator": "p-office-administrator", "auditor": "p-office-auditor"}
HEARS = {
    "doctor": {AMBER},
    "granted": {AMBER},
    "member": {AMBER},
    "leader": {AMBER},
    "township": {AMBER, BRISK},
    "county": {AMBER, BRISK, COBALT},
}


@pytest.fixture
def database_url(a_file: str, request: pytest.FixtureRequest) -> str:
    """An empty database."""
    from tests.server.conftest import driven, metadata, open_engine, retried

    engine = open_engine(driven(a_file))
    retried(engine, lambda c: [c.execute(table.delete()) for table in reversed(metadata.sorted_tables)])
    engine.dispose()
    return a_file


@pytest.fixture
def made(village: Village) -> dict[str, Place]:
    """The four places and what happened there."""
    return settle(village)


@pytest.fixture
def askers(village: Village, made: dict[str, Place]) -> list[Asker]:
    """One of each role, at home in amber, and two of the office: signed in, and with a phone."""
    rows = [
        {"id": person, "name": "Office", "role": role, "organisation": None, "area": None, "active": True}
        for role, person in OFFICE.items()
    ]
    village.write(lambda c: directory.put_people(c, rows))
    found = []
    for who, marks in HEARS.items():
        secret = set[str]().union(*(place.everything() for mark, place in made.items() if mark not in marks))
        secret -= set[str]().union(*(place.register for mark, place in made.items() if mark in marks), above(made, marks))
        if who != "granted":  # what is protected is a secret at home too, but for who wrote it
            secret |= set[str]().union(*(words for mark in marks for words in made[mark].protected.values()))
        if who == "doctor":
            secret.remove(made[AMBER].ids["hidden"])
        found.append(_asker(village, made[AMBER].someone(who), marks, secret))
    health = set[str]().union(*(place.health.union(*place.protected.values()) for place in made.values()))
    found.append(_asker(village, OFFICE["administrator"], set(made), health))
    # the trail says whose records were seen, by id, and nothing that stands in them
    found.append(_asker(village, OFFICE["auditor"], set(made), {word for word in health if not _is_id(word, made)}))
    return found


def _is_id(word: str, made: Mapping[str, Place]) -> bool:
    return not any(word.startswith(mark) for mark in made)


def _asker(village: Village, person: str, hears: set[str], secrets: set[str]) -> Asker:
    asker = Asker(person, frozenset(hears), village.client(), village.phone(person), frozenset(secrets))
    asker.sign_in(village)
    return asker


class Sweep:
    """All probes of a kind, and what is wrong with their answers."""

    def __init__(self, village: Village, made: Mapping[str, Place]) -> None:
        self.village, self.made, self.probes = village, made, 0
        self.faults: list[str] = []
        self.unknown: set[str] = set()
        self.body: Any = None  # of the route that is asked
        self._absent: dict[str, tuple[int, str]] = {}
        self.opened: dict[str, set[int]] = {}  # the answers to own things, by route

    # -- what to try

    def rules(self, method: str) -> list[Rule]:
        """The routes that take a method."""
        rules = [rule for rule in self.village.app.url_map.iter_rules() if method in (rule.methods or ())]
        return [rule for rule in rules if not rule.endpoint.endswith(STATIC)]

    def values(self, asker: Asker, name: str, rule: str = "") -> dict[str, list[str]]:
        """What to try for a parameter, by whose it is; the n-th of `other` is answered as the n-th of `absent`."""
        name = ALSO_IN.get((rule, name), ALSO.get(name, name))
        if name in WORDS or PART.fullmatch(name):
            return {OWN: list(WORDS.get(name, ["nothing"])), OTHER: [], ABSENT: []}
        own = self.made[AMBER]
        foreign = [place for mark, place in self.made.items() if mark not in asker.hears and asker.hears]
        foreign = [*foreign[:1], *foreign[-1:]] if len(foreign) > 1 else foreign  # the nearest and the farthest
        if name in TEXTS:
            mine, nobody, *others = (TEXTS[name].format(mark) for mark in (AMBER, "nobody", *(place.mark for place in foreign)))
            return {OWN: [mine], OTHER: others, ABSENT: [nobody] * len(others)}
        if name == "scope":
            mine = [own.village, own.township]
            hidden = [] if asker.person.endswith("granted") else [f"{own.village}:tb", f"{own.village}:smd"]
            others = [scope for place in foreign for scope in (place.village, place.township, f"{place.village}:tb")]
            others = [*hidden, *(scope for scope in others if scope not in mine)]
            return {OWN: mine, OTHER: others, ABSENT: ["411577009209"[: len(code)] + code[12:] for code in others]}
        if name in AREAS:
            view = self.village.access.view(asker.person)
            codes = [code for place in self.made.values() for code in (place.village, place.township, place.county)]
            seen = sorted({code for code in codes if any(code.startswith(root) for root in view.areas)}, key=len, reverse=True)
            others = sorted(set(codes) - set(seen)) if foreign and name != "township" else []
            mine = [own.township] if name == "township" else seen or [own.village]
            return {OWN: mine, OTHER: others, ABSENT: ["411577009209"[: len(code)] for code in others]}
        if name not in IDS:
            self.unknown.add(name)
            return {OWN: ["nothing"], OTHER: [], ABSENT: []}
        others = [place.ids[name] for place in foreign]
        if name == "record" and foreign and not asker.person.endswith("granted"):
            others.append(own.ids["protected"])
        return {OWN: [own.ids[name]], OTHER: others, ABSENT: [IDS[name]] * len(others)}

    # -- asking

    def ask(self, asker: Asker, method: str, path: str, query: Mapping[str, str], form: Any = None) -> Any:
        """One probe: its answer, after it was listened to, and the names it asked for beside those sent."""
        body = self.body if method == "POST" else None
        answer, noted = noting(self.village.app, lambda: asker.ask(method, path, query, form, body))
        self.probes += 1
        where = f"{asker.person} {method} {path} {dict(query)} {form or ''}"
        sent = [*path.split("/"), *query.values(), *(form or {}).values()]
        for leak in leaks(answer, asker.secrets, sent):
            self.faults.append(f"{where}: {answer.status_code} says {leak!r}")
        if answer.status_code >= 500:
            self.faults.append(f"{where}: {answer.status_code}")
        return answer, noted - set(query) - set(form or {}) - NO_ONE_ASKS

    def same(
        self, asker: Asker, method: str, one: tuple[str, Any, Any], two: tuple[str, Any, Any], swapped: Mapping[str, str]
    ) -> None:
        """What is asked about another place is answered as if it were not there. `swapped`: other names to absent ones."""
        path, query, form = one
        answer, _ = self.ask(asker, method, path, query, form)
        asked = repr((asker.person, method, two))
        if asked not in self._absent:
            path, query, form = two
            absent, _ = self.ask(asker, method, path, query, form)
            self._absent[asked] = absent.status_code, words_of(absent)
        names = {*swapped, *swapped.values()}  # either may stand elsewhere in both addresses too
        said, missing = plain(answer.status_code, words_of(answer), names), plain(*self._absent[asked], names)
        if said != missing:
            self.faults.append(
                f"{asker.person} {method} {one[0]} {one[1]} {one[2] or ''}: {said[0]} is not as for what is absent, {missing[0]}"
            )

    def route(self, asker: Asker, rule: Rule, method: str) -> None:
        """Everything about one route."""
        names, self.body = sorted(rule.arguments), BODIES.get(rule.rule)
        values = {name: self.values(asker, name, rule.rule) for name in names}
        form: Any = {} if method == "POST" else None
        own = {name: values[name][OWN][0] for name in names}
        path = self.path(rule, own)
        noted = self.own(asker, method, rule, path, {}, form)
        for name in names:
            for value in values[name][OWN][1:]:
                noted |= self.own(asker, method, rule, self.path(rule, {**own, name: value}), {}, form)
        self.foreign(asker, method, rule, own, values, form)
        self.everything_foreign(asker, rule, method, values)
        given = self.parameters(asker, method, rule, path, noted)
        if method == "POST":  # what was filled in may be looked at before it is asked whose it is
            self.foreign(asker, method, rule, own, values, given)

    def own(self, asker: Asker, method: str, rule: Rule, path: str, query: Mapping[str, str], form: Any) -> set[str]:
        """A probe of something that is the asker's: the names it asked for."""
        answer, noted = self.ask(asker, method, path, query, form)
        self.opened.setdefault(rule.rule, set()).add(answer.status_code)
        return noted

    def foreign(
        self, asker: Asker, method: str, rule: Rule, own: Mapping[str, str], values: Mapping[str, Any], form: Any
    ) -> None:
        """One part of the address of another place, the others own."""
        for name in rule.arguments:
            for other, absent in zip(values[name][OTHER], values[name][ABSENT], strict=True):
                paths = (self.path(rule, {**own, name: value}) for value in (other, absent))
                self.same(asker, method, *((one, {}, form) for one in paths), {other: absent})

    def everything_foreign(self, asker: Asker, rule: Rule, method: str, values: Mapping[str, Any]) -> None:
        """All parts of the address of one other place at once: what hangs together there."""
        names = [name for name in sorted(rule.arguments) if values[name][OTHER]]
        if len(names) < 2:
            return
        rest = {name: values[name][OWN][0] for name in rule.arguments if name not in names}
        for n in range(min(len(values[name][OTHER]) for name in names)):
            other, absent = ({name: values[name][whose][n] for name in names} for whose in (OTHER, ABSENT))
            form: Any = {} if method == "POST" else None
            paths = ((self.path(rule, {**rest, **named}), {}, form) for named in (other, absent))
            self.same(asker, method, *paths, dict(zip(other.values(), absent.values(), strict=True)))

    def parameters(self, asker: Asker, method: str, rule: Rule, path: str, noted: set[str]) -> dict[str, str]:
        """Every argument, or field of a form, that the route asked for, and those that it asks for then: the form at last."""
        done: set[str] = set()
        given: dict[str, str] = {}
        whole: dict[str, str] = {}
        while noted - done:
            name = min(noted - done)
            done.add(name)
            values = self.values(asker, name)
            for value in values[OWN]:
                noted |= self.own(asker, method, rule, path, *self.sent(method, given, {name: value}))
            for other, absent in zip(values[OTHER], values[ABSENT], strict=True):
                pair = ((path, *self.sent(method, given, {name: value})) for value in (other, absent))
                self.same(asker, method, *pair, {other: absent})
            whole[name] = values[OWN][0]
            if method == "POST":  # a form is judged field by field: the next is tried with those before it filled in
                given[name] = values[OWN][0]
        rest = {**whole, "format": ""}
        if method == "GET" and len(whole) > 1:  # all at once, and then one of them of another place
            self.own(asker, method, rule, path, rest, None)
            for name in whole:
                values = self.values(asker, name)
                for other, absent in zip(values[OTHER], values[ABSENT], strict=True):
                    pair = ((path, {**rest, name: value}, None) for value in (other, absent))
                    self.same(asker, method, *pair, {other: absent})
        return given

    def sent(
        self, method: str, given: Mapping[str, str], more: Mapping[str, str]
    ) -> tuple[dict[str, str], dict[str, str] | None]:
        """Arguments and form of a probe."""
        return ({}, {**given, **more}) if method == "POST" else (dict(more), None)

    def path(self, rule: Rule, values: Mapping[str, str]) -> str:
        """The address of a route with these parts."""
        with self.village.app.test_request_context():
            adapter = self.village.app.url_map.bind("localhost")
            return str(adapter.build(rule.endpoint, dict(values)))


def sweep_of(village: Village, made: Mapping[str, Place], askers: list[Asker], method: str, prefix: str) -> Sweep:
    """Every route below an address, asked by everybody."""
    sweep = Sweep(village, made)
    for asker, rule in itertools.product(askers, sweep.rules(method)):
        if rule.rule.startswith(prefix) and (asker is askers[0] or rule.endpoint not in UNSIGNED):
            if method == "POST":  # a form may have ended the session
                asker.sign_in(village)
            sweep.route(asker, rule, method)
    assert sweep.unknown == set(), "nobody has said what to try for these: see IDS and WORDS"
    return sweep


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
