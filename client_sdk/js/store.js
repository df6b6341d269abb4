// The tables of the phone and what belongs together in one transaction: who this device is, the records it holds, every edit that
// the server has not answered, and what is kept beside them.
import { decisionsOf, news } from "./decisions.js";
import { StorageError } from "./errors.js";
import { Pages } from "./pages.js";
import { UUID } from "./sync/codec.js";
import { recordHash } from "./sync/digest.js";
import { canonical } from "./sync/record.js";
import { metBy } from "./sync/standing/facts.js";
import { Moved, Vault, inTurn, turnToSync } from "./vault.js";
import { contested, estimate } from "./view.js";

/** @typedef {import("./view.js").Held} Held */
/** @typedef {import("./sync/record.js").Edit} Edit */
/** @typedef {import("./sync/version.js").Dot} Dot */
/** @typedef {import("./vault.js").Table} Table */
/** @typedef {import("./vault.js").Key} Key */
/** @typedef {import("./decisions.js").Decision} Decision */
/** What is called how, by id: of areas, teams, organisations and people. @typedef {{version: string, [kind: string]: any}} Names */
/**
 * What the device knows of itself. `counter`: of the last edit made under `actor`, it never goes back while the actor is the
 * same.
 * `nonce`: of the next exchange. `signer`: the actor that assertions are of, the one it was enrolled as. `server`: their
 * audience.
 * `identity_key`: hex. `offset_ms`: the server's clock minus this one's. `last_sync`: when the last complete one ended, by this
 * clock. `made_by`: the code that made what is kept beside the records.
 * @typedef {{mode: import("./vault.js").Mode, url: string, server: string, actor: string, counter: number, nonce: string | null,
 *   epoch: string | null, access: string | null, assertion_nonce: string, signer: string, identity_key: string,
 *   person: {id: string, name?: string} | null, role: string, scopes: {[scope: string]: {write: boolean}} | null,
 *   last_sync: string | null, offset_ms: number, made_by: string}} Account
 */
/**
 * What a transaction did. `bases`: records of the base that were put or dropped; `appended`, `gone`: edits that came into, left
 * the outbox; `offset`: the clocks differ by another time than before.
 * @typedef {{bases: Map<string, {before: Held | null, after: Held | null}>, appended: Edit[], gone: Edit[], offset: boolean}}
 * Touched
 */
/**
 * What the register says of a record. `months`: named in it, where this phone's person wrote some of it.
 * @typedef {[scope: string, type: string, subject: string | null, hash: string, contested: number, months: string[]]} Entry
 */
/**
 * Everything read so far that holds at one revision.
 * @typedef {{revision: number, tables: Map<Table, Map<any, any>>, pages: Map<"register" | "rows", Pages<any>>}} Cache
 */

/** @type {Account} */
const NOBODY = {
  mode: "new",
  url: "",
  server: "",
  actor: "",
  counter: 0,
  nonce: null,
  epoch: null,
  access: null,
  assertion_nonce: "none",
  signer: "",
  identity_key: "",
  person: null,
  role: "",
  scopes: null,
  last_sync: null,
  offset_ms: 0,
  made_by: "",
};
const ENTRIES = { register: 500, rows: 250 }; // of a page: rows are larger, and one page is written anew with each edit
const RETRIES = 4;

/** What is in the store at one moment, and what a transaction makes of it. */
export class Tables {
  /**
   * Use Store.transaction and Store.snapshot.
   * @param {Vault} vault @param {Cache} cache @param {import("./vault.js").Mode} mode @param {boolean} writing
   */
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

  /** Part of this one. @template T @param {(tables: Tables) => Promise<T>} work @returns {Promise<T>} */
  transaction(work) {
    return work(this);
  }

  /** Part of this one. @template T @param {(tables: Tables) => Promise<T>} work @returns {Promise<T>} */
  snapshot(work) {
    return work(this);
  }

  // -- the device

  /** @returns {Promise<Account>} */
  async account() {
    return { ...NOBODY, ...(await this._meta("account")), mode: this._mode };
  }

