// The worked values of tests/vectors, as Python made them.
import { ok } from "node:assert";
import { readFileSync } from "node:fs";

/** The cases of a file. @param {string} name @returns {any[]} */
export function cases(name) {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8"));
}

/** What `GET /v1/types` answers. @returns {any} */
export function typesAnswer() {
  const [version, codes, ...types] = cases("catalogue.json");
  return { version, codes, types };
}

/** Run every case of a file that has the key. @param {string} name @param {string} key @param {(one: any) => unknown} run */
export async function every(name, key, run) {
  const found = cases(name).filter((one) => key in one);
  ok(found.length, `${name} has no case with ${key}`);
  for (const one of found) {
    try {
      await run(one);
    } catch (fault) {
      throw new Error(`${name}: ${one.story ?? JSON.stringify(one).slice(0, 200)}`, { cause: fault });
    }
  }
}
