/** The form of any type, drawn from the catalogue alone: section by section, one column, what is optional folded away. */
import { html, useAnswer, useState, Confirm, Notice, Page } from "../parts.js";
import { modern, readIdNumber } from "../../../../client_sdk/js/sync/identity.js";
import { isVillage, scopeName, villageOf } from "../../../../client_sdk/js/sync/scopes.js";
import { formName, sexAndAge } from "../words.js";
import { adviceText } from "./advice.js";
import { Foot, Restored, alarming, halted, look, missing, some, useForm } from "./form.js";
import { edited, made, save } from "./saving.js";
import { SectionPart, asking, useArrived } from "./sections.js";
import { heard } from "./references.js";
import { changed, family, filled, issuePlace, valueText } from "./words.js";

/** @typedef {import("./form.js").Form} Form */

/** @param {{app: any, params: string[]}} props */
export function GenericScreen({ app, params: [type, resident, record] }) {
  const declared = app.client.catalogue.types.get(type);
  return declared
    ? html`<${RecordForm} app=${app} declared=${declared} subject=${resident === "new" ? null : resident} record=${record} />`
    : html`<${Page} app=${app} title="这种表格打不开" back><p>这部手机上的版本还没有这种表格，请先更新。</p><//>`;
}

/** What a new record begins with: the day, oneself, whom it is about, and what their other records say of where they belong.
 * @param {any} app @param {any} declared @param {string|null} subject @returns {Promise<Record<string, any>>} */
export async function blank(app, declared, subject) {
  const { client } = app;
  const row = app.byId.get(subject);
  const about = row ? (await client.get(subject)).sections : {};
  const scope = row?.scope ?? app.rows[0]?.scope ?? Object.keys(app.status.scopes).find(isVillage);
  const of = {
    person: app.status.person.id, resident: subject,
    household: declared.subject === "household" ? subject : about.household?.household,
    organization: about.residence?.organization ?? (await heard(app, "organization"))[0], team: (await heard(app, "team"))[0],
  };
  /** @type {Record<string, any>} */
  const sections = {};
  for (const section of asking(declared)) {
    if (!section.required || section.keyed) continue;
    const value = Object.fromEntries(section.fields.filter((item) => item.required)
      .map((item) => [item.name, first(app, declared, section.name, item, of, scope)])
      .filter(([, one]) => (one ?? null) !== null));
    if (Object.keys(value).length) sections[section.name] = value;
  }
  return sections;
}

/** @param {any} app @param {any} declared @param {string} section @param {any} item @param {any} of
 * @param {string|undefined} scope */
function first(app, declared, section, item, of, scope) {
  if (item.name.startsWith("to_")) return undefined; // where somebody is sent to is not where they are
  if (item.kind === "reference") return of[item.to];
  if (`${section}.${item.name}` === declared.dated) return app.today();
  if (item.name === "way" && app.settings.way) return app.settings.way;
  if (item.name === "area_code") return scope && villageOf(scope);
  if (/status$/.test(section) && item.kind === "code") return app.client.catalogue.code(item.codes, "active")?.code;
  return undefined;
}

/** @typedef {Record<string, any>} Sections */
/** The form of one record, new or as it stands. `about`: what its draft is of, if not of the record; `begin`: what a new one
 * begins with; `onto`: what is done to one that is there; `finish`: what is kept in the place of what was typed; `draw`: its own
 * layout.
 * @param {{app: any, declared: any, subject: string|null, record?: string, about?: string, title?: string,
 *   begin?: () => Promise<Sections>, onto?: (sections: Sections) => Sections,
 *   finish?: (sections: Sections, view: any) => Sections, draw?: (form: Form, arrived: any) => any}} props */
