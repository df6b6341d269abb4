"""What a log may say: where something failed and of which kind it was, never what somebody wrote or was called.

The server's own lines quote nothing. What others log on its behalf may: the message of an exception repeats a value, the web
server repeats an address or a header as a stranger sent it, an interpreter that ends prints what it ended with.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

from gunicorn.glogging import Logger

LINE = "%(asctime)s [%(process)d] [%(levelname)s] %(name)s: %(message)s"
# of a mobile telephone or an identity, and no code of an area or id of ours
_NUMBER = re.compile(r"(?<![0-9a-fA-F-])(?:1[3-9][0-9]{9}|[0-9]{15}|[0-9]{17}[0-9xX])(?![0-9a-fA-F-])")
_QUERY = re.compile(r"\?\S*")
_SENT = re.compile(r"(Invalid request from ip=\S*?):? .*", re.DOTALL)


class Discreet(logging.Formatter):
    """Lines without the messages of exceptions, without queries of addresses, and without numbers of persons."""

    def __init__(self) -> None:
        super().__init__(LINE)

    def format(self, record: logging.LogRecord) -> str:
        """One record; the text of the exception that another handler may have kept is not used."""
        kept, record.exc_text = record.exc_text, None
        try:
            return _NUMBER.sub("•", super().format(record))
        finally:
            record.exc_text = kept

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        """The line without what a stranger sent."""
        if record.name.startswith("gunicorn"):
            record.message = _SENT.sub(r"\1", _QUERY.sub("", record.message))
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Of which kind it was and where, and the same of what caused it."""
        return told(ei[1])


def told(trouble: BaseException | None) -> str:
    """An exception, and what caused it, without their messages."""
    lines = []
    while trouble is not None:
        lines += [*traceback.format_tb(trouble.__traceback__), f"{type(trouble).__name__}\n"]
        trouble = trouble.__cause__ or trouble.__context__
    return "".join(lines).rstrip()


class ServerLogger(Logger):  # type: ignore[misc]
    """The log of the web server, in the same words."""

    def setup(self, cfg: Any) -> None:
        """Every handler that it has made."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(Discreet())


def install() -> None:
    """Make this process log so: all loggers, and what ends a thread or the interpreter."""
    handler = logging.StreamHandler()
    handler.setFormatter(Discreet())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    sys.excepthook = _ended
    threading.excepthook = lambda one: _ended(one.exc_type, one.exc_value, one.exc_traceback)


def _ended(_kind: type[BaseException], trouble: BaseException | None, _where: TracebackType | None) -> None:
    logging.getLogger(__name__).critical("ended\n%s", told(trouble))
