"""What was given of what contracts promise and no form shows by itself; and what residents agreed to."""

from __future__ import annotations

from typing import Any

from server.demo.book import Book, chance
from server.demo.contracts import Contract
from server.demo.households import DAY
from server.demo.patients import Patient

GIVEN = 0.84  # the share of those services that are given in time
CATEGORY = {"assessment": "health_management", "medicines": "medication_guidance", "specialist": "referral_booking"}


def perform(book: Book, contracts: list[Contract], patients: list[Patient]) -> int:
    """Services with their evidence; one without any, one that was waived: how many."""
    rng = chance("performances")
    visits = {patient.who.id: patient.visits for patient in patients}
    special = iter(("waived", "bare"))
    count = 0
    for contract in contracts:
        if contract.status == "pending":
            continue
        owed = [(code, since, by) for code in CATEGORY if code in contract.items for since, by in contract.spans(code)]
        for code, since, by in owed:
            day = since + rng.randrange((by - since).days + 1) * DAY
            if day > min(contract.last, book.today) or rng.random() > GIVEN:
                if by < min(contract.ends, book.today):
                    contract.missed.append((code, by))
                continue
            about: dict[str, Any] = {"contract": contract.record, "item": code, "performed_on": day.isoformat()}
            about |= {"provider": contract.doctor, "category": CATEGORY[code]}
            way = "phone" if contract.who.away else rng.choice(("clinic", "clinic", "home"))
            told = next(special, "") if contract.who.groups and (book.today - day).days < 250 else ""
            if told == "waived":
                sections: dict[str, Any] = {
                    "performance": about,
                    "waiver": {"reason": "refused", "note": "本人表示近期不需要，约定下月再联系"},
                }
            else:
                sections = {"performance": about | {"mode": way}}
                if told != "bare":
                    near = [v for v in visits.get(contract.who.id, ()) if v.records and 0 <= (day - v.day).days <= 3]
                    shown = {"record": next(iter(near[-1].records.values()))} if near else {}
                    sections["evidence"] = {"resident_confirmed": "sms" if way == "phone" else "face_to_face", **shown}
                if rng.random() < 0.3:
                    sections["satisfaction"] = {"points": rng.choices((5, 4, 3, 2), (60, 30, 8, 2))[0]}
            when = book.moment(day, rng)
            book.new(contract.doctor, "performance", contract.who.id, contract.home.village, when, sections)
            count += 1
    book.deliver()
    return count


def agree(book: Book, contracts: list[Contract]) -> int:
    """Consent to contracts, and to sharing data; one of these is withdrawn: how many."""
    rng = chance("consents")
    count, withdrawn = 0, False
    for n, contract in enumerate(contracts):
        if contract.status not in ("active", "renewed") or n % 3:
            continue
        purposes = ["contract", "data_sharing"] if n % 15 == 0 else ["contract"]
        for purpose in purposes:
            sections: dict[str, Any] = {"consent": _given(contract, purpose)}
            day = contract.start + 20 * DAY
            if purpose == "data_sharing" and not withdrawn and day < book.today:
                withdrawn = True
                sections["withdrawal"] = {"withdrawn_on": day.isoformat(), "reason": "不愿与其他机构共享体检结果"}
            when = book.moment(contract.start, rng)
            book.new(contract.doctor, "consent", contract.who.id, contract.home.village, when, sections)
            count += 1
    book.deliver()
    return count


def _given(contract: Contract, purpose: str) -> dict[str, str]:
    child, head = contract.who.age(contract.start) < 18, contract.home.members[0]
    by = {"by": "guardian", "guardian_name": head.name, "guardian_relation": "户主"} if child else {"by": "resident"}
    told = {"purpose": purpose, "text_version": "2024-03", "given_on": contract.start.isoformat()}
    return {**told, **by, "explained_by": contract.doctor}
