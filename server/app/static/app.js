/** What every screen holds on to: the client, where the app is, what it says, when it syncs, when it may lock or change. */
import { Client } from "../../../client_sdk/js/client.js";
import { timeBy } from "../../../client_sdk/js/clock.js";
import { dayOn } from "../../../client_sdk/js/glance.js";
import { installed, useNewVersion, VERSION } from "./version.js";
import { SYNC_ASIDE, SYNC_WHY } from "./words.js";

/**
 * @typedef {import("../../../client_sdk/js/client.js").Row} Row  what the lists know of a resident
 * @typedef {{text: string, undo: (() => unknown)|null, bad: boolean}} Told  the line under the header
 * @typedef {{font: number, way: string|null, [name: string]: any}} Settings  nothing of any patient: they lie open
 */

const EVERY_MS = 5 * 60_000, LOCK_MS = 10 * 60_000, TOLD_MS = 10_000;
const SETTINGS = "cunyi.settings";
const VILLAGE = /^[0-9]{12}$/; // the scope of a village; those of programmes and townships have other names
const [HOME, PRACTICE] = ["phone", "practice"];
/** Of the practice mode, which holds nothing that is to be kept from anybody and asks for none. */
export const PRACTICE_PIN = "000000";

/** The one object that screens get as `app`. Screens never keep a copy of `client`: a lock replaces it. */
export class App {
  constructor() {
    /** @type {any} the open client; null while locked */
    this.client = null;
    /** @type {"starting"|"first"|"locked"|"open"|"sealed"|"retired"} */
    this.mode = "starting";
    /** The store in use; that of the practice mode is another. */
    this.name = HOME;
    /** Whether the browser has taken the store away that was here. */
    this.evicted = false;
    /** @type {any} of the client, read anew after each change */
    this.status = null;
    /** @type {Row[]} every resident, as the lists show them */
    this.rows = [];
    /** How many records are in conflict or were set aside. */
    this.attention = 0;
    /** How many rows have yet to be made, the first time on a day. */
    this.behind = 0;
    /** @type {Record<string, Record<string, string>>} what areas, teams, organisations and people are called, by kind and id */
    this.names = {};
    /** The villages of this phone, by name. */
    this.village = "";
    /** @type {Map<string, Row>} */
    this.byId = new Map();
    /** @type {{pushed: number, waiting: number, pulled: number}|null} while a sync runs */
    this.progress = null;
    this.syncing = false;
    /** @type {string|null} why the last sync was not complete, in words */
    this.trouble = null;
    /** Whether the last sync found the server: a signal alone says little. */
    this.reached = true;
    /** @type {Told|null} */
    this.told = null;
    /** @type {Settings} */
    this.settings = { font: 0, way: null, ...read(SETTINGS) };
    this.online = navigator.onLine;
    /** What one window tells the others: that the phone was locked by hand, or is gone. */
    this._tabs = new BroadcastChannel("cunyi-tabs");
    /** @type {Set<() => void>} */
    this._listeners = new Set();
    this._busy = false;
    /** @type {(() => void)|null} lets go of the lock that keeps a new version waiting */
    this._release = null;
    this._hiddenAt = 0;
    /** @type {Promise<void>|null} */
    this._reading = null;
    this._again = false;
    /** How many pages lie behind this one; kept in the history, so that the phone's own 返回 counts too. */
    this._depth = 0;
    this._hash = location.hash;
    /** @type {Map<string, number>} how far down a list was, by its address */
    this.places = new Map();
    /** @type {{group?: string, population?: string, text?: string}} what the lists are narrowed to, while the app is open */
    this.here = {};
    /** @type {any} the record types that a phone left behind has, so that practice needs no line */
    this.types = null;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this._hush = undefined;
    this._version = 0;
  }

  /** Whether nothing of this is real: sample people, a store of its own, no server. */
  get practice() { return this.name === PRACTICE; }

  // -- starting, opening, locking

  /** Find out what this phone is, and show it. */
  async start() {
    this.setFont(this.settings.font);
    history.scrollRestoration = "manual";
    if (!history.state) history.replaceState({ depth: 0 }, "");
    addEventListener("hashchange", () => this._arrived());
    addEventListener("online", () => this._line(true));
    addEventListener("offline", () => this._line(false));
    document.addEventListener("visibilitychange", () => this._looked());
    this._tabs.onmessage = ({ data }) => data.name === this.name && (data.gone ? this._lost() : this.lock());
    setInterval(() => this.sync(), EVERY_MS);
    await this._ask();
  }

  /** Ask for the PIN, or for a code where there is no phone yet. */
  async _ask() {
    const state = await Client.state(this.name);
    if (state === "practice") return this.unlock(PRACTICE_PIN);
    this.evicted = await Client.vanished(this.name);
    this.mode = state === "none" || state === "new" ? "first" : state === "retired" ? "retired" : "locked";
    this.changed();
  }

