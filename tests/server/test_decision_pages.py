"""The pages on which leaders decide: the queue, conflicts, what was set aside, appeals, likely duplicates."""

import contextlib
import json
import re
import threading

import pytest

from server.dashboard.frame import SESSION_COOKIE
from server.decisions.deciding import Deciding
from server.receiving import Part
from sync.identity import resident_id
from sync.record import sections
from tests.server.phone import vitals
from tests.server.test_deciding import apart
from tests.standing import forms
from tests.village import ANA, BEN, CAM, LEA, SUE, VILLAGE, grant

WANG = resident_id(b"k" * 32, "11010519491231002X")
NOTHING = "00000000-0000-4000-8000-000000000000"


class Desk:
    """A person signed in at the dashboard, in a browser of their own."""

    def __init__(self, village, person):
        signing_in = village.app.extensions["cunyi"].signing_in
        self.client = village.client()
        cookie = village.write(lambda c: signing_in._begin(c, person, village.time))
        self.client.set_cookie(SESSION_COOKIE, cookie)
        self.csrf = signing_in.session(cookie).csrf

    def open(self, path, status=200):
        answer = self.client.get(f"/dashboard{path}")
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)

    def post(self, path, **form):
        return self.client.post(f"/dashboard{path}", data={"csrf": self.csrf, **form})

    def send(self, path, status=303, **form):
        answer = self.post(path, **form)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)


@pytest.fixture
def lea(village):
    return Desk(village, LEA)


@pytest.fixture
def sue(village):
    return Desk(village, SUE)


def words(page):
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def seen(page):
    return re.search(r'name="seen" value="([^"]*)"', page)[1].replace("&#34;", '"')


def choices(page):
    return re.findall(r'name="(choice:[^"]+)" value="([^"]+)"', page)


def test_the_leader_settles_a_conflict_on_the_page_and_both_phones_hold_it(village, ana, ben, lea):
    record = apart(village, ana, ben, vitals(160), vitals(170))
    assert f"/dashboard/conflicts/{record}" in lea.open("/queue")
    page = lea.open(f"/conflicts/{record}")
    assert "150" in words(page)
    assert "收缩压" in words(page)
    assert "舒张压" not in words(page)  # both wrote the same
    assert "Ana · Redmi 9A" in words(page)
    [(name, mine), _] = choices(page)
    lea.send(f"/conflicts/{record}", seen=seen(page), reason="当面复测", action="settle", **{name: mine})
    for phone in (ana, ben):
        phone.sync()
        assert phone.shows(record)["vitals"] == vitals(160)["vitals"]
        [decision] = sections(phone.base[record])["decision"]
        assert (decision.edit.author, decision.value["reason"]) == (LEA, "当面复测")
    assert "没有待处理的冲突" in lea.open(f"/conflicts/{record}")
    assert "当面复测" in lea.open(f"/conflicts/{record}")
    actions = [row["action"] for row in village.rows("trail")]
    assert actions == ["look.queue", "look.conflict", "conflict.settle", "conflict.decide", "look.conflict", "look.conflict"]


def test_of_two_leaders_the_second_is_told_and_shown_what_is_there_now(village, ana, ben, lea):
    record = apart(village, ana, ben, vitals(160), vitals(170))
    page = lea.open(f"/conflicts/{record}")
    [(name, mine), (_, other)] = choices(page)
    lea.send(f"/conflicts/{record}", seen=seen(page), reason="a", action="settle", **{name: mine})
    again = lea.send(f"/conflicts/{record}", 409, seen=seen(page), reason="b", action="settle", **{name: other})
    assert "他人已先处理" in again
    ana.sync()
    assert ana.shows(record)["vitals"] == vitals(160)["vitals"]


def test_a_correction_that_cannot_be_is_named_and_what_was_typed_stays(village, ana, ben, lea):
    record = apart(village, ana, ben, vitals(160), vitals(170))
    page = lea.open(f"/conflicts/{record}")
    [(name, mine), _] = choices(page)
    form = {"seen": seen(page), "reason": "why", "action": "settle", name: mine, "fix:vitals:systolic_mmhg": "高"}
    again = lea.send(f"/conflicts/{record}", 422, **form)
    assert "/vitals/systolic_mmhg: not_a_whole_number" in again
    assert 'value="高"' in again
    lea.send(f"/conflicts/{record}", **(form | {"fix:vitals:systolic_mmhg": "165"}))
    ben.sync()
    assert ben.shows(record)["vitals"]["systolic_mmhg"] == 165


