// Finding people on a phone, and one person who was registered twice.
import { deepEqual, equal, notEqual, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { Hamlet, aPhone, register } from "./hamlet.js";

/** @typedef {import("../../client_sdk/js/client.js").Client} Client */

const NOWHERE = "01970000-0000-7000-8000-000000000000";
const ID_NO = "11010519491231002X";

/** @param {string} name @param {any} [parts] */
function form(name, { phone, ...identity } = {}) {
  /** @type {import("../../client_sdk/js/view.js").Sections} */
  const contact = phone ? { contact: { phone } } : {};
  return { identity: { name, ...identity }, ...contact };
}

/** @param {Client} phone @param {string} [text] @param {{group?: string, limit?: number}} [options] */
const names = async (phone, text, options) => (await phone.search(text, options)).map((row) => row.name);

/** @param {string} name of an error */
const named = (name) => (/** @type {Error} */ error) => error.name === name;

// -- search

test("a resident is found before and after the first sync by whatever is remembered", async () => {
  const { phone } = await aPhone();
  await phone.create("resident", form("王秀兰", { id_no: ID_NO, phone: "13800001111" }));
  await phone.create("resident", form("李国强"));
  for (const round of [1, 2]) {
    for (const text of ["王秀兰", "汪绣岚", "wangxiulan", "wxl", "秀兰", "1111", "02x"])
      deepEqual(await names(phone, text), ["王秀兰"], `${text}, ${round}`);
    deepEqual(await names(phone, "nobody"), []);
    ok((await phone.sync()).complete);
  }
  deepEqual([await names(phone), await names(phone, "", { limit: 1 })], [["李国强", "王秀兰"], ["李国强"]]);
});

test("a new name is found at once and the old one no more", async () => {
  const { phone } = await aPhone();
  const who = await phone.create("resident", form("王秀兰"));
  await phone.sync();
  await phone.edit(who, { identity: { name: "李秀英" } });
  for (const round of [1, 2]) {
    deepEqual([await names(phone, "lxy"), await names(phone, "wxl")], [["李秀英"], []], `round ${round}`);
    await phone.sync();
  }
});

test("who is in conflict is found by either name once", async () => {
  const { phone, hamlet } = await aPhone();
  const who = await phone.create("resident", form("王秀兰"));
  await phone.sync();
  await phone.edit(who, { identity: { name: "李秀兰" } });
  hamlet.changed(who, "colleague1", 1, { identity: { name: "陈秀兰" } }, { actor0001: 1 });
  await phone.sync();
  for (const text of ["lixiulan", "陈秀兰", "秀兰"]) {
    const found = await phone.search(text);
    deepEqual(
      found.map((row) => [row.resident, row.disputed]),
      [[who, true]],
      text,
    );
  }
});

test("a record entered in error, and who left the village, is not found", async () => {
  const { phone, hamlet } = await aPhone();
  const [wrong, gone] = [await phone.create("resident", form("王秀兰")), await phone.create("resident", form("李国强"))];
  await phone.sync();
  await phone.void(wrong, "test");
  hamlet.move(gone, "elsewhere");
  deepEqual(await names(phone), ["李国强"]);
  await phone.sync();
  deepEqual([await names(phone), await phone.rows()], [[], []]);
});

test("groups are flags in force, diseases under management and age", async () => {
  const { phone } = await aPhone();
  const wang = await phone.create("resident", {
    ...form("王秀兰", { birth_date: "1949-12-31" }),
    "flags/disabled": { from: "2020-01-01" },
  });
  const li = await phone.create("resident", { ...form("李国强"), "flags/disabled": { from: "2020-01-01", to: "2026-11-21" } });
  const diabetes = await phone.create("chronic_register", register("diabetes"), { subject: li });
  await phone.create("chronic_register", register("copd", { status: "closed", closed_on: "2021-01-01" }), { subject: wang });
  for (const round of [1, 2]) {
    const groups = ["disabled", "elder_65", "diabetes", "copd", "nonsense"];
    const found = await Promise.all(groups.map((group) => names(phone, "", { group })));
    deepEqual(found, [["王秀兰"], ["王秀兰"], ["李国强"], [], []], `round ${round}`);
    await phone.sync();
  }
  deepEqual(await names(phone, "wxl", { group: "diabetes" }), []);
  await phone.edit(diabetes, { status: { status: "closed", closed_on: "2026-11-01" } });
  deepEqual(await names(phone, "", { group: "diabetes" }), []);
});

// -- one person, registered twice

test("a wrong link is refused and nothing is kept", async () => {
  const { phone } = await aPhone();
  const [wang, visit] = [await phone.create("resident", form("王秀兰")), await phone.create("hypertension_visit", {})];
  const before = await phone.outbox();
  await rejects(phone.link(wang, wang), named("LinkError"));
  await rejects(phone.link(wang, visit), named("NoSuchRecordError"));
  await rejects(phone.link(NOWHERE, wang), named("NoSuchRecordError"));
  deepEqual(await phone.outbox(), before);
});

test("a link belongs where the duplicate is and needs the right to write there", async () => {
  const { phone, hamlet } = await aPhone(new Hamlet("v1", "v2"));
  const here = await phone.create("resident", form("王秀兰"), { scope: "v1" });
  const there = await phone.create("resident", form("王绣兰"), { scope: "v2" });
  await phone.sync();
  hamlet.scopes = { ...hamlet.scopes, v2: { write: false } };
  await phone.sync();
  await rejects(phone.link(there, here), named("ScopeError"));
  equal((await phone.link(here, there)).scope, "v1");
});

test("linking twice is one link and unlinking twice is one undoing", async () => {
  const { phone } = await aPhone();
  const [one, other] = [await phone.create("resident", form("王秀兰")), await phone.create("resident", form("王绣兰"))];
  const link = await phone.link(one, other, { reason: "the same door" });
  deepEqual([(await phone.link(one, other)).id, (await phone.link(other, one)).id], [link.id, link.id]);
  const decided = { decided_by: "p-li", decided_on: "2026-11-21", reason: "the same door" };
  deepEqual(link.sections.link, { duplicate: one, same_as: other, state: "linked", ...decided });
  deepEqual(link.issues, []);
  for (const pair of [
    [other, one],
    [one, other],
  ])
    deepEqual(
      (await phone.unlink(pair[0], pair[1])).map((view) => view.id),
      [link.id],
    );
  equal((await phone.outbox()).length, 4);
  equal((await phone.link(one, other)).id, link.id);
  deepEqual(await phone.persons(), { [one]: other, [other]: other });
});

test("who was looked at and found to be two is not asked about again", async () => {
  const { phone } = await aPhone();
  const [one, other] = [
    await phone.create("resident", form("王秀兰", { birth_date: "1949-12-31" })),
    await phone.create("resident", form("王绣兰", { birth_date: "1949-12-31" })),
  ];
  const [pair] = await phone.candidates();
  deepEqual([pair.first, pair.second, pair.reasons], [...[one, other].sort(), ["same_sound", "same_birth_date", "same_village"]]);
  await phone.unlink(one, other, { reason: "twins" });
  deepEqual([await phone.candidates(), await phone.persons()], [[], {}]);
});

test("three records of one person count as one over two links", async () => {
  const { phone } = await aPhone();
  const made = async () => phone.create("resident", form("王秀兰", { birth_date: "1949-12-31" }));
  const [first, second, third] = [await made(), await made(), await made()];
  equal((await phone.candidates()).length, 3);
  await phone.link(third, second);
  await phone.link(second, first);
  deepEqual(await phone.persons(), { [first]: first, [second]: first, [third]: first });
  deepEqual(await phone.candidates(), []);
  await rejects(phone.unlink(third, first), (error) => /** @type {Error} */ (error).message.includes(second));
  await phone.unlink(second, first);
  deepEqual(await phone.persons(), { [second]: second, [third]: second });
});

test("a void link links nobody", async () => {
  const { phone } = await aPhone();
  const [one, other] = [await phone.create("resident", form("王秀兰")), await phone.create("resident", form("王秀兰"))];
  const link = await phone.link(one, other);
  await phone.sync();
  await phone.void(link.id, "mistake");
  deepEqual(await phone.persons(), {});
  notEqual((await phone.link(one, other)).id, link.id);
});
