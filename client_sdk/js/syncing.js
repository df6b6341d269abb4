// Doing what exchange.js and healing.js decide: ask, keep the answer in one transaction, go on until both ends agree. Every step
// is durable before the next one begins, and each may be the last.
import { measured, timeBy } from "./clock.js";
import { BadReplyError, OfflineError, Problem, SealedError } from "./errors.js";
import { absorb, batch, changed, reissue, request } from "./exchange.js";
import { Line } from "./line.js";
import { ask as askForReports } from "./reported.js";
import { unapplied } from "./states.js";
import { Catalogue } from "./sync/types/catalogue.js";
import { CATALOGUE, DEPOSITED, MY_DEPOSITS, NAMES, NEW_ACTOR, SYNC_REPLY } from "./sync/wire.js";
import { Walk } from "./walk.js";

/** @typedef {import("./sync/record.js").Edit} Edit */
/** @typedef {import("./view.js").Held} Held */
/** @typedef {import("./exchange.js").Effects} Effects */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./report.js").Report} Report */

export const APP = "cunyi-js 0.1.0";
const [FORKS, HEALS, REPAIRS, IDLE] = [3, 3, 3, 3]; // how often in one sync before it is given up
const OWED_AT_ONCE = 16; // while healing: so that a line that is cut again and again does not undo everything

/** One sync of a store. */
export class Syncing {
  /**
   * @param {Store} store @param {import("./transport.js").Transport} transport @param {() => Date} now
   * @param {(progress: import("./report.js").Progress) => void} [progress]
   */
  constructor(store, transport, now, progress) {
    this._store = store;
    this._now = now;
    this._progress = progress;
    this._line = new Line(store, transport);
    /** @type {Catalogue | null} */
    this._catalogue = null;
    this._walk = new Walk(store, this._line, () => this._policies);
    this._pushed = this._pulled = this._aside = 0;
    this._forks = this._heals = this._repairs = this._idle = 0;
    /** @type {string[]} */
    this._reasons = [];
    /** @type {import("./report.js").Why[]} */
    this._why = [];
    /** @type {Error | null} */
    this._trouble = null;
    /** @type {Set<string>} records whose state the server lacks, to be sent */
    this._owed = new Set();
    /** @type {Set<string>} records whose state was sent after a gap */
    this._offered = new Set();
    /** @type {Set<string>} records whose edits the server cannot take in this sync */
    this._stuck = new Set();
    this._lastRound = this._askedForTypes = false;
    /** @type {Partial<import("./account.js").Account>} what the last exchange told of the clocks */
    this._measured = {};
  }

  /**
   * Sync. Network, server and refusals end in the report; raises SyncBusyError, StorageError, and SealedError when retired.
   * @returns {Promise<Report>}
   */
  run() {
    const began = performance.now();
    return this._store.turnToSync(async () => {
      try {
        await this._run();
      } catch (error) {
        if (error instanceof OfflineError) this._because("offline", error.message, error);
        else if (error instanceof BadReplyError) this._because("bad-reply", error.message, error);
        else if (error instanceof Problem) this._because("refused", `${error.message} (${error.status} ${error.slug})`, error);
        else throw error;
      }
      const complete = !this._reasons.length;
      if (complete) {
        const ended = timeBy(await this._store.account(), this._now());
        await this._store.save({ last_sync: ended.toISOString() });
        await this._askForMore(ended);
      }
      const { up, down } = this._line;
      return {
        pushed: this._pushed,
        pulled: this._pulled + this._walk.pulled,
        conflicts: 0,
        setAside: this._aside,
        bytesUp: up,
        bytesDown: down,
        seconds: (performance.now() - began) / 1000,
        complete,
        reasons: this._reasons,
        why: this._why,
        trouble: this._trouble,
        decisions: [],
      };
    });
  }

  /** @param {import("./report.js").Why} why @param {string} reason @param {Error | null} [trouble] */
  _because(why, reason, trouble = null) {
    this._why.push(why);
    this._reasons.push(reason);
    this._trouble = trouble;
  }

