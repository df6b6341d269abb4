"""How Alembic reaches the database: by the connection that it is handed, on both engines."""

from alembic import context
from sqlalchemy import Connection

from server.store.tables import metadata


def run(connection: Connection) -> None:
    """Run the steps in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
