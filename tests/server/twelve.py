"""The twelve residents of tests/standing/people.py, written by Ana's and Ben's phones and sent in real exchanges."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from tests import village as places
from tests.server.conftest import Village
from tests.server.phone import Phone
from tests.standing.forms import Saved
from tests.standing.people import TWELVE
from tests.village import ANA, BEN

NOON = dt.datetime(2026, 11, 22, 4, tzinfo=dt.UTC)  # of the day on which test_worked_example.py reasons about them


def phones_of_the_twelve(village: Village) -> dict[str, Phone]:
    """Ana's and Ben's phones, who may hold what is protected."""
    village.time = NOON
    village.write(lambda c: [places.grant(c, person, programme) for person in (ANA, BEN) for programme in ("tb", "smd")])
    phones = dict(zip(("anaphone", "benphone"), village.phones(ANA, BEN), strict=True))
    meet(village, phones)
    return phones


def meet(village: Village, phones: dict[str, Phone]) -> None:
    """Both have a signal, Ana a second before Ben: each sends, each hears of the other."""
    for name in ("anaphone", "benphone", "anaphone"):
        phones[name].sync()
        village.later(seconds=1)


def write(village: Village, phones: dict[str, Phone], forms: Iterable[Saved]) -> None:
    """Save forms as their stories tell, and send them."""
    begun: set[str] = set()
    for form in forms:
        if form.record in begun and not form.apart:
            meet(village, phones)  # whoever changes a form has seen it
        about = {} if form.record in begun else {"type": form.type, "subject": form.subject, "scope": form.scope}
        phones[form.phone].save(form.sections, form.record, **about)
        begun.add(form.record)
    meet(village, phones)
    assert not any(phone.outbox or phone.aside for phone in phones.values())


def write_all(village: Village, phones: dict[str, Phone]) -> None:
    """All twelve."""
    write(village, phones, (form for forms in TWELVE.values() for form in forms))
