"""Rosters come as they come: every encoding and form that offices use, wrong rows among good ones, twice and once more."""

import csv
import datetime as dt
import io
import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine

from server import imports
from server.access import Caller
from server.config import Config
from server.exchange import Exchange
from server.imports.residents import keyed_id
from server.imports.sheet import day
from server.store import devices, directory
from server.store.deployment import establish
from server.store.engine import reading, retried
from server.store.feed import changes
from server.store.scope import living, living_about
from server.store.verify import verify
from sync.codec import stamp
from sync.identity import check_digit, resident_id
from sync.record import Edit, shown
from sync.types import CATALOGUE
from sync.version import Dot, VersionVector

NOON = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)
VILLAGE, OTHER = "411499101201", "411499101202"
AREAS = [{"code": "411499", "name": "云河县"}, {"code": "411499101", "name": "青石镇"}]
VILLAGES = [{"code": VILLAGE, "name": "柳树村"}, {"code": OTHER, "name": "石桥村"}]
TITLES = ("姓名", "性别", "出生日期", "身份证号", "村代码", "户编号", "与户主关系", "现住址", "本人电话", "民族")


def number(born: str, serial: int) -> str:
    body = f"411499{born}{serial:03}"
    return body + check_digit(body)


WANG, LI = number("19560304", 12), number("19600105", 31)
BASIC = [
    ("王秀英", "女", "1956-03-04", WANG, VILLAGE, "H1", "户主", "柳树村1号", "12000000001", "汉族"),
    ("李国强", "男", "1960-01-05", LI, VILLAGE, "H1", "配偶", "柳树村1号", "12000000002", "回族"),
]


class Office:
    """A server of one township with two villages."""

    def __init__(self, config: Config, engine: Engine, folder: Path) -> None:
        self.config, self.engine, self.folder, self.now = config, engine, folder, NOON
        retried(self.engine, lambda c: directory.put_areas(c, [*AREAS, *VILLAGES]))
        self.exchange = Exchange(self.engine, CATALOGUE, self.config, lambda: self.now)

    def take(self, path: Path, kind: str = "residents") -> imports.Result:
        return imports.take(kind, path, self.engine, self.exchange, self.config, self.now)

    def csv(self, rows: list[Any], titles: Any = TITLES, encoding: str = "utf-8", separator: str = ",") -> Path:
        out = io.StringIO()
        csv.writer(out, delimiter=separator).writerows([titles, *rows])
        path = self.folder / "roster.csv"
        path.write_bytes(out.getvalue().encode(encoding))
        return path

    def excel(self, rows: list[Any], titles: Any = TITLES) -> Path:
        book = Workbook()
        for row in [titles, *rows]:
            book.active.append(row)
        path = self.folder / "roster.xlsx"
        book.save(path)
        return path

    def residents(self, rows: list[Any]) -> imports.Result:
        return self.take(self.csv(rows))

    def resident(self, id_no: str) -> dict[str, Any]:
        return self.record(resident_id(self.config.identity_key, id_no))

    def record(self, record: str) -> dict[str, Any]:
        with reading(self.engine) as connection:
            return dict(shown(living(connection, [record])[record].record))

    def entries(self) -> int:
        """How long the log is; and it is whole."""
        with reading(self.engine) as connection:
            found = verify(connection)
        assert found.faults == []
        return found.entries

    def doctor(self, record: str, context: VersionVector | None = None, **sections: Any) -> None:
        """A village doctor changes a record on a phone, having seen it as it is now, or as `context` says."""
        if not hasattr(self, "caller"):
            retried(self.engine, self._enrol)
        with reading(self.engine) as connection:
            kept = living(connection, [record])[record].record
        counter = devices.reserve_counters(self.engine, "doctor000001", 1)
        seen = kept.seen if context is None else context
        edit = Edit(
            record, kept.type, record, kept.scope, Dot("doctor000001", counter), seen, stamp(self.now), "p-wang", sections
        )
        assert self.exchange.write([edit], self.caller)[0]["status"] in ("accepted", "merged", "conflict")

    def _enrol(self, connection: Any) -> None:
        person = {
            "id": "p-wang",
            "name": "王秀兰",
            "role": "village_doctor",
            "organisation": None,
            "area": None,
            "active": True,
        }
        directory.put_people(connection, [person])
        directory.put_workplaces(connection, "p-wang", [VILLAGE])
        devices.add_device(connection, {"id": "d1", "person": "p-wang", "name": "phone", "public_key": "", "at": stamp(NOON)})
        devices.add_actor(connection, "d1", "doctor000001", lambda _: "n", stamp(NOON))
        self.caller = Caller("d1", "doctor000001", "p-wang", "王秀兰", "village_doctor", False, {VILLAGE: True})


