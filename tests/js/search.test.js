// How a doctor finds somebody: a name, its sound, its initials, the end of a number; in the order of the server.
import { deepStrictEqual as same } from "node:assert";
import { test } from "node:test";
import { entriesOf, find, phones } from "../../client_sdk/js/sync/search.js";
import { residentOf } from "../../client_sdk/js/sync/likeness.js";
import { every } from "./vectors.js";

test("what is typed finds those who are meant, the best fit first", () =>
  every("search.json", "queries", ({ villagers, queries }) => {
    for (const { text, limit, found } of queries) same([text, find(villagers, text, limit)], [text, found]);
  }));

test("what is kept of a record", () =>
  every("search.json", "entries", ({ record, entries, resident }) => {
    same(entriesOf(record), entries);
    same(residentOf(record), resident);
  }));

test("telephone numbers are found in what people write", () =>
  every("search.json", "phones", ({ text, phones: told }) => same(phones(text), told)));

test("whose entries are two is found once, by the better one", () => {
  const entry = { id: "a", name: "王秀兰", pinyin: "wangxiulan", initials: "wxl", phone: "", id_tail: "", birth_date: "" };
  const other = { ...entry, name: "李秀兰", pinyin: "lixiulan", initials: "lxl" };
  same(find([entry, other], "秀兰", 9), ["a"]);
  const within = { ...entry, name: "李王秀", pinyin: "liwangxiu", initials: "lwx" };
  const between = { ...within, id: "b", name: "大王秀", pinyin: "dawangxiu", initials: "dwx" };
  same(find([within, between, entry], "王秀", 9), ["a", "b"]);
  same(find([entry, between, within], "王秀", 9), ["a", "b"]);
});
