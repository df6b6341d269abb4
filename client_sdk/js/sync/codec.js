// Edits and records as JSON values, and what is fit to travel. An edit that is unfit in itself is deposited as `malformed`.
import { canonical } from "./record.js";
import { compareDots, covers, vector } from "./version.js";

/** @typedef {import("./version.js").Dot} Dot */
/** @typedef {import("./record.js").Edit} Edit */
/** @typedef {import("./record.js").LiveEdit} LiveEdit */
/** @typedef {import("./types/checks.js").Issue} Issue */

const MAX_EDIT_BYTES = 64_000; // as canonical JSON, whatever its layout
const MAX_EDIT_DEPTH = 8; // below `sections`
const MAX_SECTIONS = 64;
const MAX_ACTORS = 256;
const MAX_IDENTIFIER = 64;

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ACTOR = /^[a-z0-9]{8,16}$/;
const INSTANT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):(\d\d))$/;
const FIRST = Date.parse("0001-01-01T00:00:00Z");
const LAST = Date.parse("9999-12-31T23:59:59.999Z");
const UNFIT_TEXT = /[\0\p{Cs}]/u;

/** A value that the protocol does not carry; the message says which and why. */
export class UnfitError extends Error {
  name = "UnfitError";
}

/** An instant as the server writes it: UTC to the millisecond. @param {number} moment milliseconds since 1970 */
export const stamp = (moment) => new Date(moment).toISOString();

/**
 * Read an RFC 3339 instant, to the millisecond since 1970; UnfitError without one or its offset from UTC.
 * @param {unknown} text
 */
export function instant(text) {
  const [, day, time, seconds = "00", fraction = "", sign, hours = "0", minutes = "0"] = INSTANT.exec(String(text)) ?? [];
  const local = Date.parse(`${day}T${time}:${seconds}.${fraction.padEnd(3, "0").slice(0, 3)}Z`);
  const offset = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  const moment = local - offset * 60_000;
  const inRange = Math.min(local, moment) >= FIRST && Math.max(local, moment) <= LAST && Math.abs(offset) < 24 * 60;
  if (typeof text !== "string" || !inRange || !stamp(local).startsWith(`${day}T${time}`)) {
    throw new UnfitError(`${String(text).slice(0, 40)} is not an instant with its offset, like 2026-11-21T08:15:00+08:00`);
  }
  return moment;
}

/**
 * Read an edit, without what is unknown beside it; UnfitError when it is over a limit or not of the form.
 * @param {any} item @returns {Edit}
 */
export function editFromWire(item) {
  check(isObject(item), "an edit is an object");
  const dot = dotOf(item);
  if (!dot) throw new UnfitError("`dot` is [actor, counter], the counter from 1");
  const { record, type, subject = null, scope, written_at, author, sections } = item;
  instant(written_at);
  check(typeof record === "string" && UUID.test(record), "`record` is a UUID in lower case");
  identifier("type", type);
  identifier("scope", scope);
  if (subject !== null) identifier("subject", subject);
  identifier("author", author);
  const context = seenBefore(item.context);
  sectionsFit(sections);
  small(item);
  check(!covers(context, dot), "an edit cannot have seen itself: `context` covers its own dot");
  return { record, type, subject, scope, dot, context, written_at, author, sections };
}

/**
 * A record from a state that is known to be fit: the server's or a stored one.
 * @param {any} item @returns {import("./record.js").Record}
 */
export function recordFromWire({ record, type, subject, scope, seen, edits }) {
  const live = edits.map(liveFromWire).sort((/** @type {LiveEdit} */ x, /** @type {LiveEdit} */ y) => compareDots(x.dot, y.dot));
  return { record, type, subject, scope, seen: vector(seen), edits: live };
}

/** @param {LiveEdit} item @returns {LiveEdit} */
const liveFromWire = ({ dot, at, written_at, author, sections }) => ({ dot, at, written_at, author, sections });

/** Issues as the server wrote them. @param {readonly any[]} items @returns {Issue[]} */
export const issuesFromWire = (items) =>
  items.map(({ section, field = null, code, level }) => ({ section, field, code, level }));

/** The dot of something that may be an edit, null where none can be read. @param {any} item @returns {Dot | null} */
export function dotOf(item) {
  const dot = item?.dot;
  if (!Array.isArray(dot) || dot.length !== 2) return null;
  const [actor, counter] = dot;
  return typeof actor === "string" && ACTOR.test(actor) && Number.isSafeInteger(counter) && counter > 0 ? [actor, counter] : null;
}

/** @param {unknown} holds @param {string} message */
function check(holds, message) {
  if (!holds) throw new UnfitError(message);
}

/** @param {unknown} value */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @param {string} name @param {unknown} value */
function identifier(name, value) {
  const fit = typeof value === "string" && value && [...value].length <= MAX_IDENTIFIER && !UNFIT_TEXT.test(value);
  check(fit, `\`${name}\` is a text of 1 to ${MAX_IDENTIFIER} characters`);
}

/** @param {any} context */
function seenBefore(context) {
  const fit = isObject(context) && Object.keys(context).length <= MAX_ACTORS;
  check(fit, `\`context\` is an object of at most ${MAX_ACTORS} actors`);
  for (const [actor, n] of Object.entries(context)) {
    check(ACTOR.test(actor) && Number.isSafeInteger(n) && n >= 0, "`context` names actors and how far each was seen");
  }
  return vector(context);
}

/** @param {any} sections */
function sectionsFit(sections) {
  const few = isObject(sections) && Object.keys(sections).length <= MAX_SECTIONS;
  check(few, `\`sections\` is an object of at most ${MAX_SECTIONS} sections`);
  for (const [name, value] of Object.entries(sections)) {
    identifier("section name", name);
    check(value === null || isObject(value), `section '${name}' is neither an object nor null`);
  }
  let level = Object.values(sections);
  for (let depth = 1; level.length; depth += 1) {
    level = level.flatMap((value) => {
      if (typeof value === "string") check(!UNFIT_TEXT.test(value), "text has a NUL or a lone surrogate");
      else if (typeof value === "number") {
        check(Number.isInteger(value), "a number with a point or an exponent is sent as text; no key stands twice in an object");
        check(Number.isSafeInteger(value), "an integer is at 2^53 or beyond");
      } else if (typeof value === "object" && value !== null) {
        check(depth <= MAX_EDIT_DEPTH, `a value is nested more than ${MAX_EDIT_DEPTH} deep`);
        return Array.isArray(value) ? value : [...Object.keys(value), ...Object.values(value)];
      } else check(value === null || typeof value === "boolean", "a value is JSON");
      return [];
    });
  }
  small(sections);
}

/** @param {unknown} value */
function small(value) {
  const size = new TextEncoder().encode(canonical(value)).length;
  check(size <= MAX_EDIT_BYTES, `an edit has at most ${MAX_EDIT_BYTES} bytes as canonical JSON`);
}
