"""How fresh the records of some villages are: who was last heard when, and what is still on the phones as far as known.

Doctors work without a signal, so what the server has is never all there is. A village is *out of touch* when somebody
who has their workplace there was not heard for more than a week (the standard `unheard_days`) from any phone in use, or never was; where nobody
has a workplace, when nobody of the teams that serve it was heard. It is *without a phone* when none of those carries one in
use: a leader who passes by does not make up for its own doctors. Its numbers may be too low, and every page says so first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from server.store import phones
from server.store.phones import Phone, Worker
from server.store.standards import standards_on
from sync.codec import instant, stamp


@dataclass(frozen=True)
class Doctor:
    """Somebody who writes in the villages asked about, with their phones. `heard_at`: last exchange of one in use."""

    worker: Worker
    phones: tuple[Phone, ...]
    heard_at: str | None

    @property
    def in_use(self) -> tuple[Phone, ...]:
        """Their phones that are neither retired nor revoked; none where they have left."""
        return tuple(one for one in self.phones if one.status == "active") if self.worker.active else ()


@dataclass(frozen=True)
class Freshness:
    """What is known of the phones of some villages at an instant.

    `out_of_touch`: villages with an exchange missing for more than `days` days; `without_phone`: villages where nobody
    carries a phone in use; `unsent`: edits still on phones when each was last heard, on `unsent_phones` phones, those
    retired or revoked included, for what is on them is lost to the numbers all the same.
    """

    as_of: str
    days: int
    villages: int
    doctors: tuple[Doctor, ...]
    out_of_touch: tuple[str, ...]
    without_phone: tuple[str, ...]
    unsent: int
    unsent_phones: int

    @property
    def complete(self) -> bool:
        """True when nothing known is missing."""
        return not (self.out_of_touch or self.without_phone or self.unsent)

    @property
    def unheard(self) -> tuple[str, ...]:
        """The devices in use that were not heard for more than `days` days, or never."""
        limit = _before(self.as_of, self.days)
        every = (phone for doctor in self.doctors for phone in doctor.in_use)
        return tuple(sorted(one.device for one in every if one.heard_at is None or one.heard_at < limit))

    @property
    def zh(self) -> str:
        """The first line of a page, in Chinese."""
        parts, one = [], self.villages == 1
        if self.out_of_touch:
            which = "本村" if one else f"{self.villages} 个村中有 {len(self.out_of_touch)} 个村"
            parts.append(f"{which}超过 {self.days} 天未同步")
        if self.without_phone:
            parts.append(f"{'本村' if one else f'{len(self.without_phone)} 个村'}没有在用的手机")
        if self.unsent:
            parts.append(f"{self.unsent_phones} 部手机最近报告还有 {self.unsent} 条未上传")
        if not parts:
            return f"本村 {self.days} 天内已同步" if one else f"{self.villages} 个村 {self.days} 天内都已同步"
        return "，".join([*parts, "下列数字可能偏低"])

    @property
    def en(self) -> str:
        """The first line of a page, in English."""
        parts, one = [], self.villages == 1
        if self.out_of_touch:
            which = "This village has" if one else f"{len(self.out_of_touch)} of {self.villages} villages have"
            parts.append(f"{which} not synced for more than {self.days} days")
        if self.without_phone:
            number = len(self.without_phone)
            parts.append("This village has no phone in use" if one else f"villages without a phone in use: {number}")
        if self.unsent:
            parts.append(f"unsent edits, as last reported: {self.unsent} on {self.unsent_phones} phones")
        if not parts:
            which = "This village has" if one else f"All {self.villages} villages have"
            return f"{which} synced within {self.days} days"
        return "; ".join(parts) + ": the figures below may be too low"


def freshness(connection: Connection, villages: Collection[str], now: dt.datetime, today: dt.date) -> Freshness:
    """What is known at an instant of the phones of some villages; of no other village anything.

    `today`: its day where the deployment is, by whose standards.
    """
    days = standards_on(connection, today).unheard_days
    workers = phones.workers_in(connection, villages)
    carried: dict[str, list[Phone]] = {}
    for phone in phones.phones_of(connection, [worker.person for worker in workers]):
        carried.setdefault(phone.person, []).append(phone)
    doctors = tuple(_doctor(worker, carried.get(worker.person, ())) for worker in workers)
    limit = _before(stamp(now), days)
    waiting = [phone.outbox for doctor in doctors for phone in doctor.phones if phone.outbox]
    own: dict[str, list[Doctor]] = {}  # by village: a county has hundreds of either
    team: dict[str, list[Doctor]] = {}
    for doctor in doctors:
        for places, by_village in ((doctor.worker.own, own), (doctor.worker.served, team)):
            for village in places if doctor.worker.active else ():
                by_village.setdefault(village, []).append(doctor)
    states = {village: _state(own.get(village, ()), team.get(village, ()), limit) for village in sorted(villages)}
    return Freshness(
        as_of=stamp(now),
        days=days,
        villages=len(states),
        doctors=doctors,
        out_of_touch=tuple(village for village, state in states.items() if state == "out_of_touch"),
        without_phone=tuple(village for village, state in states.items() if state == "without_phone"),
        unsent=sum(waiting),
        unsent_phones=len(waiting),
    )


def _doctor(worker: Worker, carried: Iterable[Phone]) -> Doctor:
    mine = tuple(carried)
    heard = [phone.heard_at for phone in mine if phone.heard_at and phone.status == "active"]
    return Doctor(worker, mine, max(heard, default=None))


def _state(own: Collection[Doctor], team: Collection[Doctor], limit: str) -> str:
    """`in_touch`, `out_of_touch` or `without_phone`, by who works there, or serves it where nobody does."""
    late = [doctor.heard_at is None or doctor.heard_at < limit for doctor in own or team if doctor.in_use]
    if not late:
        return "without_phone"
    return "out_of_touch" if (any(late) if own else all(late)) else "in_touch"


def _before(moment: str, days: int) -> str:
    return stamp(instant(moment) - dt.timedelta(days=days))
