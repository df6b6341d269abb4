"""Reports and the dashboard"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade():
    op.create_table(
        "findings",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="of the feed, at which they were found"),
        sa.Column("edition", sa.String(length=16), nullable=False, comment="of the rules by which they were found"),
        sa.Column("body", sa.Text(), nullable=False, comment="JSON"),
        sa.PrimaryKeyConstraint("scope", "month", name=op.f("pk_findings")),
        comment="derived: what about the records of a village and month is worth a second look",
    )
    op.create_table(
        "finding_answers",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("finding", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False, comment="of the finding as it was then"),
        sa.Column("note", sa.Text(), nullable=False, comment="how it was checked; it may speak of patients"),
        sa.PrimaryKeyConstraint("scope", "finding", "at", "person", name=op.f("pk_finding_answers")),
        comment="what persons said to findings",
    )
    op.create_table(
        "report_issues",
        sa.Column("area", sa.String(length=12), nullable=False),
        sa.Column("period", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="from 1; those above 1 are corrections"),
        sa.Column("made_at", sa.String(length=24), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False, comment="a person, or `shell`"),
        sa.Column("reason", sa.Text(), nullable=False, comment="of a correction"),
        sa.Column("parts", sa.Text(), nullable=False, comment="JSON: the number of the part of each village"),
        sa.Column("unheard", sa.Text(), nullable=False, comment="JSON: the phones not heard from when it was made"),
        sa.Column("hash", sa.String(length=64), nullable=False, comment="over those of its parts"),
        sa.PrimaryKeyConstraint("area", "period", "number", name=op.f("pk_report_issues")),
        comment="a report as it was published",
    )
    op.create_table(
        "report_parts",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="from 1; never changed once written"),
        sa.Column("computed_at", sa.String(length=24), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False, comment="on which the residents' standing was asked for"),
        sa.Column("edition", sa.String(length=16), nullable=False, comment="of the rules and standards it was made by"),
        sa.Column(
            "positions", sa.Text(), nullable=False, comment="JSON: epoch, and by scope the seq and the length of the log"
        ),
        sa.Column(
            "figures",
            sa.Text(),
            nullable=False,
            comment="JSON: numerator, denominator and excluded by indicator and population",
        ),
        sa.Column("evidence", sa.Text(), nullable=False, comment="JSON by resident, compressed with zstd, base64"),
        sa.Column("hash", sa.String(length=64), nullable=False, comment="of figures and evidence"),
        sa.PrimaryKeyConstraint("scope", "period", "number", name=op.f("pk_report_parts")),
        comment="a village's numbers of a period, frozen",
    )
    op.create_table(
        "report_steps",
        sa.Column("area", sa.String(length=12), nullable=False),
        sa.Column("period", sa.String(length=24), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False, comment="from 1"),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("area", "period", "step", name=op.f("pk_report_steps")),
        comment="what became of a report",
    )
    op.create_table(
        "reports",
        sa.Column("area", sa.String(length=12), nullable=False),
        sa.Column("period", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False, comment="computed, submitted, accepted, returned, locked"),
        sa.Column("issue", sa.Integer(), nullable=False, comment="the number of the one that holds"),
        sa.PrimaryKeyConstraint("area", "period", name=op.f("pk_reports")),
        comment="one row a report; one that has no row is open",
    )
    op.create_table(
        "standards",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("since", sa.String(length=10), nullable=False, comment="the first day"),
        sa.Column("given_at", sa.String(length=24), nullable=False),
        sa.Column("value", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("given_by", sa.String(length=64), nullable=False, comment="a person, or `shell`"),
        sa.PrimaryKeyConstraint("name", "since", "given_at", name=op.f("pk_standards")),
        comment="what an administrator sets: targets, weights, limits, checklists",
    )
    op.create_table(
        "tallies",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("population", sa.String(length=32), nullable=False, comment="all, or a group of residents"),
        sa.Column(
            "bucket", sa.String(length=10), nullable=False, comment="empty; of what happens on a day, the day and the month"
        ),
        sa.Column("indicator", sa.String(length=40), nullable=False),
        sa.Column("numerator", sa.Integer(), nullable=False),
        sa.Column("denominator", sa.Integer(), nullable=False),
        sa.Column("excluded", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "population", "bucket", "indicator", name=op.f("pk_tallies")),
        comment="derived: the sums over `counts` of a village, changed together with them",
    )
    op.create_table(
        "trail",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False, comment="from 1"),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=True, comment="of which something was seen or done"),
        sa.Column("resident", sa.String(length=64), nullable=True, comment="whose records were seen"),
        sa.Column("record", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False, comment="JSON; nothing that a record says"),
        sa.Column("hash", sa.String(length=64), nullable=False, comment="of this row and the hash before it"),
        sa.PrimaryKeyConstraint("scope", "entry", name=op.f("pk_trail")),
        comment="who saw and did what at a desk, once, for ever",
    )
    with op.batch_alter_table("trail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trail_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_trail_resident_at"), ["resident", "at"], unique=False)

    op.create_table(
        "accounts",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("password", sa.Text(), nullable=True, comment="argon2id; empty until the first is chosen"),
        sa.Column("totp", sa.String(length=64), nullable=True, comment="secret of the one-time codes"),
        sa.Column("totp_spent", sa.BigInteger(), nullable=False, comment="the last time step that was used"),
        sa.Column("code", sa.String(length=64), nullable=True, comment="keyed hash of the code for choosing a password"),
        sa.Column("code_expires_at", sa.String(length=24), nullable=True),
        sa.Column("changed_at", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_accounts_person")),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_accounts")),
        comment="how a person signs in at the dashboard",
    )
    op.create_table(
        "desk_sessions",
        sa.Column("hash", sa.String(length=64), nullable=False, comment="of what the cookie says"),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.String(length=24), nullable=False),
        sa.Column("seen_at", sa.String(length=24), nullable=False),
        sa.Column("ends_at", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_desk_sessions_person")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_desk_sessions")),
        comment="who is signed in at the dashboard",
    )
    with op.batch_alter_table("desk_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_desk_sessions_person"), ["person"], unique=False)

    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "waits",
                sa.String(length=24),
                nullable=True,
                comment="what of it waits for a person: names of server/waiting.py, with spaces between",
            )
        )
        waiting = sa.text("waits IS NOT NULL")
        batch_op.create_index(
            batch_op.f("ix_records_scope_waits"), ["scope", "waits"], sqlite_where=waiting, postgresql_where=waiting
        )
    # what waited before has it told; nobody could appeal yet
    review = """issues LIKE '%"code":"review"%'"""
    said = f"(CASE WHEN conflict THEN 'conflict ' ELSE '' END) || (CASE WHEN {review} THEN 'review' ELSE '' END)"
    op.execute(f"UPDATE records SET waits = trim({said}) WHERE moved_to IS NULL AND (conflict OR {review})")

    with op.batch_alter_table("edits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_edits_scope_received_at_entry"), ["scope", "received_at", "entry"], unique=False)

    with op.batch_alter_table("deposits", schema=None) as batch_op:
        batch_op.add_column(sa.Column("decided_by", sa.String(length=64), nullable=True, comment="a person, or `shell`"))

    with op.batch_alter_table("standings", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "counts",
                sa.Text(),
                server_default="{}",
                nullable=False,
                comment="JSON: what the person adds to each indicator, and why not",
            )
        )

    if on_citus():
        for table in ("tallies", "findings", "finding_answers", "report_parts", "trail"):
            op.execute(f"SELECT create_distributed_table('{table}', 'scope', colocate_with => 'scopes')")
        for table in ("reports", "report_issues", "report_steps", "standards", "accounts", "desk_sessions"):
            op.execute(f"SELECT create_reference_table('{table}')")


def on_citus():
    """Is this a PostgreSQL with the Citus extension?"""
    bind = op.get_bind()
    found = "SELECT count(*) FROM pg_extension WHERE extname = 'citus'"
    return bind.dialect.name == "postgresql" and bind.execute(sa.text(found)).scalar() > 0


def downgrade():
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_records_scope_waits"))
        batch_op.drop_column("waits")

    with op.batch_alter_table("standings", schema=None) as batch_op:
        batch_op.drop_column("counts")

    with op.batch_alter_table("edits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_edits_scope_received_at_entry"))

    with op.batch_alter_table("deposits", schema=None) as batch_op:
        batch_op.drop_column("decided_by")

    with op.batch_alter_table("desk_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_desk_sessions_person"))

    op.drop_table("desk_sessions")
    op.drop_table("accounts")
    with op.batch_alter_table("trail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trail_resident_at"))
        batch_op.drop_index(batch_op.f("ix_trail_at"))

    op.drop_table("trail")
    op.drop_table("tallies")
    op.drop_table("standards")
    op.drop_table("reports")
    op.drop_table("report_steps")
    op.drop_table("report_parts")
    op.drop_table("report_issues")
    op.drop_table("finding_answers")
    op.drop_table("findings")
