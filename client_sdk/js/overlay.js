// One look at the store, or one transaction: what it has written lies over what it has read, and goes onto the disk together.
import { Pages } from "./pages.js";
import { Moved } from "./vault.js";

/** @typedef {import("./view.js").Held} Held */
/** @typedef {import("./sync/record.js").Edit} Edit */
/** @typedef {import("./database.js").Table} Table */
/** @typedef {import("./database.js").Key} Key */
/** @typedef {import("./vault.js").Vault} Vault */
/** @typedef {"register" | "rows"} Paged tables of small entries, see pages.js */
/**
 * What a transaction did. `bases`: records of the base that were put or dropped; `appended`, `gone`: edits that came into, left
 * the outbox; `offset`: the clocks differ by another time than before.
 * @typedef {{bases: Map<string, {before: Held | null, after: Held | null}>, appended: Edit[], gone: Edit[], offset: boolean}}
 *   Touched
 */
/**
 * What the register says of a record. `months`: named in it, where this phone's person wrote some of it.
 * @typedef {[scope: string, type: string, subject: string | null, hash: string, contested: number, months: string[]]} Entry
 */
/**
 * Everything read so far that holds at one revision.
 * @typedef {{revision: number, tables: Map<Table, Map<any, any>>, pages: Map<Paged, Pages<any>>}} Cache
 */

const ENTRIES = { register: 500, rows: 250 }; // of a page: rows are larger, and one page is written anew with each edit

export class Overlay {
  /** @param {Vault} vault @param {Cache} cache @param {import("./vault.js").Mode} mode @param {boolean} writing */
  constructor(vault, cache, mode, writing) {
    this._vault = vault;
    this._cache = cache;
    this._revision = cache.revision;
    this._mode = mode;
    this._writing = writing;
    this._wiped = false;
    /** @type {Map<Table, Map<Key, import("./vault.js").Change>>} */
    this._changes = new Map();
    /** @type {Set<Table>} */
    this._cleared = new Set();
    /** @type {Map<string, any>} */
    this._plain = new Map();
    /** @type {{register: Map<string, Entry | null>, rows: Map<string, any>}} */
    this._paged = { register: new Map(), rows: new Map() };
    /** @type {Touched} */
    this._touched = { bases: new Map(), appended: [], gone: [], offset: false };
  }

  /** Of which moment this is: equal for equal content, as long as nothing is written here. */
  get revision() {
    return this._revision;
  }

  _writable() {
    if (!this._writing) throw new Error("a snapshot keeps nothing: use a transaction");
  }

  /** undefined deletes. @param {Table} table @param {Key} key @param {any} value @param {string[]} [names] */
  _set(table, key, value, names) {
    this._writable();
    const rows = this._changes.get(table) ?? new Map();
    this._changes.set(table, rows.set(key, value === undefined ? null : { value, names }));
  }

  /** @param {Table} table */
  _clear(table) {
    this._cleared.add(table);
    this._changes.delete(table);
    if (table === "register" || table === "rows") this._paged[table].clear();
  }

  /** @param {Table} table @param {Iterable<any>} keys @returns {Promise<Map<any, any>>} */
  async _get(table, keys) {
    const every = [...new Set(keys)];
    const changes = this._changes.get(table);
    const unread = this._cleared.has(table) ? [] : every.filter((key) => !changes?.has(key));
    const read = unread.length ? await this._vault.get(this._revision, table, unread) : new Map();
    return new Map(
      every.flatMap((key) => {
        const change = changes?.get(key);
        const value = change === undefined ? read.get(key) : change?.value;
        return value === undefined ? [] : [[key, value]];
      }),
    );
  }

  /** A small table, whole. @param {Table} table @returns {Promise<Map<any, any>>} */
  async _table(table) {
    const kept = this._cleared.has(table) ? new Map() : await this._cached(table);
    const changes = this._changes.get(table);
    if (!changes) return kept;
    const found = new Map(kept);
    for (const [key, change] of changes) change ? found.set(key, change.value) : found.delete(key);
    return found;
  }

  /** @param {string} key */
  async _meta(key) {
    return (await this._table("meta")).get(key);
  }

  /** @param {Table} table */
  async _next(table) {
    return Math.max(0, ...(await this._table(table)).keys()) + 1;
  }

  /** @param {Table} table @returns {Promise<Map<any, any>>} */
  async _cached(table) {
    const found = this._cache.tables.get(table) ?? (await this._vault.all(this._revision, table));
    if (this._cache.revision !== this._revision) throw new Moved();
    this._cache.tables.set(table, found);
    return found;
  }

  /** @param {Paged} table */
  async _pagesOf(table) {
    const found = this._cache.pages.get(table) ?? new Pages(ENTRIES[table], await this._vault.all(this._revision, table));
    if (this._cache.revision !== this._revision) throw new Moved();
    this._cache.pages.set(table, found);
    return found;
  }

  /** @param {Paged} table @returns {Promise<Map<string, any>>} */
  async _all(table) {
    const found = this._cleared.has(table) ? new Map() : (await this._pagesOf(table)).all();
    for (const [id, value] of this._paged[table]) value === null ? found.delete(id) : found.set(id, value);
    return found;
  }

  /**
   * The records of the base whose subject is one of the ids, or that name one.
   * @param {Set<string>} ids @returns {Promise<Map<string, Held>>}
   */
  async _naming(ids) {
    const found = new Map(this._cleared.has("base") ? [] : await this._vault.naming(this._revision, ids));
    for (const [key, change] of this._changes.get("base") ?? []) {
      const id = String(key);
      found.delete(id);
      if (change?.names?.some((name) => ids.has(name))) found.set(id, change.value);
    }
    return found;
  }

  /** Whether something has been touched on which rows may rest. */
  get touched() {
    const { bases, appended, gone, offset } = this._touched;
    return bases.size || appended.length || gone.length || offset ? this._touched : null;
  }

  /** Everything that was written, onto the disk; false where there was nothing. Raises Moved and StorageError. */
  async commit() {
    /** @type {Map<Paged, import("./pages.js").Plan<any>>} */
    const plans = new Map();
    for (const table of /** @type {const} */ (["register", "rows"])) {
      if (!this._paged[table].size) continue;
      const plan = (await this._pagesOf(table)).plan(this._paged[table]);
      plans.set(table, plan);
      for (const [page, entries] of plan) this._set(table, page, entries.size ? [...entries] : undefined);
    }
    if (!this._changes.size && !this._cleared.size && !this._plain.size) return false;
    const plain = new Map(this._plain);
    plain.delete("mode");
    await this._vault.write(this._revision, {
      tables: this._changes,
      cleared: this._cleared,
      plain,
      mode: this._mode,
      wiped: this._wiped,
    });
    const { tables, pages } = this._cache;
    for (const table of this._cleared) {
      tables.delete(table);
      if (table === "register" || table === "rows") pages.delete(table);
    }
    for (const [table, changes] of this._changes) {
      const kept = tables.get(table);
      for (const [key, change] of kept ? changes : []) change ? kept?.set(key, change.value) : kept?.delete(key);
    }
    for (const [table, plan] of plans) pages.get(table)?.adopt(plan);
    this._cache.revision += 1;
    return true;
  }
}
