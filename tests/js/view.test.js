// What a doctor sees of a record: values in, values out.
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { Catalogue } from "../../client_sdk/js/sync/types/catalogue.js";
import { carried, composed, contested, estimate, history, look, mentions } from "../../client_sdk/js/view.js";
import { theirs } from "./hamlet.js";
import { typesAnswer } from "./vectors.js";

const CATALOGUE = new Catalogue(typesAnswer());
const ID = "01970000-0000-7000-8000-000000000001";
const ON = "2026-11-21";
const offset = estimate(60_000);

/** @param {number} counter @param {any} sections @param {object} [parts] @returns {import("../../client_sdk/js/view.js").Edit} */
const edit = (counter, sections, parts = {}) => {
  const place = { record: ID, type: "care_plan", subject: null, scope: "v1", author: "p-li" };
  const dot = /** @type {[string, number]} */ (["actor0001", counter]);
  /** @type {import("../../client_sdk/js/view.js").Vector} */
  const context = counter > 1 ? { actor0001: counter - 1 } : {};
  return { ...place, dot, context, written_at: "2026-11-21T08:00:00+08:00", sections, ...parts };
};

test("a record that only waits is shown, in the order in which it was written", () => {
  const view = look(
    null,
    [edit(1, { summary: { goals: "a" }, team: {} }), edit(2, { summary: { goals: "b" } })],
    ON,
    offset,
    CATALOGUE,
  );
  deepEqual([view.sections.summary, view.seen, view.settled, view.pending], [{ goals: "b" }, { actor0001: 2 }, {}, true]);
});

test("an edit that the base has is not shown twice", () => {
  const first = edit(1, { summary: { goals: "a" } });
  const { record } = composed(null, [first], offset, CATALOGUE);
  const view = look({ record, issues: [] }, [first, edit(2, { team: {} })], ON, offset, CATALOGUE);
  deepEqual(view.seen, { actor0001: 2 });
  deepEqual(
    history({ record, issues: [] }, [first, edit(2, { team: {} })]).map((one) => one.state),
    ["applied", "pending"],
  );
});

test("two who changed one list apart are asked, whoever sees it", () => {
  const colleague = theirs(ID, { "measure/m1": { action: "a" } }, { type: "care_plan" });
  const mine = edit(1, { "measure/m2": { action: "b" } });
  const view = look({ record: colleague, issues: [] }, [mine], ON, offset, CATALOGUE);
  deepEqual(
    view.issues.filter((issue) => issue.code === "review").map((issue) => issue.section),
    ["measure"],
  );
});

test("a void that did not see an edit is a conflict, and may be one before the catalogue is asked", () => {
  const issue = /** @type {const} */ ({ section: "void", field: null, code: "void-clash", level: "warning" });
  const held = { record: theirs(ID, { vitals: { systolic_mmhg: 138 } }), issues: [issue] };
  deepEqual(Object.keys(look(held, [], ON, offset, CATALOGUE).conflicts), ["void"]);
  equal(contested(held), true);
  equal(contested({ ...held, issues: [] }), false);
});

test("the time of what waits is by the server's clock, and a clock that ran wild is shown as it was", () => {
  const at = (/** @type {string} */ written_at) => offset(edit(1, {}, { written_at }));
  deepEqual(["2026-11-21T08:00:00+08:00", "9999-12-31T23:59:59.000-08:00", "9999-12-31T23:59:30.000Z", "soon"].map(at), [
    "2026-11-21T00:01:00.000Z",
    "9999-12-31T23:59:59.000-08:00",
    "9999-12-31T23:59:30.000Z",
    "soon",
  ]);
});

test("fields of a newer phone are carried along, those of the form are not, and what is emptied stays empty", () => {
  const shown = {
    vitals: { systolic_mmhg: 1, pulse_wave: 2 },
    sleep: { hours: 3 },
    "medication/m": { drug: "a", of_tomorrow: 1 },
  };
  const news = { vitals: { diastolic_mmhg: 4 }, sleep: null, "medication/m": { drug: "b" } };
  const expected = { vitals: { pulse_wave: 2, diastolic_mmhg: 4 }, sleep: null, "medication/m": { of_tomorrow: 1, drug: "b" } };
  deepEqual(carried(CATALOGUE, "hypertension_visit", news, shown), expected);
});

test("a text is found in any value whatever its width and case", () => {
  const view = look(
    { record: theirs(ID, { "medication/m": { drug: "Ａmlodipine", rows: [{ note: "早饭后" }] } }), issues: [] },
    [],
    ON,
    offset,
    CATALOGUE,
  );
  deepEqual(
    ["amlo", "早饭", "晚饭"].map((text) => mentions(view, text)),
    [true, true, false],
  );
});
