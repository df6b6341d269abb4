"""Write the worked values anew, as Python has them today: `python -m tests.vectors.make`. test_made.py holds the files to it.

A module of makers has one function, `made() -> {file name: cases}`, and one line in MAKERS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.vectors import catalogue, checks, codec, days, people, records, rules, standing

HERE = Path(__file__).parent
MAKERS: Sequence[Callable[[], Mapping[str, Sequence[Any]]]] = (
    catalogue.made,
    checks.made,
    codec.made,
    days.made,
    people.made,
    records.made,
    rules.made,
    standing.made,
)


def texts() -> Iterator[tuple[str, str]]:
    """Every file by its name: a JSON list, one case a line."""
    for maker in MAKERS:
        for name, cases in maker().items():
            yield name, "[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]\n"


if __name__ == "__main__":
    for file, text in texts():
        (HERE / file).write_text(text, encoding="utf-8", newline="\n")
        print(f"{file} {len(text.encode())} bytes, {text.count(chr(10)) - 2} cases")
