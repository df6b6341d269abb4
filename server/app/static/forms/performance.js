/** A service given under a contract, and an appeal where one counts as not given. */
import { html, Chips, Empty, Notice, Page, useRead } from "../parts.js";
import { shownOf } from "../shown.js";
import { dayWords } from "../words.js";
import { SectionFields } from "./fields.js";
import { Foot, useForm } from "./form.js";
import { RecordForm, blank } from "./generic.js";
import { recordsOf } from "./references.js";
import { save } from "./saving.js";
import { Folded, SectionPart } from "./sections.js";
import { promise } from "./signing.js";
import { refusal } from "./words.js";

/** @typedef {import("./form.js").Form} Form */

const TYPE = "contract", DONE = "performance";
const NEAR = 6; // of the records written last, to choose from

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
    const section = (/** @type {string} */ name, /** @type {string[]} */ only) =>
      html`<${SectionFields} form=${form} place=${DONE} declared=${declared} name=${name} only=${only}
        subject=${view.subject} />`;
    const confirmed = form.get(DONE, "evidence", "resident_confirmed");
    return html`<${Promised} app=${app} name=${item} item=${about} />
      ${section("performance", ["performed_on", "mode", "note"])}
      <h2>佐证 <small>选一样</small></h2>
      ${records.length > 0 && html`<div class="ask" data-field="record">
        <${Chips} label="已写的记录" options=${records.slice(0, NEAR).map(({ id, label }) => ({ value: id, label }))}
          value=${form.get(DONE, "evidence", "record")}
          onChange=${(/** @type {string} */ id) => form.put(DONE, "evidence", "record", id)} /></div>`}
      ${section("evidence", ["resident_confirmed", ...(confirmed === "signature" ? ["signature"] : [])])}
      <h2>其他项目</h2><${Folded} title="地点、类别、人员">${section("performance", ["place", "category", "provider"])}<//>
      ${["satisfaction", "waiver"].map((name) => html`<${SectionPart} key=${name} form=${form} place=${DONE}
        declared=${declared} section=${declared.byName.get(name)} folded />`)}`;
  };
  return html`<${RecordForm} app=${app} declared=${declared} subject=${view.subject} about=${`${contract}/${item}`} title="登记履约"
    begin=${begin} draw=${draw} />`;
}

/** An appeal against a service that counts as not given. @param {{app: any, params: string[]}} props */
export function AppealScreen({ app, params: [contract, item] }) {
  const { client } = app;
  const read = useRead(app, async () => {
    const view = await client.get(contract), { obligations } = await client.standing(view.subject);
    return { view, owed: obligations.filter((/** @type {any} */ one) =>
      one.contract === contract && one.item === item && one.state === "missed") };
  }, [contract, item]);
  const form = useForm(app, `appeal:${contract}:${item}`,
    async () => ({ values: { appeal: { appeal: {} } }, views: {}, more: {} }));
  const title = "未履约申诉";
  if (!read || !form) return html`<${Page} app=${app} title=${title} back />`;
  const { view, owed } = read;
  const shown = shownOf(client.catalogue.types.get(TYPE), view.sections);
  const usual = owed.findLast((/** @type {any} */ one) => !one.appeal) ?? owed.at(-1);
  const { reason = "", owed_by: by = usual?.by } = form.sections("appeal").appeal ?? {};
  const keep = async () => {
    if (!reason.trim()) {
      form.trouble = "请写明理由，比如：当天已上门，居民外出";
      form.redraw();
      /** @type {HTMLElement|null} */ (document.querySelector("#appeal-reason"))?.focus();
      return;
    }
    await save(form, { said: "申诉已保存，等监管员处理", keep: async (draft) => {
      await client.appeal(view, item, reason, { owedBy: by, draft });
      return (again) => client.undo(contract, { draft: again });
    } });
  };
  const meant = owed.find((/** @type {any} */ one) => one.by === by), refused = meant?.reason === "appeal_refused";
  const asked = meant?.appeal && shown[meant.appeal];
  return html`<${Page} app=${app} title=${title} note=${app.byId.get(view.subject)?.name ?? ""} back
    foot=${owed.length > 0 && !refused && html`<${Foot} form=${form} onSave=${keep} save="提交申诉" />`}>
    <${Promised} app=${app} name=${item} item=${shown[`item/${item}`]} />
    ${owed.length === 0 ? html`<${Empty}>这一项现在没有未履约。<//>` : html`
      <${Chips} label="哪一次没有计入" value=${by} options=${owed.map((/** @type {any} */ one) =>
        ({ value: one.by, label: `${dayWords(one.by, app.today())}前的一次${one.appeal ? "（已申诉）" : ""}` }))}
        onChange=${(/** @type {string} */ day) => form.put("appeal", "appeal", "owed_by", day)} />
      ${refused ? html`<${Notice} tone="red">${refusal({ name: "AppealError" })}：申诉已被驳回。<//>`
        : html`${asked && html`<${Notice} tone="amber">${dayWords(asked.asked_on, app.today())}已申诉，等监管员处理。当时写的理由：
          ${asked.reason}。再提交会换成新的理由。<//>`}
        <label class="label" for="appeal-reason">理由 <small class="need">必填</small></label>
        <textarea id="appeal-reason" rows="4" maxlength="500" value=${reason}
          onInput=${(/** @type {any} */ event) => form.put("appeal", "appeal", "reason", event.target.value)}></textarea>
        <p class="hint">监管员处理后，结果会在“需要处理”里告诉您。</p>`}`}<//>`;
}

/** What was promised. @param {{app: any, name: string, item: any}} props */
const Promised = ({ app, name, item }) => html`<${Notice} tone="grey"><p><b>${item?.name ?? name}</b></p>
  <p>${item ? promise(app.client.catalogue, item) : ""}</p><//>`;
