"""The care plans, contracts and home visits of the sample."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from server.demo.book import Book, chance
from server.demo.households import FIGURE, Household, Resident
from server.demo.people import HOSPITAL, LEADER, NURSE, PUBLIC_HEALTH, TEAM, doctors_of
from server.demo.visits import DIABETES_MEDICINE, NAMES, Patient, as_medicine
from sync.types.checks import months_later

CONTRACTS, HOME_VISITS = 800, 400
DAY = dt.timedelta(days=1)


# -- plans -------------------------------------------------------------------------------------------------------------


def write_plans(book: Book, patients: list[Patient]) -> dict[str, Patient]:
    """A plan for most patients, every fourth of them in its second version: the plans by record."""
    rng = chance("plans")
    plans = {}
    for patient in patients:
        if patient.who.name != FIGURE and rng.random() < 0.12:
            continue
        day = book.today - dt.timedelta(days=rng.randrange(280, 360))
        sections = _plan(patient, day, rng)
        record = book.new(patient.doctor, "care_plan", patient.who.id, patient.home.village, book.moment(day, rng), sections)
        plans[record] = patient
    book.deliver()
    for record, patient in plans.items():
        later = [visit for visit in patient.visits if (book.today - visit.day).days < 200]
        if later and rng.random() < 0.25 and patient.who.name != FIGURE:
            summary = summary_of(patient) | {"version": 2, "change_reason": "随访后调整用药", "changed_after": later[0].record}
            regimen = regimen_of(patient, "hypertension")
            regimen["medicines"] = [*regimen["medicines"], as_medicine(("吲达帕胺片", 1, "1.25", "mg"))]
            when = book.moment(later[0].day + 3 * DAY, rng)
            book.edit(LEADER, record, when, {"summary": summary, "condition/hypertension": regimen})
    book.deliver()
    return plans


def _plan(patient: Patient, day: dt.date, rng: random.Random) -> dict[str, Any]:
    sections: dict[str, Any] = {
        "summary": summary_of(patient),
        "team": {"team": TEAM, "village_doctor": patient.doctor, "township_doctor": LEADER, "health_specialist": PUBLIC_HEALTH},
        "review": {
            "next_review_on": months_later(day, 12).isoformat(),
            "approved_on": (day + DAY).isoformat(),
            "approved_by": LEADER,
            "resident_informed": True,
        },
    }
    for disease in patient.who.diseases:
        sections[f"condition/{disease}"] = regimen_of(patient, disease)
    if rng.random() < 0.3:
        sections["measure/m1"] = {
            "action": "每月上门一次，核对药品并测血压",
            "owner": patient.doctor,
            "due_on": months_later(day, 11).isoformat(),
        }
    return sections


def summary_of(patient: Patient) -> dict[str, Any]:
    """The summary of a patient's plan in its first version."""
    return {
        "version": 1,
        "status": "active",
        "problem_summary": "、".join(NAMES[disease] for disease in patient.who.diseases),
        "population_groups": patient.who.groups or ["general"],
        "service_mode": ["clinic", "home"],
        "visits_per_year": 4,
        "goals": "血压、血糖达标，按时服药，低盐饮食，每周运动三次以上",
    }


def regimen_of(patient: Patient, disease: str) -> dict[str, Any]:
    """The regimen of one disease as it was at first."""
    about: dict[str, Any] = {
        "name": NAMES[disease],
        "diagnosed_on": patient.confirmed.isoformat(),
        "diagnosed_by": "青石镇卫生院",
    }
    if disease == "hypertension":
        return about | {
            "icd10": "I10",
            "medicines": [as_medicine(patient.medicine)],
            "monitoring": [{"what": "血压", "times_per_month": 4}],
            "target_systolic_mmhg": 140,
            "target_diastolic_mmhg": 90,
            "referral_rule": "收缩压≥180或舒张压≥110，或连续两次控制不满意",
        }
    if disease == "diabetes":
        return about | {
            "icd10": "E11",
            "medicines": [as_medicine(DIABETES_MEDICINE)],
            "monitoring": [{"what": "空腹血糖", "times_per_month": 2}],
            "target_fasting_glucose_mmol_l": "7.0",
        }
    return about | {"icd10": "J44", "education": "戒烟，注意保暖，接种流感疫苗"}


