"""What became of a deposit is told to whoever wrote it"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade():
    with op.batch_alter_table("deposits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deposits_person_decided_at"), ["person", "decided_at"], unique=False)


def downgrade():
    with op.batch_alter_table("deposits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deposits_person_decided_at"))