@pytest.fixture
def office(config: Config, engine: Engine, tmp_path: Path) -> Office:
    return Office(config, engine, tmp_path)


def counts(result: imports.Result) -> tuple[int, int, int, int]:
    told = result.as_json()
    return told["taken"], told["changed"], told["unchanged"], told["refused"]


def reasons(result: imports.Result) -> dict[int, list[str]]:
    return {row["row"]: [remark["reason"] for remark in row["remarks"]] for row in result.as_json()["rows"]}


# -- files -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_roster_is_read_in_every_encoding_and_with_every_separator(office: Office, encoding: str, separator: str) -> None:
    result = office.take(office.csv(BASIC, encoding=encoding, separator=separator))
    assert counts(result) == (2, 0, 0, 0)
    assert result.unused == []
    assert office.resident(WANG)["identity"] == {
        "name": "王秀英",
        "sex": "female",
        "birth_date": "1956-03-04",
        "id_type": "resident_id_card",
        "id_no": WANG,
    }
    assert office.resident(LI)["demographics"] == {"ethnicity": "minority", "ethnicity_name": "回族"}
    assert office.resident(LI)["household"]["relation_to_head"] == "spouse"
    assert office.resident(LI)["contact"] == {"phone": "12000000002"}


def test_an_excel_roster_has_dates_and_numbers_of_its_own_kind(office: Office) -> None:
    rows = [
        ("王秀英", "女", dt.datetime(1956, 3, 4), WANG, int(VILLAGE), 7, "户主", "柳树村1号", 12000000001, None),  # noqa: DTZ001
        ("李国强", "男", 21920, LI, VILLAGE, 7.0, "配偶", "柳树村1号", 12000000002.0, None),
        ("张明", "男", "1970-01-01", int(number("19700101", 11)), VILLAGE, 8, "户主", "", "", None),
    ]
    result = office.take(office.excel(rows))
    assert reasons(result) == {4: ["id_lost_digits"]}
    assert office.resident(WANG)["contact"] == {"phone": "12000000001"}
    assert office.resident(LI)["identity"]["birth_date"] == "1960-01-05"
    assert office.resident(WANG)["household"]["household"] == office.resident(LI)["household"]["household"]


def test_titles_may_be_english_and_stand_below_a_heading(office: Office) -> None:
    titles = ("name", "sex", "birth date", "ID number", "Village code", "remark")
    path = office.excel([titles, ("王秀英", "Female", "1956/3/4", WANG, VILLAGE, "x")], ("Roster of 2026",))
    result = office.take(path)
    assert counts(result) == (1, 0, 0, 0)
    assert result.unused == ["remark"]
    assert "remark" in result.as_text()


@pytest.mark.parametrize("text", ["1956-03-04", "1956/3/4", "1956.3.4", "19560304", "1956年3月4日", "1956-03-04 00:00:00", "１９５６－０３－０４", "20518"])  # fmt: skip
def test_a_day_is_written_in_many_ways(text: str) -> None:
    assert day(text) == dt.date(1956, 3, 4)


