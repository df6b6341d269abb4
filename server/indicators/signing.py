"""Signing: residents with a contract in force at the end of the period, by group; paid contracts; renewals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from server.indicators.declare import COUNTY_PLANS, PERIOD, POINT, PROJECT, SIGNING, Count, Indicator, Share
from server.indicators.judging import above, below, excluded, groups_in_the_open, happened, in_conflict, why_not_here
from sync.standing import Account, Standing
from sync.standing.contracts import IN_FORCE
from sync.standing.facts import CONFLICT

if TYPE_CHECKING:
    from server.standards import Standards


def signed(standing: Standing) -> Share:
    """A resident: above the line with a contract in force that no conflict leaves open."""
    if standing.signed is None:
        return below("not_signed")
    if standing.signed.reason:
        return below(standing.signed.reason, standing.signed.contract)
    return above(standing.signed.contract)


def _residents(account: Account, _: Standards) -> Iterator[Share]:
    reason = why_not_here(account.standing)
    yield excluded(reason) if reason else signed(account.standing)


def _key(account: Account, standards: Standards) -> Iterator[Share]:
    if not groups_in_the_open(account.standing).keys().isdisjoint(standards.key_groups):
        yield signed(account.standing)


def _in_group(code: str) -> Count:
    def count(account: Account, _: Standards) -> Iterator[Share]:
        if code in groups_in_the_open(account.standing):
            yield signed(account.standing)

    return count


def _in_programme(disease: str, programme: str) -> Count:
    def count(account: Account, _: Standards) -> Iterator[Share]:
        if any(group.code == disease and group.programme == programme for group in account.standing.groups):
            yield signed(account.standing)

    return count


def _paid(account: Account, _: Standards) -> Iterator[Share]:
    found = account.standing.signed
    if found is None:
        return
    if found.reason:
        yield below(found.reason, found.contract)
    elif in_conflict(account.standing, found.contract, "fees"):
        yield below(CONFLICT, found.contract)
    else:
        yield above(found.contract) if found.paid else below("not_paid", found.contract)
    for other in found.others:
        yield excluded(CONFLICT, other)


def _renewed(account: Account, _: Standards) -> Iterator[Share]:
    for share in happened(account, "contract_ended"):
        if share.reason != CONFLICT:
            yield share
        elif any(in_conflict(account.standing, record, *IN_FORCE) for record in share.records):
            yield excluded(CONFLICT, *share.records, on=share.on)  # whether it ended at all, a person may still decide
        else:
            yield excluded("not_in_force", *share.records, on=share.on)  # beside it another one counted to the end


CLOSED = ("不计：已结案（死亡、迁出等）、作废、并入他人的档案。", "Not counted: closed, void, or counted as somebody else. ")


def _rate(
    code: str,
    zh: str,
    en: str,
    who_zh: str,
    who_en: str,
    count: Count,
    not_counted: tuple[str, str] = ("", ""),
    **about: object,
) -> Indicator:
    """`not_counted`: who is told as excluded. Of a group only who is in it now is looked at: it ends with the record."""
    return Indicator(
        code,
        zh,
        en,
        f"分子：分母中期末有一份生效协议的人数（同期有两份的，先签的有效，每人只计一次；协议是否生效有冲突未裁决的不计入分子）。分母：期末在册（档案未结案）的{who_zh}。"
        f"{not_counted[0]}时点：期末。",
        "Numerator: those of the denominator with a contract in force (of two at once the one signed first, nobody twice; "
        f"not where a conflict leaves it open). Denominator: {who_en} whose record "
        f"is open at the end of the period. {not_counted[1]}".rstrip(),
        "signing",
        "person",
        POINT,
        **{"source": SIGNING, "count": count, **about},  # type: ignore[arg-type]
    )


INDICATORS = (
    _rate(
        "sign_rate",
        "常住居民签约率",
        "Signed, residents",
        "居民（以本系统的居民档案为准，不是统计局常住人口）",
        "residents whose record is kept here (not the census)",
        _residents,
        CLOSED,
        target=Decimal("0.30"),
        weight=10,
        source=SIGNING.along(COUNTY_PLANS, "30%的目标", "the target of 30 %"),
    ),
    _rate(
        "sign_rate_key",
        "重点人群签约率",
        "Signed, key groups",
        "重点人群（见标准“重点人群”，每人只计一次；肺结核、严重精神障碍另列，不在内）",
        'residents in a key group (the standard "Key population groups", each person once; those of protected programmes are apart)',
        _key,
        target=Decimal("0.60"),
        weight=10,
        source=SIGNING.along(COUNTY_PLANS, "60%的目标", "the target of 60 %"),
    ),
    *(
        _rate(f"sign_rate_{code}", f"{zh}签约率", f"Signed, {en}", who_zh, who_en, _in_group(group))
        for code, group, zh, en, who_zh, who_en in (
            ("elder", "elder_65", "65岁及以上老年人", "65 years and over", "65岁及以上居民", "residents of 65 years and over"),
            ("child", "child_0_6", "0-6岁儿童", "children of 0 to 6", "0-6岁儿童", "children of 0 to 6 years"),
            ("maternal", "maternal", "孕产妇", "maternal", "标记为孕产妇的居民", "residents flagged as maternal"),
            (
                "hypertension",
                "hypertension",
                "高血压患者",
                "hypertension",
                "有高血压标记或管理卡（未结案）的居民（非估算患者数）",
                "residents flagged or on a register of hypertension (not an estimate of all patients)",
            ),
            (
                "diabetes",
                "diabetes",
                "2型糖尿病患者",
                "diabetes",
                "有糖尿病标记或管理卡（未结案）的居民（非估算患者数）",
                "residents flagged or on a register of diabetes (not an estimate of all patients)",
            ),
            ("disabled", "disabled", "残疾人", "disabled", "有残疾的居民", "residents with a disability"),
            (
                "special",
                "family_planning_special",
                "计划生育特殊家庭",
                "special families",
                "标记为计划生育特殊家庭的居民",
                "residents flagged as special families under family planning",
            ),
        )
    ),
    _rate(
        "sign_rate_poor",
        "建档立卡贫困人口签约率",
        "Signed, registered poor",
        "建档立卡贫困人口（含已脱贫享受政策）",
        "residents on the register of the poor (also out of poverty while policies go on)",
        _in_group("registered_poor"),
        target=Decimal(1),
        weight=10,
        source=COUNTY_PLANS,
    ),
    _rate(
        "sign_rate_tb",
        "肺结核患者签约率",
        "Signed, tuberculosis",
        "在管肺结核患者",
        "patients on a register of tuberculosis",
        _in_programme("tuberculosis", "tb"),
        programme="tb",
    ),
    _rate(
        "sign_rate_smd",
        "严重精神障碍患者签约率",
        "Signed, severe mental disorder",
        "在册严重精神障碍患者",
        "patients on a register of severe mental disorder",
        _in_programme("severe_mental_disorder", "smd"),
        programme="smd",
    ),
    Indicator(
        "paid_sign_rate",
        "有偿签约率",
        "Paid contracts",
        "分子：费用合计大于0的协议。分母：期末生效的协议。费用有冲突未裁决的不计入分子。不计：同期另有先签协议、待裁决的第二份。时点：期末。",
        "Numerator: contracts with a total fee above 0 (not while the fees are in conflict). Denominator: contracts in force at "
        "the end of the period. "
        "Not counted: a second contract beside one signed before, until a person has decided.",
        "signing",
        "contract",
        POINT,
        PROJECT,
        _paid,
    ),
    Indicator(
        "renew_rate",
        "续约率",
        "Renewed",
        "分子：到期后30天内（含）有新协议生效的协议。分母：到期的协议，按能续签的最后一天（到期后第30天）归入期间。不计：因死亡、迁出而终止的；起止有冲突未裁决的；同期另有先签协议、从未计数的第二份。",
        "Numerator: contracts followed by another that begins at most 30 days after their end. Denominator: contracts that "
        "ended, on the last day on which they could be renewed (the 30th after). Not counted: ended by death or moving out; "
        "their term in conflict; a second one beside one signed before, which never counted.",
        "signing",
        "contract",
        PERIOD,
        PROJECT,
        _renewed,
    ),
)
