"""First home visit to a tuberculosis patient (肺结核患者第一次入户随访记录表): the form of the national specification, third edition.

Due within 72 hours of the notice, see tb_rules.py. What the follow-up asks in the same way is declared here for both.
"""

from sync.types.checks import Needed
from sync.types.codes import PROJECT, RATING, THIRD_EDITION
from sync.types.declare import FollowUp, RecordType, Section
from sync.types.fields import Code, Codes, Date, Item, Text
from sync.types.measures import (
    evidence_section,
    next_visit_section,
    next_visit_within,
    smoking_and_drinking,
    suggested,
    visited,
)
from sync.types.tb_codes import (
    DRUG_FORM,
    FIRST_VISIT_SYMPTOMS,
    FIRST_VISIT_WAY,
    MASTERED,
    PATIENT_TYPE,
    PHASE,
    RESISTANCE,
    SINGLE_ROOM,
    SPUTUM,
    SUPERVISOR,
    USAGE,
)
from sync.types.tb_rules import FIRST_VISIT_RULES

FOLLOWED = FollowUp("tuberculosis", visits_per_year=12, in_person=False, exam_yearly=False)


def treatment(*, phase_required: bool) -> dict[str, Item]:
    """Regimen, usage, dosage forms and who sees that it is taken, for a section `treatment`."""
    return {
        "regimen": Text("化疗方案", "Regimen", required=True),
        "usage": Code("用法", "Usage", USAGE, required=True),
        "drug_forms": Codes("药品剂型", "Dosage forms", DRUG_FORM, required=True),
        "supervisor": Code("督导人员", "Supervisor", SUPERVISOR, required=True),
        "started_on": Date("开始治疗日期", "Treatment started on", future=False, source=PROJECT),
        "phase": Code("治疗阶段", "Phase of the treatment", PHASE, required=phase_required, source=PROJECT),
    }


def _taught(zh: str, en: str) -> Code:
    return Code(zh, en, MASTERED, required=True)


TYPE = RecordType(
    name="tb_first_visit",
    zh="肺结核患者第一次入户随访记录表",
    en="First home visit, tuberculosis",
    subject="resident",
    source=THIRD_EDITION,
    programme="tb",
    dated="visit.visited_on",
    rules=FIRST_VISIT_RULES,
    follows=FOLLOWED,
    sections=(
        Section("visit", "随访", "Visit", visited(FIRST_VISIT_WAY), required=True),
        Section(
            "diagnosis",
            "患者类型",
            "Kind of patient",
            {
                "patient_type": Code("患者类型", "Kind of patient", PATIENT_TYPE, required=True),
                "sputum": Code("痰菌情况", "Sputum", SPUTUM, required=True),
                "drug_resistance": Code("耐药情况", "Drug resistance", RESISTANCE, required=True),
            },
            required=True,
        ),
        Section(
            "symptoms",
            "症状及体征",
            "Symptoms and signs",
            {
                "symptoms": Codes("症状及体征", "Symptoms and signs", FIRST_VISIT_SYMPTOMS, alone="none", required=True),
                "other": Text("其他症状", "Other symptoms"),
            },
            required=True,
        ),
        Section("treatment", "用药", "Treatment", treatment(phase_required=False), required=True),
        Section(
            "home",
            "家庭居住环境评估",
            "Home",
            {
                "single_room": Code("单独的居室", "A room of one's own", SINGLE_ROOM, required=True),
                "ventilation": Code("通风情况", "Ventilation", RATING, required=True),
            },
            required=True,
        ),
        Section("lifestyle", "生活方式评估", "Way of life", smoking_and_drinking(required=True), required=True),
        Section(
            "pickup",
            "取药",
            "Collecting the medicines",
            {
                "place": Text("取药地点", "Where", required=True),
                "on": Date("取药时间", "On which day", required=True),
            },
            required=True,
        ),
        Section(
            "education",
            "健康教育及培训",
            "Health education",
            {
                "record_card": _taught("服药记录卡的填写", "Filling in the card of doses"),
                "taking_and_storing": _taught("服药方法及药品存放", "How to take and keep the medicines"),
                "course": _taught("肺结核治疗疗程", "Course of the treatment"),
                "irregular_taking": _taught("不规律服药危害", "Harm of taking them irregularly"),
                "adverse_reactions": _taught("服药后不良反应及处理", "Adverse reactions and what to do"),
                "sputum_check": _taught("治疗期间复诊查痰", "Return visits and sputum tests"),
                "away_from_home": _taught("外出期间如何坚持服药", "Going on with them away from home"),
                "habits": _taught("生活习惯及注意事项", "Habits and what to mind"),
                "close_contacts": _taught("密切接触者检查", "Examination of close contacts"),
            },
            required=True,
        ),
        Section("assessment", "评估", "Assessment", {"note": Text("评估意见", "Opinion", source=PROJECT), **suggested()}),
        next_visit_section(unless=()),
        evidence_section(),
    ),
    checks=(
        Needed("symptoms.other", "symptoms.symptoms", ("other",)),
        next_visit_within(1),
    ),
)
