"""What doctors do with a phone, mostly without a network."""

import datetime as dt

import pytest

from client_sdk import (
    Client,
    NoSuchRecordError,
    NothingToResolveError,
    OtherPersonError,
    Problem,
    ProtectedError,
    ScopeError,
    StaleViewError,
)
from sync.codec import UnfitError
from sync.identity import resident_id
from tests.client_sdk.conftest import PIN, Clock
from tests.client_sdk.peer import Line, Peer, changed_by

BP = {"vitals": {"systolic_mmhg": 152, "diastolic_mmhg": 94}}
WANG = {"identity": {"name": "王秀兰", "id_no": "11010519491231002X"}, "contact": {"phone": "13800001111"}}


def synced(phone, sections=None):
    """A visit that phone and server both have."""
    record = phone.create("hypertension_visit", sections or BP)
    assert phone.sync().complete
    return record


# -- making and reading records


def test_two_phones_that_register_the_same_person_name_the_same_record(phone):
    record = phone.create("resident", WANG)
    assert record == resident_id(bytes(32), "11010519491231002x")
    assert phone.get(record).subject == record
    newborn = phone.create("resident", {"identity": {"name": "小宝", "id_missing_reason": "newborn"}})
    assert newborn != record
    assert newborn[14] == "7"
    assert phone.get(newborn).subject == newborn


def test_registering_a_known_person_again_lays_both_forms_side_by_side(phone, peer):
    record = phone.create("resident", WANG)
    phone.sync()
    changed_by(peer, record, "colleague1", 1, {"identity": {"name": "王秀蘭"}})
    phone.sync()
    assert phone.create("resident", WANG) == record
    assert [claim.value["name"] for claim in phone.get(record).conflicts["identity"]] == ["王秀蘭", "王秀兰"]


def test_an_incomplete_form_is_kept_and_what_is_wrong_is_said(phone):
    view = phone.get(phone.create("hypertension_visit", {"vitals": {"systolic_mmhg": 60, "diastolic_mmhg": 94}}))
    codes = {(issue.section, issue.field, issue.code) for issue in view.issues}
    assert ("vitals", "diastolic_mmhg", "not_below") in codes
    assert ("vitals", "heart_rate_per_min", "required") in codes
    assert view.sections["vitals"]["systolic_mmhg"] == 60


@pytest.mark.parametrize("value", [60.5, "a\0b", 2**53])
def test_what_the_protocol_cannot_carry_is_refused_before_anything_is_kept(phone, value):
    with pytest.raises(UnfitError):
        phone.create("hypertension_visit", {"vitals": {"weight_kg": value}})
    assert phone.outbox() == []
    assert phone.create("hypertension_visit", BP)
    assert phone.outbox()[0].dot.counter == 1


GRANTED = ("411499001201", "411499001201:tb", "411499001201:smd")


@pytest.fixture
def granted(path):
    """A phone whose person may hold both protected programmes, with a resident on it."""
    with Client.enrol("http://peer", "good", path, pin=PIN, transport=Line(Peer(*GRANTED)), now=Clock()) as phone:
        yield phone, phone.create("resident", WANG)


@pytest.mark.parametrize(
    ("kind", "sections"),
    [
        ("care_plan", {"condition/tuberculosis": {"education": "six months"}}),
        ("care_plan", {"summary": {"population_groups": ["elder_65", "tuberculosis"]}}),
        ("referral", {"referral": {"disease": "tuberculosis"}}),
        ("long_prescription", {"prescription": {"condition": "tuberculosis"}}),
        ("chronic_register", {"registration": {"disease": "tuberculosis"}}),
    ],
)
def test_a_form_that_names_tuberculosis_goes_to_its_programme_by_itself_and_never_lies_in_the_open(granted, kind, sections):
    phone, who = granted
    assert phone.get(phone.create(kind, sections, subject=who)).scope == "411499001201:tb"
    waiting = len(phone.outbox())
    with pytest.raises(ProtectedError, match="'tb'"):
        phone.create(kind, sections, subject=who, scope="411499001201")
    plain = phone.create(kind, {}, subject=who)
    with pytest.raises(ProtectedError, match="'tb'"):
        phone.edit(plain, sections)
    assert phone.get(plain).scope == "411499001201"
    assert len(phone.outbox()) == waiting + 1


def test_one_plan_for_two_programmes_is_refused(granted):
    phone, who = granted
    waiting = phone.outbox()
    with pytest.raises(ProtectedError):
        phone.create("care_plan", {"condition/tuberculosis": {}, "condition/severe_mental_disorder": {}}, subject=who)
    assert phone.outbox() == waiting


