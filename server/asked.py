"""What an address asked for, as the trail keeps it, whether a page was opened or a program asked.

Only names that some page or program reads are kept, so that nobody words an entry about themselves; nothing is kept of what
somebody types, which may name a patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOT_IN_TRAIL = frozenset({"text", "csrf", "next", "told"})
IN_TRAIL = frozenset(
    [
        "action",
        "area",
        "before",
        "done",
        "format",
        "group",
        "indicator",
        "issue",
        "kind",
        "lang",
        "left",
        "level",
        "limit",
        "month",
        "of",
        "on",
        "only",
        "other",
        "outcome",
        "period",
        "person",
        "population",
        "prefix",
        "record",
        "resident",
        "show",
        "side",
        "since",
        "small",
        "sort",
        "type",
        "until",
        "village",
        "whole",
    ]
)
MOST, LONGEST = 20, 100  # names, and signs of each value


def asked(path: Mapping[str, Any], args: Mapping[str, str]) -> dict[str, str]:
    """The parts of the path, which no argument stands in for, and then the arguments by name."""
    found = {name: value for name, value in path.items() if isinstance(value, str)}
    found |= {name: value for name, value in sorted(args.items()) if name in IN_TRAIL and name not in found}
    return {name: value[:LONGEST] for name, value in list(found.items())[:MOST]}
