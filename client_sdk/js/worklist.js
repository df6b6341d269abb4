// The list *my work* on the phone: what the server has received and how it counts, what waits for a signal, what was set aside.
import { About } from "./about.js";
import { told } from "./reported.js";
import { unapplied } from "./states.js";
import { villageOf } from "./sync/scopes.js";
import { RESIDENT, metBy } from "./sync/standing/facts.js";
import { account } from "./sync/standing/index.js";
import { NOT_RECEIVED, SET_ASIDE, accountDay, byReport, inOrder, lines, monthOf, wire } from "./sync/standing/worklist.js";

/** @typedef {import("./glance.js").Glance} Glance */
/** @typedef {import("./view.js").Held} Held */
/** @typedef {import("./view.js").Edit} Edit */
/** @typedef {import("./sync/standing/worklist.js").Line} Line */
/** @typedef {import("./sync/standing/facts.js").Known} Known */

/** The work of this phone's person in one transaction. */
export class Worklist {
  /** @param {Glance} glance @param {import("./people.js").Same} same see `People.counting` */
  constructor(glance, same) {
    this.glance = glance;
    this.same = same;
  }

  /** The lines of a month, `2026-11`. RangeError. @param {string} month @returns {Promise<Line[]>} */
  async of(month) {
    const { glance } = this;
    const { tables, today, person } = glance;
    const [first, last] = monthOf(month);
    const on = accountDay(last, today);
    const waiting = await glance.waiting();
    const held = await tables.held(waiting.keys());
    /** @type {Map<string, Held>} */
    const mine = new Map([...(await tables.held(await tables.written(month))), ...held]);
    const reports = await told(tables, month);
    const known = lines(await this.#accounts([...mine.values()], on), person, first, last).map((line) => {
      const scope = /** @type {Held} */ (mine.get(line.record)).record.scope;
      return byReport(line, reports ? reports.of(line.record, villageOf(scope)) : null);
    });
    const names = new Set(known.map((line) => line.record));
    const rest = [...mine.values()].flatMap(({ record }) => (names.has(record.record) ? [] : [{ record }]));
    const ofNobody = lines([this.#ofNobody(rest, on)], person, first, last);
    const received = [...known, ...ofNobody].map((line) => wire({ ...line, waiting: waiting.has(line.record) }));
    const made = [...waiting].flatMap(([name, edits]) => (held.has(name) ? [] : [this.#composed(null, edits)]));
    const apart = (/** @type {Known[]} */ some, /** @type {Partial<Line>} */ said) =>
      lines([this.#ofNobody(some, on)], person, first, last).map((line) => {
        const about = some.find(({ record }) => record.record === line.record)?.record.subject;
        return wire({ ...line, residents: about ? [about] : [], counts: [], ...said });
      });
    const found = [...received, ...apart(made, { reason: NOT_RECEIVED, waiting: true })];
    for (const { edit, reason } of await unapplied(glance)) {
      const before = (await tables.held([edit.record])).get(edit.record);
      found.push(...apart([this.#composed(before, [edit])], { reason: SET_ASIDE, detail: reason }));
    }
    return inOrder(found);
  }

  /**
   * The accounts of everybody whom some records are about, by what the server has received.
   * @param {Held[]} mine @param {string} on
   */
  async #accounts(mine, on) {
    const { glance, same } = this;
    const subjects = mine.flatMap(({ record }) => [record.type === RESIDENT ? record.record : record.subject, ...metBy(record)]);
    const concerned = await glance.tables.livingIn(subjects.flatMap((one) => one ?? []));
    const persons = new Set([...concerned].flatMap((one) => same.get(one) ?? [one]));
    const about = await About.read(glance, persons, on, true);
    return [...about.residents]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([resident, { record }]) => {
        const cluster = same.get(resident) ?? [resident];
        const [survivor, ...others] = cluster;
        const known = about.known(cluster, villageOf(record.scope));
        const mine = survivor === resident;
        return account(resident, known, on, {
          also: mine ? others : [],
          sameAs: mine ? null : survivor,
          catalogue: glance.catalogue,
        });
      });
  }

  /** @param {Held | null | undefined} held @param {Edit[]} edits @returns {Known} */
  #composed(held, edits) {
    const { record, remarks } = this.glance.composed(held, edits);
    return { record, issues: this.glance.catalogue.check(record, this.glance.today, remarks) };
  }

  /**
   * What is said of records about whom there is no record of their own here: when they were, and who wrote them.
   * @param {Known[]} known @param {string} on
   */
  #ofNobody(known, on) {
    return account("", known, on, { catalogue: this.glance.catalogue });
  }
}
