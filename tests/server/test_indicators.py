"""The list of indicators, and what single residents add to them: the cases that nobody of the twelve is."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest

from server.indicators import INDICATORS, by_code
from server.indicators.counting import Sum, contributions, counted, denominated, populations, shares, sums, totals, until
from server.indicators.declare import DENOMINATOR, EXCLUDED, FAMILIES, NUMERATOR, PERIOD, POINT, UNITS, YEAR
from server.indicators.reasons import REASONS, labels
from server.periods import Period
from server.standards import DEFAULTS, STANDARDS, of
from sync.scopes import programme_of
from sync.standing import account
from tests.standing.forms import (
    TB,
    TODAY,
    Saved,
    again,
    contract,
    exam,
    home,
    item,
    known_of,
    name,
    pressure,
    register,
    resident,
)
from tests.standing.people import CHEN, TWELVE, XIULAN

MONTH = Period.parse("2026-11")


def told(saved, on=TODAY, standards=DEFAULTS, also=(), programmes=(None, "tb", "smd")):
    """The account of the first resident, and what they add to the indicators, as it would be read back."""
    known = [one for one in known_of(saved, on) if programme_of(one.record.scope) in programmes]
    found = account(saved[0].record, known, on, also=also)
    return found, json.loads(json.dumps({str(key): part for key, part in contributions(found, standards).items()}))


def adds(saved, code, **more):
    """What the first resident adds to one indicator: (side, reason, day)."""
    _, parts = told(saved, **more)
    part = parts.get(str(by_code(code).programme), {})
    return [(one.side, one.reason, one.on and one.on.isoformat()) for one in shares(part, code)]


def test_every_indicator_says_what_it_is_in_both_languages():
    assert len({one.code for one in INDICATORS}) == len(INDICATORS)
    for one in INDICATORS:
        assert len(one.code) <= 40
        assert one.family in FAMILIES
        assert one.unit in UNITS
        assert one.span in (POINT, YEAR, PERIOD)
        assert one.source
        assert by_code(one.code) is one
        assert not one.over or by_code(one.over)
        for zh, en in ((one.zh, one.en), (one.sentence_zh, one.sentence_en)):
            assert zh != en
            assert any("\u4e00" <= letter <= "\u9fff" for letter in zh)
            assert not any("\u4e00" <= letter <= "\u9fff" for letter in en.replace("八个一", ""))
        if one.ratio:
            for word_zh, word_en in (("分子", "Numerator"), ("分母", "Denominator")):
                assert word_zh in one.sentence_zh, one.code
                assert word_en in one.sentence_en, one.code


def test_the_standards_that_a_sentence_names_are_there():
    for one in INDICATORS:
        for word in ("key_groups", "late_days", "eight_ones"):
            assert (word in one.sentence_zh) == (word in one.sentence_en), (one.code, word)
            assert word in STANDARDS


def test_every_reason_that_the_twelve_give_has_its_words():
    for saved in TWELVE.values():
        _, parts = told(saved)
        for part in parts.values():
            for code in part:
                for share in shares(part, code):
                    assert share.side != DENOMINATOR or share.reason
                    assert share.side != EXCLUDED or share.reason
                    assert share.side != NUMERATOR or share.reason is None
                    assert share.reason is None or share.reason in REASONS, (code, share.reason)
    assert labels("not_signed") == ("未签约", "Not signed")
    assert labels("of another release") == ("of another release", "of another release")


def test_rates_are_kept_to_four_decimals_and_shown_rounded_once():
    rate = by_code("sign_rate")
    assert (rate.value(1, 3), rate.value(2, 3), rate.value(0, 0)) == (Decimal("0.3333"), Decimal("0.6667"), None)
    # 0.62449 would be 62.5 % by way of 0.6245
    assert (rate.shown(62449, 100_000), rate.shown(1, 2000), rate.shown(0, 0)) == ("62.4%", "0.1%", "—")
    report = by_code("smd_report")
    assert (report.value(435, 100_000), report.shown(435, 100_000)) == (Decimal("0.00435"), "4.35‰")
    times = by_code("home_visit_person_times")
    assert (times.value(0, 0), times.shown(7, 0)) == (Decimal(0), "7")


# -- single residents --------------------------------------------------------------------------------------------------

WOMAN = resident(20, "孙丽", "female", "1980-01-01")
YEARLY = {"exam": item("once_in_term", 1, fulfilled_by=["health_exam"])}
SIGNED = contract(20, "2026-01-01", "2026-12-31", YEARLY)


def test_a_contract_whose_term_two_phones_wrote_apart_is_not_in_the_numerator_until_somebody_decides():
    assert adds([WOMAN, SIGNED], "sign_rate") == [(NUMERATOR, None, None)]
    longer, shorter = ({**SIGNED.sections["term"], "ends_on": day} for day in ("2027-06-30", "2027-01-31"))
    apart = [WOMAN, SIGNED, again(SIGNED, term=longer), again(SIGNED, "benphone", apart=True, term=shorter)]
    for code in ("sign_rate", "honour_person_any", "paid_sign_rate"):
        assert adds(apart, code) == [(DENOMINATOR, "conflict_open", None)], code
    assert adds([*apart, again(SIGNED, term=longer)], "sign_rate") == [(NUMERATOR, None, None)]


def test_a_contract_that_cost_something_is_paid():
    fees = {"total_yuan": "50.00", "self_pay_yuan": "20.00"}
    assert adds([WOMAN, SIGNED, again(SIGNED, fees=fees)], "paid_sign_rate") == [(NUMERATOR, None, None)]
    assert adds([WOMAN, SIGNED, again(SIGNED, fees={"total_yuan": "0.00"})], "paid_sign_rate") == [
        (DENOMINATOR, "not_paid", None)
    ]


def test_a_renewal_counts_on_the_last_day_on_which_it_could_be_made():
    old = contract(20, "2025-10-01", "2026-09-30", YEARLY)
    new = contract(20, "2026-10-30", "2027-10-29", YEARLY, number=2)
    late = contract(20, "2026-10-31", "2027-10-30", YEARLY, number=2)
    assert adds([WOMAN, old, new], "renew_rate") == [(NUMERATOR, None, "2026-10-30")]
    assert adds([WOMAN, old, late], "renew_rate") == [(DENOMINATOR, "not_renewed", "2026-10-30")]
    assert adds([WOMAN, old], "renew_rate", on=dt.date(2026, 10, 29)) == []


def test_an_item_counts_on_its_last_day_and_not_before_even_if_it_was_given_early():
    once = contract(
        20, "2026-01-01", "2026-12-31", {"exam": item("within_days_of_start", 1, due_days=330, fulfilled_by=["health_exam"])}
    )
    early = [WOMAN, once, exam(20, "2026-02-01")]
    assert adds(early, "honour_item") == []
    [due] = [one.by for one in told(early)[0].standing.obligations]
    assert adds(early, "honour_item", on=due) == [(NUMERATOR, None, due.isoformat())]
    assert adds(early, "honour_person_any") == [(NUMERATOR, None, None)]
    assert told(early)[0].until <= due


def test_an_item_that_nobody_has_given_is_on_no_side_on_its_last_day_and_missed_in_the_evening():
    last = TODAY.replace(month=11, day=30)
    owed = [WOMAN, contract(20, "2026-01-01", "2026-11-30", YEARLY)]
    known = known_of(owed, last)
    said = {}
    for when, on, over in (("morning", last, False), ("evening", last, True), ("next", last + dt.timedelta(1), False)):
        found = account(WOMAN.record, known, on, over=over)
        part = contributions(found, DEFAULTS)[None]
        item_, full = ([share.side for share in shares(part, code)] for code in ("honour_item", "honour_person_full"))
        [honoured] = found.standing.honoured
        said[when] = (item_, full, honoured.items_due)
        assert until(found) > on
    assert said == {
        "morning": ([], [], 0),
        "evening": ([DENOMINATOR], [DENOMINATOR], 1),
        "next": ([DENOMINATOR], [DENOMINATOR], 1),
    }
    assert until(account(WOMAN.record, known, last)) == last + dt.timedelta(1), "a kept row is made anew on the day after"


def test_who_was_lost_stays_below_the_line_of_every_rate_of_the_disease():
    lost = [
        WOMAN,
        register(20, "hypertension", "2026-01-05", status={"status": "lost", "lost_on": "2026-06-01"}),
        pressure(20, 1, "2026-02-01", "120/80"),
    ]
    for code in ("hypertension_manage", "hypertension_standard", "hypertension_control"):
        assert adds(lost, code) == [(DENOMINATOR, "lost", None)], code


def test_who_has_the_flag_and_no_register_is_a_patient_who_is_not_managed():
    flagged = [resident(20, "孙丽", "female", "1980-01-01", **{"flags/hypertension": {"from": "2026-01-01"}})]
    assert adds(flagged, "hypertension_manage") == [(DENOMINATOR, "no_register", None)]
    assert adds(flagged, "hypertension_standard") == []


def test_a_register_closed_with_the_person_s_record_is_out_in_that_year_and_gone_in_the_next():
    closed = {"status": "closed", "close_reason": "moved_out", "closed_on": "2026-05-09"}
    gone = [WOMAN, again(WOMAN, record_status=closed), register(20, "diabetes", "2025-01-05")]
    assert adds(gone, "diabetes_manage") == adds(gone, "diabetes_control") == [(EXCLUDED, "moved_out", None)]
    assert adds(gone, "diabetes_manage", on=dt.date(2027, 1, 1)) == []
    assert adds(gone, "sign_rate", on=dt.date(2027, 1, 1)) == [(EXCLUDED, "moved_out", None)]
    back = {**closed, "closed_on": "2027-02-01"}
    assert adds([gone[0], again(WOMAN, record_status=back), gone[2]], "sign_rate") == [(DENOMINATOR, "not_signed", None)]


@pytest.mark.parametrize(
    ("reason", "taken", "side"),
    [
        ("completed", 180, (NUMERATOR, None)),
        ("completed", 100, (DENOMINATOR, "irregular")),
        ("lost", 50, (EXCLUDED, "not_completed")),
    ],
)
def test_a_course_of_medicines_counts_on_the_day_it_ended(reason, taken, side):
    stopped = {
        "stopped_on": "2026-09-30",
        "reason": reason,
        "doses_due": 180,
        "doses_taken": taken,
        "visits_due": 6,
        "visits_done": 6,
    }
    visit = {"visit": {"visited_on": "2026-10-02", "way": "clinic", "doctor": "p-ana", "month_seq": 6}, "closure": stopped}
    man = [
        WOMAN,
        register(20, "tuberculosis", "2026-03-20", TB, notice={"notified_at": "2026-03-20T09:00:00+08:00"}),
        Saved(name(20, "visit"), "tb_visit", WOMAN.record, TB, visit),
    ]
    assert adds(man, "tb_regular") == [(*side, "2026-09-30")]
    assert adds(man, "tb_72h") == [(DENOMINATOR, "too_late", "2026-03-23")]
    assert adds(man, "tb_regular", programmes=(None, "smd")) == []
    assert told(man)[1].keys() == {"None", "tb"}
    in_the_open = told(man, programmes=(None,))[1]
    assert in_the_open.keys() == {"None"}
    assert told(man)[1]["None"] == in_the_open["None"], "what is protected changes nothing in the open"


def test_nobody_of_the_twelve_says_in_the_open_what_is_protected():
    for saved in TWELVE.values():
        also = tuple({one.record for one in saved[1:] if one.type == "resident"})
        whole, bare = (told(saved, also=also, programmes=held) for held in ((None, "tb", "smd"), (None,)))
        assert whole[1]["None"] == bare[1]["None"]
        assert populations(whole[0]) == populations(bare[0])


def test_the_days_after_which_an_entry_is_late_are_a_standard():
    saw = [WOMAN, pressure(20, 1, "2026-11-13", "120/80")]  # written on the 21st
    assert adds(saw, "late_entry_rate") == [(NUMERATOR, None, "2026-11-13")]
    assert adds(saw, "late_entry_rate", standards=of({"late_days": 8})) == [(DENOMINATOR, "in_time", "2026-11-13")]


def test_what_a_person_adds_is_made_anew_on_the_day_after_an_urgent_visit_was_due():
    urgent = [
        WOMAN,
        register(20, "hypertension", "2026-01-05"),
        pressure(20, 1, "2026-11-20", "190/100", said="uncontrolled", measure="two_week", next_on="2026-11-25"),
    ]
    found, _ = told(urgent)
    assert until(found) == dt.date(2026, 11, 26)
    assert adds(urgent, "overdue_rate") == [(DENOMINATOR, "in_time", None)]
    assert adds(urgent, "overdue_rate", on=dt.date(2026, 11, 26)) == [(NUMERATOR, None, None)]


def test_what_is_told_of_a_day_holds_until_the_day_it_names():
    """For every resident and indicator: computed on any later day before `until`, it is the same."""
    for saved in (*TWELVE.values(), XIULAN):
        found, parts = told(saved)
        days = min((until(found) - TODAY).days, 40)
        for later in (TODAY + dt.timedelta(n) for n in range(1, days)):
            assert told(saved, on=later)[1] == parts, (saved[0].sections["identity"]["name"], later)


def test_a_call_counts_as_contact_and_the_sentence_says_so():
    ill = [WOMAN, register(20, "hypertension", "2026-01-05"), pressure(20, 1, "2026-02-01", "120/80", way="phone")]
    assert adds(ill, "hypertension_manage") == [(NUMERATOR, None, None)]
    for code in ("hypertension_manage", "diabetes_manage", "tb_manage", "smd_manage"):
        assert "电话" in by_code(code).sentence_zh, code
        assert "telephone" in by_code(code).sentence_en, code


def a_course(number=21, **closed):
    """A woman with tuberculosis, visited in June, whose register may be closed."""
    woman = resident(number, "李梅", "female", "1980-01-01")
    notice = {"notified_at": "2025-12-01T09:00:00+08:00"}
    status = {"status": {"status": "closed", **closed}} if closed else {}
    visit = {"visit": {"visited_on": "2026-06-02", "way": "clinic", "doctor": "p-ana", "month_seq": 6}}
    seen = Saved(name(number, "visit"), "tb_visit", woman.record, TB, visit)
    return [woman, register(number, "tuberculosis", "2025-12-01", TB, notice=notice, **status), seen]


def test_a_course_completed_this_year_stays_below_the_line_and_is_gone_in_the_next():
    assert adds(a_course(), "tb_manage") == [(NUMERATOR, None, None)]
    done = a_course(closed_on="2026-06-30", close_reason="recovered")
    assert adds(done, "tb_manage") == [(NUMERATOR, None, None)]
    [(_, why, _)] = adds(done, "tb_standard")
    assert why not in ("closed", "no_register"), "that the course is over is no fault in it"
    assert adds(done[:2], "tb_manage") == [(DENOMINATOR, "no_visit", None)], "who closes a register hides nobody"
    assert adds(done, "tb_manage", on=dt.date(2027, 1, 1)) == []
    assert adds(a_course(closed_on="2025-12-30"), "tb_manage") == []


def test_a_paper_in_the_file_is_no_use_of_it_and_a_service_is():
    papers = [WOMAN, SIGNED, register(20, "hypertension", "2026-01-05")]
    assert {word for one in told(papers)[0].work for word in one.counts} == {"contract", "register:hypertension"}
    assert adds(papers, "record_use") == [(DENOMINATOR, "no_record", None)]
    assert adds([*papers, pressure(20, 1, "2026-02-01", "120/80")], "record_use") == [(NUMERATOR, None, None)]


def test_who_died_is_told_apart_among_all_residents_and_the_sentence_of_a_group_promises_no_more_than_it_keeps():
    old = resident(22, "王奶奶", "female", "1940-01-01")
    died = [old, again(old, record_status={"status": "closed", "close_reason": "died", "closed_on": "2026-05-09"})]
    assert adds(died, "sign_rate") == [(EXCLUDED, "died", None)]
    assert "不计" in by_code("sign_rate").sentence_zh
    for code in ("sign_rate_key", "sign_rate_elder", "elder_manage", "elder_exam", "honour_person_any", "poor_exam"):
        assert adds(died, code) == [], code
        assert "不计：已结案" not in by_code(code).sentence_zh, code
        assert "档案未结案" in by_code(code).sentence_zh, code
        assert "open" in by_code(code).sentence_en, code


def test_a_visit_to_the_home_that_was_a_mistake_is_listed_as_void():
    call = home(20, 1, "2026-03-03", [WOMAN.record])
    for code in ("home_visit_person_times", "home_visit_household_times"):
        assert adds([WOMAN, call], code) == [(NUMERATOR, None, "2026-03-03")]
        assert adds([WOMAN, call, again(call, void={"reason": "mistake"})], code) == [(EXCLUDED, "void", "2026-03-03")]


def test_fees_that_two_phones_wrote_apart_are_a_conflict_and_not_a_contract_for_nothing():
    fees = ({"total_yuan": total, "self_pay_yuan": "0.00"} for total in ("50.00", "0.00"))
    apart = [WOMAN, SIGNED, again(SIGNED, fees=next(fees)), again(SIGNED, "benphone", apart=True, fees=next(fees))]
    assert adds(apart, "paid_sign_rate") == [(DENOMINATOR, "conflict_open", None)]
    assert adds(apart, "sign_rate") == [(NUMERATOR, None, None)]


def test_of_two_contracts_for_the_same_year_the_one_that_counted_is_asked_for_its_renewal():
    first = contract(20, "2025-10-01", "2026-09-30", YEARLY, signed="2025-09-01")
    second = contract(20, "2025-10-01", "2026-09-30", YEARLY, number=2, signed="2025-09-15", team="t-2")
    told_of = sorted(adds([WOMAN, first, second], "renew_rate"))
    assert told_of == [(DENOMINATOR, "not_renewed", "2026-10-30"), (EXCLUDED, "not_in_force", "2026-10-30")]
    ends = ({**first.sections["term"], "ends_on": day} for day in ("2026-09-29", "2026-09-28"))
    apart = [WOMAN, first, again(first, term=next(ends)), again(first, "benphone", apart=True, term=next(ends))]
    assert [share[:2] for share in adds(apart, "renew_rate")] == [(EXCLUDED, "conflict_open")]


# -- sums --------------------------------------------------------------------------------------------------------------


def test_sums_of_a_period_are_those_of_the_days_in_it():
    everybody = []
    for saved in TWELVE.values():
        also = tuple({one.record for one in saved[1:] if one.type == "resident"})
        found, parts = told(saved, also=also)
        everybody.append((parts["None"], populations(found)))
    by_period = counted(everybody, MONTH)
    cells = sum((totals(part, groups) for part, groups in everybody), start=totals({}, ()))
    live = sums(cells)
    for (code, population), one in by_period.items():
        bucket = "2026-11" if by_code(code).span == PERIOD else ""
        assert live[code, population, bucket] == one, (code, population)
    assert by_period["urgent_followed_14d", "all"] == Sum(0, 2, 0)
    assert all(found == Sum(0, 0, 0) for found in sums(cells - cells).values())


def test_the_denominator_that_lies_in_another_scope_is_put_there_when_the_scopes_come_together():
    own = {"sign_rate": Sum(3, 100, 5), "smd_report": Sum(2, 2, 0)}
    assert denominated(own)["smd_report"] == Sum(2, 100, 5)
    assert denominated({})["smd_report"] == Sum()


def test_the_two_records_of_one_person_add_as_one():
    links = tuple({one.record for one in CHEN[1:] if one.type == "resident"})
    _, parts = told(CHEN, also=links)
    assert [share.side for share in shares(parts["None"], "sign_rate")] == [NUMERATOR]
    assert [share.side for share in shares(parts["None"], "paid_sign_rate")] == [DENOMINATOR, EXCLUDED]
    twin = account(links[0], known_of(CHEN), TODAY, same_as=CHEN[0].record)
    [share] = shares(contributions(twin, DEFAULTS)[None], "sign_rate")
    assert (share.side, share.reason) == (EXCLUDED, "same_person")
