"""Services that count as missed, and doctors who say that they were given: two wait, one was upheld, one was refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from server.access import Access
from server.decisions.appeals import AppealDesk
from server.demo.book import Book, chance
from server.demo.contracts import Contract
from server.demo.households import DAY
from server.demo.people import SHI, TOWNSHIP_SUPERVISOR, YANG

LEAST_DAYS = 14  # since the service was owed


class Case(NamedTuple):
    """An appeal in a village, made so many days ago; `decision` and `note`: what the supervisor says, "" while it waits."""

    village: str
    days_ago: int
    reason: str
    decision: str = ""
    note: str = ""


CASES = (
    Case(SHI, 2, "当天已在村口义诊台做完评估，手机没电，未及时录入，居民可以证明"),
    Case(YANG, 3, "期限内居民住在县城女儿家，已两次电话联系，回村后第二天即上门补做"),
    Case(SHI, 9, "已在集中体检当天完成，纸质登记表有居民签名", "upheld", "已核对纸质登记表和签名，确为期限内完成"),
    Case(YANG, 8, "居民说下次再来，没有留下记录", "refused", "期限内没有服务记录，电话询问居民，尚未接受该项服务；请补做"),
)


def appeal(book: Book, contracts: list[Contract]) -> int:
    """Each case, about a service that its doctor's contract owes and nobody gave: how many."""
    rng, left = chance("appeals"), {village: _missed(book, contracts, village) for village in (SHI, YANG)}
    for case in CASES:
        contract, code, by = next(left[case.village])
        day = book.today - case.days_ago * DAY
        said = {"asked_on": day.isoformat(), "owed_by": by.isoformat(), "reason": case.reason}
        book.edit(contract.doctor, contract.record, book.moment(day, rng), {f"appeal/{code}": said})
    book.deliver()
    return len(CASES)


def _missed(book: Book, contracts: list[Contract], village: str) -> Iterator[tuple[Contract, str, dt.date]]:
    """Contracts of a village that are in force and owe something that was missed, the latest first."""
    mine = (c for c in contracts if c.home.village == village and c.status in ("active", "renewed") and not c.who.protected)
    late = book.today - LEAST_DAYS * DAY
    found = [(by, n, c, code) for n, c in enumerate(mine) for code, by in c.missed[-1:] if by < late]
    return ((contract, code, by) for by, _, contract, code in sorted(found, reverse=True))


def judge(desk: AppealDesk, access: Access) -> int:
    """What the township's supervisor decides, over what counts as missed by now: how many. Again decides nothing."""
    supervisor = access.view(TOWNSHIP_SUPERVISOR)
    answers = {case.reason: (case.decision, case.note) for case in CASES if case.decision}
    decided = 0
    for one in desk.listed(supervisor):
        if answer := answers.get(str(one.said.get("reason"))):
            desk.judge(supervisor, one.contract.id, one.key, one.contract.seen, *answer)
            decided += 1
    return decided
