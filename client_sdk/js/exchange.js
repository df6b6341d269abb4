// What one exchange means for this phone: what to send, what an answer changes, the outbox made anew. Values in, values out.
import { BadReplyError } from "./errors.js";
import { dotOf, issuesFromWire, recordFromWire } from "./sync/codec.js";
import { REVIEW_ASKED, VOID_CLASH, apply, blank, canonical, merge, mergeRemarks } from "./sync/record.js";
import { remarkIssues } from "./sync/types/declare.js";
import { descends, upto, vector } from "./sync/version.js";
import { APPLIED, PROTOCOL, isChange, isReceipt } from "./sync/wire.js";

/** @typedef {import("./view.js").Held} Held */
/** @typedef {import("./sync/record.js").Edit} Edit */
/** @typedef {import("./sync/record.js").Record} Record */
/** @typedef {import("./sync/types/checks.js").Issue} Issue */
/** @typedef {import("./sync/version.js").Dot} Dot */
/** @typedef {(type: string) => import("./sync/record.js").PolicyOf} Policies of a record type, from the catalogue */
/**
 * What an answer changes here; all of it belongs into one transaction, with the checkpoints of the answer. `aside`: leave the
 * outbox, kept by the server for a person. `gaps`: records of which the server lacks something. `reused`: a new actor is needed.
 * @typedef {{put: Map<string, Held>, drop: string[], settled: Dot[], aside: {edit: Edit, reason: string}[], gaps: string[],
 *   reused: boolean}} Effects
 */

const MAX_CHANGES_BYTES = 262_144;
// of one request, far less than a server takes: what a bad line cuts off is soon sent again
const [AT_ONCE, BATCH_BYTES] = [50, 100_000];

// -- asking

/**
 * The body of POST /v1/sync. `states` only where the server lacks something; with each goes what was remarked about it.
 * @param {object} device @param {readonly Edit[]} edits in the order they were made @param {readonly Held[]} states
 * @param {{[scope: string]: string}} checkpoints
 */
export function request(device, edits, states, checkpoints) {
  const records = states.map(({ record, issues }) => ({ ...record, issues: issues ?? [] }));
  return { protocol: PROTOCOL, device, edits, records, checkpoints, max_bytes: MAX_CHANGES_BYTES };
}

/**
 * The head of `items` that goes into one request, but at least one.
 * @template T @param {readonly T[]} items @param {(item: T) => any} [wire] @returns {readonly T[]}
 */
export function batch(items, wire = (item) => item) {
  const head = items.slice(0, AT_ONCE);
  let size = 0;
  const end = head.findIndex((item, n) => {
    size += new TextEncoder().encode(canonical(wire(item))).length;
    return n > 0 && size > BATCH_BYTES;
  });
  return end < 0 ? head : head.slice(0, end);
}

// -- learning

/** The records that the changes of an answer name. Raises BadReplyError. @param {any} reply @returns {string[]} */
export function changed(reply) {
  if (!reply.changes.every(isChange)) throw unreadable("changes");
  return reply.changes.map((/** @type {any} */ item) => item.record);
}

/**
 * What the answer to `sent` changes. `waiting`: the outbox as it is now, at least the edits of the records in question, in order.
 * `base`: the records that `sent` or the changes name, where held. `deposited`: set aside earlier. Raises BadReplyError.
 * @param {readonly Edit[]} sent @param {readonly Edit[]} waiting @param {Map<string, Held>} base
 * @param {readonly Dot[]} deposited @param {any} reply @param {Policies} policies @returns {Effects}
 */
export function absorb(sent, waiting, base, deposited, reply, policies) {
  return new Absorbing(waiting, base, deposited, policies).of(sent, reply);
}

class Absorbing {
  /**
   * @param {readonly Edit[]} waiting @param {Map<string, Held>} base @param {readonly Dot[]} deposited @param {Policies} policies
   */
  constructor(waiting, base, deposited, policies) {
    this.base = new Map(base);
    /** @type {Set<string>} */
    this.touched = new Set();
    this.deposited = [...deposited];
    this.policies = policies;
    /** @type {Map<string, string[]>} by record, the earliest first */
    this.waiting = new Map();
    for (const { record, dot } of waiting) this.waiting.set(record, [...(this.waiting.get(record) ?? []), String(dot)]);
    /** @type {Dot[]} */
    this.settled = [];
    /** @type {Effects["aside"]} */
    this.aside = [];
  }

  /** @param {readonly Edit[]} sent @param {any} reply @returns {Effects} */
  of(sent, reply) {
    const { receipts } = reply;
    const answered = receipts.length === sent.length && sent.every(({ dot }, n) => String(dotOf(receipts[n])) === String(dot));
    if (!answered || !receipts.every(isReceipt)) throw unreadable("receipts");
    /** @type {Set<string>} */
    const gaps = new Set();
    let reused = false;
    sent.forEach((edit, n) => {
      const { status, reason } = receipts[n];
      if (status === "gap") gaps.add(edit.record);
      else if (status === "deposited" && reason === "dot-reused") reused = true;
      // only behind the earlier ones of its record
      else if (this.waiting.get(edit.record)?.[0] === String(edit.dot)) this._leave(edit, receipts[n]);
    });
    for (const item of reply.changes) this._change(item);
    const put = new Map([...this.touched].flatMap((name) => pair(name, this.base.get(name))));
    const drop = [...this.touched].filter((name) => !put.has(name));
    return { put, drop, settled: this.settled, aside: this.aside, gaps: [...gaps], reused };
  }