def test_sent_back_it_says_so_in_the_queue(village, ana, ben, lea):
    record = apart(village, ana, ben, vitals(160), vitals(170))
    page = lea.open(f"/conflicts/{record}")
    village.later(minutes=1)
    lea.send(f"/conflicts/{record}", seen=seen(page), reason="请核实", action="send_back")
    assert "已退回村医核实" in words(lea.open("/queue"))


def test_a_stranger_gets_for_every_page_what_there_is_for_nothing(village, ana, ben, lea):
    record = apart(village, ana, ben, vitals(160), vitals(170))
    village.person(CAM, role="team_leader")
    cam = Desk(village, CAM)
    assert record not in cam.open("/queue")
    for path in ("conflicts", "deposits", "candidates"):
        assert cam.open(f"/{path}/{record}", 404).replace(record, NOTHING) == cam.open(f"/{path}/{NOTHING}", 404)
        cam.send(f"/{path}/{record}", 404, seen="{}", reason="why", action="same")
    assert cam.open(f"/appeals/{record}/i", 404).replace(record, NOTHING) == cam.open(f"/appeals/{NOTHING}/i", 404)
    page = lea.open(f"/conflicts/{record}")
    Desk(village, ANA).send(f"/conflicts/{record}", 403, seen=seen(page), reason="why", **dict(choices(page)))


def test_the_same_in_another_spelling_is_taken_for_many_at_once(village, ana, ben, lea):
    record = apart(village, ana, ben, {"note": {"text": "头晕，１次"}}, {"note": {"text": "头晕,1次"}})
    [value] = re.findall(r'name="alike" value="([^"]+)"', lea.open("/queue"))
    alike = value.replace("&#34;", '"')
    assert "请填写理由" in lea.send("/queue/accept", 422, alike=alike, reason=" ")
    assert "请至少勾选一条" in lea.send("/queue/accept", 422, reason="写法不同")
    assert record in lea.open("/queue")
    lea.send("/queue/accept", alike=alike, reason="写法不同")
    assert record not in lea.open("/queue")
    assert "done=overtaken" in lea.send("/queue/accept", alike=alike, reason="写法不同")


def test_an_entry_and_its_list_are_named_once_and_the_list_waits_for_what_is_chosen_above(village, ana, ben, lea):
    record = apart(village, ana, ben, {"medication/m1": {"name": "氨氯地平"}}, {"medication/m1": {"name": "硝苯地平"}})
    queue = words(lea.open("/queue"))
    assert "用药 · m1" in queue or "用药 · 硝苯地平" in queue
    assert "、用药" not in queue
    above, below = lea.open(f"/conflicts/{record}").split("已逐条核对")[0].split("两人分别修改了这份清单")
    assert all(drug in above and drug not in below.partition("以上面所选为准")[2] for drug in ("氨氯地平", "硝苯地平"))
    assert "以上面所选为准" in below


def test_nothing_can_be_corrected_where_no_field_has_a_place_for_it(village, ana, ben, lea):
    """A list of medicines in one field cannot be typed into one; a pressure can."""
    plan = {"subject": WANG, "type": "care_plan"}
    record = ana.save({"condition/hypertension": {"medicines": []}}, **plan)
    ana.sync()
    ben.sync()
    for phone, drug in ((ana, "氨氯地平"), (ben, "缬沙坦")):
        phone.save({"condition/hypertension": {"medicines": [{"name": drug}]}}, record)
    ana.sync()
    ben.sync()
    assert "改正为" not in lea.open(f"/conflicts/{record}")
    assert "改正为" in lea.open(f"/conflicts/{apart(village, ana, ben, vitals(160), vitals(170))}")


def test_the_choices_stand_below_the_table_where_a_narrow_window_shows_them(village, ana, ben, lea):
    page = lea.open(f"/conflicts/{apart(village, ana, ben, vitals(160), vitals(170))}")
    table, below = page.split("</table>")
    assert 'type="radio"' not in table
    assert len(choices(below)) == 2
    assert "暂不处理" in below


def test_a_kind_that_nothing_in_the_queue_is_of_is_refused(lea):
    assert "没有这个类别" in lea.open("/queue?kind=zzz", 422)
    lea.open("/queue?kind=")


