"""The form of one diabetes visit, but for the assessment."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from server.demo.patients import DIABETES_MEDICINES, Patient, as_medicine
from sync.types.diabetes_visit import TYPE

__all__ = ["TYPE", "form", "treat"]


def form(patient: Patient, day: dt.date, vitals: dict[str, Any], habits: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """What was asked and measured; once in a while a glucose that is too low, or beyond the meter."""
    fasting = patient.body.fasting(rng)
    chance = rng.random()
    glucose: dict[str, Any] = {"fasting_glucose_mmol_l": fasting}
    if chance < 0.004:
        glucose = {"fasting_flag": "high"}
    elif chance < 0.012:
        glucose = {"fasting_glucose_mmol_l": rng.choice(("3.4", "3.7", "3.9"))}
    if rng.random() < 0.3:
        glucose["postprandial_glucose_mmol_l"] = f"{float(fasting) * 1.25 + rng.uniform(0.5, 2):.1f}"
    if rng.random() < 0.12:
        hba1c = f"{min(3.2 + float(fasting) * 0.52 + rng.gauss(0, 0.2), 14):.1f}"
        glucose |= {"hba1c_percent": hba1c, "hba1c_tested_on": day.isoformat()}
    low = "fasting_flag" not in glucose and float(glucose["fasting_glucose_mmol_l"]) < 4
    weak = rng.random() < 0.08
    pulse = (
        {"dorsalis_pedis": "weakened", "dorsalis_pedis_side": rng.choice(("both", "left"))}
        if weak
        else {"dorsalis_pedis": "normal"}
    )
    thirsty = float(fasting) >= 8.5 and rng.random() < 0.4
    sections: dict[str, Any] = {
        "symptoms": {"symptoms": ["polydipsia", "polyuria"] if thirsty else ["none"]},
        "vitals": {**vitals, **pulse},
        "glucose": glucose,
        "lifestyle": {
            **habits,
            "staple_food_g_per_day": rng.choice((200, 250, 300, 350, 400)),
            "target_staple_food_g_per_day": 250,
        },
        "adherence": {
            "medication": "regular" if rng.random() < 0.85 else "intermittent",
            "adverse_reaction": "no",
            "hypoglycemia": "occasional" if low or rng.random() < 0.05 else "none",
        },
        "medication/d1": as_medicine(patient.diabetes_medicine),
    }
    if low:
        sections["danger"] = {"signs": ["palpitation_sweating"]}
    return sections


def treat(patient: Patient, form: dict[str, Any], measure: str) -> None:
    """What is done because of the measure: another medicine, a referral."""
    if measure in ("refer_followup", "urgent_refer"):
        form["medication/d2"] = as_medicine(next(m for m in DIABETES_MEDICINES if m != patient.diabetes_medicine))
        reason = "血糖达到危急值" if measure == "urgent_refer" else "连续两次空腹血糖控制不满意"
        form["referral"] = {"reason": reason, "to_department": "青石镇卫生院内科", "arrival": "arrived"}
