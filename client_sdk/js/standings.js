// How residents stand, from everything this phone holds, the outbox applied. Made by `sync/standing`, as on the server.
import { About } from "./about.js";
import { NoSuchRecordError } from "./errors.js";
import { holds, rowOf } from "./kept.js";
import { villageOf } from "./sync/scopes.js";
import { Day } from "./sync/standing/day.js";
import { Facts } from "./sync/standing/facts.js";
import { standing } from "./sync/standing/index.js";
import { adviceOn } from "./sync/standing/series.js";
import { NOTHING } from "./sync/types/rules.js";

/** @typedef {import("./glance.js").Glance} Glance */
/** @typedef {import("./about.js").Known} Known */
/** @typedef {import("./kept.js").Kept} Kept */
/** @typedef {import("./sync/standing/answer.js").Standing} Standing */
/** A standing and what it was made of. */
/** @typedef {{resident: string, whole: Standing, persons: readonly string[], known: Known[]}} Made */

/** The standings of one transaction on one day. */
export class Standings {
  /** @param {Glance} glance @param {import("./people.js").Same} same see `People.counting` @param {string} [on] */
  constructor(glance, same, on = glance.today) {
    this.glance = glance;
    this.same = same;
    this.on = on;
  }

  /** One resident, or NoSuchRecordError. @param {string} resident */
  async of(resident) {
    const { made } = await this.made([resident]);
    if (!made.length) throw new NoSuchRecordError(`this phone has no resident ${resident}`);
    return made[0];
  }

  /**
   * What the rules say of a form that is being filled in, on the day it names.
   * @param {string} type @param {import("./view.js").Sections} view @param {string | null} subject @param {string | null} record
   */
  async advice(type, view, subject, record) {
    const declared = this.glance.catalogue.types.get(type);
    const day = declared?.dayOf(view);
    if (!declared || !day) return NOTHING;
    const persons = subject ? this.#cluster(subject) : [];
    const about = await About.read(this.glance, persons, day);
    const facts = new Facts(persons, about.known(persons), new Day(day), this.glance.catalogue);
    return adviceOn(declared, view, day, facts, subject ? facts.person(persons[0]) : null, record);
  }

  /** The kept rows that hold, and the residents without one. @returns {Promise<{rows: Kept[], missing: string[]}>} */
  async kept() {
    /** @type {Kept[]} */
    const rows = [];
    /** @type {string[]} */
    const missing = [];
    for (const [resident, row] of await this.glance.tables.readRows())
      holds(row, this.on) ? rows.push(row) : missing.push(resident);
    return { rows, missing: missing.sort() };
  }

  /** A row for every resident: those that are kept, and what is not, made now. */
  async rows() {
    const { rows, missing } = await this.kept();
    return [...rows, ...(await this.fresh(missing))];
  }

  /** Rows made now. @param {readonly string[]} residents @returns {Promise<Kept[]>} */
  async fresh(residents) {
    const { about, made } = await this.made(residents);
    return made.map((one) => rowOf(about, one, this.same.get(one.resident) ?? []));
  }

  /** The standings of those of these residents whose records are held. @param {readonly string[]} residents */
  async made(residents) {
    const about = await About.read(
      this.glance,
      residents.flatMap((one) => this.#cluster(one)),
      this.on,
    );
    const here = residents.filter((one) => about.residents.has(one));
    return { about, made: here.map((resident) => this.#made(about, resident)) };
  }

  /** @param {About} about @param {string} resident @returns {Made} */
  #made(about, resident) {
    const persons = this.#cluster(resident);
    const [survivor, ...others] = persons;
    const { record } = /** @type {Known} */ (about.residents.get(resident));
    const known = about.known(persons, villageOf(record.scope));
    const also = survivor === resident ? others : [];
    const sameAs = survivor === resident ? null : survivor;
    const whole = standing(resident, known, this.on, { also, sameAs, catalogue: this.glance.catalogue });
    return { resident, whole, persons, known };
  }

  /** Everybody who is one person with somebody, the one whose record stands first. @param {string} resident */
  #cluster(resident) {
    return this.same.get(resident) ?? [resident];
  }
}
