/** What the catalogue's fields, values and issues are called on a form. Pure. */
import { at } from "../../../../client_sdk/js/sync/types/checks.js";
import { canonical, family } from "../../../../client_sdk/js/sync/record.js";
import { dayWords, here, label } from "../words.js";

/** @typedef {import("../../../../client_sdk/js/sync/types/fields.js").Item} Item */
/** @typedef {import("../../../../client_sdk/js/sync/types/declare.js").RecordType} RecordType */
/** @typedef {import("../../../../client_sdk/js/sync/types/declare.js").SectionAbout} SectionAbout */
/** @typedef {import("../../../../client_sdk/js/sync/types/checks.js").Issue} Issue */
/** @typedef {Record<string, any>} Sections */

/** What an issue asks for, by its code. @type {Record<string, string>} */
const ISSUES = {
  required: "还没有填", null: "还没有填", not_a_whole_number: "请填整数", not_a_decimal: "请填数字", not_a_date: "日期没有写完整",
  not_an_instant: "时间没有写完整", not_a_reference: "还没有选", too_long: "字太多，请缩短", wrong_form: "格式不对，请核对",
  unknown_code: "请重新选择", unknown_key: "请核对类别", twice: "选重了", excludes_others: "“无”不能和别的同时选",
  out_of_range: "不可能这样高或低，请核对", unusual: "少见，请核对", in_future: "日期还没到，请更正",
  not_below: "应低于另一项，请核对两项", not_after: "早于应在其前的日期", late: "间隔过长，请核对", short: "期限不足，请核对",
  disagrees: "与另一栏不一致", not_the_sum: "与各项之和不符", not_the_count: "与人数不符", over_limit: "超过规定上限",
  length: "证件号码位数不对", characters: "证件号码有不该有的字符", check_digit: "证件号码有误，请逐位核对",
  birth_date: "证件号码里的生日不对", protected: "属受保护项目，请写在专项记录里",
  "void-clash": "一人作废、另一人同时改了，等组长决定", review: "两人分别改过，请复核", undecided: "须由组长在后台处理",
  lives_elsewhere: "此人现住外村，请核对住址",
};

/** @param {string} code */
export const issueText = (code) => ISSUES[code] ?? "请核对";

/** A unit as it is read. @type {Record<string, string>} */
const UNITS = {
  mmHg: "毫米汞柱", "/week": "次/周", "/month": "次/月", "/year": "次/年", "/min": "次/分", "g/day": "克/日", "两/day": "两/日",
  min: "分钟", kg: "公斤", "kg/m2": "kg/m²", cm: "厘米", deg: "度", m: "米", "元/year": "元/年",
};
const OWN_FIELD = new Set(["dose_unit", "quantity_unit"]); // the unit stands in a field of its own

/** @param {Item} item */
export const unitOf = (item) => (!item.unit || OWN_FIELD.has(item.unit) ? "" : item.unit !== "/day" ? UNITS[item.unit]
  ?? item.unit
  : /cigarettes/.test(item.name) ? "支/日" : "次/日");

/** Who or what an id names: names that the phone has heard, else in general words.
 * @param {any} app @param {string} kind @param {string|null|undefined} id */
export const called = (app, kind, id) => (id ? named(app, kind, id) ?? GENERAL[kind] ?? "已选" : "");

/** The name of what an id names, null where this phone has not heard it.
 * @param {any} app @param {string} kind @param {string} id @returns {string|null} */
export function named(app, kind, id) {
  const me = app.status?.person;
  if (kind === "person" && me?.id === id) return me.name;
  if (kind === "resident" && app.byId.has(id)) return app.byId.get(id).name;
  return app.names?.[kind]?.[id] ?? (kind === "person" ? app.names?.supervisor?.[id] : null) ?? null;
}

/** @type {Record<string, string>} */
const GENERAL = {
  person: "另一位同事", resident: "另一位居民", organization: "本村管理机构", team: "本村签约团队", household: "已选家庭", contract: "已选协议",
  record: "已选记录", service_package: "已选服务包", signature: "已签名",
};

/** A value of a field in words. @param {any} app @param {Item} item @param {any} value @returns {string} */
export function valueText(app, item, value) {
  if (value === null || value === undefined || value === "") return "";
  if (item.drawn) return "已签名";
  if (Array.isArray(value)) {
    if (item.to === "photo") return `${value.length}张`;
    const say = (/** @type {any} */ one) => (item.columns ? fieldsText(app, item.columns, one) : valueText(app, item, one));
    return value.map(say).filter(Boolean).join(item.columns ? "；" : "、");
  }
  if (item.codes) return label(app.client.catalogue, item.codes, value);
  if (item.to) return called(app, item.to, value);
  if (typeof value === "boolean") return value ? "是" : "否";
  if (item.kind === "date") return dayWords(value, app.today());
  if (item.kind === "instant") return `${dayWords(value, app.today())} ${here(value).slice(11, 16)}`;
  if (typeof value === "object") return canonical(value);
  return `${value}${unitOf(item)}`;
}

const TAKEN = new Set(["times_per_day", "times_per_month", "dose", "dose_unit"]);

/** How a medicine is taken: `每日2次，每次0.5 g`. @param {any} app @param {any} value */
export function taken(app, { times_per_day: day, times_per_month: month, dose, dose_unit: unit }) {
  return [day && `每日${day}次`, month && `每月${month}次`,
    dose && `每次${dose}\u00a0${label(app.client.catalogue, "dose_unit", unit ?? "")}`.trim()].filter(Boolean).join("，");
}

