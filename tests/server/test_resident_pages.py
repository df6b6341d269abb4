"""The pages below a village: who somebody is, what was done for them, who wrote what; and the ledger of their contracts."""

import html
import io
import json
import re
import zipfile

import pytest

from server.dashboard import contract_pages
from tests import village as places
from tests.server.phone import vitals
from tests.server.test_decision_pages import Desk, words
from tests.server.test_ledger import EXAM, FOLLOWUP, XIULAN, write
from tests.server.twelve import phones_of_the_twelve, write_all
from tests.standing import forms

GUIYING, MIN, LAOSI = (forms.name(number, "resident") for number in (1, 5, 6))
NOBODY = "00000000-0000-4000-8000-000000000000"
REGISTER = forms.register(1, "hypertension", "2025-03-01")
VISIT = forms.pressure(1, 1, "2026-11-02", "150/90")
ID_NO, PHONE = "11010519491231002X", "13900001234"


@pytest.fixture
def sue(village):
    return Desk(village, places.SUE)


@pytest.fixture
def twelve(village):
    phones = phones_of_the_twelve(village)
    write_all(village, phones)
    return phones


def table(page, name):
    """The rows of a table, each as its cells in words."""
    part = page.partition(f'id="t-{name}"')[2].partition('class="table"')[0]
    rows = re.findall(r"<tr>(.*?)</tr>", part.partition("<tbody>")[2], re.DOTALL)
    return [[words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


def links(page):
    return {html.unescape(href) for href in re.findall(r'<a [^>]*?href="(/dashboard/[^"]*)"', page.partition("<main")[2])}


def answered(desk, path):
    answer = desk.client.get(f"/dashboard{path}")
    return answer.status_code, re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True)).replace(path, "")


# -- one resident ------------------------------------------------------------------------------------------------------


def test_a_supervisor_reads_what_wang_guiying_was_promised_and_given(twelve, sue):
    page = sue.open(f"/residents/{GUIYING}")
    said = words(page)
    assert "王桂英" in said
    assert "（65岁）" in said
    assert "本年度到今天履约： 3 / 3 = 100.0%" in said
    [managed] = table(page, "managed")
    assert managed == ["高血压", "在管", "2024-03-15", "4 / 3 含电话 4", "2026-11-10", "控制满意", "达标", "是"]
    assert [row[3] for row in table(page, "obligations")] == ["已完成"] * 5
    assert table(page, "records")[0][:4] == ["2026-11-10", "高血压患者随访服务记录表", "Ana", "计入"]
    assert ["常住居民签约率", "计入分子"] in [row[:2] for row in table(page, "indicators")]


def test_every_link_on_the_page_of_wu_laosi_opens(twelve, sue):
    """His plan, the visits to his home, the indicators that he stands in, the page in English, the Excel file."""
    found = links(sue.open(f"/residents/{LAOSI}"))
    records = {link for link in found if "/records/" in link}
    assert {forms.name(6, "plan"), forms.name(6, "home", 2)} <= {link.rpartition("/")[2] for link in records}
    for link in sorted({re.sub(r"sort=[^&]*", "sort=day", link) for link in found}):
        assert sue.client.get(link).status_code == 200, link


def test_zhou_min_was_only_ever_telephoned_and_the_page_says_why_nothing_counts(twelve, sue):
    page = sue.open(f"/residents/{MIN}")
    missed = [row for row in table(page, "obligations") if row[3] == "未完成"]
    assert len(missed) == 3
    assert {row[6] for row in missed} == {"须面对面，电话不计"}
    [managed] = table(page, "managed")
    assert managed[7] == "否 随访次数不足、本年度未体检"
    assert {row[3] for row in table(page, "records") if "随访服务" in row[1]} == {"未计入"}


def test_the_readings_are_a_line_and_a_table_for_who_cannot_see_it(twelve, sue):
    page = sue.open(f"/residents/{GUIYING}")
    assert page.count("<polyline") == 2
    assert 'aria-label="收缩压 5 次, 界限 140; 舒张压 5 次, 界限 90; 数字见下表"' in page
    assert next(row[:3] for row in table(page, "readings")) == ["2026-11-10", "148", "88"]


