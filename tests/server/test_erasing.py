"""Erasing on legal request: what was written about her is gone everywhere and stays gone; that something was, can be checked."""

import json
import uuid

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from server import archive
from server.commands import main
from server.erasing import Erasing
from server.problems import Problem
from server.store import journal, migrate, verify
from server.store.deployment import set_healing
from server.store.engine import open_engine, reading
from server.store.scope import EMPTIED
from server.store.tables import edits, metadata
from sync.codec import stamp
from tests import village as places
from tests.server.conftest import config_of
from tests.server.phone import vitals
from tests.server.test_decision_pages import Desk
from tests.server.test_reports import OCTOBER, SEPTEMBER, ill
from tests.server.test_reports import Desk as Supervisors
from tests.server.test_standings import a_visit
from tests.village import ANA, OTHER, SUE, TOWNSHIP, VILLAGE

WANG, LI = "0197a0a0-0000-7000-8000-000000000001", "0197a0a0-0000-7000-8000-000000000002"
CANARY = "金丝雀"
TB = f"{VILLAGE}:tb"


@pytest.fixture
def erasing(village):
    return Erasing(village.engine, lambda: village.time)


@pytest.fixture
def wang(village, ana, ben):
    """Wang with a visit that two doctors wrote apart, a register of tuberculosis, something set aside; and Li beside her."""
    village.write(lambda c: places.grant(c, ANA, "tb"))
    ana.sync()
    ana.save({"identity": {"name": CANARY}, "contact": {"phone": "13800001111"}}, WANG, type="resident", subject=WANG)
    visit = ana.save({**vitals(150), "note": {"text": CANARY}}, subject=WANG)
    ana.save(
        {"registration": {"disease": "tuberculosis", "disease_name": CANARY}}, type="chronic_register", subject=WANG, scope=TB
    )
    ana.save({"identity": {"name": "李强"}}, LI, type="resident", subject=LI)
    ana.save(vitals(120), subject=LI)
    ana.sync()
    ben.sync()
    ben.save({"note": {"text": CANARY + "2"}}, visit)
    ben.sync()
    ben.save({"note": {"text": CANARY + "3"}}, subject=WANG, scope=OTHER)
    assert [one["reason"] for one in ben.sync()["receipts"]] == ["out-of-scope"]
    village.app.extensions["cunyi"].standings.refresh_all()
    return visit


def everything(engine):
    """All that the database says, in words."""
    with reading(engine) as connection:
        return str([[tuple(row) for row in connection.execute(select(table))] for table in metadata.sorted_tables])


def erase(erasing, village, who=WANG):
    done = erasing.erase(who, "consent-withdrawn")
    village.app.extensions["cunyi"].standings.refresh_all()
    return done


def test_not_a_word_of_her_is_left_and_her_neighbour_is_as_she_was(village, ana, erasing, wang):
    before = [row for row in village.rows("records") if row["subject"] == LI]
    assert CANARY in everything(village.engine)
    dots = [(row["scope"], row["actor"], row["counter"]) for row in village.rows("edits")]
    done = erase(erasing, village)
    assert (len(done.traces), done.entries, done.deposits, done.naming) == (3, 5, 1, ())
    assert CANARY not in everything(village.engine)
    assert "13800001111" not in everything(village.engine)
    assert [row for row in village.rows("records") if row["subject"] == LI] == before
    assert [row["resident"] for row in village.rows("standings")] == [LI]
    assert set(dots) <= {(row["scope"], row["actor"], row["counter"]) for row in village.rows("edits")}, "dots stay"
    assert village.faults() == []


def test_the_phones_drop_her_at_their_next_sync_and_agree(village, ana, ben, erasing, wang):
    erase(erasing, village)
    for phone in (ana, ben):
        reply = phone.sync()
        assert (wang, "moved") in [(item["record"], item.get("gone")) for item in reply["changes"]]
        assert phone.agrees(reply)
        assert not any(record.subject == WANG for record in phone.base.values())
        assert LI in phone.base


