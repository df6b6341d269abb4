"""What a deployment is: its name, its epoch, the fingerprint of its keys, whether phones may make it whole."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, select

from server.store.devices import add_actor_state
from server.store.scope import upsert
from server.store.tables import settings


class WrongKeyError(Exception):
    """The server holds other keys than those its database was made with."""


@dataclass(frozen=True)
class Deployment:
    """`server` is the audience of assertions; `epoch` is new after a restore; `actor` makes the server's own edits."""

    server: str
    epoch: str
    actor: str
    healing_until: str

    def healing(self, now: str) -> bool:
        """True while phones may bring what others wrote: after a restore, until its end or until it is closed."""
        return now < self.healing_until


def deployment(connection: Connection) -> Deployment | None:
    """Read it; None before `establish`."""
    values = {row.name: row.value for row in connection.execute(select(settings))}
    if "epoch" not in values:
        return None
    return Deployment(values["server"], values["epoch"], values["actor"], values["healing_until"])


def establish(connection: Connection, identity_key: bytes) -> Deployment:
    """Make the deployment on a new database; later only check that the identity key is the same."""
    mark = hashlib.sha256(b"identity key of a deployment:" + identity_key).hexdigest()
    known = {row.name: row.value for row in connection.execute(select(settings))}
    if known.get("identity_mark", mark) != mark:
        raise WrongKeyError(
            "This database was made with another identity key. Set CUNYI_IDENTITY_KEY (or CUNYI_DATA_DIR, where "
            "identity.key lies) to the one it was made with; with another key one person would become two residents."
        )
    if "epoch" not in known:
        write_settings(connection, {"identity_mark": mark, "server": "cunyi-" + secrets.token_hex(8), "healing_until": ""})
        new_epoch(connection)
    found = deployment(connection)
    assert found is not None
    return found


def new_epoch(connection: Connection) -> None:
    """A new epoch, with a new actor for the server's own edits."""
    actor = "s" + secrets.token_hex(6)
    write_settings(connection, {"epoch": "e" + secrets.token_hex(4), "actor": actor})
    add_actor_state(connection, actor, secrets.token_hex(8))


def set_healing(connection: Connection, until: str) -> None:
    """Open healing until an instant; the empty text closes it."""
    write_settings(connection, {"healing_until": until})


def setting(connection: Connection, name: str) -> str | None:
    """One setting, None where it was never written."""
    return connection.scalar(select(settings.c.value).where(settings.c.name == name))


def write_settings(connection: Connection, values: dict[str, str]) -> None:
    """Write settings by name."""
    upsert(connection, settings, [{"name": name, "value": value} for name, value in values.items()])
