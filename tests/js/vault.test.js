// What lies on the disk of a phone, and who can read it.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { NewerFileError, NoStoreError, SealedError, StorageError, WrongPinError } from "../../client_sdk/js/errors.js";
import { Store } from "../../client_sdk/js/store.js";
import { PIN, freshName, newRecord, written } from "./phones.js";

/** @param {string} name @param {number} [version] @returns {Promise<IDBDatabase>} */
const raw = (name, version) =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(`cunyi-${name}`, version);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Every value on the disk by its table and key. @param {string} name @returns {Promise<[string, any, any][]>} */
async function onDisk(name) {
  const db = await raw(name);
  /** @type {[string, any, any][]} */
  const found = [];
  for (const table of db.objectStoreNames) {
    const rows = db.transaction(table).objectStore(table);
    const [keys, values] = [rows.getAllKeys(), rows.getAll()];
    await new Promise((resolve) => (rows.transaction.oncomplete = resolve));
    keys.result.forEach((key, n) => found.push([table, key, values.result[n]]));
  }
  db.close();
  return found;
}

/** @param {string} name @param {string} table @param {any} key @param {any} value */
async function overwritten(name, table, key, value) {
  const db = await raw(name);
  const tx = db.transaction(table, "readwrite");
  tx.objectStore(table).put(value, key);
  await new Promise((resolve) => (tx.oncomplete = resolve));
  db.close();
}

/** @param {any} value */
const bytesOf = (value) =>
  JSON.stringify(value, (_, one) =>
    ArrayBuffer.isView(one) ? Buffer.from(one.buffer, one.byteOffset, one.byteLength).toString("latin1") : one,
  );

/** What a browser keeps beside its databases. */
class LocalStorage extends Map {
  /** @param {string} key */
  getItem(key) {
    return this.get(key) ?? null;
  }
  /** @param {string} key @param {string} value */
  setItem(key, value) {
    this.set(key, value);
  }
  /** @param {string} key */
  removeItem(key) {
    this.delete(key);
  }
}

beforeEach(() => {
  Object.assign(globalThis, { localStorage: new LocalStorage() });
});

test("nothing on the disk tells who was visited, where, or for what", async () => {
  const name = freshName();
  const store = await Store.create(name, PIN);
  await store.save({ mode: "enrolled", actor: "ana00000", person: { id: "p-ana", name: "Ana" } });
  const sections = { identity: { name: "王秀兰", phone: "13800001111" }, note: { text: "高血压" } };
  const edit = await written(store, { sections });
  const held = { record: { ...edit, seen: {}, edits: [{ ...edit, at: "" }] }, issues: null };
  await store.transaction(async (tables) => {
    await tables.put([held]);
    await tables.writeRows(new Map([[edit.record, { name: "王秀兰" }]]));
  });
  await store.keepDraft("hypertension_visit", { vitals: { systolic_mmhg: 171 } });
  const disk = (await onDisk(name)).map(([table, key, value]) => `${table} ${key} ${bytesOf(value)}`).join("\n");
  assert.ok(disk.includes(edit.record), "the ids are there");
  for (const word of [
    "王秀兰",
    Buffer.from("王秀兰").toString("latin1"),
    "13800001111",
    "hypertension_visit",
    edit.scope,
    "p-ana",
    "171",
    "systolic",
    PIN,
  ]) {
    assert.ok(!disk.includes(word), word);
  }
  store.close();
});

test("the device key signs and cannot be read out, not by this page either", async () => {
  const name = freshName();
  const store = await Store.create(name, PIN);
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  await store.transaction((tables) => tables.keepKey("key", pair));
  store.close();
  const again = await Store.open(name, PIN);
  const kept = await again.snapshot((tables) => tables.key("key"));
  assert.ok(kept);
  await assert.rejects(crypto.subtle.exportKey("pkcs8", kept.privateKey));
  again.close();
});

test("a wrong PIN opens nothing; after five the pauses grow, whatever becomes of the clock", async () => {
  const name = freshName();
  (await Store.create(name, PIN)).close();
  let now = Date.UTC(2026, 10, 21);
  const tried = (/** @type {string} */ pin) => Store.open(name, pin, () => now);
  const waits = async () => {
    const error = await tried("000000").then(
      () => assert.fail("it opened"),
      (one) => one,
    );
    assert.ok(error instanceof WrongPinError, String(error));
    return error.waitSeconds;
  };
  for (let n = 0; n < 5; n += 1) assert.equal(await waits(), 0);
  assert.equal(await waits(), 30);
  await assert.rejects(tried(PIN), WrongPinError, "the right one waits as well");
  now -= 365 * 86_400_000;
  assert.equal(await waits(), 30, "a clock that was put back by a year makes nobody wait a year");
  now += 30_000;
  assert.equal(await waits(), 0);
  assert.equal(await waits(), 60);
  now += 60_000;
  (await tried(PIN)).close();
  assert.equal(await waits(), 0, "the right one begins anew");
});

