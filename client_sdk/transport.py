"""HTTP as the client needs it: one request, one reply, patient on a bad line.

The interface is one method, so that anything can stand in its place. Every request of the protocol is safe to repeat.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import MaxRetryError
from urllib3.util.retry import Retry

from client_sdk.errors import OfflineError, Problem

COMPRESS_ABOVE = 1024  # bytes
TIMEOUT_SECONDS = (10, 60)  # to connect; between two pieces of the answer
LONGEST_WAIT_SECONDS = 60  # a server that asks for more is left alone until the next sync
ATTEMPTS_AT_A_CUT_BODY = 3
RETRIED = (429, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `body`: its JSON, None where there is none. `up`, `down`: bytes of the bodies as they travelled."""

    status: int
    body: Any
    up: int = 0
    down: int = 0


class Transport(Protocol):
    """Carries one request to the server and its answer back."""

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None, token: str | None = None) -> Reply:
        """Any answer of the server, refusals included; raises OfflineError when none arrived whole.

        The body of a refusal is its problem+json; None when it is anything else.
        """

    def close(self) -> None:
        """Let go of connections."""


def body_of(reply: Reply) -> dict[str, Any]:
    """The JSON object of a success; raises Problem for a refusal and OfflineError for what the server cannot have sent."""
    if reply.status >= 400:
        body = reply.body if isinstance(reply.body, dict) else {}
        raise Problem(reply.status, str(body.get("type", "")).rstrip("/").rpartition("/")[2], body)
    if not 200 <= reply.status < 300 or not isinstance(reply.body, dict):
        raise OfflineError("something other than the server answered")
    return reply.body


class _Patience(Retry):
    """Backs off with jitter and waits as long as the server asks, but gives up when it asks for longer than a sync lasts."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        if response is not None and (self.get_retry_after(response) or 0) > LONGEST_WAIT_SECONDS:
            raise MaxRetryError(_pool, url or "")  # type: ignore[arg-type]
        return super().increment(method, url, response, error, _pool, _stacktrace)


class HttpTransport:
    """The transport of a phone. One thread at a time."""

    def __init__(self, url: str, *, attempts: int = 5, backoff_seconds: float = 0.5) -> None:
        self._url = url.rstrip("/")
        self._pause = backoff_seconds
        self._http = requests.Session()
        patience = _Patience(
            total=attempts,
            connect=min(attempts, 2),  # no network at all is soon known
            allowed_methods=None,
            status_forcelist=RETRIED,
            backoff_factor=backoff_seconds,
            backoff_jitter=backoff_seconds,
            backoff_max=20,
            raise_on_status=False,
            redirect=False,
        )
        for scheme in ("http://", "https://"):
            self._http.mount(scheme, HTTPAdapter(max_retries=patience))

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None, token: str | None = None) -> Reply:
        """See Transport. Gives up after a bounded number of attempts."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = None
        if body is not None:
            data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
            headers["Content-Type"] = "application/json"
            if len(data) > COMPRESS_ABOVE:
                data = gzip.compress(data, mtime=0)
                headers["Content-Encoding"] = "gzip"
        for attempt in range(1, ATTEMPTS_AT_A_CUT_BODY + 1):
            try:
                answer = self._http.request(
                    method, self._url + path, data=data, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
                )
                return Reply(answer.status_code, _json(answer), len(data or b""), answer.raw.tell())
            except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as error:
                if attempt == ATTEMPTS_AT_A_CUT_BODY:
                    raise OfflineError("the line was cut in the middle of the answer") from error
                time.sleep(self._pause * attempt)
            except requests.exceptions.RequestException as error:
                raise OfflineError(f"the server cannot be reached ({type(error).__name__})") from error
        raise AssertionError("unreachable")

    def close(self) -> None:
        """See Transport."""
        self._http.close()


def _json(answer: requests.Response) -> Any:
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    if kind != ("application/problem+json" if answer.status_code >= 400 else "application/json"):
        return None
    try:
        return answer.json()
    except ValueError:
        return None