  /** Change fields of the account. @param {Partial<Account>} changes */
  async save(changes) {
    const { mode: before, ...account } = await this.account();
    const { mode, ...rest } = changes;
    this._writable();
    if (mode && mode !== before) {
      this._mode = mode;
      this._plain.set("mode", mode);
    }
    const after = { ...account, ...rest };
    if (canonical(after) === canonical(account)) return;
    if (after.offset_ms !== account.offset_ms) this._touched.offset = true;
    this._set("meta", "account", after);
  }

  /**
   * The device's key, or one that an enrolment under way has sent.
   * @param {"key" | "new_key"} which @returns {Promise<CryptoKeyPair | null>}
   */
  async key(which) {
    if (this._plain.has(which)) return this._plain.get(which);
    return (await this._vault.plain(which)) ?? null;
  }

  /** @param {"key" | "new_key"} which @param {CryptoKeyPair | null} pair */
  async keepKey(which, pair) {
    this._writable();
    this._plain.set(which, pair);
  }

  // -- the base

  /** Those of the records that the base has. @param {Iterable<string>} records @returns {Promise<Map<string, Held>>} */
  held(records) {
    return this._get("base", records);
  }

  /**
   * The records of the base that fit, by id. `disputed`: only those that might be in conflict.
   * @param {{type?: string, subject?: string, scope?: string, disputed?: boolean}} [wanted] @returns {Promise<Held[]>}
   */
  async base({ type, subject, scope, disputed = false } = {}) {
    const ids = [];
    for (const [id, [inScope, ofType, about, , clash]] of await this._all("register")) {
      const fits = (!type || ofType === type) && (!subject || about === subject) && (!scope || inScope === scope);
      if (fits && (clash || !disputed)) ids.push(id);
    }
    return [...(await this.held(ids.sort())).values()];
  }

  /** What the base has seen of each record that it has. @param {Iterable<string>} records */
  async seen(records) {
    return new Map([...(await this.held(records))].map(([id, { record }]) => [id, record.seen]));
  }

  /** The hash of each record of a scope, for its digest. @param {string} scope @returns {Promise<Map<string, string>>} */
  async hashes(scope) {
    const every = await this._all("register");
    return new Map([...every].filter(([, entry]) => entry[0] === scope).map(([id, entry]) => [id, entry[3]]));
  }

  /** Write records of the base; decisions that come with them are kept, with what gave way. @param {Iterable<Held>} some */
  async put(some) {
    const every = [...some];
    const { person, offset_ms } = await this.account();
    const before = await this.held(every.map(({ record }) => record.record));
    const hashes = await Promise.all(every.map(({ record }) => recordHash(record)));
    for (const [n, held] of every.entries()) {
      const { record } = held;
      const old = before.get(record.record) ?? null;
      if (decisionsOf(record).length) {
        await this._decided(news(old, await this.outbox([record.record]), record, estimate(offset_ms)), person?.id);
      }
      const months = record.edits.some(({ author }) => author === person?.id) ? monthsIn(record) : [];
      this._set("base", record.record, held, namesIn(record));
      this._paged.register.set(record.record, [
        record.scope,
        record.type,
        record.subject,
        hashes[n],
        contested(held) ? 1 : 0,
        months,
      ]);
      this._touch(record.record, old, held);
    }
  }

  /** How many records the base has. */
  async count() {
    return this._changes.has("base") ? (await this._all("register")).size : this._vault.count(this._revision, "base");
  }

  /** @param {string[]} records with their decisions */
  async _drop(records) {
    const before = await this.held(records);
    for (const [id, held] of before) {
      this._set("base", id, undefined);
      this._paged.register.set(id, null);
      this._touch(id, held, null);
    }
    if (!before.size) return;
    for (const [position, { decision }] of await this._table("decisions")) {
      if (before.has(decision.record)) this._set("decisions", position, undefined);
    }
  }

  /** @param {string} id @param {Held | null} before @param {Held | null} after */
  _touch(id, before, after) {
    this._touched.bases.set(id, { before: this._touched.bases.get(id)?.before ?? before, after });
  }

  // -- the outbox and what was set aside

  /**
   * The edits that wait, in the order they were made; of some records where these are given.
   * @param {Iterable<string>} [records] @returns {Promise<Edit[]>}
   */
  async outbox(records) {
    const every = [...(await this._table("outbox")).values()];
    const some = records && new Set(records);
    return some ? every.filter(({ record }) => some.has(record)) : every;
  }

