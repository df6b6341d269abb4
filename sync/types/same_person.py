"""Same person (同一人认定): a person decided that two residents' records are of one human being, or that they are not.

Neither resident's records are touched: who counts as whom is worked out from the links that stand, see `sync/links.py`.
"""

from sync.types.codes import PROJECT, code_list
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Date, Reference, Text

LINK_STATE = code_list(
    "link_state",
    """
    - linked 同一人 One person
    - undone 非同一人（含撤销） Two persons, also when a link is undone
    """,
    source=PROJECT,
)

TYPE = RecordType(
    name="same_person",
    zh="同一人认定",
    en="Same person",
    subject="resident",
    source=PROJECT,
    dated="link.decided_on",
    sections=(
        Section(
            "link",
            "认定",
            "Link",
            {
                "duplicate": Reference("重复档案居民", "Resident registered again", to="resident", required=True),
                "same_as": Reference("保留档案居民", "Resident whose record stands", to="resident", required=True),
                "state": Code("状态", "State", LINK_STATE, required=True),
                "decided_by": Reference("认定人", "Decided by", to="person", required=True),
                "decided_on": Date("认定日期", "Decided on", required=True, future=False),
                "reason": Text("理由", "Reason", longest=500),
            },
            required=True,
        ),
    ),
)
