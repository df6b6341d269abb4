// What is due on a phone: at once, of this day, and only of what the phone may hold; and the rows that are kept for the lists.
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { groupIn } from "../../client_sdk/js/kept.js";
import { People } from "../../client_sdk/js/people.js";
import { Standings } from "../../client_sdk/js/standings.js";
import { Hamlet, aPhone, atHome, chance, patient, pressure, register, resident, theirs, visit } from "./hamlet.js";

/** @typedef {import("../../client_sdk/js/client.js").Client} Client */

const TODAY = "2026-11-21";

/** @param {Client} phone @param {string} [on] */
const visitsDue = async (phone, on) =>
  (await phone.due(on)).filter((item) => item.what === "hypertension_visit").map(({ name, urgency, by }) => [name, urgency, by]);

/** What the lists say is what the records say, whatever is kept; what is due. @param {Client} phone @param {string} [why] */
async function agrees(phone, why) {
  const inside = /** @type {any} */ (phone);
  const plain = (/** @type {any[]} */ rows) => Object.fromEntries(rows.map(({ since, faults, ...row }) => [row.resident, row]));
  const afresh = await inside._look(async (/** @type {import("../../client_sdk/js/glance.js").Glance} */ glance) => {
    const standings = new Standings(glance, await new People(glance).counting());
    return standings.fresh([...(await glance.tables.residents()).keys()]);
  });
  deepEqual(plain(await inside._rows()), plain(afresh), why);
  return phone.due();
}

test("what is saved is in the list at once and stays there after the sync", async () => {
  const { phone } = await aPhone();
  const who = await patient(phone);
  deepEqual(await visitsDue(phone), [["王秀兰", "overdue", "2026-01-19"]]);
  await phone.create("hypertension_visit", visit(), { subject: who });
  const waiting = await agrees(phone);
  deepEqual(await visitsDue(phone), [["王秀兰", "soon", "2026-11-24"]]);
  ok((await phone.sync()).complete);
  deepEqual(await agrees(phone), waiting);
  await phone.create("hypertension_visit", visit({ day: "2026-11-20", systolic: 132 }), { subject: who });
  deepEqual(await visitsDue(phone), []);
});

test("the most pressing comes first", async () => {
  const { phone } = await aPhone();
  const [calm, urgent] = [await patient(phone, "李国强"), await patient(phone, "王秀兰")];
  await phone.create("hypertension_visit", visit({ day: "2026-11-05" }), { subject: calm });
  await phone.create("hypertension_visit", visit({ day: "2026-11-19", systolic: 182 }), { subject: urgent });
  deepEqual(
    (await visitsDue(phone)).map(([name, how]) => [name, how]),
    [
      ["王秀兰", "urgent"],
      ["李国强", "overdue"],
    ],
  );
});

test("a new morning and a clock put back change the list without a word written", async () => {
  const { phone, clock } = await aPhone();
  const who = await patient(phone);
  await phone.create("hypertension_visit", visit({ day: "2026-10-20", systolic: 120 }), { subject: who });
  await phone.sync();
  deepEqual(await visitsDue(phone), []);
  for (const [days, urgency] of /** @type {[number, string[]][]} */ ([
    [53, ["soon"]],
    [3, ["soon"]],
    [5, ["overdue"]],
    [-8, ["soon"]],
    [-53, []],
  ])) {
    clock.turn(days);
    deepEqual(
      (await visitsDue(phone)).map(([, how]) => how),
      urgency,
      `${days} days`,
    );
  }
  deepEqual(await visitsDue(phone, "2027-02-01"), [["王秀兰", "overdue", "2027-01-20"]]);
  deepEqual(await visitsDue(phone), []);
});

test("on a new morning only those rows are made anew that the day has changed", async () => {
  const { phone, clock } = await aPhone();
  const soon = await patient(phone);
  await phone.create("hypertension_visit", visit(), { subject: soon });
  const calm = await phone.create("resident", resident("李国强", { born: "1980-03-04" }));
  await phone.sync();
  equal((await phone.rowsNow()).behind, 0);
  clock.turn(4); // her visit was due yesterday
  const { rows, behind } = await phone.rowsNow();
  deepEqual([rows.map((row) => row.resident), behind], [[calm], 1]);
  equal((await phone.rows()).length, 2);
  equal((await phone.rowsNow()).behind, 0);
});

