/** The parts of the form of a follow-up: what is measured, asked and chosen, once for both diseases or for each. */
import { html, useRef, useState, Button, Chips, Notice } from "../parts.js";
import { addDays } from "../../../../client_sdk/js/sync/days.js";
import { canonical } from "../../../../client_sdk/js/sync/record.js";
import { dayWords, label } from "../words.js";
import { FieldOf, NumberBox, SectionFields, issueOf, optionsOf } from "./fields.js";
import { reveal } from "./form.js";
import { Entries, Folded, SectionPart } from "./sections.js";
import { DIA, HTN, SHARED, habitsOf, medicinesOf, symptomLabels, unmarked } from "./visit_record.js";
import { family, taken } from "./words.js";

/** @typedef {import("./form.js").Form} Form */
/** @typedef {{form: Form, types: string[]}} Props */

/** @param {Form} form @param {string} type @returns {any} */
const declaredOf = (form, type) => form.catalogue.types.get(type);

/** @param {string} type */
const disease = (type) => (type === HTN ? "高血压" : "糖尿病");

/** Whether the person was not seen: then the rest of the form is not asked. @param {Form} form */
export const unseen = (form) => Boolean(form.get(SHARED, "visit", "lost_reason") || form.get(SHARED, "visit", "died_on"));

/** Pressure and glucose large, pulse and weight below. @param {Props} props */
export function Numbers({ form, types }) {
  /** @param {string} section @param {string} name @param {string} words @param {string|null} chain @param {boolean} [big] */
  const box = (section, name, words, chain, big) => {
    const place = section === "glucose" ? DIA : SHARED, item = declaredOf(form, place || types[0]).item(`${section}.${name}`);
    const issue = issueOf(form, section, item);
    return html`<div data-field=${name}>
      <${NumberBox} form=${form} item=${item} id=${`:${section}.${name}`} values=${form.sections(place)[section]} big=${big}
        said=${words} label=${item.zh} chain=${chain}
        put=${(/** @type {string} */ field, /** @type {any} */ value) => form.put(place, section, field, value)} />
      ${issue && html`<p class="error">${words}：${issue}</p>`}</div>`;
  };
  return html`<div class="numbers">
    ${box("vitals", "systolic_mmhg", "高压", "main", true)}${box("vitals", "diastolic_mmhg", "低压", "main", true)}
    ${types.includes(DIA) && html`${box("glucose", "fasting_glucose_mmol_l", "空腹血糖", "main", true)}
      ${box("glucose", "postprandial_glucose_mmol_l", "餐后2小时", null, true)}`}
    ${box("vitals", "heart_rate_per_min", "心率 次/分", "body")}${box("vitals", "weight_kg", "体重 公斤", "body")}</div>`;
}

/** Asked, and then chosen. @param {Props & {box: any}} props */
export function Symptoms({ form, types, box }) {
  const chosen = form.more.symptoms ?? [];
  const [open, turn] = useState(chosen.some((/** @type {string} */ one) => one !== "none"));
  const others = [...symptomLabels(form.catalogue, types)].filter(([code]) => code !== "none" && code !== "other")
    .map(([value, words]) => ({ value, label: words }));
  const write = (/** @type {string[]} */ next) => form.remember("symptoms", next.filter((one) => one !== "none"));
  return html`<div class="ask" data-field="symptoms" tabindex="-1" ref=${box}>
    <${Chips} label="症状（问过再选）" options=${[{ value: "none", label: "无症状" }, { value: "some", label: "有症状…" }]}
      value=${chosen[0] === "none" ? "none" : open ? "some" : null}
      onChange=${(/** @type {string} */ one) => { turn(one === "some");
        form.remember("symptoms", one === "none" ? ["none"] : []); }} />
    ${open && html`<${Chips} label="哪些症状" hidden many options=${[...others, { value: "other", label: "其他" }]} value=${chosen}
      onChange=${write} />
      ${chosen.includes("other") && html`<label class="label" for="symptom-words">其他症状</label>
        <input id="symptom-words" value=${form.more.symptom_words ?? ""}
        onInput=${(/** @type {any} */ event) => form.remember("symptom_words", event.target.value)} />`}`}</div>`;
}

/** How medicines are taken; or how they are borne. @param {Props & {bearing?: boolean}} props */
export function Taking({ form, types, bearing }) {
  const declared = declaredOf(form, types.includes(DIA) ? DIA : HTN);
  const bad = form.get(SHARED, "adherence", "adverse_reaction") === "yes";
  const chosen = (/** @type {string} */ name, words = "") => {
    const item = declared.item(`adherence.${name}`);
    return html`<${FieldOf} form=${form} item=${item} id=${`:adherence.${name}`} label=${words || item.zh} need=${false}
      values=${form.sections(SHARED).adherence} issue=${issueOf(form, "adherence", item)}
      put=${(/** @type {string} */ field, /** @type {any} */ value) => form.put(SHARED, "adherence", field, value)} />`;
  };
  return html`${!bearing && chosen("medication", "服药")}${bearing && types.includes(DIA) && chosen("hypoglycemia")}
    ${bearing && chosen("adverse_reaction")}
    ${bearing && bad && html`${chosen("adverse_reaction_note")}${chosen("adverse_hard_to_control")}`}`;
}

