// What each record of the calendar year counts for, or why it counts for nothing: the same judgements that the standing is made
// of, told record by record.
import { addDays, daysBetween, isDay, MIN, yearOf } from "../days.js";
import { compareDots, SERVER_ACTOR } from "../version.js";
import { least, sorted } from "./answer.js";
import { counting, IN_FORCE, inForce, isGiven } from "./contracts.js";
import { CONFLICT, HOME_VISIT, LINK, namedBy, said, worded } from "./facts.js";
import { activePlan } from "./groups.js";
import { statusOn, uncounted } from "./managing.js";
import { Item, served } from "./owing.js";

/** @typedef {import("./answer.js").Obligation} Obligation */
/** @typedef {import("./answer.js").Work} Work */
/** @typedef {import("./contracts.js").Term} Term */
/** @typedef {import("./facts.js").Fact} Fact */
/** @typedef {import("./facts.js").Facts} Facts */
/** @typedef {import("./managing.js").Register} Register */
/** @typedef {import("../record.js").LiveEdit} LiveEdit */
/** @typedef {[string[], string | null]} Judged what a record counts for, or why for nothing */
/**
 * What a standing rests on, for a person who counts here.
 * @typedef {{person: Fact, registers: Register[], terms: Term[], owed: Obligation[], closedOn: string | null}} Basis
 */