  /**
   * The catalogue and the names where they have changed, what the reports do with one's own work, and what became of what was set
   * aside; without an answer what was told before goes on holding.
   * @param {Date} now
   */
  async _askForMore(now) {
    try {
      if (!this._askedForTypes) await this._askForTypes(this._catalogue?.version);
      await askForReports(this._store, this._line, now);
      await this._askForNames();
      await this._askForDecided();
    } catch (error) {
      if (!(error instanceof OfflineError || error instanceof BadReplyError || error instanceof Problem)) throw error;
    }
  }

  /** @param {string} [known] its version */
  async _askForTypes(known) {
    const about = await this._line.ask("GET", "/v1/types", CATALOGUE, null, known ? `W/"${known}"` : null);
    this._askedForTypes = true;
    if (!about || about.version === known) return;
    await this._store.transaction((tables) => tables.keepCatalogue(about));
    this._catalogue = new Catalogue(about);
  }

  /** What colleagues, teams and places are called, where that has changed. */
  async _askForNames() {
    const known = await this._store.snapshot((tables) => tables.names());
    const names = await this._line.ask("GET", "/v1/names", NAMES, null, known && `W/"${known.version}"`);
    if (names && names.version !== known?.version) await this._store.transaction((tables) => tables.keepNames(names));
  }

  /** What became of what was set aside, while something is undecided. */
  async _askForDecided() {
    const aside = await this._store.snapshot((tables) => unapplied({ tables }));
    if (aside.every(({ decided }) => decided)) return;
    const { deposits } = await this._line.ask("GET", "/v1/my-deposits", MY_DEPOSITS);
    await this._store.transaction((tables) => tables.keepDecided(deposits));
  }

  /** @returns {import("./exchange.js").Policies} */
  get _policies() {
    return (type) => this._catalogue?.policy(type) ?? (() => "ask");
  }

  async _run() {
    const [{ mode }, about] = await this._store.snapshot(
      async (tables) => /** @type {const} */ ([await tables.account(), await tables.catalogueAbout()]),
    );
    if (mode === "retired") throw new SealedError("this device is retired; enrol it again to use it");
    if (mode === "sealed" && !(await this._handOver())) return;
    if (about) this._catalogue = new Catalogue(about);
    try {
      if (!about) await this._askForTypes(); // without it nothing that arrives could be shown
      while (await this._round());
    } catch (error) {
      if (!(error instanceof Problem) || error.slug !== "revoked") throw error;
      await this._store.save({ mode: "sealed" });
      await this._handOver();
    }
  }

  // -- one exchange

  /** One exchange and what follows from it; false when there is nothing more to do. @returns {Promise<boolean>} */
  async _round() {
    const { epoch } = await this._store.account();
    const states = await this._states();
    const sending = new Set(states.map(({ record }) => record.record));
    const edits = batch(await this._ready([...this._owed].filter((record) => !sending.has(record))));
    let reply;
    try {
      reply = await this._exchange(epoch, edits, states);
    } catch (error) {
      if (!(error instanceof Problem) || error.slug !== "actor-rolled-back") throw error;
      return this._fork();
    }
    if (reply.epoch !== epoch) return this._heal(reply);
    const effects = await this._keep(edits, reply);
    this._sent(states);
    await this._gaps(effects.gaps);
    if (effects.reused) return this._fork();
    if (reply.wipe && (await this._store.transaction((tables) => tables.wipe()))) {
      this._because("wiped", "this device is retired and its store is wiped");
      return false;
    }
    return (await this._unfinished(reply, effects, states)) || this._verify(reply);
  }

  /** @param {string[]} [besides] */
  async _ready(besides = []) {
    const outbox = await this._store.outbox();
    return outbox.filter(({ record }) => !this._stuck.has(record) && !besides.includes(record));
  }

  /** The next states to send; a record that has left the base meanwhile is owed no longer. */
  async _states() {
    const held = await this._store.snapshot((tables) => tables.held(this._owed));
    this._owed = new Set(held.keys());
    return batch([...held.values()], ({ record }) => record);
  }

