// Where do phone and server differ, and what makes them equal again? Decisions only; the walk itself is in walk.js.
import { issuesOf, met } from "./exchange.js";
import { recordFromWire } from "./sync/codec.js";
import { NOTHING, ofHashes, prefixOf, recordHash } from "./sync/digest.js";
import { canonical } from "./sync/record.js";

/** @typedef {import("./view.js").Held} Held */
/** @typedef {Map<string, string>} Hashes record id -> h(record), of one scope */
/**
 * What to do below a prefix that differs: look closer, fetch the server's records, records the server has none of.
 * @typedef {{closer: string[], fetch: string[], lacking: string[]}} Step
 */
/** Base rows to write, and records to send because the server lacks edits. @typedef {{put: Held[], lacking: string[]}} Repair */

const FETCH_AT_MOST = 32; // records at once where both ends have some
const FETCH_NEW_AT_MOST = 256; // where this phone has none, there is nothing to save by looking closer
const LONGEST_PREFIX = 32;

/** A digest as it travels; an absent one is of no records. @param {{count: number, sum: string} | undefined} told */
const digestOf = (told) => (told ? { count: told.count, sum: BigInt(`0x${told.sum}`) } : NOTHING);

/** @param {Hashes} hashes @param {{count: number, sum: string} | undefined} told */
export function agrees(hashes, told) {
  const [mine, theirs] = [ofHashes(hashes.values()), digestOf(told)];
  return mine.count === theirs.count && mine.sum === theirs.sum;
}

/** The records whose id begins with the prefix. @param {string} prefix @param {Hashes} hashes @returns {Hashes} */
export const below = (prefix, hashes) => new Map([...hashes].filter(([name]) => prefixOf(name, prefix.length) === prefix));

/**
 * What to do below `prefix`, of which the server says `node` = {count, sum, children}.
 * @param {string} prefix @param {any} node @param {Hashes} hashes @returns {Step}
 */
export function step(prefix, node, hashes) {
  /** @type {Step} */
  const found = { closer: [], fetch: [], lacking: [] };
  const mine = below(prefix, hashes);
  if (agrees(mine, node)) return found;
  for (const digit of "0123456789abcdef") {
    const longer = prefix + digit;
    const here = below(longer, mine);
    const theirs = node.children[digit];
    if (agrees(here, theirs)) continue;
    if (!theirs?.count) found.lacking.push(...here.keys());
    else if (theirs.count <= (here.size ? FETCH_AT_MOST : FETCH_NEW_AT_MOST) || longer.length >= LONGEST_PREFIX)
      found.fetch.push(longer);
    else found.closer.push(longer);
  }
  return found;
}

/**
 * Compare what the server has below a prefix with what this phone has there (`here`). `base`: the records that `here` or the
 * states name, whatever their scope. Where the server has seen all that this phone has, its state stands; where it lacks edits,
 * the record is to be sent.
 * @param {Hashes} here @param {Map<string, Held>} base @param {any[]} states @param {import("./exchange.js").Policies} policies
 * @returns {Promise<Repair>}
 */
export async function repair(here, base, states, policies) {
  const put = [];
  const lacking = new Set(here.keys());
  for (const state of states) {
    const theirs = recordFromWire(state);
    const held = base.get(theirs.record);
    lacking.delete(theirs.record);
    const both = met(held, theirs, issuesOf(state), policies);
    if (!held || canonical(both) !== canonical(held)) put.push(both);
    const equal =
      canonical(both.record.seen) === canonical(theirs.seen) && (await recordHash(both.record)) === (await recordHash(theirs));
    if (!equal) lacking.add(theirs.record);
  }
  return { put, lacking: [...lacking] };
}
