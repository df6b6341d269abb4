"""The envelopes of the protocol, as marshmallow schemas: what a request and its answer are made of. See DESIGN.md.

The edits and record states inside are judged one by one, by codec.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from sync.codec import MAX_INTEGER, UNFIT_TEXT

PROTOCOL = 1
MAX_BODY_BYTES = 4 << 20  # decompressed
MAX_BODY_DEPTH = 32  # of the envelope; an edit has its own limit
MAX_EDITS = 500

APPLIED = frozenset({"accepted", "merged", "conflict", "duplicate"})  # receipts that apply the edit to the device's base


class Envelope(Schema):
    """An object of the protocol. What a newer peer adds is passed over."""

    class Meta:
        """Unknown names are left out."""

        unknown = EXCLUDE


def _dot_field(**more: Any) -> fields.Field[Any]:
    return fields.List(fields.Raw(), metadata={"description": "[actor, counter]", "example": ["k7m2q9xa", 57]}, **more)


def _vector_field(**more: Any) -> fields.Field[Any]:
    return fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"example": {"k7m2q9xa": 57}}, **more)


def _fit_text(text: str) -> None:
    if UNFIT_TEXT.search(text):
        raise ValidationError("A NUL or a lone surrogate.")


class _Whole(fields.Integer):
    """A JSON integer from 0 that every client can read."""

    def __init__(self, **more: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(0, MAX_INTEGER), **more)


class _Text(fields.String):
    """Text that every database can keep, of at most `longest` characters."""

    def __init__(self, longest: int = 100, **more: Any) -> None:
        super().__init__(validate=[validate.Length(max=longest), _fit_text], **more)


class DeviceReport(Envelope):
    """What a device says of itself in each exchange."""

    now = _Text(required=True, metadata={"description": "the device's clock; only its offset is used"})
    counter = _Whole(required=True)
    outbox = _Whole(required=True)
    nonce = _Text(required=True, allow_none=True)
    epoch = _Text(load_default=None, allow_none=True)
    app = _Text(load_default="")


class SyncRequest(Envelope):
    """POST /v1/sync. Items of `edits` and `records` are judged one by one, not here."""

    protocol = fields.Integer(required=True, strict=True, validate=validate.Equal(PROTOCOL))
    device = fields.Nested(DeviceReport, required=True)
    edits = fields.List(fields.Raw(allow_none=True), load_default=list, validate=validate.Length(max=MAX_EDITS))
    records = fields.List(fields.Raw(allow_none=True), load_default=list, validate=validate.Length(max=MAX_EDITS))
    checkpoints = fields.Dict(keys=_Text(), values=_Text(), load_default=dict)
    max_bytes = _Whole(load_default=262_144)


class IssueSchema(Envelope):
    """A remark on an accepted record."""

    section = fields.String(required=True)
    field = fields.String(required=True, allow_none=True)
    code = fields.String(required=True)
    level = fields.String(required=True, validate=validate.OneOf(["error", "warning"]))


class Receipt(Envelope):
    """The server's answer about one edit."""

    dot = _dot_field(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf([*sorted(APPLIED), "gap", "deposited"]))
    at = fields.String()
    seen = _vector_field()
    issues = fields.List(fields.Nested(IssueSchema))
    reason = fields.String(validate=validate.OneOf(["out-of-scope", "account-disabled", "dot-reused", "malformed"]))


class LiveEditSchema(Envelope):
    """A live edit of a record: the sections it still owns."""

    dot = _dot_field(required=True)
    at = fields.String(required=True)
    written_at = fields.String(required=True)
    author = fields.String(required=True)
    sections = fields.Dict(keys=fields.String(), required=True)


class RecordState(Envelope):
    """A record as one replica holds it, with what was remarked about it: a live edit no longer says what it had seen."""

    record = fields.String(required=True)
    type = fields.String(required=True)
    subject = fields.String(required=True, allow_none=True)
    scope = fields.String(required=True)
    seen = _vector_field(required=True)
    edits = fields.List(fields.Nested(LiveEditSchema), required=True)
    issues = fields.List(fields.Nested(IssueSchema))


class EditSchema(Envelope):
    """An edit as a device sends it: one saved form."""

    record = fields.String(required=True)
    type = fields.String(required=True)
    subject = fields.String(required=True, allow_none=True)
    scope = fields.String(required=True)
    dot = _dot_field(required=True)
    context = _vector_field(required=True)
    written_at = fields.String(required=True)
    author = fields.String(required=True)
    sections = fields.Dict(keys=fields.String(), required=True)


class Change(Envelope):
    """A record of the feed, or `gone`: it has left this scope."""

    record = fields.String(required=True)
    scope = fields.String(required=True)
    seq = fields.Integer(required=True)
    gone = fields.String(metadata={"description": "`moved`; then none of the fields below is there"})
    type = fields.String()
    subject = fields.String(allow_none=True)
    seen = _vector_field()
    edits = fields.List(fields.Nested(LiveEditSchema))
    issues = fields.List(fields.Nested(IssueSchema))


class DigestSchema(Envelope):
    """How many records, and the sum of their hashes in 32 hex digits."""

    count = fields.Integer(required=True)
    sum = fields.String(required=True)


