// Which population groups a person belongs to on a day, and what poverty asks for.
import { addDays, MAX, MIN, monthsLater, yearOf } from "../days.js";
import { sorted } from "./answer.js";
import { CONFLICT, dayOf, said, worded } from "./facts.js";

/** @typedef {import("./answer.js").Group} Group */
/** @typedef {import("./answer.js").Plan} Plan */
/** @typedef {import("./answer.js").Poverty} Poverty */
/** @typedef {import("./day.js").Day} Day */
/** @typedef {import("./facts.js").Fact} Fact */
/** @typedef {import("./facts.js").Facts} Facts */
/**
 * A group from a day until before another (null: since ever, for good), and what says so.
 * @typedef {{code: string, source: string, since: string | null, until: string | null, record: string, programme: string |
 * null}} Membership
 */

const ELDER_YEARS = 65; // national specification, third edition: elders' health management
const GENERAL = "general";
const CHILD_YEARS = 7; // health management of children from 0 to 6 years
const REGISTERED_POOR = ["registered_poor", "poor_out"]; // sync/types/resident_codes.py

/** True on a day of it. @param {Membership} one @param {string} date */
const isOn = ({ since, until }, date) => (since === null || since <= date) && (until === null || date < until);

/** @param {Membership} one @param {Day} day */
const isNow = ({ since, until }, day) => day.within(since ?? MIN, until);

/** The day on which a person becomes so many years old; who was born on 29 February, on 1 March of most years.
 * @param {Fact} person @param {number} years */
function birthday(person, years) {
  const born = person.date("identity.birth_date");
  if (born === null || yearOf(born) + years > yearOf(MAX)) return null;
  const whole = monthsLater(born, 12 * years);
  return whole.slice(8) === born.slice(8) ? whole : addDays(whole, 1);
}

/** The keys and values of a time-sliced section that are in force, with the day they are since.
 * @param {Fact} person @param {string} section @param {Day} day @returns {[string, any, string][]} */
export function slices(person, section, day) {
  return [...person.keyed(section)].flatMap(([key, value]) => {
    const since = dayOf(value.from);
    return since !== null && day.within(since, dayOf(value.to)) ? [[key, value, since]] : [];
  });
}

/** Every membership of the person, past and to come, those that tell most about it first.
 * @param {Fact} person @param {import("./managing.js").Register[]} registers @param {Facts} facts */
export function memberships(person, registers, { day, catalogue }) {
  /** @type {Membership[]} */
  const found = [];
  /** @param {string} code @param {string} source @param {string | null} since @param {string | null} until */
  const add = (code, source, since, until, record = person.id, /** @type {string | null} */ programme = null) =>
    found.push({ code, source, since, until, record, programme });
  for (const [code, value] of person.keyed("flags")) {
    const since = dayOf(value.from);
    // what is protected counts by its register, and only to those who hold it
    if (since && !catalogue.code("population_group", code)?.programme) add(code, "flag", since, dayOf(value.to));
  }
  for (const one of registers) {
    if (!catalogue.code("population_group", one.disease)) continue;
    add(one.disease, "register", one.opened, one.ended(day), one.fact.id, one.fact.programme);
  }
  const [elder, grown] = [birthday(person, ELDER_YEARS), birthday(person, CHILD_YEARS)];
  if (elder) add("elder_65", "age", elder, null);
  if (grown) add("child_0_6", "age", person.date("identity.birth_date"), grown);
  const disability = person.at("disability.disability");
  if (Array.isArray(disability) && disability.some((code) => code !== "none")) add("disabled", "disability", null, null);
  for (const value of person.keyed("poverty").values()) {
    const since = dayOf(value.from);
    if (since && REGISTERED_POOR.includes(value.status)) add("registered_poor", "poverty", since, dayOf(value.to));
  }
  return found;
}

/** The groups of the day, each by what tells most about it; `general` where there is none in the open.
 * @param {Fact} person @param {Membership[]} every @param {Day} day @returns {Group[]} */
