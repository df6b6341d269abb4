"""Tokens and assertions with something changed: what a thief could try with one that he has seen."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
CLAIMS: tuple[tuple[str, Any], ...] = (
    ("sub", "d0000000000000000"), ("sub", None), ("sub", 5), ("sub", ["x"]), ("iss", "nobody"), ("aud", "cunyi"), ("aud", []), ("exp", 2**60), ("exp", "tomorrow"), ("exp", 1e300),
    ("exp", None), ("nonce", "0" * 32), ("nonce", ["x"]), ("role", "administrator"), ("nbf", 2**60), ("iat", -1), ("iss", "server"), ("person", "p-sue"),
)  # fmt: skip
HEADERS: tuple[tuple[str, Any], ...] = (
    ("alg", "none"), ("alg", "HS512"), ("alg", "RS256"), ("alg", "ES256K"), ("alg", "hs256"), ("alg", None), ("kid", "../secret.key"), ("kid", "0"), ("jku", "https://evil.example.net/jwks"), ("jwk", {"kty": "oct", "k": ""}),
    ("x5c", ["x"]), ("crit", ["exp"]), ("b64", False), ("typ", "at+jwt"), ("zip", "DEF"), ("cty", "JWT"),
)  # fmt: skip


def mutated(token: str, dice: random.Random) -> str:
    """The token with one to three changes; never itself, nor one that says and proves the very same."""
    while True:
        made = token
        for _ in range(dice.choice([1, 1, 1, 2, 3])):
            made = dice.choice((_sign, _sign, _lost, _doubled, _cut, _segments, _header, _claim, _claim, _padded))(made, dice)
        if not the_same(token, made):
            return made


def the_same(one: str, other: str) -> bool:
    """The last sign of a signature has bits that say nothing: two texts may be one token."""
    return one.rpartition(".")[0] == other.rpartition(".")[0] and _octets(one) == _octets(other)


def _octets(token: str) -> bytes | None:
    text = token.rpartition(".")[2]
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None


def _at(text: str, dice: random.Random) -> int:
    return dice.randrange(len(text)) if text else 0


def _sign(token: str, dice: random.Random) -> str:
    n = _at(token, dice)
    return token[:n] + dice.choice([*SIGNS, ".", "=", " ", "+", "/", "é", "%"]) + token[n + 1 :]


def _lost(token: str, dice: random.Random) -> str:
    n = _at(token, dice)
    return token[:n] + token[n + dice.randrange(1, 6) :]


def _doubled(token: str, dice: random.Random) -> str:
    n = _at(token, dice)
    return token[:n] + token[n : n + dice.randrange(1, 9)] + token[n:]


def _cut(token: str, dice: random.Random) -> str:
    return token[: _at(token, dice)]


def _segments(token: str, dice: random.Random) -> str:
    parts = token.split(".")
    dice.shuffle(parts)
    return ".".join(parts[: dice.randrange(1, 4)] + parts[: dice.randrange(2)])


def _padded(token: str, dice: random.Random) -> str:
    return dice.choice(["=", ".", "==", ".e30"]).join([token, ""] if dice.random() < 0.5 else ["", token])


def _header(token: str, dice: random.Random) -> str:
    return _said(token, 0, dict([dice.choice(HEADERS)]))


def _claim(token: str, dice: random.Random) -> str:
    return _said(token, 1, dict([dice.choice(CLAIMS)]))


def _said(token: str, part: int, more: dict[str, Any]) -> str:
    """Another header or other claims under the old signature."""
    parts = token.split(".")
    try:
        said = json.loads(base64.urlsafe_b64decode(parts[part] + "=="))
        parts[part] = base64.urlsafe_b64encode(json.dumps({**said, **more}).encode()).rstrip(b"=").decode()
    except (ValueError, IndexError, TypeError):
        return token + "A"
    return ".".join(parts)