test("after a sync the list is there, an edit leaves the work to who asks, and a killed phone has it still", async () => {
  const { phone, again } = await aPhone();
  await patient(phone);
  equal((await phone.rowsNow()).behind, 1);
  await phone.sync();
  equal((await phone.rowsNow()).behind, 0);
  await patient(phone, "李国强");
  equal((await phone.rowsNow()).behind, 1, "an edit touches its own rows only");
  await phone.rows();
  const after = await again();
  deepEqual([(await after.rowsNow()).behind, (await after.rowsNow()).rows.length], [0, 2]);
});

test("another edition of the application makes the rows anew", async () => {
  const { phone, again } = await aPhone();
  await patient(phone);
  await phone.rows();
  await phone.close();
  const { Client } = await import("../../client_sdk/js/client.js");
  const opening = {
    name: /** @type {any} */ (phone)._store.name,
    pin: "493027",
    now: () => new Date("2026-11-21T09:00:00+08:00"),
  };
  const newer = await Client.open({ ...opening, edition: "2" });
  equal((await newer.rowsNow()).behind, 1);
  equal((await newer.rows()).length, 1);
  await newer.close();
  const same = await Client.open({ ...opening, edition: "2" });
  equal((await same.rowsNow()).behind, 0);
  ok(again);
});

test("whoever is not registered here has no standing", async () => {
  const { phone } = await aPhone();
  const stranger = await phone.create("hypertension_visit", visit());
  for (const id of [stranger, "01970000-0000-7000-8000-000000000000"])
    await rejects(phone.standing(id), { name: "NoSuchRecordError" });
});

test("one person registered twice is due once", async () => {
  const { phone } = await aPhone();
  const [first, again] = [await patient(phone), await patient(phone, "王绣兰")];
  deepEqual(
    (await visitsDue(phone)).map(([name]) => name),
    ["王秀兰", "王绣兰"],
  );
  await phone.create("hypertension_visit", visit({ day: "2026-11-20", systolic: 130 }), { subject: again });
  await phone.link(again, first);
  deepEqual([await visitsDue(phone, TODAY), await visitsDue(phone)], [[], []]);
  equal((await phone.standing(first)).managed[0].visits, 1);
  equal((await phone.standing(again)).same_as, first);
  await phone.unlink(again, first);
  deepEqual(
    (await visitsDue(phone)).map(([name]) => name),
    ["王秀兰"],
  );
});

test("a visit to a home counts for those who were met there wherever they live, from the moment it is written", async () => {
  const { phone } = await aPhone();
  const home = await phone.create("household", {});
  const who = await phone.create("resident", resident("王秀兰", { home }));
  const elsewhere = await phone.create("resident", resident("李国强"));
  await phone.rows();
  const call = await phone.create("home_visit", atHome("2026-10-01", who, elsewhere), { subject: home });
  equal((await phone.rowsNow()).behind, 2, "both rest on it");
  const counted = async () => [(await phone.standing(who)).home_visits, (await phone.standing(elsewhere)).home_visits];
  deepEqual(await counted(), [1, 1]);
  await phone.sync();
  equal((await phone.rowsNow()).behind, 0);
  await phone.edit(call, { visit: { visited_on: "2026-10-01", residents: [who], household_times: 1, person_times: 1 } });
  equal((await phone.rowsNow()).behind, 2, "also who is named no longer");
  deepEqual(await counted(), [1, 0]);
  await phone.void(call, "mistake");
  deepEqual(await counted(), [0, 0]);
  await agrees(phone);
});

test("what left this phone is in no row, and what was set aside does not count", async () => {
  const { phone, hamlet } = await aPhone();
  const who = await patient(phone);
  await phone.sync();
  const before = await agrees(phone);
  await phone.create("hypertension_visit", visit({ systolic: 130 }), { subject: who });
  ok((await agrees(phone)).length < before.length);
  hamlet.scopes = { v1: { write: false } };
  await phone.sync();
  equal((await phone.setAside()).length, 1);
  deepEqual(await agrees(phone), before);
  hamlet.scopes = { v2: { write: true } };
  await phone.sync();
  deepEqual([await phone.rows(), await phone.due()], [[], []]);
});

test("when the clocks are found to differ otherwise another name may be shown", async () => {
  const { phone } = await aPhone();
  const who = await phone.create("resident", { identity: { ...resident().identity, id_no: "11010519491231002X" } });
  const store = /** @type {import("../../client_sdk/js/store.js").Store} */ (/** @type {any} */ (phone)._store);
  const other = theirs(who, resident("王秀蘭", { born: "1949-12-31" }), { type: "resident" });
  await store.transaction((tables) => tables.put([{ record: other, issues: [] }]));
  for (const [hours, name] of /** @type {[number, string][]} */ ([
    [1, "王秀兰"],
    [-1, "王秀蘭"],
    [1, "王秀兰"],
  ])) {
    await store.save({ offset_ms: hours * 3_600_000 });
    deepEqual(
      (await phone.rows()).map((row) => row.name),
      [name],
    );
    await agrees(phone);
  }
});

