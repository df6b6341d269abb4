"""Home visit (入户、巡诊、送医上门日志): one call at one household, of one or more persons, with its evidence.

Counted twice: in household-times (户次), one or none, and in person-times (人次), as many as were served. What was
measured for the follow-up of a disease stands in that visit's own record, named in `links`.
"""

from sync.types.checks import After, Below, Counted, EitherOf, Needed
from sync.types.codes import LOCAL_FORMS, MAIJI_PLAN, NO_YES, POVERTY_CAUSE, PROJECT, SUIYANG_PLAN, code_list
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Codes, Date, Decimals, Instant, Reference, References, Rows, Text, Whole
from sync.types.measures import (
    diastolic_mmhg,
    evidence,
    fasting_glucose_mmol_l,
    heart_rate_per_min,
    other_signs,
    oxygen_saturation_percent,
    systolic_mmhg,
    temperature_celsius,
    weight_kg,
)

PURPOSE = code_list(
    "home_visit_purpose",
    """
    - round 巡诊 Round
    - free_clinic 义诊 Free clinic
    - doctor_to_home 送医上门 Doctor to the home
    - escort_to_hospital 送人就医 Person to the hospital
    - drug_delivery 送药 Delivery of medicines
    - exam_at_home 上门体检 Examination at home
    - followup 随访 Follow-up
    - policy_talk 政策宣讲 Explaining policies
    - recheck 回头看 Looking back
    """,
    source=MAIJI_PLAN,
    version="2018",
    since="2018-01-01",
)
NOT_MET = code_list(
    "not_met_reason",
    """
    - nobody_home 无人在家 Nobody at home
    - away 外出 Away
    - refused 拒绝 Refused
    """,
    source=LOCAL_FORMS,
)
TRANSPORT = code_list(
    "transport",
    """
    - ambulance 救护车 Ambulance
    - team_car 团队车辆 Car of the team
    - own_car 私家车 Private car
    - public 公共交通 Public transport
    - other 其他 Other
    """,
    source=PROJECT,
)
VISIT_DISEASE = code_list(
    "poor_visit_disease",
    """
    - hypertension 高血压 Hypertension
    - diabetes 糖尿病 Diabetes
    - coronary_heart_disease 冠心病 Coronary heart disease
    - tumour 肿瘤 Tumour
    - chronic_bronchitis 慢性支气管炎 Chronic bronchitis
    - arthritis 关节炎 Arthritis
    - stroke 脑卒中 Stroke
    - other 其他 Other
    """,
    source=LOCAL_FORMS,
)
UNMET = "visit.not_met_reason"