@pytest.mark.parametrize(
    ("kind", "sections", "field"),
    [
        ("resident", {"flags/tuberculosis": {"from": "2026-11-21"}}, "flags/tuberculosis"),
        ("resident", {"history": {"past_disease": ["tuberculosis"]}}, "history.past_disease"),
        (
            "resident",
            {"history": {"past_disease_details": [{"disease": "tuberculosis"}]}},
            "history.past_disease_details.0.disease",
        ),
        ("contract", {"population": {"groups": ["severe_mental_disorder"]}}, "population.groups"),
    ],
)
def test_what_cannot_leave_the_open_names_no_protected_disease_and_says_which_field_does(granted, kind, sections, field):
    phone, who = granted
    waiting = phone.outbox()
    with pytest.raises(ProtectedError, match=f"^{field} .*register"):
        phone.create(kind, sections, subject=None if kind == "resident" else who, scope="411499001201")
    if kind == "resident":
        with pytest.raises(ProtectedError, match=f"^{field} .*register"):
            phone.edit(who, sections)
    assert phone.outbox() == waiting


def test_without_the_grant_a_plan_for_tuberculosis_is_refused_and_not_put_in_the_open(path):
    with Client.enrol("http://peer", "good", path, pin=PIN, transport=Line(Peer(GRANTED[0])), now=Clock()) as phone:
        who = phone.create("resident", WANG)
        with pytest.raises(ScopeError):
            phone.create("care_plan", {"condition/tuberculosis": {}}, subject=who)
        assert len(phone.outbox()) == 1


def test_a_record_is_where_its_resident_is(path):
    peer = Peer("v1", "v2")
    with Client.enrol("http://peer", "good", path, pin=PIN, transport=Line(peer), now=Clock()) as phone:
        with pytest.raises(ScopeError):
            phone.create("resident", WANG)
        with pytest.raises(ScopeError):
            phone.create("resident", WANG, scope="v3")
        who = phone.create("resident", WANG, scope="v2")
        visit = phone.create("hypertension_visit", BP, subject=who)
        assert phone.get(visit).scope == "v2"
        phone.sync()
        assert phone.get(phone.create("hypertension_visit", BP, subject=who)).scope == "v2"


def test_people_are_found_by_name_and_number_whether_delivered_or_not(phone):
    who = phone.create("resident", WANG)
    phone.create("hypertension_visit", BP, subject=who)
    for _ in range(2):
        assert [v.id for v in phone.find(type="resident", text="王秀")] == [who]
        assert [v.id for v in phone.find(text="０１１１１")] == [who]
        assert [v.id for v in phone.find(text="002x")] == [who]
        assert [v.type for v in phone.find(subject=who)].count("hypertension_visit") == 1
        assert phone.find(text="nobody") == []
        assert phone.find(scope="v2") == []
        phone.sync()
    phone.edit(who, {"identity": {"name": "王秀英"}})
    assert [v.id for v in phone.find(text="王秀英")] == [who]
    assert phone.find(text="王秀兰") == []


def test_a_record_that_is_not_here_is_said_to_be_absent(phone):
    with pytest.raises(NoSuchRecordError):
        phone.get("01970000-0000-7000-8000-000000000000")
    with pytest.raises(NoSuchRecordError):
        phone.edit("01970000-0000-7000-8000-000000000000", BP)


def test_the_history_tells_what_was_delivered_and_what_waits(phone):
    record = synced(phone)
    phone.edit(record, {"tests": {"name": "ECG"}})
    applied, pending = phone.history(record)
    assert (applied.state, applied.author, set(applied.sections)) == ("applied", "p-li", {"vitals"})
    assert applied.written_at == "2026-11-21T08:15:02.000+08:00"
    assert (pending.state, pending.at, pending.sections["tests"]["name"]) == ("pending", None, "ECG")


# -- editing


def test_fields_of_a_newer_phone_survive_the_edit_of_an_older_one(phone, peer):
    record = synced(phone, {"vitals": {"systolic_mmhg": 152, "pulse_wave": {"a": 1}}, "sleep": {"hours": 6, "naps": 2}})
    view = phone.edit(record, {"vitals": {"systolic_mmhg": 140}, "sleep": {"hours": 7}})
    assert view.sections["vitals"] == {"systolic_mmhg": 140, "pulse_wave": {"a": 1}}
    assert view.sections["sleep"] == {"hours": 7, "naps": 2}
    assert phone.edit(record, {"vitals": {"systolic_mmhg": 141}}, carry=False).sections["vitals"] == {"systolic_mmhg": 141}
    assert phone.edit(record, {"sleep": None}).sections["sleep"] is None


