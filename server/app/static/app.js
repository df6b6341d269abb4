/** What every screen gets as `app`: opening, locking and leaving this phone, and when it may change under a form. */
import { Client } from "../../../client_sdk/js/client.js";
import { HOME, PRACTICE, Syncing } from "./syncing.js";
import { installed, useNewVersion, VERSION } from "./version.js";

const EVERY_MS = 5 * 60_000, LOCK_MS = 10 * 60_000;
/** Of the practice mode, which holds nothing that is to be kept from anybody and asks for none. */
export const PRACTICE_PIN = "000000";

export class App extends Syncing {
  /** Whether the browser has taken the store away that was here. */
  evicted = false;
  /** @type {any} the record types that a phone left behind has, so that practice needs no line */
  types = null;
  /** What one window tells the others: that the phone was locked by hand, or is gone. */
  _tabs = new BroadcastChannel("cunyi-tabs");
  _busy = false;
  /** @type {(() => void)|null} lets go of the lock that keeps a new version waiting */
  _release = null;
  _hiddenAt = 0;

  // -- starting, opening, locking

  /** Find out what this phone is, and show it. */
  async start() {
    this.setFont(this.settings.font);
    this._follow();
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

  /** Whether a form stands behind the question for the PIN. */
  get covered() { return this.mode === "locked" && this.client !== null; }

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

  /** Into the practice mode and out of it again: the other store, and its own question for the PIN. @param {boolean} into */
  async turnTo(into) {
    if (into && this.client?.catalogue.version) this.types = this.client.catalogue.about;
    await this._shut(into ? PRACTICE : HOME);
    this.places.clear();
    this.go("#/today", true);
    await this._ask();
  }

  /** Let go of the client and of all that was read from it; go on with the store `name`. @param {string} [name] */
  async _shut(name = this.name) {
    const { client } = this;
    Object.assign(this, {
      name, mode: "starting", client: null, rows: [], byId: new Map(), village: "", trouble: null, here: {},
    });
    this.busyForm(false);
    this.changed();
    await client?.close();
  }

  // -- a form that is open, and a new version

  /** A form is open (true) or no longer: meanwhile no new version is taken, in no tab, and a lock only covers it.
   * @param {boolean} open */
  busyForm(open) {
    if (open === this._busy) return;
    this._busy = open;
    this._release?.();
    this._release = null;
    if (!open) return;
    const closed = new Promise((free) => { this._release = () => free(null); });
    navigator.locks?.request("cunyi-form", { mode: "shared" }, () => closed);
  }

  /** Ask for a new version, and take it where nothing is open that it could disturb. */
  async renew() {
    if ((await installed()) && this.mode === "locked" && !this.covered) await useNewVersion();
  }

  // -- what the browser tells

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
