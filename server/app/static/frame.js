/** What stands around every screen: where the app is, the line that tells, how this phone is used, and who draws anew. */

/**
 * @typedef {{text: string, undo: (() => unknown)|null, bad: boolean}} Told  the line under the header
 * @typedef {{font: number, way: string|null, [name: string]: any}} Settings  nothing of any patient: they lie open
 */

const TOLD_MS = 10_000;
const SETTINGS = "cunyi.settings";

export class Frame {
  /** @type {Told|null} */
  told = null;
  /** @type {Settings} */
  settings = { font: 0, way: null, ...read(SETTINGS) };
  /** @type {Map<string, number>} how far down a list was, by its address */
  places = new Map();
  /** @type {{group?: string, population?: string, text?: string}} what the lists are narrowed to, while the app is open */
  here = {};
  /** How many pages lie behind this one; kept in the history, so that the phone's own 返回 counts too. */
  _depth = 0;
  _hash = location.hash;
  /** @type {Set<() => void>} */
  _listeners = new Set();
  _version = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  _hush = undefined;

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

  /** A line under the header, with 撤销 for ten seconds where it can be undone.
   * @param {string} text @param {(() => unknown)|null} [undo] */
  say(text, undo = null) { this._tell({ text, undo, bad: false }); }

  /** The same, for what went wrong. @param {string} text */
  warn(text) { this._tell({ text, undo: null, bad: true }); }

  /** Take the line away. */
  hush() {
    clearTimeout(this._hush);
    this.told = null;
    this.changed();
  }

  /** @param {Told} told */
  _tell(told) {
    clearTimeout(this._hush);
    this.told = told;
    this._hush = setTimeout(() => this.hush(), TOLD_MS);
    this.changed();
  }

  // -- the address

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

  /** From now on follow links, and the phone's own 返回. */
  _follow() {
    history.scrollRestoration = "manual";
    if (!history.state) history.replaceState({ depth: 0 }, "");
    addEventListener("hashchange", () => this._arrived());
  }

  _arrived() {
    this.places.set(this._hash, scrollY);
    if (!history.state) history.replaceState({ depth: this._depth + 1 }, ""); // a link was followed
    this._depth = history.state.depth;
    this._hash = location.hash;
    this.told = this.told?.undo ? this.told : null;
    this.changed();
  }

  // -- how this phone is used

  /** Remember it, such as the last way of a visit. @param {string} name @param {any} value */
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
}

/** @param {string} name */
function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "{}");
  } catch {
    return {};
  }
}
