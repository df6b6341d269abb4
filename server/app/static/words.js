/** Words and ways of saying a day, an age, a while: what more than one screen says, or what depends on a code. */
import { localTime } from "../../../client_sdk/js/glance.js";
import { ageOn, daysBetween, isDay } from "../../../client_sdk/js/sync/days.js";

/** Short names of groups for a tag in a list, in the order of the tags; others as the catalogue has them.
 * @type {Record<string, string>} */
const TAGS = {
  hypertension: "高血压", diabetes: "糖尿病", tuberculosis: "肺结核", severe_mental_disorder: "精神障碍", tumour: "肿瘤", copd: "慢阻肺",
  registered_poor: "脱贫户", subsistence_allowance: "低保", destitute: "特困", disabled: "残疾", maternal: "孕产妇", child_0_6: "0-6岁",
  family_planning_special: "计生特殊", veteran: "优抚", elder_65: "65岁+",
};
const ORDER = Object.keys(TAGS);
const QUIET = new Set(["general", "other"]);

/** The groups worth a tag, in words. @param {any} catalogue @param {string[]} groups @returns {string[]} */
export const tags = (catalogue, groups) =>
  groups.filter((code) => !QUIET.has(code)).sort((a, b) => place(a) - place(b))
    .map((code) => TAGS[code] ?? label(catalogue, "population_group", code));

/** @param {string} code */
const place = (code) => (ORDER.indexOf(code) + 1 || ORDER.length + 1);

/** What a code of a list says. @param {any} catalogue @param {string} list @param {string} code @returns {string} */
export function label(catalogue, list, code) {
  return catalogue.codes[list]?.codes.find((/** @type {any} */ one) => one.code === code)?.zh ?? code;
}

/** `女 67岁`, as far as it is known. @param {string|null|undefined} sex @param {string|null|undefined} birth @param {string} on */
export function sexAndAge(sex, birth, on) {
  const word = sex === "female" ? "女" : sex === "male" ? "男" : "";
  return [word, isDay(birth) && `${ageOn(birth, on)}岁`].filter(Boolean).join(" ");
}

/** Words that stay on one line. @param {string} text */
export const whole = (text) => [...text].join("\u2060");

/** `11月22日`, with the year where it is not that of `today`; what is no day as it is. @param {any} day @param {string} today */
export function dayWords(day, today) {
  const found = here(day ?? "").slice(0, 10);
  if (!isDay(found)) return String(day ?? "");
  const [year, month, date] = found.split("-");
  return `${year === today.slice(0, 4) ? "" : whole(`${year}年`)}${whole(`${Number(month)}月${Number(date)}日`)}`;
}

/** An instant as the clock of this place has it, wherever it was written; anything else as it is.
 * @param {any} text @returns {string} */
export const here = (text) => (String(text).length > 10 && Date.parse(text) ? localTime(new Date(text)) : String(text));

/** `逾期9天`, `今天`, `还有3天`. @param {string} by @param {string} today */
export function dueWords(by, today) {
  const days = daysBetween(today, by);
  return days <= -730 ? `逾期${Math.floor(-days / 365)}年` : days < 0 ? `逾期${-days}天` : days === 0 ? "今天" : `还有${days}天`;
}

/** `2026年11月22日 08:15` as the clock of this place has it. @param {Date} time */
export const timeWords = (time) => `${dayWords(localTime(time), "")} ${localTime(time).slice(11, 16)}`;

/** `2小时前`. @param {string|null|undefined} instant @param {Date} now */
export function agoWords(instant, now) {
  if (!instant) return "还没有同步过";
  const minutes = Math.max(0, Math.round((now.getTime() - Date.parse(instant)) / 60_000));
  if (minutes < 2) return "刚刚";
  if (minutes < 60) return `${minutes}分钟前`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)}小时前`;
  return `${Math.round(minutes / 1440)}天前`;
}

/** Short names of forms; `a+b`: two that are filled in as one. @type {Record<string, string>} */
const SHORT = {
  hypertension_visit: "高血压随访", diabetes_visit: "糖尿病随访", "hypertension_visit+diabetes_visit": "两病随访",
  tb_first_visit: "肺结核首访", tb_visit: "肺结核随访", smd_visit: "精神障碍随访", smd_profile: "精神障碍信息表",
  home_visit: "入户记录", health_exam: "体检", elder_selfcare: "自理能力评估",
};

/** The name of a form, as short as it is clear. @param {any} catalogue @param {string} type @returns {string} */
export const formName = (catalogue, type) => SHORT[type] ?? catalogue.types.get(type)?.zh ?? type;

/** What is due, in words: `高血压随访`, `续签协议`. @param {any} catalogue @param {{what: string}} item @returns {string} */
export const dueName = (catalogue, { what }) =>
  (catalogue.types.has(what) ? formName(catalogue, what) : label(catalogue, "due", what));

/** Why a sync was not complete. @type {Record<string, string>} */
export const SYNC_WHY = {
  offline: "连不上服务器。稍后会再试，也可以点“立即同步”。",
  refused: "服务器没有接受。请把版本号和时间告诉管理员。",
  wiped: "这部手机已被停用。",
  SealedError: "这部手机已被停用。",
  StorageError: "手机存储空间不足。请先清理手机空间，再同步。",
  broken: "手机的存储出了问题。请关掉“村医”再打开；还不行，请联系管理员。",
  other: "还没有全部传完。内容都在手机里，稍后会接着传。",
};
export const SYNC_ASIDE = "有记录被退回，请看“需要处理”。";

/** Why the server keeps an edit apart, and what then. @param {string} reason */
export const asideWords = (reason) => `${SET_ASIDE[reason] ?? "服务器没有收下，内容已交给组长处理"}。您写的都还在。`
  + "组长收下以后，这条提醒会自己消失；没有采用，会在这里告诉您。一直不消失，就请问组长。";

/** @type {Record<string, string>} */
const SET_ASIDE = {
  "out-of-scope": "这位居民不在您的负责范围内，内容已交给组长处理",
  "account-disabled": "您的账号已停用，内容已交给组长处理",
  "dot-reused": "这部手机的资料曾被复制，内容已交给组长核对",
  malformed: "内容格式不对，已交给组长处理",
};

/** The state of a record: its shape, its words. @type {Record<string, [string, string]>} */
export const STATES = {
  waiting: ["ring", "待上传"],
  sent: ["dot", "已上传"],
  aside: ["square", "被退回"],
  conflict: ["square", "有冲突"],
  void: ["bar", "已作废"],
};
