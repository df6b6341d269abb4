// What the JavaScript says of records, line by line, for those who compare it with Python: the catalogue on the first line,
// then `{record, on, standing, given, previous}` each; an answer a line.
import { createInterface } from "node:readline";
import { shown } from "../../client_sdk/js/sync/record.js";
import { Catalogue } from "../../client_sdk/js/sync/types/catalogue.js";
import { Advice } from "../../client_sdk/js/sync/types/rules.js";

/** @param {Catalogue} catalogue @param {any} asked */
export function answer(catalogue, { record, on, standing, given, previous }) {
  const view = shown(record);
  const declared = catalogue.types.get(record.type);
  const policy = catalogue.policy(record.type);
  const advice = declared?.advice(view, given, new Advice([], previous));
  return {
    issues: catalogue.check(record, on, standing),
    policies: Object.keys(view).sort().map(policy),
    programmes: catalogue.programmes(record.type, view),
    protected: catalogue.protected(record.type, view),
    named: catalogue.named(record.type, view),
    day: declared?.dayOf(view) ?? null,
    advice: advice ? told(advice, view) : null,
  };
}

/** @typedef {import("../../client_sdk/js/sync/types/checks.js").View} View */
/** An advice as Python's tests write it too. @param {Advice} advice @param {View} view */
export function told(advice, view) {
  return {
    rows: advice.findings.flatMap(({ rows }) => rows.map((row) => row.id)),
    days: Object.fromEntries(advice.findings.filter(({ by }) => by !== null).map(({ table, by }) => [table.gives, by])),
    results: advice.given,
    kept: advice.kept(),
    discrepancies: advice.discrepancies(view).map((one) => [one.field, one.doctor, one.suggested, one.rule, one.version]),
  };
}

if (import.meta.url === `file://${process.argv[1]}`) {
  /** @type {Catalogue|undefined} */
  let catalogue;
  for await (const line of createInterface({ input: process.stdin })) {
    if (catalogue) process.stdout.write(JSON.stringify(answer(catalogue, JSON.parse(line))) + "\n");
    else catalogue = new Catalogue(JSON.parse(line));
  }
}
