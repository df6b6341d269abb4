// Who may write or sync: one at a time among all tabs of a phone.
import { SyncBusyError } from "./errors.js";

/** Of this page, where the browser has no locks (Node): the last in the queue. @type {Map<string, Promise<unknown>>} */
const queues = new Map();

/**
 * Alone among all tabs, one after another.
 * @template T @param {string} what @param {() => Promise<T>} work @returns {Promise<T>}
 */
export function inTurn(what, work) {
  const { locks } = globalThis.navigator ?? {};
  if (locks) return /** @type {Promise<T>} */ (locks.request(`cunyi-${what}`, work));
  const mine = (queues.get(what) ?? Promise.resolve()).then(work);
  /** @type {Promise<unknown>} */
  const last = mine
    .catch(() => undefined)
    .then(() => {
      if (queues.get(what) === last) queues.delete(what);
    });
  queues.set(what, last);
  return mine;
}

/**
 * Alone among all tabs, or SyncBusyError at once.
 * @template T @param {string} name @param {() => Promise<T>} work @returns {Promise<T>}
 */
export async function turnToSync(name, work) {
  const busy = () => new SyncBusyError("this phone is being synced already");
  const { locks } = globalThis.navigator ?? {};
  if (locks) {
    return /** @type {Promise<T>} */ (
      locks.request(`cunyi-${name}-sync`, { ifAvailable: true }, (lock) => {
        if (!lock) throw busy();
        return work();
      })
    );
  }
  if (queues.has(`${name}-sync`)) throw busy();
  return inTurn(`${name}-sync`, work);
}
