/** A contract: what it owes and how much of that was given; signing one, renewing it, ending it. */
import { html, useAnswer, useState, Chips, Empty, Facts, Notice, Page, useRead } from "../parts.js";
import { addDays, isDay, monthsLater } from "../../../../client_sdk/js/sync/days.js";
import { shownOf } from "../shown.js";
import { dayWords, label } from "../words.js";
import { SectionFields } from "./fields.js";
import { Foot, Restored, halted, look, missing, reveal, useForm } from "./form.js";
import { RecordForm, blank } from "./generic.js";
import { made, save } from "./saving.js";
import { Folded, SectionPart } from "./sections.js";
import { fits, itemsOf, priceOf, promise } from "./signing.js";
import { called, filled } from "./words.js";

/** @typedef {import("./form.js").Form} Form */

const TYPE = "contract", NEW = "new", STOPPED = "terminated", TERM = ["starts_on", "ends_on"];
/** Said on the form instead of 甲方 and 乙方. @type {Record<string, string>} */
const PLAIN = { signer: "谁来签字", signer_name: "签字人姓名", party_a_signature: "医生签名" };

/** @param {{app: any, params: string[]}} props */
export function ContractScreen({ app, params: [resident, record, stop] }) {
  const { client } = app;
  const declared = client.catalogue.types.get(TYPE);
  const read = useRead(app, async () => {
    const every = (await client.find({ type: TYPE, subject: resident })).filter((/** @type {any} */ one) => !one.void);
    const contracts = every.map((/** @type {any} */ one) => ({ ...one, sections: shownOf(declared, one.sections) }));
    contracts.sort((/** @type {any} */ a, /** @type {any} */ b) => (starts(a) < starts(b) ? 1 : -1));
    return { contracts, standing: await client.standing(resident), kept: await client.draft(draftOf(resident)) };
  }, [resident]);
  const name = app.byId.get(resident)?.name ?? "";
  if (stop) return html`<${Stopping} app=${app} declared=${declared} resident=${resident} record=${record} />`;
  if (record && record !== NEW) {
    return html`<${RecordForm} app=${app} declared=${declared} subject=${resident} record=${record} title="修改签约" />`;
  }
  if (!read) return html`<${Page} app=${app} title="签约" note=${name} back />`;
  const { contracts, standing, kept } = read;
  const now = contracts.find((/** @type {any} */ one) => one.id === standing.signed?.contract) ?? contracts[0];
  const stopped = now?.sections.status.status === STOPPED;
  if (record || !now) {
    return html`<${Signing} app=${app} declared=${declared} resident=${resident} before=${stopped ? null : contracts[0] ?? null}
      standing=${standing} />`;
  }
  return html`<${Page} app=${app} title="签约" note=${name} back
    foot=${html`<a class="button main wide" href=${`#/contract/${resident}/${NEW}`}>
      ${kept ? "接着填没写完的协议" : stopped ? "重新签约" : "续签"}</a>`}>
    <${Standing} app=${app} contract=${now} standing=${standing} />
    <div class="buttons"><a class="button" href=${`#/contract/${resident}/${now.id}`}>修改这份协议</a>
      ${!stopped && html`<a class="button danger" href=${`#/contract/${resident}/${now.id}/stop`}>解约</a>`}</div>
    ${contracts.length > 1 && html`<h2>其他协议</h2>
      <ul class="list">${contracts.filter((/** @type {any} */ one) => one !== now).map((/** @type {any} */ one) =>
        html`<li key=${one.id}><a class="row low" href=${`#/record/${one.id}`}>
          ${dayWords(starts(one), app.today())} 起</a></li>`)}</ul>`}<//>`;
}

/** The name of the draft of a contract that is not signed yet. @param {string} resident */
const draftOf = (resident) => `form:${TYPE}:${resident}:new`;

/** @param {any} contract @returns {string} */
const starts = (contract) => contract.sections.term.starts_on ?? "";

/** What became of an appeal against one that was owed. @param {any} one @param {any} said the section @param {string} today */
function appealed(one, said, today) {
  const upheld = one.state === "upheld", open = !upheld && one.reason !== "appeal_refused";
  const words = open ? `${dayWords(said?.asked_on, today)}已申诉，等监管员处理`
    : `${dayWords(said?.decided_on, today)}${upheld ? "申诉成立，已计入" : "申诉被驳回"}${said?.note ? `（${said.note}）` : ""}`;
  return `${dayWords(one.by, today)}前的一次：${words}`;
}

/** A contract in words: how long, what it owes, how much of that was given.
 * @param {{app: any, contract: any, standing: any}} props */
function Standing({ app, contract, standing }) {
  const { term, status, packages, stop } = contract.sections;
  const today = app.today();
  const honoured = standing.honoured.find((/** @type {any} */ one) => !one.programme);
  const { catalogue } = app.client;
  const stopped = status.status === STOPPED
    && [dayWords(stop.stopped_on, today), label(catalogue, "contract_stop_reason", stop.reason ?? "")].filter(Boolean).join("，");
  const truth = (/** @type {boolean|null|undefined} */ one) => (one === true ? "是" : one === false ? "否" : "");
  return html`<${Facts} of=${[
    ["状态", label(catalogue, "contract_status", status.status ?? "")],
    ["周期", `${dayWords(term.starts_on, today)} 至 ${dayWords(term.ends_on, today)}`],
    ["解约", stopped || ""],
    ["服务包", (packages.packages ?? []).map((/** @type {string} */ one) => called(app, "service_package", one)).join("、")],
    ["履约", honoured?.items_due ? `今年到期 ${honoured.items_due} 项，已做 ${honoured.items_done} 项` : "今年还没有到期的项目"],
    ["全部履约", truth(honoured?.full)], ["有过服务", truth(honoured?.any)],
  ]} />
    ${standing.signed?.others.length > 0 && html`<${Notice} tone="amber">同期还有一份协议，请组长核对。<//>`}
    <h2>应服务项目</h2><ul class="list">${Object.entries(contract.sections)
      .filter(([name, item]) => name.startsWith("item/") && item)
      .map(([name, item]) => html`<${Owed} key=${name} app=${app} contract=${contract} name=${name.slice(5)} item=${item}
        owed=${standing.obligations.filter((/** @type {any} */ one) =>
          one.contract === contract.id && one.item === name.slice(5))} />`)}</ul>`;
}

/** What a contract owes of one item. @param {{app: any, contract: any, name: string, item: any, owed: any[]}} props */
function Owed({ app, contract, name, item, owed }) {
  const today = app.today(), key = encodeURIComponent(name);
  const next = owed.find((one) => one.state === "open") ?? owed.find((one) => one.state === "to_come");
  const missed = owed.filter((one) => one.state === "missed");
  const done = owed.filter((one) => ["done", "upheld"].includes(one.state)).length;
  return html`<li class="card"><h3>${item.name}</h3><p>${promise(app.client.catalogue, item)}</p>
    <p class="hint">已做${done}次${next ? `，下一次 ${dayWords(next.by, today)}前` : ""}
      ${missed.length ? `，未履约${missed.length}次` : ""}</p>
    ${owed.filter((one) => one.appeal)
      .map((one) => html`<p key=${one.by}>${appealed(one, contract.sections[one.appeal], today)}</p>`)}
    <div class="buttons"><a class="button" href=${`#/performance/${contract.id}/${key}`}>登记履约</a>
      ${missed.some((one) => one.reason !== "appeal_refused") && html`<a class="button" href=${`#/appeal/${contract.id}/${key}`}>
        ${missed.every((one) => one.appeal) ? "改申诉理由" : "未履约申诉"}</a>`}</div></li>`;
}

/** A new contract, or one that follows another.
 * @param {{app: any, declared: any, resident: string, before: any, standing: any}} props */
function Signing({ app, declared, resident, before, standing }) {
  const { client } = app;
  const today = app.today(), row = app.byId.get(resident);
  const [begun, restart] = useState(0);
  const [unsigned, ask] = useState(false);
  /** @returns {Promise<any[]>} */
  const onOffer = async () => (await client.find({ type: "service_package" }))
    .filter((/** @type {any} */ one) => fits(one, today, standing));
  const offer = useAnswer(onOffer, []);
  const packages = offer.error ? [] : offer.value;
  const form = useForm(app, draftOf(resident), async () => {
    const [sections, offered] = [await blank(app, declared, resident), await onOffer()];
    const still = (before?.sections.packages.packages ?? [])
      .filter((/** @type {string} */ id) => offered.some((/** @type {any} */ one) => one.id === id));
    const codes = standing.groups.map((/** @type {any} */ one) => one.code)
      .filter((/** @type {string} */ code) => !client.catalogue.code("population_group", code)?.programme);
    const until = before?.sections.term.ends_on;
    const start = isDay(until) && until >= today ? addDays(until, 1) : today;
    const ends = addDays(monthsLater(start, 12), -1);
    const about = before?.sections.parties ?? {};
    const values = {
      ...sections,
      parties: { ...sections.parties, household: row?.household ?? undefined, signer: "resident", channel: "doctor_app",
        ...(about.team ? { team: about.team } : {}), ...(about.organization ? { organization: about.organization } : {}) },
      term: { signed_on: today, starts_on: start, ends_on: ends, ...(before ? { renewal_of: before.id } : {}) },
      status: { status: before ? "renewed" : "active" }, population: { groups: codes.length ? codes : ["general"] },
      signatures: { party_a_by: app.status.person.id }, packages: { packages: still },
    };
    return { values: { [TYPE]: values }, views: { [TYPE]: null }, more: {} };
  }, begun);
  const title = before ? "续签" : "签约";
  if (!form || !packages) return html`<${Page} app=${app} title=${title} note=${row?.name ?? ""} back />`;
  const chosen = form.get(TYPE, "packages", "packages") ?? [];
  const taken = packages.filter((one) => chosen.includes(one.id));
  const items = itemsOf(taken), price = priceOf(taken);
  const fees = taken.length && !form.sections(TYPE).fees ? { fees: { total_yuan: price, self_pay_yuan: price } } : {};
  const whole = filled({ ...form.sections(TYPE), ...items, ...fees });
  const lacking = missing(declared, look(form, TYPE, whole, row?.scope ?? ""));
  const guardian = form.get(TYPE, "parties", "signer") === "guardian", signs = guardian ? "家属签名" : "居民签名";
  const paper = form.get(TYPE, "parties", "channel") === "paper";
  const fields = (/** @type {string} */ name, /** @type {string[]|undefined} */ only = undefined) =>
    html`<${SectionFields} form=${form} place=${TYPE} declared=${declared} name=${name} only=${only}
      said=${{ ...PLAIN, party_b_signature: signs }} subject=${resident} />`;
  const keep = async (sure = false) => {
    if (halted(form, lacking)) return;
    if (!sure && !paper && !whole.signatures?.party_b_signature) return ask(true);
    ask(false);
    await save(form, { said: `${row?.name ?? ""} ${title}已保存`,
      keep: (draft) => made(client, () => client.create(TYPE, whole, { subject: resident, draft })) });
  };
  const toSign = () => { ask(false); reveal(document.querySelector("[data-field$='signatures.party_b_signature']")); };
  const question = unsigned && { text: `还没有${signs}。`, yes: "去签名", onYes: toSign, no: "先保存，以后补签", onNo: () => keep(true) };
  return html`<${Page} app=${app} title=${title} note=${row?.name ?? ""} back
    foot=${html`<${Foot} form=${form} ask=${question} onSave=${() => keep()}
      save=${form.asked && lacking.length ? "先保存" : title} />`}>
    <${Restored} form=${form} again=${() => restart(begun + 1)} />
    <div class=${`ask ${form.asked && !chosen.length ? "wrong" : ""}`} data-field="packages" tabindex="-1">
      <${Chips} label="服务包（可选几个）" many options=${packages.map(choice)} value=${chosen}
        onChange=${(/** @type {string[]} */ next) => form.put(TYPE, "packages", "packages", next)} />
      ${packages.length === 0 && html`<${Empty}>手机里没有服务包，请先同步。<//>`}</div>
    ${taken.length > 0 && html`<h2>签约后要做的 <small>合计${price}元/年</small></h2>
      <ul class="promises">${Object.entries(items).map(([name, item]) =>
        html`<li key=${name}><b>${item.name}</b>　${promise(client.catalogue, item)}</li>`)}</ul>`}
    <${Folded} title="周期" note=${TERM.map((name) => dayWords(form.get(TYPE, "term", name), today)).join(" 至 ")}>
      ${fields("term", TERM)}<//>
    <h2>签字</h2>${fields("parties", ["signer", ...(guardian ? ["signer_name"] : [])])}
    ${fields("signatures", ["party_b_signature"])}${fields("signatures", ["party_a_signature"])}
    <h2>其他项目</h2>
    <${Folded} title="双方和编号">${fields("parties", ["contract_no", "organization", "team", "doctor", "household", "channel"])}<//>
    <${Folded} title="签约日期">${fields("term", ["signed_on", "renewal_of"])}<//>
    ${["population", "fees"].map((name) => html`<${SectionPart} key=${name} form=${form} place=${TYPE} declared=${declared}
      section=${declared.byName.get(name)} subject=${resident} folded />`)}<//>`;
}

/** A package with its price. @param {any} one */
const choice = ({ id, sections: { package: { name, price_yuan_per_year: price } } }) =>
  ({ value: id, label: `${name} ${Number(price) ? `${price}元/年` : "免费"}` });

/** The end of a contract before its time. @param {{app: any, declared: any, resident: string, record: string}} props */
function Stopping({ app, declared, resident, record }) {
  const onto = (/** @type {Record<string, any>} */ sections) => ({ ...sections, status: { ...sections.status, status: STOPPED },
    stop: { stopped_on: app.today(), ...sections.stop } });
  const draw = (/** @type {Form} */ form) => html`<${Notice} tone="amber">保存后，从解约那天起不再有应服务项目；已做的都还在。<//>
    <${SectionFields} form=${form} place=${TYPE} declared=${declared} name="stop" subject=${resident} />`;
  return html`<${RecordForm} app=${app} declared=${declared} subject=${resident} record=${record} about=${`${record}/stop`}
    title="解约" onto=${onto} draw=${draw} />`;
}
