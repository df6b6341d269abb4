// What a field makes of a value, from its entry in the catalogue: what makes it unusable, what is implausible on a date.

import { isDay, ordinal } from "../days.js";

/**
 * One field of a section, as `GET /v1/types` tells it. `codes`: the name of its code list; `hard`: bounds it cannot leave,
 * `soft`: bounds it seldom leaves; `places`: digits behind the point; `alone`: the code that excludes the others;
 * `future`: may it lie ahead; `to`: what a reference names; `drawn`: strokes; `columns`: the fields of each row.
 * @typedef {object} Item
 * @property {string} name
 * @property {"whole"|"decimal"|"text"|"code"|"codes"|"date"|"month"|"instant"|"truth"|"reference"|"references"|"rows"} kind
 * @property {boolean} required
 * @property {string} zh
 * @property {string} en
 * @property {string} [unit]
 * @property {Bound[]} [hard]
 * @property {Bound[]} [soft]
 * @property {number[]} [only]
 * @property {number} [places]
 * @property {number} [longest]
 * @property {string} [pattern]
 * @property {string} [codes]
 * @property {string} [alone]
 * @property {boolean} [future]
 * @property {string} [to]
 * @property {boolean} [drawn]
 * @property {Item[]} [columns]
 * @property {string} [element]
 * @property {string} [loinc]
 * @property {string} [source]
 */
/** @typedef {number|string} Bound */
/** @typedef {{code: string, national: string|null, zh: string, en: string, programme: string|null}} CodeAbout */
/** @typedef {Map<string, Map<string, CodeAbout>>} Lists the code lists by name, each by code */
/** @typedef {"error"|"warning"} Level */

/** @type {Level} */
export const ERROR = "error";
/** @type {Level} */
export const WARNING = "warning";

const TIME = "((?:[01][0-9]|2[0-3])):([0-5][0-9])";
const INSTANT = new RegExp(`^([0-9]{4}-[0-9]{2}-[0-9]{2})T${TIME}:([0-5][0-9])(?:\\.([0-9]+))?(?:Z|([+-])${TIME})$`);
/** Of the numbers of `numberOf`. */
export const SCALE = 1000000000n;
/** @type {Map<string, RegExp>} */
const patterns = new Map();

/** @typedef {(item: Item, value: any, lists: Lists) => string|null} Fault */
/** What makes a value unusable, by kind of field. @type {{[kind: string]: Fault}} */
const FAULTS = {
  whole: (_item, value) => (Number.isInteger(value) ? null : "not_a_whole_number"),
  decimal: (item, value) => (meets(`-?[0-9]{1,9}(\\.[0-9]{1,${item.places}})?`, value) ? null : "not_a_decimal"),
  text(item, value) {
    if (typeof value !== "string") return "not_text";
    const longest = item.longest ?? Infinity;
    if (value.length > longest && [...value].length > longest) return "too_long";
    return item.pattern && !meets(item.pattern, value) ? "wrong_form" : null;
  },
  code: (item, value, lists) => (isCode(item, value, lists) ? null : "unknown_code"),
  codes(item, value, lists) {
    if (!Array.isArray(value)) return "not_a_list";
    return value.every((one) => isCode(item, one, lists)) ? twice(value) : "unknown_code";
  },
  date: (_item, value) => (isDay(value) ? null : "not_a_date"),
  month: (_item, value) => (typeof value === "string" && value.length === 7 && isDay(value + "-01") ? null : "not_a_date"),
  instant: (_item, value) => (moment(value) === null ? "not_an_instant" : null),
  truth: (_item, value) => (typeof value === "boolean" ? null : "not_yes_or_no"),
  reference: (_item, value) => (isReference(value) ? null : "not_a_reference"),
  references(_item, value) {
    if (!Array.isArray(value)) return "not_a_list";
    return value.every(isReference) ? twice(value) : "not_a_reference";
  },
  rows(_item, value) {
    if (!Array.isArray(value)) return "not_a_list";
    return value.every(isObject) ? null : "not_an_object";
  },
};

/** The fields of an object with a fault, in the order of the form; a row's is `field.row.column`. @param {Item[]} items
 * @param {Record<string, any>} value @param {Lists} lists @param {Map<string, string>} [found] */
export function faultsOf(items, value, lists, found = new Map(), path = "") {
  for (const item of items) {
    const said = value[item.name];
    const code = fault(item, said, lists);
    if (code) found.set(path + item.name, code);
    else if (item.columns && said) {
      for (const [i, row] of said.entries()) faultsOf(item.columns, row, lists, found, `${path}${item.name}.${i}.`);
    }
  }
  return found;
}