  /** How many edits wait. */
  async waiting() {
    const known = this._changes.has("outbox") || this._cleared.has("outbox") || this._cache.tables.has("outbox");
    return known ? (await this._table("outbox")).size : this._vault.count(this._revision, "outbox");
  }

  /** Keep a new edit and the counter it has used up. @param {Edit} edit */
  async append(edit) {
    this._set("outbox", await this._next("outbox"), edit);
    this._set("own", edit.record, edit.dot[1]);
    this._touched.appended.push(edit);
    await this.save({ counter: edit.dot[1] });
  }

  /**
   * The counter of the last edit that the present actor made of a record, 0 for none. Outlives the record: one that moved away
   * may
   * be written again, and the author's chain MUST be whole. @param {string} record @returns {Promise<number>}
   */
  async lastOwn(record) {
    return (await this._get("own", [record])).get(record) ?? 0;
  }

  /**
   * The outbox made anew under another actor, whose counter starts behind it.
   * @param {string} actor @param {readonly Edit[]} edits
   */
  async replaceOutbox(actor, edits) {
    this._touched.gone.push(...(await this.outbox()));
    this._clear("outbox");
    this._clear("own");
    await this.save({ actor, counter: 0 });
    for (const edit of edits) await this.append(edit);
  }

  /** Edits that need not wait any longer leave the outbox. @param {readonly Dot[]} dots */
  async forget(dots) {
    const names = new Set(dots.map(String));
    for (const [position, edit] of names.size ? await this._table("outbox") : []) {
      if (!names.has(String(edit.dot))) continue;
      this._set("outbox", position, undefined);
      this._touched.gone.push(edit);
    }
  }

  /**
   * Edits that the server keeps for a person, with the reason, in the order they were refused.
   * @returns {Promise<{edit: Edit, reason: string}[]>}
   */
  async setAside() {
    return [...(await this._table("aside")).values()];
  }

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

  // -- scopes and answers

  /** How far each scope was pulled. @returns {Promise<{[scope: string]: string}>} */
  async checkpoints() {
    return (await this._meta("checkpoints")) ?? {};
  }

  /** The next pull starts from the beginning. */
  async dropCheckpoints() {
    this._set("meta", "checkpoints", {});
  }

  /** What an answer changes. @param {import("./exchange.js").Effects} effects */
  async keep({ put, drop, settled, aside }) {
    await this.put(put.values());
    await this._drop(drop);
    for (const one of aside) this._set("aside", await this._next("aside"), one);
    await this.forget([...settled, ...aside.map(({ edit }) => edit.dot)]);
  }

  /**
   * Move the checkpoints; then let go of every scope but `scopes` for which no edit waits.
   * @param {{[scope: string]: string}} checkpoints @param {readonly string[]} scopes
   */
  async keepCheckpoints(checkpoints, scopes) {
    const register = await this._all("register");
    const outbox = await this.outbox();
    const stays = new Set([...scopes, ...outbox.flatMap(({ scope, record }) => [scope, register.get(record)?.[0] ?? scope])]);
    const before = await this.checkpoints();
    const after = Object.fromEntries(Object.entries({ ...before, ...checkpoints }).filter(([scope]) => stays.has(scope)));
    if (canonical(after) !== canonical(before)) this._set("meta", "checkpoints", after);
    await this._drop([...register].filter(([, [scope]]) => !stays.has(scope)).map(([id]) => id));
  }

  /**
   * Remove every record, edit and key; what is left is the mark that this device is retired. False, and nothing is removed, while
   * an edit waits.
   */
  async wipe() {
    if (await this.waiting()) return false;
    this._writable();
    for (const table of /** @type {Table[]} */ (["base", "own", "aside", "decisions", "reports", "meta", "register", "rows"]))
      this._clear(table);
    this._mode = "retired";
    this._wiped = true;
    return true;
  }

  // -- decisions, reports, the catalogue

