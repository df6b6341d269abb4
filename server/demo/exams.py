"""The examinations of the year, and how far the old can care for themselves."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from typing import Any

from server.demo.book import Book, chance
from server.demo.households import DAY, Household, Resident
from server.demo.patients import Patient
from server.demo.people import HOSPITAL, LEADER, clinic
from sync.types.elder_selfcare import TYPE as SELF_CARE

POINTS = {  # by mobility: scores of eating, washing, dressing, going to the toilet, moving about
    "independent": ((0, 0, 0, 0, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 1), (0, 1, 0, 1, 1)),
    "assisted": ((0, 1, 0, 1, 5), (0, 3, 0, 1, 1), (0, 1, 3, 1, 1)),
    "housebound": ((0, 3, 3, 5, 5), (3, 1, 3, 1, 5)),
    "bedridden": ((3, 7, 5, 10, 10), (5, 7, 5, 10, 10)),
}
SCORES = ("eating_points", "washing_points", "dressing_points", "toilet_points", "mobility_points")


def examine(book: Book, homes: list[Household], patients: list[Patient]) -> tuple[int, int]:
    """Examinations and self-care assessments, for most of those to whom they are offered: how many of each."""
    rng = chance("exams")
    known = {patient.who.id: patient for patient in patients}
    # of the year, but for one that has just begun
    span = max(60, min(300, book.today.timetuple().tm_yday - 1))
    exams = assessments = 0
    for home in homes:
        for who in home.members:
            patient, old = known.get(who.id), who.age(book.today) >= 65
            grown = who.age(book.today) >= 18
            # somebody comes without belonging to a group, too: an examination tells nothing of who is treated for what
            asked = old or (patient and patient.followed) or (grown and (home.poor or who.protected == "smd"))
            if not (asked or (grown and rng.random() < 0.03)):
                continue
            day = book.today - rng.randrange(span) * DAY
            if rng.random() > _share(who, patient, home) or not who.here(day):
                continue
            selfcare = ""
            if who.age(day) >= 65 and rng.random() < 0.93:
                selfcare = _assess(book, who, home, day, rng)
                assessments += 1
            _Examined(who, home, patient, day, rng).write(book, selfcare)
            exams += 1
    book.deliver()
    return exams, assessments


def _share(who: Resident, patient: Patient | None, home: Household) -> float:
    """How many of those like them come to the examination."""
    if who.away:
        return 0.25
    if patient and patient.followed:
        return {"steady": 0.88, "high": 0.88, "slow": 0.6, "lapsed": 0.4}.get(patient.course, 0.2)
    return 0.85 if home.poor else 0.72


def _assess(book: Book, who: Resident, home: Household, day: dt.date, rng: random.Random) -> str:
    points = rng.choice(POINTS[who.mobility])
    sections: dict[str, Any] = {
        "assessment": {"assessed_on": day.isoformat(), "doctor": home.doctor},
        "scores": dict(zip(SCORES, points, strict=True)),
        "result": {"total_points": sum(points)},
    }
    advice = SELF_CARE.advice(sections)
    sections["result"] |= {"level": advice.get("level"), **advice.kept()["result"]}
    if 1 <= sum(points) <= 3 and rng.random() < 0.15:
        sections["result"] |= {"level": "mild", "note": "冬季洗浴需家属协助"}
    return book.new(home.doctor, "elder_selfcare", who.id, home.village, book.moment(day, rng), sections)


class _Examined:
    """One examination."""

    def __init__(self, who: Resident, home: Household, patient: Patient | None, day: dt.date, rng: random.Random) -> None:
        self._who, self._home, self._patient, self._day, self._rng = who, home, patient, day, rng
        self._abnormal: list[str] = []

    def write(self, book: Book, selfcare: str) -> None:
        """Write its form."""
        who, rng = self._who, self._rng
        if who.mobility in ("housebound", "bedridden"):
            delivery = "at_home"
        elif who.away:
            delivery = "appointment_for_returner"
        else:
            delivery = rng.choice(("institution", "village_clinic"))
        there = delivery in ("institution", "appointment_for_returner")
        doctor = LEADER if there else self._home.doctor
        sections: dict[str, Any] = {
            "exam": {
                "examined_on": self._day.isoformat(),
                "delivery": delivery,
                "doctor": doctor,
                "organization": HOSPITAL if there else clinic(self._home.village),
            },
            "symptoms": {"symptoms": [rng.choice(("none", "none", "none", "dizziness", "joint_swelling_pain"))]},
            "general": self._general(),
            "lifestyle": self._lifestyle(),
            **self._body(),
            **self._tests(),
        }
        if who.age(self._day) >= 65:
            sections |= self._elder(selfcare)
        sections |= self._conclusions()
        book.new(doctor, "health_exam", who.id, self._home.village, book.moment(self._day, rng), sections)

    def _general(self) -> dict[str, Any]:
        rng, body = self._rng, self._patient.body if self._patient else None
        if body:
            systolic, diastolic = body.pressure(self._day, rng)
            weight, height = body.weighed(rng), body.height
            bmi = body.bmi(weight)
        else:
            systolic = round(rng.gauss(126, 8))
            diastolic = systolic * 3 // 5 + rng.randrange(-3, 6)
            height = rng.randrange(158, 176) if self._who.sex == "male" else rng.randrange(148, 164)
            weight = f"{rng.gauss(23.2, 2.4) * (height / 100) ** 2:.1f}"
            bmi = f"{float(weight) / (height / 100) ** 2:.2f}"
        if systolic >= 140 or diastolic >= 90:
            self._abnormal.append(f"血压偏高（{systolic}/{diastolic}mmHg）")
        if float(bmi) >= 28:
            self._abnormal.append("肥胖")
        return {
            "temperature_celsius": f"{rng.gauss(36.5, 0.2):.1f}",
            "pulse_per_min": rng.randrange(62, 88),
            "respiration_per_min": rng.randrange(15, 21),
            "left_systolic_mmhg": systolic - rng.randrange(5),
            "left_diastolic_mmhg": diastolic - rng.randrange(4),
            "right_systolic_mmhg": systolic,
            "right_diastolic_mmhg": diastolic,
            "height_cm": f"{height}",
            "weight_kg": weight,
            "waist_cm": f"{min(max(66 + (float(bmi) - 18) * 2.6 + rng.gauss(0, 3), 60), 125):.0f}",
            "bmi_kg_m2": bmi,
        }

    def _lifestyle(self) -> dict[str, Any]:
        rng, man = self._rng, self._who.sex == "male"
        smokes, drinks = man and rng.random() < 0.4, man and rng.random() < 0.3
        return {
            "exercise_frequency": rng.choice(("daily", "weekly", "occasionally", "never")),
            "diet": [rng.choice(("balanced", "balanced", "salty", "mostly_vegetables"))],
            "smoking": "smokes" if smokes else "never",
            **({"cigarettes_per_day": rng.choice((5, 10, 20))} if smokes else {}),
            "drinking": "often" if drinks else "never",
            **({"alcohol_liang_per_day": rng.choice(("1", "2")), "drinks": ["spirits"]} if drinks else {}),
        }

    def _body(self) -> dict[str, Any]:
        """What was seen and felt, and the diseases that are known of."""
        rng, old = self._rng, self._who.age(self._day) >= 65
        cataract = old and rng.random() < 0.12
        if cataract:
            self._abnormal.append("白内障")
        return {
            "organs": {
                "lips": "ruddy",
                "teeth": rng.choice((["missing"], ["denture"], ["missing", "caries"])) if old else ["normal"],
                "pharynx": "normal",
                "left_acuity": f"{rng.randrange(4, 11) / 10:.1f}",
                "right_acuity": f"{rng.randrange(4, 11) / 10:.1f}",
                "hearing": "does_not_hear" if old and rng.random() < 0.1 else "hears",
                "motor": "unable" if self._who.mobility == "bedridden" else "able",
            },
            "body": {
                "skin": "normal",
                "sclera": "normal",
                "lymph_nodes": "none",
                "barrel_chest": "yes" if "copd" in self._who.diseases else "no",
                "breath_sounds": "normal",
                "rales": "none",
                "heart_rate_per_min": rng.randrange(62, 88),
                "rhythm": "regular",
                "murmur": "no",
                "abdominal_tenderness": "no",
                "abdominal_mass": "no",
                "leg_oedema": "none",
                "dorsalis_pedis": "both_symmetric",
            },
            "problems": {
                "cerebrovascular": ["none"],
                "kidney": ["none"],
                "heart": ["none"],
                "vascular": ["none"],
                "eye": ["cataract"] if cataract else ["none"],
                "nervous_system": "none",
                "other_systems": "none",
            },
        }

    def _tests(self) -> dict[str, Any]:
        rng = self._rng
        ill = "diabetes" in self._who.diseases and self._patient is not None
        fasting = self._patient.body.fasting(rng) if ill and self._patient else f"{rng.gauss(5.3, 0.4):.1f}"
        if float(fasting) >= 7:
            self._abnormal.append(f"空腹血糖升高（{fasting}mmol/L）")
        irregular = rng.random() < 0.08
        if irregular:
            self._abnormal.append("心电图：ST-T改变")
        return {
            "blood_count": {"haemoglobin_g_l": _about(rng, 134, 11, 0), "white_cells_10e9_l": _about(rng, 6.3, 1.1, 1)},
            "urine": {"protein": "negative", "sugar": "negative", "ketones": "negative", "blood": "negative"},
            "glucose": {"fasting_glucose_mmol_l": fasting},
            "liver": {"alt_u_l": _about(rng, 22, 5, 0), "ast_u_l": _about(rng, 24, 4, 0)},
            "kidney": {"creatinine_umol_l": _about(rng, 72, 11, 0), "urea_mmol_l": _about(rng, 5.4, 0.9, 1)},
            "lipids": {"cholesterol_mmol_l": _about(rng, 4.9, 0.7, 2), "triglycerides_mmol_l": _about(rng, 1.6, 0.3, 2)},
            "imaging": {"ecg": "abnormal", "ecg_note": "ST-T改变"} if irregular else {"ecg": "normal"},
        }

    def _elder(self, selfcare: str) -> dict[str, Any]:
        rng = self._rng
        level = {"independent": "independent", "assisted": "mild", "housebound": "moderate", "bedridden": "dependent"}
        constitution = rng.choice(("balanced", "balanced", "qi_deficient", "phlegm_dampness", "yang_deficient"))
        return {
            "elder": {
                "self_rated_health": rng.choice(("satisfied", "fairly_satisfied", "fairly_satisfied", "rather_dissatisfied")),
                "self_care_level": level[self._who.mobility],
                **({"selfcare_record": selfcare} if selfcare else {}),
                "cognition": "positive" if rng.random() < 0.05 else "negative",
                "mood": "negative",
            },
            "tcm": {
                "assessed_on": self._day.isoformat(),
                "constitution": [constitution],
                "guidance": ["diet", "daily_rhythm"],
            },
        }

    def _conclusions(self) -> dict[str, Any]:
        found: Iterable[dict[str, str]] = [{"abnormality": one} for one in self._abnormal]
        under_care = ["chronic_care"] if self._patient and self._patient.followed else []
        return {
            "evaluation": {"evaluation": "abnormal", "abnormalities": found} if self._abnormal else {"evaluation": "normal"},
            "guidance": {
                "guidance": under_care + (["recheck"] if self._abnormal else []),
                "risk_control": ["diet", "exercise"],
            },
        }


def _about(rng: random.Random, middle: float, spread: float, places: int) -> str:
    """A result of the laboratory, as it prints it."""
    return f"{min(max(rng.gauss(middle, spread), middle - 2.5 * spread), middle + 2.5 * spread):.{places}f}"
