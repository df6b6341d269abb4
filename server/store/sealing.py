"""Identity numbers at rest: sealed where they are stored, so that who carries off the database or a backup cannot read them.

The key lies beside the database and in no backup; it never leaves the server. A text is the same to everybody above the
columns: what was written comes back to the byte, so digests, chains and what phones are sent know nothing of it.

The hash of a text with one unknown number in it would confirm a guess of that number, for a number has few signs that name,
birthday and village do not tell. So hashes over what records say are kept enciphered. What is not hidden from whoever also
holds the key of resident ids, which every phone does: see DESIGN.md, section 9.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import weakref

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Dialect, Engine, String, Table, TableClause, Text, column, table
from sqlalchemy.types import TypeDecorator

FIELD = "id_no"  # of the resident's form
SEAL = "~sealed1:"
UNREADABLE = "~unreadable"  # what a sealed JSON text reads as that was changed in the database
TAIL = 3  # signs of the end of a number by which a search finds the few in which it looks closer
_NONCE = 12

_WRITTEN = re.compile(rf'("{FIELD}"\s*:\s*")((?:[^"\\]|\\.)+)(")')
_SEALED = re.compile(rf'("{FIELD}"\s*:\s*"){SEAL}([A-Za-z0-9_-]+)(")')
_VALUE = re.compile(rf'"{FIELD}"\s*:\s*(?!null|"")')
_DISGUISED = re.compile(r"\\u00[2-7]")  # a plain sign that is spelt as an escape: no client does so, and it would hide the name


class SealingError(Exception):
    """The engine was opened without the sealing key, or what was sealed is not of this key, or was changed."""


class Sealing:
    """What is made with one sealing key of 32 bytes. Safe to use from several threads."""

    def __init__(self, key: bytes) -> None:
        self.mark = hashlib.sha256(b"sealing key of a deployment:" + key).hexdigest()
        self._box = AESGCM(hmac.digest(key, b"what is sealed", hashlib.sha256))
        self._tails = hmac.digest(key, b"tails of numbers", hashlib.sha256)
        # XTS is made for data at rest that must not grow; a hash is met in many places and is to be the same in each
        self._cipher = Cipher(algorithms.AES(hmac.digest(key, b"hashes", hashlib.sha512)), modes.XTS(bytes(16)))

    def seal(self, text: str) -> str:
        """A text that only this key opens; another each time."""
        nonce = secrets.token_bytes(_NONCE)
        return base64.urlsafe_b64encode(nonce + self._box.encrypt(nonce, text.encode(), None)).decode().rstrip("=")

    def opened(self, sealed: str) -> str:
        """The text that was sealed; raises SealingError."""
        try:
            raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            return self._box.decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()
        except (ValueError, InvalidTag):
            raise SealingError("what is sealed is not of this sealing key, or was changed") from None

    def sealed_json(self, text: str) -> str:
        """JSON text with every identity number in it sealed, all else as it is; sealed whole where a number may hide."""
        if not text.startswith(SEAL) and FIELD not in text and not _DISGUISED.search(text):
            return text
        done, several = _WRITTEN.subn(lambda m: f"{m[1]}{SEAL}{self.seal(m[2])}{m[3]}", text)
        if text.startswith(SEAL) or _DISGUISED.search(text) or several != len(_VALUE.findall(text)):
            return SEAL + self.seal(text)
        return done

    def opened_json(self, text: str) -> str:
        """JSON text as it was before `sealed_json`, to the byte."""
        if SEAL not in text:
            return text
        if text.startswith(SEAL):
            return self.opened(text.removeprefix(SEAL))
        return _SEALED.sub(lambda m: f"{m[1]}{self.opened(m[2])}{m[3]}", text)

    def tail(self, number: str) -> str:
        """The end of a number as a word that tells nothing without the key; empty for too short a number."""
        if len(number) < TAIL:
            return ""
        return "#" + hmac.digest(self._tails, number[-TAIL:].casefold().encode(), hashlib.sha256).hex()[:12]

    def enciphered(self, hash_: str) -> str:
        """A hash in hex as it is kept, as long as it was; what is no hash, as it is."""
        return self._ciphered(hash_, forth=True)

    def deciphered(self, kept: str) -> str:
        """The hash that was enciphered."""
        return self._ciphered(kept, forth=False)

    def _ciphered(self, hash_: str, *, forth: bool) -> str:
        if len(hash_) % 32 or not re.fullmatch(r"[0-9a-f]+", hash_):
            return hash_
        way = self._cipher.encryptor() if forth else self._cipher.decryptor()
        return (way.update(bytes.fromhex(hash_)) + way.finalize()).hex()


# -- which key an engine has -------------------------------------------------------------------------------------------

# by dialect, the one thing of an engine that the type of a column is told of
_held: weakref.WeakKeyDictionary[Dialect, Sealing] = weakref.WeakKeyDictionary()


def hold(engine: Engine, key: bytes) -> None:
    """Let an engine seal and open with this key."""
    _held[engine.dialect] = Sealing(key)


def held(dialect: Dialect) -> Sealing:
    """The sealing of an engine, by its dialect; raises SealingError where it was opened without a key."""
    found = _held.get(dialect)
    if found is None:
        raise SealingError("this engine was opened without the sealing key")
    return found


def as_stored(declared: Table) -> TableClause:
    """A table whose values are read and written as the database has them: what is sealed stays sealed."""
    types = ((one.name, one.type) for one in declared.columns)
    plain = (column(name, kind.impl_instance if isinstance(kind, TypeDecorator) else kind) for name, kind in types)
    return table(declared.name, *plain)


class SealedNumbers(TypeDecorator[str]):
    """A column of JSON text in which identity numbers are sealed. What else it says can be looked for with LIKE."""

    impl, cache_ok = Text, True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To the database."""
        if value is None or not (FIELD in value or "\\u00" in value or value.startswith(SEAL)):
            return value
        return held(dialect).sealed_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """From the database. What was changed there reads as no JSON: whoever reads the row finds it damaged, and its place."""
        if value is None or SEAL not in value:
            return value
        key = held(dialect)
        try:
            return key.opened_json(value)
        except SealingError:
            return UNREADABLE


class SealedText(TypeDecorator[str]):
    """A column of text that is sealed whole."""

    impl, cache_ok = Text, True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To the database."""
        return None if value is None else held(dialect).seal(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """From the database."""
        return None if value is None else held(dialect).opened(value)


class HiddenHash(TypeDecorator[str]):
    """A column of a hash over what a record says, in hex: enciphered, the same each time, so that it can be a key."""

    impl, cache_ok = String, True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To the database."""
        return None if value is None else held(dialect).enciphered(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """From the database."""
        return None if value is None else held(dialect).deciphered(value)
