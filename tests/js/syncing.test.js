// Phones and a server on bad days: lost answers, clones, restored servers, moved households, revoked phones.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SealedError } from "../../client_sdk/js/errors.js";
import { shown } from "../../client_sdk/js/sync/record.js";
import { peers, world } from "./peer.js";
import { copied, freshName, written } from "./phones.js";
import { missing } from "./server.js";
import { Store } from "../../client_sdk/js/store.js";

/** @typedef {import("./phones.js").Phone} Phone */
/** @typedef {import("./peer.js").Peer} Peer */

const BP = { vitals: { systolic_mmhg: 152, diastolic_mmhg: 94 } };
const here = { skip: missing };
/** @type {Awaited<ReturnType<typeof peers>>} */
let served;
before(async () => {
  if (!missing) served = await peers();
});
after(() => served?.end());

/** @param {Phone} phone @param {any} sections @param {string} [record] @param {string} [scope] */
const saved = async ({ store }, sections, record, scope = "v1") => (await written(store, { record, sections, scope })).record;

/** The phone holds exactly what the server shows it. @param {Phone} phone @param {Peer} peer */
async function agree(phone, peer) {
  const held = await phone.store.snapshot((tables) => tables.base());
  const mine = Object.fromEntries(held.map(({ record }) => [record.record, [record.seen, shown(record)]]));
  assert.deepEqual(mine, await peer.tell("{name: [dict(r.seen), shown(r)] for name, r in peer.records.items()}"));
}

/** @param {Phone} phone @param {string} record */
const inBase = async (phone, record) => (await phone.store.snapshot((tables) => tables.held([record]))).get(record);
/** @param {Phone} phone */
const ids = async (phone) => (await phone.store.snapshot((tables) => tables.base())).map(({ record }) => record.record);
/** @param {Phone} phone */
const waiting = (phone) => phone.store.waiting();
/** @param {Peer} peer @returns {Promise<string[]>} */
const visits = (peer) => peer.tell("VISITS[:101]");
/** @param {Phone} phone */
const routes = (phone) => phone.line.asked.map(({ path }) => path.split("?")[0].split("/").pop());

// -- ordinary days

test("a first sync fetches page by page and then nothing", here, async () => {
  const { peer, phone } = await world(served.url);
  await peer.do("colleagues_visits(peer, 120)");
  /** @type {any[]} */
  const seen = [];
  const report = await phone.sync((progress) => seen.push(progress.pulled));
  assert.deepEqual([report.pulled, report.complete, report.reasons], [120, true, []]);
  assert.deepEqual(seen, [50, 100, 120]);
  assert.equal((await phone.sync()).pulled, 0);
  assert.notEqual((await phone.store.account()).last_sync, null);
  await agree(phone, peer);
});

test("edits go up in batches and in order", here, async () => {
  const { peer, phone } = await world(served.url);
  for (let n = 0; n < 60; n += 1) await saved(phone, { tests: { name: "ECG" } }, await saved(phone, BP));
  /** @type {[number, number][]} */
  const seen = [];
  const report = await phone.sync(({ pushed, waiting }) => seen.push([pushed, pushed + waiting]));
  assert.deepEqual([report.pushed, report.complete], [120, true]);
  assert.deepEqual(
    seen.map((one) => one.join("/")),
    ["50/120", "100/120", "120/120"],
  );
  const sent = phone.line.asked
    .filter(({ path }) => path === "/v1/sync")
    .map(({ body }) => body.edits.map((/** @type {any} */ edit) => edit.dot[1]));
  assert.deepEqual(
    sent.map((dots) => dots.length),
    [50, 50, 20],
  );
  assert.deepEqual(
    sent.flat(),
    Array.from({ length: 120 }, (_, n) => n + 1),
  );
  await agree(phone, peer);
});

test("a line that breaks in the middle costs what was on its way, no more", here, async () => {
  const { peer, phone } = await world(served.url);
  for (let n = 0; n < 120; n += 1) await saved(phone, BP);
  let exchanges = 0;
  phone.line.rule = (_, path) => (path === "/v1/sync" && (exchanges += 1) === 2 ? "before" : "");
  const cut = await phone.sync();
  assert.deepEqual([cut.pushed, cut.why, await waiting(phone)], [50, ["offline"], 70]);
  const report = await phone.sync();
  assert.deepEqual([report.pushed, report.complete], [70, true]);
  await agree(phone, peer);
});

