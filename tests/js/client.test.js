// What doctors do with a phone, mostly without a network.
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../../client_sdk/js/client.js";
import { residentId } from "../../client_sdk/js/sync/identity.js";
import { Hamlet, TYPES, aPhone, patient, resident, theirs, visit } from "./hamlet.js";

const BP = { vitals: { systolic_mmhg: 152, diastolic_mmhg: 94 } };
const WANG = { identity: { name: "王秀兰", id_no: "11010519491231002X" }, contact: { phone: "13800001111" } };
const NOWHERE = "01970000-0000-7000-8000-000000000000";
const VILLAGE = "411499001201";

/** @param {string} name of an error */
const named = (name) => (/** @type {Error} */ error) => error.name === name;

/** A visit that phone and server both have. @param {Client} phone @param {any} [sections] */
async function synced(phone, sections = BP) {
  const record = await phone.create("hypertension_visit", sections);
  ok((await phone.sync()).complete);
  return record;
}

// -- making and reading records

test("two phones that register the same person name the same record", async () => {
  const { phone } = await aPhone();
  const record = await phone.create("resident", WANG);
  equal(record, await residentId(new Uint8Array(32), "11010519491231002x"));
  equal((await phone.get(record)).subject, record);
  const newborn = await phone.create("resident", { identity: { name: "小宝", id_missing_reason: "newborn" } });
  equal(newborn[14], "7");
});

test("registering a known person again lays both forms side by side", async () => {
  const { phone, hamlet } = await aPhone();
  const record = await phone.create("resident", WANG);
  await phone.sync();
  hamlet.changed(record, "colleague1", 1, { identity: { name: "王秀蘭" } });
  await phone.sync();
  equal(await phone.create("resident", WANG), record);
  deepEqual(
    (await phone.get(record)).conflicts.identity.map((claim) => claim.value?.name),
    ["王秀蘭", "王秀兰"],
  );
});

test("an incomplete form is kept and what is wrong is said", async () => {
  const { phone } = await aPhone();
  const view = await phone.get(await phone.create("hypertension_visit", { vitals: { systolic_mmhg: 60, diastolic_mmhg: 94 } }));
  const codes = view.issues.map(({ section, field, code }) => `${section}.${field} ${code}`);
  ok(codes.includes("vitals.diastolic_mmhg not_below") && codes.includes("vitals.heart_rate_per_min required"), String(codes));
  equal(view.sections.vitals?.systolic_mmhg, 60);
});

test("what the protocol cannot carry is refused before anything is kept", async () => {
  const { phone } = await aPhone();
  for (const value of [60.5, "a\0b", 2 ** 53]) {
    await rejects(phone.create("hypertension_visit", { vitals: { weight_kg: value } }), named("UnfitError"));
  }
  deepEqual(await phone.outbox(), []);
  await phone.create("hypertension_visit", BP);
  equal((await phone.outbox())[0].dot[1], 1);
});

test("a form that names tuberculosis goes to its programme by itself and never lies in the open", async () => {
  const { phone } = await aPhone(new Hamlet(VILLAGE, `${VILLAGE}:tb`, `${VILLAGE}:smd`));
  const who = await phone.create("resident", WANG);
  const plan = { "condition/tuberculosis": { education: "six months" } };
  equal((await phone.get(await phone.create("care_plan", plan, { subject: who }))).scope, `${VILLAGE}:tb`);
  const plain = await phone.create("care_plan", {}, { subject: who });
  const waiting = await phone.outbox();
  await rejects(phone.create("care_plan", plan, { subject: who, scope: VILLAGE }), named("ProtectedError"));
  await rejects(phone.edit(plain, plan), named("ProtectedError"));
  const both = { "condition/tuberculosis": {}, "condition/severe_mental_disorder": {} };
  await rejects(phone.create("care_plan", both, { subject: who }), named("ProtectedError"));
  await rejects(phone.edit(who, { history: { past_disease: ["tuberculosis"] } }), (error) =>
    /^history\.past_disease .*register/.test(/** @type {Error} */ (error).message),
  );
  deepEqual(await phone.outbox(), waiting);
});

