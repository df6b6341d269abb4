// The writing half of the client: every call makes edits, and they are durable when it returns. No network is needed.
import * as errors from "./errors.js";
import { localTime } from "./glance.js";
import { People } from "./people.js";
import { Reading } from "./reading.js";
import { Standings } from "./standings.js";
import { editFromWire } from "./sync/codec.js";
import { DECISION } from "./sync/decided.js";
import { newId, residentId } from "./sync/identity.js";
import { LINKED, UNDONE } from "./sync/links.js";
import { VOID, canonical, family } from "./sync/record.js";
import { programmeOf, scopeName, villageOf } from "./sync/scopes.js";
import { LINK, RESIDENT } from "./sync/standing/facts.js";
import { upto, vector } from "./sync/version.js";
import { carried, owned } from "./view.js";

/** @typedef {import("./glance.js").Glance} Glance */
/** @typedef {import("./view.js").View} View */
/** @typedef {import("./view.js").Sections} Sections */
/** @typedef {import("./view.js").Value} Value */
/** @typedef {import("./sync/version.js").Dot} Dot */
/** @typedef {import("./sync/version.js").Vector} Vector */
/** @typedef {(length: number) => Uint8Array} Chance for the ids of new records */
/** @typedef {[key: string, content: any]} Draft of a form as it is from now on, null for none */
/** @typedef {{type: string, subject: string | null, scope: string}} Place */
/**
 * @typedef {{record: string, dot: Dot, context: Vector, before: Sections | null, settled: boolean, place: Place}} Written what
 *   `undo` needs of an edit; before: null for a new record; settled: a conflict
 */

const REMEMBERED = 20; // forms that can be undone

export class Writing extends Reading {
  /** @type {Written[][]} by what was saved together */ #written = [];

  /** @param {import("./store.js").Store} store @param {import("./reading.js").Clock} now @param {Chance} chance */
  constructor(store, now, chance) {
    super(store, now);
    /** @protected */ this._chance = chance;
  }

