"""The line to the server: says who is asking, renews the token when it lapses, counts the bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from client_sdk.device_key import DeviceKey
from client_sdk.errors import BadReplyError, Problem
from client_sdk.store import Store
from client_sdk.transport import Reply, Transport, body_of
from sync.wire import Token

TOKEN = Token()


def formed(answer: dict[str, Any], form: Schema) -> dict[str, Any]:
    """The answer, if it is of the form; raises BadReplyError."""
    if faults := form.validate(answer):
        raise BadReplyError(f"the answer of the server is not of the protocol: {', '.join(map(str, sorted(faults)))}")
    return answer


class Line:
    """Requests in the name of the device of a store. `up`, `down`: bytes of bodies so far."""

    def __init__(self, store: Store, transport: Transport) -> None:
        self._store, self._transport = store, transport
        self.up = self.down = 0

    def ask(self, method: str, path: str, form: Schema, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer of a form to a request with a token; a lapsed token is renewed once.

        Raises Problem, OfflineError and BadReplyError.
        """
        token = self._store.account().access
        if token:
            try:
                return formed(body_of(self._send(method, path, body, token)), form)
            except Problem as refused:
                if refused.status != 401:
                    raise
        fresh = self.signed("/v1/token", TOKEN, {})
        self._store.save(access=fresh["access"])
        return formed(body_of(self._send(method, path, body, fresh["access"])), form)

    def signed(self, path: str, form: Schema, body: Mapping[str, Any]) -> dict[str, Any]:
        """The same for a request with an assertion of the device key; signed again once when the nonce was stale."""
        account = self._store.account()
        key = DeviceKey.from_text(account.key)
        try:
            answer = self._assert(key, path, body, account.assertion_nonce)
        except Problem as refused:
            if refused.slug != "nonce-required" or not isinstance(refused.body.get("nonce"), str):
                raise
            answer = self._assert(key, path, body, refused.body["nonce"])
        self._store.save(assertion_nonce=str(answer.get("nonce") or "none"))
        return formed(answer, form)

    def _assert(self, key: DeviceKey, path: str, body: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        account = self._store.account()
        assertion = key.assertion(account.signer or account.actor, account.server, nonce)
        return body_of(self._send("POST", path, {"assertion": assertion, **body}, None))

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None, token: str | None) -> Reply:
        reply = self._transport.request(method, path, body, token)
        self.up += reply.up
        self.down += reply.down
        return reply
