// What a device knows of itself.

/**
 * `counter`: of the last edit made under `actor`, it never goes back while the actor is the same. `nonce`: of the next exchange.
 * `signer`: the actor that assertions are of, the one it was enrolled as. `server`: their audience. `identity_key`: hex.
 * `offset_ms`: the server's clock minus this one's, as it was when this one said `offset_at`, see clock.js. `last_sync`: when the
 * last complete one ended, by the better of the two clocks. `made_by`: the code that made what is kept beside the records.
 * @typedef {{mode: import("./vault.js").Mode, url: string, server: string, actor: string, counter: number, nonce: string | null,
 *   epoch: string | null, access: string | null, assertion_nonce: string, signer: string, identity_key: string,
 *   person: {id: string, name?: string} | null, role: string, scopes: {[scope: string]: {write: boolean}} | null,
 *   last_sync: string | null, offset_ms: number, offset_at: number, made_by: string}} Account
 */

/** @type {Account} */
export const NOBODY = {
  mode: "new",
  url: "",
  server: "",
  actor: "",
  counter: 0,
  nonce: null,
  epoch: null,
  access: null,
  assertion_nonce: "none",
  signer: "",
  identity_key: "",
  person: null,
  role: "",
  scopes: null,
  last_sync: null,
  offset_ms: 0,
  offset_at: 0,
  made_by: "",
};
