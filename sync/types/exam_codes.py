"""The code lists of the health examination (健康体检表), third edition: numbers as on the form."""

from sync.types.codes import PROJECT, code_list

DELIVERY = code_list(
    "exam_delivery",
    """
    - institution 到机构体检 At the institution
    - village_clinic 村卫生室集中体检 At the village clinic
    - at_home 上门体检 At home
    - appointment_for_returner 返乡人员预约体检 By appointment, for who comes back home
    """,
    source=PROJECT,
)
EXAM_SYMPTOM = code_list(
    "exam_symptom",
    """
    1 none 无症状 None
    2 headache 头痛 Headache
    3 dizziness 头晕 Dizziness
    4 palpitation 心悸 Palpitation
    5 chest_tightness 胸闷 Tightness of the chest
    6 chest_pain 胸痛 Pain in the chest
    7 chronic_cough 慢性咳嗽 Chronic cough
    8 sputum 咳痰 Sputum
    9 dyspnea 呼吸困难 Difficult breathing
    10 polydipsia 多饮 Drinks much
    11 polyuria 多尿 Passes much water
    12 weight_loss 体重下降 Loss of weight
    13 fatigue 乏力 Fatigue
    14 joint_swelling_pain 关节肿痛 Swollen or painful joints
    15 blurred_vision 视力模糊 Blurred vision
    16 limb_numbness 手脚麻木 Numb hands or feet
    17 urinary_urgency 尿急 Urgent need to pass water
    18 painful_urination 尿痛 Pain when passing water
    19 constipation 便秘 Constipation
    20 diarrhoea 腹泻 Diarrhoea
    21 nausea_vomiting 恶心呕吐 Nausea or vomiting
    22 dazzled_eyes 眼花 Dimness before the eyes
    23 tinnitus 耳鸣 Ringing in the ears
    24 breast_pain 乳房胀痛 Swollen, painful breasts
    25 other 其他 Other
    """,
)
SELF_RATED_HEALTH = code_list(
    "elder_self_rated_health",
    """
    1 satisfied 满意 Satisfied
    2 fairly_satisfied 基本满意 Fairly satisfied
    3 unclear 说不清楚 Cannot say
    4 rather_dissatisfied 不太满意 Rather dissatisfied
    5 dissatisfied 不满意 Dissatisfied
    """,
)
SCREENED = code_list(
    "screening_result",
    """
    1 negative 粗筛阴性 Negative in the screening
    2 positive 粗筛阳性 Positive in the screening
    """,
)
EXERCISE_FREQUENCY = code_list(
    "exercise_frequency",
    """
    1 daily 每天 Daily
    2 weekly 每周一次以上 More than once a week
    3 occasionally 偶尔 Now and then
    4 never 不锻炼 Never
    """,
)
DIET = code_list(
    "diet_habit",
    """
    1 balanced 荤素均衡 Balanced
    2 mostly_meat 荤食为主 Mostly meat
    3 mostly_vegetables 素食为主 Mostly vegetables
    4 salty 嗜盐 Likes salt
    5 oily 嗜油 Likes oil
    6 sweet 嗜糖 Likes sugar
    """,
)
SMOKING = code_list(
    "smoking_status",
    """
    1 never 从不吸烟 Never smoked
    2 stopped 已戒烟 Has stopped
    3 smokes 吸烟 Smokes
    """,
)
DRINKING = code_list(
    "drinking_frequency",
    """
    1 never 从不 Never
    2 occasionally 偶尔 Now and then
    3 often 经常 Often
    4 daily 每天 Daily
    """,
)
STOPPED_DRINKING = code_list(
    "stopped_drinking",
    """
    1 no 未戒酒 Has not stopped
    2 yes 已戒酒 Has stopped
    """,
)
DRUNK_WITHIN_YEAR = code_list(
    "drunk_within_year",
    """
    1 yes 是 Yes
    2 no 否 No
    """,
)
DRINK = code_list(
    "kind_of_drink",
    """
    1 spirits 白酒 Spirits
    2 beer 啤酒 Beer
    3 wine 红酒 Wine
    4 rice_wine 黄酒 Rice wine
    5 other 其他 Other
    """,
)
LIPS = code_list(
    "exam_lips",
    """
    1 ruddy 红润 Ruddy
    2 pale 苍白 Pale
    3 cyanotic 发绀 Cyanotic
    4 chapped 皲裂 Chapped
    5 blistered 疱疹 Blistered
    """,
)
TEETH = code_list(
    "exam_teeth",
    """
    1 normal 正常 Normal
    2 missing 缺齿 Missing teeth
    3 caries 龋齿 Caries
    4 denture 义齿（假牙） Denture
    """,
)
PHARYNX = code_list(
    "exam_pharynx",
    """
    1 normal 无充血 Not congested
    2 congested 充血 Congested
    3 lymphoid_hyperplasia 淋巴滤泡增生 Lymphoid hyperplasia
    """,
)
HEARING = code_list(
    "exam_hearing",
    """
    1 hears 听见 Hears
    2 does_not_hear 听不清或无法听见 Hears badly or not at all
    """,
)
MOTOR = code_list(
    "exam_motor",
    """
    1 able 可顺利完成 Does all movements
    2 unable 无法独立完成任何一个动作 Cannot do one of them alone
    """,
)
NORMALITY = code_list(
    "normality",
    """
    1 normal 正常 Normal
    2 abnormal 异常 Abnormal
    """,
)
UNREMARKABLE = code_list(
    "unremarkable",
    """
    1 normal 未见异常 Nothing abnormal seen
    2 abnormal 异常 Abnormal
    """,
)
SKIN = code_list(
    "exam_skin",
    """
    1 normal 正常 Normal
    2 flushed 潮红 Flushed
    3 pale 苍白 Pale
    4 cyanotic 发绀 Cyanotic
    5 jaundiced 黄染 Jaundiced
    6 pigmented 色素沉着 Pigmented
    7 other 其他 Other
    """,
)
SCLERA = code_list(
    "exam_sclera",
    """
    1 normal 正常 Normal
    2 jaundiced 黄染 Jaundiced
    3 congested 充血 Congested
    4 other 其他 Other
    """,
)
LYMPH_NODES = code_list(
    "exam_lymph_nodes",
    """
    1 none 未触及 None felt
    2 supraclavicular 锁骨上 Above the clavicle
    3 axillary 腋窝 In the armpit
    4 other 其他 Other
    """,
)
BARREL_CHEST = code_list(
    "exam_barrel_chest",
    """
    1 no 否 No
    2 yes 是 Yes
    """,
)
RALES = code_list(
    "exam_rales",
    """
    1 none 无 None
    2 dry 干啰音 Dry
    3 moist 湿啰音 Moist
    4 other 其他 Other
    """,
)
RHYTHM = code_list(
    "heart_rhythm",
    """
    1 regular 齐 Regular
    2 irregular 不齐 Irregular
    3 absolutely_irregular 绝对不齐 Absolutely irregular
    """,
)
LEG_OEDEMA = code_list(
    "exam_leg_oedema",
    """
    1 none 无 None
    2 one_side 单侧 One side
    3 both_asymmetric 双侧不对称 Both sides, unequal
    4 both_symmetric 双侧对称 Both sides, equal
    """,
)
FOOT_PULSE = code_list(
    "exam_dorsalis_pedis",
    """
    1 not_felt 未触及 Not felt
    2 both_symmetric 触及双侧对称 Felt, equal on both sides
    3 left_weak 触及左侧弱或消失 Weak or gone on the left
    4 right_weak 触及右侧弱或消失 Weak or gone on the right
    """,
)
RECTAL = code_list(
    "exam_rectal",
    """
    1 normal 未及异常 Nothing abnormal felt
    2 tender 触痛 Tender
    3 mass 包块 Mass
    4 prostate 前列腺异常 Prostate abnormal
    5 other 其他 Other
    """,
)
BREAST = code_list(
    "exam_breast",
    """
    1 normal 未见异常 Nothing abnormal seen
    2 removed 乳房切除 Removed
    3 discharge 异常泌乳 Abnormal discharge
    4 mass 乳腺包块 Mass
    5 other 其他 Other
    """,
)
DIPSTICK = code_list(
    "urine_dipstick",
    """
    - negative － Negative
    - trace ± Trace
    - plus_1 + One plus
    - plus_2 ++ Two plus
    - plus_3 +++ Three plus
    - plus_4 ++++ Four plus
    """,
    source=PROJECT,
)
NEGATIVE_POSITIVE = code_list(
    "negative_positive",
    """
    1 negative 阴性 Negative
    2 positive 阳性 Positive
    """,
)
CEREBROVASCULAR = code_list(
    "exam_cerebrovascular",
    """
    1 none 未发现 None found
    2 ischaemic_stroke 缺血性卒中 Ischaemic stroke
    3 cerebral_haemorrhage 脑出血 Cerebral haemorrhage
    4 subarachnoid_haemorrhage 蛛网膜下腔出血 Subarachnoid haemorrhage
    5 tia 短暂性脑缺血发作 Transient ischaemic attack
    6 other 其他 Other
    """,
)
KIDNEY_DISEASE = code_list(
    "exam_kidney_disease",
    """
    1 none 未发现 None found
    2 diabetic_nephropathy 糖尿病肾病 Diabetic nephropathy
    3 kidney_failure 肾功能衰竭 Kidney failure
    4 acute_nephritis 急性肾炎 Acute nephritis
    5 chronic_nephritis 慢性肾炎 Chronic nephritis
    6 other 其他 Other
    """,
)
HEART_DISEASE = code_list(
    "exam_heart_disease",
    """
    1 none 未发现 None found
    2 myocardial_infarction 心肌梗死 Myocardial infarction
    3 angina 心绞痛 Angina
    4 coronary_revascularisation 冠状动脉血运重建 Coronary revascularisation
    5 heart_failure 充血性心力衰竭 Congestive heart failure
    6 precordial_pain 心前区疼痛 Precordial pain
    7 other 其他 Other
    """,
)
VASCULAR_DISEASE = code_list(
    "exam_vascular_disease",
    """
    1 none 未发现 None found
    2 dissecting_aneurysm 夹层动脉瘤 Dissecting aneurysm
    3 arterial_occlusion 动脉闭塞性疾病 Arterial occlusion
    4 other 其他 Other
    """,
)
EYE_DISEASE = code_list(
    "exam_eye_disease",
    """
    1 none 未发现 None found
    2 retinal_bleeding 视网膜出血或渗出 Retinal bleeding or exudate
    3 papilloedema 视乳头水肿 Papilloedema
    4 cataract 白内障 Cataract
    5 other 其他 Other
    """,
)
FOUND = code_list(
    "exam_found",
    """
    1 none 未发现 None found
    2 found 有 Found
    """,
)
EVALUATION = code_list(
    "exam_evaluation",
    """
    1 normal 体检无异常 Nothing abnormal
    2 abnormal 有异常 Something abnormal
    """,
)
GUIDANCE = code_list(
    "exam_guidance",
    """
    1 chronic_care 纳入慢性病患者健康管理 Into chronic care
    2 recheck 建议复查 Recheck advised
    3 refer 建议转诊 Referral advised
    """,
)
RISK_CONTROL = code_list(
    "exam_risk_control",
    """
    1 stop_smoking 戒烟 Stop smoking
    2 healthy_drinking 健康饮酒 Drink in health
    3 diet 饮食 Diet
    4 exercise 锻炼 Exercise
    5 lose_weight 减体重 Lose weight
    6 vaccination 建议接种疫苗 Vaccination advised
    7 other 其他 Other
    """,
)
TCM_FORM = "老年人中医药健康管理服务记录表，2013"
CONSTITUTION = code_list(
    "tcm_constitution",
    """
    - balanced 平和质 Balanced
    - qi_deficient 气虚质 Qi-deficient
    - yang_deficient 阳虚质 Yang-deficient
    - yin_deficient 阴虚质 Yin-deficient
    - phlegm_dampness 痰湿质 Phlegm and dampness
    - damp_heat 湿热质 Damp heat
    - blood_stasis 血瘀质 Blood stasis
    - qi_stagnation 气郁质 Qi stagnation
    - inherited_special 特禀质 Inherited special
    """,
    source=TCM_FORM,
    version="2013",
    since="2013-07-31",
)
TCM_GUIDANCE = code_list(
    "tcm_guidance",
    """
    1 mood 情志调摄 Care of the mood
    2 diet 饮食调养 Diet
    3 daily_rhythm 起居调摄 Rhythm of the day
    4 exercise 运动保健 Exercise
    5 acupressure 穴位保健 Acupressure
    6 other 其他 Other
    """,
    source=TCM_FORM,
    version="2013",
    since="2013-07-31",
)
STAY = code_list(
    "exam_stay",
    """
    - hospital 住院 Hospital
    - bed_at_home 家庭病床 Bed at home
    """,
)
