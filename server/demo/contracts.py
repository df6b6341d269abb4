"""The contracts of the sample: in force, waiting, renewed, expired, stopped; and one resident who signed with two teams."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from server.demo.book import Book, chance
from server.demo.households import DAY, Household, Resident
from server.demo.packages import BASIC, ITEMS, JUNIOR, MIDDLE, SELF_PAY, SENIOR
from server.demo.people import HOSPITAL, SECOND_LEADER, SECOND_TEAM, TEAM, YANG, doctors_of
from sync.types.checks import months_later

CONTRACTS = 800


@dataclass
class Contract:
    """A contract as it was signed; `stopped`: the day on which it no longer is in force, before its term is over.

    `missed`: the services that nobody gave in time, by code and last day, as far as no other form shows them.
    """

    who: Resident
    home: Household
    start: dt.date
    tier: str
    doctor: str
    status: str = "active"
    renewal_of: str = ""
    stopped: tuple[dt.date, str] | None = None
    team: str = TEAM
    record: str = field(default="")
    missed: list[tuple[str, dt.date]] = field(default_factory=list)

    @property
    def ends(self) -> dt.date:
        """The last day of its term."""
        return months_later(self.start, 12) - DAY

    @property
    def items(self) -> dict[str, dict[str, Any]]:
        """What it promises, by code: the basic package whole, and what was signed besides."""
        return ITEMS[BASIC] | ITEMS[self.tier]

    def spans(self, code: str) -> Iterator[tuple[dt.date, dt.date]]:
        """The days, both counted, between which an item is owed, each time that it is."""
        item = self.items[code]
        if item["due_rule"] == "within_days_of_start":
            yield self.start, self.start + item["due_days"] * DAY
        elif item["due_rule"] == "once_in_term":
            yield self.start, self.ends
        else:
            months = item["every_months"]
            for n in range(12 // months):
                yield months_later(self.start, months * n), months_later(self.start, months * (n + 1)) - DAY

    @property
    def last(self) -> dt.date:
        """The last day on which it is in force."""
        return min(self.ends, self.stopped[0] - DAY) if self.stopped else self.ends


def sign_contracts(book: Book, homes: list[Household], packages: dict[str, str]) -> list[Contract]:
    """Contracts of the groups that come first and of others."""
    rng = chance("contracts")
    everybody = [(home, who) for home in homes for who in home.members]
    everybody.sort(key=lambda pair: (not pair[0].poor, not (pair[1].groups or pair[1].protected), rng.random()))
    signed: list[Contract] = []
    for serial, (home, who) in enumerate(everybody[:CONTRACTS], 1):
        for contract in _of_one(serial, home, who, book.today, rng):
            if signed and contract.renewal_of:
                contract.renewal_of = signed[-1].record
            _write(book, contract, packages, rng)
            signed.append(contract)
    twice = next(c for c in signed if c.home.village == YANG and c.status == "active" and "hypertension" in c.who.diseases)
    again = Contract(twice.who, twice.home, book.today - 30 * DAY, BASIC, SECOND_LEADER, team=SECOND_TEAM)
    _write(book, again, packages, rng)
    book.deliver()
    return [*signed, again]


def _of_one(serial: int, home: Household, who: Resident, today: dt.date, rng: random.Random) -> list[Contract]:
    """The contracts of one resident: mostly one, of this year."""
    tier = rng.choices((BASIC, JUNIOR, MIDDLE, SENIOR), (85, 8, 5, 2))[0] if who.groups else BASIC
    doctor = doctors_of(home.village)[rng.randrange(2)]
    earlier = Contract(who, home, months_later(today, -12) - rng.randrange(20, 300) * DAY, BASIC, doctor, "expired")
    grown = who.born < earlier.start
    if serial % 24 == 0 and grown and not home.poor:
        return [earlier]
    start = today - rng.randrange(8, 360) * DAY
    contract = Contract(who, home, min(max(start, who.born + 14 * DAY), today), tier, doctor)
    if serial % 60 == 7:
        contract.status = "pending"
    if serial % 50 == 3 and not who.closed:
        contract.status, contract.stopped = "terminated", (contract.start + rng.randrange(7) * DAY, "own_wish")
    if who.closed and contract.start >= who.closed[0]:
        contract.start = who.closed[0] - 40 * DAY
    if who.closed:
        contract.status, contract.stopped = "terminated", who.closed
    if serial % 12 == 0 and grown and contract.status == "active":
        contract.start = earlier.ends + rng.randrange(1, 20) * DAY
        contract.status, contract.renewal_of = "renewed", "the one before"
        return [earlier, contract]
    return [contract]


def _write(book: Book, contract: Contract, packages: dict[str, str], rng: random.Random) -> None:
    who, home, start = contract.who, contract.home, contract.start
    guardian = {"signer": "guardian", "signer_name": home.members[0].name} if who.age(start) < 18 else {"signer": "resident"}
    signed_on = max(start - rng.randrange(7) * DAY, who.born)
    self_pay = SELF_PAY.get(contract.tier)
    sections: dict[str, Any] = {
        "parties": {
            "resident": who.id,
            "household": home.id,
            **guardian,
            "organization": HOSPITAL,
            "team": contract.team,
            "doctor": contract.doctor,
            "channel": rng.choice(("doctor_app", "doctor_app", "paper")),
        },
        "term": {
            "signed_on": signed_on.isoformat(),
            "starts_on": start.isoformat(),
            "ends_on": contract.ends.isoformat(),
            **({"renewal_of": contract.renewal_of} if contract.renewal_of else {}),
        },
        "population": {"groups": who.groups or ["general"]},
        "packages": {"packages": [packages[tier] for tier in dict.fromkeys((BASIC, contract.tier))]},
        **{f"item/{code}": item for code, item in contract.items.items()},
        "fees": {
            "total_yuan": f"{self_pay * 2}.00",
            "self_pay_yuan": f"{self_pay}.00",
            "public_health_yuan": f"{self_pay}.00",
        }
        if self_pay
        else {"total_yuan": "0.00"},
        "signatures": {"party_a_by": contract.doctor},
        "status": {"status": contract.status},
    }
    if contract.stopped:
        day, reason = contract.stopped
        sections["stop"] = {"stopped_on": day.isoformat(), "reason": reason}
    author, when = contract.doctor, book.moment(start, rng)
    contract.record = book.new(author, "contract", who.id, home.village, when, sections)
