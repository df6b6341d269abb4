"""The role of PostgreSQL as which a server runs: what is written once, for ever, it may add to and not change.

Schema, erasures and restores are for the owner of the tables. Whoever gets hold of a running server cannot take back what
stands in the trail, in the edit log, in the journal or in a frozen report.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from server.store.tables import edits, journal, metadata, report_parts, trail

ADD_ONLY = (trail, edits, journal, report_parts)


class NoRolesError(Exception):
    """The database has no roles, or not this one; the message says which."""


def grant(connection: Connection, role: str) -> None:
    """Let a role that exists do what a server does, and no more. Again changes nothing. Raises NoRolesError."""
    if connection.dialect.name != "postgresql":
        raise NoRolesError("SQLite has no roles: the file is as safe as the account that the server runs under")
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}) is None:
        raise NoRolesError(f"there is no role {role!r}; an administrator of the database makes it: CREATE ROLE … LOGIN")
    name = connection.dialect.identifier_preparer.quote(role)
    for table in metadata.sorted_tables:
        may = "SELECT, INSERT" if table in ADD_ONLY else "SELECT, INSERT, UPDATE, DELETE"
        connection.execute(text(f"REVOKE ALL ON {table.name} FROM {name}"))
        connection.execute(text(f"GRANT {may} ON {table.name} TO {name}"))
    connection.execute(text(f"GRANT SELECT ON alembic_version TO {name}"))
