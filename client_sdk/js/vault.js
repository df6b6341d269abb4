// The database of one phone: every value enciphered with a key of chance, which the PIN wraps; all is written or nothing.
import { BASE, PLAIN, TABLES, connected, gone, listed, mark, marked } from "./database.js";
import { put, readPlain, removed, transact, writePlain } from "./database.js";
import { NoStoreError, SealedError, StorageError } from "./errors.js";
import { imported, opened, sealing, wrappedBy } from "./pin.js";
import { hex } from "./sync/digest.js";
import { inTurn } from "./turns.js";

/** @typedef {import("./database.js").Table} Table */
/** @typedef {import("./database.js").Key} Key */
/** @typedef {"new" | "enrolled" | "sealed" | "retired" | "practice"} Mode */
/**
 * @typedef {{revision: number, mode: Mode}} State `revision` counts the transactions, so that nobody writes upon what has changed
 */
/** @typedef {{value: any, names?: string[]} | null} Change null deletes */
/**
 * What one transaction writes. `plain`: values beside the enciphered ones; `cleared`: tables that begin empty; `wiped`: all, and
 * the key.
 * @typedef {{tables: Map<Table, Map<Key, Change>>, cleared: Set<Table>, plain: Map<string, any>, mode: Mode, wiped: boolean}}
 *   Writing
 */

/** Another tab has written since: what was read is of the past. */
export class Moved extends Error {}

export class Vault {
  /** Use `open` or `create`. @param {string} name @param {IDBDatabase} db @param {CryptoKey | null} key null: of a wiped phone */
  constructor(name, db, key) {
    this.name = name;
    this._db = db;
    this._key = key;
    /** @type {Map<string, Promise<string>>} */
    this._names = new Map();
    db.onversionchange = () => db.close(); // another tab deletes it
  }

  /** How the phone of this name stands, without its PIN. @param {string} name @returns {Promise<"none" | Mode>} */
  static async state(name) {
    const db = await connected(name, false);
    if (!db) return "none";
    try {
      return (await stateOf(db))?.mode ?? "none";
    } finally {
      db.close();
    }
  }

  /** True where there was a phone of this name and the browser has taken it away. @param {string} name */
  static async vanished(name) {
    return marked(name) && (await Vault.state(name)) === "none";
  }

  /** What a phone of this name would lose with its database: counted without its PIN. @param {string} name */
  static async unsent(name) {
    const db = await connected(name, false);
    if (!db) return { edits: 0, drafts: 0 };
    try {
      const [edits, drafts] = await transact(db, ["outbox", "drafts"], "readonly", (tx) => {
        const asked = ["outbox", "drafts"].map((table) => tx.objectStore(table).count());
        return () => asked.map((one) => one.result);
      });
      return { edits, drafts };
    } finally {
      db.close();
    }
  }

  /** Delete the phone of this name, which nobody can open any more. @param {string} name */
  static async discard(name) {
    await removed(name);
    mark(name, false);
  }

  /**
   * A new phone; one that is there opens, if the PIN is right; a wiped one begins anew.
   * @param {string} name @param {string} pin @param {() => number} [now]
   */
  static create(name, pin, now = Date.now) {
    return inTurn(`${name}-write`, async () => {
      const db = /** @type {IDBDatabase} */ (await connected(name, true));
      try {
        const [state, wrapped] = await readPlain(db, ["state", "vault"]);
        let key;
        if (wrapped) key = await opened(db, wrapped, pin, now, imported);
        else {
          const raw = crypto.getRandomValues(new Uint8Array(32));
          const made = await wrappedBy(pin, raw);
          key = await imported(raw);
          await writePlain(db, { state: { revision: (state?.revision ?? 0) + 1, mode: "new" }, vault: made });
        }
        mark(name, true);
        return new Vault(name, db, key);
      } catch (error) {
        db.close();
        throw error;
      }
    });
  }

