// Every table of the phone at one moment, or in one transaction: the records, what standings are made of, what lies beside them.
import { Records } from "./records.js";
import { metBy } from "./sync/standing/facts.js";

/** @typedef {import("./view.js").Held} Held */
/** What areas, teams, organisations and people are called, by id. @typedef {{version: string, [kind: string]: any}} Names */

/** Use Store.transaction and Store.snapshot. */
export class Tables extends Records {
  // -- what standings are made of

  /** The residents whose record this phone shows, each with the scope it is in. @returns {Promise<Map<string, string>>} */
  async residents() {
    /** @type {Map<string, string>} */
    const found = new Map();
    for (const { type, record, scope } of await this.outbox()) if (type === "resident") found.set(record, scope);
    // what the server said comes last
    for (const [id, [scope, type]] of await this._all("register")) if (type === "resident") found.set(id, scope);
    return found;
  }

  /**
   * The records of the base that are of these ids or about them, and the edits of such that wait, in order.
   * @param {Iterable<string>} subjects
   */
  async about(subjects) {
    const ids = new Set(subjects);
    const fits = (/** @type {{record: string, subject: string | null}} */ { record, subject }) =>
      ids.has(record) || (subject !== null && ids.has(subject));
    const found = new Map([...(await this.held(ids)), ...(await this._naming(ids))]);
    return {
      held: [...found.values()].filter(({ record }) => fits(record)),
      edits: (await this.outbox()).filter(fits),
    };
  }

  /**
   * The visits to households that name one of these, as in `about`: those of the base, and the edits that wait.
   * @param {Iterable<string>} persons
   */
  async naming(persons) {
    const ids = new Set(persons);
    const names = (/** @type {import("./sync/record.js").Record} */ record) => [...metBy(record)].some((one) => ids.has(one));
    const held = await this._naming(ids);
    const outbox = await this.outbox();
    const waiting = outbox
      .filter((edit) => names({ ...edit, seen: {}, edits: [{ ...edit, at: "" }] }))
      .map(({ record }) => record);
    const found = [...held.values()].filter(({ record }) => names(record)).map(({ record }) => record.record);
    const records = new Set([...found, ...waiting]);
    return { held: [...(await this.held(records)).values()], edits: outbox.filter(({ record }) => records.has(record)) };
  }

  /**
   * The records of the base that this phone's person may have written about a day of a month, or in it, by id.
   * @param {string} month `2026-11`
   */
  async written(month) {
    return [...(await this._all("register"))]
      .filter(([, entry]) => entry[5].includes(month))
      .map(([id]) => id)
      .sort();
  }

  /**
   * Those of these ids that are residents, and the residents who may live in one of the others, a household.
   * @param {Iterable<string>} subjects
   */
  async livingIn(subjects) {
    const ids = new Set(subjects);
    const residents = (/** @type {Map<string, Held>} */ some) =>
      [...some.values()].filter(({ record }) => record.type === "resident").map(({ record }) => record.record);
    const found = residents(await this.held(ids));
    return new Set([...found, ...residents(await this._naming(new Set([...ids].filter((id) => !found.includes(id)))))]);
  }

  // -- reports, the catalogue, names, rows

  /** What the server told of the reports of past months; null: to be asked for. @returns {Promise<Map<string, any>>} */
  reports() {
    return this._table("reports");
  }

  /** @param {string} month @param {any} body */
  async keepReport(month, body) {
    this._set("reports", month, body);
  }

  /**
   * The JSON of GET /v1/types that is kept, null before the first.
   * @returns {Promise<import("./sync/types/catalogue.js").CatalogueAbout | null>}
   */
  async catalogueAbout() {
    return (await this._meta("catalogue")) ?? null;
  }

  /** @param {import("./sync/types/catalogue.js").CatalogueAbout} about */
  async keepCatalogue(about) {
    this._set("meta", "catalogue", about);
  }

  /** What GET /v1/names told last, null before the first. @returns {Promise<Names | null>} */
  async names() {
    return (await this._meta("names")) ?? null;
  }

  /** @param {Names} names */
  async keepNames(names) {
    this._set("meta", "names", names);
  }

  /** The draft of a form together with what else is written, null: none any longer. @param {string} key @param {any} value */
  async keepDraft(key, value) {
    const row = value === null ? undefined : { key, at: Date.now(), value };
    this._set("drafts", await this._vault.hidden(key), row);
  }

  /** Every kept row by resident. Do not change it. @returns {Promise<Map<string, any>>} */
  readRows() {
    return this._all("rows");
  }

  /** null drops a row. @param {Map<string, any>} changes */
  async writeRows(changes) {
    this._writable();
    for (const [id, row] of changes) this._paged.rows.set(id, row);
  }
}
