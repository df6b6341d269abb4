"""The tallies: what the residents of a village add up to, by indicator, population and day; changed only by the difference.

They change in the transaction that changes `standings.counts`, under the lock of the village, and are its sums at any time.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from server.indicators.counting import ALL, UNCOUNTABLE, WHOLE, Cell, Sum, columns, sums, totals
from server.periods import Period
from server.store.tables import records, standings, tallies
from sync.scopes import scopes_in

HOME_VISIT = "home_visit"
FEW = 20  # records that the database looks for itself

Row = Mapping[str, Any]  # of `standings`
Cells = dict[str, Counter[Cell]]  # by scope
Moves = dict[tuple[str, str, str, str], list[int]]  # (scope, population, bucket, indicator): what is to be added


def change(connection: Connection, village: str, former: Iterable[Row], rows: Iterable[Row]) -> None:
    """Take back what some residents of a village added by their rows in `standings`, and add what they add by new ones.

    MUST come before the rows are replaced. Who stays as they are may share a record with those who change.
    """
    before, after = _by_resident(former), _by_resident(rows)
    changed = {one for one in {**before, **after} if before.get(one) != after.get(one)}
    was = _cells(village, (before[one] for one in changed if one in before))
    now = _cells(village, (after[one] for one in changed if one in after))
    both = [(was.get(scope, Counter()), now.get(scope, Counter())) for scope in {*was, *now}]
    touched = {cell.record for old, new in both for cell in {*old, *new} if cell.record and old[cell] != new[cell]}
    rest = _cells(village, _by_resident(_sharing(connection, village, touched, changed)).values())
    moves: Moves = {}
    for scope in {*was, *now}:
        for cell, units in _moved(*(cells.get(scope, Counter()) for cells in (was, now, rest))):
            row = moves.setdefault((scope, cell.population, cell.bucket, cell.indicator), [0, 0, 0])
            for column in columns(cell):
                row[column] += units
    _add(connection, {key: row for key, row in moves.items() if any(row)})


def anew(connection: Connection, village: str) -> None:
    """Sum everything of a village again.

    Other rules may say otherwise what an indicator is a ratio of, or counts once: what was added by the old ones cannot be
    taken back by these.
    """
    connection.execute(delete(tallies).where(tallies.c.scope.in_(scopes_in(village))))
    _add(connection, {key: list(one) for key, one in _summed(connection, village).items()})


def differing(connection: Connection, village: str) -> list[tuple[str, str, str, str]]:
    """The (scope, population, bucket, indicator) of a village that are not the sums over what its residents add."""
    names = ("numerator", "denominator", "excluded")
    query = select(tallies).where(tallies.c.scope.in_(scopes_in(village)))
    kept = {
        (row.scope, row.population, row.bucket, row.indicator): Sum(*(getattr(row, name) for name in names))
        for row in connection.execute(query)
    }
    summed = _summed(connection, village)
    return sorted(key for key in {*kept, *summed} if kept.get(key, Sum()) != summed.get(key, Sum()))


def _summed(connection: Connection, village: str) -> dict[tuple[str, str, str, str], Sum]:
    query = select(standings).where(standings.c.scope.in_(scopes_in(village)))
    cells = _cells(village, _by_resident(row._asdict() for row in connection.execute(query)).values())
    return {
        (scope, population, bucket, code): one
        for scope, own in cells.items()
        for (code, population, bucket), one in sums(own).items()
    }


def _by_resident(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Of each resident what their rows add, the one in the open first."""
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda one: (one["resident"], one["scope"])):
        found.setdefault(row["resident"], []).append({name: row[name] for name in ("scope", "body", "counts")})
    return found


def _cells(village: str, residents: Iterable[Sequence[Row]]) -> Cells:
    """The cells of some residents, by scope. In which populations they are, the row in the open says."""
    found: Cells = {}
    for rows in residents:
        groups = [group["code"] for row in rows if row["scope"] == village for group in json.loads(row["body"])["groups"]]
        for row in rows:
            found.setdefault(row["scope"], Counter()).update(totals(json.loads(row["counts"]), groups))
    return found