test("a reply lost twice does not double a visit", here, async () => {
  const { peer, phone } = await world(served.url);
  await phone.sync();
  const record = await saved(phone, BP);
  phone.line.rule = () => "after";
  for (let n = 0; n < 2; n += 1) {
    const report = await phone.sync();
    assert.deepEqual([report.complete, report.why, report.reasons], [false, ["offline"], ["cut after"]]);
    assert.equal(await waiting(phone), 1);
  }
  phone.line.rule = () => "";
  assert.ok((await phone.sync()).complete);
  assert.deepEqual(await peer.tell(`dict(peer.records["${record}"].seen)`), { actor0001: 1 });
  assert.equal(await waiting(phone), 0);
  await agree(phone, peer);
});

for (const seed of [1, 2, 3, 4]) {
  test(`on a line that loses and doubles everything arrives once (${seed})`, here, async () => {
    const { peer, phone } = await world(served.url);
    let state = seed * 7919;
    const chance = (/** @type {number} */ n) => (state = (state * 48271) % 2147483647) % n;
    phone.line.rule = () => /** @type {const} */ (["", "", "", "", "", "before", "after", "twice"])[chance(8)];
    await peer.do("colleagues_visits(peer, 60); peer.old = peer.copy()");
    const theirs = (await visits(peer)).slice(0, 4);
    const mine = [];
    for (let day = 0; day < 12; day += 1) {
      mine.push(await saved(phone, BP));
      await phone.sync();
      for (const record of theirs) if (await inBase(phone, record)) await saved(phone, { tests: { name: `day ${day}` } }, record);
      if (day === 4) await peer.do("clone(peer)");
      if (day === 8) await peer.do("peer.restored(peer.old)");
      await phone.sync();
    }
    let report = await phone.sync();
    for (let n = 0; n < 100 && !report.complete; n += 1) report = await phone.sync();
    assert.ok(report.complete, report.reasons.join());
    const [values, tests] = await peer.tell(
      `[[shown(peer.records[r])["vitals"]["systolic_mmhg"] for r in ${JSON.stringify(mine)}],
        [shown(peer.records[r])["tests"]["name"] for r in VISITS[:4]]]`,
    );
    assert.deepEqual(
      values,
      mine.map(() => 152),
    );
    assert.deepEqual(
      tests,
      theirs.map(() => "day 11"),
    );
    await agree(phone, peer);
  });
}

test("an edit made during a sync waits for its turn and arrives", here, async () => {
  const { peer, phone } = await world(served.url);
  const record = await saved(phone, BP);
  let made = 0;
  phone.line.rule = async () => {
    if (made < 3) await saved(phone, { tests: { name: `${made++}` } }, record);
    return "";
  };
  assert.ok((await phone.sync()).complete);
  assert.equal(await waiting(phone), 0);
  assert.deepEqual(await peer.tell(`shown(peer.records["${record}"])["tests"]`), { name: "2" });
  await agree(phone, peer);
});

test("a lapsed token is renewed and nothing is removed", here, async () => {
  const { phone } = await world(served.url);
  await phone.sync();
  const record = await saved(phone, BP);
  for (const asked of [
    ["sync", "token", "token", "sync", "types", "my-work", "names"],
    ["sync", "token", "sync", "types", "my-work", "names"],
  ]) {
    await phone.store.save({ access: "lapsed" });
    phone.line.asked = [];
    assert.ok((await phone.sync()).complete);
    assert.deepEqual(routes(phone), asked, "the nonce of the last time serves");
  }
  assert.ok(await inBase(phone, record));
});

test("answers of somebody else change nothing", here, async () => {
  const { peer, phone } = await world(served.url);
  await phone.sync();
  await saved(phone, BP);
  const was = await phone.store.account();
  for (const answer of [
    '{"hello": "log in to the hotel"}',
    '{**honest(body).body, "digests": {"v1": {"count": 0, "sum": "x"}}}',
    '{**honest(body).body, "changes": [{"record": 1}]}',
    '{**honest(body).body, "receipts": []}',
    '{**honest(body).body, "nonce": None}',
  ]) {
    await peer.do(`honest = type(peer).on_sync.__get__(peer)\npeer.on_sync = lambda body: Reply(200, ${answer})`);
    const report = await phone.sync();
    assert.deepEqual([report.complete, report.why], [false, ["bad-reply"]], answer);
    assert.deepEqual(await phone.store.account(), was, answer);
    assert.equal(await waiting(phone), 1);
  }
  await peer.do("del peer.on_sync");
  assert.ok((await phone.sync()).complete);
});

