// Who this device is, the records that it holds, every edit that the server has not answered, and what was decided about them.
import { NOBODY } from "./account.js";
import { TABLES } from "./database.js";
import { decisionsOf, news } from "./decisions.js";
import { Overlay } from "./overlay.js";
import { UUID } from "./sync/codec.js";
import { recordHash } from "./sync/digest.js";
import { canonical } from "./sync/record.js";
import { contested, estimate } from "./view.js";

/** @typedef {import("./view.js").Held} Held */
/** @typedef {import("./sync/record.js").Edit} Edit */
/** @typedef {import("./sync/version.js").Dot} Dot */
/** @typedef {import("./decisions.js").Decision} Decision */
/** @typedef {import("./account.js").Account} Account */

export class Records extends Overlay {
  // -- the device

  /** @returns {Promise<Account>} */
  async account() {
    return { ...NOBODY, ...(await this._meta("account")), mode: this._mode };
  }

  /** Change fields of the account. @param {Partial<Account>} changes */
  async save(changes) {
    const { mode: before, ...account } = await this.account();
    const { mode, ...rest } = changes;
    this._writable();
    if (mode && mode !== before) {
      this._mode = mode;
      this._plain.set("mode", mode);
    }
    const after = { ...account, ...rest };
    if (canonical(after) === canonical(account)) return;
    if (after.offset_ms !== account.offset_ms) this._touched.offset = true;
    this._set("meta", "account", after);
  }

  /**
   * The device's key, or one that an enrolment under way has sent.
   * @param {"key" | "new_key"} which @returns {Promise<CryptoKeyPair | null>}
   */
  async key(which) {
    if (this._plain.has(which)) return this._plain.get(which);
    return (await this._vault.plain(which)) ?? null;
  }

  /** @param {"key" | "new_key"} which @param {CryptoKeyPair | null} pair */
  async keepKey(which, pair) {
    this._writable();
    this._plain.set(which, pair);
  }

  // -- the base

  /** Those of the records that the base has. @param {Iterable<string>} records @returns {Promise<Map<string, Held>>} */
  held(records) {
    return this._get("base", records);
  }

  /**
   * The records of the base that fit, by id. `disputed`: only those that might be in conflict.
   * @param {{type?: string, subject?: string, scope?: string, disputed?: boolean}} [wanted] @returns {Promise<Held[]>}
   */
  async base({ type, subject, scope, disputed = false } = {}) {
    const ids = [];
    for (const [id, [inScope, ofType, about, , clash]] of await this._all("register")) {
      const fits = (!type || ofType === type) && (!subject || about === subject) && (!scope || inScope === scope);
      if (fits && (clash || !disputed)) ids.push(id);
    }
    return [...(await this.held(ids.sort())).values()];
  }

  /** What the base has seen of each record that it has. @param {Iterable<string>} records */
  async seen(records) {
    return new Map([...(await this.held(records))].map(([id, { record }]) => [id, record.seen]));
  }

  /** The hash of each record of a scope, for its digest. @param {string} scope @returns {Promise<Map<string, string>>} */
  async hashes(scope) {
    const every = await this._all("register");
    return new Map([...every].filter(([, entry]) => entry[0] === scope).map(([id, entry]) => [id, entry[3]]));
  }

  /** Write records of the base; decisions that come with them are kept, with what gave way. @param {Iterable<Held>} some */
  async put(some) {
    const every = [...some];
    const { person, offset_ms } = await this.account();
    const before = await this.held(every.map(({ record }) => record.record));
    const hashes = await Promise.all(every.map(({ record }) => recordHash(record)));
    for (const [n, held] of every.entries()) {
      const { record } = held;
      const old = before.get(record.record) ?? null;
      if (decisionsOf(record).length) {
        await this._decided(news(old, await this.outbox([record.record]), record, estimate(offset_ms)), person?.id);
      }
      const months = record.edits.some(({ author }) => author === person?.id) ? monthsIn(record) : [];
      this._set("base", record.record, held, namesIn(record));
      this._paged.register.set(record.record, [
        record.scope,
        record.type,
        record.subject,
        hashes[n],
        contested(held) ? 1 : 0,
        months,
      ]);
      this._touch(record.record, old, held);
    }
  }

