// What a phone says of a person on a day is what Python says: the twelve of the worked example, and the stories of single rules.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LATER, OVERDUE, pressing, SOON, URGENT } from "../../client_sdk/js/sync/standing/answer.js";
import { Day, urgency } from "../../client_sdk/js/sync/standing/day.js";
import { Facts, householdOf, metBy } from "../../client_sdk/js/sync/standing/facts.js";
import { account, standing } from "../../client_sdk/js/sync/standing/index.js";
import { adviceOn } from "../../client_sdk/js/sync/standing/series.js";
import { accountDay, byReport, inOrder, lines, monthOf, wire } from "../../client_sdk/js/sync/standing/worklist.js";
import { Catalogue } from "../../client_sdk/js/sync/types/catalogue.js";
import { cases, typesAnswer } from "./vectors.js";

const catalogue = new Catalogue(typesAnswer());
const FILES = ["twelve", "counted", "owed", "courses"].map((name) => `standing_${name}.json`);

/** Without what is nothing, as the files write it. @param {any} value @returns {any} */
function said(value) {
  if (Array.isArray(value)) return value.map(said);
  if (value === null || typeof value !== "object") return value;
  const there = Object.entries(value).filter(([, one]) => one !== null && !(Array.isArray(one) && !one.length));
  return Object.fromEntries(there.map(([name, one]) => [name, said(one)]));
}

/** @param {string} file @returns {{records: any[], stories: any[]}} */
function read(file) {
  const all = cases(file);
  return { records: all.filter((one) => "record" in one), stories: all.filter((one) => "story" in one) };
}

