"""What the server set aside of this phone's edits: why, and what a person decided about it. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from sync.codec import Json
from sync.record import Edit

APPLIED, REFUSED = "applied", "refused"  # by a person, after all
MALFORMED = "malformed"  # the one reason that the doctor can remove


@dataclass(frozen=True, slots=True)
class Aside:
    """An edit that the server keeps for a person, with the reason.

    `known`: the doctor has acknowledged it. `decided`: what a person decided: `state`, `decided_at`, `decided_by` (name and
    role, None for a command of the office) and, where it was refused, why (`decision`); None while nobody has.
    """

    edit: Edit
    reason: str
    known: bool = False
    decided: Json | None = None

    @property
    def action(self) -> str:
        """What can be done about it: "edit" (write it otherwise) or "leader" (ask the team leader)."""
        return "edit" if self.reason == MALFORMED else "leader"

    @property
    def applied(self) -> bool:
        """True where a person has applied it after all, wherever its record lives."""
        return self.decided is not None and self.decided["state"] == APPLIED
