"""Checkpoints, pages and echoes: everybody gets every change, whatever a phone says it has."""

import pytest

from server.exchange import Exchange
from server.store import directory
from tests.server.phone import RefusedError, vitals
from tests.village import BEN, LEA, OTHER, SUE, TOWNSHIP, VILLAGE


def fetched(phone, max_bytes):
    """Pull to the end; the pages, each the list of its records."""
    pages = []
    while True:
        reply = phone.sync(max_bytes=max_bytes)
        pages.append([item["record"] for item in reply["changes"]])
        if not reply["more"]:
            return pages, reply


@pytest.fixture
def ten(ana):
    records = [ana.save(vitals(100 + i)) for i in range(10)]
    ana.sync()
    return records


def test_with_no_budget_at_all_one_record_comes_at_a_time(ana, ben, ten):
    pages, last = fetched(ben, 0)
    assert pages == [[record] for record in ten]
    assert ben.agrees(last)


@pytest.mark.parametrize("budget", [1, 700, 1500, 10**6, 2**53 - 1])
def test_a_budget_is_kept_and_the_pages_make_up_the_whole(ana, ben, ten, budget):
    pages, last = fetched(ben, budget)
    assert [record for page in pages for record in page] == ten
    assert all(pages)
    assert ben.agrees(last)


def test_one_budget_serves_several_villages_in_turn(village, ana, cam):
    mine, theirs = [ana.save(vitals(i)) for i in range(4)], [cam.save(vitals(i)) for i in range(4)]
    ana.sync()
    cam.sync()
    for person in (LEA, SUE):
        phone = village.phone(person)
        pages, last = fetched(phone, 900)
        assert [record for page in pages for record in page] == mine + theirs
        assert phone.agrees(last)
        assert set(last["checkpoints"]) == {VILLAGE, OTHER, TOWNSHIP}
        may_write = {VILLAGE: person == LEA, OTHER: person == LEA, TOWNSHIP: False}
        assert last["scopes"] == {scope: {"write": write} for scope, write in may_write.items()}


ODD = ("", ":", "garbage", "{e}", "{e}:", "{e}:-1", "{e}:1.5", "{e}:９", "{e}:²", "e0:5", "{e}:" + "9" * 30)


def test_a_checkpoint_of_no_sense_begins_from_the_beginning(ana, ben, ten):
    for odd in ODD:
        reply = ben.sync(checkpoints={VILLAGE: odd.format(e=ben.epoch), OTHER: "x", "nowhere": f"{ben.epoch}:7"})
        assert [item["record"] for item in reply["changes"]] == ten
        assert list(reply["checkpoints"]) == [VILLAGE, TOWNSHIP]


def test_a_checkpoint_ahead_of_the_feed_hides_nothing(ana, ben, ten):
    """An honest phone has one only when the server lost what it had told: then it must not wait for the feed to catch up."""
    for ahead in (11, 10**6, 10**17):
        reply = ben.sync(checkpoints={VILLAGE: f"{ben.epoch}:{ahead}"})
        assert [item["record"] for item in reply["changes"]] == ten
        assert reply["checkpoints"] == {VILLAGE: f"{ben.epoch}:10", TOWNSHIP: f"{ben.epoch}:0"}


def test_an_old_checkpoint_gives_the_same_again(ana, ben, ten):
    ben.sync()
    old = {VILLAGE: f"{ben.epoch}:7"}
    assert ben.sync(checkpoints=old)["changes"] == ben.sync(checkpoints=old)["changes"]
    assert [item["seq"] for item in ben.sync(checkpoints=old)["changes"]] == [8, 9, 10]


def test_an_unchanged_village_costs_nothing(ana, ben, ten, village):
    ben.sync()
    before = village.rows("scopes"), village.rows("records")
    reply = ben.sync()
    assert (reply["changes"], reply["more"]) == ([], False)
    assert (village.rows("scopes"), village.rows("records")) == before


def test_my_own_words_do_not_come_back_and_a_repeat_of_them_does_no_harm(ana, ten):
    ana.save(vitals(1), ten[0])
    body = ana.request()
    first = ana.send(body)
    assert first["changes"] == []
    second = ana.absorb(body, ana.send(body))  # the first answer was lost: now it is not certain what the phone has
    assert [item["record"] for item in second["changes"]] == [ten[0]]
    assert ana.agrees(second)


