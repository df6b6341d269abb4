"""The first schema"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BY_SCOPE = ("scopes", "records", "edits", "deposits", "actor_states")
SHARED = (
    "settings",
    "areas",
    "organisations",
    "people",
    "workplaces",
    "teams",
    "team_members",
    "team_villages",
    "devices",
    "actors",
    "enrolment_codes",
    "attempts",
)


def upgrade():
    citus = on_citus()
    if citus:
        op.execute("SET LOCAL citus.multi_shard_modify_mode TO 'sequential'")
    op.create_table(
        "actor_states",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=16), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False, comment="no edit of the actor above this is in the log"),
        sa.Column("nonce", sa.String(length=32), nullable=False, comment="of the next exchange"),
        sa.Column("nonce_before", sa.String(length=32), nullable=True, comment="of the last one, whose reply may be lost"),
        sa.Column("exchanges", sa.BigInteger(), nullable=False, comment="how many were opened"),
        sa.Column("assertions", sa.BigInteger(), nullable=False, comment="how many bought a token; names the next nonce"),
        sa.Column("forked_at", sa.BigInteger(), nullable=True, comment="the lowest counter that was used twice"),
        sa.Column("outbox", sa.Integer(), nullable=False, comment="edits still on the phone, as it last said"),
        sa.Column("app", sa.String(length=100), nullable=False),
        sa.Column("offset_ms", sa.BigInteger(), nullable=False, comment="server clock minus the phone's, last time"),
        sa.Column("heard_at", sa.String(length=24), nullable=True, comment="last exchange"),
        sa.PrimaryKeyConstraint("scope", "actor", name=op.f("pk_actor_states")),
        comment="the conversation with each actor",
    )
    op.create_table(
        "areas",
        sa.Column("code", sa.String(length=12), nullable=False, comment="6 digits a county, 9 a township, 12 a village"),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("parent", sa.String(length=12), nullable=True),
        sa.Column("since", sa.String(length=10), nullable=True),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.Column("replaced_by", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(["parent"], ["areas.code"], name=op.f("fk_areas_parent")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_areas")),
    )
    op.create_table(
        "attempts",
        sa.Column("key", sa.String(length=100), nullable=False, comment="from where a wrong code came"),
        sa.Column("hour", sa.String(length=13), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "hour", name=op.f("pk_attempts")),
        comment="wrong enrolment codes, counted for all workers together",
    )
    op.create_table(
        "deposits",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("deposit", sa.String(length=64), nullable=False, comment="of the sender and the body"),
        sa.Column("actor", sa.String(length=64), nullable=True),
        sa.Column("counter", sa.BigInteger(), nullable=True),
        sa.Column("record", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.String(length=24), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="verbatim"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="waiting, or what a person decided"),
        sa.PrimaryKeyConstraint("scope", "deposit", name=op.f("pk_deposits")),
        comment="edits kept but not applied, waiting for a person",
    )
    op.create_table(
        "edits",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=16), nullable=False, comment="'~' for a record state that a device sent"),
        sa.Column("counter", sa.BigInteger(), nullable=False, comment="of a record state: its place in the log"),
        sa.Column("entry", sa.BigInteger(), nullable=False, comment="place in the log of the scope, from 1"),
        sa.Column("record", sa.String(length=36), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("received_at", sa.String(length=24), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False, comment="of the body, whatever its layout"),
        sa.Column("body", sa.Text(), nullable=False, comment="verbatim"),
        sa.Column("hash", sa.String(length=64), nullable=False, comment="of this row and the hash before it"),
        sa.PrimaryKeyConstraint("scope", "actor", "counter", name=op.f("pk_edits")),
        comment="every edit ever received, once, for ever",
    )
    with op.batch_alter_table("edits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_edits_actor_counter"), ["actor", "counter"], unique=False)
        batch_op.create_index(batch_op.f("ix_edits_scope_entry"), ["scope", "entry"], unique=True)
        batch_op.create_index(batch_op.f("ix_edits_scope_record"), ["scope", "record"], unique=False)

    op.create_table(
        "records",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("record", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=True),
        sa.Column("seen", sa.Text(), nullable=False, comment="version vector, JSON"),
        sa.Column("edits", sa.Text(), nullable=False, comment="live edits, JSON as on the wire"),
        sa.Column("issues", sa.Text(), nullable=False, comment="JSON as on the wire"),
        sa.Column("hash", sa.String(length=32), nullable=False, comment="its part of the digest"),
        sa.Column("conflict", sa.Boolean(), nullable=False),
        sa.Column(
            "moved_to",
            sa.String(length=64),
            nullable=True,
            comment="the scope where the record lives now; this row is its trace",
        ),
        sa.PrimaryKeyConstraint("scope", "record", name=op.f("pk_records")),
        comment="one row a record and scope: its present state, or the trace of one that moved",
    )
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_records_record"), ["record"], unique=False)
        batch_op.create_index(batch_op.f("ix_records_scope_seq"), ["scope", "seq"], unique=True)
        batch_op.create_index(batch_op.f("ix_records_scope_subject"), ["scope", "subject"], unique=False)

    op.create_table(
        "scopes",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="position of the feed, given out in commit order"),
        sa.Column("live", sa.Integer(), nullable=False, comment="how many live records"),
        sa.Column("sum", sa.String(length=32), nullable=False, comment="digest of the live records"),
        sa.Column("entries", sa.BigInteger(), nullable=False, comment="length of the edit log"),
        sa.Column("chain", sa.String(length=64), nullable=False, comment="hash of the last entry of the edit log"),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_scopes")),
        comment="one row a scope: its lock, its feed, its digest, the head of its log",
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
        comment="epoch, name of the server, fingerprint of its keys",
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("area", sa.String(length=12), nullable=False),
        sa.Column("parent", sa.String(length=64), nullable=True, comment="the organisation it belongs to"),
        sa.ForeignKeyConstraint(["area"], ["areas.code"], name=op.f("fk_organisations_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=True),
        sa.Column("area", sa.String(length=12), nullable=True, comment="whose supervisor they are"),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["areas.code"], name=op.f("fk_people_area")),
        sa.ForeignKeyConstraint(["organisation"], ["organisations.id"], name=op.f("fk_people_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False, comment="JWK"),
        sa.Column("status", sa.String(length=16), nullable=False, comment="active, retired, revoked"),
        sa.Column("enrolled_at", sa.String(length=24), nullable=False),
        sa.Column("status_at", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_devices_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
    )
    op.create_table(
        "enrolment_codes",
        sa.Column("hash", sa.String(length=64), nullable=False, comment="keyed hash of the code"),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.String(length=24), nullable=False),
        sa.Column("expires_at", sa.String(length=24), nullable=False),
        sa.Column("used_at", sa.String(length=24), nullable=True),
        sa.Column("device", sa.String(length=64), nullable=True, comment="that was enrolled with it"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_enrolment_codes_person")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_enrolment_codes")),
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=True),
        sa.Column("leader", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["leader"], ["people.id"], name=op.f("fk_teams_leader")),
        sa.ForeignKeyConstraint(["organisation"], ["organisations.id"], name=op.f("fk_teams_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
    )
    op.create_table(
        "workplaces",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("village", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_workplaces_person")),
        sa.ForeignKeyConstraint(["village"], ["areas.code"], name=op.f("fk_workplaces_village")),
        sa.PrimaryKeyConstraint("person", "village", name=op.f("pk_workplaces")),
        comment="the villages a person works in",
    )
    op.create_table(
        "actors",
        sa.Column("actor", sa.String(length=16), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column(
            "number", sa.Integer(), nullable=False, comment="of the device's actors, from 1; the last is the present one"
        ),
        sa.Column("since", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name=op.f("fk_actors_device")),
        sa.PrimaryKeyConstraint("actor", name=op.f("pk_actors")),
    )
    with op.batch_alter_table("actors", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_actors_device"), ["device"], unique=False)

    op.create_table(
        "team_members",
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("duty", sa.String(length=32), nullable=False),
        sa.Column("since", sa.String(length=10), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_team_members_person")),
        sa.ForeignKeyConstraint(["team"], ["teams.id"], name=op.f("fk_team_members_team")),
        sa.PrimaryKeyConstraint("team", "person", name=op.f("pk_team_members")),
    )
    op.create_table(
        "team_villages",
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("village", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["team"], ["teams.id"], name=op.f("fk_team_villages_team")),
        sa.ForeignKeyConstraint(["village"], ["areas.code"], name=op.f("fk_team_villages_village")),
        sa.PrimaryKeyConstraint("team", "village", name=op.f("pk_team_villages")),
    )
    if citus:
        distribute()


def on_citus():
    """Is this a PostgreSQL with the Citus extension?"""
    bind = op.get_bind()
    found = "SELECT count(*) FROM pg_extension WHERE extname = 'citus'"
    return bind.dialect.name == "postgresql" and bind.execute(sa.text(found)).scalar() > 0


def distribute():
    """Spread what grows by scope; copy what is small and shared to every machine, parents first."""
    for table in SHARED:
        op.execute(f"SELECT create_reference_table('{table}')")
    for table in BY_SCOPE:
        beside = "" if table == "scopes" else ", colocate_with => 'scopes'"
        op.execute(f"SELECT create_distributed_table('{table}', 'scope'{beside})")


def downgrade():
    op.drop_table("team_villages")
    op.drop_table("team_members")
    with op.batch_alter_table("actors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_actors_device"))

    op.drop_table("actors")
    op.drop_table("workplaces")
    op.drop_table("teams")
    op.drop_table("enrolment_codes")
    op.drop_table("devices")
    op.drop_table("people")
    op.drop_table("organisations")
    op.drop_table("settings")
    op.drop_table("scopes")
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_records_scope_subject"))
        batch_op.drop_index(batch_op.f("ix_records_scope_seq"))
        batch_op.drop_index(batch_op.f("ix_records_record"))

    op.drop_table("records")
    with op.batch_alter_table("edits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_edits_scope_record"))
        batch_op.drop_index(batch_op.f("ix_edits_scope_entry"))
        batch_op.drop_index(batch_op.f("ix_edits_actor_counter"))

    op.drop_table("edits")
    op.drop_table("deposits")
    op.drop_table("attempts")
    op.drop_table("areas")
    op.drop_table("actor_states")
