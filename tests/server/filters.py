"""The filters that keep one place from another, found in the server's own code, and each taken away alone.

A filter is where code asks a View or a Caller what may be seen or written, or where a query names the scopes or villages that
it reads. Both are known by file and line: while a filter is taken away, just that line gets everything, and all others what
they always get.
"""

from __future__ import annotations

import ast
import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Column, true
from sqlalchemy.sql.operators import ColumnOperators

import server
from server.access import Caller, View
from sync.scopes import township_of

SERVER = Path(server.__file__).parent
ASKED = {"view", "caller", "who"}  # names of what is asked
PARTS = {"scopes", "villages", "programmes", "villages_of", "village", "may_read", "may_write"}
PLACES = {"scope", "village"}  # columns
PROGRAMMES = ("tb", "smd")
# where a View itself is made, what the operator does in a shell, and what the sample township is made of
APART = ("access.py", "demo/", "people_commands.py", "report_commands.py", "resident_commands.py", "commands.py")


class Site(NamedTuple):
    """One filter: its file below server/, the line, what is asked there, and in which function."""

    file: str
    line: int
    part: str
    inside: str = ""

    @property
    def key(self) -> str:
        """What it is called whatever its line."""
        return f"{self.file} {self.inside} {self.part}"


def declared() -> dict[tuple[str, int], Site]:
    """Every filter that stands in the code, by file and line."""
    found: dict[tuple[str, int], Site] = {}
    for path in sorted(SERVER.rglob("*.py")):
        file = path.relative_to(SERVER).as_posix()
        if not file.startswith(APART):
            _read(ast.parse(path.read_text("utf-8")), file, "", found)
    return found


def _read(node: ast.AST, file: str, inside: str, found: dict[tuple[str, int], Site]) -> None:
    for child in ast.iter_child_nodes(node):
        name = child.name if isinstance(child, ast.FunctionDef | ast.ClassDef) else ""
        if isinstance(child, ast.Attribute) and isinstance(child.ctx, ast.Load):
            on = child.value
            last = on.attr if isinstance(on, ast.Attribute) else on.id if isinstance(on, ast.Name) else ""
            asks = child.attr in PARTS and last in ASKED
            query = child.attr == "in_" and last in PLACES and file.startswith("store/")
            line = child.end_lineno or 0
            if asks or query:
                part = f"{last}.{child.attr}"
                known = found.get((file, line))
                found[file, line] = Site(file, line, f"{known.part}, {part}" if known else part, inside)
        _read(child, file, f"{inside}.{name}" if inside and name else name or inside, found)


class Filters:
    """While it is in force, it gives everything at those filters that are `taken`."""

    def __init__(self, villages: frozenset[str]) -> None:
        self.villages = villages
        self.scopes = villages.union(f"{village}:{one}" for village in villages for one in PROGRAMMES)
        self.declared = declared()
        self.taken: frozenset[Site] = frozenset()

    def at(self, frame: FrameType) -> bool:
        """True when the line is a filter that is taken away."""
        path = frame.f_code.co_filename
        if not path.startswith(f"{SERVER}/"):
            return False
        site = self.declared.get((path[len(str(SERVER)) + 1 :], frame.f_lineno))
        return site in self.taken

    @contextlib.contextmanager
    def in_force(self) -> Iterator[Filters]:
        """Until the block ends."""
        everything: Mapping[type, Mapping[str, Callable[[Any], Any]]] = {
            View: {
                "scopes": lambda _view: self.scopes,
                "villages": lambda _view: self.villages,
                "programmes": lambda _view: frozenset(PROGRAMMES),
                "villages_of": lambda _view: lambda area: sorted(one for one in self.villages if one.startswith(area)),
                "village": lambda _view: lambda code: code,
            },
            Caller: {
                "scopes": lambda _caller: dict.fromkeys({*self.scopes, *map(township_of, self.villages)}, True),
                "may_read": lambda _caller: lambda _scope: True,
                "may_write": lambda _caller: lambda _scope: True,
            },
        }
        with pytest.MonkeyPatch.context() as patch:
            for owner, parts in everything.items():
                for name, whole in parts.items():
                    patch.setattr(owner, name, _Part(self, name, owner.__dict__.get(name), whole), raising=False)
            within = ColumnOperators.in_

            def in_(column: Any, other: Any) -> Any:
                away = isinstance(column, Column) and column.name in PLACES and self.at(sys._getframe(1))
                return true() if away else within(column, other)

            patch.setattr(ColumnOperators, "in_", in_)
            yield self


class _Part:
    """A field, property or method in whose place it stands: as before, or everything where it is asked by the line taken away."""

    def __init__(self, filters: Filters, name: str, before: Any, whole: Callable[[Any], Any]) -> None:
        self._filters, self._name, self._before, self._whole = filters, name, before, whole

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self._before
        if self._filters.at(sys._getframe(1)):
            return self._whole(instance)
        return self._before.__get__(instance, owner) if self._before is not None else instance.__dict__[self._name]

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self._name] = value