  /**
   * A new record; its id. A resident with an identity number gets the id that every phone derives from it: if that person is
   * registered already, what the author did not see stands beside what is written now. `scope` may be left out when it is
   * that of the subject's village, or when the device writes in one village only; what is of a protected programme goes into
   * its scope. ScopeError, ProtectedError, UnfitError (what the protocol cannot carry); nothing is kept then. `draft`, here and
   * below: the key of the form's draft, which goes with the very transaction, so that no form is found unsaved and saved again.
   * @param {string} type @param {Sections} sections @param {{subject?: string | null, scope?: string | null, draft?: string}}
   * [options] @returns {Promise<string>}
   */
  create(type, sections, options = {}) {
    return this._change((glance, written) => this.#create(glance, written, type, sections, options), dropped(options.draft));
  }

  /**
   * One trip, several forms: new records of some types about one subject; their ids by type. `shared` is entered once (the
   * day, the pressure) and stands in each form, field by field, as far as the form has it; what `forms` say goes before it.
   * All are kept or none. As `create`; RangeError for a type that is not in the catalogue.
   * @param {{[type: string]: Sections}} forms @param {Sections} shared @param {{subject: string, draft?: string}} options
   * @returns {Promise<{[type: string]: string}>}
   */
  createTogether(forms, shared, { subject, draft }) {
    return this._change(async (glance, written) => {
      /** @type {{[type: string]: string}} */
      const made = {};
      for (const [type, own] of Object.entries(forms)) {
        made[type] = await this.#create(glance, written, type, this.#filled(type, own, shared), { subject });
      }
      return made;
    }, dropped(draft));
  }

  /**
   * Replace sections whole (null empties one); the view afterwards. Give the View that the author had before their eyes: what
   * arrived since is not overwritten but stands beside the new value. With an id the author has seen the record as it is now.
   * What has several values gives way whole; begin a form with the View of `toEdit`, which leaves what others wrote.
   * `carry`: fields of the shown value that this version does not know are kept. StaleViewError, ProtectedError, UnfitError.
   * @param {string | View} record @param {Sections} sections @param {{carry?: boolean, draft?: string}} [options]
   * @returns {Promise<View>}
   */
  edit(record, sections, { carry = true, draft } = {}) {
    return this._change((glance, written) => this.#edit(glance, written, record, sections, carry), dropped(draft));
  }

  /**
   * Settle a section in conflict: an edit that has seen every value of it. With a `reason` everybody else who wrote is told
   * who decided, when and why. NothingToResolveError.
   * @param {string | View} record @param {string} section @param {Value} value @param {{reason?: string}} [options]
   */
  resolve(record, section, value, { reason = "" } = {}) {
    return this._change(async (glance, written) => {
      const { apart: _, ...before } = await seen(glance, record);
      const claims = before.conflicts[section];
      if (!claims) throw new errors.NothingToResolveError(`section ${section} of ${before.id} is not in conflict`);
      const taken = claims.some((claim) => canonical(claim.value) === canonical(value));
      /** @type {Sections} */
      const told = reason ? { [DECISION]: { about: [section], reason, decided_on: glance.today } } : {};
      return this.#edit(glance, written, before, { [section]: value, ...told }, !taken);
    });
  }

  /**
   * Say that a service which counts as missed was given; a supervisor decides. The view of the contract. `owedBy`: the last day
   * on which it was owed, by default the last one missed of that item. AppealError where nothing is there to appeal.
   * @param {string | View} contract @param {string} item @param {string} reason
   * @param {{owedBy?: string | null, draft?: string}} [options]
   */
  appeal(contract, item, reason, { owedBy = null, draft } = {}) {
    return this._change(async (glance, written) => {
      const before = await seen(glance, contract);
      const owed = await missed(glance, before, item);
      const one = owed.filter((each) => owedBy === null || each.by === owedBy).at(-1);
      if (!one) throw new errors.AppealError(`no service ${item} of this contract counts as missed this year on that day`);
      if (!reason.trim()) throw new errors.AppealError("say why");
      if (one.reason === "appeal_refused") throw new errors.AppealError("the appeal was refused");
      const name = `appeal/${item}` in before.sections ? `appeal/${item}@${one.by}` : `appeal/${item}`;
      const asked = { asked_on: glance.today, owed_by: one.by, reason: reason.trim() };
      return this.#edit(glance, written, before, { [one.appeal ?? name]: asked }, true);
    }, dropped(draft));
  }

  /**
   * Mark a record as entered in error (a code of `void_reason`). Nothing is deleted.
   * @param {string | View} record @param {string} reason @param {{note?: string}} [options]
   */
  void(record, reason, { note = "" } = {}) {
    return this.edit(record, { [VOID]: { reason, ...(note ? { note } : {}) } });
  }

  /**
   * The doctor knows what was set aside of a record: it needs nobody any more, until somebody refuses it, and stays to be read.
   * @param {string} record @returns {Promise<void>}
   */
  acknowledge(record) {
    return this._store.transaction((tables) => tables.acknowledge(record));
  }

  /**
   * Decide that two residents are one person; the view of the link. `sameAs` is the one whose record stands. `unlink` takes it
   * back. LinkError, NoSuchRecordError, ScopeError.
   * @param {string} duplicate @param {string} sameAs @param {{reason?: string}} [options]
   */
  link(duplicate, sameAs, { reason = "" } = {}) {
    return this._change(async (glance, written) => {
      const people = new People(glance);
      await people.linkable(duplicate, sameAs);
      const links = await people.between(duplicate, sameAs);
      const standing = links.find((link) => link.state === LINKED);
      if (standing) return view(glance, standing.record);
      const earlier = links.find((link) => link.duplicate === duplicate)?.record ?? null;
      return this.#decide(glance, written, earlier, { duplicate, same_as: sameAs, state: LINKED }, reason);
    });
  }

  /**
   * Decide that two residents are two persons; the views of the links that say so now. Where there is no link it is kept that
   * somebody looked, and the two are no candidates any more. LinkError, NoSuchRecordError, ScopeError.
   * @param {string} duplicate @param {string} sameAs @param {{reason?: string}} [options] @returns {Promise<View[]>}
   */
  unlink(duplicate, sameAs, { reason = "" } = {}) {
    return this._change(async (glance, written) => {
      const people = new People(glance);
      const views = [];
      for (const { record, duplicate: one, same_as } of await people.undoable(duplicate, sameAs)) {
        views.push(await this.#decide(glance, written, record, { duplicate: one, same_as, state: UNDONE }, reason));
      }
      if (views.length) return views;
      await people.linkable(duplicate, sameAs);
      for (const { record } of await people.between(duplicate, sameAs)) views.push(await view(glance, record));
      if (views.length) return views;
      return [await this.#decide(glance, written, null, { duplicate, same_as: sameAs, state: UNDONE }, reason)];
    });
  }

  /**
   * Take back an edit that this client made just now, by its dot, or the last one it made to a record, with what was saved there
   * together with it. An edit is never removed: its number is used up, and a request may be carrying it already. A further edit
   * writes what stood before, having seen no more than the first; a new record is marked as entered in error. The view
   * afterwards. `draft`: the form as it is kept again. NothingToUndoError where the edit is not of the last few, or settled a
   * conflict; StaleViewError where the same section was saved since.
   * @param {Dot | string} edit @param {{draft?: Draft}} [options] @returns {Promise<View>}
   */
  async undo(edit, { draft } = {}) {
    const meant = (/** @type {Written} */ { dot, record }) =>
      typeof edit === "string" ? record === edit : String(dot) === String(edit);
    const form = this.#written.findLast((one) => one.some(meant)) ?? [];
    const parts = form.filter(({ record }) => record === form.find(meant)?.record);
    if (!parts.length || parts.some(({ settled }) => settled))
      throw new errors.NothingToUndoError(parts.length ? "this settled a conflict" : "this was not saved here just now");
    return this._change(async (glance, written) => {
      for (const { record, dot, context, before, place } of parts) {
        const saw = { seen: { ...context, [dot[0]]: dot[1] }, settled: context };
        await this.#write(glance, written, record, before ?? { [VOID]: { reason: "mistake" } }, saw, place);
      }
      return view(glance, parts[0].record);
    }, draft);
  }

  // -- within

  /**
   * One transaction, that may be run more than once; what it wrote is remembered for `undo`.
   * @template T @param {(glance: Glance, written: Written[]) => Promise<T>} work @param {Draft} [draft] @returns {Promise<T>}
   * @protected
   */
  async _change(work, draft) {
    /** @type {Written[]} */
    let written = [];
    const result = await this._store.transaction(async (tables) => {
      written = [];
      const result = await work(await this._glance(tables), written);
      if (draft) await tables.keepDraft(...draft);
      return result;
    });
    if (written.length) this.#written = [...this.#written, written].slice(-REMEMBERED);
    return result;
  }

  /**
   * @param {Glance} glance @param {Written[]} written @param {string} type @param {Sections} sections
   * @param {{subject?: string | null, scope?: string | null}} options
   */
  async #create(glance, written, type, sections, { subject = null, scope = null }) {
    const { scopes } = glance.account;
    const record = await this.#newId(glance, type, sections);
    const about = type === RESIDENT ? record : subject;
    const place = (await scopeHere(glance, record)) ?? scope ?? (await scopeOf(glance, type, sections, about));
    // a record that has moved may be written where it is no longer held
    const told = place === scope || programmeOf(place) !== null;
    if (told && !scopes?.[place]?.write) throw new errors.ScopeError(`this device does not write in ${place}`);
    await this.#write(glance, written, record, sections, null, { type, subject: about, scope: place });
    return record;
  }

  /**
   * One edit, or several where of some sections less was seen than of others.
   * @param {Glance} glance @param {Written[]} written @param {string | View} record @param {Sections} sections
   * @param {boolean} carry
   */
  async #edit(glance, written, record, sections, carry) {
    const before = await seen(glance, record);
    const value = carry ? carried(this.catalogue, before.type, sections, before.sections) : sections;
    for (const [settled, part] of parted(before, value)) {
      await this.#write(glance, written, before.id, part, { ...before, settled }, before);
    }
    return view(glance, before.id);
  }

  /**
   * Write a decision about two residents, into its record where there is one.
   * @param {Glance} glance @param {Written[]} written @param {string | null} link
   * @param {{duplicate: string, same_as: string, state: string}} decision @param {string} reason
   */
  async #decide(glance, written, link, decision, reason) {
    const section = { ...decision, decided_by: glance.person, decided_on: glance.today, ...(reason ? { reason } : {}) };
    if (link) return this.#edit(glance, written, link, { link: section }, true);
    const { duplicate } = decision;
    const scope = await scopeHere(glance, duplicate);
    return view(glance, await this.#create(glance, written, LINK, { link: section }, { subject: duplicate, scope }));
  }

  /**
   * One edit into the outbox. Of what the author `saw` it names no more than this phone holds, and all of its own. Edits that
   * waited when the form was opened are named only under the present name of this phone: under the one that they had then, a
   * copy of it may have written something else.
   * @param {Glance} glance @param {Written[]} written @param {string} record @param {Sections} sections
   * @param {Pick<View, "seen" | "settled" | "apart"> | null} saw @param {Place} place
   */
  async #write(glance, written, record, sections, saw, { type, subject, scope }) {
    const { tables, account } = glance;
    const { actor } = account;
    liesOpen(glance, type, sections, scope);
    const [held, pending] = await glance.whatIs(record);
    const now = held || pending.length ? glance.look(held, pending) : null;
    /** @type {{[actor: string]: number}} */
    let context = { ...saw?.settled, [actor]: await tables.lastOwn(record) }; // of a record that has left this phone
    if (now) {
      fresh(glance.composed(held, pending).record, actor, sections, saw?.seen ?? {});
      const known = Object.entries(context).map(([one, n]) => [one, Math.min(n, upto(now.seen, one))]);
      context = { ...Object.fromEntries(known), [actor]: upto(now.seen, actor) };
    }
    const dot = /** @type {Dot} */ ([actor, (await tables.account()).counter + 1]);
    const parts = { record, type, subject, scope, dot, context: vector(context), sections };
    const edit = editFromWire({ ...parts, written_at: localTime(glance.now), author: glance.person });
    await tables.append(edit);
    if (account.mode === "practice") await this.#practise(glance, held, edit);
    const names = Object.keys(sections);
    const shown = now && owned(now, actor, glance.person).sections;
    const before = shown && Object.fromEntries(names.map((name) => [name, shown[name] ?? null]));
    // what two wrote apart cannot be put back as it was
    const settled = names.some((name) => now?.conflicts[name] && !saw?.apart?.[name]);
    written.push({ record, dot, context: edit.context, before, settled, place: { type, subject, scope } });
  }

  /**
   * There is no server: the edit is taken as received.
   * @param {Glance} glance @param {import("./view.js").Held | undefined} held @param {import("./view.js").Edit} edit
   */
  async #practise(glance, held, edit) {
    const { record, remarks } = glance.composed(held, [edit]);
    await glance.tables.put([{ record, issues: this.catalogue.check(record, glance.today, remarks) }]);
    await glance.tables.forget([edit.dot]);
  }

