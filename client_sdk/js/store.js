// The open phone: what belongs together goes into one transaction, whatever other tabs do meanwhile; and who is told of changes.
import { StorageError } from "./errors.js";
import { Tables } from "./tables.js";
import { inTurn, turnToSync } from "./turns.js";
import { Moved, Vault } from "./vault.js";

/** @typedef {import("./sync/record.js").Edit} Edit */
/** @typedef {import("./account.js").Account} Account */
/** @typedef {import("./overlay.js").Cache} Cache */
/** @typedef {import("./overlay.js").Touched} Touched */

const RETRIES = 4;

export class Store {
  /** How the phone of this name stands, without its PIN: none, new, enrolled, sealed, retired. */
  static state = Vault.state;
  /** True where there was a phone of this name and the browser has taken it away. */
  static vanished = Vault.vanished;
  /** How many edits and drafts of the phone of this name nobody else has, without its PIN. */
  static unsent = Vault.unsent;
  /** Delete the phone of this name without its PIN; other tabs lose it too. */
  static discard = Vault.discard;

  /** Use `open` or `create`. @param {Vault} vault */
  constructor(vault) {
    this.vault = vault;
    this.name = vault.name;
    /** @type {Cache} */
    this._cache = { revision: 0, tables: new Map(), pages: new Map() };
    /** @type {Set<() => void>} */
    this._listeners = new Set();
    /** @type {(tables: Tables, touched: Touched) => Promise<void>} */
    this._beforeCommit = async () => {};
    this._tabs = new BroadcastChannel(`cunyi-${this.name}`);
    this._tabs.onmessage = () => this._tell();
    /** @type {any} */ (this._tabs).unref?.(); // Node waits for it otherwise
    this._closed = false;
  }

  /**
   * A new phone; one that is there opens, if the PIN is right; a retired one begins anew.
   * @param {string} name @param {string} pin @param {() => number} [now]
   */
  static async create(name, pin, now) {
    return new Store(await Vault.create(name, pin, now));
  }

  /**
   * Raises NoStoreError, NewerFileError, WrongPinError (`waitSeconds`: too many wrong ones) and StorageError.
   * @param {string} name @param {string} pin @param {() => number} [now]
   */
  static async open(name, pin, now) {
    return new Store(await Vault.open(name, pin, now));
  }

  /**
   * Everything that `work` writes by `tables` is on the disk together when this resolves, or nothing is; other tabs wait. Calling
   * the store itself inside would wait for itself. `work` may be run again from its start: it MUST have no effect but by
   * `tables`.
   * @template T @param {(tables: Tables) => Promise<T>} work @returns {Promise<T>}
   */
  async transaction(work) {
    const [result, changed] = await inTurn(`${this.name}-write`, () =>
      this._repeated(async () => {
        const tables = await this._tables(true);
        const result = await work(tables);
        const { touched } = tables;
        if (touched) await this._beforeCommit(tables, touched);
        return /** @type {[T, boolean]} */ ([result, await tables.commit()]);
      }),
    );
    if (changed) {
      this._tell();
      if (!this._closed) this._tabs.postMessage(null);
    }
    return result;
  }

  /**
   * Reads inside see one moment. `work` may be run again from its start.
   * @template T @param {(tables: Tables) => Promise<T>} work @returns {Promise<T>}
   */
  async snapshot(work) {
    const once = async () => work(await this._tables(false));
    return this._repeated(once, () => inTurn(`${this.name}-write`, () => this._repeated(once)));
  }

  /** @template T @param {() => Promise<T>} work @param {() => Promise<T>} [last] @returns {Promise<T>} */
  async _repeated(work, last) {
    for (let n = 0; n < RETRIES; n += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Moved)) throw error;
      }
    }
    if (last) return last();
    throw new StorageError("another window writes to this phone all the time: nothing was kept, try again", "broken");
  }

  /** @param {boolean} writing */
  async _tables(writing) {
    const { revision, mode } = await this.vault.state();
    if (this._cache.revision !== revision) this._cache = { revision, tables: new Map(), pages: new Map() };
    return new Tables(this.vault, this._cache, mode, writing);
  }

  /** The one who syncs, across tabs; raises SyncBusyError. @template T @param {() => Promise<T>} work */
  turnToSync(work) {
    return turnToSync(this.name, work);
  }

  /**
   * Called at the end of each transaction that touched records, with what it may still write.
   * @param {(tables: Tables, touched: Touched) => Promise<void>} work
   */
  beforeCommit(work) {
    this._beforeCommit = work;
  }

  /** Call `listener` after each commit, of other tabs too; returns what ends that. @param {() => void} listener */
  onChange(listener) {
    this._listeners.add(listener);
    return () => this._listeners.delete(listener);
  }

  _tell() {
    for (const listener of this._listeners) listener();
  }

  // -- forms that are being filled in

  /** The draft of a form, null where there is none. @param {string} key @returns {Promise<any>} */
  async draft(key) {
    return (await this.vault.kept("drafts", key))?.value ?? null;
  }

  /** Every draft, the one that was written to last comes last. @returns {Promise<[string, any][]>} */
  async drafts() {
    const every = [...(await this.vault.all(null, "drafts")).values()].sort((a, b) => a.at - b.at);
    return every.map(({ key, value }) => [key, value]);
  }

  /** null: none any longer. Nobody is told of it. @param {string} key @param {any} value */
  keepDraft(key, value) {
    return this.vault.keep("drafts", key, value === null ? null : { key, at: Date.now(), value });
  }

  // -- one question alone

  /** @returns {Promise<Account>} */
  account() {
    return this.snapshot((tables) => tables.account());
  }

  /** @param {Partial<Account>} changes */
  save(changes) {
    return this.transaction((tables) => tables.save(changes));
  }

  /** @returns {Promise<Edit[]>} */
  outbox() {
    return this.snapshot((tables) => tables.outbox());
  }

  /** @returns {Promise<number>} */
  waiting() {
    return this.snapshot((tables) => tables.waiting());
  }

  /** The same data under another PIN. @param {string} old @param {string} next */
  changePin(old, next) {
    return this.vault.changePin(old, next);
  }

  /** Delete the phone. */
  remove() {
    this.close();
    return this.vault.remove();
  }

  close() {
    this._closed = true;
    this._tabs.close();
    this.vault.close();
  }
}