def test_what_a_doctor_had_not_sent_about_her_is_told_as_set_aside_and_kept_nowhere(village, ana, ben, erasing, wang):
    ana.save({"note": {"text": CANARY}}, wang)
    ana.save({**vitals(160), "note": {"text": CANARY}}, subject=WANG)
    ana.save(vitals(121), subject=LI)
    late = list(ana.outbox)
    erase(erasing, village)
    body = ana.request()
    reply = ana.absorb(body, ana.send(body))
    told = [(one["status"], one.get("reason")) for one in reply["receipts"]]
    assert told == [("deposited", "out-of-scope")] * 2 + [("accepted", None)]
    assert ana.outbox == []
    assert CANARY not in everything(village.engine)
    assert [(one["status"], one.get("reason")) for one in ana.push(*late)] == [*told[:2], ("duplicate", None)]
    assert ana.agrees(ana.sync())
    assert village.faults() == []


def test_phones_cannot_heal_her_back(village, ana, ben, erasing, wang):
    brought = [ana.state(record) for record, state in ana.base.items() if state.subject == WANG]
    fresh = {**brought[1], "record": str(uuid.uuid4())}
    erase(erasing, village)
    village.write(lambda c: set_healing(c, "2027-01-01T00:00:00.000Z"))
    ana.sync(records=[*brought, fresh])
    assert CANARY not in everything(village.engine)
    assert village.faults() == []


def test_what_was_sent_before_is_answered_as_before(village, ben, erasing, wang):
    sent = [json.loads(row["body"]) for row in village.rows("edits") if row["actor"] == ben.actor]
    before = [(one["status"], one.get("reason")) for one in ben.push(*sent)]
    erase(erasing, village)
    assert [(one["status"], one.get("reason")) for one in ben.push(*sent)] == before


def test_it_stands_in_the_trail_with_the_case_of_the_law_and_no_name(village, erasing, wang):
    erase(erasing, village)
    [step] = [row for row in village.rows("trail") if row["action"] == "resident.erase"]
    assert (step["person"], step["resident"]) == ("shell", WANG)
    assert json.loads(step["detail"]) == {"reason": "consent-withdrawn", "records": 3, "entries": 5, "deposits": 1}
    [entry] = [row for row in village.rows("journal") if row["what"] == "erase"]
    assert CANARY not in entry["state"]


def test_to_erase_her_again_or_nobody_changes_nothing(village, erasing, wang):
    erase(erasing, village)
    before = village.rows("edits")
    assert erasing.erase(WANG, "law").entries == 0
    assert village.rows("edits") == before
    for nobody in (wang, str(uuid.uuid4()), "wang"):
        with pytest.raises(LookupError):
            erasing.erase(nobody, "law")


def test_nobody_empties_an_entry_of_the_log_without_an_erasure(village, erasing, wang):
    """Neither before one nor after: an emptied entry is whole only where an entry of the chain says so, and as it says."""
    mine = (edits.c.scope == VILLAGE, edits.c.record == LI)
    for _ in range(2):
        with village.engine.connect() as connection, connection.begin() as transaction:
            connection.execute(update(edits).where(*mine).values(outcome="erased", body=EMPTIED))
            assert any("is not what was chained" in fault for fault in _faults(connection))
            transaction.rollback()
        erase(erasing, village)
    with village.engine.connect() as connection, connection.begin() as transaction:
        emptied = (edits.c.scope == VILLAGE, edits.c.outcome == "erased")
        connection.execute(update(edits).where(*emptied).values(at="2020-01-01T00:00:00.000Z"))
        assert any("is not what was chained" in fault for fault in _faults(connection))
        transaction.rollback()


def _faults(connection):
    return verify.verify(connection).faults


def test_she_may_come_back_when_the_office_lets_her_and_not_before(village, ana, erasing, wang):
    erase(erasing, village)
    ana.sync()
    again = {"identity": {"name": "王秀兰"}}
    ana.save(again, WANG, type="resident", subject=WANG)
    assert [one["status"] for one in ana.sync()["receipts"]] == ["deposited"]
    erasing.lift(WANG)
    ana.save(again, WANG, type="resident", subject=WANG)
    reply = ana.sync()
    assert [one["status"] for one in reply["receipts"]] == ["accepted"]
    assert ana.agrees(ana.sync())
    assert village.faults() == []
    with pytest.raises(LookupError):
        erasing.lift(LI)