def test_the_queue_says_nothing_that_its_address_words(lea):
    told = lea.open("/queue?done=settled&left=请拨打金丝雀热线")
    assert ("冲突已处理" in told, "金丝雀" in words(told)) == (True, False)
    assert "其中 2 条已有新内容" in lea.open("/queue?done=settled&left=2")


def aside(village, ben, said, record=None, **parts):
    """Something that Ben wrote, set aside for his phone was retired: its id."""
    ben.save(said, record, **parts)
    village.set_status(ben, "retired")
    ben.sync()
    return village.rows("deposits")[-1]["deposit"]


def test_what_was_set_aside_is_corrected_and_applied_and_the_original_stays(village, ana, ben, lea):
    record = ana.save(vitals(150))
    ana.sync()
    ben.sync()
    name = aside(village, ben, vitals(170), record)
    assert "账号或设备已停用" in lea.open(f"/deposits/{name}")
    page = lea.open(f"/deposits/{name}")
    form = {"seen": seen(page), "action": "correct", "fix:vitals:systolic_mmhg": "171"}
    lea.send(f"/deposits/{name}", 422, **form)  # without a reason
    village.later(minutes=1)
    lea.send(f"/deposits/{name}", **form, reason="与纸质记录一致")
    ana.sync()
    assert ana.shows(record)["vitals"] == {"systolic_mmhg": 171, "diastolic_mmhg": 90}
    assert ana.shows(record)["decision"]["reason"] == "与纸质记录一致"
    [row] = village.rows("deposits")
    assert (row["state"], row["decided_by"], json.loads(row["body"])["sections"]) == ("applied", LEA, vitals(170))
    told = words(lea.open(f"/deposits/{name}"))
    assert ("已采纳 · Lea" in told, "改正后采纳" in told) == (True, False)
    assert village.faults() == []


def test_what_was_set_aside_is_not_corrected_over_what_came_in_meanwhile(village, ana, ben, lea):
    record = ana.save(vitals(150))
    ana.sync()
    ben.sync()
    name = aside(village, ben, vitals(170), record)
    page = lea.open(f"/deposits/{name}")
    ana.save(vitals(151), record)
    ana.sync()
    form = {"seen": seen(page), "action": "correct", "reason": "why", "fix:vitals:systolic_mmhg": "171"}
    assert "有了新内容" in lea.send(f"/deposits/{name}", 409, **form)
    lea.send(f"/deposits/{name}", action="apply")  # as it was written: beside what she wrote
    ana.sync()
    assert {value["systolic_mmhg"] for value in ana.values(record)} == {151, 170}


def test_it_is_refused_with_a_reason_by_whose_duty_it_is_and_no_protected_one_is_shown(village, ben, lea, sue):
    name = aside(village, ben, vitals(170))
    lea.send(f"/deposits/{name}", 422, action="refuse", reason=" ")
    sue.send(f"/deposits/{name}", action="refuse", reason="不是本村居民")
    [row] = village.rows("deposits")
    assert (row["state"], row["decision"], row["decided_by"]) == ("refused", "不是本村居民", SUE)
    Desk(village, ANA).open(f"/deposits/{name}", 403)
    hidden = village.phone(BEN)
    hidden.save({"symptoms": {"other": "金丝雀"}}, type="tb_visit", subject=WANG)
    hidden.sync()
    name = next(row["deposit"] for row in village.rows("deposits") if row["state"] == "waiting")
    assert name not in sue.open("/queue")
    assert sue.open(f"/deposits/{name}", 404).replace(name, "0" * 64) == sue.open(f"/deposits/{'0' * 64}", 404)
    village.write(lambda c: grant(c, SUE, "tb"))
    assert "金丝雀" in sue.open(f"/deposits/{name}")


