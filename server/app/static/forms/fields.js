/** One field of the catalogue on a form, whatever its kind: numbers and days by the pad, codes to tap, words, references, rows, a
 * signature. */
import { html, useRef, useState, Button, Chips } from "../parts.js";
import { addDays, isDay, monthsLater } from "../../../../client_sdk/js/sync/days.js";
import { boxed, onPad, zone } from "./typing.js";
import { formed } from "../shown.js";
import { Reference } from "./references.js";
import { family, issueText, unitOf } from "./words.js";

/** @typedef {import("./form.js").Form} Form */
/** @typedef {import("../../../../client_sdk/js/sync/types/fields.js").Item} Item */
/** What a field is handed: its entry, the object that it is a field of, and how to write into that.
 * @typedef {{form: Form, item: Item, id: string, values: any, put: (name: string, value: any) => void, issue?: string|null,
 * chain?: string|null,
 *   subject?: string|null, need?: boolean, label?: string}} Props */

const FEW = 12; // codes that are shown at once; more are a list to search

/** @param {Props} props */
export function FieldOf(props) {
  const { item, id, issue, label = item.zh, need = item.required } = props;
  const values = { ...props.values, [item.name]: formed(item, props.values?.[item.name]) };
  const Kind = item.to === "signature" ? Signature : item.to ? Reference : KINDS[item.kind];
  if (!Kind) return null;
  const unit = unitOf(item);
  const said = html`${label}${unit && html` <small>${unit}</small>`}${need && html` <small class="need">必填</small>`}`;
  return html`<div class=${`ask ${issue ? "wrong" : ""}`} data-field=${id} tabindex="-1">
    <${Kind} ...${props} values=${values} said=${said} label=${label} />
    ${issue && html`<p class="error">${label}：${issue}</p>`}</div>`;
}

/** A number, day or moment: a box that opens the pad. @param {Props & {said: any, big?: boolean}} props */
export function NumberBox({ form, item, id, values, put, said, label, chain = null, big }) {
  const value = values?.[item.name];
  const on = form.active?.id === id;
  const text = on ? /** @type {any} */ (form.active).text : boxed(item, value);
  const open = () => form.type({ id, item, chain, write: (now) => put(item.name, now) }, value);
  /** A keyboard, where there is one. @param {KeyboardEvent} event */
  const press = (event) => {
    const key = event.key === "Backspace" ? "del" : event.key === "Enter" && on ? "next" : event.key;
    if (!/^([0-9.-]|del|next)$/.test(key)) return;
    event.preventDefault();
    if (!on) open();
    form.press(key);
  };
  return html`<div class=${`number ${big ? "big" : ""}`}><span class="label">${said}</span>
    <button type="button" class="box" data-pad=${id} data-chain=${chain} aria-pressed=${String(on)}
      aria-label=${`${label} ${text || "未填"}`} onClick=${open} onKeyDown=${press}>
      ${text || html`<span class="blank">${BLANK[item.kind] ?? "点这里输入"}</span>`}</button></div>`;
}

/** @type {Record<string, string>} */
const BLANK = { date: "年 月 日", month: "年 月", instant: "年 月 日 时 分" };

/** A day: the usual ones at once, any other by the pad. @param {any} props */
function Day(props) {
  const { form, item, values, put, label } = props;
  const value = values?.[item.name], today = form.app.today();
  const near = item.name === "birth_date" ? [] : item.future === false
    ? [["今天", today], ["昨天", addDays(today, -1)]]
    : [["今天", today], ["2周后", addDays(today, 14)], ["1个月后", monthsLater(today, 1)], ["3个月后", monthsLater(today, 3)]];
  return html`<${NumberBox} ...${props} />
    ${near.length > 0 && html`<${Chips} label=${`${label}：常用日期`} hidden
      options=${near.map(([words, day]) => ({ value: day, label: words }))} value=${value}
      onChange=${(/** @type {string} */ day) => put(item.name, day)} />`}
    ${isDay(value) && item.name !== "birth_date"
      && html`<div class="nudge"><${Button} kind="plain" onClick=${() => put(item.name, addDays(value, -1))}>前一天<//>
      <${Button} kind="plain" onClick=${() => put(item.name, addDays(value, 1))}>后一天<//></div>`}`;
}

/** A moment: now, or by the pad. @param {any} props */
function Moment(props) {
  const { item, put } = props;
  const now = () => {
    const here = props.form.app.now();
    put(item.name, `${new Date(here.getTime() - here.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)}:00${zone(here)}`);
  };
  return html`<${NumberBox} ...${props} /><${Button} onClick=${now}>现在<//>`;
}

/** Words, by the phone's own keyboard. @param {any} props */
function Words({ form, item, id, values, put, said, label, issue }) {
  const value = values?.[item.name] ?? "";
  const own = {
    id: `w-${id}`, value, autocomplete: "off", "aria-invalid": issue ? "true" : null, onFocus: () => form.fold(),
    onInput: (/** @type {any} */ event) => put(item.name, event.target.value || undefined),
    inputmode: /phone|_no$|area_code/.test(item.name) && item.name !== "id_no" ? "tel" : null,
  };
  return html`<label class="label" for=${own.id}>${said}</label>
    ${(item.longest ?? 200) > 200 ? html`<textarea rows="3" ...${own}></textarea>` : html`<input ...${own} />`}`;
}