def test_a_restore_of_a_backup_from_before_does_it_again(village, ana, erasing, wang, tmp_path):
    """Of somebody who came after the backup was made, too: the phones still hold her."""
    file = tmp_path / "before.gz"
    archive.backup(village.engine, file, village.time)
    newcomer = str(uuid.uuid4())
    ana.save({"identity": {"name": CANARY}}, newcomer, type="resident", subject=newcomer)
    ana.sync()
    for who in (WANG, newcomer):
        erase(erasing, village, who)
    with reading(village.engine) as connection:
        noted = list(journal.after(connection, 0))
    config = config_of(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "other")
    engine = open_engine(config.database_url, village.config.sealing_key)
    migrate.upgrade(engine)
    now, key = stamp(village.time), village.config.identity_key
    archive.restore(engine, file, False, now, now, key, lambda _: None)
    assert CANARY in everything(engine), "that backup has her"
    said = archive.restore(engine, file, True, now, now, key, lambda _: noted)
    assert "From the journal: 2 residents erased." in said
    assert CANARY not in everything(engine)
    with reading(engine) as connection:
        assert _faults(connection) == []
        rows = connection.execute(select(metadata.tables["records"])).all()
    assert {(VILLAGE, newcomer), (VILLAGE, WANG)} <= {(row.scope, row.record) for row in rows if row.moved_to == "erased"}
    engine.dispose()


def test_a_report_that_counted_her_stays_as_it_was_issued_and_a_later_one_counts_her_no_more(village, ana, cam, erasing):
    """Its numbers were published, and what they rested on is named by ids; the check says what can no longer be rebuilt."""
    desk = Supervisors(village)
    resident = ill(ana, CANARY)
    a_visit(ana, resident, day="2026-10-12", systolic=131)
    ill(ana, "李大山")
    ana.sync()
    desk.reports.compute(desk.sue, TOWNSHIP, OCTOBER)
    assert desk.number() == (1, 2)
    erase(erasing, village, resident)
    assert desk.number() == (1, 2)
    said = str(desk.check())
    assert resident in said
    assert CANARY not in said
    assert CANARY not in everything(village.engine)
    with pytest.raises(Problem, match="nothing-to-correct"):
        desk.reports.reissue(desk.sue, TOWNSHIP, OCTOBER, "依法删除一人")
    desk.reports.compute(desk.sue, TOWNSHIP, SEPTEMBER)
    assert desk.number(period=SEPTEMBER)[1] == 1
    assert village.faults() == []


def test_the_pages_go_on_without_her(village, erasing, wang):
    erase(erasing, village)
    sue = Desk(village, SUE)
    for path in (f"/areas/{VILLAGE}", f"/areas/{VILLAGE}/residents", "/queue", "/changes", "/devices"):
        assert CANARY not in sue.open(path)
    assert sue.client.get(f"/dashboard/residents/{WANG}").status_code == 404


def test_the_command_asks_first_and_says_what_it_did(village, wang):
    config = village.config
    environment = {
        "CUNYI_DATABASE_URL": config.database_url.render_as_string(hide_password=False).replace("+psycopg", ""),
        "CUNYI_DATA_DIR": str(config.data_dir),
    }

    def run(*words, says=None):
        told = CliRunner().invoke(main, ["erase", *words], env=environment, input=says)
        return told.exit_code, told.output

    assert run(WANG)[0] == 2
    assert run(WANG, "--reason", "law", says="n\n")[0] == 1
    assert CANARY in everything(village.engine)
    code, told = run(WANG, "--reason", "law", says="y\n")
    assert (code, "3 records are erased, 5 entries of the log and 1 deposits are emptied." in told) == (0, True)
    assert CANARY not in everything(village.engine)
    assert run(WANG, "--lift") == (0, f"{WANG} may be registered anew.\n")
    assert run("nobody", "--reason", "law", "--yes")[0] == 1
