"""The first walk of a newcomer: the lines that the sample township prints, as typed, against a running server."""

import html
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.e2e.serving import CUNYI, Installation

ADDRESS = "http://127.0.0.1:8000"
WHY = "已电话核实，患者服用的是缬沙坦"
LATE = "村医补录纸质记录"


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    place = Installation(tmp_path, database_url)
    place.cunyi("migrate")
    yield place
    place.stop()


class Desk:
    """Somebody's browser, signed in with the password that the guide tells."""

    def __init__(self, url: str, person: str, password: str) -> None:
        self._session = requests.Session()
        reply = self._session.post(f"{url}/dashboard/login", {"person": person, "password": password}, timeout=60)
        assert reply.url.startswith(f"{url}/dashboard/"), person
        assert "login" not in reply.url, person

    def open(self, address: str) -> str:
        reply = self._session.get(address, timeout=60)
        assert reply.status_code == 200, f"{address}: {reply.status_code}"
        assert reply.url == address, "it led to another page"
        return reply.text

    def send(self, address: str, page: str, **filled: str) -> str:
        """Fill in the form of a page, all marks set and of several choices the last one: the page that comes back."""
        fields = re.findall(r'<input type="(?:hidden|radio|checkbox)" name="([^"]+)" value="([^"]+)"', page)
        form = {html.unescape(name): html.unescape(value) for name, value in fields}
        reply = self._session.post(address, {**form, **filled}, timeout=60)
        assert reply.status_code == 200, f"{address}: {reply.status_code}"
        return reply.text


class Walk:
    """What was typed into the terminal, with the answers, and the pages that were opened."""

    def __init__(self, place: Installation, text: str) -> None:
        self._place, self._environment = place, dict(place.environment)
        passwords = dict(re.findall(r"^  (p-[a-z-]+) .* ((?:\w{4}-){3}\w{4})$", text, re.MULTILINE))
        self._desks: dict[str, Desk] = {}
        self.said: list[tuple[str, str]] = []
        self.pages: dict[str, str] = {}
        person = ""
        for line in text.splitlines():
            person = next((name for name in re.findall(r"p-[a-z-]+", line) if name in passwords), person)
            if line.startswith(f"    {ADDRESS}"):
                self._browse(person, passwords[person], line.strip().replace(ADDRESS, place.url))
            elif line.startswith(("    export ", "    .venv/bin/cunyi ")):
                self._type(line.strip().replace(ADDRESS, place.url))

    def _type(self, line: str) -> None:
        words = shlex.split(line)
        if words[0] == "export":
            self._environment.update([words[1].split("=", 1)])
            return
        done = subprocess.run(
            [CUNYI, *words[1:]],
            env=self._environment,
            cwd=self._place.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        self.said.append((line, done.stdout))

    def _browse(self, person: str, password: str, address: str) -> None:
        """Open a page, and do what the guide says is to be done there."""
        if person not in self._desks:
            self._desks[person] = Desk(self._place.url, person, password)
        desk, path = self._desks[person], address.removeprefix(f"{self._place.url}/dashboard")
        page = self.pages[path] = desk.open(address)
        if path.startswith("/conflicts/"):
            self.pages["settled"] = desk.send(address, page, action="settle", reason=WHY)
        elif path.endswith("/difference"):
            self.pages["corrected"] = desk.send(address.replace("/difference", "/reissue"), page, reason=LATE)

    def answers(self, words: str) -> list[str]:
        """What the lines with these words in them said."""
        return [answer for line, answer in self.said if words in line]

    def page(self, path: str) -> str:
        """The page whose address ends so."""
        return next(page for name, page in self.pages.items() if name.endswith(path))


def test_two_phones_and_the_desks_meet_as_the_printed_lines_say(place: Installation) -> None:
    text = place.cunyi("demo", "--guide")
    place.start()
    walk = Walk(place, text)
    conflicts = walk.answers(" field conflicts")
    assert len(conflicts) == 2
    assert all("缬沙坦胶囊" in answer and "苯磺酸氨氯地平片" in answer for answer in conflicts), conflicts
    shown = walk.answers(" field show")[0]
    assert ("缬沙坦胶囊" in shown) != ("苯磺酸氨氯地平片" in shown), shown
    assert "继续目前方案" in shown, "the review that did not clash is not there"
    assert "0 faults" in walk.said[-1][1], walk.said[-1]
    doctors = ("p-wang-xiulan", "p-liu-jianguo")
    every = json.loads(place.cunyi("devices", "--json"))
    active = [row for row in every if row["status"] == "active" and row["person"] in doctors]
    assert [row["unsent"] for row in active] == [0, 0]
    assert all(row["last_sync"] for row in active)
    _what_the_desks_say(walk)
    assert place.stop() == 0


def _what_the_desks_say(walk: Walk) -> None:
    for name, words in (("王秀兰", "没有在用"), ("郭德海", "超过 7 天未同步")):
        assert name in walk.page("/devices"), words
    assert "1 个村超过 7 天未同步" in walk.page("/areas/411499"), "the first line says how fresh it is"
    assert "冲突已处理" in walk.page("settled")
    told = [answer for answer in walk.answers(" field sync") if "p-li-wenjing" in answer]
    assert len(told) == 2, "both phones are told"
    assert all(WHY in answer for answer in told)
    assert "未采用 gave way" in walk.answers(" field decisions")[0]
    [came_late] = walk.answers(" report difference")
    assert "郑守田" in came_late
    [work] = walk.answers(" field work")
    assert re.search(r"-20  郑守田 .*\[(计入|不计) ", work), "the same visit on the phone of the doctor"
    assert LATE in walk.page("corrected")
    assert "第2版" in walk.page("corrected")


def test_the_front_page_and_readiness_answer(place: Installation) -> None:
    import urllib.request

    place.start()
    for path, word in (("/", "村医"), ("/healthz", "ok"), ("/readyz", "ready"), ("/openapi.json", "3.1.0")):
        with urllib.request.urlopen(place.url + path, timeout=5) as reply:
            assert word in reply.read().decode()
