/** What a form of a follow-up begins with, what of the visits before is taken over, and what it says when it is saved. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Catalogue } from "../../client_sdk/js/sync/types/catalogue.js";
import { adviceLines, adviceText } from "../../server/app/static/forms/advice.js";
import { Form } from "../../server/app/static/forms/form.js";
import {
  DIA, HTN, SHARED, adviceOf, begin, concluded, formsOf, habitsOf, lastOf, rewritten,
} from "../../server/app/static/forms/visit_record.js";
import { typesAnswer } from "./vectors.js";

const catalogue = new Catalogue(typesAnswer());
const declared = (/** @type {string} */ type) => /** @type {any} */ (catalogue.types.get(type));
const TODAY = "2026-11-22", TWO_WEEKS = "2026-12-06", THREE_MONTHS = "2027-02-22";
/** Without what keeps words together on a line. @param {string} [text] */
const plain = (text) => text?.replaceAll("\u2060", "");
const tablet = (/** @type {string} */ drug) => ({ drug, times_per_day: 1, dose: "5", dose_unit: "mg" });

/** A phone on which these visits of Wang Xiulan were written; who is 58 and had no such visit as far as the rules know.
 * @param {any[]} visits */
function phone(visits = []) {
  const client = {
    catalogue, find: async (/** @type {any} */ { type }) => visits.filter((one) => one.type === type),
    advise: async (/** @type {string} */ type, /** @type {any} */ form) => declared(type).advice(form, { age_years: 58 }),
    toEdit: async (/** @type {string} */ id) => visits.find((one) => one.id === id),
  };
  return { client, settings: {}, status: { person: { id: "ana" } }, today: () => TODAY, name: "phone", busyForm() {} };
}

/** A visit as it was kept. @param {string} type @param {string} day @param {any} sections @param {any} [conflicts] */
const visit = (type, day, sections, conflicts = {}) => ({ id: `${type} ${day}`, type, subject: "wang", void: false, conflicts,
  sections: { visit: { visited_on: day, way: "home" }, vitals: { systolic_mmhg: 138, diastolic_mmhg: 84 }, ...sections } });

/** A form as somebody types in it. @param {import("../../server/app/static/forms/form.js").Content} content */
const typing = (content) => new Form({ ...phone(), client: { keepDraft: async () => {} } }, "form", content, false, () => {});

/** The two forms when these numbers were typed. @param {any} vitals @param {any} [glucose] */
async function both(vitals, glucose = {}) {
  const shared = { visit: { visited_on: TODAY, way: "home" }, vitals };
  const forms = formsOf(catalogue, [HTN, DIA], { [SHARED]: shared, [DIA]: { glucose } }, {});
  const advice = await adviceOf(phone().client, forms, { subject: "wang", record: null });
  const told = adviceLines([{ name: "血压", advice: advice[HTN] }, { name: "血糖", advice: advice[DIA] }]);
  return { advice, lines: told && { ...told, lines: told.lines.map(plain) }, ...concluded(forms, advice, shared, TODAY) };
}

test("who only typed a pressure has told a pressure: no reaction, no habit and no medicine stands in the visit", async () => {
  const before = visit(HTN, "2026-08-20", { "medication/m1": tablet("氨氯地平"), lifestyle: { cigarettes_per_day: 5 },
    adherence: { medication: "regular", adverse_reaction: "no" } });
  const form = typing(await begin(phone([before]), [HTN], "wang"));
  form.put(SHARED, "vitals", "systolic_mmhg", 136);
  form.put(SHARED, "vitals", "diastolic_mmhg", 82);
  assert.deepEqual(formsOf(catalogue, [HTN], form.content.values, form.more)[HTN], {
    visit: { visited_on: TODAY, way: "clinic", doctor: "ana" }, vitals: { systolic_mmhg: 136, diastolic_mmhg: 82 } });
  assert.deepEqual(form.more.last[HTN].medicines, { "medication/m1": tablet("氨氯地平") }, "it waits to be confirmed");
});

