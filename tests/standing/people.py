"""Twelve residents of one village, told as the forms that were saved about them, up to 22 November 2026.

`TWELVE` holds for each the saved forms in the order of saving, the resident's own first. What each is due and counts as is
reasoned by hand in test_worked_example.py. Whoever has a door to try (a phone, a server) writes the same forms through it.
"""

from __future__ import annotations

from tests.standing.forms import (
    SMD,
    TB,
    VILLAGE,
    Saved,
    again,
    contract,
    exam,
    home,
    item,
    mind,
    name,
    performance,
    pressure,
    register,
    resident,
    selfcare,
    sugar,
)

FOLLOWUPS = item(fulfilled_by=["hypertension_visit"], face_to_face=True, groups=["hypertension"])

# 1. Wang Guiying turned 65 in March. Her pressure is controlled by the bound for elders; examined; everything was given.
GUIYING = [
    resident(1, "王桂英", "female", "1961-03-01"),
    register(1, "hypertension", "2024-03-15"),
    pressure(1, 1, "2026-02-10", "136/84"),
    pressure(1, 2, "2026-05-12", "146/86"),
    pressure(1, 3, "2026-08-11", "144/84"),
    pressure(1, 4, "2026-11-10", "148/88", next_on="2027-02-03"),
    exam(1, "2026-05-12"),
    selfcare(1, "2026-05-12"),
    contract(
        1,
        "2026-01-01",
        "2026-12-31",
        {"followup": FOLLOWUPS, "exam": item("once_in_term", 1, fulfilled_by=["health_exam"])},
        signed="2025-12-20",
    ),
]

# 2. Li Dashan has the same reading, and is 64 for nine more days.
DASHAN = [
    resident(2, "李大山", "male", "1961-12-01", **{"flags/hypertension": {"from": "2025-06-01"}}),
    register(2, "hypertension", "2025-06-01"),
    pressure(2, 1, "2026-02-10", "132/82"),
    pressure(2, 2, "2026-05-12", "134/82"),
    pressure(2, 3, "2026-08-11", "130/80"),
    pressure(2, 4, "2026-11-20", "148/88", said="uncontrolled", measure="two_week", next_on="2026-12-10"),
]

# 3. Zhao Xiulan was not controlled twice in a row. The doctor wrote what is for the first time, and nobody came again.
XIULAN = [
    resident(3, "赵秀兰", "female", "1976-05-05"),
    register(3, "hypertension", "2026-08-20"),
    pressure(3, 1, "2026-08-25", "138/86", "home"),
    pressure(3, 2, "2026-10-10", "156/96", "home", "uncontrolled", measure="two_week", next_on="2026-10-22"),
    pressure(3, 3, "2026-10-22", "158/94", "home", "uncontrolled", measure="two_week", next_on="2026-11-12"),
]

# 4. Sun Jianguo's glucose was 16.8 a week ago; the form says controlled.
JIANGUO = [
    resident(4, "孙建国", "male", "1968-02-02"),
    register(4, "diabetes", "2026-01-10"),
    sugar(4, 1, "2026-02-09", "6.5", "controlled"),
    sugar(4, 2, "2026-05-11", "6.8", "controlled"),
    sugar(4, 3, "2026-08-10", "6.9", "controlled"),
    sugar(4, 4, "2026-11-16", "16.8", "controlled", "2027-02-16"),
    exam(4, "2026-03-03"),
]

# 5. Zhou Min works in town and is only ever telephoned, though her contract promises to see her.
MIN = [
    resident(5, "周敏", "female", "1981-07-07"),
    register(5, "hypertension", "2025-11-03"),
    pressure(5, 1, "2026-02-02", "128/82", "phone"),
    pressure(5, 2, "2026-05-04", "128/80", "phone"),
    pressure(5, 3, "2026-08-03", "126/82", "phone"),
    pressure(5, 4, "2026-11-02", "128/82", "phone"),
    contract(5, "2026-01-01", "2026-12-31", {"followup": FOLLOWUPS}),
    performance(5, 1, "2026-03-15", "followup", mode="phone", evidence={"resident_confirmed": "sms"}),
]

