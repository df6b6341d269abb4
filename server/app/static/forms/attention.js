/** 需要处理: what two people changed apart, what came back, what has to be completed, and what others decided. */
import { html, Button, Empty, Notice, Page, useRead, useState } from "../parts.js";
import { editing } from "../states.js";
import { asideWords, dayWords, formName } from "../words.js";
import { called, issueText, refusal, sectionLines, sectionName, sectionText } from "./words.js";

const SHOWN = 20;

/** `赵护士 11月19日也改了这条。您的记录已保留，等组长核对。` @param {any} app @param {any} view */
export function conflictWords(app, view) {
  const me = app.status.person.id;
  const claims = Object.values(view.conflicts).flat();
  const others = claims.filter((/** @type {any} */ one) => one.author !== me);
  const mine = claims.some((/** @type {any} */ one) => one.author === me);
  const by = [...new Map(others.map((/** @type {any} */ one) => [one.author, one])).values()]
    .map((/** @type {any} */ one) => `${called(app, "person", one.author)} ${dayWords(one.written_at, app.today())}`);
  if (!by.length) return "这条在两部手机上分别改过。两份都已保留，等组长核对。";
  return mine ? `${by.join("、")}也改了这条。您的记录已保留，等组长核对。` : `${by.join("、")}分别改了这条。各人的记录都已保留，等组长核对。`;
}

/** @type {Record<string, string>} who may decide about what was set aside */
const ROLES = { team_leader: "组长", township_supervisor: "乡镇监管员" };

/** `组长 李文静 11月20日没有采用：不是本村居民。`; of what nobody has decided about, why it lies apart and what then.
 * @param {any} app @param {import("../states.js").Aside[]} aside of one record */
export function setAsideWords(app, aside) {
  const open = aside.filter((one) => !one.decided).at(-1);
  const refused = aside.flatMap(({ decided: one }) => {
    if (!one) return [];
    const { name, role } = one.decided_by ?? { name: "系统管理员", role: "" };
    const why = one.decision ? `：${one.decision.replace(/[。.]$/, "")}` : "，原因请问组长";
    return [`${ROLES[role] ?? ""} ${name} ${dayWords(one.decided_at, app.today())}没有采用${why}。`.trim()];
  });
  return [...new Set(refused), open ? asideWords(open.reason) : "您写的都还在。"].join("");
}

