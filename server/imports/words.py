"""The columns of a resident roster: their titles, the section and field each fills, and the words for its codes."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from sync.types import resident
from sync.types.codes import POPULATION_GROUP
from sync.types.fields import Code, Codes, Item


@dataclass(frozen=True)
class Column:
    """One column: where its value goes (`section.field`, empty: it is worked out), its titles, the Chinese one first."""

    path: str
    titles: tuple[str, ...]


COLUMNS: Mapping[str, Column] = {
    "name": Column("identity.name", ("姓名", "居民姓名")),
    "sex": Column("identity.sex", ("性别", "gender")),
    "birth_date": Column("identity.birth_date", ("出生日期", "出生年月日", "date of birth", "birthday")),
    "id_no": Column(
        "identity.id_no",
        ("身份证号", "身份证号码", "身份证", "证件号码", "公民身份号码", "身份证件号码", "id number", "identity number"),
    ),
    "id_missing_reason": Column("identity.id_missing_reason", ("无证件原因",)),
    "village": Column("", ("村代码", "村编码", "行政区划代码", "区划代码", "village code", "area code")),
    "village_name": Column("", ("村名", "村", "行政村", "村名称", "所在村")),
    "household_no": Column("", ("户编号", "户号", "家庭编号", "household number", "household")),
    "relation": Column("household.relation_to_head", ("与户主关系", "relation to head", "relation_to_head")),
    "head_name": Column("", ("户主姓名", "户主", "name of head")),
    "phone": Column("contact.phone", ("本人电话", "联系电话", "电话", "手机号", "手机号码", "telephone", "mobile")),
    "contact_name": Column("contact.contact_name", ("联系人姓名", "联系人")),
    "contact_phone": Column("contact.contact_phone", ("联系人电话",)),
    "work_unit": Column("contact.work_unit", ("工作单位",)),
    "address": Column("residence.address", ("现住址", "住址", "家庭住址", "地址")),
    "residence_type": Column("residence.residence_type", ("常住类型",)),
    "doctor": Column("residence.doctor", ("责任医生编号",)),
    "organization": Column("residence.organization", ("管理机构编号", "organisation")),
    "ethnicity": Column("demographics.ethnicity", ("民族",)),
    "abo": Column("demographics.abo", ("血型", "blood group")),
    "rh": Column("demographics.rh", ("RH血型", "RH")),
    "education": Column("demographics.education", ("文化程度", "学历")),
    "occupation": Column("demographics.occupation", ("职业",)),
    "marital_status": Column("demographics.marital_status", ("婚姻状况", "婚姻")),
    "payment": Column("demographics.payment", ("医疗费用支付方式", "支付方式", "医保类型")),
    "groups": Column("", ("人群分类", "重点人群", "人群类别", "慢病类型", "慢病", "population group", "groups")),
}
TITLES = {name: column.titles for name, column in COLUMNS.items()}
NEEDED = (("name",), ("village", "village_name"), ("id_no", "birth_date"))
LABELS = {name: (name.replace("_", " "), column.titles[0]) for name, column in COLUMNS.items()}

# beside the code itself and its labels
ALSO: Mapping[str, Mapping[str, str]] = {
    "sex": {"男": "male", "女": "female", "m": "male", "f": "female"},
    "residence_type": {"本地": "registered", "外地": "non_registered"},
    "ethnicity": {"汉": "han"},
    "rh": {"+": "positive", "-": "negative", "rh+": "positive", "rh-": "negative", "阳": "positive", "阴": "negative"},
    "education": {
        "大学": "bachelor",
        "本科": "bachelor",
        "大专": "college",
        "中专": "secondary_vocational",
        "技校": "technical",
        "半文盲": "illiterate",
    },
    "marital_status": {"离异": "divorced"},
    "payment": {"新农合": "rural_cooperative", "职工医保": "urban_employee", "自费": "self"},
    "relation": {
        "户主": "head",
        "本人": "head",
        "配偶": "spouse",
        "妻": "spouse",
        "妻子": "spouse",
        "夫": "spouse",
        "丈夫": "spouse",
        "儿子": "son",
        "长子": "son",
        "次子": "son",
        "三子": "son",
        "女儿": "daughter",
        "长女": "daughter",
        "次女": "daughter",
        "三女": "daughter",
        "孙": "grandchild",
        "孙子": "grandchild",
        "孙女": "grandchild",
        "外孙": "grandchild",
        "外孙子": "grandchild",
        "外孙女": "grandchild",
        "父": "parent",
        "父亲": "parent",
        "母": "parent",
        "母亲": "parent",
        "祖父": "grandparent",
        "祖母": "grandparent",
        "爷爷": "grandparent",
        "奶奶": "grandparent",
        "兄": "sibling",
        "弟": "sibling",
        "姐": "sibling",
        "妹": "sibling",
        "哥哥": "sibling",
        "弟弟": "sibling",
        "姐姐": "sibling",
        "妹妹": "sibling",
        "儿媳": "other",
        "媳": "other",
        "女婿": "other",
    },
}


GROUPS = {
    "高血压病": "hypertension",
    "糖尿病": "diabetes",
    "2型糖尿病": "diabetes",
    "老年人": "elder_65",
    "65岁以上": "elder_65",
    "65岁以上老年人": "elder_65",
    "儿童": "child_0_6",
    "重性精神疾病": "severe_mental_disorder",
    "重性精神病": "severe_mental_disorder",
    "精神障碍": "severe_mental_disorder",
    "精神病": "severe_mental_disorder",
    "重精": "severe_mental_disorder",
    "结核": "tuberculosis",
    "结核病": "tuberculosis",
    "tb": "tuberculosis",
    "残疾": "disabled",
    "低保": "subsistence_allowance",
    "低保户": "subsistence_allowance",
    "特困": "destitute",
    "五保": "destitute",
    "五保户": "destitute",
    "贫困户": "registered_poor",
    "建档立卡": "registered_poor",
    "建档立卡贫困户": "registered_poor",
    "肿瘤": "tumour",
    "癌症": "tumour",
    "一般": "general",
    "普通人群": "general",
    "无": "general",
}


def item_of(column: str) -> Item:
    """The declared field that a column fills."""
    section, _, field = COLUMNS[column].path.partition(".")
    return resident.TYPE.by_name[section].fields[field]


def plain(word: str) -> str:
    """A word as it is compared."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", word)).lower()


