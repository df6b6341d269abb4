"""The table of promises names tests that exist, and leaves no promise without a test and a figure."""

import re
from pathlib import Path

HERE = Path(__file__).parent
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (HERE / "PROMISES.md").read_text("utf-8").splitlines()
    if re.match(r"\| [GR]\d", line)
]


def test_each_promise_stands_once_and_has_a_test_and_a_figure():
    assert [row[0] for row in ROWS] == [f"G{n}" for n in range(1, 23)] + [f"R{n}" for n in range(1, 16)]
    assert [row[0] for row in ROWS if len(row) != 4 or not all(row)] == []
    assert [row[0] for row in ROWS if not re.search(r"\d", row[3])] == [], "a figure has a number"


def test_each_test_that_is_named_exists():
    missing = []
    for row in ROWS:
        for named in row[2].split(", "):
            path, _, test = named.partition("::")
            file = HERE.parent / path
            if not file.exists() or (test and f"def {test}(" not in file.read_text("utf-8")):
                missing.append(named)
    assert missing == []
