// Finding residents by where they live, as a list knows it: the villagers' group of the address, the number of the household.
import { groupIn } from "./kept.js";
import { plain } from "./sync/search.js";

const GROUP = /^(\d{1,2}|[一二三四五六七八九十]{1,3})(村民)?[组社]$/;
const TAIL = /^\d{3,}$/; // fewer digits name too many

/**
 * The villagers' group that is named, and what else was typed. @param {string} text
 * @returns {{at: string | null, rest: string}}
 */
export function placeIn(text) {
  const words = text.normalize("NFKC").split(/\s+/).filter(Boolean);
  const named = words.filter((word) => GROUP.test(word));
  return named.length === 1
    ? { at: groupIn(named[0]), rest: words.filter((word) => word !== named[0]).join(" ") }
    : { at: null, rest: text };
}

/**
 * True where the number of a household is meant: the whole of it, or how it ends.
 * @param {string | null} number @param {string} text
 */
export function atDoor(number, text) {
  const [known, typed] = [plain(number ?? ""), plain(text)];
  return typed !== "" && (known === typed || (TAIL.test(typed) && known.endsWith(typed)));
}
