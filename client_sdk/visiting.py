"""The options of `cunyi field visit`: which field of the form each one fills, with the codes and units of the form."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from client_sdk.console import DAY
from sync.types.codes import DOSE_UNIT
from sync.types.fields import Code, Codes, Date, Whole
from sync.types.hypertension_visit import TYPE
from sync.types.rules import Advice

OPTIONS = {  # option -> section.field
    "way": "visit.way",
    "lost-reason": "visit.lost_reason",
    "symptom": "symptoms.symptoms",
    "symptom-other": "symptoms.other",
    "heart-rate": "vitals.heart_rate_per_min",
    "weight": "vitals.weight_kg",
    "height": "vitals.height_cm",
    "signs": "vitals.other_signs",
    "cigarettes": "lifestyle.cigarettes_per_day",
    "alcohol": "lifestyle.alcohol_liang_per_day",
    "exercise-per-week": "lifestyle.exercise_per_week",
    "exercise-min": "lifestyle.exercise_min",
    "salt": "lifestyle.salt",
    "psychology": "lifestyle.psychology",
    "follows-advice": "lifestyle.follows_advice",
    "adherence": "adherence.medication",
    "adverse-reaction": "adherence.adverse_reaction",
    "adverse-reaction-note": "adherence.adverse_reaction_note",
    "class": "assessment.class",
    "next-measure": "assessment.next_measure",
    "next-visit": "next_visit.on",
    "refer-reason": "referral.reason",
    "refer-to": "referral.to_department",
}

Command = TypeVar("Command", bound=Callable[..., Any])


def visit_options(command: Command) -> Command:
    """Add an option for each of OPTIONS; codes, days and whole numbers are checked, everything else is kept as typed and judged as an issue."""
    for name, path in reversed(OPTIONS.items()):
        section, _, field = path.partition(".")
        item = TYPE.by_name[section].fields[field]
        unit = f" in {item.metadata['unit']}" if item.metadata.get("unit") else ""
        kind: Any = str
        if isinstance(item, Code | Codes):
            kind = click.Choice(item.metadata["codes"].values)
        elif isinstance(item, Whole):
            kind = int
        elif isinstance(item, Date):
            kind = DAY
        add = click.option(
            f"--{name}",
            path.replace(".", "__"),
            type=kind,
            multiple=isinstance(item, Codes),
            help=f"{item.metadata['en']}{unit}",
        )
        command = add(command)
    return command


def advised(sections: Mapping[str, Any], advice: Advice) -> dict[str, Any]:
    """The form with what the rules suggest beside the doctor's own values."""
    kept = advice.kept()
    return {**sections, **{name: {**(sections.get(name) or {}), **values} for name, values in kept.items()}}


def form(
    options: Mapping[str, Any], visited_on: dt.date, doctor: str, bp: str | None, medicines: tuple[str, ...]
) -> dict[str, Any]:
    """The sections of a visit from the options that were given. Raises click.BadParameter."""
    sections: dict[str, dict[str, Any]] = {"visit": {"visited_on": visited_on.isoformat(), "doctor": doctor}}
    if bp:
        pressure = re.fullmatch(r"\s*(\d+)\s*/\s*(\d+)\s*", bp)
        if not pressure:
            raise click.BadParameter("write it like 152/94", param_hint="--bp")
        sections["vitals"] = {"systolic_mmhg": int(pressure[1]), "diastolic_mmhg": int(pressure[2])}
    for name, value in options.items():
        if value not in (None, ()):
            section, _, field = name.partition("__")
            sections.setdefault(section, {})[field] = _written(value)
    for medicine in medicines:
        words = medicine.rsplit(maxsplit=3)
        if len(words) != 4 or not words[1].isdecimal() or words[3] not in DOSE_UNIT.values:
            units = ", ".join(DOSE_UNIT.values)
            raise click.BadParameter(f"write DRUG TIMES-A-DAY DOSE UNIT; units are {units}", param_hint="--medicine")
        drug, times, dose, unit = words
        row = {"drug": drug, "times_per_day": int(times), "dose": dose, "dose_unit": unit}
        sections[f"medication/{uuid.uuid4()}"] = row
    return sections


def _written(value: Any) -> Any:
    """What an option was given, as a form has it."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return list(value) if isinstance(value, tuple) else value