class ScopeSchema(Envelope):
    """What a device may do in a scope."""

    write = fields.Boolean(required=True)


class Merged(Envelope):
    """What the server has seen of a record after a record state was taken or refused."""

    record = fields.String(required=True, allow_none=True)
    seen = _vector_field(required=True)


class SyncReply(Envelope):
    """The answer to POST /v1/sync."""

    epoch = fields.String(required=True)
    now = fields.String(required=True)
    nonce = fields.String(required=True)
    receipts = fields.List(fields.Nested(Receipt), required=True)
    merged = fields.List(fields.Nested(Merged), required=True)
    changes = fields.List(fields.Nested(Change), required=True)
    checkpoints = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    more = fields.Boolean(required=True)
    scopes = fields.Dict(keys=fields.String(), values=fields.Nested(ScopeSchema), required=True)
    digests = fields.Dict(keys=fields.String(), values=fields.Nested(DigestSchema), required=True)
    wipe = fields.Boolean(required=True)


class DigestWalk(DigestSchema):
    """The digest below a prefix, and of each next hex digit."""

    children = fields.Dict(keys=fields.String(), values=fields.Nested(DigestSchema), required=True)


class RecordStates(Envelope):
    """The records below a prefix."""

    records = fields.List(fields.Nested(RecordState), required=True)


class ListedResident(Envelope):
    """One resident of a search. `due`: how many things are due."""

    resident = fields.String(required=True)
    scope = fields.String(required=True)
    name = fields.String(required=True)
    birth_date = fields.String(required=True)
    same_as = fields.String(required=True, allow_none=True)
    groups = fields.List(fields.String(), required=True)
    due = fields.Integer(required=True)


class Residents(Envelope):
    """GET /v1/residents."""

    residents = fields.List(fields.Nested(ListedResident), required=True)


class DueItem(Envelope):
    """Something to be done by a day."""

    resident = fields.String(required=True)
    name = fields.String(required=True)
    scope = fields.String(required=True)
    what = fields.String(required=True)
    reason = fields.String(required=True)
    by = fields.String(required=True)
    urgency = fields.String(required=True, validate=validate.OneOf(["urgent", "overdue", "soon", "later"]))
    record = fields.String(required=True)
    disputed = fields.Boolean(required=True)
    programme = fields.String(required=True, allow_none=True)


class DueReply(Envelope):
    """GET /v1/due."""

    due = fields.List(fields.Nested(DueItem), required=True)


class StandingReply(Envelope):
    """GET /v1/residents/{resident}/standing; the whole of it is in sync/standing/answer.py."""

    resident = fields.String(required=True)
    status = fields.String(required=True)
    until = fields.String(required=True)


class PublicKey(Envelope):
    """The device's public key as a JWK: EC P-256."""

    kty = fields.String(required=True, validate=validate.Equal("EC"))
    crv = fields.String(required=True, validate=validate.Equal("P-256"))
    x = _Text(64, required=True)
    y = _Text(64, required=True)


class EnrolRequest(Envelope):
    """POST /v1/enrol."""

    code = _Text(64, required=True)
    public_key = fields.Nested(PublicKey, required=True)
    device = _Text(required=True)
    app = _Text(load_default="")


class Who(Envelope):
    """GET /v1/me."""

    person = fields.Dict(required=True, metadata={"example": {"id": "0197…", "name": "王秀兰"}})
    role = fields.String(required=True)
    scopes = fields.Dict(keys=fields.String(), values=fields.Nested(ScopeSchema), required=True)


class Enrolled(Who):
    """The answer to POST /v1/enrol."""

    actor = fields.String(required=True)
    server = fields.String(required=True, metadata={"description": "the audience of assertions"})
    access = fields.String(required=True)
    nonce = fields.String(required=True)
    identity_key = fields.String(required=True, metadata={"description": "hex; the key of resident ids"})
    epoch = fields.String(required=True)


class TokenRequest(Envelope):
    """POST /v1/token."""

    assertion = _Text(4096, required=True)


class Token(Envelope):
    """An access token, how many seconds it serves, and the nonce of the next assertion."""

    access = fields.String(required=True)
    expires_in = fields.Integer(required=True)
    nonce = fields.String(required=True)


class NewActor(Envelope):
    """A new identity for the same device."""

    actor = fields.String(required=True)
    nonce = fields.String(required=True)


class DepositRequest(TokenRequest):
    """POST /v1/deposit, for a device that was shut out."""

    edits = fields.List(fields.Raw(allow_none=True), required=True, validate=validate.Length(max=MAX_EDITS))


class Deposited(Envelope):
    """Receipts of a deposit."""

    receipts = fields.List(fields.Nested(Receipt), required=True)


def faults(error: ValidationError) -> Sequence[str]:
    """The messages of a refused envelope, each with the path it is about."""
    found: list[str] = []

    def walk(path: str, messages: object) -> None:
        if isinstance(messages, Mapping):
            for name, below in messages.items():
                walk(f"{path}/{name}", below)
        elif isinstance(messages, list):
            found.extend(f"{path}: {message}" for message in messages)

    walk("", error.messages)
    return found
