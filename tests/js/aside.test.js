// What the server did not take: it can be read, it says what to do, and it stops asking when somebody knows of it.
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { asideOf, asWritten, editing, stateOf, withAside } from "../../server/app/static/states.js";
import { asideWords } from "../../server/app/static/words.js";
import { aPhone, patient, visit } from "./hamlet.js";

/** A visit of 王秀兰 that was written when her doctor no longer wrote in the village. */
async function refusedVisit() {
  const { phone, hamlet, again } = await aPhone();
  const who = await patient(phone);
  await phone.sync();
  hamlet.scopes = { v1: { write: false } };
  const record = await phone.create("hypertension_visit", visit({ systolic: 158 }), { subject: who });
  await phone.sync();
  return { phone, hamlet, again, who, record };
}

/** What of it asks for somebody, holes in the sample aside. @param {any} phone */
const asks = async (phone) => (await phone.needsAttention())
  .filter((/** @type {any} */ one) => one.state !== "received").map((/** @type {any} */ one) => [one.record, one.state]);

test("a new visit that was set aside stands among her records, with what was written", async () => {
  const { phone, who, record } = await refusedVisit();
  const aside = await asideOf(phone);
  const [shown] = withAside(await phone.find({ subject: who }), aside, who).filter(({ id }) => id === record);
  deepEqual([shown.sections.vitals.systolic_mmhg, shown.subject, stateOf(shown, aside)], [158, who, "aside"]);
  deepEqual(withAside([], aside, "somebody else"), []);
  equal(editing({ ...shown, record }), `#/form/hypertension_visit/${who}`, "there is nothing to change: it is written anew");
});

test("once the doctor knows of it, it asks no more, also after a restart, and can still be read", async () => {
  const { phone, again, who, record } = await refusedVisit();
  deepEqual(await asks(phone), [[record, "set_aside"]]);
  await phone.acknowledge(record);
  const reopened = await again();
  deepEqual(await asks(reopened), []);
  const every = (await asideOf(reopened)).get(record) ?? [];
  deepEqual(every.map(({ known, action }) => [known, action]), [[true, "leader"]]);
  equal(asWritten(every).sections.vitals.systolic_mmhg, 158);
  equal(asWritten(every).subject, who);
});

test("what the leader applied after all is received, on every page and without asking anybody", async () => {
  const { phone, hamlet, record } = await refusedVisit();
  const [{ edit }] = await phone.setAside();
  const { type, subject, scope, author, written_at, sections } = edit;
  const live = { dot: /** @type {[string, number]} */ (["office001", 1]), at: written_at, written_at, author, sections };
  hamlet.put({ record, type, subject, scope, seen: { office001: 1 }, edits: [live] });
  await phone.sync();
  deepEqual([await phone.setAside(), await asks(phone)], [[], []]);
  equal(stateOf(await phone.get(record), await asideOf(phone)), "sent");
});

test("what is said of it promises nothing that no exchange tells", () => {
  for (const reason of ["out-of-scope", "account-disabled", "dot-reused", "malformed", "of a later release"]) {
    const words = asideWords(reason);
    equal(words.includes("告诉您"), false, words);
    equal(words.includes("请问组长") && words.includes("您写的都还在"), true, words);
  }
});
