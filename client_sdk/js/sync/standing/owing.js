// What a contract owes and when, what shows that it was given, and why something was not. What an item owes is divided into
// spans of days; a span is honoured by the first record in it that its item names, or by a performance with evidence.
import { addDays, daysBetween, MAX, monthsLater, yearOf } from "../days.js";
import { isAbsent } from "../types/checks.js";
import { SERVER_ACTOR } from "../version.js";
import { least, sorted } from "./answer.js";
import { counting, IN_FORCE, isGiven } from "./contracts.js";
import { CONFLICT, HOME_VISIT, namedBy, said, textOf, worded } from "./facts.js";
import { programmesFor } from "./groups.js";
import { IN_PERSON, wasMet } from "./series.js";

/** @typedef {import("./answer.js").Obligation} Obligation */
/** @typedef {import("./contracts.js").Term} Term */
/** @typedef {import("./facts.js").Fact} Fact */
/** @typedef {import("./facts.js").Facts} Facts */
/** @typedef {import("./groups.js").Membership} Membership */
/** @typedef {{since: string, by: string}} Span one time that an item is owed, both days counted */
/** @typedef {{waived: boolean, day: string, record: string, reason: string | null}} Shown a record about an item; `reason`: why
 * it does not show it */

/**
 * One appeal: about which item, and which day it was owed by (null: the last one before it was made); `decision`: `upheld`,
 * `refused`, or null; `claimed`: the section says that it is decided.
 * @typedef {{contract: string, section: string, item: string, askedOn: string | null, owedBy: string | null,
 *   decision: string | null, claimed: boolean}} Appeal
 */

const PLAN_REVIEW = "care_plan_review"; // counts for an item without a record of its own
const NEAREST = [CONFLICT, "no_evidence", "by_phone", "not_met", "void", "too_late"]; // of several reasons the one to be told

/** What is owed in this calendar year, contract by contract, in the order of the days: judged on the last day of each span,
 * and owed by the contract that counts on that day. @param {Term[]} every @param {Facts} facts @param {Membership[]} belongs */
export function obligationsOf(every, facts, belongs) {
  return every.flatMap((term) => {
    const owed = [...term.fact.keyed("item")].flatMap(([code, about]) => owedOf(term, code, about, every, facts, belongs));
    return sorted(decided(term.fact, owed), (one) => [one.by, one.item, one.programme ?? ""]);
  });
}

/** @param {Term} term @param {string} code @param {any} about @param {Term[]} every @param {Facts} facts
 * @param {Membership[]} belongs */
function owedOf(term, code, about, every, facts, belongs) {
  const wanted = about.groups;
  /** @type {Map<string | null, Span[]>} */
  const found = new Map();
  for (const span of spans(about, term.fact, facts.day.year)) {
    if (counting(every, span.by) !== term) continue;
    const meant = Array.isArray(wanted) && wanted.length ? programmesFor(wanted, belongs, span.by, facts.day) : [null];
    for (const programme of meant) found.set(programme, [...(found.get(programme) ?? []), span]);
  }
  return [...found].flatMap(([programme, some]) => {
    const item = new Item(term, code, about, facts, programme);
    const shown = item.shown();
    return withLate(some.map((span) => judged(item, span, shown)), shown);
  });
}

/** Appeals that say what was decided, and that no supervisor has decided. @param {Term[]} every */
export const appealsUndecided = (every) =>
  every.flatMap((term) => appealsOf(term.fact)).filter((one) => one.claimed && !one.decision);

/** The days between which an item is owed, over the whole term as signed: those that touch a calendar year.
 * @param {any} item @param {Fact} contract @param {number} year */
function spans(item, contract, year) {
  const [first, last] = [contract.date("term.starts_on"), contract.date("term.ends_on")];
  if (!first || !last) return [];
  const every = spansOf(item, first, last, year);
  return every.filter((span) => yearOf(span.since) <= year && year <= yearOf(span.by));
}

/** @param {any} item @param {string} first @param {string} last @param {number} year @returns {Span[]} */
function spansOf(item, first, last, year) {
  switch (item.due_rule) {
    case "within_days_of_start":
      return [{ since: first, by: earlier(last, addDays(first, number(item.due_days, 0, 1096, 7))) }];
    case "once_in_term":
      return [{ since: first, by: last }];
    case "every_n_months":
      return steps(first, last, number(item.every_months, 1, 36, 3), year);
    default:
      return steps(first, last, 12, year).flatMap((whole) => parts(whole, number(item.times_per_year, 1, 366, 1)));
  }
}

/** A term in steps of so many months, from the step before a year until that after it.
 * @param {string} first @param {string} last @param {number} months @param {number} year */
