"""The catalogue: all record types together, what the server and every phone know of them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from sync.record import Policy, PolicyOf, Record, Remark, canonical
from sync.types.checks import Issue, View
from sync.types.codes import CodeList
from sync.types.declare import RecordType, remark_issues


def _ask(_section: str) -> Policy:
    return Policy.ASK


class Catalogue:
    """A set of record types, and code lists that no form uses. A type that it does not know is of a newer phone: it is kept, asks, and has no issues."""

    def __init__(self, types: Iterable[RecordType], codes: Sequence[CodeList] = ()) -> None:
        self.types, self.codes = {declared.name: declared for declared in types}, codes

    def policy(self, type_name: str) -> PolicyOf:
        """What siblings mean, section by section, in records of this type."""
        declared = self.types.get(type_name)
        return declared.policy if declared else _ask

    def protected(self, type_name: str, view: View) -> str | None:
        """The programme in whose scopes a record of this type with these sections has to live, None where it may be open."""
        declared = self.types.get(type_name)
        return declared.protected(view) if declared else None

    def programmes(self, type_name: str, view: View) -> frozenset[str]:
        """All programmes in whose scopes such a record has to live; two where it names both, and has no place."""
        declared = self.types.get(type_name)
        return declared.programmes(view) if declared else frozenset()

    def named(self, type_name: str, view: View) -> list[tuple[str, str | None, str]]:
        """(section, field, programme) of every code of a protected programme in these sections."""
        declared = self.types.get(type_name)
        return list(declared.named(view)) if declared else []

    def check(self, record: Record, on: dt.date, standing: Sequence[Remark] = ()) -> list[Issue]:
        """The issues of a record on a date, with the remarks that stand."""
        declared = self.types.get(record.type)
        return declared.check(record, on, standing) if declared else remark_issues(standing)

    @cached_property
    def about(self) -> dict[str, Any]:
        """What `GET /v1/types` answers: types in the order of their declaration, code lists by name, version."""
        lists: dict[str, CodeList] = {codes.name: codes for codes in self.codes}
        for declared in self.types.values():
            for codes in declared.code_lists():
                assert lists.setdefault(codes.name, codes) == codes, f"two code lists are named {codes.name}"
        body = {
            "types": [declared.about() for declared in self.types.values()],
            "codes": {name: lists[name].about() for name in sorted(lists)},
        }
        return {"version": hashlib.sha256(canonical(body).encode()).hexdigest()[:16], **body}
