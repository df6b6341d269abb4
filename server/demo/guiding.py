"""What to try next with the sample township: two phones, one resident, one conflict; and the dashboard, down to one visit."""

from __future__ import annotations

import datetime as dt
import json
import secrets

from sqlalchemy import Connection, Engine

from server.access import CODE_LETTERS, Access
from server.accounts import passwords
from server.decisions import Decisions
from server.demo.households import FIGURE, OLDER, YOUNGER
from server.demo.patients import as_medicine
from server.demo.people import (
    COUNTY,
    COUNTY_SUPERVISOR,
    LEADER,
    LIU,
    STAFF,
    TEAM_NAMES,
    TOWNSHIP,
    TOWNSHIP_SUPERVISOR,
    VILLAGES,
    doctors_of,
)
from server.indicators import BY_CODE
from server.periods import MONTH, Period
from server.store import accounts, reports
from server.store.deployment import setting
from server.store.engine import reading, retried
from sync.codec import stamp

PLAN = "demo_plan"  # the setting that names the plan of the figure
ADDRESS = "http://127.0.0.1:8000"
DASHBOARD = f"{ADDRESS}/dashboard"
FIELD = ".venv/bin/cunyi field"
LATE_DAY = 20  # of the month that was reported
HONOURED = BY_CODE["honour_person_full"]
AT_DESKS = ("team_leader", "township_supervisor", "county_supervisor", "administrator", "auditor")


def guide(engine: Engine, access: Access, decisions: Decisions, now: dt.datetime) -> str:
    """What to try next, with fresh one-time enrolment codes for the two doctors of one village.

    Whoever works at a desk gets a random password, which is told this once; who has one keeps it.
    """
    with reading(engine) as connection:
        plan, month = setting(connection, PLAN), _reported(connection, now)
    if plan is None:
        return "The sample township is not here; there is nothing to try."
    first, second = doctors_of(LIU)
    one, two = _phone(first), _phone(second)
    names = {who.id: who.name for who in STAFF}
    return f"""\

People of the sample. A code for anybody: .venv/bin/cunyi code ID

{_people()}

{_desks(engine, now)}

The app, in a browser as narrow as a phone (on this machine; a phone needs https). The code in the link serves once:

    {ADDRESS}/app/#enrol={access.new_code(first)}

    Choose a PIN, wait for the download, switch the network off in the browser, record the day; switch it on again and look
    at the dashboard. 我的 › 练习模式 needs no code.

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

 6. The dashboard: rates of a county, and what they rest on. Sign in as {COUNTY_SUPERVISOR} with the password above:

    {DASHBOARD}/areas/{COUNTY[0]}

    Five clicks: {TOWNSHIP[1]} › {dict(VILLAGES)[LIU]} › {HONOURED.zh} › a resident › a visit, with its history: who
    wrote what, when, on which phone. 导出 Excel at the end of a page takes its tables along. The first line of each says how
    fresh it is; the phones behind that, what of the month is worth a second look, and the contracts:

    {DASHBOARD}/devices
    {DASHBOARD}/areas/{TOWNSHIP[0]}/quality?period={month.text}
    {DASHBOARD}/areas/{TOWNSHIP[0]}/contracts

 7. The two phones disagree once more, and the leader of the team decides at a desk.

    {FIELD} plan {FIGURE} condition/hypertension '{_regimen("苯磺酸氨氯地平片", "5")}' --phone {one}
    {FIELD} plan {FIGURE} condition/hypertension '{_regimen("缬沙坦胶囊", "80")}' --phone {two}
    {FIELD} sync --phone {one}
    {FIELD} sync --phone {two}

    Sign in as {LEADER}. 待处理 holds it beside
    {_waiting(decisions, access, plan)}.
    Take one of the two regimens, look through the list below them, say why:

    {DASHBOARD}/queue
    {DASHBOARD}/conflicts/{plan}

    Then both phones are told who decided, when and why, and what gave way:

    {FIELD} sync --phone {one}
    {FIELD} sync --phone {two}
    {FIELD} decisions --phone {two}

 8. A report is frozen. {names[first]} writes a visit of {month.en} only now; on her phone it counts, or says why not:

    {FIELD} visit {FIGURE} --on {month.start.replace(day=LATE_DAY)} --way home --bp 138/84 --phone {one}
    {FIELD} sync --phone {one}
    {FIELD} work --month {month.text} --phone {one}

    The report stays as it was and says what came late:

    .venv/bin/cunyi report difference {LIU} {month.text}
    {DASHBOARD}/areas/{LIU}/reports/{month.text}

    Sign in as {TOWNSHIP_SUPERVISOR}, who decides the appeals in 待处理 and issues corrections (更正); the issue before one stays:

    {DASHBOARD}/queue?kind=appeal
    {DASHBOARD}/areas/{LIU}/reports/{month.text}/difference

 9. What the office sees: who synced when, what is still on a phone, who may be registered twice, whether all follows from
    the log.

    .venv/bin/cunyi people
    .venv/bin/cunyi devices
    .venv/bin/cunyi candidates
    .venv/bin/cunyi verify
"""


def _waiting(decisions: Decisions, access: Access, plan: str) -> str:
    """How much of each kind the leader finds in 待处理 besides the conflict in a plan."""
    view = access.view(LEADER)
    found = (
        (sum(one.record.id != plan for one in decisions.conflicts.listed(view)), "other conflict", "other conflicts", "冲突"),
        (len(decisions.set_aside.listed(view)), "deposit", "deposits", "待核补传"),
        (len(decisions.appeals.listed(view)), "appeal", "appeals", "申诉"),
        (len(decisions.doubles.listed(view)), "person with two contracts", "persons with two contracts", "重复签约"),
        (len(decisions.twins.listed(view)), "likely duplicate", "likely duplicates", "疑似重复"),
    )
    told = [f"{n} {one if n == 1 else several} ({zh})" for n, one, several, zh in found if n]
    return ", ".join(told[:-1]) + " and " * bool(told[1:]) + "".join(told[-1:]) or "nothing else"


def _reported(connection: Connection, now: dt.datetime) -> Period:
    """The last month that is over and reported: before its cut-off, the one before it."""
    last = Period.on(now.date(), MONTH).previous()
    return last if reports.report(connection, LIU, last.text).state != reports.OPEN else last.previous()


def _desks(engine: Engine, now: dt.datetime) -> str:
    """The dashboard, with the passwords that were made just now."""
    with reading(engine) as connection:
        chosen = accounts.with_passwords(connection)
    fresh = {who: _password() for who in STAFF if who.role in AT_DESKS and who.id not in chosen}
    kept = {who.id: passwords.hashed(password) for who, password in fresh.items()}

    def work(connection: Connection) -> None:
        for person, password in kept.items():
            accounts.set_password(connection, person, password, stamp(now))

    retried(engine, work)
    lines = [f"  {who.id:<17} {who.name:<{6 - len(who.name)}} {who.role:<20} {password}" for who, password in fresh.items()]
    told = "Passwords, made at random and told this once:" if lines else "The passwords were told when the sample was made."
    how = "Another for anybody: .venv/bin/cunyi password ID prints a code with which it is chosen."
    return "\n".join([f"The dashboard is at {DASHBOARD}/. {told}", "", *lines, *([""] if lines else []), how])


def _password() -> str:
    """80 random bits, in groups that can be typed."""
    return "-".join("".join(secrets.choice(CODE_LETTERS) for _ in range(4)) for _ in range(4))


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