def test_words_that_come_between_my_edit_and_its_answer_are_not_skipped(ana, ben, ten, monkeypatch):
    """Ben's edit is committed after Ana's, before her answer is read from the feed."""
    ben.sync()
    reply_of = Exchange._reply

    def overtaken(self, talk, *args):
        monkeypatch.setattr(Exchange, "_reply", reply_of)
        ben.save({"referral": {"reason": "胸痛"}}, ten[0])
        assert [receipt["status"] for receipt in ben.sync()["receipts"]] == ["merged"]
        return reply_of(self, talk, *args)

    ana.save(vitals(1), ten[0])
    monkeypatch.setattr(Exchange, "_reply", overtaken)
    reply = ana.sync()
    assert ana.shows(ten[0]) == vitals(1) | {"referral": {"reason": "胸痛"}}
    assert ana.agrees(reply)


def test_a_village_that_is_no_longer_held_is_told_by_its_absence(village, ana, ben, ten):
    village.write(lambda c: directory.put_workplaces(c, BEN, [OTHER]))
    ben.save(vitals(1), scope=VILLAGE)
    reply = ben.sync()
    assert (reply["changes"], list(reply["scopes"]), list(reply["digests"])) == ([], [OTHER, TOWNSHIP], [OTHER, TOWNSHIP])
    assert [(r["status"], r["reason"]) for r in reply["receipts"]] == [("deposited", "out-of-scope")]


def test_another_epoch_takes_nothing_tells_digests_and_the_way_on(ana, ben, ten):
    unsent = ana.draft(vitals(1), ten[0])
    reply = ana.send(ana.request([unsent, 7], [ana.state(ten[0]), {}], epoch="e0"))
    assert [receipt["status"] for receipt in reply["receipts"]] == ["gap", "gap"]
    assert reply["merged"] == [{"record": ten[0], "seen": {}}, {"record": None, "seen": {}}]
    assert (reply["changes"], reply["checkpoints"], reply["more"]) == ([], {}, False)
    assert reply["digests"] == ana.send(ana.request([]))["digests"]
    ana.nonce = "lost with the old server"
    ana.nonce = ana.send(ana.request([], epoch="e0", counter=0))["nonce"]
    assert ana.push(unsent)[0]["status"] == "accepted"


def test_a_scope_that_is_not_mine_and_one_that_does_not_exist_are_the_same(ana, cam, village):
    secret = cam.save({"note": {"text": "金丝雀"}})
    cam.sync()
    for way in ("digest", "records"):
        answers = {
            ana.get(f"/v1/scopes/{scope}/{way}?prefix={secret[:2]}").get_data()
            for scope in (OTHER, "000000000000", "%ff", "actor:x")
        }
        assert len(answers) == 1
        assert ana.get(f"/v1/scopes/{OTHER}/{way}").status_code == 404
    reply = ana.post("/v1/sync", ana.request(checkpoints={OTHER: f"{ana.epoch}:0"}))
    assert "金丝雀" not in reply.get_data(as_text=True)
    with pytest.raises(RefusedError):
        ana.ask(200, "/v1/sync", ana.request(checkpoints=[]))


def test_a_difference_is_found_by_the_digits_of_its_record(ana, ten):
    def below(prefix):
        return ana.get(f"/v1/scopes/{VILLAGE}/digest?prefix={prefix}").get_json()

    record, path = ten[3], ""
    while len(path) < 32:
        whole = below(path)
        digit = record.replace("-", "")[len(path)]
        assert whole["count"] == sum(child["count"] for child in whole["children"].values())
        path += digit
        assert below(path) == below(path) | whole["children"][digit]
    assert below(path)["children"] == {}
    [found] = ana.get(f"/v1/scopes/{VILLAGE}/records?prefix={path}").get_json()["records"]
    assert found | ana.state(record) == found
    for odd in ("G", "AB", "0" * 33, "%", "_", "0-"):
        assert ana.get(f"/v1/scopes/{VILLAGE}/digest", query_string={"prefix": odd}).status_code == 422