  /** Open the store with the PIN. Raises what `Client.open` raises. @param {string} pin */
  async unlock(pin) {
    await this.opened(await Client.open({ pin, name: this.name, edition: VERSION }));
  }

  /** Go on with a client that is open. @param {any} client */
  async opened(client) {
    const before = this.client;
    this.client = client;
    client.onChange(() => { if (!this.syncing) this.refresh(); });
    if (before) await before.close();
    this.mode = "open";
    await this.refresh();
    this.sync();
  }

  /** Ask for the PIN again. A form that is open stays as it is behind the question. */
  async lock() {
    if (this.mode !== "open") return;
    if (this.practice) return this.turnTo(false);
    this.mode = "locked";
    if (!this._busy) {
      const client = this.client;
      this.client = null;
      this.rows = [];
      await client.close();
    }
    this.changed();
  }

  /** Lock by hand: in every window. */
  leave() {
    this._tabs.postMessage({ name: this.name, gone: false });
    return this.lock();
  }

  /** What nobody would have any more after `discard`: counted without the PIN. */
  unsent() { return Client.unsent(this.name); }

  /** Delete the phone, with what was not sent: for who has forgotten the PIN. */
  async discard() {
    await this._shut();
    await Client.discard(this.name);
    this._tabs.postMessage({ name: this.name, gone: true });
    await this._ask();
  }

  /** The store is there no more: another window has deleted it, or the browser has. */
  async _lost() {
    await this._shut();
    await this._ask();
  }

  /** A page could not be drawn; where the store is there no more, that is told instead. @param {any} error */
  async failed(error) {
    if (error.reason === "gone" && (await Client.state(this.name)) === "none") return this._lost();
    console.warn("screen", error);
  }

  async _shut() {
    const client = this.client;
    Object.assign(this, { client: null, mode: "starting", rows: [], byId: new Map(), village: "", trouble: null, here: {} });
    this.busyForm(false);
    this.changed();
    await client?.close();
  }

  /** Whether a form stands behind the question for the PIN. */
  get covered() { return this.mode === "locked" && this.client !== null; }

  /** Into the practice mode and out of it again: the other store, and its own question for the PIN. @param {boolean} into */
  async turnTo(into) {
    const client = this.client;
    if (into && client?.catalogue.version) this.types = client.catalogue.about;
    Object.assign(this, { client: null, mode: "starting", name: into ? PRACTICE : HOME, rows: [], byId: new Map(), village: "", trouble: null, here: {} });
    this.places.clear();
    if (client) await client.close();
    this.go("#/today", true);
    await this._ask();
  }

  // -- what screens call

  /** Open an address such as `#/resident/ID`; `instead` of this one, so that going back does not return here.
   * @param {string} hash @param {boolean} [instead] */
  go(hash, instead = false) {
    if (instead) history.replaceState({ depth: this._depth }, "", hash);
    else history.pushState({ depth: this._depth + 1 }, "", hash);
    this._arrived();
  }

  /** Back to where the person came from; to a list where the app was opened here. @param {string} [otherwise] */
  back(otherwise = "#/today") {
    if (this._depth > 0) history.back();
    else this.go(otherwise, true);
  }

  /** A line under the header, with 撤销 for ten seconds where it can be undone. @param {string} text @param {(() => unknown)|null} [undo] */
  say(text, undo = null) { this._tell({ text, undo, bad: false }); }

  /** The same, for what went wrong. @param {string} text */
  warn(text) { this._tell({ text, undo: null, bad: true }); }

  /** Take the line away. */
  hush() {
    clearTimeout(this._hush);
    this.told = null;
    this.changed();
  }

  /** What time it is, by the better of the phone's clock and the server's. */
  now() { return this.status ? timeBy(this.status.clock, new Date()) : new Date(); }

  /** Today where this phone is, `2026-11-22`. */
  today() { return dayOn(this.now()); }

  /** A form is open (true) or no longer: meanwhile no new version is taken, in no tab, and a lock only covers it. @param {boolean} open */
  busyForm(open) {
    if (open === this._busy) return;
    this._busy = open;
    this._release?.();
    this._release = null;
    if (!open) return;
    const closed = new Promise((free) => { this._release = () => free(null); });
    navigator.locks?.request("cunyi-form", { mode: "shared" }, () => closed);
  }

  /** Whether a form is open. */
  get busy() { return this._busy; }

  /** Remember how this phone is used, such as the last way of a visit. @param {string} name @param {any} value */
  set(name, value) {
    this.settings = { ...this.settings, [name]: value };
    localStorage.setItem(SETTINGS, JSON.stringify(this.settings));
    this.changed();
  }

  /** The size of all text: 0 standard, 1 large, 2 largest. @param {number} size */
  setFont(size) {
    document.documentElement.className = `font-${size}`;
    if (size !== this.settings.font) this.set("font", size);
  }