  /**
   * What was decided about conflicts and appeals, in the order it came; of one record where it is given.
   * @param {string} [record] @returns {Promise<import("./decisions.js").Named[]>}
   */
  async decisions(record) {
    const every = [...(await this._table("decisions")).values()];
    return every
      .filter(({ decision }) => !record || decision.record === record)
      .map(({ name, decision }) => ({ name, decision }));
  }

  /** The decisions of others that nobody here was told of yet; from now on they are. @returns {Promise<Decision[]>} */
  async tellDecisions() {
    const found = [...(await this._table("decisions"))].filter(([, { told }]) => !told);
    for (const [position, one] of found) this._set("decisions", position, { ...one, told: true });
    return found.map(([, { decision }]) => decision);
  }

  /**
   * Each once; what the phone's own person decided they need not be told.
   * @param {import("./decisions.js").Named[]} found @param {string | undefined} person
   */
  async _decided(found, person) {
    const known = new Set(
      [...(await this._table("decisions")).values()].map(({ name, decision }) => `${decision.record} ${name}`),
    );
    for (const { name, decision } of found) {
      if (known.has(`${decision.record} ${name}`)) continue;
      this._set("decisions", await this._next("decisions"), { name, decision, told: decision.author === person });
    }
  }

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

  // -- rows and drafts

  /** Every kept row by resident. Do not change it. @returns {Promise<Map<string, any>>} */
  readRows() {
    return this._all("rows");
  }

  /** null drops a row. @param {Map<string, any>} changes */
  async writeRows(changes) {
    this._writable();
    for (const [id, row] of changes) this._paged.rows.set(id, row);
  }

  /** A form that is being filled in, null where there is none. @param {string} key @returns {Promise<any>} */
  async draft(key) {
    return Object.fromEntries((await this._meta("drafts")) ?? [])[key] ?? null;
  }

  /** @param {string} key @param {any} value null: none any longer */
  async keepDraft(key, value) {
    const others = ((await this._meta("drafts")) ?? []).filter((/** @type {[string, any]} */ [name]) => name !== key);
    this._set("meta", "drafts", value === null ? others : [...others, [key, value]]);
  }

  /** Every form that is being filled in, by key, the oldest first. @returns {Promise<[string, any][]>} */
  async drafts() {
    return (await this._meta("drafts")) ?? [];
  }

  // -- within: what was written here lies over what was read

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

  /** @param {"register" | "rows"} table */
  async _pagesOf(table) {
    const found = this._cache.pages.get(table) ?? new Pages(ENTRIES[table], await this._vault.all(this._revision, table));
    if (this._cache.revision !== this._revision) throw new Moved();
    this._cache.pages.set(table, found);
    return found;
  }

  /** @param {"register" | "rows"} table @returns {Promise<Map<string, any>>} */
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
    /** @type {Map<"register" | "rows", import("./pages.js").Plan<any>>} */
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

/** The open phone. */
export class Store {
  /** How the phone of this name stands, without its PIN: none, new, enrolled, sealed, retired. */
  static state = Vault.state;
  /** True where there was a phone of this name and the browser has taken it away. */
  static vanished = Vault.vanished;

  /** Use `open` or `create`. @param {Vault} vault */
  constructor(vault) {
    this.vault = vault;
    this.name = vault.name;
    /** @type {Cache} */
    this._cache = { revision: 0, tables: new Map(), pages: new Map() };
    /** @type {Set<() => void>} */
    this._listeners = new Set();
    /** @type {(tables: Tables, touched: Touched) => Promise<void>} */
    this._beforeCommit = async () => {};
    this._tabs = new BroadcastChannel(`cunyi-${this.name}`);
    this._tabs.onmessage = () => this._tell();
    /** @type {any} */ (this._tabs).unref?.(); // Node waits for it otherwise
    this._closed = false;
  }

  /**
   * A new phone; one that is there opens, if the PIN is right; a retired one begins anew.
   * @param {string} name @param {string} pin @param {() => number} [now]
   */
  static async create(name, pin, now) {
    return new Store(await Vault.create(name, pin, now));
  }

  /**
   * Raises NoStoreError, NewerFileError, WrongPinError (`waitSeconds`: too many wrong ones) and StorageError.
   * @param {string} name @param {string} pin @param {() => number} [now]
   */
  static async open(name, pin, now) {
    return new Store(await Vault.open(name, pin, now));
  }

