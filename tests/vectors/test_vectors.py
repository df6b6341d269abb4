"""Our own vectors hold, and the runner would say so if they did not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.vectors import FORMATS, faults_in
from tests.vectors.__main__ import main

OURS = Path(__file__).parent


def cases(name):
    return json.loads((OURS / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FORMATS)
def test_our_own_vectors_hold(name):
    results = faults_in(OURS / name)
    assert [fault for fault in results if fault] == []
    assert len(results) >= 20


@pytest.mark.parametrize("name", FORMATS)
def test_every_case_tells_its_own_story_on_its_own_line(name):
    stories = [case["story"] for case in cases(name)]
    assert len(set(stories)) == len(stories)
    lines = (OURS / name).read_text(encoding="utf-8").splitlines()
    assert (lines[0], lines[-1]) == ("[", "]")
    assert [json.loads(line.rstrip(",")) for line in lines[1:-1]] == cases(name)


def spoil(case):
    """Every way to spoil what a case expects, one at a time."""
    if "sum" in case:
        yield {**case, "sum": case["sum"][:-1] + ("1" if case["sum"][-1] == "0" else "0")}
        yield {**case, "count": case["count"] + 1}
        return
    result = case["result"]
    yield {**case, "result": {**result, "seen": {**result["seen"], "danphone": 1}}}
    yield {**case, "result": {**result, "edits": [*result["edits"], {"dot": ["zzzzzzzz", 1], "sections": {"x": None}}]}}
    for n, edit in enumerate(result["edits"]):
        others = result["edits"][:n], result["edits"][n + 1 :]
        yield {**case, "result": {**result, "edits": [*others[0], *others[1]]}}
        for name in edit["sections"]:
            spoilt = {**edit, "sections": {**edit["sections"], name: {"spoilt": 1}}}
            yield {**case, "result": {**result, "edits": [*others[0], spoilt, *others[1]]}}
    if "status" in case:
        yield {**case, "status": "gap" if case["status"] != "gap" else "applied"}


@pytest.mark.parametrize("name", FORMATS)
def test_a_planted_error_in_any_case_is_found(name):
    for case in cases(name):
        assert next(FORMATS[name](case), None) is None
        for spoilt in spoil(case):
            assert next(FORMATS[name](spoilt), None), f"not noticed: {spoilt}"


def test_true_in_place_of_one_is_an_error():
    case = {"a": {"seen": {}, "edits": []}, "b": {"seen": {"anaphone": 1}, "edits": []}}
    assert not list(FORMATS["merge.json"]({**case, "result": {"seen": {"anaphone": 1}, "edits": []}}))
    assert len(list(FORMATS["merge.json"]({**case, "result": {"seen": {"anaphone": True}, "edits": []}}))) == 2


def test_a_failure_is_one_line_with_its_story_and_the_last_line_counts(tmp_path, capsys):
    good, bad = cases("apply.json")[:2]
    (tmp_path / "apply.json").write_text(json.dumps([good, {**bad, "status": "gap"}]), encoding="utf-8")
    (tmp_path / "digest.json").write_text(json.dumps([{"records": {}, "count": 1, "sum": "0" * 32}]), encoding="utf-8")
    assert main([str(tmp_path)]) == 1
    first, second, last = capsys.readouterr().out.splitlines()
    assert first.startswith("FAIL apply.json 1 (Ana's first words on this visit are her 41st edit")
    assert second.startswith("FAIL digest.json 0: digest: expected")
    assert last == "1 passed, 2 failed"


def test_a_folder_without_vectors_is_not_called_a_success(tmp_path, capsys):
    (tmp_path / "other.json").write_text("[]", encoding="utf-8")
    (tmp_path / "merge.json").write_text("[]", encoding="utf-8")
    assert [main([str(tmp_path)]), main([str(tmp_path / "nowhere")])] == [2, 2]
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("no vectors in ") == 2


def test_the_command_runs_our_own_vectors_when_no_folder_is_named():
    run = subprocess.run(
        [sys.executable, "-m", "tests.vectors"], capture_output=True, text=True, check=True, cwd=OURS.parents[1]
    )
    total = sum(len(cases(name)) for name in FORMATS)
    assert run.stdout == f"{total} passed, 0 failed\n"
