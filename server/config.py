"""The settings of a server, all from the environment, all listed here. No secret has a default.

On first start a secret that is not given is made at random and kept in the data folder, in a file that only its owner
can read. Every host of one deployment must use the same secrets. The database remembers the marks of the identity and the
sealing key, and a server that holds others refuses to start; with another secret key tokens and enrolment codes of one host do not
serve at the next.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from sync.codec import stamp


class ConfigError(Exception):
    """A setting is missing or wrong; the message says which and what to do."""


@dataclass(frozen=True)
class Setting:
    """One environment variable: what it is, and what holds when it is not set."""

    name: str
    default: str
    about: str


SETTINGS = (
    Setting("CUNYI_DATA_DIR", "var", "folder of the embedded database and of key files"),
    Setting("CUNYI_DATABASE_URL", "", "postgresql://… or sqlite:///…; without it cunyi.db in the data folder"),
    Setting("CUNYI_SECRET_KEY", "", "signs access tokens, 32 characters or more; without it a key file made once"),
    Setting("CUNYI_IDENTITY_KEY", "", "64 hex digits, names residents; must never change; without it a key file made once"),
    Setting(
        "CUNYI_SEALING_KEY", "", "64 hex digits, seals identity numbers; must never change; without it a key file made once"
    ),
    Setting("CUNYI_TIME_ZONE", "Asia/Shanghai", "the zone whose calendar day is `today`"),
    Setting("CUNYI_TOKEN_SECONDS", "900", "how long an access token serves"),
    Setting("CUNYI_CODE_HOURS", "72", "how long a code for a phone or for a password serves"),
    Setting("CUNYI_HEALING_DAYS", "14", "how long phones may make a restored server whole"),
    Setting("CUNYI_DESK_IDLE_MINUTES", "30", "how long somebody signed in at the dashboard may do nothing"),
    Setting("CUNYI_DESK_HOURS", "12", "how long somebody may stay signed in at the dashboard"),
    Setting("CUNYI_DEVICE_DAY_REQUESTS", "20000", "how often a device may bring or change something in a day"),
    Setting("CUNYI_DEVICE_DAY_MIB", "256", "how many MiB of edits and records a device may bring in a day"),
    Setting("CUNYI_DEPOSIT_DAYS", "1095", "how long an edit that was set aside is kept after somebody decided about it"),
    Setting("CUNYI_TRAIL_DAYS", "0", "how long the audit trail is kept, 183 days or more; 0 for ever"),
    Setting("CUNYI_WORKERS", "", "processes of `cunyi serve`; without it 1 on SQLite, cores + 1 on PostgreSQL"),
    Setting("CUNYI_PROXIES", "0", "how many proxies stand in front; they are believed about the client: address, https, host"),
)


@dataclass(frozen=True)
class Config:
    """The settings, read and checked once."""

    database_url: URL
    data_dir: Path
    secret_key: bytes
    identity_key: bytes
    sealing_key: bytes
    time_zone: ZoneInfo
    token_seconds: int
    code_hours: int
    healing_days: int
    desk_idle_minutes: int
    desk_hours: int
    device_day_requests: int
    device_day_mib: int
    deposit_days: int
    trail_days: int
    workers: int | None
    proxies: int

    def local(self, moment: dt.datetime) -> dt.datetime:
        """A moment as the clocks say it where the deployment is."""
        return moment.astimezone(self.time_zone)

    def day_of(self, moment: dt.datetime) -> dt.date:
        """The calendar day of a moment where the deployment is."""
        return self.local(moment).date()

    def beginning_of(self, day: dt.date) -> str:
        """The instant at which a day begins where the deployment is."""
        return stamp(dt.datetime.combine(day, dt.time(), self.time_zone).astimezone(dt.UTC))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Config:
        """Read the environment; raises ConfigError that names the variable."""
        given = os.environ if environment is None else environment
        value = {s.name: given.get(s.name, "").strip() or s.default for s in SETTINGS}
        data_dir = Path(value["CUNYI_DATA_DIR"]).resolve()
        return cls(
            database_url=_url(value["CUNYI_DATABASE_URL"] or f"sqlite:///{data_dir / 'cunyi.db'}"),
            data_dir=data_dir,
            secret_key=_secret(value["CUNYI_SECRET_KEY"], data_dir),
            identity_key=_hex_key("CUNYI_IDENTITY_KEY", value["CUNYI_IDENTITY_KEY"], data_dir / "identity.key"),
            sealing_key=_hex_key("CUNYI_SEALING_KEY", value["CUNYI_SEALING_KEY"], data_dir / "sealing.key"),
            time_zone=_zone(value["CUNYI_TIME_ZONE"]),
            token_seconds=_number(value, "CUNYI_TOKEN_SECONDS", 1, 3600),
            code_hours=_number(value, "CUNYI_CODE_HOURS", 1, 24 * 30),
            healing_days=_number(value, "CUNYI_HEALING_DAYS", 1, 366),
            desk_idle_minutes=_number(value, "CUNYI_DESK_IDLE_MINUTES", 1, 24 * 60),
            desk_hours=_number(value, "CUNYI_DESK_HOURS", 1, 24 * 7),
            device_day_requests=_number(value, "CUNYI_DEVICE_DAY_REQUESTS", 100, 10**7),
            device_day_mib=_number(value, "CUNYI_DEVICE_DAY_MIB", 8, 10**6),
            deposit_days=_number(value, "CUNYI_DEPOSIT_DAYS", 400, 36500),
            trail_days=_number(value, "CUNYI_TRAIL_DAYS", 183, 36500) if value["CUNYI_TRAIL_DAYS"] != "0" else 0,
            workers=_number(value, "CUNYI_WORKERS", 1, 64) if value["CUNYI_WORKERS"] else None,
            proxies=_number(value, "CUNYI_PROXIES", 0, 5),
        )

    @property
    def embedded(self) -> bool:
        """True on SQLite."""
        return self.database_url.get_backend_name() == "sqlite"


def _url(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ConfigError(
            "CUNYI_DATABASE_URL is no database URL; use postgresql://user@host/name or sqlite:////path/file.db"
        ) from None
    backend = url.get_backend_name()
    if backend in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ConfigError(f"CUNYI_DATABASE_URL names {backend}; Cunyi runs on PostgreSQL and SQLite")
    if not url.database or url.database == ":memory:":
        raise ConfigError("CUNYI_DATABASE_URL: SQLite needs a file; use sqlite:////path/file.db")
    _make_folder(Path(url.database).resolve().parent)
    return url.set(database=str(Path(url.database).resolve()))


def _secret(given: str, data_dir: Path) -> bytes:
    text = given or _key_file(data_dir / "secret.key")
    if len(text) < 32:
        where = "CUNYI_SECRET_KEY" if given else str(data_dir / "secret.key")
        raise ConfigError(
            f"{where} is shorter than 32 characters; make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )
    return text.encode()


def _hex_key(name: str, given: str, file: Path) -> bytes:
    text = given or _key_file(file)
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ConfigError(f"{name if given else file} must be 64 hex digits")
    return key


def _key_file(path: Path) -> str:
    """The key of a file, made at random when there is none yet. Two processes that start together use one key."""
    _make_folder(path.parent)
    try:
        return _kept_key(path)
    except OSError as trouble:
        raise ConfigError(f"CUNYI_DATA_DIR: {path} cannot be used: {trouble}") from None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as trouble:
        raise ConfigError(f"CUNYI_DATA_DIR or CUNYI_DATABASE_URL: {folder} cannot be made: {trouble}") from None


def _kept_key(path: Path) -> str:
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ConfigError(f"CUNYI_TIME_ZONE: there is no time zone {name!r}; for example Asia/Shanghai") from None


def _number(value: Mapping[str, str], name: str, low: int, high: int) -> int:
    if not value[name].isdecimal() or not low <= int(value[name]) <= high:
        raise ConfigError(f"{name} must be a whole number from {low} to {high}, not {value[name]!r}")
    return int(value[name])
