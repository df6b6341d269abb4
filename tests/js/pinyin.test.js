// Names as they sound on the server: every character of its table, surnames, and whatever else is typed.
import { deepStrictEqual as same } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { initials, pinyin, syllables } from "../../client_sdk/js/sync/pinyin.js";
import { plain } from "../../client_sdk/js/sync/search.js";
import { cases, every } from "./vectors.js";

test("a name is read as the server reads it", () =>
  every("pinyin.json", "name", ({ name, ...told }) => {
    same({ syllables: syllables(name), initials: initials(name), plain: plain(name) }, told);
    same(pinyin(name), told.syllables.join(""));
  }));

test("every character of the server's table is read so, also those of no name", () => {
  const table = readFileSync(new URL("../../sync/pinyin_table.py", import.meta.url), "utf8");
  const lines = Array.from(table.matchAll(/^([a-z]{1,6}) ([一-鿿]+)$/gm), ([, syllable, several]) => ({ syllable, several }));
  const inNames = new Set(cases("pinyin.json").flatMap(({ name }) => (/^李.$/.test(name) ? [name[1]] : [])));
  let read = 0;
  for (const { syllable, several } of lines) {
    for (const character of several) {
      read += 1;
      if (!inNames.has(character)) same([character, ...syllables(`王${character}`)], [character, "wang", syllable]);
    }
  }
  same([read > 20_900, inNames.size], [true, 8]);
  const silent = Array.from({ length: 0xa000 - 0x4e00 }, (_, n) => String.fromCharCode(0x4e00 + n));
  const known = new Set(lines.flatMap(({ several }) => [...several]));
  for (const character of silent.filter((one) => !known.has(one))) same(syllables(`王${character}`), ["wang", character]);
});
