/** A visit at a home: who was served, what for, what was found, a signature. */
import { html, useEffect, useState, Chips, Page } from "../parts.js";
import { dayWords } from "../words.js";
import { SectionFields } from "./fields.js";
import { Foot, Restored, halted, look, missing, useForm } from "./form.js";
import { RecordForm, blank } from "./generic.js";
import { householdName, recordsOf } from "./references.js";
import { made, save } from "./saving.js";
import { SectionPart } from "./sections.js";
import { filled } from "./words.js";

/** @typedef {import("./form.js").Form} Form */

const TYPE = "home_visit";
const OWN = new Set(["visit", "findings", "links"]); // drawn here; everything else as the catalogue has it
/** Sections that a purpose asks for. @type {Record<string, string>} */
const WANTED = { escort_to_hospital: "escort", drug_delivery: "drug_check" };

/** @param {{app: any, params: string[]}} props */
export function HouseholdScreen({ app, params: [household, , record] }) {
  const declared = app.client.catalogue.types.get(TYPE);
  return record ? html`<${RecordForm} app=${app} declared=${declared} subject=${household} record=${record} title="修改入户记录" />`
    : html`<${NewVisit} app=${app} declared=${declared} household=${household} />`;
}

/** @param {{app: any, declared: any, household: string}} props */
function NewVisit({ app, declared, household }) {
  const { client } = app;
  const key = `form:${TYPE}:${household}:new`;
  const [begun, restart] = useState(0);
  const [home, found] = useState(/** @type {any} */ (null));
  const [every, see] = useState(/** @type {any[]} */ ([]));
  const members = app.rows.filter((/** @type {any} */ row) => row.household === household);
  const form = useForm(app, key, async () => {
    const sections = await blank(app, declared, household);
    return { values: { [TYPE]: { ...sections, visit: { ...sections.visit, household, purposes: ["followup"] } } },
      views: { [TYPE]: null }, more: {} };
  }, begun);
  useEffect(() => {
    let alive = true;
    client.get(household).then((/** @type {any} */ view) => alive && found(view), () => undefined);
    Promise.all(members.map((/** @type {any} */ row) => client.find({ subject: row.resident }))).then((all) => {
      if (alive) see(all.flat());
    }, () => undefined);
    return () => { alive = false; };
  }, [household, app.rows]);
  const title = "入户记录", note = home ? householdName(home) : "";
  if (!form) return html`<${Page} app=${app} title=${title} note=${note} back />`;
  const visit = form.sections(TYPE).visit ?? {};
  const met = visit.residents ?? [];
  const put = (/** @type {Record<string, any>} */ values) => form.putSection(TYPE, "visit", { ...visit, ...values });
  const scope = members[0]?.scope ?? home?.scope ?? "";
  const served = met.length > 0;
  // what was written that day about those who were met
  const written = recordsOf(app, every.filter((view) => met.includes(view.subject)
    && client.catalogue.types.get(view.type)?.dayOf(view.sections) === visit.visited_on));
  const whole = filled({
    ...form.sections(TYPE), visit: { ...visit, household_times: served ? 1 : 0, person_times: met.length },
    ...(written.length ? { links: { visits: written.map((one) => one.id) } } : {}),
  });
  const issues = look(form, TYPE, whole, scope);
  const lacking = missing(declared, issues);
  const wanted = new Set((visit.purposes ?? []).map((/** @type {string} */ one) => WANTED[one]).filter(Boolean));
  const keep = async () => {
    if (halted(form, lacking)) return;
    await save(form, {
      said: `${note} 入户记录已保存`, keep: (draft) => made(client,
        () => client.create(TYPE, whole, { subject: household, scope, draft })),
    });
  };
  return html`<${Page} app=${app} title=${title} note=${note} back
    foot=${html`<${Foot} form=${form} onSave=${keep} save=${form.asked && lacking.length ? "先保存" : "保存"} />`}>
    <${Restored} form=${form} again=${() => restart(begun + 1)} />
    <div class=${`ask ${form.asked && !served && !visit.not_met_reason ? "wrong" : ""}`} data-field="residents" tabindex="-1">
      <${Chips} label="见到了谁" many options=${members.map((/** @type {any} */ row) => ({ value: row.resident, label: row.name }))}
      value=${met}
      onChange=${(/** @type {string[]} */ residents) =>
        put({ residents, ...(residents.length ? { not_met_reason: undefined } : {}) })} />
      ${members.length === 0 && html`<p class="hint">手机里没有这一户的成员。</p>`}
      ${form.asked && !served && !visit.not_met_reason && html`<p class="error">请勾选见到的人，或选下面没有见到人的原因</p>`}</div>
    ${!served && html`<${SectionFields} form=${form} place=${TYPE} declared=${declared} name="visit"
      only=${["not_met_reason"]} />`}
    <${SectionFields} form=${form} place=${TYPE} declared=${declared} name="visit" only=${["purposes"]} />
    ${written.length > 0 && html`<p class="hint">当天已写的
      ${written.map((one) => one.label.replace(dayWords(visit.visited_on, app.today()), "").trim()).join("、")}会关联到这次入户。</p>`}
    <${SectionFields} form=${form} place=${TYPE} declared=${declared} name="findings" />
    ${[...wanted].map((name) => html`<section class="part" key=${name}><h2>${declared.byName.get(name).zh}</h2>
      <${SectionFields} form=${form} place=${TYPE} declared=${declared} name=${name} /></section>`)}
    <h2>签名</h2><${SectionFields} form=${form} place=${TYPE} declared=${declared} name="evidence" only=${["resident_signature"]} />
    <h2>其他项目</h2>
    ${declared.sections.filter((/** @type {any} */ one) => !OWN.has(one.name) && !wanted.has(one.name)
      && !["void", "decision"].includes(one.name))
      .map((/** @type {any} */ section) =>
        html`<${SectionPart} key=${section.name} form=${form} place=${TYPE} declared=${declared} section=${section}
        skip=${["resident_signature"]} folded />`)}
    <${SectionFields} form=${form} place=${TYPE} declared=${declared} name="visit" only=${["visited_on", "companions"]} /><//>`;
}

