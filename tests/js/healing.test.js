// Finding the records that differ, and deciding whose state stands.
import assert from "node:assert/strict";
import { test } from "node:test";
import { agrees, below, repair, step } from "../../client_sdk/js/healing.js";
import { ofHashes, prefixOf, recordHash, wire } from "../../client_sdk/js/sync/digest.js";
import { merge } from "../../client_sdk/js/sync/record.js";

/** @typedef {import("../../client_sdk/js/sync/record.js").Record} Rec */

const policies = () => () => /** @type {const} */ ("ask");
const id = (/** @type {number} */ n) =>
  Math.imul(n + 1, 2654435761)
    .toString(16)
    .replace("-", "f")
    .padStart(8, "0")
    .replace(/^(.*)$/, "$1-0000-7000-8000-000000000000");
const hash = (/** @type {number} */ n) => n.toString(16).padStart(32, "0");
const ids = (/** @type {number} */ n) => [...new Set(Array.from({ length: n }, (_, k) => id(k)))];
const hashes = (/** @type {string[]} */ names) => new Map(names.map((name, n) => [name, hash(n)]));

/** What a server says below a prefix. @param {Map<string, string>} every @param {string} prefix */
function node(every, prefix) {
  const told = (/** @type {string} */ longer) => wire(ofHashes(below(longer, every).values()));
  const children = Object.fromEntries(
    [..."0123456789abcdef"].map((digit) => [digit, told(prefix + digit)]).filter(([, one]) => /** @type {any} */ (one).count),
  );
  return { ...told(prefix), children };
}

/**
 * Fetched and lacking records, and how many digests were asked for.
 * @param {Map<string, string>} mine @param {Map<string, string>} theirs
 */
function walk(mine, theirs) {
  const [fetched, lacking, prefixes] = [new Set(), new Set(), [""]];
  let asked = 0;
  for (let prefix = prefixes.pop(); prefix !== undefined; prefix = prefixes.pop()) {
    asked += 1;
    const found = step(prefix, node(theirs, prefix), mine);
    prefixes.push(...found.closer);
    for (const one of found.lacking) lacking.add(one);
    for (const longer of found.fetch) {
      const there = below(longer, theirs);
      for (const one of there.keys()) fetched.add(one);
      for (const one of below(longer, mine).keys()) if (!there.has(one)) lacking.add(one);
    }
  }
  return { fetched, lacking, asked };
}

test("equal scopes cost one look", () => {
  const same = hashes(ids(1000));
  assert.deepEqual(walk(same, same), { fetched: new Set(), lacking: new Set(), asked: 1 });
  assert.deepEqual(walk(new Map(), new Map()), { fetched: new Set(), lacking: new Set(), asked: 1 });
});

test("one record of thousands is found in a few looks", () => {
  const every = hashes(ids(6000));
  const odd = ids(6000)[4321];
  const { fetched, lacking, asked } = walk(new Map(every).set(odd, hash(1 << 20)), every);
  assert.ok(fetched.has(odd));
  assert.ok(fetched.size <= 32 && asked <= 4, `${fetched.size} ${asked}`);
  assert.deepEqual(lacking, new Set());
});

test("what only one side has is found", () => {
  const names = ids(3000);
  const [mine, theirs] = [hashes(names), hashes(names)];
  for (const name of names.slice(0, 5)) mine.delete(name);
  for (const name of names.slice(5, 9)) theirs.delete(name);
  const { fetched, lacking } = walk(mine, theirs);
  for (const name of names.slice(0, 5)) assert.ok(fetched.has(name));
  assert.deepEqual(lacking, new Set(names.slice(5, 9)));
  assert.deepEqual(walk(new Map(), theirs).fetched, new Set(theirs.keys()));
  assert.deepEqual(walk(mine, new Map()).lacking, new Set(mine.keys()));
  assert.ok(agrees(new Map(), undefined) && !agrees(mine, undefined));
});

/** @param {string} record @param {any} sections @param {string} [actor] @returns {Rec} */
function aRecord(record, sections, actor = "colleague1") {
  const live = {
    dot: /** @type {[string, number]} */ ([actor, 1]),
    at: "2026-11-21T00:00:00.000Z",
    written_at: "2026-11-21T00:00:00.000Z",
    author: "p-li",
    sections,
  };
  return { record, type: "hypertension_visit", subject: null, scope: "v1", seen: { [actor]: 1 }, edits: [live] };
}

/** @param {Rec[]} mine @param {Rec[]} theirs */
async function repaired(mine, theirs) {
  const here = new Map();
  for (const record of mine) here.set(record.record, await recordHash(record));
  const { put, lacking } = await repair(
    here,
    new Map(mine.map((record) => [record.record, { record, issues: null }])),
    theirs,
    policies,
  );
  return { put: put.map(({ record }) => record), lacking: lacking.sort() };
}

test("the server's state stands where it has seen everything", async () => {
  const [damaged, whole] = [aRecord(id(1), { vitals: { n: 9 } }), aRecord(id(1), { vitals: { n: 1 } })];
  assert.deepEqual(await repaired([damaged], [whole]), { put: [whole], lacking: [] });
  assert.deepEqual(await repaired([], [whole]), { put: [whole], lacking: [] });
});

test("what the server lacks is owed and what both have is joined", async () => {
  const [one, two] = [id(1), id(2)];
  const [ours, theirs] = [aRecord(one, { vitals: {} }, "colleague1"), aRecord(one, { tests: {} }, "colleague2")];
  const joined = merge(ours, theirs);
  assert.deepEqual(await repaired([ours, aRecord(two, { vitals: {} })], [theirs]), { put: [joined], lacking: [one, two].sort() });
  assert.deepEqual(await repaired([joined], [theirs]), { put: [], lacking: [one] });
});

test("prefixes ignore hyphens", () => {
  const name = "01970000-abcd-7000-8000-000000000001";
  assert.equal(prefixOf(name, 10), "01970000ab");
  assert.deepEqual(below("01970000ab", new Map([[name, hash(1)]])), new Map([[name, hash(1)]]));
});