test("without the grant a plan for tuberculosis is refused and not put in the open", async () => {
  const { phone } = await aPhone(new Hamlet(VILLAGE));
  const who = await phone.create("resident", WANG);
  await rejects(phone.create("care_plan", { "condition/tuberculosis": {} }, { subject: who }), named("ScopeError"));
  equal((await phone.outbox()).length, 1);
});

test("a record is where its resident is", async () => {
  const { phone } = await aPhone(new Hamlet("v1", "v2"));
  await rejects(phone.create("resident", WANG), named("ScopeError"));
  await rejects(phone.create("resident", WANG, { scope: "v3" }), named("ScopeError"));
  const who = await phone.create("resident", WANG, { scope: "v2" });
  equal((await phone.get(await phone.create("hypertension_visit", BP, { subject: who }))).scope, "v2");
  await phone.sync();
  equal((await phone.get(await phone.create("hypertension_visit", BP, { subject: who }))).scope, "v2");
});

test("records are found by any shown value, delivered or not", async () => {
  const { phone } = await aPhone();
  const who = await phone.create("resident", WANG);
  await phone.create("hypertension_visit", BP, { subject: who });
  const ids = async (/** @type {any} */ wanted) => (await phone.find(wanted)).map((view) => view.id);
  for (const round of [1, 2]) {
    deepEqual(
      [await ids({ type: "resident", text: "王秀" }), await ids({ text: "０１１１１" }), await ids({ text: "002x" })],
      [[who], [who], [who]],
    );
    deepEqual(
      [(await ids({ subject: who })).length, await ids({ text: "nobody" }), await ids({ scope: "v2" })],
      [2, [], []],
      `round ${round}`,
    );
    await phone.sync();
  }
  await phone.edit(who, { identity: { name: "王秀英" } });
  deepEqual([await ids({ text: "王秀英" }), await ids({ text: "王秀兰" })], [[who], []]);
  await rejects(phone.get(NOWHERE), named("NoSuchRecordError"));
  await rejects(phone.edit(NOWHERE, BP), named("NoSuchRecordError"));
});

test("the history tells what was delivered and what waits", async () => {
  const { phone } = await aPhone();
  const record = await synced(phone);
  await phone.edit(record, { tests: { name: "ECG" } });
  const [applied, pending] = await phone.history(record);
  deepEqual([applied.state, applied.author, Object.keys(applied.sections)], ["applied", "p-li", ["vitals"]]);
  ok(/^2026-11-21T08:15:\d\d\.000\+08:00$/.test(applied.written_at), applied.written_at);
  deepEqual([pending.state, pending.at, pending.sections.tests?.name], ["pending", null, "ECG"]);
});

test("what was saved is there after the phone was killed", async () => {
  const { phone, again } = await aPhone();
  const record = await phone.create("hypertension_visit", BP);
  const after = await again();
  deepEqual([(await after.get(record)).sections, (await after.get(record)).pending], [BP, true]);
});

// -- editing

test("fields of a newer phone survive the edit of an older one, and what was left out is left out", async () => {
  const { phone } = await aPhone();
  const record = await synced(phone, {
    vitals: { systolic_mmhg: 152, diastolic_mmhg: 94, pulse_wave: { a: 1 } },
    sleep: { hours: 6, naps: 2 },
  });
  const view = await phone.edit(record, { vitals: { systolic_mmhg: 140 }, sleep: { hours: 7 } });
  deepEqual(view.sections, { vitals: { systolic_mmhg: 140, pulse_wave: { a: 1 } }, sleep: { hours: 7, naps: 2 } });
  deepEqual((await phone.edit(record, { vitals: { systolic_mmhg: 141 } }, { carry: false })).sections.vitals, {
    systolic_mmhg: 141,
  });
  equal((await phone.edit(record, { sleep: null })).sections.sleep, null);
});

test("what arrived while a form lay open is not overwritten", async () => {
  const { phone, hamlet } = await aPhone();
  const record = await synced(phone);
  const form = await phone.get(record);
  hamlet.changed(record, "colleague1", 1, { vitals: { systolic_mmhg: 138 } });
  await phone.sync();
  const view = await phone.edit(form, { vitals: { systolic_mmhg: 141 } });
  deepEqual(view.conflicts.vitals.map((claim) => claim.value?.systolic_mmhg).sort(), [138, 141]);
  equal((await phone.sync()).conflicts, 1);
});

