// What this phone holds about some residents, as the pure functions of `sync/standing` want it handed in.
import { byRecord } from "./glance.js";
import { programmeOf, villageOf } from "./sync/scopes.js";
import { RESIDENT, householdOf, metBy } from "./sync/standing/facts.js";

/** @typedef {import("./glance.js").Glance} Glance */
/** @typedef {import("./view.js").Held} Held */
/** @typedef {import("./view.js").Edit} Edit */
/** @typedef {import("./view.js").Record} Record */
/** @typedef {{record: Record, issues: readonly import("./view.js").Issue[], pending: boolean}} Known */

/**
 * Everything that the standings of some residents rest on, read at once: their records, those of their homes, and the visits
 * to other homes that name them.
 */
export class About {
  /** @type {Map<string, Known>} */ residents = new Map();
  /** The records of their homes. @type {Map<string, Record>} */ doors = new Map();
  /** @type {Map<string, string>} */ #homes = new Map();
  /** @type {Map<string, Known[]>} */ #known = new Map();
  /** @type {Map<string, Known[]>} */ #met = new Map();

  /** @param {Glance} glance @param {string} on @param {boolean} received */
  constructor(glance, on, received) {
    this.glance = glance;
    this.on = on;
    this.received = received;
  }

  /**
   * `received`: only what the server has, as it has it; without it the waiting edits are applied.
   * @param {Glance} glance @param {Iterable<string>} residents @param {string} on @param {boolean} [received]
   */
  static async read(glance, residents, on, received = false) {
    const about = new About(glance, on, received);
    const persons = new Set(residents);
    for (const one of await about.#read(persons)) {
      if (one.record.type !== RESIDENT) continue;
      about.residents.set(one.record.record, one);
      const home = householdOf(one.record);
      if (home) about.#homes.set(one.record.record, home);
    }
    const homes = new Set(about.#homes.values());
    for (const person of persons) homes.delete(person);
    await about.#read(homes, true);
    for (const one of about.#looked(await glance.tables.naming(persons))) {
      if (programmeOf(one.record.scope)) continue;
      for (const person of metBy(one.record)) if (persons.has(person)) add(about.#met, person, one);
    }
    return about;
  }

  /**
   * Every record about one person, each once; of one village, and of the homes there, where it is given.
   * @param {readonly string[]} persons @param {string | null} [village]
   */
  known(persons, village = null) {
    const living = persons.filter((one) => village === null || this.#livesIn(one, village));
    const subjects = new Set([...persons, ...living.flatMap((one) => this.#homes.get(one) ?? [])]);
    const every = [...[...subjects].map((one) => this.#known.get(one)), ...persons.map((one) => this.#met.get(one))].flatMap(
      (one) => one ?? [],
    );
    const each = new Map(every.map((one) => [one.record.record, one]));
    return [...each.values()].filter((one) => village === null || villageOf(one.record.scope) === village);
  }

  /**
   * The ids under which records about one person are: their own and their homes'. Visits to other homes are looked up by
   * whom they name.
   * @param {readonly string[]} persons
   */
  restsOn(persons) {
    return [...new Set([...persons, ...persons.flatMap((one) => this.#homes.get(one) ?? [])])];
  }

  /** @param {string} resident @param {string} village */
  #livesIn(resident, village) {
    const one = this.residents.get(resident);
    return one !== undefined && villageOf(one.record.scope) === village;
  }

  /** @param {Set<string>} subjects @param {boolean} [atHome] */
  async #read(subjects, atHome = false) {
    const found = [];
    for (const known of subjects.size ? this.#looked(await this.glance.tables.about(subjects)) : []) {
      const { record } = known;
      if (subjects.has(record.record) && record.type !== RESIDENT) this.doors.set(record.record, record);
      const subject = record.type === RESIDENT ? record.record : record.subject;
      if (!subject || !subjects.has(subject) || (atHome && programmeOf(record.scope))) continue;
      add(this.#known, subject, known);
      found.push(known);
    }
    return found;
  }

  /** The records, and those that so far only wait, as the phone shows them. @param {{held: Held[], edits: Edit[]}} parts */
  #looked({ held, edits }) {
    const waiting = byRecord(this.received ? [] : edits);
    const names = new Set(held.map((one) => one.record.record));
    const news = [...waiting.keys()].filter((name) => !names.has(name));
    return [
      ...held.map((one) => this.#look(one, waiting.get(one.record.record) ?? [])),
      ...news.map((name) => this.#look(null, waiting.get(name) ?? [])),
    ];
  }

  /**
   * A record as the phone shows it, with the issues that the server told of it; where something waits, with our own.
   * @param {Held | null} held @param {Edit[]} edits @returns {Known}
   */
  #look(held, edits) {
    if (held?.issues && !edits.length) return { record: held.record, issues: held.issues, pending: false };
    const { record, remarks } = this.glance.composed(held, edits);
    return { record, issues: this.glance.catalogue.check(record, this.on, remarks), pending: edits.length > 0 };
  }
}

/** @template T @param {Map<string, T[]>} found @param {string} name @param {T} one */
function add(found, name, one) {
  const some = found.get(name);
  some ? some.push(one) : found.set(name, [one]);
}
