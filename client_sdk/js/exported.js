// The unsent edits as one enciphered file, so that nothing is lost if the phone dies. `cunyi field exported FILE` reads it back.
import { WrongPasswordError } from "./errors.js";
import { ROUNDS, stretched } from "./pin.js";

const FORMAT = "cunyi-unsent-1";

/** @param {import("./tables.js").Tables} tables @param {string} password @param {Date} now @returns {Promise<Blob>} */
export async function exportUnsent(tables, password, now) {
  if (!password) throw new WrongPasswordError("a password is needed: whoever opens the file is asked for it");
  const { person, role, actor, server, url } = await tables.account();
  const said = { person, role, device: { actor, server, url }, exported_at: now.toISOString(), edits: await tables.outbox() };
  const [salt, iv] = [new Uint8Array(16), new Uint8Array(12)].map((one) => crypto.getRandomValues(one));
  const how = { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(FORMAT) };
  const box = await crypto.subtle.encrypt(
    how,
    await stretched(password, salt, ROUNDS),
    new TextEncoder().encode(JSON.stringify(said)),
  );
  const file = { format: FORMAT, salt: base64(salt), rounds: ROUNDS, iv: base64(iv), box: base64(new Uint8Array(box)) };
  return new Blob([JSON.stringify(file)], { type: "application/json" });
}

/** @param {Uint8Array} bytes */
const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
