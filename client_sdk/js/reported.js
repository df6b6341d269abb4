// What the server told of the reports of months that are over: which records of this phone's person each of them counts. Asked
// for at the end of a sync and kept, so that the list of one's own work says the same without a signal.
import { MY_WORK } from "./sync/wire.js";

/** @typedef {import("./tables.js").Tables} Tables */
/** What a report does with a record. @typedef {{area: string, issue: number, counted: boolean}} Reported */
/** @typedef {{village: string, area: string, issue: number}} Issue of the report of a village */
/** @typedef {{reports: Issue[], records: {[record: string]: Reported | null}, mine: string[], asked_at: string}} Body */

const MOST_MONTHS = 4; // asked for at the end of one sync
const SET_ASIDE = "set_aside";

/**
 * The answer about a month, null where the server never told. `of(record, village)`: what the report of a village does with a
 * record, null where there is none.
 * @param {Tables} tables @param {string} month `2026-11`
 */
export async function told(tables, month) {
  /** @type {Body | null} */
  const body = (await tables.reports()).get(month) ?? null;
  if (!body) return null;
  /** @param {string} record @param {string} village @returns {Reported | null} */
  const of = (record, village) => {
    if (Object.hasOwn(body.records, record)) return body.records[record];
    const report = body.reports.find((one) => one.village === village);
    return report ? { area: report.area, issue: report.issue, counted: false } : null;
  };
  return { asked_at: body.asked_at, of };
}

/**
 * Have the next sync ask for a month, if it is over.
 * @param {Tables} tables of a transaction @param {string} month @param {string} today
 */
export async function wish(tables, month, today) {
  if (month < today.slice(0, 7) && !(await tables.reports()).has(month)) await tables.keepReport(month, null);
}

/**
 * Ask for the last month and the latest of those that are kept or wished for. Raises Problem, OfflineError, BadReplyError.
 * @param {import("./store.js").Store} store @param {import("./line.js").Line} line @param {Date} now by the better clock
 */
export async function ask(store, line, now) {
  const held = await store.snapshot((tables) => tables.reports());
  for (const month of [...new Set([monthBefore(now), ...held.keys()])].sort().reverse().slice(0, MOST_MONTHS)) {
    const mine = await store.snapshot((tables) => tables.written(month));
    const reports = named(await line.ask("GET", `/v1/my-work?month=${month}&only=reports`, MY_WORK));
    /** @type {Body | null} */
    const kept = held.get(month) ?? null;
    const still =
      kept &&
      JSON.stringify(kept.reports) === JSON.stringify(reports) &&
      (!reports.length || mine.every((one) => kept.mine.includes(one)));
    let records = still ? kept.records : {};
    let holds = reports;
    if (!still && reports.length) {
      const answer = await line.ask("GET", `/v1/my-work?month=${month}`, MY_WORK);
      const lines = answer.lines.filter((/** @type {any} */ one) => one.reason !== SET_ASIDE);
      records = Object.fromEntries(lines.map((/** @type {any} */ { record, report }) => [record, report]));
      holds = named(answer);
    }
    await store.transaction((tables) => tables.keepReport(month, { reports: holds, records, mine, asked_at: now.toISOString() }));
  }
}

/** The issues that hold, of each village. @param {any} answer @returns {Issue[]} */
const named = ({ reports }) => reports.map((/** @type {Issue} */ { village, area, issue }) => ({ village, area, issue }));

/** @param {Date} day */
function monthBefore(day) {
  const [year, month] = [day.getFullYear(), day.getMonth()]; // of this month, and by its number the one before
  return month ? `${year}-${String(month).padStart(2, "0")}` : `${year - 1}-12`;
}
