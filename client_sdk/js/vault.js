// The database of one phone: every value enciphered with a key of chance, which the PIN wraps; one transaction writes all or
// nothing.
// Honest limit: four or six digits keep out the finder of a phone, not a laboratory: use a longer PIN, report a lost phone at
// once.
import { NewerFileError, NoStoreError, SealedError, StorageError, SyncBusyError, WrongPinError } from "./errors.js";

export const ROUNDS = 210_000; // of PBKDF2-SHA-512, as OWASP's password storage cheat sheet asks
const VERSION = 1; // of the tables
const FREE_TRIES = 5; // wrong PINs, before the pauses begin
const FIRST_PAUSE = 30_000; // ms, doubled with each further wrong PIN
const LONGEST_PAUSE = 900_000;
const PLAIN = "plain"; // revision and mode, the wrapped key, wrong PINs, the device key (a CryptoKey that nobody can read out)
const BASE = "base";

/** Tables of enciphered values; `base` is found by the ids of whom and what a record names as well. */
export const TABLES = /** @type {const} */ (["meta", BASE, "outbox", "own", "aside", "decisions", "reports", "register", "rows"]);

/** @typedef {(typeof TABLES)[number]} Table */
/** @typedef {string | number} Key */
/** @typedef {"new" | "enrolled" | "sealed" | "retired" | "practice"} Mode */
/**
 * @typedef {{revision: number, mode: Mode}} State `revision` counts the transactions, so that nobody writes upon what has changed
 */
/** @typedef {{value: any, names?: string[]} | null} Change null deletes */
/** @typedef {{salt: Uint8Array, rounds: number, iv: Uint8Array, wrapped: Uint8Array}} Wrapped */
/**
 * What one transaction writes. `plain`: values beside the enciphered ones; `cleared`: tables that begin empty; `wiped`: all, and
 * the key.
 * @typedef {{tables: Map<Table, Map<Key, Change>>, cleared: Set<Table>, plain: Map<string, any>, mode: Mode, wiped: boolean}}
 * Writing
 */

/** Another tab has written since: what was read is of the past. */
export class Moved extends Error {}

