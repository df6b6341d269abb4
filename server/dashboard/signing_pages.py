"""Signing in and out, choosing a password, and a person's own account: password and second factor."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import segno
from flask import Response, make_response, redirect, render_template, request, url_for

from server.accounts.passwords import SHORTEST, UnfitPasswordError
from server.accounts.signing_in import Opened, SignIn
from server.dashboard.admin_desk import ROLES
from server.dashboard.frame import SESSION_COOKIE, Desk, Visit, finished, language
from server.problems import Problem

BROWSER_COOKIE = "cunyi_browser"
BROWSER_SECONDS = 400 * 86400  # the longest that browsers keep a cookie
Words = tuple[str, str]
SAYS: dict[str, Words] = {
    "wrong-password": ("编号或密码不对", "No such person, or another password"),
    "totp-required": (
        "请再输入密码，并输入验证器上的6位数字",
        "Enter the password again, and the 6 digits of the authenticator",
    ),
    "too-many-attempts": ("尝试次数过多，请一小时后再试", "Too many attempts: try again in an hour"),
    "wrong-code": (
        "这个一次性代码无效或已过期，请向管理员再要一个",
        "The code does not serve: ask the administrator for another",
    ),
    "refused": ("请从本站的页面登录", "Sign in from a page of this site"),
}
CHOSEN: Words = ("密码已设置，请登录", "The password is set: sign in")
CHANGED: Words = ("密码已更改，请用新密码登录", "The password is changed: sign in with the new one")
DIGITS_WRONG: Words = ("验证码不对，请核对手机时间后再试", "Not the present code: check the clock of the phone and try again")


def register(desk: Desk) -> None:
    """Declare the pages. Those before a session exists are no pages of the desk: nobody is there who could be asked."""
    signing = desk.doors.signing_in
    desk.routes.add_url_rule("/login", "login", _unsigned(lambda: _login(signing)), methods=["GET", "POST"])
    desk.routes.add_url_rule("/password", "password", _unsigned(lambda: _password(signing)), methods=["GET", "POST"])
    desk.page("/logout", duty=None, action="session.leave", methods=("POST",))(logout)
    desk.page("/account", duty=None, action="account.look")(account)
    desk.page("/account/password", duty=None, action="account.password", methods=("POST",))(account_password)
    desk.page("/account/totp", duty=None, action="account.totp", methods=("POST",))(account_totp)
    desk.page("/account/totp/stop", duty=None, action="account.totp", methods=("POST",))(account_totp_stop)


def _unsigned(serve: Callable[[], Response]) -> Callable[[], Response]:
    """A page without a session: a form is taken only from this site, for there is no token yet that could prove it."""

    def answer() -> Response:
        if request.method == "POST" and not _from_here():
            return finished(_signing_page("login.html", "refused", 400))
        return finished(serve())

    return answer


def _from_here() -> bool:
    """Does the form that was sent stand on a page of this site? A browser says so, and no page can make it lie."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or urlsplit(origin).netloc == request.host


def _signing_page(template: str, trouble: str = "", status: int = 200, told: Words | None = None) -> Response:
    chinese = language() == "zh"
    html = render_template(
        template,
        visit=None,
        say=lambda zh, en: zh if chinese else en,
        navigation=[],
        freshness=None,
        crumbs=[],
        trouble=SAYS.get(trouble),
        told=told,
        person=request.form.get("person", "").strip()[:64],
        next=request.values.get("next", ""),
        totp_asked=trouble == "totp-required",
        shortest=SHORTEST,
    )
    return Response(html, status, mimetype="text/html")


def _login(signing: SignIn) -> Response:
    """Who signs in comes back to where they wanted to go."""
    if request.method == "GET":
        return _signing_page("login.html", told={"chosen": CHOSEN, "changed": CHANGED}.get(request.args.get("told", "")))
    person, form = request.form.get("person", "").strip(), request.form
    address, browser, before = (
        request.remote_addr or "",
        request.cookies.get(BROWSER_COOKIE),
        request.cookies.get(SESSION_COOKIE),
    )
    try:
        opened = signing.open(person, form.get("password", ""), form.get("totp", ""), address, browser, before)
    except Problem as problem:
        reply = _signing_page("login.html", problem.kind.name, problem.kind.status)
        reply.headers.extend(problem.headers)
        return reply
    reply = make_response(redirect(_onward(form.get("next", "")), 303))
    _keep(reply, opened)
    return reply


