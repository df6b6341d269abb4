"""What was saved is there: after a kill, behind a PIN, under a counter that is used once."""

import os
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from client_sdk import Client, NoStoreError, SyncBusyError, WrongPinError
from client_sdk.store import Store
from sync.version import Dot
from tests.client_sdk.conftest import PIN, Clock
from tests.client_sdk.peer import Line

BP = {"vitals": {"systolic_mmhg": 152, "diastolic_mmhg": 94}}

WRITER = """
    import sys
    from client_sdk import Client
    phone = Client.open(sys.argv[1], pin=sys.argv[2])
    print("open", flush=True)
    while True:
        record = phone.create("hypertension_visit", {"vitals": {"systolic_mmhg": 152}})
        print(record, flush=True)
"""


def test_every_edit_whose_call_returned_survives_kill_9(phone, path):
    phone.close()
    saved = []
    for _ in range(5):
        writer = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(path), PIN], stdout=subprocess.PIPE, text=True
        )
        with writer:
            assert writer.stdout.readline().strip() == "open"
            saved += [writer.stdout.readline().strip() for _ in range(20)]
            os.kill(writer.pid, signal.SIGKILL)
            saved += [line.strip() for line in writer.stdout if line.endswith("\n")]
    with Client.open(path, pin=PIN, now=Clock()) as again:
        edits = again.outbox()
        assert len(saved) >= 100
        assert set(saved) <= {edit.record for edit in edits}
        assert [edit.dot.counter for edit in edits] == list(range(1, len(edits) + 1))
        assert again.status().outbox == len(edits)


def test_nothing_of_a_patient_can_be_read_in_the_files(phone, path):
    phone.create("resident", {"identity": {"name": "王秀兰", "sex": "female"}, "contact": {"phone": "13800001111"}})
    phone.create("hypertension_visit", {"vitals": {"systolic_mmhg": 152152, "weight_kg": "61.5"}})
    phone.sync()
    files = [file for file in path.parent.iterdir() if file.name.startswith(path.name)]
    assert path in files
    for file in files:
        content = file.read_bytes()
        for secret in ("王秀兰", "13800001111", "152152", "vitals", "SQLite format", "PRIVATE KEY", "token-e1"):
            assert secret.encode() not in content, (file, secret)
    assert path.stat().st_mode & 0o077 == 0


def test_a_wrong_pin_is_told_once_and_harms_nothing(phone, path, capfd):
    record = phone.create("hypertension_visit", BP)
    phone.close()
    for pin in ("493028", "", "4930270", "4930'27"):
        with pytest.raises(WrongPinError):
            Client.open(path, pin=pin)
    assert capfd.readouterr() == ("", ""), "no log of the cipher beside the message"
    with Client.open(path, pin=PIN) as again:
        assert again.get(record).pending


def test_a_pin_may_contain_a_quote(path, line):
    Client.enrol("http://peer", "good", path, pin="it's 5", transport=line).close()
    Client.open(path, pin="it's 5").close()


def test_where_no_phone_file_can_be_made_it_is_told(tmp_path, line):
    with pytest.raises(NoStoreError, match=r"no phone file can be made at .*: No such file or directory"):
        Client.enrol("http://peer", "good", tmp_path / "nowhere" / "phone.db", pin=PIN, transport=line)


def test_where_no_phone_file_is_none_is_made(tmp_path):
    with pytest.raises(NoStoreError):
        Client.open(tmp_path / "nothing.db", pin=PIN)
    assert not list(tmp_path.iterdir())


def test_a_counter_is_used_once_also_after_delivery_and_restart(phone, reopen):
    phone.create("hypertension_visit", BP)
    phone.create("hypertension_visit", BP)
    assert phone.sync().complete
    again = reopen()
    again.create("hypertension_visit", BP)
    assert [edit.dot.counter for edit in again.outbox()] == [3]


def test_threads_and_a_second_process_never_share_a_counter(phone, path):
    with Client.open(path, pin=PIN, now=Clock()) as other:
        doctors = [
            threading.Thread(target=lambda c=c: [c.create("hypertension_visit", BP) for _ in range(20)])
            for c in (phone, phone, other)
        ]
        for doctor in doctors:
            doctor.start()
        for doctor in doctors:
            doctor.join()
    assert [edit.dot.counter for edit in phone.outbox()] == list(range(1, 61))


def test_a_transaction_that_fails_leaves_no_trace(phone):
    account = phone._store.account()

    def half():
        with phone._store.transaction():
            phone.create("hypertension_visit", BP)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert phone.outbox() == []
    assert phone._store.account() == account


def test_one_at_a_time_syncs_and_the_others_go_on_reading(phone, path, line):
    with Client.open(path, pin=PIN, transport=Line(line.peer), now=Clock()) as other:
        record = phone.create("hypertension_visit", BP)
        with other._store.turn_to_sync():
            with pytest.raises(SyncBusyError):
                phone.sync()
            assert phone.get(record).pending
        assert phone.sync().complete
        assert not other.get(record).pending


def test_an_edit_kept_by_an_older_version_is_read_whatever_the_rules_are_now(phone, path):
    phone.create("hypertension_visit", BP)
    phone.close()
    store = Store(path, PIN)
    store.vault.run("""UPDATE outbox SET edit = replace(edit, '"systolic_mmhg":152', '"systolic_mmhg":1.5')""")
    assert store.outbox()[0].sections["vitals"]["systolic_mmhg"] == 1.5
    assert store.outbox()[0].dot == Dot("actor0001", 1)
    store.close()
