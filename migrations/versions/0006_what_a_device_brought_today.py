"""What a device has brought today is counted"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade():
    op.create_table(
        "quotas",
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False, comment="the last on which it came"),
        sa.Column("requests", sa.Integer(), nullable=False, comment="of that day"),
        sa.Column("bytes", sa.BigInteger(), nullable=False, comment="of edits and record states, on that day"),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_quotas")),
        comment="what a device has brought today, counted for all workers together",
    )
    if on_citus():
        op.execute("SELECT create_reference_table('quotas')")


def on_citus():
    """Is this a PostgreSQL with the Citus extension?"""
    bind = op.get_bind()
    found = "SELECT count(*) FROM pg_extension WHERE extname = 'citus'"
    return bind.dialect.name == "postgresql" and bind.execute(sa.text(found)).scalar() > 0


def downgrade():
    op.drop_table("quotas")