# 6. Wu Laosi cannot leave his bed. He is registered poor, has a plan, and is seen at home, his wife too (she is resident 2).
LAOSI, HIS_WIFE = name(6, "resident"), name(6, "resident", 2)
WU = [
    resident(
        6,
        "吴老四",
        "male",
        "1966-04-04",
        disability={"disability": ["physical"]},
        needs={"mobility": "bedridden", "need_flags": ["immobile"]},
        **{
            "poverty/p0": {"status": "province_standard_poor", "from": "2017-01-01", "to": "2019-01-01"},
            "poverty/p1": {"status": "registered_poor", "from": "2019-01-01"},
            "three_batches/b1": {
                "class": "severe_safety_net",
                "from": "2020-01-01",
                "due": True,
                "treated_on": "2026-06-01",
                "result": "improved",
            },
            "three_batches/b2": {"class": "chronic_contract", "from": "2020-01-01", "due": True},
        },
    ),
    Saved(
        name(6, "plan"),
        "care_plan",
        LAOSI,
        VILLAGE,
        {
            "summary": {
                "version": 2,
                "status": "active",
                "written_on": "2026-03-01",
                "problem_summary": "脑卒中后卧床",
                "service_mode": ["home"],
                "visits_per_year": 12,
                "goals": "不生褥疮",
            },
            "team": {"village_doctor": "p-ana"},
            "condition/stroke": {"diagnosed_on": "2018-05-01"},
            "measure/m1": {"action": "申请护理床", "owner": "p-ana", "due_on": "2026-11-25"},
            "measure/m2": {
                "action": "装扶手",
                "owner": "p-ana",
                "due_on": "2026-06-30",
                "done_on": "2026-06-09",
                "done_evidence": "已装",
            },
            "review": {
                "next_review_on": "2026-11-15",
                "reviewed_on": "2026-05-15",
                "reviewed_by": "p-lea",
                "approved_on": "2026-03-02",
                "approved_by": "p-lea",
            },
        },
    ),
    home(6, 1, "2025-12-01", [LAOSI]),
    home(6, 2, "2026-03-10", [LAOSI, HIS_WIFE]),
    home(6, 3, "2026-06-09", [LAOSI]),
    home(6, 4, "2026-09-08", [], "nobody_home"),
    home(6, 5, "2026-10-13", [HIS_WIFE]),
]

# 7. Zheng Fang signed with one team in January and with another in March, for the same service.
GUIDANCE = {"guidance": item("every_n_months", 2, every_months=6)}
FANG = [
    resident(7, "郑芳", "female", "1986-09-09"),
    contract(7, "2026-01-05", "2027-01-04", GUIDANCE),
    contract(7, "2026-03-01", "2027-02-28", GUIDANCE, number=2, team="t-2"),
    performance(7, 1, "2026-04-10", "guidance", evidence={"signature": "s-1"}),
    performance(7, 2, "2026-05-20", "guidance", to=2, evidence={"signature": "s-2"}),
]

# 8. Feng Wei was away in spring (waived); then nobody can show that he was served, until October, when there is a photograph.
WEI_S_VISIT = pressure(8, 1, "2026-08-14", "150/90")
WEI_S_SECOND = performance(8, 5, "2026-06-20", "advice", evidence={"signature": "s-3"})
WEI = [
    resident(8, "冯伟", "male", "1990-01-01"),
    contract(8, "2026-01-01", "2026-12-31", {"advice": item("every_n_months", 4, every_months=3)}),
    performance(8, 1, "2026-02-15", "advice", waiver={"reason": "away"}),
    performance(8, 2, "2026-05-15", "advice"),
    WEI_S_SECOND,
    again(WEI_S_SECOND, void={"reason": "wrong-person"}),
    WEI_S_VISIT,
    again(WEI_S_VISIT, void={"reason": "wrong-person"}),
    performance(8, 3, "2026-08-15", "advice", evidence={"record": WEI_S_VISIT.record}),
    performance(8, 4, "2026-10-20", "advice", evidence={"photos": ["f-1"]}),
]

# 9. Qian Shuzhen died on 9 May; her records were closed.
SHUZHEN_S_REGISTER = register(9, "hypertension", "2023-05-05")
SHUZHEN_S_RECORD = resident(9, "钱淑珍", "female", "1950-10-10")
DIED = {"status": "closed", "close_reason": "died", "closed_on": "2026-05-09"}
SHUZHEN = [
    SHUZHEN_S_RECORD,
    SHUZHEN_S_REGISTER,
    contract(9, "2026-01-01", "2026-12-31", {"followup": FOLLOWUPS}),
    pressure(9, 1, "2026-01-20", "142/84"),
    again(SHUZHEN_S_REGISTER, status=DIED),
    again(SHUZHEN_S_RECORD, "benphone", record_status=DIED),
]

# 10. Ma Qiang: on Friday the hospital gave notice of tuberculosis; twice nobody was at home. Only the protected scope knows.
QIANG = [
    resident(10, "马强", "male", "1979-03-03"),
    contract(
        10,
        "2026-11-20",
        "2027-11-19",
        {"supervision": item("every_n_months", 12, every_months=1, fulfilled_by=["tb_visit"], groups=["tuberculosis"])},
    ),
    register(
        10,
        "tuberculosis",
        "2026-11-20",
        TB,
        notice={"notified_at": "2026-11-20T09:30:00+08:00", "notified_by": "清水县疾控中心"},
        **{
            "attempt/a1": {"at": "2026-11-20T17:00:00+08:00", "outcome": "nobody_home"},
            "attempt/a2": {"at": "2026-11-21T10:00:00+08:00", "outcome": "nobody_home"},
        },
    ),
]

