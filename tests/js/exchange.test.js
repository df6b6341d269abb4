// What an answer changes on the phone, and how an outbox is made anew.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BadReplyError } from "../../client_sdk/js/errors.js";
import { absorb, batch, changed, met, reissue } from "../../client_sdk/js/exchange.js";
import { blank, fold } from "../../client_sdk/js/sync/record.js";

/** @typedef {import("../../client_sdk/js/sync/record.js").Edit} Edit */
/** @typedef {import("../../client_sdk/js/sync/record.js").Record} Rec */

const [ONE, TWO] = ["01970000-0000-7000-8000-000000000001", "01970000-0000-7000-8000-000000000002"];
const at = (/** @type {number} */ second) => `2026-11-21T00:15:0${second}.000Z`;
/** @type {import("../../client_sdk/js/exchange.js").Policies} */
const policies = () => (section) => (section === "medication" ? "review" : "ask");

/** @param {number} counter @param {Record<string, number>} [context] @param {object} [more] @returns {Edit} */
const edit = (counter, context = {}, more = {}) => ({
  record: ONE,
  type: "hypertension_visit",
  subject: null,
  scope: "v1",
  dot: ["phone0001", counter],
  context,
  written_at: at(1),
  author: "p-li",
  sections: { vitals: { n: counter } },
  ...more,
});

/**
 * A record as one edit of a colleague made it.
 * @param {any} sections @param {{actor?: string, counter?: number, scope?: string, author?: string}} [more] @returns {Rec}
 */
function aRecord(sections, { actor = "colleague1", counter = 1, scope = "v1", author = "p-zhao" } = {}) {
  const dot = /** @type {[string, number]} */ ([actor, counter]);
  const live = { dot, at: at(2), written_at: at(2), author, sections };
  return { record: ONE, type: "hypertension_visit", subject: null, scope, seen: { [actor]: counter }, edits: [live] };
}

/** @param {Edit} of @param {string} status @param {string} [reason] */
const receipt = ({ dot }, status, reason) => ({ dot, status, at: at(5), ...(reason ? { reason } : { issues: [] }) });

/**
 * @param {Edit[]} sent @param {(string | [string, string])[]} statuses
 * @param {{base?: Rec[], changes?: any[], deposited?: [string, number][], waiting?: Edit[]}} [more]
 */
function answer(sent, statuses, { base = [], changes = [], deposited = [], waiting = sent } = {}) {
  const held = new Map(base.map((record) => [record.record, { record, issues: null }]));
  const receipts = sent.map((one, n) => receipt(one, .../** @type {[string, string]} */ ([statuses[n]].flat())));
  changed({ changes });
  return absorb(sent, waiting, held, deposited, { receipts, changes }, policies);
}

test("an applied edit moves into the base with the server's time", () => {
  for (const status of ["accepted", "merged", "conflict", "duplicate"]) {
    const effects = answer([edit(1)], [status]);
    assert.equal(effects.put.get(ONE)?.record.edits[0].at, at(5));
    assert.deepEqual(effects.settled, [["phone0001", 1]]);
  }
});

test("an edit that the base knows already changes nothing in it", () => {
  const known = fold(blank(edit(1)), edit(1), at(5));
  const later = fold(known, edit(2, { phone0001: 1 }), at(6));
  assert.deepEqual(answer([edit(1)], ["duplicate"], { base: [later] }).put.get(ONE)?.record, later);
});

test("a base that lacks what the author saw is left alone", () => {
  const saw = edit(1, { colleague1: 3 });
  const effects = answer([saw], ["accepted"], { base: [aRecord({ vitals: {} }, { counter: 2 })] });
  assert.deepEqual([effects.put.size, effects.settled], [0, [saw.dot]]);
  assert.equal(answer([edit(2, { phone0001: 1 })], ["accepted"]).put.size, 0);
});

test("an edit behind a deposited one moves into the base", () => {
  const [first, second] = [edit(1), edit(2, { phone0001: 1 }, { sections: { tests: {} } })];
  const effects = answer([first, second], [["deposited", "malformed"], "accepted"]);
  assert.deepEqual(effects.aside, [{ edit: first, reason: "malformed" }]);
  assert.deepEqual(effects.put.get(ONE)?.record.seen, { phone0001: 2 });
  const alone = answer([second], ["accepted"], { deposited: [["phone0001", 1]] });
  assert.deepEqual(alone.put.get(ONE)?.record.seen, { phone0001: 2 });
});

test("an edit stays as long as an earlier one of its record does", () => {
  const [first, second, other] = [edit(1), edit(2, { phone0001: 1 }), edit(3, {}, { record: TWO })];
  const effects = answer([first, second, other], ["gap", "accepted", "accepted"]);
  assert.deepEqual([effects.settled, effects.gaps], [[other.dot], [ONE]]);
  assert.deepEqual(answer([second], ["accepted"], { waiting: [first, second] }).settled, []);
  assert.deepEqual(answer([first, second], ["accepted", "accepted"]).settled, [first.dot, second.dot]);
});

test("a reused dot stays in the outbox", () => {
  const effects = answer([edit(1)], [["deposited", "dot-reused"]]);
  assert.deepEqual([effects.reused, effects.settled, effects.aside], [true, [], []]);
});

