// The reading half of the client: records as they stand on this phone, people, standings. Nothing here needs a network.
import { About } from "./about.js";
import { decisionsOf } from "./decisions.js";
import { atDoor, placeIn } from "./doors.js";
import { SealedError } from "./errors.js";
import { Glance } from "./glance.js";
import { ofTheYear, readingsOf } from "./measured.js";
import { People } from "./people.js";
import * as reported from "./reported.js";
import { Standings } from "./standings.js";
import { attention, unapplied } from "./states.js";
import { compareText } from "./sync/record.js";
import { pairs, undecided } from "./sync/likeness.js";
import { find } from "./sync/search.js";
import { pressing, sorted } from "./sync/standing/answer.js";
import { Catalogue } from "./sync/types/catalogue.js";
import { history, mentions, owned } from "./view.js";
import { Worklist } from "./worklist.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./view.js").Edit} Edit */
/** @typedef {import("./view.js").Sections} Sections */
/** @typedef {import("./kept.js").Row} Row */
/** @typedef {import("./kept.js").Kept} Kept */
/** @typedef {import("./states.js").RecordState} RecordState */
/** @typedef {import("./sync/version.js").Dot} Dot */
/** @typedef {() => Date} Clock the phone's clock; a day is that of the place where its hands point */
/** @typedef {import("./kept.js").Due & {resident: string, name: string, scope: string}} DueItem */
/**
 * How the phone stands. `waiting`, `aside`, `records`: how many edits wait, were set aside, how many records it holds;
 * `lastSync`: when the last complete one ended, by the better of the two clocks; `persisted`: the browser has promised not to
 * evict; `clock`: what is known of this phone's, see clock.js.
 * @typedef {{mode: import("./vault.js").Mode, person: {id: string, name?: string} | null, role: string,
 *   actor: string, scopes: {[scope: string]: boolean}, waiting: number, aside: number, records: number,
 *   lastSync: string | null, persisted: boolean, clock: import("./clock.js").Measured}} Status
 */

const AT_ONCE = 50; // rows made in one transaction

/** True where the records of a phone may be read. @param {import("./vault.js").Mode} mode */
export const isOpen = (mode) => mode === "enrolled" || mode === "practice";

export class Reading {
  /** @type {Promise<void> | null} */ #making = null;
  /** @type {{stamp: string, rows: Kept[], missing: string[]}} */ #list = { stamp: "", rows: [], missing: [] };
  /** Of a list. @type {WeakMap<readonly Kept[], {byId: Map<string, Kept>, every: import("./sync/search.js").Entry[]}>} */
  #entries = new WeakMap();

  /** @param {import("./store.js").Store} store @param {Clock} now */
  constructor(store, now) {
    /** @protected */ this._store = store;
    /** @protected */ this._now = now;
    /** The record types, code lists and rules, as `GET /v1/types` told them last; none before the first sync. */
    this.catalogue = new Catalogue({ version: "", types: [], codes: {} });
  }

  /** The catalogue that is kept, whichever tab has fetched it. @param {import("./tables.js").Tables} tables @protected */
  async _learn(tables) {
    const about = await tables.catalogueAbout();
    if (about && about.version !== this.catalogue.version) this.catalogue = new Catalogue(about);
  }

  // -- records

  /**
   * A record as it stands on this phone, its own waiting edits included. NoSuchRecordError.
   * @param {string} record @returns {Promise<View>}
   */
  get(record) {
    return this._look(async (glance) => glance.look(...(await glance.parts(record))));
  }

  /**
   * The same to begin a form with: of a section in conflict it shows what this person wrote, and an edit from this view leaves
   * beside it what others wrote there. NoSuchRecordError.
   * @param {string} record @returns {Promise<View>}
   */
  toEdit(record) {
    return this._look(async (glance) =>
      owned(glance.look(...(await glance.parts(record))), glance.account.actor, glance.person),
    );
  }

