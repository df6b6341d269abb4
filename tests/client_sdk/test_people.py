"""Finding people on a phone, and one person who was registered twice."""

import json
import time

import pytest
from click.testing import CliRunner

from client_sdk import Client, LinkError, NoSuchRecordError, ScopeError
from client_sdk.commands import field
from client_sdk.exchange import Held
from sync.identity import resident_id
from tests.client_sdk.conftest import PIN, Clock
from tests.client_sdk.peer import Line, Peer, a_record, changed_by
from tests.village import ANA, BEN, VILLAGE

BP = {"vitals": {"systolic_mmhg": 152, "diastolic_mmhg": 94}}
ID_NO = "11010519491231002X"


def resident(name, **parts):
    contact = {"contact": {"phone": parts.pop("phone")}} if "phone" in parts else {}
    return {"identity": {"name": name, **parts}, **contact}


def register(disease, **status):
    opened = {"registration": {"disease": disease, "opened_on": "2020-05-01"}}
    return {**opened, "status": {"status": "closed" if status else "managed", **status}}


def names(found):
    return [view.sections["identity"]["name"] for view in found]


# -- search


def test_a_resident_is_found_before_and_after_the_first_sync_by_whatever_is_remembered(phone):
    phone.create("resident", resident("王秀兰", id_no=ID_NO, phone="13800001111"))
    phone.create("resident", resident("李国强"))

    def everyway():
        return [
            names(phone.search(text)) for text in ("王秀兰", "汪绣岚", "wangxiulan", "wxl", "秀兰", "1111", "02x", "nobody")
        ]

    waiting = everyway()
    assert waiting == [["王秀兰"]] * 7 + [[]]
    assert phone.sync().complete
    assert everyway() == waiting
    assert names(phone.search()) == ["李国强", "王秀兰"]
    assert names(phone.search(limit=1)) == ["李国强"]


def test_a_new_name_is_found_at_once_and_the_old_one_no_more(phone):
    who = phone.create("resident", resident("王秀兰"))
    phone.sync()
    phone.edit(who, {"identity": {"name": "李秀英"}})
    for _ in range(2):
        assert (names(phone.search("lxy")), phone.search("wxl")) == (["李秀英"], [])
        phone.sync()


def test_who_is_in_conflict_is_found_by_either_name_once(phone, peer):
    who = phone.create("resident", resident("王秀兰"))
    phone.sync()
    phone.edit(who, {"identity": {"name": "李秀兰"}})
    changed_by(peer, who, "colleague1", 1, {"identity": {"name": "陈秀兰"}}, context={"actor0001": 1})
    phone.sync()
    for text in ("lixiulan", "陈秀兰", "秀兰"):
        (view,) = phone.search(text)
        assert "identity" in view.conflicts


def test_a_record_entered_in_error_is_not_found(phone):
    who = phone.create("resident", resident("王秀兰"))
    phone.sync()
    phone.void(who, "test")
    assert phone.search("wxl") == []
    phone.sync()
    assert phone.search("wxl") == []


def test_who_left_the_village_is_no_longer_found(phone, peer):
    who = phone.create("resident", resident("王秀兰"))
    phone.sync()
    peer.move(who, "elsewhere")
    phone.sync()
    assert phone.search() == []


def test_groups_are_flags_in_force_diseases_under_management_and_age(phone):
    wang = phone.create("resident", {**resident("王秀兰", birth_date="1949-12-31"), "flags/disabled": {"from": "2020-01-01"}})
    li = phone.create("resident", {**resident("李国强"), "flags/disabled": {"from": "2020-01-01", "to": "2026-11-21"}})
    diabetes = phone.create("chronic_register", register("diabetes"), subject=li)
    phone.create("chronic_register", register("copd", closed_on="2021-01-01"), subject=wang)

    def members():
        return {g: names(phone.search(group=g)) for g in ("disabled", "elder_65", "diabetes", "copd", "nonsense")}

    expected = {"disabled": ["王秀兰"], "elder_65": ["王秀兰"], "diabetes": ["李国强"], "copd": [], "nonsense": []}
    assert members() == expected
    phone.sync()
    assert members() == expected
    assert phone.search("wxl", "diabetes") == []
    phone.edit(diabetes, {"status": {"status": "closed", "closed_on": "2026-11-01"}})
    assert phone.search(group="diabetes") == []