  /** How many records the base has. */
  async count() {
    return this._changes.has("base") ? (await this._all("register")).size : this._vault.count(this._revision, "base");
  }

  /** @param {string[]} records with their decisions */
  async _drop(records) {
    const before = await this.held(records);
    for (const [id, held] of before) {
      this._set("base", id, undefined);
      this._paged.register.set(id, null);
      this._touch(id, held, null);
    }
    if (!before.size) return;
    for (const [position, { decision }] of await this._table("decisions")) {
      if (before.has(decision.record)) this._set("decisions", position, undefined);
    }
  }

  /** @param {string} id @param {Held | null} before @param {Held | null} after */
  _touch(id, before, after) {
    this._touched.bases.set(id, { before: this._touched.bases.get(id)?.before ?? before, after });
  }

  // -- the outbox and what was set aside

  /**
   * The edits that wait, in the order they were made; of some records where these are given.
   * @param {Iterable<string>} [records] @returns {Promise<Edit[]>}
   */
  async outbox(records) {
    const every = [...(await this._table("outbox")).values()];
    const some = records && new Set(records);
    return some ? every.filter(({ record }) => some.has(record)) : every;
  }

  /** How many edits wait. */
  async waiting() {
    const known = this._changes.has("outbox") || this._cleared.has("outbox") || this._cache.tables.has("outbox");
    return known ? (await this._table("outbox")).size : this._vault.count(this._revision, "outbox");
  }

  /** Keep a new edit and the counter it has used up. @param {Edit} edit */
  async append(edit) {
    this._set("outbox", await this._next("outbox"), edit);
    this._set("own", edit.record, edit.dot[1]);
    this._touched.appended.push(edit);
    await this.save({ counter: edit.dot[1] });
  }

  /**
   * The counter of the last edit that the present actor made of a record, 0 for none. Outlives the record: one that moved away
   * may be written again, and the author's chain MUST be whole.
   * @param {string} record @returns {Promise<number>}
   */
  async lastOwn(record) {
    return (await this._get("own", [record])).get(record) ?? 0;
  }

  /**
   * The outbox made anew under another actor, whose counter starts behind it.
   * @param {string} actor @param {readonly Edit[]} edits
   */
  async replaceOutbox(actor, edits) {
    this._touched.gone.push(...(await this.outbox()));
    this._clear("outbox");
    this._clear("own");
    await this.save({ actor, counter: 0 });
    for (const edit of edits) await this.append(edit);
  }

  /** Edits that need not wait any longer leave the outbox. @param {readonly Dot[]} dots */
  async forget(dots) {
    const names = new Set(dots.map(String));
    for (const [position, edit] of names.size ? await this._table("outbox") : []) {
      if (!names.has(String(edit.dot))) continue;
      this._set("outbox", position, undefined);
      this._touched.gone.push(edit);
    }
  }

  /**
   * Edits that the server kept for a person, in the order they came back, also those that were applied after all.
   * @returns {Promise<{edit: Edit, reason: string, known?: true, decided?: import("./states.js").Decided}[]>}
   */
  async setAside() {
    return [...(await this._table("aside")).values()];
  }

  /** What was set aside of a record need not be told again, until something is decided about it. @param {string} record */
  async acknowledge(record) {
    for (const [position, one] of await this._table("aside"))
      if (one.edit.record === record) this._set("aside", position, { ...one, known: true });
  }

  /** What a person decided about what was set aside, the latest first, by dot and reason; each once. @param {any[]} told */
  async keepDecided(told) {
    const known = told.filter(({ state }) => state === "applied" || state === "refused");
    for (const [position, { edit, reason, decided }] of await this._table("aside")) {
      const found = known.find((one) => one.reason === reason && String(one.dot) === String(edit.dot));
      if (decided || !found) continue;
      const { state, decided_at, decided_by, decision } = found;
      this._set("aside", position, { edit, reason, decided: { state, decided_at, decided_by, decision } });
    }
  }

