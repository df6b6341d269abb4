"""Performance (履约记录): one item of a contract done for the resident, with its evidence; or why it could not be done.

Valid when it is not void, lies in the term of the contract, was done by a member of the team, has evidence, and is the
only one of its item on its day: that is seen over several records, not in this one.
"""

from sync.types.checks import Needed
from sync.types.codes import LOCAL_FORMS, PROJECT, VISIT_WAY, code_list
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Date, Reference, References, Text, Whole
from sync.types.measures import signature

SERVICE_CATEGORY = code_list(
    "service_category",
    """
    - health_management 健康管理 Health management
    - monitoring 健康数据监测 Watching health data
    - medication_guidance 合理用药指导 Guidance on medicines
    - drug_delivery 配送医嘱内药品 Delivery of prescribed medicines
    - drug_purchase 联系代采购药品 Help in buying medicines
    - maternal_child 妇幼咨询 Advice for mothers and children
    - self_management_group 自我管理小组 Self-management group
    - chinese_medicine 中医药 Chinese medicine
    - contraception 避孕指导 Advice on contraception
    - referral_booking 转诊预约 Booking of a referral
    - exam_booking 预约体检 Booking of an examination
    - exam_explained 解读体检报告 Explaining an examination
    - psychological_care 心理关怀 Psychological care
    - signing 开展签约 Signing of contracts
    - other 其他 Other
    """,
    source=LOCAL_FORMS,
)
CONFIRMED_BY = code_list(
    "resident_confirmation",
    """
    - signature 签名 Signature
    - sms 短信 Text message
    - face_to_face 当面确认 Face to face
    """,
    source=LOCAL_FORMS,
)
WAIVED = code_list(
    "waiver_reason",
    """
    - died 死亡 Died
    - moved_out 迁出 Moved out
    - refused 拒绝 Refused
    - away 外出 Away
    - other 其他 Other
    """,
    source=PROJECT,
)
WAIVER = "waiver.reason"

TYPE = RecordType(
    name="performance",
    zh="家庭医生签约履约记录",
    en="Performance of a contract",
    subject="resident",
    source=LOCAL_FORMS,
    dated="performance.performed_on",
    sections=(
        Section(
            "performance",
            "履约",
            "Performance",
            {
                "contract": Reference("签约协议", "Contract", to="contract", required=True),
                "item": Text("服务项目编码", "Code of the item", longest=40, required=True),
                "performed_on": Date("履约日期", "Performed on", required=True, future=False),
                "mode": Code("服务方式", "Way of the service", VISIT_WAY),
                "place": Text("服务地点", "Place"),
                "provider": Reference("服务人员", "Provider", to="person", required=True),
                "category": Code("服务类别", "Category", SERVICE_CATEGORY),
                "note": Text("服务情况", "What was done", longest=500),
            },
            required=True,
        ),
        Section(
            "evidence",
            "佐证",
            "Evidence",
            {
                "record": Reference("随访或体检记录", "Visit or examination", to="record"),
                "photos": References("照片", "Photographs", to="photo"),
                "resident_confirmed": Code("居民确认方式", "How the resident confirmed it", CONFIRMED_BY),
                **signature("signature", "居民签名", "Resident's signature"),
            },
            required=True,
            unless=(WAIVER,),
        ),
        Section(
            "satisfaction",
            "满意度",
            "Satisfaction",
            {
                "points": Whole("满意度评分", "Satisfaction", unit="分", required=True, hard=(1, 5)),
                "note": Text("评价", "In words", longest=500),
            },
        ),
        Section(
            "waiver",
            "免予履约",
            "Waiver",
            {
                "reason": Code("原因", "Reason", WAIVED, required=True),
                "note": Text("说明", "Note", longest=500),
            },
        ),
    ),
    checks=(
        Needed("performance.mode", "performance.performed_on", unless=WAIVER),
        Needed("evidence.signature", "evidence.resident_confirmed", ("signature",)),
        Needed("waiver.note", WAIVER, ("other",)),
    ),
)