export function groupsOf(person, every, day) {
  /** @type {Map<string, Group>} */
  const found = new Map();
  for (const one of every.filter((member) => isNow(member, day))) {
    const { code, source, since, record, programme } = one;
    if (!found.has(code)) found.set(code, { code, source, since, record, programme });
  }
  if ([...found.values()].every((group) => group.programme)) {
    found.set(GENERAL, { code: GENERAL, source: "none", since: null, record: person.id, programme: null });
  }
  return sorted(found.values(), (group) => group.code);
}

/** By whose groups something is meant for the person on a date: null for a group in the open, or a programme's name. A date
 * to come is judged by the groups of the day. @param {any[]} wanted @param {Membership[]} every @param {string} date
 * @param {Day} day */
export function programmesFor(wanted, every, date, day) {
  const past = day.reached(date);
  const held = every.filter((one) => (past ? isOn(one, date) : isNow(one, day)));
  const open = held.filter((one) => one.programme === null).map((one) => one.code);
  if ((open.length ? open : [GENERAL]).some((code) => wanted.includes(code))) return [null];
  return sorted(new Set(held.filter((one) => one.programme && wanted.includes(one.code)).map((one) => one.programme)));
}

/** What poverty asks for, null for a person whom no list of the poor has on the day.
 * @param {Fact} person @param {Facts} facts @param {string | null} examOn @param {number} homeVisits @returns {Poverty | null} */
export function povertyOf(person, facts, examOn, homeVisits) {
  const { day } = facts;
  const listed = slices(person, "poverty", day).map(([, value]) => value.status);
  const statuses = listed.filter(said).map(worded);
  /** @type {[string, boolean, string | null][]} */
  const batches = slices(person, "three_batches", day).map(([, value]) => [
    worded(value.class),
    value.due === true,
    come(dayOf(value.treated_on), day),
  ]);
  if (!statuses.length && !batches.length) return null;
  const plan = activePlan(facts);
  return {
    statuses: sorted(new Set(statuses)),
    three_batches: sorted(batches, ([name, due, treatedOn]) => [name, due, treatedOn ?? MIN]),
    plan: plan?.id ?? null,
    plan_reviewed_on: plan && reviewed(plan, day)[0],
    exam_on: examOn,
    home_visits: homeVisits,
  };
}

/** The programmes, null for none, in which the person has a care plan. @param {Facts} facts */
export const planned = (facts) =>
  sorted(new Set(facts.of("care_plan").map((fact) => fact.programme ?? ""))).map((one) => one || null);

/** The care plans that are carried out: one in the open, one of each programme. @param {Facts} facts @returns {Plan[]} */
export function plansOf(facts) {
  const { day } = facts;
  return planned(facts).flatMap((programme) => {
    const plan = activePlan(facts, programme);
    if (!plan) return [];
    const [on, next] = reviewed(plan, day);
    const fresh = next !== null && !day.reached(addDays(next, 1));
    const reason = plan.settled("summary", "review") ? null : CONFLICT;
    return [{ record: plan.id, reviewed_on: on, next_review_on: next, fresh, reason, programme }];
  });
}

/** The last review of a plan by a day, or its approval, and the next one; what a review to come will say nobody knows.
 * @param {Fact} plan @param {Day} day */
function reviewed(plan, day) {
  const [on, approved] = [plan.date("review.reviewed_on"), come(plan.date("review.approved_on"), day)];
  if (on && !day.reached(on)) return [approved, null];
  return [on ?? approved, plan.date("review.next_review_on")];
}

/** A date that has come by the day. @param {string | null} date @param {Day} day */
const come = (date, day) => (date && day.reached(date) ? date : null);

/** The care plan that is being carried out, in the open or of a programme; of several the one of the highest version.
 * @param {Facts} facts @param {string | null} [programme] */
export function activePlan(facts, programme = null) {
  const plans = facts.of("care_plan").filter((fact) => {
    return fact.programme === programme && ["active", "under_review"].includes(fact.at("summary.status"));
  });
  const version = (/** @type {any} */ value) => (Number.isInteger(value) ? value : 0);
  return sorted(plans, (fact) => [version(fact.at("summary.version")), fact.id]).at(-1) ?? null;
}
