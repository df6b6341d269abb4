// What belongs together is kept together, whatever the disk, another window or the browser does.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { news } from "../../client_sdk/js/decisions.js";
import { StorageError, SyncBusyError, WrongPinError } from "../../client_sdk/js/errors.js";
import { Pages } from "../../client_sdk/js/pages.js";
import { Store } from "../../client_sdk/js/store.js";
import { recordHash } from "../../client_sdk/js/sync/digest.js";
import { fold } from "../../client_sdk/js/sync/record.js";
import { PIN, VITALS, freshName, newRecord, written } from "./phones.js";

/** @typedef {import("../../client_sdk/js/view.js").Held} Held */

const BEN = "p-ben";

/** @param {import("node:test").TestContext} t */
async function anas(t) {
  const store = await Store.create(freshName(), PIN);
  t.after(() => store.close());
  await store.save({ mode: "enrolled", actor: "ana00000", person: { id: "p-ana", name: "Ana" } });
  return store;
}

/**
 * A record of the base.
 * @param {{record?: string, type?: string, subject?: string | null, scope?: string, author?: string, sections?: any,
 *   counter?: number, actor?: string}} [about]
 * @returns {Held}
 */
function held({
  record = newRecord(),
  type = "hypertension_visit",
  subject = null,
  scope = "v1",
  author = BEN,
  sections = VITALS,
  counter = 1,
  actor = "ben00000",
} = {}) {
  const dot = /** @type {[string, number]} */ ([actor, counter]);
  const at = `2026-11-21T00:15:0${counter}.000Z`;
  return {
    record: { record, type, subject, scope, seen: { [actor]: counter }, edits: [{ dot, at, written_at: at, author, sections }] },
    issues: null,
  };
}

/**
 * What the n-th write transaction from now on meets: fails as the disk does.
 * @param {import("node:test").TestContext} t @param {string} name of the error @param {number} [after]
 */
function failing(t, name, after = 1) {
  const proto = IDBDatabase.prototype;
  const { transaction } = proto;
  let n = 0;
  t.mock.method(
    proto,
    "transaction",
    /** @this {any} */ function (/** @type {any} */ tables, /** @type {any} */ mode, /** @type {any} */ options) {
      const tx = transaction.call(this, tables, mode, options);
      if (mode === "readwrite" && (n += 1) >= after) queueMicrotask(() => /** @type {any} */ (tx)._abort(name));
      return tx;
    },
  );
}

test("all of a transaction is kept or nothing; inside, what was written is read", async (t) => {
  const store = await anas(t);
  const one = held({ subject: "s1" });
  await assert.rejects(
    store.transaction(async (tables) => {
      await tables.put([one]);
      await tables.save({ role: "village_doctor" });
      await tables.writeRows(new Map([["s1", { name: "王秀兰" }]]));
      assert.deepEqual((await tables.held([one.record.record])).get(one.record.record), one);
      assert.deepEqual((await tables.about(["s1"])).held, [one]);
      assert.equal((await tables.hashes("v1")).size, 1);
      assert.equal(await tables.count(), 1);
      assert.deepEqual([...(await tables.readRows())], [["s1", { name: "王秀兰" }]]);
      assert.equal((await tables.account()).role, "village_doctor");
      throw new Error("the form was closed");
    }),
    /the form was closed/,
  );
  await store.snapshot(async (tables) => {
    assert.deepEqual([await tables.count(), (await tables.account()).role, (await tables.readRows()).size], [0, "", 0]);
    assert.deepEqual((await tables.about(["s1"])).held, []);
  });
  await store.transaction((tables) => tables.put([one]));
  store.close();
  const again = await Store.open(store.name, PIN);
  t.after(() => again.close());
  assert.deepEqual(await again.snapshot((tables) => tables.about(["s1"])), { held: [one], edits: [] });
  assert.deepEqual(
    [...(await again.snapshot((tables) => tables.hashes("v1")))],
    [[one.record.record, await recordHash(one.record)]],
  );
  await assert.rejects(
    again.snapshot((tables) => tables.save({ role: "x" })),
    /snapshot/,
  );
});

test("a full phone says so, keeps what it had, and takes the edit when there is room again", async (t) => {
  const store = await anas(t);
  const first = await written(store);
  await t.test("full", async (full) => {
    failing(full, "QuotaExceededError");
    await assert.rejects(
      written(store),
      (error) => error instanceof StorageError && error.reason === "full" && /full/.test(error.message),
    );
    assert.deepEqual(await store.outbox(), [first], "it still reads");
    assert.equal((await store.account()).counter, 1, "the counter was not used up");
  });
  const second = await written(store);
  assert.equal(second.dot[1], 2);
  assert.deepEqual(await store.outbox(), [first, second]);
});

