"""How a doctor finds somebody: by a name, its sound, its initials, the end of a number, a group."""

import pytest

from sync.pinyin import initials, pinyin
from sync.record import LiveEdit, Record
from sync.search import Entry, entries_of, find, phones
from sync.version import Dot, VersionVector


def entry(id_, name, phone="", id_tail="", birth_date=""):
    return Entry(id_, name, pinyin(name), initials(name), phone, id_tail, birth_date)


VILLAGE = [
    entry("lan", "王秀兰", "13800001111", "11010519491231002X", "1949-12-31"),
    entry("lanhua", "王秀兰花"),
    entry("homophone", "汪绣岚", "13900001111 03706661111"),
    entry("ying", "李秀英", "", "3344"),
    entry("xiang", "向红"),
    entry("lv", "吕布"),
    entry("anna", "Anna Wang"),
]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("王秀兰", ["lan", "lanhua", "homophone"]),
        ("wangxiulan", ["homophone", "lan", "lanhua"]),
        ("Wang Xiu Lan", ["homophone", "lan", "lanhua"]),
        ("王秀", ["lan", "lanhua", "homophone"]),
        ("秀兰", ["lan", "lanhua"]),
        ("xiulan", ["homophone", "lan", "lanhua"]),
        ("wxl", ["homophone", "lan", "lanhua"]),
        ("ＷＸＬ", ["homophone", "lan", "lanhua"]),
        ("1111", ["homophone", "lan"]),
        ("6661111", ["homophone"]),
        ("002x", ["lan"]),
        ("02X", ["lan"]),
        ("11010519491231002x", ["lan"]),
        ("411403195202033344", ["ying"]),  # of whose number the last four are kept
        ("11", []),
        ("xiu 1111", ["homophone", "lan"]),
        ("王 1111", ["lan"]),
        ("王 6661111", []),
        ("西", []),
        ("xi", ["xiang", "ying", "homophone", "lan", "lanhua"]),
        ("lü", ["lv"]),
        ("lv", ["lv"]),
        ("anna", ["anna"]),
        ("wang", ["homophone", "lan", "lanhua", "anna"]),
        ("张", []),
    ],
)
def test_what_is_typed_finds_those_who_are_meant_the_best_fit_first(typed, found):
    assert find(VILLAGE, typed, 50) == found


def test_with_nothing_typed_everyone_is_listed_by_the_sound_of_the_name_up_to_the_limit():
    assert find(VILLAGE, "  ", 50) == ["anna", "ying", "lv", "homophone", "lan", "lanhua", "xiang"]
    assert find(VILLAGE, "", 2) == ["anna", "ying"]
    assert find(VILLAGE, "wxl", 1) == ["homophone"]


def test_telephone_numbers_are_found_in_what_people_write():
    assert phones("13800001111") == ("13800001111",)
    assert phones("138-0000-1111（儿子）") == ("13800001111",)
    assert phones("138 0000 1111 / 0370-6661111") == ("13800001111", "03706661111")
    assert phones("13800001111 13900002222") == ("13800001111", "13900002222")
    assert phones("+8613800001111") == ("13800001111",)
    assert phones("110, 无") == ()


# -- what is kept of a record


def record(*parts, type_name="resident"):
    edits = tuple(
        LiveEdit(Dot(f"phone{n}", 1), f"2026-11-21T00:0{n}:00.000Z", "", "ana", sections) for n, sections in enumerate(parts)
    )
    return Record("r", type_name, "r", "v", VersionVector(), edits)


def test_who_is_in_conflict_is_found_by_either_name_the_shown_one_last():
    old = {"identity": {"name": "王秀蘭", "birth_date": "1949-12-31"}, "contact": {"phone": "138 0000 1111"}}
    new = {"identity": {"name": "李秀兰", "id_no": "11010519491231002x "}}
    first, second = entries_of(record(old, new))
    assert first == Entry("r", "王秀蘭", "wangxiulan", "wxl", "13800001111", "", "1949-12-31")
    assert second == Entry("r", "李秀兰", "lixiulan", "lxl", "13800001111", "11010519491231002X", "")
    assert find(entries_of(record(old, new)), "xiulan", 50) == ["r"]


def test_a_record_entered_in_error_is_not_found_and_one_without_a_name_is():
    assert entries_of(record({"identity": {"name": "王秀兰"}, "void": {"reason": "duplicate"}})) == []
    assert find(entries_of(record({"contact": {"phone": "13800001111"}})), "1111", 9) == ["r"]


@pytest.mark.parametrize("nonsense", [None, 5, [], {}, ["王"], True])
def test_nonsense_in_a_form_hides_nobody(nonsense):
    broken = {
        "identity": {"name": nonsense, "id_no": nonsense, "birth_date": nonsense},
        "contact": {"phone": nonsense},
    }
    assert find(entries_of(record(broken)), "", 9) == ["r"]
