"""The service packages of the township: what its contracts promise. Tiers, prices and items are made up."""

from __future__ import annotations

from typing import Any

from server.demo.book import Book
from server.demo.people import HOSPITAL, TOWNSHIP

BASIC, JUNIOR, MIDDLE, SENIOR = "basic", "junior", "middle", "senior"
SELF_PAY = {JUNIOR: 60, MIDDLE: 120, SENIOR: 240}  # yuan a year; as much again is paid by public health
CHRONIC = ["hypertension", "diabetes"]


def _item(name: str, times: int, rule: str, **more: Any) -> dict[str, Any]:
    nature = "optional" if more.pop("optional", False) else "basic"
    return {"name": name, "nature": nature, "times_per_year": times, "due_rule": rule, **more}


def _optional(name: str, every_months: int, **more: Any) -> dict[str, Any]:
    return _item(name, 12 // every_months, "every_n_months", every_months=every_months, optional=True, **more)


ITEMS: dict[str, dict[str, dict[str, Any]]] = {
    BASIC: {
        "assessment": _item("健康档案维护与健康评估", 1, "within_days_of_start", due_days=30),
        "education": _item("健康教育与咨询", 1, "once_in_term", fulfilled_by=["home_visit"]),
        "hypertension": _item(
            "高血压面对面随访",
            4,
            "spread_evenly",
            fulfilled_by=["hypertension_visit"],
            groups=["hypertension"],
            face_to_face=True,
        ),
        "diabetes": _item(
            "2型糖尿病面对面随访", 4, "spread_evenly", fulfilled_by=["diabetes_visit"], groups=["diabetes"], face_to_face=True
        ),
        "exam": _item(
            "年度健康体检",
            1,
            "once_in_term",
            fulfilled_by=["health_exam"],
            groups=["elder_65", *CHRONIC, "registered_poor"],
        ),
        "selfcare": _item("老年人生活自理能力评估", 1, "once_in_term", fulfilled_by=["elder_selfcare"], groups=["elder_65"]),
        "tuberculosis": _item(
            "肺结核督导服药",
            12,
            "every_n_months",
            every_months=1,
            fulfilled_by=["tb_first_visit", "tb_visit"],
            groups=["tuberculosis"],
        ),
        "mental": _item(
            "严重精神障碍随访",
            4,
            "every_n_months",
            every_months=3,
            fulfilled_by=["smd_visit"],
            groups=["severe_mental_disorder"],
        ),
    },
    JUNIOR: {"medicines": _optional("合理用药指导", 6)},
    MIDDLE: {
        "medicines": _optional("合理用药指导", 4),
        "round": _optional("上门巡诊", 6, fulfilled_by=["home_visit"], face_to_face=True),
    },
    SENIOR: {
        "medicines": _optional("合理用药指导", 3),
        "round": _optional("上门巡诊", 3, fulfilled_by=["home_visit"], face_to_face=True),
        "specialist": _item("上级专家会诊", 1, "once_in_term", optional=True),
    },
}
NAMES = {BASIC: "基础服务包", JUNIOR: "初级服务包", MIDDLE: "中级服务包", SENIOR: "高级服务包"}
FOR_WHOM = {JUNIOR: ["elder_65", *CHRONIC], MIDDLE: CHRONIC, SENIOR: ["elder_65", *CHRONIC, "disabled"]}


def publish_packages(book: Book) -> dict[str, str]:
    """The packages, in the list that all villages of the township share: their records by tier."""
    ids = {tier: book.name(f"package {tier}") for tier in ITEMS}
    forms: dict[str, dict[str, Any]] = {}
    for tier, items in ITEMS.items():
        package: dict[str, Any] = {
            "code": f"QS-{tier}",
            "name": NAMES[tier],
            "tier": tier,
            "organization": HOSPITAL,
            "price_yuan_per_year": f"{SELF_PAY.get(tier, 0) * 2}.00",
            "valid_from": f"{book.today.year - 2}-01-01",
        }
        if tier in FOR_WHOM:
            package["groups"] = FOR_WHOM[tier]
        forms[ids[tier]] = {"package": package, **{f"item/{code}": item for code, item in items.items()}}
    book.publish("service_package", TOWNSHIP[0], forms)
    return ids
