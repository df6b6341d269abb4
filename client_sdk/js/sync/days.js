// Calendar days as ISO text, 0001-01-01 to 9999-12-31: they compare as text, and no clock or time zone is asked.

/** @typedef {string} Day "2026-11-22" */

export const MIN = "0001-01-01";
export const MAX = "9999-12-31";

const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const LAST = ordinal(MAX);

/** True for the text of a day that there is. @param {unknown} text @returns {text is Day} */
export function isDay(text) {
  if (typeof text !== "string" || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const [year, month, day] = parts(text);
  return year > 0 && month > 0 && month < 13 && day > 0 && day <= daysIn(year, month);
}

/** So many days later (or, below nothing, earlier), within the calendar. @param {Day} day @param {number} n @returns {Day} */
export function addDays(day, n) {
  let rest = Math.min(Math.max(ordinal(day) + n, 1), LAST) - 1;
  const ages = Math.floor(rest / 146097); // the days of 400 years
  rest -= ages * 146097;
  const centuries = Math.min(Math.floor(rest / 36524), 3);
  rest -= centuries * 36524;
  const fours = Math.floor(rest / 1461);
  rest -= fours * 1461;
  const years = Math.min(Math.floor(rest / 365), 3);
  rest -= years * 365;
  const year = ages * 400 + centuries * 100 + fours * 4 + years + 1;
  let month = 1;
  for (; rest >= daysIn(year, month); month++) rest -= daysIn(year, month);
  return iso(year, month, rest + 1);
}

/** Days from one day to another, below nothing when that one is earlier. @param {Day} from @param {Day} to */
export function daysBetween(from, to) {
  return ordinal(to) - ordinal(from);
}

/** The same day of a later month, or the month's last day where it has none. @param {Day} day @param {number} n @returns {Day} */
export function monthsLater(day, n) {
  const [year, month, date] = parts(day);
  const months = year * 12 + month - 1 + n;
  const later = Math.floor(months / 12);
  if (later > 9999) return MAX;
  return later < 1 ? MIN : iso(later, (months % 12) + 1, Math.min(date, daysIn(later, (months % 12) + 1)));
}

/** The day at the end of `P14D`, `P3M` or `P1Y`, the last of all at most.
 * @param {Day} day @param {string} period @returns {Day} */
export function later(day, period) {
  const found = /^P([0-9]{1,4})([DMY])$/.exec(period);
  if (!found) throw new RangeError(`no period of days, months or years: ${period}`);
  const count = Number(found[1]);
  return found[2] === "D" ? addDays(day, count) : monthsLater(day, count * (found[2] === "Y" ? 12 : 1));
}

/** Full years of age on a day. @param {Day} birth @param {Day} on */
export function ageOn(birth, on) {
  return yearOf(on) - yearOf(birth) - (on.slice(5) < birth.slice(5) ? 1 : 0);
}

/** @param {Day} day */
export function yearOf(day) {
  return Number(day.slice(0, 4));
}

/** The number of a day, 1 for the first there is. @param {Day} day */
export function ordinal(day) {
  const [year, month, date] = parts(day);
  const before = year - 1;
  let days = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) + date;
  for (let m = 1; m < month; m++) days += daysIn(year, m);
  return days;
}

/** @param {Day} day */
function parts(day) {
  return [Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8, 10))];
}

/** @param {number} year @param {number} month */
function daysIn(year, month) {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return LENGTHS[month - 1] + (leap ? 1 : 0);
}

/** @param {number} year @param {number} month @param {number} day @returns {Day} */
function iso(year, month, day) {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
