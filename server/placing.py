"""Where a record belongs: in the open or with a protected programme, and in which village. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.record import VOID, Record, clashing, shown
from sync.scopes import TOWNSHIP_DIGITS, programme_of, read_scope
from sync.types.catalogue import Catalogue
from sync.types.declare import TOWNSHIP

DWELLERS = frozenset({"resident", "household"})  # whose address says where they and all that is about them belong
ADDRESS = "residence"


def fits(catalogue: Catalogue, type_name: str, sections: Mapping[str, Any], scope: str) -> bool:
    """True when what an edit says may lie in a scope.

    What is of a protected programme lies in its scopes only, and nowhere where it is of two; what a township shares, in the township's, and nothing else
    does. A resident or household lies in the open: who finds the number taken would know that somebody is hidden there.
    A type that the catalogue does not know may lie anywhere.
    """
    declared = catalogue.types.get(type_name)
    if type_name in DWELLERS and programme_of(scope) is not None:
        return False
    if catalogue.programmes(type_name, sections) - {programme_of(scope)}:
        return False
    return declared is None or (declared.place == TOWNSHIP) == (len(scope) == TOWNSHIP_DIGITS)


def settled_address(record: Record) -> Mapping[str, Any] | None:
    """The address of a resident or household; None while a person has to decide about it, and of a voided record."""
    view = shown(record)
    if record.type not in DWELLERS or view.get(VOID) is not None or ADDRESS in clashing(record):
        return None
    return view.get(ADDRESS)


def bound_for(record: Record) -> str | None:
    """The code of the area that a resident's or household's address names, where it is another than they are in."""
    place, address = read_scope(record.scope), settled_address(record)
    code = address.get("area_code") if address is not None else None
    if place is None or not isinstance(code, str) or code == place.place:
        return None
    return code
