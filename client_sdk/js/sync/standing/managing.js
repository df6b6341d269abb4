// Diseases under management: the follow-up of the year, and whether it is as the specification wants it.
import { addDays, daysBetween, MAX, monthsLater, yearOf } from "../days.js";
import { least, sorted } from "./answer.js";
import { firstOf } from "./day.js";
import { CONFLICT, said, textOf, worded } from "./facts.js";
import { deciding, followUps, formsOf, inPerson, TWO_WEEKS, visits } from "./series.js";

/** @typedef {import("./answer.js").Managed} Managed */
/** @typedef {import("./day.js").Day} Day */
/** @typedef {import("./facts.js").Fact} Fact */
/** @typedef {import("./facts.js").Facts} Facts */
/** @typedef {import("./series.js").Visit} Visit */
/** @typedef {import("../types/declare.js").FollowUp} FollowUp */

const CLOSED_FOR = "closure.reason";

/** The register of a disease that counts, its follow-up forms and visits. */
export class Register {
  /** @param {Fact} fact @param {string} disease @param {Facts} facts @param {Fact | null} person @param {string | null} since */
  constructor(fact, disease, facts, person, since) {
    const { day } = facts;
    this.fact = fact;
    this.disease = disease;
    this.forms = formsOf(facts, disease);
    this.plan = this.forms.at(-1)?.follows ?? null;
    const made = followUps(this.forms, facts, fact.programme, since);
    this.seenOn = made.findLast(inPerson)?.day ?? null; // the last time face to face
    this.status = statusOn(fact, day); // on the day of the standing
    this.visits = visits(this.forms, made, day.year, person);
    this.since = since; // from when its own course is, where one was closed before it
  }

  get opened() {
    return this.fact.date("registration.opened_on");
  }

  /** The day from which it is closed, a day to come too, where it says one. */
  get closedOn() {
    return this.fact.at("status.status") === "closed" ? this.fact.date("status.closed_on") : null;
  }

  /** As `closedOn`; where it is closed and says no day it is since the year began. @param {Day} day */
  ended(day) {
    return this.closedOn ?? (this.status === "closed" ? firstOf(day.year) : null);
  }

  /** True when no conflict leaves open which disease it is of, since when, and whether it is under management. */
  get settled() {
    return this.fact.settled("registration", "status");
  }

  /** The visit whose form closed the course. */
  get closing() {
    return this.visits.find((visit) => visit.met && visit.fact.at(CLOSED_FOR) !== null) ?? null;
  }

  /** The last visit that met the person. */
  get last() {
    return this.visits.findLast((visit) => visit.met) ?? null;
  }
}

/** The status of a register on a day: what was closed or lost only later was under management, or lost, until then.
 * @param {Fact} register @param {Day} day */
export function statusOn(register, day) {
  const status = register.at("status.status");
  const [closedOn, lostOn] = [register.date("status.closed_on"), register.date("status.lost_on")];
  if (status === "closed") {
    if (closedOn === null || day.reached(closedOn)) return status;
    return lostOn && day.reached(lostOn) ? "lost" : "managed";
  }
  if (status === "lost" && lostOn && !day.reached(lostOn)) return "managed";
  return said(status) ? worded(status) : "managed";
}

/** One register a disease, in the open and in each programme: of several the one under management, opened first.
 * @param {Facts} facts @param {Fact | null} person */
export function registers(facts, person) {
  /** @type {Map<string, [string, string, Fact[]]>} */
  const every = new Map();
  for (const fact of facts.of("chronic_register")) {
    const disease = fact.at("registration.disease");
    if (typeof disease !== "string") continue;
    const key = JSON.stringify([disease, fact.programme]);
    every.set(key, [disease, fact.programme ?? "", [...(every.get(key)?.[2] ?? []), fact]]);
  }
  return sorted(every.values(), ([disease, programme]) => [disease, programme]).map(([disease, , same]) => {
    const fact = /** @type {Fact} */ (least(same, (one) => rank(one, facts.day)));
    return new Register(fact, disease, facts, person, courseSince(fact, same, facts.day));
  });
}

/** @param {Fact} fact @param {Day} day */
function rank(fact, day) {
  const status = statusOn(fact, day);
  return [status === "closed", status === "lost", fact.date("registration.opened_on") ?? MAX, fact.id];
}

/** The day from which the follow-ups are of its own course, where one was closed before it. @param {Fact} fact
 * @param {Fact[]} same @param {Day} day */
function courseSince(fact, same, day) {
  const opened = fact.date("registration.opened_on");
  let since = null;
  for (const other of same) {
    const before = other.date("registration.opened_on");
    if (other !== fact && statusOn(other, day) === "closed" && opened && before && before < opened) since = opened;
  }
  return since;
}

/** The visits of a year, each with the reason why it is none of those that the disease asks for; null for those that are.
 * Of two on a day one counts. `closedOn`: the day from which the person's own record is closed.
 * @param {Register} register @param {number} year @param {string | null} closedOn @returns {[Visit, string | null][]} */
export function uncounted(register, year, closedOn) {
  const faceToFace = register.plan === null || register.plan.in_person;
  const closed = [register.closedOn, closedOn];
  const counted = new Set();
  return register.visits
    .filter((visit) => yearOf(visit.day) === year)
    .map((visit) => {
      let reason = null;
      if (!visit.fact.happened) reason = CONFLICT;
      else if (!visit.met) reason = "not_met";
      else if (closed.some((day) => day && visit.day > day)) reason = "closed";
      else if (faceToFace && !visit.inPerson) reason = "by_phone";
      else if (counted.has(visit.day)) reason = "duplicate";
      else counted.add(visit.day);
      return [visit, reason];
    });
}