/** The pulse of the feet. @param {{form: Form}} props */
export const Feet = ({ form }) => html`<${SectionFields} form=${form} place=${SHARED} declared=${declaredOf(form, DIA)}
  name="vitals" only=${["weakened", "absent"].includes(form.get(SHARED, "vitals", "dorsalis_pedis"))
    ? ["dorsalis_pedis", "dorsalis_pedis_side"] : ["dorsalis_pedis"]} />`;

/** Habits and medicines: as last time, or open to be changed. Nothing of last time is in the record before it is chosen here;
 * habits are kept as carried over until one of them is changed. @param {Props} props */
export function SinceLast({ form, types }) {
  const { last, since, record } = form.more;
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const habits = habitsOf(last), had = Object.keys(habits).length > 0;
  const treated = record ? [] : types.filter((type) => Object.keys(last[type].medicines).length);
  const now = form.sections(SHARED).lifestyle;
  const chosen = had ? now && (now.carried_over && since !== "other" ? "same" : "other") : since;
  const take = (/** @type {string} */ one) => {
    if (one === chosen) return;
    form.remember("since", one);
    if (had) form.putSection(SHARED, "lifestyle", { ...habits, carried_over: true });
    for (const type of treated) if (!Object.keys(medicinesOf(form.sections(type))).length) takeLast(form, type);
    reveal(box.current); // what is taken over comes into view with it
  };
  return html`${(had || treated.length > 0) && html`<div class="ask" data-field="lifestyle" tabindex="-1" ref=${box}>
      <${Chips} label=${[had && "吸烟、饮酒、运动、饮食", treated.length && "用药"].filter(Boolean).join("、")} value=${chosen}
        options=${[{ value: "same", label: "同上次" }, { value: "other", label: "有变化…" }]} onChange=${take} />
      ${had && html`<p class="hint">上次：${habitWords(form.catalogue, habits)}</p>`}</div>`}
    <h2 class="visually-hidden">用药</h2><${Medicines} form=${form} types=${types} />
    ${(!had || chosen === "other") && html`<h2>吸烟、饮酒、运动、饮食</h2>
      ${types.map((type, i) => html`<${SectionFields} form=${form} place=${SHARED} declared=${declaredOf(form, type)}
        name="lifestyle" only=${habitFields(form, types, i)} />`)}`}`;
}

/** Habits as they are spoken of. @param {any} catalogue @param {Record<string, any>} of */
const habitWords = (catalogue, of) => [
  Number(of.cigarettes_per_day) ? `吸烟${of.cigarettes_per_day}支/日` : "不吸烟",
  Number(of.alcohol_liang_per_day) ? `饮酒${of.alcohol_liang_per_day}两/日` : "不饮酒",
  of.exercise_per_week ? `运动每周${of.exercise_per_week}次×${of.exercise_min ?? "?"}分钟` : "不运动",
  of.salt && `盐${label(catalogue, "salt_intake", of.salt)}`,
  of.staple_food_g_per_day !== undefined && `主食${of.staple_food_g_per_day}克/日`,
].filter(Boolean).join("，");

/** The habits that a form asks and those before it do not; what is aimed at is folded away elsewhere.
 * @param {Form} form @param {string[]} types @param {number} at */
function habitFields(form, types, at) {
  const names = (/** @type {string} */ type) =>
    declaredOf(form, type).byName.get("lifestyle").fields.map((/** @type {any} */ one) => one.name);
  const before = new Set(types.slice(0, at).flatMap(names));
  return names(types[at]).filter((/** @type {string} */ name) => !before.has(name) && !name.startsWith("target_"));
}

/** @param {Form} form @param {string} type */
function takeLast(form, type) {
  for (const [name, value] of Object.entries(form.more.last[type].medicines)) {
    form.putSection(type, name, { ...value, carried_over: true });
  }
}

/** What is taken, of each disease: as it will be kept, or what it was last time as long as nobody has said so.
 * @param {Props} props */