def test_numbers_are_masked_until_a_purpose_is_given_and_that_stands_in_the_trail(village, ana, sue):
    known = forms.resident(
        1, "王秀兰", "female", "1949-12-31",
        identity={"name": "王秀兰", "sex": "female", "birth_date": "1949-12-31", "id_type": "resident_id_card", "id_no": ID_NO},
        contact={"phone": PHONE, "contact_phone": "0370-5551234"},
    )  # fmt: skip
    write(ana, known)
    path = f"/residents/{known.record}"
    for page in (sue.open(path), sue.open(f"{path}/records/{known.record}")):
        assert "••••2X" in page
        assert "002X" not in page
        assert ID_NO not in page
        assert PHONE not in page
    assert sue.send(f"{path}/reveal", 422, purpose="curious").count(PHONE) == 0
    shown = sue.send(f"{path}/reveal", 200, purpose="contact")
    assert ID_NO in shown
    assert PHONE in shown
    entries = [row for row in village.rows("trail") if row["action"] == "resident.reveal"]
    assert [(row["person"], row["resident"]) for row in entries] == [(places.SUE, known.record)]
    assert json.loads(entries[0]["detail"])["purpose"] == "contact"
    assert not any(number in json.dumps(village.rows("trail")) for number in (ID_NO, PHONE))


def test_a_reveal_without_the_token_of_the_page_shows_nothing(ana, sue):
    write(ana, XIULAN)
    answer = sue.client.post(f"/dashboard/residents/{XIULAN.record}/reveal", data={"purpose": "contact"})
    assert answer.status_code == 400


def test_two_contracts_in_force_are_told_where_the_contract_stands(ana, ben, sue):
    write(ana, XIULAN)
    write(ben)
    write(ana, forms.contract(1, "2026-01-05", "2027-01-04", FOLLOWUP))
    write(ben, forms.contract(1, "2026-03-01", "2027-02-28", FOLLOWUP, number=2, team="t-2"))
    said = words(sue.open(f"/residents/{XIULAN.record}"))
    assert "同期还有另一份协议，只有先签的计数，请核对" in said
    assert "2026-01-05 – 2027-01-04" in said


def test_who_was_registered_twice_is_told_where_they_count(ana, sue):
    twice = forms.resident(1, "王秀兰", "female", "1950-03-04", number=2)
    link = {"link": {"duplicate": twice.record, "same_as": XIULAN.record, "state": "linked", "decided_on": "2026-11-20"}}
    write(ana, XIULAN, twice, VISIT, forms.Saved(forms.name(1, "link"), "same_person", twice.record, forms.VILLAGE, link))
    assert f"/dashboard/residents/{XIULAN.record}" in links(sue.open(f"/residents/{twice.record}"))
    page = sue.open(f"/residents/{XIULAN.record}")
    assert f"/dashboard/residents/{twice.record}" in links(page)
    assert "150" in [row[1].split()[0] for row in table(page, "readings")]


def test_in_english_the_same_is_told(twelve, sue):
    said = words(sue.open(f"/residents/{GUIYING}?lang=en"))
    assert "Honoured this year so far: 3 / 3 = 100.0%" in said
    assert "Under management" in said
    assert "Counted this year" in said


# -- what is protected -------------------------------------------------------------------------------------------------


def test_of_a_protected_programme_only_who_is_granted_it_sees_anything(village, sue):
    village.write(lambda c: [places.grant(c, person, "smd") for person in (places.BEN, places.LEA)])
    ben, lea = village.phone(places.BEN), Desk(village, places.LEA)
    seen = forms.mind(1, 2, "2026-11-10", 0, "stable", "2027-02-10")
    seen.sections["visit"]["note"] = "canarynote"
    write(ben, XIULAN, VISIT, forms.register(1, "severe_mental_disorder", "2025-01-05", scope=forms.SMD), seen)
    secrets = ("严重精神障碍患者随访", "canarynote", seen.record, forms.name(1, "register"), "smd")
    page = sue.open(f"/residents/{XIULAN.record}").partition("<main")[2]
    assert [secret for secret in secrets if secret in page] == []
    excel = sue.client.get(f"/dashboard/residents/{XIULAN.record}?format=xlsx").data
    with zipfile.ZipFile(io.BytesIO(excel)) as file:
        inside = " ".join(file.read(name).decode() for name in file.namelist())
    assert [secret for secret in secrets if secret in inside] == []
    assert answered(sue, f"/residents/{XIULAN.record}/records/{seen.record}")[0] == 404
    granted = lea.open(f"/residents/{XIULAN.record}")
    assert seen.record in granted
    assert "canarynote" in lea.open(f"/residents/{XIULAN.record}/records/{seen.record}")