@pytest.mark.parametrize("text", ["", "1956", "1956-13-04", "1956-02-30", "4/3/1956", "很久以前"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert day(text) is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "No row with the titles"),
        ("甲,乙\r\n1,2".encode(), "姓名"),
        (b"\xd0\xcf\x11\xe0rest", "xlsx"),
        (b"PK\x03\x04broken", "cannot be read"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(office: Office, data: bytes, words: str) -> None:
    path = office.folder / "roster.csv"
    path.write_bytes(data)
    with pytest.raises(imports.UnreadableError, match=words):
        office.take(path)


# -- residents ---------------------------------------------------------------------------------------------------------


def test_a_number_in_full_width_or_with_a_small_x_names_the_same_person(office: Office) -> None:
    with_x = next(n for serial in range(11, 999, 2) if (n := number("19700101", serial)).endswith("X"))
    wide = WANG.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    rows = [("王秀英", "女", "", wide, VILLAGE), ("张明", "男", "１９７０－１－１", with_x.lower(), VILLAGE)]
    assert counts(office.residents(rows)) == (2, 0, 0, 0)
    assert office.resident(WANG)["identity"]["id_no"] == WANG
    assert office.resident(WANG)["identity"]["birth_date"] == "1956-03-04"
    assert office.resident(with_x)["identity"]["id_no"] == with_x


def test_wrong_rows_are_told_and_the_others_taken(office: Office) -> None:
    rows = [
        BASIC[0],
        ("", "女", "1956-03-04", number("19560304", 22), VILLAGE),
        ("赵一", "女", "1956-03-04", WANG[:-1] + ("1" if WANG[-1] != "1" else "2"), VILLAGE),
        ("赵二", "女", "1956-03-04", "4114991956", VILLAGE),
        ("赵三", "女", "去年", number("19560304", 24), VILLAGE),
        ("赵四", "女", "1956-03-04", number("19560304", 26), "411499101299"),
        ("赵五", "女", "1956-03-04", number("19560304", 28), ""),
        ("赵六", "也许", "1956-03-04", number("19560304", 30), VILLAGE),
        ("赵七", "女", "", "", VILLAGE),
        ("赵八", "", "1956-03-04", "", VILLAGE),
        ("赵九", "女", "2027-01-01", "", VILLAGE),
        ("王秀英", "女", "1956-03-04", WANG, VILLAGE),
        ("赵" * 60, "女", "1956-03-04", number("19560304", 32), VILLAGE),
        BASIC[1],
    ]
    result = office.residents(rows)
    assert counts(result) == (2, 0, 0, 12)
    assert reasons(result) == {
        3: ["missing"],
        4: ["id_fault"],
        5: ["id_fault"],
        6: ["not_a_day"],
        7: ["no_village"],
        8: ["missing"],
        9: ["unknown_word"],
        10: ["missing"],
        11: ["missing"],
        12: ["in_future"],
        13: ["id_twice"],
        14: ["unfit"],
    }
    assert result.refused == 12
    assert "row 4: refused: 赵一: the identity number is wrong" in result.as_text()
    assert "校验码不符" in result.as_text()
    table = list(csv.reader(io.StringIO(result.as_csv())))
    assert len(table) == 1 + len(rows)
    assert table[3][0] == "4"
    json.dumps(result.as_json())


def test_what_is_odd_is_taken_with_a_remark(office: Office) -> None:
    rows = [("王秀英", "男", "1956-03-05", WANG, VILLAGE, "H1", "户主", "", "", "火星人")]
    result = office.residents(rows)
    assert counts(result) == (1, 0, 0, 0)
    assert reasons(result) == {2: ["unknown_word", "birth_disagrees", "sex_disagrees"]}
    assert office.resident(WANG)["identity"]["sex"] == "male"


def test_numbers_that_differ_from_system_to_system_are_not_guessed_at(office: Office) -> None:
    titles = ("姓名", "性别", "身份证号", "村代码", "RH血型", "与户主关系", "医疗费用支付方式")
    row = ("王秀英", "2", WANG, VILLAGE, "1", "10", "新农合、贫困救助")
    result = office.take(office.csv([row], titles))
    assert reasons(result) == {2: ["unknown_word"]}
    resident = office.resident(WANG)
    assert resident["demographics"] == {"payment": ["rural_cooperative", "poverty_aid"]}
    assert (resident["identity"]["sex"], resident["household"]["relation_to_head"]) == ("female", "spouse")


def test_the_same_file_again_writes_nothing(office: Office) -> None:
    office.residents([*BASIC, ("小宝", "男", "2026-10-01", "", VILLAGE, "H1", "孙子")])
    before = office.entries()
    assert before == 4
    office.now += dt.timedelta(days=3)
    assert counts(office.residents([*BASIC, ("小宝", "男", "2026-10-01", "", VILLAGE, "H1", "孙子")])) == (0, 0, 3, 0)
    assert office.entries() == before


def test_a_changed_row_writes_only_its_section_and_keeps_another_doctors_field(office: Office) -> None:
    office.residents(BASIC)
    who = resident_id(office.config.identity_key, WANG)
    office.doctor(who, contact={"phone": "12000000001", "contact_name": "王大勇"})
    before = office.entries()
    changed = [(*BASIC[0][:8], "12000000009", BASIC[0][9]), BASIC[1]]
    result = office.residents(changed)
    assert counts(result) == (0, 1, 1, 0)
    assert office.entries() == before + 1
    assert office.record(who)["contact"] == {"phone": "12000000009", "contact_name": "王大勇"}
    with reading(office.engine) as connection:
        kept = living(connection, [who])[who]
    assert [set(edit.sections) for edit in kept.record.edits if edit.dot.counter > 3] == [{"contact"}]


def test_an_old_file_does_not_undo_what_a_doctor_has_corrected_since(office: Office) -> None:
    office.residents(BASIC)
    who = resident_id(office.config.identity_key, WANG)
    office.doctor(who, contact={"phone": "12000000077"})
    before = office.entries()
    result = office.residents(BASIC)
    assert counts(result) == (0, 0, 2, 0)
    assert reasons(result) == {2: ["kept"]}
    assert office.entries() == before
    assert office.record(who)["contact"] == {"phone": "12000000077"}


def test_a_section_in_conflict_is_left_to_a_person(office: Office) -> None:
    office.residents(BASIC)
    who = resident_id(office.config.identity_key, WANG)
    office.doctor(who, VersionVector(), residence={"address": "柳树村9号"})
    moved = [(*BASIC[0][:7], "柳树村5号", *BASIC[0][8:])]
    result = office.residents(moved)
    assert reasons(result) == {2: ["in_conflict"]}
    with reading(office.engine) as connection:
        assert living(connection, [who])[who].conflict


def test_someone_of_another_village_is_told_and_not_moved(office: Office) -> None:
    office.residents(BASIC)
    before = office.entries()
    result = office.residents([(*BASIC[0][:4], OTHER, *BASIC[0][5:])])
    assert reasons(result) == {2: ["elsewhere"]}
    assert VILLAGE in result.as_text()
    assert office.entries() == before


def test_a_record_entered_in_error_is_not_written_again(office: Office) -> None:
    office.residents(BASIC)
    office.doctor(resident_id(office.config.identity_key, WANG), void={"reason": "duplicate"})
    result = office.residents(BASIC)
    assert counts(result) == (0, 0, 1, 1)
    assert reasons(result) == {2: ["voided"]}


def test_a_person_without_a_number_has_an_id_that_stays_and_a_reason(office: Office) -> None:
    baby = ("小宝", "男", "2026-10-01", "", VILLAGE, "H1", "孙子")
    assert counts(office.residents([baby])) == (1, 0, 0, 0)
    assert counts(office.residents([baby])) == (0, 0, 1, 0)
    late = number("20261001", 11)
    result = office.residents([("小宝", "男", "2026-10-01", late, VILLAGE, "H1", "孙子")])
    assert reasons(result) == {2: ["numberless"]}
    twins = office.residents([("小花", "女", "2026-10-01", "", VILLAGE, "H2"), ("小花", "女", "2026-10-01", "", VILLAGE, "H2")])
    assert reasons(twins) == {3: ["twice"]}
    in_file = [
        ("小红", "女", "2020-10-01", number("20201001", 12), VILLAGE, "H3"),
        ("小红", "女", "2020-10-01", "", VILLAGE, "H3"),
    ]
    assert reasons(office.residents(in_file)) == {3: ["twice"]}


def test_a_household_knows_its_head_and_its_door(office: Office) -> None:
    office.residents(BASIC)
    household = office.resident(LI)["household"]["household"]
    record = office.record(household)
    assert record["identity"] == {
        "household_no": "H1",
        "head": resident_id(office.config.identity_key, WANG),
        "head_name": "王秀英",
    }
    assert record["residence"] == {"area_code": VILLAGE, "address": "柳树村1号"}
    assert record["record_status"] == {"status": "active"}
    before = office.entries()
    office.residents([(*BASIC[1][:7], "县城", *BASIC[1][8:])])  # a member moves; the door stays
    assert office.entries() == before + 1
    assert office.record(household) == record


def test_counters_are_never_used_twice(office: Office) -> None:
    with reading(office.engine) as connection:
        actor = establish(connection, office.config.identity_key).actor
    office.residents(BASIC)
    with reading(office.engine) as connection:
        assert devices.actor_state(connection, actor).counter == 3
    assert devices.reserve_counters(office.engine, actor, 5) == 4
    assert devices.reserve_counters(office.engine, actor, 1) == 9


def test_a_cell_is_never_a_formula_in_the_report(office: Office) -> None:
    result = office.residents([("=1+1", "女", "", "", VILLAGE)])
    assert "'=1+1" in result.as_csv()


# -- areas -------------------------------------------------------------------------------------------------------------


def test_areas_come_in_every_length_and_parents_may_stand_below(office: Office) -> None:
    rows = [
        ("411498101201", "新村"),
        ("411498101000", "新镇"),
        ("411498000000", "新县"),
        ("411499101", "青石镇"),
        (VILLAGE, "柳树新村"),
        ("411497101201", "孤村"),
        ("4114", "某市"),
        ("410000000000", "某省"),
        ("411498101000", "又一镇"),
        ("411498102", ""),
    ]
    result = office.take(office.csv(rows, ("区划代码", "名称")), "areas")
    assert counts(result) == (3, 1, 1, 5)
    assert reasons(result) == {7: ["no_parent"], 8: ["area_form"], 9: ["area_high"], 10: ["twice"], 11: ["missing"]}
    with reading(office.engine) as connection:
        names = directory.area_names(connection)
        assert directory.is_scope(connection, "411498101201")
    assert names[VILLAGE] == "柳树新村"
    assert names["411498"] == "新县"
    assert counts(office.take(office.csv(rows[:5], ("code", "name")), "areas")) == (0, 0, 5, 0)


# -- people ------------------------------------------------------------------------------------------------------------

PEOPLE = ("编号", "姓名", "角色", "机构", "村", "辖区", "在岗")


def test_people_come_with_their_roles_and_villages(office: Office) -> None:
    rows = [
        ("p-wang", "王秀兰", "村医", "柳树村卫生室", f"{VILLAGE}、石桥村", "", ""),
        ("", "李文静", "team_leader", "青石镇卫生院", VILLAGE, "", "是"),
        ("p-wu", "吴玉华", "乡镇监管员", "青石镇卫生院", "", "411499101000", ""),
        ("p-xu", "许宁", "管理员", "卫健委", "", "", ""),
        ("p-tang", "唐芳", "auditor", "", "", "", "否"),
    ]
    result = office.take(office.csv(rows, PEOPLE), "people")
    assert counts(result) == (5, 0, 0, 0)
    assert reasons(result) == {5: ["organisation_unplaced"]}
    with reading(office.engine) as connection:
        roster, offices = directory.roster(connection), directory.organisation_names(connection)
    assert roster["p-wang"]["villages"] == {VILLAGE, OTHER}
    assert offices[roster["p-wang"]["organisation"]] == "柳树村卫生室"
    assert (roster["p-wu"]["area"], roster["p-wu"]["role"]) == ("411499101", "township_supervisor")
    assert roster["p-tang"]["active"] is False
    assert counts(office.take(office.csv(rows, PEOPLE), "people")) == (0, 0, 5, 0)


def test_what_a_roster_of_people_leaves_empty_stays(office: Office) -> None:
    office.take(office.csv([("p-wang", "王秀兰", "村医", "柳树村卫生室", VILLAGE, "", "")], PEOPLE), "people")
    gone = office.take(office.csv([("p-wang", "王秀兰", "村医", "", "", "", "离岗")], PEOPLE), "people")
    assert counts(gone) == (0, 1, 0, 0)
    with reading(office.engine) as connection:
        person = directory.roster(connection)["p-wang"]
    assert (person["villages"], person["active"], person["organisation"] is None) == ({VILLAGE}, False, False)


def test_a_new_person_with_an_id_that_has_no_room_is_told_and_one_from_before_is_taken(office: Office) -> None:
    old, new, fit = (f"p-{sign * number}" for sign, number in (("a", 60), ("b", 49), ("c", 48)))
    kept = {"id": old, "name": "甲", "role": "village_doctor", "organisation": None, "area": None, "active": True}
    retried(office.engine, lambda c: directory.put_people(c, [kept]))
    result = office.take(office.csv([(one, "乙", "村医", "", VILLAGE, "", "") for one in (old, new, fit)], PEOPLE), "people")
    assert (counts(result), reasons(result)) == ((1, 1, 0, 1), {3: ["unfit"]})


def test_wrong_people_are_told(office: Office) -> None:
    rows = [
        ("p-1", "甲", "院长", "", VILLAGE, "", ""),
        ("p-2", "乙", "村医", "", "411499101299", "", ""),
        ("p-3", "", "村医", "", VILLAGE, "", ""),
        ("p-4", "丁", "县级监管员", "", "", "411499101", ""),
        ("p-5", "戊", "县级监管员", "", "", "411400", ""),
        ("p 6", "己", "村医", "", VILLAGE, "", ""),
        ("p-7", "庚", "村医", "", VILLAGE, "", "也许"),
        ("p-8", "辛", "村医", "", "", "", ""),
        ("p-8", "壬", "村医", "", VILLAGE, "", ""),
        ("", "癸", "村医", "", VILLAGE, "", ""),
        ("", "癸", "村医", "", VILLAGE, "", ""),
    ]
    result = office.take(office.csv(rows, PEOPLE), "people")
    assert counts(result) == (2, 0, 0, 9)
    assert reasons(result) == {
        2: ["unknown_word"],
        3: ["no_village"],
        4: ["missing"],
        5: ["area_level"],
        6: ["area_unknown"],
        7: ["unfit"],
        8: ["unknown_word"],
        9: ["no_workplace"],
        10: ["twice"],
        12: ["name_shared"],
    }


def test_excel_files_of_other_programs_raise_no_warning(office: Office) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert counts(office.take(office.excel(BASIC))) == (2, 0, 0, 0)


# -- protected programmes ----------------------------------------------------------------------------------------------

GROUPED = (*TITLES, "重点人群")


def registers(office: Office, programme: str, village: str = VILLAGE) -> list[Any]:
    with reading(office.engine) as connection:
        subjects = [resident_id(office.config.identity_key, one) for one in (WANG, LI)]
        return [shown(one.record) for one in living_about(connection, [f"{village}:{programme}"], "chronic_register", subjects)]


def test_a_group_of_a_protected_programme_becomes_a_register_in_its_scope_and_leaves_nothing_in_the_open(
    office: Office,
) -> None:
    rows = [(*BASIC[0], "高血压、肺结核患者，重性精神病"), (*BASIC[1], "糖尿病患者")]
    result = office.take(office.csv(rows, GROUPED))
    assert counts(result) == (2, 0, 0, 0)
    wang, li = office.resident(WANG), office.resident(LI)
    assert {name for name in wang if name.startswith("flags")} == {"flags/hypertension"}
    assert wang["flags/hypertension"] == {"from": "2026-11-21", "source": "名册导入"}
    assert {name for name in li if name.startswith("flags")} == {"flags/diabetes"}
    with reading(office.engine) as connection:
        open_log = "".join(item.text for item in changes(connection, VILLAGE, 0, 10**6))
    assert not [word for word in ("tuberculosis", "severe_mental", "结核", "精神") if word in open_log]
    [tb], [smd] = registers(office, "tb"), registers(office, "smd")
    assert tb["registration"] == {"disease": "tuberculosis", "opened_on": "2026-11-21"}
    assert smd["registration"]["disease"] == "severe_mental_disorder"
    told = [result.as_text(), result.as_csv(), json.dumps(result.as_json(), ensure_ascii=False)]
    assert not [word for text in told for word in ("tuberculosis", "mental", "结核", "精神") if word in text]
    assert [r["reason"] for row in result.as_json()["rows"] for r in row["remarks"]] == ["protected"]
    before = office.entries()
    assert counts(office.take(office.csv(rows, GROUPED))) == (0, 0, 2, 0)
    assert office.entries() == before


def test_a_register_that_a_doctor_opened_is_not_opened_again_and_one_of_who_was_refused_not_at_all(office: Office) -> None:
    office.residents(BASIC)
    wang, counter = resident_id(office.config.identity_key, WANG), 1
    retried(office.engine, office._enrol)
    place, sections = f"{VILLAGE}:tb", {"registration": {"disease": "tuberculosis"}}
    caller = replace(office.caller, scopes={place: True})
    devices.reserve_counters(office.engine, "doctor000001", 1)
    mine = "0197a0a0-0000-7000-8000-000000000009"
    dot = Dot("doctor000001", counter)
    edit = Edit(mine, "chronic_register", wang, place, dot, VersionVector(), stamp(office.now), "p-wang", sections)
    assert office.exchange.write([edit], caller)[0]["status"] == "accepted"
    moved = (*BASIC[1][:4], OTHER, *BASIC[1][5:], "tb")
    rows = [(*BASIC[0], "结核"), moved]
    result = office.take(office.csv(rows, GROUPED))
    assert counts(result) == (0, 0, 1, 1)
    assert [told["remarks"][0]["reason"] for told in result.as_json()["rows"]] == ["protected", "elsewhere"]
    assert registers(office, "tb") == [sections]
    assert registers(office, "tb", OTHER) == []


def test_who_guesses_the_register_of_a_patient_hears_the_same_as_about_everybody_else(office: Office) -> None:
    """Every phone has the identity key, and could arrive at whatever is derived from it."""
    office.take(office.csv([(*BASIC[0], "结核"), (*BASIC[1], "高血压")], GROUPED))
    assert len(registers(office, "tb")) == 1
    retried(office.engine, office._enrol)
    people = [resident_id(office.config.identity_key, one) for one in (WANG, LI)]
    guesses = [keyed_id(office.config.identity_key, "register", one, "tuberculosis") for one in people]
    first = devices.reserve_counters(office.engine, "doctor000001", 2)
    receipts = [
        office.exchange.write(
            [
                Edit(
                    guess,
                    "chronic_register",
                    who,
                    VILLAGE,
                    Dot("doctor000001", counter),
                    VersionVector(),
                    stamp(office.now),
                    "p-wang",
                    {"registration": {"disease": "hypertension"}},
                )
            ],
            office.caller,
        )[0]
        for counter, (who, guess) in enumerate(zip(people, guesses, strict=True), first)
    ]
    assert [receipt["status"] for receipt in receipts] == ["accepted", "accepted"]


def test_a_group_that_is_not_understood_is_left_out_with_a_remark(office: Office) -> None:
    result = office.take(office.csv([(*BASIC[0], "一般人群;火星人")], GROUPED))
    assert [r["reason"] for row in result.as_json()["rows"] for r in row["remarks"]] == ["unknown_word"]
    assert not [name for name in office.resident(WANG) if name.startswith("flags")]
