// A small server that can be told to misbehave: tests/client_sdk/peer.py, over HTTP, in a process of its own.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { HttpTransport } from "../../client_sdk/js/transport.js";
import { enrol } from "../../client_sdk/js/enrolment.js";
import { PIN, Phone, freshName } from "./phones.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The process. @returns {Promise<{url: string, end: () => void}>} */
export function peers() {
  const process = spawn(`${ROOT}.venv/bin/python`, ["-m", "tests.js.peer"], { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    process.once("exit", (code) => reject(new Error(`the peers ended: ${code}`)));
    process.stdout.once("data", (line) => resolve({ url: String(line).trim(), end: () => process.stdin.end() }));
  });
}

/** One peer and a phone that is enrolled there. @param {string} url @param {...string} scopes */
export async function world(url, ...scopes) {
  const { peer } = await posted(`${url}/new`, scopes);
  const at = `${url}/${peer}`;
  const store = await enrol(at, "good", freshName(), PIN, "Redmi 9A", new HttpTransport(at));
  return { peer: new Peer(at), phone: new Phone(store, at) };
}

export class Peer {
  /** @param {string} url */
  constructor(url) {
    this.url = url;
  }

  /** Run Python lines on `peer`. @param {...string} lines */
  async do(...lines) {
    return (await posted(`${this.url}/control`, lines.join("\n"))).told;
  }

  /** What a Python expression is. @param {string} expression @returns {Promise<any>} */
  tell(expression) {
    return this.do(`told = ${expression}`);
  }
}

/** @param {string} url @param {any} body @returns {Promise<any>} */
async function posted(url, body) {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
