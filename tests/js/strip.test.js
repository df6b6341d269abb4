// What the line on every page says of how it stands with the server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { stripWords } from "../../server/app/static/parts.js";

const NOW = new Date("2026-11-22T20:15:00+08:00");
/** The app as the strip sees it. @param {{waiting?: number, hours?: number, [part: string]: any}} [parts] @returns {any} */
const app = ({ waiting = 0, hours = 1, ...parts } = {}) => ({
  status: { waiting, lastSync: new Date(NOW.getTime() - hours * 3_600_000).toISOString() },
  now: () => NOW, online: true, reached: true, attention: 0, syncing: false, practice: false, ...parts,
});
/** @param {any} given */
const says = (given) => stripWords(app(given)).text;

test("what needs somebody does not hide what waits to be sent", () => {
  assert.equal(says({ attention: 2, waiting: 3 }), "2条需要处理 · 3条待上传");
  assert.deepEqual([says({ attention: 2 }), says({ waiting: 3 }), says({})], ["2条需要处理", "3条待上传", "全部已上传"]);
});

test("after twelve hours what waits asks for a place with a signal, on a line and off it, and says how much it is", () => {
  for (const online of [true, false]) {
    assert.equal(says({ waiting: 3, hours: 12, online, attention: 1 }), "3条已12小时未上传，请到有信号处");
    assert.doesNotMatch(says({ waiting: 3, hours: 11.9, online }), /小时/);
    assert.doesNotMatch(says({ hours: 30, online }), /小时/);
  }
  assert.equal(stripWords(app({ waiting: 1, hours: 12 })).tone, "amber");
});
