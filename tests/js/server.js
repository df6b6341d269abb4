// A real server with a small village for the tests of the client, as a process of its own; and what happens to it and its phones.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BIN = join(ROOT, ".venv/bin");

/** Why these tests cannot run here, false where they can. @type {string | false} */
export const missing = existsSync(join(BIN, "cunyi")) ? false : "no .venv: run `make install` first";

export const VILLAGE = "411499001201"; // of Ana and Ben, see tests/village.py
export const [ANA, BEN] = ["p-ana", "p-ben"];

const SETTLED = `
from server.office import Office
from server.store.engine import retried
from tests.village import settle
at = Office()
retried(at.engine, settle)
at.close()
`;

/** The address of a running server, its commands, and codes for its people. */
export class Installation {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "cunyi-js-"));
    this.url = "";
    this._port = 0;
    this._environment = { ...process.env, CUNYI_DATA_DIR: join(this.folder, "var"), CUNYI_DATABASE_URL: "", CUNYI_WORKERS: "1" };
    /** @type {import("node:child_process").ChildProcess | null} */
    this._server = null;
  }

  /** A village in which Ana and Ben work, or the sample township, served. @param {{sample?: boolean}} [options] */
  static async started({ sample = false } = {}) {
    const place = new Installation();
    place._port = await freePort();
    place.url = `http://127.0.0.1:${place._port}`;
    place.cunyi("migrate");
    if (sample) place.cunyi("demo");
    else place.python(SETTLED);
    await place.start();
    return place;
  }

  async start() {
    const log = openSync(join(this.folder, "serve.log"), "a");
    this._server = spawn(join(BIN, "cunyi"), ["serve", "--port", String(this._port)], {
      env: this._environment,
      cwd: this.folder,
      stdio: ["ignore", log, log],
    });
    const server = this._server;
    process.once("exit", () => server.kill("SIGTERM")); // a test that was ended leaves no server behind
    for (let n = 0; n < 300; n += 1) {
      const up = await fetch(`${this.url}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      );
      if (up) return;
      if (this._server.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the server did not become ready: ${readFileSync(join(this.folder, "serve.log"), "utf8")}`);
  }

  /** As an operator stops it. @returns {Promise<void>} */
  stop() {
    const server = this._server;
    if (!server || server.exitCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      server.once("exit", () => resolve());
      server.kill("SIGTERM");
    });
  }

  /** Stop it and leave nothing behind. */
  async end() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What the command prints; it has to succeed. @param {...string} args */
  cunyi(...args) {
    return this._run(join(BIN, "cunyi"), args, this.folder);
  }

  /** What the command says when it fails. @param {...string} args */
  refused(...args) {
    const done = spawnSync(join(BIN, "cunyi"), args, { env: this._environment, cwd: this.folder, encoding: "utf8" });
    if (done.status === 0) throw new Error(`cunyi ${args.join(" ")} did not fail: ${done.stdout}`);
    return done.stdout + done.stderr;
  }

  /** A one-time enrolment code. @param {string} person */
  code(person) {
    return /** @type {string} */ (this.cunyi("code", person).trim().split("\n").pop());
  }

  /** The device that has an actor. @param {{actor: string}} account @returns {string} */
  deviceOf({ actor }) {
    return JSON.parse(this.cunyi("devices", "--json")).find((/** @type {any} */ one) => one.actor === actor).id;
  }

  /** What a Python script prints that talks to this server. @param {string} script */
  python(script) {
    return this._run(join(BIN, "python"), ["-c", script], ROOT);
  }

  /** @param {string} command @param {string[]} args @param {string} cwd */
  _run(command, args, cwd) {
    const done = spawnSync(command, args, { env: this._environment, cwd, encoding: "utf8" });
    if (done.status !== 0) throw new Error(`${command} ${args.join(" ")}: ${done.status}\n${done.stdout}${done.stderr}`);
    return done.stdout;
  }
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
