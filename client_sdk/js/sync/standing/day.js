// The day on which somebody's standing is asked for, until when the answer holds, and how pressing something is on it.
import { addDays, MAX, yearOf } from "../days.js";
import { LATER, OVERDUE, SOON, URGENT } from "./answer.js";

const SOON_DAYS = 7; // the days ahead that a doctor's list shows

/** A day that remembers which later days would have changed an answer; `over`: asked at its end. */
export class Day {
  /** @param {string} on @param {boolean} [over] */
  constructor(on, over = false) {
    this.on = on;
    this.over = over;
    this.year = yearOf(on);
    this.until = this.year < yearOf(MAX) ? firstOf(this.year + 1) : MAX;
  }

  /** True from this day on. @param {string} day */
  reached(day) {
    if (day <= this.on) return true;
    if (day < this.until) this.until = day;
    return false;
  }

  /** True when this day is over: from the next day on. @param {string} day */
  ended(day) {
    return (this.over && day === this.on) || this.reached(addDays(day, 1));
  }

  /** True from `start` until before `end`, null for no end. @param {string} start @param {string | null} end */
  within(start, end) {
    return this.reached(start) && !(end !== null && this.reached(end));
  }
}

/** The first day of a year. @param {number} year */
export const firstOf = (year) => `${String(year).padStart(4, "0")}-01-01`;

/** `urgent` what is pressing whatever its day, else by the day. @param {string} by @param {Day} day */
export function urgency(by, day, pressing = false, ahead = SOON_DAYS) {
  if (pressing) return URGENT;
  if (day.reached(addDays(by, 1))) return OVERDUE;
  return day.reached(addDays(by, -ahead)) ? SOON : LATER;
}
