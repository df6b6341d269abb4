"""What must outlive a restore is kept outside the database too, and what phones declare after one is counted"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade():
    op.create_table(
        "journal",
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False, comment="from 1, in the order of the commits"),
        sa.Column("epoch", sa.String(length=16), nullable=False, comment="in which it was written"),
        sa.Column("what", sa.String(length=32), nullable=False, comment="device, person, grant, erasure ..."),
        sa.Column("state", sa.Text(), nullable=False, comment="JSON: how it is after the change; ids, no names"),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_journal")),
        comment="what a restore must not undo; copied to a file beside the data",
    )
    op.create_table(
        "declarations",
        sa.Column("epoch", sa.String(length=16), nullable=False, comment="that began with the restore"),
        sa.Column("actor", sa.String(length=16), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False, comment="the last edit that the phone had made by then"),
        sa.Column("outbox", sa.Integer(), nullable=False, comment="of them those that it had not sent yet"),
        sa.Column("logged", sa.BigInteger(), nullable=False, comment="the counter up to which the backup knew the actor"),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("epoch", "actor", name=op.f("pk_declarations")),
        comment="what each phone said of its edits when it first heard of a restore",
    )
    if on_citus():
        for table in ("journal", "declarations"):
            op.execute(f"SELECT create_reference_table('{table}')")


def on_citus():
    """Is this a PostgreSQL with the Citus extension?"""
    bind = op.get_bind()
    found = "SELECT count(*) FROM pg_extension WHERE extname = 'citus'"
    return bind.dialect.name == "postgresql" and bind.execute(sa.text(found)).scalar() > 0


def downgrade():
    op.drop_table("declarations")
    op.drop_table("journal")