/** @param {{app: any}} props */
export function AttentionScreen({ app }) {
  const { client } = app;
  const [whole, all] = useState(false);
  const read = useRead(app, async () => {
    const needs = await client.needsAttention();
    const views = new Map(await Promise.all(needs.filter((/** @type {any} */ one) => one.state === "conflict")
      .map(async (/** @type {any} */ one) => [one.record, await client.get(one.record)])));
    return { needs, views, decided: [...await client.decisions()].reverse() };
  });
  if (!read) return html`<${Page} app=${app} title="需要处理" back="#/sync" tab="sync"><p>正在打开</p><//>`;
  const name = (/** @type {any} */ one) =>
    `${app.byId.get(one.subject)?.name ?? ""} ${kind(app, one.type)} ${dayWords(one.on, app.today())}`.trim();
  const of = (/** @type {string} */ state) => read.needs.filter((/** @type {any} */ one) => one.state === state);
  const holes = of("received");
  const acknowledge = (/** @type {string} */ record) =>
    client.acknowledge(record).catch((/** @type {any} */ error) => app.warn(refusal(error)));
  return html`<${Page} app=${app} title="需要处理" back="#/sync" tab="sync">
    ${read.needs.length + read.decided.length === 0 && html`<${Empty}>没有需要处理的。<//>`}
    ${of("conflict").length > 0 && html`<h2>两人都改过 <small>${of("conflict").length}份</small></h2>`}
    ${of("conflict").map((/** @type {any} */ one) => html`<section class="card" key=${one.record}><h3>${name(one)}</h3>
      <p>${conflictWords(app, read.views.get(one.record))}</p><a class="button" href=${`#/conflict/${one.record}`}>看看有什么不同</a>
      </section>`)}
    ${of("set_aside").length > 0 && html`<h2>被退回 <small>${of("set_aside").length}份</small></h2>`}
    ${of("set_aside").map((/** @type {any} */ one) => html`<section class="card" key=${one.record}><h3>${name(one)}</h3>
      <p>${setAsideWords(app, one.aside)}</p><div class="buttons">
      ${one.aside.some((/** @type {any} */ { decided }) => decided)
        && html`<${Button} onClick=${() => acknowledge(one.record)}>知道了<//>`}
      <a class="button" href=${`#/record/${one.record}`}>看我写的</a></div></section>`)}
    ${holes.length > 0 && html`<h2>要补填或核对 <small>${holes.length}份</small></h2>
      <ul class="list">${holes.slice(0, whole ? undefined : SHOWN)
      .map((/** @type {any} */ one) => html`<li key=${one.record}><a class="row low" href=${editing(one)}><span>${name(one)}<br />
      <small>${places(app, one)}：${issueText(one.reason)}</small></span></a></li>`)}</ul>
      ${!whole && holes.length > SHOWN && html`<${Button} wide onClick=${() => all(true)}>显示全部${holes.length}份<//>`}`}
    ${read.decided.length > 0 && html`<h2>处理结果</h2>`}
    ${read.decided.map((/** @type {any} */ one) =>
      html`<${Decided} key=${one.record + one.written_at} app=${app} decision=${one} />`)}<//>`;
}

/** @param {any} app @param {string} type */
const kind = (app, type) => formName(app.client.catalogue, type);

/** @param {any} app @param {any} one */
const places = (app, one) => one.sections.map((/** @type {string} */ name) => sectionName(app,
  app.client.catalogue.types.get(one.type), name)).join("、");

/** What was decided: by whom, when, why; what holds, and what gave way. @param {{app: any, decision: any}} props */
function Decided({ app, decision: one }) {
  const declared = app.client.catalogue.types.get(one.type);
  const lost = (/** @type {string} */ name) => one.lost.filter((/** @type {any} */ gone) => gone.section === name);
  return html`<section class="card"><h3>${kind(app, one.type)}：
    ${one.about.map((/** @type {string} */ name) => sectionName(app, declared, name, one.kept[name])).join("、")}</h3>
    <p>${called(app, "person", one.author)} ${dayWords(one.written_at, app.today())} ${one.returned.length ? "退回，请核实后再改" : "已核对"}
      ${one.reason ? `。理由：${one.reason}` : ""}</p>
    ${one.about.map((/** @type {string} */ name) =>
      html`<div key=${name}>${!one.returned.includes(name) && one.kept[name] !== undefined
      && html`<p><b>采用</b> ${sectionText(app, declared, name, one.kept[name])}</p>`}
      ${lost(name).map((/** @type {any} */ gone) => html`<p class="muted"><b>未采用</b>（${called(app, "person", gone.author)} 写的）
        ${sectionText(app, declared, name, gone.value)}</p>`)}</div>`)}
    <a class="button" href=${`#/record/${one.record}`}>打开这份记录</a></section>`;
}

/** What two people wrote, side by side. No decision is asked here. @param {{app: any, params: string[]}} props */
export function ConflictScreen({ app, params: [record] }) {
  const { client } = app;
  const read = useRead(app,
    async () => ({ view: await client.get(record), decided: [...await client.decisions(record)].reverse() }), [record]);
  if (!read) return html`<${Page} app=${app} title="两人都改过" back="#/attention" tab="sync"><p>正在打开</p><//>`;
  const { view, decided } = read;
  const declared = client.catalogue.types.get(view.type);
  const sections = Object.entries(view.conflicts);
  return html`<${Page} app=${app} title="两人都改过" note=${app.byId.get(view.subject)?.name ?? ""} back="#/attention" tab="sync">
    ${sections.length > 0 ? html`<${Notice} tone="amber">${conflictWords(app, view)}<//>` : html`<${Notice}>已经核对好了。<//>`}
    ${sections.map(([name, claims]) => html`<section key=${name}><h2>${sectionName(app, declared, name, claims.at(-1)?.value)}
      </h2><${Beside} app=${app} declared=${declared} name=${name} claims=${claims} /></section>`)}
    ${sections.length > 0 && html`<p class="hint">您不用现在决定。如果自己那一份写错了，可以修改；组长会看到您最后写的。</p><p>
      <a class="button wide" href=${editing({ record, type: view.type, subject: view.subject })}>修改我写的</a></p>`}
    ${decided.map((/** @type {any} */ one) => html`<${Decided} key=${one.written_at} app=${app} decision=${one} />`)}<//>`;
}

/** The values of a section beside each other; only what differs, the rest in one line.
 * @param {{app: any, declared: any, name: string, claims: any[]}} props */
function Beside({ app, declared, name, claims }) {
  const lines = claims.map((one) => new Map(sectionLines(app, declared, name, one.value)));
  const fields = [...new Set(lines.flatMap((one) => [...one.keys()]))];
  const differing = fields.filter((field) => new Set(lines.map((one) => one.get(field) ?? "")).size > 1);
  if (!differing.length && claims.every((one) => one.value !== null)) {
    return html`<p>${claims.length === 2 ? "两份" : `${claims.length}份`}在这部手机能显示的项目里都一样。不同的是新版本才有的项目，组长那里看得到。</p>`;
  }
  return html`<div class="beside">${claims.map((one, i) => html`<div class="claim" key=${one.dot.join()}>
      <h3>${one.author === app.status.person.id ? "您" : called(app, "person", one.author)} <small>
        ${dayWords(one.written_at, app.today())}</small></h3>
      ${one.value === null ? html`<p>已清空</p>`
        : differing.map((field) => html`<p key=${field}><span class="muted">${field}</span><br />
        <b>${lines[i].get(field) ?? "没有填"}</b></p>`)}</div>`)}</div>
    ${fields.length > differing.length && html`<p class="hint">相同的${fields.length - differing.length}项没有列出。</p>`}`;
}

