/** The parts that every screen is made of. Touch targets are at least 48 px, main ones 60; nothing hovers, nothing pops up. */
import { html, useEffect, useLayoutEffect, useRef, useState } from "./vendor/standalone.module.js";
import { agoWords, STATES, timeWords } from "./words.js";

export { html, useEffect, useLayoutEffect, useRef, useState };

/** Ask anew whenever something of `on` is another: the last answer that came, or why there is none; of what was asked before
 * nothing comes any more.
 * @template T @param {() => Promise<T>|T} ask @param {any[]} on @returns {{value?: T, error?: any}} */
export function useAnswer(ask, on) {
  const [found, keep] = useState(/** @type {{value?: T, error?: any}} */ ({}));
  useEffect(() => {
    let alive = true;
    Promise.resolve().then(ask)
      .then((value) => alive && keep({ value }), (error) => alive && keep(({ value }) => ({ value, error })));
    return () => { alive = false; };
  }, on);
  return found;
}

/** Read from the client again whenever something changed; undefined until the first answer. A failure is thrown into the screen.
 * @template T @param {import("./app.js").App} app @param {() => Promise<T>|T} read @param {any[]} [on] @returns {T|undefined} */
export function useRead(app, read, on = []) {
  const { value, error } = useAnswer(read, [app.status, app.rows, ...on]);
  if (error) throw error;
  return value;
}

/** A shape in the colour of the text, by its name in PATHS. @param {{name: string}} props */
export const Shape = ({ name }) => html`<svg class="shape" viewBox="0 0 24 24" aria-hidden="true">
  <path d=${PATHS[name]} class=${`s-${name}`} /></svg>`;

const ROUND = "M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14Z";
/** @type {Record<string, string>} */
const PATHS = {
  back: "M15 4 7 12l8 8", on: "m9 4 8 8-8 8", search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm5 11.5 5 5",
  ring: ROUND, dot: ROUND, square: "M5 5h14v14H5Z", bar: "M4 12h16", triangle: "M12 4 22 20H2Z", up: "M12 20V5m-6 6 6-6 6 6",
  today: "M4 6h16v14H4ZM4 10h16M8 3v5m8-5v5m-8 6 3 3 5-5",
  residents: "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7 9c0-4 3-6 7-6s7 2 7 6m0-9a3.5 3.5 0 0 0 0-7m2 10c2.5.6 4 2.5 4 6",
  sync: "M4 11a8 8 0 0 1 14-5l2 2m0-5v5h-5m5 5a8 8 0 0 1-14 5l-2-2m0 5v-5h5",
  call: "M6 3h3l2 5-2.5 1.5a11 11 0 0 0 6 6L16 13l5 2v3c0 2-1 3-3 3C10 21 3 14 3 6c0-2 1-3 3-3Z",
};

/** A page: header, sync strip, the line that tells, content, and either the tabs or a foot with the main button.
 * `title` gets the focus when the page opens. `back`: true, or the address to go to where there is no page before this one.
 * `tabTitle`: where the title names somebody, for the browser keeps it in its history, in plain text.
 * @param {{app: import("./app.js").App, title: string, tabTitle?: string, note?: string, back?: boolean|string, tab?: string,
 *   foot?: any, children?: any}} props */
export function Page({ app, title, tabTitle = title, note, back, tab, foot, children }) {
  const heading = useRef(/** @type {HTMLElement|null} */ (null));
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useEffect(() => { document.title = `${tabTitle} · 村医`; }, [tabTitle]);
  return html`
    <header class="top">
      <div class=${`bar ${back ? "with-back" : ""}`}>
        ${back && html`<button class="back" onClick=${() => app.back(back === true ? undefined : back)}>
          <${Shape} name="back" /><span>返回</span></button>`}
        <h1 ref=${heading} tabindex="-1">${title}</h1>
        <p class="who">${note ?? place(app)}</p>
      </div>
      ${app.practice && html`<p class="practice">练习模式：都是虚构的人，不会上传</p>`}
      <${Strip} app=${app} />
      <div role="status">${app.told && html`<p class=${`told ${app.told.bad ? "bad" : ""}`}><span>${app.told.text}</span>
        ${app.told.undo && html`<button onClick=${undoing(app)}>撤销</button>`}</p>`}</div>
    </header>
    <main>${children}</main>
    ${foot ? html`<footer class="foot">${foot}</footer>` : tab && html`<${Tabs} tab=${tab} />`}`;
}

/** @param {import("./app.js").App} app */
const undoing = (app) => () => {
  const undo = app.told?.undo;
  app.hush();
  undo?.();
};

/** @param {import("./app.js").App} app */
const place = (app) => [app.village, app.status?.person?.name].filter(Boolean).join(" · ");

const TABS = [["today", "今日"], ["residents", "居民"], ["sync", "同步"]];

