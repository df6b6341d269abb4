"""Becoming known to a server: a one-time code and a new key for an identity."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from client_sdk.device_key import DeviceKey
from client_sdk.errors import AddressError, OtherPersonError, Problem
from client_sdk.line import formed
from client_sdk.store import ENROLLED, Store
from client_sdk.syncing import APP, adopt
from client_sdk.transport import Transport, body_of
from sync.wire import Enrolled

ENROLLED_FORM = Enrolled()


def enrol(url: str, code: str, path: Path, pin: str, device: str, line: Transport, entropy: Callable[[int], bytes]) -> Store:
    """The phone file of the enrolled device. See Client.enrol; a file that a refused code has left empty is removed."""
    require_address(url)
    fresh = not path.exists()
    store = Store(path, pin, create=True)
    try:
        with store.turn_to_sync():
            _introduce(store, url, code, device, line, entropy)
    except BaseException as error:
        store.close()
        if fresh and isinstance(error, Problem) and 400 <= error.status < 500 and error.status != 429:
            store.vault.remove()
        raise
    return store


def require_address(url: str) -> None:
    """Raise AddressError where no request could be made to this address."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, half an IPv6 address
        usable = False
    if not usable:
        raise AddressError(f"{url!r} is not the address of a server: write the address like http://127.0.0.1:8000")


def _introduce(store: Store, url: str, code: str, device: str, line: Transport, entropy: Callable[[int], bytes]) -> None:
    before = store.account()
    key = DeviceKey.from_text(before.new_key) if before.new_key else DeviceKey.made(entropy)
    store.save(new_key=key.text())  # before it is sent: an answer that is lost can be given again for the same key
    body = {"code": code, "public_key": key.public_jwk(), "device": device, "app": APP}
    told = formed(body_of(line.request("POST", "/v1/enrol", body)), ENROLLED_FORM)
    if before.person and before.person.get("id") != told["person"]["id"]:
        store.save(new_key="")
        raise OtherPersonError(f"this phone file belongs to {before.person.get('name') or before.person.get('id')}")
    if before.server and before.server != told["server"]:
        store.save(new_key="")
        raise OtherPersonError("this phone file belongs to another server: its records are not shown to this one")
    with store.transaction():
        adopt(
            store,
            told["actor"],
            mode=ENROLLED,
            url=url,
            server=told["server"],
            nonce=told["nonce"],
            epoch=told["epoch"],
            access=told["access"],
            assertion_nonce="none",
            signer=told["actor"],
            key=key.text(),
            new_key="",
            identity_key=told["identity_key"],
            person=told["person"],
            role=told["role"],
            scopes=told["scopes"],
        )
        store.drop_checkpoints()
