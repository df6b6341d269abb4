// One look at the phone: what a transaction sees, on which day, by which clock.
import { timeBy } from "./clock.js";
import { NoSuchRecordError } from "./errors.js";
import { composed, estimate, look } from "./view.js";

/** @typedef {import("./view.js").Held} Held */
/** @typedef {import("./view.js").Edit} Edit */
/** @typedef {import("./sync/types/catalogue.js").Catalogue} Catalogue */
/** @typedef {import("./tables.js").Tables} Tables */

/** The day to which the hands of this phone point. @param {Date} now */
export const dayOn = (now) => localTime(now).slice(0, 10);

/** The clock of this phone, right or wrong, with its offset from UTC: 2026-11-21T08:15:02.000+08:00. @param {Date} now */
export function localTime(now) {
  const minutes = -now.getTimezoneOffset();
  const hands = new Date(now.getTime() + minutes * 60_000).toISOString().slice(0, -1);
  const two = (/** @type {number} */ n) => String(Math.trunc(n)).padStart(2, "0");
  return `${hands}${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

export class Glance {
  /** @param {Tables} tables @param {import("./account.js").Account} account @param {Catalogue} catalogue @param {Date} now */
  constructor(tables, account, catalogue, now) {
    this.tables = tables;
    this.account = account;
    this.catalogue = catalogue;
    this.now = now;
    this.today = dayOn(timeBy(account, now));
    this.estimate = estimate(account.offset_ms);
  }

  /** Whose phone it is. @returns {string} */
  get person() {
    return this.account.person?.id ?? "";
  }

  /** The base state and the waiting edits of a record; one of both is there, or NoSuchRecordError. @param {string} record */
  async parts(record) {
    const [held, pending] = await this.whatIs(record);
    if (!held && !pending.length) throw new NoSuchRecordError(`this phone has no record ${record}`);
    return /** @type {const} */ ([held, pending]);
  }

  /** The same, where neither may be there. @param {string} record @returns {Promise<[Held | undefined, Edit[]]>} */
  async whatIs(record) {
    return [(await this.tables.held([record])).get(record), await this.tables.outbox([record])];
  }

  /** The edits that wait, by record. @param {(edit: Edit) => boolean} [fit] @returns {Promise<Map<string, Edit[]>>} */
  async waiting(fit = () => true) {
    return byRecord((await this.tables.outbox()).filter(fit));
  }

  /** @param {Held | null | undefined} held @param {readonly Edit[]} pending */
  composed(held, pending) {
    return composed(held, pending, this.estimate, this.catalogue);
  }

  /** @param {Held | null | undefined} held @param {readonly Edit[]} pending */
  look(held, pending) {
    return look(held, pending, this.today, this.estimate, this.catalogue);
  }
}

/** Edits by their record, in order. @param {Iterable<Edit>} edits @returns {Map<string, Edit[]>} */
export function byRecord(edits) {
  /** @type {Map<string, Edit[]>} */
  const found = new Map();
  for (const edit of edits) {
    const some = found.get(edit.record);
    some ? some.push(edit) : found.set(edit.record, [edit]);
  }
  return found;
}
