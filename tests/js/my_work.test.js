// My work: what a doctor wrote in a month, counted or not, and why not; and what others decided about it.
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { aPhone, atHome, patient, pressure, register, resident, theirs, visit } from "./hamlet.js";

/** @typedef {import("../../client_sdk/js/client.js").Client} Client */

const [NOVEMBER, OCTOBER] = ["2026-11", "2026-10"];
const SERVER = "s0123456789ab";
const WHY = { about: ["vitals"], reason: "电话核实，以家中所测为准", decided_on: "2026-11-21" };

/** @param {Client} phone @param {string} [month] */
const told = async (phone, month = NOVEMBER) =>
  Object.fromEntries((await phone.myWork(month)).map((line) => [line.record, line.reason ?? line.counts]));

/** @param {Client} phone @param {string} who @param {string} [day] @param {object} [parts] */
const seen = (phone, who, day = "2026-11-10", parts = {}) =>
  phone.create("hypertension_visit", visit({ day, ...parts }), { subject: who });

test("a visit waits for a signal, then counts, and then is void", async () => {
  const { phone } = await aPhone();
  const name = await seen(phone, await patient(phone));
  deepEqual(await told(phone), { [name]: "not_received" });
  ok((await phone.sync()).complete);
  deepEqual(await told(phone), { [name]: ["followup:hypertension"] });
  await phone.void(name, "wrong-person");
  const [line] = await phone.myWork();
  deepEqual([line.counted, line.waiting], [true, true], "the server has not heard of it");
  await phone.sync();
  deepEqual(await told(phone), { [name]: "void" });
});

test("each record says why it does not count", async () => {
  const { phone } = await aPhone();
  const who = await patient(phone);
  const called = await seen(phone, who, "2026-11-02", { way: "phone" });
  const [good, again] = [await seen(phone, who), await seen(phone, who)];
  const stranger = await seen(phone, await phone.create("resident", resident("李国强")), "2026-11-12");
  const nobody = await seen(phone, "01970000-0000-7000-8000-00000000000b", "2026-11-13");
  await phone.sync();
  const reasons = await told(phone);
  deepEqual([reasons[called], reasons[stranger], reasons[nobody]], ["by_phone", "no_register", "no_resident"]);
  deepEqual([String(reasons[good]), String(reasons[again])].sort(), ["duplicate", "followup:hypertension"]);
  equal(Object.keys(reasons).length, 5, "the month of the register was January");
});

test("what a colleague wrote is the colleague's and what both wrote is of both", async () => {
  const { phone, hamlet } = await aPhone();
  const who = await patient(phone);
  const [name, other] = [await seen(phone, who), "01970000-0000-7000-8000-0000000000aa"];
  await phone.sync();
  hamlet.put(theirs(other, visit({ day: "2026-11-05" }), { subject: who }));
  const before = hamlet.at(name).seen;
  await phone.edit(name, { visit: { visited_on: "2026-11-11", way: "clinic", doctor: "p-li" } });
  hamlet.changed(name, "colleague1", 2, { visit: { visited_on: "2026-11-12", way: "clinic", doctor: "p-wang" } }, before);
  await phone.sync();
  deepEqual(await told(phone), { [name]: "conflict_open" });
});

test("a home visit to two of a family is one line", async () => {
  const { phone } = await aPhone();
  const home = await phone.create("household", {});
  const pair = [
    await phone.create("resident", resident("王秀兰", { home })),
    await phone.create("resident", resident("李国强", { home })),
  ];
  const met = await phone.create("home_visit", atHome("2026-11-03", ...pair), { subject: home });
  const nobody = { visited_on: "2026-11-04", not_met_reason: "nobody_home", household_times: 0, person_times: 0 };
  const unmet = await phone.create("home_visit", { visit: nobody }, { subject: home });
  await phone.sync();
  const lines = new Map((await phone.myWork(NOVEMBER)).map((line) => [line.record, line]));
  deepEqual([lines.get(met)?.counts, lines.get(met)?.residents], [["home_visit"], pair.sort()]);
  equal(lines.get(unmet)?.reason, "not_met");
});

