"""The standing of the twelve residents of people.py on 22 November 2026, reasoned by hand.

Every case is told part by part. A line of `due`: how pressing, what, why, by when, from which record. A line of
`obligations`: from when to when, which item, whether it was given and what shows it.
"""

from __future__ import annotations

import datetime as dt

import pytest

from sync.links import LINKED, link_of, persons
from sync.scopes import programme_of
from sync.standing import standing
from sync.types import CATALOGUE
from sync.types.codes import POPULATION_GROUP
from sync.types.standing_codes import DUE, DUE_REASON, LACKING, OBLIGATION, STATUS, URGENCY
from sync.types.tb_rules import NOTICE_RULES
from tests.standing.forms import TODAY, VILLAGE, Saved, again, known_of, name
from tests.standing.people import CHEN, GUIYING, GUOQING, GUOQING_AGAIN, TWELVE, UNLINKED
from tests.standing.words import told

EVERY = (None, "tb", "smd")


def wire_of(saved, resident=None, on=TODAY, programmes=EVERY):
    """The standing by what somebody holds who may hold these programmes; the first resident's by default."""
    held = [one for one in known_of(saved) if programme_of(one.record.scope) in programmes]
    links = [link_of(one.record) for one in held if one.record.type == "same_person"]
    same = persons((link.duplicate, link.same_as) for link in links if link.state == LINKED)
    resident = resident or saved[0].record
    stands = same.get(resident, resident)
    ids = {resident, *(one for one in same if same[one] == stands)}
    homes = {one.sections["household"]["household"] for one in saved if one.record in ids and "household" in one.sections}
    about = [one for one in held if {one.record.subject, one.record.id} & (ids | homes)]
    if stands != resident:
        return standing(resident, about, on, same_as=stands).wire()
    return standing(resident, about, on, also=ids - {resident}).wire()


# -- the cases ---------------------------------------------------------------------------------------------------------

MAY = dt.date(2026, 5, 30)
UNREACHED = [
    Saved(name(1, "visit", number), "hypertension_visit", name(1, "resident"), VILLAGE, {"visit": {
        "visited_on": day, "way": "phone", "doctor": "p-ana", "lost_reason": "three_failed_contacts"
    }})
    for number, day in ((5, "2026-11-12"), (6, "2026-11-16"), (7, "2026-11-20"))
]  # fmt: skip
LOST = again(GUIYING[1], status={"status": "lost", "lost_on": "2026-11-21"})
CASES = {
    **{who: (lambda who=who: wire_of(TWELVE[who])) for who in TWELVE},
    "tuberculosis_without_the_grant": lambda: wire_of(TWELVE["notice_of_tuberculosis"], programmes=(None, "smd")),
    "in_the_crisis": lambda: wire_of(TWELVE["a_crisis_in_may"], on=MAY),
    "in_the_crisis_without_the_grant": lambda: wire_of(TWELVE["a_crisis_in_may"], on=MAY, programmes=(None, "tb")),
    "registered_twice_the_other_record": lambda: wire_of(CHEN, GUOQING_AGAIN),
    "three_calls_that_nobody_took": lambda: wire_of([*GUIYING, *UNREACHED]),
    "given_up_as_lost": lambda: wire_of([*GUIYING, *UNREACHED, LOST]),
    "unlinked": lambda: wire_of([*CHEN, UNLINKED], GUOQING),
    "unlinked_the_other_record": lambda: wire_of([*CHEN, UNLINKED], GUOQING_AGAIN),
}
NOTHING = {
    "is": ["active"],
    "groups": ["general none resident"],
    "honoured": ["0 of 0 full None any None"],
    "until": ["2027-01-01"],
}
NOTHING |= {part: [] for part in ("managed", "signed", "obligations", "poverty", "due", "look")}
NOTHING |= {"had": ["0 days, 0 at home,"]}