/** @param {Item} item @param {any} value undefined where it is absent @param {Lists} lists @returns {string|null} */
function fault(item, value, lists) {
  if (value === undefined) return item.required ? "required" : null;
  if (value === null) return item.required ? "required" : "null";
  if (item.required && (value === "" || (Array.isArray(value) && !value.length))) return "required";
  return FAULTS[item.kind]?.(item, value, lists) ?? null;
}

/** [field, code, level] of what is implausible beside the faults. @param {Item[]} items @param {Record<string, any>} value
 * @param {string} on @param {Map<string, string>} faults @returns {Generator<[string, string, Level]>} */
export function* looks(items, value, on, faults, path = "") {
  for (const item of items) {
    const said = value[item.name];
    const field = path + item.name;
    if (said === undefined || faults.has(field)) continue;
    if (item.columns) {
      for (const [i, row] of said.entries()) yield* looks(item.columns, row, on, faults, `${field}.${i}.`);
    } else {
      const seen = look(item, said, on);
      if (seen) yield [field, ...seen];
    }
  }
}

/** [code, level] of what is implausible in a usable value. @param {Item} item @param {any} value @param {string} on
 * @returns {[string, Level]|null} */
export function look(item, value, on) {
  if (item.only && !item.only.includes(value)) return ["out_of_range", ERROR];
  if (outside(item.hard, value)) return ["out_of_range", ERROR];
  if (outside(item.soft, value)) return ["unusual", WARNING];
  if (item.alone && value.includes(item.alone) && value.length > 1) return ["excludes_others", ERROR];
  return item.future === false && (value + "-01").slice(0, 10) > on ? ["in_future", ERROR] : null;
}

/** @param {Bound[]|undefined} bounds @param {any} value */
function outside(bounds, value) {
  const number = bounds ? numberOf(value) : null;
  if (!bounds || number === null) return false;
  const [low, high] = bounds.map((bound) => numberOf(String(bound)));
  return (low !== null && number < low) || (high !== null && number > high);
}

/** [field, programme] of every code of a protected programme. @param {Item[]} items @param {Record<string, any>} value
 * @param {Lists} lists @returns {Generator<[string, string]>} */
export function* naming(items, value, lists, path = "") {
  for (const item of items) {
    const found = value[item.name];
    const several = Array.isArray(found) ? found : [found];
    if (item.columns) {
      for (const [i, row] of several.entries()) {
        if (isObject(row) && found !== row) yield* naming(item.columns, row, lists, `${path}${item.name}.${i}.`);
      }
    } else if (item.codes) {
      const list = lists.get(item.codes);
      const told = several.map((code) => list?.get(code)?.programme).filter((programme) => programme != null);
      for (const programme of [...new Set(told)].sort()) yield [path + item.name, programme];
    }
  }
}

/** The moment that a text names, in microseconds since the day before the first, null where it names none.
 * @param {unknown} text @returns {bigint|null} */
export function moment(text) {
  const found = typeof text === "string" ? INSTANT.exec(text) : null;
  if (!found || !isDay(found[1])) return null;
  const [, day, hour, minute, second, fraction = "", sign, hours, minutes] = found;
  const shift = sign ? (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1) : 0;
  const seconds = ordinal(day) * 86400 + Number(hour) * 3600 + (Number(minute) - shift) * 60 + Number(second);
  return BigInt(seconds) * 1000000n + BigInt((fraction + "000000").slice(0, 6));
}

/** A whole number or the text of a decimal, exactly: in units of 10^-9; null for anything else.
 * @param {unknown} value @returns {bigint|null} */
export function numberOf(value) {
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value) * SCALE;
  const found = typeof value === "string" ? /^(-?[0-9]{1,9})(?:\.([0-9]{1,9}))?$/.exec(value) : null;
  return found ? BigInt(found[1] + (found[2] ?? "").padEnd(9, "0")) : null;
}

/** True for a JSON object. @param {unknown} value @returns {value is Record<string, any>} */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {string} pattern @param {unknown} value */
function meets(pattern, value) {
  let whole = patterns.get(pattern);
  if (!whole) patterns.set(pattern, (whole = new RegExp(`^(?:${pattern})$`, "u")));
  return typeof value === "string" && whole.test(value);
}

/** @param {Item} item @param {unknown} value @param {Lists} lists */
function isCode(item, value, lists) {
  return typeof value === "string" && lists.get(item.codes ?? "")?.has(value) === true;
}

/** @param {unknown} value */
function isReference(value) {
  return typeof value === "string" && value !== "" && (value.length <= 64 || [...value].length <= 64);
}

/** @param {unknown[]} values */
function twice(values) {
  return new Set(values).size === values.length ? null : "twice";
}
