/** A form while it is filled in: every keystroke a durable draft, one number at a time on the pad, and the foot of it. */
import { html, useEffect, useState, Button, Confirm } from "../parts.js";
import { boxed, complete, kept, typed } from "./typing.js";
import { issuePlace, issuesOf, refusal } from "./words.js";

/** @typedef {import("../../../../client_sdk/js/sync/types/fields.js").Item} Item */
/** @typedef {Record<string, any>} Sections */
/** What is kept of a form: the sections of each place (a type, or "" for what several forms share), the views they were opened
 * from, what the screen itself remembers, what was saved meanwhile in sections that are typed in too, and the address.
 * @typedef {{values: Record<string, Sections>, views: Record<string, any>, more: Record<string, any>,
 *   beside?: Record<string, any>, at?: string}} Content */
/** @typedef {{id: string, item: Item, text: string, fresh: boolean, write: (value: any) => void, chain: string|null,
 *   led?: boolean}} Active  `led`: the number before it was complete, and nobody has pressed a key since */

export class Form {
  /** @param {any} app @param {string} key @param {Content} content @param {boolean} restored @param {() => void} redraw */
  constructor(app, key, content, restored, redraw) {
    this.app = app;
    this.key = key;
    this.content = content;
    /** Whether it was begun earlier and not saved. */
    this.restored = restored;
    this.redraw = redraw;
    /** @type {Active|null} the number that is typed now */
    this.active = null;
    /** Whether a save was asked for: from then on what is missing is said at each field. */
    this.asked = false;
    /** @type {string|null} why it was not saved */
    this.trouble = null;
    /** @type {import("../../../../client_sdk/js/sync/types/checks.js").Issue[]} as they were when last drawn */
    this.issues = [];
    /** What a chain of numbers leads to when its last one is complete. */
    this.folded = () => {};
    this.saving = false;
    this._store = app.name; // of the phone or of the practice: what is typed here belongs into no other
    this._keeping = Promise.resolve();
    this._queued = false;
    this._done = false;
  }

  get catalogue() { return this.app.client.catalogue; }

  get more() { return this.content.more; }

  /** @param {string} place @returns {Sections} */
  sections(place) { return this.content.values[place] ?? {}; }

  /** @param {string} place @param {string} section @param {string} field */
  get(place, section, field) { return this.sections(place)[section]?.[field]; }

  /** @param {string} place @param {string} section @param {string} field @param {any} value */
  put(place, section, field, value) {
    const { [field]: _, carried_over: __, ...rest } = this.sections(place)[section] ?? {};
    // what is changed is not carried over any more
    this.putSection(place, section, value === undefined ? rest : { ...rest, [field]: value });
  }

  /** A section as a whole; undefined takes it away. @param {string} place @param {string} section @param {any} value */
  putSection(place, section, value) {
    const { [section]: _, ...rest } = this.sections(place);
    const sections = value === undefined ? rest : { ...this.sections(place), [section]: value };
    this.content = { ...this.content, values: { ...this.content.values, [place]: sections } };
    this.keep();
  }

  /** Something of the screen's own. @param {string} name @param {any} value */
  remember(name, value) {
    this.content = { ...this.content, more: { ...this.more, [name]: value } };
    this.keep();
  }

  /** Draw anew, and keep the draft: one write at a time, the last state always. */
  keep() {
    this.trouble = null;
    this.app.busyForm(true);
    this.redraw();
    if (this._queued || this._done) return;
    this._queued = true;
    this._keeping = this._keeping.then(async () => {
      this._queued = false;
      if (!this._done && this.app.name === this._store) await this.app.client.keepDraft(this.key, this.content);
    }).catch((error) => { this.trouble = refusal(error); this.redraw(); });
  }

  /** Keep no keystroke any more, once the last one is kept. */
  async rest() {
    this._done = true;
    await this._keeping;
  }

  /** It was not saved after all. @param {string} trouble why */
  resume(trouble) {
    this._done = false;
    this.keep();
    this.trouble = trouble;
  }

