"""Two ends that hold the same agree, and two that do not notice it."""

import hashlib
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sync.digest import MODULUS, Digest, of_hashes, of_records, prefix_of, record_hash
from sync.record import LiveEdit, Record, merge
from sync.version import Dot, VersionVector
from tests.sync.people import MORNING, Phone

RESIDENT = "01974730-9832-7aae-84e5-5cdf0b7b3552"


def live(actor, counter, **sections):
    return LiveEdit(Dot(actor, counter), MORNING, MORNING, actor, sections)


def resident(*edits, **more):
    return replace(Record(RESIDENT, "resident", None, "411403101201", VersionVector(), edits), **more)


def by_hand(text):
    return int(hashlib.sha256(text.encode()).hexdigest()[:32], 16)


def test_the_text_that_is_hashed_as_written_out_by_hand():
    two = resident(live("benphone", 2, plan={"b": 1, "a": [True, None, "x"]}, contact=None), live("anaphone", 10, plan={}))
    assert record_hash(two) == by_hand(
        '{"live":[["contact","benphone",2,null],["plan","anaphone",10,{}],["plan","benphone",2,{"a":[true,null,"x"],"b":1}]],'
        '"record":"01974730-9832-7aae-84e5-5cdf0b7b3552","type":"resident"}'
    )


def test_a_record_nobody_wrote_in_has_a_hash_too():
    assert record_hash(resident()) == by_hand('{"live":[],"record":"01974730-9832-7aae-84e5-5cdf0b7b3552","type":"resident"}')


def test_counters_are_sorted_as_numbers_and_sections_by_code_point():
    many = resident(
        live("anaphone", 10, plan={}), live("anaphone", 9, plan={}, Plan={}), live("anaphone", 11, **{"plan/1": {}})
    )
    assert record_hash(many) == by_hand(
        '{"live":[["Plan","anaphone",9,{}],["plan","anaphone",9,{}],["plan","anaphone",10,{}],["plan/1","anaphone",11,{}]],'
        '"record":"01974730-9832-7aae-84e5-5cdf0b7b3552","type":"resident"}'
    )


def test_text_is_written_as_a_browser_writes_it():
    odd = resident(live("anaphone", 1, plan={"\U00020bb7": '"\\/\b\f\n\r\t\x01\x1f\x7f', "\uffee": "é王\u2028"}))
    assert record_hash(odd) == by_hand(
        '{"live":[["plan","anaphone",1,{"\uffee":"é王\u2028",'
        '"\U00020bb7":"\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f"}]],'
        '"record":"01974730-9832-7aae-84e5-5cdf0b7b3552","type":"resident"}'
    )


def test_what_may_differ_between_equal_replicas_takes_no_part():
    one = live("anaphone", 1, plan={})
    other = replace(one, at="2099-01-01T00:00:00.000Z", written_at="x", author="y")
    assert record_hash(resident(one)) == record_hash(
        resident(other, seen=VersionVector({"camphone": 4}), subject=RESIDENT, scope="411403101202")
    )


def test_whatever_a_doctor_would_call_a_difference_is_one():
    base = resident(live("anaphone", 1, plan={"v": 1}))
    others = [
        resident(live("anaphone", 1, plan={"v": "1"})),
        resident(live("anaphone", 1, plan={"v": True})),
        resident(live("anaphone", 1, plan=None)),
        resident(live("anaphone", 2, plan={"v": 1})),
        resident(live("anaphone2", 1, plan={"v": 1})),
        resident(live("anaphone", 1, plam={"v": 1})),
        replace(base, type="residents"),
        replace(base, id=RESIDENT.replace("2", "3")),
        resident(),
    ]
    assert len({record_hash(record) for record in [base, *others]}) == 10


def test_two_phones_that_met_agree():
    ana, ben = Phone("anaphone"), Phone("benphone")
    ana.write({"vitals": {"v": 1}})
    ben.write({"vitals": {"v": 2}, "plan": None})
    assert record_hash(ana.record) != record_hash(ben.record)
    assert record_hash(merge(ana.record, ben.record)) == record_hash(merge(ben.record, ana.record))


def test_a_scope_is_summed_up_and_written_in_32_digits():
    assert of_records([]).wire() == {"count": 0, "sum": "0" * 32}
    assert of_hashes([MODULUS - 1, 2]).wire() == {"count": 2, "sum": "0" * 31 + "1"}
    assert of_hashes([MODULUS - 1]).wire() == {"count": 1, "sum": "f" * 32}
    assert of_records([resident()]) == Digest(1, record_hash(resident()))


@given(st.lists(st.integers(0, MODULUS - 1)), st.lists(st.integers(0, MODULUS - 1)))
def test_records_come_and_go_by_plus_and_minus(here, there):
    both = of_hashes([*here, *there])
    assert of_hashes(here).plus(of_hashes(there)) == of_hashes(there).plus(of_hashes(here)) == both
    assert both.minus(of_hashes(there)) == of_hashes(here)
    assert of_hashes(reversed([*here, *there])) == both


def test_the_walk_follows_hex_digits_and_passes_over_hyphens():
    assert [prefix_of(RESIDENT, n) for n in (0, 2, 8, 9, 32)] == ["", "01", "01974730", "019747309", RESIDENT.replace("-", "")]