  /** @param {readonly Held[]} states */
  _sent(states) {
    for (const { record } of states) this._owed.delete(record.record);
  }

  /** @param {string | null} epoch @param {readonly Edit[]} edits @param {readonly Held[]} states */
  async _exchange(epoch, edits, states) {
    const asked = this._now();
    const body = await this._store.snapshot(async (tables) => {
      const { counter, nonce } = await tables.account();
      const device = { now: asked.toISOString(), counter, outbox: await tables.waiting(), nonce, epoch, app: APP };
      return request(device, edits, states, await tables.checkpoints());
    });
    const reply = await this._line.ask("POST", "/v1/sync", SYNC_REPLY, body);
    const server = Date.parse(reply.now); // whatever it says of the time, the rest is taken
    this._measured = Number.isNaN(server) ? {} : measured(server, asked, this._now());
    return reply;
  }

  /** @param {import("./tables.js").Tables} tables @param {any} reply */
  _note(tables, reply) {
    return tables.save({ nonce: reply.nonce, scopes: reply.scopes, ...this._measured });
  }

  /**
   * Everything that one answer brings, in one local transaction, the checkpoints with it.
   * @param {readonly Edit[]} sent @param {any} reply
   */
  async _keep(sent, reply) {
    const effects = await this._store.transaction(async (tables) => {
      const touched = sent.map(({ record }) => record);
      const waiting = await tables.outbox(touched);
      const base = await tables.held([...touched, ...changed(reply)]);
      const deposited = sent.length ? (await tables.setAside()).map(({ edit }) => edit.dot) : [];
      const found = absorb(sent, waiting, base, deposited, reply, this._policies);
      await tables.keep(found);
      await tables.keepCheckpoints(reply.checkpoints, Object.keys(reply.scopes));
      await this._note(tables, reply);
      return found;
    });
    this._pushed += effects.settled.length;
    this._aside += effects.aside.length;
    this._pulled += reply.changes.length;
    await this._tell();
    return effects;
  }

  /**
   * The first time the state of the record is sent along; the second time its edits wait for another sync.
   * @param {string[]} records
   */
  async _gaps(records) {
    const held = await this._store.snapshot((tables) => tables.held(records));
    for (const record of records) {
      if (this._offered.has(record) || !held.has(record)) this._stuck.add(record);
      else {
        this._offered.add(record);
        this._owed.add(record);
      }
    }
  }

  /**
   * Is another exchange due? Ends a sync in which exchange follows exchange and nothing moves.
   * @param {any} reply @param {Effects} effects @param {readonly Held[]} states
   */
  async _unfinished(reply, effects, states) {
    let again = reply.more || this._owed.size > 0 || (await this._ready()).length > 0;
    if (!this._lastRound && effects.aside.some(({ reason }) => reason === "account-disabled")) {
      this._lastRound = again = true; // with an empty outbox the server says whether to wipe
    }
    const moved = [reply.changes, effects.settled, effects.aside, effects.gaps, states].some((some) => some.length);
    this._idle = moved ? 0 : this._idle + 1;
    if (again && this._idle >= IDLE) throw new BadReplyError("the server asks for more and more, and nothing moves");
    return again;
  }

  async _tell() {
    this._progress?.({ pushed: this._pushed, waiting: await this._store.waiting(), pulled: this._pulled + this._walk.pulled });
  }

  // -- do both ends agree?

  /** Compare digests; true when something was repaired and it is worth another exchange. @param {any} reply */
  async _verify(reply) {
    const waiting = await this._store.waiting();
    if (waiting) {
      this._because("waits", `${waiting} edits wait: the server lacks what they build on`);
      return false;
    }
    const missing = Object.keys(reply.scopes).filter((scope) => !Object.hasOwn(reply.digests, scope));
    if (missing.length) {
      this._because("behind", `not caught up: ${missing.sort().join(", ")}`);
      return false;
    }
    const differing = await this._walk.differing(reply.digests);
    if (differing.length && this._repairs < REPAIRS) {
      this._repairs += 1;
      for (const scope of differing) for await (const lacking of this._walk.mend(scope)) await this._owe(lacking);
      return true;
    }
    for (const scope of differing) this._because("differs", `phone and server hold different records of ${scope}`);
    return false;
  }

