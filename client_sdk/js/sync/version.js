// Dots and version vectors: who has seen which edit. No clock takes part.

/** @typedef {[actor: string, counter: number]} Dot the name of one edit; counters begin at 1 */
/** @typedef {{readonly [actor: string]: number}} Vector every edit of the actor up to the counter was seen; absent is 0 */

export const SERVER_ACTOR = /^s[0-9a-f]{12}$/; // of what a person writes at the dashboard

/** How far the actor has been seen. @param {Vector} vv @param {string} actor */
export const upto = (vv, actor) => (Object.hasOwn(vv, actor) ? vv[actor] : 0);

/** True when the edit of this name has been seen. @param {Vector} vv @param {Dot} dot */
export const covers = (vv, [actor, counter]) => upto(vv, actor) >= counter;

/** True when all that `b` has seen has been seen in `a`. @param {Vector} a @param {Vector} b */
export const descends = (a, b) => Object.entries(b).every((dot) => covers(a, dot));

/** A vector without its zeros. @param {Vector} vv @returns {Vector} */
export const vector = (vv) => Object.fromEntries(Object.entries(vv).filter(([, n]) => n));

/**
 * The pointwise maximum; it MUST be taken only together with the edits that `b` stands for.
 * @param {Vector} a @param {Vector} b
 */
export function joined(a, b) {
  const news = Object.entries(b).filter((dot) => !covers(a, dot));
  return vector({ ...a, ...Object.fromEntries(news) });
}

/** The vector with one more edit seen. @param {Vector} vv @param {Dot} dot @returns {Vector} */
export const advanced = (vv, [actor, counter]) => ({ ...vv, [actor]: counter });

/** The vector with one actor left out. @param {Vector} vv @param {string} actor @returns {Vector} */
export const without = (vv, actor) => Object.fromEntries(Object.entries(vv).filter(([name]) => name !== actor));

/** By actor, then counter. @param {Dot} a @param {Dot} b */
export const compareDots = (a, b) => (a[0] === b[0] ? a[1] - b[1] : a[0] < b[0] ? -1 : 1);
