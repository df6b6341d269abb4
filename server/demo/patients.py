"""The patients of the sample: their registers, and how their follow-up goes."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import Any

from server.demo.bodies import Body, body_of
from server.demo.book import Book, chance
from server.demo.households import DAY, FIGURE, Household, Resident
from server.demo.people import TEAM, clinic, doctors_of

FOLLOWED = ("hypertension", "diabetes")
MEDICINES = (
    ("苯磺酸氨氯地平片", 1, "5", "mg"),
    ("硝苯地平缓释片", 2, "20", "mg"),
    ("马来酸依那普利片", 1, "10", "mg"),
    ("缬沙坦胶囊", 1, "80", "mg"),
    ("吲达帕胺片", 1, "2.5", "mg"),
)
DIABETES_MEDICINES = (("盐酸二甲双胍片", 2, "0.5", "g"), ("格列美脲片", 1, "2", "mg"), ("阿卡波糖片", 3, "50", "mg"))
# how the follow-up goes: as it should; as it should, and the pressure stays high; always weeks late; not for months; by
# telephone only; lost; not met three times; never begun; begun lately; flagged, and no register was opened
COURSES = {
    "steady": 52,
    "high": 29,
    "slow": 5,
    "lapsed": 2,
    "phone": 2,
    "lost": 7,
    "failed": 1,
    "never": 1.5,
    "new": 3,
    "unopened": 1,
}
Medicine = tuple[str, int, str, str]


def as_medicine(medicine: Medicine) -> dict[str, Any]:
    """A medicine as forms have it."""
    drug, times, dose, unit = medicine
    return {"drug": drug, "times_per_day": times, "dose": dose, "dose_unit": unit}


@dataclass
class Visited:
    """A visit at which the person was met: the record of each disease, and what the doctor sends the person away with."""

    day: dt.date
    way: str
    records: dict[str, str]
    measures: dict[str, str]


@dataclass
class Patient:
    """A resident with a disease, and how it goes (`course`, one of COURSES); the registers and visits by record."""

    who: Resident
    home: Household
    doctor: str
    confirmed: dt.date
    course: str
    body: Body
    medicine: Medicine
    diabetes_medicine: Medicine
    registers: dict[str, str] = field(default_factory=dict)
    visits: list[Visited] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What they are called in the sample: door and place behind it."""
        return f"{self.home.number}-{self.home.members.index(self.who)}"

    @property
    def followed(self) -> list[str]:
        """The diseases that are followed up."""
        return [disease for disease in self.who.diseases if disease in FOLLOWED]

    @property
    def settled(self) -> bool:
        """True for one with hypertension alone whose year holds no other surprise."""
        plain = self.who.diseases == ["hypertension"] and self.course in ("steady", "high")
        return plain and self.who.closed is None and not self.home.fixed


def open_registers(book: Book, homes: list[Household]) -> list[Patient]:
    """A register for every disease of everybody: the patients."""
    rng = chance("registers")
    patients = []
    for home in homes:
        for who in home.members:
            if not who.diseases:
                continue
            patient = _patient(who, home, book.today, rng)
            patients.append(patient)
            for disease in who.diseases:
                if patient.course != "unopened" or disease not in FOLLOWED:
                    patient.registers[disease] = _register(book, patient, disease, rng)
    book.deliver()
    return patients


def _patient(who: Resident, home: Household, today: dt.date, rng: random.Random) -> Patient:
    course = rng.choices(list(COURSES), list(COURSES.values()))[0]
    if home.fixed:
        course = "high" if who.name == FIGURE else "steady"
    elif who.away and course not in ("lost", "never"):
        course = "phone" if rng.random() < 0.4 else "lost"
    elif who.closed and course in ("lost", "failed", "new", "unopened"):
        course = "steady"
    lately = course in ("new", "never")
    confirmed = today - rng.randrange(20, 80) * DAY if lately else today - rng.randrange(600, 4000) * DAY
    doctor = doctors_of(home.village)[rng.randrange(2)]
    body = body_of(who, course, doctor, today, rng)
    return Patient(
        who,
        home,
        doctor,
        confirmed,
        course,
        body,
        rng.choice(MEDICINES),
        rng.choice(DIABETES_MEDICINES[:1] * 3 + DIABETES_MEDICINES),
    )


def _register(book: Book, patient: Patient, disease: str, rng: random.Random) -> str:
    lately = patient.course in ("new", "never")
    opened = max(patient.confirmed + rng.randrange(4 if lately else 30) * DAY, patient.who.born)
    sections: dict[str, Any] = {
        "registration": {
            "disease": disease,
            "opened_on": opened.isoformat(),
            "confirmed_on": patient.confirmed.isoformat(),
            "confirmed_by": "云河县人民医院" if disease == "tumour" else "青石镇卫生院",
            "found_by": rng.choice(("first_visit_measurement", "health_exam", "outpatient")),
        },
        "management": {
            "organization": clinic(patient.home.village),
            "team": TEAM,
            "doctor": patient.doctor,
            "since": opened.isoformat(),
        },
        "status": {"status": "managed"},
    }
    if disease == "hypertension":
        strata = rng.choices(("low", "medium", "high", "very_high"), (15, 45, 28, 12))[0]
        grade = rng.choices(("grade_1", "grade_2", "grade_3"), (55, 35, 10))[0]
        sections["diagnosis"] = {"hypertension_kind": "essential", "hypertension_grade": grade, "risk_stratum": strata}
    elif disease == "diabetes":
        sections["diagnosis"] = {"diabetes_type": "type_2"}
    when = book.moment(opened if lately else book.today - rng.randrange(366, 380) * DAY, rng)
    return book.new(patient.doctor, "chronic_register", patient.who.id, patient.home.village, when, sections)


def end_registers(book: Book, patients: list[Patient]) -> None:
    """The registers of those who are lost, have died or have left."""
    rng = chance("ends of registers")
    for patient in patients:
        if patient.who.closed:
            day, reason = patient.who.closed
            status: dict[str, Any] = {"status": "closed", "close_reason": reason, "closed_on": day.isoformat()}
        elif patient.course == "lost":
            day = book.today - 40 * DAY
            status = {"status": "lost", "lost_on": day.isoformat()}
        else:
            continue
        for disease, record in patient.registers.items():
            if patient.who.closed or disease in FOLLOWED:
                book.edit(patient.doctor, record, book.moment(day + rng.randrange(4) * DAY, rng), {"status": status})
    book.deliver()