def _moved(was: Counter[Cell], now: Counter[Cell], rest: Counter[Cell]) -> Iterator[tuple[Cell, int]]:
    """By how many units each cell changes: of a shared record by one when the first comes or the last goes."""
    for cell in {*was, *now}:
        if cell.record:
            yield cell, int(now[cell] + rest[cell] > 0) - int(was[cell] + rest[cell] > 0)
        else:
            yield cell, now[cell] - was[cell]


def _sharing(connection: Connection, village: str, touched: set[str], but: Collection[str]) -> list[Row]:
    """The rows in the open of other residents who count one of these records too: of a visit to a home, all who were met."""
    one_person_s = select(records.c.record).where(
        records.c.scope == village, records.c.record.in_(touched), records.c.type != HOME_VISIT
    )
    shared = touched.difference(connection.scalars(one_person_s)) if touched else set()
    if not shared:
        return []
    here = standings.c.scope == village
    query = select(standings.c.resident, standings.c.counts).where(here)
    if len(shared) <= FEW:
        query = query.where(or_(*(standings.c.counts.contains(record, autoescape=True) for record in shared)))
    found = connection.execute(query)
    named = {row.resident for row in found if any(record in row.counts for record in shared)}.difference(but)
    return [row._asdict() for row in connection.execute(select(standings).where(here, standings.c.resident.in_(named)))]


def _add(connection: Connection, moves: Moves) -> None:
    if not moves:
        return
    names = ("numerator", "denominator", "excluded")
    rows = [
        {"scope": scope, "population": population, "bucket": bucket, "indicator": code, **dict(zip(names, row, strict=True))}
        for (scope, population, bucket, code), row in sorted(moves.items())
    ]
    statement = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(tallies)
    sums: dict[str, Any] = {name: tallies.c[name] + statement.excluded[name] for name in names}
    key = [column.name for column in tallies.primary_key.columns]
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=sums), rows)
    if any(number < 0 for row in moves.values() for number in row):
        nothing = and_(*(tallies.c[name] == 0 for name in names))
        connection.execute(delete(tallies).where(tallies.c.scope.in_({key[0] for key in moves}), nothing))


# -- reading -----------------------------------------------------------------------------------------------------------


def uncountable(connection: Connection, scopes: Collection[str] | None = None) -> int:
    """How many residents could not be counted, of some scopes or of all; once in each scope."""
    query = select(func.coalesce(func.sum(tallies.c.excluded), 0)).where(
        tallies.c.population == ALL, tallies.c.bucket == WHOLE, tallies.c.indicator == UNCOUNTABLE
    )
    return int(connection.scalar(query if scopes is None else query.where(tallies.c.scope.in_(scopes))) or 0)


def of_areas(
    connection: Connection, scopes: Collection[str], digits: int, population: str, period: Period | None
) -> dict[str, dict[str, Sum]]:
    """The sums of scopes by area (the first `digits` of their code) and indicator.

    What stands at a point or over the year, and with a period what happened in it.
    """
    where = [tallies.c.bucket == WHOLE]
    if period:
        where.append(tallies.c.bucket.in_(period.months))
        for first, end in period.odd_days:
            among = and_(tallies.c.bucket >= first.isoformat(), tallies.c.bucket < end.isoformat())
            where.append(and_(among, func.length(tallies.c.bucket) == len("2026-11-22")))
    area = func.substr(tallies.c.scope, 1, digits).label("area")
    numbers = (func.sum(tallies.c[name]).label(name) for name in ("numerator", "denominator", "excluded"))
    query = select(area, tallies.c.indicator, *numbers).where(
        tallies.c.scope.in_(scopes), tallies.c.population == population, or_(*where)
    )
    found: dict[str, dict[str, Sum]] = {}
    for row in connection.execute(query.group_by(area, tallies.c.indicator)):
        found.setdefault(row.area, {})[row.indicator] = Sum(int(row.numerator), int(row.denominator), int(row.excluded))
    return found
