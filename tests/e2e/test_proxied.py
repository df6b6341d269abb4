"""Behind the documented proxy: strangers on slow lines keep nobody waiting, and nobody says for themselves who they are."""

import http.client
import sqlite3
from urllib.parse import quote

import pytest

from server import utc_now
from server.accounts.signing_in import SignIn
from server.config import Config
from server.store.engine import open_engine
from tests.e2e.proxied import MISSING, NGINX, Crawlers, founded, phone_at, proxied
from tests.server.phone import vitals
from tests.village import ANA

pytestmark = pytest.mark.skipif(NGINX is None, reason=MISSING)

SAID = {
    "Host": "cunyi.example.org",
    "X-Forwarded-For": "203.0.113.77",
    "X-Forwarded-Host": "evil.example.net",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Proto": "https",
    "Forwarded": "for=203.0.113.77;host=evil.example.net",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("proxied")
    installation, code = founded(folder)
    config = Config.from_environment(installation.environment)
    engine = open_engine(config.database_url, config.sealing_key)
    signing = SignIn(engine, config, utc_now)
    signing.choose_password(ANA, signing.new_code(ANA, "shell"), "two hens and a dog", "")
    engine.dispose()
    installation.start()
    with proxied(folder / "nginx", installation.port) as port:
        yield installation, port, code
    installation.stop()


def test_ana_syncs_while_more_strangers_than_there_are_threads_send_and_read_a_byte_in_a_while(place):
    _, port, code = place
    ana = phone_at(port, code)
    with Crawlers(port, bodies=30, readers=30) as crawlers:
        for n in range(10):
            ana.save(vitals(100 + n))
            assert [receipt["status"] for receipt in ana.sync()["receipts"]] == ["accepted"]
        assert crawlers.alive == 60


def test_what_a_client_says_of_its_own_address_name_and_prefix_does_not_get_through(place):
    installation, port, _ = place
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request("GET", f"/dashboard/queue?text={quote('王秀兰')}", headers=SAID)
    answer = line.getresponse()
    answer.read()
    assert (answer.status, answer.headers["Location"].partition("?")[0]) == (303, "/dashboard/login")
    form = {**SAID, "Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", "/dashboard/login", f"person={ANA}&password=x", form)
    answer = line.getresponse()
    assert "evil" not in answer.read().decode() + str(answer.headers)
    line.request("GET", "/metrics", headers=SAID)
    assert line.getresponse().status == 404  # a monitor asks the server itself
    line.close()
    with sqlite3.connect(installation.folder / "var" / "cunyi.db") as connection:
        [(told,)] = connection.execute("SELECT detail FROM trail WHERE action = 'session.refused'").fetchall()
    assert "127.0.0.1" in told
    log = (installation.folder / "nginx" / "access.log").read_text("utf-8")
    assert "/dashboard/queue" in log
    assert not [word for word in ("text=", "王秀兰", quote("王秀兰")) if word in log]
