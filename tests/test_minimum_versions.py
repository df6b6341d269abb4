"""No package comes in below the version that mends its known faults: neither locked nor installed."""

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psycopg
import pytest
from packaging.version import Version

CI = Path(__file__).parents[1] / ".ci"
LOCKS = ("requirements.lock", "requirements-test.lock")


def tidy(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def lowest():
    """The lowest version by package."""
    lines = [line.split(maxsplit=2) for line in (CI / "minimum-versions").read_text("utf-8").splitlines()]
    return {tidy(parts[0]): Version(parts[1]) for parts in lines if parts and not parts[0].startswith("#")}


def locked(lock):
    return {
        tidy(name): Version(at)
        for name, at in re.findall(r"^([\w.-]+)(?:\[.*\])?==([\w.]+)", (CI / lock).read_text("utf-8"), re.MULTILINE)
    }


def wanted():
    """What setup.cfg asks for in production."""
    text = (
        (CI.parent / "setup.cfg").read_text("utf-8").partition("install_requires =")[2].partition("[options.extras_require]")[0]
    )
    return {tidy(name) for name in re.findall(r"^    ([A-Za-z][\w.-]*)(?:\[.*\])?[=~<>]", text, re.MULTILINE)}


def too_old(found):
    return {name: str(at) for name, at in found.items() if name in lowest() and at < lowest()[name]}


@pytest.mark.parametrize("lock", LOCKS)
def test_nothing_is_locked_below_what_mends_its_faults(lock):
    found = locked(lock)
    assert len(found) > 30
    assert too_old(found) == {}


def test_nothing_is_installed_below_what_mends_its_faults():
    found = {}
    for name in lowest():
        try:
            found[name] = Version(version(name))
        except PackageNotFoundError:
            assert name not in locked(LOCKS[0]), name
    assert too_old(found) == {}


def test_everything_that_production_asks_for_by_name_stands_in_the_list_with_what_is_known_of_it():
    assert wanted()
    assert wanted() - lowest().keys() == set()
    told = [line.split(maxsplit=2) for line in (CI / "minimum-versions").read_text("utf-8").splitlines() if line[:1].isalpha()]
    assert [parts for parts in told if len(parts) < 3 or not re.search(r"CVE-\d{4}-\d{4,}|none known", parts[2])] == []


def test_the_library_that_speaks_to_postgresql_is_past_its_faults():
    assert psycopg.pq.version() >= 170003  # CVE-2025-1094


def test_a_package_that_is_too_old_is_told():
    assert too_old({"urllib3": Version("2.6.3"), "werkzeug": Version("3.1.6")}) == {"urllib3": "2.6.3"}
