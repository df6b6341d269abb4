/** What the forms of the app decide without a screen: keys of the pad, which form a person gets, what a form says and keeps. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Catalogue } from "../../client_sdk/js/sync/types/catalogue.js";
import { formsFor } from "../../server/app/static/forms/offered.js";
import { complete, kept, typed } from "../../server/app/static/forms/typing.js";
import { changed, filled, issuesOf } from "../../server/app/static/forms/words.js";
import { typesAnswer } from "./vectors.js";

const catalogue = new Catalogue(typesAnswer());
const visit = catalogue.types.get("hypertension_visit");
const item = (/** @type {string} */ path) => /** @type {any} */ (visit?.item(path));
/** The keys until the number is complete. @param {any} field @param {string} keys */
const press = (field, keys) => [...keys].reduce((text, key) => typed(field, text, key), "");

test("a pressure is complete with its third digit, or with two where a third makes no sense", () => {
  const [upper, lower] = [item("vitals.systolic_mmhg"), item("vitals.diastolic_mmhg")];
  assert.deepEqual(["1", "15", "152", "94", "31"].map((text) => complete(upper, text)), [false, false, true, true, true]);
  assert.deepEqual(["9", "94", "11", "110"].map((text) => complete(lower, text)), [false, true, false, true]);
});

test("a decimal is kept as it was typed, a whole number as a number, and nothing as nothing", () => {
  const weight = item("vitals.weight_kg");
  assert.equal(press(weight, "64.57"), "64.5");
  assert.equal(kept(weight, "64.0"), "64.0");
  assert.equal(kept(item("vitals.systolic_mmhg"), "152"), 152);
  assert.equal(kept(weight, ""), undefined);
  assert.equal(typed(weight, "64.5", "del"), "64.");
});

test("a day is typed digit by digit and stands with its strokes", () => {
  const day = item("visit.visited_on");
  assert.equal(press(day, "19580312"), "1958-03-12");
  assert.equal(typed(day, "1958-03-12", "del"), "1958-03-1");
  assert.equal(complete(day, "1958-03-1"), false);
});

test("who has hypertension and diabetes gets one form for both, the due one first", () => {
  const types = (/** @type {any} */ who) => formsFor(who).map((one) => one.type);
  assert.deepEqual(types({ groups: ["diabetes", "hypertension", "elder_65"] }), ["hypertension_visit+diabetes_visit"]);
  assert.deepEqual(types({ groups: [{ code: "hypertension" }] }), ["hypertension_visit"]);
  assert.deepEqual(types({ groups: ["hypertension"], due: [{ what: "tb_first_visit" }] }), ["tb_first_visit", "hypertension_visit"]);
  assert.deepEqual(types({ groups: ["general"] }), []);
});

test("only the sections that differ are written, and one that was emptied says so", () => {
  const before = { vitals: { systolic_mmhg: 150 }, tests: { name: "心电图" }, visit: { way: "home" } };
  const after = { vitals: { systolic_mmhg: 151 }, tests: { name: "" }, visit: { way: "home", death_cause: "" }, danger: {} };
  assert.deepEqual(changed(before, after), { vitals: { systolic_mmhg: 151 }, tests: null });
  assert.deepEqual(filled({ glucose: { fasting_glucose_mmol_l: "7." } }), { glucose: { fasting_glucose_mmol_l: "7" } });
});

test("a form says what it would lack before it is saved", () => {
  const issues = issuesOf(catalogue, "hypertension_visit", { visit: { visited_on: "2026-11-22", way: "home", doctor: "ana" } }, "2026-11-22", "411499101201");
  assert.ok(issues.some((one) => one.section === "vitals" && one.code === "required"));
  const lost = { visit: { visited_on: "2026-11-22", way: "phone", doctor: "ana", lost_reason: "moved" } };
  assert.deepEqual(issuesOf(catalogue, "hypertension_visit", lost, "2026-11-22", "411499101201"), []);
});
