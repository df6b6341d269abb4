"""The history of a record from the log: who wrote what, from where, when it arrived, and what each edit changed."""

import pytest

from server.histories import Histories
from server.problems import Problem
from sync.identity import resident_id
from sync.record import VOID
from sync.version import Dot
from tests.server.phone import vitals
from tests.village import ANA, BEN, CAM, LEA, OTHER, SUE

WANG = resident_id(b"k" * 32, "11010519491231002X")


@pytest.fixture
def histories(village):
    return Histories(village.engine)


def told(steps):
    return [(step.author_name, step.outcome, [change[1:] for change in step.changes]) for step in steps]


def test_each_edit_says_what_its_author_had_before_them_and_what_they_made_of_it(village, ana, ben, histories):
    record = ana.save(vitals(150))
    ana.sync()
    ben.sync()
    village.later(minutes=9)
    ben.now = "2026-11-21T08:24:00+08:00"
    ben.save({"vitals": {"systolic_mmhg": 170, "heart_rate_bpm": 80}}, record)
    ana.save(vitals(160) | {"note": {"text": "a"}}, record)
    ana.sync()
    village.later(minutes=5)
    ben.now = "2026-11-21T08:30:00+08:00"
    ben.sync()
    found = histories.history(village.access.view(LEA), record)
    first, second, third = found.steps
    assert told([first]) == [("Ana", "accepted", [("systolic_mmhg", None, 150), ("diastolic_mmhg", None, 90)])]
    assert told([second]) == [("Ana", "accepted", [("systolic_mmhg", 150, 160), ("text", None, "a")])]
    wrote = [("systolic_mmhg", 150, 170), ("heart_rate_bpm", None, 80), ("diastolic_mmhg", 90, None)]
    assert told([third]) == [("Ben", "conflict", wrote)]  # he had not seen what she wrote meanwhile
    assert (third.device_name, third.received_at) == ("Redmi 9A", "2026-11-21T04:14:00.000Z")
    assert (third.written_at, third.at) == ("2026-11-21T08:24:00+08:00", "2026-11-21T04:08:00.000Z")
    assert (second.offline, third.offline) == (False, True)
    assert found.seen_by_all("vitals", [second.dot, third.dot]) == vitals(150)["vitals"]
    assert [step.dot for step in found.replaced("vitals")] == [first.dot]


def test_the_history_follows_a_resident_to_the_village_they_moved_to(village, ana, cam, histories):
    ana.save({"identity": {"name": "王秀兰"}}, WANG, type="resident", subject=WANG)
    ana.sync()
    village.exchange.moving.move(WANG, OTHER)
    cam.sync()
    cam.save({"identity": {"name": "王秀英"}}, WANG)
    cam.sync()
    found = histories.history(village.access.view(CAM), WANG)
    assert told(found.steps) == [
        ("Ana", "accepted", [("name", None, "王秀兰")]),
        ("Cam", "accepted", [("name", "王秀兰", "王秀英")]),
    ]
    with pytest.raises(Problem, match="not-found"):
        histories.history(village.access.view(ANA), WANG)


def test_what_a_phone_brought_back_after_a_restore_stands_there_as_far_as_it_is_known(village, ana, ben, histories):
    record = ana.save(vitals(150))
    ana.sync()
    ben.sync()
    ana.save({VOID: None}, record)
    lost = dict(ana.outbox[0])
    ana.outbox.clear()
    ana.counter -= 1
    held = ana.state(record)
    held["seen"] = held["seen"] | {ana.actor: 2}
    held["edits"].append(
        {
            **{k: lost[k] for k in ("dot", "written_at", "author")},
            "sections": {"note": {"text": "b"}},
            "at": "2026-11-21T04:00:00.000Z",
        }
    )
    ana.sync(records=[held])
    found = histories.history(village.access.view(SUE), record)
    assert [(step.dot, step.outcome, step.applied, step.context) for step in found.steps] == [
        (Dot(ana.actor, 1), "accepted", True, {}),
        (Dot(ana.actor, 2), "state", True, None),
    ]
    assert told(found.steps)[1] == ("Ana", "state", [("text", None, "b")])


def test_what_was_set_aside_in_the_village_stands_in_the_history_with_the_reason(village, ana, ben, histories):
    record = ana.save(vitals(150))
    ana.sync()
    ben.sync()
    ben.save(vitals(170), record)
    village.set_status(ben, "retired")
    ben.sync()
    first, second = histories.history(village.access.view(LEA), record).steps
    assert (second.author, second.outcome, second.reason, second.applied) == (BEN, "deposited", "account-disabled", False)
    assert (first.author, first.at_server) == (ANA, False)
    assert second.sections == vitals(170)


def test_what_was_set_aside_is_told_only_to_whom_it_is_for_to_decide(village, ana, ben, histories):
    record = ana.save(vitals(150))
    ana.sync()
    ben.sync()
    ben.save(vitals(170), record)
    village.set_status(ben, "retired")
    ben.sync()
    _, second = histories.history(village.access.view(ANA), record).steps
    assert (second.author, second.outcome, second.sections, second.changes) == (BEN, "deposited", {}, ())
