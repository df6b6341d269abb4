"""The code lists of the two tuberculosis forms, numbers as printed on them.

The symptoms have a list for each form: the follow-up inserts joint pain as number 6, so that a number from 6 on means
another symptom there. The code values are the same word for the same symptom: what is stored cannot be misread.
"""

from sync.types.codes import PROJECT, THIRD_EDITION, code_list

FIRST_VISIT_WAY = code_list(
    "tb_first_visit_way",
    """
    1 clinic 门诊 Clinic
    2 home 家庭 Home
    """,
)
PATIENT_TYPE = code_list(
    "tb_patient_type",
    """
    1 new 初治 Treated for the first time
    2 retreatment 复治 Treated before
    """,
)
SPUTUM = code_list(
    "tb_sputum",
    """
    1 positive 阳性 Positive
    2 negative 阴性 Negative
    3 not_tested 未查痰 Not tested
    """,
)
RESISTANCE = code_list(
    "tb_drug_resistance",
    """
    1 resistant 耐药 Resistant
    2 susceptible 非耐药 Not resistant
    3 not_tested 未检测 Not tested
    """,
)
FIRST_VISIT_SYMPTOMS = code_list(
    "tb_first_visit_symptom",
    """
    0 none 没有症状 None
    1 cough_sputum 咳嗽咳痰 Cough or sputum
    2 low_fever_night_sweats 低热盗汗 Low fever or night sweats
    3 haemoptysis 咯血或血痰 Coughing blood or bloody sputum
    4 chest_pain_weight_loss 胸痛消瘦 Chest pain or loss of weight
    5 nausea_poor_appetite 恶心纳差 Nausea or poor appetite
    6 headache_insomnia 头痛失眠 Headache or sleeplessness
    7 blurred_vision 视物模糊 Blurred vision
    8 itching_rash 皮肤瘙痒、皮疹 Itching or rash
    9 tinnitus_hearing_loss 耳鸣、听力下降 Ringing in the ears or loss of hearing
    10 other 其他 Other
    """,
)
VISIT_SYMPTOMS = code_list(
    "tb_visit_symptom",
    """
    0 none 没有症状 None
    1 cough_sputum 咳嗽咳痰 Cough or sputum
    2 low_fever_night_sweats 低热盗汗 Low fever or night sweats
    3 haemoptysis 咯血或血痰 Coughing blood or bloody sputum
    4 chest_pain_weight_loss 胸痛消瘦 Chest pain or loss of weight
    5 nausea_poor_appetite 恶心纳差 Nausea or poor appetite
    6 joint_pain 关节疼痛 Painful joints
    7 headache_insomnia 头痛失眠 Headache or sleeplessness
    8 blurred_vision 视物模糊 Blurred vision
    9 itching_rash 皮肤瘙痒、皮疹 Itching or rash
    10 tinnitus_hearing_loss 耳鸣、听力下降 Ringing in the ears or loss of hearing
    11 other 其他 Other
    """,
)
USAGE = code_list(
    "tb_usage",
    """
    1 daily 每日 Every day
    2 intermittent 间歇 Intermittent
    """,
)
DRUG_FORM = code_list(
    "tb_drug_form",
    """
    1 fixed_dose_combination 固定剂量复合制剂 Fixed-dose combination
    2 loose 散装药 Loose medicines
    3 blister_combination 板式组合药 Combined blister
    4 injection 注射剂 Injection
    """,
)
SUPERVISOR = code_list(
    "tb_supervisor",
    """
    1 doctor 医生 Medical staff
    2 family 家属 Family
    3 self 自服药 Nobody, takes them alone
    4 other 其他 Other
    """,
)
PHASE = code_list(
    "tb_phase",
    """
    - intensive 强化期或注射期 Intensive phase, or as long as there are injections
    - continuation 继续期或非注射期 Continuation phase, without injections
    """,
    source=f"{THIRD_EDITION}, in the text, not on the form",
)
SINGLE_ROOM = code_list(
    "tb_single_room",
    """
    1 yes 有 Yes
    2 no 无 No
    """,
)
MASTERED = code_list(
    "tb_education",
    """
    1 mastered 掌握 Mastered
    2 not_mastered 未掌握 Not mastered
    """,
)
STOP_REASON = code_list(
    "tb_stop_reason",
    """
    1 completed 完成疗程 Course completed
    2 died 死亡 Died
    3 lost 丢失 Lost
    4 to_mdr 转入耐多药治疗 Moved on to treatment for multidrug resistance
    """,
)
DANGER = code_list(
    "tb_danger_sign",
    """
    - massive_haemoptysis 大咯血 Coughing much blood
    - severe_dyspnoea 呼吸困难 Severe difficulty in breathing
    - altered_consciousness 意识障碍 Altered consciousness
    - high_fever 高热不退 High fever that does not fall
    - jaundice 黄疸 Jaundice
    - severe_allergy 严重过敏反应 Severe allergic reaction
    - sudden_vision_loss 视力骤降 Sudden loss of vision
    """,
    source=f"{PROJECT}; the specification asks for emergencies and lists none",
)
MEASURE = code_list(
    "tb_next_measure",
    """
    - continue 继续督导服药 Go on, supervised
    - find_cause 查明原因并强化健康教育 Find the cause, teach again
    - refer 转诊 Refer
    """,
    source=f"{THIRD_EDITION}, in the text, not on the form",
)