test("the medicines of last time are those of the newest visit that tells of any", async () => {
  const visits = [
    visit(HTN, "2026-02-01", { "medication/m1": tablet("硝苯地平") }),
    visit(HTN, "2026-08-01", { "medication/m2": { ...tablet("氨氯地平"), carried_over: true } }),
    visit(HTN, "2026-05-01", { "medication/m3": tablet("缬沙坦") }),
    visit(HTN, "2026-10-01", {}), // only the pressure was asked
  ];
  const { more } = await begin(phone(visits), [HTN], "wang");
  assert.deepEqual(more.last[HTN].medicines, { "medication/m2": tablet("氨氯地平") });
  const stopped = [...visits, visit(HTN, "2026-10-20", { adherence: { medication: "none" } })];
  assert.deepEqual((await begin(phone(stopped), [HTN], "wang")).more.last[HTN].medicines, {}, "he was said to take none");
});

test("when an old visit is opened, what came after it is not last time", async () => {
  const visits = [visit(HTN, "2026-05-01", { "medication/m1": tablet("缬沙坦") }), visit(HTN, "2026-08-01", {}),
    visit(HTN, "2026-10-01", { "medication/m2": tablet("氨氯地平") })];
  const { more } = await begin(phone(visits), [HTN], "wang", `${HTN} 2026-08-01`);
  assert.deepEqual(more.last[HTN].medicines, { "medication/m1": tablet("缬沙坦") });
});

test("a medicine that two persons wrote apart is not taken over, and the others are", () => {
  const taken = { "medication/m1": tablet("氨氯地平"), "medication/m2": tablet("缬沙坦") };
  const last = lastOf([visit(HTN, "2026-10-01", taken, { "medication/m1": [] })], (one) => one.sections.visit.visited_on);
  assert.deepEqual([last.medicines, last.disputed], [{ "medication/m2": tablet("缬沙坦") }, true]);
});

test("of two diseases the habits are the newer visit's; the older one fills in what that did not ask", async () => {
  const smoked = visit(HTN, "2026-10-01", { lifestyle: { cigarettes_per_day: 5, salt: "heavy", carried_over: true } });
  const ate = visit(DIA, "2026-07-01", { lifestyle: { cigarettes_per_day: 20, staple_food_g_per_day: 300 } });
  const { more } = await begin(phone([smoked, ate]), [HTN, DIA], "wang");
  assert.deepEqual(habitsOf(more.last), { cigarettes_per_day: 5, salt: "heavy", staple_food_g_per_day: 300 });
  const later = { ...ate, sections: { ...ate.sections, visit: { visited_on: "2026-11-01" } } };
  const again = await begin(phone([smoked, later]), [HTN, DIA], "wang");
  assert.equal(habitsOf(again.more.last).cigarettes_per_day, 20);
});

test("habits that were carried over are not carried over any more once one of them is changed", () => {
  const form = typing({ values: { [SHARED]: {} }, views: {}, more: {} });
  form.putSection(SHARED, "lifestyle", { cigarettes_per_day: 5, salt: "heavy", carried_over: true });
  assert.equal(formsOf(catalogue, [HTN], form.content.values, {})[HTN].lifestyle.carried_over, true);
  form.put(SHARED, "lifestyle", "cigarettes_per_day", 2);
  assert.deepEqual(formsOf(catalogue, [HTN], form.content.values, {})[HTN].lifestyle, { cigarettes_per_day: 2, salt: "heavy" });
});

test("the next day is the earliest of both diseases, whichever names it", async () => {
  const sweet = await both({ systolic_mmhg: 126, diastolic_mmhg: 78 }, { fasting_glucose_mmol_l: "8.4" });
  assert.deepEqual([sweet.advice[HTN].by("next_within"), sweet.advice[DIA].by("next_within")], [THREE_MONTHS, TWO_WEEKS]);
  assert.equal(sweet.next, TWO_WEEKS);
  const tense = await both({ systolic_mmhg: 156, diastolic_mmhg: 92 }, { fasting_glucose_mmol_l: "6.1" });
  assert.deepEqual([tense.next, tense.whole[HTN].next_visit.on, tense.whole[DIA].next_visit.on], Array(3).fill(TWO_WEEKS));
  assert.equal((await both({ systolic_mmhg: 126, diastolic_mmhg: 78 }, { fasting_glucose_mmol_l: "6.1" })).next, THREE_MONTHS);
});