  /** @param {Edit} edit @param {any} receipt */
  _leave(edit, receipt) {
    if (APPLIED.includes(receipt.status)) {
      this._fold(edit, receipt);
      this.settled.push(edit.dot);
    } else if (receipt.status === "deposited") {
      this.aside.push({ edit, reason: receipt.reason || "unknown" });
      this.deposited.push(edit.dot);
    } else throw unreadable(`receipt ${receipt.status}`);
    this.waiting.get(edit.record)?.shift();
  }

  /**
   * Into the base, unless the base lacks what the edit had seen: then the server's state of it will come.
   * @param {Edit} edit @param {any} receipt
   */
  _fold(edit, receipt) {
    if (receipt.at === undefined) throw unreadable("receipt without a time");
    const held = this.base.get(edit.record) ?? { record: blank(edit), issues: null };
    const own = this.deposited.filter(([actor]) => actor === edit.dot[0]).map(([, counter]) => counter);
    const { status, record } = apply(held.record, edit, receipt.at, own);
    if (status !== "gap") this._put({ record, issues: issuesOf(receipt) ?? held.issues });
  }

  /** @param {any} item */
  _change(item) {
    const held = this.base.get(item.record);
    if (!item.gone) return this._put(met(held, recordFromWire(item), issuesOf(item), this.policies));
    if (held?.record.scope !== item.scope) return;
    this.base.delete(item.record);
    this.touched.add(item.record);
  }

  /** @param {Held} held */
  _put(held) {
    this.base.set(held.record.record, held);
    this.touched.add(held.record.record);
  }
}

/** @template T @param {string} name @param {T | undefined} value @returns {[string, T][]} */
const pair = (name, value) => (value === undefined ? [] : [[name, value]]);

/** @param {string} what */
const unreadable = (what) => new BadReplyError(`the answer of the server cannot be read: ${what}`);

/**
 * The merge of the base and the server's state. Where the server has seen everything that this phone has, its state is the
 * merge; taking it as it is also repairs a base that was damaged.
 * @param {Record} mine @param {Record} theirs
 */
const joined = (mine, theirs) => (descends(theirs.seen, mine.seen) ? theirs : merge(mine, theirs));

/**
 * The base after the server's state of a record arrived, with what the server says of it. What was remarked here about edits
 * that the server lacks stands on.
 * @param {Held | undefined} held @param {Record} theirs @param {readonly Issue[] | null} told @param {Policies} policies
 * @returns {Held}
 */
export function met(held, theirs, told, policies) {
  if (!held) return { record: theirs, issues: told };
  const ahead = descends(held.record.seen, theirs.seen);
  const behind = descends(theirs.seen, held.record.seen);
  let issues = told;
  // this phone is ahead: what is settled here is settled
  if (told === null || (ahead && !behind)) issues = held.issues;
  else if (!ahead && !behind) {
    // joined here, and then sent as one: nobody after us could tell that they were apart
    const raised = remarkIssues(mergeRemarks(held.record, theirs, policies(theirs.type)));
    const standing = (held.issues ?? []).filter(({ code }) => code === VOID_CLASH || code === REVIEW_ASKED);
    const once = new Map([...standing, ...raised].map((issue) => [canonical(issue), issue]));
    for (const issue of told) once.delete(canonical(issue));
    issues = [...told, ...once.values()];
  }
  return { record: joined(held.record, theirs), issues };
}

/**
 * The issues that a receipt or a record carries, null when it carries no word of them.
 * @param {any} item @returns {Issue[] | null}
 */
export const issuesOf = ({ issues }) => (issues ? /** @type {Issue[]} */ (issuesFromWire(issues)) : null);

// -- a new actor

/**
 * The outbox made anew under a new actor, in order, counters from 1. What the context says of the old actor becomes the smaller
 * of what the record's first waiting edit had seen of it and what the base has; then come the new dots of the earlier edits.
 * @param {readonly Edit[]} outbox @param {Map<string, import("./sync/version.js").Vector>} base its `seen` by record
 * @param {string} old @param {string} fresh @returns {Edit[]}
 */
export function reissue(outbox, base, old, fresh) {
  /** @type {Map<string, number>} */
  const first = new Map();
  /** @type {Map<string, number>} */
  const last = new Map();
  return outbox.map((edit, n) => {
    const start = first.get(edit.record) ?? upto(edit.context, old);
    first.set(edit.record, start);
    const known = Math.min(start, upto(base.get(edit.record) ?? {}, old));
    const context = vector({ ...edit.context, [old]: known, [fresh]: last.get(edit.record) ?? 0 });
    last.set(edit.record, n + 1);
    return { ...edit, dot: /** @type {Dot} */ ([fresh, n + 1]), context };
  });
}