  /** @param {Glance} glance @param {string} type @param {Sections} sections */
  async #newId({ account, now }, type, sections) {
    const number = type === RESIDENT ? sections.identity?.id_no : null;
    if (typeof number === "string" && number.trim()) return residentId(bytes(account.identity_key), number);
    return newId(now.getTime(), this._chance(10));
  }

  /**
   * The sections of a form with what is shared, as far as the form has the fields.
   * @param {string} type @param {Sections} own @param {Sections} shared
   */
  #filled(type, own, shared) {
    const declared = this.catalogue.types.get(type);
    if (!declared) throw new RangeError(`the catalogue has no type ${type}`);
    /** @type {{[section: string]: Value}} */
    const filled = { ...own };
    for (const [name, value] of Object.entries(shared)) {
      const section = declared.byName.get(family(name));
      if (!section || value === null) continue;
      const kept = Object.entries(value).filter(([field]) => section.fields.some((one) => one.name === field));
      const both = { ...Object.fromEntries(kept), ...own[name] };
      filled[name] = Object.keys(both).length ? both : null;
    }
    return Object.fromEntries(Object.entries(filled).filter(([, value]) => value !== null));
  }
}

/** @param {Glance} glance @param {string} record */
const view = async (glance, record) => glance.look(...(await glance.parts(record)));