test("changes are merged and what moved away is dropped", () => {
  const [mine, theirs] = [aRecord({ vitals: { n: 1 } }), aRecord({ tests: {} }, { actor: "colleague2" })];
  const change = { ...theirs, seq: 4, issues: [{ section: "tests", field: null, code: "c", level: "error" }] };
  const { put } = answer([], [], { base: [mine], changes: [change] });
  assert.deepEqual(put.get(ONE)?.record.seen, { colleague1: 1, colleague2: 1 });
  assert.deepEqual(
    put.get(ONE)?.issues?.map(({ code }) => code),
    ["c"],
  );
  const gone = { record: ONE, scope: "v1", seq: 5, gone: "moved" };
  assert.deepEqual(answer([], [], { base: [mine], changes: [gone] }).drop, [ONE]);
  const elsewhere = answer([], [], { base: [aRecord({}, { scope: "v2" })], changes: [gone] });
  assert.deepEqual([elsewhere.drop, elsewhere.put.size], [[], 0]);
});

test("a damaged base is not handed on", () => {
  const whole = aRecord({ vitals: { n: 1 } });
  for (const damaged of [aRecord({ vitals: { n: 9 } }), { ...whole, edits: [] }]) {
    assert.deepEqual(met({ record: damaged, issues: null }, whole, null, policies).record, whole);
  }
});

test("two lists that were changed apart are to be looked at, whoever sends them next; what was settled stays so", () => {
  const [mine, theirs] = [
    aRecord({ "medication/1": {} }),
    aRecord({ "medication/2": {} }, { actor: "colleague2", author: "p-li" }),
  ];
  const raised = { section: "medication", field: null, code: "review", level: /** @type {const} */ ("warning") };
  assert.deepEqual(met({ record: mine, issues: [] }, theirs, [], policies).issues, [raised]);
  assert.deepEqual(met({ record: mine, issues: [] }, theirs, [raised], policies).issues, [raised]);
  const joined = met({ record: mine, issues: [] }, theirs, [], policies).record;
  const settled = fold(joined, edit(1, joined.seen, { sections: { "medication/1": {} } }), at(7));
  assert.deepEqual(met({ record: settled, issues: [] }, joined, [raised], policies).issues, [], "this phone is ahead");
  assert.deepEqual(met({ record: joined, issues: [raised] }, settled, [], policies).issues, [], "the server is ahead");
});

test("nothing is taken of an answer that is not of the protocol", () => {
  const good = { dot: ["phone0001", 1], status: "accepted", at: at(1) };
  const state = { ...aRecord({ vitals: {} }), seq: 1 };
  for (const reply of [
    { receipts: [], changes: [] },
    { receipts: [{ ...good, dot: ["phone0001", 2] }], changes: [] },
    { receipts: [{ dot: good.dot, status: "accepted" }], changes: [] },
    { receipts: [{ ...good, status: "perhaps" }], changes: [] },
    { receipts: [{ ...good, issues: [{ code: 1 }] }], changes: [] },
    { receipts: [{ dot: good.dot, status: "gap" }], changes: [{ record: ONE }] },
    { receipts: [good], changes: [{ ...state, seen: { colleague1: "1" } }] },
    { receipts: [good], changes: [{ ...state, edits: [{ dot: ["colleague1", 1] }] }] },
    { receipts: [good], changes: [null] },
  ]) {
    assert.throws(
      () => {
        changed(reply);
        absorb([edit(1)], [edit(1)], new Map(), [], reply, policies);
      },
      BadReplyError,
      JSON.stringify(reply),
    );
  }
});

test("edits made anew name what the server can know", () => {
  const outbox = [
    edit(4, { phone0001: 3, colleague1: 2 }),
    edit(5, { phone0001: 1 }, { record: TWO }),
    edit(6, { phone0001: 4, colleague1: 7 }),
  ];
  const made = reissue(outbox, new Map([[ONE, { phone0001: 2, colleague1: 7 }]]), "phone0001", "phone0002");
  assert.deepEqual(
    made.map(({ dot }) => dot),
    [
      ["phone0002", 1],
      ["phone0002", 2],
      ["phone0002", 3],
    ],
  );
  assert.deepEqual(
    made.map(({ context }) => context),
    [{ colleague1: 2, phone0001: 2 }, {}, { colleague1: 7, phone0001: 2, phone0002: 1 }],
  );
  assert.deepEqual(
    made.map(({ sections }) => sections),
    outbox.map(({ sections }) => sections),
  );
});

test("what the first waiting edit had not seen the later ones do not claim", () => {
  const made = reissue(
    [edit(4, { phone0001: 1 }), edit(5, { phone0001: 4 })],
    new Map([[ONE, { phone0001: 3 }]]),
    "phone0001",
    "phone0002",
  );
  assert.deepEqual(
    made.map(({ context }) => context),
    [{ phone0001: 1 }, { phone0001: 1, phone0002: 1 }],
  );
});

test("a request is cut to size but never empty", () => {
  const large = Array.from({ length: 80 }, (_, n) => edit(n + 1, {}, { sections: { vitals: { text: "压".repeat(2_000) } } }));
  assert.equal(batch(large).length, 16, "a hundred thousand bytes of three each");
  assert.equal(batch([edit(1, {}, { sections: { vitals: { text: "x".repeat(600_000) } } }), edit(2)]).length, 1);
  assert.equal(batch(Array.from({ length: 600 }, (_, n) => edit(n + 1))).length, 50);
  assert.deepEqual(batch([]), []);
});
