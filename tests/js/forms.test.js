/** What the forms of the app decide without a screen: keys of the pad, which form a person gets, what a form says and keeps. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Catalogue } from "../../client_sdk/js/sync/types/catalogue.js";
import { Form } from "../../server/app/static/forms/form.js";
import { formsFor } from "../../server/app/static/forms/offered.js";
import { complete, kept, typed } from "../../server/app/static/forms/typing.js";
import { called, changed, fieldsText, filled, issuesOf, sectionLines } from "../../server/app/static/forms/words.js";
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

test("a keystroke that comes late, when the practice has begun, is kept neither there nor in vain waited for", async () => {
  /** @type {any[][]} */
  const [phone, practice] = [[], []];
  const store = (/** @type {any[]} */ kept) => ({ keepDraft: async (/** @type {string} */ key, /** @type {any} */ content) => kept.push([key, content]) });
  const app = { name: "phone", client: store(phone), busyForm() {} };
  const form = new Form(app, "form:hypertension_visit:wang", { values: {}, views: {}, more: {} }, false, () => {});
  form.put("", "vitals", "systolic_mmhg", 15);
  await form._keeping;
  form.put("", "vitals", "systolic_mmhg", 152);
  Object.assign(app, { name: "practice", client: store(practice) });
  await form._keeping;
  assert.deepEqual([phone.map(([, content]) => content.values[""].vitals.systolic_mmhg), practice], [[15], []]);
  assert.equal(form.trouble, null);
});

test("a medicine is told as a doctor says it", () => {
  const app = { client: { catalogue } };
  const drug = { drug: "氨氯地平", times_per_day: 1, dose: "5", dose_unit: "mg", note: "早饭后" };
  assert.deepEqual(sectionLines(app, visit, "medication/m1", drug), [["药物名称", "氨氯地平"], ["用法", "每日1次，每次5\u00a0mg"], ["用法说明", "早饭后"]]);
  const columns = /** @type {any} */ (catalogue.types.get("care_plan")?.item("condition.medicines")).columns;
  assert.equal(fieldsText(app, columns, { drug: "二甲双胍", times_per_day: 2, dose: "0.5", dose_unit: "g" }), "二甲双胍 每日2次，每次0.5\u00a0g");
});

test("who decided is named, whether they write on phones or supervise the township", () => {
  const app = { names: { person: { ben: "刘建国" }, supervisor: { sue: "吴玉华" } }, status: { person: { id: "ana", name: "王秀兰" } } };
  assert.deepEqual(["ana", "ben", "sue", "nobody"].map((id) => called(app, "person", id)), ["王秀兰", "刘建国", "吴玉华", "另一位同事"]);
});