test("a server that always has more and sends nothing ends the sync", here, async () => {
  const { peer, phone } = await world(served.url);
  await peer.do('honest = peer.on_sync\npeer.on_sync = lambda body: Reply(200, {**honest(body).body, "more": True})');
  const report = await phone.sync();
  assert.match(report.reasons[0], /nothing moves/);
  assert.ok(phone.line.asked.length < 8);
});

// -- refusals

test("what the server sets aside leaves the outbox with its reason", here, async () => {
  const { peer, phone } = await world(served.url);
  const record = await saved(phone, BP);
  await peer.do('peer.scopes = {"v1": False}');
  const report = await phone.sync();
  assert.deepEqual([report.setAside, report.pushed, report.complete], [1, 0, true]);
  const [{ edit, reason }] = await phone.store.snapshot((tables) => tables.setAside());
  assert.deepEqual([edit.record, edit.sections, reason], [record, BP, "out-of-scope"]);
  assert.equal(await waiting(phone), 0);
});

test("a gap is healed with the state of the record", here, async () => {
  const { peer, phone } = await world(served.url);
  await peer.do("colleagues_visits(peer, 2)");
  await phone.sync();
  await peer.do("del peer.records[VISITS[0]]; del peer.seq[VISITS[0]]");
  await saved(phone, { tests: { name: "ECG" } }, (await visits(peer))[0]);
  const report = await phone.sync();
  assert.deepEqual([report.complete, report.pushed], [true, 1]);
  await agree(phone, peer);
});

test("a gap that stays holds up that record only and is told", here, async () => {
  const { peer, phone } = await world(served.url);
  await peer.do("colleagues_visits(peer, 2)");
  await phone.sync();
  await peer.do("peer.foreign = False; del peer.records[VISITS[0]]; del peer.seq[VISITS[0]]");
  const [first] = await visits(peer);
  await saved(phone, { tests: { name: "ECG" } }, first);
  const other = await saved(phone, BP);
  phone.line.asked = [];
  const report = await phone.sync();
  assert.deepEqual([report.complete, report.pushed, report.why], [false, 1, ["waits"]]);
  assert.equal(phone.line.asked.length, 2);
  assert.deepEqual(
    (await phone.store.outbox()).map(({ record }) => record),
    [first],
  );
  assert.ok(await peer.tell(`"${other}" in peer.records`));
});

// -- clones and restored phones

test("a phone put back from a copy goes on under a new name", here, async (t) => {
  const { peer, phone } = await world(served.url);
  const record = await saved(phone, BP);
  await phone.sync();
  const old = freshName();
  await copied(phone.store.name, old);
  await saved(phone, { tests: { name: "before" } }, record);
  await saved(phone, BP);
  assert.ok((await phone.sync()).complete);
  assert.ok((await phone.sync()).complete);
  phone.store.close();
  phone.store = await Store.open(old, "493027");
  t.after(() => phone.store.close());
  await saved(phone, { tests: { name: "after" } }, record);
  const report = await phone.sync();
  assert.deepEqual([report.complete, report.pushed], [true, 1]);
  assert.notEqual((await phone.store.account()).actor, "actor0001");
  const names = (await inBase(phone, record))?.record.edits.map(({ sections }) => sections.tests?.name).filter(Boolean);
  assert.deepEqual(names?.sort(), ["after", "before"]);
  await agree(phone, peer);
});

test("an edit whose dot a clone has used is made anew and not lost", here, async () => {
  const { peer, phone } = await world(served.url);
  const record = await saved(phone, BP);
  await phone.sync();
  await peer.do(`changed_by(peer, "${record}", "actor0001", 2, {"tests": {"name": "of the clone"}})`);
  await saved(phone, { tests: { name: "ours" } }, record);
  const report = await phone.sync();
  assert.deepEqual([report.complete, report.setAside], [true, 0]);
  const names = (await inBase(phone, record))?.record.edits.map(({ sections }) => sections.tests?.name).filter(Boolean);
  assert.deepEqual(names?.sort(), ["of the clone", "ours"]);
  await agree(phone, peer);
});

