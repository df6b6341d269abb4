// What time it is. A phone's clock may say anything; each exchange tells by how much it differs from the server's. That is
// believed only for as long as a correction of the phone's clock cannot be mistaken for time that has passed.

/** `offset_ms`: the server's clock minus this one's, as it was when this one said `offset_at`; 0: the two agreed. */
/** @typedef {{offset_ms: number, offset_at: number}} Measured */

const WRONG_MS = 5 * 60_000; // less is said to nobody

/**
 * The time by the better of the two clocks: `now`, this phone's, where nothing is known against it. For days and durations; what
 * an edit says of when it was written is the phone's clock, right or wrong.
 * @param {Measured} measured @param {Date} now
 */
export function timeBy({ offset_ms, offset_at }, now) {
  const passed = now.getTime() - offset_at;
  // put back since, or forward by as much as it was behind: somebody has set it, and the difference is of the past
  const holds = passed >= 0 && passed < Math.abs(offset_ms);
  // and it is never earlier than when the server was heard last
  const time = holds ? now.getTime() + offset_ms : Math.max(now.getTime(), offset_at + offset_ms);
  return Math.abs(time - now.getTime()) > WRONG_MS ? new Date(time) : now;
}

/**
 * The difference as an exchange has shown it, the smallest that fits: an answer may be minutes on its way.
 * @param {number} server the server's clock when it answered @param {Date} asked @param {Date} answered @returns {Measured}
 */
export function measured(server, asked, answered) {
  const [least, most] = [server - answered.getTime(), server - asked.getTime()];
  return { offset_ms: Math.max(least, Math.min(0, most)), offset_at: answered.getTime() };
}
