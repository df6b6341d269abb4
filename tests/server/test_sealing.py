"""Identity numbers at rest: who carries off the database or a backup reads none, and cannot check a guess; all else is as it was."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from server import archive
from server.store import migrate
from server.store.deployment import WrongKeyError, establish
from server.store.engine import open_engine, reading, retried, writing
from server.store.sealing import FIELD, SEAL, Sealing, SealingError, as_stored
from server.store.tables import metadata
from sync.identity import resident_id
from tests.server.conftest import config_of
from tests.server.test_decision_pages import Desk
from tests.village import SUE, VILLAGE

NUMBER, OTHER_NUMBER = "11010519491231002X", "110105194912310038"
XIULAN = {
    "identity": {"name": "王秀兰", "sex": "female", "birth_date": "1949-12-31", "id_type": "resident_id_card", "id_no": NUMBER}
}
KEY = b"k" * 32
TABLES = ("scopes", "records", "edits", "deposits", "standings")


@pytest.fixture
def xiulan(village, ana, ben):
    """Wang Xiulan is registered; Ben, who is shut out by then, once wrote her down with another number."""
    who = resident_id(village.config.identity_key, NUMBER)
    ana.save(XIULAN, who, type="resident", subject=who)
    ana.sync()
    ben.sync()
    ben.save({"identity": XIULAN["identity"] | {"id_no": OTHER_NUMBER}}, who)
    village.set_status(ben, "retired")
    assert [one["reason"] for one in ben.sync()["receipts"]] == ["account-disabled"]
    village.app.extensions["cunyi"].standings.refresh_all()
    return who


def on_disk(engine, *tables):
    """Every value of these tables as the database itself has it, by table and column."""
    found = {}
    with reading(engine) as connection:
        for name in tables or TABLES:
            for row in connection.execute(select(as_stored(metadata.tables[name]))).mappings():
                for column, value in row.items():
                    found.setdefault((name, column), []).append(value)
    return found


def test_no_column_of_the_database_has_the_number_and_every_reader_does(village, ana, xiulan):
    kept = on_disk(village.engine, *(table.name for table in metadata.sorted_tables))
    leaks = [
        where for where, values in kept.items() for value in values if NUMBER[:17] in str(value) or OTHER_NUMBER in str(value)
    ]
    assert leaks == []
    assert any("王秀兰" in value for value in kept["records", "edits"]), "the rest of the form can be looked for"
    cam = village.phone("p-ana")
    assert cam.agrees(cam.sync())
    assert cam.shows(xiulan)["identity"]["id_no"] == NUMBER
    bodies = [json.loads(row["body"]) for row in village.rows("edits")]
    assert {body["sections"]["identity"]["id_no"] for body in bodies if body["record"] == xiulan} == {NUMBER, OTHER_NUMBER}
    assert village.faults() == []


def test_no_hash_beside_it_confirms_a_guess(village, xiulan):
    """Name, birthday and village leave a thousand numbers. Whoever tries them all finds none of their hashes anywhere."""
    kept = on_disk(village.engine)
    hidden = [
        ("scopes", "sum"),
        ("scopes", "chain"),
        ("records", "hash"),
        ("edits", "fingerprint"),
        ("edits", "hash"),
        ("deposits", "deposit"),
    ]
    told = {("scopes", "sum"): [], ("scopes", "chain"): []}
    for name in ("scopes", "records", "edits", "deposits"):
        for row in village.rows(name):
            for column, value in row.items():
                told.setdefault((name, column), []).append(value)
    for where in hidden:
        assert set(kept[where]).isdisjoint(told[where]), where
        assert {len(value) for value in kept[where]} == {len(value) for value in told[where]}


def test_she_is_found_by_the_end_of_her_number_and_by_the_whole_of_it(village, xiulan):
    standings = village.app.extensions["cunyi"].standings
    for words in ("02X", "002x", "1002X", NUMBER, NUMBER.lower(), "王秀兰", "wxl"):
        assert [one["resident"] for one in standings.search([VILLAGE], words, None, 9)] == [xiulan], words
    for words in ("02", "021", "12X", NUMBER[:-1] + "1"):
        assert standings.search([VILLAGE], words, None, 9) == [], words


def test_a_backup_has_it_sealed_and_only_the_same_key_restores_it(village, xiulan, tmp_path):
    file = tmp_path / "backup.gz"
    archive.backup(village.engine, file, village.time)
    said = gzip.decompress(file.read_bytes()).decode()
    assert NUMBER not in said
    assert "王秀兰" in said
    config = config_of(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "other")
    for key, whole in ((b"\1" * 32, False), (village.config.sealing_key, True)):
        engine = open_engine(config.database_url, key)
        migrate.upgrade(engine)
        if not whole:
            with pytest.raises(WrongKeyError, match="CUNYI_SEALING_KEY"):
                _restore(engine, file, village)
            with reading(engine) as connection:
                assert connection.scalar(text("SELECT count(*) FROM edits")) == 0
        else:
            _restore(engine, file, village)
            with reading(engine) as connection:
                bodies = connection.scalars(select(metadata.tables["edits"].c.body)).all()
            assert any(NUMBER in body for body in bodies)
        engine.dispose()


def _restore(engine, file, village):
    now = "2026-11-22T00:00:00.000Z"
    return archive.restore(engine, file, False, now, now, village.config.identity_key, lambda _: None)


def test_a_server_with_another_key_does_not_start(village, config):
    engine = open_engine(config.database_url, b"\2" * 32)
    with pytest.raises(WrongKeyError, match="another sealing key"):
        retried(engine, lambda c: establish(c, config.identity_key))
    engine.dispose()


def test_an_engine_without_the_key_neither_reads_nor_writes(village, xiulan, config):
    engine = open_engine(config.database_url)
    with pytest.raises(SealingError, match="without the sealing key"), reading(engine) as connection:
        connection.execute(select(metadata.tables["records"])).all()
    engine.dispose()


def test_a_number_that_somebody_changed_in_the_database_is_not_read_as_another(village, xiulan):
    records = as_stored(metadata.tables["records"])
    with writing(village.engine) as connection:
        [row] = connection.execute(select(records).where(records.c.record == xiulan)).mappings()
        place = row["edits"].index(SEAL) + len(SEAL) + 20
        spoilt = row["edits"][:place] + ("A" if row["edits"][place] != "A" else "B") + row["edits"][place + 1 :]
        connection.execute(records.update().where(records.c.record == xiulan).values(edits=spoilt))
    [row] = [one for one in village.rows("records") if one["record"] == xiulan]
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(row["edits"])


@pytest.mark.parametrize(
    "body",
    [
        '{"id_no":"11010519491231002X"}',
        '{ "id_no" :  "11010519491231002X" , "x": "id_no" }',
        '{"a":{"id_no":"11010519491231002X"},"b":[{"id_no":"110105194912310038"},{"id_no":null},{"id_no":""}]}',
        '{"id_no":"1101051949\\"1231002X\\\\"}',
        '{"id_no":110105194912310022}',
        '{"id_no":["11010519491231002X"]}',
        '{"id\\u005fno":"11010519491231002X"}',
        '{"id_no":"\\u003110105194912310023"}',
        '{"note":"\\"id_no\\": \\"~sealed1:AAAA\\"","id_no":"~sealed1:11010519491231002X"}',
        '{"id_no":"11010519491231002X","id_no":"110105194912310038"}',
    ],
)
def test_however_a_phone_spells_it_the_digits_are_not_in_it_and_it_comes_back_to_the_byte(body):
    sealing = Sealing(KEY)
    kept = sealing.sealed_json(body)
    assert sealing.opened_json(kept) == body
    assert "10105194912" not in kept


names = st.sampled_from([FIELD, "id_no ", "note", SEAL, "~"])
values = st.one_of(
    st.none(), st.text(max_size=9), st.sampled_from([NUMBER, SEAL + "AAAA", 'a"b', "\\"]), st.integers(0, 10**17)
)
tree = st.recursive(values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=9)


@given(tree, st.booleans(), st.sampled_from([None, 1]))
def test_whatever_json_is_sealed_comes_back_to_the_byte(value, plain, indent):
    sealing, body = Sealing(KEY), json.dumps(value, ensure_ascii=plain, indent=indent)
    assert sealing.opened_json(sealing.sealed_json(body)) == body


@given(st.binary(min_size=16, max_size=16) | st.binary(min_size=32, max_size=32))
def test_a_hash_is_kept_as_another_of_the_same_length_and_comes_back(raw):
    sealing, told = Sealing(KEY), raw.hex()
    kept = sealing.enciphered(told)
    assert (sealing.deciphered(kept), len(kept), kept == told) == (told, len(told), False)


def test_a_deployment_of_before_is_sealed_by_the_migration_and_back(village, xiulan, tmp_path):
    """The rows are put back as release 0.1 wrote them; nothing that anybody reads changes on the way."""
    engine, names = village.engine, TABLES
    before, sealed = {name: village.rows(name) for name in names}, on_disk(engine)
    migrate.downgrade(engine, "0007")
    try:
        plain = on_disk(engine)
        assert any(NUMBER in body for body in plain["edits", "body"])
        assert any(NUMBER.casefold() in words for words in plain["standings", "words"])
        assert plain["edits", "hash"] != sealed["edits", "hash"]
    finally:
        migrate.upgrade(engine)
    assert {name: village.rows(name) for name in names} == before
    assert not any(NUMBER in str(value) for values in on_disk(engine).values() for value in values)
    assert village.faults() == []


def test_the_search_of_a_supervisor_still_finds_her(village, xiulan):
    assert "王秀兰" in Desk(village, SUE).open(f"/areas/{VILLAGE}/residents?text=02X")
