// A phone beside a small server in the same process, for stories about the phone; a clock that runs as told, and the forms that
// the stories are told with. What goes wrong on the way is the business of peer.js and of a real server.
import "fake-indexeddb/auto";
import { Client } from "../../client_sdk/js/client.js";
import { OfflineError } from "../../client_sdk/js/errors.js";
import { editFromWire } from "../../client_sdk/js/sync/codec.js";
import { ofHashes, recordHash, wire } from "../../client_sdk/js/sync/digest.js";
import { apply, blank, canonical, remarks } from "../../client_sdk/js/sync/record.js";
import { Catalogue } from "../../client_sdk/js/sync/types/catalogue.js";
import { descends } from "../../client_sdk/js/sync/version.js";
import { typesAnswer } from "./vectors.js";

/** @typedef {import("../../client_sdk/js/sync/record.js").Record} Record */
/** @typedef {import("../../client_sdk/js/sync/record.js").Edit} Edit */
/** @typedef {import("../../client_sdk/js/sync/record.js").Sections} Sections */
/** @typedef {import("../../client_sdk/js/sync/record.js").Remark} Remark */

process.env.TZ = "Asia/Shanghai"; // where the hands of these phones point

export const PIN = "493027";
export const TYPES = typesAnswer();
const CATALOGUE = new Catalogue(TYPES);
const AT = (/** @type {number} */ n) => `2026-11-21T00:15:${String(n % 60).padStart(2, "0")}.000Z`;

/** Moves on by a second each time it is read. */
export class Clock {
  /** @param {string} [start] */
  constructor(start = "2026-11-21T08:15:00+08:00") {
    this.moment = Date.parse(start);
  }

  read = () => new Date((this.moment += 1000));

  /** @param {number} days */
  turn(days) {
    this.moment += days * 86_400_000;
  }
}

/** Chance that can be repeated. @param {number} seed */
export function chance(seed) {
  let state = seed;
  return (/** @type {number} */ length) =>
    Uint8Array.from({ length }, () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 24);
}

/** The server, and the line to it. `works`: false cuts the line; `loses`: answers to a sync that are lost; `now`: its clock. */
export class Hamlet {
  /** @param {string[]} scopes */
  constructor(...scopes) {
    /** @type {{[scope: string]: {write: boolean}}} */
    this.scopes = Object.fromEntries((scopes.length ? scopes : ["v1"]).map((scope) => [scope, { write: true }]));
    /** @type {Map<string, Record>} */
    this.records = new Map();
    /** @type {Map<string, Remark[]>} */
    this.standing = new Map();
    /** @type {Map<string, number>} */
    this.seq = new Map();
    /** @type {{record: string, scope: string, seq: number, gone: string}[]} */
    this.gone = [];
    /** @type {Map<string, {text: string, receipt: any}>} */
    this.log = new Map();
    /** @type {{method: string, path: string, body: any}[]} */
    this.asked = [];
    /** @type {{[month: string]: any}} what it tells of somebody's work */
    this.work = {};
    /** @type {any[]} what it tells of what was set aside */
    this.decided = [];
    this.works = true;
    this.loses = 0;
    this.types = TYPES;
    this.now = AT(30);
    /** @type {{version: string, [kind: string]: any}} */
    this.names = { version: "none", area: {}, team: {}, organization: {}, person: {} };
    this.numbers = 0;
  }

  /** @param {Record} record @param {Remark[]} [remark] */
  put(record, remark = []) {
    this.records.set(record.record, record);
    this.standing.set(record.record, remark);
    this.seq.set(record.record, (this.numbers += 1));
  }

  /** @param {string} id @param {string} scope */
  move(id, scope) {
    const record = this.at(id);
    this.put({ ...record, scope });
    this.gone = this.gone.filter((one) => one.record !== id || one.scope !== scope);
    this.gone.push({ record: id, scope: record.scope, seq: (this.numbers += 1), gone: "moved" });
  }

