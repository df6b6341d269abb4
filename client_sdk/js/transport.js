// HTTP as the client needs it: one request, one reply, patient on a bad line. Every request of the protocol is safe to repeat.
import { OfflineError, Problem } from "./errors.js";

/**
 * An answer. `body`: its JSON, null where there is none; `up`, `down`: bytes of the bodies as they travelled.
 * @typedef {{status: number, body: any, up: number, down: number}} Reply
 */
/**
 * Carries one request to the server and its answer back; OfflineError when none arrived whole. `unless`: the entity tag of what
 * is known already, answered by 304.
 * @typedef {{request: (method: string, path: string, body?: object | null, token?: string | null, unless?: string | null) =>
 *   Promise<Reply>, close: () => void}} Transport
 */

const COMPRESS_ABOVE = 1024; // bytes
const LONGEST_WAIT = 60_000; // ms; a server that asks for more is left alone until the next sync
const LONGEST_PAUSE = 20_000;
const NETWORK_RETRIES = 2; // no network at all is soon known
const ATTEMPTS_AT_A_CUT_BODY = 3;
const RETRIED = [429, 502, 503, 504];

/**
 * The JSON object of a success; Problem for a refusal, OfflineError for what the server cannot have sent.
 * @param {Reply} reply @returns {any}
 */
export function bodyOf({ status, body }) {
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  if (status >= 400) {
    const slug = isObject
      ? String(body.type ?? "")
          .replace(/\/+$/, "")
          .split("/")
          .pop()
      : "";
    throw new Problem(status, slug ?? "", isObject ? body : {});
  }
  if (status < 200 || status >= 300 || !isObject) throw new OfflineError("something other than the server answered");
  return body;
}

/** The answer broke off. */
class Cut extends Error {}

/** The transport of a phone. */
export class HttpTransport {
  /**
   * @param {string} url may have a path
   * @param {{attempts?: number, backoff?: number, stall?: number}} [patience] the last two in ms
   */
  constructor(url, { attempts = 5, backoff = 500, stall = 60_000 } = {}) {
    this._url = url.replace(/\/+$/, "");
    this._attempts = attempts;
    this._backoff = backoff;
    this._stall = stall;
    this._closing = new AbortController();
  }

  /** See Transport. @type {Transport["request"]} */
  async request(method, path, body = null, token = null, unless = null) {
    /** @type {Record<string, string>} */
    const headers = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    if (unless) headers["If-None-Match"] = unless;
    let data = null;
    if (body !== null) {
      data = new TextEncoder().encode(JSON.stringify(body));
      headers["Content-Type"] = "application/json";
      if (data.length > COMPRESS_ABOVE && typeof CompressionStream === "function") {
        const packed = new Blob([data]).stream().pipeThrough(new CompressionStream("gzip"));
        data = new Uint8Array(await new Response(packed).arrayBuffer());
        headers["Content-Encoding"] = "gzip";
      }
    }
    let [failures, cuts] = [0, 0];
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { reply, after } = await this._once(method, path, headers, data);
        if (!RETRIED.includes(reply.status) || attempt > this._attempts || (after ?? 0) > LONGEST_WAIT) return reply;
        await this._pause(after ?? this._growing(attempt));
      } catch (error) {
        if (this._closing.signal.aborted) throw new OfflineError("the line was closed");
        if (error instanceof Cut) {
          cuts += 1;
          if (cuts >= ATTEMPTS_AT_A_CUT_BODY)
            throw new OfflineError("the line was cut in the middle of the answer", { cause: error });
        } else {
          failures += 1;
          const hopeless = globalThis.navigator?.onLine === false;
          if (hopeless || failures > NETWORK_RETRIES) throw new OfflineError("the server cannot be reached", { cause: error });
        }
        await this._pause(this._growing(cuts + failures));
      }
    }
  }

  /**
   * @param {string} method @param {string} path @param {Record<string, string>} headers
   * @param {Uint8Array<ArrayBuffer> | null} data
   */
  async _once(method, path, headers, data) {
    const giving = new AbortController();
    const end = () => giving.abort();
    this._closing.signal.addEventListener("abort", end);
    let timer = setTimeout(end, this._stall + (data?.length ?? 0)); // a long body may climb at a byte a millisecond
    try {
      const answer = await fetch(this._url + path, {
        method,
        headers,
        body: data,
        signal: giving.signal,
        redirect: "manual", // the login page of somebody's Wi-Fi is not the server
        cache: "no-store",
        credentials: "omit",
        referrerPolicy: "no-referrer",
      });
      const parts = [];
      try {
        for (const reader = answer.body?.getReader(); reader;) {
          clearTimeout(timer);
          timer = setTimeout(end, this._stall);
          const { done, value } = await reader.read();
          if (done) break;
          parts.push(value);
        }
      } catch (error) {
        throw new Cut("cut", { cause: error });
      }
      const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
      const travelled = Number(answer.headers.get("Content-Length") ?? whole.length);
      const reply = { status: answer.status, body: json(answer, whole), up: data?.length ?? 0, down: travelled };
      return { reply, after: retryAfter(answer.headers.get("Retry-After")) };
    } finally {
      clearTimeout(timer);
      this._closing.signal.removeEventListener("abort", end);
    }
  }

  /** @param {number} attempt from 1 */
  _growing(attempt) {
    return Math.min(this._backoff * 2 ** (attempt - 1) + Math.random() * this._backoff, LONGEST_PAUSE);
  }

  /** @param {number} ms @returns {Promise<void>} */
  _pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this._closing.signal.addEventListener(
        "abort",
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    });
  }

  /** Let go: whatever is under way ends with OfflineError. */
  close() {
    this._closing.abort();
  }
}

/** @param {Response} answer @param {Uint8Array} whole */
function json(answer, whole) {
  const kind = (answer.headers.get("Content-Type") ?? "").split(";")[0].trim();
  if (kind !== (answer.status >= 400 ? "application/problem+json" : "application/json")) return null;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(whole));
  } catch {
    return null;
  }
}

/** In ms, null where nothing is said. @param {string | null} text */
function retryAfter(text) {
  if (!text) return null;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}
