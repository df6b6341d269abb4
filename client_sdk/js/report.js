// What a phone says of a sync: how far it is, what it did.

/**
 * Edits delivered, edits still waiting, records received.
 * @typedef {{pushed: number, waiting: number, pulled: number}} Progress
 */
/**
 * Why a sync is not complete: `offline`; `bad-reply`: the answer was not of the protocol; `refused`: see `trouble`; `waits`: the
 * server lacks what some edits build on; `behind`: scopes are not caught up; `differs`: phone and server hold different records;
 * `wiped`: the device is retired or revoked, its store is gone.
 * @typedef {"offline" | "bad-reply" | "refused" | "waits" | "behind" | "differs" | "wiped"} Why
 */
/**
 * What a sync did. `pushed`: edits the server has applied; `setAside`: edits it keeps for a person; `pulled`: records received;
 * `conflicts`: records that wait for a person now; `decisions`: of others, that nobody here was told of yet; `seconds`: how long.
 * `complete`: the outbox is empty, every scope is caught up and both ends have compared what they hold; otherwise `reasons` says
 * why not, `why` in one word each, and `trouble` is the error that ended it, if one did.
 * @typedef {{pushed: number, pulled: number, conflicts: number, setAside: number, bytesUp: number, bytesDown: number,
 *   seconds: number, complete: boolean, reasons: string[], why: Why[], trouble: Error | null,
 *   decisions: import("./decisions.js").Decision[]}} Report
 */
export {};