test("a disk that fails in the middle keeps nothing of it", async (t) => {
  const store = await anas(t);
  await t.test("broken", async (broken) => {
    failing(broken, "UnknownError");
    await assert.rejects(written(store), (error) => error instanceof StorageError && error.reason === "broken");
  });
  assert.deepEqual(await store.outbox(), []);
});

test("two windows of one phone never use a counter twice, and each sees what the other kept", async (t) => {
  const store = await anas(t);
  const other = await Store.open(store.name, PIN);
  t.after(() => other.close());
  await Promise.all([store, other, store, other].map((window) => written(window)));
  const [here, there] = [await store.outbox(), await other.outbox()];
  assert.deepEqual(
    here.map(({ dot }) => dot[1]),
    [1, 2, 3, 4],
  );
  assert.deepEqual(there, here);
});

test("where windows cannot wait for each other, who comes second begins again", async (t) => {
  const store = await anas(t);
  let runs = 0;
  await store.transaction(async (tables) => {
    runs += 1;
    const { counter } = await tables.account();
    if (runs === 1) await other(store.name);
    await tables.save({ counter: counter + 1 });
  });
  assert.equal(runs, 2);
  let reads = 0;
  const told = await store.snapshot(async (tables) => {
    reads += 1;
    const { counter } = await tables.account();
    if (reads === 1) await other(store.name);
    return [counter, await tables.waiting()];
  });
  assert.deepEqual([reads, told], [2, [1, 0]]);
});

/** A window without locks commits something. @param {string} name */
async function other(name) {
  const db = await new Promise(
    (resolve) => (indexedDB.open(`cunyi-${name}`).onsuccess = (event) => resolve(/** @type {any} */ (event.target).result)),
  );
  const tx = db.transaction("plain", "readwrite");
  const rows = tx.objectStore("plain");
  rows.get("state").onsuccess = (/** @type {any} */ event) =>
    rows.put({ ...event.target.result, revision: event.target.result.revision + 1 }, "state");
  await new Promise((resolve) => (tx.oncomplete = resolve));
  db.close();
}

test("one syncs at a time, and another is told so at once", async (t) => {
  const store = await anas(t);
  const other = await Store.open(store.name, PIN);
  t.after(() => other.close());
  await store.turnToSync(async () => {
    await assert.rejects(
      other.turnToSync(async () => assert.fail("two at once")),
      SyncBusyError,
    );
  });
  assert.equal(await other.turnToSync(async () => "free"), "free");
});

test("every window hears of a change", async (t) => {
  const store = await anas(t);
  const other = await Store.open(store.name, PIN);
  t.after(() => other.close());
  let here = 0;
  const end = store.onChange(() => (here += 1));
  const there = new Promise((resolve) => other.onChange(() => resolve(null)));
  await written(store);
  await there;
  assert.equal(here, 1);
  end();
  await written(store);
  assert.equal(here, 1);
});

test("what rests on records goes in the transaction that touches them", async (t) => {
  const store = await anas(t);
  const one = held({ subject: "s1" });
  await store.transaction((tables) =>
    tables.writeRows(
      new Map([
        ["s1", {}],
        ["s2", {}],
      ]),
    ),
  );
  /** @type {any[]} */
  const told = [];
  store.beforeCommit(async (tables, touched) => {
    told.push(touched);
    await tables.writeRows(new Map([["s1", null]]));
  });
  await store.transaction((tables) => tables.put([one]));
  assert.deepEqual(told[0].bases, new Map([[one.record.record, { before: null, after: one }]]));
  assert.deepEqual([...(await store.snapshot((tables) => tables.readRows())).keys()], ["s2"]);
  const edit = await written(store, { record: one.record.record });
  assert.deepEqual([told[1].appended, told[1].gone, told[1].bases.size], [[edit], [], 0]);
  const next = { ...one, issues: [] };
  await store.transaction((tables) =>
    tables.keep({ put: new Map([[one.record.record, next]]), drop: [], settled: [edit.dot], aside: [], gaps: [], reused: false }),
  );
  assert.deepEqual([told[2].gone, told[2].bases.get(one.record.record)], [[edit], { before: one, after: next }]);
  await store.save({ offset_ms: 60_000 });
  assert.equal(told[3].offset, true);
  await store.save({ access: "t" });
  assert.equal(told.length, 4, "a token touches nothing");
  store.beforeCommit(async () => {
    throw new Error("a row could not be dropped");
  });
  await assert.rejects(written(store), /a row could not be dropped/);
  assert.deepEqual(await store.outbox(), []);
});

