"""Who may be registered twice, who counts as whom, and what a person has to decide."""

import datetime as dt
import itertools
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.identity import check_digit
from sync.likeness import ENOUGH, Resident, _judged, _Known, pairs
from sync.links import Link, link_of, persons
from sync.record import LiveEdit, Record
from sync.version import Dot, VersionVector
from tests.sync.forms import quick

TODAY = dt.date(2026, 11, 21)
WANG = Resident("a", "王秀兰", "1949-12-31", "female", "", "柳树村", ("13800001111",))
VALID = "11010519491231002X"


def reasons(one, other):
    return [pair.reasons for pair in pairs([one, other], TODAY)]


def another(**parts):
    return WANG._replace(**{"id": "b", "phones": (), **parts})


# -- who is shown to a person


def test_one_woman_under_two_characters_of_one_sound_is_noticed():
    assert reasons(WANG, another(name="王绣蘭")) == [("same_sound", "same_birth_date", "same_village")]
    assert reasons(WANG, another(name="Wang Xiulan")) == [("same_sound", "same_birth_date", "same_village")]
    assert reasons(WANG._replace(name="吕女"), another(name="LÜ nv")) == [("same_sound", "same_birth_date", "same_village")]


@pytest.mark.parametrize(
    ("born", "registered", "reason"),
    [
        ("1950-03-04", "1950-04-03", "day_and_month_swapped"),
        ("1950-03-04", "1951-03-04", "birth_year_one_off"),
        ("1950-03-04", "1949-03-04", "birth_year_one_off"),
        ("1950-03-04", "1950-01-01", "birth_day_unknown"),
        ("1950-01-01", "1950-03-04", "birth_day_unknown"),
    ],
)
def test_a_birthday_in_the_wrong_place_does_not_hide_her(born, registered, reason):
    ((first, *_),) = [[r for r in found if r in (reason, "other_birth_date")] for found in reasons(
        WANG._replace(birth_date=born), another(birth_date=registered)
    )]  # fmt: skip
    assert first == reason


@pytest.mark.parametrize("registered", ["1950-04-04", "1951-04-03", "1952-03-04", "1980-07-01"])
def test_two_women_of_one_name_born_on_different_days_are_left_alone(registered):
    assert reasons(WANG._replace(birth_date="1950-03-04"), another(birth_date=registered)) == []


def test_a_day_of_birth_that_was_not_written_or_cannot_be_says_nothing_against_her():
    assert reasons(WANG, another(birth_date="")) == [("same_name", "same_village")]
    assert reasons(WANG, another(birth_date="1949-13-45")) == [("same_name", "same_village")]


def test_a_name_alone_is_not_enough_in_another_village():
    assert reasons(WANG, another(birth_date="", village="杨树村")) == []


def test_born_on_one_day_with_one_telephone_is_enough_whatever_the_name():
    assert reasons(WANG, another(name="王奶奶", phones=("13800001111",))) == [("same_birth_date", "same_phone", "same_village")]
    assert reasons(WANG, another(name="王奶奶", phones=("13900002222",))) == []


def test_husband_and_wife_of_one_birthday_and_telephone_are_two():
    assert reasons(WANG, another(name="李国强", sex="male", phones=("13800001111",))) == []
    assert reasons(WANG, another(sex="male")) == [("same_name", "same_birth_date", "same_village", "other_sex")]


def test_two_valid_numbers_are_two_persons():
    other = "110105194912310046"
    assert other[17] == check_digit(other[:17])
    assert reasons(WANG._replace(id_no=VALID), another(id_no=other, phones=WANG.phones)) == []


@pytest.mark.parametrize(
    "slip",
    [
        "11010519491231003X",  # one digit
        "11010519491213002X",  # two neighbours
        "1101051949123102X",  # one left out
        "110105194912310021",  # the last one
    ],
)
def test_a_slip_in_writing_the_number_is_a_reason_not_a_hindrance(slip):
    assert "id_no_slip" in reasons(WANG._replace(id_no=VALID), another(id_no=slip))[0]
    assert reasons(WANG._replace(id_no=VALID), another(id_no=slip, name="王兰"))[0][:2] == ("id_no_slip", "same_birth_date")


def test_another_number_that_is_not_valid_is_neither_a_reason_nor_a_hindrance():
    assert reasons(WANG._replace(id_no=VALID), another(id_no="110105194912319998")) == [
        ("same_name", "same_birth_date", "same_village")
    ]


def test_one_number_in_two_records_is_the_strongest_reason_also_in_its_old_form():
    old = "110105491231002"
    assert pairs([WANG._replace(id_no=VALID), another(id_no=old, name="陈静", birth_date="")], TODAY)[0].points > 100
    assert reasons(WANG._replace(id_no="无"), another(id_no="无", name="陈静", birth_date="")) == []


def test_the_likeliest_come_first_and_nobody_is_paired_with_themselves():
    people = [
        WANG,
        WANG,
        another(),
        another(id="c", name="王绣兰"),
        another(id="d", id_no=VALID),
        WANG._replace(id="e", id_no=VALID),
    ]
    found = pairs(people, TODAY)
    assert [pair.points for pair in found] == sorted((pair.points for pair in found), reverse=True)
    assert found[0][1:3] == ("d", "e")
    assert all(pair.first < pair.second for pair in found)
    assert pairs(reversed(people), TODAY) == found


