// The rows that the phone keeps, one for each resident, so that a list needs no records; and what each of them rests on. Whatever
// touches that takes the row away, in the same transaction, and leaves only whose it was: so the rows alone tell who is missing.
import { lastReadings, readingsOf } from "./measured.js";
import { People } from "./people.js";
import { addDays } from "./sync/days.js";
import { VOID, shown } from "./sync/record.js";
import { entriesOf } from "./sync/search.js";
import { HOME_VISIT, LINK, RESIDENT, householdOf, metBy, textOf } from "./sync/standing/facts.js";

/** @typedef {import("./sync/search.js").Entry} Entry */
/** @typedef {import("./about.js").About} About */
/** @typedef {import("./glance.js").Glance} Glance */
/** @typedef {import("./about.js").Known} Known */
/** @typedef {import("./view.js").Record} Record */
/** @typedef {import("./view.js").Edit} Edit */
/** @typedef {import("./view.js").Held} Held */
/**
 * @typedef {{what: string, reason: string, by: string, urgency: "urgent" | "overdue" | "soon" | "later", record: string,
 *   disputed: boolean, programme: string | null}} Due
 */
/** An error in a record. */
/** @typedef {{record: string, type: string, on: string, section: string, field: string | null, code: string}} Fault */
/**
 * What the lists know of a resident. `status`: of the standing; `group`: the villagers' group of the address, such as "3组";
 * `household_no`: what the household is numbered; `phones`: as digits; `groups`: codes of `population_group`; `due`: what the standing does not call "later"; `last`: the last
 * reading of a disease, such as "152/94"; `served`: the last day on which a visit, an examination or a service met them;
 * `disputed`: something about the person is in conflict; `pending`: something waits.
 * @typedef {{resident: string, scope: string, status: string, name: string, sex: string | null, birth_date: string | null,
 *   group: string | null, household: string | null, household_no: string | null, phones: string[], entries: Entry[], groups: string[], due: Due[],
 *   last: {[disease: string]: {on: string, text: string}}, served: string | null, disputed: boolean, pending: boolean}} Row
 */
/**
 * A row as it is kept: it holds from `since` until before `until`. `persons`: who this is one person with by the links, the one
 * whose record stands first. `faults`: errors in what the phone's own person wrote lately. `rests_on`: ids of residents and
 * households.
 * @typedef {Row & {since: string, until: string, persons: readonly string[], faults: Fault[], rests_on: string[]}} Kept
 */
/** @typedef {import("./overlay.js").Touched} Touched */

export const LATELY_DAYS = 90; // errors in older records are for the office to list

/** What stands for a row that has yet to be made. @typedef {{resident: string, since: null}} Missing */

/** True where a row holds on a day. @param {Kept | Missing} row @param {string} on @returns {row is Kept} */
export const holds = (row, on) => row.since !== null && row.since <= on && on < row.until;

/**
 * The row of a standing just made. It MUST NOT rest on issues that the day decides but the `faults`, which say what is wrong and
 * not what is due.
 * @param {About} about @param {import("./standings.js").Made} made @param {readonly string[]} linked @returns {Kept}
 */
export function rowOf(about, { resident, whole, persons, known }, linked) {
  const one = /** @type {Known} */ (about.residents.get(resident));
  const view = shown(one.record);
  const entries = entriesOf(one.record);
  const identity = view.identity ?? {};
  const home = householdOf(one.record);
  const door = home === null ? null : about.doors.get(home);
  const address = textOf(view.residence?.address) ?? textOf(door && shown(door).residence?.address) ?? "";
  return {
    resident,
    scope: one.record.scope,
    status: whole.status,
    name: textOf(identity.name) ?? "",
    sex: textOf(identity.sex),
    birth_date: textOf(identity.birth_date),
    group: groupIn(address),
    household: home,
    household_no: textOf(door && shown(door).identity?.household_no),
    phones: entries.at(-1)?.phone.split(" ").filter(Boolean) ?? [],
    entries,
    groups: whole.groups.map((group) => group.code),
    due: /** @type {Due[]} */ (whole.due.filter((item) => item.urgency !== "later")),
    last: lastReadings(readingsOf(known, about.on, about.glance.catalogue)),
    served: servedOn(known, about),
    disputed: whole.conflicts.length > 0,
    pending: known.some((record) => record.pending),
    since: about.on,
    until: whole.until,
    persons: linked,
    faults: faultsOf(known, about),
    rests_on: about.restsOn(persons),
  };
}

const SERVICES = new Set(["health_exam", "elder_selfcare", "performance", HOME_VISIT]);

