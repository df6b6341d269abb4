"""The tables. One schema for SQLite, PostgreSQL and Citus: see DESIGN.md.

Tables that grow have the scope first in every key, so that a province can spread them over machines by scope. The small
shared ones are copied to every machine. Instants are UTC text of a fixed form, JSON is text exactly as it travels:
nothing here can come back from one engine otherwise than from another. No foreign key joins records that sync
independently: what arrived must never fail to appear.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, text

from server.store.sealing import HiddenHash, SealedNumbers, SealedText

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ID, _INSTANT, _HASH = String(64), String(24), String(64)
_HIDDEN, _DIGEST = HiddenHash(64), HiddenHash(32)  # hashes over what a record says
WAITING = "waits IS NOT NULL"  # few of many records: they have an index of their own


def _scope() -> Column[str]:
    return Column("scope", String(64), primary_key=True)


# -- what grows: by scope ----------------------------------------------------------------------------------------------

scopes = Table(
    "scopes",
    metadata,
    _scope(),
    Column("seq", BigInteger, nullable=False, comment="position of the feed, given out in commit order"),
    Column("live", Integer, nullable=False, comment="how many live records"),
    Column("sum", _DIGEST, nullable=False, comment="digest of the live records"),
    Column("entries", BigInteger, nullable=False, comment="length of the edit log"),
    Column("chain", _HIDDEN, nullable=False, comment="hash of the last entry of the edit log"),
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
    Column("edits", SealedNumbers, nullable=False, comment="live edits, JSON as on the wire"),
    Column("issues", Text, nullable=False, comment="JSON as on the wire"),
    Column("hash", _DIGEST, nullable=False, comment="its part of the digest"),
    Column("conflict", Boolean, nullable=False),
    Column("waits", String(24), comment="what of it waits for a person: names of server/waiting.py, with spaces between"),
    Column("moved_to", String(64), comment="the scope where the record lives now; this row is its trace"),
    Index(None, "scope", "seq", unique=True),
    Index(None, "scope", "subject"),
    Index(None, "record"),
    Index(None, "scope", "waits", sqlite_where=text(WAITING), postgresql_where=text(WAITING)),
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
    Column("fingerprint", _HIDDEN, nullable=False, comment="of the body, whatever its layout"),
    Column("body", SealedNumbers, nullable=False, comment="verbatim"),
    Column("hash", _HIDDEN, nullable=False, comment="of this row and the hash before it"),
    Index(None, "scope", "entry", unique=True),
    Index(None, "scope", "record"),
    Index(None, "scope", "received_at", "entry"),
    Index(None, "actor", "counter"),
    comment="every edit ever received, once, for ever",
)

deposits = Table(
    "deposits",
    metadata,
    _scope(),
    Column("deposit", _HIDDEN, primary_key=True, comment="of the sender and the body"),
    Column("actor", String(64)),
    Column("counter", BigInteger),
    Column("record", String(36)),
    Column("reason", String(16), nullable=False),
    Column("device", _ID, nullable=False),
    Column("person", _ID, nullable=False),
    Column("received_at", _INSTANT, nullable=False),
    Column("body", SealedNumbers, nullable=False, comment="verbatim"),
    Column("state", String(16), nullable=False, comment="waiting, or what a person decided"),
    Column("decided_at", _INSTANT),
    Column("decision", Text, comment="why it was refused"),
    Column("decided_by", _ID, comment="a person, or `shell`"),
    Index(None, "person", "decided_at"),
    comment="edits kept but not applied, waiting for a person",
)

damage = Table(
    "damage",
    metadata,
    _scope(),
    Column("part", String(36), primary_key=True, comment="a record, or what of the scope: feed, log, digest ..."),
    Column("why", String(16), nullable=False),
    Column("found_at", _INSTANT, nullable=False),
    Column("type", _ID, comment="of a record"),
    Column("subject", _ID, comment="of a record"),
    Column("live", Boolean, nullable=False, comment="the digest of the scope counts it"),
    Column("hash", _DIGEST, comment="its part of the digest"),
    Column("kept", Text, comment="the row as it was found, JSON; what is sealed stays so"),
    comment="what was found damaged and is not mended yet; a frozen record lies here",
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
    Column("problem", String(32), comment="why it was refused since it last synced"),
    Column("problem_at", _INSTANT),
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
    Column("entries", SealedText, nullable=False, comment="JSON, see sync/search.py"),
    Column("body", Text, nullable=False, comment="JSON; in the scope of a programme only its part"),
    Column(
        "counts", Text, nullable=False, server_default="{}", comment="JSON: what the person adds to each indicator, and why not"
    ),
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

tallies = Table(
    "tallies",
    metadata,
    _scope(),
    Column("population", String(32), primary_key=True, comment="all, or a group of residents"),
    Column("bucket", String(10), primary_key=True, comment="empty; of what happens on a day, the day and the month"),
    Column("indicator", String(40), primary_key=True),
    Column("numerator", Integer, nullable=False),
    Column("denominator", Integer, nullable=False),
    Column("excluded", Integer, nullable=False),
    comment="derived: the sums over `counts` of a village, changed together with them",
)

findings = Table(
    "findings",
    metadata,
    _scope(),
    Column("month", String(7), primary_key=True),
    Column("seq", BigInteger, nullable=False, comment="of the feed, at which they were found"),
    Column("edition", String(16), nullable=False, comment="of the rules by which they were found"),
    Column("body", Text, nullable=False, comment="JSON"),
    comment="derived: what about the records of a village and month is worth a second look",
)

finding_answers = Table(
    "finding_answers",
    metadata,
    _scope(),
    Column("finding", String(64), primary_key=True),
    Column("at", _INSTANT, primary_key=True),
    Column("person", _ID, primary_key=True),
    Column("mark", String(64), nullable=False, comment="of the finding as it was then"),
    Column("note", Text, nullable=False, comment="how it was checked; it may speak of patients"),
    comment="what persons said to findings",
)

report_parts = Table(
    "report_parts",
    metadata,
    _scope(),
    Column("period", String(24), primary_key=True),
    Column("number", Integer, primary_key=True, comment="from 1; never changed once written"),
    Column("computed_at", _INSTANT, nullable=False),
    Column("day", String(10), nullable=False, comment="on which the residents' standing was asked for"),
    Column("edition", String(16), nullable=False, comment="of the rules and standards it was made by"),
    Column("positions", Text, nullable=False, comment="JSON: epoch, and by scope the seq and the length of the log"),
    Column("figures", Text, nullable=False, comment="JSON: numerator, denominator and excluded by indicator and population"),
    Column("evidence", Text, nullable=False, comment="JSON by resident, compressed with zstd, base64"),
    Column("hash", _HASH, nullable=False, comment="of figures and evidence"),
    comment="a village's numbers of a period, frozen",
)

trail = Table(
    "trail",
    metadata,
    _scope(),  # person:<id>, so that nobody waits for another's row
    Column("entry", BigInteger, primary_key=True, comment="from 1"),
    Column("at", _INSTANT, nullable=False),
    Column("person", _ID, nullable=False),
    Column("action", String(40), nullable=False),
    Column("area", String(16), comment="of which something was seen or done"),
    Column("resident", String(64), comment="whose records were seen"),
    Column("record", String(64)),
    Column("detail", Text, nullable=False, comment="JSON; nothing that a record says"),
    Column("hash", _HASH, nullable=False, comment="of this row and the hash before it"),
    Index(None, "at"),
    Index(None, "resident", "at"),
    comment="who saw and did what at a desk, once, for ever",
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

quotas = Table(
    "quotas",
    metadata,
    Column("device", _ID, primary_key=True),
    Column("day", String(10), nullable=False, comment="the last on which it came"),
    Column("requests", Integer, nullable=False, comment="of that day"),
    Column("bytes", BigInteger, nullable=False, comment="of edits and record states, on that day"),
    comment="what a device has brought today, counted for all workers together",
)

reports = Table(
    "reports",
    metadata,
    Column("area", String(12), primary_key=True),
    Column("period", String(24), primary_key=True),
    Column("state", String(16), nullable=False, comment="computed, submitted, accepted, returned, locked"),
    Column("issue", Integer, nullable=False, comment="the number of the one that holds"),
    comment="one row a report; one that has no row is open",
)

report_issues = Table(
    "report_issues",
    metadata,
    Column("area", String(12), primary_key=True),
    Column("period", String(24), primary_key=True),
    Column("number", Integer, primary_key=True, comment="from 1; those above 1 are corrections"),
    Column("made_at", _INSTANT, nullable=False),
    Column("made_by", _ID, nullable=False, comment="a person, or `shell`"),
    Column("reason", Text, nullable=False, comment="of a correction"),
    Column("parts", Text, nullable=False, comment="JSON: the number of the part of each village"),
    Column("unheard", Text, nullable=False, comment="JSON: the phones not heard from when it was made"),
    Column("hash", _HASH, nullable=False, comment="over those of its parts"),
    comment="a report as it was published",
)

report_steps = Table(
    "report_steps",
    metadata,
    Column("area", String(12), primary_key=True),
    Column("period", String(24), primary_key=True),
    Column("step", Integer, primary_key=True, comment="from 1"),
    Column("at", _INSTANT, nullable=False),
    Column("person", _ID, nullable=False),
    Column("action", String(16), nullable=False),
    Column("issue", Integer, nullable=False),
    Column("note", Text, nullable=False),
    comment="what became of a report",
)

standards = Table(
    "standards",
    metadata,
    Column("name", _ID, primary_key=True),
    Column("since", String(10), primary_key=True, comment="the first day"),
    Column("given_at", _INSTANT, primary_key=True),
    Column("value", Text, nullable=False, comment="JSON"),
    Column("given_by", _ID, nullable=False, comment="a person, or `shell`"),
    comment="what an administrator sets: targets, weights, limits, checklists",
)

accounts = Table(
    "accounts",
    metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("password", Text, comment="argon2id; empty until the first is chosen"),
    Column("totp", String(64), comment="secret of the one-time codes"),
    Column("totp_spent", BigInteger, nullable=False, comment="the last time step that was used"),
    Column("code", _HASH, comment="keyed hash of the code for choosing a password"),
    Column("code_expires_at", _INSTANT),
    Column("changed_at", _INSTANT, nullable=False),
    comment="how a person signs in at the dashboard",
)

desk_sessions = Table(
    "desk_sessions",
    metadata,
    Column("hash", _HASH, primary_key=True, comment="of what the cookie says"),
    Column("person", ForeignKey("people.id"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("made_at", _INSTANT, nullable=False),
    Column("seen_at", _INSTANT, nullable=False),
    Column("ends_at", _INSTANT, nullable=False),
    comment="who is signed in at the dashboard",
)

journal = Table(
    "journal",
    metadata,
    Column("n", BigInteger, primary_key=True, autoincrement=False, comment="from 1, in the order of the commits"),
    Column("epoch", String(16), nullable=False, comment="in which it was written"),
    Column("what", String(32), nullable=False, comment="device, person, grant, erasure ..."),
    Column("state", Text, nullable=False, comment="JSON: how it is after the change; ids, no names"),
    comment="what a restore must not undo; copied to a file beside the data",
)

declarations = Table(
    "declarations",
    metadata,
    Column("epoch", String(16), primary_key=True, comment="that began with the restore"),
    Column("actor", String(16), primary_key=True),
    Column("counter", BigInteger, nullable=False, comment="the last edit that the phone had made by then"),
    Column("outbox", Integer, nullable=False, comment="of them those that it had not sent yet"),
    Column("logged", BigInteger, nullable=False, comment="the counter up to which the backup knew the actor"),
    Column("at", _INSTANT, nullable=False),
    comment="what each phone said of its edits when it first heard of a restore",
)

DERIVED = frozenset({standings, standing_heads, tallies, findings})  # made again from the records; in no backup
