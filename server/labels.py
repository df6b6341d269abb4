"""Records in words: sections, fields, codes, units and references as the catalogue labels them, in one of the two languages.

Pure: the names of people, teams and places are handed in. What the catalogue does not know, a newer phone's section or a
code that is in no list, is shown as it was written. Identity and telephone numbers are masked unless the caller says
otherwise.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from server.issue_words import ISSUES, OTHER_ISSUE
from sync.record import Sections, Value, canonical, family
from sync.types.catalogue import Catalogue
from sync.types.checks import Issue
from sync.types.declare import Section
from sync.types.fields import Code, Codes, Instant, Item, Reference, References, Rows

Words = tuple[str, str]  # Chinese, English
Names = Mapping[tuple[str, str], Words]  # by the kind of a reference (`person`, `team`, `resident`, `area` ...) and the id

# by field, how many signs of its end are told: the last four of an identity number and the birthday are all but the whole
MASKED: Mapping[str, int] = {"id_no": 2, "phone": 4, "contact_phone": 4}
MASK, SHORT = "••••", 4
COUNTED: Mapping[str, tuple[Words, Words]] = {  # what has no name: one, and several
    "photo": (("照片1张", "1 photograph"), ("照片{}张", "{} photographs")),
    "signature": (("有签名", "signed"), ("签名{}个", "{} signatures")),
}
UNITS: Mapping[str, Words] = {
    "/day": ("/日", "/day"), "/week": ("/周", "/week"), "/month": ("/月", "/month"), "/year": ("次/年", "/year"), "/min": ("次/分", "/min"),
    "g/day": ("克/日", "g/day"), "两/day": ("两/日", "liang/day"), "元/year": ("元/年", "yuan/year"), "min": ("分钟", "min"), "deg": ("°", "°"),
    "元": ("元", "yuan"), "人": ("人", "persons"), "人次": ("人次", "person-times"), "户次": ("户次", "household-times"), "分": ("分", "points"),
    "天": ("天", "days"), "月": ("个月", "months"), "年": ("年", "years"), "岁": ("岁", "years of age"), "次": ("次", "times"),
    "级": ("级", ""), "版": ("版", ""), "视力": ("", ""), "m": ("米", "m"),
}  # fmt: skip
UNIT_FIELDS = frozenset({"dose_unit", "quantity_unit"})  # the unit stands in a field of its own
YES_NO: Mapping[bool, Words] = {True: ("是", "Yes"), False: ("否", "No")}
EMPTIED: Words = ("（已清空）", "(emptied)")
DRAWN: Words = ("手写笔迹", "drawn by hand")


class Line(NamedTuple):
    """One field of a section: its name on the wire, its label, its value in words."""

    field: str
    label: str
    text: str


def masked(field: str, number: str) -> str:
    """A number of which only the end is told, by the field that it stands in; of one of four signs or fewer, nothing."""
    tidy = number.strip()
    return MASK + tidy[-MASKED[field] :] if len(tidy) > SHORT else MASK


class Labels:
    """The words of one language. `mask=False`: identity and telephone numbers are told in full."""

    def __init__(self, catalogue: Catalogue, chinese: bool, names: Names | None = None, *, mask: bool = True) -> None:
        self._catalogue, self._chinese, self._names, self._mask = catalogue, chinese, names or {}, mask

    def say(self, words: Words) -> str:
        """The text in the language."""
        return words[0] if self._chinese else words[1]

    def name(self, kind: str, id_: str) -> str:
        """What somebody or something is called, the id where no name is known."""
        found = self._names.get((kind, id_))
        return self.say(found) if found else id_

    def code(self, codes: str, value: str) -> str:
        """The label of a code by the name of its list, the code itself where the list does not have it."""
        found = _codes(self._catalogue).get(codes, {}).get(value)
        return self.say(found) if found else value

    def type(self, type_name: str) -> str:
        """The label of a record type."""
        declared = self._catalogue.types.get(type_name)
        return self.say((declared.zh, declared.en)) if declared else type_name

    def section(self, type_name: str, section: str, view: Sections | None = None) -> str:
        """The label of a section as written; of a keyed one with what its key stands for, as the record (`view`) has it."""
        declared = self._section(type_name, section)
        if declared is None:
            return section
        label, key = self.say((declared.zh, declared.en)), section.partition("/")[2]
        if not declared.keyed:
            return label
        named = self.code(declared.keys.name, key) if declared.keys else self._named(type_name, section, view or {})
        return f"{label} · {named or key}"

    def _named(self, type_name: str, section: str, view: Sections) -> str:
        """What an entry of a list calls itself: its first field; of what is said about an item of a contract, the item's."""
        for name in (f"item/{section.partition('/')[2]}", section):
            declared, value = self._section(type_name, name), view.get(name)
            if declared and isinstance(value, Mapping) and (first := next(iter(declared.fields))) in value:
                return self.value(type_name, name, first, value[first])
        return ""

    def field(self, type_name: str, section: str, field: str) -> str:
        """The label of a field; `field.row.column` of a list is named with both, rows counted from 1."""
        declared = self._section(type_name, section)
        name, _, rest = field.partition(".")
        item = declared.fields.get(name) if declared else None
        if item is None:
            return field
        label = self._label(item)
        row, _, column = rest.partition(".")
        if isinstance(item, Rows) and row.isdecimal():
            label += f" {int(row) + 1}"
            label += f" · {self._label(item.columns[column])}" if column in item.columns else ""
        return label

    def value(self, type_name: str, section: str, field: str, value: Any) -> str:
        """A value of a field in words."""
        declared = self._section(type_name, section)
        item = declared.fields.get(field) if declared else None
        if isinstance(item, References) and item.metadata["to"] == "section" and isinstance(value, list):
            return self.say(("、", ", ")).join(self.section(type_name, str(one)) for one in value)
        return self._text(item, field, value)

    def lines(self, type_name: str, section: str, value: Value) -> list[Line]:
        """Every field that a value of a section has, in the order of the form; what the form does not know comes last."""
        if value is None:
            return [Line("", "", self.say(EMPTIED))]
        declared = self._section(type_name, section)
        known = [name for name in (declared.fields if declared else ()) if name in value]
        return [
            Line(name, self.field(type_name, section, name), self.value(type_name, section, name, value[name]))
            for name in [*known, *(name for name in value if name not in known)]
        ]

    def order(self, type_name: str, sections: Sections) -> list[str]:
        """Names of sections in the order of the form, those of a newer phone last."""
        declared = self._catalogue.types.get(type_name)
        place = {name: n for n, name in enumerate(declared.by_name)} if declared else {}
        return sorted(sections, key=lambda name: (place.get(family(name), len(place)), name))

    def issue(self, type_name: str, issue: Issue, view: Sections | None = None) -> str:
        """What is wrong, and what to do about it."""
        where = self.section(type_name, issue.section, view)
        if issue.field:
            where += f" · {self.field(type_name, issue.section, issue.field)}"
        return f"{where}{self.say(('：', ': '))}{self.say(ISSUES.get(issue.code, OTHER_ISSUE)).format(issue.code)}"

    def _section(self, type_name: str, section: str) -> Section | None:
        declared = self._catalogue.types.get(type_name)
        found = declared.by_name.get(family(section)) if declared else None
        return found if found and found.keyed == ("/" in section) else None

    def _label(self, item: Item) -> str:
        return self.say((item.metadata["zh"], item.metadata["en"]))

    def _text(self, item: Item | None, field: str, value: Any) -> str:
        if value is None or value in ("", []):
            return ""
        if isinstance(value, list):
            return self._several(item, field, value)
        if isinstance(value, bool):
            return self.say(YES_NO[value])
        if not isinstance(value, str | int):
            return canonical(value)
        text = str(value)
        return masked(field, text) if self._mask and field in MASKED else self._one(item, field, text)

    def _several(self, item: Item | None, field: str, values: list[Any]) -> str:
        if isinstance(item, Rows):
            return self.say(("；", "; ")).join(self._row(item, row) for row in values)
        if isinstance(item, References) and item.metadata["to"] in COUNTED:
            return self._counted(item, len(values))
        return self.say(("、", ", ")).join(self._text(item, field, one) for one in values)

    def _one(self, item: Item | None, field: str, text: str) -> str:
        if isinstance(item, Code | Codes):
            return self.code(item.metadata["codes"].name, text)
        if isinstance(item, Reference):
            return self._counted(item, 1) if item.metadata["to"] in COUNTED else self.name(item.metadata["to"], text)
        if isinstance(item, Instant):
            return text[:16].replace("T", " ")
        if item and item.metadata.get("drawn"):
            return self.say(DRAWN)
        if field == "area_code" and ("area", text) in self._names:
            return f"{self.name('area', text)} {text}"
        return self._with_unit(item, text)

    def _with_unit(self, item: Item | None, text: str) -> str:
        unit = item.metadata.get("unit") if item else None
        if unit is None or unit in UNIT_FIELDS:
            return text
        return f"{text} {self.say(UNITS.get(unit, (unit, unit)))}".strip()

    def _row(self, rows: Rows, row: Any) -> str:
        if not isinstance(row, Mapping):
            return canonical(row)
        told = [self._text(rows.columns.get(name), name, one) for name, one in row.items()]
        return " ".join(text for text in told if text)

    def _counted(self, item: Item, number: int) -> str:
        one, several = COUNTED[item.metadata["to"]]
        return self.say(one) if number == 1 else self.say(several).format(number)