function steps(first, last, months, year) {
  /** @type {Span[]} */
  const found = [];
  for (let n = Math.max(0, Math.floor(((year - yearOf(first)) * 12) / months) - 2); ; n++) {
    const since = monthsLater(first, months * n);
    if (since > last || yearOf(since) > year || since === MAX) return found;
    found.push({ since, by: earlier(last, addDays(monthsLater(first, months * (n + 1)), -1)) });
  }
}

/** A year in so many spans of the same length, to the day. @param {Span} year @param {number} times @returns {Span[]} */
function parts({ since, by }, times) {
  const days = daysBetween(since, by) + 1;
  const start = (/** @type {number} */ n) => addDays(since, Math.floor((days * n) / times));
  return Array.from({ length: Math.min(times, days) }, (_, n) => ({ since: start(n), by: addDays(start(n + 1), -1) }));
}

/** @param {string} a @param {string} b */
const earlier = (a, b) => (a < b ? a : b);

/** @param {unknown} value @param {number} low @param {number} high @param {number} otherwise */
const number = (value, low, high, otherwise) =>
  typeof value === "number" && Number.isInteger(value) && low <= value && value <= high ? value : otherwise;

/** An item of a contract, for somebody who is meant by it in the open or by a programme. */
export class Item {
  /** @param {Term} term @param {string} code @param {any} about @param {Facts} facts @param {string | null} programme */
  constructor(term, code, about, facts, programme) {
    this.term = term;
    this.code = code;
    this.about = about;
    this.facts = facts;
    this.programme = programme;
  }

  /** True when no conflict leaves open whether the contract owes it. */
  get settled() {
    return this.term.fact.settled(...IN_FORCE, `item/${this.code}`);
  }

  /** Everything about the item, on whatever day. Nothing protected speaks for what is owed in the open. @returns {Shown[]} */
  shown() {
    /** @type {Shown[]} */
    const found = [];
    const { fulfilled_by: kinds } = this.about;
    for (const kind of Array.isArray(kinds) ? kinds : []) {
      for (const fact of typeof kind === "string" ? this.of(kind) : []) {
        if (fact.day) found.push({ waived: false, day: fact.day, record: fact.id, reason: this.whyNoVisit(fact) });
      }
      for (const plan of kind === PLAN_REVIEW ? this.facts.of("care_plan") : []) {
        const day = plan.date("review.reviewed_on");
        if (!day || !this.mayTell(plan) || !this.facts.day.reached(day)) continue;
        found.push({ waived: false, day, record: plan.id, reason: plan.settled("review") ? null : CONFLICT });
      }
    }
    for (const fact of this.of("performance")) {
      const about = fact.at("performance.contract") === this.term.fact.id && fact.at("performance.item") === this.code;
      if (!fact.day || !about) continue;
      const waived = fact.at("waiver.reason") !== null;
      found.push({ waived, day: fact.day, record: fact.id, reason: this.whyNotPerformed(fact) });
    }
    return found;
  }

  /** @param {string} type */
  of(type) {
    const left = this.facts.leftOut.filter((fact) => fact.type === type && fact.ignored !== "to_come");
    return [...this.facts.of(type), ...left].filter((fact) => this.mayTell(fact));
  }

  /** @param {Fact} fact */
  mayTell(fact) {
    return fact.programme === null || fact.programme === this.programme;
  }

  /** @param {Fact} fact */
  whyNoVisit(fact) {
    if (fact.ignored || !fact.happened) return fact.ignored ?? CONFLICT;
    return served(fact, this.facts.ids) ? this.whyNotSo(fact, "visit.way") : "not_met";
  }

  /** Why a performance of the item does not show it: void, in conflict, without evidence, or not face to face.
   * @param {Fact} fact */
  whyNotPerformed(fact) {
    if (fact.ignored || !fact.settled("performance", "evidence", "waiver")) return fact.ignored ?? CONFLICT;
    const reason = fact.at("waiver.reason") === null ? whyNotShown(fact, this.facts, this.programme) : null;
    return reason ?? this.whyNotSo(fact, "performance.mode");
  }

  /** @param {Fact} fact @param {string} path */
  whyNotSo(fact, path) {
    const way = fact.at(path);
    return this.about.face_to_face === true && way !== null && !IN_PERSON.includes(way) ? "by_phone" : null;
  }
}

/** @param {Item} item @param {Span} span @param {Shown[]} shown @returns {Obligation} */
function judged(item, { since, by }, shown) {
  const { day, byId } = item.facts;
  const state = day.ended(by) ? "missed" : day.reached(since) ? "open" : "to_come";
  /** @type {Obligation} */
  const owes = {
    contract: item.term.fact.id,
    item: item.code,
    since,
    by,
    state,
    evidence: null,
    done_on: null,
    reason: null,
    appeal: null,
    programme: item.programme,
  };
  const timely = shown.filter((one) => since <= one.day && one.day <= by);
  const fit = least(timely.filter((one) => one.reason === null), (one) => [one.waived, one.day, one.record]);
  if (!item.settled) return { ...owes, evidence: fit?.record ?? null, reason: CONFLICT };
  if (fit) {
    const reason = fit.waived ? textOf(byId.get(fit.record)?.at("waiver.reason")) : null;
    return { ...owes, state: fit.waived ? "waived" : "done", evidence: fit.record, done_on: fit.day, reason };
  }
  const rejected = least(timely, (one) => [NEAREST.indexOf(one.reason ?? ""), one.day, one.record]);
  if (rejected) return { ...owes, evidence: rejected.record, reason: rejected.reason };
  return state === "missed" ? { ...owes, reason: "no_record" } : owes;
}