def test_who_comes_too_late_is_told_who_decided_and_how_and_is_led_to_the_record(village, ana, ben, lea, sue):
    ana.save({"identity": {"name": "王秀兰"}}, WANG, type="resident", subject=WANG)
    record = ana.save(vitals(150), subject=WANG)
    ana.sync()
    ben.renew().sync()
    name = aside(village, ben, vitals(170), record)
    form = {"seen": seen(lea.open(f"/deposits/{name}")), "reason": "与纸质记录一致", "fix:vitals:systolic_mmhg": "171"}
    sue.send(f"/deposits/{name}", action="apply")
    for action in ("apply", "correct", "refuse"):
        told = lea.send(f"/deposits/{name}", 409, **form, action=action)
        assert "没有保存任何内容" in told
        assert "已采纳 · Sue" in words(told)
        assert f'href="/dashboard/residents/{WANG}/records/{record}"' in told
    ana.sync()
    assert ana.shows(record)["vitals"] == vitals(170)["vitals"]
    [row] = village.rows("deposits")
    assert (row["state"], row["decided_by"]) == ("applied", SUE)


def test_what_comes_in_while_it_is_corrected_does_not_get_between_the_original_and_the_correction(
    village, ana, ben, lea, monkeypatch
):
    record = ana.save(vitals(150))
    ana.sync()
    ben.renew().sync()
    name = aside(village, ben, vitals(170), record)
    page = lea.open(f"/deposits/{name}")
    ana.renew().save({"note": {"text": "头晕"}}, record)
    take, coming = Part.take, threading.Thread(target=ana.sync)

    def slowly(self, share):
        monkeypatch.setattr(Part, "take", take)
        done = take(self, share)
        coming.start()
        coming.join(0.7)  # for ever, where the two halves are one
        return done

    monkeypatch.setattr(Part, "take", slowly)
    form = {"seen": seen(page), "action": "correct", "reason": "why", "fix:vitals:systolic_mmhg": "171"}
    answer = lea.post(f"/deposits/{name}", **form)
    coming.join()
    ana.sync()
    assert (answer.status_code, village.rows("deposits")[0]["state"]) == (303, "applied")
    assert ana.shows(record)["vitals"]["systolic_mmhg"] == 171
    assert ana.shows(record)["note"] == {"text": "头晕"}
    assert village.faults() == []


def test_part_of_an_id_tells_nobody_that_something_was_set_aside(village, ben, lea):
    name = aside(village, ben, vitals(170))
    lea.open(f"/deposits/{name}")
    assert f"/dashboard/deposits/{name}" in lea.open("/queue")
    for beginning in (name[:1], name[:12], name[:63]):
        lea.open(f"/deposits/{beginning}", 404)
        lea.send(f"/deposits/{beginning}", 404, action="refuse", reason="why")


def appealed(village, ana):
    """A contract of which a service was missed, and Ana's word that it was given: the id of the contract."""
    signed = forms.contract(
        1, "2026-01-05", "2027-01-04", {"bp": forms.item(name="随访", times_per_year=4, fulfilled_by=["hypertension_visit"])}
    )
    signed.sections["appeal/bp"] = {"asked_on": "2026-11-20", "reason": "停电，记在纸上"}
    for saved in (forms.resident(1, "王秀兰", "female", "1950-03-04"), forms.pressure(1, 1, "2026-05-10", "150/85"), signed):
        ana.save(saved.sections, saved.record, type=saved.type, subject=saved.subject)
    assert {receipt["status"] for receipt in ana.sync()["receipts"]} == {"accepted"}
    return signed.record


def test_a_supervisor_upholds_an_appeal_and_it_counts_as_done(village, ana, lea, sue):
    contract = appealed(village, ana)
    assert f"/dashboard/appeals/{contract}/bp" in sue.open("/queue")
    page = sue.open(f"/appeals/{contract}/bp")
    assert "停电，记在纸上" in words(page)
    form = {"seen": seen(page), "action": "upheld", "reason": "已看纸质记录"}
    lea.open(f"/appeals/{contract}/bp")
    lea.send(f"/appeals/{contract}/bp", 403, **form)
    sue.send(f"/appeals/{contract}/bp", 422, **(form | {"reason": ""}))
    sue.send(f"/appeals/{contract}/bp", **form)
    assert "他人已先处理" in sue.send(f"/appeals/{contract}/bp", 409, **(form | {"action": "refused"}))
    ana.sync()
    assert ana.shows(contract)["appeal/bp"] == {
        "asked_on": "2026-11-20",
        "reason": "停电，记在纸上",
        "decision": "upheld",
        "decided_on": "2026-11-21",
        "decided_by": SUE,
        "note": "已看纸质记录",
    }
    standing = village.app.extensions["cunyi"].standings.of([VILLAGE], forms.name(1, "resident"))
    assert [one["state"] for one in standing["obligations"] if one["appeal"]] == ["upheld"]
    assert f"/dashboard/appeals/{contract}/bp" not in sue.open("/queue")


