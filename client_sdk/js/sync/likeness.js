// Residents who may be one person, registered twice: pairs for a person to judge, with the reasons and a rank. Nothing is joined
// here. Only residents with something telling in common are compared, never all with all.
import { isDay } from "./days.js";
import { SPACE, modern, readIdNumber } from "./identity.js";
import { whoIsWho } from "./links.js";
import { pinyin } from "./pinyin.js";
import { canonical, compareText, shown } from "./record.js";
import { entriesOf } from "./search.js";

/**
 * What is compared of one resident, "" for what is not known; `id_no` is tidied, `phones` are digits.
 * @typedef {{readonly id: string, readonly name: string, readonly birth_date: string, readonly sex: string,
 *   readonly id_no: string, readonly village: string, readonly phones: readonly string[]}} Resident
 */
/** @typedef {{points: number, first: string, second: string, reasons: string[]}} Pair the smaller id first */
/** @typedef {{resident: Resident, sound: string, number: string, valid: boolean}} Known */

const WEIGHTS = /** @type {{[reason: string]: number}} */ ({
  same_id_no: 100,
  id_no_slip: 40, // one character replaced or left out, or two neighbours swapped
  same_name: 40,
  same_sound: 30, // the names are homophones, or one is written in letters
  same_birth_date: 30,
  day_and_month_swapped: 20,
  birth_year_one_off: 15,
  birth_day_unknown: 10, // one of the two is 1 January, of the same year
  same_phone: 15,
  same_village: 10,
  other_birth_date: -30,
  other_sex: -20,
});
const ENOUGH = 50;
const SHORTEST_NUMBER = 6; // what is shorter is no identity number, and two who share it have nothing in common
const SPACES = new RegExp(`[${SPACE}]+`, "g");

/**
 * What is compared of a resident's record, as it is shown; null where it is void.
 * @param {import("./record.js").Record} record @returns {Resident | null}
 */
export function residentOf(record) {
  const one = entriesOf(record).at(-1);
  if (!one) return null;
  const sex = shown(record).identity?.sex;
  const { id, name, birth_date, id_tail: id_no } = one;
  const phones = one.phone.split(" ").filter(Boolean);
  return { id, name, birth_date, sex: typeof sex === "string" ? sex : "", id_no, village: record.scope, phones };
}

/**
 * The pairs about which nobody has decided yet.
 * @param {readonly Pair[]} found @param {readonly import("./links.js").Link[]} links
 */
export function undecided(found, links) {
  const same = whoIsWho(links);
  const stands = (/** @type {string} */ id) => same.get(id) ?? id;
  const decided = new Set(links.flatMap(({ duplicate, same_as }) => [`${duplicate} ${same_as}`, `${same_as} ${duplicate}`]));
  return found.filter(({ first, second }) => stands(first) !== stands(second) && !decided.has(`${first} ${second}`));
}

/**
 * The pairs that a person should look at, the likeliest first, as of a day.
 * @param {Iterable<Resident>} residents @param {string} on
 */
export function pairs(residents, on) {
  const known = [...residents].map((resident) => knownOf(resident, on));
  /** @type {Map<string, number[]>} */
  const shared = new Map();
  known.forEach((one, n) => {
    for (const key of new Set(keys(one))) {
      const block = shared.get(key);
      block ? block.push(n) : shared.set(key, [n]);
    }
  });
  const met = new Set();
  /** @type {Map<string, Pair>} */
  const found = new Map();
  for (const block of shared.values()) {
    for (let b = 1; b < block.length; b += 1) {
      for (let a = 0; a < b; a += 1) {
        const both = block[a] * known.length + block[b];
        if (met.has(both)) continue;
        met.add(both);
        const pair = judged(known[block[a]], known[block[b]]);
        if (pair) found.set(canonical(pair), pair);
      }
    }
  }
  const byId = (/** @type {Pair} */ x, /** @type {Pair} */ y) => compareText(x.first, y.first) || compareText(x.second, y.second);
  return [...found.values()].sort((x, y) => y.points - x.points || byId(x, y));
}

