"""A disk that changes what it holds: the damaged record is frozen and named, the others go on, and it is mended."""

from __future__ import annotations

import json
import logging

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, insert, select, update

from server.commands import main
from server.erasing import Erasing
from server.store import trail
from server.store.mending import UnmendableError
from server.store.scope import stored, upsert
from server.store.sealing import SEAL, as_stored
from server.store.tables import actor_states, edits, records, scopes
from server.store.tables import trail as entries
from sync.digest import record_hash
from tests.server.phone import vitals
from tests.village import ANA, OTHER, VILLAGE

WANG = "0197a0a0-0000-7000-8000-000000000001"
STRANGE = "0197a0a0-0000-7000-8000-0000000000ee"


@pytest.fixture
def at_work(village, ana, ben):
    """Ana's visits, of which one is to be hit and one is not; Ben, who has them both; a resident with an identity number."""
    hit, well = ana.save(vitals(150)), ana.save(vitals(120))
    ana.save({"identity": {"name": "王秀兰", "id_no": "11010519491231002X"}}, WANG, type="resident", subject=WANG)
    ana.sync()
    ana.save(vitals(151), hit)
    ana.sync()
    ben.sync()
    return hit, well


@pytest.fixture
def look(village):
    """The keeper, once through everything."""
    return village.exchange.soundness.look_at_everything


def alarms(village):
    return {(row["part"], row["why"]) for row in village.rows("damage")}


def of(table, **values):
    return lambda c, hit: c.execute(update(table).where(table.c.scope == VILLAGE, table.c.record == hit).values(**values))


def head(**values):
    return lambda c, hit: c.execute(update(scopes).where(scopes.c.scope == VILLAGE).values(**values))


def seal_broken(connection, hit):
    raw = as_stored(records)
    [row] = connection.execute(select(raw).where(raw.c.record == WANG)).mappings()
    place = row["edits"].index(SEAL) + len(SEAL) + 20
    spoilt = row["edits"][:place] + ("A" if row["edits"][place] != "A" else "B") + row["edits"][place + 1 :]
    connection.execute(raw.update().where(raw.c.record == WANG).values(edits=spoilt))


def one_digit(connection, hit):
    [row] = connection.execute(select(records).where(records.c.record == hit))
    of(records, edits=row.edits.replace("151", "115"))(connection, hit)


def in_two_villages(connection, hit):
    [row] = connection.execute(select(records).where(records.c.record == hit)).mappings()
    connection.execute(insert(records).values({**row, "scope": OTHER, "seq": 1}))
    upsert(connection, scopes, [{"scope": OTHER, "seq": 1, "live": 1, "sum": row["hash"], "entries": 0, "chain": "0" * 64}])


def from_nowhere(connection, hit):
    [row] = connection.execute(select(records).where(records.c.record == hit)).mappings()
    blank = {"record": STRANGE, "seq": 99, "seen": "{}", "edits": "[]"}
    connection.execute(insert(records).values({**row, **blank}))
    [made] = connection.execute(select(records).where(records.c.record == STRANGE))
    hash_ = f"{record_hash(stored(made).record):032x}"
    connection.execute(update(records).where(records.c.record == STRANGE).values(hash=hash_))
    connection.execute(update(scopes).where(scopes.c.scope == VILLAGE).values(seq=99))


def dot_twice(connection, hit):
    [row] = connection.execute(select(edits).where(edits.c.scope == VILLAGE, edits.c.entry == 1)).mappings()
    connection.execute(insert(edits).values({**row, "scope": OTHER}))


def body_changed(connection, hit):
    connection.execute(update(edits).where(edits.c.scope == VILLAGE, edits.c.entry == 1).values(body="{}"))


def trail_changed(connection, hit):
    [first] = connection.execute(select(entries).limit(1))
    same = (entries.c.scope == first.scope, entries.c.entry == first.entry)
    connection.execute(update(entries).where(*same).values(action="look.elsewhere"))


def counter_back(connection, hit):
    [first] = connection.execute(select(edits.c.actor).where(edits.c.entry == 1, edits.c.scope == VILLAGE))
    connection.execute(update(actor_states).where(actor_states.c.actor == first.actor).values(counter=1))


