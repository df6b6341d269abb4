// The catalogue: all record types together, read from the JSON of `GET /v1/types`. A type that it does not know is of a newer
// phone: it is kept, asks, and has no issues.

import { RecordType as Declared, remarkIssues } from "./declare.js";

/** @typedef {import("./declare.js").TypeAbout} TypeAbout */
/** @typedef {import("./declare.js").RecordType} RecordType */
/** @typedef {import("./checks.js").View} View */
/** @typedef {{version: string, since: string, until: string|null, source: string,
 *   codes: import("./fields.js").CodeAbout[]}} CodeListAbout */
/** @typedef {{version: string, types: TypeAbout[], codes: {[name: string]: CodeListAbout}}} CatalogueAbout */

/** A set of record types and code lists. */
export class Catalogue {
  /** @param {CatalogueAbout} about */
  constructor(about) {
    this.about = about;
    this.version = about.version;
    this.codes = about.codes;
    this.#lists = new Map(
      Object.entries(about.codes).map(([name, list]) => [name, new Map(list.codes.map((one) => [one.code, one]))]),
    );
    this.types = new Map(about.types.map((one) => [one.name, new Declared(one, this.#lists)]));
  }

  #lists;

  /** The entry of a code in a list, with its labels `zh` and `en`. @param {string} list @param {string} code */
  code(list, code) {
    return this.#lists.get(list)?.get(code) ?? null;
  }

  /** What siblings mean, section by section, in records of this type.
   * @param {string} type @returns {import("../record.js").PolicyOf} */
  policy(type) {
    return this.types.get(type)?.policy ?? (() => "ask");
  }

  /** The programme in whose scopes such a record has to live, null where it may be open.
   * @param {string} type @param {View} view */
  protected(type, view) {
    return this.types.get(type)?.protected(view) ?? null;
  }

  /** All of them; two where it has no place. @param {string} type @param {View} view */
  programmes(type, view) {
    return this.types.get(type)?.programmes(view) ?? [];
  }

  /** [section, field, programme] of every code of a protected programme in these sections.
   * @param {string} type @param {View} view */
  named(type, view) {
    return this.types.get(type)?.named(view) ?? [];
  }

  /** The issues of a record on a date, with the remarks that stand.
   * @param {import("../record.js").Record} record @param {string} on
   * @param {readonly import("../record.js").Remark[]} [standing] */
  check(record, on, standing = []) {
    return this.types.get(record.type)?.check(record, on, standing) ?? remarkIssues(standing);
  }
}
