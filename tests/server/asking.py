"""Asking the whole application: every route as each of many people, with own, foreign and absent things in every parameter.

What a route asks for is noted while it answers (`Noting`), so that nobody has to list it, and nothing new is overlooked.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from flask import Flask, Request
from werkzeug.datastructures import MultiDict

from server.dashboard.frame import SESSION_COOKIE
from server.store.engine import retried
from tests.server.conftest import Village
from tests.server.phone import Phone

OWN, OTHER, ABSENT = "own", "other", "absent"
VOLATILE = ("nonce", "access", "csrf")  # keys of JSON whose values no two answers share


class _Noted(MultiDict[str, str]):
    """Arguments that remember which were asked for. `all` stands for an answer that looked at whatever was there."""

    def __init__(self, values: Any, noted: set[str]) -> None:
        super().__init__(values)
        self._noted = noted

    def get(self, key: str, *args: Any, **more: Any) -> Any:
        self._noted.add(key)
        return super().get(key, *args, **more)

    def getlist(self, key: str, *args: Any, **more: Any) -> Any:
        self._noted.add(key)
        return super().getlist(key, *args, **more)

    def __getitem__(self, key: str) -> Any:
        self._noted.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._noted.add(str(key))
        return super().__contains__(key)


class Noting(Request):
    """A request that notes which arguments and fields of forms are asked for."""

    noted: set[str] = set()

    @property
    def args(self) -> Any:
        return _Noted(super().args, Noting.noted)

    @property
    def form(self) -> Any:
        return _Noted(super().form, Noting.noted)


def noting(app: Flask, call: Any) -> tuple[Any, set[str]]:
    """The answer to a call, and the names it asked for."""
    Noting.noted = set()
    kept, app.request_class = app.request_class, Noting
    try:
        return call(), Noting.noted
    finally:
        app.request_class = kept


@dataclass
class Asker:
    """Somebody at a desk and with a phone; `hears`: the places whose words they may hear."""

    person: str
    hears: frozenset[str]
    client: Any
    phone: Phone | None
    secrets: frozenset[str] = field(default_factory=frozenset)
    csrf: str = ""

    def sign_in(self, village: Village) -> None:
        """A session of theirs."""
        signing_in = village.app.extensions["cunyi"].signing_in
        cookie = retried(village.engine, lambda c: signing_in._begin(c, self.person, village.time))
        self.client.set_cookie(SESSION_COOKIE, cookie)
        self.csrf = signing_in.session(cookie).csrf

    def ask(
        self, method: str, path: str, query: Mapping[str, str], form: Mapping[str, str] | None = None, body: Any = None
    ) -> Any:
        """One request, as a browser sends it, or to /v1 as a program does."""
        headers: dict[str, str] = {}
        if path.startswith("/v1/"):
            headers["Authorization"] = f"Bearer {self.phone.access if self.phone else ''}"
        more: dict[str, Any] = (
            {"json": body} if body is not None else {"data": {**(form or {}), "csrf": self.csrf}} if form is not None else {}
        )
        return self.client.open(path, method=method, query_string=dict(query), headers=headers, **more)


def words_of(answer: Any) -> str:
    """Everything an answer says: its headers, its body, and what is inside an Excel file; in small letters."""
    said = [f"{name}: {value}" for name, value in answer.headers]
    data = answer.get_data()
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            said += [f"{name}\n{file.read(name).decode('utf-8', 'replace')}" for name in file.namelist()]
    else:
        said.append(data.decode("utf-8", "replace"))
    return "\n".join(said).lower()


def leaks(answer: Any, secrets: Iterable[str], sent: Iterable[str] = ()) -> list[str]:
    """The secrets that an answer tells; what the asker sent it may repeat."""
    words = words_of(answer)
    for one in sorted({form for text in sent for form in (text, quote(text, safe=""))}, key=len, reverse=True):
        words = words.replace(one.lower(), "")
    return sorted(secret for secret in secrets if secret.lower() in words)


def plain(status: int, words: str, names: Iterable[str]) -> tuple[int, str]:
    """What an answer says, without names that were asked for and what never is the same."""
    for one in sorted({form for text in names if text for form in (text, quote(text, safe=""))}, key=len, reverse=True):
        words = re.sub(rf"(?<![0-9a-z]){re.escape(one.lower())}(?![0-9a-z])", "…", words)
    words = re.sub(r"(set-cookie|content-length|date): [^\n]*\n", "", words)
    for name in VOLATILE:
        words = re.sub(rf'"{name}": ?"[^"]*"', "", words)
    return status, re.sub(r"<dcterms:\w+[^>]*>[^<]*</dcterms:\w+>", "", words)
