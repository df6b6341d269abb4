"""Health examination (健康体检表): the form of the national specification, third edition, once a year; with the constitution
by Chinese medicine (中医体质辨识) that elders are also asked.

Every part is a section, because it is often another person's: the laboratory, the nurse at the door, the doctor.
"""

from sync.record import Policy
from sync.types import exam_codes as codes
from sync.types.checks import After, Below, Needed
from sync.types.codes import ADHERENCE, LOCAL_FORMS, NO_YES, PROJECT, THIRD_EDITION, CodeList
from sync.types.declare import RecordType, Section
from sync.types.elder_selfcare import SELF_CARE_LEVEL
from sync.types.exam_tests import IMAGING, TESTS, Question, noted, notes_needed
from sync.types.fields import Code, Codes, Date, Decimals, Item, Reference, Rows, Text, Whole
from sync.types.measures import (
    bmi_kg_m2,
    diastolic_mmhg,
    evidence_section,
    heart_rate_per_min,
    height_cm,
    smoking_and_drinking,
    systolic_mmhg,
    temperature_celsius,
    waist_cm,
    weight_kg,
)

# -- how the form asks -------------------------------------------------------------------------------------------------


def _several(name: str, zh: str, en: str, list_: CodeList, alone: str = "none") -> dict[str, Item]:
    """A question with several answers, and a line for the other ones."""
    return {name: Codes(zh, en, list_, alone=alone), f"{name}_other": Text(f"{zh}：其他", f"{en}: which other")}


def _age(zh: str, en: str) -> Whole:
    return Whole(zh, en, unit="岁", hard=(0, 120))


# -- the questions with one answer and a line, as the form orders them ------------------------------------------------

BODY: tuple[Question, ...] = (
    ("fundus", "眼底", "Fundus of the eye", codes.NORMALITY),
    ("skin", "皮肤", "Skin", codes.SKIN),
    ("sclera", "巩膜", "Sclera", codes.SCLERA),
    ("lymph_nodes", "淋巴结", "Lymph nodes", codes.LYMPH_NODES),
    ("barrel_chest", "肺：桶状胸", "Lungs: barrel chest", codes.BARREL_CHEST),
    ("breath_sounds", "肺：呼吸音", "Lungs: breath sounds", codes.NORMALITY),
    ("rales", "肺：啰音", "Lungs: rales", codes.RALES),
    ("rhythm", "心脏：心律", "Heart: rhythm", codes.RHYTHM),
    ("murmur", "心脏：杂音", "Heart: murmur", NO_YES),
    ("abdominal_tenderness", "腹部：压痛", "Belly: tenderness", NO_YES),
    ("abdominal_mass", "腹部：包块", "Belly: mass", NO_YES),
    ("liver_enlarged", "腹部：肝大", "Belly: liver enlarged", NO_YES),
    ("spleen_enlarged", "腹部：脾大", "Belly: spleen enlarged", NO_YES),
    ("shifting_dullness", "腹部：移动性浊音", "Belly: shifting dullness", NO_YES),
    ("leg_oedema", "下肢水肿", "Swollen legs", codes.LEG_OEDEMA),
    ("dorsalis_pedis", "足背动脉搏动", "Pulse of the foot", codes.FOOT_PULSE),
    ("rectal", "肛门指诊", "Rectal examination", codes.RECTAL),
)
GYNAECOLOGY: tuple[Question, ...] = (
    ("vulva", "外阴", "Vulva", codes.UNREMARKABLE),
    ("vagina", "阴道", "Vagina", codes.UNREMARKABLE),
    ("cervix", "宫颈", "Cervix", codes.UNREMARKABLE),
    ("uterus", "宫体", "Uterus", codes.UNREMARKABLE),
    ("adnexa", "附件", "Adnexa", codes.UNREMARKABLE),
)
HAZARDS = {
    "dust": ("粉尘", "Dust"),
    "radiation": ("放射物质", "Radioactive substances"),
    "physical": ("物理因素", "Physical factors"),
    "chemical": ("化学物质", "Chemicals"),
    "other": ("其他", "Other"),
}
SEVERAL: dict[str, tuple[str, str, CodeList]] = {
    "cerebrovascular": ("脑血管疾病", "Cerebrovascular disease", codes.CEREBROVASCULAR),
    "kidney": ("肾脏疾病", "Disease of the kidneys", codes.KIDNEY_DISEASE),
    "heart": ("心脏疾病", "Disease of the heart", codes.HEART_DISEASE),
    "vascular": ("血管疾病", "Disease of the vessels", codes.VASCULAR_DISEASE),
    "eye": ("眼部疾病", "Disease of the eyes", codes.EYE_DISEASE),
}
FOUND: tuple[Question, ...] = (
    ("nervous_system", "神经系统疾病", "Disease of the nervous system", codes.FOUND),
    ("other_systems", "其他系统疾病", "Disease of other systems", codes.FOUND),
)


