/** What somebody may sign and what that promises: packages on offer, their items, their price. Pure. */
import { canonical } from "../../../../client_sdk/js/sync/record.js";
import { numberOf } from "../../../../client_sdk/js/sync/types/checks.js";
import { label } from "../words.js";

/** Whether a package is offered today to such a person. @param {any} one @param {string} today @param {any} standing */
export function fits(one, today, standing) {
  const about = one.sections.package;
  if (one.void || !about || about.valid_from > today || (about.valid_to && about.valid_to <= today)) return false;
  return !about.groups?.length || standing.groups.some((/** @type {any} */ group) => about.groups.includes(group.code));
}

/** What an item promises, in plain words: `每年4次，平均分布，须面对面`. @param {any} catalogue @param {any} item */
export function promise(catalogue, item) {
  const rule = item.due_rule === "within_days_of_start" && item.due_days ? `生效后${item.due_days}天内`
    : item.due_rule === "every_n_months" && item.every_months ? `每${item.every_months}个月一次`
    : label(catalogue, "package_due_rule", item.due_rule);
  return [item.times_per_year && `每年${item.times_per_year}次`, rule, item.face_to_face && "须面对面", item.note]
    .filter(Boolean).join("，");
}

/** The items of some packages as they are today: of two alike one, of two that differ under one key both.
 * @param {any[]} packages views @returns {Record<string, any>} sections `item/…` of a contract */
export function itemsOf(packages) {
  /** @type {Record<string, any>} */
  const found = {};
  for (const { sections } of packages) {
    for (const [name, value] of Object.entries(sections)) {
      if (!name.startsWith("item/") || !value) continue;
      let key = name;
      for (let n = 2; found[key] && canonical(found[key]) !== canonical(value); n++) key = `${name}_${n}`;
      found[key] = value;
    }
  }
  return found;
}

/** The price of some packages for a year, exactly. @param {any[]} packages @returns {string} */
export function priceOf(packages) {
  const cents = packages.map(({ sections }) => (numberOf(sections.package?.price_yuan_per_year) ?? 0n) / 10_000_000n)
    .reduce((sum, one) => sum + one, 0n);
  return `${cents / 100n}.${String(cents % 100n).padStart(2, "0")}`;
}
