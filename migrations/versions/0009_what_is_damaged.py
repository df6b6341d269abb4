"""What was found damaged: records that are frozen, and what else does not agree; why a phone was last refused"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade():
    op.create_table(
        "damage",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column(
            "part", sa.String(length=36), nullable=False, comment="a record, or what of the scope: feed, log, digest ..."
        ),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("found_at", sa.String(length=24), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=True, comment="of a record"),
        sa.Column("subject", sa.String(length=64), nullable=True, comment="of a record"),
        sa.Column("live", sa.Boolean(), nullable=False, comment="the digest of the scope counts it"),
        sa.Column("hash", sa.String(length=32), nullable=True, comment="its part of the digest"),
        sa.Column("kept", sa.Text(), nullable=True, comment="the row as it was found, JSON; what is sealed stays so"),
        sa.PrimaryKeyConstraint("scope", "part", name=op.f("pk_damage")),
        comment="what was found damaged and is not mended yet; a frozen record lies here",
    )
    op.add_column(
        "actor_states",
        sa.Column("problem", sa.String(length=32), nullable=True, comment="why it was refused since it last synced"),
    )
    op.add_column("actor_states", sa.Column("problem_at", sa.String(length=24), nullable=True))
    if on_citus():
        op.execute("SELECT create_distributed_table('damage', 'scope', colocate_with => 'scopes')")


def on_citus():
    """Is this a PostgreSQL with the Citus extension?"""
    bind = op.get_bind()
    found = "SELECT count(*) FROM pg_extension WHERE extname = 'citus'"
    return bind.dialect.name == "postgresql" and bind.execute(sa.text(found)).scalar() > 0


def downgrade():
    with op.batch_alter_table("actor_states") as batch_op:
        batch_op.drop_column("problem_at")
        batch_op.drop_column("problem")
    op.drop_table("damage")