test("a server that accepts no name ends the sync and loses nothing", here, async () => {
  const { peer, phone } = await world(served.url);
  await saved(phone, BP);
  await peer.do("peer.on_sync = lambda body: (clone(peer), type(peer).on_sync(peer, body))[1]");
  const report = await phone.sync();
  assert.match(report.reasons[0], /no new name/);
  assert.equal(await waiting(phone), 1);
});

// -- restored servers

test("a restored server is made whole by the phone", here, async () => {
  const { peer, phone } = await world(served.url);
  await peer.do("colleagues_visits(peer, 40)");
  await phone.sync();
  await peer.do(
    "peer.old = peer.copy()",
    'changed_by(peer, VISITS[0], "colleague2", 1, {"tests": {"name": "seen by the phone only"}})',
    'peer.put(a_record(VISITS[100], {"vitals": {"systolic_mmhg": 130}}))',
  );
  const mine = await saved(phone, BP);
  await phone.sync();
  const whole = await peer.tell("{name: dict(r.seen) for name, r in peer.records.items()}");
  await saved(phone, { tests: { name: "waits" } }, mine);
  await peer.do("peer.restored(peer.old)");
  const { actor } = await phone.store.account();
  const report = await phone.sync();
  assert.deepEqual([report.complete, report.pushed], [true, 1]);
  const now = await phone.store.account();
  assert.notEqual(now.actor, actor);
  assert.equal(now.epoch, "e1x");
  const after = await peer.tell("{name: dict(r.seen) for name, r in peer.records.items()}");
  assert.deepEqual({ ...after, [mine]: 0 }, { ...whole, [mine]: 0 });
  assert.deepEqual(await peer.tell(`shown(peer.records["${mine}"])`), { ...BP, tests: { name: "waits" } });
  await agree(phone, peer);
});

for (const fate of /** @type {const} */ (["before", "after"])) {
  test(`healing may be cut ${fate} any request and is taken up again`, here, async () => {
    for (let cut = 1; cut < 40; cut += 1) {
      const { peer, phone } = await world(served.url);
      await peer.do("colleagues_visits(peer, 3)");
      await phone.sync();
      await peer.do(
        "peer.old = peer.copy()",
        'for r in VISITS[:2]: changed_by(peer, r, "colleague2", next(peer.numbers), {"tests": {"name": "new"}})',
      );
      const mine = await saved(phone, BP);
      await phone.sync();
      const [first] = await visits(peer);
      await saved(phone, { tests: { name: "waits" } }, mine);
      await saved(phone, { symptoms: { symptoms: ["none"] } }, first);
      await peer.do("peer.restored(peer.old)");
      phone.line.count = 0;
      phone.line.rule = (n) => (n === cut ? fate : "");
      const cutShort = await phone.sync();
      phone.line.rule = () => "";
      const report = await phone.sync();
      assert.ok(report.complete, `${cut} ${report.reasons}`);
      const [ours, tests, symptoms] = await peer.tell(
        `[shown(peer.records["${mine}"]), [shown(peer.records[r])["tests"]["name"] for r in VISITS[:2]],
          shown(peer.records[VISITS[0]])["symptoms"]]`,
      );
      assert.deepEqual([ours, tests, symptoms], [{ ...BP, tests: { name: "waits" } }, ["new", "new"], { symptoms: ["none"] }]);
      await agree(phone, peer);
      phone.store.close();
      if (cutShort.complete) return;
    }
    assert.fail("a sync of more than forty requests");
  });
}

// -- do both ends agree?

test("records that were damaged or lost on the phone are fetched again", here, async () => {
  const { peer, phone } = await world(served.url);
  await peer.do("colleagues_visits(peer, 100)");
  await phone.sync();
  const [, , , lost, damaged] = await visits(peer);
  const held = await inBase(phone, damaged);
  assert.ok(held);
  const [live] = held.record.edits;
  await phone.store.transaction(async (tables) => {
    await tables.put([{ ...held, record: { ...held.record, edits: [{ ...live, sections: { vitals: { systolic_mmhg: 1 } } }] } }]);
    await tables.keep({ put: new Map(), drop: [lost], settled: [], aside: [], gaps: [], reused: false });
  });
  const report = await phone.sync();
  assert.deepEqual([report.complete, report.pulled], [true, 2]);
  await agree(phone, peer);
});

test("a server that lost a record gets it back", here, async () => {
  const { peer, phone } = await world(served.url);
  await peer.do("colleagues_visits(peer, 100)");
  await phone.sync();
  await peer.do("del peer.records[VISITS[3]]; del peer.seq[VISITS[3]]");
  assert.ok((await phone.sync()).complete);
  assert.ok(await peer.tell("VISITS[3] in peer.records"));
  await agree(phone, peer);
});

