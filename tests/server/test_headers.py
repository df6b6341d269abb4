"""What every route says beside its answer: asked of all that the application has, so that a new one cannot forget it.

Nothing may be framed, sniffed, kept by a proxy or read by a page of another site; no form is taken without its token; a
cookie opens no door of programs.
"""

import io
import re
import zipfile

import pytest

from server.dashboard.frame import SESSION_COOKIE
from server.imports import report
from server.sheets import Column, Table, workbook
from tests.server.asking import Asker
from tests.server.conftest import emptied
from tests.village import ANA, LEA, SUE

EVIL = "https://evil.example.net"
UNSIGNED = {"dashboard.login", "dashboard.password"}


@pytest.fixture
def database_url(a_file):
    """An empty database; SQLite only: no header depends on the engine."""
    return emptied(a_file)


@pytest.fixture
def sue(village):
    asker = Asker(SUE, frozenset(), village.client(), None)
    asker.sign_in(village)
    return asker


def every(village, method):
    """Each route that takes a method, with an address of it."""
    adapter = village.app.url_map.bind("localhost")
    for rule in village.app.url_map.iter_rules():
        if method in rule.methods:
            yield rule, adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, "x"))


def answers(village, sue, **headers):
    """Every route, asked by nobody, by Sue at her desk and by Ana's phone."""
    ana = village.phone(ANA)
    for method in ("GET", "POST", "OPTIONS", "HEAD"):
        for rule, path in every(village, method):
            for client, more in (
                (village.client(), {}),
                (sue.client, {}),
                (village.client(), {"Authorization": f"Bearer {ana.access}"}),
            ):
                yield rule, f"{method} {path}", client.open(path, method=method, headers={**headers, **more})


def directives(answer):
    policy = answer.headers["Content-Security-Policy"]
    return {
        name: rest.split()
        for name, *_ in [part.split() for part in policy.split(";")]
        for rest in [policy.split(name, 1)[1].partition(";")[0]]
    }


def test_every_answer_of_every_route_is_closed_to_frames_sniffers_keepers_and_other_sites(village, sue):
    asked = 0
    for rule, where, answer in answers(village, sue, Origin=EVIL):
        asked += 1
        policy = directives(answer)
        assert policy["default-src"] in (["'none'"], ["'self'"]), where
        assert policy["frame-ancestors"] == policy.get("base-uri", ["'none'"]) == ["'none'"], where
        assert not [word for words in policy.values() for word in words if word.startswith(("'unsafe", "http", "*"))], where
        assert answer.headers["X-Content-Type-Options"] == "nosniff", where
        assert answer.headers["Referrer-Policy"] in ("no-referrer", "same-origin"), where
        kept = answer.headers["Cache-Control"]
        if kept != "no-store":  # files, and what a phone asks whether it is still so; a proxy keeps nothing of anybody
            assert rule.endpoint.startswith(("app.", "reference.")) or rule.endpoint == "dashboard.static", f"{where}: {kept}"
            assert rule.endpoint != "reference.names" or "private" in kept
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")], where
        assert not {"X-Powered-By", "Via"} & set(answer.headers.keys()), where
    assert asked > 600


def test_no_route_takes_a_method_that_it_does_not_need(village):
    taken = {method for rule in village.app.url_map.iter_rules() for method in rule.methods}
    assert taken == {"GET", "HEAD", "OPTIONS", "POST"}
    for method in ("TRACE", "CONNECT", "PUT", "DELETE", "PATCH"):
        assert village.client().open("/dashboard/", method=method).status_code in (405, 501), method


def test_no_form_of_any_page_is_taken_without_its_own_token_and_nothing_is_written(village, sue):
    other = Asker(LEA, frozenset(), village.client(), None)
    other.sign_in(village)
    before = {
        table: village.rows(table) for table in ("records", "edits", "deposits", "people", "accounts", "standards", "grants")
    }
    forms = [
        (rule, path)
        for rule, path in every(village, "POST")
        if rule.rule.startswith("/dashboard") and rule.endpoint not in UNSIGNED
    ]
    assert len(forms) > 20
    for _, path in forms:
        for token in ({}, {"csrf": ""}, {"csrf": "x" * 43}, {"csrf": other.csrf}, {"csrf": sue.csrf[:-1]}):
            answer = sue.client.post(path, data=token)
            assert answer.status_code == 400, (path, token)
            assert sue.client.post(f"{path}?csrf={sue.csrf}", data=token).status_code == 400, path
    assert {table: village.rows(table) for table in before} == before
    assert sue.client.get("/dashboard/account").status_code == 200


def test_a_page_of_another_site_can_sign_nobody_in(village):
    for path in ("/dashboard/login", "/dashboard/password"):
        for said in ({"Origin": EVIL}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}):
            answer = village.client().post(path, data={"person": SUE, "password": "x"}, headers=said)
            assert answer.status_code == 400, (path, said)
            assert not [cookie for cookie in answer.headers.getlist("Set-Cookie") if SESSION_COOKIE in cookie]


def test_a_cookie_opens_no_door_of_programs(village, sue):
    for method in ("GET", "POST"):
        for rule, path in every(village, method):
            if rule.rule.startswith("/v1/") and rule.rule not in ("/v1/enrol", "/v1/token", "/v1/deposit"):
                assert sue.client.open(path, method=method).status_code == 401, path


def test_every_cookie_is_kept_from_scripts_and_other_sites_and_over_https_from_the_open_line(village, sue):
    seen = set()
    for scheme in ("http", "https"):
        for rule, path in every(village, "GET"):
            for client in (village.client(), sue.client):
                answer = client.get(path, query_string={"lang": "en"}, base_url=f"{scheme}://localhost")
                for cookie in answer.headers.getlist("Set-Cookie"):
                    parts = {part.partition("=")[0].strip().lower() for part in cookie.split(";")}
                    assert {"httponly", "samesite"} <= parts, (path, cookie)
                    assert ("secure" in parts) == (scheme == "https"), (path, cookie)
                    assert "domain" not in parts
                    seen.add(cookie.partition("=")[0])
            assert rule.endpoint
    assert seen


def test_what_a_client_says_of_proxies_is_not_believed_where_there_are_none(village):
    said = {
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-Host": "evil.example.net",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.9",
    }
    for rule, path in every(village, "GET"):
        answer = village.client().get(path, headers=said)
        told = f"{answer.headers}{answer.get_data(as_text=True)}"
        assert "evil" not in told, rule.rule
        assert "; Secure" not in str(answer.headers), rule.rule


@pytest.mark.parametrize("sign", list("=+-@\t\r\n＝＋－＠"))
def test_no_cell_of_a_file_that_leaves_is_a_formula(sign):
    text = f"{sign}cmd|' /C calc'!A0"
    sheet = workbook(
        [Table("t", text, text, (Column("a", text, text), Column("b", "b", "b", "number")), [{"a": text, "b": text}])],
        chinese=True,
        notes=[(text, text)],
    )
    with zipfile.ZipFile(io.BytesIO(sheet)) as book:
        parts = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets")]
    assert not re.findall(r"<f[ >]|hyperlink", "".join(parts))
    assert report._harmless(text) == f"'{text}"
