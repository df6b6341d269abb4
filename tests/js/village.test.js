// Phones of a village and the real server: JavaScript and Python side by side, killed at any write, lost, the server restored.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { exportUnsent } from "../../client_sdk/js/exported.js";
import { SealedError } from "../../client_sdk/js/errors.js";
import { Store } from "../../client_sdk/js/store.js";
import { shown } from "../../client_sdk/js/sync/record.js";
import { PIN, Phone, copied, freshName, newRecord, phoneOf, written } from "./phones.js";
import { ANA, BEN, Installation, VILLAGE, missing } from "./server.js";

const here = { skip: missing };
/** @type {Installation} */
let place;
before(async () => {
  if (!missing) place = await Installation.started();
});
after(() => place?.end());

/** A village of its own, for what is done to a whole server. @param {import("node:test").TestContext} t */
async function another(t) {
  const own = await Installation.started();
  t.after(() => own.end());
  return own;
}

/** @param {Phone} phone @param {string} record */
const inBase = async (phone, record) => (await phone.store.snapshot((tables) => tables.held([record]))).get(record)?.record;

/** A phone of the Python client; what `words` say with it as `phone`, as JSON. @param {Installation} at */
function pythonPhone(at) {
  const file = join(at.folder, `${freshName()}.db`);
  at.cunyi("field", "enrol", at.url, at.code(BEN), "--phone", file, "--pin", PIN);
  return (/** @type {string} */ words) => {
    const script = `
import json
from client_sdk import Client
with Client.open(${JSON.stringify(file)}, pin="${PIN}") as phone:
    told = None
    ${words.trim().split("\n").join("\n    ")}
    print(json.dumps(told))`;
    return JSON.parse(at.python(script));
  };
}

test("a resident and a visit written offline reach another phone, a Python phone, and come back changed", here, async () => {
  const [ana, ben] = [await phoneOf(place, ANA), await phoneOf(place, BEN)];
  assert.ok((await ana.sync()).complete);
  const about = await ana.store.snapshot((tables) => tables.catalogueAbout());
  assert.ok(about && about.types.some(({ name }) => name === "hypertension_visit"));
  const who = newRecord();
  const identity = { name: "王秀兰", sex: "2", birth_date: "1951-03-02", ethnicity: "01" };
  await written(ana.store, { record: who, type: "resident", subject: who, sections: { identity } });
  const { record: visit } = await written(ana.store, { subject: who });
  assert.equal(await ana.store.waiting(), 2);
  const report = await ana.sync();
  assert.deepEqual([report.complete, report.pushed], [true, 2]);
  assert.ok((await ben.sync()).complete);
  assert.deepEqual(await ben.digest(), await ana.digest());
  assert.ok((await inBase(ben, visit))?.edits[0].at, "the server's time");

  const python = pythonPhone(place);
  const hashes = python(`
assert phone.sync().complete
phone.edit("${visit}", {"tests": {"name": "ECG"}})
assert phone.sync().complete
told = sorted([name, f"{h:032x}"] for name, h in phone._store.hashes("${VILLAGE}").items())`);
  assert.ok((await ana.sync()).complete);
  assert.deepEqual(await ana.digest(), hashes);
  const record = await inBase(ana, visit);
  assert.deepEqual(record && shown(record).tests, { name: "ECG" });
  for (const phone of [ana, ben]) phone.store.close();
});

test("two phones write the same section apart: both values stand on both, as the server says it", here, async () => {
  const [ana, ben] = [await phoneOf(place, ANA), await phoneOf(place, BEN)];
  const { record } = await written(ana.store);
  await ana.sync();
  await ben.sync();
  await written(ana.store, { record, sections: { vitals: { systolic_mmhg: 150, diastolic_mmhg: 90 } } });
  await written(ben.store, { record, sections: { vitals: { systolic_mmhg: 160, diastolic_mmhg: 96 } } });
  for (const phone of [ana, ben, ana]) assert.ok((await phone.sync()).complete);
  for (const phone of [ana, ben]) {
    const values = (await inBase(phone, record))?.edits.map(({ sections }) => sections.vitals?.systolic_mmhg).filter(Boolean);
    assert.deepEqual(values?.sort(), [150, 160]);
    phone.store.close();
  }
});

