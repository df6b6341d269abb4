// Phones for the tests of the client: a store in memory, edits as a form makes them, a line that can be told to misbehave.
import "fake-indexeddb/auto";
import { enrol } from "../../client_sdk/js/enrolment.js";
import { OfflineError } from "../../client_sdk/js/errors.js";
import { Store } from "../../client_sdk/js/store.js";
import { newId } from "../../client_sdk/js/sync/identity.js";
import { Syncing } from "../../client_sdk/js/syncing.js";
import { HttpTransport } from "../../client_sdk/js/transport.js";
import { VILLAGE } from "./server.js";

export const PIN = "493027";
let names = 0;

/** A name that no other phone of this process has. */
export const freshName = () => `phone-${(names += 1)}`;

/**
 * The record of somebody's visit, new or `record`, as a form makes it.
 * @param {Store} store
 * @param {{record?: string, type?: string, subject?: string | null, sections?:
 * import("../../client_sdk/js/sync/record.js").Sections, scope?: string}} [about]
 * @returns {Promise<import("../../client_sdk/js/sync/record.js").Edit>}
 */
export function written(
  store,
  { record = newRecord(), type = "hypertension_visit", subject = null, sections = VITALS, scope = VILLAGE } = {},
) {
  return store.transaction(async (tables) => {
    const account = await tables.account();
    const held = (await tables.held([record])).get(record);
    const own = await tables.lastOwn(record);
    const context = { ...held?.record.seen, ...(own && { [account.actor]: own }) };
    const edit = {
      record,
      type,
      subject,
      scope: held?.record.scope ?? scope,
      dot: /** @type {[string, number]} */ ([account.actor, account.counter + 1]),
      context,
      written_at: "2026-11-21T08:15:00.000+08:00",
      author: account.person?.id ?? "",
      sections,
    };
    await tables.append(edit);
    return edit;
  });
}

export const VITALS = { visit: { visited_on: "2026-11-21" }, vitals: { systolic_mmhg: 152, diastolic_mmhg: 94 } };

/** @returns {string} */
export const newRecord = () => newId(Date.UTC(2026, 10, 21), crypto.getRandomValues(new Uint8Array(10)));

/**
 * A phone of somebody, enrolled.
 * @param {import("./server.js").Installation} place @param {string} person @param {string} [name]
 */
export async function phoneOf(place, person, name = freshName()) {
  return new Phone(await enrol(place.url, place.code(person), name, PIN, "Redmi 9A", new HttpTransport(place.url)), place.url);
}

export class Phone {
  /** @param {Store} store @param {string} url */
  constructor(store, url) {
    this.store = store;
    this.line = new Line(url);
  }

  /** @param {(progress: import("../../client_sdk/js/report.js").Progress) => void} [progress] */
  sync(progress) {
    return new Syncing(this.store, this.line, () => new Date(), progress).run();
  }

  /** As after the process was killed: everything in memory is gone. */
  async reopened() {
    const { name } = this.store;
    this.store.close();
    this.store = await Store.open(name, PIN);
  }

  /** What it holds: the digest of the village. */
  digest() {
    return this.store.snapshot(async (tables) => [...(await tables.hashes(VILLAGE))].sort());
  }
}

/** A line that is cut by a rule, by the number of the request: `before` or `after` the server has worked, or asked `twice`. */
export class Line {
  /** @param {string} url */
  constructor(url) {
    this._http = new HttpTransport(url, { backoff: 5, stall: 20_000 });
    this.count = 0;
    /** @type {(n: number, path: string) => "" | "before" | "after" | "twice" | Promise<string>} */
    this.rule = () => "";
    /** @type {{method: string, path: string, body: any}[]} */
    this.asked = [];
  }

  /** @type {import("../../client_sdk/js/transport.js").Transport["request"]} */
  async request(method, path, body, token, unless) {
    this.asked.push({ method, path, body });
    const fate = await this.rule((this.count += 1), path);
    if (fate === "before") throw new OfflineError("cut before");
    let reply = await this._http.request(method, path, body, token, unless);
    if (fate === "twice") reply = await this._http.request(method, path, body, token, unless);
    if (fate === "after") throw new OfflineError("cut after");
    return reply;
  }

  close() {}
}

/**
 * The phone as it is on the disk now under another name: what somebody has who copied it, or put an old copy back.
 * @param {string} from @param {string} to
 */
export async function copied(from, to) {
  const source = await opened(from);
  const tables = [...source.objectStoreNames];
  const target = await opened(to, (db, tx) => {
    for (const table of tables) db.createObjectStore(table);
    tx.objectStore("base").createIndex("names", "names", { multiEntry: true });
  });
  for (const table of tables) {
    const rows = source.transaction(table).objectStore(table);
    const [keys, values] = [rows.getAllKeys(), rows.getAll()];
    await new Promise((resolve) => (rows.transaction.oncomplete = resolve));
    const tx = target.transaction(table, "readwrite");
    keys.result.forEach((key, n) => tx.objectStore(table).put(values.result[n], key));
    await new Promise((resolve) => (tx.oncomplete = resolve));
  }
  source.close();
  target.close();
}

/** @param {string} name @param {(db: IDBDatabase, tx: IDBTransaction) => void} [make] @returns {Promise<IDBDatabase>} */
function opened(name, make) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(`cunyi-${name}`, 1);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => resolve(request.result);
    request.onupgradeneeded = () => make?.(request.result, /** @type {IDBTransaction} */ (request.transaction));
  });
}
