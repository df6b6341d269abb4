"""The frame of every page: who asks, what they may see, which period and group, the trail, the answer.

A page is a function of a Visit, declared with `Desk.page`. What it does not do itself cannot be forgotten: without a session
there is the page for signing in, without the duty 403, what somebody may not see is answered as what is not there, a form
without its token is not taken, and nothing leaves before it stands in the trail.
"""

from __future__ import annotations

import datetime as dt
import functools
import hmac
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from server import freshness
from server.access import View
from server.accounts.signing_in import Session
from server.api import Doors
from server.asked import asked
from server.periods import Period, PeriodError
from server.problems import Problem, answer_http
from server.sheets import Table, workbook
from server.standards import Standards
from server.store import directory, trail
from server.store.engine import reading, retried
from server.store.standards import standards_on
from sync.codec import stamp
from sync.types.codes import POPULATION_GROUP

SESSION_COOKIE, LANGUAGE_COOKIE = "cunyi_session", "cunyi_lang"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEPT_ARGS = ("period", "group")  # that links carry along
SAYS = {
    400: ("请求有误", "The request was refused"),
    401: ("请重新登录", "Sign in again"),
    403: ("您没有这项权限", "Your role does not allow this"),
    404: ("没有这个页面或记录，或不在您的查看范围内", "There is no such page or record, or it is not yours to see"),
    405: ("这个地址不接受这种请求", "The address does not take this request"),
    409: ("内容已被他人更新，请重新打开后再操作", "Somebody was quicker: open the page again"),
    422: ("填写的内容有误", "What was filled in is not of the form"),
    429: ("尝试次数过多，请稍后再试", "Too many attempts: wait a while"),
    503: ("服务器暂时不能工作，请稍后再试；没有保存任何内容", "The server cannot work at the moment; nothing was saved"),
}
FAILED = ("服务器出错，没有保存任何内容", "The server failed; nothing was saved")

# endpoint, texts, the duty that it takes, is it about an area
NAVIGATION = (
    ("overview", "总览", "Overview", "look", True),
    ("ranking_page", "排名", "Ranking", "look", True),
    ("residents", "居民", "Residents", "look", True),
    ("queue", "待处理", "To do", "look", False),
    ("contracts", "签约台账", "Contracts", "look", True),
    ("quality", "数据质量", "Data quality", "look", True),
    ("reports", "报表", "Reports", "look", False),
    ("devices", "设备与同步", "Devices", "look", False),
    ("changes", "修改记录", "Changes", "look", False),
    ("admin", "管理", "Administration", "administer", False),
    ("trail_page", "查阅记录", "Audit trail", "audit", False),
)

Handler = Callable[..., Any]


