// A form is saved once, and over nobody's words: what stands in conflict, what came meanwhile, and the draft that goes with it.
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { StorageError } from "../../client_sdk/js/errors.js";
import { owned } from "../../client_sdk/js/view.js";
import { rebased } from "../../server/app/static/forms/saving.js";
import { aPhone, visit } from "./hamlet.js";

const HYPERTENSION = "condition/hypertension";
const NEWER = { name: "StaleViewError" };
const KEY = "form:care_plan:wang:new";
const PLAIN = {
  placed: async (/** @type {any} */ { type, sections }) => ({ values: { [type]: sections }, more: {} }),
  whole: (/** @type {any} */ { values }, /** @type {string} */ type) => values[type],
};

/** @typedef {import("../../client_sdk/js/client.js").Client} Client */

/** @param {string} drug @param {string} dose @param {object} [more] */
const regimen = (drug, dose, more) => ({ name: "高血压", medicines: [{ drug, dose, dose_unit: "mg" }], ...more });
const AMLODIPINE = regimen("氨氯地平", "5");
const VALSARTAN = regimen("缬沙坦", "80");

/** The values of a section, with who wrote them. @param {import("../../client_sdk/js/view.js").View} view @param {string} name */
const claims = (view, name) => Object.fromEntries((view.conflicts[name] ?? []).map(({ author, value }) => [author, value]));

/** A plan that both ends have. @param {Client} phone @param {any} [sections] */
async function planned(phone, sections = { [HYPERTENSION]: AMLODIPINE, summary: { version: 1, goals: "少盐" } }) {
  const plan = await phone.create("care_plan", sections);
  ok((await phone.sync()).complete);
  return plan;
}

/** Li mends the dose, and Wang, apart, prescribes another drug in one form with a new summary. */
async function clash() {
  const { phone, hamlet, ...rest } = await aPhone();
  const plan = await planned(phone);
  await phone.edit(plan, { [HYPERTENSION]: regimen("氨氯地平", "10") });
  const theirs = { [HYPERTENSION]: VALSARTAN, summary: { version: 2, goals: "王医生定的" } };
  hamlet.changed(plan, "colleague1", 1, theirs, { actor0001: 1 });
  equal((await phone.sync()).conflicts, 1);
  return { phone, hamlet, plan, ...rest };
}

// -- in conflict

test("who mends their own claim in a conflict leaves the colleague's beside it, and makes no other conflict", async () => {
  const { phone, hamlet, plan } = await clash();
  const form = await phone.toEdit(plan);
  deepEqual(form.sections[HYPERTENSION], regimen("氨氯地平", "10"), "the form begins with one's own");
  const mended = regimen("氨氯地平", "10", { target_systolic_mmhg: 130 });
  const view = await phone.edit(form, { [HYPERTENSION]: mended, summary: { version: 3, goals: "少盐" } });
  deepEqual(claims(view, HYPERTENSION), { "p-li": mended, "p-wang": VALSARTAN });
  deepEqual(Object.keys(view.conflicts), [HYPERTENSION], "the summary was seen, and gave way");
  const report = await phone.sync();
  deepEqual([report.complete, report.conflicts], [true, 1]);
  const there = hamlet.at(plan).edits.flatMap(({ author, sections }) => (HYPERTENSION in sections ? [author] : []));
  deepEqual(there.sort(), ["p-li", "p-wang"]);
});

test("who wrote neither claim adds a third; only a decision puts one in the place of several", async () => {
  const { phone, hamlet } = await aPhone();
  const plan = await planned(phone, { summary: { goals: "少盐" } });
  for (const [actor, value] of /** @type {const} */ ([["colleague1", AMLODIPINE], ["colleague2", VALSARTAN]])) {
    hamlet.changed(plan, actor, 1, { [HYPERTENSION]: value }, { actor0001: 1 });
  }
  await phone.sync();
  const own = regimen("氨氯地平", "2.5");
  const view = await phone.edit(await phone.toEdit(plan), { [HYPERTENSION]: own });
  const values = view.conflicts[HYPERTENSION].map((claim) => claim.value);
  equal(values.length, 3);
  for (const one of [AMLODIPINE, VALSARTAN, own]) ok(values.some((value) => JSON.stringify(value) === JSON.stringify(one)));
  deepEqual((await phone.resolve(await phone.toEdit(plan), HYPERTENSION, VALSARTAN)).conflicts, {});
});

test("on another phone it is one's own latest claim that is mended, and a claim made on this one goes before it", () => {
  const claim = (/** @type {string} */ author, /** @type {string} */ actor, /** @type {number} */ n, /** @type {any} */ value) =>
    ({ author, actor, n, value, written_at: "", dot: /** @type {[string, number]} */ ([actor, n]) });
  const conflicts = { team: [claim("li", "oldphone", 4, { a: 1 }), claim("li", "newphone", 2, { a: 2 }), claim("wang", "w", 7, { a: 3 })] };
  const settled = { oldphone: 4, newphone: 2, w: 9 };
  const view = /** @type {any} */ ({ sections: { team: { a: 3 }, review: {} }, conflicts, settled });
  const of = (/** @type {string} */ actor, /** @type {string} */ person) => {
    const { sections, apart } = owned(view, actor, person);
    return [sections.team, apart?.team];
  };
  deepEqual(of("newphone", "li"), [{ a: 2 }, { oldphone: 3, newphone: 2, w: 6 }]);
  deepEqual(of("thirdphone", "li"), [{ a: 2 }, { oldphone: 3, newphone: 2, w: 6 }]);
  deepEqual(of("oldphone", "li"), [{ a: 1 }, { oldphone: 4, newphone: 1, w: 6 }]);
  deepEqual(of("anaphone", "ana"), [{ a: 3 }, { oldphone: 3, newphone: 1, w: 6 }]);
});