test("the PIN is changed, the data stay; the old one opens no longer", async () => {
  const name = freshName();
  const store = await Store.create(name, PIN);
  await store.save({ mode: "enrolled", role: "village_doctor" });
  await assert.rejects(store.changePin("000000", "112233"), WrongPinError);
  await store.changePin(PIN, "112233");
  store.close();
  await assert.rejects(Store.open(name, PIN), WrongPinError);
  const again = await Store.open(name, "112233");
  assert.equal((await again.account()).role, "village_doctor");
  again.close();
});

test("how a phone stands is known without its PIN, and asking makes none", async () => {
  const name = freshName();
  assert.equal(await Store.state(name), "none");
  assert.deepEqual(
    (await indexedDB.databases()).filter((one) => one.name === `cunyi-${name}`),
    [],
  );
  await assert.rejects(Store.open(name, PIN), NoStoreError);
  const store = await Store.create(name, PIN);
  assert.equal(await Store.state(name), "new");
  await store.save({ mode: "enrolled" });
  assert.equal(await Store.state(name), "enrolled");
  store.close();
});

test("a phone that the browser took away is told apart from one that never was", async () => {
  const name = freshName();
  assert.equal(await Store.vanished(name), false);
  const store = await Store.create(name, PIN);
  assert.equal(await Store.vanished(name), false);
  const deleted = indexedDB.deleteDatabase(`cunyi-${name}`); // as an eviction does, under the feet of the open store
  await new Promise((resolve) => (deleted.onsuccess = resolve));
  await assert.rejects(store.account(), (error) => error instanceof StorageError && error.reason === "gone");
  await assert.rejects(written(store), (error) => error instanceof StorageError && error.reason === "gone");
  assert.equal(await Store.state(name), "none");
  assert.equal(await Store.vanished(name), true);
  (await Store.create(name, PIN)).close();
  assert.equal(await Store.vanished(name), false);
});

test("a phone whose PIN nobody knows says what would be lost, and goes with all of it, under the feet of other windows too", async () => {
  const name = freshName();
  assert.deepEqual(await Store.unsent(name), { edits: 0, drafts: 0 });
  assert.equal(await Store.state(name), "none", "asking makes no phone");
  const store = await Store.create(name, PIN);
  await written(store);
  await store.keepDraft("visit:wang", { systolic: 1 });
  await store.keepDraft("visit:li", { systolic: 2 });
  await store.keepDraft("visit:li", null);
  assert.deepEqual(await Store.unsent(name), { edits: 1, drafts: 1 });
  await Store.discard(name);
  assert.deepEqual([await Store.state(name), await Store.vanished(name)], ["none", false]);
  await assert.rejects(store.account(), (error) => error instanceof StorageError && error.reason === "gone");
  const next = await Store.create(name, "271828");
  assert.deepEqual(await next.outbox(), []);
  next.close();
});

test("a wiped phone holds nothing, not even the key; somebody else can begin anew on it", async () => {
  const name = freshName();
  const store = await Store.create(name, PIN);
  await store.save({ mode: "enrolled", actor: "ana00000", person: { id: "p-ana" } });
  const edit = await written(store);
  await store.transaction((tables) => tables.keepKey("key", /** @type {any} */ ("a key")));
  assert.equal(await store.transaction((tables) => tables.wipe()), false, "not while an edit waits");
  assert.equal((await store.outbox()).length, 1);
  await store.transaction((tables) => tables.forget([edit.dot]));
  assert.equal(await store.transaction((tables) => tables.wipe()), true);
  const { mode, person } = await store.account();
  assert.deepEqual([mode, person], ["retired", null]);
  const left = await onDisk(name);
  assert.deepEqual(
    left.map(([table, key, value]) => [table, key, value.mode]),
    [["plain", "state", "retired"]],
  );
  await assert.rejects(store.save({ role: "village_doctor" }), SealedError);
  store.close();
  assert.equal((await (await Store.open(name, "any")).account()).mode, "retired");
  const again = await Store.create(name, "112233");
  assert.deepEqual([(await again.account()).mode, await again.waiting()], ["new", 0]);
  again.close();
});

test("a value that was put in another's place is not taken for it", async () => {
  const name = freshName();
  const store = await Store.create(name, PIN);
  await store.save({ mode: "enrolled", actor: "ana00000", person: { id: "p-ana" } });
  const [one, two] = [newRecord(), newRecord()];
  for (const record of [one, two]) {
    await store.transaction((tables) =>
      tables.put([{ record: { record, type: "t", subject: null, scope: "v", seen: {}, edits: [] }, issues: null }]),
    );
  }
  const [, , box] = /** @type {[string, any, any]} */ (
    (await onDisk(name)).find(([table, key]) => table === "base" && key === one)
  );
  await overwritten(name, "base", two, box);
  await assert.rejects(
    store.snapshot((tables) => tables.held([two])),
    StorageError,
  );
  assert.equal((await store.snapshot((tables) => tables.held([one]))).size, 1);
  store.close();
});

test("a store of a later release is left alone", async () => {
  const name = freshName();
  (await Store.create(name, PIN)).close();
  (await raw(name, 2)).close();
  await assert.rejects(Store.open(name, PIN), NewerFileError);
});
