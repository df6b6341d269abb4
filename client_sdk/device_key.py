"""The key of a device: made on it, kept in its encrypted store, never sent. With it the device signs who it is."""

from __future__ import annotations

import base64
from collections.abc import Callable

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class DeviceKey:
    """An EC P-256 key pair."""

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        self._private = private

    @classmethod
    def made(cls, entropy: Callable[[int], bytes]) -> DeviceKey:
        """A new key from 48 bytes of chance (16 more than the key has, so that no key is likelier than another)."""
        number = int.from_bytes(entropy(48), "big") % (P256_ORDER - 1) + 1
        return cls(ec.derive_private_key(number, ec.SECP256R1()))

    @classmethod
    def from_text(cls, text: str) -> DeviceKey:
        """The key that `text` wrote."""
        private = serialization.load_pem_private_key(text.encode(), password=None)
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        return cls(private)

    def text(self) -> str:
        """The private key as PEM, for the encrypted store and nowhere else."""
        return self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def public_jwk(self) -> dict[str, str]:
        """The public half as the server wants it at enrolment."""
        point = self._private.public_key().public_numbers()
        return {"kty": "EC", "crv": "P-256", "x": _text(point.x), "y": _text(point.y)}

    def assertion(self, actor: str, audience: str, nonce: str) -> str:
        """A JWT (ES256): this device, to this server, just now. No time in it: the nonce says when."""
        return jwt.encode({"iss": actor, "aud": audience, "nonce": nonce}, self._private, "ES256")


def _text(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()
