"""The catalogue of problems (RFC 9457), and the one handler that answers with them.

A problem says what is wrong and what to do. It never tells whether something exists that the asker may not see.
"""

from __future__ import annotations

import json
import traceback
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed


@dataclass(frozen=True)
class Kind:
    """One kind of problem: its name in `type`, the HTTP status, a title, and what to do about it."""

    name: str
    status: int
    title: str
    remedy: str


CATALOGUE = {
    kind.name: kind
    for kind in (
        Kind("not-json", 400, "The body is not JSON in UTF-8", "Send a JSON object in UTF-8, whole."),
        Kind("encoding", 400, "The body is not what its Content-Encoding says", "Send it gzip, zstd or not encoded."),
        Kind(
            "unfit-request", 422, "The request is not of the form", "See `faults`; GET /openapi.json describes every request."
        ),
        Kind("too-large", 413, "The request is over a limit", "Send less at a time; see `faults`."),
        Kind("unauthenticated", 401, "No valid access token", "Get one from POST /v1/token. Nothing on the device is removed."),
        Kind(
            "nonce-required", 401, "The assertion lacks the present nonce", "Sign an assertion with `nonce` and send it again."
        ),
        Kind(
            "wrong-assertion",
            401,
            "The assertion is not the device's",
            "Sign it (ES256) with the key of the enrolment; or enrol again.",
        ),
        Kind(
            "revoked", 403, "The device was revoked", "Seal the store; hand over what is unsent by POST /v1/deposit; then wipe."
        ),
        Kind("not-revoked", 409, "The device is not shut out", "Send its edits by POST /v1/sync."),
        Kind(
            "wrong-code", 403, "The enrolment code does not serve", "The code is used, lapsed or mistyped: ask for a new one."
        ),
        Kind(
            "too-many-attempts",
            429,
            "Too many wrong codes or passwords",
            "Wait, then try again with a code from your team leader.",
        ),
        Kind(
            "over-quota",
            429,
            "The device has brought as much as it may in a day",
            "Go on working without a signal; send the rest after Retry-After seconds.",
        ),
        Kind("not-allowed", 403, "The person's role does not allow this", "Ask somebody whose duty it is."),
        Kind("wrong-password", 401, "No such person, or another password", "Try again; the administrator gives a new code."),
        Kind("totp-required", 401, "A one-time code is needed", "Send the present code of the authenticator app."),
        Kind("actor-rolled-back", 409, "The device was restored or copied", "POST /v1/actors, then make the outbox anew."),
        Kind(
            "changed-meanwhile",
            409,
            "Something came in since it was read",
            "Nothing was written. Read it again and decide anew.",
        ),
        Kind("too-early", 409, "The period is not closed yet", "Its report can be computed from the day `first` on."),
        Kind("report-state", 409, "The report is in another state", "See `state`: what is being judged is returned first."),
        Kind("nothing-to-correct", 409, "The numbers come out as they were issued", "There is nothing to do."),
        Kind("not-found", 404, "There is no such thing here", "Check the address."),
        Kind("method-not-allowed", 405, "The address does not take this method", "See GET /openapi.json."),
        Kind(
            "unavailable",
            503,
            "The server cannot work at the moment",
            "Nothing was taken. Try again after Retry-After seconds.",
        ),
        Kind(
            "restored-silently",
            503,
            "The database has gone back, and nobody has announced a restore",
            "Nothing was taken, and nothing is lost: keep everything, and try again after Retry-After seconds. The operator "
            "runs `cunyi restored`.",
        ),
        Kind("internal", 500, "The server failed", "Nothing was acknowledged: try again; tell the operator the time of it."),
        Kind("refused", 400, "The request was refused", "See `detail`."),
    )
}


class Problem(Exception):  # noqa: N818
    """Answer with a problem of the catalogue; `more` goes into its body, `headers` beside it."""

    def __init__(self, name: str, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(name)
        self.kind, self.headers, self.more = CATALOGUE[name], headers or {}, more


def answer(problem: Problem) -> Response:
    """The HTTP response of a problem."""
    kind = problem.kind
    body = {"type": f"/problems/{kind.name}", "title": kind.title, "status": kind.status, "detail": kind.remedy, **problem.more}
    text = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")  # a fault may name a key as it was sent
    return Response(text, kind.status, problem.headers, content_type="application/problem+json")


_BY_STATUS = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}


def answer_http(error: HTTPException) -> Response:
    """The HTTP response of an error that the routes or the framework found."""
    status = error.code or 500
    name = _BY_STATUS.get(status, "internal" if status >= 500 else "refused")
    problem = Problem(name) if name in _BY_STATUS.values() or status >= 500 else Problem(name, status=status)
    reply = answer(problem)
    reply.status_code = status
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        reply.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return reply


def register(app: Flask, unavailable: tuple[type[Exception], ...]) -> None:
    """Every error leaves the server as a problem; exceptions of `unavailable` as 503 with Retry-After."""

    @app.errorhandler(Problem)
    def on_problem(problem: Problem) -> Response:
        return answer(problem)

    @app.errorhandler(HTTPException)
    def on_http(error: HTTPException) -> Response:
        return answer_http(error)

    @app.errorhandler(Exception)
    def on_error(error: Exception) -> Response:
        if isinstance(error, unavailable):
            app.logger.warning("unavailable: %s", type(error).__name__)
            return answer(Problem("unavailable", {"Retry-After": "5"}))
        where = "".join(traceback.format_tb(error.__traceback__))  # never the message: it may quote what a patient said
        app.logger.error("failed: %s\n%s", type(error).__name__, where)
        return answer(Problem("internal"))
