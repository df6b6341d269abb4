"""Disease register (慢性病管理卡): one record per resident and disease under management, from its opening to its closing.

The register of a protected disease lives in the scopes of its programme. It also keeps when a higher institution gave
notice of the person, and every attempt to find them at home.
"""

from sync.types.checks import After, Needed
from sync.types.codes import DISEASE, LOCAL_FORMS, PROJECT, THIRD_EDITION, code_list
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Date, Instant, Reference, Text
from sync.types.tb_rules import NOTICE_RULES

FOUND_BY = code_list(
    "found_by",
    """
    - first_visit_measurement 首诊测血压 Blood pressure measured at a first visit
    - health_exam 健康体检 Health examination
    - screening 筛查 Screening
    - outpatient 门诊就诊 Outpatient care
    - inpatient 住院 Hospital stay
    - notice 上级或定点机构通知 Notice of a higher or designated institution
    - self_report 本人主诉 Told by the person
    - transfer 外地转入 Transferred from elsewhere
    - other 其他 Other
    """,
    source=PROJECT,
)
REGISTER_STATUS = code_list(
    "register_status",
    """
    - managed 在管 Under management
    - lost 失访 Lost
    - closed 已结案 Closed
    """,
    source=PROJECT,
)
REGISTER_CLOSE_REASON = code_list(
    "register_close_reason",
    """
    - died 死亡 Died
    - moved_out 迁出 Moved out
    - refused 拒绝管理 Refuses
    - excluded 排除诊断 Diagnosis excluded
    - cured 治愈 Cured
    - treatment_completed 完成疗程 Treatment completed
    - transferred 转出管理 Transferred
    - other 其他 Other
    """,
    source=PROJECT,
)
ATTEMPT_OUTCOME = code_list(
    "attempt_outcome",
    """
    - met 见到本人 Met the person
    - nobody_home 无人在家 Nobody at home
    - refused 拒绝 Refused
    - wrong_address 地址不符 Wrong address
    """,
    source=PROJECT,
)
DIABETES_TYPE = code_list(
    "diabetes_type",
    """
    1 type_1 1型糖尿病 Type 1
    2 type_2 2型糖尿病 Type 2
    3 gestational 妊娠期糖尿病 In pregnancy
    4 other 其他特殊类型 Other kinds
    """,
    source=LOCAL_FORMS,
)
HYPERTENSION_KIND = code_list(
    "hypertension_kind",
    """
    1 essential 原发性高血压 Essential
    2 secondary 继发性高血压 Secondary
    """,
    source=LOCAL_FORMS,
)
HYPERTENSION_GRADE = code_list(
    "hypertension_grade",
    """
    1 grade_1 1级 Grade 1
    2 grade_2 2级 Grade 2
    3 grade_3 3级 Grade 3
    """,
    source=LOCAL_FORMS,
)
RISK_STRATUM = code_list(
    "cardiovascular_risk",
    """
    1 low 低危 Low
    2 medium 中危 Medium
    3 high 高危 High
    4 very_high 很高危 Very high
    """,
    source=LOCAL_FORMS,
)

TYPE = RecordType(
    name="chronic_register",
    zh="慢性病管理卡",
    en="Disease register",
    subject="resident",
    source=LOCAL_FORMS,
    dated="registration.opened_on",
    rules=NOTICE_RULES,
    programme_by_codes=True,
    sections=(
        Section(
            "registration",
            "建卡",
            "Registration",
            {
                "disease": Code("病种", "Disease", DISEASE, required=True),
                "disease_name": Text("具体病名", "Name of the disease"),
                "icd10": Text("ICD-10编码", "ICD-10 code", longest=20),
                "opened_on": Date("建卡日期", "Opened on", required=True, future=False),
                "confirmed_on": Date("确诊日期", "Confirmed on", required=True, future=False),
                "confirmed_by": Text("确诊机构", "Institution that confirmed it"),
                "found_by": Code("发现方式", "How it was found", FOUND_BY, required=True),
                "evidence": Text("依据", "Evidence", longest=500),
            },
            required=True,
        ),
        Section(
            "management",
            "管理",
            "Management",
            {
                "organization": Reference("管理机构", "Organisation", to="organization", required=True),
                "team": Reference("家庭医生团队", "Team", to="team"),
                "doctor": Reference("责任医生", "Doctor", to="person", required=True),
                "since": Date("接管日期", "In their hands since", future=False),
                "managed_since": Date("纳入管理日期（含外地管理）", "Under management since, here or elsewhere", future=False),
            },
            required=True,
        ),
        Section(
            "diagnosis",
            "诊断",
            "Diagnosis",
            {
                "diabetes_type": Code("糖尿病类型", "Type of diabetes", DIABETES_TYPE),
                "hypertension_kind": Code("高血压类型", "Kind of hypertension", HYPERTENSION_KIND),
                "hypertension_grade": Code("高血压分级", "Grade of hypertension", HYPERTENSION_GRADE),
                "risk_stratum": Code("心血管风险分层", "Cardiovascular risk", RISK_STRATUM),
                "complications": Text("并发症", "Complications", longest=500),
                "note": Text("诊断说明", "Note", longest=500),
            },
        ),
        Section(
            "notice",
            "上级通知",
            "Notice of a higher institution",
            {
                "notified_at": Instant("接到通知时间", "Notified at", required=True, source=THIRD_EDITION),
                "notified_by": Text("通知机构", "Notified by", required=True, source=THIRD_EDITION),
                "note": Text("通知内容", "What it says", longest=500),
            },
        ),
        Section(
            "attempt",
            "访视尝试",
            "Attempt to see the person",
            {
                "at": Instant("访视时间", "At", required=True, source=THIRD_EDITION),
                "outcome": Code("访视结果", "Outcome", ATTEMPT_OUTCOME, required=True),
                "by": Reference("访视人", "By whom", to="person"),
                "note": Text("说明", "Note", longest=500),
            },
            keyed=True,
        ),
        Section(
            "status",
            "管理状态",
            "Status",
            {
                "status": Code("管理状态", "Status", REGISTER_STATUS, required=True),
                "lost_on": Date("失访日期", "Lost on", future=False),
                "close_reason": Code("结案原因", "Reason of closing", REGISTER_CLOSE_REASON),
                "closed_on": Date("结案日期", "Closed on", future=False),
                "transferred_to": Text("转往机构", "Transferred to"),
                "note": Text("说明", "Note"),
            },
            required=True,
        ),
    ),
    checks=(
        After("registration.opened_on", "registration.confirmed_on", or_same=True),
        After("status.closed_on", "registration.opened_on", or_same=True),
        After("management.since", "management.managed_since", or_same=True),
        Needed("registration.disease_name", "registration.disease", ("other", "other_notifiable", "occupational", "endemic")),
        Needed("status.lost_on", "status.status", ("lost",)),
        Needed("status.close_reason", "status.status", ("closed",)),
        Needed("status.closed_on", "status.status", ("closed",)),
        Needed("status.transferred_to", "status.close_reason", ("transferred",)),
    ),
)