test("a row tells what today's list and the list of residents show", async () => {
  const { phone } = await aPhone();
  const residence = { area_code: "411499001201", address: "清水镇柳树村三组12号" };
  const home = await phone.create("household", { residence });
  const who = await phone.create("resident", {
    ...resident("王秀兰", { home }),
    contact: { phone: "0370-2654321、138 0000 1111" },
  });
  const husband = await phone.create("resident", resident("李国强", { home, born: "1948-01-01" }));
  await phone.create("chronic_register", register(), { subject: who });
  await phone.create("chronic_register", register("diabetes"), { subject: who });
  await phone.create("hypertension_visit", visit({ day: "2026-11-10", systolic: 152 }), { subject: who });
  await phone.create("diabetes_visit", visit({ day: "2026-11-12", systolic: 146, glucose: { fasting_glucose_mmol_l: "7.8" } }), {
    subject: who,
  });
  await phone.create(
    "hypertension_visit",
    visit({ day: "2026-11-15", visit: { visited_on: "2026-11-15", way: "phone", lost_reason: "moved_away", doctor: "p-li" } }),
    { subject: who },
  );
  const wrong = await phone.create("hypertension_visit", visit({ day: "2026-11-16", systolic: 90 }), { subject: who });
  await phone.void(wrong, "wrong-person");
  const row = (await phone.rows()).find((one) => one.resident === who);
  ok(row);
  const { name, sex, birth_date, group, household, phones, groups, last, pending, disputed, status } = row;
  deepEqual([name, sex, birth_date, group, household], ["王秀兰", "female", "1950-03-04", "3组", home]);
  deepEqual(
    [phones, groups, pending, disputed, status],
    [["03702654321", "13800001111"], ["diabetes", "elder_65", "hypertension"], true, false, "active"],
  );
  deepEqual(last, { hypertension: { on: "2026-11-12", text: "146/85" }, diabetes: { on: "2026-11-12", text: "空腹 7.8" } });
  deepEqual(
    new Set(row.due.map((item) => item.what)),
    new Set((await phone.standing(who)).due.filter((item) => item.urgency !== "later").map((item) => item.what)),
  );
  await phone.sync();
  equal((await phone.rows()).find((one) => one.resident === who)?.pending, false);
  deepEqual(
    (await phone.readings(who)).map(({ on, systolic, diastolic, glucose }) => [on, systolic, diastolic, glucose]),
    [
      ["2026-11-10", 152, 85, null],
      ["2026-11-12", 146, 85, "7.8"],
    ],
  );
});

test("readings are those of the last twelve months", async () => {
  const { phone } = await aPhone();
  const who = await patient(phone);
  for (const day of ["2025-11-21", "2025-11-22", "2026-11-21", "2026-11-22"])
    await phone.create("hypertension_visit", visit({ day }), { subject: who });
  deepEqual(
    (await phone.readings(who)).map((one) => one.on),
    ["2025-11-22", "2026-11-21"],
  );
});

test("the group of an address is read however it is written", () => {
  const said = [
    "柳树村3组12号",
    "柳树村三组",
    "柳树村第十二村民组",
    "柳树村２０组",
    "二十一组",
    "十组",
    "幸福社区",
    "柳树村12号",
  ].map(groupIn);
  deepEqual(said, ["3组", "3组", "12组", "20组", "21组", "10组", null, null]);
});

test("what the rules say while a form is filled in is what the standing says once it is saved", async () => {
  const { phone } = await aPhone();
  const who = await patient(phone, "王秀兰", { born: "1980-01-01" });
  const said = [];
  for (const [day, systolic] of /** @type {[string, number][]} */ ([
    ["2026-05-02", 130],
    ["2026-08-01", 156],
    ["2026-08-14", 158],
    ["2026-08-14", 128],
  ])) {
    const form = visit({ day, systolic });
    const advice = await phone.advise("hypertension_visit", form, { subject: who });
    said.push(advice.get("measure"));
    const record = await phone.create("hypertension_visit", { ...form, ...advice.kept() }, { subject: who });
    equal((await phone.standing(who)).managed[0].suggested_class, advice.get("class"));
    equal((await phone.get(record)).sections.assessment?.suggested_class, advice.get("class"));
  }
  deepEqual(said.slice(1, 3), ["two_week", "refer_followup"]);
  const [first, second] = (await phone.find({ type: "hypertension_visit" }))
    .filter((view) => view.sections.vitals?.systolic_mmhg > 150)
    .map((view) => view.id);
  const changed = { vitals: pressure(160) };
  const measure = async (/** @type {string} */ record) =>
    (await phone.advise("hypertension_visit", changed, { record })).get("measure");
  deepEqual([await measure(first), await measure(second)], ["two_week", "refer_followup"], "not beside itself");
  deepEqual((await phone.advise("hypertension_visit", { vitals: pressure(190) })).findings, [], "without a day");
});

