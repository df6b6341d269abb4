"""Forms as doctors save them, filled in so that nothing is missing, and what they amount to.

A `Saved` form becomes an edit (`edits_of`), edits become records (`records_of`, `known_of`). Ids are made to be read:
`00000012-0003-7000-8000-000000000004` is visit 4 to person 12.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from sync.record import Edit, Record, apply, blank
from sync.scopes import scope_name
from sync.standing import Known
from sync.types import CATALOGUE
from sync.types.checks import months_later
from sync.version import Dot, VersionVector
from tests.sync.forms import visit

VILLAGE = "411499001201"
TB, SMD = scope_name(VILLAGE, "tb"), scope_name(VILLAGE, "smd")
TODAY = dt.date(2026, 11, 22)
MOMENT = "2026-11-21T00:15:00.000Z"
SERVER = "s0123456789ab"  # what a person decides at the dashboard: Lea, here
AUTHORS = {"anaphone": "p-ana", "benphone": "p-ben", SERVER: "p-lea"}

KINDS = (
    "resident",
    "household",
    "register",
    "visit",
    "exam",
    "selfcare",
    "contract",
    "performance",
    "plan",
    "home",
    "prescription",
    "referral",
    "link",
)


class Saved(NamedTuple):
    """One saved form. `phone`: whose; `apart`: its author had seen of the record only the first edit; `written`: its clock."""

    record: str
    type: str
    subject: str
    scope: str
    sections: dict[str, Any]
    phone: str = "anaphone"
    apart: bool = False
    written: str = MOMENT


def name(person: int, kind: str, number: int = 1) -> str:
    """An id that a reader can tell apart."""
    return f"{person:08}-{KINDS.index(kind):04}-7000-8000-{number:012}"


def edits_of(saved: Iterable[Saved]) -> list[Edit]:
    """The edits, each by a phone that had seen all earlier ones of the record (but see `Saved.apart`)."""
    counters = dict.fromkeys(AUTHORS, 0)
    before: dict[str, list[Dot]] = {}
    edits = []
    for one in saved:
        counters[one.phone] += 1
        dot, seen = Dot(one.phone, counters[one.phone]), before.setdefault(one.record, [])
        context = VersionVector(dict(sorted(seen[:1] if one.apart else seen)))
        seen.append(dot)
        author = AUTHORS[one.phone]
        edits.append(Edit(one.record, one.type, one.subject, one.scope, dot, context, one.written, author, one.sections))
    return edits


def records_of(edits: Iterable[Edit]) -> list[Record]:
    """What the edits amount to, one record each; they come in a causal order."""
    records: dict[str, Record] = {}
    for edit in edits:
        status, records[edit.record] = apply(records.get(edit.record, blank(edit)), edit, MOMENT)
        assert status == "applied"
    return list(records.values())


def known_of(saved: Iterable[Saved], on: dt.date = TODAY) -> list[Known]:
    """The records of the saved forms as a replica holds them, with their issues."""
    return [Known(record, tuple(CATALOGUE.check(record, on))) for record in records_of(edits_of(saved))]


# -- one function a form -----------------------------------------------------------------------------------------------


def resident(person: int, given_name: str, sex: str, born: str, number: int = 1, **sections: Any) -> Saved:
    record = name(person, "resident", number)
    form = {
        "identity": {"name": given_name, "sex": sex, "birth_date": born, "id_missing_reason": "not_shown"},
        "demographics": {
            "ethnicity": "han",
            "abo": "unknown",
            "rh": "unknown",
            "education": "primary",
            "marital_status": "married",
            "payment": ["rural_urban_resident"],
        },
        "residence": {
            "residence_type": "registered",
            "area_code": VILLAGE,
            "address": "柳树村",
            "organization": "o-1",
            "doctor": "p-ana",
        },
        "history": {
            "drug_allergy": ["none"],
            "past_disease": ["none"],
            "surgery": "no",
            "trauma": "no",
            "transfusion": "no",
        },
        "disability": {"disability": ["none"]},
        "household": {"household": name(person, "household"), "relation_to_head": "head"},
        "record_status": {"status": "active"},
    }
    return Saved(record, "resident", record, VILLAGE, {**form, **sections})


def register(person: int, disease: str, opened_on: str, scope: str = VILLAGE, **sections: Any) -> Saved:
    form = {
        "registration": {"disease": disease, "opened_on": opened_on, "confirmed_on": opened_on, "found_by": "outpatient"},
        "management": {"organization": "o-1", "doctor": "p-ana"},
        "status": {"status": "managed"},
    }
    return Saved(name(person, "register"), "chronic_register", name(person, "resident"), scope, {**form, **sections})


def _followed(day: str, way: str, said: str, next_on: str | None, months: int = 3) -> dict[str, Any]:
    later = next_on or months_later(dt.date.fromisoformat(day), months).isoformat()
    return {
        "visit": {"visited_on": day, "way": way, "doctor": "p-ana"},
        "assessment": {"class": said},
        "next_visit": {"on": later},
    }


def pressure(
    person: int, number: int, day: str, measured: str, way: str = "clinic", said: str = "controlled", *,
    next_on: str | None = None, measure: str | None = None, of: int = 1,
) -> Saved:  # fmt: skip
    """A hypertension visit. `measured`: `148/88`; `said`: the doctor's class; `next_on`: three months later by default."""
    systolic, diastolic = map(int, measured.split("/"))
    around = _followed(day, way, said, next_on)
    if measure:
        around["assessment"]["next_measure"] = measure
    form = visit(vitals={"systolic_mmhg": systolic, "diastolic_mmhg": diastolic}, **around)
    return Saved(name(person, "visit", number), "hypertension_visit", name(person, "resident", of), VILLAGE, form)


