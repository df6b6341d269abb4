"""The kinds of field a form can have, as marshmallow fields that carry their labels, unit, ranges and codes.

A field never changes a value: what was typed is what is kept. It only says what is wrong with it, in a code that a
person's language can be put to: `fault` names what makes a value unusable, `look` what is implausible on a date.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from marshmallow import INCLUDE, Schema, ValidationError, fields

from sync.types.codes import CodeList

Range = tuple[float | str, float | str]
ERROR, WARNING = "error", "warning"


class Item(fields.Field[Any]):
    """One field of a section: Chinese and English label, whether it must be there, unit, data-element and LOINC code."""

    kind = "any"
    schema: Mapping[str, Any] = {}

    def __init__(self, zh: str, en: str, *, required: bool = False, **about: Any) -> None:
        super().__init__(
            required=required,
            error_messages={"required": "required", "null": "required" if required else "null"},
            metadata={"zh": zh, "en": en, **about},
        )

    def fault(self, value: Any) -> str | None:
        """The code of what makes the value unusable, None when it is usable."""
        raise NotImplementedError

    def look(self, _value: Any, _on: dt.date) -> tuple[str, str] | None:
        """(code, level) of what is implausible in a usable value on a date."""
        return None

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        if fault := "required" if self.required and value in ("", []) else self.fault(value):
            raise ValidationError(fault)
        return value

    def code_lists(self) -> Iterator[CodeList]:
        """The code lists that it uses."""
        if isinstance(codes := self.metadata.get("codes"), CodeList):
            yield codes

    def about(self) -> dict[str, Any]:
        """The entry of the catalogue."""
        plain = {k: v.name if isinstance(v, CodeList) else v for k, v in self.metadata.items() if v is not None}
        return {"kind": self.kind, "required": self.required, **plain}

    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema (2020-12) of a usable value."""
        least = {"string": "minLength", "array": "minItems"}.get(self.schema.get("type", ""))
        filled = {least: 1} if least and self.required and "enum" not in self.schema else {}
        return {**self.schema, **filled, "title": self.metadata["zh"], "description": self.metadata["en"]}


class _Measured(Item):
    """A quantity. `hard`: outside it cannot be (error); `soft`: outside it is unusual (warning); bounds included."""

    def __init__(
        self, zh: str, en: str, *, unit: str, hard: Range | None = None, soft: Range | None = None, **about: Any
    ) -> None:
        super().__init__(zh, en, unit=unit, hard=hard and list(hard), soft=soft and list(soft), **about)

    def look(self, value: Any, _on: dt.date) -> tuple[str, str] | None:
        for name, code, level in (("hard", "out_of_range", ERROR), ("soft", "unusual", WARNING)):
            bounds = self.metadata[name]
            if bounds and not Decimal(str(bounds[0])) <= Decimal(value) <= Decimal(str(bounds[1])):
                return code, level
        return None


class Whole(_Measured):
    """A whole number, as a JSON integer. `only`: the numbers that it can be, such as the scores of a question."""

    kind = "whole"
    schema = {"type": "integer"}

    def __init__(self, zh: str, en: str, *, only: Collection[int] = (), **about: Any) -> None:
        super().__init__(zh, en, only=list(only) or None, **about)

    def fault(self, value: Any) -> str | None:
        return None if type(value) is int else "not_a_whole_number"

    def look(self, value: Any, on: dt.date) -> tuple[str, str] | None:
        only = self.metadata["only"]
        return ("out_of_range", ERROR) if only and value not in only else super().look(value, on)


class Decimals(_Measured):
    """A decimal as it was typed, in text: `"7.20"` stays `"7.20"`. At most `places` digits behind the point."""

    kind = "decimal"

    def __init__(self, zh: str, en: str, *, places: int = 1, **about: Any) -> None:
        super().__init__(zh, en, places=places, **about)
        self._pattern = rf"^-?[0-9]{{1,9}}(\.[0-9]{{1,{places}}})?$"
        self.schema = {"type": "string", "pattern": self._pattern}

    def fault(self, value: Any) -> str | None:
        return None if isinstance(value, str) and re.fullmatch(self._pattern, value) else "not_a_decimal"


