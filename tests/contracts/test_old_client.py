"""A phone that was not updated for two versions works on with the server of today, and nothing that it does not know is lost."""

from __future__ import annotations

import collections
import copy
import dataclasses
import datetime as dt
import json
import random

import pytest

import client_sdk.exchange
import client_sdk.view
from client_sdk import Client, Reply
from sync.codec import edit_to_wire
from sync.record import Policy, canonical, family
from sync.types import TYPES
from sync.types.catalogue import Catalogue
from sync.types.codes import CodeList
from sync.types.declare import TOWNSHIP
from tests.server.conftest import NOON, Village
from tests.sync.chance_forms import Forms
from tests.village import ANA, BEN, VILLAGE, grant

PIN, SAID = "493027", "旧手机写的"
WRITTEN = [declared for declared in TYPES if declared.place != TOWNSHIP]


def before(types, die):
    """The record types one version earlier: some types, some sections, some fields and some codes were not yet there."""
    return [_younger(declared, die) for declared in types if die.random() < 0.85]


def _younger(declared, die):
    kept = [section for section in declared.sections if die.random() < 0.85] or declared.sections[:1]
    sections = [dataclasses.replace(section, fields=_fewer(section.fields, die)) for section in kept]
    return dataclasses.replace(declared, sections=tuple(sections), checks=(), rules=(), dated=None, programme_by_codes=False)


def _fewer(fields, die):
    known = {name: _shorter(item) for name, item in fields.items() if die.random() < 0.8}
    return known or dict(list(fields.items())[:1])


def _shorter(item):
    """The field with a list that has lost its last code."""
    codes = item.metadata.get("codes")
    if not isinstance(codes, CodeList) or len(codes.codes) < 2:
        return item
    item = copy.copy(item)
    item.metadata = {**item.metadata, "codes": dataclasses.replace(codes, codes=codes.codes[:-1])}
    return item


class Direct:
    """A line to the application."""

    def __init__(self, http):
        self.http = http

    def request(self, method, path, body=None, token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self.http.open(path, method=method, json=body, headers=headers)
        return Reply(answer.status_code, answer.get_json())

    def close(self):
        pass


@pytest.fixture
def village(config):
    made = Village(config)
    for person in (ANA, BEN):
        for programme in ("tb", "smd"):
            made.write(lambda c, p=person, name=programme: grant(c, p, name))
    yield made
    made.engine.dispose()


@pytest.fixture
def old(monkeypatch):
    """What the old phone knows."""
    die = random.Random(20)
    known = Catalogue(before(before(WRITTEN, die), die))
    for module in (client_sdk.view, client_sdk.exchange):
        monkeypatch.setattr(module, "CATALOGUE", known)
    return known


@pytest.fixture
def ben(village, old, tmp_path):
    """An old phone, enrolled."""
    code, line = village.access.new_code(BEN), Direct(village.client())
    here = dt.timezone(dt.timedelta(hours=8))
    with Client.enrol(
        "http://cunyi", code, tmp_path / "old.db", pin=PIN, transport=line, now=lambda: NOON.astimezone(here)
    ) as it:
        yield it


def written(phone, count):
    """Records of all types, delivered by a phone of today."""
    forms = Forms(WRITTEN, seed=5)
    edits = []
    for n in range(count):
        phone.counter += 1
        edit = forms.edit(phone.person, (phone.actor, phone.counter), VILLAGE, WRITTEN[n % len(WRITTEN)])
        edits.append(edit_to_wire(edit))
    phone.outbox += edits
    assert {receipt["status"] for receipt in phone.sync()["receipts"]} == {"accepted"}
    return [edit["record"] for edit in edits]


def filled_in(section, shown, seen):
    """What an old form saves: the fields that it has, as they are shown, one of them changed by the doctor."""
    value = {name: shown[name] for name in section.fields if name in shown}
    for name, item in section.fields.items():
        codes = item.metadata.get("codes")
        said = shown.get(name)
        if codes and any(one not in codes.values for one in (said if isinstance(said, list) else [said] if said else [])):
            seen["code"] += 1
    texts = [name for name, item in section.fields.items() if item.kind == "text" and not item.metadata["pattern"]]
    if texts:
        value[texts[0]] = SAID
    seen["field"] += len(shown.keys() - section.fields.keys())
    return value


def test_an_old_phone_changes_what_it_knows_and_loses_nothing_that_it_does_not(village, ben, old):
    ana, seen = village.phone(ANA), collections.Counter()
    records = written(ana, 10 * len(WRITTEN))
    assert ben.sync().complete
    expected = {}
    for record in records:
        view, form = ben.get(record), {}
        assert canonical(view.sections) == canonical(ana.shows(record))
        declared = old.types.get(view.type)
        seen["type"] += declared is None
        for name, shown in view.sections.items():
            section = declared.by_name.get(family(name)) if declared else None
            if section is None:
                seen["section"] += declared is not None
            else:
                form[name] = filled_in(section, shown, seen)
        if form:
            ben.edit(view, form)
        expected[record] = {name: {**shown, **form.get(name, {})} for name, shown in view.sections.items()}
    report = ben.sync()
    assert (report.complete, report.conflicts) == (True, 0)
    ana.sync()
    while ana.sync()["more"]:
        pass
    for record in records:
        assert canonical(ana.shows(record)) == canonical(expected[record])
        assert canonical(ben.get(record).sections) == canonical(expected[record])
    assert min(seen[what] for what in ("type", "section", "field", "code")) > 5, seen
    assert village.faults() == []


def test_an_old_phone_settles_a_conflict_and_the_words_it_cannot_read_go_with_the_value_chosen(village, ben, old):
    ana = village.phone(ANA)
    form, name, plain, strange = next(
        (form, section.name, next(iter(known.fields)), next(iter(section.fields.keys() - known.fields.keys())))
        for form in WRITTEN
        for section in form.sections
        if form.programme is None and not section.keyed and section.policy is Policy.ASK and form.name in old.types
        if (known := old.types[form.name].by_name.get(section.name)) and section.fields.keys() - known.fields.keys()
    )
    record = ana.save({name: {strange: "1", plain: "1"}}, type=form.name)
    ana.sync()
    ben.sync()
    ana.save({name: {strange: "of next year", plain: "2"}}, record)
    ben.edit(record, {name: {plain: "3"}})
    ana.sync()
    assert ben.sync().conflicts == 1
    claims = {claim.value[plain]: claim.value for claim in ben.get(record).conflicts[name]}
    assert claims["3"] == {strange: "1", plain: "3"}
    ben.resolve(record, name, claims["2"])
    assert ben.sync().conflicts == 0
    ana.sync()
    assert ana.shows(record) == {name: {strange: "of next year", plain: "2"}}


def test_an_old_phone_that_is_opened_again_still_has_the_forms_of_next_year(village, ben, old, tmp_path):
    ana = village.phone(ANA)
    records = written(ana, len(WRITTEN))
    ben.sync()
    ben.close()
    with Client.open(tmp_path / "old.db", pin=PIN, transport=Direct(village.client())) as again:
        unknown = [record for record in records if again.get(record).type not in old.types]
        assert unknown
        for record in records:
            assert canonical(again.get(record).sections) == canonical(ana.shows(record))
            assert json.dumps(again.history(record)[0].sections, ensure_ascii=False)
        again.void(unknown[0], "mistake")
        assert again.sync().complete
    ana.sync()
    voided = ana.shows(unknown[0])
    assert voided.pop("void") == {"reason": "mistake"}
    assert voided