# 11. He Xiaoyan's risk was 3 at the end of May; after treatment she has been stable. Only the protected scope knows.
XIAOYAN = [
    resident(11, "何小燕", "female", "1988-08-08"),
    register(11, "severe_mental_disorder", "2026-02-01", SMD),
    mind(11, 1, "2026-03-02", 0, "stable", "2026-06-01"),
    mind(11, 2, "2026-05-28", 3, "unstable", "2026-06-04"),
    mind(11, 3, "2026-06-08", 0, "stable", "2026-09-07"),
    mind(11, 4, "2026-09-07", 0, "stable", "2026-12-01", "phone"),
]

# 12. Chen Guoqing was registered twice (residents 1 and 2), linked in September. He works away; his last visit is disputed:
# Ana wrote 146/86, Ben, who had not seen that, 152/92. A visit of 19 November was meant for somebody else.
GUOQING, GUOQING_AGAIN = name(12, "resident"), name(12, "resident", 2)
LAST_VISIT = pressure(12, 4, "2026-11-04", "140/80", "home", of=2)
WRONG_VISIT = pressure(12, 5, "2026-11-19", "128/78")
LINK = Saved(
    name(12, "link"),
    "same_person",
    GUOQING_AGAIN,
    VILLAGE,
    {
        "link": {
            "duplicate": GUOQING_AGAIN,
            "same_as": GUOQING,
            "state": "linked",
            "decided_by": "p-ana",
            "decided_on": "2026-09-01",
        }
    },
)
UNLINKED = again(LINK, link={**LINK.sections["link"], "state": "undone", "decided_on": "2026-11-22"})
CHEN = [
    resident(
        12, "陈国庆", "male", "1955-06-06", away={"away_for_work": True, "expected_return_on": "2027-01-20"}
    ),
    resident(12, "陈国清", "male", "1955-06-06", number=2),
    register(12, "hypertension", "2024-01-01"),
    pressure(12, 1, "2026-02-05", "138/82"),
    pressure(12, 2, "2026-05-06", "142/84"),
    pressure(12, 3, "2026-08-05", "144/80", of=2),
    LAST_VISIT,
    again(LAST_VISIT, vitals={**LAST_VISIT.sections["vitals"], "systolic_mmhg": 146, "diastolic_mmhg": 86}),
    again(LAST_VISIT, "benphone", apart=True, vitals={**LAST_VISIT.sections["vitals"], "systolic_mmhg": 152, "diastolic_mmhg": 92}),
    WRONG_VISIT,
    again(WRONG_VISIT, "benphone", void={"reason": "wrong-person"}),
    exam(12, "2026-04-20", of=2),
    contract(12, "2026-01-01", "2026-12-31", {"followup": FOLLOWUPS}),
    contract(12, "2026-07-01", "2027-06-30", {"followup": FOLLOWUPS}, number=2, signed="2026-06-28", of=2),
    Saved(
        name(12, "prescription"),
        "long_prescription",
        GUOQING,
        VILLAGE,
        {
            "prescription": {
                "condition": "hypertension",
                "issued_on": "2026-09-27",
                "days_supply": 60,
                "runs_out_on": "2026-11-26",
                "prescriber": "p-lea",
                "stable": True,
            }
        },
    ),
    Saved(
        name(12, "referral"),
        "referral",
        GUOQING,
        VILLAGE,
        {
            "referral": {
                "direction": "up",
                "from_organization": "o-1",
                "to_organization": "o-9",
                "disease": "hypertension",
                "reason_code": "other",
                "reason": "心电图异常",
                "urgency": "routine",
                "sent_on": "2026-10-30",
                "doctor": "p-ana",
            }
        },
    ),
    LINK,
]  # fmt: skip

TWELVE: dict[str, list[Saved]] = {
    "an_elder_with_everything": GUIYING,
    "the_same_reading_at_64": DASHAN,
    "twice_not_controlled": XIULAN,
    "a_glucose_of_16_8": JIANGUO,
    "only_telephoned": MIN,
    "poor_and_in_bed": WU,
    "signed_twice": FANG,
    "nothing_to_show": WEI,
    "died_in_may": SHUZHEN,
    "notice_of_tuberculosis": QIANG,
    "a_crisis_in_may": XIAOYAN,
    "registered_twice": CHEN,
}
