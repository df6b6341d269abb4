/** How a follow-up of hypertension or of diabetes stands in the places of its form: what is asked once for both under SHARED,
 * what each asks alone under its type; and what was so at the visits before. */
import { advised, nextDay } from "./advice.js";
import { edited } from "./saving.js";
import { changed, family, filled } from "./words.js";

/** @typedef {import("../../../../client_sdk/js/sync/types/rules.js").Advice} Advice */
/** @typedef {Record<string, any>} Sections */
/** Of one disease: the habits as last told and on which day, the medicines as last told, and whether some of them are disputed.
 * @typedef {{on: string, lifestyle: Sections, medicines: Sections, disputed: boolean}} Last */

export const HTN = "hypertension_visit";
export const DIA = "diabetes_visit";
export const SHARED = "";
/** Sections that stand there; the others are each form's own. */
const COMMON = new Set(["visit", "vitals", "adherence", "lifestyle", "complication", "tests", "referral", "evidence",
  "next_visit"]);

/** What a form begins with: today, the last way, and no answer that was not given; or a record as it stands.
 * @param {any} app @param {string[]} types @param {string} resident @param {string} [record]
 * @returns {Promise<import("./form.js").Content>} */
export async function begin(app, types, resident, record) {
  const view = record ? await app.client.toEdit(record) : null;
  /** @type {Record<string, Last>} */
  const last = {};
  for (const type of types) {
    const day = (/** @type {any} */ one) => app.client.catalogue.types.get(type).dayOf(one.sections) ?? "";
    const before = (await app.client.find({ type, subject: resident })).filter((/** @type {any} */ one) => !one.void
      && one.sections.vitals && one.id !== record && day(one) && (!view || day(one) < day(view)));
    last[type] = lastOf(before, day);
  }
  if (view) {
    const { values, more } = await opened(app.client, view);
    return { values, views: { [types[0]]: view }, more: { ...more, last } };
  }
  const visit = { visited_on: app.today(), way: app.settings.way ?? "clinic", doctor: app.status.person.id };
  return { values: { [SHARED]: { visit } }, views: {}, more: { last } };
}

/** What was so at the visits before: habits of the newest that tells of them; medicines of the newest that has any or says that
 * none are taken, without those that wait for a decision. Pure.
 * @param {any[]} visits @param {(view: any) => string} day @returns {Last} */
export function lastOf(visits, day) {
  const newest = [...visits].sort((a, b) => day(b).localeCompare(day(a)));
  const lived = newest.find((one) => one.sections.lifestyle);
  const treated = newest.find(({ sections }) => Object.keys(medicinesOf(sections)).length
    || sections.adherence?.medication === "none");
  const taken = Object.entries(medicinesOf(treated?.sections)), agreed = taken.filter(([name]) => !treated.conflicts[name]);
  return { on: lived ? day(lived) : "", lifestyle: lived && !lived.conflicts.lifestyle ? lived.sections.lifestyle : {},
    medicines: unmarked(Object.fromEntries(agreed)), disputed: agreed.length < taken.length };
}

/** The habits as last told, whichever of the diseases the visit was for. Pure. @param {Record<string, Last>} last */
export function habitsOf(last) {
  const oldest = Object.values(last).sort((a, b) => (a.on < b.on ? -1 : Number(a.on > b.on)));
  const { carried_over: _, ...habits } = Object.assign({}, ...oldest.map((one) => one.lifestyle));
  return habits;
}

/** The same answers without the mark that they are those of the visit before. @param {Sections} sections @returns {Sections} */
export const unmarked = (sections) => Object.fromEntries(Object.entries(sections)
  .map(([name, { carried_over: _, ...answers }]) => [name, answers]));

/** @param {Sections} [sections] @returns {Sections} */
export const medicinesOf = (sections = {}) => Object.fromEntries(Object.entries(sections)
  .filter(([name, value]) => ["medication", "insulin"].includes(family(name)) && value));

/** A record in the places of this form. What is as the rules had it (class, measure, next day) goes on following the rules.
 * @param {any} client @param {any} view */
