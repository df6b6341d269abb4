"""The code lists of the resident form (居民个人基本信息表): numbers as on the form, marks of other sources with each list."""

from sync.types.codes import LOCAL_FORMS, PROJECT, PROTECTED, THIRD_EDITION, code_list

SEX = code_list(
    "sex",
    """
    0 unknown 未知的性别 Unknown
    1 male 男性 Male
    2 female 女性 Female
    9 unspecified 未说明的性别 Not stated
    """,
    source="GB/T 2261.1",
)
ID_TYPE = code_list(
    "id_type",
    """
    - resident_id_card 居民身份证 Resident identity card
    - household_booklet 居民户口簿 Household registration booklet
    - passport 护照 Passport
    - officer_card 军官证 Officer's card
    - hong_kong_macao_permit 港澳居民来往内地通行证 Permit of residents of Hong Kong and Macao
    - taiwan_permit 台湾居民来往内地通行证 Permit of residents of Taiwan
    - other 其他法定有效证件 Other valid document
    """,
    source=PROJECT,
)
ID_MISSING = code_list(
    "id_missing_reason",
    """
    - newborn 新生儿 Newborn
    - lost 证件遗失 Lost
    - never_registered 未上户口 Never registered
    - not_shown 未出示 Not shown
    - other 其他 Other
    """,
    source=PROJECT,
)
ETHNICITY = code_list(
    "ethnicity",
    """
    01 han 汉族 Han
    99 minority 少数民族 Minority
    """,
)
ABO = code_list(
    "abo",
    """
    1 a A型 A
    2 b B型 B
    3 o O型 O
    4 ab AB型 AB
    5 unknown 不详 Unknown
    """,
)
RH = code_list(
    "rh",
    """
    1 negative 阴性 Negative
    2 positive 阳性 Positive
    3 unknown 不详 Unknown
    """,
)
EDUCATION = code_list(
    "education",
    """
    1 postgraduate 研究生 Postgraduate
    2 bachelor 大学本科 Bachelor
    3 college 大学专科和专科学校 College
    4 secondary_vocational 中等专业学校 Secondary vocational school
    5 technical 技工学校 Technical school
    6 senior_secondary 高中 Senior secondary school
    7 junior_secondary 初中 Junior secondary school
    8 primary 小学 Primary school
    9 illiterate 文盲或半文盲 Illiterate or nearly so
    10 unknown 不详 Unknown
    """,
)
OCCUPATION = code_list(
    "occupation",
    """
    0 leader 国家机关、党群组织、企业、事业单位负责人 Head of an office, organisation or enterprise
    1 professional 专业技术人员 Professional or technician
    2 clerk 办事人员和有关人员 Clerk
    3 commerce_service 商业、服务业人员 Commerce or service
    4 farming_forestry_fishing 农、林、牧、渔、水利业生产人员 Farming, forestry, herding, fishing or water works
    5 production_transport 生产、运输设备操作人员及有关人员 Production or transport
    6 military 军人 Military
    7 other 不便分类的其他从业人员 Other occupation
    8 none 无职业 None
    """,
)
MARITAL = code_list(
    "marital_status",
    """
    1 single 未婚 Single
    2 married 已婚 Married
    3 widowed 丧偶 Widowed
    4 divorced 离婚 Divorced
    5 unspecified 未说明的婚姻状况 Not stated
    """,
)
PAYMENT = code_list(
    "payment",
    """
    1 urban_employee 城镇职工基本医疗保险 Basic insurance of urban employees
    2 urban_resident 城镇居民基本医疗保险 Basic insurance of urban residents
    3 rural_cooperative 新型农村合作医疗 New rural cooperative scheme
    4 poverty_aid 贫困救助 Aid for the poor
    5 commercial 商业医疗保险 Commercial insurance
    6 public 全公费 Wholly public
    7 self 全自费 Wholly own expense
    8 other 其他 Other
    - rural_urban_resident 城乡居民基本医疗保险（合并2和3） Basic insurance of residents (2 and 3 merged)
    """,
    source=f"{THIRD_EDITION}; without number: {LOCAL_FORMS}",
)
RESIDENCE = code_list(
    "residence_type",
    """
    1 registered 户籍 Registered here
    2 non_registered 非户籍 Not registered here
    """,
)
ALLERGY = code_list(
    "drug_allergy",
    """
    1 none 无 None
    2 penicillin 青霉素 Penicillin
    3 sulfonamide 磺胺 Sulfonamides
    4 streptomycin 链霉素 Streptomycin
    5 other 其他 Other
    """,
)
EXPOSURE = code_list(
    "exposure",
    """
    1 none 无 None
    2 chemicals 化学品 Chemicals
    3 poisons 毒物 Poisons
    4 radiation 射线 Radiation
    """,
)
PAST_DISEASE = code_list(
    "past_disease",
    """
    1 none 无 None
    2 hypertension 高血压 Hypertension
    3 diabetes 糖尿病 Diabetes
    4 coronary_heart_disease 冠心病 Coronary heart disease
    5 copd 慢性阻塞性肺疾病 Chronic obstructive pulmonary disease
    6 tumour 恶性肿瘤 Malignant tumour
    7 stroke 脑卒中 Stroke
    8 severe_mental_disorder 严重精神障碍 Severe mental disorder
    9 tuberculosis 结核病 Tuberculosis
    10 hepatitis 肝炎 Hepatitis
    11 other_notifiable 其他法定传染病 Other notifiable infectious disease
    12 occupational 职业病 Occupational disease
    13 other 其他 Other
    """,
    programmes=PROTECTED,
)
FAMILY_DISEASE = code_list(
    "family_disease",
    """
    1 none 无 None
    2 hypertension 高血压 Hypertension
    3 diabetes 糖尿病 Diabetes
    4 coronary_heart_disease 冠心病 Coronary heart disease
    5 copd 慢性阻塞性肺疾病 Chronic obstructive pulmonary disease
    6 tumour 恶性肿瘤 Malignant tumour
    7 stroke 脑卒中 Stroke
    8 severe_mental_disorder 严重精神障碍 Severe mental disorder
    9 tuberculosis 结核病 Tuberculosis
    10 hepatitis 肝炎 Hepatitis
    11 congenital_malformation 先天畸形 Congenital malformation
    12 other 其他 Other
    """,
)
DISABILITY = code_list(
    "disability",
    """
    1 none 无残疾 None
    2 visual 视力残疾 Sight
    3 hearing 听力残疾 Hearing
    4 speech 言语残疾 Speech
    5 physical 肢体残疾 Limbs
    6 intellectual 智力残疾 Intellect
    7 mental 精神残疾 Mind
    8 other 其他残疾 Other
    """,
)
RELATION = code_list(
    "relation_to_head",
    """
    0 head 本人或户主 Head of the household
    1 spouse 配偶 Spouse
    2 son 子 Son
    3 daughter 女 Daughter
    4 grandchild 孙子、孙女或外孙子、外孙女 Grandchild
    5 parent 父母 Parent
    6 grandparent 祖父母或外祖父母 Grandparent
    7 sibling 兄弟姐妹 Brother or sister
    8 other 其他 Other
    """,
    source="GB/T 4761",
)
KITCHEN_VENT = code_list(
    "kitchen_vent",
    """
    1 none 无 None
    2 hood 油烟机 Extractor hood
    3 fan 换气扇 Fan
    4 chimney 烟囱 Chimney
    """,
)
FUEL = code_list(
    "fuel",
    """
    1 liquefied_gas 液化气 Liquefied gas
    2 coal 煤 Coal
    3 natural_gas 天然气 Natural gas
    4 biogas 沼气 Biogas
    5 firewood 柴火 Firewood
    6 other 其他 Other
    """,
)
WATER = code_list(
    "drinking_water",
    """
    1 tap 自来水 Tap water
    2 purified 经净化过滤的水 Purified water
    3 well 井水 Well
    4 river_lake 河湖水 River or lake
    5 pond 塘水 Pond
    6 other 其他 Other
    """,
)
TOILET = code_list(
    "toilet",
    """
    1 sanitary 卫生厕所 Sanitary toilet
    2 septic_tank 一格或二格粪池式 Septic tank of one or two chambers
    3 bucket 马桶 Bucket
    4 open_pit 露天粪坑 Open pit
    5 shed 简易棚厕 Simple shed
    """,
)
LIVESTOCK = code_list(
    "livestock_pen",
    """
    1 none 无 None
    2 separate 单设 Apart
    3 indoor 室内 Indoors
    4 outdoor 室外 Outdoors
    """,
)
RECORD_STATUS = code_list(
    "record_status",
    """
    - active 活动 Active
    - closed 已结案 Closed
    """,
    source=LOCAL_FORMS,
)
CLOSE_REASON = code_list(
    "record_close_reason",
    """
    1 died 死亡 Died
    2 moved_out 迁出 Moved out
    3 lost 失访 Lost
    4 refused 拒绝 Refused
    9 other 其他 Other
    """,
    source=LOCAL_FORMS,
)
POVERTY_STATUS = code_list(
    "poverty_status",
    """
    - registered_poor 建档立卡贫困人口 Registered poor
    - poor_out 已脱贫（享受政策） Out of poverty, policies go on
    - province_standard_poor 省标贫困人口 Poor by the province's standard
    - lifted 脱贫人口 Lifted out of poverty (since 2021)
    - monitored_unstable 脱贫不稳定户 Monitored: lifted but unstable
    - monitored_marginal 边缘易致贫户 Monitored: on the edge of poverty
    - monitored_sudden 突发严重困难户 Monitored: sudden severe hardship
    """,
    source=LOCAL_FORMS,
)
# Those who stand on the register of the poor (建档立卡), also out of poverty while its policies go on for them. The statuses
# since 2021 are registers of their own and make nobody a member of this group.
REGISTERED_POOR = ("registered_poor", "poor_out")
MATCH_STATE = code_list(
    "match_state",
    """
    - matched 一致 Matches
    - differs 信息不一致 Found, but differs
    - not_found 名单中无此人 Not on the list
    - pending 待比对 Not yet matched
    """,
    source=PROJECT,
)
TREATMENT_RESULT = code_list(
    "treatment_result",
    """
    - cured 治愈 Cured
    - improved 好转 Improved
    - under_treatment 在治 Under treatment
    - refused 拒绝 Refused
    - died 死亡 Died
    """,
    source=PROJECT,
)
MOBILITY = code_list(
    "mobility",
    """
    - independent 行动自如 Moves about alone
    - assisted 需人或器具协助 With help of a person or a device
    - housebound 不能出门 Cannot leave the house
    - bedridden 卧床 In bed
    """,
    source=PROJECT,
)