/** Codes of a list: to tap where they are few, else to search. @param {any} props */
function Coded({ form, item, values, put, said, label }) {
  const many = item.kind === "codes";
  const options = optionsOf(form, item), value = values?.[item.name];
  /** @param {any} next */
  const take = (next) => {
    if (!many) return put(item.name, next === value && !item.required ? undefined : next);
    const last = next.filter((/** @type {string} */ one) => !(value ?? []).includes(one));
    const alone = item.alone && (last.includes(item.alone) ? [item.alone]
      : next.filter((/** @type {string} */ one) => one !== item.alone));
    put(item.name, (alone || next).length ? alone || next : undefined);
  };
  if (options.length > FEW) return html`<${LongList} said=${said} label=${label} options=${options} value=${value} many=${many}
    onChange=${take} />`;
  return html`<${Chips} label=${said} options=${options} value=${value} many=${many} onChange=${take} />`;
}

const UNSURE = new Set(["unknown", "unspecified"]);

/** The codes in the order of their list, what is not known last.
 * @param {Form} form @param {Item} item @returns {{value: string, label: string}[]} */
export function optionsOf(form, item) {
  const every = form.catalogue.codes[/** @type {string} */ (item.codes)]?.codes ?? [];
  const ordered = [...every].sort((a, b) => Number(UNSURE.has(a.code)) - Number(UNSURE.has(b.code)));
  return ordered.map((one) => ({ value: one.code, label: one.zh }));
}

/** A long list: what is chosen, and all of it with a search when asked for.
 * @param {{said: any, label: string, options: {value: string, label: string}[], value: any, many: boolean, onChange: (value: any)
 * => void}} props */
export function LongList({ said, label, options, value, many, onChange }) {
  const [open, turn] = useState(false);
  const [text, seek] = useState("");
  const chosen = options.filter((one) => (many ? (value ?? []).includes(one.value) : one.value === value));
  const shown = open ? options.filter((one) => one.label.toLowerCase().includes(text.trim().toLowerCase())) : chosen;
  return html`<p class="label">${said}</p>
    ${open && html`<input class="seek" type="search" aria-label=${`在${label}中查找`} placeholder="输入文字查找" value=${text}
      onInput=${(/** @type {any} */ event) => seek(event.target.value)} />`}
    ${shown.length > 0 && html`<${Chips} label=${label} hidden options=${shown} value=${value} many=${many}
      onChange=${(/** @type {any} */ next) => { onChange(next); if (!many) turn(false); }} />`}
    ${open && !shown.length && html`<p class="hint">没有找到</p>`}
    <${Button} onClick=${() => turn(!open)} aria-expanded=${String(open)}>${open ? "收起" : chosen.length ? "更改" : "选择"}<//>`;
}

/** Yes or no. @param {any} props */
const Truth = ({ item, values, put, said }) =>
  html`<${Chips} label=${said} options=${[{ value: "yes", label: "是" }, { value: "no", label: "否" }]}
  value=${values?.[item.name] === undefined ? undefined : values[item.name] ? "yes" : "no"}
    onChange=${(/** @type {string} */ one) => put(item.name, one === "yes")} />`;

/** A list of rows. @param {any} props */
function Rows({ form, item, id, values, put, said, subject }) {
  const rows = values?.[item.name] ?? [];
  /** @param {any[]} next */
  const write = (next) => put(item.name, next.length ? next : undefined);
  return html`<p class="label">${said}</p>
    ${rows.map((/** @type {any} */ row, /** @type {number} */ at) => html`<div class="entry" key=${at}>
      ${item.columns.map((/** @type {Item} */ column) =>
        html`<${FieldOf} key=${column.name} form=${form} item=${column} id=${`${id}.${at}.${column.name}`} values=${row}
        subject=${subject} chain=${`${id}.${at}`}
        put=${(/** @type {string} */ name, /** @type {any} */ value) =>
          write(rows.map((/** @type {any} */ one, /** @type {number} */ i) => (i === at ? { ...one, [name]: value }
          : one)))} />`)}
      <${Button} kind="danger" onClick=${() => write(rows.filter((/** @type {any} */ _, /** @type {number} */ i) =>
        i !== at))}>删除这一条<//></div>`)}
    <${Button} onClick=${() => write([...rows, {}])}>添加${item.zh}<//>`;
}

const WIDE = 320, HIGH = 150, LONGEST = 3900;

