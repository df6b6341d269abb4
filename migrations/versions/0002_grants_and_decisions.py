"""Grants of protected programmes; decisions about deposits"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.create_table(
        "grants",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("programme", sa.String(length=16), nullable=False, comment="tb, smd"),
        sa.Column("given_at", sa.String(length=24), nullable=False),
        sa.Column("since", sa.String(length=10), nullable=False, comment="the first day"),
        sa.Column("until", sa.String(length=10), nullable=True, comment="the first day on which it no longer holds"),
        sa.Column("given_by", sa.String(length=64), nullable=False, comment="a person, or `shell`"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_grants_person")),
        sa.PrimaryKeyConstraint("person", "programme", "given_at", name=op.f("pk_grants")),
        comment="who may hold the records of a protected programme",
    )
    with op.batch_alter_table("deposits", schema=None) as batch_op:
        batch_op.add_column(sa.Column("decided_at", sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column("decision", sa.Text(), nullable=True, comment="why it was refused"))
    if on_citus():
        op.execute("SELECT create_reference_table('grants')")


def on_citus():
    """Is this a PostgreSQL with the Citus extension?"""
    bind = op.get_bind()
    found = "SELECT count(*) FROM pg_extension WHERE extname = 'citus'"
    return bind.dialect.name == "postgresql" and bind.execute(sa.text(found)).scalar() > 0


def downgrade():
    with op.batch_alter_table("deposits", schema=None) as batch_op:
        batch_op.drop_column("decision")
        batch_op.drop_column("decided_at")
    op.drop_table("grants")
