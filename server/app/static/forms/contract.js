/** Signing a contract and renewing it, a service given under it, and an appeal where one counts as not given. */
import { html, useEffect, useState, Button, Chips, Empty, Facts, Notice, Page, useRead } from "../parts.js";
import { addDays, monthsLater } from "../../../../client_sdk/js/sync/days.js";
import { canonical } from "../../../../client_sdk/js/sync/record.js";
import { numberOf } from "../../../../client_sdk/js/sync/types/checks.js";
import { dayWords, label } from "../words.js";
import { SectionFields } from "./fields.js";
import { Foot, Restored, look, missing, reveal, useForm } from "./form.js";
import { RecordForm, blank } from "./generic.js";
import { recordsOf } from "./references.js";
import { made, save } from "./saving.js";
import { Folded, SectionPart } from "./sections.js";
import { filled, refusal } from "./words.js";

/** @typedef {import("./form.js").Form} Form */

const TYPE = "contract", DONE = "performance";

/** What an item promises, in plain words: `每年4次，平均分布，须面对面`. @param {any} catalogue @param {any} item */
export function promise(catalogue, item) {
  const rule = item.due_rule === "within_days_of_start" && item.due_days ? `生效后${item.due_days}天内`
    : item.due_rule === "every_n_months" && item.every_months ? `每${item.every_months}个月一次` : label(catalogue, "package_due_rule", item.due_rule);
  return [item.times_per_year && `每年${item.times_per_year}次`, rule, item.face_to_face && "须面对面", item.note].filter(Boolean).join("，");
}

/** The items of some packages as they are today: of two alike one, of two that differ under one key both. Pure.
 * @param {any[]} packages views @returns {Record<string, any>} sections `item/…` of a contract */
export function itemsOf(packages) {
  /** @type {Record<string, any>} */
  const found = {};
  for (const { sections } of packages) {
    for (const [name, value] of Object.entries(sections)) {
      if (!name.startsWith("item/") || !value) continue;
      let key = name;
      for (let n = 2; found[key] && canonical(found[key]) !== canonical(value); n++) key = `${name}_${n}`;
      found[key] = value;
    }
  }
  return found;
}

/** The price of some packages for a year, exactly. @param {any[]} packages @returns {string} */
export function priceOf(packages) {
  const cents = packages.reduce((sum, { sections }) => sum + (numberOf(sections.package?.price_yuan_per_year) ?? 0n) / 10_000_000n, 0n);
  return `${cents / 100n}.${String(cents % 100n).padStart(2, "0")}`;
}

/** @param {{app: any, params: string[]}} props */
export function ContractScreen({ app, params: [resident, record] }) {
  const { client } = app;
  const declared = client.catalogue.types.get(TYPE);
  const [signing, sign] = useState(false);
  const read = useRead(app, async () => {
    const contracts = (await client.find({ type: TYPE, subject: resident })).filter((/** @type {any} */ one) => !one.void);
    return { contracts: contracts.sort((/** @type {any} */ a, /** @type {any} */ b) => (starts(a) < starts(b) ? 1 : -1)), standing: await client.standing(resident), kept: await client.draft(`form:${TYPE}:${resident}:new`) };
  }, [resident]);
  const name = app.byId.get(resident)?.name ?? "";
  if (record) return html`<${RecordForm} app=${app} declared=${declared} subject=${resident} record=${record} title="修改签约" />`;
  if (!read) return html`<${Page} app=${app} title="签约" note=${name} back />`;
  const { contracts, standing } = read;
  if (signing || read.kept || !contracts.length) return html`<${Signing} app=${app} declared=${declared} resident=${resident} before=${contracts[0] ?? null} standing=${standing} />`;
  const now = contracts.find((/** @type {any} */ one) => one.id === standing.signed?.contract) ?? contracts[0];
  return html`<${Page} app=${app} title="签约" note=${name} back foot=${html`<${Button} kind="main" wide onClick=${() => sign(true)}>续签<//>`}><${Standing} app=${app} contract=${now} standing=${standing} />
    <p><a class="button wide" href=${`#/contract/${resident}/${now.id}`}>修改这份协议</a></p>
    ${contracts.length > 1 && html`<h2>其他协议</h2><ul class="list">${contracts.filter((/** @type {any} */ one) => one !== now).map((/** @type {any} */ one) => html`<li key=${one.id}><a class="row low" href=${`#/record/${one.id}`}>${dayWords(starts(one), app.today())} 起</a></li>`)}</ul>`}<//>`;
}