test("what was mended in a conflict is taken back whole, and the conflict is as it was", async () => {
  const { phone, plan } = await clash();
  const before = await phone.get(plan);
  await phone.edit(await phone.toEdit(plan), { [HYPERTENSION]: regimen("氨氯地平", "2.5"), summary: { version: 3, goals: "x" } });
  const view = await phone.undo(plan);
  deepEqual(claims(view, HYPERTENSION), claims(before, HYPERTENSION));
  deepEqual(view.sections.summary, before.sections.summary);
  ok((await phone.sync()).complete);
});

// -- opened anew

/** A form that was opened, with what is typed. @param {Client} phone @param {string} plan @param {any} typed */
async function typing(phone, plan, typed) {
  const view = await phone.toEdit(plan);
  return { values: { care_plan: { ...view.sections, ...typed } }, views: { care_plan: view }, more: {} };
}

test("a form that is opened anew has the dose that a colleague prescribed meanwhile, and what was typed", async () => {
  const { phone, hamlet } = await aPhone();
  const plan = await planned(phone);
  const form = await typing(phone, plan, { summary: { version: 2, goals: "少盐，走路" } });
  hamlet.changed(plan, "colleague1", 1, { [HYPERTENSION]: VALSARTAN });
  await phone.sync();
  await phone.edit(form.views.care_plan, { summary: form.values.care_plan.summary });
  await phone.undo(plan);
  await rejects(phone.edit(form.views.care_plan, { summary: form.values.care_plan.summary }), NEWER);
  const { values, beside } = await rebased(phone, form, PLAIN);
  deepEqual(values.care_plan, { [HYPERTENSION]: VALSARTAN, summary: { version: 2, goals: "少盐，走路" } });
  deepEqual(beside, {});
});

test("of a section that both have written neither gives way unseen: it is told, and stands beside", async () => {
  const { phone, hamlet } = await aPhone();
  const plan = await planned(phone);
  const own = regimen("氨氯地平", "10");
  const form = await typing(phone, plan, { [HYPERTENSION]: own, summary: { version: 2, goals: "少盐，走路" } });
  await phone.edit(plan, { summary: { version: 2, goals: "在另一个窗口写的" } });
  hamlet.changed(plan, "colleague1", 1, { [HYPERTENSION]: VALSARTAN }, { actor0001: 1 });
  await phone.sync();
  const again = await rebased(phone, form, PLAIN);
  const { values, views, beside } = await rebased(phone, again, PLAIN);
  deepEqual(values.care_plan[HYPERTENSION], own, "opened anew twice");
  deepEqual(beside?.[HYPERTENSION], { value: VALSARTAN, by: "p-wang", here: false });
  deepEqual([beside?.summary.here, beside?.summary.value.goals], [true, "在另一个窗口写的"]);
  const view = await phone.edit(views.care_plan, values.care_plan);
  deepEqual(claims(view, HYPERTENSION), { "p-li": own, "p-wang": VALSARTAN });
  deepEqual([Object.keys(view.conflicts), view.sections.summary?.goals], [[HYPERTENSION], "少盐，走路"]);
});

// -- the draft

test("a visit and the end of its draft are one: kept both, or neither", async () => {
  const { phone, again } = await aPhone();
  const vault = /** @type {any} */ (phone)._store.vault;
  const { write, keep } = vault;
  phone.keepDraft(KEY, { typed: 1 });
  vault.write = () => Promise.reject(new StorageError("full", "full"));
  await rejects(phone.create("hypertension_visit", visit(), { draft: KEY }), { name: "StorageError" });
  deepEqual([await phone.draft(KEY), await phone.find({ type: "hypertension_visit" })], [{ typed: 1 }, []]);
  vault.write = write;
  phone.keepDraft(KEY, { typed: 2 }); // the last keystroke is not on the disk yet
  const saving = phone.create("hypertension_visit", visit(), { draft: KEY });
  await saving;
  vault.keep = () => Promise.reject(new StorageError("full", "full")); // from here on nothing more is taken
  const after = await again();
  deepEqual([await after.drafts(), (await after.find({ type: "hypertension_visit" })).length], [[], 1]);
  vault.keep = keep;
});

test("a visit that is taken back and its form that is open again are one", async () => {
  const { phone, again } = await aPhone();
  const record = await phone.create("hypertension_visit", visit());
  const vault = /** @type {any} */ (phone)._store.vault;
  const { write } = vault;
  vault.write = () => Promise.reject(new StorageError("full", "full"));
  await rejects(phone.undo(record, { draft: [KEY, { typed: 1 }] }), { name: "StorageError" });
  deepEqual([await phone.draft(KEY), (await phone.get(record)).void], [null, false]);
  vault.write = write;
  vault.keep = () => Promise.reject(new StorageError("full", "full"));
  await phone.undo(record, { draft: [KEY, { typed: 1 }] });
  const after = await again();
  deepEqual([await after.draft(KEY), (await after.get(record)).void], [{ typed: 1 }, true]);
});
