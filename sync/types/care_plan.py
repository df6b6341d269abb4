"""Care plan (一人一策): one person, one plan; and in it for each disease one regimen (一病一方).

A plan never merges by itself: what two doctors planned apart is laid before a person. Every change is a version of its
own, with the reason and the visit that led to it. It is fresh until the day of its next review, a year away at most.
"""

from sync.record import Policy
from sync.types.checks import After, Needed
from sync.types.codes import DISEASE, MAIJI_PLAN, NEED, POPULATION_GROUP, PROJECT, THREE_BATCHES, code_list
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Codes, Date, Decimals, Reference, References, Rows, Text, Truth, Whole
from sync.types.measures import medicine

PLAN_STATUS = code_list(
    "plan_status",
    """
    - draft 草拟 Draft
    - active 执行中 Active
    - under_review 复核中 Under review
    - archived 已归档 Archived
    """,
    source=PROJECT,
)
SERVICE_MODE = code_list(
    "service_mode",
    """
    - clinic 门诊服务 At the clinic
    - home 上门服务 At home
    - doctor_to_home 送医上门 Doctor to the home
    - escort_to_hospital 送人就医 Person to the hospital
    - remote 在线或电话服务 Online or by telephone
    """,
    source=MAIJI_PLAN,
    version="2018",
    since="2018-01-01",
)
REVIEW_OUTCOME = code_list(
    "plan_review_outcome",
    """
    - kept 维持原方案 Kept as it is
    - changed 调整方案 Changed
    - ended 终止方案 Ended
    """,
    source=PROJECT,
)

TYPE = RecordType(
    name="care_plan",
    zh="一人一策健康管理方案",
    en="Care plan",
    subject="resident",
    source=MAIJI_PLAN,
    programme_by_codes=True,
    sections=(
        Section(
            "summary",
            "方案概要",
            "Summary",
            {
                "version": Whole("版本", "Version", unit="版", required=True, hard=(1, 9999)),
                "status": Code("状态", "Status", PLAN_STATUS, required=True),
                "written_on": Date("本版制定日期", "Day of this version", future=False, source=PROJECT),
                "change_reason": Text("变更原因", "Reason of this version", longest=500),
                "changed_after": Reference("引起变更的随访", "Visit that led to it", to="record"),
                "problem_summary": Text("主要健康问题", "Problems", longest=1000, required=True),
                "population_groups": Codes("人群分类", "Population groups", POPULATION_GROUP),
                "need_flags": Codes("需求标识", "Needs", NEED),
                "three_batches": Codes("三个一批类别", "Three batches", THREE_BATCHES),
                "service_mode": Codes("服务方式", "Ways of service", SERVICE_MODE, required=True),
                "visits_per_year": Whole(
                    "每年随访次数", "Visits a year", unit="/year", required=True, hard=(1, 366), soft=(4, 52)
                ),
                "goals": Text("管理目标", "Goals", longest=1000, required=True),
            },
            required=True,
        ),
        Section(
            "team",
            "责任人",
            "Responsible persons",
            {
                "team": Reference("家庭医生团队", "Team", to="team"),
                "village_doctor": Reference("村医", "Village doctor", to="person", required=True),
                "township_doctor": Reference("乡镇医生", "Township doctor", to="person"),
                "county_doctor": Reference("县级医生", "County doctor", to="person"),
                "health_specialist": Reference("健康专干", "Village health specialist", to="person"),
                "cadre": Reference("包抓干部", "Cadre in charge", to="person"),
            },
            required=True,
        ),
        Section(
            "condition",
            "一病一方",
            "Regimen of one disease",
            {
                "name": Text("病名", "Name of the disease"),
                "icd10": Text("ICD-10编码", "ICD-10 code", longest=20),
                "diagnosed_on": Date("确诊日期", "Diagnosed on", future=False),
                "diagnosed_by": Text("确诊机构", "Diagnosed by"),
                "medicines": Rows("用药方案", "Medicines", medicine()),
                "monitoring": Rows(
                    "监测项目",
                    "What is watched",
                    {
                        "what": Text("项目", "What", required=True),
                        "times_per_month": Whole("每月次数", "Times a month", unit="/month", hard=(1, 310)),
                        "note": Text("说明", "Note"),
                    },
                ),
                "target_systolic_mmhg": Whole(
                    "目标收缩压（低于）",
                    "Systolic pressure below",
                    unit="mmHg",
                    hard=(50, 300),
                    soft=(110, 160),
                    loinc="8480-6",
                ),
                "target_diastolic_mmhg": Whole(
                    "目标舒张压（低于）",
                    "Diastolic pressure below",
                    unit="mmHg",
                    hard=(30, 200),
                    soft=(60, 100),
                    loinc="8462-4",
                ),
                "target_fasting_glucose_mmol_l": Decimals(
                    "目标空腹血糖（低于）",
                    "Fasting glucose below",
                    unit="mmol/L",
                    hard=("0.6", 50),
                    soft=("4.4", 10),
                    element="DE04.50.102.00",
                ),
                "other_targets": Text("其他目标", "Other targets", longest=500),
                "referral_rule": Text("转诊指征", "When to refer", longest=500),
                "rehabilitation": Text("康复指导", "Rehabilitation", longest=500),
                "education": Text("健康教育要点", "Points of health education", longest=1000),
            },
            policy=Policy.REVIEW,
            keyed=True,
            keys=DISEASE,
        ),
        Section(
            "measure",
            "帮扶措施",
            "Measure",
            {
                "action": Text("措施", "Action", longest=500, required=True),
                "owner": Reference("责任人", "Owner", to="person", required=True),
                "due_on": Date("完成期限", "Due on", required=True),
                "done_on": Date("完成日期", "Done on", future=False),
                "done_evidence": Text("完成佐证", "Evidence", longest=500),
                "photos": References("照片", "Photographs", to="photo"),
            },
            policy=Policy.REVIEW,
            keyed=True,
        ),
        Section(
            "review",
            "审核与复评",
            "Approval and review",
            {
                "next_review_on": Date("下次复评日期", "Next review on", required=True),
                "reviewed_on": Date("本次复评日期", "Reviewed on", future=False),
                "reviewed_by": Reference("复评人", "Reviewed by", to="person"),
                "outcome": Code("复评结果", "Outcome", REVIEW_OUTCOME, source=PROJECT),
                "conclusion": Text("复评结论", "Conclusion", longest=1000),
                "approved_on": Date("审批日期", "Approved on", future=False),
                "approved_by": Reference("审批人", "Approved by", to="person"),
                "resident_informed": Truth("居民已知情", "The resident was told"),
            },
            required=True,
        ),
    ),
    checks=(
        Needed("review.approved_on", "summary.status", ("active",)),
        Needed("review.approved_by", "review.approved_on"),
        Needed("review.reviewed_by", "review.reviewed_on"),
        Needed("summary.change_reason", "summary.changed_after"),
        After("review.next_review_on", "review.reviewed_on", months=12),
        After("review.next_review_on", "summary.written_on", months=12),
        After("review.approved_on", "summary.written_on", or_same=True),
        Needed("measure.done_evidence", "measure.done_on"),
    ),
)