/**
 * The view that somebody had before their eyes; with an id, the record as it is now.
 * @param {Glance} glance @param {string | View} record
 */
const seen = (glance, record) => (typeof record === "string" ? view(glance, record) : record);

/** @param {string | undefined} key @returns {Draft | undefined} */
const dropped = (key) => (key === undefined ? undefined : [key, null]);

/**
 * The sections of an edit by what its author has seen of them.
 * @param {View} before @param {Sections} sections @returns {Iterable<[Vector, Sections]>}
 */
function parted({ settled, apart = {} }, sections) {
  /** @type {Map<string, [Vector, Sections]>} */
  const parts = new Map();
  for (const [name, value] of Object.entries(sections)) {
    const saw = apart[name] ?? settled;
    parts.set(canonical(saw), [saw, { ...parts.get(canonical(saw))?.[1], [name]: value }]);
  }
  return parts.size ? parts.values() : [[settled, sections]];
}

/** @param {string} hex */
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (two) => parseInt(two, 16));

/**
 * The services of an item that count as missed, as the standing of the resident says, by day.
 * @param {Glance} glance @param {View} contract @param {string} item
 */
async function missed(glance, contract, item) {
  if (contract.subject === null) return [];
  const standings = new Standings(glance, await new People(glance).counting());
  let { whole } = await standings.of(contract.subject);
  if (whole.same_as) ({ whole } = await standings.of(whole.same_as));
  return whole.obligations.filter((one) => one.contract === contract.id && one.item === item && one.state === "missed");
}

