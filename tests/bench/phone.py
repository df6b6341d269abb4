"""A phone with 1 500 residents and 6 000 records: what a doctor waits for. The file is made first, then opened by a new process."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tempfile
from pathlib import Path

from client_sdk import Client
from client_sdk.exchange import Held
from client_sdk.standings import Standings
from tests.bench.crowd import crowd, taking
from tests.client_sdk.conftest import PIN
from tests.client_sdk.peer import Line, Peer
from tests.standing.forms import TODAY, VILLAGE, name, pressure, records_of

RESIDENTS = 1500
NOON = dt.datetime.combine(TODAY, dt.time(12), dt.timezone(dt.timedelta(hours=8)))


def main() -> None:
    """Make the phone, then let a process of its own open it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "phone.db"
        records = records_of(crowd(RESIDENTS))
        print(f"a phone with {RESIDENTS} residents and {len(records)} records")
        with Client.enrol("http://peer", "good", path, pin=PIN, transport=Line(Peer(VILLAGE)), now=lambda: NOON) as client:
            with taking("take all records in, as the first sync does"):
                client._store.put([Held(record, ()) for record in records])
            with taking("their standings, as at the end of the first sync"):
                client.due()
        subprocess.run([sys.executable, "-m", "tests.bench.phone", str(path)], check=True)


def opened(path: Path) -> None:
    """What one process waits for, from the start."""
    found: dict[str, float] = {}
    now = NOON
    with taking("open (most of it stretches the PIN)"):
        client = Client.open(path, pin=PIN, now=lambda: now)
    with client:
        with taking("due: the first call of the process", found):
            due = client.due()
        with taking("due again"):
            client.due()
        with taking("due after a visit was saved"):
            form = pressure(3, 9, "2026-11-22", "130/80").sections
            client.create("hypertension_visit", form, subject=name(3, "resident"))
            client.due()
        now += dt.timedelta(days=1)
        with taking("due on the next morning"):
            client.due()
        now += dt.timedelta(days=7)
        with taking("due after a week"):
            client.due()
        with taking("search by initials"):
            client.search("wxl", limit=20)
        with taking("search by group"):
            client.search(group="hypertension", limit=20)
        with taking("standing of one"):
            client.standing(name(3, "resident"))
        with taking("advise on a form"):
            client.advise("hypertension_visit", form, name(3, "resident"))
        now = now.replace(year=2027, month=1, day=1)
        with taking("due on New Year's morning, when all change"):
            client.due()
        with taking("due from the records, nothing kept", found), client._store.snapshot():
            client._store.vault.rows("SELECT count(*) FROM base")
            same, estimate = client.persons(), client._estimate()
            every = Standings(client._store, same, TODAY, estimate)
            made = list(every._made(client._store.residents()))
    first, whole = found["due: the first call of the process"], found["due from the records, nothing kept"]
    print(f"  {len(due)} items due, {len(made)} residents; kept against computed: 1 : {whole / first:.0f}")


if __name__ == "__main__":
    opened(Path(sys.argv[1]))