/** @param {{tab: string}} props */
const Tabs = ({ tab }) => html`<nav class="tabs" aria-label="主要页面">${TABS.map(([name, words]) =>
  html`<a href=${`#/${name}`} aria-current=${name === tab ? "page" : null}><${Shape} name=${name} />${words}</a>`)}</nav>`;

/** How it stands with the line and with what waits, on every page; leads to 同步. @param {{app: import("./app.js").App}} props */
function Strip({ app }) {
  if (!app.status) return null;
  const { tone, shape, text } = stripWords(app);
  return html`<a class=${`strip ${tone}`} href="#/sync"><${Shape} name=${shape} /><span>${text}</span>
    <small>${app.practice ? "" : agoWords(app.status.lastSync, app.now())}</small></a>`;
}

const LATE_HOURS = 12;

/** What the strip says. @param {import("./app.js").App} app @returns {{tone: string, shape: string, text: string}} */
export function stripWords(app) {
  const { waiting, lastSync } = app.status;
  const hours = lastSync ? Math.floor((app.now().getTime() - Date.parse(lastSync)) / 3_600_000) : 0;
  if (app.practice) return { tone: "grey", shape: "ring", text: "练习模式，不上传" };
  if (app.syncing) {
    const { pushed = 0, waiting: left = waiting, pulled = 0 } = app.progress ?? {};
    const text = pushed + left ? `正在上传 ${pushed}/${pushed + left}` : pulled ? `正在下载 ${pulled}条` : "正在同步";
    return { tone: "grey", shape: "up", text };
  }
  if (waiting && hours >= LATE_HOURS) {
    return { tone: "amber", shape: "triangle", text: `${waiting}条已${hours}小时未上传，请到有信号处` };
  }
  const also = waiting ? ` · ${waiting}条待上传` : "";
  if (!app.online || !app.reached) {
    return { tone: "grey", shape: "ring", text: `${app.online ? "连不上服务器" : "离线 可以正常工作"}${also}` };
  }
  if (app.attention) return { tone: "red", shape: "square", text: `${app.attention}条需要处理${also}` };
  if (waiting) return { tone: "amber", shape: "triangle", text: `${waiting}条待上传` };
  return lastSync ? { tone: "green", shape: "dot", text: "全部已上传" } : { tone: "amber", shape: "triangle", text: "还没有同步过" };
}

/** A button with a verb. `kind`: main (60 px), second, danger, plain. @param {any} props */
export const Button = ({ kind = "second", wide, children, ...rest }) =>
  html`<button type="button" class=${`button ${kind} ${wide ? "wide" : ""}`} ...${rest}>${children}</button>`;

/** Choices beside each other: one of them, or `many`; `hidden`: the label is heard, not seen.
 * @param {{label: string, options: {value: string, label: string}[], value: any, onChange: (value: any) => void, many?: boolean,
 *   hidden?: boolean}} props */
export function Chips({ label, options, value, onChange, many, hidden }) {
  const chosen = (/** @type {string} */ one) => (many ? (value ?? []).includes(one) : value === one);
  const turn = (/** @type {string} */ one) =>
    onChange(!many ? one : chosen(one) ? value.filter((/** @type {string} */ other) => other !== one) : [...(value ?? []), one]);
  return html`<fieldset class="chips"><legend class=${hidden ? "visually-hidden" : ""}>${label}</legend>${options.map((option) =>
    html`<button type="button" class="chip" aria-pressed=${String(chosen(option.value))} onClick=${() => turn(option.value)}>
      ${option.label}</button>`)}</fieldset>`;
}

/** A labelled line to type in. `error` says what to do and takes the focus to the field when it appears. @param {any} props */
export function Field({ label, error, value, onInput, ...rest }) {
  const [id] = useState(() => `f${(fields += 1)}`);
  const input = useRef(/** @type {HTMLElement|null} */ (null));
  useEffect(() => { if (error) input.current?.focus(); }, [error]);
  return html`<div class="field"><label for=${id}>${label}</label>
    <input autocomplete="off" id=${id} ref=${input} value=${value ?? ""}
      onInput=${(/** @type {any} */ e) => onInput(e.target.value)}
      aria-describedby=${error ? `${id}e` : null} aria-invalid=${error ? "true" : null} ...${rest} />
    ${error && html`<p class="error" id=${`${id}e`} role="alert">${error}</p>`}</div>`;
}
let fields = 0;

/** Our own number pad; keys of 60 px. `onKey` gets a digit or "del".
 * @param {{onKey: (key: string) => void, label: string}} props */
export const NumberPad = ({ onKey, label }) => html`<div class="pad" role="group" aria-label=${label}>
  ${[..."123456789", "", "0", "del"].map((key) => (key
    ? html`<button type="button" onClick=${() => onKey(key)}>${key === "del" ? "删除" : key}</button>`
    : html`<span></span>`))}</div>`;

