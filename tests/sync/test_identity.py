"""The same person gets the same name on every phone, and a mistyped number is noticed."""

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.identity import check_digit, modern, new_id, read_id_number, resident_id, tidy

KEY, OTHER_KEY = b"k" * 32, b"l" * 32
TODAY = dt.date(2026, 11, 21)
# The worked example of GB 11643-1999 and one that ends in X, checked by hand: 1*7+1*9+0*10+1*5+0*8+5*4+1*2+9*1+4*6+9*3+
# 1*7+2*9+3*10+1*5+0*8+0*4+2*2 = 167 = 15*11+2, and the third of "10X98765432" is X.
WOMAN_OF_1949 = "11010519491231002X"
OLD_FORM = "110105491231002"


def number(body):
    return body + check_digit(body)


def test_the_check_digit_of_the_standards_example():
    assert check_digit("11010519491231002") == "X"
    assert check_digit("44052418800101001") == "4"  # 440524188001010014, the other example of the standard


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        "１１０１０５１９４９１２３１００２ｘ",
        " 110105 19491231 002X\n",
        "110105-19491231-002X",
        "110105－19491231－002X",
        "110105\u300019491231\u00a0002X",
        OLD_FORM,
        "１１０１０５４９１２３１００２",
    ],
)
def test_however_a_number_is_typed_it_names_the_same_person(typed):
    assert resident_id(KEY, typed) == resident_id(KEY, WOMAN_OF_1949)
    assert read_id_number(typed, TODAY).text == WOMAN_OF_1949
    assert read_id_number(typed, TODAY).faults == ()


def test_two_persons_have_two_names_and_another_deployment_has_others():
    names = {resident_id(key, n) for key in (KEY, OTHER_KEY, b"") for n in (WOMAN_OF_1949, "110105194912310011")}
    assert len(names) == 6
    assert resident_id(KEY, WOMAN_OF_1949) == resident_id(KEY, WOMAN_OF_1949)


def test_the_name_of_a_resident_stays_what_it_is():
    # HMAC-SHA256 of "resident:11010519491231002X" under 32 letters k, first 16 bytes, version 8, variant 2
    assert resident_id(KEY, WOMAN_OF_1949) == "c6d0bc70-4355-8b70-a2d6-1984f23bcf4a"


@pytest.mark.parametrize("nothing", ["", "  ", "-"])
def test_those_without_a_number_do_not_become_one_person(nothing):
    with pytest.raises(ValueError, match="without an identity number"):
        resident_id(KEY, nothing)


@given(st.binary(max_size=40), st.text().filter(tidy))
def test_a_residents_name_is_a_uuid_of_version_8(key, typed):
    name = uuid.UUID(resident_id(key, typed))
    assert (name.version, name.variant, str(name)) == (8, uuid.RFC_4122, resident_id(key, typed))


@given(st.integers(0, (1 << 48) - 1), st.binary(min_size=10, max_size=16))
def test_a_records_name_is_a_uuid_of_version_7_that_begins_with_its_time(now_ms, chance):
    name = uuid.UUID(new_id(now_ms, chance))
    assert (name.version, name.variant, name.int >> 80) == (7, uuid.RFC_4122, now_ms)
    assert len(str(name)) == 36


def test_records_made_later_sort_later_and_chance_tells_two_of_one_moment_apart():
    now = 1_763_683_200_000
    assert new_id(now, b"\xff" * 10) < new_id(now + 1, b"\0" * 10)
    assert len({new_id(now, bytes([n]) * 10) for n in range(16)}) == 16
    assert new_id(now + (1 << 48), b"a" * 10) == new_id(now, b"a" * 10)


def test_only_fifteen_digits_are_an_old_number():
    assert modern(OLD_FORM) == WOMAN_OF_1949
    for text in ("11010549123100", "1101054912310020", "11010549123100X", "", WOMAN_OF_1949, "١" * 15):
        assert modern(text) == text


def test_a_number_tells_birth_date_and_sex():
    read = read_id_number(WOMAN_OF_1949, TODAY)
    assert (read.birth_date, read.sex) == (dt.date(1949, 12, 31), "female")
    assert read_id_number(number("11010519491231001"), TODAY).sex == "male"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", "length"),
        ("1101051949123100", "length"),
        (WOMAN_OF_1949 + "1", "length"),
        ("11010519491231O02X", "characters"),
        ("1101051949123100X2", "characters"),
        ("王" * 18, "characters"),
        ("١" * 18, "characters"),
        ("110105194912310021", "check_digit"),
        ("11010519491231020X", "check_digit"),
        ("110105194912310092", "check_digit"),
        (number("11010519490231002"), "birth_date"),
        (number("11010519491331002"), "birth_date"),
        (number("11010500000101002"), "birth_date"),
        (number("11010518951231002"), "birth_date"),
        (number("11010520261122002"), "birth_date"),
        (number("11010520250229002"), "birth_date"),
    ],
)
def test_what_is_wrong_with_a_number_is_named(typed, fault):
    read = read_id_number(typed, TODAY)
    assert read.faults == (fault,)
    if fault != "check_digit":
        assert read.birth_date is None


def test_every_single_mistyped_digit_and_every_swap_of_neighbours_is_noticed():
    for place in range(17):
        for digit in "0123456789":
            typed = WOMAN_OF_1949[:place] + digit + WOMAN_OF_1949[place + 1 :]
            assert typed == WOMAN_OF_1949 or "check_digit" in read_id_number(typed, TODAY).faults
    for place in range(16):
        a, b = WOMAN_OF_1949[place : place + 2]
        typed = WOMAN_OF_1949[:place] + b + a + WOMAN_OF_1949[place + 2 :]
        assert a == b or "check_digit" in read_id_number(typed, TODAY).faults


def test_born_today_and_130_years_ago_are_believed_and_two_faults_are_both_named():
    assert read_id_number(number("11010520261121002"), TODAY).faults == ()
    assert read_id_number(number("11010518961231002"), TODAY).faults == ()
    wrong = number("11010520261122002")
    wrong = wrong[:17] + ("0" if wrong[17] != "0" else "1")
    assert read_id_number(wrong, TODAY).faults == ("check_digit", "birth_date")


@given(st.text(max_size=24))
def test_any_text_can_be_read_and_tidied_twice(typed):
    assert tidy(tidy(typed)) == tidy(typed) or not tidy(typed).isascii()
    assert read_id_number(typed, TODAY).faults is not None
