// Finding a resident by what a doctor remembers: a name, how it sounds, its initials, the end of a number. The same ranking as
// the server's. What is typed into a form may be anything, so nothing here fails for a value that makes no sense.
import { SPACE, tidy } from "./identity.js";
import { folded, initials, pinyin } from "./pinyin.js";
import { VOID, canonical, compareText, sections, shown } from "./record.js";

/**
 * What is compared of one resident, "" for what is not known; `phone`: numbers as digits, a space between two; `id_tail`: the
 * end of the identity number, as much of it as whoever keeps the entry may keep.
 * @typedef {{readonly id: string, readonly name: string, readonly pinyin: string, readonly initials: string,
 *   readonly phone: string, readonly id_tail: string, readonly birth_date: string}} Entry
 */
/** @typedef {{text: string, sound: string, several: boolean, tail: boolean}} Word what was typed, as it is compared */
/** @typedef {[fit: number, sound: string, name: string, id: string]} Place */

const EXACT = 0; // how well an entry fits, the best first
const START = 1;
const INITIALS = 2;
const SOUND = 3;
const WITHIN = 4;
const TAIL = 5;
const TAIL_OF_NUMBER = /^([0-9]{3,}|[0-9]{2,}x)$/; // fewer digits name too many
const SPACES = new RegExp(`[${SPACE}]+`, "g");

/**
 * The ids of the residents meant, the best fit first, each once; everyone where the text is empty. Words divided by spaces must
 * all fit, unless the whole fits.
 * @param {Iterable<Entry>} entries @param {string} text @param {number} limit
 */
export function find(entries, text, limit) {
  const words = text.split(SPACES).filter(Boolean).map(word);
  const whole = word(text);
  /** @type {Map<string, Place>} */
  const best = new Map();
  for (const entry of entries) {
    const fit = rank(entry, whole, words);
    if (fit === null) continue;
    /** @type {Place} */
    const place = [fit, entry.pinyin, entry.name, entry.id];
    const before = best.get(entry.id);
    if (!before || compare(place, before) < 0) best.set(entry.id, place);
  }
  return [...best.values()].sort(compare).slice(0, limit).map(([, , , id]) => id);
}

/** @param {Place} x @param {Place} y */
const compare = (x, y) => x[0] - y[0] || compareText(x[1], y[1]) || compareText(x[2], y[2]) || compareText(x[3], y[3]);

/** @param {string} typed @returns {Word} */
function word(typed) {
  const text = plain(typed);
  return { text, sound: pinyin(text), several: text.length > 1, tail: TAIL_OF_NUMBER.test(text) };
}

/** @param {Entry} entry @param {Word} whole @param {Word[]} words */
function rank(entry, whole, words) {
  const name = plain(entry.name);
  const found = fit(entry, name, whole);
  if (found !== null || words.length < 2) return found;
  let worst = EXACT;
  for (const one of words) {
    const each = fit(entry, name, one);
    if (each === null) return null;
    worst = Math.max(worst, each);
  }
  return worst;
}

/** How well one word fits, null where it does not. @param {Entry} entry @param {string} name plain @param {Word} word */
function fit(entry, name, { text, sound, several, tail }) {
  if (text === name || (sound && text === entry.pinyin)) return EXACT;
  if (name.startsWith(text) || (text === sound && entry.pinyin.startsWith(sound))) return START;
  if (text && entry.initials.startsWith(text)) return INITIALS;
  if (several && sound && text !== sound && entry.pinyin.startsWith(sound)) return SOUND;
  if (name.includes(text) || (several && text === sound && entry.pinyin.includes(sound))) return WITHIN;
  return tail && ends(entry, text) ? TAIL : null;
}

/** @param {Entry} entry @param {string} digits */
function ends(entry, digits) {
  const tail = folded(entry.id_tail);
  const known = digits.length === 18 ? digits.slice(-tail.length) : digits; // of a whole number as much as the entry has of it
  return entry.phone.split(" ").some((number) => number.endsWith(digits)) || (tail !== "" && tail.endsWith(known));
}

/** Text as it is compared: half-width, no case, no spaces, ü as v. @param {string} text */
export const plain = (text) => folded(text).replace(SPACES, "").replaceAll("ü", "v");

/**
 * The entries of a resident's record, none where it is void: one for each name or number that is live, the shown one last.
 * `id_tail` is the whole number.
 * @param {import("./record.js").Record} record @returns {Entry[]}
 */
export function entriesOf(record) {
  const view = shown(record);
  if (view[VOID]) return [];
  const phone = phones(text(view.contact, "phone")).join(" ");
  /** @type {Map<string, Entry>} */
  const found = new Map();
  for (const { value } of sections(record).identity ?? []) {
    const name = text(value, "name");
    const told = { name, pinyin: pinyin(name), initials: initials(name), phone };
    const entry = { id: record.record, ...told, id_tail: tidy(text(value, "id_no")), birth_date: text(value, "birth_date") };
    const same = canonical(entry);
    found.delete(same);
    found.set(same, entry);
  }
  if (found.size) return [...found.values()];
  return [{ id: record.record, name: "", pinyin: "", initials: "", phone, id_tail: "", birth_date: "" }];
}

/**
 * The telephone numbers in a text as digits: seven at least, without hyphens, spaces within and the 86 of China.
 * @param {string} text
 */
export function phones(text) {
  const runs = text.normalize("NFKC").match(new RegExp(`\\p{Nd}[\\p{Nd}${SPACE}-]*`, "gu")) ?? [];
  const numbers = runs.flatMap((run) => {
    const several = digits(run).length > 13; // longer than any: a space divides two numbers
    return several ? run.split(SPACES).map(digits) : [digits(run)];
  });
  return numbers.filter((number) => number.length >= 7).map((number) => number.replace(/^86(?=1\p{Nd}{10}$)/u, ""));
}

/** @param {string} run */
const digits = (run) => run.replace(/\P{Nd}/gu, "");

/** @param {import("./record.js").Value | undefined} value @param {string} field @returns {string} */
function text(value, field) {
  const found = value?.[field];
  return typeof found === "string" ? found : "";
}
