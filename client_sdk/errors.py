"""What can go wrong in the client's hands, each with a name a caller can act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ClientError(Exception):
    """Everything below: the message is written for the person at the phone."""


class WrongPinError(ClientError):
    """The file does not open with this PIN (or it is no phone file: SQLCipher cannot tell the two apart)."""


class NoStoreError(ClientError):
    """There is no phone file at this path, or none that was enrolled."""


class NewerFileError(ClientError):
    """A later release of this application wrote the phone file; nothing in it was changed."""


class SealedError(ClientError):
    """The store may not be read any more: it was sealed after a revocation, or retired and wiped."""


class OtherPersonError(ClientError):
    """The enrolment code belongs to somebody else than the phone file; nothing in the file was changed."""


class SyncBusyError(ClientError):
    """Another process or thread is syncing this phone file."""


class NoSuchRecordError(ClientError, LookupError):
    """This phone holds no record of that id."""


class NothingToResolveError(ClientError):
    """The section is not in conflict."""


class LinkError(ClientError):
    """Two residents cannot be linked as one person, or be taken apart, in this way; nothing was kept."""


class AppealError(ClientError):
    """There is nothing to appeal against: nothing of the item counts as missed, or it was decided; nothing was kept."""


class StaleViewError(ClientError):
    """The form was opened before this phone saved the same section; nothing was kept, open it again."""


class ScopeError(ClientError):
    """It is not clear where a new record belongs, or the device does not write there."""


class ProtectedError(ClientError):
    """A code of a protected programme would have come to lie where others could read it; nothing was kept."""


class AddressError(ClientError):
    """This is not the address of a server; nothing was made."""


class OfflineError(ClientError):
    """No answer of the server arrived: no network, a cut line, or somebody else answered in its place."""


class BadReplyError(ClientError):
    """An answer of the server that is not of the protocol; nothing of it is taken."""


class Problem(ClientError):  # noqa: N818
    """The server refused a request (RFC 9457). `slug`: the last part of the problem's type, empty for a bare status."""

    def __init__(self, status: int, slug: str, body: Mapping[str, Any]) -> None:
        super().__init__(str(body.get("detail") or body.get("title") or f"the server answered {status}"))
        self.status, self.slug, self.body = status, slug, body