TYPE = RecordType(
    name="home_visit",
    zh="入户服务日志",
    en="Home visit",
    subject="household",
    source=LOCAL_FORMS,
    dated="visit.visited_on",
    sections=(
        Section(
            "visit",
            "入户",
            "Visit",
            {
                "visited_on": Date("入户日期", "Day of the visit", required=True, future=False),
                "arrived_at": Instant("到达时间", "Arrived at"),
                "left_at": Instant("离开时间", "Left at"),
                "household": Reference("家庭", "Household", to="household", required=True),
                "residents": References("服务对象", "Residents served", to="resident"),
                "household_times": Whole("户次", "Household-times", unit="户次", required=True, hard=(0, 1)),
                "person_times": Whole("人次", "Person-times", unit="人次", required=True, hard=(0, 9999), soft=(0, 20)),
                "purposes": Codes("入户目的", "Purposes", PURPOSE, required=True),
                "doctor": Reference("服务医生", "Doctor", to="person", required=True),
                "companions": References("同行人员", "Who came along", to="person"),
                "not_met_reason": Code("未见面原因", "Reason why nobody was met", NOT_MET),
            },
            required=True,
        ),
        Section(
            "findings",
            "服务情况",
            "Findings",
            {
                "narrative": Text("情况记录", "What was found and done", longest=1000, required=True),
                "education": Text("健康教育内容", "Health education given", longest=500),
            },
            required=True,
            unless=(UNMET,),
        ),
        Section(
            "vitals",
            "体征",
            "Vital signs of one resident",
            {
                "systolic_mmhg": systolic_mmhg(),
                "diastolic_mmhg": diastolic_mmhg(),
                "heart_rate_per_min": heart_rate_per_min(),
                "temperature_celsius": temperature_celsius(),
                "oxygen_saturation_percent": oxygen_saturation_percent(),
                "fasting_glucose_mmol_l": fasting_glucose_mmol_l(),
                "weight_kg": weight_kg(hard=(2, 300)),
                "other_signs": other_signs(),
            },
            keyed=True,
        ),
        Section(
            "escort",
            "送人就医",
            "Person to the hospital",
            {
                "residents": References("护送对象", "Who was taken", to="resident", required=True),
                "reason": Text("就医原因", "Reason", required=True, element="DE06.00.177.00"),
                "destination": Text("送往机构及科室", "Where to", required=True, element="DE08.10.025.00"),
                "transport": Code("交通方式", "Transport", TRANSPORT, required=True),
                "handed_to": Text("接诊人", "Handed to", required=True),
                "departed_at": Instant("出发时间", "Departed at"),
                "handed_over_at": Instant("交接时间", "Handed over at"),
            },
        ),
        Section(
            "drug_check",
            "药品和耗材检查",
            "Medicines and consumables",
            {
                "drugs_in_stock": Code(
                    "常用药品是否齐备", "Usual medicines in stock", NO_YES, required=True, source=SUIYANG_PLAN
                ),
                "consumables_in_stock": Code(
                    "耗材是否齐备", "Consumables in stock", NO_YES, required=True, source=SUIYANG_PLAN
                ),
                "lacking": Text("缺少的药品或耗材", "What is lacking", longest=500),
                "refills": Rows(
                    "补充或送达的药品",
                    "Refilled or delivered",
                    {
                        "drug": Text("药品或耗材", "Medicine or consumable", required=True, element="DE08.50.022.00"),
                        "quantity": Decimals("数量", "Quantity", unit="quantity_unit", places=2, required=True),
                        "quantity_unit": Text("单位", "Unit", longest=20, required=True),
                    },
                ),
            },
        ),
        Section(
            "problem",
            "发现问题",
            "Problem found",
            {
                "problem": Text("问题", "Problem", longest=500, required=True),
                "resident": Reference("涉及居民", "Resident concerned", to="resident"),
                "action": Text("整改措施", "Action", longest=500),
                "owner": Reference("责任人", "Owner", to="person"),
                "due_on": Date("整改期限", "Due on"),
                "solved_on": Date("销号日期", "Solved on", future=False),
            },
            keyed=True,
        ),
        Section(
            "livelihood",
            "家庭生活情况",
            "Livelihood",
            {
                "employed": Code("有无就业", "Employed", NO_YES),
                "income_yuan_per_year": Decimals(
                    "家庭年收入", "Income of a year", unit="元/year", places=2, hard=(0, 10_000_000)
                ),
                "income_source": Text("收入来源", "Source of income"),
                "poverty_cause": Code("致贫原因", "Cause of poverty", POVERTY_CAUSE),
                "family_health": Text("家庭成员健康状况", "Health of the family", longest=500),
                "children_count": Whole("抚养子女数", "Children to support", unit="人", hard=(0, 20)),
                "elders_count": Whole("赡养老人数", "Elders to support", unit="人", hard=(0, 20)),
                "sick": Code("有无患病", "Anyone sick", NO_YES),
                "diseases": Codes("患病种类", "Diseases", VISIT_DISEASE),
                "disease_other": Text("其他疾病", "Other disease"),
            },
        ),
        Section(
            "links",
            "关联随访",
            "Visits made on this call",
            {"visits": References("关联的随访记录", "Records of those visits", to="record", required=True)},
        ),
        Section(
            "evidence",
            "佐证",
            "Evidence",
            evidence(
                latitude_deg=Decimals("纬度", "Latitude", unit="deg", places=6, hard=(-90, 90)),
                longitude_deg=Decimals("经度", "Longitude", unit="deg", places=6, hard=(-180, 180)),
                accuracy_m=Decimals("定位精度", "Accuracy", unit="m", hard=(0, 100_000), soft=(0, 200)),
            ),
        ),
    ),
    checks=(
        After("visit.left_at", "visit.arrived_at"),
        After("escort.handed_over_at", "escort.departed_at"),
        Below("vitals.diastolic_mmhg", "vitals.systolic_mmhg"),
        EitherOf("visit.residents", UNMET),
        Counted("visit.person_times", "visit.residents"),
        Needed("escort.destination", "visit.purposes", ("escort_to_hospital",), unless=UNMET),
        Needed("drug_check.lacking", "drug_check.drugs_in_stock", ("no",)),
        Needed("drug_check.lacking", "drug_check.consumables_in_stock", ("no",)),
        Needed("drug_check.refills", "visit.purposes", ("drug_delivery",), unless=UNMET),
        Needed("livelihood.diseases", "livelihood.sick", ("yes",)),
        Needed("livelihood.disease_other", "livelihood.diseases", ("other",)),
        Needed("evidence.longitude_deg", "evidence.latitude_deg"),
    ),
)
