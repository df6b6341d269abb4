// What is said of a record on a phone is what Python says of it, in the same order: worked records of every type.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shown } from "../../client_sdk/js/sync/record.js";
import { Catalogue } from "../../client_sdk/js/sync/types/catalogue.js";
import { at, isAbsent, numberOf, sectionsOf } from "../../client_sdk/js/sync/types/checks.js";
import { look, moment } from "../../client_sdk/js/sync/types/fields.js";
import { cases, typesAnswer } from "./vectors.js";

const catalogue = new Catalogue(typesAnswer());

test("every worked record has the same said of it, in the same order", () => {
  const types = new Set();
  const all = [...cases("checks.json"), ...cases("forms.json")];
  for (const { story, type, scope, edits, on, standing, issues, programmes } of all) {
    const live = edits.map((/** @type {any} */ edit) => ({ written_at: edit.at, author: "ana", ...edit }));
    const record = { record: "r", type, subject: null, scope, seen: {}, edits: live };
    const found = catalogue.check(record, on, standing);
    const lines = found.map((one) => `${one.level} ${one.section} ${one.field ?? "-"} ${one.code}`);
    assert.deepEqual(lines, issues, story);
    assert.deepEqual(catalogue.programmes(type, shown(record)), programmes, story);
    assert.equal(catalogue.protected(type, shown(record)), programmes[0] ?? null, story);
    types.add(type);
  }
  assert.deepEqual([...catalogue.types.keys()].filter((name) => !types.has(name)), []);
});

test("a decimal is compared exactly, and what is none is none", () => {
  const pairs = [[7, "7.000"], ["-0.5", "-0.500000000"], ["0.1", "0.100000000"], ["007", 7], ["-0", 0]];
  for (const [a, b] of pairs) assert.equal(numberOf(a), numberOf(b));
  assert.ok((numberOf("3.900000001") ?? 0n) > (numberOf("3.9") ?? 0n));
  assert.equal(numberOf(2 ** 53 - 1), 9007199254740991000000000n);
  for (const junk of ["", "7,2", "1e3", "7.", ".5", "+1", "٧", "0.1234567891", "1234567890", "7\n", 3.5, NaN, true, null, [7]]) {
    assert.equal(numberOf(junk), null, String(junk));
  }
});

test("nothing is nothing, and no is an answer", () => {
  assert.deepEqual([null, undefined, "", []].map(isAbsent), [true, true, true, true]);
  assert.deepEqual([0, false, " ", [null], {}].map(isAbsent), [false, false, false, false, false]);
});

test("a path finds what somebody wrote and not what every object knows", () => {
  const view = JSON.parse('{"vitals": {"systolic_mmhg": 0, "other": null}, "plan": null, "__proto__": {"a": {"b": 1}}}');
  assert.equal(at(view, "vitals.systolic_mmhg"), 0);
  for (const path of ["vitals.other", "vitals.none", "plan.text", "none.none", "toString.name", "vitals.toString", "a.b"]) {
    assert.equal(at(view, path), null, path);
  }
});

test("moments are told apart to the microsecond, wherever they were written", () => {
  assert.equal(moment("2026-11-18T08:15:00+08:00"), moment("2026-11-18T00:15:00Z"));
  assert.equal(moment("2026-11-18T08:15:00.0000019Z"), moment("2026-11-18T08:15:00.000001Z"));
  assert.ok((moment("2026-11-18T23:59:59.999999-00:30") ?? 0n) < (moment("2026-11-19T00:30:00Z") ?? 0n));
  for (const junk of ["2026-11-21", "2026-02-30T08:15:00Z", "2026-11-21T24:00:00Z", "2026-11-21T08:15:60Z", 8, null]) {
    assert.equal(moment(junk), null, String(junk));
  }
});

test("a form may ask what is implausible before anything is saved", () => {
  const item = catalogue.types.get("hypertension_visit")?.item("vitals.systolic_mmhg");
  assert.ok(item);
  assert.equal(look(item, 152, "2026-11-21"), null);
  assert.deepEqual(look(item, 301, "2026-11-21"), ["out_of_range", "error"]);
});

test("a check of a newer server that nobody here knows says nothing", () => {
  const newer = typesAnswer();
  const visit = newer.types.find((/** @type {any} */ one) => one.name === "hypertension_visit");
  visit.checks = [{ check: "warmer", than: "vitals.systolic_mmhg" }];
  visit.sections[0].fields.push({ name: "hologram", kind: "hologram", required: false, zh: "全息", en: "Hologram" });
  const sections = { visit: { hologram: "?" }, vitals: { systolic_mmhg: 80, diastolic_mmhg: 90 } };
  const edit = { dot: /** @type {[string, number]} */ (["anaphone", 1]), at: "", written_at: "", author: "ana", sections };
  const record = { record: "r", type: "hypertension_visit", subject: null, scope: "411403101201", seen: {}, edits: [edit] };
  const codes = new Catalogue(newer).check(record, "2026-11-21").map((one) => one.code);
  assert.ok(codes.includes("required") && !codes.includes("not_below"), String(codes));
});

test("the sections of a check are those that its paths name", () => {
  const check = { check: "after", later: "flags.to", earlier: "flags.from", months: null, or_same: false };
  assert.deepEqual(sectionsOf(check), ["flags"]);
});
