"""Worked cases of who is who: names, numbers, the search, who may be registered twice, who counts as whom.

identity.json  number, on -> text, faults, birth_date, sex
               key (hex), number -> resident (the id)
               now_ms, chance (hex) -> id
pinyin.json    name -> syllables, initials, plain (as the search compares it)
search.json    record -> entries (as `sync.search.entries_of`)
               text -> phones
               villagers, queries -> found
likeness.json  residents, on
               pairs (points, first, second, reasons)
               links -> undecided (places in the list of pairs)
links.json     record -> link
               pairs -> persons
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from sync.codec import record_to_wire
from sync.identity import check_digit, new_id, read_id_number, resident_id
from sync.likeness import Resident, pairs, resident_of, undecided
from sync.links import Link, link_of, persons
from sync.pinyin import COMPOUND_SURNAMES, IN_NAMES, SURNAMES, initials, syllables
from sync.record import LiveEdit, Record
from sync.search import entries_of, find, phones, plain
from sync.version import Dot, VersionVector

Case = Mapping[str, Any]
ON = dt.date(2026, 11, 21)
KEY = bytes(range(32))
VILLAGE = "411403101201"


def made() -> Mapping[str, list[Case]]:
    """The files."""
    return {
        "identity.json": [*_numbers(), *_ids()],
        "pinyin.json": [
            {"name": name, "syllables": list(syllables(name)), "initials": initials(name), "plain": plain(name)}
            for name in _names()
        ],
        "search.json": [*_entries(), *({"text": text, "phones": list(phones(text))} for text in TELEPHONES), _search()],
        "likeness.json": _likeness(),
        "links.json": [*_links(), *({"pairs": given, "persons": persons(map(tuple, given))} for given in PAIRS)],
    }


# -- numbers and ids ---------------------------------------------------------------------------------------------------

WANG = "11010519491231002X"
NUMBERS = (
    WANG,
    "11010519491231002x",
    "１１０１０５１９４９１２３１００２ｘ",
    " 110105 19491231 002X\n",
    "110105-19491231-002X",
    "110105－19491231－002X",
    "110105\u300019491231\u00a0002X\x1c\x85",
    "\ufeff11010519491231002X",
    "110105491231002",
    "110105491231001",
    "440524188001010014",
    "110105189610310010",
    "11010518951231001X",
    "110105194912310021",
    "110105194902300027",
    "110105000001010028",
    "110105202611210023",
    "110105202611220020",
    "110105200002290015",
    "110105190002290019",
    "1101051949123100",
    "11010519491231002X1",
    "11010519491231O02X",
    "1101051949123100X2",
    "王" * 18,
    "𠮷" * 9,
    "𠮷" * 18,
    "١" * 18,
    "ß" * 9,
    "无",
    "",
)


def _numbers() -> Iterator[Case]:
    for number in NUMBERS:
        read = read_id_number(number, ON)
        born = read.birth_date and read.birth_date.isoformat()
        told = {"text": read.text, "faults": list(read.faults), "birth_date": born, "sex": read.sex}
        yield {"number": number, "on": ON.isoformat(), **told}


def _ids() -> Iterator[Case]:
    for key, number in itertools.product(
        (KEY, b"k" * 32, b"k" * 100), (WANG, "110105491231002", "１１０１０５194912310011", "王")
    ):
        yield {"key": key.hex(), "number": number, "resident": resident_id(key, number)}
    for now, chance in ((1_763_683_200_000, bytes(10)), (0, b"\xff" * 10), ((1 << 48) - 1, bytes(range(10, 22)))):
        yield {"now_ms": now, "chance": chance.hex(), "id": new_id(now, chance)}


# -- names -------------------------------------------------------------------------------------------------------------


def _names() -> Iterator[str]:
    yield from OTHERS
    for surname in SURNAMES:
        yield surname + "秀兰"
    yield "王" + "".join(SURNAMES)
    for surname in COMPOUND_SURNAMES:
        yield surname + "明"
        yield surname
    for character in IN_NAMES:
        yield "李" + character
    for row in range(0xB0, 0xD8):  # the 3 755 common characters (GB 2312, level 1), a row in a name
        yield "王" + bytes(b for cell in range(0xA1, 0xFF) for b in (row, cell)).decode("gb2312", "ignore")


OTHERS = (
    "",
    "王秀兰",
    "王绣蘭",
    "Wáng Xiùlán",
    "ＷＡＮＧ　芳",
    "吕女",
    "Lü Nǚ",
    "LÜ nv",
    "略",
    "Anna-Maria O'Neil 2",
    "阿依古丽·买买提",
    " ·、 ",
    "王䶮",
    "𠮷田",
    "王𬱟",
    "嗯n",
    "兙兡嗧桛烪瓧瓰瓱瓼甅",
    "龦鿌鿍鿿",
    "単一",
    "豈更",
    "ﾜﾝ ワン",
    "Straße ẞ ſ ĳ ﬁ",
    "İstanbul ıI",
    "Σίσυφος ᾳ ΐ",
    "Жанна Ё",
    "한글",
    "الف",
    "देवी x\u093fy",
    "a\u0308b\u0301u\u0308\u0301",
    "z\u0345\u0308",
    "x²½Ⅳ①٣",
    "a_b.c\u200dd\x1ce\x85f\ufeffg",
    "尉 迟 恭",
    "单于",
    "单",
    "X单于",
)


# -- the search --------------------------------------------------------------------------------------------------------

TELEPHONES = (
    "13800001111",
    "138-0000-1111（儿子）",
    "138 0000 1111 / 0370-6661111",
    "13800001111 13900002222",
    "+8613800001111",
    "8613800001111",
    "86138000011112",
    "862112345678",
    "110, 无",
    "1234567 890123 7654321",
    "１３８　０００　０１１１１",
    "٠١٢٣٤٥٦٧",
    "138\u200000001111\x1c2",
    "",
)
NAMES = (
    *(
        [
            "王秀兰",
            "王秀兰花",
            "汪绣岚",
            "李秀英",
            "向红",
            "吕布",
            "吕秀兰",
            "张伟",
            "张玮",
            "章卫",
            "陈静",
            "陈晶",
            "刘洋",
            "刘阳",
            "柳杨",
            "单秀兰",
            "单于飞",
            "尉迟恭",
            "欧阳修",
            "欧秀",
        ]
    ),
    *(
        [
            "曾国强",
            "仇秀珍",
            "解放军",
            "朴志明",
            "区小花",
            "长孙无忌",
            "长秀兰",
            "查良",
            "覃桂花",
            "赵一",
            "赵二",
            "赵三",
            "钱",
            "孙子兵",
            "周周",
            "吴梅",
            "郑梅",
            "徐志",
            "许志",
        ]
    ),
    *(
        [
            "何秀",
            "贺秀",
            "胡建国",
            "华建国",
            "高翔",
            "郭襄",
            "林黛",
            "凌代",
            "梁山",
            "阿依古丽·买买提",
            "买买提",
            "𠮷田",
            "王𬱟",
            "王䶮",
            "龙龙",
            "Anna\u3000Wang",
            "wang",
        ]
    ),
    "Lü Bu",
    "ＬＩ　Ｍｉｎｇ",
    "王 秀 兰",
    "",
    "秀小欧",
)
QUERIES = (
    *(
        [
            "王秀兰",
            "王秀",
            "秀兰",
            "兰",
            "王",
            "wangxiulan",
            "wang",
            "w",
            "wxl",
            "WXL",
            "ｗｘｌ",
            "xiulan",
            "xiu",
            "xi",
            "x",
            "汪",
            "汪绣",
            "lü",
            "lv",
            "LV",
            "Lü",
            "lb",
            "lvbu",
            "吕",
            "zhangwei",
            "zw",
            "章",
        ]
    ),
    *(
        [
            "chenjing",
            "静",
            "晶",
            "liuyang",
            "ly",
            "柳",
            "shan",
            "shanxiulan",
            "chan",
            "单",
            "单于",
            "cyf",
            "yuchi",
            "尉迟",
            "ouyang",
            "oy",
            "ou",
            "zeng",
            "zenggq",
            "qiu",
            "xie",
            "piao",
            "zhang",
            "zs",
        ]
    ),
    *(
        [
            "anna",
            "annawang",
            "阿依古丽·买买提",
            "阿依",
            "ayglmmt",
            "maimaiti",
            "𠮷",
            "𠮷田",
            "王𬱟",
            "䶮",
            "w䶮",
            "龙",
            "liming",
            "11",
            "111",
            "1111",
            "01111",
            "13800001111",
            "002x",
            "02X",
            "2x",
            "x",
        ]
    ),
    *(
        [
            "11010519491231002X",
            "11010519491231002x",
            "411403195202033344",
            "3344",
            "344",
            "6661111",
            "0370",
            "钱",
            "赵",
            "zhao",
            "z",
            "h",
            "梅",
            "mei",
            "hua",
            "hjg",
            "gx",
            "建国",
        ]
    ),
    "Wang Xiu Lan",
    "王 1111",
    "xiu 1111",
    "秀 王",
    "王 李",
    "wang 秀",
    "  王  ",
    "",
    "　",
    "王\x1c秀",
    "王\ufeff秀",
    "张 伟 zw",
    "ou xiu",
    "411403193405050041",  # the whole number of one of whom the last four are kept
    "511403193405050041",  # of nobody; nothing tells
    "41140319340505004",  # a digit less: the end of no number
    "11403193405050041",  # the first digit less
    "9",
)


def villagers() -> list[Record]:
    """One record for each name; some with telephones, numbers, days of birth."""
    return [_resident(n, name) for n, name in enumerate(NAMES)]


def _resident(n: int, name: str) -> Record:
    body = f"411403{1930 + n}{1 + n % 12:02}{1 + n % 28:02}{n:03}"
    contact = {"phone": (f"1380000{n:04}", f"138-0000-1111 / 0370-666{n:04}", "无")[n % 3]}
    identity = {"name": name, "birth_date": f"{1930 + n}-0{1 + n % 9}-04", "sex": ("female", "male")[n % 2]}
    if n % 4 == 0:
        identity["id_no"] = WANG if n == 0 else body + check_digit(body)
    return _saved(f"0197-{n:02}", {"identity": identity, **({"contact": contact} if n % 5 else {})})


def _saved(name: str, *several: Mapping[str, Any], type_name: str = "resident") -> Record:
    """A record of several edits that have not seen each other, one minute after the other."""
    edits = (
        LiveEdit(Dot(f"phone{n:03}", 1), f"2026-11-21T00:{n:02}:00.000Z", "", "ana", sections)
        for n, sections in enumerate(several)
    )
    return Record(name, type_name, None, VILLAGE, VersionVector(), tuple(edits))


def _search() -> Case:
    entries = [entry for record in villagers() for entry in entries_of(record)]
    kept = [entry._replace(id_tail=entry.id_tail[-4:]) if n % 8 == 4 else entry for n, entry in enumerate(entries)]
    queries = [{"text": text, "limit": limit, "found": find(kept, text, limit)} for text in QUERIES for limit in (8,)]
    queries.append({"text": "", "limit": 100, "found": find(kept, "", 100)})
    return {"villagers": [entry._asdict() for entry in kept], "queries": queries}


def _entries() -> Iterator[Case]:
    name, other = {"name": "王秀蘭", "birth_date": "1949-12-31"}, {"name": "李秀兰", "id_no": "11010519491231002x "}
    told = {"contact": {"phone": "138 0000 1111 / 0370-6661111"}}
    stories = {
        "Whose name is in conflict is found by either": ({"identity": name, **told}, {"identity": other}),
        "Twice the same: found once, in the place of the later": ({"identity": name}, {"identity": other}, {"identity": name}),
        "Entered in error: not found": ({"identity": name}, {"void": {"reason": "duplicate"}}),
        "A void that was taken back": ({"identity": name, "void": None},),
        "Only a telephone": (told,),
        "Nothing at all": (),
        "An emptied name": ({"identity": None},),
        **{
            f"Nonsense in the form: {nonsense}": (
                {"identity": dict.fromkeys(("name", "id_no", "birth_date", "sex"), nonsense)},
            )
            for nonsense in (5, True, [], {}, ["王"])
        },
    }
    for story, edits in stories.items():
        record = _saved("0197", *edits)
        resident = resident_of(record)
        one = resident and {**resident._asdict(), "phones": list(resident.phones)}
        yield {
            "story": story,
            "record": record_to_wire(record),
            "entries": [e._asdict() for e in entries_of(record)],
            "resident": one,
        }


# -- who may be registered twice ---------------------------------------------------------------------------------------


def _likeness() -> list[Case]:
    residents = list(_residents())
    found = pairs(residents, ON)
    links = [
        Link("0197", found[0].second, found[0].first, "linked"),
        Link("0198", found[3].first, found[3].second, "undone"),
        Link("0199", found[5].first, found[5].second, "disputed"),
    ]
    left = undecided(found, links)
    return [
        {"on": ON.isoformat(), "residents": [{**one._asdict(), "phones": list(one.phones)} for one in residents]},
        {"pairs": [list(pair) for pair in found]},
        {"links": [link._asdict() for link in links], "undecided": [found.index(pair) for pair in left]},
    ]


def _residents() -> Iterator[Resident]:
    """王秀兰 in every way that she may have been registered, and others between."""
    wang = Resident("", "王秀兰", "1949-12-31", "female", "", VILLAGE, ("13800001111",))
    changes: list[Mapping[str, Any]] = [
        {},
        *({"name": name} for name in ("王绣蘭", "Wang Xiulan", "王 秀兰", "王兰", "李秀兰", "")),
        *({"birth_date": day} for day in ("1950-12-31", "1948-12-31", "1949-01-01", "1949-10-05", "1949-13-45", "昨天", "")),
        *(
            {"birth_date": day, "name": "吕女"}
            for day in ("1950-03-04", "1950-04-03", "1951-03-04", "1951-04-03", "1950-01-01")
        ),
        *({"id_no": number, "name": "陈静", "birth_date": "", "phones": ()} for number in SLIPS),
        *({"id_no": number} for number in (WANG, "110105194912310046", "110105491231002", "无", "11010519491231003X")),
        *({"sex": sex} for sex in ("male", "unknown", "")),
        *({"village": village, "birth_date": ""} for village in ("411403101202", "")),
        *({"name": "王奶奶", "phones": phones} for phones in (("13900002222", "13800001111"), ("13900002222",), ())),
        {"name": "龙" * 3, "phones": (), "birth_date": "", "sex": ""},
    ]
    for n, change in enumerate(changes):
        yield wang._replace(id=f"0197-{n * 7 % 100:02}", **change)


SLIPS = (
    WANG,
    "11010519491231003X",
    "11010519491213002X",
    "1101051949123102X",
    "110105194912310021",
    "11010519491321002X",
    "110105194912310X2",
    "110501194912310021",
    "12345",
    "123456",
    "123465",
    "1234567",
)


# -- who counts as whom ------------------------------------------------------------------------------------------------

SAID = {"duplicate": "b", "same_as": "a", "state": "linked", "decided_by": "ana"}
PAIRS: tuple[list[list[str]], ...] = (
    [],
    [["c", "b"], ["b", "a"]],
    [["a", "b"], ["b", "z"]],
    [["x", "c"], ["x", "b"]],
    [["b", "c"], ["c", "a"], ["a", "b"]],
    [["a", "a"]],
    [["a", "a"], ["b", "a"]],
    [["a", "b"], ["b", "a"], ["d", "c"]],
    [["e", "d"], ["c", "b"], ["b", "a"], ["d", "a"], ["f", "g"]],
    [["b", "a"], ["b", "a"]],
    [["a", "d"], ["b", "d"], ["c", "d"], ["d", "e"], ["e", "d"]],
)


def _links() -> Iterator[Case]:
    stories: Mapping[str, tuple[Mapping[str, Any], ...]] = {
        "One person": ({"link": SAID},),
        "Two after all": ({"link": {**SAID, "state": "undone"}},),
        "A state of a newer phone": ({"link": {**SAID, "state": "perhaps"}},),
        "Void": ({"link": SAID}, {"void": {"reason": "mistake"}}),
        "A void that was taken back": ({"link": SAID}, {"void": None}),
        "A void taken back later": ({"link": SAID, "void": {}}, {"void": None}),
        "Two decided apart and differently": ({"link": SAID}, {"link": {**SAID, "state": "undone"}}),
        "Two who mean different persons": ({"link": SAID}, {"link": {**SAID, "same_as": "c"}}),
        "Two decided the same": ({"link": SAID}, {"link": {**SAID, "decided_by": "ben"}}),
        "One of two emptied it": ({"link": SAID}, {"link": None}),
        "Emptied": ({"link": None},),
        "Nothing said": ({"link": {}},),
        "Half of it": ({"link": {"duplicate": "b"}},),
        "With themselves": ({"link": {**SAID, "same_as": "b"}},),
        "A number for a person": ({"link": {**SAID, "duplicate": 5}},),
        "Nothing at all": ({"other": {}},),
        "The first again after another": ({"link": SAID}, {"link": {**SAID, "same_as": "c"}}, {"link": SAID}),
    }
    for story, edits in stories.items():
        record = _saved("0197", *edits, type_name="same_person")
        link = link_of(record)
        yield {"story": story, "record": record_to_wire(record), "link": link and link._asdict()}
