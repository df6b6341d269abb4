// Blood pressure and glucose as they were measured at the visits and examinations that met a person.
import { monthsLater } from "./sync/days.js";
import { VOID, clashing, compareText, shown } from "./sync/record.js";
import { at, halves, isAbsent, numberOf } from "./sync/types/checks.js";

/** @typedef {import("./about.js").Known} Known */
/** @typedef {import("./sync/types/catalogue.js").Catalogue} Catalogue */
/** @typedef {"fasting" | "postprandial" | "random"} GlucoseKind */
/**
 * What one record says, as shown; what was not measured is null. `glucose`: mmol/L as typed, of the first kind there is.
 * @typedef {{record: string, type: string, on: string, systolic: number | null, diastolic: number | null, glucose: string | null,
 *   glucose_kind: GlucoseKind | null, disputed: boolean, pending: boolean}} Reading
 */

const PRESSURE = /** @type {{[type: string]: [string, string]}} */ ({
  hypertension_visit: ["vitals.systolic_mmhg", "vitals.diastolic_mmhg"],
  diabetes_visit: ["vitals.systolic_mmhg", "vitals.diastolic_mmhg"],
  health_exam: ["general.right_systolic_mmhg", "general.right_diastolic_mmhg"],
});
const GLUCOSE = /** @type {GlucoseKind[]} */ (["fasting", "postprandial", "random"]);
const IN_WORDS = { fasting: "空腹", postprandial: "餐后", random: "随机" };

/**
 * The readings of a person until a day, the oldest first.
 * @param {readonly Known[]} known @param {string} on @param {Catalogue} catalogue
 */
export function readingsOf(known, on, catalogue) {
  const found = known.flatMap((one) => readingOf(one, catalogue)).filter((one) => one.on <= on);
  return found.sort((a, b) => compareText(a.on, b.on) || compareText(a.record, b.record));
}

/** Those of the twelve months until a day. @param {readonly Reading[]} readings @param {string} on */
export const ofTheYear = (readings, on) => readings.filter((one) => one.on > monthsLater(on, -12));

/** The last one of each disease that has any, in words: "152/94", "空腹 7.8". @param {readonly Reading[]} readings */
export function lastReadings(readings) {
  /** @type {{[disease: string]: {on: string, text: string}}} */
  const last = {};
  for (const { on, systolic, diastolic, glucose, glucose_kind } of readings) {
    if (systolic !== null && diastolic !== null) last.hypertension = { on, text: `${systolic}/${diastolic}` };
    if (glucose_kind) last.diabetes = { on, text: `${IN_WORDS[glucose_kind]} ${glucose}` };
  }
  return last;
}

/** @param {Known} known @param {Catalogue} catalogue @returns {Reading[]} */
function readingOf({ record, pending }, catalogue) {
  const paths = PRESSURE[record.type];
  const declared = catalogue.types.get(record.type);
  if (!paths || !declared) return [];
  const view = shown(record);
  const on = declared.dayOf(view);
  const met = isAbsent(at(view, "visit.lost_reason")) && isAbsent(at(view, "visit.died_on"));
  if (view[VOID] || on === null || !met) return [];
  const [systolic, diastolic] = paths.map((path) => (Number.isInteger(at(view, path)) ? at(view, path) : null));
  const kind = GLUCOSE.find((one) => numberOf(at(view, `glucose.${one}_glucose_mmol_l`)) !== null) ?? null;
  if (systolic === null && diastolic === null && !kind) return [];
  const glucose = kind && String(at(view, `glucose.${kind}_glucose_mmol_l`));
  const disputed = [halves(paths[0])[0], "glucose"].some((section) => section in clashing(record));
  return [{ record: record.record, type: record.type, on, systolic, diastolic, glucose, glucose_kind: kind, disputed, pending }];
}
