// An edit is an immutable fact; a record is what its edits amount to. `apply` folds one edit in, `merge` joins two replicas:
// a section keeps every value that no other edit has replaced after having seen it.
import { advanced, compareDots, covers, descends, joined, upto, without } from "./version.js";

/** @typedef {import("./version.js").Dot} Dot */
/** @typedef {import("./version.js").Vector} Vector */
/** @typedef {{readonly [field: string]: any} | null} Value a section's value; null is emptied */
/** @typedef {{readonly [section: string]: Value}} Sections */
/**
 * One saved form; `context` is the record's vector as its author saw it, never recomputed.
 * @typedef {{readonly record: string, readonly type: string, readonly subject: string | null, readonly scope: string,
 *   readonly dot: Dot, readonly context: Vector, readonly written_at: string, readonly author: string,
 *   readonly sections: Sections}} Edit
 */
/**
 * What is left of an edit in a record: the sections it still owns; `at` is the server's estimate of its time.
 * @typedef {{readonly dot: Dot, readonly at: string, readonly written_at: string, readonly author: string,
 *   readonly sections: Sections}} LiveEdit
 */
/**
 * One replica of a record, its edits in the order of their dots.
 * @typedef {{readonly record: string, readonly type: string, readonly subject: string | null, readonly scope: string,
 *   readonly seen: Vector, readonly edits: readonly LiveEdit[]}} Record
 */
/** @typedef {{readonly edit: LiveEdit, readonly value: Value}} Sibling one live value of a section and its edit */
/** @typedef {"ask" | "latest" | "review"} Policy what siblings of different value mean */
/** @typedef {(section: string) => Policy} PolicyOf */
/** @typedef {{readonly section: string, readonly code: string}} Remark what two edits mean that have not seen each other */

export const VOID = "void";
export const VOID_CLASH = "void-clash";
export const REVIEW_ASKED = "review";

/** The record that an edit is the first of. @param {Edit} edit @returns {Record} */
export function blank({ record, type, subject, scope }) {
  return { record, type, subject, scope, seen: {}, edits: [] };
}

/**
 * Fold one edit into a record; `deposited`: counters of its actor that were set aside. Gap: the context names what the
 * record has not seen, or the author's own chain is broken.
 * @param {Record} record @param {Edit} edit @param {string} at @param {readonly number[]} [deposited]
 * @returns {{status: "applied" | "duplicate" | "gap", record: Record}}
 */
export function apply(record, edit, at, deposited = []) {
  const [actor] = edit.dot;
  if (covers(record.seen, edit.dot)) return { status: "duplicate", record };
  const own = upto(edit.context, actor);
  const applied = upto(record.seen, actor);
  const whole = own === applied || (own > applied && deposited.includes(own));
  if (!whole || !descends(record.seen, without(edit.context, actor))) return { status: "gap", record };
  return { status: "applied", record: fold(record, edit, at) };
}

/** `apply` without its checks: what the edit had seen gives way. @param {Record} record @param {Edit} edit @param {string} at */
export function fold(record, edit, at) {
  const { dot, written_at, author, sections } = edit;
  const kept = record.edits.map((old) =>
    covers(edit.context, old.dot) ? owning(old, (name) => !Object.hasOwn(sections, name)) : old,
  );
  const edits = ordered([...kept, { dot, at, written_at, author, sections }]);
  return { ...record, seen: advanced(record.seen, dot), edits };
}

/**
 * Join two replicas, in either order; of what both hold, `b`'s words about it (`at`) stand.
 * @param {Record} a @param {Record} b
 */
export function merge(a, b) {
  /** @type {Map<string, LiveEdit>} */
  const live = new Map();
  for (const [here, there] of [[a, b], [b, a]]) {
    const held = new Map(there.edits.map((edit) => [String(edit.dot), edit.sections]));
    for (const edit of here.edits) {
      const name = String(edit.dot);
      const others = held.get(name) ?? {};
      const gone = covers(there.seen, edit.dot); // what is no longer held where it was seen was replaced there
      const kept = owning(edit, (section) => !gone || Object.hasOwn(others, section));
      live.set(name, { ...kept, sections: { ...live.get(name)?.sections, ...kept.sections } });
    }
  }
  return { ...b, seen: joined(a.seen, b.seen), edits: ordered([...live.values()]) };
}

/** @param {LiveEdit} edit @param {(section: string) => boolean} keeps @returns {LiveEdit} */
function owning(edit, keeps) {
  return { ...edit, sections: Object.fromEntries(Object.entries(edit.sections).filter(([name]) => keeps(name))) };
}

/** By dot; edits that own no section are gone. @param {LiveEdit[]} edits */
function ordered(edits) {
  return edits.filter((edit) => Object.keys(edit.sections).length).sort((x, y) => compareDots(x.dot, y.dot));
}