# -- contracts ---------------------------------------------------------------------------------------------------------


def sign_contracts(book: Book, homes: list[Household]) -> int:
    """Contracts of the groups that come first and of others, some renewed, some stopped, some still waiting: how many."""
    rng = chance("contracts")
    everybody = [(home, who) for home in homes for who in home.members]
    everybody.sort(key=lambda pair: (not pair[1].groups, rng.random()))
    for serial, (home, who) in enumerate(everybody[:CONTRACTS], 1):
        before = ""
        if serial % 12 == 0:
            start = months_later(book.today, -12) - dt.timedelta(days=rng.randrange(20, 300))
            before = _sign(book, home, who, start, {"status": {"status": "expired"}}, rng)
            if serial % 24 == 0:
                continue
        start = book.today - dt.timedelta(days=rng.randrange(8, 360 if not before else 200))
        status = "renewed" if before else "pending" if serial % 60 == 7 else "active"
        extra: dict[str, Any] = {"status": {"status": status}}
        if serial % 50 == 3:
            stopped = (start + dt.timedelta(days=rng.randrange(7))).isoformat()
            extra = {
                "status": {"status": "terminated"},
                "stop": {"stopped_on": stopped, "reason": rng.choice(("moved_out", "own_wish"))},
            }
        _sign(book, home, who, start, extra, rng, before)
    book.deliver()
    return CONTRACTS + CONTRACTS // 24


def _sign(
    book: Book, home: Household, who: Resident, start: dt.date, extra: dict[str, Any], rng: random.Random, before: str = ""
) -> str:
    """One contract of a year."""
    doctor = doctors_of(home.village)[rng.randrange(2)]
    child = who.age(start) < 18
    guardian = {"signer": "guardian", "signer_name": home.members[0].name} if child else {"signer": "resident"}
    paid = rng.random() < 0.15
    special = {"hypertension": "p-hypertension", "diabetes": "p-diabetes", "elder_65": "p-elder"}
    sections = {
        "parties": {
            "resident": who.id,
            "household": home.id,
            **guardian,
            "organization": HOSPITAL,
            "team": TEAM,
            "doctor": doctor,
            "channel": rng.choice(("doctor_app", "doctor_app", "paper")),
        },
        "term": {
            "signed_on": (start - rng.randrange(7) * DAY).isoformat(),
            "starts_on": start.isoformat(),
            "ends_on": (months_later(start, 12) - DAY).isoformat(),
            **({"renewal_of": before} if before else {}),
        },
        "population": {"groups": who.groups or ["general"]},
        "packages": {"packages": ["p-basic", *(special[group] for group in who.groups if group in special)]},
        "fees": {"total_yuan": "120.00", "self_pay_yuan": "60.00", "public_health_yuan": "60.00"}
        if paid
        else {"total_yuan": "0.00"},
        "signatures": {"party_a_by": doctor},
        **extra,
    }
    return book.new(doctor, "contract", who.id, home.village, book.moment(start, rng), sections)


# -- home visits -------------------------------------------------------------------------------------------------------


