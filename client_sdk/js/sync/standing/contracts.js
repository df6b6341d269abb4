// Contracts: which one is in force and counts, and whether what it owed was honoured. Of two in force at once the one that was
// signed first counts, and the other waits for a person to settle it.
import { addDays, yearOf } from "../days.js";
import { numberOf } from "../types/fields.js";
import { due, least, sorted } from "./answer.js";
import { urgency } from "./day.js";
import { CONFLICT, textOf } from "./facts.js";

/** @typedef {import("./answer.js").Honoured} Honoured */
/** @typedef {import("./answer.js").Obligation} Obligation */
/** @typedef {import("./answer.js").Signed} Signed */
/** @typedef {import("./day.js").Day} Day */
/** @typedef {import("./facts.js").Fact} Fact */
/** @typedef {{fact: Fact, signed: string, first: string, last: string}} Term a contract and the days on which it is in force,
 * both counted */

const RENEWAL_DAYS = 30; // before and after the last day of a contract, in which its renewal is looked for: this project's
export const IN_FORCE = ["term", "status", "stop"]; // the sections that decide whether and when a contract is in force

/** @param {Term} term @param {string} on */
export const inForce = (term, on) => term.first <= on && on <= term.last;

/** The contracts of a person, the one that counts where they overlap first: signed first, then by id.
 * @param {import("./facts.js").Facts} facts @param {string | null} closedOn @returns {Term[]} */
export function termsOf(facts, closedOn) {
  const found = facts.inTheOpen("contract").flatMap((fact) => {
    const [first, last, stopped] = [fact.date("term.starts_on"), fact.date("term.ends_on"), fact.date("stop.stopped_on")];
    const status = fact.at("status.status");
    if (!first || !last || status === "pending" || (status === "terminated" && !stopped)) return [];
    const ends = least([last, ...[stopped, closedOn].flatMap((day) => (day ? [addDays(day, -1)] : []))]) ?? last;
    return ends >= first ? [{ fact, signed: fact.date("term.signed_on") ?? first, first, last: ends }] : [];
  });
  return sorted(found, (term) => [term.signed, term.fact.id]);
}

/** The contract that counts on a day. @param {Term[]} every @param {string} on */
export const counting = (every, on) => every.find((term) => inForce(term, on)) ?? null;

/** The contract in force, with those in force beside it. @param {Term[]} every @param {Day} day @returns {Signed | null} */
export function signedOf(every, day) {
  const [first, ...others] = every.filter((term) => day.within(term.first, addDays(term.last, 1)));
  if (!first) return null;
  const { fact } = first;
  const total = numberOf(fact.at("fees.total_yuan"));
  return {
    contract: fact.id,
    since: first.first,
    by: first.last,
    team: textOf(fact.at("parties.team")),
    others: others.map((term) => term.fact.id),
    renewal_of: textOf(fact.at("term.renewal_of")) || null,
    paid: total !== null && fact.settled("fees") ? total > 0n : null,
    reason: fact.settled(...IN_FORCE) ? null : CONFLICT,
  };
}

/** True when a service counts as done. @param {Obligation} one */
export const isGiven = (one) => one.state === "done" || one.state === "upheld";

/** The three variants, over what was due in the year up to the day; what was waived counts on neither side.
 * @param {Obligation[]} obligations @param {string | null} programme @param {boolean} signed @param {Day} day
 * @returns {Honoured} */
export function honouredOf(obligations, programme, signed, day) {
  const mine = obligations.filter((one) => one.programme === programme && one.state !== "waived");
  const owed = mine.filter((one) => yearOf(one.by) === day.year && day.reached(one.by) && one.state !== "open");
  const done = owed.filter(isGiven).length;
  const any = mine.some((one) => isGiven(one) && yearOf(one.done_on ?? one.by) === day.year);
  return {
    items_due: owed.length,
    items_done: done,
    full: owed.length ? done === owed.length : null,
    any: signed || owed.length ? any : null,
    programme,
  };
}

/** Contracts to be renewed or settled, and services that are owed and not given; what was given and is in conflict is not
 * asked for again. @param {Signed | null} signed @param {Term[]} every @param {Obligation[]} obligations @param {Day} day */
export function dueOf(signed, every, obligations, day) {
  const terms = new Map(every.map((term) => [term.fact.id, term]));
  const disputed = (/** @type {string} */ contract) => (terms.get(contract)?.fact.disputed.size ?? 0) > 0;
  const found = [];
  if (signed) {
    const { by, contract } = signed;
    if (!every.some((term) => by < term.first && term.first <= addDays(by, RENEWAL_DAYS))) {
      found.push(due("contract_renewal", "term_ends", by, urgency(by, day, false, RENEWAL_DAYS), contract, disputed(contract)));
    }
    for (const other of signed.others) {
      const on = terms.get(other)?.signed ?? by;
      found.push(due("contract_settle", "two_in_force", on, urgency(on, day), other, disputed(other)));
    }
  }
  for (const { state, reason, evidence, item, by, contract, programme } of obligations) {
    const asked = state === "to_come" || state === "open";
    if (!asked || (reason === CONFLICT && evidence)) continue;
    found.push(due("service", item, by, urgency(by, day), contract, disputed(contract), programme));
  }
  return found;
}