EXPECTED = {
    # 148/88 is controlled at 65. Three quarters of the year are over: three visits are asked for, there were four. Of the
    # four spans of the contract three have passed, each with a visit in it; the exam is given and not yet past its day. The
    # doctor wants her on 3 February, before the rule does. On 1 December the renewal comes on the list: nothing sooner.
    "an_elder_with_everything": {
        "groups": ["elder_65 age 2026-03-01 resident", "hypertension register 2024-03-15 register"],
        "managed": [
            (
                "hypertension managed since 2024-03-15: 4 visits, 4 in person, 3 expected; "
                "visit 4 2026-11-10 controlled controlled; controlled True; standard"
            )
        ],
        "signed": ["contract 1 2026-01-01..2026-12-31 t-1"],
        "obligations": [
            "2026-01-01..2026-04-01 followup contract 1: done visit 1 2026-02-10",
            "2026-04-02..2026-07-01 followup contract 1: done visit 2 2026-05-12",
            "2026-07-02..2026-09-30 followup contract 1: done visit 3 2026-08-11",
            "2026-01-01..2026-12-31 exam contract 1: done exam 2026-05-12",
            "2026-10-01..2026-12-31 followup contract 1: done visit 4 2026-11-10",
        ],
        "honoured": ["3 of 3 full True any True"],
        "had": ["4 days, 0 at home, 2026-05-12 2026-05-12"],  # the exam was on the day of a visit
        "due": [
            "later contract_renewal term_ends 2026-12-31 contract 1",
            "later hypertension_visit doctor 2027-02-03 visit 4",
        ],
        "until": ["2026-12-01"],
    },
    # Since 10 November three contacts failed: whether Wang Guiying is lost has to be said. She counts as not controlled until
    # somebody sees her again; the visits that she had stay hers, and the next is still due.
    "three_calls_that_nobody_took": {
        "managed": [
            (
                "hypertension managed since 2024-03-15: 4 visits, 4 in person, 3 expected; "
                "visit 7 2026-11-20; controlled False; standard"
            )
        ],
        "due": [
            "overdue confirm_lost three_failed_contacts 2026-11-20 visit 7",
            "later contract_renewal term_ends 2026-12-31 contract 1",
            "later hypertension_visit doctor 2027-02-03 visit 4",
        ],
    },
    # Lost: nobody is sent to her for it, and she stays among those whose pressure is counted, as not controlled.
    "given_up_as_lost": {
        "managed": [
            (
                "hypertension lost since 2024-03-15: 4 visits, 4 in person, 3 expected; "
                "visit 7 2026-11-20; controlled False; lacks lost"
            )
        ],
        "due": ["later contract_renewal term_ends 2026-12-31 contract 1"],
    },
    # 148 is not below 140, and 65 he will be on 1 December. Two weeks from 20 November are 4 December, which is on the list
    # from 27 November on; the doctor wrote six days more. No examination: that is lacking, and due by the end of the year.
    "the_same_reading_at_64": {
        "groups": ["hypertension flag 2025-06-01 resident"],
        "managed": [
            (
                "hypertension managed since 2025-06-01: 4 visits, 4 in person, 3 expected; "
                "visit 4 2026-11-20 uncontrolled uncontrolled; controlled False; lacks exam"
            )
        ],
        "had": ["4 days, 0 at home,"],
        "due": [
            "soon health_exam hypertension 2026-12-31 resident",
            "later hypertension_visit htn_within_two_weeks 2026-12-04 visit 4",
        ],
        "look": ["differs visit 4 next_visit.on 2026-12-10 2026-12-04 htn_within_two_weeks"],
        "until": ["2026-11-27"],
    },
    # Twice in a row: refer. The visit was wanted by 5 November (two weeks from 22 October) and has not been; that is lacking
    # too, though the two weeks after the first bad reading were kept. Under management since 20 August: one visit asked for.
    "twice_not_controlled": {
        "groups": ["hypertension register 2026-08-20 register"],
        "managed": [
            (
                "hypertension managed since 2026-08-20: 3 visits, 3 in person, 1 expected; "
                "visit 3 2026-10-22 uncontrolled uncontrolled; controlled False; lacks two_weeks exam"
            )
        ],
        "had": ["3 days, 0 at home,"],
        "due": [
            "overdue hypertension_visit htn_within_two_weeks 2026-11-05 visit 3",
            "soon health_exam hypertension 2026-12-31 resident",
        ],
        "look": [
            "differs visit 3 assessment.next_measure two_week refer_followup htn_c2_twice",
            "differs visit 3 next_visit.on 2026-11-12 2026-11-05 htn_within_two_weeks",
        ],
    },
    # 16.8 is danger: urgent, within two weeks of 16 November whatever else. Up to today everything was done as it should be.
    # From 1 December on the two weeks would have passed.
    "a_glucose_of_16_8": {
        "groups": ["diabetes register 2026-01-10 register"],
        "managed": [
            (
                "diabetes managed since 2026-01-10: 4 visits, 4 in person, 3 expected; "
                "visit 4 2026-11-16 controlled uncontrolled; controlled False; standard"
            )
        ],
        "had": ["5 days, 0 at home, 2026-03-03"],
        "due": ["urgent diabetes_visit dm_within_two_weeks 2026-11-30 visit 4"],
        "look": [
            "differs visit 4 assessment.class controlled uncontrolled dm_class_uncontrolled",
            "differs visit 4 next_visit.on 2027-02-16 2026-11-30 dm_within_two_weeks",
        ],
        "until": ["2026-12-01"],
    },
    # Four calls, nobody saw her: three visits of the contract are missed, a call with her word does not make up for one. She
    # should have been seen three months after the register was opened, on 3 February.
    "only_telephoned": {
        "groups": ["hypertension register 2025-11-03 register"],
        "managed": [
            (
                "hypertension managed since 2025-11-03: 4 visits, 0 in person, 3 expected; "
                "visit 4 2026-11-02 controlled controlled; controlled True; lacks visits exam"
            )
        ],
        "signed": ["contract 1 2026-01-01..2026-12-31 t-1"],
        "obligations": [
            "2026-01-01..2026-04-01 followup contract 1: missed visit 1 does not count by_phone",
            "2026-04-02..2026-07-01 followup contract 1: missed visit 2 does not count by_phone",
            "2026-07-02..2026-09-30 followup contract 1: missed visit 3 does not count by_phone",
            "2026-10-01..2026-12-31 followup contract 1: open visit 4 does not count by_phone",
        ],
        "honoured": ["0 of 3 full False any False"],
        "due": [
            "overdue hypertension_visit in_person 2026-02-03 visit 4",
            "soon health_exam hypertension 2026-12-31 resident",
            "later contract_renewal term_ends 2026-12-31 contract 1",
            "later service followup 2026-12-31 contract 1",
        ],
        "until": ["2026-12-01"],
    },
    # Met at home in March and June; in September nobody was there, in October only his wife, the visit of December was last
    # year's. On the list of the poor since 2019 and never signed. The plan wanted a review a week ago, the bed by Wednesday.
    "poor_and_in_bed": {
        "groups": ["disabled disability resident", "registered_poor poverty 2019-01-01 resident"],
        "had": ["2 days, 2 at home,"],
        "poverty": [
            (
                "registered_poor; chronic_contract due; severe_safety_net due treated 2026-06-01; "
                "plan reviewed 2026-05-15; exam None; 2 at home"
            )
        ],
        "due": [
            "overdue sign_contract registered_poor 2019-01-31 resident",
            "overdue plan_review next_review 2026-11-15 plan",
            "soon plan_measure m1 2026-11-25 plan",
            "soon health_exam registered_poor 2026-12-31 resident",
        ],
        "until": ["2026-11-26"],
    },
    # The contract that was signed first counts as long as it runs; what was done for the other is no second service. When the
    # first has run out the second counts: its half year that ends in February. That there are two, a person has to settle.
    "signed_twice": {
        "signed": ["contract 1 2026-01-05..2027-01-04 t-1 beside contract 2"],
        "obligations": [
            "2026-01-05..2026-07-04 guidance contract 1: done performance 1 2026-04-10",
            "2026-07-05..2027-01-04 guidance contract 1: open",
            "2026-09-01..2027-02-28 guidance contract 2: open",
        ],
        "honoured": ["1 of 1 full True any True"],
        "due": [
            "overdue contract_settle two_in_force 2026-03-01 contract 2",
            "later contract_renewal term_ends 2027-01-04 contract 1",
            "later service guidance 2027-01-04 contract 1",
            "later service guidance 2027-02-28 contract 2",
        ],
        "until": ["2026-12-05"],
    },
    # The first quarter was waived and counts on neither side. In the second nothing shows that anything was done (and what
    # has a signature is void); in the third the evidence is a void visit. October has a photograph, but its quarter runs on.
    "nothing_to_show": {
        "signed": ["contract 1 2026-01-01..2026-12-31 t-1"],
        "obligations": [
            "2026-01-01..2026-03-31 advice contract 1: waived performance 1 2026-02-15 away",
            "2026-04-01..2026-06-30 advice contract 1: missed performance 2 does not count no_evidence",
            "2026-07-01..2026-09-30 advice contract 1: missed performance 3 does not count no_evidence",
            "2026-10-01..2026-12-31 advice contract 1: done performance 4 2026-10-20",
        ],
        "honoured": ["0 of 2 full False any True"],
        "due": ["later contract_renewal term_ends 2026-12-31 contract 1"],
        "look": ["issue performance 2 evidence required"],
        "until": ["2026-12-01"],
    },
    # What was due on 1 April she had; the visit until 1 July was never owed, for she died before. Until her death one quarter
    # of the year had passed. Nothing is due, no contract is in force, and no day of this year will change that.
    "died_in_may": {
        "is": ["closed died 2026-05-09"],
        "groups": [],
        "managed": [
            (
                "hypertension closed since 2023-05-05: 1 visits, 1 in person, 1 expected; "
                "visit 1 2026-01-20 controlled controlled; controlled True; lacks closed exam"
            )
        ],
        "obligations": ["2026-01-01..2026-04-01 followup contract 1: done visit 1 2026-01-20"],
        "honoured": ["1 of 1 full True any True"],
        "had": ["1 days, 0 at home,"],
    },
    # Notice on Friday at half past nine: 72 hours end on Monday. Two attempts within them failed: report, before they end.
    # What the contract owes to who has tuberculosis is owed; and, as in the open, he is general population.
    "notice_of_tuberculosis": {
        "groups": ["general none resident", "tuberculosis register 2026-11-20 register tb"],
        "managed": [
            "tuberculosis managed since 2026-11-20: 0 visits, 0 in person, 1 expected; none; controlled None; lacks visits tb"
        ],
        "signed": ["contract 1 2026-11-20..2027-11-19 t-1"],
        "obligations": [
            "2026-11-20..2026-12-19 supervision contract 1: open tb",
            "2026-12-20..2027-01-19 supervision contract 1: to_come tb",
        ],
        "honoured": ["tb 0 of 0 full None any False", "0 of 0 full None any False"],
        "due": [
            "urgent report tb_first_report 2026-11-23 register tb",
            "urgent tb_first_visit first_visit_72h 2026-11-23 register tb",
            "later service supervision 2026-12-19 contract 1 tb",
            "later service supervision 2027-01-19 contract 1 tb",
            "later contract_renewal term_ends 2027-11-19 contract 1",
        ],
        "until": ["2026-12-12"],
    },
    # Who has no grant sees a contract that owes nothing, and nothing else. For whom its item is stands for good on the last
    # day of the item's span, 19 December.
    "tuberculosis_without_the_grant": {
        "signed": ["contract 1 2026-11-20..2027-11-19 t-1"],
        "honoured": ["0 of 0 full None any False"],
        "due": ["later contract_renewal term_ends 2027-11-19 contract 1"],
        "until": ["2026-12-19"],
    },
    # Risk 3: crisis, the alert on the day itself, a visit by what the doctor wrote, within the two weeks. Her later visits
    # are not there yet: the first of them, on 8 June, changes this.
    "in_the_crisis": {
        "groups": ["general none resident", "severe_mental_disorder register 2026-02-01 register smd"],
        "managed": [
            (
                "severe_mental_disorder managed since 2026-02-01: 2 visits, 2 in person, 1 expected; "
                "visit 2 2026-05-28 unstable unstable; controlled None; lacks exam smd"
            )
        ],
        "honoured": ["0 of 0 full None any None"],
        "due": [
            "urgent crisis smd_crisis_risk 2026-05-28 visit 2 smd",
            "urgent smd_visit doctor 2026-06-04 visit 2 smd",
            "later health_exam severe_mental_disorder 2026-12-31 register smd",
        ],
        "until": ["2026-06-08"],
    },
    # In September, by telephone, she was stable: a call is a visit here. Within two weeks of the crisis she had been seen.
    "a_crisis_in_may": {
        "groups": ["general none resident", "severe_mental_disorder register 2026-02-01 register smd"],
        "managed": [
            (
                "severe_mental_disorder managed since 2026-02-01: 4 visits, 3 in person, 3 expected; "
                "visit 4 2026-09-07 stable stable; controlled None; lacks exam smd"
            )
        ],
        "due": [
            "soon health_exam severe_mental_disorder 2026-12-31 register smd",
            "later smd_visit doctor 2026-12-01 visit 4 smd",
        ],
        "until": ["2026-11-24"],
    },
    # Without the grant there is nothing. (It holds until the season of examinations: it need not hold as long as it could.)
    "in_the_crisis_without_the_grant": {"until": ["2026-09-30"]},
    # One person, four visits, two under each record; the exam was under the other. Ben's 152/92 is shown: not controlled at
    # 71, two weeks from 4 November have passed, and all of that is disputed: controlled or not, nobody can tell until a doctor
    # decides. The contract of January counts until December, then the other from 30 December on. Void is void. Medicines for
    # 60 days from 27 September end on 26 November.
    "registered_twice": {
        "is": ["active away until 2027-01-20"],
        "groups": ["elder_65 age 2020-06-06 resident", "hypertension register 2024-01-01 register"],
        "managed": [
            (
                "hypertension managed since 2024-01-01: 4 visits, 4 in person, 3 expected; "
                "visit 4 2026-11-04 controlled uncontrolled; controlled None conflict_open; lacks two_weeks conflict_open"
            )
        ],
        "signed": ["contract 1 2026-01-01..2026-12-31 t-1 beside contract 2"],
        "obligations": [
            "2026-01-01..2026-04-01 followup contract 1: done visit 1 2026-02-05",
            "2026-04-02..2026-07-01 followup contract 1: done visit 2 2026-05-06",
            "2026-07-02..2026-09-30 followup contract 1: done visit 3 2026-08-05",
            "2026-10-01..2026-12-31 followup contract 1: done visit 4 2026-11-04",
            "2026-12-30..2027-03-30 followup contract 2: to_come",
        ],
        "honoured": ["3 of 3 full True any True"],
        "had": ["5 days, 0 at home, 2026-04-20"],
        "due": [
            "overdue contract_settle two_in_force 2026-06-28 contract 2",
            "overdue referral_followup routine 2026-11-13 referral 1",
            "overdue hypertension_visit htn_within_two_weeks 2026-11-18 visit 4 disputed",
            "soon prescription hypertension 2026-11-26 prescription 1",
            "soon elder_selfcare elder_65 2026-12-31 resident",
            "later contract_renewal term_ends 2026-12-31 contract 1",
            "later service followup 2027-03-30 contract 2",
        ],
        "look": [
            "conflict visit 4 vitals",
            "differs visit 4 assessment.class controlled uncontrolled htn_class_uncontrolled",
            "differs visit 4 next_visit.on 2027-02-04 2026-11-18 htn_within_two_weeks",
        ],
        "until": ["2026-11-27"],
    },
    # Under the other record nothing counts, not even the conflict: it is the same one.
    "registered_twice_the_other_record": {"is": ["same_person resident"], "groups": [], "honoured": []},
    # Two persons again: two visits each. His third was missed, the next was wanted on 6 August (by the doctor, the rule and
    # the interval alike: the first by name is told). The exam was the other's.
    "unlinked": {
        "is": ["active away until 2027-01-20"],
        "groups": ["elder_65 age 2020-06-06 resident", "hypertension register 2024-01-01 register"],
        "managed": [
            (
                "hypertension managed since 2024-01-01: 2 visits, 2 in person, 3 expected; "
                "visit 2 2026-05-06 controlled controlled; controlled True; lacks visits exam"
            )
        ],
        "signed": ["contract 1 2026-01-01..2026-12-31 t-1"],
        "obligations": [
            "2026-01-01..2026-04-01 followup contract 1: done visit 1 2026-02-05",
            "2026-04-02..2026-07-01 followup contract 1: done visit 2 2026-05-06",
            "2026-07-02..2026-09-30 followup contract 1: missed no_record",
            "2026-10-01..2026-12-31 followup contract 1: open visit 5 does not count void",
        ],
        "honoured": ["2 of 3 full False any True"],
        "had": ["2 days, 0 at home,"],
        "due": [
            "overdue hypertension_visit doctor 2026-08-06 visit 2",
            "overdue referral_followup routine 2026-11-13 referral 1",
            "soon prescription hypertension 2026-11-26 prescription 1",
            "soon elder_selfcare elder_65 2026-12-31 resident",
            "soon health_exam elder_65 2026-12-31 resident",
            "later contract_renewal term_ends 2026-12-31 contract 1",
            "later service followup 2026-12-31 contract 1",
        ],
        "until": ["2026-11-27"],
    },
    # The other has two visits, an exam and a contract, and no register: the contract's follow-ups are for who has one, on
    # the last day of a span, the next of which is 29 December.
    "unlinked_the_other_record": {
        "groups": ["elder_65 age 2020-06-06 resident 2"],
        "signed": ["contract 2 2026-07-01..2027-06-30 t-1"],
        "honoured": ["0 of 0 full None any False"],
        "had": ["1 days, 0 at home, 2026-04-20"],
        "due": [
            "soon elder_selfcare elder_65 2026-12-31 resident 2",
            "later contract_renewal term_ends 2027-06-30 contract 2",
        ],
        "look": ["conflict visit 4 vitals"],
        "until": ["2026-12-29"],
    },
}


