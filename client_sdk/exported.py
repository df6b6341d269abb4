"""The file of unsent edits that the field app exports, read back: nothing is lost with a phone that dies.

AES-256-GCM, the key stretched from the password with PBKDF2-HMAC-SHA512 over the salt and rounds that the file tells.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from client_sdk.errors import ClientError
from sync.codec import Json, UnfitError, edit_from_wire, edit_to_wire
from sync.record import Edit

FORMAT = "cunyi-unsent-1"
MOST_ROUNDS = 10_000_000  # a file that asks for more only wants to keep somebody waiting


class ExportedFileError(ClientError):
    """The file does not open with this password, or is none of the field app."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What the file tells: whose phone it was, when it was exported by that phone's clock, and the edits in the order they were made.

    `unreadable`: edits that are not fit to travel, as they stand in the file, each with the reason.
    """

    person: Mapping[str, Any]
    device: Mapping[str, Any]
    exported_at: str
    edits: Sequence[Edit]
    unreadable: Sequence[tuple[Any, str]] = ()

    def wire(self) -> Json:
        """As JSON."""
        edits = [edit_to_wire(edit) for edit in self.edits]
        unreadable = [{"edit": item, "reason": reason} for item, reason in self.unreadable]
        about = {"person": self.person, "device": self.device, "exported_at": self.exported_at}
        return about | {"edits": edits, "unreadable": unreadable}


def read(file: Path, password: str) -> Exported:
    """Open a file. Raises ExportedFileError."""
    none = f"{file} is no file of unsent edits"
    try:
        outer = json.loads(file.read_text("utf-8"))
        salt, iv, box = (base64.b64decode(outer[name], validate=True) for name in ("salt", "iv", "box"))
        form, rounds = outer["format"], outer["rounds"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ExportedFileError(none) from error
    if form != FORMAT or type(rounds) is not int or not 0 < rounds <= MOST_ROUNDS or len(iv) != 12:
        raise ExportedFileError(none)
    key = hashlib.pbkdf2_hmac("sha512", password.encode("utf-8", "replace"), salt, rounds, 32)
    try:
        said = json.loads(AESGCM(key).decrypt(iv, box, FORMAT.encode()))
        return Exported(said["person"], said["device"], said["exported_at"], *_edits(said["edits"]))
    except InvalidTag:
        raise ExportedFileError(f"{file} does not open with this password") from None
    except (ValueError, TypeError, KeyError) as error:
        raise ExportedFileError(f"{file} opens, but what is in it cannot be read: {error}") from error


def _edits(items: Iterable[Any]) -> tuple[Sequence[Edit], Sequence[tuple[Any, str]]]:
    """One edit that is unfit keeps nobody from the others."""
    edits, unreadable = [], []
    for item in items:
        try:
            edits.append(edit_from_wire(item))
        except UnfitError as error:
            unreadable.append((item, str(error)))
    return edits, unreadable
