"""A year of follow-up: when each patient is seen, what is measured, and what the doctor makes of it, beside what the rules say."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any, NamedTuple

from server.demo import diabetes, habits, hypertension
from server.demo.book import Book, Sections, chance
from server.demo.households import DAY
from server.demo.patients import Patient, Visited
from sync.types.declare import RecordType
from sync.types.rules import NOTHING, Advice


class Form(NamedTuple):
    """A follow-up form: its type, how it is filled in, and what the doctor does because of the measure."""

    declared: RecordType
    fill: Callable[[Patient, dt.date, dict[str, Any], dict[str, Any], random.Random], dict[str, Any]]
    treat: Callable[[Patient, dict[str, Any], str], None]


FORMS = {
    "hypertension": Form(hypertension.TYPE, hypertension.form, hypertension.treat),
    "diabetes": Form(diabetes.TYPE, diabetes.form, diabetes.treat),
}
OTHERWISE = 0.05  # how often a doctor judges otherwise than the rules
SLIPS: tuple[dict[str, Any], ...] = (  # what a hurried thumb makes of a measurement: the form marks each as an error
    {"diastolic_mmhg": 820},
    {"systolic_mmhg": 78, "diastolic_mmhg": 146},
    {"weight_kg": "635"},
)
FOLLOWS = {"steady": 0.97, "high": 0.985, "new": 1}  # how often a visit that calls for another within two weeks has it
TRIES = 5  # such visits in a row, before one is left to the hospital
SPELL_DAYS = 60  # so long it has been bad weather for those whose pressure is high
UNMET = {"lost": (40,), "failed": (75, 60, 41)}  # days ago at which somebody of this course was asked after in vain


def make_visits(book: Book, patients: list[Patient]) -> int:
    """A year of visits to everybody with hypertension or diabetes: how many."""
    slips = [patient for patient in patients if patient.settled][40::40]
    count = 0
    for patient in patients:
        if not patient.followed or patient.course in ("never", "unopened"):
            continue
        slip = SLIPS[slips.index(patient)] if patient in slips[: len(SLIPS)] else {}
        # each by a chance of their own, so that what befalls one changes nothing for the others
        count += _Year(book, patient, chance(f"visits to {patient.name}"), slip).go()
    book.deliver()
    return count


class _Year:
    """The year of one patient."""

    def __init__(self, book: Book, patient: Patient, rng: random.Random, slip: dict[str, Any]) -> None:
        self._book, self._patient, self._rng, self._slip = book, patient, rng, slip
        self._advice: dict[str, Advice] = {}
        self._written = 0
        man = patient.who.sex == "male"
        self._cigarettes = rng.choice((0, 0, 5, 10, 20)) if man else 0
        self._liang = rng.choice((0, 0, 1, 2)) if man else 0

    def go(self) -> int:
        """Visit after visit, then the attempts in vain: how many records were written."""
        patient, rng, today = self._patient, self._rng, self._book.today
        back = {"lapsed": rng.randrange(110, 200), "lost": 120, "failed": 100}.get(patient.course, 0)
        last = today - back * DAY
        if patient.who.closed:
            last = min(last, patient.who.closed[0] - DAY)
        day = today - rng.randrange(276, 365) * DAY
        if patient.course == "new":
            day = patient.confirmed + rng.randrange(8, 14) * DAY
        tries = 0
        while day <= last:
            visited, wanted = self._visit(day)
            pressing = any(measure != "routine" for measure in visited.measures.values())
            if pressing and tries < TRIES and rng.random() < FOLLOWS.get(patient.course, 0.35):
                tries += 1
                day = max(day + DAY, min(wanted, day + 14 * DAY) - rng.randrange(4) * DAY)
            else:
                late = rng.randrange(4, 15) if patient.course == "slow" else rng.randrange(-7, 3)
                day = max(wanted, day + 80 * DAY) + late * DAY
                tries = 0
        for ago in UNMET.get(patient.course, ()):
            reason = "away_for_work" if patient.who.away else "moved" if patient.course == "lost" else "three_failed_contacts"
            self._not_met(today - ago * DAY, {"lost_reason": reason})
        if patient.who.closed and patient.who.closed[1] == "died":
            day = min(patient.who.closed[0] + rng.randrange(2, 15) * DAY, today)
            self._not_met(
                day, {"died_on": patient.who.closed[0].isoformat(), "death_cause": rng.choice(("脑出血", "心肌梗死", "肺癌"))}
            )
        return self._written

    def _visit(self, day: dt.date) -> tuple[Visited, dt.date]:
        """One visit, with a form for each disease and one measurement for all; the day for which the next is wanted."""
        patient, rng = self._patient, self._rng
        way = _way(patient, rng)
        vitals, habits = _measured(patient, day, self._book.today, rng), self._habits()
        visited = Visited(day, way, {}, {})
        wanted = day + 365 * DAY
        for disease in patient.followed:
            form = FORMS[disease].fill(patient, day, vitals, habits, rng)
            form["visit"] = {"visited_on": day.isoformat(), "way": way, "doctor": patient.doctor}
            measure, on = self._judge(disease, form, day)
            visited.measures[disease] = measure
            wanted = min(wanted, on)
            FORMS[disease].treat(patient, form, measure)
            if self._slip and len(patient.visits) == 2:
                form["vitals"] |= self._slip
            visited.records[disease] = self._write(disease, day, form)
        patient.visits.append(visited)
        patient.body.live_on(rng, adjusted=any(measure != "routine" for measure in visited.measures.values()))
        return visited, wanted

    def _habits(self) -> dict[str, Any]:
        """Habits and aims, as both forms ask for them."""
        rng, less = self._rng, self._rng.random() < 0.3
        return {
            "cigarettes_per_day": self._cigarettes // 2 if less else self._cigarettes,
            "target_cigarettes_per_day": 0,
            "alcohol_liang_per_day": str(self._liang),
            "exercise_per_week": rng.choice((2, 3, 5, 7)),
            "exercise_min": rng.choice((20, 30, 40)),
            "psychology": rng.choice(("good", "good", "fair")),
            "follows_advice": rng.choice(("good", "good", "fair")),
        }

    def _judge(self, disease: str, form: dict[str, Any], day: dt.date) -> tuple[str, dt.date]:
        """Class, measure and next visit into the form; now and then the doctor's own and not the suggested ones."""
        rng, age = self._rng, self._patient.who.age(day)
        advice = FORMS[disease].declared.advice(form, {"age_years": age}, self._advice.get(disease, NOTHING))
        self._advice[disease] = advice
        class_, measure, by = advice.get("class"), advice.get("measure"), advice.by("next_within")
        assert class_ is not None, form
        assert measure is not None, form
        assert by is not None, form
        if rng.random() < OTHERWISE and not self._patient.home.fixed:
            if class_ == "controlled":  # who aims lower than the rules
                class_, measure, by = "uncontrolled", "two_week", day + 14 * DAY
            elif measure == "two_week":  # who blames the weather
                class_, measure, by = "controlled", "routine", day + 88 * DAY
        on = by - rng.randrange(3 if measure != "routine" else 8) * DAY
        if measure == "routine" and rng.random() < OTHERWISE:  # who lets a steady patient come a little later
            on = by + rng.randrange(1, 7) * DAY
        form["assessment"] = {"class": class_, "next_measure": measure, **advice.kept().get("assessment", {})}
        form["next_visit"] = {"on": on.isoformat()}
        return measure, on

    def _not_met(self, day: dt.date, why: dict[str, str]) -> None:
        for disease in self._patient.followed:
            visit = {"visited_on": day.isoformat(), "way": "phone", "doctor": self._patient.doctor, **why}
            self._write(disease, day, {"visit": visit})

    def _write(self, disease: str, day: dt.date, form: Sections) -> str:
        patient, when = self._patient, self._book.moment(day, self._rng)
        self._written += 1
        return self._book.new(patient.doctor, f"{disease}_visit", patient.who.id, patient.home.village, when, form)


def _way(patient: Patient, rng: random.Random) -> str:
    if patient.course == "phone":
        return "phone"
    if patient.who.mobility in ("housebound", "bedridden"):
        return "home"
    return rng.choices(("clinic", "home", "phone"), (73, 24, 3))[0]


def _measured(patient: Patient, day: dt.date, today: dt.date, rng: random.Random) -> dict[str, Any]:
    """What every form asks to be measured; once in a while a pressure that cannot wait."""
    systolic, diastolic = patient.body.pressure(day, rng)
    if patient.course == "high" and (today - day).days < SPELL_DAYS:
        systolic, diastolic = systolic + 12, diastolic + 5
    if patient.course == "high" and rng.random() < 0.012:
        systolic, diastolic = systolic + 38, diastolic + 16
    systolic, diastolic = habits.read(patient.doctor, day, today, (systolic, diastolic))
    weight = patient.body.weighed(rng)
    return {
        "systolic_mmhg": systolic,
        "diastolic_mmhg": diastolic,
        "heart_rate_per_min": min(round(rng.gauss(patient.body.pulse, 5)), 98),
        "weight_kg": weight,
        "height_cm": f"{patient.body.height}",
        "bmi_kg_m2": patient.body.bmi(weight),
    }
