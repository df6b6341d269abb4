// Who is who on this phone: who counts as whom, and which links say so. Reads only.
import { LinkError, NoSuchRecordError } from "./errors.js";
import { LINKED, UNDONE, linkOf, whoIsWho } from "./sync/links.js";
import { VOID, compareText, shown } from "./sync/record.js";
import { villageOf } from "./sync/scopes.js";
import { LINK, RESIDENT } from "./sync/standing/facts.js";

/** @typedef {import("./glance.js").Glance} Glance */
/** @typedef {import("./sync/links.js").Link} Link */
/** For each linked resident everybody who is one person with them, the survivor first. */
/** @typedef {Map<string, readonly string[]>} Same */

/** The people of one transaction. */
export class People {
  /** @param {Glance} glance */
  constructor(glance) {
    this.glance = glance;
  }

  /** Every decision that is not void, by record. */
  async links() {
    return (await this.#links()).map(({ link }) => link).sort((a, b) => compareText(a.record, b.record));
  }

  /**
   * By the links between residents of one village alone, as the server counts: a person is counted where they live.
   * @returns {Promise<Same>}
   */
  async counting() {
    /** @type {Map<string, Link[]>} */
    const links = new Map();
    for (const { scope, link } of await this.#links()) {
      links.set(villageOf(scope), [...(links.get(villageOf(scope)) ?? []), link]);
    }
    /** @type {Same} */
    const found = new Map();
    if (!links.size) return found;
    /** @type {Map<string, Set<string>>} */
    const living = new Map([...links.keys()].map((village) => [village, new Set()]));
    for (const [resident, scope] of await this.glance.tables.residents()) living.get(villageOf(scope))?.add(resident);
    for (const [village, every] of links) {
      const here = living.get(village) ?? new Set();
      const same = whoIsWho(every, here);
      for (const [resident, survivor] of same) {
        if (!here.has(resident)) continue;
        const others = [...same].filter(([one, stands]) => stands === survivor && one !== survivor).map(([one]) => one);
        found.set(resident, [survivor, ...others.sort()]);
      }
    }
    return found;
  }

  /** The decisions about two residents, whichever is the duplicate. @param {string} one @param {string} other */
  async between(one, other) {
    return (await this.links()).filter((link) => isOf(link, one, other));
  }

  /** For each linked resident the one who stands for that person. */
  async persons() {
    return Object.fromEntries(whoIsWho(await this.links()));
  }

  /** LinkError or NoSuchRecordError where the two cannot be linked. @param {string} duplicate @param {string} sameAs */
  async linkable(duplicate, sameAs) {
    if (duplicate === sameAs) throw new LinkError("a resident is not their own duplicate");
    for (const resident of [duplicate, sameAs]) {
      const [held, pending] = await this.glance.whatIs(resident);
      const record = held || pending.length ? this.glance.composed(held, pending).record : null;
      if (record?.type !== RESIDENT || shown(record)[VOID]) throw new NoSuchRecordError(`this phone has no resident ${resident}`);
    }
  }

  /**
   * The links to undo so that two residents are two persons. LinkError where they are one by way of others.
   * @param {string} one @param {string} other
   */
  async undoable(one, other) {
    const links = await this.links();
    const standing = links.filter((link) => isOf(link, one, other) && link.state !== UNDONE);
    const rest = links.filter((link) => link.state === LINKED && !standing.includes(link));
    const same = whoIsWho(rest);
    if (same.has(one) && same.get(one) === same.get(other)) {
      const among = rest.filter((link) => same.get(link.duplicate) === same.get(one)).map((link) => link.duplicate);
      throw new LinkError(`they are one person by way of other links, those of ${among.sort().join(", ")}: undo these first`);
    }
    return standing;
  }

  /** The links as the phone shows them, waiting edits applied. */
  async #links() {
    const { tables } = this.glance;
    const waiting = await this.glance.waiting((edit) => edit.type === LINK);
    /** @type {(readonly [import("./view.js").Held | null, import("./view.js").Edit[]])[]} */
    const every = (await tables.base({ type: LINK })).map((/** @type {any} */ held) => {
      const edits = waiting.get(held.record.record) ?? [];
      waiting.delete(held.record.record);
      return [held, edits];
    });
    for (const edits of waiting.values()) every.push([null, edits]);
    return every.flatMap(([held, edits]) => {
      const { record } = this.glance.composed(held, edits);
      const link = linkOf(record);
      return link ? [{ scope: record.scope, link }] : [];
    });
  }
}

/** @param {Link} link @param {string} one @param {string} other */
const isOf = (link, one, other) =>
  (link.duplicate === one && link.same_as === other) || (link.duplicate === other && link.same_as === one);
