"""What 设备与同步 says of the database itself: a restore, what it has lost, and what was found damaged."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from server.access import here
from server.dashboard.frame import Visit
from server.dashboard.naming import local
from server.healing import Phone, healing_of
from server.sheets import Cell, Column, Table
from server.store import damage
from sync.codec import stamp
from sync.scopes import VILLAGE_DIGITS

COLUMNS = (
    Column("doctor", "医生", "Doctor"),
    Column("phone", "手机", "Phone"),
    Column("state", "恢复后", "Since the restore"),
    Column("declared", "备份后已上传（手机所报）", "Sent since the backup, by its word", "number"),
    Column("missing", "找不到的条数", "Nowhere to be found", "number"),
    Column("edits", "编号", "Their numbers"),
)


def stopped(visit: Visit, connection: Connection) -> str:
    """What to say first while nothing is written; empty while all is well."""
    if not here(connection).stopped:
        return ""
    return visit.say(
        "数据库被恢复到旧状态而没有声明：服务器已停止接收任何数据，手机上的数据都还在。请立即通知运维人员运行 cunyi restored。",
        "The database has gone back and nobody announced a restore: nothing is taken any more, and all that is on phones stays "
        "there. Tell the operator at once to run `cunyi restored`.",
    )


def damaged(visit: Visit, connection: Connection, villages: Collection[str]) -> str:
    """What to say of damage in these villages; empty while all is well. Programmes count with their village, unnamed."""
    here_ = [row for row in damage.standing(connection) if row.scope[:VILLAGE_DIGITS] in villages]
    if not here_:
        return ""
    frozen = sum(row.why in damage.OF_RECORDS for row in here_)
    others = len(here_) - frozen
    return visit.say(
        f"数据自检发现损坏：{frozen} 条档案已冻结，另有 {others} 处不一致；其余照常，手机上对这些档案的修改会保留。请通知运维人员运行 cunyi mend。",
        f"The server found damage in its database: {frozen} records are frozen, {others} other things do not agree. All else goes "
        "on, and phones keep what they write to these records. Tell the operator to run `cunyi mend`.",
    )


def restored(visit: Visit, connection: Connection, people: Collection[str]) -> list[Table]:
    """While phones make a restored server whole: where those of these people stand. No table at any other time."""
    place = here(connection)
    found = healing_of(connection, place) if place.healing(stamp(visit.now)) else None
    if found is None:
        return []
    phones = [phone for phone in found.phones if phone.holder.person in people]
    rows = [
        {
            "doctor": phone.holder.person_name,
            "phone": phone.holder.name,
            "state": _state(visit, phone),
            "declared": phone.declared,
            "missing": Cell(phone.lacking, tone="bad" if phone.lacking else None),
            "edits": phone.named(),
        }
        for phone in sorted(phones, key=lambda one: (one.back, one.holder.person))
    ]
    since = local(visit, found.restored_at)
    return [Table("restored", f"{since} 恢复后的手机", f"Phones since the restore of {since}", COLUMNS, rows)]


def _state(visit: Visit, phone: Phone) -> Cell:
    if phone.back:
        return Cell(visit.say("已同步回来", "back"), tone="good")
    return Cell(visit.say("还没有同步", "not back yet"), tone="warn")
