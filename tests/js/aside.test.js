// What the server did not take: it can be read, it says what to do, and it stops asking when somebody knows of it.
import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { setAsideWords } from "../../server/app/static/forms/attention.js";
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

// -- what a person decided

const WHY = "她住在杨树村，由赵医生随访。";

/**
 * Somebody at the office decides about what was set aside.
 * @param {any} hamlet @param {any} edit @param {string} state @param {object} [more]
 */
function decide(hamlet, { dot, record }, state, more) {
  const by = { name: "李文静", role: "team_leader" };
  const said = { dot, record, reason: "out-of-scope", state, decision: state === "refused" ? WHY : null };
  hamlet.decided.unshift({ ...said, decided_at: "2026-11-20T02:00:00.000Z", decided_by: by, ...more });
}

/** The visit, and its edit. */
async function undecided() {
  const world = await refusedVisit();
  return { ...world, edit: (await world.phone.setAside())[0].edit };
}

/** What the app says, as somebody reads it. @param {any} aside */
const words = (aside) => setAsideWords({ today: () => "2026-11-21" }, aside).replaceAll("\u2060", "");

test("her doctor is told who refused it, when and why, until that is known, and can still read it after a restart", async () => {
  const { phone, hamlet, again, who, record, edit } = await undecided();
  decide(hamlet, edit, "refused");
  await phone.sync();
  const [one] = (await phone.needsAttention()).filter(({ state }) => state === "set_aside");
  equal(words(one.aside), "组长 李文静 11月20日没有采用：她住在杨树村，由赵医生随访。您写的都还在。");
  const [shown] = withAside([], await asideOf(phone), who);
  deepEqual([shown.sections.vitals.systolic_mmhg, stateOf(shown, await asideOf(phone))], [158, "aside"]);
  await phone.acknowledge(record);
  deepEqual(await asks(phone), []);
  const reopened = await again();
  await reopened.sync();
  deepEqual(await asks(reopened), []);
  deepEqual((await reopened.setAside()).map(({ known, decided }) => [known, decided?.decision]), [[true, WHY]]);
});

test("who knew that it was set aside is told that it was refused", async () => {
  const { phone, hamlet, record, edit } = await undecided();
  await phone.acknowledge(record);
  deepEqual(await asks(phone), []);
  decide(hamlet, edit, "refused");
  await phone.sync();
  deepEqual(await asks(phone), [[record, "set_aside"]]);
});

test("what was applied where this phone does not look asks no more, and is not on the list of what does not count", async () => {
  const { phone, hamlet, edit } = await undecided();
  equal((await phone.myWork()).some(({ reason }) => reason === "set_aside"), true);
  decide(hamlet, edit, "applied");
  await phone.sync();
  deepEqual([await phone.setAside(), await asks(phone)], [[], []]);
  equal((await phone.myWork()).some(({ reason }) => reason === "set_aside"), false);
});

test("another edit under the same dot, and a word of a later server, are not taken for it", async () => {
  const { phone, hamlet, edit } = await undecided();
  decide(hamlet, edit, "returned");
  decide(hamlet, edit, "refused", { reason: "dot-reused" });
  await phone.sync();
  deepEqual((await phone.setAside()).map(({ decided }) => decided), [null]);
});

test("the server is asked only while something is undecided; a question without an answer is asked again", async () => {
  const { phone, hamlet, edit } = await undecided();
  const asked = () => hamlet.asked.filter(({ path }) => path === "/v1/my-deposits").length;
  equal(asked(), 1);
  decide(hamlet, edit, "refused");
  const { answer } = hamlet;
  hamlet.answer = async (path, body) => (path === "/v1/my-deposits" ? { deposits: [{}] } : answer.call(hamlet, path, body));
  equal((await phone.sync()).complete, true, "everything is delivered all the same");
  deepEqual((await phone.setAside()).map(({ decided }) => decided), [null]);
  hamlet.answer = answer;
  for (let n = 0; n < 3; n += 1) await phone.sync();
  equal(asked(), 3);
});

test("of several edits each refusal is told once, and what still waits beside them", async () => {
  const { phone, hamlet, who, record, edit } = await undecided();
  const next = await phone.create("hypertension_visit", visit({ systolic: 161 }), { subject: who });
  await phone.sync();
  decide(hamlet, edit, "refused", { decision: null, decided_by: { name: "赵敏", role: "township_supervisor" } });
  await phone.sync();
  const aside = await phone.setAside();
  deepEqual(aside.map((one) => one.edit.record), [record, next]);
  const [refused, open] = aside;
  const told = "乡镇监管员 赵敏 11月20日没有采用，原因请问组长。";
  equal(words([refused, refused]), `${told}您写的都还在。`);
  equal(words(aside), `${told}${words([open])}`);
  equal(words([{ ...refused, decided: { ...refused.decided, decided_by: null, decision: "重复" } }]),
    "系统管理员 11月20日没有采用：重复。您写的都还在。");
});

test("what is said of it promises nothing but what an exchange tells", () => {
  for (const reason of ["out-of-scope", "account-disabled", "dot-reused", "malformed", "of a later release"]) {
    const words = asideWords(reason);
    for (const said of ["您写的都还在", "收下以后，这条提醒会自己消失", "没有采用，会在这里告诉您", "请问组长"])
      equal(words.includes(said), true, words);
  }
});