class Visit:
    """One request of a person at a desk."""

    def __init__(self, doors: Doors, view: View, session: Session, now: dt.datetime) -> None:
        self.doors, self.view, self.session, self.now = doors, view, session, now
        self.args: Mapping[str, str] = request.args
        self.form: Mapping[str, str] = request.form
        self.chinese = language() == "zh"
        self.noted: dict[str, Any] = {}
        self.fresh: dict[str, freshness.Freshness] = {}  # by area, as far as this visit has looked it up

    def say(self, zh: str, en: str) -> str:
        """The text in the language of the visit."""
        return zh if self.chinese else en

    @functools.cached_property
    def today(self) -> dt.date:
        """The day where the deployment is."""
        return self.doors.standings.today

    @property
    def clock(self) -> str:
        """The time of the visit where the deployment is."""
        return self.doors.config.local(self.now).strftime("%Y-%m-%d %H:%M")

    @functools.cached_property
    def period(self) -> Period:
        """The period of the address, the running month without one; raises Problem `unfit-request`."""
        text = self.args.get("period", "")
        return period_of(text) if text else Period.on(self.today, "month")

    @functools.cached_property
    def population(self) -> str:
        """The group of residents of the address, `all` without one; raises Problem `unfit-request`."""
        group = self.args.get("group") or self.form.get("group") or "all"
        if group != "all" and group not in open_groups():
            raise Problem(
                "unfit-request", faults=[self.say("人群：没有这个人群", "Group: there is no such group of residents")]
            )
        return group

    @property
    def whole(self) -> bool:
        """Whether tables are shown to their last row."""
        return self.args.get("whole") == "yes"

    @functools.cached_property
    def standards(self) -> Standards:
        """The standards of today."""
        with reading(self.doors.engine) as connection:
            return standards_on(connection, self.today)

    @functools.cached_property
    def area_names(self) -> Mapping[str, str]:
        """The name of every area by its code."""
        with reading(self.doors.engine) as connection:
            return directory.area_names(connection)

    def area_name(self, code: str) -> str:
        """The name of an area, its code where it has none."""
        return self.area_names.get(code, code)

    def note(self, **what: Any) -> None:
        """What the trail says of this visit beside the address: area, resident, record, detail."""
        self.noted.update(what)

    def href(self, endpoint: str, **values: Any) -> str:
        """The address of a page, with period and group carried along."""
        kept = {name: self.args[name] for name in KEPT_ARGS if self.args.get(name)}
        return url_for(f"dashboard.{endpoint}", **{**kept, **values})

    def here(self, **changed: str | None) -> str:
        """This address with other arguments; None drops one."""
        merged = {**{k: v for k, v in request.args.items() if k != "lang"}, **changed}
        query = urlencode({k: v for k, v in merged.items() if v is not None})
        return f"{request.script_root}{request.path}" + (f"?{query}" if query else "")

    def trail_of(self, area: str | None) -> list[tuple[str, str | None]]:
        """The breadcrumb down to an area: (name, address), only as far up as the person may see."""
        if area is None:
            return []
        steps = [area[:digits] for digits in (6, 9, 12) if digits <= len(area)]
        seen = [code for code in steps if any(code.startswith(root) for root in self.view.areas)]
        return [(self.area_name(code), self.href("overview", area=code)) for code in seen or steps[-1:]]

    def render(self, template: str, **context: Any) -> Response:
        """A page in the frame. `area`: whose freshness stands in its first line; `crumbs`: steps below the area."""
        area = context.get("area")
        if area is not None:
            self.noted.setdefault("area", area)
        context.setdefault("crumbs", [])
        html = render_template(
            template,
            visit=self,
            say=self.say,
            freshness=self.freshness(area) if self.view.villages else None,
            navigation=navigation(self, area),
            **context,
        )
        return Response(html, mimetype="text/html")

    def freshness(self, area: str | None) -> Any:
        """How fresh the data of an area are, of all that the person may see without one."""
        if area in self.fresh:
            return self.fresh[area]
        villages = self.view.villages_of(area) if area else sorted(self.view.villages)
        with reading(self.doors.engine) as connection:
            return freshness.freshness(connection, villages, self.now, self.today)

    def tables(
        self, template: str, tables: Sequence[Table], notes: Sequence[tuple[str, str]] = (), name: str = "cunyi", **context: Any
    ) -> Response:
        """A page of tables; with `format=xlsx` the same tables as an Excel file, sorted as the page is."""
        if self.args.get("format") == "xlsx":
            self.view.require("export")
            if area := context.get("area"):
                self.noted.setdefault("area", area)
            self.noted["detail"] = {**self.noted.get("detail", {}), "exported": [table.name for table in tables]}
            body = workbook([table.sorted(self.args.get("sort")) for table in tables], self.chinese, notes)
            disposition = f'attachment; filename="{name}.xlsx"'
            return Response(body, content_type=EXCEL, headers={"Content-Disposition": disposition})
        return self.render(template, tables=tables, notes=notes, exportable=True, **context)

    def see(self, address: str) -> Response:
        """Go on to another page after something was done."""
        return redirect(address, 303)  # type: ignore[return-value]


class Desk:
    """Where pages are declared."""

    def __init__(self, doors: Doors, routes: Blueprint, now: Callable[[], dt.datetime]) -> None:
        self.doors, self.routes, self.now = doors, routes, now
        self.actions = set[str]()  # of every page

    def page(
        self, rule: str, *, duty: str | None = "look", action: str, methods: Sequence[str] = ("GET",)
    ) -> Callable[[Handler], Handler]:
        """Declare a page: its address below /dashboard, the duty that it takes (None: any person), its name in the trail.

        The function gets the Visit and the parts of the address; its name is the endpoint.
        """
        self.actions.add(action)

        def declare(handler: Handler) -> Handler:
            @functools.wraps(handler)
            def serve(**path: Any) -> Response:
                return self._answer(handler, duty, action, path)

            self.routes.add_url_rule(rule, handler.__name__, serve, methods=list(methods))
            return handler

        return declare

    def _answer(self, handler: Handler, duty: str | None, action: str, path: Mapping[str, Any]) -> Response:
        session = self.doors.signing_in.session(request.cookies.get(SESSION_COOKIE))
        if session is None:
            back = self_address() if request.method == "GET" else None
            return redirect(url_for("dashboard.login", next=back), 303)  # type: ignore[return-value]
        visit = Visit(self.doors, self.doors.access.view(session.person), session, self.now())
        try:
            if request.method == "POST":
                _check_token(session)
            if duty:
                visit.view.require(duty)
            done = handler(visit, **path)
            reply = done if isinstance(done, Response) else current_app.make_response(done)
        except Problem as problem:
            reply = self.problem(problem, visit)
            action = "refused"
        self._note(visit, action, path, reply.status_code)
        return finished(reply)

    def _note(self, visit: Visit, action: str, path: Mapping[str, Any], status: int) -> None:
        detail = {
            **visit.noted.get("detail", {}),
            "page": request.endpoint.rpartition(".")[2] if request.endpoint else None,
            "method": request.method,
            "status": status,
            "asked": asked(path, request.args),
        }
        where = {name: visit.noted.get(name) for name in ("area", "resident", "record")}
        person, at = visit.view.person, stamp(visit.now)
        retried(self.doors.engine, lambda c: trail.write(c, person, at, action, **where, detail=detail))

    def problem(self, problem: Problem, visit: Visit | None = None) -> Response:
        """The page that says what is wrong and what to do."""
        status = problem.kind.status
        faults = problem.more.get("faults", [])
        zh, en = SAYS.get(status, FAILED)
        chinese = visit.chinese if visit else language() == "zh"
        html = render_template(
            "error.html",
            visit=visit,
            say=(lambda a, b: a if chinese else b),
            navigation=navigation(visit) if visit else [],
            freshness=None,
            crumbs=[],
            status=status,
            zh=zh,
            en=en,
            faults=faults,
            message=problem.more.get("message"),
        )
        return Response(html, status, problem.headers, mimetype="text/html")


