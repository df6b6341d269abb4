/** Which PINs are refused: those that somebody who finds the phone tries first. Pure. */

/** What is wrong with a PIN of six digits, in words; undefined where nothing is.
 * @param {string} pin @returns {string|undefined} */
export function weak(pin) {
  const steps = new Set([...pin].slice(1).map((digit, i) => Number(digit) - Number(pin[i])));
  if (steps.size === 1 && [0, 1, -1].includes([...steps][0])) return "太容易猜到：不要用相同或连续的数字";
  if (/^(..)\1\1$|^(...)\2$|^(.)\3(.)\4(.)\5$/.test(pin)) return "太容易猜到：不要用重复的数字";
  return undefined;
}
