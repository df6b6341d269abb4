// What the JavaScript makes of edits and replicas, line by line, for those who compare it with Python: `{edits}`, each with its
// `at` and the counters that were `deposited`, arrive one after the other; `{a, b}` meet.
import { createInterface } from "node:readline";
import { editFromWire, recordFromWire } from "../../client_sdk/js/sync/codec.js";
import { recordHash } from "../../client_sdk/js/sync/digest.js";
import * as core from "../../client_sdk/js/sync/record.js";

/** @param {string} section @returns {import("../../client_sdk/js/sync/record.js").Policy} */
function policy(section) {
  const family = core.family(section);
  return family === "contact" ? "latest" : family === "medication" ? "review" : "ask";
}

/** @param {{edits: {edit: any, at: string, deposited: number[]}[]}} asked */
function arrived({ edits }) {
  let record = core.blank(edits[0].edit);
  /** @type {import("../../client_sdk/js/sync/record.js").Remark[]} */
  let remarks = [];
  const statuses = [];
  for (const { edit: sent, at, deposited } of edits) {
    const edit = editFromWire(sent);
    const applied = core.apply(record, edit, at, deposited);
    if (applied.status === "applied") remarks = core.remarks(record, edit, policy, remarks);
    statuses.push(applied.status);
    record = applied.record;
  }
  return { statuses, record, remarks };
}

/** @param {{a: any, b: any}} asked */
function met(asked) {
  const [a, b] = [recordFromWire(asked.a), recordFromWire(asked.b)];
  return { record: core.merge(a, b), remarks: core.mergeRemarks(a, b, policy) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const told = "edits" in asked ? arrived(asked) : met(asked);
  const conflicts = Object.entries(core.conflicts(told.record, policy));
  const answer = {
    ...told,
    shown: core.shown(told.record),
    clashing: Object.keys(core.clashing(told.record)).sort(),
    conflicts: Object.fromEntries(conflicts.map(([name, found]) => [name, found.map(({ edit }) => edit.dot)])),
    hash: await recordHash(told.record),
    canonical: core.canonical(told.record),
  };
  console.log(JSON.stringify(answer));
}
