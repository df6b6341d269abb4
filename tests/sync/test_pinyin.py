"""Names as they sound: what a doctor hears or types finds the person, however the name was written."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.pinyin import COMPOUND_SURNAMES, SURNAMES, initials, pinyin, syllables
from sync.pinyin_table import SHA256, TABLE
from tests.sync.forms import quick

AS_SURNAMES = {
    "shan": "单", "xie": "解", "qiu": "仇", "zha": "查", "zeng": "曾", "ou": "区", "piao": "朴", "ge": "盖", "hua": "华",
    "ren": "任", "miao": "缪", "zhai": "翟祭", "qin": "覃", "yue": "乐", "yan": "燕", "na": "那", "xian": "洗冼", "shao": "召",
    "chong": "种", "sheng": "盛", "yun": "员", "po": "繁", "she": "折佘", "mou": "牟", "bi": "秘", "pang": "逄", "bu": "卜",
    "bo": "薄", "du": "都杜", "kan": "阚", "gou": "句", "nie": "乜聂", "mi": "宓", "hei": "黑", "lv": "吕", "shen": "沈", "jia": "贾",
}  # fmt: skip


def test_wang_xiulan_is_found_by_what_is_typed_for_her():
    assert syllables("王秀兰") == ("wang", "xiu", "lan")
    assert (pinyin("王秀兰"), initials("王秀兰")) == ("wangxiulan", "wxl")


@pytest.mark.parametrize(("sound", "surname"), [(sound, s) for sound, several in AS_SURNAMES.items() for s in several])
def test_a_surname_is_read_as_those_who_bear_it_read_it(sound, surname):
    assert syllables(f"{surname}秀兰") == (sound, "xiu", "lan")


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("尉迟恭", "yu chi gong"),
        ("尉迟", "wei chi"),  # a surname of one character and a name of one
        ("长孙无忌", "zhang sun wu ji"),
        ("万俟卨", "mo qi xie"),
        ("单于飞", "chan yu fei"),
        ("澹台明", "tan tai ming"),
        ("欧阳修", "ou yang xiu"),
    ],
)
def test_a_surname_of_two_characters_is_read_as_one(name, read):
    assert " ".join(syllables(name)) == read


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("王解", "wang jie"),
        ("李单", "li dan"),
        ("张乐", "zhang le"),
        ("刘长生", "liu chang sheng"),
        ("李晟", "li sheng"),
        ("陈玉琢", "chen yu zhuo"),
        ("马都", "ma du"),
    ],
)
def test_within_a_name_a_character_has_its_usual_reading(name, read):
    assert " ".join(syllables(name)) == read


def test_homophones_sound_alike_and_others_do_not():
    assert pinyin("王秀兰") == pinyin("王绣蘭") == pinyin("汪秀岚") == pinyin("Wáng Xiùlán")
    assert pinyin("王秀兰") != pinyin("王秀英")


def test_u_with_two_dots_is_typed_v():
    assert pinyin("吕女") == pinyin("Lü Nǚ") == pinyin("LÜ nv") == "lvnv"
    assert pinyin("略") == "lve"


def test_names_that_are_not_chinese_pass_in_lower_case():
    assert syllables("Anna-Maria O'Neil 2") == ("anna", "maria", "o", "neil", "2")
    assert syllables("阿依古丽·买买提") == ("a", "yi", "gu", "li", "mai", "mai", "ti")
    assert syllables("ＷＡＮＧ　芳") == ("wang", "fang")
    assert syllables(" ·、 ") == ()


def test_a_character_that_nobody_has_a_reading_of_stands_for_itself():
    assert syllables("王䶮") == ("wang", "䶮")
    assert initials("王䶮") == "w䶮"


@given(st.text(max_size=12))
@quick
def test_whatever_is_typed_into_the_field_has_a_sound(name):
    assert pinyin(name) == "".join(syllables(name))
    assert len(initials(name)) == len(syllables(name))
    assert all(syllables(name))


def test_the_table_is_the_one_that_was_made_and_has_each_character_once():
    assert hashlib.sha256(TABLE.encode()).hexdigest() == SHA256
    lines = [line.split(" ") for line in TABLE.splitlines()]
    assert all(re.fullmatch("[a-z]{1,6}", syllable) for syllable, _ in lines)
    characters = "".join(several for _, several in lines)
    assert len(set(characters)) == len(characters) > 20_900
    assert all("\u4e00" <= c <= "\u9fff" for c in characters)


def test_an_exception_says_something_that_the_table_does_not():
    assert all(pinyin(f"王{surname}") != "wang" + read for surname, read in SURNAMES.items())
    assert all(pinyin(surname) != "".join(read) for surname, read in COMPOUND_SURNAMES.items())
