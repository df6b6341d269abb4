"""What is tried in every parameter of every route: names of things of some place, names of nothing, and what is nobody's secret.

A parameter that stands in none of these tables makes the sweep fail (sweeping.py) until somebody says here what to try.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from server.indicators import INDICATORS
from tests.server.canaries import AMBER, BRISK, COBALT, ITEM
from tests.standing import forms

AREAS = ("area", "village", "villages", "township")
# what is called otherwise where it plays a part
ALSO = {"of": "area", "other": "twin", "stays": "twin", "leader": "person", "alike": "record"}
PAIR = "/dashboard/candidates/<resident>"
ALSO_IN = {("/dashboard/admin/packages/<record>", "record"): "package", (PAIR, "resident"): "pair"}
# what names a thing of some place, and such a name of nothing
IDS = {
    "resident": forms.name(99, "resident"),
    "pair": forms.name(98, "resident"),
    "twin": forms.name(97, "resident"),
    "record": forms.name(99, "visit"),
    "contract": forms.name(99, "contract"),
    "household": forms.name(99, "household"),
    "package": str(uuid.uuid5(uuid.NAMESPACE_OID, "nothing")),
    "deposit": "0" * 64,
    "person": "p-nobody",
    "team": "t-nobody",
    "organisation": "o-nobody",
    "device": "d" + "0" * 16,
    "finding": "0" * 16,
}
# what was somebody's, or something, before: moved away, made void, found to be registered twice
FATES = {"resident": ("moved", "merged"), "record": ("void", "moved"), "twin": ("merged",)}
# the numbers: one that everybody may read, and one of a protected programme
NUMBERS = ("code", "indicator")
OPEN_NUMBER = "honour_person_full"
PROTECTED_NUMBER = next(one.code for one in INDICATORS if one.programme == "tb")
# what somebody types, with a word of a place in it
TEXTS = {"text": "{}resident"}
# what is nobody's secret
WORDS: Mapping[str, tuple[str, ...]] = {
    "only": ("reports",),
    "period": ("2026-10", "2026", "nothing"),
    "name": ("targets", "suppress_below", "nothing"),
    "programme": ("tb", "nothing"),
    "kind": ("conflict", "deposit", "month", "nothing"),
    "side": ("numerator", "nothing"),
    "type": ("resident", "tb_visit"),
    "outcome": ("conflict", "nothing"),
    "show": ("all", "open", "nothing"),
    "action": ("refuse", "apply", "settle", "look", "submit", "reissue", "nothing"),
    "since": ("2026-11-01", "nothing"),
    "until": ("2026-12-01", "nothing"),
    "before": ("2026-11-21T04:00:00.000Z~1~person:p-amber-doctor", "nothing"),
    "told": ("chosen", "nothing"),
    "done": ("settled", "nothing"),
    "left": ("1",),
    "next": ("/dashboard/queue", "https://example.org/"),
    "group": ("registered_poor", "tuberculosis"),
    "item": (ITEM, "nothing"),
    "format": ("xlsx",),
    "sort": ("-name",),
    "lang": ("en",),
    "active": ("yes",),
    "drop": ("followup",),
    "items": ("followup",),
    "issue": ("1", "nothing"),
    "level": ("village", "nothing"),
    "small": ("hide", "nothing"),
    "key": ("followup",),
    "again": ("a village of willows",),
    "duty": ("nurse", "nothing"),
    "id": ("p-new", ""),
    "mark": ("nothing",),
    "new": ("a village of willows",),
    "note": ("checked by telephone", ""),
    "old": ("nothing",),
    "password": ("nothing",),
    "purpose": ("care", "nothing"),
    "reason": ("both were asked", ""),
    "role": ("village_doctor", "nothing"),
    "seen": ("{}", "nothing"),
    "status": ("revoked", "nothing"),
    "sure": ("yes",),
    "totp": ("123456", "nothing"),
    "what": ("nothing",),
    "whole": ("yes",),
    "on": ("2026-11-20", "nothing"),
    "month": ("2026-11", "nothing"),
    "population": ("registered_poor", "tuberculosis"),
    "limit": ("1", "200"),
    "prefix": ("0", "nothing"),
}
PART = re.compile(r"(package|item/[^.]+|code|zh|en|rule|choice|section)\..+")  # fields of a form that a list makes
STATIC = ("static",)  # files that are the same for everybody
UNSIGNED = ("dashboard.login", "dashboard.password")  # that ask for no session: it is enough to try them once
# what a program sends
BODIES = {
    "/v1/conflicts/<record>": {"seen": {}, "choices": {}, "reason": "both were asked"},
    "/v1/deposits/<deposit>": {"action": "apply", "seen": {}, "reason": "both were asked"},
    "/v1/reports/<area>/<period>/steps": {"issue": 1, "action": "submit", "note": "checked"},
    "/v1/reports/<area>/<period>/corrections": {"issue": 1, "reason": "late records"},
}
# of the protocol of devices: test_exchange.py, test_access.py and those beside them ask what they tell
PROTOCOL = {"/v1/sync", "/v1/actors", "/v1/deposit", "/v1/enrol", "/v1/token"}
NO_ONE_ASKS = {"csrf"}  # every form has it
OFFICE = {"administrator": "p-office-administrator", "auditor": "p-office-auditor"}
HEARS = {
    "doctor": {AMBER},
    "granted": {AMBER},
    "member": {AMBER},
    "leader": {AMBER},
    "township": {AMBER, BRISK},
    "county": {AMBER, BRISK, COBALT},
}
