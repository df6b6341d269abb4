"""Passwords: which may be chosen, and how they are kept (argon2id, the defaults of RFC 9106 for little memory).

The rules are those of NIST SP 800-63B, 5.1.1.2: a length, no composition, nothing that is tried first by whoever guesses.
"""

from __future__ import annotations

import functools
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST, LONGEST = 12, 128
FEWEST_SIGNS = 5  # different ones
# what the lists of leaked passwords begin with, among those that are long enough or are made so by repeating or counting on
_LISTED = """
    password passw0rd p@ssword p@ssw0rd qwerty qwertyuiop asdfghjkl zxcvbnm 1qaz2wsx qazwsxedc 1q2w3e4r 1234qwer qwer1234
    admin administrator letmein welcome iloveyou woaini huawei xiaomi tencent alibaba taobao weixin beijing zhongguo
    changeme default guest secret abc123 abcd1234 aa123456 a123456 12345678 87654321 123123 111111 000000 666666 888888
    5201314 1314520 147258369 159357 789456 cunyi cunyi123 yisheng weisheng jiating dashboard
"""
COMMON = sorted(_LISTED.split(), key=len, reverse=True)
_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")

_hasher = PasswordHasher()


class UnfitPasswordError(Exception):
    """The password may not be chosen; `zh` and `en` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def hashed(password: str) -> str:
    """As it is kept."""
    return _hasher.hash(_plain(password))


def matches(kept: str | None, given: str) -> bool:
    """Is it the password that is kept? It takes as long where none is kept."""
    nobody = _nobody()  # made whoever asks, so that the first answer about nobody takes no longer either
    try:
        return _hasher.verify(kept or nobody, _plain(given)) and kept is not None
    except (Argon2Error, InvalidHashError):
        return False


def judge(password: str, person: str, name: str = "") -> None:
    """Raises UnfitPasswordError for a password that may not be chosen. Without a name it tells nothing of who is there."""
    text = _plain(password)
    if len(text) < SHORTEST:
        raise UnfitPasswordError(f"密码至少{SHORTEST}个字符", f"A password has {SHORTEST} characters or more")
    if len(text) > LONGEST:
        raise UnfitPasswordError(f"密码最多{LONGEST}个字符", f"A password has {LONGEST} characters at most")
    low = text.lower()
    if len(set(low)) < FEWEST_SIGNS or _left(low) < FEWEST_SIGNS:
        raise UnfitPasswordError(
            "这个密码太常见，容易被猜到，请另选一个", "It is one of those that are guessed first: choose another"
        )
    if any(_telling(own) and own in low for own in (_plain(one).lower() for one in (person, person.partition("-")[2], name))):
        raise UnfitPasswordError("密码中不要含有姓名或编号", "It contains the name or the id of the person: choose another")


def _telling(own: str) -> bool:
    """Is it long enough to be somebody's and not a part of any word? A Chinese name has two or three signs."""
    return len(own) > 3 or (len(own) > 1 and not own.isascii())


def _left(text: str) -> int:
    """How many signs are left when common words and runs are taken out."""
    for word in COMMON:
        text = text.replace(word, "")
    for run in (*_RUNS, *(run[::-1] for run in _RUNS)):
        for size in range(len(run), 3, -1):
            for start in range(len(run) - size + 1):
                text = text.replace(run[start : start + size], "")
    return len(text)


def _plain(password: str) -> str:
    """One form for what looks alike, however the keyboard wrote it."""
    return unicodedata.normalize("NFKC", password)


@functools.cache
def _nobody() -> str:
    """What is compared where nothing is kept."""
    return _hasher.hash(secrets.token_hex(16))
