"""The registers of the sample and a year of hypertension visits: some patients well controlled, some not, some late, some lost."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from server.demo.book import Book, chance
from server.demo.households import FIGURE, Household, Resident
from server.demo.people import TEAM, doctors_of

MEDICINES = (
    ("苯磺酸氨氯地平片", 1, "5", "mg"),
    ("硝苯地平缓释片", 2, "20", "mg"),
    ("马来酸依那普利片", 1, "10", "mg"),
    ("缬沙坦胶囊", 1, "80", "mg"),
    ("吲达帕胺片", 1, "2.5", "mg"),
)
DIABETES_MEDICINE = ("盐酸二甲双胍片", 2, "0.5", "g")
NAMES = {"hypertension": "高血压", "diabetes": "2型糖尿病", "copd": "慢性阻塞性肺疾病"}
# what a hurried thumb makes of a measurement: the form marks each as an error
SLIPS: tuple[dict[str, Any], ...] = (
    {"diastolic_mmhg": 820},
    {"systolic_mmhg": 78, "diastolic_mmhg": 146},
    {"weight_kg": "635"},
)


def as_medicine(medicine: tuple[str, int, str, str]) -> dict[str, Any]:
    """A medicine as forms have it."""
    drug, times, dose, unit = medicine
    return {"drug": drug, "times_per_day": times, "dose": dose, "dose_unit": unit}


@dataclass
class Visited:
    """A visit that was made."""

    record: str
    day: dt.date
    way: str


@dataclass
class Patient:
    """A resident with a disease, and how it goes: `course` is steady, high, late or lost."""

    who: Resident
    home: Household
    doctor: str
    confirmed: dt.date
    course: str
    systolic: int
    medicine: tuple[str, int, str, str]
    weight: float
    height: int
    visits: list[Visited] = field(default_factory=list)


def open_registers(book: Book, homes: list[Household]) -> list[Patient]:
    """A register for every disease of everybody; the patients with hypertension or diabetes."""
    rng = chance("registers")
    patients = []
    for home in homes:
        for who in home.members:
            if not who.diseases:
                continue
            patient = _patient(who, home, book.today, rng)
            patients.append(patient)
            for disease in who.diseases:
                _register(book, patient, disease, rng)
    book.deliver()
    return patients


def _patient(who: Resident, home: Household, today: dt.date, rng: random.Random) -> Patient:
    course = rng.choices(("steady", "high", "late", "lost"), (64, 18, 13, 5))[0]
    if who.name == FIGURE:
        course = "high"
    return Patient(
        who,
        home,
        doctors_of(home.village)[rng.randrange(2)],
        today - dt.timedelta(days=rng.randrange(600, 4000)),
        course,
        rng.randrange(146, 163) if course == "high" else rng.randrange(122, 137),
        rng.choice(MEDICINES),
        rng.gauss(68 if who.sex == "male" else 60, 7),
        rng.randrange(163, 178) if who.sex == "male" else rng.randrange(150, 165),
    )


def _register(book: Book, patient: Patient, disease: str, rng: random.Random) -> None:
    opened = max(patient.confirmed + dt.timedelta(days=rng.randrange(30)), patient.who.born)
    lost = patient.course == "lost" and disease == "hypertension"
    lost_on = (book.today - dt.timedelta(days=40)).isoformat()
    sections = {
        "registration": {
            "disease": disease,
            "opened_on": opened.isoformat(),
            "confirmed_on": patient.confirmed.isoformat(),
            "confirmed_by": "青石镇卫生院",
            "found_by": rng.choice(("first_visit_measurement", "health_exam", "outpatient")),
        },
        "management": {
            "organization": f"o-clinic-{patient.home.village[-3:]}",
            "team": TEAM,
            "doctor": patient.doctor,
            "since": opened.isoformat(),
        },
        "status": {"status": "lost", "lost_on": lost_on} if lost else {"status": "managed"},
    }
    when = book.moment(book.today - dt.timedelta(days=rng.randrange(366, 380)), rng)
    book.new(patient.doctor, "chronic_register", patient.who.id, patient.home.village, when, sections)


# -- visits ------------------------------------------------------------------------------------------------------------


def make_visits(book: Book, patients: list[Patient]) -> int:
    """A year of visits to everybody with hypertension: how many."""
    rng = chance("visits")
    slips = list(SLIPS)
    count = 0
    for patient in patients:
        if "hypertension" not in patient.who.diseases:
            continue
        for day, lost in _days(patient, book.today, rng):
            way = "phone" if lost else rng.choices(("clinic", "home", "phone"), (62, 32, 6))[0]
            form = _lost_form(patient, day) if lost else _form(patient, day, way, rng)
            if slips and not lost and count % 150 == 140:
                form["vitals"] |= slips.pop()
            count += 1
            when = book.moment(day, rng)
            record = book.new(patient.doctor, "hypertension_visit", patient.who.id, patient.home.village, when, form)
            if not lost:
                patient.visits.append(Visited(record, day, way))
    book.deliver()
    return count


def _days(patient: Patient, today: dt.date, rng: random.Random) -> Iterator[tuple[dt.date, bool]]:
    """The days of a patient's visits, and whether the person was not reached."""
    day = today - dt.timedelta(days=rng.randrange(276, 365))
    last = today - dt.timedelta(days={"late": 130, "lost": 120}.get(patient.course, 0))
    while day <= last:
        yield day, False
        if patient.course == "high" and rng.random() < 0.25:
            again = day + dt.timedelta(days=14)
            if again <= last:
                yield again, False
        day += dt.timedelta(days=rng.randrange(84, 91))
    if patient.course == "lost":
        yield today - dt.timedelta(days=40), True


