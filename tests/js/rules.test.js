// What the rules tell the doctor on a phone is what they tell in Python: worked cases of every table.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Catalogue } from "../../client_sdk/js/sync/types/catalogue.js";
import { Advice, NOTHING, advise, inForce, pathsOf } from "../../client_sdk/js/sync/types/rules.js";
import { told } from "./types_answers.js";
import { cases, typesAnswer } from "./vectors.js";

const catalogue = new Catalogue(typesAnswer());

/** @type {{[table: string]: string}} */
const NONE = {};

/** @param {string} name */
function declaredAs(name) {
  const declared = catalogue.types.get(name);
  assert.ok(declared, name);
  return declared;
}

test("every worked case gives the doctor the same advice", () => {
  const tables = new Set();
  for (const { story, type, view, given, previous, since = NONE, advice } of cases("rules.json")) {
    const declared = declaredAs(type);
    const day = declared.dayOf(view);
    const edition = declared.rules.map((table) => ({ ...table, since: since[table.name] ?? table.since }));
    const found = day ? advise(edition, view, day, given, new Advice([], previous)) : NOTHING;
    assert.deepEqual({ ...told(found, view), ...advice }, told(found, view), story);
    if (since === NONE) assert.deepEqual(declared.advice(view, given, new Advice([], previous)), found, story);
    for (const finding of found.findings) tables.add(finding.table.name);
  }
  const every = [...catalogue.types.values()].flatMap((declared) => declared.rules.map((table) => table.name));
  assert.deepEqual([...tables].sort(), [...new Set(every)].sort());
});

test("Wang has 152/94: the doctor reads class, measure and day, and a second time in a row refers her", () => {
  const visit = declaredAs("hypertension_visit");
  const view = { visit: { visited_on: "2026-11-20" }, vitals: { systolic_mmhg: 152, diastolic_mmhg: 94 } };
  const first = visit.advice(view, { age_years: 58 });
  assert.equal(first.get("class"), "uncontrolled");
  assert.equal(first.get("measure"), "two_week");
  assert.equal(first.by("next_within"), "2026-12-04");
  assert.equal(first.get("urgent"), null);
  assert.equal(first.by("class"), null);
  assert.equal(visit.advice(view, { age_years: 58 }, first).get("measure"), "refer_followup");
  assert.deepEqual(view, { visit: { visited_on: "2026-11-20" }, vitals: { systolic_mmhg: 152, diastolic_mmhg: 94 } });
});

test("what was handed in is not written to", () => {
  const given = Object.freeze({ age_years: 58 });
  const view = { visit: { visited_on: "2026-11-20" }, vitals: { systolic_mmhg: 152, diastolic_mmhg: 94 } };
  assert.equal(declaredAs("hypertension_visit").advice(view, given).given.class, "uncontrolled");
  assert.deepEqual(given, { age_years: 58 });
});

test("a record about no day gets no advice", () => {
  assert.equal(declaredAs("hypertension_visit").advice({ vitals: { systolic_mmhg: 200 } }), NOTHING);
});

test("a table holds from its day until the day before its end, and without a day never", () => {
  const [table] = declaredAs("hypertension_visit").rules;
  const dated = { ...table, since: "2026-01-01", until: "2027-01-01" };
  const days = ["2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01"];
  assert.deepEqual(days.map((day) => inForce(dated, day)), [false, true, true, false]);
  assert.equal(inForce({ ...table, since: null }, "9999-12-31"), false);
});

test("a table of a newer server with a condition that nobody here knows says nothing, and the others go on", () => {
  const tables = declaredAs("hypertension_visit").rules;
  const [table] = tables;
  const row = { ...table.rows[0], when: { none_of: [{ is_warmer_than: ["vitals.temperature_celsius", "39"] }] } };
  const newer = { ...table, name: "newer", gives: "newer", rows: [row, ...table.rows] };
  const view = { visit: { visited_on: "2026-11-20" }, vitals: { systolic_mmhg: 190, diastolic_mmhg: 94 } };
  const found = advise([newer, ...tables], view, "2026-11-20");
  assert.deepEqual([found.get("newer"), found.get("urgent")], [null, "systolic"]);
});

test("two editions in one form are both named where it keeps what was suggested", () => {
  const edition = declaredAs("hypertension_visit").rules.map((table, n) => ({ ...table, version: n % 2 ? "2027" : "2017" }));
  const view = { visit: { visited_on: "2026-11-20" }, vitals: { systolic_mmhg: 152, diastolic_mmhg: 94 } };
  assert.equal(advise(edition, view, "2026-11-20").kept().assessment.rules_version, "2017+2027");
});

test("a condition names the paths that it looks at", () => {
  const share = { share_at_least: ["closure.doses_taken", "closure.doses_due", "90"] };
  const over = { any_of: [{ none_of: [{ over: ["vitals.a", "7"] }] }, { is: ["given.class", "b", "c"] }, share, { every: [] }] };
  assert.deepEqual(pathsOf(over), ["vitals.a", "given.class", "closure.doses_taken", "closure.doses_due"]);
});