def test_a_phone_that_writes_a_decision_itself_still_waits_for_one(village, ana, sue):
    contract = appealed(village, ana)
    mine = ana.shows(contract)["appeal/bp"] | {"decision": "upheld", "decided_on": "2026-11-21", "decided_by": ANA}
    ana.save({"appeal/bp": mine}, contract)
    ana.sync()
    assert f"/dashboard/appeals/{contract}/bp" in sue.open("/queue")


def test_the_page_of_a_conflict_offers_no_decision_of_an_appeal_and_takes_none(village, ana, ben, lea, sue):
    contract = appealed(village, ana)
    ben.renew().sync()
    said = ana.shows(contract)["appeal/bp"]
    mine = {"decision": "upheld", "decided_on": "2026-11-21", "decided_by": SUE}
    ana.save({"appeal/bp": said | {"reason": "有照片"} | mine}, contract)
    ben.save({"appeal/bp": said | {"reason": "另一说法"}}, contract)
    ana.sync()
    village.later(minutes=1)
    ben.sync()
    page = lea.open(f"/conflicts/{contract}")
    assert set(re.findall(r'name="(fix:[^"]+)"', page)) == {"fix:appeal/bp:reason"}
    [(name, value), _] = choices(page)
    form = {"seen": seen(page), "reason": "核对", "action": "settle", name: value}
    lea.send(f"/conflicts/{contract}", **form, **{f"fix:appeal/bp:{field}": text for field, text in mine.items()})
    assert f"/dashboard/appeals/{contract}/bp" in sue.open("/queue")


IDENTITY = {"name": "王秀兰", "sex": "female", "birth_date": "1949-12-31", "id_no": "11010519491231002X"}


def known_by_two_numbers(village, ana, ben, hers, his):
    """Ana and Ben write about Wang apart, whose identity number and telephone are known."""
    ana.save({"identity": IDENTITY, "contact": {"phone": "13800001111"}}, WANG, type="resident", subject=WANG)
    ana.sync()
    ben.renew().sync()
    ana.save(hers, WANG)
    ben.save(his, WANG)
    ana.sync()
    village.later(minutes=1)
    ben.sync()


def numbered(id_no):
    return {"identity": IDENTITY | {"id_no": id_no}}


def test_who_decides_about_a_void_is_not_shown_the_numbers_of_the_person(village, ana, ben, lea):
    known_by_two_numbers(village, ana, ben, {"contact": {"phone": "13800002222"}}, {"void": {"reason": "wrong-person"}})
    page = lea.open(f"/conflicts/{WANG}")
    assert ("13800002222" in page, "2222" in page) == (False, True)


def test_who_decides_between_two_identity_numbers_is_shown_both_when_they_ask_and_that_stands_in_the_trail(
    village, ana, ben, lea, sue
):
    known_by_two_numbers(village, ana, ben, numbered("110105194912310011"), numbered("110105194912310038"))
    for desk in (lea, sue):
        page = desk.open(f"/conflicts/{WANG}")
        assert ("110105194912310011" in page, "110105194912310038" in page, "••••11" in page) == (False, False, True)
        assert ("显示完整号码" in page) is (desk is lea)
    page = lea.send(f"/conflicts/{WANG}/reveal", 200)
    assert all(number in page for number in ("110105194912310011", "110105194912310038"))
    assert "显示完整号码" not in page
    sue.send(f"/conflicts/{WANG}/reveal", 403)
    [entry] = [row for row in village.rows("trail") if row["action"] == "resident.reveal"]
    assert (entry["person"], entry["resident"], json.loads(entry["detail"])["purpose"]) == (LEA, WANG, "settle")


def test_of_two_numbers_with_one_end_it_is_said_that_they_differ(village, ana, ben, lea):
    known_by_two_numbers(village, ana, ben, {"contact": {"phone": "13800002222"}}, numbered("110105194912310011"))
    assert "尾号相同" not in lea.open(f"/conflicts/{WANG}")
    ana.sync()
    ana.save(numbered("110105194912310111"), WANG)
    ben.save(numbered("110105194912310211"), WANG)
    for phone in (ana, ben):
        phone.sync()
    assert lea.open(f"/conflicts/{WANG}").count("（尾号相同，其余不同）") == 2


