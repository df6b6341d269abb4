"""Who leaves, and who turns out to be one: records that are closed, moves between villages, two records of one person."""

from __future__ import annotations

from server.demo.book import Book, chance
from server.demo.households import DAY, Household, address_of
from server.demo.people import DONG, LEADER, SHI, YANG
from server.demo.registration import residence

DOOR = "100"  # the last digits of the door in one village whose household moves, and of its new neighbours


def close_records(book: Book, homes: list[Household]) -> int:
    """The records of who died or left, closed a few days after: how many."""
    rng, count = chance("closing"), 0
    for home in homes:
        for who in home.members:
            if who.closed:
                day, reason = who.closed
                status = {"status": "closed", "close_reason": reason, "closed_on": day.isoformat()}
                when = book.moment(day + rng.randrange(1, 12) * DAY, rng)
                book.edit(home.doctor, who.id, when, {"record_status": status})
                count += 1
    book.deliver()
    return count


def move(book: Book, homes: list[Household]) -> int:
    """One household and one person move to another village, as phones tell it, by their address: how many persons.

    Not in the first village, nor into it. MUST be the last that is written about them.
    """
    rng = chance("moves")
    day = book.today - 2 * DAY
    leaving = next(home for home in homes if home.village == SHI and home.number.endswith(DOOR))
    target = next(home for home in homes if home.village == DONG and home.number.endswith(DOOR))
    bride = next(
        who
        for home in homes
        if home.village == YANG
        for who in home.members
        if who.relation == "daughter" and 19 <= who.age(day) < 35 and not (who.closed or who.protected)
    )
    new_address = address_of(target.village_name, 189)
    book.edit(leaving.doctor, leaving.id, book.moment(day, rng), {"residence": {"area_code": DONG, "address": new_address}})
    for who in leaving.members:
        if who.here(day):
            book.edit(
                leaving.doctor, who.id, book.moment(day, rng), {"residence": residence(target) | {"address": new_address}}
            )
    home_of_bride = next(home for home in homes if bride in home.members)
    married = {"residence": residence(target), "household": {"household": target.id, "relation_to_head": "other"}}
    book.edit(home_of_bride.doctor, bride.id, book.moment(day, rng), married)
    book.deliver()
    return sum(who.here(day) for who in leaving.members) + 1


def link(book: Book, homes: list[Household]) -> None:
    """The two records of one woman are found to be hers, by the leader of the team."""
    second, first = (who for home in homes for who in home.members if who.name == "薛桂兰" and home.village == YANG)
    day = book.today - 30 * DAY
    decision = {
        "duplicate": second.id,
        "same_as": first.id,
        "state": "linked",
        "decided_by": LEADER,
        "decided_on": day.isoformat(),
        "reason": "同名同生日，入户核实为同一人",
    }
    book.new(LEADER, "same_person", second.id, YANG, book.moment(day, chance("link")), {"link": decision})
    book.deliver()
