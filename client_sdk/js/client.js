// The offline client: everything works without a network but `enrol` and `sync`.
//
//   const phone = await Client.enrol("https://cunyi.example", code, { pin: "493027" });
//   await phone.sync();
//   const [who] = await phone.search("wxl");
//   const form = { vitals: { systolic_mmhg: 152, diastolic_mmhg: 94 } };
//   const visit = await phone.create("hypertension_visit", form, { subject: who.resident });
//
// An edit is durable when the call that makes it resolves. Implausible or incomplete values are `issues` of the view, never a
// reason to refuse. What reads is in reading.js, what writes in writing.js; this is opening, syncing, drafts and what the store
// itself can do.
import { enrol } from "./enrolment.js";
import { NoStoreError, OtherPersonError, PracticeError } from "./errors.js";
import { exportUnsent } from "./exported.js";
import { dayOn } from "./glance.js";
import { dropAll, dropTouched } from "./kept.js";
import { SAMPLE_DOCTOR, SAMPLE_NAMES, sampleRecords } from "./practice.js";
import { isOpen } from "./reading.js";
import { Store } from "./store.js";
import { Catalogue } from "./sync/types/catalogue.js";
import { Syncing } from "./syncing.js";
import { HttpTransport } from "./transport.js";
import { Writing } from "./writing.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./view.js").Claim} Claim */
/** @typedef {import("./kept.js").Row} Row */
/** @typedef {import("./states.js").RecordState} RecordState */
/** @typedef {import("./reading.js").Status} Status */
/** @typedef {import("./measured.js").Reading} Reading */
/** @typedef {import("./sync/types/catalogue.js").CatalogueAbout} CatalogueAbout */
/**
 * `name`: of the store in this browser; `edition`: of the code that runs, rows that another has made are made anew; `now`,
 * `chance` and `transport` are for tests.
 * @typedef {{pin: string, name?: string, edition?: string, now?: import("./reading.js").Clock, chance?:
 *   import("./writing.js").Chance, transport?: import("./transport.js").Transport}} Opening
 */

const NAME = "phone";

/** One phone. Tabs may share it: one at a time syncs, the others go on reading and writing. */
export class Client extends Writing {
  /** @type {import("./transport.js").Transport | null} */ #transport;
  #edition;
  /** @type {Map<string, any>} drafts that are not on the disk yet, the newest of each key */ #unsaved = new Map();
  /** @type {Promise<void> | null} */ #saving = null;

  /**
   * Use `enrol`, `open` or `practise`.
   * @param {Store} store @param {import("./transport.js").Transport | null} transport @param {Opening} opening
   */
  constructor(store, transport, { edition = "", now = () => new Date(), chance = random }) {
    super(store, now, chance);
    this.#transport = transport;
    this.#edition = edition;
    store.beforeCommit(async (tables, touched) => {
      if (isOpen((await tables.account()).mode)) await dropTouched(await this._glance(tables), touched);
    });
  }

  // -- opening and closing

  /**
   * How the phone of this name stands, without its PIN.
   * @param {string} [name] @returns {Promise<"none" | "new" | "enrolled" | "sealed" | "retired" | "practice">}
   */
  static state(name = NAME) {
    return Store.state(name);
  }

  /** True where there was a phone of this name and the browser has taken it away. @param {string} [name] */
  static vanished(name = NAME) {
    return Store.vanished(name);
  }

  /**
   * How many edits were not sent and how many forms not saved on the phone of this name, without its PIN: nobody else has them.
   * @param {string} [name]
   */
  static unsent(name = NAME) {
    return Store.unsent(name);
  }

  /** Delete the phone of this name, with all that is on it, without its PIN. @param {string} [name] */
  static discard(name = NAME) {
    return Store.discard(name);
  }

