// Which word of the section `decision` counts: of a person at a desk, or of whoever settled with it what it is about.
import { family } from "./record.js";
import { SERVER_ACTOR } from "./version.js";

export const DECISION = "decision";

/**
 * True where an edit of this actor, that wrote these sections, tells a decision: all that it names it wrote as well.
 * @param {string} actor @param {import("./record.js").Value | undefined} value @param {readonly string[]} written
 */
export function counts(actor, value, written) {
  if (!value) return false;
  if (SERVER_ACTOR.test(actor)) return true;
  const others = written.filter((name) => name !== DECISION);
  const known = [...others, ...others.map(family)];
  const { about } = value;
  return Array.isArray(about) && about.length > 0 && about.every((one) => known.includes(one));
}

/**
 * True where the `decision` of an edit was written without what it names; what others have written since is no sign of that.
 * @param {import("./record.js").LiveEdit} edit @param {{[section: string]: import("./record.js").Sibling[]}} live
 */
export function decidesNothing(edit, live) {
  const later = Object.keys(live).filter((name) => live[name].every((one) => one.edit.at > edit.at));
  const value = Object.hasOwn(edit.sections, DECISION) ? edit.sections[DECISION] : null;
  return !counts(edit.dot[0], value, [...Object.keys(edit.sections), ...later]);
}