/** What was missed with nothing to show, and given after its last day: the first such record that shows nothing else.
 * @param {Obligation[]} owed @param {Shown[]} shown */
function withLate(owed, shown) {
  const used = owed.filter(isGiven).map((one) => one.evidence);
  const unused = shown.filter((one) => !one.reason && !one.waived && !used.includes(one.record));
  const late = sorted(unused, (one) => [one.day, one.record]);
  return owed.map((one) => {
    const after = one.reason === "no_record" && late.find(({ day }) => day > one.by);
    return after ? { ...one, reason: "too_late", evidence: after.record } : one;
  });
}

/** True when a visit or an examination met one of these persons. @param {Fact} fact @param {Set<string>} ids */
export function served(fact, ids) {
  if (fact.type !== HOME_VISIT) return wasMet(fact);
  return namedBy(fact.view.visit).some((one) => ids.has(one)) && isAbsent(fact.at("visit.not_met_reason"));
}

/** Why a performance has no evidence; null when it has: a record about this person, photographs, a signature, their word.
 * The record has to be here, not void, and to have met the person. @param {Fact} performance @param {Facts} facts
 * @param {string | null} programme */
function whyNotShown(performance, facts, programme) {
  if (["photos", "signature", "resident_confirmed"].some((name) => said(performance.at(`evidence.${name}`)))) return null;
  const record = facts.byId.get(worded(performance.at("evidence.record")));
  const tells = record && (record.programme === null || record.programme === programme) && record.id !== performance.id;
  if (!tells || !served(record, facts.ids)) return "no_evidence";
  return record.happened ? null : CONFLICT;
}

// -- appeals: the doctor says that a service which counts as missed was given; a supervisor decides ---------------------------

/** The appeals of a contract, by section. @param {Fact} contract @returns {Appeal[]} */
function appealsOf(contract) {
  const items = contract.keyed("item");
  return [...contract.keyed("appeal").keys()].map((key) => {
    const section = `appeal/${key}`;
    const told = contract.at(`${section}.decision`);
    const decides = (told === "upheld" || told === "refused") && byTheServer(contract, section);
    return {
      contract: contract.id,
      section,
      item: items.has(key) ? key : key.slice(0, Math.max(0, key.lastIndexOf("@"))),
      askedOn: contract.date(`${section}.asked_on`),
      owedBy: contract.date(`${section}.owed_by`),
      decision: decides ? told : null,
      claimed: said(told),
    };
  });
}

/** The service that an appeal is about, if that counts as missed, or nobody has given it yet until that day. Evidence that
 * arrives later makes it an appeal about nothing, never about another service. @param {Appeal} appeal
 * @param {Obligation[]} owed */
function about({ item, owedBy, askedOn }, owed) {
  const mine = owed.filter((one) => one.item === item);
  const past = sorted(mine.filter((one) => askedOn && one.by < askedOn), (one) => one.by);
  const meant = owedBy ? mine.filter((one) => one.by === owedBy) : past.filter((one) => one.by === past.at(-1)?.by).slice(0, 1);
  return meant.find((one) => one.state === "missed" || one.state === "open") ?? null;
}

/** What a contract owes, with what was decided about the doctor's appeals. @param {Fact} contract @param {Obligation[]} owed */
function decided(contract, owed) {
  const told = [...owed];
  for (const appeal of appealsOf(contract)) {
    for (const programme of new Set(owed.map((one) => one.programme))) {
      // apart, so that nothing protected tells in the open
      const one = about(appeal, told.filter((other) => other.programme === programme));
      if (!one) continue;
      const { section, decision } = appeal;
      const found = { ...one, appeal: section };
      if (decision === "upheld") Object.assign(found, { state: "upheld", reason: null });
      if (decision === "refused") found.reason = "appeal_refused";
      told[told.indexOf(one)] = found;
    }
  }
  return told;
}

/** True when the only living value of a section was written by the server's own actor. @param {Fact} contract
 * @param {string} section */
function byTheServer(contract, section) {
  const actors = contract.edits.filter((edit) => Object.hasOwn(edit.sections, section)).map((edit) => edit.dot[0]);
  return actors.length === 1 && SERVER_ACTOR.test(actors[0]);
}
