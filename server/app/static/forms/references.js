/** Choosing what a field refers to: a resident by search, a household, a colleague, a record of this person, a contract, a
 * package. */
import { html, useEffect, useState, Button } from "../parts.js";
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
  const [choices, found] = useState(/** @type {Choice[]|null} */ (null));
  useEffect(() => {
    if (!open && !(item.to in SMALL)) return undefined;
    let alive = true;
    choicesOf(app, item.to, text, subject).then((every) => alive && found(every), () => alive && found([]));
    return () => { alive = false; };
  }, [open, text, item.to, subject]);
  if (item.to === "photo") return html`<p class="label">${said}</p><p class="hint">${valueText(app, item, value)}</p>`;
  /** @param {string} id */
  const take = (id) => {
    if (!many) { put(item.name, id === value && !item.required ? undefined : id); turn(false); return; }
    const next = chosen.includes(id) ? chosen.filter((/** @type {string} */ one) => one !== id) : [...chosen, id];
    put(item.name, next.length ? next : undefined);
  };
  const known = new Map((choices ?? []).map((one) => [one.id, one.label]));
  const shown = open || item.to in SMALL ? [...new Set([...chosen, ...known.keys()])] : chosen;
  return html`<p class="label">${said}</p>
    ${open && item.to in SOUGHT
      && html`<input class="seek" type="search" aria-label=${`查找${label}`} placeholder=${SOUGHT[item.to]} value=${text}
      onInput=${(/** @type {any} */ event) => seek(event.target.value)} onFocus=${() => form.fold()} />`}
    ${shown.length > 0 && html`<div class="chips" role="group" aria-label=${label}>
      ${shown.slice(0, MANY).map((/** @type {string} */ id) =>
      html`<button type="button" class="chip" key=${id} aria-pressed=${String(chosen.includes(id))} onClick=${() => take(id)}>
      ${known.get(id) ?? called(app, item.to, id)}</button>`)}</div>`}
    ${(open || item.to in SMALL) && choices?.length === 0 && !chosen.length && html`<p class="hint">手机里没有可选的，可先保存，以后再补</p>`}
    ${!(item.to in SMALL) && html`<${Button} onClick=${() => turn(!open)} aria-expanded=${String(open)}>
      ${open ? "收起" : chosen.length ? "更改" : "选择"}<//>`}`;
}

/** Kinds of which there are few: shown at once. @type {Record<string, true>} */
const SMALL = { person: true, team: true, organization: true };
/** Kinds that are searched, and for what. @type {Record<string, string>} */
const SOUGHT = { resident: "姓名、拼音首字母、电话后4位", household: "户主姓名、住址" };

/** @param {any} app @param {string} kind
 * @param {string} text @param {string|null|undefined} subject @returns {Promise<Choice[]>} */
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
  const ids = every.filter((id, i) => named(app, kind, id) || (!i && kind !== "person"));
    // several without a name cannot be told apart
  return ids.map((id) => ({ id, label: called(app, kind, id) }));
}

/** @param {any} one  a household as it is shown */
export const householdName = (one) => [one.sections.identity?.head_name, one.sections.residence?.address].filter(Boolean)
  .join(" · ") || "未写户主的家庭";

/** Visits and examinations, the last first, by day. @param {any} app @param {any[]} views @returns {Choice[]} */
export function recordsOf(app, views) {
  const dated = views.filter((one) => !one.void)
    .map((one) => ({ one, declared: app.client.catalogue.types.get(one.type),
    day: app.client.catalogue.types.get(one.type)?.dayOf(one.sections) }));
  const done = dated.filter(({ one, day, declared }) => day
    && (declared.follows || ["health_exam", "home_visit", "elder_selfcare", "referral", "long_prescription"].includes(one.type)));
  return done.sort((a, b) => (a.day < b.day ? 1 : -1))
    .map(({ one, declared, day }) =>
    ({ id: one.id, label: `${formName(app.client.catalogue, one.type)} ${dayWords(day, app.today())}` }));
}

const HEARD = 12; // residents whose records are asked which colleagues, institutions and teams there are
/** @type {WeakMap<any, Promise<Record<string, string[]>>>} */
const asked = new WeakMap();

/** The ids of a kind that this phone has heard of; a person is first oneself.
 * @param {any} app @param {string} kind @returns {Promise<string[]>} */
export async function heard(app, kind) {
  if (!asked.has(app.client)) asked.set(app.client, listen(app));
  const told = (await asked.get(app.client))?.[kind] ?? [];
  const me = kind === "person" ? [app.status.person.id] : [];
  return [...new Set([...me, ...Object.keys(app.names?.[kind] ?? {}), ...told])];
}

/** @param {any} app */
async function listen(app) {
  const some = app.rows.slice(0, HEARD).map((/** @type {any} */ row) => row.resident);
  const views = (await Promise.all(some.map((/** @type {string} */ subject) => app.client.find({ subject })))).flat();
  /** @type {Record<string, Map<string, number>>} */
  const counts = { person: new Map(), organization: new Map(), team: new Map() };
  for (const view of views) {
    for (const [name, value] of Object.entries(view.sections)) {
      for (const item of app.client.catalogue.types.get(view.type)?.section(name)?.fields ?? []) {
        const id = value?.[item.name];
        if (item.kind === "reference" && item.to in counts && id) counts[item.to].set(id, (counts[item.to].get(id) ?? 0) + 1);
      }
    }
  }
  return Object.fromEntries(Object.entries(counts)
    .map(([kind, ids]) => [kind, [...ids].sort((a, b) => b[1] - a[1]).map(([id]) => id)]));
}