test("a reply that is lost twice makes one visit on the server", here, async () => {
  const [ana, ben] = [await phoneOf(place, ANA), await phoneOf(place, BEN)];
  await ana.sync();
  const { record } = await written(ana.store);
  ana.line.rule = (_, path) => (path === "/v1/sync" ? "after" : "");
  for (let n = 0; n < 2; n += 1) {
    assert.deepEqual((await ana.sync()).why, ["offline"]);
    await ana.reopened();
  }
  ana.line.rule = () => "";
  assert.ok((await ana.sync()).complete);
  assert.ok((await ben.sync()).complete);
  assert.deepEqual([Object.values((await inBase(ben, record))?.seen ?? {}), await ana.digest()], [[1], await ben.digest()]);
  for (const phone of [ana, ben]) phone.store.close();
});

/**
 * From now on the n-th write transaction meets its fate, and after it nothing is heard any more, as of a process that was killed.
 * @param {import("node:test").TestContext} t @param {number} n @param {"undone" | "unheard"} fate undone: the disk has nothing of
 * it; unheard: it has all
 */
function killedAt(t, n, fate) {
  const proto = IDBDatabase.prototype;
  const { transaction } = proto;
  let [writes, dead] = [0, false];
  /** @type {(value: "killed") => void} */
  let tell;
  const killed = new Promise((resolve) => (tell = resolve));
  const silent = { set: () => undefined, get: () => null, configurable: true };
  const mocked = t.mock.method(
    proto,
    "transaction",
    /** @this {any} */ function (/** @type {any} */ tables, /** @type {any} */ mode, /** @type {any} */ options) {
      const tx = transaction.call(this, tables, mode, options);
      if (mode === "readwrite" && (writes += 1) === n) dead = true;
      else if (!dead) return tx;
      Object.defineProperties(tx, { oncomplete: silent, onabort: silent });
      tx.addEventListener("complete", () => tell("killed"));
      tx.addEventListener("abort", () => tell("killed"));
      if (fate === "undone" || writes > n) queueMicrotask(() => tx.abort());
      return tx;
    },
  );
  return { killed, end: () => mocked.mock.restore() };
}

for (const fate of /** @type {const} */ (["undone", "unheard"])) {
  test(`a phone that is killed at any write loses nothing it has acknowledged and doubles nothing (${fate})`, here, async (t) => {
    const [ana, ben] = [await phoneOf(place, ANA), await phoneOf(place, BEN)];
    await ana.sync();
    const acknowledged = new Map();
    const asked = new Map();
    let deaths = 0;
    for (let n = 1; n < 30; n += 1) {
      await written(ben.store); // something to be fetched in each sync
      await ben.sync();
      await ana.store.save({ access: "lapsed" });
      const { killed, end } = killedAt(t, n, fate);
      const story = (async () => {
        const first = newRecord();
        for (const record of [first, first, newRecord()]) {
          const text = `${fate} ${n}.${asked.size}`;
          asked.set(text, record);
          await written(ana.store, { record, sections: { [`note/${asked.size}`]: { text } } });
          acknowledged.set(text, record);
        }
        const report = await ana.sync();
        assert.ok(report.complete, report.reasons.join());
        return "done";
      })();
      const outcome = await Promise.race([story, killed]);
      end();
      if (outcome === "done") break;
      deaths += 1;
      const name = freshName(); // what is on the disk now; whatever the dead process still holds stays with its name
      await copied(ana.store.name, name);
      ana.store.close();
      ana.store = await Store.open(name, PIN);
      assert.ok((await ana.sync()).complete, `killed at ${n}`);
    }
    assert.ok(deaths >= 7, `only ${deaths} writes`);
    assert.ok((await ben.sync()).complete);
    assert.deepEqual(await ben.digest(), await ana.digest());
    const texts = new Map();
    for (const { record } of await ben.store.snapshot((tables) => tables.base())) {
      for (const { sections } of record.edits) {
        for (const { text } of Object.values(sections).map((value) => value ?? {})) {
          if (asked.has(text)) texts.set(text, [...(texts.get(text) ?? []), record.record]);
        }
      }
    }
    for (const [text, record] of acknowledged) assert.deepEqual(texts.get(text), [record], `${text} was acknowledged`);
    for (const [text, records] of texts) assert.deepEqual(records, [asked.get(text)], `${text} is there once`);
    for (const phone of [ana, ben]) phone.store.close();
  });
}

