"""The files of the app as they go over the line: read once, without their comments, in one answer with one version.

Comments and indentation are for people who read the source tree; on a bad line they cost as much time as the code.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import zstandard

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOLDERS = (HERE / "static", ROOT / "client_sdk" / "js")
STATIC = "server/app/static"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
WORKER = "sw.js"
JSON = "application/json"

SHELL = """<!doctype html>
<html lang="zh-CN" data-version="VERSION"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">
<title>村医</title><meta name="theme-color" content="#14592f"><link rel="manifest" href="manifest.webmanifest">
<link rel="icon" href="STATIC/icon.svg" type="image/svg+xml"><link rel="apple-touch-icon" href="STATIC/icon-192.png">
STYLES<script type="module" src="STATIC/boot.js"></script></head>
<body><div id="app"><main class="alone"><h1>村医</h1><p id="opening" role="status">正在打开，第一次要等一会儿</p>
<noscript><p>这个浏览器关闭了 JavaScript，不能使用。请在浏览器设置里打开，或换一个浏览器。</p></noscript></main></div></body></html>
"""
STYLES = ("style.css", "forms/forms.css")
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
        {"src": f"{STATIC}/icon-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
        {"src": f"{STATIC}/icon-512.png", "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
        {"src": f"{STATIC}/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
    ],
}


class File(NamedTuple):
    """A file as it is given out."""

    content_type: str
    body: bytes


class Pack:
    """All files by their address below /app (the page's own is empty); `beside` are those that the worker does not keep."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        every = dict(_read())
        icons = {path: file for path, file in every.items() if path.endswith(".png")}
        worker = every.pop(f"{STATIC}/{WORKER}").body.decode()
        files = {path: file for path, file in sorted(every.items()) if path not in icons}
        shell = SHELL.replace("STYLES", "".join(f'<link rel="stylesheet" href="STATIC/{name}">' for name in STYLES))
        shell = shell.replace("STATIC", STATIC)
        told = json.dumps([shell, worker, dict(headers), [(path, file.body.decode()) for path, file in files.items()]])
        self.version = hashlib.sha256(told.encode()).hexdigest()[:16]
        page = File("text/html; charset=utf-8", shell.replace("VERSION", self.version).encode())
        self.files = {"": page, **files}
        named = f'const VERSION = "{self.version}";\n{worker}'.encode()  # so that another version is another worker
        manifest = json.dumps(MANIFEST, ensure_ascii=False).encode()
        # what the browser itself asks for
        self.beside = {
            WORKER: File(TYPES[".js"], named),
            "manifest.webmanifest": File("application/manifest+json", manifest),
            **icons,
        }
        self.body = json.dumps(
            {
                "version": self.version,
                "headers": dict(headers),
                "files": {path: {"type": f.content_type, "body": f.body.decode()} for path, f in self.files.items()},
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        self.encoded = {  # the smaller one first
            "zstd": zstandard.ZstdCompressor(level=19).compress(self.body),
            "gzip": gzip.compress(self.body, 9, mtime=0),
        }


def _read() -> Iterator[tuple[str, File]]:
    for folder in FOLDERS:
        for path in folder.rglob("*"):
            if path.suffix in TYPES:
                body = path.read_bytes()
                if "vendor" not in path.parts and path.suffix in BARE:
                    body = BARE[path.suffix](body.decode()).encode()
                yield path.relative_to(ROOT).as_posix(), File(TYPES[path.suffix], body)


# -- without comments --------------------------------------------------------------------------------------------------

# what stands whole: a comment, a text in quotes, a pattern, a sign that begins or ends a template
_TEXT = r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\''
_PATTERN = r"/(?![*/])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*"
_TOKEN = re.compile(
    rf"(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<text>{_TEXT})|(?P<pattern>{_PATTERN})|(?P<sign>[`{{}}])|(?P<word>[\w$]+)", re.DOTALL
)
_TEMPLATE = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*(`|\$\{)", re.DOTALL)
_BEFORE_A_PATTERN = frozenset("(,=:[!&|?{};+-*%~^<>\n")
_WORDS_BEFORE_A_PATTERN = frozenset(
    ("return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "await", "yield")
)


def bare_script(source: str) -> str:
    """A script without comments, indentation and empty lines; texts, patterns and templates to the letter.

    Raises ValueError where a template does not end.
    """
    return "".join(text if whole else re.sub(r" *\n\s*", "\n", text) for whole, text in _parts(source)).strip() + "\n"


def _parts(source: str) -> Iterator[tuple[bool, str]]:
    """A script without its comments in parts: the texts of templates, which stand whole, and the code between them."""
    code: list[str] = []
    holes: list[int] = []  # of templates that are open: how many braces are open in the code within
    place, before = 0, "\n"  # `before`: the last sign or word that is no comment
    while match := _TOKEN.search(source, place):
        between = source[place : match.start()]
        before = between.strip()[-1:] or before
        code.append(between)
        kind, sign, place = match.lastgroup, match[0], match.end()
        if kind == "comment":
            continue
        if kind == "pattern" and before not in _BEFORE_A_PATTERN | _WORDS_BEFORE_A_PATTERN:
            sign, place = "/", match.start() + 1  # a division
        code.append(sign)
        before = sign if kind == "word" else sign[-1]
        ends_hole = sign == "}" and holes and holes[-1] == 0
        if holes and sign in ("{", "}"):
            holes[-1] += 1 if sign == "{" else -1
        if ends_hole:
            holes.pop()
        if ends_hole or sign == "`":
            rest = _TEMPLATE.match(source, place)
            if rest is None:
                raise ValueError("a template does not end")
            yield False, "".join(code)
            yield True, rest[0]
            code, place, before = [], rest.end(), rest[0][-1]
            if rest[1] == "${":
                holes.append(0)
    yield False, "".join(code) + source[place:]


def bare_sheet(source: str) -> str:
    """A style sheet without comments and indentation."""
    return (
        "\n".join(line for text in re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL).split("\n") if (line := text.strip()))
        + "\n"
    )


BARE = {".js": bare_script, ".css": bare_sheet}
