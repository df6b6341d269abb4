// Becoming known to a server: a one-time code and a new key for an identity.
import { madeKey, publicJwk } from "./device_key.js";
import { AddressError, OtherPersonError, Problem } from "./errors.js";
import { formed } from "./line.js";
import { Store } from "./store.js";
import { ENROLLED } from "./sync/wire.js";
import { APP, adopt } from "./syncing.js";
import { bodyOf } from "./transport.js";

/**
 * The store of the enrolled device, open. One that is there and opens with the PIN keeps its records and its outbox if it is the
 * same person's; one that a refused code has left empty is removed. After OfflineError the same call may be made again: the key
 * is kept, so that a lost answer can be given again. Raises AddressError, WrongPinError, OtherPersonError, Problem, StorageError.
 * @param {string} url @param {string} code @param {string} name @param {string} pin
 * @param {string} device the name its owner will see
 * @param {import("./transport.js").Transport} line @returns {Promise<Store>}
 */
export async function enrol(url, code, name, pin, device, line) {
  requireAddress(url);
  const fresh = (await Store.state(name)) === "none";
  const store = await Store.create(name, pin);
  try {
    await store.turnToSync(() => introduce(store, url, code, device, line));
  } catch (error) {
    const refused = error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429;
    await (fresh && refused ? store.remove() : store.close());
    throw error;
  }
  return store;
}

/** Raise AddressError where no request could be made to this address. @param {string} url */
export function requireAddress(url) {
  const parts = URL.canParse?.(url) === false ? null : tried(url);
  if (parts?.hostname && ["http:", "https:"].includes(parts.protocol) && parts.port !== "0") return;
  throw new AddressError(`${url} is not the address of a server: write the address like https://cunyi.example`);
}

/** @param {string} url */
function tried(url) {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

/**
 * @param {Store} store @param {string} url @param {string} code @param {string} device
 * @param {import("./transport.js").Transport} line
 */
async function introduce(store, url, code, device, line) {
  const [before, sent] = await store.snapshot(
    async (tables) => /** @type {const} */ ([await tables.account(), await tables.key("new_key")]),
  );
  const key = sent ?? (await madeKey());
  // before it is sent: an answer that is lost can be given again for the same key
  await store.transaction((tables) => tables.keepKey("new_key", key));
  const body = { code, public_key: await publicJwk(key), device, app: APP };
  const told = formed(bodyOf(await line.request("POST", "/v1/enrol", body)), ENROLLED);
  const whose = before.person && before.person.id !== told.person.id ? before.person.name || before.person.id : null;
  if (whose || (before.server && before.server !== told.server)) {
    await store.transaction((tables) => tables.keepKey("new_key", null));
    throw new OtherPersonError(
      whose ? `this phone belongs to ${whose}` : "this phone belongs to another server: its records are not shown to this one",
    );
  }
  const { actor, server, nonce, epoch, access, identity_key, person, role, scopes } = told;
  await store.transaction(async (tables) => {
    await adopt(tables, actor, {
      mode: "enrolled",
      url,
      server,
      nonce,
      epoch,
      access,
      assertion_nonce: "none",
      signer: actor,
      identity_key,
      person,
      role,
      scopes,
    });
    await tables.keepKey("key", key);
    await tables.keepKey("new_key", null);
    await tables.dropCheckpoints();
  });
}
