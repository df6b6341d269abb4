// What the lists show while what they say of somebody is being worked out anew.
import assert from "node:assert/strict";
import { test } from "node:test";

Object.assign(globalThis, { location: { hash: "" }, localStorage: { getItem: () => null }, navigator: { onLine: true } });
const { Syncing } = await import("../../server/app/static/syncing.js");

const row = (/** @type {string} */ resident, /** @type {string} */ said) => ({ resident, name: resident, said });

/** A phone of which `made` rows are there at once and `every` row a moment later. @param {any[]} made @param {any[]} every */
const phone = (made, every) => ({
  status: async () => ({ mode: "open", scopes: {} }), names: async () => ({}), find: async () => [], needsAttention: async () => [],
  rowsNow: async () => ({ rows: made, behind: every.length - made.length }), rows: async () => every,
});

/** What was drawn, one list after the other. @param {any} app @param {any} client @returns {Promise<string[][]>} */
async function drawn(app, client) {
  /** @type {string[][]} */
  const lists = [];
  const end = app.onChange(() => lists.push(app.rows.map((/** @type {any} */ one) => `${one.name} ${one.said}`)));
  app.client = client;
  await app.refresh();
  end();
  return lists.filter((list, i) => i === 0 || list.join() !== lists[i - 1].join());
}

test("who is worked out anew keeps their place in the list meanwhile", async () => {
  const app = new Syncing();
  await drawn(app, phone([row("高玉山", "逾期"), row("高广才", "逾期")], [row("高玉山", "逾期"), row("高广才", "逾期")]));
  assert.deepEqual(await drawn(app, phone([row("高广才", "逾期")], [row("高玉山", "已随访"), row("高广才", "逾期")])), [
    ["高玉山 逾期", "高广才 逾期"],
    ["高玉山 已随访", "高广才 逾期"],
  ]);
});

test("where nobody is shown yet, those who are there at once are", async () => {
  const every = [row("高玉山", "逾期"), row("高广才", "逾期")];
  assert.deepEqual(await drawn(new Syncing(), phone(every.slice(1), every)), [["高广才 逾期"], ["高玉山 逾期", "高广才 逾期"]]);
});