/** The last day until that of `about` on which somebody did something for a person. @param {readonly Known[]} known @param {About} about */
function servedOn(known, { on, glance: { catalogue } }) {
  const days = known.flatMap(({ record }) => {
    const declared = catalogue.types.get(record.type);
    const view = shown(record);
    if (!declared || view[VOID] || view.visit?.lost_reason || view.visit?.died_on) return [];
    const day = declared.follows || SERVICES.has(record.type) ? declared.dayOf(view) : null;
    return day !== null && day <= on ? [day] : [];
  });
  return days.sort().at(-1) ?? null;
}

/** The villagers' group in an address: 清水村三组12号 is of "3组". @param {string} address */
export function groupIn(address) {
  const found = address.normalize("NFKC").match(/(\d{1,2}|[一二三四五六七八九十]{1,3})(?:村民)?([组社])/);
  return found ? `${numberIn(found[1])}${found[2]}` : null;
}

/** 十二 is 12. @param {string} text */
function numberIn(text) {
  if (/\d/.test(text)) return Number(text);
  const [tens, ones] = text.includes("十") ? text.split("十") : ["零", text];
  const digit = (/** @type {string} */ one, /** @type {number} */ none) => "一二三四五六七八九".indexOf(one) + 1 || none;
  return (tens === "零" ? 0 : 10 * digit(tens || "x", 1)) + digit(ones || "x", 0);
}

/**
 * Errors in the records that the phone's person had a hand in lately.
 * @param {readonly Known[]} known @param {About} about @returns {Fault[]}
 */
function faultsOf(known, about) {
  const { person, catalogue } = about.glance;
  const since = addDays(about.on, -LATELY_DAYS);
  return known.flatMap(({ record, issues }) => {
    const errors = issues.filter((issue) => issue.level === "error");
    if (!errors.length || !record.edits.some((edit) => edit.author === person)) return [];
    const on = catalogue.types.get(record.type)?.dayOf(shown(record)) ?? record.edits[0].written_at.slice(0, 10);
    if (on < since) return [];
    return errors.map(({ section, field, code }) => ({ record: record.record, type: record.type, on, section, field, code }));
  });
}

/**
 * Take away the rows that rest on what a transaction has touched, in that transaction.
 * @param {Glance} glance @param {Touched} touched
 */
export async function dropTouched(glance, touched) {
  const { tables } = glance;
  const records = [...touched.bases.values()]
    .flatMap(({ before, after }) => [before, after])
    .flatMap((held) => (held ? [held.record] : []));
  const edits = [...touched.appended, ...touched.gone, ...(touched.offset ? await tables.outbox() : [])];
  const ids = new Set([...records, ...edits].flatMap(({ record, subject }) => [record, subject]));
  // whom a visit to a home names rests on it too: those it named before, and names now
  const visits = new Set(edits.filter(({ type }) => type === HOME_VISIT).map(({ record }) => record));
  const named = visits.size ? [...edits, ...(await tables.outbox(visits))] : [];
  const before = [...(await tables.held(visits)).values()].map((held) => held.record);
  for (const record of [...records, ...before, ...named.map(alone)]) for (const person of metBy(record)) ids.add(person);
  /** @type {Map<string, Missing | null>} */
  const changes = new Map();
  const rows = await tables.readRows();
  for (const [resident, row] of rows) {
    if (row.since !== null && row.rests_on.some((/** @type {string} */ id) => ids.has(id)))
      changes.set(resident, { resident, since: null });
  }
  const told = [...records, ...edits].filter(({ type }) => type === RESIDENT || type === LINK);
  if (told.length) {
    const residents = new Set(told.filter(({ type }) => type === RESIDENT).map(({ record }) => record));
    const here = new Set([
      ...(await tables.held(residents)).keys(),
      ...(await tables.outbox(residents)).map(({ record }) => record),
    ]);
    for (const resident of residents) changes.set(resident, here.has(resident) ? { resident, since: null } : null);
    const same = await new People(glance).counting(); // one link, or somebody who came or left, may concern many
    for (const [resident, row] of rows) {
      const other = row.since !== null && String(row.persons) !== String(same.get(resident) ?? []);
      if (other && !changes.has(resident)) changes.set(resident, { resident, since: null });
    }
  }
  if (changes.size) await tables.writeRows(changes);
}

/** All rows have yet to be made. @param {import("./tables.js").Tables} tables */
export async function dropAll(tables) {
  /** @type {Map<string, Missing | null>} */
  const changes = new Map([...(await tables.readRows()).keys()].map((resident) => [resident, null]));
  for (const resident of (await tables.residents()).keys()) changes.set(resident, { resident, since: null });
  await tables.writeRows(changes);
}

/** An edit as if it were all of its record. @param {Edit} edit @returns {Record} */
const alone = (edit) => ({ ...edit, seen: {}, edits: [{ ...edit, at: "" }] });
