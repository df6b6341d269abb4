"""Household (家庭): one door. Its members are the residents who name it; visits to it are counted in household-times."""

from sync.record import Policy
from sync.types.checks import Needed
from sync.types.codes import LOCAL_FORMS, PROJECT, code_list
from sync.types.declare import RecordType, Section
from sync.types.fields import Code, Date, Decimals, Reference, Text, Whole

HOUSEHOLD_STATUS = code_list(
    "household_status",
    """
    - active 在册 Active
    - closed 已注销 Closed
    """,
    source=PROJECT,
)
HOUSEHOLD_CLOSE_REASON = code_list(
    "household_close_reason",
    """
    - moved_out 整户迁出 All moved out
    - merged 并户 Merged with another
    - died_out 整户消亡 No member lives
    - other 其他 Other
    """,
    source=PROJECT,
)

TYPE = RecordType(
    name="household",
    zh="家庭",
    en="Household",
    subject="household",
    source=LOCAL_FORMS,
    sections=(
        Section(
            "identity",
            "家庭",
            "Household",
            {
                "household_no": Text("户编号", "Number", longest=30),
                "head": Reference("户主", "Head", to="resident"),
                "head_name": Text("户主姓名", "Name of the head", longest=50, required=True, element="DE02.01.039.00"),
                "registered_count": Whole("户籍人口数", "Registered persons", unit="人", hard=(0, 99)),
                "present_count": Whole("常住人口数", "Persons living here", unit="人", hard=(0, 99)),
            },
            required=True,
        ),
        Section(
            "residence",
            "住址",
            "Residence",
            {
                "area_code": Text("行政区划代码（12位）", "Area code", longest=12, pattern="^[0-9]{12}$", required=True),
                "address": Text("住址", "Address", required=True),
            },
            required=True,
        ),
        Section(
            "contact",
            "联系方式",
            "Contact",
            {
                "phone": Text("家庭电话", "Telephone", longest=40),
                "directions": Text("到户路线", "How to find it", longest=500),
            },
            policy=Policy.LATEST,
        ),
        Section(
            "location",
            "定位",
            "Location",
            {
                "latitude_deg": Decimals("纬度", "Latitude", unit="deg", places=6, required=True, hard=(-90, 90)),
                "longitude_deg": Decimals("经度", "Longitude", unit="deg", places=6, required=True, hard=(-180, 180)),
                "accuracy_m": Decimals("定位精度", "Accuracy", unit="m", hard=(0, 100_000), soft=(0, 200)),
            },
            policy=Policy.LATEST,
        ),
        Section(
            "record_status",
            "档案状态",
            "State of the record",
            {
                "status": Code("档案状态", "State", HOUSEHOLD_STATUS, required=True),
                "close_reason": Code("注销原因", "Reason of closing", HOUSEHOLD_CLOSE_REASON),
                "closed_on": Date("注销日期", "Closed on", future=False),
                "merged_into": Reference("并入家庭", "Merged into", to="household"),
            },
            required=True,
        ),
    ),
    checks=(
        Needed("record_status.close_reason", "record_status.status", ("closed",)),
        Needed("record_status.closed_on", "record_status.status", ("closed",)),
        Needed("record_status.merged_into", "record_status.close_reason", ("merged",)),
    ),
)
