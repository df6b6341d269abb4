/** The follow-up of hypertension, of diabetes, or of both in one: the pressure on the pad, three choices, saved. */
import { html, useEffect, useLayoutEffect, useRef, useState, Button, Chips, Notice, Page } from "../parts.js";
import { addDays, isDay, monthsLater } from "../../../../client_sdk/js/sync/days.js";
import { canonical } from "../../../../client_sdk/js/sync/record.js";
import { dayWords, formName, label, sexAndAge } from "../words.js";
import { FieldOf, NumberBox, SectionFields, issueOf, optionsOf } from "./fields.js";
import { Foot, Restored, alarming, look, missing, reveal, useForm } from "./form.js";
import { edited, made, save } from "./saving.js";
import { Arrived, Entries, Folded, SectionPart, useArrived } from "./sections.js";
import { adviceText, changed, family, filled, issuePlace, taken, valueText } from "./words.js";

/** @typedef {import("./form.js").Form} Form */

const HTN = "hypertension_visit", DIA = "diabetes_visit";
const MEASURED = new Set(["vitals", "glucose"]);
const SHARED = ""; // the place of what is entered once for both
/** Sections that stand there; the others are each form's own. */
const COMMON = new Set(["visit", "vitals", "adherence", "lifestyle", "complication", "tests", "referral", "evidence",
  "next_visit"]);

/** Whether a form has this layout. @param {string|undefined} type */
export const isFast = (type) => Boolean(type) && String(type).split("+").every((one) => one === HTN || one === DIA);

/** What a form begins with: today, the last way, what was last time, and no answer that was not given; or a record as it stands.
 * @param {any} app @param {string[]} types
 * @param {string} resident @param {string} [record] @returns {Promise<import("./form.js").Content>} */
async function begin(app, types, resident, record) {
  const view = record ? await app.client.toEdit(record) : null;
  /** @type {Record<string, any>} */
  const last = {};
  for (const type of types) {
    const day = (/** @type {any} */ one) => app.client.catalogue.types.get(type).dayOf(one.sections) ?? "";
    const before = (/** @type {any} */ one) => day(one) && (!view || day(one) < day(view));
    const made = (await app.client.find({ type, subject: resident }))
      .filter((/** @type {any} */ one) => !one.void && one.sections.vitals && one.id !== record && before(one));
    made.sort((/** @type {any} */ a, /** @type {any} */ b) => (day(a) < day(b) ? 1 : -1));
    const lived = made.find((/** @type {any} */ one) => one.sections.lifestyle);
    const habits = lived && !lived.conflicts.lifestyle ? lived.sections.lifestyle : {};
    const taken = Object.entries(medicinesOf(made[0]?.sections)), agreed = taken.filter(([name]) => !made[0].conflicts[name]);
    last[type] = { lifestyle: habits, medicines: Object.fromEntries(agreed), disputed: agreed.length < taken.length };
  }
  if (view) {
    const { values, more } = await opened(app.client, view);
    return { values, views: { [types[0]]: view }, more: { ...more, last } };
  }
  const shared = { visit: { visited_on: app.today(), way: app.settings.way ?? "clinic", doctor: app.status.person.id },
    adherence: { adverse_reaction: "no" } };
  const own = Object.fromEntries(types.map((type) => [type, last[type].medicines]));
  return { values: { [SHARED]: shared, ...own }, views: {}, more: { last } };
}

/** A record in the places of this form. What is as the rules had it (class, measure, next day) goes on following the rules.
 * @param {any} client @param {any} view */
async function opened(client, view) {
  const { type, subject, id, sections } = view;
  const content = placed(type, sections);
  const advice = { [type]: await client.advise(type, sections, { subject, record: id }) };
  const { assessment: own } = sections, of = content.values[type].assessment, next = content.values[SHARED].next_visit;
  if (own?.class && own.class === own.suggested_class) delete of.class;
  if (own?.next_measure && own.next_measure === own.suggested_next_measure) delete of.next_measure;
  if (next?.on && next.on === nextDay([type], advice, { visit: sections.visit }, "")) delete next.on;
  return content;
}

