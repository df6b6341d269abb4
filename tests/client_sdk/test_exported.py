"""A phone has died; the file that its doctor had exported is read back. `unsent.json` was written by the field app."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from client_sdk.commands import field
from client_sdk.exported import FORMAT, ExportedFileError, read

FILE, PASSWORD = Path(__file__).with_name("unsent.json"), "柳树村 2026"


def test_the_edits_of_a_dead_phone_are_all_there_in_order():
    found = read(FILE, PASSWORD)
    assert (found.person["name"], found.device["actor"]) == ("Ana", "k7m2q9xa")
    assert [(edit.type, edit.dot.counter) for edit in found.edits] == [("resident", 1), ("hypertension_visit", 2)]
    assert found.edits[0].sections == {"identity": {"name": "王秀兰"}}
    assert "王秀兰" not in FILE.read_text()


def test_the_command_prints_them_for_people_and_for_programs():
    done = CliRunner().invoke(field, ["exported", str(FILE), "--password", PASSWORD])
    assert done.exit_code == 0, done.output
    assert "Ana, 2 edits" in done.output
    assert "hypertension_visit: visit, vitals" in done.output
    told = CliRunner().invoke(field, ["exported", str(FILE), "--json"], env={"CUNYI_PASSWORD": PASSWORD})
    assert json.loads(told.output)["edits"][1]["sections"]["vitals"] == {"systolic_mmhg": 152, "diastolic_mmhg": 94}


def test_a_wrong_password_is_told_in_one_line():
    done = CliRunner().invoke(field, ["exported", str(FILE), "--password", "wrong"])
    assert done.exit_code == 2
    assert "does not open with this password" in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    "change",
    [
        {"format": "cunyi-unsent-9"},
        {"rounds": 10**12},
        {"rounds": "210000"},
        {"salt": "not base64!"},
        {"iv": "AAAA"},
        {"box": None},
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path, change):
    file = tmp_path / "changed.json"
    file.write_text(json.dumps(json.loads(FILE.read_text()) | change))
    with pytest.raises(ExportedFileError, match="no file of unsent edits"):
        read(file, PASSWORD)
    file.write_text("{")
    with pytest.raises(ExportedFileError):
        read(file, PASSWORD)
    with pytest.raises(ExportedFileError):
        read(tmp_path / "none", PASSWORD)


def test_one_edit_that_nobody_can_read_keeps_nobody_from_the_others(tmp_path):
    outer, file = json.loads(FILE.read_text()), tmp_path / "one_is_unfit.json"
    salt, iv, box = (base64.b64decode(outer[name]) for name in ("salt", "iv", "box"))
    cipher = AESGCM(hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, outer["rounds"], 32))
    said = json.loads(cipher.decrypt(iv, box, FORMAT.encode()))
    said["edits"].insert(1, said["edits"][0] | {"sections": {"identity": {"name": "李桂英\0"}}})
    sealed = cipher.encrypt(iv, json.dumps(said).encode(), FORMAT.encode())
    file.write_text(json.dumps(outer | {"box": base64.b64encode(sealed).decode()}))
    found = read(file, PASSWORD)
    assert [edit.type for edit in found.edits] == ["resident", "hypertension_visit"]
    [(item, reason)] = found.unreadable
    assert (item["sections"]["identity"]["name"], bool(reason)) == ("李桂英\0", True)
    done = CliRunner().invoke(field, ["exported", str(file), "--password", PASSWORD])
    assert done.exit_code == 0, done.output
    assert "Ana, 2 edits" in done.output
    assert "unreadable" in done.output
    assert "李桂英" in done.output
    told = CliRunner().invoke(field, ["exported", str(file), "--password", PASSWORD, "--json"])
    assert [one["edit"]["type"] for one in json.loads(told.output)["unreadable"]] == ["resident"]


def test_a_file_that_was_changed_does_not_open(tmp_path):
    file = tmp_path / "changed.json"
    outer = json.loads(FILE.read_text())
    file.write_text(json.dumps(outer | {"box": "AAAA" + outer["box"][4:]}))
    with pytest.raises(ExportedFileError, match="does not open"):
        read(file, PASSWORD)
