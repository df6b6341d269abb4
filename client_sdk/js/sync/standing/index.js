// What one resident is due, has had, and counts as, on a day: the same as on the server. Hand in the resident's record, every
// record whose subject they are, the visits to their household and those that name them, and the *same person* links; for
// somebody registered more than once all of these for each id.
import { WARNING } from "../types/fields.js";
import { composed, noted } from "./answer.js";
import * as contracts from "./contracts.js";
import { Day } from "./day.js";
import { Facts, LINK, textOf } from "./facts.js";
import { differing, Following } from "./following.js";
import * as groups from "./groups.js";
import * as managing from "./managing.js";
import * as owing from "./owing.js";
import * as tasks from "./tasks.js";
import { workOf } from "./working.js";

/** @typedef {import("./answer.js").Account} Account */
/** @typedef {import("./answer.js").Standing} Standing */
/** @typedef {import("./facts.js").Fact} Fact */
/** @typedef {import("./facts.js").Known} Known */
/** @typedef {import("./working.js").Basis} Basis */
/**
 * `also`: other ids of the same person, whose records are handed in too; `sameAs`: the id where this person counts, if it is
 * another one: then nothing counts here; `over`: at the end of the day.
 * @typedef {{also?: Iterable<string>, sameAs?: string | null, over?: boolean,
 *   catalogue: import("../types/catalogue.js").Catalogue}} Options
 */

/** The standing of a resident on a day. @param {string} resident @param {Iterable<Known>} known @param {string} on
 * @param {Options} options @returns {Standing} */
export function standing(resident, known, on, options) {
  return composed(stand(resident, known, on, { ...options, over: false }).stands);
}

/** The standing, with the records of the year that it rests on. @param {string} resident @param {Iterable<Known>} known
 * @param {string} on @param {Options} options @returns {Account} */
export function account(resident, known, on, options) {
  const { stands, facts, basis } = stand(resident, known, on, options);
  const work = workOf(facts, basis, stands.status);
  // the day is read last: everything has asked for the days that it depends on
  return { standing: composed(stands), on, until: facts.day.until, work };
}

/** The standing, what it was read from, and what it rests on where the person counts here.
 * @param {string} resident @param {Iterable<Known>} known @param {string} on @param {Options} options
 * @returns {{stands: Standing, facts: Facts, basis: Basis | null}} */
function stand(resident, known, on, { also = [], sameAs = null, over = false, catalogue }) {
  const day = new Day(on, over);
  const others = [...also].sort();
  const facts = new Facts([resident, ...others], known, day, catalogue);
  /** @type {Standing} */
  const base = {
    resident,
    status: "unknown",
    until: day.until,
    closed: null,
    closed_on: null,
    same_as: null,
    also: others,
    away_until: null,
    away: false,
    groups: [],
    managed: [],
    signed: null,
    obligations: [],
    honoured: [],
    in_person_days: 0,
    home_visits: 0,
    exam_on: null,
    selfcare_on: null,
    poverty: null,
    plans: [],
    due: [],
    conflicts: facts.conflicts.map(([record, section, programme]) => noted(record, section, null, null, null, programme)),
    issues: facts.issues.map(([record, one, p]) => noted(record, one.section, one.field, one.code, one.level, p)),
    differs: [],
  };
  const person = facts.person(resident);
  if (sameAs !== null) {
    const stands = { ...base, status: "same_person", same_as: sameAs, conflicts: [], issues: [] };
    return { stands, facts, basis: null };
  }
  if (person) return { facts, ...ofPerson(person, facts, base) };
  return { stands: facts.ignored(resident) ? { ...base, status: "void" } : base, facts, basis: null };
}

/** @param {Fact} person @param {Facts} facts @param {Standing} base @returns {{stands: Standing, basis: Basis}} */
function ofPerson(person, facts, base) {
  const { day } = facts;
  const ended = person.at("record_status.status") === "closed";
  const closedOn = ended ? person.date("record_status.closed_on") : null;
  const closed = ended && (closedOn === null || day.reached(closedOn));
  const managed = managing.registers(facts, person);
  const [examOn, homeVisits] = [tasks.shownDay(facts, "health_exam", true), tasks.homeVisits(facts)];
  const every = groups.memberships(person, managed, facts);
  const belongs = groups.groupsOf(person, every, day);
  const terms = contracts.termsOf(facts, closedOn);
  const signed = closed ? null : contracts.signedOf(terms, day);
  const owed = owing.obligationsOf(terms, facts, every);
  const programmes = [null, ...[...new Set(owed.flatMap((one) => one.programme ?? []))].sort()];
  const latest = tasks.advised(facts);
  const away = person.at("away.away_for_work") === true;
  const due = closed
    ? []
    : [
        ...managed.flatMap((register) => new Following(register, facts).due()),
        ...contracts.dueOf(signed, terms, owed, day),
        ...tasks.yearly(person, belongs, managed, facts),
        ...tasks.prescriptions(facts),
        ...tasks.referrals(facts),
        ...tasks.plans(facts, managed),
        ...tasks.flags(person, belongs, managed, signed, facts),
      ];
  // nobody is sent to a dead patient's family
  const died = due.some((item) => item.what === "close_record" && item.programme === null);
  const appealed = owing.appealsUndecided(terms);
  const undecided = appealed.map((one) => noted(one.contract, one.section, "decision", "undecided", WARNING));
  /** @type {Standing} */
  const stands = {
    ...base,
    status: closed ? "closed" : "active",
    closed: closed ? textOf(person.at("record_status.close_reason")) : null,
    closed_on: closed ? closedOn : null,
    away,
    away_until: away ? person.date("away.expected_return_on") : null,
    groups: closed ? [] : belongs,
    managed: managed.map((register) => managing.managedOf(register, day, examOn !== null, closedOn)),
    signed,
    obligations: owed,
    honoured: programmes.map((programme) => contracts.honouredOf(owed, programme, signed !== null, day)),
    in_person_days: tasks.inPersonDays(facts, managed),
    home_visits: homeVisits,
    exam_on: examOn,
    selfcare_on: tasks.shownDay(facts, "elder_selfcare", true),
    poverty: closed ? null : groups.povertyOf(person, facts, examOn, homeVisits),
    plans: closed ? [] : groups.plansOf(facts),
    due: died ? due.filter((item) => item.what === "close_record" || item.programme) : due,
    differs: [...managed.flatMap(differing), ...tasks.differing(latest)],
    issues: [...base.issues, ...tasks.limits(latest), ...undecided, ...apart(facts)],
  };
  stands.until = day.until; // the last to be read: everything above has asked for the days that it depends on
  return { stands, basis: { person, registers: managed, terms, owed, closedOn } };
}

/** Links that join nobody: who is the same person by them lives in another village, and counts there. @param {Facts} facts */
function apart(facts) {
  const linked = facts.inTheOpen(LINK).filter((fact) => {
    const pair = [fact.at("link.duplicate"), fact.at("link.same_as")];
    return fact.at("link.state") === "linked" && fact.settled("link") && !pair.every((one) => facts.ids.has(one));
  });
  return linked.map((fact) => noted(fact.id, "link", "same_as", "lives_elsewhere", WARNING));
}
