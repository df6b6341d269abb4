// The same person gets the same name on every phone, and a mistyped number is noticed.
import { deepStrictEqual as same, rejects } from "node:assert";
import { test } from "node:test";
import { newId, readIdNumber, residentId } from "../../client_sdk/js/sync/identity.js";
import { every } from "./vectors.js";

const bytes = (/** @type {string} */ hex) => new Uint8Array(Buffer.from(hex, "hex"));

test("a number tells birth date and sex, or what is wrong with it", () =>
  every("identity.json", "on", ({ number, on, ...told }) => same(readIdNumber(number, on), told)));

test("a resident has one name however the number is typed", () =>
  every("identity.json", "resident", async ({ key, number, resident }) => same(await residentId(bytes(key), number), resident)));

test("those without a number do not become one person", () => rejects(residentId(bytes("00"), " - "), RangeError));

test("a record's name begins with its time", () =>
  every("identity.json", "id", ({ now_ms, chance, id }) => same(newId(now_ms, bytes(chance)), id)));
