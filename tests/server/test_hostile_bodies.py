"""Bodies that mean harm: refused with a 4xx within bounded memory and time, and nothing of them is kept."""

import gzip
import json
import tracemalloc
import zlib

import pytest
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from server.api import bodies
from sync.wire import MAX_BODY_BYTES, MAX_EDITS
from tests.server.phone import vitals
from tests.village import VILLAGE

GIGABYTE = 1 << 30


def bomb(how):
    """A gigabyte of zeros in about a megabyte (zstd: far less)."""
    if how == "zstd":
        step, maker = bytes(1 << 20), zstandard.ZstdCompressor().compressobj()
        return b"".join([*(maker.compress(step) for _ in range(GIGABYTE >> 20)), maker.flush()])
    maker = zlib.compressobj(9, wbits=31)
    step = bytes(1 << 20)
    return b"".join([*(maker.compress(step) for _ in range(GIGABYTE >> 24)), maker.flush()])


def refused(answer, *statuses):
    assert answer.mimetype == "application/problem+json"
    assert answer.status_code in statuses, answer.get_data(as_text=True)[:200]
    assert answer.get_json()["status"] == answer.status_code
    return True


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_a_bomb_is_not_blown_up(ana, how):
    packed = bomb(how)
    tracemalloc.start()
    answer = ana.post("/v1/sync", packed, headers={"Content-Encoding": how})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused(answer, 413)
    assert peak < 8 * MAX_BODY_BYTES


def test_a_list_of_millions_from_a_stranger_is_left_off_early(village):
    packed = gzip.compress(b'{"code":"x","edits":[' + b"1," * 2_000_000 + b"1]}")
    client = village.client()
    tracemalloc.start()
    answer = client.post("/v1/enrol", data=packed, headers={"Content-Encoding": "gzip"})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused(answer, 413)
    assert peak < 8 * MAX_BODY_BYTES


def test_a_zstd_frame_that_wants_a_huge_window_is_refused(ana):
    params = zstandard.ZstdCompressionParameters.from_level(3, window_log=27, enable_ldm=True)
    packed = zstandard.ZstdCompressor(compression_params=params).compressobj().compress(b"{}")
    maker = zstandard.ZstdCompressor(compression_params=params).compressobj()
    packed = maker.compress(b"{}") + maker.flush()
    assert refused(ana.post("/v1/sync", packed, headers={"Content-Encoding": "zstd"}), 400)


def test_a_large_body_is_refused_plain_or_packed_and_the_limit_itself_is_not(ana):
    fits = json.dumps(ana.request()).encode()
    fits += b" " * (MAX_BODY_BYTES - len(fits))
    assert refused(ana.post("/v1/sync", fits + b" "), 413)
    assert refused(ana.post("/v1/sync", gzip.compress(fits + b" "), headers={"Content-Encoding": "gzip"}), 413)
    assert ana.post("/v1/sync", gzip.compress(fits), headers={"Content-Encoding": "gzip"}).status_code == 200