test("what the server set aside is told with its reason", async () => {
  const { phone, hamlet } = await aPhone();
  const who = await patient(phone);
  await phone.sync();
  hamlet.scopes = { v1: { write: false } };
  const name = await seen(phone, who);
  await phone.sync();
  const [line] = await phone.myWork(NOVEMBER);
  deepEqual([line.record, line.reason, line.detail, line.residents], [name, "set_aside", "out-of-scope", [who]]);
});

test("who is registered twice has each visit counted once", async () => {
  const { phone } = await aPhone();
  const [first, again] = [await patient(phone), await patient(phone, "王绣兰")];
  const names = [await seen(phone, first, "2026-11-03"), await seen(phone, again, "2026-11-10")];
  await phone.link(again, first);
  await phone.sync();
  const lines = await phone.myWork(NOVEMBER);
  deepEqual(
    lines.map((line) => [line.record, line.counts, line.residents]),
    names.map((name) => [name, ["followup:hypertension"], [first]]),
  );
});

test("a month of last year is told by the last day of that year", async () => {
  const { phone } = await aPhone();
  const who = await phone.create("resident", resident());
  await phone.create("chronic_register", register("hypertension", {}, "2025-01-05"), { subject: who });
  const name = await seen(phone, who, "2025-12-10");
  await phone.sync();
  deepEqual([await told(phone, "2025-12"), await told(phone, "2026-12")], [{ [name]: ["followup:hypertension"] }, {}]);
  await rejects(phone.myWork("2026-13"), RangeError);
});

test("what the server did not name of a frozen month came later", async () => {
  const { phone, hamlet } = await aPhone();
  const who = await patient(phone);
  const there = await seen(phone, who, "2026-10-10");
  await phone.sync();
  const report = { village: "v1", area: "v1", issue: 1 };
  const line = { record: there, reason: null, report: { area: "v1", issue: 1, counted: true } };
  hamlet.work[OCTOBER] = { lines: [line], reports: [report] };
  await phone.sync();
  const late = await seen(phone, who, "2026-10-20");
  await phone.sync();
  deepEqual(await told(phone, OCTOBER), { [there]: ["followup:hypertension"], [late]: "after_cutoff" });
  ok(await phone.reportsAsOf(OCTOBER));
  equal(await phone.reportsAsOf("2026-03"), null);
  await phone.myWork("2026-03");
  await phone.sync();
  ok(await phone.reportsAsOf("2026-03"), "a month that was looked at is asked for by the next sync");
});

// -- decisions

/** A visit to which this phone wrote 150 and a colleague, apart from it, 138; both ends know. */
async function clash() {
  const { phone, hamlet, ...rest } = await aPhone();
  const name = await seen(phone, await patient(phone), "2026-11-10", { systolic: 146 });
  await phone.sync();
  const before = hamlet.at(name).seen;
  await phone.edit(name, { vitals: pressure(150) });
  hamlet.changed(name, "colleague1", 1, { vitals: pressure(138) }, before);
  const report = await phone.sync();
  deepEqual([report.conflicts, report.decisions], [1, []]);
  return { phone, hamlet, name, ...rest };
}

test("what was decided at the dashboard is told once and kept", async () => {
  const { phone, hamlet, name } = await clash();
  hamlet.changed(name, SERVER, 1, { decision: WHY, vitals: pressure(138) });
  hamlet.loses = 1;
  await phone.sync();
  const [decision, ...more] = (await phone.sync()).decisions;
  deepEqual(
    [decision.record, decision.author, decision.reason, decision.about, more],
    [name, "p-wang", WHY.reason, ["vitals"], []],
  );
  deepEqual(decision.kept, { vitals: pressure(138) });
  deepEqual(
    decision.lost.map(({ section, value, author }) => [section, value, author]),
    [["vitals", pressure(150), "p-li"]],
  );
  deepEqual([await phone.conflicts(), (await phone.sync()).decisions], [[], []]);
  deepEqual([await phone.decisions(), await phone.decisions(name)], [[decision], [decision]]);
});