def sugar(person: int, number: int, day: str, fasting: str, said: str, next_on: str | None = None) -> Saved:
    """A diabetes visit at the clinic."""
    routine = visit(**_followed(day, "clinic", said, next_on))
    habits = {key: value for key, value in routine["lifestyle"].items() if key != "salt"}
    form = {
        **routine,
        "vitals": {"systolic_mmhg": 128, "diastolic_mmhg": 80, "weight_kg": "66.0", "dorsalis_pedis": "normal"},
        "glucose": {"fasting_glucose_mmol_l": fasting},
        "lifestyle": {**habits, "staple_food_g_per_day": 300},
        "adherence": {"medication": "regular", "adverse_reaction": "no", "hypoglycemia": "none"},
    }
    return Saved(name(person, "visit", number), "diabetes_visit", name(person, "resident"), VILLAGE, form)


def exam(person: int, day: str, of: int = 1) -> Saved:
    form = {
        "exam": {"examined_on": day, "delivery": "village_clinic", "doctor": "p-ana", "organization": "o-1"},
        "symptoms": {"symptoms": ["none"]},
        "general": {
            "temperature_celsius": "36.5",
            "pulse_per_min": 72,
            "respiration_per_min": 16,
            "right_systolic_mmhg": 136,
            "right_diastolic_mmhg": 84,
            "height_cm": "160",
            "weight_kg": "60.0",
            "waist_cm": "80",
            "bmi_kg_m2": "23.44",
        },
        "lifestyle": {"exercise_frequency": "daily", "diet": ["balanced"], "smoking": "never", "drinking": "never"},
        "organs": {"lips": "ruddy", "teeth": ["normal"], "pharynx": "normal", "hearing": "hears", "motor": "able"},
        "body": {"skin": "normal"},
        "problems": {"kidney": ["none"]},
        "evaluation": {"evaluation": "normal"},
        "guidance": {"guidance": ["recheck"]},
    }
    return Saved(name(person, "exam"), "health_exam", name(person, "resident", of), VILLAGE, form)