/** Every section and its live values, the one to show last. @param {Record} record @returns {{[section: string]: Sibling[]}} */
export function sections(record) {
  /** @type {Map<string, Sibling[]>} */
  const found = new Map();
  for (const edit of record.edits) {
    for (const [name, value] of Object.entries(edit.sections)) {
      const siblings = found.get(name);
      siblings ? siblings.push({ edit, value }) : found.set(name, [{ edit, value }]);
    }
  }
  for (const siblings of found.values()) {
    siblings.sort(({ edit: x }, { edit: y }) => compareText(x.at, y.at) || compareDots(x.dot, y.dot));
  }
  return Object.fromEntries(found);
}

/** The value of each section that every replica displays. @param {Record} record @returns {{[section: string]: Value}} */
export function shown(record) {
  return mapped(sections(record), (siblings) => siblings[siblings.length - 1].value);
}

/** Sections whose siblings differ in value, whatever their policy. @param {Record} record */
export function clashing(record) {
  return picked(sections(record), (_, s) => s.length > 1 && new Set(s.map((one) => canonical(one.value))).size > 1);
}

/**
 * Sections that wait for a person. A void beside an unseen edit leaves no trace here: see `remarks`.
 * @param {Record} record @param {PolicyOf} policy
 */
export function conflicts(record, policy) {
  return picked(clashing(record), (name) => policy(name) !== "latest");
}

/** @template T, U @param {{[name: string]: T}} found @param {(value: T) => U} of @returns {{[name: string]: U}} */
const mapped = (found, of) => Object.fromEntries(Object.entries(found).map(([name, value]) => [name, of(value)]));

/**
 * @template T @param {{[name: string]: T}} found @param {(name: string, value: T) => boolean} holds
 * @returns {{[name: string]: T}}
 */
const picked = (found, holds) => Object.fromEntries(Object.entries(found).filter(([name, value]) => holds(name, value)));

/** Canonical JSON: keys by code point, no white space. Equal text means equal value. @param {any} value @returns {string} */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const names = Object.keys(value).sort(compareText);
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)}}`;
}

/** The order of code points, as Python sorts; the built-in one is by UTF-16 unit. @param {string} a @param {string} b */
export function compareText(a, b) {
  if (a === b) return 0;
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n += 1;
  if (n === a.length || n === b.length) return a.length - b.length;
  return rank(a.charCodeAt(n)) - rank(b.charCodeAt(n));
}

/** Surrogates stand for what lies behind every other unit. @param {number} unit */
const rank = (unit) => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);

/** The declared name of a section: `medication/m1` belongs to `medication`. @param {string} section */
export const family = (section) => section.split("/", 1)[0];

/**
 * The remarks that stand after an edit: those it raises, and earlier ones that it does not settle by having seen everything
 * and writing that section again.
 * @param {Record} before @param {Edit} edit @param {PolicyOf} policy @param {readonly Remark[]} [standing]
 */
export function remarks(before, edit, policy, standing = []) {
  const touched = descends(edit.context, before.seen) ? Object.keys(edit.sections).map(family) : [];
  const unseen = before.edits.filter((live) => !covers(edit.context, live.dot));
  const raised = unseen.flatMap((live) => apart(live, edit, policy));
  return unique([...standing.filter((one) => !touched.includes(one.section)), ...raised]);
}

/**
 * What joining two replicas raises: about edits of each side that the other had not seen.
 * @param {Record} a @param {Record} b @param {PolicyOf} policy
 */
export function mergeRemarks(a, b, policy) {
  const news = a.edits.filter((live) => !covers(b.seen, live.dot));
  const olds = b.edits.filter((live) => !covers(a.seen, live.dot));
  return unique(news.flatMap((x) => olds.flatMap((y) => apart(x, y, policy))));
}

/** @typedef {{author: string, sections: Sections}} Words */
/**
 * About two edits that have not seen each other.
 * @param {Words} x @param {Words} y @param {PolicyOf} policy @returns {Remark[]}
 */
function apart(x, y, policy) {
  /** @type {Remark[]} */
  const found = [];
  if ([x, y].some((one) => Object.hasOwn(one.sections, VOID) && one.sections[VOID] !== null)) {
    found.push({ section: VOID, code: VOID_CLASH });
  }
  if (x.author === y.author) return found;
  const here = Object.keys(x.sections).map(family);
  const shared = Object.keys(y.sections).map(family).filter((name) => here.includes(name) && policy(name) === "review");
  return [...found, ...shared.map((section) => ({ section, code: REVIEW_ASKED }))];
}

/** Each once, by section and code. @param {readonly Remark[]} every @returns {Remark[]} */
function unique(every) {
  const found = new Map(every.map((one) => [canonical([one.section, one.code]), one]));
  return [...found.values()].sort((x, y) => compareText(x.section, y.section) || compareText(x.code, y.code));
}
