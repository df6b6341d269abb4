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


class WorkReported(Envelope):
    """What the report of a record's month does with it: the issue that holds of the report of an area."""

    area = fields.String(required=True)
    issue = fields.Integer(required=True)
    counted = fields.Boolean(required=True)


class WorkReport(Envelope):
    """The report of the month by which the records of a village are counted; `frozen_at`: what came later is not in it."""

    village = fields.String(required=True)
    area = fields.String(required=True)
    issue = fields.Integer(required=True)
    frozen_at = fields.String(required=True)


class WorkLine(Envelope):
    """One record that a person wrote: what it counts for, or why it is not counted (codes of `work_reason`).

    With the reason `after_cutoff` it counts for what `counts` says, but not in the report of its month.
    """

    record = fields.String(required=True)
    type = fields.String(required=True)
    on = fields.String(required=True, allow_none=True, metadata={"description": "the day that it is about"})
    residents = fields.List(fields.String(), required=True)
    counted = fields.Boolean(required=True)
    counts = fields.List(fields.String(), required=True, metadata={"example": ["followup:hypertension"]})
    reason = fields.String(required=True, allow_none=True)
    late_days = fields.Integer(required=True, allow_none=True)
    waiting = fields.Boolean(required=True, metadata={"description": "on a phone: something in it has not been received"})
    detail = fields.String(required=True, allow_none=True, metadata={"description": "why it was set aside"})
    report = fields.Nested(WorkReported, required=True, allow_none=True)


class MyWork(Envelope):
    """GET /v1/my-work. `reports`: of the caller's villages those of which the month is frozen; any other record is in none."""

    month = fields.String(required=True)
    reports = fields.List(fields.Nested(WorkReport), required=True)
    counted = fields.Integer(required=True, metadata={"description": "how many of the lines count for something"})
    lines = fields.List(fields.Nested(WorkLine), required=True)


class Decider(Envelope):
    """A person who decided."""

    name = fields.String(required=True)
    role = fields.String(required=True)


class DecidedDeposit(Envelope):
    """What a person decided about an edit that was set aside, by its dot and the `reason` for which it was.

    Of a dot that was used twice each edit has its own: what has the reason `dot-reused` is not the one that the dot named first.
    """

    dot = _dot_field(required=True)
    record = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": ["applied", "refused"]})
    decided_at = fields.String(required=True)
    decided_by = fields.Nested(
        Decider, required=True, allow_none=True, metadata={"description": "null: a command of the office"}
    )
    decision = fields.String(
        required=True, allow_none=True, metadata={"description": "why it was refused; null where that may not be told"}
    )


class MyDeposits(Envelope):
    """GET /v1/my-deposits: what was decided lately about edits that the caller's person wrote, the latest first."""

    deposits = fields.List(fields.Nested(DecidedDeposit), required=True)


class IndicatorFigure(Envelope):
    """One number. `value`: a fraction with 4 decimals (per mille: 5), null over nothing; of a sum the sum."""

    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)
    excluded = fields.Integer(required=True)
    value = fields.String(required=True, allow_none=True)
    target = fields.String(required=True, allow_none=True)


class IndicatorArea(Envelope):
    """The numbers of an area, by indicator."""

    area = fields.String(required=True)
    name = fields.String(required=True)
    figures = fields.Dict(keys=fields.String(), values=fields.Nested(IndicatorFigure), required=True)


class IndicatorDefinition(Envelope):
    """What an indicator counts, in both languages, and where that comes from."""

    code = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    sentence_zh = fields.String(required=True)
    sentence_en = fields.String(required=True)
    unit = fields.String(required=True)
    unit_zh = fields.String(required=True)
    unit_en = fields.String(required=True)
    span = fields.String(required=True, validate=validate.OneOf(["point", "year", "period"]))
    source_zh = fields.String(required=True)
    source_en = fields.String(required=True)
    version = fields.String(required=True)
    programme = fields.String(required=True, allow_none=True)


class IndicatorsReply(IndicatorArea):
    """GET /v1/indicators. `behind`: villages not up to date; `uncountable`: how many residents; `unheard`: devices; `rows`: below."""

    period = fields.String(required=True)
    population = fields.String(required=True)
    rows = fields.List(fields.Nested(IndicatorArea), required=True)
    definitions = fields.List(fields.Nested(IndicatorDefinition), required=True)
    as_of = fields.Dict(required=True, metadata={"description": "epoch, positions by scope, day, computed_at, edition"})
    behind = fields.List(fields.String(), required=True)
    uncountable = fields.Integer(required=True)
    unheard = fields.List(fields.String(), required=True)


class IndicatorPerson(Envelope):
    """One unit of a resident on a side of an indicator, with the records that show it, or why it is not above the line."""

    resident = fields.String(required=True)
    name = fields.String(required=True)
    side = fields.String(required=True, validate=validate.OneOf(["numerator", "denominator", "excluded"]))
    reason = fields.String(required=True, allow_none=True)
    records = fields.List(fields.String(), required=True)
    on = fields.String(required=True, allow_none=True)


