// What may travel, what may not, and that it arrives as it was sent.
import { deepStrictEqual as same, throws } from "node:assert";
import { test } from "node:test";
import { UnfitError, dotOf, editFromWire, instant, issuesFromWire, recordFromWire, stamp } from "../../client_sdk/js/sync/codec.js";
import { canonical, compareText } from "../../client_sdk/js/sync/record.js";
import { every } from "./vectors.js";

const reason = (/** @type {string} */ message) => message.replace(/^.*( is not an instant)/, "$1"); // the value is written otherwise

test("an edit is read as it was sent, or is unfit for the same reason", () =>
  every("codec.json", "text", ({ text, pad: [character, times] = ["", 0], edit, unfit }) => {
    const item = JSON.parse(text.replace("PAD", character.repeat(times)));
    if (!unfit) return same(editFromWire(item), edit ?? item);
    throws(() => editFromWire(item), (fault) => {
      same([fault instanceof UnfitError, reason(/** @type {Error} */ (fault).message)], [true, reason(unfit)]);
      return true;
    });
  }));

test("a time has its offset, and is kept to the millisecond", () =>
  every("instants.json", "text", ({ text, at }) => {
    if (at === null) throws(() => instant(text), UnfitError);
    else same(stamp(instant(text)), at);
  }));

test("what is no text is no time", () => {
  for (const nothing of [null, undefined, 7, ["2026-11-21T00:15:00Z"], new Date(0)]) throws(() => instant(nothing), UnfitError);
});

test("equal values have one text", () => every("canonical.json", "text", ({ text, canonical: told }) => same(canonical(JSON.parse(text)), told)));

test("text is sorted by code point, not as JavaScript sorts it", () => {
  const sorted = ["", "a", "ab", "b", "\ud7ff", "\ue000", "\uffee", "\u{10000}", "𠮶", "𠮷", "𠮷\uffee", "𠮷𠮷"];
  same([...sorted].reverse().sort(compareText), sorted);
});

test("a stored state is read in the order of its dots, without what stands beside", () => {
  const words = { at: "", written_at: "", author: "ana", sections: {} };
  const dots = [["benphone", 1], ["anaphone", 10], ["anaphone", 9]];
  const envelope = { record: "r", type: "t", subject: null, scope: "s" };
  const read = recordFromWire({ ...envelope, seq: 7, issues: [], seen: { anaphone: 10, benphone: 0 }, edits: dots.map((dot) => ({ dot, ...words })) });
  same(read, { ...envelope, seen: { anaphone: 10 }, edits: [dots[2], dots[1], dots[0]].map((dot) => ({ dot, ...words })) });
});

test("an issue about a whole section names no field", () => {
  same(issuesFromWire([{ section: "plan", code: "required", level: "error", more: 1 }]), [
    { section: "plan", field: null, code: "required", level: "error" },
  ]);
});

test("the dot of something spoilt can still be read", () => {
  same(dotOf({ dot: ["anaphone", 3], sections: 7.5 }), ["anaphone", 3]);
  for (const nothing of [null, 7, "x", [], {}, { dot: null }, { dot: [["anaphone"], 1] }, { dot: ["anaphone", "1"] }]) same(dotOf(nothing), null);
});
