/** My work: the records of a month, which count and which do not, and why. */
import { html, Button, Empty, Notice, Page, useRead, useState } from "../parts.js";
import { monthsLater } from "../../../../client_sdk/js/sync/days.js";
import { agoWords, dayWords, formName, label } from "../words.js";

/** What a record counts for, in words; each once. @param {any} catalogue @param {string[]} counts */
const countWords = (catalogue, counts) => [...new Set(counts.map((one) => {
  const [what, disease = ""] = one.split(":");
  return (catalogue.code("disease", disease)?.zh ?? "") + label(catalogue, "work_counts", what);
}))].join("、");

const SHOWN = 30; // of those that count, until all are asked for

/** @param {{app: any, params: string[]}} props */
export function WorkScreen({ app, params: [wanted] }) {
  const { client } = app;
  const { catalogue } = client;
  const present = app.today().slice(0, 7), month = wanted ?? present;
  const [all, show] = useState(false);
  const read = useRead(app, async () => ({ lines: await client.myWork(month), asked: await client.reportsAsOf(month) }), [month]);
  const lines = read ? [...read.lines].reverse() : [];
  const counted = lines.filter((line) => line.counted);
  const left = lines.filter((line) => !line.counted);
  const near = (/** @type {number} */ n) => monthsLater(`${month}-01`, n).slice(0, 7);
  const one = (/** @type {any} */ line, /** @type {number} */ i) => {
    const who = line.residents.map((/** @type {string} */ id) => app.byId.get(id)?.name).filter(Boolean).join("、");
    const why = line.reason ? label(catalogue, "work_reason", line.reason) : countWords(catalogue, line.counts);
    return html`<li key=${line.record + i}><a class="row low" href=${`#/record/${line.record}`}><span>
      <b>${who || "—"}</b> ${formName(catalogue, line.type)}<br /><small>${dayWords(line.on, app.today()) || "没有日期"} · ${why}
      ${line.waiting && line.reason !== "not_received" ? " · 有修改待上传" : ""}</small></span></a></li>`;
  };
  return html`<${Page} app=${app} title="我的工作" back="#/sync" tab="sync">
    <div class="month"><a class="button" href=${`#/work/${near(-1)}`}>上个月</a>
      <b>${month.replace(/-0?/, "年")}月</b>
      ${month < present ? html`<a class="button" href=${`#/work/${near(1)}`}>下个月</a>` : html`<span></span>`}</div>
    ${read && html`<div class="figures"><p>已计入<b>${counted.length}</b></p><p>未计入<b>${left.length}</b></p></div>
      <p class="hint">${read.asked ? `报表情况是${agoWords(read.asked, app.now())}问到的`
        : month < present ? "还没有问到这个月的报表，请先同步" : "按手机里的资料计算，以服务器为准"}</p>
      ${lines.length === 0 && html`<${Empty}>这个月还没有记录。<//>`}
      ${left.length > 0 && html`<h2>未计入 <small>和原因</small></h2><ul class="list">${left.map(one)}</ul>`}
      ${counted.length > 0 && html`<h2>已计入</h2><ul class="list">${counted.slice(0, all ? undefined : SHOWN).map(one)}</ul>
        ${!all && counted.length > SHOWN && html`<${Button} wide onClick=${() => show(true)}>显示全部${counted.length}条<//>`}`}`}
    ${!read && html`<${Notice} tone="grey">正在计算<//>`}<//>`;
}