class IndicatorUnits(Envelope):
    """How many units are in the numerator, in the denominator, and on neither side."""

    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)
    excluded = fields.Integer(required=True)


class IndicatorPersons(Envelope):
    """GET /v1/indicators/{code}/persons. `units`: what they add up to; persons of one record that counts once are one unit."""

    persons = fields.List(fields.Nested(IndicatorPerson), required=True)
    units = fields.Nested(IndicatorUnits, required=True)


class ClaimSchema(Envelope):
    """One of the values between which a person decides: whose it is, from which device, when it was written and arrived."""

    section = fields.String(required=True)
    dot = _dot_field(required=True)
    author = fields.String(required=True)
    author_name = fields.String(required=True, allow_none=True)
    device = fields.String(required=True, allow_none=True)
    written_at = fields.String(required=True, allow_none=True)
    received_at = fields.String(required=True, allow_none=True)
    value = fields.Dict(required=True, allow_none=True)


class ListedConflict(Envelope):
    """A record that waits for a person. `since`: when the last words that it is about arrived; `alike`: in spelling only."""

    record = fields.String(required=True)
    type = fields.String(required=True)
    scope = fields.String(required=True)
    subject = fields.String(required=True, allow_none=True)
    sections = fields.List(fields.String(), required=True)
    authors = fields.List(fields.String(), required=True)
    since = fields.String(required=True)
    alike = fields.Boolean(required=True)
    returned = fields.Boolean(required=True)


class Conflicts(Envelope):
    """GET /v1/conflicts: the oldest first."""

    conflicts = fields.List(fields.Nested(ListedConflict), required=True)


class QuestionSchema(Envelope):
    """What a person has to decide about a section. `before`: what all had seen last; `entries`: see the kind of question."""

    section = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["values", "void", "review"]))
    before = fields.Dict(required=True, allow_none=True)
    fields_ = fields.List(fields.String(), required=True, data_key="fields")
    claims = fields.List(fields.Nested(ClaimSchema), required=True)
    entries = fields.List(fields.Nested(ClaimSchema), required=True)


class DecisionSchema(Envelope):
    """Who decided what about a record, when, and why."""

    author = fields.String(required=True)
    author_name = fields.String(required=True, allow_none=True)
    written_at = fields.String(required=True)
    about = fields.List(fields.String(), required=True)
    reason = fields.String(required=True)


class ConflictReply(Envelope):
    """GET /v1/conflicts/{record}. `seen` goes back with the decision; `returned`: it was sent back to the doctors."""

    record = fields.String(required=True)
    type = fields.String(required=True)
    scope = fields.String(required=True)
    subject = fields.String(required=True, allow_none=True)
    seen = _vector_field(required=True)
    questions = fields.List(fields.Nested(QuestionSchema), required=True)
    agreed = fields.Integer(required=True)
    returned = fields.Boolean(required=True)
    decision = fields.Nested(DecisionSchema, required=True, allow_none=True)


class ChoiceSchema(Envelope):
    """What is chosen for a section: the claim of an edit, some fields of it corrected; of a list the entries to keep."""

    dot = _dot_field(load_default=None, allow_none=True)
    corrected = fields.Dict(keys=_Text(64), load_default=dict)
    keep = fields.List(_Text(64), load_default=None, allow_none=True)


class ConflictDecision(Envelope):
    """POST /v1/conflicts/{record}. Without choices it is sent back to the doctors."""

    seen = fields.Dict(keys=_Text(16), values=_Whole(), required=True)
    choices = fields.Dict(keys=_Text(64), values=fields.Nested(ChoiceSchema), load_default=dict)
    reason = _Text(500, required=True)


class Decided(Envelope):
    """What became of a decision."""

    status = fields.String(required=True)


class ListedDeposit(Envelope):
    """An edit that was set aside. `type` is null and `sections` empty where it cannot be read; `seen`: its record as it stands."""

    deposit = fields.String(required=True)
    received_at = fields.String(required=True)
    written_at = fields.String(required=True, allow_none=True)
    author = fields.String(required=True)
    device = fields.String(required=True)
    reason = fields.String(required=True)
    type = fields.String(required=True, allow_none=True)
    record = fields.String(required=True, allow_none=True)
    sections = fields.Dict(keys=fields.String(), required=True)
    seen = _vector_field(required=True)


class Deposits(Envelope):
    """GET /v1/deposits: those that wait, the oldest first."""

    deposits = fields.List(fields.Nested(ListedDeposit), required=True)


class DepositDecision(Envelope):
    """POST /v1/deposits/{deposit}. `corrected`: fields by section; `seen` and `reason` where something is corrected."""

    action = fields.String(required=True, validate=validate.OneOf(["apply", "correct", "refuse"]))
    reason = _Text(500, load_default="")
    seen = fields.Dict(keys=_Text(16), values=_Whole(), load_default=dict)
    corrected = fields.Dict(keys=_Text(64), values=fields.Dict(keys=_Text(64)), load_default=dict)