class Text(Item):
    """Free text of at most `longest` characters (code points). `pattern`, anchored at both ends, is met by the whole text."""

    kind = "text"

    def __init__(self, zh: str, en: str, *, longest: int = 200, pattern: str | None = None, **about: Any) -> None:
        super().__init__(zh, en, longest=longest, pattern=pattern, **about)
        self.schema = {"type": "string", "maxLength": longest, **({"pattern": pattern} if pattern else {})}

    def fault(self, value: Any) -> str | None:
        if not isinstance(value, str):
            return "not_text"
        if len(value) > self.metadata["longest"]:
            return "too_long"
        pattern = self.metadata["pattern"]
        return "wrong_form" if pattern and not re.fullmatch(pattern, value) else None


class Code(Item):
    """One code of a list."""

    kind = "code"

    def __init__(self, zh: str, en: str, codes: CodeList, **about: Any) -> None:
        super().__init__(zh, en, codes=codes, **about)
        self.schema = {"type": "string", "enum": list(codes.values)}

    def fault(self, value: Any) -> str | None:
        return None if isinstance(value, str) and value in self.metadata["codes"].values else "unknown_code"


class Codes(Item):
    """Several codes of a list, each once. `alone`: a code such as *no symptoms* that excludes the others."""

    kind = "codes"

    def __init__(self, zh: str, en: str, codes: CodeList, *, alone: str | None = None, **about: Any) -> None:
        super().__init__(zh, en, codes=codes, alone=alone, **about)
        self.schema = {"type": "array", "uniqueItems": True, "items": {"type": "string", "enum": list(codes.values)}}

    def fault(self, value: Any) -> str | None:
        if not isinstance(value, list):
            return "not_a_list"
        known = self.metadata["codes"].values
        if not all(isinstance(v, str) and v in known for v in value):
            return "unknown_code"
        return None if len(set(value)) == len(value) else "twice"

    def look(self, value: Any, _on: dt.date) -> tuple[str, str] | None:
        return ("excludes_others", ERROR) if self.metadata["alone"] in value and len(value) > 1 else None


class Date(Item):
    """A calendar day, `2026-11-21`. `future=False`: a day that has not come yet is an error."""

    kind = "date"
    schema = {"type": "string", "format": "date"}
    _form = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def __init__(self, zh: str, en: str, *, future: bool = True, **about: Any) -> None:
        super().__init__(zh, en, future=future, **about)

    def fault(self, value: Any) -> str | None:
        return None if isinstance(value, str) and self.day(value) else "not_a_date"

    def look(self, value: Any, on: dt.date) -> tuple[str, str] | None:
        day = self.day(value)
        return ("in_future", ERROR) if day and day > on and not self.metadata["future"] else None

    @classmethod
    def day(cls, text: str) -> dt.date | None:
        """The (first) day that the text names, None when it names none."""
        try:
            return dt.date.fromisoformat((text + "-01")[:10]) if re.fullmatch(cls._form, text) else None
        except ValueError:
            return None


class Month(Date):
    """A calendar month, `2026-11`."""

    kind = "month"
    schema = {"type": "string", "pattern": r"^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])$"}
    _form = r"[0-9]{4}-[0-9]{2}"


class Instant(Item):
    """A moment to the second with its offset from UTC, `2026-11-21T08:15:00+08:00` (RFC 3339)."""

    kind = "instant"
    schema = {"type": "string", "format": "date-time"}
    _form = (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
    )

    def fault(self, value: Any) -> str | None:
        return None if isinstance(value, str) and self.moment(value) else "not_an_instant"

    @classmethod
    def moment(cls, text: str) -> dt.datetime | None:
        """The moment that the text names, None when it names none."""
        try:
            return dt.datetime.fromisoformat(text) if re.fullmatch(cls._form, text) else None
        except ValueError:
            return None


