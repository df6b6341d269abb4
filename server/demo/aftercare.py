"""What follows from visits: people sent to the hospital and asked after, and medicines for weeks that run out."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from server.demo.book import Book, chance
from server.demo.households import DAY
from server.demo.patients import Patient, Visited, as_medicine
from server.demo.people import COUNTY_HOSPITAL, HOSPITAL, LEADER, LIU, clinic
from sync.types.long_prescription import TYPE as PRESCRIPTION

SUPPLIES = (28, 30, 42, 56, 60)  # days
AGAIN = 120  # days in which somebody who was at the hospital is not sent there for the same again
IN_TIME = 14  # days in which somebody who was sent away is asked after


def refer(book: Book, patients: list[Patient]) -> int:
    """A referral for the visits that called for one; nearly all were asked after, one that was urgent was not: how many."""
    rng = chance("referrals")
    count = 0
    for patient in patients:
        there: dt.date | None = None
        for visit in patient.visits:
            if there and (visit.day - there).days < AGAIN:
                continue
            for disease, measure in visit.measures.items():
                if measure in ("refer_followup", "urgent_refer"):
                    _send(book, patient, visit, disease, measure == "urgent_refer", rng)
                    count, there = count + 1, visit.day
    forgotten = next(p for p in patients if p.home.village == LIU and p.settled and p.course == "steady" and p.visits)
    about = _sent(forgotten, "hypertension", book.today - 20 * DAY)
    about |= {"reason_code": "new_complication", "reason": "突发言语不清，疑似脑卒中", "urgency": "urgent"}
    sections = {"referral": about | {"to_organization": COUNTY_HOSPITAL, "to_department": "神经内科"}}
    when = book.moment(book.today - 20 * DAY, rng)
    book.new(forgotten.doctor, "referral", forgotten.who.id, forgotten.home.village, when, sections)
    _back(book, next(p for p in patients if p.settled and p is not forgotten), rng)
    book.deliver()
    return count + 2


def _sent(patient: Patient, disease: str, day: dt.date) -> dict[str, Any]:
    return {
        "direction": "up",
        "from_organization": clinic(patient.home.village),
        "to_organization": HOSPITAL,
        "to_department": "内科",
        "disease": disease,
        "sent_on": day.isoformat(),
        "doctor": patient.doctor,
    }


def _send(book: Book, patient: Patient, visit: Visited, disease: str, urgent: bool, rng: random.Random) -> None:
    about = _sent(patient, disease, visit.day) | {
        "reason_code": "emergency" if urgent else "two_consecutive_uncontrolled",
        "urgency": "urgent" if urgent else "routine",
        "visit": visit.records[disease],
    }
    sections: dict[str, Any] = {"referral": about}
    arrived = visit.day + rng.randrange(2 if urgent else 5) * DAY
    asked = visit.day + rng.randrange(5, IN_TIME) * DAY
    if arrived <= book.today:
        sections["arrival"] = {"arrival": "arrived", "arrived_on": arrived.isoformat()}
    if asked <= book.today:
        result = "调整降压方案，门诊观察" if disease == "hypertension" else "调整降糖方案，门诊观察"
        sections["result"] = {"result": result, "plan": "回村继续随访", "closed_on": asked.isoformat()}
        sections["followup"] = {"followed_on": asked.isoformat(), "by": patient.doctor, "note": "已就诊，病情平稳"}
    when = book.moment(min(asked, book.today), rng)
    book.new(patient.doctor, "referral", patient.who.id, patient.home.village, when, sections)


def _back(book: Book, patient: Patient, rng: random.Random) -> None:
    """A patient whom the hospital sends back into the care of the village."""
    day = book.today - 9 * DAY
    about = _sent(patient, "hypertension", day) | {
        "direction": "down",
        "from_organization": HOSPITAL,
        "to_organization": clinic(patient.home.village),
        "to_department": "村卫生室",
        "reason_code": "other",
        "reason": "血压平稳，转回村卫生室继续管理",
        "urgency": "routine",
        "doctor": LEADER,
    }
    book.new(LEADER, "referral", patient.who.id, patient.home.village, book.moment(day, rng), {"referral": about})


def prescribe(book: Book, patients: list[Patient]) -> int:
    """Long prescriptions for some who are stable, at every stage of running out; one is longer than it may be: how many."""
    rng = chance("prescriptions")
    count = 0
    for patient in patients:
        if patient.course != "steady" or patient.who.closed or not patient.followed or rng.random() > 0.3:
            continue
        disease = rng.choice(patient.followed)
        days = 84 if count == 10 else rng.choice(SUPPLIES)
        day = book.today - rng.randrange(days + 5) * DAY
        before = [day - days * DAY] if rng.random() < 0.4 else []
        for issued in [*before, day]:
            _issue(book, patient, disease, issued, days, rng)
            count += 1
    book.deliver()
    return count


def _issue(book: Book, patient: Patient, disease: str, day: dt.date, days: int, rng: random.Random) -> None:
    about: dict[str, Any] = {
        "condition": disease,
        "issued_on": day.isoformat(),
        "days_supply": days,
        "runs_out_on": (day + days * DAY).isoformat(),
        "prescriber": LEADER,
        "stable": True,
        "handed_to": patient.who.name,
    }
    medicine = patient.medicine if disease == "hypertension" else patient.diabetes_medicine
    sections = {"prescription": about, "medication/m1": as_medicine(medicine)}
    if PRESCRIPTION.advice(sections).get("limit"):
        about["extension_reason"] = "随子女在外地过冬，三个月后返回"
    book.new(LEADER, "long_prescription", patient.who.id, patient.home.village, book.moment(day, rng), sections)
