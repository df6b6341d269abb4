// Edits, records and replicas: what Python's `apply`, `merge` and `remarks` make of them.
import { deepStrictEqual as same } from "node:assert";
import { test } from "node:test";
import { counts, decidesNothing } from "../../client_sdk/js/sync/decided.js";
import * as core from "../../client_sdk/js/sync/record.js";
import { programmeOf, scopeName, villageOf } from "../../client_sdk/js/sync/scopes.js";
import { joined, upto } from "../../client_sdk/js/sync/version.js";
import { every } from "./vectors.js";

/** @typedef {import("../../client_sdk/js/sync/record.js").Record} Record */

const ENVELOPE = { record: "", type: "", subject: null, scope: "" };
const WORDS = { at: "", written_at: "", author: "" };

/** @param {any} state @returns {Record} */
const recordOf = ({ seen, edits }) => ({ ...ENVELOPE, seen, edits: edits.map((/** @type {any} */ edit) => ({ ...WORDS, ...edit })) });

/** @param {Record} record */
const stateOf = ({ seen, edits }) => ({ seen, edits: edits.map(({ dot, sections }) => ({ dot, sections })) });

/** @param {string} section @returns {import("../../client_sdk/js/sync/record.js").Policy} */
function policy(section) {
  const family = core.family(section);
  return family === "contact" ? "latest" : family === "medication" ? "review" : "ask";
}

/** Freeze all of it, so that whoever changes what was handed in is found out. @param {any} value */
function frozen(value) {
  if (value && typeof value === "object") Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

/** @param {Record} record @param {any} told */
function reads(record, told) {
  same(core.shown(record), told.shown);
  same(Object.keys(core.clashing(record)).sort(), told.clashing);
  const conflicts = Object.entries(core.conflicts(record, policy)).map(([name, found]) => [name, found.map((one) => one.edit.dot)]);
  same(Object.fromEntries(conflicts), told.conflicts);
}

test("an edit is applied, known already, or waits for what it has seen", () =>
  every("apply.json", "edit", ({ record, edit, status, result }) => {
    const given = frozen({ ...ENVELOPE, ...WORDS, ...edit });
    const found = core.apply(frozen(recordOf(record)), given, "");
    same([found.status, stateOf(found.record)], [status, result]);
  }));

test("behind an edit that was set aside the author's chain goes on", () => {
  const edit = { ...ENVELOPE, ...WORDS, dot: /** @type {const} */ (["anaphone", 9]), context: { anaphone: 8 }, sections: { plan: {} } };
  const before = { ...core.blank({ ...edit, dot: ["anaphone", 9] }), seen: { anaphone: 7 } };
  const status = (/** @type {number[]} */ deposited) => core.apply(before, { ...edit, dot: ["anaphone", 9] }, "", deposited).status;
  same([[], [7], [6, 8]].map(status), ["gap", "gap", "applied"]);
});

test("two replicas amount to the same, whoever calls on whom", () =>
  every("merge.json", "a", ({ a, b, result }) => {
    const [one, other] = [frozen(recordOf(a)), frozen(recordOf(b))];
    same(stateOf(core.merge(one, other)), result);
    same(stateOf(core.merge(other, one)), result);
  }));

test("of what both hold the words of the second about it stand", () => {
  const [a, b] = ["2026-11-21T00:15:00.000Z", "2026-11-22T00:15:00.000Z"].map((at) => ({
    ...recordOf({ seen: { anaphone: 1 }, edits: [] }),
    scope: `since ${at}`,
    edits: [{ ...WORDS, at, dot: /** @type {[string, number]} */ (["anaphone", 1]), sections: { plan: {} } }],
  }));
  same([core.merge(a, b), core.merge(b, a)], [b, a]);
});

test("what an edit leaves, shows and asks about", () =>
  every("edits.json", "edit", ({ record, edit, at, standing, after, remarks, ...told }) => {
    const found = core.fold(frozen(record), frozen(edit), at);
    same(found, after);
    reads(found, told);
    same(core.remarks(record, edit, policy, frozen(standing)), remarks);
  }));

test("what a meeting of two phones shows and asks about", () =>
  every("edits.json", "a", ({ a, b, remarks, ...told }) => {
    reads(core.merge(frozen(a), frozen(b)), told);
    same(core.mergeRemarks(a, b, policy), remarks);
  }));

test("which word of a decision counts", () =>
  every("decided.json", "counts", ({ actor, value, written, counts: told }) => same(counts(actor, value, written), told)));

test("who decided alone decided nothing", () =>
  every("decided.json", "idle", ({ record, idle }) => {
    const live = core.sections(record);
    const found = record.edits.filter((/** @type {any} */ edit) => decidesNothing(edit, live));
    same(found.map((/** @type {any} */ edit) => edit.dot), idle);
  }));

test("a scope is named by its place and programme", () => {
  same([scopeName("411403101201", "tb"), scopeName("411403101201", null)], ["411403101201:tb", "411403101201"]);
  same(["411403101201:tb", "411403101201", "411403101"].map(programmeOf), ["tb", null, null]);
  same(["411403101201:smd", "411403101"].map(villageOf), ["411403101201", "411403101"]);
});

test("an actor that was never seen counts as nothing and is not written down", () => {
  same([upto({}, "constructor"), upto({ constructor: 2 }, "constructor")], [0, 2]);
  same(joined({ anaphone: 2, benphone: 0 }, { camphone: 0, anaphone: 1, danphone: 4 }), { anaphone: 2, danphone: 4 });
});
