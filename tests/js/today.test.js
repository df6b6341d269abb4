/** What the first page tells a doctor in the morning: who comes first, and how long nothing was uploaded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sections } from "../../server/app/static/today.js";
import { stripWords } from "../../server/app/static/parts.js";

const TODAY = "2026-11-22";
/** @param {string} name @param {string} by @param {any} [more] */
const row = (name, by, more = {}) => ({ resident: name, name, due: [{ what: "hypertension_visit", by, urgency: "soon", ...more.due }], ...more.row });

test("who is urgent comes before who is long overdue, whatever the day", () => {
  const late = row("王秀兰", "2026-06-01"), urgent = row("李建国", "2026-12-04", { due: { urgency: "urgent" } }), now = row("陈小梅", TODAY);
  const found = sections([late, now, urgent], TODAY);
  assert.deepEqual(found.overdue.map((one) => one.row.name), ["李建国", "王秀兰"]);
  assert.deepEqual(found.now.map((one) => one.row.name), ["陈小梅"]);
});

test("of somebody's items the urgent one is told, and how many others there are", () => {
  const both = { resident: "a", due: [{ what: "health_exam", by: "2026-10-01", urgency: "overdue" }, { what: "hypertension_visit", by: "2026-11-30", urgency: "urgent" }] };
  const [{ item, more }] = sections([both], TODAY).overdue;
  assert.deepEqual([item.what, more], ["hypertension_visit", 1]);
});

test("the earlier day comes first in each part of the list", () => {
  const found = sections([row("b", "2026-11-28"), row("a", "2026-11-25"), row("c", "2027-01-05")], TODAY);
  assert.deepEqual([found.week.map((one) => one.row.name), found.soon.map((one) => one.row.name)], [["a", "b"], ["c"]]);
});

/** @param {any} status @param {any} [more] */
const strip = (status, more = {}) =>
  stripWords(/** @type {any} */ ({ status: { waiting: 0, lastSync: null, ...status }, now: () => new Date("2026-11-22T20:00:00+08:00"), online: true, reached: true, attention: 0, ...more }));

test("from twelve hours on the strip says how long nothing was uploaded, with or without a signal", () => {
  const since = (/** @type {string} */ time) => ({ waiting: 3, lastSync: `2026-11-22T${time}+08:00` });
  assert.match(strip(since("08:00:00")).text, /已12小时未上传，请到有信号处$/);
  assert.match(strip(since("08:00:00"), { online: false }).text, /已12小时未上传/);
  assert.match(strip(since("08:00:01")).text, /^3条待上传/);
  assert.match(strip({ waiting: 0, lastSync: "2026-11-21T20:00:00+08:00" }).text, /全部已上传/, "nothing waits: there is nothing to hurry for");
});
