"""What befalls the residents of the sample: who is ill, who is away for work, who dies, who leaves, whom a programme treats."""

from __future__ import annotations

import datetime as dt
import random

from server.demo.book import chance
from server.demo.households import DAY, YOUNGER, Household, Resident
from server.demo.people import DONG, LIU, SHI, VILLAGES, YANG

DEAD, GONE = 3, 2  # of each village, within the year
MENTAL = {LIU: 7, SHI: 6, DONG: 7, YANG: 6}  # severe mental disorder, by village; of tuberculosis one in each


def befall(homes: list[Household], today: dt.date) -> None:
    """Illness, travel and the end, for everybody."""
    rng = chance("fates")
    for home in homes:
        for who in home.members:
            _fall_ill(who, today, rng, fixed=home.fixed)
            age = who.age(today)
            who.away = not home.fixed and 20 <= age < 58 and rng.random() < 0.2
            if age >= 75 and rng.random() < 0.25:
                who.mobility = rng.choice(("assisted", "assisted", "housebound", "bedridden"))
    for village, _ in VILLAGES:
        _choose(village, homes, today, rng)
    for home in homes:
        _group(home, today, rng)


def _fall_ill(who: Resident, today: dt.date, rng: random.Random, *, fixed: bool) -> None:
    age = who.age(today)
    if fixed:
        who.diseases = ["hypertension"] if who.relation == "head" or who.name == YOUNGER else []
        return
    if rng.random() < (0.38 if age >= 65 else 0.16 if age >= 50 else 0.04 if age >= 35 else 0):
        who.diseases.append("hypertension")
    if rng.random() < (0.1 if age >= 60 else 0.04 if age >= 40 else 0):
        who.diseases.append("diabetes")
    if rng.random() < (0.03 if age >= 60 else 0):
        who.diseases.append("copd")
    if rng.random() < (0.008 if age >= 50 else 0):
        who.diseases.append("tumour")


def _choose(village: str, homes: list[Household], today: dt.date, rng: random.Random) -> None:
    """Who of a village is poor and gravely ill, who dies, who leaves, whom a protected programme treats: different people."""
    everybody = [who for home in homes if home.village == village and not home.fixed for who in home.members]
    poor = [who for home in homes if home.village == village and home.poor for who in home.members if who.age(today) >= 50]
    grave = rng.choice(poor)
    grave.diseases = [*(one for one in grave.diseases if one != "tumour"), "tumour"]
    old = [who for who in everybody if who.age(today) >= 70 and who is not grave]
    for who in rng.sample(old, DEAD):
        who.closed = (today - rng.randrange(25, 330) * DAY, "died")
    young = [who for who in everybody if 19 <= who.age(today) < 30 and who.relation in ("son", "daughter")]
    for who in rng.sample(young, GONE):
        who.closed, who.away = (today - rng.randrange(25, 330) * DAY, "moved_out"), False
    grown = [who for who in everybody if 24 <= who.age(today) < 66 and not (who.diseases or who.away or who.closed)]
    treated = rng.sample(grown, MENTAL[village] + 1)
    for who, programme in zip(treated, ("tb", *("smd",) * MENTAL[village]), strict=True):
        who.protected = programme


def _group(home: Household, today: dt.date, rng: random.Random) -> None:
    for who in home.members:
        age = who.age(today)
        who.groups = [name for name, true in (("elder_65", age >= 65), ("child_0_6", age < 7)) if true]
        who.groups += who.diseases
        if not home.fixed and rng.random() < 0.03:
            who.groups.append("disabled")
        if home.poor:
            who.groups.append("registered_poor")
