"""A number used twice: what a copied phone writes is kept, erases nothing, and is told apart."""

import pytest

from server.exchange import Exchange
from tests.server.phone import RefusedError, vitals
from tests.village import LEA, OTHER, VILLAGE


def of(receipts):
    return [(receipt["status"], receipt.get("reason")) for receipt in receipts]


REUSED, GAP, ACCEPTED, DUPLICATE = ("deposited", "dot-reused"), ("gap", None), ("accepted", None), ("duplicate", None)


def test_another_body_under_a_used_number_is_set_aside_in_the_same_record(ana, ben, village):
    record = ana.save(vitals(150))
    first = ana.outbox[0]
    ana.sync()
    other = {**first, "sections": vitals(99)}
    assert of(ana.push(other)) == [REUSED]
    assert of(ana.push(first)) == [DUPLICATE]
    assert of(ana.push(other)) == [REUSED]
    ben.sync()
    assert ben.values(record) == [vitals(150)["vitals"]]
    assert [(row["reason"], row["counter"]) for row in village.rows("deposits")] == [("dot-reused", 1)]
    assert village.faults() == []


def test_the_same_words_in_another_layout_are_the_same_edit(ana):
    ana.save(vitals(150))
    first = ana.outbox[0]
    ana.sync()
    assert of(ana.push(dict(reversed(first.items())))) == [DUPLICATE]


def test_a_used_number_is_set_aside_in_another_record_too(ana, village):
    ana.save(vitals(150))
    ana.sync()
    assert of(ana.push(ana.draft(vitals(99), dot=[ana.actor, 1]))) == [REUSED]
    assert len(village.rows("records")) == 1


@pytest.mark.parametrize("places", [(VILLAGE, OTHER), (OTHER, VILLAGE)])
def test_a_number_used_in_two_villages_of_one_request_counts_once(village, places):
    lea = village.phone(LEA)
    lea.counter = 1
    edits = [lea.draft(vitals(value), scope=place, dot=[lea.actor, 1]) for value, place in zip((1, 2), places, strict=True)]
    receipts = of(lea.push(*edits))
    assert sorted(receipts) == [ACCEPTED, REUSED]
    assert [row["counter"] for row in village.rows("edits")] == [1]
    assert of(lea.push(*edits)) == [DUPLICATE if r == ACCEPTED else r for r in receipts]
    assert village.faults() == []


def test_a_number_used_twice_in_one_village_of_one_request_counts_once(ana, village):
    one, other = ana.draft(vitals(1)), ana.draft(vitals(2), dot=[ana.actor, 1])
    assert of(ana.push(one, other, one)) == [ACCEPTED, REUSED, DUPLICATE]
    assert len(village.rows("records")) == 1


def test_after_a_number_was_used_twice_all_that_follows_waits_for_a_new_name(ana, ben, village):
    ana.save(vitals(150))
    ana.sync()
    follows = ana.draft(vitals(151))
    reused = ana.draft(vitals(99), dot=[ana.actor, 1])
    assert of(ana.push(reused, follows)) == [REUSED, GAP]
    with pytest.raises(RefusedError, match="actor-rolled-back"):  # told at the latest when it sends something new
        ana.push(follows)
    assert of(ana.push(reused)) == [REUSED]
    ana.outbox.clear()
    ana.new_actor()
    ana.save(vitals(152))
    assert of(ana.sync()["receipts"]) == [ACCEPTED]
    assert len(ben.sync()["changes"]) == 2
    assert village.faults() == []


def test_a_late_copy_under_the_former_name_does_not_lame_the_new_one(ana):
    ana.save(vitals(150))
    first = ana.outbox[0]
    ana.sync()
    ana.new_actor()
    assert of(ana.push({**first, "sections": vitals(99)})) == [REUSED]
    ana.save(vitals(151))
    ana.save(vitals(152))
    assert of(ana.sync()["receipts"]) == [ACCEPTED, ACCEPTED]


def test_edits_under_a_former_name_are_known_or_set_aside(ana, village):
    record = ana.save(vitals(150))
    known = ana.outbox[0]
    ana.sync()
    unsent = ana.draft(vitals(151), record)
    ana.new_actor()
    assert of(ana.push(known, unsent)) == [DUPLICATE, ("deposited", "malformed")]
    assert of(ana.push(unsent, known)) == [("deposited", "malformed"), DUPLICATE]
    assert village.faults() == []


def test_a_phone_put_back_from_a_copy_is_noticed_and_goes_on_under_a_new_name(ana, ben, village):
    ana.save(vitals(150))
    ana.sync()
    copy = ana.nonce, ana.counter
    for value in (151, 152):
        ana.save(vitals(value))
        ana.sync()
    ana.nonce, ana.counter = copy
    for report in ({}, {"nonce": None}, {"nonce": "made up"}, {"nonce": ana.nonce, "counter": 10**6}):
        with pytest.raises(RefusedError) as refused:
            ana.sync(**report)
        assert (refused.value.status, refused.value.problem["type"]) == (409, "/problems/actor-rolled-back")
    ana.new_actor()
    ana.save(vitals(153))
    assert of(ana.sync()["receipts"]) == [ACCEPTED]
    assert len(ben.sync()["changes"]) == 4


def test_a_counter_that_went_back_is_noticed_whatever_the_nonce(ana):
    for value in (150, 151):
        ana.save(vitals(value))
    ana.sync()
    with pytest.raises(RefusedError) as refused:
        ana.sync(counter=1)
    assert refused.value.status == 409
    assert ana.sync()["receipts"] == []


def test_two_copies_of_a_phone_at_once_under_one_number_keep_one_and_lose_none(ana, village, monkeypatch):
    """Both were let in before either had written: the second to write meets the first in the log."""
    ana.save(vitals(150))
    mine, copy = ana.request(), ana.request([{**ana.outbox[0], "sections": vitals(99)}])
    receive, inner = Exchange._receive, []

    def overtaken(self, *args):
        monkeypatch.setattr(Exchange, "_receive", receive)
        inner.append(ana.send(copy)["receipts"])
        return receive(self, *args)

    monkeypatch.setattr(Exchange, "_receive", overtaken)
    assert of(ana.send(mine)["receipts"] + inner[0]) == [REUSED, ACCEPTED]
    assert len(village.rows("deposits")) == 1
    assert village.faults() == []
