// What the doctor sees of a record: the outbox applied to the base. Values only; nothing here can be saved back.
import * as core from "./sync/record.js";
import { instant, stamp } from "./sync/codec.js";
import { covers, vector } from "./sync/version.js";

/** @typedef {import("./sync/record.js").Record} Record */
/** @typedef {import("./sync/record.js").Edit} Edit */
/** @typedef {import("./sync/record.js").Sections} Sections */
/** @typedef {import("./sync/record.js").Value} Value */
/** @typedef {import("./sync/record.js").Remark} Remark */
/** @typedef {import("./sync/version.js").Dot} Dot */
/** @typedef {import("./sync/version.js").Vector} Vector */
/** @typedef {import("./sync/types/checks.js").Issue} Issue */
/** @typedef {import("./sync/types/catalogue.js").Catalogue} Catalogue */
/** A record of the base; issues null: the server has not said. */
/** @typedef {{readonly record: Record, readonly issues: readonly Issue[] | null}} Held */
/** @typedef {(edit: Edit) => string} Estimate the probable time of an edit that the server has not seen, as it would write it */
/** A value of a section in conflict, and whose it is. */
/** @typedef {{value: Value, author: string, written_at: string, dot: Dot}} Claim */
/**
 * One edit in the history of a record. An applied one shows the sections it still owns; `at` is null while it is pending.
 * @typedef {{dot: Dot, state: "applied" | "pending", author: string, written_at: string, at: string | null, sections: Sections}}
 *   Entry
 */
/**
 * A record as it stands on this phone. `conflicts`: sections that wait for a person, with every value they have, the one shown
 * last; a reader MUST NOT present the shown value of such a section as settled. `seen`: what an edit made from this view has
 * seen; `settled`: the part of it without the outbox, whose edits may yet get other names. `apart`: the sections of which such an
 * edit has seen less than `settled`, and how much; what others wrote there stays beside what it writes. See `owned`.
 * @typedef {{id: string, type: string, subject: string | null, scope: string, seen: Vector, settled: Vector, sections: Sections,
 *   conflicts: {[section: string]: Claim[]}, issues: readonly Issue[], pending: boolean, void: boolean,
 *   apart?: {[section: string]: Vector}}} View
 */

/**
 * The record with the waiting edits folded in, in order, and the remarks that stand then. One of both is there.
 * @param {Held | null | undefined} held @param {readonly Edit[]} pending @param {Estimate} estimate @param {Catalogue} catalogue
 */
export function composed(held, pending, estimate, catalogue) {
  let record = held ? held.record : core.blank(pending[0]);
  let remarks = remarksOf(held);
  const policy = catalogue.policy(record.type);
  for (const edit of pending) {
    if (covers(record.seen, edit.dot)) continue;
    remarks = core.remarks(record, edit, policy, remarks);
    record = core.fold(record, edit, estimate(edit));
  }
  return { record, remarks };
}

/**
 * The view of a record that is held, or waits in the outbox, or both. Issues are those of the day `on`.
 * @param {Held | null | undefined} held @param {readonly Edit[]} pending @param {string} on @param {Estimate} estimate
 * @param {Catalogue} catalogue @returns {View}
 */
export function look(held, pending, on, estimate, catalogue) {
  const { record, remarks } = composed(held, pending, estimate, catalogue);
  const shown = core.shown(record);
  const told = held && !pending.length ? held.issues : null; // the server knows the newest rules; what it has not seen, we check
  return {
    id: record.record,
    type: record.type,
    subject: record.subject,
    scope: record.scope,
    seen: record.seen,
    settled: held ? held.record.seen : {},
    sections: shown,
    conflicts: conflictsOf(record, remarks, catalogue),
    issues: told ?? catalogue.check(record, on, remarks),
    pending: pending.length > 0,
    void: isVoid(shown),
  };
}

/**
 * The view that somebody begins a form with. Of a section in conflict it shows what they wrote, on this phone or else wherever it
 * was last, and nothing but that gives way to an edit; who wrote none of it sees what is shown and replaces nothing.
 * @param {View} view @param {string} actor @param {string} person @returns {View}
 */
