/** 今日: who is due, the most pressing first, by 组. */
import { addDays } from "../../../client_sdk/js/sync/days.js";
import { Unfinished } from "./forms/drafts.js";
import { Empty, html, Page, useState, WrongClock } from "./parts.js";
import { Search } from "./residents.js";
import { GroupChips, Long, ResidentRow, WEEK } from "./rows.js";

/**
 * The rows of a day by section, the most pressing first. Pure.
 * @param {any[]} rows @param {string} today
 * @returns {{overdue: any[], now: any[], week: any[], soon: any[], done: any[]}} each `{row, item, more}`
 */
export function sections(rows, today) {
  /** @type {Record<string, any[]>} */
  const found = { overdue: [], now: [], week: [], soon: [], done: [] };
  const week = addDays(today, WEEK);
  for (const row of rows) {
    const [item, ...others] = [...row.due].sort(pressing);
    if (item) {
      const pressed = item.urgency === "urgent" || item.by < today;
      const when = pressed ? "overdue" : item.by === today ? "now" : item.by <= week ? "week" : "soon";
      found[when].push({ row, item, more: others.length });
    }
    if (row.served === today) found.done.push({ row, done: true });
  }
  for (const name of ["overdue", "now", "week", "soon"]) found[name].sort((a, b) => pressing(a.item, b.item));
  return /** @type {any} */ (found);
}

/** @param {any} a @param {any} b */
const pressing = (a, b) =>
  Number(b.urgency === "urgent") - Number(a.urgency === "urgent") || (a.by < b.by ? -1 : Number(a.by > b.by));

const TITLES = { overdue: "逾期", now: "今天", week: "7天内", soon: "近期", done: "今天已完成" };

/** @param {{app: import("./app.js").App}} props */
export function Today({ app }) {
  const [text, look] = useState("");
  const group = app.here.group ?? "";
  const rows = group ? app.rows.filter((row) => row.group === group) : app.rows;
  const found = sections(rows, app.today());
  const none = Object.values(found).every((one) => one.length === 0);
  return html`<${Page} app=${app} title="今日" tab="today">
    <${WrongClock} app=${app} />
    <${Search} app=${app} text=${text} onText=${look}>
      <${Unfinished} app=${app} />
      <${GroupChips} app=${app} every="全部" />
      ${app.behind > 0 && html`<p class="muted" role="status">正在整理今天的名单，还有${app.behind}人</p>`}
      ${none && !app.behind && html`<${Empty}>${app.rows.length ? "今天没有到期的人。" : "手机里还没有居民资料。请到有信号处，在“同步”里点“立即同步”。"}<//>`}
      ${Object.entries(TITLES).map(([name, title]) => {
        const of = found[/** @type {"done"} */ (name)];
        return of.length > 0 && html`<section key=${name}><h2>${title} <small>${of.length}人</small></h2>
          <${Long} app=${app} name=${name + group} of=${of}
            each=${(/** @type {any} */ one) => html`<${ResidentRow} key=${one.row.resident} app=${app} ...${one} />`} />
        </section>`;
      })}<//><//>`;
}