def _lost_form(patient: Patient, day: dt.date) -> dict[str, Any]:
    return {"visit": {"visited_on": day.isoformat(), "way": "phone", "doctor": patient.doctor, "lost_reason": "away_for_work"}}


def _form(patient: Patient, day: dt.date, way: str, rng: random.Random) -> dict[str, dict[str, Any]]:
    """The form of one visit; pressure falls a little over the year, as treatment works."""
    seen = len(patient.visits)
    systolic = round(rng.gauss(patient.systolic - 1.5 * seen, 5))
    diastolic = round(systolic * 0.58 + rng.gauss(0, 3))
    uncontrolled = systolic >= (150 if patient.who.age(day) >= 65 else 140) or diastolic >= 90
    again = uncontrolled and bool(patient.visits)
    weight = patient.weight + rng.gauss(0, 0.6)
    symptoms = ["headache_dizziness"] if uncontrolled and rng.random() < 0.5 else ["none"]
    form: dict[str, dict[str, Any]] = {
        "visit": {"visited_on": day.isoformat(), "way": way, "doctor": patient.doctor},
        "symptoms": {"symptoms": symptoms},
        "vitals": {
            "systolic_mmhg": systolic,
            "diastolic_mmhg": diastolic,
            "heart_rate_per_min": rng.randrange(62, 88),
            "weight_kg": f"{weight:.1f}",
            "height_cm": f"{patient.height}",
            "bmi_kg_m2": f"{weight / (patient.height / 100) ** 2:.2f}",
        },
        "lifestyle": {
            "cigarettes_per_day": rng.choice((0, 5, 10, 20)) if patient.who.sex == "male" else 0,
            "target_cigarettes_per_day": 0,
            "alcohol_liang_per_day": rng.choice(("0", "1", "2")) if patient.who.sex == "male" else "0",
            "exercise_per_week": rng.choice((2, 3, 5, 7)),
            "exercise_min": rng.choice((20, 30, 40)),
            "salt": rng.choice(("light", "medium", "medium", "heavy")),
            "target_salt": "light",
            "psychology": rng.choice(("good", "good", "fair")),
            "follows_advice": rng.choice(("good", "good", "fair")),
        },
        "adherence": {"medication": "intermittent" if uncontrolled else "regular", "adverse_reaction": "no"},
        "assessment": {
            "class": "uncontrolled" if uncontrolled else "controlled",
            "next_measure": "refer_followup" if again else "two_week" if uncontrolled else "routine",
        },
        "medication/m1": as_medicine(patient.medicine),
        "next_visit": {"on": (day + dt.timedelta(days=14 if uncontrolled else 88)).isoformat()},
    }
    if again:
        form["medication/m2"] = as_medicine(next(m for m in MEDICINES if m != patient.medicine))
        form["referral"] = {"reason": "连续两次血压控制不满意", "to_department": "青石镇卫生院内科", "arrival": "arrived"}
    return form