def test_ids_of_another_village_and_ids_that_are_nowhere_get_the_same_answer(village, ana, cam):
    theirs = forms.resident(2, "李大山", "male", "1961-12-01")
    theirs.sections["residence"]["area_code"] = places.OTHER
    visit = forms.pressure(2, 1, "2026-11-03", "151/91")
    write(ana, XIULAN, VISIT)
    write(cam, theirs._replace(scope=places.OTHER), visit._replace(scope=places.OTHER))
    desk = Desk(village, places.ANA)
    desk.open(f"/residents/{XIULAN.record}/records/{VISIT.record}")
    foreign = [
        f"/residents/{theirs.record}",
        f"/residents/{theirs.record}/records/{visit.record}",
        f"/residents/{XIULAN.record}/records/{visit.record}",
        f"/areas/{places.OTHER}/contracts",
        f"/areas/{places.OTHER}/residents",
        f"/areas/{places.TOWNSHIP}/contracts",
    ]
    absent = [
        f"/residents/{NOBODY}",
        f"/residents/{NOBODY}/records/{NOBODY}",
        f"/residents/{XIULAN.record}/records/{NOBODY}",
        "/areas/411499001299/contracts",
        "/areas/411499001299/residents",
        "/areas/411499002/contracts",
    ]
    for one, other in zip(foreign, absent, strict=True):
        assert answered(desk, one) == answered(desk, other)
        assert answered(desk, one)[0] == 404


def test_a_record_is_not_opened_under_the_name_of_somebody_else(ana, sue):
    other = forms.resident(2, "李大山", "male", "1961-12-01")
    write(ana, XIULAN, other, VISIT)
    assert answered(sue, f"/residents/{other.record}/records/{VISIT.record}")[0] == 404


# -- finding somebody --------------------------------------------------------------------------------------------------


def test_somebody_is_found_by_name_pinyin_or_initials(ana, sue):
    write(ana, XIULAN, forms.resident(2, "李大山", "male", "1961-12-01"))
    for text in ("王秀", "wangxiulan", "wxl", "秀兰"):
        found = [row[0] for row in table(sue.open(f"/areas/{places.VILLAGE}/residents?text={text}"), "residents")]
        assert found == ["王秀兰"], text


def test_somebody_is_found_by_the_end_of_an_identity_or_a_telephone_number(ana, sue):
    identity = {**XIULAN.sections["identity"], "id_type": "resident_id_card", "id_no": ID_NO}
    write(ana, forms.resident(1, "王秀兰", "female", "1950-03-04", identity=identity, contact={"phone": PHONE}))
    write(ana, forms.resident(2, "李大山", "male", "1961-12-01"))
    for text in ("002X", "1234"):
        page = sue.open(f"/areas/{places.TOWNSHIP}/residents?text={text}")
        assert [row[0] for row in table(page, "residents")] == ["王秀兰"]
        assert ID_NO not in page
        assert PHONE not in page


def test_a_number_is_looked_for_without_an_address_and_taken_from_none(village, ana, sue):
    """What stands in an address stands in the history of the browser, and in the log of every proxy."""
    identity = {**XIULAN.sections["identity"], "id_type": "resident_id_card", "id_no": ID_NO}
    write(ana, forms.resident(1, "王秀兰", "female", "1950-03-04", identity=identity, contact={"phone": PHONE}))
    path = f"/areas/{places.TOWNSHIP}/residents"
    assert 'method="post"' in sue.open(path)
    for number in (ID_NO, PHONE, "31002X", "001234"):
        found = sue.send(path, 200, text=number)
        assert [row[0] for row in table(found, "residents")] == ["王秀兰"]
        assert not any(number in link for link in re.findall(r'(?:href|action|hx-get)="([^"]*)"', found))
        assert "王秀兰" not in sue.open(f"{path}?text={number}")
    answer = sue.post(path, text="王秀兰", group="elder_65")
    assert (answer.status_code, "text=" in answer.location, "group=elder_65" in answer.location) == (303, True, True)
    assert sue.client.post(f"/dashboard{path}", data={"text": ID_NO}).status_code == 400, "a form needs its token"
    assert not any(number in row["detail"] for row in village.rows("trail") for number in (ID_NO, PHONE))


def test_what_was_typed_to_find_somebody_never_stands_in_the_trail(village, twelve, sue):
    assert "王桂英" in sue.open(f"/areas/{places.TOWNSHIP}/residents?text=王桂英")
    [entry] = [row for row in village.rows("trail") if row["action"] == "look.residents"]
    assert entry["area"] == places.TOWNSHIP
    assert "王桂英" not in entry["detail"]