  /**
   * Make this device known to the server with a one-time code; `device` is the name its owner will see. A phone that is there
   * and opens with the PIN keeps its records and its outbox if it is the same person's, and gets a new key and a new actor.
   * AddressError, WrongPinError, OtherPersonError, PracticeError, Problem (a bad code), StorageError, OfflineError; after the
   * last the same call may be made again.
   * @param {string} url @param {string} code @param {Opening & {device?: string}} options
   */
  static async enrol(url, code, { device = "phone", ...opening }) {
    const { name = NAME, pin } = opening;
    if ((await Store.state(name)) === "practice")
      throw new PracticeError("this phone is for practice: nothing of it goes to a server");
    const line = opening.transport ?? new HttpTransport(url);
    try {
      const client = new Client(await enrol(url, code, name, pin, device, line), line, opening);
      askToStay();
      await client.#settle(true); // what was written before nobody here has seen
      return client;
    } catch (error) {
      line.close();
      throw error;
    }
  }

  /**
   * Open a phone; a sealed one opens, but shows only its status. NoStoreError, WrongPinError, NewerFileError, StorageError.
   * @param {Opening} opening
   */
  static async open(opening) {
    const { name = NAME, pin, transport } = opening;
    const store = await Store.open(name, pin);
    try {
      const { mode, url } = await store.account();
      if (mode === "new") throw new NoStoreError(`the enrolment of ${name} was never finished`);
      const client = new Client(store, mode === "practice" ? null : (transport ?? new HttpTransport(url)), opening);
      askToStay();
      await client.#settle();
      return client;
    } catch (error) {
      store.close();
      throw error;
    }
  }

  /**
   * A store of its own to try things out in, begun anew: no server, no line, and nothing of it is ever sent. `records`: states
   * as on the wire, by default those of some sample people. OtherPersonError where a real phone has the name.
   * @param {Opening & {catalogue: CatalogueAbout, records?: readonly any[], person?: {id: string, name?: string}}} options
   */
  static async practise({ catalogue, person = SAMPLE_DOCTOR, records, ...opening }) {
    const { name = "practice", pin, now = () => new Date() } = opening;
    const before = await Store.state(name);
    if (before !== "none" && before !== "practice" && before !== "new")
      throw new OtherPersonError(`${name} is no phone for practice`);
    if (before !== "none") await (await Store.create(name, pin)).remove();
    const store = await Store.create(name, pin);
    const every = records ?? sampleRecords(dayOn(now()), person.id);
    const types = new Catalogue(catalogue);
    await store.transaction(async (tables) => {
      const scopes = Object.fromEntries(every.map(({ scope, type }) => [scope, { write: type !== "service_package" }]));
      const identity_key = Array.from(random(32), (one) => one.toString(16).padStart(2, "0")).join("");
      await tables.save({ mode: "practice", actor: "practice0", person, role: "village_doctor", scopes, identity_key });
      await tables.keepCatalogue(catalogue);
      await tables.keepNames(SAMPLE_NAMES);
      const issues = (/** @type {any} */ record) => types.check(record, dayOn(now()));
      await tables.put(every.map(({ issues: _, ...record }) => ({ record, issues: issues(record) })));
    });
    const client = new Client(store, null, opening);
    await client.#settle();
    return client;
  }

  /** Close the store and the connections; drafts that are being written first. */
  async close() {
    await this.#saving?.catch(() => undefined);
    this.#transport?.close();
    this._store.close();
  }

  // -- syncing

