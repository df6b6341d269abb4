"""Who changed what, over the villages that somebody sees: the newest first, page by page, however long the log is."""

from itertools import islice
from typing import Any

import pytest
from sqlalchemy import event, text

from server.changes import LOOKED_AT, ON_A_PAGE, Changes, Page, Wanted
from server.problems import Problem
from server.store import changes as store
from server.store.engine import reading
from sync.identity import resident_id
from tests.server.phone import vitals
from tests.village import ANA, BEN, CAM, LEA, OTHER, SUE, VILLAGE, grant

WANG = resident_id(b"k" * 32, "11010519491231002X")
LI = resident_id(b"k" * 32, "110105194912310038")
BOTH = (VILLAGE, OTHER)


def page(village: Any, villages: Any = BOTH, before: str | None = None, asks: str = SUE, **wanted: str) -> Page:
    return Changes(village.engine).page(village.access.view(asks), villages, Wanted(**wanted), before)


def told(found: Page) -> list[Any]:
    """Author, outcome, and each field from what to what."""
    return [(c.author, c.outcome, [(f, a, b) for _, f, a, b in c.step.changes] if c.step else None) for c in found.changes]


def test_sue_sees_who_changed_a_pressure_from_what_to_what_and_when_it_arrived(village: Any, ana: Any, ben: Any) -> None:
    record = ana.save(vitals(150), subject=WANG)
    ana.sync()
    ben.sync()
    ben.save({"vitals": {"systolic_mmhg": 148, "diastolic_mmhg": 90}}, record)
    village.later(hours=3)
    ben.renew().sync()
    found = page(village)
    assert told(found) == [
        (BEN, "accepted", [("systolic_mmhg", 150, 148)]),
        (ANA, "accepted", [("systolic_mmhg", None, 150), ("diastolic_mmhg", None, 90)]),
    ]
    latest = found.changes[0]
    assert (latest.place.received_at, latest.written_at) == ("2026-11-21T07:00:00.000Z", "2026-11-21T08:15:00+08:00")
    assert (latest.record, latest.type, latest.device) == (record, "hypertension_visit", "Redmi 9A")
    assert found.before is None


