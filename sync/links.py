"""Who counts as whom: two records of one person, found late, are linked by a third record and never touched themselves.

A link is a record of the type `same_person`; it may be undone, voided, or in conflict, and what holds then follows from
the links that stand. Values in, values out.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, NamedTuple

from sync.record import VOID, Record, canonical, sections

LINKED, UNDONE, DISPUTED = "linked", "undone", "disputed"


class Link(NamedTuple):
    """One link. `state`: `linked`, `undone`, or `disputed` where two persons decided apart and differently.

    Only what is `linked` makes two records one person: while it is disputed they stay two.
    """

    record: str
    duplicate: str
    same_as: str
    state: str

    @property
    def pair(self) -> frozenset[str]:
        """The two residents, whichever is the duplicate."""
        return frozenset((self.duplicate, self.same_as))


def link_of(record: Record) -> Link | None:
    """What a record of the type `same_person` says; None where it is void or does not name two residents."""
    live = sections(record)
    claims = [sibling.value for sibling in live.get("link", ())]
    said = {canonical(_decision(claim)): _decision(claim) for claim in claims if claim is not None}
    if any(sibling.value is not None for sibling in live.get(VOID, ())[-1:]) or not said:
        return None
    duplicate, same_as, state = list(said.values())[-1]
    if not isinstance(duplicate, str) or not isinstance(same_as, str) or duplicate == same_as:
        return None
    if len(said) > 1 or None in claims:
        return Link(record.id, duplicate, same_as, DISPUTED)
    return Link(record.id, duplicate, same_as, LINKED if state == LINKED else UNDONE)


def _decision(claim: Mapping[str, Any]) -> list[Any]:
    return [claim.get(name) for name in ("duplicate", "same_as", "state")]


def who_is_who(links: Iterable[Link | None], here: Container[str] | None = None) -> dict[str, str]:
    """`persons` by the links that stand; None, what `link_of` gives for a void one, links nobody.

    `here`: the residents of the village in which persons are counted. A link to somebody who lives elsewhere joins nobody
    there: both go on counting on their own, until they live in one village.
    """
    standing = (link for link in links if link and link.state == LINKED)
    return persons((one.duplicate, one.same_as) for one in standing if here is None or all(id_ in here for id_ in one.pair))


def persons(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """For each resident that a (duplicate, same_as) pair names: the one whose record stands for that person.

    Over any number of hops and in whatever order they come. Of those who are one person the one that is no duplicate
    stands for all; the smallest id of several such, or of all where each is the duplicate of another.
    """
    pairs = set(pairs)
    parent: dict[str, str] = {}

    def root(resident: str) -> str:
        while (above := parent.setdefault(resident, resident)) != resident:
            parent[resident] = parent[above]
            resident = above
        return resident

    for duplicate, same_as in pairs:
        parent[root(duplicate)] = root(same_as)
    duplicates = {duplicate for duplicate, same_as in pairs if duplicate != same_as}
    groups: dict[str, list[str]] = {}
    for resident in parent:
        groups.setdefault(root(resident), []).append(resident)
    survivors = {name: min(group, key=lambda resident: (resident in duplicates, resident)) for name, group in groups.items()}
    return {resident: survivors[root(resident)] for resident in sorted(parent)}
