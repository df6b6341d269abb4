"""Node for tests that ask the JavaScript: one process, JSON lines in and out."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest


def answers(script: Path, asked: Iterable[Any]) -> list[Any]:
    """What a script answers, a line for each line asked. The test is skipped where there is no Node 20 or newer."""
    node = shutil.which("node")
    found = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip() if node else "none"
    if node is None or int(found[1:].split(".")[0]) < 20:
        pytest.skip(f"what the JavaScript says is not compared with Python: that takes Node 20 or newer, found: {found}")
    lines = "".join(f"{json.dumps(one)}\n" for one in asked)
    run = subprocess.run([node, str(script)], input=lines, capture_output=True, text=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.split("\n") if line]
