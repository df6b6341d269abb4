// IndexedDB as promises: the tables of a phone, transactions that are whole or not at all, and what a refusal of the disk means.
import { NewerFileError, StorageError } from "./errors.js";

const VERSION = 1; // of the tables
/** Revision and mode, the wrapped key, wrong PINs, the device key (a CryptoKey that nobody can read out). */
export const PLAIN = "plain";
export const BASE = "base";
/** Tables of enciphered values; `base` is found by the ids of whom and what a record names as well. */
export const TABLES = /** @type {const} */ (
  ["meta", BASE, "outbox", "own", "aside", "decisions", "reports", "register", "rows", "drafts"]
);

/** @typedef {(typeof TABLES)[number]} Table */
/** @typedef {string | number} Key */

/**
 * @param {string} name @param {boolean} make
 * @returns {Promise<IDBDatabase | null>} null where there is none and none is to be made
 */
export async function connected(name, make) {
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

/** Delete the database of a phone. @param {string} name */
export const removed = (name) => requested(indexedDB.deleteDatabase(`cunyi-${name}`));

/** @param {IDBDatabase} db @param {string[]} keys @returns {Promise<any[]>} */
export function readPlain(db, keys) {
  return transact(db, [PLAIN], "readonly", (tx) => {
    const asked = keys.map((key) => tx.objectStore(PLAIN).get(key));
    return () => asked.map((one) => one.result);
  });
}

/** null deletes. @param {IDBDatabase} db @param {Record<string, any>} values */
export function writePlain(db, values) {
  return transact(db, [PLAIN], "readwrite", (tx) => {
    for (const [key, value] of Object.entries(values)) put(tx, PLAIN, key, value);
    return () => undefined;
  });
}

/** null deletes. @param {IDBTransaction} tx @param {string} table @param {Key} key @param {any} value */
export function put(tx, table, key, value) {
  value === null ? tx.objectStore(table).delete(key) : tx.objectStore(table).put(value, key);
}

/** Keys with their values. @param {IDBObjectStore | IDBIndex} rows @param {IDBValidKey} [key] @returns {() => [any, any][]} */
export function listed(rows, key) {
  const keys = rows.getAllKeys(key);
  const values = rows.getAll(key);
  return () => keys.result.map((name, n) => [name, values.result[n]]);
}

/**
 * One transaction, resolved when it is on the disk, by what `ask` returned. All its requests MUST be made at once, or by their
 * events.
 * @template T @param {IDBDatabase} db @param {string[]} tables @param {IDBTransactionMode} mode
 * @param {(tx: IDBTransaction) => () => T} ask @returns {Promise<T>}
 */
export function transact(db, tables, mode, ask) {
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

export const gone = () => new StorageError("the browser has removed this phone's storage: enrol it again", "gone");

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
export function mark(name, there) {
  try {
    there ? localStorage.setItem(`cunyi-${name}`, "1") : localStorage.removeItem(`cunyi-${name}`);
  } catch {
    // no such storage, or none allowed: then an eviction is not told apart from a new phone
  }
}

/** @param {string} name */
export function marked(name) {
  try {
    return localStorage.getItem(`cunyi-${name}`) !== null;
  } catch {
    return false;
  }
}