  /**
   * Raises NoStoreError, NewerFileError, WrongPinError and StorageError.
   * @param {string} name @param {string} pin @param {() => number} [now]
   */
  static async open(name, pin, now = Date.now) {
    const db = await connected(name, false);
    if (!db) throw new NoStoreError(`there is no phone ${name}`);
    try {
      const [state, wrapped] = await readPlain(db, ["state", "vault"]);
      if (!state) throw new NoStoreError(`there is no phone ${name}`);
      const key = wrapped ? await opened(db, wrapped, pin, now, imported) : null;
      mark(name, true);
      return new Vault(name, db, key);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** The same data under another PIN. @param {string} old @param {string} next @param {() => number} [now] */
  changePin(old, next, now = Date.now) {
    return inTurn(`${this.name}-write`, async () => {
      const [wrapped] = await readPlain(this._db, ["vault"]);
      if (!wrapped) throw new SealedError("this phone is retired: it has no PIN");
      await opened(this._db, wrapped, old, now, async (raw) => writePlain(this._db, { vault: await wrappedBy(next, raw) }));
    });
  }

  /** @returns {Promise<State>} */
  async state() {
    const state = await stateOf(this._db);
    if (!state) throw gone();
    return state;
  }

  // -- reading: each call sees one moment, that of `revision` (null: whichever it is), or raises Moved

  /**
   * Values by key, where there are any.
   * @param {number | null} revision @param {Table} table @param {Iterable<Key>} keys @returns {Promise<Map<any, any>>}
   */
  async get(revision, table, keys) {
    const every = [...new Set(keys)];
    const found = await this._read(revision, table, (rows) => {
      const asked = every.map((key) => rows.get(key));
      return () => /** @type {[Key, any][]} */ (every.map((key, n) => [key, asked[n].result]).filter(([, row]) => row));
    });
    return this._unsealed(table, found);
  }

  /** All values, by key in its order. @param {number | null} revision @param {Table} table @returns {Promise<Map<any, any>>} */
  async all(revision, table) {
    return this._unsealed(table, await this._read(revision, table, listed));
  }

  /**
   * The records of the base that name one of the ids.
   * @param {number} revision @param {Iterable<string>} ids @returns {Promise<Map<string, any>>}
   */
  async naming(revision, ids) {
    const found = await this._read(revision, BASE, (rows) => {
      const asked = [...new Set(ids)].map((id) => listed(rows.index("names"), id));
      return () => asked.flatMap((one) => one());
    });
    return this._unsealed(BASE, [...new Map(found)]);
  }

  /** How many values a table has. @param {number} revision @param {Table} table @returns {Promise<number>} */
  count(revision, table) {
    return this._read(revision, table, (rows) => {
      const asked = rows.count();
      return () => asked.result;
    });
  }

  /** What is kept plain. @param {string} key @returns {Promise<any>} */
  async plain(key) {
    return (await readPlain(this._db, [key]))[0];
  }

  /**
   * @template T @param {number | null} revision @param {Table} table @param {(rows: IDBObjectStore) => () => T} ask
   * @returns {Promise<T>}
   */
  async _read(revision, table, ask) {
    const { state, found } = await transact(this._db, [PLAIN, table], "readonly", (tx) => {
      const state = tx.objectStore(PLAIN).get("state");
      const answer = ask(tx.objectStore(table));
      return () => ({ state: state.result, found: answer() });
    });
    if (!state) throw gone();
    if (revision !== null && state.revision !== revision) throw new Moved();
    return found;
  }

  // -- writing

  /**
   * Everything or nothing, and on the disk when it resolves. Raises Moved and StorageError.
   * @param {number} revision @param {Writing} writing
   */
  async write(revision, { tables, cleared, plain, mode, wiped }) {
    const puts = wiped
      ? []
      : await Promise.all([...tables].flatMap(([table, rows]) => [...rows].map((row) => this._sealed(table, ...row))));
    let moved = false;
    const names = [PLAIN, ...(wiped ? TABLES : new Set([...tables.keys(), ...cleared]))];
    await transact(this._db, names, "readwrite", (tx) => {
      const beside = tx.objectStore(PLAIN);
      const state = beside.get("state");
      state.onsuccess = () => {
        moved = state.result && state.result.revision !== revision;
        if (moved || !state.result) return tx.abort();
        for (const name of wiped ? TABLES : cleared) tx.objectStore(name).clear();
        if (wiped) {
          beside.put(crypto.getRandomValues(new Uint8Array(256)), "vault"); // over the wrapped key, then away with it
          beside.clear();
        }
        for (const [table, key, row] of puts) put(tx, table, key, row);
        for (const [key, value] of plain) put(tx, PLAIN, key, value);
        beside.put({ revision: revision + 1, mode }, "state");
      };
      return () => undefined;
    }).catch((error) => {
      throw moved ? new Moved() : error;
    });
    if (wiped) {
      this._key = null;
      mark(this.name, false);
    }
  }

  // -- values beside the transactions, for what nothing else rests on: they wait for none, and no reader's moment ends by them

  /**
   * Keep a value, null none; it begins to be written in the task of the call.
   * @param {Table} table @param {string} name not to be read on the disk @param {any} value
   */
  async keep(table, name, value) {
    const key = await this.hidden(name);
    const [, , row] = await this._sealed(table, key, value === null ? null : { value });
    let there = true;
    await transact(this._db, [PLAIN, table], "readwrite", (tx) => {
      const state = tx.objectStore(PLAIN).get("state");
      state.onsuccess = () => {
        there = Boolean(state.result) && state.result.mode !== "retired"; // wiped by another tab: its key is no longer ours
        there ? put(tx, table, key, row) : tx.abort();
      };
      return () => undefined;
    }).catch((error) => {
      throw there ? error : gone();
    });
  }

  /** A value that was kept, null for none. @param {Table} table @param {string} name */
  async kept(table, name) {
    const key = await this.hidden(name);
    return (await this.get(null, table, [key])).get(key) ?? null;
  }

  /**
   * A name enciphered, always alike, so that it can be found: a nonce that is made of the text serves that text alone.
   * @param {string} name @returns {Promise<string>}
   */
  hidden(name) {
    const made = async () => {
      const text = new TextEncoder().encode(name);
      const iv = new Uint8Array(await crypto.subtle.digest("SHA-256", text)).subarray(0, 12);
      return hex(new Uint8Array(await crypto.subtle.encrypt(sealing(iv, "name"), this._cipher(), text)));
    };
    const known = this._names.get(name) ?? made();
    this._names.set(name, known);
    return known;
  }

  /** The key of the data, while there is one. */
  _cipher() {
    if (!this._key) throw new SealedError("this phone is retired; enrol it again to use it");
    return this._key;
  }

  /** @param {Table} table @param {Key} key @param {Change} change @returns {Promise<[Table, Key, any]>} */
  async _sealed(table, key, change) {
    if (!change) return [table, key, null];
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(change.value));
    const box = new Uint8Array(await crypto.subtle.encrypt(sealing(iv, `${table}/${key}`), this._cipher(), text));
    return [table, key, { iv, box, ...(change.names?.length && { names: change.names }) }];
  }

  /** @param {Table} table @param {[Key, any][]} rows @returns {Promise<Map<any, any>>} */
  async _unsealed(table, rows) {
    const key = this._key;
    if (!key) return new Map();
    const found = await Promise.all(
      rows.map(async ([name, { iv, box }]) => {
        const text = await crypto.subtle.decrypt(sealing(iv, `${table}/${name}`), key, box).catch((error) => {
          throw new StorageError("a value of this phone cannot be deciphered: it was damaged", "broken", { cause: error });
        });
        return /** @type {[Key, any]} */ ([name, JSON.parse(new TextDecoder().decode(text))]);
      }),
    );
    return new Map(found);
  }

  /** Delete the phone. */
  async remove() {
    this.close();
    await Vault.discard(this.name);
  }

  close() {
    this._db.close();
  }
}

/** @param {IDBDatabase} db @returns {Promise<State | undefined>} */
const stateOf = async (db) => (await readPlain(db, ["state"]))[0];