export async function opened(client, view) {
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
 * @param {string} type @param {Sections} sections */
export function placed(type, sections) {
  /** @type {Record<string, Sections>} */
  const values = { [SHARED]: {}, [type]: {} };
  for (const [name, value] of Object.entries(sections)) if (value) values[COMMON.has(name) ? SHARED : type][name] = { ...value };
  const { symptoms = [], other = "", ...rest } = values[type].symptoms ?? {};
  values[type].symptoms = rest;
  return { values, more: { symptoms, symptom_words: other, record: true } };
}

/** The symptoms that these forms have a code for, by it.
 * @param {any} catalogue @param {string[]} types @returns {Map<string, string>} */
export const symptomLabels = (catalogue, types) => new Map(types.flatMap((type) => {
  const { codes } = catalogue.types.get(type).item("symptoms.symptoms");
  return catalogue.codes[codes].codes.map((/** @type {any} */ one) => [one.code, one.zh]);
}));

/** The symptoms of one form: those it has no code for stand in words under 其他. Pure.
 * @param {Map<string, string>} known @param {Map<string, string>} labels @param {string[]} chosen @param {string} [words] */
function symptomsOf(known, labels, chosen, words) {
  const others = chosen.filter((one) => !known.has(one));
  const symptoms = [...new Set(chosen.map((one) => (known.has(one) ? one : "other")))];
  return { symptoms, other: [...others.map((one) => labels.get(one) ?? one), words].filter(Boolean).join("、") };
}

/** The sections of each form as they stand, with what is shared. Pure.
 * @param {any} catalogue @param {string[]} types @param {Record<string, any>} values @param {any} more
 * @returns {Record<string, Sections>} */
export function formsOf(catalogue, types, values, more) {
  const shared = values[SHARED];
  const absent = shared.visit?.lost_reason || shared.visit?.died_on;
  const labels = symptomLabels(catalogue, types);
  return Object.fromEntries(types.map((type) => {
    const symptoms = more.symptoms?.length
      ? symptomsOf(symptomLabels(catalogue, [type]), labels, more.symptoms, more.symptom_words) : null;
    if (more.record) return [type, filled({ ...values[type], ...shared, symptoms: { ...values[type].symptoms, ...symptoms } })];
    if (absent) return [type, filled({ visit: shared.visit })];
    const all = { ...values[type], ...(symptoms && { symptoms }) };
    const none = shared.adherence?.medication === "none";
    if (none) for (const name of Object.keys(all)) if (family(name) === "medication") delete all[name];
    for (const [name, value] of Object.entries(shared)) {
      const section = catalogue.types.get(type).byName.get(family(name));
      const fields = new Set(section?.fields.map((/** @type {any} */ one) => one.name));
      const fit = Object.fromEntries(Object.entries(value ?? {}).filter(([field]) => fields.has(field)));
      if (Object.keys(fit).length) all[name] = { ...fit, ...all[name] };
    }
    return [type, filled(all)];
  }));
}

/** What the rules say of each form. @param {any} client @param {Record<string, Sections>} forms
 * @param {{subject: string, record: string|null}} about @returns {Promise<Record<string, Advice>>} */
export const adviceOf = async (client, forms, about) => Object.fromEntries(await Promise.all(Object.entries(forms)
  .map(async ([type, form]) => [type, await client.advise(type, form, about)])));

/** The forms with what the rules say of them, and the day of the next visit. Pure.
 * @param {Record<string, Sections>} forms @param {Record<string, Advice>} advice @param {Sections} shared @param {string} today
 * @returns {{whole: Record<string, Sections>, next: string}} */
export function concluded(forms, advice, shared, today) {
  const next = nextDay(Object.keys(forms), advice, shared, today);
  const whole = Object.entries(forms).map(([type, form]) => [type, advice[type] ? advised(form, advice[type], next) : form]);
  return { whole: Object.fromEntries(whole), next };
}

/** A record as the form has it now: only the sections that differ from how it was opened.
 * @param {any} client @param {any} view @param {Sections} now @param {string} draft */
export async function rewritten(client, view, now, draft) {
  const { type, subject, id } = view;
  const { values, more } = await opened(client, view);
  const before = formsOf(client.catalogue, [type], values, more);
  const { whole } = concluded(before, await adviceOf(client, before, { subject, record: id }), values[SHARED], "");
  const news = changed(whole[type], now);
  return Object.keys(news).length ? edited(client, view, news, draft) : null;
}
