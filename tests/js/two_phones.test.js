// Phones in two languages beside the real server and its sample township: two in JavaScript and one in Python write one care
// plan, and what the phones say of a whole village is the same to the letter.
import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import "fake-indexeddb/auto";
import { Client } from "../../client_sdk/js/client.js";
import { PIN } from "./phones.js";
import { Installation, missing } from "./server.js";

/** @typedef {import("../../client_sdk/js/view.js").View} View */

process.env.TZ = "Asia/Shanghai";
const NOW = new Date();
const TODAY = new Date(NOW.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
const [MA, GUO, FENG] = ["p-ma-chunmei", "p-guo-dehai", "p-feng-yan"]; // two doctors of a village and the leader of their team
const VILLAGE = "411499101203";
const here = { skip: missing };

/** @type {Installation} */
let place;
before(async () => {
  if (!missing) place = await Installation.started({ sample: true });
});
after(() => place?.end());

/** A phone in JavaScript. @param {string} person */
async function phoneOf(person) {
  const phone = await Client.enrol(place.url, place.code(person), { name: person, pin: PIN, now: () => NOW });
  const report = await phone.sync();
  ok(report.complete, String(report.reasons));
  return phone;
}

/**
 * What a phone in Python makes of some words; `phone` is the client, what is left in `told` is told.
 * @param {string} person @param {string} words @returns {any}
 */
function inPython(person, words) {
  const path = join(place.folder, `${person}.db`);
  const script = `
import datetime as dt, json, pathlib
from client_sdk import Client
now = lambda: dt.datetime.fromisoformat("${NOW.toISOString().replace("Z", "+00:00")}").astimezone()
path = pathlib.Path(${JSON.stringify(path)})
if path.exists():
    phone = Client.open(path, pin="${PIN}", now=now)
else:
    phone = Client.enrol("${place.url}", "${place.code(person)}", path, pin="${PIN}", now=now)
with phone:
${words.replace(/^/gm, "    ")}
pathlib.Path(${JSON.stringify(`${path}.told`)}).write_text(json.dumps(told))
`;
  place.python(script);
  return JSON.parse(readFileSync(`${path}.told`, "utf8"));
}

/** What a phone shows of a plan, whoever shows it. @param {View} view */
const shown = ({ sections, conflicts }) => ({
  sections,
  conflicts: Object.fromEntries(
    Object.entries(conflicts).map(([name, claims]) => [name, claims.map((claim) => [claim.value, claim.author])]),
  ),
});
const SHOWN = `told = {
    "sections": dict(view.sections),
    "conflicts": {name: [[c.value, c.author] for c in claims] for name, claims in view.conflicts.items()},
}`;

test(
  "two phones in JavaScript and one in Python edit one care plan: merged and in conflict alike, settled once for all",
  here,
  async () => {
    const [ma, guo] = [await phoneOf(MA), await phoneOf(GUO)];
    const plans = await ma.find({ type: "care_plan", scope: VILLAGE });
    const plan = plans.find((view) => view.sections.summary?.status === "active" && !Object.keys(view.conflicts).length);
    ok(plan);
    const { id, sections } = plan;
    inPython(FENG, `told = phone.sync().complete`);
    // apart, without a signal
    await ma.edit(id, {
      summary: { ...sections.summary, goals: "血压低于140/90" },
      review: { ...sections.review, conclusion: "马医生复评" },
    });
    await guo.edit(id, { summary: { ...sections.summary, goals: "血压低于150/90" } });
    inPython(
      FENG,
      `
view = phone.get("${id}")
phone.edit(view, {"team": {**view.sections["team"], "health_specialist": "p-cao-lei"}})
told = view.pending`,
    );
    for (const phone of [ma, guo]) ok((await phone.sync()).complete);
    inPython(FENG, `told = phone.sync().complete`);
    for (const phone of [guo, ma]) ok((await phone.sync()).complete);

    const python = inPython(FENG, `view = phone.get("${id}")\n${SHOWN}`);
    const [hers, his] = [shown(await ma.get(id)), shown(await guo.get(id))];
    deepEqual([hers, his], [python, python]);
    deepEqual(Object.keys(hers.conflicts), ["summary"]);
    deepEqual(hers.conflicts.summary.map((claim) => /** @type {any} */ (claim[0]).goals).sort(), [
      "血压低于140/90",
      "血压低于150/90",
    ]);
    const { team, review } = hers.sections;
    deepEqual([team?.health_specialist, review?.conclusion], ["p-cao-lei", "马医生复评"], "merged");
    ok((await guo.needsAttention()).some((one) => one.record === id && one.state === "conflict"));

    const agreed = { ...sections.summary, goals: "血压低于150/90，先防跌倒" };
    await guo.resolve(id, "summary", agreed, { reason: "与马医生电话商定" });
    ok((await guo.sync()).complete);
    const [decision] = (await ma.sync()).decisions;
    deepEqual([decision.record, decision.author, decision.reason], [id, GUO, "与马医生电话商定"]);
    const after = inPython(FENG, `phone.sync()\nview = phone.get("${id}")\n${SHOWN}`);
    deepEqual([shown(await ma.get(id)), shown(await guo.get(id))], [after, after]);
    deepEqual([after.conflicts, after.sections.summary.goals], [{}, "血压低于150/90，先防跌倒"]);
    for (const phone of [ma, guo]) await phone.close();
  },
);

test("of every resident of a village both languages say the same, to the letter", here, async () => {
  const phone = await Client.open({ name: MA, pin: PIN, now: () => NOW });
  ok((await phone.sync()).complete);
  const months = [0, 1, 2, 3].map((n) => {
    const month = new Date(Date.UTC(Number(TODAY.slice(0, 4)), Number(TODAY.slice(5, 7)) - 1 - n, 1));
    return month.toISOString().slice(0, 7);
  });
  const texts = ["wxl", "王", "li", "4029", "zhang"]; // a telephone: by the number of a door finds this phone alone
  const python = inPython(
    MA,
    `
phone.sync()
everybody = [view.id for view in phone.find(type="resident")]
later = dt.date.fromisoformat("${TODAY}") + dt.timedelta(days=100)
told = {
    "standing": {who: phone.standing(who) for who in everybody},
    "later": {who: phone.standing(who, later) for who in everybody},
    "on": later.isoformat(),
    "due": phone.due(),
    "work": {month: [line.wire() for line in phone.my_work(month)] for month in ${JSON.stringify(months)}},
    "conflicts": [[view.id, sorted(view.conflicts)] for view in phone.conflicts()],
    "candidates": [[pair.points, pair.first, pair.second, pair.reasons] for pair in phone.candidates()],
    "persons": phone.persons(),
    "found": {text: [view.id for view in phone.search(text)] for text in ${JSON.stringify(texts)}},
    "groups": sorted(view.id for view in phone.search(group="hypertension", limit=10_000)),
}`,
  );
  const everybody = (await phone.find({ type: "resident" })).map((view) => view.id);
  const of = async (/** @type {string} */ on) =>
    Object.fromEntries(await Promise.all(everybody.map(async (who) => [who, await phone.standing(who, on)])));
  ok(everybody.length > 100);
  const said = {
    standing: await of(TODAY),
    later: await of(python.on),
    on: python.on,
    due: await phone.due(),
    work: Object.fromEntries(await Promise.all(months.map(async (month) => [month, await phone.myWork(month)]))),
    conflicts: (await phone.conflicts()).map((view) => [view.id, Object.keys(view.conflicts).sort()]),
    candidates: (await phone.candidates()).map(({ points, first, second, reasons }) => [points, first, second, reasons]),
    persons: await phone.persons(),
    found: Object.fromEntries(
      await Promise.all(texts.map(async (text) => [text, (await phone.search(text)).map((row) => row.resident)])),
    ),
    groups: (await phone.search("", { group: "hypertension", limit: 10_000 })).map((row) => row.resident).sort(),
  };
  for (const [what, told] of Object.entries(said)) {
    if (what === "standing" || what === "later")
      for (const who of everybody) deepEqual(told[who], python[what][who], `${what} of ${who}`);
    else deepEqual(told, python[what], what);
  }
  ok(said.due.length > 20 && said.work[months[0]].length > 5, "there was something to compare");
  ok(said.conflicts.length > 0);
  await phone.close();
});
