// Who may be registered twice, who counts as whom, and what a person has to decide.
import { deepStrictEqual as same } from "node:assert";
import { test } from "node:test";
import { pairs, undecided } from "../../client_sdk/js/sync/likeness.js";
import { linkOf, persons, whoIsWho } from "../../client_sdk/js/sync/links.js";
import { cases, every } from "./vectors.js";

test("those who may be one person are shown as on the server, the likeliest first", () => {
  const [{ on, residents }, told, { links, undecided: left }] = cases("likeness.json");
  const found = pairs(residents, on);
  same(found.map(({ points, first, second, reasons }) => [points, first, second, reasons]), told.pairs);
  same(pairs([...residents, ...residents].reverse(), on), found);
  same(undecided(found, links).map((pair) => found.indexOf(pair)), left);
});

test("a link holds until it is undone, void or disputed", () =>
  every("links.json", "link", ({ record, link }) => same(linkOf(record), link)));

test("a duplicate of a duplicate counts as the one who is none", () =>
  every("links.json", "pairs", ({ pairs: given, persons: told }) => same(Object.fromEntries(persons(given)), told)));

test("a link to somebody who lives elsewhere joins nobody here", () => {
  const link = { record: "l", duplicate: "b", same_as: "a", state: /** @type {const} */ ("linked") };
  const undone = { ...link, record: "m", duplicate: "c", state: /** @type {const} */ ("undone") };
  const elsewhere = { ...link, record: "n", same_as: "z" };
  same(whoIsWho([link, undone, null]), new Map([["a", "a"], ["b", "a"]]));
  same(whoIsWho([link, elsewhere], new Set(["a", "b"])), new Map([["a", "a"], ["b", "a"]]));
  same(whoIsWho([elsewhere], new Set(["a", "b"])), new Map());
});