def finished(reply: Response) -> Response:
    """With the headers of every page, and the language kept if it was chosen."""
    for name, value in HEADERS.items():
        reply.headers.setdefault(name, value)
    if request.args.get("lang") in ("zh", "en"):
        reply.set_cookie(
            LANGUAGE_COOKIE, request.args["lang"], max_age=366 * 86400, secure=request.is_secure, httponly=True, samesite="Lax"
        )
    return reply


def guard(routes: Blueprint, desk: Desk) -> None:
    """Errors below /dashboard are pages too."""

    @routes.errorhandler(Problem)
    def on_problem(problem: Problem) -> Response:
        return finished(desk.problem(problem))

    @routes.app_errorhandler(404)
    @routes.app_errorhandler(405)
    def on_no_page(error: HTTPException) -> Response:
        """What no page of the blueprint answers to is an error of the whole application."""
        return on_http(error) if request.path.startswith(f"{routes.url_prefix}/") else answer_http(error)

    @routes.errorhandler(HTTPException)
    def on_http(error: HTTPException) -> Response:
        reply = desk.problem(Problem("not-found" if error.code == 404 else "refused"))
        reply.status_code = error.code or 500
        return finished(reply)

    @routes.errorhandler(Exception)
    def on_error(error: Exception) -> Response:
        if isinstance(error, DBAPIError):
            return finished(desk.problem(Problem("unavailable", {"Retry-After": "5"})))
        where = "".join(traceback.format_tb(error.__traceback__))  # never the message: it may quote what a patient said
        current_app.logger.error("failed: %s\n%s", type(error).__name__, where)
        return finished(desk.problem(Problem("internal")))


def period_of(text: str) -> Period:
    """The period of an address; raises Problem `unfit-request`, in the language of the page."""
    try:
        return Period.parse(text)
    except PeriodError as trouble:
        chinese = "期间：没有这个期间。请写 2026-11-22、2026-W47、2026-11、2026-Q4、2026，或用“..”连接的两天"
        raise Problem("unfit-request", faults=[chinese if language() == "zh" else f"Period: {trouble}"]) from None


def language() -> str:
    """`zh`, or `en` where that was chosen."""
    chosen = request.args.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return "en" if chosen == "en" else "zh"


def self_address() -> str:
    """This address, for coming back to it."""
    return request.script_root + request.full_path.rstrip("?")


def _check_token(session: Session) -> None:
    sent = request.form.get("csrf") or request.headers.get("X-CSRF") or ""
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), session.csrf.encode()):
        raise Problem("refused", message="csrf")


@functools.cache
def open_groups() -> Mapping[str, tuple[str, str]]:
    """The groups by which figures may be asked for: code, and its labels; none of a protected programme."""
    return {c.value: (c.zh, c.en) for c in POPULATION_GROUP.codes if c.value not in POPULATION_GROUP.programmes}


def navigation(visit: Visit, area: str | None = None) -> list[tuple[str, str, bool]]:
    """(text, address, is it this one) of the pages that the person's duties open, about an area or else their own."""
    here = request.endpoint or ""
    root = area or (visit.view.areas[0] if visit.view.areas else None)
    found = []
    for endpoint, zh, en, duty, by_area in NAVIGATION:
        known = f"dashboard.{endpoint}" in current_app.view_functions
        if known and visit.view.may(duty) and (root or not by_area):
            address = visit.href(endpoint, **({"area": root} if by_area else {}))
            found.append((visit.say(zh, en), address, here == f"dashboard.{endpoint}"))
    return found