test("two forms saved one after the other from the same view both arrive", async () => {
  const { phone, hamlet } = await aPhone();
  const record = await synced(phone);
  const form = await phone.get(record);
  await phone.edit(form, { vitals: { systolic_mmhg: 141 } });
  await phone.edit(form, { tests: { name: "ECG" } });
  deepEqual(
    (await phone.outbox()).map((edit) => edit.context),
    [{ actor0001: 1 }, { actor0001: 2 }],
  );
  ok((await phone.sync()).complete);
  deepEqual(hamlet.records.get(record)?.seen, { actor0001: 3 });
});

test("a form opened before the same section was saved here is not saved over it", async () => {
  const { phone } = await aPhone();
  const record = await phone.create("hypertension_visit", BP);
  const form = await phone.get(record);
  await phone.edit(form, { vitals: { systolic_mmhg: 130 } });
  await rejects(phone.edit(form, { vitals: { systolic_mmhg: 140 } }), named("StaleViewError"));
  await phone.edit(form, { referral: { reason: "胸痛" } }); // what was not saved meanwhile may be
  equal((await phone.get(record)).sections.vitals?.systolic_mmhg, 130);
});

test("a form that was open while the record left keeps what its author saw", async () => {
  const { phone, hamlet } = await aPhone();
  const record = await synced(phone);
  hamlet.changed(record, "colleague1", 1, { vitals: { systolic_mmhg: 140 } });
  await phone.sync();
  const form = await phone.get(record);
  hamlet.move(record, "v2");
  await phone.sync();
  await phone.edit(form, { vitals: { systolic_mmhg: 145 } });
  deepEqual((await phone.outbox())[0].context, { ...form.seen });
});

test("a conflict waits for a person and a person settles it", async () => {
  const { phone, hamlet } = await aPhone();
  const record = await synced(phone);
  await phone.edit(record, { vitals: { systolic_mmhg: 141 } });
  hamlet.changed(record, "colleague1", 1, { vitals: { systolic_mmhg: 138 } }, { actor0001: 1 });
  const report = await phone.sync();
  deepEqual([report.conflicts, report.complete], [1, true]);
  const [view] = await phone.conflicts();
  deepEqual(new Set(view.conflicts.vitals.map((claim) => claim.author)), new Set(["p-li", "p-wang"]));
  deepEqual((await phone.resolve(record, "vitals", { systolic_mmhg: 138 })).conflicts, {});
  equal((await phone.sync()).conflicts, 0);
  deepEqual(
    hamlet.records.get(record)?.edits.map((edit) => edit.sections.vitals),
    [{ systolic_mmhg: 138 }],
  );
  await rejects(phone.resolve(record, "vitals", { systolic_mmhg: 138 }), named("NothingToResolveError"));
});

test("a void against an edit it never saw is a conflict until settled", async () => {
  const { phone, hamlet } = await aPhone();
  const record = await synced(phone);
  ok((await phone.void(record, "mistake", { note: "other person" })).void);
  hamlet.changed(record, "colleague1", 1, { tests: { name: "ECG" } }, { actor0001: 1 });
  equal((await phone.sync()).conflicts, 1);
  const [view] = await phone.conflicts();
  deepEqual(
    view.conflicts.void.map((claim) => claim.value),
    [{ reason: "mistake", note: "other person" }],
  );
  equal((await phone.resolve(record, "void", null)).void, false);
  deepEqual(await phone.conflicts(), []);
  equal((await phone.sync()).conflicts, 0);
});

test("one trip to somebody with two diseases makes two visits that share what was measured once", async () => {
  const { phone } = await aPhone();
  const who = await patient(phone);
  const shared = { ...visit({ systolic: 138 }), lifestyle: { cigarettes_per_day: 0, salt: "light" } };
  const forms = {
    hypertension_visit: { assessment: { class: "controlled" } },
    diabetes_visit: { glucose: { fasting_glucose_mmol_l: "6.4" }, lifestyle: { staple_food_g_per_day: 300 } },
  };
  const made = await phone.createTogether(forms, shared, { subject: who });
  const [pressed, sugar] = await Promise.all(Object.keys(forms).map(async (name) => (await phone.get(made[name])).sections));
  deepEqual(pressed.vitals, sugar.vitals);
  deepEqual(pressed.lifestyle, { cigarettes_per_day: 0, salt: "light" });
  deepEqual(sugar.lifestyle, { cigarettes_per_day: 0, staple_food_g_per_day: 300 }, "salt is not on that form");
  ok(!("glucose" in pressed));
  await rejects(phone.createTogether({ hypertension_visit: {}, no_such_form: {} }, shared, { subject: who }), RangeError);
  equal((await phone.find({ type: "hypertension_visit" })).length, 1, "all or none");
});

