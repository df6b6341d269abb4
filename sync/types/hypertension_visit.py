"""Hypertension follow-up visit (高血压患者随访服务记录表): the form of the national specification, third edition.

Codes are those of the form; ranges are this project's (the form prints none): `hard` cannot be, `soft` is unusual.
"""

from sync.record import Policy
from sync.types.checks import After, Below, Needed
from sync.types.codes import ADHERENCE, DOSE_UNIT, LOST_REASON, NO_YES, RATING, THIRD_EDITION, VISIT_WAY, code_list
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Codes, Date, Decimals, Reference, References, Text, Whole

SYMPTOMS = code_list(
    "hypertension_symptom",
    """
    1 none 无症状 None
    2 headache_dizziness 头痛头晕 Headache or dizziness
    3 nausea_vomiting 恶心呕吐 Nausea or vomiting
    4 blurred_vision_tinnitus 眼花耳鸣 Blurred vision or ringing in the ears
    5 dyspnea 呼吸困难 Difficult breathing
    6 palpitation_chest_tightness 心悸胸闷 Palpitation or tightness of the chest
    7 persistent_nosebleed 鼻衄出血不止 Nosebleed that does not stop
    8 limb_numbness 四肢发麻 Numb limbs
    9 leg_oedema 下肢水肿 Swollen legs
    10 other 其他 Other
    """,
)
SALT = code_list(
    "salt_intake",
    """
    1 light 轻 Light
    2 medium 中 Medium
    3 heavy 重 Heavy
    """,
)
CLASSES = code_list(
    "hypertension_class",
    """
    1 controlled 控制满意 Controlled
    2 uncontrolled 控制不满意 Not controlled
    3 adverse 不良反应 Adverse reaction
    4 complication 并发症 Complication
    """,
)
NEXT_MEASURE = code_list(
    "next_measure",
    """
    1 routine 常规随访 Routine follow-up
    2 two_week 第1次控制不满意2周随访 First time not controlled: follow up in 2 weeks
    3 refer_followup 两次控制不满意转诊随访 Twice not controlled: refer and follow up
    4 urgent_refer 紧急转诊 Urgent referral
    """,
    source="local revisions of the form",
)
ARRIVED = code_list(
    "referral_arrival",
    """
    1 arrived 到位 Arrived
    2 not_arrived 不到位 Did not arrive
    """,
    source="local revisions of the form",
)
NOT_SEEN = ("visit.lost_reason", "visit.died_on")

