"""The names of sections on the command line: those that a form declares, and how one is called in words."""

from __future__ import annotations

from collections.abc import Container, Iterable

import click

from sync.record import Value, family
from sync.types import CATALOGUE
from sync.types.declare import Section


def known(type_name: str, section: str, there: Container[str] = ()) -> str:
    """The name of a section that somebody typed, where the form has such a section. Raises click.UsageError.

    Only what is typed is judged. What a newer phone wrote is kept as it came, and may be edited where it stands: `there` are
    the sections of the record. Of a type that is not in the catalogue every name is taken.
    """
    declared = CATALOGUE.types.get(type_name)
    if declared is None or section in there or _declared(type_name, section):
        return section
    names = ", ".join(_written(one) for one in declared.by_name.values())
    raise click.UsageError(f"the {type_name.replace('_', ' ')} has no section {section!r}; it has {names}")


def in_words(type_name: str, section: str, values: Iterable[Value] = ()) -> str:
    """A section in both languages, of an entry of a list with what its key stands for: the label of a code, or how the first
    of its `values` begins. What the catalogue does not know is shown as it was written.
    """
    declared = _declared(type_name, section) or _list(type_name, section)
    if declared is None:
        return section
    key = section.partition("/")[2]
    if not key:
        return f"{declared.zh} {declared.en}"
    code = next((one for one in declared.keys.codes if one.value == key), None) if declared.keys else None
    first = next(iter(declared.fields))
    named = next((str(value[first]) for value in values if value and value.get(first)), key)
    zh, en = (code.zh, code.en) if code else (named, "")
    return " ".join(word for word in (f"{declared.zh}·{zh}", declared.en, f"({en})" if en else "") if word)


def _declared(type_name: str, section: str) -> Section | None:
    """The section, if one is written so: with a key exactly where it is a list."""
    declared = CATALOGUE.types.get(type_name)
    found = declared.by_name.get(family(section)) if declared else None
    return found if found and found.keyed == bool(section.partition("/")[2]) and (found.keyed or "/" not in section) else None


def _list(type_name: str, section: str) -> Section | None:
    """The list of this name: a review of it is about the list as a whole."""
    declared = CATALOGUE.types.get(type_name)
    found = declared.by_name.get(section) if declared else None
    return found if found and found.keyed else None


def _written(section: Section) -> str:
    return f"{section.name}/{'CODE' if section.keys else 'KEY'}" if section.keyed else section.name