def go_round(book: Book, homes: list[Household], patients: list[Patient]) -> int:
    """Visits to households: those on which a follow-up was made, and rounds to the others: how many."""
    rng = chance("rounds")
    count = 0
    for patient in patients:
        for visit in patient.visits:
            if visit.way == "home":
                extra = {"links": {"visits": [visit.record]}}
                _call(
                    book,
                    patient.home,
                    visit.day,
                    ["followup", "drug_delivery"][: rng.randrange(1, 3)],
                    extra,
                    rng,
                    patient.doctor,
                )
                count += 1
    old = [home for home in homes if home.poor or any(who.age(book.today) >= 75 for who in home.members)]
    while count < HOME_VISITS:
        home = rng.choice(old if rng.random() < 0.7 else homes)
        day = book.today - dt.timedelta(days=rng.randrange(1, 360))
        purposes, extra = _occasion(home, count, rng)
        _call(book, home, day, purposes, extra, rng, doctors_of(home.village)[rng.randrange(2)])
        count += 1
    book.deliver()
    return count


def _occasion(home: Household, count: int, rng: random.Random) -> tuple[list[str], dict[str, Any]]:
    """Why the doctor comes, and what is written because of it."""
    extra: dict[str, Any] = {}
    if home.poor:
        extra["livelihood"] = {
            "employed": "yes",
            "poverty_cause": "illness",
            "sick": "yes",
            "diseases": ["arthritis"],
            "elders_count": 1,
        }
    if count % 97 == 0:
        extra["escort"] = {
            "residents": [home.members[0].id],
            "reason": "胸闷加重",
            "destination": "云河县人民医院内科",
            "transport": "team_car",
            "handed_to": "内科值班医生",
        }
        return ["escort_to_hospital"], extra
    if count % 23 == 0:
        extra["problem/1"] = {"problem": "家中药品过期未清理", "resident": home.members[0].id, "action": "当场清理并重新配药"}
    return [rng.choice(("round", "round", "doctor_to_home", "policy_talk", "exam_at_home", "recheck"))], extra


def _call(
    book: Book, home: Household, day: dt.date, purposes: list[str], extra: dict[str, Any], rng: random.Random, doctor: str
) -> None:
    """One call at a household; now and then nobody is there."""
    arrived = book.moment(day, rng) - dt.timedelta(minutes=40)
    left = arrived + dt.timedelta(minutes=rng.randrange(12, 39))
    served = [who.id for who in home.members[: rng.randrange(1, 3)]]
    visit: dict[str, Any] = {
        "visited_on": arrived.astimezone(book.zone).date().isoformat(),
        "arrived_at": arrived.isoformat(timespec="seconds"),
        "left_at": left.isoformat(timespec="seconds"),
        "household": home.id,
        "household_times": 1,
        "purposes": purposes,
        "doctor": doctor,
        "companions": [NURSE] if rng.random() < 0.2 else [],
    }
    if "links" not in extra and "escort" not in extra and rng.random() < 0.06:
        sections: dict[str, Any] = {"visit": visit | {"person_times": 0, "not_met_reason": rng.choice(("nobody_home", "away"))}}
    else:
        sections = {
            "visit": visit | {"residents": served, "person_times": len(served)},
            "findings": {"narrative": rng.choice(NARRATIVES), "education": "低盐饮食，规律服药，适量活动"},
            f"vitals/{served[0]}": {
                "systolic_mmhg": rng.randrange(116, 148),
                "diastolic_mmhg": rng.randrange(68, 90),
                "heart_rate_per_min": rng.randrange(62, 90),
            },
            **extra,
        }
        if "drug_delivery" in purposes or rng.random() < 0.4:
            sections["drug_check"] = {
                "drugs_in_stock": "yes",
                "consumables_in_stock": "yes",
                "refills": [{"drug": "苯磺酸氨氯地平片", "quantity": "2", "quantity_unit": "盒"}],
            }
    book.new(doctor, "home_visit", home.id, home.village, left, sections)


NARRATIVES = (
    "一般情况可，精神好，按时服药，无不适主诉。",
    "近期天气转凉，关节疼痛，嘱注意保暖，必要时到卫生室理疗。",
    "核对家中药品，剩余约十天用量，已登记送药。",
    "饮食偏咸，已讲解减盐方法，家属表示配合。",
    "行动不便，协助测量血压，告知家属紧急联系方式。",
)
