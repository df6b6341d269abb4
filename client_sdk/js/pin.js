// The PIN of a phone: it wraps the key of chance with which everything is enciphered, and wrong ones have to wait.
// Honest limit: four or six digits keep out the finder of a phone, not a laboratory. Use a longer PIN, report a lost phone.
import { readPlain, writePlain } from "./database.js";
import { StorageError, WrongPinError } from "./errors.js";

export const ROUNDS = 210_000; // of PBKDF2-SHA-512, as OWASP's password storage cheat sheet asks
const FREE_TRIES = 5; // wrong PINs, before the pauses begin
const FIRST_PAUSE = 30_000; // ms, doubled with each further wrong PIN
const LONGEST_PAUSE = 900_000;

/** @typedef {{salt: Uint8Array, rounds: number, iv: Uint8Array, wrapped: Uint8Array}} Wrapped */

/** @param {Uint8Array} iv @param {string} about @returns {AesGcmParams} */
export const sealing = (iv, about) => ({
  name: "AES-GCM",
  iv: /** @type {BufferSource} */ (iv),
  additionalData: new TextEncoder().encode(about),
});

/** A key from words that a person knows. @param {string} words @param {Uint8Array} salt @param {number} rounds */
export async function stretched(words, salt, rounds) {
  if (!crypto.subtle) throw new StorageError("nothing can be enciphered on this page: open it by https", "broken");
  const source = await crypto.subtle.importKey("raw", new TextEncoder().encode(words), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-512", salt: /** @type {BufferSource} */ (salt), iterations: rounds };
  return crypto.subtle.deriveKey(how, source, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** @param {Uint8Array} raw */
export async function imported(raw) {
  const key = await crypto.subtle.importKey("raw", /** @type {BufferSource} */ (raw), "AES-GCM", false, ["encrypt", "decrypt"]);
  raw.fill(0);
  return key;
}

/** @param {string} pin @param {Uint8Array} raw @returns {Promise<Wrapped>} */
export async function wrappedBy(pin, raw) {
  if (!pin) throw new WrongPinError("a PIN is needed");
  const [salt, iv] = [new Uint8Array(16), new Uint8Array(12)].map((one) => crypto.getRandomValues(one));
  const key = await stretched(pin, salt, ROUNDS);
  const box = await crypto.subtle.encrypt(sealing(iv, "vault"), key, /** @type {BufferSource} */ (raw));
  return { salt, rounds: ROUNDS, iv, wrapped: new Uint8Array(box) };
}

/**
 * What `use` makes of the data key. After some wrong PINs each further try has to wait, longer and longer.
 * @template T @param {IDBDatabase} db @param {Wrapped} wrapped @param {string} pin @param {() => number} now
 * @param {(raw: Uint8Array) => Promise<T>} use
 */
export async function opened(db, { salt, rounds, iv, wrapped }, pin, now, use) {
  const [wrong] = await readPlain(db, ["wrong"]);
  const paused = wrong && wrong.count >= FREE_TRIES ? Math.min(FIRST_PAUSE * 2 ** (wrong.count - FREE_TRIES), LONGEST_PAUSE) : 0;
  // a clock that was put back locks nobody out for years
  if (wrong && now() < wrong.at) await writePlain(db, { wrong: { ...wrong, at: now() } });
  const left = paused && Math.min(paused, wrong.at + paused - now());
  if (left > 0) throw new WrongPinError(`too many wrong PINs: wait ${Math.ceil(left / 1000)} s`, Math.ceil(left / 1000));
  const key = await stretched(pin, salt, rounds);
  const raw = await crypto.subtle.decrypt(sealing(iv, "vault"), key, /** @type {BufferSource} */ (wrapped)).catch(() => null);
  if (!raw) {
    await writePlain(db, { wrong: { count: (wrong?.count ?? 0) + 1, at: now() } });
    throw new WrongPinError("the PIN is wrong");
  }
  const result = await use(new Uint8Array(raw));
  if (wrong) await writePlain(db, { wrong: null });
  return result;
}