test("whom a visit to a household names is found by it, and who lives there", async (t) => {
  const store = await anas(t);
  const [home, wang, li, elsewhere] = [newRecord(), newRecord(), newRecord(), newRecord()];
  const resident = held({ record: wang, type: "resident", subject: wang, sections: { household: { household: home } } });
  const other = held({ record: li, type: "resident", subject: li, sections: { household: { household: elsewhere } } });
  const visit = held({ type: "home_visit", subject: elsewhere, sections: { visit: { residents: [wang] } } });
  const own = held({ subject: wang });
  await store.transaction((tables) => tables.put([resident, other, visit, own]));
  const waiting = await written(store, { type: "home_visit", subject: home, sections: { visit: { residents: [wang, li] } } });
  await store.snapshot(async (tables) => {
    const byId = (/** @type {Held[]} */ some) => some.map(({ record }) => record.record).sort();
    assert.deepEqual(byId((await tables.about([wang])).held), byId([resident, own]));
    assert.deepEqual((await tables.about([home])).edits, [waiting]);
    assert.deepEqual(await tables.naming([wang]), { held: [visit], edits: [waiting] });
    assert.deepEqual(await tables.naming([li]), { held: [], edits: [waiting] });
    assert.deepEqual(await tables.livingIn([home, li]), new Set([wang, li]));
    assert.deepEqual(
      await tables.residents(),
      new Map([
        [wang, "v1"],
        [li, "v1"],
      ]),
    );
    assert.deepEqual(byId(await tables.base({ type: "resident", scope: "v1" })), byId([resident, other]));
    assert.deepEqual(byId(await tables.base({ subject: wang, disputed: true })), []);
  });
});

test("the records of a month are those that this phone's person wrote", async (t) => {
  const store = await anas(t);
  const [mine, theirs] = [held({ author: "p-ana" }), held()];
  await store.transaction((tables) => tables.put([mine, theirs]));
  assert.deepEqual(await store.snapshot((tables) => tables.written("2026-11")), [mine.record.record]);
  assert.deepEqual(await store.snapshot((tables) => tables.written("2026-10")), []);
});

test("a scope that is no longer ours goes, once no edit waits for it", async (t) => {
  const store = await anas(t);
  const [here, there, busy] = [held(), held({ scope: "v2" }), held({ scope: "v3" })];
  await store.transaction((tables) => tables.put([here, there, busy]));
  const edit = await written(store, { record: busy.record.record });
  const told = (/** @type {string[]} */ scopes) =>
    store.transaction((tables) => tables.keepCheckpoints({ v1: "e1:4", v2: "e1:5", v3: "e1:6" }, scopes));
  await told(["v1"]);
  await store.snapshot(async (tables) => {
    assert.deepEqual([(await tables.hashes("v2")).size, (await tables.hashes("v3")).size], [0, 1]);
    assert.deepEqual(await tables.checkpoints(), { v1: "e1:4", v3: "e1:6" });
  });
  await store.transaction((tables) => tables.forget([edit.dot]));
  await told(["v1"]);
  assert.equal(await store.snapshot((tables) => tables.count()), 1);
});

test("a decision is kept with what gave way, told once, and goes with its record", async (t) => {
  const store = await anas(t);
  const record = newRecord();
  const mine = held({ record, author: "p-ana", sections: { plan: { text: "低盐" } }, actor: "ana00000" });
  const desk = {
    dot: /** @type {[string, number]} */ (["s0123456789ab", 1]),
    at: "2026-11-22T00:00:00.000Z",
    written_at: "2026-11-22T00:00:00.000Z",
    author: "p-sue",
  };
  const sections = { plan: { text: "低脂" }, decision: { about: ["plan"], reason: "已核实", decided_on: "2026-11-22" } };
  const after = {
    record: { ...mine.record, seen: { ana00000: 1, s0123456789ab: 1 }, edits: [{ ...desk, sections }] },
    issues: null,
  };
  await store.transaction((tables) => tables.put([mine]));
  await store.transaction((tables) => tables.put([after]));
  await store.transaction((tables) => tables.put([after]));
  const [{ decision }, ...more] = await store.snapshot((tables) => tables.decisions(record));
  assert.deepEqual([decision.author, decision.reason, decision.about, more], ["p-sue", "已核实", ["plan"], []]);
  assert.deepEqual(decision.lost, [
    { section: "plan", value: { text: "低盐" }, author: "p-ana", written_at: mine.record.edits[0].written_at },
  ]);
  assert.deepEqual(await store.transaction((tables) => tables.tellDecisions()), [decision]);
  assert.deepEqual(await store.transaction((tables) => tables.tellDecisions()), []);
  await store.transaction((tables) =>
    tables.keep({ put: new Map(), drop: [record], settled: [], aside: [], gaps: [], reused: false }),
  );
  assert.deepEqual(await store.snapshot((tables) => tables.decisions()), []);
});

