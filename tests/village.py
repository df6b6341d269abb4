"""The place where the tests happen: a township of two villages. Ana and Ben work in the first, Cam in the second."""

from sqlalchemy import Connection

from server.store import directory
from server.store.directory import Grant

TOWNSHIP, VILLAGE, OTHER = "411499001", "411499001201", "411499001202"
ANA, BEN, CAM, LEA, SUE = "p-ana", "p-ben", "p-cam", "p-lea", "p-sue"


def grant(connection: Connection, person: str, programme: str, since: str = "2026-01-01", until: str | None = None) -> None:
    """Let somebody hold the records of a protected programme."""
    directory.grant(connection, Grant(person, programme, since, until), "shell", "2026-01-01T00:00:00.000Z")


def settle(connection: Connection) -> None:
    """Lea leads the team of both villages, Sue supervises the township."""
    directory.put_areas(
        connection,
        [
            {"code": TOWNSHIP[:6], "name": "清水县"},
            {"code": TOWNSHIP, "name": "石门乡"},
            {"code": VILLAGE, "name": "柳树村"},
            {"code": OTHER, "name": "杨树村"},
        ],
    )
    roles = {
        ANA: "village_doctor",
        BEN: "village_doctor",
        CAM: "village_doctor",
        LEA: "team_leader",
        SUE: "township_supervisor",
    }
    directory.put_people(
        connection,
        [
            {
                "id": p,
                "name": p[2:].title(),
                "role": role,
                "organisation": None,
                "area": TOWNSHIP if p == SUE else None,
                "active": True,
            }
            for p, role in roles.items()
        ],
    )
    for person, village in ((ANA, VILLAGE), (BEN, VILLAGE), (CAM, OTHER)):
        directory.put_workplaces(connection, person, [village])
    directory.put_teams(
        connection,
        [{"id": "t-1", "name": "一队", "organisation": None, "leader": LEA}],
        [{"team": "t-1", "person": LEA, "duty": "leader", "since": "2026-01-01", "until": None}],
        [{"team": "t-1", "village": village} for village in (VILLAGE, OTHER)],
    )