/** The sections of a record in the places of this form; symptoms as its screen keeps them. Pure.
 * @param {string} type @param {Record<string, any>} sections */
export function placed(type, sections) {
  /** @type {Record<string, Record<string, any>>} */
  const values = { [SHARED]: {}, [type]: {} };
  for (const [name, value] of Object.entries(sections)) if (value) values[COMMON.has(name) ? SHARED : type][name] = { ...value };
  const { symptoms = [], other = "", ...rest } = values[type].symptoms ?? {};
  values[type].symptoms = rest;
  return { values, more: { symptoms, symptom_words: other, record: true } };
}

/** @param {Record<string, any>|undefined} sections */
const medicinesOf = (sections = {}) => Object.fromEntries(Object.entries(sections)
  .filter(([name, value]) => ["medication", "insulin"].includes(family(name)) && value));

/** Whether the person was not seen: then the rest of the form is not asked. @param {Form} form */
const unseen = (form) => Boolean(form.get(SHARED, "visit", "lost_reason") || form.get(SHARED, "visit", "died_on"));

/** The symptoms of each form: those it has no code for stand in words under 其他. Pure.
 * @param {any} catalogue @param {any} declared
 * @param {string[]} chosen @param {Map<string, string>} labels
 * @param {string} [words] */
export function symptomsOf(catalogue, declared, chosen, labels, words) {
  const known = new Set(catalogue.codes[declared.item("symptoms.symptoms").codes].codes.map((/** @type {any} */ one) =>
    one.code));
  const others = chosen.filter((one) => !known.has(one));
  const symptoms = [...new Set(chosen.map((one) => (known.has(one) ? one : "other")))];
  const other = [...others.map((one) => labels.get(one) ?? one), words].filter(Boolean).join("、");
  return { symptoms, ...(other ? { other } : {}) };
}

/** The sections of each form as they stand, with what is shared. Pure.
 * @param {any} catalogue @param {string[]} types
 * @param {Record<string, any>} values
 * @param {any} more @returns {Record<string, Record<string, any>>} */
export function formsOf(catalogue, types, values, more) {
  const shared = values[SHARED];
  const absent = shared.visit?.lost_reason || shared.visit?.died_on;
  const labels = new Map(types.flatMap((type) => symptomList(catalogue, type)
    .map((/** @type {any} */ one) => [one.code, one.zh])));
  return Object.fromEntries(types.map((type) => {
    const declared = catalogue.types.get(type);
    if (more.record) {
      const symptoms = more.symptoms.length ? symptomsOf(catalogue, declared, more.symptoms, labels, more.symptom_words) : {};
      return [type, filled({ ...values[type], ...shared, symptoms: { ...values[type].symptoms, ...symptoms } })];
    }
    if (absent) return [type, filled({ visit: shared.visit })];
    const own = { ...values[type] };
    if (more.symptoms?.length) own.symptoms = symptomsOf(catalogue, declared, more.symptoms, labels, more.symptom_words);
    const none = shared.adherence?.medication === "none";
    if (none) for (const name of Object.keys(own)) if (family(name) === "medication") delete own[name];
    const all = { ...own };
    for (const [name, value] of Object.entries(shared)) {
      const fields = new Set(declared.byName.get(family(name))?.fields.map((/** @type {any} */ one) => one.name));
      const fit = Object.fromEntries(Object.entries(value ?? {}).filter(([field]) => fields.has(field)));
      if (Object.keys(fit).length) all[name] = { ...fit, ...own[name] };
    }
    return [type, filled(all)];
  }));
}

/** @param {any} catalogue @param {string} type */
const symptomList = (catalogue, type) => catalogue.codes[catalogue.types.get(type).item("symptoms.symptoms").codes].codes;

/** The form with what the rules say: the class, the measure and the next day where the doctor gave none, and beside them what was
 * suggested.
 * @param {Record<string, any>} sections
 * @param {import("../../../../client_sdk/js/sync/types/rules.js").Advice} advice
 * @param {string} next */
