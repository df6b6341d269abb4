"""What an answer changes on the phone, and how an outbox is made anew."""

from dataclasses import replace

import pytest

from client_sdk.errors import BadReplyError
from client_sdk.exchange import Effects, Held, absorb, batch, joined, reissue
from sync.codec import edit_from_wire, edit_to_wire, record_to_wire
from sync.record import Edit, blank, fold
from sync.version import Dot, VersionVector
from tests.client_sdk.peer import AT, a_record

ONE, TWO = "01970000-0000-7000-8000-000000000001", "01970000-0000-7000-8000-000000000002"


def edit(counter, context=None, *, record=ONE, sections=None, actor="phone0001"):
    item = {"record": record, "type": "hypertension_visit", "subject": None, "scope": "v1", "dot": [actor, counter]}
    more = {"context": context or {}, "written_at": AT.format(1), "author": "p-li"}
    return edit_from_wire({**item, **more, "sections": sections or {"vitals": {"n": counter}}})


def receipt(of: Edit, status, reason=None):
    told = {"dot": list(of.dot), "status": status, "at": AT.format(5)}
    return told | ({"reason": reason} if reason else {"issues": []})


def answer(sent, *statuses, base=(), changes=(), deposited=(), waiting=None) -> Effects:
    receipts = [receipt(e, *(s if isinstance(s, tuple) else (s,))) for e, s in zip(sent, statuses, strict=True)]
    held = {record.id: Held(record) for record in base}
    return absorb(sent, sent if waiting is None else waiting, held, deposited, {"receipts": receipts, "changes": list(changes)})


@pytest.mark.parametrize("status", ["accepted", "merged", "conflict", "duplicate"])
def test_an_applied_edit_moves_into_the_base_with_the_servers_time(status):
    effects = answer([edit(1)], status)
    (live,) = effects.put[ONE].record.edits
    assert (live.at, effects.settled) == (AT.format(5), (Dot("phone0001", 1),))


def test_an_edit_the_base_knows_already_changes_nothing_in_it():
    known = fold(blank(edit(1)), edit(1), AT.format(5))
    later = fold(known, edit(2, {"phone0001": 1}), AT.format(6))
    assert answer([edit(1)], "duplicate", base=[later]).put[ONE].record == later


def test_a_base_that_lacks_what_the_author_saw_is_left_alone():
    saw = edit(1, {"colleague1": 3})
    effects = answer([saw], "accepted", base=[a_record(ONE, {"vitals": {}}, counter=2)])
    assert (effects.put, effects.settled) == ({}, (saw.dot,))
    assert answer([edit(2, {"phone0001": 1})], "accepted").put == {}


def test_an_edit_behind_a_deposited_one_moves_into_the_base():
    first, second = edit(1), edit(2, {"phone0001": 1}, sections={"tests": {}})
    effects = answer([first, second], ("deposited", "malformed"), "accepted")
    assert effects.aside == ((first, "malformed"),)
    assert effects.put[ONE].record.seen == {"phone0001": 2}
    alone = answer([second], "accepted", deposited={first.dot})
    assert alone.put[ONE].record.seen == {"phone0001": 2}


def test_an_edit_stays_as_long_as_an_earlier_one_of_its_record_does():
    first, second, other = edit(1), edit(2, {"phone0001": 1}), edit(3, record=TWO)
    effects = answer([first, second, other], "gap", "accepted", "accepted")
    assert (effects.settled, effects.gaps) == ((other.dot,), {ONE})
    assert answer([second], "accepted", waiting=[first, second]).settled == ()
    both = answer([first, second], "accepted", "accepted")
    assert both.settled == (first.dot, second.dot)


def test_a_reused_dot_stays_in_the_outbox():
    effects = answer([edit(1)], ("deposited", "dot-reused"))
    assert (effects.reused, effects.settled, effects.aside) == (True, (), ())


def test_changes_are_merged_and_what_moved_away_is_dropped():
    mine, theirs = a_record(ONE, {"vitals": {"n": 1}}), a_record(ONE, {"tests": {}}, actor="colleague2")
    change = {
        **record_to_wire(theirs),
        "seq": 4,
        "issues": [{"section": "tests", "field": None, "code": "c", "level": "error"}],
    }
    effects = answer([], base=[mine], changes=[change])
    assert effects.put[ONE].record.seen == {"colleague1": 1, "colleague2": 1}
    assert [issue.code for issue in effects.put[ONE].issues] == ["c"]
    gone = {"record": ONE, "scope": "v1", "seq": 5, "gone": "moved"}
    assert answer([], base=[mine], changes=[gone]).drop == {ONE}
    elsewhere = a_record(ONE, {}, scope="v2")
    assert answer([], base=[elsewhere], changes=[gone]) == Effects()


def test_a_damaged_base_is_not_handed_on():
    whole = a_record(ONE, {"vitals": {"n": 1}})
    for damaged in (a_record(ONE, {"vitals": {"n": 9}}), replace(whole, edits=())):
        assert joined(damaged, whole) == whole


@pytest.mark.parametrize(
    "reply",
    [
        {"receipts": [], "changes": []},
        {"receipts": [{"dot": ["phone0001", 2], "status": "accepted", "at": AT}], "changes": []},
        {"receipts": [{"dot": ["phone0001", 1], "status": "accepted"}], "changes": []},
        {"receipts": [{"dot": ["phone0001", 1], "status": "perhaps"}], "changes": []},
        {"receipts": [{"dot": ["phone0001", 1], "status": "gap"}], "changes": [{"record": ONE}]},
        {"receipts": None, "changes": []},
        {},
    ],
)
def test_nothing_is_taken_of_an_answer_that_is_not_of_the_protocol(reply):
    with pytest.raises(BadReplyError):
        absorb([edit(1)], [edit(1)], {}, (), reply)


def test_edits_made_anew_name_what_the_server_can_know():
    outbox = [
        edit(4, {"phone0001": 3, "colleague1": 2}),
        edit(5, {"phone0001": 1}, record=TWO),
        edit(6, {"phone0001": 4, "colleague1": 7}),
    ]
    base = {ONE: VersionVector({"phone0001": 2, "colleague1": 7})}
    made = reissue(outbox, base, "phone0001", "phone0002")
    assert [e.dot for e in made] == [("phone0002", 1), ("phone0002", 2), ("phone0002", 3)]
    assert [dict(e.context) for e in made] == [
        {"colleague1": 2, "phone0001": 2},
        {},
        {"colleague1": 7, "phone0001": 2, "phone0002": 1},
    ]
    assert [e.sections for e in made] == [e.sections for e in outbox]


def test_what_the_first_waiting_edit_had_not_seen_the_later_ones_do_not_claim():
    outbox = [edit(4, {"phone0001": 1}), edit(5, {"phone0001": 4})]
    made = reissue(outbox, {ONE: VersionVector({"phone0001": 3})}, "phone0001", "phone0002")
    assert [dict(e.context) for e in made] == [{"phone0001": 1}, {"phone0001": 1, "phone0002": 1}]


def test_a_request_is_cut_to_size_but_never_empty():
    edits = [edit(n + 1, sections={"vitals": {"text": "x" * 1000}}) for n in range(600)]
    assert len(batch(edits[:300], edit_to_wire, 10_000)) in range(5, 11)
    assert len(batch(edits, edit_to_wire, 5)) == 1
    assert len(batch(edits, edit_to_wire, 10**9)) == 50
    assert batch([], edit_to_wire) == []
