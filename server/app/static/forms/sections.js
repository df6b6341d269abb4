/** Sections of a form one below the other: what is needed stands open, the rest is folded away until it is wanted; lists entry by
 * entry. */
import { html, useEffect, useState, Button, Notice } from "../parts.js";
import { LongList, SectionFields } from "./fields.js";
import { called, family, issueText, sectionName, sectionText } from "./words.js";
import { canonical } from "../../../../client_sdk/js/sync/record.js";
import { covers } from "../../../../client_sdk/js/sync/version.js";

/** @typedef {import("./form.js").Form} Form */
/** @typedef {import("../../../../client_sdk/js/sync/types/declare.js").SectionAbout} SectionAbout */

const NOT_ON_FORMS = new Set(["void", "decision"]);

/** The sections that a person fills in. @param {any} declared @returns {SectionAbout[]} */
export const asking = (declared) => declared.sections.filter((/** @type {SectionAbout} */ one) => !NOT_ON_FORMS.has(one.name));

/** A part of the page that is folded until somebody wants it.
 * @param {{title: any, note?: any, open?: boolean, id?: string, children?: any}} props */
export function Folded({ title, note, open = false, id, children }) {
  const [wanted, turn] = useState(open);
  return html`<section class="folded" data-field=${id} tabindex="-1">
    <button type="button" class="fold" aria-expanded=${String(wanted)} onClick=${() => turn(!wanted)}>
    <span>${title}${note && !wanted && html`<small>${note}</small>`}</span><b aria-hidden="true">${wanted ? "收起" : "展开"}</b>
    </button>
    ${wanted && html`<div class="inside">${children}</div>`}</section>`;
}

/** One section, or every entry of one that is a list.
 * @param {{form: Form, place: string, declared: any, section: SectionAbout, subject?: string|null, skip?: string[], arrived?:
 * Record<string, any>, folded?: boolean}} props */
export function SectionPart({ form, place, declared, section, subject, skip, arrived = {}, folded }) {
  const { app } = form;
  const values = form.sections(place);
  const written = Object.keys(values).filter((name) => family(name) === section.name && values[name]);
  const inner = section.keyed
    ? html`<${Entries} form=${form} place=${place} declared=${declared} section=${section} subject=${subject}
      arrived=${arrived} />`
    : html`<${Arrived} form=${form} declared=${declared} name=${section.name} arrived=${arrived} />
      <${SectionFields} form=${form} place=${place} declared=${declared} name=${section.name} subject=${subject} skip=${skip} />`;
  const required = section.required && !section.unless.some((path) => valueAt(values, path) !== undefined);
  const missed = form.asked && form.issues.some((one) => one.section === section.name && one.field === null
    && one.code === "required");
  const title = html`${section.zh}${required && !folded && html` <small class="need">必填</small>`}`;
  const wrong = missed && html`<p class="error">${section.zh}：${issueText("required")}</p>`;
  const alone = !section.keyed && section.fields.length === 1 && section.fields[0].zh === section.zh;
    // its one field says so already
  if ((section.required && !folded)
    || missed) return html`<section class="part" data-field=${`${place}:${section.name}`} tabindex="-1">
    ${!alone && html`<h2>${title}</h2>`}${wrong}${inner}</section>`;
  const note = written.map((name) => (section.keyed ? sectionName(app, declared, name, values[name]).replace(/^.*?·/, "")
    : sectionText(app, declared, name, without(values[name], skip)))).join("，");
  const touched = Object.keys(arrived).some((name) => family(name) === section.name);
  return html`<${Folded} key=${section.name} id=${`${place}:${section.name}`} title=${title} note=${brief(note)} open=${touched}>
    ${inner}<//>`;
}

const BRIEF = 36;

/** The beginning of what stands in a part that is folded. @param {string} text */
const brief = (text) => (text.length > BRIEF ? `${text.slice(0, BRIEF)}…` : text);

/** @param {any} value @param {string[]} [skip] */
const without = (value, skip = []) => value && Object.fromEntries(Object.entries(value).filter(([name]) => !skip.includes(name)));

/** @param {Record<string, any>} values @param {string} path */
function valueAt(values, path) {
  const [section, field] = path.split(".");
  return values[section]?.[field];
}

/** The entries of a list. @param {{form: Form, place: string, declared: any, section: SectionAbout, subject?: string|null,
 * arrived?: Record<string, any>, only?: string[]}} props */
