"""What a deployment is: its name, its epoch, the fingerprint of its keys, whether phones may make it whole."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, select

from server.store import journal
from server.store.devices import add_actor_state
from server.store.scope import upsert
from server.store.sealing import held
from server.store.tables import settings

STOPPED = "stopped"  # the setting that says why nothing is written


class WrongKeyError(Exception):
    """The server holds other keys than those its database was made with."""


@dataclass(frozen=True)
class Deployment:
    """`server` is the audience of assertions; `epoch` is new after a restore; `actor` makes the server's own edits.

    `restored_at`: when the epoch began, if it did so with a restore, else empty. `stopped`: why nothing is written, for the
    database went back and nobody said so; empty while all is well.
    """

    server: str
    epoch: str
    actor: str
    healing_until: str
    restored_at: str = ""
    stopped: str = ""

    def healing(self, now: str) -> bool:
        """True while phones may bring what others wrote: after a restore, until its end or until it is closed."""
        return now < self.healing_until


def deployment(connection: Connection) -> Deployment | None:
    """Read it; None before `establish`."""
    values = {row.name: row.value for row in connection.execute(select(settings))}
    if "epoch" not in values:
        return None
    known = {name: values[name] for name in ("server", "epoch", "actor", "healing_until")}
    return Deployment(**known, restored_at=values.get("restored_at", ""), stopped=values.get(STOPPED, ""))


def establish(connection: Connection, identity_key: bytes) -> Deployment:
    """Make the deployment on a new database; later only check that the identity key and the sealing key are the same."""
    mark = hashlib.sha256(b"identity key of a deployment:" + identity_key).hexdigest()
    known = {row.name: row.value for row in connection.execute(select(settings))}
    if known.get("identity_mark", mark) != mark:
        raise WrongKeyError(
            "This database was made with another identity key. Set CUNYI_IDENTITY_KEY (or CUNYI_DATA_DIR, where "
            "identity.key lies) to the one it was made with; with another key one person would become two residents."
        )
    sealed = held(connection.dialect).mark
    if known.get("sealing_mark", sealed) != sealed:
        raise WrongKeyError(
            "This database was made with another sealing key. Set CUNYI_SEALING_KEY (or CUNYI_DATA_DIR, where sealing.key "
            "lies) to the one it was made with; with another key no identity number in it can be read."
        )
    if "sealing_mark" not in known:
        write_settings(connection, {"sealing_mark": sealed})
    if "epoch" not in known:
        write_settings(connection, {"identity_mark": mark, "server": "cunyi-" + secrets.token_hex(8), "healing_until": ""})
        new_epoch(connection, whole=True)
    elif journal.LAST not in known:  # of a release that kept no journal: what came before is not known
        journal.note(connection, "epoch", {"epoch": known["epoch"], "actor": known["actor"], "whole": False})
    found = deployment(connection)
    assert found is not None
    return found


def new_epoch(connection: Connection, restored_at: str = "", *, whole: bool = False) -> None:
    """A new epoch, with a new actor for the server's own edits. `whole`: the journal holds all that was before."""
    actor, epoch = "s" + secrets.token_hex(6), "e" + secrets.token_hex(4)
    write_settings(connection, {"epoch": epoch, "actor": actor, "restored_at": restored_at, STOPPED: ""})
    add_actor_state(connection, actor, secrets.token_hex(8))
    journal.note(connection, "epoch", {"epoch": epoch, "actor": actor, "whole": whole})


def set_healing(connection: Connection, until: str) -> None:
    """Open healing until an instant; the empty text closes it."""
    write_settings(connection, {"healing_until": until})


def setting(connection: Connection, name: str) -> str | None:
    """One setting, None where it was never written."""
    return connection.scalar(select(settings.c.value).where(settings.c.name == name))


def write_settings(connection: Connection, values: dict[str, str]) -> None:
    """Write settings by name."""
    upsert(connection, settings, [{"name": name, "value": value} for name, value in values.items()])