  // -- scopes and answers

  /** How far each scope was pulled. @returns {Promise<{[scope: string]: string}>} */
  async checkpoints() {
    return (await this._meta("checkpoints")) ?? {};
  }

  /** The next pull starts from the beginning. */
  async dropCheckpoints() {
    this._set("meta", "checkpoints", {});
  }

  /** What an answer changes. @param {import("./exchange.js").Effects} effects */
  async keep({ put, drop, settled, aside }) {
    await this.put(put.values());
    await this._drop(drop);
    for (const one of aside) this._set("aside", await this._next("aside"), one);
    await this.forget([...settled, ...aside.map(({ edit }) => edit.dot)]);
  }

  /**
   * Move the checkpoints; then let go of every scope but `scopes` for which no edit waits.
   * @param {{[scope: string]: string}} checkpoints @param {readonly string[]} scopes
   */
  async keepCheckpoints(checkpoints, scopes) {
    const register = await this._all("register");
    const outbox = await this.outbox();
    const stays = new Set([...scopes, ...outbox.flatMap(({ scope, record }) => [scope, register.get(record)?.[0] ?? scope])]);
    const before = await this.checkpoints();
    const after = Object.fromEntries(Object.entries({ ...before, ...checkpoints }).filter(([scope]) => stays.has(scope)));
    if (canonical(after) !== canonical(before)) this._set("meta", "checkpoints", after);
    await this._drop([...register].filter(([, [scope]]) => !stays.has(scope)).map(([id]) => id));
  }

  /**
   * Remove every record, edit and key; what is left is the mark that this device is retired. False, and nothing is done, while an
   * edit waits.
   */
  async wipe() {
    if (await this.waiting()) return false;
    this._writable();
    for (const table of TABLES) this._clear(table);
    this._mode = "retired";
    this._wiped = true;
    return true;
  }

  // -- decisions

  /**
   * What was decided about conflicts and appeals, in the order it came; of one record where it is given.
   * @param {string} [record] @returns {Promise<import("./decisions.js").Named[]>}
   */
  async decisions(record) {
    const every = [...(await this._table("decisions")).values()];
    return every
      .filter(({ decision }) => !record || decision.record === record)
      .map(({ name, decision }) => ({ name, decision }));
  }

  /** The decisions of others that nobody here was told of yet; from now on they are. @returns {Promise<Decision[]>} */
  async tellDecisions() {
    const found = [...(await this._table("decisions"))].filter(([, { told }]) => !told);
    for (const [position, one] of found) this._set("decisions", position, { ...one, told: true });
    return found.map(([, { decision }]) => decision);
  }

  /**
   * Each once; what the phone's own person decided they need not be told.
   * @param {import("./decisions.js").Named[]} found @param {string | undefined} person
   */
  async _decided(found, person) {
    const known = new Set(
      [...(await this._table("decisions")).values()].map(({ name, decision }) => `${decision.record} ${name}`),
    );
    for (const { name, decision } of found) {
      if (known.has(`${decision.record} ${name}`)) continue;
      this._set("decisions", await this._next("decisions"), { name, decision, told: decision.author === person });
    }
  }
}

/**
 * By whom and what a record is found: whom it is about, and of residents and visits every id in them.
 * @param {import("./sync/record.js").Record} record
 */
function namesIn(record) {
  const found = new Set(record.subject ? [record.subject] : []);
  if (record.type === "resident" || record.type === "home_visit") for (const { sections } of record.edits) idsIn(sections, found);
  return [...found];
}

/** @param {any} value @param {Set<string>} found */
function idsIn(value, found) {
  if (typeof value === "string") UUID.test(value) && found.add(value);
  else if (typeof value === "object" && value !== null) for (const below of Object.values(value)) idsIn(below, found);
}

/** The months named in a record, `2026-11`. @param {import("./sync/record.js").Record} record */
const monthsIn = (record) => [...new Set(JSON.stringify(record).match(/"\d{4}-\d\d-/g))].map((one) => one.slice(1, 8));