def test_the_record_shows_nothing_of_what_was_set_aside_but_to_whom_decides_and_no_decision_of_a_phone(village, ana, ben, lea):
    contract = appealed(village, ana)
    ben.renew().sync()
    ana.save({"decision": {"about": ["term"], "reason": "金丝雀一", "decided_on": "2026-11-21"}}, contract)
    ana.sync()
    ben.save({"status": {"status": "terminated", "note": "金丝雀二"}}, contract)
    village.set_status(ben, "retired")
    ben.sync()
    address = f"/residents/{forms.name(1, 'resident')}/records/{contract}"
    hers, leaders = Desk(village, ANA).open(address), lea.open(address)
    assert ("金丝雀二" in hers, "金丝雀二" in leaders) == (False, True)
    assert "（内容未采纳，由负责核对的人处理）" in hers
    assert "金丝雀一" not in hers + leaders


def twins(ana):
    """Somebody registered twice, once without a number: both ids."""
    said = {"identity": {"name": "王秀兰", "sex": "female", "birth_date": "1950-03-04"}, "contact": {"phone": "13800000001"}}
    ids = [forms.name(n, "resident") for n in (1, 2)]
    for one in ids:
        ana.save(said, one, type="resident", subject=one)
    ana.sync()
    return ids


def test_two_residents_are_linked_and_unlinked_on_the_page(village, ana, lea, sue):
    first, second = twins(ana)
    assert "可能是同一人" in lea.open("/queue")
    address = f"/candidates/{first}"
    assert "王秀兰" in lea.open(f"{address}?other={second}")
    mine = {"seen": seen(lea.open(f"{address}?other={second}")), "other": second, "reason": "同一身份证"}
    lea.send(address, 422, **mine, action="same")  # which record stands?
    lea.send(address, **mine, action="same", stays=second)
    standings = village.app.extensions["cunyi"].standings
    assert standings.of([VILLAGE], first)["same_as"] == second
    assert "可能是同一人" not in lea.open("/queue")
    lea.send(address, seen=seen(lea.open(f"{address}?other={second}")), other=second, action="two", reason="是姐妹")
    assert standings.of([VILLAGE], first)["same_as"] is None
    assert len([row for row in village.rows("records") if row["type"] == "same_person"]) == 1
    ana.sync()
    assert "可能是同一人" not in lea.open("/queue")  # somebody has looked
    sue.send(address, 403, seen="{}", other=second, action="same", stays=first, reason="why")


def test_of_two_leaders_who_judge_the_same_pair_the_second_is_told_and_undoes_nothing(village, ana, lea):
    first, second = twins(ana)
    address = f"/candidates/{first}"
    before = seen(lea.open(f"{address}?other={second}"))
    form = {"seen": before, "other": second, "reason": "同一身份证"}
    lea.send(address, **form, action="same", stays=second)
    told = lea.send(address, 409, **form, action="two")
    assert "他人已先处理" in told
    assert "已有认定" in told
    assert village.app.extensions["cunyi"].standings.of([VILLAGE], first)["same_as"] == second


def in_one_moment(monkeypatch, *works):
    """Two at a desk who have both looked before either writes: the answers that they get."""
    looked, write, answers = threading.Barrier(2), Deciding.at_once, []

    def together(self, *work):
        with contextlib.suppress(threading.BrokenBarrierError):
            looked.wait(5)
        return write(self, *work)

    monkeypatch.setattr(Deciding, "at_once", together)
    threads = [threading.Thread(target=lambda work=work: answers.append(work().status_code)) for work in works]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return sorted(answers)


def test_of_two_leaders_who_judge_a_pair_in_one_moment_one_makes_a_record(village, ana, lea, monkeypatch):
    first, second = twins(ana)
    form = {"seen": seen(lea.open(f"/candidates/{first}?other={second}")), "reason": "同一身份证", "action": "same"}
    colleague = Desk(village, LEA)
    assert in_one_moment(
        monkeypatch,
        lambda: lea.post(f"/candidates/{first}", **form, other=second, stays=first),
        lambda: colleague.post(f"/candidates/{second}", **form, other=first, stays=second),
    ) == [303, 409]
    assert len([row for row in village.rows("records") if row["type"] == "same_person"]) == 1


