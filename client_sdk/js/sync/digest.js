// Do two replicas of a scope agree? A sum of hashes modulo 2^128 that either end can keep up to date.
//   h(record) = first 16 bytes of SHA-256 over the canonical JSON of
//               {"live": [[section, actor, counter, value], ...], "record": id, "type": type}
import { canonical, compareText } from "./record.js";
import { compareDots } from "./version.js";

/** @typedef {import("./record.js").Record} Record */
/** @typedef {{readonly count: number, readonly sum: bigint}} Digest how many records and the sum of their hashes */

/** @type {Digest} */
export const NOTHING = { count: 0, sum: 0n };

/** As it travels. @param {Digest} digest */
export const wire = ({ count, sum }) => ({ count, sum: sum.toString(16).padStart(32, "0") });

/** The digest of records whose hashes, 32 hex digits each, are known. @param {Iterable<string>} hashes */
export function ofHashes(hashes) {
  let { count, sum } = NOTHING;
  for (const hash of hashes) [count, sum] = [count + 1, sum + BigInt(`0x${hash}`)];
  return { count, sum: BigInt.asUintN(128, sum) };
}

/** h(record) as 32 hex digits. @param {Record} record @returns {Promise<string>} */
export async function recordHash({ record, type, edits }) {
  const cells = edits.flatMap(({ dot, sections }) => Object.entries(sections).map(([name, value]) => ({ name, dot, value })));
  cells.sort((x, y) => compareText(x.name, y.name) || compareDots(x.dot, y.dot));
  const live = cells.map(({ name, dot, value }) => [name, ...dot, value]);
  const text = new TextEncoder().encode(canonical({ live, record, type }));
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", text)).subarray(0, 16));
}

/** @param {Uint8Array} bytes */
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The first hex digits of a record id, hyphens ignored. @param {string} recordId @param {number} length */
export const prefixOf = (recordId, length) => recordId.replaceAll("-", "").slice(0, length);
