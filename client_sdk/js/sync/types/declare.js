// A record type of the catalogue: what is wrong with a record of it, where it has to live, what day it is about.

import { DECISION, decidesNothing } from "../decided.js";
import { isDay } from "../days.js";
import { VOID, compareText, family, sections, shown } from "../record.js";
import { programmeOf } from "../scopes.js";
import { CHECKS, at, sectionsOf } from "./checks.js";
import { ERROR, WARNING, faultsOf, isObject, looks, naming } from "./fields.js";
import { NOTHING, advise } from "./rules.js";

/** @typedef {import("./checks.js").Issue} Issue */
/** @typedef {import("./checks.js").View} View */
/** @typedef {import("./checks.js").CheckAbout} CheckAbout */
/** @typedef {import("./fields.js").Item} Item */
/** @typedef {import("./fields.js").Lists} Lists */
/** @typedef {import("./rules.js").RuleTable} RuleTable */
/** @typedef {import("../record.js").Policy} Policy */
/** @typedef {import("../record.js").Remark} Remark */
/**
 * One block of a form. `keyed`: written `name/key`, each key a register of its own, taken from the code list `keys` or, where
 * that is null, an id; `required`: needed, unless one of the fields `unless` has a value.
 * @typedef {{name: string, zh: string, en: string, policy: Policy, keyed: boolean, keys: string|null, required: boolean,
 *   unless: string[], fields: Item[]}} SectionAbout
 */
/** @typedef {{disease: string, visits_per_year: number, in_person: boolean, exam_yearly: boolean}} FollowUp */
/**
 * A record type as `GET /v1/types` tells it. `subject`: whom it is about; `dated`: the path of the day that it is about;
 * `programme`: the protected programme whose scopes it lives in; `place`: `village`, or `township` for what villages share.
 * @typedef {{name: string, zh: string, en: string, subject: string|null, source: string, version: string,
 *   sections: SectionAbout[], checks: CheckAbout[], dated: string|null, rules: RuleTable[], programme: string|null,
 *   programme_by_codes: boolean, place: string, follows: FollowUp|null}} TypeAbout
 */