def references(catalogue: Catalogue, type_name: str, sections: Sections) -> Iterator[tuple[str, str]]:
    """(kind, id) of everything that these sections refer to by an id, areas among them: for looking up the names."""
    declared = catalogue.types.get(type_name)
    for section, value in sections.items():
        form = declared.by_name.get(family(section)) if declared else None
        if form and isinstance(value, Mapping):
            yield from _referred(form.fields, value)


def _referred(fields: Mapping[str, Item], value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, item in fields.items():
        found = value.get(name)
        if isinstance(item, Rows):
            for row in found if isinstance(found, list) else ():
                yield from _referred(item.columns, row) if isinstance(row, Mapping) else ()
        elif isinstance(item, Reference) and item.metadata["to"] not in COUNTED:
            every = found if isinstance(found, list) else [found]
            yield from ((item.metadata["to"], one) for one in every if isinstance(one, str))
        elif name == "area_code" and isinstance(found, str):
            yield "area", found


@functools.cache
def _codes(catalogue: Catalogue) -> Mapping[str, Mapping[str, Words]]:
    """Every code list of the catalogue by its name: the labels by code."""
    lists: dict[str, Any] = catalogue.about["codes"]
    return {name: {code["code"]: (code["zh"], code["en"]) for code in one["codes"]} for name, one in lists.items()}