VILLAGERS = st.builds(
    Resident,
    st.sampled_from("abcdefgh"),
    st.sampled_from(["王秀兰", "王绣兰", "吕女", "Lü Nü", "陈静", ""]),
    st.sampled_from(["1950-03-04", "1950-04-03", "1951-03-04", "1950-01-01", "1949-12-31", "昨天", ""]),
    st.sampled_from(["female", "male", "unknown", ""]),
    st.sampled_from(["", VALID, "11010519491231003X", "1101051949123102X", "110105194912310046", "110105491231002", "无"]),
    st.sampled_from(["柳树村", "杨树村", ""]),
    st.sets(st.sampled_from(["13800001111", "13900002222"])).map(lambda s: tuple(sorted(s))),
)


@given(st.lists(VILLAGERS, max_size=8, unique_by=lambda resident: resident.id))
@quick
def test_looking_only_where_something_is_shared_misses_nobody(residents):
    known = [_Known.of(resident, TODAY) for resident in residents]
    everybody = {pair for a, b in itertools.combinations(known, 2) if (pair := _judged(a, b))}
    assert set(pairs(residents, TODAY)) == everybody
    assert all(pair.points >= ENOUGH for pair in everybody)


def test_a_township_of_three_thousand_is_looked_through_in_no_time():
    dice = random.Random(7)

    def resident(n):
        born = dt.date(1930, 1, 1) + dt.timedelta(days=dice.randrange(30_000))
        body = f"411403{born:%Y%m%d}{dice.randrange(1000):03}"
        name = dice.choice("王李张刘陈杨赵黄周吴") + "".join(dice.choices("秀兰英华芳军伟平红玉梅建国志明桂", k=2))
        return Resident(f"{n:04}", name, str(born), "", body + check_digit(body), "v", (f"138{dice.randrange(10**8):08}",))

    people = [resident(n) for n in range(3000)]
    people += [people[7]._replace(id="twice", id_no="")]
    start = time.perf_counter()
    found = pairs(people, TODAY)
    assert time.perf_counter() - start < 2
    assert [pair[1:3] for pair in found] == [("0007", "twice")]


# -- who counts as whom


def test_a_duplicate_of_a_duplicate_counts_as_the_one_who_is_none():
    assert persons([("c", "b"), ("b", "a")]) == dict.fromkeys("abc", "a")
    assert persons([("a", "b"), ("b", "z")]) == dict.fromkeys("abz", "z")
    assert persons([]) == {}


def test_where_several_or_none_could_stand_for_her_it_is_the_smallest():
    assert persons([("x", "c"), ("x", "b")]) == dict.fromkeys("bcx", "b")
    assert persons([("b", "c"), ("c", "a"), ("a", "b")]) == dict.fromkeys("abc", "a")
    assert persons([("a", "a")]) == {"a": "a"}


LINKS = st.lists(st.tuples(st.sampled_from("abcdefg"), st.sampled_from("abcdefg")), max_size=10)


@given(LINKS, st.randoms())
@quick
def test_who_counts_as_whom_does_not_depend_on_the_order_in_which_links_arrive(links, dice):
    shuffled = dice.sample(links, len(links))
    found = persons(links)
    assert found == persons(shuffled) == persons(links + links)
    groups = [{name} for name in {name for link in links for name in link}]
    for link in links:  # joined by hand
        together = set().union(*(g for g in groups if g & set(link)))
        groups = [g for g in groups if not g & set(link)] + [together]
    assert found.keys() == set().union(*groups)
    for group in groups:
        (survivor,) = {found[name] for name in group}
        free = group - {duplicate for duplicate, same_as in links if duplicate != same_as}
        assert survivor == min(free or group)


def a_link(*claims, void=None):
    edits = [
        LiveEdit(Dot(f"phone{n}", 1), f"2026-11-21T00:0{n}:00.000Z", "", "ana", {"link": claim})
        for n, claim in enumerate(claims)
    ]
    if void:
        edits.append(LiveEdit(Dot("office", 1), "2026-11-21T01:00:00.000Z", "", "lea", {"void": {"reason": void}}))
    return Record("l", "same_person", "b", "v", VersionVector(), tuple(edits))


SAID = {"duplicate": "b", "same_as": "a", "state": "linked", "decided_by": "ana"}


def test_a_link_holds_until_it_is_undone_or_void():
    assert link_of(a_link(SAID)) == Link("l", "b", "a", "linked")
    assert link_of(a_link({**SAID, "state": "undone"})) == Link("l", "b", "a", "undone")
    assert link_of(a_link({**SAID, "state": "of a newer phone"})) == Link("l", "b", "a", "undone")
    assert link_of(a_link(SAID, void="mistake")) is None


def test_two_who_decide_apart_and_differently_leave_two_persons_until_somebody_settles_it():
    assert link_of(a_link(SAID, {**SAID, "state": "undone"})).state == "disputed"
    assert link_of(a_link(SAID, {**SAID, "same_as": "c"})).state == "disputed"
    assert link_of(a_link(SAID, None)).state == "disputed"
    assert link_of(a_link(SAID, {**SAID, "decided_by": "ben"})).state == "linked"


@pytest.mark.parametrize("claim", [None, {}, {"duplicate": "b"}, {**SAID, "same_as": "b"}, {**SAID, "duplicate": 5}])
def test_what_names_no_two_residents_links_nobody(claim):
    assert link_of(a_link(claim)) is None
