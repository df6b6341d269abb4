"""The offline client of Cunyi: `Client` is the door, `client_sdk.commands` the same door on the command line."""

from client_sdk.client import Client
from client_sdk.decisions import Decision, Lost
from client_sdk.errors import (
    AddressError,
    AppealError,
    BadReplyError,
    ClientError,
    LinkError,
    NewerFileError,
    NoStoreError,
    NoSuchRecordError,
    NothingToResolveError,
    OfflineError,
    OtherPersonError,
    Problem,
    ProtectedError,
    ScopeError,
    SealedError,
    StaleViewError,
    SyncBusyError,
    WrongPinError,
)
from client_sdk.report import Progress, Report, Status
from client_sdk.transport import HttpTransport, Reply, Transport
from client_sdk.view import Claim, Entry, View
from sync.standing.worklist import Line

__all__ = [
    "AddressError",
    "AppealError",
    "BadReplyError",
    "Claim",
    "Client",
    "ClientError",
    "Decision",
    "Entry",
    "HttpTransport",
    "Line",
    "LinkError",
    "Lost",
    "NewerFileError",
    "NoStoreError",
    "NoSuchRecordError",
    "NothingToResolveError",
    "OfflineError",
    "OtherPersonError",
    "Problem",
    "Progress",
    "ProtectedError",
    "Reply",
    "Report",
    "ScopeError",
    "SealedError",
    "StaleViewError",
    "Status",
    "SyncBusyError",
    "Transport",
    "View",
    "WrongPinError",
]