const PLAN = "care_plan";
const ONCE_A_DAY = ["health_exam", "elder_selfcare"];
const WRITTEN = /^([0-9-]{10})[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$/;

/** The records of the year, by day. Without a basis nothing counts here, as the `status` of the standing says.
 * @param {Facts} facts @param {Basis | null} basis @param {string} status @returns {Work[]} */
export function workOf(facts, basis, status) {
  const judge = basis && new Judge(facts, basis);
  const elsewhere = status === "same_person" || status === "void" ? status : "no_resident";
  /** @type {Work[]} */
  const found = [];
  for (const fact of [...facts.byId.values(), ...facts.leftOut]) {
    const on = dayOf(fact);
    if (!facts.catalogue.types.has(fact.type) || fact.type === LINK || (fact.dated === null && on === null)) continue;
    const first = writers(fact);
    const written = least(first.flatMap(writtenOn)) ?? null;
    const about = on ?? written; // of a record without a day the year in which it was written
    if (about === null || yearOf(about) !== facts.day.year || judge?.ofOthers(fact)) continue;
    const late = written && on ? Math.max(0, daysBetween(on, written)) : null;
    const authors = sorted(new Set(first.map((edit) => edit.author)));
    /** @type {[string | null, string[], string | null][]} */
    let every = [[fact.programme, [], fact.ignored ?? (judge ? "no_day" : elsewhere)]];
    if (judge && !fact.ignored && on !== null) every = judge.told(fact, on);
    const { id: record, type } = fact;
    for (const [programme, counts, reason] of every) {
      found.push({ record, type, on, counts, reason, late_days: late, authors, programme, written_on: written });
    }
  }
  return sorted(found, (one) => [one.on ?? MIN, one.record, one.programme ?? ""]);
}

/** The day that a record is about; of a plan the day of its last review, or on which it was approved or written.
 * @param {Fact} fact */
function dayOf(fact) {
  if (fact.type !== PLAN) return fact.day;
  return fact.date("review.reviewed_on") ?? fact.date("review.approved_on") ?? fact.date("summary.written_on");
}

/** The first edit of a phone that still owns a section, and the living edits of the section that says when it was: whoever
 * corrects the day takes nothing away from who wrote the form, nor makes it late. @param {Fact} fact @returns {LiveEdit[]} */
function writers({ edits, dated }) {
  const days = edits.filter((edit) => dated === null || Object.hasOwn(edit.sections, dated));
  const byPhones = edits.filter((edit) => !SERVER_ACTOR.test(edit.dot[0]));
  if (!byPhones.length) return days;
  const first = least(byPhones, (edit) => [edit.at, ...edit.dot]);
  return byPhones.filter((edit) => edit === first || days.includes(edit));
}

/** The day on which an edit was written, where its author was and by that phone's clock. @param {LiveEdit} edit */
function writtenOn(edit) {
  const day = WRITTEN.exec(edit.written_at)?.[1];
  return isDay(day) ? [day] : [];
}

/** What the records of one person count for. */
class Judge {
  /** @param {Facts} facts @param {Basis} basis */
  constructor(facts, basis) {
    this.facts = facts;
    this.basis = basis;
    /** @type {Map<string, Judged>} */
    this.visits = new Map();
    for (const register of basis.registers) {
      for (const [visit, reason] of uncounted(register, facts.day.year, basis.closedOn)) {
        this.visits.set(visit.fact.id, [reason ? [] : [`followup:${register.disease}`], reason]);
      }
    }
    /** @type {Map<string, Map<string | null, string[]>>} */
    this.items = new Map();
    for (const one of basis.owed) {
      if (!one.evidence || !(isGiven(one) || one.state === "waived")) continue;
      const shown = this.items.get(one.evidence) ?? new Map();
      const count = `${one.state === "waived" ? "waived" : "item"}:${one.contract}/${one.item}`;
      this.items.set(one.evidence, shown.set(one.programme, [...(shown.get(one.programme) ?? []), count]));
    }
  }

  /** True for a visit to the home that names others of the household; one that names nobody is about all of it.
   * @param {Fact} fact */
  ofOthers(fact) {
    const named = fact.type === HOME_VISIT ? namedBy(fact.view.visit) : [];
    return named.length > 0 && !named.some((one) => this.facts.ids.has(one));
  }

  /** [programme, counts, reason]: in the scope of the record, and beside it for each other programme that owes it.
   * @param {Fact} fact @param {string} on @returns {[string | null, string[], string | null][]} */
  told(fact, on) {
    const [own, reason] = this.own(fact, on);
    const items = this.items.get(fact.id) ?? new Map();
    const counts = [...own, ...(items.get(fact.programme) ?? [])];
    const others = sorted([...items.keys()].filter((one) => one !== fact.programme));
    /** @type {[string | null, string[], string | null][]} */
    const beside = others.map((one) => [one, items.get(one), null]);
    return [[fact.programme, counts, counts.length ? null : reason], ...beside];
  }

  /** What it counts for by itself. @param {Fact} fact @param {string} on @returns {Judged} */
  own(fact, on) {
    if (!(fact.type === PLAN ? fact.settled("review", "summary") : fact.happened)) return [[], CONFLICT];
    if (fact.type === HOME_VISIT) return served(fact, this.facts.ids) ? [[HOME_VISIT], null] : [[], "not_met"];
    const follows = this.facts.catalogue.types.get(fact.type)?.follows;
    if (follows) return this.visits.get(fact.id) ?? [[], this.unregistered(fact, follows.disease)];
    if (this.basis.closedOn && on > this.basis.closedOn) return [[], "closed"];
    switch (fact.type) {
      case "chronic_register":
        return this.register(fact);
      case "contract":
        return this.contract(fact);
      case "performance":
        return [[], this.performance(fact)];
      case PLAN:
        return this.plan(fact);
      default:
        return this.other(fact);
    }
  }

  /** @param {Fact} fact @returns {Judged} */
  other(fact) {
    const same = this.facts.of(fact.type).some((one) => one.day === fact.day && one.id < fact.id && one.happened);
    return ONCE_A_DAY.includes(fact.type) && same ? [[], "duplicate"] : [[fact.type], null];
  }

  /** Why a follow-up is none of a register's: of a course that was closed before, or there is none. @param {Fact} fact
   * @param {string} disease */
  unregistered(fact, disease) {
    const same = this.basis.registers.filter((one) => one.disease === disease && one.fact.programme === fact.programme);
    return same.some((one) => one.since) ? "earlier_course" : "no_register";
  }

  /** @param {Fact} fact @returns {Judged} */
  register(fact) {
    if (!fact.settled("registration", "status")) return [[], CONFLICT];
    const disease = fact.at("registration.disease");
    if (this.basis.registers.some((one) => one.fact === fact)) return [[`register:${disease}`], null];
    return [[], statusOn(fact, this.facts.day) === "closed" ? "earlier_course" : "duplicate"];
  }

  /** @param {Fact} fact @returns {Judged} */
  plan(fact) {
    if (activePlan(this.facts, fact.programme) !== fact) return [[], "not_in_force"];
    const reviewed = fact.date("review.reviewed_on");
    if (reviewed && !this.facts.day.reached(reviewed)) return [[], "to_come"];
    return [reviewed && yearOf(reviewed) === this.facts.day.year ? [PLAN, "plan_review"] : [PLAN], null];
  }

  /** @param {Fact} fact @returns {Judged} */
  contract(fact) {
    const [{ terms }, { day }] = [this.basis, this.facts];
    const mine = terms.find((term) => term.fact === fact);
    if (!mine) return [[], "not_in_force"];
    if (!fact.settled(...IN_FORCE)) return [[], CONFLICT];
    const begun = day.reached(mine.first);
    const on = !begun ? mine.first : day.reached(addDays(mine.last, 1)) ? mine.last : day.on;
    // another one's beginning or end may decide which of the two counts
    for (const other of terms) day.within(other.first, addDays(other.last, 1));
    if (counting(terms, on) !== mine) return [[], CONFLICT];
    return [said(fact.at("term.renewal_of")) ? ["contract", "renewal"] : ["contract"], null];
  }

  /** Why a performance shows nothing that is owed: what it counts for is told by the services that it shows.
   * @param {Fact} fact */
  performance(fact) {
    const { terms } = this.basis;
    const name = fact.at("performance.contract");
    const code = worded(fact.at("performance.item"));
    const on = fact.day ?? MIN;
    const mine = terms.find((term) => term.fact.id === name);
    if (!mine) return this.facts.inTheOpen("contract").some((one) => one.id === name) ? "not_in_force" : "no_contract";
    if (!inForce(mine, on)) return "not_in_term";
    if (counting(terms, on) !== mine || !mine.fact.settled(...IN_FORCE, `item/${code}`)) return CONFLICT;
    const about = mine.fact.keyed("item").get(code);
    return about ? this.whyNotPerformed(fact, mine, code, about) : "nothing_owed";
  }

  /** @param {Fact} fact @param {Term} mine @param {string} code @param {any} about */
  whyNotPerformed(fact, mine, code, about) {
    const on = fact.day ?? MIN;
    const isSame = (/** @type {Fact} */ one) =>
      one.at("performance.contract") === mine.fact.id && one.at("performance.item") === code;
    const before = this.facts.of("performance").filter((one) => one.day === on && one.id < fact.id && one.happened);
    if (before.some(isSame)) return "duplicate";
    const reason = new Item(mine, code, about, this.facts, null).whyNotPerformed(fact);
    if (reason) return reason;
    const owed = this.basis.owed.filter((one) => one.contract === mine.fact.id && one.item === code && one.programme === null);
    if (owed.some((one) => one.evidence === fact.id && one.reason === "too_late")) return "too_late";
    return owed.some((one) => one.since <= on && on <= one.by && one.evidence) ? "already_done" : "nothing_owed";
  }
}
