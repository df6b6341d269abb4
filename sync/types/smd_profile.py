"""Supplement for a person with a severe mental disorder (严重精神障碍患者个人信息补充表): national specification, third edition.

Who does not agree to be managed has a profile too: the answer, and who gave it. What the follow-up asks in the same way
is declared here for both.
"""

from sync.types.checks import After, EitherOf, Needed
from sync.types.codes import LOCAL_FORMS, THIRD_EDITION
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Codes, Date, Item, Reference, Text, Whole
from sync.types.measures import evidence_section, signature
from sync.types.smd_codes import (
    CONSENT,
    DIAGNOSIS,
    ECONOMY,
    EMPLOYMENT,
    HOUSEHOLD_TYPE,
    LAST_EFFECT,
    LOCKED,
    OUTPATIENT,
    SYMPTOMS,
)


def times(zh: str, en: str, *, required: bool = False) -> Whole:
    """How often something happened."""
    return Whole(zh, en, unit="次", required=required, hard=(0, 999), soft=(0, 50))


def acts() -> dict[str, Item]:
    """Dangerous acts by kind, each as often as it happened; none is 0."""
    return {
        "minor_disturbance_count": times("轻度滋事次数", "Minor disturbances", required=True),
        "trouble_count": times("肇事次数", "Acts against public order", required=True),
        "serious_offence_count": times("肇祸次数", "Acts that are serious offences", required=True),
        "other_harm_count": times("其他危害行为次数", "Other harmful acts", required=True),
        "self_harm_count": times("自伤次数", "Self-harm", required=True),
        "suicide_attempt_count": times("自杀未遂次数", "Attempted suicides", required=True),
    }


TYPE = RecordType(
    name="smd_profile",
    zh="严重精神障碍患者个人信息补充表",
    en="Profile, severe mental disorder",
    subject="resident",
    source=THIRD_EDITION,
    programme="smd",
    dated="profile.filled_on",
    sections=(
        Section(
            "profile",
            "填表",
            "Form",
            {
                "filled_on": Date("填表日期", "Day on which it was filled in", required=True, future=False),
                "doctor": Reference("医生", "Doctor", to="person", required=True, element="DE02.01.039.00"),
            },
            required=True,
        ),
        Section(
            "consent",
            "知情同意",
            "Consent to be managed",
            {
                "consent": Code("知情同意", "Consent", CONSENT, required=True),
                "signer": Text("签字人", "Who signed", required=True),
                "signed_on": Date("签字时间", "Signed on", required=True, future=False),
                **signature("signature", "签字", "Signature"),
            },
            required=True,
        ),
        Section(
            "guardian",
            "监护人",
            "Guardian",
            {
                "name": Text("监护人姓名", "Name", longest=50, required=True),
                "relation": Text("与患者关系", "Relation to the person", longest=50, required=True),
                "address": Text("监护人住址", "Address", required=True),
                "phone": Text("监护人电话", "Telephone", longest=40, required=True),
            },
            required=True,
        ),
        Section(
            "village_contact",
            "辖区村（居）委会联系人",
            "Contact in the village committee",
            {
                "name": Text("联系人", "Name", longest=50, required=True),
                "phone": Text("联系人电话", "Telephone", longest=40, required=True),
            },
        ),
        Section(
            "situation",
            "户别、就业和经济状况",
            "Situation",
            {
                "household_type": Code("户别", "Kind of household", HOUSEHOLD_TYPE, required=True),
                "employment": Code("就业情况", "Employment", EMPLOYMENT, required=True),
                "economy": Code("经济状况", "Economic situation", ECONOMY, required=True),
            },
        ),
        Section(
            "onset",
            "初次发病和既往主要症状",
            "Onset and past symptoms",
            {
                "onset_on": Date("初次发病时间", "First fell ill on", required=True, future=False),
                "symptoms": Codes("既往主要症状", "Main symptoms in the past", SYMPTOMS, alone="none", required=True),
                "other": Text("其他症状", "Other symptoms"),
            },
        ),
        Section(
            "locked", "既往关锁情况", "Locked up in the past", {"locked": Code("关锁情况", "Locked up", LOCKED, required=True)}
        ),
        Section(
            "history",
            "既往治疗情况",
            "Past treatment",
            {
                "outpatient": Code("门诊", "Outpatient treatment", OUTPATIENT, required=True),
                "first_antipsychotic_on": Date("首次抗精神病药治疗时间", "First antipsychotic medicine on", future=False),
                "admission_count": times("住院次数", "Stays in a psychiatric hospital or ward", required=True),
            },
        ),
        Section(
            "diagnosis",
            "目前诊断情况",
            "Diagnosis",
            {
                "disease": Code("诊断", "Diagnosis", DIAGNOSIS),
                "icd10": Text("ICD-10编码", "ICD-10 code", longest=20, source=LOCAL_FORMS),
                "hospital": Text("确诊医院", "Hospital that made it", required=True),
                "diagnosed_on": Date("确诊日期", "Made on", required=True, future=False),
            },
            required=True,
        ),
        Section(
            "effect",
            "最近一次治疗效果",
            "Effect of the last treatment",
            {"effect": Code("治疗效果", "Effect", LAST_EFFECT, required=True)},
        ),
        Section("acts", "危险行为", "Dangerous acts in the past", acts()),
        Section(
            "opinion",
            "专科医生的意见",
            "Opinion of a psychiatrist",
            {"opinion": Text("专科医生的意见", "Opinion", longest=1000, required=True)},
        ),
        evidence_section(),
    ),
    checks=(
        EitherOf("diagnosis.disease", "diagnosis.icd10"),
        Needed("onset.other", "onset.symptoms", ("other",)),
        After("diagnosis.diagnosed_on", "onset.onset_on", or_same=True),
    ),
)