HIT = "the record"
CORRUPTIONS = {  # what is done to the database: what the alarm names, and why
    "its words are cut off": (of(records, edits='[{"dot":['), {(HIT, "unreadable")}),
    "its words are no words": (of(records, edits="[5]"), {(HIT, "unreadable")}),
    "one digit of a value is another": (one_digit, {(HIT, "hash")}),
    "its words are gone": (of(records, edits="[]"), {(HIT, "hash")}),
    "its seal is broken": (seal_broken, {(WANG, "unreadable")}),
    "what it has seen is cut off": (of(records, seen='{"a'), {(HIT, "unreadable")}),
    "it has not seen what it holds": (of(records, seen="{}"), {(HIT, "vector")}),
    "it has seen what nobody wrote": (of(records, seen=None), {(HIT, "log")}),
    "its issues are cut off": (of(records, issues="[{"), {(HIT, "unreadable")}),
    "its hash is another": (of(records, hash="0" * 32), {(HIT, "hash")}),
    "it is of another form": (of(records, type="resident"), {(HIT, "hash")}),
    "it is another person's": (of(records, subject="zhang"), {(HIT, "log")}),
    "it is said to have moved": (of(records, moved_to=OTHER), {(HIT, "trace"), ("digest", "digest")}),
    "it is gone": (lambda c, hit: c.execute(delete(records).where(records.c.record == hit)), {(HIT, "missing")}),
    "it lives in two villages": (in_two_villages, {(HIT, "twice")}),
    "it came from nowhere": (from_nowhere, {(STRANGE, "unknown"), ("digest", "digest")}),
    "an edit in the log is another": (body_changed, {("chain", "chain")}),
    "the last entry of the log is gone": (
        lambda c, hit: c.execute(delete(edits).where(edits.c.scope == VILLAGE, edits.c.entry == 4)),
        {("chain", "chain")},
    ),
    "an edit stands in two logs": (dot_twice, {("dots", "dots"), ("chain", "chain")}),
    "the head of the log is another": (head(chain="0" * 64), {("chain", "chain")}),
    "the count of a village is another": (head(live=99), {("digest", "digest")}),
    "the sum of a village is another": (head(sum="0" * 32), {("digest", "digest")}),
    "the feed of a village went back": (head(seq=1), {("feed", "feed")}),
    "the counter of a phone went back": (counter_back, {("counter", "counter")}),
    "the trail of who looked is another": (trail_changed, {("trail", "trail")}),
}


def plant(village, what, hit):
    def work(connection):
        if what == "it has seen what nobody wrote":
            [row] = connection.execute(select(records.c.seen).where(records.c.record == hit))
            of(records, seen=json.dumps({**json.loads(row.seen), "nobody00": 5}))(connection, hit)
            return
        CORRUPTIONS[what][0](connection, hit)

    village.write(work)


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_each_corruption_raises_its_alarm_and_the_others_go_on(village, at_work, ana, ben, look, caplog, what):
    hit, well = at_work
    if "trail" in what:
        village.write(lambda c: trail.write(c, ANA, "2026-11-21T04:00:00.000Z", "look.residents"))
    look()
    assert alarms(village) == set()
    plant(village, what, hit)
    with caplog.at_level(logging.CRITICAL):
        look()
        look()
    named = {(part.replace(HIT, hit), why) for part, why in CORRUPTIONS[what][1]}
    assert alarms(village) == named
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.CRITICAL]
    assert told
    assert all(line.startswith("ALARM ") for line in told)
    assert not any(word in line for line in told for word in ("王", "151", "11010519", hit))
    ana.save(vitals(121), well)
    assert ana.sync()["receipts"][0]["status"] == "accepted"
    ben.sync()
    assert ben.shows(well) == vitals(121)
    frozen = village.client().get("/metrics").get_data(as_text=True)
    of_records = sum(row["part"] != row["why"] for row in village.rows("damage"))
    assert f"cunyi_records_frozen {of_records}" in frozen
    assert any("cunyi mend" in fault for fault in village.faults())


# -- what phones notice ------------------------------------------------------------------------------------------------


