/** What the rules say of a form, and how it is told: the class, the measure and the day of the next visit. Pure. */
import { isDay, monthsLater } from "../../../../client_sdk/js/sync/days.js";
import { whole } from "../words.js";
import { filled } from "./words.js";

/** @typedef {import("../../../../client_sdk/js/sync/types/rules.js").Advice} Advice */
/** @typedef {"red"|"amber"|"green"} Tone */
/** @typedef {{reasons: string[], words: string[], tone: Tone}} Said why at once, what else is said, and how pressing it is */

/** @type {Tone[]} */
const TONES = ["red", "amber", "green"];
const REASONS = 2; // as many are named; with what follows, more would fill the screen
// what stands before it in the line already, as class or as danger
const TOLD = /^(连续两次)?(第一次控制不满意或有不良反应，|控制满意，|危急情况，|控制不满意(?=，))/;

/** @param {Advice} advice @returns {Said} */
function said(advice) {
  /** @param {string} gives */
  const of = (gives) => advice.findings.find((one) => one.table.gives === gives);
  const [urgent, measure, grade, next] = [of("urgent") ?? of("crisis"), of("measure"), of("class"), of("next_within")];
  const words = [];
  if (grade && !urgent) words.push(grade.rows[0].zh);
  if (measure) words.push(measure.rows[0].zh.replace(TOLD, "$1"));
  if (next && !words.some((one) => one.includes("随访"))) words.push(next.rows[0].zh);
  const fine = measure?.value === "routine" || (!measure && grade?.value === "controlled");
  return { reasons: urgent?.rows.map((row) => row.zh) ?? [], words, tone: urgent ? "red" : fine ? "green" : "amber" };
}

/** Danger first, then class and measure. @param {string[]} reasons @param {string[]} words */
function sentence(reasons, [head, ...rest]) {
  const named = `${reasons.slice(0, REASONS).map(whole).join("、")}${reasons.length > REASONS ? `等${reasons.length}项` : ""}`;
  const [first, after] = reasons.length ? [`危急（${named}）`, [head, ...rest]] : [head, rest];
  return [first, after.filter(Boolean).join("，")].filter(Boolean).join("：");
}

/** What the rules advise, in one line. @param {Advice} advice @returns {{text: string, tone: Tone}|null} */
export function adviceText(advice) {
  const { reasons, words, tone } = said(advice);
  if (reasons.length || words.length) return { text: sentence(reasons, words), tone };
  const other = advice.findings.find((one) => one.table.kept);
  return other ? { text: `${other.table.zh}：${other.rows[0].zh}`, tone: "amber" } : null;
}

/** What the rules advise on several diseases: danger once, what is alike once, and where they differ by what was measured.
 * @param {{name: string, advice: Advice}[]} given @returns {{lines: string[], tone: Tone}|null} */
export function adviceLines(given) {
  const every = given.map(({ name, advice }) => ({ name, ...said(advice) }))
    .filter((one) => one.reasons.length || one.words.length);
  if (!every.length) return null;
  const [urgent, others] = [every.filter((one) => one.reasons.length), every.filter((one) => !one.reasons.length)];
  const alike = others.length === given.length && new Set(others.map((one) => one.words.join())).size === 1;
  // the first of each, then the second of each: what one disease has alone is not pushed off by what both have
  const reasons = Array.from({ length: Math.max(...every.map((one) => one.reasons.length)) },
    (_, i) => urgent.flatMap((one) => one.reasons[i] ?? [])).flat();
  const lines = urgent.length ? [sentence([...new Set(reasons)], urgent[0].words)] : [];
  if (alike) lines.push(sentence([], others[0].words));
  else for (const { name, words } of others) lines.push(`${name}：${(urgent.length ? words.slice(0, 1) : words).join("，")}`);
  return { lines, tone: TONES.find((tone) => every.some((one) => one.tone === tone)) ?? "amber" };
}

/** The form with what the rules say: the class, the measure and the next day where the doctor gave none, and beside them what was
 * suggested. @param {Record<string, any>} sections @param {Advice} advice @param {string} next */
export function advised(sections, advice, next) {
  if (!sections.symptoms && !sections.vitals) return sections;
  const own = sections.assessment ?? {};
  const given = { class: advice.get("class"), next_measure: advice.get("measure"), ...own };
  const assessment = { ...given, ...advice.kept().assessment };
  return filled({ ...sections, assessment, next_visit: { on: next, ...sections.next_visit } });
}

/** The day of the next visit: the doctor's own, else the earliest that the rules name, else three months on.
 * @param {string[]} types @param {Record<string, Advice>} advice @param {Record<string, any>} shared @param {string} today
 * @returns {string} */
export function nextDay(types, advice, shared, today) {
  const day = shared.visit?.visited_on;
  const named = types.map((type) => advice[type]?.by("next_within")).filter(Boolean).sort();
  return shared.next_visit?.on ?? named[0] ?? (isDay(day) ? monthsLater(day, 3) : today && monthsLater(today, 3));
}
