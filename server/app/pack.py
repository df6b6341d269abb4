"""The app as it goes over the line: one script, one sheet and two pages, small, in one answer with one version.

Comments, long names and a hundred files are for people who read the source tree; on a bad line, and on a slow phone at each
start, they cost as much time as the code.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import NamedTuple

import zstandard

from server.app.joining import joined
from server.app.minifying import SCRIPT, SHEET, minified

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOLDERS = (HERE / "static", ROOT / "client_sdk" / "js")
STATIC = "server/app/static"
ENTRY, BOOT, WORKER = f"{STATIC}/main.js", f"{STATIC}/boot.js", f"{STATIC}/sw.js"
STYLES = (f"{STATIC}/style.css", f"{STATIC}/forms/forms.css")
AS_THEY_ARE = {  # by the end of the name: given out under the last part of the path, and what they are
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".LICENSE": "text/plain; charset=utf-8",
}
INDENT = re.compile(r"\n[ \t]+")  # of a template it is text, which nothing but its reader can drop; htm drops it
READ = (".js", ".css", *AS_THEY_ARE)
PAGE, SCRIPTS, SHEETS, JSON = (
    "text/html; charset=utf-8",
    "text/javascript; charset=utf-8",
    "text/css; charset=utf-8",
    "application/json",
)
OTHERS = "/*! Preact: (c) 2015-present Jason Miller, MIT, see preact.LICENSE. htm: (c) 2018 Google Inc., Apache-2.0, see htm.LICENSE */\n"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
SHELL = """<!doctype html>
<html lang="zh-CN" data-version="VERSION"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">
<title>村医</title><meta name="theme-color" content="#14592f"><link rel="manifest" href="manifest.webmanifest">
<link rel="icon" href="icon.svg" type="image/svg+xml"><link rel="apple-touch-icon" href="icon-192.png">
<link rel="stylesheet" href="app.css"><script src="SCRIPT" defer></script></head>
<body><div id="app"><main class="alone"><h1>村医</h1><p id="opening" role="status">正在打开，第一次要等一会儿</p>
<noscript><p>这个浏览器关闭了 JavaScript，不能使用。请在浏览器设置里打开，或换一个浏览器。</p></noscript></main></div></body></html>
"""
MANIFEST = {
    "name": "村医",
    "short_name": "村医",
    "description": "没有信号也能用的家庭医生随访",
    "lang": "zh-CN",
    "id": "./",
    "start_url": "./",
    "scope": "./",
    "display": "standalone",
    "orientation": "portrait",
    "theme_color": "#14592f",
    "background_color": "#f4f3ee",
    "icons": [
        {"src": "icon-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
        {"src": "icon-512.png", "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
        {"src": "icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
    ],
}

Sources = tuple[tuple[str, bytes], ...]  # by their paths in the source tree


class File(NamedTuple):
    """A file as it is given out."""

    content_type: str
    body: bytes


class Pack(NamedTuple):
    """The app by its addresses below /app, of which the page's own is empty."""

    version: str
    kept: dict[str, File]  # what the worker keeps and answers from
    given: dict[str, File]  # what is given out one by one; its page lets the worker fetch the pack first
    body: bytes  # of the answer that holds all that is kept
    encoded: dict[str, bytes]  # the same, the smaller one first


def sources() -> Sources:
    """The files of the source tree that the app is made of."""
    paths = sorted(path for folder in FOLDERS for path in folder.rglob("*") if path.suffix in READ)
    return tuple((path.relative_to(ROOT).as_posix(), path.read_bytes()) for path in paths)


@functools.lru_cache(maxsize=1)
def packed(files: Sources) -> Pack:
    """What becomes of the sources: made once, when somebody first asks for the app."""
    texts = {path: body.decode() for path, body in files if path.endswith((".js", ".css"))}
    script, boot, worker, sheet = minified(
        [
            (SCRIPT, INDENT.sub("\n", joined(ENTRY, texts)) + ";"),
            (SCRIPT, texts[BOOT]),
            (SCRIPT, texts[WORKER]),
            (SHEET, "".join(texts[path] for path in STYLES)),
        ]
    )
    as_they_are = {
        path.rpartition("/")[2]: File(AS_THEY_ARE[suffix], body)
        for path, body in files
        if (suffix := Path(path).suffix) in AS_THEY_ARE
    }
    parts = {
        "app.js": File(SCRIPTS, (OTHERS + script).encode()),
        "app.css": File(SHEETS, sheet.encode()),
        "icon.svg": as_they_are["icon.svg"],
    }
    told = json.dumps([SHELL, HEADERS, boot, worker, [file.body.decode() for file in parts.values()]])
    version = hashlib.sha256(told.encode()).hexdigest()[:16]
    shell = SHELL.replace("VERSION", version)
    kept = {"": File(PAGE, shell.replace("SCRIPT", "app.js").encode()), **parts}
    given = {
        **as_they_are,
        **kept,
        "": File(PAGE, shell.replace("SCRIPT", "boot.js").encode()),
        "boot.js": File(SCRIPTS, boot.encode()),
        "sw.js": File(SCRIPTS, f'const VERSION="{version}";{worker}'.encode()),  # another version is another worker
        "manifest.webmanifest": File("application/manifest+json", json.dumps(MANIFEST, ensure_ascii=False).encode()),
    }
    whole = {
        "version": version,
        "headers": HEADERS,
        "files": {path: {"type": file.content_type, "body": file.body.decode()} for path, file in kept.items()},
    }
    body = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
    encoded = {"zstd": zstandard.ZstdCompressor(level=19).compress(body), "gzip": gzip.compress(body, 9, mtime=0)}
    return Pack(version, kept, given, body, encoded)
