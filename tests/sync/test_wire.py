"""The envelopes: what a request must have, and what is passed over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from sync import wire

SPKI = {"kty": "EC", "crv": "P-256", "x": "a" * 43, "y": "b" * 43}


def a_request(**parts):
    device = {"now": "2026-11-21T08:15:00+08:00", "counter": 57, "outbox": 3, "nonce": "n1", "epoch": "e1", "app": "cunyi-py"}
    return {"protocol": 1, "device": device, "edits": [], "records": [], "checkpoints": {}, "max_bytes": 1000, **parts}


def with_device(**parts):
    return a_request(device={**a_request()["device"], **parts})


def without(item, *path):
    if not path[1:]:
        return {name: value for name, value in item.items() if name != path[0]}
    return {**item, path[0]: without(item[path[0]], *path[1:])}


def refused(schema, item):
    with pytest.raises(ValidationError) as caught:
        schema.load(item)
    return wire.faults(caught.value)


def test_a_request_is_read_as_it_was_sent():
    request = a_request(edits=[{"dot": ["anaphone", 1]}], records=[{}], checkpoints={"411403101201": "e1:7"})
    assert wire.SyncRequest().load(request) == request


def test_a_first_request_needs_no_more_than_who_speaks():
    request = {"protocol": 1, "device": {"now": "", "counter": 0, "outbox": 0, "nonce": None}}
    read = wire.SyncRequest().load(request)
    assert (read["edits"], read["records"], read["checkpoints"], read["max_bytes"]) == ([], [], {}, 262_144)
    assert (read["device"]["epoch"], read["device"]["app"]) == (None, "")
    read["edits"].append(1)
    assert wire.SyncRequest().load(request)["edits"] == []


def test_what_a_newer_phone_adds_is_passed_over():
    newer = with_device(battery=7)
    assert wire.SyncRequest().load({**newer, "mood": {"deep": [1.5]}}) == a_request()


def test_items_are_not_judged_with_their_envelope():
    odd = [None, 7, "x", [], {}, {"dot": 1.5}, ["\0"]]
    read = wire.SyncRequest().load(a_request(edits=odd, records=odd))
    assert (read["edits"], read["records"]) == (odd, odd)


@pytest.mark.parametrize("name", ["edits", "records"])
def test_five_hundred_items_are_taken_and_one_more_is_not(name):
    assert len(wire.SyncRequest().load(a_request(**{name: [{}] * 500}))[name]) == wire.MAX_EDITS == 500
    assert refused(wire.SyncRequest(), a_request(**{name: [{}] * 501}))[0].startswith(f"/{name}: ")


@pytest.mark.parametrize(
    "path", [("protocol",), ("device",), ("device", "now"), ("device", "counter"), ("device", "outbox"), ("device", "nonce")]
)
def test_a_missing_part_is_named(path):
    assert refused(wire.SyncRequest(), without(a_request(), *path))[0].startswith("/" + "/".join(path))


@pytest.mark.parametrize(
    ("request_", "at"),
    [
        (a_request(protocol=2), "/protocol"),
        (a_request(protocol="1"), "/protocol"),
        (a_request(protocol=1.0), "/protocol"),
        (a_request(protocol=True), "/protocol"),
        (a_request(protocol=None), "/protocol"),
        (a_request(device=None), "/device"),
        (a_request(device=[]), "/device"),
        (a_request(device="x"), "/device"),
        (with_device(counter="57"), "/device/counter"),
        (with_device(counter=57.0), "/device/counter"),
        (with_device(counter=True), "/device/counter"),
        (with_device(counter=-1), "/device/counter"),
        (with_device(counter=2**53), "/device/counter"),
        (with_device(counter=None), "/device/counter"),
        (with_device(outbox=-1), "/device/outbox"),
        (with_device(now=7), "/device/now"),
        (with_device(nonce=7), "/device/nonce"),
        (with_device(epoch=[]), "/device/epoch"),
        (with_device(app="a" * 101), "/device/app"),
        (with_device(app=None), "/device/app"),
        (a_request(edits=None), "/edits"),
        (a_request(edits={}), "/edits"),
        (a_request(edits="edits"), "/edits"),
        (a_request(records=7), "/records"),
        (a_request(checkpoints=[]), "/checkpoints"),
        (a_request(checkpoints={"411403101201": 7}), "/checkpoints/411403101201"),
        (a_request(checkpoints={"411403101201": None}), "/checkpoints/411403101201"),
        (a_request(max_bytes=-1), "/max_bytes"),
        (a_request(max_bytes="1000"), "/max_bytes"),
        (a_request(max_bytes=1e3), "/max_bytes"),
    ],
)
def test_a_part_of_the_wrong_kind_is_named(request_, at):
    assert any(message.startswith(at) for message in refused(wire.SyncRequest(), request_))


@pytest.mark.parametrize("item", [None, [], "x", 7, True])
def test_what_is_no_object_is_no_request(item):
    assert refused(wire.SyncRequest(), item) == ["/_schema: Invalid input type."]


def test_the_bounds_of_whole_numbers_are_taken():
    read = wire.SyncRequest().load({**with_device(counter=2**53 - 1, outbox=0, app="a" * 100), "max_bytes": 0})
    assert (read["device"]["counter"], read["max_bytes"]) == (2**53 - 1, 0)


def test_all_that_is_wrong_is_told_at_once():
    assert len(refused(wire.SyncRequest(), with_device(counter=-1, outbox=-1, now=None))) == 3


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.sampled_from([*a_request(), "now", "counter"]), below, max_size=4)
    ),
)


@given(json_values | st.dictionaries(st.sampled_from(list(a_request())), json_values, max_size=2).map(lambda p: a_request(**p)))
def test_whatever_comes_is_read_or_refused_with_words(item):
    try:
        assert wire.SyncRequest().load(item)["protocol"] == 1
    except ValidationError as error:
        told = wire.faults(error)
    else:
        return
    assert told


# -- the other envelopes -----------------------------------------------------------------------------------------------


def test_enrolment_takes_a_key_of_one_curve_only():
    request = {"code": "c" * 64, "public_key": SPKI, "device": "Redmi 9A"}
    assert wire.EnrolRequest().load({**request, "more": 1}) == {**request, "app": ""}
    for spoilt in (
        without(request, "code"),
        without(request, "device"),
        without(request, "public_key"),
        without(request, "public_key", "x"),
        {**request, "public_key": {**SPKI, "kty": "RSA"}},
        {**request, "public_key": {**SPKI, "crv": "P-384"}},
        {**request, "public_key": {**SPKI, "y": "b" * 65}},
        {**request, "code": "c" * 65},
        {**request, "device": "d" * 101},
        {**request, "device": None},
    ):
        assert refused(wire.EnrolRequest(), spoilt)


def test_a_private_key_sent_by_mistake_is_not_kept():
    read = wire.EnrolRequest().load({"code": "c", "public_key": {**SPKI, "d": "secret"}, "device": "x"})
    assert read["public_key"] == SPKI


def test_a_deposit_needs_its_assertion_and_at_most_500_edits():
    assert wire.DepositRequest().load({"assertion": "a" * 4096, "edits": [None] * 500})
    for spoilt in (
        {"edits": []},
        {"assertion": "a"},
        {"assertion": "a" * 4097, "edits": []},
        {"assertion": "a", "edits": [{}] * 501},
    ):
        assert refused(wire.DepositRequest(), spoilt)


def test_a_receipt_says_one_of_the_known_words():
    for status in ("accepted", "merged", "conflict", "duplicate", "gap", "deposited"):
        assert wire.Receipt().load({"dot": ["anaphone", 1], "status": status})["status"] == status
    assert wire.Receipt().load({"dot": None, "status": "deposited", "reason": "malformed"})
    assert refused(wire.Receipt(), {"dot": None, "status": "rejected"})
    assert refused(wire.Receipt(), {"dot": None, "status": "deposited", "reason": "bad luck"})
    assert {"accepted", "merged", "conflict", "duplicate"} == wire.APPLIED


def test_the_examples_of_the_reply_can_be_read():
    live = {"dot": ["anaphone", 1], "at": "x", "written_at": "x", "author": "ana", "sections": {"plan": None, "v": {"a": [1]}}}
    change = {"record": "r", "type": "t", "subject": None, "scope": "s", "seq": 9, "seen": {"anaphone": 1}, "edits": [live]}
    gone = {"record": "r", "scope": "s", "seq": 10, "gone": "moved"}
    reply = {
        "epoch": "e1",
        "now": "x",
        "nonce": "n2",
        "receipts": [{"dot": ["anaphone", 1], "status": "accepted", "at": "x", "seen": {"anaphone": 1}, "issues": []}],
        "merged": [{"record": "r", "seen": {}}, {"record": None, "seen": {}}],
        "changes": [change, gone],
        "checkpoints": {"s": "e1:10"},
        "more": False,
        "scopes": {"s": {"write": True}},
        "digests": {"s": {"count": 1, "sum": "0" * 32}},
        "wipe": False,
    }
    assert wire.SyncReply().load(reply) == reply
    for name in reply:
        assert refused(wire.SyncReply(), without(reply, name))
