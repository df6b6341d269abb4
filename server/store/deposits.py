"""Edits that were set aside: which of them wait, and what a person decided."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, select, update

from server.store.tables import deposits, people

WAITING, APPLIED, REFUSED = "waiting", "applied", "refused"
# those without a dot first, on either engine, and none of equal place
_IN_ORDER = (deposits.c.actor.nulls_first(), deposits.c.counter.nulls_first(), deposits.c.scope, deposits.c.deposit)


@dataclass(frozen=True)
class Deposit:
    """One edit that was set aside: where it is kept, whose it is, why, and what became of it."""

    id: str
    scope: str
    actor: str | None
    counter: int | None
    record: str | None
    reason: str
    device: str
    person: str
    person_name: str | None
    received_at: str
    body: str
    state: str
    decided_at: str | None
    decision: str | None
    decided_by: str | None


@dataclass(frozen=True)
class Decided:
    """What became of one, for whoever wrote it; the decider is None where a command of the office decided."""

    actor: str
    counter: int
    record: str | None
    reason: str
    state: str
    decided_at: str
    decision: str | None
    decider_name: str | None
    decider_role: str | None


def _query() -> Select[tuple[object, ...]]:
    names = [column for column in deposits.columns if column.name != "deposit"]
    beside = deposits.outerjoin(people, people.c.id == deposits.c.person)
    return select(deposits.c.deposit.label("id"), *names, people.c.name.label("person_name")).select_from(beside)


def listed(connection: Connection, *, decided: bool) -> list[Deposit]:
    """Those that wait, or also those about which a person has decided, in the order in which they came."""
    query = _query() if decided else _query().where(deposits.c.state == WAITING)
    rows = connection.execute(query.order_by(deposits.c.received_at, *_IN_ORDER))
    return [Deposit(**row._mapping) for row in rows]  # noqa: SLF001


def decided(connection: Connection, person: str, since: str, most: int) -> list[Decided]:
    """Those that a person's phones sent and about which somebody has decided since an instant, the latest first.

    One without a dot of its sender is no edit that a phone of theirs could name.
    """
    decider = people.alias()
    told = (deposits.c[name] for name in ("actor", "counter", "record", "reason", "state", "decided_at", "decision"))
    who = (decider.c.name.label("decider_name"), decider.c.role.label("decider_role"))
    mine = (deposits.c.person == person, deposits.c.decided_at >= since, deposits.c.actor.is_not(None))
    query = select(*told, *who).select_from(deposits.outerjoin(decider, decider.c.id == deposits.c.decided_by)).where(*mine)
    rows = connection.execute(query.order_by(deposits.c.decided_at.desc(), *_IN_ORDER).limit(most))
    return [Decided(**row._mapping) for row in rows]  # noqa: SLF001


def find(connection: Connection, beginning: str) -> Deposit:
    """The one that waits and whose id begins so; raises LookupError where there is none, or more than one."""
    found = [one for one in listed(connection, decided=False) if one.id.startswith(beginning)]  # what is kept begins otherwise
    if len(found) != 1:
        raise LookupError(f"{'more than one deposit waits' if found else 'no deposit waits'} under {beginning!r}")
    return found[0]


def under(connection: Connection, deposit: str) -> Deposit:
    """The one of this whole id, waiting or decided; raises LookupError where there is none."""
    rows = connection.execute(_query().where(deposits.c.deposit == deposit)).all()
    found = [Deposit(**row._mapping) for row in rows]  # noqa: SLF001
    if not found:
        raise LookupError(f"there is no deposit {deposit!r}")
    return next((one for one in found if one.state == WAITING), found[0])  # sent anew after it was decided and its record moved


def held(connection: Connection, deposit: Deposit) -> Deposit:
    """This one, which until the end of the transaction nobody else decides about; raises LookupError where it waits no more."""
    present = under(connection, deposit.id)
    row = select(deposits.c.state).where(deposits.c.scope == present.scope, deposits.c.deposit == present.id)
    if connection.scalar(row.with_for_update()) != WAITING:
        raise LookupError(f"no deposit waits under {deposit.id!r}")
    return present


def applied_before(connection: Connection, deposit: Deposit, upto: int) -> list[str]:
    """The ids of the applied deposits of the same actor and record up to a counter: the author had written them before."""
    mine = (deposits.c.actor == deposit.actor, deposits.c.record == deposit.record, deposits.c.counter <= upto)
    return list(connection.scalars(select(deposits.c.deposit).where(*mine, deposits.c.state == APPLIED)))


def decide(connection: Connection, deposit: Deposit, state: str, at: str, by: str, decision: str | None = None) -> None:
    """Write down what a person decided about one that is `held`."""
    where = (deposits.c.scope == deposit.scope, deposits.c.deposit == deposit.id)
    decided = {"state": state, "decided_at": at, "decision": decision, "decided_by": by}
    connection.execute(update(deposits).where(*where).values(**decided))


def drop_decided(connection: Connection, before: str, most: int) -> int:
    """Let go of those about which somebody decided before an instant, `most` at a time: of how many. The log keeps the edits."""
    old = (deposits.c.state != WAITING, deposits.c.decided_at < before)
    keys = connection.execute(select(deposits.c.scope, deposits.c.deposit).where(*old).limit(most)).all()
    for scope, deposit in keys:
        connection.execute(delete(deposits).where(deposits.c.scope == scope, deposits.c.deposit == deposit))
    return len(keys)
