// What needs somebody, why, and the one thing that can be done about it.
import { LATELY_DAYS } from "./kept.js";
import { addDays } from "./sync/days.js";
import { VOID, compareText } from "./sync/record.js";

/** @typedef {import("./glance.js").Glance} Glance */
/** @typedef {import("./view.js").View} View */
/** @typedef {import("./view.js").Edit} Edit */
/**
 * `reason`: of what was set aside, as the server gave it (`out-of-scope`, `account-disabled`, `malformed` ...); of a conflict
 * `changed-apart` or `void-clash`; else, of what the server has, the code of the first error in it. `action`: "edit" (change the
 * record) or "leader" (hand it to the team leader). `sections`: what it is about; `others`: who else wrote them, of a conflict;
 * `aside`: what was set aside of it and is not acknowledged; `on`: the day of the record, else when it was written.
 * @typedef {{record: string, type: string, subject: string | null, state: "received" | "conflict" | "set_aside",
 *   reason: string, action: "edit" | "leader", sections: string[], others: string[], aside: Aside[], on: string | null}} RecordState
 */

const MALFORMED = "malformed"; // the one reason that the doctor can remove

/**
 * What needs somebody, the latest first; each record once.
 * @param {Glance} glance @param {readonly import("./kept.js").Kept[]} rows @param {readonly View[]} conflicts
 * @returns {Promise<RecordState[]>}
 */
export async function attention(glance, rows, conflicts) {
  /** @type {Map<string, RecordState>} */
  const found = new Map();
  const since = addDays(glance.today, -LATELY_DAYS);
  for (const { resident, faults } of rows) {
    for (const { record, type, on, section, code } of faults.filter((one) => one.on >= since)) {
      const before = found.get(record)?.sections ?? [];
      const sections = [...new Set([...before, section])];
      const said = /** @type {const} */ ({ state: "received", reason: code, action: "edit" });
      found.set(record, { ...said, others: [], aside: [], record, type, subject: resident, sections, on });
    }
  }
  for (const view of conflicts) found.set(view.id, ofConflict(glance, view));
  /** @type {Map<string, Aside[]>} */
  const aside = new Map();
  for (const one of await unapplied(glance)) {
    const { record } = one.edit;
    if (!one.known) aside.set(record, [...(aside.get(record) ?? []), one]);
  }
  for (const [record, edits] of aside) found.set(record, ofAside(glance, edits));
  return [...found.values()].sort((a, b) => compareText(b.on ?? "", a.on ?? "") || compareText(a.record, b.record));
}

/**
 * What a person decided, when and who, null for a command of the office; `decision`: why it was refused, null where that may not
 * be told.
 * @typedef {{state: "applied" | "refused", decided_at: string, decided_by: {name: string, role: string} | null,
 *   decision: string | null}} Decided
 */
/**
 * What was set aside, and what can be done about it, see RecordState; `known`: it was acknowledged; `decided`: null while nobody has.
 * @typedef {{edit: Edit, reason: string, action: "edit" | "leader", known: boolean, decided: Decided | null}} Aside
 */
/**
 * What was set aside and nobody has applied after all: by what was told, or, under another name, by what the record holds.
 * @param {Pick<Glance, "tables">} glance @returns {Promise<Aside[]>}
 */
export async function unapplied({ tables }) {
  const every = await tables.setAside();
  const held = await tables.held(every.map(({ edit }) => edit.record));
  return every.flatMap(({ edit, reason, known = false, decided = null }) => {
    const live = held.get(edit.record)?.record.edits ?? [];
    if (decided?.state === "applied" || live.some((one) => one.author === edit.author && one.written_at === edit.written_at))
      return [];
    return [{ edit, reason, known, decided, action: reason === MALFORMED ? "edit" : "leader" }];
  });
}

/** @param {Glance} glance @param {Aside[]} aside of one record @returns {RecordState} */
function ofAside(glance, aside) {
  const { edit, reason, action } = aside[aside.length - 1];
  const { record, type, subject } = edit;
  const day = glance.catalogue.types.get(type)?.dayOf(edit.sections) ?? edit.written_at.slice(0, 10);
  const sections = [...new Set(aside.flatMap((one) => Object.keys(one.edit.sections)))];
  return { record, type, subject, state: "set_aside", reason, action, sections, others: [], aside, on: day };
}

/** @param {Glance} glance @param {View} view @returns {RecordState} */
function ofConflict(glance, view) {
  const claims = Object.values(view.conflicts).flat();
  const others = [...new Set(claims.map((one) => one.author))].filter((one) => one !== glance.person);
  const reason = VOID in view.conflicts ? "void-clash" : "changed-apart";
  const on = glance.catalogue.types.get(view.type)?.dayOf(view.sections) ?? null;
  const { id: record, type, subject } = view;
  const sections = Object.keys(view.conflicts);
  return { record, type, subject, state: "conflict", reason, action: "leader", sections, others, aside: [], on };
}