// -- days that chance makes: what is kept is at every step what the records give

const NAMES = ["王秀兰", "李国强", "陈玉梅", "赵伟"];

class Days {
  /** @param {Awaited<ReturnType<typeof aPhone>>} place @param {number} seed */
  constructor({ phone, hamlet, clock }, seed) {
    Object.assign(this, { phone, hamlet, clock });
    this.bytes = chance(seed);
    /** @type {string[]} */ this.homes = [];
    /** @type {string[]} */ this.people = [];
    /** @type {string[]} */ this.visits = [];
    /** @type {Map<string, string>} */ this.registers = new Map();
    this.counter = 0;
  }

  /** @type {Client} */ phone = /** @type {any} */ (null);
  /** @type {Hamlet} */ hamlet = /** @type {any} */ (null);
  /** @type {import("./hamlet.js").Clock} */ clock = /** @type {any} */ (null);

  /** @param {number} n below it */
  number(n) {
    const [high, low] = this.bytes(2);
    return (high * 256 + low) % n;
  }

  /** @template T @param {readonly T[]} some @returns {T} */
  one(some) {
    return some[this.number(some.length)];
  }

  async begin() {
    for (let n = 0; n < 2; n += 1) this.homes.push(await this.phone.create("household", {}, { scope: "v1" }));
    for (const name of NAMES)
      this.people.push(await this.phone.create("resident", resident(name, { home: this.one(this.homes) }), { scope: "v1" }));
    for (const who of this.people.slice(0, 3))
      this.registers.set(who, await this.phone.create("chronic_register", register(), { subject: who }));
    await this.phone.sync();
  }

  /** @param {string} who */
  async saves(who) {
    const day = new Date(Date.parse(TODAY) + (this.number(305) - 300) * 86_400_000).toISOString().slice(0, 10);
    this.visits.push(
      await this.phone.create("hypertension_visit", visit({ day, systolic: 110 + this.number(80) }), { subject: who }),
    );
  }

  /** @param {string} who */
  async renames(who) {
    await this.phone.edit(who, {
      identity: { name: this.one("赵钱孙李".split("")), birth_date: `${1930 + this.number(90)}-06-30` },
    });
  }

  /** @param {string} who */
  async changesHousehold(who) {
    await this.phone.edit(who, { household: { household: this.one(this.homes), relation_to_head: "head" } });
  }

  async homeHasAnotherAddress() {
    await this.phone.edit(this.one(this.homes), { residence: { address: `柳树村${1 + this.number(9)}组` } });
  }

  /** @param {string} who */
  async closes(who) {
    const name = this.registers.get(who);
    if (name) await this.phone.edit(name, { status: { status: this.one(["managed", "lost", "closed"]) } });
  }

  async calls() {
    const met = [...new Set([this.one(this.people), this.one(this.people)])];
    this.visits.push(await this.phone.create("home_visit", atHome("2026-10-01", ...met), { subject: this.one(this.homes) }));
  }

  async wasNotThere() {
    const calls = await this.phone.find({ type: "home_visit" });
    if (calls.length) await this.phone.edit(this.one(calls), atHome("2026-10-01", this.one(this.people)));
  }

  /** @param {string} who */
  async voids(who) {
    const view = await this.phone.get(this.one([who, ...this.visits]));
    await this.phone.edit(view, { void: view.void ? null : { reason: "mistake" } });
  }

  /** @param {string} who */
  async links(who) {
    const others = (await this.phone.rows()).map((row) => row.resident).filter((one) => one !== who);
    if (others.length) await this.phone.link(who, this.one(others));
  }

  async unlinks() {
    const [pair] = Object.entries(await this.phone.persons()).filter(([one, same]) => one !== same);
    if (pair) await this.phone.unlink(pair[0], pair[1]);
  }

