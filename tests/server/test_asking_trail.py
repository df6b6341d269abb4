"""What a program reads for a person stands in the trail of that person, as what they read at a desk."""

import json

import pytest

from server.api import viewing
from tests.server.test_reports import OCTOBER, Desk, a_visit, people  # noqa: F401
from tests.village import ANA, SUE, TOWNSHIP, VILLAGE


@pytest.fixture
def desk(village):
    return Desk(village)


def seen(village, person):
    """The entries of a person: action, area, resident, and what else is told."""
    mine = [row for row in village.rows("trail") if row["person"] == person]
    return [(row["action"], row["area"], row["resident"], json.loads(row["detail"])) for row in mine]


def test_a_supervisors_program_leaves_a_trace_of_each_number_report_and_person_it_opens(village, desk, people):  # noqa: F811
    desk.reports.compute(desk.sue, TOWNSHIP, OCTOBER)
    sue, before = village.phone(SUE), len(seen(village, SUE))
    for path in (
        f"/v1/indicators?area={TOWNSHIP}",
        f"/v1/indicators/sign_rate/persons?village={VILLAGE}",
        f"/v1/reports/{TOWNSHIP}/2026-10",
        "/v1/conflicts",
        "/v1/deposits",
        f"/v1/residents/{people[0]}/standing",
        "/v1/due",
        "/v1/my-work",
    ):
        assert sue.get(path).status_code == 200, path
    found = seen(village, SUE)[before:]
    assert [(action, area, resident) for action, area, resident, _ in found] == [
        ("api.indicators.figures", TOWNSHIP, None),
        ("api.indicators.persons", VILLAGE, None),
        ("api.reports.show", TOWNSHIP, None),
        ("api.decisions.conflicts", None, None),
        ("api.decisions.deposits", None, None),
        ("api.residents.standing", None, people[0]),
        ("api.residents.due", None, None),
        ("api.work.my_work", None, None),
    ]
    assert (found[1][3]["asked"]["code"], found[2][3]["asked"]["period"]) == ("sign_rate", "2026-10")


def test_what_was_typed_to_find_a_person_is_not_in_the_trail_and_what_was_refused_is(village, desk, people, ana):  # noqa: F811
    assert [one["name"] for one in ana.get("/v1/residents?text=王秀兰&limit=5").get_json()["residents"]] == ["王秀兰"]
    assert ana.get(f"/v1/reports/{TOWNSHIP}/2026-10").status_code == 404
    (search, *_, said), (refused, area, *_) = seen(village, ANA)[-2:]
    assert (search, said["asked"]) == ("api.residents.search", {"limit": "5"})
    assert (refused, area) == ("refused", TOWNSHIP)
    assert "王秀兰" not in json.dumps(seen(village, ANA), ensure_ascii=False)


def test_without_the_trail_nothing_is_told(village, desk, people, monkeypatch):  # noqa: F811
    def full(*_, **__):
        raise OSError("no space left")

    monkeypatch.setattr(viewing.trail, "write", full)
    village.app.testing = village.app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = village.phone(SUE).get(f"/v1/residents/{people[0]}/standing")
    assert answer.status_code == 500
    assert people[0] not in answer.get_data(as_text=True)


def test_a_phones_own_exchange_is_not_in_the_trail(village, people, ana):  # noqa: F811
    before = len(village.rows("trail"))
    a_visit(ana, people[0], day="2026-11-20", systolic=131)
    ana.sync()
    assert len(village.rows("trail")) == before