  /** @param {string[]} records */
  async _owe(records) {
    for (const record of records) this._owed.add(record);
    await this._tell();
  }

  // -- a new actor, a new epoch, the end

  /**
   * Take a new actor and make the outbox anew under it; with `epoch`: the device belongs to that epoch from now on.
   * @param {string} [epoch]
   */
  async _fork(epoch) {
    this._forks += 1;
    if (this._forks > FORKS) throw new BadReplyError("the server accepts this device under no new name");
    const { actor, nonce } = await this._line.ask("POST", "/v1/actors", NEW_ACTOR, {});
    await this._store.transaction((tables) => adopt(tables, actor, { nonce, ...(epoch && { epoch }) }));
    this._offered.clear();
    this._stuck.clear();
    return true;
  }

  /** The server was restored: bring it what it lacks, then begin anew under a new actor. @param {any} reply */
  async _heal(reply) {
    this._heals += 1;
    if (this._heals > HEALS) throw new BadReplyError("the server names another epoch in every answer");
    await this._store.transaction((tables) => this._note(tables, reply));
    const { epoch } = reply;
    try {
      for (const scope of await this._walk.differing(reply.digests)) {
        for await (const lacking of this._walk.mend(scope)) {
          await this._owe(lacking);
          if (this._owed.size >= OWED_AT_ONCE && !(await this._bring(epoch))) return true;
        }
      }
      if (!(await this._bring(epoch))) return true;
    } catch (error) {
      // the server has forgotten the name that this device took last: what is still owed goes under the new one
      if (!(error instanceof Problem) || error.slug !== "actor-rolled-back") throw error;
    }
    return this._fork(epoch);
  }

  /** Send the states that are owed, edits not yet; false when the server names still another epoch. @param {string} epoch */
  async _bring(epoch) {
    while (this._owed.size) {
      const states = await this._states();
      const reply = await this._exchange(epoch, [], states);
      if (reply.epoch !== epoch) return false;
      await this._keep([], reply);
      this._sent(states);
    }
    return true;
  }

  /** Sealed: deposit the outbox, then wipe. True when the server says that the device is not shut out after all. */
  async _handOver() {
    try {
      for (let edits = batch(await this._store.outbox()); edits.length; edits = batch(await this._store.outbox())) {
        const { receipts } = await this._line.signed("/v1/deposit", DEPOSITED, { edits });
        const answered = receipts
          .filter((/** @type {any} */ { dot, status }) => dot && status !== "gap")
          .map((/** @type {any} */ { dot }) => String(dot));
        const done = edits.map(({ dot }) => dot).filter((dot) => answered.includes(String(dot)));
        if (!done.length) throw new BadReplyError("the server gives no receipts for a deposit");
        await this._store.transaction((tables) => tables.forget(done));
        this._aside += done.length;
        await this._tell();
      }
    } catch (error) {
      if (!(error instanceof Problem) || error.slug !== "not-revoked") throw error;
      await this._store.save({ mode: "enrolled" });
      return true;
    }
    if (await this._store.transaction((tables) => tables.wipe())) {
      this._because("wiped", "this device was revoked; what it had not sent is handed over and its store is wiped");
    }
    return false;
  }
}

/**
 * Make the outbox anew under an actor and change the account with it.
 * @param {import("./tables.js").Tables} tables of a transaction @param {string} actor
 * @param {Partial<import("./account.js").Account>} changes
 */
export async function adopt(tables, actor, changes) {
  const outbox = await tables.outbox();
  const seen = await tables.seen(outbox.map(({ record }) => record));
  await tables.replaceOutbox(actor, reissue(outbox, seen, (await tables.account()).actor, actor));
  await tables.save(changes);
}
