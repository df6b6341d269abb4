"""Hostile requests get the same answer on SQLite and on PostgreSQL, leave the same behind, and break neither."""

import pytest

from tests.server.assault import assault
from tests.server.corpus import corpus
from tests.server.phone import Phone
from tests.village import VILLAGE

pytestmark = pytest.mark.postgres
MADE_UP = 100


def test_what_means_harm_is_answered_alike_on_both_engines_and_neither_fails(both, tmp_path):
    nobody = Phone(None)
    nobody.scopes = {VILLAGE: {}}
    known = len(list(corpus(nobody)))
    assert known >= 120
    sqlite, postgres = (assault(engine, tmp_path, 7, known + MADE_UP, fixed=True) for engine in both.values())
    assert sqlite.failed == postgres.failed == []
    assert [pair for pair in zip(sqlite.answers, postgres.answers, strict=True) if pair[0] != pair[1]] == []
    assert sqlite.rows == postgres.rows
    assert sqlite.faults == postgres.faults == []
    told = {status for _, status, _ in sqlite.answers}
    assert {200, 400, 404, 413, 422} <= told
