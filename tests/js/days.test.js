// The calendar of the phone is that of Python: worked days.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as days from "../../client_sdk/js/sync/days.js";
import { cases } from "./vectors.js";

const functions = /** @type {{[name: string]: (...given: any[]) => unknown}} */ (/** @type {unknown} */ (days));

test("every worked day comes out as in Python", () => {
  for (const { story, asked: [name, ...given], answer } of cases("days.json")) {
    assert.equal(functions[name](...given), answer, story);
  }
  assert.ok(cases("days.json").length > 500);
});

test("a day is a text of a day that there is, and nothing else", () => {
  for (const one of [null, undefined, 20261121, ["2026-11-21"], { day: "2026-11-21" }, new Date(0)]) {
    assert.equal(days.isDay(one), false);
  }
  assert.ok(days.isDay(days.MIN) && days.isDay(days.MAX));
});

test("a period that nobody can read is refused", () => {
  for (const period of ["14D", "P14", "P-1D", "P1W", "P14D ", ""]) {
    assert.throws(() => days.later("2026-11-20", period), /no period/);
  }
});
