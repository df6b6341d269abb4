// How a record stands with the server, why, and the one thing that somebody can do about it.
import { addDays } from "./sync/days.js";
import { NoSuchRecordError } from "./errors.js";
import { LATELY_DAYS } from "./kept.js";
import { VOID, compareText } from "./sync/record.js";

/** @typedef {import("./glance.js").Glance} Glance */
/** @typedef {import("./view.js").View} View */
/** @typedef {import("./view.js").Edit} Edit */
/**
 * `reason`: of what was set aside, as the server gave it (`out-of-scope`, `account-disabled`, `malformed` ...); of a conflict
 * `changed-apart` or `void-clash`; else the code of the first error in it. `action`: "edit" (change the record), "upload" (sync),
 * "leader" (hand it to the team leader), null where nothing is to be done. `sections`: what it is about; `others`: who else
 * wrote them, of a conflict; `on`: the day of the record, else when it was written.
 * @typedef {{record: string, type: string, subject: string | null, state: "waiting" | "received" | "conflict" | "set_aside",
 *   reason: string | null, action: "edit" | "upload" | "leader" | null, sections: string[], others: string[],
 *   on: string | null}} RecordState
 */

const MALFORMED = "malformed"; // the one reason that the doctor can remove

/** NoSuchRecordError. @param {Glance} glance @param {string} record @returns {Promise<RecordState>} */
export async function stateOf(glance, record) {
  const aside = (await refused(glance)).filter(({ edit }) => edit.record === record);
  if (aside.length) return ofAside(glance, aside);
  const [held, pending] = await glance.whatIs(record);
  if (!held && !pending.length) throw new NoSuchRecordError(`this phone has no record ${record}`);
  const view = glance.look(held, pending);
  if (Object.keys(view.conflicts).length) return ofConflict(glance, view);
  const errors = view.issues.filter((issue) => issue.level === "error");
  const state = view.pending ? "waiting" : "received";
  const action = errors.length ? "edit" : view.pending ? "upload" : null;
  return {
    ...about(glance, view),
    state,
    reason: errors[0]?.code ?? null,
    action,
    sections: [...new Set(errors.map((one) => one.section))],
  };
}

/**
 * What needs somebody, the latest first; each record once. @param {Glance} glance @param {readonly import("./kept.js").Kept[]}
 * rows
 * @param {readonly View[]} conflicts @returns {Promise<RecordState[]>}
 */
export async function attention(glance, rows, conflicts) {
  /** @type {Map<string, RecordState>} */
  const found = new Map();
  const since = addDays(glance.today, -LATELY_DAYS);
  for (const { resident, faults } of rows) {
    for (const { record, type, on, section, code } of faults.filter((one) => one.on >= since)) {
      const before = found.get(record)?.sections ?? [];
      const sections = [...new Set([...before, section])];
      found.set(record, {
        record,
        type,
        subject: resident,
        state: "received",
        reason: code,
        action: "edit",
        sections,
        others: [],
        on,
      });
    }
  }
  for (const view of conflicts) found.set(view.id, ofConflict(glance, view));
  /** @type {Map<string, Aside[]>} */
  const aside = new Map();
  for (const one of await refused(glance)) aside.set(one.edit.record, [...(aside.get(one.edit.record) ?? []), one]);
  for (const [record, edits] of aside) found.set(record, ofAside(glance, edits));
  return [...found.values()].sort((a, b) => compareText(b.on ?? "", a.on ?? "") || compareText(a.record, b.record));
}

/** @typedef {{edit: Edit, reason: string}} Aside */
/**
 * What was set aside and has not been applied after all, under another name.
 * @param {Glance} glance @returns {Promise<Aside[]>}
 */
export async function refused({ tables }) {
  /** @type {Aside[]} */
  const every = await tables.setAside();
  const held = await tables.held(every.map(({ edit }) => edit.record));
  return every.filter(({ edit }) => {
    const live = held.get(edit.record)?.record.edits ?? [];
    return !live.some((one) => one.author === edit.author && one.written_at === edit.written_at);
  });
}

/** @param {Glance} glance @param {Aside[]} edits of one record @returns {RecordState} */
function ofAside(glance, edits) {
  const { edit, reason } = edits[edits.length - 1];
  const { record, type, subject } = edit;
  const day = glance.catalogue.types.get(type)?.dayOf(edit.sections) ?? edit.written_at.slice(0, 10);
  const sections = [...new Set(edits.flatMap((one) => Object.keys(one.edit.sections)))];
  const action = reason === MALFORMED ? "edit" : "leader";
  return { record, type, subject, state: "set_aside", reason, action, sections, others: [], on: day };
}

/** @param {Glance} glance @param {View} view @returns {RecordState} */
function ofConflict(glance, view) {
  const claims = Object.values(view.conflicts).flat();
  const others = [...new Set(claims.map((one) => one.author))].filter((one) => one !== glance.person);
  const reason = VOID in view.conflicts ? "void-clash" : "changed-apart";
  return { ...about(glance, view), state: "conflict", reason, action: "leader", sections: Object.keys(view.conflicts), others };
}

/**
 * @param {Glance} glance @param {View} view
 * @returns {{record: string, type: string, subject: string | null, others: string[], on: string | null}}
 */
function about({ catalogue }, { id, type, subject, sections }) {
  return { record: id, type, subject, others: [], on: catalogue.types.get(type)?.dayOf(sections) ?? null };
}
