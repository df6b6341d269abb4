"""Service packages: a form for each, made from the declaration of the record type, so that a new field needs no page."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Response, request

from server.dashboard.admin_desk import PAGES, shown
from server.dashboard.decision_forms import seen_of, seen_text
from server.dashboard.frame import Desk, Visit
from server.decisions.deciding import Deciding
from server.labels import UNITS, Labels
from server.packages import ITEM, TYPE, Package, Packages, UnfitPackageError
from server.problems import Problem
from server.sheets import Cell, Column, Table
from server.store import directory
from server.store.engine import reading
from sync.record import Value
from sync.types.fields import Code, Codes, Item, Reference, Text, Truth, Whole

NEW_ITEM = "item/+"
COLUMNS = (
    Column("name", "服务包", "Package"),
    Column("township", "乡镇", "Township"),
    Column("tier", "等级", "Tier"),
    Column("price", "价格（元/年）", "Price (yuan a year)", "number"),
    Column("items", "项目", "Items", "number"),
    Column("valid_from", "启用", "From", "day"),
    Column("valid_to", "停用", "No longer from", "day"),
)


@dataclass(frozen=True)
class Entry:
    """One field of the form as the page shows it."""

    name: str
    label: str
    kind: str
    value: Any
    options: Sequence[tuple[str, str]]
    longest: int | None


def register(desk: Desk) -> None:
    """Declare the pages."""
    doors = desk.doors
    deciding = Deciding(doors.engine, doors.exchange, doors.standings, doors.catalogue, doors.config, desk.now)
    packages = Packages(doors.engine, deciding, doors.catalogue)

    def admin_packages(visit: Visit) -> Response:
        """Every package."""
        return _list(visit, packages.listed())

    def admin_package(visit: Visit, record: str) -> Response:
        """One package, as it is or as it was filled in."""
        return _edit(visit, packages, packages.get(record))

    def admin_package_new(visit: Visit, township: str) -> Response:
        """A package that a township is still to get."""
        return _edit(visit, packages, packages.blank(township))

    duty, both = "administer", ("GET", "POST")
    desk.page("/admin/packages", duty=duty, action="administer.packages")(admin_packages)
    desk.page("/admin/packages/<record>", duty=duty, action="administer.package", methods=both)(admin_package)
    desk.page("/admin/packages/new/<township>", duty=duty, action="administer.package", methods=both)(admin_package_new)


def _list(visit: Visit, found: Sequence[Package]) -> Response:
    labels = Labels(visit.doors.catalogue, visit.chinese)
    rows = [
        {
            "name": Cell(package.about.get("name"), visit.href("admin_package", record=package.record)),
            "township": visit.area_name(package.township),
            "tier": labels.value(TYPE, "package", "tier", package.about.get("tier")),
            "price": Decimal(price) if (price := package.about.get("price_yuan_per_year")) else None,
            "items": len(package.items),
            "valid_from": package.about.get("valid_from"),
            "valid_to": package.about.get("valid_to"),
        }
        for package in found
    ]
    places = [(code, name) for code, name in sorted(visit.area_names.items()) if len(code) == 9]
    table = Table("packages", "服务包", "Packages", COLUMNS, rows)
    return visit.tables("admin_packages.html", [table], name="cunyi-packages", admin_pages=PAGES, faults={}, townships=places)


def _edit(visit: Visit, packages: Packages, kept: Package) -> Response:
    if request.method == "GET":
        return _page(visit, packages, kept, kept.sections)
    before = Package(kept.record, kept.township, kept.sections, seen_of(visit.form.get("seen", "")))
    sections = _filled(packages, kept)
    try:
        record = packages.save(visit.view, before, sections, sure="sure" in visit.form)
    except UnfitPackageError as unfit:
        return _page(visit, packages, before, {**kept.sections, **sections}, unfit)
    return visit.see(visit.href("admin_package", record=record, told="saved"))


def _filled(packages: Packages, kept: Package) -> dict[str, Value]:
    """The sections as they were filled in; what the form does not know of stays."""
    form, dropped = packages.form, set(request.form.getlist("drop"))
    sections: dict[str, Value] = {"package": _section(form.by_name["package"].fields, "package", kept)}
    for key in request.form.getlist("items"):
        name = f"{ITEM}{key}"
        sections[name] = None if key in dropped else _section(form.by_name["item"].fields, name, kept)
    fresh = _section(form.by_name["item"].fields, NEW_ITEM, kept)
    if "name" in fresh:
        key = request.form.get("key", "").strip() or f"i_{secrets.token_hex(3)}"
        if f"{ITEM}{key}" in sections:
            raise Problem("unfit-request", faults=["/key"])
        sections[f"{ITEM}{key}"] = fresh
    return sections


def _section(fields: Mapping[str, Item], name: str, kept: Package) -> dict[str, Any]:
    before = kept.sections.get(name) or {}
    unknown = {field: value for field, value in before.items() if field not in fields}
    read = {
        field: _value(item, [text.strip() for text in request.form.getlist(f"{name}.{field}")])
        for field, item in fields.items()
    }
    return {**unknown, **{field: value for field, value in read.items() if value is not None}}


def _value(item: Item, texts: list[str]) -> Any:
    """What was filled in, as the record keeps it; None where nothing was. What does not fit is left for the catalogue to judge."""
    if isinstance(item, Codes):
        return [text for text in texts if text] or None
    text = texts[0] if texts else ""
    if isinstance(item, Truth):
        return True if text else None
    if isinstance(item, Whole) and text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    return text or None


def _page(
    visit: Visit, packages: Packages, kept: Package, view: Mapping[str, Value], unfit: UnfitPackageError | None = None
) -> Response:
    labels = Labels(visit.doors.catalogue, visit.chinese)
    with reading(visit.doors.engine) as connection:
        offices = sorted(directory.organisation_names(connection).items(), key=lambda item: item[1])

    def entries(name: str, fields: Mapping[str, Item]) -> list[Entry]:
        value = view.get(name) or {}
        return [_entry(visit, f"{name}.{field}", item, value.get(field), offices) for field, item in fields.items()]

    item_fields = packages.form.by_name["item"].fields
    items = [(name.removeprefix(ITEM), value) for name, value in view.items() if name.startswith(ITEM) and value]
    told = [labels.issue(TYPE, issue, dict(view)) for issue in unfit.issues] if unfit else []
    reply = shown(
        visit,
        "admin_package.html",
        name=(kept.about.get("name") if kept.record else None),
        township=kept.township,
        about=entries("package", packages.form.by_name["package"].fields),
        items=[(key, value.get("name"), entries(f"{ITEM}{key}", item_fields)) for key, value in sorted(items)],
        new_item=entries(NEW_ITEM, item_fields),
        new_key="",
        seen=seen_text(kept.seen),
        issues=told,
        unusual=unfit is not None and not unfit.wrong,
        told=visit.args.get("told"),
    )
    if unfit:
        reply.status_code = 422
    return reply


def _entry(visit: Visit, name: str, item: Item, value: Any, offices: Sequence[tuple[str, str]]) -> Entry:
    about = item.metadata
    options: Sequence[tuple[str, str]] = ()
    if isinstance(item, Code | Codes):
        options = [(code.value, visit.say(code.zh, code.en)) for code in about["codes"].codes]
    elif isinstance(item, Reference):
        options = offices
    unit = about.get("unit")
    measured = f" ({visit.say(*UNITS.get(unit, (unit, unit)))})" if unit else ""
    text = f"{visit.say(about['zh'], about['en'])}{measured}{' *' if item.required else ''}"
    longest = about["longest"] if isinstance(item, Text) else None
    return Entry(name, text, item.kind, value, options, longest)