/** Each field of an object with what stands in it; how a medicine is taken in one. @param {any} app
 * @param {readonly Item[]} items
 * @param {any} value @returns {[string, string][]} */
function linesOf(app, items, value) {
  const medicine = items.some((item) => item.name === "drug");
  return items.filter((item) => !item.drawn && !(medicine && TAKEN.has(item.name) && item.name !== "dose"))
    .map((item) => /** @type {[string, string]} */ (medicine && item.name === "dose" ? ["用法", taken(app, value ?? {})]
      : [item.zh, valueText(app, item, value?.[item.name])]))
    .filter(([, text]) => text);
}

/** Some fields of an object in one line. @param {any} app @param {Item[]} items @param {any} value */
export const fieldsText = (app, items, value) => linesOf(app, items, value).map(([, text]) => text).join(" ");

/** A section field by field, in the order of the form.
 * @param {any} app @param {RecordType|undefined} declared
 * @param {string} name
 * @param {any} value @returns {[string, string][]} */
export const sectionLines = (app, declared, name, value) => linesOf(app, declared?.section(name)?.fields ?? [], value);

/** A section in one line. @param {any} app @param {RecordType|undefined} declared @param {string} name @param {any} value */
export const sectionText = (app, declared, name, value) =>
  value === null ? "已清空" : sectionLines(app, declared, name, value).map(([zh, text]) => `${zh} ${text}`).join("，");

/** What a section is called; of an entry of a list with what its key stands for.
 * @param {any} app @param {RecordType|undefined} declared
 * @param {string} name @param {any} [value] @returns {string} */
export function sectionName(app, declared, name, value) {
  const section = declared?.byName.get(family(name));
  const key = name.slice(family(name).length + 1);
  if (!section) return "其他内容";
  if (!key) return section.zh;
  const named = section.keys ? label(app.client.catalogue, section.keys, key) : valueText(app, section.fields[0],
    value?.[section.fields[0].name]);
  return named ? `${section.zh}·${named}` : section.zh;
}

/** Where an issue is: `体征·心率`. @param {RecordType|undefined} declared @param {Issue} issue */
export function issuePlace(declared, issue) {
  const section = declared?.byName.get(family(issue.section));
  const [name, , column] = (issue.field ?? "").split(".");
  const item = section?.fields.find((one) => one.name === name);
  const inner = column && item?.columns?.find((one) => one.name === column);
  return inner ? inner.zh : item?.zh ?? section?.zh ?? issue.section;
}

/** Why something could not be saved, and what to do. @param {any} error @returns {string} */
export function refusal(error) {
  return REFUSED[error?.reason] ?? REFUSED[error?.name] ?? "没有保存成功，您输入的内容还在，请再点一次保存";
}

/** @type {Record<string, string>} */
const REFUSED = {
  UnfitError: "有手机输入不了的特殊符号，请删去后再保存",
  ProtectedError: "内容涉及结核病或精神障碍，只能写在专项记录里，请在这里去掉",
  ScopeError: "您的账号不能在这里新增这种记录，请联系组长",
  StorageError: "手机空间不足，没有保存。请先清理手机空间，再点保存",
  gone: "浏览器清除了手机里的资料，这份没有保存。请先抄下来，再打开“村医”",
  broken: "手机的存储出了问题，没有保存。请先抄下来，关掉“村医”再打开",
  AppealError: "这一项现在没有可以申诉的缺漏",
  SealedError: "这部手机已停用，不能再保存",
};

/** The sections that a doctor sees as filled: empty texts, lists and sections are as if they were not there.
 * @param {Sections} sections @returns {Sections} */
export function filled(sections) {
  /** @type {Sections} */
  const result = {};
  for (const [name, value] of Object.entries(sections)) {
    if (value === null) result[name] = null;
    const kept = cleared(value);
    if (kept && Object.keys(kept).length) result[name] = kept;
  }
  return result;
}

/** @param {any} value @returns {any} */
function cleared(value) {
  if (Array.isArray(value)) return value.map(cleared);
  if (typeof value === "string") return value.trim().replace(/^(-?\d+)\.$/, "$1");
  if (!value || typeof value !== "object") return value;
  const kept = Object.entries(value).map(([name, one]) => [name, cleared(one)]);
  return Object.fromEntries(kept.filter(([, one]) => !(one === null || one === undefined || one === ""
    || (Array.isArray(one) && !one.length))));
}

/** The sections that differ from what was opened; null for one that was emptied.
 * @param {Sections} before @param {Sections} after @returns {Sections} */
export function changed(before, after) {
  const [was, is] = [filled(before), filled(after)];
  /** @type {Sections} */
  const found = {};
  for (const name of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const [old, now] = [was[name] ?? null, is[name] ?? null];
    if (canonical(old) !== canonical(now)) found[name] = now;
  }
  return found;
}

/** The issues that a form would have if it were saved now. @param {any} catalogue @param {string} type @param {Sections} sections
 * @param {string} on @param {string} scope @returns {Issue[]} */
export function issuesOf(catalogue, type, sections, on, scope) {
  const edit = { dot: ["form", 1], at: "", written_at: "", author: "", sections };
  return catalogue.check({ record: "form", type, subject: null, scope, seen: { form: 1 }, edits: [edit] }, on);
}

export { at, family, label };
