/** What somebody may sign: packages on offer today, all that they promise, all that they cost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, itemsOf, priceOf } from "../../server/app/static/forms/signing.js";

const TODAY = "2026-11-22";
/** @param {any} about @param {any} [sections] */
const offer = (about, sections = {}) => ({ id: about.name, void: false, sections: { package: { name: "基础包", valid_from: "2026-01-01", ...about }, ...sections } });
const WANG = { groups: [{ code: "hypertension" }, { code: "elder_65" }] };

test("a package is offered from its first day until before the day on which it ends", () => {
  const on = (/** @type {any} */ about) => fits(offer(about), TODAY, WANG);
  assert.equal(on({}), true);
  assert.equal(on({ valid_from: TODAY, valid_to: "2026-11-23" }), true);
  assert.equal(on({ valid_from: "2026-11-23" }), false, "it begins tomorrow");
  assert.equal(on({ valid_to: TODAY }), false, "yesterday was its last day");
  assert.equal(on({ valid_to: "2025-12-31" }), false);
  assert.equal(fits({ ...offer({}), void: true }, TODAY, WANG), false);
});

test("a package for some is offered to those", () => {
  assert.equal(fits(offer({ groups: ["diabetes", "elder_65"] }), TODAY, WANG), true);
  assert.equal(fits(offer({ groups: ["diabetes"] }), TODAY, WANG), false);
  assert.equal(fits(offer({ groups: [] }), TODAY, { groups: [] }), true);
});

test("the price is that of all packages together, to the cent", () => {
  const packages = ["120.10", "0.20", undefined, "30"].map((price_yuan_per_year) => offer({ price_yuan_per_year }));
  assert.equal(priceOf(packages), "150.30");
  assert.equal(priceOf(packages.slice(1, 2)), "0.20");
  assert.equal(priceOf([]), "0.00");
});

test("of two packages what both promise is promised once, and what each promises in its own way twice", () => {
  const pressure = { name: "血压", times_per_year: 4 }, exam = { name: "体检", times_per_year: 1 };
  const found = itemsOf([offer({}, { "item/bp": pressure, "item/exam": exam }), offer({}, { "item/bp": { ...pressure, times_per_year: 6 }, "item/exam": exam, "item/gone": null })]);
  assert.deepEqual(found, { "item/bp": pressure, "item/exam": exam, "item/bp_2": { ...pressure, times_per_year: 6 } });
});
