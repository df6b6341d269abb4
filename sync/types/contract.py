"""Contract (家庭医生签约协议): a resident and a family-doctor team, for a term of at least one year.

A resident has one contract in force at a time; that is seen over all contracts, not in one record. An appeal is about the
item that its key names, `<item>`, or `<item>@<day>` where one about the same item stands there already; what a supervisor
decided of it counts only from the server (see sync/standing/appeals.py). The items of its
packages are kept in it as they were when it was signed, so that a package may change without changing what was promised.
"""

from sync.types.checks import After, Needed, Sum
from sync.types.codes import LOCAL_FORMS, POPULATION_GROUP, PROJECT, code_list
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Codes, Date, Decimals, Reference, References, Text
from sync.types.measures import signature
from sync.types.service_package import ITEM_CHECKS, item_fields

SIGNER = code_list(
    "contract_signer",
    """
    - resident 居民本人 The resident
    - guardian 监护人或家属 Guardian or relative
    """,
    source=LOCAL_FORMS,
)
CONTRACT_STATUS = code_list(
    "contract_status",
    """
    4 pending 待签约 Pending
    1 active 签约 Active
    3 renewed 续约 Renewed
    2 terminated 解约 Terminated
    - expired 到期 Expired
    """,
    source=LOCAL_FORMS,
)
STOP_REASON = code_list(
    "contract_stop_reason",
    """
    01 lost 失访 Lost
    02 moved_out 迁出 Moved out
    03 died 死亡 Died
    04 own_wish 本人要求 Own wish
    05 other_team 改签 Signed with another team
    06 invoice_void 发票作废 Invoice void
    99 other 其他 Other
    """,
    source=LOCAL_FORMS,
)
CHANNEL = code_list(
    "contract_channel",
    """
    - pc 电脑端 PC
    - resident_app 居民端 Resident's app
    - doctor_app 医生端 Doctor's app
    - paper 纸质 Paper
    """,
    source=LOCAL_FORMS,
)
APPEAL_DECISION = code_list(
    "appeal_decision",
    """
    - upheld 申诉成立 Upheld
    - refused 申诉不成立 Refused
    """,
    source=PROJECT,
)

TYPE = RecordType(
    name="contract",
    zh="家庭医生签约协议",
    en="Family-doctor contract",
    subject="resident",
    source=LOCAL_FORMS,
    dated="term.signed_on",
    sections=(
        Section(
            "parties",
            "签约双方",
            "Parties",
            {
                "contract_no": Text("协议编号", "Number of the contract", longest=40),
                "resident": Reference("居民", "Resident", to="resident", required=True),
                "household": Reference("家庭", "Household", to="household"),
                "signer": Code("乙方签约人", "Who signs for party B", SIGNER, required=True),
                "signer_name": Text("乙方签约人姓名", "Name of the signer of party B", longest=50, element="DE02.01.039.00"),
                "organization": Reference("甲方机构", "Organisation, party A", to="organization", required=True),
                "team": Reference("家庭医生团队", "Team", to="team", required=True),
                "doctor": Reference("签约医生", "Doctor", to="person", required=True),
                "channel": Code("签约来源", "Where it was signed", CHANNEL, required=True),
            },
            required=True,
        ),
        Section(
            "term",
            "签约周期",
            "Term",
            {
                "signed_on": Date("签约日期", "Signed on", required=True, future=False),
                "starts_on": Date("生效日期", "First day", required=True),
                "ends_on": Date("到期日期（含当日）", "Last day", required=True),
                "renewal_of": Reference("续签的原协议", "Renewal of", to="contract"),
            },
            required=True,
        ),
        Section(
            "status",
            "协议状态",
            "Status",
            {"status": Code("协议状态", "Status", CONTRACT_STATUS, required=True)},
            required=True,
        ),
        Section(
            "stop",
            "解约",
            "Stop",
            {
                "stopped_on": Date("解约日期", "Stopped on", required=True, future=False),
                "reason": Code("解约原因", "Reason", STOP_REASON, required=True),
                "note": Text("说明", "Note"),
            },
        ),
        Section(
            "population",
            "签约时人群分类",
            "Population groups when signing",
            {"groups": Codes("人群分类", "Groups", POPULATION_GROUP, required=True)},
            required=True,
        ),
        Section(
            "packages",
            "服务包",
            "Packages",
            {"packages": References("服务包", "Packages, basic and optional", to="service_package", required=True)},
            required=True,
        ),
        Section("item", "签约服务项目", "Item, as it was when signed", item_fields(), keyed=True),
        Section(
            "fees",
            "费用",
            "Fees",
            {
                "total_yuan": Decimals("费用合计", "Total", unit="元", places=2, required=True, hard=(0, 100_000)),
                "self_pay_yuan": Decimals("自付", "Own expense", unit="元", places=2, hard=(0, 100_000)),
                "insurance_yuan": Decimals("医保支付", "Paid by insurance", unit="元", places=2, hard=(0, 100_000)),
                "public_health_yuan": Decimals("公共卫生支付", "Paid by public health", unit="元", places=2, hard=(0, 100_000)),
                "reduction_yuan": Decimals("减免", "Reduction", unit="元", places=2, hard=(0, 100_000)),
            },
        ),
        Section(
            "signatures",
            "签名与佐证",
            "Signatures and evidence",
            {
                "party_a_by": Reference("甲方确认人", "Confirmed for party A by", to="person", source=PROJECT),
                **signature("party_a_signature", "甲方签名", "Signature of party A"),
                **signature("party_b_signature", "乙方签名", "Signature of party B"),
                "photos": References("签约照片", "Photographs", to="photo"),
                "scans": References("纸质协议扫描件", "Scans of the paper", to="photo"),
            },
        ),
        Section(
            "appeal",
            "履约申诉",
            "Appeal about one item",
            {
                "asked_on": Date("申诉日期", "Asked on", required=True, future=False, source=PROJECT),
                "owed_by": Date(
                    "应服务期限（空为申诉前最近一次）", "Owed by; empty: the last one before the appeal", source=PROJECT
                ),
                "reason": Text("申诉理由", "Reason", longest=500, required=True, source=PROJECT),
                "decided_on": Date("处理日期", "Decided on", future=False, source=PROJECT),
                "decision": Code("处理结果", "Decision", APPEAL_DECISION, source=PROJECT),
                "decided_by": Reference("处理人", "Decided by", to="person", source=PROJECT),
                "note": Text("处理说明", "Note", longest=500, source=PROJECT),
            },
            keyed=True,
        ),
    ),
    checks=(
        After("term.starts_on", "term.signed_on", or_same=True),
        After("term.ends_on", "term.starts_on", months=36, least_months=12),
        After("stop.stopped_on", "term.signed_on", or_same=True),
        Needed("parties.signer_name", "parties.signer", ("guardian",)),
        Needed("term.renewal_of", "status.status", ("renewed",)),
        Needed("stop.stopped_on", "status.status", ("terminated",)),
        Needed("stop.reason", "status.status", ("terminated",)),
        *ITEM_CHECKS,
        Needed("appeal.decided_on", "appeal.decision"),
        Needed("appeal.decided_by", "appeal.decision"),
        After("appeal.decided_on", "appeal.asked_on", or_same=True),
        Sum("fees.total_yuan", ("fees.self_pay_yuan", "fees.insurance_yuan", "fees.public_health_yuan", "fees.reduction_yuan")),
    ),
)
