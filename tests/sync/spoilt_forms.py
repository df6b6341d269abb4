"""Records of every declared type, filled in by a seeded die and then spoilt: what no form would let through, all the same.

For those who ask whether two programs say the same of a record, whatever somebody sends.
"""

from __future__ import annotations

from sync.record import VOID, LiveEdit, Record, Remark
from sync.scopes import PROGRAMMES, scope_name
from sync.types.checks import Check
from sync.version import Dot, VersionVector
from tests.sync.chance_forms import Forms
from tests.sync.values import MORNING, VILLAGE, doubtful_values, wrong_values

DAYS = ["0001-01-01", "0004-02-29", "1900-02-28", "1961-11-20", "2017-02-27", "2017-02-28", "2024-02-29", "2026-08-31"]
DAYS += ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-30", "2026-12-05", "2027-02-20", "2028-02-28", "9999-12-31"]
NUMBERS = [0, 1, -1, 59, 60, 61, 84, 89, 90, 110, 139, 140, 149, 150, 180, 2**53 - 1, 1 - 2**53]
DECIMALS = ["0", "-0", "0.0", "3.9", "3.90", "7.0", "007", "16.7", "39.000000001", "999999999.999999999", "1.0000000001", "1e3"]
MOMENTS = ["2026-11-18T08:15:00Z", "2026-11-18T16:15:00.000000+08:00", "2026-11-18T08:15:00.0000019-00:00"]
MOMENTS += ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00", "2026-11-18T08:15:00.+08:00", "2026-11-18T08:15:60Z"]
TEXTS = [
    "",
    " ",
    "none",
    "yes",
    "no",
    "other",
    "tb",
    "a\n",
    "\u00a0",
    "長" * 250,
    "𠮷" * 40,
    "𠮷" * 64,
    "toString",
    "__proto__",
]
CARDS = [
    "11010519491231002X",
    "１１０１０５１９４９１２３１００２x",
    "110105491231002",
    "110105 1949-1231\u3000002x",
    "11010519491231002",
    "11010519491231OO2X",
    "11010519491231002Y",
    "110105194902310021",
    "11010520991231002X",
    "440524188001010014",
    "11010500000000000X",
    "1101051949123100XX",
    "ﬀ",
    "\ufeff",
]
ODD = [
    None,
    True,
    False,
    {},
    [],
    {"a": []},
    [[]],
    [None],
    [1, 1],
    ["none"],
    ["none", "other"],
    ["a", "a"],
    [{}],
    [{"on": None}, 5],
]
JUNK = [*DAYS, "1900-02-29", *NUMBERS, *DECIMALS, *MOMENTS, *TEXTS, *CARDS, *ODD, *(day[:7] for day in DAYS)]
CLOSE = {
    "date": [*DAYS[-10:], "1949-12-31", "2027-11-18", "2027-11-19", "2027-11-20"],
    "whole": [0, 1, 2, 3, 7, 9, 14],
    "decimal": ["0.1", "0.2", "0.30", "1", "2.5"],
    "instant": MOMENTS,
    "text": TEXTS,
}
OFTEN = {"id_no": CARDS, "id_type": ["resident_id_card", None]}
NAMES = [
    "constructor",
    "__proto__",
    "toString",
    "7",
    "void/x",
    "vitals/",
    "/",
    "flags",
    "flags/",
    "flags/toString",
    "hasOwnProperty",
]


