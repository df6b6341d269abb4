"""The line of a phone (tests/server/phone.py) to a server that runs, in place of the application's test client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

SECONDS = 120  # to wait for an answer


class Reply:
    """An answer, as the test client gives one."""

    def __init__(self, response: requests.Response) -> None:
        self._response = response
        self.status_code, self.headers = response.status_code, response.headers

    def get_json(self) -> Any:
        return self._response.json()

    def get_data(self, as_text: bool = False) -> Any:
        return self._response.text if as_text else self._response.content


class Line:
    """One connection that is kept open."""

    def __init__(self, url: str) -> None:
        self._url, self._session = url, requests.Session()

    def open(
        self,
        path: str,
        method: str,
        headers: Mapping[str, str],
        data: bytes | None = None,
        query_string: Mapping[str, str] | None = None,
    ) -> Reply:
        response = self._session.request(
            method, self._url + path, headers=dict(headers), data=data, params=query_string, timeout=SECONDS
        )
        return Reply(response)