TYPE = RecordType(
    name="hypertension_visit",
    zh="高血压患者随访服务记录表",
    en="Hypertension follow-up visit",
    subject="resident",
    source=THIRD_EDITION,
    sections=(
        Section(
            "visit",
            "随访",
            "Visit",
            {
                "visited_on": Date("随访日期", "Day of the visit", required=True, future=False),
                "way": Code("随访方式", "Way of the visit", VISIT_WAY, required=True, element="DE06.00.108.00"),
                "doctor": Reference("随访医生", "Doctor", to="person", required=True, element="DE02.01.039.00"),
                "lost_reason": Code("失访原因", "Reason why the person was not reached", LOST_REASON),
                "died_on": Date("死亡日期", "Day of death", future=False),
                "death_cause": Text("死亡原因", "Cause of death"),
            },
            required=True,
        ),
        Section(
            "symptoms",
            "症状",
            "Symptoms",
            {
                "symptoms": Codes("症状", "Symptoms", SYMPTOMS, alone="none", required=True, element="DE04.01.116.00"),
                "other": Text("其他症状", "Other symptoms"),
            },
            required=True,
            unless=NOT_SEEN,
        ),
        Section(
            "vitals",
            "体征",
            "Vital signs",
            {
                "systolic_mmhg": Whole(
                    "收缩压",
                    "Systolic pressure",
                    unit="mmHg",
                    required=True,
                    hard=(50, 300),
                    soft=(80, 220),
                    element="DE04.10.174.00",
                    loinc="8480-6",
                ),
                "diastolic_mmhg": Whole(
                    "舒张压",
                    "Diastolic pressure",
                    unit="mmHg",
                    required=True,
                    hard=(30, 200),
                    soft=(40, 130),
                    element="DE04.10.176.00",
                    loinc="8462-4",
                ),
                "heart_rate_per_min": Whole(
                    "心率",
                    "Heart rate",
                    unit="/min",
                    required=True,
                    hard=(20, 250),
                    soft=(40, 150),
                    element="DE04.10.206.00",
                    loinc="8867-4",
                ),
                "weight_kg": Decimals(
                    "体重",
                    "Weight",
                    unit="kg",
                    required=True,
                    hard=(20, 300),
                    soft=(30, 150),
                    element="DE04.10.188.00",
                    loinc="29463-7",
                ),
                "target_weight_kg": Decimals("目标体重", "Target weight", unit="kg", hard=(20, 300), element="DE06.00.081.00"),
                "height_cm": Decimals("身高", "Height", unit="cm", hard=(100, 230), element="DE04.10.167.00", loinc="8302-2"),
                "bmi_kg_m2": Decimals("体质指数", "Body mass index", unit="kg/m2", places=2, hard=(10, 60), loinc="39156-5"),
                "target_bmi_kg_m2": Decimals("目标体质指数", "Target body mass index", unit="kg/m2", places=2, hard=(10, 60)),
                "other_signs": Text("其他阳性体征", "Other signs", element="DE04.10.143.00"),
            },
            required=True,
            unless=NOT_SEEN,
        ),
        Section(
            "lifestyle",
            "生活方式指导",
            "Way of life",
            {
                "cigarettes_per_day": Whole("日吸烟量", "Cigarettes a day", unit="/day", required=True, hard=(0, 100)),
                "target_cigarettes_per_day": Whole("目标日吸烟量", "Target", unit="/day", hard=(0, 100)),
                "alcohol_liang_per_day": Decimals("日饮酒量", "Spirits a day", unit="两/day", required=True, hard=(0, 20)),
                "target_alcohol_liang_per_day": Decimals("目标日饮酒量", "Target", unit="两/day", hard=(0, 20)),
                "exercise_per_week": Whole("每周运动次数", "Exercise, times a week", unit="/week", required=True, hard=(0, 21)),
                "exercise_min": Whole("每次运动时长", "Exercise, minutes each time", unit="min", required=True, hard=(0, 600)),
                "target_exercise_per_week": Whole("目标每周运动次数", "Target times a week", unit="/week", hard=(0, 21)),
                "target_exercise_min": Whole("目标每次运动时长", "Target minutes", unit="min", hard=(0, 600)),
                "salt": Code("摄盐情况", "Salt", SALT, required=True, element="DE03.00.056.00"),
                "target_salt": Code("目标摄盐情况", "Target salt", SALT, element="DE03.00.046.00"),
                "psychology": Code("心理调整", "State of mind", RATING, required=True, element="DE05.10.083.00"),
                "follows_advice": Code("遵医行为", "Follows advice", RATING, required=True, element="DE05.10.068.00"),
            },
            required=True,
            unless=NOT_SEEN,
        ),
        Section(
            "tests",
            "辅助检查",
            "Tests",
            {
                "name": Text("检查项目", "Test", element="DE04.30.010.00"),
                "result": Text("检查结果", "Result", longest=1000, element="DE04.30.009.00"),
                "tested_on": Date("检查日期", "Day of the test", future=False, element="DE06.00.048.00"),
            },
        ),
        Section(
            "adherence",
            "服药情况",
            "Taking of medicines",
            {
                "medication": Code("服药依从性", "Adherence", ADHERENCE, required=True, element="DE06.00.027.00"),
                "adverse_reaction": Code("药物不良反应", "Adverse reaction", NO_YES, required=True, element="DE06.00.130.00"),
                "adverse_reaction_note": Text("不良反应说明", "What reaction"),
            },
            required=True,
            unless=NOT_SEEN,
        ),
        Section(
            "assessment",
            "随访评价",
            "Assessment",
            {
                "class": Code("此次随访分类", "Class of this visit", CLASSES, required=True, element="DE05.10.066.00"),
                "next_measure": Code("下一步管理措施", "Next measure", NEXT_MEASURE),
            },
            required=True,
            unless=NOT_SEEN,
        ),
        Section(
            "medication",
            "用药",
            "Medicines",
            {
                "drug": Text("药物名称", "Medicine", required=True, element="DE08.50.022.00"),
                "times_per_day": Whole(
                    "用药频次", "Times a day", unit="/day", required=True, hard=(1, 12), element="DE06.00.133.00"
                ),
                "dose": Decimals(
                    "每次剂量", "Dose each time", unit="dose_unit", places=3, required=True, element="DE08.50.023.00"
                ),
                "dose_unit": Code("剂量单位", "Unit of the dose", DOSE_UNIT, required=True, element="DE08.50.024.00"),
                "note": Text("用法说明", "How to take it"),
            },
            policy=Policy.REVIEW,
            keyed=True,
        ),
        Section(
            "referral",
            "转诊",
            "Referral",
            {
                "reason": Text("转诊原因", "Reason", required=True, element="DE06.00.177.00"),
                "to_department": Text("转入机构及科室", "To which department", required=True, element="DE08.10.025.00"),
                "arrival": Code("是否到位", "Whether the person arrived", ARRIVED),
            },
        ),
        Section(
            "next_visit",
            "下次随访",
            "Next visit",
            {"on": Date("下次随访日期", "Day of the next visit", required=True)},
            required=True,
            unless=NOT_SEEN,
        ),
        Section(
            "evidence",
            "佐证",
            "Evidence",
            {
                "place": Text("地点", "Place"),
                "photos": References("照片", "Photographs", to="photo"),
                "doctor_signature": Reference("医生签名", "Doctor's signature", to="signature"),
                "resident_signature": Reference("居民签名", "Resident's signature", to="signature"),
            },
        ),
    ),
    checks=(
        Below("vitals.diastolic_mmhg", "vitals.systolic_mmhg"),
        After("next_visit.on", "visit.visited_on", months=3, tolerance_days=7),
        Needed("symptoms.other", "symptoms.symptoms", ("other",)),
        Needed("adherence.adverse_reaction_note", "adherence.adverse_reaction", ("yes",)),
        Needed("visit.death_cause", "visit.died_on"),
    ),
)
