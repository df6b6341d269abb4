/** What the phone holds, as the screens draw it; delivering and fetching, and why that was not complete. */
import { timeBy } from "../../../client_sdk/js/clock.js";
import { dayOn } from "../../../client_sdk/js/glance.js";
import { isVillage } from "../../../client_sdk/js/sync/scopes.js";
import { Frame } from "./frame.js";
import { SYNC_ASIDE, SYNC_WHY } from "./words.js";

/** @typedef {import("../../../client_sdk/js/client.js").Row} Row  what the lists know of a resident */

/** The store in use: of the phone, or of the practice mode, in which nothing is real. */
export const HOME = "phone";
export const PRACTICE = "practice";

export class Syncing extends Frame {
  /** @type {any} the open client; null while locked. Screens never keep a copy: a lock replaces it */
  client = null;
  name = HOME;
  /** @type {"starting"|"first"|"locked"|"open"|"sealed"|"retired"} */
  mode = "starting";
  /** @type {any} of the client, read anew after each change */
  status = null;
  /** @type {Row[]} every resident, as the lists show them */
  rows = [];
  /** @type {Map<string, Row>} */
  byId = new Map();
  /** How many rows have yet to be made, the first time on a day. */
  behind = 0;
  /** How many records are in conflict or were set aside. */
  attention = 0;
  /** @type {Record<string, Record<string, string>>} what areas, teams, organisations and people are called, by kind and id */
  names = {};
  /** The villages of this phone, by name. */
  village = "";
  online = navigator.onLine;
  /** Whether the last sync found the server: a signal alone says little. */
  reached = true;
  /** @type {string|null} why the last sync was not complete, in words */
  trouble = null;
  syncing = false;
  /** @type {{pushed: number, waiting: number, pulled: number}|null} while a sync runs */
  progress = null;
  _syncAgain = false;
  /** @type {Promise<void>|null} */
  _reading = null;
  _again = false;

  /** Whether nothing of this is real: sample people, a store of its own, no server. */
  get practice() { return this.name === PRACTICE; }

  /** What time it is, by the better of the phone's clock and the server's. */
  now() { return this.status ? timeBy(this.status.clock, new Date()) : new Date(); }

  /** Today where this phone is, `2026-11-22`. */
  today() { return dayOn(this.now()); }

  /** Deliver and fetch; quietly nothing where that is not possible now. Says in `trouble` why it was not complete. */
  async sync() {
    if (!this.client || this.practice || !["open", "sealed"].includes(this.mode) || !navigator.onLine) return;
    this._syncAgain = this.syncing; // what was asked for meanwhile may be about what this one has not seen
    if (this.syncing) return;
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
      // before the progress is taken away: the strip never shows what waited earlier
      if (client === this.client) await this.refresh();
    } finally {
      this.syncing = false;
      this.progress = null;
      this.changed();
    }
    if (this._syncAgain || client !== this.client) this.sync(); // locked and opened again meanwhile: that one has not synced yet
  }

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
    const villages = Object.keys(status.scopes).filter(isVillage).map((scope) => names.area?.[scope]);
    Object.assign(this, { status, names, village: villages.filter(Boolean).join("、") });
    if (status.mode === "sealed" || status.mode === "retired") {
      this.mode = status.mode;
      this.rows = [];
      return this.changed();
    }
    const packages = (await client.find({ type: "service_package" }))
      .map((/** @type {any} */ { id, sections }) => [id, sections.package?.name])
      .filter((/** @type {any} */ [, name]) => typeof name === "string");
    this.names = { ...names, service_package: Object.fromEntries(packages) };
    const { rows, behind } = await client.rowsNow();
    // a list that somebody reads or touches lacks nobody for a moment, and does not move under the finger
    this._take(client, behind && this.rows.length ? this.rows : rows, behind);
    if (behind) this._take(client, await client.rows(), 0);
    const needs = await client.needsAttention();
    this.attention = needs.filter((/** @type {any} */ one) => one.state !== "received").length;
    if (client === this.client) this.changed();
  }

  /** @param {any} client @param {Row[]} rows @param {number} behind */
  _take(client, rows, behind) {
    if (client !== this.client) return;
    Object.assign(this, { rows, behind, byId: new Map(rows.map((row) => [row.resident, row])) });
    this.changed();
  }

  /** The store is there no more: what to do then is for the app to say. @returns {Promise<void>} */
  async _lost() {}
}
