"""The field app as the server gives it out: whole, small, the same below a prefix, and in a browser that may ask nobody else."""

import dataclasses
import gzip
import hashlib
import json
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest

from server import create_app
from server.app import pack
from server.config import Config
from sync.types import CATALOGUE

ROOT = Path(__file__).parents[2]
SOURCES = {
    path.relative_to(ROOT).as_posix()
    for folder in ("server/app/static", "client_sdk/js")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".js", ".css", ".svg")
}
WORKER = "server/app/static/sw.js"
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
MOST_BYTES = 150 << 10  # of the whole app, compressed
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
    "address", ["/app/", "/app/pack.json", "/app/sw.js", "/app/manifest.webmanifest", f"/app/{pack.STATIC}/boot.js"]
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
    assert packed["files"].keys() == {"", *SOURCES} - {WORKER}
    for path, file in packed["files"].items():
        alone = client.get(f"/app/{path}")
        assert (alone.text, alone.content_type) == (file["body"], file["type"]), path
    assert packed["headers"]["Content-Security-Policy"] == client.get("/app/").headers["Content-Security-Policy"]


def test_the_page_the_worker_and_the_pack_are_of_one_version(client, packed):
    assert f'data-version="{packed["version"]}"' in client.get("/app/").text
    worker = client.get("/app/sw.js")
    assert f'const VERSION = "{packed["version"]}";' in worker.text


def test_who_has_the_pack_already_is_not_sent_it_again(client):
    first = client.get("/app/pack.json", headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    again = client.get("/app/pack.json", headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_another_line_in_one_file_is_another_version(monkeypatch, packed):
    monkeypatch.setattr(pack, "SHELL", pack.SHELL.replace("正在打开", "请等一等"))
    assert pack.Pack(packed["headers"]).version != packed["version"]
    monkeypatch.undo()
    assert pack.Pack(packed["headers"]).version == packed["version"]


def test_no_other_host_is_named_anywhere(client, packed):
    every = {path: file["body"] for path, file in packed["files"].items()} | {
        name: client.get(f"/app/{name}").text for name in ("sw.js", "manifest.webmanifest")
    }
    named = {(path, found) for path, body in every.items() for found in HOST.findall(body) if found not in NOBODYS}
    assert named == set()


def test_every_import_leads_to_a_file_of_the_pack(packed):
    for path, file in packed["files"].items():
        for named in re.findall(r'(?:from|import)\s*\(?"(\.[^"]+)"', file["body"]):
            target = (ROOT / path).parent.joinpath(named).resolve().relative_to(ROOT).as_posix()
            assert target in packed["files"], f"{path} imports {named}"


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


# -- without comments --------------------------------------------------------------------------------------------------

SAME = [
    "const a = 1 / 2 / b;",
    "x = a\n/ b / c;",
    "const r = /[/*]\\/\\/\"'`/g;",
    'f(`a // no comment ${b ? `\n   ${c} /* neither */` : { d: "}`" }.d}\n   e`);',
    'const s = "/* no */ it\'s // none";',
    "return /`/.test(x);",
]


@pytest.mark.parametrize("source", SAME)
def test_what_is_no_comment_stays_to_the_letter(source):
    assert pack.bare_script(source) == source + "\n"


def test_comments_indentation_and_empty_lines_are_left_out():
    source = "/** What for. */\nfunction f(/** @type {any} */ a) { // why\n\n    return a; /* so */\n}\n"
    assert pack.bare_script(source) == "function f( a) {\nreturn a;\n}\n"
    assert pack.bare_sheet("/* a */\na {\n  color: red; /* b */\n}\n") == "a {\ncolor: red;\n}\n"