  /** Forget the draft: it is not wanted any more. */
  async forget() {
    await this.rest();
    await this.app.client.dropDraft(this.key);
    this.app.busyForm(false);
  }

  // -- the pad

  /** Type a number here. @param {Omit<Active, "text"|"fresh">} box @param {any} value */
  type(box, value) {
    this.active = { ...box, text: boxed(box.item, value), fresh: true };
    this.redraw();
  }

  /** Fold the pad away. */
  fold() {
    this.active = null;
    this.redraw();
  }

  /** @param {string} key  a digit, ".", "-", "del", or "next" */
  press(key) {
    const now = this.active;
    if (!now) return;
    if (key === "next" && now.led) { // it has gone on by itself: who presses 下一项 all the same means this one
      this.active = { ...now, led: false };
      return;
    }
    if (key === "next") { this.next(); return; }
    const text = typed(now.item, now.fresh && key !== "del" ? "" : now.text, key);
    this.active = { ...now, text, fresh: false, led: false };
    now.write(kept(now.item, text));
    if (key !== "del" && complete(now.item, text)) this.advance();
  }

  /** On to the next number of the same chain; after its last one the pad folds away. */
  advance() {
    const chain = this.active?.chain;
    const boxes = [...document.querySelectorAll("[data-pad]")].map((one) => /** @type {HTMLElement} */ (one));
    const at = boxes.findIndex((one) => one.dataset.pad === this.active?.id);
    const next = chain ? boxes.slice(at + 1).find((one) => one.dataset.chain === chain) : null;
    if (next) {
      next.click();
      if (this.active) this.active = { ...this.active, led: true };
      return;
    }
    this.fold();
    if (chain) this.folded();
  }

  /** On to whatever is asked next, number or not. */
  next() {
    const fields = [...document.querySelectorAll("main [data-field]")];
    const at = fields.findIndex((one) => one.querySelector(`[data-pad="${CSS.escape(this.active?.id ?? "")}"]`));
    const next = fields[at + 1];
    const box = /** @type {HTMLElement|null} */ (next?.querySelector("[data-pad]") ?? null);
    if (box) { box.click(); return; }
    this.fold();
    reveal(next);
  }
}

/** Scroll to a field, and give it the focus. @param {Element|null|undefined} field */
export function reveal(field) {
  if (!field) return;
  requestAnimationFrame(() => {
    field.scrollIntoView({ block: "start" });
    const inner = /** @type {HTMLElement|null} */ (field.querySelector("button, input, textarea"));
    (inner ?? /** @type {HTMLElement} */ (field)).focus({ preventScroll: true });
  });
}

/** The form of a key: the draft where one is kept, else what `begin` says; null until it is read. `turn`: how often begun anew.
 * @param {any} app @param {string} key @param {() => Promise<Content>} begin @param {number} [turn] @returns {Form|null} */
export function useForm(app, key, begin, turn = 0) {
  const nothing = { form: /** @type {Form|null} */ (null), error: /** @type {any} */ (null), drawn: 0 };
  const [found, show] = useState(nothing);
  useEffect(() => {
    let alive = true;
    const at = location.hash;
    show(nothing);
    (async () => {
      const draft = await app.client.draft(key);
      const content = draft ?? await begin();
      if (!alive) return;
      const redraw = () => alive && show((now) => ({ ...now, drawn: now.drawn + 1 }));
      show({ ...nothing, form: new Form(app, key, { ...content, at }, Boolean(draft), redraw) });
    })().catch((error) => alive && show({ ...nothing, error }));
    return () => { alive = false; app.busyForm(false); };
  }, [key, turn]);
  if (found.error) throw found.error;
  return found.form?.key === key ? found.form : null;
}

/** Said when a draft was found again. @param {{form: Form, again: () => void}} props */
export const Restored = ({ form, again }) => form.restored
  && html`<p class="restored"><span>上次没保存的内容还在</span>
    <${Button} onClick=${async () => { await form.forget(); again(); }}>清空重填<//></p>`;