  /**
   * A colleague's edit reaches the server.
   * @param {string} id @param {string} actor @param {number} counter @param {Sections} sections
   * @param {{[actor: string]: number}} [context]
   */
  changed(id, actor, counter, sections, context) {
    const { record, type, subject, scope, seen } = this.at(id);
    const edit = { record, type, subject, scope, dot: [actor, counter], context: context ?? seen, sections };
    const receipt = this.judge(editFromWire({ ...edit, written_at: "2026-11-21T08:10:00+08:00", author: "p-wang" }), new Set());
    if (receipt.status !== "accepted") throw new Error(`the colleague's edit came to ${receipt.status}`);
  }

  /** @param {string} id @returns {Record} */
  at(id) {
    const found = this.records.get(id);
    if (!found) throw new Error(`the server has no ${id}`);
    return found;
  }

  /** @type {import("../../client_sdk/js/transport.js").Transport["request"]} */
  async request(method, path, body) {
    this.asked.push({ method, path, body: structuredClone(body) });
    if (!this.works) throw new OfflineError("no signal");
    const reply = await this.answer(path, body);
    if (this.loses > 0 && path === "/v1/sync") {
      this.loses -= 1;
      throw new OfflineError("the answer was lost");
    }
    return { status: path === "/v1/enrol" ? 201 : 200, body: structuredClone(reply), up: 0, down: 0 };
  }

  close() {}

  /** @param {string} path @param {any} body @returns {Promise<any>} */
  async answer(path, body) {
    if (path === "/v1/types") return this.types;
    if (path === "/v1/names") return this.names;
    if (path.startsWith("/v1/my-work")) {
      const month = /** @type {string} */ (new URLSearchParams(path.split("?")[1]).get("month"));
      return { month, counted: 0, lines: [], reports: [], ...this.work[month] };
    }
    if (path === "/v1/my-deposits") return { deposits: this.decided };
    if (path === "/v1/enrol") {
      const told = { actor: "actor0001", person: { id: "p-li", name: "李医生" }, role: "village_doctor", scopes: this.scopes };
      return { ...told, server: "here", access: "token", nonce: "n", identity_key: "00".repeat(32), epoch: "e1" };
    }
    if (path !== "/v1/sync") throw new Error(`nobody taught the server ${path}`);
    const fresh = new Set();
    const receipts = body.edits.map((/** @type {any} */ edit) => this.judge(editFromWire(edit), fresh));
    const changes = [];
    const digests = [];
    for (const scope of Object.keys(this.scopes)) {
      const after = Number((body.checkpoints[scope] ?? "e1:0").split(":")[1]);
      const mine = [...this.records.values()].filter((record) => record.scope === scope);
      const news = mine.filter(({ record }) => Number(this.seq.get(record)) > after && !fresh.has(record));
      changes.push(
        ...news.map((record) => ({ ...record, seq: this.seq.get(record.record), issues: this.issues(record.record) })),
      );
      changes.push(...this.gone.filter((one) => one.scope === scope && one.seq > after));
      digests.push([scope, wire(ofHashes(await Promise.all(mine.map(recordHash))))]);
    }
    return {
      epoch: "e1",
      now: this.now,
      nonce: "n",
      receipts,
      merged: [],
      changes: changes.sort((a, b) => Number(a.seq) - Number(b.seq)),
      checkpoints: Object.fromEntries(Object.keys(this.scopes).map((scope) => [scope, `e1:${this.numbers}`])),
      more: false,
      scopes: this.scopes,
      digests: Object.fromEntries(digests),
      wipe: false,
    };
  }

  /** @param {string} id */
  issues(id) {
    return CATALOGUE.check(this.at(id), "2026-11-21", this.standing.get(id));
  }

