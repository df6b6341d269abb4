"""A server behind proxies: whom it takes for the client, and what it says where nobody told it of them."""

import dataclasses

import pytest
from argon2 import PasswordHasher

from server import create_app
from server.accounts import passwords
from server.accounts.guessing import WRONG_BY_ADDRESS
from tests.village import SUE

PASSWORD = "two hens and a dog"
PROXY = {"REMOTE_ADDR": "10.8.0.7"}  # on another host than the server


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


@pytest.fixture
def behind(village):
    """The server as it stands behind so many proxies, with Sue, who has a password."""

    engines = []

    def start(proxies):
        app = create_app(dataclasses.replace(village.config, proxies=proxies), now=lambda: village.time)
        signing = app.extensions["cunyi"].signing_in
        engines.append(app.extensions["cunyi"].engine)
        signing.choose_password(SUE, signing.new_code(SUE, "shell"), PASSWORD, "")
        return app

    yield start
    for engine in engines:
        engine.dispose()


def sign_in(app, person, password, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    form = {"person": person, "password": password}
    return app.test_client().post("/dashboard/login", data=form, headers=named, environ_base=PROXY)


def guess_from_many_places(app):
    for n in range(WRONG_BY_ADDRESS + 5):
        sign_in(app, f"p-guessed-{n}", "a wrong guess", X_Forwarded_For=f"203.0.113.{n}")


def test_behind_a_proxy_that_the_server_knows_strangers_stop_nobody_from_signing_in(behind):
    app = behind(1)
    guess_from_many_places(app)
    assert sign_in(app, SUE, PASSWORD, X_Forwarded_For="198.51.100.4").status_code == 303


def test_a_server_that_knows_of_no_proxy_says_once_that_everybody_is_one_client_to_it(behind, caplog):
    app = behind(0)
    sign_in(app, SUE, PASSWORD)
    assert caplog.messages == []
    guess_from_many_places(app)
    assert sign_in(app, SUE, PASSWORD, X_Forwarded_For="198.51.100.4").status_code == 429
    [warning] = caplog.messages
    assert "CUNYI_PROXIES" in warning
    assert PROXY["REMOTE_ADDR"] in warning


def test_a_server_that_knows_its_proxy_has_nothing_to_say(behind, caplog):
    assert sign_in(behind(1), SUE, PASSWORD, X_Forwarded_For="198.51.100.4").status_code == 303
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("proxies", "scheme", "secure"),
    [
        (0, "https", False),
        (1, "https", True),
        (1, "http", False),
        (2, "https", True),
        (2, "https, http", True),
        (2, "http", False),
    ],
)
def test_a_cookie_is_for_https_alone_when_the_proxy_on_whatever_host_says_https(behind, proxies, scheme, secure):
    answer = sign_in(behind(proxies), SUE, PASSWORD, X_Forwarded_For="198.51.100.4, 10.8.0.6", X_Forwarded_Proto=scheme)
    cookies = answer.headers.getlist("Set-Cookie")
    assert [("Secure" in cookie.split("; ")) for cookie in cookies] == [secure, secure]


def test_who_names_more_addresses_than_there_are_proxies_is_not_believed(village, behind):
    app = behind(1)
    sign_in(app, SUE, "a wrong guess", X_Forwarded_For="192.0.2.99, 198.51.100.4")
    [row] = [row for row in village.rows("trail") if row["action"] == "session.refused"]
    assert "198.51.100.4" in row["detail"]
    assert "192.0.2.99" not in row["detail"]