export function advised(sections, advice, next) {
  if (!sections.symptoms && !sections.vitals) return sections;
  const own = sections.assessment ?? {};
  const given = { class: advice.get("class"), next_measure: advice.get("measure"), ...own };
  const kept = advice.kept();
  const all = { ...sections, assessment: { ...given, ...kept.assessment }, next_visit: { on: next, ...sections.next_visit } };
  return filled(all);
}

/** @param {{app: any, params: string[]}} props */
export function VisitScreen({ app, params: [joined, resident, record] }) {
  const types = joined.split("+");
  const { client } = app;
  const key = `form:${joined}:${resident}:${record ?? "new"}`;
  const [begun, restart] = useState(0);
  const form = useForm(app, key, () => begin(app, types, resident, record), begun);
  const view = form?.content.views[joined] ?? null;
  const [advice, take] = useState(/** @type {Record<string, any>} */ ({}));
  const [sure, ask] = useState(/** @type {string|null} */ (null));
  const symptoms = useRef(/** @type {HTMLElement|null} */ (null));
  const forms = form && formsOf(client.catalogue, types, form.content.values, form.more);
  const asked = forms && JSON.stringify(forms);
  const arrived = useArrived(app, view, forms?.[joined] ?? {}, form?.content.beside);
  useEffect(() => {
    if (!forms) return undefined;
    let alive = true;
    Promise.all(types.map(async (type) => [type, await client.advise(type, forms[type],
      { subject: resident, record: record ?? null })]))
      .then((all) => alive && take(Object.fromEntries(all)), () => undefined);
    return () => { alive = false; };
  }, [asked]);
  useLayoutEffect(() => {
    if (!form) return;
    form.folded = () => { if (!form.more.symptoms?.length) reveal(symptoms.current); };
    const first = /** @type {HTMLElement|null} */ (document.querySelector("[data-pad]"));
    if (!form.restored && !record && first) first.click();
  }, [form]);
  const row = app.byId.get(resident);
  const title = types.length > 1 ? "两病随访" : `${record ? "修改" : ""}${formName(client.catalogue, joined)}`;
  if (!form || !forms) return html`<${Page} app=${app} title=${title} note=${row?.name ?? ""} back />`;

  const { catalogue } = client;
  const scope = row?.scope ?? "";
  const next = nextDay(types, advice, form.sections(SHARED), app.today());
  const whole = Object.fromEntries(types.map((type) => [type, advice[type] ? advised(forms[type], advice[type], next)
    : forms[type]]));
  const issues = types.flatMap((type) => look(form, type, whole[type], scope).map((one) => ({ ...one, type })));
  form.issues = issues;
  const strange = alarming(issues).filter((one) => MEASURED.has(one.section));
  const told = types.map((type) => advice[type] && adviceText(advice[type], app)).filter(Boolean)
    .sort((a, b) => TONES.indexOf(a.tone) - TONES.indexOf(b.tone));
  const holes = (/** @type {boolean} */ above) => types.flatMap((type) => missing(catalogue.types.get(type),
    issues.filter((one) => one.type === type && above === MEASURED.has(one.section))));
  const lacking = [...new Set([...holes(true), ...holes(false)])]; // what was measured stands above, out of sight

  const keep = async () => {
    if (!form.get(SHARED, "vitals", "systolic_mmhg") && strange.length === 0 && !unseen(form) && !form.asked) {
      form.asked = true;
      form.trouble = "血压还没有量。要先存起来，请再点一次保存";
      form.fold();
      return;
    }
    const odd = strange.map((one) => `${one.section}.${one.field}`).join();
    if (odd && sure !== odd) { ask(`?${odd}`); form.fold(); return; }
    app.set("way", form.get(SHARED, "visit", "way"));
    const words = lacking.length ? `已保存。还缺：${lacking.join("、")}` : "已保存";
    await save(form, {
      said: `${row?.name ?? ""} ${words}`,
      base: { placed: (one) => opened(client, one), whole: ({ values, more }, type) => formsOf(client.catalogue, [type], values,
        more)[type] },
      keep: async (draft) => {
        const ask = async (/** @type {string} */ type) => advised(forms[type], await client.advise(type, forms[type],
          { subject: resident, record: record ?? null }), next);
        if (view) return rewritten(client, view, await ask(joined), draft);
        const fresh = Object.fromEntries(await Promise.all(types.map(async (type) => [type, await ask(type)])));
        return made(client, () => types.length > 1 ? client.createTogether(fresh, {}, { subject: resident, draft })
          : client.create(types[0], fresh[types[0]], { subject: resident, draft }));
      },
    });
  };
  const question = sure?.startsWith("?") && strange.length > 0 && {
    text: `${oddWords(app, catalogue.types.get(types[0]), types, strange, whole)}，是否量准？`,
    yes: "量准了", onYes: () => ask(sure.slice(1)), no: "重新输入", onNo: () => { ask(null);
      const at = document.querySelector("[data-pad]"); /** @type {any} */ (at)?.click(); },
  };
  const words = [...new Set(told.map((one) => one.text))].join("；");
  const some = `${lacking.slice(0, 2).join("、")}${lacking.length > 2 ? `等${lacking.length}项` : ""}`;
  const due = lacking.length > 0 && !form.active && types.every((type) => advice[type])
    && (view || form.get(SHARED, "vitals", "diastolic_mmhg"));
  const line = html`${told.length > 0 && html`<p class=${`line ${told[0].tone}`} aria-live="polite">${words}</p>`}
    ${due && html`<p class="lack"><span>还缺${some}，不补就算填写不全</span><${Button} onClick=${() => fill(issues)}>补填<//></p>`}`;
  const foot = html`<${Foot} form=${form} line=${line} ask=${question || null} onSave=${keep} />`;
  return html`<${Page} app=${app} title=${title} note=${`${row?.name ?? ""} ${sexAndAge(row?.sex, row?.birth_date, app.today())}`}
    back foot=${foot}>
    <${Restored} form=${form} again=${() => restart(begun + 1)} />
    ${view && Object.keys(view.conflicts).length > 0 && html`<${Notice} tone="amber">这一份正等组长核对，您仍可以修改。<//>`}
    ${Object.keys(arrived).map((name) =>
      html`<${Arrived} key=${name} form=${form} declared=${catalogue.types.get(joined)} name=${name} arrived=${arrived} />`)}
    ${!unseen(form) && html`<${Numbers} form=${form} types=${types} />
      <${Symptoms} form=${form} types=${types} box=${symptoms} />
      <${Taking} form=${form} types=${types} />
      <${Habits} form=${form} types=${types} />
      ${types.includes(DIA) && html`<${SectionFields} form=${form} place=${SHARED} declared=${catalogue.types.get(DIA)}
        name="vitals" only=${feet(form)} />`}
      <${Taking} form=${form} types=${types} bearing />`}
    <${Way} form=${form} declared=${catalogue.types.get(types[0])} />
    ${!unseen(form) && html`<${Medicines} form=${form} types=${types} />
      <${Next} form=${form} declared=${catalogue.types.get(types[0])} next=${next} />
      <${Rest} form=${form} types=${types} advice=${advice} whole=${whole} />`}
    <${Unseen} form=${form} declared=${catalogue.types.get(types[0])} />
    <p><a class="button wide" href=${`#/resident/${resident}`}>看居民档案</a></p><//>`;
}

