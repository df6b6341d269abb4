"""What a diabetes visit suggests: danger, controlled or not, and with both the class, the measure and the next visit.

Controlled goes by the fasting glucose alone. One of 3.9 mmol/L or less is a danger, never control; LO and HI of the meter
count as that low and that high.
"""

from __future__ import annotations

from sync.types.chronic_rules import graded, urgent
from sync.types.codes import THIRD_EDITION, code_list
from sync.types.rules import AnyOf, AtLeast, AtMost, Every, Is, Over, Row, RuleTable, Under

SERVICE = f"{THIRD_EDITION}，2型糖尿病患者健康管理服务规范"
DANGER_SIGNS = code_list(
    "diabetes_danger_sign",
    """
    - altered_consciousness 意识或行为改变 Altered consciousness or behaviour
    - ketone_breath 呼气有烂苹果样丙酮味 Breath that smells of acetone
    - palpitation_sweating 心悸、出汗 Palpitation or sweating
    - nausea_no_appetite 食欲减退、恶心、呕吐 Loss of appetite, nausea, vomiting
    - thirst_abdominal_pain 多饮、多尿、腹痛 Thirst, much urine, pain of the belly
    - deep_breathing_flushed_skin 深大呼吸、皮肤潮红 Deep breathing, flushed skin
    - sudden_vision_loss 视力突然骤降 Sudden loss of vision
    - pregnant_high_glucose 妊娠期或哺乳期血糖高于正常 Pregnant or breastfeeding with a raised glucose
    """,
)
FASTING, FLAG = "glucose.fasting_glucose_mmol_l", "glucose.fasting_flag"
GLUCOSES = (FASTING, "glucose.postprandial_glucose_mmol_l", "glucose.random_glucose_mmol_l")
LOW = AnyOf(*(AtMost(path, "3.9") for path in GLUCOSES), Is(FLAG, "low"))
HIGH = AnyOf(*(AtLeast(path, "16.7") for path in GLUCOSES), Is(FLAG, "high"))

RULES = (
    urgent(
        "diabetes",
        "dm",
        SERVICE,
        DANGER_SIGNS,
        first=(
            Row("dm_u1_glucose_high", HIGH, "glucose_high", "血糖≥16.7mmol/L", "Glucose of 16.7 mmol/L or more"),
            Row("dm_u1_glucose_low", LOW, "glucose_low", "血糖≤3.9mmol/L", "Glucose of 3.9 mmol/L or less"),
        ),
        more=(
            Row(
                "dm_u1_heart_rate",
                Over("vitals.heart_rate_per_min", 100),
                "heart_rate",
                "心率超过100次/分",
                "Heart rate over 100",
            ),
            Row("dm_u1_temperature", Over("vitals.temperature_celsius", 39), "temperature", "体温超过39℃", "Over 39 degrees"),
        ),
    ),
    RuleTable(
        name="diabetes_controlled",
        gives="controlled",
        zh="血糖控制",
        en="Whether the glucose is controlled",
        source=f"{SERVICE}，二、服务内容（三）分类干预",
        version="2017",
        rows=(
            Row("dm_low", AnyOf(AtMost(FASTING, "3.9"), Is(FLAG, "low")), "no", "空腹血糖≤3.9mmol/L", "3.9 mmol/L or less"),
            Row("dm_high", AnyOf(AtLeast(FASTING, 7), Is(FLAG, "high")), "no", "空腹血糖≥7.0mmol/L", "7.0 mmol/L or more"),
            Row(
                "dm_good",
                Every(Over(FASTING, "3.9"), Under(FASTING, 7)),
                "yes",
                "空腹血糖3.9–7.0mmol/L之间",
                "Between 3.9 and 7.0",
            ),
        ),
    ),
    *graded("diabetes", "dm", SERVICE),
)
