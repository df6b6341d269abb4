"""The care plans of the sample: for most patients, and for the poor."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from server.demo.book import Book, chance
from server.demo.households import DAY, FIGURE, Household, Resident
from server.demo.patients import Patient, as_medicine
from server.demo.people import LEADER, PUBLIC_HEALTH, TEAM
from server.demo.registration import NAMES
from sync.types.checks import months_later

CODES = {"hypertension": "I10", "diabetes": "E11", "copd": "J44", "tumour": "C15"}


def write_plans(book: Book, patients: list[Patient], homes: list[Household]) -> dict[str, Patient]:
    """A plan for most patients, every fourth of them in its second version, and for the poor: those of patients by record."""
    rng = chance("plans")
    plans = {}
    for patient in patients:
        if patient.who.closed or (not patient.home.poor and patient.who.name != FIGURE and rng.random() < 0.15):
            continue
        day = book.today - rng.randrange(280, 385) * DAY
        sections = _plan(patient, day, book.today, book.last_day(patient.doctor), rng)
        record = book.new(patient.doctor, "care_plan", patient.who.id, patient.home.village, book.moment(day, rng), sections)
        plans[record] = patient
    ill = {patient.who.id for patient in patients}
    for home in homes:
        head = home.members[0]
        if home.poor and head.id not in ill and head.closed is None:
            day = book.today - rng.randrange(30, 350) * DAY
            book.new(
                home.doctor,
                "care_plan",
                head.id,
                home.village,
                book.moment(day, rng),
                _of_the_poor(head, home, day, book.last_day(home.doctor)),
            )
    book.deliver()
    for record, patient in plans.items():
        later = [visit for visit in patient.visits if (book.today - visit.day).days < 200 and "hypertension" in visit.records]
        if later and rng.random() < 0.25 and patient.who.name != FIGURE:
            reason = {"version": 2, "change_reason": "随访后调整用药", "changed_after": later[0].records["hypertension"]}
            regimen = regimen_of(patient, "hypertension")
            regimen["medicines"] = [*regimen["medicines"], as_medicine(("吲达帕胺片", 1, "1.25", "mg"))]
            when = book.moment(later[0].day + 3 * DAY, rng)
            book.edit(LEADER, record, when, {"summary": summary_of(patient) | reason, "condition/hypertension": regimen})
    book.deliver()
    return plans


def _plan(patient: Patient, day: dt.date, today: dt.date, known: dt.date, rng: random.Random) -> dict[str, Any]:
    """A plan of a day, with what came of it up to the day that is `known`."""
    sections: dict[str, Any] = {
        "summary": summary_of(patient),
        "team": _team(patient.doctor),
        "review": _review(day, today, known, rng),
    }
    for disease in patient.who.diseases:
        sections[f"condition/{disease}"] = regimen_of(patient, disease)
    if rng.random() < 0.3:
        due = months_later(day, 11)
        sections["measure/m1"] = {
            "action": "每月上门一次，核对药品并测血压",
            "owner": patient.doctor,
            "due_on": due.isoformat(),
        }
        if due < today and rng.random() < 0.8 and due < known:
            sections["measure/m1"] |= {"done_on": due.isoformat(), "done_evidence": "入户服务日志"}
    return sections


def _team(doctor: str) -> dict[str, str]:
    return {"team": TEAM, "village_doctor": doctor, "township_doctor": LEADER, "health_specialist": PUBLIC_HEALTH}


def _review(day: dt.date, today: dt.date, known: dt.date, rng: random.Random) -> dict[str, Any]:
    """Approved when it was written; looked at again after a year, by most in time."""
    approved = {"approved_on": (day + DAY).isoformat(), "approved_by": LEADER, "resident_informed": True}
    again = months_later(day, 12)
    if again > today or rng.random() < 0.25 or again > known:
        return {"next_review_on": again.isoformat(), **approved}
    told = {"reviewed_on": again.isoformat(), "reviewed_by": LEADER, "outcome": "kept", "conclusion": "继续目前方案"}
    return {"next_review_on": months_later(again, 12).isoformat(), **told, **approved}


def _of_the_poor(head: Resident, home: Household, day: dt.date, known: dt.date) -> dict[str, Any]:
    """The plan of somebody whom no disease is known of."""
    due = months_later(day, 6)
    done = {"done_on": due.isoformat(), "done_evidence": "救助申请已受理"} if due < known else {}
    return {
        "summary": {
            "version": 1,
            "status": "active",
            "problem_summary": "家庭因病致贫，本人暂无慢性病",
            "population_groups": head.groups,
            "service_mode": ["home"],
            "visits_per_year": 4,
            "goals": "每年体检一次，每季度入户一次，防止因病返贫",
        },
        "team": _team(home.doctor),
        "measure/m1": {
            "action": "协助办理医疗救助，宣讲“先诊疗后付费”政策",
            "owner": home.doctor,
            "due_on": due.isoformat(),
            **done,
        },
        "review": {
            "next_review_on": months_later(day, 12).isoformat(),
            "approved_on": (day + DAY).isoformat(),
            "approved_by": LEADER,
            "resident_informed": True,
        },
    }


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
        "icd10": CODES[disease],
        "diagnosed_on": patient.confirmed.isoformat(),
        "diagnosed_by": "云河县人民医院" if disease == "tumour" else "青石镇卫生院",
    }
    if disease == "hypertension":
        return about | {
            "medicines": [as_medicine(patient.medicine)],
            "monitoring": [{"what": "血压", "times_per_month": 4}],
            "target_systolic_mmhg": 140,
            "target_diastolic_mmhg": 90,
            "referral_rule": "收缩压≥180或舒张压≥110，或连续两次控制不满意",
        }
    if disease == "diabetes":
        return about | {
            "medicines": [as_medicine(patient.diabetes_medicine)],
            "monitoring": [{"what": "空腹血糖", "times_per_month": 2}],
            "target_fasting_glucose_mmol_l": "7.0",
        }
    if disease == "tumour":
        return about | {"rehabilitation": "按云河县人民医院方案复查，疼痛随访", "education": "少量多餐，保持心情舒畅"}
    return about | {"education": "戒烟，注意保暖，接种流感疫苗"}