/** @param {Resident} resident @param {string} on @returns {Known} */
function knownOf(resident, on) {
  const number = [...resident.id_no].length >= SHORTEST_NUMBER ? modern(resident.id_no) : "";
  const valid = number !== "" && readIdNumber(number, on).faults.length === 0;
  return { resident, sound: pinyin(resident.name), number, valid };
}

/** Who shares one of these is compared: it holds for every pair that can reach ENOUGH. @param {Known} one */
function keys({ resident, sound, number }) {
  const found = sound ? [`sound ${sound}`] : [];
  if (number) found.push(...[number, ...shortened(number)].map((text) => `id ${text}`));
  if (resident.birth_date) found.push(...resident.phones.map((phone) => `born ${phone} ${resident.birth_date}`));
  return found;
}

/** @param {Known} a @param {Known} b @returns {Pair | null} */
function judged(a, b) {
  const [one, other] = [a.resident, b.resident];
  const slip = isSlip(a.number, b.number);
  if (one.id === other.id || (a.valid && b.valid && a.number !== b.number && !slip)) return null;
  const reasons = Object.entries({
    same_id_no: a.number !== "" && a.number === b.number,
    id_no_slip: slip,
    [nameReason(a, b)]: true,
    [birthReason(one.birth_date, other.birth_date)]: true,
    same_phone: one.phones.some((phone) => other.phones.includes(phone)),
    same_village: one.village !== "" && one.village === other.village,
    other_sex: (one.sex === "male" && other.sex === "female") || (one.sex === "female" && other.sex === "male"),
  }).flatMap(([reason, holds]) => (reason && holds ? [reason] : []));
  const points = reasons.reduce((sum, reason) => sum + WEIGHTS[reason], 0);
  const [first, second] = [one.id, other.id].sort(compareText);
  return points >= ENOUGH ? { points, first, second, reasons } : null;
}

/** @param {Known} a @param {Known} b */
function nameReason(a, b) {
  if (!a.sound || a.sound !== b.sound) return "";
  const [one, other] = [a, b].map(({ resident }) => resident.name.replace(SPACES, ""));
  return one === other ? "same_name" : "same_sound";
}

/**
 * What two days of birth have to say of each other; nothing where one of them is not known.
 * @param {string} one @param {string} other
 */
function birthReason(one, other) {
  if (one === other) return one ? "same_birth_date" : "";
  if (!isDay(one) || !isDay(other)) return "";
  const [a, b] = [one, other].map((day) => {
    const [year, month, date] = day.split("-");
    return { year, month, date };
  });
  const sameDay = a.month === b.month && a.date === b.date;
  if (a.year === b.year && a.month === b.date && a.date === b.month) return "day_and_month_swapped";
  if (sameDay && Math.abs(Number(a.year) - Number(b.year)) === 1) return "birth_year_one_off";
  if (a.year === b.year && [one, other].some((day) => day.endsWith("-01-01"))) return "birth_day_unknown";
  return "other_birth_date";
}

/**
 * Is one number the other with one character replaced or left out, or with two neighbours swapped?
 * @param {string} one @param {string} other
 */
function isSlip(one, other) {
  if (!one || !other || one === other) return false;
  if (one.length !== other.length) {
    const [short, long] = one.length < other.length ? [one, other] : [other, one];
    return long.length - short.length === 1 && shortened(long).includes(short);
  }
  const differing = [...Array(one.length).keys()].filter((n) => one[n] !== other[n]);
  const [first, last] = [differing[0], differing[differing.length - 1]];
  if (differing.length > 2) return false;
  return first === last || (last === first + 1 && one[first] === other[last] && one[last] === other[first]);
}

/** A number with one character left out, each in turn. @param {string} number */
const shortened = (number) => Array.from(number, (_, n) => number.slice(0, n) + number.slice(n + 1));
