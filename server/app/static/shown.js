/** What stands in a record, for a page to draw: anybody may have sent anything, and a section that was emptied is null. Pure. */
import { isObject } from "../../../client_sdk/js/sync/types/checks.js";

/** @typedef {import("../../../client_sdk/js/sync/types/fields.js").Item} Item */

/** The sections of a record, each an object whose fields are of the kind that the catalogue asks for: a number in the place of a
 * text as its text, anything else left out. What is declared is there, empty where nothing was written.
 * @param {any} declared @param {Record<string, any>|undefined} sections @returns {Record<string, any>} */
export function shownOf(declared, sections = {}) {
  /** @type {Record<string, any>} */
  const found = {};
  for (const { name, keyed } of declared?.sections ?? []) if (!keyed) found[name] = {};
  for (const [name, value] of Object.entries(sections)) {
    if (isObject(value)) found[name] = fieldsOf(declared?.section(name)?.fields ?? [], value);
  }
  return found;
}

/** @param {readonly Item[]} items @param {Record<string, any>} value */
function fieldsOf(items, value) {
  const found = { ...value };
  for (const item of items) {
    found[item.name] = formed(item, value[item.name]);
    if (found[item.name] === undefined) delete found[item.name];
  }
  return found;
}

const LISTS = new Set(["codes", "references", "rows"]);

/** A value as its field has it; undefined where it cannot be one. @param {Item} item @param {any} value @returns {any} */
export function formed(item, value) {
  if (LISTS.has(item.kind)) {
    const { columns } = item;
    const every = Array.isArray(value) ? value : [value];
    const texts = () => every.filter((one) => typeof one === "string");
    const fit = columns ? every.filter(isObject).map((row) => fieldsOf(columns, row)) : texts();
    return fit.length ? fit : undefined;
  }
  if (item.kind === "truth") return typeof value === "boolean" ? value : undefined;
  if (typeof value === "number") return item.kind === "whole" ? value : String(value);
  return typeof value === "string" ? value : undefined;
}
