"""Two who write at the same moment in different villages: what must be one stays one."""

import contextlib
import threading

from server.exchange import Exchange
from server.store.scope import ScopeWriter
from sync.identity import resident_id
from tests.server.phone import vitals
from tests.village import LEA, OTHER, VILLAGE


def test_two_villages_that_register_one_person_at_once_make_one_record(ana, cam, village, monkeypatch):
    """Both have looked whether the person is known elsewhere before either has written, if nothing makes them take turns."""
    wang = resident_id(b"k" * 32, "11010519491231002X")
    ana.save({"contact": {"phone": "1"}}, wang, type="resident", subject=wang)
    cam.save({"contact": {"phone": "2"}}, wang, type="resident", subject=wang)
    looked, finish = threading.Barrier(2), ScopeWriter.finish

    def slowly(self):
        with contextlib.suppress(threading.BrokenBarrierError):  # the other waits for us, as it should
            looked.wait(0.7)
        return finish(self)

    monkeypatch.setattr(ScopeWriter, "finish", slowly)
    answers = []
    threads = [threading.Thread(target=lambda phone=phone: answers.extend(phone.sync()["receipts"])) for phone in (ana, cam)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(receipt["status"] for receipt in answers) == ["accepted", "deposited"]
    assert village.faults() == []


def test_a_phone_and_its_copy_that_use_one_number_in_two_villages_at_once_keep_one(village, monkeypatch):
    """The copy is let in and writes in the other village while the phone's own exchange has begun and not yet written."""
    lea = village.phone(LEA)
    lea.save(vitals(150), scope=OTHER)
    mine, copy = lea.request(), lea.request([{**lea.outbox[0], "scope": VILLAGE, "sections": vitals(99)}])
    receive, inner = Exchange._receive, []

    def overtaken(self, *args):
        monkeypatch.setattr(Exchange, "_receive", receive)
        inner.extend(lea.send(copy)["receipts"])
        return receive(self, *args)

    monkeypatch.setattr(Exchange, "_receive", overtaken)
    outer = lea.send(mine)["receipts"]
    assert sorted((r["status"], r.get("reason")) for r in outer + inner) == [("accepted", None), ("deposited", "dot-reused")]
    assert village.faults() == []


def test_a_phone_whose_copy_was_here_is_told_and_goes_on(ana, village):
    """The copy used a number of the phone and never came back; the phone itself knows nothing of it."""
    ana.save(vitals(150))
    ana.sync()
    assert ana.send(ana.request([{**ana.draft(vitals(99)), "dot": [ana.actor, 1]}]))["receipts"][0]["reason"] == "dot-reused"
    ana.nonce = ana.send(ana.request([]))["nonce"]
    new = ana.draft(vitals(140))
    response = ana.post("/v1/sync", ana.request([new]))
    assert (response.status_code, response.get_json()["type"]) == (409, "/problems/actor-rolled-back")
    ana.outbox.clear()
    ana.new_actor()
    ana.save(vitals(140))
    assert [r["status"] for r in ana.sync()["receipts"]] == ["accepted"]


def test_what_a_supervisor_reads_of_unsent_edits_is_what_is_still_on_the_phone(ana, village):
    def unsent():
        return {row["actor"]: row["outbox"] for row in village.rows("actor_states")}[ana.actor]

    ana.save(vitals(150))
    ana.sync()
    assert unsent() == 0
    record = ana.save(vitals(151))
    ana.save(vitals(152), record)
    assert [r["status"] for r in ana.sync([ana.outbox[1]])["receipts"]] == ["gap"]
    assert unsent() == 2
    ana.sync(epoch="e-of-before")
    assert unsent() == 2