def test_a_field_of_the_form_that_was_left_out_is_really_left_out(phone):
    record = synced(phone)
    assert phone.edit(record, {"vitals": {"systolic_mmhg": 140}}).sections["vitals"] == {"systolic_mmhg": 140}


def test_what_arrived_while_a_form_lay_open_is_not_overwritten(phone, peer):
    record = synced(phone)
    form = phone.get(record)
    changed_by(peer, record, "colleague1", 1, {"vitals": {"systolic_mmhg": 138}})
    phone.sync()
    view = phone.edit(form, {"vitals": {"systolic_mmhg": 141}})
    assert sorted(claim.value["systolic_mmhg"] for claim in view.conflicts["vitals"]) == [138, 141]
    assert phone.sync().conflicts == 1


def test_two_forms_saved_one_after_the_other_from_the_same_view_both_arrive(phone, peer):
    record = synced(phone)
    form = phone.get(record)
    phone.edit(form, {"vitals": {"systolic_mmhg": 141}})
    phone.edit(form, {"tests": {"name": "ECG"}})
    assert [dict(edit.context)["actor0001"] for edit in phone.outbox()] == [1, 2]
    assert phone.sync().complete
    assert peer.records[record].seen == {"actor0001": 3}


def test_a_form_opened_before_a_new_actor_can_still_be_saved(phone, peer):
    record = synced(phone)
    phone.edit(record, {"tests": {"name": "ECG"}})
    form = phone.get(record)
    peer.actors[peer.actor]["nonce"] = peer.actors[peer.actor]["before"] = "of a clone"
    assert phone.sync().complete
    phone.edit(form, {"vitals": {"systolic_mmhg": 141}})
    assert phone.sync().complete
    assert phone.get(record).conflicts == {}


def test_a_conflict_waits_for_a_person_and_a_person_settles_it(phone, peer):
    record = synced(phone)
    phone.edit(record, {"vitals": {"systolic_mmhg": 141}})
    changed_by(peer, record, "colleague1", 1, {"vitals": {"systolic_mmhg": 138}}, context={"actor0001": 1})
    report = phone.sync()
    assert (report.conflicts, report.complete) == (1, True)
    (view,) = phone.conflicts()
    assert {claim.author for claim in view.conflicts["vitals"]} == {"p-li", "p-wang"}
    view = phone.resolve(record, "vitals", {"systolic_mmhg": 138})
    assert view.conflicts == {}
    assert phone.sync().conflicts == 0
    assert [e.sections["vitals"] for e in peer.records[record].edits] == [{"systolic_mmhg": 138}]
    with pytest.raises(NothingToResolveError):
        phone.resolve(record, "vitals", {"systolic_mmhg": 138})


def test_who_mends_their_own_claim_in_a_conflict_leaves_the_colleagues_beside_it(phone, peer):
    record = synced(phone)
    phone.edit(record, {"vitals": {"systolic_mmhg": 141, "pulse_wave": 3}})
    theirs = {"vitals": {"systolic_mmhg": 138}, "tests": {"name": "ECG"}}
    changed_by(peer, record, "colleague1", 1, theirs, context={"actor0001": 1})
    phone.sync()
    form = phone.to_edit(record)
    assert form.sections["vitals"] == {"systolic_mmhg": 141, "pulse_wave": 3}, "the form begins with one's own"
    view = phone.edit(form, {"vitals": {"systolic_mmhg": 142}, "tests": {"name": "HbA1c"}})
    assert phone.sync().conflicts == 1
    mended = {"p-wang": {"systolic_mmhg": 138}, "p-li": {"systolic_mmhg": 142, "pulse_wave": 3}}
    for seen in (view, phone.get(record)):
        assert {claim.author: claim.value for claim in seen.conflicts["vitals"]} == mended
        assert seen.conflicts.keys() == {"vitals"}, "the tests were seen, and gave way"
    assert phone.resolve(phone.to_edit(record), "vitals", {"systolic_mmhg": 138}).conflicts == {}
    assert phone.to_edit(record) == phone.get(record)


def test_who_wrote_neither_claim_adds_a_third(phone, peer):
    record = synced(phone)
    for n, actor in enumerate(("colleague1", "colleague2")):
        changed_by(peer, record, actor, 1, {"tests": {"name": f"ECG {n}"}}, context={"actor0001": 1})
    phone.sync()
    view = phone.edit(phone.to_edit(record), {"tests": {"name": "HbA1c"}})
    assert sorted(claim.value["name"] for claim in view.conflicts["tests"]) == ["ECG 0", "ECG 1", "HbA1c"]


