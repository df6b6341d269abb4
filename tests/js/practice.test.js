// The practice mode: sample people to try things out on, of whom nothing can reach a server.
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../../client_sdk/js/client.js";
import { fits } from "../../server/app/static/forms/signing.js";
import { Hamlet, PIN, TYPES, pressure, visit } from "./hamlet.js";

const now = () => new Date("2026-11-21T09:00:00+08:00");
let names = 0;

async function practising() {
  const name = `practice-${(names += 1)}`;
  return { name, phone: await Client.practise({ name, pin: PIN, catalogue: TYPES, now }) };
}

test("there are eight people: one overdue, one with both diseases, a family of three, a plan that two changed", async () => {
  const { phone } = await practising();
  const rows = await phone.rows();
  equal(rows.length, 8);
  const due = await phone.due();
  deepEqual([due[0].name, due[0].what, due[0].urgency], ["王秀兰", "hypertension_visit", "overdue"]);
  deepEqual(
    rows.filter((row) => ["hypertension", "diabetes"].every((one) => row.groups.includes(one))).map((row) => row.name),
    ["李建国"],
  );
  const door = rows.find((row) => row.resident === due[0].resident)?.household;
  equal(rows.filter((row) => row.household === door).length, 3);
  const [plan, ...more] = await phone.conflicts();
  deepEqual([plan.type, Object.keys(plan.conflicts), more], ["care_plan", ["summary"], []]);
  deepEqual(
    (await phone.search("wxl")).map((row) => row.name),
    ["王秀兰"],
  );
  const errors = (await phone.find()).flatMap((view) =>
    view.issues.filter((issue) => issue.level === "error").map((issue) => [view.type, issue]),
  );
  deepEqual(errors, [], "the sample is an example of forms well filled in");
});

test("what is practised is kept and counts at once, and can be taken back", async () => {
  const { phone, name } = await practising();
  const [{ resident }] = await phone.due();
  const record = await phone.create("hypertension_visit", visit({ day: "2026-11-21", systolic: 132 }), { subject: resident });
  const view = await phone.edit(record, { vitals: pressure(130) });
  deepEqual([view.pending, view.sections.vitals, await phone.outbox()], [false, pressure(130), []]);
  ok((await phone.due()).every((item) => item.resident !== resident || item.what !== "hypertension_visit"));
  deepEqual((await phone.myWork()).find((line) => line.record === record)?.counts, ["followup:hypertension"]);
  const [plan] = await phone.conflicts();
  await phone.resolve(plan, "summary", plan.conflicts.summary[0].value, { reason: "练习" });
  deepEqual(await phone.conflicts(), []);
  await phone.close();
  const again = await Client.open({ name, pin: PIN, now });
  deepEqual((await again.get(record)).sections.vitals, pressure(130));
  equal((await again.status()).mode, "practice");
  ok((await again.void(record, "test")).void);
});

test("a contract can be signed, and nobody who may exist is called by the numbers", async () => {
  const { phone } = await practising();
  const packages = await phone.find({ type: "service_package" });
  deepEqual(
    packages.map((one) => [one.sections.package?.name, fits(one, "2026-11-21", { groups: [] })]),
    [
      ["基础服务包", true],
      ["初级服务包", true],
    ],
  );
  const numbers = (await phone.rows()).flatMap((row) => row.phones);
  equal(numbers.length, 8);
  ok(numbers.every((number) => /^154\d{8}$/.test(number)));
});

test("nothing of it can reach a server", async () => {
  const { phone, name } = await practising();
  const [{ resident }] = await phone.due();
  await phone.create("hypertension_visit", visit({ day: "2026-11-21" }), { subject: resident });
  await rejects(phone.sync(), { name: "PracticeError" });
  deepEqual([await phone.outbox(), (await phone.status()).waiting], [[], 0]);
  await phone.close();
  const hamlet = new Hamlet();
  const again = await Client.open({ name, pin: PIN, now, transport: hamlet });
  await rejects(again.sync(), { name: "PracticeError" });
  await again.close();
  await rejects(Client.enrol("http://hamlet", "good", { name, pin: PIN, transport: hamlet }), { name: "PracticeError" });
  deepEqual(hamlet.asked, []);
  equal(await Client.state(name), "practice");
});

test("a real phone is never taken for practice, and practice begins anew", async () => {
  const hamlet = new Hamlet();
  const real = await Client.enrol("http://hamlet", "good", { name: "real", pin: PIN, transport: hamlet });
  const record = await real.create("hypertension_visit", visit());
  await rejects(Client.practise({ name: "real", pin: PIN, catalogue: TYPES }), { name: "OtherPersonError" });
  ok((await real.get(record)).pending);
  const { phone, name } = await practising();
  await phone.create("resident", { identity: { name: "新人" } });
  await phone.close();
  equal((await (await Client.practise({ name, pin: PIN, catalogue: TYPES, now })).rows()).length, 8);
});
