"""Signing in at the dashboard: passwords, second factors and sessions. What stops guessing is in guessing.py."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Engine

from server.access import CODE_LENGTH, CODE_LETTERS, here
from server.accounts import passwords
from server.accounts.guessing import Guessing
from server.config import Config
from server.problems import Problem
from server.store import accounts, directory, trail
from server.store.accounts import Account
from server.store.deployment import Deployment
from server.store.engine import reading, retried
from sync.codec import stamp

SEEN_EVERY = dt.timedelta(minutes=1)  # a session is not written at every click
STEP_SECONDS = 30  # of one-time codes (RFC 6238)
PERSON = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True)
class Session:
    """Who is signed in, and the token that every form of theirs carries."""

    person: str
    csrf: str


@dataclass(frozen=True)
class Opened:
    """The cookies of a session that was opened: of the session, and of the browser, which is known from now on."""

    cookie: str
    browser_cookie: str


class SignIn:
    """The use case. `now` is the server's clock."""

    def __init__(self, engine: Engine, config: Config, now: Callable[[], dt.datetime]) -> None:
        self._engine, self._config, self._now = engine, config, now
        self._guessing = Guessing(engine, config, now)

    # -- sessions ------------------------------------------------------------------------------------------------------

    def session(self, cookie: str | None) -> Session | None:
        """The session of a cookie, None for one that has ended; whoever asks has done something just now."""
        if not cookie or len(cookie) > 100:
            return None
        now = self._now()
        idle = dt.timedelta(minutes=self._config.desk_idle_minutes)
        with reading(self._engine) as connection:
            mark = self._mark(here(connection), cookie)
            row = accounts.session(connection, mark, stamp(now - idle), stamp(now))
        if row is None:
            return None
        if row.seen_at <= stamp(now - SEEN_EVERY):
            retried(self._engine, lambda c: accounts.touch_session(c, mark, stamp(now)))
        return Session(row.person, row.csrf)

    def open(
        self, person: str, password: str, totp: str, address: str, known_browser: str | None, before: str | None = None
    ) -> Opened:
        """Sign in: raises Problem `wrong-password`, `totp-required` (with `wrong` where one was sent) or `too-many-attempts`.

        It takes as long, and says the same, for a person who is not there. `before`: the cookie of the session that the
        browser had until now, whoever's; a browser has one session, and the one that is left behind ends.
        """
        now, account, left = self._now(), self._account(person), self.session(before)
        attempt = self._guessing.attempt(person, account, address, known_browser)
        if not passwords.matches(account.password if account else None, password) or account is None:
            self._refused(account, address, "password")
            raise Problem("wrong-password")
        step = None
        if account.totp is not None:
            if not totp.strip():
                retried(self._engine, attempt.forgive)
                raise Problem("totp-required")
            attempt += self._guessing.totp_attempt(account, known_browser)
            step = _step_of(self._unsealed(account), totp, now)

        def work(connection: Connection) -> str | None:
            still = accounts.account(connection, account.person, lock=True)
            if still is None or (still.password, still.totp) != (account.password, account.totp):
                raise Problem("wrong-password")  # it was changed meanwhile
            if account.totp is not None and (step is None or not accounts.spend_totp(connection, account.person, step)):
                return None
            attempt.forgive(connection)
            if left is not None and before is not None:
                self._end(connection, left, before)
            trail.write(connection, account.person, stamp(now), "session.open", detail={"address": address})
            return self._begin(connection, account.person, now)

        cookie = retried(self._engine, work)
        if cookie is None:
            self._refused(account, address, "totp")
            raise Problem("totp-required", wrong=True)
        return Opened(cookie, self._guessing.known_as(account, known_browser))

    def _begin(self, connection: Connection, person: str, now: dt.datetime) -> str:
        cookie, at = secrets.token_urlsafe(32), stamp(now)
        row = {
            "hash": self._mark(here(connection), cookie),
            "person": person,
            "csrf": secrets.token_urlsafe(32),
            "made_at": at,
            "seen_at": at,
            "ends_at": stamp(now + dt.timedelta(hours=self._config.desk_hours)),
        }
        accounts.add_session(connection, row, at)
        return cookie

    def close(self, cookie: str | None) -> None:
        """Sign out; a session that has ended already stays so."""
        session = self.session(cookie)
        if session is not None and cookie is not None:
            retried(self._engine, lambda connection: self._end(connection, session, cookie))

    def _end(self, connection: Connection, session: Session, cookie: str) -> None:
        accounts.end_session(connection, self._mark(here(connection), cookie))
        trail.write(connection, session.person, stamp(self._now()), "session.close")

    def close_all(self, person: str, by: str) -> int:
        """Sign a person out wherever they are signed in: how many sessions that were. `by`: who wants it so."""

        def work(connection: Connection) -> int:
            ended = accounts.end_sessions(connection, [person])
            trail.write(connection, by, stamp(self._now()), "session.end", detail={"person": person, "sessions": ended})
            return ended

        return retried(self._engine, work)

    def _mark(self, place: Deployment, cookie: str) -> str:
        """What is kept of a cookie. A new epoch has other marks: whoever was signed in before a restore is so no more."""
        return hmac.new(self._config.secret_key, f"session:{place.epoch}:{cookie}".encode(), hashlib.sha256).hexdigest()

    # -- passwords -----------------------------------------------------------------------------------------------------

    def new_code(self, person: str, by: str) -> str:
        """A one-time code with which a person chooses a password; raises LookupError for nobody, or one who has left.

        `by`: the administrator, or `shell`; one's own is changed with the present one only (Problem `not-allowed`). The
        password that was chosen before serves until another is.
        """
        _of_another(person, by)
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        now = self._now()
        expires = stamp(now + dt.timedelta(hours=self._config.code_hours))

        def work(connection: Connection) -> None:
            known = directory.person(connection, person)
            if known is None or not known.active:
                raise LookupError(f"there is no active person with the id {person!r}")
            accounts.put_code(connection, person, self._code_hash(person, code), expires, stamp(now))
            trail.write(connection, by, stamp(now), "account.code", detail={"person": person})

        retried(self._engine, work)
        return f"{code[:5]}-{code[5:]}"

    def choose_password(self, person: str, code: str, new: str, address: str, known_browser: str | None = None) -> None:
        """Choose a password with a code from the administrator; whoever was signed in as this person is signed out.

        Raises UnfitPasswordError, Problem `wrong-code` or `too-many-attempts`. Without a right code nothing that it answers
        depends on whether there is such a person: the password is judged by what was typed, by the name only afterwards.
        A right code is taken whatever others tried from the same address: 50 random bits are not guessed in the days that
        it serves, and who has it must not be kept waiting by strangers.
        """
        account, now = self._account(person), self._now()
        right = account if account is not None and self._code_serves(account, code, now) else None
        if right is None:
            self._guessing.attempt(person, account, address, known_browser)
        passwords.judge(new, person)
        kept = passwords.hashed(new) if right else ""

        def work(connection: Connection) -> bool:
            if right is None or accounts.account(connection, right.person, lock=True) is None:
                return False
            if not accounts.spend_code(connection, right.person, self._code_hash(right.person, code), stamp(now)):
                return False
            known = directory.person(connection, right.person)
            passwords.judge(new, right.person, known.name if known else "")  # an unfit one leaves the code unspent
            accounts.set_password(connection, right.person, kept, stamp(now))
            trail.write(connection, right.person, stamp(now), "account.choose_password", detail={"address": address})
            return True

        if not retried(self._engine, work):
            self._refused(account, address, "code")
            raise Problem("wrong-code")

    def _code_serves(self, account: Account, code: str, now: dt.datetime) -> bool:
        with reading(self._engine) as connection:
            return accounts.code_serves(connection, account.person, self._code_hash(account.person, code), stamp(now))

    def change_password(self, person: str, old: str, new: str) -> None:
        """Another password, by who knows the present one: they are signed out everywhere, and sign in with the new one.

        Raises UnfitPasswordError, Problem `wrong-password` or `too-many-attempts`.
        """
        with reading(self._engine) as connection:
            known = directory.person(connection, person)
        passwords.judge(new, person, known.name if known else "")
        account, at = self._confirmed(person, old), stamp(self._now())
        kept = passwords.hashed(new)

        def work(connection: Connection) -> None:
            still = accounts.account(connection, person, lock=True)
            if still is None or still.password != account.password:
                raise Problem("wrong-password")
            accounts.set_password(connection, person, kept, at)
            trail.write(connection, person, at, "account.change_password")

        retried(self._engine, work)

    def _confirmed(self, person: str, password: str) -> Account:
        """The account of somebody who is signed in and proves it."""
        account, attempt = self._account(person), self._guessing.own_attempt(person)
        if account is None or not passwords.matches(account.password, password):
            raise Problem("wrong-password")
        retried(self._engine, attempt.forgive)
        return account

    def _refused(self, account: Account | None, address: str, by: str) -> None:
        """Who may have been tried by a stranger finds it in their trail."""
        if account is None:
            return
        detail = {"address": address, "by": by}
        retried(self._engine, lambda c: trail.write(c, account.person, stamp(self._now()), "session.refused", detail=detail))

    def _account(self, person: str) -> Account | None:
        if not PERSON.fullmatch(person):
            return None
        with reading(self._engine) as connection:
            return accounts.account(connection, person)

    def _code_hash(self, person: str, code: str) -> str:
        tidy = _typed(code).upper().replace("-", "")
        return hmac.new(self._config.secret_key, f"password code:{person}:{tidy}".encode(), hashlib.sha256).hexdigest()

    # -- the second factor ---------------------------------------------------------------------------------------------

    def totp_begin(self, session: Session) -> str:
        """The address `otpauth://…` of a second factor that is not used until it is confirmed; the same in one session."""
        return pyotp.TOTP(self._offered(session)).provisioning_uri(name=session.person, issuer_name="Cunyi")

    def totp_confirm(self, session: Session, password: str, totp: str) -> bool:
        """Use the second factor from now on, by who knows the password: raises Problem as `change_password` does.

        False when the code is not the present one of what was offered, or one is in use already.
        """
        account, secret, now = self._confirmed(session.person, password), self._offered(session), self._now()
        step = _step_of(secret, totp, now)
        if step is None:
            return False

        def work(connection: Connection) -> bool:
            still = accounts.account(connection, session.person, lock=True)
            if still is None or (still.password, still.totp, still.totp_spent) != (account.password, None, account.totp_spent):
                return False  # it was changed meanwhile
            spent = max(step, still.totp_spent)
            accounts.set_totp(connection, session.person, self._sealed(session.person, secret), spent)
            trail.write(connection, session.person, stamp(now), "account.totp_on")
            return True

        return retried(self._engine, work)

    def totp_stop(self, person: str, password: str) -> None:
        """Use no second factor any more, by who knows the password: raises Problem as `change_password` does."""
        self._confirmed(person, password)
        self._totp_off(person, person)

    def totp_drop(self, person: str, by: str) -> None:
        """Use no second factor any more: the phone with it was lost, and an administrator says so.

        Raises Problem `not-allowed` for one's own: an open desk that somebody left must not be enough.
        """
        _of_another(person, by)
        self._totp_off(person, by)

    def _totp_off(self, person: str, by: str) -> None:
        def work(connection: Connection) -> None:
            held = accounts.account(connection, person, lock=True)
            if held is not None and held.totp is not None:
                accounts.set_totp(connection, person, None, held.totp_spent + 1)  # what is offered next is another one
            trail.write(connection, by, stamp(self._now()), "account.totp_off", detail={"person": person})

        retried(self._engine, work)

    def uses_totp(self, person: str) -> bool:
        """True when signing in takes a one-time code."""
        account = self._account(person)
        return account is not None and account.totp is not None

    def _offered(self, session: Session) -> str:
        """Nothing has to be kept for what is not confirmed yet: the session names it, and what was used before."""
        account = self._account(session.person)
        text = f"totp:{session.person}:{session.csrf}:{account.totp_spent if account else 0}".encode()
        return base64.b32encode(hmac.digest(self._config.secret_key, text, hashlib.sha256)[:20]).decode()

    def _sealed(self, person: str, secret: str) -> str:
        """A secret as it is kept, so that who reads the database or a backup alone cannot make codes."""
        nonce = secrets.token_bytes(12)
        return base64.b64encode(nonce + self._safe().encrypt(nonce, base64.b32decode(secret), person.encode())).decode()

    def _unsealed(self, account: Account) -> str | None:
        """None where the server holds another secret key than the one it was sealed with."""
        kept = base64.b64decode(account.totp or "")
        try:
            return base64.b32encode(self._safe().decrypt(kept[:12], kept[12:], account.person.encode())).decode()
        except InvalidTag:
            return None

    def _safe(self) -> AESGCM:
        return AESGCM(hmac.digest(self._config.secret_key, b"second factors", hashlib.sha256))


def _of_another(person: str, by: str) -> None:
    if person == by:
        raise Problem("not-allowed")


def _typed(code: str) -> str:
    """A code without what a keyboard adds to it."""
    return "".join(unicodedata.normalize("NFKC", code).split())


def _step_of(secret: str | None, totp: str, now: dt.datetime) -> int | None:
    """The time step of a one-time code: the present one, that before or that after; None for any other code."""
    present, typed = int(now.timestamp()) // STEP_SECONDS, _typed(totp).encode("utf-8", "replace")
    if secret is None:
        return None
    codes = pyotp.TOTP(secret)
    steps = (present - 1, present, present + 1)
    return next((step for step in steps if hmac.compare_digest(codes.at(step * STEP_SECONDS).encode(), typed)), None)
