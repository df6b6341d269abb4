"""Referral (双向转诊单): a person sent up to a hospital or back down, whether they arrived, what came of it, who asked after.

The form of referral that a follow-up visit carries says only why and where to; this record follows the person there.
"""

from sync.types.checks import After, Needed
from sync.types.codes import DISEASE, LOCAL_FORMS, PROJECT, THIRD_EDITION, code_list
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Date, Instant, Reference, Text
from sync.types.measures import ARRIVED
from sync.types.rules import Is, Row, RuleTable

DIRECTION = code_list(
    "referral_direction",
    """
    1 up 转出（上转） Up, to a higher institution
    2 down 回转（下转） Down, back to the community
    """,
)
REASON = code_list(
    "referral_reason",
    """
    - two_consecutive_uncontrolled 连续两次控制不满意 Not controlled at two visits in a row
    - adverse_hard_to_control 药物不良反应难以控制 Adverse reaction that is hard to control
    - new_complication 出现新的并发症 New complication
    - worse_complication 原有并发症加重 Complication that became worse
    - emergency 危急情况 Emergency
    - tb_suspect 肺结核可疑症状 Suspected tuberculosis
    - other 其他 Other
    """,
)  # a suspicion is the village doctor's own, who asks after the person in a week; the disease itself is protected
URGENCY = code_list(
    "referral_urgency",
    """
    - urgent 紧急 Urgent
    - routine 一般 Routine
    """,
    source=PROJECT,
)
FOLLOWUP = RuleTable(
    name="followup_within",
    gives="followup_within",
    zh="转诊后随访时限",
    en="When a referred person is asked after",
    source=f"{THIRD_EDITION}：高血压、2型糖尿病患者健康管理（转诊者2周内主动随访）；肺结核患者健康管理（推介者1周内电话随访）",
    version="2017",
    rows=(
        Row(
            "tb_suspect",
            Is("referral.reason_code", "tb_suspect"),
            "P7D",
            "肺结核可疑症状者：1周内电话随访，了解是否前去就诊",
            "Suspected tuberculosis: telephone within a week whether the person went",
        ),
        Row(
            "urgent",
            Is("referral.urgency", "urgent"),
            "P14D",
            "紧急转诊：2周内主动随访转诊情况",
            "Urgent: ask after the person within two weeks",
        ),
        Row(
            "routine",
            Is("referral.urgency", "routine"),
            "P14D",
            "一般转诊：2周内主动随访转诊情况",
            "Routine: ask after the person within two weeks",
        ),
    ),
    field="followup.followed_on",
    period=True,
)

TYPE = RecordType(
    name="referral",
    zh="双向转诊单",
    en="Referral",
    subject="resident",
    source=THIRD_EDITION,
    dated="referral.sent_on",
    programme_by_codes=True,
    sections=(
        Section(
            "referral",
            "转诊",
            "Referral",
            {
                "direction": Code("转诊方向", "Direction", DIRECTION, required=True),
                "from_organization": Reference("转出机构", "From", to="organization", required=True),
                "to_organization": Reference("转入机构", "To", to="organization", required=True),
                "to_department": Text("转入科室", "Department", element="DE08.10.025.00"),
                "disease": Code("病种", "Disease", DISEASE),
                "reason_code": Code("转诊指征", "Indication", REASON, required=True),
                "reason": Text("转诊原因", "Reason in words", longest=500, element="DE06.00.177.00"),
                "urgency": Code("紧急程度", "Urgency", URGENCY, required=True, source=PROJECT),
                "sent_on": Date("转诊日期", "Sent on", required=True, future=False),
                "doctor": Reference("转诊医生", "Doctor", to="person", required=True),
                "visit": Reference("引起转诊的随访", "Visit that led to it", to="record", source=PROJECT),
            },
            required=True,
        ),
        Section(
            "condition",
            "病情",
            "Condition",
            {
                "impression": Text("初步印象", "First impression", longest=500),
                "present_history": Text("主要现病史", "Present illness", longest=1000),
                "past_history": Text("主要既往史", "Past illnesses", longest=1000),
                "treatment": Text("治疗经过", "Treatment so far", longest=1000),
            },
        ),
        Section(
            "arrival",
            "接诊",
            "Arrival",
            {
                "accepted_at": Instant("接收时间", "Accepted at", source=LOCAL_FORMS),
                "arrival": Code("是否到位", "Whether the person arrived", ARRIVED, source=LOCAL_FORMS),
                "arrived_on": Date("到达日期", "Arrived on", future=False, source=LOCAL_FORMS),
            },
        ),
        Section(
            "result",
            "转诊结果",
            "Result",
            {
                "result": Text("诊断结果", "Diagnosis and outcome", longest=1000, required=True),
                "tests": Text("主要检查结果", "Main results of tests", longest=1000),
                "plan": Text("下一步治疗方案及康复建议", "Treatment and rehabilitation to come", longest=1000),
                "closed_on": Date("结束日期", "Closed on", future=False),
            },
        ),
        Section(
            "followup",
            "转诊后随访",
            "Follow-up",
            {
                "followed_on": Date("随访日期", "Followed up on", required=True, future=False),
                "by": Reference("随访人", "By whom", to="person", required=True),
                "note": Text("随访情况", "What was learnt", longest=500),
            },
        ),
    ),
    checks=(
        Needed("referral.reason", "referral.reason_code", ("other",)),
        Needed("arrival.arrived_on", "arrival.arrival", ("arrived",)),
        After("arrival.arrived_on", "referral.sent_on", or_same=True),
        After("result.closed_on", "referral.sent_on", or_same=True),
        After("followup.followed_on", "referral.sent_on", or_same=True),
    ),
    rules=(FOLLOWUP,),
)
