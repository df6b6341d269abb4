"""Disease register (慢性病管理卡): one record per resident and disease under management, from its opening to its closing."""

from sync.types.checks import After, Needed
from sync.types.codes import DISEASE, LOCAL_FORMS, PROJECT, code_list
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Date, Reference, Text

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

TYPE = RecordType(
    name="chronic_register",
    zh="慢性病管理卡",
    en="Disease register",
    subject="resident",
    source=LOCAL_FORMS,
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
            },
            required=True,
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
        Needed("registration.disease_name", "registration.disease", ("other", "other_notifiable", "occupational", "endemic")),
        Needed("status.lost_on", "status.status", ("lost",)),
        Needed("status.close_reason", "status.status", ("closed",)),
        Needed("status.closed_on", "status.status", ("closed",)),
        Needed("status.transferred_to", "status.close_reason", ("transferred",)),
    ),
)