  /**
   * Deliver and fetch until both ends agree, or say in the report why not. May be cut at any point and called again. `progress`
   * is called after each step that was kept. SyncBusyError, SealedError, StorageError, PracticeError.
   * @param {(progress: import("./report.js").Progress) => void} [progress] @returns {Promise<import("./report.js").Report>}
   */
  async sync(progress) {
    if (!this.#transport) throw new PracticeError("this is for practice: nothing of it is sent");
    const report = await new Syncing(this._store, this.#transport, this._now, progress).run();
    await this.#settle();
    const { mode } = await this._store.account();
    if (mode !== "enrolled") return report;
    await this._refresh(); // now, so that the list is there at once when the phone is opened
    const decisions = await this._store.transaction((tables) => tables.tellDecisions());
    return { ...report, conflicts: (await this.conflicts()).length, decisions };
  }

  // -- forms that are being filled in

  /**
   * The draft of a form, null where there is none.
   * @param {string} key such as "hypertension_visit:<resident>" @returns {Promise<any>}
   */
  async draft(key) {
    return this.#unsaved.has(key) ? this.#unsaved.get(key) : this._store.draft(key);
  }

  /** Every draft, the one that was written to last comes last. @returns {Promise<{key: string, value: any}[]>} */
  async drafts() {
    const all = new Map([...(await this._store.drafts()), ...this.#unsaved]);
    return [...all].flatMap(([key, value]) => (value === null ? [] : [{ key, value }]));
  }

  /**
   * Keep a draft, enciphered; to be called with each keystroke, which begins to be written before this returns: it waits for no
   * transaction, and while one is being written only the newest waits. On the disk when this resolves, it or a newer one.
   * @param {string} key @param {any} value
   */
  keepDraft(key, value) {
    this.#unsaved.set(key, value);
    this.#saving ??= this.#saveDrafts();
    return this.#saving;
  }

  /** The form was saved, or thrown away. @param {string} key */
  dropDraft(key) {
    return this.keepDraft(key, null);
  }

  /**
   * What was typed last is on the disk before it, so that nothing of it comes after the draft is gone.
   * @template T @param {(glance: any, written: any[]) => Promise<T>} work @param {import("./writing.js").Draft} [draft]
   * @returns {Promise<T>} @protected
   */
  async _change(work, draft) {
    if (draft) await this.#saving?.catch(() => undefined);
    const result = await super._change(work, draft);
    if (draft) this.#unsaved.delete(draft[0]);
    return result;
  }

  async #saveDrafts() {
    try {
      while (this.#unsaved.size) {
        const some = [...this.#unsaved];
        await Promise.all(some.map(([key, value]) => this._store.keepDraft(key, value)));
        for (const [key, value] of some) if (this.#unsaved.get(key) === value) this.#unsaved.delete(key);
      }
    } finally {
      this.#saving = null;
    }
  }

  // -- the store itself

  /**
   * The unsent edits as one file, enciphered with a password; `cunyi field exported FILE` reads it.
   * @param {string} password @returns {Promise<Blob>}
   */
  exportUnsent(password) {
    return this._store.snapshot((tables) => exportUnsent(tables, password, this._now()));
  }

  /** WrongPinError. @param {string} old @param {string} next */
  changePin(old, next) {
    return this._store.changePin(old, next);
  }

  /** Whether the browser has promised not to evict this phone, and how much room there is, in bytes. */
  async storage() {
    const { storage } = globalThis.navigator ?? {};
    const { usage = null, quota = null } = (await storage?.estimate?.()) ?? {};
    return { persisted: (await storage?.persisted?.()) ?? false, usage, quota };
  }

  /**
   * Call `listener` after each change, of other tabs too; not for drafts. Returns what ends that.
   * @param {() => void} listener
   */
  onChange(listener) {
    return this._store.onChange(listener);
  }

  /**
   * Rows that another catalogue, or another edition of the code, has made go.
   * @param {boolean} [anew] all go
   */
  async #settle(anew = false) {
    const made_by = await this._store.snapshot(async (tables) => {
      await this._learn(tables);
      return (await tables.account()).made_by;
    });
    const edition = `${this.#edition} ${this.catalogue.version}`;
    if (made_by === edition && !anew) return;
    await this._store.transaction(async (tables) => {
      if (!isOpen((await tables.account()).mode)) return;
      await dropAll(tables);
      await tables.save({ made_by: edition });
    });
  }
}

/** @param {number} length */
const random = (length) => crypto.getRandomValues(new Uint8Array(length));

/** Ask the browser not to evict what is kept; `storage` says what it answered. */
const askToStay = () => void globalThis.navigator?.storage?.persist?.().catch(() => false);
