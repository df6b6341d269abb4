// What a phone does so that nothing of it is lost: it asks the browser to keep its store, and exports whatever waits.
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../../client_sdk/js/client.js";
import { stretched } from "../../client_sdk/js/pin.js";
import { Hamlet, PIN, visit } from "./hamlet.js";

/** What is asked of the browser from now on. */
function browser() {
  const asked = { persist: 0 };
  const storage = { persist: async () => ((asked.persist += 1), true), persisted: async () => asked.persist > 0 };
  Object.defineProperty(globalThis, "navigator", { value: { ...globalThis.navigator, storage }, configurable: true });
  return asked;
}

test("the browser is asked not to take the store away, when the phone is enrolled and each time it opens", async () => {
  const asked = browser(), hamlet = new Hamlet();
  const phone = await Client.enrol("http://hamlet", "good", { name: "staying", pin: PIN, transport: hamlet });
  equal(asked.persist, 1);
  ok((await phone.status()).persisted, "and its answer is told");
  await phone.close();
  await (await Client.open({ name: "staying", pin: PIN, transport: hamlet })).close();
  equal(asked.persist, 2);
});

test("the export holds every edit that waits, in order, and no other phone's password opens it", async () => {
  browser();
  const phone = await Client.enrol("http://hamlet", "good", { name: "exporting", pin: PIN, transport: new Hamlet() });
  const made = [];
  for (const systolic of [132, 144, 156]) made.push(await phone.create("hypertension_visit", visit({ systolic })));
  await phone.edit(made[0], { tests: { name: "心电图" } });
  const file = JSON.parse(await (await phone.exportUnsent("柳树村 2026")).text());
  const [salt, iv, box] = [file.salt, file.iv, file.box].map((text) => Uint8Array.from(Buffer.from(text, "base64")));
  const how = { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(file.format) };
  const opened = async (/** @type {string} */ password) =>
    JSON.parse(Buffer.from(await crypto.subtle.decrypt(how, await stretched(password, salt, file.rounds), box)).toString());
  const { edits } = await opened("柳树村 2026");
  deepEqual(edits.map((/** @type {any} */ edit) => edit.record), [...made, made[0]]);
  deepEqual(edits.map((/** @type {any} */ edit) => edit.dot[1]), [1, 2, 3, 4]);
  equal(await opened("柳树村 2025").then(() => "opened", () => "shut"), "shut");
  await phone.close();
});
