/** The follow-up of hypertension, of diabetes, or of both in one: the pressure on the pad, three choices, saved. */
import { html, useEffect, useLayoutEffect, useRef, useState, Button, Notice, Page } from "../parts.js";
import { formName, sexAndAge } from "../words.js";
import { adviceLines } from "./advice.js";
import { Foot, Restored, alarming, look, missing, reveal, useForm } from "./form.js";
import { made, save } from "./saving.js";
import { Arrived, useArrived } from "./sections.js";
import { Feet, Next, Numbers, Rest, SinceLast, Symptoms, Taking, Unseen, Way, unseen } from "./visit_parts.js";
import { DIA, HTN, SHARED, adviceOf, begin, concluded, formsOf, opened, rewritten } from "./visit_record.js";
import { family, issuePlace, refusal, valueText } from "./words.js";

const MEASURED = new Set(["vitals", "glucose"]);

/** Whether a form has this layout. @param {string|undefined} type */
export const isFast = (type) => Boolean(type) && String(type).split("+").every((one) => one === HTN || one === DIA);

/** @param {{app: any, params: string[]}} props */
export function VisitScreen({ app, params: [joined, resident, record] }) {
  const types = joined.split("+");
  const { client } = app, { catalogue } = client;
  const key = `form:${joined}:${resident}:${record ?? "new"}`;
  const about = { subject: resident, record: record ?? null };
  const [begun, restart] = useState(0);
  const form = useForm(app, key, () => begin(app, types, resident, record), begun);
  const view = form?.content.views[joined] ?? null;
  const [advice, take] = useState(/** @type {Record<string, any>} */ ({}));
  const [sure, ask] = useState(/** @type {string|null} */ (null));
  const symptoms = useRef(/** @type {HTMLElement|null} */ (null));
  const keeping = useRef(false);
  const typed = () => form && formsOf(catalogue, types, form.content.values, form.more);
  const forms = typed();
  const arrived = useArrived(app, view, forms?.[joined] ?? {}, form?.content.beside);
  useEffect(() => {
    if (!forms) return undefined;
    let alive = true;
    adviceOf(client, forms, about).then((now) => alive && take(now), () => undefined);
    return () => { alive = false; };
  }, [forms && JSON.stringify(forms)]);
  useLayoutEffect(() => {
    if (!form) return;
    form.folded = () => { if (!form.more.symptoms?.length) reveal(symptoms.current); };
    const first = /** @type {HTMLElement|null} */ (document.querySelector("[data-pad]"));
    if (!form.restored && !record && first) first.click();
  }, [form]);
  const row = app.byId.get(resident);
  const title = types.length > 1 ? "两病随访" : `${record ? "修改" : ""}${formName(catalogue, joined)}`;
  if (!form || !forms) return html`<${Page} app=${app} title=${title} note=${row?.name ?? ""} back />`;

  /** What is to be said of the forms, and what of it is strange or lacking.
   * @param {Record<string, any>} now @param {Record<string, any>} said @param {Record<string, any>} shared */
  const judged = (now, said, shared) => {
    const { whole, next } = concluded(now, said, shared, app.today());
    const issues = types.flatMap((type) => look(form, type, whole[type], row?.scope ?? "").map((one) => ({ ...one, type })));
    form.issues = issues;
    const holes = (/** @type {boolean} */ above) => types.flatMap((type) => missing(catalogue.types.get(type),
      issues.filter((one) => one.type === type && above === MEASURED.has(one.section))));
    return { whole, next, issues, strange: alarming(issues).filter((one) => MEASURED.has(one.section)),
      lacking: [...new Set([...holes(true), ...holes(false)])] }; // what was measured stands above, out of sight
  };
  const { whole, next, issues, strange, lacking } = judged(forms, advice, form.sections(SHARED));

  const keep = async () => {
    // as it is at this touch: what was drawn may be a digit behind
    const now = /** @type {Record<string, any>} */ (typed()), shared = form.sections(SHARED);
    const { strange, lacking, whole } = judged(now, await adviceOf(client, now, about), shared);
    if (!form.get(SHARED, "vitals", "systolic_mmhg") && strange.length === 0 && !unseen(form) && !form.asked) {
      form.asked = true;
      form.trouble = "血压还没有量。要先存起来，请再点一次保存";
      form.fold();
      return;
    }
    const odd = strange.map((one) => `${one.section}.${one.field}`).join();
    if (odd && sure !== odd) { ask(`?${odd}`); form.fold(); return; }
    app.set("way", form.get(SHARED, "visit", "way"));
    await save(form, {
      said: `${row?.name ?? ""} ${lacking.length ? `已保存。还缺：${lacking.join("、")}` : "已保存"}`,
      base: { placed: (one) => opened(client, one),
        whole: ({ values, more }, type) => formsOf(catalogue, [type], values, more)[type] },
      keep: async (draft) => {
        if (view) return rewritten(client, view, whole[joined], draft);
        return made(client, () => types.length > 1 ? client.createTogether(whole, {}, { subject: resident, draft })
          : client.create(types[0], whole[types[0]], { subject: resident, draft }));
      },
    });
  };
  const onSave = () => {
    if (keeping.current) return;
    keeping.current = true;
    keep().catch((error) => { form.trouble = refusal(error); form.redraw(); }).finally(() => { keeping.current = false; });
  };
  const again = () => { ask(null); /** @type {any} */ (document.querySelector("[data-pad]"))?.click(); };
  const stay = () => ask(sure?.slice(1) ?? null);
  const doubt = () => {
    const words = oddWords(app, types, strange, whole);
    return strange.some((one) => one.code !== "unusual")
      ? { text: `${words}，不可能是这样。存下的话，之后要更正。`, yes: "重新输入", onYes: again, no: "照样存下", onNo: stay }
      : { text: `${words}，是否量准？`, yes: "量准了", onYes: stay, no: "重新输入", onNo: again };
  };
  const question = sure?.startsWith("?") && strange.length > 0 && doubt();
  const told = adviceLines(types.flatMap((type) => advice[type]
    ? [{ name: type === HTN ? "血压" : "血糖", advice: advice[type] }] : []));
  const some = `${lacking.slice(0, 2).join("、")}${lacking.length > 2 ? `等${lacking.length}项` : ""}`;
  const due = lacking.length > 0 && !form.active && types.every((type) => advice[type])
    && (view || form.get(SHARED, "vitals", "diastolic_mmhg"));
  const line = html`${told && html`<p class=${`line ${told.tone}`} aria-live="polite">
      ${told.lines.map((one) => html`<span key=${one}>${one}</span>`)}</p>`}
    ${due && html`<p class="lack"><span>还缺${some}，不补就算填写不全</span><${Button} onClick=${() => fill(issues)}>补填<//></p>`}`;
  const of = { form, types };
  return html`<${Page} app=${app} title=${title} note=${`${row?.name ?? ""} ${sexAndAge(row?.sex, row?.birth_date, app.today())}`}
    back foot=${html`<${Foot} form=${form} line=${line} ask=${question || null} onSave=${onSave} />`}>
    <${Restored} form=${form} again=${() => restart(begun + 1)} />
    ${view && Object.keys(view.conflicts).length > 0 && html`<${Notice} tone="amber">这一份正等组长核对，您仍可以修改。<//>`}
    ${Object.keys(arrived).map((name) =>
      html`<${Arrived} key=${name} form=${form} declared=${catalogue.types.get(joined)} name=${name} arrived=${arrived} />`)}
    ${!unseen(form) && html`<${Numbers} ...${of} /><${Symptoms} ...${of} box=${symptoms} /><${Taking} ...${of} />
      <${SinceLast} ...${of} />${types.includes(DIA) && html`<${Feet} form=${form} />`}<${Taking} ...${of} bearing />`}
    <${Way} ...${of} />
    ${!unseen(form) && html`<${Next} ...${of} next=${next} /><${Rest} ...${of} whole=${whole} />`}
    <${Unseen} ...${of} />
    <p><a class="button wide" href=${`#/resident/${resident}`}>看居民档案</a></p><//>`;
}

/** `血压 260/150`. @param {any} app @param {string[]} types @param {any[]} strange @param {Record<string, any>} whole */
function oddWords(app, types, strange, whole) {
  const { vitals } = whole[types[0]];
  const words = new Set(strange.map((one) => {
    if (/tolic/.test(one.field)) return `血压 ${vitals.systolic_mmhg ?? "—"}/${vitals.diastolic_mmhg ?? "—"}`;
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
