"""Bodies: parsed so that every item is kept as it was sent, refused when they are unfit, compressed on the way out."""

import gzip
import json

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from server.api import bodies
from tests.server.phone import vitals

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
keys = st.sampled_from(["edits", "records", "Edits", "edits\0", "x", "protocol", ""])
documents = st.dictionaries(keys, st.lists(values, max_size=4) | values, max_size=5)
spaces = st.sampled_from(["", " ", "\n", "\t \r\n"])


def written(draw, value):
    """A value as some client may write it: white space, escapes, the order of the keys as it comes."""
    space = lambda: draw(spaces)  # noqa: E731
    if isinstance(value, dict):
        pairs = [f"{space()}{written(draw, k)}{space()}:{space()}{written(draw, v)}{space()}" for k, v in value.items()]
        return "{" + ",".join(pairs or [space()]) + "}"
    if isinstance(value, list):
        return "[" + ",".join([f"{space()}{written(draw, v)}{space()}" for v in value] or [space()]) + "]"
    return json.dumps(value, ensure_ascii=draw(st.booleans()))


@st.composite
def texts(draw):
    value = draw(documents | values)
    return draw(spaces) + written(draw, value) + draw(spaces), value


@settings(max_examples=120, deadline=None)
@given(texts())
def test_every_item_is_kept_as_it_was_written_and_means_what_json_says(case):
    text, value = case
    body, items = bodies._parse(text)
    read = json.loads(text)
    assert read == value
    expected = {name: read[name] for name in bodies.ITEMS if isinstance(read, dict) and isinstance(read.get(name), list)}
    assert items.keys() == expected.keys()
    for name, found in items.items():
        assert [item.value for item in found] == expected[name]
        assert [json.loads(item.text) for item in found] == expected[name]
        assert all(item.text in text and item.text == item.text.strip() for item in found)
        place = 0
        for item in found:  # in their order, none overlapping another
            place = text.index(item.text, place) + len(item.text)
    if isinstance(read, dict):
        assert {k: v for k, v in body.items() if k not in items} == {k: v for k, v in read.items() if k not in items}
    else:
        assert body == read


BROKEN = (
    '{"a":1 "b":2}', '{"edits":[] "records":[]}', '{"edits":[]"x":1}',
    '{"edits":[1,]}', '{"edits":[,1]}', '{"edits":[1 2]}', '{"edits":[1', '{"edits":[', '{"edits":', '{"edits"', "{", '{"a":1,}', "{,}",
    '{"a" 1}', '{"a":}', "{a:1}", '{"edits":[]]}', '{"edits":[]}}', '{"edits":[]} x', '{"edits":[NaN]}', '{"a":Infinity}', '{"a":-Infinity}',
    '{"a":01}', '{"a":+1}', '{"a":.5}', '{"a":"\t"}', '{"a":"\\x"}', '{"a":"\\u12"}', "'a'", "", " ", "\ufeff{}", "{}{}", "nul", '{"edits":[1]', "//",
)  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_not_json_is_not_guessed_at(text):
    with pytest.raises(ValueError):  # noqa: PT011
        bodies._parse(text)
    with pytest.raises(ValueError):  # noqa: PT011
        json.loads(text, parse_constant=int)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_sign_changed_is_read_as_json_reads_it_or_not_at_all(data):
    text = '{"protocol":1, "edits":[{"dot":["a",1]},null, "x\\n"] ,"records":[] }'
    place = data.draw(st.integers(0, len(text) - 1))
    changed = text[:place] + data.draw(st.sampled_from(list('{}[]",:1 \\'))) + text[place + data.draw(st.integers(0, 2)) :]
    try:
        expected = json.loads(changed)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011
            bodies._parse(changed)
        return
    body, items = bodies._parse(changed)
    read = (
        {**body, **{name: [item.value for item in found] for name, found in items.items()}} if isinstance(body, dict) else body
    )
    assert read == expected


def encoded(data, how):
    if how == "gzip":
        return gzip.compress(data)
    return zstandard.ZstdCompressor(write_checksum=False).compress(data) if how == "zstd" else data


@pytest.mark.parametrize("how", ["identity", "gzip", "zstd"])
def test_a_body_may_come_compressed_and_a_cut_one_is_never_half_applied(ana, village, how):
    ana.save({"note": {}})
    whole = encoded(json.dumps(ana.request()).encode(), how)
    for end in range(len(whole)):
        answer = ana.post("/v1/sync", whole[:end], headers={"Content-Encoding": how})
        assert (end, answer.status_code // 100, answer.mimetype) == (end, 4, "application/problem+json")
    assert village.rows("edits") == village.rows("records") == village.rows("deposits") == []
    answer = ana.post("/v1/sync", whole, headers={"Content-Encoding": how})
    assert [receipt["status"] for receipt in answer.get_json()["receipts"]] == ["accepted"]


def test_a_line_that_breaks_while_sending_applies_nothing(ana, village):
    ana.save(vitals(150))
    whole = json.dumps(ana.request()).encode()
    for end in (0, 1, len(whole) // 2, len(whole) - 1):
        answer = ana.post("/v1/sync", whole[:end], environ_overrides={"CONTENT_LENGTH": str(len(whole))})
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert village.rows("edits") == []


@pytest.mark.parametrize(
    ("asked", "given_"),
    [("gzip", "gzip"), ("zstd, gzip", "zstd"), ("br", None), ("gzip;q=0", None), ("", None), ("zstd;q=0, gzip", "gzip")],
)
def test_answers_are_compressed_as_the_phone_takes_them(ana, asked, given_):
    plain = ana.get("/v1/types")
    answer = ana.get("/v1/types", headers={"Accept-Encoding": asked})
    assert answer.headers.get("Content-Encoding") == given_
    unpack = {"gzip": gzip.decompress, "zstd": lambda b: zstandard.ZstdDecompressor().decompress(b), None: bytes}[given_]
    assert unpack(answer.get_data()) == plain.get_data()
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(answer.get_data()) <= len(plain.get_data()) / (4 if given_ else 1)
    assert "Content-Encoding" not in ana.get("/v1/me", headers={"Accept-Encoding": asked}).headers


def test_the_catalogue_is_fetched_once_and_then_only_asked_about(ana):
    first = ana.get("/v1/types")
    again = ana.get("/v1/types", headers={"If-None-Match": first.headers["ETag"], "Accept-Encoding": "gzip"})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert ana.get("/v1/types", headers={"If-None-Match": '"other"'}).status_code == 200
