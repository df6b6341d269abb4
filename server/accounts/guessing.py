"""What stops guessing at a desk, and cannot be used to shut anybody out.

Failures are counted by address, and by person and address, before a password is looked at. A browser in which somebody has
signed in before is known by a signed cookie and counted by itself: whatever others try, and from wherever, its owner gets
in. Phones have doors of their own, and nothing here concerns them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Collection

from sqlalchemy import Connection, Engine

from server.config import Config
from server.problems import Problem
from server.store import accounts
from server.store.accounts import Account
from server.store.engine import retried
from sync.codec import stamp

WRONG_BY_ADDRESS, WRONG_BY_PERSON, WRONG_BY_BROWSER, WRONG_CODES = 60, 10, 20, 20  # an hour
PEOPLE_OF_A_BROWSER = 6  # whom one remembers
_COOKIE = re.compile(rf"[0-9a-f]{{32}}(\.[0-9a-f]{{32}}){{0,{PEOPLE_OF_A_BROWSER}}}")


class Attempt:
    """One attempt, counted before it was judged: a failure until it is forgiven."""

    def __init__(self, keys: Collection[str], hour: str) -> None:
        self._keys, self._hour = keys, hour

    def forgive(self, connection: Connection) -> None:
        """It was a right one."""
        accounts.forgive_attempt(connection, self._keys, self._hour)

    def __add__(self, other: Attempt) -> Attempt:
        """Both, to be forgiven at once."""
        return Attempt([*self._keys, *other._keys], self._hour)


class Guessing:
    """The counts, and the browsers that are known. `now` is the server's clock."""

    def __init__(self, engine: Engine, config: Config, now: Callable[[], dt.datetime]) -> None:
        self._engine, self._secret_key, self._now = engine, config.secret_key, now

    def attempt(self, person: str, account: Account | None, address: str, browser: str | None) -> Attempt:
        """An attempt at a person from an address, in a browser by its cookie; raises Problem `too-many-attempts`."""
        if account is not None and self.knows(account, browser):
            return self._counted({f"desk:browser:{_short(_read(browser)[0])}": WRONG_BY_BROWSER})
        by_both = f"desk:person:{_short(address, person)}"
        return self._counted({f"desk:address:{_short(address)}": WRONG_BY_ADDRESS, by_both: WRONG_BY_PERSON})

    def own_attempt(self, person: str) -> Attempt:
        """An attempt at the password of a session that is open: no stranger comes here, nor uses it up."""
        return self._counted({f"desk:own:{_short(person)}": WRONG_BY_PERSON})

    def totp_attempt(self, account: Account, browser: str | None) -> Attempt:
        """An attempt at the second factor by who knows the password, from wherever; in a known browser it counts there."""
        return self._counted({} if self.knows(account, browser) else {f"desk:totp:{_short(account.person)}": WRONG_CODES})

    def _counted(self, limits: dict[str, int]) -> Attempt:
        now = self._now()
        hour = stamp(now)[:13]
        if limits and not retried(self._engine, lambda c: accounts.count_attempt(c, limits, hour)):
            raise Problem("too-many-attempts", {"Retry-After": str(3600 - now.minute * 60 - now.second)})
        return Attempt(list(limits), hour)

    # -- browsers ------------------------------------------------------------------------------------------------------

    def knows(self, account: Account, cookie: str | None) -> bool:
        """Has this person signed in here before, with the password that they have now?"""
        browser, marks = _read(cookie)
        mine = self._mark(account, browser)
        return any(hmac.compare_digest(mine, mark) for mark in marks)

    def known_as(self, account: Account, cookie: str | None) -> str:
        """The cookie of a browser that knows this person from now on, and those whom it knew."""
        browser, marks = _read(cookie)
        mine = self._mark(account, browser)
        return ".".join([browser, mine, *(mark for mark in marks if mark != mine)][: PEOPLE_OF_A_BROWSER + 1])

    def _mark(self, account: Account, browser: str) -> str:
        text = f"browser:{browser}:{account.person}:{account.changed_at}".encode()
        return hmac.new(self._secret_key, text, hashlib.sha256).hexdigest()[:32]


def _read(cookie: str | None) -> tuple[str, list[str]]:
    """The id of a browser and the marks of its people; a new id where the cookie is none of ours."""
    if cookie is None or not _COOKIE.fullmatch(cookie):
        return secrets.token_hex(16), []
    browser, *marks = cookie.split(".")
    return browser, marks


def _short(*parts: str) -> str:
    """A name of fixed length for what strangers send in any length."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