def test_in_a_village_of_three_thousand_the_answer_is_there_while_one_types(phone):
    surnames, given = "王李张刘陈杨赵黄周吴", "秀兰英华芳军伟平红玉梅建国志明桂"

    def held(n):
        name = surnames[n % 10] + given[n // 10 % 16] + given[n // 160 % 16]
        return Held(a_record(f"r{n:05}", resident(name, phone=f"138{n:08}"), type_name="resident"), ())

    phone._store.put([held(n) for n in range(3000)])
    start = time.perf_counter()
    found = [phone.search(text, limit=20) for text in ("wxl", "王秀兰", "2999", "xiulan")]
    assert time.perf_counter() - start < 2
    assert [len(some) for some in found] == [4, 2, 1, 20]  # 王秀兰 and 吴秀兰, two of each
    (plan,) = phone._store.vault.rows(
        "EXPLAIN QUERY PLAN SELECT record, subject, scope, card FROM base WHERE type = 'resident' AND card IS NOT NULL ORDER BY record"
    )
    assert "COVERING INDEX base_card" in plan[-1], "records would be read, and sorted"


# -- one person, registered twice


def test_a_wrong_link_is_refused_and_nothing_is_kept(phone):
    wang, visit = phone.create("resident", resident("王秀兰")), phone.create("hypertension_visit", BP)
    before = phone.outbox()
    with pytest.raises(LinkError, match="own duplicate"):
        phone.link(wang, wang)
    for pair in ((wang, visit), ("01970000-0000-7000-8000-000000000000", wang)):
        with pytest.raises(NoSuchRecordError):
            phone.link(*pair)
    assert phone.outbox() == before


def test_a_link_belongs_where_the_duplicate_is_and_needs_the_right_to_write_there(path):
    peer = Peer("v1", "v2")
    with Client.enrol("http://peer", "good", path, pin=PIN, transport=Line(peer), now=Clock()) as phone:
        here = phone.create("resident", resident("王秀兰"), scope="v1")
        there = phone.create("resident", resident("王绣兰"), scope="v2")
        phone.sync()
        peer.scopes["v2"] = False
        phone.sync()
        with pytest.raises(ScopeError):
            phone.link(there, here)
        assert phone.link(here, there).scope == "v1"


def test_linking_twice_is_one_link_and_unlinking_twice_is_one_undoing(phone):
    one, other = (phone.create("resident", resident(name)) for name in ("王秀兰", "王绣兰"))
    link = phone.link(one, other, "the same door")
    assert phone.link(one, other).id == phone.link(other, one).id == link.id
    assert link.sections["link"] == {
        "duplicate": one, "same_as": other, "state": "linked", "reason": "the same door",
        "decided_by": "p-li", "decided_on": "2026-11-21",
    }  # fmt: skip
    assert not link.issues
    assert [view.id for view in phone.unlink(other, one)] == [view.id for view in phone.unlink(one, other)] == [link.id]
    assert len(phone.outbox()) == 4
    assert phone.link(one, other).id == link.id
    assert phone.persons() == dict.fromkeys((one, other), other)


def test_who_was_looked_at_and_found_to_be_two_is_not_asked_about_again(phone):
    one, other = (phone.create("resident", resident(name, birth_date="1949-12-31")) for name in ("王秀兰", "王绣兰"))
    (pair,) = phone.candidates()
    assert {pair.first, pair.second} == {one, other}
    phone.unlink(one, other, "twins")
    assert phone.candidates() == []
    assert phone.persons() == {}


def test_three_records_of_one_person_count_as_one_over_two_links(phone):
    first, second, third = (phone.create("resident", resident("王秀兰", birth_date="1949-12-31")) for _ in range(3))
    assert len(phone.candidates()) == 3
    phone.link(third, second)
    phone.link(second, first)
    assert phone.persons() == dict.fromkeys((first, second, third), first)
    assert phone.candidates() == []
    with pytest.raises(LinkError, match=second):
        phone.unlink(third, first)
    phone.unlink(second, first)
    assert phone.persons() == dict.fromkeys((second, third), second)


def test_a_void_link_links_nobody(phone):
    one, other = (phone.create("resident", resident("王秀兰")) for _ in range(2))
    link = phone.link(one, other)
    phone.sync()
    phone.void(link.id, "mistake")
    assert phone.persons() == {}
    assert phone.link(one, other).id != link.id


def test_on_the_command_line(phone, path):
    one, other = (
        phone.create("resident", resident(n, birth_date="1949-12-31", phone="13800001111")) for n in ("王秀兰", "王绣兰")
    )

    def cunyi(*words, exit_status=0):
        done = CliRunner().invoke(field, words, env={"CUNYI_PHONE": str(path), "CUNYI_PIN": PIN})
        assert done.exit_code == exit_status, done.output
        return done.output

    assert [line.split()[2] for line in cunyi("find", "wxl").splitlines()] == ["王秀兰", "王绣兰"]
    assert len(json.loads(cunyi("find", "1111", "--group", "elder_65", "--limit", "1", "--json"))) == 1
    told = cunyi("candidates")
    assert "same_sound, same_birth_date, same_phone, same_village" in told
    assert "王绣兰" in told
    assert json.loads(cunyi("candidates", "--json"))[0]["points"] > 50
    assert "linked" in cunyi("link", one, other, "--reason", "the same door")
    assert cunyi("persons") == f"{one}  counts as  {other}\n"
    assert "undone" in cunyi("unlink", one, other)
    assert (cunyi("persons"), cunyi("candidates")) == ("", "")
    assert "no resident" in cunyi("link", one, "nobody", exit_status=2)
    assert "own duplicate" in cunyi("link", one, one, exit_status=2)


# -- two phones and the real server


def test_two_doctors_who_register_one_identity_number_apart_have_one_record(village):
    ana, ben = village.phone(ANA), village.phone(BEN)
    first = ana.create("resident", resident("王秀兰", id_no=ID_NO))
    second = ben.create("resident", resident("王绣兰", id_no="11010519491231002x"))
    village.meet()
    assert first == second
    assert first == resident_id(bytes.fromhex(ana._store.account().identity_key), ID_NO)
    for phone in (ana, ben):
        (view,) = phone.search("wxl")
        assert {claim.value["name"] for claim in view.conflicts["identity"]} == {"王秀兰", "王绣兰"}
        assert phone.candidates() == []
    assert village.faults() == []


def test_a_woman_without_a_number_registered_twice_is_linked_on_one_phone_and_taken_apart_on_the_other(village):
    ana, ben = village.phone(ANA), village.phone(BEN)
    hers = ana.create("resident", resident("王秀兰", birth_date="1949-12-31", sex="female"))
    again = ben.create("resident", resident("王绣蘭", birth_date="1949-12-31", sex="female"))
    ana.create("hypertension_visit", BP, subject=hers)
    ben.create("hypertension_visit", BP, subject=again)
    village.meet()
    clinical, kept = village.records(), [p._store.hashes(VILLAGE) for p in (ana, ben)]
    for phone in (ana, ben):
        (pair,) = phone.candidates()
        assert {pair.first, pair.second} == {hers, again}
        assert pair.reasons == ("same_sound", "same_birth_date", "same_village")

    link = ben.link(again, hers, "her daughter says so")
    assert ben.persons() == dict.fromkeys((hers, again), hers)
    village.meet()
    for phone in (ana, ben):
        assert phone.persons() == dict.fromkeys((hers, again), hers)
        assert phone.candidates() == []
        assert names(phone.search("wxl")) == ["王秀兰", "王绣蘭"]
    assert village.records("same_person") == clinical

    ana.unlink(again, hers, "two sisters-in-law")
    village.meet()
    assert ana.persons() == ben.persons() == {}
    assert ben.get(link.id).sections["link"]["reason"] == "two sisters-in-law"
    assert village.records("same_person") == clinical
    for phone, before in zip((ana, ben), kept, strict=True):
        assert phone._store.hashes(VILLAGE).items() - before.items() == {(link.id, phone._store.hashes(VILLAGE)[link.id])}
    assert village.faults() == []


def test_what_two_doctors_decide_apart_and_differently_holds_only_when_one_has_settled_it(village):
    ana, ben = village.phone(ANA), village.phone(BEN)
    hers, again = (ana.create("resident", resident(name)) for name in ("王秀兰", "王绣兰"))
    link = ana.link(again, hers)
    village.meet()
    ana.unlink(again, hers)
    ben.edit(link.id, {"link": {**link.sections["link"], "reason": "I asked her"}})
    village.meet()
    assert ana.persons() == ben.persons() == {}
    assert [view.id for view in ana.conflicts()] == [link.id]
    ben.link(again, hers)
    village.meet()
    assert ana.conflicts() == []
    assert ana.persons() == dict.fromkeys((hers, again), hers)


def test_two_doctors_who_link_the_same_two_apart_undo_both_links_at_once(village):
    ana, ben = village.phone(ANA), village.phone(BEN)
    hers, again = (ana.create("resident", resident(name)) for name in ("王秀兰", "王绣兰"))
    village.meet()
    assert ana.link(again, hers).id != ben.link(hers, again).id
    village.meet()
    assert ana.persons() == ben.persons() == dict.fromkeys((hers, again), min(hers, again))
    assert len(ana.unlink(again, hers)) == 2
    village.meet()
    assert ben.persons() == {}
