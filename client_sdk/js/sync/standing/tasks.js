// What else is due: examinations, prescriptions that run out, referrals, plans, registers that nobody has opened.
import { addDays, yearOf } from "../days.js";
import { WARNING } from "../types/fields.js";
import { differs, due, noted, sorted } from "./answer.js";
import { urgency } from "./day.js";
import { dayOf, HOME_VISIT, said, worded } from "./facts.js";
import { FIRST_VISIT_DAYS } from "./following.js";
import { activePlan, planned, slices } from "./groups.js";
import { served } from "./owing.js";

/** @typedef {import("./answer.js").Group} Group */
/** @typedef {import("./facts.js").Fact} Fact */
/** @typedef {import("./facts.js").Facts} Facts */
/** @typedef {import("./managing.js").Register} Register */
/** @typedef {import("../types/declare.js").RecordType} RecordType */
/** @typedef {import("../types/rules.js").Advice} Advice */
/** @typedef {{declared: RecordType, fact: Fact, advice: Advice}} Advised */

const YEAR_END_DAYS = 92; // a yearly service is on the list from 1 October: this project's
const RUN_OUT_DAYS = 7; // a prescription is on the list a week before it runs out
const FORGOTTEN_DAYS = 90; // and no longer when it ran out a season ago
const PLAN_DAYS = 30; // for a plan to take up a new disease, and for a poor person to be signed: this project's

/** Examination and self-care assessment of the calendar year, for whom they are and where they are not done yet.
 * @param {Fact} person @param {Group[]} groups @param {Register[]} managed @param {Facts} facts */
export function yearly(person, groups, managed, facts) {
  const { day } = facts;
  const codes = groups.filter((group) => group.programme === null).map((group) => group.code);
  const by = `${day.on.slice(0, 4)}-12-31`;
  const followed = managed.filter((one) => one.status === "managed" && one.plan?.exam_yearly);
  const open = followed.filter((one) => one.fact.programme === null).map((one) => one.disease);
  const [reason] = [...["elder_65", "registered_poor"].filter((code) => codes.includes(code)), ...open];
  const found = [];
  if (shownDay(facts, "health_exam") === null) {
    const pressing = urgency(by, day, false, YEAR_END_DAYS);
    if (reason) found.push(due("health_exam", reason, by, pressing, person.id));
    for (const { disease, fact } of reason ? [] : followed) {
      found.push(due("health_exam", disease, by, pressing, fact.id, false, fact.programme));
    }
  }
  if (codes.includes("elder_65") && shownDay(facts, "elder_selfcare") === null) {
    found.push(due("elder_selfcare", "elder_65", by, urgency(by, day, false, YEAR_END_DAYS), person.id));
  }
  return found;
}

/** The last day of this year on which the person had one of these, in the open; `settled`: leaving out those in conflict.
 * @param {Facts} facts @param {string} type */
export function shownDay(facts, type, settled = false) {
  const found = facts.inTheOpen(type).filter((fact) => (fact.happened || !settled) && isOfYear(fact, facts));
  return found.at(-1)?.day ?? null;
}

/** @param {Fact} fact @param {Facts} facts */
const isOfYear = (fact, facts) => fact.day !== null && yearOf(fact.day) === facts.day.year;

/** The last prescription of each condition, until another follows or it is long over. @param {Facts} facts */
export function prescriptions(facts) {
  /** @type {Map<string, [string[], Fact]>} */
  const latest = new Map();
  for (const fact of facts.of("long_prescription")) {
    const key = [fact.programme ?? "", worded(fact.at("prescription.condition"))];
    latest.set(key.join("\n"), [key, fact]);
  }
  return sorted(latest.values(), ([key]) => key).flatMap(([[, condition], fact]) => {
    const days = fact.at("prescription.days_supply");
    if (fact.day === null || !Number.isInteger(days) || days < 1) return [];
    const by = addDays(fact.day, days);
    if (facts.day.reached(addDays(by, FORGOTTEN_DAYS))) return [];
    const level = urgency(by, facts.day, false, RUN_OUT_DAYS);
    return [due("prescription", condition, by, level, fact.id, fact.disputed.size > 0, fact.programme)];
  });
}

/** Referrals that nobody has followed up or closed. @param {Facts} facts */
export function referrals(facts) {
  const asked = facts.of("referral").filter((fact) => !fact.date("followup.followed_on") && !fact.date("result.closed_on"));
  return asked.flatMap((fact) => {
    const findings = facts.catalogue.types.get(fact.type)?.advice(fact.view).findings ?? [];
    return findings.flatMap(({ table, rows, by }) => {
      if (table.gives !== "followup_within" || !by) return [];
      const level = urgency(by, facts.day);
      return [due("referral_followup", rows[0].id, by, level, fact.id, fact.disputed.size > 0, fact.programme)];
    });
  });
}

