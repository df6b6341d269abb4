"""The catalogue, with which the cases of other files are run where there is no Python.

`catalogue.json`: what `GET /v1/types` answers, as a list so that each part has its line: the version, the code lists, then
the types.
"""

from __future__ import annotations

from typing import Any

from sync.types import CATALOGUE


def made() -> dict[str, list[Any]]:
    """The file and its lines."""
    about = CATALOGUE.about
    return {"catalogue.json": [about["version"], about["codes"], *about["types"]]}