export function RecordForm({ app, declared, subject, record, about: of = record, title, begin, onto, finish, draw }) {
  const { client } = app;
  const type = declared.name, place = type;
  const key = `form:${type}:${subject ?? "new"}:${of ?? "new"}`;
  const [begun, restart] = useState(0);
  const form = useForm(app, key, async () => {
    const view = record ? await client.toEdit(record) : null;
    const first = view ? onto?.(view.sections) ?? view.sections : await (begin?.() ?? blank(app, declared, subject));
    return { values: { [place]: first }, views: { [place]: view }, more: {} };
  }, begun);
  const view = form?.content.views[place] ?? null;
  const sections = form?.sections(place) ?? {};
  const about = view?.subject ?? subject;
  const arrived = useArrived(app, view, sections, form?.content.beside);
  const [sure, ask] = useState(/** @type {string|null} */ (null));
  const advise = () => declared.rules.length > 0
    && client.advise(type, filled(sections), { subject: about, record: view?.id ?? null });
  const { value: advice } = useAnswer(() => form && advise(), [form && JSON.stringify(sections)]);
  const row = app.byId.get(about);
  const name = row ? `${row.name} ${sexAndAge(row.sex, row.birth_date, app.today())}` : "";
  const heading = title ?? (type === "resident" && !record ? "登记居民" : record ? `修改${formName(client.catalogue, type)}`
    : formName(client.catalogue, type));
  if (!form) return html`<${Page} app=${app} title=${heading} note=${name} back />`;

  const scope = view?.scope ?? scopeFor(app, declared, sections, row);
  const now = filled(sections);
  const issues = look(form, type, now, scope);
  const odd = alarming(issues);
  const lacking = missing(declared, issues);
  const written = async () => {
    const all = { ...now };
    const ruled = await advise(); // what was drawn last may be about what stood there before the last key
    for (const [section, values] of Object.entries(ruled ? ruled.kept() : {})) {
      if (all[section]) all[section] = { ...all[section], .../** @type {any} */ (values) };
    }
    return finish ? finish(all, view) : all;
  };
  const move = moves(app, view, now);
  const store = async () => {
    if (halted(form, lacking, () => fieldAt(place, issues.find((one) => one.code === "required")))) return;
    const question = [move, ...odd.map((one) => `${one.section}.${one.field}`)].filter(Boolean).join();
    if (question && sure !== question) { ask(`?${question}`); form.fold(); return; }
    const said = lacking.length ? `已保存，还缺：${some(lacking)}` : "已保存";
    await save(form, {
      said: `${row?.name ?? sections.identity?.name ?? ""} ${said}`.trim(),
      keep: async (draft) => {
        const all = await written();
        const news = view ? changed(view.sections, all) : all;
        if (view && !Object.keys(news).length) return null;
        if (view) return edited(client, view, news, draft);
        return made(client, () => client.create(type, news, { subject: about, ...(row ? {} : { scope }), draft }));
      },
    });
  };
  const told = advice && adviceText(advice);
  const doubts = odd.map((one) => `${issuePlace(declared, one)} ${oddValue(app, declared, now, one)}`).join("，");
  const words = [move, doubts && `${doubts}，是否无误？`].filter(Boolean).join(" ");
  const question = sure?.startsWith("?") && words
    && { text: words, yes: "没有错，保存", onYes: () => ask(sure.slice(1)), no: "再看看", onNo: () => ask(null) };
  const skip = type === "resident" && !record ? ["id_no"] : undefined;
  return html`<${Page} app=${app} title=${heading} note=${name} back
    foot=${html`<${Foot} form=${form} line=${told && html`<p class=${`line ${told.tone}`} aria-live="polite">${told.text}</p>`}
      ask=${question || null} onSave=${store} save=${form.asked && lacking.length ? "先保存" : "保存"} />`}>
    <${Restored} form=${form} again=${() => restart(begun + 1)} />
    ${view && Object.keys(view.conflicts).length > 0 && html`<${Notice} tone="amber">这一份正等组长核对，您仍可以修改。<//>`}
    ${type === "resident" && !record && html`<${IdentityNumber} form=${form} />`}
    ${draw ? draw(form, arrived) : asking(declared).map((section) =>
      html`<${SectionPart} key=${section.name} form=${form} place=${place} declared=${declared} section=${section}
        subject=${about} arrived=${arrived} skip=${section.name === "identity" ? skip : undefined} />`)}<//>`;
}