  /**
   * The records that fit, by id; `text` is part of any shown value: a name, a telephone number, a drug.
   * @param {{type?: string, subject?: string, scope?: string, text?: string}} [wanted] @returns {Promise<View[]>}
   */
  find({ text, ...wanted } = {}) {
    return this._look(async (glance) => {
      const waiting = await glance.waiting();
      const views = (await glance.tables.base(wanted)).map((/** @type {any} */ held) =>
        glance.look(held, waiting.get(held.record.record) ?? []),
      );
      const here = await glance.tables.held(waiting.keys());
      for (const [name, edits] of waiting) {
        const made = here.has(name) ? null : glance.look(null, edits);
        if (
          made &&
          Object.entries(wanted).every(([part, value]) => value === undefined || made[/** @type {"type"} */ (part)] === value)
        )
          views.push(made);
      }
      const fit = views.filter((/** @type {View} */ view) => text === undefined || mentions(view, text));
      return fit.sort((/** @type {View} */ a, /** @type {View} */ b) => compareText(a.id, b.id));
    });
  }

  /** The edits of a record that this phone knows, the oldest first, its own waiting ones last. @param {string} record */
  history(record) {
    return this._look(async (glance) => history(...(await glance.parts(record))));
  }

  /**
   * The records that wait for a person: sections in conflict, and a void against an edit that it did not see.
   * @returns {Promise<View[]>}
   */
  conflicts() {
    return this._look(conflictsOf);
  }

  /**
   * The decisions about conflicts and appeals that this phone knows, the oldest first, with the values that gave way; of one
   * record where it is given. @param {string} [record] @returns {Promise<import("./decisions.js").Decision[]>}
   */
  decisions(record) {
    return this._look(async (glance) => {
      const kept = await glance.tables.decisions(record);
      const names = new Set(kept.map((/** @type {any} */ one) => String(one.name)));
      const told = record === undefined ? [] : decisionsOf(glance.composed(...(await glance.parts(record))).record);
      return [...told.filter(({ name }) => !names.has(String(name))), ...kept].map(({ decision }) => decision);
    });
  }

  /**
   * What needs somebody: conflicts, what was set aside, errors in what this person wrote lately; the latest first.
   * @returns {Promise<RecordState[]>}
   */
  async needsAttention() {
    const rows = await this._rows();
    return this._look(async (glance) => attention(glance, rows, await conflictsOf(glance)));
  }

  /** The edits that the server has not answered yet, in the order they were made. @returns {Promise<Edit[]>} */
  outbox() {
    return this._look(({ tables }) => tables.outbox());
  }

  /**
   * Edits of this phone that the server keeps for a person and nobody has applied after all, in the order they came back; with what
   * was decided where somebody refused one.
   * @returns {Promise<import("./states.js").Aside[]>}
   */
  setAside() {
    return this._look(unapplied);
  }

  // -- people

  /**
   * The row of every resident but void ones, by id; those that are missing are made, some at a time.
   * @returns {Promise<Row[]>}
   */
  async rows() {
    return listed(await this._rows());
  }

  /** The rows that are there at once, and how many have yet to be made. @returns {Promise<{rows: Row[], behind: number}>} */
  async rowsNow() {
    const { rows, missing } = await this.#kept();
    return { rows: listed(rows), behind: missing.length };
  }