const TONES = ["red", "amber", "green"];

/** `血压 260/150`. @param {any} app
 * @param {any} declared @param {string[]} types
 * @param {any[]} strange @param {Record<string, any>} whole */
function oddWords(app, declared, types, strange, whole) {
  const form = whole[types[0]];
  const words = new Set(strange.map((one) => {
    if (/tolic/.test(one.field)) return `血压 ${form.vitals.systolic_mmhg ?? "—"}/${form.vitals.diastolic_mmhg ?? "—"}`;
    const type = app.client.catalogue.types.get(one.type), item = type.item(`${one.section}.${one.field}`);
    return `${issuePlace(type, one)} ${valueText(app, item, whole[one.type][one.section][one.field])}`;
  }));
  return [...words].join("，");
}

/** To the first thing on the screen that is missing: its pad, or its choices. @param {any[]} issues */
function fill(issues) {
  const places = new Set(issues.filter((one) => one.code === "required").flatMap(({ type, section, field }) =>
    [field, section, `:${section}.${field}`, `${type}:${section}.${field}`, `:${section}`, `${type}:${family(section)}`]));
  const at = [...document.querySelectorAll("main [data-field]")].find((one) =>
    places.has(/** @type {HTMLElement} */ (one).dataset.field));
  const box = /** @type {HTMLElement|null|undefined} */ (at?.querySelector("[data-pad]"));
  box?.click();
  box ? at?.scrollIntoView({ block: "start" }) : reveal(at);
}