/** The last record of each type that has rules and is no follow-up, in the open and in each programme, and the advice.
 * @param {Facts} facts @returns {Advised[]} */
export function advised(facts) {
  const judging = [...facts.catalogue.types.values()].filter((declared) => declared.rules.length && !declared.follows);
  return judging.flatMap((declared) => {
    const last = new Map(facts.of(declared.name).map((fact) => [fact.programme, fact]));
    return [...last.values()].map((fact) => ({ declared, fact, advice: declared.advice(fact.view) }));
  });
}

/** Where the values of other forms, self-care of elders for one, differ from what the rules suggest. @param {Advised[]} latest */
export const differing = (latest) =>
  latest.flatMap(({ fact, advice }) => advice.discrepancies(fact.view).map((one) => differs(fact.id, one, fact.programme)));

/** What goes beyond a limit, such as a prescription for too many days: accepted, and shown. @param {Advised[]} latest */
export function limits(latest) {
  return latest.flatMap(({ declared, fact, advice }) => {
    const found = advice.findings.filter(({ table }) => table.gives === "limit");
    return found.map(({ value }) => noted(fact.id, (declared.dated ?? "").split(".")[0], null, value, WARNING, fact.programme));
  });
}

/** Measures and reviews of the plans that are carried out, and diseases that they do not know yet. @param {Facts} facts
 * @param {Register[]} managed */
export function plans(facts, managed) {
  const { day } = facts;
  return planned(facts).flatMap((owner) => {
    const plan = activePlan(facts, owner);
    if (!plan) return [];
    const [id, disputed, known] = [plan.id, plan.disputed.size > 0, plan.keyed("condition")];
    const found = [];
    for (const [key, measure] of plan.keyed("measure")) {
      const by = dayOf(measure.due_on);
      if (by && !said(measure.done_on)) found.push(due("plan_measure", key, by, urgency(by, day), id, disputed, owner));
    }
    const review = plan.date("review.next_review_on");
    if (review) found.push(due("plan_review", "next_review", review, urgency(review, day), id, disputed, owner));
    for (const { status, fact, disease, opened } of managed) {
      if (status !== "managed" || fact.programme !== owner || known.has(disease) || !opened) continue;
      const by = addDays(opened, PLAN_DAYS);
      found.push(due("plan_review", "new_disease", by, urgency(by, day), id, disputed, owner));
    }
    return found;
  });
}

/** Diseases that are flagged and have no register; poor persons without a contract.
 * @param {Fact} person @param {Group[]} groups @param {Register[]} managed @param {import("./answer.js").Signed | null} signed
 * @param {Facts} facts */
export function flags(person, groups, managed, signed, facts) {
  const { day, catalogue } = facts;
  const held = managed.filter((one) => one.fact.programme === null).map((one) => one.disease);
  const forms = [...catalogue.types.values()].filter((form) => !form.programme);
  const found = [];
  for (const [code, , since] of slices(person, "flags", day)) {
    if (held.includes(code) || !forms.some((form) => form.follows?.disease === code)) continue;
    const by = addDays(since, FIRST_VISIT_DAYS);
    found.push(due("open_register", code, by, urgency(by, day), person.id, person.disputed.has(`flags/${code}`)));
  }
  for (const { code, since } of groups) {
    if (code !== "registered_poor" || signed || !since) continue;
    const by = addDays(since, PLAN_DAYS);
    found.push(due("sign_contract", code, by, urgency(by, day), person.id));
  }
  return found;
}

/** On how many days of this year somebody saw the person face to face, by the records in the open. @param {Facts} facts
 * @param {Register[]} managed */
export function inPersonDays(facts, managed) {
  const seen = managed
    .filter((one) => one.fact.programme === null)
    .flatMap((one) => one.visits.filter((visit) => visit.inPerson && visit.fact.happened).map((visit) => visit.fact));
  for (const type of [HOME_VISIT, "health_exam", "elder_selfcare"]) {
    seen.push(...facts.inTheOpen(type).filter((fact) => fact.happened && served(fact, facts.ids)));
  }
  return new Set(seen.filter((fact) => isOfYear(fact, facts)).map((fact) => fact.day)).size;
}

/** How often the person was met at home in this year: person-times. @param {Facts} facts */
export const homeVisits = (facts) =>
  facts.inTheOpen(HOME_VISIT).filter((fact) => isOfYear(fact, facts) && fact.happened && served(fact, facts.ids)).length;