/** @param {any} contract @returns {string} */
const starts = (contract) => contract.sections.term?.starts_on ?? "";

/** A contract in words: how long, what it owes, how much of that was given. @param {{app: any, contract: any, standing: any}} props */
function Standing({ app, contract, standing }) {
  const { term = {}, status = {}, packages } = contract.sections;
  const today = app.today();
  const honoured = standing.honoured.find((/** @type {any} */ one) => !one.programme);
  const said = honoured?.items_due ? `今年到期 ${honoured.items_due} 项，已做 ${honoured.items_done} 项` : "今年还没有到期的项目";
  return html`<${Facts} of=${[["状态", label(app.client.catalogue, "contract_status", status.status ?? "")], ["周期", `${dayWords(term.starts_on, today)} 至 ${dayWords(term.ends_on, today)}`],
      ["服务包", packages?.packages?.length ? `${packages.packages.length}个` : ""], ["履约", said], ["全部履约", honoured?.full === true ? "是" : honoured?.full === false ? "否" : ""], ["有过服务", honoured?.any === true ? "是" : honoured?.any === false ? "否" : ""]]} />
    ${standing.signed?.others.length > 0 && html`<${Notice} tone="amber">同期还有一份协议，请组长核对。<//>`}
    <h2>应服务项目</h2><ul class="list">${Object.entries(contract.sections).filter(([name, value]) => name.startsWith("item/") && value).map(([name, item]) => {
      const key = name.slice(5);
      const owed = standing.obligations.filter((/** @type {any} */ one) => one.contract === contract.id && one.item === key);
      const next = owed.find((/** @type {any} */ one) => one.state === "open") ?? owed.find((/** @type {any} */ one) => one.state === "to_come");
      const missed = owed.filter((/** @type {any} */ one) => one.state === "missed");
      const done = owed.filter((/** @type {any} */ one) => ["done", "upheld"].includes(one.state)).length;
      return html`<li class="card" key=${key}><h3>${item.name}</h3><p>${promise(app.client.catalogue, item)}</p>
        <p class="hint">已做${done}次${next ? `，下一次 ${dayWords(next.by, today)}前` : ""}${missed.length ? `，未履约${missed.length}次` : ""}</p>
        <div class="buttons"><a class="button" href=${`#/performance/${contract.id}/${encodeURIComponent(key)}`}>登记履约</a>
        ${missed.length > 0 && html`<a class="button" href=${`#/appeal/${contract.id}/${encodeURIComponent(key)}`}>未履约申诉</a>`}</div></li>`;
    })}</ul>`;
}

/** A new contract, or one that follows another. @param {{app: any, declared: any, resident: string, before: any, standing: any}} props */
function Signing({ app, declared, resident, before, standing }) {
  const { client } = app;
  const today = app.today(), row = app.byId.get(resident);
  const [begun, restart] = useState(0);
  const [packages, offer] = useState(/** @type {any[]|null} */ (null));
  const form = useForm(app, `form:${TYPE}:${resident}:new`, async () => {
    const sections = await blank(app, declared, resident);
    const codes = standing.groups.map((/** @type {any} */ one) => one.code).filter((/** @type {string} */ code) => !client.catalogue.code("population_group", code)?.programme);
    const start = before && before.sections.term?.ends_on >= today ? addDays(before.sections.term.ends_on, 1) : today;
    const ends = addDays(monthsLater(start, 12), -1);
    const about = before?.sections.parties ?? {};
    const values = {
      ...sections,
      parties: { ...sections.parties, household: row?.household ?? undefined, signer: "resident", channel: "doctor_app", ...(about.team ? { team: about.team } : {}), ...(about.organization ? { organization: about.organization } : {}) },
      term: { signed_on: today, starts_on: start, ends_on: ends, ...(before ? { renewal_of: before.id } : {}) },
      status: { status: before ? "renewed" : "active" }, population: { groups: codes.length ? codes : ["general"] },
      signatures: { party_a_by: app.status.person.id }, packages: { packages: before?.sections.packages?.packages ?? [] },
    };
    return { values: { [TYPE]: values }, views: { [TYPE]: null }, more: {} };
  }, begun);
  useEffect(() => {
    let alive = true;
    client.find({ type: "service_package" }).then((/** @type {any[]} */ all) => alive && offer(all.filter((/** @type {any} */ one) => fits(one, today, standing))), () => alive && offer([]));
    return () => { alive = false; };
  }, []);
  const title = before ? "续签" : "签约";
  if (!form || !packages) return html`<${Page} app=${app} title=${title} note=${row?.name ?? ""} back />`;
  const chosen = form.get(TYPE, "packages", "packages") ?? [];
  const taken = packages.filter((one) => chosen.includes(one.id));
  const items = itemsOf(taken), price = priceOf(taken);
  const whole = filled({ ...form.sections(TYPE), ...items, ...(taken.length && !form.sections(TYPE).fees ? { fees: { total_yuan: price, self_pay_yuan: price } } : {}) });
  const lacking = missing(declared, look(form, TYPE, whole, row?.scope ?? ""));
  const fields = (/** @type {string} */ name, /** @type {string[]|undefined} */ only = undefined) => html`<${SectionFields} form=${form} place=${TYPE} declared=${declared} name=${name} only=${only} subject=${resident} />`;
  const keep = async () => {
    if (lacking.length && !form.asked) {
      form.asked = true;
      form.trouble = `还缺：${lacking.join("、")}。补填，或再点一次先保存`;
      form.redraw();
      requestAnimationFrame(() => reveal(document.querySelector("main .wrong")));
      return;
    }
    await save(form, { said: `${row?.name ?? ""} ${title}已保存`, keep: () => made(client, () => client.create(TYPE, whole, { subject: resident })) });
  };
  return html`<${Page} app=${app} title=${title} note=${row?.name ?? ""} back foot=${html`<${Foot} form=${form} onSave=${keep} save=${form.asked && lacking.length ? "先保存" : title} />`}>
    <${Restored} form=${form} again=${() => restart(begun + 1)} />
    <div class=${`ask ${form.asked && !chosen.length ? "wrong" : ""}`} data-field="packages" tabindex="-1"><${Chips} label="服务包（可选几个）" many options=${packages.map((one) => ({ value: one.id, label: `${one.sections.package.name} ${Number(one.sections.package.price_yuan_per_year) ? `${one.sections.package.price_yuan_per_year}元/年` : "免费"}` }))} value=${chosen} onChange=${(/** @type {string[]} */ next) => form.put(TYPE, "packages", "packages", next)} />
      ${packages.length === 0 && html`<${Empty}>手机里没有服务包，请先同步。<//>`}</div>
    ${taken.length > 0 && html`<h2>签约后要做的 <small>合计${price}元/年</small></h2><ul class="promises">${Object.entries(items).map(([name, item]) => html`<li key=${name}><b>${item.name}</b>　${promise(client.catalogue, item)}</li>`)}</ul>`}
    <${Folded} title="周期" note=${`${dayWords(form.get(TYPE, "term", "starts_on"), today)} 至 ${dayWords(form.get(TYPE, "term", "ends_on"), today)}`}>${fields("term", ["starts_on", "ends_on"])}<//>
    <h2>签字</h2>${fields("parties", ["signer", ...(form.get(TYPE, "parties", "signer") === "guardian" ? ["signer_name"] : [])])}${fields("signatures", ["party_b_signature", "party_a_signature"])}
    <h2>其他项目</h2>
    <${Folded} title="双方和编号">${fields("parties", ["contract_no", "organization", "team", "doctor", "household", "channel"])}<//>
    <${Folded} title="签约日期">${fields("term", ["signed_on", "renewal_of"])}<//>
    ${["population", "fees"].map((name) => html`<${SectionPart} key=${name} form=${form} place=${TYPE} declared=${declared} section=${declared.byName.get(name)} subject=${resident} folded />`)}<//>`;
}

/** Whether a package is offered today to such a person. @param {any} one @param {string} today @param {any} standing */
export function fits(one, today, standing) {
  const about = one.sections.package;
  if (one.void || !about || about.valid_from > today || (about.valid_to && about.valid_to <= today)) return false;
  return !about.groups?.length || standing.groups.some((/** @type {any} */ group) => about.groups.includes(group.code));
}

/** A service given: the form of a performance, begun with the item. @param {{app: any, params: string[]}} props */
export function PerformanceScreen({ app, params: [contract, item] }) {
  const { client } = app;
  const declared = client.catalogue.types.get(DONE);
  const read = useRead(app, async () => {
    const view = await client.get(contract);
    return { view, records: recordsOf(app, await client.find({ subject: view.subject })) };
  }, [contract, item]);
  if (!read) return html`<${Page} app=${app} title="登记履约" back />`;
  const { view, records } = read;
  const about = view.sections[`item/${item}`];
  const begin = async () => {
    const sections = await blank(app, declared, view.subject);
    return { ...sections, performance: { ...sections.performance, contract, item, mode: app.settings.way ?? "clinic" } };
  };
  const draw = (/** @type {Form} */ form) => {
    const section = (/** @type {string} */ name, /** @type {string[]|undefined} */ only = undefined, /** @type {string[]} */ skip = []) => html`<${SectionFields} form=${form} place=${DONE} declared=${declared} name=${name} only=${only} skip=${skip} subject=${view.subject} />`;
    const confirmed = form.get(DONE, "evidence", "resident_confirmed");
    return html`<${Notice} tone="grey"><p><b>${about?.name ?? item}</b></p><p>${about ? promise(client.catalogue, about) : ""}</p><//>
      ${section("performance", ["performed_on", "mode", "note"])}
      <h2>佐证 <small>选一样</small></h2>
      ${records.length > 0 && html`<div class="ask" data-field="record"><${Chips} label="已写的记录" options=${records.slice(0, 6).map((/** @type {any} */ one) => ({ value: one.id, label: one.label }))} value=${form.get(DONE, "evidence", "record")} onChange=${(/** @type {string} */ id) => form.put(DONE, "evidence", "record", id)} /></div>`}
      ${section("evidence", ["resident_confirmed", ...(confirmed === "signature" ? ["signature"] : [])])}
      <h2>其他项目</h2><${Folded} title="地点、类别、人员">${section("performance", ["place", "category", "provider"])}<//>
      ${["satisfaction", "waiver"].map((name) => html`<${SectionPart} key=${name} form=${form} place=${DONE} declared=${declared} section=${declared.byName.get(name)} folded />`)}`;
  };
  return html`<${RecordForm} app=${app} declared=${declared} subject=${view.subject} about=${`${contract}/${item}`} title="登记履约" begin=${begin} draw=${draw} />`;
}

/** An appeal against a service that counts as not given. @param {{app: any, params: string[]}} props */
export function AppealScreen({ app, params: [contract, item] }) {
  const { client } = app;
  const read = useRead(app, async () => {
    const view = await client.get(contract);
    const standing = await client.standing(view.subject);
    return { view, owed: standing.obligations.filter((/** @type {any} */ one) => one.contract === contract && one.item === item && one.state === "missed") };
  }, [contract, item]);
  const form = useForm(app, `appeal:${contract}:${item}`, async () => ({ values: { appeal: { appeal: {} } }, views: {}, more: {} }));
  const title = "未履约申诉";
  if (!read || !form) return html`<${Page} app=${app} title=${title} back />`;
  const { view, owed } = read;
  const { reason = "", owed_by: by = owed.at(-1)?.by } = form.sections("appeal").appeal ?? {};
  const keep = async () => {
    if (!reason.trim()) {
      form.trouble = "请写明理由，比如：当天已上门，居民外出";
      form.redraw();
      /** @type {HTMLElement|null} */ (document.querySelector("#appeal-reason"))?.focus();
      return;
    }
    await save(form, { said: "申诉已保存，等组长处理", keep: async () => { await client.appeal(view, item, reason, { owedBy: by }); return () => client.undo(contract); } });
  };
  const refused = owed.find((/** @type {any} */ one) => one.by === by)?.reason === "appeal_refused";
  return html`<${Page} app=${app} title=${title} note=${app.byId.get(view.subject)?.name ?? ""} back foot=${owed.length > 0 && !refused && html`<${Foot} form=${form} onSave=${keep} save="提交申诉" />`}>
    <${Notice} tone="grey"><p><b>${view.sections[`item/${item}`]?.name ?? item}</b></p><p>${view.sections[`item/${item}`] ? promise(client.catalogue, view.sections[`item/${item}`]) : ""}</p><//>
    ${owed.length === 0 ? html`<${Empty}>这一项现在没有未履约。<//>` : html`
      <${Chips} label="哪一次没有计入" options=${owed.map((/** @type {any} */ one) => ({ value: one.by, label: `${dayWords(one.by, app.today())}前的一次` }))} value=${by} onChange=${(/** @type {string} */ day) => form.put("appeal", "appeal", "owed_by", day)} />
      ${refused ? html`<${Notice} tone="red">${refusal({ name: "AppealError" })}：申诉已被驳回。<//>` : html`<label class="label" for="appeal-reason">理由 <small class="need">必填</small></label><textarea id="appeal-reason" rows="4" maxlength="500" value=${reason} onInput=${(/** @type {any} */ event) => form.put("appeal", "appeal", "reason", event.target.value)}></textarea>
      <p class="hint">组长处理后，结果会在“需要处理”里告诉您。</p>`}`}<//>`;
}
