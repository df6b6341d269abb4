"""The code lists of the forms for severe mental disorder, numbers as printed on them."""

from sync.types.codes import PROJECT, THIRD_EDITION, code_list

# -- both forms --------------------------------------------------------------------------------------------------------

SYMPTOMS = code_list(
    "smd_symptom",
    """
    - none 无症状 None
    1 hallucination 幻觉 Hallucinations
    2 hard_to_talk_to 交流困难 Hard to talk to
    3 suspicion 猜疑 Suspicion
    4 moody 喜怒无常 Changing moods
    5 odd_behaviour 行为怪异 Odd behaviour
    6 excited_talkative 兴奋话多 Excited and talkative
    7 harming_smashing 伤人毁物 Harming persons or smashing things
    8 despair 悲观厌世 Despair, weary of life
    9 wandering 无故外走 Wandering off without reason
    10 talks_laughs_alone 自语自笑 Talking or laughing to oneself
    11 withdrawn_idle 孤僻懒散 Withdrawn and idle
    12 other 其他 Other
    """,
    source=f"{THIRD_EDITION}; none: {PROJECT}",
)
LOCKED = code_list(
    "smd_locked",
    """
    1 no 无关锁 Not locked up
    2 locked 关锁 Locked up
    3 released 关锁已解除 Was locked up, released
    """,
)

# -- the supplement to the personal information ------------------------------------------------------------------------

CONSENT = code_list(
    "smd_consent",
    """
    1 agree 同意参加管理 Agrees to be managed
    0 refuse 不同意参加管理 Does not agree
    """,
)
HOUSEHOLD_TYPE = code_list(
    "smd_household_type",
    """
    1 urban 城镇 Urban
    2 rural 农村 Rural
    """,
)
EMPLOYMENT = code_list(
    "smd_employment",
    """
    1 worker 在岗工人 Worker
    2 manager 在岗管理者 Manager
    3 farmer 农民 Farmer
    4 unemployed 下岗或无业 Laid off or without work
    5 student 在校学生 Student
    6 retired 退休 Retired
    7 professional 专业技术人员 Professional
    8 other 其他 Other
    9 unknown 不详 Unknown
    """,
)
ECONOMY = code_list(
    "smd_economy",
    """
    1 poor 贫困，在当地贫困线标准以下 Poor, below the local line
    2 not_poor 非贫困 Not poor
    """,
)
OUTPATIENT = code_list(
    "smd_outpatient",
    """
    1 none 未治 Not treated
    2 intermittent 间断门诊治疗 Now and then
    3 continuous 连续门诊治疗 All the time
    """,
)
DIAGNOSIS = code_list(
    "smd_diagnosis",
    """
    - schizophrenia 精神分裂症 Schizophrenia
    - schizoaffective 分裂情感性障碍 Schizoaffective disorder
    - paranoid_psychosis 偏执性精神病 Paranoid psychosis
    - bipolar 双相（情感）障碍 Bipolar disorder
    - epileptic_psychosis 癫痫所致精神障碍 Mental disorder due to epilepsy
    - intellectual_disability_psychosis 精神发育迟滞伴发精神障碍 Mental disorder with intellectual disability
    """,
    source=f"{THIRD_EDITION}, in the text, not on the form",
)
LAST_EFFECT = code_list(
    "smd_last_effect",
    """
    1 recovered 临床痊愈 Clinically recovered
    2 improved 好转 Better
    3 unchanged 无变化 Unchanged
    4 worse 加重 Worse
    """,
)

# -- the follow-up -----------------------------------------------------------------------------------------------------

DEATH_CAUSE = code_list(
    "smd_death_cause",
    """
    1 physical_disease 躯体疾病 Physical disease
    2 suicide 自杀 Suicide
    3 homicide 他杀 Killed by another
    4 accident 意外 Accident
    5 complication 精神疾病相关并发症 Complication of the mental disorder
    6 other 其他 Other
    """,
)
DEATH_DISEASE = code_list(
    "smd_death_disease",
    """
    1 infectious 传染病和寄生虫病 Infectious or parasitic disease
    2 tumour 肿瘤 Tumour
    3 heart 心脏病 Heart disease
    4 cerebrovascular 脑血管病 Disease of the vessels of the brain
    5 respiratory 呼吸系统疾病 Disease of the lungs and airways
    6 digestive 消化系统疾病 Disease of the digestive system
    7 other 其他疾病 Other disease
    8 unknown 不详 Unknown
    """,
)
INSIGHT = code_list(
    "smd_insight",
    """
    1 full 自知力完全 Full
    2 partial 自知力不全 Partial
    3 absent 自知力缺失 Absent
    """,
)
WORK = code_list(
    "smd_work",
    """
    1 good 良好 Good
    2 fair 一般 Fair
    3 poor 较差 Poor
    9 not_applicable 此项不适用 Does not apply
    """,
)
ADMISSION = code_list(
    "smd_admission",
    """
    0 none 未住院 Not in hospital
    1 admitted 目前正在住院 In hospital now
    2 discharged 曾住院，现未住院 Was in hospital, is no longer
    """,
)
ADHERENCE = code_list(
    "smd_adherence",
    """
    1 regular 按医嘱规律用药 Takes them as told
    2 intermittent 间断用药 Intermittent
    3 none 不用药 Takes none
    4 not_needed 医嘱无需用药 None prescribed
    """,
)
ADVERSE = code_list(
    "smd_adverse_reaction",
    """
    1 no 无 No
    2 yes 有 Yes
    9 not_applicable 此项不适用 Does not apply
    """,
)
EFFECT = code_list(
    "smd_effect",
    """
    1 recovered 痊愈 Recovered
    2 improved 好转 Better
    3 unchanged 无变化 Unchanged
    4 worse 加重 Worse
    9 not_applicable 此项不适用 Does not apply
    """,
)
REHABILITATION = code_list(
    "smd_rehabilitation",
    """
    1 daily_life 生活劳动能力 Daily life and housework
    2 occupation 职业训练 Occupational training
    3 learning 学习能力 Learning
    4 social 社会交往 Meeting people
    5 other 其他 Other
    """,
)
CLASSES = code_list(
    "smd_class",
    """
    1 unstable 不稳定 Unstable
    2 basically_stable 基本稳定 Basically stable
    3 stable 稳定 Stable
    """,
)
MEASURE = code_list(
    "smd_next_measure",
    """
    - continue 继续执行治疗方案 Go on with the treatment
    - adjust 调整药物剂量或查明原因对症治疗 Adjust the dose, or find the cause and treat it
    - specialist 请精神专科医师技术指导 Ask a psychiatrist for guidance
    - refer_at_once 对症处理后立即转诊 Treat and refer at once
    """,
    source=f"{THIRD_EDITION}, in the text, not on the form",
)