/** The issues of what is typed in a place, kept on the form for its fields.
 * @param {Form} form @param {string} type @param {Sections} sections @param {string} scope */
export function look(form, type, sections, scope) {
  form.issues = issuesOf(form.catalogue, type, sections, form.app.today(), scope);
  return form.issues;
}

const ALARMING = new Set(["out_of_range", "unusual", "not_below"]);

/** The issues of numbers that may have been mistyped or misread.
 * @param {import("../../../../client_sdk/js/sync/types/checks.js").Issue[]} issues */
export const alarming = (issues) => issues.filter((one) => ALARMING.has(one.code) && one.field);

/** What is missing, by name.
 * @param {any} declared @param {import("../../../../client_sdk/js/sync/types/checks.js").Issue[]} issues */
export const missing = (declared, issues) =>
  [...new Set(issues.filter((one) => one.code === "required").map((one) => issuePlace(declared, one)))];

const TOLD = 4; // of what is missing, by name

/** The first time that a save is asked for with something missing: say what, and lead to it (`at`). True: not saved yet.
 * @param {Form} form @param {string[]} lacking @param {() => Element|null} [at] */
export function halted(form, lacking, at = () => document.querySelector("main .wrong")) {
  if (!lacking.length || form.asked) return false;
  form.asked = true;
  form.active = null;
  form.trouble = `还缺：${some(lacking)}${lacking.length > TOLD ? `等${lacking.length}项` : ""}。补填，或再点一次先保存`;
  form.redraw();
  requestAnimationFrame(() => reveal(at())); // there once it is drawn
  return true;
}

/** The first of what is missing. @param {string[]} lacking */
export const some = (lacking) => lacking.slice(0, TOLD).join("、");

/** The foot of a form: one line that tells, a question where something looks wrong, the pad while a number is typed, and 保存.
 * @param {{form: Form, line?: any, ask?: {text: string, yes: string, onYes: () => void, no: string, onNo: () => void}|null,
 *   onSave: () => void, save?: string}} props */
export function Foot({ form, line, ask, onSave, save = "保存" }) {
  const said = form.trouble ? html`<p class="line red" role="alert">${form.trouble}</p>` : line;
  if (ask) return html`<${Confirm} ask=${ask.text} yes=${ask.yes} no=${ask.no} onYes=${ask.onYes} onNo=${ask.onNo} />`;
  if (form.active) return html`<div class="dock">${said}<${Pad} form=${form} onSave=${onSave} save=${save} /></div>`;
  return html`<div class="dock">${said}<${Button} kind="main" wide onClick=${onSave} disabled=${form.saving}>
    ${form.saving ? "正在保存" : save}<//></div>`;
}

/** @param {{form: Form, onSave: () => void, save: string}} props */
function Pad({ form, onSave, save }) {
  const item = /** @type {Active} */ (form.active).item;
  const low = Number(item.hard?.[0] ?? 0);
  const left = item.kind === "decimal" ? "." : low < 0 ? "-" : "";
  const key = (/** @type {string} */ name, words = name, kind = "") =>
    html`<button type="button" class=${kind} onMouseDown=${stay} onClick=${() => form.press(name)}>${words}</button>`;
  return html`<div class="numpad" role="group" aria-label=${`${item.zh}，数字键盘`}>
    ${["1", "2", "3"].map((one) => key(one))}${key("del", "删除", "aside")}
    ${["4", "5", "6"].map((one) => key(one))}${key("next", "下一项", "aside")}
    ${["7", "8", "9"].map((one) => key(one))}
      <button type="button" class="aside save" onMouseDown=${stay} onClick=${onSave} disabled=${form.saving}>${save}</button>
    ${left ? key(left) : html`<span></span>`}${key("0", "0", "zero")}</div>`;
}

/** Keys leave the focus where it is. @param {Event} event */
const stay = (event) => event.preventDefault();
