// Names: ids of records, the id of a resident from an identity number, and the GB 11643 check.
import { hex } from "./digest.js";
import { isDay } from "./days.js";

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_DIGITS = "10X98765432"; // GB 11643-1999, 4.2: by the weighted sum modulo 11
const MAX_AGE_YEARS = 130;

/** White space, as Python counts it: with a few control characters, without U+FEFF. */
export const SPACE = "\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SPACES_AND_HYPHENS = new RegExp(`[${SPACE}-]`, "g");

/** A time-ordered UUID (version 7, RFC 9562). @param {number} nowMs since 1970 @param {Uint8Array} chance 10 random bytes */
export function newId(nowMs, chance) {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(nowMs) << 16n);
  bytes.set(chance.subarray(0, 10), 6);
  return uuid(bytes, 7);
}

/**
 * The record id of the person with this identity number: a UUID (version 8) from a keyed hash, however the number is typed.
 * RangeError for no number at all.
 * @param {Uint8Array<ArrayBuffer>} identityKey @param {string} number
 */
export async function residentId(identityKey, number) {
  if (!tidy(number)) throw new RangeError("without an identity number a resident gets an id of their own");
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", identityKey, hmac, false, ["sign"]);
  const text = new TextEncoder().encode(`resident:${modern(tidy(number))}`);
  return uuid(new Uint8Array(await crypto.subtle.sign(hmac, key, text)), 8);
}

/** @param {Uint8Array} bytes @param {number} version */
function uuid(bytes, version) {
  const named = bytes.slice(0, 16);
  named[6] = (named[6] & 0x0f) | (version << 4);
  named[8] = (named[8] & 0x3f) | 0x80;
  return hex(named).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** An identity number as it is compared: half-width, no spaces or hyphens, X in upper case. @param {string} number */
export const tidy = (number) => number.normalize("NFKC").replace(SPACES_AND_HYPHENS, "").toUpperCase();

/** The 18-digit form of a 15-digit number (century 19); any other text as it is. @param {string} number */
export function modern(number) {
  if (!/^[0-9]{15}$/.test(number)) return number;
  const body = `${number.slice(0, 6)}19${number.slice(6)}`;
  return body + checkDigit(body);
}

/** The 18th character for the first 17 digits. @param {string} body */
const checkDigit = (body) => CHECK_DIGITS[WEIGHTS.reduce((sum, weight, n) => sum + weight * Number(body[n]), 0) % 11];

/**
 * What an identity number says as of a day, and its faults: `length`, `characters`, `check_digit`, `birth_date`.
 * @param {string} number @param {string} on
 * @returns {{text: string, faults: string[], birth_date: string | null, sex: "male" | "female" | null}}
 */
export function readIdNumber(number, on) {
  const text = modern(tidy(number));
  const unread = { text, birth_date: null, sex: null };
  if ([...text].length !== 18) return { ...unread, faults: ["length"] };
  if (!/^[0-9]{17}[0-9X]$/.test(text)) return { ...unread, faults: ["characters"] };
  const faults = text[17] === checkDigit(text) ? [] : ["check_digit"];
  const born = text.slice(6, 14).replace(/^(....)(..)/, "$1-$2-");
  const possible = isDay(born) && born <= on && Number(on.slice(0, 4)) - Number(born.slice(0, 4)) <= MAX_AGE_YEARS;
  if (!possible) faults.push("birth_date");
  return { text, faults, birth_date: possible ? born : null, sex: Number(text[16]) % 2 ? "male" : "female" };
}