class Truth(Item):
    """Yes or no."""

    kind = "truth"
    schema = {"type": "boolean"}

    def fault(self, value: Any) -> str | None:
        return None if isinstance(value, bool) else "not_yes_or_no"


class Reference(Item):
    """The id of something else; `to` names its kind (`resident`, `person`, `team`, `photo` ...). Never enforced."""

    kind = "reference"
    schema = {"type": "string", "minLength": 1, "maxLength": 64}

    def __init__(self, zh: str, en: str, *, to: str, **about: Any) -> None:
        super().__init__(zh, en, to=to, **about)

    def fault(self, value: Any) -> str | None:
        return None if isinstance(value, str) and 0 < len(value) <= 64 else "not_a_reference"


class References(Reference):
    """The ids of several others, each once."""

    kind = "references"
    schema = {"type": "array", "uniqueItems": True, "items": Reference.schema}

    def fault(self, value: Any) -> str | None:
        if not isinstance(value, list):
            return "not_a_list"
        if any(super(References, self).fault(v) for v in value):
            return "not_a_reference"
        return None if len(set(value)) == len(value) else "twice"


class Rows(Item):
    """A list of rows, each an object of its own fields. What is wrong in a row is named `field.row.column`, rows from 0."""

    kind = "rows"

    def __init__(self, zh: str, en: str, columns: Mapping[str, Item], **about: Any) -> None:
        super().__init__(zh, en, columns=columns, **about)
        self.columns = columns
        self.row = Schema.from_dict(dict(columns), name="Row")(unknown=INCLUDE)
        self.schema = {"type": "array", "items": object_schema(columns)}

    def fault(self, value: Any) -> str | None:
        if not isinstance(value, list):
            return "not_a_list"
        return None if all(isinstance(row, Mapping) for row in value) else "not_an_object"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        super()._deserialize(value, attr, data, **kwargs)
        if faults := self.row.validate(value, many=True):
            raise ValidationError(faults)
        return value

    def code_lists(self) -> Iterator[CodeList]:
        return (codes for item in self.columns.values() for codes in item.code_lists())

    def about(self) -> dict[str, Any]:
        return {**super().about(), "columns": [{"name": name, **item.about()} for name, item in self.columns.items()]}


def looks(
    items: Mapping[str, Item], value: Mapping[str, Any], on: dt.date, faults: Collection[str], path: str = ""
) -> Iterator[tuple[str, str, str]]:
    """(field, code, level) of what is implausible in an object of these fields, beside the fields that have a fault."""
    for name, item in items.items():
        field = path + name
        if name not in value or field in faults:
            continue
        if isinstance(item, Rows):
            for i, row in enumerate(value[name]):
                yield from looks(item.columns, row, on, faults, f"{field}.{i}.")
        elif seen := item.look(value[name], on):
            yield field, *seen


def naming(items: Mapping[str, Item], value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """The fields with a code that belongs to a protected programme, and to which."""
    for name, item in items.items():
        found = value.get(name)
        if isinstance(item, Rows):
            for i, row in enumerate(found if isinstance(found, list) else ()):
                if isinstance(row, Mapping):
                    yield from naming(item.columns, row, f"{path}{name}.{i}.")
            continue
        codes = [code for code in (found if isinstance(found, list) else [found]) if isinstance(code, str)]
        for programme in sorted({of.programmes[code] for of in item.code_lists() for code in codes if code in of.programmes}):
            yield path + name, programme


def object_schema(items: Mapping[str, Item]) -> dict[str, Any]:
    """The JSON Schema of an object of these fields; unknown fields are allowed."""
    return {
        "type": "object",
        "properties": {name: item.json_schema() for name, item in items.items()},
        "required": [name for name, item in items.items() if item.required],
        "additionalProperties": True,
    }
