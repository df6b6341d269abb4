// The follow-ups of a disease as a series: each is judged beside the one before it, and so is a form that is being filled in.
import { addDays, ageOn, MIN, yearOf } from "../days.js";
import { isAbsent } from "../types/checks.js";
import { NOTHING, pathsOf } from "../types/rules.js";
import { sorted } from "./answer.js";
import { firstOf } from "./day.js";

/** @typedef {import("./facts.js").Fact} Fact */
/** @typedef {import("./facts.js").Facts} Facts */
/** @typedef {import("../types/rules.js").Advice} Advice */
/** @typedef {import("../types/declare.js").RecordType} RecordType */
/** @typedef {{fact: Fact, declared: RecordType, day: string, advice: Advice, met: boolean, inPerson: boolean}} Visit */

export const TWO_WEEKS = 14;
export const IN_PERSON = ["clinic", "home"]; // a telephone call is not face to face

/** The follow-up forms of a disease. @param {Facts} facts @param {string} disease */
export const formsOf = (facts, disease) =>
  [...facts.catalogue.types.values()].filter((form) => form.follows?.disease === disease);

/** True unless the form says that the person was not reached, or had died. @param {Fact} fact */
export const wasMet = (fact) => isAbsent(fact.at("visit.lost_reason")) && isAbsent(fact.at("visit.died_on"));

/** True for a follow-up at which the person was met face to face. @param {Fact} fact */
export const inPerson = (fact) => wasMet(fact) && IN_PERSON.includes(fact.at("visit.way"));

/** The sections of a form that decide a result of its rules, by way of earlier results too.
 * @param {readonly import("../types/rules.js").RuleTable[]} tables @param {string} gives */
export function deciding(tables, gives) {
  /** @type {Set<string>} */
  const found = new Set();
  const wanted = new Set([gives]); // grows while it is gone through
  for (const result of wanted) {
    const rows = tables.filter((table) => table.gives === result).flatMap((table) => table.rows);
    for (const [section, field] of rows.flatMap((row) => pathsOf(row.when)).map((path) => path.split("."))) {
      if (section === "given") wanted.add(field);
      else if (section !== "previous") found.add(section);
    }
  }
  return [...found];
}

/** The records of these forms, in the open or in a programme's scope, by day; from a day on where it is given.
 * @param {readonly RecordType[]} forms @param {Facts} facts @param {string | null} programme @param {string | null} [since] */
export function followUps(forms, facts, programme, since = null) {
  const held = forms.flatMap((form) => facts.of(form.name)).filter((fact) => fact.programme === programme);
  const dated = held.filter((fact) => fact.day && (since === null || fact.day >= since));
  return sorted(dated, (fact) => [fact.day, fact.id]);
}

/** The visits of a year and as many before it as judge the first of them, or ask for one within two weeks, in order.
 * @param {readonly RecordType[]} forms @param {Fact[]} made @param {number} year @param {Fact | null} person
 * @returns {Visit[]} */
export function visits(forms, made, year, person) {
  const formOf = (/** @type {Fact} */ fact) => /** @type {RecordType} */ (forms.find((form) => form.name === fact.type));
  const asking = addDays(firstOf(year), -TWO_WEEKS);
  let start = made.filter((fact) => fact.day && yearOf(fact.day) < year).length;
  let classed = 0;
  while (start && (classed < 2 || (made[start - 1].day ?? MIN) >= asking)) {
    const fact = made[--start];
    if (wasMet(fact) && formOf(fact).advice(fact.view, given(person, fact.day)).get("class")) classed += 1;
  }
  let previous = NOTHING;
  return made.slice(start).map((fact) => {
    const [declared, day] = [formOf(fact), fact.day ?? MIN];
    const advice = declared.advice(fact.view, given(person, day), previous);
    previous = classedBy(advice, previous);
    return { fact, declared, day, advice, met: wasMet(fact), inPerson: inPerson(fact) };
  });
}

/**
 * What the rules say of a form about a day: the same that the standing will say of it once it is saved. `facts`: of the
 * person on that day; `record`: the one that the form changes, a new one comes after all of its day.
 * @param {RecordType} declared @param {import("../types/checks.js").View} view @param {string} day @param {Facts} facts
 * @param {Fact | null} person @param {string | null} [record] @returns {Advice}
 */
export function adviceOn(declared, view, day, facts, person, record = null) {
  const forms = declared.follows ? formsOf(facts, declared.follows.disease) : [declared];
  let previous = NOTHING;
  for (const visit of visits(forms, followUps(forms, facts, declared.programme), yearOf(day), person)) {
    const before = record === null || visit.day < day || (visit.day === day && visit.fact.id < record);
    if (visit.fact.id !== record && before) previous = classedBy(visit.advice, previous);
  }
  return declared.advice(view, given(person, day), previous);
}

/** @param {Fact | null} person @param {string | null} day @returns {{age_years?: number}} */
function given(person, day) {
  const born = person?.date("identity.birth_date");
  return born && day ? { age_years: ageOn(born, day) } : {};
}

/** @param {Advice} advice @param {Advice} previous */
const classedBy = (advice, previous) => (advice.get("class") ? advice : previous);