def test_an_edit_to_a_damaged_record_waits_on_the_phone_and_arrives_once_it_is_mended(village, at_work, ana, ben, look):
    """Ben corrects the visit that the disk has spoilt: nothing of it is lost, his other work goes on, all agree in the end."""
    hit, well = at_work
    plant(village, "one digit of a value is another", hit)
    ben.save(vitals(160), hit)
    ben.save(vitals(122), well)
    assert [receipt["status"] for receipt in ben.sync()["receipts"]] == ["gap", "accepted"]
    assert alarms(village) == {(hit, "hash")}
    assert len(ben.outbox) == 1
    assert [receipt["status"] for receipt in ben.sync(None, [ben.state(hit)])["receipts"]] == ["gap"]
    village.exchange.soundness.mend(hit)
    assert [receipt["status"] for receipt in ben.sync()["receipts"]] == ["accepted"]
    reply = ana.sync()
    assert ana.shows(hit) == vitals(160)
    assert ana.agrees(reply)
    look()
    assert alarms(village) == set()
    assert village.faults() == []


def test_a_new_phone_is_told_nothing_of_it_and_everything_else_and_the_whole_once_it_is_mended(village, at_work, ana):
    """It is the pull itself that notices, before any keeper comes by; phones that hold the record still agree."""
    hit, well = at_work
    plant(village, "its words are cut off", hit)
    new = village.phone(ANA)
    new.sync()
    assert well in new.base
    assert hit not in new.base
    assert alarms(village) == {(hit, "unreadable")}
    assert ana.agrees(ana.sync())
    assert not new.agrees(new.sync())
    whole = ana.get(f"/v1/scopes/{VILLAGE}/digest").get_json()
    assert {name: whole[name] for name in ("count", "sum")} == ana.sync()["digests"][VILLAGE]
    told = new.get(f"/v1/scopes/{VILLAGE}/records?prefix=").get_json()["records"]
    assert {one["record"] for one in told} == {well, WANG}
    village.exchange.soundness.mend(hit)
    assert new.agrees(new.sync())
    assert new.shows(hit) == vitals(151)
    assert village.faults() == []


def test_a_page_that_comes_upon_it_is_there_at_the_next_try(village, at_work, ana):
    hit, _ = at_work
    plant(village, "its seal is broken", hit)
    answers = [ana.get("/v1/residents?text=王秀兰") for _ in range(2)]
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert answers[-1].status_code == 200
    village.exchange.soundness.look_at_everything()
    assert alarms(village) == {(WANG, "unreadable")}
    village.exchange.soundness.mend(WANG)
    assert village.faults() == []


def test_who_registers_a_frozen_resident_again_waits_like_everybody_else(village, at_work, ana, cam, look):
    """Somebody new in the village knows nothing of her record: it is not begun a second time beside the frozen one."""
    village.write(lambda c: of(records, edits="[]")(c, WANG))
    new = village.phone(ANA)
    [receipt] = new.push(new.draft({"contact": {"phone": "1"}}, WANG, type="resident", subject=WANG))
    assert receipt["status"] == "gap"
    assert WANG not in {row["record"] for row in village.rows("records")}
    [receipt] = cam.push(cam.draft({"contact": {"phone": "2"}}, WANG, type="resident", subject=WANG))
    assert (receipt["status"], receipt["reason"]) == ("deposited", "out-of-scope")
    village.exchange.soundness.mend(WANG)
    assert village.faults() == []


# -- mending -----------------------------------------------------------------------------------------------------------

BY_HAND = {
    "its hash is another",
    "it is another person's",
    "it is gone",
    "it lives in two villages",
    "it is said to have moved",
}
OF_VILLAGE = {"the sum of a village is another", "the count of a village is another", "the feed of a village went back"}


