// The walk that finds what phone and server hold differently, scope by scope, and takes over what the server has.
import * as healing from "./healing.js";
import { DIGEST_WALK, RECORD_STATES } from "./sync/wire.js";

/** Walks of one sync. Each fetched part is durable before the next is asked for; a walk that was cut begins anew. */
export class Walk {
  /**
   * @param {import("./store.js").Store} store @param {import("./line.js").Line} line
   * @param {() => import("./exchange.js").Policies} policies
   */
  constructor(store, line, policies) {
    this._store = store;
    this._line = line;
    this._policies = policies;
    this.pulled = 0;
  }

  /**
   * The scopes of which the base disagrees with what the server says.
   * @param {{[scope: string]: {count: number, sum: string}}} digests
   */
  differing(digests) {
    return this._store.snapshot(async (tables) => {
      const found = [];
      for (const [scope, told] of Object.entries(digests))
        if (!healing.agrees(await tables.hashes(scope), told)) found.push(scope);
      return found;
    });
  }

  /**
   * Take the server's states of the records that differ; after each answer, the records of which it lacks something.
   * @param {string} scope @returns {AsyncGenerator<string[]>}
   */
  async *mend(scope) {
    const path = `/v1/scopes/${encodeURIComponent(scope)}`;
    const prefixes = [""];
    for (let prefix = prefixes.pop(); prefix !== undefined; prefix = prefixes.pop()) {
      const node = await this._line.ask("GET", `${path}/digest?prefix=${prefix}`, DIGEST_WALK);
      const step = healing.step(prefix, node, await this._store.snapshot((tables) => tables.hashes(scope)));
      prefixes.push(...step.closer);
      yield step.lacking;
      for (const longer of step.fetch) {
        const { records } = await this._line.ask("GET", `${path}/records?prefix=${longer}`, RECORD_STATES);
        yield await this._mendBelow(scope, longer, records);
      }
    }
  }

  /** @param {string} scope @param {string} prefix @param {any[]} states */
  async _mendBelow(scope, prefix, states) {
    const repair = await this._store.transaction(async (tables) => {
      const here = healing.below(prefix, await tables.hashes(scope));
      const base = await tables.held([...here.keys(), ...states.map(({ record }) => record)]);
      const found = await healing.repair(here, base, states, this._policies());
      await tables.put(found.put);
      return found;
    });
    this.pulled += repair.put.length;
    return repair.lacking;
  }
}