test("a difference that stays is told and the sync is not complete", here, async () => {
  const { peer, phone } = await world(served.url);
  await peer.do("colleagues_visits(peer, 3)");
  await phone.sync();
  await peer.do("peer.foreign = False; del peer.records[VISITS[2]]; del peer.seq[VISITS[2]]");
  const report = await phone.sync();
  assert.deepEqual([report.reasons, report.why], [["phone and server hold different records of v1"], ["differs"]]);
  assert.ok(await inBase(phone, (await visits(peer))[2]));
});

// -- households that move, doctors that leave, phones that are lost

test("a record that moved away is dropped and a waiting edit of it still arrives", here, async () => {
  const { peer, phone } = await world(served.url);
  await peer.do("colleagues_visits(peer, 3)");
  await phone.sync();
  const [, second, third] = await visits(peer);
  await saved(phone, { tests: { name: "ECG" } }, second);
  await peer.do(
    'peer.move(VISITS[0], "v9"); peer.move(VISITS[1], "v9"); peer.scopes["v9"] = True',
    'visible = peer._scopes; peer._scopes = lambda: {"v1": visible()["v1"]}',
  );
  assert.ok((await phone.sync()).complete);
  assert.deepEqual(await ids(phone), [third]);
  assert.deepEqual(await peer.tell('shown(peer.records[VISITS[1]])["tests"]'), { name: "ECG" });
});

test("a record that moved away may be written again, its author's chain whole", here, async () => {
  const { peer, phone } = await world(served.url);
  const who = await saved(phone, { identity: { name: "王秀兰" } });
  await phone.sync();
  await peer.do(`peer.move("${who}", "v9")`);
  await phone.sync();
  assert.deepEqual(await ids(phone), []);
  await saved(phone, { contact: { phone: "13800001111" } }, who);
  assert.ok((await phone.sync()).complete);
  assert.deepEqual(await peer.tell(`shown(peer.records["${who}"])["contact"]`), { phone: "13800001111" });
  assert.deepEqual(await ids(phone), []);
});

test("a scope that was taken away goes when nothing waits for it", here, async () => {
  const { peer, phone } = await world(served.url, "v1", "v2");
  await peer.do('peer.put(a_record(VISITS[0], {"vitals": {}})); peer.put(a_record(VISITS[1], {"vitals": {}}, scope="v2"))');
  await phone.sync();
  const [first, second] = await visits(peer);
  await saved(phone, { tests: { name: "ECG" } }, second);
  await peer.do('del peer.scopes["v2"]');
  phone.line.rule = () => "after";
  await phone.sync();
  assert.ok(await inBase(phone, second));
  phone.line.rule = () => "";
  assert.ok((await phone.sync()).complete);
  assert.deepEqual(await ids(phone), [first]);
  await phone.store.snapshot(async (tables) => {
    assert.deepEqual(Object.keys(await tables.checkpoints()), ["v1"]);
    assert.deepEqual(
      (await tables.setAside()).map(({ reason }) => reason),
      ["out-of-scope"],
    );
  });
});

test("a scope that is taken away while the doctor writes stays until that is delivered", here, async () => {
  const { peer, phone } = await world(served.url, "v1", "v2");
  await peer.do('peer.put(a_record(VISITS[1], {"vitals": {"systolic_mmhg": 152}}, scope="v2"))');
  await phone.sync();
  const second = (await visits(peer))[1];
  await peer.do('del peer.scopes["v2"]');
  phone.line.count = 0;
  phone.line.rule = async (n) => {
    if (n === 1) await saved(phone, { tests: { name: "ECG" } }, second);
    return "";
  };
  /** @type {Promise<any>[]} */
  const seen = [];
  assert.ok((await phone.sync((progress) => progress.waiting && seen.push(inBase(phone, second)))).complete);
  assert.ok((await Promise.all(seen)).every(Boolean) && seen.length);
  assert.deepEqual(await ids(phone), []);
});

