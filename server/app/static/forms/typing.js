/** What a key of the number pad does to what is typed, and when a number is complete. Pure. */

/** @typedef {import("../../../../client_sdk/js/sync/types/fields.js").Item} Item */

/** Digits of a day, a month and a moment, with what stands between them. @type {Record<string, string>} */
const FORMS = { date: "####-##-##", month: "####-##", instant: "####-##-##T##:##" };

/** Whether a field is typed on the pad. @param {Item} item */
export const onPad = (item) => item.kind === "whole" || item.kind === "decimal" || item.kind in FORMS;

/** The text after a key: a digit, "." or "del". @param {Item} item @param {string} text @param {string} key @returns {string} */
export function typed(item, text, key) {
  const form = FORMS[item.kind];
  if (form) {
    const digits = text.replace(/\D/g, "").slice(0, count(form));
    return spread(form, key === "del" ? digits.slice(0, -1) : (digits + (key === "." ? "" : key)).slice(0, count(form)));
  }
  if (key === "del") return text.slice(0, -1);
  if (key === "-") return text.startsWith("-") ? text.slice(1) : `-${text}`;
  const places = item.kind === "decimal" ? item.places ?? 1 : 0;
  if (key === ".") return places && !text.includes(".") ? `${text || "0"}.` : text;
  const after = (text === "0" ? "" : text) + key;
  const [whole, part = ""] = after.split(".");
  return part.length > places || whole.length > 9 ? text : after;
}

/** Nothing more can sensibly follow: a third digit would be beyond what there can be, or there is no more room.
 * @param {Item} item @param {string} text */
export function complete(item, text) {
  const form = FORMS[item.kind];
  if (form) return text.length >= form.length;
  if (item.kind === "decimal") return (text.split(".")[1] ?? "").length === (item.places ?? 1);
  const most = Number(item.only ? Math.max(...item.only) : item.hard?.[1] ?? Infinity);
  return text !== "" && (text === "0" ? most < 10 : Number(text) * 10 > most);
}

/** What is kept of a text: whole numbers as numbers, everything else as it was typed; undefined for nothing.
 * @param {Item} item @param {string} text */
export function kept(item, text) {
  if (text === "" || text === "-") return undefined;
  if (item.kind === "whole") return Number(text);
  return item.kind === "instant" && text.length === 16 ? `${text}:00${zone()}` : text;
}

/** What stands in the box. @param {Item} item @param {any} value @returns {string} */
export function boxed(item, value) {
  if (value === undefined || value === null) return "";
  return item.kind === "instant" ? String(value).slice(0, 16) : String(value);
}

/** @param {string} form */
const count = (form) => form.replace(/[^#]/g, "").length;

/** Digits in their places, up to where they end. @param {string} form @param {string} digits */
function spread(form, digits) {
  let [at, text] = [0, ""];
  for (const sign of form) {
    if (at === digits.length) break;
    text += sign === "#" ? digits[at++] : sign;
  }
  return text;
}

/** The offset of this phone's clock from UTC, `+08:00`. */
export function zone(now = new Date()) {
  const minutes = -now.getTimezoneOffset();
  const two = (/** @type {number} */ n) => String(Math.floor(n)).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}