def test_a_void_against_an_edit_it_never_saw_is_a_conflict_until_settled(phone, peer):
    record = synced(phone)
    assert phone.void(record, "mistake", "other person").void
    changed_by(peer, record, "colleague1", 1, {"tests": {"name": "ECG"}}, context={"actor0001": 1})
    assert phone.sync().conflicts == 1
    (view,) = phone.conflicts()
    assert [claim.value for claim in view.conflicts["void"]] == [{"reason": "mistake", "note": "other person"}]
    assert not phone.resolve(record, "void", None).void
    assert phone.conflicts() == []
    assert phone.sync().conflicts == 0


@pytest.mark.parametrize("year", [1, 1970, 2099, 9999])
def test_a_phone_with_any_clock_keeps_its_edits_and_delivers_them(line, path, year):
    clock = Clock(dt.datetime(year, 6, 1, 8, tzinfo=dt.timezone(dt.timedelta(hours=8))))
    with Client.enrol("http://peer", "good", path, pin=PIN, transport=line, now=clock) as phone:
        record = phone.create("hypertension_visit", BP)
        assert phone.get(record).pending
        assert phone.sync().complete
        assert phone.get(record).sections == BP


# -- enrolling


def test_a_bad_code_leaves_no_file_behind(line, tmp_path):
    with pytest.raises(Problem) as refused:
        Client.enrol("http://peer", "bad", tmp_path / "phone.db", pin=PIN, transport=line)
    assert refused.value.slug == "wrong-code"
    assert not list(tmp_path.iterdir())


def test_enrolling_again_after_a_lost_answer_shows_the_same_key(line, peer, path):
    line.rule = lambda n: "after" if n == 1 else ""
    with pytest.raises(Exception, match="cut after"):
        Client.enrol("http://peer", "good", path, pin=PIN, transport=line)
    Client.enrol("http://peer", "good", path, pin=PIN, transport=line).close()
    first, second = (body["public_key"] for _, _, body in peer.asked)
    assert first == second


def test_enrolling_again_keeps_records_and_brings_what_waits(phone, path, line, peer):
    record = synced(phone)
    phone.edit(record, {"tests": {"name": "ECG"}})
    phone.close()
    with Client.enrol("http://peer", "good", path, pin=PIN, transport=line, now=Clock()) as again:
        assert again.get(record).sections["tests"] == {"name": "ECG"}
        assert again._store.checkpoints() == {}
        assert [(edit.dot, dict(edit.context)) for edit in again.outbox()] == [((again.status().actor, 1), {"actor0001": 1})]
        assert again.sync().complete
    assert {live.dot.actor for live in peer.records[record].edits} == {"actor0001", again_actor(peer)}
    keys = [body["public_key"] for _, route, body in peer.asked if route == "/v1/enrol"]
    assert keys[0] != keys[1]


def again_actor(peer):
    return peer.actor


def test_somebody_elses_code_changes_nothing_in_the_file(phone, path, line):
    record = phone.create("hypertension_visit", BP)
    before = phone.status()
    phone.close()
    with pytest.raises(OtherPersonError):
        Client.enrol("http://peer", "other", path, pin=PIN, transport=line)
    with Client.open(path, pin=PIN, transport=line) as again:
        assert again.status() == before
        assert again.get(record).pending


def test_a_form_that_was_open_while_the_record_left_keeps_what_its_author_saw(phone, peer):
    record = phone.create("hypertension_visit", BP)
    phone.sync()
    changed_by(peer, record, "colleague1", 1, {"vitals": {"systolic_mmhg": 140}})
    phone.sync()
    form = phone.get(record)
    peer.move(record, "v2")
    phone.sync()
    phone.edit(form, {"vitals": {"systolic_mmhg": 145}})
    assert dict(phone.outbox()[0].context) == dict(form.seen)


def test_a_form_opened_before_the_same_section_was_saved_here_is_not_saved_over_it(phone):
    record = phone.create("hypertension_visit", BP)
    form = phone.get(record)
    phone.edit(form, {"vitals": {"systolic_mmhg": 130}})
    with pytest.raises(StaleViewError, match="vitals was saved here"):
        phone.edit(form, {"vitals": {"systolic_mmhg": 140}})
    phone.edit(form, {"referral": {"reason": "胸痛"}})  # what was not saved meanwhile may be
    assert phone.get(record).sections["vitals"]["systolic_mmhg"] == 130


def test_a_phone_file_is_not_shown_to_another_server(phone, peer, path, chance):
    elsewhere = Peer()
    elsewhere.server = "there"
    phone.close()
    with pytest.raises(OtherPersonError, match="another server"):
        Client.enrol("http://there", "good", path, pin=PIN, transport=Line(elsewhere), now=Clock(), entropy=chance)