for case in ("three_calls_that_nobody_took", "given_up_as_lost"):
    EXPECTED[case] = {**EXPECTED["an_elder_with_everything"], **EXPECTED[case]}


@pytest.mark.parametrize("part", sorted(NOTHING))
@pytest.mark.parametrize("case", CASES)
def test_each_of_the_twelve_stands_as_reasoned_by_hand(case, part):
    assert told(CASES[case]())[part] == {**NOTHING, **EXPECTED[case]}[part]


def test_every_word_of_a_standing_has_a_label_in_both_languages():
    """What a doctor's list shows is a code of a list, a record type, a row of a rule table, or a key that somebody chose."""
    rows = {row.id for declared in CATALOGUE.types.values() for table in declared.rules for row in table.rows}
    rows |= {row.id for table in NOTICE_RULES for row in table.rows}
    chosen = ("service", "plan_measure", "prescription")
    for case, made in CASES.items():
        wire = made()
        assert wire["status"] in STATUS.values
        for item in wire["due"]:
            assert item["what"] in {*DUE.values, *CATALOGUE.types}, (case, item)
            assert item["urgency"] in URGENCY.values
            known = {*DUE_REASON.values, *POPULATION_GROUP.values, *rows}
            assert item["reason"] in known or item["what"] in chosen, (case, item)
        assert {one["state"] for one in wire["obligations"]} <= set(OBLIGATION.values)
        assert {code for one in wire["managed"] for code in one["lacking"]} <= set(LACKING.values)
