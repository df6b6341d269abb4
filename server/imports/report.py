"""What became of every row of a roster, in English and Chinese."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import Any

TAKEN, CHANGED, UNCHANGED, REFUSED = "taken", "changed", "unchanged", "refused"
OUTCOMES = {TAKEN: "新增", CHANGED: "更新", UNCHANGED: "无变化", REFUSED: "未导入"}
SHOWN = 50  # remarks that a person is shown; the report has them all

REASONS = {
    # of any roster
    "missing": ("{column} is missing", "缺少{column_zh}"),
    "not_a_day": ("{column} is no date: {value}", "{column_zh}不是有效日期：{value}"),
    "in_future": ("{column} is in the future", "{column_zh}晚于今天"),
    "unknown_word": ("{column} is not understood: {value}", "无法识别{column_zh}：{value}"),
    "unfit": ("{column} cannot be kept: {why}", "{column_zh}不合要求：{why}"),
    "twice": ("stands in row {other} already", "与第{other}行重复"),
    "not_written": ("was not written ({why}); import the file again", "未能写入（{why}），请重新导入"),
    "no_village": (
        "there is no village {value} in the register; import the areas first",
        "区划表中没有该村：{value}，请先导入区划",
    ),
    # areas
    "area_form": ("the code must be 6, 9 or 12 digits: {value}", "区划代码应为6、9或12位数字：{value}"),
    "area_high": ("provinces and prefectures are not kept", "不保存省级和地市级区划"),
    "no_parent": ("{value}, which it belongs to, is not there", "上级区划不存在：{value}"),
    # people
    "area_unknown": ("there is no area {value} in the register", "区划表中没有：{value}"),
    "area_level": ("{value} is not an area of the level this role supervises", "{value}的级别与该角色不符"),
    "name_shared": (
        "row {other} has a person of this name in the same place; give both an id",
        "与第{other}行同地同名，请为两人填写编号",
    ),
    # residents
    "id_lost_digits": (
        "the spreadsheet keeps the identity number as a number and has lost its last digits; format the column as text",
        "身份证号被存为数字，末几位已丢失，请将该列设为文本格式",
    ),
    "id_fault": ("the identity number is wrong: {why}", "身份证号有误：{why_zh}"),
    "id_twice": ("the same identity number stands in row {other}", "与第{other}行身份证号相同"),
    "elsewhere": (
        "lives in another village ({value}) in the register; use `cunyi move` if the person has moved",
        "该居民登记在另一个村（{value}），如已迁居请先办理迁移",
    ),
    "numberless": (
        "is registered without an identity number ({value}); enter the number there first",
        "该居民已按无证件登记（{value}），请先在原档案补录号码",
    ),
    "voided": ("this record is marked as entered in error", "该档案已作废"),
    "other_kind": ("this id belongs to a record of another kind", "该编号属于另一类档案"),
    # remarks on rows that were taken
    "sex_disagrees": ("the sex disagrees with the identity number", "性别与身份证号不符"),
    "birth_disagrees": ("the date of birth disagrees with the identity number", "出生日期与身份证号不符"),
    "in_conflict": ("{column} waits for a person to decide and was left as it is", "{column_zh}有冲突待处理，保持原样"),
    "kept": (
        "{column} was changed since the last import and was left as it is: the file says the same as then",
        "{column_zh}在上次导入后已被修改，文件内容未变，保持现值",
    ),
    "household_refused": ("the household {value} was not written: {why}", "家庭{value}未能写入：{why_zh}"),
    "protected": (
        "what it says of a protected programme went to the programme's own list, for those with the grant",
        "涉及保护类管理项目的内容已存入该项目的专项名单，仅获授权人员可见",
    ),
    "protected_refused": (
        "what it says of a protected programme was not written: {why}",
        "涉及保护类管理项目的内容未能写入：{why_zh}",
    ),
    "organisation_unplaced": ("the organisation {value} is not known and was left out", "机构不存在，未保存：{value}"),
    "no_workplace": ("has no village and so no records on a phone", "未填写所在村，手机端没有数据"),
}
ID_FAULTS = {
    "length": ("it has not 18 (or 15) characters", "位数不是18位（或15位）"),
    "characters": ("it has characters that cannot be there", "含有不允许的字符"),
    "check_digit": ("the last character does not fit the others", "校验码不符"),
    "birth_date": ("the date of birth in it cannot be", "其中的出生日期不可能"),
}


@dataclass(frozen=True)
class Remark:
    """Something to say about a row: a name out of REASONS and what to fill in."""

    reason: str
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def en(self) -> str:
        """In English."""
        return REASONS[self.reason][0].format(**self.values)

    @property
    def zh(self) -> str:
        """In Chinese."""
        return REASONS[self.reason][1].format(**self.values)


class RefusedError(Exception):
    """A row cannot be taken."""

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(reason)
        self.remark = Remark(reason, values)


@dataclass
class Told:
    """One row of the report."""

    number: int
    who: str
    outcome: str
    remarks: list[Remark] = field(default_factory=list)


class Result:
    """What became of every row."""

    def __init__(self, unused: list[str] | None = None) -> None:
        self.rows: dict[int, Told] = {}
        self.unused = unused or []

    def say(self, number: int, who: str, outcome: str, *remarks: Remark) -> None:
        """What became of a row; said again, it is the later word."""
        self.rows[number] = Told(number, who, outcome, list(remarks))

    def refuse(self, number: int, who: str, trouble: RefusedError) -> None:
        """A row was not taken."""
        self.say(number, who, REFUSED, trouble.remark)

    def remark(self, number: int, remark: Remark) -> None:
        """One more remark on a row."""
        self.rows[number].remarks.append(remark)

    def count(self, outcome: str) -> int:
        """How many rows had an outcome."""
        return sum(told.outcome == outcome for told in self.rows.values())

    @property
    def refused(self) -> int:
        """How many rows were not taken."""
        return self.count(REFUSED)

    def _noted(self) -> list[Told]:
        return [told for _, told in sorted(self.rows.items()) if told.remarks]

    def as_json(self) -> dict[str, Any]:
        """For a program: the counts, and the rows about which there is something to say."""
        return {
            **{outcome: self.count(outcome) for outcome in OUTCOMES},
            "unused_columns": self.unused,
            "rows": [
                {
                    "row": told.number,
                    "who": told.who,
                    "outcome": told.outcome,
                    "remarks": [{"reason": r.reason, "en": r.en, "zh": r.zh} for r in told.remarks],
                }
                for told in self._noted()
            ],
        }

    def as_text(self) -> str:
        """For a person."""
        noted = self._noted()
        lines = [f"row {t.number}: {t.outcome}: {t.who}: {r.en} / {r.zh}" for t in noted for r in t.remarks]
        if len(lines) > SHOWN:
            lines[SHOWN:] = [f"... and {len(lines) - SHOWN} more; --report writes them all"]
        if self.unused:
            lines.append(f"columns that were not used / 未使用的列: {', '.join(self.unused)}")
        return "\n".join([*lines, ", ".join(f"{outcome} {zh} {self.count(outcome)}" for outcome, zh in OUTCOMES.items())])

    def as_csv(self) -> str:
        """For a table: every row."""
        out = io.StringIO(newline="")
        table = csv.writer(out)
        table.writerow(["row 行号", "who 对象", "outcome 结果", "remark", "说明"])
        for _, told in sorted(self.rows.items()):
            said = ["; ".join(r.en for r in told.remarks), "；".join(r.zh for r in told.remarks)]
            table.writerow(
                [told.number, _harmless(told.who), f"{told.outcome} {OUTCOMES[told.outcome]}", *map(_harmless, said)]
            )
        return out.getvalue()


# with these a cell begins that a spreadsheet may take for a formula: the full-width ones where Chinese is typed
FORMULA = frozenset("=+-@\t\r\n＝＋－＠")


def _harmless(text: str) -> str:
    """A spreadsheet MUST NOT take what came out of a file for a formula."""
    return f"'{text}" if text[:1] in FORMULA else text
