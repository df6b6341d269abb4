"""Service packages at a desk: what an administrator offers in a township, item by item.

A package is a record of the township, which no phone may write. What the catalogue finds wrong is shown, and nothing is
written then. Contracts that were signed carry their items as they were, and are not touched.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from server.access import View
from server.decisions.deciding import Deciding, Draft
from server.problems import Problem
from server.store import directory, township
from server.store.engine import reading
from server.store.scope import Stored, living
from sync.record import VOID, LiveEdit, Record, Sections, Value, shown
from sync.scopes import TOWNSHIP_DIGITS
from sync.types.catalogue import Catalogue
from sync.types.checks import Issue
from sync.types.fields import ERROR
from sync.version import Dot, VersionVector

TYPE = "service_package"
ITEM = "item/"
KEY = re.compile(r"[a-z0-9_]{1,32}")  # of an item; appeals and performances name it in addresses


@dataclass(frozen=True)
class Package:
    """A package as it is shown, and how much of its record (`seen`) that is. `record` is None before it is first saved."""

    record: str | None
    township: str
    sections: Sections
    seen: Mapping[str, int]

    @property
    def about(self) -> Mapping[str, Any]:
        """Its code, name, tier, price ..."""
        return self.sections.get("package") or {}

    @property
    def items(self) -> dict[str, Mapping[str, Any]]:
        """Its items by their keys."""
        return {name.removeprefix(ITEM): value for name, value in self.sections.items() if name.startswith(ITEM) and value}


class UnfitPackageError(Exception):
    """What was filled in was not written: `issues` say why."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__(f"{len(issues)} issues")
        self.issues = issues

    @property
    def wrong(self) -> bool:
        """False where it is unusual at most, and an administrator who is sure may write it."""
        return any(issue.level == ERROR for issue in self.issues)


class Packages:
    """The use case."""

    def __init__(self, engine: Engine, deciding: Deciding, catalogue: Catalogue) -> None:
        self._engine, self._deciding, self._catalogue = engine, deciding, catalogue
        self.form = catalogue.types[TYPE]

    def listed(self) -> list[Package]:
        """Every package that is not voided, by township and code."""
        with reading(self._engine) as connection:
            townships = [code for code in directory.area_names(connection) if len(code) == TOWNSHIP_DIGITS]
            found = [_package(state) for state in township.published(connection, townships, TYPE)]
        kept = [package for package in found if package.sections.get(VOID) is None]
        return sorted(kept, key=lambda package: (package.township, str(package.about.get("code"))))

    def get(self, record: str) -> Package:
        """One package; raises Problem `not-found`."""
        with reading(self._engine) as connection:
            state = living(connection, [record]).get(record)
        if state is None or state.record.type != TYPE:
            raise Problem("not-found")
        return _package(state)

    def blank(self, code: str) -> Package:
        """A package of a township that is still to be filled in; raises Problem `not-found`."""
        with reading(self._engine) as connection:
            known = len(code) == TOWNSHIP_DIGITS and code in directory.area_names(connection)
        if not known:
            raise Problem("not-found")
        return Package(None, code, {}, {})

    def save(self, view: View, before: Package, sections: Sections, *, sure: bool) -> str:
        """Write the sections that differ from `before`, None taking one out: the id of the record.

        Raises UnfitPackageError for what is wrong and, unless the administrator is `sure`, for what is unusual; Problem
        `changed-meanwhile` where somebody was quicker, `unfit-request` for the key of an item that is none.
        """
        view.require("administer")
        if any(not KEY.fullmatch(name.removeprefix(ITEM)) for name in sections if name.startswith(ITEM)):
            raise Problem("unfit-request", faults=["an item has a key of a to z, 0 to 9 and _"])
        changed: dict[str, Value] = {name: value for name, value in sections.items() if before.sections.get(name) != value}
        if not changed and before.record:
            return before.record
        issues = self._issues(before, {**before.sections, **changed})
        if any(issue.level == ERROR for issue in issues) or (issues and not sure):
            raise UnfitPackageError(issues)
        record = before.record or str(uuid.uuid4())
        draft = Draft(record, TYPE, None, before.township, changed, VersionVector(before.seen))
        self._deciding.write(view, draft, "package.change" if before.record else "package.add", {"sections": sorted(changed)})
        return record

    def _issues(self, before: Package, sections: Sections) -> list[Issue]:
        """What the catalogue would find in the package if it read so."""
        edit = LiveEdit(Dot("draft", 1), "", "", "", sections)
        record = Record(before.record or "", TYPE, None, before.township, VersionVector({"draft": 1}), (edit,))
        return self._catalogue.check(record, self._deciding.today)


def _package(state: Stored) -> Package:
    record = state.record
    return Package(record.id, record.scope, shown(record), dict(record.seen))
