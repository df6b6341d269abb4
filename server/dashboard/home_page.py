"""The first page: where a person's duties begin."""

from __future__ import annotations

from flask import Response

from server.dashboard.frame import Desk, Visit


def register(desk: Desk) -> None:
    """Declare the page."""
    desk.page("/", duty=None, action="look.home")(home)


def home(visit: Visit) -> Response:
    """On to the first page of the person's duties."""
    if visit.view.may("look") and visit.view.areas:
        return visit.see(visit.href("overview", area=visit.view.areas[0]))
    if visit.view.may("administer"):
        return visit.see(visit.href("admin"))
    if visit.view.may("audit"):
        return visit.see(visit.href("trail_page"))
    return visit.see(visit.href("account"))