def test_changes_of_two_villages_come_in_the_order_in_which_they_arrived_and_each_once_over_all_pages(village: Any) -> None:
    phones = village.phones(ANA, BEN, CAM)
    arrived = []
    for n in range(3 * ON_A_PAGE // 2):
        phone = phones[n % 3]
        arrived += [(n, phone.save(vitals(120 + value))) for value in range(n % 3)]  # some at the same instant
        phone.sync()
        village.later(seconds=1)
    found, before, pages = [], None, 0
    while True:
        one = page(village, before=before)
        found += [change.record for change in one.changes]
        before, pages = one.before, pages + 1
        if before is None:
            break
    assert len(found) == len(set(found)) == len(arrived)
    assert set(found) == {record for _, record in arrived}
    when = {record: n for n, record in arrived}
    assert [when[record] for record in found] == sorted((n for n, _ in arrived), reverse=True)
    assert pages == -(-len(arrived) // ON_A_PAGE)


def test_changes_can_be_asked_for_by_village_person_type_resident_and_outcome(
    village: Any, ana: Any, ben: Any, cam: Any
) -> None:
    record = ana.save(vitals(150), subject=WANG)
    ana.save({"identity": {"name": "王秀兰"}}, WANG, type="resident", subject=WANG)
    ana.sync()
    cam.save(vitals(139), subject=LI)
    cam.sync()
    ben.save(vitals(170), record, type="hypertension_visit", subject=WANG)  # he had not seen hers
    ben.sync()
    everything = [change.author for change in page(village).changes]
    assert sorted(everything) == [ANA, ANA, BEN, CAM]
    assert [c.author for c in page(village, [OTHER]).changes] == [CAM]
    assert [c.outcome for c in page(village, outcome="conflict").changes] == ["conflict"]
    assert [c.type for c in page(village, type="resident").changes] == ["resident"]
    assert sorted(c.author for c in page(village, resident=WANG).changes) == [ANA, ANA, BEN]
    assert [c.author for c in page(village, person=CAM).changes] == [CAM]
    assert page(village, resident="'; nobody\0").changes == ()


def test_lea_does_not_see_another_village_and_nobody_a_programme_that_they_were_not_granted(village: Any, ana: Any) -> None:
    village.write(lambda c: grant(c, ANA, "smd"))
    ana.renew().sync()
    ana.save({"visit": {"visited_on": "2026-11-20"}}, type="smd_visit", subject=WANG, scope=f"{VILLAGE}:smd")
    ana.save(vitals(150))
    ana.sync()
    assert [c.type for c in page(village).changes] == ["hypertension_visit"]
    assert [c.type for c in page(village, resident=WANG).changes] == []
    village.write(lambda c: grant(c, SUE, "smd"))
    assert {c.type for c in page(village).changes} == {"smd_visit", "hypertension_visit"}
    with pytest.raises(Problem):
        page(village, [OTHER], asks=ANA)


def test_what_was_set_aside_is_told_without_its_words(village: Any, ana: Any) -> None:
    edit = ana.draft(vitals(150))
    ana.push({**edit, "subject": 7})
    (change,) = page(village).changes
    assert (change.outcome, change.reason, change.author) == ("deposited", "malformed", ANA)
    assert (change.record, change.type, change.step, change.written_at) == (None, None, None, None)


def test_of_a_record_that_moved_to_another_doctors_village_it_is_told_who_wrote_but_not_what(village: Any, ana: Any) -> None:
    ana.save({"identity": {"name": "王秀兰"}}, WANG, type="resident", subject=WANG)
    ana.sync()
    village.exchange.moving.move(WANG, OTHER)
    seen = [(c.author, c.step) for c in page(village, [VILLAGE], asks=ANA).changes if c.author == ANA]
    assert seen == [(ANA, None)]


@pytest.mark.parametrize("before", ["x", "2026~411499001201", "2026-11-21T04:00:00.000Z~4~1", "~~", "\0~411499001201~1"])
def test_a_place_that_no_page_gave_is_refused(village: Any, before: str) -> None:
    with pytest.raises(Problem):
        page(village, before=before)


def test_a_page_reads_no_more_entries_than_it_may_and_says_where_to_go_on(village: Any, monkeypatch: Any) -> None:
    assert LOOKED_AT >= ON_A_PAGE
    monkeypatch.setattr("server.changes.LOOKED_AT", 40)
    ana, cam = village.phones(ANA, CAM)
    cam.save(vitals(139))
    cam.sync()
    for n in range(95):
        ana.save(vitals(120 + n % 40))
    village.later(minutes=1)
    ana.sync()
    looked, found, before = [], 0, None
    while True:
        one = page(village, before=before, person=CAM)
        looked.append(one.looked_at)
        found += len(one.changes)
        before = one.before
        if before is None:
            break
    assert (looked, found) == ([40, 40, 16], 1)


def test_a_scope_of_which_nothing_is_shown_is_never_opened_and_every_look_uses_the_index(village: Any) -> None:
    ana, cam = village.phones(ANA, CAM)
    for _ in range(60):
        cam.save(vitals(139))
    cam.sync()
    village.later(minutes=1)
    for _ in range(60):
        ana.save(vitals(150))
    ana.sync()
    asked: list[tuple[str, Any]] = []

    def listen(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "FROM edits" in statement:
            asked.append((statement, parameters))

    with reading(village.engine) as connection:
        event.listen(connection, "before_cursor_execute", listen)
        found = list(islice(store.newest(connection, BOTH), ON_A_PAGE))
        event.remove(connection, "before_cursor_execute", listen)
        assert {entry.place.scope for entry in found} == {VILLAGE}
        assert len(asked) == 3, "the last of each scope, and two batches of the village that changed last"
        if village.engine.dialect.name == "sqlite":
            for statement, parameters in asked:
                plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
                assert "ix_edits_scope_received_at_entry" in plan
                assert "USE TEMP B-TREE" not in plan


def test_the_log_is_read_in_the_same_order_on_both_engines(village: Any, ana: Any) -> None:
    for n in range(60):
        ana.save(vitals(120 + n))
    ana.sync()
    with reading(village.engine) as connection:
        entries = [entry.place.entry for entry in store.newest(connection, [VILLAGE])]
        assert entries == list(connection.scalars(text("SELECT entry FROM edits ORDER BY entry DESC")))


def test_lea_who_leads_the_team_sees_both_villages(village: Any, ana: Any, cam: Any) -> None:
    for phone in (ana, cam):
        phone.save(vitals(150))
        phone.sync()
    assert {c.author for c in page(village, asks=LEA).changes} == {ANA, CAM}
