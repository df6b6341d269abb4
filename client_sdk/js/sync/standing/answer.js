// What a standing says, as the JSON that travels, and the order of its lists.
import { canonical, compareText } from "../record.js";

/** @typedef {string | null} Maybe a text or nothing; a day too */
/**
 * A population group: since when, and what says so (`flag`, `age`, `register` ...).
 * @typedef {{code: string, source: string, since: Maybe, record: Maybe, programme: Maybe}} Group
 */
/**
 * A disease under management, and the follow-up of this calendar year.
 * @typedef {{disease: string, record: string, status: string, since: Maybe, visits: number, in_person: number,
 *   expected: number, last_visit: Maybe, last_visit_on: Maybe, visit_class: Maybe, suggested_class: Maybe,
 *   controlled: boolean | null, regular: boolean | null, standard: boolean, lacking: string[], unclear: Maybe,
 *   course: Maybe, ended_on: Maybe, closed_by: Maybe, closed_on: Maybe, programme: Maybe}} Managed
 */
/**
 * A service owed between two days: `done`, `upheld`, `waived`, `missed`, `open` or `to_come`.
 * @typedef {{contract: string, item: string, since: string, by: string, state: string, evidence: Maybe, done_on: Maybe,
 *   reason: Maybe, appeal: Maybe, programme: Maybe}} Obligation
 */
/**
 * What contracts owed in the year up to the day, and what was done on time.
 * @typedef {{items_due: number, items_done: number, full: boolean | null, any: boolean | null, programme: Maybe}} Honoured
 */
/**
 * The contract in force that counts, and those in force beside it.
 * @typedef {{contract: string, since: string, by: string, team: Maybe, others: string[], renewal_of: Maybe,
 *   paid: boolean | null, reason: Maybe}} Signed
 */
/**
 * @typedef {{record: string, reviewed_on: Maybe, next_review_on: Maybe, fresh: boolean, reason: Maybe, programme: Maybe}} Plan
 */
/**
 * Something to be done by a day; `disputed`: it rests on a section in conflict.
 * @typedef {{what: string, reason: string, by: string, urgency: string, record: string, disputed: boolean, programme: Maybe}} Due
 */
/**
 * @typedef {{statuses: string[], three_batches: [string, boolean, Maybe][], plan: Maybe, plan_reviewed_on: Maybe,
 *   exam_on: Maybe, home_visits: number}} Poverty
 */
/** @typedef {{record: string, section: string, field: Maybe, code: Maybe, level: Maybe, programme: Maybe}} Noted */
/**
 * The doctor's value of a field, which stands, and what the rule suggests instead.
 * @typedef {{record: string, field: string, doctor: string, suggested: string, rule: string, version: string, programme:
 * Maybe}} Differs
 */
/**
 * What one resident is due, has had, and counts as, until before `until`.
 * @typedef {{resident: string, status: string, until: string, closed: Maybe, closed_on: Maybe, same_as: Maybe,
 *   also: string[], away_until: Maybe, away: boolean, groups: Group[], managed: Managed[], signed: Signed | null,
 *   obligations: Obligation[], honoured: Honoured[], in_person_days: number, home_visits: number, exam_on: Maybe,
 *   selfcare_on: Maybe, poverty: Poverty | null, plans: Plan[], due: Due[], conflicts: Noted[], issues: Noted[],
 *   differs: Differs[]}} Standing
 */
/**
 * A record of the year: what it counts for, or the reason why for nothing.
 * @typedef {{record: string, type: string, on: Maybe, counts: string[], reason: Maybe, late_days: number | null,
 *   authors: string[], programme: Maybe, written_on: Maybe}} Work
 */
/** @typedef {{standing: Standing, on: string, until: string, work: Work[]}} Account holds from `on` until before `until` */

export const LATER = "later";
export const SOON = "soon";
export const OVERDUE = "overdue";
export const URGENT = "urgent";
const URGENCY = [URGENT, OVERDUE, SOON, LATER]; // the most pressing first

/** @param {string} what @param {string} reason @param {string} by @param {string} urgency @param {string} record
 * @param {boolean} [disputed]
 * @param {Maybe} [programme] @returns {Due} */
export const due = (what, reason, by, urgency, record, disputed = false, programme = null) =>
  ({ what, reason, by, urgency, record, disputed, programme });

/** @param {string} record @param {string} section @param {Maybe} [field] @param {Maybe} [code] @param {Maybe} [level]
 * @param {Maybe} [programme] @returns {Noted} */
export const noted = (record, section, field = null, code = null, level = null, programme = null) =>
  ({ record, section, field, code, level, programme });

/** @param {string} record @param {import("../types/rules.js").Discrepancy} one @param {Maybe} programme @returns {Differs} */
export const differs = (record, { field, doctor, suggested, rule, version }, programme) =>
  ({ record, field, doctor, suggested, rule, version, programme });

/** The order of keys as Python has it: texts by code point, lists by their members. @param {any} a @param {any} b
 * @returns {number} */
function compare(a, b) {
  if (typeof a === "string") return compareText(a, b);
  if (!Array.isArray(a)) return a - b;
  for (let n = 0; n < a.length; n++) {
    const order = compare(a[n], b[n]);
    if (order) return order;
  }
  return 0;
}

/** In the order of a key. @template T @param {Iterable<T>} every @param {(one: T) => any} [key] @returns {T[]} */
export function sorted(every, key = (one) => one) {
  const keyed = Array.from(every, (one) => ({ one, key: key(one) }));
  return keyed.sort((a, b) => compare(a.key, b.key)).map(({ one }) => one);
}

/** The first of the least. @template T @param {T[]} every @param {(one: T) => any} [key] @returns {T | undefined} */
export const least = (every, key) => sorted(every, key)[0];

/** The order of what is due: by urgency, then by day. @param {Due} item */
export const pressing = (item) => [URGENCY.indexOf(item.urgency), item.by, item.what, item.reason, item.record];

/** @type {{[list: string]: (one: any) => any}} */
const ORDER = { due: pressing, obligations: (one) => [one.by, one.contract, one.item] };
const LISTS = ["groups", "managed", "obligations", "honoured", "plans", "due", "conflicts", "issues", "differs"];

/** The standing with its lists in an order of their own. @param {Standing} whole @returns {Standing} */
export function composed(whole) {
  /** @type {any} */
  const told = { ...whole };
  for (const name of LISTS) {
    if (told[name].length > 1) told[name] = sorted(told[name], ORDER[name] ?? canonical);
  }
  return told;
}