/** How the disease is managed, by the calendar year so far; `exam`: had a health examination in it.
 * @param {Register} register @param {Day} day @param {boolean} exam @param {string | null} closedOn @returns {Managed} */
export function managedOf(register, day, exam, closedOn) {
  const { fact, plan, opened, closing } = register;
  const year = uncounted(register, day.year, closedOn);
  const met = year.filter(([, reason]) => reason === null || reason === "by_phone").map(([visit]) => visit);
  const last = register.visits.at(-1);
  const counted = year.filter(([, reason]) => reason === null).length;
  const ended = least([register.ended(day), closedOn].filter((end) => end !== null)) ?? null;
  const expected = plan ? expectedOf(plan, opened, ended, day) : 0;
  let lacking = ["followup"];
  if (plan) {
    lacking = lackingOf(register, plan, day, met, counted, expected, exam);
    const lost = lacking.includes("visits") && year.some(([, reason]) => reason === CONFLICT);
    if (lost || !register.settled || met.some((visit) => disputed(visit, "next_within"))) lacking.push(CONFLICT);
  }
  let [controlled, unclear] = controlledOf(register, year.map(([visit]) => visit));
  if (!register.settled) [controlled, unclear] = [null, CONFLICT];
  else if (closing && !closing.fact.settled("visit", "closure")) unclear = CONFLICT;
  return {
    disease: register.disease,
    record: fact.id,
    status: register.status,
    since: opened,
    visits: met.length,
    in_person: met.filter((visit) => visit.inPerson).length,
    expected,
    last_visit: last?.fact.id ?? null,
    last_visit_on: last?.day ?? null,
    visit_class: textOf(last?.fact.at("assessment.class")),
    suggested_class: last?.advice.get("class") ?? null,
    controlled,
    regular: regularOf(closing ?? last),
    standard: !lacking.length,
    lacking,
    unclear,
    course: textOf(closing?.fact.at(CLOSED_FOR)),
    ended_on: closing && (closing.fact.date("closure.stopped_on") ?? closing.day),
    closed_by: closing?.fact.id ?? null,
    closed_on: register.closedOn,
    programme: fact.programme,
  };
}

/** How many visits the months under management in this year ask for so far; one at least.
 * @param {FollowUp} plan @param {string | null} opened @param {string | null} ended @param {Day} day */
function expectedOf(plan, opened, ended, day) {
  const year = firstOf(day.year);
  const start = opened && opened > year ? opened : year;
  let passed = 0;
  for (let n = 1; n <= plan.visits_per_year; n++) {
    const last = addDays(monthsLater(start, Math.floor((12 * n) / plan.visits_per_year)), -1);
    if ((ended === null || last < ended) && day.reached(last)) passed += 1;
  }
  return Math.max(1, passed);
}

/** @param {Register} register @param {FollowUp} plan @param {Day} day @param {Visit[]} met @param {number} counted
 * @param {number} expected @param {boolean} exam */
function lackingOf(register, plan, day, met, counted, expected, exam) {
  const found = register.status === "managed" ? [] : [register.status];
  const fresh = register.opened !== null && !day.reached(monthsLater(register.opened, 3));
  if (counted < (fresh ? 1 : expected)) found.push("visits");
  if (fresh) return found;
  if (met.some((visit) => !visit.fact.complete)) found.push("incomplete");
  if (met.some((visit) => notFollowed(visit, register.visits, day))) found.push("two_weeks");
  if (plan.exam_yearly && !exam) found.push("exam");
  return found;
}

/** True when a visit called for another within two weeks, these are over, and there was none; what closes a course asks for
 * no other form. @param {Visit} visit @param {Visit[]} every @param {Day} day */
function notFollowed(visit, every, day) {
  const by = visit.advice.by("next_within");
  if (by === null || visit.fact.at(CLOSED_FOR) !== null || daysBetween(visit.day, by) > TWO_WEEKS) return false;
  if (!day.reached(addDays(by, 1))) return false;
  return !every.some((other) => other.met && other.fact.happened && visit.day < other.day && other.day <= by);
}

/** By the last measurement of the year, and why it cannot be told; who was not reached last, or is lost, is not controlled.
 * @param {Register} register @param {Visit[]} year @returns {[boolean | null, string | null]} */
function controlledOf(register, year) {
  if (register.status === "lost") return [false, null];
  for (const visit of [...year].reverse()) {
    if (!visit.fact.happened || disputed(visit, "controlled")) return [null, CONFLICT];
    if (visit === year.at(-1) && !visit.met) return [false, null];
    const told = visit.met && visit.advice.get("controlled");
    if (told) return [told === "yes", null];
  }
  return [null, null];
}

/** Whether the medicines were taken regularly, as the last form says; null while it is in conflict.
 * @param {Visit | undefined} visit */
function regularOf(visit) {
  if (!visit?.fact.happened || disputed(visit, "regular")) return null;
  const told = visit.advice.get("regular");
  return told === null ? null : told === "yes";
}

/** True when a section in conflict decides a result of the visit. @param {Visit} visit @param {string} gives */
function disputed({ fact, declared }, gives) {
  return fact.disputed.size > 0 && deciding(declared.rules, gives).some((section) => fact.disputed.has(section));
}