/** A record as the form has it now: only the sections that differ from how it was opened. @param {any} client @param {any} view
 * @param {Record<string, any>} now @param {string} draft */
async function rewritten(client, view, now, draft) {
  const { type, subject, id } = view;
  const { values, more } = await opened(client, view);
  const before = formsOf(client.catalogue, [type], values, more)[type];
  const advice = await client.advise(type, before, { subject, record: id });
  const news = changed(advised(before, advice, nextDay([type], { [type]: advice }, values[SHARED], "")), now);
  return Object.keys(news).length ? edited(client, view, news, draft) : null;
}

/** The day of the next visit: the doctor's own, else the earliest that the rules name, else three months on.
 * @param {string[]} types @param {Record<string, any>} advice @param {Record<string, any>} shared @param {string} today */
function nextDay(types, advice, shared, today) {
  const day = shared.visit?.visited_on;
  const named = types.map((type) => advice[type]?.by("next_within")).filter(Boolean).sort();
  return shared.next_visit?.on ?? named[0] ?? (isDay(day) ? monthsLater(day, 3) : today && monthsLater(today, 3));
}

/** Pressure and glucose large, pulse and weight below. @param {{form: Form, types: string[]}} props */
function Numbers({ form, types }) {
  const htn = form.catalogue.types.get(types[0]);
  const box = (/** @type {string} */ section, /** @type {string} */ name, /** @type {string} */ words, /** @type {boolean} */ big,
    declared = htn) => {
    const item = declared.item(`${section}.${name}`), place = section === "glucose" ? DIA : SHARED;
    const chain = !big ? "body" : name !== "postprandial_glucose_mmol_l" ? "main" : null;
    return html`<div data-field=${name}>
      <${NumberBox} form=${form} item=${item} id=${`:${section}.${name}`} values=${form.sections(place)[section]} big=${big}
      said=${words} label=${item.zh} chain=${chain}
      put=${(/** @type {string} */ field, /** @type {any} */ value) => form.put(place, section, field, value)} />
        ${issueOf(form, section, item) && html`<p class="error">${words}：${issueOf(form, section, item)}</p>`}</div>`;
  };
  const dia = form.catalogue.types.get(DIA);
  return html`<div class="numbers">${box("vitals", "systolic_mmhg", "高压", true)}${box("vitals", "diastolic_mmhg", "低压", true)}
    ${types.includes(DIA) && html`${box("glucose", "fasting_glucose_mmol_l", "空腹血糖", true, dia)}
      ${box("glucose", "postprandial_glucose_mmol_l", "餐后2小时", true, dia)}`}
    ${box("vitals", "heart_rate_per_min", "心率 次/分", false)}${box("vitals", "weight_kg", "体重 公斤", false)}</div>`;
}

