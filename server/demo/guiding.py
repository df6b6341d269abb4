"""What to try next with the sample township: two phones, one resident, one conflict, settled by a person."""

from __future__ import annotations

import datetime as dt
import json

from sqlalchemy import Engine

from server.access import Access
from server.demo.households import FIGURE, OLDER, YOUNGER
from server.demo.patients import as_medicine
from server.demo.people import COUNTY, LIU, STAFF, TEAM_NAMES, TOWNSHIP, VILLAGES, doctors_of
from server.store.deployment import setting
from server.store.engine import reading

PLAN = "demo_plan"  # the setting that names the plan of the figure
ADDRESS = "http://127.0.0.1:8000"
FIELD = ".venv/bin/cunyi field"


def guide(engine: Engine, access: Access, now: dt.datetime) -> str:
    """What to try next, with fresh one-time enrolment codes for the two doctors of one village."""
    with reading(engine) as connection:
        plan = setting(connection, PLAN)
    if plan is None:
        return "The sample township is not here; there is nothing to try."
    first, second = doctors_of(LIU)
    one, two = _phone(first), _phone(second)
    names = {who.id: who.name for who in STAFF}
    return f"""\

People of the sample. A code for anybody: .venv/bin/cunyi code ID

{_people()}

Try two phones without a signal. `make run` serves {ADDRESS}; the rest goes into a second terminal.

 1. Enrol the phones of {names[first]} and {names[second]}, who share the village {dict(VILLAGES)[LIU]}; each code serves once:

    export CUNYI_PIN=246810
    {FIELD} enrol {ADDRESS} {access.new_code(first)} --phone {one}
    {FIELD} enrol {ADDRESS} {access.new_code(second)} --phone {two}
    {FIELD} sync --phone {one}
    {FIELD} sync --phone {two}

 2. Both change the regimen in the plan of one resident, {FIGURE}. Besides, one adds a visit, the other writes the
    review. No network is needed for that:

    {FIELD} plan {FIGURE} condition/hypertension '{_regimen("苯磺酸氨氯地平片", "10")}' --phone {one}
    {FIELD} visit {FIGURE} --way home --bp 152/94 --phone {one}
    {FIELD} plan {FIGURE} condition/hypertension '{_regimen("缬沙坦胶囊", "160")}' --phone {two}
    {FIELD} plan {FIGURE} review '{_review(second, now)}' --phone {two}

 3. Sync. Visit and review are merged; the two regimens stand side by side, on both phones, until a person decides.

    {FIELD} sync --phone {one}
    {FIELD} sync --phone {two}
    {FIELD} sync --phone {one}
    {FIELD} conflicts --phone {one}
    {FIELD} conflicts --phone {two}

 4. A person decides, and the other phone learns of it:

    {FIELD} resolve {plan} condition/hypertension --take 1 --phone {two}
    {FIELD} sync --phone {two}
    {FIELD} sync --phone {one}
    {FIELD} show {plan} --phone {one}

 5. Who is due, and what one resident has had, counts as and is due, without a signal. {YOUNGER} is 64 and a systolic pressure
    of 140 to 149 is not controlled; {OLDER} is 65, and the same pressure is:

    {FIELD} due --phone {one}
    {FIELD} standing {YOUNGER} --phone {one}
    {FIELD} standing {OLDER} --phone {one}

    Tuberculosis and severe mental disorder are on the phones of those who were granted the programme, and nowhere else:
    `cunyi people` shows the grants.

 6. What the office sees: who synced when, what is still on a phone, who may be registered twice, whether all follows from
    the log.

    .venv/bin/cunyi people
    .venv/bin/cunyi devices
    .venv/bin/cunyi candidates
    .venv/bin/cunyi verify
"""


def _phone(person: str) -> str:
    return f"var/{person.split('-')[1]}.phone"


def _regimen(drug: str, dose: str) -> str:
    regimen = {
        "name": "高血压",
        "icd10": "I10",
        "medicines": [as_medicine((drug, 1, dose, "mg"))],
        "target_systolic_mmhg": 140,
        "target_diastolic_mmhg": 90,
    }
    return json.dumps(regimen, ensure_ascii=False)


def _review(by: str, now: dt.datetime) -> str:
    day = now.date()
    words = {"reviewed_on": str(day), "reviewed_by": by, "approved_on": str(day), "next_review_on": str(day + dt.timedelta(90))}
    return json.dumps({**words, "conclusion": "继续目前方案"}, ensure_ascii=False)


def _people() -> str:
    places = dict((COUNTY, TOWNSHIP, *VILLAGES))
    rows = []
    for who in STAFF:
        place = who.village or who.area
        where = f"{places[place]} ({place})" if place else TEAM_NAMES[who.team] if who.duty else ""
        rows.append(f"  {who.id:<17} {who.name:<{6 - len(who.name)}} {who.role:<20} {where}".rstrip())
    return "\n".join(rows)