  /** @param {Edit} edit @param {Set<string>} fresh records that need not be echoed */
  judge(edit, fresh) {
    const known = this.log.get(String(edit.dot));
    const text = canonical(edit.sections);
    if (known)
      return known.text === text ? known.receipt : { dot: edit.dot, status: "deposited", reason: "dot-reused", at: AT(9) };
    const before = this.records.get(edit.record) ?? blank(edit);
    const moved = this.gone.some((one) => one.record === edit.record && one.scope === edit.scope);
    /** @type {any} */
    let receipt = { dot: edit.dot, status: "deposited", reason: "out-of-scope", at: AT(9) };
    if (this.scopes[edit.scope]?.write && (before.scope === edit.scope || moved)) {
      const at = AT(edit.dot[1]);
      const { status, record } = apply(before, edit, at);
      if (status === "gap") return { dot: edit.dot, status };
      this.put(record, remarks(before, edit, CATALOGUE.policy(edit.type), this.standing.get(edit.record)));
      if (descends(edit.context, before.seen) && before.scope === edit.scope) fresh.add(edit.record);
      else fresh.delete(edit.record);
      receipt = { dot: edit.dot, status: "accepted", at, seen: record.seen, issues: this.issues(edit.record) };
    }
    this.log.set(String(edit.dot), { text, receipt });
    return receipt;
  }
}

let names = 0;

/**
 * A phone that is enrolled and has the catalogue; `besides()`: another window of it; `again()`: the same after its process was
 * killed.
 * @param {Hamlet} [hamlet] @param {Clock} [clock]
 */
export async function aPhone(hamlet = new Hamlet(), clock = new Clock()) {
  const opening = { name: `told-${(names += 1)}`, pin: PIN, transport: hamlet, now: clock.read, chance: chance(7) };
  const phone = await Client.enrol("http://hamlet", "good", opening);
  await phone.sync();
  hamlet.asked.length = 0;
  const besides = () => Client.open(opening);
  return { phone, hamlet, clock, besides, again: () => phone.close().then(besides) };
}

// -- forms --

/** @param {string} [name] @param {{born?: string, home?: string, [section: string]: any}} [parts] @returns {Sections} */
export function resident(name = "王秀兰", { born = "1950-03-04", home, ...sections } = {}) {
  /** @type {Sections} */
  const household = home ? { household: { household: home, relation_to_head: "head" } } : {};
  return { identity: { name, sex: "female", birth_date: born }, ...household, ...sections };
}

/** @param {string} [disease] @param {object} [status] @param {string} [opened_on] @returns {Sections} */
export function register(disease = "hypertension", status = {}, opened_on = "2026-01-05") {
  const registration = { disease, opened_on, confirmed_on: opened_on, found_by: "outpatient" };
  return { registration, status: { status: "managed", ...status } };
}

/** @param {{day?: string, systolic?: number, way?: string, [section: string]: any}} [parts] @returns {Sections} */
export function visit({ day = "2026-11-10", systolic = 150, way = "clinic", ...sections } = {}) {
  return { visit: { visited_on: day, way, doctor: "p-li" }, vitals: pressure(systolic), ...sections };
}

/** @param {number} systolic */
export const pressure = (systolic) => ({ systolic_mmhg: systolic, diastolic_mmhg: 85 });

/** @param {string} day @param {string[]} residents @returns {Sections} */
export const atHome = (day, ...residents) => ({
  visit: { visited_on: day, residents, household_times: 1, person_times: residents.length },
});

/** A resident under management. @param {Client} phone @param {string} [name] @param {{born?: string, home?: string}} [parts] */
export async function patient(phone, name, parts) {
  const who = await phone.create("resident", resident(name, parts));
  await phone.create("chronic_register", register(), { subject: who });
  return who;
}

/**
 * A colleague's record.
 * @param {string} record @param {Sections} sections @param {{type?: string, subject?: string | null, scope?: string}} [place]
 * @returns {Record}
 */
export function theirs(record, sections, { type = "hypertension_visit", subject = null, scope = "v1" } = {}) {
  const edit = {
    dot: /** @type {[string, number]} */ (["colleague1", 1]),
    at: AT(1),
    written_at: AT(1),
    author: "p-wang",
    sections,
  };
  return { record, type, subject, scope, seen: { colleague1: 1 }, edits: [edit] };
}
