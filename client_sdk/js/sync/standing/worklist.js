// The list *my work*: the records that one person wrote about the days of a month, counted or not, and why not.
import { addDays, isDay, MIN, monthsLater } from "../days.js";
import { least, sorted } from "./answer.js";

/** @typedef {import("./answer.js").Account} Account */
/** @typedef {{area: string, issue: number, counted: boolean}} Reported whose report a record's month is in, which issue, and
 * whether that counts it */
/**
 * One record of somebody's work: `waiting`: something written in it has not been received; `detail`: why it was set aside;
 * with the reason `after_cutoff` it has `counts`, for the person and the year, and is not counted.
 * @typedef {{record: string, type: string, on: string | null, residents: string[], counts: string[], reason: string | null,
 *   late_days: number | null, waiting: boolean, detail: string | null, report: Reported | null, counted: boolean}} Line
 */

export const NOT_RECEIVED = "not_received";
export const SET_ASIDE = "set_aside";
const AFTER_CUTOFF = "after_cutoff";
const ELSEWHERE = "same_person";

/** A line as it is told, `counted` by the rest of it. @param {Partial<Line> & {record: string, type: string}} line
 * @returns {Line} */
export function wire({ record, type, on = null, residents = [], counts = [], reason = null, ...line }) {
  const { late_days = null, waiting = false, detail = null, report = null } = line;
  const counted = counts.length > 0 && reason === null;
  return { record, type, on, residents, counts, reason, late_days, waiting, detail, report, counted };
}

/** The same with what the report of its month does with it: what that does not count, counts only by a correction.
 * @param {Line} line @param {Reported | null} report */
export function byReport(line, report) {
  return wire({ ...line, report, reason: line.counted && report && !report.counted ? AFTER_CUTOFF : line.reason });
}

/** The first and the last day of a month, `2026-11`. @param {string} text @returns {[string, string]} */
export function monthOf(text) {
  const first = `${text}-01`;
  if (!isDay(first)) throw new RangeError(`${text} is no month; write it like 2026-11`);
  return [first, text === "9999-12" ? `${text}-31` : addDays(monthsLater(first, 1), -1)];
}

/** The day whose account tells of a month that ends on `last`: today, or the last day of a year that is over.
 * @param {string} last @param {string} today */
export const accountDay = (last, today) => least([today, `${last.slice(0, 4)}-12-31`]) ?? today;

/** The records that a person wrote about the days from one to another, both counted, by day; what has no day that can be read
 * stands with the days on which it was written. A record about several residents is one line.
 * @param {Iterable<Account>} accounts @param {string} author @param {string} first @param {string} last */
export function lines(accounts, author, first, last) {
  /** @type {Map<string, Line>} */
  const found = new Map();
  for (const { standing, work } of accounts) {
    for (const { record, type, on, counts, reason, late_days, authors, written_on } of work) {
      const day = on ?? written_on;
      if (!authors.includes(author) || day === null || day < first || last < day) continue;
      const residents = standing.resident ? [standing.resident] : [];
      const line = wire({ record, type, on, residents, counts, reason, late_days });
      const before = found.get(record);
      found.set(record, before ? joined(before, line) : line);
    }
  }
  return inOrder(found.values());
}

/** By day, those of no day first. @param {Iterable<Line>} every */
export const inOrder = (every) => sorted(every, (line) => [line.on ?? MIN, line.record, line.reason ?? ""]);

/** @param {Line} one @param {Line} other */
function joined(one, other) {
  if (one.reason === ELSEWHERE) return other; // under another record of the same person it is told
  if (other.reason === ELSEWHERE) return one;
  const union = (/** @type {string[]} */ a, /** @type {string[]} */ b) => sorted(new Set([...a, ...b]));
  const counts = union(one.counts, other.counts);
  const reason = counts.length ? null : least([one.reason, other.reason].filter((why) => why !== null)) ?? null;
  return wire({ ...one, residents: union(one.residents, other.residents), counts, reason });
}