def test_over_several_villages_nobody_is_listed_before_enough_was_typed(twelve, sue):
    for text in ("", "王", "wan"):
        page = sue.open(f"/areas/{places.TOWNSHIP}/residents?text={text}")
        assert "王桂英" not in page
        assert "请输入两个以上汉字" in page
    assert len(table(sue.open(f"/areas/{places.VILLAGE}/residents"), "residents")) == 13
    elders = table(sue.open(f"/areas/{places.VILLAGE}/residents?group=elder_65"), "residents")
    assert {"王桂英"} <= {row[0] for row in elders}
    assert len(elders) < 13


# -- one record --------------------------------------------------------------------------------------------------------


def test_the_history_tells_who_changed_what_from_what_to_what_and_from_which_phone(village, ana, ben):
    write(ana, XIULAN, REGISTER, VISIT)
    ben.sync()
    village.later(hours=3)
    ben.renew().now = "2026-11-21T11:20:00+08:00"
    write(ben, forms.again(VISIT, vitals={**VISIT.sections["vitals"], "systolic_mmhg": 160}))
    page = Desk(village, places.SUE).open(f"/residents/{XIULAN.record}/records/{VISIT.record}")
    latest = table(page, "history")[0]
    assert latest[2:7] == ["Ben", "Redmi 9A", "体征 · 收缩压", "150 mmHg", "160 mmHg"]
    assert latest[0].startswith("2026-11-21 11:20")
    first = table(page, "history")[1:]
    assert {row[2] for row in first} == {"Ana"}
    assert {row[5] for row in first} == {"—"}


def test_two_values_of_a_section_stand_side_by_side_until_somebody_decides(village, ana, ben, sue):
    write(ana, XIULAN, REGISTER, VISIT)
    ben.sync()
    for phone, systolic in ((ana, 148), (ben, 158)):
        phone.save(vitals(systolic), VISIT.record)
    for phone in (ana, ben, ana):
        phone.sync()
    page = sue.open(f"/residents/{XIULAN.record}/records/{VISIT.record}")
    assert f"/dashboard/conflicts/{VISIT.record}" in links(page)
    claims = re.findall(r'<div class="claim.*?</div>', page, re.DOTALL)
    assert len(claims) == 2
    assert {re.search(r"<mark>(.*?)</mark>", claim)[1] for claim in claims} == {"148 mmHg", "158 mmHg"}
    assert all("<mark>90 mmHg</mark>" not in claim for claim in claims), "what both wrote alike is not marked"
    assert "1" in words(sue.open(f"/residents/{XIULAN.record}"))
    assert ["冲突"] in [[row[1]] for row in table(sue.open(f"/residents/{XIULAN.record}"), "wrong")]


def test_the_decision_and_its_reason_are_in_the_history_on_the_record(village, ana, ben, sue):
    write(ana, XIULAN, REGISTER, VISIT)
    ben.sync()
    for phone, systolic in ((ana, 148), (ben, 158)):
        phone.save(vitals(systolic), VISIT.record)
    for phone in (ana, ben, ana):
        phone.sync()
    lea = Desk(village, places.LEA)
    page = lea.open(f"/conflicts/{VISIT.record}")
    [name] = set(re.findall(r'name="(choice:[^"]+)"', page))
    value = re.search(rf'name="{re.escape(name)}" value="([^"]+)"', page)[1]
    seen = html.unescape(re.search(r'name="seen" value="([^"]*)"', page)[1])
    lea.send(f"/conflicts/{VISIT.record}", **{"seen": seen, name: value, "reason": "复测后确认"})
    page = sue.open(f"/residents/{XIULAN.record}/records/{VISIT.record}")
    latest = table(page, "history")[0]
    assert latest[2:4] == ["Lea", "管理后台"]
    assert latest[7] == "复测后确认"
    assert "claim" not in page.partition("<main")[2]
    assert {"148 mmHg", "158 mmHg"} <= {cell for row in table(page, "history") for cell in row}, "the loser is still told"


def test_a_record_entered_in_error_says_so_and_why(ana, sue):
    write(ana, XIULAN, REGISTER, VISIT, forms.again(VISIT, void={"reason": "wrong-person", "note": "同名"}))
    said = words(sue.open(f"/residents/{XIULAN.record}/records/{VISIT.record}"))
    assert "已作废：记错人；同名" in said
    assert "本年度未计入：已作废" in said


def test_what_was_written_weeks_later_is_marked_as_late_and_issues_say_what_to_do(ana, sue):
    late = forms.pressure(1, 2, "2026-10-20", "250/95")
    late.sections["vitals"].pop("weight_kg")
    write(ana, XIULAN, REGISTER, late)
    said = words(sue.open(f"/residents/{XIULAN.record}/records/{late.record}"))
    assert "补录：32 天后" in said
    assert "体征 · 收缩压：数值少见，请核对" in said
    assert "体征 · 体重：未填写，请补填" in said