/** Asked, and then chosen. @param {{form: Form, types: string[], box: any}} props */
function Symptoms({ form, types, box }) {
  const chosen = form.more.symptoms ?? [];
  const [open, turn] = useState(chosen.some((/** @type {string} */ one) => one !== "none"));
  const every = new Map(types.flatMap((type) => symptomList(form.catalogue, type)
    .map((/** @type {any} */ one) => [one.code, one.zh])));
  const others = [...every].filter(([code]) => code !== "none" && code !== "other")
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

/** How medicines are taken; or how they are borne. @param {{form: Form, types: string[], bearing?: boolean}} props */
function Taking({ form, types, bearing }) {
  const declared = form.catalogue.types.get(types.includes(DIA) ? DIA : HTN);
  const bad = form.get(SHARED, "adherence", "adverse_reaction") === "yes";
  const chosen = (/** @type {string} */ name, words = "") => {
    const item = declared.item(`adherence.${name}`);
    return html`<${FieldOf} form=${form} item=${item} id=${`:adherence.${name}`} label=${words || item.zh} need=${false}
      values=${form.sections(SHARED).adherence}
      put=${(/** @type {string} */ field, /** @type {any} */ value) => form.put(SHARED, "adherence", field, value)}
        issue=${issueOf(form, "adherence", item)} />`;
  };
  return html`${!bearing && chosen("medication", "服药")}${bearing && types.includes(DIA) && chosen("hypoglycemia")}
    ${bearing && chosen("adverse_reaction")}
    ${bearing && bad && html`${chosen("adverse_reaction_note")}${chosen("adverse_hard_to_control")}`}`;
}

/** @param {Form} form */
const feet = (form) => ["weakened", "absent"].includes(form.get(SHARED, "vitals", "dorsalis_pedis"))
  ? ["dorsalis_pedis", "dorsalis_pedis_side"] : ["dorsalis_pedis"];

/** The way of life: as last time, which is kept as carried over, or as it is now. @param {{form: Form, types: string[]}} props */
function Habits({ form, types }) {
  const last = Object.assign({}, ...types.map((type) => form.more.last[type].lifestyle));
  const { carried_over: _, ...before } = last;
  const now = form.sections(SHARED).lifestyle;
  const had = Object.keys(before).length > 0;
  const same = now?.carried_over;
  return html`<div class="ask" data-field="lifestyle" tabindex="-1">
    ${had && html`<${Chips} label="吸烟、饮酒、运动、饮食" options=${[{ value: "same", label: "同上次" }, { value: "other", label: "有变化…" }]}
      value=${same ? "same" : now ? "other" : null}
        onChange=${(/** @type {string} */ one) => form.putSection(SHARED, "lifestyle", one === "same"
          ? { ...before, carried_over: true } : { ...before })} /><p class="hint">上次：${habitWords(form.catalogue, before)}</p>`}
    ${(!had || (now && !same))
      && html`<h2>吸烟、饮酒、运动、饮食</h2>
      ${types.map((type, i) => html`<${SectionFields} form=${form} place=${SHARED} declared=${form.catalogue.types.get(type)}
      name="lifestyle"
      only=${fieldsOf(form, types, i)} />`)}`}</div>`;
}

/** Habits as they are spoken of. @param {any} catalogue @param {Record<string, any>} of */
export const habitWords = (catalogue, of) => [
  Number(of.cigarettes_per_day) ? `吸烟${of.cigarettes_per_day}支/日` : "不吸烟", Number(of.alcohol_liang_per_day)
    ? `饮酒${of.alcohol_liang_per_day}两/日` : "不饮酒",
  of.exercise_per_week ? `运动每周${of.exercise_per_week}次×${of.exercise_min ?? "?"}分钟` : "不运动", of.salt
    && `盐${label(catalogue, "salt_intake", of.salt)}`,
  of.staple_food_g_per_day !== undefined && `主食${of.staple_food_g_per_day}克/日`,
].filter(Boolean).join("，");

/** The habits that a form asks and those before it do not; what is aimed at is folded away elsewhere.
 * @param {Form} form @param {string[]} types @param {number} at */
function fieldsOf(form, types, at) {
  const names = (/** @type {string} */ type) =>
    form.catalogue.types.get(type).byName.get("lifestyle").fields.map((/** @type {any} */ one) => one.name);
  const before = new Set(types.slice(0, at).flatMap(names));
  return names(types[at]).filter((/** @type {string} */ name) => !before.has(name) && !name.startsWith("target_")
    && name !== "carried_over");
}

/** @param {{form: Form, declared: any}} props */
const Way = ({ form, declared }) =>
  html`<div class="ask" data-field="way">
  <${Chips} label="方式" options=${optionsOf(form, declared.item("visit.way"))} value=${form.get(SHARED, "visit", "way")}
  onChange=${(/** @type {string} */ one) => form.put(SHARED, "visit", "way", one)} /></div>`;

/** What is taken: as last time unless it is changed. @param {{form: Form, types: string[]}} props */
function Medicines({ form, types }) {
  return types.map((type) => {
    const declared = form.catalogue.types.get(type);
    const told = Object.entries(form.sections(type)).filter(([name, value]) => family(name) === "medication" && value)
      .map(([, one]) => [one.drug, taken(form.app, one)].filter(Boolean).join(" "));
    const same = canonical(form.more.last[type].medicines) === canonical(medicinesOf(form.sections(type)));
    const title = types.length > 1 ? `用药（${type === HTN ? "高血压" : "糖尿病"}）` : "用药";
    return html`${form.more.last[type].disputed && !form.more.record && html`<${Notice} tone="amber">上次的用药正等核对，请重新问。<//>`}
      <${Folded} key=${type} title=${title} note=${told.length ? `${same ? "同上次：" : ""}${told.join("；")}` : "没有用药记录"}>
      <${Entries} form=${form} place=${type} declared=${declared} section=${declared.byName.get("medication")} />
      ${type === DIA && html`<h3>胰岛素</h3>
        <${SectionFields} form=${form} place=${type} declared=${declared} name="insulin" />`}<//>`;
  });
}

/** @param {{form: Form, declared: any, next: string}} props */
function Next({ form, declared, next }) {
  const day = form.get(SHARED, "visit", "visited_on") ?? form.app.today();
  return html`<${Folded} title="下次随访" note=${`${dayWords(next, form.app.today())}${next <= addDays(day, 14) ? "（2周内）" : ""}`}>
    <${SectionFields} form=${form} place=${SHARED} declared=${declared} name="next_visit" /><//>`;
}

/** Everything else that the official forms ask, folded away.
 * @param {{form: Form, types: string[], advice: Record<string, any>, whole: Record<string, any>}} props */
function Rest({ form, types, whole }) {
  return html`<h2>其他项目</h2>
    ${types.map((type) => {
      const declared = form.catalogue.types.get(type);
      const part = (/** @type {string} */ name, place = type, skip = /** @type {string[]} */ ([])) =>
        html`<${SectionPart} key=${type + name} form=${form} place=${place} declared=${declared}
        section=${declared.byName.get(name)} skip=${skip} folded />`;
      const first = type === types[0];
      const kept = whole[type].assessment;
      const words = kept?.class ? [label(form.catalogue, "chronic_visit_class", kept.class), kept.next_measure
        && label(form.catalogue, "next_measure", kept.next_measure)].filter(Boolean).join("，") : "";
      return html`${types.length > 1 && html`<h3>${type === HTN ? "高血压" : "糖尿病"}</h3>`}
        <${Folded} title="分类和措施" note=${words}>
          <${SectionFields} form=${form} place=${type} declared=${declared} name="assessment" /><//>
        ${part("danger")}${type === DIA && part("glucose", DIA, ["fasting_glucose_mmol_l", "postprandial_glucose_mmol_l"])}
        ${first && html`${part("vitals", SHARED, ["systolic_mmhg", "diastolic_mmhg", "heart_rate_per_min", "weight_kg",
          "dorsalis_pedis", "dorsalis_pedis_side"])}
          <${Folded} title="生活方式目标">
            <${SectionFields} form=${form} place=${SHARED} declared=${declared} name="lifestyle"
            only=${declared.byName.get("lifestyle").fields.map((/** @type {any} */ one) => one.name)
            .filter((/** @type {string} */ name) => name.startsWith("target_"))} /><//>
          ${["complication", "tests", "referral", "evidence"].map((name) => part(name, SHARED))}`}`;
    })}
    <${Folded} title="随访日期" note=${dayWords(form.get(SHARED, "visit", "visited_on"), form.app.today())}>
      <${SectionFields} form=${form} place=${SHARED} declared=${form.catalogue.types.get(types[0])} name="visit"
      only=${["visited_on", "doctor"]} /><//>`;
}

/** The person was not reached, or has died. @param {{form: Form, declared: any}} props */
const Unseen = ({ form, declared }) => html`<${Folded} title="没有见到本人" note="失访、死亡" open=${unseen(form)}>
  <${SectionFields} form=${form} place=${SHARED} declared=${declared} name="visit"
    only=${["lost_reason", "died_on", "death_cause"]} /><//>`;

