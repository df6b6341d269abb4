"""The tuberculosis patients of the sample, one in each village, each at another point of the way. In protected scopes only."""

from __future__ import annotations

import datetime as dt
from typing import Any

from server.demo.book import Book, chance
from server.demo.households import DAY, Household, Resident
from server.demo.people import DONG, LIU, PUBLIC_HEALTH, SHI, TB_DOCTOR, TEAM, YANG, clinic
from sync.scopes import scope_name
from sync.types.checks import months_later
from sync.types.tb_first_visit import TYPE as FIRST_VISIT
from sync.types.tb_visit import TYPE as VISIT

HOUR = dt.timedelta(hours=1)
NOTIFIED = {LIU: 128, SHI: 225, DONG: 24, YANG: 2}  # days ago; in SHI the course is completed, in YANG nobody was met yet
MONTHS = 6  # of the course, the first two of them intensive
INTENSIVE = 2
EDUCATION = (
    "record_card",
    "taking_and_storing",
    "course",
    "irregular_taking",
    "adverse_reactions",
    "sputum_check",
    "away_from_home",
    "habits",
    "close_contacts",
)


def treat_tuberculosis(book: Book, homes: list[Household]) -> int:
    """Register, notice, attempts, visits and the end of the treatment, as far as each has come: how many records."""
    count = 0
    for home in homes:
        for who in home.members:
            if who.protected == "tb":
                count += _Course(book, who, home).go()
    book.deliver()
    return count