test("the doctor's own day stands before that of the rules", () => {
  const forms = { [HTN]: { vitals: { systolic_mmhg: 156, diastolic_mmhg: 92 }, visit: { visited_on: TODAY } } };
  const advice = { [HTN]: declared(HTN).advice(forms[HTN], { age_years: 58 }) };
  assert.equal(concluded(forms, advice, { next_visit: { on: "2026-11-29" } }, TODAY).next, "2026-11-29");
});

test("a visit that is opened and saved as it was is not written again, and follows the rules when it is changed", async () => {
  const app = phone(), kept = visit(HTN, "2026-10-01", { symptoms: { symptoms: ["none"] } });
  const { whole } = concluded({ [HTN]: kept.sections }, await adviceOf(app.client, { [HTN]: kept.sections },
    { subject: "wang", record: null }), {}, TODAY);
  const view = { ...kept, sections: { ...whole[HTN], next_visit: { on: "2027-01-01" } } };
  /** @type {any[]} */
  const written = [];
  Object.assign(app.client, { toEdit: async () => view,
    edit: async (/** @type {any} */ _, /** @type {any} */ news) => written.push(news) });
  const saved = async (/** @type {any} */ change) => {
    const form = typing(await begin(app, [HTN], "wang", view.id));
    if (change) form.put(SHARED, "vitals", "systolic_mmhg", change);
    const now = formsOf(catalogue, [HTN], form.content.values, form.more);
    const advice = await adviceOf(app.client, now, { subject: "wang", record: view.id });
    return rewritten(app.client, view, concluded(now, advice, form.sections(SHARED), TODAY).whole[HTN], "draft");
  };
  assert.deepEqual([await saved(null), written], [null, []]);
  await saved(166);
  assert.deepEqual(Object.keys(written[0]).sort(), ["assessment", "next_visit", "vitals"]);
  assert.deepEqual([written[0].assessment.class, written[0].next_visit.on], ["uncontrolled", "2026-10-15"]);
});

test("where the diseases differ each says what it measured, and where they are alike it is said once", async () => {
  const said = async (/** @type {any[]} */ ...typed) => (await both(typed[0], typed[1])).lines;
  const calm = { systolic_mmhg: 126, diastolic_mmhg: 78 }, high = { systolic_mmhg: 156, diastolic_mmhg: 92 };
  assert.deepEqual(await said(high, { fasting_glucose_mmol_l: "6.1" }),
    { lines: ["血压：控制不满意，调整用药，2周内随访", "血糖：控制满意，按期随访"], tone: "amber" });
  assert.deepEqual(await said(calm, { fasting_glucose_mmol_l: "6.1" }), { lines: ["控制满意：按期随访"], tone: "green" });
  assert.deepEqual(await said(high, { fasting_glucose_mmol_l: "8.4" }),
    { lines: ["控制不满意：调整用药，2周内随访"], tone: "amber" });
  assert.deepEqual(await said(calm), { lines: ["血压：控制满意，按期随访"], tone: "green" }, "the glucose says nothing yet");
  assert.equal(await said({}), null);
});

test("danger is said once, with what is most pressing of it, and not by how many measures it was found", async () => {
  const vitals = { systolic_mmhg: 186, diastolic_mmhg: 112, heart_rate_per_min: 108 };
  const worst = await both(vitals, { fasting_glucose_mmol_l: "17.2" });
  assert.deepEqual(worst.lines,
    { lines: ["危急（收缩压≥180mmHg、血糖≥16.7mmol/L等4项）：处理后紧急转诊，2周内随访"], tone: "red" });
  const sweet = await both({ systolic_mmhg: 126, diastolic_mmhg: 78 }, { fasting_glucose_mmol_l: "17.2" });
  assert.deepEqual(sweet.lines, { lines: ["危急（血糖≥16.7mmol/L）：处理后紧急转诊，2周内随访", "血压：控制满意"], tone: "red" });
  assert.equal(plain(adviceText(sweet.advice[DIA])?.text), "危急（血糖≥16.7mmol/L）：处理后紧急转诊，2周内随访");
});

test("a second visit that is not controlled says so without saying it twice", () => {
  const form = { visit: { visited_on: TODAY }, vitals: { systolic_mmhg: 152, diastolic_mmhg: 94 } };
  const advice = declared(HTN).advice(form, { age_years: 58 }, declared(HTN).advice(form, { age_years: 58 }));
  assert.equal(adviceText(advice)?.text, "控制不满意：连续两次，转诊，2周内随访");
});
