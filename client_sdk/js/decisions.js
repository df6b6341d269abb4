// Decisions that came with a sync: who settled a conflict or an appeal, when, why, and which values gave way. Values only.
import { DECISION, counts } from "./sync/decided.js";
import { blank, canonical, clashing, family, fold, sections } from "./sync/record.js";
import { SERVER_ACTOR, covers } from "./sync/version.js";

/** @typedef {import("./view.js").Held} Held */
/** @typedef {import("./sync/record.js").Edit} Edit */
/** @typedef {import("./sync/record.js").Record} Record */
/** @typedef {import("./sync/record.js").Value} Value */
/** @typedef {import("./sync/version.js").Dot} Dot */
/** @typedef {{section: string, value: Value, author: string, written_at: string}} Lost a value that gave way, and whose it was */
/**
 * `returned`: sections that still wait, sent back to the doctors; `lost` is empty where this phone held none of it.
 * @typedef {{record: string, type: string, author: string, written_at: string, reason: string, about: string[],
 *   kept: {[section: string]: Value}, returned: string[], lost: Lost[]}} Decision
 */
/** @typedef {{name: Dot, decision: Decision}} Named a decision and the edit that decided */

const APPEAL = "appeal";

/**
 * The decisions that a record tells of: the last about conflicts, and of each appeal.
 * @param {Record} record @returns {Named[]}
 */
export function decisionsOf(record) {
  /** @type {Map<string, Named>} */
  const found = new Map();
  const stand = sections(record);
  const clash = clashing(record);
  for (const [name, siblings] of Object.entries(stand)) {
    const { edit, value } = siblings[siblings.length - 1];
    if (!value) continue;
    const byDesk = SERVER_ACTOR.test(edit.dot[0]);
    let about;
    let { reason } = value;
    if (name === DECISION && counts(edit.dot[0], value, Object.keys(edit.sections))) {
      about = Array.isArray(value.about) ? value.about.filter((one) => typeof one === "string") : [];
    } else if (family(name) === APPEAL && value.decision && byDesk) {
      about = [name];
      reason = value.note;
    } else continue;
    const decision = {
      record: record.record,
      type: record.type,
      author: edit.author,
      written_at: edit.written_at,
      reason: typeof reason === "string" ? reason : "",
      about,
      kept: Object.fromEntries(
        about.filter((one) => Object.hasOwn(stand, one)).map((one) => [one, stand[one][stand[one].length - 1].value]),
      ),
      returned: about.filter((one) => byDesk && Object.hasOwn(clash, one)),
      lost: [],
    };
    found.set(String(edit.dot), { name: edit.dot, decision });
  }
  return [...found.values()];
}

/**
 * The decisions about a record that came just now, with the values that stood here before and stand no longer. Of a record
 * that this phone did not hold there are none; what the server has not received gives way to nothing.
 * @param {Held | null} before @param {readonly Edit[]} waiting @param {Record} after @param {(edit: Edit) => string} estimate
 * @returns {Named[]}
 */
export function news(before, waiting, after, estimate) {
  const told = decisionsOf(after);
  const names = new Set(told.map(({ name }) => String(name)));
  const received = waiting.filter((edit) => covers(after.seen, edit.dot) && !names.has(String(edit.dot)));
  if (!before && !received.length) return [];
  let stood = before ? before.record : blank(received[0]);
  for (const edit of received) if (!covers(stood.seen, edit.dot)) stood = fold(stood, edit, estimate(edit));
  const known = new Set(before ? decisionsOf(before.record).map(({ name }) => String(name)) : []);
  const [then, now] = [sections(stood), sections(after)];
  return told
    .filter(({ name }) => !known.has(String(name)))
    .map(({ name, decision }) => ({
      name,
      decision: { ...decision, lost: decision.about.flatMap((one) => gone(one, then, now)) },
    }));
}

/** @param {string} name @param {ReturnType<typeof sections>} then @param {ReturnType<typeof sections>} now @returns {Lost[]} */
function gone(name, then, now) {
  if (family(name) === APPEAL) return []; // an appeal that was decided is still what was asked
  const of = (/** @type {ReturnType<typeof sections>} */ all) => (Object.hasOwn(all, name) ? all[name] : []);
  const holds = new Set(of(now).map(({ value }) => canonical(value)));
  return of(then)
    .filter(({ value }) => !holds.has(canonical(value)))
    .map(({ edit, value }) => ({ section: name, value, author: edit.author, written_at: edit.written_at }));
}
