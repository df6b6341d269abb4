"""The nonces of exchanges, which prove by themselves that this server gave them out.

A nonce says how many exchanges the device had had, signed with the secret key, which no backup of the database holds. So a
phone that presents one of the present epoch with a higher number than the database has heard of proves that the database
has gone back: nobody can forge that, and no clock is asked. A lower number is a phone that was restored or copied.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

_SIGNED_BYTES = 10  # with number and chance the whole is 31 signs at most: the column takes 32


def mint(secret_key: bytes, epoch: str, device: str, number: int) -> str:
    """The nonce for the exchange behind exchange `number` of a device; never the same twice."""
    return _whole(secret_key, epoch, device, f"{number:x}.{secrets.token_hex(4)}")


def number_of(secret_key: bytes, epoch: str, device: str, nonce: str) -> int | None:
    """The number in a nonce that was made for this device in this epoch; None for any other text."""
    said, _, _signature = nonce.rpartition(".")
    number, _, _chance = said.partition(".")
    if not hmac.compare_digest(_whole(secret_key, epoch, device, said).encode(), nonce.encode("utf-8", "replace")):
        return None
    return int(number, 16)


def _whole(secret_key: bytes, epoch: str, device: str, said: str) -> str:
    text = f"nonce:{epoch}:{device}:{said}".encode("utf-8", "replace")
    signature = hmac.digest(secret_key, text, hashlib.sha256)[:_SIGNED_BYTES]
    return f"{said}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
