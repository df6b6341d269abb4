// The forms of the answers that a phone reads: what is not of the form is no answer of the server. Unknown names are passed over.

/** True where a value is of the form. @typedef {(value: any) => boolean} Form */

/** @type {Form} */
const text = (value) => typeof value === "string";
/** @type {Form} */
const whole = (value) => Number.isSafeInteger(value);
/** @type {Form} */
const flag = (value) => typeof value === "boolean";
/** @type {Form} */
const object = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** @type {Form} */
const list = (value) => Array.isArray(value);
/** @param {Form} form @returns {Form} */
const orNull = (form) => (value) => value === null || form(value);
/** May be left out. @param {Form} form @returns {Form} */
const maybe = (form) => (value) => value === undefined || form(value);
/** @param {Form} form @returns {Form} */
const listOf = (form) => (value) => list(value) && value.every(form);
/** @param {Form} form @returns {Form} */
const mapOf = (form) => (value) => object(value) && Object.values(value).every(form);
/** @param {Record<string, Form>} fields @returns {Form} */
const of = (fields) => (value) => object(value) && !faults(value, fields).length;

/** The names of an object that are not of the form. @param {any} value @param {Record<string, Form>} fields */
export const faults = (value, fields) => Object.keys(fields).filter((name) => !fields[name](value[name]));

const seen = mapOf(whole);
const scopes = mapOf(of({ write: flag }));
const digest = { count: whole, sum: (/** @type {any} */ value) => text(value) && /^[0-9a-f]{32}$/.test(value) };
const issues = listOf(of({ section: text, field: maybe(orNull(text)), code: text, level: text }));
const live = of({ dot: list, at: text, written_at: text, author: text, sections: mapOf(orNull(object)) });
const state = {
  record: text,
  type: text,
  subject: orNull(text),
  scope: text,
  seen,
  edits: listOf(live),
  issues: maybe(orNull(issues)),
};

/** Receipts that apply the edit to the device's base. */
export const APPLIED = ["accepted", "merged", "conflict", "duplicate"];
export const PROTOCOL = 1;

export const TOKEN = { access: text, expires_in: whole, nonce: text };
export const NEW_ACTOR = { actor: text, nonce: text };
export const ENROLLED = {
  person: of({ id: text }),
  role: text,
  scopes,
  actor: text,
  server: text,
  access: text,
  nonce: text,
  identity_key: text,
  epoch: text,
};
export const SYNC_REPLY = {
  epoch: text,
  now: text,
  nonce: text,
  receipts: list,
  merged: list,
  changes: list,
  checkpoints: mapOf(text),
  more: flag,
  scopes,
  digests: mapOf(of(digest)),
  wipe: flag,
};
export const DEPOSITED = { receipts: listOf(of({ dot: orNull(list), status: text })) };
export const DIGEST_WALK = { ...digest, children: mapOf(of(digest)) };
export const RECORD_STATES = { records: listOf(of(state)) };
export const CATALOGUE = { version: text, types: listOf(of({ name: text, sections: list })), codes: mapOf(of({ codes: list })) };
export const NAMES = { version: text, area: mapOf(text), team: mapOf(text), organization: mapOf(text), person: mapOf(text) };
export const MY_WORK = {
  reports: listOf(of({ village: text, area: text, issue: whole })),
  lines: listOf(of({ record: text, reason: orNull(text), report: orNull(of({ area: text, issue: whole, counted: flag })) })),
};
export const MY_DEPOSITS = {
  deposits: listOf(
    of({
      dot: list,
      reason: text,
      state: text,
      decided_at: text,
      decided_by: orNull(of({ name: text, role: text })),
      decision: orNull(text),
    }),
  ),
};

/** One of `changes`. @type {Form} */
export const isChange = (item) =>
  object(item) && text(item.record) && text(item.scope) && (item.gone ? text(item.gone) : of(state)(item));
/** One of `receipts`, of an edit that it settles. @type {Form} */
export const isReceipt = of({ status: text, at: maybe(text), reason: maybe(orNull(text)), issues: maybe(orNull(issues)) });
