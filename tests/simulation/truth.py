"""What is true, whatever the vectors say: who had which edit before their eyes, and what must therefore still be there.

An edit is known here by its *mark*, the time its author's phone wrote on it: every clock of a history gives out each
instant once, and the mark stays the same when an edit is made anew under another name. What an author had seen is read
off the screen: the edits that show there, and all that *their* authors had seen. No vector and no verdict is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.record import VOID
from sync.version import Dot

Marks = frozenset[str]
NONE: Marks = frozenset()


@dataclass(frozen=True)
class Fact:
    """One edit: its mark, what it writes, and the marks of the edits that its author had seen (`knows`: and what those had)."""

    mark: str
    author: str
    record: str
    sections: Mapping[str, Any]
    saw: Marks
    knows: Marks


@dataclass
class Truth:
    """Every edit that anybody saved.

    `names`: the dots under which an edit was ever made, more than one when it was made anew. `arrived`: those under
    which it ever reached the server. `answered`: the edits that
    the server has answered for, with the outcome it named, by (dot, mark). `applied`: the marks of those that it ever
    applied; what was only set aside has entered no record. `forgot`: edits
    made anew when the record had left the phone, which then can vouch for nothing their author had seen of it. `lost`: edits that only the bearer of a lost
    file had, which nobody can bring back.
    """

    facts: dict[str, Fact] = field(default_factory=dict)
    names: dict[str, set[Dot]] = field(default_factory=dict)
    arrived: dict[str, set[Dot]] = field(default_factory=dict)
    answered: dict[tuple[Dot, str], str] = field(default_factory=dict)
    applied: set[str] = field(default_factory=set)
    forgot: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)

    def learn(self, mark: str, author: str, record: str, sections: Mapping[str, Any], saw: Marks, dot: Dot) -> Fact:
        """Somebody has saved an edit."""
        assert mark not in self.facts, f"two edits were written at {mark}"
        fact = Fact(mark, author, record, sections, saw, self.knowing(saw) | {mark})
        self.facts[mark] = fact
        self.named(mark, dot)
        return fact

    def named(self, mark: str, dot: Dot) -> None:
        """An edit goes by this name."""
        self.names.setdefault(mark, set()).add(dot)

    def arrives(self, mark: str, dot: Dot) -> None:
        """An edit reaches the server under this name."""
        self.named(mark, dot)
        self.arrived.setdefault(mark, set()).add(dot)

    def answer(self, dot: Dot, mark: str, status: str) -> None:
        """The server has answered for an edit."""
        self.answered[dot, mark] = status
        if status != "deposited":
            self.applied.add(mark)

    def knowing(self, marks: Iterable[str]) -> Marks:
        """These edits and all that their authors had seen: what somebody has incorporated who sees these."""
        return frozenset().union(*(self.facts[mark].knows for mark in marks))

    def within(self, shown: Iterable[str]) -> Marks:
        """What has truly entered a record that shows these edits."""
        return self.knowing(shown) & self.applied

    def live(self, record: str, there: Marks) -> dict[str, set[str]]:
        """What must show in each section of a record when exactly the edits `there` have arrived: what nobody replaced."""
        about = [f for f in map(self.facts.__getitem__, sorted(there)) if f.record == record]
        expected: dict[str, set[str]] = {}
        for fact in about:
            for section in fact.sections:
                if not any(section in heir.sections and fact.mark in heir.saw for heir in about):
                    expected.setdefault(section, set()).add(fact.mark)
        return expected

    def may_stand_again(self, mark: str) -> bool:
        """True for an edit that may be seen beside what had replaced it: it, or that, had to be made anew.

        An edit that came under several names is replaced under the one that was seen. One that was made anew when its
        record had left the phone replaces nothing of what it saw there.
        """
        return self.made_anew(mark) or any(mark in self.facts[heir].saw for heir in self.forgot)

    def made_anew(self, mark: str) -> bool:
        """True for an edit that came to the server under several names."""
        return len(self.arrived.get(mark, ())) > 1

    def strangers(self, one: str, other: str) -> bool:
        """True when the authors of two edits had not seen each other's."""
        return one not in self.facts[other].saw and other not in self.facts[one].saw

    def void_clash(self, marks: Iterable[str]) -> bool:
        """True when one of the edits marks the record as entered in error and another had not seen it, nor been seen."""
        every = list(marks)
        voids = [m for m in every if self.facts[m].sections.get(VOID) is not None]
        return any(self.strangers(v, m) for v in voids for m in every if m != v)
