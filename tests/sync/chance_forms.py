"""Forms of every declared type, filled in by a seeded die: quick enough for a hundred thousand, and the same each time.

`values.py` lets Hypothesis fill in forms, which finds what is odd and makes it small; this one is for numbers.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import uuid
from decimal import Decimal

from sync.record import Edit
from sync.scopes import PROGRAMMES, scope_name, township_of
from sync.types.declare import TOWNSHIP
from sync.version import Dot, VersionVector
from tests.sync.values import TODAY

WORDS = [
    "王秀英",
    "血压平稳",
    "头晕三天，无恶心。",
    "a",
    " x ",
    "é",
    "e\u0301",
    "𠮷",
    "\u2028",
    "İ",
    "ß",
    "'",
    '"',
    "\\",
    "%",
    "\x7f",
    "1e5",
]
LONG_AGO, FAR_OFF = dt.date(1900, 1, 1).toordinal(), dt.date(2099, 12, 31).toordinal()


class Forms:
    """Forms out of one seed. Every one is without an error of its fields; some have more than this catalogue knows."""

    def __init__(self, types, seed):
        self.types, self.die = list(types), random.Random(seed)
        self._programme = None

    def name(self):
        """A record id."""
        return str(uuid.UUID(int=self.die.getrandbits(128), version=4))

    def edit(self, author, dot, village, declared=None):
        """A new record as somebody saves it, in the scope where it has to live."""
        declared = declared or self.die.choice(self.types)
        sections = self.sections(declared)
        place = township_of(village) if declared.place == TOWNSHIP else village
        about = None if declared.subject is None else f"{declared.subject}-{self.die.randrange(500)}"
        return Edit(
            record=self.name(),
            type=declared.name,
            subject=about,
            scope=scope_name(place, self._programme),
            dot=Dot(*dot),
            context=VersionVector(),
            written_at=f"2026-11-{self.die.randrange(1, 22):02}T08:15:{self.die.randrange(60):02}+08:00",
            author=author,
            sections=sections,
        )

    def sections(self, declared):
        """All that is required and about a third of the rest."""
        self._programme = declared.programme
        if declared.programme_by_codes:
            self._programme = self.die.choice([*PROGRAMMES, None, None, None])
        sections = {}
        for section in declared.sections:
            if not section.required and self.die.random() < 0.65:
                continue
            keys = [""]
            if section.keyed:
                known = self._open(section.keys) if section.keys else [str(n) for n in range(9)]
                keys = ["/" + key for key in self.die.sample(known, self.die.randrange(1, 3))]
            for key in keys:
                sections[section.name + key] = self._object(section.fields)
        if self._programme != declared.protected(sections):
            self._name_the_programme(declared, sections)
        if self.die.random() < 0.1:
            sections["section_of_next_year"] = {"anything": [{"at": [None, True, 2**53 - 1, self.die.choice(WORDS)]}]}
        return sections

    def _name_the_programme(self, declared, sections):
        """One code more, for which the record belongs where it is to lie."""
        places = [(s, None, s.keys) for s in declared.sections if s.keys]
        places += [(s, f, c) for s in declared.sections for f, i in s.fields.items() for c in i.code_lists() if not s.keyed]
        section, field, codes = self.die.choice([place for place in places if self._programme in place[2].programmes.values()])
        code = next(value for value, programme in codes.programmes.items() if programme == self._programme)
        if field is None:
            sections[f"{section.name}/{code}"] = self._object(section.fields)
        else:
            said = [code] if section.fields[field].kind == "codes" else code
            sections.setdefault(section.name, self._object(section.fields))[field] = said

    def _object(self, items):
        wanted = {name: item for name, item in items.items() if item.required or self.die.random() < 0.4}
        value = {name: getattr(self, f"_{item.kind}")(item) for name, item in wanted.items()}
        if self.die.random() < 0.05:
            value["field_of_next_year"] = self.die.choice([None, 0, "0.0", [], {"a": []}])
        return value

    def _open(self, codes):
        """The codes that a record of this programme, or of none, may have."""
        return [value for value in codes.values if codes.programmes.get(value, self._programme) == self._programme]

    def _whole(self, item):
        low, high = item.metadata["hard"] or (0, 9999)
        return self.die.choice(item.metadata["only"] or [self.die.randint(int(low), int(high)), int(low), int(high)])

    def _decimal(self, item):
        low, high = (Decimal(str(bound)) for bound in item.metadata["hard"] or (0, 9999))
        places = self.die.randrange(item.metadata["places"] + 1)
        value = low + (high - low) * self.die.randrange(1, 1000) / 1000
        near = Decimal(value).quantize(Decimal(1).scaleb(-places))
        return f"{near if low <= near <= high else high:f}"

    def _text(self, item):
        if pattern := item.metadata["pattern"]:
            digits = re.fullmatch(r"\^\[0-9\]\{(\d+)\}\$", pattern)
            assert digits, f"write here how to make a text of {pattern}"
            return str(self.die.randrange(10 ** int(digits[1]))).zfill(int(digits[1]))
        return "".join(self.die.choices(WORDS, k=self.die.randrange(1, 4)))[: item.metadata["longest"]]

    def _code(self, item):
        return self.die.choice(self._open(item.metadata["codes"]))

    def _codes(self, item):
        alone = item.metadata["alone"]
        apart = [value for value in self._open(item.metadata["codes"]) if value != alone]
        if alone and self.die.random() < 0.5:
            return [alone]
        return self.die.sample(apart, self.die.randrange(int(item.required), min(4, len(apart)) + 1))

    def _day(self, item):
        last = FAR_OFF if item.metadata["future"] and self.die.random() < 0.3 else TODAY.toordinal()
        return dt.date.fromordinal(self.die.randrange(LONG_AGO, last + 1)).isoformat()

    def _date(self, item):
        return self._day(item)

    def _month(self, item):
        return self._day(item)[:7]

    def _instant(self, _item):
        return f"{self.die.randrange(2000, 2027)}-0{self.die.randrange(1, 10)}-11T{self.die.randrange(24):02}:15:00+08:00"

    def _truth(self, _item):
        return self.die.random() < 0.5

    def _reference(self, _item):
        return self.name()

    def _references(self, item):
        return [self.name() for _ in range(self.die.randrange(int(item.required), 3))]

    def _rows(self, item):
        return [self._object(item.columns) for _ in range(self.die.randrange(int(item.required), 4))]