// -- taking back

test("a visit that was saved by mistake is taken back within seconds, whether it was sent meanwhile or not", async () => {
  const { phone, hamlet } = await aPhone();
  const who = await patient(phone);
  await phone.sync();
  for (const sent of [false, true]) {
    const record = await phone.create("hypertension_visit", visit(), { subject: who });
    if (sent) await phone.sync();
    ok((await phone.undo(record)).void);
    await phone.sync();
    deepEqual(hamlet.records.get(record)?.edits.at(-1)?.sections.void, { reason: "mistake" });
  }
  equal((await phone.standing(who)).managed[0].visits, 0);
});

test("an edit is taken back by a further one: no number is used twice and the chain stays whole", async () => {
  const { phone, hamlet } = await aPhone();
  const record = await synced(phone, { ...BP, tests: { name: "ECG" } });
  await phone.edit(record, { vitals: { systolic_mmhg: 130 }, advice: { text: "少盐" }, tests: null });
  const [{ dot }] = await phone.outbox();
  const view = await phone.undo(dot);
  deepEqual([view.sections.vitals, view.sections.advice, view.sections.tests], [BP.vitals, null, { name: "ECG" }]);
  deepEqual(
    (await phone.outbox()).map((edit) => edit.dot[1]),
    [2, 3],
  );
  ok((await phone.sync()).complete);
  deepEqual(hamlet.records.get(record)?.seen, { actor0001: 3 });
});

test("taking back overwrites nothing that a colleague wrote meanwhile", async () => {
  const { phone, hamlet } = await aPhone();
  const record = await synced(phone);
  await phone.edit(record, { vitals: { systolic_mmhg: 130 } });
  hamlet.changed(record, "colleague1", 1, { vitals: { systolic_mmhg: 138 } });
  await phone.sync();
  const view = await phone.undo(record);
  deepEqual(view.conflicts.vitals.map((claim) => claim.value?.systolic_mmhg).sort(), [138, 152]);
});

test("what settled a conflict, what was saved over, and what another session saved cannot be taken back", async () => {
  const { phone, hamlet, again } = await aPhone();
  const record = await synced(phone);
  await phone.edit(record, { vitals: { systolic_mmhg: 141 } });
  const [first] = (await phone.outbox()).map(({ dot }) => dot);
  await phone.edit(record, { vitals: { systolic_mmhg: 142 } });
  await rejects(phone.undo(first), named("StaleViewError"));
  hamlet.changed(record, "colleague1", 1, { vitals: { systolic_mmhg: 138 } }, { actor0001: 1 });
  await phone.sync();
  const other = await phone.create("hypertension_visit", BP);
  await phone.resolve(record, "vitals", { systolic_mmhg: 138 });
  await rejects(phone.undo(record), named("NothingToUndoError"));
  await rejects((await again()).undo(other), named("NothingToUndoError"));
});

// -- how a record stands

test("what two changed apart and what was refused needs somebody, and says why and what to do", async () => {
  const { phone, hamlet } = await aPhone();
  const who = await phone.create("resident", resident());
  const needs = async () =>
    (await phone.needsAttention())
      .filter((one) => one.state !== "received")
      .map((one) => [one.record, one.state, one.reason, one.action, one.others]);
  const record = await synced(phone);
  await phone.edit(record, { vitals: { systolic_mmhg: 141 } });
  hamlet.changed(record, "colleague1", 1, { vitals: { systolic_mmhg: 138 } }, { actor0001: 1 });
  await phone.sync();
  const apart = [record, "conflict", "changed-apart", "leader", ["p-wang"]];
  deepEqual(await needs(), [apart]);
  hamlet.scopes = { v1: { write: false } };
  const refused = await phone.create("hypertension_visit", visit(), { subject: who });
  await phone.sync();
  const aside = [refused, "set_aside", "out-of-scope", "leader", []];
  deepEqual((await needs()).sort(), [apart, aside].sort());
});