test("an appeal is decided at a desk only, and stays what was asked", () => {
  const section = "appeal/visits";
  const asked = { asked_on: "2026-11-01", owed_by: "2026-10-31", reason: "已入户" };
  const contract = held({ type: "contract", sections: { [section]: asked }, author: "p-ana", actor: "ana00000" });
  const answered = (/** @type {string} */ actor) => {
    const value = { ...asked, decision: "upheld", note: "属实" };
    const sections = { [section]: value };
    const context = contract.record.seen;
    const edit = { ...contract.record, dot: /** @type {[string, number]} */ ([actor, 1]), context, written_at: "", author: "p-sue", sections };
    return news(contract, [], fold(contract.record, edit, "2026-11-22T00:00:00.000Z"), () => "");
  };
  const [{ decision }] = answered("s0123456789ab");
  assert.deepEqual([decision.reason, decision.about, decision.lost, decision.returned], ["属实", [section], [], []]);
  assert.deepEqual(answered("ben00000"), [], "a phone decides nothing about an appeal");
});

test("a form that was being filled in is there after the phone was closed", async (t) => {
  const store = await anas(t);
  await store.keepDraft("visit 王秀兰", { vitals: { systolic_mmhg: 152 } });
  await store.keepDraft("__proto__", { odd: true });
  store.close();
  const again = await Store.open(store.name, PIN);
  t.after(() => again.close());
  assert.deepEqual((await again.drafts()).map(([key]) => key).sort(), ["__proto__", "visit 王秀兰"]);
  assert.deepEqual(await again.draft("visit 王秀兰"), { vitals: { systolic_mmhg: 152 } });
  await again.keepDraft("visit 王秀兰", null);
  assert.equal(await again.draft("visit 王秀兰"), null);
  assert.deepEqual(await again.draft("__proto__"), { odd: true });
  await assert.rejects(Store.open(store.name, "1"), WrongPinError);
});

test("thousands of rows lie in few pages, and an entry is never in two or lost", async (t) => {
  const store = await anas(t);
  const rows = new Map(Array.from({ length: 1100 }, (_, n) => [`r${n}`, { n }]));
  await store.transaction((tables) => tables.writeRows(rows));
  const some = new Map([...rows.keys()].filter((_, n) => n % 3 === 0).map((id) => [id, null]));
  await store.transaction((tables) => tables.writeRows(some));
  await store.transaction((tables) =>
    tables.writeRows(
      new Map([
        ["r1", { n: -1 }],
        ["new", { n: 0 }],
      ]),
    ),
  );
  store.close();
  const again = await Store.open(store.name, PIN);
  t.after(() => again.close());
  const expected = new Map([...rows].filter(([id]) => !some.has(id)));
  expected.set("r1", { n: -1 }).set("new", { n: 0 });
  assert.deepEqual(await again.snapshot((tables) => tables.readRows()), expected);
  const pages = await again.snapshot((tables) => tables._vault.count(tables._revision, "rows"));
  assert.ok(pages <= 5, String(pages));
});

test("pages behave as one map, whatever is put and dropped", () => {
  let seed = 7;
  const chance = (/** @type {number} */ n) => (seed = (seed * 48271) % 2147483647) % n;
  const disk = new Map();
  let pages = new Pages(4, disk);
  const model = new Map();
  for (let round = 0; round < 300; round += 1) {
    const changes = new Map(Array.from({ length: 1 + chance(6) }, () => [`k${chance(40)}`, chance(3) ? chance(99) : null]));
    const plan = pages.plan(changes);
    for (const [page, entries] of plan) entries.size ? disk.set(page, [...entries]) : disk.delete(page);
    if (chance(2)) pages.adopt(plan);
    else pages = new Pages(4, disk);
    for (const [id, value] of changes) value === null ? model.delete(id) : model.set(id, value);
    assert.deepEqual(new Map([...pages.all()].sort()), new Map([...model].sort()));
    for (const entries of disk.values()) assert.ok(entries.length <= 4);
  }
});
