/** What the pages of the app make of whatever somebody wrote or showed them: odd records, odd addresses, odd codes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Catalogue } from "../../client_sdk/js/sync/types/catalogue.js";
import { codeIn, scanned } from "../../server/app/static/enrol_link.js";
import { shownOf } from "../../server/app/static/shown.js";
import { dayWords, here, sexAndAge } from "../../server/app/static/words.js";
import { typesAnswer } from "./vectors.js";

const catalogue = new Catalogue(typesAnswer());
const resident = catalogue.types.get("resident");

test("the only telephone number of 王秀兰 was deleted, and her page still has a place where none stands", () => {
  const shown = shownOf(resident, { identity: { name: "王秀兰" }, contact: null });
  assert.deepEqual([shown.contact, shown.residence, shown.identity], [{}, {}, { name: "王秀兰" }]);
  assert.equal("flags/hypertension" in shown, false);
});

test("values of another kind than the form's are texts, lists of what fits, or not there", () => {
  const shown = shownOf(resident, {
    identity: { name: { a: 1 }, birth_date: 19600101, sex: ["male"] },
    contact: { phone: 13800138000 },
    history: { drug_allergy: "penicillin", past_disease: ["hypertension", 7, null], past_disease_details: [null, "x", { disease: "hypertension" }] },
    "of a later release": { anything: [1] },
  });
  assert.deepEqual(shown.identity, { birth_date: "19600101" });
  assert.deepEqual(shown.contact, { phone: "13800138000" });
  assert.deepEqual(shown.history.drug_allergy, ["penicillin"]);
  assert.deepEqual(shown.history.past_disease, ["hypertension"]);
  assert.deepEqual(shown.history.past_disease_details, [{ disease: "hypertension" }]);
  assert.deepEqual(shown["of a later release"], { anything: [1] });
});

test("what is right stays as it is", () => {
  const visit = catalogue.types.get("hypertension_visit");
  const sections = { vitals: { systolic_mmhg: 152, weight_kg: "64.5" }, visit: { visited_on: "2026-11-22", way: "clinic" } };
  const { vitals, visit: about } = shownOf(visit, sections);
  assert.deepEqual({ vitals, visit: about }, sections);
});

test("a day that is none is said as it was written, and makes nobody any age", () => {
  assert.equal(dayWords("2026-11-22", "2026-11-22").replaceAll("\u2060", ""), "11月22日");
  assert.deepEqual([19600101, "spring", null, "2026-13-01"].map((day) => dayWords(day, "2026-11-22")), ["19600101", "spring", "", "2026-13-01"]);
  assert.deepEqual([here("not a time at all"), here(20261122)], ["not a time at all", "20261122"]);
  assert.deepEqual([sexAndAge("female", "spring", "2026-11-22"), sexAndAge("female", "1959-11-23", "2026-11-22")], ["女", "女 66岁"]);
});

test("the code is taken from a link to this very server, wherever on it the app is, and from no other", () => {
  const here = "https://cunyi.example/town/app/#/today";
  assert.deepEqual(scanned("https://cunyi.example/town/app/#enrol=AB12C-DE34F", here), { code: "AB12C-DE34F" });
  assert.deepEqual(scanned("https://cunyi.example/town/app#enrol=AB12C-DE34F", here), { code: "AB12C-DE34F" });
  for (const other of ["https://evil.example/town/app/", "http://cunyi.example/town/app/", "https://cunyi.example/app/", "https://cunyi.example:444/town/app/"]) {
    const { code, why } = scanned(`${other}#enrol=AB12C-DE34F`, here);
    assert.equal(code, undefined, other);
    assert.match(/** @type {string} */ (why), /另一个服务器/);
  }
  for (const other of ["https://cunyi.example/town/app/", "AB12C-DE34F", "WIFI:T:WPA;S:clinic;;", "https://cunyi.example/town/app/#enrol=<b>"]) {
    assert.match(/** @type {string} */ (scanned(other, here).why), /不是登记用的/, other);
  }
  assert.deepEqual([codeIn("#enrol=AB12C-DE34F"), codeIn("#/today"), codeIn("")], ["AB12C-DE34F", "", ""]);
});
