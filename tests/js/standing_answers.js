// What the JavaScript says of persons, line by line, for those who compare it with Python: the catalogue on the first line, then
// `{resident, known, on, also, same_as, over}` each; the standing and the account a line.
import { createInterface } from "node:readline";
import { account, standing } from "../../client_sdk/js/sync/standing/index.js";
import { Catalogue } from "../../client_sdk/js/sync/types/catalogue.js";

/** @param {Catalogue} catalogue @param {any} asked */
export function answer(catalogue, { resident, known, on, also = [], same_as: sameAs = null, over = false }) {
  const options = { also, sameAs, catalogue };
  return { standing: standing(resident, known, on, options), account: account(resident, known, on, { ...options, over }) };
}

if (import.meta.url === `file://${process.argv[1]}`) {
  /** @type {Catalogue | undefined} */
  let catalogue;
  for await (const line of createInterface({ input: process.stdin })) {
    if (catalogue) process.stdout.write(JSON.stringify(answer(catalogue, JSON.parse(line))) + "\n");
    else catalogue = new Catalogue(JSON.parse(line));
  }
}
