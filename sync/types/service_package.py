"""Service package (签约服务包): what a contract may promise, item by item. A township's packages, alike in all its villages.

Tiers, prices and items are local. An item says how often it is due, by which rule, and which records count for it by
themselves; a contract carries its items as they were on the day it was signed.
"""

from dataclasses import replace

from sync.types.checks import After, Needed
from sync.types.codes import LOCAL_FORMS, POPULATION_GROUP, PROJECT, code_list
from sync.types.declare import TOWNSHIP, RecordType, Section
from sync.types.fields import Code, Codes, Date, Decimals, Item, Reference, Text, Truth, Whole

TIER = code_list(
    "package_tier",
    """
    1 basic 基础包 Basic
    2 junior 初级包 Junior
    3 middle 中级包 Middle
    4 senior 高级包 Senior
    """,
    source=LOCAL_FORMS,
)
NATURE = code_list(
    "package_item_nature",
    """
    1 basic 基础 Basic
    2 optional 增值 Optional
    """,
    source=LOCAL_FORMS,
)
DUE_RULE = code_list(
    "package_due_rule",
    """
    - spread_evenly 按次数均匀分布 Spread evenly over the term
    - within_days_of_start 生效后若干天内 Within some days of the first day
    - once_in_term 周期内一次 Once in the term
    - every_n_months 每隔若干月 Every so many months
    """,
    source=LOCAL_FORMS,
)
COUNTS_AS = code_list(
    "package_fulfilled_by",
    """
    - hypertension_visit 高血压随访 Hypertension follow-up visit
    - diabetes_visit 糖尿病随访 Diabetes follow-up visit
    - tb_first_visit 肺结核第一次入户随访 First home visit for tuberculosis
    - tb_visit 肺结核随访 Tuberculosis follow-up visit
    - smd_visit 严重精神障碍随访 Severe mental disorder follow-up visit
    - health_exam 健康体检 Health examination
    - elder_selfcare 老年人自理能力评估 Self-care of an elder
    - home_visit 入户服务 Home visit
    - care_plan_review 方案复评 Review of the care plan
    - long_prescription 长处方 Long prescription
    - referral 双向转诊 Referral
    """,
    source=PROJECT,
)
# The groups that something is offered to: it says nothing about any person, so no code of it is protected.
TARGET_GROUP = replace(POPULATION_GROUP, name="target_group", programmes={})


def item_fields() -> dict[str, Item]:
    """What is said of one item, in a package and in the contracts that were signed with it."""
    return {
        "name": Text("服务项目", "Item", longest=100, required=True),
        "nature": Code("项目性质", "Nature", NATURE, required=True),
        "times_per_year": Whole("每年次数", "Times a year", unit="/year", required=True, hard=(1, 366), soft=(1, 52)),
        "due_rule": Code("应服务规则", "Rule of when it is due", DUE_RULE, required=True),
        "due_days": Whole("生效后天数", "Days from the first day", unit="天", hard=(1, 366)),
        "every_months": Whole("间隔月数", "Months between", unit="月", hard=(1, 36)),
        "fulfilled_by": Codes("自动计入的记录", "Records that count by themselves", COUNTS_AS, source=PROJECT),
        "groups": Codes("适用人群（空为所有人）", "For whom (empty: everyone)", TARGET_GROUP),
        "face_to_face": Truth("须面对面", "Has to be face to face", source=PROJECT),
        "note": Text("服务内容说明", "What it comprises", longest=500),
    }


ITEM_CHECKS = (
    Needed("item.due_days", "item.due_rule", ("within_days_of_start",)),
    Needed("item.every_months", "item.due_rule", ("every_n_months",)),
)

TYPE = RecordType(
    name="service_package",
    zh="家庭医生签约服务包",
    en="Service package",
    subject=None,
    source=LOCAL_FORMS,
    place=TOWNSHIP,
    sections=(
        Section(
            "package",
            "服务包",
            "Package",
            {
                "code": Text("服务包编码", "Code", longest=40, required=True),
                "name": Text("服务包名称", "Name", longest=100, required=True),
                "tier": Code("等级", "Tier", TIER, required=True),
                "organization": Reference("机构", "Organisation", to="organization", required=True),
                "price_yuan_per_year": Decimals(
                    "价格（每年）",
                    "Price of a year",
                    unit="元/year",
                    places=2,
                    required=True,
                    hard=(0, 100_000),
                    soft=(0, 5000),
                ),
                "groups": Codes("适用人群（空为所有人）", "For whom (empty: everyone)", TARGET_GROUP),
                "valid_from": Date("启用日期", "Valid from", required=True),
                "valid_to": Date("停用日期（不含当日）", "No longer from"),
                "note": Text("说明", "Note", longest=500),
            },
            required=True,
        ),
        Section("item", "服务项目", "Item", item_fields(), required=True, keyed=True),
    ),
    checks=(After("package.valid_to", "package.valid_from"), *ITEM_CHECKS),
)