export function owned(view, actor, person) {
  const sections = { ...view.sections };
  /** @type {{[section: string]: Vector}} */
  const apart = {};
  for (const [name, claims] of Object.entries(view.conflicts)) {
    const own = claims.findLast(({ dot }) => dot[0] === actor) ?? claims.findLast(({ author }) => author === person);
    if (own) sections[name] = own.value;
    const seen = { ...view.settled };
    for (const { dot } of claims) if (dot !== own?.dot && covers(seen, dot)) seen[dot[0]] = dot[1] - 1;
    apart[name] = vector(seen);
  }
  return { ...view, sections, apart };
}

/** True where a record was entered in error. @param {Sections} shown */
const isVoid = (shown) => Object.keys(shown[core.VOID] ?? {}).length > 0;

/** Might the record be in conflict, whatever the catalogue says of policies? Cheap, kept beside the record. @param {Held} held */
export function contested(held) {
  return Object.keys(core.clashing(held.record)).length > 0 || remarksOf(held).some((one) => one.code === core.VOID_CLASH);
}

/**
 * The live edits and the waiting ones, the oldest first.
 * @param {Held | null | undefined} held @param {readonly Edit[]} pending @returns {Entry[]}
 */
export function history(held, pending) {
  const seen = held ? held.record.seen : {};
  const live = [...(held ? held.record.edits : [])].sort((a, b) => core.compareText(a.at, b.at)); // those of a time stay by dot
  return [
    ...live.map((one) => entry(one, "applied", one.at)),
    ...pending.filter(({ dot }) => !covers(seen, dot)).map((one) => entry(one, "pending", null)),
  ];
}

/**
 * @param {Edit | import("./sync/record.js").LiveEdit} edit @param {"applied" | "pending"} state @param {string | null} at
 * @returns {Entry}
 */
const entry = ({ dot, author, written_at, sections }, state, at) => ({ dot, state, author, written_at, at, sections });

/**
 * The time of a waiting edit from the difference of the clocks at the last exchange. For display only.
 * @param {number} offsetMs @returns {Estimate}
 */
export function estimate(offsetMs) {
  return ({ written_at }) => {
    try {
      const at = stamp(instant(written_at) + offsetMs);
      return /^\d{4}-/.test(at) && at >= "0001" ? at : written_at; // of a clock that ran wild
    } catch {
      return written_at;
    }
  };
}

/**
 * New sections, each with those fields of its shown value that the catalogue does not know: they are of a newer phone.
 * @param {Catalogue} catalogue @param {string} type @param {Sections} sections @param {Sections} shown @returns {Sections}
 */
export function carried(catalogue, type, sections, shown) {
  const declared = catalogue.types.get(type);
  const result = Object.entries(sections).map(([name, value]) => {
    const fields = declared?.byName.get(core.family(name))?.fields ?? [];
    const kept = Object.entries(shown[name] ?? {}).filter(([field]) => !fields.some((one) => one.name === field));
    return [name, value && { ...Object.fromEntries(kept), ...value }];
  });
  return Object.fromEntries(result);
}

/** Does a shown value contain the text, whatever its case and width of letters? @param {View} view @param {string} text */
export function mentions(view, text) {
  const sought = plain(text);
  return Object.values(view.sections).some((value) => said(value, sought));
}

/** @param {any} value @param {string} sought @returns {boolean} */
function said(value, sought) {
  if (typeof value === "string") return plain(value).includes(sought);
  return value !== null && typeof value === "object" && Object.values(value).some((below) => said(below, sought));
}

/** Text as it is compared: half-width, no case. @param {string} text */
const plain = (text) => text.normalize("NFKC").toLowerCase();

/** The remarks among the issues of a record. @param {Held | null | undefined} held @returns {Remark[]} */
function remarksOf(held) {
  const told = (held?.issues ?? []).filter(({ code }) => code === core.VOID_CLASH || code === core.REVIEW_ASKED);
  return told.map(({ section, code }) => ({ section, code }));
}

/**
 * @param {Record} record @param {readonly Remark[]} remarks @param {Catalogue} catalogue @returns {{[section: string]: Claim[]}}
 */
function conflictsOf(record, remarks, catalogue) {
  const found = core.conflicts(record, catalogue.policy(record.type));
  if (remarks.some((one) => one.code === core.VOID_CLASH)) found[core.VOID] ??= core.sections(record)[core.VOID] ?? [];
  return Object.fromEntries(
    Object.entries(found).map(([name, siblings]) => [
      name,
      siblings.map(({ edit: { author, written_at, dot }, value }) => ({ value, author, written_at, dot })),
    ]),
  );
}
