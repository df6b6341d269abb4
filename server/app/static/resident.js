/** One resident: who it is, what is due, what to do, the last readings, what was written; and a household. */
import { formsFor } from "./forms/offered.js";
import { Button, Empty, Facts, html, Line, Link, Notice, Page, Shape, StateMark, useRead, useState } from "./parts.js";
import { DOT, ResidentRow } from "./rows.js";
import { shownOf } from "./shown.js";
import { asideOf, stateOf, withAside } from "./states.js";
import { dayWords, dueName, dueWords, formName, label, sexAndAge, tags } from "./words.js";

const READINGS = 6, SHOWN = 10;
const NOT_HISTORY = new Set(["resident", "same_person"]);

/** @param {{app: import("./app.js").App, params: string[]}} props */
export function Resident({ app, params: [id] }) {
  const { client } = app;
  const today = app.today();
  const [whole, all] = useState(false);
  const row = app.byId.get(id);
  const read = useRead(app, async () => ({
    view: await client.get(id), standing: await client.standing(id), readings: await client.readings(id),
    aside: await asideOf(client),
    records: [...await client.find({ subject: id }), ...await metAtHome(client, row)]
      .filter((/** @type {any} */ one) => !NOT_HISTORY.has(one.type)),
  }), [id]);
  if (!read) {
    return html`<${Page} app=${app} title=${row?.name ?? "居民"} tabTitle="居民" back="#/residents" tab="residents">
      <p>正在打开</p><//>`;
  }
  const { view, standing, aside, records, readings } = read;
  const { identity = {}, contact = {}, history = {}, residence = {} } = shownOf(client.catalogue.types.get("resident"),
    view.sections);
  const dated = latestFirst(app, withAside(records, aside, id));
  const next = [...standing.due].sort((a, b) => (a.by < b.by ? -1 : 1));
  const allergy = (history.drug_allergy ?? []).filter((/** @type {string} */ code) => code !== "none")
    .map((/** @type {string} */ code) =>
      (code === "other" && history.drug_allergy_other) || label(client.catalogue, "drug_allergy", code));
  const others = row?.household ? app.rows.filter((other) => other.household === row.household && other.resident !== id) : [];
  const phone = contact.phone || contact.contact_phone;
  const visits = formsFor(standing);
  return html`<${Page} app=${app} title=${identity.name ?? "居民"} tabTitle="居民" back="#/residents" tab="residents">
    <p>${[sexAndAge(identity.sex, identity.birth_date, today), row?.group, residence.address].filter(Boolean).join(DOT)}</p>
    <p>${tags(client.catalogue, standing.groups.map((/** @type {any} */ one) => one.code))
      .map((tag) => html`<span class="tag">${tag}</span>`)}</p>
    ${standing.status === "closed" && html`<${Notice} tone="grey">档案已结案
      ${standing.closed ? `：${label(client.catalogue, "record_close_reason", standing.closed)}` : ""}<//>`}
    ${stateOf(view, aside) !== "sent"
      && html`<p><${StateMark} state=${stateOf(view, aside)} /> <a class="button plain" href=${`#/record/${id}`}>个人档案有变动</a></p>`}
    ${allergy.length > 0 && html`<p class="allergy">过敏：${allergy.join("、")}</p>`}
    ${phone && html`<div class="card person"><p>${contact.phone ? "电话" : `联系人 ${contact.contact_name ?? ""}`}<br />
      <strong>${phone}</strong></p>
      <a class="button" href=${`tel:${phone.replace(/[^0-9+]/g, "")}`}><${Shape} name="call" />拨打</a></div>`}
    ${next[0] && html`<${Notice} tone=${next[0].by < today ? "red" : next[0].by === today ? "amber" : "green"}>下次：
      ${dueName(client.catalogue, next[0])} ${dayWords(next[0].by, today)}（${dueWords(next[0].by, today)}）
      ${next.length > 1 && html`<details><summary>另有${next.length - 1}项</summary>
        <ul>${next.slice(1).map((item) => html`<li>${dueName(client.catalogue, item)} ${dayWords(item.by, today)}</li>`)}</ul>
        </details>`}<//>`}
    <div class="buttons">
      ${visits.map(({ type }, i) => html`<a class=${`button ${i ? "" : "main"}`} href=${`#/form/${type}/${id}`}>
        ${formName(client.catalogue, type)}</a>`)}
      <a class="button" href=${row?.household ? `#/household/${row.household}/visit` : `#/form/home_visit/${id}`}>入户记录</a>
      <a class="button" href=${`#/plan/${id}`}>一人一策</a><a class="button" href=${`#/form/health_exam/${id}`}>体检</a>
      <a class="button" href=${`#/contract/${id}`}>签约</a><a class="button" href=${`#/forms/${id}`}>其他记录</a>
    </div>
    <${Readings} of=${readings} />
    <h2>记录 <small>${dated.length}份</small></h2>
    ${dated.length ? html`<ul class="list">
        ${dated.slice(0, whole ? undefined : SHOWN).map(recordRow(app, aside))}</ul>
        ${!whole && dated.length > SHOWN && html`<${Button} wide onClick=${() => all(true)}>显示全部记录<//>`}`
      : html`<${Empty}>还没有记录。<//>`}
    ${others.length > 0 && html`<h2>本户其他人 <small>${due(others) ? `${due(others)}人到期` : `${others.length}人`}</small></h2>
      <ul class="list">${others.map((other) =>
        html`<${ResidentRow} key=${other.resident} app=${app} row=${other} item=${other.due[0]} />`)}</ul>
      <a class="button wide" href=${`#/household/${row?.household}`}>打开这一户</a>`}<//>`;
}

/** The visits to their home at which somebody was met. @param {any} client @param {import("./syncing.js").Row|undefined} row */
const metAtHome = async (client, row) => (row?.household
  ? (await client.find({ subject: row.household, type: "home_visit" }))
    .filter((/** @type {any} */ one) => one.sections.visit?.residents?.includes?.(row.resident)) : []);

/** Records with their days, the latest first.
 * @param {import("./app.js").App} app @param {any[]} views @returns {{view: any, on: string|null}[]} */
const latestFirst = (app, views) => views
  .map((view) => ({ view, on: app.client.catalogue.types.get(view.type)?.dayOf(view.sections) ?? null }))
  .sort((a, b) => ((a.on ?? "") < (b.on ?? "") ? 1 : -1));

/** @param {import("./app.js").App} app @param {Map<string, any>} aside
 * @returns {(one: {view: any, on: string|null}) => any} */
const recordRow = (app, aside) => ({ view, on }) => html`<li key=${view.id}><a class="row low" href=${`#/record/${view.id}`}>
  <span>${formName(app.client.catalogue, view.type)}<br /><small>${dayWords(on, app.today())}</small></span>
  <${StateMark} state=${stateOf(view, aside)} /></a></li>`;

/** @param {any[]} rows */
const due = (rows) => rows.filter((row) => row.due.length).length;

/** The last readings, where there are any, with their limits.
 * @param {{of: import("../../../client_sdk/js/client.js").Reading[]}} props */
function Readings({ of }) {
  const pressure = of.filter((one) => one.systolic !== null)
    .map((one) => ({ on: one.on, values: [one.systolic, one.diastolic] })).slice(-READINGS);
  const sugar = of.filter((one) => one.glucose_kind === "fasting")
    .map((one) => ({ on: one.on, values: [Number(one.glucose)] })).slice(-READINGS);
  return html`${pressure.length > 0
    && html`<${Line} label="最近血压" unit="毫米汞柱" names=${["高压", "低压"]} points=${pressure} limits=${[140, 90]} />`}
    ${sugar.length > 0 && html`<${Line} label="最近空腹血糖" unit="mmol/L" names=${["空腹"]} points=${sugar} limits=${[7]} />`}`;
}

/** What has a button of its own, or is written by others. */
const ELSEWHERE = new Set(["resident", "same_person", "performance", "care_plan", "contract", "home_visit"]);

/** All forms that can be written about a resident. @param {{app: import("./app.js").App, params: string[]}} props */
export function FormsOf({ app, params: [id] }) {
  const types = [...app.client.catalogue.types.values()]
    .filter((/** @type {any} */ { subject, name }) => subject === "resident" && !ELSEWHERE.has(name));
  return html`<${Page} app=${app} title="其他记录" note=${app.byId.get(id)?.name} back=${`#/resident/${id}`} tab="residents">
    <ul class="list"><${Link} to=${`#/form/resident/${id}/${id}`}>修改个人档案<//>
      ${types.map((/** @type {any} */ { name }) =>
        html`<${Link} to=${`#/form/${name}/${id}`}>${formName(app.client.catalogue, name)}<//>`)}</ul><//>`;
}

/** A household: its members, and what was written about visits. @param {{app: import("./app.js").App, params: string[]}} props */
export function Household({ app, params: [id] }) {
  const { client } = app;
  const read = useRead(app, async () => {
    const aside = await asideOf(client), visits = await client.find({ subject: id, type: "home_visit" });
    return { view: await client.get(id), visits: latestFirst(app, withAside(visits, aside, id)), aside };
  }, [id]);
  const members = app.rows.filter((row) => row.household === id);
  const { identity = {}, residence = {}, contact = {} } = shownOf(client.catalogue.types.get("household"), read?.view.sections);
  return html`<${Page} app=${app} title=${identity.head_name ? `${identity.head_name}家` : "家庭"} tabTitle="家庭"
    back="#/residents" tab="residents">
    <${Facts} of=${[["住址", residence.address], ["户编号", identity.household_no], ["电话", contact.phone]]} />
    <div class="buttons"><a class="button main" href=${`#/household/${id}/visit`}>入户记录</a></div>
    <h2>家庭成员 <small>${members.length}人</small></h2>
    <ul class="list">${members.map((row) =>
      html`<${ResidentRow} key=${row.resident} app=${app} row=${row} item=${row.due[0]} more=${row.due.length - 1} />`)}</ul>
    ${read && read.visits.length > 0
      && html`<h2>入户记录</h2><ul class="list">${read.visits.map(recordRow(app, read.aside))}</ul>`}<//>`;
}
