"""The real server is killed with SIGKILL, again and again, in the middle of the sync of a real phone. Nothing is lost, nothing doubled."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from unittest import mock

import pytest
import requests
from sqlalchemy import select

import client_sdk.exchange
from client_sdk import Client, HttpTransport, vault
from server import utc_now
from server.access import Access
from server.store.engine import reading, retried
from server.store.tables import deposits, edits
from server.store.verify import verify
from tests.village import ANA, VILLAGE, settle

PIN = "493027"
CUNYI = Path(sys.executable).with_name("cunyi")


class Process:
    """`cunyi serve` on a port of its own."""

    def __init__(self, config):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        url = config.database_url.render_as_string(hide_password=False)
        self._environment = {
            **os.environ,
            "CUNYI_DATABASE_URL": url,
            "CUNYI_DATA_DIR": str(config.data_dir),
            "CUNYI_WORKERS": "1",
        }
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        command = [str(CUNYI), "serve", "--port", str(self.port)]
        self._running = subprocess.Popen(
            command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        for _ in range(600):
            assert self._running.poll() is None, "the server did not start"
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{self.url}/healthz", timeout=5).ok:
                    return
            time.sleep(0.05)
        raise AssertionError("the server does not answer")

    def kill(self):
        """All its processes at once; then it is started again."""
        self.end()
        self.start()

    def kill_worker(self):
        """The process that answers and holds the database; the one above it starts another."""
        pid = self._running.pid
        for worker in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            os.kill(int(worker), signal.SIGKILL)

    def end(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait()


@pytest.fixture
def served(config, engine):
    retried(engine, settle)
    process = Process(config)
    yield process
    process.end()


def enrolled(served, engine, config, path):
    code = Access(engine, config, utc_now).new_code(ANA)
    return Client.enrol(served.url, code, path, pin=PIN, transport=HttpTransport(served.url, attempts=1, backoff_seconds=0.02))


def writes(phone, dice, records, n):
    """Visits, and corrections to earlier ones."""
    for _ in range(n):
        value = {
            "vitals": {"systolic_mmhg": dice.randint(90, 200)},
            f"medication/m{dice.randint(1, 3)}": {"drug": str(dice.random())},
        }
        if records and dice.random() < 0.5:
            phone.edit(dice.choice(records), value)
        else:
            records.append(phone.create("hypertension_visit", value, scope=VILLAGE))


def battered(served, engine, config, folder, blows, seed):
    """A phone syncs, and each blow falls somewhere in the middle of it. In the end every edit is there, once."""
    dice, records = random.Random(seed), []
    made = 60 + 6 * len(blows)
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(vault, "KDF_ROUNDS", 1_000))
        stack.enter_context(
            mock.patch.object(client_sdk.exchange, "AT_ONCE", 4)
        )  # many requests, so that kills fall between and into them
        phone = stack.enter_context(contextlib.closing(enrolled(served, engine, config, folder / "ana.db")))
        actor = phone.status().actor
        writes(phone, dice, records, 60)
        for blow in blows:
            writes(phone, dice, records, 6)
            syncing = threading.Thread(target=phone.sync)
            syncing.start()
            time.sleep(dice.uniform(0, 0.12))
            blow()
            syncing.join()
        for _ in range(5):
            report = phone.sync()
            if report.complete:
                break
        assert report.complete, report.reasons
        assert phone.set_aside() == []
        assert phone.status().actor == actor, "a kill of the server is no reason for a new name"
        with reading(engine) as connection:
            log = connection.execute(select(edits)).all()
            assert connection.execute(select(deposits)).all() == []
            assert verify(connection).faults == []
        assert Counter((row.actor, row.counter) for row in log) == Counter((actor, n) for n in range(1, made + 1))
        assert {row.outcome for row in log} == {"accepted"}
        assert [json.loads(row.body)["dot"][1] for row in sorted(log, key=lambda r: r.counter)] == list(range(1, made + 1))
        other = stack.enter_context(contextlib.closing(enrolled(served, engine, config, folder / "ana2.db")))
        assert other.sync().complete
        assert {v.id: (v.seen, v.sections) for v in other.find()} == {v.id: (v.seen, v.sections) for v in phone.find()}
        assert {v.id for v in phone.find()} == set(records)


def test_every_edit_is_there_once_however_often_the_server_is_killed(served, engine, config, tmp_path):
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    everything_at_once, only_the_worker = (10, 40) if config.embedded else (5, 0)
    blows = [served.kill] * everything_at_once + [served.kill_worker] * only_the_worker
    random.Random(seed).shuffle(blows)
    battered(served, engine, config, tmp_path, blows, seed)
