"""A phone can name who wrote a record or decided about it without a signal; it hears of nobody else."""

from server.store import directory
from tests.village import ANA, BEN, CAM, LEA, OTHER, SUE, TOWNSHIP, VILLAGE


def test_ana_hears_of_her_village_its_team_and_whoever_works_there(village):
    told = village.phone(ANA).get("/v1/names").get_json()
    assert told["person"] == {ANA: "Ana", BEN: "Ben", LEA: "Lea"}, "Cam works elsewhere"
    assert told["supervisor"] == {SUE: "Sue"}
    assert told["team"] == {"t-1": "一队"}
    assert told["organization"] == {}
    assert told["area"] == {TOWNSHIP[:6]: "清水县", TOWNSHIP: "石门乡", VILLAGE: "柳树村"}
    assert CAM in village.phone(CAM).get("/v1/names").get_json()["person"]


def test_ana_hears_of_those_who_supervise_her_and_of_no_other_place_or_supervisor(village):
    somewhere = {"organisation": None, "active": True}
    offices = [("p-dan", "county_supervisor", TOWNSHIP[:6]), ("p-eve", "township_supervisor", "411499002")]
    offices += [("p-fay", "county_supervisor", "411588"), ("p-gus", "administrator", None)]
    rows = [{"id": who, "name": who[2:].title(), "role": role, "area": area, **somewhere} for who, role, area in offices]
    places = {"411499002": "白水乡", "411588": "大河县"}
    village.write(lambda c: directory.put_areas(c, [{"code": code, "name": name} for code, name in places.items()]))
    village.write(lambda c: directory.put_people(c, rows))
    told = village.phone(ANA).get("/v1/names").get_json()
    assert told["supervisor"] == {SUE: "Sue", "p-dan": "Dan"}
    assert set(told["person"]) == {ANA, BEN, LEA}
    assert not {OTHER, *places} & set(told["area"])


def test_who_knows_the_names_already_is_not_told_them_again(village):
    ana = village.phone(ANA)
    known = ana.get("/v1/names").get_json()["version"]
    assert ana.get("/v1/names", headers={"If-None-Match": f'W/"{known}"'}).status_code == 304
    assert ana.get("/v1/names", access=None).status_code == 401
