// Who counts as whom: two records of one person, found late, are linked by a third record and never touched themselves.
import { VOID, canonical, compareText, sections } from "./record.js";

export const LINKED = "linked";
export const UNDONE = "undone";
const DISPUTED = "disputed";

/**
 * Only what is `linked` makes two records one person: while it is disputed they stay two.
 * @typedef {{record: string, duplicate: string, same_as: string, state: "linked" | "undone" | "disputed"}} Link
 */

/**
 * What a record of the type `same_person` says; null where it is void or does not name two residents.
 * @param {import("./record.js").Record} record @returns {Link | null}
 */
export function linkOf(record) {
  const { link = [], [VOID]: voids = [] } = sections(record);
  const values = link.flatMap(({ value }) => (value ? [value] : []));
  const claims = values.map(({ duplicate = null, same_as = null, state = null }) => [duplicate, same_as, state]);
  if (voids.at(-1)?.value || !claims.length) return null;
  const said = new Map(claims.map((claim) => [canonical(claim), claim]));
  const [duplicate, same_as, state] = [...said.values()][said.size - 1];
  if (typeof duplicate !== "string" || typeof same_as !== "string" || duplicate === same_as) return null;
  const disputed = said.size > 1 || claims.length < link.length;
  return { record: record.record, duplicate, same_as, state: disputed ? DISPUTED : state === LINKED ? LINKED : UNDONE };
}

/**
 * `persons` by the links that stand; null, what `linkOf` gives for a void one, links nobody. `here`: the residents of the village
 * in which persons are counted; a link to somebody who lives elsewhere joins nobody there.
 * @param {Iterable<Link | null>} links @param {{has(resident: string): boolean}} [here]
 */
export function whoIsWho(links, here) {
  const standing = [...links].flatMap((link) => (link?.state === LINKED ? [link] : []));
  const joining = standing.filter((one) => !here || (here.has(one.duplicate) && here.has(one.same_as)));
  return persons(joining.map((one) => [one.duplicate, one.same_as]));
}

/**
 * For each resident that a (duplicate, same_as) pair names the one whose record stands for that person: the one that is no
 * duplicate; the smallest id of several such, or of all where each is the duplicate of another.
 * @param {readonly [duplicate: string, sameAs: string][]} pairs @returns {Map<string, string>}
 */
export function persons(pairs) {
  /** @type {Map<string, string[]>} */
  const groups = new Map(); // by everyone in them
  for (const [duplicate, sameAs] of pairs) {
    const one = groups.get(duplicate) ?? [duplicate];
    const other = groups.get(sameAs) ?? [sameAs];
    const both = one === other ? one : [...new Set([...one, ...other])];
    for (const resident of both) groups.set(resident, both);
  }
  const duplicates = new Set(pairs.filter(([duplicate, sameAs]) => duplicate !== sameAs).map(([duplicate]) => duplicate));
  const first = (/** @type {string[]} */ group) => {
    const free = group.filter((resident) => !duplicates.has(resident));
    return (free.length ? free : group).reduce((x, y) => (compareText(x, y) <= 0 ? x : y));
  };
  return new Map([...groups].sort(([x], [y]) => compareText(x, y)).map(([resident, group]) => [resident, first(group)]));
}
