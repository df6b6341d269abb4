"""What phones delivered and the server keeps for a person: written for another village, and on a phone that was retired."""

from __future__ import annotations

from typing import Any

from server.demo import hypertension, phones
from server.demo.book import Book, chance
from server.demo.households import DAY, Household
from server.demo.patients import Patient
from server.demo.people import DONG, SHI, YANG, doctors_of

NEIGHBOUR = doctors_of(DONG)[0]  # measures somebody of the next village on market day
HABITS: dict[str, Any] = {
    "cigarettes_per_day": 0,
    "alcohol_liang_per_day": "0",
    "exercise_per_week": 3,
    "exercise_min": 30,
    "psychology": "good",
    "follows_advice": "good",
}


def write(book: Book, homes: list[Household], patients: list[Patient]) -> None:
    """A visit by a doctor of another village, and a call from before the phone was lost; neither is delivered yet."""
    rng = chance("set aside")
    guest = [who for who in patients if who.home.village == SHI and who.settled][3]
    day = book.today - 4 * DAY
    vitals = {"systolic_mmhg": 164, "diastolic_mmhg": 96, "heart_rate_per_min": 82, "weight_kg": "61.5"}
    form: dict[str, Any] = {
        **hypertension.form(guest, day, vitals, HABITS, rng),
        "visit": {"visited_on": day.isoformat(), "way": "clinic", "doctor": NEIGHBOUR},
        "assessment": {"class": "uncontrolled", "next_measure": "two_week"},
        "next_visit": {"on": (day + 14 * DAY).isoformat()},
    }
    book.new(NEIGHBOUR, "hypertension_visit", guest.who.id, SHI, book.moment(day, rng), form)
    home = [home for home in homes if home.village == YANG and home.poor][1]
    day = book.today - (phones.LOST_DAYS + 3) * DAY
    met = home.members[0]
    visit: dict[str, Any] = {
        "visited_on": day.isoformat(),
        "household": home.id,
        "household_times": 1,
        "residents": [met.id],
        "person_times": 1,
        "purposes": ["round"],
        "doctor": phones.LOST,
    }
    findings = {"narrative": "核对家中药品，余药约二十天；血压平稳。", "education": "低盐饮食，注意保暖"}
    sections: dict[str, Any] = {"visit": visit, "findings": findings}
    book.new(phones.LOST, "home_visit", home.id, home.village, book.moment(day, rng), sections)
