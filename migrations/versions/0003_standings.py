"""What each resident is due, has had, and counts as: derived from the records"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.create_table(
        "standing_heads",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="of the feed, up to which the standings are true"),
        sa.Column("edition", sa.String(length=16), nullable=False, comment="of the rules that they were made by"),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_standing_heads")),
    )
    op.create_table(
        "standings",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("resident", sa.String(length=36), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=False, comment="the first day on which it no longer holds"),
        sa.Column("same_as", sa.String(length=36), nullable=True, comment="the resident in whose standing this one counts"),
        sa.Column("household", sa.String(length=64), nullable=True, comment="as the resident's record shows it"),
        sa.Column("words", sa.Text(), nullable=False, comment="what a search may find the resident by"),
        sa.Column("entries", sa.Text(), nullable=False, comment="JSON, see sync/search.py"),
        sa.Column("body", sa.Text(), nullable=False, comment="JSON; in the scope of a programme only its part"),
        sa.PrimaryKeyConstraint("scope", "resident", name=op.f("pk_standings")),
        comment="derived: what each resident is due, has had, and counts as",
    )
    with op.batch_alter_table("standings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_standings_scope_household"), ["scope", "household"], unique=False)
        batch_op.create_index(batch_op.f("ix_standings_scope_same_as"), ["scope", "same_as"], unique=False)
        batch_op.create_index(batch_op.f("ix_standings_scope_until"), ["scope", "until"], unique=False)

    if on_citus():
        op.execute("SELECT create_distributed_table('standings', 'scope', colocate_with => 'scopes')")
        op.execute("SELECT create_distributed_table('standing_heads', 'scope', colocate_with => 'scopes')")


def on_citus():
    """Is this a PostgreSQL with the Citus extension?"""
    bind = op.get_bind()
    found = "SELECT count(*) FROM pg_extension WHERE extname = 'citus'"
    return bind.dialect.name == "postgresql" and bind.execute(sa.text(found)).scalar() > 0


def downgrade():
    with op.batch_alter_table("standings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_standings_scope_until"))
        batch_op.drop_index(batch_op.f("ix_standings_scope_same_as"))
        batch_op.drop_index(batch_op.f("ix_standings_scope_household"))

    op.drop_table("standings")
    op.drop_table("standing_heads")
