"""The field app as the server gives it out: whole, small, the same below a prefix, and in a browser that may ask nobody else."""

import dataclasses
import gzip
import hashlib
import json
import re
import sys
from pathlib import Path
from urllib.parse import urljoin

import pytest

from server import create_app
from server.app import pack
from server.app.joining import joined
from server.app.minifying import SCRIPT, SHEET, minified
from server.config import Config
from sync.types import CATALOGUE
from tests.node import answers

ROOT = Path(__file__).parents[2]
DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
MOST_BYTES = 120 << 10  # of the whole app, compressed
# an address on another host; names of standards and examples are none that a browser asks
HOST = re.compile(r"(?:https?:)?//([a-z0-9-]+(?:\.[a-z0-9-]+)+)")
NOBODYS = {"www.w3.org", "cunyi.example"}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The application on no database: nothing of the app asks one."""
    folder = tmp_path_factory.mktemp("app")
    config = Config.from_environment({"CUNYI_DATA_DIR": str(folder)})
    made = create_app(config)
    yield made
    made.extensions["cunyi"].engine.dispose()


@pytest.fixture(scope="module")
def client(app):
    return app.test_client()


@pytest.fixture(scope="module")
def packed(client):
    return client.get("/app/pack.json").json


@pytest.mark.parametrize(
    "address", ["/app/", "/app/pack.json", "/app/sw.js", "/app/manifest.webmanifest", "/app/boot.js", "/app/app.js"]
)
def test_whatever_the_app_is_made_of_comes_under_the_strict_policy(client, address):
    reply = client.get(address)
    assert reply.status_code == 200
    policy = dict(one.split(" ", 1) for one in reply.headers["Content-Security-Policy"].split("; "))
    assert policy == DIRECTIVES
    assert reply.headers["Permissions-Policy"].startswith("camera=(self)")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "no-cache"


def test_the_page_has_no_script_or_style_of_its_own_and_speaks_chinese(client):
    page = client.get("/app/").text
    assert '<html lang="zh-CN"' in page
    assert not re.search(r"<style|style=| on[a-z]+=|<script(?![^>]* src=)", page)


def test_one_answer_holds_every_file_as_it_is_served_alone(client, packed):
    assert packed["files"].keys() == {"", "app.js", "app.css", "icon.svg"}
    for path, file in packed["files"].items():
        alone = client.get(f"/app/{path}")
        # a page that comes from the server first lets the worker fetch all; one that the worker kept starts at once
        said = alone.text if path else alone.text.replace("boot.js", "app.js")
        assert (said, alone.content_type) == (file["body"], file["type"]), path
    assert packed["headers"]["Content-Security-Policy"] == client.get("/app/").headers["Content-Security-Policy"]


def test_the_page_the_worker_and_the_pack_are_of_one_version(client, packed):
    assert f'data-version="{packed["version"]}"' in client.get("/app/").text
    worker = client.get("/app/sw.js")
    assert f'const VERSION="{packed["version"]}";' in worker.text


def test_who_has_the_pack_already_is_not_sent_it_again(client):
    first = client.get("/app/pack.json", headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    again = client.get("/app/pack.json", headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_another_word_in_one_file_is_another_version_and_another_comment_is_none(packed):
    path, word = "server/app/static/me.js", "字体大小"
    files = pack.sources()
    source = dict(files)[path].decode()
    assert word in source

    def version(text):
        return pack.packed(tuple((name, text.encode() if name == path else body) for name, body in files)).version

    assert version(source) == packed["version"]
    assert version(source.replace(word, "文字大小")) != packed["version"]
    assert version(f"/** Whose phone this is. */\n{source}") == packed["version"]


def test_no_other_host_is_named_anywhere(client, packed):
    every = {path: file["body"] for path, file in packed["files"].items()} | {
        name: client.get(f"/app/{name}").text for name in ("sw.js", "boot.js", "manifest.webmanifest")
    }
    named = {(path, found) for path, body in every.items() for found in HOST.findall(body) if found not in NOBODYS}
    assert named == set()


def test_the_whole_app_is_one_script_that_loads_no_other_and_any_engine_can_read(packed, tmp_path):
    script = packed["files"]["app.js"]["body"]
    assert not re.search(r"\bimport\b\s*[({*.\"']|\bexport\b\s*[{*]", script)
    read = tmp_path / "read.js"  # what is read as a function's body is not run
    read.write_text(f"{LINES} {{ new Function(JSON.parse(line)); console.log(true); }}")
    assert answers(read, [script]) == [True]


def test_whose_work_is_in_the_script_stands_in_it_with_its_licence(client, packed):
    script = packed["files"]["app.js"]["body"]
    banner = script[: script.index("*/")]
    named = re.findall(r"\S+\.LICENSE", banner)
    assert banner.startswith("/*!")
    assert sorted(named) == sorted(path.name for path in (ROOT / pack.STATIC / "vendor").glob("*.LICENSE"))
    for name in named:
        assert client.get(f"/app/{name}").data == (ROOT / pack.STATIC / "vendor" / name).read_bytes()


def test_the_app_is_light_on_a_bad_line(client):
    answer = client.get("/app/pack.json", headers={"Accept-Encoding": "gzip"})
    whole = json.loads(gzip.decompress(answer.data))
    assert len(answer.data) <= MOST_BYTES, f"{len(answer.data)} bytes for {len(whole['files'])} files"


def test_below_a_prefix_that_no_proxy_told_of_every_address_stays_below_it(client):
    moved = client.get("/app")
    assert moved.status_code == 308
    assert urljoin("https://county.example/cunyi/app", moved.headers["Location"]) == "https://county.example/cunyi/app/"
    addresses = re.findall(r'(?:href|src)="([^"]+)"', client.get("/app/").text)
    assert len(addresses) >= 5
    assert not [one for one in addresses if one.startswith(("/", "http"))]
    manifest = client.get("/app/manifest.webmanifest").json
    assert manifest["scope"] == manifest["start_url"] == "./"
    assert [client.get(f"/app/{icon['src']}").status_code for icon in manifest["icons"]] == [200] * 3


def test_the_prefix_that_a_known_proxy_tells_stands_in_the_links_of_the_server(app):
    told = {"X-Forwarded-Prefix": "/cunyi", "X-Forwarded-For": "198.51.100.4"}
    for proxies, front in ((0, "/app/"), (1, "/cunyi/app/"), (2, "/cunyi/app/")):
        behind = create_app(dataclasses.replace(app.extensions["cunyi"].config, proxies=proxies))
        assert f'href="{front}"' in behind.test_client().get("/", headers=told).text
        behind.extensions["cunyi"].engine.dispose()


def test_nothing_but_the_files_is_given_out(client):
    for path in (
        "server/app/pack.py",
        "server/app/static/../pack.py",
        "client_sdk/client.py",
        f"{pack.STATIC}/vendor/VENDORED.md",
        "VENDORED.md",
        f"{pack.STATIC}/main.js",
        "nothing",
    ):
        assert client.get(f"/app/{path}").status_code == 404, path


def test_the_record_types_for_practice_are_those_of_the_server(client):
    assert client.get("/app/types.json").json == json.loads(json.dumps(CATALOGUE.about))


def test_vendored_files_are_what_the_list_of_them_says():
    folder = ROOT / "server/app/static/vendor"
    listed = re.findall(r"^\| (\S+\.js) \|.*\| ([0-9a-f]{64}) \|$", (folder / "VENDORED.md").read_text("utf-8"), re.MULTILINE)
    assert {name for name, _ in listed} == {path.name for path in folder.glob("*.js")}
    assert [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name, _ in listed] == [digest for _, digest in listed]


# -- joined ------------------------------------------------------------------------------------------------------------

LINES = 'for (const line of require("node:fs").readFileSync(0, "utf8").split("\\n").filter(Boolean))'
VILLAGE = {
    "main.js": """/** @typedef {import("./people.js").Doctor} Doctor */