/** @param {Glance} glance @param {string} record */
async function scopeHere(glance, record) {
  const [held, pending] = await glance.whatIs(record);
  return held?.record.scope ?? pending[0]?.scope ?? null;
}

/**
 * Where a new record belongs: where its subject is, or in the one village that this device writes in; what is of a protected
 * programme belongs to that programme's scope there.
 * @param {Glance} glance @param {string} type @param {Sections} sections @param {string | null} subject
 */
async function scopeOf(glance, type, sections, subject) {
  const programme = glance.catalogue.protected(type, sections);
  const place = subject && (await scopeHere(glance, subject));
  if (place) return scopeName(villageOf(place), programme);
  const writable = Object.entries(glance.account.scopes ?? {}).filter(([, may]) => /** @type {any} */ (may).write);
  const fit = writable.map(([name]) => name).filter((name) => programmeOf(name) === programme);
  if (fit.length === 1) return fit[0];
  throw new errors.ScopeError(`say in which scope: this device writes in ${fit.sort().join(", ") || "none"} for such a record`);
}

/**
 * Refuse a code of a protected programme outside its scopes: there, who has no grant would read it.
 * @param {Glance} glance @param {string} type @param {Sections} sections @param {string} scope
 */
function liesOpen({ catalogue }, type, sections, scope) {
  for (const [section, field, programme] of catalogue.named(type, sections)) {
    if (programme === programmeOf(scope)) continue;
    const what = field === null ? section : `${section}.${field}`;
    throw new errors.ProtectedError(`${what} names what only the programme ${programme} may hold: write a register of it there`);
  }
}

/**
 * Refuse a form that was opened before this very phone saved the same section: the chain of one's own edits has no forks. Also
 * one that was opened under an earlier name of this phone, when what waited then is in that section: better opened once too
 * often than something overwritten unseen.
 * @param {import("./view.js").Record} now @param {string} actor @param {Sections} sections @param {Vector} saw
 */
function fresh(now, actor, sections, saw) {
  if (!Object.keys(saw).length) return; // a new form
  const newer = now.edits.filter(({ dot }) => dot[0] === actor && dot[1] > upto(saw, actor));
  const stale = [...new Set(newer.flatMap((edit) => Object.keys(edit.sections).filter((name) => name in sections)))].sort();
  if (stale.length)
    throw new errors.StaleViewError(`${stale.join(", ")} was saved here after this form was opened: open it again`);
}