def _onward(address: str) -> str:
    """An address of the dashboard, its first page for any other: a link from elsewhere may not send people anywhere."""
    home = url_for("dashboard.home")
    plain = address.isprintable() and "\\" not in address
    return address if plain and address.startswith(home) and not urlsplit(address).netloc else home


def _keep(reply: Response, opened: Opened) -> None:
    path, secure = url_for("dashboard.home"), request.is_secure
    reply.set_cookie(SESSION_COOKIE, opened.cookie, path=path, secure=secure, httponly=True, samesite="Lax")
    reply.set_cookie(
        BROWSER_COOKIE,
        opened.browser_cookie,
        max_age=BROWSER_SECONDS,
        path=path,
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


def _password(signing: SignIn) -> Response:
    """Choose a password with a code from the administrator."""
    if request.method == "GET":
        return _signing_page("password.html")
    form, person = request.form, request.form.get("person", "").strip()
    try:
        new = _twice(form.get("new", ""), form.get("again", ""))
        address, browser = request.remote_addr or "", request.cookies.get(BROWSER_COOKIE)
        signing.choose_password(person, form.get("code", ""), new, address, browser)
    except UnfitPasswordError as unfit:
        return _signing_page("password.html", status=422, told=(unfit.zh, unfit.en))
    except Problem as problem:
        reply = _signing_page("password.html", problem.kind.name, problem.kind.status)
        reply.headers.extend(problem.headers)
        return reply
    return make_response(redirect(url_for("dashboard.login", told="chosen"), 303))


def _twice(new: str, again: str) -> str:
    if new != again:
        raise UnfitPasswordError("两次输入的密码不一致", "The two passwords differ")
    return new


# -- somebody's own account --------------------------------------------------------------------------------------------


def logout(visit: Visit) -> Response:
    """Signed out; the browser stays known."""
    visit.doors.signing_in.close(request.cookies.get(SESSION_COOKIE))
    reply = visit.see(url_for("dashboard.login"))
    reply.delete_cookie(SESSION_COOKIE, path=url_for("dashboard.home"))
    return reply


def account(visit: Visit, trouble: Words | None = None) -> Response:
    """Who is signed in, and how: name, role, areas, password, second factor."""
    signing = visit.doors.signing_in
    uses = signing.uses_totp(visit.view.person)
    address = "" if uses else signing.totp_begin(visit.session)
    reply = visit.render(
        "account.html",
        trouble=trouble,
        uses_totp=uses,
        totp_qr=qr(address) if address else "",
        totp_secret=address.partition("secret=")[2].partition("&")[0],
        shortest=SHORTEST,
        role=visit.say(*ROLES.get(visit.view.role, (visit.view.role, visit.view.role))),
        places=[visit.area_name(code) for code in visit.view.areas],
    )
    if trouble:
        reply.status_code = 422
    return reply


def account_password(visit: Visit) -> Response:
    """Another password; who changes it signs in anew, here too."""
    form = visit.form
    try:
        new = _twice(form.get("new", ""), form.get("again", ""))
        visit.doors.signing_in.change_password(visit.view.person, form.get("old", ""), new)
    except UnfitPasswordError as unfit:
        return account(visit, (unfit.zh, unfit.en))
    except Problem as problem:
        return account(visit, SAYS[problem.kind.name])
    return visit.see(url_for("dashboard.login", told="changed"))


def account_totp(visit: Visit) -> Response:
    """Use the second factor that was offered, when its code is the right one and the password too."""
    form = visit.form
    try:
        if not visit.doors.signing_in.totp_confirm(visit.session, form.get("password", ""), form.get("totp", "")):
            return account(visit, DIGITS_WRONG)
    except Problem as problem:
        return account(visit, SAYS[problem.kind.name])
    return visit.see(url_for("dashboard.account"))


def account_totp_stop(visit: Visit) -> Response:
    """Use none any more."""
    try:
        visit.doors.signing_in.totp_stop(visit.view.person, visit.form.get("password", ""))
    except Problem as problem:
        return account(visit, SAYS[problem.kind.name])
    return visit.see(url_for("dashboard.account"))


def qr(text: str) -> str:
    """A QR code as the address of a picture, so that what is secret in it stands in no other address."""
    return segno.make(text, error="m").svg_data_uri(scale=5, border=4, light="#fff")