export function Entries({ form, place, declared, section, subject, arrived = {}, only }) {
  const { app, catalogue } = form;
  const values = form.sections(place);
  const names = Object.keys(values).filter((name) => family(name) === section.name && values[name]);
  const codes = section.keys ? catalogue.codes[section.keys].codes : null;
  const left = codes?.filter((/** @type {any} */ one) => !values[`${section.name}/${one.code}`]
    && (!one.programme || declared.about.programme_by_codes));
  const add = (/** @type {string} */ key) => form.putSection(place, `${section.name}/${key}`, {});
  const gone = Object.keys(arrived).filter((name) => family(name) === section.name && !names.includes(name));
  return html`${names.map((name) => html`<div class="entry" key=${name} data-field=${`${place}:${name}`} tabindex="-1">
    <h3>${sectionName(app, declared, name, values[name])}</h3>
      <${Arrived} form=${form} declared=${declared} name=${name} arrived=${arrived} />
      <${SectionFields} form=${form} place=${place} declared=${declared} name=${name} subject=${subject} only=${only} />
      ${only && html`<${Folded} title="更多">
        <${SectionFields} form=${form} place=${place} declared=${declared} name=${name} subject=${subject} skip=${only} /><//>`}
      <${Button} kind="danger" onClick=${() => form.putSection(place, name, undefined)}>删除这一条<//></div>`)}
    ${gone.map((name) => html`<${Arrived} key=${name} form=${form} declared=${declared} name=${name} arrived=${arrived} />`)}
    ${codes ? html`<${LongList} said=${`添加${section.zh}`} label=${section.zh}
      options=${left.map((/** @type {any} */ one) => ({ value: one.code, label: one.zh }))} value=${undefined} many=${false}
      onChange=${add} />`
    : html`<${Button} onClick=${() => add(crypto.randomUUID())}>添加${section.zh}<//>`}`;
}

/** What somebody else wrote into a section while the form was open: beside what is typed, never over it.
 * @param {{form: Form, declared: any, name: string, arrived: Record<string, any>}} props */
export function Arrived({ form, declared, name, arrived }) {
  if (!Object.hasOwn(arrived, name)) return null;
  const { value, by, here } = arrived[name];
  if (here) return html`<${Notice} tone="amber"><p>您打开之后，这部手机上又保存过“${sectionName(form.app, declared, name, value)}”：</p>
    <p>${sectionText(form.app, declared, name, value)}</p><p>再点保存，就换成您现在输入的。<//>`;
  return html`<${Notice} tone="amber"><p>您打开之后，${by ? called(form.app, "person", by) : "别人"}也改了“
    ${sectionName(form.app, declared, name, value)}”：</p><p>${sectionText(form.app, declared, name, value)}</p>
    <p>您输入的不会被覆盖；两份都会保留，由组长核对。</p><//>`;
}

/** What arrived since a record was opened, looked for after each sync; and what did when it was opened anew (`beside`).
 * @param {any} app @param {any} view @param {Record<string, any>} typed @param {Record<string, any>} [beside] */
export function useArrived(app, view, typed, beside) {
  const [arrived, come] = useState(/** @type {Record<string, any>} */ ({}));
  useEffect(() => {
    if (!view) return undefined;
    let alive = true;
    arrivedSince(app.client, view, typed).then((found) => alive && come(found), () => undefined);
    return () => { alive = false; };
  }, [view, app.status]);
  return { ...beside, ...arrived };
}

/** The sections of a record that are other now than when the form was opened, with who wrote them.
 * @param {any} client @param {any} opened
 * @param {Record<string, any>} typed @returns {Promise<Record<string, {value: any, by: string|null}>>} */
async function arrivedSince(client, opened, typed) {
  const now = await client.get(opened.id);
  /** @type {Record<string, {value: any, by: string|null}>} */
  const arrived = {};
  if (canonical(now.seen) === canonical(opened.seen)) return arrived;
  const history = await client.history(opened.id);
  for (const name of new Set([...Object.keys(now.sections), ...Object.keys(opened.sections)])) {
    const claims = now.conflicts[name]?.filter((/** @type {any} */ one) => !covers(opened.seen, one.dot));
    const [was, is] = [opened.sections[name] ?? null, claims ? claims.at(-1)?.value : now.sections[name] ?? null];
    if (is === undefined || canonical(was) === canonical(is) || canonical(is) === canonical(typed[name] ?? null)) continue;
    arrived[name] = { value: is, by: claims?.at(-1)?.author
      ?? history.findLast((/** @type {any} */ one) => name in one.sections)?.author ?? null };
  }
  return arrived;
}