@pytest.mark.parametrize("how", ["gzip", "zstd", "deflate", "br", "gzip, gzip", "x" * 500])
def test_a_body_that_is_not_what_it_says_is_refused(ana, how):
    plain = json.dumps(ana.request()).encode()
    for data in (plain, b"", gzip.compress(plain)[:-9] + b"12345678", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"):
        assert refused(ana.post("/v1/sync", data, headers={"Content-Encoding": how}), 400)


def test_depth_is_refused_whatever_holds_it(ana, village):
    body = json.dumps(ana.request())
    for opens, closes in (("[", "]"), ('{"a":', "}")):
        for depth in (33, 900, 100_000):
            nest = opens * depth + "1" + closes * depth
            for text in (nest, body[:-1] + f',"x":{nest}}}', body.replace('"device": {', f'"device": {{"x":{nest},')):
                assert refused(ana.post("/v1/sync", text.encode()), 413, 422)
            answer = ana.post("/v1/sync", body.replace('"edits": []', f'"edits": [{nest},{{"dot":{nest}}}]').encode())
            assert answer.status_code == 413 or {r["reason"] for r in answer.get_json()["receipts"]} == {"malformed"}
    assert village.rows("records") == []


def test_more_items_than_the_limit_are_refused_whole(ana, village):
    edit = ana.draft(vitals(1))
    for name in ("edits", "records"):
        assert refused(ana.post("/v1/sync", ana.request() | {name: [edit] * (MAX_EDITS + 1)}), 413)
    assert village.rows("edits") == []
    assert len(ana.send(ana.request([]) | {"edits": [edit] * MAX_EDITS})["receipts"]) == MAX_EDITS


def test_numbers_that_are_none_of_ours_never_come_in(ana, village):
    body = json.dumps(ana.request([ana.draft({"vitals": {"systolic_mmhg": 12345}}) for _ in range(1)]))
    for odd in ("1.0", "1e3", "9007199254740992", "-9007199254740992", "9" * 400, "9" * 100_000, "1e999", "-0.0"):
        answer = ana.post("/v1/sync", body.replace("12345", odd).encode())
        assert answer.status_code == 400 or answer.get_json()["receipts"][0]["status"] == "deposited"
        for name in ("counter", "outbox"):
            assert refused(
                ana.post(
                    "/v1/sync", body.replace(f'"{name}": {json.loads(body)["device"][name]}', f'"{name}": {odd}').encode()
                ),
                400,
                422,
            )
    for odd in ("NaN", "Infinity", "-Infinity"):
        assert refused(ana.post("/v1/sync", body.replace("12345", odd).encode()), 400)
    assert village.rows("records") == []


def test_a_key_that_stands_twice_is_taken_for_nothing(ana, village):
    body = json.dumps(ana.request([ana.draft(vitals(12345))]))
    assert refused(ana.post("/v1/sync", body.replace('"protocol": 1', '"protocol": 1, "protocol": 1').encode()), 422)
    assert refused(ana.post("/v1/sync", body.replace('"records": []', '"records": [], "edits": []').encode()), 422)
    for once, twice in (('"author": ', '"author": "p-ben", "author": '), ("12345", '1, "systolic_mmhg": 12345')):
        [receipt] = ana.post("/v1/sync", body.replace(once, twice).encode()).get_json()["receipts"]
        assert (receipt["status"], receipt["reason"]) in (("deposited", "malformed"), ("deposited", "dot-reused"))
    assert village.rows("records") == []


def test_text_that_no_database_could_keep_is_refused_the_same_on_both(ana, village):
    body = json.dumps(ana.request(checkpoints={VILLAGE: "e:5"}))
    for name in ('"app": "t"', f'"nonce": "{ana.nonce}"', f'"epoch": "{ana.epoch}"', f'"{VILLAGE}": "e:5"', f'"{VILLAGE}"'):
        for odd in ("\\u0000", "\\ud800", "\\udfff\\ud800"):
            key, _, _ = name.partition(": ")
            assert refused(
                ana.post("/v1/sync", body.replace(name, f'{key}: "{odd}"' if ": " in name else f'"{odd}"').encode()), 409, 422
            )
    for odd in (
        b"\xff",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        body.encode("utf-16"),
        body.encode("utf-32"),
        b"\xef\xbb\xbf" + body.encode(),
    ):
        assert refused(ana.post("/v1/sync", odd), 400)
    odd = [
        {"dot": ["\ud800", 1]},
        {"dot": [ana.actor, 900], "record": "\0", "scope": "\ud800"},
        {"dot": [1e999, [[]]]},
        ana.draft({"a\0": {}}),
    ]
    sent = json.dumps(ana.request(odd)).replace("Infinity", "1" + "0" * 400)
    answer = ana.post("/v1/sync", sent.encode())
    assert {receipt["reason"] for receipt in answer.get_json()["receipts"]} == {"malformed"}


ENVELOPES = (
    {"protocol": 2}, {"protocol": "1"}, {"protocol": None}, {"protocol": True, "device": {}}, {"device": None}, {"device": []}, {"device": {}}, {"edits": None},
    {"edits": {}}, {"edits": "x"}, {"records": None}, {"records": 5}, {"checkpoints": None}, {"checkpoints": []}, {"checkpoints": {"a": 5}}, {"checkpoints": {"a": None}},
    {"max_bytes": -1}, {"max_bytes": None}, {"max_bytes": "5"}, {"max_bytes": 2**53},
)  # fmt: skip


def test_an_envelope_that_is_unfit_is_refused_whole(ana, village):
    edit = ana.draft(vitals(1))
    for parts in ENVELOPES:
        assert refused(ana.post("/v1/sync", {**ana.request([edit]), **parts}), 422), parts
    for part, odd in [(p, o) for p in ("now", "counter", "outbox", "nonce", "app") for o in ([], {}, True, -1, 1.5, "x" * 200)]:
        assert refused(ana.post("/v1/sync", ana.request([edit], **{part: odd})), 409, 422), (part, odd)
    for text in (b"[]", b"5", b"null", b'"x"', b"{}"):
        assert refused(ana.post("/v1/sync", text), 422)
    assert village.rows("edits") == []


def test_a_phone_that_claims_an_absurd_outbox_is_answered(ana):
    for outbox in (0, 2**31 - 1, 2**31, 2**53 - 1):
        assert ana.sync(outbox=outbox)["wipe"] is False


whatever = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from([VILLAGE, "1", "ES256"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["dot", "record", "scope", "context", "sections", "seen", "edits", "x"]), inner, max_size=6
        )
    ),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["/v1/sync", "/v1/enrol", "/v1/token", "/v1/actors", "/v1/deposit"]),
    st.binary(max_size=200),
    st.sampled_from(["", "gzip", "zstd"]),
)
def test_no_bytes_break_the_server(ana, path, data, how):
    for body in (data, b'{"edits":[' + data + b"]}", encoded(data, how)):
        assert ana.post(path, body, headers={"Content-Encoding": how}).status_code < 500


def encoded(data, how):
    return {"gzip": gzip.compress, "zstd": zstandard.ZstdCompressor().compress}.get(how, bytes)(data)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["record", "type", "subject", "scope", "dot", "context", "written_at", "author", "sections"]),
        whatever,
        max_size=4,
    ),
    whatever,
    whatever,
)
@example({"dot": ["a" * 8, 2**60]}, None, None)
def test_no_items_break_the_server_and_each_gets_its_answer(ana, parts, item, state):
    edit = ana.draft(vitals(1)) | parts
    body = json.dumps(ana.request([edit, item], [item, state])).encode()
    answer = ana.post("/v1/sync", body)
    assert answer.status_code < 500
    if answer.status_code == 200:
        told = json.loads(answer.get_data(), parse_constant=int)
        assert len(told["receipts"]) == len(told["merged"]) == 2
        ana.nonce = told["nonce"]


def test_reading_never_recurses_over_what_it_parsed():
    assert bodies._depth([[[1]], {"a": {"b": [{}]}}]) == 5
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    assert bodies._depth(deep) == 100_001
    while deep:  # or else letting go of it would recurse
        deep = deep[0]