  /** A colleague writes without having seen what waits here. @param {string} who */
  async colleague(who) {
    if (!this.hamlet.scopes[this.hamlet.records.get(who)?.scope ?? ""]) return;
    this.hamlet.changed(who, "colleague1", (this.counter += 1), {
      identity: { name: this.one(["周", "吴"]), birth_date: "1949-12-31" },
    });
  }

  async settles() {
    for (const view of await this.phone.conflicts()) {
      for (const [section, claims] of Object.entries(view.conflicts))
        await this.phone.resolve(await this.phone.get(view.id), section, this.one(claims).value);
    }
  }

  /** To another village and, another time, back; one of them is not of this phone. @param {string} who */
  async moves(who) {
    const here = this.hamlet.records.get(who)?.scope;
    if (here) this.hamlet.move(who, this.one(["v1", "v1", "v2", "v3"].filter((scope) => scope !== here)));
  }

  async sleeps() {
    this.clock.turn(this.one([-40, -3, -1, 1, 2, 30]));
  }

  async syncs() {
    await this.phone.sync();
  }
}

/** What can happen: every method of a day but those that it is made of. @type {string[]} */
const STORIES = Object.getOwnPropertyNames(Days.prototype).filter(
  (name) => !["constructor", "number", "one", "begin"].includes(name),
);

for (const seed of [1, 2, 3]) {
  test(`whatever happens the kept rows are those that the records give, ${seed}`, async () => {
    const days = new Days(await aPhone(new Hamlet("v1", "v2")), seed);
    await days.begin();
    const done = new Set();
    for (let step = 0; step < 120; step += 1) {
      const story = days.one([...STORIES, "saves", "syncs", "syncs"]);
      const known = await days.phone.find({ type: "resident" });
      try {
        await days[/** @type {"saves"} */ (story)](days.one([...known.map((view) => view.id), ...days.people]));
        done.add(story);
      } catch (error) {
        if (!/^(LinkError|NoSuchRecordError|ScopeError|StaleViewError)$/.test(/** @type {Error} */ (error).name)) throw error;
      }
      await agrees(days.phone, `${story}, step ${step}`);
    }
    ok(done.size > STORIES.length - 3, `of ${STORIES} only ${[...done]}`);
  });
}

test("who lives in a group or behind a door is found by what the doctor calls it", async () => {
  const { phone } = await aPhone();
  const home = await phone.create("household", { identity: { household_no: "2010012" } });
  const at = (/** @type {string} */ address) => ({ residence: { residence_type: "registered", area_code: "v1", address } });
  const born = (/** @type {string} */ name, /** @type {any} */ more) => phone.create("resident", { identity: { name, sex: "female", birth_date: "1950-01-01" }, ...more });
  await born("王秀兰", at("柳树村三组12号"));
  await born("王桂英", at("柳树村4组1号"));
  await born("李建国", { ...at("柳树村3组13号"), household: { household: home, relation_to_head: "head" } });
  const found = async (/** @type {string} */ text) => (await phone.search(text)).map((row) => row.name);
  deepEqual(await found("3组"), ["李建国", "王秀兰"]);
  deepEqual(await found("三组 w"), ["王秀兰"]);
  deepEqual(await found("w ４组"), ["王桂英"]);
  deepEqual(await found("9组"), []);
  deepEqual(await found("2010012"), ["李建国"]);
  deepEqual(await found("012"), ["李建国"]);
  deepEqual(await found("12"), [], "two digits name too many");
  deepEqual((await phone.search("3组", { group: "hypertension" })).length, 0);
});

test("who was met today is known from a visit or a service of any kind; who was not reached, or only registered, was not met", async () => {
  const { phone } = await aPhone();
  const [met, served, sought, listed] = [await patient(phone, "王秀兰"), await patient(phone, "李国强"), await patient(phone, "赵桂英"), await patient(phone, "孙宝山")];
  await phone.create("hypertension_visit", visit({ day: TODAY }), { subject: met });
  await phone.create("performance", { performance: { contract: "c", item: "i", performed_on: TODAY, provider: "p-li" } }, { subject: served });
  await phone.create("hypertension_visit", { visit: { visited_on: TODAY, way: "phone", lost_reason: "moved" } }, { subject: sought });
  await phone.create("chronic_register", register("diabetes", {}, TODAY), { subject: listed });
  const days = new Map((await phone.rows()).map((row) => [row.resident, row.served]));
  deepEqual([met, served, sought, listed].map((one) => days.get(one)), [TODAY, TODAY, null, null]);
});
