"""Asking every route as everybody: the people who ask, and what is wrong with the answers.

Three questions are asked of every answer. Does it say a word of another place (canaries.py), also inside an Excel file or in a
header? Is it, for something of another place, just what it is for something that does not exist? Did the server fail?
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from werkzeug.routing import Rule

from server.store import directory
from tests.server.asking import ABSENT, OTHER, OWN, Asker, leaks, noting, plain, words_of
from tests.server.canaries import AMBER, DAMSON, Place, above
from tests.server.conftest import Village
from tests.server.probes import (
    ALSO,
    ALSO_IN,
    AREAS,
    BODIES,
    FATES,
    HEARS,
    IDS,
    NO_ONE_ASKS,
    NUMBERS,
    OFFICE,
    OPEN_NUMBER,
    PART,
    PROTECTED_NUMBER,
    PROTOCOL,
    STATIC,
    TEXTS,
    UNSIGNED,
    WORDS,
)


def everybody(village: Village, made: Mapping[str, Place]) -> list[Asker]:
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


class ToldError(Exception):
    """Somebody learnt what is not theirs; only where a sweep is to end there."""


class Sweep:
    """All probes of a kind, and what is wrong with their answers.

    `whole`: everybody tries what only the doctor tries else. `first`: the first fault ends it with ToldError.
    """

    def __init__(self, village: Village, made: Mapping[str, Place], *, whole: bool = False, first: bool = False) -> None:
        self.village, self.made, self.probes, self.whole, self.first = village, made, 0, whole, first
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
        if name in NUMBERS:
            hidden = [PROTECTED_NUMBER] if asker.hears and not asker.person.endswith("granted") else []
            return {OWN: [OPEN_NUMBER, "nothing"], OTHER: hidden, ABSENT: ["nothing"] * len(hidden)}
        if name == "scope":
            mine = [own.village, own.township]
            hidden = [] if asker.person.endswith("granted") else [f"{own.village}:tb", f"{own.village}:smd"]
            others = [scope for place in foreign for scope in (place.village, place.township, f"{place.village}:tb")]
            others = [*hidden, *(scope for scope in others if scope not in mine)]
            return {OWN: mine, OTHER: others, ABSENT: ["411577009209"[: len(code)] + code[12:] for code in others]}
        if name in AREAS:
            return self._areas(asker, name, others=bool(foreign))
        return self._names(asker, name, foreign, moved=bool(rule))

    def _areas(self, asker: Asker, name: str, *, others: bool) -> dict[str, list[str]]:
        own, view = self.made[AMBER], self.village.access.view(asker.person)
        codes = [code for place in self.made.values() for code in (place.village, place.township, place.county)]
        seen = sorted({code for code in codes if any(code.startswith(root) for root in view.areas)}, key=len, reverse=True)
        foreign = sorted(set(codes) - set(seen)) if others and name != "township" else []
        mine = [own.township] if name == "township" else seen or [own.village]
        return {OWN: mine, OTHER: foreign, ABSENT: ["411577009209"[: len(code)] for code in foreign]}

    def _names(self, asker: Asker, name: str, foreign: list[Place], *, moved: bool) -> dict[str, list[str]]:
        """Of things. `moved`: also of somebody who moved away; a list of what was done in amber may be asked about them."""
        if name not in IDS:
            self.unknown.add(name)
            return {OWN: ["nothing"], OTHER: [], ABSENT: []}
        own = self.made[AMBER]
        others = [place.ids[name] for place in foreign]
        if name == "record" and foreign and not asker.person.endswith("granted"):
            others.append(own.ids["protected"])
        if foreign and (self.whole or asker.person.endswith("doctor")):
            others += [self.made[DAMSON].ids[fate] for fate in FATES.get(name, ()) if moved or fate != "moved"]
        return {OWN: [own.ids[name]], OTHER: others, ABSENT: [IDS[name]] * len(others)}

    # -- asking

    def fault(self, said: str) -> None:
        """Something is wrong with an answer."""
        self.faults.append(said)
        if self.first:
            raise ToldError(said)

    def ask(self, asker: Asker, method: str, path: str, query: Mapping[str, str], form: Any = None) -> Any:
        """One probe: its answer, after it was listened to, and the names it asked for beside those sent."""
        body = self.body if method == "POST" else None
        answer, noted = noting(self.village.app, lambda: asker.ask(method, path, query, form, body))
        self.probes += 1
        where = f"{asker.person} {method} {path} {dict(query)} {form or ''}"
        sent = [*path.split("/"), *query.values(), *(form or {}).values()]
        for leak in leaks(answer, asker.secrets, sent):
            self.fault(f"{where}: {answer.status_code} says {leak!r}")
        if answer.status_code >= 500:
            self.fault(f"{where}: {answer.status_code}")
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
            self.fault(
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


def sweep_of(
    village: Village, made: Mapping[str, Place], askers: list[Asker], method: str, prefix: str, *, whole: bool = False
) -> Sweep:
    """Every route below an address, asked by everybody; those of the protocol of devices only as far as they are read."""
    sweep = Sweep(village, made, whole=whole)
    for asker, rule in itertools.product(askers, sweep.rules(method)):
        sent = method == "POST" and rule.rule in PROTOCOL
        if rule.rule.startswith(prefix) and not sent and (asker is askers[0] or rule.endpoint not in UNSIGNED):
            if method == "POST":  # a form may have ended the session
                asker.sign_in(village)
            sweep.route(asker, rule, method)
    assert sweep.unknown == set(), "nobody has said what to try for these: see probes.py"
    return sweep
