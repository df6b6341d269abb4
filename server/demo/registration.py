"""How households and residents of the sample are registered: their forms, filled in about a year ago."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from server.demo.book import Book, chance
from server.demo.households import DAY, Household, Resident
from server.demo.people import clinic

NAMES = {"hypertension": "高血压", "diabetes": "2型糖尿病", "copd": "慢性阻塞性肺疾病", "tumour": "食管癌"}
FESTIVAL = (2, 5)  # about when those who work away come home


def register(book: Book, homes: list[Household]) -> None:
    """Every household with its residents, registered a year ago, children when they were born."""
    rng = chance("registration")
    began = book.today - 400 * DAY
    for home in homes:
        when = book.moment(began + rng.randrange(30) * DAY, rng)
        head = home.members[0]
        sections: dict[str, Any] = {
            "identity": {
                "household_no": home.number,
                "head": head.id,
                "head_name": head.name,
                "registered_count": len(home.members),
                "present_count": sum(not who.away for who in home.members),
            },
            "residence": {"area_code": home.village, "address": home.address},
            "contact": {"phone": _phone(rng)},
            "record_status": {"status": "active"},
        }
        home.id = book.new(home.doctor, "household", "", home.village, when, sections)
        for who in home.members:
            registered = max(when, book.moment(who.born + 20 * DAY, rng))
            form = dict(_form(who, home, book.today, rng))
            book.new(home.doctor, "resident", who.id, home.village, registered, form, who.id)
    book.deliver()


def residence(home: Household) -> dict[str, str]:
    """The address of those who live behind a door, and who looks after them."""
    return {
        "residence_type": "registered",
        "area_code": home.village,
        "address": home.address,
        "organization": clinic(home.village),
        "doctor": home.doctor,
    }


def _phone(rng: random.Random) -> str:
    return f"12{rng.randrange(10**9):09}"  # no mobile number begins so


def _form(who: Resident, home: Household, today: dt.date, rng: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """The sections of a resident's form; nothing in them tells of a protected disease."""
    age = who.age(today)
    yield "identity", {"name": who.name, "sex": who.sex, "birth_date": who.born.isoformat(), **_document(who, age)}
    yield (
        "demographics",
        {
            "ethnicity": "han",
            "abo": rng.choice(("a", "b", "o", "ab", "unknown")),
            "rh": "unknown",
            "education": _education(age, rng),
            "occupation": "farming_forestry_fishing" if 18 <= age < 75 else "none",
            "marital_status": "single" if age < 24 else "widowed" if who.relation == "parent" else "married",
            "payment": ["rural_cooperative", *(["poverty_aid"] if home.poor else [])],
        },
    )
    yield "contact", {"phone": _phone(rng)}
    yield "residence", residence(home)
    yield "history", _history(who, today, rng)
    yield "disability", {"disability": ["physical"] if "disabled" in who.groups else ["none"]}
    yield "household", {"household": home.id, "relation_to_head": who.relation}
    yield "record_status", {"status": "active"}
    since = max((today - 370 * DAY).isoformat(), who.born.isoformat())
    for group in who.groups:
        yield f"flags/{group}", {"from": since, "source": "建档时登记"}
    if home.poor:
        yield from _poverty(who, home, since, rng)
    if who.away:
        yield "away", _away(today, rng)
    if who.mobility != "independent":
        yield "needs", {"mobility": who.mobility, **({} if who.mobility == "assisted" else {"need_flags": ["immobile"]})}


def _document(who: Resident, age: int) -> dict[str, str]:
    if not who.number:
        return {"id_missing_reason": "newborn" if age == 0 else "lost"}
    return {"id_type": "resident_id_card" if age > 1 else "household_booklet", "id_no": who.number}


def _education(age: int, rng: random.Random) -> str:
    if age < 6:
        return "illiterate"
    if age >= 65:
        return rng.choice(("illiterate", "primary", "primary", "junior_secondary"))
    return rng.choice(("primary", "junior_secondary", "junior_secondary", "senior_secondary"))


def _history(who: Resident, today: dt.date, rng: random.Random) -> dict[str, Any]:
    details = [
        {"disease": name, "confirmed_month": f"{today.year - rng.randrange(2, 12)}-{rng.randrange(1, 13):02}"}
        for name in who.diseases
    ]
    return {
        "drug_allergy": ["penicillin"] if rng.random() < 0.04 else ["none"],
        "past_disease": list(who.diseases) or ["none"],
        **({"past_disease_details": details} if details else {}),
        "surgery": "no",
        "trauma": "no",
        "transfusion": "no",
    }


def _poverty(who: Resident, home: Household, since: str, rng: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """The status of a poor household; for its sick the batch in which they are treated."""
    status = rng.choices(("lifted", "monitored_unstable", "monitored_sudden"), (80, 14, 6))[0]
    listed = {
        "household_no": f"P{home.number}",
        "cause": "illness",
        "source_list": "县乡村振兴局名单",
        "match_state": "matched",
    }
    yield "poverty/1", {"status": status, "from": max("2021-01-01", who.born.isoformat()), **listed}
    ill = [disease for disease in who.diseases if disease != "copd"]
    if ill:
        grave = "tumour" in ill
        batch: dict[str, Any] = {
            "class": "major_concentrated" if grave else "chronic_contract",
            "from": since,
            "disease": NAMES[ill[0]],
            "due": True,
        }
        if grave:
            batch["designated_hospital"] = "云河县人民医院"
        if rng.random() < 0.75:
            batch |= {
                "treated_on": since,
                "result": "under_treatment" if grave else rng.choice(("improved", "under_treatment")),
            }
        yield "three_batches/b1", batch
    elif "disabled" in who.groups:
        yield "three_batches/b1", {"class": "severe_safety_net", "from": since, "disease": "重度残疾", "due": False}


def _away(today: dt.date, rng: random.Random) -> dict[str, Any]:
    """Away for work; most say when they are expected back, many of them for the Spring Festival."""
    away: dict[str, Any] = {"away_for_work": True, "place": rng.choice(("苏州", "郑州", "东莞", "杭州"))}
    festival = dt.date(today.year + ((today.month, today.day) > FESTIVAL), *FESTIVAL)
    if rng.random() < 0.75:
        away["expected_return_on"] = (festival if rng.random() < 0.6 else today + rng.randrange(10, 150) * DAY).isoformat()
    return away