/** One kind of record: its entry in the catalogue, and what follows from it. */
export class RecordType {
  /** @param {TypeAbout} about @param {Lists} lists */
  constructor(about, lists) {
    this.about = about;
    this.name = about.name;
    this.zh = about.zh;
    this.en = about.en;
    this.subject = about.subject;
    this.sections = about.sections;
    this.dated = about.dated;
    this.rules = about.rules;
    this.programme = about.programme;
    this.place = about.place;
    this.follows = about.follows;
    /** The sections by name, `void` and `decision` among them. */
    this.byName = new Map(about.sections.map((section) => [section.name, section]));
    this.policy = this.policy.bind(this);
    this.#lists = lists;
    this.#checks = about.checks.map((check) => {
      return { check, keyed: sectionsOf(check).filter((name) => this.byName.get(name)?.keyed) };
    });
  }

  #lists;
  #checks;

  /** What siblings mean in a section as written; what is not declared asks. @param {string} section @returns {Policy} */
  policy(section) {
    return this.byName.get(family(section))?.policy ?? "ask";
  }

  /** The section of this name as written: one that is keyed has a key, and one that is not has none.
   * @param {string} name @returns {SectionAbout|null} */
  section(name) {
    const found = this.byName.get(family(name));
    return found && found.keyed === name.includes("/") ? found : null;
  }

  /** The field at `section.field`. @param {string} path @returns {Item|null} */
  item(path) {
    const [section, name] = path.split(".");
    return this.byName.get(section)?.fields.find((item) => item.name === name) ?? null;
  }

  /** [section, field, programme] of every code of a protected programme; field null for the key of the section.
   * @param {View} view @returns {[string, string|null, string][]} */
  named(view) {
    return Object.entries(view).flatMap(([name, value]) => this.#namedIn(name, value));
  }

  /** The protected programmes in whose scopes such a record has to live; two where it has no place. @param {View} view */
  programmes(view) {
    if (!this.about.programme_by_codes) return this.programme ? [this.programme] : [];
    return [...new Set(this.named(view).map(([, , programme]) => programme))].sort();
  }

  /** The programme in whose scopes such a record has to live, null where it may be open. @param {View} view */
  protected(view) {
    return this.programmes(view)[0] ?? null;
  }

  /** The day that a record is about, null where it does not say. @param {View} view @returns {string|null} */
  dayOf(view) {
    const day = this.dated ? at(view, this.dated) : null;
    return isDay(day) ? day : null;
  }

  /** What the rules say of a record about the day it names: nothing where it names none.
   * @param {View} view @param {import("./rules.js").Given|null} [given] @param {import("./rules.js").Advice} [previous] */
  advice(view, given = {}, previous = NOTHING) {
    const day = this.dayOf(view);
    return day === null ? NOTHING : advise(this.rules, view, day, given, previous);
  }

  /** The issues of a record on a date: of every live value, of the shown ones together, and the remarks that stand.
   * @param {import("../record.js").Record} record @param {string} on @param {readonly Remark[]} [standing] @returns {Issue[]} */
  check(record, on, standing = []) {
    const view = shown(record);
    if (Object.hasOwn(view, VOID) && view[VOID] !== null) return remarkIssues(standing);
    const live = sections(record);
    const lies = programmeOf(record.scope);
    /** @type {Issue[]} */
    const found = [];
    for (const [name, siblings] of Object.entries(live)) {
      for (const { value } of siblings) {
        found.push(...this.checkSection(name, value, on));
        for (const [section, field, programme] of this.#namedIn(name, value)) {
          if (programme !== lies) found.push({ section, field, code: "protected", level: ERROR });
        }
      }
    }
    const decisions = Object.hasOwn(live, DECISION) ? live[DECISION] : [];
    if (decisions.some((one) => one.value !== null && decidesNothing(one.edit, live))) {
      found.push({ section: DECISION, field: null, code: "undecided", level: WARNING });
    }
    found.push(...this.#missing(view), ...this.#crossed(view, on));
    const once = new Map(found.map((issue) => [JSON.stringify(Object.values(issue)), issue]));
    return [...once.values(), ...remarkIssues(standing)];
  }

  /** What is wrong or implausible in one value of a section, its name as written; of an unknown one, nothing.
   * @param {string} name @param {unknown} value @param {string} on @returns {Issue[]} */
  checkSection(name, value, on) {
    const section = this.section(name);
    if (!section || value === null) return [];
    if (!isObject(value)) return [{ section: name, field: null, code: "not_an_object", level: ERROR }];
    /** @type {Issue[]} */
    const found = [];
    if (section.keys && !this.#lists.get(section.keys)?.has(keyOf(name))) {
      found.push({ section: name, field: null, code: "unknown_key", level: WARNING });
    }
    const faults = faultsOf(section.fields, value, this.#lists);
    for (const [field, code] of faults) found.push({ section: name, field, code, level: ERROR });
    for (const [field, code, level] of looks(section.fields, value, on, faults)) {
      found.push({ section: name, field, code, level });
    }
    return found;
  }

  /** @param {string} name @param {unknown} value @returns {[string, string|null, string][]} */
  #namedIn(name, value) {
    const section = this.section(name);
    if (!section || value === null) return [];
    const byKey = section.keys ? this.#lists.get(section.keys)?.get(keyOf(name))?.programme : null;
    /** @type {[string|null, string][]} */
    const found = byKey ? [[null, byKey]] : [];
    if (isObject(value)) found.push(...naming(section.fields, value, this.#lists));
    return found.map(([field, programme]) => [name, field, programme]);
  }

  /** @param {View} view @returns {Issue[]} */
  #missing(view) {
    const present = Object.keys(view).map((name) => (view[name] === null ? null : this.section(name)));
    const missing = this.sections.filter(
      (one) => one.required && !present.includes(one) && !one.unless.some((path) => at(view, path) !== null),
    );
    return missing.map(({ name }) => ({ section: name, field: null, code: "required", level: ERROR }));
  }

  /** The checks over several fields; one that names a keyed section is made once for every key.
   * @param {View} view @param {string} on @returns {Issue[]} */
  #crossed(view, on) {
    return this.#checks.flatMap(({ check, keyed }) => {
      const issues = CHECKS[check.check];
      if (!issues) return []; // of a newer server
      if (!keyed.length) return issues(check, view, on);
      const names = Object.keys(view).filter((name) => name.includes("/") && keyed.includes(family(name)));
      return names.flatMap((name) => {
        const found = issues(check, { ...view, [family(name)]: view[name] }, on);
        return found.map((issue) => (issue.section === family(name) ? { ...issue, section: name } : issue));
      });
    });
  }
}

/** Remarks as issues: that is how they travel. @param {readonly Remark[]} standing @returns {Issue[]} */
export function remarkIssues(standing) {
  const sorted = [...standing].sort((x, y) => compareText(x.section, y.section) || compareText(x.code, y.code));
  return sorted.map(({ section, code }) => ({ section, field: null, code, level: WARNING }));
}

/** What stands behind the first stroke of a section's name. @param {string} name */
function keyOf(name) {
  return name.slice(family(name).length + 1);
}
