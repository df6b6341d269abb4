// A form that is drawn from the catalogue needs nothing but the catalogue.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Catalogue } from "../../client_sdk/js/sync/types/catalogue.js";
import { typesAnswer } from "./vectors.js";

const catalogue = new Catalogue(typesAnswer());
const visit = /** @type {import("../../client_sdk/js/sync/types/catalogue.js").RecordType} */ (
  catalogue.types.get("hypertension_visit")
);

test("the pressure has its label, unit and bounds", () => {
  const item = visit.item("vitals.systolic_mmhg");
  const told = [item?.zh, item?.kind, item?.unit, item?.required, item?.hard];
  assert.deepEqual(told, ["收缩压", "whole", "mmHg", true, [50, 300]]);
});

test("a code is shown by its label, and one that nobody knows by nothing", () => {
  const item = visit.item("visit.way");
  assert.ok(item?.codes);
  assert.equal(catalogue.code(item.codes, "home")?.zh, "家庭");
  assert.deepEqual(catalogue.codes[item.codes].codes.map((one) => one.code), ["clinic", "home", "phone"]);
  assert.equal(catalogue.code(item.codes, "toString"), null);
  assert.equal(catalogue.code("no_such_list", "home"), null);
});

test("every field of every form has a kind that is known, labels, and codes where it is a code", () => {
  /** @param {import("../../client_sdk/js/sync/types/fields.js").Item} item */
  const look = (item) => {
    assert.ok(item.zh && item.en, item.name);
    if (item.kind === "code" || item.kind === "codes") assert.ok(catalogue.codes[item.codes ?? ""], item.name);
    if (item.kind === "rows") (item.columns ?? assert.fail(item.name)).forEach(look);
  };
  for (const declared of catalogue.types.values()) {
    for (const section of declared.sections) section.fields.forEach(look);
  }
});

test("sections are found as they are written: with a key where they are keyed", () => {
  assert.equal(visit.section("medication/m1")?.zh, visit.byName.get("medication")?.zh);
  for (const name of ["medication", "vitals/1", "wearable", "toString"]) assert.equal(visit.section(name), null);
  assert.ok(visit.section("void") && visit.section("decision"));
});

test("a section asks or takes the latest, and what nobody declared asks", () => {
  const policy = catalogue.policy("resident");
  const found = ["contact", "identity", "decision", "wearable", "toString"].map(policy);
  assert.deepEqual(found, ["latest", "ask", "latest", "ask", "ask"]);
  assert.equal(catalogue.policy("hypertension_visit")("medication/m1"), "review");
  assert.equal(catalogue.policy("wearable_week")("contact"), "ask");
});

test("Zhou's disorder is named where it stands, in a field and in a key", () => {
  const flags = { "flags/severe_mental_disorder": { from: "2026-01-01" }, "flags/elder_65": { from: "2026-01-01" } };
  assert.deepEqual(catalogue.named("resident", flags), [["flags/severe_mental_disorder", null, "smd"]]);
  const both = { history: { past_disease: ["tuberculosis", "severe_mental_disorder"] } };
  assert.deepEqual(catalogue.named("resident", both), [
    ["history", "past_disease", "smd"],
    ["history", "past_disease", "tb"],
  ]);
  const register = { registration: { disease: "tuberculosis" } };
  assert.deepEqual(catalogue.named("chronic_register", register), [["registration", "disease", "tb"]]);
  assert.equal(catalogue.protected("chronic_register", register), "tb");
  assert.equal(catalogue.protected("smd_visit", {}), "smd");
  assert.deepEqual([catalogue.named("wearable_week", flags), catalogue.protected("wearable_week", flags)], [[], null]);
});

test("a record is about the day that its form says, where that is a day", () => {
  assert.equal(visit.dayOf({ visit: { visited_on: "2026-11-20" } }), "2026-11-20");
  for (const day of ["2026-02-30", 20261120, null, ["2026-11-20"]]) {
    assert.equal(visit.dayOf({ visit: { visited_on: day } }), null);
  }
  assert.equal(catalogue.types.get("resident")?.dayOf({ visit: { visited_on: "2026-11-20" } }), null);
});

test("a form knows whose disease it follows", () => {
  assert.equal(visit.follows?.disease, "hypertension");
  assert.equal(catalogue.version, typesAnswer().version);
});
