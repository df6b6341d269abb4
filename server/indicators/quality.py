"""Timeliness and the quality of the records: what is overdue, written late, not followed up, without evidence."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from server.indicators.checklist import complete
from server.indicators.declare import COUNTY_PLANS, NATIONAL, PERIOD, POINT, PROJECT, YEAR, Indicator, Share
from server.indicators.elders import EXAM, SELFCARE
from server.indicators.judging import above, below, excluded, happened, sided, why_not_here
from sync.standing import Account, Due, Work
from sync.standing.answer import OVERDUE, URGENT
from sync.types.standing_codes import DUE

if TYPE_CHECKING:
    from server.standards import Standards


def is_follow_up(due: Due) -> bool:
    """True for the next visit of a register, which is named by its form."""
    return due.programme is None and due.what not in DUE.values and due.what not in (EXAM, SELFCARE)


def _next_visits(account: Account) -> tuple[list[str], list[str]]:
    """The records from which the next follow-ups of somebody under management follow: all, and those past their day."""
    followed = any(one.programme is None and one.status == "managed" for one in account.standing.managed)
    due = [one for one in account.standing.due if is_follow_up(one)] if followed else []
    late = [one for one in due if one.urgency == OVERDUE or (one.urgency == URGENT and one.by < account.on)]
    return [one.record for one in due], [one.record for one in late]


def _overdue(account: Account, _: Standards) -> Iterator[Share]:
    due, late = _next_visits(account)
    if due and why_not_here(account.standing) is None:
        yield sided(bool(late), "in_time", *(late or due))


def _timely(account: Account, _: Standards) -> Iterator[Share]:
    due, late = _next_visits(account)
    if due and why_not_here(account.standing) is None:
        yield sided(not late, "overdue", *(late or due))


def _late(account: Account, standards: Standards) -> Iterator[Share]:
    for event in account.events:
        if event.kind == "recorded" and event.programme is None:
            if event.days is None:
                yield excluded("no_time", event.record, on=event.on)
            elif event.days > standards.late_days:
                yield above(event.record, on=event.on)
            else:
                yield below("in_time", event.record, on=event.on)


def _followed(account: Account, _: Standards) -> Iterator[Share]:
    yield from happened(account, "urgent_followed")


def _referred(account: Account, _: Standards) -> Iterator[Share]:
    yield from happened(account, "referral_closed")


def _evidenced(account: Account, _: Standards) -> Iterator[Share]:
    yield from happened(account, "evidenced")


def _complete(account: Account, _: Standards) -> Iterator[Share]:
    reason = why_not_here(account.standing)
    if reason:
        yield excluded(reason)
    else:
        yield sided(complete(account), "incomplete", account.standing.resident)


NO_SERVICE = frozenset({"contract", "renewal", "register", "care_plan", "waived"})  # papers of the file, nothing given


def _is_service(work: Work) -> bool:
    return work.programme is None and any(one.partition(":")[0] not in NO_SERVICE for one in work.counts)


def _used(account: Account, _: Standards) -> Iterator[Share]:
    reason = why_not_here(account.standing)
    counted = [work.record for work in account.work if _is_service(work)]
    if reason:
        yield excluded(reason)
    else:
        yield sided(bool(counted), "no_record", *counted[-1:])


INDICATORS = (
    Indicator(
        "followup_timely",
        "随访及时率",
        "Follow-ups in time",
        "分子：下次随访都未超期的人。分母：期末有在管慢病（不含肺结核、严重精神障碍）且有下次随访的在册居民。与随访逾期率互补。",
        "Numerator: persons of whom no follow-up is past its day. Denominator: residents under management of a disease (not the "
        "protected programmes) with a next follow-up, at the end of the period. What the overdue rate leaves.",
        "quality",
        "person",
        POINT,
        PROJECT,
        _timely,
        target=Decimal("0.90"),
    ),
    Indicator(
        "overdue_rate",
        "随访逾期率",
        "Follow-ups overdue",
        "分子：有随访已过应随访日的人。分母：期末有在管慢病（不含肺结核、严重精神障碍）且有下次随访的在册居民。越低越好。",
        "Numerator: persons with a follow-up past its day. Denominator: residents under management of a disease (not the "
        "protected programmes) with a next follow-up, at the end of the period. Lower is better.",
        "quality",
        "person",
        POINT,
        PROJECT,
        _overdue,
        lower_is_better=True,
    ),
    Indicator(
        "late_entry_rate",
        "迟录率",
        "Entered late",
        "分子：服务日后超过标准“迟录天数”才填写的记录（按手机填写时间，不是上传时间）。分母：服务日在期内的随访、体检、自理评估、入户、履约记录。不计：填写时间无法识别的。越低越好。",
        'Numerator: records written more days after their day than the standard "Days after which an entry is late" says (by '
        "the phone's clock when it was written, not when it was sent). Denominator: follow-ups, examinations, assessments, home "
        "visits and performances of the days of the period. Not counted: time of writing not readable. Lower is better.",
        "quality",
        "record",
        PERIOD,
        PROJECT,
        _late,
        lower_is_better=True,
        once=True,
    ),
    Indicator(
        "urgent_followed_14d",
        "两周内随访率",
        "Followed up within 14 days",
        "分子：在两周期限内再次见到本人的。分母：提示需两周内随访（控制不满意、不良反应、危急等）、期限在期内届满的随访。不计：期内死亡、迁出；肺结核、严重精神障碍。",
        "Numerator: met again within the two weeks. Denominator: visits that called for another within two weeks (not "
        "controlled, adverse reaction, urgent), by the last day of these. Not counted: died or moved out before; protected "
        "programmes.",
        "quality",
        "visit",
        PERIOD,
        NATIONAL,
        _followed,
        target=Decimal("0.90"),
    ),
    Indicator(
        "referral_closed_14d",
        "转诊14天随访率",
        "Referrals followed within 14 days",
        "分子：转出后14天内已随访或已结束的转诊。分母：第14天在期内的转诊（不含肺结核、严重精神障碍）。",
        "Numerator: referrals asked after or closed within 14 days. Denominator: referrals whose 14th day lies in the period "
        "(not of protected programmes).",
        "quality",
        "referral",
        PERIOD,
        NATIONAL,
        _referred,
    ),
    Indicator(
        "evidence_complete",
        "佐证完整率",
        "Evidence complete",
        "分子：佐证完整的记录（入户：有照片和定位；履约：有关联记录、照片、签名或居民确认之一）。分母：期内见到人的入户记录和履约记录。不计：豁免。",
        "Numerator: records with complete evidence (home visit: a photograph and the place; performance: a record, photograph, "
        "signature or the resident's word). Denominator: home visits at which somebody was met and performances of the days "
        "of the period. Not counted: waived.",
        "quality",
        "record",
        PERIOD,
        PROJECT,
        _evidenced,
        once=True,
    ),
    Indicator(
        "record_rate",
        "健康档案完整率",
        "Records complete",
        "分子：个人基本信息表必填项齐全的人。分母：期末在册居民（本系统内人人有档，建档率以完整为准）。不计：已结案、作废、并入他人的档案。",
        "Numerator: residents whose own form lacks nothing that it asks for. Denominator: residents whose record is kept here, "
        "at the end of the period. Not counted: closed, void, or counted as somebody else.",
        "quality",
        "person",
        POINT,
        NATIONAL.along(PROJECT),
        _complete,
    ),
    Indicator(
        "record_use",
        "健康档案使用率",
        "Records in use",
        "分子：本年度至期末档案中有一条计数服务记录的人（签约、续签、建卡、方案、免予履约不算服务）。分母：期末在册居民。不计：已结案、作废、并入他人的档案。",
        "Numerator: residents with a record of service that counts in the calendar year up to the end of the period (a contract, "
        "renewal, register, plan or waiver is none). "
        "Denominator: residents whose record is kept here. Not counted: closed, void, or counted as somebody else.",
        "quality",
        "person",
        YEAR,
        NATIONAL.along(COUNTY_PLANS),
        _used,
    ),
)
