// A phone whose clock is wrong: it lists and dates by the better of two clocks, and believes no difference longer than it may.
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { measured, timeBy } from "../../client_sdk/js/clock.js";
import { Clock, Hamlet, aPhone, patient, visit } from "./hamlet.js";

const DAY = 86_400_000;
const HEARD = new Date("2026-11-21T08:00:00+08:00");

/** What a phone takes the time to be that was `days` behind when it heard the server last. @param {number} days */
function wrongBy(days) {
  const at = HEARD.getTime() - days * DAY;
  /** @param {number} passed days by its own clock */
  return (passed) => {
    const time = timeBy({ offset_ms: days * DAY, offset_at: at }, new Date(at + passed * DAY));
    return (time.getTime() - HEARD.getTime()) / DAY;
  };
}

test("years behind or ahead, the phone counts on from what the server said", () => {
  for (const days of [20_000, 30, 1, -1, -30, -26_000]) deepEqual([0, 0.5].map(wrongBy(days)), [0, 0.5], `${days} days`);
  for (const days of [20_000, -26_000]) equal(wrongBy(days)(60), 60, "also after two months without a signal");
});

test("a clock that somebody has put right is believed at once, without a signal", () => {
  for (const days of [20_000, 30, 1]) equal(wrongBy(days)(days + 0.25), 0.25, `${days} days behind`);
  for (const days of [26_000, 30, 1]) equal(wrongBy(-days)(0.25 - days), 0.25, `${days} days ahead`);
});

test("a clock that fell back to 1970 is not believed: it was not earlier than when the server was heard", () => {
  equal(wrongBy(0)(-20_000), 0);
  equal(wrongBy(-26_000)(-46_000), 0);
});

test("some minutes are nobody's business, nor is the time that a request takes", () => {
  const now = new Date(HEARD.getTime() + DAY / 4);
  for (const offset_ms of [0, 240_000, -240_000]) equal(timeBy({ offset_ms, offset_at: HEARD.getTime() }, now), now);
  equal(timeBy({ offset_ms: 0, offset_at: 0 }, now), now, "nothing was heard yet");
  const [asked, answered] = [HEARD, new Date(HEARD.getTime() + 900_000)];
  const found = (/** @type {number} */ server) => measured(HEARD.getTime() + server, asked, answered).offset_ms;
  deepEqual([found(0), found(600_000), found(900_000)], [0, 0, 0], "a quarter of an hour on the line");
  deepEqual([found(DAY), found(-DAY)], [DAY - 900_000, -DAY]);
  equal(measured(HEARD.getTime(), new Date(HEARD.getTime() + 9_000 * DAY), HEARD).offset_ms, 0, "put right while it was asked");
});

for (const year of [1970, 2099]) {
  test(`with the clock of ${year} who is due, and the day of what is written, are those of the true day`, async () => {
    const { phone, hamlet, clock } = await aPhone(new Hamlet(), new Clock(`${year}-01-02T09:30:00+08:00`));
    const who = await patient(phone);
    await phone.create("hypertension_visit", visit(), { subject: who });
    const visits = async () => (await phone.due()).filter((one) => one.what === "hypertension_visit");
    const due = async () => (await visits()).map((one) => [one.urgency, one.by]);
    deepEqual(await due(), [["soon", "2026-11-24"]]);
    const asked = await phone.link(await phone.create("resident", { identity: { name: "王绣兰" } }), who);
    equal(asked.sections.link?.decided_on, "2026-11-21");
    const waiting = await phone.outbox();
    ok(waiting.every((edit) => edit.written_at.startsWith(`${year}-01-02`)), "which clock said so is the phone's");
    ok((await phone.sync()).complete);
    const { lastSync, clock: known } = await phone.status();
    ok(lastSync?.startsWith("2026-11-21T00:15"), String(lastSync));
    ok(Math.abs(known.offset_ms) > 40 * 365 * DAY);

    hamlet.works = false;
    clock.moment = Date.parse("2026-11-25T08:00:00+08:00"); // the doctor has put it right
    deepEqual(await due(), [["overdue", "2026-11-24"]]);
    hamlet.works = true;
    hamlet.now = "2026-11-25T00:00:01.000Z";
    await phone.sync();
    deepEqual(await due(), [["overdue", "2026-11-24"]]);
    ok(Math.abs((await phone.status()).clock.offset_ms) < 60_000);
  });
}