/** A signature drawn by finger: kept as the strokes, under their SHA-256. @param {any} props */
function Signature({ item, values, put, said, label }) {
  const strokes = values?.[`${item.name}_strokes`] ?? "";
  const [drawn, draw] = useState(/** @type {string|null} */ (null));
  const pen = useRef({ path: "", x: 0, y: 0 });
  const at = (/** @type {any} */ event) => {
    const box = event.currentTarget.getBoundingClientRect();
    return [Math.round(((event.clientX - box.left) * WIDE) / box.width),
      Math.round(((event.clientY - box.top) * HIGH) / box.height)];
  };
  const down = (/** @type {any} */ event) => {
    event.currentTarget.setPointerCapture?.(event.pointerId);
    const [x, y] = at(event);
    pen.current = { path: `${strokes}M${x} ${y}l0 0`, x, y };
    draw(pen.current.path);
  };
  const move = (/** @type {any} */ event) => {
    if (drawn === null) return;
    const [x, y] = at(event), now = pen.current;
    if (Math.abs(x - now.x) + Math.abs(y - now.y) < 3 || now.path.length > LONGEST) return;
    pen.current = { path: `${now.path}l${x - now.x} ${y - now.y}`, x, y };
    draw(pen.current.path);
  };
  const up = () => {
    if (drawn === null) return;
    draw(null);
    sign(put, item.name, pen.current.path);
  };
  return html`<p class="label">${said}</p>
    <svg class="sign" viewBox=${`0 0 ${WIDE} ${HIGH}`} role="img" aria-label=${`${label}：${strokes ? "已签名" : "请用手指签名"}`}
      onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${up}>
      ${!strokes && drawn === null && html`<text x="160" y="82" text-anchor="middle">请在这里签名</text>`}
        <path d=${drawn ?? strokes} /></svg>
    ${values?.[item.name] && html`<${Button} onClick=${() => { put(`${item.name}_strokes`, undefined); put(item.name, undefined);
      }}>重签<//>`}`;
}

/** @param {(name: string, value: any) => void} put @param {string} name @param {string} path */
async function sign(put, name, path) {
  put(`${name}_strokes`, path);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(path));
  put(name, [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
}

/** @type {Record<string, any>} */
const KINDS = { whole: NumberBox, decimal: NumberBox, date: Day, month: NumberBox, instant: Moment, text: Words, code: Coded,
  codes: Coded, truth: Truth, rows: Rows };

/** Every field of a section, or only some of them. `skip` names fields that the screen asks itself; `said`: names in plainer
 * words.
 * @param {{form: Form, place: string, declared: any, name: string, only?: string[], skip?: string[], subject?: string|null,
 * said?: Record<string, string>}} props */
export function SectionFields({ form, place, declared, name, only, skip = [], subject, said = {} }) {
  const section = declared.byName.get(family(name));
  const values = form.sections(place)[name];
  const fields = section.fields.filter((/** @type {Item} */ item) => asked(declared, name, item, values)
    && (!only || only.includes(item.name)) && !skip.includes(item.name));
  return fields.map((/** @type {Item} */ item) => {
    const id = `${place}:${name}.${item.name}`;
    const sum = sumOf(form, place, declared, `${name}.${item.name}`);
    return html`<${FieldOf} key=${id} form=${form} item=${item} id=${id} values=${values} subject=${subject}
      label=${said[item.name] ?? item.zh} chain=${onPad(item) ? `${place}:${name}` : null}
      put=${(/** @type {string} */ field, /** @type {any} */ value) => form.put(place, name, field, value)}
        issue=${issueOf(form, name, item)} />
      ${sum !== null && sum !== values?.[item.name] && html`<${Button} onClick=${() => form.put(place, name, item.name, sum)}>各项合计
        ${sum}，填入<//>`}`;
  });
}

/** What a number has to be that is the sum of others, once all of them are there.
 * @param {Form} form @param {string} place @param {any} declared
 * @param {string} path */
function sumOf(form, place, declared, path) {
  const parts = declared.about.checks.find((/** @type {any} */ one) =>
    one.total === path)?.parts.map((/** @type {string} */ part) => form.get(place,
    ...(/** @type {[string, string]} */ (part.split(".")))));
  return parts?.every(Number.isInteger) ? parts.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0) : null;
}

/** What is wrong with a field, once it is time to say so. @param {Form} form @param {string} section @param {Item} item */
export function issueOf(form, section, item) {
  const found = form.issues.filter((one) => one.section === section
    && (one.field === item.name || one.field?.startsWith(`${item.name}.`)));
  const told = found.find((one) => (one.code === "required" || one.code === "null" ? form.asked
    : !form.active?.id.includes(`:${section}.${item.name}`)));
  return told ? issueText(told.code) : null;
}

/** Whether a person is asked: not what the rules keep, nor the mark that a touch sets, not the strokes beside a signature, and no photographs yet.
 * @param {any} declared @param {string} name @param {Item} item @param {any} values */
export function asked(declared, name, item, values) {
  const path = `${family(name)}.${item.name}`;
  const kept = declared.rules.some((/** @type {any} */ table) => table.kept === path) || item.name === "rules_version";
  return !kept && !item.drawn && item.name !== "carried_over" && (item.to !== "photo" || Boolean(values?.[item.name]?.length));
}