def selfcare(person: int, day: str) -> Saved:
    scores = dict.fromkeys(("eating", "washing", "dressing", "toilet", "mobility"), 0)
    form = {
        "assessment": {"assessed_on": day, "doctor": "p-ana"},
        "scores": {f"{part}_points": points for part, points in scores.items()},
        "result": {"total_points": 0, "level": "independent"},
    }
    return Saved(name(person, "selfcare"), "elder_selfcare", name(person, "resident"), VILLAGE, form)


def item(rule: str = "spread_evenly", times: int = 4, **about: Any) -> dict[str, Any]:
    return {"name": "签约服务", "nature": "basic", "times_per_year": times, "due_rule": rule, **about}


def contract(
    person: int, first: str, last: str, items: dict[str, Any], *,
    number: int = 1, signed: str | None = None, team: str = "t-1", of: int = 1,
) -> Saved:  # fmt: skip
    """A contract with a team; signed on its first day by default."""
    subject = name(person, "resident", of)
    form = {
        "parties": {
            "resident": subject,
            "signer": "resident",
            "organization": "o-1",
            "team": team,
            "doctor": "p-ana",
            "channel": "doctor_app",
        },
        "term": {"signed_on": signed or first, "starts_on": first, "ends_on": last},
        "status": {"status": "active"},
        "population": {"groups": ["general"]},
        "packages": {"packages": ["k-1"]},
        **{f"item/{code}": about for code, about in items.items()},
    }
    return Saved(name(person, "contract", number), "contract", subject, VILLAGE, form)


def performance(person: int, number: int, day: str, code: str, *, to: int = 1, mode: str = "home", **sections: Any) -> Saved:
    """An item of contract `to` done; `sections`: the evidence, or the waiver."""
    done = {"contract": name(person, "contract", to), "item": code, "performed_on": day, "mode": mode, "provider": "p-ana"}
    return Saved(
        name(person, "performance", number),
        "performance",
        name(person, "resident"),
        VILLAGE,
        {"performance": done, **sections},
    )


def home(person: int, number: int, day: str, met: list[str], not_met: str | None = None) -> Saved:
    """A call at the household: one household-time if anybody was met, as many person-times as were."""
    seen = {
        "visited_on": day,
        "household": name(person, "household"),
        "household_times": int(bool(met)),
        "person_times": len(met),
        "purposes": ["doctor_to_home"],
        "doctor": "p-ana",
    }
    form: dict[str, Any] = {"visit": {**seen, "residents": met}, "findings": {"narrative": "量血压、翻身、换药。"}}
    if not_met:
        form = {"visit": {**seen, "not_met_reason": not_met}}
    return Saved(name(person, "home", number), "home_visit", name(person, "household"), VILLAGE, form)


def again(first: Saved, phone: str = "anaphone", *, apart: bool = False, **sections: Any) -> Saved:
    """Some sections of a form saved once more."""
    return first._replace(sections=sections, phone=phone, apart=apart)


def mind(person: int, number: int, day: str, risk: int, said: str, next_on: str, way: str = "home") -> Saved:
    """A visit to somebody with a severe mental disorder; they are well where the risk is 0."""
    better = "good" if risk == 0 else "poor"
    functions = ("self_care", "housework", "work", "study", "interaction")
    kinds = ("minor_disturbance", "trouble", "serious_offence", "other_harm", "self_harm", "suicide_attempt")
    form = {
        **_followed(day, way, said, next_on),
        "risk": {"level": risk},
        "symptoms": {"symptoms": ["none"] if risk == 0 else ["harming_smashing"]},
        "insight": {"insight": "full" if risk == 0 else "partial"},
        "sleep_diet": {"sleep": better, "diet": better},
        "social": dict.fromkeys(functions, better),
        "acts": {f"{kind}_count": int(risk > 0 and kind == "trouble") for kind in kinds},
        "locked": {"locked": "no"},
        "admission": {"admission": "none"},
        "lab": {"tested": "no"},
        "adherence": {"medication": "regular", "adverse_reaction": "no"},
        "effect": {"effect": "improved"},
    }
    return Saved(name(person, "visit", number), "smd_visit", name(person, "resident"), SMD, form)