/** The state of a record: shape, word and colour. @param {{state: "waiting"|"sent"|"aside"|"conflict"|"void"}} props */
export const StateMark = ({ state }) =>
  html`<span class=${`mark ${state}`}><${Shape} name=${STATES[state][0]} />${STATES[state][1]}</span>`;

/** A paragraph that stands out. `tone`: green, amber, red, grey. @param {any} props */
export const Notice = ({ tone = "green", children, ...rest }) =>
  html`<div class=${`notice ${tone}`} ...${rest}>${children}</div>`;

/** What the browser has answered to the request to keep all this. @param {{kept: boolean}} props */
export const Kept = ({ kept }) => html`<${Notice} tone=${kept ? "green" : "amber"}>${kept ? "手机已答应保留这些资料，不会自动清理。"
  : "手机没有答应保留资料：空间不足时可能被清理。请把“村医”固定到桌面，并常到有信号处同步；不要清除浏览器数据。"}<//>`;

/** As long as the phone's clock is wrong, and it is known by how much. @param {{app: import("./app.js").App}} props */
export function WrongClock({ app }) {
  const [phone, time] = [new Date(), app.now()];
  return Math.abs(time.getTime() - phone.getTime()) > 1000 && html`<${Notice} tone="amber">
    <p>手机的时间不对：手机上是${timeWords(phone)}，应是<strong>${timeWords(time)}</strong>。</p>
    <p>请到手机设置里打开“自动确定日期和时间”。可以照常工作，名单和新表的日期不按手机的时间算。</p><//>`;
}

/** A line of a list that leads to another page. @param {any} props */
export const Link = ({ to, children }) =>
  html`<li><a class="row low" href=${to}><span>${children}</span><${Shape} name="on" /></a></li>`;

/** Nothing is here, and what to do. @param {any} props */
export const Empty = ({ children }) => html`<p class="empty">${children}</p>`;

/** A question in the page itself, never over it.
 * @param {{ask: any, yes: string, no?: string, danger?: boolean, onYes: () => void, onNo: () => void}} props */
export function Confirm({ ask, yes, no = "取消", danger, onYes, onNo }) {
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  useEffect(() => box.current?.focus(), []);
  return html`<div class="confirm" role="group" tabindex="-1" ref=${box} aria-label="请确认"><p>${ask}</p><div class="buttons">
    <${Button} kind=${danger ? "danger" : "main"} onClick=${onYes}>${yes}<//><${Button} onClick=${onNo}>${no}<//></div></div>`;
}

/** Terms and what they are: [term, value] pairs; those without a value are left out. @param {{of: [string, any][]}} props */
export const Facts = ({ of }) => html`<dl class="facts">${of.filter(([, value]) => (value ?? "") !== "")
  .map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;

/** Readings over time as lines, with limits. `points`: oldest first, each a day and one number or null per line.
 * @param {{label: string, unit: string, names: string[], limits: number[], points: {on: string, values: (number|null)[]}[]}}
 * props */
export function Line({ label, names, points, limits, unit }) {
  const every = [...points.flatMap((point) => point.values), ...limits].filter((value) => value !== null);
  const [low, high] = [Math.min(...every), Math.max(...every)];
  const span = high - low || 1;
  const x = (/** @type {number} */ i) => (points.length > 1 ? 24 + (i * 244) / (points.length - 1) : 146);
  const y = (/** @type {number} */ value) => 118 - ((value - low) / span) * 92;
  const words = points.map((point) => `${point.on} ${point.values.join("/")}`).join("，");
  return html`<figure class="readings"><figcaption>${label} <small>${unit}</small></figcaption>
    <svg viewBox="0 0 320 156" role="img" aria-label=${`${label}：${words}`}>
      ${limits.map((limit) => html`<path class="limit" d=${`M8 ${y(limit)}H288`} />
        <text class="limit-word" x="293" y=${y(limit) + 4}>${limit}</text>`)}
      ${names.map((_, line) => {
        const seen = points.map(({ values }, i) => ({ value: values[line], x: x(i), y: y(Number(values[line])) }))
          .filter(({ value }) => value !== null);
        return html`<path class=${`line l${line}`} d=${seen.map((one, n) => `${n ? "L" : "M"}${one.x} ${one.y}`).join("")} />
          ${seen.map((one) => html`<circle class=${`l${line}`} cx=${one.x} cy=${one.y} r="4.5" />
            <text x=${one.x} y=${one.y + (line ? 18 : -9)} text-anchor="middle">${one.value}</text>`)}`;
      })}
      ${points.map(({ on }, i) => html`<text class="day" x=${x(i)} y="151" text-anchor="middle">
        ${on.slice(5).replace("-", "/")}</text>`)}
    </svg></figure>`;
}