import "./first.js"; // before all others
import {
  Doctor,
  greet as hello,
  parseInt,
} from "./people.js";
import * as days from "./core/days.js";
import { one, two } from "./vendor/others.js";
export { weekday } from "./core/days.js";
export { parseInt as read } from "./plain.js";
const liu = new Doctor("刘医生");
export const said = [hello(liu), liu.sees("王秀兰"), parseInt("7"), days.weekday(2), Object.keys(days), one, two, globalThis.order];
export const settings = {
  export: "import",
};
const name = "not the name of anybody";
export { name as of };
""",
    "first.js": 'globalThis.order = ["first"];\nexport {};\n',
    "people.js": """import { weekday, step } from "./core/days.js";
globalThis.order.push("people");
export class Doctor {
  #seen = [];
  constructor(name) { this.name = name; }
  sees(name) { return [...step([...this.#seen, name]), weekday(1)].join(" "); }
}
export async function never() { await 0; }
export const greet = ({ name }) => `${name}，您好`;
export const parseInt = (text) => `our own ${text}`;
""",
    "plain.js": """globalThis.order.push("plain");
const plain = parseInt("8", 10); // the one that every browser has
export { plain as parseInt };
""",
    "core/days.js": """globalThis.order.push("days");
const NAMES = ["周一", "周二", "周三"];
export function weekday(at) { return NAMES[at]; }
export function* step(all) { yield* all; }
""",
    "vendor/others.js": "var a=1,b=2;export{a as one,b as two};",
}


def test_the_joined_script_does_what_the_modules_do(tmp_path):
    for path, source in VILLAGE.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(source)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    run = tmp_path / "run.cjs"
    run.write_text(
        f"""const told = (found) => console.log(JSON.stringify(Object.entries(found).map(([key, value]) => [key, `${{value}}`, value]).sort()));
(async () => {{ {LINES} {{
  const {{ path, text }} = JSON.parse(line);
  told(path ? await import(path) : (0, eval)(text));
}} }})();"""
    )
    text = joined("main.js", VILLAGE)
    apart, together = answers(run, [{"path": f"{tmp_path}/main.js"}, {"text": text}])
    assert together == apart
    assert ["read", "8", 8] in apart
    small = answers(run, [{"text": minified([(SCRIPT, text)])[0]}])[0]
    assert [one for one in small if one[0] != "weekday"] == [one for one in apart if one[0] != "weekday"]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("export let count = 0;", "export let"),
        ("export default 1;", "export default"),
        ("const a = 1;\nexport { a as default };", "a as default"),
        ('export * from "./other.js";', "export \\*"),
        ('import Other from "./other.js";', "import Other"),
        ('import { default as other } from "./other.js";', "default as other"),
        ('const load = () => import("./other.js");', r"import\(\"./other.js"),
        ("const here = import.meta.url;", r"import\.meta"),
        ('import { h } from "preact";', "preact, which is no relative address"),
        ('import { absent } from "./other.js";', "imports absent, which other.js does not export"),
        ('import { word } from "./nowhere.js";', "imports nowhere.js, which is not there"),
        ('import { back } from "./round.js";', "imports itself by way of round.js"),
        ("const answer = await fetch('x');", "await fetch"),
        ("await fetch('x');", "await fetch"),
        ("export const { a, b } = { a: 1, b: 2 };", "export const"),
    ],
)
def test_a_form_that_cannot_be_joined_is_refused_with_its_module(source, why):
    others = {"other.js": 'export const word = "字";\n', "round.js": 'import "./main.js";\nexport const back = 1;\n'}
    with pytest.raises(ValueError, match=f"^main.js .*{why}"):
        joined("main.js", {"main.js": f"{source}\n", **others})


def test_what_goes_wrong_on_a_phone_keeps_its_name_in_the_small_script(tmp_path):
    run = tmp_path / "run.cjs"
    run.write_text(
        f"""{LINES} console.log(JSON.stringify(Object.entries((0, eval)(JSON.parse(line)))
          .map(([name, kind]) => [name, new kind(404, "", {{}}).name])));"""
    )
    texts = {path: body.decode() for path, body in pack.sources() if path.endswith(".js")}
    (named,) = answers(run, minified([(SCRIPT, joined("client_sdk/js/errors.js", texts))]))
    assert len(named) >= 20
    assert [(name, told) for name, told in named if told != name] == []


# -- small -------------------------------------------------------------------------------------------------------------

MEANT = [
    "[1 / 2 / 4, 'a\\n/ b /', 1_000_000, 0.1 + 0.2, 1e21, -0, 0x1F_ff]",
    "`a // no comment ${true ? `\\n   ${1} /* neither */` : { d: '}`' }.d}\\n   e`",
    "((s, ...v) => [s.raw, v])`<b  class=${`x ${1 + 1}`}>\n   // a text\n  </b>`",
    "['x/*y*/z'.replace(/[/*]\\/\"'`/g, ''), /`/.test('`'), 'a/b'.split(/[/]/), /(?<year>\\d{4})/u.exec('2026').groups.year]",
    "String(9007199254740993n * 2n)",
    """(() => {
      class A { #seen = 3; static { this.ready = true; } get seen() { return this.#seen; } has(o) { return #seen in o; } }
      return [new A().seen, new A().has(new A()), new A().has({}), A.ready];
    })()""",
    "((given) => [given === undefined, typeof given, [undefined].length, [0, 7][0], 10[0] === void 0, `${undefined}`])()",
    "(({ a, b: { c = 5, ...d } = {}, ...e }) => ({ a, c, d, e }))({ a: 1, b: { f: 2 }, g: 3 })",
    "(() => { 'use strict'; let n = 0; if (n === 0) { function more() { n += 1; } more(); } return n ?? 9; })()",
    "(() => { a: for (let i = 0; ; i++) { for (;;) { if (i > 2) break a; continue a; } } try { null.x; } catch { return 'caught'; } })()",
]


def test_a_small_script_means_what_the_long_one_says(tmp_path):
    run = tmp_path / "run.cjs"
    run.write_text(f"{LINES} console.log(JSON.stringify((0, eval)(JSON.parse(line)) ?? null));")
    sources = [f"(() => {{ const found = {source}; return found; }})()" for source in MEANT]
    small = minified([(SCRIPT, source) for source in sources])
    assert answers(run, small) == answers(run, sources)
    assert not [text for text in small if "0[0]" in text.replace("10[0]", "")]  # slow, for `undefined`


def test_a_small_script_and_sheet_are_without_what_only_people_read():
    script = "/** What for. */\nfunction first(/** @type {any} */ given) { // why\n\n    return given; /* so */\n}\n"
    sheet = "/* a */\na {\n  color: red; /* b */\n}\n"
    assert minified([(SCRIPT, script), (SHEET, sheet)]) == ["function first(e){return e}", "a{color:red}"]


def test_what_cannot_be_read_is_told_with_its_place():
    with pytest.raises(ValueError, match="on line 2 and column 7"):
        minified([(SCRIPT, "const a = 1;\nconst = 2;\n")])


def test_the_server_itself_holds_no_second_runtime(packed):
    assert packed["version"]
    assert "minify" not in sys.modules
