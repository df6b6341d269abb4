"""The home visits of the sample: with a follow-up, to the poor and the old, and those at which nobody was there."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from server.demo import habits
from server.demo.book import Book, chance
from server.demo.contracts import Contract
from server.demo.households import DAY, Household, Resident
from server.demo.patients import Patient
from server.demo.people import NURSE, doctors_of

ROUNDS = 260  # besides those for a reason
PROMISED = 0.75  # the share of the promised ones that are made
NARRATIVES = (
    "一般情况可，精神好，按时服药，无不适主诉。",
    "近期天气转凉，关节疼痛，嘱注意保暖，必要时到卫生室理疗。",
    "核对家中药品，剩余约十天用量，已登记送药。",
    "饮食偏咸，已讲解减盐方法，家属表示配合。",
    "行动不便，协助测量血压，告知家属紧急联系方式。",
)


def go_round(book: Book, homes: list[Household], patients: list[Patient], contracts: list[Contract]) -> int:
    """Visits to households: on a follow-up, as a contract promises, and rounds, most to the poor and the old: how many."""
    rng = chance("rounds")
    count = 0
    for patient in patients:
        for visit in patient.visits:
            if visit.way == "home":
                purposes = ["followup", "drug_delivery"][: rng.randrange(1, 3)]
                links = {"links": {"visits": list(visit.records.values())}}
                _call(book, patient.home, visit.day, purposes, links, rng, patient.doctor, first=patient.who)
                count += 1
    for contract in contracts:
        for since, by in contract.spans("round") if "round" in contract.items else ():
            day = since + rng.randrange((by - since).days + 1) * DAY
            if day < min(contract.last, book.today) and rng.random() < PROMISED:
                _call(book, contract.home, day, ["round"], {}, rng, contract.doctor, first=contract.who)
                count += 1
    old = [home for home in homes if home.poor or any(who.age(book.today) >= 75 for who in home.members)]
    poor = [home for home in homes if home.poor]
    for n in range(ROUNDS):
        home = rng.choice(poor if rng.random() < 0.5 else old if rng.random() < 0.6 else homes)
        day = book.today - rng.randrange(1, 360) * DAY
        purposes, extra = _occasion(home, n, day, rng)
        _call(book, home, day, purposes, extra, rng, doctors_of(home.village)[rng.randrange(2)])
    book.deliver()
    return count + ROUNDS


def _occasion(home: Household, count: int, day: dt.date, rng: random.Random) -> tuple[list[str], dict[str, Any]]:
    """Why the doctor comes, and what is written because of it."""
    extra: dict[str, Any] = {}
    first = next((who for who in home.members if who.here(day)), home.members[0])
    if home.poor:
        elders = sum(who.age(day) >= 60 for who in home.members)
        ill = any(who.diseases for who in home.members)
        extra["livelihood"] = {
            "employed": "yes",
            "poverty_cause": "illness",
            "elders_count": elders,
            **({"sick": "yes", "diseases": ["hypertension"]} if ill else {"sick": "no"}),
        }
    if count % 67 == 5:
        extra["escort"] = {
            "residents": [first.id],
            "reason": "胸闷加重",
            "destination": "云河县人民医院内科",
            "transport": "team_car",
            "handed_to": "内科值班医生",
        }
        return ["escort_to_hospital"], extra
    if count % 23 == 7:
        extra["problem/1"] = {"problem": "家中药品过期未清理", "resident": first.id, "action": "当场清理并重新配药"}
    return [rng.choice(("round", "round", "doctor_to_home", "policy_talk", "free_clinic", "recheck"))], extra


def _call(
    book: Book,
    home: Household,
    day: dt.date,
    purposes: list[str],
    extra: dict[str, Any],
    rng: random.Random,
    doctor: str,
    *,
    first: Resident | None = None,
) -> None:
    """One call at a household; now and then nobody is there. `first`: whom it is for."""
    arrived = book.moment(day, rng) - dt.timedelta(minutes=40)
    left = arrived + dt.timedelta(minutes=rng.randrange(12, 39))
    there = [who for who in home.members if who.here(day) and not who.away and who is not first]
    served = [who.id for who in ([first] if first else []) + there][: rng.randrange(1, 4)]
    visit: dict[str, Any] = {
        "visited_on": arrived.astimezone(book.zone).date().isoformat(),
        "arrived_at": arrived.isoformat(timespec="seconds"),
        "left_at": left.isoformat(timespec="seconds"),
        "household": home.id,
        "household_times": 1,
        "purposes": purposes,
        "doctor": doctor,
        "companions": [NURSE] if rng.random() < 0.2 else [],
    }
    if not served or ("links" not in extra and "escort" not in extra and rng.random() < 0.07):
        reason = rng.choice(("nobody_home", "away"))
        sections: dict[str, Any] = {"visit": visit | {"person_times": 0, "not_met_reason": reason}}
    else:
        systolic = rng.randrange(112, 149)
        narrative = rng.choice(NARRATIVES)
        upper, lower = habits.read(doctor, day, book.today, (systolic, systolic * 3 // 5 + rng.randrange(-4, 5)))
        sections = {
            "visit": visit | {"residents": served, "person_times": len(served)},
            "findings": {"narrative": narrative, "education": "低盐饮食，规律服药，适量活动"},
            f"vitals/{served[-1]}": {
                "systolic_mmhg": upper,
                "diastolic_mmhg": lower,
                "heart_rate_per_min": rng.randrange(62, 90),
            },
            **extra,
        }
        if "drug_delivery" in purposes or rng.random() < 0.4:
            sections["drug_check"] = {
                "drugs_in_stock": "yes",
                "consumables_in_stock": "yes",
                "refills": [{"drug": "苯磺酸氨氯地平片", "quantity": "2", "quantity_unit": "盒"}],
            }
    book.new(doctor, "home_visit", home.id, home.village, left, sections)
