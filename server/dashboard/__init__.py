"""Door 2: leaders and supervisors, in HTML. Each module declares pages; frame.py holds what is the same for all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask import Blueprint

from server.api import Doors
from server.dashboard import (
    admin_grants,
    admin_packages,
    admin_people,
    admin_places,
    admin_standards,
    admin_teams,
    appeal_pages,
    area_pages,
    candidate_pages,
    change_pages,
    conflict_pages,
    contract_pages,
    deposit_pages,
    device_pages,
    double_pages,
    evidence_pages,
    home_page,
    late_pages,
    quality_pages,
    queue_pages,
    record_pages,
    report_pages,
    report_steps,
    resident_pages,
    signing_pages,
    trail_pages,
)
from server.dashboard.frame import Desk, guard
from server.sheets import percent, shown

MODULES = (
    admin_grants,
    admin_packages,
    admin_people,
    admin_places,
    admin_standards,
    admin_teams,
    trail_pages,
    area_pages,
    home_page,
    signing_pages,
    appeal_pages,
    candidate_pages,
    conflict_pages,
    deposit_pages,
    double_pages,
    queue_pages,
    quality_pages,
    device_pages,
    evidence_pages,
    change_pages,
    resident_pages,
    record_pages,
    contract_pages,
    report_pages,
    late_pages,
    report_steps,
)


def blueprint(doors: Doors, now: Callable[[], dt.datetime]) -> Blueprint:
    """The routes of all pages."""
    routes = Blueprint(
        "dashboard",
        __name__,
        url_prefix="/dashboard",
        template_folder="templates",
        static_folder="static",
        static_url_path="/static",
    )
    desk = Desk(doors, routes, now)
    guard(routes, desk)
    for module in MODULES:
        module.register(desk)
    routes.add_app_template_filter(percent, "percent")
    routes.add_app_template_filter(shown, "shown")
    return routes
