"""Consent (知情同意): what a resident agreed to, by which text, given by whom; and that it was withdrawn.

One record for one purpose: consent to one thing is not consent to another (Personal Information Protection Law, art. 29).
What was done before a withdrawal stays lawful; what is done after it is not covered.
"""

from sync.types.checks import After, Needed
from sync.types.codes import PROJECT, code_list
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Date, Reference, References, Text
from sync.types.measures import signature

LAW = "个人信息保护法，2021"
PURPOSE = code_list(
    "consent_purpose",
    """
    - record 建立健康档案 Keeping a health record
    - contract 家庭医生签约 Family-doctor contract
    - programme 纳入专项管理 Care in a programme
    - data_sharing 信息共享 Sharing of data
    - examination 健康体检 Examination
    """,
    source=PROJECT,
)
GIVEN_BY = code_list(
    "consent_given_by",
    """
    - resident 居民本人 The resident
    - guardian 监护人 The guardian
    """,
    source=LAW,
    since="2021-11-01",
)

TYPE = RecordType(
    name="consent",
    zh="知情同意书",
    en="Consent",
    subject="resident",
    source=LAW,
    dated="consent.given_on",
    sections=(
        Section(
            "consent",
            "同意",
            "Consent",
            {
                "purpose": Code("同意事项", "Purpose", PURPOSE, required=True),
                "text_version": Text("告知文本版本", "Version of the text", longest=40, required=True),
                "given_on": Date("同意日期", "Given on", required=True, future=False),
                "by": Code("同意人", "Given by", GIVEN_BY, required=True),
                "guardian_name": Text("监护人姓名", "Name of the guardian", longest=50),
                "guardian_relation": Text("监护人与居民关系", "Relation of the guardian", longest=50),
                **signature("signature", "签名", "Signature"),
                "scans": References("纸质同意书扫描件", "Scans of the paper", to="photo", source=PROJECT),
                "explained_by": Reference("告知人", "Explained by", to="person", required=True),
            },
            required=True,
        ),
        Section(
            "withdrawal",
            "撤回同意",
            "Withdrawal",
            {
                "withdrawn_on": Date("撤回日期", "Withdrawn on", required=True, future=False),
                "reason": Text("原因", "Reason", longest=500),
            },
        ),
    ),
    checks=(
        Needed("consent.guardian_name", "consent.by", ("guardian",)),
        After("withdrawal.withdrawn_on", "consent.given_on", or_same=True),
    ),
)