  /** Ask for a new version, and take it where nothing is open that it could disturb. */
  async renew() {
    if ((await installed()) && this.mode === "locked" && !this.covered) await useNewVersion();
  }

  // -- syncing

  /** Deliver and fetch; quietly nothing where that is not possible now. Says in `trouble` why it was not complete. */
  async sync() {
    if (!this.client || this.practice || this.syncing || !["open", "sealed"].includes(this.mode) || !navigator.onLine) return;
    this.syncing = true;
    this.changed();
    const client = this.client;
    try {
      const report = await client.sync((/** @type {any} */ step) => { this.progress = step; this.changed(); });
      this.reached = report.why[0] !== "offline";
      this.trouble = report.setAside ? SYNC_ASIDE : report.complete ? null : SYNC_WHY[report.why[0]] ?? SYNC_WHY.other;
    } catch (error) {
      const { name, reason } = /** @type {any} */ (error);
      if (client === this.client && reason === "gone") await this._lost();
      else if (client === this.client && name !== "SyncBusyError") {
        this.trouble = SYNC_WHY[reason] ?? SYNC_WHY[name] ?? SYNC_WHY.other;
      }
    }
    try {
      if (client === this.client) await this.refresh(); // before the progress is taken away: the strip never shows what waited earlier
    } finally {
      this.syncing = false;
      this.progress = null;
      this.changed();
    }
    if (client !== this.client) this.sync(); // locked and opened again meanwhile: that one has not synced yet
  }

  // -- being told, and telling

  /** @param {() => void} listener @returns {() => void} the end of it */
  onChange(listener) {
    this._listeners.add(listener);
    return () => this._listeners.delete(listener);
  }

  /** Something that is shown has changed. */
  changed() {
    this._version += 1;
    for (const listener of this._listeners) listener();
  }

  /** Grows with every change: for effects that read from the client. */
  get version() { return this._version; }

  /** Read status and rows anew; asked again meanwhile, once more afterwards. */
  refresh() {
    this._again = Boolean(this._reading);
    this._reading ??= this._read(this.client).finally(() => {
      this._reading = null;
      if (this._again) this.refresh();
    });
    return this._reading;
  }

  /** @param {any} client */
  async _read(client) {
    try {
      if (client) await this._readAll(client);
    } catch (error) {
      if (client !== this.client) return; // locked meanwhile
      if (/** @type {any} */ (error).reason !== "gone") throw error;
      this._lost();
    }
  }

  /** @param {any} client */
  async _readAll(client) {
    const [status, names] = [await client.status(), await client.names()];
    if (client !== this.client) return;
    const villages = Object.keys(status.scopes).filter((scope) => VILLAGE.test(scope));
    Object.assign(this, { status, names, village: villages.map((scope) => names.area?.[scope]).filter(Boolean).join("、") });
    if (status.mode === "sealed" || status.mode === "retired") {
      this.mode = status.mode;
      this.rows = [];
      return this.changed();
    }
    const packages = (await client.find({ type: "service_package" })).map((/** @type {any} */ { id, sections }) => [id, sections.package?.name]);
    this.names = { ...names, service_package: Object.fromEntries(packages.filter((/** @type {any} */ [, name]) => typeof name === "string")) };
    const { rows, behind } = await client.rowsNow();
    await this._take(client, rows, behind);
    if (behind) await this._take(client, await client.rows(), 0);
    const needs = await client.needsAttention();
    this.attention = needs.filter((/** @type {any} */ one) => one.state !== "received").length;
    if (client === this.client) this.changed();
  }

  /** @param {any} client @param {Row[]} rows @param {number} behind */
  async _take(client, rows, behind) {
    if (client !== this.client) return;
    Object.assign(this, { rows, behind, byId: new Map(rows.map((row) => [row.resident, row])) });
    this.changed();
  }

  // -- within

  /** @param {Told} told */
  _tell(told) {
    clearTimeout(this._hush);
    this.told = told;
    this._hush = setTimeout(() => this.hush(), TOLD_MS);
    this.changed();
  }

  _arrived() {
    this.places.set(this._hash, scrollY);
    if (!history.state) history.replaceState({ depth: this._depth + 1 }, ""); // a link was followed
    this._depth = history.state.depth;
    this._hash = location.hash;
    this.told = this.told?.undo ? this.told : null;
    this.changed();
  }

  /** @param {boolean} online */
  _line(online) {
    this.online = online;
    this.changed();
    if (online) this.sync();
  }

  async _looked() {
    if (document.hidden) {
      this._hiddenAt = Date.now();
      return;
    }
    if (this._hiddenAt && Date.now() - this._hiddenAt > LOCK_MS) await this.lock();
    this.sync();
    await this.renew();
  }
}

/** @param {string} name */
function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "{}");
  } catch {
    return {};
  }
}