def _hazards() -> dict[str, Item]:
    """What the person is exposed to at work; for each kind what it is and whether there is protection."""
    fields: dict[str, Item] = {
        "exposed": Code("职业病危害因素接触史", "Exposed to hazards at work", NO_YES, required=True),
        "work": Text("工种", "Kind of work"),
        "work_years": Whole("从业时间", "Years of that work", unit="年", hard=(0, 80)),
    }
    for name, (zh, en) in HAZARDS.items():
        fields[name] = Text(zh, en)
        fields[f"{name}_protection"] = Code(f"{zh}：防护措施", f"{en}: protection", NO_YES)
        fields[f"{name}_protection_note"] = Text(f"{zh}：何种防护", f"{en}: which protection")
    return fields


TYPE = RecordType(
    name="health_exam",
    zh="健康体检表",
    en="Health examination",
    subject="resident",
    source=THIRD_EDITION,
    dated="exam.examined_on",
    sections=(
        Section(
            "exam",
            "体检",
            "Examination",
            {
                "examined_on": Date("体检日期", "Day of the examination", required=True, future=False),
                "delivery": Code("体检方式", "Where it took place", codes.DELIVERY, required=True, source=PROJECT),
                "doctor": Reference("责任医生", "Doctor", to="person", required=True),
                "organization": Reference("体检机构", "Organisation", to="organization", required=True, source=LOCAL_FORMS),
            },
            required=True,
        ),
        Section(
            "symptoms",
            "症状",
            "Symptoms",
            {
                "symptoms": Codes(
                    "症状", "Symptoms", codes.EXAM_SYMPTOM, alone="none", required=True, element="DE04.01.116.00"
                ),
                "other": Text("其他症状", "Other symptoms"),
            },
            required=True,
        ),
        Section(
            "general",
            "一般状况",
            "General condition",
            {
                "temperature_celsius": temperature_celsius(required=True),
                "pulse_per_min": heart_rate_per_min("脉率", "Pulse", required=True),
                "respiration_per_min": Whole(
                    "呼吸频率", "Respiration", unit="/min", required=True, hard=(5, 80), soft=(10, 35), loinc="9279-1"
                ),
                "left_systolic_mmhg": systolic_mmhg("左侧收缩压", "Systolic pressure, left arm"),
                "left_diastolic_mmhg": diastolic_mmhg("左侧舒张压", "Diastolic pressure, left arm"),
                "right_systolic_mmhg": systolic_mmhg("右侧收缩压", "Systolic pressure, right arm", required=True),
                "right_diastolic_mmhg": diastolic_mmhg("右侧舒张压", "Diastolic pressure, right arm", required=True),
                "height_cm": height_cm(required=True),
                "weight_kg": weight_kg(required=True),
                "waist_cm": waist_cm(required=True),
                "bmi_kg_m2": bmi_kg_m2(required=True),
            },
            required=True,
        ),
        Section(
            "elder",
            "老年人自我评估",
            "An elder's own assessment",
            {
                "self_rated_health": Code("老年人健康状态自我评估", "Health, in their own view", codes.SELF_RATED_HEALTH),
                "self_care_level": Code("老年人生活自理能力自我评估", "Self-care, in their own view", SELF_CARE_LEVEL),
                "selfcare_record": Reference("自理能力评估表", "Assessment of self-care", to="elder_selfcare", source=PROJECT),
                "cognition": Code("老年人认知功能", "Cognition", codes.SCREENED),
                "mental_state_points": Whole("简易智力状态检查总分", "Mental state examination", unit="分", hard=(0, 30)),
                "mood": Code("老年人情感状态", "Mood", codes.SCREENED),
                "depression_points": Whole("老年人抑郁评分检查总分", "Depression scale", unit="分", hard=(0, 30)),
            },
        ),
        Section(
            "lifestyle",
            "生活方式",
            "Lifestyle",
            {
                "exercise_frequency": Code("锻炼频率", "How often exercise", codes.EXERCISE_FREQUENCY, required=True),
                "exercise_min": Whole("每次锻炼时间", "Exercise, minutes each time", unit="min", hard=(0, 600)),
                "exercise_years": Whole("坚持锻炼时间", "Years of exercise", unit="年", hard=(0, 100)),
                "exercise_kind": Text("锻炼方式", "Kind of exercise"),
                "diet": Codes("饮食习惯", "Diet", codes.DIET, required=True),
                "smoking": Code("吸烟状况", "Smoking", codes.SMOKING, required=True, loinc="72166-2"),
                "smoking_from_age_years": _age("开始吸烟年龄", "Smoking since the age of"),
                "smoking_until_age_years": _age("戒烟年龄", "Stopped smoking at the age of"),
                **smoking_and_drinking(targets=False),
                "drinking": Code("饮酒频率", "How often alcohol", codes.DRINKING, required=True),
                "stopped_drinking": Code("是否戒酒", "Has stopped drinking", codes.STOPPED_DRINKING),
                "drinking_until_age_years": _age("戒酒年龄", "Stopped drinking at the age of"),
                "drinking_from_age_years": _age("开始饮酒年龄", "Drinking since the age of"),
                "drunk_within_year": Code("近一年内是否曾醉酒", "Drunk within the last year", codes.DRUNK_WITHIN_YEAR),
                "drinks": Codes("饮酒种类", "Kinds of drink", codes.DRINK),
                "drinks_other": Text("其他饮酒种类", "Other kind of drink"),
            },
            required=True,
        ),
        Section("hazards", "职业病危害因素接触史", "Hazards at work", _hazards()),
        Section(
            "organs",
            "脏器功能",
            "Organs",
            {
                "lips": Code("口腔：口唇", "Mouth: lips", codes.LIPS, required=True),
                "teeth": Codes("口腔：齿列", "Mouth: teeth", codes.TEETH, alone="normal", required=True),
                "teeth_note": Text("齿列：位置", "Teeth: which"),
                "pharynx": Code("口腔：咽部", "Mouth: pharynx", codes.PHARYNX, required=True),
                "left_acuity": Decimals("左眼视力", "Sight, left eye", unit="视力", places=2, hard=(0, 6)),
                "right_acuity": Decimals("右眼视力", "Sight, right eye", unit="视力", places=2, hard=(0, 6)),
                "left_corrected_acuity": Decimals(
                    "左眼矫正视力", "Sight with glasses, left eye", unit="视力", places=2, hard=(0, 6)
                ),
                "right_corrected_acuity": Decimals(
                    "右眼矫正视力", "Sight with glasses, right eye", unit="视力", places=2, hard=(0, 6)
                ),
                "hearing": Code("听力", "Hearing", codes.HEARING, required=True),
                "motor": Code("运动功能", "Movement", codes.MOTOR, required=True),
            },
            required=True,
        ),
        Section(
            "body",
            "查体",
            "Physical examination",
            {
                **noted(BODY),
                "heart_rate_per_min": heart_rate_per_min("心脏：心率", "Heart: rate"),
                **_several("breast", "乳腺", "Breasts", codes.BREAST, alone="normal"),
                "other": Text("其他", "Other findings", longest=500),
            },
            required=True,
        ),
        Section("gynaecology", "妇科", "Gynaecology", noted(GYNAECOLOGY)),
        *TESTS,
        Section(
            "problems",
            "现存主要健康问题",
            "Health problems",
            {
                **{field: item for name, about in SEVERAL.items() for field, item in _several(name, *about).items()},
                **noted(FOUND),
            },
            required=True,
        ),
        Section(
            "stay",
            "住院治疗情况",
            "Hospital stay or bed at home",
            {
                "place": Code("住院或家庭病床", "Hospital or bed at home", codes.STAY, required=True),
                "from": Date("入院或建床日期", "From", required=True, future=False),
                "to": Date("出院或撤床日期", "To", future=False),
                "reason": Text("原因", "Reason", required=True),
                "institution": Text("医疗机构名称", "Institution"),
                "case_no": Text("病案号", "Number of the case", longest=40),
            },
            keyed=True,
        ),
        Section(
            "medication",
            "主要用药情况",
            "Main medicines",
            {
                "drug": Text("药物名称", "Medicine", required=True, element="DE08.50.022.00"),
                "usage": Text("用法", "How it is taken"),
                "amount": Text("用量", "How much"),
                "duration": Text("用药时间", "For how long"),
                "adherence": Code("服药依从性", "Adherence", ADHERENCE, element="DE06.00.027.00"),
            },
            policy=Policy.REVIEW,
            keyed=True,
        ),
        Section(
            "vaccination",
            "非免疫规划预防接种史",
            "Vaccination outside the programme",
            {
                "vaccine": Text("名称", "Vaccine", required=True),
                "given_on": Date("接种日期", "Given on", future=False),
                "institution": Text("接种机构", "Institution"),
            },
            keyed=True,
        ),
        Section(
            "evaluation",
            "健康评价",
            "Evaluation",
            {
                "evaluation": Code("健康评价", "Evaluation", codes.EVALUATION, required=True),
                "abnormalities": Rows(
                    "异常", "What is abnormal", {"abnormality": Text("异常", "Abnormality", longest=500, required=True)}
                ),
            },
            required=True,
        ),
        Section(
            "guidance",
            "健康指导",
            "Guidance",
            {
                "guidance": Codes("健康指导", "Guidance", codes.GUIDANCE),
                "risk_control": Codes("危险因素控制", "Control of risks", codes.RISK_CONTROL),
                "target_weight_kg": Decimals("减体重目标", "Weight to reach", unit="kg", hard=(20, 300)),
                "vaccine": Text("建议接种的疫苗", "Vaccine advised"),
                "other": Text("其他指导", "Other guidance", longest=500),
            },
            required=True,
        ),
        Section(
            "tcm",
            "中医体质辨识",
            "Constitution by Chinese medicine",
            {
                "assessed_on": Date("辨识日期", "Assessed on", future=False, source=codes.TCM_FORM),
                "constitution": Codes(
                    "体质（是）", "Constitution: yes", codes.CONSTITUTION, required=True, source=codes.TCM_FORM
                ),
                "tendency": Codes(
                    "体质（倾向是或基本是）", "Constitution: tends to", codes.CONSTITUTION, source=codes.TCM_FORM
                ),
                "guidance": Codes("中医药保健指导", "Guidance", codes.TCM_GUIDANCE, source=codes.TCM_FORM),
                "guidance_other": Text("其他保健指导", "Other guidance", source=codes.TCM_FORM),
            },
        ),
        evidence_section(),
    ),
    checks=(
        Below("general.left_diastolic_mmhg", "general.left_systolic_mmhg"),
        Below("general.right_diastolic_mmhg", "general.right_systolic_mmhg"),
        Needed("symptoms.other", "symptoms.symptoms", ("other",)),
        Needed("lifestyle.cigarettes_per_day", "lifestyle.smoking", ("smokes",)),
        Needed("lifestyle.smoking_until_age_years", "lifestyle.smoking", ("stopped",)),
        Needed("lifestyle.alcohol_liang_per_day", "lifestyle.drinking", ("often", "daily")),
        Needed("lifestyle.drinks_other", "lifestyle.drinks", ("other",)),
        Needed("hazards.work", "hazards.exposed", ("yes",)),
        *(Needed(f"hazards.{name}_protection_note", f"hazards.{name}_protection", ("yes",)) for name in HAZARDS),
        *notes_needed("body", BODY),
        Needed("body.breast_other", "body.breast", ("other",)),
        *notes_needed("gynaecology", GYNAECOLOGY),
        *notes_needed("imaging", IMAGING),
        *(Needed(f"problems.{name}_other", f"problems.{name}", ("other",)) for name in SEVERAL),
        *notes_needed("problems", FOUND),
        After("stay.to", "stay.from", or_same=True),
        Needed("evaluation.abnormalities", "evaluation.evaluation", ("abnormal",)),
        Needed("guidance.target_weight_kg", "guidance.risk_control", ("lose_weight",)),
        Needed("guidance.vaccine", "guidance.risk_control", ("vaccination",)),
        Needed("guidance.other", "guidance.risk_control", ("other",)),
        Needed("tcm.guidance_other", "tcm.guidance", ("other",)),
    ),
)
