"""What is worth a second look, for who asks: findings of the scopes that they may see, brought up to date, with the answers.

A village's own page is always computed to the moment. A page of many villages takes what is kept, makes what is missing or
old anew while its budget lasts, and says what it could not.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from server.access import View
from server.config import Config
from server.periods import MONTH, Period
from server.problems import Problem
from server.quality import Doctor, Finding, Limits
from server.store import directory, trail
from server.store import findings as store
from server.store.engine import reading, retried
from server.store.findings import Answer, Kept
from server.store.standards import standards_on
from sync.codec import stamp
from sync.scopes import scope_name
from sync.types.catalogue import Catalogue

CHECKING = "set_aside"  # whoever decides about what was set aside answers findings: team leaders, township supervisors
NOTE_LONGEST = 300


log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Looked:
    """A finding with its name, the scope that it lies in, and what a person said to it last.

    `checked`: somebody said that it is right, and nothing was added to it since.
    """

    id: str
    scope: str
    finding: Finding
    answer: Answer | None

    @property
    def checked(self) -> bool:
        """True when the last answer is about it as it is now."""
        return self.answer is not None and self.answer.mark == self.finding.mark


@dataclass(frozen=True)
class Village:
    """What is known of a village and month: findings and doctors; `current` False: something has changed since."""

    code: str
    findings: tuple[Looked, ...]
    doctors: tuple[Doctor, ...]
    current: bool

    @property
    def waiting(self) -> int:
        """Findings that nobody has answered as they are now."""
        return sum(not one.checked for one in self.findings)


class QualityChecks:
    """The use case. `now` is the server's clock; what a day is follows the deployment's time zone.

    `seconds` says how time goes by while a budget is spent: `now` may be one instant, that of a page.
    """

    def __init__(
        self,
        engine: Engine,
        catalogue: Catalogue,
        config: Config,
        now: Callable[[], dt.datetime],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine, self._catalogue, self._config, self._now, self._seconds = engine, catalogue, config, now, seconds

    def limits(self, month: Period) -> Limits:
        """The standards that the hints of a month go by: those of its last day, of today while it runs."""
        with reading(self._engine) as connection:
            return standards_on(connection, min(month.last, self._config.day_of(self._now()))).quality

    def village(self, view: View, code: str, month: Period) -> Village:
        """Everything about one village, to the moment; raises Problem `not-found` for one that is not theirs to see."""
        found = self._villages(view, [code], month, budget=None)[code]
        assert found is not None, "without a budget nothing is left out"
        return found

    def villages(self, view: View, codes: Collection[str], month: Period, budget: float) -> dict[str, Village | None]:
        """What is known of some villages, None of those about which nothing is kept and there was no time to look.

        `budget`: in seconds.
        """
        return self._villages(view, codes, month, budget)

    def finding(self, view: View, code: str, month: Period, finding: str) -> Looked:
        """One finding of a village; raises Problem `not-found`, also when it is gone because its records were corrected."""
        for one in self.village(view, code, month).findings:
            if one.id == finding:
                return one
        raise Problem("not-found")

    def checked(self, view: View, code: str, month: Period, finding: str, mark: str, note: str) -> None:
        """Somebody looked at a finding, and it is right: kept together with the step of the trail, which has none of the words.

        Raises Problem `not-allowed`, `not-found`, `unfit-request` for a note without fit words, and `changed-meanwhile` when
        the finding has another mark by now.
        """
        view.require(CHECKING)
        one, words = self.finding(view, code, month, finding), note.strip()
        if not 0 < len(words) <= NOTE_LONGEST or "\0" in words:
            raise Problem("unfit-request", faults=[f"/note: 1 to {NOTE_LONGEST} characters"])
        if mark != one.finding.mark:
            raise Problem("changed-meanwhile")
        at = stamp(self._now())
        said = Answer(finding, mark, view.person, at, words)

        def work(connection: Connection) -> None:
            store.answer(connection, one.scope, said)
            trail.write(connection, view.person, at, "quality.checked", area=code, record=finding, detail={"mark": mark})

        retried(self._engine, work)

    def _villages(self, view: View, codes: Collection[str], month: Period, budget: float | None) -> dict[str, Village | None]:
        places = {code: _places(view, view.village(code)) for code in codes}
        kept = self._kept([scope for some in places.values() for scope in some], month, budget)
        with reading(self._engine) as connection:
            answers = store.answers(connection, [scope for some in places.values() for scope in some])
        return {code: _village(some, [kept.get(scope) for scope in some], answers, month.text) for code, some in places.items()}

    def _kept(self, scopes: Collection[str], month: Period, budget: float | None) -> dict[str, Kept]:
        """What is kept, and what was made anew before the budget was spent: first where nobody has looked yet."""
        limits, until = self.limits(month), None if budget is None else self._seconds() + budget
        with reading(self._engine) as connection:
            kept = store.kept(connection, scopes, month.text, limits)
        for scope in sorted(scopes, key=lambda scope: (scope in kept, scope)):
            if scope in kept and kept[scope].current:
                continue
            if until is not None and self._seconds() >= until:
                break
            made = self._found(scope, month, limits)
            try:
                retried(self._engine, partial(store.keep, made=made))
            except DBAPIError as trouble:  # what was found is shown all the same; it is found anew next time
                log.warning("findings were not kept: %s", type(trouble.orig).__name__)
            kept[scope] = made.kept
        return kept

    def _found(self, scope: str, month: Period, limits: Limits) -> store.Made:
        with reading(self._engine) as connection:
            return store.found_now(connection, scope, month.text, limits, self._catalogue)

    def keep_up(self, stop: Callable[[], bool]) -> int:
        """Make the findings of the running month anew where they are missing or old, until `stop` says so: of how many scopes.

        A scope that fails is named in the log and MUST NOT keep those after it from being looked at.
        """
        month, made = Period.on(self._config.day_of(self._now()), MONTH), 0
        limits = self.limits(month)
        with reading(self._engine) as connection:
            unseen = store.unseen(connection, directory.villages(connection), month.text, limits)
        for scope in unseen:
            if stop():
                break
            try:
                found = self._found(scope, month, limits)
                retried(self._engine, partial(store.keep, made=found))
                made += 1
            except DBAPIError:
                raise
            except Exception as trouble:  # noqa: BLE001 - whatever it is, the next scope is another
                where = "".join(traceback.format_tb(trouble.__traceback__))  # never the message: it may quote a record
                log.error("findings of %s fail: %s\n%s", scope, type(trouble).__name__, where)  # noqa: TRY400
        return made


def _village(scopes: Sequence[str], parts: Sequence[Kept | None], answers: Mapping[str, Answer], month: str) -> Village | None:
    """`scopes`: the village's own first."""
    if parts[0] is None:
        return None
    looked = [
        Looked(name, part.scope, one, answers.get(name))
        for part in parts
        if part is not None
        for one in part.found.findings
        for name in [one.id(part.scope, month)]
    ]
    current = all(part is not None and part.current for part in parts)
    return Village(scopes[0], tuple(looked), parts[0].found.doctors, current)


def _places(view: View, village: str) -> list[str]:
    """The scopes of a village that the view may see, its own first."""
    return [village, *(scope_name(village, programme) for programme in sorted(view.programmes))]