class _Course:
    """The treatment of one patient."""

    def __init__(self, book: Book, who: Resident, home: Household) -> None:
        self._book, self._who, self._home = book, who, home
        self._rng = chance(f"tuberculosis in {home.village}")
        self._scope = scope_name(home.village, "tb")
        self._doctor = TB_DOCTOR if home.village == DONG else PUBLIC_HEALTH
        self._notified = book.today - NOTIFIED[home.village] * DAY
        self._supervisor = "family" if home.village == DONG else "doctor"
        self._count = 0

    def go(self) -> int:
        """From the notice as far as it has come: how many records were written."""
        register = self._register()
        if self._home.village == YANG:
            return self._count
        first = self._notified + DAY
        previous, day = self._first_visit(first), first
        started = self._notified - 2 * DAY
        ends = months_later(started, MONTHS)
        while True:
            by = previous.by("next_within")
            assert by is not None
            day = min(by - self._rng.randrange(2) * DAY, ends)
            if day > self._book.today:
                return self._count
            if day == ends:
                break
            previous = self._visit(day, started)
        self._end(register, ends, started)
        return self._count

    def _new(self, type_name: str, day: dt.date, sections: dict[str, Any]) -> str:
        self._count += 1
        when = self._book.moment(day, self._rng)
        return self._book.new(self._doctor, type_name, self._who.id, self._scope, when, sections)

    def _register(self) -> str:
        notified = dt.datetime.combine(self._notified, dt.time(9, 20), self._book.zone)
        village = self._home.village
        sections: dict[str, Any] = {
            "registration": {
                "disease": "tuberculosis",
                "icd10": "A15",
                "opened_on": self._notified.isoformat(),
                "confirmed_on": (self._notified - 3 * DAY).isoformat(),
                "confirmed_by": "云河县结核病防治所",
                "found_by": "notice",
            },
            "management": {
                "organization": clinic(village),
                "team": TEAM,
                "doctor": self._doctor,
                "since": self._notified.isoformat(),
            },
            "notice": {"notified_at": notified.isoformat(), "notified_by": "云河县结核病防治所"},
            "status": {"status": "managed"},
        }
        outcomes = {DONG: ("nobody_home", "met"), YANG: ("nobody_home", "wrong_address")}.get(village, ("met",))
        for n, outcome in enumerate(outcomes, 1):
            at = notified + (6 + 17 * (n - 1)) * HOUR
            if at <= self._book.now:
                sections[f"attempt/a{n}"] = {"at": at.isoformat(), "outcome": outcome, "by": self._doctor}
        return self._new("chronic_register", self._notified, sections)

    def _treatment(self, day: dt.date, started: dt.date) -> dict[str, Any]:
        return {
            "regimen": "2HRZE/4HR",
            "usage": "daily",
            "drug_forms": ["fixed_dose_combination"],
            "supervisor": self._supervisor,
            "started_on": started.isoformat(),
            "phase": "intensive" if day < months_later(started, INTENSIVE) else "continuation",
        }

    def _first_visit(self, day: dt.date) -> Any:
        sections: dict[str, Any] = {
            "visit": {"visited_on": day.isoformat(), "way": "home", "doctor": self._doctor},
            "diagnosis": {"patient_type": "new", "sputum": "positive", "drug_resistance": "susceptible"},
            "symptoms": {"symptoms": ["cough_sputum", "low_fever_night_sweats"]},
            "treatment": self._treatment(day, self._notified - 2 * DAY),
            "home": {"single_room": "yes", "ventilation": "fair"},
            "lifestyle": _habits(),
            "pickup": {"place": "云河县结核病防治所", "on": (day + 26 * DAY).isoformat()},
            "education": {one: "not_mastered" if one == "away_from_home" else "mastered" for one in EDUCATION},
        }
        advice = FIRST_VISIT.advice(sections)
        self._suggest(sections, advice)
        self._new("tb_first_visit", day, sections)
        return advice

    def _suggest(self, sections: dict[str, Any], advice: Any) -> None:
        """What the rules suggest, as the doctor takes it over."""
        by = advice.by("next_within")
        sections["assessment"] = {**advice.kept().get("assessment", {}), **sections.get("assessment", {})}
        if advice.get("measure"):
            sections["assessment"]["next_measure"] = advice.get("measure")
        if by is not None and "closure" not in sections:
            sections["next_visit"] = {"on": by.isoformat()}

    def _visit(self, day: dt.date, started: dt.date) -> Any:
        month = next(n for n in range(1, MONTHS + 2) if day < months_later(started, n))
        missed = self._rng.choice((0, 0, 0, 1))
        sections: dict[str, Any] = {
            "visit": {
                "visited_on": day.isoformat(),
                "way": self._rng.choice(("clinic", "home", "home", "phone")),
                "doctor": self._doctor,
                "month_seq": month,
            },
            "symptoms": {"symptoms": ["cough_sputum"] if month < 2 else ["none"]},
            "lifestyle": _habits(),
            "treatment": self._treatment(day, started),
            "adherence": {"missed_doses": missed, **({"cause": "外出走亲戚忘带药"} if missed else {})},
            "adverse": {"reaction": "no"},
            "complication": {"present": "no"},
            "assessment": {"advice": "查明漏服原因，嘱家属督促" if missed else "继续督导服药，按时取药、查痰"},
        }
        advice = VISIT.advice(sections)
        self._suggest(sections, advice)
        self._new("tb_visit", day, sections)
        return advice

    def _end(self, register: str, day: dt.date, started: dt.date) -> None:
        doses = (day - started).days
        closure = {
            "stopped_on": day.isoformat(),
            "reason": "completed",
            "visits_due": self._count - 1,
            "visits_done": self._count - 1,
            "doses_due": doses,
            "doses_taken": doses - 4,
            "taken_percent": f"{(doses - 4) * 100 / doses:.2f}",
            "assessor": self._doctor,
        }
        visit = {"visited_on": day.isoformat(), "way": "clinic", "doctor": self._doctor, "month_seq": MONTHS}
        self._new("tb_visit", day, {"visit": visit, "closure": closure})
        status = {"status": "closed", "close_reason": "treatment_completed", "closed_on": (day + 10 * DAY).isoformat()}
        self._book.edit(self._doctor, register, self._book.moment(day + 10 * DAY, self._rng), {"status": status})


def _habits() -> dict[str, Any]:
    return {
        "cigarettes_per_day": 0,
        "target_cigarettes_per_day": 0,
        "alcohol_liang_per_day": "0",
        "target_alcohol_liang_per_day": "0",
    }
