/** Which forms the button 随访 offers a person. Pure. */

/** The follow-up form of each disease under management, in the order of the official numbers; the first two are one form. */
const FORMS = {
  hypertension: "hypertension_visit", diabetes: "diabetes_visit", tuberculosis: "tb_visit", severe_mental_disorder: "smd_visit",
};

/**
 * The forms of somebody: with hypertension and diabetes one joined form, `hypertension_visit+diabetes_visit`.
 * @param {{groups?: (string|{code: string})[], due?: {what: string}[]}} who  a row of `client.rows()`, or a standing
 * @returns {{type: string, due: boolean}[]} the due ones first
 */
export function formsFor(who) {
  const groups = new Set((who.groups ?? []).map((one) => (typeof one === "string" ? one : one.code)));
  const due = new Set((who.due ?? []).map((one) => one.what));
  const open = Object.entries(FORMS).filter(([disease, form]) => groups.has(disease) || due.has(form)).map(([, form]) => form);
  if (due.has("tb_first_visit")) open.splice(open.indexOf("tb_visit"), open.includes("tb_visit") ? 1 : 0, "tb_first_visit");
  const both = ["hypertension_visit", "diabetes_visit"].every((form) => open.includes(form));
  const types = both ? ["hypertension_visit+diabetes_visit", ...open.slice(2)] : open;
  return types.map((type) => ({ type, due: type.split("+").some((one) => due.has(one)) }))
    .sort((a, b) => Number(b.due) - Number(a.due));
}
