// Clinical rules: tables of the catalogue over one record. The first row whose condition is met gives the table's result
// (`every`: all that are met do); a condition over a value that is absent or unusable is not met.

import { isDay, later } from "../days.js";
import { at, halves, isAbsent, numberOf } from "./checks.js";

/** @typedef {import("./checks.js").View} View */
/** @typedef {{[condition: string]: any[]}} Condition one name, and the path and bounds, or the conditions, that it is over */
/** @typedef {{id: string, when: Condition, value: string, zh: string, en: string}} Row */
/**
 * A table as the catalogue tells it: in force from `since` until before `until`; `field`: where the doctor's own value
 * stands; `kept`: where the form keeps the suggestion; `period`: its values are periods from the day of the record.
 * @typedef {{name: string, gives: string, zh: string, en: string, source: string, version: string, since: string|null,
 *   until: string|null, field: string|null, kept: string|null, every: boolean, period: boolean, rows: Row[]}} RuleTable
 */
/** @typedef {{[name: string]: any}} Given results and what was handed in, by name (`age_years` ...) */
/**
 * What a table says: the rows that were met, the first one's value, the last day of a period; `suggested`: as a form keeps it.
 * @typedef {{table: RuleTable, rows: Row[], value: string, by: string|null, suggested: string}} Finding
 */
/** @typedef {{field: string, doctor: string, suggested: string, rule: string, version: string}} Discrepancy */
/** @typedef {(path: string) => any} Look the value at a path, null where there is none */
/** @typedef {(look: Look) => boolean} Met */

/** What the tables of a type say of one record: findings in the order of the tables, and the results by name. */
export class Advice {
  /** @param {Finding[]} [findings] @param {Given} [given] */
  constructor(findings = [], given = {}) {
    this.findings = findings;
    this.given = given;
  }

  /** One result; of a table with several, the first. @param {string} gives @returns {string|null} */
  get(gives) {
    return this.#of(gives)?.value ?? null;
  }

  /** The last day that a table of periods allows. @param {string} gives @returns {string|null} */
  by(gives) {
    return this.#of(gives)?.by ?? null;
  }

  /** @param {string} gives */
  #of(gives) {
    return this.findings.find((finding) => finding.table.gives === gives);
  }

  /** The suggestions as the form keeps them, by section, with the versions of their tables. */
  kept() {
    /** @type {{[section: string]: {[field: string]: string}}} */
    const sections = {};
    /** @type {{[section: string]: string[]}} */
    const editions = {};
    for (const { table, suggested } of this.findings) {
      if (!table.kept) continue;
      const [section, field] = halves(table.kept);
      (sections[section] ??= {})[field] = suggested;
      (editions[section] ??= []).push(table.version);
    }
    for (const section in editions) sections[section].rules_version = [...new Set(editions[section])].sort().join("+");
    return sections;
  }

  /** Where the doctor's own values differ from what is suggested; they stand. @param {View} view @returns {Discrepancy[]} */
  discrepancies(view) {
    return this.findings.flatMap(({ table, rows, value, by, suggested }) => {
      const doctor = table.field ? at(view, table.field) : null;
      if (table.field === null || typeof doctor !== "string") return [];
      const differs = table.period ? isDay(doctor) && by !== null && doctor > by : doctor !== value;
      return differs ? [{ field: table.field, doctor, suggested, rule: rows[0].id, version: table.version }] : [];
    });
  }
}

export const NOTHING = new Advice();

/**
 * What the tables in force on a day say of a record about that day; `previous`: what they said of the one before it.
 * @param {RuleTable[]} tables @param {View} view @param {string} on @param {Given|null} [given] @param {Advice} [previous]
 */