test("a conflict sent back to the doctors still waits and says so", async () => {
  const { phone, hamlet, name } = await clash();
  hamlet.changed(name, SERVER, 1, { decision: WHY });
  const [decision] = (await phone.sync()).decisions;
  deepEqual([decision.returned, decision.lost], [["vitals"], []]);
  deepEqual(
    (await phone.conflicts()).map((view) => view.id),
    [name],
  );
});

test("a doctor who settles it on a phone says why and needs not be told", async () => {
  const { phone, hamlet, name } = await clash();
  await phone.resolve(name, "vitals", pressure(150), { reason: "我在场，已复测" });
  deepEqual((await phone.sync()).decisions, []);
  const [decision] = await phone.decisions(name);
  deepEqual(
    [decision.author, decision.reason, decision.lost.map((lost) => lost.value)],
    ["p-li", "我在场，已复测", [pressure(138)]],
  );
  deepEqual(hamlet.at(name).edits.at(-1)?.sections.decision?.about, ["vitals"]);
});

test("a phone that never held the record is told nothing and can read it", async () => {
  const { phone, hamlet } = await aPhone();
  const name = "01970000-0000-7000-8000-0000000000aa";
  hamlet.put(theirs(name, { vitals: pressure(138), decision: WHY }));
  deepEqual([(await phone.sync()).decisions, await phone.decisions()], [[], []]);
  const [decision] = await phone.decisions(name);
  deepEqual([decision.reason, decision.lost], [WHY.reason, []]);
});

// -- appeals

/** A resident who was promised advice once a quarter, and got none. @param {Client} phone */
async function signed(phone) {
  const who = await patient(phone);
  const item = { name: "用药指导", nature: "basic", times_per_year: 4, due_rule: "every_n_months", every_months: 3 };
  const term = { signed_on: "2026-01-01", starts_on: "2026-01-01", ends_on: "2026-12-31" };
  const form = { parties: { resident: who, team: "t-1" }, term, status: { status: "active" }, "item/advice": item };
  return phone.create("contract", form, { subject: who });
}

test("a doctor appeals for the last quarter missed and then for another", async () => {
  const { phone } = await aPhone();
  const contract = await signed(phone);
  await phone.appeal(contract, "advice", "当天入户，忘记录入");
  await phone.appeal(contract, "advice", "有照片", { owedBy: "2026-03-31" });
  const view = await phone.appeal(contract, "advice", "当天入户，忘记录入，有签名");
  const asked = Object.entries(view.sections).filter(([name]) => name.startsWith("appeal/"));
  deepEqual(Object.fromEntries(asked.map(([name, value]) => [name, [value?.owed_by, value?.reason]])), {
    "appeal/advice": ["2026-09-30", "当天入户，忘记录入，有签名"],
    "appeal/advice@2026-03-31": ["2026-03-31", "有照片"],
  });
});

test("nothing is appealed that is not missed or was refused, and what was upheld counts", async () => {
  const { phone, hamlet } = await aPhone();
  const contract = await signed(phone);
  for (const [item, reason] of [
    ["massage", "做了"],
    ["advice", " "],
  ])
    await rejects(phone.appeal(contract, item, reason), { name: "AppealError" });
  const asked = (await phone.appeal(contract, "advice", "当天入户")).sections["appeal/advice"];
  await phone.sync();
  hamlet.changed(contract, SERVER, 1, { "appeal/advice": { ...asked, decision: "refused", note: "无佐证" } });
  const [decision] = (await phone.sync()).decisions;
  deepEqual([decision.about, decision.reason, decision.lost], [["appeal/advice"], "无佐证", []]);
  await rejects(phone.appeal(contract, "advice", "再申诉"), /refused/);
  hamlet.changed(contract, SERVER, 2, {
    "appeal/advice": { ...asked, decision: "upheld", decided_on: "2026-11-21", decided_by: "p-lea" },
  });
  await phone.sync();
  const { subject } = await phone.get(contract);
  const owed = (await phone.standing(/** @type {string} */ (subject))).obligations.find((one) => one.by === "2026-09-30");
  equal(owed?.state, "upheld");
});
