// What the register of a disease asks for next, and where the doctor's values differ from what the rules suggest.
import { addDays, daysBetween, MAX, monthsLater } from "../days.js";
import { moment } from "../types/fields.js";
import { advise } from "../types/rules.js";
import { differs, due, least } from "./answer.js";
import { firstOf, urgency } from "./day.js";

/** @typedef {import("./answer.js").Due} Due */
/** @typedef {import("./facts.js").Facts} Facts */
/** @typedef {import("./managing.js").Register} Register */
/** @typedef {import("./series.js").Visit} Visit */

export const FIRST_VISIT_DAYS = 14; // from the opening of the register to the first follow-up: this project's
const CLOSING_DAYS = 14; // to close the register when the course is over: this project's
const FIRST_VISIT_HOURS = 72; // from the notice of a tuberculosis patient

/** What one register asks for on a day. */
export class Following {
  /** @param {Register} register @param {Facts} facts */
  constructor(register, { day, catalogue }) {
    this.register = register;
    this.day = day;
    this.catalogue = catalogue;
  }

  /** What is due, if the disease is under management and has a follow-up form. @returns {Due[]} */
  due() {
    const { register } = this;
    if (register.status !== "managed" || !register.forms.length) return [];
    const { last, closing } = register;
    const died = register.visits.find((visit) => visit.fact.date("visit.died_on"));
    if (died) return [this.item("close_record", "died", died.day, died)];
    if (closing) return [this.after(closing)];
    if (!last) return this.first();
    const [by, reason] = least(this.next(last)) ?? [];
    const pressing = Boolean(last.advice.get("urgent") || last.advice.get("crisis"));
    return [this.item(this.form(-1), reason, by, last, pressing), ...this.atOnce(last), ...this.lost(last)];
  }

  /** @param {string} what @param {string} reason @param {string} by @param {Visit | null} visit */
  item(what, reason, by, visit, pressing = false) {
    const { fact: own } = this.register;
    const fact = visit?.fact ?? own;
    const disputed = fact.disputed.size + own.disputed.size > 0;
    return due(what, reason, by, urgency(by, this.day, pressing), fact.id, disputed, own.programme);
  }

  /** @param {number} n */
  form(n) {
    return /** @type {import("../types/declare.js").RecordType} */ (this.register.forms.at(n)).name;
  }

  /** The days that a next visit may be wanted by, each with the reason; the earliest counts, then the reason's name.
   * @param {Visit} last @returns {any[]} */
  next(last) {
    const { plan, seenOn } = this.register;
    const found = within(last).map((finding) => [finding.by, finding.rows[0].id]);
    const wanted = last.fact.date("next_visit.on");
    if (wanted && wanted > last.day) found.push([wanted, "doctor"]);
    const months = Math.max(1, Math.floor(12 / (plan?.visits_per_year ?? 12)));
    found.push([monthsLater(last.day, months), "interval"]);
    if (plan?.in_person && !last.inPerson) found.push([monthsLater(seenOn ?? this.opened(last.day), months), "in_person"]);
    return found;
  }

  /** An alert or a report that the last visit calls for, on the day itself. @param {Visit} last */
  atOnce(last) {
    const called = last.advice.findings.filter(({ table }) => table.gives === "crisis" || table.gives === "report");
    return called.map(({ table, rows }) => this.item(table.gives, rows[0].id, last.day, last, true));
  }

  /** Three contacts in a row that failed: the person counts as lost. @param {Visit} last */
  lost(last) {
    const third = this.register.visits.filter((visit) => visit.day > last.day)[2];
    return third ? [this.item("confirm_lost", "three_failed_contacts", third.day, third)] : [];
  }

  /** A course that a form has closed: a call whether the person went to be assessed, then the register is closed.
   * @param {Visit} closing */
  after(closing) {
    const called = this.register.visits.find((visit) => visit.met && visit.day > closing.day);
    const wanted = within(closing)[0];
    if (wanted?.by && !called) return this.item(this.form(-1), wanted.rows[0].id, wanted.by, closing);
    const ended = called ?? closing;
    return this.item("close_register", "course_ended", addDays(ended.day, CLOSING_DAYS), ended);
  }

  /** The first follow-up: soon after the register was opened, or within the hours that a notice gives. */
  first() {
    const { fact } = this.register;
    const what = this.form(0);
    const notified = fact.at("notice.notified_at");
    if (moment(notified) === null) {
      const by = addDays(this.opened(firstOf(this.day.year)), FIRST_VISIT_DAYS);
      return [this.item(what, "first_visit", by, null)];
    }
    const [on, by] = [notified.slice(0, 10), addDays(notified.slice(0, 10), FIRST_VISIT_HOURS / 24)];
    const rules = this.catalogue.types.get("chronic_register")?.rules ?? [];
    const reports = advise(rules, fact.view, on, this.sinceNotice()).findings.filter(
      ({ table }) => table.gives === "first_visit_report",
    );
    return [
      this.item(what, "first_visit_72h", by, null, true),
      ...reports.map(({ rows }) => this.item("report", rows[0].id, by, null, true)),
    ];
  }

  /** What the rules are given of a register with a notice: attempts that have come, up to the end of the 72nd hour, at which
   * the patient was not met. */
  sinceNotice() {
    const { fact } = this.register;
    const notified = fact.at("notice.notified_at");
    const start = moment(notified) ?? 0n;
    const end = start + BigInt(FIRST_VISIT_HOURS) * 3600000000n;
    const past = [...fact.keyed("attempt").values()].filter(({ at }) => moment(at) !== null && this.day.reached(at.slice(0, 10)));
    if (this.register.disease !== "tuberculosis" || daysBetween(notified.slice(0, 10), MAX) < FIRST_VISIT_HOURS / 24) return {};
    const failed = past.filter(({ at, outcome = null }) => {
      const made = moment(at) ?? 0n;
      return outcome !== null && outcome !== "met" && start <= made && made <= end;
    });
    return { hours_since_notice: 0, failed_attempts_72h: failed.length, first_visit_done: false };
  }

  /** @param {string} otherwise */
  opened(otherwise) {
    return this.register.opened ?? otherwise;
  }
}

/** The days of the next visit that the rules allow. @param {Visit} visit */
const within = (visit) => visit.advice.findings.filter((finding) => finding.table.gives === "next_within" && finding.by);

/** Where the doctor's values of the last visit differ from what the rules suggest. @param {Register} register */
export function differing({ visits, fact }) {
  return visits.slice(-1).flatMap((last) => {
    return last.advice.discrepancies(last.fact.view).map((one) => differs(last.fact.id, one, fact.programme));
  });
}