class ReportLine(Envelope):
    """A report as it stands. `issue`: the number of the one that holds."""

    area = fields.String(required=True)
    period = fields.String(required=True)
    state = fields.String(
        required=True, validate=validate.OneOf(["open", "computed", "submitted", "accepted", "returned", "locked"])
    )
    issue = fields.Integer(required=True)


class Reports(Envelope):
    """GET /v1/reports."""

    reports = fields.List(fields.Nested(ReportLine), required=True)


class ReportArea(IndicatorArea):
    """The numbers of an area in a report, and its rank by each indicator that it is ranked by."""

    ranks = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class ReportScore(Envelope):
    """The composite of an area, as text with 4 decimals, with that of the period before. `called_in`: it fell by much."""

    area = fields.String(required=True)
    score = fields.String(required=True, allow_none=True)
    rank = fields.Integer(required=True, allow_none=True)
    before = fields.String(required=True, allow_none=True)
    rank_before = fields.Integer(required=True, allow_none=True)
    called_in = fields.Boolean(required=True)


class ReportIssue(Envelope):
    """One issue of a report; those above 1 are corrections, with the reason."""

    issue = fields.Integer(required=True)
    made_at = fields.String(required=True)
    made_by = fields.String(required=True)
    reason = fields.String(required=True)


class ReportTaken(Envelope):
    """A step that was taken."""

    step = fields.Integer(required=True)
    at = fields.String(required=True)
    person = fields.String(required=True)
    action = fields.String(required=True)
    issue = fields.Integer(required=True)
    note = fields.String(required=True)


class ReportReply(ReportLine, IndicatorArea, ReportIssue):
    """GET /v1/reports/{area}/{period}. `hash`: over the frozen parts; `unheard`: devices not heard from when it was made.

    `uncountable`: how many residents are in no number, for their records cannot be counted.
    """

    population = fields.String(required=True)
    hash = fields.String(required=True)
    uncountable = fields.Integer(required=True)
    rows = fields.List(fields.Nested(ReportArea), required=True)
    composite = fields.List(fields.Nested(ReportScore), required=True)
    definitions = fields.List(fields.Nested(IndicatorDefinition), required=True)
    as_of = fields.Dict(
        required=True,
        metadata={"description": "day, computed_at, frozen_at by village, residence, positions by village and scope"},
    )
    unheard = fields.List(fields.String(), required=True)
    issues = fields.List(fields.Nested(ReportIssue), required=True)
    steps = fields.List(fields.Nested(ReportTaken), required=True)


class ReportFigures(Envelope):
    """A number before and after."""

    before = fields.Nested(IndicatorFigure, required=True)
    after = fields.Nested(IndicatorFigure, required=True)


class ReportChange(Envelope):
    """What changed about a person in an indicator: [side, day, reason, records] before and after."""

    indicator = fields.String(required=True)
    before = fields.List(fields.Raw(), required=True)
    after = fields.List(fields.Raw(), required=True)


class ReportArrival(Envelope):
    """Something about a person that came after the numbers were frozen."""

    record = fields.String(required=True)
    type = fields.String(required=True)
    received_at = fields.String(required=True)
    written_at = fields.String(required=True, allow_none=True)
    author = fields.String(required=True, allow_none=True)
    device = fields.String(required=True)


class ReportLate(Envelope):
    """A person who counts otherwise."""

    village = fields.String(required=True)
    resident = fields.String(required=True)
    name = fields.String(required=True)
    changes = fields.List(fields.Nested(ReportChange), required=True)
    arrivals = fields.List(fields.Nested(ReportArrival), required=True)
    by_rules = fields.Boolean(required=True, metadata={"description": "nothing has arrived: counted by other rules"})


class ReportDifference(Envelope):
    """GET /v1/reports/{area}/{period}/difference. `figures` by indicator, those that change only."""

    area = fields.String(required=True)
    period = fields.String(required=True)
    villages = fields.List(fields.String(), required=True)
    ruled = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "those of the villages that are counted by other rules than before"},
    )
    figures = fields.Dict(keys=fields.String(), values=fields.Nested(ReportFigures), required=True)
    persons = fields.List(fields.Nested(ReportLate), required=True)


class ReportStep(Envelope):
    """POST /v1/reports/{area}/{period}/steps."""

    issue = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))  # that was looked at
    action = fields.String(required=True, validate=validate.OneOf(["submit", "accept", "return", "lock"]))
    note = _Text(500, load_default="")


class ReportCorrection(Envelope):
    """POST /v1/reports/{area}/{period}/corrections."""

    issue = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))  # that holds and was looked at
    reason = _Text(500, required=True)


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


class Names(Envelope):
    """GET /v1/names: what is called how, by id; only what the caller's records may name."""

    version = fields.String(required=True)
    area = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    team = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    organization = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    person = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    supervisor = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


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
