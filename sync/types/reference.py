"""The reference page: every record type with its sections, fields, codes and checks, written from the declarations."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from sync.types import checks, fields
from sync.types.catalogue import Catalogue
from sync.types.checks import Check
from sync.types.codes import CodeList
from sync.types.declare import RecordType, Section
from sync.types.fields import Item, Rows
from sync.types.rules import RuleTable

T = TypeVar("T")
HEAD = """\
# Record types

Written by `make docs` from the declarations in this folder; a test says when it is out of date.

Catalogue version `{version}`. Every type also has the sections `void` and `decision`, and keeps sections and fields that it does not know.
What siblings of a section mean: `ask` a person decides; `latest` the latest is shown; `review` as `ask`, and the whole
list is to be looked at when two persons changed it apart. Outside a *hard* range is an error, outside a *soft* one a
warning; neither is a reason to refuse a record.
"""


def reference(catalogue: Catalogue) -> str:
    """The page in Markdown."""
    return "\n".join(_lines(catalogue)) + "\n"


def _lines(catalogue: Catalogue) -> Iterator[str]:
    yield HEAD.format(version=catalogue.about["version"])
    types = catalogue.types.values()
    yield from (f"* [`{declared.name}`](#{declared.name}) {declared.zh} · {declared.en}" for declared in types)
    for declared in types:
        yield from _type(declared)
    yield from ("", "## Kinds of field", "")
    yield from (f"* **{kind.kind}**: {_meaning(kind)}" for kind in _kinds(fields, Item))
    yield from ("", "## Kinds of check", "")
    yield from (f"* **{kind.name()}**: {_meaning(kind)}" for kind in _kinds(checks, Check))
    yield from ("", "## Code lists")
    lists = {codes.name: codes for declared in types for codes in declared.code_lists()}
    lists |= {codes.name: codes for codes in catalogue.codes}
    for name in sorted(lists):
        yield from _codes(lists[name])


def _type(declared: RecordType) -> Iterator[str]:
    yield from ("", f'## <a id="{declared.name}"></a>{declared.zh} `{declared.name}`', "")
    yield f"{declared.en}. Subject: {declared.subject or 'none'}. Version {declared.version}. Source: {declared.source}."
    for section in declared.by_name.values():
        yield from _section(section)
    if declared.checks:
        yield from ("", "### Checks over several fields", "")
        yield from (f"* {_call(check.about())}" for check in declared.checks)
    for table in declared.rules:
        yield from _rules(table)


def _rules(table: RuleTable) -> Iterator[str]:
    """A rule table: what it gives, from when, and each row with its condition as the catalogue has it."""
    since = f"from {table.since}" if table.since else "not in force until a day is set"
    until = f" until before {table.until}" if table.until else ""
    yield from ("", f"### {table.zh} `{table.name}`", "")
    yield f"{table.en}: gives `{table.gives}`{', every row that is met' if table.every else ''}. Version {table.version}, {since}{until}."
    held = f" Held against `{table.field}`." if table.field else ""
    yield f"Source: {table.source}.{held}"
    yield from ("", "| row | gives | when | why |", "|---|---|---|---|")
    for row in table.rows:
        when = json.dumps(row.when.about(), ensure_ascii=False).replace("|", "\\|")
        yield f"| `{row.id}` | `{row.value}` | `{when}` | {row.zh} · {row.en} |"


def _section(section: Section) -> Iterator[str]:
    name = section.name + ("/" + (f"<{section.keys.name}>" if section.keys else "<id>") if section.keyed else "")
    needed = (
        "required" + (f" unless {' or '.join(f'`{path}`' for path in section.unless)}" if section.unless else "")
        if section.required
        else "optional"
    )
    yield from ("", f"### {section.zh} `{name}`", "", f"{section.en}. Policy {section.policy.value}; {needed}.", "")
    yield "| field | 中文 | English | kind | unit | hard | soft | more |"
    yield "|---|---|---|---|---|---|---|---|"
    yield from _fields(section.fields)


def _fields(items: Mapping[str, Item], path: str = "") -> Iterator[str]:
    for name, item in items.items():
        about = item.about()
        kind = item.kind + (", required" if item.required else "")
        yield _row(
            [
                f"`{path}{name}`",
                about["zh"],
                about["en"],
                kind,
                about.get("unit", ""),
                _range(about.get("hard")),
                _range(about.get("soft")),
                "; ".join(_more(about)),
            ]
        )
        if isinstance(item, Rows):
            yield from _fields(item.columns, f"{path}{name}[].")


def _more(about: Mapping[str, Any]) -> Iterator[str]:
    if codes := about.get("codes"):
        yield f"[{codes}](#{codes})"
    if about.get("alone"):
        yield f"`{about['alone']}` stands alone"
    if about.get("future") is False:
        yield "not in the future"
    for key, words in (("longest", "at most {} characters"), ("places", "{} decimals"), ("to", "to {}")):
        if about.get(key):
            yield words.format(about[key])
    if about.get("only"):
        yield f"only {', '.join(str(number) for number in about['only'])}"
    for key in ("pattern", "element", "loinc"):
        if about.get(key):
            yield f"{key} `{about[key]}`"
    if about.get("source"):
        yield about["source"]


def _range(bounds: list[Any] | None) -> str:
    return f"{bounds[0]} to {bounds[1]}" if bounds else ""


def _call(about: Mapping[str, Any]) -> str:
    given = {key: value for key, value in about.items() if key != "check" and value not in (None, False, 0, ())}
    words = (
        f"{key} {', '.join(f'`{v}`' for v in (value if isinstance(value, tuple) else (value,)))}"
        for key, value in given.items()
    )
    return f"{about['check']}: {'; '.join(words)}"


def _kinds(module: object, kind: type[T]) -> Iterator[type[T]]:
    """The public kinds that the module declares, in its order."""
    for found in vars(module).values():
        if inspect.isclass(found) and issubclass(found, kind) and found is not kind and not found.__name__.startswith("_"):
            yield found


def _meaning(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())


def _codes(codes: CodeList) -> Iterator[str]:
    held = f"from {codes.since}" + (f" until {codes.until}" if codes.until else "")
    yield from ("", f'### <a id="{codes.name}"></a>`{codes.name}`', "", f"{codes.source}; version {codes.version}, {held}.", "")
    yield from ("| code | number | 中文 | English |", "|---|---|---|---|")
    yield from (_row([f"`{code.value}`", code.national or "", code.zh, code.en]) for code in codes.codes)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
