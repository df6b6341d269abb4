"""The people of the sample with a severe mental disorder, each at their own course. In protected scopes only."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from server.demo.book import Book, chance
from server.demo.households import DAY, Household, Resident
from server.demo.people import PUBLIC_HEALTH, SHI, TEAM, clinic
from sync.scopes import scope_name
from sync.types.rules import NOTHING, Advice
from sync.types.smd_visit import TYPE

DISEASES = (
    "schizophrenia",
    "schizophrenia",
    "schizophrenia",
    "bipolar",
    "epileptic_psychosis",
    "intellectual_disability_psychosis",
)
ACTS = (
    "minor_disturbance_count",
    "trouble_count",
    "serious_offence_count",
    "other_harm_count",
    "self_harm_count",
    "suicide_attempt_count",
)
# how they are, in the order of those of a village: who is `crisis` breaks things since this week, `refuses` is not visited
COURSES = ("stable", "stable", "basically", "stable", "better", "lapsed", "stable")


def care_for_minds(book: Book, homes: list[Household]) -> int:
    """Profile, register, consent and the visits of a year for each: how many records."""
    count = 0
    places: dict[str, int] = {}
    for home in homes:
        for who in home.members:
            if who.protected == "smd":
                place = places.setdefault(home.village, 0)
                places[home.village] += 1
                course = {0: "crisis", 3: "refuses"}.get(place, COURSES[place]) if home.village == SHI else COURSES[place]
                count += _Course(book, who, home, course).go()
    book.deliver()
    return count


class _Course:
    """The year of one of them."""

    def __init__(self, book: Book, who: Resident, home: Household, course: str) -> None:
        self._book, self._who, self._home, self._course = book, who, home, course
        self._rng = chance(f"mental disorder in {home.number}")
        self._scope, self._count = scope_name(home.village, "smd"), 0
        self._disease = self._rng.choice(DISEASES)

    def go(self) -> int:
        """Everything about them: how many records were written."""
        opened = self._book.today - self._rng.randrange(500, 2500) * DAY
        written = self._book.today - self._rng.randrange(366, 390) * DAY
        self._new("smd_profile", written, self._profile(opened))
        agrees = self._course != "refuses"
        if agrees:
            self._new("consent", written, self._consent(opened))
        self._new("chronic_register", written, self._register(opened, agrees))
        if not agrees:
            return self._count
        today, previous, tries = self._book.today, NOTHING, 0
        day = today - self._rng.randrange(340, 364) * DAY
        last = today - (130 if self._course == "lapsed" else 0) * DAY
        while day <= last:
            calls = self._course == "crisis" and (today - day).days < 20
            previous = self._visit(day, previous, ill=calls, tries=tries)
            by = previous.by("next_within")
            assert by is not None
            tries += 1
            if calls:  # who is asked to come is looked after in the hospital now
                break
            day = by - self._rng.randrange(1, 6) * DAY
            if self._course == "crisis" and (today - day).days < 20:
                day = today - 4 * DAY
        return self._count

    def _new(self, type_name: str, day: dt.date, sections: dict[str, Any]) -> None:
        self._count += 1
        self._book.new(PUBLIC_HEALTH, type_name, self._who.id, self._scope, self._book.moment(day, self._rng), sections)

    def _guardian(self) -> Resident:
        grown = [one for one in self._home.members if one is not self._who and one.age(self._book.today) >= 18]
        return grown[0] if grown else self._who

    def _profile(self, opened: dt.date) -> dict[str, Any]:
        rng, guardian = self._rng, self._guardian()
        onset = max(opened - rng.randrange(200, 4000) * DAY, self._who.born + 14 * 365 * DAY)
        agrees = self._course != "refuses"
        return {
            "profile": {"filled_on": opened.isoformat(), "doctor": PUBLIC_HEALTH},
            "consent": {"consent": "agree" if agrees else "refuse", "signer": guardian.name, "signed_on": opened.isoformat()},
            "guardian": {
                "name": guardian.name,
                "relation": "家属",
                "address": self._home.address,
                "phone": f"12{rng.randrange(10**9):09}",
            },
            "village_contact": {"name": f"{self._home.village_name}村委会", "phone": f"12{rng.randrange(10**9):09}"},
            "situation": {
                "household_type": "rural",
                "employment": "farmer",
                "economy": "poor" if self._home.poor else "not_poor",
            },
            "onset": {"onset_on": min(onset, opened).isoformat(), "symptoms": ["suspicion", "talks_laughs_alone"]},
            "locked": {"locked": "no"},
            "history": {"outpatient": "continuous" if agrees else "intermittent", "admission_count": rng.randrange(4)},
            "diagnosis": {
                "disease": self._disease,
                "hospital": "云河县精神卫生中心",
                "diagnosed_on": opened.isoformat(),
            },
            "effect": {"effect": "improved"},
            "acts": dict.fromkeys(ACTS, 0),
        }

    def _consent(self, opened: dt.date) -> dict[str, Any]:
        by = {"by": "guardian", "guardian_name": self._guardian().name, "guardian_relation": "家属"}
        told = {
            "purpose": "programme",
            "text_version": "2024-03",
            "given_on": opened.isoformat(),
            "explained_by": PUBLIC_HEALTH,
        }
        return {"consent": told | by}

    def _register(self, opened: dt.date, agrees: bool) -> dict[str, Any]:
        status = {"status": "managed"}
        if not agrees:
            status = {"status": "closed", "close_reason": "refused", "closed_on": opened.isoformat()}
        return {
            "registration": {
                "disease": "severe_mental_disorder",
                "icd10": "F20" if self._disease == "schizophrenia" else "F31" if self._disease == "bipolar" else "F06",
                "opened_on": opened.isoformat(),
                "confirmed_on": opened.isoformat(),
                "confirmed_by": "云河县精神卫生中心",
                "found_by": "notice",
            },
            "management": {
                "organization": clinic(self._home.village),
                "team": TEAM,
                "doctor": PUBLIC_HEALTH,
                "since": opened.isoformat(),
            },
            "status": status,
        }

    def _visit(self, day: dt.date, previous: Advice, *, ill: bool, tries: int) -> Advice:
        troubled = self._course == "basically" or (self._course == "better" and tries == 0)
        state = _ILL if ill else _TROUBLED if troubled else _WELL
        sections: dict[str, Any] = {
            "visit": {"visited_on": day.isoformat(), "way": "home" if ill else _way(self._rng), "doctor": PUBLIC_HEALTH},
            **state,
            "locked": {"locked": "no"},
            "admission": {"admission": "admitted" if ill else "none"},
            "lab": {"tested": "no"},
            "medication/m1": {"drug": "利培酮片", "times_per_day": 2, "dose": "2", "dose_unit": "mg"},
            "rehabilitation": {"measures": ["daily_life"]},
        }
        if ill:
            sections["referral"] = {"reason": "冲动毁物，不听劝阻", "to_department": "云河县精神卫生中心", "arrival": "arrived"}
        advice = TYPE.advice(sections, {"age_years": self._who.age(day)}, previous)
        by = advice.by("next_within")
        assert by is not None
        own = {"class": advice.get("class"), "next_measure": advice.get("measure")}
        sections["assessment"] = own | advice.kept().get("assessment", {})
        sections["next_visit"] = {"on": (by - self._rng.randrange(3) * DAY).isoformat()}
        self._new("smd_visit", day, sections)
        return advice


def _way(rng: random.Random) -> str:
    return rng.choice(("home", "home", "clinic", "phone"))


def _state(risk: int, symptoms: list[str], insight: str, social: str, effect: str, acts: dict[str, int]) -> dict[str, Any]:
    names = ("self_care", "housework", "work", "study", "interaction")
    return {
        "risk": {"level": risk},
        "symptoms": {"symptoms": symptoms},
        "insight": {"insight": insight},
        "sleep_diet": {"sleep": social, "diet": "good"},
        "social": dict.fromkeys(names, social),
        "acts": {**dict.fromkeys(ACTS, 0), **acts},
        "adherence": {"medication": "regular" if risk < 3 else "intermittent", "adverse_reaction": "no"},
        "effect": {"effect": effect},
    }


_WELL = _state(0, ["none"], "full", "good", "improved", {})
_TROUBLED = _state(1, ["suspicion", "withdrawn_idle"], "partial", "fair", "unchanged", {"minor_disturbance_count": 1})
_ILL = _state(
    3, ["harming_smashing", "hallucination"], "absent", "poor", "worse", {"minor_disturbance_count": 2, "trouble_count": 1}
)
