/** One person, one plan: problem, goal, measures, who, when it is looked at again; what changed, and what arrived meanwhile. */
import { html, Page, useAnswer } from "../parts.js";
import { monthsLater } from "../../../../client_sdk/js/sync/days.js";
import { canonical } from "../../../../client_sdk/js/sync/record.js";
import { dayWords } from "../words.js";
import { SectionFields } from "./fields.js";
import { RecordForm } from "./generic.js";
import { heard } from "./references.js";
import { Entries, Folded, SectionPart } from "./sections.js";
import { called, changed, family, sectionName, sectionText } from "./words.js";

/** @typedef {import("./form.js").Form} Form */

const TYPE = "care_plan";
const TARGETS = ["target_systolic_mmhg", "target_diastolic_mmhg", "target_fasting_glucose_mmol_l", "other_targets", "medicines"];

/** The plan that is carried out, else the last one, of those that are not void. @param {any[]} plans */
function latest(plans) {
  const rank = (/** @type {any} */ { sections: { summary } }) =>
    (["active", "under_review"].includes(summary?.status) ? 1e6 : 0) + (summary?.version ?? 0);
  return plans.filter((one) => !one.void).sort((a, b) => rank(b) - rank(a))[0] ?? null;
}

/** @param {{app: any, params: string[]}} props */
export function PlanScreen({ app, params: [resident] }) {
  // once: a plan that is made here must not be opened again under the form
  const { value: plans, error } = useAnswer(() => app.client.find({ type: TYPE, subject: resident }), [resident]);
  const declared = app.client.catalogue.types.get(TYPE);
  if (!plans && !error) return html`<${Page} app=${app} title="一人一策" note=${app.byId.get(resident)?.name} back />`;
  const draw = (/** @type {Form} */ form, /** @type {any} */ arrived) =>
    html`<${Plan} form=${form} declared=${declared} arrived=${arrived} subject=${resident} />`;
  return html`<${RecordForm} app=${app} declared=${declared} subject=${resident} record=${latest(plans ?? [])?.id}
    title="一人一策" begin=${() => begin(app, resident)} finish=${finish(app.today())} draw=${draw} />`;
}

/** A first plan, with the diseases under management. @param {any} app @param {string} resident */
async function begin(app, resident) {
  const standing = await app.client.standing(resident);
  const open = standing.managed.filter((/** @type {any} */ one) => one.status === "managed" && !one.programme);
  const today = app.today();
  const team = (await heard(app, "team"))[0];
  return {
    summary: { version: 1, status: "draft", written_on: today, service_mode: ["clinic"], visits_per_year: 4 },
    team: { village_doctor: app.status.person.id, ...(team ? { team } : {}) },
    review: { next_review_on: monthsLater(today, 6) },
    ...Object.fromEntries(open.map((/** @type {any} */ { disease }) =>
      [`condition/${disease}`, { name: app.client.catalogue.code("disease", disease)?.zh }])),
  };
}

/** A change of what is planned is a version of its own; a measure that was done or a review is not.
 * @param {string} today @returns {(sections: Record<string, any>, view: any) => Record<string, any>} */
const finish = (today) => (sections, view) => {
  const news = view ? Object.keys(changed(view.sections, sections))
    .filter((name) => ["summary", "condition"].includes(family(name))) : [];
  if (!news.length || !sections.summary) return sections;
  const before = view.sections.summary ?? {};
  const bumped = canonical(before.version ?? null) !== canonical(sections.summary.version ?? null);
  const next = { ...sections.summary, version: (before.version ?? 0) + 1, written_on: today };
  return bumped ? sections : { ...sections, summary: next };
};

/** @param {{form: Form, declared: any, arrived: any, subject: string}} props */
function Plan({ form, declared, arrived, subject }) {
  const view = form.content.views[TYPE];
  const entries = (/** @type {string} */ name, /** @type {string[]} */ only) =>
    html`<${Entries} form=${form} place=${TYPE} declared=${declared} section=${declared.byName.get(name)} subject=${subject}
      arrived=${arrived} only=${only} />`;
  const fields = (/** @type {string} */ name, /** @type {string[]} */ only) =>
    html`<${SectionFields} form=${form} place=${TYPE} declared=${declared} name=${name} subject=${subject} only=${only} />`;
  return html`${view && html`<${History} form=${form} declared=${declared} view=${view} />`}
    <h2>一、问题</h2>${fields("summary", ["problem_summary"])}
    <h2>二、目标</h2>${fields("summary", ["goals"])}
    <h3>每种病的方案</h3>${entries("condition", TARGETS)}
    <h2>三、措施</h2>${entries("measure", ["action", "owner", "due_on"])}
    <h2>四、责任人</h2><${SectionPart} form=${form} place=${TYPE} declared=${declared} section=${declared.byName.get("team")}
      subject=${subject} arrived=${arrived} />
    <h2>五、复核</h2>${fields("review", ["next_review_on"])}
    <h2>其他项目</h2>
    ${view && fields("summary", ["change_reason"])}
    <${Folded} title="状态、服务方式、人群">
      ${fields("summary", ["status", "service_mode", "visits_per_year", "population_groups", "need_flags", "three_batches",
        "changed_after"])}<//>
    <${Folded} title="复评和审批">
      <${SectionFields} form=${form} place=${TYPE} declared=${declared} name="review" subject=${subject}
        skip=${["next_review_on"]} /><//>`;
}

/** Who wrote what since the plan was made, and what this form changes. @param {{form: Form, declared: any, view: any}} props */
function History({ form, declared, view }) {
  const { app } = form;
  const { value: entries = [] } = useAnswer(() => app.client.history(view.id), [view]);
  const news = changed(view.sections, form.sections(TYPE));
  const names = (/** @type {Record<string, any>} */ sections) =>
    [...new Set(Object.entries(sections).map(([name, value]) => sectionName(app, declared, name, value ?? view.sections[name])))]
      .join("、");
  const last = entries.at(-1);
  return html`<${Folded} title=${`第${view.sections.summary?.version ?? 1}版，改过什么`}
    note=${last ? `${called(app, "person", last.author)} ${dayWords(last.written_at, app.today())} 最后改过` : ""}>
    <ul class="changes">${[...entries].reverse().map((entry) => html`<li key=${entry.dot.join()}>
      <b>${called(app, "person", entry.author)} ${dayWords(entry.written_at, app.today())}</b>：${names(entry.sections)}</li>`)}
    </ul><//>
    ${Object.keys(news).length > 0 && html`<${Folded} title="这次改了什么" note=${names(news)}>
      ${Object.entries(news).map(([name, value]) => html`<div key=${name}>
        <h3>${sectionName(app, declared, name, value ?? view.sections[name])}</h3>
        <p><b>原来</b> ${sectionText(app, declared, name, view.sections[name] ?? null)}</p>
        <p><b>现在</b> ${sectionText(app, declared, name, value)}</p></div>`)}<//>`}`;
}