  /**
   * The rows of the residents meant, the best fit first: by name, pinyin, initials, the end of a telephone or identity number, or
   * the number of their household; of one villagers' group where the text names it, `3组 wxl`. `group`: only those who belong to
   * it today, a code of `population_group`. Void records are left out.
   * @param {string} [text] @param {{group?: string, limit?: number}} [options] @returns {Promise<Row[]>}
   */
  async search(text = "", { group, limit = 50 } = {}) {
    const rows = await this._rows();
    const known = this.#entries.get(rows) ?? {
      byId: new Map(rows.map((row) => [row.resident, row])),
      every: rows.flatMap((row) => row.entries),
    };
    this.#entries.set(rows, known);
    const { at, rest } = placeIn(text);
    const all = group === undefined && at === null;
    const some = all ? rows : rows.filter((row) => (group === undefined || row.groups.includes(group)) && (at === null || row.group === at));
    const found = find(all ? known.every : some.flatMap((row) => row.entries), rest, limit);
    const behind = some.filter((row) => atDoor(row.household_no, rest)).map((row) => row.resident);
    return [...new Set([...found, ...behind])].slice(0, limit).flatMap((resident) => known.byId.get(resident) ?? []);
  }

  /**
   * The blood pressure and glucose of the last twelve months, the oldest first.
   * @param {string} resident @returns {Promise<import("./measured.js").Reading[]>}
   */
  readings(resident) {
    return this._look(async (glance) => {
      const { known } = await (await standingsOf(glance)).of(resident);
      return ofTheYear(readingsOf(known, glance.today, this.catalogue), glance.today);
    });
  }

  /** Pairs of residents who may be one person and about whom nobody has decided, the likeliest first. */
  async candidates() {
    const rows = listed(await this._rows());
    return this._look(async (glance) => undecided(pairs(rows.map(residentOf), glance.today), await new People(glance).links()));
  }

  /**
   * Who counts as whom: each linked resident, and the one whose record stands for that person.
   * @returns {Promise<{[resident: string]: string}>}
   */
  persons() {
    return this._look((glance) => new People(glance).persons());
  }

  // -- standings and work

  /**
   * What a resident is due, has had, and counts as, today or on another day; what waits counts. NoSuchRecordError.
   * @param {string} resident @param {string} [on]
   */
  standing(resident, on) {
    return this._look(async (glance) => (await (await standingsOf(glance, on)).of(resident)).whole);
  }

  /**
   * What is urgent, overdue, or due within seven days, the most pressing first; of another day made afresh.
   * @param {string} [on] @returns {Promise<DueItem[]>}
   */
  async due(on) {
    const rows =
      on === undefined ? await this._rows() : await this._look(async (glance) => (await standingsOf(glance, on)).rows());
    const items = rows.flatMap(({ resident, name, scope, due }) => due.map((item) => ({ resident, name, scope, ...item })));
    return sorted(items, (item) => [...pressing(item), item.resident]);
  }

  /**
   * What the rules say of a form while it is filled in: as the standing will judge it once it is saved. `subject`: whom it is
   * about; `record`: the one it changes. Put `kept()` of the advice into the form, beside the doctor's own decisions.
   * @param {string} type @param {Sections} sections @param {{subject?: string | null, record?: string | null}} [options]
   */
  advise(type, sections, { subject = null, record = null } = {}) {
    return this._look(async (glance) => {
      const before = record ? glance.look(...(await glance.parts(record))) : null;
      const form = before ? { ...before.sections, ...sections } : sections;
      return (await standingsOf(glance)).advice(type, form, before ? before.subject : subject, record);
    });
  }

  /**
   * The records that this phone's person wrote about the days of a month, `2026-11`, by default the present one: each counts for
   * something or says why not, as the server counts it. RangeError for what is no month. @param {string} [month]
   */
  async myWork(month) {
    const [found, today] = await this._look(async (glance) => {
      const worklist = new Worklist(glance, await new People(glance).counting());
      return /** @type {const} */ ([await worklist.of(month ?? glance.today.slice(0, 7)), glance.today]);
    });
    if (month) await this._store.transaction((tables) => reported.wish(tables, month, today)); // the present one is not over
    return found;
  }

  /**
   * When the server last told what the report of a month does with this person's work; null: never.
   * @param {string} month @returns {Promise<string | null>}
   */
  reportsAsOf(month) {
    return this._look(async ({ tables }) => (await reported.told(tables, month))?.asked_at ?? null);
  }

  /** How the phone stands; also of one that is sealed or retired. @returns {Promise<Status>} */
  async status() {
    const persisted = (await globalThis.navigator?.storage?.persisted?.()) ?? false;
    return this._store.snapshot(async (tables) => {
      const { mode, person, role, actor, scopes, last_sync, offset_ms, offset_at } = await tables.account();
      const writes = Object.entries(scopes ?? {}).map(([scope, may]) => [scope, Boolean(/** @type {any} */ (may).write)]);
      const counts = { waiting: await tables.waiting(), aside: (await tables.setAside()).length, records: await tables.count() };
      const clock = { offset_ms, offset_at };
      return { mode, person, role, actor, scopes: Object.fromEntries(writes), ...counts, lastSync: last_sync, persisted, clock };
    });
  }

  /**
   * What areas, teams, organisations and people are called, by kind and id, as the server told last.
   * @returns {Promise<{[kind: string]: {[id: string]: string}}>}
   */
  names() {
    return this._store.snapshot(async (tables) => (await tables.names()) ?? {});
  }

  // -- within

  /**
   * One look at the phone, all of one moment; SealedError.
   * @template T @param {(glance: Glance) => T | Promise<T>} work @returns {Promise<T>} @protected
   */
  _look(work) {
    return this._store.snapshot(async (tables) => work(await this._glance(tables)));
  }

  /** @param {import("./tables.js").Tables} tables @protected */
  async _glance(tables) {
    const account = await tables.account();
    if (!isOpen(account.mode)) throw new SealedError(`this phone is ${account.mode}: its records may not be read`);
    await this._learn(tables);
    return new Glance(tables, account, this.catalogue, this._now());
  }

  /** A row for every resident, also void ones. @returns {Promise<Kept[]>} @protected */
  async _rows() {
    const { rows, missing } = await this.#kept();
    if (!missing.length) return rows;
    await this._refresh();
    return this._look(async (glance) => (await standingsOf(glance)).rows());
  }

  /** Make the rows that are missing, some at a time: the screen, and who saves, get their turn in between. @protected */
  _refresh() {
    this.#making ??= this.#make().finally(() => (this.#making = null));
    return this.#making;
  }

  async #make() {
    const { missing } = await this.#kept();
    for (let n = 0; n < missing.length; n += AT_ONCE) {
      await this._store.transaction(async (tables) => {
        const rows = await (await standingsOf(await this._glance(tables))).fresh(missing.slice(n, n + AT_ONCE));
        await tables.writeRows(new Map(rows.map((row) => [row.resident, row])));
      });
      await new Promise((resume) => setTimeout(resume));
    }
  }

  /** The rows that hold, and whose are missing; looked up once as long as nothing changes. */
  #kept() {
    return this._look(async (glance) => {
      const stamp = `${glance.tables.revision} ${glance.today}`;
      if (this.#list.stamp !== stamp) this.#list = { stamp, ...(await new Standings(glance, new Map()).kept()) };
      return this.#list;
    });
  }
}

/** @param {Glance} glance @param {string} [on] */
const standingsOf = async (glance, on) => new Standings(glance, await new People(glance).counting(), on);

/** @param {readonly Kept[]} rows @returns {Row[]} */
const listed = (rows) => rows.filter((row) => row.status !== "void");

/** @param {Row} row @returns {import("./sync/likeness.js").Resident} */
function residentOf({ resident, name, birth_date, sex, entries, scope, phones }) {
  const id_no = entries.at(-1)?.id_tail ?? "";
  return { id: resident, name, birth_date: birth_date ?? "", sex: sex ?? "", id_no, village: scope, phones };
}

/** @param {Glance} glance @returns {Promise<View[]>} */
async function conflictsOf(glance) {
  const { tables } = glance;
  const waiting = await glance.waiting();
  const held = new Map(await tables.held(waiting.keys()));
  for (const one of await tables.base({ disputed: true })) held.set(one.record.record, one);
  const names = [...new Set([...held.keys(), ...waiting.keys()])].sort();
  const every = names.map((name) => glance.look(held.get(name), waiting.get(name) ?? []));
  return every.filter((view) => Object.keys(view.conflicts).length);
}