# -- two contracts in force --------------------------------------------------------------------------------------------


def signed_twice(village, ana):
    """Wang has signed with two teams: the ids of her contracts, the one that counts first."""
    mine = forms.contract(1, "2026-01-05", "2027-01-04", {})
    other = forms.contract(1, "2026-03-01", "2027-02-28", {}, number=2, team="t-2")
    for saved in (forms.resident(1, "王秀兰", "female", "1950-03-04"), mine, other):
        ana.save(saved.sections, saved.record, type=saved.type, subject=saved.subject)
    assert {receipt["status"] for receipt in ana.sync()["receipts"]} == {"accepted"}
    return mine.record, other.record


def signed(village):
    return village.app.extensions["cunyi"].standings.of([VILLAGE], forms.name(1, "resident"))["signed"]


def test_two_contracts_in_force_wait_for_the_leader_who_stops_one_and_the_phones_hold_why(village, ana, lea, sue):
    first, second = signed_twice(village, ana)
    address = f"/doubles/{forms.name(1, 'resident')}"
    queue = lea.open("/queue?kind=double")
    assert f"/dashboard{address}" in queue
    assert "王秀兰" in words(queue)
    page = lea.open(address)
    form = {"seen": seen(page), "contract": first, "code": "stop:other_team", "on": "2026-11-21", "reason": "居民已改签二队"}
    sue.open(address)
    sue.send(address, 403, **form)
    for unfit in ({"reason": " "}, {"contract": ""}, {"code": ""}, {"code": "stop:nothing"}):
        lea.send(address, 422, **(form | unfit))
    for day in ("2026-11-22", "2026-01-04", "昨天", ""):  # to come; before it was signed
        lea.send(address, 422, **(form | {"on": day}))
    assert signed(village)["contract"] == first
    lea.send(address, **form)
    assert (signed(village)["contract"], signed(village)["others"]) == (second, [])
    assert f"/dashboard{address}" not in lea.open("/queue")
    assert "没有同时生效的两份协议" in lea.open(address)
    ana.sync()
    assert ana.shows(first)["status"] == {"status": "terminated"}
    assert ana.shows(first)["stop"] == {"stopped_on": "2026-11-21", "reason": "other_team", "note": "居民已改签二队"}
    [decision] = sections(ana.base[first])["decision"]
    assert (decision.edit.author, decision.value["reason"]) == (LEA, "居民已改签二队")
    assert "double.settle" in [row["action"] for row in village.rows("trail")]
    assert village.faults() == []


def test_of_two_leaders_who_each_end_another_contract_the_second_is_told_and_one_stays_in_force(village, ana, lea):
    first, second = signed_twice(village, ana)
    address = f"/doubles/{forms.name(1, 'resident')}"
    form = {"seen": seen(lea.open(address)), "code": "void:duplicate", "on": "", "reason": "录了两次"}
    lea.send(address, **form, contract=second)
    told = lea.send(address, 409, **form, contract=first)
    assert "他人已先处理" in told
    assert signed(village)["contract"] == first
    ana.sync()
    assert ana.shows(second)["void"] == {"reason": "duplicate", "note": "录了两次"}


def test_of_two_leaders_who_each_end_another_contract_in_one_moment_one_is_told(village, ana, lea, monkeypatch):
    contracts = signed_twice(village, ana)
    address, colleague = f"/doubles/{forms.name(1, 'resident')}", Desk(village, LEA)
    form = {"seen": seen(lea.open(address)), "code": "void:duplicate", "reason": "录了两次"}
    assert in_one_moment(
        monkeypatch,
        lambda: lea.post(address, **form, contract=contracts[0]),
        lambda: colleague.post(address, **form, contract=contracts[1]),
    ) == [303, 409]
    assert signed(village)["contract"] in contracts


def test_two_contracts_of_another_village_are_told_to_nobody_else(village, ana):
    signed_twice(village, ana)
    village.person(CAM, role="team_leader")
    cam = Desk(village, CAM)
    hers = forms.name(1, "resident")
    assert "王秀兰" not in cam.open("/queue")
    assert cam.open(f"/doubles/{hers}", 404).replace(hers, NOTHING) == cam.open(f"/doubles/{NOTHING}", 404)
    cam.send(f"/doubles/{hers}", 404, seen="{}", contract=NOTHING, code="void:duplicate", reason="why")
