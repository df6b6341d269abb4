/** 居民: search, groups, and everybody. */
import { Button, Chips, Empty, html, Page, Shape, useAnswer, useState } from "./parts.js";
import { GroupChips, Long, ResidentRow } from "./rows.js";
import { tags } from "./words.js";

/** The search box; with something typed in it, who is found stands in the place of the children.
 * @param {{app: import("./app.js").App, text: string, onText: (text: string) => void, children?: any}} props */
export function Search({ app, text, onText, children }) {
  const { value: found = null } = useAnswer(() => (text.trim() ? app.client.search(text.trim()) : null), [text, app.rows]);
  return html`<div class="search" role="search"><${Shape} name="search" />
    <input type="search" aria-label="查找居民：姓名、拼音首字母、电话后4位"
      placeholder=${app.settings.font ? "姓名、拼音、电话" : "姓名、拼音首字母、电话后4位"}
      value=${text} onInput=${(/** @type {any} */ e) => onText(e.target.value)} autocomplete="off" autocapitalize="none"
      spellcheck="false" enterkeyhint="search" />
    ${text && html`<button type="button" onClick=${() => onText("")}>清除</button>`}</div>
    ${found === null ? children : html`<div role="status" class="visually-hidden">${`找到${found.length}人`}</div>
      ${found.length ? html`<ul class="list">
        ${found.map((/** @type {any} */ row) => html`<${ResidentRow} key=${row.resident} app=${app} row=${row} />`)}</ul>`
        : html`<${Empty}>没有找到。可以少输几个字，或只输电话后4位。<//>`}`}`;
}

const FIRST = 4; // groups shown at once
const MORE = "more";

/** @type {Intl.Collator|undefined} made with the first list: it takes a slow phone a tenth of a second */
let byPinyin;
/** @type {WeakMap<any[], any[]>} */
const inOrder = new WeakMap();

/** By name, sorted once. @param {any[]} rows @returns {any[]} */
function byName(rows) {
  const { compare } = (byPinyin ??= new Intl.Collator("zh-Hans-CN-u-co-pinyin"));
  if (!inOrder.has(rows)) inOrder.set(rows, [...rows].sort((a, b) => compare(a.name, b.name)));
  return inOrder.get(rows) ?? rows;
}

/** @param {{app: import("./app.js").App}} props */
export function Residents({ app }) {
  const [text, look] = useState(app.here.text ?? "");
  const [whole, all] = useState(false);
  const chosen = app.here.population ?? "";
  const { catalogue } = app.client;
  const every = new Map();
  for (const row of app.rows) for (const code of row.groups) every.set(code, (every.get(code) ?? 0) + 1);
  const options = [...every].filter(([code]) => tags(catalogue, [code]).length).sort((a, b) => b[1] - a[1])
    .map(([value, count]) => ({ value, label: `${tags(catalogue, [value])[0]} ${count}` }));
  const shown = whole ? options : options.filter(({ value }, i) => i < FIRST || value === chosen);
  const { group } = app.here;
  const rows = byName(app.rows).filter((row) => (!chosen || row.groups.includes(chosen)) && (!group || row.group === group));
  const more = options.length > shown.length ? [{ value: MORE, label: "更多人群" }] : [];
  const choose = (/** @type {string} */ one) => {
    if (one === MORE) return all(true);
    app.here.population = one;
    app.changed();
  };
  return html`<${Page} app=${app} title="居民" tab="residents">
    <${Search} app=${app} text=${text} onText=${(/** @type {string} */ typed) => { app.here.text = typed; look(typed); }}>
      <${Chips} label="人群" hidden options=${[{ value: "", label: `全部 ${app.rows.length}` }, ...shown, ...more]} value=${chosen}
        onChange=${choose} />
      <${GroupChips} app=${app} every="各组" />
      <${Long} app=${app} name=${`all${chosen}${group ?? ""}`} of=${rows}
        each=${(/** @type {any} */ row) => html`<${ResidentRow} key=${row.resident} app=${app} row=${row} />`} />
      <div class="buttons"><${Button} onClick=${() => app.go("#/form/resident/new")}>新建居民档案<//></div><//><//>`;
}