test("what is wrong in a visit of somebody's own is listed until it is put right, a colleague's is not", async () => {
  const { phone, hamlet } = await aPhone();
  const who = await patient(phone);
  const low = { vitals: { systolic_mmhg: 60, diastolic_mmhg: 94 } };
  const colleague = "01970000-0000-7000-8000-0000000000aa";
  hamlet.put(theirs(colleague, visit(low), { subject: who }));
  const wrong = await phone.create("hypertension_visit", visit(low), { subject: who });
  await phone.sync();
  const one = (await phone.needsAttention()).find(({ record }) => record === wrong);
  deepEqual([one?.subject, one?.action, one?.sections.includes("vitals")], [who, "edit", true]);
  ok((await phone.get(colleague)).issues.some((issue) => issue.code === "not_below"));
  ok((await phone.needsAttention()).every(({ record }) => record !== colleague));
  await phone.void(wrong, "mistake");
  equal(
    (await phone.needsAttention()).find(({ record }) => record === wrong),
    undefined,
  );
});

// -- forms that are being filled in

test("each keystroke of a form is kept, is there after the phone was killed, and goes when the form is saved", async () => {
  const { phone, again } = await aPhone();
  let told = 0;
  phone.onChange(() => (told += 1));
  const typed = ["1", "15", "152"].map((text) => phone.keepDraft("hypertension_visit:wang", { systolic: text }));
  phone.keepDraft("care_plan:li", { goals: "少盐" });
  deepEqual(await phone.draft("hypertension_visit:wang"), { systolic: "152" });
  await Promise.all(typed);
  equal(told, 0, "a draft changes no list");
  await phone.dropDraft("care_plan:li");
  const after = await again();
  deepEqual(await after.drafts(), [{ key: "hypertension_visit:wang", value: { systolic: "152" } }]);
  await after.dropDraft("hypertension_visit:wang");
  deepEqual([await after.drafts(), await after.draft("hypertension_visit:wang")], [[], null]);
});

test("a keystroke waits for no sync and no list that is being made", async () => {
  const { phone } = await aPhone();
  const store = /** @type {import("../../client_sdk/js/store.js").Store} */ (/** @type {any} */ (phone)._store);
  await store.transaction(async () => {
    await phone.keepDraft("care_plan:li", { goals: "少盐" });
    deepEqual(await store.draft("care_plan:li"), { goals: "少盐" });
  });
});

test("a visit that is saved while a draft is being written is told to the lists", async () => {
  const { phone } = await aPhone();
  let told = 0;
  phone.onChange(() => (told += 1));
  await Promise.all([phone.keepDraft("x", 1), phone.create("hypertension_visit", BP), phone.keepDraft("x", 2)]);
  ok(told > 0);
});

// -- another window

test("a window that did not sync has the catalogue and the names that another has fetched", async () => {
  const { phone, hamlet, besides } = await aPhone();
  const other = await besides();
  const told = new Promise((resolve) => other.onChange(() => resolve(null)));
  hamlet.types = { ...TYPES, version: "newer", types: TYPES.types.filter((/** @type {any} */ { name }) => name !== "referral") };
  hamlet.names = { version: "1", area: { v1: "柳树村" }, team: {}, organization: {}, person: {} };
  await phone.sync();
  await told;
  equal((await other.names()).area.v1, "柳树村");
  await other.rowsNow();
  deepEqual([other.catalogue.version, other.catalogue.types.has("referral")], ["newer", false]);
  await other.close();
});

// -- opening

test("a phone says how it stands before and after it is enrolled, and opens with its PIN alone", async () => {
  equal(await Client.state("nowhere"), "none");
  const { phone, again } = await aPhone();
  await phone.create("hypertension_visit", BP);
  const { mode, person, role, scopes, waiting, aside, records, lastSync } = await phone.status();
  deepEqual([mode, person?.id, role, scopes], ["enrolled", "p-li", "village_doctor", { v1: true }]);
  deepEqual([waiting, aside, records], [1, 0, 0]);
  ok(lastSync?.startsWith("2026-11-21T00:15"), String(lastSync));
  await again();
  await rejects(Client.open({ pin: "000000", name: "nowhere" }), named("NoStoreError"));
});