test("a lost phone seals itself, hands its outbox over and is wiped", here, async () => {
  const ana = await phoneOf(place, ANA);
  await ana.sync();
  const { record } = await written(ana.store);
  place.cunyi("revoke", place.deviceOf(await ana.store.account()));
  ana.line.rule = (_, path) => (path === "/v1/deposit" ? "before" : "");
  assert.equal((await ana.sync()).complete, false);
  assert.deepEqual([await Store.state(ana.store.name), await ana.store.waiting()], ["sealed", 1]);
  await ana.reopened();
  ana.line.rule = () => "";
  const report = await ana.sync();
  assert.deepEqual([report.setAside, report.why], [1, ["wiped"]]);
  assert.equal(await Store.state(ana.store.name), "retired");
  await assert.rejects(ana.sync(), SealedError);
  assert.deepEqual(
    JSON.parse(place.cunyi("deposits", "--json")).map((/** @type {any} */ one) => one.record),
    [record],
  );
  ana.store.close();
});

test("an old copy of a phone is told apart, takes a new name and delivers what it has", here, async () => {
  const ana = await phoneOf(place, ANA);
  const { record } = await written(ana.store);
  await ana.sync();
  const old = freshName();
  await copied(ana.store.name, old);
  await written(ana.store, { record, sections: { tests: { name: "before" } } });
  await ana.sync();
  await ana.sync();
  const after = new Phone(await Store.open(old, PIN), place.url);
  await written(after.store, { record, sections: { tests: { name: "after" } } });
  const report = await after.sync();
  assert.deepEqual([report.complete, report.pushed], [true, 1]);
  assert.ok(after.line.asked.some(({ path }) => path === "/v1/actors"));
  const names = (await inBase(after, record))?.edits.map(({ sections }) => sections.tests?.name).filter(Boolean);
  assert.deepEqual(names?.sort(), ["after", "before"]);
  for (const phone of [ana, after]) phone.store.close();
});

test("a server that was put back to yesterday is made whole by the phones", here, async (t) => {
  const own = await another(t);
  const [ana, ben] = [await phoneOf(own, ANA), await phoneOf(own, BEN)];
  const { record: early } = await written(ben.store);
  await ben.sync();
  await ana.sync();
  own.cunyi("backup", join(own.folder, "yesterday.gz"));
  await written(ben.store, { record: early, sections: { tests: { name: "of today" } } });
  await ben.sync();
  const { record: late } = await written(ana.store);
  await ana.sync();
  await written(ana.store, { record: late, sections: { tests: { name: "waits" } } });
  const before = await ana.store.account();
  await own.stop();
  own.cunyi("restore", "--replace", join(own.folder, "yesterday.gz"));
  await own.start();
  const report = await ana.sync();
  assert.ok(report.complete, report.reasons.join());
  const now = await ana.store.account();
  assert.ok(now.epoch !== before.epoch && now.actor !== before.actor);
  assert.ok((await ben.sync()).complete);
  assert.deepEqual(await ben.digest(), await ana.digest());
  const [one, two] = [await inBase(ben, early), await inBase(ben, late)];
  assert.deepEqual([one && shown(one).tests, two && shown(two).tests], [{ name: "of today" }, { name: "waits" }]);
  for (const phone of [ana, ben]) phone.store.close();
});

test("what a phone could not send is read back from its file, with the password only", here, async () => {
  const ana = await phoneOf(place, ANA);
  const edits = [await written(ana.store), await written(ana.store)];
  const file = join(place.folder, "unsent.json");
  const blob = await ana.store.snapshot((tables) => exportUnsent(tables, "柳树村 2026", new Date()));
  const text = await blob.text();
  assert.ok(!text.includes("systolic"));
  writeFileSync(file, text);
  const found = JSON.parse(place.cunyi("field", "exported", file, "--password", "柳树村 2026", "--json"));
  assert.deepEqual([found.edits, found.person], [edits, { id: ANA, name: "Ana" }]);
  assert.match(place.refused("field", "exported", file, "--password", "wrong"), /does not open with this password/);
  ana.store.close();
});
