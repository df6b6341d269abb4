// HTTP on a bad line, over a real socket.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createServer as createSocket } from "node:net";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { OfflineError, Problem } from "../../client_sdk/js/errors.js";
import { HttpTransport, bodyOf } from "../../client_sdk/js/transport.js";

/**
 * @typedef {{status: number, body?: any, raw?: Buffer, kind?: string, headers?: Record<string, string>, cut?: boolean,
 *   stalls?: boolean}} Answer
 */

/**
 * A server that gives its answers one after the other, the last one for ever.
 * @param {import("node:test").TestContext} t @param {...Answer} answers
 */
async function serving(t, ...answers) {
  /** @type {{method: string, path: string, headers: any, body: Buffer}[]} */
  const asked = [];
  const server = createServer((request, reply) => {
    /** @type {Buffer[]} */
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      asked.push({
        method: String(request.method),
        path: String(request.url),
        headers: request.headers,
        body: Buffer.concat(parts),
      });
      const {
        status,
        body,
        headers = {},
        cut,
        stalls,
        ...answer
      } = answers.length > 1 ? /** @type {Answer} */ (answers.shift()) : answers[0];
      const raw = answer.raw ?? Buffer.from(JSON.stringify(body ?? {}));
      const kind = answer.kind ?? (status >= 400 ? "application/problem+json" : "application/json");
      reply.writeHead(status, { "Content-Type": kind, "Content-Length": raw.length, ...headers });
      if (status === 304) return reply.end();
      if (!cut && !stalls) return reply.end(raw);
      reply.write(raw.subarray(0, raw.length / 2), () => cut && reply.socket?.end());
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const line = new HttpTransport(`http://127.0.0.1:${port}/cunyi/`, { backoff: 2, stall: 2000 });
  return { asked, line };
}

test("a request and its answer, behind the path of a proxy", async (t) => {
  const { asked, line } = await serving(t, { status: 200, body: { name: "王" } });
  const reply = await line.request("POST", "/v1/sync?x=1", { who: "李" }, "secret");
  const [{ method, path, headers, body }] = asked;
  assert.deepEqual([method, path, JSON.parse(String(body))], ["POST", "/cunyi/v1/sync?x=1", { who: "李" }]);
  assert.equal(headers.authorization, "Bearer secret");
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers.cookie, undefined);
  assert.deepEqual(reply, {
    status: 200,
    body: { name: "王" },
    up: body.length,
    down: Buffer.byteLength(JSON.stringify({ name: "王" })),
  });
});

test("large bodies travel compressed and are counted as they travelled", async (t) => {
  const large = { text: "血压".repeat(2000) };
  const packed = gzipSync(JSON.stringify(large));
  const { asked, line } = await serving(t, { status: 200, raw: packed, headers: { "Content-Encoding": "gzip" } });
  const reply = await line.request("POST", "/", large);
  assert.equal(asked[0].headers["content-encoding"], "gzip");
  assert.deepEqual(JSON.parse(String(gunzipSync(asked[0].body))), large);
  assert.deepEqual([reply.body, reply.up, reply.down], [large, asked[0].body.length, packed.length]);
  assert.ok(reply.up < 1000);
});

test("a busy server is asked again, as late as it says", async (t) => {
  const { asked, line } = await serving(
    t,
    { status: 503, headers: { "Retry-After": "1" } },
    { status: 429 },
    { status: 502 },
    { status: 504 },
    { status: 200, body: { ok: true } },
  );
  const began = performance.now();
  assert.deepEqual((await line.request("POST", "/", {})).body, { ok: true });
  assert.ok(performance.now() - began >= 990);
  assert.equal(asked.length, 5);
});

test("patience ends, and one that asks for an hour is left alone", async (t) => {
  const busy = await serving(t, { status: 503, body: { type: "/problems/unavailable", title: "busy" } });
  const refused = await busy.line.request("POST", "/", {});
  assert.throws(
    () => bodyOf(refused),
    (error) => error instanceof Problem && error.slug === "unavailable" && error.message === "busy",
  );
  assert.equal(busy.asked.length, 6);
  const hour = await serving(t, { status: 503, headers: { "Retry-After": "3600" } });
  assert.equal((await hour.line.request("GET", "/")).status, 503);
  assert.equal(hour.asked.length, 1);
});

test("a body that was cut or that stalls is asked for again and never half taken", async (t) => {
  const body = { records: ["x".repeat(5000)] };
  const { asked, line } = await serving(
    t,
    { status: 200, body, cut: true },
    { status: 200, body, stalls: true },
    { status: 200, body },
  );
  assert.deepEqual((await line.request("GET", "/")).body, body);
  assert.equal(asked.length, 3);
  const cut = await serving(t, { status: 200, body, cut: true });
  await assert.rejects(cut.line.request("GET", "/"), OfflineError);
  assert.equal(cut.asked.length, 3);
  const garbled = await serving(t, { status: 200, raw: Buffer.from("not gzip at all"), headers: { "Content-Encoding": "gzip" } });
  await assert.rejects(garbled.line.request("GET", "/"), OfflineError);
});

test("without a server the phone is offline, and soon knows it", async () => {
  const probe = createSocket();
  await new Promise((resolve) => probe.listen(0, "127.0.0.1", () => resolve(null)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
  await new Promise((resolve) => probe.close(resolve));
  await assert.rejects(new HttpTransport(`http://127.0.0.1:${port}`, { backoff: 2 }).request("GET", "/"), OfflineError);
});

test("a line that is let go ends what is under way", async (t) => {
  const { line } = await serving(t, { status: 200, body: {}, stalls: true });
  const asked = line.request("GET", "/");
  setTimeout(() => line.close(), 50);
  await assert.rejects(asked, OfflineError);
});

test("a problem says which and brings its words", async (t) => {
  const told = { type: "https://cunyi.example/problems/nonce-required", title: "t", detail: "sign again", nonce: "n7" };
  const { line } = await serving(t, { status: 401, body: told });
  const reply = await line.request("POST", "/", {});
  assert.throws(
    () => bodyOf(reply),
    (error) =>
      error instanceof Problem && error.slug === "nonce-required" && error.body.nonce === "n7" && error.message === "sign again",
  );
});

test("the words of others are not the server's: a portal is no answer, and its refusal has no name", async (t) => {
  const hotel = await serving(t, { status: 403, body: { type: "/problems/revoked" }, kind: "application/json" });
  const refusal = await hotel.line.request("GET", "/");
  assert.throws(
    () => bodyOf(refusal),
    (error) => error instanceof Problem && error.slug === "",
  );
  for (const portal of [
    { status: 200, raw: Buffer.from("<html>log in</html>"), kind: "text/html" },
    { status: 302, headers: { Location: "/login" } },
    { status: 200, raw: Buffer.from("{") },
    { status: 200, body: [1] },
  ]) {
    const { asked, line } = await serving(t, portal);
    const reply = await line.request("GET", "/");
    assert.throws(() => bodyOf(reply), OfflineError);
    assert.equal(asked.length, 1, "a redirect is not followed");
  }
});

test("what is known already is not sent again", async (t) => {
  const { asked, line } = await serving(t, { status: 304 });
  assert.equal((await line.request("GET", "/v1/types", null, "t", 'W/"abc"')).status, 304);
  assert.equal(asked[0].headers["if-none-match"], 'W/"abc"');
});
