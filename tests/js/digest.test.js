// Two ends that hold the same agree, and two that do not notice it.
import { deepStrictEqual as same } from "node:assert";
import { test } from "node:test";
import { NOTHING, ofHashes, prefixOf, recordHash, wire } from "../../client_sdk/js/sync/digest.js";
import { every } from "./vectors.js";

test("a scope has the sum that Python finds", () =>
  every("digest.json", "records", async ({ records, count, sum }) => {
    const every = Object.entries(records).map(([record, state]) => recordHash({ record, subject: null, scope: "", ...state }));
    same(wire(ofHashes(await Promise.all(every))), { count, sum });
  }));

test("hashes add up modulo 2^128", () => {
  same(wire(ofHashes(["2".padStart(32, "0"), "f".repeat(32)])), { count: 2, sum: "1".padStart(32, "0") });
  same(ofHashes([]), NOTHING);
});

test("the walk follows hex digits and passes over hyphens", () => {
  const id = "01974730-9832-7aae-84e5-5cdf0b7b3552";
  same([0, 2, 8, 9, 32].map((n) => prefixOf(id, n)), ["", "01", "01974730", "019747309", id.replaceAll("-", "")]);
});
