"""The tables. One schema for SQLite, PostgreSQL and Citus: see DESIGN.md.

Tables that grow have the scope first in every key, so that a province can spread them over machines by scope. The small
shared ones are copied to every machine. Instants are UTC text of a fixed form, JSON is text exactly as it travels:
nothing here can come back from one engine otherwise than from another. No foreign key joins records that sync
independently: what arrived must never fail to appear.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ID, _INSTANT, _HASH = String(64), String(24), String(64)


def _scope() -> Column[str]:
    return Column("scope", String(64), primary_key=True)


# -- what grows: by scope ----------------------------------------------------------------------------------------------

scopes = Table(
    "scopes",
    metadata,
    _scope(),
    Column("seq", BigInteger, nullable=False, comment="position of the feed, given out in commit order"),
    Column("live", Integer, nullable=False, comment="how many live records"),
    Column("sum", String(32), nullable=False, comment="digest of the live records"),
    Column("entries", BigInteger, nullable=False, comment="length of the edit log"),
    Column("chain", _HASH, nullable=False, comment="hash of the last entry of the edit log"),
    comment="one row a scope: its lock, its feed, its digest, the head of its log",
)

records = Table(
    "records",
    metadata,
    _scope(),
    Column("record", String(36), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("type", _ID, nullable=False),
    Column("subject", _ID),
    Column("seen", Text, nullable=False, comment="version vector, JSON"),
    Column("edits", Text, nullable=False, comment="live edits, JSON as on the wire"),
    Column("issues", Text, nullable=False, comment="JSON as on the wire"),
    Column("hash", String(32), nullable=False, comment="its part of the digest"),
    Column("conflict", Boolean, nullable=False),
    Column("moved_to", String(64), comment="the scope where the record lives now; this row is its trace"),
    Index(None, "scope", "seq", unique=True),
    Index(None, "scope", "subject"),
    Index(None, "record"),
    comment="one row a record and scope: its present state, or the trace of one that moved",
)

edits = Table(
    "edits",
    metadata,
    _scope(),
    Column("actor", String(16), primary_key=True, comment="'~' for a record state that a device sent"),
    Column("counter", BigInteger, primary_key=True, comment="of a record state: its place in the log"),
    Column("entry", BigInteger, nullable=False, comment="place in the log of the scope, from 1"),
    Column("record", String(36)),
    Column("outcome", String(16), nullable=False),
    Column("reason", String(16)),
    Column("at", _INSTANT, nullable=False),
    Column("received_at", _INSTANT, nullable=False),
    Column("device", _ID, nullable=False),
    Column("fingerprint", _HASH, nullable=False, comment="of the body, whatever its layout"),
    Column("body", Text, nullable=False, comment="verbatim"),
    Column("hash", _HASH, nullable=False, comment="of this row and the hash before it"),
    Index(None, "scope", "entry", unique=True),
    Index(None, "scope", "record"),
    Index(None, "actor", "counter"),
    comment="every edit ever received, once, for ever",
)

deposits = Table(
    "deposits",
    metadata,
    _scope(),
    Column("deposit", _HASH, primary_key=True, comment="of the sender and the body"),
    Column("actor", String(64)),
    Column("counter", BigInteger),
    Column("record", String(36)),
    Column("reason", String(16), nullable=False),
    Column("device", _ID, nullable=False),
    Column("person", _ID, nullable=False),
    Column("received_at", _INSTANT, nullable=False),
    Column("body", Text, nullable=False, comment="verbatim"),
    Column("state", String(16), nullable=False, comment="waiting, or what a person decided"),
    Column("decided_at", _INSTANT),
    Column("decision", Text, comment="why it was refused"),
    comment="edits kept but not applied, waiting for a person",
)

actor_states = Table(
    "actor_states",
    metadata,
    _scope(),  # actor:<actor>, so that a phone's row lies on one machine and waits for no other
    Column("actor", String(16), primary_key=True),
    Column("counter", BigInteger, nullable=False, comment="no edit of the actor above this is in the log"),
    Column("nonce", String(32), nullable=False, comment="of the next exchange"),
    Column("nonce_before", String(32), comment="of the last one, whose reply may be lost"),
    Column("exchanges", BigInteger, nullable=False, comment="how many were opened"),
    Column("assertions", BigInteger, nullable=False, comment="how many bought a token; names the next nonce"),
    Column("forked_at", BigInteger, comment="the lowest counter that was used twice"),
    Column("outbox", Integer, nullable=False, comment="edits still on the phone, as it last said"),
    Column("app", String(100), nullable=False),
    Column("offset_ms", BigInteger, nullable=False, comment="server clock minus the phone's, last time"),
    Column("heard_at", _INSTANT, comment="last exchange"),
    comment="the conversation with each actor",
)

standings = Table(
    "standings",
    metadata,
    _scope(),
    Column("resident", String(36), primary_key=True),
    Column("until", String(10), nullable=False, comment="the first day on which it no longer holds"),
    Column("same_as", String(36), comment="the resident in whose standing this one counts"),
    Column("household", _ID, comment="as the resident's record shows it"),
    Column("words", Text, nullable=False, comment="what a search may find the resident by"),
    Column("entries", Text, nullable=False, comment="JSON, see sync/search.py"),
    Column("body", Text, nullable=False, comment="JSON; in the scope of a programme only its part"),
    Index(None, "scope", "until"),
    Index(None, "scope", "household"),
    Index(None, "scope", "same_as"),
    comment="derived: what each resident is due, has had, and counts as",
)

standing_heads = Table(
    "standing_heads",
    metadata,
    _scope(),
    Column("seq", BigInteger, nullable=False, comment="of the feed, up to which the standings are true"),
    Column("edition", String(16), nullable=False, comment="of the rules that they were made by"),
)

# -- what is small and shared ------------------------------------------------------------------------------------------

settings = Table(
    "settings",
    metadata,
    Column("name", _ID, primary_key=True),
    Column("value", Text, nullable=False),
    comment="epoch, name of the server, fingerprint of its keys",
)

areas = Table(
    "areas",
    metadata,
    Column("code", String(12), primary_key=True, comment="6 digits a county, 9 a township, 12 a village"),
    Column("name", String(100), nullable=False),
    Column("level", String(16), nullable=False),
    Column("parent", ForeignKey("areas.code")),
    Column("since", String(10)),
    Column("until", String(10)),
    Column("replaced_by", String(12)),
)

organisations = Table(
    "organisations",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("area", ForeignKey("areas.code"), nullable=False),
    Column("parent", _ID, comment="the organisation it belongs to"),
)

people = Table(
    "people",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", String(50), nullable=False),
    Column("role", String(32), nullable=False),
    Column("organisation", ForeignKey("organisations.id")),
    Column("area", ForeignKey("areas.code"), comment="whose supervisor they are"),
    Column("active", Boolean, nullable=False),
)

workplaces = Table(
    "workplaces",
    metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("village", ForeignKey("areas.code"), primary_key=True),
    comment="the villages a person works in",
)

grants = Table(
    "grants",
    metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("programme", String(16), primary_key=True, comment="tb, smd"),
    Column("given_at", _INSTANT, primary_key=True),
    Column("since", String(10), nullable=False, comment="the first day"),
    Column("until", String(10), comment="the first day on which it no longer holds"),
    Column("given_by", _ID, nullable=False, comment="a person, or `shell`"),
    comment="who may hold the records of a protected programme",
)

teams = Table(
    "teams",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("organisation", ForeignKey("organisations.id")),
    Column("leader", ForeignKey("people.id")),
)

team_members = Table(
    "team_members",
    metadata,
    Column("team", ForeignKey("teams.id"), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("duty", String(32), nullable=False),
    Column("since", String(10), nullable=False),
    Column("until", String(10)),
)

team_villages = Table(
    "team_villages",
    metadata,
    Column("team", ForeignKey("teams.id"), primary_key=True),
    Column("village", ForeignKey("areas.code"), primary_key=True),
)

devices = Table(
    "devices",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("public_key", Text, nullable=False, comment="JWK"),
    Column("status", String(16), nullable=False, comment="active, retired, revoked"),
    Column("enrolled_at", _INSTANT, nullable=False),
    Column("status_at", _INSTANT, nullable=False),
)

actors = Table(
    "actors",
    metadata,
    Column("actor", String(16), primary_key=True),
    Column("device", ForeignKey("devices.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False, comment="of the device's actors, from 1; the last is the present one"),
    Column("since", _INSTANT, nullable=False),
)

enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    Column("hash", _HASH, primary_key=True, comment="keyed hash of the code"),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("made_at", _INSTANT, nullable=False),
    Column("expires_at", _INSTANT, nullable=False),
    Column("used_at", _INSTANT),
    Column("device", _ID, comment="that was enrolled with it"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", String(100), primary_key=True, comment="from where a wrong code came"),
    Column("hour", String(13), primary_key=True),
    Column("failures", Integer, nullable=False),
    comment="wrong enrolment codes, counted for all workers together",
)

DERIVED = frozenset({standings, standing_heads})  # made again from the records; in no backup
