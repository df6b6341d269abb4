"""What a hypertension visit suggests: danger, controlled or not, and with both the class, the measure and the next visit.

A pressure above an elder's bound of 140 but below 150 is controlled only where the age is known to be 65 or more.
The doctor may aim lower (diabetes, kidney disease, an elder who bears it): no rule says so, the doctor's class does.
"""

from __future__ import annotations

from sync.types.chronic_rules import DIASTOLIC, SYSTOLIC, graded, urgent
from sync.types.codes import THIRD_EDITION, code_list
from sync.types.rules import AnyOf, AtLeast, Every, NoneOf, Row, RuleTable, Under

SERVICE = f"{THIRD_EDITION}，高血压患者健康管理服务规范"
DANGER_SIGNS = code_list(
    "hypertension_danger_sign",
    """
    - altered_consciousness 意识改变 Altered consciousness
    - severe_headache_dizziness 剧烈头痛或头晕 Severe headache or dizziness
    - nausea_vomiting 恶心呕吐 Nausea and vomiting
    - blurred_vision_eye_pain 视力模糊、眼痛 Blurred vision or pain of the eyes
    - palpitation_chest_tightness 心悸、胸闷 Palpitation or tightness of the chest
    - cannot_lie_flat 喘憋不能平卧 Breathless, cannot lie flat
    - pregnant_high_pressure 妊娠期或哺乳期血压高于正常 Pregnant or breastfeeding with a raised pressure
    """,
)
ELDER = AtLeast("given.age_years", 65)

RULES = (
    urgent("hypertension", "htn", SERVICE, DANGER_SIGNS),
    RuleTable(
        name="hypertension_controlled",
        gives="controlled",
        zh="血压控制",
        en="Whether the pressure is controlled",
        source=f"{SERVICE}，二、服务内容（三）分类干预",
        version="2017",
        rows=(
            Row("htn_low", Every(Under(SYSTOLIC, 140), Under(DIASTOLIC, 90)), "yes", "低于140/90mmHg", "Below 140/90 mmHg"),
            Row(
                "htn_low_elder",
                Every(ELDER, Under(SYSTOLIC, 150), Under(DIASTOLIC, 90)),
                "yes",
                "65岁及以上，低于150/90mmHg",
                "65 years or older, below 150/90 mmHg",
            ),
            Row(
                "htn_high",
                AnyOf(AtLeast(SYSTOLIC, 150), AtLeast(DIASTOLIC, 90)),
                "no",
                "收缩压≥150mmHg或舒张压≥90mmHg",
                "Systolic 150 mmHg or more, or diastolic 90 mmHg or more",
            ),
            Row(
                "htn_high_not_elder",
                Every(NoneOf(ELDER), AtLeast(SYSTOLIC, 140)),
                "no",
                "不满65岁，收缩压≥140mmHg",
                "Not known to be 65 or older, systolic 140 mmHg or more",
            ),
        ),
    ),
    *graded("hypertension", "htn", SERVICE),
)
