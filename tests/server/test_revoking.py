"""A lost phone: from the moment it is revoked it is told nothing, and what it had not sent still arrives."""

from __future__ import annotations

import functools

from server.access import Access
from tests.server.phone import vitals
from tests.server.revoking import races
from tests.village import BEN


def test_no_request_that_begins_after_a_revocation_is_answered(village):
    """Fifty times; `tests/fuzz/revokes.py` a thousand."""
    done = races(village, 25)
    assert done.leaked == 0
    assert done.late >= 25 * 4 * 2
    assert done.during > 0, "the phone was revoked before it had asked for anything"


def test_a_server_that_remembered_who_may_ask_would_be_seen(village, monkeypatch):
    monkeypatch.setattr(Access, "caller", functools.cache(Access.caller))
    assert races(village, 2).leaked > 0


def test_the_fifty_edits_of_somebody_who_was_dismissed_all_arrive_and_none_is_applied(village, ana, ben):
    ana.sync()
    unsent = [ben.save(vitals(100 + n)) for n in range(50)]
    village.person(BEN, active=False)
    for _ in range(3):
        reply = ben.sync(ben.outbox[:20])
    assert reply["wipe"] is False or not ben.outbox
    assert {row["record"] for row in village.rows("deposits") if row["state"] == "waiting"} == set(unsent)
    assert {row["reason"] for row in village.rows("deposits")} == {"account-disabled"}
    assert not any(row["record"] in unsent for row in village.rows("records"))
    assert ana.sync()["changes"] == []
    assert ben.sync()["wipe"] is True


def test_the_outbox_of_a_lost_phone_is_handed_over_after_it_was_revoked(village, ben):
    unsent = [ben.save(vitals(100 + n)) for n in range(5)]
    edits = list(ben.outbox)
    village.set_status(ben, "revoked")
    for _ in range(2):  # the first answer is lost
        answer = ben.ask(200, "/v1/deposit", {"assertion": ben.fresh_assertion(), "edits": edits}, None)
        assert {one["status"] for one in answer["receipts"]} == {"deposited"}
    assert sorted(row["record"] for row in village.rows("deposits")) == sorted(unsent)
