"""The first walk of a newcomer: the lines that the sample township prints, as typed, against a running server."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.serving import CUNYI, Installation


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    place = Installation(tmp_path, database_url)
    place.cunyi("migrate")
    yield place
    place.stop()


def test_two_phones_meet_as_the_printed_lines_say(place: Installation) -> None:
    text = place.cunyi("demo", "--guide")
    place.start()
    said: list[tuple[str, str]] = []
    environment = dict(place.environment)
    for line in re.findall(r"^    (\S.*)$", text, re.MULTILINE):
        words = shlex.split(line.replace("http://127.0.0.1:8000", place.url))
        if words[0] == "export":
            environment.update([words[1].split("=", 1)])
        elif words[0] == ".venv/bin/cunyi":
            done = subprocess.run(
                [CUNYI, *words[1:]], env=environment, cwd=place.folder, capture_output=True, text=True, timeout=120, check=False
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            said.append((line, done.stdout))
    conflicts = [answer for line, answer in said if " field conflicts" in line]
    assert len(conflicts) == 2
    assert all("缬沙坦胶囊" in answer and "苯磺酸氨氯地平片" in answer for answer in conflicts), conflicts
    shown = next(answer for line, answer in said if " field show" in line)
    assert ("缬沙坦胶囊" in shown) != ("苯磺酸氨氯地平片" in shown), shown
    assert "继续目前方案" in shown, "the review that did not clash is not there"
    assert "0 faults" in said[-1][1], said[-1]
    active = [row for row in json.loads(place.cunyi("devices", "--json")) if row["status"] == "active"]
    assert [row["unsent"] for row in active] == [0, 0]
    assert all(row["last_sync"] for row in active)
    assert place.stop() == 0


def test_the_front_page_and_readiness_answer(place: Installation) -> None:
    import urllib.request

    place.start()
    for path, word in (("/", "村医"), ("/healthz", "ok"), ("/readyz", "ready"), ("/openapi.json", "3.1.0")):
        with urllib.request.urlopen(place.url + path, timeout=5) as reply:
            assert word in reply.read().decode()
