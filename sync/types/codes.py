"""Code lists: our English code, the number on the national form, Chinese and English label, version and validity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

THIRD_EDITION = "国家基本公共卫生服务规范（第三版），2017"
LOCAL_FORMS = "local forms and vendors' systems"
MAIJI_PLAN = "three-year health and poverty plan of Maiji district, 2018-2020"
SUIYANG_PLAN = "health and poverty plan of Suiyang district, 2020"
PROJECT = "this project"
OURS = {"version": "1", "since": "2026-01-01"}  # of the lists of this project
PROTECTED = {"tuberculosis": "tb", "severe_mental_disorder": "smd"}


@dataclass(frozen=True)
class Code:
    """One entry: the code on our wire, the number on the official form (None: not on it), the labels."""

    value: str
    national: str | None
    zh: str
    en: str


@dataclass(frozen=True)
class CodeList:
    """A list of codes as it holds from a day on (`until`: the first day it no longer holds, None: still does).

    `programmes`: the codes that belong to a protected programme, and to which.
    """

    name: str
    codes: tuple[Code, ...]
    source: str
    version: str = "2017"
    since: str = "2017-02-28"
    until: str | None = None
    programmes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The codes as they travel."""
        return tuple(code.value for code in self.codes)

    def about(self) -> dict[str, Any]:
        """The entry of the catalogue."""
        return {
            "version": self.version,
            "since": self.since,
            "until": self.until,
            "source": self.source,
            "codes": [
                {"code": c.value, "national": c.national, "zh": c.zh, "en": c.en, "programme": self.programmes.get(c.value)}
                for c in self.codes
            ],
        }


def code_list(
    name: str, lines: str, source: str = THIRD_EDITION, programmes: Mapping[str, str] | None = None, **validity: str
) -> CodeList:
    """A list from lines of `national code 中文 English label`; `-` where the official form has no number."""
    validity = {**(OURS if source == PROJECT else {}), **validity}
    rows = (line.split(maxsplit=3) for line in lines.strip().splitlines())
    codes = (Code(value, None if national == "-" else national, zh, en) for national, value, zh, en in rows)
    return CodeList(name, tuple(codes), source, programmes=programmes or {}, **validity)


VISIT_WAY = code_list(
    "visit_way",
    """
    1 clinic 门诊 Clinic
    2 home 家庭 Home
    3 phone 电话 Telephone
    """,
)
LOST_REASON = code_list(
    "lost_reason",
    """
    1 away_for_work 外出打工 Away for work
    2 moved 迁居他处 Moved elsewhere
    3 gone_missing 走失 Gone missing
    4 three_failed_contacts 连续3次未到访 Three contacts in a row failed
    5 other 其他 Other
    """,
)
RATING = code_list(
    "rating",
    """
    1 good 良好 Good
    2 fair 一般 Fair
    3 poor 差 Poor
    """,
)
NO_YES = code_list(
    "no_yes",
    """
    1 no 无 No
    2 yes 有 Yes
    """,
)
ADHERENCE = code_list(
    "medication_adherence",
    """
    1 regular 规律 Regular
    2 intermittent 间断 Intermittent
    3 none 不服药 Takes none
    """,
)
DOSE_UNIT = code_list(
    "dose_unit",
    """
    - mg mg mg
    - g g g
    - ml ml ml
    - iu IU International units
    - tablet 片 Tablet
    - pill 丸 Pill
    - granule 粒 Granule
    - sachet 袋 Sachet
    - ampoule 支 Ampoule
    - dose 剂 Dose
    """,
    source=LOCAL_FORMS,
)
VOID_REASON = code_list(
    "void_reason",
    """
    - wrong-person 记错人 Entered for the wrong person
    - duplicate 重复录入 Entered twice
    - mistake 录入错误 Entered by mistake
    - test 测试数据 Entered to try things out
    - other 其他 Other
    """,
    source=PROJECT,
)
DISEASE = code_list(
    "disease",
    """
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
    - chronic_bronchitis 慢性支气管炎 Chronic bronchitis
    - arthritis 关节炎 Arthritis
    - endemic 地方病 Endemic disease
    13 other 其他 Other
    """,
    programmes=PROTECTED,
    source=f"{THIRD_EDITION}; without number: {LOCAL_FORMS}",
)
POPULATION_GROUP = code_list(
    "population_group",
    """
    01 maternal 孕产妇 Pregnant or newly delivered
    02 child_0_6 0-6岁儿童 Child of 0 to 6 years
    03 elder_65 65岁及以上老年人 65 years or older
    04 hypertension 高血压患者 Hypertension
    05 diabetes 2型糖尿病患者 Type 2 diabetes
    06 severe_mental_disorder 严重精神障碍患者 Severe mental disorder
    07 tuberculosis 肺结核患者 Tuberculosis of the lungs
    08 disabled 残疾人 Disabled
    09 family_planning_special 计划生育特殊家庭 Special family under family planning
    10 general 一般人群 General population
    11 subsistence_allowance 城乡低保 Subsistence allowance
    12 veteran 优抚对象 Entitled to special care as veteran or kin
    13 registered_poor 建档立卡贫困人口 Registered poor
    14 other 其他 Other
    19 destitute 特困人员 Destitute, supported by the state
    20 tumour 肿瘤患者 Tumour
    22 copd 慢阻肺患者 Chronic obstructive pulmonary disease
    """,
    programmes=PROTECTED,
    source=LOCAL_FORMS,
)
NEED = code_list(
    "need",
    """
    - cannot_get_treatment 有病看不了 Ill and cannot get treatment
    - hard_to_reach_care 看病就医难 Care is hard to reach
    - immobile 无行动能力 Cannot move about
    """,
    source=MAIJI_PLAN,
    version="2018",
    since="2018-01-01",
)
THREE_BATCHES = code_list(
    "three_batches",
    """
    - major_concentrated 大病集中救治一批 Concentrated treatment of a major disease
    - chronic_contract 慢病签约服务管理一批 Contract management of a chronic disease
    - severe_safety_net 重病兜底保障一批 Safety net for a severe disease
    """,
    source=MAIJI_PLAN,
    version="2018",
    since="2018-01-01",
)
POVERTY_CAUSE = code_list(
    "poverty_cause",
    """
    - illness 因病 Illness
    - disability 因残 Disability
    - schooling 因学 Schooling
    - disaster 因灾 Disaster
    - land 缺土地 Lack of land
    - water 缺水 Lack of water
    - skill 缺技术 Lack of skill
    - labour 缺劳力 Lack of labour
    - funds 缺资金 Lack of funds
    - transport 交通条件落后 Poor transport
    - motivation 自身发展动力不足 Lack of motivation
    - other 其他 Other
    """,
    source=LOCAL_FORMS,
)
