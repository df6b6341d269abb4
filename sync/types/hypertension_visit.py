"""Hypertension follow-up visit (高血压患者随访服务记录表): the form of the national specification, third edition.

Codes are those of the form; ranges are this project's (the form prints none): `hard` cannot be, `soft` is unusual.
"""

from sync.types.chronic_visit import (
    CHECKS,
    adherence_section,
    assessment_section,
    complication_section,
    danger_section,
    lifestyle_section,
    symptoms_section,
    tests_section,
)
from sync.types.codes import THIRD_EDITION, code_list
from sync.types.declare import FollowUp, RecordType, Section
from sync.types.fields import Code
from sync.types.hypertension_rules import DANGER_SIGNS, RULES
from sync.types.measures import (
    NOT_SEEN,
    bmi_kg_m2,
    carried_over,
    diastolic_mmhg,
    evidence_section,
    heart_rate_per_min,
    height_cm,
    medication_section,
    next_visit_section,
    other_signs,
    referral_section,
    systolic_mmhg,
    target_bmi_kg_m2,
    target_weight_kg,
    visit_section,
    weight_kg,
)

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

TYPE = RecordType(
    name="hypertension_visit",
    zh="高血压患者随访服务记录表",
    en="Hypertension follow-up visit",
    subject="resident",
    source=THIRD_EDITION,
    sections=(
        visit_section(),
        symptoms_section(SYMPTOMS),
        danger_section(DANGER_SIGNS),
        Section(
            "vitals",
            "体征",
            "Vital signs",
            {
                "systolic_mmhg": systolic_mmhg(required=True),
                "diastolic_mmhg": diastolic_mmhg(required=True),
                "heart_rate_per_min": heart_rate_per_min(required=True),
                "weight_kg": weight_kg(required=True),
                "target_weight_kg": target_weight_kg(),
                "height_cm": height_cm(),
                "bmi_kg_m2": bmi_kg_m2(),
                "target_bmi_kg_m2": target_bmi_kg_m2(),
                "other_signs": other_signs(),
            },
            required=True,
            unless=NOT_SEEN,
        ),
        lifestyle_section(
            {
                "salt": Code("摄盐情况", "Salt", SALT, required=True, element="DE03.00.056.00"),
                "target_salt": Code("目标摄盐情况", "Target salt", SALT, element="DE03.00.046.00"),
            }
        ),
        tests_section(),
        adherence_section({}),
        complication_section(),
        assessment_section(),
        medication_section(**carried_over()),
        referral_section(),
        next_visit_section(),
        evidence_section(),
    ),
    checks=CHECKS,
    dated="visit.visited_on",
    rules=RULES,
    follows=FollowUp("hypertension", visits_per_year=4),
)