test("a doctor who left delivers and then the phone is wiped", here, async () => {
  const { peer, phone } = await world(served.url);
  await peer.do("colleagues_visits(peer, 3)");
  await phone.sync();
  await saved(phone, BP);
  await peer.do("peer.disabled = True");
  const report = await phone.sync();
  assert.deepEqual([report.setAside, report.complete, report.why], [1, false, ["wiped"]]);
  assert.equal(await Store.state(phone.store.name), "retired");
  assert.deepEqual(await ids(phone), []);
  await assert.rejects(phone.sync(), SealedError);
  await assert.rejects(saved(phone, BP), SealedError);
});

test("a lost phone is sealed at once and wiped when it has handed over", here, async () => {
  const { peer, phone } = await world(served.url);
  const record = await saved(phone, BP);
  await phone.sync();
  await saved(phone, { tests: { name: "unsent" } }, record);
  await peer.do("peer.revoked = True");
  phone.line.rule = (_, path) => (path === "/v1/deposit" ? "before" : "");
  assert.ok(!(await phone.sync()).complete);
  assert.equal(await Store.state(phone.store.name), "sealed");
  await phone.reopened();
  assert.deepEqual([(await phone.store.account()).mode, await waiting(phone)], ["sealed", 1]);
  phone.line.rule = () => "";
  const report = await phone.sync();
  assert.deepEqual([report.setAside, report.complete], [1, false]);
  assert.deepEqual([(await phone.store.account()).mode, await ids(phone)], ["retired", []]);
  assert.deepEqual(await peer.tell('[o["status"] for _, o in peer.log.values()]'), ["applied", "deposited"]);
});

test("a phone that was found again goes on", here, async () => {
  const { peer, phone } = await world(served.url);
  await phone.sync();
  const record = await saved(phone, BP);
  await peer.do("peer.revoked = True");
  phone.line.rule = (_, path) => (path === "/v1/deposit" ? "before" : "");
  await phone.sync();
  assert.equal((await phone.store.account()).mode, "sealed");
  await peer.do("peer.revoked = False");
  phone.line.rule = () => "";
  assert.ok((await phone.sync()).complete);
  assert.equal((await phone.store.account()).mode, "enrolled");
  assert.ok(await inBase(phone, record));
});

test("a bare refusal removes nothing", here, async () => {
  const { peer, phone } = await world(served.url);
  await saved(phone, BP);
  for (const [status, body] of [
    [401, "None"],
    [403, "None"],
    [403, '{"type": "about:blank"}'],
    [500, "None"],
  ]) {
    await peer.do(`peer.request = lambda *_a: Reply(${status}, ${body})`);
    const report = await phone.sync();
    assert.deepEqual([report.complete, report.why], [false, ["refused"]]);
    assert.deepEqual([(await phone.store.account()).mode, await waiting(phone)], ["enrolled", 1]);
  }
});

// -- what comes along

test("what the reports of a past month count is asked for and kept", here, async () => {
  const { peer, phone } = await world(served.url);
  const month = "2026-09";
  await peer.do(
    `line = {"record": "r1", "reason": None, "report": {"area": "v1", "issue": 1, "counted": True}}`,
    `peer.work["${month}"] = {"reports": [{"village": "v1", "area": "v1", "issue": 1}], "lines": [line]}`,
  );
  await phone.store.transaction((tables) => tables.keepReport(month, null));
  assert.ok((await phone.sync()).complete);
  const body = await phone.store.snapshot(async (tables) => (await tables.reports()).get(month));
  const report = { area: "v1", issue: 1 };
  assert.deepEqual([body.records, body.reports], [{ r1: { ...report, counted: true } }, [{ village: "v1", ...report }]]);
  phone.line.asked = [];
  await phone.sync();
  const asked = phone.line.asked.map(({ path }) => path).filter((path) => path.includes(month));
  assert.deepEqual(asked, [`/v1/my-work?month=${month}&only=reports`], "the whole of it only where another issue holds");
});

test("the catalogue is fetched first, and again when it is another", here, async () => {
  const { peer, phone } = await world(served.url);
  const version = async () => (await phone.store.snapshot((tables) => tables.catalogueAbout()))?.version;
  await phone.sync();
  assert.deepEqual([routes(phone)[0], await version()], ["types", "none"]);
  await peer.do('peer.on_types = lambda _b: Reply(200, {"version": "next", "types": [], "codes": {}})');
  await phone.sync();
  assert.equal(await version(), "next");
  await peer.do('peer.on_types = lambda _b: Reply(200, {"version": "bad"})');
  assert.ok((await phone.sync()).complete, "what is kept goes on holding");
  assert.equal(await version(), "next");
});