class Spoilt(Forms):
    """Records out of one seed, most with something wrong in them."""

    def record(self):
        """A record of one edit or of several that have not all seen each other, and the remarks that stand about it."""
        declared = self.die.choice(self.types)
        first = self.sections(declared)
        programme = self._programme if self.die.random() < 0.9 else self.die.choice([None, *PROGRAMMES])
        edits = []
        for n in range(self.die.choice([1, 1, 1, 2, 3])):
            words = self._spoilt(declared, first if n == 0 else self.sections(declared))
            actor = self.die.choice(["anaphone", "benphone", "s0123456789ab"])
            at = self.die.choice([MORNING, "2026-11-20T00:00:00.000Z"])
            edits.append(LiveEdit(Dot(actor, n + 1), at, MORNING, "ana", words))
        live = tuple(sorted((edit for edit in edits if edit.sections), key=lambda edit: edit.dot))
        name = declared.name if self.die.random() < 0.98 else self.die.choice(["visit_of_next_year", "constructor"])
        seen = VersionVector({edit.dot.actor: edit.dot.counter for edit in live})
        record = Record(self.name(), name, None, scope_name(VILLAGE, programme), seen, live)
        return record, [remark for remark in REMARKS if self.die.random() < 0.05]

    def filled(self, items, programme):
        """An object in which every field is filled in, as it may stand in the scope of a programme or in the open."""
        self._programme = programme
        return {name: getattr(self, f"_{item.kind}")(item) for name, item in items.items()}

    def tied(self, declared):
        """Sections in which one check over several fields has something to look at, and the programme where they lie."""
        sections = {}
        self._programme = declared.programme
        if declared.checks:
            self._tie(declared, sections)
        else:
            self._spoil(declared, sections)
        return sections, self._programme

    def _spoilt(self, declared, sections):
        sections = dict(sections)
        for _ in range(self.die.choice([0, 1, 1, 2, 4, 8])):
            self._spoil(declared, sections)
        if self.die.random() < 0.03:
            sections[VOID] = self.die.choice([None, {}, {"reason": "duplicate"}, {"reason": "bad luck"}])
        if self.die.random() < 0.05:
            about = self.die.sample([*sections, "nothing"], self.die.randrange(3))
            sections["decision"] = self.die.choice([None, {"about": about, "reason": "两人都对", "decided_on": "2026-11-21"}])
        return sections

    def _spoil(self, declared, sections):
        """One thing more that is wrong, or odd."""
        section = self.die.choice(declared.sections)
        name = section.name
        if section.keyed:
            keys = [*(section.keys.values if section.keys else ["m1", "m2"]), "nonsense", "toString", "a/b"]
            name += f"/{self.die.choice(keys)}" if self.die.random() < 0.95 else ""
        chance = self.die.random()
        if chance < 0.04:
            sections[name] = self.die.choice([None, {}])
        elif chance < 0.08:
            sections[self.die.choice(NAMES)] = self.die.choice([None, {}, self._object(section.fields)])
        elif chance < 0.1:
            sections[name] = self.die.choice([[], "words", 5, True])
        elif chance < 0.5 and declared.checks:
            self._tie(declared, sections)
        else:
            value = sections.get(name)
            value = dict(value) if isinstance(value, dict) else self._object(section.fields)
            self._spoil_field(section.fields, value)
            sections[name] = value

    def _tie(self, declared, sections):
        """Values in all that one check over several fields looks at, near one another."""
        kinds: dict[str, list[Check]] = {}
        for check in declared.checks:  # one that asks for more than its like is a kind of its own
            kinds.setdefault(f"{check.name()} {check.about().get('least_months')}", []).append(check)
        about = self.die.choice(kinds[self.die.choice(sorted(kinds))]).about().values()
        paths = [path for one in about for path in (one if isinstance(one, tuple) else (one,)) if "." in str(path)]
        for section, _, field in (path.partition(".") for path in paths):
            keys = [name for name in sections if name.startswith(f"{section}/")]
            name = self.die.choice(keys or [f"{section}/m1"]) if declared.by_name[section].keyed else section
            value = sections.get(name)
            item = declared.by_name[section].fields[field]
            near = OFTEN.get(field) or CLOSE.get(item.kind, ODD)
            said = self.die.choice(near) if self.die.random() < 0.8 else getattr(self, f"_{item.kind}")(item)
            sections[name] = {**(value if isinstance(value, dict) else {}), field: said}

    def _spoil_field(self, items, value):
        name = self.die.choice(list(items))
        item = items[name]
        chance = self.die.random()
        if chance < 0.15:
            value.pop(name, None)
        elif chance < 0.5:
            value[name] = self.die.choice(JUNK)
        elif item.kind == "rows":
            row = self._object(item.columns)
            self._spoil_field(item.columns, row)
            value[name] = [self._object(item.columns), row]
        elif chance < 0.75:
            wrong = [*wrong_values(item), *doubtful_values(item)]
            value[name] = self.die.choice(wrong)[0]
        elif item.kind in ("code", "codes"):
            code = self.die.choice(item.metadata["codes"].values)
            value[name] = code if item.kind == "code" else [code]
        else:
            value[name] = getattr(self, f"_{item.kind}")(item)


REMARKS = [Remark("void", "void-clash"), Remark("flags", "review"), Remark("vitals", "review"), Remark("vitals", "\U00020bb7")]
