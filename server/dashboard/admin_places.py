"""Places and organisations: counties, townships and villages, and the clinics, hospitals and authorities in them."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from server import administration
from server.administration import FormError
from server.dashboard.admin_desk import KINDS, LEVELS, PAGES, changed, label
from server.dashboard.frame import Desk, Visit
from server.sheets import Column, Table
from server.store import directory
from server.store.engine import reading

AREA_COLUMNS = (Column("code", "区划代码", "Code"), Column("name", "名称", "Name"), Column("level", "级别", "Level"))
OFFICE_COLUMNS = (
    Column("id", "机构编号", "Id"),
    Column("name", "名称", "Name"),
    Column("kind", "类别", "Kind"),
    Column("area", "所在区划", "Where"),
)
BLANK = {"what": "", "code": "", "name": "", "id": "", "kind": "village_clinic", "area": ""}


def register(desk: Desk) -> None:
    """Declare the page."""
    desk.page("/admin/places", duty="administer", action="administer.places", methods=("GET", "POST"))(admin_places)


def admin_places(visit: Visit) -> Response:
    """All places and organisations, and the forms for one more or another name."""
    if request.method == "GET":
        return _page(visit, BLANK)
    sent = BLANK | {name: visit.form.get(name, "").strip() for name in BLANK}
    try:
        if sent["what"] == "organisation":
            changed(visit, lambda connection, by: administration.put_organisation(connection, sent, by))
        else:
            changed(visit, lambda connection, by: administration.put_area(connection, sent["code"], sent["name"], by))
    except FormError as trouble:
        return _page(visit, sent, trouble.faults)
    return visit.see(visit.href("admin_places"))


def _page(visit: Visit, sent: dict[str, str], faults: Any = ()) -> Response:
    with reading(visit.doors.engine) as connection:
        names, offices = directory.area_names(connection), directory.all_organisations(connection)
    places = [{"code": code, "name": name, "level": label(visit, LEVELS, len(code))} for code, name in names.items()]
    kept = [
        {**row, "kind": label(visit, KINDS, row["kind"]), "area": names.get(row["area"], row["area"])}
        for row in offices.values()
    ]
    tables = [
        Table("areas", "区划", "Places", AREA_COLUMNS, places, sort="code"),
        Table("organisations", "机构", "Organisations", OFFICE_COLUMNS, kept, sort="id"),
    ]
    told = {fault.field: visit.say(fault.zh, fault.en) for fault in faults}
    more: dict[str, Any] = {"sent": sent, "kinds": KINDS, "areas": sorted(names.items()), "admin_pages": PAGES, "faults": told}
    reply = visit.tables("admin_places.html", tables, name="cunyi-places", **more)
    if faults:
        reply.status_code = 422
    return reply
