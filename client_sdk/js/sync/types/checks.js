// Checks that look at more than one field, by the names under which the catalogue declares them.

import { daysBetween, isDay, monthsLater } from "../days.js";
import { readIdNumber } from "../identity.js";
import { ERROR, SCALE, WARNING, isObject, moment, numberOf } from "./fields.js";

/** @typedef {import("./fields.js").Level} Level */
/** @typedef {{section: string, field: string|null, code: string, level: Level}} Issue */
/** @typedef {import("../record.js").Sections} View the shown values by section */
/** @typedef {{check: string} & Record<string, any>} CheckAbout a check and the paths (`section.field`) that it is over */

export { isObject, numberOf };

/** True where there is nothing: Python's `in ABSENT`. @param {unknown} value */
export function isAbsent(value) {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** The value of `section.field`, null when it is absent. @param {View} view @param {string} path @returns {any} */
export function at(view, path) {
  const [section, field] = halves(path);
  const value = Object.hasOwn(view, section) ? view[section] : null;
  return isObject(value) && Object.hasOwn(value, field) ? value[field] : null;
}

/** What each check has to say of the shown values. @type {Record<string, (check: any, view: View, on: string) => Issue[]>} */
export const CHECKS = {
  below(check, view) {
    const low = numberOf(at(view, check.low));
    const high = numberOf(at(view, check.high));
    if (low === null || high === null || low < high || (low === high && check.or_same)) return [];
    return [issue(check.low, "not_below", ERROR)];
  },

  after(check, view) {
    const later = at(view, check.later);
    const earlier = at(view, check.earlier);
    const days = isDay(later) && isDay(earlier);
    const [x, y] = days ? [later, earlier] : [moment(later), moment(earlier)];
    if (x === null || y === null) return [];
    if (x < y || (x === y && !check.or_same)) return [issue(check.later, "not_after", ERROR)];
    if (!days) return [];
    if (check.months && daysBetween(monthsLater(earlier, check.months), later) > check.tolerance_days) {
      return [issue(check.later, "late", WARNING)];
    }
    const short = check.least_months && daysBetween(later, monthsLater(earlier, check.least_months)) > 1;
    return short ? [issue(check.later, "short", WARNING)] : [];
  },

  needed(check, view) {
    const cause = at(view, check.when);
    const present = (Array.isArray(cause) ? cause : [cause]).filter(
      (value) => value !== null && (!check.values.length || check.values.includes(value)),
    );
    const waived = check.unless && !isAbsent(at(view, check.unless));
    return present.length && !waived && isAbsent(at(view, check.path)) ? [issue(check.path, "required", ERROR)] : [];
  },

  either_of(check, view) {
    const written = sectionsOf(check).some((section) => Object.hasOwn(view, section) && view[section] !== null);
    const neither = isAbsent(at(view, check.first)) && isAbsent(at(view, check.second));
    return written && neither ? [issue(check.first, "required", ERROR)] : [];
  },

  sum(check, view) {
    const total = numberOf(at(view, check.total));
    const parts = check.parts.map((/** @type {string} */ part) => at(view, part));
    const numbers = parts.filter((/** @type {unknown} */ part) => !isAbsent(part)).map(numberOf);
    if (total === null || !numbers.length || numbers.includes(null)) return [];
    const sum = numbers.reduce((/** @type {bigint} */ a, /** @type {bigint} */ b) => a + b, 0n);
    return sum === total ? [] : [issue(check.total, "not_the_sum", WARNING)];
  },

  days_later(check, view) {
    const later = at(view, check.later);
    const earlier = at(view, check.earlier);
    const days = numberOf(at(view, check.days));
    if (!isDay(later) || !isDay(earlier) || days === null) return [];
    return BigInt(daysBetween(earlier, later)) * SCALE === days ? [] : [issue(check.later, "disagrees", WARNING)];
  },

  counted(check, view) {
    const number = numberOf(at(view, check.number));
    const entries = at(view, check.entries) ?? [];
    if (number === null || !Array.isArray(entries) || number === BigInt(entries.length) * SCALE) return [];
    return [issue(check.number, "not_the_count", WARNING)];
  },

  identity_number(check, view, on) {
    const number = at(view, check.number);
    const kind = at(view, check.kind);
    if (typeof number !== "string" || !number || (kind !== null && !check.kinds.includes(kind))) return [];
    const read = readIdNumber(number, on);
    if (read.faults.length) return read.faults.map((/** @type {string} */ code) => issue(check.number, code, ERROR));
    const born = at(view, check.birth_date);
    const sex = at(view, check.sex);
    const found = [];
    if ((isDay(born) && born !== read.birth_date) || moment(born) !== null) {
      found.push(issue(check.birth_date, "disagrees", WARNING));
    }
    if ((sex === "male" || sex === "female") && sex !== read.sex) found.push(issue(check.sex, "disagrees", WARNING));
    return found;
  },
};

/** The sections that a check looks at. @param {CheckAbout} check @returns {string[]} */
export function sectionsOf(check) {
  const paths = Object.values(check).flat().filter((one) => typeof one === "string" && one.includes("."));
  return [...new Set(paths.map((path) => halves(path)[0]))];
}

/** What stands before and behind the first point. @param {string} path @returns {[string, string]} */
export function halves(path) {
  const point = path.indexOf(".");
  return point < 0 ? [path, ""] : [path.slice(0, point), path.slice(point + 1)];
}

/** @param {string} path @param {string} code @param {Level} level @returns {Issue} */
function issue(path, code, level) {
  const [section, field] = halves(path);
  return { section, field: field || null, code, level };
}