def test_the_doctors_class_stands_beside_what_the_rules_suggest(ana, sue):
    visit = forms.pressure(1, 1, "2026-11-02", "170/95", said="controlled")
    write(ana, XIULAN, REGISTER, visit)
    rows = table(sue.open(f"/residents/{XIULAN.record}/records/{visit.record}"), "differs")
    assert ["随访评价 · 此次随访分类", "控制满意", "控制不满意"] in [row[:3] for row in rows]


def test_a_number_that_was_corrected_in_the_middle_says_that_it_is_another(ana, sue):
    write(ana, forms.resident(1, "王秀兰", "female", "1950-03-04", contact={"phone": PHONE}))
    write(ana, forms.again(XIULAN, contact={"phone": "13911111234"}))
    latest = table(sue.open(f"/residents/{XIULAN.record}/records/{XIULAN.record}"), "history")[0]
    assert latest[4:7] == ["联系方式 · 本人电话", "••••1234", "••••1234（尾号相同，其余不同）"]


# -- the ledger --------------------------------------------------------------------------------------------------------


def test_the_ledger_of_a_village_opens_resident_and_contract_and_goes_to_excel_as_it_stands(twelve, sue):
    page = sue.open(f"/areas/{places.VILLAGE}/contracts")
    rows = table(page, "contracts")
    assert len(rows) == 9
    guiying = next(row for row in rows if row[0] == "王桂英")
    assert guiying[2:7] == ["一队", "Ana", "2026-01-01", "2026-12-31", "生效中"]
    assert guiying[10:14] == ["3", "3", "0", "0"]
    assert f"/dashboard/residents/{GUIYING}/records/{forms.name(1, 'contract')}" in links(page)
    excel = sue.client.get(f"/dashboard/areas/{places.VILLAGE}/contracts?format=xlsx")
    assert excel.mimetype.endswith("spreadsheetml.sheet")
    with zipfile.ZipFile(io.BytesIO(excel.data)) as file:
        inside = file.read("xl/sharedStrings.xml").decode()
    assert all(row[0] in inside for row in rows)


def test_a_township_is_told_by_village_and_each_number_opens_its_contracts(twelve, sue):
    page = sue.open(f"/areas/{places.TOWNSHIP}/contracts")
    assert [row[0] for row in table(page, "villages")] == ["柳树村", "杨树村"]
    numbers = dict(
        zip(("all", "current", "ending", "lapsed", "double", "appeals", "missed"), table(page, "villages")[0][1:8], strict=True)
    )
    for kind, number in numbers.items():
        rows = table(sue.open(f"/areas/{places.VILLAGE}/contracts?show={kind}"), "contracts")
        assert str(len(rows)) == number, kind
    assert numbers["double"] == "4"


def test_the_summary_of_a_township_follows_what_phones_bring(village, ana, sue):
    def missed():
        return table(sue.open(f"/areas/{places.TOWNSHIP}/contracts"), "villages")[0][7]

    write(ana, XIULAN, forms.contract(1, "2025-06-01", "2026-05-31", EXAM))
    assert missed() == "1"
    write(ana, forms.exam(1, "2026-03-02"))
    assert missed() == "0"


def test_a_township_with_too_many_contracts_for_one_page_is_read_on_beside_the_page(twelve, sue, monkeypatch):
    monkeypatch.setattr(contract_pages, "BUDGET_SECONDS", 0.0)
    first = sue.open(f"/areas/{places.TOWNSHIP}/contracts")
    assert "2 个村尚未统计" in first
    assert {one for row in table(first, "villages") for one in row[1:]} == {"—"}
    pages = (sue.open(f"/areas/{places.TOWNSHIP}/contracts") for _ in range(500))
    whole = next(page for page in pages if "尚未统计" not in page)
    assert table(whole, "villages")[0][1] == "9"


def test_a_county_is_asked_for_a_township(village, ana):
    village.person(places.SUE, role="county_supervisor", area=places.TOWNSHIP[:6])
    page = Desk(village, places.SUE).open(f"/areas/{places.TOWNSHIP[:6]}/contracts")
    assert table(page, "townships") == [["石门乡", "2"]]


def test_a_choice_that_is_none_is_refused(ana, sue):
    sue.open(f"/areas/{places.VILLAGE}/contracts?show=rich", 422)
