/** Signing a contract and renewing it, a service given under it, and an appeal where one counts as not given. */
import { html, useEffect, useState, Button, Chips, Empty, Facts, Notice, Page, useRead } from "../parts.js";
import { addDays, isDay, monthsLater } from "../../../../client_sdk/js/sync/days.js";
import { shownOf } from "../shown.js";
import { dayWords, label } from "../words.js";
import { SectionFields } from "./fields.js";
import { Foot, Restored, look, missing, reveal, useForm } from "./form.js";
import { RecordForm, blank } from "./generic.js";
import { recordsOf } from "./references.js";
import { made, save } from "./saving.js";
import { Folded, SectionPart } from "./sections.js";
import { fits, itemsOf, priceOf, promise } from "./signing.js";
import { called, filled, refusal } from "./words.js";

/** @typedef {import("./form.js").Form} Form */

const TYPE = "contract", DONE = "performance", NEW = "new", STOPPED = "terminated";
/** Said on the form instead of 甲方 and 乙方. @type {Record<string, string>} */
const PLAIN = { signer: "谁来签字", signer_name: "签字人姓名", party_a_signature: "医生签名" };

/** @param {{app: any, params: string[]}} props */
export function ContractScreen({ app, params: [resident, record, stop] }) {
  const { client } = app;
  const declared = client.catalogue.types.get(TYPE);
  const read = useRead(app, async () => {
    const every = (await client.find({ type: TYPE, subject: resident })).filter((/** @type {any} */ one) => !one.void);
    const contracts = every.map((/** @type {any} */ one) => ({ ...one, sections: shownOf(declared, one.sections) }));
    return { contracts: contracts.sort((/** @type {any} */ a, /** @type {any} */ b) => (starts(a) < starts(b) ? 1 : -1)),
      standing: await client.standing(resident), kept: await client.draft(`form:${TYPE}:${resident}:new`) };
  }, [resident]);
  const name = app.byId.get(resident)?.name ?? "";
  if (stop) return html`<${Stopping} app=${app} declared=${declared} resident=${resident} record=${record} />`;
  if (record && record !== NEW) return html`<${RecordForm} app=${app} declared=${declared} subject=${resident} record=${record}
    title="修改签约" />`;
  if (!read) return html`<${Page} app=${app} title="签约" note=${name} back />`;
  const { contracts, standing, kept } = read;
  const now = contracts.find((/** @type {any} */ one) => one.id === standing.signed?.contract) ?? contracts[0];
  const stopped = now?.sections.status.status === STOPPED;
  if (record || !now) return html`<${Signing} app=${app} declared=${declared} resident=${resident}
    before=${stopped ? null : contracts[0] ?? null} standing=${standing} />`;
  return html`<${Page} app=${app} title="签约" note=${name} back
    foot=${html`<a class="button main wide" href=${`#/contract/${resident}/${NEW}`}>
    ${kept ? "接着填没写完的协议" : stopped ? "重新签约" : "续签"}</a>`}><${Standing} app=${app} contract=${now} standing=${standing} />
    <div class="buttons"><a class="button" href=${`#/contract/${resident}/${now.id}`}>修改这份协议</a>
      ${!stopped && html`<a class="button danger" href=${`#/contract/${resident}/${now.id}/stop`}>解约</a>`}</div>
    ${contracts.length > 1 && html`<h2>其他协议</h2>
      <ul class="list">${contracts.filter((/** @type {any} */ one) => one !== now)
      .map((/** @type {any} */ one) => html`<li key=${one.id}><a class="row low" href=${`#/record/${one.id}`}>
      ${dayWords(starts(one), app.today())} 起</a></li>`)}</ul>`}<//>`;
}

/** @param {any} contract @returns {string} */
const starts = (contract) => contract.sections.term.starts_on ?? "";

/** What became of an appeal against one that was owed. @param {any} one @param {any} said the section @param {string} today */
function appealed(one, said, today) {
  const decided = [dayWords(said?.decided_on, today), one.state === "upheld" ? "申诉成立，已计入" : "申诉被驳回"].join("");
  const open = one.state !== "upheld" && one.reason !== "appeal_refused";
  return `${dayWords(one.by, today)}前的一次：${open ? `${dayWords(said?.asked_on, today)}已申诉，等监管员处理`
    : `${decided}${said?.note ? `（${said.note}）` : ""}`}`;
}

/** A contract in words: how long, what it owes, how much of that was given.
 * @param {{app: any, contract: any, standing: any}} props */
function Standing({ app, contract, standing }) {
  const { term, status, packages, stop } = contract.sections;
  const today = app.today();
  const honoured = standing.honoured.find((/** @type {any} */ one) => !one.programme);
  const said = honoured?.items_due ? `今年到期 ${honoured.items_due} 项，已做 ${honoured.items_done} 项` : "今年还没有到期的项目";
  return html`<${Facts} of=${[["状态", label(app.client.catalogue, "contract_status", status.status ?? "")],
    ["周期", `${dayWords(term.starts_on, today)} 至 ${dayWords(term.ends_on, today)}`],
      ["解约", status.status === STOPPED ? [dayWords(stop.stopped_on, today), label(app.client.catalogue, "contract_stop_reason",
        stop.reason ?? "")].filter(Boolean).join("，") : ""],
      ["服务包", (packages.packages ?? []).map((/** @type {string} */ one) => called(app, "service_package", one)).join("、")],
        ["履约", said], ["全部履约", honoured?.full === true ? "是" : honoured?.full === false ? "否" : ""],
        ["有过服务", honoured?.any === true ? "是" : honoured?.any === false ? "否" : ""]]} />
    ${standing.signed?.others.length > 0 && html`<${Notice} tone="amber">同期还有一份协议，请组长核对。<//>`}
    <h2>应服务项目</h2><ul class="list">
      ${Object.entries(contract.sections).filter(([name, value]) => name.startsWith("item/") && value).map(([name, item]) => {
      const key = name.slice(5);
      const owed = standing.obligations.filter((/** @type {any} */ one) => one.contract === contract.id && one.item === key);
      const next = owed.find((/** @type {any} */ one) => one.state === "open")
        ?? owed.find((/** @type {any} */ one) => one.state === "to_come");
      const missed = owed.filter((/** @type {any} */ one) => one.state === "missed");
      const done = owed.filter((/** @type {any} */ one) => ["done", "upheld"].includes(one.state)).length;
      return html`<li class="card" key=${key}><h3>${item.name}</h3><p>${promise(app.client.catalogue, item)}</p>
        <p class="hint">已做${done}次${next ? `，下一次 ${dayWords(next.by, today)}前` : ""}
          ${missed.length ? `，未履约${missed.length}次` : ""}</p>
        ${owed.filter((/** @type {any} */ one) => one.appeal)
          .map((/** @type {any} */ one) => html`<p key=${one.by}>${appealed(one, contract.sections[one.appeal], today)}</p>`)}
        <div class="buttons"><a class="button" href=${`#/performance/${contract.id}/${encodeURIComponent(key)}`}>登记履约</a>
        ${missed.some((/** @type {any} */ one) => one.reason !== "appeal_refused")
          && html`<a class="button" href=${`#/appeal/${contract.id}/${encodeURIComponent(key)}`}>
          ${missed.every((/** @type {any} */ one) => one.appeal) ? "改申诉理由" : "未履约申诉"}</a>`}</div></li>`;
    })}</ul>`;
}

/** A new contract, or one that follows another.
 * @param {{app: any, declared: any, resident: string, before: any, standing: any}} props */
function Signing({ app, declared, resident, before, standing }) {
  const { client } = app;
  const today = app.today(), row = app.byId.get(resident);
  const [begun, restart] = useState(0);
  const [packages, offer] = useState(/** @type {any[]|null} */ (null));
  const [unsigned, ask] = useState(false);
  const onOffer = async () => (await client.find({ type: "service_package" }))
    .filter((/** @type {any} */ one) => fits(one, today, standing));
  const form = useForm(app, `form:${TYPE}:${resident}:new`, async () => {
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
  useEffect(() => {
    let alive = true;
    onOffer().then((/** @type {any[]} */ all) => alive && offer(all), () => alive && offer([]));
    return () => { alive = false; };
  }, []);
  const title = before ? "续签" : "签约";
  if (!form || !packages) return html`<${Page} app=${app} title=${title} note=${row?.name ?? ""} back />`;
  const chosen = form.get(TYPE, "packages", "packages") ?? [];
  const taken = packages.filter((one) => chosen.includes(one.id));
  const items = itemsOf(taken), price = priceOf(taken);
  const whole = filled({ ...form.sections(TYPE), ...items, ...(taken.length && !form.sections(TYPE).fees
    ? { fees: { total_yuan: price, self_pay_yuan: price } } : {}) });
  const lacking = missing(declared, look(form, TYPE, whole, row?.scope ?? ""));
  const guardian = form.get(TYPE, "parties", "signer") === "guardian", signs = guardian ? "家属签名" : "居民签名";
  const paper = form.get(TYPE, "parties", "channel") === "paper";
  const fields = (/** @type {string} */ name, /** @type {string[]|undefined} */ only = undefined) =>
    html`<${SectionFields} form=${form} place=${TYPE} declared=${declared} name=${name} only=${only}
    said=${{ ...PLAIN, party_b_signature: signs }} subject=${resident} />`;
  const keep = async (sure = false) => {
    if (lacking.length && !form.asked) {
      form.asked = true;
      form.trouble = `还缺：${lacking.join("、")}。补填，或再点一次先保存`;
      form.redraw();
      requestAnimationFrame(() => reveal(document.querySelector("main .wrong")));
      return;
    }
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
      <${Chips} label="服务包（可选几个）" many
      options=${packages.map((one) =>
      ({ value: one.id, label: `${one.sections.package.name} ${Number(one.sections.package.price_yuan_per_year)
      ? `${one.sections.package.price_yuan_per_year}元/年` : "免费"}` }))} value=${chosen}
      onChange=${(/** @type {string[]} */ next) => form.put(TYPE, "packages", "packages", next)} />
      ${packages.length === 0 && html`<${Empty}>手机里没有服务包，请先同步。<//>`}</div>
    ${taken.length > 0 && html`<h2>签约后要做的 <small>合计${price}元/年</small></h2><ul class="promises">
      ${Object.entries(items).map(([name, item]) => html`<li key=${name}><b>${item.name}</b>　${promise(client.catalogue, item)}
      </li>`)}</ul>`}
    <${Folded} title="周期" note=${`${dayWords(form.get(TYPE, "term", "starts_on"), today)} 至 ${dayWords(form.get(TYPE, "term",
      "ends_on"), today)}`}>${fields("term", ["starts_on", "ends_on"])}<//>
    <h2>签字</h2>${fields("parties", ["signer", ...(guardian ? ["signer_name"] : [])])}
      ${fields("signatures", ["party_b_signature"])}${fields("signatures", ["party_a_signature"])}
    <h2>其他项目</h2>
    <${Folded} title="双方和编号">${fields("parties", ["contract_no", "organization", "team", "doctor", "household", "channel"])}<//>
    <${Folded} title="签约日期">${fields("term", ["signed_on", "renewal_of"])}<//>
    ${["population", "fees"].map((name) =>
      html`<${SectionPart} key=${name} form=${form} place=${TYPE} declared=${declared} section=${declared.byName.get(name)}
      subject=${resident} folded />`)}<//>`;
}

/** The end of a contract before its time. @param {{app: any, declared: any, resident: string, record: string}} props */
function Stopping({ app, declared, resident, record }) {
  const onto = (/** @type {Record<string, any>} */ sections) => ({ ...sections, status: { ...sections.status, status: STOPPED },
    stop: { stopped_on: app.today(), ...sections.stop } });
  return html`<${RecordForm} app=${app} declared=${declared} subject=${resident} record=${record} about=${`${record}/stop`}
    title="解约" onto=${onto}
    draw=${(/** @type {Form} */ form) => html`<${Notice} tone="amber">保存后，从解约那天起不再有应服务项目；已做的都还在。<//>
      <${SectionFields} form=${form} place=${TYPE} declared=${declared} name="stop" subject=${resident} />`} />`;
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
  const about = shownOf(client.catalogue.types.get(TYPE), view.sections)[`item/${item}`];
  const begin = async () => {
    const sections = await blank(app, declared, view.subject);
    return { ...sections, performance: { ...sections.performance, contract, item, mode: app.settings.way ?? "clinic" } };
  };
  const draw = (/** @type {Form} */ form) => {
    const section = (/** @type {string} */ name, /** @type {string[]|undefined} */ only = undefined,
      /** @type {string[]} */ skip = []) => html`<${SectionFields} form=${form} place=${DONE} declared=${declared} name=${name} only=${only} skip=${skip} subject=${view.subject} />`;
    const confirmed = form.get(DONE, "evidence", "resident_confirmed");
    return html`<${Notice} tone="grey"><p><b>${about?.name ?? item}</b></p>
      <p>${about ? promise(client.catalogue, about) : ""}</p><//>
      ${section("performance", ["performed_on", "mode", "note"])}
      <h2>佐证 <small>选一样</small></h2>
      ${records.length > 0 && html`<div class="ask" data-field="record">
        <${Chips} label="已写的记录" options=${records.slice(0, 6)
        .map((/** @type {any} */ one) => ({ value: one.id, label: one.label }))} value=${form.get(DONE, "evidence", "record")}
        onChange=${(/** @type {string} */ id) => form.put(DONE, "evidence", "record", id)} /></div>`}
      ${section("evidence", ["resident_confirmed", ...(confirmed === "signature" ? ["signature"] : [])])}
      <h2>其他项目</h2><${Folded} title="地点、类别、人员">${section("performance", ["place", "category", "provider"])}<//>
      ${["satisfaction", "waiver"]
        .map((name) => html`<${SectionPart} key=${name} form=${form} place=${DONE} declared=${declared}
        section=${declared.byName.get(name)} folded />`)}`;
  };
  return html`<${RecordForm} app=${app} declared=${declared} subject=${view.subject} about=${`${contract}/${item}`} title="登记履约"
    begin=${begin} draw=${draw} />`;
}

/** An appeal against a service that counts as not given. @param {{app: any, params: string[]}} props */
export function AppealScreen({ app, params: [contract, item] }) {
  const { client } = app;
  const read = useRead(app, async () => {
    const view = await client.get(contract);
    const standing = await client.standing(view.subject);
    return { view, owed: standing.obligations.filter((/** @type {any} */ one) => one.contract === contract && one.item === item
      && one.state === "missed") };
  }, [contract, item]);
  const form = useForm(app, `appeal:${contract}:${item}`,
    async () => ({ values: { appeal: { appeal: {} } }, views: {}, more: {} }));
  const title = "未履约申诉";
  if (!read || !form) return html`<${Page} app=${app} title=${title} back />`;
  const { view, owed } = read;
  const shown = shownOf(client.catalogue.types.get(TYPE), view.sections), about = shown[`item/${item}`];
  const { reason = "", owed_by: by = (owed.findLast((/** @type {any} */ one) => !one.appeal)
    ?? owed.at(-1))?.by } = form.sections("appeal").appeal ?? {};
  const keep = async () => {
    if (!reason.trim()) {
      form.trouble = "请写明理由，比如：当天已上门，居民外出";
      form.redraw();
      /** @type {HTMLElement|null} */ (document.querySelector("#appeal-reason"))?.focus();
      return;
    }
    await save(form, { said: "申诉已保存，等监管员处理",
      keep: async (draft) => { await client.appeal(view, item, reason, { owedBy: by, draft });
      return (again) => client.undo(contract, { draft: again }); } });
  };
  const meant = owed.find((/** @type {any} */ one) => one.by === by), refused = meant?.reason === "appeal_refused";
  const asked = meant?.appeal && shown[meant.appeal];
  return html`<${Page} app=${app} title=${title} note=${app.byId.get(view.subject)?.name ?? ""} back
    foot=${owed.length > 0 && !refused && html`<${Foot} form=${form} onSave=${keep} save="提交申诉" />`}>
    <${Notice} tone="grey"><p><b>${about?.name ?? item}</b></p><p>${about ? promise(client.catalogue, about) : ""}</p><//>
    ${owed.length === 0 ? html`<${Empty}>这一项现在没有未履约。<//>` : html`
      <${Chips} label="哪一次没有计入"
        options=${owed.map((/** @type {any} */ one) =>
        ({ value: one.by, label: `${dayWords(one.by, app.today())}前的一次${one.appeal ? "（已申诉）" : ""}` }))} value=${by}
        onChange=${(/** @type {string} */ day) => form.put("appeal", "appeal", "owed_by", day)} />
      ${refused ? html`<${Notice} tone="red">${refusal({ name: "AppealError" })}：申诉已被驳回。<//>`
        : html`${asked && html`<${Notice} tone="amber">${dayWords(asked.asked_on, app.today())}已申诉，等监管员处理。当时写的理由：
        ${asked.reason}。再提交会换成新的理由。<//>`}<label class="label" for="appeal-reason">理由 <small class="need">必填</small></label>
        <textarea id="appeal-reason" rows="4" maxlength="500" value=${reason}
        onInput=${(/** @type {any} */ event) => form.put("appeal", "appeal", "reason", event.target.value)}></textarea>
      <p class="hint">监管员处理后，结果会在“需要处理”里告诉您。</p>`}`}<//>`;
}