/** @param {any} app @param {any} declared @param {Record<string, any>} now @param {any} issue */
function oddValue(app, declared, now, issue) {
  const [name, at, column] = issue.field.split(".");
  const item = declared.byName.get(family(issue.section))?.fields.find((/** @type {any} */ one) => one.name === name);
  const value = now[issue.section]?.[name];
  return column ? valueText(app, item.columns.find((/** @type {any} */ one) => one.name === column), value?.[at]?.[column])
    : valueText(app, item, value);
}

/** @param {string} place @param {any} issue */
const fieldAt = (place, issue) =>
  document.querySelector(`[data-field="${CSS.escape(`${place}:${issue.section}.${issue.field?.split(".")[0]}`)}"]`)
    ?? document.querySelector(`[data-field="${CSS.escape(`${place}:${issue.section}`)}"]`);

/** Where a new record will live. @param {any} app @param {any} declared @param {Record<string, any>} sections @param {any} row */
function scopeFor(app, declared, sections, row) {
  const programme = declared.protected(filled(sections));
  const own = sections.residence?.area_code;
  const writable = Object.keys(app.status.scopes).filter((one) => app.status.scopes[one]);
  const scope = row?.scope ?? (writable.includes(own) ? own : writable.find(isVillage)) ?? "";
  return programme ? scopeName(villageOf(scope), programme) : scope;
}

/** What a change of address means where it names another village.
 * @param {any} app @param {any} view @param {Record<string, any>} now */
function moves(app, view, now) {
  const [was, is] = [view?.sections.residence?.area_code, now.residence?.area_code];
  if (view?.type !== "resident" || !was || !is || was === is) return "";
  return `改地址后，此人将转到${app.names?.area?.[is] ?? "别的村"}，由那里的医生管理。`;
}

/** A new resident begins with the identity number: it says the day of birth and the sex. @param {{form: Form}} props */
function IdentityNumber({ form }) {
  const place = "resident", { app } = form;
  const text = form.get(place, "identity", "id_no") ?? "";
  const read = text ? readIdNumber(text, app.today()) : null;
  const [other, deny] = useState(""); // the number of somebody who was said to be another
  const write = (/** @type {string} */ typed) => {
    const said = readIdNumber(typed, app.today());
    const now = form.sections(place).identity ?? {};
    const fine = said.faults.length === 0;
    form.putSection(place, "identity", { ...now, id_no: typed || undefined,
      ...(fine ? { id_type: "resident_id_card", birth_date: said.birth_date, sex: said.sex } : {}) });
  };
  const { value: same } = useAnswer(async () => {
    const rows = read && !read.faults.length ? await app.client.search(modern(text.trim()).slice(-6)) : [];
    return rows.find((/** @type {any} */ one) => one.birth_date === read?.birth_date);
  }, [text]);
  return html`<section class="part" data-field="resident:identity.id_no"><label class="label" for="id-no">身份证号</label>
    <p class="hint">先填这一项，生日和性别会自动填好。</p>
    <input id="id-no" class="wide-digits" autocomplete="off" autocapitalize="characters" maxlength="18" value=${text}
      onFocus=${() => form.fold()} onInput=${(/** @type {any} */ event) => write(event.target.value)} />
    ${read && text.length >= 15 && html`<p class=${read.faults.length ? "error" : "hint"} aria-live="polite">
      ${read.faults.length ? "号码有误，请逐位核对；没有错也可以照样保存" : `${read.sex === "male" ? "男" : "女"}，${read.birth_date} 出生`}</p>`}
    ${same && other !== text && html`<${Confirm} ask=${`${same.name}（${same.birth_date}）已经登记过，是同一个人吗？`}
      yes="打开他的档案" no="不是，继续登记" onYes=${() => app.go(`#/resident/${same.resident}`, true)}
      onNo=${() => deny(text)} />`}</section>`;
}
