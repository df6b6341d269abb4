"""Long prescription (长处方): medicines of a stable chronic disease for longer than usual, and the day they run out.

How long it may be differs between rules: the district's table is in force; the national one waits for the day that a
deployment puts it in force.
"""

from sync.types.checks import After, DaysLater, Needed
from sync.types.codes import DISEASE, MAIJI_PLAN, PROJECT
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Date, Reference, Text, Truth, Whole
from sync.types.measures import medication_section
from sync.types.rules import Every, NoneOf, Over, Present, Row, RuleTable

DAYS = "prescription.days_supply"
LIMIT = RuleTable(
    name="limit",
    gives="limit",
    zh="长处方天数上限",
    en="How long a prescription may be",
    source=f"{MAIJI_PLAN}: at most two months",
    version="2018",
    since="2018-01-01",
    rows=(Row("over_60_days", Over(DAYS, 60), "over_limit", "超过2个月（60天）", "More than two months (60 days)"),),
)
NATIONAL_LIMIT = RuleTable(
    name="limit_2021",
    gives="limit",
    zh="长处方天数上限（全国）",
    en="How long a prescription may be, nationally",
    source="长期处方管理规范（试行），2021：一般在4周内，最长不超过12周，超过4周应记录原因",
    version="2021",
    since=None,
    rows=(
        Row("over_84_days", Over(DAYS, 84), "over_limit", "超过12周（84天）", "More than 12 weeks (84 days)"),
        Row(
            "over_28_days_without_reason",
            Every(Over(DAYS, 28), NoneOf(Present("prescription.extension_reason"))),
            "over_limit",
            "超过4周（28天）而未写明原因",
            "More than 4 weeks (28 days) without a reason",
        ),
    ),
)

TYPE = RecordType(
    name="long_prescription",
    zh="慢性病长处方",
    en="Long prescription",
    subject="resident",
    source=MAIJI_PLAN,
    dated="prescription.issued_on",
    programme_by_codes=True,
    sections=(
        Section(
            "prescription",
            "处方",
            "Prescription",
            {
                "condition": Code("病种", "Disease", DISEASE, required=True),
                "issued_on": Date("开具日期", "Issued on", required=True, future=False),
                "days_supply": Whole("处方天数", "Days of supply", unit="天", required=True, hard=(1, 366), soft=(7, 84)),
                "runs_out_on": Date(
                    "用完日期（开具日期加处方天数）", "Runs out on (the day of issue and the days of supply)", source=PROJECT
                ),
                "prescriber": Reference("开方医生", "Prescriber", to="person", required=True),
                "stable": Truth("病情稳定", "The disease is stable", required=True),
                "extension_reason": Text("延长处方的原因", "Reason for a longer supply", longest=500),
                "handed_to": Text("领药人", "Who received the medicines", longest=50, source=PROJECT),
            },
            required=True,
        ),
        medication_section(),
    ),
    checks=(
        DaysLater("prescription.runs_out_on", "prescription.issued_on", DAYS),
        After("prescription.runs_out_on", "prescription.issued_on"),
        Needed("prescription.runs_out_on", DAYS),
    ),
    rules=(LIMIT, NATIONAL_LIMIT),
)
