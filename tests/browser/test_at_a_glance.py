"""The overview on a PC: the table of the areas below is seen whole, with the way to the evidence, without scrolling sideways."""

from collections.abc import Callable

import pytest

from server.demo.people import COUNTY, TOWNSHIP
from tests.browser.township import SUPERVISOR
from tests.browser.window import Window

HIDDEN = "e => e.scrollWidth - e.clientWidth"


@pytest.mark.parametrize("area", [COUNTY[0], TOWNSHIP[0]])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_column_of_the_areas_is_in_the_window(window: Callable[..., Window], area: str, language: str) -> None:
    one = window(SUPERVISOR, 1280)
    assert one.open(f"/dashboard/areas/{area}?lang={language}").status == 200
    table = one.page.locator("#t-areas .scroll")
    assert table.locator("thead th").count() == 8
    assert table.evaluate(HIDDEN) <= 0
    one.screenshot(f"at-a-glance-{language}-{area}")
