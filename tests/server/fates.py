"""What is no longer as it was, in damson: somebody who moved there from amber, a visit made void, somebody registered twice.

Amber's doctors wrote the first words about who moved away; what was written since is damson's alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.server.canaries import AMBER, DAMSON, Place
from tests.server.conftest import Village
from tests.server.phone import Phone
from tests.standing import forms

GONE, TWICE = 5, 3  # numbers of residents


def befall(village: Village, made: Mapping[str, Place]) -> None:
    """After `settle`: their ids stand in damson's, as `moved`, `void` and `merged`."""
    here, there = made[AMBER], made[DAMSON]
    before = _register(village.phone(here.someone("doctor")), here, (GONE,))
    gone = forms.name(here.person + GONE, "resident")
    before.save({"residence": {"residence_type": "registered", "area_code": there.village, "address": "2"}}, gone)
    before.sync()
    doctor = village.phone(there.someone("doctor"))
    doctor.sync()
    doctor.save({"contact": {"phone": there.word("moved")}}, gone)
    _register(doctor, there, (TWICE, TWICE + 1))
    merged, kept = (forms.name(there.person + number, "resident") for number in (TWICE, TWICE + 1))
    link = {"duplicate": merged, "same_as": kept, "state": "linked", "decided_by": doctor.person, "decided_on": "2026-11-20"}
    record = forms.name(there.person + TWICE, "link")
    doctor.save({"link": link}, record, type="same_person", subject=merged, scope=there.village)
    void = forms.name(there.person, "visit", 3)
    doctor.save({"void": {"reason": "wrong_person", "note": there.word("voided")}}, void)
    assert {receipt["status"] for receipt in doctor.sync()["receipts"]} == {"accepted"}
    there.ids |= {"moved": gone, "void": void, "merged": merged}
    there.register |= {village.device_of(doctor), doctor.actor}
    there.health |= {record, merged, *(there.word(said) for said in ("moved", "voided", "twice"))}


def _register(phone: Phone, place: Place, numbers: tuple[int, ...]) -> Phone:
    phone.sync()
    lives = {"residence": {"residence_type": "registered", "area_code": place.village, "address": "1"}}
    for number in numbers:
        saved = forms.resident(place.person + number, place.word("twice"), "male", f"194{number}-01-01", **lives)
        phone.save(saved.sections, saved.record, type=saved.type, subject=saved.subject, scope=place.village)
    assert {receipt["status"] for receipt in phone.sync()["receipts"]} == {"accepted"}
    return phone