/** @template T @param {T} value @returns {T} */
function frozen(value) {
  if (value && typeof value === "object") Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

for (const file of FILES) {
  const { records, stories } = read(file);
  frozen(records);
  for (const { story, asked } of stories) {
    test(`${file}: ${story}`, () => {
      for (const one of asked) {
        const known = one.known.map((/** @type {number} */ place) => records[place]);
        const options = { also: one.also, sameAs: one.same_as, over: one.over, catalogue };
        const whole = account(one.resident ?? "", known, one.on, options);
        assert.equal(whole.on, one.on);
        const told = said({ standing: whole.standing, until: whole.until, work: whole.work });
        assert.deepEqual(told, { standing: one.standing, until: one.until, ...(one.work ? { work: one.work } : {}) });
        assert.deepEqual(Object.keys(told.standing), Object.keys(one.standing), "in the order of the server");
        if (!one.over) assert.deepEqual(standing(one.resident ?? "", known.reverse(), one.on, options), whole.standing);
      }
    });
  }
}

/** What is known of one of the twelve. @param {string} story */
function personOf(story) {
  const { records, stories } = read(FILES[0]);
  const [{ resident, known, on }] = stories.find((one) => one.story === story).asked;
  return { resident, on, known: known.map((/** @type {number} */ place) => records[place]) };
}

test("a visit to Li Dashan that is being filled in gets the advice that the standing will have of it", () => {
  const { resident, known, on } = personOf("the same reading at 64");
  const declared = catalogue.types.get("hypertension_visit");
  assert.ok(declared);
  const facts = new Facts([resident], known, new Day(on), catalogue);
  const person = facts.person(resident);
  const view = { visit: { visited_on: on, way: "clinic" }, vitals: { systolic_mmhg: 148, diastolic_mmhg: 88 } };
  const fresh = adviceOn(declared, view, on, facts, person);
  assert.deepEqual([fresh.get("class"), fresh.get("measure")], ["uncontrolled", "refer_followup"]);
  const [last] = facts.of("hypertension_visit").slice(-1);
  const again = adviceOn(declared, view, on, facts, person, last.id);
  assert.deepEqual([again.get("class"), again.get("measure")], ["uncontrolled", "two_week"], "he was controlled before the one he changes");
  const stranger = adviceOn(declared, view, on, new Facts([], [], new Day(on), catalogue), null);
  assert.equal(stranger.get("measure"), "two_week");
});

test("whom a visit to a home names, and where a person lives", () => {
  const { known, resident } = personOf("poor and in bed");
  const visits = known.filter((/** @type {any} */ one) => one.record.type === "home_visit");
  assert.deepEqual(visits.map((/** @type {any} */ one) => metBy(one.record).size), [1, 2, 1, 0, 1]);
  const [{ record }] = known.filter((/** @type {any} */ one) => one.record.record === resident);
  assert.equal(householdOf(record), null, "the vector has no section that a standing does not read");
  const [edit] = record.edits;
  const home = { ...edit, sections: { household: { household: "06-01-01" } } };
  assert.equal(householdOf({ ...record, edits: [home] }), "06-01-01");
  assert.equal(metBy(record).size, 0);
});

test("what is due is overdue from the day after and soon from a week before, and what is urgent comes first", () => {
  const on = "2026-11-22";
  const told = ["2026-11-21", on, "2026-11-29", "2026-11-30"].map((by) => urgency(by, new Day(on)));
  assert.deepEqual(told, [OVERDUE, SOON, SOON, LATER]);
  assert.equal(urgency("9999-12-31", new Day(on), true), URGENT);
  const item = { what: "service", reason: "a", by: on, urgency: SOON, record: "r", disputed: false, programme: null };
  assert.ok(pressing({ ...item, urgency: URGENT })[0] < pressing(item)[0]);
});

// -- the list *my work* ---------------------------------------------------------------------------------------------------

test("Ana reads the work of a month, each record once, and who had it last year does not", () => {
  const { resident, known, on } = personOf("poor and in bed");
  const told = account(resident, known, on, { catalogue });
  const wife = account("06-00-02", known, on, { catalogue });
  const found = lines([told, wife], "p-ana", ...monthOf("2026-03"));
  assert.deepEqual(found.map((line) => [line.record, line.on, line.counts, line.counted]), [
    ["06-09-02", "2026-03-10", ["home_visit"], true],
  ]);
  assert.deepEqual(found[0].residents, [resident, "06-00-02"].sort());
  assert.deepEqual(lines([told], "p-ben", ...monthOf("2026-03")), []);
  assert.deepEqual(lines([told], "p-ana", ...monthOf("2025-12")), []);
});

test("what a report does not count is counted only by a correction", () => {
  const line = wire({ record: "r", type: "home_visit", on: "2026-03-10", counts: ["home_visit"] });
  assert.deepEqual(Object.keys(line), [
    "record", "type", "on", "residents", "counts", "reason", "late_days", "waiting", "detail", "report", "counted",
  ]); // prettier-ignore
  assert.equal(line.counted, true);
  const report = { area: "411499001", issue: 1, counted: false };
  assert.deepEqual(byReport(line, report), { ...line, report, reason: "after_cutoff", counted: false });
  assert.deepEqual(byReport(line, { ...report, counted: true }), { ...line, report: { ...report, counted: true } });
  assert.deepEqual(byReport(line, null), line);
  const refused = wire({ ...line, counts: [], reason: "not_met" });
  assert.equal(byReport(refused, report).reason, "not_met");
});

test("a record that two residents have counts if it counts for one, and one told under another record is told there", () => {
  /** @param {string} resident @param {string[]} counts @param {string | null} reason @returns {any} */
  const had = (resident, counts, reason) => ({
    standing: { resident },
    work: [{ record: "r", type: "home_visit", on: "2026-03-10", counts, reason, late_days: 0, authors: ["p-ana"], written_on: null }],
  });
  const month = monthOf("2026-03");
  const of = (/** @type {any[]} */ ...every) => lines(every, "p-ana", ...month)[0];
  assert.deepEqual(of(had("b", [], "not_met"), had("a", ["home_visit"], null)).residents, ["a", "b"]);
  assert.equal(of(had("b", [], "not_met"), had("a", ["home_visit"], null)).counted, true);
  assert.equal(of(had("b", [], "void"), had("a", [], "not_met")).reason, "not_met");
  assert.deepEqual(of(had("b", [], "same_person"), had("a", ["home_visit"], null)).residents, ["a"]);
  assert.deepEqual(of(had("a", ["home_visit"], null), had("b", [], "same_person")).residents, ["a"]);
  assert.deepEqual(of(had("", [], "no_resident")).residents, []);
});

test("a month has a first and a last day, an account is asked for today or at the end of its year", () => {
  assert.deepEqual(monthOf("2024-02"), ["2024-02-01", "2024-02-29"]);
  assert.deepEqual(monthOf("2026-12"), ["2026-12-01", "2026-12-31"]);
  assert.deepEqual(monthOf("9999-12"), ["9999-12-01", "9999-12-31"]);
  for (const text of ["2026-13", "2026", "2026-1", "", "0000-01", "2026-11-01"]) assert.throws(() => monthOf(text), RangeError);
  assert.equal(accountDay("2026-03-31", "2026-11-22"), "2026-11-22");
  assert.equal(accountDay("2025-03-31", "2026-11-22"), "2025-12-31");
  assert.equal(accountDay("2027-03-31", "2026-11-22"), "2026-11-22");
});

test("lines without a day come first", () => {
  const line = wire({ record: "b", type: "referral", on: "2026-03-10" });
  const every = [line, { ...line, record: "a" }, { ...line, record: "z", on: null }];
  assert.deepEqual(inOrder(every).map((one) => one.record), ["z", "a", "b"]);
});