@pytest.mark.parametrize("what", sorted(BY_HAND | OF_VILLAGE | {"the counter of a phone went back"}))
def test_what_the_log_can_tell_is_mended_from_the_log(village, at_work, ana, ben, look, what):
    hit, _ = at_work
    plant(village, what, hit)
    look()
    for line in village.exchange.soundness.listed():
        name = line["part"] if line["part"] == hit else line["scope"]
        if any(one["part"] == line["part"] for one in village.exchange.soundness.listed()):
            village.exchange.soundness.mend(name)
    look()
    assert alarms(village) == set()
    assert village.faults() == []
    for phone in (ana, ben):
        reply = phone.sync()
        assert phone.shows(hit) == vitals(151)
        assert phone.agrees(reply)


def test_nothing_is_made_up_from_a_log_that_is_damaged_itself(village, at_work, look):
    hit, _ = at_work

    def another_number(connection):
        [row] = connection.execute(select(edits).where(edits.c.record == hit, edits.c.body.contains("151")))
        same = (edits.c.scope == row.scope, edits.c.entry == row.entry)
        connection.execute(update(edits).where(*same).values(body=row.body.replace("151", "115")))

    village.write(another_number)
    plant(village, "one digit of a value is another", hit)
    look()
    soundness = village.exchange.soundness
    with pytest.raises(UnmendableError, match="restore a backup"):
        soundness.mend(hit)
    with pytest.raises(UnmendableError, match="restore a backup"):
        soundness.mend(VILLAGE)
    with pytest.raises(LookupError, match="nothing called"):
        soundness.mend(STRANGE)
    assert alarms(village) == {(hit, "hash"), ("chain", "chain")}


def test_of_two_that_are_frozen_one_is_mended_and_the_other_still_counts(village, at_work, ana, look):
    hit, well = at_work
    for record in at_work:
        village.write(lambda c, record=record: of(records, edits="[]")(c, record))
    look()
    village.exchange.soundness.mend(hit)
    look()
    assert alarms(village) == {(well, "hash")}
    assert ana.agrees(ana.sync())


def test_what_nobody_wrote_is_let_go_of_by_command_only(village, at_work, ana, look):
    hit, _ = at_work
    plant(village, "it came from nowhere", hit)
    look()
    with pytest.raises(UnmendableError, match="--drop"):
        village.exchange.soundness.mend(STRANGE)
    village.exchange.soundness.mend(STRANGE, drop=True)
    look()
    assert alarms(village) == set()
    assert village.faults() == []


def test_who_moved_while_a_visit_was_frozen_is_followed_by_it(village, at_work, ana, cam, look):
    visit = ana.save(vitals(140), subject=WANG)
    ana.sync()
    village.write(lambda c: of(records, edits="[]")(c, visit))
    look()
    village.exchange.moving.move(WANG, OTHER)
    cam.sync()
    assert visit not in cam.base
    village.exchange.soundness.mend(visit)
    reply = cam.sync()
    assert cam.shows(visit) == vitals(140)
    assert cam.agrees(reply)
    assert village.faults() == []


def test_who_is_erased_is_erased_from_what_is_frozen_too(village, at_work, ana, look):
    visit = ana.save(vitals(140) | {"note": {"text": "秀兰"}}, subject=WANG)
    ana.sync()
    village.write(lambda c: of(records, seen="{}")(c, visit))
    look()
    assert alarms(village) == {(visit, "vector")}
    Erasing(village.engine, lambda: village.time).erase(WANG, "law")
    assert alarms(village) == set()
    assert "秀兰" not in json.dumps(village.rows("damage"), ensure_ascii=False)
    assert ana.agrees(ana.sync())
    assert visit not in ana.base
    look()
    assert alarms(village) == set()
    assert village.faults() == []


def test_the_command_lists_and_mends(village, at_work, config, monkeypatch, look):
    hit, _ = at_work
    plant(village, "its words are gone", hit)
    look()
    monkeypatch.setenv("CUNYI_DATABASE_URL", config.database_url.render_as_string(hide_password=False))
    monkeypatch.setenv("CUNYI_DATA_DIR", str(config.data_dir))
    run = CliRunner().invoke
    assert f"cunyi mend {hit}" in run(main, ["mend"]).output
    assert "made anew" in run(main, ["mend", hit]).output
    assert json.loads(run(main, ["mend", "--json"]).output) == []
    assert run(main, ["mend", hit]).exit_code == 1
    assert run(main, ["verify"]).exit_code == 0
