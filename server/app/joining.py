"""One script from the modules of the app: what a browser would fetch one by one and run in this order.

Each module keeps a scope of its own. What it exports stands in the one scope around them all: under its own name where only
modules that import it say that word, else under a name with a number. Only the forms of import and export that the app uses
are known; for any other ValueError says in which module.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

# statements begin a line; in a vendored file, which is one line, the list of exports ends it
_IMPORT = re.compile(
    r'^import\b\s*(?:(?:\{([^}]*)\}|\*\s*as\s+([\w$]+))\s*from\s*)?"([^"\n]+)";?[ \t]*(?://.*)?$', re.MULTILINE
)
_EXPORTED = re.compile(r"^export[ ]+(?=(?:const|class|(?:async[ ]+)?function(?:[ ]*\*)?)[ ]+([\w$]+))", re.MULTILINE)
_LIST = re.compile(r'(?:^|(?<=;))export\s*\{([^}]*)\}(?:\s*from\s*"([^"\n]+)")?;?[ \t]*$', re.MULTILINE)
_NAMES = re.compile(r"([\w$]+)(?:\s+as\s+([\w$]+))?")
_COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)
_OTHER_FORM = re.compile(r"^[ \t]*(?:import|export)\b(?!\s*:)[^\n]*|\bimport\s*[(.][^\n]*", re.MULTILINE)
_WAITS = re.compile(r"^(?:for[ ]+)?await\b[^\n]*|^(?:const|let|var)\b[^=\n]*=\s*await\b[^\n]*", re.MULTILINE)


Wanted = list[tuple[str, str]] | str  # the name there and the name here, of each; or all under one name
Outer = dict[tuple[str, str], str]  # what an export, by its module and name, is called outside


class Module(NamedTuple):
    """A file in parts: what it takes from which module, what it gives (the name for others and its own), and the rest."""

    imports: list[tuple[str, Wanted]]
    exports: dict[str, str]
    code: str


def joined(entry: str, sources: Mapping[str, str]) -> str:
    """The module `entry` and all that it needs, by their paths, as one expression: its value is what the entry exports."""
    modules: dict[str, Module] = {}
    _read(entry, sources, modules, ())
    outer = _outer_names(modules)
    parts = ['(() => {\n"use strict";\n']
    for path, module in modules.items():
        taken = "".join(_taken(path, target, wanted, modules, outer) for target, wanted in module.imports)
        outside = ", ".join(outer[path, name] for name in module.exports)
        given = ", ".join(module.exports.values())
        parts.append(f"const [{outside}] = (() => {{\n{taken}{module.code}\nreturn [{given}];\n}})();\n")
    return "".join(parts) + f"return {_namespace(entry, modules, outer)};\n}})()"


def _read(path: str, sources: Mapping[str, str], modules: dict[str, Module], waiting: tuple[str, ...]) -> None:
    """Add the module after all that it imports."""
    if path in waiting:
        raise ValueError(f"{path} imports itself by way of {', '.join(waiting[waiting.index(path) + 1 :]) or path}")
    if path in modules:
        return
    if path not in sources:
        raise ValueError(f"{waiting[-1] if waiting else 'the entry'} imports {path}, which is not there")
    module = _module(path, sources[path])
    for target, _ in module.imports:
        _read(target, sources, modules, (*waiting, path))
    modules[path] = module


def _module(path: str, source: str) -> Module:
    imports: list[tuple[str, Wanted]] = []
    exports: dict[str, str] = {}

    def take(match: re.Match[str]) -> str:
        names, namespace, target = match.groups()
        imports.append((_beside(path, target), namespace or list(_names(path, names or ""))))
        return ""

    def give(match: re.Match[str]) -> str:
        names, target = match.groups()
        here = f"$from{len(imports)}_" if target else ""
        exports.update((name, here + inner) for inner, name in _names(path, names))
        if target:
            imports.append((_beside(path, target), [(inner, here + inner) for inner, _ in _names(path, names)]))
        return ""

    def keep(match: re.Match[str]) -> str:
        exports[match[1]] = match[1]
        return ""

    code = _EXPORTED.sub(keep, _LIST.sub(give, _IMPORT.sub(take, source)))
    bare = _COMMENT.sub("", code)
    if other := _OTHER_FORM.search(bare) or _WAITS.search(bare):
        raise ValueError(f"{path} has a form that cannot be joined: {other[0].strip()}")
    return Module(imports, exports, code)


def _beside(path: str, target: str) -> str:
    if not target.startswith(("./", "../")):
        raise ValueError(f"{path} imports {target}, which is no relative address")
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


def _names(path: str, listed: str) -> Iterator[tuple[str, str]]:
    """`a, b as c`: the name there and the name here."""
    for one in filter(None, map(str.strip, listed.split(","))):
        match = _NAMES.fullmatch(one)
        if match is None or "default" in match.groups():
            raise ValueError(f"{path} has a form that cannot be joined: {one}")
        yield match[1], match[2] or match[1]


def _outer_names(modules: Mapping[str, Module]) -> Outer:
    """What each export is called outside: a module that says a word and does not import it may mean something else by it."""
    say = {path: {*re.findall(r"[\w$]+", module.code), *module.exports} for path, module in modules.items()}
    mean = {
        (path, target, name)
        for path, module in modules.items()
        for target, wanted in module.imports
        if not isinstance(wanted, str)
        for name, own in wanted
        if name == own
    }
    return {
        (path, name): name
        if all(other == path or (other, path, name) in mean or name not in said for other, said in say.items())
        else f"${number}_{name}"
        for number, (path, module) in enumerate(modules.items())
        for name in module.exports
    }


def _taken(path: str, target: str, wanted: Wanted, modules: Mapping[str, Module], outer: Outer) -> str:
    """The line that an import becomes; none where everything has its own name outside."""
    if isinstance(wanted, str):
        return f"const {wanted} = {_namespace(target, modules, outer)};\n"
    for name, _ in wanted:
        if (target, name) not in outer:
            raise ValueError(f"{path} imports {name}, which {target} does not export")
    return "".join(f"const {own} = {outer[target, name]};\n" for name, own in wanted if own != outer[target, name])


def _namespace(path: str, modules: Mapping[str, Module], outer: Outer) -> str:
    return "{" + ", ".join(f"{name}: {outer[path, name]}" for name in sorted(modules[path].exports)) + "}"
