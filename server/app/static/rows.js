/** A resident as a row of a list, and lists that stay fast with thousands of rows. */
import { formsFor } from "./forms/offered.js";
import { Chips, html, useEffect, useRef, useState } from "./parts.js";
import { addDays } from "../../../client_sdk/js/sync/days.js";
import { dayWords, dueName, dueWords, sexAndAge, tags, whole } from "./words.js";

const PAGE = 40;
/** So many days ahead a list counts the days; what is due later it names by its date. */
export const WEEK = 7;
/** Between two facts about somebody; it never begins a line. */
export const DOT = "\u00a0· ";

/** `女 67岁 · 3组 · 上次 152/94`. @param {any} row @param {string} today */
function about(row, today) {
  const unbroken = (/** @type {string} */ text) => whole(text.replaceAll(" ", "\u00a0"));
  const last = ["hypertension", "diabetes"].map((disease) => row.last?.[disease]?.text).filter(Boolean)
    .map((text, i) => unbroken(i ? text : `上次 ${text}`)).join("、");
  return [unbroken(sexAndAge(row.sex, row.birth_date, today)), row.group, last].filter(Boolean).join(DOT);
}

/** Where a row leads: to the form of the visit that is due, else to the resident. @param {any} row @param {any} [item] */
const leads = (row, item) => {
  const due = item && formsFor(row).find(({ type }) => type.split("+").includes(item.what));
  return due ? `#/form/${due.type}/${row.resident}` : `#/resident/${row.resident}`;
};

/** One resident; the whole row is the target. `item`: what is due; `done`: something was written about them today.
 * @param {{app: import("./app.js").App, row: any, item?: any, more?: number, done?: boolean}} props */
export function ResidentRow({ app, row, item, more = 0, done }) {
  const today = app.today();
  const tone = done ? "done" : !item ? "" : item.urgency === "urgent" || item.by < today ? "overdue"
    : item.by === today ? "now" : "";
  const when = done ? "已完成" : !item ? "" : item.urgency === "urgent" ? "紧急"
    : item.by > addDays(today, WEEK) ? `${dayWords(item.by, today)}前` : dueWords(item.by, today);
  return html`<li><a class=${`row ${tone}`} href=${leads(row, item)}>
    <span class="name">${row.name}</span><span class="when">${when}</span>
    <span class="about">${about(row, today)}</span>
    <span class="about">${item && !done
      && html`<b>${dueName(app.client.catalogue, item)}${more > 0 && ` ${whole(`等${more + 1}项`)}`}</b>`}
      ${tags(app.client.catalogue, row.groups).map((tag) => html`<span class="tag">${tag}</span>`)}</span></a></li>`;
}

/** The villagers' groups of everybody, in the order of their numbers: which of them a list is narrowed to.
 * @param {{app: import("./app.js").App, every: string}} props */
export function GroupChips({ app, every }) {
  const groups = [...new Set(app.rows.map((row) => row.group ?? ""))].filter(Boolean)
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1));
  const choose = (/** @type {string} */ one) => { app.here.group = one; app.changed(); };
  return groups.length > 1 && html`<${Chips} label="村民小组" hidden
    options=${[{ value: "", label: every }, ...groups.map((one) => ({ value: one, label: one }))]} value=${app.here.group ?? ""}
    onChange=${choose} />`;
}

/** As many rows as were looked at, more as the end comes near. `each` draws one.
 * @param {{app: import("./app.js").App, of: any[], each: (one: any) => any, name: string}} props */
export function Long({ app, of, each, name }) {
  const kept = `${location.hash} ${name}`;
  const [count, show] = useState(app.places.get(kept) ?? PAGE);
  const end = useRef(/** @type {HTMLElement|null} */ (null));
  const more = () => {
    app.places.set(kept, count + PAGE);
    show(count + PAGE);
  };
  useEffect(() => {
    if (!end.current) return;
    const watcher = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && more(), { rootMargin: "800px" });
    watcher.observe(end.current);
    return () => watcher.disconnect();
  }, [count, of]);
  return html`<ul class="list">${of.slice(0, count).map(each)}</ul>
    ${of.length > count && html`<button class="button wide" ref=${end} onClick=${more}>继续显示（还有${of.length - count}）</button>`}`;
}
