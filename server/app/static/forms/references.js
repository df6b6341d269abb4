/** Choosing what a field refers to: a resident, a household, a colleague, a record of this person, a contract, a package. */
import { html, useAnswer, useState, Button, Chips } from "../parts.js";
import { called, named, valueText } from "./words.js";
import { dayWords, formName } from "../words.js";

/** @typedef {{id: string, label: string}} Choice */

const MANY = 30; // choices shown at once

/** @param {any} props */
export function Reference({ form, item, values, put, said, label, subject }) {
  const { app } = form;
  const many = item.kind === "references";
  const value = values?.[item.name];
  const chosen = many ? value ?? [] : value ? [value] : [];
  const [open, turn] = useState(false);
  const [text, seek] = useState("");
  const wide = open || item.to in SMALL;
  /** @type {{value?: Choice[], error?: any}} */
  const answer = useAnswer(() => (wide ? choicesOf(app, item.to, text, subject) : answer.value), [wide, text, item.to, subject]);
  if (item.to === "photo") return html`<p class="label">${said}</p><p class="hint">${valueText(app, item, value)}</p>`;
  const choices = answer.error ? [] : answer.value;
  /** @param {any} next */
  const take = (next) => {
    if (many) return put(item.name, next.length ? next : undefined);
    put(item.name, next === value && !item.required ? undefined : next);
    turn(false);
  };
  const known = new Map(choices?.map((one) => [one.id, one.label]));
  const shown = wide ? [...new Set([...chosen, ...known.keys()])] : chosen;
  return html`<p class="label">${said}</p>
    ${open && item.to in SOUGHT
      && html`<input class="seek" type="search" aria-label=${`查找${label}`} placeholder=${SOUGHT[item.to]} value=${text}
      onInput=${(/** @type {any} */ event) => seek(event.target.value)} onFocus=${() => form.fold()} />`}
    ${shown.length > 0 && html`<${Chips} label=${label} hidden many=${many} value=${many ? chosen : value} onChange=${take}
      options=${shown.slice(0, MANY).map((/** @type {string} */ id) =>
        ({ value: id, label: known.get(id) ?? called(app, item.to, id) }))} />`}
    ${wide && choices?.length === 0 && !chosen.length && html`<p class="hint">手机里没有可选的，可先保存，以后再补</p>`}
    ${!(item.to in SMALL) && html`<${Button} onClick=${() => turn(!open)} aria-expanded=${String(open)}>
      ${open ? "收起" : chosen.length ? "更改" : "选择"}<//>`}`;
}

/** Kinds of which there are few: shown at once. @type {Record<string, true>} */
const SMALL = { person: true, team: true, organization: true };
/** Kinds that are searched, and for what. @type {Record<string, string>} */
const SOUGHT = { resident: "姓名、拼音首字母、电话后4位", household: "户主姓名、住址" };

/** @param {any} app @param {string} kind @param {string} text @param {string|null|undefined} subject
 * @returns {Promise<Choice[]>} */
async function choicesOf(app, kind, text, subject) {
  const { client } = app;
  const today = app.today();
  if (kind === "resident") {
    const found = text.trim() ? await client.search(text, { limit: MANY }) : app.rows.slice(0, MANY);
    return found.map((/** @type {any} */ row) => ({ id: row.resident, label: row.name }));
  }
  if (kind === "household") {
    const found = (await client.find({ type: "household" }))
      .filter((/** @type {any} */ one) => householdName(one).includes(text.trim()));
    return found.map((/** @type {any} */ one) => ({ id: one.id, label: householdName(one) }));
  }
  if (kind === "contract") {
    const found = await client.find({ type: "contract", subject });
    return found.map((/** @type {any} */ one) => ({ id: one.id, label: `${dayWords(one.sections.term?.starts_on, today)}起的协议` }));
  }
  if (kind === "service_package") {
    const found = await client.find({ type: "service_package" });
    return found.map((/** @type {any} */ one) => ({ id: one.id, label: one.sections.package?.name ?? "服务包" }));
  }
  if (kind === "record") return recordsOf(app, await client.find(subject ? { subject } : { type: "hypertension_visit" }));
  const every = await heard(app, kind);
  // several without a name cannot be told apart
  const ids = every.filter((id, i) => named(app, kind, id) || (!i && kind !== "person"));
  return ids.map((id) => ({ id, label: called(app, kind, id) }));
}

/** @param {any} one  a household as it is shown */
export const householdName = (one) => [one.sections.identity?.head_name, one.sections.residence?.address].filter(Boolean)
  .join(" · ") || "未写户主的家庭";

/** What beside the follow-ups shows that something was done. */
const DONE = new Set(["health_exam", "home_visit", "elder_selfcare", "referral", "long_prescription"]);

/** Visits and examinations, the last first, by day. @param {any} app @param {any[]} views @returns {Choice[]} */
export function recordsOf(app, views) {
  const { catalogue } = app.client;
  return views.filter((one) => !one.void && (catalogue.types.get(one.type)?.follows || DONE.has(one.type)))
    .map((one) => ({ one, day: catalogue.types.get(one.type)?.dayOf(one.sections) })).filter(({ day }) => day)
    .sort((a, b) => (a.day < b.day ? 1 : -1))
    .map(({ one, day }) => ({ id: one.id, label: `${formName(catalogue, one.type)} ${dayWords(day, app.today())}` }));
}

const HEARD = 12; // residents whose records are asked where the server has told no names yet

/** The ids of a kind that this phone has heard of; a person is first oneself.
 * @param {any} app @param {string} kind @returns {Promise<string[]>} */
export async function heard(app, kind) {
  const told = Object.keys(app.names?.[kind] ?? {});
  if (kind === "person") return [...new Set([app.status.person.id, ...told])];
  return told.length ? told : usual(app, kind);
}

/** The institution or team that records name, the most usual first. @param {any} app @param {string} kind */
async function usual(app, kind) {
  const { client } = app;
  const some = app.rows.slice(0, HEARD);
  const views = await Promise.all(some.map((/** @type {any} */ row) => client.find({ subject: row.resident })));
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { type, sections } of views.flat()) {
    for (const [name, value] of Object.entries(sections)) {
      for (const item of client.catalogue.types.get(type)?.section(name)?.fields ?? []) {
        const id = item.kind === "reference" && item.to === kind && value?.[item.name];
        if (id) counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([id]) => id);
}
