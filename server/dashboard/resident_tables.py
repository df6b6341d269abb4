"""The tables of one resident's page: what is due, what is managed, what the contract owes, every record, every indicator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from server.dashboard.person import Person, day_of
from server.indicators import by_code, reasons
from server.indicators.counting import shares
from server.indicators.declare import NUMERATOR, SIDES
from server.readings import DIASTOLIC, FASTING, LIMITS, SYSTOLIC, Reading
from server.sheets import Cell, Column, Table
from sync.codec import Json
from sync.record import VOID, conflicts
from sync.types.checks import Issue

TONES = {"urgent": "bad", "overdue": "bad", "soon": "warn", "missed": "bad", "done": "good", "upheld": "good"}


def due_table(person: Person) -> Table:
    """What is due, the most pressing first."""
    say = person.visit.say
    rows = []
    for item in person.standing["due"]:
        view = person.views.get(item["record"], {})
        what = item["what"]
        known = what in person.visit.doors.catalogue.types
        reason = person.first(item["reason"], "due_reason", "disease", "population_group")
        reason = person.rule(reason)
        if what == "service":
            reason = person.item(item["record"], item["reason"])
        elif what == "plan_measure":
            reason = person.labels.section("care_plan", f"measure/{item['reason']}", view)
        rows.append(
            {
                "what": Cell(
                    person.labels.type(what) if known else person.labels.code("due", what), person.href(item["record"])
                ),
                "reason": Cell(reason, hint=say("依据的内容有冲突", "rests on a conflict") if item["disputed"] else None),
                "by": item["by"],
                "urgency": Cell(person.labels.code("urgency", item["urgency"]), tone=TONES.get(item["urgency"])),
            }
        )
    columns = (
        Column("what", "应做事项", "What"),
        Column("reason", "原因", "Why"),
        Column("by", "期限", "By", "day"),
        Column("urgency", "紧急程度", "Urgency"),
    )
    return Table("due", "应做事项", "What is due", columns, rows, empty_zh="目前没有应做事项", empty_en="Nothing is due")


def managed_table(person: Person) -> Table:
    """The diseases under management with what the standard is made of."""
    say, labels = person.visit.say, person.labels
    rows = []
    for one in person.standing["managed"]:
        lacking = say("、", ", ").join(labels.code("lacking", code) for code in one["lacking"])
        form = last.record.type if (last := person.known(str(one["last_visit"]))) else ""
        both = [
            labels.value(form, "assessment", "class", code) for code in (one["visit_class"], one["suggested_class"]) if code
        ]
        differs = one["suggested_class"] and one["suggested_class"] != one["visit_class"]
        rows.append(
            {
                "disease": Cell(labels.code("disease", one["disease"]), person.href(one["record"])),
                "status": labels.value("chronic_register", "status", "status", one["status"]),
                "since": one["since"],
                "visits": Cell(
                    f"{one['in_person']} / {one['expected']}",
                    hint=say(f"含电话 {one['visits']}", f"{one['visits']} with calls"),
                ),
                "last": Cell(one["last_visit_on"], person.href(one["last_visit"])),
                "class": Cell(both[0] if both else None, hint=say("系统建议：", "suggested: ") + both[-1] if differs else None),
                "controlled": _controlled(person, one),
                "standard": Cell(
                    say("是", "Yes") if one["standard"] else say("否", "No"),
                    hint=lacking or None,
                    tone="good" if one["standard"] else "warn",
                ),
            }
        )
    columns = (
        Column("disease", "病种", "Disease"),
        Column("status", "状态", "Status"),
        Column("since", "建卡", "Since", "day"),
        Column("visits", "面访/应访", "Seen / expected"),
        Column("last", "末次随访", "Last visit", "day"),
        Column("class", "分类（医生）", "Class (doctor)"),
        Column("controlled", "是否达标", "Controlled"),
        Column("standard", "规范管理", "To the standard"),
    )
    return Table(
        "managed",
        "慢病管理",
        "Under management",
        columns,
        rows,
        empty_zh="没有在管疾病",
        empty_en="No disease under management",
    )


def _controlled(person: Person, one: Json) -> Cell:
    say = person.visit.say
    if one["controlled"] is None:
        return Cell(say("未知", "Unknown"), hint=person.labels.code("work_reason", one["unclear"]) if one["unclear"] else None)
    return Cell(say("达标", "Yes"), tone="good") if one["controlled"] else Cell(say("未达标", "No"), tone="warn")


def obligations_table(person: Person) -> Table:
    """What the contracts owe in the year: state, days, evidence, why not, and the appeal."""
    labels = person.labels
    rows = []
    for one in person.standing["obligations"]:
        reason = one["reason"]
        appeal = one["appeal"].partition("/")[2] if one["appeal"] else None
        rows.append(
            {
                "item": Cell(person.item(one["contract"], one["item"]), person.href(one["contract"])),
                "since": one["since"],
                "by": one["by"],
                "state": Cell(labels.code("obligation_state", one["state"]), tone=TONES.get(one["state"])),
                "evidence": Cell(
                    person.record_name(one["evidence"]) if one["evidence"] in person.views else None,
                    person.href(one["evidence"]),
                ),
                "done_on": one["done_on"],
                "reason": person.reason(reason) if reason else None,
                "appeal": Cell(
                    person.visit.say("有申诉", "Appealed"), person.to("appeal", contract=one["contract"], item=appeal)
                )
                if appeal
                else None,
            }
        )
    columns = (
        Column("item", "服务项目", "Item"),
        Column("since", "起", "From", "day"),
        Column("by", "止", "By", "day"),
        Column("state", "状态", "State"),
        Column("evidence", "依据", "Evidence"),
        Column("done_on", "完成日期", "Done on", "day"),
        Column("reason", "原因", "Reason"),
        Column("appeal", "申诉", "Appeal"),
    )
    return Table(
        "obligations",
        "本年度应履约服务",
        "Owed this year",
        columns,
        rows,
        empty_zh="本年度没有应履约服务",
        empty_en="Nothing is owed this year",
    )


def readings_table(person: Person, read: Sequence[Reading]) -> Table:
    """The readings as numbers, the latest first."""
    rows, disputed = [], {one["record"] for one in person.standing["conflicts"]}
    for one in reversed(read):
        row: dict[str, Any] = {
            "day": one.day.isoformat(),
            "record": Cell(person.labels.type(one.type), person.href(one.record)),
        }
        for quantity, value in one.values.items():
            over = value >= LIMITS[quantity]
            row[quantity] = Cell(value, tone="warn" if over else None)
        beyond = any(value >= LIMITS[quantity] for quantity, value in one.values.items())
        marks = [
            *([person.visit.say("达到或超过界限", "at or over the limit")] if beyond else []),
            *([person.visit.say("有冲突", "in conflict")] if one.record in disputed else []),
        ]
        rows.append({**row, "marks": " · ".join(marks)})
    columns = (
        Column("day", "日期", "Day", "day"),
        Column(SYSTOLIC, "收缩压 mmHg", "Systolic mmHg", "number"),
        Column(DIASTOLIC, "舒张压 mmHg", "Diastolic mmHg", "number"),
        Column(FASTING, "空腹血糖 mmol/L", "Fasting glucose mmol/L", "number"),
        Column("marks", "备注", "Remarks"),
        Column("record", "记录", "Record"),
    )
    return Table("readings", "血压与血糖", "Readings", columns, rows, empty_zh="没有测量值", empty_en="No readings", first=12)


def records_table(person: Person) -> Table:
    """Every record by day, the latest first: who wrote it, whether it counts this year and for what, or why not."""
    say, labels = person.visit.say, person.labels
    rows: list[dict[str, Any]] = []
    for one in person.told.known:
        record = one.record
        works, void = person.works.get(record.id, []), person.views[record.id].get(VOID) is not None
        counted = person.counted(works)
        late = max((work.late_days or 0 for work in works), default=0)
        authors = sorted({author for work in works for author in work.authors} or {edit.author for edit in record.edits})
        disputed = bool(conflicts(record, person.visit.doors.catalogue.policy(record.type)))
        marks = [
            *([say("已作废", "void")] if void else []),
            *([say("有冲突", "in conflict")] if disputed else []),
            *([say(f"{late}天后补录", f"written {late} days later")] if late else []),
        ]
        rows.append(
            {
                "day": day_of(person, one),
                "type": Cell(
                    labels.type(record.type),
                    person.href(record.id),
                    tone="bad" if disputed else None,
                ),
                "marks": " · ".join(marks),
                "who": say("、", ", ").join(labels.name("person", author) for author in authors),
                "counted": Cell(say("计入", "Counted"), tone="good")
                if counted
                else Cell(say("未计入", "Not counted"), tone="warn")
                if works
                else None,
                "for": counted or person.why_not(works) or None,
            }
        )
    rows.sort(key=lambda row: str(row["day"] or ""), reverse=True)
    columns = (
        Column("day", "日期", "Day", "day"),
        Column("type", "记录", "Record"),
        Column("who", "记录人", "Who"),
        Column("counted", "本年度是否计入", "Counted this year"),
        Column("for", "计入项目或未计入原因", "For what, or why not"),
        Column("marks", "备注", "Remarks"),
    )
    return Table("records", "全部记录", "All records", columns, rows, first=20)


def wrong_table(person: Person) -> Table:
    """Conflicts, and issues with what to do about them."""
    labels = person.labels
    rows = []
    for one in person.standing["conflicts"]:
        record = person.known(one["record"])
        section = labels.section(record.record.type, one["section"], person.views[one["record"]]) if record else one["section"]
        rows.append(
            {
                "record": Cell(person.record_name(one["record"]), person.href(one["record"])),
                "what": Cell(person.visit.say("冲突", "Conflict"), person.to("conflict", record=one["record"]), tone="bad"),
                "where": section
                + person.visit.say("：两人填写不同，请负责人决定", ": two persons wrote differently, to be decided"),
            }
        )
    for one in person.standing["issues"]:
        record = person.known(one["record"])
        issue = Issue(one["section"], one["field"], one["code"], one["level"])
        error = one["level"] == "error"
        rows.append(
            {
                "record": Cell(person.record_name(one["record"]), person.href(one["record"])),
                "what": Cell(
                    person.visit.say("需更正", "To correct") if error else person.visit.say("请核对", "Please check"),
                    tone="bad" if error else "warn",
                ),
                "where": labels.issue(record.record.type, issue, person.views[one["record"]]) if record else one["code"],
            }
        )
    columns = (
        Column("record", "记录", "Record"),
        Column("what", "类别", "Kind"),
        Column("where", "内容", "What and what to do"),
    )
    return Table(
        "wrong",
        "冲突与待核对",
        "Conflicts and issues",
        columns,
        rows,
        empty_zh="没有冲突，也没有待核对的内容",
        empty_en="No conflict, nothing to check",
    )


def indicators_table(person: Person) -> Table:
    """The indicators in which the person stands now, on which side and why."""
    visit = person.visit
    rows = []
    for counts in person.told.counts.values():
        for code in counts:
            indicator = by_code(code)
            assert indicator is not None, "who is counted is counted by an indicator"
            for share in shares(counts, code):
                record = next((one for one in share.records if one in person.views), None)
                rows.append(
                    {
                        "indicator": Cell(
                            visit.say(indicator.zh, indicator.en),
                            person.to("evidence", area=person.told.village, indicator=code),
                        ),
                        "side": Cell(visit.say(*SIDES[share.side]), tone="good" if share.side == NUMERATOR else None),
                        "reason": visit.say(*reasons.labels(share.reason)) if share.reason else None,
                        "on": share.on.isoformat() if share.on else None,
                        "record": Cell(person.record_name(record) if record else None, person.href(record)),
                    }
                )
    columns = (
        Column("indicator", "指标", "Indicator"),
        Column("side", "计入情况", "Side"),
        Column("reason", "原因", "Reason"),
        Column("on", "日期", "Day", "day"),
        Column("record", "依据", "Record"),
    )
    empty = {"empty_zh": "不在任何指标中", "empty_en": "In no indicator"}
    return Table("indicators", "在各项指标中", "In the indicators", columns, rows, first=20, **empty)
