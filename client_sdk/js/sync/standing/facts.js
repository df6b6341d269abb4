// What is known about one person, read from their records: the shown values by type; void ones and those of a day to come apart.
import { isDay, MIN } from "../days.js";
import { canonical, compareText, conflicts, REVIEW_ASKED, shown, VOID, VOID_CLASH } from "../record.js";
import { programmeOf } from "../scopes.js";
import { at } from "../types/checks.js";
import { isObject } from "../types/fields.js";
import { sorted } from "./answer.js";

/** @typedef {import("../record.js").Record} Record */
/** @typedef {import("../record.js").LiveEdit} LiveEdit */
/** @typedef {import("../types/checks.js").Issue} Issue */
/** @typedef {import("../types/checks.js").View} View */
/** @typedef {import("../types/catalogue.js").Catalogue} Catalogue */
/** @typedef {import("./day.js").Day} Day */
/** @typedef {{readonly record: Record, readonly issues?: readonly Issue[] | null}} Known a record as a replica holds it */

export const RESIDENT = "resident";
export const HOME_VISIT = "home_visit";
export const LINK = "same_person";
export const CONFLICT = "conflict_open"; // why nothing counts by what a person still has to decide

/** A day as a form writes it. @param {unknown} value @returns {string | null} */
export const dayOf = (value) => (isDay(value) ? value : null);

/** @param {unknown} value @returns {string | null} */
export const textOf = (value) => (typeof value === "string" ? value : null);

/** What should be a text: where it is none, its JSON. @param {unknown} value @returns {string} */
export const worded = (value) => (typeof value === "string" ? value : canonical(value ?? null));

/** False for nothing, no, zero, and what is empty, as in Python. @param {unknown} value */
export const said = (value) => (typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value));

/** One record as it is shown: `day` it is about, `dated` the section that says so, `ignored` why nothing counts by it. */
export class Fact {
  /** @param {Known} known @param {View} view @param {string | null} day @param {string | null} dated
   * @param {Set<string>} disputed @param {string | null} ignored */
  constructor({ record, issues }, view, day, dated, disputed, ignored) {
    this.id = record.record;
    this.type = record.type;
    this.subject = record.subject;
    this.programme = programmeOf(record.scope);
    this.edits = record.edits;
    this.issues = issues ?? [];
    this.view = view;
    this.day = day;
    this.dated = dated;
    this.disputed = disputed;
    this.ignored = ignored;
  }

  /** The shown value of `section.field`. @param {string} path @returns {any} */
  at(path) {
    return at(this.view, path);
  }

  /** The shown day of `section.field`. @param {string} path */
  date(path) {
    return dayOf(this.at(path));
  }

  /** The values of a keyed section, by key. @param {string} section @returns {Map<string, any>} */
  keyed(section) {
    const start = `${section}/`;
    const names = Object.keys(this.view).filter((name) => name.startsWith(start) && isObject(this.view[name]));
    return new Map(names.sort(compareText).map((name) => [name.slice(start.length), this.view[name]]));
  }

  /** True when none of these sections is in conflict, nor whether the record was entered in error. @param {string[]} sections */
  settled(...sections) {
    return !this.disputed.size || ![VOID, ...sections].some((section) => this.disputed.has(section));
  }

  /** True when no conflict leaves open whether and when it was: only then it counts. */
  get happened() {
    return this.settled(...(this.dated ? [this.dated] : []));
  }

  /** True when nothing that the form asks for is missing. */
  get complete() {
    return !this.issues.some((issue) => issue.code === "required");
  }
}

/** The household that a resident's record is shown to belong to. @param {Record} record */
export function householdOf(record) {
  return textOf(at(shown(record), "household.household")) || null;
}

/** Whom a visit to a household names, by any of its living words. @param {Record} record @returns {Set<string>} */
export function metBy(record) {
  const every = record.type === HOME_VISIT ? record.edits : [];
  return new Set(every.flatMap((edit) => namedBy(edit.sections.visit)));
}

/** Whom one value of the section `visit` names. @param {any} visit @returns {string[]} */
export function namedBy(visit) {
  const residents = visit?.residents;
  return Array.isArray(residents) ? residents.filter((one) => typeof one === "string") : [];
}

const isRemark = (/** @type {Issue} */ issue) => issue.code === VOID_CLASH || issue.code === REVIEW_ASKED;

/** Everything about one person. Records about a day that has not come are not there yet. */
export class Facts {
  /** @param {Iterable<string>} ids @param {Iterable<Known>} known @param {Day} day @param {Catalogue} catalogue */
  constructor(ids, known, day, catalogue) {
    this.ids = new Set(ids);
    this.day = day;
    this.catalogue = catalogue;
    /** @type {[string, string, string | null][]} */
    this.conflicts = [];
    /** @type {[string, Issue, string | null][]} */
    this.issues = [];
    /** @type {Map<string, Fact[]>} */
    this.byType = new Map();
    /** @type {Map<string, Fact>} */
    this.byId = new Map();
    /** @type {Fact[]} */
    this.leftOut = [];
    for (const one of sorted(known, ({ record }) => record.record)) this.read(one);
    for (const [type, facts] of this.byType) this.byType.set(type, sorted(facts, (fact) => [fact.day ?? MIN, fact.id]));
  }

  /** @param {Known} one */
  read(one) {
    const { record } = one;
    const issues = one.issues ?? [];
    const programme = programmeOf(record.scope);
    const alone = record.edits.length === 1; // as of most records: then nothing is in conflict
    const asked = new Set(alone ? [] : Object.keys(conflicts(record, this.catalogue.policy(record.type))));
    for (const issue of issues) if (isRemark(issue)) asked.add(issue.section);
    for (const section of sorted(asked)) this.conflicts.push([record.record, section, programme]);
    const view = alone ? record.edits[0].sections : shown(record);
    const declared = this.catalogue.types.get(record.type);
    const about = declared ? declared.dayOf(view) : null;
    let ignored = null;
    if (view[VOID] != null) {
      ignored = asked.has(VOID) ? CONFLICT : "void";
    } else {
      for (const issue of issues) if (!isRemark(issue)) this.issues.push([record.record, issue, programme]);
      if (about !== null && !this.day.reached(about)) ignored = "to_come";
    }
    const fact = new Fact(one, view, about, declared?.dated?.split(".")[0] ?? null, asked, ignored);
    if (ignored) {
      this.leftOut.push(fact);
      return;
    }
    this.byType.set(record.type, [...this.of(record.type), fact]);
    this.byId.set(record.record, fact);
  }

  /** True for a record in the open that is void, or of a day to come. @param {string} record */
  ignored(record) {
    return this.leftOut.some((fact) => fact.id === record && fact.programme === null);
  }

  /** The records of a type, by day. @param {string} type */
  of(type) {
    return this.byType.get(type) ?? [];
  }

  /** The records of a type that are of no programme, by day. @param {string} type */
  inTheOpen(type) {
    return this.of(type).filter((fact) => fact.programme === null);
  }

  /** Who the person is: by the survivor's own record, else that of the first other id. @param {string} survivor */
  person(survivor) {
    const residents = this.inTheOpen(RESIDENT).filter((fact) => this.ids.has(fact.id));
    return residents.find((fact) => fact.id === survivor) ?? residents[0] ?? null;
  }
}