# Columns whose numbers mean the same in every system: GB/T 2261.1, GB/T 3304, GB/T 4761. Others differ from system to
# system (Rh 1 is negative here and positive there), so that there only words are understood.
NUMBERED = ("sex", "ethnicity", "relation")


def _dictionary(column: str) -> dict[str, str]:
    """Every word that means a code of a column's field."""
    words = dict(ALSO.get(column, {}))
    for code in item_of(column).metadata["codes"].codes:
        numbers = (code.national, code.national.lstrip("0")) if column in NUMBERED and code.national else ()
        for word in (code.value, code.zh, code.en, *numbers):
            if word:
                words[plain(word)] = code.value
    return words


WORDS = {name: _dictionary(name) for name, c in COLUMNS.items() if c.path and isinstance(item_of(name), Code | Codes)}


GROUP_WORDS = {
    **{plain(word): code.value for code in POPULATION_GROUP.codes for word in (code.value, code.zh, code.en)},
    **{plain(code.zh.removesuffix("患者")): code.value for code in POPULATION_GROUP.codes},
    **{plain(word): value for word, value in GROUPS.items()},
}


def group_of(word: str) -> str | None:
    """The population group that a word means, None where it is not understood."""
    return GROUP_WORDS.get(plain(word).removesuffix("患者")) or GROUP_WORDS.get(plain(word))


def code_of(column: str, word: str) -> str | None:
    """The code that a word of a column means, None where it is not understood."""
    word = plain(word)
    if column == "relation" and re.fullmatch(r"[0-9]{2}", word):
        word = {"9": "8"}.get(word[0], word[0])  # the first digit of GB/T 4761 is the kind of relation
    return WORDS[column].get(word)


def keyed_digits(key: bytes, *parts: str) -> str:
    """32 hex digits that stand for these words; they tell nothing to those without the key."""
    return hmac.digest(key, json.dumps(parts, ensure_ascii=False).encode(), hashlib.sha256).hex()[:32]
