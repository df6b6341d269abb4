"""What happens when two phones without a signal change the same record: real conflicts for people to settle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from server.demo.book import Book, Sections, chance
from server.demo.households import Household
from server.demo.patients import Patient, as_medicine
from server.demo.people import LEADER, LIU, VILLAGES, doctors_of
from server.demo.plans import regimen_of, summary_of

Changes = Mapping[str, Sections]  # what each person wrote
DAYS_AGO = (3, 4, 10, 6)  # by village: while both phones were still heard


def clash(book: Book, homes: list[Household], patients: list[Patient], plans: Mapping[str, Patient]) -> int:
    """In every village a few records that two people changed apart: how many wait for a person."""
    waiting = 0
    for place, (village, _) in enumerate(VILLAGES):
        day = book.today - dt.timedelta(days=DAYS_AGO[place])
        planned = [(record, who) for record, who in plans.items() if who.home.village == village and who.settled]
        seen = [who for who in patients if who.home.village == village and who.settled and len(who.visits) > 2]
        door = next(home for home in homes if home.village == village and home.number.endswith("0009"))
        first, second = doctors_of(village)
        # a telephone number never asks: the latest is shown
        _apart(book, day, door.members[0].id, {first: _phone("12000000001"), second: _phone("12000000002")})
        asking = [(planned[0][0], _two_regimens(planned[0][1], first, second))]
        if place % 2:
            asking.append((planned[1][0], _two_summaries(planned[1][1], first)))
            # both medicines stand; the list is to be looked at
            _apart(
                book,
                day,
                _last_visit(book, seen[1], first, day),
                {first: _medicine("m3", "阿司匹林肠溶片"), LEADER: _medicine("m4", "辛伐他汀片")},
            )
        else:
            asking.append((_last_visit(book, seen[0], second, day), {first: _vitals(152, 88), second: _vitals(158, 94)}))
        if village == LIU:
            void = {"void": {"reason": "duplicate", "note": "与门诊登记重复"}}
            asking.append(
                (
                    _last_visit(book, seen[2], second, day),
                    {first: void, second: {"tests": {"name": "尿常规", "result": "正常"}}},
                )
            )
        for record, changes in asking:
            _apart(book, day, record, changes)
        waiting += len(asking)
    return waiting


def _apart(book: Book, day: dt.date, record: str, changes: Changes) -> None:
    """Several people change a record, each having seen only what was there before all of them."""
    rng, seen = chance(f"apart {record}"), book.seen(record)
    for author, sections in changes.items():
        book.edit(author, record, book.moment(day, rng), sections, seen)
    book.deliver()


def _last_visit(book: Book, patient: Patient, author: str, day: dt.date) -> str:
    """The record of the last visit before a day that an author's phone told of."""
    known = [visit for visit in patient.visits if visit.day <= book.last_day(author) and visit.day < day]
    return known[-1].records["hypertension"]


def _two_regimens(patient: Patient, first: str, second: str) -> Changes:
    regimen = regimen_of(patient, "hypertension")
    more = [as_medicine(("苯磺酸氨氯地平片", 1, "10", "mg"))]
    other = [as_medicine(("缬沙坦胶囊", 1, "160", "mg"))]
    return {
        first: {"condition/hypertension": regimen | {"medicines": more}},
        second: {"condition/hypertension": regimen | {"medicines": other}},
    }


def _two_summaries(patient: Patient, doctor: str) -> Changes:
    summary = summary_of(patient) | {"version": 3}
    return {
        doctor: {"summary": summary | {"change_reason": "血压波动", "visits_per_year": 12}},
        LEADER: {"summary": summary | {"change_reason": "年度复核", "status": "under_review"}},
    }


def _vitals(systolic: int, diastolic: int) -> Sections:
    return {"vitals": {"systolic_mmhg": systolic, "diastolic_mmhg": diastolic, "heart_rate_per_min": 76, "weight_kg": "66.0"}}


def _medicine(key: str, drug: str) -> Sections:
    return {f"medication/{key}": as_medicine((drug, 1, "100" if key == "m3" else "20", "mg"))}


def _phone(number: str) -> Sections:
    return {"contact": {"phone": number}}