function Medicines({ form, types }) {
  const { last, since, record } = form.more;
  return types.map((type) => {
    const declared = declaredOf(form, type), { medicines, disputed } = last[type];
    const told = (/** @type {Record<string, any>} */ of) => Object.entries(of).map(([name, one]) => (family(name) === "insulin"
      ? [one.type, one.usage] : [one.drug, taken(form.app, one)]).filter(Boolean).join(" ")).join("；");
    const now = medicinesOf(form.sections(type)), before = record ? "" : told(medicines);
    const same = before && canonical(medicines) === canonical(unmarked(now)), unasked = before && !since && !Object.keys(now).length;
    const note = unasked ? `还没有确认。上次：${before}` : `${same ? "同上次：" : ""}${told(now)}` || "没有用药记录";
    return html`${disputed && !record && html`<${Notice} tone="amber">上次的用药正等核对，请重新问。<//>`}
      <${Folded} key=${`${type} ${since === "other"}`} title=${types.length > 1 ? `用药（${disease(type)}）` : "用药"}
        note=${note} open=${since === "other" && before !== ""}>
        ${unasked && html`<p class="hint">上次：${before}</p><${Button} onClick=${() => takeLast(form, type)}>照上次填入<//>`}
        <${Entries} form=${form} place=${type} declared=${declared} section=${declared.byName.get("medication")} />
        ${type === DIA && html`<h3>胰岛素</h3>
          <${SectionFields} form=${form} place=${type} declared=${declared} name="insulin" />`}<//>`;
  });
}

/** @param {Props} props */
export const Way = ({ form, types }) => html`<div class="ask" data-field="way">
  <${Chips} label="方式" options=${optionsOf(form, declaredOf(form, types[0]).item("visit.way"))}
    value=${form.get(SHARED, "visit", "way")}
    onChange=${(/** @type {string} */ one) => form.put(SHARED, "visit", "way", one)} /></div>`;

/** @param {Props & {next: string}} props */
export function Next({ form, types, next }) {
  const day = form.get(SHARED, "visit", "visited_on") ?? form.app.today();
  return html`<${Folded} title="下次随访" note=${`${dayWords(next, form.app.today())}${next <= addDays(day, 14) ? "（2周内）" : ""}`}>
    <${SectionFields} form=${form} place=${SHARED} declared=${declaredOf(form, types[0])} name="next_visit" /><//>`;
}

/** What stands large above already. */
const ABOVE = ["systolic_mmhg", "diastolic_mmhg", "heart_rate_per_min", "weight_kg", "dorsalis_pedis", "dorsalis_pedis_side"];

/** Everything else that the official forms ask, folded away. @param {Props & {whole: Record<string, any>}} props */
export function Rest({ form, types, whole }) {
  const aims = declaredOf(form, types[0]).byName.get("lifestyle").fields.map((/** @type {any} */ one) => one.name)
    .filter((/** @type {string} */ name) => name.startsWith("target_"));
  return html`<h2>其他项目</h2>
    ${types.map((type, i) => {
      const declared = declaredOf(form, type);
      const part = (/** @type {string} */ name, place = type, skip = /** @type {string[]} */ ([])) =>
        html`<${SectionPart} key=${type + name} form=${form} place=${place} declared=${declared}
          section=${declared.byName.get(name)} skip=${skip} folded />`;
      const { class: grade, next_measure: measure } = whole[type].assessment ?? {};
      const words = grade ? [label(form.catalogue, "chronic_visit_class", grade),
        measure && label(form.catalogue, "next_measure", measure)].filter(Boolean).join("，") : "";
      return html`${types.length > 1 && html`<h3>${disease(type)}</h3>`}
        <${Folded} title="分类和措施" note=${words}>
          <${SectionFields} form=${form} place=${type} declared=${declared} name="assessment" /><//>
        ${part("danger")}${type === DIA && part("glucose", DIA, ["fasting_glucose_mmol_l", "postprandial_glucose_mmol_l"])}
        ${i === 0 && html`${part("vitals", SHARED, ABOVE)}
          <${Folded} title="生活方式目标">
            <${SectionFields} form=${form} place=${SHARED} declared=${declared} name="lifestyle" only=${aims} /><//>
          ${["complication", "tests", "referral", "evidence"].map((name) => part(name, SHARED))}`}`;
    })}
    <${Folded} title="随访日期" note=${dayWords(form.get(SHARED, "visit", "visited_on"), form.app.today())}>
      <${SectionFields} form=${form} place=${SHARED} declared=${declaredOf(form, types[0])} name="visit"
        only=${["visited_on", "doctor"]} /><//>`;
}

/** The person was not reached, or has died. @param {Props} props */
export const Unseen = ({ form, types }) => html`<${Folded} title="没有见到本人" note="失访、死亡" open=${unseen(form)}>
  <${SectionFields} form=${form} place=${SHARED} declared=${declaredOf(form, types[0])} name="visit"
    only=${["lost_reason", "died_on", "death_cause"]} /><//>`;
