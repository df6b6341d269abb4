"""A phone has died; the file that its doctor had exported is read back. `unsent.json` was written by the field app."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from client_sdk.commands import field
from client_sdk.exported import ExportedFileError, read

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


def test_a_file_that_was_changed_does_not_open(tmp_path):
    file = tmp_path / "changed.json"
    outer = json.loads(FILE.read_text())
    file.write_text(json.dumps(outer | {"box": "AAAA" + outer["box"][4:]}))
    with pytest.raises(ExportedFileError, match="does not open"):
        read(file, PASSWORD)
