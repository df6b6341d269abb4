"""Labels with the names that a page needs: of people, teams, places and records that the person may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from server.dashboard.frame import Visit
from server.labels import Labels, references
from server.sheets import wall_clock
from server.store.engine import reading
from server.store.names import names
from sync.record import Sections
from sync.scopes import township_of


def labels_of(visit: Visit, said: Iterable[tuple[str, Sections]], people: Collection[str] = (), *, mask: bool = True) -> Labels:
    """Labels that name what these records (type, sections) refer to, and these people."""
    wanted = {found for type_name, sections in said for found in references(visit.doors.catalogue, type_name, sections)}
    wanted |= {("person", one) for one in people}
    scopes = visit.view.scopes | {township_of(village) for village in visit.view.villages}
    with reading(visit.doors.engine) as connection:
        named = names(connection, scopes, sorted(wanted), visit.doors.catalogue)
    return Labels(visit.doors.catalogue, visit.chinese, named, mask=mask)


def local(visit: Visit, moment: str | None) -> str:
    """An instant as the clock on the wall shows it, `2026-11-22 12:45`; as it was written where it is none."""
    return wall_clock(moment, visit.doors.config.time_zone)