export class Vault {
  /** Use `open` or `create`. @param {string} name @param {IDBDatabase} db @param {CryptoKey | null} key null: of a wiped phone */
  constructor(name, db, key) {
    this.name = name;
    this._db = db;
    this._key = key;
    this._open = true;
    // eviction while it is open, or another tab that deletes it
    db.onclose = db.onversionchange = () => {
      db.close();
      this._open = false;
    };
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

  // -- reading: each call sees one moment, that of `revision`, or raises Moved

  /**
   * Values by key, where there are any.
   * @param {number} revision @param {Table} table @param {Iterable<Key>} keys @returns {Promise<Map<any, any>>}
   */
  async get(revision, table, keys) {
    const every = [...new Set(keys)];
    const found = await this._read(revision, table, (rows) => {
      const asked = every.map((key) => rows.get(key));
      return () => /** @type {[Key, any][]} */ (every.map((key, n) => [key, asked[n].result]).filter(([, row]) => row));
    });
    return this._unsealed(table, found);
  }

  /** All values, by key in its order. @param {number} revision @param {Table} table @returns {Promise<Map<any, any>>} */
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
   * @template T @param {number} revision @param {Table} table @param {(rows: IDBObjectStore) => () => T} ask
   * @returns {Promise<T>}
   */
  async _read(revision, table, ask) {
    const { state, found } = await transact(this._db, [PLAIN, table], "readonly", (tx) => {
      const state = tx.objectStore(PLAIN).get("state");
      const answer = ask(tx.objectStore(table));
      return () => ({ state: state.result, found: answer() });
    });
    if (!state) throw gone();
    if (state.revision !== revision) throw new Moved();
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
        for (const [table, key, row] of puts) row ? tx.objectStore(table).put(row, key) : tx.objectStore(table).delete(key);
        for (const [key, value] of plain) value === null ? beside.delete(key) : beside.put(value, key);
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

  /** @param {Table} table @param {Key} key @param {Change} change @returns {Promise<[Table, Key, any]>} */
  async _sealed(table, key, change) {
    if (!change) return [table, key, null];
    if (!this._key) throw new SealedError("this phone is retired; enrol it again to use it");
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(change.value));
    const box = new Uint8Array(await crypto.subtle.encrypt(sealing(iv, `${table}/${key}`), this._key, text));
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
    await requested(indexedDB.deleteDatabase(`cunyi-${this.name}`));
    mark(this.name, false);
  }

  close() {
    this._open = false;
    this._db.close();
  }
}

// -- turns

/** Of this page, where the browser has no locks (Node): the last in the queue. @type {Map<string, Promise<unknown>>} */
const queues = new Map();

/**
 * Alone among all tabs, one after another.
 * @template T @param {string} what @param {() => Promise<T>} work @returns {Promise<T>}
 */
export function inTurn(what, work) {
  const { locks } = globalThis.navigator ?? {};
  if (locks) return /** @type {Promise<T>} */ (locks.request(`cunyi-${what}`, work));
  const mine = (queues.get(what) ?? Promise.resolve()).then(work);
  /** @type {Promise<unknown>} */
  const last = mine
    .catch(() => undefined)
    .then(() => {
      if (queues.get(what) === last) queues.delete(what);
    });
  queues.set(what, last);
  return mine;
}

/**
 * Alone among all tabs, or SyncBusyError at once.
 * @template T @param {string} name @param {() => Promise<T>} work @returns {Promise<T>}
 */
export async function turnToSync(name, work) {
  const busy = () => new SyncBusyError("this phone is being synced already");
  const { locks } = globalThis.navigator ?? {};
  if (locks) {
    return /** @type {Promise<T>} */ (
      locks.request(`cunyi-${name}-sync`, { ifAvailable: true }, (lock) => {
        if (!lock) throw busy();
        return work();
      })
    );
  }
  if (queues.has(`${name}-sync`)) throw busy();
  return inTurn(`${name}-sync`, work);
}

// -- the PIN

/** @param {Uint8Array} iv @param {string} about @returns {AesGcmParams} */
const sealing = (iv, about) => ({
  name: "AES-GCM",
  iv: /** @type {BufferSource} */ (iv),
  additionalData: new TextEncoder().encode(about),
});

/** A key from words that a person knows. @param {string} words @param {Uint8Array} salt @param {number} rounds */
export async function stretched(words, salt, rounds) {
  if (!crypto.subtle) throw new StorageError("nothing can be enciphered on this page: open it by https", "broken");
  const source = await crypto.subtle.importKey("raw", new TextEncoder().encode(words), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-512", salt: /** @type {BufferSource} */ (salt), iterations: rounds };
  return crypto.subtle.deriveKey(how, source, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** @param {Uint8Array} raw */
async function imported(raw) {
  const key = await crypto.subtle.importKey("raw", /** @type {BufferSource} */ (raw), "AES-GCM", false, ["encrypt", "decrypt"]);
  raw.fill(0);
  return key;
}

/** @param {string} pin @param {Uint8Array} raw @returns {Promise<Wrapped>} */
async function wrappedBy(pin, raw) {
  if (!pin) throw new WrongPinError("a PIN is needed");
  const [salt, iv] = [new Uint8Array(16), new Uint8Array(12)].map((one) => crypto.getRandomValues(one));
  const key = await stretched(pin, salt, ROUNDS);
  const box = await crypto.subtle.encrypt(sealing(iv, "vault"), key, /** @type {BufferSource} */ (raw));
  return { salt, rounds: ROUNDS, iv, wrapped: new Uint8Array(box) };
}

/**
 * What `use` makes of the data key. After some wrong PINs each further try has to wait, longer and longer.
 * @template T @param {IDBDatabase} db @param {Wrapped} wrapped @param {string} pin @param {() => number} now @param {(raw:
 * Uint8Array) => Promise<T>} use
 */
async function opened(db, { salt, rounds, iv, wrapped }, pin, now, use) {
  const [wrong] = await readPlain(db, ["wrong"]);
  const paused = wrong && wrong.count >= FREE_TRIES ? Math.min(FIRST_PAUSE * 2 ** (wrong.count - FREE_TRIES), LONGEST_PAUSE) : 0;
  // a clock that was put back locks nobody out for years
  if (wrong && now() < wrong.at) await writePlain(db, { wrong: { ...wrong, at: now() } });
  const left = paused && Math.min(paused, wrong.at + paused - now());
  if (left > 0) throw new WrongPinError(`too many wrong PINs: wait ${Math.ceil(left / 1000)} s`, Math.ceil(left / 1000));
  const key = await stretched(pin, salt, rounds);
  const raw = await crypto.subtle.decrypt(sealing(iv, "vault"), key, /** @type {BufferSource} */ (wrapped)).catch(() => null);
  if (!raw) {
    await writePlain(db, { wrong: { count: (wrong?.count ?? 0) + 1, at: now() } });
    throw new WrongPinError("the PIN is wrong");
  }
  const result = await use(new Uint8Array(raw));
  if (wrong) await writePlain(db, { wrong: null });
  return result;
}

// -- IndexedDB as promises

/**
 * @param {string} name @param {boolean} make
 * @returns {Promise<IDBDatabase | null>} null where there is none and none is to be made
 */
async function connected(name, make) {
  const asked = indexedDB.open(`cunyi-${name}`, VERSION);
  let none = false;
  asked.onupgradeneeded = () => {
    none = !make;
    if (none) return asked.transaction?.abort();
    const db = asked.result;
    db.createObjectStore(PLAIN);
    for (const table of TABLES) db.createObjectStore(table);
    asked.transaction?.objectStore(BASE).createIndex("names", "names", { multiEntry: true });
  };
  try {
    return await requested(asked);
  } catch (error) {
    if (none) return null;
    throw error;
  }
}

/** @param {IDBDatabase} db @returns {Promise<State | undefined>} */
const stateOf = async (db) => (await readPlain(db, ["state"]))[0];

/** @param {IDBDatabase} db @param {string[]} keys @returns {Promise<any[]>} */
function readPlain(db, keys) {
  return transact(db, [PLAIN], "readonly", (tx) => {
    const asked = keys.map((key) => tx.objectStore(PLAIN).get(key));
    return () => asked.map((one) => one.result);
  });
}

/** null deletes. @param {IDBDatabase} db @param {Record<string, any>} values */
function writePlain(db, values) {
  return transact(db, [PLAIN], "readwrite", (tx) => {
    for (const [key, value] of Object.entries(values)) {
      value === null ? tx.objectStore(PLAIN).delete(key) : tx.objectStore(PLAIN).put(value, key);
    }
    return () => undefined;
  });
}

/** Keys with their values. @param {IDBObjectStore | IDBIndex} rows @param {IDBValidKey} [key] @returns {() => [any, any][]} */
function listed(rows, key) {
  const keys = rows.getAllKeys(key);
  const values = rows.getAll(key);
  return () => keys.result.map((name, n) => [name, values.result[n]]);
}

/**
 * One transaction, resolved when it is complete, by what `ask` returned. All its requests MUST be made at once, or by their
 * events.
 * @template T @param {IDBDatabase} db @param {string[]} tables @param {IDBTransactionMode} mode @param {(tx: IDBTransaction) =>
 * () => T} ask @returns {Promise<T>}
 */
function transact(db, tables, mode, ask) {
  return new Promise((resolve, reject) => {
    try {
      const tx = db.transaction(tables, mode, { durability: "strict" });
      tx.onabort = () => reject(trouble(tx.error));
      const answer = ask(tx);
      tx.oncomplete = () => resolve(answer());
    } catch (error) {
      reject(trouble(error));
    }
  });
}

/** @template T @param {IDBRequest<T>} asked @returns {Promise<T>} */
function requested(asked) {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(trouble(asked.error));
  });
}

const gone = () => new StorageError("the browser has removed this phone's storage: enrol it again", "gone");

/** What a refusal of the disk is for the person at the phone. @param {any} error */
function trouble(error) {
  const name = error?.name;
  if (name === "VersionError") return new NewerFileError("a newer version of this application wrote this phone: update it");
  if (name === "InvalidStateError" || name === "NotFoundError") return gone();
  const [why, text] =
    name === "QuotaExceededError"
      ? /** @type {const} */ (["full", "the phone is full: nothing new was kept; free some space and save again"])
      : /** @type {const} */ (["broken", `the phone's storage failed, nothing new was kept (${name ?? "aborted"})`]);
  return new StorageError(text, why, { cause: error });
}

// -- the mark that there was one: what a browser that clears up takes first is the database

/** @param {string} name @param {boolean} there */
function mark(name, there) {
  try {
    there ? localStorage.setItem(`cunyi-${name}`, "1") : localStorage.removeItem(`cunyi-${name}`);
  } catch {
    // no such storage, or none allowed: then an eviction is not told apart from a new phone
  }
}

/** @param {string} name */
function marked(name) {
  try {
    return localStorage.getItem(`cunyi-${name}`) !== null;
  } catch {
    return false;
  }
}
