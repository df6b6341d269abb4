"""Elder self-care (老年人生活自理能力评估表): five scores and the level that their sum gives, once a year from 65 years on."""

from sync.types.checks import Sum
from sync.types.codes import PROJECT, THIRD_EDITION, code_list
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Date, Reference, Text, Whole
from sync.types.rules import AtLeast, Every, Row, RuleTable, Under

SELF_CARE_LEVEL = code_list(
    "self_care_level",
    """
    1 independent 可自理（0～3分） Independent (0 to 3 points)
    2 mild 轻度依赖（4～8分） Mildly dependent (4 to 8 points)
    3 moderate 中度依赖（9～18分） Moderately dependent (9 to 18 points)
    4 dependent 不能自理（19分及以上） Cannot care for themselves (19 points or more)
    """,
)
TOTAL = "result.total_points"
_LEVELS = (("independent", 0, 4), ("mild", 4, 9), ("moderate", 9, 19), ("dependent", 19, None))
_LABELS = {code.value: code for code in SELF_CARE_LEVEL.codes}


def _level(value: str, least: int, below: int | None) -> Row:
    when = AtLeast(TOTAL, least) if below is None else Every(AtLeast(TOTAL, least), Under(TOTAL, below))
    return Row(value, when, value, _LABELS[value].zh, _LABELS[value].en)


LEVEL = RuleTable(
    name="level",
    gives="level",
    zh="自理能力判断",
    en="Level of self-care",
    source=f"{THIRD_EDITION}：老年人健康管理服务规范，老年人生活自理能力评估表",
    version="2017",
    rows=tuple(_level(*level) for level in _LEVELS),
    field="result.level",
    kept="result.suggested_level",
)


def _score(zh: str, en: str, *only: int) -> Whole:
    return Whole(zh, en, unit="分", required=True, hard=(0, max(only)), only=only)


TYPE = RecordType(
    name="elder_selfcare",
    zh="老年人生活自理能力评估表",
    en="Self-care of an elder",
    subject="resident",
    source=THIRD_EDITION,
    dated="assessment.assessed_on",
    sections=(
        Section(
            "assessment",
            "评估",
            "Assessment",
            {
                "assessed_on": Date("评估日期", "Day of the assessment", required=True, future=False),
                "doctor": Reference("评估医生", "Doctor", to="person", required=True),
            },
            required=True,
        ),
        Section(
            "scores",
            "评分",
            "Scores",
            {
                "eating_points": _score("进餐", "Eating", 0, 3, 5),
                "washing_points": _score("梳洗", "Washing and grooming", 0, 1, 3, 7),
                "dressing_points": _score("穿衣", "Dressing", 0, 3, 5),
                "toilet_points": _score("如厕", "Going to the toilet", 0, 1, 5, 10),
                "mobility_points": _score("活动", "Moving about", 0, 1, 5, 10),
            },
            required=True,
        ),
        Section(
            "result",
            "评估结果",
            "Result",
            {
                "total_points": Whole("总评分", "Total", unit="分", required=True, hard=(0, 37)),
                "level": Code("自理能力", "Level of self-care", SELF_CARE_LEVEL, required=True),
                "suggested_level": Code("系统建议分级", "Suggested level", SELF_CARE_LEVEL, source=PROJECT),
                "rules_version": Text("规则版本", "Version of the rules", longest=40, source=PROJECT),
                "note": Text("说明", "Note", source=PROJECT),
            },
            required=True,
        ),
    ),
    checks=(
        Sum(
            TOTAL,
            (
                "scores.eating_points",
                "scores.washing_points",
                "scores.dressing_points",
                "scores.toilet_points",
                "scores.mobility_points",
            ),
        ),
    ),
    rules=(LEVEL,),
)
