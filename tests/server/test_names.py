"""A phone can name who wrote a record, and where somebody moves to, without a signal; it hears of nobody else."""

from tests.village import ANA, BEN, CAM, LEA, TOWNSHIP, VILLAGE


def test_ana_hears_of_her_village_its_team_and_whoever_works_there(village):
    told = village.phone(ANA).get("/v1/names").get_json()
    assert told["person"] == {ANA: "Ana", BEN: "Ben", LEA: "Lea"}, "Cam works elsewhere"
    assert told["team"] == {"t-1": "一队"}
    assert told["organization"] == {}
    assert told["area"] == {TOWNSHIP[:6]: "清水县", TOWNSHIP: "石门乡", VILLAGE: "柳树村"}
    assert CAM in village.phone(CAM).get("/v1/names").get_json()["person"]


def test_who_knows_the_names_already_is_not_told_them_again(village):
    ana = village.phone(ANA)
    known = ana.get("/v1/names").get_json()["version"]
    assert ana.get("/v1/names", headers={"If-None-Match": f'W/"{known}"'}).status_code == 304
    assert ana.get("/v1/names", access=None).status_code == 401
