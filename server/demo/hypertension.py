"""The form of one hypertension visit, but for the assessment."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from server.demo.patients import MEDICINES, Patient, as_medicine
from sync.types.hypertension_visit import TYPE

__all__ = ["TYPE", "form", "treat"]


def form(patient: Patient, _day: dt.date, vitals: dict[str, Any], habits: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """What was asked and measured."""
    high = vitals["systolic_mmhg"] >= 150 or vitals["diastolic_mmhg"] >= 90
    sections: dict[str, Any] = {
        "symptoms": {"symptoms": ["headache_dizziness"] if high and rng.random() < 0.4 else ["none"]},
        "vitals": dict(vitals),
        "lifestyle": {**habits, "salt": rng.choice(("light", "medium", "medium", "heavy")), "target_salt": "light"},
        "adherence": {"medication": "intermittent" if high and rng.random() < 0.6 else "regular", "adverse_reaction": "no"},
        "medication/m1": as_medicine(patient.medicine),
    }
    if vitals["systolic_mmhg"] >= 180:
        sections["danger"] = {"signs": ["severe_headache_dizziness"]}
    if rng.random() < 0.015:
        reaction = "踝部水肿" if "地平" in patient.medicine[0] else "干咳"
        sections["adherence"] |= {"adverse_reaction": "yes", "adverse_reaction_note": reaction}
    if rng.random() < 0.006:
        sections["complication"] = {"status": "new", "note": "眼底动脉硬化"}
    return sections


def treat(patient: Patient, form: dict[str, Any], measure: str) -> None:
    """What is done because of the measure: another medicine, a referral."""
    if measure in ("refer_followup", "urgent_refer"):
        form["medication/m2"] = as_medicine(next(m for m in MEDICINES if m != patient.medicine))
        reason = "血压达到危急值" if measure == "urgent_refer" else "连续两次血压控制不满意"
        form["referral"] = {"reason": reason, "to_department": "青石镇卫生院内科", "arrival": "arrived"}