export function advise(tables, view, on, given = {}, previous = NOTHING) {
  const known = { ...given };
  const findings = [];
  /** @type {{[place: string]: Given}} */
  const places = { given: known, previous: previous.given };
  /** @type {Look} */
  const look = (path) => {
    const [place, name] = halves(path);
    const from = Object.hasOwn(places, place) ? places[place] : null;
    return from ? (Object.hasOwn(from, name) ? from[name] : null) : at(view, path);
  };
  for (const table of tables) {
    if (!inForce(table, on)) continue;
    const conditions = conditionsOf(table);
    const every = table.rows.filter((_, i) => conditions[i]?.(look));
    if (!every.length) continue;
    const rows = table.every ? every : every.slice(0, 1);
    const { value } = rows[0];
    const by = table.period ? later(on, value) : null;
    findings.push({ table, rows, value, by, suggested: by ?? value });
    known[table.gives] = table.every ? rows.map((row) => row.value) : value;
  }
  return new Advice(findings, known);
}

/** True on the days on which a table holds. @param {RuleTable} table @param {string} on */
export function inForce({ since, until }, on) {
  return since !== null && since <= on && (until === null || on < until);
}

/** The paths that a condition looks at. @param {Condition} condition @returns {string[]} */
export function pathsOf(condition) {
  const [[name, over]] = Object.entries(condition);
  if (Object.hasOwn(JOINED, name)) return [...new Set(over.flatMap(pathsOf))];
  return name === "share_at_least" ? over.slice(0, 2) : over.slice(0, 1);
}

/** @type {{[name: string]: (value: bigint, bound: bigint) => boolean}} */
const COMPARED = {
  at_least: (value, bound) => value >= bound,
  at_most: (value, bound) => value <= bound,
  over: (value, bound) => value > bound,
  under: (value, bound) => value < bound,
};
/** @type {{[name: string]: (inner: Met[]) => Met}} */
const JOINED = {
  every: (inner) => (look) => inner.every((met) => met(look)),
  any_of: (inner) => (look) => inner.some((met) => met(look)),
  none_of: (inner) => (look) => !inner.some((met) => met(look)),
};
/** @type {{[name: string]: (path: string, ...rest: string[]) => Met}} */
const SIMPLE = {
  is: (path, ...codes) => (look) => [look(path)].flat().some((one) => codes.includes(one)),
  present: (path) => (look) => !isAbsent(look(path)),
  is_true: (path) => (look) => look(path) === true,
  share_at_least: (path, of, percent) => (look) => {
    const [part, whole] = [numberOf(look(path)), numberOf(look(of))];
    return part !== null && whole !== null && whole > 0n && part * 100n >= whole * BigInt(percent);
  },
};
for (const [name, holds] of Object.entries(COMPARED)) {
  SIMPLE[name] = (path, bound) => {
    const exact = numberOf(bound) ?? 0n;
    return (look) => {
      const value = numberOf(look(path));
      return value !== null && holds(value, exact);
    };
  };
}

/** @param {Condition} condition @returns {boolean} */
function isKnown(condition) {
  const [[name, over]] = Object.entries(condition);
  return Object.hasOwn(JOINED, name) ? over.every(isKnown) : Object.hasOwn(SIMPLE, name);
}

/** @param {Condition} condition @returns {Met} */
function metOf(condition) {
  const [[name, over]] = Object.entries(condition);
  if (Object.hasOwn(JOINED, name)) return JOINED[name](over.map(metOf));
  const [path, ...rest] = over;
  return SIMPLE[name](path, ...rest);
}

/** @type {WeakMap<RuleTable, Met[]>} */
const read = new WeakMap();

/** The conditions of a table's rows, read once; none where a newer server asks what we do not know: no suggestion is better
 * than a wrong one. @param {RuleTable} table @returns {Met[]} */
function conditionsOf(table) {
  let rows = read.get(table);
  if (!rows) {
    rows = table.rows.every((row) => isKnown(row.when)) ? table.rows.map((row) => metOf(row.when)) : [];
    read.set(table, rows);
  }
  return rows;
}
