// The line to the server: says who is asking, renews the token when it lapses, counts the bytes.
import { assertion } from "./device_key.js";
import { BadReplyError, NoStoreError, Problem } from "./errors.js";
import { faults, TOKEN } from "./sync/wire.js";
import { bodyOf } from "./transport.js";

/** @typedef {Record<string, import("./sync/wire.js").Form>} Fields */

/** The answer, if it is of the form; raises BadReplyError. @param {any} answer @param {Fields} form */
export function formed(answer, form) {
  const found = faults(answer, form);
  if (found.length) throw new BadReplyError(`the answer of the server is not of the protocol: ${found.sort().join(", ")}`);
  return answer;
}

/** Requests in the name of the device of a store. `up`, `down`: bytes of bodies so far. */
export class Line {
  /** @param {import("./store.js").Store} store @param {import("./transport.js").Transport} transport */
  constructor(store, transport) {
    this._store = store;
    this._transport = transport;
    this.up = 0;
    this.down = 0;
  }

  /**
   * The answer of a form to a request with a token; a lapsed token is renewed once. null: it is what `unless` names. Raises
   * Problem, OfflineError and BadReplyError.
   * @param {string} method @param {string} path @param {Fields} form @param {object | null} [body]
   * @param {string | null} [unless]
   */
  async ask(method, path, form, body = null, unless = null) {
    const { access } = await this._store.account();
    const asked = async (/** @type {string} */ token) => {
      const reply = await this._send(method, path, body, token, unless);
      return unless && reply.status === 304 ? null : formed(bodyOf(reply), form);
    };
    if (access) {
      try {
        return await asked(access);
      } catch (refused) {
        if (!(refused instanceof Problem) || refused.status !== 401) throw refused;
      }
    }
    const fresh = await this.signed("/v1/token", TOKEN, {});
    await this._store.save({ access: fresh.access });
    return asked(fresh.access);
  }

  /**
   * The same for a request with an assertion of the device key; signed again once when the nonce was stale.
   * @param {string} path @param {Fields} form @param {object} body
   */
  async signed(path, form, body) {
    const { assertion_nonce } = await this._store.account();
    let answer;
    try {
      answer = await this._assert(path, body, assertion_nonce);
    } catch (refused) {
      if (!(refused instanceof Problem) || refused.slug !== "nonce-required" || typeof refused.body.nonce !== "string")
        throw refused;
      answer = await this._assert(path, body, refused.body.nonce);
    }
    await this._store.save({ assertion_nonce: String(answer.nonce || "none") });
    return formed(answer, form);
  }

  /** @param {string} path @param {object} body @param {string} nonce */
  async _assert(path, body, nonce) {
    const [account, key] = await this._store.snapshot(
      async (tables) => /** @type {const} */ ([await tables.account(), await tables.key("key")]),
    );
    if (!key) throw new NoStoreError("this phone has no key: enrol it again");
    const said = await assertion(key, account.signer || account.actor, account.server, nonce);
    return bodyOf(await this._send("POST", path, { assertion: said, ...body }, null, null));
  }

  /**
   * @param {string} method @param {string} path @param {object | null} body @param {string | null} token
   * @param {string | null} unless
   */
  async _send(method, path, body, token, unless) {
    const reply = await this._transport.request(method, path, body, token, unless);
    this.up += reply.up;
    this.down += reply.down;
    return reply;
  }
}
