"""The bodies of the patients: what stands in them, and what a cuff, a meter and scales make of it on a day."""

from __future__ import annotations

import datetime as dt
import math
import random
from dataclasses import dataclass

from server.demo.book import chance
from server.demo.households import OLDER, YOUNGER, Resident


@dataclass
class Body:
    """What could be measured if there were no good and bad days. Treatment draws pressure and glucose to their aims.

    `digit`: the last digit is a multiple of it, as the cuff of the clinic is read.
    """

    systolic: float
    aim: float
    glucose: float
    glucose_aim: float
    weight: float
    height: int
    pulse: float
    digit: int
    answer: tuple[float, float]  # what an adjusted treatment takes off, mmHg: mean, standard deviation
    unrest: float  # standard deviation from day to day, mmHg

    def pressure(self, day: dt.date, rng: random.Random) -> tuple[int, int]:
        """Systolic and diastolic pressure in mmHg on a day; higher in winter."""
        winter = 4 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 15) / 365)
        systolic = rng.gauss(self.systolic + winter, self.unrest)
        diastolic = 22 + 0.43 * systolic + rng.gauss(0, 0.55 * self.unrest)
        upper, lower = (int(value) // self.digit * self.digit for value in (systolic, diastolic))
        return upper, min(lower, upper - 20)

    def fasting(self, rng: random.Random) -> str:
        """Fasting glucose in mmol/L, as the meter shows it."""
        return f"{max(4.2, rng.gauss(self.glucose, 0.5)):.1f}"

    def weighed(self, rng: random.Random) -> str:
        """Weight in kg by the scales of the day."""
        return f"{self.weight + rng.gauss(0, 0.3):.1f}"

    def bmi(self, weight: str) -> str:
        """Body mass index in kg/m2."""
        return f"{float(weight) / (self.height / 100) ** 2:.2f}"

    def live_on(self, rng: random.Random, *, adjusted: bool) -> None:
        """Some weeks pass: what was adjusted helps at once, and habit draws back to where the treatment stands."""
        if adjusted:
            self.systolic -= max(0, rng.gauss(*self.answer))
            self.glucose -= max(0, rng.gauss(self.answer[0] / 10, 0.3))
        else:
            self.systolic += 0.7 * (self.aim - self.systolic) + rng.gauss(0, 1.5)
            self.glucose += 0.7 * (self.glucose_aim - self.glucose) + rng.gauss(0, 0.15)
        self.weight += rng.gauss(-0.05, 0.4)


def body_of(who: Resident, course: str, doctor: str, today: dt.date, rng: random.Random) -> Body:
    """The body of a resident when the year began."""
    man, old = who.sex == "male", who.age(today) >= 65
    aim = rng.gauss(156 if course in ("high", "slow", "lapsed", "phone") else 137, 5)
    if "hypertension" not in who.diseases:
        aim = rng.gauss(124, 5)
    elif old:
        aim += 5
    glucose = rng.gauss(8.3, 0.8) if course in ("high", "slow", "lapsed", "phone") else rng.gauss(6.4, 0.5)
    if who.name in (OLDER, YOUNGER):
        aim, course = 144, "edge"
    return Body(
        systolic=aim + (0 if course == "edge" else rng.gauss(7, 4)),
        aim=aim,
        glucose=glucose + rng.uniform(0, 1.2),
        glucose_aim=glucose,
        weight=rng.gauss(68 if man else 60, 8),
        height=rng.randrange(160, 178) if man else rng.randrange(148, 165),
        pulse=rng.gauss(74, 6),
        digit=chance(f"cuff of {doctor}").choice((1, 1, 1, 2)),
        answer={"high": (2.5, 3), "edge": (0, 0)}.get(course, (9, 3)),
        unrest=0.8 if course == "edge" else 6.5,
    )
