"""The phone's standing and the server's are one: twelve residents, written by two doctors who sync when they can."""

import datetime as dt
import random

import pytest

from tests import village as places
from tests.standing.people import TWELVE
from tests.village import ANA, BEN

NOON = dt.datetime(2026, 11, 22, 4, tzinfo=dt.UTC)
LATER = ("2026-11-23", "2026-12-31", "2027-01-01")


class Desk:
    """One doctor's phone, and the line to ask the server by."""

    def __init__(self, village, person):
        village.write(lambda c: [places.grant(c, person, programme) for programme in ("tb", "smd")])
        self.phone = village.phone(person)
        self.phone._now.moment = NOON.astimezone(dt.timezone(dt.timedelta(hours=8)))
        assert self.phone.sync().complete

    def save(self, form):
        """A form of one of the twelve, under the id that it has in their story."""
        if self.phone._scope_here(form.record):
            self.phone.edit(form.record, form.sections, carry=False)
        else:
            self.phone._write(form.record, form.sections, None, (form.type, form.subject, form.scope))

    def told(self, resident, on=None):
        token = self.phone._store.account().access
        path = f"/v1/residents/{resident}/standing" + (f"?on={on}" if on else "")
        answer = self.phone._transport.request("GET", path, token=token)
        assert answer.status == 200, answer.body
        return answer.body


@pytest.mark.parametrize("seed", range(3))
def test_phone_and_server_give_the_same_standing_to_the_letter(village, seed):
    village.time, chance = NOON, random.Random(seed)
    desks = {"anaphone": Desk(village, ANA), "benphone": Desk(village, BEN)}
    stories = [list(forms) for forms in TWELVE.values()]
    residents = set()
    while stories:
        story = chance.choice(stories)
        form = story.pop(0)
        desks[form.phone].save(form)
        residents |= {form.record} if form.type == "resident" else set()
        stories = [rest for rest in stories if rest]
        if chance.random() < 0.1 or not stories:
            village.meet()
            for desk in desks.values():
                mine = {view.id: desk.phone.standing(view.id) for view in desk.phone.find(type="resident")}
                assert mine.keys() == residents
                assert mine == {who: desk.told(who) for who in mine}
    desk = desks["anaphone"]
    for on in LATER:
        for who in residents:
            assert desk.phone.standing(who, dt.date.fromisoformat(on)) == desk.told(who, on)
    assert {"tb", "smd"} <= {item["programme"] for who in residents for item in desk.phone.standing(who)["managed"]}
    assert village.faults() == []