  /**
   * Everything that `work` writes by `tables` is on the disk together when this resolves, or nothing is; other tabs wait. Calling
   * the store itself inside would wait for itself. `work` may be run again from its start: it MUST have no effect but by
   * `tables`.
   * @template T @param {(tables: Tables) => Promise<T>} work @returns {Promise<T>}
   */
  async transaction(work) {
    const [result, changed] = await inTurn(`${this.name}-write`, () =>
      this._repeated(async () => {
        const tables = await this._tables(true);
        const result = await work(tables);
        const { touched } = tables;
        if (touched) await this._beforeCommit(tables, touched);
        return /** @type {[T, boolean]} */ ([result, await tables.commit()]);
      }),
    );
    if (changed) {
      this._tell();
      if (!this._closed) this._tabs.postMessage(null);
    }
    return result;
  }

  /**
   * Reads inside see one moment. `work` may be run again from its start.
   * @template T @param {(tables: Tables) => Promise<T>} work @returns {Promise<T>}
   */
  async snapshot(work) {
    const once = async () => work(await this._tables(false));
    return this._repeated(once, () => inTurn(`${this.name}-write`, () => this._repeated(once)));
  }

  /** @template T @param {() => Promise<T>} work @param {() => Promise<T>} [last] @returns {Promise<T>} */
  async _repeated(work, last) {
    for (let n = 0; n < RETRIES; n += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Moved)) throw error;
      }
    }
    if (last) return last();
    throw new StorageError("another window writes to this phone all the time: nothing was kept, try again", "broken");
  }

  /** @param {boolean} writing */
  async _tables(writing) {
    const { revision, mode } = await this.vault.state();
    if (this._cache.revision !== revision) this._cache = { revision, tables: new Map(), pages: new Map() };
    return new Tables(this.vault, this._cache, mode, writing);
  }

  /** The one who syncs, across tabs; raises SyncBusyError. @template T @param {() => Promise<T>} work */
  turnToSync(work) {
    return turnToSync(this.name, work);
  }

  /**
   * Called at the end of each transaction that touched records, with what it may still write.
   * @param {(tables: Tables, touched: Touched) => Promise<void>} work
   */
  beforeCommit(work) {
    this._beforeCommit = work;
  }

  /** Call `listener` after each commit, of other tabs too; returns what ends that. @param {() => void} listener */
  onChange(listener) {
    this._listeners.add(listener);
    return () => this._listeners.delete(listener);
  }

  _tell() {
    for (const listener of this._listeners) listener();
  }

  /** @returns {Promise<Account>} */
  account() {
    return this.snapshot((tables) => tables.account());
  }

  /** @param {Partial<Account>} changes */
  save(changes) {
    return this.transaction((tables) => tables.save(changes));
  }

  /** @returns {Promise<Edit[]>} */
  outbox() {
    return this.snapshot((tables) => tables.outbox());
  }

  /** @returns {Promise<number>} */
  waiting() {
    return this.snapshot((tables) => tables.waiting());
  }

  /** The same data under another PIN. @param {string} old @param {string} next */
  changePin(old, next) {
    return this.vault.changePin(old, next);
  }

  /** Delete the phone. */
  remove() {
    this.close();
    return this.vault.remove();
  }

  close() {
    this._closed = true;
    this._tabs.close();
    this.vault.close();
  }
}

/**
 * By whom and what a record is found: whom it is about, and of residents and visits every id in them.
 * @param {import("./sync/record.js").Record} record
 */
function namesIn(record) {
  const found = new Set(record.subject ? [record.subject] : []);
  if (record.type === "resident" || record.type === "home_visit") for (const { sections } of record.edits) idsIn(sections, found);
  return [...found];
}

/** @param {any} value @param {Set<string>} found */
function idsIn(value, found) {
  if (typeof value === "string") UUID.test(value) && found.add(value);
  else if (typeof value === "object" && value !== null) for (const below of Object.values(value)) idsIn(below, found);
}

/** The months named in a record, `2026-11`. @param {import("./sync/record.js").Record} record */
const monthsIn = (record) => [...new Set(JSON.stringify(record).match(/"\d{4}-\d\d-/g))].map((one) => one.slice(1, 8));
