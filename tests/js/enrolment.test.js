// A phone becomes known to a real server, on a bad line, with the wrong code, as somebody else's.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { enrol, requireAddress } from "../../client_sdk/js/enrolment.js";
import {
  AddressError,
  BadReplyError,
  OfflineError,
  OtherPersonError,
  Problem,
  StorageError,
  WrongPinError,
} from "../../client_sdk/js/errors.js";
import { Store } from "../../client_sdk/js/store.js";
import { HttpTransport } from "../../client_sdk/js/transport.js";
import { Line, PIN, Phone, freshName, phoneOf, written } from "./phones.js";
import { ANA, BEN, Installation, missing } from "./server.js";

const here = { skip: missing };
/** @type {Installation} */
let place;
before(async () => {
  if (!missing) place = await Installation.started();
});
after(() => place?.end());

const devicesOf = (/** @type {string} */ person) =>
  JSON.parse(place.cunyi("devices", "--json")).filter((/** @type {any} */ one) => one.person === person);

test("an address that is none makes nothing", async () => {
  for (const url of ["", "cunyi.example", "ftp://cunyi.example", "http://", "http://a:0", "http://a:x", "javascript:alert(1)"]) {
    assert.throws(() => requireAddress(url), AddressError, url);
    const name = freshName();
    await assert.rejects(enrol(url, "code", name, PIN, "", new Line(url)), AddressError);
    assert.equal(await Store.state(name), "none");
  }
  requireAddress("https://cunyi.example/clinic");
});

test("a code makes a phone known, as whom it was given to", here, async () => {
  const phone = await phoneOf(place, ANA);
  const account = await phone.store.account();
  assert.deepEqual(
    [account.mode, account.person, account.role, account.signer],
    ["enrolled", { id: ANA, name: "Ana" }, "village_doctor", account.actor],
  );
  assert.deepEqual(
    devicesOf(ANA).map((/** @type {any} */ one) => [one.name, one.status]),
    [["Redmi 9A", "active"]],
  );
  await phone.store.save({ access: null });
  assert.ok((await phone.sync()).complete, "the key that was made signs");
  phone.store.close();
});

test("a code that the server refuses leaves nothing behind; a line that fails leaves the key", here, async () => {
  const name = freshName();
  const line = new Line(place.url);
  await assert.rejects(enrol(place.url, "WRONG-CODE", name, PIN, "", line), Problem);
  assert.equal(await Store.state(name), "none");
  const code = place.code(BEN);
  line.rule = (n) => (n < 5 ? "after" : "");
  for (let n = 0; n < 3; n += 1) {
    await assert.rejects(enrol(place.url, code, name, PIN, "Redmi 9A", line), OfflineError);
    assert.equal(await Store.state(name), "new");
  }
  await assert.rejects(enrol(place.url, code, name, "000000", "", line), WrongPinError);
  const store = await enrol(place.url, code, name, PIN, "Redmi 9A", line);
  const keys = line.asked.slice(1).map(({ body }) => body.public_key.x);
  assert.deepEqual([new Set(keys).size, keys.length], [1, 4], "the same key every time");
  assert.equal(devicesOf(BEN).length, 1, "the code was answered again, there is one device");
  assert.ok((await new Phone(store, place.url).sync()).complete);
  store.close();
});

test("an enrolment that is killed at any write is made again with the same code", here, async (t) => {
  for (let cut = 1, done = false; !done; cut += 1) {
    assert.ok(cut < 10);
    const [name, code, proto] = [freshName(), place.code(BEN), IDBDatabase.prototype];
    const { transaction } = proto;
    let writes = 0;
    const mocked = t.mock.method(
      proto,
      "transaction",
      /** @this {any} */ function (/** @type {any} */ tables, /** @type {any} */ mode, /** @type {any} */ options) {
        const tx = transaction.call(this, tables, mode, options);
        if (mode === "readwrite" && (writes += 1) === cut) queueMicrotask(() => tx.abort());
        return tx;
      },
    );
    const first = await enrol(place.url, code, name, PIN, "", new HttpTransport(place.url)).catch((error) => error);
    mocked.mock.restore();
    done = first instanceof Store;
    if (!done) assert.ok(first instanceof StorageError, String(first));
    else first.close();
    const store = done ? await Store.open(name, PIN) : await enrol(place.url, code, name, PIN, "", new HttpTransport(place.url));
    assert.ok((await new Phone(store, place.url).sync()).complete, `cut at ${cut}`);
    store.close();
    assert.ok(!done || cut > 3, "three writes were cut");
  }
});

test("a phone enrolled again keeps what waits, under its new name; nobody else's code opens it", here, async () => {
  const phone = await phoneOf(place, ANA);
  const { name } = phone.store;
  const { actor } = await phone.store.account();
  await phone.sync();
  const edit = await written(phone.store);
  phone.store.close();
  await assert.rejects(enrol(place.url, place.code(BEN), name, PIN, "", new Line(place.url)), OtherPersonError);
  const store = await enrol(place.url, place.code(ANA), name, PIN, "", new Line(place.url));
  const account = await store.account();
  const [again] = await store.outbox();
  assert.notEqual(account.actor, actor);
  assert.deepEqual([again.dot, again.sections, again.context], [[account.actor, 1], edit.sections, {}]);
  assert.deepEqual(await store.snapshot((tables) => tables.checkpoints()), {});
  assert.deepEqual([(await new Phone(store, place.url).sync()).pushed, await store.waiting()], [1, 0]);
  store.close();
});

test("an answer that is not of the protocol enrols nobody", async () => {
  const name = freshName();
  const portal = { request: async () => ({ status: 200, body: { welcome: "Hotel" }, up: 0, down: 0 }), close() {} };
  await assert.rejects(enrol("http://here", "code", name, PIN, "", portal), BadReplyError);
  assert.equal(await Store.state(name), "new");
});
